import fc from 'fast-check'
import * as Either from 'fp-ts/lib/Either.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it, vi } from 'vitest'
import type { GateOptions } from '../../../../src/engine/resource/gate-context.js'
import { fhirGate } from '../../../../src/engine/resource/fhir-gate.js'
import { accessRefusalSystem, accessRefusals } from '../../../../src/protocol/access/access-refusals.js'
import type { PlainRequest, PlainResponse } from '../../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../../src/protocol/policy/policy.js'
import { fhirR4 } from '../../../../src/scopes/vocabulary.js'
import { parse } from '../../../../src/scopes/parse.js'
import { limits } from '../../../../src/values/limits/limits.js'

const base = 'https://ehr.example/fhir'
const observation = (id: string, more: object = {}) => ({
  resourceType: 'Observation',
  id,
  meta: { versionId: '1' },
  subject: { reference: 'Patient/a' },
  ...more
})
const said = (status: number, body: unknown): PlainResponse => ({ status, headers: {}, body: JSON.stringify(body) })

/** The gate before a server that has every Observation, answers as the test says, and records its requests. */
const through = (
  options: Partial<GateOptions> = {},
  answer?: (request: PlainRequest) => PlainResponse | null,
  more: object = {}
) => {
  const requests: Array<PlainRequest> = []
  const server: GateOptions['server'] = {
    answer: (request) => {
      requests.push(request)
      const own = answer?.(request) ?? null
      if (own !== null) return TaskEither.right(own)
      if (request.method === 'GET')
        return TaskEither.right(said(200, observation(request.path.replace('/Observation/', ''), more)))
      return TaskEither.right(
        said(
          200,
          request.path === '/'
            ? { resourceType: 'Bundle', type: 'transaction-response', entry: [] }
            : JSON.parse(request.body)
        )
      )
    }
  }
  const facts = { clientId: 'app', scopes: parse('patient/*.cruds'), context: { patient: 'a' }, user: null }
  const gate = fhirGate({ server, policy: defaultPolicy, base, ...options }, facts)
  const send = async (request: Partial<PlainRequest>): Promise<PlainResponse> =>
    gate({ method: 'GET', path: '/', query: '', headers: {}, body: '', ...request })()
  return { requests, send }
}

const entry = (method: string, url: string, resource?: object) => ({
  request: { method, url },
  ...(resource === undefined ? {} : { resource })
})
const bundle = (type: string, ...entries: ReadonlyArray<object>): Partial<PlainRequest> => ({
  method: 'POST',
  body: JSON.stringify({ resourceType: 'Bundle', type, entry: entries })
})

interface Answered {
  readonly resource?: { readonly id: string }
  readonly response: {
    readonly status: string
    readonly outcome?: { readonly issue: ReadonlyArray<{ readonly code: string }> }
  }
}

const entriesOf = ({ body }: PlainResponse): ReadonlyArray<Answered> =>
  (JSON.parse(body) as { readonly entry: ReadonlyArray<Answered> }).entry
const statuses = (response: PlainResponse): ReadonlyArray<string> =>
  entriesOf(response).map((one) => one.response.status)
const reads = (...ids: ReadonlyArray<string>): ReadonlyArray<object> =>
  ids.map((id) => entry('GET', `Observation/${id}`))
const update = (id: string, more: object = {}): object => entry('PUT', `Observation/${id}`, observation(id, more))

describe('a batch', () => {
  it('is answered as far as its bound, and carries out nothing after', async () => {
    const { requests, send } = through({ limits: { held: 600 } }, undefined, { note: 'x'.repeat(100) })
    const answer = await send(bundle('batch', ...reads('1', '2', '3', '4', '5')))
    expect(statuses(answer)).toEqual(['200', '200', '413', '413', '413'])
    expect(entriesOf(answer)[4]?.response.outcome?.issue[0]?.code).toBe('too-costly')
    expect(requests).toHaveLength(3)
  })

  it('says of a write whose answer does not fit that it was carried out', async () => {
    const { requests, send } = through({ limits: { held: 500 } })
    const answer = await send(bundle('batch', update('1', { note: 'x'.repeat(600) }), update('2')))
    expect(statuses(answer)).toEqual(['200', '413'])
    expect(entriesOf(answer)[0]?.resource).toBeUndefined()
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /Observation/1',
      'PUT /Observation/1'
    ])
  })

  it('has one budget of requests for all its entries, the pages of its searches among them', async () => {
    let page = 0
    const pages = ({ path }: PlainRequest): PlainResponse | null =>
      path === '/Observation'
        ? said(200, {
            resourceType: 'Bundle',
            type: 'searchset',
            link: [{ relation: 'next', url: `${base}/Observation?_cursor=${String((page += 1))}` }]
          })
        : null
    const { requests, send } = through({ limits: { upstreamRequests: 7 } }, pages)
    const search = entry('GET', 'Observation?patient=a')
    const answer = await send(bundle('batch', search, ...reads('1'), search, search, ...reads('2')))
    expect(statuses(answer)).toEqual(['200', '200', '200', '413', '413'])
    expect(requests).toHaveLength(7)
  })
})

