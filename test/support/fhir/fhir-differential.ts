import type * as Task from 'fp-ts/lib/Task.js'
import type { Asked, Result, Token } from './fhir-slow.js'
import { keyOf, slow, userSees } from './fhir-slow.js'
import type { Res } from '../fhir-fixture.js'
import { base, fakeServer, fixture, profileFixture } from '../fhir-fixture.js'
import type { GateOptions } from '../../../src/engine/resource/gate-context.js'
import { fhirGate } from '../../../src/engine/resource/fhir-gate.js'
import type { FhirServer } from '../../../src/engine/ports.js'
import type { AccessFacts } from '../../../src/protocol/access/alternatives.js'
import { decide } from '../../../src/protocol/access/decision.js'
import { interactionOf } from '../../../src/protocol/access/read-interaction.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../src/protocol/policy/policy.js'
import { parse } from '../../../src/scopes/parse.js'

/** Answers a request of a token: the gate, or a wrong version of it. */
export type Answering = (server: FhirServer, facts: AccessFacts, request: PlainRequest) => Task.Task<PlainResponse>

/** The host's rule about its users. */
export const mayUser: NonNullable<GateOptions['userMay']> = (_facts, _permission, resource) => userSees(resource as Res)

/** The options of the gate: in these tests the id of the client names the access profile. */
export const optionsFor = (server: FhirServer, { clientId }: AccessFacts): GateOptions => ({
  server,
  policy: defaultPolicy,
  base,
  userMay: mayUser,
  rules: { accessProfile: clientId === 'us-core' ? 'us-core' : 'compartment' }
})

/** The gate as it is. */
export const right: Answering = (server, facts, request) => fhirGate(optionsFor(server, facts), facts)(request)

/** Numbers from a seed: the same run every time. */
const numbers = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** A token and a request. */
export interface Case {
  readonly token: Token
  readonly requested: Asked
}

