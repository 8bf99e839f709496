/** Scopes and accesses as the command line prints and reads them. */
import * as Either from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Access } from '../../scopes/permits.js'
import type { MalformedScope, Scope, ScopeSet } from '../../scopes/scope.js'
import { shown } from '../../values/shown-text.js'
import { isAtom } from '../../scopes/permits.js'

/** A scope as JSON. */
export const scopeJson = (scope: Scope): Readonly<Record<string, unknown>> => {
  switch (scope._tag) {
    case 'ResourceScope':
      return {
        kind: 'resource',
        level: scope.level,
        type: scope.type,
        permissions: scope.permissions.join(''),
        query: scope.query.map(({ name, modifier, values }) => ({ name, modifier, values })),
        syntax: scope.syntax,
        text: scope.text
      }
    case 'LaunchScope':
      return { kind: 'launch', type: scope.type, role: scope.role, text: scope.text }
    case 'IdentityScope':
      return { kind: 'identity', text: scope.text }
    case 'RefreshScope':
      return { kind: 'refresh', text: scope.text }
    case 'ExtensionScope':
      return { kind: 'extension', text: scope.text }
    case 'UnknownScope':
      return { kind: 'unknown', text: scope.text }
    case 'MalformedScope':
      return { kind: 'malformed', text: scope.text, reason: scope.reason, position: scope.position }
  }
}

const AccessCodec = t.union([
  t.strict({
    level: t.keyof({ patient: null, user: null, system: null }),
    type: t.string,
    permission: t.keyof({ c: null, r: null, u: null, d: null, s: null }),
    resource: t.record(t.string, t.readonlyArray(t.string))
  }),
  t.strict({ atom: t.string })
])

/** Reads an access; `none` for anything else, as an `Either` without details. */
export const readAccess = (json: unknown): Either.Either<null, Access> =>
  Either.mapLeft(() => null)(AccessCodec.decode(json))

/** The first malformed scope of a set and where its fault stands in the whole text, counted from 0. */
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

/** What each reason for a malformed scope means. */
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

/** How many characters before and after the place of a fault are shown. */
const [before, after] = [200, 100]

/**
 * Two lines: a text around the place of its fault, and a caret under it. What is not plain ASCII is shown as `?`, so
 * that places fit.
 */
export const withCaret = (text: string, position: number, expected: string): readonly [string, string] => {
  const start = Math.max(0, position - before)
  const around = text.slice(start, position + after).replace(/[^\x20-\x7e]/g, '?')
  const lead = start === 0 ? '' : '...'
  const end = position + after < text.length ? '...' : ''
  return [`${lead}${around}${end}`, `${' '.repeat(lead.length + position - start)}^ expected ${expected}`]
}

/** An access, as a person reads it. */
export const accessInWords = (access: Access): string => {
  if (isAtom(access)) return shown(access.atom)
  const index = Object.entries(access.resource).map(
    ([name, values]) => `${shown(name)} ${values.map((value) => shown(value)).join(' and ')}`
  )
  return (
    `${access.level}/${shown(access.type)}.${access.permission}` +
    `${index.length === 0 ? '' : ` of a resource with ${index.join(', ')}`}`
  )
}
