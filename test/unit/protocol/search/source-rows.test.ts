/** The sources of a search: what is added to the client's search, and what is left out where a server refuses it. */
import { describe, expect, it } from 'vitest'
import type { AccessRules, Alternative } from '../../../../src/protocol/access/alternatives.js'
import { alternativesIn } from '../../../../src/protocol/access/alternatives.js'
import { interactionOf } from '../../../../src/protocol/access/read-interaction.js'
import type { Search } from '../../../../src/protocol/access/search/rewrite.js'
import { indexReader } from '../../../../src/protocol/access/search/search-index.js'
import type { SearchSource } from '../../../../src/protocol/access/search/sources.js'
import {
  compartmentName,
  isFoundBy,
  narrowingsToDrop,
  sourcesOf,
  withoutRefused
} from '../../../../src/protocol/access/search/sources.js'
import { parse } from '../../../../src/scopes/parse.js'
import type { Vocabulary } from '../../../../src/scopes/vocabulary.js'
import { fhirR4, fhirR4With } from '../../../../src/scopes/vocabulary.js'

const alternativesOf = (scope: string, rules: AccessRules = {}, patient = 'a'): ReadonlyArray<Alternative> =>
  alternativesIn({ clientId: 'app', scopes: parse(scope), context: { patient }, user: null }, rules)

const searchOf = (address: string): Search => {
  const [path = '', query = ''] = address.split('?')
  const search = interactionOf({ method: 'GET', path, query, headers: {}, body: '' })
  if (search._tag !== 'Search') throw new Error(search._tag)
  return search
}

type RequestRow = readonly [
  why: string,
  scope: string,
  address: string,
  expected: string | ReadonlyArray<string>,
  rules?: AccessRules
]

const shown = (type: string | null, compartment: Search['compartment'], query: Search['query']): string =>
  `${compartment === null ? '' : `${compartment.type}/${compartment.id}/`}${type ?? '*'}?${query
    .map(({ name, value }) => `${name}=${value}`)
    .join('&')}`

