import * as fc from 'fast-check'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { countsOf, kindsOfClauses } from '../../support/scope-kinds.js'
import { accesses, narrowerThan, scopes, scopeSets, widerThan } from '../../../src/testing/arbitraries.js'
import { format } from '../../../src/scopes/format.js'
import { parse } from '../../../src/scopes/parse.js'
import { permits } from '../../../src/scopes/permits.js'
import { subsumption } from '../../../src/scopes/subsumes.js'
import { fhirR4 } from '../../../src/scopes/vocabulary.js'

describe('the arbitraries', () => {
  it('make well-formed scopes that are read as they were made', () => {
    fc.assert(
      fc.property(scopes, (scope) => {
        expect(parse(format([scope]))).toEqual([scope])
      })
    )
  })

  it('build narrower and wider sets that are so', () => {
    const built = scopeSets().chain((set) => fc.tuple(narrowerThan(set), fc.constant(set), widerThan(set)))
    fc.assert(
      fc.property(built, ([narrow, set, wide]) => {
        expect([subsumption(set, narrow), subsumption(wide, set)]).toEqual([Either.right(true), Either.right(true)])
      }),
      { numRuns: 1000 }
    )
  })

  it('make every kind of scope and clause', () => {
    const counts = countsOf(fhirR4, fc.sample(scopes, { numRuns: 5000, seed: 2 }))
    const kinds = [
      ...kindsOfClauses,
      ...['level patient', 'level user', 'level system', 'syntax v1', 'syntax v2', 'every type', 'one type'],
      ...['0 clauses', '1 clauses', '2 clauses', 'IdentityScope', 'LaunchScope', 'RefreshScope', 'ExtensionScope'],
      'UnknownScope'
    ]
    console.log(
      `arbitraries, 5000 scopes: ${kinds.map((kind) => `${kind} ${String(counts.get(kind) ?? 0)}`).join(', ')}`
    )
    expect(kinds.filter((kind) => (counts.get(kind) ?? 0) < 10)).toEqual([])
  })

  it('make accesses of which some are permitted and some are not', () => {
    const answers = fc
      .sample(fc.tuple(scopeSets(), accesses), { numRuns: 3000, seed: 1 })
      .map(([set, access]) => permits(set, access))
    expect(new Set(answers).size).toBe(2)
  })
})
