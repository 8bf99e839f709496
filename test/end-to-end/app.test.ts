/**
 * The app's side over real sockets: against the real simulator, and against an authorization server that this project
 * did not write.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as Either from 'fp-ts/lib/Either.js'
import { exportJWK, generateKeyPair } from 'jose'
import type { JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ForeignServer } from '../support/app/foreign-server.js'
import { signIn, startForeignServer } from '../support/app/foreign-server.js'
import { TestUser, sentTo } from '../support/simulator/person.js'
import type { RunningSimulator } from '../support/simulator/simulator-process.js'
import { startSimulator } from '../support/simulator/simulator-process.js'
import { nodeAppPorts } from '../../src/adapters/node.js'
import type { SmartApp, TrustedServer } from '../../src/fp-ts.js'
import { backendService, smartApp, trustList } from '../../src/fp-ts.js'

const methods = ['none', 'client_secret_basic', 'private_key_jwt'] as const
type Method = (typeof methods)[number]

const redirectUri = 'http://127.0.0.1:4567/redirect'
const secret = 'p:ss %word+'
const scope = 'launch/patient openid fhirUser offline_access patient/*.rs'

let signingKey: JWK = {}
let publicKey: JWK = {}
let folder = ''

const good = <A>(answer: Either.Either<unknown, A>): A => {
  if (Either.isLeft(answer)) throw new Error(JSON.stringify(answer.left))
  return answer.right
}

const authenticationOf = (method: Method): TrustedServer['authentication'] => [
  method === 'client_secret_basic' ? { method, clientSecret: secret } : { method }
]

const portsOf = (method: Method) =>
  nodeAppPorts(method === 'private_key_jwt' ? { signingKey: { kid: 'k1', alg: 'ES384', key: signingKey } } : {})

const appAt = (server: TrustedServer, method: Method, scopes = scope): SmartApp =>
  good(smartApp({ trust: trustList([server]), scope: scopes }, portsOf(method)))

beforeAll(async () => {
  const pair = await generateKeyPair('ES384', { extractable: true })
  signingKey = await exportJWK(pair.privateKey)
  publicKey = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES384', use: 'sig' }
  folder = mkdtempSync(join(tmpdir(), 'app-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('against the simulator', () => {
  let simulator: RunningSimulator

  const serverOf = (method: Method): TrustedServer => ({
    fhirBaseUrl: `${simulator.base}/fhir`,
    clientId: `app-${method}`,
    authentication: authenticationOf(method),
    redirectUri
  })

  beforeAll(async () => {
    const file = join(folder, 'config.json')
    writeFileSync(
      file,
      JSON.stringify({
        clients: methods.map((method) => ({
          client_id: `app-${method}`,
          client_name: `App ${method}`,
          redirect_uris: [redirectUri],
          launch_uris: ['http://127.0.0.1:4567/launch'],
          scope: `launch ${scope} system/*.rs`,
          grant_types: [
            'authorization_code',
            'refresh_token',
            ...(method === 'private_key_jwt' ? ['client_credentials'] : [])
          ],
          token_endpoint_auth_method: method,
          ...(method === 'client_secret_basic' ? { client_secret: secret } : {}),
          ...(method === 'private_key_jwt' ? { jwks: { keys: [publicKey] } } : {})
        }))
      })
    )
    simulator = await startSimulator(['--config', file])
  })
  afterAll(async () => {
    await simulator.stop()
  })

  const use = async (app: SmartApp, sessionId: string, patient: string): Promise<void> => {
    const facts = good(await app.session(sessionId)())
    expect(facts.context.patient).toBe(patient)
    expect(facts.comparison.verdict).toBe('equal')
    expect(facts.user?.fhirUser).toMatch(/^http.*\/fhir\/Practitioner\/p[12]$/)
    const read = good(await app.fhir(sessionId, { url: `Patient/${patient}` })())
    expect(read.status).toBe(200)
    // Two refreshes: the second one fails unless the first one's refresh token took the place of the old one.
    good(await app.accessToken(sessionId, { isForced: true })())
    good(await app.accessToken(sessionId, { isForced: true })())
    expect(good(await app.fhir(sessionId, { url: `Observation?patient=${patient}` })()).status).toBe(200)
  }

  it.each(methods)('%s: a standalone launch', async (method) => {
    const app = appAt(serverOf(method), method)
    const begun = good(await app.launch({ _tag: 'Standalone', iss: `${simulator.base}/fhir` })())
    if (begun.redirect._tag !== 'Get') throw new Error('a form')
    const person = new TestUser(simulator.base)
    const back = sentTo(await person.pursue(await person.go(begun.redirect.url), { choose: 'example-1' }))
    const opened = good(await app.callback({ launchIds: [begun.launchId], query: back.search.slice(1), redirectUri })())
    await use(app, opened.sessionId, 'example-1')
  })

  it.each(methods)('%s: a launch from the EHR', async (method) => {
    const app = appAt(serverOf(method), method)
    const person = new TestUser(simulator.base)
    const launched = sentTo(
      await person.go(
        `${simulator.base}/ehr/launch?${new URLSearchParams({
          client_id: `app-${method}`,
          launch_uri: 'http://127.0.0.1:4567/launch',
          user: 'bob',
          patient: 'example-2'
        }).toString()}`
      )
    )
    const begun = good(await app.launch({ _tag: 'EhrLaunch', query: launched.search.slice(1) })())
    if (begun.redirect._tag !== 'Get') throw new Error('a form')
    const back = sentTo(await person.pursue(await person.go(begun.redirect.url)))
    await use(
      app,
      good(await app.callback({ launchIds: [begun.launchId], query: back.search.slice(1) })()).sessionId,
      'example-2'
    )
  })

  it('a user who says no comes back as a typed failure', async () => {
    const app = appAt(serverOf('none'), 'none')
    const begun = good(await app.launch({ _tag: 'Standalone', iss: `${simulator.base}/fhir` })())
    const person = new TestUser(simulator.base)
    const url = begun.redirect._tag === 'Get' ? begun.redirect.url : ''
    const back = sentTo(await person.pursue(await person.go(url), { choose: 'example-1', decision: 'deny' }))
    expect(await app.callback({ launchIds: [begun.launchId], query: back.search.slice(1) })()).toMatchObject({
      left: { _tag: 'AuthorizationRefused', error: 'access_denied' }
    })
  })

  it('ten that ask at once make one refresh', async () => {
    const app = appAt(serverOf('none'), 'none')
    const begun = good(await app.launch({ _tag: 'Standalone', iss: `${simulator.base}/fhir` })())
    const person = new TestUser(simulator.base)
    const back = sentTo(
      await person.pursue(await person.go(begun.redirect._tag === 'Get' ? begun.redirect.url : ''), {
        choose: 'example-1'
      })
    )
    const { sessionId } = good(await app.callback({ launchIds: [begun.launchId], query: back.search.slice(1) })())
    const tokens = await Promise.all(Array.from({ length: 10 }, () => app.accessToken(sessionId, { isForced: true })()))
    expect(new Set(tokens.map((token) => good(token).accessToken)).size).toBe(1)
    expect(good(await app.fhir(sessionId, { url: 'Patient/example-1' })()).status).toBe(200)
  })

  it('a backend service reads', async () => {
    const backend = backendService(
      { server: serverOf('private_key_jwt'), scope: 'system/Observation.rs' },
      portsOf('private_key_jwt')
    )
    expect(good(await backend.fhir({ url: 'Observation' })()).status).toBe(200)
    expect(good(await backend.accessToken()).scope).toBe('system/Observation.rs')
  })
})

describe('against oidc-provider', () => {
  let foreign: ForeignServer

  beforeAll(async () => {
    foreign = await startForeignServer(
      methods.map((method) => ({
        client_id: `app-${method}`,
        redirect_uris: [redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token'],
        application_type: 'native',
        token_endpoint_auth_method: method,
        ...(method === 'client_secret_basic' ? { client_secret: secret } : {}),
        ...(method === 'private_key_jwt'
          ? { jwks: { keys: [publicKey] }, token_endpoint_auth_signing_alg: 'ES384' }
          : {})
      }))
    )
  })
  afterAll(() => {
    foreign.stop()
  })

  const serverOf = (method: Method): TrustedServer => ({
    fhirBaseUrl: foreign.fhirBaseUrl,
    clientId: `app-${method}`,
    authentication: authenticationOf(method),
    redirectUri,
    authorizationOrigins: [foreign.issuer]
  })

  it.each(methods)('%s: a launch, a request and a refresh', async (method) => {
    const app = appAt(serverOf(method), method, 'launch/patient openid offline_access patient/*.rs')
    const begun = good(await app.launch({ _tag: 'Standalone', iss: foreign.fhirBaseUrl })())
    const back = await signIn(foreign.issuer, begun.redirect._tag === 'Get' ? begun.redirect.url : '', 'alice')
    const { facts, sessionId } = good(
      await app.callback({ launchIds: [begun.launchId], query: back.search.slice(1) })()
    )
    expect(facts.user).toMatchObject({ iss: foreign.issuer, sub: 'alice', fhirUser: null, claims: { sub: 'alice' } })
    expect(facts.binding.assertionAudience).toBe(`${foreign.issuer}/token`)
    const first = good(await app.accessToken(sessionId)())
    expect(good(await app.fhir(sessionId, { url: 'Observation?category=a|b' })()).status).toBe(200)
    expect(foreign.fhirRequests.at(-1)).toEqual({
      url: '/fhir/Observation?category=a%7Cb',
      authorization: `Bearer ${first.accessToken}`
    })
    const second = good(await app.accessToken(sessionId, { isForced: true })())
    expect(second.accessToken).not.toBe(first.accessToken)
    expect(good(await app.accessToken(sessionId, { isForced: true })()).accessToken).not.toBe(second.accessToken)
  })

  it('an origin that the server was not trusted with is refused', async () => {
    const app = appAt({ ...serverOf('none'), authorizationOrigins: [] }, 'none')
    expect(await app.launch({ _tag: 'Standalone', iss: foreign.fhirBaseUrl })()).toEqual(
      Either.left({ _tag: 'EndpointElsewhere', member: 'token_endpoint', url: `${foreign.issuer}/token` })
    )
  })
})
