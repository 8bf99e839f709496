/** What each kind of operation does to a document, with elements of which the test knows everything. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { applyFhirPathPatch, isFhirPathPatch } from '../../../../src/protocol/access/fhirpath/fhirpath-patch.js'
import { limits } from '../../../../src/values/limits/limits.js'
import { elementTable } from './element-table.js'

type Parts = Readonly<Record<string, object>>

const patchOf = (...operations: ReadonlyArray<Parts>) => ({
  resourceType: 'Parameters',
  parameter: operations.map((parts) => ({
    name: 'operation',
    part: Object.entries(parts).map(([name, value]) => ({ name, ...value }))
  }))
})

const text = { valueString: 'x' }
const extended = { valueString: 'x', _valueString: { id: 'i' } }
const extensions = { _valueString: { id: 'i' } }
const at = (type: string, path: string): Parts => ({ type: { valueCode: type }, path: { valueString: path } })
const add = (path: string, name: string, value: object): Parts => ({
  ...at('add', path),
  name: { valueString: name },
  value
})
const insert = (path: string, index: number, value: object): Parts => ({
  ...at('insert', path),
  index: { valueInteger: index },
  value
})
const replace = (path: string, value: object): Parts => ({ ...at('replace', path), value })
const remove = (path: string): Parts => at('delete', path)
const move = (path: string, source: number, destination: number): Parts => ({
  ...at('move', path),
  source: { valueInteger: source },
  destination: { valueInteger: destination }
})

const apply = (document: unknown, ...operations: ReadonlyArray<Parts>) =>
  applyFhirPathPatch(document, patchOf(...operations), undefined, { elements: elementTable() })

/** A plain copy that keeps members without a value, as null prototypes are not compared. */
const kept = (value: unknown): unknown =>
  typeof value !== 'object' || value === null
    ? value
    : Array.isArray(value)
      ? value.map(kept)
      : Object.fromEntries(Object.entries(value).map(([name, held]) => [name, kept(held)]))

const b = { id: 'b' }
const i = { id: 'i' }

type Row = readonly [title: string, members: object, operation: Parts, expected: object]

