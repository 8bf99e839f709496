import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { choiceMembers } from '../../../../src/protocol/access/fhirpath/occurrence.js'
import { wholeMemberPatch } from '../../../../src/protocol/access/fhirpath/whole-members.js'
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
const at = (path: string): object => ({ valueString: path })
const add = (name: string, value: object, path = 'Basic'): Parts => ({
  type: { valueCode: 'add' },
  path: at(path),
  name: { valueString: name },
  value
})
const replace = (path: string, value: object): Parts => ({ type: { valueCode: 'replace' }, path: at(path), value })
const remove = (path: string): Parts => ({ type: { valueCode: 'delete' }, path: at(path) })

const read = (patch: unknown, most?: { patchOperations: number; patchCopied: number }) =>
  wholeMemberPatch('Basic', patch, most, { elements: elementTable() })

const removed = (...names: ReadonlyArray<string>) =>
  names.flatMap((name) => [
    { op: 'remove', path: `/${name}` },
    { op: 'remove', path: `/_${name}` }
  ])
const set = (name: string, value: unknown) => ({ op: 'add', path: `/${name}`, value })

describe('a FHIRPath Patch as one of whole members', () => {
  it.each<readonly [string, Parts, ReadonlyArray<object>]>([
    ['adds a member', add('active', text), [...removed('active'), set('active', 'x')]],
    ['replaces a member', replace('Basic.active', text), [...removed('active'), set('active', 'x')]],
    ['sets an element of parts', add('active', { part: [] }), [...removed('active'), set('active', {})]],
    ['removes a member', remove('Basic.active'), removed('active')],
    [
      'sets a member with extensions',
      replace('Basic.active', { ...text, _valueString: { id: 'i' } }),
      [...removed('active'), set('active', 'x'), set('_active', { id: 'i' })]
    ],
    [
      'sets a member of extensions alone',
      replace('Basic.active', { _valueString: { id: 'i' } }),
      [...removed('active'), set('_active', { id: 'i' })]
    ],
    [
      'sets a choice of types, and removes it with all others',
      add('value', text),
      [...removed(...choiceMembers('value')), set('valueString', 'x')]
    ],
    ['removes a choice of types', remove('Basic.value'), removed(...choiceMembers('value'))]
  ])('%s', (_title, operation, expected) => {
    expect(read(patchOf(operation))).toEqual(Either.right(expected))
  })

  it('has the effects of all operations in their order', () => {
    expect(read(patchOf(remove('Basic.active'), add('code', text)))).toEqual(
      Either.right([...removed('active', 'code'), set('code', 'x')])
    )
  })

  it.each<readonly [string, Parts]>([
    ['another type', remove('Account.active')],
    ['the resource', remove('Basic')],
    ['an item', remove('Basic.active[0]')],
    ['the first step that is no member', remove('Basic[0]')],
    ['a member of a member', replace('Basic.active.value', text)],
    ['an addition to a member', add('active', text, 'Basic.code')],
    ['an insertion', { ...replace('Basic.active', text), type: { valueCode: 'insert' }, index: { valueInteger: 0 } }],
    [
      'a move',
      {
        ...remove('Basic.active'),
        type: { valueCode: 'move' },
        source: { valueInteger: 0 },
        destination: { valueInteger: 1 }
      }
    ],
    ['a list', replace('Basic.note', text)],
    ['an element that is not known', replace('Basic.odd', text)]
  ])('would reveal the contents: %s', (_title, operation) => {
    expect(read(patchOf(operation))).toEqual(Either.left({ _tag: 'PatchReads' }))
  })

  it.each<readonly [string, Parts, object]>([
    [
      'a choice of types by a member name',
      add('valueString', text),
      { _tag: 'PatchUncertain', operation: 1, path: 'Basic' }
    ],
    [
      'an expression that is not read',
      remove('Basic.name.exists()'),
      { _tag: 'PatchUncertain', operation: 1, path: 'Basic.name.exists()' }
    ],
    [
      'a value whose parts are not known',
      add('box', { part: [{ name: 'odd', ...text }] }),
      { _tag: 'PatchUncertain', operation: 1, path: 'Basic' }
    ],
    [
      'a value that is none',
      add('active', { otherCode: 'x' }),
      { _tag: 'PatchError', operation: 1, because: 'malformed' }
    ],
    [
      'a choice of types without a type',
      add('value', { part: [] }),
      { _tag: 'PatchError', operation: 1, because: 'malformed' }
    ]
  ])('is refused: %s', (_title, operation, refusal) => {
    expect(read(patchOf(remove('Basic.active'), operation))).toEqual(Either.left(refusal))
  })

  it('knows a choice of types by the type that has it', () => {
    const elements = elementTable()
    const patch = (type: string) => patchOf(add('onsetAge', text, type))
    expect(wholeMemberPatch('Condition', patch('Condition'), undefined, { elements })).toEqual(
      Either.left({ _tag: 'PatchUncertain', operation: 0, path: 'Condition' })
    )
    expect(Either.isRight(wholeMemberPatch('Basic', patch('Basic'), undefined, { elements }))).toBe(true)
  })

  it('has a limit of its operations', () => {
    const most = { patchOperations: 2, patchCopied: 10 }
    const one = remove('Basic.active')
    expect(Either.isRight(read(patchOf(one, one), most))).toBe(true)
    expect(read(patchOf(one, one, one), most)).toEqual(
      Either.left({ _tag: 'PatchError', operation: -1, because: 'too-large' })
    )
  })
})
