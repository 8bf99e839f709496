/**
 * One request to the token endpoint: authenticate the client, read the request, change the grant, issue the tokens.
 *
 * The grant itself decides (`grant.ts`). This machine ensures that the grant is changed only after the client is
 * authenticated, and that the response is sent only after the grant's new state is stored. Source: app-launch, "Obtain
 * access token", "Refresh access token"; RFC 6749, sections 3.2 and 5.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { matchesAudience } from '../grant/audience.js'
import { backendScopes } from '../scope-policy/backend-scopes.js'
import type { GrantEvent } from '../grant/events.js'
import { backendTokensOf } from '../grant/events.js'
import type { Machine, Step } from '../machine/machine.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import type { GrantType, RegisteredClient } from '../client/client.js'
import type { Parameters } from '../http/form.js'
import type { Refusal } from '../errors/refusal.js'
import type { Backend } from '../grant/state.js'
import type { TokenRequest } from './request.js'
import { readTokenRequest } from './request.js'
import { readCode, readRefreshToken } from './opaque-token.js'
import { format } from '../../scopes/format.js'
import type {
  TokenCallContext,
  TokenSettings,
  TokenAuditSubject,
  CodeExchange,
  Refresh,
  ClientCredentials,
  TokenState,
  TokenEvent,
  TokenCommand
} from './token-request-state.js'

type TokenStep = Step<TokenState, TokenCommand>
type In<Tag extends TokenState['_tag']> = Extract<TokenState, { readonly _tag: Tag }>
type On<Tag extends TokenEvent['_tag']> = Extract<TokenEvent, { readonly _tag: Tag }>

const noSubject: TokenAuditSubject = { clientId: null, grantId: null }

const refuse = (subject: TokenAuditSubject, refusal: Refusal): TokenStep => ({
  state: { _tag: 'Refused', subject, refusal },
  command: null
})

/** The first step: authenticates the client. */
export const beginTokenRequest = (parameters: Parameters, call: TokenCallContext): TokenStep => ({
  state: { _tag: 'AuthenticatingClient', parameters, call },
  command: { _tag: 'AuthenticateClient', parameters }
})

const exchange = (client: RegisteredClient, request: CodeExchange, call: TokenCallContext): TokenStep => {
  const grantId = readCode(request.code)
  if (Option.isNone(grantId)) return refuse({ ...noSubject, clientId: client.clientId }, { _tag: 'CodeUnknown' })
  return {
    state: { _tag: 'DigestingCode', client, request, grantId: grantId.value, call },
    command: { _tag: 'DigestCode', code: request.code, codeVerifier: request.codeVerifier }
  }
}

const refresh = (client: RegisteredClient, request: Refresh, call: TokenCallContext): TokenStep => {
  const token = readRefreshToken(request.refreshToken)
  if (Option.isNone(token)) return refuse({ ...noSubject, clientId: client.clientId }, { _tag: 'RefreshTokenUnknown' })
  return {
    state: { _tag: 'VerifyingRefreshToken', client, request, facts: token.value.facts, call },
    command: { _tag: 'VerifyRefreshToken', token: token.value }
  }
}

interface BackendFacts {
  readonly settings: TokenSettings
  readonly client: RegisteredClient
  readonly request: ClientCredentials
}

/** The rules of a backend service's request. */
export const backendRules: ReadonlyArray<Rule<BackendFacts, Refusal>> = [
  {
    name: 'client-uses-assertion',
    check: ({ client }) =>
      client.tokenEndpointAuthMethod === 'private_key_jwt' ? null : { _tag: 'BackendNeedsAssertion' }
  },
  {
    name: 'target-is-served',
    check: ({ settings: { policy, fhirBaseUrl }, request: { target } }) =>
      target === null || matchesAudience(policy, target, fhirBaseUrl) ? null : { _tag: 'TargetDiffers', target }
  }
]

/** Refuses a backend service, or opens its grant. */
const openBackend = (
  settings: TokenSettings,
  client: RegisteredClient,
  request: ClientCredentials,
  call: TokenCallContext
): TokenStep => {
  const { policy, fhirBaseUrl, scopeVersions, side } = settings
  const requested = { clientId: client.clientId, grantId: null }
  const refusal = firstRefusal(backendRules, { settings, client, request })
  if (refusal !== null) return refuse(requested, refusal)
  const granted = backendScopes({ policy, scopeVersions, side, client }, request.scope)
  if (Either.isLeft(granted)) return refuse(requested, granted.left)
  const endsAt = call.now + policy.backendTokenLifetimeSeconds
  const grant: Backend = {
    _tag: 'Backend',
    grantId: call.writeId,
    clientId: client.clientId,
    writeId: call.writeId,
    recordExpiresAt: endsAt,
    scope: format(granted.right),
    audience: fhirBaseUrl,
    epoch: 0,
    endsAt
  }
  return {
    state: { _tag: 'OpeningGrant', subject: { ...requested, grantId: grant.grantId }, grant, now: call.now },
    command: { _tag: 'OpenGrant', grant }
  }
}

