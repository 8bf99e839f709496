import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { ShownLimit } from './shown.js'
import { alice, authorize, clients, get, newFixture, redirected } from '../support/server-fixture.js'
import type { Change } from '../support/server-fixture.js'
import { memoryClients } from '../../src/adapters/memory-clients.js'
import { memoryStore } from '../../src/adapters/stores/memory-store.js'
import { sessionCookie, sessionsIn } from '../../src/simulator/host/sessions.js'
import { checkUser } from '../../src/protocol/launch/user-rules.js'
import { parse } from '../../src/scopes/parse.js'
import { limits } from '../../src/values/limits/limits.js'

/** The outcome of a request: `within` if it is stored and the conversation begins. */
const requested = async (change: Change): Promise<string> => {
  const scope = change['scope'] ?? ''
  const fixture = newFixture({
    ports: {
      clients: memoryClients(clients.map((client) => ({ ...client, scope: [...client.scope, ...parse(scope)] })))
    }
  })
  const conversation = await authorize(fixture, change)
  return conversation._tag === 'NeedsUser'
    ? 'within'
    : (redirected(conversation)?.get('error_description') ?? conversation._tag)
}

const userWith = (change: object): string =>
  Either.isRight(checkUser({ ...alice, ...change }, 2000)) ? 'within' : 'refused'

/** Whether the first of many records is still known when the others take up so many bytes. */
const firstAfter =
  (textLength: number, kind = 'grant', tag = 'AwaitingUser') =>
  async (bytes: number): Promise<string> => {
    const store = memoryStore({ now: () => 0 })
    const text = (key: string): string =>
      `{"_tag":"${tag}","key":"${key}"${' '.repeat(textLength)}`.slice(0, textLength - 1) + '}'
    for (let at = 0; (at + 1) * (textLength + 512) <= bytes; at++) {
      await store.swap(`${kind}:${String(at)}`, Option.none, text(String(at)), 100)()
    }
    const found = await store.load(`${kind}:0`)()
    return Either.isRight(found) && Option.isSome(found.right) ? 'within' : 'forgotten'
  }

const pendingRow = (limit: 'smallPendingRequests' | 'largePendingRequests', textLength: number): ShownLimit => ({
  limit,
  sizes: [limits[limit].default, limits[limit].default + textLength + 512],
  run: firstAfter(textLength),
  peerResponse: 'forgotten'
})

/** Sessions with predictable values, and how their answers are read. */
const sessionsAt = (now: () => number) => {
  let generated = 0
  const random = (): string => `value-${String(generated++)}`
  const sessions = sessionsIn('ehr', { store: memoryStore({ now }), random, clock: { now } })
  const start = async (id: string): Promise<string> => {
    const started = await sessions.start(get('/'), { username: 'alice', authTime: 0, id })()
    return Either.isRight(started) ? started.right : ''
  }
  const answered = async (value: string): Promise<string> => {
    const found = await sessions.of(get('/', '', { cookie: `${sessionCookie}=${value}` }))()
    return Either.isRight(found) && found.right !== null ? 'within' : 'signed out'
  }
  return { start, answered }
}

/** A session of alice, some seconds after her sign-in, with a request of her browser every `every` seconds. */
const sessionAfter =
  (every: number) =>
  async (seconds: number): Promise<string> => {
    const clock = { at: 0 }
    const { start, answered } = sessionsAt(() => clock.at)
    const value = await start('session')
    for (clock.at = every; clock.at < seconds; clock.at += every) await answered(value)
    clock.at = seconds - 1
    return answered(value)
  }

/** The bounds of what one authorization request, its user and all that wait for a user may take up. */
export const authorizationLimits: ReadonlyArray<ShownLimit> = [
  {
    limit: 'authorizationState',
    run: (length) => requested({ state: 's'.repeat(length) }),
    peerResponse: 'The state is too long.'
  },
  {
    limit: 'authorizationNonce',
    run: (length) => requested({ nonce: 'n'.repeat(length) }),
    peerResponse: 'The nonce is too long.'
  },
  {
    limit: 'grantedScope',
    run: (length) => requested({ scope: `__${'s'.repeat(length - 2)}` }),
    peerResponse: 'The scopes are longer than this server keeps.'
  },
  {
    limit: 'userIdentifier',
    run: (length) => Promise.resolve(userWith({ sub: 'a'.repeat(length) })),
    peerResponse: 'refused'
  },
  {
    limit: 'sessionIdentifier',
    run: (length) => Promise.resolve(userWith({ sessionId: 'a'.repeat(length) })),
    peerResponse: 'refused'
  },
  pendingRow('smallPendingRequests', 3584),
  pendingRow('largePendingRequests', 15872),
  {
    limit: 'backendGrants',
    sizes: [limits.backendGrants.default, limits.backendGrants.default + 7680 + 512],
    run: firstAfter(7680, 'grant', 'Backend'),
    peerResponse: 'forgotten'
  },
  {
    limit: 'keptLaunches',
    sizes: [limits.keptLaunches.default, limits.keptLaunches.default + 1536 + 512],
    run: firstAfter(1536, 'launch', 'Offered'),
    peerResponse: 'forgotten'
  },
  {
    limit: 'simulatorSessions',
    run: async (count) => {
      const { start, answered } = sessionsAt(() => 0)
      const first = await start('session-0')
      for (let begun = 1; begun < count; begun++) await start(`session-${String(begun)}`)
      return answered(first)
    },
    peerResponse: 'signed out'
  },
  { limit: 'simulatorSessionIdle', run: sessionAfter(1_000_000), peerResponse: 'signed out' },
  { limit: 'simulatorSessionLife', run: sessionAfter(600), peerResponse: 'signed out' }
]