describe('the clauses of the scopes of a token', () => {
  /** How often the type of a parameter is looked up while a batch is checked. */
  const lookedUpTypes = async (entries: number): Promise<number> => {
    let count = 0
    const typeOf = (...requested: Parameters<typeof fhirR4.typeOf>) => {
      count += 1
      return fhirR4.typeOf(...requested)
    }
    const scopes = parse(
      Array.from({ length: 10 }, (_, place) => `patient/Observation.r?code=c${String(place)}`).join(' ')
    )
    const server: GateOptions['server'] = { answer: () => TaskEither.right(said(200, observation('1'))) }
    const gate = fhirGate(
      { server, policy: defaultPolicy, base, rules: { vocabulary: { ...fhirR4, typeOf } } },
      { clientId: 'app', scopes, context: { patient: 'a' }, user: null }
    )
    const ids = Array.from({ length: entries }, () => '1')
    const answer = await gate({
      method: 'GET',
      path: '/',
      query: '',
      headers: {},
      body: '',
      ...bundle('batch', ...reads(...ids))
    })()
    expect(new Set(statuses(answer))).toEqual(new Set(['404']))
    return count
  }

  it('are read once for all entries of a batch', async () => {
    const count = await lookedUpTypes(2)
    expect(count).toBeGreaterThan(0)
    expect(await lookedUpTypes(50)).toBe(count)
  })
})

describe('a transaction', () => {
  it.each([
    ['more is held than may be', { held: 300 }],
    ['it takes more requests than there may be', { upstreamRequests: 2 }]
  ])('writes nothing where %s', async (_name, limits) => {
    const { requests, send } = through({ limits })
    expect(
      (
        await send(
          bundle('transaction', update('1', { note: 'x'.repeat(100) }), update('2', { note: 'x'.repeat(100) }))
        )
      ).status
    ).toBe(413)
    expect(requests.every(({ method }) => method === 'GET')).toBe(true)
  })

  it('that was written says so, whatever the reads after it cost', async () => {
    const { send } = through({ limits: { upstreamRequests: 3 } })
    expect(statuses(await send(bundle('transaction', update('1'), ...reads('2', '3'))))).toEqual(['200', '200', '413'])
  })

  it('that was written says so where the answer of the server is too large', async () => {
    const written = ({ method }: PlainRequest): PlainResponse | null =>
      method === 'POST' ? said(200, { x: 'x'.repeat(2000) }) : null
    const { send } = through({ limits: { upstreamAnswer: 1000 } }, written)
    expect(statuses(await send(bundle('transaction', update('1'))))).toEqual(['200'])
  })
})

