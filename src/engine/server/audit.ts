/**
 * Audit entries: one for each decision, recorded after the decision was stored.
 *
 * @module
 */
import type * as Task from 'fp-ts/lib/Task.js'
import type { AuditEvent, Clock, Ports } from '../ports.js'
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
