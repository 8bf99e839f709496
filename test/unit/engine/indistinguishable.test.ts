/** From outside one failed authentication is like another: the same bytes, and the same work behind them. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { drive } from '../../support/client/authentication-driver.js'
import { assertion, app, backend, stranger } from '../../support/client/assertions.js'
import { clients, fhirBaseUrl, issuer, newFixture, post, redirectUri, sha256 } from '../../support/server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import type { AuthenticationCommand } from '../../../src/protocol/client/authentication-state.js'
import type { RegisteredClient } from '../../../src/protocol/client/client.js'
import { readCredentials } from '../../../src/protocol/client/credentials.js'
import { readForm } from '../../../src/protocol/http/form.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'
import { completePolicy } from '../../../src/protocol/policy/policy.js'
import { clientAuthenticationMethods } from '../../../src/protocol/client/client.js'

const [, symmetric] = clients
if (symmetric === undefined) throw new Error('no symmetric client')

/** Clients whose ids mean another one when they are decoded, and one whose id stands for itself. */
const register: ReadonlyArray<RegisteredClient> = [
  ...clients,
  backend(),
  app(),
  { ...symmetric, clientId: 'a:b c' },
  { ...symmetric, clientId: 'a%20b' },
  ...['two%20one', 'two one'].map((clientId) => ({ ...symmetric, clientId, secretDigests: [sha256('same')] })),
  { ...symmetric, clientId: 'post-app', tokenEndpointAuthMethod: 'client_secret_post' }
]

const basic = (user: string, secret: string, form: ReadonlyArray<readonly [string, string]> = []): PlainRequest =>
  post('/token', [['grant_type', 'authorization_code'], ['code', 'x'], ['redirect_uri', redirectUri], ...form], {
    authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
  })

const inBody = (form: Readonly<Record<string, string>>): PlainRequest =>
  post('/token', Object.entries({ grant_type: 'authorization_code', code: 'x', redirect_uri: redirectUri, ...form }))