describe('the sources of a search', () => {
  const sources = (scope: string, address: string, rules: AccessRules = {}, most = 50): ReadonlyArray<string> =>
    sourcesOf(searchOf(address), alternativesOf(scope, rules), most).map(({ added, compartment, own, type }) =>
      shown(type, compartment, [...own, ...added])
    )
  const lab = 'patient/Observation.s?category=lab'

  it.each<RequestRow>([
    ['the patient as an id', lab, '/Observation?subject=a', ['Observation?subject=a&category=lab']],
    [
      'a parameter of the compartment',
      lab,
      '/Observation?performer=Patient/a',
      ['Observation?performer=Patient/a&category=lab']
    ],
    [
      'the patient in a parameter outside of the compartment',
      lab,
      '/Observation?focus=Patient/a',
      [
        'Observation?focus=Patient/a&category=lab&subject=Patient/a',
        'Observation?focus=Patient/a&category=lab&performer=Patient/a'
      ]
    ],
    [
      'a parameter of the host',
      'patient/Device.s?type=x',
      '/Device?owner=a',
      ['Device?owner=a&type=x'],
      {
        moreCompartment: { Device: ['owner'] }
      }
    ],
    ['the record by its id', 'patient/Patient.s?gender=female', '/Patient?_id=a', ['Patient?_id=a&gender=female']],
    [
      'the record by another parameter',
      'patient/Patient.s',
      '/Patient?link=Patient/a',
      ['Patient?link=Patient/a&_id=a']
    ],
    ['the record by a reference', 'patient/Patient.s', '/Patient?_id=Patient/a', ['Patient?_id=Patient/a&_id=a']],
    ['another record', 'patient/Patient.s', '/Patient?_id=b', ['Patient?_id=b&_id=a']],
    ['the patient parameter of the record', 'patient/Patient.s', '/Patient?patient=a', ['Patient?patient=a&_id=a']],
    [
      'the compartment of another patient',
      lab,
      '/Patient/b/Observation',
      ['Patient/b/Observation?category=lab&subject=Patient/a', 'Patient/b/Observation?category=lab&performer=Patient/a']
    ],
    [
      'a service',
      'system/Observation.s?category=lab',
      '/Observation?subject=Patient/a',
      ['Observation?subject=Patient/a&category=lab']
    ],
    [
      'a service without a patient',
      'system/Observation.s?category=lab',
      '/Patient/a/Observation',
      ['Patient/a/Observation?category=lab']
    ],
    [
      'a patient and a service',
      `${lab} system/Observation.s?code=x`,
      '/Observation?subject=Patient/a',
      [
        'Observation?subject=Patient/a&category=lab&subject=Patient/a',
        'Observation?subject=Patient/a&category=lab&performer=Patient/a',
        'Observation?subject=Patient/a&code=x'
      ]
    ],
    [
      'two clauses of which one differs',
      `${lab}&status=a ${lab}&status=b`,
      '/Observation?patient=a',
      ['Observation?patient=a&category=lab&status=a,b']
    ],
    [
      'every combination of two clauses',
      ['a', 'b']
        .flatMap((one) => ['c', 'd'].map((two) => `patient/Observation.s?category=${one}&status=${two}`))
        .join(' '),
      '/Observation?patient=a',
      ['Observation?patient=a&category=a,b&status=c,d']
    ],
    [
      'two clauses that both differ',
      'patient/Observation.s?category=a&status=c patient/Observation.s?category=b&status=d',
      '/Observation?patient=a',
      ['Observation?patient=a&category=a&status=c', 'Observation?patient=a&category=b&status=d']
    ],
    [
      'lists with a value in common',
      'patient/Observation.s?category=a,b patient/Observation.s?category=b,c',
      '/Observation?patient=a',
      ['Observation?patient=a&category=a,b,c']
    ],
    [
      'what the joined ones make needless',
      ['a&status=c', 'b&status=c', 'a,b'].map((values) => `patient/Observation.s?category=${values}`).join(' '),
      '/Observation?patient=a',
      ['Observation?patient=a&category=a,b']
    ],
    [
      'different parameters',
      `${lab} patient/Observation.s?code=x`,
      '/Observation?patient=a',
      ['Observation?patient=a&category=lab', 'Observation?patient=a&code=x']
    ],
    [
      'the same parameter first and second',
      'patient/Observation.s?category=a&status=c patient/Observation.s?category=b',
      '/Observation?patient=a',
      ['Observation?patient=a&category=a&status=c', 'Observation?patient=a&category=b']
    ],
    [
      'a short list and a longer one without it',
      `${lab}&status=a ${lab}&code=x&_tag=y`,
      '/Observation?patient=a',
      ['Observation?patient=a&category=lab&status=a', 'Observation?patient=a&category=lab&code=x&_tag=y']
    ],
    [
      'clauses in two orders',
      `${lab}&status=a patient/Observation.s?status=a&category=lab`,
      '/Observation?patient=a',
      ['Observation?patient=a&category=lab&status=a']
    ],
    [
      'types with different scopes',
      `${lab} patient/Condition.s?category=x`,
      '/?_type=Observation,Condition&patient=a',
      ['Observation?patient=a&category=lab', 'Condition?patient=a&category=x']
    ],
    [
      'the patient of one type alone',
      'patient/*.s?_tag=x',
      '/?_type=Condition,Patient&_id=a',
      ['Condition?_id=a&_tag=x&patient=Patient/a', 'Condition?_id=a&_tag=x&asserter=Patient/a', 'Patient?_id=a&_tag=x']
    ],
    ['all types', 'patient/*.s', '/?_lastUpdated=gt2020', ['*?_lastUpdated=gt2020']],
    ['a page of some other search', lab, '/Observation?_getpages=x', ['Observation?_getpages=x']],
    ['contained resources', lab, '/Observation?_contained=true', ['Observation?_contained=true']],
    ['a scope that is not interpreted', 'patient/Observation.s?code:in=x', '/Observation', ['Observation?']],
    [
      'what refers to it',
      `${lab} patient/Provenance.r`,
      '/Observation?patient=a&_revinclude=Provenance:target',
      ['Observation?patient=a&_revinclude=Provenance:target&category=lab']
    ],
    [
      'the patient in an include',
      lab,
      '/Observation?_include=Patient/a',
      [
        'Observation?_include=Patient/a&category=lab&subject=Patient/a',
        'Observation?_include=Patient/a&category=lab&performer=Patient/a'
      ]
    ],
    [
      'an order of several sources of a service',
      'system/Observation.s?category=a system/Observation.s?code=b',
      '/Observation?_sort=date',
      ['Observation?_sort=date']
    ],
    ['an order in a compartment', lab, '/Patient/b/Observation?_sort=date', ['Patient/b/Observation?_sort=date']],
    [
      'an order of several types',
      'patient/*.s',
      '/?_type=Condition,Observation&_sort=_id',
      ['*?_type=Condition,Observation&_sort=_id']
    ],
    [
      'an order outside of the compartment',
      'patient/Practitioner.s?_id=1 patient/Practitioner.s?_tag=2',
      '/Practitioner?_sort=_id',
      ['Practitioner?_sort=_id'],
      { sharedTypes: ['Practitioner'] }
    ],
    [
      'an order of one source',
      lab,
      '/Observation?_sort=date&subject=a',
      ['Observation?_sort=date&subject=a&category=lab']
    ]
  ])('are those of %s', (...row) => {
    const [, scope, address, expected, rules] = row as unknown as RequestRow
    expect(sources(scope, address, rules)).toEqual(expected)
  })

  it('are not mixed up where facts, vocabulary, types or number are others', () => {
    const [one, two, three] = ['category=a', 'category=b', 'code=c'].flatMap((query) =>
      alternativesOf(`system/*.s?${query}`)
    )
    if (one === undefined || two === undefined || three === undefined) throw new Error('no alternatives')
    const added = (address: string, all: ReadonlyArray<Alternative>, most = 50, vocabulary = fhirR4) =>
      sourcesOf(searchOf(address), all, most, vocabulary).map((source) => shown(source.type, null, source.added))
    const narrow = ['Observation?category=a', 'Observation?code=c']
    for (let round = 0; round < 2; round += 1) {
      expect(added('/Observation', [one])).toEqual(['Observation?category=a'])
      expect(added('/Observation', [one, two])).toEqual(['Observation?category=a,b'])
      expect(added('/Observation', [one, three])).toEqual(narrow)
      expect(added('/Observation', [one, three], 1)).toEqual(['Observation?'])
      expect(added('/Condition', [one, three])).toEqual(['Condition?category=a', 'Condition?code=c'])
      expect(added('/?_type=Condition', [one])).toEqual(['Condition?category=a'])
      expect(added('/', [one])).toEqual(['*?'])
      expect(added('/Observation', [])).toEqual(['Observation?'])
      const others = fhirR4With([{ resourceType: 'Observation', name: 'category', type: 'string' }] as never)
      expect(added('/Observation', [one], 50, others)).toEqual(['Observation?'])
    }
  })

  it('keep the ways of one of several patients', () => {
    const alternatives = alternativesOf(`${lab} system/Observation.s?code=x`, {}, 'null')
    expect(
      sourcesOf(searchOf('/Observation?subject=Patient/null'), alternatives, 50).map(({ added }) => added)
    ).toEqual([
      [
        { name: 'category', value: 'lab' },
        { name: 'subject', value: 'Patient/null' }
      ],
      [
        { name: 'category', value: 'lab' },
        { name: 'performer', value: 'Patient/null' }
      ],
      [{ name: 'code', value: 'x' }]
    ])
  })

  describe('are remembered', () => {
    const counted = () => {
      const looks = { count: 0 }
      const vocabulary: Vocabulary = {
        typeOf: (type, name) => {
          looks.count += 1
          return fhirR4.typeOf(type, name)
        }
      }
      /** The sources, and whether they were computed anew. */
      const find = (alternatives: ReadonlyArray<Alternative>, address = '/Observation', most = 50) => {
        const before = looks.count
        const found = sourcesOf(searchOf(address), alternatives, most, vocabulary)
        return { found, isNew: looks.count > before }
      }
      return find
    }

    it('for the same alternatives, in the same order and number', () => {
      const find = counted()
      const [one, two, three] = ['a', 'b', 'c'].flatMap((value) => alternativesOf(`system/*.s?category=${value}`))
      if (one === undefined || two === undefined || three === undefined) throw new Error('no alternatives')
      const isNew = (...alternatives: ReadonlyArray<Alternative>): boolean => find(alternatives).isNew
      expect([isNew(one, two), isNew(one, two), isNew(one, two)]).toEqual([true, false, false])
      expect([isNew(one, three), isNew(one, three)]).toEqual([true, false])
      expect([isNew(one), isNew(one)]).toEqual([true, false])
    })

    it('as the same lists', () => {
      const [find, alternatives] = [counted(), alternativesOf(lab)]
      const lists = (address: string) => find(alternatives, address).found.map(({ added }) => added)
      for (const address of ['/Observation', '/Observation?patient=a']) {
        const first = lists(address)
        for (const [place, list] of lists(address).entries()) expect(list).toBe(first[place])
      }
    })

    it('for 32 searches of other types or numbers of requests, and right beyond them', () => {
      const [find, alternatives] = [counted(), alternativesOf('system/*.s?_tag=x')]
      const isNew = (most: number): boolean => {
        const { found, isNew: isComputed } = find(alternatives, '/Group', most)
        expect(found).toMatchObject([{ added: [{ name: '_tag' }] }])
        return isComputed
      }
      const [first, ...others] = Array.from({ length: 34 }, (_, index) => index + 1)
      expect(others.map(isNew)).toEqual(others.map(() => true))
      expect(others.map(isNew)).toEqual(others.map((most) => most > 33))
      expect(isNew(first ?? 0)).toBe(true)
    })
  })
})

