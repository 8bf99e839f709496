/** What is sent for the kick-off of an export, and the scopes that it needs. `decisions.test.ts` has many more. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { AccessFacts, AccessRules } from '../../../../src/protocol/access/alternatives.js'
import {
  decideExport,
  exportPlan,
  exportsEverything,
  exportsWhole
} from '../../../../src/protocol/access/operations/export.js'
import { exportRules } from '../../../../src/protocol/access/operations/export-rules.js'
import { typeFiltersIn } from '../../../../src/protocol/access/operations/type-filters.js'
import { interactionOf } from '../../../../src/protocol/access/read-interaction.js'
import type { PlainRequest } from '../../../../src/protocol/http/message.js'
import { parse } from '../../../../src/scopes/parse.js'
import { fhirR4 } from '../../../../src/scopes/vocabulary.js'
import { limits } from '../../../../src/values/limits/limits.js'
import { get, parameters, post } from './decision-requests.js'
import { factsFor, textOf } from './decision-text.js'

const everyUser: AccessRules = { isUserUnlimited: true }
const tagged = 'system/*.rs?_tag=x'

/** A token without a user, of a client that also has a patient. */
const mixed = (scope: string): AccessFacts => ({
  clientId: 'app',
  scopes: parse(scope),
  context: { patient: '123' },
  user: null
})

const operationOf = (request: PlainRequest) => {
  const operation = interactionOf(request)
  if (operation._tag !== 'Operation' || operation.input === null) throw new Error('it is no operation')
  return { operation, input: operation.input }
}

/** The plan as text: `checked` or `whole`, `group` if the Group is checked, the parameters, and the needed scopes. */
const planned = (facts: AccessFacts, request: PlainRequest, rules: AccessRules = {}): string => {
  const { operation, input } = operationOf(request)
  const plan = exportPlan(facts, operation, input, rules)
  if (Either.isLeft(plan)) return textOf(plan.left)
  const { isChecked, checksGroup, needs } = plan.right
  const sent = plan.right.parameters.map(({ name, value }) => `${name}=${String(value)}`)
  return [isChecked ? 'checked' : 'whole', ...(checksGroup ? ['group'] : []), ...sent, `for ${needs}`].join(' ')
}

type Row = readonly [title: string, scope: string, request: PlainRequest, plan: string]

const insufficient = (...missing: ReadonlyArray<string>): string =>
  `Deny insufficient-scope (scope-sufficient), missing ${JSON.stringify(missing)}`
const forSystems = (...missing: ReadonlyArray<string>): string =>
  `Deny insufficient-scope (export-for-systems), missing ${JSON.stringify(missing)}`
const unselective = 'Deny parameter-not-evaluated (export-filters-only-select), missing []'
const unreadable = 'Deny query (export-filters-readable), missing []'
const filter = (...searches: ReadonlyArray<string>): string =>
  searches.map((search) => `_typeFilter=${encodeURIComponent(search)}`).join('&')

