/**
 * What the parts of the gate share about one request.
 *
 * @module
 */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { GateLimits, RequestBudget, StopReason } from './cost.js'
import type { FhirServer } from '../ports.js'
import type { AccessFacts, AccessRules, EvaluationContext } from '../../protocol/access/alternatives.js'
import type { Resource } from '../../protocol/access/interaction.js'
import type { IndexReader, ReferenceFacts } from '../../protocol/access/search/search-index.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import type { Permission } from '../../scopes/scope.js'

/** What the gate is built from. */
export interface GateOptions {
  readonly server: FhirServer
  readonly policy: SmartPolicy
  /** The FHIR base URL that clients see, and that the server's absolute references begin with. */
  readonly base: string
  /**
   * Other addresses of the same server, as it may know itself: references that begin with them are judged as its own,
   * and clients see them as the base. Default: none.
   */
  readonly aliases?: ReadonlyArray<string>
  readonly rules?: AccessRules
  /**
   * What the user may do with a resource: the host's own rule, asked behind `user/` scopes, and behind `patient/`
   * scopes where a user gave the access. A scope never conveys more than its user may do. Default: behind `user/`
   * scopes nothing, and no limit besides the patient behind `patient/` scopes.
   */
  readonly userMay?: (facts: AccessFacts, permission: Permission, resource: Resource) => boolean
  /**
   * Reads the search index of a resource, where the host knows more parameters than the built-in reader. Default:
   * `indexReader`.
   */
  readonly reader?: (facts: ReferenceFacts) => IndexReader
  /**
   * How much one request may cost: `{ bundleEntries: 1000 }`. What each bounds, and its default, stands in
   * `docs/limits.md`.
   */
  readonly limits?: Partial<GateLimits>
}

/** One request on its way through the gate. */
export interface GateContext {
  readonly options: GateOptions
  readonly facts: AccessFacts
  /** What the gate knows of references. */
  readonly references: ReferenceFacts
  readonly evaluation: EvaluationContext
  /**
   * Whether the token allows to touch a resource under a permission, by the alternatives of the decision. For a write,
   * `before` is what is stored in its place.
   */
  readonly may: (permission: Permission, resource: Resource, before?: Resource | null) => boolean
  /**
   * Whether a resource stands in the answer to a write: where the token allows to read it, and the client wants it (not
   * so with `Prefer: return=minimal`). What was written is written: where a rule of the host fails now, it is said, if
   * not shown.
   */
  readonly mayShow: (resource: Resource) => boolean
  readonly spending: RequestBudget
  /** Asks the server behind; `writes` where the method alone does not say whether it is a write. */
  readonly ask: (
    request: Partial<PlainRequest> & { readonly method: string; readonly path: string },
    writes?: boolean
  ) => TaskEither.TaskEither<StopReason, PlainResponse>
}

/** The answer of the gate, or why there is none. */
export type GateResult = TaskEither.TaskEither<StopReason, PlainResponse>
