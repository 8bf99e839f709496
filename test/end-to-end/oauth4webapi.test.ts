/**
 * A protocol library that this project did not write goes through whole launches against the real simulator process.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestUserOptions } from '../support/simulator/person.js'
import { decisionForm, TestUser, sentTo } from '../support/simulator/person.js'
import type { RunningSimulator } from '../support/simulator/simulator-process.js'
import { startSimulator } from '../support/simulator/simulator-process.js'

let simulator: RunningSimulator

const folder = mkdtempSync(join(tmpdir(), 'launches-'))

/** A simulator that speaks a release of the guide. */
const speaking = (specVersion: string): Promise<RunningSimulator> => {
  const file = join(folder, `${specVersion}.json`)
  writeFileSync(file, JSON.stringify({ specVersion }))
  return startSimulator(['--config', file])
}

// The simulator speaks http on a loopback address; the library wants that said aloud.
// eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated by its author so that it stands out
const insecure = { [oauth.allowInsecureRequests]: true }

interface App {
  readonly client: oauth.Client
  readonly authentication: oauth.ClientAuth
  readonly redirectUri: string
}

const publicApp = (): App => ({
  client: { client_id: 'sample-app' },
  authentication: oauth.None(),
  redirectUri: `${simulator.base}/app`
})

const confidentialApp = (): App => ({
  client: { client_id: 'my-app' },
  authentication: oauth.ClientSecretBasic('my-app-secret'),
  redirectUri: 'http://127.0.0.1:4567/redirect'
})

const discover = async (): Promise<oauth.AuthorizationServer> => {
  const response = await fetch(`${simulator.base}/fhir/.well-known/smart-configuration`)
  const smart = (await response.json()) as oauth.AuthorizationServer
  const issuer = new URL(smart.issuer)
  const openid = await oauth.processDiscoveryResponse(
    issuer,
    await oauth.discoveryRequest(issuer, { algorithm: 'oidc', ...insecure })
  )
  expect(openid).toMatchObject({ token_endpoint: smart.token_endpoint, jwks_uri: smart.jwks_uri })
  return openid
}

interface Launched {
  readonly server: oauth.AuthorizationServer
  readonly tokens: oauth.TokenEndpointResponse
  readonly claims: oauth.IDToken | undefined
}

const launch = async (
  app: App,
  person: TestUser,
  scope: string,
  extra: Readonly<Record<string, string>> = {},
  wishes: TestUserOptions = {},
  method: 'GET' | 'POST' = 'GET'
): Promise<Launched> => {
  const server = await discover()
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const nonce = oauth.generateRandomNonce()
  const parameters = new URLSearchParams({
    client_id: app.client.client_id,
    redirect_uri: app.redirectUri,
    response_type: 'code',
    scope,
    state,
    ...(scope.includes('openid') ? { nonce } : {}),
    aud: `${simulator.base}/fhir`,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...extra
  })
  const endpoint = server.authorization_endpoint ?? ''
  const first =
    method === 'GET' ? await person.go(`${endpoint}?${parameters.toString()}`) : await person.go(endpoint, parameters)
  const callback = oauth.validateAuthResponse(server, app.client, sentTo(await person.pursue(first, wishes)), state)
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    app.client,
    app.authentication,
    callback,
    app.redirectUri,
    verifier,
    insecure
  )
  const tokens = await oauth.processAuthorizationCodeResponse(
    server,
    app.client,
    response,
    scope.includes('openid') ? { expectedNonce: nonce, requireIdToken: true } : {}
  )
  if (tokens.id_token !== undefined) await oauth.validateApplicationLevelSignature(server, response, insecure)
  return { server, tokens, claims: oauth.getValidatedIdTokenClaims(tokens) }
}

const read = (tokens: oauth.TokenEndpointResponse, path: string): Promise<Response> =>
  oauth.protectedResourceRequest(
    tokens.access_token,
    'GET',
    new URL(`${simulator.base}/fhir/${path}`),
    new Headers(),
    null,
    insecure
  )

/** The status of a read: the library throws when an answer carries a challenge. */
const statusOf = async (tokens: oauth.TokenEndpointResponse, path: string): Promise<number> => {
  try {
    return (await read(tokens, path)).status
  } catch (error) {
    if (error instanceof oauth.WWWAuthenticateChallengeError) return error.status
    throw error
  }
}

