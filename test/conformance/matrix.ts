/**
 * The conformance matrix: a row for every requirement of the specification, and what shows that it is met.
 *
 * `requirements.json` holds the requirements, with ids that are never given anew. A file per area holds rows that run;
 * what no library can decide, or what this one leaves to its host, is declared outside, with the reason.
 * `docs/conformance.md` is generated from both.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

/** A requirement of the specification. */
export interface Requirement {
  readonly id: string
  /** The release that states it, or the RFC. */
  readonly version: string
  readonly page: string
  readonly anchor: string
  readonly actor: string
  readonly level: string
  readonly area: string
  readonly requirement: string
  readonly check: string
  /** Whether a library can decide it at all. */
  readonly in_engine: boolean
}

/** Something that runs, and the requirements that it shows. */
export interface Shown {
  readonly ids: ReadonlyArray<string>
  /** What is shown, as a sentence. */
  readonly by: string
  /** Fails when the requirement is not met. */
  readonly run: () => Promise<void> | void
}

/** Requirements that are not shown here. */
export interface Outside {
  readonly ids: ReadonlyArray<string>
  /** Whose it is, and why. */
  readonly why: string
}

/** A row; the ids stand in one text, with blanks between them. */
export const row = (ids: string, by: string, run: Shown['run']): Shown => ({ ids: ids.split(' '), by, run })

/** A reason; the ids stand in one text, with blanks between them. */
export const outside = (ids: string, why: string): Outside => ({ ids: ids.split(' '), why })

/** The rows of one area. */
export interface Area {
  readonly area: string
  readonly shown: ReadonlyArray<Shown>
  readonly outside: ReadonlyArray<Outside>
}

/** Every requirement, of every area. */
export const allRequirements = JSON.parse(
  readFileSync(join(import.meta.dirname, 'requirements.json'), 'utf8')
) as ReadonlyArray<Requirement>

/** The requirements of an area, in the order of their ids. */
export const requirementsOf = (area: string): ReadonlyArray<Requirement> =>
  allRequirements.filter((one) => one.area === area)

/** Declares the tests of an area: every requirement has its row or its reason, and every row holds. */
export const conformance = ({ area, shown, outside }: Area): void => {
  describe(`conformance: ${area}`, () => {
    it('has a row or a reason for every requirement, and none for what is no requirement', () => {
      const rowed = shown.flatMap(({ ids }) => ids)
      const reasoned = outside.flatMap(({ ids }) => ids)
      const known = requirementsOf(area).map(({ id }) => id)
      expect(known.filter((id) => !rowed.includes(id) && !reasoned.includes(id))).toEqual([])
      expect([...rowed, ...reasoned].filter((id) => !known.includes(id))).toEqual([])
      expect(rowed.filter((id) => reasoned.includes(id))).toEqual([])
    })

    for (const { ids, by, run } of shown) it(`${ids.join(', ')}: ${by}`, run)
  })
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** The page `docs/conformance.md`. */
export const conformancePage = (areas: ReadonlyArray<Area>, note: string): string =>
  [
    '# What shows that the specification is met',
    '',
    note,
    'A row names a requirement of SMART App Launch (2.0.0 where nothing else is said), or of an RFC that it rests on,',
    'and the test that fails when it is not met. What is *outside* is not for a library to decide, or is left to the',
    'host, for the reason that stands there.',
    '',
    '| area | requirements | shown | outside |',
    '|---|---|---|---|',
    ...areas.map(({ area, shown, outside }) => {
      const [all, rowed, reasoned] = [
        requirementsOf(area),
        new Set(shown.flatMap(({ ids }) => ids)),
        new Set(outside.flatMap(({ ids }) => ids))
      ]
      return `| [${area}](#${area}) | ${String(all.length)} | ${String(rowed.size)} | ${String(reasoned.size)} |`
    }),
    ...areas.flatMap(({ area, shown, outside }) => [
      '',
      `## ${area}`,
      '',
      '| id | level | requirement | shown by |',
      '|---|---|---|---|',
      ...requirementsOf(area).map(({ id, version, level, requirement }) => {
        const rows = shown.filter(({ ids }) => ids.includes(id)).map(({ by }) => by)
        const reasons = outside.filter(({ ids }) => ids.includes(id)).map(({ why }) => `*outside*: ${why}`)
        const release = version === '2.0.0' ? '' : ` (${version})`
        return `| ${id} | ${level}${release} | ${cell(requirement)} | ${cell([...rows, ...reasons].join('; '))} |`
      })
    ]),
    ''
  ].join('\n')
