/** Addresses in the gate's answers before a server that knows itself by others. */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { fhirGate } from '../../../../src/engine/resource/fhir-gate.js'
import { publicAddress, withPublicAddresses } from '../../../../src/engine/resource/addresses/public-address.js'
import type { PlainRequest, PlainResponse } from '../../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../../src/protocol/policy/policy.js'
import { parse } from '../../../../src/scopes/parse.js'

const base = 'https://ehr.example/fhir'
const inside = 'http://10.0.0.1:8080/r4'
const elsewhere = 'http://node-7.internal:9000/fhir'
const addresses = { base: `${base}/`, aliases: [inside, 'https://ehr.example'] }
const resource = {
  resourceType: 'Observation',
  id: '1',
  meta: { versionId: '1' },
  subject: { reference: `${inside}/Patient/a` },
  text: { div: `<a href="${inside}/Patient/a">` }
}
const bundle = (type: string, more: object) => ({ resourceType: 'Bundle', type, entry: [{ resource, ...more }] })
const rules = {
  operations: ['everything', 'document', 'meta'].map((name) => ({
    level: 'system' as const,
    type: null,
    name,
    needs: [{ type: '*', permission: 'r' as const }]
  }))
}

const ask = async (
  answers: Readonly<Record<string, Partial<PlainResponse> & { readonly json?: unknown }>>,
  method: string,
  path: string,
  more: Partial<PlainRequest> = {}
) => {
  const server = {
    answer: (request: PlainRequest) => {
      const { json, ...said } = answers[`${request.method} ${request.path}`] ?? { status: 404 }
      return TaskEither.right({
        status: 200,
        headers: {},
        body: json === undefined ? '' : JSON.stringify(json),
        ...said
      })
    }
  }
  const gate = fhirGate(
    { server, policy: defaultPolicy, base, aliases: [inside], rules },
    { clientId: 'app', scopes: parse('system/*.cruds'), context: {}, user: null }
  )
  const response = await gate({ method, path, query: '', headers: {}, body: '', ...more })()
  const text = JSON.stringify([response.headers, response.body])
  return { ...response, text, json: (response.body === '' ? {} : JSON.parse(response.body)) as Record<string, never> }
}

const internal = /10\.0\.0\.1|internal/

const outcomeMode = { mode: 'outcome' }
const inResponse = (found: object) => ({
  resource,
  request: { method: 'PUT', url: 'Observation/1' },
  response: { status: '200', outcome: found }
})
const parametersWith = (found: object) => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'return', part: [{ name: 'outcome', resource: found }] }]
})
const innerBundle = (found: object) => ({ ...bundle('searchset', { resource: found }), id: '1' })

describe('an address', () => {
  it.each([
    [`${inside}/Patient/1`, `${base}/Patient/1`],
    [inside, base],
    [`${inside}?_getpages=x`, `${base}?_getpages=x`],
    [`${base}/Patient/1`, `${base}/Patient/1`],
    ['https://ehr.example/Patient/1', `${base}/Patient/1`],
    ['Patient/1/_history/2', `${base}/Patient/1/_history/2`],
    [`${inside}b/Patient/1`, null],
    [elsewhere, null],
    ['/r4/Patient/1', `${base}/Patient/1`],
    ['/r4', base],
    ['/fhir/Patient/1?x=1', `${base}/Patient/1?x=1`],
    ['/Patient/1/_history/2', `${base}/Patient/1/_history/2`],
    ['/r4b/Patient/1', null],
    ['/admin/Patient/1', null],
    ['//10.0.0.1/Patient/1', null],
    ['HTTP://10.0.0.1:8080/r4/Patient/1', `${base}/Patient/1`],
    ['http://10.0.0.1/r4/Patient/1', null],
    ['', null]
  ])('%s is seen as %s', (address, seen) => {
    expect(publicAddress(addresses, address)).toBe(seen)
  })

  it.each([
    [`see ${inside}/Patient/1, ${inside} and ${inside}b`, `see ${base}/Patient/1, ${base} and ${inside}b`],
    [`"${inside.replaceAll('/', '\\/')}\\/Patient"`, `"${base}\\/Patient"`],
    [`?x=${encodeURIComponent(`${inside}/a`)}`, `?x=${encodeURIComponent(`${base}/a`)}`],
    [`${base}/Patient/1`, `${base}/Patient/1`],
    ['https://ehr.example/Patient/1', `${base}/Patient/1`]
  ])('in %s is seen as %s, however often it is looked at', (text, seen) => {
    expect([withPublicAddresses(addresses, text), withPublicAddresses(addresses, seen)]).toEqual([seen, seen])
  })
})

