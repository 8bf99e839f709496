/**
 * Registration where it is easily got wrong: what is sent back, what is nested, what arrives at once, and what nobody
 * gave.
 */
import { generateKeyPairSync } from 'node:crypto'
import * as Either from 'fp-ts/lib/Either.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { manage, register, registered, registrationWorld, webApp } from '../../support/client/registration.js'
import type { Fixture, FixtureOptions } from '../../support/server-fixture.js'
import { bodyOf, newFixture, post, sha256 } from '../../support/server-fixture.js'
import { authorizationServer } from '../../../src/engine/server/authorization-server.js'
import type { RegistrationSettings } from '../../../src/engine/server/settings.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'

const confidential = { ...webApp, token_endpoint_auth_method: 'client_secret_basic' }
const key = { ...generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' }), kid: 'a' }
const asymmetric = { ...webApp, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key] } }

const newClient = async (metadata: object = webApp, fixture = newFixture(registrationWorld())) => {
  const reported = registered(await register(fixture, metadata))
  return {
    fixture,
    reported,
    clientId: String(reported['client_id']),
    token: String(reported['registration_access_token'])
  }
}

/** What a browser asks before a page of that origin may call the token endpoint. */
const preflight = async (fixture: Fixture, origin: string): Promise<PlainResponse> => {
  const headers = { origin, 'access-control-request-method': 'POST' }
  const answer = fixture.server.endpoints.protocol({ method: 'OPTIONS', path: '/token', query: '', headers, body: '' })
  if (answer._tag === 'None') throw new Error('no token endpoint')
  return answer.value()
}

describe('metadata that this server does not serve', () => {
  const noBackend = 'because client_credentials cannot be registered here'

  it.each<[string, RegistrationSettings['mode'], object, string]>([
    [
      'a backend service, where registration is open',
      'open',
      { ...asymmetric, grant_types: ['client_credentials'] },
      `grant_types: expected some of authorization_code, refresh_token, ${noBackend}.`
    ],
    [
      'a grant type that nobody knows',
      'open',
      { ...webApp, grant_types: ['implicit'] },
      'grant_types: expected some of authorization_code, refresh_token.'
    ],
    [
      'a secret in the body',
      'open',
      { ...webApp, token_endpoint_auth_method: 'client_secret_post' },
      'token_endpoint_auth_method: expected one of none, client_secret_basic, private_key_jwt, because ' +
        'client_secret_post cannot be registered here.'
    ]
  ])('%s is refused with what is served, and that alone', async (_name, mode, metadata, sentence) => {
    const fixture = newFixture(registrationWorld({ mode }))
    const { error_description: description } = bodyOf(await register(fixture, metadata))
    expect(description).toBe(`The metadata of the client cannot be registered. ${sentence}`)
  })
})

const decisionsOf = (fixture: Fixture): ReadonlyArray<string> => fixture.audited.map(({ decision }) => decision)

describe('what a client learns of its registration', () => {
  it(
    'has the registration access token that it showed, which a client must find there (RFC ' + '7592, section 3)',
    async () => {
      const { fixture, clientId, token } = await newClient()
      for (const answer of [
        await manage(fixture, 'GET', clientId, token),
        await manage(fixture, 'PUT', clientId, token, { ...webApp, client_id: clientId })
      ]) {
        expect(bodyOf(answer)).toMatchObject({
          registration_access_token: token,
          registration_client_uri: `https://ehr.example/register/${clientId}`
        })
      }
      expect(JSON.stringify(fixture.memory.entries())).not.toContain(token)
    }
  )

  it.each([
    ['system/*.rs', ''],
    ['', ''],
    ['openid', 'openid']
  ])('sent back as it was returned gives no wider scope: requested %j, returned %j', async (scope, expected) => {
    const { fixture, reported, clientId, token } = await newClient({ ...webApp, scope })
    expect(reported['scope']).toBe(expected)
    const {
      registration_access_token: _token,
      registration_client_uri: _uri,
      client_id_issued_at: _at,
      ...again
    } = reported
    const answer = await manage(fixture, 'PUT', clientId, token, again)
    expect([answer.status, bodyOf(answer)['scope']]).toEqual([200, expected])
  })

  it('without a scope is all that clients may register', async () => {
    const { reported } = await newClient(
      { ...webApp, scope: undefined },
      newFixture(registrationWorld({ scope: 'openid patient/*.rs' }))
    )
    expect(reported['scope']).toBe('openid patient/*.rs')
  })
})