describe('the condition of a write', () => {
  /** Pages that never end: each holds these Observations, which are another patient's or the token's own. */
  const endless = (patients: ReadonlyArray<string>) => {
    let page = 0
    return ({ method, path }: PlainRequest): PlainResponse | null => {
      if (method !== 'GET' || path !== '/Observation') return null
      page += 1
      return said(200, {
        resourceType: 'Bundle',
        type: 'searchset',
        link: [{ relation: 'next', url: `${base}/Observation?_cursor=${String(page)}` }],
        entry: patients.map((patient) => ({
          resource: observation(patient === 'a' ? 'own' : `${patient}${String(page)}`, {
            subject: { reference: `Patient/${patient}` }
          })
        }))
      })
    }
  }
  const body = JSON.stringify({ resourceType: 'Observation', subject: { reference: 'Patient/a' } })

  it.each<readonly [string, Partial<PlainRequest>]>([
    ['POST', { path: '/Observation', headers: { 'if-none-exist': 'code=x' }, body }],
    ['PUT', { path: '/Observation', query: 'code=x', body }],
    [
      'PATCH',
      {
        path: '/Observation',
        query: 'code=x',
        headers: { 'content-type': 'application/json-patch+json' },
        body: '[{"op":"add","path":"/status","value":"final"}]'
      }
    ],
    ['DELETE', { path: '/Observation', query: 'code=x' }]
  ])('that finds more pages than are read is refused, and says what helps: %s', async (method, request) => {
    for (const patients of [[], ['b'], ['b', 'a']]) {
      const { requests, send } = through({}, endless(patients))
      const { body: text, status } = await send({ method, ...request })
      expect([patients, status, JSON.parse(text)]).toEqual([
        patients,
        403,
        {
          resourceType: 'OperationOutcome',
          issue: [
            {
              severity: 'error',
              code: 'too-costly',
              details: {
                coding: [{ system: accessRefusalSystem, code: 'within-limits' }],
                text: accessRefusals['within-limits'].sentence
              },
              diagnostics:
                'The condition of the write finds more pages than are read for one request, so that it is not known ' +
                'whether it finds one resource. Use a condition that finds less, such as an identifier, or write to ' +
                'the id of the resource.'
            }
          ]
        }
      ])
      expect(requests.map((one) => one.method)).toEqual(
        Array.from({ length: limits.fhirPageRequests.default }, () => 'GET')
      )
    }
  })
})

describe('a client that leaves', () => {
  /** Leaves with the request of a number. */
  const leaving = (number: number) => {
    const controller = new AbortController()
    let count = 0
    const gate = through({}, () => {
      count += 1
      if (count === number) controller.abort()
      return null
    })
    return {
      requests: gate.requests,
      send: (request: Partial<PlainRequest>) => gate.send({ ...request, signal: controller.signal })
    }
  }

  it.each<readonly [string, number, Partial<PlainRequest>, ReadonlyArray<string>]>([
    ['a batch', 2, bundle('batch', ...reads('1', '2', '3')), ['GET', 'GET']],
    ['a write', 1, { method: 'PUT', path: '/Observation/1', body: JSON.stringify(observation('1')) }, ['GET']],
    ['a transaction that is checked', 1, bundle('transaction', update('1'), update('2')), ['GET']],
    ['a transaction before it is sent', 2, bundle('transaction', update('1'), update('2')), ['GET', 'GET']],
    ['a transaction that was sent', 2, bundle('transaction', update('1'), ...reads('2')), ['GET', 'POST']]
  ])('ends %s', async (_name, number, request, methods) => {
    const { requests, send } = leaving(number)
    await send(request)
    expect(requests.map(({ method }) => method)).toEqual(methods)
  })

  it('ends a search between its pages', async () => {
    const controller = new AbortController()
    const { requests, send } = through({}, () => {
      controller.abort()
      return said(200, {
        resourceType: 'Bundle',
        type: 'searchset',
        link: [{ relation: 'next', url: `${base}/Observation?_page=2` }]
      })
    })
    await send({ path: '/Observation', signal: controller.signal })
    expect(requests).toHaveLength(1)
  })

  it('gives up what is read, and never what is written', async () => {
    const { signal } = new AbortController()
    const { requests, send } = through({}, ({ path }) =>
      path.endsWith('/_search') ? said(200, { resourceType: 'Bundle', type: 'searchset' }) : null
    )
    await send({ method: 'PUT', path: '/Observation/1', body: JSON.stringify(observation('1')), signal })
    await send({ ...bundle('batch', ...reads('1')), signal })
    await send({
      method: 'POST',
      path: '/Observation/_search',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'code=1',
      signal
    })
    expect(requests.map((one) => [one.method, one.path, one.signal === signal])).toEqual([
      ['GET', '/Observation/1', true],
      ['PUT', '/Observation/1', false],
      ['GET', '/Observation/1', true],
      ...requests.slice(3).map(({ path }) => ['POST', path, true])
    ])
    expect(requests.length).toBeGreaterThan(3)
  })
})

