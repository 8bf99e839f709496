/**
 * Makes and recognizes the parts of scopes.
 *
 * @module
 */
import { resourceScope as makeResourceScope } from '../../scopes/format.js'
import { clauseOf as makeClause } from '../../scopes/query.js'
import type { Clause, Level, Permission, ResourceScope, Scope } from '../../scopes/scope.js'
import {
  isExperimental as isExperimentalClause,
  isResourceScope as isParsedResourceScope,
  permissionOrder
} from '../../scopes/scope.js'
import type { RegisteredParameter, Vocabulary } from '../../scopes/vocabulary.js'
import { fhirR4With as extendedVocabulary } from '../../scopes/vocabulary.js'
import { isObject } from '../../values/object.js'
import { argumentIn, isListOf, isText, textIn } from '../arguments.js'
import { isClause, scopeIn } from './scope-input.js'

const isLevel = (given: unknown): boolean => given === 'patient' || given === 'user' || given === 'system'
const isPermission = (given: unknown): boolean => permissionOrder.includes(given as Permission)
const isParameter = (given: unknown): boolean =>
  isObject(given) && ['resourceType', 'name', 'type'].every((name) => isText(given[name]))

/**
 * Whether a scope, as text or parsed, is a resource scope. Of a parsed scope, the type is then known, too.
 *
 * @example
 * ```ts
 * import { isResourceScope, parse } from 'smart-app-launch/scopes'
 *
 * isResourceScope('patient/*.rs') // => true
 * parse('openid patient/*.rs').filter(isResourceScope).map(({ type }) => type) // => ['*']
 * ```
 */
export const isResourceScope = ((scope: string | Scope): boolean =>
  isParsedResourceScope(scopeIn('isResourceScope', 'scope', scope))) as {
  (scope: string): boolean
  (scope: Scope): scope is ResourceScope
}

/**
 * Whether SMART calls the clause of a query experimental: modifiers, chains, reverse chains and `_filter`.
 *
 * @example
 * ```ts
 * import { clauseOf, isExperimental } from 'smart-app-launch/scopes'
 *
 * isExperimental(clauseOf('code', 'not', ['x'])) // => true
 * ```
 */
export const isExperimental = (clause: Clause): boolean =>
  isExperimentalClause(argumentIn('isExperimental', 'clause', 'a clause of a query', isClause, clause))

/**
 * Makes a clause of a query from its parts. `values` carry FHIR's escapes. A lone surrogate becomes U+FFFD.
 *
 * @example
 * ```ts
 * import { clauseOf } from 'smart-app-launch/scopes'
 *
 * clauseOf('category', null, ['laboratory']).text // => 'category=laboratory'
 * ```
 */
export const clauseOf = (name: string, modifier: string | null, values: ReadonlyArray<string>): Clause =>
  makeClause(
    textIn('clauseOf', 'name', name),
    argumentIn('clauseOf', 'modifier', 'a text, or null', (given) => given === null || isText(given), modifier),
    argumentIn('clauseOf', 'values', 'an array of texts', isListOf(isText), values)
  )

/**
 * Makes a resource scope in version 2 syntax from its parts.
 *
 * @example
 * ```ts
 * import { resourceScope } from 'smart-app-launch/scopes'
 *
 * resourceScope('patient', 'Observation', ['r', 's']).text // => 'patient/Observation.rs'
 * ```
 */
export const resourceScope = (
  level: Level,
  type: string,
  permissions: ReadonlyArray<Permission>,
  query: ReadonlyArray<Clause> = []
): ResourceScope =>
  makeResourceScope(
    argumentIn('resourceScope', 'level', 'a level, such as patient', isLevel, level),
    textIn('resourceScope', 'type', type),
    argumentIn('resourceScope', 'permissions', 'an array of permissions', isListOf(isPermission), permissions),
    argumentIn('resourceScope', 'query', 'an array of clauses, or nothing', isListOf(isClause), query)
  )

/**
 * The vocabulary of FHIR R4, extended by registered parameters.
 *
 * @example
 * ```ts
 * import { fhirR4With } from 'smart-app-launch/scopes'
 *
 * fhirR4With([{ resourceType: 'Patient', name: 'race', type: 'token' }]).typeOf('Patient', 'race') // => 'token'
 * ```
 */
export const fhirR4With = (registered: ReadonlyArray<RegisteredParameter>): Vocabulary =>
  extendedVocabulary(
    argumentIn(
      'fhirR4With',
      'registered',
      'an array of { resourceType, name, type }',
      isListOf(isParameter),
      registered
    )
  )