describe('the keys of a client', () => {
  it.each([2, 5_000, 15_000])(
    'are kept without unknown members, nested %i deep: no response fails because of them',
    async (depth) => {
      const text = JSON.stringify({ ...asymmetric, jwks: { keys: [{ ...key, further: '@' }] } }).replace(
        '"@"',
        '['.repeat(depth) + ']'.repeat(depth)
      )
      const answer = await register(newFixture(registrationWorld()), text)
      expect([answer.status, bodyOf(answer)['jwks']]).toEqual([201, { keys: [key] }])
    }
  )

  it.each<readonly [string, object, string]>([
    ['an elliptic curve key', key, 'n'],
    [
      'an RSA key',
      { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }), kid: 'a' },
      'x'
    ]
  ])('are kept without what belongs to a key of another kind: %s', async (_name, own, member) => {
    for (const depth of [1, 15_000]) {
      const text = JSON.stringify({ ...asymmetric, jwks: { keys: [{ ...own, [member]: '@' }] } }).replace(
        '"@"',
        '['.repeat(depth) + ']'.repeat(depth)
      )
      const answer = await register(newFixture(registrationWorld()), text)
      expect([answer.status, bodyOf(answer)['jwks']]).toEqual([201, { keys: [own] }])
    }
  })

  it.each<readonly [string, object]>([
    ['operations that are no list of texts', { key_ops: [['verify']] }],
    ['a use that is no text', { use: ['sig'] }],
    ['an algorithm that is no text', { alg: {} }]
  ])('are refused with %s', async (_name, change) => {
    const answer = await register(newFixture(registrationWorld()), {
      ...asymmetric,
      jwks: { keys: [{ ...key, ...change }] }
    })
    expect([answer.status, bodyOf(answer)['error']]).toEqual([400, 'invalid_client_metadata'])
  })
})

describe('a registration that is refused', () => {
  it.each<readonly [string, object]>([
    ['grant_types', { grant_types: ['implicit'] }],
    ['token_endpoint_auth_method', { token_endpoint_auth_method: 'client_secret_jwt' }],
    ['jwks', { token_endpoint_auth_method: 'private_key_jwt', jwks: '' }],
    ['scope', { scope: 'patient/Observation.sr' }],
    ['redirect_uris', { redirect_uris: ['http://app.example/cb'] }]
  ])('names the member to the client: %s', async (member, change) => {
    const answer = await register(newFixture(registrationWorld()), { ...asymmetric, ...change })
    expect([answer.status, bodyOf(answer)['error_description']]).toEqual([
      400,
      expect.stringMatching(new RegExp(` ${member}: expected `))
    ])
  })
})

describe('registration settings', () => {
  const build = (registration: RegistrationSettings) =>
    authorizationServer(
      { issuer: 'https://ehr.example', fhirBaseUrl: 'https://ehr.example/fhir', registration },
      newFixture().ports
    )

  it('refuses settings that give system scopes to open registration', () => {
    const open = build({ mode: 'open', scope: 'openid system/*.rs' })
    expect(Either.isLeft(open) ? open.left.map(({ path }) => path) : []).toEqual(['registration.scope'])
    expect(
      build({ mode: 'token', initialAccessTokenDigests: [sha256('initial')], scope: 'system/Observation.rs' })._tag
    ).toBe('Right')
  })

  it.each(['reject', 'allow'] as const)(
    'no client of open registration becomes a backend service, whatever the policy: %s',
    async (backendNonSystemScopes) => {
      const backend = {
        ...asymmetric,
        redirect_uris: [],
        launch_uris: [],
        grant_types: ['client_credentials'],
        scope: 'user/*.rs'
      }
      const open = newFixture({ ...registrationWorld(), policy: { backendNonSystemScopes } })
      expect(bodyOf(await register(open, backend))['error']).toBe('invalid_client_metadata')
      const vouched = newFixture(
        registrationWorld({
          mode: 'token',
          initialAccessTokenDigests: [sha256('initial')],
          scope: 'system/Observation.rs'
        })
      )
      const reported = registered(
        await register(vouched, { ...backend, scope: 'system/*.rs' }, { authorization: 'Bearer initial' })
      )
      expect(reported['scope']).toBe('system/Observation.rs')
    }
  )
})

