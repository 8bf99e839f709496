/**
 * The data that the parts of the gate share about one request.
 *
 * @module
 */
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { OnAccess } from '../../protocol/access/access-event.js'
import type { GateLimits, RequestBudget, StopReason } from './cost.js'
import type { FhirServer, PageLinks } from '../ports.js'
import type { AccessFacts, AccessRules, EvaluationContext } from '../../protocol/access/alternatives.js'
import type { FhirRelease } from '../../protocol/access/release.js'
import type { Resource } from '../../protocol/access/fhir-interaction.js'
import type { IndexReader, ReferenceFacts } from '../../protocol/access/search/search-index.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import type { Permission } from '../../scopes/scope.js'

/** The options of the gate. */
export interface GateOptions {
  readonly server: FhirServer
  readonly policy: SmartPolicy
  /** The FHIR base URL that clients see, and that the server's absolute references begin with. */
  readonly base: string
  /**
   * Other base URLs of the same server, such as its internal address: references that begin with them are treated as
   * local, and clients see them as the base. The address of `fhirUpstream` is always one of them. Default: none.
   */
  readonly aliases?: ReadonlyArray<string>
  readonly rules?: AccessRules
  /**
   * Whether the user may use a resource: the host's own rule, called for `user/` scopes, and for `patient/` scopes if a
   * user approved the access. A scope never grants more than its user may do. One request calls it once for each
   * permission and resource. Default: `user/` scopes permit nothing, and only the patient limits `patient/` scopes.
   */
  readonly userMay?: (facts: AccessFacts, permission: Permission, resource: Resource) => boolean
  /**
   * Reads the search index of a resource, if the host evaluates more parameters than the built-in reader. `release` is
   * that of `rules`. Default: `indexReader`.
   */
  readonly reader?: (facts: ReferenceFacts, release: FhirRelease) => IndexReader
  /**
   * The cost limits of one request: `{ bundleEntries: 1000 }`. `docs/limits.md` says what each limits, and its default.
   */
  readonly limits?: Partial<GateLimits>
  /**
   * Receives the audit event of each interaction, also of each entry of a batch or transaction. It is called when the
   * response is known; what it throws or rejects changes nothing, and the gate does not wait for it. Default: none.
   *
   * @example
   * ```ts
   * import { createFhirGate } from 'smart-app-launch/resource'
   * import type { AccessEvent } from 'smart-app-launch/resource'
   * import { parse } from 'smart-app-launch/scopes'
   *
   * const events: Array<AccessEvent> = []
   * const gate = createFhirGate({
   *   base: 'https://ehr.example/fhir',
   *   server: () => ({ status: 404, headers: {}, body: '' }),
   *   onAccess: (event) => void events.push(event)
   * })
   * const facts = { clientId: 'app', scopes: parse('system/*.rs'), context: {}, user: null }
   * await gate({ method: 'GET', path: '/Observation/1', query: '', headers: {}, body: '' }, facts)
   * events.map(({ clientId, interaction, type, id, outcome, rule, status }) => [
   *   clientId, interaction, type, id, outcome, rule, status
   * ])
   * // => [['app', 'Read', 'Observation', '1', 'failed', 'resource-found', 404]]
   * ```
   */
  readonly onAccess?: OnAccess
  /**
   * Seals the links of pages, and the addresses of the jobs and files of exports. Several processes before one FHIR
   * server need the same key: `pageLinksUnder`. Default: a key of the process, so that links do not open in another
   * process or after a restart.
   */
  readonly pageLinks?: PageLinks
  /**
   * Origins of file servers (`https://files.example`) whose addresses a client may get in the manifest of an export.
   * The gate cannot check what it gets there, so this holds for tokens that may export everything. Default: none.
   */
  readonly exportOrigins?: ReadonlyArray<string>
}

/** What was loaded for the resources of one page. */
export interface Loaded {
  /** The upstream requests that were sent. */
  readonly sent: number
  /** Whether nothing is left to look up. What was not looked up opens nothing. */
  readonly isWhole: boolean
  /** Whether several resources stay hidden that something which was not looked up, or is too large, may open. */
  readonly isCut: boolean
}

/** One request in the gate. */
export interface GateContext {
  readonly options: GateOptions
  readonly facts: AccessFacts
  /** The base URLs for resolving references. */
  readonly references: ReferenceFacts
  readonly evaluation: EvaluationContext
  /**
   * Whether the token allows access to a resource with a permission, by the alternatives of the decision. For a write,
   * `before` is the stored resource.
   */
  readonly may: (permission: Permission, resource: Resource, before?: Resource | null) => boolean
  /**
   * Loads what the access to these resources depends on and they do not hold themselves, within the budget: without it
   * `may` answers false for them. `areCurrent` says that they are whole and the current versions, so that they are
   * evidence for each other; in a history they are not. Default: false. `requests` are those that a page has left.
   */
  readonly prepare: (
    resources: ReadonlyArray<Resource>,
    areCurrent?: boolean,
    requests?: number
  ) => TaskEither.TaskEither<StopReason, Loaded>
  /**
   * Whether the response to a write contains a resource: if the token allows reading it, and the client wants it (not
   * with `Prefer: return=minimal`). The write took effect already, so if a function of the host fails here, the write
   * is reported without the resource.
   */
  readonly mayShow: (resource: Resource) => boolean
  readonly budget: RequestBudget
  /**
   * Sends a request to the upstream server; `writes` is needed where the method alone does not say whether it is a
   * write.
   */
  readonly ask: (
    request: Partial<PlainRequest> & { readonly method: string; readonly path: string },
    writes?: boolean
  ) => TaskEither.TaskEither<StopReason, PlainResponse>
  /** The same, without changing the numbers in the bodies: for a response whose text is read (`page-text.ts`). */
  readonly askAsWritten: (
    request: Partial<PlainRequest> & { readonly method: string; readonly path: string },
    writes?: boolean
  ) => TaskEither.TaskEither<StopReason, PlainResponse>
  /**
   * Whether an evaluation may depend on how a number is written: a scope with a number or a quantity, or a function of
   * the host.
   */
  readonly readsNumbers: boolean
}

/** The response of the gate, or why there is none. */
export type GateResult = TaskEither.TaskEither<StopReason, PlainResponse>