/** Random tokens and requests about the small world. */
export const casesFrom = (seed: number): (() => Case) => {
  const next = numbers(seed)
  const pick = <A>(all: ReadonlyArray<A>): A => all[next(all.length)] as A
  const linked = profileFixture.slice(fixture.length)
  const types = ['Observation', 'Observation', 'Observation', 'Condition', 'Encounter', 'Patient', 'Practitioner']
  const furtherTypes = ['Provenance', 'Binary', 'DocumentReference', 'Device', 'Organization']
  const queries = [
    'category=http://s|lab',
    'category=lab,problem',
    'category=vital',
    'status=final',
    'category=lab&status=final',
    'category=http://s|problem'
  ]
  const dates = ['ge2024-02-10', 'lt2024-02', '2024-02-10', 'sa2024-01&date=le2024-03', '2024-02-11,gt2024-02']
  const letters = (): string => {
    const chosen = ['c', 'r', 'u', 'd', 's'].filter(() => next(2) === 0).join('')
    return chosen === '' ? 'cruds' : chosen
  }
  const scope = (): string => {
    const type = next(5) === 0 ? pick(furtherTypes) : pick([...types, '*'])
    const query =
      next(3) > 0 || type === 'Patient' ? '' : '?' + pick([...queries, ...dates.map((one) => `date=${one}`)])
    return `${pick(['patient', 'patient', 'user', 'system', 'system'])}/${type}.${letters()}${query}`
  }
  const resource = (): Res => {
    if (next(12) === 0) return { resourceType: 'Subscription', id: pick(['s1', 's2']), status: 'requested' }
    const from = pick(next(6) === 0 ? fixture.slice(0, 3) : next(6) === 0 ? linked : fixture)
    if (from.resourceType === 'Patient' && next(2) === 0) {
      const other = pick([
        { reference: 'Patient/a' },
        { reference: `${base}/Patient/b` },
        { reference: 'Patient/c/_history/1' },
        { identifier: { value: 'c' } }
      ])
      return { ...from, link: [{ other, type: pick(['seealso', 'replaced-by']) }] }
    }
    const subject = pick([
      'Patient/a',
      'Patient/b',
      'Patient/c',
      `${base}/Patient/a`,
      'http://other.example/Patient/a',
      '#p',
      'urn:uuid:1'
    ])
    return {
      ...from,
      id: next(6) === 0 ? 'fresh' : from.id,
      ...(from['effectiveDateTime'] === undefined || next(2) === 0
        ? {}
        : { effectiveDateTime: pick(['2024-01-31', '2024-02-10', '2024-03']) }),
      ...(from['category'] === undefined || next(2) === 0
        ? {}
        : { category: [{ coding: [{ system: 'http://s', code: pick(['lab', 'vital', 'problem']) }] }] }),
      ...(from['subject'] === undefined || next(2) === 0 ? {} : { subject: { reference: subject } })
    }
  }
  const query = (): ReadonlyArray<readonly [string, string]> =>
    Array.from({ length: next(3) }, () =>
      pick<readonly [string, string]>([
        ['category', 'lab'],
        ['category', 'http://s|vital'],
        ['status', 'final'],
        ['subject', 'Patient/a'],
        ['patient', 'Patient/b'],
        ['_id', 'o1,o2,c3,e4,a'],
        ['date', pick(['ge2024-02-10', 'lt2024-02', '2024-02-10'])],
        ['_include', 'Observation:performer'],
        ['_revinclude', 'Observation:subject'],
        ['_revinclude', 'Provenance:target'],
        ['performer:Practitioner.active', 'true'],
        ['subject:Patient._id', 'a,b']
      ])
    )
  const linkTo = (): ReadonlyArray<unknown> => [
    { op: 'add', path: '/link', value: [{ other: { reference: pick(['Patient/a', 'Patient/b']) }, type: 'seealso' }] }
  ]
  const patch = (type: string): ReadonlyArray<unknown> =>
    type === 'Patient' && next(3) > 0
      ? linkTo()
      : pick<ReadonlyArray<unknown>>([
          [{ op: 'add', path: '/status', value: 'final' }],
          [{ op: 'replace', path: '/subject/reference', value: pick(['Patient/a', 'Patient/b']) }],
          [{ op: 'replace', path: '/category/0/coding/0/code', value: pick(['lab', 'vital']) }],
          [{ op: 'remove', path: '/category' }],
          [{ op: 'replace', path: '/subject', value: { reference: pick(['Patient/a', 'Patient/b', 'Group/g']) } }],
          [
            { op: 'remove', path: '/nothing' },
            { op: 'replace', path: '/language', value: 'en' }
          ],
          [
            { op: 'test', path: '/status', value: 'final' },
            { op: 'add', path: '/status', value: 'amended' }
          ],
          [{ op: 'copy', from: '/id', path: '/status' }],
          linkTo()
        ])
  const condition = (id: string): ReadonlyArray<readonly [string, string]> => [
    ...query().filter(([name]) => !/^_(?:rev)?include/.test(name)),
    ['_id', pick([id, id, 'o1,o2,c3,e4,a', 'nobody'])]
  ]
  const simple = (): Asked => {
    // Patients are three of fifty, and what may be done to them has rules of its own.
    const at = pick(next(6) === 0 ? fixture.slice(0, 3) : next(4) === 0 ? linked : fixture)
    const { resourceType: type, id } = at
    switch (next(15)) {
      case 14:
        return next(4) === 0
          ? { kind: 'lastn', patient: pick([null, 'a', 'a', 'b']) }
          : {
              kind: 'everything',
              patient: pick(['a', 'a', 'b', 'c', 'none']),
              types: pick([[], [], ['Observation'], ['Condition', 'Encounter']]),
              count: pick([null, null, 3])
            }
      case 9:
        return { kind: 'create-if', resource: resource(), query: condition(id) }
      case 10: {
        const written = resource()
        return { kind: 'update-if', resource: written, query: condition(written.id) }
      }
      case 11:
        return { kind: 'patch-if', type, query: condition(id), patch: patch(type) }
      case 12:
        return next(2) === 0
          ? { kind: 'history', type, id: null, count: pick([null, 4]) }
          : { kind: 'history', type, id: next(9) === 0 ? 'none' : id, count: pick([null, 1]) }
      case 13:
        return {
          kind: 'compartment',
          patient: pick(['a', 'a', 'b', 'c']),
          type: pick(['Observation', 'Condition', 'Encounter', 'Patient']),
          query: query().filter(([name]) => !/^_(?:rev)?include/.test(name))
        }
      case 0:
        return { kind: 'create', resource: resource() }
      case 1:
        return { kind: 'update', resource: resource() }
      case 2:
        return {
          kind: 'patch',
          type,
          id: next(9) === 0 ? 'none' : id,
          patch: patch(type)
        }
      case 3:
        return { kind: 'delete', type, id: next(9) === 0 ? 'none' : id }
      case 4:
        return {
          kind: 'delete-if',
          type,
          query: [
            ...query().filter(([name]) => !/^_(?:rev)?include/.test(name)),
            ['_id', next(2) === 0 ? id : 'o1,o2,c3,e4,a']
          ]
        }
      case 5:
        return { kind: 'read', type, id: next(9) === 0 ? 'none' : id }
      default:
        return {
          kind: 'search',
          type: next(4) === 0 ? pick(furtherTypes) : pick(types),
          query: [...query(), ...(next(3) === 0 ? [['_count', String(1 + next(3))] as const] : [])]
        }
    }
  }
  const entries = (isTransaction: boolean): ReadonlyArray<Asked> => {
    const seen = new Set<string>()
    return Array.from({ length: 1 + next(3) }, simple).filter((requested) => {
      if (
        ['bundle', 'search', 'history', 'compartment', 'everything', 'lastn'].includes(requested.kind) ||
        (isTransaction && (requested.kind === 'read' || requested.kind.endsWith('-if')))
      )
        return false
      const key =
        requested.kind === 'update'
          ? keyOf(requested.resource)
          : requested.kind === 'patch' || requested.kind === 'delete' || requested.kind === 'read'
            ? `${requested.type}/${requested.id}`
            : `none ${String(seen.size)}`
      const isNew = !seen.has(key)
      seen.add(key)
      return !isTransaction || isNew
    })
  }
  /** A read or a search of what a profile opens, with scopes that can open it. */
  const opened = (): Case => {
    const { resourceType: type, id } = pick(linked)
    const scopes = [
      'patient/*.rs',
      'patient/*.rs',
      'patient/Binary.rs patient/DocumentReference.rs patient/Patient.r',
      'patient/Provenance.rs patient/Observation.rs?category=lab',
      'patient/Device.rs patient/Provenance.r patient/Encounter.s',
      'user/*.rs patient/Binary.r patient/Provenance.s'
    ]
    return {
      token: { scope: pick(scopes), patient: pick(['a', 'b']), profile: 'us-core' },
      requested: next(2) === 0 ? { kind: 'read', type, id } : { kind: 'search', type, query: [] }
    }
  }
  return () => {
    if (next(8) === 0) return opened()
    const isTransaction = next(2) === 0
    return {
      token: {
        scope: Array.from({ length: 1 + next(3) }, scope).join(' '),
        patient: next(6) === 0 ? undefined : pick(['a', 'a', 'b']),
        profile: pick(['compartment', 'us-core', 'us-core'])
      },
      requested: next(4) === 0 ? { kind: 'bundle', isTransaction, entries: entries(isTransaction) } : simple()
    }
  }
}

