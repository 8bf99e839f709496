/** Hidden and missing resources look the same, and no answer or event holds a value. */
import { describe, expect, it } from 'vitest'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { fakeServer, base } from '../../support/fhir-fixture.js'
import { factsFor, json } from '../../support/fhir/behind-gate.js'
import { fhirGate } from '../../../src/engine/resource/fhir-gate.js'
import type { AccessEvent } from '../../../src/protocol/access/access-event.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../src/protocol/policy/policy.js'

/** A clinical value, a searched value and a token that no answer or event may hold. */
const [clinical, searched, token] = ['clinical-canary', 'search-canary', 'token-canary']
const hidden = {
  resourceType: 'Observation',
  id: 'target',
  status: clinical,
  subject: { reference: 'Patient/b' },
  category: [{ coding: [{ code: 'vital' }] }]
}

/** A server with or without the hidden resource, which says what it knows when it refuses. */
const world = (isThere: boolean) => {
  const fake = fakeServer()
  const events: Array<AccessEvent> = []
  const list = (type: string) => ({ resourceType: 'Bundle', type, entry: isThere ? [{ resource: hidden }] : [] })
  const said = (status: number, body: unknown): PlainResponse => ({ status, headers: {}, body: JSON.stringify(body) })
  const missing = said(404, {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: 'not-found', diagnostics: `${clinical} ${String(isThere)}` }]
  })
  const answer = (request: PlainRequest): PlainResponse | null => {
    const { path, method } = request
    if (path.startsWith('/Observation/target')) {
      if (path.endsWith('/_history')) return isThere ? said(200, list('history')) : missing
      return isThere && method === 'GET' ? { ...said(200, hidden), headers: { etag: 'W/"1"' } } : missing
    }
    return /_id|target/.test(`${request.query}${request.body}`) && !path.endsWith('/')
      ? said(200, list('searchset'))
      : null
  }
  const server = {
    answer: (request: PlainRequest) => {
      const given = answer(request)
      return given === null ? fake.answer(request) : TaskEither.right(given)
    }
  }
  const operations = [
    { level: 'instance', type: 'Observation', name: 'op', needs: [{ type: null, permission: 'r' }] }
  ] as const
  const ask = (scope: string, request: Partial<PlainRequest>): Promise<PlainResponse> =>
    fhirGate(
      { server, base, policy: defaultPolicy, rules: { operations }, onAccess: (event) => events.push(event) },
      factsFor(scope)
    )({
      method: 'GET',
      path: '/',
      query: '',
      body: '',
      ...request,
      headers: { authorization: `Bearer ${token}`, ...request.headers }
    })()
  return { ask, events }
}

const patch = {
  body: JSON.stringify([{ op: 'replace', path: '/status', value: clinical }]),
  headers: { 'content-type': 'application/json-patch+json' }
}
const at = '/Observation/target'
const bundleOf = (type: string, method: string, url: string): Partial<PlainRequest> => ({
  method: 'POST',
  ...json({ resourceType: 'Bundle', type, entry: [{ request: { method, url } }] })
})

const requests: ReadonlyArray<readonly [string, Partial<PlainRequest>]> = [
  ['read', { path: at }],
  ['HEAD', { method: 'HEAD', path: at }],
  ['read with a version', { path: at, headers: { 'if-none-match': 'W/"1"' } }],
  ['read as XML', { path: at, headers: { accept: 'application/fhir+xml' } }],
  ['version', { path: `${at}/_history/1` }],
  ['history', { path: `${at}/_history` }],
  ['search', { path: '/Observation', query: `_id=target&code=${searched}` }],
  [
    'search by POST',
    {
      method: 'POST',
      path: '/Observation/_search',
      body: `_id=target&code=${searched}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' }
    }
  ],
  ['search with a count', { path: '/Observation', query: '_id=target&_summary=count' }],
  ['compartment', { path: '/Patient/a/Observation', query: '_id=target' }],
  ['patch', { method: 'PATCH', path: at, ...patch }],
  ['patch of a version', { method: 'PATCH', path: at, ...patch, headers: { ...patch.headers, 'if-match': 'W/"9"' } }],
  ['patch of another format', { method: 'PATCH', path: at, ...json(hidden) }],
  ['delete', { method: 'DELETE', path: at }],
  ['delete of a version', { method: 'DELETE', path: at, headers: { 'if-match': 'W/"9"' } }],
  ['conditional patch', { method: 'PATCH', path: '/Observation', query: '_id=target', ...patch }],
  ['conditional delete', { method: 'DELETE', path: '/Observation', query: '_id=target' }],
  ['operation', { path: `${at}/$op` }],
  ['batch read', bundleOf('batch', 'GET', 'Observation/target')],
  ['batch delete', bundleOf('batch', 'DELETE', 'Observation/target')],
  ['transaction read', bundleOf('transaction', 'GET', 'Observation/target')],
  ['transaction delete', bundleOf('transaction', 'DELETE', 'Observation/target')]
]
const scopes = [
  'patient/*.cruds',
  'patient/*.ud',
  'patient/Observation.cruds?category=lab',
  'user/*.cruds',
  'patient/Condition.rs'
]

describe('a hidden resource', () => {
  it.each(requests.flatMap(([name, request]) => scopes.map((scope) => ({ name, scope, request }))))(
    'looks like a missing one: $name with $scope',
    async ({ scope, request }) => {
      const [there, absent] = [world(true), world(false)]
      const shown = await there.ask(scope, request)
      expect(shown).toEqual(await absent.ask(scope, request))
      expect(JSON.stringify(shown)).not.toMatch(/clinical-canary|token-canary/)
      if (shown.status !== 200) expect(JSON.stringify(shown)).not.toContain(searched)
      expect(there.events.length).toBeGreaterThan(0)
      expect(JSON.stringify([there.events, absent.events])).not.toMatch(/canary/)
    }
  )
})
