/**
 * A FHIR resource for an access: an example of what one scope set opens and the other does not.
 *
 * @module
 */
import { readClause } from '../protocol/access/search/clauses.js'
import type { Resource } from '../protocol/access/fhir-interaction.js'
import { pathsOf } from '../protocol/access/search/paths.js'
import type { PlacedClause } from '../protocol/access/search/witness.js'
import { witnessFor } from '../protocol/access/search/witness.js'
import { isAtom } from '../scopes/permits.js'
import type { Access } from '../scopes/permits.js'
import { fhirR4 } from '../scopes/vocabulary.js'

/** A resource, and the search parameters whose values it does not show. */
export interface ExampleResource {
  readonly resource: Resource
  readonly notShown: ReadonlyArray<string>
}

const placedClause = (type: string, name: string, indexed: string): PlacedClause | null => {
  const clause = readClause(fhirR4, type, { name, modifier: null, values: [indexed], text: `${name}=${indexed}` })
  const paths = pathsOf(type, name)
  if (clause.condition._tag === 'Opaque' || paths.length === 0) return null
  return witnessFor(type, [{ clause, paths }]) === null ? null : { clause, paths }
}

/** The example for an access to a resource; null for a scope that permits only itself. */
export const exampleResource = (access: Access): ExampleResource | null => {
  if (isAtom(access)) return null
  const { type, resource: index } = access
  const clauses = Object.entries(index).map(
    ([name, values]) => [name, values.map((indexed) => placedClause(type, name, indexed))] as const
  )
  const shownClauses = clauses.flatMap(([, placed]) => placed.filter((one) => one !== null))
  const resource = witnessFor(type, shownClauses)
  const hidden = clauses.flatMap(([name, placed]) => (placed.includes(null) ? [name] : []))
  return resource === null
    ? { resource: { resourceType: type }, notShown: Object.keys(index) }
    : { resource, notShown: hidden }
}
