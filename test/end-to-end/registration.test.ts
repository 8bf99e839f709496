/**
 * An app registers itself at the real simulator with a library that this project did not write, launches, and leaves.
 */
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

const redirectUri = 'http://127.0.0.1:4999/cb'
const metadata = {
  client_name: 'Self-made App',
  redirect_uris: [redirectUri],
  launch_uris: ['http://127.0.0.1:4999/launch'],
  token_endpoint_auth_method: 'client_secret_basic',
  grant_types: ['authorization_code', 'refresh_token'],
  scope: 'launch launch/patient openid fhirUser offline_access patient/*.rs',
  application_type: 'native'
}

/** A member of a registration that is a text. */
const textOf = (client: oauth.Client, member: string): string => {
  const value = client[member]
  return typeof value === 'string' ? value : ''
}

const configured = (registration: string): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'registration-')), 'config.json')
  writeFileSync(file, JSON.stringify({ registration }))
  return file
}

let open: RunningSimulator
let guarded: RunningSimulator
beforeAll(async () => {
  ;[open, guarded] = await Promise.all([
    startSimulator(['--config', configured('open')]),
    startSimulator(['--config', configured('token')])
  ])
})
afterAll(async () => {
  await Promise.all([open.stop(), guarded.stop()])
})

const serverAt = async ({ base }: RunningSimulator): Promise<oauth.AuthorizationServer> => {
  const issuer = new URL(base)
  return oauth.processDiscoveryResponse(
    issuer,
    await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
  )
}

const register = async (simulator: RunningSimulator, initialAccessToken?: string): Promise<oauth.Client> => {
  const server = await serverAt(simulator)
  const options = { ...insecure, ...(initialAccessToken === undefined ? {} : { initialAccessToken }) }
  return oauth.processDynamicClientRegistrationResponse(
    await oauth.dynamicClientRegistrationRequest(server, metadata, options)
  )
}

const management = (client: oauth.Client, method: string, body?: object): Promise<Response> =>
  fetch(textOf(client, 'registration_client_uri'), {
    method,
    headers: {
      authorization: `Bearer ${textOf(client, 'registration_access_token')}`,
      'content-type': 'application/json'
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })

/** Launches as alice from the desktop, and gives the tokens. */
const launch = async (simulator: RunningSimulator, client: oauth.Client): Promise<oauth.TokenEndpointResponse> => {
  const server = await serverAt(simulator)
  const person = new TestUser(simulator.base)
  const launched = sentTo(
    await person.go(
      `${simulator.base}/ehr/launch?${new URLSearchParams({
        client_id: client.client_id,
        launch_uri: 'http://127.0.0.1:4999/launch',
        user: 'alice',
        patient: 'example-1'
      }).toString()}`
    )
  )
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const request = new URL(String(server.authorization_endpoint))
  request.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: metadata.scope,
    state,
    aud: `${simulator.base}/fhir`,
    launch: launched.searchParams.get('launch') ?? '',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256'
  }).toString()
  const callback = oauth.validateAuthResponse(
    server,
    client,
    sentTo(await person.pursue(await person.go(request.href))),
    state
  )
  const authentication = oauth.ClientSecretBasic(textOf(client, 'client_secret'))
  return oauth.processAuthorizationCodeResponse(
    server,
    client,
    await oauth.authorizationCodeGrantRequest(server, client, authentication, callback, redirectUri, verifier, insecure)
  )
}

const readPatient = async (simulator: RunningSimulator, accessToken: string): Promise<number> =>
  (await fetch(`${simulator.base}/fhir/Patient/example-1`, { headers: { authorization: `Bearer ${accessToken}` } }))
    .status

describe('an app that registers itself', () => {
  it('launches, changes its registration, and leaves no valid token', async () => {
    const client = await register(open)
    const tokens = await launch(open, client)
    expect(await readPatient(open, tokens.access_token)).toBe(200)
    const changed = await management(client, 'PUT', {
      ...metadata,
      client_id: client.client_id,
      client_name: 'Renamed'
    })
    expect([changed.status, await changed.json()]).toEqual([
      200,
      expect.objectContaining({ client_name: 'Renamed', client_id: client.client_id })
    ])
    expect((await management(client, 'GET')).status).toBe(200)
    expect((await management(client, 'DELETE')).status).toBe(204)
    expect(await readPatient(open, tokens.access_token)).toBe(401)
    expect((await management(client, 'GET')).status).toBe(401)
    await expect(launch(open, client)).rejects.toThrow()
  })

  it('needs the initial access token that was printed, where the server requires one', async () => {
    await expect(register(guarded)).rejects.toThrow()
    await expect(register(guarded, 'x'.repeat(43))).rejects.toThrow()
    const token = /initial access token ([\w-]{43})/.exec(guarded.printed())?.[1]
    expect((await launch(guarded, await register(guarded, token))).access_token).toEqual(expect.any(String))
  })
})
