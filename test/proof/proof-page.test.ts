/** The pages about the proofs say what the proof files and the recorded results say. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { operations } from './boundaries.js'
import { faults as grantFaults } from './grant/faults.js'
import { grantTheorems, invariants } from './grant/proof.js'
import { proofPage } from './page.js'
import { assumedIn, premisesIn, proofFiles, theorems, theoremsIn } from './proofs.js'
import { faultsOf, recordedResults } from './run.js'
import { docs } from '../support/generated-page.js'
import { fold, fresh } from '../../src/scopes/clause.js'

const results = recordedResults()!

describe('docs/proof.md', () => {
  it('is up to date', async () => {
    await expect(proofPage(results)).toMatchFileSnapshot(join(docs, 'proof.md'))
  })

  it('records at least a million comparisons without a difference, and wrong procedures that are caught', () => {
    expect(results.comparison.comparisons).toBeGreaterThanOrEqual(1_000_000)
    expect(faultsOf(results.comparison)).toEqual([])
    expect(Object.keys(results.comparison.opponents).length).toBeGreaterThanOrEqual(8)
    expect(Object.values(results.faults).filter((count) => count === 0)).toEqual([])
  })
})

describe('the proof files', () => {
  it('state each theorem in words', () => {
    expect(theorems.length).toBeGreaterThan(40)
    expect(theorems.filter(({ words }) => words === '').map(({ name }) => name)).toEqual([])
  })

  it('assume nothing', () => {
    const texts = proofFiles.map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
    expect(texts.flatMap(assumedIn)).toEqual([])
  })

  it.each([
    ['Axiom a : False.', ['Axiom']],
    ['Lemma a : False.\nProof. Admitted.', ['Admitted']],
    ['Parameter a : nat.', ['Parameter']],
    ['(* No Axiom. *) Lemma a : True. Proof. auto. Qed.', []]
  ])('are searched for assumptions: %s', (text, found) => {
    expect(assumedIn(text)).toEqual(found)
  })

  it('state each theorem with all its premises', () => {
    const files = [...new Set(theorems.map(({ file }) => file))]
    const texts = files.map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
    expect(texts.flatMap(premisesIn)).toEqual([])
  })

  it.each([
    ['Section A. Hypothesis h : forall x, x = 0.', 1],
    ['Section A. Variable h : forall x : nat, x = 0.', 1],
    ['Section A. Context (h : 0 = 1).', 1],
    ['Section A. Variable moved : word -> clause -> clause. Context {W : World}.', 0],
    ['(* No Hypothesis. *)', 0]
  ])('are searched for premises of sections: %s', (text, count) => {
    expect(premisesIn(text).length).toBe(count)
  })

  it('are read with the comment above a theorem', () => {
    const [theorem] = theoremsIn('A.v', '(* Words\n   here. *)\nTheorem t a :\n  a = a.\nProof. auto. Qed.\n')
    expect(theorem).toEqual({ file: 'A.v', name: 't', words: 'Words here.', statement: 't a : a = a' })
  })

  it('have names that docs/scopes-for-researchers.md uses correctly', () => {
    const page = readFileSync(join(docs, 'scopes-for-researchers.md'), 'utf8')
    const named = [...page.matchAll(/`([a-zA-Z]+_[a-z_]+)`/g)].map(([, name = '']) => name)
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((name) => !theorems.some((theorem) => theorem.name === name))).toEqual([])
  })
})

describe('the pages about the proofs', () => {
  const root = join(docs, '..')
  const pages = ['scopes-for-researchers.md', 'proof.md', 'scope-vectors.md'].map(
    (name) => [name, readFileSync(join(docs, name), 'utf8')] as const
  )
  const [researchers = ''] = pages.map(([, text]) => text)
  const spaced = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

  it('quote definitions and theorems as they are in the files', () => {
    const files = proofFiles.map((file) => spaced(readFileSync(join(import.meta.dirname, file), 'utf8')))
    const quoted = [...researchers.matchAll(/```coq\n(.*?)```/gs)].flatMap(([, block = '']) => block.split('\n\n'))
    expect(quoted.length).toBeGreaterThan(10)
    expect(quoted.filter((one) => !files.some((text) => text.includes(spaced(one))))).toEqual([])
  })

  it('name the definitions of the checkers as Certificates.v does', () => {
    const names = ['covers', 'clauseCovers', 'typeCovers', 'scopeCovers', 'wanted', 'covered', 'allows', 'check']
    const inWords = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    const defined: ReadonlyArray<readonly [file: string, pattern: (name: string) => string]> = [
      ['../proof/Certificates.v', (name) => `^Definition ${name}\\b`],
      ['../support/checkers/check.ts', (name) => `^(?:export )?const ${name} =`],
      ['../support/checkers/check.py', (name) => `^def ${inWords(name)}\\(`],
      ['../support/checkers/check.rb', (name) => `^def ${inWords(name)}\\(`],
      ['../support/checkers/Check.java', (name) => `^    (?:static )?[\\w<>]+ ${name}\\(`]
    ]
    const missing = defined.flatMap(([file, pattern]) => {
      const text = readFileSync(join(import.meta.dirname, file), 'utf8')
      return names.filter((name) => !new RegExp(pattern(name), 'm').test(text)).map((name) => `${file}: ${name}`)
    })
    expect(missing).toEqual([])
  })

  it.each(pages)('%s names files and folders that are there', (_name, text) => {
    const named = [...text.matchAll(/`((?:test|src|docs)\/[\w./-]+)`/g)].map(([, path = '']) => path)
    expect(named.length).toBeGreaterThan(2)
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  it('cite the version of the package', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }
    expect(researchers).toContain(`smart-app-launch, version ${version}:`)
    expect(researchers).toContain(`version = {${version}},`)
  })

  it('name theorems beside each operation that the files have', () => {
    const named = operations.flatMap(([, names]) => names)
    expect(named.filter((name) => !theorems.some((theorem) => theorem.name === name))).toEqual([])
  })

  it('name invariants of the grant with their theorems and planted faults', () => {
    expect(
      invariants.flatMap((one) => one.theorems.filter((name) => !grantTheorems.some((row) => row[1] === name)))
    ).toEqual([])
    expect(invariants.filter(({ fault }) => !grantFaults.some(({ name }) => name === fault))).toEqual([])
  })
})

describe('what the proofs require of case folding holds for every code point', { timeout: 120_000 }, () => {
  const characters = Array.from({ length: 0x110000 }, (_, code) => code)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code))

  it('folding twice is folding once', () => {
    expect(characters.filter((one) => fold(fold(one)) !== fold(one))).toEqual([])
  })

  it('the fresh text at the end is left alone', () => {
    expect(characters.filter((one) => fold(`${one}${fresh}`) !== `${fold(one)}${fresh}`)).toEqual([])
  })

  it('a text is folded character by character', () => {
    const mixed = characters.filter((_one, place) => place % 7 === 0)
    const different = mixed.filter((one, place) => {
      const other = mixed[(place * 31) % mixed.length]!
      return fold(`\u03a3${one}${other}\u03a3`) !== `\u03c3${fold(one)}${fold(other)}\u03c3`
    })
    expect(different).toEqual([])
  })
})
