/**
 * The choice of a patient or an encounter: what is offered, and whether a form chose one of these.
 *
 * @module
 */
import type { PatientChoice } from './page-data.js'
import type { Conversation } from '../engine/server/interaction/conversation.js'
import type { Parameters } from '../protocol/http/form.js'
import { valueOf } from '../protocol/http/form.js'
import type { LaunchContext } from '../protocol/launch/launch-context.js'
import { ownMember } from '../values/own.js'

/** A conversation in which something must be chosen. */
export type Choosing = Extract<Conversation, { readonly _tag: 'NeedsContext' }>

/** A choice, for the engine. */
export interface ContextChoice {
  readonly context: LaunchContext
  /** Whether nothing remains to be chosen. If something does, the user has no choice for it. */
  readonly isComplete: boolean
}

const encountersOf = ({ encounters }: PatientChoice): NonNullable<PatientChoice['encounters']> => encounters ?? []

/** The patients who may be chosen in a conversation: the one whom the EHR named, or all of the user's. */
export const offeredPatients = (
  { details, needs }: Choosing,
  patients: ReadonlyArray<PatientChoice>
): ReadonlyArray<PatientChoice> => {
  const named = ownMember(details.context, 'patient')
  const candidates = patients.filter(({ id }) => named === undefined || id === named)
  // Without a need for a patient, a patient without an encounter is no choice.
  return needs.includes('patient') ? candidates : candidates.filter((patient) => encountersOf(patient).length > 0)
}

/** The choice of one patient, with an encounter or without. */
const choiceOf = (needs: Choosing['needs'], patient: string, encounter: string | null): ContextChoice => {
  const context = { patient, ...(encounter === null ? {} : { encounter }) }
  return { context, isComplete: needs.every((type) => Object.hasOwn(context, type)) }
}

/** The choice in a form; null unless it is one of those that were offered. */
export const choiceIn = (
  { needs }: Choosing,
  offered: ReadonlyArray<PatientChoice>,
  form: Parameters
): ContextChoice | null => {
  const encounterId = needs.includes('encounter') ? valueOf(form, 'encounter') : null
  const named = valueOf(form, 'patient')
  const patient = offered.find((one) =>
    encounterId === null ? one.id === named : encountersOf(one).some(({ id }) => id === encounterId)
  )
  if (patient === undefined || (named !== null && named !== patient.id)) return null
  const isOpen = needs.includes('encounter') && encounterId === null && encountersOf(patient).length > 0
  return isOpen ? null : choiceOf(needs, patient.id, encounterId)
}

/**
 * The choice that needs no page: the only one, or the patient of an earlier consent; null if there is none. It is for
 * requests that allow no page.
 */
export const choiceWithoutPage = (
  { needs }: Choosing,
  offered: ReadonlyArray<PatientChoice>,
  remembered: ReadonlyArray<string>
): ContextChoice | null => {
  const known = offered.filter(({ id }) => remembered.includes(id))
  const [patient, ...others] = offered.length === 1 ? offered : known
  if (patient === undefined || others.length > 0) return null
  const [encounter, ...more] = needs.includes('encounter') ? encountersOf(patient) : []
  return more.length > 0 ? null : choiceOf(needs, patient.id, encounter?.id ?? null)
}
