/**
 * The token endpoint: runs the token machine, and the client authentication inside it, against the ports.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Told } from './audit.js'
import { refusedBecause, tell } from './audit.js'
import { changeRecord, loadState } from './change.js'
import type { Handlers } from './run.js'
import { run } from './run.js'
import type { Workshop } from './settings.js'
import { grantKey, identifierOf } from './settings.js'
import { makeTokens } from './token-making.js'
import type { AuthenticationEvent } from '../machines/client-authentication.js'
import { beginAuthentication, clientAuthenticationMachine } from '../machines/client-authentication.js'
import { grantMachine } from '../machines/grant.js'
import type { TokenCommand, TokenEvent, TokenState } from '../machines/token-request.js'
import { beginTokenRequest, tokenRequestMachine } from '../machines/token-request.js'
import type { RegisteredClient } from '../messages/client.js'
import type { Credentials } from '../messages/credentials.js'
import { readCredentials } from '../messages/credentials.js'
import type { Parameters } from '../messages/form.js'
import { valueOf } from '../messages/form.js'
import type { PlainRequest, PlainResponse } from '../messages/http.js'
import type { SmartPolicy } from '../messages/policy.js'
import type { Refusal } from '../messages/refusal.js'
import { refusalJson } from '../messages/refusal-table.js'
import { GrantCodec } from '../messages/stored-grant.js'
import { readRefreshToken } from '../messages/token-text.js'
import { readTokenParameters, tokenResponseJson } from '../messages/token-request.js'

/** The events by which a machine hears of a client. */
export type ClientEvent =
  | { readonly _tag: 'ClientFound'; readonly client: RegisteredClient }
  | { readonly _tag: 'ClientNotFound' }
  | { readonly _tag: 'ClientsSilent' }

/** Looks a client up. */
export const findClient =
  ({ ports }: Workshop) =>
  ({ clientId }: { readonly clientId: string }): Task.Task<ClientEvent> =>
    pipe(
      ports.clients.find(clientId),
      Task.map((found): ClientEvent => {
        if (Either.isLeft(found)) return { _tag: 'ClientsSilent' }
        return Option.isSome(found.right)
          ? { _tag: 'ClientFound', client: found.right.value }
          : { _tag: 'ClientNotFound' }
      })
    )

/**
 * The credentials of a request. Where the policy lets a public client refresh without its id, the grant that the refresh token
 * names says whose it is; whether the token is genuine is looked at later, as always.
 */
const credentialsOf = (
  { policy, ports }: Workshop,
  request: PlainRequest,
  parameters: Parameters
): TaskEither.TaskEither<Refusal, Credentials> => {
  const credentials = readCredentials(request, parameters)
  const refreshToken = readRefreshToken(valueOf(parameters, 'refresh_token') ?? '')
  return Either.isLeft(credentials) &&
    credentials.left._tag === 'CredentialsMissing' &&
    policy.publicRefreshClientId === 'optional' &&
    Option.isSome(refreshToken)
    ? pipe(
        loadState(ports.store, GrantCodec)(grantKey(refreshToken.value.facts.grantId)),
        TaskEither.chainEitherK((found): Either.Either<Refusal, Credentials> =>
          Option.isSome(found)
            ? Either.right({ _tag: 'PublicClient', clientId: found.value.state.clientId })
            : Either.left({ _tag: 'GrantEnded' }))
      )
    : TaskEither.fromEither(credentials)
}

const authenticateClient = (workshop: Workshop, request: PlainRequest) => {
  const { policy, ports } = workshop
  const authenticate = run(clientAuthenticationMachine(policy), {
    FindClient: findClient(workshop),
    DigestSecrets: ({ secrets }) =>
      pipe(
        Task.sequenceArray(secrets.map(ports.keys.digest)),
        Task.map((digests): AuthenticationEvent => ({ _tag: 'SecretDigested', digests }))
      )
  })
  return ({ parameters }: { readonly parameters: Parameters }): Task.Task<TokenEvent> => {
    return pipe(
      credentialsOf(workshop, request, parameters),
      TaskEither.chain((credentials) => authenticate(beginAuthentication(policy, credentials))),
      Task.map((ended): TokenEvent => {
        if (Either.isLeft(ended)) return { _tag: 'ClientRejected', refusal: ended.left }
        return ended.right._tag === 'Authenticated'
          ? { _tag: 'ClientAuthenticated', client: ended.right.client }
          : {
              _tag: 'ClientRejected',
              refusal: ended.right._tag === 'Rejected' ? ended.right.refusal : { _tag: 'CredentialsMissing' }
            }
      })
    )
  }
}

