/** The clients of the attack rows that have keys, and the assertions that they sign. */
import { generateKeyPairSync, sign } from 'node:crypto'
import type { Jwk } from '../../../src/protocol/jwt/jwk.js'
import type { RegisteredClient } from '../../../src/protocol/client/client.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import { parse } from '../../../src/scopes/parse.js'
import type { Change, Fixture, FixtureOptions } from '../../support/server-fixture.js'
import { clients, issuer, post } from '../../support/server-fixture.js'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

const key: Jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'rsa' }

/** The backend service of the catalog. */
export const backend: RegisteredClient = {
  clientId: 'backend',
  clientName: 'Backend',
  redirectUris: [],
  launchUris: [],
  scope: parse('system/Observation.rs'),
  grantTypes: ['client_credentials'],
  tokenEndpointAuthMethod: 'private_key_jwt',
  secretDigests: [],
  keys: { _tag: 'Inline', keys: [key] },
  applicationType: 'web'
}

/** The plain world, with more clients in it. */
export const worldWith = (more: ReadonlyArray<RegisteredClient>): FixtureOptions => ({
  ports: { clients: memoryClients([...clients, ...more]) }
})

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

let generated = 0

/** A fresh and good assertion, good for five minutes of the world's clock. */
export const assertion = (fixture: Fixture, clientId = 'backend'): string => {
  const text = `${part({ alg: 'RS384', kid: 'rsa', typ: 'JWT' })}.${part({
    iss: clientId,
    sub: clientId,
    aud: `${issuer}/token`,
    exp: fixture.clock.now + 300,
    jti: `jti-${String(generated++)}`
  })}`
  return `${text}.${sign('sha384', Buffer.from(text), privateKey).toString('base64url')}`
}

/** A request to the token endpoint, authenticated by an assertion; null leaves a parameter out. */
export const askAsserting = (fixture: Fixture, change: Change, clientId = 'backend'): Promise<PlainResponse> => {
  const parameters: Change = {
    grant_type: 'client_credentials',
    scope: 'system/Observation.rs',
    client_assertion: assertion(fixture, clientId),
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    ...change
  }
  return fixture.server.endpoints.token(
    post(
      '/token',
      Object.entries(parameters).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
    )
  )()
}
