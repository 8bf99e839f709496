/**
 * Dynamic registration: the registration endpoint, and the address at which a client manages what it registered.
 *
 * Source: RFC 7591, section 3; RFC 7592, section 2.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { refusedEntry, recordAudit } from '../audit.js'
import { bearerTokenOf } from '../bearer-token.js'
import { changeRecord, loadState, openRecord } from '../../compare-and-swap.js'
import type { Clients, Ports, PortError } from '../../ports.js'
import type { ServerName } from '../server-name.js'
import type { ServerContext } from '../settings.js'
import { clientKey, identifierOf, originKey, registeredKey, registrationsKey } from '../settings.js'
import type { RegistrationCommand, RegistrationEvent } from '../../../protocol/registration/registration.js'
import { clientRegistrationMachine } from '../../../protocol/registration/registration.js'
import { openingOnly } from '../../../protocol/scope-policy/opening.js'
import { isOrigin, originsOf } from '../../../protocol/client/cors.js'
import type { PlainRequest, PlainResponse } from '../../../protocol/http/message.js'
import { json } from '../../../protocol/http/message.js'
import type { Refusal } from '../../../protocol/errors/refusal.js'
import { bearerRefusalJson, refusalJson } from '../../../protocol/errors/refusal-table.js'
import { isRegistrableSize, registrableScopeSize } from '../../../protocol/client/registered-scope.js'
import { readRegistration, readReplacement } from '../../../protocol/registration/request.js'
import type { Registered } from '../../../protocol/client/stored-client.js'
import {
  asRegisteredClient,
  metadataMembers,
  registrationJson,
  StoredClientCodec
} from '../../../protocol/client/stored-client.js'
import { intersect } from '../../../scopes/set-operations.js'
import { format } from '../../../scopes/format.js'
import { parse } from '../../../scopes/parse.js'
import { limits } from '../../../values/limits/limits.js'
import { sameDigest } from '../../../values/secret.js'
import { below } from '../../../values/urls.js'

/** A registration is kept for ever: until the year 9999, which every store can write down. */
const forever = 253402300799

/**
 * What a client that registers itself may be granted at most, without scopes that open nothing. One that names no scope
 * asks for all that such clients may have.
 */
const registrableScope = ({ offer, registration }: ServerContext, asked: string): Either.Either<Refusal, string> => {
  if (asked === registration.defaultScope) return Either.right(asked)
  const met = intersect(parse(asked), registration.scope)
  return Either.isLeft(met) || !isRegistrableSize(met.right)
    ? Either.left({ _tag: 'ClientMetadataUnacceptable', member: 'scope', expected: registrableScopeSize })
    : Either.right(format(openingOnly(offer.side, met.right)))
}

/**
 * The answer that shows a registration; a secret is shown with the answer that made it, and never again. The token with
 * which the registration is managed is in every one (RFC 7592, section 3): it is not stored, but whoever asks has just
 * shown it.
 */
