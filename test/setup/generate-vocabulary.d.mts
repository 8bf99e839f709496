/** The text of `src/values/fhir-r4/parameters.ts`. */
export const text: string

/** The text of `src/values/fhir-r4/compartment.ts`. */
export const compartmentText: string

/** The text of `src/values/fhir-r4/paths.ts`. */
export const pathsText: string
