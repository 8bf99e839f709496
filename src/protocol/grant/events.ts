/**
 * The events and commands of a grant.
 *
 * @module
 */
import type { Step } from '../machine/machine.js'
import { contextOfToken } from './granted-context.js'
import type { RedirectTarget } from '../http/redirect-target.js'
import type { ClientAuthenticationMethod, RegisteredClient } from '../client/client.js'
import type { LaunchContext, PresentUser, SignedInUser } from '../launch/launch-context.js'
import type { ParsedScope } from '../scope-policy/parsed-scope.js'
import type { PolicyDecision } from '../scope-policy/policy-decision.js'
import type { Refusal } from '../errors/refusal.js'
import type { Active, Backend, Denied, Expired, Grant, Revoked } from './state.js'
import type { ScopeSet } from '../../scopes/scope.js'
import type { Digest } from '../../values/secret.js'
import type { EpochSeconds } from '../../values/time.js'

/** The server that receives an event. Servers that share a store may each have clients and users with the same ids. */
export interface ServerIdentity {
  /** The FHIR base URL of the server. */
  readonly server: string
}

/** The members of every event: the current time, and the random id of the write. */
export interface EventContext {
  readonly now: EpochSeconds
  readonly writeId: string
}

/** The proof that a decision comes from the browser in which the conversation began. */
export interface BrowserProof {
  /** Digest of the value in the browser's cookie. */
  readonly browserDigest: Digest
  /** The value in the form, and the expected one: a digest of the browser's secret. */
  readonly formToken: Digest
  readonly expectedFormToken: Digest
}

/** A decision of the user. */
export interface UserDecision extends EventContext, BrowserProof, ServerIdentity {
  /** The scope of the grant as it was parsed when the facts of the decision were read. */
  readonly parsed: ParsedScope
  /** The user who is signed in, in the browser from which the decision comes. */
  readonly present: PresentUser
  /** The current registration of the client; null when it was removed. */
  readonly client: RegisteredClient | null
  /** The client authentication methods that the server supports now. */
  readonly methods: ReadonlyArray<ClientAuthenticationMethod>
}

/** The events of a grant. */
export type GrantEvent =
  | (UserDecision & {
      readonly _tag: 'UserSignedIn'
      readonly user: SignedInUser
      /** What the host's policy permits this user to give to this client. */
      readonly permission: PolicyDecision
      /** The context types that the host lets a user choose, as in `launch/<type>`. */
      readonly choosable: ReadonlyArray<string>
    })
  | (UserDecision & { readonly _tag: 'ContextChosen'; readonly context: LaunchContext })
  /** Nothing can be chosen for the open types; `context` is what was chosen before. */
  | (UserDecision & { readonly _tag: 'ContextUnavailable'; readonly context: LaunchContext })
  /** A page is needed, and the app requested none (`prompt=none`). */
  | (UserDecision & { readonly _tag: 'PageNeeded' })
  | (UserDecision & {
      readonly _tag: 'ConsentGiven'
      /** The scopes to which the user consented. */
      readonly approvedScope: ParsedScope
      /** What the host's policy permits this user to give to this client. */
      readonly permission: PolicyDecision
      readonly codeDigest: Digest
      /** The reason why the EHR launch of the request is invalid; null when it is valid, or when there is none. */
      readonly launchRefusal: Refusal | null
      /**
       * Until when the record is stored, if that is longer than the grant: a host that remembers the consent needs it.
       */
      readonly storedUntil?: EpochSeconds
    })
  | (UserDecision & { readonly _tag: 'UserDenied' })
  | (EventContext &
      ServerIdentity & {
        readonly _tag: 'CodePresented'
        readonly codeDigest: Digest
        /** The authenticated client with its current registration, which may be narrower than at consent. */
        readonly client: RegisteredClient
        readonly redirectUri: string
        /** BASE64URL(SHA-256(code_verifier)); null when the request has no verifier. */
        readonly challengeOfVerifier: string | null
        /** The server for which tokens are requested (`resource` or `aud`); null when the request has neither. */
        readonly target: string | null
        /** What the host's policy permits now; null before the policy was called. */
        readonly permission: PolicyDecision | null
        /** The scope for which the policy was called; null before. */
        readonly parsed: ParsedScope | null
      })
  | (EventContext &
      ServerIdentity & {
        readonly _tag: 'RefreshTokenPresented'
        /** The authenticated client with its current registration, which may be narrower than at consent. */
        readonly client: RegisteredClient
        readonly generation: number
        /** The scope of the refresh request; null for everything that was granted. */
        readonly scope: string | null
        /** The server for which the token is requested (`resource`); null when the request has none. */
        readonly target: string | null
        /** Whether the session in which the user consented lasts; `unknown` before the host was called. */
        readonly online: 'unknown' | 'yes' | 'no'
        /** What the host's policy permits now; null before the policy was called. */
        readonly permission: PolicyDecision | null
        /** The scope for which the policy was called; null before. */
        readonly parsed: ParsedScope | null
      })
  | (EventContext & { readonly _tag: 'RevocationRequested' })
  /** A client revokes an authentic token. */
  | (EventContext &
      ServerIdentity & {
        readonly _tag: 'TokenRevocationRequested'
        /** The authenticated client. */
        readonly clientId: string
        readonly token:
          | { readonly _tag: 'AccessToken'; readonly epoch: number; readonly expiresAt: EpochSeconds }
          | { readonly _tag: 'RefreshToken' }
      })

