/**
 * Concurrent requests around one grant, in every schedule. The states that schedules share are visited once
 * (`states.ts`), and that this leaves nothing out is shown here on small meetings, where every schedule is played as
 * well.
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import { ask, assertion, assertionWorld } from '../support/client/assertions.js'
import type { Corruption } from '../support/schedules/grant-actors.js'
import type { Action } from '../support/schedules/grant-interleavings.js'
import { grantInterleaving, interleavingsOf } from '../support/schedules/grant-interleavings.js'
import { invariants } from '../support/schedules/invariants.js'
import type { Interleaving, ScheduledStore } from '../support/schedules/schedules.js'
import { everySchedule, scheduled } from '../support/schedules/schedules.js'
import { everyState } from '../support/schedules/states.js'
import { fhirBaseUrl, issuer, newFixture } from '../support/server-fixture.js'
import type { Store, StoredRecord } from '../../src/engine/ports.js'
import { authorizationServer } from '../../src/engine/server/authorization-server.js'
import type { PlainResponse } from '../../src/protocol/http/message.js'

const nameOf = (together: ReadonlyArray<Action>): string => together.join(', ')

/** What was complained of, without the schedule. */
const plain = (complaints: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...new Set(complaints.map((complaint) => complaint.replace(/ \(schedule [^)]*\)$/, '')))].toSorted()

/** A swap that looks at nothing but whether something is there. */
const careless = (store: Store): Store => ({
  ...store,
  swap: (key, expected, text, expiresAt) => async () => {
    const found = await store.load(key)()
    const version = Either.isRight(found) ? Option.map((one: StoredRecord) => one.version)(found.right) : Option.none
    return store.swap(key, Option.isNone(expected) ? expected : version, text, expiresAt)()
  }
})

/** A swap whose write is changed on its way, or left out though it is called won. */
const rewriting =
  (rewrite: (text: string) => string | null) =>
  (store: Store): Store => ({
    ...store,
    swap: (key, expected, text, expiresAt) => {
      const instead = rewrite(text)
      return instead === null
        ? () => Promise.resolve(Either.right('won' as const))
        : store.swap(key, expected, instead, expiresAt)
    }
  })

describe('every pair of acts on one grant, in every schedule', () => {
  it.each([0, 1, 2])('breaks no invariant with up to %i store faults', { timeout: 300_000 }, async (faults) => {
    let [schedules, states] = [0n, 0]
    for (const together of interleavingsOf(2)) {
      const found = await everyState(grantInterleaving(together), faults)
      expect(found.complaints, nameOf(together)).toEqual([])
      schedules += found.schedules
      states += found.states
    }
    console.log(
      `pairs, up to ${String(faults)} faults: ${String(interleavingsOf(2).length)} meetings, ${String(schedules)} ` +
        `schedules through ${String(states)} states, 0 violations`
    )
    expect(schedules).toBeGreaterThan([300n, 10_000n, 500_000n][faults] ?? 0n)
  })

  it('where a successor may be fetched again: one successor, with up to two faults', { timeout: 300_000 }, async () => {
    const found = await everyState(grantInterleaving(['refresh', 'refresh'], { policy: { reuseGraceSeconds: 10 } }), 2)
    console.log(
      `two refreshes with grace, up to 2 faults: ${String(found.schedules)} schedules, ` +
        `${String(found.complaints.length)} violations`
    )
    expect(found.complaints).toEqual([])
  })
})

describe('while the access policy is called', () => {
  it.each<readonly [ReadonlyArray<Action>]>([
    [['exchange', 'revoke']],
    [['exchange', 'replay']],
    [['refresh', 'revoke']],
    [['refresh', 'refresh']]
  ])('%j: the grant that was read before is not written if anything happened to it', async (together) => {
    const [requested, unqueried] = [
      await everySchedule(grantInterleaving(together), 0),
      await everySchedule(grantInterleaving(together, { policy: { accessPolicyChecks: 'atSignIn' } }), 0)
    ]
    // The grant is read once: the steps at the store are those of a request that calls no policy.
    expect(requested.schedules).toBe(unqueried.schedules)
    expect([...requested.complaints, ...unqueried.complaints]).toEqual([])
  })
})

