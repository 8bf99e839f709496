/** The fields for scopes: what is wrong with the first one that is malformed. */
import { likelyScope } from '../../scopes/explain/likely-scope.js'
import { firstMalformed, reasonInWords } from '../../scopes/explain/malformed.js'
import { parse } from '../../scopes/parse.js'
import { quoted } from '../../values/shown-text.js'

/** The scopes in a text, as people paste them: with any white space between them. */
export const scopesIn = (text: string): ReadonlyArray<string> => text.split(/\s+/).filter((scope) => scope !== '')

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
  return `${place}: expected ${reasonInWords[scope.reason]}.${likely === null ? '' : ` Did you mean ${likely}?`}`
}
