/**
 * What can happen to a grant, and what must be done about it.
 *
 * @module
 */
import type { Step } from '../machine/machine.js'
import { contextOfToken } from './granted-context.js'
import type { RedirectTarget } from '../http/redirect-target.js'
import type { ClientAuthenticationMethod, RegisteredClient } from '../client/client.js'
import type { LaunchContext, PresentUser, SignedInUser } from '../launch/launch-context.js'
import type { PolicyDecision } from '../scope-policy/policy-decision.js'
import type { Refusal } from '../errors/refusal.js'
import type { Active, Backend, Denied, Expired, Grant, Revoked } from './state.js'
import type { Digest } from '../../values/secret.js'
import type { EpochSeconds } from '../../values/time.js'

/** Who hears of an event: servers that share a store may each have a client of one name, and users of their own. */
export interface ServerIdentity {
  /** The FHIR base URL of the server that is asked. */
  readonly server: string
}

/** What comes with every event: the present, and the random id of whoever is about to write. */
export interface EventContext {
  readonly now: EpochSeconds
  readonly writeId: string
}

/** What binds a decision to the browser in which the conversation began. */
export interface BrowserProof {
  /** Digest of the value that the browser's cookie holds. */
  readonly browserDigest: Digest
  /** The value that the form carries, and the one that it should carry: a digest made from the browser's. */
  readonly formToken: Digest
  readonly expectedFormToken: Digest
}

/** A decision of the user. */
export interface UserDecision extends EventContext, BrowserProof, ServerIdentity {
  /** Who is signed in, in the browser from which the decision comes. */
  readonly present: PresentUser
  /** The client's registration as it is now; null when there is none any more. */
  readonly client: RegisteredClient | null
  /** The methods of client authentication that the server serves now. */
  readonly methods: ReadonlyArray<ClientAuthenticationMethod>
}

/** What can happen to a grant. */
export type GrantEvent =
  | (UserDecision & {
      readonly _tag: 'UserSignedIn'
      readonly user: SignedInUser
      /** What the host's policy lets this user give to this client. */
      readonly permission: PolicyDecision
      /** What the host lets a user choose, in the words of `launch/<type>`. */
      readonly choosable: ReadonlyArray<string>
    })
  | (UserDecision & { readonly _tag: 'ContextChosen'; readonly context: LaunchContext })
  /** There is nothing to choose from for what is still open; the context is what was chosen before that showed. */
  | (UserDecision & { readonly _tag: 'ContextUnavailable'; readonly context: LaunchContext })
  /** A page would have to be shown, and the app forbade it (`prompt=none`). */
  | (UserDecision & { readonly _tag: 'PageNeeded' })
  | (UserDecision & {
      readonly _tag: 'ConsentGiven'
      /** What the user agreed to. Printed scopes. */
      readonly approvedScope: string
      /** What the host's policy lets this user give to this client. */
      readonly permission: PolicyDecision
      readonly codeDigest: Digest
      /** Why the EHR launch behind the request is not good any more; null when it is, or when there is none. */
      readonly launchRefusal: Refusal | null
    })
  | (UserDecision & { readonly _tag: 'UserDenied' })
  | (EventContext &
      ServerIdentity & {
        readonly _tag: 'CodePresented'
        readonly codeDigest: Digest
        /** The authenticated client, as it is registered now: that may be less than when the user consented. */
        readonly client: RegisteredClient
        readonly redirectUri: string
        /** BASE64URL(SHA-256(code_verifier)); null when the request has no verifier. */
        readonly challengeOfVerifier: string | null
        /** The server for which the tokens are asked (`resource` or `aud`); null when nothing is said. */
        readonly target: string | null
        /** What the host's policy lets the user give now; null until somebody asked. */
        readonly permission: PolicyDecision | null
      })
  | (EventContext &
      ServerIdentity & {
        readonly _tag: 'RefreshTokenPresented'
        /** The authenticated client, as it is registered now: that may be less than when the user consented. */
        readonly client: RegisteredClient
        readonly generation: number
        /** What the refresh asks for; null for all that was granted. */
        readonly scope: string | null
        /** The server for which the token is asked (`resource`); null when nothing is said. */
        readonly target: string | null
        /** Whether the session lasts in which the user consented; `unknown` until somebody asked. */
        readonly online: 'unknown' | 'yes' | 'no'
        /** What the host's policy lets the user give now; null until somebody asked. */
        readonly permission: PolicyDecision | null
      })
  | (EventContext & { readonly _tag: 'RevocationRequested' })
  /** A client revokes a token that is known to be genuine. */
  | (EventContext &
      ServerIdentity & {
        readonly _tag: 'TokenRevocationRequested'
        /** The authenticated client. */
        readonly clientId: string
        readonly token:
          | { readonly _tag: 'AccessToken'; readonly epoch: number; readonly expiresAt: EpochSeconds }
          | { readonly _tag: 'RefreshToken' }
      })