const printed = (query: ReadonlyArray<readonly [string, string]>): string =>
  query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')

const counted = (count: number | null): string => (count === null ? '' : `_count=${String(count)}`)

/** A request as HTTP. */
export const requestOf = (requested: Asked): PlainRequest => {
  const plain = (
    method: string,
    path: string,
    body: unknown,
    query = '',
    type = 'application/fhir+json'
  ): PlainRequest => ({
    method,
    path,
    query,
    headers: { 'content-type': type },
    body: body === undefined ? '' : JSON.stringify(body)
  })
  switch (requested.kind) {
    case 'read':
      return plain('GET', `/${requested.type}/${requested.id}`, undefined)
    case 'search':
      return plain('GET', `/${requested.type}`, undefined, printed(requested.query))
    case 'create':
      return plain('POST', `/${requested.resource.resourceType}`, requested.resource)
    case 'update':
      return plain('PUT', `/${keyOf(requested.resource)}`, requested.resource)
    case 'patch':
      return plain('PATCH', `/${requested.type}/${requested.id}`, requested.patch, '', 'application/json-patch+json')
    case 'delete':
      return plain('DELETE', `/${requested.type}/${requested.id}`, undefined)
    case 'delete-if':
      return plain('DELETE', `/${requested.type}`, undefined, printed(requested.query))
    case 'create-if': {
      const create = plain('POST', `/${requested.resource.resourceType}`, requested.resource)
      return { ...create, headers: { ...create.headers, 'if-none-exist': printed(requested.query) } }
    }
    case 'update-if':
      return plain('PUT', `/${requested.resource.resourceType}`, requested.resource, printed(requested.query))
    case 'patch-if':
      return plain(
        'PATCH',
        `/${requested.type}`,
        requested.patch,
        printed(requested.query),
        'application/json-patch+json'
      )
    case 'history':
      return plain(
        'GET',
        `/${requested.type}${requested.id === null ? '' : `/${requested.id}`}/_history`,
        undefined,
        counted(requested.count)
      )
    case 'compartment':
      return plain('GET', `/Patient/${requested.patient}/${requested.type}`, undefined, printed(requested.query))
    case 'everything':
      return plain(
        'GET',
        `/Patient/${requested.patient}/$everything`,
        undefined,
        printed([
          ...(requested.types.length === 0 ? [] : [['_type', requested.types.join(',')] as const]),
          ...(requested.count === null ? [] : [['_count', String(requested.count)] as const])
        ])
      )
    case 'lastn':
      return plain(
        'GET',
        '/Observation/$lastn',
        undefined,
        requested.patient === null ? '' : printed([['patient', `Patient/${requested.patient}`]])
      )
    case 'bundle':
      return plain('POST', '/', {
        resourceType: 'Bundle',
        type: requested.isTransaction ? 'transaction' : 'batch',
        entry: requested.entries.map((entry) => {
          const { method, path, query, body, headers } = requestOf(entry)
          const resource: unknown = body === '' ? undefined : JSON.parse(body)
          return {
            request: {
              method,
              url: `${path.slice(1)}${query === '' ? '' : `?${query}`}`,
              ...(headers['if-none-exist'] === undefined ? {} : { ifNoneExist: headers['if-none-exist'] })
            },
            ...(entry.kind === 'patch' || entry.kind === 'patch-if'
              ? { resource: { resourceType: 'Binary', contentType: 'application/json-patch+json', data: btoa(body) } }
              : resource === undefined
                ? {}
                : { resource })
          }
        })
      })
  }
}

