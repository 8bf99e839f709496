/**
 * The rule tables: all are listed, their rows have names, and no row can go without a test that fails.
 *
 * The tests of a table run once, and each of them again without each row that refused something in it (see
 * `test/setup/dropped-rules-runner.ts`). `RULES=long` does so for every table, and `RULES=` with names of tables,
 * separated by commas, for these. Otherwise one table is chosen, another each day.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ruleTables } from './rule-tables.js'

const root = join(import.meta.dirname, '..', '..')

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts')
)

/** The rule tables that a source file declares. */
const declaredIn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^(?:export )?const (\w+): ReadonlyArray<\s*\w*Rule\b/gm)].map(([, table]) => table ?? '')

/** What a source file gives to the functions that check rules. */
const checkedIn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/\b(?:firstRefusal|allRefusals|firstDenial|firstBroken)\(\s*([^,]+?)\s*,/g)].map(
    ([, table]) => table ?? ''
  )

const texts = sources.map((name) => ({
  file: `src/${name.replaceAll('\\', '/')}`,
  text: readFileSync(join(root, 'src', name), 'utf8')
}))

describe('rule tables', () => {
  it('are all listed', () => {
    const declared = texts.flatMap(({ file, text }) => declaredIn(text).map((table) => `${file}#${table}`))
    expect(ruleTables.map(({ file, table }) => `${file}#${table}`).toSorted()).toEqual(declared.toSorted())
  })

  it('are what the sources check, and each is checked', () => {
    const checked = new Set(texts.flatMap(({ text }) => checkedIn(text)))
    expect([...checked].toSorted()).toEqual(ruleTables.map(({ table }) => table).toSorted())
  })

  it('are noticed in the forms in which they are written', () => {
    expect(
      declaredIn('const a: ReadonlyArray<\n  Rule<A, B>\n> = []\nexport const b: ReadonlyArray<ARule> = []')
    ).toEqual(['a', 'b'])
    expect(checkedIn('firstRefusal(a, facts) ?? allRefusals([{ name: b }], {})')).toEqual(['a', '[{ name: b }]'])
  })

  it.each(ruleTables)('$table has rows with names of their own', ({ rows }) => {
    expect(rows.filter((name) => !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name))).toEqual([])
    expect(rows.length).toBeGreaterThan(0)
    expect(new Set(rows).size).toBe(rows.length)
  })
})

const mode = process.env['RULES'] ?? 'sample'

const rowsOf = (tables: typeof ruleTables): ReadonlyArray<string> =>
  tables.flatMap(({ file, table, rows }) => rows.map((row) => `${file}#${table}/${row}`))

/** The tables of a sample: others with each day. */
const sampled = (seed: number): typeof ruleTables => {
  const table = ruleTables[seed % ruleTables.length]
  return table === undefined ? [] : [table]
}

const chosen =
  mode === 'long'
    ? ruleTables
    : mode === 'sample'
      ? sampled(Math.floor(Date.now() / 86_400_000))
      : ruleTables.filter(({ table }) => mode.split(',').includes(table))

/** The rows that a test caught, by name, after one run of the tests of some tables. */
const caughtRows = async (tables: typeof ruleTables): Promise<ReadonlySet<string>> => {
  const folder = mkdtempSync(join(tmpdir(), 'dropped-rules-'))
  const report = join(folder, 'report')
  writeFileSync(report, '')
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const suites = [...new Set(tables.flatMap((table) => table.suites))]
  await new Promise<void>((resolve, reject) => {
    execFile(
      process.execPath,
      [vitest, 'run', '--config', join(root, 'test', 'vitest.config.ts'), '--project', 'tests', ...suites],
      {
        cwd: root,
        env: {
          ...process.env,
          RULE_ROWS: JSON.stringify(
            Object.fromEntries(tables.flatMap((table) => rowsOf([table]).map((row) => [row, table.suites])))
          ),
          RULE_REPORT: report,
          NO_COLOR: '1',
          FORCE_COLOR: undefined
        },
        maxBuffer: 2 ** 26
      },
      (error, stdout, stderr) => {
        // Every test must pass with all rows, or a failure without one says nothing.
        if (error === null) resolve()
        else reject(new Error(`${stdout}${stderr}`))
      }
    )
  })
  const lines = readFileSync(report, 'utf8').split('\n')
  rmSync(folder, { recursive: true, force: true })
  return new Set(lines.flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { readonly row: string }).row])))
}

describe('a rule that is missing is noticed', () => {
  it(`in each row of: ${chosen.map(({ table }) => table).join(', ')}`, async () => {
    const rows = rowsOf(chosen)
    const caught = await caughtRows(chosen)
    console.log(`${String(rows.length)} rows of rule tables dropped, ${String(caught.size)} caught by a test`)
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.filter((row) => !caught.has(row))).toEqual([])
  }, 3_600_000)
})
