/** The text of `src/values/fhir-r4-parameters.ts`. */
export const text: string
