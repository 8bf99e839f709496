/**
 * The upstream searches in which the pages of a search are found, one after the other.
 *
 * Each source is the client's search with narrowing parameters. Scopes that differ only in the values of one parameter
 * are one source with a comma list; where the client names its own patient, the compartment needs no further parameter.
 * The host judges every resource, so a source may find too much and never too little. Source: FHIR R4, search.html,
 * 3.1.1.4.17 (a comma is an "or"), and compartmentdefinition.html.
 *
 * @module
 */
import type { Alternative } from '../alternatives.js'
import { meetsAll } from '../alternatives.js'
import type { Resource } from '../fhir-interaction.js'
import type { ReadClause } from './clauses.js'
import { readClause } from './clauses.js'
import type { SearchParameter, SearchQuery } from './query.js'
import { reachOfSearch, typesOfSearch } from './query.js'
import type { Search } from './rewrite.js'
import { rewriteSearch } from './rewrite.js'
import type { IndexReader, ReferenceFacts } from './search-index.js'
import { compartmentParameters } from './search-index.js'
import { clauseOf, commaList } from '../../../scopes/query.js'
import type { Vocabulary } from '../../../scopes/vocabulary.js'
import { fhirR4 } from '../../../scopes/vocabulary.js'
import * as Either from '../../../values/either.js'
import { parseJson } from '../../../values/json.js'
import { isObject } from '../../../values/object.js'
import { ownMember } from '../../../values/own.js'

/** One upstream search. */
export interface SearchSource {
  /** Null for every type. */
  readonly type: string | null
  readonly compartment: Search['compartment']
  /** The client's parameters. */
  readonly own: SearchQuery
  /** The narrowing parameters. */
  readonly added: SearchQuery
  /**
   * Whether the source is narrowed to what the token permits. Otherwise, and where the host has a rule for its users,
   * it may find what is hidden.
   */
  readonly isNarrowed: boolean
}

/** What stands in the place of a parameter's name where the server refused the search of a compartment. */
export const compartmentName = ':compartment'

/** The patient of all alternatives; null if they have none, or several. */
const onePatient = (alternatives: ReadonlyArray<Alternative>): string | null => {
  const patients = new Set(alternatives.map(({ patient }) => patient))
  const [patient = null, ...others] = patients
  return others.length === 0 ? patient : null
}

const keyOf = ({ name, value }: SearchParameter): string => `${name}=${value}`
const keyOfAll = (parameters: SearchQuery): string => JSON.stringify(parameters.map(keyOf).toSorted())

/** Whether a parameter of the client restricts its search to the compartment of a patient. */
const isWay = (type: string, patient: string, alternatives: ReadonlyArray<Alternative>) => {
  if (type === 'Patient') return ({ name, value }: SearchParameter): boolean => name === '_id' && value === patient
  const names = new Set([
    'patient',
    ...alternatives.flatMap(({ moreCompartment }) => compartmentParameters(type, moreCompartment))
  ])
  return ({ name, value }: SearchParameter): boolean =>
    (value === `Patient/${patient}` || value === patient) && names.has(name)
}

/** Requests that differ only in the value of one parameter, as one with a comma list. */
const joined = (all: ReadonlyArray<SearchQuery>): ReadonlyArray<SearchQuery> => {
  const widest = Math.max(0, ...all.map(({ length }) => length))
  let found = all
  for (let place = 0; place < widest; place += 1) {
    const groups = new Map<string, { readonly first: SearchQuery; readonly values: Set<string> }>()
    for (const parameters of found) {
      const key = JSON.stringify(parameters.map((one, index) => (index === place ? one.name : keyOf(one))))
      const group = groups.get(key) ?? { first: parameters, values: new Set<string>() }
      groups.set(key, group)
      for (const { value } of parameters.slice(place, place + 1))
        for (const one of commaList(value)) group.values.add(one)
    }
    found = [...groups.values()].map(({ first, values }) =>
      first.map((one, index) => (index === place ? { name: one.name, value: [...values].join(',') } : one))
    )
  }
  return found
}

const isWithin = (narrow: ReadonlySet<string>, wide: ReadonlySet<string>): boolean =>
  [...wide].every((key) => narrow.has(key))

/** Without requests that find nothing which an earlier or a wider one does not find. */
const different = (all: ReadonlyArray<SearchQuery>): ReadonlyArray<SearchQuery> => {
  const once = [...new Map(all.map((parameters) => [keyOfAll(parameters), parameters])).values()]
  const keyed = once.map((parameters) => ({ parameters, keys: new Set(parameters.map(keyOf)) }))
  return keyed
    .filter(({ keys }) => !keyed.some((wide) => wide.keys.size < keys.size && isWithin(keys, wide.keys)))
    .map(({ parameters }) => parameters)
}

