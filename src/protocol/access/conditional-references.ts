/**
 * Conditional references (`Patient?identifier=x`) in what a client sends: the server resolves them by a search.
 *
 * @module
 */
import type { FhirRelease } from './release.js'
import { releaseIn } from './release.js'
import type { Need } from './missing-scopes.js'
import { referencesIn } from './references-in.js'
import { noMembers } from '../../values/own.js'

/** The conditional references in a body. */
const conditionalReferencesIn = (body: unknown): ReadonlyArray<string> =>
  referencesIn(body, { withPatches: true }).filter((reference) => reference.includes('?') && !reference.startsWith('#'))

/** The permission that a conditional reference needs. */
export const needOfReference = (reference: string, rules: { readonly release?: FhirRelease } = noMembers): Need => {
  const type = reference.slice(0, reference.indexOf('?'))
  return { type: releaseIn(rules).types.has(type) ? type : null, permission: 's', isUnlimited: true }
}

/**
 * The permissions that conditional references in a body need. They must be unlimited, because the server that resolves
 * the references sees everything.
 */
export const conditionalReferences = (
  body: unknown,
  rules: { readonly release?: FhirRelease } = noMembers
): ReadonlyArray<Need> => conditionalReferencesIn(body).map((reference) => needOfReference(reference, rules))
