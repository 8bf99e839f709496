/**
 * The FHIR releases as data: types, search parameters, the patient compartment and element paths. A host names the
 * release of its FHIR server in the rules of the gate (`rules.release`) and in the features of the authorization server
 * (`resourceSide.release`).
 *
 * @module releases
 */
export { releaseR4 } from './protocol/access/release.js'
export type { CompartmentTable, ElementTable, FhirRelease } from './protocol/access/release.js'
export { fhirReleases, releaseNames, releaseR4B, releaseR5 } from './protocol/access/releases.js'
export type { ReleaseName } from './protocol/access/releases.js'
export type { ElementKind, ElementPath, PathTable } from './protocol/access/search/path-table.js'
export type { ParameterType, RegisteredParameter, Vocabulary } from './scopes/vocabulary.js'
