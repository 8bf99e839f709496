/**
 * The rules of an authorization request, one row each, in the order in which they are checked.
 *
 * {@link targetParameterRules} and {@link pageRules} are checked first: their refusals are shown on the server's own
 * page, because the redirect URI is not validated. Later refusals are sent to the app by redirect
 * ({@link redirectRules}, then {@link scopedRequestRules}).
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { matchesAudience } from '../grant/audience.js'
import { isRegisteredRedirectUri } from '../grant/registration-rules.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import type { AuthorizationRequest } from './request.js'
import type { RegisteredClient } from '../client/client.js'
import type { SmartPolicy } from '../policy/policy.js'
import { carriesResponse } from '../client/redirect-uri.js'
import type { Refusal } from '../errors/refusal.js'
import type { Parameters } from '../http/form.js'
import { repeated } from '../http/form.js'
import { servedMethods } from '../discovery/smart-configuration.js'
import type { Prompt } from '../grant/state.js'
import { prompts } from '../grant/state.js'
import { openingOnly } from '../scope-policy/usable-scopes.js'
import type { ScopeOffer } from '../scope-policy/scope-policy.js'
import { grantableScopes, holdsPatientLevel, isTooLongForToken, registeredAmong } from '../scope-policy/scope-policy.js'
import type { RequestedScopes } from '../scope-policy/scope-rules.js'
import { requestedScopes, scopeRules } from '../scope-policy/scope-rules.js'
import type { TooComplex } from '../../scopes/atoms.js'
import { format } from '../../scopes/format.js'
import type { ScopeSet } from '../../scopes/scope.js'
import { holdsText, isResourceScope } from '../../scopes/scope.js'
import { limits } from '../../values/limits/limits.js'

/** The parameters that determine the target of responses. */
const targetParameters = ['client_id', 'redirect_uri']

interface TargetParameterFacts {
  readonly parameters: Parameters
  /** The parameters in the query of a POST. */
  readonly beside: Parameters
  readonly clientId: string | null
}

/** The rules of the parameters that determine the target of responses. */
export const targetParameterRules: ReadonlyArray<Rule<TargetParameterFacts, Refusal>> = [
  {
    name: 'no-repeated-target-parameter',
    check: ({ parameters }: TargetParameterFacts): Refusal | null => {
      const name = repeated(parameters, targetParameters)
      return name === null ? null : { _tag: 'ParameterRepeated', name }
    }
  },
  {
    name: 'no-target-parameter-in-address',
    check: ({ beside }: TargetParameterFacts): Refusal | null => {
      const name = targetParameters.find((parameter) => beside.has(parameter))
      return name === undefined ? null : { _tag: 'ParameterInAddress', name }
    }
  },
  { name: 'client-id-present', check: ({ clientId }) => (clientId === null ? { _tag: 'ClientIdMissing' } : null) }
]

/** The facts for the rules. */
export interface RequestFacts {
  readonly client: RegisteredClient
  readonly request: AuthorizationRequest
  readonly repeatedParameter: string | null
  /** The first parameter in the query of a POST; null when there is none. */
  readonly misplacedParameter: string | null
  readonly policy: SmartPolicy
  readonly offer: ScopeOffer
  readonly fhirBaseUrl: string
}

type RequestRule = Rule<RequestFacts, Refusal>

/** The rules that must hold before anything is sent to the redirect URI. */
export const pageRules: ReadonlyArray<RequestRule> = [
  {
    name: 'redirect-uri-present',
    check: ({ request }) => (request.redirect_uri !== null ? null : { _tag: 'RedirectUriMissing' })
  },
  {
    name: 'redirect-uri-registered',
    check: ({ client, request, policy }) =>
      request.redirect_uri === null || isRegisteredRedirectUri(policy, client, request.redirect_uri)
        ? null
        : { _tag: 'RedirectUriNotRegistered', redirectUri: request.redirect_uri }
  },
  {
    name: 'redirect-uri-without-response',
    check: ({ request }) =>
      request.redirect_uri === null || !carriesResponse(request.redirect_uri)
        ? null
        : { _tag: 'RedirectUriCarriesResponse', redirectUri: request.redirect_uri }
  }
]

