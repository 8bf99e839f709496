/**
 * The access profiles with a name.
 *
 * @module
 */
import type { AccessProfile } from './profile.js'
import { usCoreProfile } from './us-core.js'
import { ownMember } from '../../../values/own.js'

/**
 * The profiles with a name. `compartment` adds nothing to the patient compartment of FHIR R4.
 *
 * @example
 * ```ts
 * import { accessProfiles } from 'smart-app-launch/resource'
 *
 * accessProfiles['us-core'].filter(({ by }) => by === 'shared').map(({ type }) => type)
 * // => ['Practitioner', 'PractitionerRole', 'Organization', 'Location', 'Medication']
 * ```
 */
export const accessProfiles: Readonly<Record<'compartment' | 'us-core', AccessProfile>> = {
  compartment: [],
  'us-core': usCoreProfile
}

/** The name of an access profile. */
export type AccessProfileName = keyof typeof accessProfiles

/** The rows of a profile that is given by its name or as data. */
export const accessProfileOf = (given: AccessProfileName | AccessProfile = 'compartment'): AccessProfile =>
  typeof given === 'string' ? (ownMember(accessProfiles, given) ?? []) : given
