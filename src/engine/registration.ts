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
import { refusedBecause, tell } from './audit.js'
import { bearerTokenOf } from './bearer.js'
import { changeRecord, loadState, openRecord } from './change.js'
import type { Clients, Clock, Silence, Store } from './ports.js'
import type { Workshop } from './settings.js'
import { clientKey, identifierOf, originKey, registrationsKey } from './settings.js'
import type { RegistrationCommand, RegistrationEvent } from '../machines/client-registration.js'
import { clientRegistrationMachine } from '../machines/client-registration.js'
import { originsOf } from '../messages/cors.js'
import type { PlainRequest, PlainResponse } from '../messages/http.js'
import { json } from '../messages/http.js'
import type { Refusal } from '../messages/refusal.js'
import { bearerRefusalJson, refusalJson } from '../messages/refusal-table.js'
import { readRegistration, readReplacement } from '../messages/registration-request.js'
import type { Registered } from '../messages/stored-client.js'
import { asRegisteredClient, metadataMembers, registrationJson, StoredClientCodec } from '../messages/stored-client.js'
import { intersect } from '../scopes/combine.js'
import { format } from '../scopes/format.js'
import { parse } from '../scopes/parse.js'
import { sameDigest } from '../values/secret.js'
import { below } from '../values/urls.js'

/** A registration is kept for ever: until the year 9999, which every store can write down. */
const forever = 253402300799

/** What a client that registers itself may be granted at most; without a scope everything that such clients may have. */
const registrableScope = ({ registration }: Workshop, asked: string): Either.Either<Refusal, string> => {
  if (asked === '') return Either.right(format(registration.scope))
  const met = intersect(parse(asked), registration.scope)
  return Either.isLeft(met) ? Either.left({ _tag: 'ScopeTooComplex' }) : Either.right(format(met.right))
}

/** The answer that shows a registration; a secret is shown with the answer that made it, and never again. */
const shown = (
  { facts }: Workshop,
  status: number,
  client: Registered,
  secret: string | null,
  managementToken: string | null
): PlainResponse =>
  json(status, {
    ...registrationJson(client),
    registration_client_uri: below(facts.registrationEndpoint, client.clientId),
    ...(managementToken === null ? {} : { registration_access_token: managementToken }),
    ...(secret === null ? {} : { client_secret: secret, client_secret_expires_at: 0 })
  })

