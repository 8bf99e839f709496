/** What an answer holds beside its resources: nothing of it passes unchecked where something may be hidden. */
import { describe, expect, it } from 'vitest'
import { behind, json, said, shownIn } from '../../../support/fhir/behind-gate.js'
import { base } from '../../../support/fhir-fixture.js'
import type { PlainResponse } from '../../../../src/protocol/http/message.js'

const own = { resourceType: 'Observation', id: 'o6', subject: { reference: 'Patient/a' }, status: 'final' }
const other = { resourceType: 'Observation', id: 'o1', subject: { reference: 'Patient/b' }, status: 'final' }
const hidden = [{ url: 'http://x/others', valueString: 'Patient/b' }]
const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'information', code: 'informational' }] }

const bundle = (type: string, entry: ReadonlyArray<object>, more: object = {}): PlainResponse =>
  said(200, { resourceType: 'Bundle', type, ...more, entry })

const answeredBy = (method: string, path: string, answer: PlainResponse, scope: string, body: object | null = null) =>
  behind({ answers: { [`${method} ${path}`]: answer } }).ask(scope, method, path, body === null ? {} : json(body))

describe('a validation', () => {
  const validated = (scope: string, answer: object) =>
    answeredBy('POST', '/Observation/$validate', said(200, answer), scope, own)
  const around = (parameter: object) => ({ resourceType: 'Parameters', parameter: [parameter] })

  it.each([
    ['a resource of another patient in Parameters', around({ name: 'x', resource: other })],
    ['a resource in a part', around({ name: 'x', part: [{ name: 'y', resource: other }] })],
    ['a value', around({ name: 'x', valueString: 'Patient/b' })],
    [
      'a value in Parameters in Parameters',
      around({ name: 'x', resource: around({ name: 'y', valueString: 'Patient/b' }) })
    ],
    [
      'an extension of Parameters',
      { ...around({ name: 'x', resource: outcome }), extension: [{ url: 'x', valueString: 'Patient/b' }] }
    ],
    ['a resource in an outcome', { ...outcome, contained: [other] }],
    ['a resource in an outcome in Parameters', around({ name: 'x', resource: { ...outcome, contained: [other] } })],
    ['a resource', other],
    ['a Bundle', { resourceType: 'Bundle', type: 'collection', entry: [{ resource: other }] }]
  ])('shows an outcome and not %s', async (_name, answer) => {
    for (const scope of ['patient/*.rs', 'patient/Observation.c', 'system/Observation.u']) {
      const response = await validated(scope, answer)
      expect([scope, response.body]).toEqual([scope, expect.not.stringContaining('Patient/b')])
      expect(shownIn(response)).toEqual([])
    }
  })

  it.each([
    ['an outcome', outcome],
    ['an outcome in Parameters', around({ name: 'return', resource: outcome })],
    ['an outcome in a part', around({ name: 'x', part: [{ name: 'return', resource: outcome }] })],
    [
      'an outcome in Parameters in Parameters',
      around({ name: 'x', resource: around({ name: 'y', resource: outcome }) })
    ]
  ])('shows %s', async (_name, answer) => {
    const response = await validated('patient/*.rs', answer)
    expect([response.status, JSON.parse(response.body)]).toEqual([200, answer])
  })
})

describe('an operation of the table that the token permits', () => {
  const lookup = (answer: PlainResponse) => answeredBy('GET', '/CodeSystem/$lookup', answer, 'system/CodeSystem.s')
  const parameters = (resource: object) => ({ resourceType: 'Parameters', parameter: [{ name: 'x', resource }] })

  it.each([
    ['a resource that it may not show', said(200, parameters(other)), 502],
    ['another resource', said(200, other), 502],
    ['a resource that the token may search', said(200, parameters({ resourceType: 'CodeSystem', id: 'c' })), 200],
    ['a refusal', said(404, outcome), 404],
    ['a refusal that is no outcome', said(404, other), 404],
    ['nothing', { status: 204, headers: {}, body: '' }, 204]
  ])('answers with %s', async (_name, answer, status) => {
    const response = await lookup(answer)
    expect([response.status, response.body]).toEqual([status, expect.not.stringContaining('Patient/b')])
  })
})

