/** The area "refresh": app-launch, "Refresh access token"; RFC 6749, section 6; RFC 9700, section 4.14. */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { expect } from 'vitest'
import type { Area, Shown } from '../matrix.js'
import {
  answered,
  asConfidential,
  claimsOf,
  launched,
  outcomeOf,
  releases,
  tokensOf,
  tokensWith
} from '../../support/steps.js'
import { row } from '../matrix.js'
import type { Body } from '../../support/steps.js'
import {
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
  refresh
} from '../../support/server-fixture.js'
import type { Change, Fixture, FixtureOptions } from '../../support/server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import { checkPolicy } from '../../../src/protocol/policy/policy-check.js'
import { completePolicy, policyOptions } from '../../../src/protocol/policy/policy.js'
import { parse } from '../../../src/scopes/parse.js'

const whole = 'launch/patient openid fhirUser offline_access patient/*.rs'

/** A world in which a client holds a refresh token. */
const begun = async (
  options: FixtureOptions = {},
  requested: Change = {}
): Promise<{ readonly fixture: Fixture; readonly first: Body; readonly token: string }> => {
  const fixture = newFixture(options)
  const first = await tokensOf(fixture, requested)
  return { fixture, first, token: String(first['refresh_token']) }
}

const confidentialTokens = (fixture: Fixture): Promise<Body> =>
  tokensOf(fixture, { client_id: 'sym-app' }, {}, { client_id: null }, asConfidential)

const refreshAs = (
  fixture: Fixture,
  token: unknown,
  change: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>
): Promise<PlainResponse> =>
  fixture.server.endpoints.token(
    post('/token', Object.entries({ grant_type: 'refresh_token', refresh_token: String(token), ...change }), headers)
  )()

