import { describe, expect, it } from 'vitest'
import { recordsOf } from '../../../src/simulator/fhir/records.js'
import type { LocalFhirServer } from '../../../src/simulator/fhir/server.js'
import { localFhirServer } from '../../../src/simulator/fhir/server.js'
import type { FhirResource } from '../../../src/simulator/fhir/synthetic-data.js'
import { exampleResources, withUsers } from '../../../src/simulator/fhir/synthetic-data.js'
import { mayUserTouch } from '../../../src/simulator/fhir/visible-patients.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'

const newServer = (): LocalFhirServer => {
  let second = 0
  let made = 0
  return localFhirServer(
    recordsOf(withUsers(exampleResources, ['Practitioner/p1', 'RelatedPerson/r1']), '2024-01-01T00:00:00Z'),
    {
      fhirBaseUrl: 'https://ehr/fhir',
      instant: () => new Date(Date.UTC(2024, 4, 1, 0, 0, second++)).toISOString(),
      newId: () => `made-${String(++made)}`
    }
  )
}

const everybody = (): boolean => true
const secondOnly = mayUserTouch(
  { references: {}, find: () => null },
  { username: 'bob', password: '', fhirUser: null, patients: ['example-2'] }
)

interface Body {
  readonly resourceType: string
  readonly id?: string
  readonly total?: number
  readonly entry?: ReadonlyArray<{
    readonly resource?: FhirResource
    readonly search?: { readonly mode: string }
    readonly response?: { readonly status: string }
  }>
  readonly issue?: ReadonlyArray<{ readonly code: string }>
}

const send = (
  server: LocalFhirServer,
  method: string,
  url: string,
  body: unknown = '',
  headers: Readonly<Record<string, string>> = {},
  mayTouch = everybody as (resource: FhirResource) => boolean
): PlainResponse => {
  const [path = '', query = ''] = url.split('?')
  return server.answer(mayTouch, {
    method,
    path,
    query,
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body)
  })
}

const bodyOf = ({ body }: PlainResponse): Body => JSON.parse(body) as Body

const gist = (response: PlainResponse): readonly [number, unknown] => {
  const answer = bodyOf(response)
  return [response.status, answer.total ?? answer.issue?.[0]?.code ?? answer.id ?? answer.resourceType]
}

const category = 'http://terminology.hl7.org/CodeSystem/observation-category'

