/** The algebra against the definition: exhaustively over a small world, and at random. */
import * as fc from 'fast-check'
import * as Option from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import { judgeNormalForm, judgeSubsumption, meaningOf, must, options } from './checks.js'
import { accesses, narrower, respelled, scopes, vocabulary } from '../support/scope-fixture.js'
import { countsOf, kindsOfClauses, kindsOfFaults, kindsOfScopes, shownCounts } from '../support/scope-kinds.js'
import { format } from '../../src/scopes/format.js'
import { permits } from '../../src/scopes/permits.js'
import type { Access } from '../../src/scopes/permits.js'
import { compile } from '../../src/scopes/compile.js'
import { counterexample, disjoint, equivalence, subsumption } from '../../src/scopes/subsumes.js'
import { intersect, overlapping, uncovered, union } from '../../src/scopes/set-operations.js'
import { normalize, withoutRedundant } from '../../src/scopes/normalize.js'
import type { ScopeSet } from '../../src/scopes/scope.js'
import { isResourceScope } from '../../src/scopes/scope.js'

/** SCOPE_RUNS makes the runs longer. */
const runs = Number(process.env['SCOPE_RUNS'] ?? 10_000)
const exhaustiveRuns = Math.ceil(runs / 20)

const covers = (granted: ScopeSet, requested: ScopeSet): boolean => must(subsumption(granted, requested, options))
const witness = (granted: ScopeSet, requested: ScopeSet): Option.Option<Access> =>
  must(counterexample(granted, requested, options))
const canonical = (set: ScopeSet): ScopeSet => must(normalize(set, options))

describe('the small world', () => {
  it('has every kind of scope and clause', () => {
    const counts = countsOf(vocabulary, fc.sample(scopes(3), { numRuns: 8000, seed: 3 }).flat())
    const kinds = [...kindsOfScopes, ...kindsOfFaults, ...kindsOfClauses].filter((kind) => kind !== 'level system')
    const { line, rare } = shownCounts(counts, kinds)
    console.log(`definition, 8000 sets: ${line}`)
    expect(rare).toEqual([])
  })
})

describe('subsumes and counterexample', { timeout: 120_000 }, () => {
  it('agree with the definition over every access of the small world', () => {
    let yes = 0
    fc.assert(
      fc.property(scopes(), scopes(3), (granted, requested) => {
        const answer = covers(granted, requested)
        if (answer && requested.length > 0) yes += 1
        expect(judgeSubsumption(granted, requested, answer, witness(granted, requested))).toEqual([])
      }),
      { numRuns: exhaustiveRuns }
    )
    fc.assert(
      fc.property(
        scopes().chain((set) => fc.tuple(fc.constant(set), narrower(set))),
        ([granted, requested]) => {
          if (requested.length > 0) yes += 1
          expect(judgeSubsumption(granted, requested, covers(granted, requested), witness(granted, requested))).toEqual(
            []
          )
        }
      ),
      { numRuns: exhaustiveRuns }
    )
    console.log(
      `definition: ${String(accesses.length)} accesses, ${String(2 * exhaustiveRuns)} pairs, ${String(yes)} of ` +
        'them covered'
    )
  })

  it('say no only with an access that the definition confirms', () => {
    fc.assert(
      fc.property(scopes(5), scopes(4), (granted, requested) => {
        const access = witness(granted, requested)
        expect(covers(granted, requested)).toBe(Option.isNone(access))
        if (Option.isSome(access))
          expect([permits(requested, access.value, options), permits(granted, access.value, options)]).toEqual([
            true,
            false
          ])
      }),
      { numRuns: runs }
    )
  })

  it('say yes to what is narrower by construction', () => {
    fc.assert(
      fc.property(
        scopes().chain((set) => fc.tuple(fc.constant(set), narrower(set))),
        ([wide, narrow]) => {
          expect(covers(wide, narrow)).toBe(true)
        }
      ),
      { numRuns: runs }
    )
  })

  it('are a preorder: reflexive, and transitive along chains built to be', () => {
    const chain = scopes().chain((set) =>
      narrower(set).chain((less) => fc.tuple(fc.constant(set), fc.constant(less), narrower(less)))
    )
    fc.assert(
      fc.property(chain, ([wide, middle, narrow]) => {
        expect([covers(wide, wide), covers(wide, middle), covers(middle, narrow), covers(wide, narrow)]).toEqual([
          true,
          true,
          true,
          true
        ])
      }),
      { numRuns: runs / 2 }
    )
  })
})

describe('a compiled set', { timeout: 120_000 }, () => {
  it('permits what the definition permits', () => {
    fc.assert(
      fc.property(scopes(6), fc.nat(), (set, offset) => {
        const compiled = compile(set, options)
        for (let index = offset % 97; index < accesses.length; index += 97) {
          const access = accesses[index]
          if (access !== undefined) expect(compiled.permits(access)).toBe(permits(set, access, options))
        }
      }),
      { numRuns: exhaustiveRuns * 2 }
    )
  })
})

describe('normalize', { timeout: 120_000 }, () => {
  it('means the same, is its own normal form, and does not depend on order or spelling', () => {
    fc.assert(
      fc.property(
        scopes().chain((set) => fc.tuple(fc.constant(set), respelled(set))),
        ([set, other]) => {
          expect(judgeNormalForm(set, other, canonical)).toEqual([])
        }
      ),
      { numRuns: exhaustiveRuns }
    )
  })

  it('prints the same exactly for equivalent sets', () => {
    fc.assert(
      fc.property(scopes(2), scopes(2), (one, other) => {
        expect(format(canonical(one)) === format(canonical(other))).toBe(must(equivalence(one, other, options)))
      }),
      { numRuns: runs }
    )
  })
})

