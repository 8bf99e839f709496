/**
 * The grant as it is stored: one record from the authorization request to the end of the last refresh token.
 *
 * Absent values are null. A grant contains no usable secret: codes are stored as digests, tokens are not stored.
 *
 * @module
 */
import * as t from 'io-ts'
import { LaunchContextCodec, SignedInUserCodec } from '../launch/launch-context.js'

const textOrNull = t.union([t.string, t.null])

/** The values of `prompt` (OpenID Connect Core 1.0, section 3.1.2.1). */
export const prompts = ['none', 'login', 'consent', 'select_account'] as const

/** A value of `prompt`. */
export type Prompt = (typeof prompts)[number]

/**
 * Whether the client was confidential (RFC 6749, section 2.1) at the time of the request. A code or token of a
 * confidential client requires client authentication.
 */
const clientType = t.keyof({ public: null, confidential: null })

/** The members that never change, and the id of the last write. */
const base = {
  grantId: t.string,
  clientId: t.string,
  /** The random id of the last write: it tells whether a write with an unknown result was ours. */
  writeId: t.string,
  /** When the store may delete the record: everything that names this grant is invalid by then. */
  recordExpiresAt: t.number
}

const requested = {
  clientType,
  redirectUri: t.string,
  /** As received; null when the app sent none. */
  state: textOrNull,
  /** The widest scope that may be granted: requested, and registered for the client. As text. */
  scope: t.string,
  /** The FHIR base URL that the app addresses. */
  audience: t.string,
  /** Null only if the policy lets a client omit it. */
  codeChallenge: textOrNull,
  nonce: textOrNull,
  prompts: t.readonlyArray(t.keyof({ none: null, login: null, consent: null, select_account: null })),
  /** The user must have signed in at this time or later (`max_age`, `prompt=login`): seconds since the epoch. */
  signedInSince: t.number
}

const conversation = {
  ...base,
  ...requested,
  /** Digest of the secret in the user's browser. */
  browserDigest: t.string,
  interactionEndsAt: t.number,
  /** The store key of the EHR launch of this request; null in a standalone launch. */
  launchKey: textOrNull,
  context: LaunchContextCodec
}

const AwaitingUser = t.readonly(
  t.strict({
    _tag: t.literal('AwaitingUser'),
    ...conversation,
    /** The user of the EHR session that launched the app, if the EHR named one: no other user may continue. */
    launchedBy: textOrNull
  })
)

const AwaitingContext = t.readonly(
  t.strict({
    _tag: t.literal('AwaitingContext'),
    ...conversation,
    user: SignedInUserCodec,
    /** The types that must be chosen, as in `launch/<type>`. */
    needs: t.readonlyArray(t.string)
  })
)

const AwaitingConsent = t.readonly(
  t.strict({ _tag: t.literal('AwaitingConsent'), ...conversation, user: SignedInUserCodec })
)

/** The contents of a grant after consent; they never change. */
const granted = {
  ...base,
  clientType,
  redirectUri: t.string,
  scope: t.string,
  audience: t.string,
  codeChallenge: textOrNull,
  codeDigest: t.string,
  nonce: textOrNull,
  user: SignedInUserCodec,
  context: LaunchContextCodec,
  refresh: t.keyof({ none: null, offline: null, online: null }),
  /** When the grant ends, regardless of refreshes: seconds since the epoch. */
  endsAt: t.number
}

const CodeIssued = t.readonly(t.strict({ _tag: t.literal('CodeIssued'), ...granted, codeExpiresAt: t.number }))

const Active = t.readonly(
  t.strict({
    _tag: t.literal('Active'),
    ...granted,
    /** The generation of the valid refresh token; each refresh increments it. */
    generation: t.number,
    rotatedAt: t.number,
    /**
     * Whether the previous refresh token is invalid also within the grace period: the response to it was repeated once,
     * or the current refresh token was presented and not rotated.
     */
    wasRepeated: t.boolean,
    /** Access tokens of an older epoch are invalid. */
    epoch: t.number
  })
)

/** The grant of a backend service: it has no user and no refresh token. */
const Backend = t.readonly(
  t.strict({
    _tag: t.literal('Backend'),
    ...base,
    scope: t.string,
    audience: t.string,
    epoch: t.number,
    endsAt: t.number
  })
)

const Denied = t.readonly(t.strict({ _tag: t.literal('Denied'), ...base, at: t.number }))

const Revoked = t.readonly(
  t.strict({
    _tag: t.literal('Revoked'),
    ...base,
    at: t.number,
    why: t.keyof({
      CodeReplayed: null,
      CodeBindingFailed: null,
      RefreshTokenReused: null,
      RegistrationChanged: null,
      PolicyEnded: null,
      Asked: null
    })
  })
)

const Expired = t.readonly(t.strict({ _tag: t.literal('Expired'), ...base, at: t.number }))

/** The codec of a stored grant. */
export const GrantCodec = t.union([
  AwaitingUser,
  AwaitingContext,
  AwaitingConsent,
  CodeIssued,
  Active,
  Backend,
  Denied,
  Revoked,
  Expired
])

/** Whether a client authenticates. */
export type ClientType = t.TypeOf<typeof clientType>
/** A grant, in one of its states. */
export type Grant = t.TypeOf<typeof GrantCodec>
/** The app sent its request; the user has not signed in yet. */
export type AwaitingUser = t.TypeOf<typeof AwaitingUser>
/** The user is known; a patient or an encounter must be chosen. */
export type AwaitingContext = t.TypeOf<typeof AwaitingContext>
/** Only the user's consent is missing. */
export type AwaitingConsent = t.TypeOf<typeof AwaitingConsent>
/** The user consented; the app holds a code. */
export type CodeIssued = t.TypeOf<typeof CodeIssued>
/** The code was redeemed; the tokens are valid. */
export type Active = t.TypeOf<typeof Active>
/** A backend service holds an access token. */
export type Backend = t.TypeOf<typeof Backend>
/** The user denied the request, or nothing could be granted. */
export type Denied = t.TypeOf<typeof Denied>
/** Ended by a revocation or by a detected theft: all codes and tokens of the grant are invalid. */
export type Revoked = t.TypeOf<typeof Revoked>
/** Ended by expiry. */
export type Expired = t.TypeOf<typeof Expired>
