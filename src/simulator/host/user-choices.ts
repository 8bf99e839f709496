/** The patients whom a user may choose, each with its encounters. */
import type { UserEntry } from '../config/config.js'
import type { Simulator } from '../context.js'
import type { PatientChoice } from '../../host/page-data.js'

/** The patients whom a user may choose. */
export const choicesOfUser = (
  { encountersOf, patientsOf }: Pick<Simulator, 'encountersOf' | 'patientsOf'>,
  user: UserEntry | undefined
): ReadonlyArray<PatientChoice> => {
  const encounters = new Map<string, Array<{ readonly id: string; readonly name: string }>>()
  for (const { id, label, patient } of encountersOf(user)) {
    const known = encounters.get(patient)
    if (known === undefined) encounters.set(patient, [{ id, name: label }])
    else known.push({ id, name: label })
  }
  return patientsOf(user).map(({ id, label }) => ({ id, name: label, encounters: encounters.get(id) ?? [] }))
}
