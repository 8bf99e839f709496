/** The areas of the conformance matrix, in the order of `docs/conformance.md`. */
import { authorize } from './authorize.js'
import { context } from './context.js'
import { discovery } from './discovery.js'
import { identity } from './identity.js'
import { launch } from './launch.js'
import type { Area } from './matrix.js'
import { refreshing } from './refresh.js'
import { scopes } from './scopes.js'
import { security } from './security.js'
import { token } from './token.js'

export const areas: ReadonlyArray<Area> = [discovery, launch, authorize, token, refreshing, scopes, context, identity, security]
