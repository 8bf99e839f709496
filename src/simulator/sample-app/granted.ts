/**
 * What the app requested against what it was granted, by meaning.
 *
 * @module
 */
import { compile } from '../../scopes/compile.js'
import { english } from '../../scopes/explain/english.js'
import { explain } from '../../scopes/explain/explain.js'
import { parse } from '../../scopes/parse.js'
import { isResourceScope } from '../../scopes/scope.js'
import { narrowed, uncovered } from '../../scopes/set-operations.js'
import { coveredBy } from '../../scopes/subsumes.js'
import * as Either from '../../values/either.js'

/** How much of a requested scope was granted. */
export interface RequestedScope {
  readonly text: string
  readonly outcome: 'granted' | 'in part' | 'not granted'
}

/** Requested and granted beside each other. */
export interface Granted {
  readonly requested: ReadonlyArray<RequestedScope>
  readonly granted: ReadonlyArray<string>
  /** A sentence for each thing that the app requested and cannot do. */
  readonly missing: ReadonlyArray<string>
}

/**
 * Compares the requested scopes with the granted scopes.
 *
 * @example
 * ```ts
 * import { compared } from './granted.js'
 *
 * const { requested, missing } = compared('openid patient/Patient.rs', 'openid patient/Patient.r')
 *
 * requested.map(({ outcome }) => outcome) // => ['granted', 'in part']
 * missing // => ['Search Patient records of the one patient in context.']
 * ```
 */
export const compared = (requestedText: string, grantedText: string): Granted => {
  const [requested, granted] = [parse(requestedText), parse(grantedText)]
  const compiled = compile(granted)
  const left = uncovered(granted, requested)
  const explained = Either.isLeft(left) ? left : explain(left.right, english)
  return {
    requested: requested.map((scope) => ({
      text: scope.text,
      outcome: coveredBy(compiled, [scope])
        ? 'granted'
        : isResourceScope(scope) && narrowed([scope], granted).length > 0
          ? 'in part'
          : 'not granted'
    })),
    granted: granted.map(({ text }) => text),
    missing: Either.isLeft(explained) ? [] : explained.right.allows.map(({ long }) => long)
  }
}

/** Whether granted scopes permit a part of what a scope permits: only then is a request worthwhile. */
export const permitsSome = (grantedText: string, wanted: string): boolean =>
  narrowed(parse(wanted), parse(grantedText)).length > 0
