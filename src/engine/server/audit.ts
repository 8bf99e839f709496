/**
 * Audit entries: one for each decision, recorded after the decision was stored.
 *
 * @module
 */
import type * as Task from 'fp-ts/lib/Task.js'
import type { AuditEvent, Clock, Ports, TokenOwner } from '../ports.js'
import type { AccessEvent } from '../../protocol/access/access-event.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { ownMember } from '../../values/own.js'
import type { EpochSeconds } from '../../values/time.js'

/** An audit event without its time. */
export type AuditEntry = Omit<AuditEvent, 'at'>

/** The audit entry of a refusal. */
export const refusedEntry = (
  refusal: Refusal,
  clientId: string | null = null,
  grantId: string | null = null
): AuditEntry => ({ decision: 'Refused', clientId, grantId, refusal })

/** An access token that is refused, and whose it is, as far as this server knows. */
export interface RefusedToken {
  readonly refusal: Refusal
  readonly clientId: string | null
  readonly grantId: string | null
  /** Null if the token is not known, or its grant. */
  readonly owner: TokenOwner | null
}

/** The audit entry of an access token that is refused. */
export const refusedTokenEntry = ({ refusal, clientId, grantId, owner }: RefusedToken): AuditEntry => ({
  ...refusedEntry(refusal, clientId, grantId),
  ...(owner === null ? {} : { tokenOwner: owner })
})

const decisionsOfAccess = {
  permitted: 'AccessPermitted',
  filtered: 'AccessFiltered',
  denied: 'AccessDenied',
  failed: 'AccessFailed'
} as const

/** The audit entry of an interaction at the FHIR gate. */
export const accessEntry = (access: AccessEvent): AuditEntry => ({
  decision: decisionsOfAccess[access.outcome],
  clientId: access.clientId,
  grantId: ownMember(access, 'grantId') ?? null,
  refusal: null,
  access
})

/** The time of a decision; 0 when the clock fails, because a decision without a time is more useful than none. */
const timeOf = (clock: Clock): EpochSeconds => {
  try {
    return clock.now()
  } catch {
    return 0
  }
}

/** Records an entry immediately, then returns the response: for work that has begun. */
export const recordAuditNow = <Answer>(
  { audit, clock }: Pick<Ports, 'audit' | 'clock'>,
  auditEntry: AuditEntry,
  answer: Answer
): Answer => {
  audit.record({ at: timeOf(clock), ...auditEntry })()
  return answer
}

/** Records an entry, then returns the response. */
export const recordAudit =
  <Answer>(ports: Ports, auditEntry: AuditEntry, answer: Answer): Task.Task<Answer> =>
  () =>
    Promise.resolve(recordAuditNow(ports, auditEntry, answer))
