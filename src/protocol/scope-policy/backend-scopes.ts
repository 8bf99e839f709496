/**
 * The scopes that a backend service is granted: the policy options about scopes, applied without a user.
 *
 * Source: backend-services, "Obtain access token"; RFC 6749, sections 3.3 and 4.4.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { firstRefusal } from '../machine/rules.js'
import type { KnownResourceSide } from './resource-side-check.js'
import { opens, openingOnly } from './usable-scopes.js'
import { inOneVersion, isForSystems, isTooLongForToken, scopeOptions } from './scope-policy.js'
import { requestedScopes, scopeRules } from './scope-rules.js'
import type { RegisteredClient } from '../client/client.js'
import type { Features } from '../discovery/features.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import type { TooComplex } from '../../scopes/atoms.js'
import { withinBudget } from '../../scopes/atoms.js'
import { intersect, overlapping } from '../../scopes/set-operations.js'
import { format } from '../../scopes/format.js'
import type { Scope, ScopeSet } from '../../scopes/scope.js'
import { isResourceScope, withoutRepetitions } from '../../scopes/scope.js'

/** The facts besides the request. */
export interface BackendFacts {
  readonly policy: SmartPolicy
  readonly scopeVersions: Features['scopeVersions']
  readonly side: KnownResourceSide
  readonly client: RegisteredClient
}

/**
 * Only `system/` scopes, unless the policy allows others, in a supported version, and only those that permit something.
 */
const isForBackends =
  ({ policy, scopeVersions, side }: BackendFacts) =>
  (scope: Scope): boolean =>
    isResourceScope(scope) &&
    (isForSystems(scope) || policy.backendNonSystemScopes === 'allow') &&
    scopeVersions.includes(scope.syntax) &&
    opens(side, scope)

const granted = (facts: BackendFacts, requested: ScopeSet): Either.Either<TooComplex, ScopeSet> =>
  Either.map((scopes: ScopeSet) => openingOnly(facts.side, scopes))(
    intersect(
      withoutRepetitions(requested).filter(isForBackends(facts)),
      facts.client.scope,
      scopeOptions(facts.policy, facts.side)
    )
  )

/** The scopes of which the service may be granted some part. */
const effectiveOf =
  (facts: BackendFacts) =>
  (scopes: ScopeSet): ScopeSet =>
    overlapping(
      scopes.filter(isForBackends(facts)),
      openingOnly(facts.side, facts.client.scope),
      scopeOptions(facts.policy, facts.side)
    )

/**
 * The granted part of the requested scope: what was registered for the service in advance; left when nothing is
 * granted.
 */
export const backendScopes = (facts: BackendFacts, text: string | null): Either.Either<Refusal, ScopeSet> => {
  const reading = requestedScopes(facts.policy, text)
  if (Either.isLeft(reading)) return reading
  const requested = inOneVersion(facts.policy, reading.right)
  const counted = withoutRepetitions([...requested, ...facts.client.scope])
  if (Either.isLeft(withinBudget(counted, scopeOptions(facts.policy, facts.side)))) {
    return Either.left({ _tag: 'ScopeTooComplex' })
  }
  const refusal = firstRefusal(scopeRules, {
    policy: facts.policy,
    scopes: reading.right,
    effectiveOf: effectiveOf(facts),
    openingOf: (all) => openingOnly(facts.side, all)
  })
  if (refusal !== null) return Either.left(refusal)
  const scopes = granted(facts, requested)
  if (Either.isLeft(scopes)) return Either.left({ _tag: 'ScopeTooComplex' })
  if (isTooLongForToken(facts.policy, format(scopes.right), false)) return Either.left({ _tag: 'ScopeTooLongForToken' })
  return scopes.right.length === 0 ? Either.left({ _tag: 'NothingToGrant' }) : scopes
}