describe('an operation', () => {
  it.each<Row>([
    ['adds an element', {}, add('Basic', 'active', text), { active: 'x' }],
    ['adds an element with extensions', {}, add('Basic', 'active', extended), { active: 'x', _active: i }],
    ['adds an element of extensions alone', {}, add('Basic', 'active', extensions), { _active: i }],
    ['adds the first item of a list', {}, add('Basic', 'note', text), { note: ['x'] }],
    ['adds the first item of a list, with extensions', {}, add('Basic', 'note', extended), { note: ['x'], _note: [i] }],
    ['adds the last item of a list', { note: ['a'] }, add('Basic', 'note', text), { note: ['a', 'x'] }],
    [
      'adds the last item of a list, with extensions',
      { note: ['a'] },
      add('Basic', 'note', extended),
      { note: ['a', 'x'], _note: [null, i] }
    ],
    ['adds to a list whose occurrence is not known', { odd: ['a'] }, add('Basic', 'odd', text), { odd: ['a', 'x'] }],
    ['adds a choice of types', {}, add('Basic', 'value', text), { valueString: 'x' }],
    ['adds within an element', { line: {} }, add('Basic.line', 'use', text), { line: { use: 'x' } }],
    [
      'adds a list within an element by the name of that element',
      { line: {} },
      add('Basic.line', 'code', text),
      { line: { code: ['x'] } }
    ],
    [
      'adds within a contained resource by its type',
      { contained: [{ resourceType: 'Condition' }] },
      add('Basic.contained[0]', 'onset', text),
      { contained: [{ resourceType: 'Condition', onsetString: 'x' }] }
    ],
    [
      'adds within an element whose type of resource is no text',
      { line: { resourceType: 1 } },
      add('Basic.line', 'code', text),
      { line: { resourceType: 1, code: ['x'] } }
    ],
    ['inserts at the begin', { note: ['a', 'b'] }, insert('Basic.note', 0, text), { note: ['x', 'a', 'b'] }],
    ['inserts at the end', { note: ['a', 'b'] }, insert('Basic.note', 2, text), { note: ['a', 'b', 'x'] }],
    ['inserts into no list', {}, insert('Basic.note', 0, text), { note: ['x'] }],
    [
      'inserts with extensions',
      { note: ['a', 'b'] },
      insert('Basic.note', 1, extended),
      { note: ['a', 'x', 'b'], _note: [null, i] }
    ],
    [
      'inserts before an item with extensions',
      { note: ['a', 'b'], _note: [null, b] },
      insert('Basic.note', 1, text),
      { note: ['a', 'x', 'b'], _note: [null, null, b] }
    ],
    [
      'inserts extensions alone',
      { note: ['a'] },
      insert('Basic.note', 0, extensions),
      { note: [null, 'a'], _note: [i] }
    ],
    ['replaces a value', { active: 'a' }, replace('Basic.active', text), { active: 'x' }],
    ['replaces a value by extensions', { active: 'a' }, replace('Basic.active', extensions), { _active: i }],
    ['replaces extensions by a value', { _active: b }, replace('Basic.active', text), { active: 'x' }],
    [
      'replaces a member with a digit in its name',
      { line1: 'a' },
      replace('Basic.line1', extended),
      { line1: 'x', _line1: i }
    ],
    ['replaces an item', { note: ['a', 'b', 'c'] }, replace('Basic.note[1]', text), { note: ['a', 'x', 'c'] }],
    [
      'replaces an item by one with extensions',
      { note: ['a', 'b', 'c'] },
      replace('Basic.note[1]', extended),
      { note: ['a', 'x', 'c'], _note: [null, i] }
    ],
    [
      'replaces an item of a list within an element by one with extensions',
      { line: { note: ['a', 'b'] } },
      replace('Basic.line.note[1]', extended),
      { line: { note: ['a', 'x'], _note: [null, i] } }
    ],
    [
      'replaces an item beside one with extensions',
      { note: ['a', 'b'], _note: [b] },
      replace('Basic.note[1]', text),
      { note: ['a', 'x'], _note: [b] }
    ],
    [
      'replaces an item with extensions by one of extensions alone',
      { note: ['a', 'b'], _note: [null, b] },
      replace('Basic.note[1]', extensions),
      { note: ['a', null], _note: [null, i] }
    ],
    [
      'replaces the only item with extensions',
      { note: ['a', 'b'], _note: [null, b] },
      replace('Basic.note[1]', text),
      { note: ['a', 'x'] }
    ],
    [
      'replaces one of two items with extensions',
      { note: ['a', 'b'], _note: [b, b] },
      replace('Basic.note[1]', text),
      { note: ['a', 'x'], _note: [b, null] }
    ],
    [
      'replaces a choice of types and what stands beside it',
      { valueString: 'a', _valueString: b },
      replace('Basic.value', { valueQuantity: {} }),
      { valueQuantity: {} }
    ],
    [
      'replaces a choice of types of extensions alone',
      { _valueString: b },
      replace('Basic.value', { valueQuantity: {} }),
      { valueQuantity: {} }
    ],
    ['removes an element', { active: 'a', _active: b }, remove('Basic.active'), {}],
    ['removes extensions alone', { _active: b }, remove('Basic.active'), {}],
    ['removes nothing', { active: 'a' }, remove('Basic.line.use'), { active: 'a' }],
    ['removes an item', { note: ['a', 'b'] }, remove('Basic.note[0]'), { note: ['b'] }],
    [
      'removes an item and what stands beside it',
      { note: ['a', 'b'], _note: [b, i] },
      remove('Basic.note[0]'),
      { note: ['b'], _note: [i] }
    ],
    [
      'removes the only item with something beside it',
      { note: ['a', 'b'], _note: [b, null] },
      remove('Basic.note[0]'),
      { note: ['b'] }
    ],
    ['removes the only item, and the list', { note: ['a'] }, remove('Basic.note[0]'), {}],
    ['removes the only member, and the element', { line: { use: 'x' } }, remove('Basic.line.use'), {}],
    ['removes the only member, and the item', { item: [{ use: 'x' }] }, remove('Basic.item[0].use'), {}],
    ['moves an item', { note: ['a', 'b', 'c'] }, move('Basic.note', 0, 2), { note: ['b', 'c', 'a'] }],
    ['moves an item back', { note: ['a', 'b', 'c'] }, move('Basic.note', 2, 0), { note: ['c', 'a', 'b'] }],
    [
      'moves an item and what stands beside it',
      { note: ['a', 'b', 'c'], _note: [b] },
      move('Basic.note', 0, 2),
      { note: ['b', 'c', 'a'], _note: [null, null, b] }
    ]
  ])('%s', (_title, members, operation, expected) => {
    const result = apply({ resourceType: 'Basic', ...members }, operation)
    expect(Either.isRight(result) ? kept(result.right) : result).toStrictEqual({ resourceType: 'Basic', ...expected })
  })

  it('removes the only member of a resource, and not the resource', () => {
    const result = apply({ resourceType: 'Basic' }, remove('Basic.resourceType'))
    expect(Either.isRight(result) ? kept(result.right) : result).toStrictEqual({})
  })
})