describe('intersect, union, uncovered and disjoint', { timeout: 120_000 }, () => {
  it('meet exactly where intersect finds something', () => {
    fc.assert(
      fc.property(scopes(3), scopes(3), (one, other) => {
        expect(overlapping(one, other, options)).toEqual(
          one.filter((scope) => must(intersect([scope], other, options)).length > 0)
        )
      }),
      { numRuns: runs }
    )
  })

  it('leave out, from the last on, what the other scopes cover', () => {
    fc.assert(
      fc.property(scopes(6), (set) => {
        const all = set.filter(isResourceScope)
        const slow = all.reduceRight<ReadonlyArray<(typeof all)[number]>>(
          (kept, scope, index) => (covers([...all.slice(0, index), ...kept], [scope]) ? kept : [scope, ...kept]),
          []
        )
        expect(format(withoutRedundant(all, options))).toBe(format(slow))
      }),
      { numRuns: runs }
    )
  })

  it('intersect permits what both permit; never more, and less only where a parameter means different things', () => {
    let exact = 0
    fc.assert(
      fc.property(scopes(3), scopes(3), (one, other) => {
        const both = meaningOf(must(intersect(one, other, options)))
        const [mine, theirs] = [meaningOf(one), meaningOf(other)]
        expect(both.every((permitted, index) => !permitted || (mine[index] === true && theirs[index] === true))).toBe(
          true
        )
        const isExact = both.every((permitted, index) => permitted === (mine[index] === true && theirs[index] === true))
        if (isExact) exact += 1
        else expect(format([...one, ...other])).toMatch(/mix=|onlyA=/)
      }),
      { numRuns: exhaustiveRuns }
    )
    expect(exact).toBeGreaterThan(exhaustiveRuns * 0.9)
  })

  it('union permits what either permits', () => {
    fc.assert(
      fc.property(scopes(3), scopes(3), (one, other) => {
        const either = meaningOf(must(union(one, other, options)))
        const [mine, theirs] = [meaningOf(one), meaningOf(other)]
        expect(either).toEqual(mine.map((permitted, index) => permitted || theirs[index] === true))
      }),
      { numRuns: exhaustiveRuns }
    )
  })

  it('are bounds: intersect below both, union above both', () => {
    fc.assert(
      fc.property(scopes(3), scopes(3), (one, other) => {
        const [both, either] = [must(intersect(one, other, options)), must(union(one, other, options))]
        expect([covers(one, both), covers(other, both), covers(either, one), covers(either, other)]).toEqual([
          true,
          true,
          true,
          true
        ])
      }),
      { numRuns: runs / 2 }
    )
  })

  it('intersect is above whatever is below both by construction', () => {
    const below = scopes(3).chain((set) => fc.tuple(fc.constant(set), narrower(set), fc.constant(set)))
    fc.assert(
      fc.property(below, scopes(2), ([set, less], more) => {
        expect(covers(must(intersect(set, [...set, ...more], options)), less)).toBe(true)
      }),
      { numRuns: runs / 2 }
    )
  })

  it(
    'uncovered is within what was requested, and with what is granted covers it; nothing of it ' + 'is granted whole',
    () => {
      fc.assert(
        fc.property(scopes(), scopes(3), (granted, requested) => {
          const rest = must(uncovered(granted, requested, options))
          expect([covers(requested, rest), covers([...granted, ...rest], requested)]).toEqual([true, true])
          for (const scope of rest) expect(covers(granted, [scope])).toBe(false)
          expect(rest.length === 0).toBe(covers(granted, requested))
        }),
        { numRuns: runs / 2 }
      )
    }
  )

  it('disjoint sets permit nothing in common in the small world, and others something somewhere', () => {
    fc.assert(
      fc.property(scopes(2), scopes(2), (one, other) => {
        const [mine, theirs] = [meaningOf(one), meaningOf(other)]
        const common = mine.some((permitted, index) => permitted && theirs[index] === true)
        if (disjoint(one, other, options)) expect(common).toBe(false)
      }),
      { numRuns: exhaustiveRuns }
    )
  })
})

describe('with an order of levels', { timeout: 120_000 }, () => {
  const ordered = { ...options, levelOrder: [['user', 'patient']] as const }

  it('the algebra agrees with the definition', () => {
    fc.assert(
      fc.property(scopes(), scopes(3), (granted, requested) => {
        const access = must(counterexample(granted, requested, ordered))
        expect(must(subsumption(granted, requested, ordered))).toBe(Option.isNone(access))
        if (Option.isSome(access))
          expect([permits(requested, access.value, ordered), permits(granted, access.value, ordered)]).toEqual([
            true,
            false
          ])
        else
          expect(
            accesses.find((one) => permits(requested, one, ordered) && !permits(granted, one, ordered))
          ).toBeUndefined()
        const normal = must(normalize(requested, ordered))
        expect(must(equivalence(normal, requested, ordered))).toBe(true)
        const both = must(intersect(requested, granted, ordered))
        expect([must(subsumption(requested, both, ordered)), must(subsumption(granted, both, ordered))]).toEqual([
          true,
          true
        ])
      }),
      { numRuns: exhaustiveRuns }
    )
  })
})
