/** Requests whose decisions `decisions.txt` holds. */
import type { PlainRequest } from '../../../../src/protocol/http/message.js'

const json = { 'content-type': 'application/fhir+json' }

/** A request with GET. */
export const get = (address: string, headers: Readonly<Record<string, string>> = {}): PlainRequest => {
  const [path = '', query = ''] = address.split('?', 2)
  return { method: 'GET', path, query: address.slice(path.length + 1) || query, headers, body: '' }
}

/** A request with a body. */
export const send = (
  method: string,
  address: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = json
): PlainRequest => ({
  ...get(address),
  method,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body)
})

/** A request with POST and JSON. */
export const post = (address: string, body: unknown): PlainRequest => send('POST', address, body)

/** A Parameters resource. */
export const parameters = (...list: ReadonlyArray<object>): object => ({ resourceType: 'Parameters', parameter: list })

const observation = { resourceType: 'Observation', id: 'x' }

const search: ReadonlyArray<PlainRequest> = [
  '/metadata',
  '/Observation/x',
  '/Practitioner/p1',
  '/Practitioner/p2',
  '/Patient/123',
  '/Patient/456',
  '/Observation/x/_history/1',
  '/Observation/x/_history',
  '/Observation/_history',
  '/_history',
  '/Observation',
  '/Observation?status=final',
  '/Observation?status=preliminary',
  '/Observation?patient=123',
  '/Observation?subject.name=a',
  '/Observation?_has:Provenance:target:agent=1',
  '/Observation?_include=Observation:subject',
  '/Patient?_revinclude=Observation:subject',
  '/Patient?_id=123&_revinclude=*',
  '/Observation?_query=x',
  '/?_type=Observation,Patient',
  '/?_type=Nothing',
  '/?name=a',
  '/Patient/123/Observation',
  '/Patient/456/Observation',
  '/Patient/123/*',
  '/Encounter/e/Observation',
  '/Practitioner/p1/Observation',
  '/Nothing/x',
  '/Observation/x/y/z',
  '/Subscription/x'
].map((address) => get(address))

const writes: ReadonlyArray<PlainRequest> = [
  post('/Observation', observation),
  post('/Observation', { ...observation, subject: { reference: 'Patient?identifier=1' } }),
  post('/Subscription', { resourceType: 'Subscription' }),
  post('/Observation', 'x'),
  post('/Observation', { resourceType: 'Patient' }),
  send('POST', '/Observation', observation, { ...json, 'if-none-exist': 'status=final' }),
  send('PUT', '/Observation/x', observation),
  send('PUT', '/Observation/y', observation),
  send('PUT', '/Observation?status=final', observation),
  send('PATCH', '/Observation/x', [], { 'content-type': 'application/json-patch+json' }),
  send('PATCH', '/Observation?subject.name=a', [], { 'content-type': 'application/json-patch+json' }),
  send('DELETE', '/Observation/x', ''),
  send('DELETE', '/Observation?status=final', ''),
  ...['batch', 'transaction', 'history'].map((type) =>
    post('/', {
      resourceType: 'Bundle',
      type,
      entry: [
        { request: { method: 'GET', url: 'Observation/x' } },
        { request: { method: 'DELETE', url: 'Observation/x' } },
        { request: { method: 'GET', url: 'Patient/123' } }
      ]
    })
  )
]

