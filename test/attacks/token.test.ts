/** Attacks on the token endpoint as such: methods, bodies, grant types, what an answer says, who may read it. */
import { createPublicKey, verify } from 'node:crypto'
import type { JsonWebKey } from 'node:crypto'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { expect } from 'vitest'
import { webHandler } from '../../src/adapters/web.js'
import type { PlainRequest, PlainResponse } from '../../src/messages/http.js'
import { startSimulator } from '../end-to-end/simulator-process.js'
import type { World, WorldOptions } from '../simulation/world.js'
import { bodyOf, exchange, get, isAlive, newWorld, obtainCode, post, redirectUri, refresh, synchronousKeys, verifier } from '../simulation/world.js'
import { askAsserting, backend, worldWith } from './assertions.js'
import type { AttackRow, Variant } from './row.js'
import { attackGroup, leavesStoreAlone } from './row.js'

const origin = 'https://app.example'

const textOf = (response: PlainResponse, name: string): string => String(bodyOf(response)[name])

const goodBody = (code: string): PlainRequest => post('/token', [
  ['grant_type', 'authorization_code'], ['code', code], ['redirect_uri', redirectUri], ['code_verifier', verifier], ['client_id', 'pub-app']
])

/** Refused, the store as it was, and the code still good. */
const harmless = (spoil: (good: PlainRequest) => PlainRequest, status: number, error: string): Variant['run'] => async (world) => {
  const code = await obtainCode(world)
  const response = await leavesStoreAlone(world, world.server.token(spoil(goodBody(code))))
  expect([response.status, bodyOf(response)['error']]).toEqual([status, error])
  expect((await exchange(world, code)).status).toBe(200)
}

const redeems: Variant['run'] = async (world) => { expect((await exchange(world, await obtainCode(world))).status).toBe(200) }

const protocol = async (world: World, request: PlainRequest): Promise<PlainResponse> => {
  const answer = world.server.protocol(request)
  if (Option.isNone(answer)) throw new Error('not an address of the server')
  return answer.value()
}

/** A code is exchanged from a page of this origin. */
const fromOrigin = (asking: string, allowed: string | undefined): Variant => ({
  name: asking,
  run: async (world) => {
    const request = goodBody(await obtainCode(world))
    const response = await protocol(world, { ...request, headers: { ...request.headers, origin: asking } })
    expect([response.status, response.headers['access-control-allow-origin']]).toEqual([200, allowed])
    expect(response.headers['access-control-allow-credentials']).toBeUndefined()
  }
})

const secrets = ['secret-of-mine', 'code-of-mine']

const hostile = ['\r\nSet-Cookie: a=b', '"quoted"', 'back\\slash', 'naïve ✓', ...secrets]

const describes: ReadonlyArray<Variant> = ['grant_type', 'code', 'code_verifier', 'redirect_uri', 'client_id', 'refresh_token', 'client_assertion', hostile[0] ?? ''].map((name) => ({
  name: `hostile text in ${JSON.stringify(name)}`,
  run: async (world) => {
    for (const value of hostile) {
      const good = new Map([['grant_type', name === 'refresh_token' ? name : 'authorization_code'], ['code', 'x.y'], ['redirect_uri', redirectUri], ['code_verifier', verifier], ['client_id', 'pub-app']])
      const response = await leavesStoreAlone(world, world.server.token(post('/token', [...good.set(name, value)])))
      expect([400, 401]).toContain(response.status)
      const described = bodyOf(response) as Readonly<Record<string, string | undefined>>
      for (const member of ['error', 'error_description', 'error_uri']) expect(described[member] ?? '').toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/)
      for (const secret of secrets) expect(response.body + JSON.stringify(response.headers)).not.toContain(secret)
    }
  }
}))

/** A port fails in the middle of an exchange: nothing leaks, and nothing is issued. */
const failing = (name: string, statuses: ReadonlyArray<number>, optionsOf: (broken: { now: boolean }) => WorldOptions): Variant => ({
  name,
  run: async () => {
    const broken = { now: false }
    const world = newWorld(optionsOf(broken))
    const request = goodBody(await obtainCode(world))
    broken.now = true
    const handler = webHandler((asked) => world.server.token(asked))
    const response = await handler(new Request('https://ehr.example/token', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: request.body }))
    const text = await response.text()
    expect(statuses).toContain(response.status)
    expect(text).not.toMatch(/secret-host|\bat .*:\d+|access_token/)
    expect(JSON.stringify([...response.headers])).not.toContain('secret-host')
  }
})

const fault = (): never => { throw new Error('SELECT * FROM grants at secret-host') }

const bigBody = (length: boolean): Variant => ({
  name: length ? 'with Content-Length' : 'without Content-Length',
  run: async () => {
    const simulator = await startSimulator()
    try {
      const chunk = new Uint8Array(65_536).fill(120)
      let sent = 0
      const stream = new ReadableStream<Uint8Array>({ pull: (to) => { if (sent++ < 160) to.enqueue(chunk); else to.close() } })
      const init = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: length ? 'x'.repeat(10_485_760) : stream, duplex: 'half' }
      const status = await fetch(`${simulator.base}/token`, init as RequestInit).then((response) => response.status, () => 'closed')
      expect([413, 'closed']).toContain(status)
      expect((await fetch(`${simulator.base}/token`, { method: 'POST', headers: init.headers, body: 'grant_type=x' })).status).toBe(401)
    } finally {
      await simulator.stop()
    }
  }
})

const row = (id: string, name: string, run: Variant['run'], more: Partial<AttackRow> = {}): AttackRow => ({ id, variants: [{ name, run }], ...more })

