/**
 * The FHIR releases besides R4, and all of them by name.
 *
 * R6 is in ballot (6.0.0-ballot3 and later drafts): its types and search parameters still change, so it is not here.
 *
 * @module
 */
import type { CompartmentTable, FhirRelease } from './release.js'
import { readCompartment, releaseR4 } from './release.js'
import { readPathTable } from './search/path-table.js'
import type { ParameterTable } from '../../scopes/vocabulary.js'
import { readParameterTable, vocabularyWith } from '../../scopes/vocabulary.js'
import { patientCompartment } from '../../values/fhir-r4/compartment.js'
import { commonParameters, parametersByResourceType } from '../../values/fhir-r4/parameters.js'
import { parameterPaths } from '../../values/fhir-r4/paths.js'
import {
  compartmentChangedInR4B,
  parametersChangedInR4B,
  pathsChangedInR4B,
  typesAddedInR4B,
  typesRemovedInR4B
} from '../../values/fhir-r4b/differences.js'
import { patientCompartmentR5, resourceTypeNamesR5 } from '../../values/fhir-r5/compartment.js'
import { choiceElementsR5, elementExceptionsR5, repeatingElementsR5 } from '../../values/fhir-r5/elements.js'
import { commonParametersR5, parametersByResourceTypeR5 } from '../../values/fhir-r5/parameters.js'
import { parameterPathsR5 } from '../../values/fhir-r5/paths.js'

/** The release with these tables. */
const releaseOf = (
  { name, version, types, paths, elements }: Pick<FhirRelease, 'name' | 'version' | 'types' | 'paths' | 'elements'>,
  parameters: ParameterTable,
  patient: CompartmentTable
): FhirRelease => ({
  name,
  version,
  types,
  vocabulary: vocabularyWith(parameters, []),
  vocabularyWith: (registered) => vocabularyWith(parameters, registered),
  compartments: { Patient: patient },
  paths,
  elements
})

/** The rows of R4, without those of the types that R4B removed, and with those that it has differently. */
const rowsOfR4B = (
  rows: Readonly<Record<string, string>>,
  changed: Readonly<Record<string, string>>
): Readonly<Record<string, string>> => {
  const removed = new Set(typesRemovedInR4B.split(' '))
  return { ...Object.fromEntries(Object.entries(rows).filter(([type]) => !removed.has(type))), ...changed }
}

const typesOfR4B = (): ReadonlySet<string> => {
  const types = new Set([...releaseR4.types, ...typesAddedInR4B.split(' ')])
  for (const type of typesRemovedInR4B.split(' ')) types.delete(type)
  return types
}

/**
 * FHIR R4B (4.3.0).
 *
 * @example
 * ```ts
 * import { releaseR4B } from 'smart-app-launch/releases'
 *
 * releaseR4B.types.has('SubscriptionTopic') // => true
 * releaseR4B.types.has('MedicinalProduct') // => false
 * ```
 */
export const releaseR4B: FhirRelease = /* @__PURE__ */ (() =>
  releaseOf(
    {
      name: 'R4B',
      version: '4.3.0',
      types: typesOfR4B(),
      paths: readPathTable(rowsOfR4B(parameterPaths, pathsChangedInR4B)),
      elements: {
        ...releaseR4.elements,
        unknownTypes: [...typesAddedInR4B.split(' '), ...Object.keys(parametersChangedInR4B)]
      }
    },
    readParameterTable(commonParameters, rowsOfR4B(parametersByResourceType, parametersChangedInR4B)),
    readCompartment(rowsOfR4B(patientCompartment, compartmentChangedInR4B))
  ))()

/**
 * FHIR R5 (5.0.0).
 *
 * @example
 * ```ts
 * import { createFhirGate } from 'smart-app-launch/resource'
 * import { releaseR5 } from 'smart-app-launch/releases'
 *
 * const rules: NonNullable<Parameters<typeof createFhirGate>[0]['rules']> = { release: releaseR5 }
 * rules.release?.types.has('RequestOrchestration') // => true
 * releaseR5.compartments.Patient.get('Condition') // => ['patient', 'participant-actor']
 * releaseR5.vocabulary.typeOf('Observation', 'value-markdown') // => 'string'
 * ```
 */
export const releaseR5: FhirRelease = /* @__PURE__ */ (() =>
  releaseOf(
    {
      name: 'R5',
      version: '5.0.0',
      types: new Set(resourceTypeNamesR5.split(' ')),
      paths: readPathTable(parameterPathsR5),
      elements: {
        repeating: repeatingElementsR5,
        choice: choiceElementsR5,
        exceptions: elementExceptionsR5,
        unknownTypes: []
      }
    },
    readParameterTable(commonParametersR5, parametersByResourceTypeR5),
    readCompartment(patientCompartmentR5)
  ))()

/** The names of the releases, oldest first. */
export const releaseNames = ['R4', 'R4B', 'R5'] as const

/** The name of a release. */
export type ReleaseName = (typeof releaseNames)[number]

/**
 * The releases by name.
 *
 * @example
 * ```ts
 * import { fhirReleases } from 'smart-app-launch/releases'
 *
 * Object.values(fhirReleases).map(({ name, version }) => `${name} ${version}`)
 * // => ['R4 4.0.1', 'R4B 4.3.0', 'R5 5.0.0']
 * ```
 */
export const fhirReleases: Readonly<Record<ReleaseName, FhirRelease>> = {
  R4: releaseR4,
  R4B: releaseR4B,
  R5: releaseR5
}
