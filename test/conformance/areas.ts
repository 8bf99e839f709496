/** The areas of the conformance matrix, in the order of `docs/conformance.md`. */
import { backendServices } from './backend.js'
import { clientAuthentication } from './client-auth.js'
import { introspectionArea } from './introspection.js'
import type { Area } from './matrix.js'
import { revocationArea } from './revocation.js'

export const areas: ReadonlyArray<Area> = [clientAuthentication, backendServices, introspectionArea, revocationArea]
