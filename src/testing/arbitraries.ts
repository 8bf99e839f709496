/**
 * fast-check arbitraries of scopes, for property tests of code that handles scopes. Preconditions hold by construction:
 * a narrower set is made from the wide one, so no test is vacuous.
 *
 * @module
 */
import * as fc from 'fast-check'
import { clauseOf } from '../scopes/query.js'
import { resourceScope } from '../scopes/format.js'
import { parseScope } from '../scopes/parse.js'
import type { Access } from '../scopes/permits.js'
import type { Clause, MalformedScope, ResourceScope, Scope, ScopeSet } from '../scopes/scope.js'
import { isResourceScope, permissionOrder } from '../scopes/scope.js'

const level = fc.constantFrom('patient' as const, 'user' as const, 'system' as const)
const type = fc.constantFrom('Patient', 'Observation', 'Condition', 'Encounter', 'MedicationRequest')
const permissions = fc.subarray([...permissionOrder], { minLength: 1 })

const tokens = fc.constantFrom(
  'laboratory',
  'http://example.org|laboratory',
  '|laboratory',
  'http://example.org|',
  'survey',
  'http://example.org/a\\|b|laboratory',
  'http://example.org|one\\|two',
  'vital\\,signs',
  'back\\\\slash'
)
const references = fc.constantFrom(
  '1',
  'Patient/1',
  'Patient/2',
  'Patient/1/_history/2',
  'http://example.org/Patient/1',
  'urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7',
  'one\\,two'
)
const strings = fc.constantFrom(
  'chest',
  'Che',
  'CHEST',
  'ch\u00e9st',
  '\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2',
  '\u0301'
)
const uris = fc.constantFrom('http://example.org/source', 'http://example.org/a\\,b')

const some = (values: fc.Arbitrary<string>): fc.Arbitrary<Array<string>> =>
  fc.uniqueArray(values, { minLength: 1, maxLength: 3 })

const clause = (
  names: ReadonlyArray<string>,
  modifiers: ReadonlyArray<string | null>,
  values: fc.Arbitrary<ReadonlyArray<string>>
): fc.Arbitrary<Clause> =>
  fc.tuple(fc.constantFrom(...names), fc.constantFrom(...modifiers), values).map((parts) => clauseOf(...parts))

/**
 * A clause on a parameter that FHIR R4 defines for Observation, interpreted or opaque, with escapes, with each form of
 * a reference, and with case and accents in strings.
 */
export const clauses: fc.Arbitrary<Clause> = fc.oneof(
  { weight: 4, arbitrary: clause(['category', 'code', 'status'], [null], some(tokens)) },
  { weight: 3, arbitrary: clause(['subject'], [null], some(references)) },
  { weight: 2, arbitrary: clause(['value-string'], [null, null, 'exact'], some(strings)) },
  { weight: 1, arbitrary: clause(['_source'], [null], some(uris)) },
  { weight: 1, arbitrary: clause(['date'], [null], fc.constantFrom(['ge2020'], ['ge2020', 'lt2024'])) },
  { weight: 1, arbitrary: clause(['code', 'value-string'], ['not', 'contains'], some(tokens)) },
  { weight: 1, arbitrary: clause(['code', 'subject', '_source', 'date'], ['exact'], some(tokens)) }
)

/** A resource scope in v2 syntax: of any type without a query, or of Observation with one. */
export const resourceScopes: fc.Arbitrary<ResourceScope> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.tuple(level, fc.oneof(type, fc.constant('*')), permissions).map((parts) => resourceScope(...parts))
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(level, fc.constantFrom('Observation', '*'), permissions, fc.array(clauses, { minLength: 1, maxLength: 2 }))
      .map((parts) => resourceScope(...parts))
  }
)

/** Any well-formed scope, version 1 included. */
export const scopes: fc.Arbitrary<Scope> = fc.oneof(
  { weight: 5, arbitrary: resourceScopes },
  {
    weight: 1,
    arbitrary: fc
      .tuple(level, type, fc.constantFrom('read', 'write', '*'))
      .map(([one, of, suffix]) => parseScope(`${one}/${of}.${suffix}`))
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        'openid',
        'fhirUser',
        'launch',
        'launch/patient',
        'launch/questionnaire?role=http://example.org/role',
        'offline_access',
        'online_access',
        '__vendor',
        'https://example.org/scope',
        'other',
        'http://'
      )
      .map(parseScope)
  }
)

/** Suffixes, with queries, that no scope has, and queries that are malformed behind any suffix of version 2. */
const faults = fc.constantFrom(
  ...['', '.', '?category=a', '.rx', '.sr', '.rr', '-x.rs', '.read?category=a', '.rs?code="a"'],
  ...['', 'code', '=a', 'code=', 'code=a,', 'code:=a', '1code=a', 'code=%', 'c%ode=a', 'code=%FF', 'code=%5C'].map(
    (query) => `.rs?${query}`
  ),
  '.rs?code=a&'
)