describe('the Bundle of an operation', () => {
  const entries = [
    { fullUrl: `${base}/Observation/o6`, resource: own },
    { fullUrl: `${base}/Observation/o1` },
    { request: { method: 'DELETE', url: 'Observation/o1' } },
    { response: { status: '200', outcome: other } }
  ]
  const everything = (scope: string, answer: PlainResponse) =>
    answeredBy('GET', '/Patient/a/$everything', answer, scope)

  it.each(['patient/Observation.rs', 'patient/*.rs', 'system/Observation.rs system/Patient.r'])(
    'holds no entry without a resource for %s',
    async (scope) => {
      const response = await everything(scope, bundle('searchset', entries))
      expect(response.status).toBe(200)
      expect(JSON.parse(response.body)).toEqual({
        resourceType: 'Bundle',
        type: 'searchset',
        entry: [entries[0]]
      })
    }
  )

  it('holds none either where the token permits all of the type of the operation', async () => {
    const gate = behind({ answers: { 'GET /Observation/$lastn': bundle('searchset', entries) } })
    const response = await gate.ask('system/Observation.rs', 'GET', '/Observation/$lastn?code=x')
    expect(JSON.parse(response.body)).toMatchObject({ type: 'searchset', entry: [entries[0]] })
    expect(response.body).not.toContain('o1')
  })

  it('holds all entries where nothing is hidden', async () => {
    for (const text of ['é', '\\u0041']) {
      const answer = bundle('searchset', [...entries.slice(0, 3), { fullUrl: `${base}/x`, extension: hidden }])
      const body = answer.body.replace('"final"', `"${text}"`)
      const response = await everything('system/*.rs', { ...answer, body })
      const { entry } = JSON.parse(response.body) as { readonly entry: ReadonlyArray<object> }
      expect(entry).toHaveLength(4)
    }
  })

  it('has of its own members those that say nothing of its resources', async () => {
    const plain = {
      id: 'x',
      language: 'en',
      timestamp: '2020-01-01T00:00:00Z',
      identifier: { system: 'a', value: 'b' }
    }
    const more = {
      ...plain,
      extension: hidden,
      _timestamp: { extension: hidden },
      meta: { extension: hidden },
      total: 7
    }
    const whole = [{ fullUrl: `${base}/Observation/o6`, resource: own }]
    const members = async (scope: string, given: object) =>
      JSON.parse((await everything(scope, bundle('searchset', whole, given))).body) as object
    const shown = { resourceType: 'Bundle', type: 'searchset', ...plain, total: 1, entry: whole }
    expect(await members('patient/*.rs', more)).toEqual(shown)
    const { identifier: _identifier, ...others } = shown
    expect(await members('patient/*.rs', { ...more, identifier: { value: 'b', extension: hidden } })).toEqual(others)
    expect(await members('system/*.rs', more)).toEqual({ ...shown, ...more })
  })
})

describe('an entry with a visible resource', () => {
  const given = {
    fullUrl: `${base}/Observation/o6`,
    id: 'x',
    extension: hidden,
    link: [{ relation: 'related', url: `${base}/Patient/b` }],
    resource: { ...own, valueQuantity: { value: 1.1 } },
    search: { mode: 'match', score: 0.5, extension: hidden },
    request: { method: 'PUT', url: 'Observation/o6', extension: hidden },
    response: { status: '200', etag: 'W/"1"', outcome: other }
  }
  const text = JSON.stringify({ resourceType: 'Bundle', type: 'x', entry: [given] }).replace('1.1', '1.10')

  it.each([
    ['a search', '/Observation', 'searchset'],
    ['a history', '/Observation/o6/_history', 'history'],
    ['an operation', '/Patient/a/$everything', 'searchset']
  ])('shows nothing beside it in %s', async (_name, path, type) => {
    for (const scope of ['patient/*.rs', 'patient/*.rs?value-quantity=ge0', 'patient/Observation.rs?status=final']) {
      const answer = { status: 200, headers: {}, body: text.replace('"x"', `"${type}"`) }
      const gate = behind({ answers: { [`GET ${path}`]: answer } })
      const response = await gate.ask(scope, 'GET', `${path}${path === '/Observation' ? '?patient=a' : ''}`)
      expect([scope, response.status, response.body]).toEqual([scope, 200, expect.not.stringContaining('Patient/b')])
      expect(response.body).toContain('"value":1.10')
      const { entry } = JSON.parse(response.body) as { readonly entry: ReadonlyArray<object> }
      expect(entry).toEqual([
        {
          fullUrl: given.fullUrl,
          resource: given.resource,
          search: { mode: 'match', score: 0.5 },
          request: { method: 'PUT', url: 'Observation/o6' },
          response: { status: '200', etag: 'W/"1"' }
        }
      ])
    }
  })
})

describe('a document', () => {
  const composition = { resourceType: 'Patient', id: 'a' }
  const document = (entry: object, more: object = {}) => bundle('document', [{ fullUrl: 'urn:uuid:1', ...entry }], more)
  const summary = async (scope: string, answer: PlainResponse) =>
    (await answeredBy('GET', '/Patient/a/$summary', answer, scope)).status

  it('is not shown where it holds what cannot be checked', async () => {
    const meta = { lastUpdated: '2020-01-01T00:00:00Z' }
    const signed = { id: 'd', meta, identifier: { value: 'x' }, timestamp: '2020-01-01T00:00:00Z', signature: {} }
    expect(await summary('patient/*.rs', document({ resource: composition }, signed))).toBe(200)
    expect(await summary('patient/*.rs', document({ resource: composition }, { extension: hidden }))).toBe(403)
    expect(await summary('patient/*.rs', document({ resource: composition, extension: hidden }))).toBe(403)
    expect(await summary('system/*.rs', document({ resource: composition, extension: hidden }))).toBe(200)
  })
})
