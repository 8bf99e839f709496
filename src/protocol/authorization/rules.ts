/**
 * The rules of an authorization request, a row each, in the order in which they are looked at.
 *
 * {@link pageRules} come first: a broken one is shown on the server's own page, because the redirect URI is not proven.
 * After them a broken rule is told to the app by redirect ({@link redirectRules}).
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { matchesAudience } from '../grant/audience.js'
import { isRegisteredRedirectUri } from '../grant/registration-rules.js'
import type { Rule } from '../machine/machine.js'
import type { AuthorizationRequest } from './request.js'
import type { RegisteredClient } from '../client/client.js'
import type { SmartPolicy } from '../policy/policy.js'
import { carriesResponse } from '../client/redirect-uri.js'
import type { Refusal } from '../errors/refusal.js'
import { servedMethods } from '../discovery/smart-configuration.js'
import type { Prompt } from '../grant/state.js'
import { prompts } from '../grant/state.js'
import { openingOnly } from '../scope-policy/opening.js'
import type { ScopeOffer } from '../scope-policy/scope-policy.js'
import { grantableScopes, holdsPatientLevel, isTooLongForToken, registeredAmong } from '../scope-policy/scope-policy.js'
import type { RequestedScopes } from '../scope-policy/scope-rules.js'
import { scopeReadingRules, scopeRules, scopesAsked } from '../scope-policy/scope-rules.js'
import type { TooComplex } from '../../scopes/atoms.js'
import { format } from '../../scopes/format.js'
import type { ScopeSet } from '../../scopes/scope.js'
import { holdsText, isResourceScope } from '../../scopes/scope.js'
import { limits } from '../../values/limits/limits.js'

/** What the rules look at. */
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

/** What must hold before anything is sent to the redirect URI. */
export const pageRules: ReadonlyArray<RequestRule> = [
  {
    holds: ({ request }) => request.redirect_uri !== null,
    otherwise: () => ({ _tag: 'RedirectUriMissing' })
  },
  {
    holds: ({ client, request, policy }) => isRegisteredRedirectUri(policy, client, request.redirect_uri ?? ''),
    otherwise: ({ request }) => ({ _tag: 'RedirectUriNotRegistered', redirectUri: request.redirect_uri ?? '' })
  },
  {
    holds: ({ request }) => !carriesResponse(request.redirect_uri ?? ''),
    otherwise: ({ request }) => ({ _tag: 'RedirectUriCarriesResponse', redirectUri: request.redirect_uri ?? '' })
  }
]

/** The server that the app means to call: `aud`, or what the policy takes for it; null when nothing says so. */
const audienceOf = ({ request, policy, fhirBaseUrl }: RequestFacts): string | null =>
  request.aud ??
  (policy.acceptResource ? request.resource : null) ??
  (policy.missingAud === 'defaultIfSingle' ? fhirBaseUrl : null)

const servesAudience = (facts: RequestFacts): boolean =>
  matchesAudience(facts.policy, audienceOf(facts) ?? '', facts.fhirBaseUrl)

/** Whether `aud` and `resource` name one server. */
const namesTheSame = ({ request: { aud, resource }, policy }: RequestFacts): boolean =>
  matchesAudience(policy, resource ?? '', aud ?? '')

/** Whether the request may come without a code challenge: a confidential client's, for scopes of version 1 alone. */
const mayOmitChallenge = (facts: RequestFacts): boolean => {
  const resources = scopesOf(facts).filter(isResourceScope)
  return (
    facts.policy.pkce === 'optionalForV1Clients' &&
    facts.client.tokenEndpointAuthMethod !== 'none' &&
    facts.request.code_challenge_method === null &&
    resources.length > 0 &&
    resources.every(({ syntax }) => syntax === 'v1')
  )
}

/** The words of `prompt`; null when it is malformed (OpenID Connect Core 1.0, section 3.1.2.1). */
export const promptsOf = ({ prompt }: Pick<AuthorizationRequest, 'prompt'>): ReadonlyArray<Prompt> | null => {
  if (prompt === null) return []
  const words = prompt.split(' ')
  const known = prompts.filter((word) => words.includes(word))
  return known.length === words.length && (!words.includes('none') || words.length === 1) ? known : null
}

/** What was made of a request already: several rules look at the same. */
const askedBefore = new WeakMap<RequestFacts, RequestedScopes>()
const grantableBefore = new WeakMap<RequestFacts, Either.Either<TooComplex, ScopeSet>>()

