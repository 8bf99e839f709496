/**
 * What a scope is: the sum of everything that may stand between two blanks of a `scope` parameter.
 *
 * Every member keeps `text`, the spelling that was read, so that printing gives back the same bytes.
 * Source: "Scopes for requesting clinical data" of the page scopes-and-launch-context, and RFC 6749, section 3.3.
 *
 * @module
 */

/**
 * How the authority was delegated. The three levels are not ordered: `user/` and `patient/` are different authorities.
 */
export type Level = 'patient' | 'user' | 'system'

/** One permission: create, read, update, delete, search. */
export type Permission = 'c' | 'r' | 'u' | 'd' | 's'

/** The five permissions in the order in which a v2 suffix must name them. */
export const permissionOrder: ReadonlyArray<Permission> = ['c', 'r', 'u', 'd', 's']

/**
 * One `name[:modifier]=value,value,…` of a scope's query. Percent-encoding is undone; FHIR's escapes (`\,` `\|` `\$`
 * `\\`) still stand in the values, because they say what a comma or a bar means.
 */
export interface Clause {
  /**
   * A search parameter, or a chain of them; `_filter` and `_has` are experimental in SMART, as are modifiers and
   * chains.
   */
  readonly name: string
  readonly modifier: string | null
  /** A resource matches when it matches one of them. Never empty. */
  readonly values: ReadonlyArray<string>
  /** Its spelling, percent-encoding and all. */
  readonly text: string
}

/** Whether SMART calls the clause experimental: modifiers, chains, reverse chains and `_filter`. */
export const isExperimental = (clause: Clause): boolean =>
  clause.modifier !== null || clause.name.includes('.') || clause.name === '_filter' || clause.name === '_has'

/** `patient/Observation.rs?category=…`: a resource type (or `*`), permissions, and a query that narrows them. */
export interface ResourceScope {
  readonly _tag: 'ResourceScope'
  readonly level: Level
  /** A FHIR resource type, or `*` for every type there is "now and in the future". */
  readonly type: string
  /**
   * In the order of {@link permissionOrder}, never empty. A v1 suffix is translated: `read` is `rs`, `write` is `cud`.
   */
  readonly permissions: ReadonlyArray<Permission>
  readonly query: ReadonlyArray<Clause>
  readonly syntax: 'v1' | 'v2'
  readonly text: string
}

/** `launch`, `launch/patient`, `launch/questionnaire?role=…`. */
export interface LaunchScope {
  readonly _tag: 'LaunchScope'
  readonly type: string | null
  readonly role: string | null
  readonly text: string
}

/** `openid`, `fhirUser` and the other names that OpenID Connect gives to claims about the user. */
export interface IdentityScope {
  readonly _tag: 'IdentityScope'
  readonly text: string
}

/** `offline_access` or `online_access`. */
export interface RefreshScope {
  readonly _tag: 'RefreshScope'
  readonly text: string
}

/** A scope outside SMART that says so: a full URI, or a name that begins with two underscores. */
export interface ExtensionScope {
  readonly _tag: 'ExtensionScope'
  readonly text: string
}

/** A well-formed name that this toolkit does not know. */
export interface UnknownScope {
  readonly _tag: 'UnknownScope'
  readonly text: string
}

/** What is wrong with a malformed scope. */
export type MalformedScopeReason =
  | 'Empty'
  | 'CharacterNotAllowed'
  | 'LevelWithoutSlash'
  | 'TypeMalformed'
  | 'PermissionsMissing'
  | 'PermissionsUnknown'
  | 'PermissionsOutOfOrder'
  | 'QueryOnVersion1'
  | 'QueryMalformed'
  | 'LaunchMalformed'

/** A text that tries to be a SMART scope and is none. It permits nothing, and it is never repaired. */
export interface MalformedScope {
  readonly _tag: 'MalformedScope'
  readonly reason: MalformedScopeReason
  /** Where in `text` reading failed, counted in UTF-16 code units from 0. */
  readonly position: number
  readonly text: string
}

/** One scope. */
export type Scope =
  ResourceScope | LaunchScope | IdentityScope | RefreshScope | ExtensionScope | UnknownScope | MalformedScope

/** What a `scope` parameter holds: it permits what any of its scopes permits. */
export type ScopeSet = ReadonlyArray<Scope>

/** Whether a scope speaks of FHIR resources. */
export const isResourceScope = (scope: Scope): scope is ResourceScope => scope._tag === 'ResourceScope'

/** Whether the set holds a scope spelled exactly so; for scopes that permit only themselves (`openid`, `launch`, …). */
export const holdsText = (scopes: ScopeSet, text: string): boolean => scopes.some((scope) => scope.text === text)

/** What {@link holdsText} says of a printed set, without reading it. */
export const printedHoldsText = (printed: string, text: string): boolean => ` ${printed} `.includes(` ${text} `)

/** A set in which each spelling stands once, where it stood first. */
export const withoutRepetitions = (scopes: ScopeSet): ScopeSet => {
  const texts = new Set<string>()
  return scopes.filter(({ text }) => !texts.has(text) && texts.add(text).size > 0)
}
