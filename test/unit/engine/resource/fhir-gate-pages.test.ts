/** Pages through the gate: what they show, what they cost, and whom their links open for. */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import type { GateOptions } from '../../../../src/engine/resource/gate-context.js'
import { fhirGate } from '../../../../src/engine/resource/fhir-gate.js'
import { pageLinksWith } from '../../../../src/engine/resource/page-links.js'
import type { AccessFacts } from '../../../../src/protocol/access/alternatives.js'
import type { PlainRequest, PlainResponse } from '../../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../../src/protocol/policy/policy.js'
import { parse } from '../../../../src/scopes/parse.js'

const base = 'https://ehr.example/fhir'
const behind = 'http://10.0.0.1/r4'

interface Stored {
  readonly id: string
  readonly patient: string
  readonly category?: string
  readonly performer?: string
}

const resourceOf = ({ id, patient, category = 'lab', performer }: Stored) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  category: [{ coding: [{ code: category }] }],
  subject: { reference: `Patient/${patient}` },
  ...(performer === undefined ? {} : { performer: [{ reference: `Patient/${performer}` }] })
})

const said = (status: number, body: unknown): PlainResponse => ({
  status,
  headers: { 'content-type': 'application/fhir+json' },
  body: typeof body === 'string' ? body : JSON.stringify(body)
})

/** A server that pages by opaque links, searches by a few parameters and refuses others. */
const serverOf = (stored: ReadonlyArray<Stored>, refused: ReadonlyArray<string> = [], pageSize = 20, refusal = 400) => {
  const requested: Array<string> = []
  const pages = new Map<string, ReadonlyArray<Stored>>()
  const page = (found: ReadonlyArray<Stored>, count: number, from: number): PlainResponse => {
    const name = `p${String(pages.size)}`
    pages.set(name, found)
    const next = `${behind}?_getpages=${name}&_getpagesoffset=${String(from + count)}&_count=${String(count)}`
    return said(200, {
      resourceType: 'Bundle',
      id: 'x',
      type: 'searchset',
      total: found.length,
      link: [
        { relation: 'self', url: `${behind}/Observation` },
        ...(from + count < found.length ? [{ relation: 'next', url: next }] : [])
      ],
      entry: found.slice(from, from + count).map((one) => ({
        fullUrl: `${behind}/Observation/${one.id}`,
        resource: resourceOf(one),
        search: { mode: 'match' }
      }))
    })
  }
  const server: GateOptions['server'] = {
    answer: ({ path, query }) => {
      requested.push(`${path}?${decodeURIComponent(query)}`)
      const parameters = new URLSearchParams(query)
      const count = Number(parameters.get('_count') ?? pageSize)
      const known = pages.get(parameters.get('_getpages') ?? '')
      if (known !== undefined) return TaskEither.right(page(known, count, Number(parameters.get('_getpagesoffset'))))
      const names = [...parameters.keys()]
      const unknown = refused.find((name) => names.includes(name))
      if (unknown !== undefined) return TaskEither.right(said(refusal, { resourceType: 'OperationOutcome', unknown }))
      const isOneOf = (name: string, value: string | undefined): boolean =>
        parameters
          .getAll(name)
          .every((wanted) => wanted.split(',').some((one) => one === value || one === `Patient/${value ?? ''}`))
      return TaskEither.right(
        page(
          stored.filter(
            ({ patient, category = 'lab', performer }) =>
              isOneOf('subject', patient) &&
              isOneOf('patient', patient) &&
              isOneOf('category', category) &&
              isOneOf('performer', performer)
          ),
          count,
          0
        )
      )
    }
  }
  return { requested, server }
}

const factsOf = (scope: string, more: Partial<AccessFacts> = {}): AccessFacts => ({
  clientId: 'app',
  scopes: parse(scope),
  context: { patient: 'a' },
  user: null,
  ...more
})

interface Page {
  readonly status: number
  readonly ids: ReadonlyArray<string | undefined>
  readonly total: number | undefined
  readonly next: string | null
  readonly text: string
}

const ask = async (
  server: GateOptions['server'],
  facts: AccessFacts,
  address: string,
  options: Partial<GateOptions> = {}
): Promise<Page> => {
  const [path = '', query = ''] = address.replace(base, '').split('?')
  const request: PlainRequest = { method: 'GET', path, query, headers: {}, body: '' }
  const { status, body } = await fhirGate(
    { server, policy: defaultPolicy, base, aliases: [behind], ...options },
    facts
  )(request)()
  const json = JSON.parse(body) as {
    readonly total?: number
    readonly link?: ReadonlyArray<{ readonly relation: string; readonly url: string }>
    readonly entry?: ReadonlyArray<{ readonly resource?: { readonly id?: string } }>
  }
  return {
    status,
    text: body,
    ids: (json.entry ?? []).map(({ resource }) => resource?.id),
    total: json.total,
    next: json.link?.find(({ relation }) => relation === 'next')?.url ?? null
  }
}

/** All pages of a search, and the most upstream requests of one. */
const allPages = async (
  { requested, server }: ReturnType<typeof serverOf>,
  facts: AccessFacts,
  address: string,
  options: Partial<GateOptions> = {}
) => {
  const pages: Array<Page> = []
  let most = 0
  for (let next: string | null = address; next !== null && pages.length < 200;) {
    const before = requested.length
    const page: Page = await ask(server, facts, next, options)
    most = Math.max(most, requested.length - before)
    pages.push(page)
    next = page.next
  }
  return { pages, most, ids: pages.flatMap(({ ids }) => ids) }
}

