/** Rows of the area "token": how a code is exchanged, and how not. */
import { expect } from 'vitest'
import type { Shown } from '../matrix.js'
import { answered, asConfidential, basic, protocol } from '../../support/steps.js'
import { row } from '../matrix.js'
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
  redirected,
  redirectUri,
  refresh,
  verifier
} from '../../support/server-fixture.js'
import type { Change, Fixture } from '../../support/server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import { printForm } from '../../../src/protocol/http/form.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'

/** What comes of an exchange with changes, in a world of its own. */
const exchanged = async (
  change: Change,
  requested: Change = {},
  headers = {},
  policy: Partial<SmartPolicy> = {}
): Promise<PlainResponse> => {
  const fixture = newFixture({ policy })
  return exchange(fixture, await obtainCode(fixture, requested), change, headers)
}

const expectAnswers = async (status: number, error: string, changes: ReadonlyArray<Change>): Promise<void> => {
  for (const change of changes)
    expect([JSON.stringify(change), ...answered(await exchanged(change))]).toEqual([
      JSON.stringify(change),
      status,
      error
    ])
}

/** The confidential client presents a code of its own. */
const asSymmetric = (
  change: Change = {},
  headers: Readonly<Record<string, string>> = asConfidential
): Promise<PlainResponse> => exchanged({ client_id: null, ...change }, { client_id: 'sym-app' }, headers)

const form = [
  ['grant_type', 'authorization_code'],
  ['redirect_uri', redirectUri],
  ['code_verifier', verifier],
  ['client_id', 'pub-app']
] as const

const presented = (fixture: Fixture, pairs: ReadonlyArray<readonly [string, string]>): Promise<PlainResponse> =>
  fixture.server.endpoints.token(post('/token', pairs))()

