/** How the values of a query are read, compared and printed: escapes, systems, references, case and accents. */
import { describe, expect, it } from 'vitest'
import type { Value } from '../../../src/scopes/clause.js'
import {
  conditionOf,
  covers,
  fold,
  fresh,
  identityOf,
  indexOfBar,
  instanceOf,
  matchesIndex,
  printValue,
  unescape
} from '../../../src/scopes/clause.js'
import { clauseOf, commaList, readQuery, splitAtCommas } from '../../../src/scopes/query.js'
import type { ParameterType } from '../../../src/scopes/vocabulary.js'

const vocabulary = {
  typeOf: (_resourceType: string, name: string): ParameterType =>
    (({ tok: 'token', ref: 'reference', str: 'string', uri: 'uri' }) as Readonly<Record<string, ParameterType>>)[
      name
    ] ?? 'other'
}

const condition = (name: string, modifier: string | null, values: ReadonlyArray<string>) =>
  conditionOf(vocabulary, 'A', clauseOf(name, modifier, values))

const valueOf = (name: string, text: string): Value =>
  condition(name, null, [text]).values[0] ?? { _tag: 'Equal', text: 'none' }

const token = (system: string | null, code: string | null): Value => ({ _tag: 'Token', system, code })
const reference = (type: string | null, id: string): Value => ({ _tag: 'Reference', type, id })
const equal = (text: string): Value => ({ _tag: 'Equal', text })
const prefix = (folded: string): Value => ({ _tag: 'Prefix', folded })

/** Parameter, text in the query, value, index value that stands for it, and the text as it is printed. */
const rows: ReadonlyArray<readonly [name: string, text: string, value: Value, instance: string, printed: string]> = [
  ['tok', 'a', token(null, 'a'), `${fresh}|a`, 'a'],
  ['tok', 's|a', token('s', 'a'), 's|a', 's|a'],
  ['tok', '|a', token('', 'a'), '|a', '|a'],
  ['tok', 's|', token('s', null), `s|${fresh}`, 's|'],
  ['tok', 's|a|b', token('s', 'a|b'), 's|a\\|b', 's|a\\|b'],
  ['tok', 's\\|t|a', token('s|t', 'a'), 's\\|t|a', 's\\|t|a'],
  ['tok', 's\\\\|a', token('s\\', 'a'), 's\\\\|a', 's\\\\|a'],
  ['tok', 'a\\|b', token(null, 'a|b'), `${fresh}|a\\|b`, 'a\\|b'],
  ['tok', 'a\\,b', token(null, 'a,b'), `${fresh}|a,b`, 'a\\,b'],
  ['tok', 's\\$|a\\$b', token('s$', 'a$b'), 's$|a$b', 's\\$|a\\$b'],
  ['tok', 'a\\b', token(null, 'a\\b'), `${fresh}|a\\\\b`, 'a\\\\b'],
  ['ref', '1', reference(null, '1'), `${fresh}/1`, '1'],
  ['ref', 'P/1', reference('P', '1'), 'P/1', 'P/1'],
  ['ref', 'P/1/_history/2', equal('P/1/_history/2'), 'P/1/_history/2', 'P/1/_history/2'],
  ['ref', 'http://h/P/1', equal('http://h/P/1'), 'http://h/P/1', 'http://h/P/1'],
  ['ref', 'urn:uuid:1', equal('urn:uuid:1'), 'urn:uuid:1', 'urn:uuid:1'],
  ['ref', 'urn:x/1', equal('urn:x/1'), 'urn:x/1', 'urn:x/1'],
  ['ref', 'a\\,b', reference(null, 'a,b'), `${fresh}/a,b`, 'a\\,b'],
  ['ref', 'P\\|/1', reference('P|', '1'), 'P|/1', 'P\\|/1'],
  ['uri', 'http://u\\,v', equal('http://u,v'), 'http://u,v', 'http://u\\,v'],
  ['str', 'Ab', prefix('ab'), `ab${fresh}`, 'ab'],
  ['str', '\u00c1B\u03c2', prefix('ab\u03c3'), `ab\u03c3${fresh}`, 'ab\u03c3'],
  ['str', 'a\\,B', prefix('a,b'), `a,b${fresh}`, 'a\\,b'],
  ['str', '\u0301\u0300', prefix(''), fresh, '\u0301'],
  ['opq', 'ge\\,1', equal('ge\\,1'), 'ge\\,1', 'ge\\,1']
]

