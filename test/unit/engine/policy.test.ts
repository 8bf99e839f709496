import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import {
  alice,
  authorize,
  bodyOf,
  clients,
  exchange,
  fhirBaseUrl,
  get,
  isAlive,
  newFixture,
  obtainCode,
  post,
  redirected,
  refresh,
  sha256,
  verifier
} from '../../support/server-fixture.js'
import type { Change, Fixture } from '../../support/server-fixture.js'
import { waiting } from '../../support/server/conversation.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import type { Conversation } from '../../../src/engine/server/interaction/conversation.js'
import type { Ports } from '../../../src/engine/ports.js'
import type { ServerSettings } from '../../../src/engine/server/settings.js'
import { serverContextOf } from '../../../src/engine/server/create-context.js'
import type { RegisteredClient } from '../../../src/protocol/client/client.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'
import { policyOptions } from '../../../src/protocol/policy/policy.js'
import { checkPolicy } from '../../../src/protocol/policy/policy-check.js'
import { parse } from '../../../src/scopes/parse.js'

const tokensOf = async (fixture: Fixture, change: Change = {}): Promise<Readonly<Record<string, unknown>>> =>
  bodyOf(await exchange(fixture, await obtainCode(fixture, change)))

const scopeOf = async (policy: Partial<SmartPolicy>, scope: string): Promise<unknown> =>
  (await tokensOf(newFixture({ policy }), { scope }))['scope']

describe('the switches about scopes', () => {
  it.each<readonly [string, Partial<SmartPolicy>, string, string]>([
    [
      'v1 and v2 as requested',
      {},
      'patient/*.read patient/Patient.r launch/patient',
      'patient/*.read patient/Patient.r launch/patient'
    ],
    [
      'v1 and v2 as v2',
      { mixedScopeVersions: 'normaliseToV2' },
      'patient/*.read patient/Patient.r',
      'patient/*.rs patient/Patient.r'
    ],
    ['v1 with a query is malformed', {}, 'patient/Observation.read?category=x openid', 'openid'],
    [
      'v1 with a query as v2',
      { v1WithQuery: 'asV2' },
      'patient/Observation.read?category=x',
      'patient/Observation.rs?category=x'
    ],
    ['fhirUser without openid is nothing', {}, 'fhirUser patient/*.rs', 'patient/*.rs'],
    ['offline wins over online', {}, 'openid online_access offline_access', 'openid offline_access'],
    [
      'online wins over offline',
      { bothAccessScopes: 'online' },
      'openid online_access offline_access',
      'openid online_access'
    ],
    ['online in a standalone launch', {}, 'openid online_access', 'openid online_access'],
    ['online in a standalone launch of 2.2.0', { specVersion: '2.2.0' }, 'openid online_access', 'openid'],
    ['offline instead', { onlineAccessInStandalone: 'offlineInstead' }, 'openid online_access', 'openid offline_access']
  ])('%s', async (_name, policy, requested, granted) => {
    expect(await scopeOf(policy, requested)).toBe(granted)
  })

  it('a default scope takes the place of malformed ones', async () => {
    const fixture = newFixture({
      policy: { malformedScope: 'serverDefault' },
      settings: { defaultScope: 'patient/Patient.r' }
    })
    expect((await tokensOf(fixture, { scope: 'openid patient/Patient.xy' }))['scope']).toBe('openid patient/Patient.r')
  })

  it('an empty grant, by policy, is a token that permits nothing', async () => {
    expect(await scopeOf({ emptyGrant: 'emptyString' }, 'system/*.rs')).toBe('')
  })

  it('userCoversPatient compares the levels so', async () => {
    const fixture = newFixture({ policy: { crossContextSubsumption: 'userCoversPatient' } })
    const { refresh_token } = await tokensOf(fixture, { scope: 'launch/patient user/*.rs offline_access' })
    const narrowed = await refresh(fixture, String(refresh_token), { scope: 'patient/Observation.r' })
    expect([narrowed.status, bodyOf(narrowed)['scope']]).toEqual([200, 'patient/Observation.r'])
  })

  it(
    'userCoversPatient grants no patient/ scope without a patient: not by consent, not by refresh, not by a ' +
      'narrowed registration',
    async () => {
      const box = { clients: memoryClients(clients) }
      const fixture = newFixture({
        policy: { crossContextSubsumption: 'userCoversPatient' },
        ports: {
          clients: {
            find: (clientId) => () => box.clients.find(clientId)(),
            isRegisteredOrigin: () => TaskEither.right(true)
          }
        }
      })
      const consentTo = async (approved: string): Promise<Conversation> => {
        const begun = await authorize(fixture, { scope: 'user/*.rs offline_access' })
        if (!('interaction' in begun)) throw new Error(begun._tag)
        await fixture.server.interaction.userSignedIn(begun.interaction, alice)()
        return await fixture.server.interaction.consentGiven(
          { ...begun.interaction, present: alice },
          parse(approved)
        )()
      }
      expect(redirected(await consentTo('patient/*.rs'))?.get('error')).toBe('access_denied')
      const code = redirected(await consentTo('patient/*.rs user/Observation.r offline_access'))?.get('code') ?? ''
      expect(bodyOf(await exchange(fixture, code))['scope']).toBe('user/Observation.r offline_access')

      const { refresh_token } = await tokensOf(fixture, { scope: 'user/*.rs offline_access' })
      expect(bodyOf(await refresh(fixture, String(refresh_token), { scope: 'patient/Observation.r' }))['error']).toBe(
        'invalid_scope'
      )
      box.clients = memoryClients(
        clients.map((client) => ({ ...client, scope: parse('patient/*.rs user/Observation.r offline_access') }))
      )
      expect(bodyOf(await refresh(fixture, String(refresh_token)))['scope']).toBe('user/Observation.r offline_access')
    }
  )
})

