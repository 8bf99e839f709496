/** The other machines: every table is true, so every picture of it is. */
import { describe, expect, it } from 'vitest'
import type { Invariant } from './explorer.js'
import { complaintsAbout, explore } from './explorer.js'
import {
  authenticationSettings,
  client,
  codePresented,
  offer,
  opened,
  policy,
  sha256,
  verifier
} from '../support/machines/samples.js'
import { authorizationParameters } from '../support/server-fixture.js'
import type {
  AuthorizationCommand,
  AuthorizationEvent,
  AuthorizationState
} from '../../src/protocol/authorization/authorization-request.js'
import {
  authorizationRequestMachine,
  beginAuthorization
} from '../../src/protocol/authorization/authorization-request.js'
import type {
  AuthenticationCommand,
  AuthenticationEvent,
  AuthenticationState
} from '../../src/protocol/client/authentication-state.js'
import { beginAuthentication, clientAuthenticationMachine } from '../../src/protocol/client/authentication.js'
import type { EhrLaunchCommand, EhrLaunchEvent } from '../../src/protocol/launch/ehr-launch.js'
import { ehrLaunchMachine } from '../../src/protocol/launch/ehr-launch.js'
import { grantMachine } from '../../src/protocol/grant/grant.js'
import { step } from '../../src/protocol/machine/machine.js'
import type { TokenCommand, TokenEvent, TokenState } from '../../src/protocol/token/token-request-state.js'
import { beginTokenRequest, tokenRequestMachine } from '../../src/protocol/token/token-request.js'
import type { RegisteredClient } from '../../src/protocol/client/client.js'
import type { AssertionCredentials, Credentials } from '../../src/protocol/client/credentials.js'
import { servedGrantTypes } from '../../src/protocol/discovery/features.js'
import type { CodeIssued } from '../../src/protocol/grant/state.js'
import type { EhrLaunch } from '../../src/protocol/launch/stored-launch.js'
import { parsedScope } from '../../src/protocol/scope-policy/parsed-scope.js'
import { parse } from '../../src/scopes/parse.js'

const fhirBaseUrl = 'https://ehr.example/fhir'

describe('the ehr-launch machine', () => {
  const offered: EhrLaunch = {
    _tag: 'Offered',
    clientId: 'app',
    audience: fhirBaseUrl,
    launchedBy: null,
    context: { patient: '123' },
    expiresAt: 100,
    recordExpiresAt: 200,
    writeId: 'x'
  }
  const presented = {
    _tag: 'LaunchPresented',
    now: 50,
    writeId: 'a',
    grantId: 'g1',
    clientId: 'app',
    audience: fhirBaseUrl
  } as const
  const samples: ReadonlyArray<EhrLaunchEvent> = [
    presented,
    { ...presented, grantId: 'g2' },
    { ...presented, clientId: 'other' },
    { ...presented, audience: 'other' },
    { ...presented, now: 100 },
    { _tag: 'ConsentGiven', now: 60, writeId: 'b', grantId: 'g1' },
    { _tag: 'ConsentGiven', now: 60, writeId: 'b', grantId: 'g2' }
  ]
  const onlyOneGrant: Invariant<EhrLaunch, EhrLaunchEvent, EhrLaunchCommand> = ({ from, event, step: { command } }) =>
    command?._tag === 'IssueCode' && 'grantId' in from && from.grantId !== event.grantId ? event.grantId : null

  it('reaches every state and walks every declared arrow and no other', () => {
    expect(
      complaintsAbout(
        ehrLaunchMachine(policy),
        explore<EhrLaunch, EhrLaunchEvent, EhrLaunchCommand>({
          machine: ehrLaunchMachine(policy),
          starts: [offered],
          samples: () => samples,
          depth: 6,
          shape: ({ writeId: _attempt, ...rest }) => rest,
          invariants: {
            'a code is issued to the one grant that holds the launch': onlyOneGrant,
            'a used launch stays used': ({ from, step: { state } }) =>
              from._tag === 'Spent' && state !== from ? state._tag : null,
            'the context never changes': ({ from, step: { state } }) =>
              from.context === state.context ? null : 'changed'
          }
        })
      )
    ).toEqual([])
  })
})