describe('what a server refuses', () => {
  const search = searchOf('/Observation')
  const source = (names: string, more: Partial<SearchSource> = {}): SearchSource => ({
    type: 'Observation',
    compartment: null,
    own: [],
    added: names.split(' ').flatMap((name) => (name === '' ? [] : [{ name, value: 'x' }])),
    isNarrowed: true,
    ...more
  })

  it.each<readonly [string, SearchSource, string, ReadonlyArray<string> | null]>([
    ['nothing', source(''), 'category', null],
    ['the named one', source('category subject'), 'unknown "category"', ['category']],
    ['not all of them, where all are named', source('category subject'), 'category,subject', ['category']],
    ['both named ones of three', source('category subject code'), 'category,subject', ['category', 'subject']],
    ['a name with marks', source('value-quantity _tag'), 'x _tag: y', ['_tag']],
    ['no part of a name', source('code subject'), 'code-value', ['code']],
    ['each name once', source('category category subject'), 'no', ['category']],
    ['the clauses before the ways', source('category code subject performer'), 'no', ['category', 'code']],
    ['all clauses', source('category code'), 'no', ['category', 'code']],
    ['all ways', source('subject performer'), 'no', ['subject', 'performer']],
    ['all of no type', source('subject', { type: null }), 'no', ['subject']],
    [
      'the compartment',
      source('category', { compartment: { type: 'Patient', id: 'a' } }),
      'category',
      [compartmentName]
    ]
  ])('is %s', (_, given, answer, expected) => {
    expect(narrowingsToDrop(given, search, answer)).toEqual(expected)
  })

  it('is left out of the source', () => {
    const inside = source('category subject', { compartment: { type: 'Patient', id: 'a' } })
    expect(withoutRefused(inside, search, ['category'])).toEqual({
      ...inside,
      added: [{ name: 'subject', value: 'x' }],
      isNarrowed: false
    })
    expect(withoutRefused(inside, search, [compartmentName])).toEqual({
      ...inside,
      compartment: null,
      isNarrowed: false
    })
    expect(withoutRefused(inside, search, [])).toEqual(inside)
  })

  it.each<readonly [string, SearchSource, object, boolean]>([
    ['no narrowing', source(''), {}, true],
    ['no narrowing of another type', source(''), { resourceType: 'Group' }, false],
    ['no narrowing and no type', source('', { type: null }), { resourceType: 'Group' }, true],
    ['a code', source('', { added: [{ name: 'status', value: 'x,y' }] }), { status: 'y' }, true],
    ['another code', source('', { added: [{ name: 'status', value: 'x' }] }), { status: 'y' }, false],
    ['a code of no type', source('', { type: null, added: [{ name: 'status', value: 'x' }] }), { status: 'x' }, true],
    ['another code of no type', source('', { type: null, added: [{ name: 'status', value: 'x' }] }), {}, false],
    ['one of two codes', source('status _id'), { status: 'x' }, false],
    ['both', source('status _id'), { status: 'x', id: 'x' }, true],
    [
      'a local URL',
      source('', { added: [{ name: 'subject', value: 'https://h/Patient/1' }] }),
      { subject: { reference: 'Patient/1' } },
      true
    ]
  ])('and a source finds or not: %s', (_, given, members, isFound) => {
    const find = isFoundBy(given, indexReader(), { base: 'https://h' })
    expect(find({ resourceType: 'Observation', ...members })).toBe(isFound)
  })

  it('and a source of one type reads its narrowing once', () => {
    let looks = 0
    const typeOf: Vocabulary['typeOf'] = (type, name) => {
      looks += 1
      return fhirR4.typeOf(type, name)
    }
    const find = isFoundBy(source('status'), indexReader(), {}, { typeOf })
    const before = looks
    expect(find({ resourceType: 'Observation', status: 'x' })).toBe(true)
    expect([before > 0, looks]).toEqual([true, before])
  })
})
