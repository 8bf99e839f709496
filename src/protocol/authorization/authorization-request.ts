/**
 * The checks of an authorization request, in the order that decides between an error page and a redirect: until the
 * client and the redirect URI are validated, nothing is sent to the app.
 *
 * Source: app-launch, "Obtain authorization code"; RFC 6749, section 4.1.2.1; RFC 9700, section 4.11.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Machine, Step } from '../machine/machine.js'
import { firstRefusal } from '../machine/rules.js'
import type { RequestFacts, ScopedRequestFacts } from './rules.js'
import { acceptedRequest, pageRules, promptsOf, targetParameterRules } from './rules.js'
import { clientTypeOf } from '../grant/registration-rules.js'
import type { ScopeOffer } from '../scope-policy/scope-policy.js'
import { nothingToGrant } from '../scope-policy/scope-rules.js'
import type { AuthorizationRequest } from './request.js'
import type { RedirectTarget } from '../http/redirect-target.js'
import { authorizationParameterNames, readAuthorizationRequest } from './request.js'
import type { RegisteredClient } from '../client/client.js'
import type { Parameters } from '../http/form.js'
import { repeated } from '../http/form.js'
import type { LaunchContext } from '../launch/launch-context.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import type { AwaitingUser } from '../grant/state.js'
import type { ScopeSet } from '../../scopes/scope.js'
import { limits } from '../../values/limits/limits.js'
import type { Digest } from '../../values/secret.js'
import type { EpochSeconds } from '../../values/time.js'
import { ownMember } from '../../values/own.js'

/** The settings of the machine. */
export interface AuthorizationSettings {
  readonly policy: SmartPolicy
  readonly offer: ScopeOffer
  /** The FHIR base URL for which tokens are issued. */
  readonly fhirBaseUrl: string
}

/** Facts from outside the request: the time, random ids, and the binding to the browser. */
export interface AuthorizationContext {
  readonly now: EpochSeconds
  readonly writeId: string
  readonly grantId: string
  readonly browserDigest: Digest
}

/** The validated target of responses, and whether its client registered itself without review. */
export interface ProvenTarget extends RedirectTarget {
  readonly isUnvetted: boolean
}

/** The grant that a request opens. */
export interface GrantToOpen {
  readonly opening: AwaitingUser
  /** The scopes of the grant; `opening` holds them as text. */
  readonly scopes: ScopeSet
}

/** The states of one authorization request. */
export type AuthorizationState =
  | {
      readonly _tag: 'LookingUpClient'
      readonly request: AuthorizationRequest
      /** The first repeated parameter; null when there is none. */
      readonly repeatedParameter: string | null
      /** The first parameter in the query of a POST; null when there is none. */
      readonly misplacedParameter: string | null
      readonly requestContext: AuthorizationContext
    }
  | ({ readonly _tag: 'PresentingLaunch'; readonly target: ProvenTarget } & GrantToOpen)
  | ({ readonly _tag: 'OpeningGrant'; readonly target: ProvenTarget } & GrantToOpen)
  | ({ readonly _tag: 'Accepted' } & GrantToOpen)
  | { readonly _tag: 'RefusedOnPage'; readonly refusal: Refusal }
  | { readonly _tag: 'RefusedByRedirect'; readonly refusal: Refusal; readonly target: ProvenTarget }

/** The events of an authorization request. */
export type AuthorizationEvent =
  | { readonly _tag: 'ClientFound'; readonly client: RegisteredClient }
  | { readonly _tag: 'ClientNotFound' }
  | { readonly _tag: 'ClientsUnavailable' }
  | {
      readonly _tag: 'LaunchAccepted'
      readonly launchKey: string
      readonly context: LaunchContext
      readonly launchedBy: string | null
    }
  | { readonly _tag: 'LaunchRefused'; readonly refusal: Refusal }
  | { readonly _tag: 'GrantOpened' }
  | { readonly _tag: 'StoreUnavailable' }