/** The server that the app addresses: `aud`, or its replacement under the policy; null when there is none. */
const audienceOf = ({ request, policy, fhirBaseUrl }: RequestFacts): string | null =>
  request.aud ??
  (policy.acceptResource ? request.resource : null) ??
  (policy.missingAud === 'defaultIfSingle' ? fhirBaseUrl : null)

const servesAudience = (facts: RequestFacts): boolean =>
  matchesAudience(facts.policy, audienceOf(facts) ?? '', facts.fhirBaseUrl)

/** Whether `aud` and `resource` name the same server. */
const namesTheSame = ({ request: { aud, resource }, policy }: RequestFacts): boolean =>
  matchesAudience(policy, resource ?? '', aud ?? '')

/** The values of `prompt`; null when it is malformed (OpenID Connect Core 1.0, section 3.1.2.1). */
export const promptsOf = ({ prompt }: Pick<AuthorizationRequest, 'prompt'>): ReadonlyArray<Prompt> | null => {
  if (prompt === null) return []
  const words = prompt.split(' ')
  const known = prompts.filter((word) => words.includes(word))
  return known.length === words.length && (!words.includes('none') || words.length === 1) ? known : null
}

const launchKindOf = ({ request }: RequestFacts): 'ehr' | 'standalone' =>
  request.launch === null ? 'standalone' : 'ehr'

/** The rules that must hold before the scopes are parsed. */
export const redirectRules: ReadonlyArray<RequestRule> = [
  {
    name: 'no-repeated-parameter',
    check: ({ repeatedParameter }) =>
      repeatedParameter === null || repeatedParameter === 'resource'
        ? null
        : { _tag: 'ParameterRepeated', name: repeatedParameter }
  },
  {
    name: 'no-parameter-in-address',
    check: ({ misplacedParameter }) =>
      misplacedParameter === null ? null : { _tag: 'ParameterInAddress', name: misplacedParameter }
  },
  {
    name: 'no-request-object',
    check: ({ request }) => (request.request === null ? null : { _tag: 'RequestObjectNotSupported' })
  },
  {
    name: 'no-request-uri',
    check: ({ request }) => (request.request_uri === null ? null : { _tag: 'RequestUriNotSupported' })
  },
  {
    name: 'no-registration-parameter',
    check: ({ request }) => (request.registration === null ? null : { _tag: 'RegistrationParameterNotSupported' })
  },
  {
    name: 'response-type-present',
    check: ({ request }) => (request.response_type !== null ? null : { _tag: 'ResponseTypeMissing' })
  },
  {
    name: 'response-type-is-code',
    check: ({ request }) =>
      request.response_type === null || request.response_type === 'code'
        ? null
        : { _tag: 'ResponseTypeNotCode', responseType: request.response_type }
  },
  {
    name: 'response-mode-is-query',
    check: ({ request }) =>
      request.response_mode === null || request.response_mode === 'query'
        ? null
        : { _tag: 'ResponseModeNotQuery', responseMode: request.response_mode }
  },
  {
    name: 'grant-type-registered',
    check: ({ client }) =>
      client.grantTypes.includes('authorization_code')
        ? null
        : { _tag: 'GrantTypeNotRegistered', grantType: 'authorization_code' }
  },
  {
    // Otherwise the code could not be redeemed.
    name: 'authentication-method-served',
    check: ({ client, offer, policy }) =>
      servedMethods({ features: offer, policy }).includes(client.tokenEndpointAuthMethod)
        ? null
        : { _tag: 'AuthenticationMethodNotServed', registered: client.tokenEndpointAuthMethod }
  },
  {
    name: 'launch-kind-served',
    check: (facts) =>
      facts.offer.launchKinds.includes(launchKindOf(facts))
        ? null
        : { _tag: 'LaunchKindNotServed', kind: launchKindOf(facts) }
  },
  {
    name: 'state-present',
    check: ({ request, policy: { missingState } }) =>
      request.state !== null ||
      missingState === 'allow' ||
      (missingState === 'allowWithPkce' && request.code_challenge !== null)
        ? null
        : { _tag: 'StateMissing' }
  },
  {
    name: 'state-length',
    check: ({ request }) =>
      (request.state ?? '').length <= limits.authorizationState.default
        ? null
        : { _tag: 'StateTooLong', limit: limits.authorizationState.default }
  },
  {
    name: 'state-printable',
    check: ({ request }) => (!/[\x00-\x1f\x7f-\x9f]/.test(request.state ?? '') ? null : { _tag: 'StateNotPrintable' })
  },
  {
    name: 'nonce-length',
    check: ({ request }) =>
      (request.nonce ?? '').length <= limits.authorizationNonce.default
        ? null
        : { _tag: 'NonceTooLong', limit: limits.authorizationNonce.default }
  },
  {
    name: 'prompt-well-formed',
    check: ({ request }) =>
      request.prompt === null || promptsOf(request) !== null
        ? null
        : { _tag: 'PromptMalformed', prompt: request.prompt }
  },
  {
    name: 'max-age-well-formed',
    check: ({ request }) =>
      request.max_age === null || /^[0-9]{1,9}$/.test(request.max_age) ? null : { _tag: 'MaxAgeMalformed' }
  }
]