describe('the switches about refresh', () => {
  it('online access ends with the session, and does not come back with the next one', async () => {
    const fixture = newFixture()
    const { refresh_token } = await tokensOf(fixture, { scope: 'openid online_access patient/*.rs launch/patient' })
    fixture.online.now = false
    const refused = await refresh(fixture, String(refresh_token))
    expect([refused.status, bodyOf(refused)['error']]).toEqual([400, 'invalid_grant'])
    fixture.online.now = true
    expect((await refresh(fixture, String(refresh_token))).status).toBe(400)
  })

  it('an idle refresh token dies before its time', async () => {
    const fixture = newFixture({ policy: { refreshTokenIdleSeconds: 100 } })
    const first = await tokensOf(fixture)
    fixture.clock.now += 99
    const second = bodyOf(await refresh(fixture, String(first['refresh_token'])))
    fixture.clock.now += 100
    expect((await refresh(fixture, String(second['refresh_token']))).status).toBe(400)
  })

  it('a proper subset is not the whole, however it is spelled', async () => {
    const fixture = newFixture({ policy: { refreshScope: 'properSubset' } })
    const { refresh_token } = await tokensOf(fixture, { scope: 'patient/*.rs offline_access' })
    const same = await refresh(fixture, String(refresh_token), { scope: 'offline_access patient/*.s patient/*.r' })
    expect(bodyOf(same)['error']).toBe('invalid_scope')
    expect((await refresh(fixture, String(refresh_token), { scope: 'patient/*.r' })).status).toBe(200)
  })

  it('exact strings are exact strings', async () => {
    const fixture = newFixture({ policy: { refreshScopeMatch: 'exactString' } })
    const { refresh_token } = await tokensOf(fixture, { scope: 'patient/*.rs offline_access' })
    expect(bodyOf(await refresh(fixture, String(refresh_token), { scope: 'patient/*.r' }))['error']).toBe(
      'invalid_scope'
    )
    expect((await refresh(fixture, String(refresh_token), { scope: 'patient/*.rs' })).status).toBe(200)
  })

  it('the context is repeated or not', async () => {
    const fixture = newFixture({ policy: { contextOnRefresh: 'omit' } })
    const first = await tokensOf(fixture)
    expect(first['patient']).toBe('123')
    expect(bodyOf(await refresh(fixture, String(first['refresh_token'])))['patient']).toBeUndefined()
  })

  it(
    'a context that is not repeated still confines the access token that a resource server ' + 'verifies by itself',
    async () => {
      const fixture = newFixture({ policy: { accessTokenFormat: 'jwt', contextOnRefresh: 'omit' } })
      const { refresh_token } = await tokensOf(fixture)
      const [, claims = ''] = String(bodyOf(await refresh(fixture, String(refresh_token)))['access_token']).split('.')
      expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ patient: '123' })
    }
  )

  it('a new id_token comes with openid, and not to who leaves openid out', async () => {
    const fixture = newFixture({ policy: { idTokenOnRefresh: true } })
    const { refresh_token } = await tokensOf(fixture)
    const narrowed = bodyOf(await refresh(fixture, String(refresh_token), { scope: 'patient/*.rs' }))
    expect(narrowed).not.toHaveProperty('id_token')
    expect(bodyOf(await refresh(fixture, String(narrowed['refresh_token']), { scope: 'openid' }))).toHaveProperty(
      'id_token'
    )
  })

  it.each([
    ['trailingSlash', 200],
    ['exact', 400]
  ] as const)(
    'the server is compared at the token endpoint as at the authorization endpoint: %s',
    async (audMatch, status) => {
      for (const target of ['aud', 'resource']) {
        const fixture = newFixture({ policy: { audMatch } })
        expect((await exchange(fixture, await obtainCode(fixture), { [target]: `${fhirBaseUrl}/` })).status).toBe(
          status
        )
      }
      const fixture = newFixture({ policy: { audMatch } })
      const { refresh_token } = await tokensOf(fixture)
      expect((await refresh(fixture, String(refresh_token), { resource: `${fhirBaseUrl}/` })).status).toBe(status)
    }
  )

  it.each<readonly [string, Partial<SmartPolicy>, string, string, string]>([
    [
      'v1 with a query as v2',
      { v1WithQuery: 'asV2' },
      'patient/Observation.read?category=x',
      'patient/Observation.read?category=x',
      'patient/Observation.rs?category=x'
    ],
    ['a malformed scope, left out', {}, 'patient/*.rs', 'patient/Patient.r patient/Patient.sr', 'patient/Patient.r'],
    [
      'a malformed scope, refused',
      { malformedScope: 'reject' },
      'patient/*.rs',
      'patient/Patient.r patient/Patient.sr',
      'ScopeMalformed'
    ],
    [
      'mixed versions, refused',
      { mixedScopeVersions: 'reject' },
      'patient/*.rs',
      'patient/Patient.r patient/Patient.read',
      'ScopeVersionsMixed'
    ],
    [
      'mixed versions, in one',
      { mixedScopeVersions: 'normaliseToV2' },
      'patient/*.rs',
      'patient/Patient.r patient/Condition.read',
      'patient/Patient.r patient/Condition.rs'
    ],
    ['what cannot be read', {}, 'patient/*.rs', 'patient/Patient.r\tpatient/Condition.r', 'ScopeUnreadable']
  ])(
    'a refresh reads scopes as the authorization endpoint does: %s',
    async (_name, policy, requested, requestedScope, expected) => {
      const fixture = newFixture({ policy })
      const { refresh_token } = await tokensOf(fixture, { scope: `${requested} offline_access` })
      const answer = bodyOf(await refresh(fixture, String(refresh_token), { scope: requestedScope }))
      expect(answer['scope'] ?? fixture.audited.at(-1)?.refusal?._tag).toBe(expected)
    }
  )

  it('a public client without its id is known by its token, if the policy says so', async () => {
    for (const [publicRefreshClientId, status] of [
      ['required', 401],
      ['optional', 200]
    ] as const) {
      const fixture = newFixture({ policy: { publicRefreshClientId } })
      const { refresh_token } = await tokensOf(fixture)
      expect((await refresh(fixture, String(refresh_token), { client_id: null })).status).toBe(status)
    }
  })

  it('a resource that the grant is not for is refused, and nothing is used', async () => {
    const fixture = newFixture()
    const { refresh_token } = await tokensOf(fixture)
    const other = await refresh(fixture, String(refresh_token), { resource: 'https://other.example/fhir' })
    expect(bodyOf(other)['error']).toBe('invalid_target')
    expect((await refresh(fixture, String(refresh_token), { resource: fhirBaseUrl })).status).toBe(200)
  })
})

