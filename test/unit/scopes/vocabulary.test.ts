/** Which type a search parameter has, for a resource type and for `*`. */
import { describe, expect, it } from 'vitest'
import type { ParameterType } from '../../../src/scopes/vocabulary.js'
import {
  comparedTypeOf,
  fhirR4,
  fhirR4With,
  isComparedByMeaning,
  readParameterTable,
  vocabularyWith
} from '../../../src/scopes/vocabulary.js'

describe('the generated table', () => {
  // The common parameters 0, 1, 25, 26, 51, 52 and so on.
  const common = Array.from({ length: 200 }, (_, place) => `s${String(place)}`)

  it.each([
    ['AA', [0]],
    ['AB', [1]],
    ['AZ', [25]],
    ['Aa', [26]],
    ['Az', [51]],
    ['BA', [52]],
    ['Bb', [79]],
    ['AAABAz', [0, 1, 51]]
  ])('has the common parameters of %s', (codes, places) => {
    const read = readParameterTable(common.join(' '), { X: codes })
    expect([...(read.get('X') ?? [])]).toEqual(places.map((place) => [String(place), 'string']))
  })

  it('has the parameters of a type after its codes, each with its letter', () => {
    const words = ' ttoken rreference uuri sstring ddate nnumber qquantity ocomposite'
    const read = readParameterTable('tcommon', { X: words, Y: `AA ${words.trim()}`, Z: '' })
    const named = 'token reference uri string date number quantity'.split(' ').map((one) => [one, one])
    expect([...(read.get('X') ?? [])]).toEqual([...named, ['composite', 'other']])
    expect([...(read.get('Y') ?? [])]).toEqual([...named, ['composite', 'other'], ['common', 'token']])
    expect([...(read.get('Z') ?? ['missing'])]).toEqual([])
  })

  it('never gives a parameter that is missing from the common ones a type', () => {
    expect([...(readParameterTable('tcommon', { X: 'AB' }).get('X') ?? [])]).toEqual([['', 'other']])
  })
})

describe('a vocabulary', () => {
  const row = (types: Readonly<Record<string, ParameterType>>) => new Map(Object.entries(types))
  const table = new Map([
    ['Resource', row({ _id: 'token' })],
    ['A', row({ same: 'date', differs: 'token', back: 'token', onlyA: 'uri' })],
    ['B', row({ same: 'date', differs: 'string', back: 'string' })],
    ['C', row({ back: 'token' })]
  ])

  it.each([
    ['A', 'same', 'date'],
    ['A', '_id', 'token'],
    ['A', 'differs', 'token'],
    ['B', 'differs', 'string'],
    ['B', 'onlyA', 'other'],
    ['D', '_id', 'token'],
    ['D', 'same', 'other'],
    ['*', 'same', 'date'],
    ['*', '_id', 'token'],
    ['*', 'onlyA', 'uri'],
    ['*', 'differs', 'other'],
    ['*', 'back', 'other'],
    ['*', 'none', 'other']
  ])('reads for %s the parameter %s as %s', (type, name, expected) => {
    expect(vocabularyWith(table, []).typeOf(type, name)).toBe(expected)
  })

  it('has the types of its table and those that are registered', () => {
    const { knows } = vocabularyWith(table, [{ resourceType: 'D', name: 'x', type: 'token' }])
    expect(['A', 'D', 'E', '*'].map((type) => knows?.(type))).toEqual([true, true, false, false])
  })

  it('takes a registered parameter before its own, for `*` too', () => {
    const registered = [
      { resourceType: 'B', name: 'differs', type: 'token' },
      { resourceType: 'Resource', name: '_new', type: 'uri' }
    ] as const
    const { typeOf } = vocabularyWith(table, registered)
    expect([typeOf('B', 'differs'), typeOf('*', 'differs'), typeOf('B', 'same'), typeOf('C', '_new')]).toEqual([
      'token',
      'token',
      'date',
      'uri'
    ])
  })

  it('without inherited parameters has those of its types', () => {
    const { typeOf } = vocabularyWith(new Map([['A', row({ own: 'token' })]]), [])
    expect([typeOf('A', 'own'), typeOf('A', '_id'), typeOf('B', 'own')]).toEqual(['token', 'other', 'other'])
  })

  it('of FHIR R4 has the parameters of FHIR R4, and those that are registered', () => {
    const { typeOf } = fhirR4With([{ resourceType: 'Patient', name: 'race', type: 'token' }])
    const rows = [
      ['Patient', 'race', 'token'],
      ['Patient', 'birthdate', 'date'],
      ['Observation', 'category', 'token'],
      ['Observation', 'value-quantity', 'quantity'],
      ['Observation', '_lastUpdated', 'date'],
      ['RiskAssessment', 'probability', 'number'],
      ['Observation', 'code-value-string', 'other'],
      ['*', 'location', 'other'],
      ['*', '_source', 'uri']
    ] as const
    expect(rows.map(([type, name]) => [type, name, typeOf(type, name)])).toEqual(rows)
    expect([fhirR4.typeOf('Patient', 'race'), fhirR4.typeOf('Patient', 'birthdate')]).toEqual(['other', 'date'])
  })

  it.each<readonly [type: ParameterType, compared: string]>([
    ['token', 'token'],
    ['reference', 'reference'],
    ['uri', 'uri'],
    ['string', 'string'],
    ['date', 'opaque'],
    ['number', 'opaque'],
    ['quantity', 'opaque'],
    ['other', 'opaque']
  ])('of parameters of type %s: they are compared as %s', (type, compared) => {
    expect(comparedTypeOf({ typeOf: () => type }, 'A', 'x')).toBe(compared)
    expect(isComparedByMeaning(type)).toBe(compared !== 'opaque')
  })
})