/** A request whose scopes are parsed, with the widest set that may be granted. */
export interface ScopedRequestFacts extends RequestFacts, RequestedScopes {
  readonly grantable: Either.Either<TooComplex, ScopeSet>
  /** The same as text; empty when it cannot be computed, which another rule refuses. */
  readonly grantableText: string
}

/** The facts of a request with the scopes that it asks for. */
export const scopedRequestFacts = (facts: RequestFacts, scopes: ScopeSet): ScopedRequestFacts => {
  const { client, offer, policy, request } = facts
  const grantable = grantableScopes(policy, offer, client, request.launch === null, scopes)
  return {
    ...facts,
    scopes,
    grantable,
    grantableText: Either.isRight(grantable) ? format(grantable.right) : '',
    effectiveOf: (some) => registeredAmong(policy, offer, client, some),
    openingOf: (some) => openingOnly(offer.side, some)
  }
}

const asksForLaunch = ({ scopes }: ScopedRequestFacts): boolean => holdsText(scopes, 'launch')

/** Whether the request may omit the code challenge: only a confidential client that requests only version 1 scopes. */
const mayOmitChallenge = ({ policy, client, request, scopes }: ScopedRequestFacts): boolean => {
  const resources = scopes.filter(isResourceScope)
  return (
    policy.pkce === 'optionalForV1Clients' &&
    client.tokenEndpointAuthMethod !== 'none' &&
    request.code_challenge_method === null &&
    resources.length > 0 &&
    resources.every(({ syntax }) => syntax === 'v1')
  )
}

