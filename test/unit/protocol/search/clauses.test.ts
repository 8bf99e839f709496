/** Clauses as the resource side reads them, and references in the one spelling that every server finds. */
import { describe, expect, it } from 'vitest'
import type { FhirInteraction } from '../../../../src/protocol/access/fhir-interaction.js'
import { isMeaningful, meetsClause, readClause } from '../../../../src/protocol/access/search/clauses.js'
import {
  withLocalClause,
  withLocalValue,
  withLocalValues
} from '../../../../src/protocol/access/search/local-values.js'
import { readOrdered } from '../../../../src/protocol/access/search/ordered.js'
import { clauseOf, commaList } from '../../../../src/scopes/query.js'
import type { Vocabulary } from '../../../../src/scopes/vocabulary.js'
import { fhirR4 } from '../../../../src/scopes/vocabulary.js'
import { limits } from '../../../../src/values/limits/limits.js'

const base = 'https://ehr.example/fhir'
const facts = { base }

/** The clause of a scope: `category=a,b`, `code:in=a`. */
const clauseFrom = (text: string) => {
  const [start, value] = [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]
  const [name = '', modifier = null] = start.split(':')
  return clauseOf(name, modifier, commaList(value))
}

const read = (text: string, type = 'Observation') => readClause(fhirR4, type, clauseFrom(text), facts)

