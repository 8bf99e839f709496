/**
 * Constructs a resource that satisfies several clauses at once, by the table of element paths. It proves that a scope
 * permits access to something.
 *
 * A repeating element can hold a value for each clause. A single element must satisfy all clauses on it; if several of
 * them require codes or references, these must have one in common.
 *
 * @module
 */
import type { Resource } from '../fhir-interaction.js'
import type { ReadClause } from './clauses.js'
import { isAddressOf } from './search-index.js'
import { orderedElement } from './ordered-witness.js'
import type { ElementPath } from './path-table.js'
import type { Value } from '../../../scopes/clause.js'
import { scopeLimits } from '../../../values/limits/scope.js'
import { ownMembers } from '../../../values/own.js'
import { isObject } from '../../../values/object.js'
import { isFhirId, isResourceTypeName } from '../../../values/fhir.js'
import { hasScheme } from '../../../values/urls.js'

/** A clause, and the path of its parameter. */
export interface PlacedClause {
  readonly clause: ReadClause
  readonly paths: ReadonlyArray<ElementPath>
}

/** The two parts of a queried value; null is any. */
interface Parts {
  readonly outer: string | null
  readonly inner: string | null
}

const partsOf = (value: Value, { kind, members, target }: ElementPath): Parts | null => {
  switch (value._tag) {
    case 'Token':
      if (kind === 'r' || kind === 'u') return null
      // A code, a boolean and an id have no system.
      if (kind !== 'k' && kind !== 'g' && value.system !== null && value.system !== '') return null
      if (members[0] === 'id' && value.code !== null && !isFhirId(value.code)) return null
      if (kind === 'b' && value.code !== null && value.code !== 'true' && value.code !== 'false') return null
      return { outer: value.system, inner: value.code }
    case 'Reference':
      if (kind !== 'r' || !isFhirId(value.id) || (value.type !== null && !isResourceTypeName(value.type))) return null
      return target === null || value.type === null || value.type === target
        ? { outer: value.type ?? target, inner: value.id }
        : null
    case 'Equal':
      if (kind === 'r')
        return hasScheme(value.text) &&
          /^[^:]*:\S+$/.test(value.text) &&
          (target === null || isAddressOf(target, value.text))
          ? { outer: '', inner: value.text }
          : null
      return kind === 'u' ? { outer: null, inner: value.text } : null
    case 'Prefix':
      return null
  }
}

/** An element of a path's kind with these parts. */
const elementOf = ({ kind }: ElementPath, { inner, outer }: Parts): unknown => {
  const coding = { ...(outer === null || outer === '' ? {} : { system: outer }), code: inner ?? 'any' }
  switch (kind) {
    case 'k':
      return { coding: [coding] }
    case 'g':
      return coding
    case 'r':
      return { reference: outer === '' ? inner : `${outer ?? 'Patient'}/${inner ?? ''}` }
    case 'b':
      return inner !== 'false'
    default:
      return inner ?? 'any'
  }
}

const met = (one: string | null, other: string | null): string | null | undefined =>
  one === null ? other : other === null || one === other ? one : undefined

/** The common values of two clauses, indexed by their inner part. An open inner part matches only another open one. */
const commonParts = (mine: ReadonlyArray<Parts>, theirs: ReadonlyArray<Parts>): ReadonlyArray<Parts> => {
  const byInner = new Map<string | null, Array<Parts>>()
  for (const part of theirs) {
    const known = byInner.get(part.inner)
    if (known === undefined) byInner.set(part.inner, [part])
    // A few systems or types of one code are sufficient.
    else if (known.length < scopeLimits.scopeSystems.default) known.push(part)
  }
  return mine
    .flatMap(({ outer, inner }) =>
      (byInner.get(inner) ?? []).flatMap((other) => {
        const both = met(outer, other.outer)
        return both === undefined ? [] : [{ outer: both, inner }]
      })
    )
    .slice(0, Math.max(mine.length, theirs.length))
}

/** An element that satisfies all clauses; null when none was found. */
const elementFor = (path: ElementPath, placed: ReadonlyArray<PlacedClause>): unknown => {
  const [first] = placed
  if (first?.clause.condition._tag === 'Ordered') {
    const values = placed.flatMap(({ clause: { condition } }) =>
      condition._tag === 'Ordered' ? [condition.values] : []
    )
    return values.length < placed.length ? null : orderedElement(first.clause.condition.type, path.kind, values)
  }
  const parts = placed.map(({ clause: { condition }, paths }) => {
    // Another parameter of the same element may accept only references to one type.
    const own = paths.find(({ members }) => members.join('.') === path.members.join('.')) ?? path
    return condition._tag === 'Coded' ? condition.values.flatMap((value) => partsOf(value, own) ?? []) : []
  })
  // The shortest list first, so that the number of comparisons is bounded by it.
  const [begin = [], ...rest] = parts.sort((one, other) => one.length - other.length)
  const [found] = rest.reduce(commonParts, begin)
  return found === undefined ? null : elementOf(path, found)
}

interface Draft {
  [member: string]: unknown
}

const emptyDraft = (): Draft => Object.create(null) as Draft

/** Adds an element at its path; where a member of the path repeats, beside the existing elements. */
const place = (draft: Draft, { members, repeatsAt, kind }: ElementPath, element: unknown): void => {
  let at = draft
  for (const [index, member] of members.entries()) {
    const isLast = index === members.length - 1
    const known = at[member]
    if (index === repeatsAt) {
      const added: unknown = isLast ? element : emptyDraft()
      if (Array.isArray(known)) known.push(added)
      else at[member] = [added]
      at = added as Draft
    } else if (isLast) {
      if (kind === 'k' && isObject(known) && Array.isArray(known['coding']))
        known['coding'].push(...(element as { readonly coding: ReadonlyArray<unknown> }).coding)
      else at[member] = element
    } else {
      const next: Draft = isObject(known) ? known : emptyDraft()
      at[member] = next
      at = next
    }
  }
}

/** Whether an element can hold a value for each clause. */
const holdsMany = ({ kind, repeatsAt }: ElementPath): boolean => repeatsAt !== null || kind === 'k'

/**
 * A resource of a type that satisfies all clauses; null when none was found. The caller checks the result with the
 * access rules.
 */
export const witnessFor = (resourceType: string, clauses: ReadonlyArray<PlacedClause>): Resource | null => {
  const draft: Draft = ownMembers({ resourceType })
  const alone = new Map<string, { readonly paths: ReadonlyArray<ElementPath>; readonly all: Array<PlacedClause> }>()
  for (const placed of clauses) {
    const { paths } = placed
    const path = paths.find((one) => holdsMany(one) && elementFor(one, [placed]) !== null)
    const single = paths.find((one) => !holdsMany(one))
    if (path !== undefined) place(draft, path, elementFor(path, [placed]))
    else if (single === undefined) return null
    else {
      const name = single.members.join('.')
      const known = alone.get(name)
      if (known === undefined) alone.set(name, { paths, all: [placed] })
      else known.all.push(placed)
    }
  }
  for (const { paths, all } of alone.values()) {
    const path = paths.find((one) => elementFor(one, all) !== null)
    if (path === undefined) return null
    place(draft, path, elementFor(path, all))
  }
  return { id: 'any', ...draft } as Resource
}
