import { matchesDate } from './fhir/ordered-slow.js'
import { applyPatch } from '../../src/protocol/access/json-patch.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { FhirServer } from '../../src/engine/ports.js'
import type { PlainRequest, PlainResponse } from '../../src/protocol/http/message.js'

/** A resource of the small world. */
export interface Res {
  readonly resourceType: string
  readonly id: string
  readonly [member: string]: unknown
}

export const base = 'https://ehr.example/fhir'
const patients = ['a', 'b', 'c']

const observation = (id: string, patient: string, category: string, status: string, performer: string): Res => ({
  resourceType: 'Observation',
  id,
  status,
  category: [{ coding: [{ system: 'http://s', code: category }] }],
  subject: { reference: `Patient/${patient}` },
  performer: [{ reference: performer }]
})

/** When the Observations were: by year, month, day and second, from and to, and unknown. */
const times: ReadonlyArray<object> = [
  { effectiveDateTime: '2024' },
  { effectiveDateTime: '2024-02' },
  { effectiveDateTime: '2024-02-10' },
  { effectiveDateTime: '2024-02-10T23:30:00-05:00' },
  { effectivePeriod: { start: '2024-01-31', end: '2024-02-10' } },
  { effectivePeriod: { start: '2024-02-11' } },
  {}
]

/** Fifty resources: three patients, two practitioners, Observations, Conditions and Encounters. */
export const fixture: ReadonlyArray<Res> = [
  ...patients.map((id): Res => ({
    resourceType: 'Patient',
    id,
    active: true,
    ...(id === 'b' ? { link: [{ other: { reference: 'Patient/a' }, type: 'seealso' }] } : {})
  })),
  { resourceType: 'Practitioner', id: 'p1', active: true },
  { resourceType: 'Practitioner', id: 'p2', active: false },
  ...Array.from({ length: 24 }, (_, n): Res => ({
    ...times[n % 7],
    ...observation(
      `o${String(n)}`,
      patients[n % 3] ?? 'a',
      n % 2 === 0 ? 'lab' : 'vital',
      n % 4 < 2 ? 'final' : 'preliminary',
      n % 5 === 0 ? `Patient/${patients[(n + 1) % 3] ?? 'a'}` : `Practitioner/p${String(1 + (n % 2))}`
    )
  })),
  ...Array.from({ length: 12 }, (_, n): Res => ({
    resourceType: 'Condition',
    id: `c${String(n)}`,
    category: [{ coding: [{ system: 'http://s', code: n % 2 === 0 ? 'problem' : 'diagnosis' }] }],
    subject: {
      reference: n % 4 === 3 ? `${base}/Patient/${patients[n % 3] ?? 'a'}` : `Patient/${patients[n % 3] ?? 'a'}`
    },
    ...(n % 3 === 2
      ? { asserter: { reference: `Patient/${patients[n % 2] ?? 'a'}` } }
      : n % 3 === 0
        ? { asserter: { reference: 'Patient/a' } }
        : {})
  })),
  ...Array.from({ length: 9 }, (_, n): Res => ({
    resourceType: 'Encounter',
    id: `e${String(n)}`,
    status: n % 2 === 0 ? 'finished' : 'planned',
    period:
      n % 3 === 0
        ? { start: '2024-02-10T08:00:00Z', end: '2024-02-10T09:00:00Z' }
        : n % 3 === 1
          ? { end: '2024-02' }
          : { start: '2024-03' },
    subject: { reference: n === 8 ? 'http://other.example/Patient/a' : `Patient/${patients[n % 3] ?? 'a'}` }
  }))
]

const document = (id: string, patient: string, url: string): Res => ({
  resourceType: 'DocumentReference',
  id,
  status: 'current',
  subject: { reference: `Patient/${patient}` },
  content: [{ attachment: { url } }]
})

const binary = (id: string, securityContext?: string): Res => ({
  resourceType: 'Binary',
  id,
  contentType: 'text/plain',
  ...(securityContext === undefined ? {} : { securityContext: { reference: securityContext } })
})

