/** Bulk exports through the gate: kick-off, status, files and cancellation, for the client that started them. */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import type { BulkServer, BulkServerOptions } from '../../../support/fhir/bulk-server.js'
import { bulkServer } from '../../../support/fhir/bulk-server.js'
import type { GateOptions } from '../../../../src/engine/resource/gate-context.js'
import { fhirGate } from '../../../../src/engine/resource/fhir-gate.js'
import type { AccessFacts } from '../../../../src/protocol/access/alternatives.js'
import type { PlainRequest, PlainResponse } from '../../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../../src/protocol/policy/policy.js'
import { parse } from '../../../../src/scopes/parse.js'

const base = 'https://ehr.example/fhir'
const address = 'http://10.0.0.1/r4'
const everything = 'system/*.rs'
const laboratory = 'system/Observation.rs?category=laboratory'

const factsOf = (scope: string, more: Partial<AccessFacts> = {}): AccessFacts => ({
  clientId: 'service',
  scopes: parse(scope),
  context: {},
  user: null,
  ...more
})

interface World extends BulkServer {
  readonly ask: (
    facts: AccessFacts,
    method: string,
    url: string,
    more?: Partial<PlainRequest>
  ) => Promise<PlainResponse>
}

const worldOf = (server: Partial<BulkServerOptions> = {}, options: Partial<GateOptions> = {}): World => {
  const behind = bulkServer({ address, ...server })
  return {
    ...behind,
    ask: (facts, method, url, more = {}) => {
      const [path = '', query = ''] = url.replace(base, '').split('?')
      return fhirGate(
        { server: behind.server, policy: defaultPolicy, base, aliases: [address], ...options },
        facts
      )({
        method,
        path,
        query,
        headers: { prefer: 'respond-async' },
        body: '',
        ...more
      })()
    }
  }
}

const locationOf = (response: PlainResponse): string => {
  expect(response.status).toBe(202)
  const location = response.headers['content-location']
  expect(location).toMatch(/^https:\/\/ehr\.example\/fhir\/\$gate-job\?encrypted=[A-Za-z0-9_-]+$/)
  return String(location)
}

interface Manifest {
  readonly [member: string]: unknown
  readonly output: ReadonlyArray<{ readonly type: string; readonly url: string; readonly count?: number }>
  readonly error: ReadonlyArray<{ readonly url: string }>
  readonly deleted: ReadonlyArray<{ readonly url: string }>
}

const manifestOf = async (world: World, facts: AccessFacts, location: string): Promise<Manifest> => {
  const first = await world.ask(facts, 'GET', location)
  expect([first.status, first.headers['x-progress'], first.headers['retry-after']]).toEqual([202, '50%', '1'])
  const done = await world.ask(facts, 'GET', location)
  expect(done.status).toBe(200)
  expect(done.body).not.toContain('10.0.0.1')
  return JSON.parse(done.body) as Manifest
}

const linesOf = (response: PlainResponse): ReadonlyArray<string> =>
  response.body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { resourceType, id } = JSON.parse(line) as { resourceType: string; id?: string }
      return `${resourceType}/${id ?? ''}`
    })

/** All resources that an export gives. */
const exportedBy = async (world: World, facts: AccessFacts, url: string, more: Partial<PlainRequest> = {}) => {
  const method = more.method ?? 'GET'
  const manifest = await manifestOf(world, facts, locationOf(await world.ask(facts, method, url, more)))
  const found: Array<string> = []
  for (const { url: file } of manifest.output) {
    const response = await world.ask(facts, 'GET', file)
    expect([response.status, response.headers['content-type']]).toEqual([200, 'application/fhir+ndjson'])
    found.push(...linesOf(response))
  }
  return { manifest, found }
}

const posted = (...parameter: ReadonlyArray<object>): Partial<PlainRequest> => ({
  method: 'POST',
  headers: { prefer: 'respond-async', 'content-type': 'application/fhir+json' },
  body: JSON.stringify({ resourceType: 'Parameters', parameter })
})

