/**
 * The audit event of one interaction at the gate: who, with which access, what, and how it ended. It contains no value
 * of a resource or of a search, no token, and no text that the client chose except the id of a resource.
 *
 * @module
 */
import type { FhirInteraction } from './fhir-interaction.js'

/** How an interaction ended. */
export type AccessOutcome =
  /** Carried out, and nothing could be hidden. */
  | 'permitted'
  /** Carried out, and what the token does not permit was left out, or was checked first. */
  | 'filtered'
  /** The token, or the rules of this server, did not permit it. */
  | 'denied'
  /** It was permitted and could not be carried out. */
  | 'failed'

/** One interaction at the gate, for the audit log. A batch or transaction has one for itself and one for each entry. */
export interface AccessEvent {
  /** The user behind the token; null for a backend service. */
  readonly userSub: string | null
  readonly clientId: string
  /** Absent if the facts about the token have none. */
  readonly grantId?: string
  /** The patient of the token's context; null for none. */
  readonly patient: string | null
  /** The texts of the token's scopes. */
  readonly scopes: ReadonlyArray<string>
  readonly interaction: FhirInteraction['_tag'] | 'Transaction'
  /** The type in the address; null for none. */
  readonly type: string | null
  /** The id in the address, or that of a new resource; absent if there is none. */
  readonly id?: string
  readonly outcome: AccessOutcome
  /** The rule that refused it (`docs/fhir-access.md`, "Refusals"); null if none did. */
  readonly rule: string | null
  /** The status of the response. */
  readonly status: number
}

/** Receives the events. What it throws or rejects changes no response, and the gate does not wait for it. */
export type OnAccess = (event: AccessEvent) => unknown