describe('a clause that is read', () => {
  it('has codes in one set where each value has a code; one of every system stands without a bar', () => {
    expect(read('category=s|a,t|b').codes).toEqual(new Set(['s|a', 't|b']))
    expect(read('category=|a').codes).toEqual(new Set(['|a']))
    expect(read('category=s|a,b').codes).toEqual(new Set(['s|a', 'b']))
    expect(meetsClause(read('category=s|a,b'), 'x|b')).toBe(true)
    expect(meetsClause(read('category=s|a,b'), '|b')).toBe(true)
    expect(meetsClause(read('category=s|a,b'), 'b')).toBe(true)
    expect(meetsClause(read('category=s|a,b'), 'x|a')).toBe(false)
    expect(meetsClause(read('category=s|a,b'), 'b|s')).toBe(false)
    for (const text of ['category=a\\|b', 'category=s|', 'subject=Patient/1', 'date=2020', 'code:in=s|a'])
      expect([text, read(text).codes]).toEqual([text, null])
  })

  it.each<readonly [string, string, object]>([
    ['a code', 'category=s|a', { _tag: 'Coded', values: [{ _tag: 'Token', system: 's', code: 'a' }] }],
    ['a reference', 'subject=Patient/1', { _tag: 'Coded', values: [{ _tag: 'Reference', type: 'Patient', id: '1' }] }],
    [
      'a local URL',
      `subject=${base}/Patient/1`,
      {
        _tag: 'Coded',
        values: [{ _tag: 'Reference', type: 'Patient', id: '1' }]
      }
    ],
    [
      'a version',
      'subject=Patient/1/_history/2',
      {
        _tag: 'Coded',
        values: [{ _tag: 'Reference', type: 'Patient', id: '1' }]
      }
    ],
    [
      'a URL of another server',
      'subject=http://x/Patient/1',
      {
        _tag: 'Coded',
        values: [{ _tag: 'Equal', text: 'http://x/Patient/1' }]
      }
    ],
    [
      'a uri that looks like a local URL',
      `_profile=${base}/Patient/1`,
      {
        _tag: 'Coded',
        values: [{ _tag: 'Equal', text: `${base}/Patient/1` }]
      }
    ],
    [
      'a date',
      'date=ge2020',
      {
        _tag: 'Ordered',
        type: 'date',
        values: [readOrdered('date', 'ge2020')],
        isMalformed: false
      }
    ],
    [
      'a malformed date',
      'date=ge2020,x',
      {
        _tag: 'Ordered',
        type: 'date',
        values: [readOrdered('date', 'ge2020')],
        isMalformed: true
      }
    ],
    [
      'a quantity',
      'value-quantity=5',
      {
        _tag: 'Ordered',
        type: 'quantity',
        values: [readOrdered('quantity', '5')],
        isMalformed: false
      }
    ],
    ['a modifier', 'code:in=http://v', { _tag: 'Opaque', values: [{ _tag: 'Equal', text: 'http://v' }] }],
    ['a date with a modifier', 'date:missing=true', { _tag: 'Opaque', values: [{ _tag: 'Equal', text: 'true' }] }],
    ['an unknown parameter', 'x-y=a,b', { _tag: 'Opaque', values: [{ _tag: 'Equal', text: 'a,b' }] }]
  ])('has the condition of %s: %s', (_, text, condition) => {
    expect(read(text).condition).toEqual(condition)
  })

  it.each([
    ['category=a', 'category', true],
    ['date=2020', 'date', true],
    ['date=2020,x', 'date', false],
    ['code:in=a', 'code:in', false],
    ['date:missing=true', 'date:missing', false],
    ['x-y=a', 'x-y', false]
  ])('%s has the index %s, and is interoperable or not', (text, key, isRead) => {
    expect([read(text).key, isMeaningful(read(text))]).toEqual([key, isRead])
  })

  it('has a string with `:exact` under its own name', () => {
    const exact = read('family:exact=Ab', 'Patient')
    expect([exact.key, exact.condition, isMeaningful(exact)]).toEqual([
      'family',
      { _tag: 'Coded', values: [{ _tag: 'Equal', text: 'Ab' }] },
      true
    ])
  })

  it('knows no server by default', () => {
    const clause = clauseFrom(`subject=${base}/Patient/1`)
    expect(readClause(fhirR4, 'Observation', clause).condition.values).toMatchObject([{ _tag: 'Equal' }])
  })

  it.each([
    ['the code', 'category=s|a', 's|a', true],
    ['another code', 'category=s|a', 's|b', false],
    ['another system', 'category=s|a', 't|a', false],
    ['a code without its bar', 'category=s|a', 'a', false],
    ['a code with two bars', 'category=s|a', 's|a|b', false],
    ['a code with a bar of its own', 'category=s|a|b', 's|a|b', true],
    ['a code in another spelling', 'category=s\\,t|a', 's,t|a', true],
    ['an escaped bar', 'category=s\\|t|a', 's\\|t|a', true],
    ['an escaped character that needs none', 'category=s\\,t|a', 's\\,t|a', true],
    ['the code of any system', 'category=a', 's|a', true],
    ['the code of any system, without its bar', 'category=a', 'a', true],
    ['one of two codes', 'category=s|a,s|b', 's|b', true],
    ['one of two values', 'category=s|a,b', 't|b', true],
    ['none of two values', 'category=s|a,b', 't|a', false],
    ['a reference', 'subject=Patient/1', 'Patient/1', true],
    ['another reference', 'subject=Patient/1', 'Patient/2', false],
    ['a date', 'date=ge2020', '2021', true],
    ['one of two dates', 'date=2019,2020', '2020', true],
    ['another date', 'date=ge2020', '2019', false],
    ['a date beside a malformed one', 'date=ge2020,x', '2021', false],
    ['what is no date', 'date=ne2020', 'x', false],
    ['the whole text', 'x-y=a,b', 'a,b', true],
    ['a part of the text', 'x-y=a,b', 'a', false]
  ])('is met or not by %s: %s, %s', (_, text, index, isMet) => {
    expect(meetsClause(read(text), index)).toBe(isMet)
  })

  it('is compared with its codes alone, where the index value has its only spelling', () => {
    const clause = { ...read('category=s|a'), condition: read('category=s|b').condition }
    expect([meetsClause(clause, 's|a'), meetsClause(clause, 's|b')]).toEqual([true, false])
    expect(meetsClause({ ...read('category=s|a'), condition: read('category=b').condition }, 'b')).toBe(false)
  })
})

