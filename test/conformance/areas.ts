/** The areas of the conformance matrix, in the order of `docs/conformance.md`. */
import { authorize } from './authorize.js'
import { context } from './context.js'
import type { Area } from './matrix.js'
import { refreshing } from './refresh.js'
import { token } from './token.js'

export const areas: ReadonlyArray<Area> = [authorize, token, refreshing, context]