describe('reading and searching', () => {
  it.each<readonly [string, (resource: FhirResource) => boolean, number, unknown]>([
    ['/Patient/example-1', everybody, 200, 'example-1'],
    ['/Patient/nobody', everybody, 404, 'not-found'],
    ['/Patient', everybody, 200, 3],
    ['/Patient?_id=example-1,example-2', everybody, 200, 2],
    ['/Observation', everybody, 200, 12],
    ['/Observation?patient=example-1', everybody, 200, 4],
    ['/Observation?patient=Patient/example-1', everybody, 200, 4],
    ['/Observation?subject=Patient/example-1', everybody, 200, 4],
    [`/Observation?category=${category}%7Claboratory`, everybody, 200, 6],
    ['/Observation?category=laboratory', everybody, 200, 6],
    ['/Observation?category=laboratory,vital-signs', everybody, 200, 12],
    ['/Observation?category=laboratory&category=vital-signs', everybody, 200, 0],
    ['/Observation?category=http://other%7Claboratory', everybody, 200, 0],
    ['/Observation?category=%7Claboratory', everybody, 200, 0],
    [`/Observation?category=${category}%7C`, everybody, 200, 12],
    ['/Observation?code=http://loinc.org%7C2339-0', everybody, 200, 3],
    ['/Observation?status=%7Cpreliminary', everybody, 200, 3],
    ['/Observation?performer=Practitioner/p1', everybody, 200, 0],
    ['/Encounter?patient=example-3&status=finished', everybody, 200, 1],
    ['/Condition?clinical-status=active&patient=example-1', everybody, 200, 1],
    ['/Condition?code=195967001', everybody, 200, 2],
    ['/RelatedPerson/r1', everybody, 200, 'r1'],
    ['/Medication', everybody, 200, 0],
    ['/Nonsense', everybody, 404, 'not-supported'],
    ['/Observation?_include=Observation:nonsense', everybody, 400, 'not-supported'],
    ['/Observation?patient.name=x', everybody, 400, 'not-supported'],
    ['/Patient?phonetic=x', everybody, 400, 'not-supported'],
    ['/Observation?category=%zz', everybody, 400, 'invalid'],
    ['/Observation?_count=x', everybody, 400, 'invalid'],
    ['/Observation?patient=', everybody, 400, 'invalid'],
    ['/Observation?_include', everybody, 400, 'invalid'],
    ['/Observation?code=http://loinc.org%7C2339-0%7Cjunk', everybody, 200, 0],
    ['/Patient/example-1/Observation', everybody, 200, 4],
    ['/Patient/example-1/Observation?category=laboratory', everybody, 200, 2],
    ['/Patient/example-1/*', everybody, 405, 'not-supported'],
    ['/Patient', secondOnly, 200, 1],
    ['/Patient/example-1', secondOnly, 404, 'not-found'],
    ['/Patient/example-1/_history', secondOnly, 404, 'not-found'],
    ['/Patient/example-1/_history/1', secondOnly, 404, 'not-found'],
    ['/Patient/example-2/_history/1', secondOnly, 200, 'example-2'],
    ['/Observation?patient=example-1', secondOnly, 200, 0],
    ['/Observation/_history', secondOnly, 200, 4],
    ['/_history', secondOnly, 200, 10],
    ['/Practitioner/p1', secondOnly, 200, 'p1'],
    ['/Patient/example-1/$export', everybody, 405, 'not-supported'],
    ['/', everybody, 405, 'not-supported']
  ])('%s: %i', (url, mayTouch, status, found) => {
    expect(gist(send(newServer(), 'GET', url, '', {}, mayTouch))).toEqual([status, found])
  })

  it('brings along what is requested, and nothing that this user may not see', () => {
    const modes = (url: string, mayTouch = everybody as (resource: FhirResource) => boolean): ReadonlyArray<string> =>
      (bodyOf(send(newServer(), 'GET', url, '', {}, mayTouch)).entry ?? []).map(
        ({ resource, search }) => `${search?.mode ?? ''} ${resource?.resourceType ?? ''}`
      )
    expect(modes('/Condition?patient=example-1&_include=Condition:patient')).toEqual([
      'match Condition',
      'include Patient'
    ])
    expect(modes('/Condition?patient=example-1&_include=Condition:subject:Group')).toEqual(['match Condition'])
    expect(modes('/Encounter?patient=example-2&_revinclude=Condition:patient')).toEqual(['match Encounter'])
    expect(modes('/Patient?_id=example-2&_revinclude=Condition:patient')).toEqual([
      'match Patient',
      'include Condition'
    ])
    expect(modes('/Practitioner?_id=p1&_revinclude=Condition:patient', secondOnly)).toEqual(['match Practitioner'])
  })

  it('searches by POST with the parameters of address and body together', () => {
    expect(gist(send(newServer(), 'POST', '/Observation/_search?patient=example-1', 'category=laboratory'))).toEqual([
      200, 2
    ])
  })
})

const observation = (patient: string, id?: string): object => ({
  resourceType: 'Observation',
  ...(id === undefined ? {} : { id }),
  status: 'final',
  subject: { reference: `Patient/${patient}` }
})

