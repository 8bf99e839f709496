/** Every public name of before the renames is still there, or stands in a table of docs/CHANGELOG.md. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as typescript from 'typescript'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

type Names = Readonly<Record<string, ReadonlyArray<string>>>

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly import: { readonly default: string } }>>
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const before = JSON.parse(read('test/data/public-names-before-renames.json')) as Names

/** The entry point of the fp-ts form of an entry point. */
const fpTsForm = (entry: string): string =>
  entry.startsWith('./adapters/') ? entry.replace('./', './fp-ts/') : './fp-ts'

/** The names that each entry point exports now; those of its fp-ts form too, which has kept the earlier names. */
const namesNow = (): Names => {
  const exported = exportedNow()
  return Object.fromEntries(
    Object.entries(exported).map(([entry, names]) => [entry, [...names, ...(exported[fpTsForm(entry)] ?? [])]])
  )
}

const exportedNow = (): Names => {
  const manifest = JSON.parse(read('package.json')) as Manifest
  const entries = Object.entries(manifest.exports).flatMap(([entry, target]) =>
    typeof target === 'string'
      ? []
      : [[entry, join(root, target.import.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts'))] as const]
  )
  const { config } = typescript.readConfigFile(join(root, 'tsconfig.json'), (path) =>
    typescript.sys.readFile(path)
  ) as {
    readonly config: unknown
  }
  const { options } = typescript.parseJsonConfigFileContent(config, typescript.sys, root)
  const program = typescript.createProgram(
    entries.map(([, file]) => file),
    options
  )
  const checker = program.getTypeChecker()
  return Object.fromEntries(
    entries.map(([entry, file]) => {
      const source = program.getSourceFile(file)
      const symbol = source === undefined ? undefined : checker.getSymbolAtLocation(source)
      return [entry, symbol === undefined ? [] : checker.getExportsOfModule(symbol).map(({ name }) => name)]
    })
  )
}

interface Row {
  readonly old: string
  /** Null where the name was removed. */
  readonly fresh: string | null
  readonly entries: ReadonlyArray<string>
}

/** The rows `| old | new | entry points |` of the changelog. */
const rowsOf = (page: string): ReadonlyArray<Row> =>
  [...page.matchAll(/^\| `([^`]+)` \| (?:`([^`]+)`|removed) \| ([^|]+) \|$/gm)].map(
    ([, old = '', fresh = null, entries = '']) => ({
      old,
      fresh,
      entries: [...entries.matchAll(/`([^`]+)`/g)].map(([, entry = '']) => entry)
    })
  )

/** What is wrong with the table: a name that is gone without a row, or a row that is not so. */
const complaintsAbout = (old: Names, now: Names, rows: ReadonlyArray<Row>): ReadonlyArray<string> => [
  ...Object.entries(old).flatMap(([entry, names]) =>
    names
      .filter((name) => !(now[entry] ?? []).includes(name))
      .filter((name) => !rows.some((row) => row.old === name && row.entries.includes(entry)))
      .map((name) => `${entry}: ${name} is gone, and no row says so`)
  ),
  ...rows
    // Members and tags stand in the table too; they are no exports.
    .filter(
      (row) => row.fresh !== null && /^\w+$/.test(row.fresh) && old[row.entries[0] ?? '']?.includes(row.old) === true
    )
    .flatMap((row) =>
      row.entries
        .filter((entry) => (old[entry] ?? []).includes(row.old) && !(now[entry] ?? []).includes(row.fresh ?? ''))
        .map((entry) => `${entry}: ${String(row.fresh)} is not exported, and a row says so`)
    )
]

describe('the table of renamed public names', () => {
  const now = namesNow()
  const rows = rowsOf(read('docs/CHANGELOG.md'))

  it('is complete and true', () => {
    expect(rows.length).toBeGreaterThan(20)
    expect(complaintsAbout(before, now, rows)).toEqual([])
  })

  it('is noticed when a row is missing or wrong', () => {
    const place = rows.findIndex(({ old }) => old === 'answerWith')
    expect(complaintsAbout(before, now, rows.toSpliced(place, 1))).toEqual([
      './server: answerWith is gone, and no row says so'
    ])
    const wrong = rows.map((row) => (row.old === 'answerWith' ? { ...row, fresh: 'noSuchName' } : row))
    expect(complaintsAbout(before, now, wrong)).toEqual(['./server: noSuchName is not exported, and a row says so'])
  })
})
