import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { fhirGate } from '../../../../src/engine/resource/fhir-gate.js'
import type { FhirServer } from '../../../../src/engine/ports.js'
import type { PlainRequest, PlainResponse } from '../../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../../src/protocol/policy/policy.js'
import { parse } from '../../../../src/scopes/parse.js'
import { limits } from '../../../../src/values/limits/limits.js'

const base = 'https://ehr.example/fhir'
const observation = (id: string, patient: string, versionId = '1') => ({
  resourceType: 'Observation',
  id,
  meta: { versionId },
  subject: { reference: `Patient/${patient}` }
})
const answer = (status: number, body: unknown): PlainResponse => ({ status, headers: {}, body: JSON.stringify(body) })
const bundle = (resources: ReadonlyArray<unknown>, next?: string) => ({
  resourceType: 'Bundle',
  type: 'searchset',
  total: 99,
  entry: resources.map((resource) => ({ resource })),
  link: next === undefined ? [] : [{ relation: 'next', url: next }]
})

/** A server that answers by method and path, and records its requests. */
const scripted = (script: Readonly<Record<string, PlainResponse>>) => {
  const requests: Array<PlainRequest> = []
  const server: FhirServer = {
    answer: (request) => {
      requests.push(request)
      return TaskEither.right(
        script[`${request.method} ${request.path}`] ?? answer(404, { resourceType: 'OperationOutcome' })
      )
    }
  }
  return { server, requested: requests }
}

const through = (
  server: FhirServer,
  scope: string,
  method: string,
  path: string,
  more: Partial<PlainRequest> = {}
): Promise<PlainResponse> =>
  fhirGate(
    { server, policy: defaultPolicy, base },
    { clientId: 'app', scopes: parse(scope), context: { patient: 'a' }, user: null }
  )({ method, path, query: '', headers: {}, body: '', ...more })()

/** A FHIRPath Patch that replaces what is at a path. */
const fhirPathPatch = (path: string): string =>
  JSON.stringify({
    resourceType: 'Parameters',
    parameter: [
      {
        name: 'operation',
        part: [
          { name: 'type', valueCode: 'replace' },
          { name: 'path', valueString: path },
          { name: 'value', valueCode: 'amended' }
        ]
      }
    ]
  })

