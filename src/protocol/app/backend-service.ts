/**
 * A backend service that needs a token: it uses its current token, or requests a new one with a signed assertion.
 *
 * Each request has a new assertion, including repeated requests: if the server processed the first one and its response
 * was lost, the server must not see the same assertion again. There is no refresh; a token that is about to expire is
 * replaced by a new one. Source: backend-services, "Obtain access token"; client-confidential-asymmetric,
 * "Authentication using a JWT".
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Machine, Step } from '../machine/machine.js'
import type { AppFailure } from './failure.js'
import { assertionKeyRules } from './launch-rules.js'
import { tokenRequest } from './requests.js'
import { readTokenResponse } from './token-response.js'
import { discoveryUrl, openidConfigurationUrl } from '../discovery/endpoint-url.js'
import type { PlainResponse } from '../http/message.js'
import { isBusy, retryAfterOf } from '../http/retry-after.js'
import { firstRefusal } from '../machine/rules.js'
import type { OutgoingRequest } from '../http/outgoing-request.js'
import { getDocument } from '../http/outgoing-request.js'
import type { BackendToken } from './stored-app.js'
import type { ValidatedServer, TrustedServer } from './trusted-server.js'
import { assertionAudienceOf, readDocument } from './trusted-server.js'
import type { DocumentNeeds, DocumentRequest } from './trust/server-documents.js'
import {
  followsRedirects,
  needsIssuerDocument,
  redirectedRequest,
  validateConfiguration,
  validateIssuerMetadata
} from './trust/server-documents.js'
import { parse } from '../../scopes/parse.js'
import type { EpochSeconds } from '../../values/time.js'
import { hasPassed } from '../../values/time.js'
import { isSecureUrl } from '../../values/urls.js'

/** The settings of a backend service. */
export interface BackendServiceSettings {
  readonly server: TrustedServer
  /** `system/` scopes. */
  readonly scope: string
  /** A token is replaced this many seconds before it expires. */
  readonly refreshAheadSeconds: number
  /**
   * How often a request is repeated after no response or a 5xx status: the request for the discovery document, and the
   * token request.
   */
  readonly retries: number
  /**
   * A request that the server answers with 429 or 503 is repeated after the time of its `Retry-After` if that is at
   * most so long, in seconds. Default: 60.
   */
  readonly longestWaitSeconds: number
  /** The assumed lifetime of a token in seconds if the server does not state one. */
  readonly defaultLifetimeSeconds: number
}

/** The current time, and the random id of the call. */
export interface BackendCallContext {
  readonly now: EpochSeconds
  readonly writeId: string
  /**
   * A token that a resource server refused; null when there is none. It is not used again; another stored token may be
   * used.
   */
  readonly rejected: string | null
  /** The algorithms with which the service's keys can sign; null when they are not known. */
  readonly algorithms: ReadonlyArray<string> | null
}

/** The states of one call. */
export type BackendState =
  | { readonly _tag: 'LoadingToken'; readonly call: BackendCallContext }
  | {
      readonly _tag: 'Discovering'
      readonly call: BackendCallContext
      readonly document: DocumentRequest
      readonly tries: number
    }
  | {
      readonly _tag: 'DiscoveringIssuer'
      readonly call: BackendCallContext
      readonly validated: ValidatedServer
      readonly document: DocumentRequest
    }
  | {
      readonly _tag: 'Signing'
      readonly call: BackendCallContext
      readonly validated: ValidatedServer
      readonly tries: number
    }
  | {
      readonly _tag: 'Requesting'
      readonly call: BackendCallContext
      readonly validated: ValidatedServer
      readonly tries: number
    }
  /**
   * The pause before a repetition: of the request for the discovery document if it has not arrived yet, otherwise of
   * the token request.
   */
  | {
      readonly _tag: 'Pausing'
      readonly call: BackendCallContext
      readonly validated: ValidatedServer | null
      readonly tries: number
    }
  | { readonly _tag: 'SavingToken'; readonly token: BackendToken }
  | { readonly _tag: 'Ready'; readonly token: BackendToken }
  | { readonly _tag: 'Failed'; readonly failure: AppFailure }

/** The events of a call. */
export type BackendEvent =
  | { readonly _tag: 'TokenFound'; readonly token: BackendToken }
  | { readonly _tag: 'TokenNotFound' }
  | { readonly _tag: 'Answered'; readonly response: PlainResponse }
  | { readonly _tag: 'ServerUnavailable'; readonly reason: string }
  | { readonly _tag: 'AssertionSigned'; readonly assertion: string }
  | { readonly _tag: 'KeysUnavailable'; readonly reason: string }
  | { readonly _tag: 'Paused' }
  | { readonly _tag: 'TokenSaved' }

