import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { hasUniqueNames, isJsonValue, parseJson } from '../../../src/values/json.js'

/** JSON as it is written down: an object is a list of members, so that a name can come twice. */
type Written =
  | { readonly _tag: 'Text'; readonly text: string }
  | { readonly _tag: 'List'; readonly items: ReadonlyArray<Written> }
  | {
      readonly _tag: 'Object'
      readonly members: ReadonlyArray<{ readonly name: string; readonly spelling: string; readonly value: Written }>
    }

const escapedUnit = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`

/** One of the ways in which JSON spells a string. */
const spelled = (text: string, isEscaped: boolean): string =>
  isEscaped
    ? `"${Array.from({ length: text.length }, (_, index) => escapedUnit(text.charCodeAt(index))).join('')}"`
    : JSON.stringify(text)

const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', '__proto__', 'a:b', '"', '\\', '{', '') },
  fc.string()
)
const scalar = fc.oneof(
  fc.string().map((text) => JSON.stringify(text)),
  fc.constantFrom('0', '-1.5e3', 'true', 'null', '":"', '"{\\"a\\":1,\\"a\\":2}"')
)

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
      return (
        '{' +
        json.members.map(({ spelling, value }) => `${blank}${spelling}${blank}:${print(value, blank)}`).join(',') +
        `${blank}}`
      )
  }
}

const isUnique = (json: Written): boolean => {
  switch (json._tag) {
    case 'Text':
      return true
    case 'List':
      return json.items.every(isUnique)
    case 'Object':
      return (
        new Set(json.members.map((member) => member.name)).size === json.members.length &&
        json.members.every(({ value }) => isUnique(value))
      )
  }
}

describe('names in JSON', () => {
  it('are unique where no object was written with one of them twice, however it is spelled', () => {
    let found = 0
    fc.assert(
      fc.property(written, fc.constantFrom('', ' ', '\r\n\t'), (json, blank) => {
        const text = print(json, blank)
        found += Number(!isUnique(json))
        expect(hasUniqueNames(text)).toBe(isUnique(json))
      }),
      { numRuns: 3000 }
    )
    expect(found).toBeGreaterThan(100)
  })

  it('are compared in a text of any depth', () => {
    const deep = (name: string): string => `${'[{"a":'.repeat(4000)}{"${name}":0,"b":0}${'}]'.repeat(4000)}`
    expect([deep('c'), deep('\\u0062')].map(hasUniqueNames)).toEqual([true, false])
  })

  // `JSON.parse` of Node 24 and 26 takes the name that an object of this shape had before, where the text begins alike.
  it.each([
    ['\\', '{"b":0,"\\u0062":0}', false],
    ['\\', '{"b":0,"\\u0063":0}', true],
    ['\\u0', '{"b":0,"\\u0062cd":0,"bcd":0}', false],
    ['\\n', '{"b":0,"\\nx":0,"\\n":0}', true]
  ])('are those of the text, after an object with the member %j was parsed', (before, text, isUniqueText) => {
    JSON.parse(JSON.stringify({ b: 0, [before]: 0 }))
    expect(hasUniqueNames(text)).toBe(isUniqueText)
  })

  it('are compared in work that grows as the text does', () => {
    const namesRead = (count: number): number => {
      const text = `{${Array.from({ length: count }, (_, index) => `"n${String(index)}":0`).join(',')}}`
      const looked = vi.spyOn(String.prototype, 'charCodeAt')
      hasUniqueNames(text)
      const { length } = looked.mock.calls
      looked.mockRestore()
      return length / text.length
    }
    expect(namesRead(4000) / namesRead(2000)).toBeLessThan(1.25)
  })
})

describe('JSON that is parsed', () => {
  /** What a text says, without asking `JSON.parse` for names. */
  const said = (json: Written): unknown => {
    switch (json._tag) {
      case 'Text':
        return JSON.parse(json.text)
      case 'List':
        return json.items.map(said)
      case 'Object':
        return Object.fromEntries(json.members.map((member) => [member.name, said(member.value)]))
    }
  }

  it('says what was written, however names are spelled and whatever was parsed before', () => {
    fc.assert(
      fc.property(written, fc.constantFrom('', ' ', '\r\n\t'), (json, blank) => {
        const parsed = parseJson(print(json, blank))
        expect(parsed).toEqual({ _tag: 'Some', value: said(json) })
        if (parsed._tag === 'Some')
          expect(Object.keys(Object(parsed.value) as object)).toEqual(Object.keys(Object(said(json)) as object))
      }),
      { numRuns: 3000 }
    )
  })

  it.each([
    ['\\', '{"b":0,"\\u0063":1}', { b: 0, c: 1 }],
    ['\\u00', '{"b":0,"\\u0073ub":{"\\u0061":[1]},"x":-1.5e3}', { b: 0, sub: { a: [1] }, x: -1500 }]
  ])('has its own names, after an object with the member %j was parsed', (before, text, value) => {
    JSON.parse(JSON.stringify({ b: 0, [before]: 0 }))
    expect(parseJson(text)).toEqual({ _tag: 'Some', value })
  })

  it.each(['', '{', '{"\\u0061":}', '{"\\u0061":1}}', '{"\\u0061":01}', '{"\\u006":1}'])(
    'is nothing where it is no JSON: %j',
    (text) => {
      expect(parseJson(text)).toEqual({ _tag: 'None' })
    }
  )

  it('has members called __proto__, and no other prototype', () => {
    const parsed = parseJson('{"__proto__":{"a":1},"\\u0061":2}')
    expect(JSON.stringify(parsed)).toBe('{"_tag":"Some","value":{"__proto__":{"a":1},"a":2}}')
  })
})

describe('what JSON holds as it is', () => {
  it('is an array without gaps and without members of its own', () => {
    const gaps: Array<unknown> = [1]
    gaps[2] = 2
    expect(
      [[], [1, [null]], gaps, Object.assign([1], { a: 1 }), Object.assign([...gaps.slice(0, 1)], { 2: 2 })].map(
        isJsonValue
      )
    ).toEqual([true, true, false, false, false])
    expect(isJsonValue({ a: gaps })).toBe(false)
  })
})
