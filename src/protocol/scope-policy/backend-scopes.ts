/**
 * The scopes that a backend service is granted: the policy options about scopes, applied without a user.
 *
 * Source: backend-services, "Obtain access token"; RFC 6749, sections 3.3 and 4.4.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import type { KnownResourceSide } from './resource-side-check.js'
import { opens, openingOnly } from './usable-scopes.js'
import { inOneVersion, isForSystems, isTooLongForToken, scopeOptions } from './scope-policy.js'
import { nothingToGrant, requestedScopes, scopeRules } from './scope-rules.js'
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
 * The scopes, with those that the host has declared for operations as extensions: most of these texts are malformed
 * resource scopes (`system/bulk-submit`).
 */
const asDeclared = (side: KnownResourceSide, scopes: ScopeSet): ScopeSet => {
  const texts = new Set((side.rules.operationScopes ?? []).map(({ scope }) => scope))
  return scopes.map((scope) => (texts.has(scope.text) ? { _tag: 'ExtensionScope', text: scope.text } : scope))
}

const isDeclared = (side: KnownResourceSide, { _tag, text }: Scope): boolean =>
  _tag === 'ExtensionScope' && (side.rules.operationScopes ?? []).some(({ scope }) => scope === text)

/**
 * Only `system/` scopes, unless the policy allows others, in a supported version, and only those that permit something;
 * and scopes that are declared for operations.
 */
const isForBackends =
  ({ policy, scopeVersions, side }: BackendFacts) =>
  (scope: Scope): boolean =>
    isDeclared(side, scope) ||
    (isResourceScope(scope) &&
      (isForSystems(scope) || policy.backendNonSystemScopes === 'allow') &&
      scopeVersions.includes(scope.syntax) &&
      opens(side, scope))

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

interface BackendBudget {
  readonly policy: SmartPolicy
  readonly side: KnownResourceSide
  /** The requested and the registered scopes. */
  readonly counted: ScopeSet
}

/** The rules that hold before the rules of scopes: whether a scope permits something takes time. */
export const backendBudgetRules: ReadonlyArray<Rule<BackendBudget, Refusal>> = [
  {
    name: 'scope-complexity',
    check: ({ policy, side, counted }) =>
      Either.isLeft(withinBudget(counted, scopeOptions(policy, side))) ? { _tag: 'ScopeTooComplex' } : null
  }
]

interface BackendGrant {
  readonly policy: SmartPolicy
  readonly requested: ScopeSet
  /** The scopes to grant. */
  readonly scopes: ScopeSet
}

/** The rules of the scopes that a backend service is granted. */
export const backendGrantRules: ReadonlyArray<Rule<BackendGrant, Refusal>> = [
  {
    name: 'scope-fits-token',
    check: ({ policy, scopes }) =>
      isTooLongForToken(policy, format(scopes), false) ? { _tag: 'ScopeTooLongForToken' } : null
  },
  {
    name: 'scope-not-empty',
    check: ({ requested, scopes }) => (scopes.length === 0 ? nothingToGrant(requested) : null)
  }
]

/**
 * The granted part of the requested scope: what was registered for the service in advance; left when nothing is
 * granted.
 */
export const backendScopes = (given: BackendFacts, text: string | null): Either.Either<Refusal, ScopeSet> => {
  const { policy, side } = given
  const facts = { ...given, client: { ...given.client, scope: asDeclared(side, given.client.scope) } }
  const read = requestedScopes(policy, text)
  if (Either.isLeft(read)) return read
  const scopesRead = asDeclared(side, read.right)
  const requested = inOneVersion(policy, scopesRead)
  const counted = withoutRepetitions([...requested, ...facts.client.scope])
  const refusal =
    firstRefusal(backendBudgetRules, { policy, side, counted }) ??
    firstRefusal(scopeRules, {
      policy,
      scopes: scopesRead,
      effectiveOf: effectiveOf(facts),
      openingOf: (all) => openingOnly(side, all)
    })
  if (refusal !== null) return Either.left(refusal)
  const scopes = granted(facts, requested)
  if (Either.isLeft(scopes)) return Either.left({ _tag: 'ScopeTooComplex' })
  const unfit = firstRefusal(backendGrantRules, { policy, requested: scopesRead, scopes: scopes.right })
  return unfit === null ? scopes : Either.left(unfit)
}