const provenance = (id: string, ...targets: ReadonlyArray<string>): Res => ({
  resourceType: 'Provenance',
  id,
  target: targets.map((reference) => ({ reference }))
})

/** The fifty resources, and those that an access profile opens by a reference, by a document, or for all patients. */
export const profileFixture: ReadonlyArray<Res> = [
  ...fixture,
  { resourceType: 'Organization', id: 'org' },
  ...patients.map((id): Res => ({ resourceType: 'Device', id: `d${id}`, patient: { reference: `Patient/${id}` } })),
  provenance('v1', 'Observation/o0'),
  provenance('v2', `${base}/Observation/o1/_history/1`),
  provenance('v3', 'Observation/o3', 'Condition/c1'),
  provenance('v4', 'Practitioner/p1'),
  provenance('v5', 'Practitioner/p1', 'Observation/o2'),
  provenance('v6', 'Provenance/v7'),
  provenance('v7', 'Patient/a'),
  provenance('v8', 'Encounter/e3', 'DocumentReference/f1', 'Observation/o4', 'Condition/c0'),
  binary('x1', 'Patient/a'),
  binary('x2', 'Observation/o1'),
  binary('x3', 'Patient/b'),
  binary('x4'),
  binary('x5'),
  binary('x6'),
  document('f1', 'a', 'Binary/x4'),
  document('f2', 'b', `${base}/Binary/x5`),
  document('f3', 'a', 'Binary/x3')
]

/** Earlier versions: Observations that were another patient's, or of another category. */
export const earlier: ReadonlyArray<Res> = fixture
  .filter(({ resourceType }) => resourceType === 'Observation')
  .flatMap((one, n): ReadonlyArray<Res> =>
    n % 4 === 0
      ? [{ ...one, subject: { reference: `Patient/${patients[n % 2] ?? 'a'}` } }]
      : n % 4 === 1
        ? [{ ...one, category: [{ coding: [{ system: 'http://s', code: 'lab' }] }] }]
        : []
  )

const referencesOf = (value: unknown): ReadonlyArray<string> => {
  const texts = (Array.isArray(value) ? value : [value]).flatMap((one: { reference?: string } | undefined) =>
    one?.reference === undefined ? [] : [one.reference]
  )
  return texts.map((text) => (text.startsWith(`${base}/`) ? text.slice(base.length + 1) : text))
}

/** The targets of a Provenance, without their versions. */
export const targetsOf = (resource: Res): ReadonlyArray<string> =>
  referencesOf(resource['target']).map((one) => one.replace(/\/_history.*/, ''))

/** The addresses that a document names, as they are written. */
const addressesIn = ({ content }: Res): ReadonlyArray<string> =>
  ((content ?? []) as ReadonlyArray<{ attachment?: { url?: string } }>).flatMap(
    ({ attachment }) => attachment?.url ?? []
  )

/** The resources that a document names. */
export const namedIn = (resource: Res): ReadonlyArray<string> =>
  addressesIn(resource).map((url) => (url.startsWith(`${base}/`) ? url.slice(base.length + 1) : url))