/** Whether the request may register a client: always, or with an initial access token. */
const mayRegister = ({ ports, registration }: Workshop, request: PlainRequest): TaskEither.TaskEither<Refusal, true> => {
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

/** How often the counting may lose to another registration. */
const countingLimit = 8

/** Counts a registration of this hour; refuses it when there were as many as the settings allow. The store's size is bounded so. */
const countRegistration = ({ ports, registration: { limitPerHour } }: Workshop): TaskEither.TaskEither<Refusal, 'counted'> =>
  async () => {
    const hour = Math.floor(ports.clock.now() / secondsPerHour)
    const key = registrationsKey(hour)
    for (let tries = 0; tries < countingLimit; tries++) {
      const found = await ports.store.load(key)()
      if (Either.isLeft(found)) return Either.left({ _tag: 'StoreUnavailable' })
      const count = Option.isSome(found.right) ? Number(found.right.value.text) : 0
      if (!(count < limitPerHour)) return Either.left({ _tag: 'RegistrationsTooMany', limit: limitPerHour })
      const version = Option.isSome(found.right) ? Option.some(found.right.value.version) : Option.none
      const swapped = await ports.store.swap(key, version, String(count + 1), (hour + 1) * secondsPerHour)()
      if (Either.isLeft(swapped)) return Either.left({ _tag: 'StoreUnavailable' })
      if (swapped.right === 'won') return Either.right('counted')
    }
    return Either.left({ _tag: 'StoreContended' })
  }

/** Answers a request to the registration endpoint (RFC 7591, section 3). */
export const register =
  (workshop: Workshop) =>
  (request: PlainRequest): Task.Task<PlainResponse> => {
    const { ports } = workshop
    if (request.method !== 'POST') return Task.of(refusalJson({ _tag: 'MethodNotAllowed', allowed: 'POST' }))
    return pipe(
      mayRegister(workshop, request),
      TaskEither.chainEitherK(() => readRegistration(request, workshop.registration)),
      TaskEither.bindTo('metadata'),
      TaskEither.bind('scope', ({ metadata }) => TaskEither.fromEither(registrableScope(workshop, metadata.scope))),
      TaskEither.chainFirst(() => countRegistration(workshop)),
      TaskEither.bind('fresh', () => TaskEither.fromIO(() => ({
        now: ports.clock.now(),
        clientId: identifierOf(ports.random.token()),
        attempt: identifierOf(ports.random.token()),
        secret: ports.random.token(),
        managementToken: ports.random.token()
      }))),
      TaskEither.bind('secretDigest', ({ fresh }) => TaskEither.fromTask(ports.keys.digest(fresh.secret))),
      TaskEither.bind('managementDigest', ({ fresh }) => TaskEither.fromTask(ports.keys.digest(fresh.managementToken))),
      TaskEither.chain(({ metadata, scope, fresh, secretDigest, managementDigest }) => {
        const hasSecret = metadata.tokenEndpointAuthMethod.startsWith('client_secret')
        const client: Registered = {
          _tag: 'Registered',
          clientId: fresh.clientId,
          attempt: fresh.attempt,
          keepUntil: forever,
          issuedAt: fresh.now,
          ...metadataMembers(metadata),
          scope,
          secrets: hasSecret ? [{ digest: secretDigest, until: null }] : [],
          managementDigest
        }
        return pipe(
          openRecord(ports.store)(clientKey(client.clientId), client),
          TaskEither.chain(() => rememberOrigins(ports.store, client, fresh.now)),
          TaskEither.map(() => ({
            clientId: client.clientId,
            response: shown(workshop, 201, client, hasSecret ? fresh.secret : null, fresh.managementToken)
          }))
        )
      }),
      Task.chain((answer) =>
        Either.isLeft(answer)
          ? tell(ports, refusedBecause(answer.left), answerTo(answer.left))
          : tell(ports, { decision: 'ClientRegistered', clientId: answer.right.clientId, grantId: null, refusal: null }, answer.right.response))
    )
  }

/** A refusal of a token is said as resource servers say it; everything else as RFC 7591, section 3.2.2, does. */
const answerTo = (refusal: Refusal): PlainResponse =>
  refusal._tag.startsWith('AccessToken') || refusal._tag === 'RegistrationTokenDiffers' ? bearerRefusalJson(refusal) : refusalJson(refusal)

/** The origins of a client's pages, each under a key of its own, so that CORS can be asked about them. */
const rememberOrigins = (store: Store, client: Registered, now: number): TaskEither.TaskEither<Refusal, 'remembered'> =>
  pipe(
    originsOf(asRegisteredClient(client, now)),
    TaskEither.traverseSeqArray((origin) => store.swap(originKey(origin), Option.none, '1', forever)),
    TaskEither.bimap((): Refusal => ({ _tag: 'StoreUnavailable' }), () => 'remembered' as const)
  )

const eventOf = (
  workshop: Workshop,
  request: PlainRequest,
  clientId: string,
  managed: { readonly now: number; readonly attempt: string; readonly managementDigest: string },
  secretDigest: string
): TaskEither.TaskEither<Refusal, RegistrationEvent> => {
  switch (request.method) {
    case 'GET':
      return TaskEither.right({ _tag: 'RegistrationRead', ...managed })
    case 'DELETE':
      return TaskEither.right({ _tag: 'RemovalAsked', ...managed })
    case 'PUT':
      return pipe(
        TaskEither.fromEither(readReplacement(request, clientId, workshop.registration)),
        TaskEither.bind('scope', ({ metadata }) => TaskEither.fromEither(registrableScope(workshop, metadata.scope))),
        TaskEither.bind('presentedSecretDigest', ({ presentedSecret }) =>
          TaskEither.fromTask(presentedSecret === null ? Task.of(null) : workshop.ports.keys.digest(presentedSecret))),
        TaskEither.map(({ metadata, scope, presentedSecretDigest }): RegistrationEvent =>
          ({ _tag: 'MetadataReplaced', ...managed, metadata, scope, secretDigest, presentedSecretDigest }))
      )
    default:
      return TaskEither.left({ _tag: 'MethodNotAllowed', allowed: 'GET, PUT, DELETE' })
  }
}

const responseOf = (workshop: Workshop, command: RegistrationCommand | undefined, secret: string): Either.Either<Refusal, PlainResponse> => {
  switch (command?._tag) {
    case 'ShowRegistration':
      return Either.right(shown(workshop, 200, command.client, command.withSecret ? secret : null, null))
    case 'ConfirmRemoval':
      return Either.right({ ...json(204, ''), body: '' })
    case 'Refuse':
      return Either.left(command.refusal)
    case undefined:
      return Either.left({ _tag: 'RegistrationTokenDiffers' })
  }
}

/** Answers a request of a client about its own registration (RFC 7592, section 2). */
export const manageRegistration =
  (workshop: Workshop) =>
  (clientId: string) =>
  (request: PlainRequest): Task.Task<PlainResponse> => {
    const { ports } = workshop
    const change = changeRecord(ports.store, StoredClientCodec, clientRegistrationMachine)
    return pipe(
      TaskEither.fromEither(bearerTokenOf(request)),
      TaskEither.chainTaskK(ports.keys.digest),
      TaskEither.bindTo('managementDigest'),
      TaskEither.bind('fresh', () => TaskEither.fromIO(() => ({
        now: ports.clock.now(), attempt: identifierOf(ports.random.token()), secret: ports.random.token()
      }))),
      TaskEither.bind('secretDigest', ({ fresh }) => TaskEither.fromTask(ports.keys.digest(fresh.secret))),
      TaskEither.chain(({ managementDigest, fresh, secretDigest }) => {
        const { secret, ...occurrence } = fresh
        return pipe(
          eventOf(workshop, request, clientId, { ...occurrence, managementDigest }, secretDigest),
          TaskEither.chain((event) => change(clientKey(clientId), event)),
          TaskEither.chainEitherK((changed) =>
            responseOf(workshop, changed._tag === 'Changed' ? changed.commands[0] : undefined, secret))
        )
      }),
      Task.chain((answer) =>
        Either.isLeft(answer)
          ? tell(ports, refusedBecause(answer.left, clientId), answerTo(answer.left))
          : tell(ports, { decision: 'RegistrationChanged', clientId, grantId: null, refusal: null }, answer.right))
    )
  }

/** Gives a client a new secret; the old one stays good for `overlapSeconds`. The answer is the secret, shown once. */
export const rotateSecret =
  (workshop: Workshop) =>
  (clientId: string, overlapSeconds: number): TaskEither.TaskEither<Refusal, string> => {
    const { ports } = workshop
    return pipe(
      TaskEither.fromIO<{ now: number; attempt: string; secret: string }, Refusal>(() => ({
        now: ports.clock.now(), attempt: identifierOf(ports.random.token()), secret: ports.random.token()
      })),
      TaskEither.bind('secretDigest', ({ secret }) => TaskEither.fromTask(ports.keys.digest(secret))),
      TaskEither.chain(({ now, attempt, secret, secretDigest }) =>
        pipe(
          changeRecord(ports.store, StoredClientCodec, clientRegistrationMachine)(clientKey(clientId), {
            _tag: 'SecretRotated', now, attempt, secretDigest, overlapSeconds
          }),
          TaskEither.chainEitherK((changed): Either.Either<Refusal, string> => {
            const command = changed._tag === 'Changed' ? changed.commands[0] : undefined
            if (command?._tag === 'ShowRegistration') return Either.right(secret)
            return Either.left(command?._tag === 'Refuse' ? command.refusal : { _tag: 'ClientUnknown', clientId })
          })
        ))
    )
  }

const silence = (): Silence => ({ _tag: 'Silence', reason: 'the store did not answer' })

/** The register of clients that registered themselves, behind those that the host knows. */
export const withStoredClients = (store: Store, clock: Clock, known: Clients): Clients => ({
  find: (clientId) =>
    pipe(
      known.find(clientId),
      TaskEither.chain((found) =>
        Option.isSome(found)
          ? TaskEither.right(found)
          : pipe(
              loadState(store, StoredClientCodec)(clientKey(clientId)),
              TaskEither.bimap(silence, Option.chain(({ state }) =>
                state._tag === 'Registered' ? Option.some(asRegisteredClient(state, clock.now())) : Option.none))
            ))
    ),
  isRegisteredOrigin: (origin) =>
    pipe(
      known.isRegisteredOrigin(origin),
      TaskEither.chain((isKnown) =>
        isKnown ? TaskEither.right(true) : pipe(store.load(originKey(origin)), TaskEither.bimap(silence, Option.isSome)))
    )
})
