/**
 * Where search parameters are found in resources: the table of a FHIR release (src/values/fhir-r4/paths.ts).
 *
 * @module
 */
import type { ElementPath } from './path-table.js'
import type { FhirRelease } from '../release.js'
import { releaseR4 } from '../release.js'

/** The paths of a parameter for a resource type; empty when the built-in reader does not support it. */
export const pathsOf = (
  type: string,
  parameter: string,
  { paths }: Pick<FhirRelease, 'paths'> = releaseR4
): ReadonlyArray<ElementPath> => paths.get(type)?.get(parameter) ?? paths.get('Resource')?.get(parameter) ?? []

/** The parameters that the built-in reader supports, by resource type; `Resource` for those of all types. */
export const readableNames = ({
  paths
}: Pick<FhirRelease, 'paths'>): ReadonlyArray<readonly [resourceType: string, name: string]> =>
  [...paths].flatMap(([type, parameters]) => [...parameters.keys()].map((name) => [type, name] as const))
