import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AccessRules } from '../../../src/protocol/access/alternatives.js'
import type { Decision } from '../../../src/protocol/access/decision-types.js'
import { decide } from '../../../src/protocol/access/decision.js'
import type { FhirInteraction } from '../../../src/protocol/access/fhir-interaction.js'
import { interactionOf } from '../../../src/protocol/access/read-interaction.js'
import { defaultPolicy } from '../../../src/protocol/policy/policy.js'
import { parse } from '../../../src/scopes/parse.js'
import { docs } from '../../support/generated-page.js'
import { interactionRows } from './fhir-interaction-rows.js'

const base = 'https://ehr.example/fhir'

const read = (request: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): FhirInteraction => {
  const [method = '', url = ''] = request.split(' ')
  const [path = '', query = ''] = url.split('?')
  return interactionOf(
    {
      method,
      path,
      query,
      headers,
      body: typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body)
    },
    base
  )
}

const ask = (scopes: string, interaction: FhirInteraction, rules: AccessRules = {}): Decision =>
  decide(
    defaultPolicy,
    { clientId: 'app', scopes: parse(scopes), context: { patient: 'a' }, user: null },
    interaction,
    rules
  )

/** Arrays within arrays, so many levels. */
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

describe('the table of interactions', () => {
  it.each(interactionRows)(
    'row $row: $request is $tag',
    ({ request, body, headers, tag, enough, notEnough, decision }) => {
      const interaction = read(request, body, headers)
      expect(interaction._tag).toBe(tag)
      for (const scopes of enough)
        expect([scopes, ask(scopes, interaction)._tag]).toEqual([scopes, decision ?? 'Permit'])
      for (const scopes of notEnough) expect([scopes, ask(scopes, interaction)._tag]).toEqual([scopes, 'Deny'])
    }
  )

  it('has a case for each of the 31 rows', () => {
    expect([...new Set(interactionRows.map(({ row }) => row))].sort((one, other) => one - other)).toEqual(
      Array.from({ length: 31 }, (_, index) => index + 1)
    )
  })
})

