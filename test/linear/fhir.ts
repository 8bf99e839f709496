import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { LinearRow } from './row.js'
import { recordsOf } from '../../src/simulator/fhir/records.js'
import { localFhirServer } from '../../src/simulator/fhir/server.js'
import type { GateOptions } from '../../src/engine/resource/gate-context.js'
import { fhirGate } from '../../src/engine/resource/fhir-gate.js'
import { withoutInternalAddresses } from '../../src/engine/resource/addresses/internal-addresses.js'
import { decide } from '../../src/protocol/access/decision.js'
import { isOfPatientAlone } from '../../src/protocol/access/patient-alone.js'
import { interactionOf } from '../../src/protocol/access/read-interaction.js'
import { readSearchQuery } from '../../src/protocol/access/search/query.js'
import { applyFhirPathPatch } from '../../src/protocol/access/fhirpath/fhirpath-patch.js'
import { applyPatch } from '../../src/protocol/access/json-patch.js'
import { meetsClause, readClause } from '../../src/protocol/access/search/clauses.js'
import { indexReader } from '../../src/protocol/access/search/search-index.js'
import { rewriteSearch } from '../../src/protocol/access/search/rewrite.js'
import type { PlainRequest, PlainResponse } from '../../src/protocol/http/message.js'
import { defaultPolicy } from '../../src/protocol/policy/policy.js'
import { parse } from '../../src/scopes/parse.js'
import { clauseOf } from '../../src/scopes/query.js'
import { fhirR4 } from '../../src/scopes/vocabulary.js'
import { jsonSpans } from '../../src/values/json-spans.js'
import { withNumbersAsTexts, withTextsAsNumbers } from '../../src/values/json-numbers.js'

const base = 'https://ehr.example/fhir'
const list = <A>(size: number, one: (place: number) => A): ReadonlyArray<A> =>
  Array.from({ length: size }, (_, place) => one(place))

const members = (size: number): object => Object.fromEntries(list(size, (place) => [`k${String(place)}`, { a: place }]))

/** A document with many members and as many operations on it. */
const patches: Readonly<Record<string, (size: number) => readonly [unknown, unknown]>> = {
  'one member again and again': (size) => [members(size), list(size, () => ({ op: 'replace', path: '/k0', value: 1 }))],
  'each member': (size) => [
    members(size),
    list(size, (place) => ({ op: 'replace', path: `/k${String(place)}/a`, value: 1 }))
  ],
  'new members': (size) => [
    members(size),
    list(size, (place) => ({ op: 'add', path: `/n${String(place)}`, value: 1 }))
  ],
  'members that go': (size) => [members(size), list(size, (place) => ({ op: 'remove', path: `/k${String(place)}` }))],
  'members that move': (size) => [
    members(size),
    list(size, (place) => ({ op: 'move', from: `/k${String(place)}`, path: `/n${String(place)}` }))
  ],
  'members that are copied': (size) => [
    members(size),
    list(size, (place) => ({ op: 'copy', from: `/k${String(place)}`, path: `/n${String(place)}` }))
  ],
  'items of a list': (size) => [
    { list: list(size, (place) => place) },
    list(size, (place) => ({ op: 'replace', path: `/list/${String(place)}`, value: 1 }))
  ],
  'items after a list': (size) => [
    { list: list(size, (place) => place) },
    list(size, () => ({ op: 'add', path: '/list/-', value: 1 }))
  ],
  'items before a list': (size) => [
    { list: list(size, (place) => place) },
    list(size, () => ({ op: 'add', path: '/list/0', value: 1 }))
  ],
  'items into a list': (size) => [
    { list: list(size, (place) => place) },
    list(size, (place) => ({ op: 'add', path: `/list/${String((place * 7919) % size)}`, value: 1 }))
  ],
  'items that go from the front of a list': (size) => [
    { list: list(size, (place) => place) },
    list(size, () => ({ op: 'remove', path: '/list/0' }))
  ],
  'items that move to the front of a list': (size) => [
    { list: list(size, (place) => place) },
    list(size, (place) => ({ op: 'move', from: `/list/${String(place)}`, path: '/list/0' }))
  ],
  'items before a list, each changed then': (size) => [
    { list: list(size, (place) => place) },
    list(size, (place) =>
      place % 2 === 0 ? { op: 'add', path: '/list/0', value: {} } : { op: 'add', path: '/list/0/a', value: 1 }
    )
  ],
  'items that go from the end of a list': (size) => [
    { list: list(size, (place) => place) },
    list(size, (place) => ({ op: 'remove', path: `/list/${String(size - 1 - place)}` }))
  ],
  'tests of members': (size) => [
    members(size),
    list(size, (place) => ({ op: 'test', path: `/k${String(place)}`, value: { a: place } }))
  ],
  'a list of lists': (size) => [
    { list: list(size, () => [[1]]) },
    list(size, (place) => ({ op: 'add', path: `/list/${String(place)}/0/-`, value: 2 }))
  ]
}

