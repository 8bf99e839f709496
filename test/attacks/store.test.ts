import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { expect } from 'vitest'
import type { AttackRow, Variant } from './row.js'
import { attackGroup } from './row.js'
import { crashes } from './store-crashes.js'
import { allClients, asserted, withCallers } from '../support/server/callers.js'
import type { Change, Fixture, FixtureOptions } from '../support/server-fixture.js'
import {
  bodyOf,
  clients,
  exchange,
  isAlive,
  issuer,
  newFixture,
  obtainCode,
  refresh
} from '../support/server-fixture.js'
import { post, present } from '../support/server-fixture.js'
import { memoryClients } from '../../src/adapters/memory-clients.js'
import { memoryStore } from '../../src/adapters/stores/memory-store.js'
import type { Store, StoreError } from '../../src/engine/ports.js'
import { authorizationServer } from '../../src/engine/server/authorization-server.js'
import type { ServerSettings } from '../../src/engine/server/settings.js'
import type { PlainResponse } from '../../src/protocol/http/message.js'

const variant = (name: string, run: (fixture: Fixture) => Promise<void>): Variant => ({ name, run })

/** The case is executed elsewhere, under its id: where the engine is that it needs. */
const elsewhere = (id: string, file: string): Variant => ({
  name: `is executed in ${file}`,
  run: () => {
    expect(readFileSync(join(import.meta.dirname, '..', '..', file), 'utf8')).toMatch(
      new RegExp(`(?:it|describe)\\S*\\(\\s*['\`]${id} `)
    )
  }
})

const onEngines = { once: 'the engine is real' }

const failed = (applied: StoreError['applied']): StoreError => ({ _tag: 'Unavailable', applied })

/** The statuses of a redemption now, and of two more. */
const codeIsUsableOnce = async (fixture: Fixture, code: string): Promise<void> => {
  expect((await exchange(fixture, code)).status).toBe(200)
  expect((await exchange(fixture, code)).status).toBe(400)
}

/** A store that fails while it is silent. */
const silenceable = (failing: (memory: Store) => Store) => {
  const state = { isSilent: false }
  const options: FixtureOptions = {
    store: (memory) => {
      const silent = failing(memory)
      return {
        load: (key) => (state.isSilent ? silent : memory).load(key),
        swap: (...write) => (state.isSilent ? silent : memory).swap(...write)
      }
    }
  }
  return { state, options }
}

const timesOut = (name: string, failing: (memory: Store) => Store): Variant => ({
  name,
  run: async () => {
    const { state, options } = silenceable(failing)
    const fixture = newFixture(options)
    const code = await obtainCode(fixture)
    state.isSilent = true
    const response = await exchange(fixture, code)
    expect([response.status, bodyOf(response)['error']]).toEqual([503, 'temporarily_unavailable'])
    state.isSilent = false
    await codeIsUsableOnce(fixture, code)
  }
})

/** Delivers every write twice, and gives the answer to the second delivery. */
const delivering =
  (isIdempotent: boolean) =>
  (memory: Store): Store => ({
    load: memory.load,
    swap:
      (...write) =>
      async () => {
        const first = await memory.swap(...write)()
        if (Either.isLeft(first) || first.right === 'lost') return first
        // An idempotent statement recognizes its own version; another one finds a version that it did not expect.
        return isIdempotent ? first : memory.swap(...write)()
      }
  })

const backendRequest = (fixture: Fixture, assertion: Change): Promise<PlainResponse> =>
  fixture.server.endpoints.token(
    post('/token', present({ grant_type: 'client_credentials', scope: 'system/Observation.rs', ...assertion }))
  )()

const jumps: ReadonlyArray<readonly [name: string, seconds: number]> = [
  ['an hour ahead and back', 3600],
  ['an hour back and ahead', -3600],
  ['five minutes ahead on another process', 300],
  ['five minutes back on another process', -300]
]

/** What is used or over stays so while the clock is elsewhere, and afterwards. */
const clockJump = ([name, seconds]: (typeof jumps)[number]): Variant =>
  variant(name, async (fixture) => {
    const used = asserted(fixture, 'backend', `${issuer}/token`)
    expect((await backendRequest(fixture, used)).status).toBe(200)
    const code = await obtainCode(fixture)
    const first = await exchange(fixture, code)
    const old = String(bodyOf(first)['refresh_token'])
    const token = String(bodyOf(await refresh(fixture, old))['access_token'])
    const late = await obtainCode(fixture)
    fixture.clock.now += 60
    expect((await exchange(fixture, late)).status).toBe(400)
    fixture.clock.now += seconds
    expect((await backendRequest(fixture, used)).status).toBe(401)
    expect((await exchange(fixture, late)).status).toBe(400)
    expect((await exchange(fixture, code)).status).toBe(400)
    fixture.clock.now -= seconds
    expect((await backendRequest(fixture, used)).status).toBe(401)
    expect((await exchange(fixture, late)).status).toBe(400)
    expect((await refresh(fixture, old)).status).toBe(400)
    expect(await isAlive(fixture, token)).toBe(false)
  })

