/** Upstream requests of pages whose resources are opened by others: targets of Provenance, documents of Binary. */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { factsFor, said, shownIn } from '../../../support/fhir/behind-gate.js'
import { base } from '../../../support/fhir-fixture.js'
import { fhirGate } from '../../../../src/engine/resource/fhir-gate.js'
import type { GateOptions } from '../../../../src/engine/resource/gate-context.js'
import type { Resource } from '../../../../src/protocol/access/fhir-interaction.js'
import type { PlainRequest, PlainResponse } from '../../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../../src/protocol/policy/policy.js'
import { limits } from '../../../../src/values/limits/limits.js'

const types = ['Observation', 'Condition', 'Encounter', 'Procedure', 'ServiceRequest', 'Goal', 'CarePlan']

const list = <A>(size: number, one: (place: number) => A): ReadonlyArray<A> =>
  Array.from({ length: size }, (_, place) => one(place))

const record = (resourceType: string, id: string, patient: string, more: object = {}): Resource => ({
  resourceType,
  id,
  subject: { reference: `Patient/${patient}` },
  ...more
})
const provenance = (id: string, ...targets: ReadonlyArray<string>): Resource => ({
  resourceType: 'Provenance',
  id,
  target: targets.map((reference) => ({ reference }))
})
const binary = (id: string): Resource => ({ resourceType: 'Binary', id, contentType: 'text/plain' })
const documentOf = (id: string, patient: string, url: string): Resource =>
  record('DocumentReference', id, patient, { content: [{ attachment: { url } }] })
const reportOf = (id: string, patient: string, url: string): Resource =>
  record('DiagnosticReport', id, patient, { presentedForm: [{ url }] })

interface Behind {
  readonly data: ReadonlyArray<Resource>
  /** The entries of its pages. */
  readonly pageSize?: number
  readonly takesBatch?: boolean
  /** What the server says about each page of an operation. */
  readonly warning?: Resource
  /** The status of every search for this type. */
  readonly failing?: Readonly<Record<string, number>>
}

/** A server with pages, batches and the parameters `_id`, `patient`, `location`, `_count` and `_revinclude`. */
const serverOf = ({ data, failing = {}, pageSize = 100, takesBatch = true, warning }: Behind) => {
  const requested: Array<string> = []
  const one = ({ body, method, path, query }: PlainRequest): PlainResponse => {
    const [, type = '', id = ''] = path.split('/')
    if (method === 'POST' && !takesBatch) return said(400, {})
    if (method === 'POST') {
      const { entry } = JSON.parse(body) as { entry: ReadonlyArray<{ request: { url: string } }> }
      const answers = entry.map(({ request: { url } }) => {
        const [at = '', ...rest] = url.split('?')
        const found = one({ method: 'GET', path: `/${at}`, query: rest.join('?'), headers: {}, body: '' })
        return { response: { status: String(found.status) }, resource: JSON.parse(found.body) as unknown }
      })
      return said(200, { resourceType: 'Bundle', type: 'batch-response', entry: answers })
    }
    const status = failing[type]
    if (status !== undefined) return said(status, { resourceType: 'OperationOutcome' })
    const given = new URLSearchParams(query)
    if (id !== '' && !path.includes('$')) {
      const found = data.find((each) => each.resourceType === type && each.id === id)
      return found === undefined ? said(404, { resourceType: 'OperationOutcome' }) : said(200, found)
    }
    const holds = (each: Resource, name: string): boolean =>
      given
        .get(name)
        ?.split(',')
        .some((value) => JSON.stringify(each).includes(`"${value}"`)) ?? true
    const found = data.filter(
      (each) =>
        (path.includes('$') || each.resourceType === type) &&
        (path.includes('$') || holds(each, 'patient')) &&
        holds(each, 'location') &&
        (given
          .get('_id')
          ?.split(',')
          .includes(each.id ?? '') ??
          true)
    )
    const from = Number(given.get('_offset') ?? 0)
    const size = given.has('patient') ? Math.min(pageSize, Number(given.get('_count') ?? pageSize)) : pageSize
    given.set('_offset', String(from + size))
    const link = from + size < found.length ? [{ relation: 'next', url: `${base}${path}?${given.toString()}` }] : []
    const entry = found.slice(from, from + size).map((resource) => ({ resource, search: { mode: 'match' } }))
    const warnings = path.includes('$') && warning !== undefined ? [{ resource: warning }] : []
    return said(200, { resourceType: 'Bundle', type: 'searchset', link, entry: [...warnings, ...entry] })
  }
  const server = {
    answer: (request: PlainRequest) => {
      requested.push(`${request.method} ${request.path}`)
      return TaskEither.right(one(request))
    }
  }
  return { server, requested }
}

