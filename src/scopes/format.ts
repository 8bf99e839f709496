/**
 * Printing scopes: the inverse of reading them.
 *
 * @module
 */
import type { Clause, Level, Permission, ResourceScope, ScopeSet } from './scope.js'

/**
 * The `scope` text of a set, each scope as it was spelled.
 *
 * @example
 * ```ts
 * import { format, parse } from 'smart-app-launch/scopes'
 *
 * format(parse('patient/*.read launch')) // => 'patient/*.read launch'
 * ```
 */
export const format = (scopes: ScopeSet): string => scopes.map((scope) => scope.text).join(' ')

/** A resource scope in v2 spelling, made from its parts. */
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
