/** The scope functions of a built package, from its folder, so that a patched copy can be compared too. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as Either from 'fp-ts/lib/Either.js'
import type { compile } from '../../src/scopes/compile.js'
import type { format } from '../../src/scopes/format.js'
import type { normalize } from '../../src/scopes/normalize.js'
import type { parse } from '../../src/scopes/parse.js'
import type { permits } from '../../src/scopes/permits.js'
import type { intersect, uncovered, union } from '../../src/scopes/set-operations.js'
import type { counterexample, disjoint, equivalence, subsumption } from '../../src/scopes/subsumes.js'
import type { vocabularyWith } from '../../src/scopes/vocabulary.js'

/** The functions that are compared. */
export interface ScopePackage {
  readonly compile: typeof compile
  readonly counterexample: typeof counterexample
  readonly disjoint: typeof disjoint
  readonly equivalence: typeof equivalence
  readonly format: typeof format
  readonly intersect: typeof intersect
  readonly normalize: typeof normalize
  readonly parse: typeof parse
  readonly permits: typeof permits
  readonly subsumption: typeof subsumption
  readonly uncovered: typeof uncovered
  readonly union: typeof union
  readonly vocabularyWith: typeof vocabularyWith
}

const modules = ['compile', 'format', 'normalize', 'parse', 'permits', 'set-operations', 'subsumes', 'vocabulary']

/** Loads the functions from a folder that holds `scopes` and `values`, such as `dist`. */
export const packageAt = async (folder: string): Promise<ScopePackage> => {
  const loaded = await Promise.all(
    modules.map((name) => import(pathToFileURL(join(folder, 'scopes', `${name}.js`)).href) as Promise<object>)
  )
  return Object.assign({}, ...loaded) as ScopePackage
}

/** The answer; the sets of a comparison are far below the complexity limit. */
export const must = <A>(answer: Either.Either<unknown, A>): A => {
  if (answer._tag === 'Left') throw new Error('A comparison exceeds the complexity limit.')
  return answer.right
}