/** The narrowing parameters for the types of a search. */
interface Narrowed {
  /**
   * One list for each request of a type; none if the alternatives cannot be expressed as searches. `isOwn` if the
   * client names its own patient.
   */
  readonly ofType: (type: string, isOwn: boolean) => ReadonlyArray<SearchQuery>
  readonly leads: (type: string) => (parameter: SearchParameter) => boolean
}

const narrowedAnew = (
  types: ReadonlyArray<string>,
  alternatives: ReadonlyArray<Alternative>,
  vocabulary: Vocabulary,
  most: number
): Narrowed => {
  const query = [{ name: '_type', value: types.join(',') }]
  const narrowed = rewriteSearch(
    { _tag: 'Search', type: null, compartment: null, query },
    alternatives,
    vocabulary,
    most
  )
  const requests = Either.isLeft(narrowed) ? [] : narrowed.right
  const patient = onePatient(alternatives)
  const [ways, joint] = [new Map<string, ReturnType<typeof isWay>>(), new Map<string, ReadonlyArray<SearchQuery>>()]
  const leads: Narrowed['leads'] = (type) => {
    const way = ways.get(type) ?? (patient === null ? () => false : isWay(type, patient, alternatives))
    ways.set(type, way)
    return way
  }
  return {
    leads,
    ofType: (type, isOwn) => {
      const key = `${String(isOwn)} ${type}`
      const known = joint.get(key)
      if (known !== undefined) return known
      const way = leads(type)
      const added = requests
        .filter((request) => request.type === type)
        .map((request) => (isOwn ? request.query.filter((parameter) => !way(parameter)) : request.query))
      const found = different(joined(different(added)))
      joint.set(key, found)
      return found
    }
  }
}

/** The narrowings for the same alternatives, by the types of a search and the number of requests. */
interface NarrowedBefore {
  readonly alternatives: ReadonlyArray<Alternative>
  readonly vocabulary: Vocabulary
  readonly byTypes: Map<string, Narrowed>
}

const narrowedBefore = new WeakMap<Alternative, NarrowedBefore>()

/** How many searches of different types are remembered for the same alternatives. */
const remembered = 32

const isSameList = (one: ReadonlyArray<Alternative>, other: ReadonlyArray<Alternative>): boolean =>
  one.length === other.length && one.every((alternative, place) => alternative === other[place])

/** What {@link narrowedAnew} finds, computed once for the same alternatives, types and bound. */
const narrowedTo = (
  types: ReadonlyArray<string>,
  alternatives: ReadonlyArray<Alternative>,
  vocabulary: Vocabulary,
  most: number
): Narrowed => {
  const [first] = alternatives
  if (first === undefined) return narrowedAnew(types, alternatives, vocabulary, most)
  const before = narrowedBefore.get(first)
  const isKnown = before?.vocabulary === vocabulary && isSameList(before.alternatives, alternatives)
  const known = isKnown ? before : { alternatives, vocabulary, byTypes: new Map<string, Narrowed>() }
  narrowedBefore.set(first, known)
  const key = JSON.stringify([most, types])
  const found = known.byTypes.get(key) ?? narrowedAnew(types, alternatives, vocabulary, most)
  if (known.byTypes.size < remembered) known.byTypes.set(key, found)
  return found
}

/**
 * The sources of a search within the alternatives of a decision, at least one. `most` is how many requests
 * {@link rewriteSearch} may make.
 *
 * @example
 * ```ts
 * import { decide, defaultPolicy, interactionOf, parse } from 'smart-app-launch/fp-ts'
 * import { sourcesOf } from './sources.js'
 *
 * const scopes = parse('patient/Observation.s?category=a patient/Observation.s?category=b')
 * const facts = { clientId: 'app', scopes, context: { patient: '1' }, user: null }
 * const plain = { method: 'GET', path: '/Observation', headers: {}, body: '' }
 * const added = (query: string) => {
 *   const search = interactionOf({ ...plain, query })
 *   const decision = decide(defaultPolicy, facts, search)
 *   const sources =
 *     search._tag === 'Search' && decision._tag === 'Filter' ? sourcesOf(search, decision.alternatives, 50) : []
 *   return sources.map((one) => one.added.map(({ name, value }) => `${name}=${value}`).join('&'))
 * }
 * added('') // => ['category=a,b&subject=Patient/1', 'category=a,b&performer=Patient/1']
 * added('patient=1') // => ['category=a,b']
 * ```
 */
