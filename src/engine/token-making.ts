/**
 * Making the tokens of one answer with the keys port.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Keys, Silence } from './ports.js'
import type { Workshop } from './settings.js'
import type { TokensToIssue } from '../machines/grant-events.js'
import type { TokenEvent } from '../machines/token-request.js'
import { idTokenClaims } from '../messages/id-token.js'
import { coveredAccessToken, coveredRefreshToken } from '../messages/token-text.js'
import { parse } from '../scopes/parse.js'
import * as Task from 'fp-ts/lib/Task.js'

type Made = TaskEither.TaskEither<Silence, string | null>

const absent: Made = TaskEither.right(null)

const accessToken = (keys: Keys, tokens: TokensToIssue): TaskEither.TaskEither<Silence, string> =>
  keys.seal((keyId) =>
    coveredAccessToken({
      grantId: tokens.grantId,
      epoch: tokens.epoch,
      issuedAt: tokens.issuedAt,
      expiresAt: tokens.accessTokenExpiresAt,
      narrowedScope: tokens.narrowedScope
    }, keyId)
  )

const refreshToken = (keys: Keys, { generation, grantId }: TokensToIssue): Made =>
  generation === null ? absent : keys.seal((keyId) => coveredRefreshToken({ grantId, generation }, keyId))

const idToken = ({ facts, ports }: Workshop, tokens: TokensToIssue): Made =>
  tokens.withIdToken
    ? ports.keys.signIdToken(idTokenClaims({
        issuer: facts.issuer,
        clientId: tokens.clientId,
        fhirBaseUrl: tokens.audience,
        user: tokens.user,
        nonce: tokens.nonce,
        scopes: parse(tokens.scope),
        now: tokens.issuedAt,
        expiresAt: tokens.accessTokenExpiresAt
      }))
    : absent

/** Makes everything that the answer holds; if one part cannot be made, nothing is answered. */
export const makeTokens =
  (workshop: Workshop) =>
  ({ tokens }: { readonly tokens: TokensToIssue }): Task.Task<TokenEvent> =>
    pipe(
      TaskEither.Do,
      TaskEither.apS('accessToken', accessToken(workshop.ports.keys, tokens)),
      TaskEither.apS('refreshToken', refreshToken(workshop.ports.keys, tokens)),
      TaskEither.apS('idToken', idToken(workshop, tokens)),
      Task.map((made): TokenEvent =>
        Either.isLeft(made) ? { _tag: 'KeysSilent' } : { _tag: 'TokensMade', ...made.right }
      )
    )