describe('the switches about client authentication', () => {
  const named = (clientId: string): Partial<Ports> => ({
    clients: memoryClients([{ ...(clients[1] as RegisteredClient), clientId, secretDigests: [sha256('a+b')] }])
  })
  const ask = async (
    policy: Partial<SmartPolicy>,
    clientId: string,
    header: string,
    body: Change = {}
  ): Promise<unknown> => {
    const fixture = newFixture({ policy, ports: named(clientId) })
    const response = await exchange(
      fixture,
      `g.c.${'x'.repeat(43)}`,
      { client_id: null, ...body },
      { authorization: `Basic ${btoa(header)}` }
    )
    return bodyOf(response)['error']
  }

  it.each<readonly [string, Partial<SmartPolicy>, string, string, string]>([
    ['an id with a plus, as it is', {}, 'my+app', 'my+app:a+b', 'invalid_grant'],
    ['an id with a plus, form-encoded', {}, 'my+app', 'my%2Bapp:a%2Bb', 'invalid_grant'],
    ['a secret with a plus, form-encoded alone', {}, 'my-app', 'my-app:a%2Bb', 'invalid_grant'],
    ['a secret of one reading does not serve the other', {}, 'my app', 'my+app:a+b', 'invalid_client'],
    [
      'as it is, where form-decoding is the rule',
      { basicEncoding: 'rfc6749' },
      'my+app',
      'my+app:a+b',
      'invalid_client'
    ],
    ['form-encoded, where nothing is decoded', { basicEncoding: 'raw' }, 'my+app', 'my%2Bapp:a%2Bb', 'invalid_client']
  ])('%s', async (_name, policy, clientId, header, error) => {
    expect(await ask(policy, clientId, header)).toBe(error)
  })

  it('an id in the body must match, or must not be there', async () => {
    expect(await ask({}, 'my-app', 'my-app:a%2Bb', { client_id: 'my-app' })).toBe('invalid_grant')
    expect(await ask({}, 'my-app', 'my-app:a%2Bb', { client_id: 'other' })).toBe('invalid_request')
    expect(await ask({ confidentialClientIdInBody: 'reject' }, 'my-app', 'my-app:a%2Bb', { client_id: 'my-app' })).toBe(
      'invalid_request'
    )
  })
})