/** A malformed scope. Each {@link MalformedScope.reason} occurs. */
export const faultyScopes: fc.Arbitrary<MalformedScope> = fc
  .oneof(
    { weight: 6, arbitrary: fc.tuple(level, type, faults).map(([of, on, fault]) => `${of}/${on}${fault}`) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(level, type, fc.constantFrom('.', ':'))
        .map(([of, on, separator]) => `${of}${separator}${on}.rs`)
    },
    { weight: 1, arbitrary: level.map((of) => `${of}/observation.rs`) },
    {
      weight: 3,
      arbitrary: fc.constantFrom('', 'patient/', 'launch/', 'launch/Patient', 'launch/patient?a=b', 'a"b', '\u00e9')
    }
  )
  .map(parseScope)
  .filter((scope) => scope._tag === 'MalformedScope')

/** A scope set of up to `maxLength` scopes. */
export const scopeSets = (maxLength = 5): fc.Arbitrary<ScopeSet> => fc.array(scopes, { maxLength })

const changed = (scope: Scope, change: number, clause: Clause, kept: ReadonlyArray<boolean>): ReadonlyArray<Scope> => {
  if (!isResourceScope(scope)) return [scope]
  const { level: of, type: on, query } = scope
  if (change === 1) return [resourceScope(of, on, scope.permissions, [...query, clause])]
  if (change === 2 && on === '*' && query.length === 0) return [resourceScope(of, 'Observation', scope.permissions)]
  const fewer = scope.permissions.filter((_, index) => kept[index] === true)
  return fewer.length === 0 ? [] : [resourceScope(of, on, fewer, query)]
}

/**
 * A set that permits nothing beyond the given one: scopes and permissions are removed, clauses added, wildcards
 * replaced by types.
 */
export const narrowerThan = (wide: ScopeSet): fc.Arbitrary<ScopeSet> =>
  fc
    .array(
      fc.tuple(fc.nat({ max: 3 }), clauses, fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), fc.boolean()),
      {
        minLength: wide.length,
        maxLength: wide.length
      }
    )
    .map((changes) =>
      wide.flatMap((scope, index) => {
        const [change, clause, kept, isDropped] = changes[index] ?? []
        if (change === undefined || clause === undefined || kept === undefined || isDropped === true) return []
        return change === 0 ? [scope] : changed(scope, change, clause, kept)
      })
    )

/** A set that permits all that the given one does, and possibly more. */
export const widerThan = (narrow: ScopeSet): fc.Arbitrary<ScopeSet> =>
  fc
    .tuple(scopeSets(3), fc.array(fc.boolean(), { minLength: narrow.length, maxLength: narrow.length }))
    .map(([more, widened]) => [
      ...narrow.map((scope, index) =>
        widened[index] === true && isResourceScope(scope)
          ? resourceScope(scope.level, scope.type, permissionOrder)
          : scope
      ),
      ...more
    ])

const indexValues: Readonly<Record<string, fc.Arbitrary<string>>> = {
  category: fc.constantFrom('http://example.org|laboratory', 'http://other.example|laboratory', '|survey'),
  code: fc.constantFrom(
    '|laboratory',
    'http://example.org/a\\|b|laboratory',
    'http://example.org|one\\|two',
    '|vital,signs'
  ),
  status: fc.constantFrom('|survey', '|back\\\\slash', 'http://example.org|laboratory'),
  subject: fc.constantFrom('Patient/1', 'Group/1', 'Patient/1/_history/2', 'http://example.org/Patient/1', 'one,two'),
  'value-string': fc.constantFrom('Chest', 'ch\u00e9st pain', '\u03a3\u0399\u03a3\u03a5\u03a6\u039f\u03a3', 'other'),
  _source: fc.constantFrom('http://example.org/source', 'http://example.org/a,b')
}

const indexEntry = fc
  .constantFrom(...Object.keys(indexValues))
  .chain((name) => fc.tuple(fc.constant(name), fc.uniqueArray(indexValues[name] ?? fc.constant(''), { maxLength: 2 })))

/** An access: to a resource with up to two values for each parameter, some of which no scope mentions. */
export const accesses: fc.Arbitrary<Access> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      level,
      type: fc.oneof(type, fc.constant('Future')),
      permission: fc.constantFrom(...permissionOrder),
      resource: fc
        .uniqueArray(indexEntry, { maxLength: 2, selector: ([name]) => name })
        .map((entries) => Object.fromEntries(entries))
    })
  },
  { weight: 1, arbitrary: fc.constantFrom('openid', 'launch', 'other').map((atom) => ({ atom })) }
)