const many = (count: number, patient: string, from = 0): ReadonlyArray<Stored> =>
  Array.from({ length: count }, (_, place) => ({ id: `${patient}${String(from + place)}`, patient }))
const idsOf = (stored: ReadonlyArray<Stored>) => stored.map(({ id }) => id).toSorted()

describe('a page of a search', () => {
  it.each([
    ['system/*.rs', 'patient=a&_count=50', 1],
    ['patient/*.rs', 'patient=a&_count=50', 1],
    ['patient/*.rs', '_count=50', 1],
    ['patient/Observation.rs?category=lab patient/Observation.rs?category=vital', '_count=50', 1]
  ])('costs as much for 100 matches as for 3,000: %s, %s', async (scope, query, requests) => {
    for (const count of [100, 3000]) {
      const { requested, server } = serverOf([...many(count, 'a'), ...many(50, 'b')])
      const page = await ask(server, factsOf(scope), `/Observation?${query}`)
      expect([page.status, page.ids.length, page.next === null, requested.length]).toEqual([200, 50, false, requests])
      expect(requested[0]).toContain('_count=50')
      const second = await ask(server, factsOf(scope), page.next ?? '')
      expect([second.ids.length, second.ids.some((id) => page.ids.includes(id))]).toEqual([50, false])
      expect(requested.length).toBe(2 * requests)
    }
  })

  it.each([
    ['system/*.rs', '', [...many(55, 'a'), ...many(50, 'b')]],
    ['patient/*.rs', '', many(55, 'a')],
    ['patient/*.rs', '_count=7', many(55, 'a')],
    ['patient/*.rs', 'patient=a&_count=7', many(55, 'a')],
    ['patient/*.rs', '_sort=date&_count=7', many(55, 'a')],
    ['patient/Observation.rs?category=vital', '_count=7', []]
  ])('leads to all that may be seen, once, for three requests at most: %s, %s', async (scope, query, seen) => {
    const both = [...many(50, 'b'), ...many(55, 'a')]
    const performed = scope.includes('vital')
      ? []
      : [
          { id: 'both', patient: 'a', performer: 'a' },
          { id: 'performed', patient: 'b', performer: 'a' }
        ]
    const { ids, most, pages } = await allPages(
      serverOf([...both, ...performed]),
      factsOf(scope),
      `/Observation?${query}`
    )
    const wanted = [...seen, ...performed].filter(({ id }) => id !== 'performed' || !query.includes('patient=a'))
    expect(ids.toSorted()).toEqual(idsOf(wanted))
    expect(most).toBeLessThanOrEqual(3)
    expect(pages.every(({ status }) => status === 200)).toBe(true)
    if (query.includes('_count=7')) expect(Math.max(...pages.map((page) => page.ids.length))).toBeLessThanOrEqual(7)
  })

  it('is filled where nothing of it may be seen, and may then be empty with a link', async () => {
    const world = serverOf([...many(190, 'b'), ...many(1, 'a')])
    const options = { rules: { isUserUnlimited: false }, userMay: () => true }
    const userMay: GateOptions['userMay'] = (_facts, _permission, { id }) => id === 'a0'
    const { ids, most, pages } = await allPages(
      world,
      factsOf('user/*.rs', { user: { sub: 'u', fhirUser: null, authTime: 0 } }),
      '/Observation',
      { ...options, userMay }
    )
    expect([ids, most, pages.map((page) => [page.status, page.ids.length])]).toEqual([
      ['a0'],
      3,
      [
        [200, 0],
        [200, 1]
      ]
    ])
  })

  const ofUser = { user: { sub: 'u', fhirUser: null, authTime: 0 } }
  const seesA: Partial<GateOptions> = {
    rules: { isUserUnlimited: false },
    userMay: (_facts, _permission, resource) =>
      JSON.stringify(resource).includes('Patient/a') && !/^a9\d\d$/.test(resource.id ?? '')
  }
  const vital = (count: number) => many(count, 'a', 100).map((one) => ({ ...one, category: 'vital' }))
  it.each<readonly [string, string, string, ReadonlyArray<Stored>, Partial<AccessFacts>, Partial<GateOptions>]>([
    ['many hidden matches', 'user/*.rs', '_count=1', many(99, 'b'), ofUser, seesA],
    ['no _count', 'user/*.rs', '', many(99, 'b'), ofUser, seesA],
    ['another order', 'patient/Observation.rs?category=lab', '_sort=date&_count=1', vital(1), {}, {}],
    ['a rule of the host', 'user/*.rs', '_count=1', many(1, 'b'), ofUser, seesA],
    ['a rule of the host and a query', 'user/*.rs?category=lab', '_count=1', many(1, 'b'), ofUser, seesA],
    ['a rule of the host about the own patient', 'patient/*.rs', 'patient=a&_count=1', many(9, 'a', 900), ofUser, seesA]
  ])('does not tell whether something hidden is found: %s', async (_, scope, query, hidden, facts, options) => {
    const pageOf = async (stored: ReadonlyArray<Stored>) => {
      const { ids, next, status, total } = await ask(
        serverOf([...many(1, 'a'), ...stored]).server,
        factsOf(scope, facts),
        `/Observation?${query}`,
        options
      )
      return { ids, next, status, total }
    }
    expect(await pageOf(hidden)).toEqual(await pageOf([]))
    expect(await pageOf([])).toEqual({ ids: ['a0'], next: null, status: 200, total: 1 })
    // What may be seen behind it is still on the next page.
    expect((await pageOf([...hidden, ...many(60, 'a', 1)])).next).not.toBeNull()
  })

  it.each(
    ['_offset=1', '_skip=1', '_cursor=1', '_page_token=1', '_getpages=x', '_getpagesoffset=1', '_pageId=1'].concat([
      'page=2',
      'offset=1',
      'cursor=1',
      'ct=x',
      'CT=x',
      'sessionID=x',
      'pageToken=x',
      'skip=1',
      'startIndex=1',
      '-pageContext=x'
    ])
  )('is not at a place that the client chooses, where something may be hidden: %s', async (place) => {
    for (const scope of ['patient/*.cruds', 'system/Observation.cruds?category=lab', 'user/*.cruds'])
      for (const [method, path] of [
        ['GET', `/Observation?code=x&${place}`],
        ['GET', `/?_type=Observation&${place}`],
        ['DELETE', `/Observation?code=x&${place}`]
      ] as const) {
        const { server, requested } = serverOf([])
        const [address = '', query = ''] = path.split('?')
        const user = scope.startsWith('user') ? { sub: 'u', fhirUser: null, authTime: 0 } : null
        const refused = await fhirGate(
          { server, policy: defaultPolicy, base, userMay: () => true },
          factsOf(scope, { user })
        )({
          ...{ method, path: address, query },
          ...{ headers: {}, body: '' }
        })()
        expect([scope, path, refused.status, refused.body.includes('pages-by-links'), requested]).toEqual([
          ...[scope, path, 403, true, []]
        ])
      }
    for (const scope of ['system/*.rs', 'system/Observation.rs'])
      expect((await ask(serverOf([]).server, factsOf(scope), `/Observation?code=x&${place}`)).status).toBe(200)
  })

  it('of a condition does not tell whether something hidden is found', async () => {
    const statusWith = async (hidden: number): Promise<number> => {
      const { server } = serverOf(many(hidden, 'b'))
      const request = { method: 'DELETE', path: '/Observation', query: 'subject=Patient/b&_count=1' }
      const gate = fhirGate({ server, policy: defaultPolicy, base }, factsOf('patient/*.cruds'))
      return (await gate({ ...request, headers: {}, body: '' })()).status
    }
    expect([await statusWith(0), await statusWith(1), await statusWith(5), await statusWith(50)]).toEqual([
      404, 404, 404, 404
    ])
  })

  it('ends a complete page where the page behind it cannot be read', async () => {
    const { server } = serverOf([...many(60, 'a'), ...many(60, 'b')])
    const failing: GateOptions['server'] = {
      answer: (request) =>
        request.query.includes('_getpages') ? TaskEither.right(said(500, '')) : server.answer(request)
    }
    const facts = factsOf('user/*.rs', { user: { sub: 'u', fhirUser: null, authTime: 0 } })
    const options = { userMay: (_facts: AccessFacts, _permission: string, { id = '' }) => id.startsWith('a') }
    const page = await ask(failing, facts, '/Observation?_count=50', options)
    expect([page.status, page.ids.length, page.total]).toEqual([200, 50, undefined])
    expect((await ask(failing, facts, page.next ?? '', options)).status).toBe(502)
  })

  it('tells a total only where it counts what is shown', async () => {
    const world = [...many(30, 'a'), ...many(30, 'b')]
    const total = async (scope: string, query: string) =>
      (await ask(serverOf(world).server, factsOf(scope), `/Observation?${query}`)).total
    expect(await total('system/*.rs', '')).toBe(60)
    expect(await total('patient/*.rs', '')).toBeUndefined()
    expect(await total('patient/*.rs', '_count=50')).toBe(30)
    expect(await total('patient/*.rs', '_summary=count')).toBe(30)
    expect(await total('patient/*.rs', '_count=0')).toBe(30)
    const large = serverOf(many(4000, 'a'))
    const counted = await ask(large.server, factsOf('patient/*.rs'), '/Observation?_summary=count')
    expect([counted.status, counted.total]).toEqual([200, undefined])
    expect(large.requested.length).toBe(3)
  })

  it.each([400, 422, 501])('is narrowed by what the server takes, and checked for the rest: %s', async (refusal) => {
    const world = [...many(30, 'b'), ...many(3, 'a'), { id: 'v', patient: 'a', category: 'vital' }]
    const scope = 'patient/Observation.rs?category=lab'
    const read = async (refused: ReadonlyArray<string>, query = '_count=50') => {
      const before = serverOf(world, refused, 20, refusal)
      const { ids, most } = await allPages(before, factsOf(scope), `/Observation?${query}`)
      expect([ids.toSorted(), most <= 3]).toEqual([['a0', 'a1', 'a2'], true])
      return before.requested
    }
    expect(await read([], 'patient=a')).toEqual(['/Observation?patient=a&category=lab'])
    expect(await read(['category'], 'patient=a')).toEqual([
      '/Observation?patient=a&category=lab',
      '/Observation?patient=a&_count=50'
    ])
    expect((await read(['performer'])).slice(0, 2)).toEqual([
      '/Observation?category=lab&subject=Patient/a&_count=50',
      '/Observation?category=lab&performer=Patient/a&_count=50'
    ])
    await read(['subject', 'performer'])
    await read(['category', 'subject', 'performer'])
  })

  it.each(['system/*.rs', 'patient/*.rs'])(
    'follows a link that is a query alone, and ends at itself: %s',
    async (scope) => {
      const requested: Array<string> = []
      const server: GateOptions['server'] = {
        answer: ({ path, query }) => {
          requested.push(`${path}?${query}`)
          return TaskEither.right(
            said(200, {
              resourceType: 'Bundle',
              type: 'searchset',
              link: [{ relation: 'next', url: '?o=2' }],
              entry: [
                { resource: resourceOf({ id: String(requested.length), patient: 'a' }), search: { mode: 'match' } }
              ]
            })
          )
        }
      }
      const { ids } = await allPages({ requested, server }, factsOf(scope), '/Observation?subject=Patient/a')
      expect(ids).toEqual(['1', '2'])
      expect(requested.at(-1)).toBe('/Observation?o=2')
    }
  )

  it.each([
    ['relative', (rest: string) => `Observation?${rest}`],
    ['a query alone', (rest: string) => `?${rest}`],
    ['a path of the host', (rest: string) => `/fhir/Observation?${rest}`],
    ['absolute', (rest: string) => `${base}/Observation?${rest}`],
    ['at an alias', (rest: string) => `${behind}/Observation?${rest}`],
    ['of a kept search', (rest: string) => `${base}?_getpages=abc&${rest}&_bundletype=searchset`],
    ['of a search by POST', (rest: string) => `${base}/Observation/_search?${rest}`],
    ['absolute', (rest: string) => `HTTPS://EHR.example:443/fhir/Observation?${rest}`, 'Next']
  ])(
    'leads on to every match, once, with at most three requests: a link that is %s',
    async (_, link, relation = 'next') => {
      const all = [...many(5, 'b'), ...many(7, 'a')]
      for (const scope of ['patient/*.rs', 'system/*.rs'])
        for (const count of ['', '&_count=1', '&_count=3', '&_count=1000']) {
          const requested: Array<string> = []
          const server: GateOptions['server'] = {
            answer: ({ path, query }) => {
              requested.push(`${path}?${query}`)
              const form = new URLSearchParams(query)
              const from = Number(form.get('o') ?? 0)
              const size = Math.min(Number(form.get('_count') ?? 4), 4)
              const next = { relation, url: link(`o=${String(from + size)}&_count=${String(size)}`) }
              return TaskEither.right(
                said(200, {
                  resourceType: 'Bundle',
                  type: 'searchset',
                  total: all.length,
                  link: from + size < all.length ? [{ relation: 'self', url: `${base}/Observation` }, next] : [],
                  entry: all
                    .slice(from, from + size)
                    .map((one) => ({ resource: resourceOf(one), search: { mode: 'match' } }))
                })
              )
            }
          }
          const found = await allPages({ requested, server }, factsOf(scope), `/Observation?status=final${count}`)
          const seen = scope === 'system/*.rs' ? all : many(7, 'a')
          expect([scope, count, found.ids.toSorted()]).toEqual([scope, count, idsOf(seen)])
          expect(found.most).toBeLessThanOrEqual(scope === 'system/*.rs' ? 1 : 3)
        }
    }
  )

  it.each([
    ['a search in which nothing is hidden', '/Observation?subject=Patient/a', 'system/*.rs', 'searchset'],
    ['a search', '/Observation?subject=Patient/a', 'patient/*.rs', 'searchset'],
    ['a history in which nothing is hidden', '/Observation/_history', 'system/*.rs', 'history'],
    ['a history', '/Observation/_history', 'patient/*.rs', 'history'],
    ['a history of the system', '/_history', 'patient/*.rs', 'history'],
    ['$everything', '/Patient/a/$everything', 'patient/*.rs', 'searchset']
  ])('is 502 with the reason in the end, where the links lead in a circle: %s', async (_, address, scope, type) => {
    for (const length of [2, 3, 7]) {
      let requests = 0
      const server: GateOptions['server'] = {
        answer: ({ path, query }) => {
          if (path === '/Patient/a') return TaskEither.right(said(200, { resourceType: 'Patient', id: 'a' }))
          requests += 1
          const at = Number(new URLSearchParams(query).get('o') ?? 0)
          return TaskEither.right(
            said(200, {
              resourceType: 'Bundle',
              type,
              link: [{ relation: 'next', url: `${behind}${path}?o=${String((at % length) + 1)}` }],
              entry: [{ resource: resourceOf({ id: String(requests), patient: 'a' }), search: { mode: 'match' } }]
            })
          )
        }
      }
      let page = await ask(server, factsOf(scope), address)
      while (page.next !== null && requests < 100) page = await ask(server, factsOf(scope), page.next)
      expect([page.status, requests > length, requests <= 3 * length]).toEqual([502, true, true])
      expect(page.text).toContain('leads in a circle')
    }
  })

  const linked = (url: string, requested: Array<string> = []): GateOptions['server'] => ({
    answer: ({ method, path, query }) => {
      requested.push(`${method} ${path}?${query}`)
      const link = requested.length === 1 ? [{ relation: 'next', url }] : []
      const type = path.endsWith('/_history') ? 'history' : 'searchset'
      return TaskEither.right(said(200, { resourceType: 'Bundle', type, link }))
    }
  })

  it.each([
    ['/Observation', '?page=2', 'GET /Observation?page=2'],
    ['/Observation', '?page=2#top', 'GET /Observation?page=2'],
    ['/Observation', './?page=2', 'GET /?page=2'],
    ['/Observation', './Observation?page=2', 'GET /Observation?page=2'],
    ['/Patient/a/Observation', './Observation?page=2', 'GET /Patient/a/Observation?page=2'],
    ['/Observation', 'Observation?page=2', 'GET /Observation?page=2'],
    ['/Observation', '/fhir/Observation?page=2', 'GET /Observation?page=2'],
    ['/Observation', `${behind}/Observation?page=2#top`, 'GET /Observation?page=2'],
    ['/Observation', './http://other.example/x?page=2', null],
    ['/Observation', './/other.example/x?page=2', 'GET /other.example/x?page=2']
  ])('is continued by a link that is relative to it: %s, %s', async (address, url, requested) => {
    for (const scope of ['system/*.rs', 'patient/*.rs']) {
      const requests: Array<string> = []
      const server = linked(url, requests)
      const page = await ask(server, factsOf(scope), address)
      if (page.next !== null) await ask(server, factsOf(scope), page.next)
      expect([url, page.status, requests[1] ?? null]).toEqual([url, requested === null ? 502 : 200, requested])
    }
  })

  it.each(['', '#', '#top'])('is the last one where its link names no page: %j', async (url) => {
    for (const scope of ['system/*.rs', 'patient/*.rs'])
      for (const address of ['/Observation', '/Observation/_history', '/Patient/a/$everything']) {
        const requests: Array<string> = []
        const page = await ask(linked(url, requests), factsOf(scope), address)
        expect([page.status, page.next, requests.filter((one) => one === 'GET /?')]).toEqual([200, null, []])
      }
  })

  it('may begin with a byte order mark', async () => {
    const entry = [{ resource: resourceOf({ id: '1', patient: 'a' }) }]
    const body = `\uFEFF${JSON.stringify({ resourceType: 'Bundle', type: 'searchset', entry })}`
    for (const scope of ['system/*.rs', 'patient/*.rs']) {
      const page = await ask({ answer: () => TaskEither.right(said(200, body)) }, factsOf(scope), '/Observation')
      expect([page.status, page.ids]).toEqual([200, ['1']])
    }
  })

  it.each(['Practitioner', 'Encounter', 'Device', 'RelatedPerson'])(
    'is that of the own patient in the compartment of a %s, and 404 where nothing is shown',
    async (type) => {
      const requested: Array<string> = []
      const server = (status: number): GateOptions['server'] => ({
        answer: ({ path, query }) => {
          requested.push(`${path}?${query}`)
          const entry = ['a', 'b'].map((patient) => ({ resource: resourceOf({ id: patient, patient }) }))
          return TaskEither.right(said(status, { resourceType: 'Bundle', type: 'searchset', entry }))
        }
      })
      const path = `/${type}/x/Observation`
      const found = await ask(server(200), factsOf('patient/*.rs'), path)
      expect([found.status, found.ids]).toEqual([200, ['a']])
      expect(requested[0]).toMatch(new RegExp(`^${path}\\?.*Patient`))
      const ofOther = [{ resource: resourceOf({ id: 'b', patient: 'b' }) }]
      for (const address of [path, `${path}?_summary=count`, `/${type}/x/*`]) {
        const answers = await Promise.all(
          [
            server(404),
            server(410),
            ...[[], ofOther].map((entry) => ({
              answer: () => TaskEither.right(said(200, { resourceType: 'Bundle', type: 'searchset', entry }))
            }))
          ].map((one) => ask(one, factsOf('patient/*.rs'), address))
        )
        expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
        for (const one of answers) expect([one.status, one.text]).toEqual([404, expect.stringContaining(type)])
        const searched = address.endsWith('*') ? 'a type' : 'Observation'
        expect(answers[0]?.text).toContain(`Search ${searched} with a parameter`)
      }
      expect((await ask(server(200), factsOf('patient/*.rs'), '/Patient/b/Observation')).status).toBe(403)
    }
  )

  it.each([404, 410])(
    'is empty in the compartment of another Patient that is hidden or missing: %i',
    async (status) => {
      const facts = factsOf('user/*.rs', { user: { sub: 'u', fhirUser: null, authTime: 0 } })
      const options: Partial<GateOptions> = { userMay: (_facts, _permission, { id }) => id === 'a' }
      const entry = [{ resource: resourceOf({ id: 'b', patient: 'b' }) }]
      const found = said(200, { resourceType: 'Bundle', type: 'searchset', entry })
      const missing = said(status, { resourceType: 'OperationOutcome' })
      const [hidden, absent] = await Promise.all(
        [found, missing].map((one) =>
          ask({ answer: () => TaskEither.right(one) }, facts, '/Patient/b/Observation', options)
        )
      )
      expect(absent).toEqual(hidden)
      expect(absent).toMatchObject({ status: 200, total: 0 })
      const own = await ask({ answer: () => TaskEither.right(missing) }, facts, '/Patient/a/Observation', options)
      expect(own.status).toBe(status)
    }
  )

  it.each([
    ['Practitioner', 404],
    ['Patient', 200]
  ])(
    'does not tell a token without a scope for %s whether the owner of its compartment exists',
    async (type, status) => {
      const empty = said(200, { resourceType: 'Bundle', id: 'x', type: 'searchset', total: 0, entry: [] })
      const absent = [404, 410].map((one) => said(one, { resourceType: 'OperationOutcome' }))
      const answered = (scope: string, query = '') =>
        Promise.all(
          [empty, ...absent].map((one) =>
            ask({ answer: () => TaskEither.right(one) }, factsOf(scope), `/${type}/x/Observation${query}`)
          )
        )
      for (const query of ['', '?_summary=count', '?_count=5']) {
        const answers = await answered('system/Observation.rs', query)
        expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
        expect(answers.map((one) => one.status)).toEqual([status, status, status])
      }
      for (const permission of ['r', 's']) {
        const known = await answered(`system/Observation.rs system/${type}.${permission}`)
        expect(known.map((one) => one.status)).toEqual([200, 404, 410])
      }
      // A match shows that the owner exists: the page is passed on as it is.
      const counted = { resourceType: 'Bundle', type: 'searchset', total: 5000 }
      const counts = await ask(
        { answer: () => TaskEither.right(said(200, counted)) },
        factsOf('system/Observation.rs'),
        `/${type}/x/Observation?_summary=count`
      )
      expect(JSON.parse(counts.text)).toMatchObject(counted)
      const entry = [{ resource: resourceOf({ id: 'o', patient: 'b' }) }]
      const found = said(200, { resourceType: 'Bundle', type: 'searchset', entry })
      const path = `/${type}/x/Observation`
      expect(
        (await ask({ answer: () => TaskEither.right(found) }, factsOf('system/Observation.rs'), path)).ids
      ).toEqual(['o'])
      // So does a link to more: an empty page with one is no end.
      const link = [{ relation: 'next', url: `${base}/?page=2` }]
      const page = said(200, { resourceType: 'Bundle', type: 'searchset', link, entry: [] })
      const more = await ask({ answer: () => TaskEither.right(page) }, factsOf('system/Observation.rs'), path)
      expect([more.status, more.next !== null]).toEqual([200, true])
    }
  )

  it('is refused where its link leads elsewhere', async () => {
    for (const url of [
      'https://other.example/fhir?page=2',
      `${base}.evil.example/?page=2`,
      `${base}/../admin`,
      './../admin',
      './..;/admin',
      './.;x=1/Observation',
      './..;/x',
      './%2e.%3Bx/admin',
      'Observation/..;/admin',
      `${base}/..;x/admin`,
      '/fhir/..;/admin',
      '../admin',
      './a/../../admin',
      './%2e%2e/admin',
      './%2E%2e%2fadmin',
      './Observation%2f..%2F..%2fadmin',
      '%252e%252e%252fadmin',
      './x%5c..%5Cadmin',
      '//other.example/fhir?page=2',
      `https://other.example/fhir#${base}`
    ]) {
      for (const scope of ['system/*.s', 'patient/*.s']) {
        const server: GateOptions['server'] = {
          answer: () =>
            TaskEither.right(
              said(200, { resourceType: 'Bundle', type: 'searchset', link: [{ relation: 'next', url }] })
            )
        }
        expect((await ask(server, factsOf(scope), '/Observation')).status).toBe(502)
      }
    }
  })

  it('is the same whether the server counts or not', async () => {
    const server: GateOptions['server'] = {
      answer: () =>
        TaskEither.right(
          said(200, {
            resourceType: 'Bundle',
            type: 'searchset',
            entry: [...many(1, 'b'), ...many(5, 'a')].map((one) => ({ resource: resourceOf(one) }))
          })
        )
    }
    const { pages } = await allPages(
      { requested: [], server },
      factsOf('patient/*.rs'),
      '/Observation?patient=a&_count=2'
    )
    expect(pages.map(({ ids }) => ids)).toEqual([['a0', 'a1'], ['a2', 'a3'], ['a4']])
  })
})