/** The gate with a profile, and what else differs. */
const optionsBefore = (server: GateOptions['server'], rules: GateOptions['rules'] = {}): GateOptions => ({
  server,
  policy: defaultPolicy,
  base,
  rules: { accessProfile: 'us-core', ...rules }
})

/** All pages of a request: what each shows, and how many upstream requests each costs. */
const allPages = async (
  behind: Behind,
  address: string,
  scope = 'patient/*.rs',
  rules: GateOptions['rules'] = {},
  mostPages = 100
) => {
  const { requested, server } = serverOf(behind)
  const gate = fhirGate(optionsBefore(server, rules), factsFor(scope))
  const [costs, statuses, shown]: [Array<number>, Array<number>, Array<string>] = [[], [], []]
  let incomplete = 0
  for (let next: string | undefined = address; next !== undefined && costs.length < mostPages;) {
    const [path = '', query = ''] = next.replace(base, '').split('?')
    const before = requested.length
    const response: PlainResponse = await gate({ method: 'GET', path, query, headers: {}, body: '' })()
    costs.push(requested.length - before)
    statuses.push(response.status)
    shown.push(...shownIn(response))
    if (response.body.includes('"code":"incomplete"')) incomplete += 1
    const { link = [] } = JSON.parse(response.body) as { link?: ReadonlyArray<{ relation: string; url: string }> }
    next = link.find(({ relation }) => relation === 'next')?.url
  }
  return { costs, most: Math.max(...costs), statuses: [...new Set(statuses)], shown: shown.toSorted(), incomplete }
}

/** Provenances with a target of each type: the first of each three is about another patient. */
const ofAllTypes = list(60, (place) => {
  const type = types[place % types.length] ?? ''
  const patient = place % 3 === 0 ? 'b' : 'a'
  return [record(type, `t${String(place)}`, patient), provenance(`p${String(place)}`, `${type}/t${String(place)}`)]
}).flat()
const seenProvenances = list(60, (place) => place)
  .filter((place) => place % 3 !== 0)
  .map((place) => `Provenance/p${String(place)}`)
  .toSorted()

const ofDocuments = [
  ...list(40, (place) => binary(`n${String(place)}`)),
  ...list(10, (place) => documentOf(`d${String(place)}`, place % 2 === 0 ? 'a' : 'b', `Binary/n${String(place)}`)),
  documentOf('other', 'a', 'http://other.example/fhir/Binary/n39'),
  ...list(10, (place) => reportOf(`r${String(place)}`, place % 2 === 0 ? 'a' : 'b', `Binary/n${String(20 + place)}`))
]
const seenBinaries = [0, 2, 4, 6, 8, 20, 22, 24, 26, 28].map((place) => `Binary/n${String(place)}`).toSorted()

