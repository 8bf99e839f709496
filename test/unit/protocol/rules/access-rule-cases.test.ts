/** The rules of FHIR access and of granted scopes, a case for each row. */
import * as Either from 'fp-ts/lib/Either.js'
import { transactionRules } from '../../../../src/engine/resource/transaction.js'
import { alternativesIn } from '../../../../src/protocol/access/alternatives.js'
import { interactionRules, searchParameterRules } from '../../../../src/protocol/access/decision-rules.js'
import { exportRules } from '../../../../src/protocol/access/operations/export-rules.js'
import {
  operationInputRules,
  operationPermissionRules,
  operationRules
} from '../../../../src/protocol/access/operations/operation-rules.js'
import { standardOperation } from '../../../../src/protocol/access/operations/table.js'
import type { SearchQuery } from '../../../../src/protocol/access/search/query.js'
import { readSearchQuery } from '../../../../src/protocol/access/search/query.js'
import { profileRowRules } from '../../../../src/protocol/access/profiles/profile-check.js'
import { releaseR4 } from '../../../../src/protocol/access/release.js'
import { rewrittenSearchRules, rewrittenTypeRules } from '../../../../src/protocol/access/search/rewrite.js'
import { completePolicy } from '../../../../src/protocol/policy/policy.js'
import { backendBudgetRules, backendGrantRules } from '../../../../src/protocol/scope-policy/backend-scopes.js'
import { builtInSide, declaredParameterRules } from '../../../../src/protocol/scope-policy/resource-side-check.js'
import { tokenScopeRules } from '../../../../src/protocol/scope-policy/scope-rules.js'
import { parse } from '../../../../src/scopes/parse.js'
import { fhirR4 } from '../../../../src/scopes/vocabulary.js'
import { limits } from '../../../../src/values/limits/limits.js'
import { firstOf } from '../../../support/changed-facts.js'

const policy = completePolicy({})
const queryOf = (text: string): SearchQuery => Either.getOrElse((): SearchQuery => [])(readSearchQuery(text))
const factsOf = (scope: string) => ({
  clientId: 'app',
  scopes: parse(scope),
  context: { patient: '123' },
  user: null
})
const alternativesOf = (scope: string) => alternativesIn(factsOf(scope), {})
const need = (type: string, permission: string): object => ({ type, permission, isUnlimited: false })

firstOf('searchParameterRules', searchParameterRules, { query: queryOf('code=a&_type=Observation') }, [
  ['parameters-evaluated', { query: queryOf('_filter=code eq a') }],
  ['types-known', { query: queryOf('_type=Observation,Nonsense') }]
])

const scope = 'patient/Observation.rs?category=http://example.org|a'
firstOf(
  'interactionRules',
  interactionRules,
  {
    policy: { granularSearchOutside: 'forbid' },
    facts: factsOf(scope),
    rules: {},
    query: queryOf('category=http://example.org|a'),
    needs: [need('Observation', 's')],
    unmet: [],
    granted: alternativesOf(scope),
    fits: () => true,
    searched: [need('Observation', 's')],
    searching: alternativesOf(scope)
  },
  [
    ['own-compartment', { unmet: [need('Observation', 's')] }],
    [
      'acting-type-opened',
      {
        needs: [need('Subscription', 'c')],
        unmet: [need('Subscription', 'c')],
        granted: alternativesOf('patient/Subscription.c')
      }
    ],
    [
      'pages-by-links',
      {
        query: queryOf('_offset=1'),
        needs: [{ type: 'Observation', permission: 's', isUnlimited: true }],
        unmet: [{ type: 'Observation', permission: 's', isUnlimited: true }]
      }
    ],
    ['scope-sufficient', { needs: [need('Condition', 'r')], unmet: [need('Condition', 'r')] }],
    ['search-within-granted', { query: queryOf('category=http://example.org|b') }]
  ]
)

const everything = { level: 'instance', type: 'Patient', name: 'everything', needs: [] }
firstOf(
  'operationRules',
  operationRules,
  {
    operation: { _tag: 'Operation', level: 'instance', type: 'Patient', id: '123', name: 'everything' },
    facts: factsOf('patient/*.rs'),
    rules: {},
    mapped: everything,
    needs: [need('Patient', 'r')],
    unmet: [],
    isUnlimited: false
  },
  [
    ['export-of-many', { mapped: undefined, operation: { level: 'instance', type: 'Patient', name: 'export' } }],
    ['operation-mapped', { mapped: undefined }],
    ['scope-sufficient', { unmet: [need('Patient', 'r')] }],
    ['response-can-be-filtered', { operation: { level: 'type' } }]
  ]
)

const rowOf = (level: 'system' | 'type' | 'instance', type: string, name: string) =>
  standardOperation({ level, type, name })
