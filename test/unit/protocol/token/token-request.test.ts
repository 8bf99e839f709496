/** A call of the token endpoint: what each step says, to the last member. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { RegisteredClient } from '../../../../src/protocol/client/client.js'
import type { GrantCommand, TokensToIssue } from '../../../../src/protocol/grant/events.js'
import { step } from '../../../../src/protocol/machine/machine.js'
import type { Rule } from '../../../../src/protocol/machine/rules.js'
import type { PlainRequest } from '../../../../src/protocol/http/message.js'
import { parsedScope } from '../../../../src/protocol/scope-policy/parsed-scope.js'
import {
  grantTypeParameterRules,
  postedFormRules,
  readTokenParameters,
  readTokenRequest,
  tokenResponseJson
} from '../../../../src/protocol/token/request.js'
import type { TokenEvent, TokenSettings, TokenState } from '../../../../src/protocol/token/token-request-state.js'
import { beginTokenRequest, tokenRequestMachine } from '../../../../src/protocol/token/token-request.js'
import { parse } from '../../../../src/scopes/parse.js'
import { alice, client, offer, policy, verifier } from '../../../support/machines/samples.js'

const fhirBaseUrl = 'https://ehr.example/fhir'
const settings: TokenSettings = {
  policy,
  fhirBaseUrl,
  grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
  scopeVersions: offer.scopeVersions,
  side: offer.side
}
const call = { now: 1000, writeId: 'w' }
const code = `grant-1.c.${'x'.repeat(43)}`
const exchange = {
  grant_type: 'authorization_code',
  code,
  redirect_uri: 'https://app.example/cb',
  code_verifier: verifier
}
const refresh = { grant_type: 'refresh_token', refresh_token: 'grant-1.r.7.k.m', scope: 'openid' }
const service: RegisteredClient = {
  ...client,
  tokenEndpointAuthMethod: 'private_key_jwt',
  grantTypes: ['client_credentials'],
  scope: parse('system/*.rs')
}
const credentials = { grant_type: 'client_credentials', scope: 'system/Patient.rs' }
const tokens: TokensToIssue = {
  grantId: 'grant-1',
  writeId: 'w',
  clientId: 'app',
  audience: fhirBaseUrl,
  scope: 'openid',
  narrowedScope: null,
  epoch: 0,
  issuedAt: 1000,
  accessTokenExpiresAt: 1300,
  generation: 0,
  withIdToken: true,
  nonce: null,
  user: alice,
  context: { patient: '1', intent: 'x' },
  launchContext: { patient: '1' }
}

const form = (fields: Readonly<Record<string, string>>) =>
  new Map(Object.entries(fields).map(([name, value]) => [name, [value]]))

/** The step after some events of a call. */
const after = (
  fields: Readonly<Record<string, string>>,
  events: ReadonlyArray<TokenEvent>,
  change: Partial<TokenSettings> = {}
) => {
  const begun = beginTokenRequest(form(fields), call)
  const machine = tokenRequestMachine({ ...settings, ...change })
  return events.reduce((before: typeof begun, event) => {
    const next = step(machine)(before.state, event)
    if (Either.isLeft(next)) throw new Error(`${before.state._tag}: ${event._tag}`)
    return next.right
  }, begun)
}
const authenticated: TokenEvent = { _tag: 'ClientAuthenticated', client }
const digested: TokenEvent = { _tag: 'CodeDigested', codeDigest: 'd', challengeOfVerifier: 'c' }
const genuine: TokenEvent = { _tag: 'RefreshTokenGenuine' }
const changed = (command: GrantCommand | null): TokenEvent => ({ _tag: 'GrantChanged', command })
const unavailable: TokenEvent = { _tag: 'StoreUnavailable', refusal: { _tag: 'StoreUnavailable' } }
const ofApp = { clientId: 'app', grantId: null }
const ofGrant = { clientId: 'app', grantId: 'grant-1' }
const refused = (subject: object, refusal: object): object => ({
  state: { _tag: 'Refused', subject, refusal },
  command: null
})