describe('visiting each state once', () => {
  it.each<readonly [ReadonlyArray<Action>, number, Corruption]>([
    ...interleavingsOf(2).map((together) => [together, 0, {}] as const),
    [['exchange', 'replay'], 1, {}],
    [['refresh', 'expiry'], 2, {}],
    [['exchange', 'reuse'], 2, {}],
    [['refresh', 'reuse', 'expiry'], 0, {}],
    [['exchange', 'replay'], 0, { below: careless }],
    [['refresh', 'refresh'], 0, { below: careless }],
    [['refresh', 'revoke'], 0, { below: rewriting((text) => (text.includes('"Revoked"') ? null : text)) }]
  ])(
    'comes to the same ends as playing every schedule: %j, %i faults',
    { timeout: 120_000 },
    async (together, faults, corruption) => {
      const all = await everySchedule(grantInterleaving(together, corruption), faults)
      const merged = await everyState(grantInterleaving(together, corruption), faults)
      expect(merged.schedules).toBe(BigInt(all.schedules))
      expect(plain(merged.complaints)).toEqual(plain(all.complaints))
    }
  )
})

/** The last record of each key that was read, for a reader that prefers an old answer to none. */
const remembering = (store: Store): Store => {
  const last = new Map<string, StoredRecord>()
  return {
    ...store,
    load: (key) => async () => {
      const found = await store.load(key)()
      if (Either.isRight(found) && Option.isSome(found.right)) last.set(key, found.right.value)
      const known = last.get(key)
      return Either.isLeft(found) && known !== undefined ? Either.right(Option.some(known)) : found
    }
  }
}

describe('what is wrong is seen', () => {
  it.each<
    readonly [fault: string, caughtBy: string, together: ReadonlyArray<Action>, faults: number, corruption: Corruption]
  >([
    ['a swap that does not compare', 'I1', ['exchange', 'replay'], 0, { below: careless }],
    ['a swap that does not compare', 'I1', ['refresh', 'refresh'], 0, { below: careless }],
    [
      'an answer before the store has written',
      'I2',
      ['exchange', 'revoke'],
      0,
      {
        above: (store) => ({
          ...store,
          swap:
            (...write) =>
            () => {
              void store.swap(...write)()
              return Promise.resolve(Either.right('won'))
            }
        })
      }
    ],
    [
      'an ambiguous answer that is taken for a success',
      'I2',
      ['exchange', 'expiry'],
      1,
      {
        above: (store) => ({
          ...store,
          swap:
            (...write) =>
            async () => {
              const swapped = await store.swap(...write)()
              return Either.isLeft(swapped) && swapped.left.applied === 'unknown' ? Either.right('won') : swapped
            }
        })
      }
    ],
    [
      'a code that is not burnt',
      'I1',
      ['exchange', 'replay'],
      0,
      { below: rewriting((text) => (text.includes('"Active"') ? null : text)) }
    ],
    [
      'a revocation that is forgotten',
      'I3',
      ['refresh', 'revoke'],
      0,
      { below: rewriting((text) => (text.includes('"Revoked"') ? null : text)) }
    ],
    [
      'a theft that is answered and forgotten',
      'I3',
      ['replay', 'expiry'],
      0,
      { below: rewriting((text) => (text.includes('"CodeReplayed"') ? null : text)) }
    ],
    [
      'a log that hears of nothing',
      'I4',
      ['refresh', 'reuse'],
      0,
      { audit: () => ({ record: () => () => undefined }) }
    ],
    [
      'a record that belongs to another server',
      'I5',
      ['exchange', 'expiry'],
      0,
      {
        below: rewriting((text) =>
          text.includes('"Active"')
            ? text.replace('"Practitioner/p1"', '"Practitioner/p2"').replace('"sub":"alice"', '"sub":"mallory"')
            : text
        )
      }
    ],
    [
      'a grant that grows when it is written',
      'I6',
      ['exchange', 'expiry'],
      0,
      { below: rewriting((text) => text.replace('patient/Observation.rs', 'patient/*.rs')) }
    ],
    ['a reader that prefers an old answer to none', 'I7', ['refresh', 'consent'], 0, { above: remembering }],
    [
      'a refresh that puts the end off',
      'I8',
      ['refresh', 'expiry'],
      0,
      {
        above: rewriting((text) =>
          text.replace(
            /"endsAt":(\d+)/,
            (_all, end: string) => `"endsAt":${String(Number(end) + (text.includes('"generation":1') ? 60 : 0))}`
          )
        )
      }
    ]
  ])('%s breaks %s', { timeout: 120_000 }, async (_fault, caughtBy, together, faults, corruption) => {
    const { complaints } = await everyState(grantInterleaving(together, corruption), faults)
    expect(complaints.filter((complaint) => complaint.startsWith(`${caughtBy}:`))).not.toEqual([])
    expect((await everyState(grantInterleaving(together), faults)).complaints).toEqual([])
  })

  it('by each invariant of the plan', () => {
    expect(Object.keys(invariants).map((name) => name.slice(0, 2))).toEqual([
      'I1',
      'I2',
      'I3',
      'I4',
      'I5',
      'I6',
      'I7',
      'I8'
    ])
  })
})

