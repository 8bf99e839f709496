/**
 * The order of the levels that a caller declares: which level includes which, and what two levels have in common. The
 * definition (`permits.ts`) does not use this module; it computes the same independently.
 *
 * @module
 */
import type { LevelOrder } from './permits.js'
import type { Level } from './scope.js'

const levels: ReadonlyArray<Level> = ['patient', 'user', 'system']

/** The levels that a level includes, itself first. */
const includedIn = (level: Level, order: LevelOrder): ReadonlyArray<Level> => {
  const found: Array<Level> = [level]
  for (const reached of found) {
    for (const [wider, narrower] of order) if (wider === reached && !found.includes(narrower)) found.push(narrower)
  }
  return found
}

/** Whether one level includes another, directly or through other levels. */
export const includesLevel = (order: LevelOrder, wider: Level, narrower: Level): boolean =>
  wider === narrower || (order.length > 0 && includedIn(wider, order).includes(narrower))

/** The levels that include a level, itself first. */
export const includingLevels = (level: Level, order: LevelOrder): ReadonlyArray<Level> => [
  level,
  ...levels.filter((wider) => wider !== level && includesLevel(order, wider, level))
]

/** The representative of the levels that include each other: the level itself, unless the order has a cycle. */
export const representative = (level: Level, order: LevelOrder): Level =>
  levels.find((other) => includesLevel(order, other, level) && includesLevel(order, level, other)) ?? level

/** The widest levels that two levels both include; empty when no level is included in both. */
export const commonLevels = (one: Level, other: Level, order: LevelOrder): ReadonlyArray<Level> => {
  if (one === other) return [one]
  const common = levels.filter((level) => includesLevel(order, one, level) && includesLevel(order, other, level))
  return common.filter(
    (level) =>
      representative(level, order) === level &&
      !common.some((wider) => includesLevel(order, wider, level) && !includesLevel(order, level, wider))
  )
}
