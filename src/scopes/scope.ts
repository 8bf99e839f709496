/**
 * The data types of scopes: one variant for each kind of text between two spaces of a `scope` parameter.
 *
 * Every variant keeps `text`, the original spelling, so that printing gives the same bytes. Source: "Scopes for
 * requesting clinical data" of the page scopes-and-launch-context, and RFC 6749, section 3.3.
 *
 * @module
 */

/** How the authority was delegated. The levels are not ordered: `user/` and `patient/` are different authorities. */
export type Level = 'patient' | 'user' | 'system'

/** One permission: create, read, update, delete, search. */
export type Permission = 'c' | 'r' | 'u' | 'd' | 's'

/** The five permissions in the order in which a v2 suffix must name them. */
export const permissionOrder: ReadonlyArray<Permission> = ['c', 'r', 'u', 'd', 's']

/**
 * One `name[:modifier]=value,value,…` of a scope's query. Percent-encoding is decoded. FHIR's escapes (`\,` `\|` `\$`
 * `\\`) are kept in the values, because they distinguish a literal comma or bar from a separator.
 */
export interface Clause {
  /** A search parameter or a chain of them. `_filter`, `_has`, modifiers and chains are experimental in SMART. */
  readonly name: string
  readonly modifier: string | null
  /** Alternatives: a resource matches when it matches one of them. Never empty. */
  readonly values: ReadonlyArray<string>
  /** The original spelling, percent-encoded. */
  readonly text: string
}

/** Whether SMART calls the clause experimental: modifiers, chains, reverse chains and `_filter`. */
export const isExperimental = (clause: Clause): boolean =>
  clause.modifier !== null || clause.name.includes('.') || clause.name === '_filter' || clause.name === '_has'

/** `patient/Observation.rs?category=…`: a resource type (or `*`), permissions, and a query that narrows them. */
export interface ResourceScope {
  readonly _tag: 'ResourceScope'
  readonly level: Level
  /** A FHIR resource type, or `*` for every type "now and in the future". */
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

/** `openid`, `fhirUser` and the OpenID Connect scopes for claims about the user. */
export interface IdentityScope {
  readonly _tag: 'IdentityScope'
  readonly text: string
}

/** `offline_access` or `online_access`. */
export interface RefreshScope {
  readonly _tag: 'RefreshScope'
  readonly text: string
}

/** An extension of SMART, marked as such: a full URI, or a name that begins with two underscores. */
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

/** A text that looks like a SMART scope and is malformed. It permits nothing and is never repaired. */
export interface MalformedScope {
  readonly _tag: 'MalformedScope'
  readonly reason: MalformedScopeReason
  /** The position in `text` where parsing failed, in UTF-16 code units from 0. */
  readonly position: number
  readonly text: string
}

/** One scope. */
export type Scope =
  ResourceScope | LaunchScope | IdentityScope | RefreshScope | ExtensionScope | UnknownScope | MalformedScope

/** The scopes of a `scope` parameter. A set permits what any of its scopes permits. */
export type ScopeSet = ReadonlyArray<Scope>

/** Whether a scope is a resource scope. */
export const isResourceScope = (scope: Scope): scope is ResourceScope => scope._tag === 'ResourceScope'

/**
 * Whether the set contains a scope with exactly this text. For scopes that permit only themselves (`openid`, `launch`,
 * …).
 */
export const holdsText = (scopes: ScopeSet, text: string): boolean => scopes.some((scope) => scope.text === text)

/** The same as {@link holdsText} for a printed set, without parsing it. */
export const printedHoldsText = (printed: string, text: string): boolean => ` ${printed} `.includes(` ${text} `)

/** The set without repeated texts; the first occurrence of each is kept. */
export const withoutRepetitions = (scopes: ScopeSet): ScopeSet => {
  const texts = new Set<string>()
  return scopes.filter(({ text }) => texts.size < texts.add(text).size)
}