/** The grant type of a request, with its registered name. */
const grantTypeOf = (request: TokenRequest): GrantType => {
  switch (request._tag) {
    case 'CodeExchange':
      return 'authorization_code'
    case 'Refresh':
      return 'refresh_token'
    case 'ClientCredentials':
      return 'client_credentials'
  }
}

interface GrantTypeFacts {
  readonly settings: TokenSettings
  readonly client: RegisteredClient
  readonly grantType: GrantType
}

/** The rules of the grant type of a request. */
export const grantTypeRules: ReadonlyArray<Rule<GrantTypeFacts, Refusal>> = [
  {
    name: 'grant-type-served',
    check: ({ settings, grantType }) =>
      settings.grantTypes.includes(grantType) ? null : { _tag: 'GrantTypeNotSupported', grantType }
  },
  {
    name: 'grant-type-registered',
    check: ({ client, grantType }) =>
      client.grantTypes.includes(grantType) ? null : { _tag: 'GrantTypeNotRegistered', grantType }
  }
]

const clientAuthenticated = (
  settings: TokenSettings,
  state: In<'AuthenticatingClient'>,
  { client }: On<'ClientAuthenticated'>
): TokenStep => {
  const subject: TokenAuditSubject = { clientId: client.clientId, grantId: null }
  const reading = readTokenRequest(state.parameters)
  if (Either.isLeft(reading)) return refuse(subject, reading.left)
  const request = reading.right
  const grantType = grantTypeOf(request)
  const refusal = firstRefusal(grantTypeRules, { settings, client, grantType })
  if (refusal !== null) return refuse(subject, refusal)
  switch (request._tag) {
    case 'CodeExchange':
      return exchange(client, request, state.call)
    case 'Refresh':
      return refresh(client, request, state.call)
    case 'ClientCredentials':
      return openBackend(settings, client, request, state.call)
  }
}

/** Changes the grant; `unknown` is the refusal when there is no such grant. */
const changeGrant = (clientId: string, grantId: string, event: GrantEvent, unknown: Refusal): TokenStep => ({
  state: { _tag: 'ChangingGrant', subject: { clientId, grantId }, event, unknown },
  command: { _tag: 'ChangeGrant', grantId, event }
})

const codeDigested = (
  { fhirBaseUrl }: TokenSettings,
  { client, grantId, request, call }: In<'DigestingCode'>,
  event: On<'CodeDigested'>
): TokenStep =>
  changeGrant(
    client.clientId,
    grantId,
    {
      _tag: 'CodePresented',
      now: call.now,
      writeId: call.writeId,
      codeDigest: event.codeDigest,
      server: fhirBaseUrl,
      client,
      redirectUri: request.redirectUri,
      challengeOfVerifier: event.challengeOfVerifier,
      target: request.target,
      permission: null,
      parsed: null
    },
    { _tag: 'CodeUnknown' }
  )

const refreshTokenGenuine = (
  { fhirBaseUrl }: TokenSettings,
  { client, facts, request, call }: In<'VerifyingRefreshToken'>
): TokenStep =>
  changeGrant(
    client.clientId,
    facts.grantId,
    {
      _tag: 'RefreshTokenPresented',
      now: call.now,
      writeId: call.writeId,
      server: fhirBaseUrl,
      client,
      generation: facts.generation,
      scope: request.scope,
      target: request.target,
      online: 'unknown',
      permission: null,
      parsed: null
    },
    { _tag: 'GrantEnded' }
  )

const refuseRefresh = ({ client, facts }: In<'VerifyingRefreshToken'>, refusal: Refusal): TokenStep =>
  refuse({ clientId: client.clientId, grantId: facts.grantId }, refusal)

const grantChanged = (state: In<'ChangingGrant'>, { command }: On<'GrantChanged'>): TokenStep => {
  const { subject, event, unknown } = state
  if (command?._tag === 'Refuse') return refuse(subject, command.refusal)
  if (command?._tag === 'CheckOnline' && event._tag === 'RefreshTokenPresented') {
    return {
      state: { _tag: 'CheckingOnline', subject, event, unknown },
      command: { _tag: 'CheckOnline', user: command.user, grantId: subject.grantId ?? '' }
    }
  }
  if (
    command?._tag === 'EvaluatePolicy' &&
    (event._tag === 'CodePresented' || event._tag === 'RefreshTokenPresented')
  ) {
    const { scope, user } = command
    return {
      state: { _tag: 'EvaluatingPolicy', subject, event: { ...event, parsed: scope }, unknown },
      command: { _tag: 'EvaluatePolicy', user, client: event.client, scope }
    }
  }
  if (command?._tag === 'IssueTokens') {
    const { tokens } = command
    return { state: { _tag: 'MakingTokens', subject, tokens }, command: { _tag: 'MakeTokens', tokens } }
  }
  return refuse(subject, { _tag: 'GrantEnded' })
}