export const sourcesOf = (
  search: Search,
  alternatives: ReadonlyArray<Alternative>,
  most: number,
  vocabulary: Vocabulary = fhirR4
): ReadonlyArray<SearchSource> => {
  const { type, compartment, query } = search
  const whole: SearchSource = { type, compartment, own: query, added: [], isNarrowed: false }
  const own = query.filter(({ name }) => name !== '_type')
  const types = type === null ? typesOfSearch(query) : [type]
  // Included resources are checked one by one, so the matches of a search with includes are narrowed all the same.
  if (types === null || reachOfSearch(query).findsAnyType) return [whole]
  const narrowed = narrowedTo(types, alternatives, vocabulary, most)
  const patient = onePatient(alternatives)
  const isHostRuled = alternatives.some(({ isOfUser }) => isOfUser)
  const sources = types.flatMap((one) => {
    const isOwn = (compartment?.type === 'Patient' && compartment.id === patient) || query.some(narrowed.leads(one))
    return narrowed.ofType(one, isOwn).map((added): SearchSource => {
      const isNarrowed = !isHostRuled && (isOwn || added.length > 0)
      return { type: one, compartment, own, added, isNarrowed }
    })
  })
  if (sources.length === 0) return [whole]
  // The results of several requests have no common order.
  if (sources.length === 1 || !query.some(({ name }) => name === '_sort')) return sources
  return type !== null && patient !== null && compartment === null && compartmentParameters(type).length > 0
    ? [
        {
          type,
          compartment: { type: 'Patient', id: patient },
          own,
          added: [],
          isNarrowed: !isHostRuled && sources.every(({ added }) => added.every(narrowed.leads(type)))
        }
      ]
    : [whole]
}

/** A source without the narrowing that the server refused. */
export const withoutRefused = (source: SearchSource, search: Search, refused: ReadonlyArray<string>): SearchSource => {
  const added = source.added.filter(({ name }) => !refused.includes(name))
  const isCompartmentRefused = refused.includes(compartmentName) && source.compartment !== search.compartment
  return {
    ...source,
    compartment: isCompartmentRefused ? search.compartment : source.compartment,
    added,
    isNarrowed: source.isNarrowed && !isCompartmentRefused && added.length === source.added.length
  }
}

const memberAt = (value: unknown, name: string): unknown => (isObject(value) ? ownMember(value, name) : undefined)

const textsAt = (value: unknown, name: string): ReadonlyArray<string> =>
  [memberAt(value, name)].flat().filter((one) => typeof one === 'string')

/** What a refusal says: the texts and places of its issues; the whole answer if it is no OperationOutcome. */
const saidIn = (answer: string): ReadonlyArray<string> => {
  const read = parseJson(answer)
  const issue = read._tag === 'Some' ? memberAt(read.value, 'issue') : undefined
  if (!Array.isArray(issue)) return [answer]
  return issue.flatMap((one: unknown) => [
    ...['diagnostics', 'expression', 'location'].flatMap((name) => textsAt(one, name)),
    ...textsAt(memberAt(one, 'details'), 'text')
  ])
}

/**
 * The parameters that a refusal names, if they are not all: in quotation marks, or as the place of an issue
 * (`http.name`); else as a word. A server that lists every parameter that it knows names none.
 */
const namedIn = (answer: string, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const said = saidIn(answer)
  const among = (words: ReadonlyArray<string | undefined>): ReadonlyArray<string> => {
    const named = names.filter((name) => words.includes(name))
    return named.length < names.length ? named : []
  }
  const quoted = among(
    said.flatMap((text) =>
      [...text.matchAll(/["'`\u2018\u201c]([\w-]+)["'`\u2019\u201d]|^http\.([\w-]+)$/g)].map(
        ([, one, place]) => one ?? place
      )
    )
  )
  return quoted.length > 0 ? quoted : among(said.flatMap((text) => text.split(/[^\w-]/)))
}

/**
 * What to leave out after the server refused a source: the parameters that its answer names; else those of the scopes
 * before those of the compartment; else all. Null if there is nothing to leave out.
 */
export const narrowingsToDrop = (
  { added, compartment, type }: SearchSource,
  search: Search,
  answer: string
): ReadonlyArray<string> | null => {
  if (compartment !== search.compartment) return [compartmentName]
  const names = [...new Set(added.map(({ name }) => name))]
  if (names.length === 0) return null
  const named = namedIn(answer, names)
  if (named.length > 0) return named
  const ways = new Set(compartmentParameters(type ?? ''))
  const clauses = names.filter((name) => !ways.has(name))
  return clauses.length > 0 ? clauses : names
}

/** Tests whether a source finds a resource that matches the client's own search. */
export const isFoundBy = (
  { added, type }: SearchSource,
  read: IndexReader,
  references: ReferenceFacts,
  vocabulary: Vocabulary = fhirR4
): ((resource: Resource) => boolean) => {
  const clausesFor = (resourceType: string): ReadonlyArray<ReadClause> =>
    added.map(({ name, value }) =>
      readClause(vocabulary, resourceType, clauseOf(name, null, commaList(value)), references)
    )
  // A source with narrowing parameters has a type, unless the client's own search has none.
  const known = type === null ? null : clausesFor(type)
  return (resource) =>
    (type === null || type === resource.resourceType) &&
    meetsAll(known ?? clausesFor(resource.resourceType), resource, read)
}