describe('the switches about the authorization request', () => {
  it('without iss, by policy', async () => {
    expect(
      redirected(await authorize(newFixture({ policy: { issParameter: false } }), { response_type: 'token' }))?.get(
        'iss'
      )
    ).toBeNull()
  })

  it('without state, by policy', async () => {
    const fixture = newFixture({ policy: { missingState: 'allow' } })
    expect((await authorize(fixture, { state: null }))._tag).toBe('NeedsUser')
  })

  it('without aud, or with resource, by policy', async () => {
    expect((await authorize(newFixture({ policy: { missingAud: 'defaultIfSingle' } }), { aud: null }))._tag).toBe(
      'NeedsUser'
    )
    expect(
      (await authorize(newFixture({ policy: { acceptResource: true } }), { aud: null, resource: fhirBaseUrl }))._tag
    ).toBe('NeedsUser')
  })

  it('without a challenge, for a confidential client with v1 scopes alone', async () => {
    const fixture = newFixture({ policy: { pkce: 'optionalForV1Clients' } })
    const bare = {
      code_challenge: null,
      code_challenge_method: null,
      client_id: 'sym-app',
      scope: 'openid patient/*.read launch/patient'
    }
    const basic = { authorization: `Basic ${btoa('sym-app:s3cret%3A%25')}` }
    const code = await obtainCode(fixture, bare)
    const downgraded = await exchange(fixture, code, { client_id: null, code_verifier: verifier }, basic)
    expect(bodyOf(downgraded)['error']).toBe('invalid_grant')
    const another = await obtainCode(fixture, bare)
    expect((await exchange(fixture, another, { client_id: null, code_verifier: null }, basic)).status).toBe(200)
    for (const change of [
      { client_id: 'pub-app' },
      { scope: 'openid patient/*.rs' },
      { code_challenge_method: 'S256' },
      { code_challenge_method: 'plain' }
    ]) {
      expect(redirected(await authorize(fixture, { ...bare, ...change }))?.get('error')).toBe('invalid_request')
    }
  })

  it('max_age and prompt=login refuse an older sign-in', async () => {
    for (const [change, authTime, expected] of [
      [{ max_age: '10' }, 989, 'ShowRefusal'],
      [{ max_age: '10' }, 990, 'NeedsContext'],
      [{ prompt: 'login' }, 999, 'ShowRefusal']
    ] as const) {
      const fixture = newFixture()
      const begun = await authorize(fixture, change)
      if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
      expect((await fixture.server.interaction.userSignedIn(begun.interaction, { ...alice, authTime })())._tag).toBe(
        expected
      )
    }
  })

  it('prompt=none is answered without a page, by what would have been needed', async () => {
    const fixture = newFixture()
    const begun = await authorize(fixture, { prompt: 'none' })
    if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
    expect(begun.details.prompts).toEqual(['none'])
    expect(redirected(await fixture.server.interaction.pageNeeded(begun.interaction)())?.get('error')).toBe(
      'login_required'
    )
    const known = await authorize(fixture, { prompt: 'none', scope: 'openid' })
    if (known._tag !== 'NeedsUser') throw new Error(known._tag)
    await fixture.server.interaction.userSignedIn(known.interaction, alice)()
    expect(
      redirected(await fixture.server.interaction.pageNeeded({ ...known.interaction, present: alice })())?.get('error')
    ).toBe('consent_required')
  })

  it('without a patient, patient scopes are left out or everything is', async () => {
    for (const [noPatientAvailable, expected] of [
      ['dropScopes', 'openid user/*.rs'],
      ['deny', null]
    ] as const) {
      const fixture = newFixture({ policy: { noPatientAvailable } })
      const begun = await authorize(fixture, { scope: 'openid user/*.rs patient/*.rs launch/patient' })
      if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
      const requested = waiting(await fixture.server.interaction.userSignedIn(begun.interaction, alice)())
      const next = await fixture.server.interaction.contextUnavailable(requested.interaction)()
      expect(next._tag === 'NeedsConsent' ? next.details.scopes.map(({ text }) => text).join(' ') : null).toBe(expected)
    }
  })

  it('a patient who was chosen stays chosen, though there is no encounter to choose', async () => {
    for (const noPatientAvailable of ['dropScopes', 'deny'] as const) {
      const fixture = newFixture({ policy: { noPatientAvailable } })
      const begun = await authorize(fixture, { scope: 'launch/patient launch/encounter patient/*.rs' })
      if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
      const { interaction } = waiting(await fixture.server.interaction.userSignedIn(begun.interaction, alice)())
      expect(await fixture.server.interaction.contextChosen(interaction, { patient: '1' })()).toMatchObject({
        _tag: 'ShowRefusal'
      })
      expect(await fixture.server.interaction.contextUnavailable(interaction, { patient: 7 } as never)()).toMatchObject(
        {
          _tag: 'ShowRefusal'
        }
      )
      const next = await fixture.server.interaction.contextUnavailable(interaction, { patient: '1' })()
      expect(next).toMatchObject({ _tag: 'NeedsConsent', details: { context: { patient: '1' } } })
      expect(next._tag === 'NeedsConsent' ? next.details.scopes.map(({ text }) => text).join(' ') : next._tag).toBe(
        'launch/patient patient/*.rs'
      )
    }
  })

  it('a patient who is there is there, though no encounter is', async () => {
    for (const noPatientAvailable of ['dropScopes', 'deny'] as const) {
      const fixture = newFixture({ policy: { noPatientAvailable } })
      const handle = await fixture.server.ehr.offerLaunch({
        clientId: 'pub-app',
        launchedBy: null,
        context: { patient: '1' }
      })()
      const begun = await authorize(fixture, {
        launch: handle._tag === 'Right' ? handle.right : '',
        scope: 'launch launch/encounter patient/*.rs'
      })
      if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
      const requested = waiting(await fixture.server.interaction.userSignedIn(begun.interaction, alice)())
      expect(requested).toMatchObject({ _tag: 'NeedsContext', needs: ['encounter'] })
      const next = await fixture.server.interaction.contextUnavailable(requested.interaction)()
      expect(next._tag === 'NeedsConsent' ? next.details.scopes.map(({ text }) => text).join(' ') : next._tag).toBe(
        'launch patient/*.rs'
      )
    }
  })
})

