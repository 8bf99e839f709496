/**
 * Whether a presented token is one of ours: the question to the keys, before any grant is looked at.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Workshop } from './settings.js'
import { readAccessTokenClaims } from '../messages/access-token-claims.js'
import type { PresentedToken } from '../messages/presented-token.js'
import type { Refusal } from '../messages/refusal.js'
import type { AccessTokenFacts, RefreshTokenFacts, Sealed } from '../messages/token-text.js'

/** What a genuine token says. */
export type Opened =
  | { readonly _tag: 'AccessToken'; readonly facts: AccessTokenFacts }
  | { readonly _tag: 'RefreshToken'; readonly facts: RefreshTokenFacts }

/** What an opaque token says, when its authentication code fits. */
export const openSealed =
  <Facts>(
    { ports }: Workshop,
    { keyId, covered, authenticationCode, facts }: Sealed<Facts>
  ): TaskEither.TaskEither<Refusal, Facts> =>
  async () => {
    const fits = await ports.keys.fits(keyId, covered, authenticationCode)()
    if (Either.isLeft(fits)) return Either.left({ _tag: 'KeysUnavailable' })
    return fits.right ? Either.right(facts) : Either.left({ _tag: 'AccessTokenUnknown' })
  }

/** What a JWT says, when one of our keys signed it for this server. */
export const openSigned =
  ({ ports, facts }: Workshop, text: string): TaskEither.TaskEither<Refusal, AccessTokenFacts> =>
  async () => {
    const claims = await ports.keys.verifyAccessToken(text)()
    if (Either.isLeft(claims)) return Either.left({ _tag: 'KeysUnavailable' })
    return pipe(
      claims.right,
      Option.chain((read) => readAccessTokenClaims(read, facts.issuer, facts.fhirBaseUrl)),
      Either.fromOption((): Refusal => ({ _tag: 'AccessTokenUnknown' }))
    )
  }

const asAccessToken = (facts: AccessTokenFacts): Opened => ({ _tag: 'AccessToken', facts })

/** What a presented token says, when it is genuine. */
export const openToken = (workshop: Workshop, presented: PresentedToken): TaskEither.TaskEither<Refusal, Opened> => {
  switch (presented._tag) {
    case 'OpaqueAccessToken':
      return pipe(openSealed(workshop, presented.sealed), TaskEither.map(asAccessToken))
    case 'SignedAccessToken':
      return pipe(openSigned(workshop, presented.text), TaskEither.map(asAccessToken))
    case 'RefreshToken':
      return pipe(
        openSealed(workshop, presented.sealed),
        TaskEither.map((facts): Opened => ({ _tag: 'RefreshToken', facts }))
      )
    case 'NoToken':
    case 'Unknown':
      return TaskEither.left({ _tag: 'TokenUnknown' })
  }
}
