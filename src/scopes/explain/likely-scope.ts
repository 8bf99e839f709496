/**
 * The scope that a misspelled scope probably means. A server never grants it: it is for messages only.
 *
 * @module
 */
import type { Scope, ScopeSet } from '../scope.js'
import { permissionOrder } from '../scope.js'
import { resourceTypeNames } from '../../values/fhir-r4/compartment.js'
import { likeliestName } from '../../values/likely-name.js'

const levels = ['patient', 'user', 'system']

/** The scopes without a resource type that apps often request. */
const names = ['launch', 'launch/patient', 'launch/encounter', 'openid', 'fhirUser', 'offline_access', 'online_access']

/** The permissions of version 2 for those of version 1, which have no query. */
const permissionsWithQuery: ReadonlyMap<string, string> = new Map([
  ['read', 'rs'],
  ['write', 'cud'],
  ['*', 'cruds']
])

const hasType = (type: string): boolean => type === '*' || ` ${resourceTypeNames} `.includes(` ${type} `)

/** Whether a scope is well-formed and for a resource type that FHIR R4 does not have. */
export const hasUnknownType = (scope: Scope): boolean => scope._tag === 'ResourceScope' && !hasType(scope.type)

const likelyPermissions = (suffix: string, hasQuery: boolean): string | null => {
  const letters = suffix.toLowerCase()
  const inOrder = permissionOrder.filter((permission) => letters.includes(permission)).join('')
  if (/^[cruds]+$/.test(letters)) return inOrder
  const likely = suffix === '*' ? suffix : likeliestName(suffix, ['read', 'write'])
  return likely !== null && hasQuery ? (permissionsWithQuery.get(likely) ?? null) : likely
}

const leveledHead = /^([A-Za-z]+)[/.:]([A-Za-z]+|\*)\.([A-Za-z]+|\*)(\?|$)/

/** The likely resource scope; a query is left to the reader. */
const likelyResource = (text: string): string | null => {
  const [head, writtenLevel = '', writtenType = '', suffix = '', question] = leveledHead.exec(text) ?? []
  if (head === undefined) return null
  const level = likeliestName(writtenLevel, levels)
  const type = hasType(writtenType) ? writtenType : likeliestName(writtenType, resourceTypeNames.split(' '))
  const permissions = likelyPermissions(suffix, question === '?')
  if (level === null || type === null || permissions === null) return null
  const likely = `${level}/${type}.${permissions}${question === '?' ? '?' : ''}`
  return likely === head ? null : likely.replace('?', '?...')
}

/**
 * The scope that a misspelled one probably means: one that is malformed, that is no scope of SMART, or whose resource
 * type does not exist. It consists of known names, never of the text of the request; `?...` stands for a query. Null if
 * nothing is like it.
 *
 * @example
 * ```ts
 * import { parseScope } from '../parse.js'
 * import { likelyScope } from './likely-scope.js'
 *
 * likelyScope(parseScope('patient/observation.sr')) // => 'patient/Observation.rs'
 * likelyScope(parseScope('lauch/patient')) // => 'launch/patient'
 * likelyScope(parseScope('patient/Observation.rs')) // => null
 * ```
 */
export const likelyScope = (scope: Scope): string | null => {
  if (scope._tag === 'MalformedScope' || scope._tag === 'UnknownScope')
    return likelyResource(scope.text) ?? likeliestName(scope.text, names)
  return hasUnknownType(scope) ? likelyResource(scope.text) : null
}

/** How many scopes of a set are compared with all names. */
const mostLikely = 5

/** A misspelled scope, and the one that it probably means. */
export interface LikelyScope {
  readonly written: string
  readonly meant: string
}

/**
 * What the misspelled ones among the first few scopes of a set probably mean.
 *
 * @example
 * ```ts
 * import { parse } from '../parse.js'
 * import { likelyScopes } from './likely-scope.js'
 *
 * likelyScopes(parse('openid lauch')) // => [{ written: 'lauch', meant: 'launch' }]
 * ```
 */
export const likelyScopes = (scopes: ScopeSet): ReadonlyArray<LikelyScope> =>
  scopes.slice(0, mostLikely).flatMap((scope) => {
    const meant = likelyScope(scope)
    return meant === null ? [] : [{ written: scope.text, meant }]
  })
