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

it('a session that two sign-ins began at once has one value, and ends with the sign-out', () => {
  let drawn = 0
  const sessions = newSessions(() => `value-${String(++drawn)}`, { now: () => 1000 })
  const first = sessions.start(withValue(''), sessions.next(withValue(''), 'alice', 1000))
  // Both forms were sent with the same cookie, before either answer had arrived.
  const [one, other] = [sessions.next(withValue(first), 'alice', 1000), sessions.next(withValue(first), 'alice', 1000)]
  const values = [sessions.start(withValue(first), one), sessions.start(withValue(first), other)]
  expect(values.map((value) => sessions.of(withValue(value))?.username ?? null)).toEqual([null, 'alice'])
  expect(sessions.of(withValue(first))).toBeNull()
  sessions.end(withValue(values[1] ?? ''))
  expect(sessions.lasts(other.id)).toBe(false)
  expect(values.map((value) => sessions.of(withValue(value)))).toEqual([null, null])
})

it(
  'launches of strangers push out no session that began with a password, also where it was ' + 'launched from later',
  () => {
    let drawn = 0
    const sessions = newSessions(() => `value-${String(++drawn)}`, { now: () => 1000 })
    const begin = (username: string, isProven?: boolean): string =>
      sessions.start(withValue(''), sessions.next(withValue(''), username, 1000), isProven)
    const signedIn = begin('alice', true)
    const session = sessions.next(withValue(signedIn), 'alice', 1000)
    const again = sessions.start(withValue(signedIn), sessions.of(withValue(signedIn)) ?? session)
    const launched = begin('bob')
    for (let count = 0; count < limits.simulatorSessions.standard; count++) begin('bob')
    expect([again, launched].map((value) => sessions.of(withValue(value))?.username ?? null)).toEqual(['alice', null])
  }
)
