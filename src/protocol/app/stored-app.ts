/**
 * What an app keeps: launches that are under way, sessions, and the tokens of backend services.
 *
 * A launch is kept under the digest of its id, and the id only where the browser is, so whoever reads the store can
 * finish no launch: the PKCE verifier is made from the id. The `state` is kept as its digest.
 *
 * @module
 */
import * as t from 'io-ts'
import { LaunchContextCodec } from '../launch/launch-context.js'

const nullable = <C extends t.Mixed>(codec: C) => t.union([codec, t.null])

/** What a launch fixed about the server. Nothing that comes later can change it. */
const LaunchBindingCodec = t.readonly(
  t.strict({
    /** The iss of the launch, as it came. */
    iss: t.string,
    clientId: t.string,
    redirectUri: t.string,
    tokenEndpoint: t.string,
    issuer: nullable(t.string),
    jwksUri: nullable(t.string),
    authorizationOrigin: t.string,
    issParameterSupported: t.boolean,
    method: t.keyof({ none: null, client_secret_basic: null, private_key_jwt: null }),
    assertionAudience: t.string
  })
)

/** What a launch fixed about the server. */
export type LaunchBinding = t.TypeOf<typeof LaunchBindingCodec>

const kept = {
  /** The write that made the record what it is. */
  writeId: t.string,
  recordExpiresAt: t.number
}

const PendingLaunchCodec = t.readonly(
  t.strict({
    _tag: t.literal('Pending'),
    ...kept,
    binding: LaunchBindingCodec,
    stateDigest: t.string,
    nonce: nullable(t.string),
    /** What was requested. */
    scope: t.string,
    expiresAt: t.number
  })
)

const UsedLaunchCodec = t.readonly(t.strict({ _tag: t.literal('Used'), ...kept, stateDigest: t.string }))

/** The codec of {@link StoredLaunch}. */
export const StoredLaunchCodec = t.union([PendingLaunchCodec, UsedLaunchCodec])

/** A launch that waits for the browser to come back. */
export type PendingLaunch = t.TypeOf<typeof PendingLaunchCodec>
/** A launch that is under way, or was. */
export type StoredLaunch = t.TypeOf<typeof StoredLaunchCodec>

/** Who the user is, as the id_token says. */
const UserCodec = t.readonly(
  t.strict({
    iss: t.string,
    sub: t.string,
    /** The absolute address of the user's FHIR resource; null when the token names none. */
    fhirUser: nullable(t.string)
  })
)

/** Who the user is, as the id_token says. */
export type LaunchedUser = t.TypeOf<typeof UserCodec>

/** How the grant stands to the request; see `compareGrant`. */
const SessionGrantComparisonCodec = t.readonly(
  t.strict({
    verdict: t.keyof({ equal: null, narrowed: null, widened: null, different: null }),
    missing: t.string,
    excess: t.string
  })
)

/** How the grant stands to the request, as texts of scopes. */
export type SessionGrantComparison = t.TypeOf<typeof SessionGrantComparisonCodec>

/** What an app knows of its session, but for the tokens. */
export const SessionFactsCodec = t.readonly(
  t.strict({
    binding: LaunchBindingCodec,
    requestedScope: t.string,
    /** What was granted at the launch; a refresh never asks for more. */
    grantedScope: t.string,
    comparison: SessionGrantComparisonCodec,
    context: LaunchContextCodec,
    user: nullable(UserCodec)
  })
)

/** What an app knows of its session, but for the tokens. */
export type SessionFacts = t.TypeOf<typeof SessionFactsCodec>

const tokens = {
  accessToken: t.string,
  /** Null when the server did not say. */
  expiresAt: nullable(t.number),
  /** The scope of this access token. */
  scope: t.string,
  /** The narrower scope that it was asked for with; null when all that was granted was. */
  asked: nullable(t.string),
  /** Counts the refreshes. */
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
    /** Who refreshes. */
    holder: t.string,
    /** Until when the holder is waited for. */
    leaseUntil: t.number,
    /** Whether the access token still serves meanwhile. */
    isUsable: t.boolean
  })
)
const LostCodec = t.readonly(t.strict({ _tag: t.literal('Lost'), ...session, error: t.string }))

/** The codec of {@link StoredSession}. */
export const StoredSessionCodec = t.union([FreshCodec, StaleCodec, RefreshingCodec, LostCodec])

/** A session of an app, in one of its conditions. */
export type StoredSession = t.TypeOf<typeof StoredSessionCodec>
/** The access token is good. */
export type FreshSession = t.TypeOf<typeof FreshCodec>
/** The access token must be exchanged for a new one, and nobody is about to. */
export type StaleSession = t.TypeOf<typeof StaleCodec>
/** Somebody is asking for a new access token. */
export type RefreshingSession = t.TypeOf<typeof RefreshingCodec>

/** The codec of {@link BackendToken}. */
export const BackendTokenCodec = t.readonly(
  t.strict({ ...kept, accessToken: t.string, expiresAt: t.number, scope: t.string })
)

/** An access token of a backend service. */
export type BackendToken = t.TypeOf<typeof BackendTokenCodec>