describe('a page whose resources are opened by others', () => {
  it('costs two upstream requests for Provenances with targets of seven types', async () => {
    expect(await allPages({ data: ofAllTypes }, '/Provenance')).toEqual({
      costs: [2],
      most: 2,
      statuses: [200],
      shown: seenProvenances,
      incomplete: 0
    })
  })

  it('costs two for Binaries that documents of three types may name', async () => {
    const { costs, shown } = await allPages({ data: ofDocuments }, '/Binary')
    expect([costs, shown]).toEqual([[2], seenBinaries])
  })

  it.each([1, 2, 3, 7, 20, 100])('costs three at most, and the pages lead to all, %s a page', async (pageSize) => {
    const about = await allPages({ data: ofAllTypes, pageSize }, '/Provenance')
    expect([about.most <= 3, about.statuses, about.shown]).toEqual([true, [200], seenProvenances])
    const named = await allPages({ data: ofDocuments, pageSize: Math.max(pageSize, 11) }, '/Binary')
    expect([named.most <= 3, named.statuses, named.shown]).toEqual([true, [200], seenBinaries])
  })

  it('costs three at most in the data of a patient', async () => {
    const data = [...ofAllTypes, ...ofDocuments]
    const { most, shown } = await allPages({ data, pageSize: 20 }, '/Patient/a/$everything')
    const own = data.filter((one) => JSON.stringify(one).includes('"Patient/a"'))
    expect(most).toBeLessThanOrEqual(3)
    expect(shown).toEqual(
      [...own.map(({ resourceType, id }) => `${resourceType}/${id ?? ''}`), ...seenProvenances, ...seenBinaries].sort()
    )
  })

  it('costs three at most in the data of an Encounter, which is read before', async () => {
    const data = [record('Encounter', 'e', 'a'), ...ofAllTypes, ...ofDocuments]
    for (const pageSize of [20, 1000]) {
      const { costs, shown } = await allPages({ data, pageSize }, '/Encounter/e/$everything')
      expect(costs[0]).toBe(3)
      expect(Math.max(...costs)).toBeLessThanOrEqual(3)
      expect(shown.filter((name) => /^(?:Binary|Provenance)/.test(name))).toEqual([...seenBinaries, ...seenProvenances])
    }
  })

  it('is put off to the next page where the requests before leave too few for it', async () => {
    const hidden = list(5, (place) => provenance(`h${String(place)}`))
    const data = [...hidden, ...ofDocuments, ...ofAllTypes]
    const { costs, shown } = await allPages({ data, pageSize: 5 }, '/Provenance')
    expect([Math.max(...costs) <= 3, shown]).toEqual([true, seenProvenances])
    const mixed = [
      ...list(11, (place) => record('Observation', `o${String(place)}`, 'b')),
      ...ofDocuments.slice(20),
      ...ofDocuments.slice(0, 20)
    ]
    const everything = await allPages({ data: mixed, pageSize: 11 }, '/Patient/a/$everything', 'patient/*.rs')
    expect(everything.costs.slice(0, 2)).toEqual([3, 2])
    expect(everything.shown.filter((name) => name.startsWith('Binary/'))).toEqual(seenBinaries)
  })

  it('costs three at most before a server that takes no batch, and says what it leaves out', async () => {
    for (const pageSize of [1, 7, 100]) {
      const about = await allPages({ data: ofAllTypes, pageSize, takesBatch: false }, '/Provenance')
      expect([about.most <= 3, about.statuses]).toEqual([true, [200]])
      expect(seenProvenances).toEqual(expect.arrayContaining([...about.shown]))
      expect(about.incomplete > 0).toBe(about.shown.length < seenProvenances.length)
    }
    const named = await allPages({ data: ofDocuments, pageSize: 50, takesBatch: false }, '/Binary')
    expect([named.costs, named.incomplete, named.shown]).toEqual([
      [3],
      1,
      seenBinaries.filter((name) => name < 'Binary/n2' || (/n[2468]$/.test(name) && name.length === 9))
    ])
    // With one a page, each target is read.
    const { incomplete, shown } = await allPages({ data: ofAllTypes, pageSize: 1, takesBatch: false }, '/Provenance')
    expect([incomplete, shown]).toEqual([0, seenProvenances])
  })

  it.each([100, 100_000])(
    'costs three at most in the worst page of %s matches, with a batch or without',
    async (size) => {
      const others = list(size - 120, (place) => binary(`z${String(place)}`))
      const reports = list(120, (place) => reportOf(`r${String(place)}`, 'a', `Binary/n${String(place)}`))
      const media = list(120, (place) => record('Media', `m${String(place)}`, 'a', { content: { url: 'Binary/none' } }))
      const behind = { data: [...ofDocuments, ...others, ...reports, ...media, ...ofAllTypes] }
      for (const takesBatch of [true, false]) {
        for (const [address, scope] of [
          ['/Binary', 'patient/*.rs'],
          ['/Binary', 'patient/Binary.rs patient/DiagnosticReport.rs patient/Media.rs'],
          ['/Provenance', 'patient/*.rs'],
          ['/Patient/a/$everything', 'patient/*.rs']
        ] as const)
          for (const pageSize of [50, 100]) {
            const { most, statuses } = await allPages({ ...behind, pageSize, takesBatch }, address, scope, {}, 4)
            expect([address, scope, pageSize, takesBatch, most <= 3, statuses]).toEqual([
              address,
              scope,
              pageSize,
              takesBatch,
              true,
              [200]
            ])
          }
      }
    }
  )

  it('shows the same whatever a request before it found out about the server', async () => {
    const further = [...types, 'CareTeam', 'RiskAssessment', 'Flag']
    const data = [
      ...ofDocuments,
      ...list(550, (place) => reportOf(`z${String(place)}`, 'a', place === 549 ? 'Binary/n39' : 'Binary/none')),
      ...further.flatMap((type) => [record(type, 'x', 'a'), provenance(type, `${type}/x`)])
    ]
    let takesBatch = true
    const behind = [true, false].map((takes) => serverOf({ data, takesBatch: takes }).server)
    const server: GateOptions['server'] = {
      answer: (request) =>
        (behind[takesBatch ? 0 : 1] ?? { answer: () => TaskEither.right(said(500, {})) }).answer(request)
    }
    const answered = async (before: GateOptions['server'], path: string): Promise<PlainResponse> =>
      fhirGate(
        optionsBefore(before),
        factsFor('patient/*.rs')
      )({ method: 'GET', path, query: '', headers: {}, body: '' })()
    for (const takes of [true, false, true, false])
      for (const path of ['/Binary/n39', '/Provenance', '/Binary', '/Binary/n20', '/Provenance/Flag']) {
        takesBatch = takes
        const fresh = serverOf({ data, takesBatch: takes }).server
        expect(await answered(server, path)).toEqual(await answered(fresh, path))
      }
  })

  it.each([
    [true, 600],
    [false, 300]
  ])('finds what the last of many documents names, to a bound: batch %s, %s documents', async (takesBatch, most) => {
    for (const size of [most, most + 1]) {
      const last = reportOf('last', 'a', 'Binary/n0')
      const others = list(size - 1, (place) => reportOf(`r${String(place)}`, 'a', 'Binary/none'))
      const { requested, server } = serverOf({ data: [binary('n0'), ...others, last], takesBatch })
      // What other requests found out is of no account.
      for (const path of ['/Binary/n0', '/Binary', '/Binary/n0', '/Binary/n0']) {
        const before = requested.length
        const gate = fhirGate(optionsBefore(server), factsFor('patient/*.rs'))
        const { status } = await gate({ method: 'GET', path, query: '', headers: {}, body: '' })()
        const isSearch = path === '/Binary'
        expect([path, status, requested.length - before <= (isSearch ? 3 : 9)]).toEqual([
          path,
          isSearch || size === most ? 200 : 404,
          true
        ])
      }
    }
  })

  it("calls the host's rule about users once for each permission and resource", async () => {
    const { server } = serverOf({ data: ofAllTypes })
    const calls: Array<string> = []
    const userMay: GateOptions['userMay'] = (_facts, permission, { resourceType, id }) => {
      calls.push(`${permission} ${resourceType}/${id ?? ''}`)
      return true
    }
    const facts = { ...factsFor('patient/*.rs'), user: { sub: 'u', fhirUser: null, authTime: 1 } }
    const gate = fhirGate({ ...optionsBefore(server), userMay }, facts)
    const answered = await gate({ method: 'GET', path: '/Provenance', query: '', headers: {}, body: '' })()
    expect(shownIn(answered).toSorted()).toEqual(seenProvenances)
    expect(calls.length).toBeGreaterThan(100)
    expect(calls.toSorted()).toEqual([...new Set(calls)].toSorted())
  })

  it('follows the pages of what it looks up', async () => {
    const data = [
      ...list(30, (place) => record('Observation', `o${String(place)}`, 'a')),
      ...list(15, (place) =>
        provenance(`p${String(place)}`, ...[0, 15].map((from) => `Observation/o${String(from + place)}`))
      )
    ]
    const { most, shown } = await allPages({ data, pageSize: 15 }, '/Provenance')
    expect([most, shown.length]).toEqual([2, 15])
    const foreign = data.map((one) => (one.id === 'p14' ? provenance('p14', 'Observation/o29') : one))
    const followed = await allPages({ data: foreign, pageSize: 15 }, '/Provenance')
    expect([followed.most, followed.shown.length]).toEqual([3, 15])
  })

  it.each([503, 429])('is not shown when one search of a batch fails with %s', async (status) => {
    for (const takesBatch of [true, false]) {
      const failing = { [takesBatch ? 'Goal' : 'Observation']: status }
      const { statuses } = await allPages({ data: ofAllTypes, failing, takesBatch }, '/Provenance')
      expect(statuses).toEqual([status])
    }
  })

  it.each([
    [429, 429, '7'],
    [503, 503, '7'],
    [500, 502, undefined],
    [401, 502, undefined]
  ])(
    'is refused as by the server when the only request for what opens it is answered %s',
    async (status, given, after) => {
      const server: GateOptions['server'] = {
        answer: ({ path }) =>
          TaskEither.right(
            path === '/Provenance/p0'
              ? said(200, provenance('p0', 'Observation/o0'))
              : { status, headers: { 'retry-after': '7' }, body: '' }
          )
      }
      const request = { method: 'GET', path: '/Provenance/p0', query: '', headers: {}, body: '' }
      const answered = await fhirGate(optionsBefore(server), factsFor('patient/*.rs'))(request)()
      expect([answered.status, answered.headers['retry-after']]).toEqual([given, after])
    }
  )

  it('does without a search that the server refuses', async () => {
    for (const failing of [{ Goal: 400 }, { Goal: 501 }, { Goal: 404 }]) {
      const { statuses, shown } = await allPages({ data: ofAllTypes, failing }, '/Provenance')
      expect([statuses, shown]).toEqual([
        [200],
        seenProvenances.filter((name) => types[Number(name.slice(12)) % types.length] !== 'Goal')
      ])
    }
  })

  it('sends many ids in batches of a bounded size', async () => {
    const size = limits.fhirEvidenceItems.default * (limits.fhirEvidenceSearches.default + 1)
    const targets = limits.fhirEvidenceTargets.default
    const data = list(size / targets, (place) =>
      provenance(`p${String(place)}`, ...list(targets, (other) => `Observation/x${String(place * targets + other)}`))
    )
    const { costs } = await allPages({ data, pageSize: 1000 }, '/Provenance')
    expect(costs).toEqual([3])
  })
})