const handlersOf = (workshop: Workshop, request: PlainRequest): Handlers<TokenEvent, TokenCommand> => {
  const { ports, policy } = workshop
  const changeGrant = changeRecord(ports.store, GrantCodec, grantMachine(policy))
  return {
    AuthenticateClient: authenticateClient(workshop, request),
    DigestCode: ({ code, codeVerifier }) =>
      pipe(
        Task.Do,
        Task.apS('codeDigest', ports.keys.digest(code)),
        Task.apS('challengeOfVerifier', codeVerifier === null ? Task.of(null) : ports.keys.digest(codeVerifier)),
        Task.map((digests): TokenEvent => ({ _tag: 'CodeDigested', ...digests }))
      ),
    VerifyRefreshToken: ({ token: presented }) =>
      pipe(
        ports.keys.fits(presented.keyId, presented.covered, presented.authenticationCode),
        Task.map((fits): TokenEvent => {
          if (Either.isLeft(fits)) return { _tag: 'KeysSilent' }
          return { _tag: fits.right ? 'RefreshTokenGenuine' : 'RefreshTokenForged' }
        })
      ),
    ChangeGrant: ({ grantId, event }) =>
      pipe(
        changeGrant(grantKey(grantId), event),
        Task.map((change): TokenEvent => {
          if (Either.isLeft(change)) return { _tag: 'StoreSilent', refusal: change.left }
          return change.right._tag === 'NotFound'
            ? { _tag: 'GrantNotFound' }
            : { _tag: 'GrantChanged', commands: change.right.commands }
        })
      ),
    AskWhetherOnline: ({ user, grantId }) =>
      pipe(
        ports.users.isOnline(user, grantId),
        Task.map((answer): TokenEvent =>
          Either.isLeft(answer) ? { _tag: 'UsersSilent' } : { _tag: 'OnlineKnown', isOnline: answer.right })
      ),
    MakeTokens: makeTokens(workshop)
  }
}

/** The answer to a call that came to its end, and what the log is told. */
const answerTo = (
  policy: SmartPolicy,
  request: PlainRequest,
  ended: Either.Either<Refusal, TokenState>
): { readonly told: Told; readonly response: PlainResponse } => {
  const challenge = request.headers['authorization'] !== undefined
  if (Either.isLeft(ended)) return { told: refusedBecause(ended.left), response: refusalJson(ended.left, challenge) }
  switch (ended.right._tag) {
    case 'Answered':
      return {
        told: { decision: 'TokensIssued', ...ended.right.asked, refusal: null },
        response: tokenResponseJson(policy.specVersion, ended.right.response)
      }
    case 'Refused': {
      const { asked, refusal } = ended.right
      return {
        told: refusedBecause(refusal, asked.clientId, asked.grantId),
        response: refusalJson(refusal, challenge)
      }
    }
    case 'AuthenticatingClient':
    case 'DigestingCode':
    case 'VerifyingRefreshToken':
    case 'ChangingGrant':
    case 'AskingWhetherOnline':
    case 'MakingTokens': {
      const refusal: Refusal = {
        _tag: 'EventUnexpected',
        machine: tokenRequestMachine.name,
        state: ended.right._tag,
        event: 'the end'
      }
      return { told: refusedBecause(refusal), response: refusalJson(refusal) }
    }
  }
}

/** Answers a request to the token endpoint. */
export const token =
  (workshop: Workshop) =>
  (request: PlainRequest): Task.Task<PlainResponse> => {
    const { ports, policy } = workshop
    const parameters = readTokenParameters(request)
    if (Either.isLeft(parameters)) return tell(ports, refusedBecause(parameters.left), refusalJson(parameters.left))
    const runMachine = run(tokenRequestMachine, handlersOf(workshop, request))
    return pipe(
      Task.fromIO(() => ({ now: ports.clock.now(), attempt: identifierOf(ports.random.token()) })),
      Task.chain((call) => runMachine(beginTokenRequest(parameters.right, call))),
      Task.chain((ended) => {
        const { told, response } = answerTo(policy, request, ended)
        return tell(ports, told, response)
      })
    )
  }