describe('the kick-off of an export', () => {
  it.each<Row>([
    [
      'is sent as it is for everything',
      'openid system/*.rs',
      get('/$export?_since=2020'),
      'whole _since=2020 for system/*.rs'
    ],
    [
      'is checked where a scope of every type has a query',
      tagged,
      get('/$export?_elements=id&_format=json'),
      'checked _format=json for system/*.rs?_tag=x'
    ],
    [
      'of every type needs all scopes that read or search',
      `${tagged} system/Patient.rs`,
      get('/$export'),
      'checked for system/*.rs?_tag=x system/Patient.rs'
    ],
    [
      'is narrowed to the permitted types',
      'system/Observation.rs system/Patient.r system/Condition.s system/Group.rs',
      get('/$export'),
      'checked _type=Observation,Group for system/Observation.rs system/Group.rs'
    ],
    [
      'is narrowed to permitted types beside half a permission for all',
      'system/*.r system/Observation.s',
      get('/$export'),
      'checked _type=Observation for system/Observation.rs'
    ],
    [
      'needs for a named type the scope of every type that permits it',
      `${tagged} system/Patient.rs`,
      get('/$export?_type=Patient,Condition,Patient'),
      'checked _type=Patient,Condition _typeFilter=Condition?_tag=x for system/Patient.rs system/*.rs?_tag=x'
    ],
    [
      'needs no scopes that only write',
      'system/Observation.rs?status=final system/Observation.cud',
      get('/$export'),
      'checked _type=Observation _typeFilter=Observation?status=final for system/Observation.rs?status=final'
    ],
    [
      'needs scopes that write as well',
      'system/Observation.cruds?status=final',
      get('/$export'),
      'checked _type=Observation _typeFilter=Observation?status=final for system/Observation.cruds?status=final'
    ],
    [
      'needs scopes with one of the permissions',
      'system/Observation.r?status=final system/Observation.s?status=final',
      get('/$export'),
      'checked _type=Observation _typeFilter=Observation?status=final ' +
        'for system/Observation.r?status=final system/Observation.s?status=final'
    ],
    [
      'is narrowed by the scopes and the filters of each type',
      'system/Observation.rs?status=final system/Patient.rs',
      get(`/$export?${filter('Observation?code=a,b', 'Patient?name=c')}`),
      'checked _type=Observation,Patient _typeFilter=Observation?code=a%2Cb&status=final _typeFilter=Patient?name=c ' +
        'for system/Observation.rs?status=final system/Patient.rs'
    ],
    [
      'keeps the filters of a type whose scope is no search',
      'system/Observation.rs?code:in=http://example.org/v',
      get(`/$export?${filter('Observation?code=a')}`),
      'checked _type=Observation _typeFilter=Observation?code=a for system/Observation.rs?code:in=http://example.org/v'
    ],
    [
      'checks the Group where the scope for it has a query',
      'system/Group.r?_tag=x system/Observation.rs',
      get('/Group/g/$export'),
      'checked group _type=Observation for system/Observation.rs'
    ],
    [
      'does not check the Group where the scope for it has none',
      'system/Group.r system/Observation.rs',
      get('/Group/g/$export'),
      'checked _type=Observation for system/Observation.rs'
    ],
    [
      'checks no Group of an export without one',
      'system/Group.r?_tag=x system/Observation.rs',
      get('/$export'),
      'checked _type=Observation for system/Observation.rs'
    ],
    [
      'needs the type of each filter',
      'system/Observation.rs',
      get(`/$export?_type=Observation&${filter('Patient?name=c')}`),
      insufficient('system/Patient.rs')
    ],
    [
      'needs without a limit what a filter looks at',
      'system/Observation.rs system/Patient.rs?active=true',
      get(`/$export?${filter('Observation?subject:Patient.name=a')}`),
      insufficient('system/Patient.s')
    ],
    [
      'needs Provenance for associated data',
      'system/Observation.rs',
      get('/$export?includeAssociatedData=RelevantProvenanceResources'),
      insufficient('system/Provenance.rs')
    ],
    ...[
      '_filter=x',
      '_contained=true',
      '_include=Observation:subject',
      '_revinclude=Provenance:target',
      'code=a&_sort=date',
      'code=a&_type=Patient'
    ].map((search): Row => [
      `refuses a filter with ${search}`,
      'system/*.rs',
      get(`/$export?${filter(`Observation?${search}`)}`),
      unselective
    ]),
    [
      'refuses a filter that selects among filters that do',
      'system/*.rs',
      get(`/$export?${filter('Observation?code=a', 'Observation?_sort=date')}`),
      unselective
    ],
    ['refuses a filter without a type', 'system/*.rs', get(`/$export?${filter('Observation')}`), unreadable],
    [
      'refuses a filter that is no text',
      'system/*.rs',
      post('/$export', parameters({ name: '_typeFilter', valueMeta: {} })),
      unreadable
    ],
    [
      'names what is missing beside associated data that cannot be checked',
      'openid',
      get('/$export?_type=Observation&includeAssociatedData=other'),
      forSystems('system/*.rs')
    ]
  ])('%s', (_title, scope, request, plan) => {
    expect(planned(factsFor(scope, true), request)).toBe(plan)
  })

  it.each<Row>([
    ['of a user who may see everything', 'user/*.rs', get('/$export'), 'whole for user/*.rs'],
    ['needs scopes of the user', 'user/Observation.rs', get('/$export?_type=Patient'), insufficient('user/Patient.rs')],
    ['cannot be of a patient', 'patient/*.rs', get('/$export'), forSystems('user/*.rs')]
  ])('%s', (_title, scope, request, plan) => {
    expect(planned(factsFor(scope, false), request, everyUser)).toBe(plan)
  })

  it.each<Row>([
    [
      'needs no scopes of a patient',
      'patient/Observation.rs system/Observation.rs',
      get('/$export'),
      'checked _type=Observation for system/Observation.rs'
    ],
    [
      'claims no scope of another level',
      'user/Observation.rs',
      get('/$export'),
      'checked _type=Observation for user/Observation.rs'
    ],
    [
      'claims no scope of another level beside one of its own',
      'user/Observation.rs system/Patient.rs',
      get('/$export'),
      'checked _type=Observation,Patient for user/Observation.rs system/Patient.rs'
    ]
  ])('%s', (_title, scope, request, plan) => {
    expect(planned(mixed(scope), request, everyUser)).toBe(plan)
  })

  it('is narrowed by search parameters of the vocabulary of the host', () => {
    const vocabulary = { ...fhirR4, typeOf: () => 'other' as const }
    const facts = factsFor('system/Observation.rs?status=final', true)
    const unnarrowed = 'checked _type=Observation for system/Observation.rs?status=final'
    expect(planned(facts, get('/$export'), { vocabulary })).toBe(unnarrowed)
  })

  it('is narrowed by at most as many searches as a search is', () => {
    const most = limits.fhirNarrowedRequests.default
    const withFilters = (count: number): string => {
      const searches = Array.from({ length: count }, (_, index) => `Observation?code=${String(index)}`)
      return planned(factsFor('system/Observation.rs?status=final', true), get(`/$export?${filter(...searches)}`))
    }
    expect(withFilters(most).split('&status=final')).toHaveLength(most + 1)
    expect(withFilters(most + 1).split('&status=final')).toHaveLength(1)
    expect(withFilters(most + 1).split('_typeFilter')).toHaveLength(most + 2)
    // Fewer searches of the client, and more of the scopes.
    const two = 'system/Observation.rs?status=final system/Observation.rs?category=a'
    const searches = Array.from({ length: most }, (_, index) => `Observation?code=${String(index)}`)
    expect(planned(factsFor(two, true), get(`/$export?${filter(...searches)}`))).not.toContain('&status=final')
  })

  it('is not refused for a value of another parameter that is no plain text', () => {
    const parameter = [{ name: '_since', valueInstant: '2021-01-01T00:00:00Z', _valueInstant: { id: 'x' } }]
    const body = JSON.stringify({ resourceType: 'Parameters', parameter })
    const request = { method: 'POST', path: '/$export', query: '', headers: {}, body }
    expect(planned(factsFor('system/Observation.rs', true), request)).not.toContain('parameter-not-evaluated')
  })

  it.each(['includeAssociatedData', '_outputFormat'])('is refused with a value of %s that cannot be read', (name) => {
    for (const more of [{ _valueString: { id: 'x' } }, { extension: [] }]) {
      const body = JSON.stringify({ resourceType: 'Parameters', parameter: [{ name, valueString: 'x', ...more }] })
      const request = { method: 'POST', path: '/$export', query: '', headers: {}, body }
      expect(planned(factsFor('system/Observation.rs', true), request)).toContain('Deny parameter-not-evaluated')
    }
  })

  it('is not narrowed search by search where the client has more of them than that', () => {
    const [scopes, filters] = [20, limits.fhirNarrowedRequests.default + 1]
    const list = (size: number, one: (place: number) => string) =>
      Array.from({ length: size }, (_, place) => one(place))
    let looks = 0
    const vocabulary: typeof fhirR4 = {
      ...fhirR4,
      typeOf: (...of) => {
        looks += 1
        return fhirR4.typeOf(...of)
      }
    }
    const scope = list(scopes, (place) => `system/Goal.rs?category=c${String(place)}`).join(' ')
    const searches = filter(list(filters, (place) => `Goal?_id=${String(place)}`).join(','))
    expect(planned(factsFor(scope, true), get(`/$export?${searches}`), { vocabulary })).toContain('Goal?_id=1')
    expect(looks).toBeLessThan(scopes * filters)
  })
})

