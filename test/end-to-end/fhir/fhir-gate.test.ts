/**
 * The simulator's FHIR endpoint: what a token allows is enforced before its own FHIR server, and before a foreign one.
 */
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, backendToken, configured, tokenFor } from '../../support/fhir/gate-client.js'
import type { RunningSimulator } from '../../support/simulator/simulator-process.js'
import { runCommand, startSimulator } from '../../support/simulator/simulator-process.js'
import { recordsOf } from '../../../src/simulator/fhir/records.js'
import { localFhirServer } from '../../../src/simulator/fhir/server.js'
import { exampleResources } from '../../../src/simulator/fhir/synthetic-data.js'

let behind: Server
let upstream = ''
let own: RunningSimulator
let front: RunningSimulator
const requests: Array<string> = []

const scope =
  'launch/patient user/Observation.crs patient/*.cruds patient/*.rs patient/Observation.cruds ' +
  'patient/Observation.cruds?category=laboratory'

beforeAll(async () => {
  let made = 0
  behind = createServer((request, response) => {
    let body = ''
    request
      .setEncoding('utf8')
      .on('data', (chunk: string) => {
        body += chunk
      })
      .on('end', () => {
        const [path = '', query = ''] = (request.url ?? '').replace(/^\/r4/, '').split('?')
        const headers = Object.fromEntries(
          Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))
        )
        requests.push(`${request.method ?? ''} ${path}?${query} ${headers['authorization'] ?? ''}`)
        if (path === '/metadata') {
          response
            .writeHead(200, { 'content-type': 'application/fhir+json' })
            .end('{"resourceType":"CapabilityStatement"}')
          return
        }
        const answer = foreign.answer(() => true, { method: request.method ?? '', path, query, headers, body })
        response.writeHead(answer.status, answer.headers as Record<string, string>).end(answer.body)
      })
  })
  await new Promise<void>((resolve) => {
    behind.listen(0, '127.0.0.1', resolve)
  })
  upstream = `http://127.0.0.1:${String((behind.address() as AddressInfo).port)}/r4`
  const foreign = localFhirServer(recordsOf(exampleResources, '2024-01-01T00:00:00Z'), {
    fhirBaseUrl: upstream,
    instant: () => '2024-05-01T00:00:00Z',
    newId: () => `made-${String(++made)}`
  })
  ;[own, front] = await Promise.all([
    startSimulator(configured(scope, {})),
    startSimulator(configured(scope, { fhirUpstream: upstream }))
  ])
})
afterAll(async () => {
  await Promise.all([own.stop(), front.stop()])
  behind.close()
  behind.closeAllConnections()
})

const laboratory = [
  { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] }
]
const observation = (patient: string, more: object = {}): object => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  subject: { reference: `Patient/${patient}` },
  ...more
})

