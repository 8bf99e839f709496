/**
 * Ports of an app that throw, reject, or answer in another form: no promise of the app rejects, and the failure is
 * named.
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { backendOf } from '../../support/app/client-trace.js'
import type { Parties } from '../../support/app/parties.js'
import { complete, consent, newParties } from '../../support/app/parties.js'
import { fhirBaseUrl } from '../../support/server-fixture.js'
import type { AppPorts } from '../../../src/engine/app/ports.js'
import type { AppFailure } from '../../../src/protocol/app/failure.js'

const boom = (): never => {
  throw new Error('boom')
}

const faults: Readonly<Record<string, unknown>> = {
  throws: boom,
  'throws when it is run': () => boom,
  rejects: () => () => Promise.reject(new Error('boom')),
  'gives undefined': () => undefined,
  'gives a task of undefined': () => () => Promise.resolve(undefined),
  'gives a Right of undefined': () => TaskEither.right(undefined),
  'gives a Right of another form': () => TaskEither.right({ status: '200' }),
  'gives a Left of nothing': () => TaskEither.left(undefined),
  'is no function': null
}

type Decide = (name: string) => unknown

const members = (port: string, held: object, decide: Decide): object =>
  new Proxy(held, {
    get: (target, member) => {
      const real = Reflect.get(target, member) as unknown
      if (typeof real !== 'function') return real
      const stands = decide(`${port}.${String(member)}`)
      return stands === undefined ? (real as (...given: ReadonlyArray<unknown>) => unknown).bind(target) : stands
    }
  })

/** Ports of which `decide` says what stands in for a call, or undefined where it goes on. */
const intercepted = (ports: AppPorts, decide: Decide): AppPorts => ({
  store: members('store', ports.store, decide) as AppPorts['store'],
  clock: members('clock', ports.clock, decide) as AppPorts['clock'],
  random: members('random', ports.random, decide) as AppPorts['random'],
  keys: members('keys', ports.keys, decide) as AppPorts['keys'],
  http: (request) => {
    const stands = decide('http')
    return stands === undefined ? ports.http(request) : (stands as AppPorts['http'])(request)
  },
  pause: (milliseconds) => {
    const stands = decide('pause')
    return stands === undefined ? ports.pause(milliseconds) : (stands as AppPorts['pause'])(milliseconds)
  }
})

/** The parties, with an app whose ports are called through `decide`. */
const watched = (decide: Decide): Parties => {
  const sound = newParties({ method: 'private_key_jwt', policy: { rotateRefreshTokens: 'always' } })
  const { app } = newParties({ method: 'private_key_jwt', ports: intercepted(sound.ports, decide) })
  return { ...sound, app, ports: intercepted(sound.ports, decide) }
}

const ended = (answer: Either.Either<AppFailure, unknown>): string =>
  Either.isLeft(answer) ? answer.left._tag : 'Right'

/** Everything that an app does, one act after the other. */
const acts = async (parties: Parties): Promise<ReadonlyArray<string>> => {
  const { app, fixture } = parties
  const begun = await app.launch({ _tag: 'Standalone', iss: fhirBaseUrl })()
  const query =
    Either.isRight(begun) && begun.right.redirect._tag === 'Get' ? begun.right.redirect.url.replace(/^[^?]*\?/, '') : ''
  const back = query === '' ? 'code=x&state=y' : await consent(fixture, query)
  const opened = await app.callback({
    launchIds: [Either.isRight(begun) ? begun.right.launchId : 'none'],
    query: back
  })()
  const sessionId = Either.isRight(opened) ? opened.right.sessionId : 'none'
  const backend = backendOf(parties)
  return [
    ended(begun),
    ended(opened),
    ended(await app.session(sessionId)()),
    ended(await app.accessToken(sessionId)()),
    ended(await app.accessToken(sessionId, { isForced: true })()),
    ended(await app.fhir(sessionId, { url: 'Patient' })()),
    ended(await app.signOut(sessionId)()),
    ended(await backend.accessToken()),
    ended(await backend.fhir({ url: 'Observation' })())
  ]
}

const names = [
  'store.load',
  'store.swap',
  'clock.now',
  'random.token',
  'http',
  'keys.digest',
  'keys.signAssertion',
  'keys.verifySignature'
]

describe.each(Object.entries(faults))('a port that %s', (_what, fault) => {
  it.each(names)('%s: the app says what failed', async (name) => {
    const all = await acts(watched((requestedScope) => (requestedScope === name ? fault : undefined)))
    expect(all).toHaveLength(9)
    expect(all.filter((one) => one === 'UnexpectedEvent')).toEqual([])
    expect(all.filter((one) => one !== 'Right').length).toBeGreaterThan(0)
  })
})

it('at whichever call a port throws, the app says what failed', async () => {
  let calls = 0
  const sound = await acts(
    watched(() => {
      calls += 1
      return undefined
    })
  )
  expect(sound.filter((one) => one !== 'Right')).toEqual([])
  for (let at = 1; at <= calls; at++) {
    let made = 0
    const all = await acts(
      watched(() => {
        made += 1
        return made === at ? boom : undefined
      })
    )
    expect(all.filter((one) => one === 'UnexpectedEvent')).toEqual([])
  }
}, 60_000)

it('who is trusted, and a time that is none, are heard too', async () => {
  const { app } = newParties({ settings: { trust: boom } })
  expect(await app.launch({ _tag: 'Standalone', iss: fhirBaseUrl })()).toEqual(
    Either.left({ _tag: 'HostUnavailable', reason: 'boom' })
  )
  const timeless = newParties({ ports: { clock: { now: () => NaN } } }).app
  expect(await timeless.launch({ _tag: 'Standalone', iss: fhirBaseUrl })()).toMatchObject({
    left: { _tag: 'HostUnavailable' }
  })
})

it(
  "where the host cannot pause, who waits for another one's refresh gets an error, and does not " + 'ask on and on',
  async () => {
    let isHeld = false
    let requestCount = 0
    const parties = newParties({ ports: { pause: boom } })
    const slow = newParties({
      ports: {
        ...parties.ports,
        pause: boom,
        store: {
          ...parties.ports.store,
          load: (key) => {
            requestCount += 1
            return parties.ports.store.load(key)
          }
        },
        http: (request) => (isHeld ? () => new Promise<never>(() => undefined) : parties.ports.http(request))
      }
    })
    const sessionId = await complete({ ...slow, fixture: parties.fixture })
    isHeld = true
    void slow.app.accessToken(sessionId, { isForced: true })()
    await new Promise((resolve) => {
      setTimeout(resolve, 5)
    })
    requestCount = 0
    expect(await slow.app.accessToken(sessionId, { isForced: true })()).toEqual(
      Either.left({ _tag: 'HostUnavailable', reason: 'boom' })
    )
    expect(requestCount).toBeLessThan(5)
  }
)

it('what a refresh brought is stored also where the host cannot pause between two writes', async () => {
  const box = { failures: 0 }
  const sound = newParties()
  const { app } = newParties({
    ports: {
      ...sound.ports,
      pause: boom,
      store: {
        ...sound.ports.store,
        swap: (key, expected, text, expiresAt) =>
          text.includes('"Fresh"') && box.failures-- > 0
            ? TaskEither.left({ _tag: 'Unavailable', applied: 'no' })
            : sound.ports.store.swap(key, expected, text, expiresAt)
      }
    }
  })
  const sessionId = await complete({ ...sound, app })
  box.failures = 1
  expect((await app.accessToken(sessionId, { isForced: true })())._tag).toBe('Right')
})
