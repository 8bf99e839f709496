/**
 * What a backend service is granted: the policy's switches about scopes, as they hold where no user is.
 *
 * Source: backend-services, "Obtain access token"; RFC 6749, sections 3.3 and 4.4.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { isWildcardWithQuery, mixesVersions, requestedScopes, scopeOptions } from './scope-policy.js'
import type { RegisteredClient } from '../messages/client.js'
import type { Features } from '../messages/features.js'
import type { SmartPolicy } from '../messages/policy.js'
import type { Refusal } from '../messages/refusal.js'
import type { TooComplex } from '../scopes/atoms.js'
import { intersect } from '../scopes/combine.js'
import { parseStrict } from '../scopes/parse.js'
import type { Scope, ScopeSet } from '../scopes/scope.js'
import { isResourceScope, withoutRepetitions } from '../scopes/scope.js'
import { toVersion2 } from '../scopes/version-1.js'

/** What decides besides the request. */
export interface BackendFacts {
  readonly policy: SmartPolicy
  readonly scopeVersions: Features['scopeVersions']
  readonly client: RegisteredClient
}

/** `system/` scopes alone, unless the policy says more, in a version that is served. */
const isForBackends = ({ policy, scopeVersions }: BackendFacts) => (scope: Scope): boolean =>
  isResourceScope(scope) &&
  (scope.level === 'system' || policy.backendNonSystemScopes === 'allow') &&
  scopeVersions.includes(scope.syntax)

const granted = (facts: BackendFacts, requested: ScopeSet): Either.Either<TooComplex, ScopeSet> =>
  intersect(withoutRepetitions(requested).filter(isForBackends(facts)), facts.client.scope, scopeOptions(facts.policy))

/** Whether the service may have something of a scope. Where that cannot be told, the question about all will not be answered either. */
const mayHave = (facts: BackendFacts, scope: Scope): boolean => {
  const part = granted(facts, [scope])
  return Either.isLeft(part) || part.right.length > 0
}

/** The first rule that the requested scopes break. */
const refusalOf = (facts: BackendFacts, requested: ScopeSet): Refusal | null => {
  const { policy } = facts
  const malformed = requested.find(({ _tag }) => _tag === 'MalformedScope')
  if (policy.malformedScope === 'reject' && malformed !== undefined) return { _tag: 'ScopeMalformed', scope: malformed.text }
  const strange = policy.unknownScope === 'reject'
    ? requested.find((scope) => scope._tag !== 'MalformedScope' && !mayHave(facts, scope))
    : undefined
  if (strange !== undefined) return { _tag: 'ScopeNotRegistered', scope: strange.text }
  if (policy.mixedScopeVersions === 'reject' && mixesVersions(requested)) return { _tag: 'ScopeVersionsMixed' }
  const wildcard = policy.wildcardWithQuery === 'reject' ? requested.find(isWildcardWithQuery) : undefined
  return wildcard === undefined ? null : { _tag: 'ScopeWildcardWithQuery', scope: wildcard.text }
}

/** What is granted of a requested scope: what was registered for the service beforehand; or why nothing is. */
export const backendScopes = (facts: BackendFacts, text: string | null): Either.Either<Refusal, ScopeSet> => {
  const { policy } = facts
  if (text === null) return Either.left({ _tag: 'ScopeMissing' })
  const reading = parseStrict(text)
  if (Either.isLeft(reading)) {
    const { position, expected } = reading.left
    return Either.left({ _tag: 'ScopeUnreadable', position, expected })
  }
  const requested = requestedScopes(policy, text)
  const refusal = refusalOf(facts, requested)
  if (refusal !== null) return Either.left(refusal)
  const spelled = policy.mixedScopeVersions === 'normaliseToV2' && mixesVersions(requested)
    ? requested.map((scope) => (isResourceScope(scope) ? toVersion2(scope) : scope))
    : requested
  const scopes = granted(facts, spelled)
  if (Either.isLeft(scopes)) return Either.left({ _tag: 'ScopeTooComplex' })
  return scopes.right.length === 0 ? Either.left({ _tag: 'NothingToGrant' }) : scopes
}
