/** References in all their spellings are one: in searches, conditions, scopes and bodies. */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { fhirGate } from '../../../../src/engine/resource/fhir-gate.js'
import { localReference } from '../../../../src/protocol/access/search/search-index.js'
import type { PlainRequest } from '../../../../src/protocol/http/message.js'
import { createFhirGate } from '../../../../src/plain/gate.js'
import { defaultPolicy } from '../../../../src/protocol/policy/policy.js'
import { parse } from '../../../../src/scopes/parse.js'

const base = 'https://ehr.example/fhir'
const alias = 'http://10.0.0.1:8080/r4/'

const requested = async (scope: string, address: string, more: Partial<PlainRequest> = {}) => {
  const requests: Array<PlainRequest> = []
  const resource = { resourceType: 'Observation', id: '1', subject: { reference: `${base}/Patient/a` } }
  const bundle = { resourceType: 'Bundle', type: 'searchset', entry: [{ resource }] }
  const server = {
    answer: (request: PlainRequest) => {
      requests.push(request)
      return TaskEither.right({ status: 200, headers: {}, body: JSON.stringify(bundle) })
    }
  }
  const [path = '', query = ''] = address.split('?')
  const response = await fhirGate(
    { server, policy: defaultPolicy, base, aliases: [alias] },
    { clientId: 'app', scopes: parse(scope), context: { patient: 'a' }, user: null }
  )({ method: 'GET', path, query, headers: {}, body: '', ...more })()
  return {
    status: response.status,
    found: response.body.includes('"Observation"'),
    queries: requests.map(({ query: sent }) => decodeURIComponent(sent)),
    written: requests.map(({ query: sent }) => sent),
    bodies: requests.map(({ body }) => body)
  }
}

const spellings: ReadonlyArray<string> = [
  'Patient/a',
  'Patient/a/_history/3',
  `${base}/Patient/a`,
  `${base}/Patient/a/_history/3`,
  'HTTPS://EHR.Example/fhir/Patient/a',
  'https://ehr.example:443/fhir/Patient/a',
  'https://ehr.example:/fhir/Patient/a',
  `${alias}Patient/a`
]

const others: ReadonlyArray<string> = [
  'https://ehr.example/FHIR/Patient/a',
  'https://ehr.example/fhir/x/Patient/a',
  'https://ehr.example/fhir//Patient/a',
  'https://ehr.example/fhir/../fhir/Patient/a',
  'https://ehr.example:8443/fhir/Patient/a',
  'http://ehr.example/fhir/Patient/a',
  'https://user@ehr.example/fhir/Patient/a',
  'https://ehr.example.evil.example/fhir/Patient/a',
  'https://ehr.example/fhir/Patient/%61',
  'patient/a',
  'urn:uuid:1'
]

describe('a reference', () => {
  it.each(spellings)('is local: %s', (spelling) => {
    expect(localReference(spelling, { base, aliases: [alias] })).toBe('Patient/a')
  })

  it.each(others)('is not local: %s', (spelling) => {
    expect(localReference(spelling, { base, aliases: [alias] })).toBeNull()
  })
})

