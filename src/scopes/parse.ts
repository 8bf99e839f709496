/**
 * Parses scopes. Every text gives a result, nothing is repaired, and printing gives the same text back.
 *
 *     scope        = resource / launch / identity / refresh / extension / unknown
 *     resource     = level "/" type "." ( v1 / v2 [ "?" clause *( "&" clause ) ] )
 *     level        = "patient" / "user" / "system"
 *     type         = "*" / UPPERCASE *( LETTER / DIGIT )
 *     v1           = "read" / "write" / "*"
 *     v2           = [ "c" ] [ "r" ] [ "u" ] [ "d" ] [ "s" ]                 ; at least one of them
 *     clause       = name [ ":" modifier ] "=" value *( "," value )          ; see query.ts
 *     launch       = "launch" [ "/" launch-type [ "?role=" role ] ]
 *
 * A text is split into scopes first and into clauses next. Percent-encoding is decoded afterwards, inside names and
 * values. Source: scopes-and-launch-context, "Scopes for requesting clinical data"; RFC 6749, section 3.3
 * (scope-token).
 *
 * @module
 */
import * as Either from '../values/either.js'
import type {
  Level,
  MalformedScopeReason,
  MalformedScope,
  Permission,
  ResourceScope,
  Scope,
  ScopeSet
} from './scope.js'
import { readQuery } from './query.js'
import { permissionOrder } from './scope.js'
import { hasScheme } from '../values/urls.js'

const identityNames: ReadonlySet<string> = new Set(['openid', 'fhirUser', 'profile', 'email', 'address', 'phone'])
const refreshNames: ReadonlySet<string> = new Set(['offline_access', 'online_access'])

const version1: ReadonlyMap<string, ReadonlyArray<Permission>> = new Map([
  ['read', ['r', 's'] as const],
  ['write', ['c', 'u', 'd'] as const],
  ['*', permissionOrder]
])

const malformed = (text: string, reason: MalformedScopeReason, position: number): MalformedScope => ({
  _tag: 'MalformedScope',
  reason,
  position,
  text
})

/** The permissions of each valid suffix, by the bits of its letters. */
const permissionsByBits: ReadonlyArray<ReadonlyArray<Permission>> = Array.from({ length: 32 }, (_, bits) =>
  permissionOrder.filter((_permission, place) => (bits & (1 << place)) !== 0)
)

const bitOf = (code: number): number => {
  switch (code) {
    case 0x63:
      return 1
    case 0x72:
      return 2
    case 0x75:
      return 4
    case 0x64:
      return 8
    case 0x73:
      return 16
    default:
      return 0
  }
}

/** Why a suffix is not one of the 31 valid ones, and the offset of the character that shows it. */
const wrongSuffix = (suffix: string): { readonly reason: MalformedScopeReason; readonly offset: number } => {
  let last = -1
  for (let offset = 0; offset < suffix.length; offset++) {
    const place = permissionOrder.findIndex((permission) => permission === suffix[offset])
    if (place === -1) return { reason: 'PermissionsUnknown', offset }
    if (place <= last) return { reason: 'PermissionsOutOfOrder', offset }
    last = place
  }
  return { reason: 'PermissionsMissing', offset: 0 }
}

const noClauses: ResourceScope['query'] = []

/** A resource scope up to its query. The permissions may be missing, and other text may follow. */
const resourceHead = /(?:patient|user|system)\/(?:\*|[A-Z][A-Za-z0-9]*)\.c?r?u?d?s?/y

/** The level whose name begins with a letter. */
const levelOf = (code: number): Level => (code === 0x70 /* p */ ? 'patient' : code === 0x75 /* u */ ? 'user' : 'system')

/**
 * The v2 resource scope between two positions of a source; null when the text is not one. Positions of faults are
 * relative to `start`.
 */
const readResource = (source: string, start: number, end: number): ResourceScope | MalformedScope | null => {
  resourceHead.lastIndex = start
  if (!resourceHead.test(source)) return null
  const headEnd = resourceHead.lastIndex
  const dot = source.indexOf('.', start)
  if (headEnd === dot + 1) return null
  let query = noClauses
  if (headEnd !== end) {
    if (source.charCodeAt(headEnd) !== 0x3f /* ? */) return null
    const reading = readQuery(source, headEnd + 1, end)
    if (reading._tag === 'Malformed')
      return malformed(source.slice(start, end), 'QueryMalformed', reading.position - start)
    query = reading.clauses
  }
  let bits = 0
  for (let index = dot + 1; index < headEnd; index++) bits |= bitOf(source.charCodeAt(index))
  const level = levelOf(source.charCodeAt(start))
  const type = source.slice(start + level.length + 1, dot)
  const permissions = permissionsByBits[bits] ?? permissionOrder
  return { _tag: 'ResourceScope', level, type, permissions, query, syntax: 'v2', text: source.slice(start, end) }
}

const leveled = /^(patient|user|system)([/.:])/

const typeAtStart = /^(?:\*|[A-Z][A-Za-z0-9]*)/

/**
 * A scope that begins with a level and is not a v2 scope: a version 1 scope, or malformed. A dot or a colon after the
 * level is the separator of a vendor's dialect. Null when the text does not begin with a level.
 */
