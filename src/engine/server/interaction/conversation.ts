/**
 * The conversation with the user, as data. The engine says what it needs and with what the page can be drawn; the host
 * draws the page, and brings the decision back together with the proof that it comes from the same browser.
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
import { parse } from '../../../scopes/parse.js'
import type { ScopeSet } from '../../../scopes/scope.js'
import type { EpochSeconds } from '../../../values/time.js'

/**
 * What names a conversation, proves that a decision belongs to it, and says who decides. A host makes one for each
 * request: from a cookie, a form and the session of that request. It keeps none between requests, because another user
 * may have signed in since.
 */
export interface Interaction {
  readonly grantId: string
  /** For a cookie of this browser (HttpOnly, SameSite=Lax) and for nothing else. */
  readonly browserSecret: string
  /** For a hidden field of every form. */
  readonly formToken: string
  /**
   * Who is signed in, in the browser from which the request comes, at that moment; null when nobody is. Where that is
   * not the user of the conversation, nothing of it is shown and nothing decided. In an answer of the engine it is the
   * user of the step that was answered.
   */
  readonly present: PresentUser
}

/** What the app asks for, as a page shows it. */
export interface ConsentDetails {
  readonly clientId: string
  readonly clientName: string
  /** What may at most be granted. */
  readonly scopes: ScopeSet
  /** What the EHR said already; nothing before the user has signed in. */
  readonly context: LaunchContext
  /** Whether an EHR launched the app. */
  readonly launchedByEhr: boolean
  /** The user of the EHR session that launched the app: nobody else may go on. Null when nobody said so. */
  readonly launchedBy: string | null
  /** What each scope means, in plain language, and what the set does not allow. */
  readonly explanation: Explanation
  /** How the app wants the user to be asked: with `none` no page may be shown (see `pageNeeded`). */
  readonly prompts: ReadonlyArray<Prompt>
  /** The user must have signed in then or later; an older session is refused. In seconds since the epoch; 0 for any. */
  readonly signedInSince: EpochSeconds
  /** Where the answer will be sent: a page shows its host. */
  readonly redirectUri: string
}

/** What the engine says to the host about a user's request. */
export type Conversation =
  | { readonly _tag: 'NeedsUser'; readonly interaction: Interaction; readonly asked: ConsentDetails }
  | {
      readonly _tag: 'NeedsContext'
      readonly interaction: Interaction
      readonly asked: ConsentDetails
      readonly user: SignedInUser
      readonly needs: AwaitingContext['needs']
    }
  | {
      readonly _tag: 'NeedsConsent'
      readonly interaction: Interaction
      readonly asked: ConsentDetails
      readonly user: SignedInUser
    }
  /** The conversation is over: this redirect goes to the app. */
  | { readonly _tag: 'SendToApp'; readonly response: PlainResponse }
  /**
   * A page of the host's own must say this; nothing may be sent to the app by itself. `onward` is where a link may lead
   * the user who wants to tell the app: null where no address is proven.
   */
  | {
      readonly _tag: 'ShowRefusal'
      readonly refusal: Refusal
      readonly row: RefusalRow
      readonly onward: string | null
    }

/** Says no on a page. */
export const showRefusal = (refusal: Refusal, onward: string | null = null): Conversation => ({
  _tag: 'ShowRefusal',
  refusal,
  row: refusalRow(refusal),
  onward
})

/**
 * Tells the app why there is no code. An app that nobody looked at must not use this server to send users wherever it
 * likes: there the user decides on a page (RFC 9700, section 4.11.2).
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

/** The hidden field's value: nobody who does not know the browser's secret can make it. */
export const formTokenOf = ({ ports }: ServerContext, browserSecret: string): Task.Task<string> =>
  ports.keys.digest(`form.${browserSecret}`)

/** What a client is called; its id when it cannot be looked up. */
export const clientDisplayName = (client: RegisteredClient | null, clientId: string): string =>
  client?.clientName ?? clientId

/**
 * What a grant that waits for its user needs next. Before the user is known nothing is told of what an EHR has open.
 */
export const nextInteraction = (
  grant: AwaitingUser | AwaitingContext | AwaitingConsent,
  interaction: Interaction,
  clientName: string,
  { fhirUserImpliesRead }: Pick<SmartPolicy, 'fhirUserImpliesRead'>
): Conversation => {
  const scopes = parse(grant.scope)
  const options = { fhirUserImpliesRead }
  const asked: ConsentDetails = {
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
      return { _tag: 'NeedsUser', interaction, asked }
    case 'AwaitingContext':
      return { _tag: 'NeedsContext', interaction, asked, user: grant.user, needs: grant.needs }
    case 'AwaitingConsent':
      return { _tag: 'NeedsConsent', interaction, asked, user: grant.user }
  }
}