describe('a search', () => {
  it.each(spellings)('is sent with the relative reference for %s', async (spelling) => {
    const { queries } = await requested('system/*.rs', `/Observation?subject=${spelling}`)
    expect(queries).toEqual(['subject=Patient/a'])
    const among = await requested('system/*.rs', `/Observation?subject:Patient=b,${spelling}&code=x/y`)
    expect(among.queries).toEqual(['subject:Patient=b,Patient/a&code=x/y'])
  })

  it.each(others.filter((one) => !one.includes('%')))('keeps %s', async (spelling) => {
    expect((await requested('system/*.rs', `/Observation?subject=${spelling}`)).queries).toEqual([
      `subject=${spelling}`
    ])
  })

  it.each([
    [`/DocumentReference?location=${base}/Binary/x`, `location=${base}/Binary/x`],
    [`/Observation?subject:identifier=${base}/Patient/a`, `subject:identifier=${base}/Patient/a`],
    [`/Observation?subject:Patient.identifier=${base}/Patient/a`, `subject:Patient.identifier=${base}/Patient/a`]
  ])('keeps what is no reference: %s', async (address, sent) => {
    expect((await requested('system/*.rs', address)).queries).toEqual([sent])
  })

  it.each(spellings)('is sent so at the end of a chain that names its types, for %s', async (spelling) => {
    for (const chain of [
      'encounter:Encounter.subject',
      'encounter:Encounter.part-of:Encounter.subject:Patient',
      '_has:Provenance:target:patient',
      '_has:Observation:has-member:encounter:Encounter.subject'
    ]) {
      const { queries } = await requested('system/*.rs', `/Observation?${chain}=${spelling}`)
      expect(queries).toEqual([`${chain}=Patient/a`])
    }
    for (const chain of ['subject:Patient.identifier', '_has:Observation:has-member:code', 'encounter.subject']) {
      const { queries } = await requested('system/*.rs', `/Observation?${chain}=${spelling}`)
      expect(queries).toEqual([`${chain}=${spelling}`])
    }
  })

  it('of several types, and in a batch, is sent so too', async () => {
    const several = await requested('system/*.rs', `/?_type=Observation,Condition&subject=${base}/Patient/a`)
    expect(several.queries).toEqual(['_type=Observation,Condition&subject=Patient/a'])
    const entry = [{ request: { method: 'GET', url: `Observation?subject=${base}/Patient/a` } }]
    const batch = await requested('system/*.rs', '/', {
      method: 'POST',
      headers: { 'content-type': 'application/fhir+json' },
      body: JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry })
    })
    expect(batch.queries).toEqual(['subject=Patient/a'])
  })

  it('of a conditional change is sent so too', async () => {
    const { queries } = await requested('system/*.cruds', `/Observation?subject=${base}/Patient/a`, {
      method: 'DELETE'
    })
    expect(queries[0]).toBe('subject=Patient/a&_count=50')
  })
})

describe('an operation', () => {
  const parameters = (...parameter: ReadonlyArray<object>) => ({
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Parameters', parameter })
  })

  it.each(spellings)('of the table is permitted and sent with the relative reference for %s', async (spelling) => {
    const last = await requested('patient/*.rs', `/Observation/$lastn?max=1&patient=${spelling}`)
    expect([last.status, last.queries]).toEqual([200, ['max=1&patient=Patient/a']])
    const documents = await requested('patient/*.rs', `/DocumentReference/$docref?patient=${spelling}`)
    expect([documents.status, documents.queries]).toEqual([200, ['patient=Patient/a']])
    const posted = await requested(
      'patient/*.rs',
      '/Observation/$lastn',
      parameters({ name: 'subject', valueReference: { reference: spelling } }, { name: 'max', valueInteger: 1 })
    )
    expect([posted.status, posted.bodies.map((one) => JSON.parse(one) as unknown)]).toEqual([
      200,
      [
        {
          resourceType: 'Parameters',
          parameter: [
            { name: 'subject', valueReference: { reference: 'Patient/a' } },
            { name: 'max', valueInteger: 1 }
          ]
        }
      ]
    ])
    const form = await requested('patient/*.rs', '/Observation/$lastn', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `patient=${spelling}`
    })
    expect([form.status, form.bodies.map(decodeURIComponent)]).toEqual([200, ['patient=Patient/a']])
  })

  it.each(others.filter((one) => !one.includes('%')))('does not concern the patient by %s', async (spelling) => {
    expect((await requested('patient/*.rs', `/Observation/$lastn?patient=${spelling}`)).status).toBe(403)
    const whole = await requested('system/*.rs', `/Observation/$lastn?code=x%2Fy&patient=${spelling}`)
    expect(whole.written).toEqual([`code=x%2Fy&patient=${spelling}`])
  })

  it.each(spellings)('that exports is sent with the relative reference for %s', async (spelling) => {
    for (const scope of ['system/*.rs', 'system/Observation.rs system/Condition.rs']) {
      const filter = encodeURIComponent(`Observation?subject=${spelling}&code=a/b,Condition?code=x`)
      const { written } = await requested(scope, `/Patient/$export?patient=${spelling}&_typeFilter=${filter}`)
      const sent = new URLSearchParams(written[0])
      expect(sent.get('patient')).toBe('Patient/a')
      expect(decodeURIComponent(sent.getAll('_typeFilter').join(','))).toBe(
        'Observation?subject=Patient/a&code=a/b,Condition?code=x'
      )
    }
  })

  it.each(['+', '%2B'])('that exports takes the format of its files with %s for the plus', async (plus) => {
    for (const scope of ['system/*.rs', 'system/Observation.rs']) {
      const { written } = await requested(scope, `/$export?_outputFormat=application/fhir${plus}ndjson`)
      expect(new URLSearchParams(written[0]).get('_outputFormat')).toBe('application/fhir+ndjson')
    }
    const other = await requested('system/Observation.rs', `/$export?_outputFormat=text/fhir${plus}csv`)
    expect(other.status).toBe(403)
  })

  it('that exports is narrowed by a scope for the same reference in another spelling', async () => {
    const filter = encodeURIComponent(`Observation?subject=${base}/Patient/a`)
    const { written } = await requested(
      'system/Observation.rs?subject=Patient/a',
      `/Patient/$export?_type=Observation&_typeFilter=${filter}`
    )
    expect(new URLSearchParams(written[0]).getAll('_typeFilter').map(decodeURIComponent)).toEqual([
      'Observation?subject=Patient/a&subject=Patient/a'
    ])
  })
})

