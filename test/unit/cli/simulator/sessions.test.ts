/** The sessions of the simulator's users, with requests that arrive at the same time. */
import { expect, it } from 'vitest'
import { newSessions, sessionCookie } from '../../../../src/cli/simulator/sessions.js'
import type { PlainRequest } from '../../../../src/messages/http.js'

const withValue = (value: string): PlainRequest =>
  ({ method: 'GET', path: '/', query: '', headers: { cookie: `${sessionCookie}=${value}` }, body: '' })

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
