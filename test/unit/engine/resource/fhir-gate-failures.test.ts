/**
 * Every interaction before an upstream server that fails, asks for patience, or refuses: what clients get of it, by
 * itself and as an entry of a Bundle.
 */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { fhirGate } from '../../../../src/engine/resource/fhir-gate.js'
import type { PlainRequest, PlainResponse } from '../../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../../src/protocol/policy/policy.js'
import { behind, factsFor, json, said } from '../../../support/fhir/behind-gate.js'
import { base, fakeServer } from '../../../support/fhir-fixture.js'

type More = Partial<PlainRequest>

const own = { resourceType: 'Observation', id: 'o6', subject: { reference: 'Patient/a' }, status: 'final' }
const { id: _id, ...unnamed } = own
const entryOf = (method: string, url: string, resource?: object): object => ({
  request: { method, url },
  ...(resource === undefined ? {} : { resource })
})
const bundle = (type: string, ...entry: ReadonlyArray<object>): More => json({ resourceType: 'Bundle', type, entry })
const form = (body: string): More => ({ body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })
const patch: More = {
  body: JSON.stringify([{ op: 'replace', path: '/status', value: 'amended' }]),
  headers: { 'content-type': 'application/json-patch+json' }
}
const conditional = { ...json(unnamed), headers: { ...json(unnamed).headers, 'if-none-exist': 'status=none' } }

/** Requests whose first upstream request reads. */
const reading: ReadonlyArray<readonly [name: string, method: string, path: string, more?: More]> = [
  ['a read', 'GET', '/Observation/o6'],
  ['a HEAD', 'HEAD', '/Observation/o6'],
  ['a read of a version', 'GET', '/Observation/o6/_history/1'],
  ['a history', 'GET', '/Observation/o6/_history'],
  ['a history of a type', 'GET', '/Observation/_history'],
  ['a search', 'GET', '/Observation?status=final'],
  ['a search by POST', 'POST', '/Observation/_search', form('status=final')],
  ['a count', 'GET', '/Observation?_summary=count'],
  ['a search of types', 'GET', '/?_type=Observation,Condition'],
  ['a search of the compartment', 'GET', '/Patient/a/Observation'],
  ['an operation', 'GET', '/Patient/a/$everything'],
  ['an operation that selects', 'GET', '/Observation/$lastn?patient=a'],
  ['an update', 'PUT', '/Observation/o6', json(own)],
  ['a conditional update', 'PUT', '/Observation?_id=o6', json(own)],
  ['a patch', 'PATCH', '/Observation/o6', patch],
  ['a deletion', 'DELETE', '/Observation/o6'],
  ['a conditional deletion', 'DELETE', '/Observation?_id=o6'],
  ['a conditional create', 'POST', '/Observation', conditional],
  ['a read in a batch', 'POST', '/', bundle('batch', entryOf('GET', 'Observation/o6'))],
  ['a search in a batch', 'POST', '/', bundle('batch', entryOf('GET', 'Observation?status=final'))],
  ['an operation in a batch', 'POST', '/', bundle('batch', entryOf('GET', 'Patient/a/$everything'))],
  ['an update in a batch', 'POST', '/', bundle('batch', entryOf('PUT', 'Observation/o6', own))],
  ['a read in a transaction', 'POST', '/', bundle('transaction', entryOf('GET', 'Observation/o6'))]
]

/** Requests whose upstream request that changes something, or whose only one, is no GET. */
const writing: typeof reading = [
  ['an operation by POST', 'POST', '/Observation/$validate', json(own)],
  ['a create', 'POST', '/Observation', json(unnamed)],
  ['a conditional create', 'POST', '/Observation', conditional],
  ['an update', 'PUT', '/Observation/o6', json(own)],
  ['a conditional update', 'PUT', '/Observation?_id=o6', json(own)],
  ['a patch', 'PATCH', '/Observation/o6', patch],
  ['a deletion', 'DELETE', '/Observation/o6'],
  ['a create in a batch', 'POST', '/', bundle('batch', entryOf('POST', 'Observation', unnamed))],
  ['a deletion in a batch', 'POST', '/', bundle('batch', entryOf('DELETE', 'Observation/o6'))],
  ['a transaction', 'POST', '/', bundle('transaction', entryOf('POST', 'Observation', unnamed))]
]

const words = 'words of the server at http://10.0.0.1:8080/r4/x'
const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'value', diagnostics: words }] }

interface Answered {
  readonly status: number
  readonly retryAfter: unknown
  /** The codes of the issues, also of an entry. */
  readonly codes: ReadonlyArray<string>
  readonly text: string
}

interface Issues {
  readonly issue?: ReadonlyArray<{ readonly code: string }>
}

