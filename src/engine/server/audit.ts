/**
 * Telling the log: one event for each decision, after it was taken and stored.
 *
 * @module
 */
import type * as Task from 'fp-ts/lib/Task.js'
import type { AuditEvent, Clock, Ports } from '../ports.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import type { EpochSeconds } from '../../values/time.js'

/** What is told: everything but the time. */
export type AuditEntry = Omit<AuditEvent, 'at'>

/** A refusal, told. */
export const refusedEntry = (
  refusal: Refusal,
  clientId: string | null = null,
  grantId: string | null = null
): AuditEntry => ({ decision: 'Refused', clientId, grantId, refusal })

/** The time of a decision; 0 where the clock cannot tell it: a decision without its time is better than none. */
const timeOf = (clock: Clock): EpochSeconds => {
  try {
    return clock.now()
  } catch {
    return 0
  }
}

/** Tells the log now, then gives the answer: for work that is under way. */
export const recordAuditNow = <Answer>({ audit, clock }: Ports, told: AuditEntry, answer: Answer): Answer => {
  audit.record({ at: timeOf(clock), ...told })()
  return answer
}

/** Tells the log, then gives the answer. */
export const recordAudit =
  <Answer>(ports: Ports, told: AuditEntry, answer: Answer): Task.Task<Answer> =>
  () =>
    Promise.resolve(recordAuditNow(ports, told, answer))