/** The event with a given tag. */
export type GrantEventOf<Tag extends GrantEvent['_tag']> = Extract<GrantEvent, { readonly _tag: Tag }>

/** The commands of a grant, to be run after the new state is stored. */
export type GrantCommand =
  /** Shows a page; `scopes` are those of the new state. */
  | { readonly _tag: 'AskForContext'; readonly scopes: ScopeSet }
  | { readonly _tag: 'AskForConsent'; readonly scopes: ScopeSet }
  | { readonly _tag: 'RedirectWithCode'; readonly target: RedirectTarget }
  | { readonly _tag: 'RedirectWithRefusal'; readonly target: RedirectTarget; readonly refusal: Refusal }
  | { readonly _tag: 'IssueTokens'; readonly tokens: TokensToIssue }
  | { readonly _tag: 'CheckOnline'; readonly user: SignedInUser }
  /** Calls the host's policy: which part of a scope this user may give to the client now. */
  | { readonly _tag: 'EvaluatePolicy'; readonly user: SignedInUser; readonly scope: ParsedScope }
  /** Confirms a revocation: what has ended by it. */
  | { readonly _tag: 'ConfirmRevocation'; readonly ended: 'grant' | 'accessTokens' | 'nothing' }
  | { readonly _tag: 'Refuse'; readonly refusal: Refusal }

/** The facts from which the tokens of a response are made. */
export interface TokensToIssue {
  readonly grantId: string
  /** Random, and new in each response. */
  readonly writeId: string
  readonly clientId: string
  readonly audience: string
  /** The scope of this response. */
  readonly scope: string
  /** The scope of this response if it is narrower than the grant's; otherwise null. */
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
  /** The context of the grant. */
  readonly context: LaunchContext
  /** The part of the context in the response. */
  readonly launchContext: LaunchContext
}

/** The tokens of a backend service's grant: one access token. */
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
  launchContext: {}
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

/** The denied grant. */
export const deniedGrant = (grant: Grant, event: EventContext): Denied => ({ _tag: 'Denied', ...remains(grant, event) })

/** The expired grant. */
export const expiredGrant = (grant: Grant, event: EventContext): Expired => ({
  _tag: 'Expired',
  ...remains(grant, event)
})

/** The revoked grant; all its codes and tokens are invalid. */
export const revokedGrant = (grant: Grant, event: EventContext, why: Revoked['why']): Revoked => ({
  _tag: 'Revoked',
  ...remains(grant, event),
  why
})

/** The tokens of an active grant, with a refresh token. */
export const tokensOf = (
  grant: Active,
  { text: scope, scopes }: ParsedScope,
  event: EventContext,
  accessTokenLifetimeSeconds: number,
  withIdToken: boolean
): TokensToIssue => {
  const context = contextOfToken(grant, scope, scopes)
  return {
    grantId: grant.grantId,
    writeId: event.writeId,
    clientId: grant.clientId,
    audience: grant.audience,
    scope,
    narrowedScope: scope === grant.scope ? null : scope,
    epoch: grant.epoch,
    issuedAt: event.now,
    accessTokenExpiresAt: Math.min(event.now + accessTokenLifetimeSeconds, grant.endsAt),
    generation: grant.generation,
    withIdToken,
    nonce: grant.nonce,
    user: grant.user,
    context,
    launchContext: context
  }
}
