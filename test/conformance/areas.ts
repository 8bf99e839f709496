/** The areas of the conformance matrix, in the order of `docs/conformance.md`. */
import { authorize } from './authorize/authorize.js'
import { backendServices } from './token/backend.js'
import { clientOutside, clientRows } from './client/client.js'
import { clientAuthentication } from './client/client-auth.js'
import { context } from './context/context.js'
import { discovery } from './discovery/discovery.js'
import { fhirAccess } from './fhir-access.js'
import { identity } from './context/identity.js'
import { introspectionArea } from './token/introspection.js'
import { launch } from './authorize/launch.js'
import type { Area, Outside, Shown } from './matrix.js'
import { requirementsOf } from './matrix.js'
import { refreshing } from './token/refresh.js'
import { registration } from './registration.js'
import { revocationArea } from './token/revocation.js'
import { scopes } from './scopes.js'
import { security } from './security.js'
import { token } from './token/token.js'

const serverAreas: ReadonlyArray<Area> = [
  discovery,
  launch,
  authorize,
  token,
  refreshing,
  clientAuthentication,
  backendServices,
  scopes,
  context,
  identity,
  introspectionArea,
  revocationArea,
  fhirAccess,
  registration,
  security
]

/** What is left of rows or reasons when only some ids count. */
const only = <Row extends Shown | Outside>(
  rows: ReadonlyArray<Row>,
  counts: (id: string) => boolean
): ReadonlyArray<Row> =>
  rows.map((row) => ({ ...row, ids: row.ids.filter(counts) })).filter(({ ids }) => ids.length > 0)

/** With the rows of the app's side. What either side shows needs no reason, and one reason for an id is enough. */
const withTheApp = ({ area, shown, outside }: Area): Area => {
  const known = new Set(requirementsOf(area).map(({ id }) => id))
  const rows = [
    ...shown,
    ...only(clientRows, (id) => known.has(id)).map((row) => ({ ...row, by: `the app: ${row.by}` }))
  ]
  const rowed = new Set(rows.flatMap(({ ids }) => ids))
  const mine = only(outside, (id) => !rowed.has(id))
  const reasoned = new Set(mine.flatMap(({ ids }) => ids))
  return {
    area,
    shown: rows,
    outside: [...mine, ...only(clientOutside, (id) => known.has(id) && !rowed.has(id) && !reasoned.has(id))]
  }
}

/** Every area, with what the server and the app show. */
export const areas: ReadonlyArray<Area> = serverAreas.map(withTheApp)