const askedOf = (facts: RequestFacts): RequestedScopes => {
  const { client, offer, policy, request } = facts
  const asked = askedBefore.get(facts) ?? {
    policy,
    text: request.scope,
    effectiveOf: (scopes) => registeredAmong(policy, offer, client, scopes),
    openingOf: (scopes) => openingOnly(offer.side, scopes)
  }
  askedBefore.set(facts, asked)
  return asked
}

const scopesOf = (facts: RequestFacts): ScopeSet => scopesAsked(askedOf(facts))

/** What may at most be granted. */
export const grantable = (facts: RequestFacts): Either.Either<TooComplex, ScopeSet> => {
  const { client, offer, policy, request } = facts
  const granted =
    grantableBefore.get(facts) ?? grantableScopes(policy, offer, client, request.launch === null, scopesOf(facts))
  grantableBefore.set(facts, granted)
  return granted
}

/** A rule about scopes, as one about the request that asks for them. */
const aboutScopes = ({ holds, otherwise }: Rule<RequestedScopes, Refusal>): RequestRule => ({
  holds: (facts) => holds(askedOf(facts)),
  otherwise: (facts) => otherwise(askedOf(facts))
})

const asksForLaunch = (facts: RequestFacts): boolean => holdsText(scopesOf(facts), 'launch')

const launchKindOf = ({ request }: RequestFacts): 'ehr' | 'standalone' =>
  request.launch === null ? 'standalone' : 'ehr'

