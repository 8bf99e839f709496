/**
 * Why a granted set includes a requested set: for each requested scope the granted scopes that cover it, and how. It is
 * the certificate of the answer, which another party can check, in words.
 *
 * @module
 */
import { certify } from '../scopes/certificates/certify.js'
import type { CoverTexts } from '../scopes/certificates/words.js'
import { coverTextsOf } from '../scopes/certificates/words.js'
import type { TooComplex } from '../scopes/atoms.js'
import { parse } from '../scopes/parse.js'
import type { ScopeOptions } from '../scopes/permits.js'
import type { Permission, Scope, ScopeSet } from '../scopes/scope.js'
import { isResourceScope, permissionOrder } from '../scopes/scope.js'
import * as Either from '../values/either.js'

/** A part of a requested scope, and the granted scope that covers it. */
export interface CoveredPart {
  /** `read and search`; null for a scope that permits only itself. */
  readonly permissions: string | null
  /** The clauses of the part, each with one value: `category=laboratory`. */
  readonly clauses: ReadonlyArray<string>
  readonly granted: string
  /** How it covers the part. Texts of the scopes are in quotes. */
  readonly reasons: ReadonlyArray<CoverReason>
}

/** One reason: a sentence, or two clauses of which the first covers the second. */
export type CoverReason =
  | { readonly _tag: 'Sentence'; readonly text: string }
  | { readonly _tag: 'Clauses'; readonly wide: string; readonly narrow: string; readonly why: string }

/** A requested scope with its parts. */
export interface CoveredScope {
  readonly scope: string
  readonly parts: ReadonlyArray<CoveredPart>
}

/** Why a set is included. */
export interface Because {
  readonly scopes: ReadonlyArray<CoveredScope>
  /** How many parts are left out, because there are too many for a page. */
  readonly leftOut: number
}

/** The largest number of parts on the page. */
const shownParts = 40

const verbs: Readonly<Record<Permission, string>> = { c: 'create', r: 'read', u: 'change', d: 'delete', s: 'search' }

const listed = (words: ReadonlyArray<string>): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`

const suffixes: ReadonlyMap<string, string> = new Map([
  ['read', 'read and search'],
  ['write', 'create, change and delete'],
  ['*', 'create, read, change, delete and search']
])

/** Why one clause covers another, as far as their texts tell. */
const whyCovers = (wide: string, narrow: string): string => {
  const [wanted, given] = [narrow.slice(narrow.indexOf('=') + 1), wide.slice(wide.indexOf('=') + 1)]
  if (given === wanted) return 'it is the same condition'
  if (!given.includes('|') && wanted.endsWith(`|${given}`))
    return 'a code without a system is that code in every system'
  if (given.endsWith('|') && wanted.startsWith(given)) return 'a system without a code is every code of that system'
  return 'every resource that meets the second meets the first'
}

const sentence = (text: string): CoverReason => ({ _tag: 'Sentence', text })

/** How a granted scope covers a part of a requested one. */
const reasonsOf = (
  wide: Scope | undefined,
  narrow: Scope | undefined,
  { clauses, covering }: CoverTexts
): ReadonlyArray<CoverReason> => {
  if (wide === undefined || narrow === undefined || wide.text === narrow.text)
    return [sentence('the same scope is granted')]
  if (!isResourceScope(wide) || !isResourceScope(narrow)) return []
  const suffix = wide.syntax === 'v1' ? wide.text.slice(wide.text.lastIndexOf('.') + 1) : ''
  return [
    ...(wide.level === narrow.level
      ? []
      : [sentence(`the host declares that ${wide.level}/ includes ${narrow.level}/`)]),
    ...(wide.type === narrow.type ? [] : [sentence(`* is every type, also ${narrow.type}`)]),
    ...(suffix === '' ? [] : [sentence(`.${suffix} of version 1 means ${suffixes.get(suffix) ?? ''}`)]),
    ...(clauses.length > 0 && covering.length === 0 ? [sentence('it has no condition')] : []),
    ...covering.map(([one, other]): CoverReason => ({
      _tag: 'Clauses',
      wide: one,
      narrow: other,
      why: whyCovers(one, other)
    })),
    ...(wide.level === narrow.level && wide.type === narrow.type && suffix === '' && clauses.length === 0
      ? [sentence('it is for the same type, and has no condition')]
      : [])
  ]
}

/** What the parts have in common that differ only in the permission. */
const keyOf = ({ clauses, granted, requested }: CoverTexts): string => JSON.stringify([requested, granted, clauses])

/** The reason of a yes; null if the answer is no. Left if the question is too complex. */
export const becauseOf = (
  granted: ScopeSet,
  requested: ScopeSet,
  options: ScopeOptions
): Either.Either<TooComplex, Because | null> => {
  const certified = certify(granted, requested, options)
  if (Either.isLeft(certified)) return certified
  const certificate = certified.right
  if (!certificate.result) return Either.right(null)
  const [have, want] = [parse(certificate.granted), parse(certificate.requested)]
  const groups = new Map<string, { readonly texts: CoverTexts; readonly permissions: Set<Permission> }>()
  for (const texts of coverTextsOf(certificate)) {
    const key = keyOf(texts)
    const group = groups.get(key) ?? { texts, permissions: new Set<Permission>() }
    if (texts.permission !== null) group.permissions.add(texts.permission)
    groups.set(key, group)
  }
  const scopes = new Map<number, { readonly scope: string; readonly parts: Array<CoveredPart> }>()
  for (const { permissions, texts } of [...groups.values()].slice(0, shownParts)) {
    const scope = want[texts.requested]
    const known = scopes.get(texts.requested) ?? { scope: scope?.text ?? '', parts: [] }
    scopes.set(texts.requested, known)
    known.parts.push({
      permissions:
        permissions.size === 0
          ? null
          : listed(permissionOrder.filter((one) => permissions.has(one)).map((one) => verbs[one])),
      clauses: texts.clauses,
      granted: have[texts.granted]?.text ?? '',
      reasons: reasonsOf(have[texts.granted], scope, texts)
    })
  }
  return Either.right({ scopes: [...scopes.values()], leftOut: Math.max(0, groups.size - shownParts) })
}
