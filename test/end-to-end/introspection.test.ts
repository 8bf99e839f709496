/** A library that this project did not write introspects and revokes at the real simulator process. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestUser, sentTo } from '../support/simulator/person.js'
import type { RunningSimulator } from '../support/simulator/simulator-process.js'
import { startSimulator } from '../support/simulator/simulator-process.js'

// eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated by its author so that it stands out
const insecure = { [oauth.allowInsecureRequests]: true }

let simulator: RunningSimulator

const folder = mkdtempSync(join(tmpdir(), 'introspection-'))

const discover = async (): Promise<oauth.AuthorizationServer> => {
  const issuer = new URL(simulator.base)
  return oauth.processDiscoveryResponse(
    issuer,
    await oauth.discoveryRequest(issuer, { algorithm: 'oidc', ...insecure })
  )
}

const app: oauth.Client = { client_id: 'sample-app' }
const gateway: oauth.Client = { client_id: 'my-app' }
const resourceServer: oauth.Client = { client_id: 'rs' }
const bySecret = oauth.ClientSecretBasic('rs-secret')

/** The library lets a caller authenticate as it likes: here by an access token. */
const byBearer =
  (token: string): oauth.ClientAuth =>
  (_server, _client, _body, headers) => {
    headers.set('authorization', `Bearer ${token}`)
  }

const launch = async (
  client: oauth.Client,
  authentication: oauth.ClientAuth,
  redirectUri: string,
  scope: string
): Promise<oauth.TokenEndpointResponse> => {
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
      scope,
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
  return oauth.processAuthorizationCodeResponse(
    server,
    client,
    await oauth.authorizationCodeGrantRequest(server, client, authentication, callback, redirectUri, verifier, insecure)
  )
}

const launchApp = (): Promise<oauth.TokenEndpointResponse> =>
  launch(app, oauth.None(), `${simulator.base}/app`, 'launch/patient openid fhirUser offline_access patient/*.rs')

const introspect = async (
  client: oauth.Client,
  authentication: oauth.ClientAuth,
  token: string
): Promise<oauth.IntrospectionResponse> => {
  const server = await discover()
  return oauth.processIntrospectionResponse(
    server,
    client,
    await oauth.introspectionRequest(server, client, authentication, token, insecure)
  )
}

const revoke = async (token: string): Promise<void> => {
  const server = await discover()
  await oauth.processRevocationResponse(await oauth.revocationRequest(server, app, oauth.None(), token, insecure))
}

describe.each(['2.0.0', '2.2.0'])('with %s', (specVersion) => {
  beforeAll(async () => {
    const file = join(folder, `${specVersion}.json`)
    writeFileSync(
      file,
      JSON.stringify({
        specVersion,
        introspectionClients: [{ client_id: 'rs', client_secret: 'rs-secret' }, { client_id: 'my-app' }]
      })
    )
    simulator = await startSimulator(['--config', file])
  })
  afterAll(() => simulator.stop())

  it('a resource server and a bearer see what the app received', async () => {
    const tokens = await launchApp()
    const bearer = await launch(
      gateway,
      oauth.ClientSecretBasic('my-app-secret'),
      'http://127.0.0.1:4567/redirect',
      'launch/patient patient/*.rs'
    )
    const reported = await introspect(resourceServer, bySecret, tokens.access_token)
    expect(reported).toMatchObject({
      active: true,
      client_id: 'sample-app',
      scope: tokens.scope,
      patient: 'example-2',
      iss: simulator.base,
      sub: 'alice',
      fhirUser: `${simulator.base}/fhir/Practitioner/p1`
    })
    expect(await introspect(gateway, byBearer(bearer.access_token), tokens.access_token)).toEqual(reported)
    expect(await introspect(gateway, oauth.ClientSecretBasic('my-app-secret'), tokens.access_token)).toEqual(reported)
  })

  it('what was revoked is not active, and reads nothing', async () => {
    const read = async (token: string): Promise<number> =>
      (await fetch(`${simulator.base}/fhir/Patient/example-2`, { headers: { authorization: `Bearer ${token}` } }))
        .status
    const tokens = await launchApp()
    expect(await read(tokens.access_token)).toBe(200)
    await revoke(tokens.access_token)
    await revoke(tokens.access_token)
    expect(await introspect(resourceServer, bySecret, tokens.access_token)).toEqual({ active: false })
    expect(await read(tokens.access_token)).toBe(401)
    const server = await discover()
    const refresh = (): Promise<Response> =>
      oauth.refreshTokenGrantRequest(server, app, oauth.None(), tokens.refresh_token ?? '', insecure)
    const again = await oauth.processRefreshTokenResponse(server, app, await refresh())
    expect(await read(again.access_token)).toBe(200)
    await revoke(again.refresh_token ?? '')
    expect([await read(again.access_token), (await refresh()).status]).toEqual([401, 400])
  })

  it('shows nothing to an app without the permission, and refuses an unknown client', async () => {
    const tokens = await launchApp()
    const server = await discover()
    const stranger = await oauth.introspectionRequest(
      server,
      resourceServer,
      oauth.ClientSecretBasic('wrong'),
      tokens.access_token,
      insecure
    )
    expect(stranger.status).toBe(401)
    const bearer = await oauth.introspectionRequest(
      server,
      app,
      byBearer(tokens.access_token),
      tokens.access_token,
      insecure
    )
    expect([bearer.status, ((await bearer.json()) as { error: string }).error]).toEqual([403, 'insufficient_scope'])
  })

  it('the simulator says who may introspect', () => {
    expect(simulator.printed()).toContain('May introspect every token  my-app, rs')
  })
})
