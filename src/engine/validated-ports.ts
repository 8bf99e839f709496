/**
 * Validates what the ports return: a throw, a rejection or a value of the wrong form counts as a failure of the port.
 *
 * A correct port does none of these. If one does, no decision may depend on its value, and no promise of the engine may
 * reject. If the type of the port has a failure, that failure is returned. Otherwise (clock, random values, digest,
 * pause) the exception continues to {@link answeredAnyway}, which gives the operation of the engine a result. The
 * engine does not wait for the audit log, and the log's failures change no response.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { Task } from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type {
  Audit,
  ClientKeys,
  Clients,
  Clock,
  FhirServer,
  Keys,
  PageLinks,
  Ports,
  Random,
  PortError,
  Store,
  StoredRecord,
  StoreError
} from './ports.js'
import { portUnavailable } from './ports.js'
import type { RegisteredClient } from '../protocol/client/client.js'
import type { PlainResponse } from '../protocol/http/message.js'
import type { Jwk } from '../protocol/jwt/jwk.js'
import { ownData, ownMember, ownMembers } from '../values/own.js'

/** The reason of a failure, for the log. */
export const thrownReason = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : 'the port threw')

/** Runs a task; if a port without a failure type failed in it, returns another value. */
export const answeredAnyway =
  <Answer>(work: () => Task<Answer>, instead: (reason: string) => Answer): Task<Answer> =>
  async () => {
    try {
      return await work()()
    } catch (thrown) {
      return instead(thrownReason(thrown))
    }
  }

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Makes the failure of a port from the reason, and from the failure that the host returned, if there is one. */
type Failing<Failure> = (reason: string, failure: object) => Failure

/** The write may have taken effect unless the store says that it did not. */
const storeUnavailable: Failing<StoreError> = (_reason, failure) => ({
  _tag: 'Unavailable',
  applied: 'applied' in failure && failure.applied === 'no' ? 'no' : 'unknown'
})

/** Calls a port and accepts only values of the right form. */
const validatedBy =
  <Failure>(failing: Failing<Failure>) =>
  <Answer>(
    ask: () => TaskEither.TaskEither<unknown, unknown>,
    isAnswer: (answer: unknown) => answer is Answer
  ): TaskEither.TaskEither<Failure, Answer> =>
  async () => {
    const fail = (reason: string, failure: object = {}) => Either.left(failing(reason, failure))
    try {
      const answered: unknown = await ask()()
      if (!isObject(answered) || !('_tag' in answered)) return fail('the answer has no form')
      if (answered._tag === 'Left') {
        const left = 'left' in answered && isObject(answered.left) ? answered.left : {}
        return fail('reason' in left ? String(left.reason) : 'no reason', left)
      }
      return 'right' in answered && isAnswer(answered.right)
        ? Either.right(answered.right)
        : fail('the answer has another form')
    } catch (thrown) {
      return fail(thrownReason(thrown))
    }
  }

export const validated = validatedBy(portUnavailable)

export const isBoolean = (answer: unknown): answer is boolean => typeof answer === 'boolean'

export const isText = (answer: unknown): answer is string => typeof answer === 'string' && answer !== ''

const isKeys = (answer: unknown): answer is ReadonlyArray<Jwk> => Array.isArray(answer) && answer.every(isObject)

const isOption =
  <Value>(isValue: (value: unknown) => value is Value) =>
  (answer: unknown): answer is Option.Option<Value> =>
    isObject(answer) &&
    '_tag' in answer &&
    (answer._tag === 'None' || (answer._tag === 'Some' && 'value' in answer && isValue(answer.value)))

const isAnything = (value: unknown): value is unknown => value !== undefined

const isClient = (value: unknown): value is RegisteredClient =>
  isObject(value) && 'clientId' in value && typeof value.clientId === 'string'

const isRecord = (value: unknown): value is StoredRecord =>
  isObject(value) &&
  'version' in value &&
  typeof value.version === 'string' &&
  'text' in value &&
  typeof value.text === 'string'

const isExchange = (answer: unknown): answer is 'won' | 'lost' => answer === 'won' || answer === 'lost'

const isPermitted = (answer: unknown): answer is 'endGrant' | ReadonlyArray<never> =>
  answer === 'endGrant' ||
  (Array.isArray(answer) &&
    answer.every((scope: unknown) => isObject(scope) && 'text' in scope && typeof scope.text === 'string'))

export const isResponse = (answer: unknown): answer is PlainResponse =>
  isObject(answer) &&
  'status' in answer &&
  Number.isInteger(answer.status) &&
  'headers' in answer &&
  isObject(answer.headers) &&
  'body' in answer &&
  typeof answer.body === 'string'

/** The own members of a client; inherited ones do not count. */
const ownClient = (client: RegisteredClient): RegisteredClient => {
  const keys = ownMember(client, 'keys')
  return ownMembers({ ...client, ...(keys === undefined ? {} : { keys: ownData(keys) }) })
}

/**
 * Compares the client id exactly. A case-insensitive registry may return a client whose id differs in case: that counts
 * as not found. Any other client counts as a failure.
 */
