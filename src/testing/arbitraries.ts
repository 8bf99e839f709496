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
import type { Clause, ResourceScope, Scope, ScopeSet } from '../scopes/scope.js'
import { isResourceScope, permissionOrder } from '../scopes/scope.js'

const level = fc.constantFrom('patient' as const, 'user' as const, 'system' as const)
const type = fc.constantFrom('Patient', 'Observation', 'Condition', 'Encounter', 'MedicationRequest')
const permissions = fc.subarray([...permissionOrder], { minLength: 1 })

const tokens = fc.constantFrom(
  'laboratory',
  'http://example.org|laboratory',
  '|laboratory',
  'http://example.org|',
  'survey'
)
const references = fc.constantFrom('1', 'Patient/1', 'Patient/2', 'http://example.org/Patient/1')

/** A clause on a parameter that FHIR R4 defines for Observation, interpreted or opaque. */
export const clauses: fc.Arbitrary<Clause> = fc
  .oneof(
    fc.tuple(fc.constantFrom('category', 'code', 'status'), fc.uniqueArray(tokens, { minLength: 1, maxLength: 3 })),
    fc.tuple(fc.constant('subject'), fc.uniqueArray(references, { minLength: 1, maxLength: 3 })),
    fc.tuple(fc.constant('date'), fc.constantFrom(['ge2020'], ['ge2020', 'lt2024']))
  )
  .map(([name, values]) => clauseOf(name, null, values))

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
      .constantFrom('openid', 'fhirUser', 'launch', 'launch/patient', 'offline_access', '__vendor')
      .map(parseScope)
  }
)

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

const indexValues = fc.constantFrom(
  'http://example.org|laboratory',
  '|laboratory',
  'http://other.example|laboratory',
  '|survey'
)

/** An access: to a resource with up to two values for each parameter, some of which no scope mentions. */
export const accesses: fc.Arbitrary<Access> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      level,
      type: fc.oneof(type, fc.constant('Future')),
      permission: fc.constantFrom(...permissionOrder),
      resource: fc.dictionary(
        fc.constantFrom('category', 'code', 'status'),
        fc.uniqueArray(indexValues, { maxLength: 2 }),
        { maxKeys: 2, noNullPrototype: true }
      )
    })
  },
  { weight: 1, arbitrary: fc.constantFrom('openid', 'launch', 'other').map((atom) => ({ atom })) }
)
