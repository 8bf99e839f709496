import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasUniqueNames, isJson } from '../../../src/values/json.js'

/** JSON as it is written down: an object is a list of members, so that a name can come twice. */
type Written =
  | { readonly _tag: 'Text'; readonly text: string }
  | { readonly _tag: 'List'; readonly items: ReadonlyArray<Written> }
  | { readonly _tag: 'Object'; readonly members: ReadonlyArray<{ readonly name: string; readonly spelling: string; readonly value: Written }> }

/** One of the ways in which JSON spells a string. */
const spelled = (text: string, isEscaped: boolean): string =>
  isEscaped
    ? `"${Array.from({ length: text.length }, (_, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')}"`
    : JSON.stringify(text)

const name = fc.oneof({ weight: 3, arbitrary: fc.constantFrom('a', 'b', '__proto__', 'a:b', '"', '\\', '{', '') }, fc.string())
const scalar = fc.oneof(fc.string().map((text) => JSON.stringify(text)), fc.constantFrom('0', '-1.5e3', 'true', 'null', '":"', '"{\\"a\\":1,\\"a\\":2}"'))

const { written } = fc.letrec<{ written: Written; members: Written }>((tie) => ({
  written: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar.map((text): Written => ({ _tag: 'Text', text })),
    fc.array(tie('written'), { maxLength: 3 }).map((items): Written => ({ _tag: 'List', items })),
    tie('members')
  ),
  members: fc.array(fc.tuple(name, fc.boolean(), tie('written')), { maxLength: 4 }).map((members): Written => ({
    _tag: 'Object',
    members: members.map(([one, isEscaped, value]) => ({ name: one, spelling: spelled(one, isEscaped), value }))
  }))
}))

const print = (json: Written, blank: string): string => {
  switch (json._tag) {
    case 'Text':
      return json.text
    case 'List':
      return `[${blank}${json.items.map((item) => print(item, blank)).join(`${blank},`)}]`
    case 'Object':
      return `{${json.members.map(({ spelling, value }) => `${blank}${spelling}${blank}:${print(value, blank)}`).join(',')}${blank}}`
  }
}

const isUnique = (json: Written): boolean => {
  switch (json._tag) {
    case 'Text':
      return true
    case 'List':
      return json.items.every(isUnique)
    case 'Object':
      return new Set(json.members.map((member) => member.name)).size === json.members.length && json.members.every(({ value }) => isUnique(value))
  }
}

describe('names in JSON', () => {
  it('are unique where no object was written with one of them twice, however it is spelled', () => {
    let found = 0
    fc.assert(fc.property(written, fc.constantFrom('', ' ', '\r\n\t'), (json, blank) => {
      const text = print(json, blank)
      found += Number(!isUnique(json))
      expect(hasUniqueNames(text, JSON.parse(text))).toBe(isUnique(json))
    }), { numRuns: 3000 })
    expect(found).toBeGreaterThan(100)
  })

  it('are counted in a text of any depth', () => {
    const deep = `${'[{"a":'.repeat(4000)}1${'}]'.repeat(4000)}`
    expect(hasUniqueNames(deep, JSON.parse(deep))).toBe(true)
  })
})

describe('what JSON holds as it is', () => {
  it('is an array without gaps and without members of its own', () => {
    const gaps: Array<unknown> = [1]
    gaps[2] = 2
    expect([[], [1, [null]], gaps, Object.assign([1], { a: 1 }), Object.assign([...gaps.slice(0, 1)], { 2: 2 })].map(isJson)).toEqual([true, true, false, false, false])
    expect(isJson({ a: gaps })).toBe(false)
  })
})