/** A backup is taken, things happen, and the store is restored from the backup. */
const restored = async (
  restoredAt: number | undefined
): Promise<{ readonly code: PlainResponse; readonly refresh: PlainResponse; readonly assertion: PlainResponse }> => {
  const fixture = newFixture(withCallers())
  const code = await obtainCode(fixture)
  const first = await exchange(fixture, await obtainCode(fixture))
  const token = String(bodyOf(first)['refresh_token'])
  const assertion = asserted(fixture, 'backend', `${issuer}/token`)
  const backup = fixture.memory.entries()
  expect((await exchange(fixture, code)).status).toBe(200)
  expect((await refresh(fixture, token)).status).toBe(200)
  expect((await backendRequest(fixture, assertion)).status).toBe(200)
  const memory = memoryStore({ now: () => fixture.clock.now })
  for (const [key, text] of backup) await memory.swap(key, Option.none, text, fixture.clock.now + 1000)()
  const settings: ServerSettings = {
    issuer,
    fhirBaseUrl: fixture.server.facts.fhirBaseUrl,
    ...(restoredAt === undefined ? {} : { restoredAt })
  }
  const built = authorizationServer(settings, { ...fixture.ports, store: memory })
  if (Either.isLeft(built)) throw new Error(JSON.stringify(built.left))
  const after: Fixture = { ...fixture, server: built.right, memory }
  return {
    code: await exchange(after, code),
    refresh: await refresh(after, token),
    assertion: await backendRequest(after, assertion)
  }
}

const hostile = [
  'a:b',
  '*',
  '{tag}',
  '%00',
  'é\u0301',
  '../..',
  "'; DROP TABLE x; --",
  'x'.repeat(255),
  '[1]',
  '$1',
  'grant:'
]

const hostileExpiries: ReadonlyArray<unknown> = [0, -1, 1e308, 2 ** 53 + 2, 1300.5, '1300', null]

/** The keys and expiries that reach the store while hostile texts are presented. */
const writtenFor = async (fixture: Fixture, act: (fixture: Fixture) => Promise<void>) => {
  const written: Array<readonly [key: string, expiresAt: number]> = []
  const built = authorizationServer(
    { issuer, fhirBaseUrl: fixture.server.facts.fhirBaseUrl },
    {
      ...fixture.ports,
      store: {
        load: fixture.ports.store.load,
        swap: (key, expected, text, expiresAt) => {
          written.push([key, expiresAt])
          return fixture.ports.store.swap(key, expected, text, expiresAt)
        }
      }
    }
  )
  if (Either.isLeft(built)) throw new Error(JSON.stringify(built.left))
  await act({ ...fixture, server: built.right })
  return written
}

