/** The fields for scopes: what is wrong with the first one that is malformed. */
import { hasUnknownType, likelyScope } from '../../scopes/explain/likely-scope.js'
import { firstMalformed, reasonInWords } from '../../scopes/explain/malformed.js'
import { parse } from '../../scopes/parse.js'
import type { Scope } from '../../scopes/scope.js'
import { isResourceScope } from '../../scopes/scope.js'
import { quoted } from '../../values/shown-text.js'

/** The widest scope of an app that is registered on a page. */
export const widestAppScope =
  'launch launch/patient launch/encounter openid fhirUser profile offline_access online_access patient/*.cruds ' +
  'user/*.cruds system/*.cruds'

const named: ReadonlySet<string> = new Set(widestAppScope.split(' '))

/** Whether this server knows a scope: by its name, which may have a role, or by its resource type. */
const isKnown = (scope: Scope): boolean =>
  isResourceScope(scope) ? !hasUnknownType(scope) : named.has(scope.text.split('?')[0] ?? '')

/** The scopes in a text, as people paste them: with any white space between them. */
export const scopesIn = (text: string): ReadonlyArray<string> => text.split(/\s+/).filter((scope) => scope !== '')

const meaning = (likely: string | null): string => (likely === null ? '' : ` Did you mean ${likely}?`)

/**
 * What is wrong with the first malformed scope of a text, and what it probably means; null if none is malformed.
 *
 * @example
 * ```ts
 * import { malformedScopeComplaint } from './scope-field.js'
 *
 * malformedScopeComplaint('openid patient/Observation.rs') // => null
 * ```
 */
export const malformedScopeComplaint = (text: string): string | null => {
  const { scope } = firstMalformed(parse(scopesIn(text).join(' '))) ?? {}
  if (scope === undefined) return null
  const likely = likelyScope(scope)
  const place = `${quoted(scope.text)} is malformed at its character ${String(scope.position + 1)}`
  return `${place}: expected ${reasonInWords[scope.reason]}.${meaning(likely)}`
}

/**
 * What is wrong with the first scope of a text that is malformed or that this server does not know, and what it
 * probably means; null for none.
 *
 * @example
 * ```ts
 * import { wrongScopeComplaint } from './scope-field.js'
 *
 * wrongScopeComplaint('openid patient/Pateint.rs')
 * // => '"patient/Pateint.rs" is no scope that this server knows. Did you mean patient/Patient.rs?'
 * ```
 */
export const wrongScopeComplaint = (text: string): string | null => {
  const malformed = malformedScopeComplaint(text)
  if (malformed !== null) return malformed
  const unknown = parse(scopesIn(text).join(' ')).find((scope) => !isKnown(scope))
  return unknown === undefined
    ? null
    : `${quoted(unknown.text)} is no scope that this server knows.${meaning(likelyScope(unknown))}`
}
