/** The table of all misbehaviors of the EHR, in the order of a launch. */
import type { Misbehavior } from './misbehavior.js'
import { authorizationRows } from './authorization-rows.js'
import { discoveryRows } from './discovery-rows.js'
import { fhirRows } from './fhir-rows.js'
import { identityRows } from './identity-rows.js'
import { tokenRows } from './token-rows.js'

/** All misbehaviors. */
export const misbehaviors: ReadonlyArray<Misbehavior> = [
  ...discoveryRows,
  ...authorizationRows,
  ...tokenRows,
  ...identityRows,
  ...fhirRows
]

/** Their names. */
export const misbehaviorNames: ReadonlyArray<string> = misbehaviors.map(({ name }) => name)

/** The misbehavior of that name; null when there is none. */
export const misbehaviorNamed = (name: string): Misbehavior | null =>
  misbehaviors.find((row) => row.name === name) ?? null

/** The misbehaviors in groups, for a list to choose from. */
export const misbehaviorGroups: ReadonlyArray<{
  readonly title: string
  readonly rows: ReadonlyArray<Misbehavior>
}> = [
  { title: 'Discovery', rows: discoveryRows },
  { title: 'Authorization', rows: authorizationRows },
  { title: 'Tokens', rows: tokenRows },
  { title: 'Identity', rows: identityRows },
  { title: 'FHIR server', rows: fhirRows }
]
