/** The requests of a rewritten search, and searches that can match nothing of what is granted. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { AccessRules, Alternative } from '../../../../src/protocol/access/alternatives.js'
import { alternativesIn } from '../../../../src/protocol/access/alternatives.js'
import { interactionOf } from '../../../../src/protocol/access/read-interaction.js'
import { isOutsideGranted } from '../../../../src/protocol/access/search/overlap.js'
import { rewriteSearch } from '../../../../src/protocol/access/search/rewrite.js'
import type { Search } from '../../../../src/protocol/access/search/rewrite.js'
import { clauseOf, commaList } from '../../../../src/scopes/query.js'
import { parse } from '../../../../src/scopes/parse.js'
import { fhirR4 } from '../../../../src/scopes/vocabulary.js'
import { limits } from '../../../../src/values/limits/limits.js'

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

const rewritten = (scope: string, address: string, rules: AccessRules = {}, most?: number) => {
  const found = rewriteSearch(searchOf(address), alternativesOf(scope, rules), fhirR4, most)
  return Either.isLeft(found)
    ? found.left.because
    : found.right.map(({ compartment, query, type }) => shown(type, compartment, query))
}

describe('the requests of a rewritten search', () => {
  const lab = 'system/Observation.s?category=lab'

  it.each<RequestRow>([
    ['one', lab, '/Observation', ['Observation?category=lab']],
    ['one with a list', 'system/Observation.s?category=a,b', '/Observation', ['Observation?category=a,b']],
    ['one in a compartment', lab, '/Patient/x/Observation', ['Patient/x/Observation?category=lab']],
    [
      'one for each type',
      'system/*.s?_tag=x',
      '/?_type=Group,Device&_id=1',
      ['Group?_id=1&_tag=x', 'Device?_id=1&_tag=x']
    ],
    ['one for two equal scopes', `${lab} ${lab}&category=lab`, '/Observation', ['Observation?category=lab']],
    [
      'one for clauses in two orders',
      'system/Observation.s?category=a&code=b system/Observation.s?code=b&category=a',
      '/Observation',
      ['Observation?category=a&code=b']
    ],
    [
      'none for a narrower scope',
      'system/Observation.s?category=a&code=b system/Observation.s?code=b',
      '/Observation',
      ['Observation?code=b']
    ],
    [
      'two for scopes of the same size',
      'system/Observation.s?category=a system/Observation.s?code=b',
      '/Observation',
      ['Observation?category=a', 'Observation?code=b']
    ],
    [
      'two for scopes of which none contains the other',
      'system/Observation.s?category=a&status=c system/Observation.s?code=b',
      '/Observation',
      ['Observation?category=a&status=c', 'Observation?code=b']
    ],
    ['the record', 'patient/Patient.s?gender=female', '/Patient', ['Patient?gender=female&_id=a']],
    [
      'the record and those that link to it',
      'patient/Patient.s',
      '/Patient',
      ['Patient?_id=a', 'Patient?link=Patient/a'],
      { moreCompartment: { Patient: ['link'] } }
    ],
    [
      'each way into the compartment',
      'patient/Condition.s',
      '/Condition',
      ['Condition?patient=Patient/a', 'Condition?asserter=Patient/a']
    ],
    [
      'a way of the host',
      'patient/Device.s',
      '/Device',
      ['Device?patient=Patient/a'],
      { moreCompartment: { Device: ['patient'] } }
    ],
    [
      'no way into what is shared',
      'patient/Practitioner.s',
      '/Practitioner',
      ['Practitioner?'],
      { sharedTypes: ['Practitioner'] }
    ],
    ['the permitted type alone', 'system/Observation.s system/Group.s?_id=1', '/Group', ['Group?_id=1']],
    ['a type of the scope `*`', 'system/*.s?_id=1', '/Group', ['Group?_id=1']],
    ['none for a type without the parameter', 'system/*.s?category=a system/*.s?_id=1', '/Group', ['Group?_id=1']],
    ['a chain in a scope', 'system/*.s?category=a system/*.s?subject.name=x', '/Group', 'clause'],
    ['a malformed date in a scope', 'system/Observation.s?date=x', '/Observation', 'clause'],
    ['one scope that is not interpreted', `${lab} system/Observation.s?code:in=x`, '/Observation', 'clause'],
    [
      'another type that is not interpreted',
      `${lab} system/Group.s?code:in=x`,
      '/Observation',
      ['Observation?category=lab']
    ],
    ['one permitted type of two', lab, '/?_type=Observation,Group', 'nothing-granted'],
    ['one user scope of two', `${lab} user/Observation.s`, '/Observation', 'user-level'],
    ['a Binary that is not shared', 'system/Binary.s', '/Binary', ['Binary?']],
    [
      'another type that is shared',
      'patient/*.s',
      '/Practitioner',
      ['Practitioner?'],
      { sharedTypes: ['Practitioner', 'Binary'] }
    ],
    ['a linked type', 'patient/Provenance.s', '/Provenance', 'linked', { accessProfile: 'us-core' }],
    ['what refers to it', lab, '/Observation?_revinclude=Provenance:target', 'includes'],
    ['what it refers to', lab, '/Observation?_include=Observation:subject', 'includes']
  ])('are %s', (...row) => {
    const [, scope, address, expected, rules] = row as unknown as RequestRow
    expect(rewritten(scope, address, rules)).toEqual(expected)
  })

  it.each<readonly [string, string, string, AccessRules]>([
    ['security-context', 'patient/Binary.s', '/Binary', { sharedTypes: ['Binary'] }],
    ['linked', 'patient/Provenance.s', '/Provenance', { accessProfile: 'us-core' }]
  ])('are none where one alternative of two has the reason %s', (because, scope, address, rules) => {
    const [one, other] = [alternativesOf(scope, rules), alternativesOf(scope.replace('patient', 'system'))]
    const reasons = [
      [...one, ...other],
      [...other, ...one]
    ].map((both) => {
      const found = rewriteSearch(searchOf(address), both)
      return Either.isLeft(found) ? found.left.because : null
    })
    expect(reasons).toEqual([because, because])
  })

  it('are limited in number, before and after redundant ones are left out', () => {
    const scopes = (count: number, more = '') =>
      Array.from({ length: count }, (_, index) => `system/*.s?_id=${String(index)}${more}`).join(' ')
    expect(rewritten(scopes(3), '/Group', {}, 3)).toHaveLength(3)
    expect(rewritten(scopes(4), '/Group', {}, 3)).toBe('too-many')
    expect(rewritten(scopes(2), '/?_type=Group,Device', {}, 3)).toBe('too-many')
    expect(rewritten(scopes(2), '/?_type=Group,Device', {}, 4)).toHaveLength(4)
    expect(rewritten(`${scopes(11, '&_tag=x')} system/*.s`, '/Group', {}, 3)).toEqual(['Group?'])
    expect(rewritten(`${scopes(12, '&_tag=x')} system/*.s`, '/Group', {}, 3)).toBe('too-many')
    expect(rewritten(scopes(limits.fhirNarrowedRequests.default), '/Group')).toHaveLength(50)
    expect(rewritten(scopes(limits.fhirNarrowedRequests.default + 1), '/Group')).toBe('too-many')
  })
})

describe('a search outside of what is granted', () => {
  const queryOf = (text: string) =>
    text.split('&').flatMap((pair) => {
      const [name = '', value = ''] = pair.split('=')
      return pair === '' ? [] : [{ name, value }]
    })
  const isOutside = (scope: string, text: string): boolean => isOutsideGranted(queryOf(text), alternativesOf(scope), {})

  it.each([
    ['nothing', 'system/Observation.s?category=a', '', false],
    ['the value', 'system/Observation.s?category=a', 'category=a', false],
    ['another value', 'system/Observation.s?category=a', 'category=b', true],
    ['a wider value', 'system/Observation.s?category=s|a', 'category=a', false],
    ['a narrower value', 'system/Observation.s?category=a', 'category=s|a', false],
    ['one of a list', 'system/Observation.s?category=a', 'category=b,a', false],
    ['one of the granted list', 'system/Observation.s?category=b,a', 'category=a', false],
    ['the value twice, and another', 'system/Observation.s?category=a', 'category=a&category=b', true],
    [
      'the value and another, and a third',
      'system/Observation.s?category=a,b',
      'category=a&category=b&category=a',
      false
    ],
    ['one of two clauses', 'system/Observation.s?category=a&status=c', 'category=a&status=d', true],
    ['one of two scopes', 'system/Observation.s?category=a system/Observation.s?category=b', 'category=b', false],
    ['none of two scopes', 'system/Observation.s?category=a system/Observation.s?category=b', 'category=c', true],
    ['a date', 'system/Observation.s?date=2020', 'date=2021', false],
    ['a modifier', 'system/Observation.s?code:in=a', 'code=b', false],
    ['an exact name', 'system/Patient.s?family:exact=Ab', 'family=Ac', true],
    ['a scope without a query', 'system/Observation.s', 'category=b', false],
    ['no scope', '', 'category=b', true]
  ])('is known or not: %s', (_, scope, text, expected) => {
    expect(isOutside(scope, text)).toBe(expected)
  })

  it('is not looked for in more comparisons than the limit', () => {
    const many = (count: number): string => Array.from({ length: count }, (_, index) => `v${String(index)}`).join(',')
    const [granted] = alternativesOf('system/Observation.s')
    if (granted === undefined) throw new Error('no alternative')
    const withValues = (count: number): Alternative => ({
      ...granted,
      query: [clauseOf('category', null, commaList(many(count)))]
    })
    const most = limits.fhirGrantedComparisons.default
    const requested = (text: string) => queryOf(text)
    const outside = (query: string, counts: ReadonlyArray<number>): boolean =>
      isOutsideGranted(requested(query), counts.map(withValues), {})
    expect(outside('category=x', [most])).toBe(true)
    expect(outside('category=x', [most + 1])).toBe(false)
    expect(outside('category=x', [most / 2, most / 2])).toBe(true)
    expect(outside('category=x', [most / 2, most / 2 + 1])).toBe(false)
    expect(outside('category=x,y', [most / 2 + 1])).toBe(false)
    expect(outside('category=x&category=y', [most / 2 + 1])).toBe(false)
    expect(outside('category=x,y', [most / 2])).toBe(true)
    // Of a clause on a parameter that is not requested, nothing is compared.
    const [category] = withValues(most).query
    const both = { ...granted, query: [...(category === undefined ? [] : [category]), clauseOf('status', null, ['c'])] }
    expect(isOutsideGranted(requested('status=d'), [both], {})).toBe(true)
  })
})
