/**
 * The states, events and commands of one call of the token endpoint.
 *
 * @module
 */
import type { KnownResourceSide } from '../scope-policy/resource-side-check.js'
import type { GrantCommand, GrantEvent, GrantEventOf, TokensToIssue } from '../grant/events.js'
import type { GrantType, RegisteredClient } from '../client/client.js'
import type { Features } from '../discovery/features.js'
import type { Parameters } from '../http/form.js'
import type { SignedInUser } from '../launch/launch-context.js'
import type { ParsedScope } from '../scope-policy/parsed-scope.js'
import type { PolicyDecision } from '../scope-policy/policy-decision.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import type { Backend } from '../grant/state.js'
import type { TokenRequest, TokenResponse } from './request.js'
import type { MacedText, RefreshTokenFacts } from './opaque-token.js'
import type { Digest } from '../../values/secret.js'
import type { EpochSeconds } from '../../values/time.js'

/** The current time, and the random id of this request: it is the id of its writes, and of a grant that it opens. */
export interface TokenCallContext {
  readonly now: EpochSeconds
  readonly writeId: string
}

/** The settings of the machine. */
export interface TokenSettings {
  readonly policy: SmartPolicy
  /** The FHIR base URL for which tokens are issued. */
  readonly fhirBaseUrl: string
  /** The supported grant types. */
  readonly grantTypes: ReadonlyArray<GrantType>
  /** The supported syntaxes of resource scopes. */
  readonly scopeVersions: Features['scopeVersions']
  readonly side: KnownResourceSide
}

/** The client and the grant of the request, as far as they are known: for the log. */
export interface TokenAuditSubject {
  readonly clientId: string | null
  readonly grantId: string | null
}

type CodePresented = GrantEventOf<'CodePresented'>

type RefreshTokenPresented = GrantEventOf<'RefreshTokenPresented'>

export type CodeExchange = Extract<TokenRequest, { readonly _tag: 'CodeExchange' }>

export type Refresh = Extract<TokenRequest, { readonly _tag: 'Refresh' }>

export type ClientCredentials = Extract<TokenRequest, { readonly _tag: 'ClientCredentials' }>

/** The states of one request. */
export type TokenState =
  | { readonly _tag: 'AuthenticatingClient'; readonly parameters: Parameters; readonly call: TokenCallContext }
  | {
      readonly _tag: 'DigestingCode'
      readonly client: RegisteredClient
      readonly request: CodeExchange
      readonly grantId: string
      readonly call: TokenCallContext
    }
  | {
      readonly _tag: 'VerifyingRefreshToken'
      readonly client: RegisteredClient
      readonly request: Refresh
      readonly facts: RefreshTokenFacts
      readonly call: TokenCallContext
    }
  | {
      readonly _tag: 'ChangingGrant'
      readonly subject: TokenAuditSubject
      readonly event: GrantEvent
      readonly unknown: Refusal
    }
  | {
      readonly _tag: 'CheckingOnline'
      readonly subject: TokenAuditSubject
      readonly event: RefreshTokenPresented
      readonly unknown: Refusal
    }
  | {
      readonly _tag: 'EvaluatingPolicy'
      readonly subject: TokenAuditSubject
      readonly event: CodePresented | RefreshTokenPresented
      readonly unknown: Refusal
    }
  | {
      readonly _tag: 'OpeningGrant'
      readonly subject: TokenAuditSubject
      readonly grant: Backend
      readonly now: EpochSeconds
    }
  | { readonly _tag: 'MakingTokens'; readonly subject: TokenAuditSubject; readonly tokens: TokensToIssue }
  | { readonly _tag: 'Answered'; readonly subject: TokenAuditSubject; readonly response: TokenResponse }
  | { readonly _tag: 'Refused'; readonly subject: TokenAuditSubject; readonly refusal: Refusal }

/** The events of one request. */
export type TokenEvent =
  | { readonly _tag: 'ClientAuthenticated'; readonly client: RegisteredClient }
  | { readonly _tag: 'ClientRejected'; readonly refusal: Refusal; readonly clientId: string | null }
  | { readonly _tag: 'CodeDigested'; readonly codeDigest: Digest; readonly challengeOfVerifier: string | null }
  | { readonly _tag: 'RefreshTokenGenuine' }
  | { readonly _tag: 'RefreshTokenForged' }
  | { readonly _tag: 'GrantChanged'; readonly command: GrantCommand | null }
  | { readonly _tag: 'GrantNotFound' }
  | { readonly _tag: 'GrantOpened' }
  | { readonly _tag: 'StoreUnavailable'; readonly refusal: Refusal }
  | {
      readonly _tag: 'TokensMade'
      readonly accessToken: string
      readonly refreshToken: string | null
      readonly idToken: string | null
    }
  | { readonly _tag: 'OnlineKnown'; readonly isOnline: boolean }
  | { readonly _tag: 'UsersUnavailable' }
  | { readonly _tag: 'PolicyKnown'; readonly permission: PolicyDecision }
  | { readonly _tag: 'PolicyUnavailable' }
  | { readonly _tag: 'KeysUnavailable' }

/** The commands of one request. */
export type TokenCommand =
  | { readonly _tag: 'AuthenticateClient'; readonly parameters: Parameters }
  | { readonly _tag: 'DigestCode'; readonly code: string; readonly codeVerifier: string | null }
  | { readonly _tag: 'VerifyRefreshToken'; readonly token: MacedText<RefreshTokenFacts> }
  | { readonly _tag: 'ChangeGrant'; readonly grantId: string; readonly event: GrantEvent }
  | { readonly _tag: 'CheckOnline'; readonly user: SignedInUser; readonly grantId: string }
  | {
      readonly _tag: 'EvaluatePolicy'
      readonly user: SignedInUser
      readonly client: RegisteredClient
      readonly scope: ParsedScope
    }
  | { readonly _tag: 'OpenGrant'; readonly grant: Backend }
  | { readonly _tag: 'MakeTokens'; readonly tokens: TokensToIssue }