describe('an operation fails', () => {
  const document = {
    resourceType: 'Basic',
    active: 'a',
    line: { use: 'x' },
    name: [{ use: 'a' }, { use: 'b' }],
    note: ['a', 'b'],
    effectiveString: 'x',
    effectiveCode: 'x',
    valueString: 'x',
    code: 'y',
    _code: [],
    given: ['a', 'b'],
    _given: 'z',
    contained: ['a', 'b'],
    _contained: {},
    telecom: [{}],
    _telecom: [1, 2]
  }
  const left = (operation: Parts) => apply(document, operation)

  it.each<readonly [string, Parts]>([
    ['replace several', replace('Basic.name.use', text)],
    ['replace none', replace('Basic.other', text)],
    ['remove several', remove('Basic.name.use')],
    ['add to several', add('Basic.name', 'family', text)],
    ['add to a text', add('Basic.active', 'family', text)],
    ['add an id to a text', add('Basic.active', 'id', text)],
    ['add what is there', add('Basic', 'active', text)],
    ['add a choice of types that is there', add('Basic', 'value', text)],
    ['insert into an element that does not repeat', insert('Basic.other', 0, text)],
    ['insert into an object', insert('Basic.line', 0, text)],
    ['insert into a text', insert('Basic.active', 0, text)],
    ['insert behind the end', insert('Basic.note', 3, text)],
    ['insert behind the begin of no list', insert('Basic.extension', 1, text)],
    ['insert behind the begin of no list of which nothing is known', insert('Basic.odd', 1, text)],
    ['insert into nothing', insert('Basic.other.note', 0, text)],
    ['insert with a text beside the list', insert('Basic.given', 0, extended)],
    ['insert with an object beside the list', insert('Basic.contained', 0, extended)],
    ['replace with a text beside the list', replace('Basic.given[0]', extended)],
    ['move from behind the end', move('Basic.note', 2, 0)],
    ['move to behind the end', move('Basic.note', 0, 2)],
    ['move in no list', move('Basic.extension', 0, 0)],
    ['move in an object', move('Basic.line', 0, 0)],
    ['move in nothing', move('Basic.other.note', 0, 0)],
    ['move with a text beside the list', move('Basic.given', 0, 1)]
  ])('to %s', (_title, operation) => {
    expect(left(operation)).toEqual(Either.left({ _tag: 'PatchError', operation: 0, because: 'no-such-place' }))
  })

  it.each<readonly [string, Parts]>([
    ['adds no value', add('Basic', 'other', { otherCode: 'x' })],
    ['adds no value to a choice of types by a member name', add('Basic', 'valueCode', { otherCode: 'x' })],
    ['inserts no value', insert('Basic.note', 0, { otherCode: 'x' })],
    ['replaces by no value', replace('Basic.active', { otherCode: 'x' })],
    ['replaces a choice of types without a type', replace('Basic.value', { part: [] })]
  ])('if it %s', (_title, operation) => {
    expect(left(operation)).toEqual(Either.left({ _tag: 'PatchError', operation: 0, because: 'malformed' }))
  })

  it('if it adds a choice of types without a type', () => {
    expect(apply({ resourceType: 'Basic' }, add('Basic', 'value', { part: [] }))).toEqual(
      Either.left({ _tag: 'PatchError', operation: 0, because: 'malformed' })
    )
  })

  it.each<readonly [string, Parts]>([
    ['replaces the resource', replace('Basic', text)],
    ['removes the resource', remove('Basic')],
    ['removes a part of a text', remove('Basic.active.extension')],
    ['replaces a part of a text', replace('Basic.active.extension', text)],
    ['adds to a part of a text', add('Basic.active.extension', 'url', text)],
    ['adds a choice of types by a member name', add('Basic', 'valueCode', text)],
    ['adds a choice of types that is there twice', add('Basic', 'effective', text)],
    ['adds an element that is not known', add('Basic', 'odd', text)],
    ['inserts into a list that is not known', insert('Basic.odd', 0, text)],
    ['inserts into an item', insert('Basic.note[0]', 0, text)],
    ['inserts into the resource', insert('Basic', 0, text)],
    ['inserts into a part of a text', insert('Basic.active.extension.url', 0, text)],
    ['moves in an item', move('Basic.note[0]', 0, 0)]
  ])('as uncertain if it %s', (_title, operation) => {
    expect(left(operation)).toMatchObject({ _tag: 'Left', left: { _tag: 'PatchUncertain', operation: 0 } })
  })

  it('as the first that fails, and nothing is applied', () => {
    expect(apply(document, remove('Basic.active'), remove('Basic'), remove('Basic.name'))).toEqual(
      Either.left({ _tag: 'PatchUncertain', operation: 1, path: 'Basic' })
    )
  })
})