const presented = {
  _tag: 'CodePresented',
  now: 1000,
  writeId: 'w',
  codeDigest: 'd',
  server: fhirBaseUrl,
  client,
  redirectUri: 'https://app.example/cb',
  challengeOfVerifier: 'c',
  target: null,
  permission: null,
  parsed: null
}
const used = {
  _tag: 'RefreshTokenPresented',
  now: 1000,
  writeId: 'w',
  server: fhirBaseUrl,
  client,
  generation: 7,
  scope: 'openid',
  target: null,
  online: 'unknown',
  permission: null,
  parsed: null
}
const changing = (event: object, unknown: object): object => ({
  state: { _tag: 'ChangingGrant', subject: ofGrant, event, unknown },
  command: { _tag: 'ChangeGrant', grantId: 'grant-1', event }
})
const issuing = changed({ _tag: 'IssueTokens', tokens })
const backendGrant = {
  _tag: 'Backend',
  grantId: 'w',
  clientId: 'app',
  writeId: 'w',
  recordExpiresAt: 1000 + policy.backendTokenLifetimeSeconds,
  scope: 'system/Patient.rs',
  audience: fhirBaseUrl,
  epoch: 0,
  endsAt: 1000 + policy.backendTokenLifetimeSeconds
}
const ofService = { clientId: 'app', grantId: 'w' }
const [known, online, narrowed] = [
  changed({ _tag: 'EvaluatePolicy', user: alice, scope: parsedScope('openid') }),
  changed({ _tag: 'CheckOnline', user: alice }),
  { _tag: 'Permitted', scope: parsedScope('') } as const
]

