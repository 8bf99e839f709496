/**
 * Wrong versions of what the suite measures: each gives the right answer, and takes the square of the work to find it.
 */
import { list, times, word } from './inputs.js'
import * as Either from 'fp-ts/lib/Either.js'
import { isResponseAt } from '../../src/protocol/app/callback.js'
import { meetsAll } from '../../src/protocol/access/alternatives.js'
import type { Resource } from '../../src/protocol/access/fhir-interaction.js'
import type { ReadClause } from '../../src/protocol/access/search/clauses.js'
import { meetsClause, readClause } from '../../src/protocol/access/search/clauses.js'
import { pathsOf } from '../../src/protocol/access/search/paths.js'
import { indexReader } from '../../src/protocol/access/search/search-index.js'
import { witnessFor } from '../../src/protocol/access/search/witness.js'
import { applyPatch } from '../../src/protocol/access/json-patch.js'
import type { RegisteredClient } from '../../src/protocol/client/client.js'
import { originsOf } from '../../src/protocol/client/cors.js'
import type { Parameters } from '../../src/protocol/http/form.js'
import { formDecode, readForm } from '../../src/protocol/http/form.js'
import { format } from '../../src/scopes/format.js'
import { parse } from '../../src/scopes/parse.js'
import { clauseOf } from '../../src/scopes/query.js'
import { fhirR4 } from '../../src/scopes/vocabulary.js'
import type { Scope, ScopeSet } from '../../src/scopes/scope.js'
import { isResourceScope, withoutRepetitions } from '../../src/scopes/scope.js'
import { disjoint, subsumption } from '../../src/scopes/subsumes.js'
import { asRegisteredClient } from '../../src/protocol/client/stored-client.js'
import type { Registered } from '../../src/protocol/client/stored-client.js'
import { hasUniqueNames } from '../../src/values/json.js'

interface Coded {
  readonly coding: ReadonlyArray<unknown>
}

const codePaths = pathsOf('Observation', 'code')

/** A planted version beside the right one, and an input of a size. */
export interface Planted<Input> {
  readonly name: string
  readonly right: (input: Input) => unknown
  readonly planted: (input: Input) => unknown
  readonly inputOf: (size: number) => Input
}

const scopes = (size: number): ScopeSet => parse(list(size, (place) => `patient/T${word(place)}.rs`))

const addedOneByOne = (all: ReadonlyArray<Scope>): ReadonlyArray<Scope> => {
  let found: ReadonlyArray<Scope> = []
  for (const one of all) found = [...found, one]
  return found
}

const textOf = (set: ScopeSet): string => {
  let text = ''
  for (const scope of set) text = text === '' ? scope.text : `${text} ${scope.text}`
  return text
}

const readByCutting = (text: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  let rest = text
  while (rest.includes(' ')) {
    found.push(rest.slice(0, rest.indexOf(' ')))
    rest = rest.slice(rest.indexOf(' ') + 1)
  }
  found.push(rest)
  return found
}

const formAsObjects = (text: string): Parameters => {
  let all: Readonly<Record<string, ReadonlyArray<string>>> = {}
  for (const part of text.split('&')) {
    const [name = '', value = ''] = part.split('=')
    const decoded = formDecode(value)
    all = { ...all, [name]: [...(all[name] ?? []), decoded._tag === 'Right' ? decoded.right : ''] }
  }
  return new Map(Object.entries(all))
}

/**
 * Planted versions, each of another kind: a copy per step, a list looked through per step, everything with everything.
 */
export const plantedScopes: ReadonlyArray<Planted<ScopeSet>> = [
  { name: 'a list that is copied for each scope', right: (set) => set, planted: addedOneByOne, inputOf: scopes },
  { name: 'a text that is written anew for each scope', right: format, planted: textOf, inputOf: scopes },
  {
    name: 'repetitions looked for in a list',
    right: withoutRepetitions,
    planted: (set) => {
      const texts: Array<string> = []
      return set.filter(({ text }) => !texts.includes(text) && texts.push(text) > 0)
    },
    inputOf: scopes
  },
  {
    name: 'each scope compared with each other one',
    right: (set) => subsumption(set, set),
    planted: (set) => {
      const isCovered = set.every((scope) => set.some((other) => other.text === scope.text))
      return { _tag: 'Right', right: isCovered }
    },
    inputOf: scopes
  },
  {
    name: 'kinds found by looking through all',
    right: (set) => disjoint(set, parse('user/Patient.rs')),
    planted: (set) =>
      set
        .filter(isResourceScope)
        .every(({ type }) => set.filter(isResourceScope).find((other) => other.type === type)?.level !== 'user'),
    inputOf: scopes
  }
]