describe('the value of a clause', () => {
  it.each(rows)('%s=%s is %j, stands for %j and prints %s', (name, text, value, instance, printed) => {
    expect(valueOf(name, text)).toEqual(value)
    expect(instanceOf(value)).toBe(instance)
    expect(printValue(value, name === 'opq')).toBe(printed)
    expect(valueOf(name, printed)).toEqual(value)
    expect(identityOf(value)).toBe(`${value._tag} ${instance}`)
    expect(covers(value, value)).toBe(true)
  })

  it('has an identity of its own', () => {
    expect(new Set(rows.map(([, , value]) => identityOf(value))).size).toBe(
      new Set(rows.map(([, , value]) => JSON.stringify(value))).size
    )
  })
})

describe('the condition of a clause', () => {
  it.each([
    ['tok', null, ['a', 's|b'], { key: 'tok/token', values: [token(null, 'a'), token('s', 'b')], isOpaque: false }],
    ['tok', 'not', ['a', 'b'], { key: 'tok:not', values: [equal('a,b')], isOpaque: true }],
    ['tok', 'exact', ['a'], { key: 'tok:exact', values: [equal('a')], isOpaque: true }],
    ['str', null, ['Ab'], { key: 'str/string', values: [prefix('ab')], isOpaque: false }],
    ['str', 'exact', ['Ab\\,', 'c'], { key: 'str/string', values: [equal('Ab,'), equal('c')], isOpaque: false }],
    ['str', 'contains', ['Ab'], { key: 'str:contains', values: [equal('Ab')], isOpaque: true }],
    ['uri', 'below', ['http://u'], { key: 'uri:below', values: [equal('http://u')], isOpaque: true }],
    ['opq', null, ['x', 'y'], { key: 'opq/opaque', values: [equal('x,y')], isOpaque: true }],
    ['opq', 'exact', ['x'], { key: 'opq:exact', values: [equal('x')], isOpaque: true }]
  ] as const)('%s:%s=%j', (name, modifier, values, expected) => {
    expect(condition(name, modifier, values)).toEqual(expected)
  })
})