describe('a call of the token endpoint', () => {
  it.each<readonly [string, Readonly<Record<string, string>>, ReadonlyArray<TokenEvent>, object]>([
    [
      'authenticates the client first',
      exchange,
      [],
      {
        state: { _tag: 'AuthenticatingClient', parameters: form(exchange), call },
        command: { _tag: 'AuthenticateClient', parameters: form(exchange) }
      }
    ],
    [
      'is over without it',
      exchange,
      [{ _tag: 'ClientRejected', refusal: { _tag: 'ClientSecretDiffers' }, clientId: 'app' }],
      refused(ofApp, { _tag: 'ClientSecretDiffers' })
    ],
    [
      'digests a code',
      exchange,
      [authenticated],
      {
        state: {
          _tag: 'DigestingCode',
          client,
          request: {
            _tag: 'CodeExchange',
            code,
            redirectUri: 'https://app.example/cb',
            codeVerifier: verifier,
            target: null
          },
          grantId: 'grant-1',
          call
        },
        command: { _tag: 'DigestCode', code, codeVerifier: verifier }
      }
    ],
    ['presents a code', exchange, [authenticated, digested], changing(presented, { _tag: 'CodeUnknown' })],
    [
      'verifies a refresh token',
      refresh,
      [authenticated],
      {
        state: {
          _tag: 'VerifyingRefreshToken',
          client,
          request: { _tag: 'Refresh', refreshToken: 'grant-1.r.7.k.m', scope: 'openid', target: null },
          facts: { grantId: 'grant-1', generation: 7 },
          call
        },
        command: {
          _tag: 'VerifyRefreshToken',
          token: { facts: { grantId: 'grant-1', generation: 7 }, covered: 'grant-1.r.7.k', keyId: 'k', mac: 'm' }
        }
      }
    ],
    ['presents a refresh token', refresh, [authenticated, genuine], changing(used, { _tag: 'GrantEnded' })],
    [
      'opens the grant of a service',
      credentials,
      [{ _tag: 'ClientAuthenticated', client: service }],
      {
        state: { _tag: 'OpeningGrant', subject: ofService, grant: backendGrant, now: 1000 },
        command: { _tag: 'OpenGrant', grant: backendGrant }
      }
    ],
    [
      'makes tokens',
      exchange,
      [authenticated, digested, issuing],
      { state: { _tag: 'MakingTokens', subject: ofGrant, tokens }, command: { _tag: 'MakeTokens', tokens } }
    ],
    [
      'answers',
      exchange,
      [authenticated, digested, issuing, { _tag: 'TokensMade', accessToken: 'a', refreshToken: 'r', idToken: 'i' }],
      {
        state: {
          _tag: 'Answered',
          subject: ofGrant,
          response: {
            accessToken: 'a',
            expiresIn: 300,
            scope: 'openid',
            refreshToken: 'r',
            idToken: 'i',
            context: { patient: '1' }
          }
        },
        command: null
      }
    ],
    [
      'checks whether the user is online',
      refresh,
      [authenticated, genuine, online],
      {
        state: { _tag: 'CheckingOnline', subject: ofGrant, event: used, unknown: { _tag: 'GrantEnded' } },
        command: { _tag: 'CheckOnline', user: alice, grantId: 'grant-1' }
      }
    ],
    [
      'goes on when the user is online',
      refresh,
      [authenticated, genuine, online, { _tag: 'OnlineKnown', isOnline: true }],
      changing({ ...used, online: 'yes' }, { _tag: 'GrantEnded' })
    ],
    [
      'goes on when the user is not online',
      refresh,
      [authenticated, genuine, online, { _tag: 'OnlineKnown', isOnline: false }],
      changing({ ...used, online: 'no' }, { _tag: 'GrantEnded' })
    ],
    [
      'calls the policy for a code',
      exchange,
      [authenticated, digested, known],
      {
        state: {
          _tag: 'EvaluatingPolicy',
          subject: ofGrant,
          event: { ...presented, parsed: parsedScope('openid') },
          unknown: { _tag: 'CodeUnknown' }
        },
        command: { _tag: 'EvaluatePolicy', user: alice, client, scope: parsedScope('openid') }
      }
    ],
    [
      'calls the policy for a refresh',
      refresh,
      [authenticated, genuine, known, { _tag: 'PolicyKnown', permission: narrowed }],
      changing({ ...used, parsed: parsedScope('openid'), permission: narrowed }, { _tag: 'GrantEnded' })
    ],
    ['of a text that is no code', { ...exchange, code: 'x' }, [authenticated], refused(ofApp, { _tag: 'CodeUnknown' })],
    [
      'of a text that is no refresh token',
      { ...refresh, refresh_token: 'x' },
      [authenticated],
      refused(ofApp, { _tag: 'RefreshTokenUnknown' })
    ],
    [
      'with a forged refresh token',
      refresh,
      [authenticated, { _tag: 'RefreshTokenForged' }],
      refused(ofGrant, { _tag: 'RefreshTokenUnknown' })
    ],
    [
      'without keys for a refresh token',
      refresh,
      [authenticated, { _tag: 'KeysUnavailable' }],
      refused(ofGrant, { _tag: 'KeysUnavailable' })
    ],
    [
      'that the grant refuses',
      exchange,
      [authenticated, digested, changed({ _tag: 'Refuse', refusal: { _tag: 'CodeReplayed' } })],
      refused(ofGrant, { _tag: 'CodeReplayed' })
    ],
    [
      'to which the grant says nothing',
      exchange,
      [authenticated, digested, changed(null)],
      refused(ofGrant, { _tag: 'GrantEnded' })
    ],
    [
      'whose code leads to a check of the session',
      exchange,
      [authenticated, digested, online],
      refused(ofGrant, { _tag: 'GrantEnded' })
    ],
    [
      'without the grant',
      exchange,
      [authenticated, digested, { _tag: 'GrantNotFound' }],
      refused(ofGrant, { _tag: 'CodeUnknown' })
    ],
    [
      'without the store',
      exchange,
      [authenticated, digested, unavailable],
      refused(ofGrant, { _tag: 'StoreUnavailable' })
    ],
    [
      'without the users',
      refresh,
      [authenticated, genuine, online, { _tag: 'UsersUnavailable' }],
      refused(ofGrant, { _tag: 'UsersUnavailable' })
    ],
    [
      'without the policy',
      exchange,
      [authenticated, digested, known, { _tag: 'PolicyUnavailable' }],
      refused(ofGrant, { _tag: 'PolicyUnavailable' })
    ],
    [
      'without keys for its tokens',
      exchange,
      [authenticated, digested, issuing, { _tag: 'KeysUnavailable' }],
      refused(ofGrant, { _tag: 'KeysUnavailable' })
    ],
    [
      'of a service without the store',
      credentials,
      [{ _tag: 'ClientAuthenticated', client: service }, unavailable],
      refused(ofService, { _tag: 'StoreUnavailable' })
    ],
    [
      'of an unknown type',
      { grant_type: 'password' },
      [authenticated],
      refused(ofApp, { _tag: 'GrantTypeNotSupported', grantType: 'password' })
    ],
    [
      'of a type that is not registered',
      credentials,
      [authenticated],
      refused(ofApp, { _tag: 'GrantTypeNotRegistered', grantType: 'client_credentials' })
    ],
    [
      'of a service without an assertion',
      credentials,
      [{ _tag: 'ClientAuthenticated', client: { ...service, tokenEndpointAuthMethod: 'none' } }],
      refused(ofApp, { _tag: 'BackendNeedsAssertion' })
    ],
    [
      'of a service for another server',
      { ...credentials, resource: 'https://other.example/fhir' },
      [{ _tag: 'ClientAuthenticated', client: service }],
      refused(ofApp, { _tag: 'TargetDiffers', target: 'https://other.example/fhir' })
    ],
    [
      'of a service for nothing that it may have',
      { ...credentials, scope: 'user/*.rs' },
      [{ _tag: 'ClientAuthenticated', client: service }],
      refused(ofApp, expect.objectContaining({ _tag: expect.any(String) as string }) as object)
    ]
  ])('%s', (_name, fields, events, expected) => {
    expect(after(fields, events)).toEqual(expected)
  })

  it('makes the token of a service from its grant', () => {
    const { state, command } = after(credentials, [
      { _tag: 'ClientAuthenticated', client: service },
      { _tag: 'GrantOpened' }
    ])
    expect(state).toMatchObject({ _tag: 'MakingTokens', subject: ofService, tokens: { grantId: 'w', issuedAt: 1000 } })
    expect(command).toEqual({ _tag: 'MakeTokens', tokens: (state as Extract<TokenState, { tokens: object }>).tokens })
  })

  it('is refused where its grant type is not served', () => {
    expect(after(exchange, [authenticated], { grantTypes: ['refresh_token'] })).toEqual(
      refused(ofApp, { _tag: 'GrantTypeNotSupported', grantType: 'authorization_code' })
    )
  })
})

