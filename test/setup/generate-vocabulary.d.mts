/** The generated tables of the FHIR releases: the text of each file by its path from the root. */
export const files: Readonly<Record<string, string>>
