/** The areas of the conformance matrix, in the order of `docs/conformance.md`. */
import { introspectionArea } from './introspection.js'
import type { Area } from './matrix.js'
import { revocationArea } from './revocation.js'

export const areas: ReadonlyArray<Area> = [introspectionArea, revocationArea]