describe('access tokens as JWTs', () => {
  it('are active until they are revoked, and name their client and audience', async () => {
    const fixture = newFixture({ policy: { accessTokenFormat: 'jwt' } })
    const { access_token, refresh_token } = await tokensOf(fixture)
    const token = String(access_token)
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Readonly<
      Record<string, unknown>
    >
    expect(claims).toMatchObject({
      aud: fhirBaseUrl,
      client_id: 'pub-app',
      sub: 'alice',
      patient: '123',
      exp: 4600,
      iat: 1000
    })
    expect(await isAlive(fixture, token)).toBe(true)
    expect(await isAlive(fixture, `${token.slice(0, -4)}AAAA`)).toBe(false)
    await refresh(fixture, String(refresh_token))
    await refresh(fixture, String(refresh_token))
    expect(await isAlive(fixture, token)).toBe(false)
  })

  it('are not id_tokens, nor the other way round', async () => {
    const fixture = newFixture({ policy: { accessTokenFormat: 'jwt' } })
    expect(await isAlive(fixture, String((await tokensOf(fixture))['id_token']))).toBe(false)
  })
})

describe('userinfo', () => {
  it.each([
    ['openid fhirUser patient/*.rs launch/patient', 200, { sub: 'alice', fhirUser: `${fhirBaseUrl}/Practitioner/p1` }],
    ['openid', 200, { sub: 'alice' }],
    ['user/*.rs', 403, { error: 'insufficient_scope' }]
  ])('for %s', async (scope, status, body) => {
    const fixture = newFixture()
    const { access_token } = await tokensOf(fixture, { scope })
    for (const request of [get('/userinfo', ''), post('/userinfo', [])]) {
      const answer = fixture.server.endpoints.protocol({
        ...request,
        headers: { ...request.headers, authorization: `Bearer ${String(access_token)}` }
      })
      if (answer._tag === 'None') throw new Error('no such address')
      const response = await answer.value()
      expect(response.status).toBe(status)
      expect(bodyOf(response)).toMatchObject(body)
    }
  })

  it('needs a token', async () => {
    const answer = newFixture().server.endpoints.protocol(get('/userinfo'))
    if (answer._tag === 'None') throw new Error('no such address')
    expect(await answer.value()).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer realm="fhir"' } })
  })
})