describe('writing', () => {
  it('makes versions, and keeps the old ones', () => {
    const server = newServer()
    const created = send(server, 'POST', '/Observation', observation('example-1', 'mine'))
    expect([created.status, bodyOf(created).id, created.headers['location']]).toEqual([
      201,
      'made-1',
      'https://ehr/fhir/Observation/made-1/_history/1'
    ])
    const stale = send(server, 'PUT', '/Observation/made-1', observation('example-1', 'made-1'), {
      'if-match': 'W/"7"'
    })
    expect(stale.status).toBe(412)
    const updated = send(
      server,
      'PUT',
      '/Observation/made-1',
      { ...observation('example-1', 'made-1'), status: 'amended' },
      { 'if-match': 'W/"1"' }
    )
    expect([updated.status, updated.headers['etag']]).toEqual([200, 'W/"2"'])
    expect(send(server, 'DELETE', '/Observation/made-1').status).toBe(204)
    expect(send(server, 'DELETE', '/Observation/made-1').status).toBe(204)
    expect(send(server, 'GET', '/Observation/made-1').status).toBe(410)
    expect(gist(send(server, 'GET', '/Observation/made-1/_history'))).toEqual([200, 3])
    expect(gist(send(server, 'GET', '/Observation/made-1/_history/1'))).toEqual([200, 'made-1'])
  })

  it.each<readonly [string, string, unknown, Readonly<Record<string, string>>, number]>([
    ['PUT', '/Observation/new-one', observation('example-1', 'new-one'), {}, 201],
    ['PUT', '/Observation/new-one', observation('example-1', 'other'), {}, 400],
    ['PUT', '/Observation/new-one', observation('example-1'), {}, 400],
    ['PUT', '/Patient/new-one', observation('example-1', 'new-one'), {}, 400],
    ['POST', '/Observation', 'no json', {}, 400],
    ['POST', '/Observation', '[]', {}, 400],
    ['PUT', '/Patient/example-1', { resourceType: 'Patient', id: 'example-1' }, { 'if-none-match': '*' }, 412],
    ['PUT', '/Patient/new', { resourceType: 'Patient', id: 'new' }, { 'if-none-match': '*' }, 201],
    ['POST', '/Observation', observation('example-1'), { 'if-none-exist': 'patient=example-1' }, 412],
    ['POST', '/Condition', { resourceType: 'Condition' }, { 'if-none-exist': 'patient=example-1' }, 200],
    ['POST', '/Condition', { resourceType: 'Condition' }, { 'if-none-exist': 'patient=nobody' }, 201],
    [
      'PUT',
      '/Condition?patient=example-1',
      { resourceType: 'Condition', subject: { reference: 'Patient/example-1' } },
      {},
      200
    ],
    ['PUT', '/Condition?patient=nobody', { resourceType: 'Condition', id: 'example-1-condition-1' }, {}, 409],
    ['PUT', '/Condition', { resourceType: 'Condition' }, {}, 412],
    ['DELETE', '/Condition?patient=example-1', '', {}, 204],
    ['DELETE', '/Condition?patient=nobody', '', {}, 204],
    ['DELETE', '/Observation?patient=example-1', '', {}, 412],
    ['DELETE', '/Condition', '', {}, 412],
    ['DELETE', '/Patient/nobody', '', {}, 404],
    ['PATCH', '/Patient/example-1', [], {}, 405],
    ['POST', '/Patient/example-1', {}, {}, 405],
    ['OPTIONS', '/Patient/example-1', '', {}, 405]
  ])('%s %s', (method, url, body, headers, status) => {
    expect(send(newServer(), method, url, body, headers).status).toBe(status)
  })

  it('changes no patient whom this user may not see', () => {
    const server = newServer()
    const before = [...server.records().byName]
    expect(send(server, 'POST', '/Observation', observation('example-1'), {}, secondOnly).status).toBe(403)
    expect(
      send(
        server,
        'PUT',
        '/Observation/example-1-observation-1',
        observation('example-2', 'example-1-observation-1'),
        {},
        secondOnly
      ).status
    ).toBe(404)
    expect(
      send(
        server,
        'PUT',
        '/Observation/example-2-observation-1',
        observation('example-1', 'example-2-observation-1'),
        {},
        secondOnly
      ).status
    ).toBe(403)
    expect(send(server, 'DELETE', '/Observation/example-1-observation-1', '', {}, secondOnly).status).toBe(404)
    expect([...server.records().byName]).toEqual(before)
  })
})