describe('a body', () => {
  it.each<readonly [unknown, boolean]>([
    [{ resourceType: 'Parameters' }, true],
    [{ resourceType: 'Patient' }, false],
    [{}, false],
    [[], false],
    [null, false],
    ['Parameters', false]
  ])('%j is a FHIRPath Patch: %s', (body, isPatch) => {
    expect(isFhirPathPatch(body)).toBe(isPatch)
  })

  it.each([null, 'x', [], { parameter: 'x' }, { parameter: {} }])('%j is malformed', (body) => {
    expect(applyFhirPathPatch({ resourceType: 'Basic' }, body)).toEqual(
      Either.left({ _tag: 'PatchError', operation: -1, because: 'malformed' })
    )
  })

  it('without operations changes nothing', () => {
    expect(applyFhirPathPatch({ resourceType: 'Basic' }, {})).toEqual(Either.right({ resourceType: 'Basic' }))
  })
})

it('the items beside a list count among those that a patch looks at', () => {
  // The first of a pair fills the list beside the items and looks through it.
  // The second looks through it and removes it.
  const length = limits.fhirPatchLooked.default / 500
  const document = { resourceType: 'Basic', note: Array.from({ length }, () => 'a') }
  const path = `Basic.note[${String(length - 1)}]`
  const pair = [replace(path, extended), replace(path, text)]
  const all = Array.from({ length: 200 }, () => pair).flat()
  // 166 pairs look at 498 times the items, and the next operation at twice as many: that is all that is permitted.
  expect(apply(document, ...all)).toEqual(Either.left({ _tag: 'PatchError', operation: 333, because: 'too-large' }))
})