describe('the decision about an export', () => {
  const decided = (scope: string, request: PlainRequest): string => {
    const { operation, input } = operationOf(request)
    return textOf(decideExport(factsFor(scope, true), operation, input, {}))
  }

  it('filters by the scopes that read and search', () => {
    expect(decided('system/Observation.cruds?status=final', get('/$export'))).toBe(
      'Filter system/Observation.r [status=["final"]], system/Observation.s [status=["final"]]; returned r, returned s'
    )
  })

  it('checks a Group first', () => {
    expect(decided('system/Group.r?_tag=x system/Observation.rs', get('/Group/g/$export'))).toBe(
      'Filter system/Group.r [_tag=["x"]], system/Observation.r, system/Observation.s; stored r, returned r, returned s'
    )
  })
})

describe('what a token may export without a check', () => {
  it.each<readonly [string, boolean, boolean]>([
    ['system/*.rs', true, true],
    [tagged, false, false],
    ['system/*.r', false, false],
    ['system/Observation.rs', false, true],
    ['system/Observation.rs?status=final', false, false],
    ['patient/*.rs', false, false],
    ['openid', false, false]
  ])('%s: everything %s, all of a type %s', (scope, isEverything, isWhole) => {
    expect(exportsEverything(mixed(scope), {})).toBe(isEverything)
    expect(exportsWhole(mixed(scope), {})('Observation')).toBe(isWhole)
  })
})