export const plantedTexts: ReadonlyArray<Planted<string>> = [
  {
    name: 'scopes cut off the rest of a text',
    right: (text) => parse(text).map((scope) => scope.text),
    planted: readByCutting,
    inputOf: (size) => list(size, word)
  },
  {
    name: 'a form whose parameters are copied for each pair',
    right: (text) => {
      const form = readForm(text)
      return form._tag === 'Right' ? form.right : null
    },
    planted: formAsObjects,
    inputOf: (size) => list(size, (place) => `p${word(place)}=1`, '&')
  },
  {
    name: 'names of JSON looked for in a list',
    right: hasUniqueNames,
    planted: (text) => {
      const names = Object.keys(JSON.parse(text) as object)
      return names.every((name, place) => names.indexOf(name) === place)
    },
    inputOf: (size) => `{${list(size, (place) => `"m${word(place)}":1`, ',')}}`
  },
  {
    name: 'origins put together with concat',
    right: (text) => originsOf({ applicationType: 'web', redirectUris: text.split(' '), launchUris: [] }),
    planted: (text) =>
      text.split(' ').reduce<ReadonlyArray<string>>((all, one) => all.concat(one.replace('/cb', '')), []),
    inputOf: (size) => list(size, (place) => `https://a${word(place)}.example/cb`)
  }
]

const insertions = (size: number): ReadonlyArray<number> => times(size, (place) => (place * 7919) % (size + place))

const splicedOneByOne = (places: ReadonlyArray<number>): unknown => {
  const items = places.map((_, place) => place)
  for (const place of places) items.splice(place, 0, -1)
  return items
}

const patchedList = (places: ReadonlyArray<number>): unknown => {
  const patched = applyPatch(
    { list: places.map((_, place) => place) },
    places.map((place) => ({ op: 'add', path: `/list/${String(place)}`, value: -1 }))
  )
  return Either.isRight(patched) ? (patched.right as { readonly list: unknown }).list : patched
}

/** Planted versions of what is done with lists. */
export const plantedLists: ReadonlyArray<Planted<ReadonlyArray<number>>> = [
  {
    name: 'items of a patch that move all behind them',
    right: patchedList,
    planted: splicedOneByOne,
    inputOf: insertions
  }
]

const stored = (size: number): Registered => ({
  _tag: 'Registered',
  clientId: 'c',
  writeId: 'a',
  recordExpiresAt: 9,
  issuedAt: 0,
  hasInitialAccessToken: false,
  clientName: '',
  redirectUris: [],
  launchUris: [],
  scope: '',
  grantTypes: [],
  tokenEndpointAuthMethod: 'none',
  applicationType: 'web',
  keys: null,
  secrets: times(size, (place) => ({ digest: word(place), until: null })),
  managementDigest: ''
})

const secretsCopied = ({ secrets }: Registered): RegisteredClient['secretDigests'] => {
  let digests: ReadonlyArray<string> = []
  for (const { digest } of secrets) digests = [...digests, digest]
  return digests
}

/** Planted versions of what is done with stored clients. */
export const plantedClients: ReadonlyArray<Planted<Registered>> = [
  {
    name: 'secrets of a stored client that are copied for each',
    right: (client) => asRegisteredClient(client, 5).secretDigests,
    planted: secretsCopied,
    inputOf: stored
  }
]

const callback = (size: number): readonly [redirectUri: string, arrivedAt: string] => {
  const redirectUri = `https://app.example/cb?${list(size, (place) => `p=${word(place)}`, '&')}`
  return [redirectUri, `${redirectUri}&code=1`]
}

const arrivedByLooking = ([redirectUri, arrivedAt]: readonly [string, string]): boolean => {
  const [own, arrived] = [redirectUri, arrivedAt].map((url) => url.slice(url.indexOf('?') + 1).split('&'))
  return (own ?? []).every((pair) => arrived?.includes(pair) === true)
}

/** Planted versions of what an app does when its user comes back. */
export const plantedCallbacks: ReadonlyArray<Planted<readonly [string, string]>> = [
  {
    name: 'parameters of a callback looked for in a list',
    right: ([own, arrived]) => isResponseAt(own, arrived),
    planted: arrivedByLooking,
    inputOf: callback
  }
]

/** A resource with so many codes, and as many clauses that each ask for one of them. */
const codesAndClauses = (size: number): readonly [Resource, ReadonlyArray<ReadClause>] => [
  { resourceType: 'Observation', id: 'a', code: { coding: times(size, (place) => ({ code: word(place) })) } },
  times(size, (place) => readClause(fhirR4, 'Observation', clauseOf('code', null, [word(place)])))
]

/** Planted versions of what is done with the clauses of a scope. */
export const plantedClauses: ReadonlyArray<Planted<readonly [Resource, ReadonlyArray<ReadClause>]>> = [
  {
    name: 'a resource that is read anew for each clause',
    right: ([resource, clauses]) => meetsAll(clauses, resource, indexReader()),
    planted: ([resource, clauses]) =>
      clauses.every((clause) => indexReader()(resource, clause.key).some((index) => meetsClause(clause, index))),
    inputOf: codesAndClauses
  },
  {
    name: 'a resource made of clauses whose lists are copied for each',
    right: ([, clauses]) =>
      witnessFor(
        'Observation',
        clauses.map((clause) => ({ clause, paths: codePaths }))
      ),
    planted: ([, clauses]) =>
      clauses.reduce<Resource>(
        (resource, { condition }) => {
          const added =
            condition._tag === 'Coded' ? condition.values.flatMap((one) => (one._tag === 'Token' ? one.code : [])) : []
          const coding = [...(resource['code'] as Coded).coding, ...added.map((code) => ({ code }))]
          return { ...resource, code: { coding } }
        },
        { id: 'any', resourceType: 'Observation', code: { coding: [] } }
      ),
    inputOf: codesAndClauses
  }
]