const shown = (
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

const secondsPerHour = 3600

/** A number in the store, and what is to become of it; `beyond` refuses. */
interface Count {
  readonly key: string
  readonly recordExpiresAt: number
  readonly change: (count: number) => Either.Either<Refusal, number>
}

const count =
  (
    { ports: { store } }: ServerContext,
    { key, recordExpiresAt, change }: Count
  ): TaskEither.TaskEither<Refusal, 'counted'> =>
  async () => {
    // Who loses here lost to one that counted, so that there is an end to it.
    for (let losses = 0; losses <= limits.registrationLosses.standard; losses++) {
      const found = await store.load(key)()
      if (Either.isLeft(found)) return Either.left({ _tag: 'StoreUnavailable' })
      const next = change(Option.isSome(found.right) ? Number(found.right.value.text) : 0)
      if (Either.isLeft(next)) return next
      const version = Option.isSome(found.right) ? Option.some(found.right.value.version) : Option.none
      const swapped = await store.swap(key, version, String(next.right), recordExpiresAt)()
      if (Either.isLeft(swapped)) return Either.left({ _tag: 'StoreUnavailable' })
      if (swapped.right === 'won') return Either.right('counted')
    }
    return Either.left({ _tag: 'StoreContended' })
  }

/** One more, within a limit. */
const oneMore =
  (limit: number, retryAfterSeconds: number) =>
  (counted: number): Either.Either<Refusal, number> =>
    counted < limit
      ? Either.right(counted + 1)
      : Either.left({ _tag: 'RegistrationsTooMany', limit, retryAfterSeconds })

/**
 * Counts a registration of this hour; refuses it when there were as many as the settings allow, so that what strangers
 * can store grows no faster.
 */
const countRegistration = (serverContext: ServerContext): TaskEither.TaskEither<Refusal, 'counted'> => {
  const {
    ports,
    server,
    registration: { limitPerHour }
  } = serverContext
  return async () => {
    const now = ports.clock.now()
    const hour = Math.floor(now / secondsPerHour)
    const endsAt = (hour + 1) * secondsPerHour
    return count(serverContext, {
      key: registrationsKey(server, hour),
      recordExpiresAt: endsAt,
      change: oneMore(limitPerHour, endsAt - now)
    })()
  }
}

/** Counts a client for which nobody has vouched, so that what strangers can store has an end. */
const countKept = (serverContext: ServerContext): TaskEither.TaskEither<Refusal, 'counted'> => {
  const {
    server,
    registration: { limitKept, mode }
  } = serverContext
  return mode === 'open'
    ? count(serverContext, {
        key: registeredKey(server),
        recordExpiresAt: forever,
        change: oneMore(limitKept, secondsPerHour)
      })
    : TaskEither.right('counted')
}

/** A client is gone. Where that cannot be counted, one place stays taken: the client is gone all the same. */
const countRemoved = (serverContext: ServerContext): Task.Task<unknown> =>
  count(serverContext, {
    key: registeredKey(serverContext.server),
    recordExpiresAt: forever,
    change: (kept) => Either.right(Math.max(0, kept - 1))
  })

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
          // First the origins: if the store fails between the two, nobody is registered who does not know it.
          rememberOrigins(serverContext, originsOf(client)),
          TaskEither.chain(() => openRecord(ports.store)(clientKey(server, client.clientId), client)),
          TaskEither.map(() => ({
            clientId: client.clientId,
            response: shown(serverContext, 201, client, hasSecret ? fresh.secret : null, fresh.managementToken)
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

/** A refusal of a token is said as resource servers say it; everything else as RFC 7591, section 3.2.2, does. */
const answerTo = (refusal: Refusal): PlainResponse =>
  refusal._tag.startsWith('AccessToken') || refusal._tag === 'RegistrationTokenDiffers'
    ? bearerRefusalJson(refusal)
    : refusalJson(refusal)

/**
 * The origins of a client's pages, each under a key of its own, so that CORS can be asked about them. They outlast the
 * client: another may have the same, and an origin that anybody could register proves nothing; what is shared with it
 * takes a token.
 */
const rememberOrigins = (
  { ports, server }: ServerContext,
  origins: ReadonlyArray<string>
): TaskEither.TaskEither<Refusal, 'remembered'> =>
  pipe(
    origins,
    TaskEither.traverseSeqArray((origin) => ports.store.swap(originKey(server, origin), Option.none, '1', forever)),
    TaskEither.bimap(
      (): Refusal => ({ _tag: 'StoreUnavailable' }),
      () => 'remembered' as const
    )
  )

/** Origins that a replacement brings and nobody had before are kept for ever too: they count like a registration. */
const rememberMoreOrigins = (
  serverContext: ServerContext,
  origins: ReadonlyArray<string>
): TaskEither.TaskEither<Refusal, 'remembered'> => {
  const { ports, server } = serverContext
  return pipe(
    origins,
    TaskEither.traverseSeqArray((origin) => ports.store.load(originKey(server, origin))),
    TaskEither.mapLeft((): Refusal => ({ _tag: 'StoreUnavailable' })),
    TaskEither.chain((found) =>
      found.every(Option.isSome)
        ? TaskEither.right('remembered')
        : pipe(
            countRegistration(serverContext),
            TaskEither.chain(() => rememberOrigins(serverContext, origins))
          )
    )
  )
}

const eventOf = (
  serverContext: ServerContext,
  request: PlainRequest,
  clientId: string,
  managed: { readonly now: number; readonly writeId: string; readonly managementDigest: string },
  secretDigest: string
): TaskEither.TaskEither<Refusal, RegistrationEvent> => {
  switch (request.method) {
    case 'GET':
      return TaskEither.right({ _tag: 'RegistrationRead', ...managed })
    case 'DELETE':
      return TaskEither.right({ _tag: 'RemovalRequested', ...managed })
    case 'PUT':
      return pipe(
        TaskEither.fromEither(readReplacement(request, clientId, serverContext.registration)),
        TaskEither.bind('scope', ({ metadata }) =>
          TaskEither.fromEither(registrableScope(serverContext, metadata.scope))
        ),
        TaskEither.bind('presentedSecretDigest', ({ presentedSecret }) =>
          TaskEither.fromTask(
            presentedSecret === null ? Task.of(null) : serverContext.ports.keys.digest(presentedSecret)
          )
        ),
        // Before the change: once that is stored, nothing may fail that would keep a fresh secret from being shown.
        TaskEither.chainFirst(({ metadata }) => rememberMoreOrigins(serverContext, originsOf(metadata))),
        TaskEither.map(({ metadata, scope, presentedSecretDigest }): RegistrationEvent => ({
          _tag: 'MetadataReplaced',
          ...managed,
          metadata,
          scope,
          secretDigest,
          presentedSecretDigest
        }))
      )
    default:
      return TaskEither.left({ _tag: 'MethodNotAllowed', allowed: 'GET, PUT, DELETE' })
  }
}

/** What was done, in the words of the log. */
const decisionOf = (method: string): 'RegistrationRead' | 'RegistrationChanged' | 'RegistrationRemoved' =>
  method === 'GET' ? 'RegistrationRead' : method === 'PUT' ? 'RegistrationChanged' : 'RegistrationRemoved'

/** What the machine answers to the holder of the token. */
type Done = Exclude<RegistrationCommand, { readonly _tag: 'Refuse' }>

const responseOf = (serverContext: ServerContext, command: Done, secret: string, token: string): PlainResponse => {
  if (command._tag === 'ShowRegistration')
    return shown(serverContext, 200, command.client, command.withSecret ? secret : null, token)
  const { 'content-type': _type, ...headers } = json(204, '').headers
  return { status: 204, headers, body: '' }
}

/** Answers a request of a client about its own registration (RFC 7592, section 2). */
export const manageRegistration =
  (serverContext: ServerContext) =>
  (clientId: string) =>
  (request: PlainRequest): Task.Task<PlainResponse> => {
    const { ports, server } = serverContext
    const change = changeRecord(ports.store, StoredClientCodec, clientRegistrationMachine)
    const perform = (event: RegistrationEvent): TaskEither.TaskEither<Refusal, Done> =>
      pipe(
        change(clientKey(server, clientId), event),
        TaskEither.chainEitherK((changed): Either.Either<Refusal, Done> => {
          const command = changed._tag === 'Changed' ? changed.commands[0] : undefined
          if (command === undefined) return Either.left({ _tag: 'RegistrationTokenDiffers' })
          return command._tag === 'Refuse' ? Either.left(command.refusal) : Either.right(command)
        })
      )
    return pipe(
      TaskEither.fromEither(bearerTokenOf(request)),
      TaskEither.bindTo('token'),
      TaskEither.bind('managementDigest', ({ token }) => TaskEither.fromTask(ports.keys.digest(token))),
      TaskEither.bind('fresh', () =>
        TaskEither.fromIO(() => ({
          now: ports.clock.now(),
          writeId: identifierOf(ports.random.token()),
          secret: ports.random.token()
        }))
      ),
      TaskEither.bind('secretDigest', ({ fresh }) => TaskEither.fromTask(ports.keys.digest(fresh.secret))),
      TaskEither.chain(({ token, managementDigest, fresh, secretDigest }) => {
        const { secret, ...eventContext } = fresh
        const managed = { ...eventContext, managementDigest }
        return pipe(
          // Who does not hold the token learns nothing about what it sends, either.
          request.method === 'PUT'
            ? TaskEither.map(() => null)(perform({ _tag: 'RegistrationRead', ...managed }))
            : TaskEither.right(null),
          TaskEither.chain(() => eventOf(serverContext, request, clientId, managed, secretDigest)),
          TaskEither.chain(perform),
          TaskEither.chainFirstTaskK((command) =>
            command._tag === 'ConfirmRemoval' && !command.hasInitialAccessToken
              ? countRemoved(serverContext)
              : Task.of(null)
          ),
          TaskEither.map((command) => responseOf(serverContext, command, secret, token))
        )
      }),
      Task.chain((answer) =>
        Either.isLeft(answer)
          ? recordAudit(ports, refusedEntry(answer.left, clientId), answerTo(answer.left))
          : recordAudit(
              ports,
              { decision: decisionOf(request.method), clientId, grantId: null, refusal: null },
              answer.right
            )
      )
    )
  }

/** Gives a client a new secret; the old one stays good for `overlapSeconds`. The answer is the secret, shown once. */
export const rotateSecret =
  (serverContext: ServerContext) =>
  (clientId: string, overlapSeconds: number): TaskEither.TaskEither<Refusal, string> => {
    const { ports, server } = serverContext
    return pipe(
      TaskEither.fromIO<{ now: number; writeId: string; secret: string }, Refusal>(() => ({
        now: ports.clock.now(),
        writeId: identifierOf(ports.random.token()),
        secret: ports.random.token()
      })),
      TaskEither.bind('secretDigest', ({ secret }) => TaskEither.fromTask(ports.keys.digest(secret))),
      TaskEither.chain(({ now, writeId, secret, secretDigest }) =>
        pipe(
          changeRecord(
            ports.store,
            StoredClientCodec,
            clientRegistrationMachine
          )(clientKey(server, clientId), {
            _tag: 'SecretRotated',
            now,
            writeId,
            secretDigest,
            overlapSeconds
          }),
          TaskEither.chainEitherK((changed): Either.Either<Refusal, string> => {
            const command = changed._tag === 'Changed' ? changed.commands[0] : undefined
            if (command?._tag === 'ShowRegistration') return Either.right(secret)
            return Either.left(command?._tag === 'Refuse' ? command.refusal : { _tag: 'ClientUnknown', clientId })
          })
        )
      ),
      Task.chain((rotated) =>
        recordAudit(
          ports,
          Either.isLeft(rotated)
            ? refusedEntry(rotated.left, clientId)
            : { decision: 'SecretRotated', clientId, grantId: null, refusal: null },
          rotated
        )
      )
    )
  }

/** Whether an id can be one that was given to a client here: what strangers invent is not looked for. */
const isOwnId = (clientId: string): boolean => /^[A-Za-z0-9_-]{22}$/.test(clientId)

const unavailable = (): PortError => ({ _tag: 'Unavailable', reason: 'the store did not answer' })

/** The register of clients that registered themselves at one server, behind those that the host knows. */
export const withStoredClients = (
  server: ServerName,
  { clients: known, clock, store }: Pick<Ports, 'clients' | 'clock' | 'store'>
): Clients => ({
  find: (clientId) =>
    pipe(
      known.find(clientId),
      TaskEither.chain((found) =>
        Option.isSome(found) || !isOwnId(clientId)
          ? TaskEither.right(found)
          : pipe(
              loadState(store, StoredClientCodec)(clientKey(server, clientId)),
              TaskEither.bimap(
                unavailable,
                Option.chain(({ state }) =>
                  state._tag === 'Registered' ? Option.some(asRegisteredClient(state, clock.now())) : Option.none
                )
              )
            )
      )
    ),
  isRegisteredOrigin: (origin) =>
    pipe(
      known.isRegisteredOrigin(origin),
      TaskEither.chain((isKnown) =>
        isKnown || !isOrigin(origin)
          ? TaskEither.right(isKnown)
          : pipe(store.load(originKey(server, origin)), TaskEither.bimap(unavailable, Option.isSome))
      )
    )
})
