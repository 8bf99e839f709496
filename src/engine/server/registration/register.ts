/**
 * Dynamic client registration: the registration endpoint.
 *
 * Source: RFC 7591, section 3; RFC 7592, section 2.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { refusedEntry, recordAudit } from '../audit.js'
import { bearerTokenOf } from '../bearer-token.js'
import { insertRecord, openRecord } from '../../compare-and-swap.js'
import type { ServerContext } from '../context.js'
import { clientKey, originKey } from '../store-keys.js'
import { identifierOf } from '../context.js'
import { openingOnly } from '../../../protocol/scope-policy/usable-scopes.js'
import { originsOf } from '../../../protocol/client/cors.js'
import type { PlainRequest, PlainResponse } from '../../../protocol/http/message.js'
import { json } from '../../../protocol/http/message.js'
import type { Refusal } from '../../../protocol/errors/refusal.js'
import { bearerRefusalJson, refusalJson, refusalRow } from '../../../protocol/errors/refusal-table.js'
import { isRegistrableSize, registrableScopeSize } from '../../../protocol/client/registered-scope.js'
import { readRegistration } from '../../../protocol/registration/request.js'
import type { Registered } from '../../../protocol/client/stored-client.js'
import { metadataMembers, registrationJson } from '../../../protocol/client/stored-client.js'
import { intersect } from '../../../scopes/set-operations.js'
import { format } from '../../../scopes/format.js'
import { parse } from '../../../scopes/parse.js'
import { sameDigest } from '../../../values/secret.js'
import { below } from '../../../values/urls.js'
import { forever } from '../store-keys.js'
import { countRegistration, countKept } from './registration-count.js'

/**
 * The widest scope of a client that registers itself, without scopes that permit nothing. A client that names no scope
 * requests all that such clients may have.
 */
export const registrableScope = (
  { offer, registration }: ServerContext,
  requestedScope: string
): Either.Either<Refusal, string> => {
  if (requestedScope === registration.defaultScope) return Either.right(requestedScope)
  const met = intersect(parse(requestedScope), registration.scope)
  return Either.isLeft(met) || !isRegistrableSize(met.right)
    ? Either.left({ _tag: 'ClientMetadataUnacceptable', member: 'scope', expected: registrableScopeSize })
    : Either.right(format(openingOnly(offer.side, met.right)))
}

/**
 * The client information response. A secret is returned only in the response that created it. Every response contains
 * the registration access token (RFC 7592, section 3): the server does not store it, but the request has just presented
 * it.
 */
export const registrationResponse = (
  { facts }: ServerContext,
  status: number,
  client: Registered,
  secret: string | null,
  managementToken: string
): PlainResponse =>
  json(status, {
    ...registrationJson(client),
    registration_client_uri: below(facts.registrationEndpoint, client.clientId),
    registration_access_token: managementToken,
    ...(secret === null ? {} : { client_secret: secret, client_secret_expires_at: 0 })
  })

/** Whether the request may register a client: always, or with an initial access token. */
const mayRegister = (
  { ports, registration }: ServerContext,
  request: PlainRequest
): TaskEither.TaskEither<Refusal, true> => {
  if (registration.mode === 'open') return TaskEither.right(true)
  return pipe(
    TaskEither.fromEither(bearerTokenOf(request)),
    TaskEither.chainTaskK(ports.keys.digest),
    TaskEither.filterOrElse(
      (digest) => registration.initialAccessTokenDigests.filter((known) => sameDigest(known, digest)).length > 0,
      (): Refusal => ({ _tag: 'AccessTokenUnknown' })
    ),
    TaskEither.map(() => true as const)
  )
}

/** Answers a request to the registration endpoint (RFC 7591, section 3). */
export const register =
  (serverContext: ServerContext) =>
  (request: PlainRequest): Task.Task<PlainResponse> => {
    const { ports, server } = serverContext
    if (request.method !== 'POST') {
      const refusal: Refusal = { _tag: 'MethodNotAllowed', allowed: 'POST' }
      return recordAudit(ports, refusedEntry(refusal), refusalJson(refusal))
    }
    return pipe(
      mayRegister(serverContext, request),
      TaskEither.chainEitherK(() => readRegistration(request, serverContext.registration)),
      TaskEither.bindTo('metadata'),
      TaskEither.bind('scope', ({ metadata }) =>
        TaskEither.fromEither(registrableScope(serverContext, metadata.scope))
      ),
      TaskEither.chainFirst(() => countRegistration(serverContext)),
      TaskEither.chainFirst(() => countKept(serverContext)),
      TaskEither.bind('fresh', () =>
        TaskEither.fromIO(() => ({
          now: ports.clock.now(),
          clientId: identifierOf(ports.random.token()),
          writeId: identifierOf(ports.random.token()),
          secret: ports.random.token(),
          managementToken: ports.random.token()
        }))
      ),
      TaskEither.bind('secretDigest', ({ fresh }) => TaskEither.fromTask(ports.keys.digest(fresh.secret))),
      TaskEither.bind('managementDigest', ({ fresh }) => TaskEither.fromTask(ports.keys.digest(fresh.managementToken))),
      TaskEither.chain(({ metadata, scope, fresh, secretDigest, managementDigest }) => {
        const hasSecret = metadata.tokenEndpointAuthMethod.startsWith('client_secret')
        const client: Registered = {
          _tag: 'Registered',
          clientId: fresh.clientId,
          writeId: fresh.writeId,
          recordExpiresAt: forever,
          issuedAt: fresh.now,
          hasInitialAccessToken: serverContext.registration.mode === 'token',
          ...metadataMembers(metadata),
          scope,
          secrets: hasSecret ? [{ digest: secretDigest, until: null }] : [],
          managementDigest
        }
        return pipe(
          // The origins are stored first. If the store fails between the two writes, no client is registered without
          // receiving its response.
          rememberOrigins(serverContext, originsOf(client)),
          TaskEither.chain(() => openRecord(ports.store)(clientKey(server, client.clientId), client)),
          TaskEither.map(() => ({
            clientId: client.clientId,
            response: registrationResponse(
              serverContext,
              201,
              client,
              hasSecret ? fresh.secret : null,
              fresh.managementToken
            )
          }))
        )
      }),
      Task.chain((answer) =>
        Either.isLeft(answer)
          ? recordAudit(ports, refusedEntry(answer.left), answerTo(answer.left))
          : recordAudit(
              ports,
              { decision: 'ClientRegistered', clientId: answer.right.clientId, grantId: null, refusal: null },
              answer.right.response
            )
      )
    )
  }

/** A refusal of a token is sent in the form of RFC 6750, every other one in that of RFC 7591, section 3.2.2. */
export const answerTo = (refusal: Refusal): PlainResponse =>
  refusalRow(refusal).challenge === 'Bearer' ? bearerRefusalJson(refusal) : refusalJson(refusal)

/**
 * Stores the origins of a client's pages, each under its own key, so that CORS can look them up. They are not deleted
 * with the client: another client may have the same origin. Anyone can register an origin, so it proves nothing; shared
 * data requires a token.
 */
export const rememberOrigins = (
  { ports, server }: ServerContext,
  origins: ReadonlyArray<string>
): TaskEither.TaskEither<Refusal, 'remembered'> =>
  pipe(
    origins,
    TaskEither.traverseSeqArray((origin) =>
      insertRecord(ports.store)(originKey(server, origin), { text: '1', recordExpiresAt: forever })
    ),
    TaskEither.map(() => 'remembered' as const)
  )
