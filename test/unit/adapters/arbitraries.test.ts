import * as fc from 'fast-check'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { countsOf, kindsOfClauses, kindsOfFaults, kindsOfScopes, shownCounts } from '../../support/scope-kinds.js'
import { accesses, faultyScopes, narrowerThan, scopes, scopeSets, widerThan } from '../../../src/testing/arbitraries.js'
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
    const { line, rare } = shownCounts(counts, [...kindsOfScopes, ...kindsOfClauses])
    console.log(`arbitraries, 5000 scopes: ${line}`)
    expect(rare).toEqual([])
  })

  it('make malformed scopes of every kind', () => {
    const counts = countsOf(fhirR4, fc.sample(faultyScopes, { numRuns: 5000, seed: 2 }))
    const { line, rare } = shownCounts(counts, kindsOfFaults)
    console.log(`arbitraries, 5000 malformed scopes: ${line}`)
    expect(rare).toEqual([])
    expect([...counts.keys()].filter((kind) => !kindsOfFaults.includes(kind))).toEqual([])
  })

  it('make accesses of which some are permitted and some are not', () => {
    const answers = fc
      .sample(fc.tuple(scopeSets(), accesses), { numRuns: 3000, seed: 1 })
      .map(([set, access]) => permits(set, access))
    expect(new Set(answers).size).toBe(2)
  })
})