/** The work of the gate before a server that answers so. */
const gate = (
  scope: string,
  answer: (request: PlainRequest) => unknown,
  request: Partial<PlainRequest>,
  options: Partial<GateOptions> = {}
) => {
  const said = (body: unknown): PlainResponse => ({
    status: body === undefined ? 404 : 200,
    headers: {},
    body: body === undefined ? '' : JSON.stringify(body)
  })
  const server: GateOptions['server'] = { answer: (one) => TaskEither.right(said(answer(one))) }
  const facts = { clientId: 'app', scopes: parse(scope), context: { patient: 'a' }, user: null }
  const run = fhirGate({ server, policy: defaultPolicy, base, ...options }, facts)
  return () => run({ method: 'GET', path: '/', query: '', headers: {}, body: '', ...request })()
}

const subject = { reference: 'Patient/a' }
const observation = (place: number) => ({
  resourceType: 'Observation',
  id: `o${String(place)}`,
  meta: { versionId: '1' },
  subject,
  encounter: { reference: `Encounter/e${String(place)}` },
  performer: [{ reference: `Practitioner/p${String(place)}` }]
})

const bundle = (entry: ReadonlyArray<unknown>, next?: string) => ({
  resourceType: 'Bundle',
  type: 'searchset',
  entry,
  link: next === undefined ? [] : [{ relation: 'next', url: next }]
})

const matches = (size: number) => list(size, (place) => ({ search: { mode: 'match' }, resource: observation(place) }))
const included = (size: number, resource: (place: number) => object) =>
  list(size, (place) => ({ search: { mode: 'include' }, resource: resource(place) }))
const encounter = (place: number) => ({ resourceType: 'Encounter', id: `e${String(place)}`, subject })
const practitioner = (place: number) => ({ resourceType: 'Practitioner', id: `p${String(place)}` })
const next = (place: number) => ({
  resourceType: 'Observation',
  id: `n${String(place)}`,
  subject,
  hasMember: [{ reference: `Observation/n${String(place + 1)}` }]
})

const searches: Readonly<
  Record<string, (size: number) => readonly [query: string, answer: (request: PlainRequest) => unknown]>
> = {
  'matches of one page': (size) => ['', () => bundle(matches(size))],
  'a parameter of _include that is known': (size) => [
    '_include=Observation:performer',
    () => bundle([...matches(size), ...included(size, practitioner)])
  ],
  'a parameter of _include that is not known': (size) => [
    '_include=Observation:encounter-x',
    () => bundle([...matches(size), ...included(size, encounter)])
  ],
  'a _revinclude': (size) => [
    '_revinclude=Observation:encounter-x',
    () =>
      bundle([
        ...list(size, (place) => ({ search: { mode: 'match' }, resource: encounter(place) })),
        ...included(size, observation)
      ])
  ],
  'an _include:iterate': (size) => [
    '_include:iterate=Observation:has-member-x',
    () => bundle([{ search: { mode: 'match' }, resource: { ...next(-1), id: 'n' } }, ...included(size, next)])
  ]
}