describe('the authorization-request machine', () => {
  const machine = authorizationRequestMachine({ policy, offer, fhirBaseUrl })
  const requestContext = { now: 0, writeId: 'a', grantId: 'g', browserDigest: 'b' }
  const parameters = (change: Readonly<Record<string, string | null>>) =>
    new Map(
      authorizationParameters({ client_id: 'app', aud: fhirBaseUrl, scope: 'patient/*.rs', ...change }).map(
        ([name, value]) => [name, [value]]
      )
    )
  const begun = [
    parameters({}),
    parameters({ launch: 'x' }),
    parameters({ aud: 'other' }),
    parameters({ redirect_uri: 'https://evil.example' }),
    parameters({ client_id: null }),
    parameters({ scope: 'system/*.rs' })
  ].map((one) => beginAuthorization({ parameters: one, beside: new Map() }, requestContext).state)
  const samples: ReadonlyArray<AuthorizationEvent> = [
    { _tag: 'ClientFound', client },
    { _tag: 'ClientNotFound' },
    { _tag: 'ClientsUnavailable' },
    { _tag: 'LaunchAccepted', launchKey: 'launch:x', context: {}, launchedBy: null },
    { _tag: 'LaunchRefused', refusal: { _tag: 'LaunchUnknown' } },
    { _tag: 'GrantOpened' },
    { _tag: 'StoreUnavailable' }
  ]

  it('reaches every state and walks every declared arrow and no other', () => {
    expect(
      complaintsAbout(
        machine,
        explore<AuthorizationState, AuthorizationEvent, AuthorizationCommand>({
          machine,
          starts: begun,
          samples: () => samples,
          depth: 6,
          invariants: {
            'a redirect goes to a registered address only': ({ step: { state } }) =>
              state._tag === 'RefusedByRedirect' && !client.redirectUris.includes(state.target.redirectUri)
                ? state.target.redirectUri
                : null,
            'silence never leads to a grant': ({ event, step: { state } }) =>
              (event._tag === 'StoreUnavailable' || event._tag === 'ClientsUnavailable') && state._tag === 'Accepted'
                ? 'accepted'
                : null
          }
        })
      )
    ).toEqual([])
  })
})

