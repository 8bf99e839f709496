/** The proof files: what they state, and whether Coq accepts them without an axiom. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = import.meta.dirname

/** The proof files in the order in which they are compiled. */
export const proofFiles: ReadonlyArray<string> = readFileSync(join(folder, '_CoqProject'), 'utf8')
  .split('\n')
  .filter((line) => line.endsWith('.v'))

/** A theorem of a proof file: its name, the comment above it, and its statement as it is in the file. */
export interface Theorem {
  readonly file: string
  readonly name: string
  readonly words: string
  readonly statement: string
}

const withoutLines = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

/** The theorems of a text in Coq. Lemmas are not listed: they are steps of proofs. */
export const theoremsIn = (file: string, text: string): ReadonlyArray<Theorem> =>
  [...text.matchAll(/(?:\(\*((?:(?!\*\)).)*)\*\)\n)?Theorem (\w+)(.*?)\.\s*\nProof\b/gs)].map(
    ([, words = '', name = '', statement = '']) => ({
      file,
      name,
      words: withoutLines(words),
      statement: withoutLines(`${name}${statement}`)
    })
  )

export const theorems: ReadonlyArray<Theorem> = proofFiles.flatMap((file) =>
  theoremsIn(file, readFileSync(join(folder, file), 'utf8'))
)

/** Words of Coq that assume something without a proof. What a section assumes becomes
 * a premise of its theorems. */
const assumptions = /\b(?:Admitted|admit|Axioms?|Parameters?|Conjecture|Unset Guard Checking|bypass_check)\b/g

const withoutComments = (text: string): string => text.replaceAll(/\(\*.*?\*\)/gs, '')

/** What a text in Coq assumes without a proof. Hypotheses belong into the class `World`, where users see them. */
export const assumedIn = (text: string): ReadonlyArray<string> => withoutComments(text).match(assumptions) ?? []

/** What a section assumes: a premise of its theorems that their statements, as they are printed, do not show. */
const premises = /\b(?:Hypothes[ie]s|Assumptions?)\b|\b(?:Variables?|Context)\b[^.]*(?:[=≤<]|\bIn\b|\bforall\b)[^.]*\./g

/** The premises of the sections of a text in Coq. */
export const premisesIn = (text: string): ReadonlyArray<string> => withoutComments(text).match(premises) ?? []

/** The programs that the check needs, each with a call that shows that it is there. */
const programs: Readonly<Record<string, readonly [string, ReadonlyArray<string>]>> = {
  Coq: ['coqc', ['--version']],
  'the OCaml compiler': ['ocamlfind', ['ocamlopt', '-version']]
}

/** The programs that are missing here, or null. */
export const missingPrograms = (): string | null => {
  const missing = Object.entries(programs).filter(([, [name, call]]) => spawnSync(name, call).status !== 0)
  return missing.length === 0 ? null : `${missing.map(([what]) => what).join(' and ')} not found`
}

/** The version of Coq that is here. */
export const coqVersion = (): string =>
  /version (\S+)/.exec(spawnSync('coqc', ['--version'], { encoding: 'utf8' }).stdout)?.[1] ?? ''

/** The result of a run of Coq over all files. */
export interface Compiled {
  /** Where the compiled files and the extracted program are; the caller removes it. */
  readonly folder: string
  readonly seconds: number
  /** The theorems that depend on no axiom, by name. */
  readonly closed: ReadonlyArray<string>
  /** What went wrong; empty when all is well. */
  readonly faults: ReadonlyArray<string>
}

const run = (at: string, name: string, parameters: ReadonlyArray<string>): { ok: boolean; output: string } => {
  const { status, stdout, stderr } = spawnSync(name, parameters, { cwd: at, encoding: 'utf8', maxBuffer: 2 ** 28 })
  return { ok: status === 0, output: `${stdout}${stderr}` }
}

/** Compiles the proofs in a folder of their own, and checks each theorem for axioms. */
export const compileProofs = (): Compiled => {
  const at = mkdtempSync(join(tmpdir(), 'proof-'))
  const started = performance.now()
  const faults: Array<string> = []
  for (const file of proofFiles) {
    copyFileSync(join(folder, file), join(at, file))
    faults.push(...assumedIn(readFileSync(join(folder, file), 'utf8')).map((word) => `${file}: ${word}`))
    const { ok, output } = run(at, 'coqc', ['-q', file])
    if (!ok) return { folder: at, seconds: 0, closed: [], faults: [...faults, `${file}: ${output}`] }
  }
  const modules = [...new Set(theorems.map(({ file }) => file.replace('.v', '')))]
  writeFileSync(
    join(at, 'Assumptions.v'),
    [
      ...modules.map((one) => `Require ${one}.`),
      ...theorems.map(({ file, name }) => `Print Assumptions ${file.replace('.v', '')}.${name}.`),
      ''
    ].join('\n')
  )
  const { ok, output } = run(at, 'coqc', ['-q', 'Assumptions.v'])
  const answers = output.split(/(?=Closed under the global context|Axioms:)/).filter((part) => part.trim() !== '')
  const closed = theorems.filter((_theorem, place) => answers[place]?.startsWith('Closed') === true)
  if (!ok || answers.length !== theorems.length) faults.push(`Assumptions.v: ${output}`)
  for (const { name } of theorems) if (!closed.some((one) => one.name === name)) faults.push(`${name} is not closed`)
  return { folder: at, seconds: (performance.now() - started) / 1000, closed: closed.map(({ name }) => name), faults }
}

const programFiles = ['reading.ml', 'vectors.ml', 'driver.ml']

/** Builds the program that compares, from the extracted procedures. Gives its path. */
export const buildProgram = (at: string): string => {
  for (const file of programFiles) copyFileSync(join(folder, file), join(at, file))
  const sources = ['oracle.mli', 'oracle.ml', ...programFiles]
  const { ok, output } = run(at, 'ocamlfind', ['ocamlopt', '-w', '-a', ...sources, '-o', 'oracle'])
  if (!ok) throw new Error(`The extracted program does not compile: ${output}`)
  return join(at, 'oracle')
}

export const removeFolder = (at: string): void => {
  if (existsSync(at)) rmSync(at, { recursive: true })
}
