import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import type { Findings, Meeting, ScheduledStore } from './schedules.js'
import { everySchedule, scheduled } from './schedules.js'
import { ask, assertion, assertionWorld } from './assertions.js'
import type { World, WorldOptions } from './world.js'
import { bodyOf, exchange, isAlive, newWorld, obtainCode, refresh } from './world.js'
import type { PlainResponse } from '../../src/messages/http.js'
import type { SmartPolicy } from '../../src/messages/policy.js'
import type { Store, StoredRecord } from '../../src/engine/ports.js'

interface Prepared {
  readonly world: World
  readonly store: ScheduledStore
}

const unspoilt = (store: Store): Store => store

/** A world whose store can be spoilt below the scheduler, in one operation, or above it, in several. */
const prepare = (policy: Partial<SmartPolicy> = {}, spoil = unspoilt, options: WorldOptions = {}, spoilAbove = unspoilt): Prepared => {
  const box: { store?: ScheduledStore } = {}
  const world = newWorld({ ...options, policy, store: (memory) => spoilAbove(box.store = scheduled(spoil(memory))) })
  if (box.store === undefined) throw new Error('no store')
  return { world, store: box.store }
}

const succeeded = (answers: ReadonlyArray<PlainResponse>): ReadonlyArray<PlainResponse> =>
  answers.filter(({ status }) => status === 200)

const textOf = (response: PlainResponse, name: string): string => String(bodyOf(response)[name])

const knownStatuses = (answers: ReadonlyArray<PlainResponse>): ReadonlyArray<string> =>
  answers.filter(({ status }) => ![200, 400, 503].includes(status)).map(({ status }) => `status ${String(status)}`)

/** Several processes redeem one code. */
const redemptions = (count: number, spoil?: (store: Store) => Store) => async (): Promise<Meeting> => {
  const { world, store } = prepare({}, spoil)
  const code = await obtainCode(world)
  const answers: Array<PlainResponse> = []
  return {
    store,
    processes: Array.from({ length: count }, () => async () => { answers.push(await exchange(world, code)) }),
    judge: async () => {
      const good = succeeded(answers)
      const replay = await exchange(world, code)
      const alive = await Promise.all(good.map((answer) => isAlive(world, textOf(answer, 'access_token'))))
      return [
        ...knownStatuses(answers),
        ...(good.length > 1 ? [`${String(good.length)} token sets for one code`] : []),
        // The code is presented once more; if it had bought anything, everything that it bought is dead now.
        ...(good.length > 0 && replay.status === 200 ? ['redeemed again afterwards'] : []),
        ...(good.length > 0 && alive.some((one) => one) ? ['alive after a replay'] : [])
      ]
    }
  }
}

/** One process redeems the code while another revokes the grant. */
const redemptionAndRevocation = async (): Promise<Meeting> => {
  const { world, store } = prepare()
  const code = await obtainCode(world)
  const grantId = code.split('.')[0] ?? ''
  const answers: Array<PlainResponse> = []
  let acknowledged = false
  return {
    store,
    processes: [
      async () => { answers.push(await exchange(world, code)) },
      async () => { acknowledged = (await world.server.revokeGrant(grantId)())._tag === 'Right' }
    ],
    judge: async () => {
      const alive = await Promise.all(succeeded(answers).map((answer) => isAlive(world, textOf(answer, 'access_token'))))
      return [
        ...knownStatuses(answers),
        ...(acknowledged && alive.some((one) => one) ? ['alive after an acknowledged revocation'] : []),
        ...(acknowledged && (await exchange(world, code)).status === 200 ? ['redeemed after an acknowledged revocation'] : [])
      ]
    }
  }
}