describe('an export', () => {
  it.each([
    ['/$export', {}],
    ['/Patient/$export?_since=2024-01-01T00:00:00Z', {}],
    ['/Group/g/$export', {}],
    ['/$export', posted({ name: '_since', valueInstant: '2024-01-01T00:00:00Z' })]
  ])('with permission for everything is sent as it is: %s', async (url, more) => {
    const world = worldOf()
    const { found, manifest } = await exportedBy(world, factsOf(everything), url, more)
    expect(found).toContain('Condition/c1')
    expect(found).toHaveLength(8)
    expect([manifest['requiresAccessToken'], manifest['request'], manifest.output[0]?.count]).toEqual([
      true,
      `${base}/$export`,
      2
    ])
    expect(world.requests[0]).toMatchObject({ headers: { prefer: 'respond-async' } })
  })

  it.each([true, false])(
    'is narrowed to what the token permits, whether or not the server obeys: %s',
    async (obeys) => {
      const world = worldOf({ obeys })
      const scope = `${laboratory} system/Condition.rs`
      const { found, manifest } = await exportedBy(world, factsOf(scope), '/$export?_elements=id')
      expect([...found].sort()).toEqual(['Condition/c1', 'Observation/lab-1', 'Observation/lab-2'])
      expect(manifest.output.every(({ count }) => count === undefined)).toBe(true)
      expect(new URLSearchParams(world.requests[0]?.query).getAll('_typeFilter')).toEqual([
        'Observation?category=laboratory'
      ])
      expect(new URLSearchParams(world.requests[0]?.query).getAll('_type')).toEqual(['Observation,Condition'])
      expect(world.requests[0]?.query).not.toContain('_elements')
    }
  )

  it('narrows the searches of a client, and sends them by POST as they came', async () => {
    const world = worldOf()
    const filter = 'Observation?status=final,Observation?code=a%2Cb'
    const { found } = await exportedBy(
      world,
      factsOf(laboratory),
      '/Patient/$export',
      posted(
        { name: '_typeFilter', valueString: filter },
        { name: 'patient', valueReference: { reference: 'Patient/a' } }
      )
    )
    expect(found).toEqual(['Observation/lab-1', 'Observation/lab-2'])
    expect(JSON.parse(world.requests[0]?.body ?? '')).toMatchObject({
      parameter: [
        { name: 'patient', valueReference: { reference: 'Patient/a' } },
        { name: '_type', valueString: 'Observation' },
        { name: '_typeFilter', valueString: 'Observation?status=final&category=laboratory' },
        { name: '_typeFilter', valueString: 'Observation?code=a%2Cb&category=laboratory' }
      ]
    })
  })

  it('gives errors, and deletions of types that may be exported whole', async () => {
    const world = worldOf()
    const facts = factsOf(`${laboratory} system/Patient.rs`)
    const { manifest } = await exportedBy(world, facts, '/$export')
    expect(linesOf(await world.ask(facts, 'GET', manifest.error[0]?.url ?? ''))).toEqual(['OperationOutcome/'])
    const deleted = await world.ask(facts, 'GET', manifest.deleted[0]?.url ?? '')
    expect(deleted.body).toContain('Patient/x')
    expect(deleted.body).not.toContain('Observation/x')
  })

  it('can be cancelled, and is then unknown', async () => {
    const world = worldOf()
    const facts = factsOf(everything)
    const location = locationOf(await world.ask(facts, 'GET', '/$export'))
    expect((await world.ask(facts, 'DELETE', location)).status).toBe(202)
    expect(await world.ask(facts, 'GET', location)).toMatchObject({
      status: 404,
      body: expect.stringContaining('was not found') as string
    })
    expect(await world.ask(facts, 'PUT', location)).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD, DELETE' }
    })
  })

  it.each<readonly [string, string, Partial<AccessFacts>]>([
    ['patient/*.rs', '/$export', {}],
    ['patient/*.rs', '/Patient/$export', {}],
    ['user/*.rs', '/Group/g/$export', { user: { sub: 'u', fhirUser: null, authTime: 1, sessionId: 's' } }],
    ['system/*.r', '/$export', {}],
    ['system/Observation.rs', '/$export?_type=Observation,Condition', {}],
    ['system/Observation.rs', '/Group/g/$export', {}],
    ['system/Observation.rs', '/$export?_typeFilter=Condition%3Fcode%3Da', {}],
    ['system/Observation.rs', '/$export?includeAssociatedData=LatestProvenanceResources', {}],
    ['system/Observation.rs', '/$export?includeAssociatedData=_all', {}],
    ['system/Observation.rs', '/$export?_outputFormat=text%2Fcsv', {}],
    ['system/Observation.rs', '/$export?_something=1', {}],
    ['system/Observation.rs', '/$export?_typeFilter=Observation%3Fpatient.name%3Dx', {}],
    [
      'system/Observation.rs',
      '/$export?_typeFilter=Observation%3Fcode%3Da&_typeFilter=Observation%3F_has:Group:member:code%3Dx',
      {}
    ],
    ['system/Observation.rs', '/$export?_typeFilter=Observation%3Fcode%3Da%2CCondition%3Fcode%3Db', {}]
  ])('is refused: %s %s', async (scope, url, more) => {
    const world = worldOf()
    const response = await world.ask(factsOf(scope, { context: { patient: 'a' }, ...more }), 'GET', url)
    expect(response.status).toBe(403)
    expect(world.requests).toEqual([])
  })

  it.each(['/$export?_typeFilter=Observation%3F_include%3DObservation:subject', '/$export?patient=Patient%3Fname%3Dx'])(
    'is 400 with what no scope would permit: %s',
    async (url) => {
      const world = worldOf()
      const response = await world.ask(factsOf('system/Observation.rs'), 'GET', url)
      expect(response.status).toBe(400)
      expect(world.requests).toEqual([])
    }
  )

  it.each(['Observation', '%3Fcode%3Da', 'Observation%3Fcode', 'observation%3Fcode%3Da'])(
    'with a filter that cannot be read is refused: %s',
    async (filter) => {
      expect((await worldOf().ask(factsOf(everything), 'GET', `/$export?_typeFilter=${filter}`)).status).toBe(400)
    }
  )

  it('of a Group that the token may not read is like one that does not exist', async () => {
    const world = worldOf()
    const facts = factsOf('system/Observation.rs system/Group.rs?_id=h')
    expect((await world.ask(facts, 'GET', '/Group/g/$export')).status).toBe(404)
    expect(world.requests.map(({ path }) => path)).toEqual(['/Group/g'])
  })

  it('stands in no batch', async () => {
    const world = worldOf()
    const body = JSON.stringify({
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'GET', url: '$export' } }]
    })
    expect((await world.ask(factsOf(everything), 'POST', '/', { body })).body).toContain('"status":"400"')
    expect(world.requests).toEqual([])
  })
})

