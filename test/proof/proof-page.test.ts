/** The pages about the proofs say what the proof files and the recorded results say. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { proofPage } from './page.js'
import { assumedIn, proofFiles, theorems, theoremsIn } from './proofs.js'
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
