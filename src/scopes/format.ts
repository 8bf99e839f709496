/**
 * Prints scopes: the inverse of parsing.
 *
 * @module
 */
import type { Clause, Level, Permission, ResourceScope, ScopeSet } from './scope.js'

/**
 * The `scope` text of a set, each scope in its original spelling.
 *
 * @example
 * ```ts
 * import { format, parse } from 'smart-app-launch/scopes'
 *
 * format(parse('patient/*.read launch')) // => 'patient/*.read launch'
 * ```
 */
export const format = (scopes: ScopeSet): string => scopes.map((scope) => scope.text).join(' ')

/** Makes a resource scope in v2 syntax from its parts. */
export const resourceScope = (
  level: Level,
  type: string,
  permissions: ReadonlyArray<Permission>,
  query: ReadonlyArray<Clause> = []
): ResourceScope => {
  const suffix = query.length === 0 ? '' : `?${query.map((clause) => clause.text).join('&')}`
  return {
    _tag: 'ResourceScope',
    level,
    type,
    permissions,
    query,
    syntax: 'v2',
    text: `${level}/${type}.${permissions.join('')}${suffix}`
  }
}