/** The rules of a request whose scopes are parsed. They must hold before the user is prompted. */
export const scopedRequestRules: ReadonlyArray<Rule<ScopedRequestFacts, Refusal>> = [
  {
    name: 'scope-complexity',
    check: ({ grantable }) => (Either.isRight(grantable) ? null : { _tag: 'ScopeTooComplex' })
  },
  {
    // The size of the record that is stored before a user has signed in is limited, for every client.
    name: 'scope-length',
    check: (facts) =>
      facts.grantableText.length <= limits.grantedScope.default
        ? null
        : { _tag: 'ScopeTooLong', limit: limits.grantedScope.default }
  },
  {
    name: 'scope-length-for-token',
    check: (facts) =>
      isTooLongForToken(facts.policy, facts.grantableText, false) ? { _tag: 'ScopeTooLongForToken' } : null
  },
  ...scopeRules,
  {
    name: 'one-access-scope',
    check: (facts) =>
      facts.policy.bothAccessScopes !== 'reject' ||
      !(holdsText(facts.scopes, 'offline_access') && holdsText(facts.scopes, 'online_access'))
        ? null
        : { _tag: 'BothAccessScopes' }
  },
  {
    name: 'patient-scope-has-context',
    check: (facts) =>
      facts.policy.patientScopeWithoutContext !== 'refuse' ||
      !holdsPatientLevel(facts.scopes) ||
      holdsText(facts.scopes, 'launch') ||
      holdsText(facts.scopes, 'launch/patient')
        ? null
        : { _tag: 'PatientScopeWithoutContext' }
  },
  {
    // RFC 8707 allows several servers in a request; a token of this server is for one.
    name: 'one-resource',
    check: ({ repeatedParameter, policy, request }) =>
      repeatedParameter !== 'resource' || (!policy.acceptResource && request.aud === null)
        ? null
        : { _tag: 'ResourceNotServed', resource: request.resource ?? '' }
  },
  {
    // This also applies where `resource` is ignored: an app that names two servers may send the token to either.
    name: 'aud-and-resource-agree',
    check: (facts) =>
      facts.request.aud === null || facts.request.resource === null || namesTheSame(facts)
        ? null
        : { _tag: 'AudienceAndResourceDiffer' }
  },
  { name: 'audience-present', check: (facts) => (audienceOf(facts) !== null ? null : { _tag: 'AudienceMissing' }) },
  {
    name: 'resource-served',
    check: (facts) =>
      facts.request.aud !== null || audienceOf(facts) !== facts.request.resource || servesAudience(facts)
        ? null
        : { _tag: 'ResourceNotServed', resource: facts.request.resource ?? '' }
  },
  {
    name: 'audience-served',
    check: (facts) => (servesAudience(facts) ? null : { _tag: 'AudienceNotServed', audience: facts.request.aud ?? '' })
  },
  {
    name: 'code-challenge-present',
    check: (facts) =>
      facts.request.code_challenge !== null || mayOmitChallenge(facts) ? null : { _tag: 'CodeChallengeMissing' }
  },
  {
    name: 'code-challenge-method-is-s256',
    check: ({ request }) =>
      request.code_challenge === null || request.code_challenge_method === 'S256'
        ? null
        : { _tag: 'CodeChallengeMethodNotS256', method: request.code_challenge_method }
  },
  {
    name: 'code-challenge-well-formed',
    check: ({ request }) =>
      request.code_challenge === null || /^[A-Za-z0-9_-]{43}$/.test(request.code_challenge)
        ? null
        : { _tag: 'CodeChallengeMalformed' }
  },
  {
    name: 'launch-scope-has-parameter',
    check: (facts) =>
      !asksForLaunch(facts) ||
      facts.request.launch !== null ||
      facts.policy.launchScopeWithoutParam === 'treatAsStandalone'
        ? null
        : { _tag: 'LaunchParameterMissing' }
  },
  {
    name: 'launch-parameter-has-scope',
    check: (facts) =>
      facts.request.launch === null || asksForLaunch(facts) || facts.policy.launchParamWithoutScope === 'accept'
        ? null
        : { _tag: 'LaunchScopeMissing' }
  }
]

/** The request with its scopes; left with the refusal of the first broken rule, which is sent to the app. */
export const acceptedRequest = (facts: RequestFacts): Either.Either<Refusal, ScopedRequestFacts> => {
  const refusal = firstRefusal(redirectRules, facts)
  if (refusal !== null) return Either.left(refusal)
  const scopes = requestedScopes(facts.policy, facts.request.scope)
  if (Either.isLeft(scopes)) return scopes
  const scoped = scopedRequestFacts(facts, scopes.right)
  const beyond = firstRefusal(scopedRequestRules, scoped)
  return beyond === null ? Either.right(scoped) : Either.left(beyond)
}