describe('a page link', () => {
  const scope = 'patient/*.rs'
  const linkOf = async (options: Partial<GateOptions> = {}) => {
    const world = serverOf(many(60, 'a'))
    const { next } = await ask(world.server, factsOf(scope), '/Observation?code=secret&patient=a', options)
    return { ...world, next: next ?? '' }
  }

  it('shows neither the address of the server nor the search', async () => {
    const { next } = await linkOf()
    expect(next).toMatch(/^https:\/\/ehr\.example\/fhir\/\?_page=[A-Za-z0-9_-]+$/)
    expect(Buffer.from(next.split('=')[1] ?? '', 'base64url').toString('latin1')).not.toMatch(/secret|10\.0\.0\.1|Obs/)
  })

  it.each<readonly [string, AccessFacts]>([
    ['another client', factsOf(scope, { clientId: 'other' })],
    ['another user', factsOf(scope, { user: { sub: 'u', fhirUser: null, authTime: 0 } })],
    ['another patient', factsOf(scope, { context: { patient: 'b' } })],
    ['more scopes', factsOf(`${scope} patient/*.u`)],
    ['fewer scopes', factsOf('patient/Observation.rs')]
  ])('opens for the same token, and not for %s', async (_name, facts) => {
    const { requested, next, server } = await linkOf()
    const before = requested.length
    const closed = await ask(server, facts, next)
    expect([closed.status, requested.length]).toEqual([410, before])
    const changed = next.slice(0, -1) + (next.endsWith('A') ? 'B' : 'A')
    for (const other of [changed, `${base}/?_page=${'A'.repeat(80)}`, `${base}/?_page=2`])
      expect((await ask(server, facts, other)).text).toBe(closed.text)
    expect((await ask(server, factsOf(scope), next)).ids.length).toBe(20)
  })

  it('opens in another process with the same secret only', async () => {
    const { next, server } = await linkOf({ pageLinks: pageLinksWith('s'.repeat(32)) })
    const status = async (secret: string) =>
      (await ask(server, factsOf(scope), next, { pageLinks: pageLinksWith(secret) })).status
    expect([await status('s'.repeat(32)), await status('t'.repeat(32))]).toEqual([200, 410])
  })

  it('is decided again: rules that closed meanwhile hold for it', async () => {
    const { next, server } = await linkOf()
    const none: GateOptions['policy'] = { ...defaultPolicy }
    const page = await ask(server, factsOf(scope), next, { policy: none, reader: () => () => [] })
    expect([page.status, page.ids]).toEqual([200, []])
  })

  it('is an entry of a batch as well', async () => {
    const { next, server } = await linkOf()
    const entry = [{ request: { method: 'GET', url: next } }]
    const body = JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry })
    const answered = await fhirGate(
      { server, policy: defaultPolicy, base, aliases: [behind] },
      factsOf(scope)
    )({
      method: 'POST',
      path: '/',
      query: '',
      headers: {},
      body
    })()
    expect(answered.body).toContain('"id":"a20"')
  })
})

