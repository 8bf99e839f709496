import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { readFhirPath } from '../../../../src/protocol/access/fhirpath/path.js'
import type { Selection } from '../../../../src/protocol/access/fhirpath/select.js'
import { selectPlaces } from '../../../../src/protocol/access/fhirpath/select.js'
import { newDraft } from '../../../../src/protocol/access/patch-draft.js'
import { limits } from '../../../../src/values/limits/limits.js'
import { elementTable } from './element-table.js'

const selectionOf = (document: unknown, looked = 0): Selection => ({
  draft: newDraft(document),
  elements: elementTable(),
  looked
})

/** The pointers of what an expression selects, with the types of choices; or why it selects nothing. */
const selected = (selection: Selection, text: string): ReadonlyArray<string> | string => {
  const path = readFhirPath(text)
  if (path === null) return 'unread'
  const found = selectPlaces(selection, path)
  return Either.isLeft(found)
    ? found.left
    : found.right.map(({ tokens, choice }) => `/${tokens.join('/')}${choice === null ? '' : ` (${choice})`}`)
}

const basic = (members: object): object => ({ resourceType: 'Basic', ...members })
const names = basic({
  name: [
    { use: 'a', given: ['A', 'B'], period: { start: 'x' } },
    { use: 'b', given: ['C', 'D', 'E'] },
    { use: 'c', given: [] }
  ]
})

type Row = readonly [text: string, document: unknown, found: ReadonlyArray<string> | string]

describe('an expression selects', () => {
  it.each<Row>([
    ['Basic', names, ['/']],
    ['Account', names, []],
    ['Basic.name', names, ['/name/0', '/name/1', '/name/2']],
    ['Basic.name[1]', names, ['/name/1']],
    ['Basic.name[2]', names, ['/name/2']],
    ['Basic.name[3]', names, []],
    ['Basic.name.first()', names, ['/name/0']],
    ['Basic.name.last()', names, ['/name/2']],
    ['Basic.name.given[2]', names, ['/name/1/given/0']],
    ['Basic.name.given.last()', names, ['/name/1/given/2']],
    ['Basic.name[2].given.last()', names, []],
    ['Basic.name.single()', names, 'uncertain'],
    ['Basic.name[0].single()', names, ['/name/0']],
    ["Basic.name.where(use = 'b').given[1]", names, ['/name/1/given/1']],
    ["Basic.name.where(use = 'b')[0]", names, ['/name/1']],
    ["Basic.name[1].where(use = 'b')[0].given[0]", names, ['/name/1/given/0']],
    ["Basic.name.where(use = 'x')", names, []],
    ["Basic.name.where(given = 'A')", names, []],
    ["Basic.name.where(use = 'a' and period.start = 'x')", names, ['/name/0']],
    ["Basic.name.where(use = 'a' and period.start = 'y')", names, []],
    ["Basic.name.where(use.id = 'a')", names, 'uncertain'],
    ['Basic.nothing.given[0]', names, []],
    ['Basic.active', basic({ active: true }), ['/active']],
    ['Basic.active[0]', basic({ active: true }), ['/active']],
    ['Basic.active[1]', basic({ active: true }), []],
    ['Basic.active.last()', basic({ active: true }), ['/active']],
    ['Basic.active.id', basic({ active: true }), 'uncertain'],
    ['Basic.active.extension', basic({ active: true }), 'uncertain'],
    ['Basic.active.other', basic({ active: true }), []],
    ['Basic.active', basic({ _active: { id: 'x' } }), ['/active']],
    ['Basic.note', basic({ _note: [{ id: 'x' }] }), 'uncertain'],
    ['Basic.note.last()', basic({ note: [] }), []],
    ['Basic.valueQuantity', basic({ valueQuantity: {} }), 'uncertain']
  ])('%s of %j', (text, document, found) => {
    expect(selected(selectionOf(document), text)).toEqual(found)
  })

  it.each<Row>([
    ['Basic.value', basic({ valueQuantity: {} }), ['/valueQuantity (Quantity)']],
    ['Basic.value', basic({ _valueString: { id: 'x' } }), ['/valueString (String)']],
    ['Basic.value', basic({ valueString: 'x', _valueString: {} }), ['/valueString (String)']],
    ['Basic.value', basic({ valueSet: 'x', valueQuantity: {} }), ['/valueQuantity (Quantity)']],
    ['Basic.value', basic({ otherCode: 'x', valueQuantity: {} }), ['/valueQuantity (Quantity)']],
    ['Basic.value', basic({ value_Code: 'x', valueQuantity: {} }), ['/valueQuantity (Quantity)']],
    ['Basic.value', basic({ valueString: 'x', valueQuantity: {} }), 'uncertain'],
    ['Basic.value', basic({ valueSet: 'x' }), []],
    ['Basic.active', basic({ activeString: 'x' }), []],
    ['Basic.active', basic({ activeString: 'x', activeCode: 'y' }), []],
    ['Basic.odd', basic({ oddString: 'x' }), 'uncertain'],
    ['Basic.odd', basic({ oddString: 'x', oddCode: 'y' }), 'uncertain'],
    ['Basic.onset', basic({ onsetAge: {} }), []],
    [
      'Basic.contained.onset',
      basic({ contained: [{ resourceType: 'Condition', onsetAge: {} }] }),
      ['/contained/0/onsetAge (Age)']
    ],
    ['Basic.contained.onset', basic({ contained: [{ resourceType: 1, onsetAge: {} }] }), []],
    [
      'Basic.contained.item.odd',
      basic({ contained: [{ resourceType: 'New', item: [{ oddCode: 'x' }] }] }),
      'uncertain'
    ],
    ['Basic.value.ofType(Quantity)', basic({ valueQuantity: {} }), ['/valueQuantity (Quantity)']],
    ['Basic.value.ofType(string)', basic({ valueString: 'x' }), ['/valueString (String)']],
    ['Basic.value.ofType(string)', basic({ valueQuantity: {} }), []],
    ['Basic.active.ofType(boolean)', basic({ active: true }), 'uncertain'],
    ['Basic.item.value.ofType(string)', basic({ item: [{ value: 'x' }, { valueString: 'x' }] }), 'uncertain'],
    [
      'Basic.item.value.ofType(string)',
      basic({ item: [{ valueCode: 'x' }, { valueString: 'x' }] }),
      ['/item/1/valueString (String)']
    ],
    ["Basic.item.where(value = 'x')", basic({ item: [{ valueCode: 'x', valueString: 'x' }] }), 'uncertain']
  ])('of a choice of types: %s of %j', (text, document, found) => {
    expect(selected(selectionOf(document), text)).toEqual(found)
  })

  it('the value that an element has; an element of extensions alone has none', () => {
    const valueAt = (document: object, text: string): unknown => {
      const path = readFhirPath(text)
      const found = path === null ? null : selectPlaces(selectionOf(document), path)
      return found === null || Either.isLeft(found) ? 'none' : found.right.map(({ value }) => value)
    }
    expect(valueAt(basic({ _active: { id: 'x' } }), 'Basic.active')).toEqual([undefined])
    expect(valueAt(basic({ _valueString: { id: 'x' } }), 'Basic.value')).toEqual([undefined])
    expect(valueAt(basic({ valueString: 'y' }), 'Basic.value')).toEqual(['y'])
    expect(valueAt(names, 'Basic.name[1].given[2]')).toEqual(['E'])
  })
})