const operations: ReadonlyArray<PlainRequest> = [
  ...[
    '/Patient/123/$everything',
    '/Patient/456/$everything',
    '/Patient/123/$everything?_type=Observation',
    '/Patient/123/$everything?_type=Observation,Nothing',
    '/Patient/123/$everything?unknown=1',
    '/Patient/123/$everything?start=2020&_count=5',
    '/Patient/$everything',
    '/Encounter/e/$everything',
    '/Observation/$lastn',
    '/Observation/$lastn?patient=123',
    '/Observation/$lastn?patient=Patient/123&max=3',
    '/Observation/$lastn?subject=456',
    '/Observation/$lastn?patient=123&subject.name=a',
    '/Observation/$lastn?patient=123&_include=Observation:subject',
    '/Observation/$lastn?patient=123&status=',
    '/DocumentReference/$docref?patient=123',
    '/List/$find?patient=123&name=current-allergies',
    '/Composition/c/$document',
    '/Composition/c/$document?persist=true',
    '/Patient/123/$summary',
    '/Observation/$stats?subject=Patient/123',
    '/Patient/$match',
    '/Measure/$evaluate-measure?subject=Patient/123',
    '/Measure/m/$evaluate-measure',
    '/Measure/$care-gaps',
    '/Observation/$validate',
    '/Observation/x/$validate',
    '/Observation/x/$meta',
    '/Observation/$meta',
    '/$meta',
    '/$versions',
    '/ValueSet/$expand?url=https://ehr.example/vs',
    '/ValueSet/v/$expand',
    '/ValueSet/$validate-code?code=a',
    '/ValueSet/v/$validate-code?code=a',
    '/CodeSystem/$lookup?code=a',
    '/CodeSystem/c/$lookup?code=a',
    '/CodeSystem/$subsumes?codeA=a',
    '/ConceptMap/$translate?code=a',
    '/NamingSystem/$preferred-id?id=a',
    '/Observation/x/$touch',
    '/Observation/x/$show',
    '/Observation/$show',
    '/Patient/123/$export',
    '/$run'
  ].map((address) => get(address)),
  post('/$run', parameters()),
  post('/Observation/x/$touch', parameters()),
  post('/Observation/x/$show', parameters()),
  post('/Observation/$show', parameters()),
  post('/Patient/$match', parameters({ name: 'resource', resource: { resourceType: 'Patient' } })),
  post('/Patient/$match', parameters({ name: 'count', valueInteger: 3 }, { name: 'other', valueString: 'x' })),
  post('/Patient/$member-match', parameters({ name: 'MemberPatient', resource: { resourceType: 'Patient' } })),
  post('/Observation/$validate', observation),
  post('/Observation/$validate', { ...observation, subject: { reference: 'Patient?name=a' } }),
  post('/Observation/x/$meta-add', parameters({ name: 'meta', valueMeta: {} })),
  post('/Observation/$lastn', parameters({ name: 'patient', valueString: '123' })),
  post('/Observation/$lastn', parameters({ name: 'patient', valueReference: { reference: 'Patient?name=a' } })),
  post('/Patient/123/$everything', parameters({ name: '_type', valueString: 'Observation' })),
  post('/Patient/123/$everything', 'x'),
  post('/Patient/123/$everything', { resourceType: 'Patient' }),
  send('POST', '/Observation/$lastn', 'patient=123', { 'content-type': 'application/x-www-form-urlencoded' })
]

/** The kick-offs of exports. */
export const exportRequests: ReadonlyArray<PlainRequest> = [
  ...[
    '/$export',
    '/Patient/$export',
    '/Group/g/$export',
    '/$export?_type=Observation',
    '/$export?_type=Observation,Patient&_since=2020',
    '/$export?_type=Condition',
    '/$export?_type=Nothing',
    '/$export?_typeFilter=Observation%3Fcode%3Da',
    '/$export?_type=Observation&_typeFilter=Observation%3Fcode%3Da,Observation%3Fcode%3Db,c',
    '/$export?_typeFilter=Observation',
    '/$export?_typeFilter=nothing%3Fcode%3Da',
    '/$export?_typeFilter=Observation%3F_sort%3Ddate',
    '/$export?_typeFilter=Observation%3F_include%3DObservation:subject',
    '/$export?_typeFilter=Observation%3Fsubject.name%3Da',
    '/$export?_typeFilter=Observation%3F_type%3Da',
    '/$export?_outputFormat=ndjson',
    '/$export?_outputFormat=application/fhir%2Bndjson',
    '/$export?_outputFormat=text/csv',
    '/$export?includeAssociatedData=LatestProvenanceResources',
    '/$export?includeAssociatedData=RelevantProvenanceResources',
    '/$export?includeAssociatedData=other',
    '/$export?_elements=id&_format=json&_pretty=true',
    '/Patient/$export?patient=Patient/1',
    '/Patient/$export?patient=Patient%3Fname%3Da',
    '/$export?unknown=1'
  ].map((address) => get(address)),
  post('/$export', parameters({ name: '_type', valueString: 'Observation' })),
  post('/Patient/$export', parameters({ name: 'patient', valueReference: { reference: 'Patient/1' } })),
  post('/Patient/$export', parameters({ name: 'patient', valueReference: { identifier: { value: '1' } } }))
]

/** All requests. */
export const decisionRequests: ReadonlyArray<PlainRequest> = [...search, ...writes, ...operations, ...exportRequests]
