/**
 * The included resources of a search: those that are connected to the visible matches by `_include` and `_revinclude`.
 *
 * The references of each resource are read once for each edge and indexed by target, and included resources are
 * followed in turn. So the work is linear in the resources and their references, not in their pairs. Source: FHIR R4,
 * search.html, "Including other resources in result".
 *
 * @module
 */
import type { Entry } from './responses.js'
import type { GateContext } from './gate-context.js'
import type { PageEntry } from './page-text.js'
import type { SearchQuery } from '../../protocol/access/search/query.js'
import { referencesIn } from '../../protocol/access/references-in.js'
import { localReference } from '../../protocol/access/search/search-index.js'
import { pathsOf } from '../../protocol/access/search/paths.js'

/** One `_include=Type:parameter` or `_revinclude=Type:parameter`. */
interface Edge {
  readonly isReverse: boolean
  readonly type: string
  readonly parameter: string
}

/** The includes of a search, without duplicates. */
export const edgesIn = (query: SearchQuery): ReadonlyArray<Edge> => [
  ...new Map(
    query.flatMap(({ name, value }): ReadonlyArray<readonly [string, Edge]> => {
      const kind = /^_(rev)?include(?::|$)/.exec(name)
      const [type = '*', parameter = '*'] = value.split(':', 2)
      const isReverse = kind?.[1] === 'rev'
      return kind === null ? [] : [[`${String(isReverse)} ${type}:${parameter}`, { isReverse, type, parameter }]]
    })
  ).values()
]

/** The type and id of the resource of an entry. */
export const nameOfEntry = ({ resource }: Entry): string => `${resource?.resourceType ?? ''}/${resource?.id ?? ''}`

/** All references of a resource to resources of this server. */
const localReferencesIn = (gateContext: GateContext, resource: unknown): ReadonlyArray<string> =>
  referencesIn(resource).flatMap((reference) => localReference(reference, gateContext.references) ?? [])

/**
 * The targets to which a resource refers by some edges: all its references if the parameter of an edge is `*` or
 * unknown to the reader.
 */
const targetsOf = (gateContext: GateContext, edges: ReadonlyArray<Edge>, { resource }: Entry): ReadonlySet<string> => {
  const found = new Set<string>()
  if (resource === undefined) return found
  const own = edges.filter(({ type }) => type === '*' || type === resource.resourceType)
  const isWhole = own.some(({ parameter }) => pathsOf(resource.resourceType, parameter).length === 0)
  for (const { parameter } of own) {
    if (pathsOf(resource.resourceType, parameter).length > 0)
      for (const target of gateContext.evaluation.read(resource, parameter)) found.add(target)
  }
  if (isWhole) for (const target of localReferencesIn(gateContext, resource)) found.add(target)
  return found
}

/**
 * The included entries that are connected to these matches. Entries that only a hidden match leads to would reveal that
 * match.
 */
export const reachable = (
  gateContext: GateContext,
  query: SearchQuery,
  matches: ReadonlyArray<PageEntry>,
  included: ReadonlyArray<PageEntry>
): ReadonlyArray<PageEntry> => {
  if (included.length === 0 || matches.length === 0) return []
  const edges = edgesIn(query)
  const forward = edges.filter(({ isReverse }) => !isReverse)
  const reverse = edges.filter(({ isReverse }) => isReverse)
  const places = new Map(included.map(({ entry }, place) => [nameOfEntry(entry), place]))
  const referring = new Map<string, Array<number>>()
  if (reverse.length > 0) {
    for (const [place, { entry }] of included.entries()) {
      for (const target of targetsOf(gateContext, reverse, entry)) {
        const others = referring.get(target)
        if (others === undefined) referring.set(target, [place])
        else others.push(place)
      }
    }
  }
  const kept = new Set<number>()
  const followed = [...matches]
  for (const { entry } of followed) {
    const forwards =
      forward.length === 0
        ? []
        : [...targetsOf(gateContext, forward, entry)].flatMap((target) => places.get(target) ?? [])
    const joined = [...forwards, ...(referring.get(nameOfEntry(entry)) ?? [])].sort((one, other) => one - other)
    for (const place of joined) {
      const next = included[place]
      if (next === undefined || kept.has(place)) continue
      kept.add(place)
      followed.push(next)
    }
  }
  return followed.slice(matches.length)
}
