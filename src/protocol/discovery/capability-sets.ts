/**
 * The capability sets of the page "conformance", and which of them a list of capabilities satisfies, read literally.
 *
 * Each set requires a kind of client, public or symmetric. Asymmetric authentication may be added but satisfies no set
 * by itself.
 *
 * @module
 */

/** A capability set. */
export type CapabilitySet =
  | 'Patient Access for Standalone Apps'
  | 'Patient Access for EHR Launch'
  | 'Clinician Access for Standalone'
  | 'Clinician Access for EHR Launch'

/** The capabilities that each set requires besides a kind of client. */
export const neededCapabilities: Readonly<Record<CapabilitySet, ReadonlyArray<string>>> = {
  'Patient Access for Standalone Apps': ['launch-standalone', 'context-standalone-patient', 'permission-patient'],
  'Patient Access for EHR Launch': ['launch-ehr', 'context-ehr-patient', 'permission-patient'],
  'Clinician Access for Standalone': ['launch-standalone', 'permission-user', 'permission-patient'],
  'Clinician Access for EHR Launch': [
    'launch-ehr',
    'context-ehr-patient',
    'context-ehr-encounter',
    'permission-user',
    'permission-patient'
  ]
}

const clientKinds = ['client-public', 'client-confidential-symmetric']

/**
 * The capability sets that are satisfied.
 *
 * @example
 * ```ts
 * import { supportedSets } from './capability-sets.js'
 *
 * supportedSets([
 *   'launch-ehr',
 *   'context-ehr-patient',
 *   'permission-patient',
 *   'client-public'
 * ]) // => ['Patient Access for EHR Launch']
 * supportedSets([
 *   'launch-ehr',
 *   'context-ehr-patient',
 *   'permission-patient',
 *   'client-confidential-asymmetric'
 * ]) // => []
 * ```
 */
export const supportedSets = (capabilities: ReadonlyArray<string>): ReadonlyArray<CapabilitySet> =>
  clientKinds.some((kind) => capabilities.includes(kind))
    ? (Object.keys(neededCapabilities) as ReadonlyArray<CapabilitySet>).filter((set) =>
        neededCapabilities[set].every((capability) => capabilities.includes(capability))
      )
    : []