/** What must hold before the user is asked. */
export const redirectRules: ReadonlyArray<RequestRule> = [
  {
    holds: ({ repeatedParameter }) => repeatedParameter === null || repeatedParameter === 'resource',
    otherwise: ({ repeatedParameter }) => ({ _tag: 'ParameterRepeated', name: repeatedParameter ?? '' })
  },
  {
    holds: ({ misplacedParameter }) => misplacedParameter === null,
    otherwise: ({ misplacedParameter }) => ({ _tag: 'ParameterInAddress', name: misplacedParameter ?? '' })
  },
  {
    holds: ({ request }) => request.request === null,
    otherwise: () => ({ _tag: 'RequestObjectNotSupported' })
  },
  {
    holds: ({ request }) => request.request_uri === null,
    otherwise: () => ({ _tag: 'RequestUriNotSupported' })
  },
  {
    holds: ({ request }) => request.registration === null,
    otherwise: () => ({ _tag: 'RegistrationParameterNotSupported' })
  },
  {
    holds: ({ request }) => request.response_type !== null,
    otherwise: () => ({ _tag: 'ResponseTypeMissing' })
  },
  {
    holds: ({ request }) => request.response_type === 'code',
    otherwise: ({ request }) => ({ _tag: 'ResponseTypeNotCode', responseType: request.response_type ?? '' })
  },
  {
    holds: ({ request }) => request.response_mode === null || request.response_mode === 'query',
    otherwise: ({ request }) => ({ _tag: 'ResponseModeNotQuery', responseMode: request.response_mode ?? '' })
  },
  {
    holds: ({ client }) => client.grantTypes.includes('authorization_code'),
    otherwise: () => ({ _tag: 'GrantTypeNotRegistered', grantType: 'authorization_code' })
  },
  {
    // The code could not be redeemed.
    holds: ({ client, offer, policy }) =>
      servedMethods({ features: offer, policy }).includes(client.tokenEndpointAuthMethod),
    otherwise: ({ client }) => ({ _tag: 'AuthenticationMethodNotServed', registered: client.tokenEndpointAuthMethod })
  },
  {
    holds: (facts) => facts.offer.launchKinds.includes(launchKindOf(facts)),
    otherwise: (facts) => ({ _tag: 'LaunchKindNotServed', kind: launchKindOf(facts) })
  },
  {
    holds: ({ request, policy }) => request.state !== null || policy.missingState === 'allow',
    otherwise: () => ({ _tag: 'StateMissing' })
  },
  {
    holds: ({ request }) => (request.state ?? '').length <= limits.authorizationState.standard,
    otherwise: () => ({ _tag: 'StateTooLong', limit: limits.authorizationState.standard })
  },
  {
    holds: ({ request }) => !/[\x00-\x1f\x7f-\x9f]/.test(request.state ?? ''),
    otherwise: () => ({ _tag: 'StateNotPrintable' })
  },
  {
    holds: ({ request }) => (request.nonce ?? '').length <= limits.authorizationNonce.standard,
    otherwise: () => ({ _tag: 'NonceTooLong', limit: limits.authorizationNonce.standard })
  },
  {
    holds: ({ request }) => promptsOf(request) !== null,
    otherwise: ({ request }) => ({ _tag: 'PromptMalformed', prompt: request.prompt ?? '' })
  },
  {
    holds: ({ request }) => request.max_age === null || /^[0-9]{1,9}$/.test(request.max_age),
    otherwise: () => ({ _tag: 'MaxAgeMalformed' })
  },
  ...scopeReadingRules.map(aboutScopes),
  {
    holds: (facts) => Either.isRight(grantable(facts)),
    otherwise: () => ({ _tag: 'ScopeTooComplex' })
  },
  {
    // What is kept before anybody has signed in is bounded, whoever asks.
    holds: (facts) =>
      Either.match(
        () => true,
        (scopes: ScopeSet) => format(scopes).length <= limits.grantedScope.standard
      )(grantable(facts)),
    otherwise: () => ({ _tag: 'ScopeTooLong', limit: limits.grantedScope.standard })
  },
  {
    holds: (facts) =>
      Either.match(
        () => true,
        (scopes: ScopeSet) => !isTooLongForToken(facts.policy, format(scopes), false)
      )(grantable(facts)),
    otherwise: () => ({ _tag: 'ScopeTooLongForToken' })
  },
  ...scopeRules.map(aboutScopes),
  {
    holds: (facts) =>
      facts.policy.bothAccessScopes !== 'reject' ||
      !(holdsText(scopesOf(facts), 'offline_access') && holdsText(scopesOf(facts), 'online_access')),
    otherwise: () => ({ _tag: 'BothAccessScopes' })
  },
  {
    holds: (facts) =>
      facts.policy.patientScopeWithoutContext !== 'refuse' ||
      !holdsPatientLevel(scopesOf(facts)) ||
      holdsText(scopesOf(facts), 'launch') ||
      holdsText(scopesOf(facts), 'launch/patient'),
    otherwise: () => ({ _tag: 'PatientScopeWithoutContext' })
  },
  {
    // RFC 8707 lets an app name several servers; a token of this one is for one.
    holds: ({ repeatedParameter, policy, request }) =>
      repeatedParameter !== 'resource' || (!policy.acceptResource && request.aud === null),
    otherwise: ({ request }) => ({ _tag: 'ResourceNotServed', resource: request.resource ?? '' })
  },
  {
    // Also where `resource` counts for nothing: an app that names two servers may take the token to either.
    holds: (facts) => facts.request.aud === null || facts.request.resource === null || namesTheSame(facts),
    otherwise: () => ({ _tag: 'AudienceAndResourceDiffer' })
  },
  {
    holds: (facts) => audienceOf(facts) !== null,
    otherwise: () => ({ _tag: 'AudienceMissing' })
  },
  {
    holds: (facts) =>
      facts.request.aud !== null || audienceOf(facts) !== facts.request.resource || servesAudience(facts),
    otherwise: ({ request }) => ({ _tag: 'ResourceNotServed', resource: request.resource ?? '' })
  },
  {
    holds: servesAudience,
    otherwise: ({ request }) => ({ _tag: 'AudienceNotServed', audience: request.aud ?? '' })
  },
  {
    holds: (facts) => facts.request.code_challenge !== null || mayOmitChallenge(facts),
    otherwise: () => ({ _tag: 'CodeChallengeMissing' })
  },
  {
    holds: ({ request }) => request.code_challenge === null || request.code_challenge_method === 'S256',
    otherwise: ({ request }) => ({ _tag: 'CodeChallengeMethodNotS256', method: request.code_challenge_method })
  },
  {
    holds: ({ request }) => request.code_challenge === null || /^[A-Za-z0-9_-]{43}$/.test(request.code_challenge),
    otherwise: () => ({ _tag: 'CodeChallengeMalformed' })
  },
  {
    holds: (facts) =>
      !asksForLaunch(facts) ||
      facts.request.launch !== null ||
      facts.policy.launchScopeWithoutParam === 'treatAsStandalone',
    otherwise: () => ({ _tag: 'LaunchParameterMissing' })
  },
  {
    holds: (facts) =>
      facts.request.launch === null || asksForLaunch(facts) || facts.policy.launchParamWithoutScope === 'accept',
    otherwise: () => ({ _tag: 'LaunchScopeMissing' })
  }
]