describe('an answer that is being read', () => {
  /** A gate before a server whose answers arrive piece by piece on command; it records what became of each. */
  const reading = (options: Partial<GateOptions> = {}) => {
    const answers: Array<{ readonly read: (characters: number) => boolean; readonly end: () => void }> = []
    const server: GateOptions['server'] = {
      answer: (request) => () =>
        new Promise((resolve) => {
          let isKept = true
          answers.push({
            read: (characters) => {
              isKept &&= request.hold?.(characters) ?? true
              return isKept
            },
            end: () => {
              const body =
                request.path === '/'
                  ? '{"resourceType":"Bundle","type":"transaction-response","entry":[]}'
                  : JSON.stringify(observation('1'))
              resolve(Either.right({ status: 200, headers: { etag: 'W/"2"' }, body: isKept ? body : '' }))
            }
          })
        })
    }
    const facts = { clientId: 'app', scopes: parse('system/*.cruds'), context: {}, user: null }
    const gate = fhirGate(
      { server, policy: defaultPolicy, base, rules: { operations }, limits: { heldInAll: 1000 }, ...options },
      facts
    )
    const send = (request: Partial<PlainRequest>) =>
      gate({ method: 'GET', path: '/Observation/1', query: '', headers: {}, body: '', ...request })()
    const next = async (count: number) => {
      await vi.waitFor(() => {
        expect(answers).toHaveLength(count)
      })
      return answers[count - 1] ?? { read: () => false, end: () => undefined }
    }
    return { send, next }
  }
  const operations = [
    { level: 'type', type: 'Observation', name: 'import', needs: [{ type: null, permission: 'c' }] }
  ] as const

  it('is held by all requests together as far as it was read, and not after it was read', async () => {
    const { send, next } = reading()
    const first = send({})
    const one = await next(1)
    expect(one.read(600)).toBe(true)
    const second = send({})
    const other = await next(2)
    expect([other.read(400), other.read(1), other.read(1)]).toEqual([true, false, false])
    other.end()
    const { status, headers, body } = await second
    expect([status, headers['retry-after'], body]).toEqual([503, '5', expect.stringContaining('transient')])
    one.end()
    expect((await first).status).toBe(200)
    expect(one.read(1)).toBe(false)
    const third = send({})
    const last = await next(3)
    expect([last.read(1000), last.read(1)]).toEqual([true, false])
    last.end()
    // By itself it is larger than all may hold, so that it does not help to try again.
    expect((await third).status).toBe(413)
  })

  it('of a write says that it was carried out, if without what was written', async () => {
    const { send, next } = reading()
    const writing = send({ method: 'PUT', body: JSON.stringify(observation('1')) })
    ;(await next(1)).end()
    const written = await next(2)
    expect(written.read(1001)).toBe(false)
    written.end()
    expect(await writing).toMatchObject({ status: 200, headers: { etag: 'W/"2"' }, body: '' })
    const sending = send({ path: '/', ...bundle('transaction', update('1')) })
    ;(await next(3)).end()
    const sent = await next(4)
    expect(sent.read(1001)).toBe(false)
    sent.end()
    expect(statuses(await sending)).toEqual(['200'])
  })

  it('of an operation that writes does not invite a retry', async () => {
    const { send, next } = reading()
    const answering = send({ method: 'POST', path: '/Observation/$import', body: '{"resourceType":"Parameters"}' })
    const operated = await next(1)
    expect(operated.read(1001)).toBe(false)
    operated.end()
    expect((await answering).status).toBe(413)
  })
})

