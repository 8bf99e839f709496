/**
 * A rule is a named row with a check of facts. The check returns the refusal, or null.
 *
 * Rules are rows of tables, in the order in which they are checked. To add a rule, add a row (see
 * `docs/adding-a-rule.md`).
 *
 * @module
 */

/** A rule: `check` returns the refusal, or null when the rule holds. */
export interface Rule<Facts, Refused> {
  /** The name of the rule, unique in its table: lower case words with hyphens. */
  readonly name: string
  readonly check: (facts: Facts) => Refused | null
}

/** The refusal of the first broken rule, in the order of the rows; null when all rules hold. */
export const firstRefusal = <Facts, Refused>(
  rules: ReadonlyArray<Rule<Facts, Refused>>,
  facts: Facts
): Refused | null => {
  for (const { check } of rules) {
    const refused = check(facts)
    if (refused !== null) return refused
  }
  return null
}

/** The refusals of all broken rules, in the order of the rows. */
export const allRefusals = <Facts, Refused>(
  rules: ReadonlyArray<Rule<Facts, Refused>>,
  facts: Facts
): ReadonlyArray<Refused> =>
  rules.flatMap(({ check }) => {
    const refused = check(facts)
    return refused === null ? [] : [refused]
  })
