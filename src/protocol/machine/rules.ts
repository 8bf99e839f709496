/**
 * What a rule is: a named row that looks at facts and says what is wrong, or null.
 *
 * Rules stand in tables, in the order in which they are looked at. To add a rule is to add a row (see
 * `docs/adding-a-rule.md`).
 *
 * @module
 */

/** A rule: it says what is refused, or null when it holds. */
export interface Rule<Facts, Refused> {
  /** The name of the rule, unique in its table: lower case words with hyphens. */
  readonly name: string
  readonly check: (facts: Facts) => Refused | null
}

/** What the first broken rule says, in the order of the rows; null when all hold. */
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

/** What every broken rule says, in the order of the rows. */
export const allRefusals = <Facts, Refused>(
  rules: ReadonlyArray<Rule<Facts, Refused>>,
  facts: Facts
): ReadonlyArray<Refused> =>
  rules.flatMap(({ check }) => {
    const refused = check(facts)
    return refused === null ? [] : [refused]
  })