describe('the addresses of an export', () => {
  const started = async (scope = `${laboratory} system/Condition.rs`) => {
    const world = worldOf()
    const facts = factsOf(scope)
    const location = locationOf(await world.ask(facts, 'GET', '/$export'))
    const manifest = await manifestOf(world, facts, location)
    return { world, facts, location, file: manifest.output[0]?.url ?? '' }
  }

  it.each([
    ['another client', { clientId: 'other' }],
    ['another user of the client', { user: { sub: 'u', fhirUser: null, authTime: 1, sessionId: 's' } }]
  ])('are unknown to %s', async (_name, more) => {
    const { world, facts, location, file } = await started()
    const sentBefore = world.requests.length
    for (const url of [location, file]) expect((await world.ask({ ...facts, ...more }, 'GET', url)).status).toBe(404)
    expect((await world.ask({ ...facts, ...more }, 'DELETE', location)).status).toBe(404)
    expect(world.requests).toHaveLength(sentBefore)
  })

  it('are unknown where a character is changed, and one is not taken for another', async () => {
    const { world, facts, location, file } = await started()
    const sentBefore = world.requests.length
    const encrypted = file.slice(file.indexOf('=') + 1)
    const changed = [20, 40, encrypted.length - 2].map(
      (place) => `${encrypted.slice(0, place)}${encrypted[place] === 'A' ? 'B' : 'A'}${encrypted.slice(place + 1)}`
    )
    for (const text of [...changed, encrypted.slice(1), 'AAAA', `${encrypted}A`])
      expect((await world.ask(facts, 'GET', `/$gate-file?encrypted=${text}`)).status).toBe(404)
    expect((await world.ask(facts, 'GET', `/$gate-job?encrypted=${encrypted}`)).status).toBe(404)
    expect((await world.ask(facts, 'GET', `/$gate-file?encrypted=${location.split('=')[1] ?? ''}`)).status).toBe(404)
    expect((await world.ask(facts, 'DELETE', file)).status).toBe(405)
    expect(world.requests).toHaveLength(sentBefore)
  })

  it('need the scopes that the export needed', async () => {
    const { world, location, file } = await started()
    const sentBefore = world.requests.length
    for (const scope of ['system/Condition.rs', `${laboratory} system/Condition.r`, 'patient/*.rs'])
      for (const url of [location, file]) {
        const response = await world.ask(factsOf(scope, { context: { patient: 'a' } }), 'GET', url)
        expect([scope, response.status]).toEqual([scope, 403])
      }
    expect(world.requests).toHaveLength(sentBefore)
    expect((await world.ask(factsOf(everything), 'GET', file)).status).toBe(200)
  })

  it('of an export of named types need no more than these', async () => {
    const world = worldOf()
    const location = locationOf(await world.ask(factsOf(everything), 'GET', '/$export?_type=Condition'))
    expect((await world.ask(factsOf('system/Condition.rs'), 'GET', location)).status).toBe(202)
    expect((await world.ask(factsOf('system/Patient.rs'), 'GET', location)).status).toBe(403)
  })
})

