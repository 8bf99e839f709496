/**
 * The table of sentences of one language.
 *
 * @module
 */
import type { ClaimName } from './claims.js'
import type { ExplainedClause } from './clauses.js'
import type { Level, Permission } from '../scope.js'

/** What a scope allows, as a phrase and as a sentence. Both are complete. */
export interface Explained {
  readonly short: string
  readonly long: string
}

/** The facts for the sentence about a resource scope. */
export interface ExplainedResource {
  readonly permissions: ReadonlyArray<Permission>
  /** Null for every type, now and in the future. In quotes when FHIR R4 does not define the type. */
  readonly type: string | null
  readonly level: Level
  /** The condition of each clause of the query, worded by {@link Sentences.constraint}. */
  readonly constraints: ReadonlyArray<string>
}

/** The sentences of a language. Every text that an app may have chosen arrives in quotes and safe to show. */
export interface Sentences {
  /** Reading or writing resources, as a resource scope permits it. */
  readonly resource: (resource: ExplainedResource) => Explained
  /** The condition of a clause. */
  readonly constraint: (clause: ExplainedClause) => string
  /** Receiving the launch context. The type is null for plain `launch`. */
  readonly launch: (type: string | null, role: string | null) => Explained
  /** The scopes with a fixed name (`openid`, `offline_access`, …), by their text. */
  readonly named: Readonly<Record<string, Explained>>
  /** `fhirUser` beside `openid`, where both together allow reading the user's record. */
  readonly ownRecord: Explained
  /** `fhirUser` without `openid`: it has no effect. */
  readonly loneFhirUser: Explained
  /** `offline_access` and `online_access` of a backend service. They are granted to users only. */
  readonly renewalOfService: Explained
  /** `openid`, `fhirUser` and other scopes about the user, of a backend service, which has no user. */
  readonly userOfService: Explained
  /** `launch` and `launch/…` of a backend service, which is not launched. */
  readonly launchOfService: Explained
  /** A scope that cannot be explained. The text is in quotes. */
  readonly unknown: (text: string) => Explained
  readonly doesNotAllow: Readonly<Record<ClaimName, string>>
  /** Replaces the denying sentences when a scope of the set cannot be explained. */
  readonly unexplained: string
}