/** The event of a tag. */
export type GrantEventOf<Tag extends GrantEvent['_tag']> = Extract<GrantEvent, { readonly _tag: Tag }>

/** What must be done, once the new state is stored. */
export type GrantCommand =
  | { readonly _tag: 'AskForContext' }
  | { readonly _tag: 'AskForConsent' }
  | { readonly _tag: 'RedirectWithCode'; readonly target: RedirectTarget }
  | { readonly _tag: 'RedirectWithRefusal'; readonly target: RedirectTarget; readonly refusal: Refusal }
  | { readonly _tag: 'IssueTokens'; readonly tokens: TokensToIssue }
  | { readonly _tag: 'AskWhetherOnline'; readonly user: SignedInUser }
  /** Asks the host's policy what of a scope this user may give to the client now. */
  | { readonly _tag: 'AskPolicy'; readonly user: SignedInUser; readonly scope: string }
  /** Says what is dead now and was alive before. */
  | { readonly _tag: 'ConfirmRevocation'; readonly ended: 'grant' | 'accessTokens' | 'nothing' }
  | { readonly _tag: 'Refuse'; readonly refusal: Refusal }

/** Everything that the tokens of one answer are made from. */
export interface TokensToIssue {
  readonly grantId: string
  /** Random, and new with each answer. */
  readonly writeId: string
  readonly clientId: string
  readonly audience: string
  /** The scope of this answer. */
  readonly scope: string
  /** The same, when it is less than the grant's; else null. */
  readonly narrowedScope: string | null
  readonly epoch: number
  readonly issuedAt: EpochSeconds
  readonly accessTokenExpiresAt: EpochSeconds
  /** The generation of the refresh token; null when there is none. */
  readonly generation: number | null
  readonly withIdToken: boolean
  readonly nonce: string | null
  /** Null for a backend service. */
  readonly user: SignedInUser | null
  /** What the tokens stand for. */
  readonly context: LaunchContext
  /** What the answer tells of it. */
  readonly told: LaunchContext
}

/** The tokens that a backend service's grant buys: one access token. */
export const backendTokensOf = (grant: Backend, issuedAt: EpochSeconds): TokensToIssue => ({
  grantId: grant.grantId,
  writeId: grant.writeId,
  clientId: grant.clientId,
  audience: grant.audience,
  scope: grant.scope,
  narrowedScope: null,
  epoch: grant.epoch,
  issuedAt,
  accessTokenExpiresAt: grant.endsAt,
  generation: null,
  withIdToken: false,
  nonce: null,
  user: null,
  context: {},
  told: {}
})

/** A step of the grant. */
export type GrantStep = Step<Grant, GrantCommand>

const remains = (grant: Grant, event: EventContext) => ({
  grantId: grant.grantId,
  clientId: grant.clientId,
  writeId: event.writeId,
  recordExpiresAt: grant.recordExpiresAt,
  at: event.now
})

/** The grant, denied. */
export const deniedGrant = (grant: Grant, event: EventContext): Denied => ({ _tag: 'Denied', ...remains(grant, event) })

/** The grant, ended by time. */
export const expiredGrant = (grant: Grant, event: EventContext): Expired => ({
  _tag: 'Expired',
  ...remains(grant, event)
})

/** The grant, revoked with all that it bought. */
export const revokedGrant = (grant: Grant, event: EventContext, why: Revoked['why']): Revoked => ({
  _tag: 'Revoked',
  ...remains(grant, event),
  why
})

/** The tokens that an active grant buys. */
export const tokensOf = (
  grant: Active,
  scope: string,
  event: EventContext,
  accessTokenLifetimeSeconds: number,
  withIdToken: boolean
): TokensToIssue => ({
  grantId: grant.grantId,
  writeId: event.writeId,
  clientId: grant.clientId,
  audience: grant.audience,
  scope,
  narrowedScope: scope === grant.scope ? null : scope,
  epoch: grant.epoch,
  issuedAt: event.now,
  accessTokenExpiresAt: Math.min(event.now + accessTokenLifetimeSeconds, grant.endsAt),
  generation: grant.refresh === 'none' ? null : grant.generation,
  withIdToken,
  nonce: grant.nonce,
  user: grant.user,
  context: contextOfToken(grant, scope),
  told: contextOfToken(grant, scope)
})
