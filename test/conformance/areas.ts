/** The areas of the conformance matrix, in the order of `docs/conformance.md`. */
import { authorize } from './authorize.js'
import { backendServices } from './backend.js'
import { clientAuthentication } from './client-auth.js'
import { context } from './context.js'
import { discovery } from './discovery.js'
import { identity } from './identity.js'
import { introspectionArea } from './introspection.js'
import { launch } from './launch.js'
import type { Area } from './matrix.js'
import { refreshing } from './refresh.js'
import { revocationArea } from './revocation.js'
import { scopes } from './scopes.js'
import { security } from './security.js'
import { token } from './token.js'

export const areas: ReadonlyArray<Area> = [
  discovery, launch, authorize, token, refreshing, clientAuthentication, backendServices, scopes, context, identity,
  introspectionArea, revocationArea, security
]
