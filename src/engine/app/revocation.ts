/**
 * The tokens of a session that has ended are revoked at the server.
 *
 * Source: RFC 7009, sections 2.1 and 2.2.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { RevokedToken } from './context.js'
import type { AppPorts } from './ports.js'
import type { AppFailure } from '../../protocol/app/failure.js'
import type { Proof } from '../../protocol/app/requests.js'
import { tokenRequest } from '../../protocol/app/requests.js'
import type { LaunchBinding, Tokens } from '../../protocol/app/stored-app.js'
import { refusalOfToken } from '../../protocol/app/token-response.js'
import type { Trust } from '../../protocol/app/trusted-server.js'
import { revocationEndpointAt } from '../../protocol/app/trust/server-documents.js'

/** The tokens to revoke. */
type Ended = Pick<Tokens, 'accessToken' | 'refreshToken'>

/** The endpoint of a session's server; null when the server has none. It must be on an origin that is still trusted. */
const endpointOf = (
  trust: Trust,
  { iss, revocationEndpoint }: LaunchBinding
): Either.Either<AppFailure, string | null> => {
  if (revocationEndpoint === undefined) return Either.right(null)
  const server = trust(iss)
  return server === null
    ? Either.left({ _tag: 'IssNotTrusted', iss })
    : revocationEndpointAt(server, revocationEndpoint)
}

/** Revokes the refresh token and the access token of a session. Without an endpoint, nothing is sent. */
export const revokeTokens =
  (
    { trust }: { readonly trust: Trust },
    { clock, http }: AppPorts,
    proofAt: (binding: LaunchBinding) => TaskEither.TaskEither<AppFailure, Proof>
  ) =>
  async (binding: LaunchBinding, { accessToken, refreshToken }: Ended): Promise<ReadonlyArray<RevokedToken>> => {
    const endpoint = endpointOf(trust, binding)
    if (Either.isRight(endpoint) && endpoint.right === null) return []
    const revoke = async (token: string, hint: RevokedToken['token']): Promise<AppFailure | null> => {
      if (Either.isLeft(endpoint)) return endpoint.left
      const proof = await proofAt(binding)()
      if (Either.isLeft(proof)) return proof.left
      const request = tokenRequest(endpoint.right ?? '', binding.clientId, proof.right, {
        _tag: 'Revocation',
        token,
        hint
      })
      const answer = await http(request)()
      if (Either.isLeft(answer)) return { _tag: 'ServerUnavailable', reason: answer.left.reason }
      const { status } = answer.right
      return status >= 200 && status <= 299 ? null : refusalOfToken(answer.right, clock.now())
    }
    const refresh: ReadonlyArray<RevokedToken> =
      refreshToken === null ? [] : [{ token: 'refresh_token', failure: await revoke(refreshToken, 'refresh_token') }]
    return [...refresh, { token: 'access_token', failure: await revoke(accessToken, 'access_token') }]
  }
