/** Certificates of random questions: what the package certifies, every checker accepts; and nothing that is wrong. */
import { describe, expect, it } from 'vitest'
import { certifiedLines, header, types, wrongLines } from './certified.js'
import { checkers, isPermitted, typeOfIn } from './checkers.js'
import { planted } from '../support/planted-certificates.js'
import { countsOf, kindsOfClauses, kindsOfFaults, kindsOfScopes, shownCounts } from '../support/scope-kinds.js'
import { certify } from '../../src/scopes/certificates/certify.js'
import { fold } from '../../src/scopes/clause.js'
import { parse } from '../../src/scopes/parse.js'
import type { LevelOrder } from '../../src/scopes/permits.js'
import { fhirR4 } from '../../src/scopes/vocabulary.js'

const runs = Number(process.env['CERTIFICATE_RUNS'] ?? 4000)
const { lines, counts, contradictions } = certifiedLines(runs, 19)

describe('certificates of random questions', () => {
  it('say what the package answers, and are there for every answer', () => {
    console.log(`${String(runs)} questions: ${String(counts.yes)} yes, ${String(counts.no)} no`)
    expect(contradictions).toEqual([])
    expect(counts.yes).toBeGreaterThan(runs / 8)
    expect(counts.no).toBeGreaterThan(runs / 8)
  })

  it('have scopes, clauses and malformed scopes of every kind', () => {
    const scopes = lines.flatMap(({ granted, requested }) => parse(`${String(granted)} ${String(requested)}`))
    const { line, rare } = shownCounts(countsOf(fhirR4, scopes), [
      ...kindsOfScopes,
      ...kindsOfClauses,
      ...kindsOfFaults
    ])
    console.log(line)
    expect(rare).toEqual([])
  })

  it('ask about parameters that `*` and a type read differently', () => {
    const differ = lines.filter(({ certificate }) => {
      const { types: rows } = certificate as { readonly types: ReadonlyArray<readonly [string, string, string]> }
      return rows.some(([type, name, read]) =>
        rows.some(([other, same, alike]) => type === '*' && other !== '*' && same === name && alike !== read)
      )
    })
    const yes = differ.filter(({ certificate }) => (certificate as { readonly result: boolean }).result)
    console.log(`read differently: ${String(yes.length)} yes, ${String(differ.length - yes.length)} no`)
    expect(yes.length).toBeGreaterThan(runs / 200)
    expect(differ.length - yes.length).toBeGreaterThan(runs / 50)
  })

  it('have accesses that the checker permits to the one and not to the other', () => {
    const typeOf = typeOfIn(types)
    const refuted = lines.filter(({ certificate }) => !(certificate as { result: boolean }).result)
    const unconfirmed = refuted.filter(({ granted, requested, levelOrder, certificate }) => {
      const { access } = certificate as { access: unknown }
      const isAllowed = (text: unknown): boolean =>
        isPermitted(text as string, access, typeOf, levelOrder as LevelOrder)
      return isAllowed(granted) || !isAllowed(requested)
    })
    expect(unconfirmed).toEqual([])
  })
})

describe('the size of a certificate', () => {
  const many = (count: number, start: string): string =>
    Array.from({ length: count }, (_, place) => `${start}${String(place + 1000)}`).join(',')
  const shapes: Readonly<Record<string, (size: number) => string>> = {
    'scopes of types': (size) => Array.from({ length: size }, (_, n) => `patient/T${String(n + 1000)}.rs`).join(' '),
    'one list': (size) => `patient/Observation.rs?code=${many(size, 'a')}`,
    'two lists': (size) => `patient/Observation.rs?code=${many(size, 'a')}&category=${many(10, 'b')}`,
    texts: (size) => Array.from({ length: size }, (_, n) => `scope-${String(n + 1000)}`).join(' ')
  }

  it.each(Object.entries(shapes))('is proportional to the atoms: %s', (_shape, textOf) => {
    const measured = [50, 100].map((size) => {
      const set = parse(textOf(size))
      const certified = certify(set, set)
      if (certified._tag === 'Left' || !certified.right.result) return { atoms: 0, characters: 0 }
      return { atoms: certified.right.atoms.length, characters: JSON.stringify(certified.right).length }
    })
    const [small, large] = [measured[0]!, measured[1]!]
    expect(small.atoms).toBeGreaterThanOrEqual(50)
    expect(large.atoms).toBe(2 * small.atoms)
    expect(large.characters).toBeLessThanOrEqual(2.1 * small.characters)
  })
})

const wrong = wrongLines(lines.slice(0, 500))

/** Questions about each letter that is folded, up to U+2BFF; one of them came with Unicode 16. */
const foldedLetters = Array.from({ length: 0x2c00 - 0x80 }, (_, place) => 0x80 + place)
  .filter((code) => code !== 0x1c89)
  .map((code) => String.fromCodePoint(code))
  .filter((letter) => fold(letter) !== letter && fold(letter) !== '')
  .map((letter) => {
    const [granted, requested] = [letter, fold(letter)].map(
      (name) => `patient/Patient.r?name=${encodeURIComponent(name)}`
    ) as [string, string]
    const certified = certify(parse(granted), parse(requested))
    return { id: letter, granted, requested, certificate: certified._tag === 'Right' ? certified.right : null }
  })

describe.each(checkers())('the checker in $language', ({ language, run }) => {
  const isMissing = run === null
  const note = `${language} is not installed: not checked here`

  it('accepts every certificate of the package', { timeout: 240_000 }, ({ skip }) => {
    skip(isMissing, note)
    const accepted = run?.([header, ...lines]) ?? new Set()
    expect(
      lines
        .filter(({ id }) => !accepted.has(String(id)))
        .map((line) => JSON.stringify(line))
        .slice(0, 3)
    ).toEqual([])
  })

  it('folds case and accents as the package does', { timeout: 240_000 }, ({ skip }) => {
    skip(isMissing, note)
    const accepted = run?.([header, ...foldedLetters]) ?? new Set()
    expect(foldedLetters.length).toBeGreaterThan(1000)
    expect(foldedLetters.filter(({ certificate }) => certificate?.result !== true)).toEqual([])
    expect(foldedLetters.map(({ id }) => id).filter((id) => !accepted.has(id))).toEqual([])
  })

  it('refuses every planted one', { timeout: 240_000 }, ({ skip }) => {
    skip(isMissing, note)
    const accepted = run?.([header, ...wrong.map(({ line }) => line)]) ?? new Set()
    const passed = wrong.filter(({ line }) => accepted.has(String(line['id'])))
    expect(passed.map(({ line }) => JSON.stringify(line)).slice(0, 3)).toEqual([])
  })
})

it('plants every kind of wrong certificate many times', () => {
  const perKind = Object.keys(planted).map((kind) => [kind, wrong.filter((one) => one.kind === kind).length] as const)
  console.log(perKind.map(([kind, count]) => `${kind} ${String(count)}`).join(', '))
  expect(perKind.length).toBeGreaterThanOrEqual(15)
  expect(perKind.filter(([, count]) => count < 5)).toEqual([])
})