describe('a parameter with a reference to this server', () => {
  const [url, old] = [`${base}/Patient/1`, 'Patient/1/_history/2']
  const local = (type: string, name: string, value: string): string =>
    withLocalValue(fhirR4, type, { name, value }, facts).value
  const chain = (links: number): string => `${'subject:Patient.link:Patient.'.repeat(links / 2)}general-practitioner`

  it.each([
    ['a URL', 'Observation', 'subject', url, 'Patient/1'],
    ['a version', 'Observation', 'subject', old, 'Patient/1'],
    ['a list', 'Observation', 'subject', `${url},http://x/Patient/1,a`, 'Patient/1,http://x/Patient/1,a'],
    ['a type as modifier', 'Observation', 'subject:Patient', url, 'Patient/1'],
    ['a chain', 'Observation', 'encounter:Encounter.subject', url, 'Patient/1'],
    ['a chain of two', 'Observation', 'encounter:Encounter.subject:Patient.link', url, 'Patient/1'],
    ['a reverse chain', 'Patient', '_has:Observation:patient:performer', url, 'Patient/1'],
    [
      'a reverse chain and a chain',
      'Patient',
      '_has:Observation:patient:encounter:Encounter.subject',
      url,
      'Patient/1'
    ],
    ['a relative reference', 'Observation', 'subject', 'Patient/1', 'Patient/1'],
    ['an id', 'Observation', 'subject', '1', '1'],
    ['another modifier', 'Observation', 'subject:identifier', url, url],
    ['two modifiers', 'Observation', 'subject:Patient:x', url, url],
    ['a chain that names no type', 'Observation', 'encounter.subject', url, url],
    ['a chain that names the second type alone', 'Observation', 'encounter.partOf:Encounter.subject', url, url],
    ['a reverse chain that begins late', 'Observation', 'encounter._has:Observation:patient:performer', url, url],
    ['a chain to another kind', 'Observation', 'subject:Patient.name', url, url],
    ['a reverse chain to another kind', 'Patient', '_has:Observation:patient:code', url, url],
    ['a uri', 'Observation', '_profile', url, url],
    ['a code', 'Observation', 'code', url, url],
    ['an unknown parameter', 'Observation', 'x', url, url],
    ['a type without the parameter', 'Practitioner', 'subject', url, url],
    ['a reference of another server', 'Observation', 'subject', 'http://x/Patient/1', 'http://x/Patient/1']
  ])('has the value of %s: %s?%s=%s', (_, type, name, value, expected) => {
    expect(local(type, name, value)).toBe(expected)
  })

  it('is not read where the value has no slash', () => {
    const entries = new Map([['urn:uuid:1', 'Patient/7']])
    const parameter = { name: 'subject', value: 'urn:uuid:1' }
    expect(withLocalValue(fhirR4, 'Observation', parameter, { entries })).toBe(parameter)
  })

  it('is the same object where nothing changes', () => {
    for (const value of ['Patient/1', 'http://x/Patient/1', '1']) {
      const parameter = { name: 'subject', value }
      expect(withLocalValue(fhirR4, 'Observation', parameter, facts)).toBe(parameter)
    }
    const clause = clauseFrom('subject=1')
    expect(withLocalClause(fhirR4, 'Observation', clause, facts)).toBe(clause)
  })

  it('is followed through a limited number of links', () => {
    const most = limits.fhirSearchChain.default
    expect(local('Observation', chain(most), url)).toBe('Patient/1')
    expect(local('Observation', `encounter:Encounter.${chain(most)}`, url)).toBe(url)
    expect(local('Observation', chain(most + 2), url)).toBe(url)
  })

  it.each([
    ['a URL', 'Observation', `subject=${url}`, 'subject=Patient/1'],
    ['a version', 'Observation', `subject=${old}`, 'subject=Patient/1'],
    ['one of a list', 'Observation', `subject=a,${url},http://x/Patient/1`, 'subject=a,Patient/1,http://x/Patient/1'],
    ['a modifier', 'Observation', `subject:Patient=${url}`, `subject:Patient=${url}`],
    ['a uri', 'Observation', `_profile=${url}`, `_profile=${url}`],
    ['a type without the parameter', 'Practitioner', `subject=${url}`, `subject=${url}`]
  ])('is in a clause: %s', (_, type, text, expected) => {
    expect(withLocalClause(fhirR4, type, clauseFrom(text), facts)).toEqual(clauseFrom(expected))
  })

  describe('in an interaction', () => {
    const query = [
      { name: 'subject', value: url },
      { name: 'code', value: url }
    ]
    const localQuery = [
      { name: 'subject', value: 'Patient/1' },
      { name: 'code', value: url }
    ]
    const withLocal = (interaction: FhirInteraction) => withLocalValues(interaction, fhirR4, facts)
    const resource = { resourceType: 'Observation' }
    const [condition, id] = [{ _tag: 'Condition', query } as const, { _tag: 'Id', id: '1' } as const]
    const isLocal = { _tag: 'Condition', query: localQuery } as const
    const search = (type: string | null, parameters = query) =>
      ({ _tag: 'Search', type, compartment: null, query: parameters }) as const
    const typed = (types: string) => [...query, { name: '_type', value: types }]

    it.each<readonly [string, FhirInteraction, FhirInteraction]>([
      ['a search', search('Observation'), search('Observation', localQuery)],
      [
        'a search of several types',
        search(null, typed('Observation,Condition')),
        search(null, [...localQuery, { name: '_type', value: 'Observation,Condition' }])
      ],
      [
        'a search of types of which one has no such parameter',
        search(null, typed('Observation,Practitioner')),
        search(null, typed('Observation,Practitioner'))
      ],
      ['a search of all types', search(null), search(null)],
      [
        'a create with a condition',
        { _tag: 'Create', type: 'Observation', resource, condition: query },
        {
          _tag: 'Create',
          type: 'Observation',
          resource,
          condition: localQuery
        }
      ],
      [
        'an update',
        { _tag: 'Update', type: 'Observation', target: condition, resource },
        {
          _tag: 'Update',
          type: 'Observation',
          target: isLocal,
          resource
        }
      ],
      [
        'a patch',
        { _tag: 'Patch', type: 'Observation', target: condition, patch: [] },
        {
          _tag: 'Patch',
          type: 'Observation',
          target: isLocal,
          patch: []
        }
      ],
      [
        'a delete',
        { _tag: 'Delete', type: 'Observation', target: condition },
        {
          _tag: 'Delete',
          type: 'Observation',
          target: isLocal
        }
      ]
    ])('is in %s, and in a batch with it', (_, interaction, expected) => {
      expect(withLocal(interaction)).toEqual(expected)
      const request = { method: 'GET', path: '/', query: '', headers: {}, body: '' }
      const batch = (one: FhirInteraction): FhirInteraction => ({
        _tag: 'Batch',
        isTransaction: false,
        entries: [{ fullUrl: 'urn:x', request, interaction: one }]
      })
      expect(withLocal(batch(interaction))).toEqual(batch(expected))
    })

    it('is not in a search of all types, whatever parameters are references', () => {
      const vocabulary: Vocabulary = { typeOf: () => 'reference' }
      expect(withLocalValues(search(null), vocabulary, facts)).toEqual(search(null))
    })

    it.each<readonly [string, FhirInteraction]>([
      ['a create without a condition', { _tag: 'Create', type: 'Observation', resource, condition: null }],
      ['an update by id', { _tag: 'Update', type: 'Observation', target: id, resource }],
      ['a patch by id', { _tag: 'Patch', type: 'Observation', target: id, patch: [] }],
      ['a delete by id', { _tag: 'Delete', type: 'Observation', target: id }],
      ['a read', { _tag: 'Read', type: 'Observation', id: '1' }],
      ['a history', { _tag: 'History', type: 'Observation', id: null, query }]
    ])('is not in %s', (_, interaction) => {
      expect(withLocal(interaction)).toEqual(interaction)
    })
  })
})