const refresh = async (
  app: App,
  { server, tokens }: Launched,
  scope?: string
): Promise<oauth.TokenEndpointResponse> => {
  const response = await oauth.refreshTokenGrantRequest(
    server,
    app.client,
    app.authentication,
    tokens.refresh_token ?? '',
    {
      ...insecure,
      ...(scope === undefined ? {} : { additionalParameters: { scope } })
    }
  )
  return oauth.processRefreshTokenResponse(server, app.client, response)
}

describe.each(
  ['2.0.0', '2.1.0', '2.2.0'].flatMap((specVersion) => [
    [specVersion, 'a public app', publicApp] as const,
    [specVersion, 'a confidential app', confidentialApp] as const
  ])
)('with %s, %s', (specVersion, _name, app) => {
  beforeAll(async () => {
    simulator = await speaking(specVersion)
  })
  afterAll(() => simulator.stop())

  it.each(['GET', 'POST'] as const)('is authorized standalone by %s, reads, and refreshes', async (method) => {
    const launched = await launch(
      app(),
      new TestUser(simulator.base),
      'launch/patient openid fhirUser offline_access patient/*.rs',
      {},
      { choose: 'example-2' },
      method
    )
    expect(launched.tokens).toMatchObject({
      token_type: 'bearer',
      expires_in: 3600,
      patient: 'example-2',
      scope: 'launch/patient openid fhirUser offline_access patient/*.rs'
    })
    expect(launched.claims).toMatchObject({ sub: 'alice', fhirUser: `${simulator.base}/fhir/Practitioner/p1` })
    const patient = await read(launched.tokens, 'Patient/example-2')
    expect(patient.status).toBe(200)
    expect(await patient.json()).toMatchObject({ resourceType: 'Patient', id: 'example-2' })
    expect((await read(launched.tokens, 'Practitioner/p1')).status).toBe(200)

    const again = await refresh(app(), launched)
    expect(again).toMatchObject({ patient: 'example-2', scope: launched.tokens.scope })
    expect(again.refresh_token).not.toBe(launched.tokens.refresh_token)
    expect(await statusOf(again, 'Observation?category=laboratory')).toBe(200)
  })

  it.each(['GET', 'POST'] as const)(
    'is launched by the EHR, is authorized by %s, and sees the patient of the launch',
    async (method) => {
      const person = new TestUser(simulator.base)
      const launchUri =
        app().client.client_id === 'sample-app' ? `${simulator.base}/app/launch` : 'http://127.0.0.1:4567/launch'
      const started = sentTo(
        await person.go(
          `${simulator.base}/ehr/launch?${new URLSearchParams({
            client_id: app().client.client_id,
            launch_uri: launchUri,
            user: 'alice',
            patient: 'example-3',
            encounter: 'example-3-encounter-1',
            intent: 'reconcile'
          }).toString()}`
        )
      )
      expect(`${started.origin}${started.pathname}`).toBe(launchUri)
      expect(started.searchParams.get('iss')).toBe(`${simulator.base}/fhir`)
      const launched = await launch(
        app(),
        person,
        'launch openid fhirUser patient/Observation.rs',
        {
          launch: started.searchParams.get('launch') ?? ''
        },
        {},
        method
      )
      expect(launched.tokens).toMatchObject({
        patient: 'example-3',
        encounter: 'example-3-encounter-1',
        intent: 'reconcile',
        need_patient_banner: true
      })
      expect(launched.tokens.refresh_token).toBeUndefined()
    }
  )
})

