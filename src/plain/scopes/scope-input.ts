/**
 * Reads the arguments of scope functions. A wrong argument is a mistake in the calling code: one message names the
 * function and the argument.
 *
 * @module
 */
import type { Compiled } from '../../scopes/compile.js'
import { parse, parseScope } from '../../scopes/parse.js'
import type { Access, ScopeOptions } from '../../scopes/permits.js'
import type { ResourceScope, Scope, ScopeSet } from '../../scopes/scope.js'
import { isResourceScope } from '../../scopes/scope.js'
import { isObject } from '../../values/object.js'
import { isText, wrongArgument } from '../arguments.js'

/** Scopes as text (`patient/*.rs openid`), or parsed. */
export type ScopeInput = string | ScopeSet

const isScope = (value: unknown): value is Scope => isObject(value) && isText(value['_tag']) && isText(value['text'])

/** The parsed scopes of an argument. */
export const scopesIn = (called: string, argument: string, given: unknown): ScopeSet => {
  if (typeof given === 'string') return parse(given)
  if (Array.isArray(given) && given.every(isScope)) return given
  throw wrongArgument(called, argument, 'scopes, as text or parsed', given)
}

/** The one parsed scope of an argument. */
export const scopeIn = (called: string, argument: string, given: unknown): Scope => {
  if (typeof given === 'string') return parseScope(given)
  if (isScope(given)) return given
  throw wrongArgument(called, argument, 'a scope, as text or parsed', given)
}

/** The one resource scope of an argument. */
export const resourceScopeIn = (called: string, argument: string, given: unknown): ResourceScope => {
  const scope = scopeIn(called, argument, given)
  if (isResourceScope(scope)) return scope
  throw new TypeError(`${called}: the argument \`${argument}\` must be a resource scope, such as patient/*.rs`)
}

/** Whether a value is a clause of a query, as `clauseOf` makes it. */
export const isClause = (given: unknown): boolean => isObject(given) && isText(given['name']) && isText(given['text'])

/** The options of a scope function. */
export const optionsIn = (called: string, given: unknown): ScopeOptions => {
  if (given === undefined) return {}
  if (isObject(given)) return given
  throw wrongArgument(called, 'options', 'an object, or nothing', given)
}

/** The access of an argument. */
export const accessIn = (called: string, given: unknown): Access => {
  const isAccess =
    isObject(given) &&
    ('atom' in given
      ? isText(given['atom'])
      : ['level', 'type', 'permission'].every((name) => isText(given[name])) && isObject(given['resource']))
  if (isAccess) return given as Access
  throw wrongArgument(called, 'access', '{ level, type, permission, resource } or { atom }', given)
}

/** The compiled set of an argument. */
export const compiledIn = (called: string, given: unknown): Compiled => {
  if (isObject(given) && typeof given['permits'] === 'function') return given as unknown as Compiled
  throw wrongArgument(called, 'granted', 'the result of compile', given)
}
