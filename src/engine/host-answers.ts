/**
 * What a host answers when its rights are asked about: a throw, a rejection and an answer of another form are silence.
 *
 * A port should do none of these. When one does, nothing may be decided by it, and no promise of the engine may reject.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Clients, Ports, Silence } from './ports.js'
import type { RegisteredClient } from '../messages/client.js'
import { ownData, ownMember, ownMembers } from '../values/own.js'

type Answers = TaskEither<Silence, unknown>

const silence = (reason: string): Either.Either<Silence, never> => Either.left({ _tag: 'Silence', reason })

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Asks, and hears an answer of the right form only. */
const heard = <Answer>(ask: () => Answers, isAnswer: (answer: unknown) => answer is Answer): TaskEither<Silence, Answer> =>
  async () => {
    try {
      const told: unknown = await ask()()
      if (!isObject(told) || !('_tag' in told)) return silence('the answer has no form')
      if (told._tag === 'Left') return silence('left' in told && isObject(told.left) && 'reason' in told.left ? String(told.left.reason) : 'no reason')
      return 'right' in told && isAnswer(told.right) ? Either.right(told.right) : silence('the answer has another form')
    } catch (error) {
      return silence(error instanceof Error ? error.message : 'the port threw')
    }
  }

const isBoolean = (answer: unknown): answer is boolean => typeof answer === 'boolean'

const isList = (answer: unknown): answer is ReadonlyArray<never> => Array.isArray(answer)

const isClientOrNone = (answer: unknown): answer is Option.Option<RegisteredClient> =>
  isObject(answer) && '_tag' in answer && (answer._tag === 'None' || (answer._tag === 'Some' && 'value' in answer && isObject(answer.value)))

const isPermitted = (answer: unknown): answer is 'endGrant' | ReadonlyArray<never> =>
  answer === 'endGrant' ||
  (Array.isArray(answer) && answer.every((scope: unknown) => isObject(scope) && 'text' in scope && typeof scope.text === 'string'))

/** A client is what the host says of it and nothing that it inherits. */
const ownClient = (client: RegisteredClient): RegisteredClient => {
  const keys = ownMember(client, 'keys')
  return ownMembers({ ...client, ...(keys === undefined ? {} : { keys: ownData(keys) }) })
}

/** A register that answers, with clients that inherit nothing. */
export const heardClients = (clients: Clients): Clients => ({
  find: (clientId) => {
    const found = heard(() => clients.find(clientId), isClientOrNone)
    return async () => Either.map(Option.map(ownClient))(await found())
  },
  isRegisteredOrigin: (origin) => heard(() => clients.isRegisteredOrigin(origin), isBoolean)
})

/** The ports that say what somebody may, each of which answers in its form or is silent. */
export const heardPorts = (ports: Ports): Ports => ({
  ...ports,
  clientKeys: { keysAt: (url, isFresh, signal) => heard(() => ports.clientKeys.keysAt(url, isFresh, signal), isList) },
  accessPolicy: {
    permittedScopes: (user, client, requested) => heard(() => ports.accessPolicy.permittedScopes(user, client, requested), isPermitted)
  },
  users: { isOnline: (user, grantId) => heard(() => ports.users.isOnline(user, grantId), isBoolean) }
})