/** The commands of an authorization request. */
export type AuthorizationCommand =
  | { readonly _tag: 'FindClient'; readonly clientId: string }
  | { readonly _tag: 'PresentLaunch'; readonly handle: string; readonly opening: AwaitingUser }
  | { readonly _tag: 'OpenGrant'; readonly opening: AwaitingUser }

type AuthorizationStep = Step<AuthorizationState, AuthorizationCommand>
type LookingUpClient = Extract<AuthorizationState, { readonly _tag: 'LookingUpClient' }>
type PresentingLaunch = Extract<AuthorizationState, { readonly _tag: 'PresentingLaunch' }>
type OpeningGrant = Extract<AuthorizationState, { readonly _tag: 'OpeningGrant' }>

const onPage = (refusal: Refusal): AuthorizationStep => ({ state: { _tag: 'RefusedOnPage', refusal }, command: null })

const byRedirect = (target: ProvenTarget, refusal: Refusal): AuthorizationStep => ({
  state: { _tag: 'RefusedByRedirect', refusal, target },
  command: null
})

/**
 * The parameters of a GET request (from the query) or a POST request (from the body), and the parameters in the query
 * of a POST.
 */
export interface ReadParameters {
  readonly parameters: Parameters
  readonly beside: Parameters
}

/**
 * The first parameter in the query of a POST, known or unknown. A POST must have none there, because two parsers could
 * read two different requests.
 */
const misplaced = ({ beside }: ReadParameters): string | null => [...beside.keys()].at(0) ?? null

/** The first step: determines the client. If `client_id` or `redirect_uri` is repeated, neither counts. */
export const beginAuthorization = (read: ReadParameters, requestContext: AuthorizationContext): AuthorizationStep => {
  const { parameters, beside } = read
  const request = readAuthorizationRequest(parameters)
  const clientId = request.client_id
  const refusal = firstRefusal(targetParameterRules, { parameters, beside, clientId })
  if (refusal !== null) return onPage(refusal)
  return {
    state: {
      _tag: 'LookingUpClient',
      request,
      repeatedParameter: repeated(parameters, authorizationParameterNames),
      misplacedParameter: misplaced(read),
      requestContext
    },
    command: { _tag: 'FindClient', clientId: clientId ?? '' }
  }
}

/** The grant that the request opens, once every rule holds. */
const openingOf = (
  facts: ScopedRequestFacts,
  requestContext: AuthorizationContext,
  settings: AuthorizationSettings
): AwaitingUser => {
  const { client, request, policy, grantableText } = facts
  const maxAge = request.max_age === null ? null : Number(request.max_age)
  const requestedPrompts = promptsOf(request) ?? []
  // `max_age=0` requires a new sign-in, as `login` does (OpenID Connect Core 1.0, section 3.1.2.1).
  const prompts =
    maxAge === 0 && !requestedPrompts.includes('login') ? [...requestedPrompts, 'login' as const] : requestedPrompts
  return {
    _tag: 'AwaitingUser',
    grantId: requestContext.grantId,
    clientId: client.clientId,
    writeId: requestContext.writeId,
    recordExpiresAt: requestContext.now + 2 * policy.interactionLifetimeSeconds,
    clientType: clientTypeOf(client),
    redirectUri: request.redirect_uri ?? '',
    state: request.state,
    scope: grantableText,
    audience: settings.fhirBaseUrl,
    codeChallenge: request.code_challenge,
    nonce: request.nonce,
    prompts,
    signedInSince: prompts.includes('login') ? requestContext.now : maxAge === null ? 0 : requestContext.now - maxAge,
    browserDigest: requestContext.browserDigest,
    interactionEndsAt: requestContext.now + policy.interactionLifetimeSeconds,
    launchKey: null,
    context: {},
    launchedBy: null
  }
}

/** A `state` that cannot be returned unchanged is not returned at all. */
const isEchoed = (state: string | null): boolean =>
  state === null || (state.length <= limits.authorizationState.default && !/[\x00-\x1f\x7f-\x9f]/.test(state))

