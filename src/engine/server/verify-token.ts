/**
 * Verifies with the port `keys` that a presented token was issued by this server, before its grant is read.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { ServerContext } from './context.js'
import { readAccessTokenClaims } from '../../protocol/token/access-token-claims.js'
import type { PresentedToken } from '../../protocol/token/classify-token.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import type { AccessTokenFacts, RefreshTokenFacts, MacedText } from '../../protocol/token/opaque-token.js'

/** The content of an authentic token. */
export type VerifiedTokenFacts =
  | { readonly _tag: 'AccessToken'; readonly facts: AccessTokenFacts }
  | { readonly _tag: 'RefreshToken'; readonly facts: RefreshTokenFacts }

/** The content of an opaque token, if its MAC is valid. */
export const verifyOpaqueToken =
  <Facts>(
    { ports }: ServerContext,
    { keyId, covered, mac, facts }: MacedText<Facts>
  ): TaskEither.TaskEither<Refusal, Facts> =>
  async () => {
    const fits = await ports.keys.verifyMac(keyId, covered, mac)()
    if (Either.isLeft(fits)) return Either.left({ _tag: 'KeysUnavailable' })
    return fits.right ? Either.right(facts) : Either.left({ _tag: 'AccessTokenUnknown' })
  }

/** The content of a JWT, if one of our keys signed it for this server. */
export const verifyJwtToken =
  ({ ports, facts }: ServerContext, text: string): TaskEither.TaskEither<Refusal, AccessTokenFacts> =>
  async () => {
    const claims = await ports.keys.verifyAccessToken(text)()
    if (Either.isLeft(claims)) return Either.left({ _tag: 'KeysUnavailable' })
    return pipe(
      claims.right,
      Option.chain((read) => readAccessTokenClaims(read, facts.issuer, facts.fhirBaseUrl)),
      Either.fromOption((): Refusal => ({ _tag: 'AccessTokenUnknown' }))
    )
  }

const asAccessToken = (facts: AccessTokenFacts): VerifiedTokenFacts => ({ _tag: 'AccessToken', facts })

/** The content of a presented token, if it is authentic. */
export const verifyToken = (
  serverContext: ServerContext,
  presented: PresentedToken
): TaskEither.TaskEither<Refusal, VerifiedTokenFacts> => {
  switch (presented._tag) {
    case 'OpaqueAccessToken':
      return pipe(verifyOpaqueToken(serverContext, presented.macedText), TaskEither.map(asAccessToken))
    case 'SignedAccessToken':
      return pipe(verifyJwtToken(serverContext, presented.text), TaskEither.map(asAccessToken))
    case 'RefreshToken':
      return pipe(
        verifyOpaqueToken(serverContext, presented.macedText),
        TaskEither.map((facts): VerifiedTokenFacts => ({ _tag: 'RefreshToken', facts }))
      )
    case 'NoToken':
    case 'Unknown':
      return TaskEither.left({ _tag: 'TokenUnknown' })
  }
}
