/** A foreign FHIR server under the simulator's own base. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as Either from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { upstreamFhirBackend } from '../../../src/simulator/fhir/upstream.js'
import { fhirGate } from '../../../src/engine/resource/fhir-gate.js'
import { defaultPolicy } from '../../../src/protocol/policy/policy.js'
import { parse } from '../../../src/scopes/parse.js'

const ours = 'http://127.0.0.1:9/fhir'
const requests: Array<string> = []
let foreign = ''

const patient = (id: string, more: object = {}) => ({ resourceType: 'Patient', id, ...more })
const page = (resources: ReadonlyArray<object>, next?: string) => ({
  resourceType: 'Bundle',
  type: 'searchset',
  entry: resources.map((resource) => ({ resource })),
  link: next === undefined ? [] : [{ relation: 'next', url: next }]
})

const bodies: Array<string> = []

const server = createServer((request, response) => {
  const url = request.url ?? ''
  requests.push(url)
  request.setEncoding('utf8').on('data', (text: string) => {
    bodies.push(text)
  })
  if (!url.startsWith('/r4')) {
    const [, status = '', kind = ''] = url.split('/')
    response.writeHead(Number(status)).end(kind === 'outcome' ? '{"resourceType":"OperationOutcome"}' : '<html>')
    return
  }
  const body = url.startsWith('/r4/?_getpages')
    ? page([patient('2')])
    : page(
        [
          patient('1', { photo: [{ url: foreign }, { url: `${foreign}ish/Patient/1` }], text: { div: `${foreign}#a` } })
        ],
        `${foreign}?_getpages=abc&_getpagesoffset=1`
      )
  const text = JSON.stringify(url.includes('Encounter') ? page([]) : body)
  response
    .writeHead(200, { 'content-type': 'application/fhir+json' })
    .end(url.includes('active=') ? text.replaceAll('/', '\\/') : text)
})

beforeAll(
  () =>
    new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        foreign = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/r4`
        resolve()
      })
    })
)
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

/** Sends a request by the next link of a page. */
const byNextLink = async (gate: ReturnType<typeof fhirGate>, body: string): Promise<{ readonly status: number }> => {
  const { link = [] } = JSON.parse(body) as { link?: ReadonlyArray<{ relation: string; url: string }> }
  const url = link.find(({ relation }) => relation === 'next')?.url ?? ''
  const { pathname, search } = new URL(url)
  const path = pathname.slice(new URL(ours).pathname.length)
  return gate({ method: 'GET', path, query: search.slice(1), headers: {}, body: '' })()
}

describe('a foreign FHIR server under our base', () => {
  it('is read to its last page, where page links ask the base itself, and its other addresses stay', async () => {
    const behind = await upstreamFhirBackend(foreign, ours)()
    if (Either.isLeft(behind)) throw new Error(behind.left.reason)
    const gate = fhirGate(
      { server: behind.right.serverFor(() => true), policy: defaultPolicy, base: ours },
      { clientId: 'app', scopes: parse('system/Patient.s'), context: {}, user: null }
    )
    const answer = await gate({ method: 'GET', path: '/Patient', query: '', headers: {}, body: '' })()
    const last = await byNextLink(gate, answer.body)
    expect([answer.status, last.status, requests.at(-1)]).toEqual([200, 200, '/r4/?_getpages=abc&_getpagesoffset=1'])
    const [first] = (JSON.parse(answer.body) as { entry: ReadonlyArray<{ resource: unknown }> }).entry
    expect(first?.resource).toMatchObject({
      photo: [{ url: ours }, { url: `${foreign}ish/Patient/1` }],
      text: { div: `${ours}#a` }
    })
  })

  it('is read to its last page, where it writes backslashes before slashes', async () => {
    const behind = await upstreamFhirBackend(foreign, ours)()
    if (Either.isLeft(behind)) throw new Error(behind.left.reason)
    const gate = fhirGate(
      { server: behind.right.serverFor(() => true), policy: defaultPolicy, base: ours },
      { clientId: 'app', scopes: parse('system/Patient.s'), context: {}, user: null }
    )
    const answer = await gate({ method: 'GET', path: '/Patient', query: 'active=true', headers: {}, body: '' })()
    const last = await byNextLink(gate, answer.body)
    expect([answer.status, last.status, requests.at(-1)]).toEqual([200, 200, '/r4/?_getpages=abc&_getpagesoffset=1'])
    expect(answer.body).toContain(`"url":"${ours}"`)
  })

  it('is searched by its own addresses, where the client posts ours in a form', async () => {
    const behind = await upstreamFhirBackend(foreign, ours)()
    if (Either.isLeft(behind)) throw new Error(behind.left.reason)
    const body = `organization=${encodeURIComponent(`${ours}/Organization/1`)}`
    await behind.right
      .serverFor(() => true)
      .answer({
        method: 'POST',
        path: '/Patient/_search',
        query: '',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body
      })()
    expect([requests.at(-1), decodeURIComponent(bodies.at(-1) ?? '')]).toEqual([
      '/r4/Patient/_search',
      `organization=${foreign}/Organization/1`
    ])
  })

  it.each<readonly [string, boolean]>([
    ['404/page', false],
    ['401/outcome', false],
    ['500/page', false],
    ['403/outcome', true]
  ])('that answers with %s: %s', async (path, isUsed) => {
    const address = foreign.replace('/r4', `/${path}`)
    const behind = await upstreamFhirBackend(address, ours)()
    expect(Either.isRight(behind)).toBe(isUsed)
    if (Either.isLeft(behind))
      expect(behind.left.reason).toBe(`fhirUpstream: ${address}/Patient answers with status ${path.slice(0, 3)}`)
  })

  it('is searched by its own addresses, where the client writes ours', async () => {
    const behind = await upstreamFhirBackend(foreign, ours)()
    if (Either.isLeft(behind)) throw new Error(behind.left.reason)
    const query = `organization=${encodeURIComponent(`${ours}/Organization/1,${ours}ish/Organization/1`)}`
    await behind.right.serverFor(() => true).answer({ method: 'GET', path: '/Patient', query, headers: {}, body: '' })()
    expect(decodeURIComponent(requests.at(-1) ?? '')).toBe(
      `/r4/Patient?organization=${foreign}/Organization/1,${ours}ish/Organization/1`
    )
  })
})
