/**
 * What the adapters answer themselves below the FHIR base: as the gate answers, and readable for the pages of
 * registered apps.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import type { Fixture } from '../../support/server-fixture.js'
import { fhirBaseUrl, issuer, newFixture } from '../../support/server-fixture.js'
import { nodeHandler } from '../../../src/adapters/node.js'
import { webHandler } from '../../../src/adapters/web.js'
import type { RequestHandler } from '../../../src/engine/server/http-handler.js'
import { requestHandler } from '../../../src/engine/server/http-handler.js'

const origin = 'https://app.example'

const hostOf = ({ server }: Pick<Fixture, 'server'>): RequestHandler =>
  requestHandler(server, {
    onConversation: () => () => Promise.reject(new Error('no pages')),
    fallback: () => () => Promise.reject(new Error('a defect'))
  })

/** A request of a page of that origin. */
const from = (init: RequestInit, of: string): RequestInit => {
  const headers = new Headers(init.headers)
  headers.set('origin', of)
  return { ...init, headers }
}

/** What is thrown here is thrown on purpose. */
const silent = { onDefect: () => undefined }

interface Reported {
  readonly status: number
  readonly type: string
  readonly body: Record<string, unknown>
  readonly headers: Headers
}

const reported = async (response: Response): Promise<Reported> => ({
  status: response.status,
  type: response.headers.get('content-type') ?? '',
  body: (await response.json()) as Record<string, unknown>,
  headers: response.headers
})

const overWeb = async (answer: RequestHandler, url: string, init: RequestInit): Promise<Reported> =>
  reported(await webHandler(answer, silent)(new Request(url, init)))

const overNode = async (answer: RequestHandler, url: string, init: RequestInit): Promise<Reported> => {
  const server = createServer(nodeHandler(answer, silent)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await reported(
      await fetch(url.replace(issuer, `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`), init)
    )
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const cases: ReadonlyArray<readonly [string, RequestInit, number, string]> = [
  ['a body that is too large', { method: 'POST', body: 'x'.repeat(65_537) }, 413, 'too-long'],
  [
    'a body in a content coding',
    { method: 'POST', body: Uint8Array.from(gzipSync('{}')), headers: { 'content-encoding': 'gzip' } },
    415,
    'not-supported'
  ],
  [
    'a body that is too large and in a content coding',
    { method: 'POST', body: 'x'.repeat(65_537), headers: { 'content-encoding': 'gzip' } },
    415,
    'not-supported'
  ],
  [
    'a body that is too large and no text',
    { method: 'POST', body: new Uint8Array(65_537).fill(0xff) },
    413,
    'too-long'
  ],
  ['a body that is no text', { method: 'PUT', body: Uint8Array.from([0xff]) }, 400, 'invalid'],
  ['a host that throws', { method: 'GET' }, 500, 'exception']
]

describe.each([
  ['nodeHandler', overNode],
  ['webHandler', overWeb]
] as const)('%s below the FHIR base', (_name, ask) => {
  it.each(cases)('answers %s with an OperationOutcome', async (_case, init, status, code) => {
    const answer = await ask(hostOf(newFixture()), `${fhirBaseUrl}/Observation/1`, from(init, origin))
    expect([answer.status, answer.type]).toEqual([status, 'application/fhir+json; charset=utf-8'])
    expect(answer.body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code }] })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
    expect(answer.headers.get('vary')).toBe('Origin')
    expect(answer.headers.get('accept-encoding')).toBe(status === 415 ? 'identity' : null)
  })

  it.each(cases)('shows a page of an unknown origin nothing of %s', async (_case, init, status) => {
    const answer = await ask(hostOf(newFixture()), fhirBaseUrl, from(init, 'https://evil.example'))
    expect([answer.status, answer.headers.get('access-control-allow-origin'), answer.headers.get('vary')]).toEqual([
      status,
      null,
      'Origin'
    ])
  })

  it('answers without CORS headers if the origins of clients are unknown', async () => {
    const fixture = newFixture({
      ports: {
        clients: {
          find: () => TaskEither.left({ _tag: 'Unavailable', reason: '' }),
          isRegisteredOrigin: () => {
            throw new Error('no register')
          }
        }
      }
    })
    expect(
      (
        await ask(hostOf(fixture), `${fhirBaseUrl}/Patient`, {
          method: 'POST',
          body: 'x'.repeat(65_537),
          headers: { origin }
        })
      ).status
    ).toBe(413)
  })

  it.each(cases.slice(0, 5))(
    'answers %s in the form of OAuth at the token endpoint, wherever that is',
    async (_case, init, status) => {
      for (const settings of [{}, { issuer: fhirBaseUrl }]) {
        const { server } = newFixture({ settings })
        const answer = await ask(hostOf({ server }), server.facts.tokenEndpoint, { ...init, method: 'POST' })
        expect([answer.status, answer.body['error']]).toEqual([status, 'invalid_request'])
      }
    }
  )

  it('answers in the form of OAuth where only the beginning of an address is that of the base', async () => {
    const answer = await ask(hostOf(newFixture()), `${fhirBaseUrl}x`, { method: 'POST', body: 'x'.repeat(65_537) })
    expect([answer.status, answer.body['error']]).toEqual([413, 'invalid_request'])
  })
})