/** The grant is changed with the host's answer. It may have changed meanwhile. */
const onlineKnown = (state: In<'CheckingOnline'>, { isOnline }: On<'OnlineKnown'>): TokenStep => {
  const { subject, event, unknown } = state
  return changeGrant(
    event.client.clientId,
    subject.grantId ?? '',
    { ...event, online: isOnline ? 'yes' : 'no' },
    unknown
  )
}

/** The same with the permission of the policy. */
const policyKnown = (
  { subject, event, unknown }: In<'EvaluatingPolicy'>,
  { permission }: On<'PolicyKnown'>
): TokenStep => changeGrant(event.client.clientId, subject.grantId ?? '', { ...event, permission }, unknown)

const grantOpened = ({ subject, grant, now }: In<'OpeningGrant'>): TokenStep => {
  const tokens = backendTokensOf(grant, now)
  return { state: { _tag: 'MakingTokens', subject, tokens }, command: { _tag: 'MakeTokens', tokens } }
}

const tokensMade = ({ subject, tokens }: In<'MakingTokens'>, event: On<'TokensMade'>): TokenStep => ({
  state: {
    _tag: 'Answered',
    subject,
    response: {
      accessToken: event.accessToken,
      expiresIn: tokens.accessTokenExpiresAt - tokens.issuedAt,
      scope: tokens.scope,
      refreshToken: event.refreshToken,
      idToken: event.idToken,
      context: tokens.launchContext
    }
  },
  command: null
})

/** The machine of one call of the token endpoint. */
export const tokenRequestMachine = (
  settings: TokenSettings
): Machine<TokenState, TokenEvent, TokenCommand, 'Answered' | 'Refused'> => ({
  name: 'token-request',
  initial: ['AuthenticatingClient'],
  final: ['Answered', 'Refused'],
  table: {
    AuthenticatingClient: {
      ClientAuthenticated: {
        to: ['DigestingCode', 'VerifyingRefreshToken', 'OpeningGrant', 'Refused'],
        step: (state, event) => clientAuthenticated(settings, state, event)
      },
      ClientRejected: {
        to: ['Refused'],
        step: (_state, { refusal, clientId }) => refuse({ ...noSubject, clientId }, refusal)
      }
    },
    DigestingCode: {
      CodeDigested: { to: ['ChangingGrant'], step: (state, event) => codeDigested(settings, state, event) }
    },
    VerifyingRefreshToken: {
      RefreshTokenGenuine: { to: ['ChangingGrant'], step: (state) => refreshTokenGenuine(settings, state) },
      RefreshTokenForged: { to: ['Refused'], step: (state) => refuseRefresh(state, { _tag: 'RefreshTokenUnknown' }) },
      KeysUnavailable: { to: ['Refused'], step: (state) => refuseRefresh(state, { _tag: 'KeysUnavailable' }) }
    },
    ChangingGrant: {
      GrantChanged: { to: ['MakingTokens', 'CheckingOnline', 'EvaluatingPolicy', 'Refused'], step: grantChanged },
      GrantNotFound: { to: ['Refused'], step: ({ subject, unknown }) => refuse(subject, unknown) },
      StoreUnavailable: { to: ['Refused'], step: ({ subject }, { refusal }) => refuse(subject, refusal) }
    },
    OpeningGrant: {
      GrantOpened: { to: ['MakingTokens'], step: grantOpened },
      StoreUnavailable: { to: ['Refused'], step: ({ subject }, { refusal }) => refuse(subject, refusal) }
    },
    CheckingOnline: {
      OnlineKnown: { to: ['ChangingGrant'], step: onlineKnown },
      UsersUnavailable: { to: ['Refused'], step: ({ subject }) => refuse(subject, { _tag: 'UsersUnavailable' }) }
    },
    EvaluatingPolicy: {
      PolicyKnown: { to: ['ChangingGrant'], step: policyKnown },
      PolicyUnavailable: { to: ['Refused'], step: ({ subject }) => refuse(subject, { _tag: 'PolicyUnavailable' }) }
    },
    MakingTokens: {
      TokensMade: { to: ['Answered'], step: tokensMade },
      KeysUnavailable: { to: ['Refused'], step: ({ subject }) => refuse(subject, { _tag: 'KeysUnavailable' }) }
    },
    Answered: {},
    Refused: {}
  }
})