/** The names of what a response shows; of what a search includes, or of everything else. */
const shownIn = (body: unknown, isIncluded: boolean): ReadonlyArray<string> => {
  const resource = body as Res & {
    readonly entry?: ReadonlyArray<{ readonly resource?: Res; readonly search?: { readonly mode?: string } }>
  }
  if (resource.resourceType === 'OperationOutcome') return []
  if (resource.resourceType !== 'Bundle') return isIncluded ? [] : [keyOf(resource)]
  return (resource.entry ?? [])
    .filter(({ search }) => (search?.mode === 'include') === isIncluded)
    .flatMap((entry) => (entry.resource === undefined ? [] : shownIn(entry.resource, false)))
}

/** The request for the next page of a response, as a client makes it from the link; null if there is none. */
const nextIn = (body: unknown): PlainRequest | null => {
  const url = (
    body as { readonly link?: ReadonlyArray<{ readonly relation: string; readonly url: string }> }
  ).link?.find(({ relation }) => relation === 'next')?.url
  if (url === undefined) return null
  if (!url.startsWith(base)) throw new Error(`a page link leads away: ${url}`)
  const [path = '', query = ''] = url.slice(base.length).split('?')
  return { method: 'GET', path: path === '' ? '/' : path, query, headers: {}, body: '' }
}

