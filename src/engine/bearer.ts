/**
 * What stands behind a bearer token: the resource server's question to the authorization server.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { loadState } from './change.js'
import type { Workshop } from './settings.js'
import { grantKey } from './settings.js'
import type { AccessFacts } from '../machines/access-alternatives.js'
import { isJwt, readAccessTokenClaims } from '../messages/access-token-claims.js'
import type { PlainRequest } from '../messages/http.js'
import type { Refusal } from '../messages/refusal.js'
import type { Grant } from '../messages/stored-grant.js'
import { GrantCodec } from '../messages/stored-grant.js'
import type { AccessTokenFacts } from '../messages/token-text.js'
import { readAccessToken } from '../messages/token-text.js'
import { parse } from '../scopes/parse.js'
import type { EpochSeconds } from '../values/time.js'
import { hasPassed } from '../values/time.js'

/** The token of a request (RFC 6750, section 2.1): in the Authorization header and nowhere else. */
export const bearerTokenOf = (request: PlainRequest): Either.Either<Refusal, string> => {
  if (/(?:^|&)access_token=/.test(request.query)) return Either.left({ _tag: 'AccessTokenInAddress' })
  const header = request.headers['authorization']
  if (header === undefined) return Either.left({ _tag: 'AccessTokenMissing' })
  const token = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header)?.[1]
  return token === undefined ? Either.left({ _tag: 'AccessTokenUnknown' }) : Either.right(token)
}

/** Whether a genuine token is alive, and what it allows: read from the one grant that it names. */
const judge = (token: AccessTokenFacts, grant: Grant, fhirBaseUrl: string, now: EpochSeconds): Either.Either<Refusal, AccessFacts> => {
  if (grant._tag !== 'Active' && grant._tag !== 'Backend') return Either.left({ _tag: 'AccessTokenRevoked' })
  if (grant.epoch !== token.epoch) return Either.left({ _tag: 'AccessTokenRevoked' })
  if (hasPassed(token.expiresAt, now)) return Either.left({ _tag: 'AccessTokenExpired' })
  if (grant.audience !== fhirBaseUrl) return Either.left({ _tag: 'AccessTokenForAnotherServer' })
  return Either.right({
    clientId: grant.clientId,
    scopes: parse(token.narrowedScope ?? grant.scope),
    context: grant._tag === 'Active' ? grant.context : {},
    user: grant._tag === 'Active' ? grant.user : null
  })
}

/** What an opaque token says, when its authentication code fits. */
const openOpaque = ({ ports }: Workshop, text: string): TaskEither.TaskEither<Refusal, AccessTokenFacts> => {
  const sealed = readAccessToken(text)
  return Option.isNone(sealed)
    ? TaskEither.left({ _tag: 'AccessTokenUnknown' })
    : pipe(
        ports.keys.fits(sealed.value.keyId, sealed.value.covered, sealed.value.authenticationCode),
        TaskEither.mapLeft((): Refusal => ({ _tag: 'KeysUnavailable' })),
        TaskEither.filterOrElse((fits) => fits, (): Refusal => ({ _tag: 'AccessTokenUnknown' })),
        TaskEither.map(() => sealed.value.facts)
      )
}

/** What a JWT says, when one of our keys signed it for this server. */
const openJwt = ({ ports, facts }: Workshop, text: string): TaskEither.TaskEither<Refusal, AccessTokenFacts> =>
  pipe(
    ports.keys.verifyAccessToken(text),
    TaskEither.mapLeft((): Refusal => ({ _tag: 'KeysUnavailable' })),
    TaskEither.chain((claims) =>
      TaskEither.fromOption((): Refusal => ({ _tag: 'AccessTokenUnknown' }))(
        pipe(claims, Option.chain((read) => readAccessTokenClaims(read, facts.issuer, facts.fhirBaseUrl)))
      ))
  )

/** What the bearer of a request's access token may do. Asks the store every time: a revocation counts at once. */
export const bearer =
  (workshop: Workshop) =>
  (request: PlainRequest): TaskEither.TaskEither<Refusal, AccessFacts> => {
    const { ports, facts } = workshop
    return pipe(
      TaskEither.fromEither(bearerTokenOf(request)),
      TaskEither.chain((text) => (isJwt(text) ? openJwt(workshop, text) : openOpaque(workshop, text))),
      TaskEither.chain((token) =>
        pipe(
          loadState(ports.store, GrantCodec)(grantKey(token.grantId)),
          TaskEither.chainEitherK((found): Either.Either<Refusal, AccessFacts> =>
            Option.isNone(found)
              ? Either.left({ _tag: 'AccessTokenRevoked' })
              : judge(token, found.value.state, facts.fhirBaseUrl, ports.clock.now())
          )
        )
      )
    )
  }
