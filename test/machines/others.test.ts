/** The other machines: every table is true, so every picture of it is. */
import { describe, expect, it } from 'vitest'
import type { Invariant } from './explorer.js'
import { complaintsAbout, explore } from './explorer.js'
import { client, codePresented, offer, opened, policy, sha256, verifier } from './samples.js'
import { authorizationParameters } from '../simulation/world.js'
import type { AuthorizationCommand, AuthorizationEvent, AuthorizationState } from '../../src/machines/authorization-request.js'
import { authorizationRequestMachine, beginAuthorization } from '../../src/machines/authorization-request.js'
import type { AuthenticationCommand, AuthenticationEvent, AuthenticationState } from '../../src/machines/client-authentication.js'
import { beginAuthentication, clientAuthenticationMachine } from '../../src/machines/client-authentication.js'
import type { EhrLaunchCommand, EhrLaunchEvent } from '../../src/machines/ehr-launch.js'
import { ehrLaunchMachine } from '../../src/machines/ehr-launch.js'
import { grantMachine } from '../../src/machines/grant.js'
import { step } from '../../src/machines/kernel.js'
import type { TokenCommand, TokenEvent, TokenState } from '../../src/machines/token-request.js'
import { beginTokenRequest, tokenRequestMachine } from '../../src/machines/token-request.js'
import type { CodeIssued } from '../../src/messages/stored-grant.js'
import type { EhrLaunch } from '../../src/messages/stored-launch.js'

const fhirBaseUrl = 'https://ehr.example/fhir'

describe('the ehr-launch machine', () => {
  const offered: EhrLaunch = {
    _tag: 'Offered', clientId: 'app', audience: fhirBaseUrl, launchedBy: null, context: { patient: '123' }, expiresAt: 100, keepUntil: 200, attempt: 'x'
  }
  const presented = { _tag: 'LaunchPresented', now: 50, attempt: 'a', grantId: 'g1', clientId: 'app', audience: fhirBaseUrl } as const
  const samples: ReadonlyArray<EhrLaunchEvent> = [
    presented, { ...presented, grantId: 'g2' }, { ...presented, clientId: 'other' }, { ...presented, audience: 'other' }, { ...presented, now: 100 },
    { _tag: 'ConsentArrived', now: 60, attempt: 'b', grantId: 'g1' }, { _tag: 'ConsentArrived', now: 60, attempt: 'b', grantId: 'g2' }
  ]
  const onlyOneGrant: Invariant<EhrLaunch, EhrLaunchEvent, EhrLaunchCommand> = ({ from, event, step: { commands } }) =>
    commands.some(({ _tag }) => _tag === 'IssueCode') && 'grantId' in from && from.grantId !== event.grantId ? event.grantId : null

  it('reaches every state and walks every declared arrow and no other', () => {
    expect(complaintsAbout(ehrLaunchMachine(policy), explore<EhrLaunch, EhrLaunchEvent, EhrLaunchCommand>({
      machine: ehrLaunchMachine(policy), starts: [offered], samples: () => samples, depth: 6,
      shape: ({ attempt: _attempt, ...rest }) => rest,
      invariants: {
        'a code is issued to the one grant that holds the launch': onlyOneGrant,
        'a spent launch stays spent': ({ from, step: { state } }) => (from._tag === 'Spent' && state !== from ? state._tag : null),
        'the context never changes': ({ from, step: { state } }) => (from.context === state.context ? null : 'changed')
      }
    }))).toEqual([])
  })
})