describe('the elements that an expression looks at', () => {
  it.each<readonly [string, object, number]>([
    // One for the step into the resource.
    ['Basic.active', basic({ active: true }), 1],
    // The members of the resource as well, to find the type of a choice.
    ['Basic.value', basic({ valueString: 'x' }), 3],
    // The items of a list: three, and one.
    ['Basic.name', names, 4],
    // An item that is selected directly: none of the others.
    ['Basic.name[1]', names, 0],
    ['Basic.name.last()', names, 0],
    // Three items, and for each its own step of three.
    ['Basic.name.use', names, 13]
  ])('by %s of %j are %d', (text, document, count) => {
    const selection = selectionOf(document)
    selected(selection, text)
    expect(selection.looked).toBe(count)
  })

  it.each([
    ['Basic.name', names, 4],
    ['Basic.active', basic({ active: true }), 1]
  ])('by %s have a limit', (text, document, count) => {
    const most = limits.fhirPatchLooked.default
    expect(selected(selectionOf(document, most - count), text)).not.toBe('too-large')
    expect(selected(selectionOf(document, most - count + 1), text)).toBe('too-large')
  })

  it('are limited within a list already, before its items are visited', () => {
    const list = [{}, {}, {}]
    const selection = selectionOf(basic({ name: list }), limits.fhirPatchLooked.default - 2)
    expect(selected(selection, 'Basic.name')).toBe('too-large')
    expect(selection.looked).toBe(limits.fhirPatchLooked.default + 1)
    const last = selectionOf(basic({ name: list }), limits.fhirPatchLooked.default - 3)
    expect(selected(last, 'Basic.name')).toBe('too-large')
    expect(last.looked).toBe(limits.fhirPatchLooked.default + 1)
  })
})