const typed = (type: string | null) => ({ headers, ...request }: PlainRequest): PlainRequest => {
  const { 'content-type': _form, ...rest } = headers
  return { ...request, headers: type === null ? rest : { ...rest, 'content-type': type } }
}

attackGroup({
  endpoint: 'token',
  controls: [{ name: 'a code gives tokens', run: redeems }],
  rows: [
    row('TOK-01', 'GET', harmless((good) => get('/token', good.body), 405, 'invalid_request')),
    { id: 'TOK-02', variants: ['application/json', 'multipart/form-data; boundary=x', 'text/plain', null].map((type) => ({ name: String(type), run: harmless(typed(type), 400, 'invalid_request') })) },
    {
      id: 'TOK-05', world: worldWith([backend]),
      variants: [
        { name: 'pub-app uses client_credentials', run: harmless((good) => ({ ...good, body: 'grant_type=client_credentials&client_id=pub-app&scope=system/*.rs' }), 400, 'unauthorized_client') },
        { name: 'backend uses authorization_code', run: async (world) => {
          const code = await obtainCode(world)
          const response = await askAsserting(world, { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier })
          expect([response.status, bodyOf(response)['error']]).toEqual([400, 'unauthorized_client'])
          expect((await exchange(world, code)).status).toBe(200)
        } }
      ]
    },
    {
      id: 'TOK-06',
      variants: ['password', 'implicit', ...['jwt-bearer', 'token-exchange', 'device_code'].map((name) => `urn:ietf:params:oauth:grant-type:${name}`)].map((type) => ({
        name: type, run: harmless((good) => ({ ...good, body: good.body.replace('authorization_code', encodeURIComponent(type)) }), 400, 'unsupported_grant_type')
      }))
    },
    row('TOK-08', 'a refresh token and a scope beside a code', async (world) => {
      const victim = textOf(await exchange(world, await obtainCode(world)), 'refresh_token')
      const answer = await exchange(world, await obtainCode(world), { refresh_token: victim, scope: '*' })
      const alone = await exchange(world, await obtainCode(world))
      expect([answer.status, bodyOf(answer)['scope']]).toEqual([200, bodyOf(alone)['scope']])
      expect((await refresh(world, victim)).status).toBe(200)
    }),
    { id: 'TOK-10', variants: describes, differs: 'where the client itself is unknown the status is 401 (RFC 6749, 5.2)' },
    { id: 'TOK-11', variants: [bigBody(true), bigBody(false)], once: 'a process of its own', differs: 'a client that still writes may see the connection closed before it reads the 413' },
    row('TOK-13', 'charset=UTF-8', async (world) => {
      const response = await world.server.token(typed('application/x-www-form-urlencoded;charset=UTF-8')(goodBody(await obtainCode(world))))()
      expect(response.status).toBe(200)
    }),
    { id: 'TOK-14', variants: [fromOrigin(origin, origin), fromOrigin('https://evil.example', undefined), fromOrigin('null', undefined)] },
    {
      id: 'TOK-15', once: 'the ports of the row fail',
      variants: [
        failing('the store is silent', [503], (broken) => ({ store: (memory) => ({ ...memory, load: (key) => (broken.now ? TaskEither.left({ _tag: 'Unavailable', applied: 'no' }) : memory.load(key)) }) })),
        failing('the store throws', [500, 503], (broken) => ({ store: (memory) => ({ ...memory, load: (key) => (broken.now ? fault : memory.load(key)) }) })),
        failing('the signer throws', [500, 503], (broken) => ({ ports: { keys: { ...synchronousKeys, signIdToken: (claims) => (broken.now ? fault : synchronousKeys.signIdToken(claims)) } } })),
        failing('the clock throws', [500, 503], (broken) => ({ ports: { clock: { now: () => (broken.now ? fault() : 1000) } } }))
      ]
    },
    row('TOK-16', 'a client whose id is the sub of a user', async (world) => {
      const response = await askAsserting(world, {}, 'alice')
      expect(response.status).toBe(200)
      const bearer = await world.server.bearer(get('/fhir/Patient/123', '', { authorization: `Bearer ${textOf(response, 'access_token')}` }))()
      expect(bearer).toMatchObject({ _tag: 'Right', right: { clientId: 'alice', user: null, context: {} } })
      expect(await isAlive(world, textOf(response, 'access_token'))).toBe(true)
    }, { world: worldWith([{ ...backend, clientId: 'alice' }]), differs: 'shown where the facts for the host are made: no user and no context, so nothing of the user is permitted' }),
    row('TOK-17', 'openid fhirUser, nonce n1', async (world) => {
      const response = await exchange(world, await obtainCode(world, { nonce: 'n1' }))
      const [header = '', claims = '', signature = ''] = textOf(response, 'id_token').split('.')
      const read = (text: string): Readonly<Record<string, unknown>> => JSON.parse(Buffer.from(text, 'base64url').toString()) as Readonly<Record<string, unknown>>
      expect(read(header)).toMatchObject({ alg: 'RS256', kid: 'id1' })
      expect(read(claims)).toMatchObject({ aud: 'pub-app', nonce: 'n1', fhirUser: 'https://ehr.example/fhir/Practitioner/p1' })
      const keys = await synchronousKeys.publicKeys()
      const published = keys._tag === 'Right' ? keys.right.find((key) => (key as { readonly kid?: unknown }).kid === 'id1') : undefined
      const key = createPublicKey({ key: published as JsonWebKey, format: 'jwk' })
      expect(verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(true)
    })
  ]
})