const signed = (text: string): PlainRequest =>
  inBody({ client_assertion: text, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' })

/** A command as far as its cost and its order tell. */
const shapeOf = (command: AuthenticationCommand): string => {
  switch (command._tag) {
    case 'DigestSecrets':
      return `DigestSecrets of ${String(command.secrets.length)}`
    case 'VerifySignature':
      return `VerifySignature with ${command.alg}`
    case 'FindClient':
    case 'FetchKeys':
    case 'RememberAssertion':
      return command._tag
  }
}

const commandsFor = (request: PlainRequest, policy: Partial<SmartPolicy>): ReadonlyArray<string> => {
  const form = readForm(request.body)
  const credentials = readCredentials(request, Either.isRight(form) ? form.right : new Map())
  if (Either.isLeft(credentials)) return ['no credentials']
  const settings = {
    policy: completePolicy(policy),
    issuer,
    tokenEndpoint: `${issuer}/token`,
    algorithms: ['RS384', 'ES384'],
    methods: clientAuthenticationMethods
  }
  return drive(settings, credentials.right, 1000, { clients: register, verify: () => false }).commands.map(shapeOf)
}

const answerTo = (request: PlainRequest, policy: Partial<SmartPolicy>): Promise<PlainResponse> =>
  newFixture({
    policy,
    settings: { issuer, fhirBaseUrl },
    ports: { clients: memoryClients(register) }
  }).server.endpoints.token(request)()

const rsaHeader = { alg: 'RS384', kid: 'rsa' }

describe.each<readonly [string, Partial<SmartPolicy>, ReadonlyArray<readonly [string, PlainRequest]>]>([
  [
    'HTTP Basic',
    {},
    [
      ['nobody', basic('nobody', 'x')],
      ['a wrong secret', basic('sym-app', 'x')],
      ['no secret', basic('sym-app', '')],
      ['a secret that is longer', basic('sym-app', 'x'.repeat(5000))],
      ['a client that signs', basic('backend', 'x')],
      ['a public client', basic('pub-app', 'x')],
      ['a client that sends its secret in the body', basic('post-app', 's3cret:x')],
      ['nobody, named in the body too', basic('nobody', 'x', [['client_id', 'nobody']])],
      ['a wrong secret, named in the body too', basic('sym-app', 'x', [['client_id', 'sym-app']])]
    ]
  ],
  [
    'HTTP Basic, an id that can be read in two ways',
    {},
    [
      ['nobody', basic('x%3Ay+z', 'x')],
      ['an id that is decoded', basic('a%3Ab+c', 'x')],
      ['an id as it is', basic('a%20b', 'x')],
      ['both', basic('two%20one', 'x')]
    ]
  ],
  [
    'HTTP Basic, a secret that can be read in two ways',
    {},
    [
      ['nobody', basic('nobody', 'x%20y')],
      ['a wrong secret', basic('sym-app', 'x%20y')],
      ['a client that signs', basic('backend', 'x%20y')]
    ]
  ],
  [
    'a secret in the body',
    { allowClientSecretPost: true },
    [
      ['nobody', inBody({ client_id: 'nobody', client_secret: 'x' })],
      ['a wrong secret', inBody({ client_id: 'post-app', client_secret: 'x' })],
      ['a client that uses HTTP Basic', inBody({ client_id: 'sym-app', client_secret: 's3cret:%' })],
      ['a public client', inBody({ client_id: 'pub-app', client_secret: 'x' })]
    ]
  ],
  [
    'an id alone',
    {},
    [
      ['nobody', inBody({ client_id: 'nobody' })],
      ['a client with a secret', inBody({ client_id: 'sym-app' })],
      ['a client that signs', inBody({ client_id: 'backend' })]
    ]
  ],
  [
    'a signature with ES384',
    {},
    [
      ['nobody', signed(assertion({ claims: { iss: 'nobody', sub: 'nobody' } }))],
      ['another key', signed(assertion({ key: stranger.privateKey }))],
      ['another kid', signed(assertion({ header: { kid: 'x' } }))],
      ['no kid', signed(assertion({ header: { kid: undefined } }))],
      ['a jku', signed(assertion({ header: { jku: 'https://evil.example' } }))],
      ['another typ', signed(assertion({ header: { typ: 'at+jwt' } }))],
      ['an old one', signed(assertion({ claims: { exp: 1 } }))],
      ['no jti', signed(assertion({ claims: { jti: undefined } }))],
      ['a client with a secret', signed(assertion({ claims: { iss: 'sym-app', sub: 'sym-app' } }))],
      ['a public client', signed(assertion({ claims: { iss: 'pub-app', sub: 'pub-app' } }))],
      ['another sub', signed(assertion({ claims: { sub: 'nobody' } }))],
      ['no iss', signed(assertion({ claims: { iss: undefined } }))]
    ]
  ],
  [
    'a signature with RS384',
    {},
    [
      ['nobody', signed(assertion({ header: rsaHeader, claims: { iss: 'nobody' } }))],
      ['another sub', signed(assertion({ header: rsaHeader, claims: { sub: 'x' } }))],
      ['a kid of another kind', signed(assertion({ header: { alg: 'RS384', kid: 'ec' } }))]
    ]
  ],
  [
    'an algorithm that is not allowed',
    {},
    [
      ['nobody', signed(assertion({ header: { alg: 'none' }, claims: { iss: 'nobody' } }))],
      ['a client that signs', signed(assertion({ header: { alg: 'none' } }))],
      ['a client with a secret', signed(assertion({ header: { alg: 'none' }, claims: { iss: 'sym-app' } }))]
    ]
  ]
])('%s', (_name, policy, requests) => {
  const [first] = requests

  it.each(requests)('of %s is answered with the same bytes as any other failure', async (_of, request) => {
    const response = await answerTo(request, policy)
    expect(response.status).toBe(401)
    expect(response).toEqual(await answerTo(first?.[1] ?? request, policy))
    expect(response.body).toBe((await answerTo(inBody({ client_id: 'nobody' }), {})).body)
  })

  it.each(requests)('of %s leads to the same commands', (_of, request) => {
    expect(commandsFor(request, policy)).toEqual(commandsFor(first?.[1] ?? request, policy))
    expect(commandsFor(request, policy)[0]).toBe('FindClient')
  })
})

describe('an id that can be read in two ways', () => {
  const right = encodeURIComponent('s3cret:%')
  const fixture = (): ReturnType<typeof newFixture> => newFixture({ ports: { clients: memoryClients(register) } })
  const clientOf = async (request: PlainRequest): Promise<unknown> => {
    const here = fixture()
    await here.server.endpoints.token(request)()
    const { clientId, refusal } = here.audited[0] ?? {}
    return [clientId, refusal?._tag]
  }

  it('means the client of the decoded id, or of the raw one, each with its own secret', async () => {
    expect(await clientOf(basic('a%3Ab+c', right))).toEqual(['a:b c', 'CodeUnknown'])
    expect(await clientOf(basic('a%20b', 's3cret:%'))).toEqual(['a%20b', 'CodeUnknown'])
    expect(await clientOf(basic('a%20b', right))).toEqual(['a%20b', 'ClientSecretDiffers'])
    expect(await clientOf(basic('two%20one', 'same'))).toEqual(['two one', 'CodeUnknown'])
  })

  it('means the one that the body names, and no third one', async () => {
    expect(await clientOf(basic('two%20one', 'same', [['client_id', 'two%20one']]))).toEqual([
      'two%20one',
      'CodeUnknown'
    ])
    expect(await clientOf(basic('two%20one', 'same', [['client_id', 'two one']]))).toEqual(['two one', 'CodeUnknown'])
    expect(await clientOf(basic('two%20one', 'same', [['client_id', 'sym-app']]))).toEqual([null, 'CredentialsTwice'])
  })
})

describe('a register that does not tell spellings apart', () => {
  it('has not found a client of another spelling', async () => {
    const careless = {
      ...memoryClients(register),
      find: (id: string) => memoryClients(register).find(id.toLowerCase())
    }
    for (const request of [
      basic('SYM-APP', encodeURIComponent('s3cret:%')),
      inBody({ client_id: 'Pub-App' }),
      signed(assertion({ claims: { iss: 'Backend', sub: 'Backend' } }))
    ]) {
      const fixture = newFixture({ ports: { clients: careless } })
      expect((await fixture.server.endpoints.token(request)()).status).toBe(401)
      expect(fixture.audited.map(({ refusal }) => refusal?._tag)).toEqual(['AuthenticatingClientUnknown'])
    }
  })
})
