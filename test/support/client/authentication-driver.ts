/** Runs the client-authentication machine with immediate answers, and records its commands. */
import { sha256 } from '../server-fixture.js'
import type { AssertionFacts } from '../../../src/protocol/client/assertion-rules.js'
import type {
  AuthenticationCommand,
  AuthenticationEvent,
  AuthenticationState
} from '../../../src/protocol/client/authentication-state.js'
import { beginAuthentication, clientAuthenticationMachine } from '../../../src/protocol/client/authentication.js'
import { step } from '../../../src/protocol/machine/machine.js'
import type { RegisteredClient } from '../../../src/protocol/client/client.js'
import type { Credentials } from '../../../src/protocol/client/credentials.js'
import type { Jwk } from '../../../src/protocol/jwt/jwk.js'

/** What the world answers. */
export interface Answers {
  readonly clients: ReadonlyArray<RegisteredClient>
  /** Whether a signature fits. */
  readonly verify: (key: Jwk | null, alg: string, text: string) => boolean
  readonly keysAt?: (url: string, isFresh: boolean) => ReadonlyArray<Jwk>
  /** Digests of the assertions that were remembered; is added to. */
  readonly seen?: Set<string>
}

const answer = ({ clients, verify, keysAt, seen }: Answers, command: AuthenticationCommand): AuthenticationEvent => {
  switch (command._tag) {
    case 'FindClient': {
      const client = clients.find(({ clientId }) => clientId === command.clientId)
      return client === undefined ? { _tag: 'ClientNotFound' } : { _tag: 'ClientFound', client }
    }
    case 'DigestSecrets':
      return { _tag: 'SecretDigested', digests: command.secrets.map(sha256) }
    case 'FetchKeys':
      return keysAt === undefined
        ? { _tag: 'KeysNotFetched', reason: 'no net' }
        : { _tag: 'KeysFetched', keys: keysAt(command.url, command.isFresh) }
    case 'VerifySignature':
      return verify(command.key, command.alg, command.text)
        ? { _tag: 'SignatureVerified', digest: sha256(command.named) }
        : { _tag: 'SignatureWrong' }
    case 'RememberAssertion': {
      if (seen?.has(command.digest) === true) return { _tag: 'AssertionSeenBefore' }
      seen?.add(command.digest)
      return { _tag: 'AssertionRemembered' }
    }
  }
}

/** The state in which it ended, and every command on the way. */
export interface Driven {
  readonly ended: AuthenticationState
  readonly commands: ReadonlyArray<AuthenticationCommand>
}

/** Runs the machine to its end. */
export const drive = (
  settings: AssertionFacts['settings'],
  credentials: Credentials,
  now: number,
  answers: Answers
): Driven => {
  const perform = step(clientAuthenticationMachine(settings))
  const commands: Array<AuthenticationCommand> = []
  let current = beginAuthentication(settings, credentials, now)
  for (;;) {
    const { command } = current
    if (command === null) return { ended: current.state, commands }
    commands.push(command)
    const next = perform(current.state, answer(answers, command))
    if (next._tag === 'Left') throw new Error(JSON.stringify(next.left))
    current = next.right
  }
}
