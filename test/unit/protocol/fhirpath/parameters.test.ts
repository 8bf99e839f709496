import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { readOperation, readValue } from '../../../../src/protocol/access/fhirpath/parameters.js'
import { elementTable } from './element-table.js'

const part = (name: string, value: object) => ({ name, ...value })
const type = (value: string) => part('type', { valueCode: value })
const path = part('path', { valueString: 'Patient.name' })
const name = part('name', { valueString: 'birthDate' })
const value = part('value', { valueString: 'x' })
const place = (of: string, at: unknown) => part(of, { valueInteger: at })
const operationOf = (...parts: ReadonlyArray<unknown>) => ({ name: 'operation', part: parts })

const nothing = { name: null, index: null, source: null, destination: null, value: null }

describe('an operation of a FHIRPath Patch', () => {
  it.each<readonly [string, unknown, object]>([
    ['add', operationOf(type('add'), path, name, value), { type: 'add', name: 'birthDate', value }],
    ['insert', operationOf(type('insert'), path, place('index', 2), value), { type: 'insert', index: 2, value }],
    ['delete', operationOf(type('delete'), path), { type: 'delete' }],
    ['replace', operationOf(type('replace'), path, value), { type: 'replace', value }],
    [
      'move',
      operationOf(type('move'), path, place('source', 0), place('destination', 1)),
      { type: 'move', source: 0, destination: 1 }
    ],
    ['a path as code', operationOf(type('delete'), part('path', { valueCode: 'Patient.name' })), { type: 'delete' }],
    [
      'a name where none is needed',
      operationOf(type('delete'), path, part('name', { valueString: '-' })),
      { type: 'delete', name: '-' }
    ]
  ])('is read: %s', (_title, operation, expected) => {
    expect(readOperation(operation)).toStrictEqual({ ...nothing, path: 'Patient.name', ...expected })
  })

  it.each<readonly [string, unknown]>([
    ['a text', 'x'],
    ['null', null],
    ['another name', { name: 'other', part: [type('delete'), path] }],
    ['no parts', { name: 'operation' }],
    ['parts that are no list', { name: 'operation', part: {} }],
    ['a part that is null', operationOf(type('delete'), path, null)],
    ['a part without a name', operationOf(type('delete'), path, {})],
    ['an unknown part', operationOf(type('delete'), path, part('more', {}))],
    ['a part given twice', operationOf(type('delete'), path, path)],
    ['no type', operationOf(path)],
    ['an unknown type', operationOf(type('test'), path)],
    ['no path', operationOf(type('delete'))],
    ['a path that is no text', operationOf(type('delete'), part('path', { valueString: 5 }))],
    ['a value to delete', operationOf(type('delete'), path, value)],
    ['nothing to replace by', operationOf(type('replace'), path)],
    ['nothing to add', operationOf(type('add'), path, name)],
    ['nothing to insert', operationOf(type('insert'), path, place('index', 0))],
    ['an addition without a name', operationOf(type('add'), path, value)],
    ...['', 'Name', '-name', 'na-me', '_name', '1'].map(
      (text) =>
        [`the name ${text}`, operationOf(type('add'), path, part('name', { valueString: text }), value)] as const
    ),
    ['an insertion without a place', operationOf(type('insert'), path, value)],
    ...[-1, 1.5, '1', 2 ** 53, null].map(
      (at) => [`the place ${String(at)}`, operationOf(type('insert'), path, place('index', at), value)] as const
    ),
    ['a move without a source', operationOf(type('move'), path, place('destination', 0))],
    ['a move without a destination', operationOf(type('move'), path, place('source', 0))]
  ])('is malformed with %s', (_title, operation) => {
    expect(readOperation(operation)).toBeNull()
  })
})