describe('a resource that is larger than one that can be checked', () => {
  const large = ({ path }: PlainRequest): PlainResponse =>
    path.startsWith('/Observation/large')
      ? said(
          200,
          path.endsWith('_history') ? { note: 'x'.repeat(2000) } : observation('large', { note: 'x'.repeat(2000) })
        )
      : said(404, { resourceType: 'OperationOutcome' })
  const requestsFor = (id: string): ReadonlyArray<Partial<PlainRequest>> => [
    { path: `/Observation/${id}` },
    { path: `/Observation/${id}/_history/1` },
    { path: `/Observation/${id}/_history` },
    { path: `/Observation/${id}/$meta` },
    { path: `/Observation/${id}`, method: 'DELETE' },
    {
      path: `/Observation/${id}`,
      method: 'PATCH',
      headers: { 'content-type': 'application/json-patch+json' },
      body: '[]'
    }
  ]

  it('looks like a missing one, because it may be hidden', async () => {
    const events: Array<string | null> = []
    const onAccess: GateOptions['onAccess'] = ({ rule }) => void events.push(rule)
    const { send } = through({ limits: { upstreamAnswer: 1000 }, onAccess }, large)
    for (const [place, request] of requestsFor('large').entries()) {
      const answered = await send(request)
      expect(events.pop()).toBe('resource-within-limits')
      expect(answered).toEqual(await send(requestsFor('none')[place] ?? {}))
      expect(answered.status).toBe(404)
    }
  })

  /** A search in a server with own resources and a large one: by `_id`, `identifier`, `_summary=count` and `_count`. */
  const searched =
    (ids: ReadonlyArray<string>, sort = false) =>
    (request: PlainRequest): PlainResponse => {
      const { body, method, path, query } = request
      if (method === 'POST' && path === '/Observation') return said(201, JSON.parse(body))
      if (path !== '/Observation') {
        const id = path.replace('/Observation/', '')
        if (method !== 'GET' || !ids.includes(id)) return said(404, { resourceType: 'OperationOutcome' })
        return said(200, observation(id, id === 'large' ? { note: 'x'.repeat(2000) } : {}))
      }
      const given = new URLSearchParams(query)
      // The other narrowed search of the type finds nothing.
      const found = (given.has('performer') ? [] : ids).filter((id) =>
        ['_id', 'identifier'].every((name) => given.get(name)?.split(',').includes(id) ?? true)
      )
      const included = given.has('_include')
        ? [observation('i', { note: 'x'.repeat(given.get('_include') === 'Observation:focus' ? 0 : 2000) })]
        : []
      const entry = [
        ...(sort ? found.toReversed() : found).map((id) => ({
          resource: observation(id, id === 'large' ? { note: 'x'.repeat(2000) } : {})
        })),
        ...(found.length === 0 ? [] : included.map((resource) => ({ resource, search: { mode: 'include' } })))
      ]
      return said(200, {
        resourceType: 'Bundle',
        type: 'searchset',
        total: found.length,
        ...(given.get('_summary') === 'count' ? {} : { entry })
      })
    }

  const write = { method: 'POST', path: '/Observation', body: JSON.stringify({ ...observation('new'), id: undefined }) }
  const searches: ReadonlyArray<readonly [string, Partial<PlainRequest>]> = [
    ...[
      '_id=large',
      'patient=a&_id=large,none',
      '_id=large,x,y',
      'patient=a&identifier=large',
      'patient=a&_id=large&_include=Observation:focus',
      'patient=a&identifier=large&_include=Observation:focus',
      '_id=large&_summary=count',
      '_id=large&_count=1'
    ].map((query) => [query, { path: '/Observation', query }] as const),
    [
      'a POST',
      {
        method: 'POST',
        path: '/Observation/_search',
        body: 'patient=a&_id=large,none',
        headers: { 'content-type': 'application/x-www-form-urlencoded' }
      }
    ],
    ...['_id=large'].flatMap((query) => [
      [`create ${query}`, { ...write, headers: { 'if-none-exist': query } }] as const,
      [`update ${query}`, { ...write, method: 'PUT', query }] as const,
      [`delete ${query}`, { method: 'DELETE', path: '/Observation', query }] as const,
      [
        `patch ${query}`,
        {
          method: 'PATCH',
          path: '/Observation',
          query,
          headers: { 'content-type': 'application/json-patch+json' },
          body: '[]'
        }
      ] as const
    ]),
    ['a batch', bundle('batch', entry('GET', 'Observation?_id=large'), entry('DELETE', 'Observation?_id=large'))],
    ['a transaction', bundle('transaction', entry('DELETE', 'Observation/large'))],
    ['a transaction that reads', bundle('transaction', entry('GET', 'Observation?patient=a&_id=large,none'))]
  ]

  it.each(searches)('looks like a missing one where it is searched for: %s', async (name, request) => {
    for (const limit of name === 'a transaction'
      ? [{ upstreamAnswer: 1000 }]
      : [{ upstreamAnswer: 1000 }, { held: 1000 }])
      for (const sort of [false, true]) {
        const answers = [
          ['one', 'two', 'large'],
          ['one', 'two']
        ].map((ids) =>
          through({ limits: limit }, (one) => {
            if (one.path !== '/' || one.method !== 'POST') return searched(ids, sort)(one)
            return null
          })
        )
        const [hidden, missing] = await Promise.all(answers.map(({ send }) => send(request)))
        expect(hidden).toEqual(missing)
        expect(JSON.stringify(hidden)).not.toContain('within-limits')
        const requests =
          answers[0]?.requests.filter(({ method }) => method === 'GET' || request.method === 'POST') ?? []
        expect(requests.length).toBeLessThanOrEqual(limits.fhirPageRequests.default + 1)
      }
  })

  it.each([
    ['several that are found together', 'date=2020'],
    ['several ids', '_id=large,one'],
    ['what an own resource includes', '_id=one&_include=Observation:subject']
  ])('is refused, because own data must not vanish: %s', async (_name, query) => {
    const { send } = through({ limits: { upstreamAnswer: 1000 } }, searched(['one', 'two', 'large', 'other']))
    const answered = await send({ path: '/Observation', query })
    expect([answered.status, answered.body.includes('within-limits')]).toEqual([403, true])
  })

  it.each([
    ['create', { ...write, headers: { 'if-none-exist': 'identifier=large' } }],
    ['update', { ...write, method: 'PUT', query: 'identifier=large' }],
    ['delete', { method: 'DELETE', path: '/Observation', query: 'identifier=large' }]
  ])('is not written a second time: conditional %s', async (_name, request) => {
    for (const limit of [{ upstreamAnswer: 1000 }, { held: 1000 }]) {
      const { requests, send } = through({ limits: limit }, searched(['one', 'large']))
      expect((await send(request)).status).toBe(403)
      expect(requests.every(({ method }) => method === 'GET')).toBe(true)
    }
  })

  it('is one by its own size, and not by what the same request holds besides', async () => {
    const reads = [1, 2].map(() => entry('GET', 'Observation/large'))
    const limit = { upstreamAnswer: 10_000, held: 5500 }
    const last = async (...entries: ReadonlyArray<object>) => {
      const { requests, send } = through({ limits: limit }, searched(['one', 'large']))
      const response = await send(bundle('batch', ...entries))
      const { entry: found } = JSON.parse(response.body) as {
        readonly entry: ReadonlyArray<{ readonly response: { readonly status: string } }>
      }
      return [found.at(-1)?.response.status, requests.filter(({ method }) => method !== 'GET').length]
    }
    expect(await last(...reads, entry('GET', 'Observation?_id=large'))).toEqual(['403', 0])
    expect(await last(...reads, entry('DELETE', 'Observation?_id=large'))).toEqual(['403', 0])
    expect(await last(entry('GET', 'Observation?_id=large'))).toEqual(['200', 0])
  })

  it('is refused to a token that may search all resources of the type', async () => {
    const server: GateOptions['server'] = { answer: (request) => TaskEither.right(searched(['one', 'large'])(request)) }
    const facts = { clientId: 'app', scopes: parse('system/Observation.cruds'), context: {}, user: null }
    const gate = fhirGate({ server, policy: defaultPolicy, base, limits: { upstreamAnswer: 1000 } }, facts)
    for (const request of [
      { path: '/Observation', query: 'identifier=large' },
      { path: '/Observation', query: '_id=large', method: 'DELETE' },
      { ...write, method: 'PUT', query: '_id=large' }
    ])
      expect((await gate({ method: 'GET', headers: {}, body: '', ...request })()).status).toBe(403)
  })

  it('is refused as such where nothing can be hidden', async () => {
    const server: GateOptions['server'] = { answer: (request) => TaskEither.right(large(request)) }
    const facts = { clientId: 'app', scopes: parse('system/*.cruds'), context: {}, user: null }
    const gate = fhirGate({ server, policy: defaultPolicy, base, limits: { upstreamAnswer: 1000 } }, facts)
    const send = (request: Partial<PlainRequest>) =>
      gate({ method: 'GET', path: '/', query: '', headers: {}, body: '', ...request })()
    const answered = await Promise.all(requestsFor('large').map(send))
    expect(answered.map(({ status }) => status)).toEqual([413, 413, 403, 413, 413, 413])
  })
})