describe('pages of histories and operations', () => {
  const version = (id: string, patient: string) => ({ resource: resourceOf({ id, patient }) })
  const paged =
    (path: string, type: string, pages: ReadonlyArray<ReadonlyArray<object>>): GateOptions['server']['answer'] =>
    (request) => {
      if (request.path === '/Patient/a') return TaskEither.right(said(200, { resourceType: 'Patient', id: 'a' }))
      const place = Number(/page=(\d)/.exec(request.query)?.[1] ?? 0)
      const url = `${base}${path}?page=${String(place + 1)}`
      return TaskEither.right(
        said(200, {
          resourceType: 'Bundle',
          type,
          total: 99,
          entry: pages[place] ?? [],
          link: place + 1 < pages.length ? [{ relation: 'next', url }] : []
        })
      )
    }

  it.each(['/_history', '/Observation/_history', '/Observation/1/_history'])(
    'are 502 where the Bundle is no history: %s',
    async (path) => {
      for (const type of ['searchset', 'collection', undefined])
        for (const scope of ['system/*.rs', 'patient/*.rs'])
          for (const entry of [[], [version('1', 'a')]]) {
            const server = { answer: () => TaskEither.right(said(200, { resourceType: 'Bundle', type, entry })) }
            const page = await ask(server, factsOf(scope), path)
            expect([type, scope, page.status]).toEqual([type, scope, 502])
            expect(page.text).toContain('did not answer with a history')
          }
    }
  )

  it.each(['/Observation/_history', '/_history'])(
    'lead on to the next one, and show what may be seen: %s',
    async (path) => {
      const history = {
        answer: paged(path, 'history', [
          [version('1', 'a'), version('2', 'b')],
          [version('3', 'b')],
          [version('4', 'a')]
        ])
      }
      const world = { requested: [], server: history }
      const patients = await allPages(world, factsOf('patient/*.rs'), path)
      expect(patients.pages.map(({ ids, total }) => [ids, total])).toEqual([
        [['1'], undefined],
        [['4'], undefined]
      ])
      const all = await allPages(world, factsOf('system/*.rs'), path)
      expect(all.pages.map(({ ids, total }) => [ids, total])).toEqual([
        [['1', '2'], 99],
        [['3'], 99],
        [['4'], 99]
      ])
      const operations = [
        { level: 'instance', type: 'Patient', name: 'everything', needs: [{ type: null, permission: 'r' }] }
      ] as const
      const everything = {
        answer: paged('/Patient/a/$everything', 'searchset', [
          [version('1', 'a'), version('2', 'b')],
          [version('3', 'a')]
        ])
      }
      for (const scope of ['patient/*.r', 'system/Patient.r patient/Observation.r', 'system/Patient.r patient/*.r']) {
        const { pages } = await allPages(
          { requested: [], server: everything },
          factsOf(scope),
          '/Patient/a/$everything',
          {
            rules: { operations }
          }
        )
        expect(pages.map(({ ids, total }) => [ids, total])).toEqual([
          [['1'], undefined],
          [['3'], undefined]
        ])
      }
    }
  )

  it('of a hidden resource are missing, however many there are', async () => {
    const pages = Array.from({ length: 6 }, () => [version('1', 'b')])
    const server = { answer: paged('/Observation/1/_history', 'history', pages) }
    expect((await ask(server, factsOf('patient/*.rs'), '/Observation/1/_history')).status).toBe(404)
  })
})