const readOtherLeveled = (text: string): Scope | null => {
  const [, level, separator] = leveled.exec(text) ?? []
  if (level === undefined) return null
  if (separator !== '/') return malformed(text, 'LevelWithoutSlash', level.length)
  const typeStart = level.length + 1
  const [type] = typeAtStart.exec(text.slice(typeStart)) ?? []
  if (type === undefined) return malformed(text, 'TypeMalformed', typeStart)
  const typeEnd = typeStart + type.length
  if (typeEnd === text.length || text.charAt(typeEnd) === '?') return malformed(text, 'PermissionsMissing', typeEnd)
  if (text.charAt(typeEnd) !== '.') return malformed(text, 'TypeMalformed', typeStart)
  const question = text.indexOf('?', typeEnd)
  const suffix = text.slice(typeEnd + 1, question === -1 ? text.length : question)
  const permissions = version1.get(suffix)
  if (permissions === undefined) {
    const { reason, offset } = wrongSuffix(suffix)
    return malformed(text, reason, typeEnd + 1 + offset)
  }
  return question === -1
    ? { _tag: 'ResourceScope', level: level as Level, type, permissions, query: noClauses, syntax: 'v1', text }
    : malformed(text, 'QueryOnVersion1', question)
}

const readLaunch = (text: string): Scope => {
  const [, type, role] = /^launch\/([a-z][a-z0-9_-]*)(?:\?role=([^&=?]+))?$/.exec(text) ?? []
  return type === undefined
    ? malformed(text, 'LaunchMalformed', 'launch'.length)
    : { _tag: 'LaunchScope', type, role: role ?? null, text }
}

/** The first character that RFC 6749 does not allow in a scope token (`%x21 / %x23-5B / %x5D-7E`), or -1. */
const forbiddenCharacter = (text: string): number => {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x21 || code > 0x7e || code === 0x22 || code === 0x5c) return index
  }
  return -1
}

/** The scope between two positions of a source. */
const readScope = (source: string, start: number, end: number): Scope => {
  const resource = readResource(source, start, end)
  // The resource scope parser has checked every character already.
  if (resource?._tag === 'ResourceScope') return resource
  const text = source.slice(start, end)
  if (text === '') return malformed(text, 'Empty', 0)
  const forbidden = forbiddenCharacter(text)
  if (forbidden !== -1) return malformed(text, 'CharacterNotAllowed', forbidden)
  const other = resource ?? readOtherLeveled(text)
  if (other !== null) return other
  if (identityNames.has(text)) return { _tag: 'IdentityScope', text }
  if (refreshNames.has(text)) return { _tag: 'RefreshScope', text }
  if (text === 'launch') return { _tag: 'LaunchScope', type: null, role: null, text }
  if (text.startsWith('launch/')) return readLaunch(text)
  if (text.startsWith('__') || (hasScheme(text) && /^[^:]*:\/?\/?[^/]/.test(text)))
    return { _tag: 'ExtensionScope', text }
  return { _tag: 'UnknownScope', text }
}

/**
 * Parses one scope, without surrounding spaces.
 *
 * @example
 * ```ts
 * import { parseScope } from 'smart-app-launch/scopes'
 *
 * const scope = parseScope('patient/Observation.rs')
 * scope._tag === 'ResourceScope' ? scope.permissions : [] // => ['r', 's']
 *
 * const wrong = parseScope('patient/Observation.sr')
 * wrong._tag === 'MalformedScope' ? [wrong.reason, wrong.position] : [] // => ['PermissionsOutOfOrder', 21]
 * ```
 */
export const parseScope = (text: string): Scope => readScope(text, 0, text.length)

/**
 * Parses a `scope` parameter leniently. One space separates two scopes; an additional space gives an empty scope, which
 * is malformed. Nothing is lost: {@link format} gives the same text back. An empty text gives no scopes.
 *
 * @example
 * ```ts
 * import { format, parse } from 'smart-app-launch/scopes'
 *
 * parse('launch/patient patient/Observation.rs openid').map((scope) => scope._tag)
 * // => ['LaunchScope', 'ResourceScope', 'IdentityScope']
 * format(parse('patient/Observation.sr  foo')) // => 'patient/Observation.sr  foo'
 * ```
 */
export const parse = (text: string): ScopeSet => {
  if (text === '') return []
  const scopes: Array<Scope> = []
  for (let start = 0; start <= text.length;) {
    const blank = text.indexOf(' ', start)
    const end = blank === -1 ? text.length : blank
    scopes.push(readScope(text, start, end))
    start = end + 1
  }
  return scopes
}

/** The error of {@link parseStrict}: the text, the position of the first invalid character, and what was expected. */
export interface ScopeParseError {
  readonly _tag: 'ScopeParseError'
  readonly text: string
  /** Counted in UTF-16 code units from 0. */
  readonly position: number
  readonly expected: string
}

/**
 * Parses a `scope` parameter strictly: left when a character is neither allowed in a scope token (RFC 6749, section
 * 3.3) nor a space between tokens. Several spaces count as one. Tokens that are malformed SMART scopes are accepted and
 * parsed as `MalformedScope`.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { parseStrict } from 'smart-app-launch/fp-ts'
 *
 * const reading = parseStrict('openid\tfhirUser')
 * Either.isLeft(reading) ? reading.left.position : -1 // => 6
 * ```
 */
export const parseStrict = (text: string): Either.Either<ScopeParseError, ScopeSet> => {
  const position = forbiddenCharacter(text.replaceAll(' ', '!'))
  return position === -1
    ? Either.right(
        text
          .split(' ')
          .filter((token) => token !== '')
          .map(parseScope)
      )
    : Either.left({
        _tag: 'ScopeParseError',
        text,
        position,
        expected: 'a printable ASCII character other than " and \\ (RFC 6749, section 3.3)'
      })
}
