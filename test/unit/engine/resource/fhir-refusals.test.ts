import { describe, expect, it } from 'vitest'
import { behind, factsFor, json, said } from '../../../support/fhir/behind-gate.js'
import type { Different } from '../../../support/fhir/behind-gate.js'
import type { AccessEvent } from '../../../../src/protocol/access/access-event.js'
import { accessRefusalSystem, accessRefusals } from '../../../../src/protocol/access/access-refusals.js'
import type { AccessRefusal, AccessRefusalName } from '../../../../src/protocol/access/access-refusals.js'
import type { AccessRules } from '../../../../src/protocol/access/alternatives.js'
import { releaseR5 } from '../../../../src/protocol/access/releases.js'
import type { PlainRequest, PlainResponse } from '../../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../../src/protocol/policy/policy.js'

type More = Partial<PlainRequest>

interface Case {
  readonly rule: AccessRefusalName
  readonly scope: string
  readonly method: string
  readonly path: string
  readonly more?: More
  readonly different?: Different
}

const all = 'patient/*.cruds'
const own = { resourceType: 'Observation', id: 'o6', subject: { reference: 'Patient/a' }, status: 'final' }
const other = { ...own, subject: { reference: 'Patient/b' } }
const issue = (status: number, headers: PlainResponse['headers'] = {}): Different => ({
  answers: {
    'GET /Observation/o6': said(status, { resourceType: 'OperationOutcome' }, headers),
    'POST /Observation': said(status, { resourceType: 'OperationOutcome' }, headers)
  }
})
const bundle = (type: string, entry: ReadonlyArray<unknown>): More => json({ resourceType: 'Bundle', type, entry })
const entryOf = (method: string, url: string, resource?: object): object => ({
  request: { method, url },
  ...(resource === undefined ? {} : { resource })
})
const twice = { ...entryOf('POST', 'Observation', own), fullUrl: 'urn:uuid:1' }
const operations = [
  { level: 'type', type: 'Observation', name: 'sum', needs: [{ type: null, permission: 'r' }] },
  { level: 'type', type: 'Observation', name: 'change', needs: [{ type: null, permission: 'u' }] }
] as const