const request: PlainRequest = {
  method: 'POST',
  path: '/token',
  query: '',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: 'grant_type=refresh_token'
}

describe('the parameters of a token request', () => {
  it.each<readonly [string, Partial<PlainRequest>, object]>([
    ['another method', { method: 'GET' }, { _tag: 'MethodNotAllowed', allowed: 'POST' }],
    ['no form', { headers: { 'content-type': 'application/json' } }, { _tag: 'BodyNotForm' }],
    ['a query that cannot be read', { query: '%' }, { _tag: 'ParametersUnreadable', pair: 0 }],
    ['a body that cannot be read', { body: 'b=1&a=%' }, { _tag: 'ParametersUnreadable', pair: 1 }],
    ...[
      'grant_type',
      'code',
      'redirect_uri',
      'code_verifier',
      'refresh_token',
      'scope',
      'resource',
      'client_id',
      'client_secret',
      'client_assertion',
      'client_assertion_type'
    ].flatMap(
      (name) =>
        [
          [`${name} in the query`, { query: `a=1&${name}=1` }, { _tag: 'CredentialsInAddress' }],
          [`${name} twice`, { body: `${name}=1&a=1&${name}=2` }, { _tag: 'ParameterRepeated', name }]
        ] as const
    )
  ])('are refused with %s', (_name, change, refusal) => {
    expect(readTokenParameters({ ...request, ...change })).toEqual(Either.left(refusal))
  })

  it('are read beside others', () => {
    expect(readTokenParameters({ ...request, query: 'a=1', body: 'code=1&a=1&a=2' })).toEqual(
      Either.right(
        new Map([
          ['code', ['1']],
          ['a', ['1', '2']]
        ])
      )
    )
  })

  it.each<readonly [Readonly<Record<string, string>>, object]>([
    [
      { ...exchange, resource: 'r', aud: 'a' },
      {
        _tag: 'CodeExchange',
        code,
        redirectUri: 'https://app.example/cb',
        codeVerifier: verifier,
        target: 'r'
      }
    ],
    [
      { grant_type: 'authorization_code', code: 'c', redirect_uri: 'u', aud: 'a' },
      { _tag: 'CodeExchange', code: 'c', redirectUri: 'u', codeVerifier: null, target: 'a' }
    ],
    [
      { grant_type: 'refresh_token', refresh_token: 't', resource: 'r' },
      { _tag: 'Refresh', refreshToken: 't', scope: null, target: 'r' }
    ],
    [
      { ...refresh, refresh_token: 't' },
      { _tag: 'Refresh', refreshToken: 't', scope: 'openid', target: null }
    ],
    [
      { ...credentials, resource: 'r' },
      { _tag: 'ClientCredentials', scope: 'system/Patient.rs', target: 'r' }
    ],
    [{ grant_type: 'client_credentials' }, { _tag: 'ClientCredentials', scope: null, target: null }]
  ])('%j are a request', (fields, expected) => {
    expect(readTokenRequest(form(fields))).toEqual(Either.right(expected))
  })

  it.each<readonly [Readonly<Record<string, string>>, object]>([
    [{}, { _tag: 'GrantTypeMissing' }],
    [{ grant_type: 'password' }, { _tag: 'GrantTypeNotSupported', grantType: 'password' }],
    [{ grant_type: 'authorization_code', redirect_uri: 'u' }, { _tag: 'CodeMissing' }],
    [{ grant_type: 'authorization_code', code: 'c' }, { _tag: 'RedirectUriNotRepeated' }],
    [{ ...exchange, code_verifier: 'v'.repeat(42) }, { _tag: 'CodeVerifierMalformed' }],
    [{ ...exchange, code_verifier: 'v'.repeat(129) }, { _tag: 'CodeVerifierMalformed' }],
    [{ ...exchange, code_verifier: `${'v'.repeat(43)} ` }, { _tag: 'CodeVerifierMalformed' }],
    [{ grant_type: 'refresh_token' }, { _tag: 'RefreshTokenMissing' }]
  ])('%j are refused', (fields, refusal) => {
    expect(readTokenRequest(form(fields))).toEqual(Either.left(refusal))
  })
})

