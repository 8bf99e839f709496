/** The checkers in the languages that are installed here. Each answers for every line that has a certificate. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check, permits } from '../support/checkers/check.js'
import type { LevelOrder, TypeOf } from '../support/checkers/read.js'
import { readQuestion } from '../support/checkers/read.js'

/** A line of a vector file. */
export type Line = Readonly<Record<string, unknown>>

/** The types of parameters that a header has. */
export type TypeTable = Readonly<Record<string, Readonly<Record<string, string>>>>

/** The checkers, one in each language. */
export const checkerFolder = join(import.meta.dirname, '..', 'support', 'checkers')

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

/** Whether the checker in TypeScript accepts a certificate. What is no certificate at all makes it throw. */
export const isProved = (
  granted: string,
  requested: string,
  certificate: unknown,
  typeOf: TypeOf,
  order: LevelOrder,
  by: { readonly check: typeof check; readonly readQuestion: typeof readQuestion } = { check, readQuestion }
): boolean => {
  try {
    return by.check(by.readQuestion(granted, requested, typeOf, order), certificate)
  } catch {
    return false
  }
}

/** Whether a scope text permits an access, as the checker in TypeScript says. */
export const isPermitted = (granted: string, access: unknown, typeOf: TypeOf, order: LevelOrder): boolean => {
  const question = readQuestion(granted, '', typeOf, order)
  return permits(question.includes, question.granted, question.readUse(access))
}

type Certified = Record<'granted' | 'requested', string>

/** The checker in TypeScript, or another one with the same functions. */
export const inTypeScript =
  (by?: Parameters<typeof isProved>[5]) =>
  (lines: ReadonlyArray<Line>): Accepted => {
    let typeOf = typeOfIn({})
    const accepted = new Set<string>()
    for (const line of lines) {
      if ('kinds' in line) typeOf = typeOfIn(line['types'] as TypeTable)
      const own = line as Line & Certified
      const pairs: ReadonlyArray<readonly [Certified, unknown]> =
        'certificate' in line
          ? [[own, own['certificate']]]
          : ((line['certificates'] ?? []) as ReadonlyArray<Certified>).map((one) => [one, one])
      const isAccepted = pairs.every(([{ granted, requested }, certificate]) =>
        isProved(granted, requested, certificate, typeOf, (line['levelOrder'] ?? []) as LevelOrder, by)
      )
      if (pairs.length > 0 && isAccepted) accepted.add(String(line['id']))
    }
    return accepted
  }

/** Compiles the checker in Java and returns how it is run. */
const inJava = (folder: string): Checker['run'] => {
  if (!isInstalled('javac') || !isInstalled('java')) return null
  const classes = mkdtempSync(join(tmpdir(), 'checker-'))
  const sources = ['Check.java', 'Read.java', 'Json.java', 'Run.java'].map((file) => join(folder, file))
  const { status, stderr } = spawnSync('javac', ['-d', classes, ...sources])
  if (status !== 0) throw new Error(String(stderr))
  return (lines) => runProgram('java', ['-cp', classes, 'Run'], lines)
}

const inScript = (program: string, file: string, parameters: ReadonlyArray<string> = []): Checker['run'] =>
  isInstalled(program) ? (lines) => runProgram(program, [...parameters, file], lines) : null

/** The checkers of a folder in the other languages: how each is prepared. */
export const otherCheckers: Readonly<Record<string, (folder: string) => Checker['run']>> = {
  Python: (folder) => inScript('python3', join(folder, 'run.py'), ['-B']),
  Java: inJava,
  Ruby: (folder) => inScript('ruby', join(folder, 'run.rb'))
}

/** All checkers. */
export const checkers = (): ReadonlyArray<Checker> => [
  { language: 'TypeScript', run: inTypeScript() },
  ...Object.entries(otherCheckers).map(([language, prepared]) => ({ language, run: prepared(checkerFolder) }))
]
