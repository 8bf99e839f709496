/**
 * All FHIR releases as one: a question about scopes alone is not about one server.
 */
import type { FhirRelease } from '../../protocol/access/release.js'
import { fhirReleases } from '../../protocol/access/releases.js'
import { readParameterTable } from '../../scopes/vocabulary.js'
import { earlierCompartment, earlierParameters, earlierTypeNames } from '../../values/fhir-earlier/types.js'
import { commonParameters } from '../../values/fhir-r4/parameters.js'
import { ownMember } from '../../values/own.js'

/** The releases with tables of their own, newest first. */
const newestFirst: ReadonlyArray<FhirRelease> = [fhirReleases.R5, fhirReleases.R4B, fhirReleases.R4]

/**
 * The release that knows the types of all releases, those of DSTU2 and STU3 included. What R4 defines is as in R4,
 * except that a type is in a patient's compartment if any release has it there; the rest is as in the newest release
 * that has the type.
 */
export const everyRelease = (): FhirRelease => {
  const earlierTypes = new Set(earlierTypeNames.split(' '))
  const earlier = readParameterTable(commonParameters, earlierParameters)
  const releaseOfType = (type: string): FhirRelease =>
    fhirReleases.R4.types.has(type)
      ? fhirReleases.R4
      : (newestFirst.find(({ types }) => types.has(type)) ?? fhirReleases.R4)
  const types = new Set([...newestFirst.flatMap((release) => [...release.types]), ...earlierTypes])
  const vocabulary: FhirRelease['vocabulary'] = {
    knows: (type) => types.has(type),
    typeOf: (type, name) => {
      const known = releaseOfType(type).vocabulary.typeOf(type, name)
      return known === 'other' && earlierTypes.has(type) ? (earlier.get(type)?.get(name) ?? 'other') : known
    }
  }
  const compartmentOf = (type: string): ReadonlyArray<string> =>
    newestFirst.map(({ compartments }) => compartments.Patient.get(type)).find((names) => names !== undefined) ??
    ownMember(earlierCompartment, type)?.split(' ') ??
    []
  return {
    name: 'all',
    version: '',
    types,
    vocabulary,
    vocabularyWith: () => vocabulary,
    elements: fhirReleases.R4.elements,
    compartments: { Patient: new Map([...types].map((type) => [type, compartmentOf(type)])) },
    paths: new Map(
      ['Resource', ...types].flatMap((type) => {
        const paths = releaseOfType(type).paths.get(type)
        return paths === undefined ? [] : [[type, paths] as const]
      })
    )
  }
}