const unspoilt = (store: Store): Store => store

/**
 * What becomes of one assertion at several servers on one store; `later` ones present it as late as the clocks allow.
 */
const assertions =
  (count: number, later: number, spoilAbove = unspoilt) =>
  (): Promise<Interleaving> => {
    const box: { store?: ScheduledStore } = {}
    const fixture = newFixture({ ...assertionWorld(), store: (memory) => spoilAbove((box.store = scheduled(memory))) })
    const second = authorizationServer({ issuer, fhirBaseUrl }, fixture.ports)
    if (Either.isLeft(second) || box.store === undefined) throw new Error('no second server')
    const { store } = { store: box.store }
    const text = assertion()
    const answers: Array<PlainResponse> = []
    const present = (index: number) => async (): Promise<void> => {
      answers.push(await ask(index % 2 === 0 ? fixture : { ...fixture, server: second.right }, text))
    }
    // It was made at second 1000 for 300 seconds, and the clocks may be off by 60.
    const lastSecond = 1359
    return Promise.resolve({
      store,
      processes: [
        ...Array.from({ length: count }, (_none, index) => present(index)),
        ...Array.from({ length: later }, (_none, index) => async () => {
          await store.pause()
          fixture.clock.now = lastSecond
          await present(index + 1)()
        })
      ],
      judge: async () => {
        const good = answers.filter(({ status }) => status === 200)
        const replay = await ask(fixture, text)
        fixture.clock.now = lastSecond + 1
        const afterItsEnd = await ask(fixture, text)
        return [
          ...answers
            .filter(({ status }) => ![200, 401, 503].includes(status))
            .map(({ status }) => `status ${String(status)}`),
          ...(good.length > 1 ? [`${String(good.length)} tokens for one assertion`] : []),
          ...(good.length > 0 && replay.status === 200 ? ['accepted again afterwards'] : []),
          ...(afterItsEnd.status === 200 ? ['accepted after its end'] : []),
          ...(good.length === 0 && answers.every(({ status }) => status === 401) ? ['accepted by nobody'] : [])
        ]
      }
    })
  }

describe('one assertion at two servers on one store', () => {
  it.each([
    ['twice', 2, 0, 2],
    ['three times', 3, 0, 1],
    ['twice, the second time at the last second', 1, 1, 2],
    ['three times, once at the last second', 2, 1, 1]
  ])('%s: never accepted twice', { timeout: 120_000 }, async (name, count, later, faults) => {
    const { schedules, complaints } = await everySchedule(assertions(count, later), faults)
    console.log(
      `one assertion ${name}, up to ${String(faults)} faults: ${String(schedules)} schedules, ` +
        `${String(complaints.length)} violations`
    )
    expect(schedules).toBeGreaterThan(100)
    expect(complaints).toEqual([])
  })

  it('a replay memory that looks first and writes then is caught', { timeout: 120_000 }, async () => {
    const hasty = (store: Store): Store => ({
      ...store,
      swap: (key, expected, text, expiresAt) => async () => {
        if (!key.startsWith('jti:')) return store.swap(key, expected, text, expiresAt)()
        const found = await store.load(key)()
        if (Either.isRight(found) && Option.isSome(found.right)) return Either.right('lost')
        await store.swap(key, Option.none, text, expiresAt)()
        return Either.right('won')
      }
    })
    const { complaints } = await everySchedule(assertions(2, 0, hasty), 0)
    expect(complaints.some((complaint) => complaint.startsWith('2 tokens'))).toBe(true)
  })

  it(
    'a replay memory that forgets when the assertion ends, and not when the clocks do, is caught',
    { timeout: 120_000 },
    async () => {
      const forgetful = (store: Store): Store => ({
        ...store,
        swap: (key, expected, text, expiresAt) =>
          store.swap(key, expected, text, key.startsWith('jti:') ? expiresAt - 120 : expiresAt)
      })
      const { complaints } = await everySchedule(assertions(1, 1, forgetful), 0)
      expect(complaints.some((complaint) => complaint.startsWith('2 tokens'))).toBe(true)
    }
  )
})
