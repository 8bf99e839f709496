/**
 * Error messages for malformed scopes.
 *
 * @module
 */
import { parseScope } from '../parse.js'
import type { MalformedScope, ScopeSet } from '../scope.js'

/** The first malformed scope of a set and the position of its fault in the whole text, counted from 0. */
export const firstMalformed = (
  scopes: ScopeSet
): { readonly scope: MalformedScope; readonly position: number } | null => {
  let start = 0
  for (const scope of scopes) {
    if (scope._tag === 'MalformedScope' && scope.text !== '') return { scope, position: start + scope.position }
    start += scope.text.length + 1
  }
  return null
}

/** The description of each reason. */
export const reasonInWords: Readonly<Record<MalformedScope['reason'], string>> = {
  Empty: 'a scope',
  CharacterNotAllowed: 'a printable ASCII character other than " and \\ (RFC 6749, section 3.3)',
  LevelWithoutSlash: 'a slash after patient, user or system',
  TypeMalformed: 'a resource type such as Observation, or *',
  PermissionsMissing: 'permissions: some of cruds in this order, or read, write, *',
  PermissionsUnknown: 'permissions: some of cruds in this order, or read, write, *',
  PermissionsOutOfOrder: 'permissions in the order cruds, each once',
  QueryOnVersion1: 'no query: permissions of version 1 have none',
  QueryMalformed: 'name=value, with & between several',
  LaunchMalformed: 'launch/type, or launch/type?role=role'
}

/** How many characters are shown before and after the fault. */
const [before, after] = [200, 100]

/**
 * Two lines: the text around the fault, and a caret under it. Characters outside printable ASCII are shown as `?`, so
 * that the caret is aligned.
 */
export const withCaret = (text: string, position: number, expected: string): readonly [string, string] => {
  const start = Math.max(0, position - before)
  const around = text.slice(start, position + after).replace(/[^\x20-\x7e]/g, '?')
  const lead = start === 0 ? '' : '...'
  const end = position + after < text.length ? '...' : ''
  return [`${lead}${around}${end}`, `${' '.repeat(lead.length + position - start)}^ expected ${expected}`]
}

/** The texts that are no well-formed scope: each must be one scope, with nothing beside it. */
export const malformedScopes = (texts: ReadonlyArray<string>): ReadonlyArray<string> =>
  texts.filter((text) => parseScope(text)._tag === 'MalformedScope')
