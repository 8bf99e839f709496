/**
 * The records that an app stores: pending launches, sessions, and the tokens of backend services.
 *
 * A launch is stored under the digest of its id. The id itself is only in the browser, and the PKCE verifier is derived
 * from it, so reading the store is not enough to complete a launch. `state` is stored as a digest.
 *
 * @module
 */
import * as t from 'io-ts'
import type { LaunchContext } from '../launch/launch-context.js'
import { LaunchContextCodec } from '../launch/launch-context.js'
import type { IdentityClaims } from './identity-claims.js'
import { readIdentityClaims } from './identity-claims.js'
import type { ServerTolerances } from './trust/tolerances.js'
import { readTolerances } from './trust/tolerances.js'
import { isObject } from '../../values/object.js'

const nullable = <C extends t.Mixed>(codec: C) => t.union([codec, t.null])

/** The facts about the server that a launch has fixed. They never change afterwards. */
export interface LaunchBinding {
  /** The `iss` of the launch, as received. */
  readonly iss: string
  readonly clientId: string
  readonly redirectUri: string
  readonly tokenEndpoint: string
  /** Null when the server states none. */
  readonly issuer: string | null
  /** Null when the server publishes no keys. */
  readonly jwksUri: string | null
  readonly authorizationOrigin: string
  /** Whether the server states that its authorization responses contain `iss` (RFC 9207). */
  readonly issParameterSupported: boolean
  /** How the app authenticates at the token endpoint. */
  readonly method: 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'
  /** The `aud` of the app's assertions. */
  readonly assertionAudience: string
  /** The algorithms of assertions that the server lists; absent when it lists none. */
  readonly signingAlgorithms?: ReadonlyArray<string>
  /** Where tokens are revoked (RFC 7009), as the server states it; absent when it states none. */
  readonly revocationEndpoint?: string
  /** The deviations of the server that were accepted when the launch began. Absent in older records. */
  readonly tolerances?: ServerTolerances
}

const isTolerances = (value: unknown): value is ServerTolerances =>
  isObject(value) && Object.keys(readTolerances(value)).length === Object.keys(value).length

const TolerancesCodec = new t.Type<ServerTolerances>(
  'ServerTolerances',
  isTolerances,
  (value, context) => (isTolerances(value) ? t.success(value) : t.failure(value, context)),
  t.identity
)

const LaunchBindingCodec: t.Type<LaunchBinding> = t.readonly(
  t.exact(
    t.intersection([
      t.type({
        iss: t.string,
        clientId: t.string,
        redirectUri: t.string,
        tokenEndpoint: t.string,
        issuer: nullable(t.string),
        jwksUri: nullable(t.string),
        authorizationOrigin: t.string,
        issParameterSupported: t.boolean,
        method: t.keyof({ none: null, client_secret_basic: null, client_secret_post: null, private_key_jwt: null }),
        assertionAudience: t.string
      }),
      t.partial({
        signingAlgorithms: t.readonlyArray(t.string),
        revocationEndpoint: t.string,
        tolerances: TolerancesCodec
      })
    ])
  )
)

/** How a launch began. */
export interface LaunchOrigin {
  /** `ehr`: the EHR opened the app; `standalone`: the user did. */
  readonly kind: 'ehr' | 'standalone'
  /**
   * A public name of the launch and of its session: 22 characters of base64url. It is no secret: it may stand in an
   * address or in the name of a cookie.
   */
  readonly handle: string
  /** The app's own data that were given at the launch, as JSON; null when none were given. */
  readonly data: unknown
}

const LaunchOriginCodec: t.Type<LaunchOrigin> = t.readonly(
  t.strict({ kind: t.keyof({ ehr: null, standalone: null }), handle: t.string, data: t.unknown })
)

/** Absent in the records of earlier releases. */
const AddedCodec = t.readonly(t.partial({ launch: LaunchOriginCodec }))

const kept = {
  /** The id of the last write. */
  writeId: t.string,
  recordExpiresAt: t.number
}

const PendingLaunchCodec = t.intersection([
  AddedCodec,
  t.strict({
    _tag: t.literal('Pending'),
    ...kept,
    binding: LaunchBindingCodec,
    stateDigest: t.string,
    nonce: nullable(t.string),
    /** The requested scope. */
    scope: t.string,
    expiresAt: t.number
  })
])

const UsedLaunchCodec = t.intersection([
  /** The digest of the code that was received, and when; absent without a code, and in records of earlier releases. */
  t.readonly(t.partial({ codeDigest: t.string, usedAt: t.number })),
  t.strict({ _tag: t.literal('Used'), ...kept, stateDigest: t.string })
])

/** The codec of {@link StoredLaunch}. */
export const StoredLaunchCodec = t.union([PendingLaunchCodec, UsedLaunchCodec])

/** A launch that waits for the browser's return. */
export type PendingLaunch = Readonly<t.TypeOf<typeof PendingLaunchCodec>>
/** A launch whose redirect was received. */
export type UsedAppLaunch = Readonly<t.TypeOf<typeof UsedLaunchCodec>>
/** A pending or used launch. */
export type StoredLaunch = t.TypeOf<typeof StoredLaunchCodec>