const rows: ReadonlyArray<AttackRow> = [
  {
    id: 'STO-01',
    once: 'each variant makes its own world, whose store fails',
    variants: [
      timesOut('a load', (memory) => ({ ...memory, load: () => () => Promise.resolve(Either.left(failed('no'))) })),
      timesOut('a swap that was refused', (memory) => ({
        load: memory.load,
        swap: () => () => Promise.resolve(Either.left(failed('no')))
      })),
      timesOut('a swap of unknown outcome that did nothing', (memory) => ({
        load: memory.load,
        swap: () => () => Promise.resolve(Either.left(failed('unknown')))
      }))
    ]
  },
  {
    id: 'STO-03',
    once: 'each variant makes a world for each step',
    variants: [...crashes, elsewhere('STO-03', 'test/cluster/sqlite.test.ts')]
  },
  {
    id: 'STO-04',
    once: 'each variant makes its own world, whose store delivers twice',
    variants: [true, false].map((isIdempotent) => ({
      name: isIdempotent ? 'the statement recognizes its own write' : 'the second delivery finds another version',
      run: async () => {
        const begun = newFixture()
        const code = await obtainCode(begun)
        const built = authorizationServer(
          { issuer, fhirBaseUrl: begun.server.facts.fhirBaseUrl },
          { ...begun.ports, store: delivering(isIdempotent)(begun.memory) }
        )
        if (Either.isLeft(built)) throw new Error(JSON.stringify(built.left))
        const fixture = { ...begun, server: built.right }
        const statuses = [(await exchange(fixture, code)).status, (await exchange(fixture, code)).status]
        expect(statuses).toEqual(isIdempotent ? [200, 400] : [400, 400])
      }
    }))
  },
  { id: 'STO-05', fixture: withCallers(), variants: jumps.map(clockJump) },
  { id: 'STO-06', ...onEngines, variants: [elsewhere('STO-06', 'test/cluster/redis.test.ts')] },
  { id: 'STO-07', ...onEngines, variants: [elsewhere('STO-07', 'test/cluster/redis.test.ts')] },
  { id: 'STO-08', ...onEngines, variants: [elsewhere('STO-08', 'test/cluster/redis.test.ts')] },
  { id: 'STO-11', ...onEngines, variants: [elsewhere('STO-11', 'test/cluster/postgres.test.ts')] },
  { id: 'STO-12', ...onEngines, variants: [elsewhere('STO-12', 'test/cluster/postgres.test.ts')] },
  {
    id: 'STO-15',
    once: 'the variant makes a backup and restores it',
    variants: [
      {
        name: 'the operator set restoredAt',
        run: async () => {
          const { code, refresh: refreshed, assertion } = await restored(1000)
          expect([code.status, bodyOf(code)['error']]).toEqual([400, 'invalid_grant'])
          expect([refreshed.status, bodyOf(refreshed)['error']]).toEqual([400, 'invalid_grant'])
          expect([assertion.status, bodyOf(assertion)['error']]).toEqual([401, 'invalid_client'])
        }
      },
      {
        name: 'and without it everything would be accepted again, so the variant above shows something',
        run: async () => {
          const { code, refresh: refreshed, assertion } = await restored(undefined)
          expect([code.status, refreshed.status, assertion.status]).toEqual([200, 200, 200])
        }
      }
    ]
  },
  { id: 'STO-16', ...onEngines, variants: [elsewhere('STO-16', 'test/cluster/harness.test.ts')] },
  { id: 'STO-17', ...onEngines, variants: [elsewhere('STO-17', 'test/cluster/checkers.test.ts')] },
  {
    id: 'STO-18',
    fixture: withCallers(),
    variants: [
      ...hostile.map((jti) =>
        variant(`jti ${jti.slice(0, 20)}`, async (fixture) => {
          const written = await writtenFor(fixture, async (watched) => {
            await backendRequest(watched, asserted(watched, 'backend', `${issuer}/token`, { jti }))
          })
          const keys = written.map(([key]) => key)
          expect(keys.filter((key) => key.startsWith('jti:'))).toHaveLength(1)
          for (const key of keys) {
            expect(key).toMatch(/^(?:jti:[A-Za-z0-9_-]{43}|grant:https:\/\/\S+ https:\/\/\S+ [A-Za-z0-9_-]{22})$/)
          }
        })
      ),
      ...hostileExpiries.map((exp) =>
        variant(`exp ${JSON.stringify(exp)}`, async (fixture) => {
          const written = await writtenFor(fixture, async (watched) => {
            await backendRequest(watched, asserted(watched, 'backend', `${issuer}/token`, { exp }))
          })
          for (const [, expiresAt] of written) {
            expect(expiresAt).toBeGreaterThan(fixture.clock.now)
            expect(expiresAt).toBeLessThan(2 ** 53)
          }
        })
      ),
      variant('a client id that looks like a key', async (fixture) => {
        const named = clients.map((client) => ({ ...client, clientId: `grant:${client.clientId} *` }))
        const built = authorizationServer(
          { issuer, fhirBaseUrl: fixture.server.facts.fhirBaseUrl },
          { ...fixture.ports, clients: memoryClients([...allClients, ...named]) }
        )
        if (Either.isLeft(built)) throw new Error(JSON.stringify(built.left))
        const written = await writtenFor({ ...fixture, server: built.right }, async (watched) => {
          await obtainCode(watched)
        })
        for (const [key] of written) expect(key).not.toContain('*')
      })
    ]
  }
]

attackGroup({
  endpoint: 'store',
  rows,
  controls: [
    variant('a code is redeemed once, and its refresh token works', async (fixture) => {
      const code = await obtainCode(fixture)
      const response = await exchange(fixture, code)
      expect(response.status).toBe(200)
      expect((await refresh(fixture, String(bodyOf(response)['refresh_token']))).status).toBe(200)
    }),
    variant('a store that fails and recovers serves again', async () => {
      const { state, options } = silenceable((memory) => ({
        ...memory,
        load: () => () => Promise.resolve(Either.left(failed('no')))
      }))
      const fixture = newFixture(options)
      state.isSilent = true
      state.isSilent = false
      await codeIsUsableOnce(fixture, await obtainCode(fixture))
    })
  ]
})