describe('a page of an operation of which nothing is seen', () => {
  const others = (size: number) => list(size, (place) => record('Observation', `b${String(place)}`, 'b'))
  const own = list(3, (place) => record('Observation', `a${String(place)}`, 'a'))
  const seen = own.map(({ id }) => `Observation/${id ?? ''}`)
  const mapped = [{ level: 'instance', type: null, name: 'show', needs: [{ type: null, permission: 'r' }] }] as const

  it.each([
    ['/Patient/a/$everything', 'patient/*.rs'],
    ['/Patient/a/$everything', 'patient/Observation.rs?status:not=x patient/Observation.rs'],
    ['/DocumentReference/$docref?patient=Patient/a', 'patient/*.rs'],
    ['/Observation/$lastn?patient=Patient/a', 'patient/*.rs']
  ])('is filled from the pages after it: %s for %s', async (address, scope) => {
    for (const [hidden, costs] of [
      [10, [2]],
      [20, [3]],
      [30, [3, 1]],
      [60, [3, 3, 1]]
    ] as const) {
      const pages = await allPages({ data: [...others(hidden), ...own], pageSize: 10 }, address, scope)
      expect([address, pages.costs, pages.statuses, pages.shown]).toEqual([address, costs, [200], seen])
    }
  })

  it('is filled with one request less where the resource in the address is read first', async () => {
    const data = [{ resourceType: 'Patient', id: 'a' }, ...others(29), ...own]
    const { costs, shown } = await allPages({ data, pageSize: 10 }, '/Patient/a/$show', 'patient/*.rs', {
      operations: mapped
    })
    expect([costs, shown]).toEqual([
      [2, 3, 2],
      [...seen, 'Patient/a']
    ])
  })

  it('is filled where the server says something about each page', async () => {
    const warning = { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'processing' }] }
    const { costs, shown } = await allPages(
      { data: [...others(20), ...own], pageSize: 10, warning },
      '/Patient/a/$show',
      'system/Patient.r patient/Observation.rs',
      { operations: mapped }
    )
    expect([costs, shown]).toEqual([[3], seen])
  })

  it('has no total, which would count what is hidden', async () => {
    const { server } = serverOf({ data: [...others(10), ...own], pageSize: 10 })
    const request = { method: 'GET', path: '/Patient/a/$everything', query: '', headers: {}, body: '' }
    const answered = await fhirGate(optionsBefore(server), factsFor('patient/*.rs'))(request)()
    expect(JSON.parse(answered.body)).toEqual({
      resourceType: 'Bundle',
      type: 'searchset',
      entry: own.map((resource) => ({ resource, search: { mode: 'match' } }))
    })
  })

  it('is refused where the server fails on a page after it', async () => {
    const { server } = serverOf({ data: [...others(10), ...own], pageSize: 10 })
    const failing: GateOptions['server'] = {
      answer: (request) =>
        request.query.includes('_offset') ? TaskEither.right(said(500, {})) : server.answer(request)
    }
    const request = { method: 'GET', path: '/Patient/a/$everything', query: '', headers: {}, body: '' }
    expect((await fhirGate(optionsBefore(failing), factsFor('patient/*.rs'))(request)()).status).toBe(502)
  })
})