/** The response, or that of the entry of a Bundle. */
const answered = (response: PlainResponse): Answered => {
  const body = JSON.parse(response.body === '' ? '{}' : response.body) as Issues & {
    readonly entry?: ReadonlyArray<{ readonly response?: { readonly status: string; readonly outcome?: Issues } }>
  }
  const entry = body.entry?.[0]?.response
  return {
    status: entry === undefined ? response.status : Number(entry.status),
    retryAfter: response.headers['retry-after'],
    codes: ((entry === undefined ? body : entry.outcome)?.issue ?? []).map(({ code }) => code),
    text: response.body + JSON.stringify(response.headers)
  }
}

/** Asks the gate before a server that answers so: to everything, or to all but GET. */
const resultOf = async (
  scope: string,
  [, method, path, more]: (typeof reading)[number],
  failure: PlainResponse,
  onlyWrites: boolean
): Promise<Answered> => {
  const fake = fakeServer()
  const [address = '', query = ''] = path.split('?')
  const server = {
    answer: (request: PlainRequest) =>
      onlyWrites && request.method === 'GET' ? fake.answer(request) : TaskEither.right(failure)
  }
  const request = { method, path: address, query, headers: {}, body: '', ...more }
  return answered(await fhirGate({ server, policy: defaultPolicy, base }, factsFor(scope))(request)())
}

const scopes = ['patient/*.cruds', 'system/*.cruds']
const everywhere = [
  ...reading.map((row) => [row[0], row, false] as const),
  ...writing.map((row) => [`${row[0]}, when it is sent`, row, true] as const)
]

describe('an upstream server that asks for patience', () => {
  it.each(everywhere)('is heard: %s', async (_name, row, onlyWrites) => {
    for (const scope of scopes)
      for (const status of [429, 503])
        for (const wait of ['7', 'Wed, 21 Oct 2026 07:28:00 GMT', undefined]) {
          const failure = said(status, outcome, wait === undefined ? {} : { 'retry-after': wait })
          const found = await resultOf(scope, row, failure, onlyWrites)
          expect([found.status, found.retryAfter]).toEqual([status, wait])
          expect(found.codes).toEqual(row[1] === 'HEAD' ? [] : [status === 429 ? 'throttled' : 'transient'])
          expect(found.text).not.toMatch(/words of|10\.0\.0/)
        }
  })
})

describe('an upstream server that fails', () => {
  it.each(everywhere)('is no answer about a resource: %s', async (_name, row, onlyWrites) => {
    for (const scope of scopes)
      for (const status of [302, 304, 307, 401, 407, 408, 500, 502, 504]) {
        const failure = said(status, outcome, { location: 'http://10.0.0.1:8080/r4/login' })
        const found = await resultOf(scope, row, failure, onlyWrites)
        expect([status, found.status]).toEqual([status, 502])
        expect(found.codes).toEqual(row[1] === 'HEAD' ? [] : ['exception'])
        expect(found.text).not.toMatch(/words of|10\.0\.0/)
      }
  })
})

describe('an upstream server that refuses a request', () => {
  const statuses = [400, 405, 409, 412, 422, 501]
  const isHidden = (name: string): boolean => /^a (?:read|HEAD|read of a version)(?: in|$)|of a version/.test(name)
  const isStored = (name: string): boolean => /^(?:an update|a patch|a deletion)(?: in|$)/.test(name)

  it.each(everywhere)('says why, with the status and without its own address: %s', async (name, row, onlyWrites) => {
    for (const status of statuses) {
      const free = await resultOf('system/*.cruds', row, said(status, outcome), onlyWrites)
      expect([status, free.status]).toEqual([status, status])
      if (row[1] !== 'HEAD') expect([free.codes[0], free.text]).toEqual(['value', expect.stringContaining('words of')])
      expect(free.text).not.toContain('10.0.0')
      const limited = await resultOf('patient/*.cruds', row, said(status, outcome), onlyWrites)
      expect(limited.text).not.toContain('10.0.0')
      // What the token may not read looks like what is not there; what is stored is unknown to a limited token. A
      // server without reads of this kind (501) says nothing about either.
      const shown = onlyWrites ? status : isHidden(name) && status !== 501 ? 404 : isStored(name) ? 502 : status
      expect([status, limited.status]).toEqual([status, shown])
    }
  })

  it('says why it lacks a read, without what names another resource', async () => {
    const [row] = reading
    if (row === undefined) return
    const issue = (diagnostics: string) => ({ severity: 'error', code: 'not-supported', diagnostics })
    const answer = said(501, { ...outcome, issue: [issue('no vread'), issue('see Patient/b')] })
    const { text } = await resultOf('patient/*.rs', row, answer, false)
    expect([text.includes('no vread'), text.includes('Patient/b')]).toEqual([true, false])
  })

  it.each([404, 410])('says that something is not there: %i', async (status) => {
    const found = async (name: string, scope: string): Promise<number> => {
      const row = reading.find((one) => one[0] === name)
      return row === undefined ? 0 : (await resultOf(scope, row, said(status, outcome), false)).status
    }
    for (const name of ['a read', 'a read of a version', 'a read in a batch', 'a read in a transaction'])
      expect([await found(name, 'patient/*.cruds'), await found(name, 'system/*.cruds')]).toEqual([404, status])
    for (const name of ['a patch', 'a deletion'])
      expect([await found(name, 'patient/*.cruds'), await found(name, 'system/*.cruds')]).toEqual([404, 404])
    expect(await found('a search', 'patient/*.cruds')).toBe(status)
  })
})