describe('an operation', () => {
  const needs = (...permissions: ReadonlyArray<'c' | 'r' | 'u' | 'd' | 's'>) =>
    permissions.map((permission) => ({ type: null, permission }))
  const operations = [
    { level: 'type', type: 'Observation', name: 'lastn', needs: needs('r', 's') },
    { level: 'type', type: 'Observation', name: 'import', needs: needs('s', 'c') },
    { level: 'type', type: 'Observation', name: 'open', needs: [] },
    { level: 'instance', type: 'Observation', name: 'all', needs: needs('r') }
  ] as const

  it.each<readonly [string, string, boolean]>([
    ['POST', '/Observation/$lastn', true],
    ['GET', '/Observation/$lastn', true],
    ['POST', '/Observation/1/$all', true],
    ['POST', '/Observation/$import', false],
    ['GET', '/Observation/$import', false],
    ['POST', '/Observation/$open', false],
    ['GET', '/Observation/$open', true]
  ])('by %s %s is given up when its client leaves: %s', async (method, path, isGivenUp) => {
    const scopes = parse('system/*.cruds')
    const { signal } = new AbortController()
    const requests: Array<PlainRequest> = []
    const server: GateOptions['server'] = {
      answer: (request) => {
        requests.push(request)
        return TaskEither.right(said(200, observation('1')))
      }
    }
    const gate = fhirGate(
      { server, policy: defaultPolicy, base, rules: { operations } },
      { clientId: 'app', scopes, context: {}, user: null }
    )
    const body = method === 'POST' ? '{"resourceType":"Parameters"}' : ''
    await gate({ method, path, query: '', headers: { 'content-type': 'application/fhir+json' }, body, signal })()
    const batched = bundle('batch', entry(method, path.slice(1), ...(body === '' ? [] : [JSON.parse(body) as object])))
    await gate({ method: 'POST', path: '/', query: '', headers: {}, body: '', ...batched, signal })()
    expect(requests.map((one) => [one.method, one.path, one.signal === signal])).toEqual([
      [method, path, isGivenUp],
      [method, path, isGivenUp]
    ])
  })
})

