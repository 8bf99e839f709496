/**
 * Validates the scopes that an app requests: each scope that is wrong is an error of its own.
 *
 * Source: RFC 6749, section 3.3 (scopes are separated by spaces); scopes-and-launch-context, scopes for requesting
 * clinical data.
 *
 * @module
 */
import { reasonInWords } from '../../scopes/explain/malformed.js'
import { parse } from '../../scopes/parse.js'
import type { Scope } from '../../scopes/scope.js'
import type { SettingsError } from '../../protocol/policy/policy-check.js'

/** Whether commas separate the scopes in a text: one ends it, or one of the parts is a scope of SMART. */
const isCommaList = (text: string): boolean => {
  const parts = text.split(',')
  const known = new Set<Scope['_tag']>(['ResourceScope', 'LaunchScope', 'IdentityScope', 'RefreshScope'])
  return (
    parts.length > 1 && (parts.at(-1) === '' || parts.some((part) => parse(part).some(({ _tag }) => known.has(_tag))))
  )
}

/** A scope for an operation, such as `system/bulk-submit` of Bulk Data Access 4: the server says what it permits. */
const operationScope = /^system\/[a-z]+-[a-z-]*[a-z]$/

const expectedInPlaceOf = (scope: Scope): string | null => {
  if (scope._tag !== 'MalformedScope' && scope._tag !== 'UnknownScope') return null
  if (isCommaList(scope.text)) return 'scopes with spaces between them, and no comma'
  if (scope.text === '') return 'one space between two scopes'
  if (operationScope.test(scope.text)) return null
  return scope._tag === 'MalformedScope' ? reasonInWords[scope.reason] : null
}

/**
 * The errors in the setting `scope` of an app or a backend service; empty when each scope is well-formed.
 *
 * @example
 * ```ts
 * import { wrongRequestedScope } from './requested-scope.js'
 *
 * wrongRequestedScope('openid user/Patient.create')
 * // => [
 * //      {
 * //        path: 'scope',
 * //        expected: 'permissions: some of cruds in this order, or read, write, *',
 * //        found: '"user/Patient.create"'
 * //      }
 * //    ]
 * ```
 */
export const wrongRequestedScope = (scope: string): ReadonlyArray<SettingsError> => {
  const scopes = parse(scope)
  if (scopes.length === 0) return [{ path: 'scope', expected: 'at least one scope', found: JSON.stringify(scope) }]
  return scopes.flatMap((one) => {
    const expected = expectedInPlaceOf(one)
    return expected === null ? [] : [{ path: 'scope', expected, found: JSON.stringify(one.text) }]
  })
}
