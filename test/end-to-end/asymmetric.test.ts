/**
 * Asymmetric apps and backend services made with a library that this project did not write, against the real simulator.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestUser, sentTo } from '../support/simulator/person.js'
import type { RunningSimulator } from '../support/simulator/simulator-process.js'
import { startSimulator } from '../support/simulator/simulator-process.js'

const algorithms = ['RS384', 'ES384'] as const
type Algorithm = (typeof algorithms)[number]

const parameters = {
  RS384: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
  ES384: { name: 'ECDSA', namedCurve: 'P-384' }
}

// eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated by its author so that it stands out
const insecure = { [oauth.allowInsecureRequests]: true }

let simulator: RunningSimulator
let keyServer: Server
const pairs = new Map<Algorithm, CryptoKeyPair>()
const redirectUri = 'http://127.0.0.1:4567/redirect'

const kinds = ['backend service', 'app'] as const
const places = ['inline', 'by URL'] as const
const audiences = ['token endpoint', 'issuer'] as const
type Kind = (typeof kinds)[number]
type Audience = (typeof audiences)[number]

const registrations: Readonly<Record<Kind, object>> = {
  'backend service': { scope: 'system/Observation.rs', redirect_uris: [], grant_types: ['client_credentials'] },
  app: {
    scope: 'launch/patient openid fhirUser offline_access patient/*.rs',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token']
  }
}

const idOf = (kind: Kind, place: (typeof places)[number]): string =>
  `${kind}-${place}`.replaceAll(' ', '-').toLowerCase()

/** Every combination of who asks, where the keys are, how they sign, and for whom. */
const combinations = kinds.flatMap((kind) =>
  places.flatMap((place) =>
    algorithms.flatMap((algorithm) => audiences.map((audience) => ({ kind, place, algorithm, audience })))
  )
)

beforeAll(async () => {
  const keys = await Promise.all(
    algorithms.map(async (algorithm) => {
      const pair = await crypto.subtle.generateKey(parameters[algorithm], true, ['sign', 'verify'])
      pairs.set(algorithm, pair)
      return {
        ...(await crypto.subtle.exportKey('jwk', pair.publicKey)),
        kid: algorithm,
        alg: algorithm,
        key_ops: ['verify']
      }
    })
  )
  keyServer = createServer((_request, response) => {
    response
      .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'max-age=60' })
      .end(JSON.stringify({ keys }))
  })
  await new Promise<void>((resolve) => {
    keyServer.listen(0, '127.0.0.1', resolve)
  })
  const jwksUri = `http://127.0.0.1:${String((keyServer.address() as AddressInfo).port)}/jwks.json`
  const sources = { inline: { jwks: { keys } }, 'by URL': { jwks_uri: jwksUri } }
  const file = join(mkdtempSync(join(tmpdir(), 'asymmetric-')), 'config.json')
  writeFileSync(
    file,
    JSON.stringify({
      clients: kinds.flatMap((kind) =>
        places.map((place) => ({
          ...registrations[kind],
          client_id: idOf(kind, place),
          client_name: `${kind}, keys ${place}`,
          token_endpoint_auth_method: 'private_key_jwt',
          ...sources[place]
        }))
      ),
      fetchPrivateNetworks: ['127.0.0.1']
    })
  )
  simulator = await startSimulator(['--config', file])
})
afterAll(async () => {
  await simulator.stop()
  keyServer.close()
})

const discover = async (): Promise<oauth.AuthorizationServer> => {
  const issuer = new URL(simulator.base)
  return oauth.processDiscoveryResponse(
    issuer,
    await oauth.discoveryRequest(issuer, { algorithm: 'oidc', ...insecure })
  )
}

/** The library names the issuer as audience, as RFC 10070 says; the guide names the token endpoint. */
const authentication = (algorithm: Algorithm, audience: Audience, pair = pairs.get(algorithm)): oauth.ClientAuth => {
  if (pair === undefined) throw new Error('no key')
  return oauth.PrivateKeyJwt(
    { key: pair.privateKey, kid: algorithm },
    {
      [oauth.modifyAssertion]: (header, claims) => {
        header['typ'] = 'JWT'
        claims['aud'] = audience === 'issuer' ? simulator.base : `${simulator.base}/token`
        claims['exp'] = Number(claims['iat']) + 60
      }
    }
  )
}

const obtainBackendToken = async (client: oauth.Client, authenticated: oauth.ClientAuth): Promise<void> => {
  const server = await discover()
  const response = await oauth.clientCredentialsGrantRequest(
    server,
    client,
    authenticated,
    new URLSearchParams({ scope: 'system/Observation.rs' }),
    insecure
  )
  const tokens = await oauth.processClientCredentialsResponse(server, client, response)
  expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 300, scope: 'system/Observation.rs' })
  expect([tokens.refresh_token, tokens.id_token, tokens['patient']]).toEqual([undefined, undefined, undefined])
  const read = await fetch(`${simulator.base}/fhir/Observation`, {
    headers: { authorization: `Bearer ${tokens.access_token}` }
  })
  expect(read.status).toBe(200)
  expect(((await read.json()) as { total: number }).total).toBeGreaterThan(4)
}

const launchAndRefresh = async (client: oauth.Client, authenticated: oauth.ClientAuth): Promise<void> => {
  const server = await discover()
  const verifier = oauth.generateRandomCodeVerifier()
  const person = new TestUser(simulator.base)
  const first = await person.go(
    `${server.authorization_endpoint ?? ''}?${new URLSearchParams({
      client_id: client.client_id,
      redirect_uri: redirectUri,
      response_type: 'code',
      state: 's',
      aud: `${simulator.base}/fhir`,
      scope: 'launch/patient openid fhirUser offline_access patient/*.rs',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256'
    }).toString()}`
  )
  const callback = oauth.validateAuthResponse(
    server,
    client,
    sentTo(await person.pursue(first, { choose: 'example-2' })),
    's'
  )
  const tokens = await oauth.processAuthorizationCodeResponse(
    server,
    client,
    await oauth.authorizationCodeGrantRequest(server, client, authenticated, callback, redirectUri, verifier, insecure)
  )
  expect(tokens['patient']).toBe('example-2')
  const again = await oauth.processRefreshTokenResponse(
    server,
    client,
    await oauth.refreshTokenGrantRequest(server, client, authenticated, tokens.refresh_token ?? '', insecure)
  )
  expect(again.scope).toBe(tokens.scope)
  const read = await fetch(`${simulator.base}/fhir/Patient/example-2`, {
    headers: { authorization: `Bearer ${again.access_token}` }
  })
  expect(read.status).toBe(200)
}

describe('tokens by signed assertions', () => {
  it.each(combinations)(
    'of a client of the kind $kind: keys $place, $algorithm, for the $audience',
    async ({ kind, place, algorithm, audience }) => {
      const obtain = kind === 'app' ? launchAndRefresh : obtainBackendToken
      await obtain({ client_id: idOf(kind, place) }, authentication(algorithm, audience))
    }
  )

  it.each(kinds.flatMap((kind) => places.map((place) => ({ kind, place }))))(
    'are refused with the key of another: $kind, keys $place',
    async ({ kind, place }) => {
      const server = await discover()
      const stranger = await crypto.subtle.generateKey(parameters.ES384, true, ['sign', 'verify'])
      const response = await oauth.clientCredentialsGrantRequest(
        server,
        { client_id: idOf(kind, place) },
        authentication('ES384', 'token endpoint', stranger),
        new URLSearchParams({ scope: 'system/Observation.rs' }),
        insecure
      )
      expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([401, 'invalid_client'])
    }
  )
})
