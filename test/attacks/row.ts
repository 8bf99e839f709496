/**
 * The catalog of attacks as a table of rows: what is sent, and what must come of it.
 *
 * Every case of a group in `cases.json` has a row, every row runs all the variants that the case names, and each
 * variant runs twice: in a fresh world, and in one that has a history. Positive controls stand beside the attacks, so
 * that a server that refuses everything does not pass.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Fixture, FixtureOptions } from '../support/server-fixture.js'
import { bodyOf, exchange, newFixture, obtainCode, refresh } from '../support/server-fixture.js'

/** One case of the catalog. */
export interface AttackCase {
  readonly id: string
  readonly endpoint: string
  readonly title: string
  /** What is sent; variants are separated by ` ; `. */
  readonly input: string
  readonly variants: number
  readonly severity: string
  readonly kind: string
  readonly layer: string
  readonly source: ReadonlyArray<string>
}

/** One spelling of an attack. */
export interface Variant {
  /** What is sent, in the catalog's words or clearer ones. */
  readonly name: string
  /** Asserts status, OAuth error, redirect or not, and what happened to the store. */
  readonly run: (fixture: Fixture) => Promise<void> | void
}

/** A case of the catalog, and how it is shown. */
export interface AttackRow {
  readonly id: string
  readonly variants: ReadonlyArray<Variant>
  /** What the world of this row is like, where it is not the plain one. */
  readonly fixture?: FixtureOptions
  /** Where our answer differs from the catalog's: why, in one line. */
  readonly differs?: string
  /** Why the variants run once only: the row makes its own world, or has none (a host, a parser). */
  readonly once?: string
}

/** The rows of one group of the catalog. */
export interface AttackGroup {
  readonly endpoint: string
  readonly rows: ReadonlyArray<AttackRow>
  /** What must succeed in the same world, or the refusals mean nothing. */
  readonly controls: ReadonlyArray<Variant>
}

const cases = JSON.parse(readFileSync(join(import.meta.dirname, 'cases.json'), 'utf8')) as ReadonlyArray<AttackCase>

/** The cases of a group. */
export const casesOf = (endpoint: string): ReadonlyArray<AttackCase> => cases.filter((one) => one.endpoint === endpoint)

/** A world in which one grant is alive and refreshed, one was replayed, and one is still being talked about. */
const withHistory = async (fixture: Fixture): Promise<Fixture> => {
  const first = await exchange(fixture, await obtainCode(fixture))
  await refresh(fixture, String(bodyOf(first)['refresh_token']))
  const replayed = await obtainCode(fixture)
  await exchange(fixture, replayed)
  await exchange(fixture, replayed)
  await obtainCode(fixture)
  return fixture
}

const isNegative = ({ kind }: AttackCase): boolean => kind !== 'positive' && kind !== 'property'

/** Declares the tests of a group. */
export const attackGroup = ({ endpoint, rows, controls }: AttackGroup): void => {
  describe(`attacks: ${endpoint}`, () => {
    const known = casesOf(endpoint)

    it('has a row for every case of the catalog, with all its variants, and controls beside them', () => {
      const variantsOf = (id: string): number => rows.find((row) => row.id === id)?.variants.length ?? 0
      expect(rows.map(({ id }) => id).toSorted()).toEqual(known.map(({ id }) => id).toSorted())
      expect(known.filter(({ id, variants }) => variantsOf(id) < variants).map(({ id }) => id)).toEqual([])
      expect(known.some(isNegative) && controls.length === 0).toBe(false)
    })

    for (const control of controls) {
      it(`control: ${control.name}`, async () => {
        await control.run(newFixture())
      })
    }

    for (const row of rows) {
      const title = known.find(({ id }) => id === row.id)?.title ?? ''
      describe(`${row.id} ${title}`, () => {
        for (const variant of row.variants) {
          // What runs once is large: a host, every source file, or every schedule.
          it(
            variant.name,
            async () => {
              await variant.run(newFixture(row.fixture))
            },
            row.once === undefined ? 20_000 : 120_000
          )
          if (row.once === undefined) {
            it(`${variant.name} (in a world with a history)`, async () => {
              await variant.run(await withHistory(newFixture(row.fixture)))
            })
          }
        }
      })
    }
  })
}
