/**
 * The simulator with a small heap, a bounded mixture of hostile input, and an honest client beside it: every launch of
 * the honest client completes, and the process is alive afterwards.
 *
 * `SOAK_ROUNDS` sets how often the whole mixture is sent (default 2).
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestUser, sentTo } from '../support/simulator/person.js'
import type { RunningSimulator } from '../support/simulator/simulator-process.js'
import { startSimulator } from '../support/simulator/simulator-process.js'

const rounds = Number(process.env['SOAK_ROUNDS'] ?? 2)
const heapMebibytes = 160
const redirectUri = 'http://127.0.0.1:4567/redirect'
const verifier = 'v'.repeat(43)
const challenge = createHash('sha256').update(verifier).digest('base64url')
const formType = { 'content-type': 'application/x-www-form-urlencoded' }
const jsonType = { 'content-type': 'application/json' }
const fhirType = { 'content-type': 'application/fhir+json' }

let simulator: RunningSimulator
/** A host of keys that accepts connections and never answers. */
let silentHost: Server
let silentUrl = ''

beforeAll(async () => {
  silentHost = createServer(() => undefined)
  await new Promise<void>((resolve) => {
    silentHost.listen(0, '127.0.0.1', resolve)
  })
  silentUrl = `http://127.0.0.1:${String((silentHost.address() as AddressInfo).port)}/jwks`
  const file = join(mkdtempSync(join(tmpdir(), 'soak-')), 'config.json')
  const app = {
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'none'
  }
  writeFileSync(
    file,
    JSON.stringify({
      clients: [
        { ...app, client_id: 'honest', scope: 'launch/patient openid fhirUser offline_access patient/*.rs' },
        { ...app, client_id: 'hostile', scope: 'launch/patient openid offline_access patient/*.cruds user/*.cruds' },
        {
          client_id: 'service',
          grant_types: ['client_credentials'],
          scope: 'system/*.rs',
          token_endpoint_auth_method: 'private_key_jwt',
          jwks_uri: silentUrl
        }
      ],
      users: [{ username: 'alice', password: 'alice-demo', patients: ['*'] }],
      registration: 'open'
    })
  )
  simulator = await startSimulator(['--config', file], [`--max-old-space-size=${String(heapMebibytes)}`])
})
afterAll(async () => {
  silentHost.closeAllConnections()
  silentHost.close()
  await simulator.stop()
})

const authorizationRequest = (clientId: string, scope: string): URLSearchParams =>
  new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope,
    state: 'some-state',
    aud: `${simulator.base}/fhir`,
    code_challenge: challenge,
    code_challenge_method: 'S256'
  })

