import { describe, expect, it } from 'vitest'
import { retryAfterOf } from '../../../src/protocol/http/retry-after.js'

const answer = (text: string) => ({ headers: { 'retry-after': text } })

describe('Retry-After', () => {
  it.each([
    '1970-01-01T00:00:00Z',
    '1999-12-31T23:59:59Z',
    '2000-02-29T12:00:00Z',
    '2026-03-01T00:00:00Z',
    '2100-03-01T06:07:08Z'
  ])('as the date %s', (date) => {
    const at = new Date(date)
    expect(retryAfterOf(answer(at.toUTCString()), 0)).toBe(at.getTime() / 1000)
  })

  it.each([
    ['0', 0],
    ['120', 120],
    ['-1', null],
    ['1.5', null],
    ['Thu, 01 Foo 1970 00:00:00 GMT', null],
    ['Thursday, 01-Jan-70 00:00:00 GMT', null],
    ['', null]
  ])('%j', (text, expected) => {
    expect(retryAfterOf(answer(text), 0)).toBe(expected)
  })

  it('that has passed, or is absent', () => {
    expect(retryAfterOf(answer('Thu, 01 Jan 1970 00:00:05 GMT'), 9)).toBe(0)
    expect(retryAfterOf({ headers: {} }, 0)).toBe(null)
  })
})