describe.each([
  ['its own FHIR server', () => own],
  ['a foreign FHIR server', () => front]
] as const)('before %s', (_name, at) => {
  it('reads and searches are of the one patient, counted as they are seen', async () => {
    const token = await tokenFor(at(), 'launch/patient patient/*.rs')
    expect((await ask(at(), token, 'GET', '/Patient/example-1')).status).toBe(200)
    expect((await ask(at(), token, 'GET', '/Patient/example-2')).status).toBe(404)
    const found = await ask(at(), token, 'GET', '/Observation')
    expect([found.status, found.body.total, found.body.entry?.length]).toEqual([200, 4, 4])
    expect(JSON.stringify(found.body)).not.toMatch(/example-[23]|\/r4\//)
    expect((await ask(at(), token, 'GET', '/Observation?patient=example-2')).body.total).toBe(0)
    expect((await ask(at(), token, 'POST', '/Observation', observation('example-1'))).status).toBe(403)
    expect((await fetch(`${at().base}/fhir/metadata`)).status).toBe(200)
  })

  it('a granular scope limits reads, searches and writes alike', async () => {
    const token = await tokenFor(at(), 'launch/patient patient/Observation.cruds?category=laboratory')
    expect((await ask(at(), token, 'GET', '/Observation')).body.total).toBe(2)
    expect((await ask(at(), token, 'GET', '/Observation/example-1-observation-1')).status).toBe(404)
    expect((await ask(at(), token, 'GET', '/Observation/example-1-observation-3')).status).toBe(200)
    expect((await ask(at(), token, 'POST', '/Observation', observation('example-1'))).status).toBe(403)
    expect(
      (await ask(at(), token, 'POST', '/Observation', observation('example-1', { category: laboratory }))).status
    ).toBe(201)
  })

  it('writes are checked before and after: create, update, patch, delete', async () => {
    const token = await tokenFor(at(), 'launch/patient patient/Observation.cruds')
    expect((await ask(at(), token, 'POST', '/Observation', observation('example-2'))).status).toBe(403)
    const made = await ask(at(), token, 'POST', '/Observation', observation('example-1'))
    const id = String(made.body['id'])
    expect(made.status).toBe(201)
    expect((await ask(at(), token, 'PUT', `/Observation/${id}`, { ...observation('example-2'), id })).status).toBe(403)
    expect(
      (await ask(at(), token, 'PUT', `/Observation/${id}`, { ...observation('example-1'), id, status: 'amended' }))
        .status
    ).toBe(200)
    const patch = [{ op: 'replace', path: '/status', value: 'corrected' }]
    const patched = await ask(at(), token, 'PATCH', `/Observation/${id}`, patch, {
      'content-type': 'application/json-patch+json'
    })
    expect([patched.status, patched.body['status']]).toEqual([200, 'corrected'])
    const away = [{ op: 'replace', path: '/subject/reference', value: 'Patient/example-2' }]
    expect(
      (await ask(at(), token, 'PATCH', `/Observation/${id}`, away, { 'content-type': 'application/json-patch+json' }))
        .status
    ).toBe(403)
    expect((await ask(at(), token, 'DELETE', '/Observation/example-2-observation-1')).status).toBe(404)
    expect((await ask(at(), token, 'DELETE', `/Observation/${id}`)).status).toBe(204)
  })

  it('a batch is checked entry by entry, a transaction as a whole', async () => {
    const token = await tokenFor(at(), 'launch/patient patient/Observation.crs')
    const entry = (method: string, url: string, resource?: object): object => ({
      request: { method, url },
      ...(resource === undefined ? {} : { resource })
    })
    const batch = await ask(at(), token, 'POST', '', {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [
        entry('GET', 'Observation/example-1-observation-1'),
        entry('GET', 'Observation/example-2-observation-1'),
        entry('GET', 'Patient/example-1'),
        entry('POST', 'Observation', observation('example-1'))
      ]
    })
    expect([batch.status, batch.body.entry?.map((one) => one.response?.status.slice(0, 3))]).toEqual([
      200,
      ['200', '404', '403', '201']
    ])
    const before = (await ask(at(), token, 'GET', '/Observation')).body.total
    const refused = await ask(at(), token, 'POST', '/', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        entry('POST', 'Observation', observation('example-1')),
        entry('POST', 'Observation', observation('example-2'))
      ]
    })
    expect(refused.status).toBe(403)
    expect((await ask(at(), token, 'GET', '/Observation')).body.total).toBe(before)
  })
})

describe('a foreign FHIR server', () => {
  it('gets nothing of a patient whom the user may not see, by whatever address', async () => {
    const token = await tokenFor(front, 'user/Observation.crs', 'bob')
    const create = async (reference: string): Promise<number> =>
      (await ask(front, token, 'POST', '/Observation', { ...observation('example-1'), subject: { reference } })).status
    expect(await create('Patient/example-1')).toBe(201)
    expect(await create(`${upstream}/Patient/example-1`)).toBe(201)
    expect(
      await Promise.all(
        [
          'Patient/example-2',
          `${upstream}/Patient/example-2`,
          `${front.base}/fhir/Patient/example-2`,
          'https://elsewhere.example/Patient/example-1'
        ].map(create)
      )
    ).toEqual([403, 403, 403, 403])
  })

  it("never receives the app's token", () => {
    expect(requests.length).toBeGreaterThan(10)
    expect(requests.join('\n')).not.toContain('Bearer')
  })

  it('must answer when the simulator starts', async () => {
    const [flag = '', file = ''] = configured(scope, { fhirUpstream: 'http://127.0.0.1:1/fhir' })
    const ended = await runCommand(['serve', '--port', '0', flag, file])
    expect([ended.code, ended.err.trim().split('\n').length]).toEqual([1, 1])
    expect(ended.err).toContain('fhirUpstream')
  })
})

describe.each([
  ['R4', '4.0.1', [200, 404, 404]],
  ['R4B', '4.3.0', [200, 200, 404]],
  ['R5', '5.0.0', [404, 200, 200]]
] as const)('a simulator of FHIR %s', (fhirRelease, version, statuses) => {
  it('says its version, and its gate and its server know the types of the release', async () => {
    const simulator = await startSimulator(configured(scope, { fhirRelease }))
    const token = await backendToken(simulator)
    const metadata = await ask(simulator, token, 'GET', '/metadata')
    expect([metadata.status, metadata.body['fhirVersion']]).toEqual([200, version])
    const found: Array<number> = []
    for (const type of ['Media', 'SubscriptionTopic', 'Transport'])
      found.push((await ask(simulator, token, 'GET', `/${type}`)).status)
    expect(found).toEqual(statuses)
    expect((await ask(simulator, token, 'GET', '/Patient?_count=5')).body.entry?.length).toBe(5)
    await simulator.stop()
  })
})