const cases: ReadonlyArray<Case> = [
  { rule: 'texts-without-null', scope: all, method: 'POST', path: '/Observation', more: { body: '{"a":"\\u0000"}' } },
  {
    rule: 'answer-format',
    scope: all,
    method: 'GET',
    path: '/Observation/o6',
    more: { headers: { accept: 'application/fhir+xml' } }
  },
  {
    rule: 'body-format',
    scope: all,
    method: 'POST',
    path: '/Observation',
    more: { ...json(own), headers: { 'content-type': 'application/xml' } }
  },
  { rule: 'request-readable', scope: all, method: 'POST', path: '/Observation', more: { body: '{' } },
  { rule: 'types-known', scope: all, method: 'GET', path: '/?_type=Nothing' },
  { rule: 'interaction-known', scope: all, method: 'DELETE', path: '/Observation' },
  { rule: 'resource-type-known', scope: all, method: 'GET', path: '/Nothing/x' },
  { rule: 'method-not-overridden', scope: all, method: 'GET', path: '/Observation?_method=DELETE' },
  { rule: 'bundle-type-served', scope: all, method: 'POST', path: '/', more: bundle('collection', []) },
  {
    rule: 'within-limits',
    scope: all,
    method: 'POST',
    path: '/',
    more: bundle('batch', [entryOf('GET', 'Observation/o6'), entryOf('GET', 'Observation/o6')]),
    different: { options: { limits: { bundleEntries: 1 } } }
  },
  { rule: 'parameters-evaluated', scope: all, method: 'GET', path: '/Observation?_filter=x' },
  { rule: 'own-compartment', scope: all, method: 'GET', path: '/Patient/b/Observation' },
  {
    rule: 'acting-type-opened',
    scope: all,
    method: 'POST',
    path: '/Subscription',
    more: json({ resourceType: 'Subscription' })
  },
  { rule: 'pages-by-links', scope: all, method: 'GET', path: '/Observation?_offset=1' },
  { rule: 'scope-sufficient', scope: 'patient/Observation.s', method: 'GET', path: '/Condition' },
  {
    rule: 'search-within-granted',
    scope: 'patient/Observation.rs?category=lab',
    method: 'GET',
    path: '/Observation?category=vital',
    different: { options: { policy: { ...defaultPolicy, granularSearchOutside: 'forbid' } } }
  },
  { rule: 'operation-mapped', scope: all, method: 'GET', path: '/Patient/a/$nothing' },
  {
    rule: 'response-can-be-filtered',
    scope: all,
    method: 'GET',
    path: '/Observation/$sum',
    different: { options: { rules: { operations } } }
  },
  {
    rule: 'operation-input-readable',
    scope: all,
    method: 'POST',
    path: '/Observation/$validate',
    more: json({ resourceType: 'Patient' })
  },
  { rule: 'operation-by-post', scope: 'system/*.cruds', method: 'GET', path: '/Patient/$match' },
  { rule: 'operation-does-not-write', scope: all, method: 'GET', path: '/Composition/c1/$document?persist=true' },
  { rule: 'operation-parameters-known', scope: all, method: 'GET', path: '/Patient/a/$everything?unknown=1' },
  { rule: 'operation-types-known', scope: all, method: 'GET', path: '/Patient/a/$everything?_type=Nothing' },
  { rule: 'operation-on-own-patient', scope: all, method: 'GET', path: '/Patient/$everything' },
  { rule: 'export-of-many', scope: all, method: 'GET', path: '/Patient/a/$export' },
  { rule: 'operation-selects-nothing-hidden', scope: all, method: 'GET', path: '/Observation/$lastn' },
  { rule: 'export-for-systems', scope: all, ...exported('') },
  { rule: 'export-filters-readable', scope: 'system/*.rs', ...exported('?_typeFilter=Observation') },
  {
    rule: 'export-filters-only-select',
    scope: 'system/*.rs',
    ...exported('?_typeFilter=Observation%3F_include=Observation:subject')
  },
  { rule: 'export-references-by-id', scope: 'system/*.rs', ...exported('?patient=Patient%3Fname=x') },
  { rule: 'export-files-readable', scope: 'system/Patient.rs', ...exported('?_outputFormat=text/csv') },
  { rule: 'export-associated-data-known', scope: 'system/Patient.rs', ...exported('?includeAssociatedData=custom') },
  {
    rule: 'no-conditional-write',
    scope: all,
    method: 'POST',
    path: '/',
    more: bundle('transaction', [entryOf('DELETE', 'Observation?code=x')])
  },
  {
    rule: 'no-writing-operation',
    scope: 'system/*.cruds',
    method: 'POST',
    path: '/',
    more: bundle('transaction', [entryOf('POST', 'Observation/$change')]),
    different: { options: { rules: { operations } } }
  },
  { rule: 'urns-distinct', scope: all, method: 'POST', path: '/', more: bundle('transaction', [twice, twice]) },
  {
    rule: 'written-resources-distinct',
    scope: all,
    method: 'POST',
    path: '/',
    more: bundle('transaction', [entryOf('DELETE', 'Observation/o6'), entryOf('DELETE', 'Observation/o6')])
  },
  { rule: 'page-link-opens', scope: all, method: 'GET', path: '/?_page=another' },
  { rule: 'resource-found', scope: all, method: 'GET', path: '/Observation/none' },
  { rule: 'resource-permitted', scope: all, method: 'GET', path: '/Observation/o1' },
  {
    rule: 'resource-within-limits',
    scope: all,
    method: 'GET',
    path: '/Observation/o6',
    different: { options: { limits: { upstreamAnswer: 10 } } }
  },
  {
    rule: 'compartment-shows-nothing',
    scope: all,
    method: 'GET',
    path: '/Practitioner/p/Observation',
    different: { answers: { 'GET /Practitioner/p/Observation': said(404, { resourceType: 'OperationOutcome' }) } }
  },
  { rule: 'resource-not-deleted', scope: 'system/*.r', method: 'GET', path: '/Observation/o6', different: issue(410) },
  { rule: 'written-resource-permitted', scope: all, method: 'POST', path: '/Observation', more: json(other) },
  {
    rule: 'patch-without-reading',
    scope: 'patient/*.u',
    method: 'PATCH',
    path: '/Observation/o6',
    more: patch([{ op: 'test', path: '/status', value: 'final' }])
  },
  { rule: 'patch-format', scope: all, method: 'PATCH', path: '/Observation/o6', more: json(own) },
  {
    rule: 'patch-applies',
    scope: all,
    method: 'PATCH',
    path: '/Observation/o6',
    more: patch([{ op: 'test', path: '/status', value: 'none' }])
  },
  {
    rule: 'version-matches',
    scope: all,
    method: 'DELETE',
    path: '/Observation/o6',
    more: { headers: { 'if-match': 'W/"9"' } }
  },
  {
    rule: 'version-known',
    scope: all,
    method: 'DELETE',
    path: '/Observation/o6',
    different: { answers: { 'GET /Observation/o6': said(200, own) } }
  },
  { rule: 'condition-matches-one', scope: all, method: 'DELETE', path: '/Observation?status=final' },
  {
    rule: 'condition-matches-id',
    scope: all,
    method: 'PUT',
    path: '/Observation?_id=o6',
    more: json({ ...own, id: 'o9' })
  },
  { rule: 'server-accepts', scope: all, method: 'POST', path: '/Observation', more: json(own), different: issue(422) },
  {
    rule: 'server-patience',
    scope: all,
    method: 'GET',
    path: '/Observation/o6',
    different: issue(429, { 'retry-after': '7' })
  },
  { rule: 'server-answers', scope: all, method: 'GET', path: '/Observation/o6', different: issue(500) },
  { rule: 'server-credentials', scope: all, method: 'GET', path: '/Observation/o6', different: issue(401) },
  {
    rule: 'host-functions-work',
    scope: all,
    method: 'GET',
    path: '/Observation/o6',
    different: { options: { reader: () => failing() } }
  }
]

