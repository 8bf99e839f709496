import { connect } from 'node:net'
import { createHash } from 'node:crypto'
import * as Either from 'fp-ts/lib/Either.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { afterAll, beforeAll, expect } from 'vitest'
import { answered, asserted, obtainTokens } from '../../support/server/callers.js'
import type { AttackRow, Variant } from '../row.js'
import { attackGroup } from '../row.js'
import { leavesStoreAlone } from '../../support/server/stored.js'
import {
  askAsBackend,
  bearerOf,
  expectDead,
  expectRefused,
  launched,
  leavesOnlyMarks,
  textOf,
  tokenClients,
  tokenWorld
} from '../../support/token-fixture.js'
import { row, variant } from './token-rows.js'
import { TestUser, sentTo } from '../../support/simulator/person.js'
import type { RunningSimulator } from '../../support/simulator/simulator-process.js'
import { startSimulator } from '../../support/simulator/simulator-process.js'
import type { Change, Fixture } from '../../support/server-fixture.js'
import {
  bodyOf,
  exchange,
  fhirBaseUrl,
  get,
  grantKeyOf,
  issuer,
  newFixture,
  obtainCode,
  post,
  present,
  redirectUri,
  refresh,
  synchronousKeys,
  verifier
} from '../../support/server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import { webHandler } from '../../../src/adapters/web.js'
import type { Ports } from '../../../src/engine/ports.js'
import { decide } from '../../../src/protocol/access/decision.js'
import { interactionOf } from '../../../src/protocol/access/read-interaction.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'
import { parse } from '../../../src/scopes/parse.js'

let simulator: RunningSimulator
beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.stop())

const exchangeForm = (code: string, change: Change = {}): ReadonlyArray<readonly [string, string]> =>
  present({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    client_id: 'pub-app',
    ...change
  })

const formText = (pairs: ReadonlyArray<readonly [string, string]>): string =>
  new URLSearchParams(pairs.map(([name, value]) => [name, value])).toString()

const send = (fixture: Fixture, request: Partial<PlainRequest>): Promise<PlainResponse> =>
  answered(fixture, { ...post('/token', []), ...request })

/**
 * What the raw bytes of a request are answered with, until the server closes; the request may never come to its end.
 */
const answerToBytes = (pieces: ReadonlyArray<string>): Promise<string> => {
  const { hostname, port } = new URL(simulator.base)
  return new Promise((resolve) => {
    let validated = ''
    const socket = connect(Number(port), hostname, () => {
      for (const piece of pieces) socket.write(piece)
    })
    socket.on('data', (chunk: Buffer) => {
      validated += chunk.toString('utf8')
    })
    socket.on('error', () => {
      resolve(validated)
    })
    socket.on('close', () => {
      resolve(validated)
    })
  })
}

const mebibyte = 2 ** 20

const head = (field: string): string =>
  `POST /token HTTP/1.1\r\nHost: ${new URL(simulator.base).host}\r\nContent-Type: ` +
  `application/x-www-form-urlencoded\r\n${field}\r\n\r\n`

const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`

const tooLarge = /^HTTP\/1\.1 413 [^]*\r\nconnection: close\r\n[^]*"error":"invalid_request"/i

/** Where a browser that holds the sample data is sent with a code for the app at this address. */
const codeOverHttp = async (): Promise<string> => {
  const person = new TestUser(simulator.base)
  const start = await person.go(
    `${simulator.base}/authorize?${formText([
      ['client_id', 'sample-app'],
      ['redirect_uri', `${simulator.base}/app`],
      ['response_type', 'code'],
      ['scope', 'launch/patient patient/*.rs'],
      ['state', 's'],
      ['aud', `${simulator.base}/fhir`],
      ['code_challenge_method', 'S256'],
      ['code_challenge', createHash('sha256').update(verifier).digest('base64url')]
    ])}`
  )
  return sentTo(await person.pursue(start)).searchParams.get('code') ?? ''
}

const exchangeOverHttp = async (headers: Readonly<Record<string, string>>, change: Change = {}): Promise<Response> => {
  const code = await codeOverHttp()
  return fetch(`${simulator.base}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: formText(exchangeForm(code, { client_id: 'sample-app', redirect_uri: `${simulator.base}/app`, ...change }))
  })
}