describe('a scope', () => {
  it.each(spellings)('opens by %s what refers to it, and is sent in the relative spelling', async (spelling) => {
    const { found, queries, status } = await requested(`system/Observation.rs?subject=${spelling}`, '/Observation')
    expect([status, found, queries]).toEqual([200, true, ['subject=Patient/a']])
  })

  it.each(others.filter((one) => !one.includes('%')))('opens nothing by %s', async (spelling) => {
    expect((await requested(`system/Observation.rs?subject=${spelling}`, '/Observation')).found).toBe(false)
  })

  it('and a search for the same in another spelling are not outside each other', async () => {
    const { found, status } = await requested(
      `system/Observation.rs?subject=${base}/Patient/a`,
      '/Observation?subject=Patient/a'
    )
    expect([status, found]).toEqual([200, true])
  })
})

describe('the address at which the upstream server is called', () => {
  const address = 'http://10.0.0.2:8080/fhir'
  const next = [{ relation: 'next', url: `${address}?page=2` }]
  const entry = [{ fullUrl: `${address}/Observation/1`, resource: { resourceType: 'Observation', id: '1' } }]
  const body = JSON.stringify({ resourceType: 'Bundle', type: 'searchset', link: next, entry })
  const headers = { 'content-location': `${address}/Observation/1` }

  it.each(['fhirUpstream', 'createFhirGate'])('is an alias without being named: %s', async (form) => {
    const ask = () => TaskEither.right({ status: 200, headers, body })
    const facts = { clientId: 'app', scopes: parse('system/*.rs'), context: {}, user: null }
    const request = { method: 'GET', path: '/Observation', query: '', headers: {}, body: '' }
    const answered =
      form === 'fhirUpstream'
        ? fhirGate(
            { server: { answer: Object.assign(ask, { base: address }) }, policy: defaultPolicy, base },
            facts
          )(request)()
        : createFhirGate({
            base,
            server: Object.assign(() => ({ status: 200, headers, body }), { base: address })
          })(request, facts)
    const response = await answered
    expect(response.status).toBe(200)
    expect(response.body).toContain(`${base}/Observation/1`)
    expect(JSON.stringify(response)).not.toContain('10.0.0.2')
  })
})
