/**
 * The rules of an authorization request, a row each, in the order in which they are looked at.
 *
 * {@link pageRules} come first: a broken one is shown on the server's own page, because the redirect URI is not proven.
 * After them a broken rule is told to the app by redirect ({@link redirectRules}).
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Rule } from './kernel.js'
import type { AuthorizationRequest } from '../messages/authorization-request.js'
import type { RegisteredClient } from '../messages/client.js'
import type { SmartPolicy } from '../messages/policy.js'
import type { Refusal } from '../messages/refusal.js'
import { parseStrict } from '../scopes/parse.js'
import type { TooComplex } from '../scopes/atoms.js'
import type { Scope, ScopeSet } from '../scopes/scope.js'
import { holdsText } from '../scopes/scope.js'
import { intersect } from '../scopes/combine.js'
import { sameLoopbackButForPort, withoutTrailingSlash } from '../values/urls.js'

/** What the rules look at. */
export interface RequestFacts {
  readonly client: RegisteredClient
  readonly request: AuthorizationRequest
  readonly repeatedParameter: string | null
  readonly policy: SmartPolicy
  readonly fhirBaseUrl: string
}

type RequestRule = Rule<RequestFacts, Refusal>

/**
 * Whether a redirect URI is one that the client registered: as an exact string, but for the port of a native client's
 * loopback address (RFC 8252, section 7.3).
 */
const isRegistered = ({ client, request, policy }: RequestFacts): boolean =>
  client.redirectUris.some(
    (registered) =>
      registered === request.redirect_uri ||
      (client.applicationType === 'native' &&
        policy.loopbackPort === 'anyPort' &&
        sameLoopbackButForPort(registered, request.redirect_uri ?? ''))
  )

/** What must hold before anything is sent to the redirect URI. */
export const pageRules: ReadonlyArray<RequestRule> = [
  {
    holds: ({ request }) => request.redirect_uri !== null,
    otherwise: () => ({ _tag: 'RedirectUriMissing' })
  },
  {
    holds: isRegistered,
    otherwise: ({ request }) => ({ _tag: 'RedirectUriNotRegistered', redirectUri: request.redirect_uri ?? '' })
  }
]

const servesAudience = ({ request, policy, fhirBaseUrl }: RequestFacts): boolean =>
  request.aud === fhirBaseUrl ||
  (policy.audMatch === 'trailingSlash' && request.aud !== null &&
    withoutTrailingSlash(request.aud) === withoutTrailingSlash(fhirBaseUrl))

const scopesOf = ({ request }: RequestFacts): ReadonlyArray<Scope> => {
  const reading = parseStrict(request.scope ?? '')
  return Either.isRight(reading) ? reading.right : []
}

const firstMalformed = (facts: RequestFacts): Scope | undefined =>
  scopesOf(facts).find((scope) => scope._tag === 'MalformedScope')

/** A `system/` scope speaks of no user: no user can grant it. It belongs to backend services. */
const isForUser = (scope: Scope): boolean =>
  scope._tag !== 'MalformedScope' && !(scope._tag === 'ResourceScope' && scope.level === 'system')

/** What may at most be granted: requested, and registered for the client, and for a user to give. */
export const grantable = (facts: RequestFacts): Either.Either<TooComplex, ScopeSet> =>
  intersect(scopesOf(facts).filter(isForUser), facts.client.scope)

const firstNotRegistered = (facts: RequestFacts): Scope | undefined =>
  scopesOf(facts).find((scope) => {
    const granted = scope._tag === 'MalformedScope' ? null : intersect([scope], facts.client.scope)
    return granted !== null && Either.isRight(granted) && granted.right.length === 0
  })

const asksForLaunch = (facts: RequestFacts): boolean => holdsText(scopesOf(facts), 'launch')

/** The longest state that is echoed, in UTF-16 code units. */
export const stateLimit = 4096

/** What must hold before the user is asked. */
export const redirectRules: ReadonlyArray<RequestRule> = [
  {
    holds: ({ repeatedParameter }) => repeatedParameter === null,
    otherwise: ({ repeatedParameter }) => ({ _tag: 'ParameterRepeated', name: repeatedParameter ?? '' })
  },
  {
    holds: ({ request }) => request.request === null && request.request_uri === null,
    otherwise: () => ({ _tag: 'RequestObjectNotSupported' })
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
    holds: ({ request }) => request.state !== null,
    otherwise: () => ({ _tag: 'StateMissing' })
  },
  {
    holds: ({ request }) => (request.state ?? '').length <= stateLimit,
    otherwise: () => ({ _tag: 'StateTooLong', limit: stateLimit })
  },
  {
    holds: ({ request }) => !/[\x00-\x1f\x7f-\x9f]/.test(request.state ?? ''),
    otherwise: () => ({ _tag: 'StateNotPrintable' })
  },
  {
    holds: ({ request }) => request.scope !== null,
    otherwise: () => ({ _tag: 'ScopeMissing' })
  },
  {
    holds: ({ request }) => Either.isRight(parseStrict(request.scope ?? '')),
    otherwise: ({ request }: RequestFacts): Refusal => {
      const reading = parseStrict(request.scope ?? '')
      return Either.isLeft(reading)
        ? { _tag: 'ScopeUnreadable', position: reading.left.position, expected: reading.left.expected }
        : { _tag: 'ScopeMissing' }
    }
  },
  {
    holds: (facts) => Either.isRight(grantable(facts)),
    otherwise: () => ({ _tag: 'ScopeTooComplex' })
  },
  {
    holds: (facts) => facts.policy.malformedScope === 'ignore' || firstMalformed(facts) === undefined,
    otherwise: (facts) => ({ _tag: 'ScopeMalformed', scope: firstMalformed(facts)?.text ?? '' })
  },
  {
    holds: (facts) => facts.policy.unknownScope === 'ignore' || firstNotRegistered(facts) === undefined,
    otherwise: (facts) => ({ _tag: 'ScopeNotRegistered', scope: firstNotRegistered(facts)?.text ?? '' })
  },
  {
    holds: ({ request }) => request.aud !== null,
    otherwise: () => ({ _tag: 'AudienceMissing' })
  },
  {
    holds: servesAudience,
    otherwise: ({ request }) => ({ _tag: 'AudienceNotServed', audience: request.aud ?? '' })
  },
  {
    holds: ({ request }) => request.code_challenge !== null,
    otherwise: () => ({ _tag: 'CodeChallengeMissing' })
  },
  {
    holds: ({ request }) => request.code_challenge_method === 'S256',
    otherwise: ({ request }) => ({ _tag: 'CodeChallengeMethodNotS256', method: request.code_challenge_method })
  },
  {
    holds: ({ request }) => /^[A-Za-z0-9_-]{43}$/.test(request.code_challenge ?? ''),
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
      facts.request.launch === null ||
      asksForLaunch(facts) ||
      facts.policy.launchParamWithoutScope === 'accept',
    otherwise: () => ({ _tag: 'LaunchScopeMissing' })
  }
]
