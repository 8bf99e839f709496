import type { LinearRow } from './row.js'
import { workOf } from './work.js'

/** The operations at a size and at its double. */
export interface Growth {
  readonly small: number
  readonly large: number
  readonly ratio: number
}

/** How the work of a row grows. */
export const growthOf = async ({ of, size = 200 }: LinearRow): Promise<Growth> => {
  await workOf(await of(4))
  const small = await workOf(await of(size))
  const large = await workOf(await of(2 * size))
  return { small, large, ratio: large / small }
}