const inputOf = (...given: ReadonlyArray<readonly [string, string]>): object => ({
  method: 'GET',
  parameters: given.map(([name, value]) => ({ name, value })),
  body: null
})
firstOf(
  'operationInputRules',
  operationInputRules,
  {
    row: rowOf('instance', 'Patient', 'everything'),
    type: 'Patient',
    input: inputOf(['_type', 'Observation']),
    isWhole: false,
    types: releaseR4.types,
    missing: () => []
  },
  [
    ['operation-input-readable', { input: null }],
    ['operation-by-post', { row: rowOf('type', 'Patient', 'match'), isWhole: true }],
    [
      'operation-does-not-write',
      { row: rowOf('instance', 'Composition', 'document'), input: inputOf(['persist', 'true']), isWhole: true }
    ],
    ['operation-types-known', { input: inputOf(['_type', 'Nonsense']) }],
    ['operation-parameters-known', { input: inputOf(['_include', 'Patient:link']) }]
  ]
)
firstOf(
  'operationPermissionRules',
  operationPermissionRules,
  { missing: () => [], unmet: [], foreign: [], isDisplaced: false },
  [
    ['scope-sufficient', { unmet: [need('Patient', 's')] }],
    ['operation-on-own-patient', { foreign: [need('Patient', 's')] }],
    ['operation-selects-nothing-hidden', { isDisplaced: true }]
  ]
)
const filter = (text: string): object => ({ filters: [{ type: 'Observation', query: queryOf(text) }] })
firstOf(
  'exportRules',
  exportRules,
  {
    facts: factsOf('system/Observation.rs'),
    rules: {},
    input: inputOf(['_outputFormat', 'ndjson']),
    isWhole: false,
    filters: [],
    associated: [],
    isForSystems: true,
    unmet: []
  },
  [
    ['export-filters-readable', { filters: null }],
    ['export-filters-only-select', filter('_include=Observation:subject')],
    ['export-references-by-id', { input: inputOf(['patient', 'Patient?name=x']) }],
    ['export-for-systems', { isForSystems: false }],
    ['export-files-readable', { input: inputOf(['_outputFormat', 'text/csv']) }],
    ['export-associated-data-known', { associated: ['_all'] }],
    ['scope-sufficient', { unmet: [need('Patient', 's')] }]
  ]
)

const reach = {
  findsAnyType: false,
  demands: [],
  includes: { isIncluding: false, reverseTypes: [] },
  unevaluated: null
}
firstOf('rewrittenSearchRules', rewrittenSearchRules, { types: ['Observation'], reach }, [
  ['types-named', { types: null }],
  ['finds-named-types', { reach: { findsAnyType: true } }],
  ['without-includes', { reach: { includes: { reverseTypes: ['Provenance'] } } }]
])
firstOf(
  'rewrittenTypeRules',
  rewrittenTypeRules,
  { type: 'Binary', granting: alternativesOf('system/Binary.rs'), vocabulary: fhirR4 },
  [
    ['search-permitted', { granting: [] }],
    ['no-security-context', { granting: alternativesIn(factsOf('patient/*.rs'), { sharedTypes: ['Binary'] }) }],
    ['no-linked-resources', { granting: alternativesIn(factsOf('patient/*.rs'), { accessProfile: 'us-core' }) }],
    ['no-user-level', { granting: alternativesOf('user/Binary.rs') }],
    ['clauses-interpreted', { granting: alternativesOf('system/Binary.rs?_nonsense:below=x') }]
  ]
)

const written = (id: string, fullUrl: string | null = null): object => ({
  fullUrl,
  interaction: { _tag: 'Update', type: 'Observation', target: { _tag: 'Id', id } }
})
const writes = (...entries: ReadonlyArray<object>): object => ({ entries, writes: entries })
firstOf('transactionRules', transactionRules, writes(written('1', 'urn:uuid:1'), written('2', 'urn:uuid:2')), [
  [
    'no-conditional-write',
    writes({ fullUrl: null, interaction: { _tag: 'Delete', type: 'Observation', target: { _tag: 'Condition' } } })
  ],
  [
    'no-writing-operation',
    { entries: [{ fullUrl: null, interaction: { _tag: 'Operation' } }], onlyReads: () => false }
  ],
  ['urns-distinct', writes(written('1', 'urn:uuid:1'), written('2', 'urn:uuid:1'))],
  ['written-resources-distinct', writes(written('1'), written('1'))]
])

firstOf(
  'profileRowRules',
  profileRowRules,
  { type: 'Device', permissions: ['r', 's'], by: { compartment: ['patient'] }, because: 'It is hers.', source: 'R4' },
  [
    ['type-well-formed', { type: 'device' }],
    ['reading-only', { permissions: ['r', 'u'] }],
    ['way-known', { by: { compartment: ['patient'], target: 'target' } }],
    ['patient-not-shared', { type: 'Patient', by: 'shared' }],
    ['reasons-given', { because: '' }]
  ]
)

firstOf(
  'declaredParameterRules',
  declaredParameterRules,
  { resourceType: 'Observation', name: 'code', type: 'token' },
  [
    ['type-well-formed', { resourceType: 'observation' }],
    ['is-condition', { name: '_include' }],
    ['name-well-formed', { name: 'code:in' }],
    ['type-of-fhir', { type: 'string' }]
  ]
)
const long = `patient/Observation.rs?code=${'x'.repeat(limits.tokenScope.default)}`
firstOf('tokenScopeRules', tokenScopeRules, { policy, text: 'openid', isNarrower: true }, [
  ['scope-fits-token', { text: long }]
])
firstOf(
  'backendGrantRules',
  backendGrantRules,
  {
    policy: { accessTokenFormat: 'jwt' },
    requested: parse('system/Observation.rs'),
    scopes: parse('system/Observation.rs')
  },
  [
    ['scope-fits-token', { scopes: parse(long.replace('patient', 'system')) }],
    ['scope-not-empty', { scopes: [] }]
  ]
)
const list = (name: string): string => `${name}=${Array.from({ length: 300 }, (_, index) => String(index)).join(',')}`
const lists = `system/Observation.rs?${['code', 'category', 'status', '_id', 'date'].map(list).join('&')}`
firstOf('backendBudgetRules', backendBudgetRules, { policy, side: builtInSide, counted: parse('system/*.rs') }, [
  ['scope-complexity', { counted: parse(lists) }]
])
