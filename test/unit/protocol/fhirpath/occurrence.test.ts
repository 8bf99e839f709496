import { describe, expect, it } from 'vitest'
import {
  choiceMembers,
  isChoiceMember,
  isChoiceType,
  occurrenceOf
} from '../../../../src/protocol/access/fhirpath/occurrence.js'
import { elementTable } from './element-table.js'

describe('how an element occurs', () => {
  it.each([
    ['Basic', 'Basic', 'active', 'one'],
    ['Basic', 'Basic', 'note', 'many'],
    ['Basic', 'Basic', 'item', 'many'],
    ['Basic', 'Basic', 'value', 'choice'],
    ['Basic', 'Basic', 'effective', 'choice'],
    ['Basic', 'Basic', 'code', 'one'],
    ['Account', 'Account', 'code', 'many'],
    ['Basic', 'line', 'code', 'many'],
    ['Account', 'Account', 'note', 'one'],
    ['Account', 'line', 'note', 'many'],
    ['Condition', 'Condition', 'onset', 'choice'],
    ['Basic', 'Basic', 'onset', 'one'],
    ['Basic', 'Basic', 'odd', 'unknown'],
    ['Account', 'item', 'odd', 'unknown'],
    ['Account', 'Account', 'odd', 'one'],
    ['Basic', 'item', 'tricky', 'unknown'],
    ['Account', 'item', 'tricky', 'one'],
    ['New', 'New', 'note', 'unknown'],
    ['Basic', 'Basic', '', 'one']
  ])('in %s, %s.%s: %s', (type, holder, name, occurrence) => {
    const table = elementTable()
    expect(occurrenceOf(table, type, holder, name)).toBe(occurrence)
    // Once parsed, a table says the same.
    expect(occurrenceOf(table, type, holder, name)).toBe(occurrence)
  })
})

describe('a choice of types', () => {
  it.each([
    ['valueQuantity', true],
    ['valueCodeableConcept', true],
    ['valueSet', false],
    ['value', false],
    ['noteString', false],
    ['onsetAge', false]
  ])('%s is one of its members: %s', (name, isMember) => {
    expect(isChoiceMember(elementTable(), { type: 'Basic', holder: 'Basic' }, name)).toBe(isMember)
  })

  it('is known by the element that holds it', () => {
    expect(isChoiceMember(elementTable(), { type: 'Condition', holder: 'Condition' }, 'onsetAge')).toBe(true)
  })

  it('has a member for each type', () => {
    const members = choiceMembers('value')
    expect(members).toContain('valueQuantity')
    expect(members).toContain('valueUuid')
    expect(members.every((member) => member.startsWith('value') && isChoiceType(member.slice(5)))).toBe(true)
  })
})