const shown: ReadonlyArray<Shown> = [
  row(
    'REF-003 REF-011 REF-026',
    'with online_access a refresh is answered while the host says that the user is online, refused with ' +
      'invalid_grant while not, and not answered again in a later session',
    async () => {
      const { fixture, token } = await begun({}, { scope: 'online_access patient/*.rs' })
      fixture.online.now = false
      expect(answered(await refresh(fixture, token))).toEqual([400, 'invalid_grant'])
      fixture.online.now = true
      expect(answered(await refresh(fixture, token))).toEqual([400, 'invalid_grant'])
      const silent = await begun(
        { ports: { users: { isOnline: () => TaskEither.left({ _tag: 'Unavailable', reason: 'test' }) } } },
        { scope: 'online_access patient/*.rs' }
      )
      expect((await refresh(silent.fixture, silent.token)).status).toBe(503)
    }
  ),
  row(
    'REF-004 REF-027',
    'with offline_access the user need not be online: a refresh succeeds within the lifetime of the policy',
    async () => {
      const { fixture, token } = await begun()
      fixture.online.now = false
      fixture.clock.now += 86400
      expect((await refresh(fixture, token)).status).toBe(200)
    }
  ),
  row(
    'REF-005 REF-007 REF-014',
    'a refresh token comes with offline_access or online_access and not without; a missing one is ' +
      'invalid_request, an unknown, revoked or foreign one invalid_grant',
    async () => {
      for (const scope of ['offline_access patient/*.rs', 'online_access patient/*.rs'])
        expect(await tokensWith({}, { scope })).toHaveProperty('refresh_token')
      expect(await tokensWith({}, { scope: 'openid patient/*.rs' })).not.toHaveProperty('refresh_token')
      const { fixture, token, first } = await begun()
      expect(answered(await refresh(fixture, token, { refresh_token: null }))).toEqual([400, 'invalid_request'])
      for (const wrong of [
        'x',
        String(first['access_token']),
        `${token}x`,
        token.slice(0, -1),
        token.replace('.r.0.', '.r.1.')
      ]) {
        expect(answered(await refresh(fixture, wrong))).toEqual([400, 'invalid_grant'])
      }
      await fixture.server.admin.revokeGrant(token.split('.')[0] ?? '')()
      expect(answered(await refresh(fixture, token))).toEqual([400, 'invalid_grant'])
    }
  ),
  row(
    'REF-006',
    'a client that may not refresh, or a server that serves no offline access, leaves offline_access out of ' +
      'the grant, and the response says so',
    async () => {
      const native = { client_id: 'native-app', redirect_uri: 'http://127.0.0.1/cb' }
      const fixture = newFixture()
      const answer = bodyOf(await exchange(fixture, await obtainCode(fixture, native), native))
      expect([answer['scope'], answer['refresh_token']]).toEqual([
        'launch/patient openid fhirUser patient/*.rs',
        undefined
      ])
      expect(await tokensWith({ settings: { features: { offlineAccess: false } } })).toMatchObject({
        scope: 'launch/patient openid fhirUser patient/*.rs'
      })
    }
  ),
  row(
    'REF-008 REF-101',
    'a refresh token is good for its client alone, public or confidential, and a foreign client does not spoil it',
    async () => {
      const { fixture, token } = await begun()
      expect(answered(await refreshAs(fixture, token, {}, asConfidential))).toEqual([400, 'invalid_grant'])
      const { refresh_token } = await confidentialTokens(fixture)
      expect(answered(await refresh(fixture, String(refresh_token)))).toEqual([400, 'invalid_grant'])
      expect([
        (await refresh(fixture, token)).status,
        (await refreshAs(fixture, refresh_token, {}, asConfidential)).status
      ]).toEqual([200, 200])
    }
  ),
  row(
    'REF-009 REF-016 REF-102',
    'a refresh never adds anything: what is requested must be covered by the grant, by meaning; user, patient and ' +
      'server stay',
    async () => {
      for (const scope of [
        'patient/*.cruds',
        'user/*.rs',
        'patient/*.rs user/Patient.r',
        'system/*.rs',
        'launch',
        'foo',
        'patient/*.sr'
      ]) {
        const { fixture, token } = await begun()
        expect([scope, ...answered(await refresh(fixture, token, { scope }))]).toEqual([scope, 400, 'invalid_scope'])
      }
      for (const scope of [
        whole,
        'patient/Observation.rs',
        'patient/*.s patient/*.r',
        'patient/*.read',
        'patient/Observation.rs?category=laboratory'
      ]) {
        const { fixture, token } = await begun()
        const body = bodyOf(await refresh(fixture, token, { scope }))
        expect([body['scope'], body['patient']]).toEqual([scope, '123'])
        const facts = await fixture.server.resource.bearer(
          get('/fhir', '', { authorization: `Bearer ${String(body['access_token'])}` })
        )()
        expect(
          facts._tag === 'Right' && [facts.right.scopes, facts.right.context.patient, facts.right.user?.sub]
        ).toEqual([parse(scope), '123', 'alice'])
      }
      const exact = await begun({ policy: { refreshScope: 'properSubset' } })
      expect(answered(await refresh(exact.fixture, exact.token, { scope: whole }))).toEqual([400, 'invalid_scope'])
    }
  ),
  row(
    'REF-010 REF-013',
    'a refresh is a POST of a form with grant_type=refresh_token: not a GET, not JSON, and a refresh token ' +
      'under authorization_code is none',
    async () => {
      const { fixture, token } = await begun()
      const query = `grant_type=refresh_token&client_id=pub-app&refresh_token=${token}`
      expect((await fixture.server.endpoints.token(get('/token', query))()).status).toBe(405)
      expect(
        answered(
          await fixture.server.endpoints.token({
            ...post('/token', []),
            headers: { 'content-type': 'application/json' },
            body: query
          })()
        )
      ).toEqual([400, 'invalid_request'])
      expect(answered(await refresh(fixture, token, { grant_type: 'authorization_code' }))).toEqual([
        400,
        'invalid_request'
      ])
      expect(answered(await refresh(fixture, token, { grant_type: null }))).toEqual([400, 'invalid_request'])
      expect((await refresh(fixture, token)).status).toBe(200)
    }
  ),
  row(
    'REF-012',
    'a public client refreshes without authentication; a confidential one is refused with invalid_client ' +
      'without its own',
    async () => {
      const { fixture, token } = await begun()
      expect((await refresh(fixture, token)).status).toBe(200)
      const { refresh_token } = await confidentialTokens(fixture)
      expect(answered(await refreshAs(fixture, refresh_token, { client_id: 'sym-app' }, {}))).toEqual([
        401,
        'invalid_client'
      ])
      expect((await refreshAs(fixture, refresh_token, {}, asConfidential)).status).toBe(200)
    }
  ),
  row(
    'REF-031',
    'a public client says its client_id at a refresh, unless the policy knows it by its token',
    async () => {
      const { fixture, token } = await begun()
      expect([400, 401]).toContain((await refresh(fixture, token, { client_id: null })).status)
      const lenient = await begun({ policy: { publicRefreshClientId: 'optional' } })
      expect((await refresh(lenient.fixture, lenient.token, { client_id: null })).status).toBe(200)
    }
  ),
  row(
    'REF-015 REF-017 REF-022 REF-103',
    'scope is optional: without it, also after a narrowed refresh, the answer is as wide as the grant; with ' +
      'it, as narrow as was requested',
    async () => {
      const { fixture, token } = await begun()
      const narrowed = bodyOf(await refresh(fixture, token, { scope: 'patient/Observation.r' }))
      expect(narrowed['scope']).toBe('patient/Observation.r')
      expect(bodyOf(await refresh(fixture, String(narrowed['refresh_token'])))['scope']).toBe(whole)
    }
  ),
  row(
    'REF-018 REF-019 REF-020 REF-021',
    'the answer holds a new access token, token_type Bearer, expires_in in whole seconds, and scope',
    async () => {
      const { fixture, first } = await begun()
      const seen = new Set([first['access_token']])
      let token = String(first['refresh_token'])
      for (let count = 0; count < 4; count++) {
        fixture.clock.now += 1
        const body = bodyOf(await refresh(fixture, token))
        expect(body).toMatchObject({
          access_token: expect.any(String) as string,
          token_type: 'Bearer',
          expires_in: 3600,
          scope: whole
        })
        expect(seen.has(body['access_token'])).toBe(false)
        seen.add(body['access_token'])
        token = String(body['refresh_token'])
      }
    }
  ),
  row(
    'REF-023 REF-105 REF-106 REF-030',
    'public clients may refresh and get a new refresh token each time, whatever the policy; confidential ones ' +
      'keep theirs where the policy says so',
    async () => {
      for (const rotateRefreshTokens of ['always', 'publicOnly'] as const) {
        const { fixture, token } = await begun({ policy: { rotateRefreshTokens } })
        const next = bodyOf(await refresh(fixture, token))['refresh_token']
        expect([typeof next, next === token]).toEqual(['string', false])
        expect(answered(await refresh(fixture, token))).toEqual([400, 'invalid_grant'])
        const { refresh_token } = await confidentialTokens(fixture)
        const again = bodyOf(await refreshAs(fixture, refresh_token, {}, asConfidential))
        expect('refresh_token' in again).toBe(rotateRefreshTokens === 'always')
        expect((await refreshAs(fixture, refresh_token, {}, asConfidential)).status).toBe(
          rotateRefreshTokens === 'always' ? 400 : 200
        )
      }
      expect(checkPolicy({ rotateRefreshTokens: 'never' as never })._tag).toBe('Left')
      expect(policyOptions.rotateRefreshTokens.default).toBe('always')
    }
  ),
  row(
    'REF-025',
    'launch context is repeated at a refresh, of a narrowed one what its scope asks for, in the spelling of ' +
      'the release; the policy may leave it out',
    async () => {
      for (const specVersion of releases) {
        const fhirContext = [{ reference: 'ImagingStudy/9' }]
        const fixture = newFixture({ policy: { specVersion } })
        const launch = await launched(fixture, {
          patient: '123',
          encounter: 'e9',
          fhirContext,
          need_patient_banner: false,
          intent: 'x'
        })
        const first = await tokensOf(fixture, { launch, scope: 'launch patient/*.rs offline_access' })
        const { access_token: _a, refresh_token: _r, ...members } = first
        const second = bodyOf(await refresh(fixture, String(first['refresh_token'])))
        expect(second).toMatchObject(members)
        const narrowed = bodyOf(await refresh(fixture, String(second['refresh_token']), { scope: 'patient/*.rs' }))
        expect(narrowed).toMatchObject({ patient: '123', need_patient_banner: false })
        for (const member of ['encounter', 'fhirContext', 'intent']) expect(narrowed).not.toHaveProperty(member)
      }
      const { fixture, token } = await begun({ policy: { contextOnRefresh: 'omit' } })
      expect(bodyOf(await refresh(fixture, token))).not.toHaveProperty('patient')
    }
  ),
  row(
    'REF-028 REF-107 REF-108',
    'a refresh token that is presented twice ends the family: every refresh token and access token of it, the ' +
      'newest too',
    async () => {
      for (const generations of [1, 2, 3]) {
        const { fixture, token } = await begun()
        let newest: Body = { refresh_token: token }
        for (let count = 0; count < generations; count++)
          newest = bodyOf(await refresh(fixture, String(newest['refresh_token'])))
        expect(await isAlive(fixture, String(newest['access_token']))).toBe(true)
        expect(answered(await refresh(fixture, token))).toEqual([400, 'invalid_grant'])
        expect(await isAlive(fixture, String(newest['access_token']))).toBe(false)
        expect(answered(await refresh(fixture, String(newest['refresh_token'])))).toEqual([400, 'invalid_grant'])
      }
    }
  ),
  row(
    'REF-109',
    'a refresh token dies when it is not used for the idle time, and at the end of its absolute life however ' +
      'often it was used; it stays bound to its server',
    async () => {
      const unused = await begun()
      unused.fixture.clock.now += completePolicy().refreshTokenIdleSeconds
      expect(answered(await refresh(unused.fixture, unused.token))).toEqual([400, 'invalid_grant'])
      const policy = { refreshTokenIdleSeconds: 100, refreshTokenLifetimeSeconds: 250 }
      const { fixture, token } = await begun({ policy })
      fixture.clock.now += 100
      expect(answered(await refresh(fixture, token))).toEqual([400, 'invalid_grant'])
      const used = await begun({ policy })
      let current = used.token
      for (const seconds of [99, 99]) {
        used.fixture.clock.now += seconds
        current = String(bodyOf(await refresh(used.fixture, current))['refresh_token'])
      }
      used.fixture.clock.now += 52
      expect(answered(await refresh(used.fixture, current))).toEqual([400, 'invalid_grant'])
      const bound = await begun()
      expect(answered(await refresh(bound.fixture, bound.token, { resource: 'https://other.example/fhir' }))).toEqual([
        400,
        'invalid_target'
      ])
      expect((await refresh(bound.fixture, bound.token, { resource: fhirBaseUrl })).status).toBe(200)
    }
  ),
  row(
    'REF-110',
    'a host ends a grant on its own events: its refresh tokens and access tokens are invalid at once',
    async () => {
      const { fixture, first, token } = await begun()
      expect((await fixture.server.admin.revokeGrant(token.split('.')[0] ?? '')())._tag).toBe('Right')
      expect([await isAlive(fixture, String(first['access_token'])), (await refresh(fixture, token)).status]).toEqual([
        false,
        400
      ])
    }
  ),
  row('REF-111', 'offline_access needs no prompt: with any prompt and with none it is granted', async () => {
    for (const prompt of [null, 'login', 'consent', 'select_account']) {
      const conversation = await authorize(newFixture(), { prompt })
      expect(outcomeOf(conversation)).toBe('NeedsUser')
      expect(conversation._tag === 'NeedsUser' && conversation.details.scopes.map(({ text }) => text)).toContain(
        'offline_access'
      )
    }
    expect(await tokensWith({})).toHaveProperty('refresh_token')
  }),
  row(
    'REF-112',
    'a refresh brings no id_token; where the policy wants one, iss, sub, aud and auth_time are the first ' +
      "one's, iat is new, and there is no nonce",
    async () => {
      const plain = await begun({}, { nonce: 'n-1' })
      expect(bodyOf(await refresh(plain.fixture, plain.token))).not.toHaveProperty('id_token')
      const { fixture, first, token } = await begun({ policy: { idTokenOnRefresh: true } }, { nonce: 'n-1' })
      fixture.clock.now += 500
      const [before, after] = [claimsOf(first), claimsOf(bodyOf(await refresh(fixture, token)))]
      for (const name of ['iss', 'sub', 'aud', 'auth_time', 'fhirUser'])
        expect([name, after[name]]).toEqual([name, before[name]])
      expect([before['nonce'], after['nonce'], Number(after['iat']) - Number(before['iat'])]).toEqual([
        'n-1',
        undefined,
        500
      ])
    }
  ),
  row(
    'REF-301',
    'in 2.2.0 online_access is for EHR launches: in a standalone launch it is dropped, or becomes ' +
      'offline_access by policy; before, it is granted in both',
    async () => {
      for (const specVersion of releases) {
        const standalone = await tokensWith({ policy: { specVersion } }, { scope: 'openid online_access' })
        expect([specVersion, standalone['scope']]).toEqual([
          specVersion,
          specVersion === '2.2.0' ? 'openid' : 'openid online_access'
        ])
        const fixture = newFixture({ policy: { specVersion } })
        const fromEhr = await tokensOf(fixture, {
          launch: await launched(fixture, { patient: '123' }),
          scope: 'launch online_access'
        })
        expect([fromEhr['scope'], typeof fromEhr['refresh_token']]).toEqual(['launch online_access', 'string'])
        const offline = await tokensWith({ policy: { specVersion } }, { scope: 'openid offline_access' })
        expect(offline['scope']).toBe('openid offline_access')
      }
      expect(
        await tokensWith(
          { policy: { specVersion: '2.2.0', onlineAccessInStandalone: 'offlineInstead' } },
          { scope: 'openid online_access' }
        )
      ).toMatchObject({ scope: 'openid offline_access' })
      const plain = memoryClients(clients.map((client) => ({ ...client, scope: parse('openid online_access') })))
      expect(
        await tokensWith(
          { policy: { onlineAccessInStandalone: 'offlineInstead' }, ports: { clients: plain } },
          { scope: 'openid online_access' }
        )
      ).toMatchObject({ scope: 'openid' })
    }
  )
]

export const refreshing: Area = { area: 'refresh', shown, outside: [] }
