/**
 * Converts plain ports to the engine's ports. Exceptions become failures of the port; answers of another form pass
 * through, because the engine validates every answer of a port (`validated-ports.ts`).
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { memoryClients } from '../adapters/memory-clients.js'
import type {
  AccessPolicy,
  ClientKeys,
  Clients,
  FhirServer,
  Keys,
  PortError,
  Store,
  StoreError,
  Users
} from '../engine/ports.js'
import { portUnavailable } from '../engine/ports.js'
import { thrownReason } from '../engine/validated-ports.js'
import { fhirUpstream } from '../adapters/fhir-upstream.js'
import type { RegisteredClient } from '../protocol/client/client.js'
import type { PlainRequest } from '../protocol/http/message.js'
import { parse } from '../scopes/parse.js'
import type { ScopeSet } from '../scopes/scope.js'
import { format } from '../scopes/format.js'
import { ownMember } from '../values/own.js'
import { isPlainClient, memberOf, valueInWords } from './options-check.js'
import type { ScopeInput } from './scopes/scope-input.js'
import type { Awaitable } from './result.js'
import type { PlainClient, PlainClients, PlainFhirServer, PlainKeys, PlainStore, ServerPorts } from './ports.js'

/** Calls a function of the host; left with the reason when it throws or rejects. */
export const calling =
  <Answer>(call: () => Awaitable<Answer>): TaskEither.TaskEither<PortError, Answer> =>
  async () => {
    try {
      return Either.right(await call())
    } catch (thrown) {
      return Either.left(portUnavailable(thrownReason(thrown)))
    }
  }

/** The form of an answer: in words, and as a check. */
type AnswerForm = readonly [expected: string, isRight: (answer: unknown) => boolean]

const anyForm: AnswerForm = ['', () => true]
const booleanForm: AnswerForm = ['true or false', (answer) => typeof answer === 'boolean']

const recordForm: AnswerForm = [
  'null, or an object with the texts `version` and `text`',
  (answer) => answer === null || ['version', 'text'].every((name) => typeof memberOf(answer, name) === 'string')
]

const swapForm: AnswerForm = ["'won' or 'lost'", (answer) => answer === 'won' || answer === 'lost']

const clientForm: AnswerForm = [
  'null, or a client with clientId, redirectUris, scope and tokenEndpointAuthMethod',
  (answer) => answer === null || answer === undefined || isPlainClient(answer)
]

const permittedForm: AnswerForm = [
  'a text of scopes, parsed scopes, or { endGrant: true }',
  (answer) =>
    typeof answer === 'string' ||
    (Array.isArray(answer) ? answer.every((scope) => typeof memberOf(scope, 'text') === 'string') : false) ||
    memberOf(answer, 'endGrant') !== undefined
]

/**
 * The answer of a function of the host. An exception, or an answer of another form, is written to the console: the peer
 * learns only that the server cannot answer now.
 */
export const answerOf = async <Answer>(
  name: string,
  call: () => Awaitable<Answer>,
  [expected, isRight]: AnswerForm = anyForm
): Promise<Answer> => {
  try {
    const answer: Answer = await call()
    if (!isRight(answer)) throw new Error(`expected ${expected}; found ${valueInWords(answer)}`)
    return answer
  } catch (thrown) {
    console.error(`smart-app-launch: the function \`${name}\` failed:`, thrown)
    throw thrown
  }
}

/** Calls a port of the host; left with the reason when it fails. */
const callingPort = <Answer>(
  name: string,
  call: () => Awaitable<Answer>,
  form: AnswerForm = anyForm
): TaskEither.TaskEither<PortError, Answer> => calling(() => answerOf(name, call, form))

/** The engine's own form of plain ports that were made from it: it is used instead of converting twice. */
const storesInside = new WeakMap<object, Store>()
const keysInside = new WeakMap<object, Keys>()

const storeFailure = (thrown: unknown): StoreError => ({
  _tag: 'Unavailable',
  applied:
    typeof thrown === 'object' &&
    thrown !== null &&
    ownMember(thrown as { readonly applied?: unknown }, 'applied') === 'no'
      ? 'no'
      : 'unknown'
})