describe('a page for which too much is looked up', () => {
  const notes = (size: number, patient = 'a', length = 1000) =>
    list(size, (place) =>
      record('DocumentReference', `d${String(place)}`, patient, { description: 'x'.repeat(length) })
    )
  const about = (size: number) =>
    list(size, (place) => provenance(`v${String(place)}`, `DocumentReference/d${String(place)}`))
  const bounds = { upstreamAnswer: 16_000, held: 100_000 }
  const named = (size: number) => list(size, (place) => `Provenance/v${String(place)}`).toSorted()

  interface Told {
    readonly total?: number
    readonly issue?: ReadonlyArray<{ readonly code: string }>
    readonly entry?: ReadonlyArray<{ readonly resource: Resource; readonly search?: { readonly mode: string } }>
  }

  /** The answer of the gate before a server that also has a history and an operation with the Provenances. */
  const answerOf = async (
    data: ReadonlyArray<Resource>,
    address: string,
    {
      scope = 'patient/*.crs',
      more = {},
      takesBatch = true,
      type: shownType = 'Provenance',
      ...sent
    }: Partial<PlainRequest> & {
      readonly type?: string
      readonly scope?: string
      readonly more?: GateOptions['limits']
      readonly takesBatch?: boolean
    } = {}
  ) => {
    const { requested, server } = serverOf({ data, takesBatch })
    const provenances = data.filter(({ resourceType }) => resourceType === 'Provenance')
    const beside: GateOptions['server'] = {
      answer: (request) => {
        const type = request.path.endsWith('/_history') ? 'history' : request.path.includes('/$') ? 'searchset' : null
        if (type === null) return server.answer(request)
        requested.push(`${request.method} ${request.path}`)
        const bundle = {
          resourceType: 'Bundle',
          type,
          total: 99,
          id: 'b',
          entry: provenances.map((resource) => ({ resource }))
        }
        return TaskEither.right(said(200, bundle))
      }
    }
    const [path = '', query = ''] = address.split('?')
    const gate = fhirGate({ ...optionsBefore(beside), limits: { ...bounds, ...more } }, factsFor(scope))
    const answered = await gate({ method: 'GET', path, query, headers: {}, body: '', ...sent })()
    const { total, entry = [], issue = [] } = JSON.parse(answered.body) as Told
    return {
      status: answered.status,
      total,
      shown: shownIn(answered)
        .filter((name) => name.startsWith(`${shownType}/`))
        .toSorted(),
      outcomes: entry.filter(({ resource }) => resource.resourceType === 'OperationOutcome'),
      issues: issue.map(({ code }) => code),
      requests: requested.length
    }
  }

  const resource = {
    resourceType: 'OperationOutcome',
    issue: [
      {
        severity: 'warning',
        code: 'incomplete',
        diagnostics:
          'Resources are left out: what they depend on is too much to be read for one page. ' +
          'A smaller _count, or a read of each, may show them.'
      }
    ]
  }

  it.each([
    ['/Provenance', { search: { mode: 'outcome' } }],
    ['/Provenance/_history', { request: { method: 'GET', url: '_history' }, response: { status: '200' } }],
    ['/Patient/a/$everything', { search: { mode: 'outcome' } }]
  ] as const)('asks for half of it, has no total and says what it leaves out: %s', async (address, more) => {
    for (const takesBatch of [true, false])
      expect(await answerOf([...notes(18), ...about(18)], address, { takesBatch })).toEqual({
        status: 200,
        total: undefined,
        shown: named(9),
        outcomes: [{ resource, ...more }],
        issues: [],
        requests: 3
      })
    expect(await answerOf([...notes(3, 'a', 9000), ...about(3)], address)).toMatchObject({
      shown: [],
      outcomes: [{ resource, ...more }]
    })
  })

  it('shows all of it where more requests are allowed, or less is looked up', async () => {
    const all = { status: 200, outcomes: [], total: 18, shown: named(18) }
    expect(await answerOf([...notes(18), ...about(18)], '/Provenance', { more: { pageRequests: 4 } })).toEqual({
      ...all,
      issues: [],
      requests: 4
    })
    const ten = await answerOf([...notes(10), ...about(10)], '/Provenance')
    expect([ten.total, ten.outcomes, ten.requests]).toEqual([10, [], 2])
  })

  it('divides a batch too', async () => {
    const kinds = types.map((type) => record(type, 'x', 'a', { description: 'x'.repeat(3000) }))
    const data = [...kinds, ...types.map((type) => provenance(`p${type}`, `${type}/x`))]
    const { outcomes, shown, requests } = await answerOf(data, '/Provenance')
    expect([shown.length, outcomes.length, requests]).toEqual([4, 1, 3])
    const more = { pageRequests: 4 }
    expect(await answerOf(data, '/Provenance', { more })).toMatchObject({ total: 7, outcomes: [] })
  })

  it("divides the search for a patient's documents", async () => {
    const reports = (size: number, length: number) =>
      list(size, (place) => ({
        ...reportOf(`r${String(place)}`, 'a', `Binary/n${String(place)}`),
        conclusion: 'x'.repeat(length)
      }))
    const data = (size: number, length: number) => [
      ...list(size, (place) => binary(`n${String(place)}`)),
      ...reports(size, length)
    ]
    const found = async (behind: ReadonlyArray<Resource>, scope?: string, more: GateOptions['limits'] = {}) => {
      const { outcomes, requests, shown } = await answerOf(behind, '/Binary', {
        type: 'Binary',
        more,
        ...(scope === undefined ? {} : { scope })
      })
      return [shown.length, outcomes.length, requests]
    }
    const readable = 'patient/Binary.rs patient/DiagnosticReport.rs'
    // Few are looked up first, and then the next few, or all if they are small.
    expect(await found(data(18, 1000))).toEqual([18, 0, 3])
    expect(await found(data(25, 1000))).toEqual([20, 1, 3])
    expect(await found(data(40, 1000), 'patient/*.rs', { upstreamAnswer: 300_000, held: 300_000 })).toEqual([40, 0, 3])
    // Half of the few, where they are too large.
    expect(await found(data(12, 2000), readable)).toEqual([5, 1, 3])
    expect(await found(data(3, 20_000), readable)).toEqual([0, 1, 3])
    for (const [size, status] of [
      [10, 200],
      [11, 404]
    ])
      expect((await answerOf(data(size ?? 0, 2000), `/Binary/n${String((size ?? 0) - 1)}`)).status).toBe(status)
  })

  it('has no number where only that is requested', async () => {
    const answered = await answerOf([...notes(18), ...about(18)], '/Provenance?_summary=count')
    expect([answered.status, answered.total]).toEqual([200, undefined])
  })

  it('does not answer the condition of a write', async () => {
    const sent = {
      method: 'POST',
      headers: { 'content-type': 'application/fhir+json', 'if-none-exist': 'recorded=2020' },
      body: JSON.stringify(provenance('new', 'DocumentReference/d0'))
    }
    const data = [...notes(4, 'a', 9000), ...about(4)]
    const refused = await answerOf(data, '/Provenance', { scope: 'system/Provenance.c patient/*.rs', ...sent })
    expect([refused.status, refused.issues]).toEqual([403, ['too-costly']])
  })

  it('says nothing of what no scope may permit, or of one resource, which looks as it does to a read', async () => {
    const nothing = { status: 200, total: 0, outcomes: [], shown: [] }
    const without = { scope: 'patient/Provenance.rs patient/Observation.rs' }
    expect(await answerOf([...notes(18), ...about(18)], '/Provenance', without)).toMatchObject({
      ...nothing,
      requests: 1
    })
    for (const patient of ['a', 'b'])
      expect(await answerOf([...notes(1, patient, 17_000), ...about(1)], '/Provenance')).toMatchObject(nothing)
    const read = await answerOf([...notes(1, 'a', 17_000), ...about(1)], '/Provenance/v0')
    expect([read.status, read.outcomes]).toEqual([404, []])
  })

  it('says nothing of ids that are all that a search names, whether they are stored or not', async () => {
    const ids = list(60, (place) => `v${String(place)}`).join(',')
    const answered = async (size: number) => {
      const data = [...notes(size, 'b', 3000), ...about(size)]
      const { requests, ...rest } = await answerOf(data, '/Provenance', { query: `_id=${ids}` })
      expect(requests).toBeLessThanOrEqual(3)
      return rest
    }
    expect(await answered(60)).toEqual(await answered(0))
    expect(await answered(60)).toMatchObject({ status: 200, total: 0, outcomes: [] })
  })

  it('counts ids that are all that a search names as if those that are too large were not stored', async () => {
    const ids = list(60, (place) => `v${String(place)}`).join(',')
    const counted = async (size: number) => {
      const query = `_id=${ids}&_summary=count`
      const { status, total } = await answerOf([...notes(size, 'b', 3000), ...about(size)], '/Provenance', { query })
      return { status, total }
    }
    expect(await counted(60)).toEqual({ status: 200, total: 0 })
    expect(await counted(0)).toEqual({ status: 200, total: 0 })
  })

  it('opens a resource with many targets by half of them', async () => {
    const one = provenance('v', ...list(18, (place) => `DocumentReference/d${String(place)}`))
    expect((await answerOf([...notes(18), one], '/Provenance/v')).status).toBe(200)
    expect(await answerOf([...notes(18), one], '/Provenance')).toMatchObject({ total: 1, outcomes: [] })
  })
})