describe('settings', () => {
  it('that contradict each other are refused by name', () => {
    const wrong = checkPolicy({ reuseGraceSeconds: 10, refreshTokenIdleSeconds: 5, malformedScope: 'serverDefault' })
    expect(wrong._tag === 'Left' ? wrong.left.map(({ path }) => path) : []).toEqual([
      'policy.malformedScope',
      'policy.reuseGraceSeconds'
    ])
  })

  const namesOf = (policy: Partial<SmartPolicy>): ReadonlyArray<string> => {
    const wrong = checkPolicy(policy)
    return wrong._tag === 'Left' ? wrong.left.map(({ path }) => path) : []
  }

  it.each<readonly [name: string, contradicting: Partial<SmartPolicy>, other: Partial<SmartPolicy>]>([
    ['malformedScope', { malformedScope: 'serverDefault' }, { malformedScope: 'reject' }],
    [
      'refreshTokenIdleSeconds',
      { refreshTokenLifetimeSeconds: 100, refreshTokenIdleSeconds: 101 },
      { refreshTokenIdleSeconds: 100 }
    ],
    [
      'codeLifetimeSeconds',
      { codeLifetimeSeconds: 600, refreshTokenLifetimeSeconds: 600 },
      { codeLifetimeSeconds: 599 }
    ],
    [
      'bothAccessScopes',
      { bothAccessScopes: 'online', onlineAccessInStandalone: 'offlineInstead' },
      { bothAccessScopes: 'reject' }
    ],
    ['reuseGraceSeconds', { reuseGraceSeconds: 10, refreshTokenIdleSeconds: 10 }, { reuseGraceSeconds: 9 }],
    ['mixedScopeVersions', { mixedScopeVersions: 'reject', v1WithQuery: 'asV2' }, { v1WithQuery: 'malformed' }],
    ['introspectionAuth', { introspectionAuth: 'clientCredentials', specVersion: '2.2.0' }, { specVersion: '2.1.0' }],
    ['introspectionAuth', { introspectionAuth: 'anonymous' }, { introspectForeignTokens: 'anyAuthorised' }],
    ['loopbackLocalhost', { loopbackLocalhost: true, loopbackPort: 'exact' }, { loopbackPort: 'anyPort' }]
  ])(
    'of which %s contradicts another are refused by that name, and taken without the contradiction',
    (name, contradicting, other) => {
      expect(namesOf(contradicting)).toEqual([`policy.${name}`])
      expect(namesOf({ ...contradicting, ...other })).toEqual([])
    }
  )

  it.each<
    readonly [
      path: string,
      settings: Pick<ServerSettings, 'features' | 'policy' | 'defaultScope'>,
      good: Pick<ServerSettings, 'features' | 'policy' | 'defaultScope'>
    ]
  >([
    [
      'policy.mixedScopeVersions',
      { policy: { mixedScopeVersions: 'normaliseToV2' }, features: { scopeVersions: ['v1'] } },
      { features: { scopeVersions: ['v2'] } }
    ],
    ['policy.v1WithQuery', { policy: { v1WithQuery: 'asV2' }, features: { scopeVersions: ['v1'] } }, { features: {} }],
    [
      'policy.pkce',
      { policy: { pkce: 'optionalForV1Clients' }, features: { scopeVersions: ['v2'] } },
      { features: { scopeVersions: ['v1'] } }
    ],
    [
      'policy.onlineAccessInStandalone',
      { policy: { onlineAccessInStandalone: 'offlineInstead' }, features: { offlineAccess: false } },
      { features: {} }
    ],
    [
      'defaultScope',
      { policy: { malformedScope: 'serverDefault' }, defaultScope: '' },
      { defaultScope: 'patient/Patient.r' }
    ],
    [
      'defaultScope',
      { policy: { malformedScope: 'serverDefault' }, defaultScope: 'system/*.rs' },
      { defaultScope: 'user/*.rs' }
    ],
    [
      'defaultScope',
      { policy: { malformedScope: 'serverDefault' }, defaultScope: 'openid', features: { openid: false } },
      { features: {} }
    ],
    ['features.contextTypes', { features: { contextTypes: ['Patient'] } }, { features: { contextTypes: ['patient'] } }]
  ])('of which %s speaks of what is not served are refused by that name: %j', (path, settings, good) => {
    const build = (more: Partial<ServerSettings>) =>
      serverContextOf({ issuer: 'https://ehr.example', fhirBaseUrl, ...settings, ...more }, newFixture().ports)
    expect(build({})).toMatchObject({ _tag: 'Left', left: [{ path }] })
    expect(build(good)._tag).toBe('Right')
  })

  it('that are no switches are refused by name, also where every object has such a member', () => {
    for (const name of ['constructor', 'toString', '__proto__']) {
      expect(namesOf(JSON.parse(`{ "${name}": true }`) as Partial<SmartPolicy>)).toEqual([`policy.${name}`])
    }
  })

  it('that are no switches are refused by name beside others', () => {
    const wrong = checkPolicy({ codeLifetimeSeconds: 601, pkse: true } as Partial<SmartPolicy>)
    expect(wrong._tag === 'Left' ? wrong.left.map(({ path }) => path) : []).toEqual([
      'policy.codeLifetimeSeconds',
      'policy.pkse'
    ])
  })

  it('of addresses without TLS are refused, but on the machine itself', () => {
    for (const [issuer, holds] of [
      ['http://ehr.example', false],
      ['https://ehr.example?x=1', false],
      ['ehr.example', false],
      ['http://127.0.0.1:4010', true],
      ['https://ehr.example/a', true]
    ] as const) {
      const build = (): Fixture => newFixture({ settings: { issuer } })
      if (holds) expect(build).not.toThrow()
      else expect(build).toThrow('issuer')
    }
  })

  it('have a default that their codec accepts', () => {
    for (const [name, { codec, default: defaultValue }] of Object.entries(policyOptions))
      expect([name, codec.is(defaultValue)]).toEqual([name, true])
  })

  it('have a source each', () => {
    // A section of the guide or of an RFC, or a sentence about a named client, server or specification.
    const source = /^(?:[a-z-]+#[a-z0-9_-]+|rfc[0-9]+(?:#section-[0-9.]+)?|[A-Za-z][A-Za-z0-9.-]*(?: [^ ]+)+)$/
    for (const [name, { sources }] of Object.entries(policyOptions)) {
      expect([name, sources.length > 0, sources.filter((one) => !source.test(one))]).toEqual([name, true, []])
    }
  })
})