describe('the authorization-request machine', () => {
  const machine = authorizationRequestMachine({ policy, offer, fhirBaseUrl })
  const arrival = { now: 0, attempt: 'a', grantId: 'g', browserDigest: 'b' }
  const parameters = (change: Readonly<Record<string, string | null>>) =>
    new Map(authorizationParameters({ client_id: 'app', aud: fhirBaseUrl, scope: 'patient/*.rs', ...change }).map(([name, value]) => [name, [value]]))
  const begun = [
    parameters({}), parameters({ launch: 'x' }), parameters({ aud: 'other' }), parameters({ redirect_uri: 'https://evil.example' }),
    parameters({ client_id: null }), parameters({ scope: 'system/*.rs' })
  ].map((one) => beginAuthorization(one, arrival).state)
  const samples: ReadonlyArray<AuthorizationEvent> = [
    { _tag: 'ClientFound', client }, { _tag: 'ClientNotFound' }, { _tag: 'ClientsSilent' },
    { _tag: 'LaunchAccepted', launchKey: 'launch:x', context: {}, launchedBy: null },
    { _tag: 'LaunchRefused', refusal: { _tag: 'LaunchUnknown' } }, { _tag: 'GrantOpened' }, { _tag: 'StoreSilent' }
  ]

  it('reaches every state and walks every declared arrow and no other', () => {
    expect(complaintsAbout(machine, explore<AuthorizationState, AuthorizationEvent, AuthorizationCommand>({
      machine, starts: begun, samples: () => samples, depth: 6,
      invariants: {
        'a redirect goes to a registered address only': ({ step: { state } }) =>
          state._tag === 'RefusedByRedirect' && !client.redirectUris.includes(state.target.redirectUri) ? state.target.redirectUri : null,
        'silence never leads to a grant': ({ event, step: { state } }) =>
          (event._tag === 'StoreSilent' || event._tag === 'ClientsSilent') && state._tag === 'Accepted' ? 'accepted' : null
      }
    }))).toEqual([])
  })
})

describe('the client-authentication machine', () => {
  const machine = clientAuthenticationMachine(policy)
  const confidential = { ...client, tokenEndpointAuthMethod: 'client_secret_basic' as const, secretDigests: [sha256('s')] }
  const raw = { clientId: 'app', secret: 's' }
  const credentials = [
    { _tag: 'PublicClient', clientId: 'app' },
    { _tag: 'BasicCredentials', decoded: raw, raw, bodyClientId: null },
    { _tag: 'BasicCredentials', decoded: { clientId: 'a p', secret: 's' }, raw: { clientId: 'a+p', secret: 's' }, bodyClientId: null },
    { _tag: 'BasicCredentials', decoded: null, raw, bodyClientId: 'other' },
    { _tag: 'OtherCredentials', clientId: 'app', method: 'client_secret_post' }
  ] as const
  const samples: ReadonlyArray<AuthenticationEvent> = [
    { _tag: 'ClientFound', client }, { _tag: 'ClientFound', client: confidential }, { _tag: 'ClientNotFound' }, { _tag: 'ClientsSilent' },
    { _tag: 'SecretDigested', digests: [sha256('s')] }, { _tag: 'SecretDigested', digests: [sha256('t'), sha256('s')] },
    { _tag: 'SecretDigested', digests: [sha256('t')] }, { _tag: 'SecretDigested', digests: [] }
  ]

  it('reaches every state and walks every declared arrow and no other', () => {
    expect(complaintsAbout(machine, explore<AuthenticationState, AuthenticationEvent, AuthenticationCommand>({
      machine, starts: credentials.map((one) => beginAuthentication(policy, one).state), samples: () => samples, depth: 4,
      invariants: {
        'a confidential client is not authenticated without its secret': ({ from, event, step: { state } }) =>
          state._tag === 'Authenticated' && state.client.tokenEndpointAuthMethod !== 'none' &&
          !(from._tag === 'CheckingSecret' && from.credentials._tag === 'BasicCredentials' && event._tag === 'SecretDigested' && event.digests.includes(sha256('s')))
            ? 'authenticated'
            : null,
        'found or not, the same command follows': ({ from, event, step: { commands } }) =>
          event._tag === 'ClientFound' || (event._tag === 'ClientNotFound' && from._tag === 'LookingUpClient' && from.others.length === 0)
            ? commands.map(({ _tag }) => _tag).join() === 'DigestSecrets' ? null : 'another command'
            : null
      }
    }))).toEqual([])
  })
})