export const exchangeRows: ReadonlyArray<Shown> = [
  row(
    'TOK-001 TOK-006 TOK-119',
    'without the verifier, or with another, a code buys nothing, for public and confidential clients alike',
    async () => {
      for (const code_verifier of [null, 'w'.repeat(43), verifier.toUpperCase(), `${verifier}x`]) {
        expect(answered(await exchanged({ code_verifier }))).toEqual([400, 'invalid_grant'])
        expect(answered(await asSymmetric({ code_verifier }))).toEqual([400, 'invalid_grant'])
      }
      expect([(await exchanged({})).status, (await asSymmetric()).status]).toEqual([200, 200])
    }
  ),
  row(
    'TOK-002 TOK-108',
    'codes are taken by POST with a form body alone: not by GET, not as JSON, not in the address',
    async () => {
      const fixture = newFixture()
      const code = await obtainCode(fixture)
      const whole = printForm([...form, ['code', code]])
      const refused = [
        get('/token', whole),
        { ...post('/token', []), method: 'PUT', body: whole },
        { ...post('/token', []), query: whole },
        { ...post('/token', []), headers: { 'content-type': 'application/json' }, body: JSON.stringify({ code }) },
        { ...post('/token', []), headers: {}, body: whole }
      ]
      for (const request of refused)
        expect(answered(await protocol(fixture, request))).toEqual([
          expect.toSatisfy((status) => status === 400 || status === 405),
          'invalid_request'
        ])
      expect((await protocol(fixture, get('/token'))).headers['allow']).toBe('POST')
      expect((await exchange(fixture, code)).status).toBe(200)
    }
  ),
  row(
    'TOK-003 TOK-116 TOK-123',
    'a missing grant_type is invalid_request; one that is not served, password and the implicit one among ' +
      'them, is unsupported_grant_type',
    async () => {
      await expectAnswers(400, 'invalid_request', [{ grant_type: null }, { grant_type: '' }])
      await expectAnswers(
        400,
        'unsupported_grant_type',
        ['password', 'implicit', 'AUTHORIZATION_CODE', 'urn:ietf:params:oauth:grant-type:device_code', '__proto__'].map(
          (grant_type) => ({ grant_type })
        )
      )
      expect(answered(await asSymmetric({ client_secret: 's3cret:%' }))).toEqual([400, 'invalid_request'])
    }
  ),
  row(
    'TOK-004 TOK-114',
    'a missing code is invalid_request; an unknown, expired, revoked, used or foreign one, or one for another ' +
      'redirect URI, is invalid_grant',
    async () => {
      await expectAnswers(400, 'invalid_request', [{ code: null }, { code: '' }])
      await expectAnswers(400, 'invalid_grant', [
        { code: 'x' },
        { code: `${'g'.repeat(22)}.c.${'r'.repeat(43)}` },
        { redirect_uri: 'https://app.example/other' }
      ])
      const fixture = newFixture()
      const [late, foreign, used, revoked] = [
        await obtainCode(fixture),
        await obtainCode(fixture, { client_id: 'sym-app' }),
        await obtainCode(fixture),
        await obtainCode(fixture)
      ]
      expect(answered(await exchange(fixture, foreign))).toEqual([400, 'invalid_grant'])
      await exchange(fixture, used)
      expect(answered(await exchange(fixture, used))).toEqual([400, 'invalid_grant'])
      await fixture.server.admin.revokeGrant(revoked.split('.')[0] ?? '')()
      expect(answered(await exchange(fixture, revoked))).toEqual([400, 'invalid_grant'])
      fixture.clock.now += 61
      expect(answered(await exchange(fixture, late))).toEqual([400, 'invalid_grant'])
      expect(answered(await refresh(fixture, 'x'))).toEqual([400, 'invalid_grant'])
    }
  ),
  row(
    'TOK-005 TOK-107',
    'redirect_uri is there and is the text of the authorization request: no port, case, slash ' +
      'or encoding is evened out',
    async () => {
      await expectAnswers(400, 'invalid_request', [{ redirect_uri: null }])
      await expectAnswers(
        400,
        'invalid_grant',
        [
          'https://app.example/cb/',
          'https://APP.example/cb',
          'https://app.example:443/cb',
          'https://app.example/c%62'
        ].map((redirect_uri) => ({ redirect_uri }))
      )
      const requested = { client_id: 'native-app', redirect_uri: 'http://127.0.0.1:51004/cb', scope: 'patient/*.rs' }
      expect(
        (await exchanged({ client_id: 'native-app', redirect_uri: 'http://127.0.0.1:51004/cb' }, requested)).status
      ).toBe(200)
      expect(
        (await exchanged({ client_id: 'native-app', redirect_uri: 'http://127.0.0.1:51005/cb' }, requested)).status
      ).toBe(400)
    }
  ),
  row(
    'TOK-007',
    "a public client names itself in the body: without client_id it is refused, and with another client's it " +
      'gets nothing',
    async () => {
      expect((await exchanged({ client_id: null })).status).toBeGreaterThanOrEqual(400)
      expect(answered(await exchanged({ client_id: 'native-app' }))).toEqual([400, 'invalid_grant'])
    }
  ),
  row(
    'TOK-008',
    'a confidential client leaves client_id out; its own is tolerated unless the policy says otherwise, ' +
      "another's is refused",
    async () => {
      expect([(await asSymmetric()).status, (await asSymmetric({ client_id: 'sym-app' })).status]).toEqual([200, 200])
      expect((await asSymmetric({ client_id: 'pub-app' })).status).toBeGreaterThanOrEqual(400)
      const strict = await exchanged({ client_id: 'sym-app' }, { client_id: 'sym-app' }, asConfidential, {
        confidentialClientIdInBody: 'reject'
      })
      expect(strict.status).toBe(400)
    }
  ),
  row(
    'TOK-102',
    'a code that was used is refused, whatever came of its first use, and a replay takes back what it bought',
    async () => {
      const fixture = newFixture()
      const code = await obtainCode(fixture)
      const { access_token } = bodyOf(await exchange(fixture, code))
      expect(answered(await exchange(fixture, code))).toEqual([400, 'invalid_grant'])
      expect(await isAlive(fixture, String(access_token))).toBe(false)
      const other = newFixture()
      const spoiled = await obtainCode(other)
      await exchange(other, spoiled, { code_verifier: 'w'.repeat(43) })
      expect(answered(await exchange(other, spoiled))).toEqual([400, 'invalid_grant'])
    }
  ),
  row(
    'TOK-103 TOK-106',
    "each client's code is redeemed by that client alone, and a foreign client does not spoil it",
    async () => {
      for (const owner of ['pub-app', 'sym-app', 'native-app']) {
        for (const presenter of ['pub-app', 'sym-app', 'native-app']) {
          const fixture = newFixture()
          const redirect_uri = owner === 'native-app' ? 'http://127.0.0.1/cb' : redirectUri
          const code = await obtainCode(fixture, { client_id: owner, redirect_uri })
          const present = (client: string): Promise<PlainResponse> =>
            exchange(
              fixture,
              code,
              { client_id: client === 'sym-app' ? null : client, redirect_uri },
              client === 'sym-app' ? asConfidential : {}
            )
          expect([owner, presenter, (await present(presenter)).status]).toEqual([
            owner,
            presenter,
            owner === presenter ? 200 : 400
          ])
          expect((await present(owner)).status).toBe(owner === presenter ? 400 : 200)
        }
      }
    }
  ),
  row('TOK-104', 'a client that has a secret and does not show it is refused with invalid_client', async () => {
    expect(answered(await asSymmetric({ client_id: 'sym-app' }, {}))).toEqual([401, 'invalid_client'])
    expect(answered(await asSymmetric({}, basic('sym-app', 'wrong')))).toEqual([401, 'invalid_client'])
  }),
  row('TOK-105', 'authentication that is sent is verified, although the client need not send any', async () => {
    for (const headers of [basic('pub-app', 'x'), basic('nobody', 'x'), { authorization: 'Basic !!!' }]) {
      expect((await exchanged({}, {}, headers)).status).toBeGreaterThanOrEqual(400)
    }
    expect(answered(await exchanged({}, {}, basic('pub-app', 'x')))).toEqual([401, 'invalid_client'])
  }),
  row(
    'TOK-109',
    'empty parameters count as left out, unknown ones are ignored, known ones that come twice are refused',
    async () => {
      const fixture = newFixture()
      const code = await obtainCode(fixture)
      for (const [name, value] of [...form, ['code', code], ['scope', 'x']] as const) {
        expect([
          name,
          ...answered(await presented(fixture, [...form, ['code', code], [name, value], ['scope', 'x']]))
        ]).toEqual([name, 400, 'invalid_request'])
      }
      expect(
        (
          await presented(fixture, [
            ...form,
            ['code', code],
            ['scope', ''],
            ['client_secret', ''],
            ['foo', '1'],
            ['foo', '2']
          ])
        ).status
      ).toBe(200)
    }
  ),
  row(
    'TOK-115',
    'a client that did not register for the grant type is refused with unauthorized_client, by redirect and at ' +
      'the token endpoint',
    async () => {
      const fixture = newFixture({
        ports: {
          clients: memoryClients(clients.map((client) => ({ ...client, grantTypes: ['client_credentials' as const] })))
        }
      })
      expect(redirected(await authorize(fixture))?.get('error')).toBe('unauthorized_client')
      expect(answered(await exchange(fixture, 'g.c.x'))).toEqual([400, 'unauthorized_client'])
      const native = newFixture()
      expect(answered(await refresh(native, 'x', { client_id: 'native-app' }))).toEqual([400, 'unauthorized_client'])
    }
  ),
  row(
    'TOK-121',
    'resource at the token endpoint is the server of the grant, or it is refused with invalid_target and the ' +
      'code stays valid',
    async () => {
      const fixture = newFixture()
      const code = await obtainCode(fixture)
      expect(answered(await exchange(fixture, code, { resource: 'https://other.example/fhir' }))).toEqual([
        400,
        'invalid_target'
      ])
      expect((await exchange(fixture, code, { resource: fhirBaseUrl })).status).toBe(200)
    }
  ),
  row(
    'TOK-122',
    'where the policy lets a code go without challenge, a verifier for it is refused: the challenge may have ' +
      'been taken away',
    async () => {
      const requested = {
        client_id: 'sym-app',
        scope: 'patient/*.read',
        code_challenge: null,
        code_challenge_method: null
      }
      const with_ = (change: Change): Promise<PlainResponse> =>
        exchanged({ client_id: null, ...change }, requested, asConfidential, { pkce: 'optionalForV1Clients' })
      expect((await with_({ code_verifier: null })).status).toBe(200)
      expect(answered(await with_({}))).toEqual([400, 'invalid_grant'])
    }
  )
]