describe('clients whose registration was open and is closed now', () => {
  const closed: Partial<RegistrationSettings> = { mode: 'closed', scope: 'openid patient/*.rs system/*.rs' }
  const vouching: Partial<RegistrationSettings> = {
    ...closed,
    mode: 'token',
    initialAccessTokenDigests: [sha256('initial')]
  }
  const backend = {
    ...asymmetric,
    redirect_uris: [],
    launch_uris: [],
    grant_types: ['client_credentials'],
    scope: 'system/*.rs'
  }

  /** Registers in one world, and is managed in another one on the same store. */
  const moved = async (
    metadata: object,
    first: FixtureOptions,
    later: Partial<RegistrationSettings>,
    headers: Readonly<Record<string, string>> = {}
  ) => {
    const before = newFixture(first)
    const reported = registered(await register(before, metadata, headers))
    const fixture = newFixture({ ...registrationWorld(later), store: () => before.memory })
    const clientId = String(reported['client_id'])
    return (change: object) =>
      manage(fixture, 'PUT', clientId, String(reported['registration_access_token']), {
        ...change,
        client_id: clientId
      })
  }

  it.each([closed, vouching])('does not become a backend service when the settings change: %j', async (later) => {
    const put = await moved(webApp, registrationWorld(), later)
    const answer = await put(backend)
    expect([answer.status, bodyOf(answer)['error']]).toEqual([400, 'invalid_client_metadata'])
    expect(bodyOf(await put({ ...webApp, scope: 'patient/*.rs system/*.rs' }))['scope']).toBe('patient/*.rs')
  })

  it('keeps its scopes if it registered with an initial access token', async () => {
    const put = await moved(backend, registrationWorld(vouching), closed, { authorization: 'Bearer initial' })
    const answer = await put(backend)
    expect([answer.status, bodyOf(answer)['scope']]).toEqual([200, 'system/*.rs'])
  })
})

describe('who manages a registration', () => {
  it('proves it before anything else is looked at', async () => {
    const { fixture, clientId } = await newClient()
    for (const body of [
      '[]',
      { ...webApp, client_id: 'other' },
      { ...webApp, client_id: clientId, redirect_uris: [] }
    ]) {
      for (const id of [clientId, 'nobody'])
        expect((await manage(fixture, 'PUT', id, 'x'.repeat(43), body)).status).toBe(401)
    }
  })

  it('is recorded in the log by what was done', async () => {
    const { fixture, clientId, token } = await newClient(confidential)
    await manage(fixture, 'GET', clientId, token)
    await manage(fixture, 'PUT', clientId, token, { ...confidential, client_id: clientId })
    await fixture.server.admin.rotateSecret(clientId, 60)()
    await manage(fixture, 'DELETE', clientId, token)
    expect(decisionsOf(fixture)).toEqual([
      'ClientRegistered',
      'RegistrationRead',
      'RegistrationChanged',
      'SecretRotated',
      'RegistrationRemoved'
    ])
  })

  it('may bring new pages: they are shared with from then on', async () => {
    const { fixture, clientId, token } = await newClient()
    const isShared = async (origin: string): Promise<boolean> =>
      'access-control-allow-origin' in (await preflight(fixture, origin)).headers
    expect(await isShared('https://moved.example')).toBe(false)
    await manage(fixture, 'PUT', clientId, token, {
      ...webApp,
      client_id: clientId,
      redirect_uris: ['https://moved.example/cb']
    })
    expect(await isShared('https://moved.example')).toBe(true)
  })
})

describe('a replacement', () => {
  it('deletes what it sends as null, as it deletes what it leaves out (RFC 7592, section 2.2)', async () => {
    const { fixture, clientId, token } = await newClient(asymmetric)
    const change = {
      ...asymmetric,
      client_id: clientId,
      client_name: null,
      launch_uris: null,
      jwks: null,
      jwks_uri: 'https://new.example/jwks',
      client_secret: null
    }
    const answer = await manage(fixture, 'PUT', clientId, token, change)
    const reported = bodyOf(answer)
    expect([
      answer.status,
      reported['jwks_uri'],
      ['client_name', 'launch_uris', 'jwks'].filter((member) => member in reported)
    ]).toEqual([200, 'https://new.example/jwks', []])
    expect((await manage(fixture, 'PUT', clientId, token, { ...change, redirect_uris: null })).status).toBe(400)
    expect((await manage(fixture, 'PUT', clientId, token, { ...change, client_id: null })).status).toBe(400)
  })
})