/** A whole standalone launch; gives the access token and its patient. */
const launch = async (
  clientId: string,
  scope: string
): Promise<{ readonly accessToken: string; readonly patient: string }> => {
  const person = new TestUser(simulator.base)
  const begun = await person.go(`${simulator.base}/authorize?${authorizationRequest(clientId, scope).toString()}`)
  const code = sentTo(await person.pursue(begun, { choose: 'example-1' })).searchParams.get('code') ?? ''
  const answer = await fetch(`${simulator.base}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      client_id: clientId
    })
  })
  const { access_token: accessToken, patient } = (await answer.json()) as {
    readonly access_token: string
    readonly patient: string
  }
  return { accessToken, patient }
}

/** One hostile request, which may be cut off after so many milliseconds; what it is answered does not matter here. */
type Hostile = (number: number) => Promise<unknown>

const send = (path: string, init: RequestInit, leaveAfterMilliseconds = 20_000): Promise<unknown> =>
  fetch(`${simulator.base}${path}`, {
    redirect: 'manual',
    signal: AbortSignal.timeout(leaveAfterMilliseconds),
    ...init
  })
    .then((response) => response.text())
    .catch(() => null)

const post = (
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  leaveAfterMilliseconds?: number
): Promise<unknown> => send(path, { method: 'POST', headers, body }, leaveAfterMilliseconds)

const many = (count: number, make: (at: number) => string, joint = ' '): string =>
  Array.from({ length: count }, (_, at) => make(at)).join(joint)

const authorize = (scope: string): Promise<unknown> =>
  post('/authorize', formType, authorizationRequest('hostile', scope).toString())

/** Raw bytes on a socket that stays open for a moment. */
const raw = (bytes: string): Promise<unknown> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(simulator.base)
    const socket = connect(Number(port), hostname, () => {
      socket.write(bytes)
    })
    const end = setTimeout(() => {
      socket.destroy()
    }, 200)
    socket
      .on('error', () => undefined)
      .on('close', () => {
        clearTimeout(end)
        resolve(null)
      })
      .resume()
  })

const unsignedAssertion = (clientId: string, number: number): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const exp = Math.floor(Date.now() / 1000) + 60
  const claims = { iss: clientId, sub: clientId, aud: `${simulator.base}/token`, exp, jti: String(number) }
  return `${part({ alg: 'ES384', typ: 'JWT', kid: String(number) })}.${part(claims)}.${'A'.repeat(128)}`
}

const credentials = (clientId: string, number: number): string =>
  new URLSearchParams({
    grant_type: 'client_credentials',
    scope: 'system/*.rs',
    client_assertion: unsignedAssertion(clientId, number),
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  }).toString()

/** What needs nothing but the address of the server. */
const byStrangers: Readonly<Record<string, Hostile>> = {
  'a scope of 50 KB': () => authorize(`launch/patient patient/Observation.rs?code=${'A'.repeat(50_000)}`),
  'a thousand scopes with a string parameter': () =>
    authorize(many(1000, (at) => `patient/Patient.rs?name=${at.toString(36).padStart(4, '0')}`)),
  'long lists of values in two clauses': () =>
    authorize(
      `patient/Observation.cruds?category=${many(700, (at) => `v${String(at)}`, ',')}&code=` +
        many(700, (at) => `w${String(at)}`, ',')
    ),
  'state of 60 KB': () =>
    post(
      '/authorize',
      formType,
      `${authorizationRequest('hostile', 'patient/*.rs').toString()}&state=${'s'.repeat(60_000)}`
    ),
  'a body over the limit': () => post('/token', formType, 'x'.repeat(2 ** 20)),
  'a body in an unknown encoding': () => post('/token', { ...formType, 'content-encoding': 'br' }, 'grant_type=x'),
  'assertions of a client whose key host does not respond': (number) =>
    post('/token', formType, credentials('service', number), 300),
  'a registration with keys at a host that does not respond': (number) =>
    post(
      '/register',
      jsonType,
      JSON.stringify({
        client_name: `App ${String(number)}`,
        grant_types: ['authorization_code'],
        redirect_uris: ['https://app.example/cb'],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: `${silentUrl}?${String(number)}`
      })
    ),
  'a registration with lists of 2,000': () =>
    post(
      '/register',
      jsonType,
      JSON.stringify({
        redirect_uris: Array.from({ length: 2000 }, (_, at) => `https://app.example/${String(at)}`),
        contacts: Array.from({ length: 2000 }, () => 'x'),
        token_endpoint_auth_method: 'none'
      })
    ),
  'a registration of 20,000 levels': () =>
    post('/register', jsonType, `${'{"a":'.repeat(10_000)}${'['.repeat(10_000)}`),
  'names on the prototype': () =>
    post(
      '/register',
      jsonType,
      '{"__proto__":{"redirect_uris":["https://evil.example"]},"constructor":{"prototype":{"scope":"system/*.*"}}}'
    ),
  'made-up tokens to introspect': () => post('/introspect', formType, `token=${'x.'.repeat(20_000)}&client_id=honest`),
  'bytes that are no HTTP': () => raw('\0\0\0\r\n\r\n'),
  'half a request': () =>
    raw(
      'POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ' +
        '60000\r\n\r\ngrant_type='
    ),
  'headers of 20 KB': () =>
    send('/fhir/Patient/example-1', { headers: { authorization: `Bearer ${'x'.repeat(20_000)}` } }),
  'an absolute target': () => raw('GET http://evil.example/fhir/metadata HTTP/1.1\r\nHost: evil.example\r\n\r\n'),
  'a client that leaves at once': () => send('/', {}, 1),
  'launches that are not finished': () =>
    send(`/ehr/launch?client_id=hostile&launch_uri=${encodeURIComponent('https://evil.example/')}`, {})
}

const observation = (id: string, more: object = {}): object => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'x' },
  subject: { reference: 'Patient/example-1' },
  ...more
})

