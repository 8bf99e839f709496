/**
 * What a host's own pages get: plain data, with everything that a form needs.
 *
 * Texts that come from apps (names, ids, scopes, addresses) are untrusted: use `escapeHtml` for each of them. The HTML
 * of `hiddenFields` is complete and goes into the form unchanged.
 *
 * @module
 */
import type { Awaitable } from '../plain/result.js'
import type { PlainResponse } from '../protocol/http/message.js'
import type { LaunchContext, SignedInUser } from '../protocol/launch/launch-context.js'
import type { EpochSeconds } from '../values/time.js'

/** What a page function returns: HTML text, which becomes a page with status 200, or a whole response. */
export type PageAnswer = Awaitable<string | PlainResponse>

/** A page function of the host: gets the data of the page, and the framework's own request. */
export type PageOf<Page, R> = (page: Page, own: R) => PageAnswer

/** The app that requests access. */
export interface AskingClient {
  readonly id: string
  /** The name that the app gives itself: untrusted text. */
  readonly name: string
  /**
   * Where the browser goes after the decision: scheme, host and port of the redirect URI; the scheme alone (`app.one:`)
   * for a native app whose redirect URI has no host (RFC 8252, section 7.1).
   */
  readonly redirectOrigin: string
}

/** A form: send it by POST to `action`, with `hiddenFields` in it. */
export interface PageForm {
  /** The address of the form, as a path. */
  readonly action: string
  /** HTML: the hidden fields that every form needs, with those of `formFields`. */
  readonly hiddenFields: string
}

/** A narrower scope that a user may give in place of a requested one. */
export interface ScopePart {
  /** The scope, which is the value of its check box. */
  readonly text: string
  /** What remains, in a few words: `reading only`, `Condition`, `laboratory`. */
  readonly name: string
  readonly short: string
}

/** A scope with its meaning in words. */
export interface ScopeInWords {
  /** The scope, which is the value of its check box. */
  readonly text: string
  readonly short: string
  readonly long: string
  /**
   * The subject: who the user is (`identity`), what the user works on (`context`), records (`data`), how long the
   * access lasts (`duration`), or anything else.
   */
  readonly about: 'identity' | 'context' | 'data' | 'duration' | 'other'
  /** Whether it covers every kind of record, also kinds that are added in future. */
  readonly everyType: boolean
  /** Whether it is not limited to one patient: it covers records of each whom the user, or the app itself, may see. */
  readonly anyPatient: boolean
  /** Whether it allows the app to create, change or delete records. */
  readonly writes: boolean
  /** Whether the access goes on after the user has left. */
  readonly lasts: boolean
  /** What the app cannot do if the user does not give the scope: one sentence. */
  readonly without: string
  /**
   * Narrower scopes for the same form field: a user who does not want to give the whole may give some of these. Empty
   * if the toolkit knows none.
   */
  readonly parts: ReadonlyArray<ScopePart>
}

/** A patient whom a user may choose. */
export interface PatientChoice {
  /** The id of the Patient resource, without `Patient/`. */
  readonly id: string
  readonly name: string
  /** The encounters that may be chosen with this patient; needed only for `launch/encounter`. */
  readonly encounters?: ReadonlyArray<{ readonly id: string; readonly name: string }>
}

/**
 * The page to choose a patient, or an encounter of a patient. The form sends `patient` (an id) and, if `needs` contains
 * it, `encounter` (an id). A button named `decision` with the value `deny` ends the request.
 */
export interface ChoosePatientPage extends PageForm {
  readonly client: AskingClient
  readonly user: SignedInUser
  /** What must be chosen: `patient`, `encounter`. */
  readonly needs: ReadonlyArray<string>
  readonly patients: ReadonlyArray<PatientChoice>
  /** The id of the only patient; null if there are several. */
  readonly preselected: string | null
  /** Why the last choice was not accepted; null on the first display. */
  readonly complaint: string | null
  /**
   * The text that the user searches for, as a form with the method `get`, the same `action` and the field `search`
   * sends it; empty if none. `patients` holds all patients whatever it is.
   */
  readonly search: string
}

/**
 * The page for the consent. The form sends `decision` (`allow` or `deny`) and a `scope` for each scope that the user
 * gives.
 */
export interface ConsentPage extends PageForm {
  readonly client: AskingClient
  readonly user: SignedInUser
  readonly scopes: ReadonlyArray<ScopeInWords>
  /** What these scopes do not allow, in sentences. */
  readonly doesNotAllow: ReadonlyArray<string>
  /**
   * Whose records the scopes reach: those of the one patient in context (`patient`), also the record of the user who
   * is not that patient (`patientAndUser`), or more, or none (`wider`).
   */
  readonly reach: 'patient' | 'patientAndUser' | 'wider'
  /** The launch context that the app gets if the user gives all scopes. */
  readonly context: LaunchContext
  /** The name of the patient in context, if the host's `patients` lists it. */
  readonly patientName: string | null
  /** Whether the host's EHR launched the app. */
  readonly isLaunchedByEhr: boolean
  /** How long one access token is valid, in seconds. */
  readonly accessSeconds: number
  /** For how long the app may renew its access, counted from the authorization, in seconds. */
  readonly renewalSeconds: number
}

/** The page that says why something cannot go on. */
export interface ErrorPage {
  /**
   * `ended`: the request is over, and nothing is wrong, as after the button Back. `refused`: the request, the form or
   * the user is not acceptable. `failed`: this server, or a part of it, does not work now.
   */
  readonly kind: 'ended' | 'refused' | 'failed'
  readonly status: number
  /** One or two sentences for the user. */
  readonly message: string
  /** The OAuth error code, for the developer of the app. */
  readonly error: string
  /** The address of the part of the specification; null for an error of this server. */
  readonly reference: string | null
  /** An address at which the user can try again; null if there is none. */
  readonly retry: string | null
  /** A link that sends the refusal to an app that was not reviewed; null if there is none. */
  readonly onward: string | null
}

/** A grant of the signed-in user. */
export interface ConnectedApp {
  /** The id of the grant, which is the value of the form field `grant`. */
  readonly grantId: string
  readonly client: { readonly id: string; readonly name: string }
  readonly scopes: ReadonlyArray<ScopeInWords>
  /** When the user gave consent, in seconds since the epoch. */
  readonly since: EpochSeconds
  /** When the access ends by itself, in seconds since the epoch. */
  readonly until: EpochSeconds
}

/** The page of the apps that have access. Its form sends `grant` (a `grantId`) to end the access of that grant. */
export interface ConnectedAppsPage extends PageForm {
  readonly user: SignedInUser
  readonly apps: ReadonlyArray<ConnectedApp>
}

/** The host's own sign-in page, if it is a function. */
export interface SignInPage {
  /** Redirect the browser to this address when the user has signed in. */
  readonly returnTo: string
  readonly client: AskingClient | null
  /** The user must give the password again, although a session exists (`prompt=login`, `max_age`). */
  readonly mustSignInAgain: boolean
  /** A form that ends the request, with a button named `decision` of the value `deny`; null if there is no request. */
  readonly cancel: PageForm | null
}