/** Two processes present the same refresh token. */
const refreshes = (policy: Partial<SmartPolicy>) => async (): Promise<Meeting> => {
  const { world, store } = prepare(policy)
  const first = await exchange(world, await obtainCode(world))
  const refreshToken = textOf(first, 'refresh_token')
  const answers: Array<PlainResponse> = []
  const strict = (policy.reuseGraceSeconds ?? 0) === 0
  return {
    store,
    processes: [0, 1].map(() => async () => { answers.push(await refresh(world, refreshToken)) }),
    judge: async () => {
      const good = succeeded(answers)
      const successors = new Set(good.map((answer) => textOf(answer, 'refresh_token')))
      const live = strict
        ? []
        : await Promise.all([...successors].map(async (one) => (await refresh(world, one)).status === 200))
      return [
        ...knownStatuses(answers),
        ...(strict && good.length > 1 ? [`${String(good.length)} answers to one refresh token`] : []),
        ...(successors.size > 1 ? ['two successors of one refresh token'] : []),
        ...(live.filter((one) => one).length > 1 ? ['two live families'] : [])
      ]
    }
  }
}

/** Several processes present one assertion. */
const assertions = (count: number, spoilAbove?: (store: Store) => Store) => (): Promise<Meeting> => {
  const { world, store } = prepare({}, unspoilt, assertionWorld(), spoilAbove)
  const text = assertion()
  const answers: Array<PlainResponse> = []
  return Promise.resolve({
    store,
    processes: Array.from({ length: count }, () => async () => { answers.push(await ask(world, text)) }),
    judge: async () => {
      const good = succeeded(answers)
      const replay = await ask(world, text)
      return [
        ...answers.filter(({ status }) => ![200, 401, 503].includes(status)).map(({ status }) => `status ${String(status)}`),
        ...(good.length > 1 ? [`${String(good.length)} tokens for one assertion`] : []),
        ...(good.length > 0 && replay.status === 200 ? ['accepted again afterwards'] : []),
        ...(count > 1 && good.length === 0 && answers.every(({ status }) => status === 401) ? ['accepted by nobody'] : [])
      ]
    }
  })
}

const report = (name: string, findings: Findings): void => {
  console.log(`${name}: ${String(findings.schedules)} schedules, ${String(findings.complaints.length)} violations`)
}

describe('every schedule of concurrent requests, with up to two store faults', () => {
  it.each<readonly [string, () => Promise<Meeting>, number]>([
    ['two redemptions of one code, no fault', redemptions(2), 0],
    ['two redemptions of one code, one fault', redemptions(2), 1],
    ['two redemptions of one code, two faults', redemptions(2), 2],
    ['three redemptions of one code, no fault', redemptions(3), 0],
    ['redemption and revocation, no fault', redemptionAndRevocation, 0],
    ['redemption and revocation, two faults', redemptionAndRevocation, 2],
    ['two refreshes, strict, no fault', refreshes({}), 0],
    ['two refreshes, strict, two faults', refreshes({}), 2],
    ['two refreshes, with grace, no fault', refreshes({ reuseGraceSeconds: 10 }), 0],
    ['two refreshes, with grace, two faults', refreshes({ reuseGraceSeconds: 10 }), 2],
    ['one assertion twice, no fault', assertions(2), 0],
    ['one assertion twice, two faults', assertions(2), 2],
    ['one assertion three times, one fault', assertions(3), 1]
  ])('%s: no double issue', { timeout: 120_000 }, async (name, meet, faults) => {
    const findings = await everySchedule(meet, faults)
    report(name, findings)
    expect(findings.schedules).toBeGreaterThan(1)
    expect(findings.complaints).toEqual([])
  })

  it('a store whose swap does not compare is caught', { timeout: 120_000 }, async () => {
    const careless = (store: Store): Store => ({
      ...store,
      swap: (key, expected, text, expiresAt) => async () => {
        const found = await store.load(key)()
        const version = Either.isRight(found) ? Option.map((one: StoredRecord) => one.version)(found.right) : Option.none
        return store.swap(key, Option.isNone(expected) ? expected : version, text, expiresAt)()
      }
    })
    const findings = await everySchedule(redemptions(2, careless), 0)
    report('planted: a swap that does not compare', findings)
    expect(findings.complaints.some((complaint) => complaint.startsWith('2 token sets'))).toBe(true)
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
    const findings = await everySchedule(assertions(2, hasty), 0)
    report('planted: a replay memory that looks first and writes then', findings)
    expect(findings.complaints.some((complaint) => complaint.startsWith('2 tokens'))).toBe(true)
  })
})