/** Rules that need a second process, a Bundle around them, or a client that leaves: other suites have them. */
const elsewhere: ReadonlyArray<AccessRefusalName> = [
  'batch-not-nested',
  'entry-at-this-server',
  'not-overloaded',
  'client-present'
]

function failing(): never {
  throw new Error('secret words of the host')
}

function exported(query: string): Pick<Case, 'method' | 'path' | 'more'> {
  return { method: 'GET', path: `/$export${query}`, more: { headers: { prefer: 'respond-async' } } }
}

function patch(operationsOf: ReadonlyArray<object>): More {
  return { body: JSON.stringify(operationsOf), headers: { 'content-type': 'application/json-patch+json' } }
}

const rowOf = (rule: string): AccessRefusal => accessRefusals[rule as AccessRefusalName]

describe('a refusal', () => {
  it.each(cases)('names the rule $rule', async ({ rule, scope, method, path, more, different }) => {
    const events: Array<AccessEvent> = []
    const gate = behind({ ...different, options: { ...different?.options, onAccess: (event) => events.push(event) } })
    const response = await gate.ask(scope, method, path, more)
    const shown = rowOf(rule).shownAs ?? rule
    const { issue: issues } = JSON.parse(response.body) as { issue: ReadonlyArray<{ details?: unknown }> }
    expect(rowOf(rule).statuses).toContain(response.status)
    expect(issues.at(-1)?.details).toEqual({
      coding: [{ system: accessRefusalSystem, code: shown }],
      text: rowOf(shown).sentence
    })
    expect(Object.keys(response).toSorted()).toEqual(['body', 'headers', 'status'])
    expect(events.at(-1)).toMatchObject({ rule, status: response.status, outcome: rowOf(rule).outcome })
    expect(response.body).not.toContain('secret words')
  })

  it('has a case for each rule', () => {
    expect([...cases.map(({ rule }) => rule), ...elsewhere].toSorted()).toEqual(Object.keys(accessRefusals).toSorted())
  })

  it.each<readonly [string, string, number, string | undefined]>([
    ['POST', '/_history', 405, 'GET, HEAD'],
    ['DELETE', '/metadata', 405, 'GET, HEAD'],
    ['PATCH', '/', 405, 'GET, HEAD, POST'],
    ['DELETE', '/Observation', 405, 'GET, HEAD, POST'],
    ['PUT', '/Observation/_search', 405, 'POST'],
    ['GET', '/Observation/_search', 405, 'POST'],
    ['POST', '/Observation/o6', 405, 'GET, HEAD, PUT, PATCH, DELETE'],
    ['PUT', '/Observation/o6/_history/1', 405, 'GET, HEAD'],
    ['POST', '/Patient/a/Observation', 405, 'GET, HEAD'],
    ['DELETE', '/Patient/a/$everything', 405, 'GET, POST'],
    ['GET', '/Patient/$match', 405, 'POST'],
    ['OPTIONS', '/Observation', 405, 'GET, HEAD, POST'],
    ['GET', '/Organization/o/Observation', 404, undefined],
    ['GET', '/Observation/o6/x/y', 404, undefined],
    ['GET', '/Observation/o_6', 404, undefined],
    ['GET', '/_unknown', 404, undefined],
    ['GET', '/Patient/a/$export', 404, undefined],
    ['GET', '/Observation?_filter=x', 400, undefined],
    ['GET', '/Observation?_method=DELETE', 400, undefined]
  ])('of %s %s, which no scope would permit, is %i without a challenge', async (method, path, status, allow) => {
    for (const scope of ['system/*.cruds', 'patient/*.cruds', 'openid']) {
      const gate = behind()
      const { body, headers, status: found } = await gate.ask(scope, method, path)
      expect([scope, found, headers['allow'], headers['www-authenticate']]).toEqual([scope, status, allow, undefined])
      expect(JSON.parse(body)).toMatchObject({ issue: [{ severity: 'error', code: 'not-supported' }] })
      expect(gate.requests).toEqual([])
    }
  })

  it.each<readonly [string, string, string, More]>([
    ['patient/*.cruds', 'POST', '/Subscription', json({ resourceType: 'Subscription' })],
    [
      'patient/*.cruds',
      'POST',
      '/',
      bundle('transaction', [entryOf('POST', 'Subscription', { resourceType: 'Subscription' })])
    ],
    ['openid', 'GET', '/Observation?_has:Provenance:target:agent=x', {}]
  ])('names no scope where none would do, and says so: %s %s %s', async (scope, method, path, more) => {
    const user = { sub: 'u', fhirUser: null, authTime: 1 }
    const [address = '', query = ''] = path.split('?')
    const request = { method, path: address, query, headers: {}, body: '', ...more }
    const { body, headers, status } = await behind({ options: { userMay: () => true } }).pass(
      { ...factsFor(scope), user },
      request
    )
    expect([status, headers['www-authenticate']]).toEqual([403, expect.not.stringContaining('scope="')])
    expect(body).toContain('No scope that this app can be granted would permit it.')
  })

  it('names the least scope that would permit what is written, and none where only stored data decide', async () => {
    const requested = async (scope: string, method: string, path: string, body: object): Promise<unknown> =>
      (await behind().ask(scope, method, path, json(body))).headers['www-authenticate']
    const vital = { ...own, category: [{ coding: [{ code: 'vital' }] }] }
    expect(await requested('patient/Observation.c?category=lab', 'POST', '/Observation', vital)).toContain(
      'scope="patient/Observation.c"'
    )
    expect(await requested(all, 'PUT', '/Observation/o1', { ...own, id: 'o1' })).not.toContain('scope="')
  })

  it.each([
    ['7', '7'],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 'Wed, 21 Oct 2026 07:28:00 GMT'],
    ['soon', undefined],
    ['-1', undefined]
  ])('forwards Retry-After %s as %s', async (given, shown) => {
    for (const status of [429, 503]) {
      const response = await behind(issue(status, { 'retry-after': given })).ask(all, 'GET', '/Observation/o6')
      expect([response.status, response.headers['retry-after']]).toEqual([status, shown])
    }
  })

  it('forwards Retry-After in the outcome of an entry of a batch', async () => {
    const gate = behind(issue(429, { 'retry-after': '7' }))
    const { body } = await gate.ask(all, 'POST', '/', bundle('batch', [entryOf('GET', 'Observation/o6')]))
    expect(JSON.parse(body)).toMatchObject({
      entry: [
        {
          response: {
            status: '429',
            outcome: { issue: [{ diagnostics: expect.stringContaining('Retry-After: 7') as string }] }
          }
        }
      ]
    })
  })

  it.each([
    [['7', undefined, '30'], '30'],
    [['7', 'Wed, 21 Oct 2026 07:28:00 GMT', '9'], 'Wed, 21 Oct 2026 07:28:00 GMT'],
    [['Wed, 21 Oct 2026 07:28:00 GMT', 'Thu, 22 Oct 2026 07:28:00 GMT'], 'Thu, 22 Oct 2026 07:28:00 GMT'],
    [['Thu, 22 Oct 2026 07:28:00 GMT', 'Wed, 21 Oct 2026 07:28:00 GMT'], 'Thu, 22 Oct 2026 07:28:00 GMT'],
    [['Thu, 99 Foo 2026 07:28:00 GMT', '7'], '7'],
    [[undefined], undefined]
  ])('has the longest Retry-After of the entries of a batch: %s', async (waits, longest) => {
    const answers = Object.fromEntries(
      waits.map((wait, place) => [
        `GET /Observation/w${String(place)}`,
        said(wait === undefined ? 404 : 503, {}, wait === undefined ? {} : { 'retry-after': wait })
      ])
    )
    const gate = behind({ answers })
    const entries = waits.map((_, place) => entryOf('GET', `Observation/w${String(place)}`))
    const { status, headers } = await gate.ask(all, 'POST', '/', bundle('batch', entries))
    expect([status, headers['retry-after']]).toEqual([200, longest])
  })
})