describe('the client-authentication machine', () => {
  const machine = clientAuthenticationMachine(authenticationSettings)
  const confidential = {
    ...client,
    tokenEndpointAuthMethod: 'client_secret_basic' as const,
    secretDigests: [sha256('s')]
  }
  const key = { kty: 'EC', crv: 'P-384', kid: 'k1', x: 'x', y: 'y' }
  const inline: RegisteredClient = {
    ...client,
    tokenEndpointAuthMethod: 'private_key_jwt',
    keys: { _tag: 'Inline', keys: [key] }
  }
  const twice: RegisteredClient = { ...inline, keys: { _tag: 'Inline', keys: [key, key] } }
  const atUrl: RegisteredClient = { ...inline, keys: { _tag: 'AtUrl', url: 'https://app.example/jwks' } }
  const raw = { clientId: 'app', secret: 's' }
  const claims = { iss: 'app', sub: 'app', aud: 'https://ehr.example/token', exp: 1300, jti: 'j1' }
  const assertion = (header: object, changed: object = {}): AssertionCredentials => ({
    _tag: 'AssertionCredentials',
    assertion: {
      text: 'h.c.s',
      header: { alg: 'ES384', typ: 'JWT', kid: 'k1', ...header },
      claims: { ...claims, ...changed }
    },
    bodyClientId: null
  })
  const credentials: ReadonlyArray<Credentials> = [
    { _tag: 'PublicClient', clientId: 'app' },
    { _tag: 'BasicCredentials', decoded: raw, raw, bodyClientId: null },
    {
      _tag: 'BasicCredentials',
      decoded: { clientId: 'a p', secret: 's' },
      raw: { clientId: 'a+p', secret: 's' },
      bodyClientId: null
    },
    { _tag: 'BasicCredentials', decoded: null, raw, bodyClientId: 'other' },
    { _tag: 'SecretInBody', ...raw },
    assertion({}),
    assertion({ alg: 'none' }),
    assertion({ kid: 'k2' }),
    assertion({ jku: 'https://evil.example/jwks' }),
    assertion({}, { exp: 2000 }),
    assertion({}, { jti: 7 })
  ]
  const samples: ReadonlyArray<AuthenticationEvent> = [
    ...[client, confidential, inline, twice, atUrl].map((one) => ({ _tag: 'ClientFound', client: one }) as const),
    { _tag: 'ClientNotFound' },
    { _tag: 'ClientsUnavailable' },
    { _tag: 'SecretDigested', digests: [sha256('s')] },
    { _tag: 'SecretDigested', digests: [sha256('t'), sha256('s')] },
    { _tag: 'SecretDigested', digests: [sha256('t')] },
    { _tag: 'SecretDigested', digests: [] },
    { _tag: 'KeysFetched', keys: [key] },
    { _tag: 'KeysFetched', keys: [] },
    { _tag: 'KeysNotFetched', reason: 'x' },
    { _tag: 'SignatureVerified', digest: sha256('j1') },
    { _tag: 'SignatureWrong' },
    { _tag: 'CryptographyUnavailable' },
    { _tag: 'AssertionRemembered' },
    { _tag: 'AssertionSeenBefore' },
    { _tag: 'StoreUnavailable' }
  ]

  it('reaches every state and walks every declared arrow and no other', () => {
    const starts = credentials.map((one) => beginAuthentication(authenticationSettings, one, 1000).state)
    expect(
      complaintsAbout(
        machine,
        explore<AuthenticationState, AuthenticationEvent, AuthenticationCommand>({
          machine,
          starts,
          samples: () => samples,
          depth: 7,
          invariants: {
            'a client with a secret is not authenticated without it': ({ from, event, step: { state } }) =>
              state._tag === 'Authenticated' &&
              state.client.tokenEndpointAuthMethod === 'client_secret_basic' &&
              !(
                from._tag === 'CheckingSecret' &&
                from.credentials._tag === 'BasicCredentials' &&
                event._tag === 'SecretDigested' &&
                event.digests.includes(sha256('s'))
              )
                ? 'authenticated'
                : null,
            'a client with keys is authenticated by a remembered assertion alone': ({
              from,
              event,
              step: { state }
            }) =>
              state._tag === 'Authenticated' &&
              state.client.tokenEndpointAuthMethod === 'private_key_jwt' &&
              !(from._tag === 'RememberingAssertion' && event._tag === 'AssertionRemembered')
                ? 'authenticated'
                : null,
            'nothing is remembered before a good signature': ({ event, step: { command } }) =>
              command?._tag === 'RememberAssertion' && event._tag !== 'SignatureVerified' ? event._tag : null,
            'only the registered address is fetched': ({ step: { command } }) =>
              command?._tag === 'FetchKeys' && command.url !== 'https://app.example/jwks' ? 'fetched' : null,
            'no key that does not fit is verified with': ({ step: { command } }) =>
              command?._tag === 'VerifySignature' && command.key !== null && command.alg !== 'ES384'
                ? 'verified'
                : null,
            'found or not, the same command follows': ({ from, event, step: { command } }) => {
              if (from._tag !== 'LookingUpClient' || !(event._tag === 'ClientFound' || event._tag === 'ClientNotFound'))
                return null
              const last =
                from.credentials._tag === 'AssertionCredentials' ? ['VerifySignature', 'FetchKeys'] : ['DigestSecrets']
              const expected = from.others.length > 0 ? ['FindClient'] : last
              return expected.includes(command?._tag ?? '') ? null : 'another command'
            }
          }
        })
      )
    ).toEqual([])
  })
})

