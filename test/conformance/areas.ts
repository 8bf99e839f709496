/** The areas of the conformance matrix, in the order of `docs/conformance.md`. */
import type { Area } from './matrix.js'

export const areas: ReadonlyArray<Area> = []
