/** Scopes that a stranger may send in one request: whatever they are, the answer comes at once. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { authorize, newFixture } from '../../support/server-fixture.js'
import { intersect, overlapping } from '../../../src/scopes/set-operations.js'
import { explain } from '../../../src/scopes/explain/explain.js'
import { normalize } from '../../../src/scopes/normalize.js'
import { parse } from '../../../src/scopes/parse.js'

const times = (count: number, one: (index: number) => string, separator: string): string =>
  Array.from({ length: count }, (_, index) => one(index)).join(separator)

/** Each took from ten seconds to minutes. */
const slow: ReadonlyArray<readonly [string, string]> = [
  [
    'thirteen clauses of two values',
    `patient/Observation.rs?${times(13, (index) => `code=a${String(index)},b${String(index)}`, '&')}`
  ],
  ['thousands of clauses', `patient/Observation.rs?${times(6000, (index) => `a=${String(index)}`, '&')}`],
  [
    'clauses of one value beside such of two',
    `patient/Observation.rs?${times(127, (index) => `code=${String(index)}`, '&')}&` +
      times(13, (index) => `code=a${String(index)},b${String(index)}`, '&')
  ]
]

describe('what takes too long is not begun', () => {
  it.each(slow)('%s', (_name, scope) => {
    expect(normalize(parse(scope))._tag).toBe('Left')
    expect(explain(parse(scope))._tag).toBe('Left')
    expect(intersect(parse(scope), parse('patient/Observation.r'))._tag).toBe('Left')
    expect(intersect(parse('patient/*.rs'), parse(scope))._tag).toBe('Left')
  })

  it.each(slow)('%s, at the authorization endpoint', async (_name, scope) => {
    const conversation = await authorize(newFixture(), { scope })
    expect(conversation._tag === 'SendToApp' ? conversation.response.headers['location'] : conversation._tag).toContain(
      'error=invalid_scope'
    )
  })

  it('thousands of beginnings of names are none of them, and are explained together', () => {
    const scope = `launch/patient ${times(1400, (index) => `patient/Patient.rs?name=a${String(index)}`, ' ')}`
    const explained = explain(parse(scope))
    expect(Either.isRight(explained) ? explained.right.allows.length : explained).toBe(2)
  })

  it('what many scopes have in common with a set counts together, not for each of them', () => {
    const limit = parse(
      times(
        4,
        (index) => `patient/Observation.s?code=${times(1000, (value) => `${String(index)}x${String(value)}`, ',')}`,
        ' '
      )
    )
    const requested = parse(
      times(500, (index) => `patient/Observation.s?category=a${String(index)},b${String(index)}`, ' ')
    )
    expect(intersect(requested, limit)).toMatchObject({ _tag: 'Left', left: { limit: 20000 } })
    expect(intersect(requested.slice(0, 2), limit)._tag).toBe('Right')
    expect(overlapping(requested, limit)).toEqual(requested)
  })

  it('where it costs too much to know, a scope counts as one that meets a set', () => {
    const large = (type: string) => `patient/${type}.s?code=${times(20_001, String, ',')}`
    expect(overlapping(parse('patient/Condition.s?code=1'), parse('patient/Observation.s'))).toEqual([])
    expect(overlapping(parse(large('Condition')), parse('patient/Observation.s'))).toHaveLength(1)
    // `type` has another meaning for each resource type, so that the two have nothing in common.
    const limit = parse(`patient/*.s?type=${times(1000, String, ',')}`)
    const requested = parse(times(30, (index) => `patient/Encounter.s?_id=${String(index)}`, ' '))
    expect(overlapping(requested.slice(0, 10), limit)).toEqual([])
    expect(overlapping(requested, limit).length).toBeGreaterThan(5)
  })

  it('a scope with a handful of clauses is none of them', () => {
    const scope =
      'patient/Observation.rs?' + times(5, (index) => `code=a${String(index)},b${String(index)},c${String(index)}`, '&')
    expect(Either.isRight(normalize(parse(scope)))).toBe(true)
  })
})