/** The commands of a call. */
export type BackendCommand =
  | { readonly _tag: 'LoadToken' }
  | { readonly _tag: 'Send'; readonly request: OutgoingRequest }
  /** The assertion has a new `jti`. */
  | {
      readonly _tag: 'SignAssertion'
      readonly clientId: string
      readonly audience: string
      /** The algorithms that the server lists; null when it lists none. */
      readonly algorithms: ReadonlyArray<string> | null
    }
  /** `seconds` is what the server said; null when it said nothing. */
  | { readonly _tag: 'Pause'; readonly tries: number; readonly seconds: number | null }
  /** A failure is ignored: the next call requests a token of its own. */
  | { readonly _tag: 'SaveToken'; readonly token: BackendToken }

type BackendStep = Step<BackendState, BackendCommand>
type In<Tag extends BackendState['_tag']> = Extract<BackendState, { readonly _tag: Tag }>
type Found = Extract<BackendEvent, { readonly _tag: 'TokenFound' }>
type Signed = Extract<BackendEvent, { readonly _tag: 'AssertionSigned' }>

const fail = (failure: AppFailure): BackendStep => ({ state: { _tag: 'Failed', failure }, command: null })

/** The first step: looks for a stored token. */
export const beginBackend = ({ server, scope }: BackendServiceSettings, call: BackendCallContext): BackendStep => {
  if (parse(scope).length === 0) return fail({ _tag: 'ScopeNotGranted', scope })
  const url = discoveryUrl(server.fhirBaseUrl)
  if (!isSecureUrl(url)) return fail({ _tag: 'EndpointInsecure', member: 'iss', url })
  return { state: { _tag: 'LoadingToken', call }, command: { _tag: 'LoadToken' } }
}

const discovering = (
  { server }: BackendServiceSettings,
  state: In<'Discovering'> | In<'DiscoveringIssuer'>
): BackendStep => ({
  state,
  command: { _tag: 'Send', request: getDocument(state.document.url, followsRedirects(server)) }
})

const discover = (settings: BackendServiceSettings, call: BackendCallContext, tries: number): BackendStep => {
  const document = { url: discoveryUrl(settings.server.fhirBaseUrl), redirects: 0 }
  return discovering(settings, { _tag: 'Discovering', call, document, tries })
}

const tokenFound = (settings: BackendServiceSettings, { call }: In<'LoadingToken'>, { token }: Found): BackendStep =>
  token.accessToken === call.rejected || hasPassed(token.expiresAt - settings.refreshAheadSeconds, call.now)
    ? discover(settings, call, 0)
    : { state: { _tag: 'Ready', token }, command: null }

const sign = (
  { server }: BackendServiceSettings,
  call: BackendCallContext,
  validated: ValidatedServer,
  tries: number
): BackendStep => ({
  state: { _tag: 'Signing', call, validated, tries },
  command: {
    _tag: 'SignAssertion',
    clientId: server.clientId,
    audience: assertionAudienceOf(server, validated),
    algorithms: validated.signingAlgorithms
  }
})

/** A request that is repeated when it gets no response. */
interface Repeatable {
  readonly call: BackendCallContext
  readonly validated: ValidatedServer | null
  readonly tries: number
}

/** Repeats the request after a pause; after the last attempt, or if the server asks for a longer pause, the failure. */
const again = (
  { longestWaitSeconds, retries }: BackendServiceSettings,
  { call, validated, tries }: Repeatable,
  failure: AppFailure
): BackendStep => {
  const seconds = failure._tag === 'ServerBusy' ? failure.retryAfterSeconds : null
  return tries >= retries || (seconds !== null && seconds > longestWaitSeconds)
    ? fail(failure)
    : {
        state: { _tag: 'Pausing', call, validated, tries: tries + 1 },
        command: { _tag: 'Pause', tries: tries + 1, seconds }
      }
}

/** The failure that tells how long a busy server asks to wait; otherwise the given one. */
const busyOr = (response: PlainResponse, now: EpochSeconds, failure: AppFailure): AppFailure =>
  isBusy(response)
    ? { _tag: 'ServerBusy', status: response.status, retryAfterSeconds: retryAfterOf(response, now) }
    : failure

const needs: DocumentNeeds = { purpose: 'backend', identity: false }

const onConfiguration = (
  settings: BackendServiceSettings,
  state: In<'Discovering'>,
  response: PlainResponse
): BackendStep => {
  const { call } = state
  const { server } = settings
  const redirected = redirectedRequest(server, state.document, response)
  if (Either.isLeft(redirected)) return fail(redirected.left)
  if (redirected.right !== null) return discovering(settings, { ...state, document: redirected.right })
  const document = readDocument(state.document.url, response)
  if (Either.isLeft(document)) {
    if (!isBusy(response) && response.status < 500) return fail(document.left)
    return again(settings, { ...state, validated: null }, busyOr(response, call.now, document.left))
  }
  const validated = validateConfiguration(server, document.right, needs)
  if (Either.isLeft(validated)) return fail(validated.left)
  const unfit = firstRefusal(assertionKeyRules, {
    method: 'private_key_jwt',
    own: call.algorithms,
    offered: validated.right.signingAlgorithms
  })
  if (unfit !== null) return fail(unfit)
  const { issuer } = validated.right
  if (issuer === null || !needsIssuerDocument(server, needs)) return sign(settings, call, validated.right, 0)
  const request = { url: openidConfigurationUrl(issuer), redirects: 0 }
  return discovering(settings, { _tag: 'DiscoveringIssuer', call, validated: validated.right, document: request })
}