describe('the gate before a server that knows itself by another address', () => {
  it.each([
    [inside, true],
    [elsewhere, false]
  ])('says where a resource was written: %s', async (root, isOurs) => {
    const headers = {
      location: `${root}/Observation/1/_history/1`,
      'content-location': `${root}/Observation/1`,
      etag: 'W/"1"'
    }
    const written = await ask(
      { 'POST /Observation': { status: 201, headers, json: resource } },
      'POST',
      '/Observation',
      { body: JSON.stringify({ resourceType: 'Observation' }) }
    )
    expect([written.status, written.headers['location'], written.headers['etag']]).toEqual([
      201,
      isOurs ? `${base}/Observation/1/_history/1` : undefined,
      'W/"1"'
    ])
    expect(written.text).not.toMatch(internal)
    expect(written.json).toMatchObject({ subject: { reference: `${base}/Patient/a` } })
    for (const type of ['batch', 'transaction']) {
      const entry = { request: { method: 'POST', url: 'Observation' }, resource: { resourceType: 'Observation' } }
      const answers = {
        'POST /Observation': { status: 201, headers, json: resource },
        'POST /': {
          json: bundle('transaction-response', {
            response: {
              status: '201',
              location: headers.location,
              outcome: { resourceType: 'OperationOutcome', text: elsewhere }
            }
          })
        }
      }
      const answered = await ask(answers, 'POST', '/', {
        body: JSON.stringify({ resourceType: 'Bundle', type, entry: [entry] })
      })
      expect(answered.json).toMatchObject({ entry: [{ response: { status: '201' } }] })
      expect([type, answered.text.includes(`${base}/Observation/1/_history/1`)]).toEqual([type, isOurs])
      expect(answered.text).not.toMatch(internal)
    }
  })

  it.each([
    [`${inside}/Observation/1`, `${base}/Observation/1`],
    [`${elsewhere}/Observation/1`, undefined],
    ['urn:uuid:1', 'urn:uuid:1']
  ])('says where a found resource is: %s', async (fullUrl, seen) => {
    const more = {
      fullUrl,
      search: { mode: 'match' },
      request: { method: 'PUT', url: fullUrl },
      response: { status: '200', location: fullUrl }
    }
    for (const [path, requested, type] of [
      ['/Observation', 'GET /Observation', 'searchset'],
      ['/Observation/1/_history', 'GET /Observation/1/_history', 'history'],
      ['/$everything', 'GET /$everything', 'searchset']
    ] as const) {
      const found = await ask({ [requested]: { json: { ...bundle(type, more), link: [] } } }, 'GET', path)
      const [entry] = found.json['entry'] as unknown as ReadonlyArray<{ readonly fullUrl?: string }>
      expect([path, found.status, entry?.fullUrl]).toEqual([path, 200, seen])
      expect(found.text).not.toMatch(internal)
    }
  })

  it('leads to its own pages alone', async () => {
    const link = [
      ['self', `${inside}/$everything`],
      ['next', '?page=2'],
      ['last', `${elsewhere}?page=9`],
      ['first', '/r5?page=1'],
      ['prev', '/r4?page=0']
    ].map(([relation, url]) => ({ relation, url }))
    const found = await ask(
      { 'GET /$everything': { json: { ...bundle('searchset', {}), link } } },
      'GET',
      '/$everything'
    )
    expect(found.json['link']).toEqual([
      { relation: 'next', url: expect.stringMatching(`^${base}/\\?_page=[A-Za-z0-9_-]+$`) as string }
    ])
  })

  it.each([
    ['a search', '/Observation'],
    ['a history', '/Observation/1/_history'],
    ['an operation', '/$everything']
  ])('says why it cannot go on where the next page of %s is elsewhere', async (name, path) => {
    const type = name === 'a history' ? 'history' : 'searchset'
    const link = [{ relation: 'next', url: `${elsewhere}/Observation?page=2` }]
    const found = await ask({ [`GET ${path}`]: { json: { ...bundle(type, {}), link } } }, 'GET', path)
    expect([found.status, found.json['issue']]).toMatchObject([
      502,
      [
        {
          code: 'exception',
          details: { coding: [{ code: 'server-answers' }] },
          diagnostics: expect.stringContaining('leads away from the base URL of the server') as string
        }
      ]
    ])
    expect(found.text).not.toMatch(internal)
  })

  it.each(['/$meta', '/metadata', '/Observation/1', '/Observation', '/Observation/1/_history', '/$everything'])(
    'hands on header fields by a list: %s',
    async (path) => {
      const json =
        path === '/metadata'
          ? { resourceType: 'CapabilityStatement' }
          : path === '/Observation/1'
            ? resource
            : path === '/$meta'
              ? { resourceType: 'Parameters' }
              : bundle(path === '/$everything' ? 'collection' : path.endsWith('_history') ? 'history' : 'searchset', {})
      const headers = {
        'content-type': 'application/fhir+json',
        etag: 'W/"1"',
        'last-modified': 'Wed, 21 Oct 2026 07:28:00 GMT',
        'set-cookie': ['session=1'],
        server: 'inner/1.0 at 10.0.0.1',
        'www-authenticate': 'Basic realm="inner"',
        'access-control-allow-origin': '*',
        'x-powered-by': 'inner'
      }
      const found = await ask({ [`GET ${path}`]: { json, headers } }, 'GET', path)
      expect(found.status).toBe(200)
      const names = ['content-type', 'etag', 'last-modified', 'cache-control']
      expect(Object.keys(found.headers).filter((field) => !names.includes(field))).toEqual([])
      if (path === '/$meta' || path === '/metadata') expect(found.headers).toMatchObject({ etag: 'W/"1"' })
    }
  )

  it.each([
    ['HTTP://10.0.0.1:8080/r4', true],
    ['https://EHR.example:443/fhir', true],
    ['https://ehr.example:/fhir', true],
    ['http://10.0.0.1:8080/R4', false],
    ['https://user@ehr.example/fhir', false],
    ['https://ehr.example:8443/fhir', false],
    ['https://ehr.example.evil.example:443/fhir', false]
  ])('knows itself by another spelling of scheme and host: %s', async (root, isOurs) => {
    const headers = { location: `${root}/Observation/1/_history/1` }
    const body = JSON.stringify({ resourceType: 'Observation' })
    const written = await ask({ 'POST /Observation': { status: 201, headers } }, 'POST', '/Observation', { body })
    expect(written.headers['location']).toBe(isOurs ? `${base}/Observation/1/_history/1` : undefined)
    const found = { ...bundle('searchset', {}), link: [{ relation: 'next', url: `${root}/Observation?page=2` }] }
    const paged = await ask({ 'GET /Observation': { json: found } }, 'GET', '/Observation')
    expect([paged.status, paged.text.includes('_page=')]).toEqual(isOurs ? [200, true] : [502, false])
    const referring = { ...bundle('searchset', { fullUrl: `${root}/Observation/1` }) }
    const read = await ask({ 'GET /Observation': { json: referring } }, 'GET', '/Observation')
    expect(read.text.includes(`${base}/Observation/1`)).toBe(isOurs)
  })

  it('says where something was written when the upstream server names no host', async () => {
    const written = await ask(
      { 'POST /Observation': { status: 201, headers: { location: '/r4/Observation/1/_history/1' }, json: resource } },
      'POST',
      '/Observation',
      { body: JSON.stringify({ resourceType: 'Observation' }) }
    )
    expect(written.headers['location']).toBe(`${base}/Observation/1/_history/1`)
  })

  it.each(['link', 'inner'])(
    'leads to its own pages alone in entries too, wherever their Bundle stands: %s',
    async (place) => {
      const link = [
        ['self', `${inside}/Observation/1`],
        ['alternate', `${elsewhere}/Observation/1/_history/1`]
      ].map(([relation, url]) => ({ relation, url }))
      const found = {
        ...bundle('searchset', { fullUrl: `${elsewhere}/Observation/1`, link, search: { mode: 'match' } }),
        link
      }
      const kept = [{ relation: 'self', url: `${base}/Observation/1` }]
      if (place === 'inner') {
        const holders = [
          { resourceType: 'Parameters', parameter: [{ name: 'a', resource: found }] },
          { resourceType: 'Parameters', parameter: [{ name: 'a', part: [{ name: 'b', resource: found }] }] },
          ...['batch-response', 'searchset'].map((type) => ({
            resourceType: 'Bundle',
            type,
            entry: [
              { resource: found },
              { resource: { resourceType: 'Parameters', parameter: [{ name: 'a', resource: found }] } }
            ]
          }))
        ]
        for (const holder of holders) {
          const answered = await ask({ 'GET /$meta': { json: holder } }, 'GET', '/$meta')
          expect([answered.status, answered.text.includes(`${base}/Observation/1`)]).toEqual([200, true])
          expect(answered.text).not.toMatch(internal)
        }
        return
      }
      for (const path of ['/Observation', '/Observation/1/_history', '/$everything']) {
        const answered = await ask(
          { [`GET ${path}`]: { json: path.endsWith('_history') ? { ...found, type: 'history' } : found } },
          'GET',
          path
        )
        expect([path, answered.json['entry']?.[0]?.['link']]).toEqual([path, kept])
        expect(answered.text).not.toMatch(internal)
      }
      const body = JSON.stringify({
        resourceType: 'Bundle',
        type: 'batch',
        entry: [{ request: { method: 'GET', url: 'Observation' } }]
      })
      expect((await ask({ 'GET /Observation': { json: found } }, 'POST', '/', { body })).text).not.toMatch(internal)
    }
  )

  it('does not say where users of the upstream server sign in', async () => {
    const uris = (root: string) => ({
      url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
      extension: [{ url: 'authorize', valueUri: `${root}/authorize` }]
    })
    const other = { url: 'x', valueCode: 'launch-ehr' }
    const rest = [
      {
        mode: 'server',
        security: {
          cors: true,
          extension: [
            uris(elsewhere),
            uris(inside),
            uris('https://ehr.example/auth'),
            uris('https://ehr.example.evil'),
            other
          ]
        }
      },
      { mode: 'client' }
    ]
    const metadata = await ask(
      { 'GET /metadata': { json: { resourceType: 'CapabilityStatement', rest } } },
      'GET',
      '/metadata'
    )
    expect(metadata.json['rest']).toEqual([
      { mode: 'server', security: { cors: true, extension: [uris(base), uris('https://ehr.example/auth'), other] } },
      { mode: 'client' }
    ])
  })

  it('hands on a document as it was written, but for its own addresses', async () => {
    const document = bundle('document', { fullUrl: 'https://author.example/Observation/1' })
    const found = await ask({ 'GET /$document': { json: document } }, 'GET', '/$document')
    expect([found.json['entry']?.[0]?.['fullUrl'], internal.test(found.text)]).toEqual([
      'https://author.example/Observation/1',
      false
    ])
  })

  it.each([
    ['/metadata', 404],
    ['/$meta', 400]
  ])('names no address of the internal network in an outcome of %s', async (path, status) => {
    const issueOf = (host: string) => ({ severity: 'error', code: 'processing', diagnostics: `see ${host}/x` })
    const json = { resourceType: 'OperationOutcome', issue: [issueOf('http://10.9.8.7:8080')] }
    const found = await ask({ [`GET ${path}`]: { status, json } }, 'GET', path)
    expect(found.json).toEqual({
      ...json,
      issue: [{ ...issueOf(''), diagnostics: 'see [internal address]' }]
    })
  })

  it.each([
    [
      'a search',
      'GET',
      '/Observation',
      (found: object) => bundle('searchset', { resource: found, search: outcomeMode })
    ],
    ['a history', 'GET', '/Observation/1/_history', (found: object) => bundle('history', inResponse(found))],
    ['the entries of an operation', 'GET', '/$everything', (found: object) => bundle('searchset', { resource: found })],
    ['an operation', 'GET', '/$meta', (found: object) => found],
    ['the Parameters of an operation', 'GET', '/$meta', (found: object) => parametersWith(found)],
    [
      'a Bundle in a Bundle',
      'GET',
      '/Bundle',
      (found: object) => bundle('searchset', { resource: innerBundle(found) })
    ],
    ['a validation', 'POST', '/Observation/$validate', (found: object) => found],
    ['a create', 'POST', '/Observation', (found: object) => found]
  ] as const)('names no address of the internal network in an outcome in %s', async (_name, method, path, around) => {
    for (const address of ['http://10.9.8.7:8080/x', 'https://db.internal/r4', 'jdbc:postgresql://db:5432/fhir']) {
      const found = {
        resourceType: 'OperationOutcome',
        text: { status: 'generated', div: `<div>see ${address}</div>` },
        issue: [{ severity: 'information', code: 'informational', diagnostics: `see ${address}` }]
      }
      const answers = { [`${method} ${path}`]: { json: around(found) } }
      const body = method === 'POST' ? JSON.stringify({ resourceType: 'Observation' }) : ''
      const answered = await ask(answers, method, path, { body })
      expect([answered.status, answered.text]).toEqual([200, expect.stringContaining('[internal address]')])
      expect(answered.text).not.toMatch(/10\.9\.8\.7|db\.internal|db:5432/)
    }
  })

  it('may name in an outcome what the client named', async () => {
    const profile = 'http://lab/profile'
    const issue = [{ severity: 'error', code: 'invalid', diagnostics: `${profile} is not known at http://10.9.8.7` }]
    const answers = { 'GET /$meta': { json: { resourceType: 'OperationOutcome', issue } } }
    const answered = await ask(answers, 'GET', '/$meta', { query: `profile=${profile}` })
    expect(answered.text).toContain(`${profile} is not known at [internal address]`)
  })

  it('names no internal address in what it hands on: outcomes, escaped texts, headers, capabilities', async () => {
    const diagnostics = { resourceType: 'OperationOutcome', issue: [{ diagnostics: `no ${inside}/Patient/1` }] }
    expect((await ask({ 'GET /$meta': { status: 400, json: diagnostics } }, 'GET', '/$meta')).json).toMatchObject({
      issue: [{ diagnostics: `no ${base}/Patient/1` }]
    })
    const escaped = JSON.stringify(diagnostics).replaceAll('/', '\\u002f')
    expect(
      (
        await ask(
          { 'GET /$meta': { body: escaped, headers: { 'content-location': `${elsewhere}/status` } } },
          'GET',
          '/$meta'
        )
      ).text
    ).not.toMatch(internal)
    for (const url of [inside, elsewhere]) {
      const metadata = await ask(
        {
          'GET /metadata': { json: { resourceType: 'CapabilityStatement', implementation: { description: 'x', url } } }
        },
        'GET',
        '/metadata'
      )
      expect(metadata.json['implementation']).toEqual({ description: 'x', url: base })
    }
  })

  it('names no other place of a CapabilityStatement, and no internal host in a history', async () => {
    for (const url of [`${elsewhere}/metadata`, '//10.0.0.1/metadata', 5]) {
      const metadata = await ask(
        { 'GET /metadata': { json: { resourceType: 'CapabilityStatement', url, status: 'active' } } },
        'GET',
        '/metadata'
      )
      expect(metadata.json).toEqual({ resourceType: 'CapabilityStatement', status: 'active' })
    }
    const own = await ask(
      { 'GET /metadata': { json: { resourceType: 'CapabilityStatement', url: `${inside}/metadata` } } },
      'GET',
      '/metadata'
    )
    expect(own.json['url']).toBe(`${base}/metadata`)
    const history = bundle('history', { request: { method: 'PUT', url: '//10.0.0.1:8080/r4/Observation/1' } })
    const reported = await ask({ 'GET /Observation/1/_history': { json: history } }, 'GET', '/Observation/1/_history')
    expect([reported.status, reported.json['entry']?.[0]?.['request']]).toEqual([200, { method: 'PUT' }])
  })

  it.each([
    [null],
    [{ resource: null }],
    [{ resource: 5 }],
    [{ resource, request: null }],
    [{ resource, response: null }],
    [{ resource, fullUrl: 5, link: {} }]
  ])('does not fail where an entry is %j', async (entry) => {
    const found = { resourceType: 'Bundle', type: 'history', entry: [entry] }
    const answers = Object.fromEntries(
      ['GET /metadata', 'GET /Observation', 'GET /Observation/1/_history', 'GET /$document'].map((one) => [
        one,
        { json: found }
      ])
    )
    expect((await ask(answers, 'GET', '/metadata')).status).toBe(502)
    for (const path of ['/Observation', '/Observation/1/_history', '/$document'])
      expect([200, 502]).toContain((await ask(answers, 'GET', path)).status)
  })

  it.each(['null', '{', '[]'])('hands on no JSON that is no resource: %s', async (body) => {
    const headers = { 'content-type': 'application/fhir+json' }
    expect((await ask({ 'GET /metadata': { body, headers } }, 'GET', '/metadata')).status).toBe(502)
  })

  it.each([600, 999])('does not hand on a status that HTTP does not know: %d', async (status) => {
    const json = { resourceType: 'CapabilityStatement' }
    expect((await ask({ 'GET /metadata': { status, json } }, 'GET', '/metadata')).status).toBe(502)
  })
})