describe('the token-request machine', () => {
  const form = (fields: Readonly<Record<string, string>>) => new Map(Object.entries(fields).map(([name, value]) => [name, [value]]))
  const issued: CodeIssued = {
    _tag: 'CodeIssued', grantId: 'grant-1', clientId: 'app', attempt: 'x', keepUntil: 9000, redirectUri: opened.redirectUri, scope: 'openid offline_access',
    audience: fhirBaseUrl, codeChallenge: opened.codeChallenge, codeDigest: sha256('code'), nonce: null,
    user: { sub: 'alice', fhirUser: null, authTime: 0 }, context: {}, refresh: 'offline', endsAt: 9000, codeExpiresAt: 1060
  }
  const redeemed = step(grantMachine(policy))(issued, codePresented())
  const issuing = redeemed._tag === 'Right' ? redeemed.right.commands : []
  const starts = [
    form({ grant_type: 'authorization_code', code: `grant-1.c.${'x'.repeat(43)}`, redirect_uri: opened.redirectUri, code_verifier: verifier }),
    form({ grant_type: 'authorization_code', code: 'garbage', redirect_uri: opened.redirectUri, code_verifier: verifier }),
    form({ grant_type: 'refresh_token', refresh_token: 'grant-1.r.0.k.m' }),
    form({ grant_type: 'refresh_token', refresh_token: 'garbage' }),
    form({ grant_type: 'password' })
  ].map((parameters) => beginTokenRequest(parameters, { now: 1000, attempt: 'a' }).state)
  const samples: ReadonlyArray<TokenEvent> = [
    { _tag: 'ClientAuthenticated', client }, { _tag: 'ClientAuthenticated', client: { ...client, grantTypes: [] } },
    { _tag: 'ClientRejected', refusal: { _tag: 'ClientSecretDiffers' } },
    { _tag: 'CodeDigested', codeDigest: 'd', challengeOfVerifier: 'c' }, { _tag: 'RefreshTokenGenuine' }, { _tag: 'RefreshTokenForged' },
    { _tag: 'OnlineKnown', isOnline: true }, { _tag: 'OnlineKnown', isOnline: false }, { _tag: 'UsersSilent' },
    { _tag: 'GrantChanged', commands: [{ _tag: 'AskWhetherOnline', user: issued.user }] }, { _tag: 'GrantChanged', commands: issuing }, { _tag: 'GrantChanged', commands: [] },
    { _tag: 'GrantChanged', commands: [{ _tag: 'Refuse', refusal: { _tag: 'CodeReplayed' } }] }, { _tag: 'GrantNotFound' },
    { _tag: 'StoreSilent', refusal: { _tag: 'StoreUnavailable' } },
    { _tag: 'TokensMade', accessToken: 'a', refreshToken: null, idToken: null }, { _tag: 'KeysSilent' }
  ]
  const explored = explore<TokenState, TokenEvent, TokenCommand>({
    machine: tokenRequestMachine, starts, samples: () => samples, depth: 8,
    shape: (state) => (state._tag === 'AuthenticatingClient' ? [state._tag, [...state.parameters]] : state),
    invariants: {
      'nothing is asked of a grant before the client is authenticated': ({ from, step: { commands } }) =>
        from._tag === 'AuthenticatingClient' && commands.some(({ _tag }) => _tag === 'ChangeGrant') ? 'asked' : null,
      'tokens are made only when the grant says so': ({ event, step: { commands } }) =>
        commands.some(({ _tag }) => _tag === 'MakeTokens') && event._tag !== 'GrantChanged' ? event._tag : null,
      'only made tokens are an answer': ({ event, step: { state } }) =>
        state._tag === 'Answered' && event._tag !== 'TokensMade' ? event._tag : null
    }
  })

  it('reaches every state and walks every declared arrow and no other', () => {
    expect(issuing).toHaveLength(1)
    expect(complaintsAbout(tokenRequestMachine, explored)).toEqual([])
  })
})
