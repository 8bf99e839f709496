/**
 * Access tokens as JWTs (RFC 9068), for resource servers that verify tokens themselves. `jti` contains the grant, its
 * epoch and a random id, so that a party with access to the store detects a revocation immediately, as with opaque
 * tokens.
 *
 * Source: RFC 9068, section 2.2; scopes-and-launch-context (the patient in context, to which `patient/` scopes are
 * limited).
 *
 * @module
 */
import * as Option from 'fp-ts/lib/Option.js'
import * as t from 'io-ts'
import type { LaunchContext, SignedInUser } from '../launch/launch-context.js'
import type { AccessTokenFacts } from './opaque-token.js'
import type { EpochSeconds } from '../../values/time.js'
import { ownData, ownMembers } from '../../values/own.js'

/** The claims of an access token. */
export interface AccessTokenClaims {
  readonly iss: string
  /** The user; the client id if there is no user (RFC 9068, section 2.2). */
  readonly sub: string
  /** The FHIR base URL. */
  readonly aud: string
  readonly client_id: string
  /** Seconds since the epoch. */
  readonly exp: number
  /** Seconds since the epoch. */
  readonly iat: number
  readonly jti: string
  readonly scope: string
  /** The patient in context. */
  readonly patient?: string
  /** The encounter in context. */
  readonly encounter?: string
}

const AccessTokenClaimsCodec: t.Type<AccessTokenClaims> = t.readonly(
  t.intersection([
    t.strict({
      iss: t.string,
      sub: t.string,
      aud: t.string,
      client_id: t.string,
      exp: t.number,
      iat: t.number,
      jti: t.string,
      scope: t.string
    }),
    t.exact(t.partial({ patient: t.string, encounter: t.string }))
  ])
)

/** The facts from which the claims are computed. */
export interface AccessTokenGrant {
  readonly issuer: string
  readonly clientId: string
  readonly audience: string
  readonly user: SignedInUser | null
  readonly context: LaunchContext
  readonly scope: string
  readonly grantId: string
  readonly epoch: number
  /** Random, and new for each token. */
  readonly tokenId: string
  readonly issuedAt: EpochSeconds
  readonly expiresAt: EpochSeconds
}

/** The claims of an access token for a grant. */
export const accessTokenClaims = (grant: AccessTokenGrant): AccessTokenClaims => {
  const { patient, encounter } = ownMembers(grant.context)
  return {
    iss: grant.issuer,
    sub: grant.user?.sub ?? grant.clientId,
    aud: grant.audience,
    client_id: grant.clientId,
    exp: grant.expiresAt,
    iat: grant.issuedAt,
    jti: `${grant.grantId}.${String(grant.epoch)}.${grant.tokenId}`,
    scope: grant.scope,
    ...(patient === undefined ? {} : { patient }),
    ...(encounter === undefined ? {} : { encounter })
  }
}

/** Whether a text has the form of a JWT. Its signature is not verified. */
export const isJwt = (text: string): boolean => /^eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(text)

/**
 * The grant and times in verified claims of this issuer; `none` when they are not those of an access token of this
 * server.
 */
export const readAccessTokenClaims = (
  claims: unknown,
  issuer: string,
  audience: string
): Option.Option<AccessTokenFacts> => {
  const read = Option.fromEither(AccessTokenClaimsCodec.decode(ownData(claims)))
  if (Option.isNone(read) || read.value.iss !== issuer || read.value.aud !== audience) return Option.none
  const match = /^([A-Za-z0-9_-]{1,128})\.(0|[1-9][0-9]{0,15})\.[A-Za-z0-9_-]{1,128}$/.exec(read.value.jti)
  if (match === null) return Option.none
  const [, grantId, epoch] = match as unknown as readonly [whole: string, grantId: string, epoch: string]
  const { iat, exp, scope } = read.value
  return Option.some({ grantId, epoch: Number(epoch), issuedAt: iat, expiresAt: exp, narrowedScope: scope })
}
