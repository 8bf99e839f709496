/** Facts of rules that differ in some members, and the cases of tables whose first broken rule is reported. */
import type { RuleCase } from './rule-cases.js'
import { rulesOf } from './rule-cases.js'
import type { Rule } from '../../src/protocol/machine/rules.js'
import { isObject } from '../../src/values/object.js'

/** Facts in which some members differ; objects differ by their members. */
export const changed = (facts: object, change: object): object => ({
  ...facts,
  ...Object.fromEntries(
    Object.entries(change).map(([name, value]: readonly [string, unknown]) => {
      const old: unknown = Object.entries(facts).find(([member]) => member === name)?.[1]
      return [name, isObject(old) && isObject(value) && !(value instanceof Map) ? changed(old, value) : value]
    })
  )
})

/** The cases of a table whose first broken rule is reported. */
export const firstOf = <Facts>(
  table: string,
  rules: ReadonlyArray<Rule<Facts, unknown>>,
  sound: object,
  cases: ReadonlyArray<RuleCase>
): void => {
  rulesOf(table, 'first', rules, (change) => changed(sound, change) as Facts, cases)
}
