/** The sessions of the simulator's users, with requests that arrive at the same time. */
import { expect, it } from 'vitest'
import { newSessions, sessionCookie } from '../../../src/simulator/host/sessions.js'
import type { PlainRequest } from '../../../src/protocol/http/message.js'
import { limits } from '../../../src/values/limits/limits.js'

const withValue = (value: string): PlainRequest => ({
  method: 'GET',
  path: '/',
  query: '',
  headers: { cookie: `${sessionCookie}=${value}` },
  body: ''
})

it('two sign-ins at once leave one session, and it ends with the sign-out', () => {
  let generated = 0
  const sessions = newSessions(() => `value-${String(++generated)}`, { now: () => 1000 })
  const first = sessions.start(withValue(''), sessions.next('alice', 1000), true)
  // Both forms were sent with the same cookie, before either answer had arrived.
  const [one, other] = [sessions.next('alice', 1000), sessions.next('alice', 1000)]
  const values = [sessions.start(withValue(first), one, true), sessions.start(withValue(first), other, true)]
  expect([sessions.lasts(one.id), sessions.lasts(other.id)]).toEqual([false, true])
  expect(values.map((value) => sessions.of(withValue(value))?.username ?? null)).toEqual([null, 'alice'])
  expect(sessions.of(withValue(first))).toBeNull()
  sessions.end(withValue(values[1] ?? ''))
  expect(sessions.lasts(other.id)).toBe(false)
  expect(values.map((value) => sessions.of(withValue(value)))).toEqual([null, null])
})

it('a new sign-in of the same user begins another session, and a launch goes on with the one that is there', () => {
  let generated = 0
  const sessions = newSessions(() => `value-${String(++generated)}`, { now: () => 1000 })
  const first = sessions.next('alice', 1000)
  const value = sessions.start(withValue(''), first, true)
  const launched = sessions.start(withValue(value), sessions.of(withValue(value)) ?? first)
  expect([sessions.of(withValue(launched))?.id, sessions.lasts(first.id)]).toEqual([first.id, true])
  const again = sessions.next('alice', 1001)
  sessions.start(withValue(launched), again, true)
  expect([again.id === first.id, sessions.lasts(first.id), sessions.lasts(again.id)]).toEqual([false, false, true])
})

it(
  'launches of strangers push out no session that began with a password, also where it was ' + 'launched from later',
  () => {
    let generated = 0
    const sessions = newSessions(() => `value-${String(++generated)}`, { now: () => 1000 })
    const begin = (username: string, isProven?: boolean): string =>
      sessions.start(withValue(''), sessions.next(username, 1000), isProven)
    const signedIn = begin('alice', true)
    const session = sessions.next('alice', 1000)
    const again = sessions.start(withValue(signedIn), sessions.of(withValue(signedIn)) ?? session)
    const launched = begin('bob')
    for (let count = 0; count < limits.simulatorSessions.default; count++) begin('bob')
    expect([again, launched].map((value) => sessions.of(withValue(value))?.username ?? null)).toEqual(['alice', null])
  }
)
