/** Introspection: for which caller and which token, and every member of the answer. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import { defaultFeatures } from '../../../../src/protocol/discovery/features.js'
import type { Active, Backend } from '../../../../src/protocol/grant/state.js'
import type { SmartPolicy } from '../../../../src/protocol/policy/policy.js'
import { accessTokenClaims, isJwt, readAccessTokenClaims } from '../../../../src/protocol/token/access-token-claims.js'
import { classifyToken, presentedTokenOf, readTokenForm } from '../../../../src/protocol/token/classify-token.js'
import type { IntrospectionFacts, VerifiedToken } from '../../../../src/protocol/token/introspection.js'
import { accessTokenRules, introspect, refreshTokenRules } from '../../../../src/protocol/token/introspection.js'
import { limits } from '../../../../src/values/limits/limits.js'
import { alice, opened, policy, sha256 } from '../../../support/machines/samples.js'

const fhirBaseUrl = 'https://ehr.example/fhir'
const scope = 'openid fhirUser launch/patient offline_access patient/*.rs'
const active: Active = {
  _tag: 'Active',
  grantId: 'grant-1',
  clientId: 'app',
  writeId: 'w',
  recordExpiresAt: 9000,
  clientType: 'public',
  redirectUri: opened.redirectUri,
  scope,
  audience: fhirBaseUrl,
  codeChallenge: opened.codeChallenge,
  codeDigest: sha256('code'),
  nonce: null,
  user: alice,
  context: { patient: '123', need_patient_banner: true },
  refresh: 'offline',
  endsAt: 5000,
  generation: 3,
  rotatedAt: 1000,
  wasRepeated: false,
  epoch: 2
}
const backend: Backend = {
  _tag: 'Backend',
  grantId: 'grant-1',
  clientId: 'app',
  writeId: 'w',
  recordExpiresAt: 9000,
  scope: 'system/*.rs',
  audience: fhirBaseUrl,
  epoch: 2,
  endsAt: 5000
}
const facts = { grantId: 'grant-1', epoch: 2, issuedAt: 1000, expiresAt: 1300, narrowedScope: null }
const access: VerifiedToken = { _tag: 'AccessToken', facts }
const refresh = (generation = 3, isOnline = false): VerifiedToken => ({
  _tag: 'RefreshToken',
  facts: { grantId: 'grant-1', generation },
  isOnline
})
const usual: IntrospectionFacts = {
  policy: { ...policy, introspectRefreshTokens: true, refreshTokenIdleSeconds: 2000, introspectionIss: 'withIdToken' },
  features: defaultFeatures,
  issuer: 'https://ehr.example',
  fhirBaseUrl,
  caller: { clientId: 'app', mayIntrospect: false },
  token: access,
  grant: active,
  now: 1100
}
const withPolicy = (change: Partial<SmartPolicy>): Partial<IntrospectionFacts> => ({
  policy: { ...usual.policy, ...change }
})
const answerOf = (change: Partial<IntrospectionFacts>): unknown => {
  const answer = introspect({ ...usual, ...change })
  return Either.isRight(answer) ? (JSON.parse(JSON.stringify(answer.right)) as unknown) : answer.left._tag
}
const identity = { iss: 'https://ehr.example', sub: 'alice' }
const fhirUser = 'https://ehr.example/fhir/Practitioner/p1'
const whole = {
  active: true,
  scope,
  client_id: 'app',
  exp: 1300,
  token_type: 'Bearer',
  patient: '123',
  need_patient_banner: true,
  ...identity,
  fhirUser
}
const { token_type: _type, ...ofRefresh } = whole
const { need_patient_banner: _banner, ...withoutBanner } = whole
const without = { active: true, client_id: 'app', exp: 1300, token_type: 'Bearer' }
const narrowed = (text: string): VerifiedToken => ({ _tag: 'AccessToken', facts: { ...facts, narrowedScope: text } })

describe('the answer to an introspection', () => {
  it.each<readonly [string, Partial<IntrospectionFacts>, unknown]>([
    ['an access token', {}, whole],
    ['a second before its end', { now: 1299 }, whole],
    ['at its end', { now: 1300 }, 'AccessTokenExpired'],
    ['an older epoch', { grant: { ...active, epoch: 3 } }, 'AccessTokenRevoked'],
    ['a newer epoch', { grant: { ...active, epoch: 1 } }, 'AccessTokenRevoked'],
    ['another server', { fhirBaseUrl: 'https://other.example/fhir' }, 'AccessTokenForAnotherServer'],
    [
      'a grant that has ended',
      { grant: { _tag: 'Denied', grantId: 'grant-1', clientId: 'app', writeId: 'w', recordExpiresAt: 1, at: 1 } },
      'AccessTokenRevoked'
    ],
    [
      'a narrowed token',
      { token: narrowed('patient/Patient.rs') },
      { ...without, scope: 'patient/Patient.rs', patient: '123', need_patient_banner: true }
    ],
    ['a narrowed token without a patient', { token: narrowed('user/*.rs') }, { ...without, scope: 'user/*.rs' }],
    ['a narrowed token with openid', { token: narrowed('openid') }, { ...without, scope: 'openid', ...identity }],
    ['a server that has no banner', { features: { ...defaultFeatures, banner: false } }, withoutBanner],
    ['a backend service', { grant: backend }, { ...without, scope: 'system/*.rs' }],
    [
      'a backend service, with an issuer always',
      { grant: backend, ...withPolicy({ introspectionIss: 'always' }) },
      { ...without, scope: 'system/*.rs', iss: 'https://ehr.example', sub: 'app' }
    ],
    [
      'a user without openid, with an issuer always',
      { token: narrowed('user/*.rs'), ...withPolicy({ introspectionIss: 'always' }) },
      { ...without, scope: 'user/*.rs', ...identity }
    ],
    ['another client', { caller: { clientId: 'other', mayIntrospect: false } }, 'TokenOfAnotherClient'],
    ['an access token, where refresh tokens are not shown', withPolicy({ introspectRefreshTokens: false }), whole],
    [
      'a backend service with openid',
      { grant: { ...backend, scope: 'openid system/*.rs' } },
      { ...without, scope: 'openid system/*.rs' }
    ],
    ['nobody', { caller: { clientId: null, mayIntrospect: false } }, 'TokenOfAnotherClient'],
    ['a resource server', { caller: { clientId: 'rs', mayIntrospect: true } }, whole],
    [
      'another client, where all may see all',
      {
        caller: { clientId: 'other', mayIntrospect: false },
        ...withPolicy({ introspectForeignTokens: 'anyAuthorised' })
      },
      whole
    ],
    ['a refresh token', { token: refresh() }, { ...ofRefresh, exp: 3000 }],
    [
      'a refresh token near the end of its grant',
      { token: refresh(), grant: { ...active, endsAt: 1200 } },
      { ...ofRefresh, exp: 1200 }
    ],
    [
      'a refresh token, which is not shown',
      { token: refresh(), ...withPolicy({ introspectRefreshTokens: false }) },
      'TokenOfAnotherClient'
    ],
    [
      'a refresh token for a resource server',
      { token: refresh(), caller: { clientId: 'rs', mayIntrospect: true } },
      'TokenOfAnotherClient'
    ],
    ['a refresh token of an older generation', { token: refresh(2) }, 'RefreshTokenReused'],
    ['a refresh token of a newer generation', { token: refresh(4) }, 'RefreshTokenReused'],
    ['an idle refresh token', { token: refresh(), now: 3000 }, 'RefreshTokenExpired'],
    ['a refresh token a second before', { token: refresh(), now: 2999 }, { ...ofRefresh, exp: 3000 }],
    [
      'a refresh token of another server',
      { token: refresh(), fhirBaseUrl: 'https://other.example/fhir' },
      'AccessTokenForAnotherServer'
    ],
    ['a refresh token of a backend service', { token: refresh(), grant: backend }, 'GrantEnded'],
    [
      'a refresh token that was never issued',
      { token: refresh(), grant: { ...active, refresh: 'none' } },
      'RefreshTokenReused'
    ],
    [
      'an online refresh token',
      { token: refresh(3, true), grant: { ...active, refresh: 'online' } },
      { ...ofRefresh, exp: 3000 }
    ],
    [
      'an online refresh token without a session',
      { token: refresh(), grant: { ...active, refresh: 'online' } },
      'UserNotOnline'
    ]
  ])('for %s', (_name, change, expected) => {
    expect(answerOf(change)).toEqual(expected)
  })
})

const nothing = { policy, facts, isOnline: false, grant: null, fhirBaseUrl, now: usual.now }

it.each(accessTokenRules.slice(1))('$name says nothing of a grant without tokens: the first rule does', ({ check }) => {
  expect(check({ ...nothing, token: facts })).toBeNull()
})

it.each(refreshTokenRules.slice(1))('$name says nothing of a grant without refreshes', ({ check }) => {
  expect(check({ ...nothing, token: refresh() as Extract<VerifiedToken, { _tag: 'RefreshToken' }> })).toBeNull()
})

const claims = {
  iss: 'https://ehr.example',
  sub: 'alice',
  aud: fhirBaseUrl,
  client_id: 'app',
  exp: 1300,
  iat: 1000,
  jti: 'grant-1.2.t1',
  scope
}

describe('the claims of an access token', () => {
  const grant = {
    issuer: 'https://ehr.example',
    clientId: 'app',
    audience: fhirBaseUrl,
    user: alice,
    context: {},
    scope,
    grantId: 'grant-1',
    epoch: 2,
    tokenId: 't1',
    issuedAt: 1000,
    expiresAt: 1300
  }

  it.each<readonly [object, object]>([
    [{}, {}],
    [{ user: null }, { sub: 'app' }],
    [{ context: { patient: '1', encounter: 'e', intent: 'x' } }, { patient: '1', encounter: 'e' }],
    [{ context: { patient: '1' } }, { patient: '1' }],
    [{ context: Object.create({ patient: '1' }) as object }, {}]
  ])('of a grant with %j', (change, expected) => {
    const found = accessTokenClaims({ ...grant, ...change })
    expect(found).toEqual({ ...claims, ...expected })
    expect(Object.keys(found).toSorted()).toEqual(Object.keys({ ...claims, ...expected }).toSorted())
  })

  const read = { grantId: 'grant-1', epoch: 2, issuedAt: 1000, expiresAt: 1300, narrowedScope: scope }

  it.each<readonly [string, object, object | null]>([
    ['are read', {}, read],
    ['with a patient', { patient: '1', further: 1 }, read],
    ['of epoch 0', { jti: 'g.0.t' }, { ...read, grantId: 'g', epoch: 0 }],
    ['of a late epoch', { jti: 'g.10.t' }, { ...read, grantId: 'g', epoch: 10 }],
    ['of another issuer', { iss: 'https://other.example' }, null],
    ['for another server', { aud: 'https://other.example/fhir' }, null],
    ['without a scope', { scope: undefined }, null],
    ['with a patient that is no text', { patient: 1 }, null],
    ['with an end that is no number', { exp: '1300' }, null],
    ...[
      'g.01.t',
      'g.2',
      'x g.2.t',
      'g.2.t x',
      'g..t',
      '.2.t',
      'g.2.',
      `g.2.${'t'.repeat(129)}`,
      `${'g'.repeat(129)}.2.t`
    ].map((jti) => [`named ${jti.slice(0, 9)}`, { jti }, null] as const)
  ])('%s', (_name, change, expected) => {
    expect(readAccessTokenClaims({ ...claims, ...change }, 'https://ehr.example', fhirBaseUrl)).toEqual(
      expected === null ? Option.none : Option.some(expected)
    )
  })

  it.each([
    ['eyJhbGciOiJFUzM4NCJ9.e30.AA', true],
    ['eyJ.e30.AA', true],
    ['abc.e30.AA', false],
    ['x eyJ.e30.AA', false],
    ['eyJ.e30.AA ', false],
    ['eyJ..AA', false],
    ['eyJ.e30.', false],
    ['eyJ.e30', false]
  ])('are in %s: %s', (text, is) => {
    expect(isJwt(text)).toBe(is)
  })
})

const jwt = (typ: string): string =>
  `${Buffer.from(JSON.stringify({ alg: 'ES384', typ })).toString('base64url')}.e30.AA`

describe('a text that is presented as a token', () => {
  it.each([
    ['grant-1.a.0.1.2..t.k.m', 'OpaqueAccessToken'],
    ['grant-1.r.0.k.m', 'RefreshToken'],
    [`grant-1.c.${'x'.repeat(43)}`, 'NoToken'],
    ['anything', 'Unknown'],
    ['', 'Unknown'],
    [jwt('at+jwt'), 'SignedAccessToken'],
    [jwt('application/AT+JWT'), 'SignedAccessToken'],
    [jwt('xat+jwt'), 'NoToken'],
    [jwt('at+jwtx'), 'NoToken'],
    [jwt('JWT'), 'NoToken'],
    [`grant-1.a.0.1.2.${'A'.repeat(limits.presentedToken.default - 23)}.t.k.m`, 'Unknown'],
    [`grant-1.a.0.1.2.${'A'.repeat(4)}.t.k.m`, 'OpaqueAccessToken']
  ])('%s is %s', (text, kind) => {
    expect(classifyToken(text)._tag).toBe(kind)
  })

  it('is read as far as the limit', () => {
    const text = (length: number): string => `eyJ.e30.${'A'.repeat(length - 8)}`
    expect(classifyToken(text(limits.presentedToken.default))._tag).toBe('NoToken')
    expect(classifyToken(text(limits.presentedToken.default + 1))._tag).toBe('Unknown')
  })

  it('says what it is', () => {
    expect(classifyToken(`g.c.${'x'.repeat(43)}`)).toEqual({
      _tag: 'NoToken',
      kind: 'code',
      text: `g.c.${'x'.repeat(43)}`
    })
    expect(classifyToken(jwt('JWT'))).toEqual({ _tag: 'NoToken', kind: 'JWT', text: jwt('JWT') })
    expect(classifyToken(jwt('at+jwt'))).toEqual({ _tag: 'SignedAccessToken', text: jwt('at+jwt') })
    expect(classifyToken('g.r.7.k.m')).toMatchObject({ macedText: { facts: { grantId: 'g', generation: 7 } } })
  })

  it('must be there', () => {
    expect(presentedTokenOf(new Map())).toEqual(Either.left({ _tag: 'TokenMissing' }))
    expect(presentedTokenOf(new Map([['token', ['x']]]))).toEqual(Either.right({ _tag: 'Unknown' }))
  })

  it.each(['token', 'token_type_hint', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type'])(
    'comes once, and not in the address: %s',
    (name) => {
      const request = {
        method: 'POST',
        path: '/introspect',
        query: '',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: ''
      }
      expect([
        readTokenForm({ ...request, query: `${name}=1` }),
        readTokenForm({ ...request, body: `${name}=1&${name}=2` })
      ]).toEqual([Either.left({ _tag: 'CredentialsInAddress' }), Either.left({ _tag: 'ParameterRepeated', name })])
    }
  )
})