/** The search index of a resource, written for this world alone. */
export const indexOf = (resource: Res): Readonly<Record<string, ReadonlyArray<string>>> => {
  const subject = referencesOf(resource['subject'])
  const coded =
    (resource['category'] as ReadonlyArray<{ coding: ReadonlyArray<{ system: string; code: string }> }> | undefined) ??
    []
  return {
    _id: [`|${resource.id}`],
    category: coded.flatMap(({ coding }) => coding.map(({ system, code }) => `${system}|${code}`)),
    // R4 has no parameter `status` for a Condition.
    status:
      typeof resource['status'] === 'string' && /^(?:Obs|Enc|Doc|Dev|Subs)/.test(resource.resourceType)
        ? [`|${resource['status']}`]
        : [],
    active: typeof resource['active'] === 'boolean' ? [`|${String(resource['active'])}`] : [],
    ...(resource.resourceType === 'Condition' ||
    resource.resourceType === 'Encounter' ||
    resource.resourceType === 'DocumentReference' ||
    resource.resourceType === 'Observation'
      ? { subject, patient: subject.filter((one) => one.startsWith('Patient/')) }
      : {}),
    ...(resource.resourceType === 'Device' ? { patient: referencesOf(resource['patient']) } : {}),
    ...(resource.resourceType === 'Provenance'
      ? {
          target: targetsOf(resource),
          patient: targetsOf(resource).filter((one) => one.startsWith('Patient/'))
        }
      : {}),
    location: addressesIn(resource),
    performer: referencesOf(resource['performer']),
    asserter: referencesOf(resource['asserter'])
  }
}

/** What the parameter `date` finds in a resource, in the form of an index. */
const datesOf = ({ effectiveDateTime, effectivePeriod, period, resourceType }: Res): ReadonlyArray<string> => {
  const within = (
    resourceType === 'Observation' ? effectivePeriod : resourceType === 'Encounter' ? period : undefined
  ) as { start?: string; end?: string } | undefined
  return [
    ...(resourceType === 'Observation' && typeof effectiveDateTime === 'string' ? [effectiveDateTime] : []),
    ...(within === undefined ? [] : [`${within.start ?? '..'}/${within.end ?? '..'}`])
  ]
}

/** Whether the time of a resource is one of the requested times. */
export const isDated = (resource: Res, values: ReadonlyArray<string>): boolean =>
  values.some((wanted) => datesOf(resource).some((indexed) => matchesDate(wanted, indexed)))

const matchesValue = (wanted: string, indexed: string): boolean =>
  wanted.includes('|')
    ? wanted === indexed
    : indexed === wanted || indexed.endsWith(`|${wanted}`) || indexed.endsWith(`/${wanted}`)

/** Whether a resource matches one search parameter; chains are followed in the whole world. */
export const matchesParameter = (all: ReadonlyArray<Res>, resource: Res, name: string, value: string): boolean => {
  const chain = /^([a-z]+):([A-Z][a-z]+)\.([a-z_]+)$/.exec(name)
  if (chain !== null) {
    const targets = indexOf(resource)[chain[1] ?? ''] ?? []
    return all.some(
      (one) =>
        one.resourceType === chain[2] &&
        targets.includes(`${one.resourceType}/${one.id}`) &&
        matchesParameter(all, one, chain[3] ?? '', value)
    )
  }
  if (name === 'date') return isDated(resource, value.split(','))
  return value
    .split(',')
    .some((wanted) => (indexOf(resource)[name] ?? []).some((indexed) => matchesValue(wanted, indexed)))
}

const isIn = (resource: Res, patient: string): boolean => {
  const { subject = [], patient: own = [], performer = [], asserter = [] } = indexOf(resource)
  if (resource.resourceType === 'Device') return false
  if (resource.resourceType === 'Patient') return resource.id === patient
  return [...own, ...asserter, ...(resource.resourceType === 'Observation' ? [...subject, ...performer] : [])].includes(
    `Patient/${patient}`
  )
}

const pairsOf = (query: string): ReadonlyArray<readonly [string, string]> =>
  query
    .split('&')
    .filter((one) => one !== '')
    .map((one) => one.split('=').map(decodeURIComponent) as [string, string])

const json = (status: number, body: unknown, headers: Record<string, string> = {}): PlainResponse => ({
  status,
  headers,
  body: body === null ? '' : JSON.stringify(body)
})

/** Parameters of a search that find nothing: they include, sort, count or page. */
const noCriteria: ReadonlySet<string> = new Set(['_include', '_revinclude', '_sort', '_count', '_total', '_from'])