describe('an index value', () => {
  it.each<readonly [value: Value, index: string, isMatched: boolean]>([
    [token(null, 'a'), 's|a', true],
    [token(null, 'a'), '|a', true],
    [token(null, 'a'), 'a', true],
    [token(null, 'a'), 's|b', false],
    [token(null, 'a'), 'b', false],
    [token(null, 'a|b'), 'a\\|b', true],
    [token('s', 'a'), 's|a', true],
    [token('s', 'a'), 't|a', false],
    [token('s', 'a'), 's|b', false],
    [token('s', 'a'), 'a', false],
    [token('', 'a'), '|a', true],
    [token('', 'a'), 'a', false],
    [token('', 'a'), 's|a', false],
    [token('s', null), 's|a', true],
    [token('s', null), 't|a', false],
    [token('s', null), 'a', false],
    [token('s|t', 'a'), 's\\|t|a', true],
    [token('s|t', 'a'), 's|t|a', false],
    [token('s', 't|a'), 's|t|a', true],
    [token('s\\', 'a'), 's\\\\|a', true],
    [reference(null, '1'), 'P/1', true],
    [reference(null, '1'), '1', true],
    [reference(null, '1'), '/1', false],
    [reference(null, '1'), 'P/2', false],
    [reference(null, '1'), 'P/Q/1', false],
    [reference(null, '1'), 'urn:P/1', false],
    [reference(null, '1'), 'http://h/P/1', false],
    [reference(null, 'P/1'), 'P/1', true],
    [reference(null, 'Q/1'), 'P/Q/1', false],
    [reference('P', '1'), 'P/1', true],
    [reference('P', '1'), 'Q/1', false],
    [reference('P', '1'), '1', false],
    [equal('Ab'), 'Ab', true],
    [equal('Ab'), 'ab', false],
    [equal('Ab'), 'Abc', false],
    [prefix('ab'), '\u00c1BC', true],
    [prefix('ab'), 'xab', false],
    [prefix('ab'), 'a', false],
    [prefix('\u03c3'), '\u03a3', true],
    [prefix('\u03c3'), '\u03c2', true]
  ])('%j and %j: %s', (value, index, isMatched) => {
    expect(matchesIndex(value, index)).toBe(isMatched)
  })

  it.each<readonly [wide: Value, narrow: Value, isCovered: boolean]>([
    [token(null, 'a'), token('s', 'a'), true],
    [token(null, 'a'), token('', 'a'), true],
    [token('s', 'a'), token(null, 'a'), false],
    [token('', 'a'), token(null, 'a'), false],
    [token('s', null), token('s', 'a'), true],
    [token('s', 'a'), token('s', null), false],
    [reference(null, '1'), reference('P', '1'), true],
    [reference('P', '1'), reference(null, '1'), false],
    [reference(null, '1'), equal('http://h/P/1'), false],
    [prefix('a'), prefix('ab'), true],
    [prefix('ab'), prefix('a'), false],
    [prefix('a'), equal('\u00c1b'), true],
    [equal('a'), prefix('a'), false]
  ])('of %j covers %j: %s', (wide, narrow, isCovered) => {
    expect(covers(wide, narrow)).toBe(isCovered)
  })
})

describe('texts', () => {
  it.each([
    ['a\\,b\\|c\\$d\\\\e', 'a,b|c$d\\e'],
    ['a\\b', 'a\\b'],
    ['a\\\\,b', 'a\\,b'],
    ['plain', 'plain']
  ])('%s is unescaped to %s', (text, plain) => {
    expect(unescape(text)).toBe(plain)
  })

  it.each([
    ['\u00c9t\u00c9', 'ete'],
    ['E\u0301\u0302', 'e'],
    ['\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2', '\u03c3\u03b9\u03c3\u03c5\u03c6\u03bf\u03c3'],
    ['\u03c2a\u03c2', '\u03c3a\u03c3']
  ])('%s folds to %s', (text, folded) => {
    expect(fold(text)).toBe(folded)
  })

  it.each([
    ['a|b', 1],
    ['|', 0],
    ['a\\|b', -1],
    ['a\\\\|b', 3],
    ['a\\|b|c', 4],
    ['', -1],
    ['a|', 1]
  ])('the bar of %j is at %i', (text, place) => {
    expect(indexOfBar(text)).toBe(place)
  })

  it.each([
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    ['a\\,b', ['a\\,b']],
    ['a\\,b,c', ['a\\,b', 'c']],
    ['a\\\\,b', ['a\\\\', 'b']],
    [',', ['', '']],
    ['a,', ['a', '']],
    ['a,b\\', ['a', 'b\\']]
  ])('%j is split at commas into %j', (text, parts) => {
    expect(commaList(text)).toEqual(parts)
  })

  it.each([
    ['a\\', null],
    ['a\\\\', ['a\\\\']],
    ['a\\\\\\', null],
    ['\\', null],
    ['\\\\', ['\\\\']],
    ['', ['']],
    ['a,b', ['a', 'b']]
  ])('%j is split at unescaped commas into %j', (text, parts) => {
    expect(splitAtCommas(text)).toEqual(parts)
  })
})

