/** The gate in front of the fake FHIR server, with a record of the requests to that server. */
import * as Either from 'fp-ts/lib/Either.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { expect } from 'vitest'
import { base, fakeServer } from '../fhir-fixture.js'
import type { Res } from '../fhir-fixture.js'
import type { Fixture } from '../server-fixture.js'
import type { GateOptions } from '../../../src/engine/resource/gate-context.js'
import { fhirGate } from '../../../src/engine/resource/fhir-gate.js'
import type { AccessFacts } from '../../../src/protocol/access/alternatives.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../src/protocol/policy/policy.js'
import { parse } from '../../../src/scopes/parse.js'
import { tokenRefused } from '../../../src/simulator/fhir/responses.js'

/** What stands behind a token for patient a. */
export const factsFor = (scope: string): AccessFacts => ({
  clientId: 'app',
  scopes: parse(scope),
  context: { patient: 'a' },
  user: null
})

/** A fake server and the gate before it. */
export interface Behind {
  readonly requests: Array<PlainRequest>
  readonly stored: () => ReadonlyArray<Res>
  readonly pass: (facts: AccessFacts, request: PlainRequest) => Promise<PlainResponse>
  readonly ask: (scope: string, method: string, path: string, more?: Partial<PlainRequest>) => Promise<PlainResponse>
}

/** What differs: the stored resources, answers of the server's by method and path, and options of the gate. */
export interface Different {
  readonly data?: ReadonlyArray<Res>
  readonly answers?: Readonly<Record<string, PlainResponse>>
  readonly options?: Partial<GateOptions>
}

export const behind = ({ answers = {}, data, options = {} }: Different = {}): Behind => {
  const fake = fakeServer(data)
  const requests: Array<PlainRequest> = []
  const server: GateOptions['server'] = {
    answer: (request) => {
      requests.push(request)
      const given = answers[`${request.method} ${request.path}`]
      return given === undefined ? fake.answer(request) : TaskEither.right(given)
    }
  }
  const pass: Behind['pass'] = (facts, request) =>
    fhirGate({ server, policy: defaultPolicy, base, ...options }, facts)(request)()
  return {
    requests,
    pass,
    stored: fake.stored,
    ask: (scope, method, path, more = {}) => {
      const [address = '', query = ''] = path.split('?')
      return pass(factsFor(scope), { method, path: address, query, headers: {}, body: '', ...more })
    }
  }
}

/** A body that is sent as JSON. */
export const json = (body: unknown): Partial<PlainRequest> => ({
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/fhir+json' }
})

/** An answer of the server behind. */
export const said = (status: number, body: unknown, headers: PlainResponse['headers'] = {}): PlainResponse => ({
  status,
  headers,
  body: JSON.stringify(body)
})

/** The resources of an answer, as `Type/id`. */
export const shownIn = (response: PlainResponse): ReadonlyArray<string> => {
  const body = JSON.parse(response.body === '' ? '{}' : response.body) as Res & {
    readonly entry?: ReadonlyArray<{ readonly resource?: Res }>
  }
  const all = body.resourceType === 'Bundle' ? (body.entry ?? []).map(({ resource }) => resource) : [body]
  return all.flatMap((one) =>
    one === undefined || one.resourceType === 'OperationOutcome' ? [] : [`${one.resourceType}/${one.id}`]
  )
}

/** Whether a request reads: a GET, or a batch of them. */
export const isReading = ({ body, method, path }: PlainRequest): boolean => {
  if (method !== 'POST' || (path !== '' && path !== '/')) return method === 'GET'
  const { entry = [], type } = JSON.parse(body) as {
    readonly type?: string
    readonly entry?: ReadonlyArray<{ readonly request?: { readonly method?: string } }>
  }
  return type === 'batch' && entry.every(({ request }) => request?.method === 'GET')
}

/** Nothing was written, and nothing but what may be seen is in the answer. */
export const expectUntouched = async (gate: Behind, act: () => Promise<PlainResponse>): Promise<PlainResponse> => {
  const before = gate.stored()
  const response = await act()
  expect(gate.stored()).toEqual(before)
  expect(gate.requests.every(isReading)).toBe(true)
  return response
}

/** A 403 with the challenge that RFC 6750 wants, and nothing written. */
export const expectForbidden = async (gate: Behind, act: () => Promise<PlainResponse>): Promise<void> => {
  const response = await expectUntouched(gate, act)
  expect([response.status, response.headers['www-authenticate']]).toEqual([
    403,
    expect.stringContaining('error="insufficient_scope"')
  ])
  expect(shownIn(response)).toEqual([])
}

/** The same bytes as for what is not there. */
export const expectHidden = async (
  gate: Behind,
  scope: string,
  path: string,
  absent: string,
  more: Partial<PlainRequest> = {}
): Promise<void> => {
  const missing = await gate.ask(scope, 'GET', absent, more)
  expect(missing.status).toBe(404)
  expect(await expectUntouched(gate, () => gate.ask(scope, 'GET', path, more))).toEqual(missing)
}

/** The server's answer to a request with a token, or to one without. */
export const atTheDoor = async (fixture: Fixture, gate: Behind, request: PlainRequest): Promise<PlainResponse> => {
  const found = await fixture.server.resource.bearer(request)()
  return Either.isLeft(found) ? tokenRefused(found.left) : gate.pass(found.right, request)
}