describe('the text of a page', () => {
  const bundleText = (entry: string): string =>
    `{"resourceType":"Bundle","type":"searchset","x":1.10,"entry":[${entry}]}`
  const entry = (more: string): string =>
    `{"fullUrl":"${base}/Observation/1","resource":{"resourceType":"Observation","id":"1",` +
    `"subject":{"reference":"Patient/a"}${more}}}`
  const through = (text: string, scope: string) =>
    ask({ answer: () => TaskEither.right(said(200, text)) }, factsOf(scope), '/Observation?patient=a')

  it.each(['system/*.rs', 'patient/*.rs', 'patient/Observation.rs patient/Observation.rs?value-quantity=5'])(
    'is that of the server, decimals and escapes as they are written: %s',
    async (scope) => {
      const own = entry(',"valueQuantity":{"value":5.10},"note":"a\\"}]{[\\\\"')
      const page = await through(bundleText(own), scope)
      expect(page.status).toBe(200)
      expect(page.text).toContain(own)
    }
  )

  it.each([
    [',"subject":{"reference":"Patient/b"}'],
    [',"\\u0073ubject":{"reference":"Patient/b"}'],
    [',"a":{"b":1,"b":2},"subject":{"reference":"Patient/b"}']
  ])('shows the values that were checked where a name is repeated: %s', async (more) => {
    const page = await through(bundleText(entry(more)), 'patient/*.rs')
    expect([page.status, page.ids]).toEqual([200, []])
  })

  it('is passed on where nothing is hidden, but for repeated names by which it is read', async () => {
    const repeated = entry(',"subject":{"reference":"Patient/b"}')
    expect((await through(bundleText(repeated), 'system/*.rs')).text).toContain(repeated)
    const other = await through(bundleText(entry(',"resourceType":"Condition"')), 'system/Observation.rs')
    expect([other.status, other.ids]).toEqual([200, []])
    const condition = entry('').replace('"Observation"', '"Condition"')
    expect((await through(bundleText(condition), 'system/Observation.rs')).ids).toEqual([])
    expect((await through(`${bundleText(entry(''))}x`, 'system/*.rs')).status).toBe(502)
  })

  it.each([
    ['/Observation/_history', 'history'],
    ['/Observation/1/_history', 'history'],
    ['/Patient/_history', 'history'],
    ['/_history', 'history'],
    ['/Patient/a/$everything', 'searchset'],
    ['/Patient/$everything', 'searchset']
  ])('of a history or an operation is passed on as a search is, with public addresses: %s', async (path, type) => {
    const resourceType = path.startsWith('/Patient') ? 'Patient' : 'Observation'
    const place = `"fullUrl":"${behind}/${resourceType}/1"`
    const written =
      `{${place},"resource":{"resourceType":"${resourceType}","id":"1","a":{"b":1.10,"b":1.10}},` +
      `"request":{"method":"PUT","url":"${resourceType}/1"},` +
      `"response":{"status":"200","etag":"W/\\"1\\"","location":"${behind}/${resourceType}/1/_history/1"}}`
    const deleted = `{${place},"request":{"method":"DELETE","url":"${behind}/${resourceType}/1"}}`
    const whole = (entries: ReadonlyArray<string>) =>
      `{"resourceType":"Bundle","type":"${type}","total":7,"link":[{"relation":"next","url":"${behind}?page=2"}],` +
      `"entry":[${entries.join(',')}]}`
    const page = (entries: ReadonlyArray<string>) =>
      ask({ answer: () => TaskEither.right(said(200, whole(entries))) }, factsOf('system/*.rs'), path)
    const passed = await page([written, deleted])
    expect([passed.status, passed.total, passed.next]).toEqual([200, 7, expect.stringMatching(/_page=/)])
    expect(passed.text).toContain(`"entry":[${written},${deleted}]`.replaceAll(behind, base))
    // An address of another server is taken out, wherever it stands.
    const elsewhere = 'http://10.9.9.9/x'
    for (const [from, to] of [
      [`"${behind}/${resourceType}/1"`, `"${elsewhere}"`],
      [`"${resourceType}/1"`, `"${elsewhere}"`],
      [`"${resourceType}/1"`, '"//10.9.9.9/x"'],
      [`"${behind}/${resourceType}/1/_history/1"`, `"${elsewhere}"`],
      [`"${behind}/${resourceType}/1/_history/1"`, `"${elsewhere}","location":"${behind}/x"`]
    ] as const) {
      const { status, text } = await page([written.replace(from, to), deleted])
      expect([to, status, text.includes('10.9.9.9')]).toEqual([to, 200, false])
    }
  })

  it('of a history shows nothing of another type', async () => {
    const other = '{"resource":{"resourceType":"Patient","id":"p"}}'
    const deleted = `{"request":{"method":"DELETE","url":"Patient/p2"}}`
    const answer = () =>
      TaskEither.right(said(200, bundleText(`${entry('')},${other},${deleted}`).replace('searchset', 'history')))
    const page = await ask({ answer }, factsOf('system/Observation.rs'), '/Observation/_history')
    expect([page.status, page.ids, page.text.includes('Patient/p2')]).toEqual([200, ['1'], false])
  })

  it.each([
    '1',
    '"x"',
    '[]',
    'null',
    '{"resource":1}',
    `{"resource":{"resourceType":"Observation","x":${'['.repeat(200)}${']'.repeat(200)}}}`
  ])('is 502 where an entry is none: %s', async (one) => {
    for (const scope of ['system/*.rs', 'patient/*.rs'])
      expect((await through(bundleText(`${entry('')},${one}`), scope)).status).toBe(502)
  })

  it('passes on what was searched for, and judges anything else', async () => {
    const other = '{"resource":{"resourceType":"Patient","id":"p"}}'
    const page = await through(bundleText(`${entry('')},${other}`), 'system/Observation.rs')
    expect([page.status, page.ids]).toEqual([200, ['1']])
  })
})