describe('a bulk server', () => {
  const moved = (from: string, to: string): Pick<BulkServerOptions, 'change'> => ({
    change: (_request, response) => ({
      ...response,
      headers: Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name, String(value).replace(from, to)])
      ),
      body: response.body.replaceAll(from, to)
    })
  })

  it.each([
    `${address}/../admin/bulkstatus`,
    `${address}/%2e%2e/bulkstatus`,
    `${address}/x%2f..%2F../bulkstatus`,
    './%2E%2e%2fbulkstatus',
    'x%5c..%5C..%5Cbulkstatus',
    '%252e%252e%252fbulkstatus',
    '../bulkstatus',
    '',
    '#1',
    'http://10.0.0.1/r4b/bulkstatus',
    'https://evil.example/bulkstatus',
    '//evil.example/bulkstatus'
  ])('whose jobs lie elsewhere has not started one: %s', async (elsewhere) => {
    const world = worldOf(moved(`${address}/bulkstatus`, elsewhere))
    expect((await world.ask(factsOf(everything), 'GET', '/$export')).status).toBe(502)
  })

  it.each<readonly [string, string, string]>([
    ['/$export', 'bulkstatus/1', '/bulkstatus/1?'],
    ['/$export', './bulkstatus/1#x', '/bulkstatus/1?'],
    ['/$export', '?job=1', '/$export?job=1'],
    ['/$export', '$export/1', '/$export/1?'],
    ['/$export', '/r4/bulkstatus/1', '/bulkstatus/1?'],
    ['/$bulk-submit', 'bulkstatus/1', '/bulkstatus/1?'],
    ['/Patient/$export', 'bulkstatus/1', '/Patient/bulkstatus/1?'],
    ['/Group/g/$export', './bulkstatus/1', '/Group/g/bulkstatus/1?']
  ])('kicked off at %s may lie at %s, relative to the kick-off', async (kickOff, location, requested) => {
    const permits = [{ level: 'system', type: null, name: 'bulk-submit' }] as const
    const rules: GateOptions['rules'] = { operationScopes: [{ scope: 'system/bulk-submit', permits }] }
    const world = worldOf(
      {
        change: ({ path }, response) =>
          path === kickOff ? { ...response, headers: { 'content-location': location } } : response
      },
      { rules }
    )
    const facts = factsOf(kickOff === '/$bulk-submit' ? 'system/bulk-submit' : everything)
    const started = await world.ask(facts, 'POST', kickOff)
    await world.ask(facts, 'GET', locationOf(started))
    const { path, query } = world.requests[1] ?? { path: '', query: '' }
    expect(`${path}?${query}`).toBe(requested)
  })

  it('may have its files at an origin of the host, for tokens that may export everything', async () => {
    const files = 'https://files.example/x'
    const answered = async (scope: string, exportOrigins: ReadonlyArray<string>) => {
      const world = worldOf(moved(`${address}/bulkfiles`, files), { exportOrigins })
      const location = locationOf(await world.ask(factsOf(scope), 'GET', '/$export'))
      await world.ask(factsOf(scope), 'GET', location)
      return world.ask(factsOf(scope), 'GET', location)
    }
    expect((await answered(everything, [])).status).toBe(502)
    expect((await answered('system/Condition.rs', ['https://files.example'])).status).toBe(502)
    expect((await answered(everything, ['https://files.example'])).body).toContain(`${files}/1.Patient.ndjson`)
  })

  /** The response to the status of a job that is done, with a manifest that is changed. */
  const doneWith = async (
    changed: (manifest: Readonly<Record<string, unknown>>) => unknown,
    options: Partial<GateOptions> = {}
  ): Promise<PlainResponse> => {
    const world = worldOf(
      {
        change: ({ path }, response) => {
          if (!path.startsWith('/bulkstatus') || response.status !== 200) return response
          const body = changed(JSON.parse(response.body) as Readonly<Record<string, unknown>>)
          return { ...response, body: typeof body === 'string' ? body : JSON.stringify(body) }
        }
      },
      options
    )
    const location = locationOf(await world.ask(factsOf(everything), 'GET', '/$export'))
    await world.ask(factsOf(everything), 'GET', location)
    return world.ask(factsOf(everything), 'GET', location)
  }

  const atOrigin = { url: 'https://files.example/x' }
  const atBase = { url: `${address}/bulkfiles/1.Patient.ndjson` }

  it.each<readonly [string, unknown, object, boolean | null]>([
    ['only elsewhere, without a token', false, { output: [atOrigin], error: [], deleted: [] }, false],
    ['only elsewhere, with a token', true, { output: [atOrigin], error: [], deleted: [] }, true],
    ['only elsewhere, and does not say how', undefined, { output: [atOrigin], error: [], deleted: [] }, true],
    ['only below its base', false, { output: [atBase], error: [], deleted: [] }, true],
    ['nowhere', false, { output: [], error: [], deleted: [] }, true],
    ['in both places, without a token', false, { output: [atOrigin], error: [atBase], deleted: [] }, null],
    [
      'in both places, one of them continued',
      false,
      { output: [{ ...atOrigin, continuesInFile: atBase.url }], error: [], deleted: [] },
      null
    ],
    ['in both places, with a token', true, { output: [atOrigin, atBase], error: [], deleted: [] }, true],
    [
      'elsewhere, with a further manifest',
      false,
      { output: [atOrigin], error: [], deleted: [], link: [{ relation: 'next', url: `${address}/bulkstatus/2` }] },
      false
    ]
  ])('whose files lie %s gets the token of a client only if it needs it', async (_where, requires, files, expected) => {
    const response = await doneWith((manifest) => ({ ...manifest, ...files, requiresAccessToken: requires }), {
      exportOrigins: ['https://files.example']
    })
    const { requiresAccessToken = null } = JSON.parse(response.body) as { requiresAccessToken?: boolean }
    expect([response.status, requiresAccessToken]).toEqual([expected === null ? 502 : 200, expected])
  })

  it.each<readonly [string, (manifest: Readonly<Record<string, unknown>>) => unknown]>([
    ['a text', () => 'Export job has been canceled'],
    ['nothing', () => ''],
    ['a list', () => []],
    ['an OperationOutcome', () => ({ resourceType: 'OperationOutcome', issue: [] })],
    ['an object without output and time', () => ({ error: [] })],
    ['an output that is no list', (manifest) => ({ ...manifest, output: {} })],
    ['a file that is no object', (manifest) => ({ ...manifest, output: ['https://ehr.example/fhir/1'] })],
    ['errors that are no list', (manifest) => ({ ...manifest, error: 'none' })]
  ])('that answers the status of a job with %s has given no manifest', async (_what, changed) => {
    const response = await doneWith(changed)
    expect([response.status, response.body]).toEqual([502, expect.stringContaining('no manifest')])
  })

  it.each<readonly [string, object]>([
    ['no output', { output: undefined }],
    ['lists that are null', { output: null, error: null, deleted: null }]
  ])('may have a manifest with %s', async (_what, changed) => {
    const response = await doneWith((manifest) => ({ ...manifest, ...changed }))
    expect([response.status, response.body]).toEqual([200, expect.stringContaining('2026-01-01T00:00:00Z')])
  })

  it.each([
    [429, { 'retry-after': '120' }, 429],
    [503, {}, 503],
    [500, {}, 502],
    [403, {}, 502],
    [200, {}, 502]
  ])('that answers %i says so', async (status, headers, expected) => {
    const world = worldOf({ change: () => ({ status, headers, body: '' }) })
    const response = await world.ask(factsOf(everything), 'GET', '/$export')
    expect([response.status, response.headers['retry-after']]).toEqual([
      expected,
      (headers as Readonly<Record<string, string>>)['retry-after']
    ])
  })

  it('says nothing of its own network: in its progress, and in its outcomes', async () => {
    const issue = [{ severity: 'error', code: 'exception', diagnostics: 'no file at http://10.0.0.1:8080/x' }]
    for (const status of [202, 400, 500]) {
      const world = worldOf({
        change: (_request, response) => ({
          ...response,
          ...(status === 202 ? {} : { status, body: JSON.stringify({ resourceType: 'OperationOutcome', issue }) }),
          headers: { ...response.headers, 'x-progress': 'writes http://10.0.0.1:8080/x' }
        })
      })
      const started = await world.ask(factsOf(everything), 'GET', '/$export')
      const response = status === 202 ? await world.ask(factsOf(everything), 'GET', locationOf(started)) : started
      expect([response.status, response.headers['x-progress']]).toEqual([status, 'writes [internal address]'])
      expect(response.body).not.toContain('10.0.0.1')
    }
  })

  it.each([everything, laboratory])('may have files that begin with a byte order mark: %s', async (scope) => {
    const marked = worldOf({
      change: ({ path }, response) =>
        path.startsWith('/bulkfiles') ? { ...response, body: `\uFEFF${response.body}` } : response
    })
    const plain = await exportedBy(worldOf(), factsOf(scope), '/$export')
    expect((await exportedBy(marked, factsOf(scope), '/$export')).found).toEqual(plain.found)
    expect(plain.found.length).toBeGreaterThan(0)
  })

  it.each<readonly [string, string, string | null]>([
    ['/bulkstatus', './files/1', '/bulkstatus/files/1'],
    ['/bulkstatus', '?file=1#x', '/bulkstatus/1?file=1'],
    ['/bulkstatus', 'files/1', null],
    ['/bulkstatus', './../files/1', null],
    ['/bulkstatus', './..;/files/1', null],
    ['/bulkstatus', './%2E%2e%2fx', null],
    ['/bulkstatus', './a%2f..%2F..%2fx', null],
    ['/bulkstatus', './files%2f1', '/bulkstatus/files%2f1'],
    ['/bulkstatus', '#x', null],
    ['', 'files/1', '/files/1'],
    ['', './files/1', '/files/1'],
    ['', '../files/1', null],
    ['', '//other.example/files/1', null]
  ])('has relative addresses where it is certain what they name: below %j, %s', async (folder, url, requested) => {
    const file = { status: 200, headers: { 'content-type': 'application/fhir+ndjson' }, body: '' }
    const requests: Array<string> = []
    const server: GateOptions['server'] = {
      answer: (request) => {
        const at = `${request.path}${request.query === '' ? '' : `?${request.query}`}`
        if (at === '/$export')
          return TaskEither.right({
            status: 202,
            headers: { 'content-location': `${base}${folder}/1` },
            body: ''
          })
        if (at !== `${folder}/1`) requests.push(at)
        const manifest = { transactionTime: '2024-01-01T00:00:00Z', output: [{ type: 'Patient', url }], error: [] }
        return TaskEither.right(
          at === `${folder}/1` ? { status: 200, headers: {}, body: JSON.stringify(manifest) } : file
        )
      }
    }
    const ask = (address: string) => {
      const [path = '', query = ''] = address.replace(base, '').split('?')
      const request = { method: 'GET', path, query, headers: { prefer: 'respond-async' }, body: '' }
      return fhirGate({ server, policy: defaultPolicy, base }, factsOf(everything))(request)()
    }
    const manifest = await ask(locationOf(await ask('/$export')))
    expect(manifest.status).toBe(requested === null ? 502 : 200)
    if (requested === null) return
    const { output } = JSON.parse(manifest.body) as Manifest
    await ask(output[0]?.url ?? '')
    expect(requests).toEqual([requested])
  })

  it('has a last manifest where the link to the next one is empty', async () => {
    const world = worldOf({
      change: ({ path }, response) =>
        path.startsWith('/bulkstatus') && response.status === 200
          ? {
              ...response,
              body: JSON.stringify({
                ...(JSON.parse(response.body) as object),
                link: [{ relation: 'next', url: '' }]
              })
            }
          : response
    })
    const facts = factsOf(everything)
    const manifest = await manifestOf(world, facts, locationOf(await world.ask(facts, 'GET', '/$export')))
    expect([manifest.output.length > 0, manifest['link']]).toEqual([true, undefined])
  })

  it('has a manifest without files where it leaves out the list of them', async () => {
    const world = worldOf({
      change: ({ path }, response) => {
        if (!path.startsWith('/bulkstatus') || response.status !== 200) return response
        const { transactionTime } = JSON.parse(response.body) as { readonly transactionTime: string }
        return { ...response, body: JSON.stringify({ transactionTime }) }
      }
    })
    const facts = factsOf(everything)
    const manifest = await manifestOf(world, facts, locationOf(await world.ask(facts, 'GET', '/$export')))
    expect(manifest.output).toEqual([])
  })

  it('whose file is no list of resources is not believed', async () => {
    const world = worldOf({
      change: ({ path }, response) =>
        path.startsWith('/bulkfiles') ? { ...response, body: 'id,name\n1,x\n' } : response
    })
    const facts = factsOf(laboratory)
    const manifest = await manifestOf(world, facts, locationOf(await world.ask(facts, 'GET', '/$export')))
    expect((await world.ask(facts, 'GET', manifest.output[0]?.url ?? '')).status).toBe(502)
  })
})