export const factsOf = ({ scope, patient, profile }: Token): AccessFacts => ({
  clientId: profile,
  scopes: parse(scope),
  context: patient === undefined ? {} : { patient },
  user: { sub: 'u', fhirUser: null, authTime: 0 }
})

/** What the gate makes of a case. */
export const decisionOf = ({ token, requested }: Case): string => {
  const decision = decide(defaultPolicy, factsOf(token), interactionOf(requestOf(requested), base))
  return decision._tag
}

/** The result of a request to a gate. */
export const fast = async (answering: Answering, { token, requested }: Case): Promise<Result> => {
  const server = fakeServer(profileFixture, 7)
  const response = await answering(server, factsOf(token), requestOf(requested))()
  const body: unknown = response.body === '' ? null : JSON.parse(response.body)
  const isShown = body !== null && response.status < 300
  const isSearch = requested.kind === 'search' || requested.kind === 'compartment'
  const shown = isShown ? [...shownIn(body, false)] : []
  const included = new Set(isShown ? shownIn(body, true) : [])
  const { total } = (body ?? {}) as { readonly total?: number }
  // A response is read to its last page; what is included comes along on each page that leads to it.
  for (let next = isShown ? nextIn(body) : null; next !== null;) {
    const page = await answering(server, factsOf(token), next)()
    if (page.status !== 200) throw new Error(`a page link is answered by ${String(page.status)}`)
    const read: unknown = JSON.parse(page.body)
    shown.push(...shownIn(read, false))
    for (const key of shownIn(read, true)) included.add(key)
    next = nextIn(read)
  }
  return {
    shown: [...shown, ...[...included].filter((key) => !shown.includes(key))].sort(),
    // A total may be left out; one that is given must be right.
    total: isSearch ? (isShown ? (total ?? null) : 0) : null,
    stored: server
      .stored()
      .map((one) => JSON.stringify(one))
      .sort()
  }
}

const sameText = ({ shown, stored, total }: Result, isCounted: boolean): string =>
  JSON.stringify({ shown, stored, total: isCounted ? total : null })

/** How a gate and the slow evaluator differ about a case; null when they agree. */
const differenceIn = async (answering: Answering, one: Case): Promise<unknown> => {
  const [quick, plain] = [await fast(answering, one), slow(one.token, profileFixture, one.requested)]
  if (sameText(quick, quick.total !== null) === sameText(plain, quick.total !== null)) return null
  const only = (these: Result, those: Result) => ({
    shown: these.shown,
    total: these.total,
    stored: these.stored.filter((text) => !those.stored.includes(text))
  })
  return { one, gate: only(quick, plain), slow: only(plain, quick) }
}

/** The first case of so many in which a gate and the slow evaluator differ; null when there is none. */
export const firstDifference = async (answering: Answering, seed: number, count: number): Promise<unknown> => {
  const next = casesFrom(seed)
  for (let index = 0; index < count; index++) {
    const found = await differenceIn(answering, next())
    if (found !== null) return found
  }
  return null
}

/**
 * In how many of so many cases a gate and the slow evaluator differ, among those that are counted; an error of the gate
 * counts as a difference.
 */
export const differencesIn = async (
  answering: Answering,
  seed: number,
  count: number,
  isAsked: (one: Case) => boolean
): Promise<number> => {
  const next = casesFrom(seed)
  let found = 0
  for (let counted = 0; counted < count;) {
    const one = next()
    if (!isAsked(one)) continue
    counted += 1
    const difference = await differenceIn(answering, one).catch(() => one)
    if (difference !== null) found += 1
  }
  return found
}