const request = (method: string, url: string, resource?: unknown) => ({
  request: { method, url },
  ...(resource === undefined ? {} : { resource })
})

const bundleOf = (type: 'batch' | 'transaction', entry: ReadonlyArray<unknown>): Partial<PlainRequest> => ({
  method: 'POST',
  body: JSON.stringify({ resourceType: 'Bundle', type, entry })
})

const stored = ({ method, path, body }: PlainRequest): unknown => {
  if (method === 'GET') return observation(Number(path.slice('/Observation/o'.length)))
  return path === '/'
    ? {
        resourceType: 'Bundle',
        type: 'transaction-response',
        entry: (JSON.parse(body) as { readonly entry: ReadonlyArray<unknown> }).entry
      }
    : JSON.parse(body)
}

const urn = (place: number): string => `urn:uuid:${String(place)}`

const bundles: Readonly<Record<string, (size: number) => Partial<PlainRequest>>> = {
  'a batch of reads': (size) =>
    bundleOf(
      'batch',
      list(size, (place) => request('GET', `Observation/o${String(place)}`))
    ),
  'a batch of updates': (size) =>
    bundleOf(
      'batch',
      list(size, (place) => request('PUT', `Observation/o${String(place)}`, observation(place)))
    ),
  'a transaction of updates': (size) =>
    bundleOf(
      'transaction',
      list(size, (place) => request('PUT', `Observation/o${String(place)}`, observation(place)))
    ),
  'a transaction whose entries refer to one another': (size) =>
    bundleOf(
      'transaction',
      list(size, (place) => ({
        ...request('POST', 'Observation', {
          resourceType: 'Observation',
          subject,
          hasMember: [{ reference: urn(place + 1) }]
        }),
        fullUrl: urn(place)
      }))
    )
}

const get = (query: string) => interactionOf({ method: 'GET', path: '/Observation', query, headers: {}, body: '' })
const facts = (scope: string) => ({ clientId: 'app', scopes: parse(scope), context: { patient: 'a' }, user: null })
const numbers = (size: number): string => `[${list(size, (place) => `${String(place)}.10`).join(',')}]`

const decisions: ReadonlyArray<LinearRow> = [
  {
    name: 'decide: a search that looks at many types',
    of: (size) => {
      const [who, search] = [
        facts('patient/Observation.s'),
        get(
          list(
            size / 4,
            (place) =>
              `_has:T${place.toString(36).replace(/[0-9]/g, (digit) => 'ghijklmnop'[Number(digit)] ?? '')}` +
              ':patient:code=1'
          ).join('&')
        )
      ]
      return () => decide(defaultPolicy, who, search)
    }
  },
  {
    name: 'decide: a body with many conditional references',
    of: (size) => {
      const body = JSON.stringify({
        resourceType: 'List',
        entry: list(size, (place) => ({ item: { reference: `Patient?identifier=${String(place)}` } }))
      })
      const create = interactionOf({ method: 'POST', path: '/List', query: '', headers: {}, body })
      return () => decide(defaultPolicy, facts('system/List.c'), create)
    }
  },
  {
    name: 'isOfPatientAlone: many links that name one large contained resource',
    of: (size) => {
      const contained = [
        { resourceType: 'RelatedPerson', id: 'c', name: list(size, (place) => ({ family: String(place) })) }
      ]
      const patient = {
        resourceType: 'Patient',
        id: 'a',
        contained,
        link: list(size, () => ({ other: { reference: '#c' }, type: 'seealso' }))
      }
      const read = indexReader({ base, aliases: [] })
      return () => isOfPatientAlone(read, patient, 'a', {}, patient)
    }
  },
  {
    name: 'decide: a transaction of which nothing is permitted',
    of: (size) => {
      const transaction = interactionOf({
        method: 'POST',
        path: '/',
        query: '',
        headers: {},
        body: '',
        ...bundleOf(
          'transaction',
          list(size, () => request('GET', 'Observation/1'))
        )
      })
      return () => decide(defaultPolicy, facts('patient/Patient.r'), transaction)
    }
  },
  {
    name: 'rewriteSearch: as many scopes with a query',
    of: (size) => {
      const who = facts(list(size, (place) => `patient/Observation.s?code=${String(place)}`).join(' '))
      const search = get('')
      const decision = decide(defaultPolicy, who, search)
      return () =>
        search._tag === 'Search' && decision._tag === 'Filter' ? rewriteSearch(search, decision.alternatives) : null
    }
  },
  {
    name: 'readSearchQuery',
    size: 90,
    of: (size) => () => readSearchQuery(list(size, (place) => `p${String(place)}=1`).join('&'))
  },
  { name: 'withNumbersAsTexts', of: (size) => () => withNumbersAsTexts(numbers(size)) },
  { name: 'withTextsAsNumbers', of: (size) => () => withTextsAsNumbers(withNumbersAsTexts(numbers(size))) }
]