it('a call declares its arrows', () => {
  const { name, initial, final, table } = tokenRequestMachine(settings)
  const arrows = Object.entries(table).flatMap(([state, row]) =>
    Object.entries(row as Readonly<Record<string, { readonly to: ReadonlyArray<string> }>>).map(
      ([event, { to }]) => `${state} < ${event}: ${to.join(', ')}`
    )
  )
  expect([name, initial, final]).toEqual(['token-request', ['AuthenticatingClient'], ['Answered', 'Refused']])
  expect(arrows).toEqual([
    'AuthenticatingClient < ClientAuthenticated: DigestingCode, VerifyingRefreshToken, OpeningGrant, Refused',
    'AuthenticatingClient < ClientRejected: Refused',
    'DigestingCode < CodeDigested: ChangingGrant',
    'VerifyingRefreshToken < RefreshTokenGenuine: ChangingGrant',
    'VerifyingRefreshToken < RefreshTokenForged: Refused',
    'VerifyingRefreshToken < KeysUnavailable: Refused',
    'ChangingGrant < GrantChanged: MakingTokens, CheckingOnline, EvaluatingPolicy, Refused',
    'ChangingGrant < GrantNotFound: Refused',
    'ChangingGrant < StoreUnavailable: Refused',
    'OpeningGrant < GrantOpened: MakingTokens',
    'OpeningGrant < StoreUnavailable: Refused',
    'CheckingOnline < OnlineKnown: ChangingGrant',
    'CheckingOnline < UsersUnavailable: Refused',
    'EvaluatingPolicy < PolicyKnown: ChangingGrant',
    'EvaluatingPolicy < PolicyUnavailable: Refused',
    'MakingTokens < TokensMade: Answered',
    'MakingTokens < KeysUnavailable: Refused'
  ])
})

it('the rules of a request say nothing of what another rule refuses', () => {
  const ruleOf = <Facts>(rules: ReadonlyArray<Rule<Facts, unknown>>, name: string) =>
    rules.find((rule) => rule.name === name)
  const unread = Either.left({ pair: 0 }) as never
  expect([
    ruleOf(grantTypeParameterRules, 'grant-type-known')?.check({ grantType: null }),
    ruleOf(postedFormRules, 'no-parameter-in-query')?.check({ names: ['code'], query: unread, body: unread })
  ]).toEqual([null, null])
})

it('a token response has what was issued and no more', () => {
  const response = { accessToken: 'a', expiresIn: 300, scope: 's', refreshToken: null, idToken: null, context: {} }
  const plain = { access_token: 'a', token_type: 'Bearer', expires_in: 300, scope: 's' }
  const whole = tokenResponseJson('2.2.0', { ...response, refreshToken: 'r', idToken: 'i', context: { patient: '1' } })
  const { status, body } = tokenResponseJson('2.2.0', response)
  expect([status, JSON.parse(body)]).toEqual([200, plain])
  expect(JSON.parse(whole.body)).toEqual({ ...plain, refresh_token: 'r', id_token: 'i', patient: '1' })
})
