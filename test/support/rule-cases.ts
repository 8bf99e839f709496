/** Rule tables, a case for each row. */
import { describe, expect, it } from 'vitest'
import type { Rule } from '../../src/protocol/machine/rules.js'
import { firstRefusal } from '../../src/protocol/machine/rules.js'

/** A rule, and what breaks it. */
export type RuleCase = readonly [rule: string, change: object]

/** The first broken rule is reported, or every one. */
type Reported = 'first' | 'all'

/** Tests of a table: a case for each rule, and none that breaks without reason. */
export const rulesOf = <Facts>(
  table: string,
  reported: Reported,
  rules: ReadonlyArray<Rule<Facts, unknown>>,
  factsWith: (change: object) => Facts,
  cases: ReadonlyArray<RuleCase>
): void => {
  const broken = (change: object): ReadonlyArray<string> => {
    const facts = factsWith(change)
    const isBroken = ({ check }: Rule<Facts, unknown>): boolean => check(facts) !== null
    const found = reported === 'all' ? rules.filter(isBroken) : [rules.find(isBroken)]
    return found.flatMap((rule) => (rule === undefined ? [] : [rule.name]))
  }
  describe(table, () => {
    it('has rules that can all be kept', () => {
      expect(broken({})).toEqual([])
    })

    it.each(cases)('%s', (rule, change) => {
      expect(broken(change)).toContain(rule)
    })

    // The names of the rows do not matter here: an input that breaks a rule has a refusal. When a row is dropped, only
    // these tests of a table count (`test/setup/dropped-rules-runner.ts`).
    it.each(cases)('refuses the input that breaks %s', (_rule, change) => {
      expect(firstRefusal(rules, factsWith({}))).toBeNull()
      expect(firstRefusal(rules, factsWith(change))).not.toBeNull()
    })

    it('has a case for each rule', () => {
      expect(cases.map(([rule]) => rule).toSorted()).toEqual(rules.map(({ name }) => name).toSorted())
    })
  })
}
