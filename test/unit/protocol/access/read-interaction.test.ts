/** How requests are read: paths, bodies, conditions and entries. `fhir-interactions.test.ts` has the table of all. */
import { describe, expect, it } from 'vitest'
import type { BundleEntry, FhirInteraction } from '../../../../src/protocol/access/fhir-interaction.js'
import { addressBelow, interactionOf } from '../../../../src/protocol/access/read-interaction.js'
import type { PlainRequest } from '../../../../src/protocol/http/message.js'

const base = 'https://ehr.example/fhir'
const json = { 'content-type': 'application/fhir+json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const jsonPatch = { 'content-type': 'application/json-patch+json' }

const request = (line: string, body: unknown = '', headers: Readonly<Record<string, string>> = json): PlainRequest => {
  const [method = '', url = ''] = line.split(' ', 2)
  const [path = ''] = url.split('?', 1)
  const query = url.slice(path.length + 1)
  return { method, path, query, headers, body: typeof body === 'string' ? body : JSON.stringify(body) }
}

/** An interaction as a text: its tag, its members in their order, and parameters as they are printed. */
const textOf = (interaction: FhirInteraction): string => {
  const shown = (value: unknown): string =>
    Array.isArray(value)
      ? value.map((one: { name: string; value: string }) => `${one.name}=${one.value}`).join('&')
      : JSON.stringify(value)
  const { _tag, ...members } = interaction
  return [_tag, ...Object.entries(members).map(([name, value]) => `${name}:${shown(value)}`)].join(' ')
}

const read = (...all: Parameters<typeof request>): string => textOf(interactionOf(request(...all), base))

const unknown = 'NotSupported reason:"unknown-interaction"'
const unknownType = 'NotSupported reason:"unknown-resource-type"'
const malformed = (reason: string, place: string): string => `Malformed reason:"${reason}" place:"${place}"`

describe('the path of a request', () => {
  it.each([
    ['GET /', 'Search type:null compartment:null query:'],
    ['GET ', 'Search type:null compartment:null query:'],
    ['HEAD /', 'Search type:null compartment:null query:'],
    ['GET /?_type=Patient', 'Search type:null compartment:null query:_type=Patient'],
    ['PUT /', unknown],
    ['GET /metadata', 'Capabilities'],
    ['GET /metadata/', 'Capabilities'],
    ['HEAD /metadata', 'Capabilities'],
    ['POST /metadata', unknown],
    ['GET /metadatas', unknownType],
    ['GET /_history?_since=2020', 'History type:null id:null query:_since=2020'],
    ['POST /_history', unknown],
    ['GET /_search', unknown],
    ['POST /_search?_type=Patient', 'Search type:null compartment:null query:_type=Patient'],
    ['GET /Patient', 'Search type:"Patient" compartment:null query:'],
    ['HEAD /Patient?name=a', 'Search type:"Patient" compartment:null query:name=a'],
    ['GET /Nothing', unknownType],
    ['GET /Nothing/1', unknownType],
    ['GET /Nothing1/1', unknownType],
    ['GET /Nothing1', unknownType],
    ['GET /Nothing-x/$run', unknownType],
    ['GET /No%20thing', unknownType],
    ['GET /1', unknownType],
    ['GET /_nothing', unknown],
    ['GET /.well-known/x', unknown],
    ['GET /../x', unknown],
    ['POST /Patient/_search?name=a', 'Search type:"Patient" compartment:null query:name=a'],
    ['GET /Patient/_search', unknown],
    ['GET /Patient/_history?_count=1', 'History type:"Patient" id:null query:_count=1'],
    ['POST /Patient/_history', unknown],
    ['GET /Patient/1', 'Read type:"Patient" id:"1"'],
    ['HEAD /Patient/1', 'Read type:"Patient" id:"1"'],
    ['GET /Patient/%31', 'Read type:"Patient" id:"1"'],
    ['GET Patient/1/', 'Read type:"Patient" id:"1"'],
    ['GET /Patient/a_b', unknown],
    ['POST /Patient/1', unknown],
    ['DELETE /Patient/1', 'Delete type:"Patient" target:{"_tag":"Id","id":"1"}'],
    ['DELETE /Patient/a_b', unknown],
    ['GET /Patient/1/_history?_count=1', 'History type:"Patient" id:"1" query:_count=1'],
    ['POST /Patient/1/_history', unknown],
    ['GET /Patient/1/_history/2', 'VersionRead type:"Patient" id:"1" version:"2"'],
    ['HEAD /Patient/1/_history/2', 'VersionRead type:"Patient" id:"1" version:"2"'],
    ['GET /Patient/1/_history/a_b', unknown],
    ['GET /Patient/1/_history/2/3', unknown],
    ['GET /Patient/a_b/_history', unknown],
    ['GET /Patient/1/*', 'Search type:null compartment:{"type":"Patient","id":"1"} query:'],
    [
      'GET /Encounter/1/Observation?code=a',
      'Search type:"Observation" compartment:{"type":"Encounter","id":"1"} query:code=a'
    ],
    [
      'GET /Practitioner/1/Observation',
      'Search type:"Observation" compartment:{"type":"Practitioner","id":"1"} query:'
    ],
    [
      'GET /RelatedPerson/1/Observation',
      'Search type:"Observation" compartment:{"type":"RelatedPerson","id":"1"} query:'
    ],
    ['GET /Device/1/Observation', 'Search type:"Observation" compartment:{"type":"Device","id":"1"} query:'],
    ['GET /Group/1/Observation', unknown],
    ['GET /Patient/1/Nothing', unknownType],
    ['GET /Nothing/$run', unknownType],
    ['POST /Nothing', unknownType],
    ['GET /Patient/a_b/Observation', unknown],
    ['POST /Patient/1/Observation', unknown],
    ['GET /Patient/1/Observation/1', unknown],
    ['GET /Patient/1/Observation/1/2', unknown],
    [
      'POST /Patient/1/Observation/_search?code=a',
      'Search type:"Observation" compartment:{"type":"Patient","id":"1"} query:code=a'
    ],
    ['POST /Patient/1/*/_search', 'Search type:null compartment:{"type":"Patient","id":"1"} query:'],
    ['GET /Patient/1/Observation/_search', unknown],
    ['GET //Patient', unknown],
    ['GET /Patient//1', unknown],
    ['GET /Patient/a%2Fb', unknown],
    ['GET /$a%2Fb', unknown],
    ['GET /Patient/$a%2Fb', unknown],
    ['GET /Patient/%', malformed('path-encoding', 'path')],
    ['GET /Patient?name=%', malformed('query', 'name=%')]
  ])('%s', (line, interaction) => {
    expect(read(line)).toBe(interaction)
  })

  it.each([
    ['GET /$run', 'system', null, null],
    ['POST /$run', 'system', null, null],
    ['GET /Patient/$run', 'type', 'Patient', null],
    ['GET /Patient/1/$run', 'instance', 'Patient', '1']
  ])('%s is an operation', (line, level, type, id) => {
    expect(interactionOf(request(line), base)).toMatchObject({ _tag: 'Operation', level, type, id, name: 'run' })
  })

  it.each(['PUT /$run', 'DELETE /Patient/$run', 'GET /Patient/a_b/$run', 'GET /Patient/1/2/$run'])(
    '%s is none',
    (line) => {
      expect(read(line)).toBe(unknown)
    }
  )
})

describe('a search by POST', () => {
  it.each<readonly [string, string, Readonly<Record<string, string>>, string]>([
    ['/Patient/_search?a=1', 'b=2', form, 'Search type:"Patient" compartment:null query:a=1&b=2'],
    ['/Patient/_search', 'b=2', form, 'Search type:"Patient" compartment:null query:b=2'],
    ['/Patient/_search?a=1', '', json, 'Search type:"Patient" compartment:null query:a=1'],
    ['/Patient/_search?a=1', '{}', json, malformed('query', 'body')]
  ])('%s with %j', (path, body, headers, interaction) => {
    expect(read(`POST ${path}`, body, headers)).toBe(interaction)
  })
})

describe('a request that asks for another method', () => {
  it.each<readonly [string, string, Readonly<Record<string, string>>]>([
    ['GET /Patient/1', '', { 'x-http-method-override': 'DELETE' }],
    ['GET /Patient/1', '', { 'x-http-method': 'DELETE' }],
    ['GET /Patient/1', '', { 'x-method-override': 'DELETE' }],
    ['GET /Patient?_method=DELETE', '', json],
    ['POST /Patient/_search', 'a=b&_METHOD=x', form],
    ['POST /Patient', '{"resourceType":"Patient"}', { ...json, 'if-none-exist': 'a=b&_method=x' }]
  ])('%s is refused', (line, body, headers) => {
    expect(read(line, body, headers)).toBe('NotSupported reason:"method-override"')
  })

  it('in a body that is no form is none', () => {
    expect(read('POST /Patient', '_method=x')).toBe(malformed('not-json', 'body'))
  })
})

describe('a write', () => {
  const patient = { resourceType: 'Patient', id: '1' }
  const created = 'Create type:"Patient" resource:{"resourceType":"Patient","id":"1"} condition:'
  const updated = (target: string): string =>
    `Update type:"Patient" target:${target} resource:{"resourceType":"Patient","id":"1"}`
  const byName = '{"_tag":"Condition","query":[{"name":"name","value":"a"}]}'
  const exist = (condition: string) => ({ ...json, 'if-none-exist': condition })

  it.each<readonly [string, unknown, Readonly<Record<string, string>>, string]>([
    ['POST /Patient', patient, json, `${created}null`],
    ['POST /Patient', patient, exist('name=a'), `${created}name=a`],
    ['POST /Patient', patient, exist('?name=a'), `${created}name=a`],
    ['POST /Patient', patient, exist('Patient?name=a'), `${created}name=a`],
    ['POST /Patient', patient, exist('name=a?b'), `${created}name=a?b`],
    ['POST /Patient', patient, exist('Person?name=a'), malformed('query', 'if-none-exist')],
    ['POST /Patient', patient, exist('_count=1'), malformed('query', 'if-none-exist')],
    ['POST /Patient', patient, exist(''), malformed('query', 'if-none-exist')],
    ['POST /Patient', patient, exist('name=%'), malformed('query', 'name=%')],
    ['POST /Patient', 'x', json, malformed('not-json', 'body')],
    ['POST /Patient', '['.repeat(2000) + ']'.repeat(2000), json, malformed('too-deep', 'body')],
    ['POST /Patient', [], json, malformed('not-a-resource', 'body')],
    ['POST /Patient', {}, json, malformed('not-a-resource', 'body')],
    ['POST /Patient', { resourceType: 'Patient', id: 1 }, json, malformed('not-a-resource', 'body')],
    ['POST /Patient', { resourceType: 'Person' }, json, malformed('wrong-type', 'resourceType')],
    ['PUT /Patient/1', patient, json, updated('{"_tag":"Id","id":"1"}')],
    ['PUT /Patient/2', patient, json, malformed('wrong-id', 'id')],
    ['PUT /Patient?name=a', patient, json, updated(byName)],
    ['PUT /Patient', patient, json, unknown],
    ['PUT /Patient?_count=1', patient, json, unknown],
    ['DELETE /Patient?name=a', '', json, `Delete type:"Patient" target:${byName}`],
    ['DELETE /Patient', '', json, unknown],
    ['TRACE /Patient?name=a', '', json, unknown],
    ['PATCH /Patient/1', '[]', jsonPatch, 'Patch type:"Patient" target:{"_tag":"Id","id":"1"} patch:'],
    ['PATCH /Patient/1', '{"a":1}', json, 'Patch type:"Patient" target:{"_tag":"Id","id":"1"} patch:{"a":1}'],
    ['PATCH /Patient/1', '{"a":1}', {}, 'Patch type:"Patient" target:{"_tag":"Id","id":"1"} patch:{"a":1}'],
    [
      'PATCH /Patient/1',
      '<a/>',
      { 'content-type': 'application/xml' },
      'Patch type:"Patient" target:{"_tag":"Id","id":"1"} patch:null'
    ],
    ['PATCH /Patient/1', 'x', jsonPatch, malformed('not-json', 'body')],
    ['PATCH /Patient?name=a', '{"a":1}', json, `Patch type:"Patient" target:${byName} patch:{"a":1}`]
  ])('%s with %j and %j', (line, body, headers, interaction) => {
    expect(read(line, body, headers)).toBe(interaction)
  })
})

describe('the address of an entry', () => {
  it.each<readonly [string, string | null]>([
    ['', '/ '],
    ['Patient/1', '/Patient/1 '],
    ['/Patient/1', '/Patient/1 '],
    ['Patient?name=a?b', '/Patient name=a?b'],
    ['?_id=1', '/ _id=1'],
    ['Patient?url=http://a', '/Patient url=http://a'],
    [base, '/ '],
    [`${base}/`, '/ '],
    [`${base}?_id=1`, '/ _id=1'],
    [`${base}/Patient/1?_id=1`, '/Patient/1 _id=1'],
    ['HTTPS://ehr.example/fhir/Patient/1', '/Patient/1 '],
    ['https://ehr.example:443/fhir/Patient/1', '/Patient/1 '],
    [`${base}s/Patient/1`, null],
    ['https://other.example/fhir/Patient/1', null],
    ['urn:uuid:1', null],
    ['//other.example/Patient/1', null],
    ['Patient/1#a', null]
  ])('%s', (url, address) => {
    for (const root of [base, `${base}/`]) {
      const found = addressBelow(root, url)
      expect(found === null ? null : `${found.path} ${found.query}`).toBe(address)
    }
  })
})

describe('a Bundle', () => {
  const bundle = (entry: unknown, type = 'batch') =>
    interactionOf(request('POST /', { resourceType: 'Bundle', type, entry }), base)
  const entryIn = (entry: unknown): BundleEntry | string => {
    const read = bundle([entry])
    const [only] = read._tag === 'Batch' ? read.entries : []
    return only ?? textOf(read)
  }
  const shown = (entry: unknown): string => {
    const read = entryIn(entry)
    return typeof read === 'string' ? read : textOf(read.interaction)
  }
  const entryFor = (method: string, url: string, resource?: unknown): object => ({
    request: { method, url },
    ...(resource === undefined ? {} : { resource })
  })
  const patient = { resourceType: 'Patient' }
  const binary = (data: unknown, contentType: unknown = 'application/json-patch+json') => ({
    resourceType: 'Binary',
    contentType,
    data
  })
  const target = 'Patch type:"Patient" target:{"_tag":"Id","id":"1"} patch:'
  const nested = 'NotSupported reason:"nested-batch"'
  const text = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64')

  it.each<readonly [unknown, string, string]>([
    [[], 'batch', 'Batch isTransaction:false entries:'],
    [undefined, 'batch', 'Batch isTransaction:false entries:'],
    [[], 'transaction', 'Batch isTransaction:true entries:'],
    [[], 'history', 'NotSupported reason:"bundle-type"'],
    ['x', 'batch', malformed('bundle-entry', 'entry')]
  ])('with %j of the type %s', (entry, type, interaction) => {
    expect(textOf(bundle(entry, type))).toBe(interaction)
  })

  it.each<readonly [unknown, string]>([
    ['x', malformed('not-json', 'body')],
    [{ resourceType: 'Patient', type: 'batch' }, malformed('wrong-type', 'resourceType')],
    [[], malformed('wrong-type', 'resourceType')]
  ])('is none: %j', (body, interaction) => {
    expect(read('POST /', body)).toBe(interaction)
  })

  it.each<readonly [unknown, string]>([
    ['x', malformed('bundle-entry', 'entry[0]')],
    [{}, malformed('bundle-entry', 'entry[0]')],
    [{ request: 'x' }, malformed('bundle-entry', 'entry[0]')],
    [{ request: { url: 'Patient/1' } }, malformed('bundle-entry', 'entry[0].request')],
    [{ request: { method: 'GET' } }, malformed('bundle-entry', 'entry[0].request')],
    [{ request: { method: 1, url: 'Patient/1' } }, malformed('bundle-entry', 'entry[0].request')],
    [entryFor('GET', 'Patient/1'), 'Read type:"Patient" id:"1"'],
    [entryFor('GET', `${base}/Patient/1`), 'Read type:"Patient" id:"1"'],
    [entryFor('GET', 'Patient?name=a'), 'Search type:"Patient" compartment:null query:name=a'],
    [entryFor('GET', 'https://other.example/Patient/1'), 'NotSupported reason:"foreign-address"'],
    [entryFor('GET', 'Patient/$export'), nested],
    [entryFor('POST', '', { resourceType: 'Bundle', type: 'batch' }), nested],
    [entryFor('POST', '', patient), nested],
    [entryFor('POST', 'https://other.example/'), 'NotSupported reason:"foreign-address"'],
    [entryFor('GET', ''), 'Search type:null compartment:null query:'],
    [entryFor('POST', 'Patient', patient), 'Create type:"Patient" resource:{"resourceType":"Patient"} condition:null'],
    [entryFor('POST', 'Patient'), malformed('not-json', 'body')],
    [entryFor('PATCH', 'Patient/1', binary(text({ a: 1 }))), `${target}{"a":1}`],
    [entryFor('PATCH', 'Patient/1', binary(text({ a: 1 }).replace(/^(.)/, '$1\r\n\t '))), `${target}{"a":1}`],
    [
      entryFor('PATCH', 'Patient/1', binary(text({ a: 1 }), 'text/plain')),
      `${target}${JSON.stringify(binary(text({ a: 1 }), 'text/plain'))}`
    ],
    [
      entryFor('PATCH', 'Patient/1', binary(text({ a: 1 }), 1)),
      `${target}${JSON.stringify(binary(text({ a: 1 }), 1))}`
    ],
    [entryFor('PATCH', 'Patient/1', binary('?')), `${target}${JSON.stringify(binary('?'))}`],
    [entryFor('PATCH', 'Patient/1', binary(1)), `${target}${JSON.stringify(binary(1))}`],
    [
      entryFor('PATCH', 'Patient/1', { ...binary(text({ a: 1 })), resourceType: 'Media' }),
      `${target}${JSON.stringify({ ...binary(text({ a: 1 })), resourceType: 'Media' })}`
    ],
    [entryFor('PATCH', 'Patient/1', { resourceType: 'Parameters' }), `${target}{"resourceType":"Parameters"}`],
    [
      entryFor('PATCH', 'Patient/1', binary(text({ a: '\u0000' }))),
      `${target}${JSON.stringify(binary(text({ a: '\u0000' })))}`
    ],
    [entryFor('PATCH', 'Patient/1'), `${target}null`]
  ])('has the entry %j', (entry, interaction) => {
    expect(shown(entry)).toBe(interaction)
  })

  it('has requests with the headers that its entries imply', () => {
    const conditions = { ifNoneExist: 'name=a', ifMatch: 'W/"1"', ifNoneMatch: '*', ifModifiedSince: 'x' }
    expect(
      entryIn({
        fullUrl: 'urn:uuid:1',
        request: { method: 'POST', url: 'Patient?a=b', ...conditions },
        resource: patient
      })
    ).toMatchObject({
      fullUrl: 'urn:uuid:1',
      request: {
        method: 'POST',
        path: '/Patient',
        query: 'a=b',
        headers: {
          'content-type': 'application/fhir+json',
          'if-none-exist': 'name=a',
          'if-match': 'W/"1"',
          'if-none-match': '*',
          'if-modified-since': 'x'
        },
        body: '{"resourceType":"Patient"}'
      }
    })
    expect(
      entryIn({ fullUrl: 1, request: { method: 'GET', url: 'https://other.example/', ifMatch: 1 } })
    ).toMatchObject({
      fullUrl: null,
      request: { path: '/', query: '', headers: { 'content-type': 'application/fhir+json' }, body: '' }
    })
    const typeOf = (resource: unknown): unknown => {
      const read = entryIn(entryFor('PATCH', 'Patient/1', resource))
      return typeof read === 'string' ? read : read.request.headers['content-type']
    }
    expect(typeOf(binary(text([])))).toBe('application/json-patch+json')
    expect(typeOf(undefined)).toBe('application/json-patch+json')
    expect(typeOf({ resourceType: 'Parameters' })).toBe('application/fhir+json')
  })

  it('is malformed where one of its entries is', () => {
    expect(textOf(bundle([entryFor('GET', 'Patient/1'), {}, 'x']))).toBe(malformed('bundle-entry', 'entry[1]'))
  })
})