/** The origin that the app is registered with: here it is served by the simulator itself. */
const registered = (): string => simulator.base

const sharedWith = (name: string, origin: () => string, isAllowed: boolean): Variant =>
  variant(name, async () => {
    const response = await exchangeOverHttp({ origin: origin() })
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([
      200,
      isAllowed ? origin() : null
    ])
    expect([response.headers.get('access-control-allow-credentials'), response.headers.get('vary')]).toEqual([
      null,
      'Origin'
    ])
    expect(await response.json()).toHaveProperty('access_token')
  })

const wrongBody = (name: string, contentType: string | null, body: (code: string) => string): Variant =>
  variant(name, async (fixture) => {
    const code = await obtainCode(fixture)
    const response = await leavesStoreAlone(fixture, () =>
      send(fixture, { headers: contentType === null ? {} : { 'content-type': contentType }, body: body(code) })
    )
    expectRefused(response, 400, 'invalid_request')
    expect((await exchange(fixture, code)).status).toBe(200)
  })

const grantType = (name: string, more: Change = {}): Variant =>
  variant(name, async (fixture) => {
    const code = await obtainCode(fixture)
    expectRefused(
      await leavesStoreAlone(fixture, () => exchange(fixture, code, { grant_type: name, ...more })),
      400,
      'unsupported_grant_type'
    )
  })

const hostile = ['a\r\nSet-Cookie: x=1', '"', '\\', 'é☃', '\u0000\u001b[2J', '<script>']

/**
 * A port that throws, which the engine's contract forbids: it is taken as silent, and nothing of what it threw is
 * shown.
 */
