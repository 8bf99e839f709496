/**
 * The sentences of a language, from which explanations are made.
 *
 * @module
 */
import type { ClaimName } from './claims.js'
import type { ExplainedClause } from './clauses.js'
import type { Level, Permission } from '../scope.js'

/** What a scope allows, in a few words and as a sentence. Both say all of it. */
export interface Explained {
  readonly short: string
  readonly long: string
}

/** What the sentence about a resource scope is made from. */
export interface ExplainedResource {
  readonly permissions: ReadonlyArray<Permission>
  /** Null for every type there is, now and in the future; in quotes where FHIR R4 does not know it. */
  readonly type: string | null
  readonly level: Level
  /** What each clause of the query narrows to, as {@link Sentences.constraint} says it. */
  readonly constraints: ReadonlyArray<string>
}

/** The sentences of a language. Every text that an app may have chosen is in quotes and fit to be shown. */
export interface Sentences {
  /** Reading or writing resources of a type, as a resource scope permits it. */
  readonly resource: (resource: ExplainedResource) => Explained
  /** What a clause narrows to. */
  readonly constraint: (clause: ExplainedClause) => string
  /** Knowing what was chosen before the app began. The type is null for plain `launch`. */
  readonly launch: (type: string | null, role: string | null) => Explained
  /** Names that are known (`openid`, `offline_access`, …), by their text. */
  readonly named: Readonly<Record<string, Explained>>
  /** `fhirUser` beside `openid`, where that lets the record be read. */
  readonly ownRecord: Explained
  /** `fhirUser` without `openid`: nothing is told. */
  readonly loneFhirUser: Explained
  /** `offline_access` and `online_access` of a backend service, which are granted to users only. */
  readonly renewalOfService: Explained
  /** `openid`, `fhirUser` and other scopes about the user, of a backend service, which has none. */
  readonly userOfService: Explained
  /** `launch` and `launch/…` of a backend service, which nobody launches. */
  readonly launchOfService: Explained
  /** A scope that cannot be explained. */
  readonly unknown: (text: string) => Explained
  readonly doesNotAllow: Readonly<Record<ClaimName, string>>
  /** Said in place of all that a set does not allow, when a scope of it cannot be explained. */
  readonly unexplained: string
}