/** The issuer's metadata arrived: assertions are addressed to it if it names the token endpoint. */
const onIssuerMetadata = (
  settings: BackendServiceSettings,
  state: In<'DiscoveringIssuer'>,
  response: PlainResponse
): BackendStep => {
  const { call, validated } = state
  const redirected = redirectedRequest(settings.server, state.document, response)
  if (Either.isLeft(redirected)) return fail(redirected.left)
  if (redirected.right !== null) return discovering(settings, { ...state, document: redirected.right })
  const document = readDocument(state.document.url, response)
  if (Either.isLeft(document)) return fail(document.left)
  const known = validateIssuerMetadata(settings.server, validated, document.right, needs)
  return Either.isLeft(known) ? fail(known.left) : sign(settings, call, known.right, 0)
}

const assertionSigned = (
  { scope, server }: BackendServiceSettings,
  state: In<'Signing'>,
  { assertion }: Signed
): BackendStep => ({
  state: { ...state, _tag: 'Requesting' },
  command: {
    _tag: 'Send',
    request: tokenRequest(
      state.validated.tokenEndpoint,
      server.clientId,
      { _tag: 'Assertion', assertion },
      { _tag: 'ClientCredentials', scope }
    )
  }
})

const tokenAnswered = (
  settings: BackendServiceSettings,
  state: In<'Requesting'>,
  response: PlainResponse
): BackendStep => {
  const read = readTokenResponse(response, { acceptTextBooleans: true }, state.call.now)
  if (Either.isLeft(read))
    return isBusy(response) || response.status >= 500 ? again(settings, state, read.left) : fail(read.left)
  const { accessToken, expiresIn, scope } = read.right
  const expiresAt = state.call.now + (expiresIn ?? settings.defaultLifetimeSeconds)
  const token: BackendToken = {
    writeId: state.call.writeId,
    recordExpiresAt: expiresAt,
    accessToken,
    expiresAt,
    scope: scope ?? settings.scope
  }
  return { state: { _tag: 'SavingToken', token }, command: { _tag: 'SaveToken', token } }
}

/** The machine of one call of a backend service. */
export const backendServiceMachine = (
  settings: BackendServiceSettings
): Machine<BackendState, BackendEvent, BackendCommand, 'Ready' | 'Failed'> => ({
  name: 'backend-service',
  initial: ['LoadingToken', 'Failed'],
  final: ['Ready', 'Failed'],
  table: {
    LoadingToken: {
      TokenFound: { to: ['Ready', 'Discovering'], step: (state, event) => tokenFound(settings, state, event) },
      TokenNotFound: { to: ['Discovering'], step: ({ call }) => discover(settings, call, 0) }
    },
    Discovering: {
      Answered: {
        to: ['Discovering', 'DiscoveringIssuer', 'Signing', 'Pausing', 'Failed'],
        step: (state, { response }) => onConfiguration(settings, state, response)
      },
      ServerUnavailable: {
        to: ['Pausing', 'Failed'],
        step: (state, { reason }) =>
          again(settings, { ...state, validated: null }, { _tag: 'ServerUnavailable', reason })
      }
    },
    DiscoveringIssuer: {
      Answered: {
        to: ['DiscoveringIssuer', 'Signing', 'Failed'],
        step: (state, { response }) => onIssuerMetadata(settings, state, response)
      },
      ServerUnavailable: {
        to: ['Failed'],
        step: ({ document: { url } }, { reason }) => fail({ _tag: 'IdentityUnavailable', url, reason })
      }
    },
    Signing: {
      AssertionSigned: { to: ['Requesting'], step: (state, event) => assertionSigned(settings, state, event) },
      KeysUnavailable: { to: ['Failed'], step: (_state, { reason }) => fail({ _tag: 'KeysUnavailable', reason }) }
    },
    Requesting: {
      Answered: {
        to: ['SavingToken', 'Pausing', 'Failed'],
        step: (state, { response }) => tokenAnswered(settings, state, response)
      },
      ServerUnavailable: {
        to: ['Pausing', 'Failed'],
        step: (state, { reason }) => again(settings, state, { _tag: 'ServerUnavailable', reason })
      }
    },
    Pausing: {
      Paused: {
        to: ['Discovering', 'Signing'],
        step: ({ call, validated, tries }) =>
          validated === null ? discover(settings, call, tries) : sign(settings, call, validated, tries)
      }
    },
    SavingToken: {
      TokenSaved: { to: ['Ready'], step: ({ token }) => ({ state: { _tag: 'Ready', token }, command: null }) }
    },
    Ready: {},
    Failed: {}
  }
})
