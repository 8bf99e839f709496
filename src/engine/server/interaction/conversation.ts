/**
 * The conversation with the user, as data. The engine returns what it needs and the facts for the page. The host
 * renders the page and returns the decision, with the proof that it comes from the same browser.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type * as Task from 'fp-ts/lib/Task.js'
import type { ServerContext } from '../context.js'
import type { RedirectTarget } from '../../../protocol/http/redirect-target.js'
import { refusalRedirect } from '../../../protocol/authorization/request.js'
import type { RegisteredClient } from '../../../protocol/client/client.js'
import type { PlainResponse } from '../../../protocol/http/message.js'
import type { LaunchContext, PresentUser, SignedInUser } from '../../../protocol/launch/launch-context.js'
import type { SmartPolicy } from '../../../protocol/policy/policy.js'
import type { Refusal, RefusalRow } from '../../../protocol/errors/refusal.js'
import { refusalRow } from '../../../protocol/errors/refusal-table.js'
import type { AwaitingConsent, AwaitingContext, AwaitingUser } from '../../../protocol/grant/state.js'
import type { Prompt } from '../../../protocol/grant/state.js'
import type { Explanation } from '../../../scopes/explain/explain.js'
import { explain, explainEach } from '../../../scopes/explain/explain.js'
import { english } from '../../../scopes/explain/english.js'
import type { ScopeSet } from '../../../scopes/scope.js'
import type { EpochSeconds } from '../../../values/time.js'

/**
 * Identifies a conversation, proves that a decision belongs to it, and names the user who decides. A host makes one for
 * each request, from the cookie, form and session of that request, and never reuses it: another user may have signed in
 * since.
 */
export interface Interaction {
  readonly grantId: string
  /** For a cookie of this browser (HttpOnly, SameSite=Lax) only. */
  readonly browserSecret: string
  /** For a hidden field of every form. */
  readonly formToken: string
  /**
   * The user who is signed in at that moment in the browser from which the request comes; null when no user is. If it
   * is not the user of the conversation, nothing of the conversation is shown or decided. In a result of the engine it
   * is the user of the step.
   */
  readonly present: PresentUser
}

/** The app's request, for display on a page. */
export interface ConsentDetails {
  readonly clientId: string
  readonly clientName: string
  /** The widest set that may be granted. */
  readonly scopes: ScopeSet
  /** The context that the EHR has given already; empty before the user has signed in. */
  readonly context: LaunchContext
  /** Whether an EHR launched the app. */
  readonly launchedByEhr: boolean
  /** The user of the EHR session that launched the app; no other user may continue. Null when the EHR named no user. */
  readonly launchedBy: string | null
  /** The meaning of each scope in plain language, and what the set does not allow. */
  readonly explanation: Explanation
  /** The app's `prompt` values. With `none` no page may be shown (see `pageNeeded`). */
  readonly prompts: ReadonlyArray<Prompt>
  /**
   * The user must have signed in at this time or later; an older session is refused. In seconds since the epoch; 0 for
   * any.
   */
  readonly signedInSince: EpochSeconds
  /** The redirect URI of the response; a page shows its host. */
  readonly redirectUri: string
}

/** The next step of a conversation: what the host must do. */
export type Conversation =
  | { readonly _tag: 'NeedsUser'; readonly interaction: Interaction; readonly details: ConsentDetails }
  | {
      readonly _tag: 'NeedsContext'
      readonly interaction: Interaction
      readonly details: ConsentDetails
      readonly user: SignedInUser
      /** The types that must be chosen, as in `launch/<type>`. */
      readonly needs: ReadonlyArray<string>
    }
  | {
      readonly _tag: 'NeedsConsent'
      readonly interaction: Interaction
      readonly details: ConsentDetails
      readonly user: SignedInUser
    }
  /** The conversation is over: send this redirect to the app. */
  | { readonly _tag: 'SendToApp'; readonly response: PlainResponse }
  /**
   * Show this on a page; do not redirect to the app automatically. `onward` is a link with which the user may inform
   * the app; null when no redirect URI is validated.
   */
  | {
      readonly _tag: 'ShowRefusal'
      readonly refusal: Refusal
      readonly row: RefusalRow
      readonly onward: string | null
    }

/** Shows a refusal on a page. */
export const showRefusal = (refusal: Refusal, onward: string | null = null): Conversation => ({
  _tag: 'ShowRefusal',
  refusal,
  row: refusalRow(refusal),
  onward
})

/**
 * Sends a refusal to the app. For a client that registered itself without review, the user decides on a page whether to
 * follow the link, so that such a client cannot use this server as an open redirector (RFC 9700, section 4.11.2).
 */
export const refuseToApp = (
  { isUnvetted }: { readonly isUnvetted: boolean },
  target: RedirectTarget,
  issuer: string | null,
  refusal: Refusal
): Conversation => {
  const response = refusalRedirect(target, issuer, refusal)
  return isUnvetted ? showRefusal(refusal, String(response.headers['location'])) : { _tag: 'SendToApp', response }
}

/** The value of the hidden field. Only a party that knows the browser's secret can compute it. */
export const formTokenOf = ({ ports }: ServerContext, browserSecret: string): Task.Task<string> =>
  ports.keys.digest(`form.${browserSecret}`)

/** The name of a client; its id when the client cannot be looked up. */
export const clientDisplayName = (client: RegisteredClient | null, clientId: string): string =>
  client?.clientName ?? clientId

/**
 * The next step of a grant that waits for its user, with its scopes. Before the user is known, no context of the EHR is
 * disclosed.
 */
export const nextInteraction = (
  grant: AwaitingUser | AwaitingContext | AwaitingConsent,
  scopes: ScopeSet,
  interaction: Interaction,
  clientName: string,
  { fhirUserImpliesRead }: Pick<SmartPolicy, 'fhirUserImpliesRead'>
): Conversation => {
  const options = { fhirUserImpliesRead }
  const details: ConsentDetails = {
    clientId: grant.clientId,
    clientName,
    scopes,
    context: grant._tag === 'AwaitingUser' ? {} : grant.context,
    launchedByEhr: grant.launchKey !== null,
    launchedBy: grant._tag === 'AwaitingUser' ? grant.launchedBy : null,
    explanation: Either.getOrElse(() => explainEach(scopes, english, options))(explain(scopes, english, options)),
    prompts: grant.prompts,
    signedInSince: grant.signedInSince,
    redirectUri: grant.redirectUri
  }
  switch (grant._tag) {
    case 'AwaitingUser':
      return { _tag: 'NeedsUser', interaction, details }
    case 'AwaitingContext':
      return { _tag: 'NeedsContext', interaction, details, user: grant.user, needs: grant.needs }
    case 'AwaitingConsent':
      return { _tag: 'NeedsConsent', interaction, details, user: grant.user }
  }
}