describe('an OperationOutcome of the upstream server', () => {
  const found = (diagnostics: string, code = 'processing') => ({
    severity: 'error',
    code,
    diagnostics,
    expression: ["Observation.category.where(code='x')"],
    location: ['/f:Observation/f:status']
  })
  const create = async (scope: string, one: object, status = 422, rules: AccessRules = {}): Promise<unknown> => {
    const answers = { 'POST /Observation': said(status, { resourceType: 'OperationOutcome', issue: [one] }) }
    const response = await behind({ answers, options: { rules } }).ask(scope, 'POST', '/Observation', json(own))
    return (JSON.parse(response.body) as { issue: ReadonlyArray<unknown> }).issue[0]
  }
  const [severity, location] = ['error', ['/f:Observation/f:status']]

  it('comes through where the token may read, without what names another resource', async () => {
    expect(await create(all, found('no status'))).toEqual(found('no status'))
    expect(await create(all, found('Patient/a is not active'))).toEqual(found('Patient/a is not active'))
    expect(await create(all, found('see Patient/hidden'))).not.toHaveProperty('diagnostics')
    expect(await create('system/*.cruds', found('see Patient/hidden'))).toHaveProperty('diagnostics')
    const ofR5 = found('see Transport/hidden')
    expect(await create(all, ofR5, 422, { release: releaseR5 })).not.toHaveProperty('diagnostics')
    expect(await create(all, ofR5)).toHaveProperty('diagnostics')
  })

  it('keeps code and place where the token may not read, and the code of issues about stored data', async () => {
    expect(await create('patient/*.c', found('no status'))).toEqual({ severity, code: 'processing', location })
    expect(await create(all, found('exists already', 'duplicate'), 409)).toEqual({ severity, code: 'duplicate' })
  })

  it('says nothing of stored values to a token that may not read them', async () => {
    const answers = {
      'PUT /Observation/o6': said(422, { resourceType: 'OperationOutcome', issue: [found('was SECRET')] })
    }
    const response = await behind({ answers }).ask('patient/*.u', 'PUT', '/Observation/o6', json(own))
    expect(response.status).toBe(422)
    expect(response.body).not.toMatch(/SECRET|expression|location/)
  })

  it('has no address of an internal network but those that the client sent', async () => {
    const known = 'see http://loinc.org/vs and https://ehr.example/fhir/metadata'
    expect(await create(all, found(known))).toEqual(found(known))
    for (const address of ['http://10.0.0.5:8080/fhir/x', 'http://hapi/fhir', 'https://fhir.db.internal/r4?x=1'])
      for (const scope of [all, 'system/*.cruds'])
        expect(await create(scope, found(`see ${address}, or not`))).toEqual(found('see [internal address], or not'))
    const response = await behind({
      answers: {
        'GET /Observation': said(400, { resourceType: 'OperationOutcome', issue: [found('no http://lab/codes|1')] })
      }
    }).ask(all, 'GET', '/Observation?patient=a&code=http://lab/codes|1')
    expect(response.body).toContain('http://lab/codes|1')
  })

  it('comes through where a read is refused that the token may send for all resources of the type', async () => {
    const answers = { 'GET /Observation/o6': said(400, { resourceType: 'OperationOutcome', issue: [found('no id')] }) }
    const free = await behind({ answers }).ask('system/*.rs', 'GET', '/Observation/o6')
    expect([free.status, free.body]).toEqual([400, expect.stringContaining('no id')])
    expect((await behind({ answers }).ask(all, 'GET', '/Observation/o6')).status).toBe(404)
  })

  it.each([
    ['patient/*.rs', '/Observation?status=final', undefined],
    ['patient/*.rs', '/Observation?patient=a', 'no such code'],
    ['patient/*.rs', '/Patient/a/Observation', 'no such code'],
    ['system/*.rs', '/Observation', 'no such code'],
    ['system/*.rs', '/Observation/_search', 'no such code']
  ])('comes through once as the warning of a search: %s %s', async (scope, path, diagnostics) => {
    const warning = { severity: 'warning', code: 'not-supported', diagnostics: 'no such code' }
    const answer = said(200, {
      resourceType: 'Bundle',
      type: 'searchset',
      entry: [
        { resource: own, search: { mode: 'match' } },
        { resource: { resourceType: 'OperationOutcome', issue: [warning] }, search: { mode: 'outcome' } }
      ]
    })
    const answers = Object.fromEntries(
      ['GET /Observation', 'GET /Patient/a/Observation', 'POST /Observation/_search'].map((one) => [one, answer])
    )
    const isPosted = path.endsWith('_search')
    const form = { body: 'status=final', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
    const found = await behind({ answers }).ask(scope, isPosted ? 'POST' : 'GET', path, isPosted ? form : {})
    const { entry } = JSON.parse(found.body) as {
      entry: ReadonlyArray<{ search: { mode: string }; resource: { issue?: ReadonlyArray<object> } }>
    }
    expect(entry.map(({ search }) => search.mode)).toEqual(['match', 'outcome'])
    expect(entry.at(-1)?.resource.issue).toEqual([
      { severity: 'warning', code: 'not-supported', ...(diagnostics === undefined ? {} : { diagnostics }) }
    ])
  })

  it('is 502 where the server refuses the gate itself', async () => {
    for (const status of [401, 403])
      expect((await behind(issue(status)).ask(all, 'POST', '/Observation', json(own))).status).toBe(502)
  })
})

describe('formats', () => {
  const accepting = async (accept: string | undefined, path = '/Observation/o6', method = 'GET'): Promise<number> =>
    (await behind().ask(all, method, path, { headers: accept === undefined ? {} : { accept } })).status

  it.each([
    [undefined, 200],
    ['', 200],
    ['*/*', 200],
    ['application/*', 200],
    ['application/json', 200],
    ['application/fhir+json; charset=utf-8', 200],
    ['application/fhir+xml, application/fhir+json;q=0.1', 200],
    ['text/html, application/xml;q=0.9, */*;q=0.8', 200],
    ['APPLICATION/FHIR+JSON', 200],
    ['application/fhir+json; fhirVersion=4.0', 200],
    ['application/fhir+json; fhirVersion="4.0.1"', 200],
    ['application/fhir+json; fhirVersion=3.0, application/fhir+json; fhirVersion=4.0', 200],
    ['application/fhir+json; fhirVersion=5.0, */*;q=0.1', 200],
    ['application/fhir+json; fhirVersion=5.0', 406],
    ['application/fhir+json;fhirversion=3.0;q=1', 406],
    ['application/fhir+xml', 406],
    ['text/html', 406],
    ['application/fhir+json;q=0', 406],
    ['application/*;q=0, text/html', 406],
    ['*/*;q=0', 406],
    ['*/*;q=2', 406]
  ])('with Accept %s give %i', async (accept, status) => {
    expect([await accepting(accept), await accepting(accept, '/Observation/o6', 'HEAD')]).toEqual([status, status])
  })

  it.each([
    ['application/pdf', 200],
    ['text/html, image/png;q=0.5', 200],
    ['application/xml', 200],
    ['application/fhir+xml, application/pdf;q=0.1', 200],
    ['application/fhir+json', 200],
    ['application/fhir+xml', 406],
    ['application/xml+fhir, text/turtle', 406],
    ['application/fhir+json; fhirVersion=5.0', 406],
    ['application/pdf, application/fhir+json;q=0', 406],
    ['application/pdf;q=0', 406],
    ['pdf', 406]
  ])('of the content of a Binary, Accept %s, are those of the resource: %i', async (accept, status) => {
    const binary = { resourceType: 'Binary', id: 'x', contentType: 'application/pdf', data: 'JVBERg==' }
    const answers = { 'GET /Binary/x': said(200, binary), 'GET /Binary/x/_history/1': said(200, binary) }
    for (const path of ['/Binary/x', '/Binary/x/_history/1']) {
      const response = await behind({ answers }).ask('system/*.r', 'GET', path, { headers: { accept } })
      expect([path, response.status, response.headers['content-type']]).toEqual([
        path,
        status,
        'application/fhir+json; charset=utf-8'
      ])
      if (status === 200) expect(JSON.parse(response.body)).toEqual(binary)
    }
    const format = await behind({ answers }).ask(all, 'GET', '/Binary/x?_format=xml', { headers: { accept } })
    const search = await behind().ask(all, 'GET', '/Binary', { headers: { accept: 'application/pdf' } })
    expect([format.status, search.status]).toEqual([406, 406])
  })

  it.each([
    ['json', 200],
    ['application/json', 200],
    ['application/fhir+json', 200],
    ['application/fhir%2Bjson', 200],
    ['application/fhir%2Bjson;fhirVersion=4.0', 200],
    ['application/fhir+json;%20fhirVersion=5.0', 406],
    ['json&_format=xml', 406],
    ['XML', 406],
    ['text/xml', 406],
    ['xml', 406],
    ['application/fhir+xml', 406],
    ['ttl', 406]
  ])('with _format=%s give %i, whatever Accept says', async (format, status) => {
    expect(await accepting(undefined, `/Observation/o6?_format=${format}`)).toBe(status)
    expect(await accepting('application/fhir+xml', `/Observation/o6?_format=${format}`)).toBe(status)
  })

  it.each([
    ['application/fhir+json', 201],
    ['application/json; charset=utf-8', 201],
    ['application/fhir+json; charset="UTF-8"; fhirVersion=4.0', 201],
    ['', 201],
    ['application/fhir+json; charset=iso-8859-1', 415],
    ['application/json;charset=UTF-16', 415],
    ['application/fhir+json; fhirVersion=5.0', 415],
    ['application/fhir+xml', 415],
    ['text/xml', 415],
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415]
  ])('of a body labeled %s give %i', async (type, status) => {
    const more = { body: JSON.stringify(own), headers: type === '' ? {} : { 'content-type': type } }
    const response = await behind().ask(all, 'POST', '/Observation', more)
    expect(response.status).toBe(status)
    if (type.includes('xml')) expect(response.body).toContain('XML')
  })

  it('of another FHIR version or charset are refused with the reason', async () => {
    const read = await behind().ask(all, 'GET', '/Observation/o6', {
      headers: { accept: 'application/fhir+json; fhirVersion=5.0' }
    })
    expect(read.body).toContain('Responses are resources of FHIR 4.0.1')
    const write = (type: string) =>
      behind().ask(all, 'PUT', '/Observation/o6', { body: JSON.stringify(own), headers: { 'content-type': type } })
    expect((await write('application/fhir+json; charset=latin1')).body).toContain('must be UTF-8')
    expect((await write('application/fhir+json; fhirVersion=4.3')).body).toContain('a resource of FHIR 4.0.1')
  })

  it('of the entries of a Bundle are those of requests', async () => {
    for (const type of ['batch', 'transaction'])
      for (const [url, status] of [
        ['Observation/o6?_format=xml', '406'],
        ['Observation?_format=application/fhir%2Bxml', '406'],
        ['Patient/a/$everything?_format=ttl', '406'],
        ['Observation/o6?_format=json', '200']
      ] as const) {
        const { body } = await behind().ask(all, 'POST', '/', bundle(type, [entryOf('GET', url)]))
        expect([type, url, JSON.parse(body)]).toMatchObject([type, url, { entry: [{ response: { status } }] }])
      }
  })

  it('of an operation are of the FHIR version of the server, too', async () => {
    expect(await accepting('*/*; fhirVersion=4.0', '/Patient/a/$everything')).toBe(200)
    expect(await accepting('*/*; fhirVersion=5.0', '/Patient/a/$everything')).toBe(406)
  })

  it('of a search by POST are a form', async () => {
    const search = (type: string): Promise<PlainResponse> =>
      behind().ask(all, 'POST', '/Observation/_search', { body: 'status=final', headers: { 'content-type': type } })
    expect((await search('application/x-www-form-urlencoded')).status).toBe(200)
    expect((await search('application/json')).status).toBe(415)
  })

  it('are checked before what the token allows', async () => {
    const xml = { headers: { accept: 'application/fhir+xml' } }
    expect(await behind().ask('patient/Patient.r', 'GET', '/Observation/o6', xml)).toEqual(
      await behind().ask(all, 'GET', '/Observation/o6', xml)
    )
  })
})

describe('an access event', () => {
  it('comes for each entry of a transaction, and nothing fails if its receiver does', async () => {
    const events: Array<AccessEvent> = []
    const onAccess = (event: AccessEvent): never => {
      events.push(event)
      throw new Error('the log is full')
    }
    const { status } = await behind({ options: { onAccess } }).ask(
      all,
      'POST',
      '/',
      bundle('transaction', [entryOf('POST', 'Observation', own), entryOf('GET', 'Observation/o6')])
    )
    expect(status).toBe(200)
    expect(events.map(({ interaction, outcome }) => [interaction, outcome])).toEqual([
      ['Create', 'filtered'],
      ['Read', 'filtered'],
      ['Transaction', 'permitted']
    ])
    expect(events[0]).toMatchObject({ clientId: factsFor(all).clientId, patient: 'a', scopes: [all], userSub: null })
  })
})
