/**
 * Runs client authentication against the ports: looks up the client, digests, verifies, and records assertions.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type * as Task from 'fp-ts/lib/Task.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { insertRecord } from '../compare-and-swap.js'
import { portUnavailable } from '../ports.js'
import type { Handlers } from '../run.js'
import { run } from '../run.js'
import type { ServerContext } from './context.js'
import { assertionKey } from './store-keys.js'
import type { AuthenticationCommand, AuthenticationEvent } from '../../protocol/client/authentication-state.js'
import { beginAuthentication, clientAuthenticationMachine } from '../../protocol/client/authentication.js'
import type { RegisteredClient } from '../../protocol/client/client.js'
import type { Credentials } from '../../protocol/client/credentials.js'
import { readCredentials } from '../../protocol/client/credentials.js'
import type { Parameters } from '../../protocol/http/form.js'
import { valueOf } from '../../protocol/http/form.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import { servedMethods } from '../../protocol/discovery/smart-configuration.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { detailedRefusalJson, refusalJson } from '../../protocol/errors/refusal-table.js'
import { readRefreshToken } from '../../protocol/token/opaque-token.js'
import { ownMember } from '../../values/own.js'
import type { EpochSeconds } from '../../values/time.js'
import { headerOf } from '../../protocol/http/message.js'

/** The results of a client lookup, as events. */
export type ClientEvent =
  | { readonly _tag: 'ClientFound'; readonly client: RegisteredClient }
  | { readonly _tag: 'ClientNotFound' }
  | { readonly _tag: 'ClientsUnavailable' }

/** Looks a client up. */
export const findClient =
  ({ ports }: ServerContext) =>
  ({ clientId }: { readonly clientId: string }): Task.Task<ClientEvent> =>
  async () => {
    const found = await ports.clients.find(clientId)()
    if (Either.isLeft(found)) return { _tag: 'ClientsUnavailable' }
    return Option.isSome(found.right) ? { _tag: 'ClientFound', client: found.right.value } : { _tag: 'ClientNotFound' }
  }

/** The client of the grant that a refresh token names. Whether the token is authentic is checked later. */
const clientOfToken =
  ({ grants }: ServerContext, parameters: Parameters): TaskEither.TaskEither<Refusal, Credentials> =>
  async () => {
    const refreshToken = readRefreshToken(valueOf(parameters, 'refresh_token') ?? '')
    if (Option.isNone(refreshToken)) return Either.left({ _tag: 'CredentialsMissing' })
    const found = await grants.load(refreshToken.value.facts.grantId)()
    if (Either.isLeft(found)) return found
    return Option.isSome(found.right)
      ? Either.right({ _tag: 'PublicClient', clientId: found.right.value.clientId })
      : Either.left({ _tag: 'GrantEnded' })
  }

/** The text that is stored for a used assertion. */
const used = '1'

const unavailable = Either.left(portUnavailable('these keys know no scrypt'))

/** Aborted when the client of a request disconnects; undefined if the host cannot tell. */
type Presence = AbortSignal | undefined