describe('an interaction', () => {
  it.each<readonly [string, unknown, Readonly<Record<string, string>>, string]>([
    ['GET /metadata/../Patient/b', undefined, {}, 'unknown-interaction'],
    ['GET /Patient/a%2F..%2Fb', undefined, {}, 'unknown-interaction'],
    ['GET /Patient/%zz', undefined, {}, 'path-encoding'],
    ['GET //Patient/a', undefined, {}, 'unknown-interaction'],
    ['GET /patient/a', undefined, {}, 'unknown-resource-type'],
    ['GET /Patient?name=%ff', undefined, {}, 'query'],
    ['GET /Patient?name=', undefined, {}, 'query'],
    ['POST /Patient/a', undefined, { 'x-http-method-override': 'DELETE' }, 'method-override'],
    ['GET /Patient/a?_method=PUT', undefined, {}, 'method-override'],
    ['GET /Patient?_%6Dethod=DELETE', undefined, {}, 'method-override'],
    ['GET /Patient?name=x&_method', undefined, {}, 'method-override'],
    [
      'POST /Patient/_search',
      'name=x&%5Fmethod=DELETE',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'method-override'
    ],
    [
      'POST /Patient/a/$op',
      '_method=DELETE',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'method-override'
    ],
    ['POST /Patient', '{', {}, 'not-json'],
    ['POST /Patient', `{"resourceType":"Patient","x":${nested(50_000)}}`, {}, 'too-deep'],
    ['PUT /Patient/a', `{"resourceType":"Patient","id":"a","x":${nested(50_000)}}`, {}, 'too-deep'],
    ['PATCH /Patient/a', `[{"op":"add","path":"/x","value":${nested(50_000)}}]`, {}, 'too-deep'],
    [
      'POST /',
      '{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"POST","url":"Patient"},' +
        '"resource":{"resourceType":"Patient","x":' +
        `${nested(50_000)}}}]}`,
      {},
      'too-deep'
    ],
    ['POST /Patient', [], {}, 'not-a-resource'],
    ['POST /Patient', { resourceType: 'Observation' }, {}, 'wrong-type'],
    ['PUT /Patient/a', { resourceType: 'Patient', id: 'b' }, {}, 'wrong-id'],
    ['PUT /Patient/a', { resourceType: 'Patient' }, {}, 'wrong-id'],
    ['DELETE /Observation?_format=json', undefined, {}, 'unknown-interaction'],
    ['DELETE /Observation?_sort=date&_count=1&_type=Observation', undefined, {}, 'unknown-interaction'],
    ['PUT /Observation?_include=Observation:subject', { resourceType: 'Observation' }, {}, 'unknown-interaction'],
    ['PATCH /Observation?_pretty=true', [], {}, 'unknown-interaction'],
    ['DELETE /Observation?_getpages=abc&_offset=2&_page=1', undefined, {}, 'unknown-interaction'],
    ['DELETE /Observation?_page:exact=1&_count:exact=1', undefined, {}, 'unknown-interaction'],
    ['POST /Observation', { resourceType: 'Observation' }, { 'if-none-exist': '_format=json' }, 'query'],
    ['POST /Observation', { resourceType: 'Observation' }, { 'if-none-exist': 'Patient?code=1' }, 'query'],
    ['GET /Patient/..', undefined, {}, 'unknown-interaction'],
    ['DELETE /Patient/%2E', undefined, {}, 'unknown-interaction'],
    ['GET /Patient/%2e%2e/_history', undefined, {}, 'unknown-interaction'],
    ['GET /Patient/../Observation', undefined, {}, 'unknown-interaction'],
    ['GET /Patient/a/_history/..', undefined, {}, 'unknown-interaction'],
    ['GET /Patient/../$op', undefined, {}, 'unknown-interaction'],
    ['POST /', { resourceType: 'Bundle', type: 'history' }, {}, 'bundle-type'],
    ['POST /', { resourceType: 'Bundle', type: 'batch', entry: [{}] }, {}, 'bundle-entry'],
    ['POST /', { resourceType: 'Bundle', type: 'batch', entry: 3 }, {}, 'bundle-entry']
  ])('%s %j is %4$s', (request, body, headers, reason) => {
    expect(read(request, body, headers)).toMatchObject({ reason })
  })

  it.each([
    ['Patient/a', 'Read'],
    [`${base}/Patient/a`, 'Read'],
    ['https://ehr.example/fhirother/Patient/a', 'foreign-address'],
    ['https://other.example/fhir/Patient/a', 'foreign-address'],
    ['//other.example/Patient/a', 'foreign-address'],
    ['Patient/a#b', 'foreign-address'],
    ['', 'Search'],
    ['../Patient/a', 'unknown-interaction']
  ])('of an entry is checked by its address: %s', (url, expected) => {
    const batch = read('POST /', {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'GET', url } }]
    })
    const [entry] = batch._tag === 'Batch' ? batch.entries : []
    expect(entry?.interaction._tag === 'NotSupported' ? entry.interaction.reason : entry?.interaction._tag).toBe(
      expected
    )
  })

  it.each([
    ['code=1', [{ name: 'code', value: '1' }]],
    ['?code=1', [{ name: 'code', value: '1' }]],
    ['Observation?code=1', [{ name: 'code', value: '1' }]],
    [
      'code=http://example.org?v=1|2&status=final',
      [
        { name: 'code', value: 'http://example.org?v=1|2' },
        { name: 'status', value: 'final' }
      ]
    ]
  ])('that creates under the condition %s asks all of it', (condition, query) => {
    expect(read('POST /Observation', { resourceType: 'Observation' }, { 'if-none-exist': condition })).toMatchObject({
      _tag: 'Create',
      condition: query
    })
  })

  it('may hold what is nested 100 levels deep', () => {
    expect(read('POST /Patient', `{"resourceType":"Patient","x":${nested(100)}}`)._tag).toBe('Create')
  })

  it.each(['_has:', '_has:Observation:patient:', 'a.', 'a.b:'])(
    'is not checked with a chain of 20,000 times %s',
    (link) => {
      const form = { 'content-type': 'application/x-www-form-urlencoded' }
      expect(ask('system/*.cruds', read('POST /Observation/_search', `${link.repeat(20_000)}x=1`, form))).toMatchObject(
        { reason: 'parameter-not-evaluated' }
      )
      expect(
        ask('system/*.cruds', read('POST /Observation/_search', `_sort=${link.repeat(20_000)}x`, form))
      ).toMatchObject({ reason: 'parameter-not-evaluated' })
    }
  )

  it.each([
    '_filter',
    '_query',
    '_in',
    '_in:not',
    '_graph',
    '_not-referenced',
    '_unknown',
    '_has:Observation:patient:_in',
    'subject:Patient._filter'
  ])('is not checked with %s, which may look at anything', (name) => {
    expect(ask('system/*.cruds', read(`GET /Patient?${name}=1`))).toEqual({
      _tag: 'Deny',
      reason: 'parameter-not-evaluated',
      rule: 'parameters-evaluated',
      missing: []
    })
  })

  it.each(['_list=1', 'subject:Patient._list=1', '_has:Observation:patient:_list=1'])(
    'that looks at a list needs to read it: %s',
    (parameter) => {
      const search = read(`GET /Observation?${parameter}`)
      expect(ask('system/Observation.s system/Patient.s', search)).toMatchObject({
        reason: 'insufficient-scope',
        missing: ['system/List.r']
      })
      expect(ask('system/Observation.s system/Patient.s system/List.r', search)._tag).toBe('Permit')
    }
  )

  it.each([
    ['_contained=true', 'Filter'],
    ['_contained=both', 'Filter'],
    ['_contained=false', 'Permit'],
    ['_contained=false&_contained=true', 'Filter'],
    ['_getpages=abc', 'Filter'],
    ['_page=2', 'Filter']
  ])('that may find any type is not permitted without looking: %s', (query, tag) => {
    expect(ask('system/*.s', read(`GET /Observation?${query}`))._tag).toBe('Permit')
    expect(ask('system/Observation.s', read(`GET /Observation?${query}`))._tag).toBe(tag)
  })

  it('of a nested batch is denied', () => {
    const inner = { resourceType: 'Bundle', type: 'batch', entry: [] }
    for (const url of ['', '/', base]) {
      const batch = read('POST /', {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [{ request: { method: 'POST', url }, resource: inner }]
      })
      expect(ask('system/*.cruds', batch)).toEqual({
        _tag: 'Deny',
        reason: 'nested-batch',
        rule: 'batch-not-nested',
        missing: []
      })
    }
  })

  it.each([
    [{ op: 'replace', path: '/subject/reference', value: 'Patient?identifier=1' }],
    [{ op: 'add', path: '/subject', value: { reference: 'Patient?identifier=1' } }]
  ])('that writes a conditional reference by a patch needs the search that it is', (operation) => {
    const patch = read('PATCH /Observation/1', [operation])
    expect(ask('system/Observation.u', patch)).toMatchObject({
      reason: 'insufficient-scope',
      missing: ['system/Patient.s']
    })
    expect(ask('system/Observation.u system/Patient.s', patch)._tag).toBe('Permit')
  })

  it.each([
    ['GET /Observation/1/_history?_filter=code eq 1', 'parameter-not-evaluated'],
    ['GET /Observation/_history?_query=x', 'parameter-not-evaluated'],
    ['GET /Observation/_history?subject:Patient.name=x', 'insufficient-scope'],
    ['GET /Observation/_history?_has:Condition:encounter:code=x', 'insufficient-scope'],
    ['GET /Observation/_history?_list=1', 'insufficient-scope']
  ])('that is a history is checked by its parameters like a search: %s', (request, reason) => {
    expect(ask('system/Observation.rs', read(request.replace('code eq 1', 'code%20eq%201')))).toMatchObject({ reason })
    expect(ask('system/Observation.rs', read('GET /Observation/_history?_since=2024-01-01&_count=3'))._tag).toBe(
      'Permit'
    )
  })

  it.each([
    ['status=final', false],
    ['_id=1', false],
    ['_lastUpdated=gt2020', false],
    ['_since:exact=2020', false],
    ['_offset=2', false],
    ['_since=2020&code=1', false],
    ['_since=2020&_at=2021', true],
    ['_count=2&_sort=-_lastUpdated', true],
    ['_format=json&_pretty=true&_summary=true&_elements=status&_total=none', true]
  ])('that is a history of a limited token selects by time alone: %s, permitted: %s', (query, isPermitted) => {
    for (const [path, letter, type] of [
      ['/Observation/_history', 's', 'Observation'],
      ['/Observation/1/_history', 'r', 'Observation'],
      ['/_history', 's', '*']
    ] as const) {
      const history = read(`GET ${path}?${query}`)
      for (const scopes of ['patient/*.rs', `system/${type}.rs?status=final`])
        expect([path, ask(scopes, history)]).toMatchObject([
          path,
          isPermitted
            ? { _tag: 'Filter' }
            : {
                _tag: 'Deny',
                rule: query.includes('_offset') && letter === 's' ? 'pages-by-links' : 'scope-sufficient',
                missing: [`system/${type}.${letter}`]
              }
        ])
      if (!query.includes('_offset')) expect(ask('system/*.rs', history)._tag).toBe('Permit')
    }
  })

  it.each<readonly [string, string, boolean, ReadonlyArray<string>]>([
    ['GET /Observation/1', '', true, ['patient/Observation.r']],
    ['GET /Practitioner/1', '', true, ['user/Practitioner.r']],
    ['GET /Practitioner/1', '', false, ['system/Practitioner.r']],
    ['DELETE /Observation?code=1', 'patient/Observation.d', true, ['patient/Observation.s']],
    ['GET /Observation?subject:Patient.name=x', '', true, []],
    ['GET /Observation?subject:Patient.name=x', '', false, ['patient/Observation.s', 'system/Patient.s']],
    ['GET /Observation?subject.name=x', '', false, ['system/*.s']],
    ['GET /Patient/b/Observation', 'patient/Observation.s', true, ['user/Observation.s']],
    [
      'GET /Patient/b/Observation?performer:Practitioner.name=x',
      'patient/Observation.s',
      false,
      ['system/Observation.s', 'system/Practitioner.s']
    ],
    ['GET /_history', '', true, ['patient/*.s']],
    ['GET /?_type=Observation,Practitioner', '', true, ['patient/Observation.s', 'user/Practitioner.s']],
    ['GET /Nothing/1', '', true, []]
  ])('%s, granted %j, by a user %s: what is missing is %j', (request, scopes, isUser, missing) => {
    const user = isUser ? { sub: 'u', fhirUser: null, authTime: 0 } : null
    const decision = decide(
      defaultPolicy,
      { clientId: 'app', scopes: parse(scopes), context: { patient: 'a' }, user },
      read(request)
    )
    expect(decision).toMatchObject({ _tag: 'Deny', missing })
  })

  it('of a transaction misses each letter once', () => {
    const entry = ['Observation/1', 'Observation?code=1'].map((url) => ({ request: { method: 'DELETE', url } }))
    expect(ask('', read('POST /', { resourceType: 'Bundle', type: 'transaction', entry }))).toMatchObject({
      missing: ['patient/Observation.ds']
    })
  })

  it('of a transaction that no scope would permit misses none', () => {
    const entry = ['Observation/1', 'Nothing/1'].map((url) => ({ request: { method: 'GET', url } }))
    expect(ask('', read('POST /', { resourceType: 'Bundle', type: 'transaction', entry }))).toMatchObject({
      _tag: 'Deny',
      missing: []
    })
  })

  it('that is an operation is permitted only as the host maps it', () => {
    const rules: AccessRules = {
      operations: [
        {
          level: 'instance',
          type: 'Patient',
          name: 'everything',
          needs: [
            { type: null, permission: 'r' },
            { type: '*', permission: 'r' }
          ]
        }
      ]
    }
    const everything = read('GET /Patient/a/$everything')
    const off = { standardOperations: false }
    expect(ask('system/*.cruds', everything, off)).toMatchObject({ reason: 'operation-not-mapped' })
    expect(ask('system/*.cruds', read('GET /Patient/a/$nonsense'))).toMatchObject({ reason: 'operation-not-mapped' })
    expect(ask('system/*.r', everything, rules)._tag).toBe('Permit')
    expect(ask('patient/*.r', everything, rules)._tag).toBe('Filter')
    expect(ask('system/Patient.r', everything, rules)).toMatchObject({ reason: 'insufficient-scope' })
    expect(ask('system/*.r', read('GET /Group/a/$everything'), { ...rules, ...off })).toMatchObject({
      reason: 'operation-not-mapped'
    })
  })
})

const interactionsPage = (): string =>
  [
    '# FHIR requests, interactions and scopes',
    '',
    'This page is generated from the rows that the tests run. `enough` and `not enough` list examples of scopes',
    'that permit and do not permit the request, for a token with the patient `a` in context.',
    '',
    '| row | request | interaction | enough | not enough |',
    '|---|---|---|---|---|',
    ...interactionRows.map(({ row, request, headers, tag, enough, notEnough }) => {
      const scopes = (all: ReadonlyArray<string>): string =>
        all.map((one) => (one === '' ? 'no scope' : `\`${one}\``)).join(', ')
      const given =
        headers === undefined
          ? ''
          : ` (${Object.entries(headers)
              .map(([name, value]) => `\`${name}: ${value}\``)
              .join(', ')})`
      return `| ${String(row)} | \`${request}\`${given} | ${tag} | ${scopes(enough)} | ${scopes(notEnough)} |`
    }),
    ''
  ].join('\n')

it('docs/fhir-interactions.md is up to date', async () => {
  await expect(interactionsPage()).toMatchFileSnapshot(join(docs, 'fhir-interactions.md'))
})
