/** Clients that sign, their keys, and assertions in every shape, good and bad. */
import type { KeyObject } from 'node:crypto'
import { constants, generateKeyPairSync, sign } from 'node:crypto'
import type { Fixture, FixtureOptions } from '../server-fixture.js'
import { clients, issuer, newFixture, post, redirectUri } from '../server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import type { RegisteredClient } from '../../../src/protocol/client/client.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import type { ClientKeySource, Jwk } from '../../../src/protocol/jwt/jwk.js'
import { parse } from '../../../src/scopes/parse.js'

export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const ec = generateKeyPairSync('ec', { namedCurve: 'P-384' })
export const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
/** A key that nobody registered. */
export const stranger = generateKeyPairSync('ec', { namedCurve: 'P-384' })

export const jwkOf = (key: KeyObject, kid: string): Jwk => ({ ...key.export({ format: 'jwk' }), kid })

export const keys = [jwkOf(rsa.publicKey, 'rsa'), jwkOf(ec.publicKey, 'ec')]

export const tokenEndpoint = `${issuer}/token`

export const inline: ClientKeySource = { _tag: 'Inline', keys }

export const backend = (source: ClientKeySource = inline, clientId = 'backend'): RegisteredClient => ({
  clientId,
  clientName: 'Backend',
  redirectUris: [],
  launchUris: [],
  scope: parse('system/Observation.rs system/Patient.r'),
  grantTypes: ['client_credentials'],
  tokenEndpointAuthMethod: 'private_key_jwt',
  secretDigests: [],
  keys: source,
  applicationType: 'web'
})

export const app = (source: ClientKeySource = inline): RegisteredClient => ({
  ...backend(source),
  clientId: 'asym-app',
  redirectUris: [redirectUri],
  scope: parse('launch/patient openid offline_access patient/*.rs'),
  grantTypes: ['authorization_code', 'refresh_token']
})

/** A world that knows a backend service and an asymmetric app besides the usual clients. */
export const assertionWorld = (options: FixtureOptions = {}, source: ClientKeySource = inline): FixtureOptions => ({
  ...options,
  ports: {
    clients: memoryClients([...clients, backend(source), app(source), backend(source, 'other-backend')]),
    ...options.ports
  }
})

export const worldOf = (options: FixtureOptions = {}, source: ClientKeySource = inline): Fixture =>
  newFixture(assertionWorld(options, source))

export const part = (text: string): string => Buffer.from(text).toString('base64url')

const signature = (alg: string, text: string, key: KeyObject): string =>
  sign(
    `sha${alg.slice(2)}`,
    Buffer.from(text),
    alg.startsWith('ES')
      ? { key, dsaEncoding: 'ieee-p1363' }
      : alg.startsWith('PS')
        ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: Number(alg.slice(2)) / 8 }
        : key
  ).toString('base64url')

/** The two parts as texts, signed: for JSON that no printer prints. */
export const signParts = (
  header: string,
  claims: string,
  alg = 'ES384',
  key: KeyObject = alg.startsWith('ES') ? ec.privateKey : rsa.privateKey
): string => {
  const text = `${part(header)}.${part(claims)}`
  return `${text}.${signature(alg, text, key)}`
}

/** What differs from a good assertion. */
export interface Changes {
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
  readonly key?: KeyObject
}

let generated = 0

/** A `jti` that was not there before. */
export const freshId = (): string => `jti-${String(generated++)}`

/**
 * An assertion of the backend at second 1000; a member that is undefined is left out. Algorithms that cannot sign it
 * sign with ES384.
 */
export const assertion = ({ header = {}, claims = {}, key }: Changes = {}): string => {
  const fullHeader = { alg: 'ES384', kid: 'ec', typ: 'JWT', ...header }
  const body = { iss: 'backend', sub: 'backend', aud: tokenEndpoint, exp: 1300, jti: freshId(), ...claims }
  const alg = /^(?:[RP]S|ES)(?:256|384|512)$/.exec(fullHeader.alg)?.[0] ?? 'ES384'
  return signParts(JSON.stringify(fullHeader), JSON.stringify(body), alg, key)
}

/** Asks for a backend token with an assertion. */
export const ask = (
  fixture: Fixture,
  text: string,
  change: Readonly<Record<string, string>> = {}
): Promise<PlainResponse> =>
  fixture.server.endpoints.token(
    post(
      '/token',
      Object.entries({
        grant_type: 'client_credentials',
        scope: 'system/Observation.rs',
        client_assertion: text,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        ...change
      })
    )
  )()

export const lastRefusal = (fixture: Fixture): unknown => fixture.audited.at(-1)?.refusal?._tag
