import { describe, expect, it } from 'vitest'
import type { AccessRules } from '../../../src/protocol/access/alternatives.js'
import { decide } from '../../../src/protocol/access/decision.js'
import { interactionOf } from '../../../src/protocol/access/read-interaction.js'
import { printSearchQuery } from '../../../src/protocol/access/search/query.js'
import { indexReader } from '../../../src/protocol/access/search/search-index.js'
import type { SearchSource } from '../../../src/protocol/access/search/sources.js'
import {
  compartmentName,
  isFoundBy,
  narrowingsToDrop,
  sourcesOf,
  withoutRefused
} from '../../../src/protocol/access/search/sources.js'
import { defaultPolicy } from '../../../src/protocol/policy/policy.js'
import { parse } from '../../../src/scopes/parse.js'
import { noMembers } from '../../../src/values/own.js'

/** The same object each time: what is remembered is remembered for the same facts and rules. */
const noRules: AccessRules = noMembers

const factsOf = (scopes: string) => ({ clientId: 'app', scopes: parse(scopes), context: { patient: '1' }, user: null })

const searchOf = (address: string) => {
  const [path = '', query = ''] = address.split('?')
  const search = interactionOf({ method: 'GET', path, query, headers: {}, body: '' })
  if (search._tag !== 'Search') throw new Error(search._tag)
  return search
}

const found = (
  address: string,
  scopes: string,
  {
    facts = factsOf(scopes),
    most = 50,
    rules = noRules
  }: { facts?: ReturnType<typeof factsOf>; most?: number; rules?: AccessRules } = {}
): ReadonlyArray<SearchSource> => {
  const search = searchOf(address)
  const decision = decide(defaultPolicy, facts, search, rules)
  if (decision._tag !== 'Filter') throw new Error(decision._tag)
  return sourcesOf(search, decision.alternatives, most)
}

const printed = (sources: ReadonlyArray<SearchSource>): ReadonlyArray<string> =>
  sources.map(({ added, compartment, own, type }) => {
    const where = compartment === null ? '' : `${compartment.type}/${compartment.id}/`
    return `${where}${type ?? '*'}?${decodeURIComponent(printSearchQuery([...own, ...added]))}`
  })

const [a, b] = ['patient/Observation.s?category=a', 'patient/Observation.s?category=b']

describe('the searches in which the pages of a search are found', () => {
  it.each<readonly [why: string, address: string, scopes: string, expected: ReadonlyArray<string>]>([
    [
      'one for each way into the compartment',
      '/Observation',
      a,
      ['Observation?category=a&subject=Patient/1', 'Observation?category=a&performer=Patient/1']
    ],
    [
      'scopes of one parameter as a comma list',
      '/Observation?patient=1',
      `${a} ${b}`,
      ['Observation?patient=1&category=a,b']
    ],
    [
      'the client names its patient as a reference',
      '/Observation?subject=Patient/1',
      a,
      ['Observation?subject=Patient/1&category=a']
    ],
    [
      'another patient is no way in',
      '/Observation?patient=2',
      a,
      ['Observation?patient=2&category=a&subject=Patient/1', 'Observation?patient=2&category=a&performer=Patient/1']
    ],
    [
      'the wider scope stands for the narrower',
      '/Observation?patient=1',
      `${a} patient/Observation.s`,
      ['Observation?patient=1']
    ],
    ['the patient herself', '/Patient', 'patient/Patient.s', ['Patient?_id=1']],
    ['the compartment of the patient', '/Patient/1/Observation', a, ['Patient/1/Observation?category=a']],
    ['several sources have no common order', '/Observation?_sort=date', a, ['Patient/1/Observation?_sort=date']],
    [
      'one source keeps the order',
      '/Observation?patient=1&_sort=date',
      a,
      ['Observation?patient=1&_sort=date&category=a']
    ],
    [
      'includes are passed on',
      '/Observation?patient=1&_include=Observation:subject',
      `${a} patient/Patient.r`,
      ['Observation?patient=1&_include=Observation:subject&category=a']
    ],
    [
      'each of several types',
      '/?_type=Condition,Observation&patient=1',
      'patient/*.s',
      ['Condition?patient=1', 'Observation?patient=1']
    ]
  ])('%s', (_, address, scopes, expected) => {
    expect(printed(found(address, scopes))).toEqual(expected)
  })

  it('are the search itself if the scopes need too many', () => {
    expect(printed(found('/Observation', a, { most: 1 }))).toEqual(['Observation?'])
  })

  it('are the same for the same facts again, and others for another search', () => {
    const facts = factsOf(`${a} ${b}`)
    const first = printed(found('/Observation', '', { facts }))
    expect(first).toHaveLength(2)
    expect(printed(found('/Observation?patient=1', '', { facts }))).toEqual(['Observation?patient=1&category=a,b'])
    expect(printed(found('/Observation', '', { facts }))).toEqual(first)
    expect(printed(found('/Observation', '', { facts, most: 1 }))).toEqual(['Observation?'])
  })
})