describe('the token-request machine', () => {
  const form = (fields: Readonly<Record<string, string>>) =>
    new Map(Object.entries(fields).map(([name, value]) => [name, [value]]))
  const issued: CodeIssued = {
    _tag: 'CodeIssued',
    grantId: 'grant-1',
    clientId: 'app',
    clientType: opened.clientType,
    writeId: 'x',
    recordExpiresAt: 9000,
    redirectUri: opened.redirectUri,
    scope: 'openid offline_access',
    audience: fhirBaseUrl,
    codeChallenge: opened.codeChallenge,
    codeDigest: sha256('code'),
    nonce: null,
    user: { sub: 'alice', fhirUser: null, authTime: 0 },
    context: {},
    refresh: 'offline',
    endsAt: 9000,
    codeExpiresAt: 1060
  }
  const backend: RegisteredClient = {
    ...client,
    tokenEndpointAuthMethod: 'private_key_jwt',
    grantTypes: ['client_credentials'],
    scope: parse('system/*.rs')
  }
  const tokenRequest = tokenRequestMachine({
    policy,
    fhirBaseUrl,
    grantTypes: servedGrantTypes(policy, offer),
    scopeVersions: offer.scopeVersions,
    side: offer.side
  })
  const redeemed = step(grantMachine(policy))(issued, codePresented())
  const issuing = redeemed._tag === 'Right' ? redeemed.right.command : null
  const starts = [
    form({
      grant_type: 'authorization_code',
      code: `grant-1.c.${'x'.repeat(43)}`,
      redirect_uri: opened.redirectUri,
      code_verifier: verifier
    }),
    form({
      grant_type: 'authorization_code',
      code: 'garbage',
      redirect_uri: opened.redirectUri,
      code_verifier: verifier
    }),
    form({ grant_type: 'refresh_token', refresh_token: 'grant-1.r.0.k.m' }),
    form({ grant_type: 'refresh_token', refresh_token: 'garbage' }),
    form({ grant_type: 'client_credentials', scope: 'system/*.rs' }),
    form({ grant_type: 'password' })
  ].map((parameters) => beginTokenRequest(parameters, { now: 1000, writeId: 'grant-2' }).state)
  const samples: ReadonlyArray<TokenEvent> = [
    { _tag: 'ClientAuthenticated', client },
    { _tag: 'ClientAuthenticated', client: backend },
    { _tag: 'GrantOpened' },
    { _tag: 'ClientAuthenticated', client: { ...client, grantTypes: [] } },
    { _tag: 'ClientRejected', refusal: { _tag: 'ClientSecretDiffers' }, clientId: 'app' },
    { _tag: 'CodeDigested', codeDigest: 'd', challengeOfVerifier: 'c' },
    { _tag: 'RefreshTokenGenuine' },
    { _tag: 'RefreshTokenForged' },
    { _tag: 'OnlineKnown', isOnline: true },
    { _tag: 'OnlineKnown', isOnline: false },
    { _tag: 'UsersUnavailable' },
    { _tag: 'PolicyKnown', permission: { _tag: 'Permitted', scope: parsedScope('openid') } },
    { _tag: 'PolicyKnown', permission: { _tag: 'Ended' } },
    { _tag: 'PolicyUnavailable' },
    { _tag: 'GrantChanged', command: { _tag: 'EvaluatePolicy', user: issued.user, scope: parsedScope('openid') } },
    { _tag: 'GrantChanged', command: { _tag: 'CheckOnline', user: issued.user } },
    { _tag: 'GrantChanged', command: issuing },
    { _tag: 'GrantChanged', command: null },
    { _tag: 'GrantChanged', command: { _tag: 'Refuse', refusal: { _tag: 'CodeReplayed' } } },
    { _tag: 'GrantNotFound' },
    { _tag: 'StoreUnavailable', refusal: { _tag: 'StoreUnavailable' } },
    { _tag: 'TokensMade', accessToken: 'a', refreshToken: null, idToken: null },
    { _tag: 'KeysUnavailable' }
  ]
  const explored = explore<TokenState, TokenEvent, TokenCommand>({
    machine: tokenRequest,
    starts,
    samples: () => samples,
    depth: 8,
    shape: (state) => (state._tag === 'AuthenticatingClient' ? [state._tag, [...state.parameters]] : state),
    invariants: {
      'no event reaches a grant before the client is authenticated': ({ from, step: { command } }) =>
        from._tag === 'AuthenticatingClient' && command?._tag === 'ChangeGrant' ? 'requested' : null,
      'tokens are made only when the grant says so': ({ event, step: { command } }) =>
        command?._tag === 'MakeTokens' && event._tag !== 'GrantChanged' && event._tag !== 'GrantOpened'
          ? event._tag
          : null,
      'a backend service proves itself with a key': ({ event, step: { command } }) =>
        command?._tag === 'OpenGrant' &&
        !(event._tag === 'ClientAuthenticated' && event.client.tokenEndpointAuthMethod === 'private_key_jwt')
          ? event._tag
          : null,
      'an unavailable policy ends the call': ({ event, step: { state } }) =>
        event._tag === 'PolicyUnavailable' && state._tag !== 'Refused' ? state._tag : null,
      'only made tokens are an answer': ({ event, step: { state } }) =>
        state._tag === 'Answered' && event._tag !== 'TokensMade' ? event._tag : null
    }
  })

  it('reaches every state and walks every declared arrow and no other', () => {
    expect(issuing).not.toBeNull()
    expect(complaintsAbout(tokenRequest, explored)).toEqual([])
  })
})