const checkRules = (
  settings: AuthorizationSettings,
  state: LookingUpClient,
  client: RegisteredClient
): AuthorizationStep => {
  const { request, repeatedParameter, misplacedParameter } = state
  const facts: RequestFacts = { client, request, repeatedParameter, misplacedParameter, ...settings }
  const local = firstRefusal(pageRules, facts)
  if (local !== null) return onPage(local)
  const target = {
    redirectUri: request.redirect_uri ?? '',
    state: repeatedParameter === 'state' || !isEchoed(request.state) ? null : request.state,
    isUnvetted: ownMember(client, 'isUnvetted') === true
  }
  const accepted = acceptedRequest(facts)
  if (Either.isLeft(accepted)) return byRedirect(target, accepted.left)
  const opening = openingOf(accepted.right, state.requestContext, settings)
  const scopes = Either.isRight(accepted.right.grantable) ? accepted.right.grantable.right : []
  if (opening.scope === '' && settings.policy.emptyGrant !== 'emptyString')
    return byRedirect(target, nothingToGrant(accepted.right.scopes))
  return request.launch === null
    ? { state: { _tag: 'OpeningGrant', opening, scopes, target }, command: { _tag: 'OpenGrant', opening } }
    : {
        state: { _tag: 'PresentingLaunch', opening, scopes, target },
        command: { _tag: 'PresentLaunch', handle: request.launch, opening }
      }
}

const launchAccepted = (
  state: PresentingLaunch,
  event: Extract<AuthorizationEvent, { readonly _tag: 'LaunchAccepted' }>
): AuthorizationStep => {
  const { launchKey, context, launchedBy } = event
  const opening = { ...state.opening, launchKey, context, launchedBy }
  return {
    state: { _tag: 'OpeningGrant', opening, scopes: state.scopes, target: state.target },
    command: { _tag: 'OpenGrant', opening }
  }
}

const storeUnavailable = (state: PresentingLaunch | OpeningGrant): AuthorizationStep =>
  byRedirect(state.target, { _tag: 'StoreUnavailable' })

/** An authorization request whose rules are checked. */
export type FinalAuthorizationState = Extract<
  AuthorizationState,
  { readonly _tag: 'Accepted' | 'RefusedOnPage' | 'RefusedByRedirect' }
>

/** The machine of one authorization request. */
export const authorizationRequestMachine = (
  settings: AuthorizationSettings
): Machine<AuthorizationState, AuthorizationEvent, AuthorizationCommand, FinalAuthorizationState['_tag']> => ({
  name: 'authorization-request',
  initial: ['LookingUpClient', 'RefusedOnPage'],
  final: ['Accepted', 'RefusedOnPage', 'RefusedByRedirect'],
  table: {
    LookingUpClient: {
      ClientFound: {
        to: ['PresentingLaunch', 'OpeningGrant', 'RefusedOnPage', 'RefusedByRedirect'],
        step: (state, event) => checkRules(settings, state, event.client)
      },
      ClientNotFound: {
        to: ['RefusedOnPage'],
        step: (state) => onPage({ _tag: 'ClientUnknown', clientId: state.request.client_id ?? '' })
      },
      ClientsUnavailable: { to: ['RefusedOnPage'], step: () => onPage({ _tag: 'ClientsUnavailable' }) }
    },
    PresentingLaunch: {
      LaunchAccepted: { to: ['OpeningGrant'], step: launchAccepted },
      LaunchRefused: { to: ['RefusedByRedirect'], step: (state, event) => byRedirect(state.target, event.refusal) },
      StoreUnavailable: { to: ['RefusedByRedirect'], step: storeUnavailable }
    },
    OpeningGrant: {
      GrantOpened: {
        to: ['Accepted'],
        step: ({ opening, scopes }) => ({ state: { _tag: 'Accepted', opening, scopes }, command: null })
      },
      StoreUnavailable: { to: ['RefusedByRedirect'], step: storeUnavailable }
    },
    Accepted: {},
    RefusedOnPage: {},
    RefusedByRedirect: {}
  }
})
