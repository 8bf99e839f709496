/**
 * Conditional references (`Patient?identifier=x`) in what a client sends: the server resolves them by a search.
 *
 * @module
 */
import { resourceTypes } from './fhir-interaction.js'
import type { Need } from './missing-scopes.js'
import { referencesIn } from './references-in.js'

/** The conditional references in a body. */
const conditionalReferencesIn = (body: unknown): ReadonlyArray<string> =>
  referencesIn(body, { withPatches: true }).filter((reference) => reference.includes('?') && !reference.startsWith('#'))

/** The permission that a conditional reference needs. */
export const needOfReference = (reference: string): Need => {
  const type = reference.slice(0, reference.indexOf('?'))
  return { type: resourceTypes.has(type) ? type : null, permission: 's', isUnlimited: true }
}

/**
 * The permissions that conditional references in a body need. They must be unlimited, because the server that resolves
 * the references sees everything.
 */
export const conditionalReferences = (body: unknown): ReadonlyArray<Need> =>
  conditionalReferencesIn(body).map(needOfReference)
