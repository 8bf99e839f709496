import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { Change } from '../../support/server-fixture.js'
import { authorizationParameters, get, newFixture } from '../../support/server-fixture.js'
import { pendingRequests } from '../../../src/adapters/stores/pending-requests.js'

const record = (clientId: string, launchedBy: string | null, state = ''): string =>
  JSON.stringify({ _tag: 'AwaitingUser', clientId, state, launchedBy }).padEnd(1000)

/** Room for ten of the records. */
const room = { smallPendingBytes: 10 * (1000 + 512) }

describe('pending authorization requests', () => {
  it('are forgotten oldest first where one app has them all', () => {
    const pending = pendingRequests(room)
    const forgotten = Array.from({ length: 12 }, (_, place) =>
      pending.written(`grant:${String(place)}`, record('app', null))
    )
    expect(forgotten.flat()).toEqual(['grant:0', 'grant:1'])
  })

  it('of one app push out none of another', () => {
    const pending = pendingRequests(room)
    pending.written('grant:honest', record('my-app', null))
    const flood = Array.from({ length: 1000 }, (_, place) =>
      pending.written(`grant:${String(place)}`, record('other', null))
    )
    expect(flood.flat()).toHaveLength(991)
    expect(flood.flat()).not.toContain('grant:honest')
  })

  it('that a user of the EHR launched are not displaced by unknown parties or another user', () => {
    const pending = pendingRequests(room)
    pending.written('grant:honest', record('my-app', 'alice'))
    for (let place = 0; place < 1000; place++) {
      expect(pending.written(`grant:${String(place)}`, record('my-app', null))).not.toContain('grant:honest')
      expect(pending.written(`grant:b${String(place)}`, record('my-app', 'bob'))).not.toContain('grant:honest')
    }
  })

  it("cannot pose as another's by what they say", () => {
    const pending = pendingRequests(room)
    pending.written('grant:honest', record('my-app', 'alice'))
    for (let place = 0; place < 1000; place++) {
      const state = `","clientId":"c${String(place)}","launchedBy":"u${String(place)}"`
      expect(pending.written(`grant:${String(place)}`, record('my-app', null, state))).not.toContain('grant:honest')
    }
  })

  it('that are gone or were answered leave their room to others', () => {
    const pending = pendingRequests(room)
    for (let place = 0; place < 10; place++) pending.written(`grant:${String(place)}`, record('app', null))
    pending.removed('grant:3')
    expect(pending.written('grant:10', record('app', null))).toEqual([])
    expect(pending.written('grant:4', '{"_tag":"AwaitingConsent"}')).toEqual([])
    expect(pending.written('grant:11', record('other', null))).toEqual([])
    expect(pending.written('grant:12', record('other', null))).toEqual(['grant:0'])
  })

  it('are distinguished as the engine writes them', async () => {
    const fixture = newFixture()
    const handle = await fixture.server.ehr.offerLaunch({ clientId: 'pub-app', launchedBy: 'alice', context: {} })()
    const requested = async (change: Change): Promise<string> => {
      const before = new Set(fixture.memory.entries().map(([key]) => key))
      await fixture.server.endpoints.authorize(
        get('/authorize', new URLSearchParams([...authorizationParameters(change)].map((pair) => [...pair])).toString())
      )()
      return fixture.memory.entries().find(([key]) => key.startsWith('grant:') && !before.has(key))?.[1] ?? ''
    }
    const launched = await requested({
      scope: 'launch patient/*.rs',
      launch: Either.isRight(handle) ? handle.right : ''
    })
    const alone = await requested({})
    expect([launched, alone].map((text) => /^\{"_tag":"AwaitingUser"/.test(text))).toEqual([true, true])
    const pending = pendingRequests({ smallPendingBytes: 20_000 })
    pending.written('grant:honest', launched)
    const flood = Array.from({ length: 100 }, (_, place) => pending.written(`grant:${String(place)}`, alone)).flat()
    expect(flood.length).toBeGreaterThan(50)
    expect(flood).not.toContain('grant:honest')
  })
})

/** The keys that are still there after so many records of one asker and another. */
const forgottenBy = (
  options: Parameters<typeof pendingRequests>[0],
  flood: (place: number) => readonly [key: string, text: string],
  honest: readonly [key: string, text: string]
): ReadonlyArray<string> => {
  const pending = pendingRequests(options)
  return [honest, ...Array.from({ length: 20 }, (_, place) => flood(place))].flatMap(([key, text]) =>
    pending.written(key, text)
  )
}

describe('tokens of backend services', () => {
  const token = (clientId: string, tag = 'Backend'): string => JSON.stringify({ _tag: tag, clientId }).padEnd(1000)
  const backendBytes = 10 * (1000 + 512)

  it('are forgotten oldest first, those of the service that has most of them', () => {
    const forgotten = forgottenBy({ backendBytes }, (place) => [`grant:${String(place)}`, token('greedy')], [
      'grant:honest',
      token('honest')
    ])
    expect(forgotten).toEqual(Array.from({ length: 11 }, (_, place) => `grant:${String(place)}`))
  })

  it('count for as long as their records are kept, also where they were revoked', () => {
    const pending = pendingRequests({ backendBytes })
    for (let place = 0; place < 10; place++) {
      expect(pending.written(`grant:${String(place)}`, token('greedy'))).toEqual([])
      expect(pending.written(`grant:${String(place)}`, token('greedy', 'Revoked'))).toEqual([])
    }
    expect(pending.written('grant:next', token('greedy'))).toEqual(['grant:0'])
  })

  it('push out no grant of a user', () => {
    const forgotten = forgottenBy({ backendBytes }, (place) => [`grant:${String(place)}`, token('greedy')], [
      'grant:active',
      token('greedy', 'Active')
    ])
    expect(forgotten).not.toContain('grant:active')
  })
})

describe('EHR launches', () => {
  const launch = (launchedBy: string, tag = 'Offered'): string =>
    JSON.stringify({ _tag: tag, clientId: 'app', launchedBy }).padEnd(1000)
  const launchBytes = 10 * (1000 + 512)

  it('are forgotten oldest first, those of the user who has most of them', () => {
    const forgotten = forgottenBy({ launchBytes }, (place) => [`launch:a ${String(place)}`, launch('mallory')], [
      'launch:a honest',
      launch('alice')
    ])
    expect(forgotten).toEqual(Array.from({ length: 11 }, (_, place) => `launch:a ${String(place)}`))
  })

  it('count also where an app has presented them', () => {
    const forgotten = forgottenBy(
      { launchBytes },
      (place) => [`launch:a ${String(place)}`, launch('mallory', 'Bound')],
      ['launch:a honest', launch('alice', 'Bound')]
    )
    expect(forgotten).toHaveLength(11)
  })
})