describe('new pages of a client', () => {
  const movedTo = (origin: string): object => ({ ...confidential, redirect_uris: [`https://${origin}/cb`] })

  it(
    'that cannot be remembered change nothing: the secret of the method that comes with them ' + 'is shown later',
    async () => {
      const box = { isSilent: false }
      const fixture = newFixture({
        ...registrationWorld(),
        store: (memory) => ({
          ...memory,
          swap: (key_, ...rest) =>
            box.isSilent && key_.startsWith('origin:')
              ? TaskEither.left({ _tag: 'Unavailable', applied: 'no' })
              : memory.swap(key_, ...rest)
        })
      })
      const { clientId, token } = await newClient(webApp, fixture)
      box.isSilent = true
      const change = { ...movedTo('moved.example'), client_id: clientId }
      expect((await manage(fixture, 'PUT', clientId, token, change)).status).toBe(503)
      box.isSilent = false
      const answer = await manage(fixture, 'PUT', clientId, token, change)
      expect([answer.status, typeof bodyOf(answer)['client_secret']]).toEqual([200, 'string'])
    }
  )

  it('count like registrations, so that one client cannot fill the store with them', async () => {
    const { fixture, clientId, token } = await newClient(webApp, newFixture(registrationWorld({ limitPerHour: 3 })))
    const put = async (origin: string): Promise<number> =>
      (await manage(fixture, 'PUT', clientId, token, { ...movedTo(origin), client_id: clientId })).status
    expect([await put('a.example'), await put('a.example'), await put('b.example'), await put('a.example')]).toEqual([
      200, 200, 200, 200
    ])
    const before = fixture.memory.entries()
    expect(await put('c.example')).toBe(429)
    expect(fixture.memory.entries()).toEqual(before)
    fixture.clock.now += 3600
    expect(await put('c.example')).toBe(200)
  })
})

describe('a secret', () => {
  it.each([Infinity, NaN, -1, 0.5])('is not rotated with an overlap of %d seconds', async (overlap) => {
    const { fixture, clientId } = await newClient(confidential)
    const before = fixture.memory.entries()
    expect(await fixture.server.admin.rotateSecret(clientId, overlap)()).toMatchObject({
      _tag: 'Left',
      left: { _tag: 'OverlapUnacceptable' }
    })
    expect(fixture.memory.entries()).toEqual(before)
  })
})

describe('many at once', () => {
  it('all register up to the limit, and not one more', async () => {
    const fixture = newFixture(registrationWorld({ limitPerHour: 30 }))
    const statuses = (await Promise.all(Array.from({ length: 40 }, () => register(fixture, webApp)))).map(
      ({ status }) => status
    )
    expect([201, 429].map((status) => statuses.filter((one) => one === status).length)).toEqual([30, 10])
  })

  it('are given a time to retry', async () => {
    const fixture = newFixture(registrationWorld({ limitPerHour: 1 }))
    await register(fixture, webApp)
    // The world begins at second 1000: the hour ends at 3600.
    expect((await register(fixture, webApp)).headers['retry-after']).toBe('2600')
  })
})

describe('the store', () => {
  it('is not called for ids and origins that no registration can have', async () => {
    const requests: Array<string> = []
    const fixture = newFixture({
      ...registrationWorld(),
      store: (memory) => ({
        ...memory,
        load: (key_) => {
          requests.push(key_)
          return memory.load(key_)
        }
      })
    })
    for (const clientId of ['a\0b', 'x'.repeat(10_000), 'pub-app', 'short']) {
      await fixture.server.endpoints.token(
        post('/token', [
          ['grant_type', 'refresh_token'],
          ['refresh_token', 'x'],
          ['client_id', clientId]
        ])
      )()
    }
    for (const origin of ['no origin', 'null', `https://${'x'.repeat(10_000)}`, 'https://a.example/b', 'https://a\0b'])
      await preflight(fixture, origin)
    expect(requests).toEqual([])
    await preflight(fixture, 'https://a.example')
    expect(requests).toEqual(['origin:https://ehr.example https://ehr.example/fhir https://a.example'])
  })
})
