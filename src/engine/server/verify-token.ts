/**
 * Whether a presented token is one of ours: the question to the keys, before any grant is looked at.
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

/** What a genuine token says. */
export type VerifiedTokenFacts =
  | { readonly _tag: 'AccessToken'; readonly facts: AccessTokenFacts }
  | { readonly _tag: 'RefreshToken'; readonly facts: RefreshTokenFacts }

/** What an opaque token says, when its MAC fits. */
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

/** What a JWT says, when one of our keys signed it for this server. */
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

/** What a presented token says, when it is genuine. */
export const verifyToken = (
  serverContext: ServerContext,
  presented: PresentedToken
): TaskEither.TaskEither<Refusal, VerifiedTokenFacts> => {
  switch (presented._tag) {
    case 'OpaqueAccessToken':
      return pipe(verifyOpaqueToken(serverContext, presented.sealed), TaskEither.map(asAccessToken))
    case 'SignedAccessToken':
      return pipe(verifyJwtToken(serverContext, presented.text), TaskEither.map(asAccessToken))
    case 'RefreshToken':
      return pipe(
        verifyOpaqueToken(serverContext, presented.sealed),
        TaskEither.map((facts): VerifiedTokenFacts => ({ _tag: 'RefreshToken', facts }))
      )
    case 'NoToken':
    case 'Unknown':
      return TaskEither.left({ _tag: 'TokenUnknown' })
  }
}
