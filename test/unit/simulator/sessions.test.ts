/** The sessions of the simulator's users, with requests that arrive at the same time. */
import * as Either from 'fp-ts/lib/Either.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../src/adapters/stores/memory-store.js'
import type { Store } from '../../../src/engine/ports.js'
import type { Session } from '../../../src/simulator/host/sessions.js'
import { sessionCookie, sessionsIn } from '../../../src/simulator/host/sessions.js'
import type { PlainRequest } from '../../../src/protocol/http/message.js'
import { limits } from '../../../src/values/limits/limits.js'

const withValue = (value: string): PlainRequest => ({
  method: 'GET',
  path: '/',
  query: '',
  headers: { cookie: `${sessionCookie}=${value}` },
  body: ''
})

/** The answer of the sessions, or an error. */
const right = async <Value>(stored: TaskEither.TaskEither<unknown, Value>): Promise<Value> => {
  const done = await stored()
  if (Either.isLeft(done)) throw new Error(JSON.stringify(done.left))
  return done.right
}

let generated = 0
const clock = { at: 1000, now: () => clock.at }

/** One process on a store, or on one of its own. */
const processOn = (store: Store = memoryStore(clock)) => {
  const sessions = sessionsIn('https://ehr.example https://ehr.example/fhir', {
    store,
    random: () => `value-${String(++generated)}`,
    clock
  })
  return {
    next: sessions.next,
    start: (value: string, session: Session, isProven?: boolean) =>
      right(sessions.start(withValue(value), session, isProven)),
    of: (value: string) => right(sessions.of(withValue(value))),
    end: (value: string) => right(sessions.end(withValue(value))),
    lasts: (id: string) => right(sessions.lasts(id))
  }
}

describe.each([
  ['one process', 1],
  ['two processes on one store', 2]
])('with %s', (_name, processes) => {
  /** The process of the next request: each in turn. */
  const world = () => {
    const store = memoryStore(clock)
    const all = Array.from({ length: processes }, () => processOn(store))
    let turn = 0
    return () => all[turn++ % processes] ?? processOn(store)
  }

  it('two sign-ins with the same cookie leave one session, and it ends with the sign-out', async () => {
    const at = world()
    const first = await at().start('', at().next('alice', 1000), true)
    // Both forms were sent with the same cookie, before either answer had arrived.
    const [one, other] = [at().next('alice', 1000), at().next('alice', 1000)]
    const values = [await at().start(first, one, true), await at().start(first, other, true)]
    expect([await at().lasts(one.id), await at().lasts(other.id)]).toEqual([false, true])
    expect([(await at().of(values[0] ?? ''))?.username, (await at().of(values[1] ?? ''))?.username]).toEqual([
      undefined,
      'alice'
    ])
    expect(await at().of(first)).toBeNull()
    await at().end(values[1] ?? '')
    expect(await at().lasts(other.id)).toBe(false)
    expect([await at().of(values[0] ?? ''), await at().of(values[1] ?? '')]).toEqual([null, null])
  })

  it('two sign-ins at the same moment leave one session', async () => {
    const at = world()
    const first = await at().start('', at().next('alice', 1000), true)
    const both = [at().next('alice', 1000), at().next('bob', 1000)]
    await Promise.all(both.map((one) => at().start(first, one, true)))
    const lasting = await Promise.all(both.map(({ id }) => at().lasts(id)))
    expect(lasting.filter(Boolean)).toHaveLength(1)
  })

  it('a new sign-in of the same user begins another session; a launch goes on with the present one', async () => {
    const at = world()
    const first = at().next('alice', 1000)
    const value = await at().start('', first, true)
    const launched = await at().start(value, (await at().of(value)) ?? first)
    expect([(await at().of(launched))?.id, await at().lasts(first.id)]).toEqual([first.id, true])
    expect(await at().of(value)).toBeNull()
    const again = at().next('alice', 1001)
    await at().start(launched, again, true)
    expect([again.id === first.id, await at().lasts(first.id), await at().lasts(again.id)]).toEqual([
      false,
      false,
      true
    ])
  })

  it('a launch in a session that was signed out in the meantime begins another one', async () => {
    const at = world()
    const value = await at().start('', at().next('alice', 1000), true)
    const session = await at().of(value)
    await at().end(value)
    const launched = await at().of(await at().start(value, session ?? at().next('none', 0)))
    expect([launched?.username, launched?.id === session?.id]).toEqual(['alice', false])
  })

  it('a value with another secret, or of another form, is no session', async () => {
    const at = world()
    const session = at().next('alice', 1000)
    const value = await at().start('', session, true)
    for (const wrong of [`${session.id}.x`, session.id, `${value}x`, `.${value}`, `${'a'.repeat(65)}.b`, '']) {
      expect(await at().of(wrong)).toBeNull()
      await at().end(wrong)
    }
    expect((await at().of(value))?.id).toBe(session.id)
  })
})

it('launches push out no session that began with a password, also after a launch in it', async () => {
  const { start, next, of } = processOn()
  const begin = (username: string, isProven?: boolean): Promise<string> => start('', next(username, 1000), isProven)
  const signedIn = await begin('alice', true)
  const session = next('alice', 1000)
  const again = await start(signedIn, (await of(signedIn)) ?? session)
  const launched = await begin('bob')
  for (let count = 0; count < limits.simulatorSessions.default; count++) await begin('bob')
  expect([(await of(again))?.username, (await of(launched))?.username]).toEqual(['alice', undefined])
})

it('the store holds no cookie value', async () => {
  const store = memoryStore(clock)
  const { start, next } = processOn(store)
  const value = await start('', next('alice', 1000), true)
  expect(JSON.stringify(store.entries())).not.toContain(value.split('.')[1])
})

it('a store that does not answer is a refusal, and no session', async () => {
  const broken: Store = {
    load: () => TaskEither.left({ _tag: 'Unavailable', applied: 'no' }),
    swap: () => TaskEither.left({ _tag: 'Unavailable', applied: 'no' })
  }
  const { start, of, lasts, next } = processOn(broken)
  for (const work of [() => of('a.b'), () => start('', next('alice', 1000)), () => lasts('a')]) {
    await expect(work()).rejects.toThrow('StoreUnavailable')
  }
})