describe('the least scopes of an export without a permitted type', () => {
  it.each([
    ['system/Observation.r', '/$export', ['system/Observation.s']],
    ['system/Observation.s', '/$export', ['system/Observation.r']],
    ['system/Group.s', '/$export', ['system/Group.r']],
    ['system/Observation.r system/Patient.r', '/$export', ['system/*.s']],
    ['system/Observation.r system/Patient.s', '/$export', ['system/Observation.s']],
    ['system/*.r', '/$export', ['system/*.s']],
    ['system/*.s?_tag=x', '/Patient/$export', ['system/*.r']],
    ['system/Observation.cud', '/$export', ['system/*.rs']],
    ['patient/Observation.rs', '/$export', ['system/*.rs']],
    ['system/Group.r', '/Group/g/$export', ['system/*.rs']],
    ['system/Group.r system/Observation.r', '/Group/g/$export', ['system/Observation.s']],
    ['system/Observation.r', '/Group/g/$export', ['system/Observation.s', 'system/Group.r']],
    ['system/Observation.r system/Group.s', '/Group/g/$export', ['system/Group.r']],
    ['system/Condition.r', `/$export?${filter('Observation?code=a')}`, ['system/Observation.rs']],
    ['system/Condition.r', '/$export?includeAssociatedData=LatestProvenanceResources', ['system/Provenance.rs']]
  ])('beside %s: %s', (scope, address, missing) => {
    const plan = (more: ReadonlyArray<string>) => planned(mixed([scope, ...more].join(' ')), get(address))
    const refused = plan([])
    expect(refused).toMatch(/^Deny insufficient-scope/)
    expect((JSON.parse(refused.slice(refused.indexOf('['))) as ReadonlyArray<string>).toSorted()).toEqual(
      missing.toSorted()
    )
    expect(plan(missing)).not.toMatch(/^Deny/)
    for (const one of missing) expect(plan(missing.filter((other) => other !== one))).toMatch(/^Deny/)
  })
})

describe('the searches of _typeFilter', () => {
  const read = (...values: ReadonlyArray<string | null>) =>
    typeFiltersIn(values.map((value) => ({ name: '_typeFilter', value })))?.map(
      ({ type, query }) => `${type}: ${query.map(({ name, value }) => `${name}=${value}`).join(' ')}`
    ) ?? null

  it.each<readonly [string, ReadonlyArray<string> | null]>([
    ['Observation?code=a', ['Observation: code=a']],
    ['Observation?code=a,b', ['Observation: code=a,b']],
    ['Observation?code=a,b,Patient?name=c', ['Observation: code=a,b', 'Patient: name=c']],
    ['Observation?code=a, Patient?name=c', ['Observation: code=a', 'Patient: name=c']],
    [' Observation?code=a', ['Observation: code=a']],
    ['Observation?code=a&status=b', ['Observation: code=a status=b']],
    ['Observation?', ['Observation: ']],
    ['Observation', null],
    ['Observation?code', null],
    ['?code=a', null],
    ['observation?code=a', null],
    ['Observation?code=a,patient?name=c', null],
    ['Observation?code=a,Patient%3Fname=c', null]
  ])('%s', (value, searches) => {
    expect(read(value)).toEqual(searches)
  })

  it('are those of all parameters, and of none with another name', () => {
    expect(read('Observation?code=a', 'Patient?name=c')).toEqual(['Observation: code=a', 'Patient: name=c'])
    expect(read('Observation?code=a', null)).toBeNull()
    expect(typeFiltersIn([{ name: '_type', value: 'Observation' }])).toEqual([])
  })
})

it('the rules of exports each have an answer for filters that cannot be read', () => {
  const facts = factsFor('system/*.rs', true)
  const { input } = operationOf(get('/$export'))
  const about = { facts, rules: {}, input, isWhole: true, filters: null, associated: [], isForSystems: true, unmet: [] }
  const denying = exportRules.filter(({ check }) => check(about) !== null).map(({ name }) => name)
  expect(denying).toEqual(['export-filters-readable'])
})