describe('a query', () => {
  const read = (query: string): unknown => {
    const reading = readQuery(query, 0, query.length)
    return reading._tag === 'Clauses'
      ? reading.clauses.map(({ name, modifier, values }) => [name, modifier, ...values])
      : reading.position
  }

  it.each<readonly [query: string, expected: unknown]>([
    ['a=b', [['a', null, 'b']]],
    [
      'a=b&c=d',
      [
        ['a', null, 'b'],
        ['c', null, 'd']
      ]
    ],
    ['a=b=c', [['a', null, 'b=c']]],
    ['a:not=b', [['a', 'not', 'b']]],
    ['a:b:c=d', [['a', 'b:c', 'd']]],
    ['a%3Anot=b', [['a', 'not', 'b']]],
    ['a=b,c', [['a', null, 'b', 'c']]],
    ['a=b%2Cc', [['a', null, 'b', 'c']]],
    ['a=b%5C,c', [['a', null, 'b\\,c']]],
    ['a=%26b%20c', [['a', null, '&b c']]],
    ['a=b+c', [['a', null, 'b+c']]],
    ['_id=b', [['_id', null, 'b']]],
    ['a.b-c_1=d', [['a.b-c_1', null, 'd']]],
    [
      'a=b,c&d:x=e',
      [
        ['a', null, 'b', 'c'],
        ['d', 'x', 'e']
      ]
    ],
    ['%61=b', [['a', null, 'b']]],
    ['', 0],
    ['=b', 0],
    ['a', 0],
    ['ab', 0],
    ['a!=b', 0],
    ['code:not=b', [['code', 'not', 'b']]],
    ['a=', 0],
    ['a=b&', 4],
    ['&a=b', 0],
    ['a=b&c', 4],
    ['a=b,', 0],
    ['a=,b', 0],
    ['a:=b', 0],
    ['1a=b', 0],
    ['-a=b', 0],
    ['a b=c', 0],
    ['a=b c', 0],
    ['a=b%5C', 0],
    ['a=b%5C%5C', [['a', null, 'b\\\\']]],
    ['a=%', 0],
    ['a%=b', 0],
    ['a=%FF', 0],
    ['%C3%A9=b', 0],
    ['a=b"', 0],
    ['a=b\\', 0],
    ['a:x"=b', 0],
    ['a=b&c=d,&e=f', 4]
  ])('%j: %j', (query, expected) => {
    expect(read(query)).toEqual(expected)
  })

  it('is read between two positions', () => {
    expect(readQuery('xx a=b yy', 3, 6)).toEqual({
      _tag: 'Clauses',
      clauses: [{ name: 'a', modifier: null, values: ['b'], text: 'a=b' }]
    })
    expect(readQuery('x?a=b,c&d=e z', 2, 11)).toEqual({
      _tag: 'Clauses',
      clauses: [
        { name: 'a', modifier: null, values: ['b', 'c'], text: 'a=b,c' },
        { name: 'd', modifier: null, values: ['e'], text: 'd=e' }
      ]
    })
    expect(readQuery('x?a=b&c z', 2, 7)).toEqual({ _tag: 'Malformed', position: 6 })
  })

  it.each([
    ['a', null, ['b'], 'a=b'],
    ['a', 'not', ['b', 'c'], 'a:not=b,c'],
    ['a', null, ['b\\,c'], 'a=b%5C,c'],
    ['a', null, ['b&c=d'], 'a=b%26c%3Dd'],
    ['a', null, ['b+c'], 'a=b%2Bc'],
    ['a', null, ['b%c"d\\e f\u007f'], 'a=b%25c%22d%5Ce%20f%7F'],
    ['a', null, ["!$'()*-./:;<>?@[]^_`{|}~#"], "a=!$'()*-./:;<>?@[]^_`{|}~%23"],
    ['\ud800', '\udc00', ['\ud83d\ude00\ud800'], '%EF%BF%BD:%EF%BF%BD=%F0%9F%98%80%EF%BF%BD'],
    ['a=b', 'c:d', ['e'], 'a%3Db:c:d=e']
  ])('%j:%j=%j is made as %s', (name, modifier, values, text) => {
    expect(clauseOf(name, modifier, values).text).toBe(text)
  })
})