describe('what a token does not cover', () => {
  beforeAll(async () => {
    simulator = await startSimulator()
  })
  afterAll(() => simulator.stop())

  it('is not there, or refused', async () => {
    const { tokens } = await launch(
      publicApp(),
      new TestUser(simulator.base),
      'launch/patient patient/Observation.rs',
      {},
      { choose: 'example-1' }
    )
    const statuses = await Promise.all(
      [
        'Observation/example-1-observation-1',
        'Observation/example-2-observation-1',
        'Observation/none',
        'Patient/example-1',
        'Condition?patient=example-1',
        'Practitioner/p1',
        'Observation?_include=Observation:patient'
      ].map(async (path) => [path, await statusOf(tokens, path)] as const)
    )
    expect(Object.fromEntries(statuses)).toEqual({
      'Observation/example-1-observation-1': 200,
      'Observation/example-2-observation-1': 404,
      'Observation/none': 404,
      'Patient/example-1': 403,
      'Condition?patient=example-1': 403,
      'Practitioner/p1': 403,
      'Observation?_include=Observation:patient': 200
    })
    const along = await (await read(tokens, 'Observation?_include=Observation:patient')).text()
    expect(along).not.toContain('"resourceType":"Patient"')
    const others = (await (await read(tokens, 'Observation?patient=example-2')).json()) as { total: number }
    expect(others.total).toBe(0)
    const all = (await (await read(tokens, 'Observation')).json()) as { total: number }
    expect(all.total).toBe(4)
  })

  it('stays refused after a narrower refresh, and comes back with the next', async () => {
    const app = publicApp()
    const launched = await launch(app, new TestUser(simulator.base), 'launch/patient offline_access patient/*.read')
    const narrow = await refresh(app, launched, 'patient/Observation.rs')
    expect(narrow.scope).toBe('patient/Observation.rs')
    expect(await statusOf(narrow, 'Patient/example-1')).toBe(403)
    const wide = await refresh(app, { ...launched, tokens: narrow })
    expect(wide.scope).toBe('launch/patient offline_access patient/*.read')
    expect(await statusOf(wide, 'Patient/example-1')).toBe(200)
  })

  it('is what the user unticked', async () => {
    const { tokens } = await launch(
      publicApp(),
      new TestUser(simulator.base),
      'launch/patient patient/Observation.rs patient/Condition.rs',
      {},
      { untick: ['patient/Condition.rs'] }
    )
    expect(tokens.scope).toBe('launch/patient patient/Observation.rs')
    expect(await statusOf(tokens, 'Condition?patient=example-1')).toBe(403)
  })

  it('a user/ scope shows what the user may see and no more', async () => {
    const bob: TestUserOptions = { username: 'bob' }
    const { tokens } = await launch(publicApp(), new TestUser(simulator.base), 'user/*.rs', {}, bob)
    expect(await statusOf(tokens, 'Patient/example-2')).toBe(200)
    expect(await statusOf(tokens, 'Patient/example-1')).toBe(404)
    expect(await statusOf(tokens, 'Practitioner/p1')).toBe(200)
  })
})

describe('what an attacker tries', () => {
  beforeAll(async () => {
    simulator = await startSimulator()
  })
  afterAll(() => simulator.stop())

  it('a code twice: the second time revokes what the first one bought', async () => {
    const app = publicApp()
    const server = await discover()
    const verifier = oauth.generateRandomCodeVerifier()
    const person = new TestUser(simulator.base)
    const url = `${server.authorization_endpoint ?? ''}?${new URLSearchParams({
      client_id: 'sample-app',
      redirect_uri: app.redirectUri,
      response_type: 'code',
      scope: 'launch/patient patient/*.rs',
      state: 's',
      aud: `${simulator.base}/fhir`,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256'
    }).toString()}`
    const callback = oauth.validateAuthResponse(
      server,
      app.client,
      sentTo(await person.pursue(await person.go(url))),
      's'
    )
    const redeem = () =>
      oauth.authorizationCodeGrantRequest(
        server,
        app.client,
        oauth.None(),
        callback,
        app.redirectUri,
        verifier,
        insecure
      )
    const tokens = await oauth.processAuthorizationCodeResponse(server, app.client, await redeem())
    expect(await statusOf(tokens, 'Patient/example-1')).toBe(200)
    const second = await redeem()
    expect([second.status, ((await second.json()) as { error: string }).error]).toEqual([400, 'invalid_grant'])
    expect(await statusOf(tokens, 'Patient/example-1')).toBe(401)
  })

  it('a wrong secret', async () => {
    const app = { ...confidentialApp(), authentication: oauth.ClientSecretBasic('guessed') }
    await expect(launch(app, new TestUser(simulator.base), 'launch/patient patient/*.rs')).rejects.toMatchObject({
      status: 401
    })
  })

  it('a consent form of another browser', async () => {
    const server = await discover()
    const url = `${server.authorization_endpoint ?? ''}?${new URLSearchParams({
      client_id: 'sample-app',
      redirect_uri: `${simulator.base}/app`,
      response_type: 'code',
      scope: 'user/*.rs',
      state: 's',
      aud: `${simulator.base}/fhir`,
      code_challenge: 'c'.repeat(43),
      code_challenge_method: 'S256'
    }).toString()}`
    const end = await new TestUser(simulator.base).go(url)
    if (end._tag !== 'Page') throw new Error('no page')
    const form = decisionForm(end.visit)
    if (form === null) throw new Error('no form')
    const stranger = await new TestUser(simulator.base).submit(end.visit, form, [
      ['username', 'alice'],
      ['password', 'alice-demo']
    ])
    expect(stranger._tag === 'Page' ? stranger.visit.status : 0).toBe(403)
  })
})
