/**
 * Makes the tokens of a response with the port `keys`.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Keys, PortError } from '../ports.js'
import type { ServerContext } from './context.js'
import type { TokensToIssue } from '../../protocol/grant/events.js'
import type { TokenEvent } from '../../protocol/token/token-request-state.js'
import { accessTokenClaims } from '../../protocol/token/access-token-claims.js'
import { idTokenClaims } from '../../protocol/jwt/id-token-claims.js'
import { coveredAccessToken, coveredRefreshToken } from '../../protocol/token/opaque-token.js'
import type * as Task from 'fp-ts/lib/Task.js'

type Made = TaskEither.TaskEither<PortError, string | null>

const absent: Made = TaskEither.right(null)

const opaqueAccessToken = (keys: Keys, tokens: TokensToIssue): TaskEither.TaskEither<PortError, string> =>
  keys.mac((keyId) =>
    coveredAccessToken(
      {
        grantId: tokens.grantId,
        epoch: tokens.epoch,
        issuedAt: tokens.issuedAt,
        expiresAt: tokens.accessTokenExpiresAt,
        narrowedScope: tokens.narrowedScope
      },
      tokens.writeId,
      keyId
    )
  )

const accessToken = (
  { facts, policy, ports }: ServerContext,
  tokens: TokensToIssue
): TaskEither.TaskEither<PortError, string> =>
  policy.accessTokenFormat === 'opaque'
    ? opaqueAccessToken(ports.keys, tokens)
    : ports.keys.signAccessToken(
        accessTokenClaims({
          issuer: facts.issuer,
          tokenId: tokens.writeId,
          expiresAt: tokens.accessTokenExpiresAt,
          ...tokens
        })
      )

const refreshToken = (keys: Keys, { generation, grantId }: TokensToIssue): Made =>
  generation === null ? absent : keys.mac((keyId) => coveredRefreshToken({ grantId, generation }, keyId))

/** The id_token of a response, if it needs one. */
const idToken = async (
  { facts, ports }: ServerContext,
  tokens: TokensToIssue,
  beside: string
): Promise<Either.Either<PortError, string | null>> => {
  const { user } = tokens
  if (!tokens.withIdToken || user === null) return Either.right(null)
  return await ports.keys.signIdToken(
    idTokenClaims({
      issuer: facts.issuer,
      clientId: tokens.clientId,
      fhirBaseUrl: tokens.audience,
      user,
      nonce: tokens.nonce,
      accessTokenDigest: await ports.keys.digest(beside)(),
      scope: tokens.scope,
      now: tokens.issuedAt,
      expiresAt: tokens.accessTokenExpiresAt
    })
  )()
}

const unavailable: TokenEvent = { _tag: 'KeysUnavailable' }

/** Makes all tokens of a response. If one cannot be made, the result is a failure. */
export const makeTokens =
  (serverContext: ServerContext) =>
  ({ tokens }: { readonly tokens: TokensToIssue }): Task.Task<TokenEvent> =>
  async () => {
    const [access, refresh] = await Promise.all([
      accessToken(serverContext, tokens)(),
      refreshToken(serverContext.ports.keys, tokens)()
    ])
    if (Either.isLeft(access) || Either.isLeft(refresh)) return unavailable
    const id = await idToken(serverContext, tokens, access.right)
    return Either.isLeft(id)
      ? unavailable
      : { _tag: 'TokensMade', accessToken: access.right, refreshToken: refresh.right, idToken: id.right }
  }
