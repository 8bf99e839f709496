/** The checkers in the languages that are installed here. Each answers for every line that has a certificate. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check } from './check.js'
import type { LevelOrder } from './check.js'

/** A line of a vector file. */
export type Line = Readonly<Record<string, unknown>>

/** The types of parameters that a header has. */
export type TypeTable = Readonly<Record<string, Readonly<Record<string, string>>>>

const folder = import.meta.dirname

const isInstalled = (program: string): boolean => spawnSync(program, ['--version']).status === 0

/** The lines that are accepted, by id. */
export type Accepted = ReadonlySet<string>

/** A checker; `run` is null where its language is missing. */
export interface Checker {
  readonly language: string
  readonly run: ((lines: ReadonlyArray<Line>) => Accepted) | null
}

const idsOf = (output: string): Accepted =>
  new Set(
    output.split('\n').flatMap((line) => (line.endsWith(' accepted') ? [line.slice(0, -' accepted'.length)] : []))
  )

const runProgram = (program: string, parameters: ReadonlyArray<string>, lines: ReadonlyArray<Line>): Accepted => {
  const input = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  const { status, stdout, stderr } = spawnSync(program, parameters, { input, encoding: 'utf8', maxBuffer: 2 ** 28 })
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')}: ${stderr}`)
  return idsOf(stdout)
}

/** The type of a parameter by a table; null where the table does not have it. */
export const typeOfIn =
  (types: TypeTable) =>
  (type: string, name: string): string | null =>
    (Object.hasOwn(types, type) && Object.hasOwn(types[type]!, name) ? types[type]![name] : undefined) ?? null

const isAccepted = (line: Line, types: TypeTable): boolean => {
  const order = (line['levelOrder'] ?? []) as LevelOrder
  if ('certificate' in line)
    return check(line['granted'] as string, line['requested'] as string, line['certificate'], typeOfIn(types), order)
  return (line['certificates'] as ReadonlyArray<Record<'granted' | 'requested', string>>).every((one) =>
    check(one.granted, one.requested, one, typeOfIn(types), order)
  )
}

const inTypeScript = (lines: ReadonlyArray<Line>): Accepted => {
  const types = (lines[0]?.['types'] ?? {}) as TypeTable
  const certified = lines.filter((line) => 'certificate' in line || 'certificates' in line)
  return new Set(certified.filter((line) => isAccepted(line, types)).map(({ id }) => String(id)))
}

/** Compiles the checker in Java and returns how it is run. */
const inJava = (): Checker['run'] => {
  if (!isInstalled('javac') || !isInstalled('java')) return null
  const classes = mkdtempSync(join(tmpdir(), 'checker-'))
  const { status, stderr } = spawnSync('javac', ['-d', classes, join(folder, 'Check.java'), join(folder, 'Json.java')])
  if (status !== 0) throw new Error(String(stderr))
  return (lines) => runProgram('java', ['-cp', classes, 'Check'], lines)
}

/** All checkers. */
export const checkers = (): ReadonlyArray<Checker> => [
  { language: 'TypeScript', run: inTypeScript },
  {
    language: 'Python',
    run: isInstalled('python3') ? (lines) => runProgram('python3', [join(folder, 'check.py')], lines) : null
  },
  { language: 'Java', run: inJava() },
  {
    language: 'Ruby',
    run: isInstalled('ruby') ? (lines) => runProgram('ruby', [join(folder, 'check.rb')], lines) : null
  }
]