describe('the value of a part', () => {
  const read = (members: object, holder = 'line') =>
    readValue(elementTable(), 'Basic', holder, { name: 'value', ...members })
  const parts = (...all: ReadonlyArray<unknown>): object => ({ part: all })
  const right = (json: unknown, element: object | null, typeName: string | null) =>
    Either.right({ json, element, type: typeName })
  const text = { valueString: 'x' }
  const extended = { valueString: 'x', _valueString: { id: 'i' } }

  it.each<readonly [string, object, ReturnType<typeof right>]>([
    ['a text', text, right('x', null, 'String')],
    ['false', { valueBoolean: false }, right(false, null, 'Boolean')],
    ['an object', { valueQuantity: { value: 1 } }, right({ value: 1 }, null, 'Quantity')],
    ['a text with extensions', extended, right('x', { id: 'i' }, 'String')],
    ['extensions alone', { _valueString: { id: 'i' } }, right(undefined, { id: 'i' }, 'String')],
    ['a text beside id and extension', { id: 'x', extension: [], ...text }, right('x', null, 'String')],
    ['a resource', { resource: { resourceType: 'Patient' } }, right({ resourceType: 'Patient' }, null, null)],
    ['no parts', parts(), right({}, null, null)],
    ['parts', parts(part('use', text), part('rank', { valueInteger: 1 })), right({ use: 'x', rank: 1 }, null, null)],
    [
      'parts with extensions',
      parts(part('use', extended), part('rank', { _valueCode: { id: 'j' } })),
      right({ use: 'x', _use: { id: 'i' }, _rank: { id: 'j' } }, null, null)
    ],
    [
      'parts that repeat',
      parts(part('note', text), part('note', { valueString: 'y' })),
      right({ note: ['x', 'y'] }, null, null)
    ],
    [
      'parts that repeat, the last with extensions',
      parts(part('note', text), part('note', extended)),
      right({ note: ['x', 'x'], _note: [null, { id: 'i' }] }, null, null)
    ],
    [
      'parts that repeat, the first with extensions',
      parts(part('note', extended), part('note', text)),
      right({ note: ['x', 'x'], _note: [{ id: 'i' }, null] }, null, null)
    ],
    [
      'parts that repeat, of extensions alone',
      parts(part('note', { _valueString: { id: 'i' } })),
      right({ note: [null], _note: [{ id: 'i' }] }, null, null)
    ],
    [
      'a part of a choice of types',
      parts(part('value', { valueQuantity: {} })),
      right({ valueQuantity: {} }, null, null)
    ],
    ['parts in a part', parts(part('use', parts(part('rank', text)))), right({ use: { rank: 'x' } }, null, null)]
  ])('is read: %s', (_title, members, expected) => {
    expect(read(members)).toStrictEqual(expected)
  })

  it.each<readonly [string, object]>([
    ['no value', {}],
    ['null', { valueString: null }],
    ['a list', { valueString: ['x'] }],
    ['another member', { otherCode: 'x' }],
    ['an unknown type', { valueOther: 'x' }],
    ['a line in its type', { value_String: 'x' }],
    ['two types', { valueString: 'x', valueCode: 'x' }],
    ['extensions of another type', { valueString: 'x', _valueCode: {} }],
    ['extensions that are no object', { valueString: 'x', _valueString: 'y' }],
    ['extensions that are null', { valueString: 'x', _valueString: null }],
    ['parts that are no list', { part: {} }],
    ['parts beside a value', { part: [], valueString: 'x' }],
    ['a resource beside a value', { resource: {}, valueString: 'x' }],
    ['a resource that is no object', { resource: 'x' }],
    ['a part that is null', parts(null)],
    ['a part without a name', parts(text)],
    ['a part with another name', parts({ name: 1, ...text })],
    ...['Use', 'u-se', '-use', '_use', ''].map((other) => [`the part ${other}`, parts(part(other, text))] as const),
    ['a part without a value', parts(part('use', {}))],
    ['a part given twice', parts(part('use', text), part('use', text))],
    ['a choice of types given twice', parts(part('value', text), part('value', text))],
    ['a choice of types without a type', parts(part('value', parts()))]
  ])('is malformed: %s', (_title, members) => {
    expect(read(members)).toEqual(Either.left('malformed'))
  })

  it('is uncertain where the element is not known', () => {
    expect(read(parts(part('odd', text)), 'item')).toEqual(Either.left('uncertain'))
    expect(read(parts(part('odd', text)), 'line')).toEqual(right({ odd: 'x' }, null, null))
  })
})
