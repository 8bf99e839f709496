/**
 * The rule tables: all are listed, their rows have names, and no row can go without a test that fails.
 *
 * `RULES=long` takes out every row, one after the other, and runs the tests that belong to its table; `RULES=` and the
 * name of a table does so for this table. Otherwise a few rows are taken out, others with each day.
 */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ruleTables } from './rule-tables.js'

const root = join(import.meta.dirname, '..', '..')

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts')
)

/** The rule tables that the sources declare. */
const declared = sources.flatMap((name) =>
  [
    ...readFileSync(join(root, 'src', name), 'utf8').matchAll(/^(?:export )?const (\w+): ReadonlyArray<\s*\w*Rule\b/gm)
  ].map(([, table]) => `src/${name}#${table ?? ''}`)
)

describe('rule tables', () => {
  it('are all listed', () => {
    expect(ruleTables.map(({ file, table }) => `${file}#${table}`).toSorted()).toEqual(declared.toSorted())
  })

  it.each(ruleTables)('$table has rows with names of their own', ({ rows }) => {
    expect(rows.filter((name) => !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name))).toEqual([])
    expect(rows.length).toBeGreaterThan(0)
    expect(new Set(rows).size).toBe(rows.length)
  })
})

const mode = process.env['RULES'] ?? 'sample'

interface Row {
  readonly row: string
  readonly suites: ReadonlyArray<string>
}

const rowsOf = (tables: typeof ruleTables): ReadonlyArray<Row> =>
  tables.flatMap(({ file, table, rows, suites }) => rows.map((row) => ({ row: `${file}#${table}/${row}`, suites })))

const sampleSize = 4

/** A few rows, spread over the tables, with the tests of single rows alone: they take little time. */
const sampled = (seed: number): ReadonlyArray<Row> => {
  const rows = rowsOf(ruleTables.map((table) => ({ ...table, suites: table.suites.slice(0, 1) })))
  const step = Math.max(1, Math.floor(rows.length / sampleSize))
  return rows.filter((_row, index) => index % step === seed % step).slice(0, sampleSize)
}

const chosen =
  mode === 'long'
    ? rowsOf(ruleTables)
    : mode === 'sample'
      ? sampled(Math.floor(Date.now() / 86_400_000))
      : rowsOf(ruleTables.filter(({ table }) => table === mode))

/** What the tests of a table say without one of its rows. */
const withoutRow = async ({ row, suites }: Row): Promise<string> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [
        join(root, 'node_modules', 'vitest', 'vitest.mjs'),
        'run',
        '--config',
        join(root, 'test', 'vitest.config.ts'),
        '--project',
        'tests',
        '--bail',
        '1',
        ...suites
      ],
      {
        cwd: root,
        env: { ...process.env, DROPPED_RULE: row, NO_COLOR: '1', FORCE_COLOR: undefined },
        maxBuffer: 2 ** 26
      },
      (_error, stdout, stderr) => {
        resolve(`${stdout}${stderr}`)
      }
    )
  })

describe.sequential('a rule that is missing is noticed', () => {
  it.each(chosen)(
    '$row',
    async (row) => {
      // A test failed, and not the loading of a file.
      expect(await withoutRow(row)).toMatch(/^ *Tests +[0-9]+ failed/m)
    },
    600_000
  )
})