/** The engine's form of a plain store. */
export const engineStore = (store: PlainStore): Store =>
  storesInside.get(store) ?? {
    load: (key) => async () => {
      try {
        // Only null says that there is no record: a forgotten `return` must not.
        return Either.right(Option.fromNullable(await answerOf('store.load', () => store.load(key), recordForm)))
      } catch (thrown) {
        return Either.left(storeFailure(thrown))
      }
    },
    swap: (key, expected, text, expiresAt) => async () => {
      try {
        return Either.right(
          await answerOf('store.swap', () => store.swap(key, Option.toNullable(expected), text, expiresAt), swapForm)
        )
      } catch (thrown) {
        return Either.left(storeFailure(thrown))
      }
    }
  }

/** What a plain store throws when the engine's store fails. */
const storeError = ({ applied, reason }: StoreError): Error =>
  Object.assign(new Error(reason === undefined ? 'the store is unavailable' : `the store is unavailable: ${reason}`), {
    applied
  })

/** The plain form of an engine store, with more members. */
export const plainStore = <More extends object>(store: Store, more: More): PlainStore & More => {
  const plain: PlainStore & More = Object.freeze({
    ...more,
    load: async (key: string) => {
      const found = await store.load(key)()
      if (Either.isLeft(found)) throw storeError(found.left)
      return Option.toNullable(found.right)
    },
    swap: async (key: string, expected: string | null, text: string, expiresAt: number) => {
      const swapped = await store.swap(key, Option.fromNullable(expected), text, expiresAt)()
      if (Either.isLeft(swapped)) throw storeError(swapped.left)
      return swapped.right
    }
  })
  storesInside.set(plain, store)
  return plain
}

/** Parsed scopes from text or from parsed scopes. */
export const scopesFrom = (scopes: ScopeInput): ScopeSet => (typeof scopes === 'string' ? parse(scopes) : scopes)

/** A client with all members, and its scope parsed. */
export const registeredClient = (client: PlainClient): RegisteredClient => ({
  clientName: client.clientId,
  launchUris: [],
  grantTypes: ['authorization_code', 'refresh_token'],
  secretDigests: [],
  applicationType: 'web',
  ...client,
  scope: scopesFrom(client.scope)
})

/** The engine's form of a client registry. */
export const engineClients = (clients: ReadonlyArray<PlainClient> | PlainClients): Clients => {
  if (isList(clients)) return memoryClients(clients.map(registeredClient))
  const origins = clients.isRegisteredOrigin?.bind(clients)
  let isNoticed = false
  const noOrigin = (origin: string): TaskEither.TaskEither<PortError, boolean> => {
    if (!isNoticed) {
      console.warn(
        `smart-app-launch: a page of ${origin.slice(0, 200)} sent a request, and \`clients\` has no function ` +
          '`isRegisteredOrigin`, so browsers let no page read the responses (CORS). ' +
          'It says whether a registered client has pages there.'
      )
    }
    isNoticed = true
    return TaskEither.right(false)
  }
  return {
    find: (clientId) =>
      TaskEither.map((found: PlainClient | null | undefined) =>
        Option.map(registeredClient)(Option.fromNullable(found))
      )(callingPort('clients.find', () => clients.find(clientId), clientForm)),
    isRegisteredOrigin: (origin) =>
      origins === undefined
        ? noOrigin(origin)
        : callingPort('clients.isRegisteredOrigin', () => origins(origin), booleanForm)
  }
}

const isList = (clients: ReadonlyArray<PlainClient> | PlainClients): clients is ReadonlyArray<PlainClient> =>
  Array.isArray(clients)

/** The engine's form of the access policy. */
export const engineAccessPolicy = (permittedScopes: ServerPorts['permittedScopes']): AccessPolicy => ({
  permittedScopes: (user, client, requested) =>
    calling(async () => {
      const ask = () => permittedScopes(user, client, format(requested))
      const permitted = await answerOf('permittedScopes', ask, permittedForm)
      if (typeof permitted === 'string') return parse(permitted)
      return 'endGrant' in permitted ? 'endGrant' : permitted
    })
})

