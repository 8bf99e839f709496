/**
 * FHIR R4 ids, names of resource types, and relative references.
 *
 * @module
 */

/**
 * A FHIR id (FHIR R4, datatypes.html#id), as the source of a regular expression. FHIR also allows the ids `.` and `..`.
 * They are refused here: as path segments they are removed (RFC 3986, section 5.2.4), so a resource with such an id
 * cannot be addressed.
 */
const idSource = '(?!\\.{1,2}(?![A-Za-z0-9.-]))[A-Za-z0-9.-]{1,64}'

const typeSource = '[A-Z][A-Za-z]{0,63}'

const idPattern = new RegExp(`^${idSource}$`)

const typePattern = new RegExp(`^${typeSource}$`)

const referencePattern = new RegExp(`^(${typeSource})/(${idSource})(?:/_history/(${idSource}))?$`)

/**
 * Whether a text is a FHIR id: 1 to 64 ASCII letters, digits, dots and hyphens, but neither `.` nor `..`.
 *
 * @example
 * ```ts
 * import { isFhirId } from './fhir.js'
 *
 * isFhirId('a-1.b') // => true
 * isFhirId('..') // => false
 * ```
 */
export const isFhirId = (text: string): boolean => idPattern.test(text)

/** Whether a text has the form of a resource type name. FHIR R4 need not define the type. */
export const isResourceTypeName = (text: string): boolean => typePattern.test(text)

/** A relative reference (FHIR R4, references.html#literal), split into parts. */
export interface RelativeReference {
  readonly type: string
  readonly id: string
  /** The version after `_history`; null when the reference has none. */
  readonly version: string | null
}

/**
 * Parses a relative reference such as `Patient/123` or `Patient/123/_history/2`; null for any other text.
 *
 * @example
 * ```ts
 * import { relativeReference } from './fhir.js'
 *
 * relativeReference('Patient/123') // => { type: 'Patient', id: '123', version: null }
 * relativeReference('https://ehr.example/fhir/Patient/123') // => null
 * ```
 */
export const relativeReference = (text: string): RelativeReference | null => {
  const [, type, id, version = null] = referencePattern.exec(text) ?? []
  return type === undefined || id === undefined ? null : { type, id, version }
}

/** Whether a text is `Type/id`: a relative reference without a version. */
export const isTypeAndId = (text: string): boolean => relativeReference(text)?.version === null

/**
 * The resource types that may represent a user (SMART App Launch 2.1.0, `fhirUser`; 2.0.0 does not list
 * PractitionerRole).
 */
export const userResourceTypes = ['Patient', 'Practitioner', 'PractitionerRole', 'RelatedPerson', 'Person'] as const

/** Whether a text is `Type/id` of a resource that may represent a user. */
export const isUserReference = (text: string): boolean => {
  const read = relativeReference(text)
  return read !== null && read.version === null && (userResourceTypes as ReadonlyArray<string>).includes(read.type)
}
