import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonSpans, membersIn } from '../../../src/values/json-spans.js'

const textsOf = (text: string, spans: ReadonlyArray<{ readonly start: number; readonly end: number }>) =>
  spans.map(({ start, end }) => text.slice(start, end))

describe('the parts of a JSON text', () => {
  const name = fc.oneof(fc.string(), fc.constantFrom('entry', 'a"b', 'a\\', '{', ']', ','))
  const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('"', '\\', '\\"', '}{', '],[', ':'))
  const objects = fc.array(fc.dictionary(name, value))
  const bundles = fc
    .tuple(fc.dictionary(name, value), objects, fc.dictionary(name, value))
    .map(([before, entry, after]): Readonly<Record<string, unknown>> => ({ ...before, ...after, entry }))
  const indent = fc.constantFrom(0, 1, '\t', '\r\n')

  it('read alone, are what JSON.parse reads in the whole', () => {
    fc.assert(
      fc.property(bundles, indent, (bundle, space) => {
        const text = JSON.stringify(bundle, null, space)
        const whole = JSON.parse(text) as Readonly<Record<string, unknown>>
        const { items, members } = jsonSpans(text, 'entry')
        expect(textsOf(text, items).map((item) => JSON.parse(item) as unknown)).toEqual(whole['entry'])
        const read = JSON.parse(`{${textsOf(text, members).join(',')}}`) as unknown
        expect(read).toEqual(whole)
        expect(members).toHaveLength(Object.keys(whole).length)
      })
    )
  })

  it('have as many members as the value, if no name is repeated', () => {
    fc.assert(
      fc.property(bundles, indent, (bundle, space) => {
        const text = JSON.stringify(bundle, null, space)
        expect(jsonSpans(text, 'entry').memberCount).toBe(membersIn(JSON.parse(text)))
      })
    )
  })

  it.each([
    ['outside', '{"a":1,"a":2}'],
    ['in an item', '{"entry":[{"a":1,"a":1}]}'],
    ['far inside', '{"entry":[{"a":[{"b":{"c":1,"d":2,"c":3}}]}]}'],
    ['with an escape', '{"a":1,"\\u0061":2}']
  ])('have more members than the value if a name is repeated %s', (_, text) => {
    expect(jsonSpans(text, 'entry').memberCount).toBe(membersIn(JSON.parse(text)) + 1)
  })

  it.each([
    ['{}', 1],
    ['{"a":[]}', 2],
    ['{"a":"[[["}', 1],
    ['{"a":[[{"b":1}],{}]}', 4]
  ])('know how deep %s is', (text, depth) => {
    expect(jsonSpans(text, 'entry').depth).toBe(depth)
  })

  it.each([
    ['{"a":"\\n"}', false],
    ['{"\\u0061":1}', true],
    ['{"a":{"b\\"":1}}', true],
    ['{"a":["\\\\",{"b":"\\""}]}', false]
  ])('know whether a name of %s has an escape', (text, isEscaped) => {
    expect(jsonSpans(text, 'entry').hasEscapedName).toBe(isEscaped)
  })

  it('are only those of the outermost list with the name', () => {
    const text = '{"a":{"entry":[{"b":1}]},"entry":{"entry":[{"c":1}]}}'
    expect(jsonSpans(text, 'entry').items).toEqual([])
  })
})
