/**
 * The grant as it is stored: ONE record from the authorization request to the end of the refresh family.
 *
 * Absent values are null. Nothing in a grant is a usable secret: codes are kept as digests, tokens not at all.
 *
 * @module
 */
import * as t from 'io-ts'
import { LaunchContextCodec, SignedInUserCodec } from '../launch/launch-context.js'

const textOrNull = t.union([t.string, t.null])

/** The words of `prompt` (OpenID Connect Core 1.0, section 3.1.2.1). */
export const prompts = ['none', 'login', 'consent', 'select_account'] as const

/** A word of `prompt`. */
export type Prompt = (typeof prompts)[number]

/**
 * Whether a client proves who it is (RFC 6749, section 2.1), as it was when it asked: a code or token of a confidential
 * client is good only together with its proof.
 */
const clientType = t.keyof({ public: null, confidential: null })

/** What never changes: who asked, for what, and who wrote the record last. */
const base = {
  grantId: t.string,
  clientId: t.string,
  /** The random id of the writer of this version: settles whether an ambiguous write was ours. */
  writeId: t.string,
  /** When the store may forget the record: nothing that names this grant is alive then. */
  recordExpiresAt: t.number
}

const requested = {
  clientType,
  redirectUri: t.string,
  /** As the app sent it; null when it sent none. */
  state: textOrNull,
  /** What may at most be granted: requested, and registered for the client. Printed scopes. */
  scope: t.string,
  /** The FHIR base URL that the app means to call. */
  audience: t.string,
  /** Null only where the policy lets a client do without. */
  codeChallenge: textOrNull,
  nonce: textOrNull,
  prompts: t.readonlyArray(t.keyof({ none: null, login: null, consent: null, select_account: null })),
  /** The user must have signed in then or later (`max_age`, `prompt=login`): seconds since the epoch. */
  signedInSince: t.number
}

const conversation = {
  ...base,
  ...requested,
  /** Digest of the value that only the user's browser holds. */
  browserDigest: t.string,
  interactionEndsAt: t.number,
  /** The key of the EHR launch behind this request; null in a standalone launch. */
  launchKey: textOrNull,
  context: LaunchContextCodec
}

const AwaitingUser = t.readonly(
  t.strict({
    _tag: t.literal('AwaitingUser'),
    ...conversation,
    /** The user of the EHR session that launched the app, if the EHR said so: nobody else may go on. */
    launchedBy: textOrNull
  })
)

const AwaitingContext = t.readonly(
  t.strict({
    _tag: t.literal('AwaitingContext'),
    ...conversation,
    user: SignedInUserCodec,
    /** What must be chosen, in the words of `launch/<type>`. */
    needs: t.readonlyArray(t.string)
  })
)

const AwaitingConsent = t.readonly(
  t.strict({ _tag: t.literal('AwaitingConsent'), ...conversation, user: SignedInUserCodec })
)

/** What a code or a token stands for; it never changes after consent. */
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
  /** When the grant ends, whatever is refreshed: seconds since the epoch. */
  endsAt: t.number
}

const CodeIssued = t.readonly(t.strict({ _tag: t.literal('CodeIssued'), ...granted, codeExpiresAt: t.number }))

const Active = t.readonly(
  t.strict({
    _tag: t.literal('Active'),
    ...granted,
    /** The number of the refresh token that is good now; each refresh counts up. */
    generation: t.number,
    rotatedAt: t.number,
    /**
     * Whether the answer to the last refresh was given once more, as the grace period allows: it is not given a third
     * time.
     */
    wasRepeated: t.boolean,
    /** Access tokens of an older epoch are dead. */
    epoch: t.number
  })
)

/** A backend service's: nobody signed in, and nothing is refreshed. */
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

/** Reads and writes a stored grant. */
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

/** Whether a client proves who it is. */
export type ClientType = t.TypeOf<typeof clientType>
/** A grant, in one of its conditions. */
export type Grant = t.TypeOf<typeof GrantCodec>
/** The app asked; the user has not signed in yet. */
export type AwaitingUser = t.TypeOf<typeof AwaitingUser>
/** The user is known; a patient or an encounter must be chosen. */
export type AwaitingContext = t.TypeOf<typeof AwaitingContext>
/** Everything is known but the user's consent. */
export type AwaitingConsent = t.TypeOf<typeof AwaitingConsent>
/** The user consented; the app holds a code. */
export type CodeIssued = t.TypeOf<typeof CodeIssued>
/** The code was redeemed; tokens are alive. */
export type Active = t.TypeOf<typeof Active>
/** A backend service holds an access token. */
export type Backend = t.TypeOf<typeof Backend>
/** The user said no, or nothing could be granted. */
export type Denied = t.TypeOf<typeof Denied>
/** Ended by a revocation or by a detected theft: every code and token of the grant is dead. */
export type Revoked = t.TypeOf<typeof Revoked>
/** Ended by time. */
export type Expired = t.TypeOf<typeof Expired>
