import { describe, expect, it } from 'vitest'
import {
  isFhirId,
  isResourceTypeName,
  isTypeAndId,
  isUserReference,
  relativeReference
} from '../../../src/values/fhir.js'
import { isObject } from '../../../src/values/object.js'

describe('FHIR ids and references', () => {
  it.each([
    ['1', true],
    ['a-1.b', true],
    ['...', true],
    ['.a', true],
    ['a'.repeat(64), true],
    ['a'.repeat(65), false],
    ['', false],
    ['.', false],
    ['..', false],
    ['a/b', false],
    ['a_b', false],
    ['a\n', false],
    ['\u00e9', false],
    ['a b', false],
    ['%2e%2e', false]
  ])('%j is an id: %s', (text, expected) => {
    expect(isFhirId(text)).toBe(expected)
    expect(relativeReference(`Patient/${text}`)).toEqual(expected ? { type: 'Patient', id: text, version: null } : null)
    expect(relativeReference(`Patient/1/_history/${text}`)).toEqual(
      expected ? { type: 'Patient', id: '1', version: text } : null
    )
  })

  it.each([
    ['Patient', true],
    ['P', true],
    ['A'.repeat(64), true],
    ['A'.repeat(65), false],
    ['patient', false],
    ['Pa1', false],
    ['', false],
    ['Patient\n', false]
  ])('%j has the form of a resource type: %s', (text, expected) => {
    expect(isResourceTypeName(text)).toBe(expected)
  })

  it.each([
    'Patient',
    'Patient/',
    '/Patient/1',
    'Patient/1/',
    'Patient/1/2',
    'Patient/1/_history',
    'https://a/Patient/1',
    'Patient/1?x',
    '#p'
  ])('%s is no relative reference', (text) => {
    expect(relativeReference(text)).toBeNull()
  })

  it('a reference with a version is not Type/id', () => {
    expect([isTypeAndId('Patient/1'), isTypeAndId('Patient/1/_history/1'), isTypeAndId('Patient/..')]).toEqual([
      true,
      false,
      false
    ])
  })

  it.each([
    ['Patient/1', true],
    ['Practitioner/1', true],
    ['PractitionerRole/1', true],
    ['RelatedPerson/1', true],
    ['Person/1', true],
    ['Device/1', false],
    ['Patient/1/_history/2', false],
    ['Patient/..', false],
    ['https://a/Patient/1', false]
  ])('%s can represent a user: %s', (text, expected) => {
    expect(isUserReference(text)).toBe(expected)
  })
})

describe('a JSON object', () => {
  it.each([
    [{}, true],
    [Object.create(null), true],
    [[], false],
    [null, false],
    ['x', false],
    [1, false],
    [undefined, false]
  ])('%j: %s', (value, expected) => {
    expect(isObject(value)).toBe(expected)
  })
})