describe('the gate', () => {
  it('answers the same about what is hidden and what is not there, and never 304', async () => {
    const { server } = scripted({
      'GET /Observation/1': answer(200, observation('1', 'b')),
      'GET /Observation/1/_history/1': answer(200, observation('1', 'b'))
    })
    const probe = { headers: { 'if-none-match': 'W/"1"' } }
    const absent = await through(server, 'patient/*.rd', 'GET', '/Observation/2', probe)
    expect(absent.status).toBe(404)
    expect(await through(server, 'patient/*.rd', 'GET', '/Observation/1', probe)).toEqual(absent)
    expect(await through(server, 'patient/*.rd', 'GET', '/Observation/1/_history/1', probe)).toEqual(absent)
    expect(await through(server, 'patient/*.rd', 'DELETE', '/Observation/1')).toEqual(
      await through(server, 'patient/*.rd', 'DELETE', '/Observation/2')
    )
  })

  it('judges by the values that the host reads, where it knows more than the built-in reader', async () => {
    const { server } = scripted({
      'GET /Observation/1': answer(200, { ...observation('1', 'a'), device: { reference: 'Device/d' } })
    })
    const facts = { clientId: 'app', scopes: parse('system/Observation.r?device=Device/d'), context: {}, user: null }
    const request = { method: 'GET', path: '/Observation/1', query: '', headers: {}, body: '' }
    const reader =
      () =>
      (_resource: unknown, name: string): ReadonlyArray<string> =>
        name === 'device' ? ['Device/d'] : []
    expect((await fhirGate({ server, policy: defaultPolicy, base }, facts)(request)()).status).toBe(404)
    expect((await fhirGate({ server, policy: defaultPolicy, base, reader }, facts)(request)()).status).toBe(200)
  })

  it.each([
    ['POST', '/Observation', '<Observation/>', 'its body is no JSON, which is the only format here'],
    [
      'POST',
      '/Observation',
      '{"resourceType":"Patient"}',
      'the resource in it is not of the type of its address (Observation)'
    ],
    [
      'PUT',
      '/Observation/1',
      '{"resourceType":"Observation","id":"2"}',
      'the id of the resource in it is not the one in its address (1)'
    ],
    ['POST', '/', '{"resourceType":"Bundle","type":"batch","entry":[{}]}', 'entry[0] of its Bundle has no request'],
    [
      'POST',
      '/',
      '{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET"}}]}',
      'entry[0].request of its Bundle has no method or url'
    ],
    ['POST', '/', '{"resourceType":"Bundle","type":"batch","entry":{}}', 'its Bundle has entries that are no list'],
    ['POST', '/', '{"resourceType":"Patient"}', 'its body is no Bundle']
  ])('says in words why %s %s with %s cannot be read', async (method, path, body, words) => {
    const refused = await through(scripted({}).server, 'patient/*.cruds', method, path, { body })
    expect([refused.status, refused.body]).toEqual([
      400,
      expect.stringContaining(`The request cannot be read: ${words}.`)
    ])
  })

  it.each([
    ['code=', 'the parameter code has no value'],
    ['code', 'the parameter code has no value'],
    ['=1', 'a value in it has no parameter'],
    ['co%20de=', 'a parameter has no value'],
    ['code=%zz', 'the percent-encoding of the parameter code is broken'],
    [
      `${'code=1&'.repeat(limits.fhirSearchParameters.default)}date=1`,
      `it is too long: a search has at most ${String(limits.fhirSearchParameters.default)} parameters and ` +
        `${String(limits.fhirSearchValues.default)} values`
    ]
  ])('says in words why the search cannot be read: %.30s', async (query, words) => {
    const refused = await through(scripted({}).server, 'patient/*.rs', 'GET', '/Observation', { query })
    expect([refused.status, refused.body]).toEqual([
      400,
      expect.stringContaining(`The request cannot be read: in its address, ${words}.`)
    ])
  })

  it('says where the search of a form or of a condition cannot be read, and what is not evaluated', async () => {
    const saying = async (method: string, path: string, more: Partial<PlainRequest>): Promise<string> =>
      (await through(scripted({}).server, 'patient/*.cruds', method, path, more)).body
    const form = { body: 'code=', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
    const create = { body: '{"resourceType":"Observation"}' }
    expect(await saying('POST', '/Observation/_search', form)).toContain('in its form, the parameter code has no value')
    expect(await saying('POST', '/Observation/_search', { body: '{}' })).toContain(
      'its body is not the form of a search'
    )
    expect(await saying('POST', '/Observation', { ...create, headers: { 'if-none-exist': 'code=' } })).toContain(
      'in its If-None-Exist, the parameter code has no value'
    )
    expect(await saying('POST', '/Observation', { ...create, headers: { 'if-none-exist': '_count=1' } })).toContain(
      'If-None-Exist must be a search with a condition, for the type of the address'
    )
    const [query, created] = ['_filter=x', { ...create, headers: { 'if-none-exist': '_filter=x' } }]
    for (const said of [
      await saying('GET', '/Observation', { query }),
      await saying('GET', '/Observation/1/_history', { query }),
      await saying('DELETE', '/Observation', { query }),
      await saying('POST', '/Observation', created)
    ])
      expect(said).toContain('The search parameter _filter cannot be evaluated here.')
  })

  it('says 304 about a version that may be seen', async () => {
    const { server } = scripted({ 'GET /Observation/1': answer(200, observation('1', 'a')) })
    expect(
      (await through(server, 'patient/*.r', 'GET', '/Observation/1', { headers: { 'if-none-match': 'W/"1"' } })).status
    ).toBe(304)
  })

  it('writes over the version that it checked, and shows it only to who may read', async () => {
    const { server, requested: requests } = scripted({
      'GET /Observation/1': answer(200, observation('1', 'a', '7')),
      'PUT /Observation/1': answer(200, observation('1', 'a', '8'))
    })
    const update = { body: JSON.stringify(observation('1', 'a')) }
    expect(await through(server, 'patient/*.u', 'PUT', '/Observation/1', update)).toMatchObject({
      status: 200,
      body: ''
    })
    expect(requests.at(-1)?.headers['if-match']).toBe('W/"7"')
    expect((await through(server, 'patient/*.ru', 'PUT', '/Observation/1', update)).body).toContain('"8"')
  })

  it('writes nothing over a resource whose version is not said', async () => {
    const { server, requested: requests } = scripted({
      'GET /Observation/1': answer(200, { ...observation('1', 'a'), meta: {} })
    })
    expect(
      (await through(server, 'patient/*.u', 'PUT', '/Observation/1', { body: JSON.stringify(observation('1', 'a')) }))
        .status
    ).toBe(412)
    expect(requests.map(({ method }) => method)).toEqual(['GET'])
  })

  it('writes over nothing with If-None-Match: *, and over no resource for a client that says so', async () => {
    const { server, requested: requests } = scripted({
      'GET /Observation/1': answer(200, observation('1', 'a')),
      'PUT /Observation/2': answer(201, observation('2', 'a'))
    })
    const onlyNew = (id: string) => ({ body: JSON.stringify(observation(id, 'a')), headers: { 'if-none-match': '*' } })
    expect((await through(server, 'patient/*.u', 'PUT', '/Observation/1', onlyNew('1'))).status).toBe(412)
    expect(requests.map(({ method }) => method)).toEqual(['GET'])
    expect((await through(server, 'patient/*.u', 'PUT', '/Observation/2', onlyNew('2'))).status).toBe(201)
    expect(requests.at(-1)?.headers['if-none-match']).toBe('*')
  })

  it('answers the same about what is hidden and what is not there where the server says no versions', async () => {
    const { server } = scripted({ 'GET /Observation/1': answer(200, { ...observation('1', 'b'), meta: {} }) })
    const patch = { body: '[]', headers: { 'content-type': 'application/json-patch+json' } }
    for (const [method, more] of [
      ['DELETE', {}],
      ['PATCH', patch]
    ] as const) {
      expect(await through(server, 'patient/*.ud', method, '/Observation/1', more)).toEqual(
        await through(server, 'patient/*.ud', method, '/Observation/2', more)
      )
    }
  })

  it.each(['Patient/b', 'http://other.example/Patient/a', 'urn:uuid:1', '#a', 'Patient?identifier=1'])(
    'creates nothing that refers to %s',
    async (reference) => {
      const { server, requested: requests } = scripted({})
      expect(
        (
          await through(server, 'patient/*.cruds', 'POST', '/Observation', {
            body: JSON.stringify({ resourceType: 'Observation', subject: { reference } })
          })
        ).status
      ).toBe(403)
      expect(requests).toEqual([])
    }
  )

  it.each([
    'Patient/b',
    'http://other.example/fhir/Patient/b',
    '/Patient/b',
    ' Patient/b',
    'Patient/b/',
    'Patient?identifier=1'
  ])('creates nothing about %s because the patient says so', async (reference) => {
    const { server, requested: requests } = scripted({ 'POST /Condition': answer(201, {}) })
    const about = (subject: string) => ({
      body: JSON.stringify({
        resourceType: 'Condition',
        subject: { reference: subject },
        asserter: { reference: 'Patient/a' }
      })
    })
    expect(
      (await through(server, 'patient/Condition.c system/Patient.s', 'POST', '/Condition', about(reference))).status
    ).toBe(403)
    expect(requests).toEqual([])
    expect((await through(server, 'patient/Condition.c', 'POST', '/Condition', about('Patient/a'))).status).toBe(201)
  })

  it('hands on decimals as they are written, to the server and from it', async () => {
    const numbers = '"value":1.10,"large":9007199254740993,"tiny":1E-400,"minus":-0,"text":"1.10","plain":2'
    const stored =
      '{"resourceType":"Observation","id":"1","meta":{"versionId":"1"},"subject":{"reference":"Patient/a"},' +
      `${numbers}}`
    const said = { status: 200, headers: {}, body: stored }
    const { server, requested: requests } = scripted({
      'GET /Observation/1': said,
      'PUT /Observation/1': said,
      'POST /Observation': said,
      'GET /Observation': { ...said, body: `{"resourceType":"Bundle","entry":[{"resource":${stored}}]}` },
      'POST /': { ...said, body: `{"resourceType":"Bundle","entry":[{"resource":${stored}}]}` }
    })
    const patch = '[{"op":"test","path":"/value","value":1.1},{"op":"add","path":"/more","value":3.00}]'
    const patching = { body: patch, headers: { 'content-type': 'application/json-patch+json' } }
    const inBundle = (type: string, entry: string) => ({
      body: `{"resourceType":"Bundle","type":"${type}","entry":[${entry}]}`
    })
    const patchEntry = JSON.stringify({
      request: { method: 'PATCH', url: 'Observation/1' },
      resource: { resourceType: 'Binary', contentType: 'application/json-patch+json', data: btoa(patch) }
    })
    const asks: ReadonlyArray<readonly [string, string, Partial<PlainRequest>]> = [
      ['GET', '/Observation/1', {}],
      ['GET', '/Observation', {}],
      ['POST', '/Observation', { body: stored }],
      ['PUT', '/Observation/1', { body: stored }],
      ['PATCH', '/Observation/1', patching],
      ['POST', '/', inBundle('batch', '{"request":{"method":"GET","url":"Observation/1"}}')],
      ['POST', '/', inBundle('batch', patchEntry)],
      ['POST', '/', inBundle('transaction', patchEntry)],
      ['POST', '/', inBundle('transaction', `{"request":{"method":"PUT","url":"Observation/1"},"resource":${stored}}`)]
    ]
    for (const [method, path, more] of asks) {
      const before = requests.length
      const answered = await through(server, 'patient/*.cruds', method, path, more)
      expect([method, path, answered.status, answered.body]).toEqual([
        method,
        path,
        200,
        expect.stringContaining(numbers)
      ])
      for (const { body } of requests.slice(before)) if (body !== '') expect(body).toContain(numbers)
      if ([more.body ?? ''].some((body) => body === patch || body.includes('PATCH')))
        expect(requests.at(-1)?.body).toContain('"more":3.00')
    }
  })

  it.each<readonly [string, string, Partial<PlainRequest>]>([
    ['GET', '/Patient', { query: '_method=DELETE' }],
    ['GET', '/Patient', { query: '%5Fmethod=DELETE' }],
    ['GET', '/Patient', { query: 'name=x&_METHOD=DELETE' }],
    [
      'POST',
      '/Patient/_search',
      { query: '', body: '_method=DELETE', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
    ],
    [
      'POST',
      '/Patient/_search',
      { query: '', body: '_m%65thod=DELETE', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
    ],
    ['GET', '/Patient/_history', { query: '_metho%64=DELETE' }],
    ['PUT', '/Patient', { query: 'name=x&%5fmethod=DELETE', body: JSON.stringify({ resourceType: 'Patient' }) }],
    [
      'POST',
      '/Patient',
      { headers: { 'if-none-exist': 'name=x&_method=DELETE' }, body: JSON.stringify({ resourceType: 'Patient' }) }
    ],
    [
      'POST',
      '/',
      {
        body: JSON.stringify({
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [{ request: { method: 'GET', url: 'Patient?%5Fmethod=DELETE' } }]
        })
      }
    ]
  ])('hands on no other method: %s %s %j', async (method, path, more) => {
    const { server, requested: requests } = scripted({})
    expect((await through(server, 'system/*.cruds', method, path, more)).status).toBe(400)
    expect(requests).toEqual([])
  })

  it.each([
    '/Patient/.',
    '/Patient/..',
    '/Patient/%2e%2e',
    '/Patient/../_history',
    '/Patient/a/_history/..',
    '/Patient/../Observation',
    '/Patient/../$everything'
  ])('takes no step of a path for an id: %s', async (path) => {
    const { server, requested: requests } = scripted({})
    for (const method of ['GET', 'DELETE'])
      expect((await through(server, 'system/*.cruds', method, path)).status).toBe(404)
    expect(requests).toEqual([])
  })

  it.each([
    [
      'replaces a value',
      [
        { op: 'add', path: '/performer', value: [{ reference: 'Practitioner/p' }] },
        { op: 'replace', path: '/performer/0/reference', value: 'Practitioner?identifier=1' }
      ]
    ],
    [
      'moves a text',
      [
        { op: 'add', path: '/note', value: [{ text: 'Practitioner?identifier=1' }] },
        { op: 'add', path: '/performer', value: [{}] },
        { op: 'move', from: '/note/0/text', path: '/performer/0/reference' }
      ]
    ]
  ])('lets no patch search by a reference that the server would resolve: it %s', async (_how, patch) => {
    const { server, requested: requests } = scripted({ 'GET /Observation/1': answer(200, observation('1', 'a')) })
    const more = { body: JSON.stringify(patch), headers: { 'content-type': 'application/json-patch+json' } }
    expect((await through(server, 'patient/*.ru', 'PATCH', '/Observation/1', more)).status).toBe(403)
    const entry = [
      {
        request: { method: 'PATCH', url: 'Observation/1' },
        resource: {
          resourceType: 'Binary',
          contentType: 'application/json-patch+json',
          data: btoa(JSON.stringify(patch))
        }
      }
    ]
    expect(
      (
        await through(server, 'patient/*.ru', 'POST', '/', {
          body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })
        })
      ).status
    ).toBe(403)
    expect(requests.every(({ method }) => method === 'GET')).toBe(true)
  })

  it("shares no Binary for which another resource's rules hold", async () => {
    const binary = (id: string, more: object) =>
      answer(200, { resourceType: 'Binary', id, contentType: 'text/plain', ...more })
    const { server } = scripted({
      'GET /Binary/1': binary('1', {}),
      'GET /Binary/2': binary('2', { securityContext: { reference: 'Patient/b' } }),
      'GET /Binary/3': binary('3', { securityContext: { identifier: { value: 'x' } } })
    })
    const statusOf = async (scope: string, id: string): Promise<number> =>
      (
        await fhirGate(
          { server, policy: defaultPolicy, base, rules: { sharedTypes: ['Binary'] } },
          { clientId: 'app', scopes: parse(scope), context: { patient: 'a' }, user: null }
        )({ method: 'GET', path: `/Binary/${id}`, query: '', headers: {}, body: '' })()
      ).status
    expect(await Promise.all(['1', '2', '3'].map((id) => statusOf('patient/*.r', id)))).toEqual([200, 404, 404])
    expect(await Promise.all(['1', '2', '3'].map((id) => statusOf('system/*.r', id)))).toEqual([200, 200, 200])
  })

  it('gives out no other resource than the one that was requested, even where all may be read', async () => {
    const { server } = scripted({
      'GET /Patient/a': answer(200, { resourceType: 'Patient', id: 'b' }),
      'GET /Observation/1': answer(200, { resourceType: 'Condition', id: '1' }),
      'GET /Observation/1/_history/1': answer(200, observation('2', 'a'))
    })
    for (const path of ['/Patient/a', '/Observation/1', '/Observation/1/_history/1']) {
      expect([path, (await through(server, 'system/*.rs', 'GET', path)).status]).toEqual([path, 404])
    }
  })

  it('lets the server look once more before a conditional create, but only where nothing is hidden', async () => {
    const { server, requested: requests } = scripted({
      'GET /Observation': answer(200, bundle([])),
      'POST /Observation': answer(201, observation('1', 'a'))
    })
    const create = {
      body: JSON.stringify(observation('x', 'a')),
      headers: { 'if-none-exist': 'identifier=http://s|1' }
    }
    expect((await through(server, 'system/*.cs', 'POST', '/Observation', create)).status).toBe(201)
    expect(requests.at(-1)?.headers['if-none-exist']).toBe('identifier=http%3A%2F%2Fs%7C1')
    expect((await through(server, 'patient/*.cs', 'POST', '/Observation', create)).status).toBe(201)
    expect(requests.at(-1)?.headers['if-none-exist']).toBeUndefined()
  })

  it('writes no outcome of a patch that is nested too deep', async () => {
    const { server, requested: requests } = scripted({ 'GET /Observation/1': answer(200, observation('1', 'a')) })
    const operations = Array.from({ length: 12 }, () => ({ op: 'copy', from: '/x', path: `/x${'/0'.repeat(100)}` }))
    const whole = '['.repeat(101) + ']'.repeat(101)
    const body = `[{"op":"add","path":"/x","value":${whole}},${operations.map((one) => JSON.stringify(one)).join(',')}]`
    const patched = await through(server, 'patient/*.ru', 'PATCH', '/Observation/1', {
      body,
      headers: { 'content-type': 'application/json-patch+json' }
    })
    expect(patched.status).toBe(422)
    expect(patched.body).toContain('nested too deep')
    expect(requests.map(({ method }) => method)).toEqual(['GET'])
  })

  it('shows no answer that is nested too deep to be evaluated', async () => {
    const deep =
      '{"resourceType":"Observation","id":"1","meta":{"versionId":"1"},"subject":{"reference":"Patient/a"},"x":' +
      `${'['.repeat(50_000)}${']'.repeat(50_000)}}`
    const { server } = scripted({ 'GET /Observation/1': { status: 200, headers: {}, body: deep } })
    expect((await through(server, 'patient/*.r', 'GET', '/Observation/1')).status).toBe(404)
  })

  it.each([
    ['an XML Patch', 'application/xml-patch+xml', '<diff/>'],
    ['another resource', 'application/fhir+json', JSON.stringify({ resourceType: 'Observation' })],
    ['a path that cannot be applied', 'application/fhir+json', fhirPathPatch('Observation.status.lower()')]
  ])('refuses a patch that it cannot apply itself: %s', async (_name, type, body) => {
    const { server } = scripted({ 'GET /Observation/1': answer(200, observation('1', 'a')) })
    const patch = { body, headers: { 'content-type': type } }
    expect((await through(server, 'patient/*.u', 'PATCH', '/Observation/1', patch)).status).toBe(415)
    expect((await through(server, 'patient/*.ru', 'PATCH', '/Observation/1', patch)).status).toBe(415)
  })

  it.each(['patient/*.u', 'patient/*.ru'])('writes the result of a FHIRPath Patch: %s', async (scope) => {
    const stored = { ...observation('1', 'a'), status: 'final' }
    const script = { 'GET /Observation/1': answer(200, stored), 'PUT /Observation/1': answer(200, stored) }
    const { server, requested: requests } = scripted(script)
    const patch = { body: fhirPathPatch('Observation.status'), headers: { 'content-type': 'application/fhir+json' } }
    expect((await through(server, scope, 'PATCH', '/Observation/1', patch)).status).toBe(200)
    const written = requests.find(({ method }) => method === 'PUT')
    expect(JSON.parse(written?.body ?? '{}')).toMatchObject({ status: 'amended' })
  })

  it.each<readonly [string, ReadonlyArray<unknown>]>([
    ['a value', [{ op: 'replace', path: '/subject/reference', value: 'Patient?identifier=1' }]],
    ['an object', [{ op: 'replace', path: '/subject', value: { reference: 'Patient?identifier=1' } }]],
    ['a copy of a text that was stored before', [{ op: 'copy', from: '/note/0/text', path: '/subject/reference' }]]
  ])('lets no patch write a conditional reference without the search that it is: %s', async (_name, patch) => {
    const stored = { ...observation('1', 'a'), note: [{ text: 'Patient?identifier=1' }] }
    const script = { 'GET /Observation/1': answer(200, stored), 'PUT /Observation/1': answer(200, stored) }
    const request = { body: JSON.stringify(patch), headers: { 'content-type': 'application/json-patch+json' } }
    const entry = {
      request: { method: 'PATCH', url: 'Observation/1' },
      resource: { resourceType: 'Binary', contentType: 'application/json-patch+json', data: btoa(request.body) }
    }
    const transaction = { body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: [entry] }) }
    const { server, requested: requests } = scripted(script)
    expect((await through(server, 'system/Observation.ru', 'PATCH', '/Observation/1', request)).status).toBe(403)
    expect((await through(server, 'system/Observation.ru', 'POST', '/', transaction)).status).toBe(403)
    expect(requests.every(({ method }) => method === 'GET')).toBe(true)
    expect(
      (await through(server, 'system/Observation.ru system/Patient.s', 'PATCH', '/Observation/1', request)).status
    ).toBe(200)
  })

  it('posts on a search that was posted, so that its parameters stay out of addresses', async () => {
    const page = (request: PlainRequest, next?: string) =>
      [`${request.method} ${request.path}`, answer(200, bundle([observation('1', 'a')], next))] as const
    const posted = {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      query: '_sort=date',
      body: 'identifier=secret'
    }
    const plain = { method: 'GET', path: '', query: '', headers: {}, body: '' }
    const { server, requested: requests } = scripted(
      Object.fromEntries([
        page({ ...plain, method: 'POST', path: '/Observation/_search' }, `${base}/Observation?page=2`),
        page({ ...plain, path: '/Observation' }),
        page({ ...plain, path: '/Patient/a/Observation' })
      ])
    )
    const first = await through(server, 'system/*.s', 'POST', '/Observation/_search', posted)
    const { link } = JSON.parse(first.body) as ReturnType<typeof bundle>
    const query = link.find(({ relation }) => relation === 'next')?.url.split('?')[1] ?? ''
    expect((await through(server, 'system/*.s', 'GET', '/', { query })).status).toBe(200)
    expect(
      requests.map(({ method, path, query, body, headers }) => [method, path, query, body, headers['content-type']])
    ).toEqual([
      ['POST', '/Observation/_search', '', '_sort=date&identifier=secret', 'application/x-www-form-urlencoded'],
      ['GET', '/Observation', 'page=2', '', undefined]
    ])
    expect(
      (
        await through(server, 'patient/*.s', 'POST', '/Patient/a/Observation/_search', {
          ...posted,
          query: '_include=Observation:subject'
        })
      ).status
    ).toBe(200)
    expect(requests.at(-1)).toMatchObject({ method: 'GET', path: '/Patient/a/Observation' })
  })

  it(
    'judges the Bundle of a permitted operation all the same, and leaves one alone in which ' + 'nothing is hidden',
    async () => {
      const everything = {
        ...bundle([{ resourceType: 'Patient', id: 'a' }, observation('1', 'a')]),
        type: 'searchset',
        link: []
      }
      const { server } = scripted({
        'GET /Patient/a/$everything': answer(200, everything),
        'GET /Patient/a/$summary': answer(200, { resourceType: 'Parameters' })
      })
      const operations = ['everything', 'summary'].map((name) => ({
        level: 'instance' as const,
        type: 'Patient',
        name,
        needs: [{ type: null, permission: 'r' as const }]
      }))
      const requested = async (scope: string, name: string) => {
        const answered = await fhirGate(
          { server, policy: defaultPolicy, base, rules: { operations } },
          { clientId: 'app', scopes: parse(scope), context: {}, user: null }
        )({ method: 'GET', path: `/Patient/a/$${name}`, query: '', headers: {}, body: '' })()
        expect([answered.status, answered.headers['cache-control']]).toEqual([200, 'no-store'])
        return JSON.parse(answered.body) as unknown
      }
      expect(await requested('system/Patient.r', 'everything')).toEqual({
        resourceType: 'Bundle',
        type: 'searchset',
        total: 1,
        entry: [{ resource: { resourceType: 'Patient', id: 'a' } }]
      })
      expect(await requested('system/*.r', 'everything')).toEqual({ ...everything, link: undefined })
      expect(await requested('system/Patient.r', 'summary')).toEqual({ resourceType: 'Parameters' })
    }
  )

  it('hands on no answer of an operation in a form that it cannot judge', async () => {
    const operations = [
      {
        level: 'instance' as const,
        type: 'Patient',
        name: 'everything',
        needs: [{ type: null, permission: 'r' as const }]
      }
    ]
    const ask = async (contentType: string, body: string) => {
      const { server, requested: requests } = scripted({
        'GET /Patient/a/$everything': { status: 200, headers: { 'content-type': contentType }, body }
      })
      const answered = await fhirGate(
        { server, policy: defaultPolicy, base, rules: { operations } },
        { clientId: 'app', scopes: parse('system/Patient.r'), context: {}, user: null }
      )({ method: 'GET', path: '/Patient/a/$everything', query: '_count=5&_f%6Frmat=json', headers: {}, body: '' })()
      expect(requests.map(({ query }) => query)).toEqual(['_count=5'])
      return answered
    }
    expect((await ask('application/fhir+xml', '<Bundle xmlns="http://hl7.org/fhir"/>')).status).toBe(502)
    expect(
      (await ask('application/fhir+ndjson', '{"resourceType":"Patient"}\n{"resourceType":"Observation"}')).status
    ).toBe(502)
    expect(await ask('application/pdf', '%PDF')).toMatchObject({ status: 200, body: '%PDF' })
  })

  it('asks for the answer of an operation as JSON, without the format that a form asks for', async () => {
    const operations = [
      { level: 'type' as const, type: 'Patient', name: 'find', needs: [{ type: null, permission: 'r' as const }] }
    ]
    const { server, requested: requests } = scripted({
      'POST /Patient/$find': answer(200, { resourceType: 'Parameters' })
    })
    const ask = (contentType: string, body: string) =>
      fhirGate(
        { server, policy: defaultPolicy, base, rules: { operations } },
        { clientId: 'app', scopes: parse('system/Patient.r'), context: {}, user: null }
      )({ method: 'POST', path: '/Patient/$find', query: '', headers: { 'content-type': contentType }, body })()
    await ask('application/x-www-form-urlencoded', 'a=1&_format=application/fhir%2Bjson')
    await ask('text/plain', 'a=1&_format=json')
    expect(requests.map(({ body }) => body)).toEqual(['a=1', 'a=1&_format=json'])
  })

  it('writes nothing of a transaction with one entry that may not be written', async () => {
    const { server, requested: requests } = scripted({
      'GET /Observation/1': answer(200, observation('1', 'a')),
      'GET /Observation/2': answer(200, observation('2', 'b'))
    })
    const body = JSON.stringify({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: ['1', '2'].map((id) => ({ request: { method: 'DELETE', url: `Observation/${id}` } }))
    })
    expect((await through(server, 'patient/*.d', 'POST', '/', { body })).status).toBe(404)
    expect(requests.every(({ method }) => method === 'GET')).toBe(true)
  })

  const transactionOf = (...entry: ReadonlyArray<unknown>) => ({
    body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })
  })
  const creating = (fullUrl: string, resource: { readonly resourceType: string }) => ({
    fullUrl,
    resource,
    request: { method: 'POST', url: resource.resourceType }
  })

  it("creates in a transaction nothing that is a new patient's too", async () => {
    const { server, requested: requests } = scripted({
      'POST /': answer(200, { resourceType: 'Bundle', type: 'transaction-response', entry: [] })
    })
    const body = (performer: string) =>
      transactionOf(
        creating('urn:uuid:1', { resourceType: 'Patient' }),
        creating('urn:uuid:2', { resourceType: 'Practitioner' }),
        creating('urn:uuid:3', { ...observation('x', 'a'), performer: [{ reference: performer }] } as {
          resourceType: string
        })
      )
    expect(
      (
        await through(
          server,
          'patient/Observation.c system/Patient.c system/Practitioner.c',
          'POST',
          '/',
          body('urn:uuid:1')
        )
      ).status
    ).toBe(403)
    expect(requests).toEqual([])
    expect(
      (
        await through(
          server,
          'patient/Observation.c system/Patient.c system/Practitioner.c',
          'POST',
          '/',
          body('urn:uuid:2')
        )
      ).status
    ).toBe(200)
  })

  it('sends the references of a transaction as they were checked', async () => {
    const { server, requested: requests } = scripted({
      'GET /Patient/a': answer(200, { resourceType: 'Patient', id: 'a', meta: { versionId: '1' } }),
      'POST /': answer(200, { resourceType: 'Bundle', type: 'transaction-response', entry: [] })
    })
    const updating = {
      fullUrl: 'urn:uuid:1',
      resource: { resourceType: 'Patient', id: 'a' },
      request: { method: 'PUT', url: 'Patient/a' }
    }
    const resource = {
      resourceType: 'Observation',
      subject: { reference: 'urn:uuid:1' },
      hasMember: [{ reference: 'urn:uuid:2' }]
    }
    const answered = await through(
      server,
      'patient/*.cu',
      'POST',
      '/',
      transactionOf(updating, creating('urn:uuid:2', observation('x', 'a')), creating('urn:uuid:3', resource))
    )
    expect([answered.status, JSON.parse(answered.body)]).toMatchObject([
      200,
      { entry: Array.from({ length: 3 }, () => ({ response: { status: '200' } })) }
    ])
    expect((JSON.parse(requests.at(-1)?.body ?? '') as { entry: ReadonlyArray<unknown> }).entry[2]).toMatchObject({
      fullUrl: 'urn:uuid:3',
      resource: { subject: { reference: 'Patient/a' }, hasMember: [{ reference: 'urn:uuid:2' }] }
    })
  })

  it('judges a reference that begins with another address of the same server as its own', async () => {
    const { server, requested: requests } = scripted({ 'POST /Observation': answer(201, observation('1', 'a')) })
    const create = (aliases: ReadonlyArray<string>, patient: string) =>
      fhirGate(
        { server, policy: defaultPolicy, base, aliases },
        { clientId: 'app', scopes: parse('patient/*.c'), context: { patient: 'a' }, user: null }
      )({
        method: 'POST',
        path: '/Observation',
        query: '',
        headers: {},
        body: JSON.stringify({
          resourceType: 'Observation',
          subject: { reference: `http://behind:8080/r4/Patient/${patient}` }
        })
      })()
    expect((await create(['http://behind:8080/r4'], 'a')).status).toBe(201)
    expect((await create(['http://behind:8080/r4/'], 'b')).status).toBe(403)
    expect((await create([], 'a')).status).toBe(403)
    expect(requests.length).toBe(1)
  })

  it('knows an address of the same server that lies below the base', async () => {
    const behind = `${base}/r4`
    const mine = { ...observation('1', 'a'), subject: { reference: `${behind}/Patient/a` } }
    const { server, requested: requests } = scripted({
      'GET /Observation/1': answer(200, mine),
      'GET /Observation': answer(200, bundle([mine], `${behind}/Condition?page=2`)),
      'GET /Condition': answer(200, bundle([]))
    })
    const ask = (path: string) =>
      fhirGate(
        { server, policy: defaultPolicy, base, aliases: [behind] },
        { clientId: 'app', scopes: parse('patient/*.rs'), context: { patient: 'a' }, user: null }
      )({ method: 'GET', path, query: '', headers: {}, body: '' })()
    expect([(await ask('/Observation/1')).status, (await ask('/Observation')).status]).toEqual([200, 200])
    expect([...new Set(requests.map(({ path }) => path))]).toEqual(['/Observation/1', '/Observation'])
  })

  it.each([401, 429, 500, 503])("does not take the server's trouble for an answer: %i", async (status) => {
    const trouble = answer(status, { resourceType: 'OperationOutcome' })
    const { server } = scripted({
      'GET /Observation/1': trouble,
      'GET /Observation': trouble,
      'GET /Observation/1/_history': trouble,
      'POST /Observation': trouble,
      'GET /Observation/2': answer(200, observation('2', 'a')),
      'DELETE /Observation/2': trouble,
      'POST /': trouble
    })
    const create = { body: JSON.stringify(observation('x', 'a')) }
    const entry = [{ request: { method: 'POST', url: 'Observation' }, resource: observation('x', 'a') }]
    const asks: ReadonlyArray<readonly [string, string, Partial<PlainRequest>?]> = [
      ['GET', '/Observation/1'],
      ['GET', '/Observation'],
      ['GET', '/Observation/1/_history'],
      ['POST', '/Observation', create],
      ['DELETE', '/Observation/2'],
      ['POST', '/', { body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }) }]
    ]
    for (const [method, path, more] of asks)
      expect([method, path, (await through(server, 'patient/*.cruds', method, path, more)).status]).toEqual([
        method,
        path,
        status === 429 || status === 503 ? status : 502
      ])
  })

  it.each([401, 429, 500])(
    "does not take the server's trouble for an answer of an operation, nor for its capabilities: %i",
    async (status) => {
      const shown = status === 429 ? 429 : 502
      const trouble = answer(status, { resourceType: 'OperationOutcome' })
      const operations = ['everything', 'summary'].map((name) => ({
        level: 'instance' as const,
        type: 'Patient',
        name,
        needs: [{ type: null, permission: 'r' as const }]
      }))
      const requested = async (scope: string, path: string, script: Readonly<Record<string, PlainResponse>>) =>
        (
          await fhirGate(
            { server: scripted(script).server, policy: defaultPolicy, base, rules: { operations } },
            { clientId: 'app', scopes: parse(scope), context: { patient: 'a' }, user: null }
          )({ method: 'GET', path, query: '', headers: {}, body: '' })()
        ).status
      const patient = { 'GET /Patient/a': answer(200, { resourceType: 'Patient', id: 'a' }) }
      expect(await requested('patient/*.r', '/Patient/a/$everything', { 'GET /Patient/a': trouble })).toBe(shown)
      expect(
        await requested('patient/*.r', '/Patient/a/$everything', { ...patient, 'GET /Patient/a/$everything': trouble })
      ).toBe(shown)
      expect(await requested('system/*.r', '/Patient/a/$everything', { 'GET /Patient/a/$everything': trouble })).toBe(
        shown
      )
      expect(await requested('system/*.r', '/metadata', { 'GET /metadata': trouble })).toBe(shown)
    }
  )

  it('says that a resource was deleted, and that nothing was changed since, where nothing is hidden', async () => {
    const { server, requested: requests } = scripted({
      'GET /Observation/1': answer(410, { resourceType: 'OperationOutcome' }),
      'GET /Observation/1/_history': answer(200, { ...bundle([]), type: 'history' })
    })
    const since = { query: '_since=2024-01-01&_format=json' }
    expect([
      (await through(server, 'system/*.r', 'GET', '/Observation/1')).status,
      (await through(server, 'patient/*.r', 'GET', '/Observation/1')).status
    ]).toEqual([410, 404])
    expect((await through(server, 'system/*.r', 'GET', '/Observation/1/_history', since)).status).toBe(200)
    expect((await through(server, 'patient/*.r', 'GET', '/Observation/1/_history', since)).status).toBe(404)
    expect(requests.at(-1)?.query).toBe('_since=2024-01-01')
  })

  it.each([
    ['*', 200],
    ['W/"7"', 200],
    ['"7"', 200],
    ['W/"6", W/"7"', 200],
    ['W/"6"', 412],
    ['7', 412],
    ['', 412]
  ])('reads If-Match: %s', async (tags, status) => {
    const { server } = scripted({
      'GET /Observation/1': answer(200, observation('1', 'a', '7')),
      'PUT /Observation/1': answer(200, observation('1', 'a', '8')),
      'PUT /Observation/2': answer(201, {})
    })
    const update = (id: string) =>
      through(server, 'patient/*.u', 'PUT', `/Observation/${id}`, {
        body: JSON.stringify(observation(id, 'a')),
        headers: { 'if-match': tags }
      })
    expect([(await update('1')).status, (await update('2')).status]).toEqual([status, 412])
  })

  it('shows nothing after a write to who wants nothing', async () => {
    const stored = answer(200, observation('1', 'a'))
    const { server } = scripted({
      'GET /Observation/1': stored,
      'PUT /Observation/1': stored,
      'POST /Observation': stored,
      'GET /Observation': answer(200, bundle([observation('1', 'a')])),
      'POST /': answer(200, {
        resourceType: 'Bundle',
        type: 'transaction-response',
        entry: [{ resource: observation('1', 'a'), response: { status: '201' } }]
      })
    })
    const body = JSON.stringify(observation('1', 'a'))
    const entry = [{ request: { method: 'POST', url: 'Observation' }, resource: observation('1', 'a') }]
    const put = { request: { method: 'PUT', url: 'Observation/1' }, resource: observation('1', 'a') }
    const asks: ReadonlyArray<readonly [string, string, Partial<PlainRequest>]> = [
      ['PUT', '/Observation/1', { body }],
      ['POST', '/Observation', { body }],
      ['POST', '/Observation', { body, headers: { 'if-none-exist': 'code=1' } }],
      ['POST', '/', { body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }) }],
      ['POST', '/', { body: JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry: [put] }) }]
    ]
    for (const [method, path, more] of asks) {
      for (const [prefer, isShown] of [
        ['return=minimal', false],
        ['respond-async, return="minimal"', false],
        ['return=representation', true]
      ] as const) {
        const { body: said } = await through(server, 'patient/*.cruds', method, path, {
          ...more,
          headers: { ...more.headers, prefer }
        })
        expect([method, path, prefer, said.includes('"subject"')]).toEqual([method, path, prefer, isShown])
      }
    }
  })

  it('takes no text in place of a number: the checked resource would differ from the stored one', async () => {
    const { server, requested: requests } = scripted({ 'POST /Observation': answer(201, observation('1', 'a')) })
    const create = (status: string, headers = {}) =>
      through(server, 'patient/*.c', 'POST', '/Observation', {
        headers,
        body: `{"resourceType":"Observation","subject":{"reference":"Patient/a"},"status":"${status}"}`
      })
    for (const status of ['\\u00001', '\\u0000-1.10', 'a\\u0000']) {
      expect([status, (await create(status)).status]).toEqual([status, 400])
      expect([status, (await create(status, { 'content-type': 'application/x-www-form-urlencoded' })).status]).toEqual([
        status,
        400
      ])
    }
    expect(requests).toEqual([])
    const data = Buffer.from('[{"op":"add","path":"/status","value":"\\u00001"}]').toString('base64')
    const patch = {
      request: { method: 'PATCH', url: 'Observation/1' },
      resource: { resourceType: 'Binary', contentType: 'application/json-patch+json', data }
    }
    const { server: holding, requested: asking } = scripted({
      'GET /Observation/1': answer(200, observation('1', 'a')),
      'POST /': answer(200, { resourceType: 'Bundle', type: 'transaction-response' })
    })
    expect((await through(holding, 'patient/*.u', 'POST', '/', transactionOf(patch))).status).toBe(400)
    expect(asking.map(({ method }) => method)).toEqual(['GET'])
    expect((await create('final')).status).toBe(201)
    expect((await create('\\\\u00001')).status).toBe(201)
    expect(requests.at(-1)?.body).toContain('"\\\\u00001"')
  })

  it('answers 503 for a server that does not respond', async () => {
    const server: FhirServer = { answer: () => TaskEither.left({ _tag: 'Unavailable', reason: 'down' }) }
    expect((await through(server, 'patient/*.r', 'GET', '/Observation/1')).status).toBe(503)
  })
})