/** The engine's form of the host's sessions. */
export const engineUsers = (isOnline: NonNullable<ServerPorts['isOnline']>): Users => ({
  isOnline: (user, grantId) => callingPort('isOnline', () => isOnline(user, grantId), booleanForm)
})

/** The engine's form of the keys that clients publish. */
export const engineClientKeys = (keysAt: NonNullable<ServerPorts['clientKeys']>): ClientKeys => ({
  keysAt: (url, isFresh, signal) => callingPort('clientKeys', () => keysAt(url, isFresh, signal))
})

/** The engine's form of keys that the host keeps elsewhere. */
export const engineKeys = (keys: PlainKeys): Keys =>
  keysInside.get(keys) ?? {
    digest: (text) => async () => keys.digest(text),
    ...(keys.scryptDigest === undefined
      ? {}
      : {
          scryptDigest: (secret, known) =>
            callingPort('keys.scryptDigest', async () => keys.scryptDigest?.(secret, known) ?? '')
        }),
    mac: (covered) => callingPort('keys.mac', () => keys.mac(covered)),
    verifyMac: (keyId, covered, mac) => callingPort('keys.verifyMac', () => keys.verifyMac(keyId, covered, mac)),
    signIdToken: (claims) => callingPort('keys.signIdToken', () => keys.signIdToken(claims)),
    signAccessToken: (claims) => callingPort('keys.signAccessToken', () => keys.signAccessToken(claims)),
    verifyAccessToken: (token) =>
      callingPort('keys.verifyAccessToken', async () => Option.fromNullable(await keys.verifyAccessToken(token))),
    publicKeys: callingPort('keys.publicKeys', () => keys.publicKeys()),
    verifyAssertion: (key, alg, text) => callingPort('keys.verifyAssertion', () => keys.verifyAssertion(key, alg, text))
  }

/** The value of a port, or an exception. */
export const orThrow = async <Value>(work: TaskEither.TaskEither<PortError, Value>): Promise<Value> => {
  const done = await work()
  if (Either.isLeft(done)) throw new Error(done.left.reason)
  return done.right
}

/** The plain form of the engine's keys. */
export const plainKeys = (keys: Keys): PlainKeys => {
  const plain: PlainKeys = Object.freeze({
    digest: (text: string) => keys.digest(text)(),
    scryptDigest: (secret: string, known: string) =>
      orThrow(keys.scryptDigest?.(secret, known) ?? TaskEither.left(portUnavailable('these keys know no scrypt'))),
    mac: (covered: (keyId: string) => string) => orThrow(keys.mac(covered)),
    verifyMac: (keyId: string, covered: string, mac: string) => orThrow(keys.verifyMac(keyId, covered, mac)),
    signIdToken: (claims: Parameters<PlainKeys['signIdToken']>[0]) => orThrow(keys.signIdToken(claims)),
    signAccessToken: (claims: Parameters<PlainKeys['signAccessToken']>[0]) => orThrow(keys.signAccessToken(claims)),
    verifyAccessToken: async (token: string) => Option.toNullable(await orThrow(keys.verifyAccessToken(token))),
    publicKeys: () => orThrow(keys.publicKeys),
    verifyAssertion: (key: Parameters<PlainKeys['verifyAssertion']>[0], alg: string, text: string) =>
      orThrow(keys.verifyAssertion(key, alg, text))
  })
  keysInside.set(plain, keys)
  return plain
}

/** The engine's form of a FHIR server: an address, or a function. */
export const engineFhirServer = (server: PlainFhirServer): FhirServer => {
  if (typeof server === 'string') return { answer: fhirUpstream(server) }
  const answer: FhirServer['answer'] = (request: PlainRequest) => calling(() => server(request))
  return { answer: server.base === undefined ? answer : Object.assign(answer, { base: server.base }) }
}
