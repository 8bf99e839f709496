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

/** The misbehaviors in groups by the step of a launch, for a list to choose from. */
export const misbehaviorGroups: ReadonlyArray<{
  readonly title: string
  /** Where the record system does something wrong. */
  readonly about: string
  readonly rows: ReadonlyArray<Misbehavior>
}> = [
  {
    title: 'Discovery',
    about: 'In the launch from the record system, the discovery documents and the keys.',
    rows: discoveryRows
  },
  { title: 'Authorization', about: 'At the authorization endpoint, and in its response.', rows: authorizationRows },
  { title: 'Tokens', about: 'At the token endpoint, for a code, a refresh token or a service.', rows: tokenRows },
  { title: 'Identity', about: 'In the id_token.', rows: identityRows },
  { title: 'FHIR server', about: 'At the FHIR server, and in what names its resources.', rows: fhirRows }
]
