/**
 * The options of a host beside those of its server.
 *
 * @module
 */
import type {
  ChoosePatientPage,
  ConnectedAppsPage,
  ConsentPage,
  ErrorPage,
  PageOf,
  PatientChoice,
  SignInPage
} from './page-data.js'
import type { GateOptions } from '../engine/resource/gate-context.js'
import type { PlainFhirServer } from '../plain/ports.js'
import type { Awaitable } from '../plain/result.js'
import type { SignedInUser } from '../protocol/launch/launch-context.js'

/** The pages that a host may draw itself. Each has a plain default. */
export interface HostPagesOf<R> {
  readonly choosePatient?: PageOf<ChoosePatientPage, R>
  readonly consent?: PageOf<ConsentPage, R>
  readonly connectedApps?: PageOf<ConnectedAppsPage, R>
  readonly error?: PageOf<ErrorPage, R>
}

/** Whether and for how long consent is remembered. */
export interface RememberedConsentOptions {
  /** For how long a consent is remembered, in seconds. */
  readonly seconds: number
  /**
   * Whether a consent is used for other patients than the one for whom it was given: for hosts whose users work with
   * many patients. Default: false.
   */
  readonly forAnyPatient?: boolean
}

/** The options of a host. `R` is the request of the host's framework. */
export interface HostOptions<R> {
  /** The user who is signed in, in the browser that sent the request; null if none. It is called for each request. */
  readonly user: (own: R) => Awaitable<SignedInUser | null>
  /**
   * The address of the host's sign-in page, or a function that draws it. The address gets the parameter `return_to`,
   * and `prompt=login` if an existing session is not enough.
   */
  readonly signIn: string | PageOf<SignInPage, R>
  /** The patients whom the user may choose. Without it, no patient can be chosen. */
  readonly patients?: (user: SignedInUser, own: R) => Awaitable<ReadonlyArray<PatientChoice>>
  readonly pages?: HostPagesOf<R>
  /** HTML: hidden fields that the CSRF protection of the host's own framework needs in every form. */
  readonly formFields?: (own: R) => Awaitable<string>
  /**
   * Whether the list of connected apps has a page below the issuer (`/apps`), which the SMART configuration announces
   * as `management_endpoint`. Default: true.
   */
  readonly connectedApps?: boolean
  /** Default: consent is not remembered. */
  readonly rememberConsent?: RememberedConsentOptions
  /**
   * The upstream FHIR server of the gate: its base URL, or a function. Default: nothing is served below the FHIR base.
   */
  readonly fhir?: PlainFhirServer
  /** Whether the user may use a resource: the host's own rule. Without it, `user/` scopes reach nothing. */
  readonly userMay?: GateOptions['userMay']
  /** The largest body of a request below the FHIR base, in bytes. Default: 4 MiB. */
  readonly fhirBodyLimitBytes?: number
  /**
   * How long the answer to a request may take that is not below the FHIR base, in milliseconds: with all functions,
   * pages, store and keys of the host. Later, the peer gets a 503. Default: 30000.
   */
  readonly timeoutMilliseconds?: number
  /**
   * A reverse proxy that changes the path: `removes` is the prefix of the browser's path that it takes away before the
   * request reaches this process, `adds` is a prefix that it puts in front. Example: `{ removes: '/auth' }`.
   */
  readonly proxy?: { readonly removes?: string; readonly adds?: string }
}
