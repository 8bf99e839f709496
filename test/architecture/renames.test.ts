/** Every public name, member and tag of before the renames is still there, or stands in docs/CHANGELOG.md. */
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

const membersBefore = JSON.parse(read('test/data/public-members-before-renames.json')) as Names

const isOurs = (symbol: typescript.Symbol): boolean =>
  (symbol.declarations ?? []).some(({ parent }) => parent.getSourceFile().fileName.startsWith(join(root, 'src')))

const alternativesOf = (type: typescript.Type): ReadonlyArray<typescript.Type> => (type.isUnion() ? type.types : [type])

const literalOf = (type: typescript.Type): ReadonlyArray<string> => (type.isStringLiteral() ? [`'${type.value}'`] : [])

/** The members (`Type.member`) and tags (`'Tag'`) of a public type, and the texts that it names. */
const membersOf = (checker: typescript.TypeChecker, symbol: typescript.Symbol): ReadonlyArray<string> => {
  const isAlias = (symbol.flags & typescript.SymbolFlags.Alias) !== 0
  const target = isAlias ? checker.getAliasedSymbol(symbol) : symbol
  if ((target.flags & (typescript.SymbolFlags.Interface | typescript.SymbolFlags.TypeAlias)) === 0) return []
  return alternativesOf(checker.getDeclaredTypeOfSymbol(target)).flatMap((alternative) => [
    ...literalOf(alternative),
    ...alternative
      .getProperties()
      .filter(isOurs)
      .flatMap((member) => [
        `${symbol.name}.${member.name}`,
        ...(member.name === '_tag' ? alternativesOf(checker.getTypeOfSymbol(member)).flatMap(literalOf) : [])
      ])
  ])
}

/** The entry point of the fp-ts form of an entry point. */
const fpTsForm = (entry: string): string =>
  entry.startsWith('./adapters/') ? entry.replace('./', './fp-ts/') : './fp-ts'

/** What an entry point and those below it export. */
const withParts = (exported: Names, entry: string): ReadonlyArray<string> =>
  Object.entries(exported)
    .filter(([one]) => one === entry || (entry !== '.' && one.startsWith(`${entry}/`)))
    .flatMap(([, names]) => names)

/**
 * What each entry point exports now; with the entry points below it, into which it was divided, and with its fp-ts
 * form, which has kept the earlier names.
 */
const withFpTsForm = (exported: Names): Names =>
  Object.fromEntries(
    Object.keys(exported).map((entry) => [entry, [...withParts(exported, entry), ...(exported[fpTsForm(entry)] ?? [])]])
  )

/** The names that each entry point exports now, and the members and tags of their types. */
const exportedNow = (): { readonly names: Names; readonly members: Names } => {
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
  const exported = entries.map(([entry, file]) => {
    const source = program.getSourceFile(file)
    const symbol = source === undefined ? undefined : checker.getSymbolAtLocation(source)
    return [entry, symbol === undefined ? [] : checker.getExportsOfModule(symbol)] as const
  })
  return {
    names: Object.fromEntries(exported.map(([entry, symbols]) => [entry, symbols.map(({ name }) => name)])),
    members: Object.fromEntries(
      exported.map(([entry, symbols]) => [entry, [...new Set(symbols.flatMap((one) => membersOf(checker, one)))]])
    )
  }
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

/**
 * What is wrong with the table for members and tags: one that is gone without a row, or a row that names a new one that
 * is not there. Members of a type that is gone itself need no rows.
 */
const memberComplaints = (old: Names, now: Names, rows: ReadonlyArray<Row>): ReadonlyArray<string> =>
  Object.entries(old).flatMap(([entry, members]) => {
    const there = new Set(now[entry] ?? [])
    const types = new Set([...there].map((member) => member.split('.')[0]))
    return members
      .filter((member) => !there.has(member) && (member.startsWith("'") || types.has(member.split('.')[0])))
      .flatMap((member) => {
        const row = rows.find((one) => one.old === member && one.entries.includes(entry))
        if (row === undefined) return [`${entry}: ${member} is gone, and no row says so`]
        return row.fresh === null || there.has(row.fresh)
          ? []
          : [`${entry}: ${row.fresh} is no member, and a row says so`]
      })
  })

describe('the table of renamed public names', () => {
  const exported = exportedNow()
  const now = withFpTsForm(exported.names)
  const membersNow = withFpTsForm(exported.members)
  const rows = rowsOf(read('docs/CHANGELOG.md'))

  it('is complete and true', () => {
    expect(rows.length).toBeGreaterThan(20)
    expect(complaintsAbout(before, now, rows)).toEqual([])
  })

  it('is complete and true for members and tags', () => {
    expect(Object.values(membersBefore).flat().length).toBeGreaterThan(500)
    expect(memberComplaints(membersBefore, membersNow, rows)).toEqual([])
  })

  it('is noticed when a row of a member or tag is missing or wrong', () => {
    const without = rows.filter(({ old }) => old !== 'Conversation.asked' && old !== "'parameter-not-judged'")
    expect(memberComplaints(membersBefore, membersNow, without)).toEqual([
      './server: Conversation.asked is gone, and no row says so',
      "./resource: 'parameter-not-judged' is gone, and no row says so",
      "./fp-ts: 'parameter-not-judged' is gone, and no row says so",
      './fp-ts: Conversation.asked is gone, and no row says so'
    ])
    const wrong = rows.map((row) => (row.old === 'Conversation.asked' ? { ...row, fresh: 'Conversation.other' } : row))
    expect(memberComplaints(membersBefore, membersNow, wrong)).toEqual([
      './server: Conversation.other is no member, and a row says so',
      './fp-ts: Conversation.other is no member, and a row says so'
    ])
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
