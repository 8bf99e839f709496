/**
 * Wrong implementations, each with one deliberate fault: every one must be caught by the demands that the right one
 * meets.
 */
import * as fc from 'fast-check'
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import { judgeNormalForm, judgeSubsumption, must, options } from './checks.js'
import { accesses, narrower, respelled, scopes } from '../support/scope-fixture.js'
import { normalize } from '../../src/scopes/normalize.js'
import { parse } from '../../src/scopes/parse.js'
import type { Access } from '../../src/scopes/permits.js'
import { permits } from '../../src/scopes/permits.js'
import type { ResourceScope, Scope, ScopeSet } from '../../src/scopes/scope.js'
import { isResourceScope } from '../../src/scopes/scope.js'
import { counterexample } from '../../src/scopes/subsumes.js'

type Answer = (granted: ScopeSet, requested: ScopeSet) => Option.Option<Access>

const right: Answer = (granted, requested) => must(counterexample(granted, requested, options))

/** Asks the right implementation about changed sets. */
const about =
  (change: (scope: ResourceScope) => ResourceScope, which: 'granted' | 'requested'): Answer =>
  (granted, requested) => {
    const changed = (set: ScopeSet): ScopeSet =>
      set.map((scope): Scope => (isResourceScope(scope) ? change(scope) : scope))
    return which === 'granted' ? right(changed(granted), requested) : right(granted, changed(requested))
  }

const withoutBar = (scope: ResourceScope): ResourceScope => ({
  ...scope,
  query: scope.query.map((clause) => ({
    ...clause,
    values: clause.values.map((value) => value.replace(/^[^|]*\|/, ''))
  }))
})

const noAccess: Answer = (granted, requested) =>
  Option.isNone(right(granted, requested)) ? Option.none : Option.fromNullable(accesses[0])

const wrongAnswers: Readonly<Record<string, Answer>> = {
  'always yes': () => Option.none,
  'always no': (granted, requested) =>
    Option.fromNullable(
      accesses.find((access) => permits(requested, access, options)) ?? Option.toNullable(right(granted, requested))
    ),
  'the level is not looked at': about((scope) => ({ ...scope, level: 'patient' }), 'granted'),
  'granted queries are ignored': about((scope) => ({ ...scope, query: [] }), 'granted'),
  'only the first clause counts': about((scope) => ({ ...scope, query: scope.query.slice(0, 1) }), 'granted'),
  'only the first requested value counts': about(
    (scope) => ({ ...scope, query: scope.query.map((clause) => ({ ...clause, values: clause.values.slice(0, 1) })) }),
    'requested'
  ),
  'permissions are ignored': about((scope) => ({ ...scope, permissions: ['r', 's'] }), 'granted'),
  'any type is the wildcard': about((scope) => ({ ...scope, type: '*' }), 'granted'),
  'the wildcard is the types that are known': about(
    (scope) => (scope.type === '*' ? { ...scope, type: 'A' } : scope),
    'requested'
  ),
  'systems are cut off': about(withoutBar, 'granted'),
  'modifiers are ignored': about(
    (scope) => ({ ...scope, query: scope.query.map((clause) => ({ ...clause, modifier: null })) }),
    'granted'
  ),
  'one scope must cover alone': (granted, requested) =>
    requested.every((scope) => granted.some((one) => Option.isNone(right([one], [scope]))))
      ? Option.none
      : Option.fromNullable(
          accesses.find((access) => permits(requested, access, options)) ?? Option.toNullable(right(granted, requested))
        ),
  'turned round': (granted, requested) => right(requested, granted),
  'a counterexample that is none': noAccess
}

const wrongForms: Readonly<Record<string, (scopes: ScopeSet) => ScopeSet>> = {
  'left as it is': (set) => set,
  'sorted only': (set) => [...set].sort((one, other) => (one.text < other.text ? -1 : 1)),
  'doubles only': (set) => [...new Map(set.map((scope) => [scope.text, scope])).values()],
  'queries merged across permissions': (set) =>
    must(
      normalize(
        set.map((scope): Scope => (isResourceScope(scope) ? { ...scope, permissions: ['r', 's'] } : scope)),
        options
      )
    ),
  'wildcards swallowed': (set) =>
    must(
      normalize(
        set.filter((scope) => !isResourceScope(scope) || scope.type !== '*'),
        options
      )
    ),
  'atoms lost': (set) => must(normalize(set.filter(isResourceScope), options)),
  'queries dropped': (set) =>
    must(
      normalize(
        set.map((scope): Scope => (isResourceScope(scope) ? { ...scope, query: [] } : scope)),
        options
      )
    )
}

/** The same inputs for all, with the cases that others got wrong among them. */
const pairs: ReadonlyArray<readonly [ScopeSet, ScopeSet]> = [
  ...fc.sample(fc.tuple(scopes(), scopes(2)), { numRuns: 400, seed: 7 }),
  // Near misses: what is narrower by construction is granted, and the whole is requested.
  ...fc.sample(
    scopes(2).chain((set) => fc.tuple(narrower(set), fc.constant(set))),
    { numRuns: 400, seed: 8 }
  ),
  [parse('patient/A.rs?tok:not=a'), parse('patient/A.rs?tok=a')],
  [parse('patient/A.rs?tok=a&ref=1'), parse('patient/A.rs?tok=a')],
  [parse('patient/A.rs?tok=a patient/A.rs?tok=b'), parse('patient/A.rs?tok=a,b')],
  [parse('patient/A.r patient/A.s'), parse('patient/A.rs')],
  [parse('patient/A.rs'), parse('patient/*.rs')],
  [parse('patient/A.rs?tok=s|a'), parse('patient/A.rs?tok=a')]
]
const spelled = fc.sample(
  scopes().chain((set) => fc.tuple(fc.constant(set), respelled(set))),
  { numRuns: 150, seed: 7 }
)

const judgeAll = (answer: Answer): number =>
  pairs.flatMap(([granted, requested]) => {
    const witness = answer(granted, requested)
    return judgeSubsumption(granted, requested, Option.isNone(witness), witness)
  }).length

const judgeForms = (form: (set: ScopeSet) => ScopeSet): number =>
  spelled.flatMap(([set, other]) => judgeNormalForm(set, other, form)).length

describe('a deliberately wrong subsumes is caught', { timeout: 120_000 }, () => {
  it.each(Object.entries(wrongAnswers))('%s', (_name, answer) => {
    expect(judgeAll(answer)).toBeGreaterThan(0)
  })
  it('and the right one is not', () => {
    expect(judgeAll(right)).toBe(0)
  })
})

describe('a deliberately wrong normalize is caught', { timeout: 120_000 }, () => {
  it.each(Object.entries(wrongForms))('%s', (_name, form) => {
    expect(judgeForms(form)).toBeGreaterThan(0)
  })
  it('and the right one is not', () => {
    expect(judgeForms((set) => must(normalize(set, options)))).toBe(0)
  })
})

describe('a question that is too large', () => {
  it('is refused with the count and the limit, before any work', () => {
    const list = Array.from({ length: 30 }, (_, index) => `v${String(index)}`).join(',')
    const large = parse(`patient/A.rs?tok=${list}&ref=${list}&str=${list}`)
    expect(counterexample(large, large)).toEqual(Either.left({ _tag: 'TooComplex', limit: 20000, count: 162000 }))
    expect(normalize(large, { budget: 162000 })._tag).toBe('Right')
  })
})