describe('a server that answers with something else', () => {
  const html = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html><body>Sign in</body></html>' }
  const nothing = (status: number): PlainResponse => ({ status, headers: {}, body: '' })

  it.each(reading.map((row) => [row[0], row] as const))('is no answer to what reads: %s', async (name, row) => {
    for (const scope of scopes)
      for (const answer of [html, { ...html, body: 'OK' }, said(200, outcome), nothing(202), nothing(204)]) {
        // A token that may read everything gets what the server says of an operation.
        if (scope.startsWith('system') && name.startsWith('an operation') && answer !== html) continue
        const found = await resultOf(scope, row, answer, false)
        expect([scope, answer.status, answer.body, found.status]).toEqual([scope, answer.status, answer.body, 502])
        expect(found.codes).toEqual(row[1] === 'HEAD' ? [] : ['exception'])
        expect(found.text).not.toMatch(/Sign in|words of/)
      }
  })

  it.each(writing.map((row) => [row[0], row] as const))('is no success of what writes: %s', async (_name, row) => {
    for (const scope of scopes)
      for (const answer of [html, { ...html, body: 'OK' }, { ...html, status: 203 }]) {
        const found = await resultOf(scope, row, answer, true)
        expect([scope, answer.body, found.status, found.codes]).toEqual([scope, answer.body, 502, ['exception']])
        expect(found.text).not.toContain('Sign in')
      }
  })

  it('is believed where it says that something was written, without a resource', async () => {
    const statusOf = async (name: string, answer: PlainResponse): Promise<number> => {
      const row = writing.find((one) => one[0] === name)
      return row === undefined ? 0 : (await resultOf('patient/*.cruds', row, answer, true)).status
    }
    expect(await statusOf('a create', { ...html, status: 201 })).toBe(201)
    expect(await statusOf('a create', nothing(200))).toBe(200)
    expect(await statusOf('an update', said(200, outcome))).toBe(200)
    expect(await statusOf('a deletion', nothing(204))).toBe(204)
    expect(await statusOf('a deletion', nothing(202))).toBe(202)
    expect(await statusOf('a transaction', nothing(200))).toBe(200)
  })

  it('is no answer about the resource or the Group of an operation', async () => {
    const row = ['x', 'GET', '/Observation/o6/$validate'] as const
    expect((await resultOf('patient/*.rs', row, html, false)).status).toBe(502)
    const group = ['x', 'GET', '/Group/g/$export'] as const
    expect((await resultOf('system/Group.r?_id=g system/Patient.rs', group, html, false)).status).toBe(502)
  })

  it('has no Binary that a limited token may know of, where it answers with the content', async () => {
    const content = { status: 200, headers: { 'content-type': 'application/pdf' }, body: '%PDF' }
    const gate = behind({
      answers: { 'GET /Binary/x9': content, 'GET /Binary/none': said(404, outcome) },
      options: { rules: { accessProfile: 'us-core' } }
    })
    const missing = await gate.ask('patient/*.rs', 'GET', '/Binary/none')
    expect([missing.status, await gate.ask('patient/*.rs', 'GET', '/Binary/x9')]).toEqual([404, missing])
    expect((await gate.ask('system/*.rs', 'GET', '/Binary/x9')).status).toBe(502)
  })

  it('has no capabilities', async () => {
    const row = ['x', 'GET', '/metadata'] as const
    const capable = { resourceType: 'CapabilityStatement' }
    for (const answer of [html, nothing(200), nothing(204), nothing(304), said(202, capable), { ...html, status: 404 }])
      expect([answer.status, (await resultOf('system/*.rs', row, answer, false)).status]).toEqual([answer.status, 502])
    expect((await resultOf('system/*.rs', row, said(200, capable), false)).status).toBe(200)
  })
})