const handlersOf = (serverContext: ServerContext): Handlers<AuthenticationEvent, AuthenticationCommand, Presence> => {
  const { ports } = serverContext
  const insert = insertRecord(ports.store)
  return {
    FindClient: findClient(serverContext),
    DigestSecrets:
      ({ secrets, scrypt }) =>
      async () => {
        const digests = await Promise.all(secrets.map((secret) => ports.keys.digest(secret)()))
        for (const secret of secrets) {
          for (const known of scrypt) {
            const digest = (await ports.keys.scryptDigest?.(secret, known)()) ?? unavailable
            if (Either.isLeft(digest)) return { _tag: 'CryptographyUnavailable' }
            digests.push(digest.right)
          }
        }
        return { _tag: 'SecretDigested', digests }
      },
    FetchKeys:
      ({ url, isFresh }, signal) =>
      async () => {
        const keys = await ports.clientKeys.keysAt(url, isFresh, signal)()
        return Either.isLeft(keys)
          ? { _tag: 'KeysNotFetched', reason: keys.left.reason }
          : { _tag: 'KeysFetched', keys: keys.right }
      },
    VerifySignature:
      ({ key, alg, text, named }) =>
      async () => {
        const [fits, digest] = await Promise.all([
          ports.keys.verifyAssertion(key, alg, text)(),
          ports.keys.digest(named)()
        ])
        if (Either.isLeft(fits)) return { _tag: 'CryptographyUnavailable' }
        return fits.right ? { _tag: 'SignatureVerified', digest } : { _tag: 'SignatureWrong' }
      },
    RememberAssertion:
      ({ digest, until }) =>
      async () => {
        const swapped = await insert(assertionKey(digest), { text: used, recordExpiresAt: until })()
        // If the result of the write is unknown, the assertion is refused; the client makes a new one.
        if (Either.isLeft(swapped)) return { _tag: 'StoreUnavailable' }
        return { _tag: swapped.right === 'won' ? 'AssertionRemembered' : 'AssertionSeenBefore' }
      }
  }
}

/**
 * A refusal as the token, introspection and revocation endpoints send it. The policy chooses the status of a failed
 * assertion, and whether the response says why an authentication failed.
 */
export const refusalToClient = (policy: SmartPolicy, request: PlainRequest, refusal: Refusal): PlainResponse => {
  const response = policy.authenticationErrors === 'detailed' ? detailedRefusalJson(refusal) : refusalJson(refusal)
  const isOfAssertion =
    headerOf(request, 'authorization') === undefined && /(?:^|&)client_assertion=/.test(request.body)
  if (response.status !== 401 || policy.assertionFailureStatus !== '400' || !isOfAssertion) return response
  const { 'www-authenticate': _challenge, ...headers } = response.headers
  return { ...response, status: 400, headers }
}

/** A failed authentication. */
export interface Unauthenticated {
  readonly refusal: Refusal
  /** The registered client that the request names without authenticating, for the log; null when there is none. */
  readonly clientId: string | null
}

/** Authenticates the client of a request; left with the refusal. */
export const authenticateClient = (
  serverContext: ServerContext,
  calledEndpoint: string = serverContext.facts.tokenEndpoint
) => {
  const { facts, policy } = serverContext
  const settings = {
    policy,
    issuer: facts.issuer,
    tokenEndpoint: facts.tokenEndpoint,
    calledEndpoint,
    ...(facts.restoredAt === undefined ? {} : { restoredAt: facts.restoredAt }),
    algorithms: facts.assertionAlgorithms,
    methods: servedMethods(facts)
  }
  const authenticate = run(clientAuthenticationMachine(settings), handlersOf(serverContext))
  return (
      request: PlainRequest,
      parameters: Parameters,
      now: EpochSeconds
    ): TaskEither.TaskEither<Unauthenticated, RegisteredClient> =>
    async () => {
      const presented = readCredentials(request, parameters)
      // If the policy lets a public client refresh without `client_id`, the token determines the client.
      const isUnnamed =
        policy.publicRefreshClientId === 'optional' &&
        Either.isLeft(presented) &&
        presented.left._tag === 'CredentialsMissing'
      const credentials = isUnnamed ? await clientOfToken(serverContext, parameters)() : presented
      if (Either.isLeft(credentials)) return Either.left({ refusal: credentials.left, clientId: null })
      const ended = await authenticate(
        beginAuthentication(settings, credentials.right, now),
        ownMember(request, 'signal')
      )()
      if (Either.isLeft(ended)) return Either.left({ refusal: ended.left, clientId: null })
      return ended.right._tag === 'Authenticated'
        ? Either.right(ended.right.client)
        : Either.left({ refusal: ended.right.refusal, clientId: ended.right.clientId })
    }
}