/** The user in the id_token. */
export interface LaunchedUser {
  readonly iss: string
  readonly sub: string
  /** The absolute URL of the user's FHIR resource; null when the token names none. */
  readonly fhirUser: string | null
  /** The claims of the id_token, after all checks. Absent in a session of an earlier release. */
  readonly claims?: IdentityClaims
}

const isClaims = (value: unknown): value is IdentityClaims =>
  isObject(value) && Object.keys(readIdentityClaims(value)).length === Object.keys(value).length

const ClaimsCodec = new t.Type<IdentityClaims>(
  'IdentityClaims',
  isClaims,
  (value, context) => (isClaims(value) ? t.success(value) : t.failure(value, context)),
  t.identity
)

const UserCodec: t.Type<LaunchedUser> = t.readonly(
  t.exact(
    t.intersection([
      t.type({ iss: t.string, sub: t.string, fhirUser: nullable(t.string) }),
      t.partial({ claims: ClaimsCodec })
    ])
  )
)

/** The comparison of the granted with the requested scope, as scope texts; see `compareGrant`. */
export interface SessionGrantComparison {
  readonly verdict: 'equal' | 'narrowed' | 'widened' | 'different'
  /** The requested scopes that were not granted. */
  readonly missing: string
  /** The granted scopes that were not requested. */
  readonly excess: string
}

const SessionGrantComparisonCodec: t.Type<SessionGrantComparison> = t.readonly(
  t.strict({
    verdict: t.keyof({ equal: null, narrowed: null, widened: null, different: null }),
    missing: t.string,
    excess: t.string
  })
)

/** The facts of a session, without the tokens. */
export interface SessionFacts {
  readonly binding: LaunchBinding
  readonly requestedScope: string
  /** The scope that was granted at the launch; a refresh never requests more. */
  readonly grantedScope: string
  readonly comparison: SessionGrantComparison
  readonly context: LaunchContext
  /** Null when the server issued no id_token. */
  readonly user: LaunchedUser | null
  /** How the launch began, with the app's own data. Absent in a session that an earlier release opened. */
  readonly launch?: LaunchOrigin
}

/** The codec of {@link SessionFacts}. */
export const SessionFactsCodec: t.Type<SessionFacts> = t.intersection([
  AddedCodec,
  t.strict({
    binding: LaunchBindingCodec,
    requestedScope: t.string,
    grantedScope: t.string,
    comparison: SessionGrantComparisonCodec,
    context: LaunchContextCodec,
    user: nullable(UserCodec)
  })
])

const tokens = {
  accessToken: t.string,
  /** Null when the server did not state it. */
  expiresAt: nullable(t.number),
  /** The scope of this access token. */
  scope: t.string,
  /** The narrower scope that was requested for this token; null for everything that was granted. */
  asked: nullable(t.string),
  /** The number of refreshes. */
  generation: t.number
}

/** Without a refresh token (null) the session cannot be refreshed. */
const TokensCodec = t.readonly(t.strict({ ...tokens, refreshToken: nullable(t.string) }))
const RefreshableTokensCodec = t.readonly(t.strict({ ...tokens, refreshToken: t.string }))

/** The tokens of a session. */
export type Tokens = t.TypeOf<typeof TokensCodec>

const session = { ...kept, facts: SessionFactsCodec }

const FreshCodec = t.readonly(t.strict({ _tag: t.literal('Fresh'), ...session, tokens: TokensCodec }))
const StaleCodec = t.readonly(t.strict({ _tag: t.literal('Stale'), ...session, tokens: TokensCodec }))
const RefreshingCodec = t.readonly(
  t.strict({
    _tag: t.literal('Refreshing'),
    ...session,
    tokens: RefreshableTokensCodec,
    /** The id of the caller that refreshes. */
    holder: t.string,
    /** Until when others wait for the holder. */
    leaseUntil: t.number,
    /** Whether the access token can be used meanwhile. */
    isUsable: t.boolean
  })
)
const LostCodec = t.readonly(t.strict({ _tag: t.literal('Lost'), ...session, error: t.string }))

/** The codec of {@link StoredSession}. */
export const StoredSessionCodec = t.union([FreshCodec, StaleCodec, RefreshingCodec, LostCodec])

/** A session of an app, in one of its states. */
export type StoredSession = t.TypeOf<typeof StoredSessionCodec>
/** The access token is valid. */
export type FreshSession = t.TypeOf<typeof FreshCodec>
/** The access token must be refreshed, and no caller is refreshing it. */
export type StaleSession = t.TypeOf<typeof StaleCodec>
/** A caller is refreshing the access token. */
export type RefreshingSession = t.TypeOf<typeof RefreshingCodec>

/** The codec of {@link BackendToken}. */
export const BackendTokenCodec = t.readonly(
  t.strict({ ...kept, accessToken: t.string, expiresAt: t.number, scope: t.string })
)

/** An access token of a backend service. */
export type BackendToken = t.TypeOf<typeof BackendTokenCodec>