describe('a narrowing that a server refuses', () => {
  const search = searchOf('/Observation')
  const added = [
    { name: 'category', value: 'a' },
    { name: 'subject', value: 'Patient/1' }
  ]
  const source: SearchSource = { type: 'Observation', compartment: null, own: [], added, isNarrowed: true }

  it.each([
    ['the named parameter', 'unknown: subject', ['subject']],
    ['those of the scopes first', 'no', ['category']]
  ])('leaves out %s', (_, answer, expected) => {
    expect(narrowingsToDrop(source, search, answer)).toEqual(expected)
  })

  describe('of three', () => {
    const three = { ...source, added: [...added, { name: 'code', value: 'c' }] }
    const outcome = (...issue: ReadonlyArray<object>): string =>
      JSON.stringify({ resourceType: 'OperationOutcome', issue: issue.map((one) => ({ code: 'invalid', ...one })) })
    const list = 'Valid search parameters are: [_id, category, code, subject]'

    it.each([
      [
        'a name in quotation marks',
        outcome({ diagnostics: `Unknown parameter "subject" for "Observation". ${list}` }),
        ['subject']
      ],
      ['a name in details', outcome({ details: { text: `Unknown parameter 'code'. ${list}` } }), ['code']],
      ['two names in quotation marks', outcome({ diagnostics: 'No ‘code’ and no “subject”.' }), ['subject', 'code']],
      ['the place of an issue', outcome({ diagnostics: list, expression: ['http.category'] }), ['category']],
      ['the location of an issue', outcome({ diagnostics: list, location: ['http.category'] }), ['category']],
      [
        'words, where a place is a part of the text',
        outcome({ diagnostics: 'subject, http.code' }),
        ['subject', 'code']
      ],
      ['words, where a place has two names', outcome({ expression: ['http.subject.code'] }), ['subject', 'code']],
      ['a word beside an issue that is none', JSON.stringify({ issue: [null, { diagnostics: 'code' }] }), ['code']],
      ['those of the scopes first, where the answer is null', 'null', ['category', 'code']],
      ['a word, where the members of the answer are none', outcome({ diagnostics: 'no subject here' }), ['subject']],
      ['a word of an answer that is no outcome', 'no subject here', ['subject']],
      [
        'those of the scopes first, where all are listed',
        outcome({ diagnostics: `Unknown parameter. ${list}` }),
        ['category', 'code']
      ],
      ['those of the scopes first, where nothing is said', outcome({}), ['category', 'code']],
      [
        'those of the scopes first, where all are quoted',
        outcome({ diagnostics: "'category', 'code', 'subject'" }),
        ['category', 'code']
      ]
    ])('leaves out %s', (_name, answer, expected) => {
      expect(narrowingsToDrop(three, search, answer)).toEqual(expected)
    })
  })

  it('leaves out the last, then nothing', () => {
    const last = withoutRefused(source, search, ['category'])
    expect(narrowingsToDrop(last, search, 'no')).toEqual(['subject'])
    expect(narrowingsToDrop(withoutRefused(last, search, ['subject']), search, 'no')).toBeNull()
  })

  it('leaves out the compartment that the client did not ask for', () => {
    const inside = { ...source, compartment: { type: 'Patient', id: '1' } }
    expect(narrowingsToDrop(inside, search, 'category')).toEqual([compartmentName])
    expect(withoutRefused(inside, search, [compartmentName]).compartment).toBeNull()
  })
})

describe('what a source finds', () => {
  const source: SearchSource = {
    type: 'Observation',
    compartment: null,
    own: [],
    added: [{ name: 'category', value: 'a,b' }],
    isNarrowed: true
  }
  const observation = (code: string) => ({ resourceType: 'Observation', category: [{ coding: [{ code }] }] })

  it.each([
    ['one of the values', observation('b'), true],
    ['another value', observation('c'), false],
    ['another type', { ...observation('a'), resourceType: 'Condition' }, false]
  ])('%s', (_, resource, isFound) => {
    expect(isFoundBy(source, indexReader(), {})(resource)).toBe(isFound)
  })
})