/** The simulator's server as it carries out one request. */
const simulator =
  (
    entriesOf: (size: number) => ReadonlyArray<unknown>,
    resources: Parameters<typeof recordsOf>[0] = [],
    type: 'batch' | 'transaction' = 'transaction'
  ) =>
  (size: number) => {
    let made = 0
    const at = '2024-01-01T00:00:00Z'
    const server = localFhirServer(recordsOf(resources, at), {
      fhirBaseUrl: base,
      instant: () => at,
      newId: () => String(made++)
    })
    const body = JSON.stringify({ resourceType: 'Bundle', type, entry: entriesOf(size) })
    return () => server.answer(() => true, { method: 'POST', path: '/', query: '', headers: {}, body })
  }

/** A FHIRPath Patch on a Patient with as many telephone numbers. */
const fhirPathPatch =
  (operationOf: (place: number, size: number) => Readonly<Record<string, string>>) =>
  (size: number): (() => unknown) => {
    const patient = {
      resourceType: 'Patient',
      telecom: list(size, (place) => ({ system: 'phone', value: String(place) }))
    }
    const parameter = list(size, (place) => ({
      name: 'operation',
      part: Object.entries(operationOf(place, size)).map(([name, value]) => ({
        name,
        [name === 'type' ? 'valueCode' : 'valueString']: value
      }))
    }))
    const patch = { resourceType: 'Parameters', parameter }
    return () => applyFhirPathPatch(patient, patch)
  }

const fhirPathPatches: Readonly<Record<string, (size: number) => () => unknown>> = {
  'each item of a list': fhirPathPatch((place) => ({
    type: 'replace',
    path: `Patient.telecom[${String(place)}].value`,
    value: 'x'
  })),
  'items that go from the front of a list': fhirPathPatch(() => ({ type: 'delete', path: 'Patient.telecom[0]' })),
  'items that go from the end of a list': fhirPathPatch((place, size) => ({
    type: 'delete',
    path: `Patient.telecom[${String(size - 1 - place)}]`
  }))
}

/** The Observations that a search by `_id` asks for. */
const observationsIn = (address: string): object => {
  const [, ids = ''] = /[?&]_id=([^&]*)/.exec(address) ?? []
  const found = ids === '' ? [] : decodeURIComponent(ids).split(',')
  return bundle(found.map((id) => ({ search: { mode: 'match' }, resource: observation(Number(id.slice(1))) })))
}

/** The responses to a batch of searches by `_id`. */
const batchOfSearches = (body: string): object => {
  const { entry } = JSON.parse(body) as {
    readonly entry: ReadonlyArray<{ readonly request: { readonly url: string } }>
  }
  return {
    resourceType: 'Bundle',
    type: 'batch-response',
    entry: entry.map(({ request: { url } }) => ({ resource: observationsIn(url), response: { status: '200' } }))
  }
}