describe('what a search includes', () => {
  interface Link {
    readonly from: number
    readonly to: number
  }

  /** What hangs together with the shown matches, found pair by pair: slow, and plain to read. */
  const joined = (
    links: ReadonlyArray<Link>,
    isForward: boolean,
    isReverse: boolean,
    shown: ReadonlyArray<number>,
    included: ReadonlyArray<number>
  ): ReadonlyArray<number> => {
    const kept = [...shown]
    let rest = [...included]
    for (const one of kept) {
      const joins = (other: number): boolean =>
        links.some(
          ({ from, to }) => (isForward && from === one && to === other) || (isReverse && from === other && to === one)
        )
      kept.push(...rest.filter(joins))
      rest = rest.filter((other) => !joins(other))
    }
    return kept.slice(shown.length)
  }

  it('hangs together with the matches that are shown, in the same order as found pair by pair', async () => {
    const place = fc.integer({ min: 0, max: 11 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ from: place, to: place }), { maxLength: 20 }),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: 4 }),
        async (links, isForward, isReverse, count) => {
          const resource = (id: number): object =>
            observation(String(id), {
              derivedFrom: links
                .filter(({ from }) => from === id)
                .map(({ to }) => ({ reference: `Observation/${String(to)}` }))
            })
          const [matches, included] = [
            [0, 1, 2, 3],
            [4, 5, 6, 7, 8, 9, 10, 11]
          ]
          const found = {
            resourceType: 'Bundle',
            type: 'searchset',
            entry: [
              ...matches.map((id) => ({ resource: resource(id) })),
              ...included.map((id) => ({ search: { mode: 'include' }, resource: resource(id) }))
            ]
          }
          const query = [
            `_count=${String(count)}`,
            ...(isForward ? ['_include=Observation:derived-x'] : []),
            ...(isReverse ? ['_revinclude=Observation:derived-x'] : [])
          ].join('&')
          const { send } = through({}, () => said(200, found))
          const shown = entriesOf(await send({ path: '/Observation', query })).map((one) => Number(one.resource?.id))
          const first = matches.slice(0, count)
          expect(shown).toEqual([...first, ...joined(links, isForward, isReverse, first, included)])
        }
      ),
      { numRuns: 200 }
    )
  })
})
