/** A client from its registration to its end: RFC 7591 and RFC 7592. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { asRs, callersWorld, introspect } from '../../support/server/callers.js'
import { manage, register, registered, registrationWorld, webApp } from '../../support/client/registration.js'
import type { Fixture } from '../../support/server-fixture.js'
import {
  authorize,
  bodyOf,
  exchange,
  get,
  isAlive,
  newFixture,
  obtainCode,
  refresh,
  sha256
} from '../../support/server-fixture.js'
import { authorizationServer } from '../../../src/engine/server/authorization-server.js'
import type { RegistrationSettings } from '../../../src/engine/server/settings.js'

const confidential = { ...webApp, token_endpoint_auth_method: 'client_secret_basic' }

interface Registration {
  readonly fixture: Fixture
  readonly clientId: string
  readonly token: string
  readonly secret: string
}

const newClient = async (
  metadata: object = webApp,
  fixture = newFixture(registrationWorld())
): Promise<Registration> => {
  const reported = registered(await register(fixture, metadata))
  return {
    fixture,
    clientId: String(reported['client_id']),
    token: String(reported['registration_access_token']),
    secret: String(reported['client_secret'])
  }
}

const asNewApp = ({ clientId }: Registration) => ({ client_id: clientId, redirect_uri: 'https://new.example/cb' })

const basic = (clientId: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`
})

describe('registration', () => {
  it('answers 201 with everything that was registered, and nothing may keep it', async () => {
    const { fixture } = await newClient()
    const answer = await register(fixture, { ...webApp, unknown_member: 1, contacts: ['a@new.example'] })
    const { client_id: id, registration_access_token: token, ...reported } = registered(answer)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect([id, token]).toEqual([expect.stringMatching(/^[\w-]{22,}$/), expect.stringMatching(/^[\w-]{43}$/)])
    expect(reported).toEqual({
      ...webApp,
      response_types: ['code'],
      application_type: 'web',
      client_id_issued_at: 1000,
      registration_client_uri: `https://ehr.example/register/${String(id)}`
    })
  })

  it('has the defaults of RFC 7591, section 2: client_secret_basic, authorization_code, code', async () => {
    const { fixture } = await newClient()
    const reported = registered(await register(fixture, { redirect_uris: ['https://new.example/cb'] }))
    expect(reported).toMatchObject({
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      client_secret_expires_at: 0
    })
    expect(String(reported['client_secret'])).toMatch(/^[\w-]{43}$/)
  })

  it('stores secrets as digests alone, and shows them once', async () => {
    const { fixture, clientId, token, secret } = await newClient(confidential)
    const text = JSON.stringify(fixture.memory.entries()) + JSON.stringify(fixture.audited)
    expect(text).not.toContain(secret)
    expect(text).not.toContain(token)
    expect(text).toContain(sha256(secret))
    const read = await manage(fixture, 'GET', clientId, token)
    expect([read.status, bodyOf(read)['client_secret'], bodyOf(read)['client_id']]).toEqual([200, undefined, clientId])
  })

  it('makes a client that launches, and authenticates as registered', async () => {
    const client = await newClient(confidential)
    const { fixture, clientId, secret } = client
    const code = await obtainCode(fixture, asNewApp(client))
    const change = { ...asNewApp(client), client_id: null }
    expect((await exchange(fixture, code, change, basic(clientId, 'wrong'))).status).toBe(401)
    expect((await exchange(fixture, code, change, basic(clientId, secret))).status).toBe(200)
  })

  it.each<readonly [RegistrationSettings | undefined, string, number]>([
    [undefined, '', 404],
    [{ mode: 'closed' }, '', 404],
    [{ mode: 'token', initialAccessTokenDigests: [sha256('initial')] }, '', 401],
    [{ mode: 'token', initialAccessTokenDigests: [sha256('initial')] }, 'Bearer other', 401],
    [{ mode: 'token', initialAccessTokenDigests: [sha256('initial')] }, 'Basic initial', 401],
    [{ mode: 'token', initialAccessTokenDigests: [sha256('initial')] }, 'Bearer initial', 201],
    [{ mode: 'token', initialAccessTokenDigests: [sha256('older'), sha256('initial')] }, 'Bearer initial', 201],
    [{ mode: 'open' }, '', 201]
  ])('under %j with %j: %i', async (registration, authorization, status) => {
    const fixture = newFixture(registration === undefined ? {} : { settings: { registration } })
    const document = fixture.server.endpoints.protocol(get('/fhir/.well-known/smart-configuration'))
    expect((await register(fixture, webApp, authorization === '' ? {} : { authorization })).status).toBe(status)
    const published = document._tag === 'Some' ? bodyOf(await document.value())['registration_endpoint'] : null
    expect(published).toBe(status === 404 ? undefined : 'https://ehr.example/register')
  })

  it.each<readonly [RegistrationSettings, string]>([
    [{ mode: 'token' }, 'registration.initialAccessTokenDigests'],
    [{ mode: 'open', initialAccessTokenDigests: ['x'] }, 'registration.initialAccessTokenDigests'],
    [{ mode: 'open', scope: 'patient/x.rs' }, 'registration.scope'],
    [{ mode: 'open', limitPerHour: 0 }, 'registration.limitPerHour']
  ])('%j contradicts itself in %s', (registration, path) => {
    const built = authorizationServer(
      { issuer: 'https://ehr.example', fhirBaseUrl: 'https://ehr.example/fhir', registration },
      newFixture().ports
    )
    expect(Either.isLeft(built) ? built.left.map((one) => one.path) : []).toEqual([path])
  })

  it.each(['client_secret_post', 'tls_client_auth'])('does not take %s, which is not served', async (method) => {
    const fixture = newFixture(registrationWorld())
    const answer = await register(fixture, { ...webApp, token_endpoint_auth_method: method })
    expect(bodyOf(answer)['error']).toBe('invalid_client_metadata')
  })

  it('keeps those who registered when it is closed to others', async () => {
    const { fixture, clientId, token } = await newClient()
    const closed = authorizationServer(
      { issuer: 'https://ehr.example', fhirBaseUrl: 'https://ehr.example/fhir', registration: { mode: 'closed' } },
      fixture.ports
    )
    if (Either.isLeft(closed)) throw new Error('not built')
    const later: Fixture = { ...fixture, server: closed.right }
    expect((await register(later, webApp)).status).toBe(404)
    expect((await manage(later, 'GET', clientId, token)).status).toBe(200)
    expect(await later.server.admin.client(clientId)()).toMatchObject({
      _tag: 'Right',
      right: { _tag: 'Some', value: { clientId } }
    })
  })
})

describe('a registration', () => {
  it('is replaced as a whole', async () => {
    const client = await newClient()
    const { fixture, clientId, token } = client
    const answer = await manage(fixture, 'PUT', clientId, token, {
      ...webApp,
      client_id: clientId,
      redirect_uris: ['https://new.example/other'],
      client_name: undefined
    })
    expect([answer.status, bodyOf(answer)['redirect_uris'], bodyOf(answer)['client_name']]).toEqual([
      200,
      ['https://new.example/other'],
      undefined
    ])
    expect((await authorize(fixture, asNewApp(client)))._tag).toBe('ShowRefusal')
    expect((await authorize(fixture, { ...asNewApp(client), redirect_uri: 'https://new.example/other' }))._tag).toBe(
      'NeedsUser'
    )
  })

  it('gets a secret when it comes to need one, and loses it when it needs none', async () => {
    const { fixture, clientId, token } = await newClient()
    const answer = bodyOf(await manage(fixture, 'PUT', clientId, token, { ...confidential, client_id: clientId }))
    expect(String(answer['client_secret'])).toMatch(/^[\w-]{43}$/)
    const again = bodyOf(
      await manage(fixture, 'PUT', clientId, token, {
        ...confidential,
        client_id: clientId,
        client_secret: answer['client_secret']
      })
    )
    expect(again['client_secret']).toBeUndefined()
    await manage(fixture, 'PUT', clientId, token, { ...webApp, client_id: clientId })
    expect(JSON.stringify(fixture.memory.entries())).not.toContain(sha256(String(answer['client_secret'])))
  })

  it.each<readonly [string, object, string]>([
    ['another id', { client_id: 'other' }, 'invalid_client_metadata'],
    ['no id', { client_id: undefined }, 'invalid_client_metadata'],
    ['a wrong secret', { client_secret: 'wrong' }, 'invalid_client_metadata'],
    ['a secret that is no text', { client_secret: 7 }, 'invalid_client_metadata'],
    ['its token', { registration_access_token: 'x' }, 'invalid_client_metadata'],
    ['the time of its birth', { client_id_issued_at: 1 }, 'invalid_client_metadata'],
    ['a wrong redirect address', { redirect_uris: ['http://x'] }, 'invalid_redirect_uri']
  ])('is not replaced with %s', async (_name, change, error) => {
    const { fixture, clientId, token } = await newClient(confidential)
    const before = fixture.memory.entries()
    const answer = await manage(fixture, 'PUT', clientId, token, { ...confidential, client_id: clientId, ...change })
    expect([answer.status, bodyOf(answer)['error']]).toEqual([400, error])
    expect(fixture.memory.entries()).toEqual(before)
  })

  it('cannot be changed with another token: the answer is that for an unknown client', async () => {
    const { fixture, clientId } = await newClient()
    const other = await newClient(webApp, fixture)
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const body = method === 'PUT' ? { ...webApp, client_id: clientId } : ''
      const before = fixture.memory.entries()
      const strange = await manage(fixture, method, clientId, other.token, body)
      expect([strange.status, strange.headers['www-authenticate']]).toEqual([
        401,
        expect.stringContaining('invalid_token')
      ])
      expect(fixture.memory.entries()).toEqual(before)
      const nobody = await manage(
        fixture,
        method,
        'nobody',
        other.token,
        method === 'PUT' ? { ...webApp, client_id: 'nobody' } : ''
      )
      expect(nobody).toEqual(strange)
    }
  })

  it('ends: its tokens are invalid, and it can neither launch nor refresh nor come back', async () => {
    const client = await newClient()
    const { fixture, clientId, token } = client
    const tokens = bodyOf(await exchange(fixture, await obtainCode(fixture, asNewApp(client)), asNewApp(client)))
    const code = await obtainCode(fixture, asNewApp(client))
    expect(await isAlive(fixture, String(tokens['access_token']))).toBe(true)
    const removed = await manage(fixture, 'DELETE', clientId, token)
    expect([removed.status, removed.body]).toEqual([204, ''])
    expect(await isAlive(fixture, String(tokens['access_token']))).toBe(false)
    expect((await refresh(fixture, String(tokens['refresh_token']), { client_id: clientId })).status).toBe(401)
    expect((await exchange(fixture, code, asNewApp(client))).status).toBe(401)
    expect((await authorize(fixture, asNewApp(client)))._tag).toBe('ShowRefusal')
    for (const method of ['GET', 'DELETE']) expect((await manage(fixture, method, clientId, token)).status).toBe(401)
    expect(fixture.audited.map(({ decision }) => decision)).toContain('RegistrationRemoved')
  })

  it('is not introspected any more either', async () => {
    const client = await newClient(webApp, callersWorld(registrationWorld()))
    const { fixture, clientId, token } = client
    const tokens = bodyOf(await exchange(fixture, await obtainCode(fixture, asNewApp(client)), asNewApp(client)))
    const ask = async () => bodyOf(await introspect(fixture, String(tokens['access_token']), asRs))
    expect(await ask()).toMatchObject({ active: true, client_id: clientId })
    await manage(fixture, 'DELETE', clientId, token)
    expect(await ask()).toEqual({ active: false })
  })

  it('changes its secret with an overlap', async () => {
    const client = await newClient(confidential)
    const { fixture, clientId, secret } = client
    const rotated = await fixture.server.admin.rotateSecret(clientId, 60)()
    if (Either.isLeft(rotated)) throw new Error(rotated.left._tag)
    const works = async (text: string): Promise<boolean> =>
      (
        await exchange(
          fixture,
          await obtainCode(fixture, asNewApp(client)),
          { ...asNewApp(client), client_id: null },
          basic(clientId, text)
        )
      ).status === 200
    expect([await works(secret), await works(rotated.right)]).toEqual([true, true])
    fixture.clock.now += 60
    expect([await works(secret), await works(rotated.right)]).toEqual([false, true])
    const publicOne = await newClient(webApp, fixture)
    expect(await fixture.server.admin.rotateSecret(publicOne.clientId, 60)()).toMatchObject({
      _tag: 'Left',
      left: { _tag: 'ClientHasNoSecret' }
    })
    expect(await fixture.server.admin.rotateSecret('nobody', 60)()).toMatchObject({
      _tag: 'Left',
      left: { _tag: 'ClientUnknown' }
    })
  })
})