const sameClient =
  (clientId: string) =>
  (found: Option.Option<RegisteredClient>): Either.Either<PortError, Option.Option<RegisteredClient>> => {
    if (Option.isNone(found) || found.value.clientId === clientId) return Either.right(Option.map(ownClient)(found))
    return found.value.clientId.toLowerCase() === clientId.toLowerCase()
      ? Either.right(Option.none)
      : Either.left(portUnavailable('the register gave another client'))
  }

/** The client registry, with exact ids and clients without inherited members. */
export const validatedClients = (clients: Clients): Clients => ({
  find: (clientId) => {
    const found = validated(() => clients.find(clientId), isOption(isClient))
    return async () => Either.chain(sameClient(clientId))(await found())
  },
  isRegisteredOrigin: (origin) => validated(() => clients.isRegisteredOrigin(origin), isBoolean)
})

export const validatedStore = (store: Store): Store => {
  const validatedOf = validatedBy(storeUnavailable)
  return {
    load: (key) => validatedOf(() => store.load(key), isOption(isRecord)),
    swap: (key, expected, text, expiresAt) => validatedOf(() => store.swap(key, expected, text, expiresAt), isExchange)
  }
}

/** A value of the right form; throws for any other value, because the port has no failure type. */
const formed = <Value>(value: unknown, isValue: (value: unknown) => value is Value, what: string): Value => {
  if (!isValue(value)) throw new Error(`${what} gave no value of its form`)
  return value
}

const isTime = (value: unknown): value is number => Number.isFinite(value)

/** 256 bits as base64url, or more. */
const isToken = (value: unknown): value is string => typeof value === 'string' && /^[A-Za-z0-9_-]{43,}$/.test(value)

export const validatedClock = (clock: Clock): Clock => ({ now: () => formed(clock.now(), isTime, 'the clock') })

export const validatedRandom = (random: Random): Random => ({ token: () => formed(random.token(), isToken, 'chance') })

export const validatedDigest =
  (keys: Pick<Keys, 'digest'>): Keys['digest'] =>
  (text) =>
  async () =>
    formed(await keys.digest(text)(), isText, 'a digest')

const validatedKeys = (keys: Keys): Keys & Required<Pick<Keys, 'scryptDigest'>> => ({
  digest: validatedDigest(keys),
  scryptDigest: (secret, known) =>
    validated(
      () => keys.scryptDigest?.(secret, known) ?? TaskEither.left(portUnavailable('these keys know no scrypt')),
      isText
    ),
  mac: (covered) => validated(() => keys.mac(covered), isText),
  verifyMac: (keyId, covered, mac) => validated(() => keys.verifyMac(keyId, covered, mac), isBoolean),
  signIdToken: (claims) => validated(() => keys.signIdToken(claims), isText),
  signAccessToken: (claims) => validated(() => keys.signAccessToken(claims), isText),
  verifyAccessToken: (token) => validated(() => keys.verifyAccessToken(token), isOption(isAnything)),
  publicKeys: validated(() => keys.publicKeys, isKeys),
  verifyAssertion: (key, alg, text) => validated(() => keys.verifyAssertion(key, alg, text), isBoolean)
})

const validatedClientKeys = (clientKeys: ClientKeys): ClientKeys => ({
  keysAt: (url, isFresh, signal) => validated(() => clientKeys.keysAt(url, isFresh, signal), isKeys)
})

/** The audit log, without waiting for it. It never changes a response, and its rejections are handled. */
const validatedAudit = (audit: Audit): Audit => ({
  record: (event) => () => {
    try {
      const record: () => unknown = audit.record(event)
      const answered = record()
      if (isObject(answered)) Promise.resolve(answered).catch(() => undefined)
    } catch {
      // The decision is stored already, so its response is returned.
    }
  }
})

/** The ports, each of which returns values of the right form or fails as its type says. */
export const validatedPorts = (ports: Ports): Ports => ({
  store: validatedStore(ports.store),
  clients: validatedClients(ports.clients),
  clientKeys: validatedClientKeys(ports.clientKeys),
  clock: validatedClock(ports.clock),
  random: validatedRandom(ports.random),
  keys: validatedKeys(ports.keys),
  accessPolicy: {
    permittedScopes: (user, client, requested) =>
      validated(() => ports.accessPolicy.permittedScopes(user, client, requested), isPermitted)
  },
  users: { isOnline: (user, grantId) => validated(() => ports.users.isOnline(user, grantId), isBoolean) },
  audit: validatedAudit(ports.audit)
})

/** An upstream FHIR server that answers or is unavailable. */
export const validatedFhirServer = (server: FhirServer): FhirServer => ({
  answer: (request) => validated(() => server.answer(request), isResponse)
})

const isString = (answer: unknown): answer is string => typeof answer === 'string'

/** Page links that are texts or unavailable. */
export const validatedPageLinks = (links: PageLinks): PageLinks => ({
  seal: (text, bound) => validated(() => links.seal(text, bound), isText),
  open: (encrypted, bound) => validated(() => links.open(encrypted, bound), isOption(isString))
})