describe('a scope of the host', () => {
  const rules: GateOptions['rules'] = {
    operationScopes: [
      { scope: 'system/bulk-submit', permits: [{ level: 'system', type: null, name: 'bulk-submit' }] },
      { scope: 'system/$export', permits: [{ level: 'system', type: null, name: 'export' }] }
    ]
  }

  it('opens its operations, and nothing else', async () => {
    const world = worldOf({}, { rules })
    const ask = (scope: string, url: string) => world.ask(factsOf(scope), 'POST', url)
    const location = locationOf(await ask('system/bulk-submit', '/$bulk-submit'))
    expect(world.requests[0]?.headers['prefer']).toBe('respond-async')
    for (const [scope, url] of [
      ['system/bulk-submit', '/$export'],
      ['system/bulk-submits', '/$bulk-submit'],
      ['system/*.cruds', '/$bulk-submit'],
      ['system/$export', '/Patient/$export']
    ] as const)
      expect((await ask(scope, url)).status).toBe(403)
    expect((await world.ask(factsOf(everything), 'GET', location)).status).toBe(403)
    expect((await world.ask(factsOf('system/bulk-submit'), 'GET', location)).status).toBe(404)
  })

  it('exports everything, where that is what it permits', async () => {
    const { found } = await exportedBy(worldOf({}, { rules }), factsOf('system/$export'), '/$export')
    expect(found).toHaveLength(8)
  })
})