/** A page of Provenances, each with targets of its own that must be looked up. */
const provenances = (size: number, targets = 1): ReturnType<typeof gate> =>
  gate(
    'patient/*.rs',
    ({ body, method, path, query }) =>
      path === '/Provenance'
        ? bundle(
            list(size, (place) => ({
              search: { mode: 'match' },
              resource: {
                resourceType: 'Provenance',
                id: String(place),
                target: list(targets, (other) => ({ reference: `Observation/o${String(place * targets + other)}` }))
              }
            }))
          )
        : method === 'POST'
          ? batchOfSearches(body)
          : observationsIn(`${path}?${query}`),
    { path: '/Provenance', query: 'patient=a' },
    { rules: { accessProfile: 'us-core' } }
  )

const internalAddresses = (size: number): string => list(size, (place) => `http://h${String(place)}/x`).join(' ')

/** What stands in front of a FHIR server, and the simulator's own. */
export const fhirRows: ReadonlyArray<LinearRow> = [
  ...Object.entries(patches).map(([name, inputs]): LinearRow => ({
    name: `applyPatch: ${name}`,
    of: (size) => {
      const [document, patch] = inputs(size)
      return () => applyPatch(document, patch)
    }
  })),
  ...Object.entries(searches).map(([name, inputs]): LinearRow => ({
    name: `a search through the gate: ${name}`,
    of: (size) => {
      const [query, answer] = inputs(size)
      return gate('patient/*.rs system/Practitioner.rs', answer, { path: '/Observation', query })
    }
  })),
  ...Object.entries(bundles).map(([name, inputs]): LinearRow => ({
    name: `the gate: ${name}`,
    of: (size) => gate('patient/*.cruds', stored, inputs(size))
  })),
  ...decisions,
  ...Object.entries(fhirPathPatches).map(([name, of]): LinearRow => ({ name: `applyFhirPathPatch: ${name}`, of })),
  { name: 'a search through the gate: a page of Provenances with a target each', of: (size) => provenances(size) },
  {
    name: 'a search through the gate: a page of Provenances with ten targets each',
    size: 50,
    of: (size) => provenances(size, 10)
  },
  {
    name: 'meetsClause: as many codes without a system as values',
    of: (size) => {
      const codes = list(size, (place) => `code-${String(place)}`)
      return () => {
        const clause = readClause(fhirR4, 'Observation', clauseOf('_id', null, codes))
        return codes.filter((code) => meetsClause(clause, `|${code}`) || meetsClause(clause, `http://x|y${code}`))
      }
    }
  },
  {
    name: 'the FHIR server of the simulator: a batch of searches by _id',
    size: 100,
    of: (size) => {
      const observations = list(size, (place) => ({ ...observation(place), resourceType: 'Observation' }))
      const ids = observations.map(({ id }) => id)
      const searches = list(size / 10, (part) =>
        request('GET', `Observation?_count=10&_id=${ids.slice(part * 10, part * 10 + 10).join(',')}`)
      )
      return simulator(() => searches, observations, 'batch')(size)
    }
  },
  {
    name: 'withoutInternalAddresses: an outcome and a request with many addresses',
    of: (size) => {
      const [shown, sent] = [internalAddresses(size), internalAddresses(size * 2).slice(-size * 12)]
      return () => withoutInternalAddresses({ base }, sent)(shown)
    }
  },
  {
    name: 'jsonSpans: a page',
    of: (size) => {
      const text = JSON.stringify(bundle(matches(size)))
      return () => jsonSpans(text, 'entry')
    }
  },
  {
    name: 'the FHIR server of the simulator: a transaction of new resources',
    of: simulator((size) =>
      list(size, (place) =>
        request('PUT', `Basic/b${String(place)}`, { resourceType: 'Basic', id: `b${String(place)}` })
      )
    )
  },
  {
    name: 'the FHIR server of the simulator: one resource again and again',
    of: simulator((size) => list(size, () => request('PUT', 'Basic/b', { resourceType: 'Basic', id: 'b' })))
  }
]