/** The first Observation of each category, among those of a patient: what `$lastn` shows of this world. */
export const lastOf = (all: ReadonlyArray<Res>, patient: string | null): ReadonlyArray<Res> => {
  const found = all.filter(
    (one) => one.resourceType === 'Observation' && (patient === null || matchesParameter(all, one, 'patient', patient))
  )
  const categoryOf = (one: Res): string => (indexOf(one)['category'] ?? []).join()
  return found.filter((one, index) => found.findIndex((other) => categoryOf(other) === categoryOf(one)) === index)
}

/**
 * A FHIR server of this world without any authorization. With a size, searches, histories and `$everything` are
 * answered in pages, and `_count` may make them smaller.
 */
export const fakeServer = (
  data: ReadonlyArray<Res> = fixture,
  pageSize = Infinity
): FhirServer & { readonly stored: () => ReadonlyArray<Res> } => {
  const stored = new Map(data.map((one) => [`${one.resourceType}/${one.id}`, one]))
  const versions = new Map<string, number>()
  let made = 0
  const etag = (key: string): string => `W/"${String(versions.get(key) ?? 1)}"`
  const put = (key: string, resource: Res): void => {
    stored.set(key, resource)
    versions.set(key, (versions.get(key) ?? 0) + 1)
  }
  /** The page that a request names; a count of null is everything. */
  const pageOf = (given: ReadonlyArray<readonly [string, string]>) => {
    const whole = (wanted: string): number | null => {
      const value = given.find(([name]) => name === wanted)?.[1]
      return value === undefined ? null : Number(value)
    }
    const wanted = whole('_count')
    const count = wanted === null && pageSize === Infinity ? null : Math.min(wanted ?? pageSize, pageSize)
    return { count, offset: whole('_offset') ?? 0 }
  }
  /** A page of a history or of an operation. */
  const listed = (type: string, path: string, query: string, all: ReadonlyArray<Res>): PlainResponse => {
    const given = pairsOf(query)
    const { count, offset } = pageOf(given)
    const end = count === null ? all.length : offset + count
    const others = given.filter(([name]) => name !== '_count' && name !== '_offset')
    const printed = [...others, ['_count', String(count)], ['_offset', String(end)]]
      .map(([name = '', value = '']) => `${name}=${encodeURIComponent(value)}`)
      .join('&')
    return json(200, {
      resourceType: 'Bundle',
      type,
      total: all.length,
      link: end < all.length ? [{ relation: 'next', url: `${base}${path}?${printed}` }] : [],
      entry: all.slice(offset, end).map((resource) => ({ resource }))
    })
  }
  const search = (type: string, query: string, compartment?: string): PlainResponse => {
    const all = [...stored.values()]
    const given = pairsOf(query)
    const { count, offset } = pageOf(given)
    const pairs = given.filter(([name]) => name !== '_count' && name !== '_offset')
    const matches = all.filter(
      (one) =>
        (type === '' || one.resourceType === type) &&
        (compartment === undefined || isIn(one, compartment)) &&
        pairs.every(([name, value]) => {
          if (name === '_type') return value.split(',').includes(one.resourceType)
          return noCriteria.has(name) || name.startsWith('_sort') || matchesParameter(all, one, name, value)
        })
    )
    const end = count === null ? matches.length : offset + count
    const shown = matches.slice(offset, end)
    const isReversed = (parameter: string): boolean =>
      pairs.some(
        ([name, value]) => name === '_revinclude' && (value === 'Provenance:target') === (parameter === 'target')
      )
    const names = new Set(shown.map((one) => `${one.resourceType}/${one.id}`))
    const targets = new Set(
      pairs.some(([name]) => name === '_include') ? shown.flatMap((one) => [...(indexOf(one)['performer'] ?? [])]) : []
    )
    const leadsTo = (one: Res, parameter: string): boolean =>
      isReversed(parameter) && (indexOf(one)[parameter] ?? []).some((to) => names.has(to))
    const included = all.filter(
      (one) =>
        !names.has(`${one.resourceType}/${one.id}`) &&
        (targets.has(`${one.resourceType}/${one.id}`) ||
          (one.resourceType === 'Observation' && leadsTo(one, 'subject')) ||
          (one.resourceType === 'Provenance' && leadsTo(one, 'target')))
    )
    const entry = [
      ...shown.map((resource) => ({ resource, search: { mode: 'match' } })),
      ...included.map((resource) => ({ resource, search: { mode: 'include' } }))
    ]
    const path = compartment === undefined ? type : `Patient/${compartment}/${type === '' ? '*' : type}`
    const printed = [...pairs, ['_count', String(count)], ['_offset', String(end)]]
      .map(([name = '', value = '']) => `${name}=${encodeURIComponent(value)}`)
      .join('&')
    const link = end < matches.length ? [{ relation: 'next', url: `${base}/${path}?${printed}` }] : []
    return json(200, { resourceType: 'Bundle', type: 'searchset', total: matches.length, link, entry })
  }
  const one = (request: PlainRequest): PlainResponse => {
    const [, type = '', id, third] = request.path.split('/')
    if (id === '_search') return search(type, request.body)
    if (id === '_history' || third === '_history') {
      const versions = [...stored.values(), ...earlier].filter(
        (each) => each.resourceType === type && (id === '_history' || each.id === id)
      )
      return versions.length === 0 && third !== undefined
        ? json(404, null)
        : listed('history', request.path, request.query, versions)
    }
    const valueOf = (name: string): string | undefined => pairsOf(request.query).find(([each]) => each === name)?.[1]
    if (third === '$everything') {
      const types = valueOf('_type')?.split(',')
      const all = [...stored.values()].filter(
        (each) => isIn(each, id ?? '') && types?.includes(each.resourceType) !== false
      )
      return listed('searchset', request.path, request.query, all)
    }
    if (id === '$lastn')
      return listed('searchset', request.path, request.query, lastOf([...stored.values()], valueOf('patient') ?? null))
    if (third !== undefined) return search(third, request.query, id)
    const key = `${type}/${id ?? ''}`
    const guard = request.headers['if-match']
    if (guard !== undefined && guard !== etag(key)) return json(412, null)
    if (request.method === 'GET') {
      if (id === undefined) return search(type, request.query)
      const found = stored.get(key)
      return found === undefined ? json(404, null) : json(200, found, { etag: etag(key) })
    }
    if (request.method === 'DELETE') return json(stored.delete(key) ? 204 : 404, null)
    if (request.method === 'PATCH') {
      const after = applyPatch(stored.get(key), JSON.parse(request.body))
      if (after._tag === 'Left') return json(422, null)
      put(key, after.right as Res)
      return json(200, after.right)
    }
    const resource = JSON.parse(request.body) as Res
    if (request.method === 'POST' && type === '') {
      const entries = resource['entry'] as ReadonlyArray<{
        resource?: Res
        request: { method: string; url: string; ifMatch?: string }
      }>
      const entry = entries
        .map((part) =>
          one({
            method: part.request.method,
            path: `/${part.request.url.split('?')[0] ?? ''}`,
            query: part.request.url.split('?')[1] ?? '',
            body: part.resource === undefined ? '' : JSON.stringify(part.resource),
            headers: part.request.ifMatch === undefined ? {} : { 'if-match': part.request.ifMatch }
          })
        )
        .map((answer) => ({
          response: { status: String(answer.status) },
          ...(answer.body === '' ? {} : { resource: JSON.parse(answer.body) as unknown })
        }))
      return json(200, { resourceType: 'Bundle', type: 'transaction-response', entry })
    }
    const place = request.method === 'POST' ? `${type}/new${String(++made)}` : key
    const isNew = !stored.has(place)
    const kept = { ...resource, id: place.slice(type.length + 1) }
    put(place, kept)
    return json(isNew ? 201 : 200, kept)
  }
  return { answer: (request) => TaskEither.fromIO(() => one(request)), stored: () => [...stored.values()] }
}