const entry = (method: string, url: string, resource?: object, fullUrl?: string): object => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  ...(resource === undefined ? {} : { resource }),
  request: { method, url }
})

const statuses = (response: PlainResponse): ReadonlyArray<string> =>
  (bodyOf(response).entry ?? []).map((one) => one.response?.status ?? '')

describe('what is kept', () => {
  it('is the newest versions of a resource, under the numbers that they had', () => {
    const server = newServer()
    for (let count = 0; count < 25; count++) send(server, 'PUT', '/Observation/many', observation('example-1', 'many'))
    expect(gist(send(server, 'GET', '/Observation/many/_history'))).toEqual([200, 20])
    expect(
      [5, 6, 25].map((version) => send(server, 'GET', `/Observation/many/_history/${String(version)}`).status)
    ).toEqual([404, 200, 200])
    expect(
      send(server, 'PUT', '/Observation/many', observation('example-1', 'many'), { 'if-match': 'W/"25"' }).headers[
        'etag'
      ]
    ).toBe('W/"26"')
  })

  it('never begins with a deletion, whose patient would be unknown', () => {
    const server = newServer()
    for (let count = 0; count < 30; count++) {
      send(server, 'PUT', '/Observation/many', observation('example-1', 'many'))
      send(server, 'DELETE', '/Observation/many')
      expect(gist(send(server, 'GET', '/Observation/_history', '', {}, secondOnly))).toEqual([200, 4])
    }
  })
})

describe('bundles', () => {
  const several = (type: string, ...entries: ReadonlyArray<object>): object => ({
    resourceType: 'Bundle',
    type,
    entry: entries
  })

  it('of a batch are answered one by one', () => {
    const server = newServer()
    const answer = send(
      server,
      'POST',
      '/',
      several(
        'batch',
        entry('GET', 'Patient/example-1'),
        entry('GET', 'Patient/nobody'),
        entry('POST', 'Observation', observation('example-1')),
        entry('NONSENSE', 'Patient'),
        {}
      )
    )
    expect(statuses(answer)).toEqual(['200', '404', '201', '400', '405'])
    expect(gist(send(server, 'GET', '/Observation'))).toEqual([200, 13])
  })

  it('of a transaction take effect as a whole, and may refer to one another', () => {
    const server = newServer()
    const answer = send(
      server,
      'POST',
      '/',
      several(
        'transaction',
        entry('POST', 'Observation', { resourceType: 'Observation', encounter: { reference: 'urn:uuid:1' } }),
        entry('POST', 'Encounter', { resourceType: 'Encounter' }, 'urn:uuid:1')
      )
    )
    expect(statuses(answer)).toEqual(['201', '201'])
    const [made] = bodyOf(answer).entry ?? []
    expect(send(server, 'GET', `/${(made?.resource?.['encounter'] as { reference: string }).reference}`).status).toBe(
      200
    )
  })

  it('of a transaction change nothing when one entry fails', () => {
    const server = newServer()
    const before = [...server.records().byName]
    const answer = send(
      server,
      'POST',
      '/',
      several(
        'transaction',
        entry('DELETE', 'Patient/example-1'),
        entry('PUT', 'Observation/new', observation('example-1', 'new')),
        entry('PUT', 'Observation/new', observation('example-2', 'new')),
        entry('PUT', 'Patient/x', observation('example-1', 'x'))
      )
    )
    expect(answer.status).toBe(400)
    expect([...server.records().byName]).toEqual(before)
  })

  it.each<readonly [unknown]>([
    ['{'],
    [{}],
    [{ resourceType: 'Bundle', type: 'history' }],
    [{ resourceType: 'Bundle', type: 'batch', entry: {} }],
    [null]
  ])('must be bundles: %j', (body) => {
    expect(send(newServer(), 'POST', '/', body ?? 'null').status).toBe(400)
  })
})