/** What a registered app can send with a token that it got by rights. */
const byApps = (accessToken: string): Readonly<Record<string, Hostile>> => {
  const fhir = (
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = fhirType,
    leaveAfter?: number
  ): Promise<unknown> =>
    send(
      `/fhir${path}`,
      {
        method,
        headers: { authorization: `Bearer ${accessToken}`, ...(body === undefined ? {} : headers) },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) })
      },
      leaveAfter
    )
  const patchType = { 'content-type': 'application/json-patch+json' }
  const batch = (count: number, url: string): object => ({
    resourceType: 'Bundle',
    type: 'batch',
    entry: Array.from({ length: count }, () => ({ request: { method: 'GET', url } }))
  })
  return {
    'a record that grows by copies': async (number) => {
      const id = `letter-${String(number % 4)}`
      await fhir('PUT', `/Observation/${id}`, observation(id, { note: [{ text: 'x'.repeat(50_000) }] }))
      const copies = Array.from({ length: 15 }, () => ({ op: 'copy', from: '/note/0', path: '/note/-' }))
      for (let round = 0; round < 4; round++)
        await fhir('PATCH', `/Observation/${id}`, copies, { ...patchType, prefer: 'return=minimal' })
    },
    'a batch that reads a large record 1,000 times': () => fhir('POST', '/', batch(1000, 'Observation/letter-0')),
    'a batch of searches, and a client that leaves': () =>
      fhir('POST', '/', batch(1000, 'Observation?_include=Observation:performer'), fhirType, 500),
    'a patch of 1,400 operations': async (number) => {
      const id = `wide-${String(number % 4)}`
      await fhir(
        'PUT',
        `/Observation/${id}`,
        observation(id, Object.fromEntries(Array.from({ length: 6000 }, (_, at) => [`k${at.toString(36)}`, 1])))
      )
      await fhir(
        'PATCH',
        `/Observation/${id}`,
        Array.from({ length: 1400 }, () => ({ op: 'replace', path: '/k0', value: 2 })),
        patchType
      )
    },
    'many records and their includes': async (number) => {
      const entry = Array.from({ length: 60 }, (_, at) => {
        const id = `x${String(number)}-${String(at)}`
        return [
          { request: { method: 'PUT', url: `Practitioner/${id}` }, resource: { resourceType: 'Practitioner', id } },
          {
            request: { method: 'PUT', url: `Observation/${id}` },
            resource: observation(id, { performer: [{ reference: `Practitioner/${id}` }] })
          }
        ]
      }).flat()
      await fhir('POST', '/', { resourceType: 'Bundle', type: 'transaction', entry })
      await fhir('GET', '/Observation?_include=Observation:performer&_revinclude=Provenance:target&_include=*')
    },
    'everything of a patient': () => fhir('GET', '/Patient/example-1/$everything'),
    'a search with 1,000 parameters': () =>
      fhir('GET', `/Observation?${many(1000, (at) => `code=${String(at)}`, '&')}`),
    'a chain of 2,000 links': () => fhir('GET', `/Observation?${many(2000, () => 'subject', '.')}=x`),
    'a body of 20,000 levels': () => fhir('POST', '/Observation', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`),
    'a subscription': () =>
      fhir('POST', '/Subscription', {
        resourceType: 'Subscription',
        status: 'requested',
        reason: 'x',
        criteria: 'Observation?',
        channel: { type: 'rest-hook', endpoint: 'http://127.0.0.1:1/' }
      })
  }
}

/** Sends the whole mixture, a few at a time. */
const sendAll = async (mixture: ReadonlyArray<Hostile>, atOnce: number): Promise<void> => {
  const waiting = Array.from({ length: rounds }, () => mixture).flat()
  let next = 0
  const sender = async (): Promise<void> => {
    for (let number = next++; number < waiting.length; number = next++) await waiting[number]?.(number)
  }
  await Promise.all(Array.from({ length: atOnce }, sender))
}

describe('a soak', () => {
  it('of hostile input does not keep a legitimate client from its launches', async () => {
    const { accessToken } = await launch('hostile', 'launch/patient patient/*.cruds user/*.cruds')
    // Every kind from strangers comes four times a round, because nothing keeps a stranger from sending it again.
    const mixture = [
      ...Object.values(byApps(accessToken)),
      ...Array.from({ length: 4 }, () => Object.values(byStrangers)).flat()
    ]
    const under = { way: true }
    const hostile = sendAll(mixture, 8).finally(() => {
      under.way = false
    })
    const patients: Array<string> = []
    const waits: Array<number> = []
    while (under.way || patients.length < 3) {
      const begun = performance.now()
      const { accessToken: token, patient } = await launch(
        'honest',
        'launch/patient openid fhirUser offline_access patient/*.rs'
      )
      const read = await fetch(`${simulator.base}/fhir/Patient/${patient}`, {
        headers: { authorization: `Bearer ${token}` }
      })
      patients.push(`${patient} ${String(read.status)}`)
      waits.push(Math.round(performance.now() - begun))
    }
    await hostile
    expect(patients.filter((one) => one !== 'example-1 200')).toEqual([])
    expect((await fetch(`${simulator.base}/fhir/metadata`)).status).toBe(200)
    expect(simulator.printed()).not.toMatch(/a defect|heap out of memory|\bat .*\.js:\d+/)
    console.log(
      `${String(mixture.length * rounds)} hostile requests, ${String(patients.length)} honest launches; the ` +
        `longest took ${String(Math.max(...waits))} ms`
    )
  }, 180_000)
})