const throwing = (name: string, ports: (defect: () => never) => Partial<Ports>, status: 200 | 503 = 503): Variant =>
  variant(`${name} throws`, async () => {
    const box = { isBroken: false }
    const defect = (): never => {
      throw new Error(`FATAL: SELECT * FROM keys -- at db.internal:5432 -----BEGIN PRIVATE KEY-----`)
    }
    const sound = tokenWorld()
    const broken = ports(defect)
    const pick = <Name extends keyof Ports>(port: Name): Ports[Name] =>
      new Proxy(sound.ports[port], {
        get: (target, member) => Reflect.get((box.isBroken ? broken[port] : undefined) ?? target, member) as unknown
      })
    const fixture = newFixture({
      ports: {
        store: pick('store'),
        keys: pick('keys'),
        clock: pick('clock'),
        clients: pick('clients'),
        random: pick('random'),
        audit: pick('audit')
      }
    })
    const code = await obtainCode(fixture)
    const reported: Array<unknown> = []
    const handle = webHandler(fixture.server.endpoints.token, { onDefect: (one) => reported.push(one) })
    box.isBroken = true
    const response = await handle(
      new Request(`${issuer}/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: formText(exchangeForm(code))
      })
    )
    box.isBroken = false
    const text = await response.text()
    expect([response.status, (JSON.parse(text) as { readonly error?: string }).error]).toEqual([
      status,
      status === 200 ? undefined : 'temporarily_unavailable'
    ])
    expect(JSON.stringify([...response.headers, text])).not.toMatch(/FATAL|SELECT|internal|PRIVATE/)
    expect(reported).toEqual([])
    // Whatever was written before, nobody holds a token, and the code cannot be redeemed into two.
    const after = await exchange(fixture, code)
    if (after.status === 200) {
      await exchange(fixture, code)
      await expectDead(fixture, { access: textOf(after, 'access_token'), refresh: textOf(after, 'refresh_token') })
    } else expectRefused(after, 400, 'invalid_grant')
  })

/** A port that says, as its contract has it, that it cannot answer. */
const silent = (name: string, error: string, ports: Partial<Ports>): Variant =>
  variant(`${name} is silent`, async () => {
    const box = { isSilent: false }
    const sound = tokenWorld()
    const fixture = newFixture({
      ports: {
        clients: {
          ...sound.ports.clients,
          find: (id) => ((box.isSilent ? ports.clients : undefined) ?? sound.ports.clients).find(id)
        },
        keys: new Proxy(sound.ports.keys, {
          get: (target, member) => Reflect.get((box.isSilent ? ports.keys : undefined) ?? target, member) as unknown
        })
      }
    })
    const code = await obtainCode(fixture)
    box.isSilent = true
    const response = await exchange(fixture, code)
    expectRefused(response, 503, error)
    expect(response.body).not.toContain('db.internal')
  })

const unavailable = TaskEither.left({ _tag: 'Unavailable' as const, reason: 'db.internal:5432 refused' })

const rows: ReadonlyArray<AttackRow> = [
  row('TOK-01', [
    variant('GET /token?grant_type=authorization_code&code=..', async (fixture) => {
      const code = await obtainCode(fixture)
      const response = await leavesStoreAlone(fixture, () =>
        answered(fixture, get('/token', formText(exchangeForm(code))))
      )
      expectRefused(response, 405, 'invalid_request')
      expect(response.headers['allow']).toBe('POST')
      expect((await exchange(fixture, code)).status).toBe(200)
    }),
    variant('POST with the code in the address', async (fixture) => {
      const code = await obtainCode(fixture)
      const response = await leavesStoreAlone(fixture, () =>
        send(fixture, { query: `code=${code}`, body: formText(exchangeForm(code, { code: null })) })
      )
      expectRefused(response, 400, 'invalid_request')
      expect((await exchange(fixture, code)).status).toBe(200)
    })
  ]),
  row('TOK-02', [
    wrongBody('the same fields as application/json', 'application/json', (code) =>
      JSON.stringify(Object.fromEntries(exchangeForm(code)))
    ),
    wrongBody(
      'multipart/form-data',
      'multipart/form-data; boundary=x',
      (code) =>
        `${exchangeForm(code)
          .map(([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
          .join('')}--x--`
    ),
    wrongBody('text/plain', 'text/plain', (code) => formText(exchangeForm(code))),
    wrongBody('none', null, (code) => formText(exchangeForm(code))),
    wrongBody('almost the right one', 'application/x-www-form-urlencodedx', (code) => formText(exchangeForm(code)))
  ]),
  row(
    'TOK-05',
    [
      variant('pub-app uses client_credentials', async (fixture) => {
        const pairs: ReadonlyArray<readonly [string, string]> = [
          ['grant_type', 'client_credentials'],
          ['scope', 'patient/*.rs'],
          ['client_id', 'pub-app']
        ]
        expectRefused(
          await leavesStoreAlone(fixture, () => fixture.server.endpoints.token(post('/token', pairs))()),
          400,
          'unauthorized_client'
        )
      }),
      variant('backend uses authorization_code', async (fixture) => {
        const code = await obtainCode(fixture)
        const response = await leavesOnlyMarks(fixture, () =>
          exchange(fixture, code, { client_id: null, ...asserted(fixture, 'backend', `${issuer}/token`) })
        )
        expectRefused(response, 400, 'unauthorized_client')
        expect((await exchange(fixture, code)).status).toBe(200)
      }),
      variant('backend uses refresh_token', async (fixture) => {
        const tokens = await obtainTokens(fixture)
        const response = await leavesOnlyMarks(fixture, () =>
          refresh(fixture, tokens.refresh, { client_id: null, ...asserted(fixture, 'backend', `${issuer}/token`) })
        )
        expectRefused(response, 400, 'unauthorized_client')
        expect((await refresh(fixture, tokens.refresh)).status).toBe(200)
      })
    ],
    {
      differs:
        'the assertion by which the backend proved itself is remembered, as every assertion is; nothing else is written'
    }
  ),
  row('TOK-06', [
    grantType('password', { username: 'alice', password: 'alice' }),
    grantType('urn:ietf:params:oauth:grant-type:jwt-bearer', { assertion: 'a.b.c' }),
    grantType('urn:ietf:params:oauth:grant-type:token-exchange', {
      subject_token: 'x',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token'
    }),
    grantType('urn:ietf:params:oauth:grant-type:device_code', { device_code: 'x' }),
    grantType('implicit'),
    grantType('Authorization_Code'),
    grantType('authorization_code '),
    grantType('__proto__')
  ]),
  row('TOK-08', [
    variant('grant_type=authorization_code plus refresh_token=victim RT plus scope=*', async (fixture) => {
      const victim = await launched(fixture)
      const code = await obtainCode(fixture, { scope: 'launch/patient patient/Observation.r' })
      const before = fixture.memory.entries().find(([key]) => key === grantKeyOf(victim.grantId))
      const response = await exchange(fixture, code, { refresh_token: victim.refresh, scope: '*' })
      expect([response.status, bodyOf(response)['scope']]).toEqual([200, 'launch/patient patient/Observation.r'])
      expect(bodyOf(response)).not.toHaveProperty('refresh_token')
      expect(fixture.memory.entries().find(([key]) => key === grantKeyOf(victim.grantId))).toEqual(before)
      expect((await refresh(fixture, victim.refresh)).status).toBe(200)
    })
  ]),
  row(
    'TOK-10',
    [
      variant(
        'CR, LF, quotes, backslash, other scripts, the code and the secret, in every parameter',
        async (fixture) => {
          const code = await obtainCode(fixture)
          const { refresh: token } = await launched(fixture)
          const secret = 'a-secret-that-nobody-echoes'
          let answers = 0
          for (const name of [
            'grant_type',
            'code',
            'redirect_uri',
            'code_verifier',
            'resource',
            'aud',
            'client_id',
            'client_assertion_type'
          ]) {
            for (const value of [...hostile, code, token, secret]) {
              if (name === 'code' && value === code) continue
              // Redirect URI and verifier are checked against a code that was not issued: a wrong one of the right form
              // burns a code.
              const presented = name === 'redirect_uri' || name === 'code_verifier' ? `${code.slice(0, -4)}xxxx` : code
              const response = await leavesStoreAlone(fixture, () => exchange(fixture, presented, { [name]: value }))
              expect(response.status, `${name} ${value}`).toBe(/^client_/.test(name) ? 401 : 400)
              expectRefused(response, response.status, String(bodyOf(response)['error']))
              for (const one of [code, token, secret, ...hostile.slice(0, 1)]) expect(response.body).not.toContain(one)
              answers += 1
            }
          }
          expect(answers).toBe(8 * (hostile.length + 3) - 1)
        }
      )
    ],
    {
      differs:
        'a client that cannot be identified is 401, as everywhere; the words of every refusal are fixed, so nothing ' +
        'that was sent can stand in them'
    }
  ),
  row(
    'TOK-11',
    [
      variant('10 MiB with Content-Length: refused before it was sent', async () => {
        expect(await answerToBytes([head(`Content-Length: ${String(10 * mebibyte)}`), 'x'.repeat(2 ** 17)])).toMatch(
          tooLarge
        )
      }),
      variant('10 MiB without Content-Length: refused before it was sent', async () => {
        expect(await answerToBytes([head('Transfer-Encoding: chunked'), chunk('x'.repeat(2 ** 17))])).toMatch(tooLarge)
      }),
      variant('10 MiB, all of it and three times: the server goes on', async () => {
        const before = (await fetch(`${simulator.base}/`)).status
        for (let times = 0; times < 3; times++)
          await answerToBytes([head(`Content-Length: ${String(10 * mebibyte)}`), 'x'.repeat(10 * mebibyte)])
        expect([before, (await fetch(`${simulator.base}/`)).status]).toEqual([200, 200])
      })
    ],
    {
      once: 'a host has no world',
      differs:
        'that memory does not grow is shown by the answer, which comes and closes the connection while the ' +
        'body is still to be sent'
    }
  ),
  row('TOK-13', [
    ...[
      'application/x-www-form-urlencoded;charset=UTF-8',
      'application/x-www-form-urlencoded ; charset="utf-8"',
      'Application/X-WWW-Form-URLEncoded'
    ].map((contentType) =>
      variant(contentType, async (fixture) => {
        const code = await obtainCode(fixture)
        const response = await send(fixture, {
          headers: { 'content-type': contentType },
          body: formText(exchangeForm(code))
        })
        expect([response.status, bodyOf(response)['token_type']]).toEqual([200, 'Bearer'])
        expect(fixture.memory.entries().some(([, text]) => text.includes('"Active"'))).toBe(true)
      })
    )
  ]),
  row(
    'TOK-14',
    [
      sharedWith('an origin registered by the client', registered, true),
      sharedWith('Origin: https://evil.example', () => 'https://evil.example', false),
      sharedWith('Origin: null', () => 'null', false),
      variant('preflights, and refusals, are shared in the same way', async () => {
        for (const [origin, allowed] of [
          [registered(), registered()],
          ['https://evil.example', null],
          [`${registered()}.evil.example`, null]
        ] as const) {
          const preflight = await fetch(`${simulator.base}/token`, {
            method: 'OPTIONS',
            headers: { origin, 'access-control-request-method': 'POST' }
          })
          const refusal = await fetch(`${simulator.base}/token`, {
            method: 'POST',
            headers: { origin },
            body: new URLSearchParams({ grant_type: 'x' })
          })
          for (const { headers } of [preflight, refusal]) {
            expect([
              headers.get('access-control-allow-origin'),
              headers.get('access-control-allow-credentials')
            ]).toEqual([allowed, null])
          }
        }
      })
    ],
    { once: 'a host has no world' }
  ),
  row(
    'TOK-15',
    [
      throwing('the store', (defect) => ({ store: { load: () => defect, swap: () => defect } })),
      throwing('the signer', (defect) => ({
        keys: { ...synchronousKeys, mac: () => defect, signIdToken: () => defect }
      })),
      throwing('the clock', (defect) => ({ clock: { now: defect } })),
      throwing('chance', (defect) => ({ random: { token: defect } })),
      throwing('the digest', (defect) => ({ keys: { ...synchronousKeys, digest: defect } })),
      throwing('the log', (defect) => ({ audit: { record: defect } }), 200),
      silent('the signer', 'temporarily_unavailable', { keys: { ...synchronousKeys, mac: () => unavailable } }),
      silent('the signer of id_tokens', 'temporarily_unavailable', {
        keys: { ...synchronousKeys, signIdToken: () => unavailable }
      }),
      silent('the register', 'temporarily_unavailable', {
        clients: { find: () => unavailable, isRegisteredOrigin: () => unavailable }
      }),
      silent('the register that throws', 'temporarily_unavailable', {
        clients: {
          find: () => {
            throw new Error('x')
          },
          isRegisteredOrigin: () => {
            throw new Error('x')
          }
        }
      })
    ],
    { once: 'each variant makes a world with a broken port' }
  ),
  row(
    'TOK-16',
    [
      variant('a client whose id is the name of a user: its token stands for nobody', async (fixture) => {
        const response = await askAsBackend(fixture, { scope: 'system/Observation.rs' }, 'alice')
        const token = textOf(response, 'access_token')
        expect(await bearerOf(fixture, token)).toMatchObject({ clientId: 'alice', user: null, context: {} })
        for (const path of ['/Practitioner/p1', '/Patient/123', '/Patient/alice']) {
          const facts = await fixture.server.resource.bearer(
            get(`/fhir${path}`, '', { authorization: `Bearer ${token}` })
          )()
          if (Either.isLeft(facts)) throw new Error(facts.left._tag)
          expect(
            decide(
              fixture.server.policy,
              facts.right,
              interactionOf({ method: 'GET', path, query: '', headers: {}, body: '' })
            )._tag
          ).toBe('Deny')
        }
        const userinfo = await answered(fixture, get('/userinfo', '', { authorization: `Bearer ${token}` }))
        expect([userinfo.status, userinfo.body.includes('alice')]).toEqual([403, false])
        // And the other way round: what alice gives to an app is the app's, not the client's that is called like her.
        const { access } = await obtainTokens(fixture)
        expect(await bearerOf(fixture, access)).toMatchObject({ clientId: 'pub-app', user: { sub: 'alice' } })
      })
    ],
    {
      options: {
        ports: {
          clients: memoryClients([
            ...tokenClients,
            ...tokenClients
              .filter(({ clientId }) => clientId === 'backend')
              .map((client) => ({
                ...client,
                clientId: 'alice',
                scope: parse('system/Observation.rs openid fhirUser user/*.rs')
              }))
          ])
        }
      },
      differs: 'the store sees the token of the client; nothing else changes'
    }
  ),
  row(
    'TOK-17',
    [
      ...['2.0.0', '2.1.0', '2.2.0'].map((specVersion) =>
        variant(`scope openid fhirUser, nonce n1, in ${specVersion}`, async () => {
          const fixture = tokenWorld({ policy: { specVersion: specVersion as '2.0.0' } })
          const tokens = await obtainTokens(fixture, {
            scope: 'openid fhirUser launch/patient patient/*.rs',
            nonce: 'n1 "é'
          })
          const [header = '', claims = ''] = tokens.id.split('.')
          const read = (text: string): Readonly<Record<string, unknown>> =>
            JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Readonly<Record<string, unknown>>
          const { keys } = bodyOf(await answered(fixture, get('/jwks'))) as {
            readonly keys: ReadonlyArray<Readonly<Record<string, unknown>>>
          }
          expect(read(header)['alg']).toBe('RS256')
          expect(keys.filter(({ kid }) => kid === read(header)['kid'])).toHaveLength(1)
          expect(read(claims)).toMatchObject({
            iss: issuer,
            aud: 'pub-app',
            nonce: 'n1 "é',
            sub: 'alice',
            fhirUser: `${fhirBaseUrl}/Practitioner/p1`,
            iat: fixture.clock.now
          })
          expect(Number(read(claims)['exp'])).toBeGreaterThan(fixture.clock.now)
          expect(JSON.stringify(keys)).not.toMatch(/"(?:d|p|q|dp|dq|qi|k)":/)
        })
      )
    ],
    { once: 'each variant makes a world of its release' }
  )
]

const controls: ReadonlyArray<Variant> = [
  {
    name: 'a code buys tokens, and a refresh token new ones',
    run: async () => {
      const fixture = tokenWorld()
      const { refresh: token } = await launched(fixture)
      expect((await refresh(fixture, token)).status).toBe(200)
    }
  },
  {
    name: 'a backend service obtains a token',
    run: async () => {
      expect((await askAsBackend(tokenWorld())).status).toBe(200)
    }
  },
  {
    name:
      'over HTTP: a code buys tokens, a body of 60,000 bytes is read, and GET, JSON and a missing type are ' +
      'refused as in the engine',
    run: async () => {
      expect((await exchangeOverHttp({}, { extra: 'x'.repeat(60_000) })).status).toBe(200)
      const refused = await Promise.all([
        fetch(`${simulator.base}/token?grant_type=authorization_code&code=x`),
        fetch(`${simulator.base}/token`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{}'
        }),
        fetch(`${simulator.base}/token`, { method: 'POST', body: new Blob(['grant_type=authorization_code']) })
      ])
      expect(refused.map(({ status }) => status)).toEqual([405, 400, 400])
    }
  }
]

attackGroup({ endpoint: 'token', rows, controls })
