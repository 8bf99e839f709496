/**
 * The rules for requested scopes, one row each: for apps with a user and for backend services.
 *
 * Source: scopes-and-launch-context; RFC 6749, section 3.3.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import type { ParsedScope } from './parsed-scope.js'
import { isTooLongForToken, isWildcardWithQuery, mixesVersions } from './scope-policy.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import { readVersion1WithQuery } from '../../scopes/dialects.js'
import { likelyScope, likelyScopes } from '../../scopes/explain/likely-scope.js'
import type { ScopeParseError } from '../../scopes/parse.js'
import { parseStrict } from '../../scopes/parse.js'
import type { Scope, ScopeSet } from '../../scopes/scope.js'
import { withoutRepetitions } from '../../scopes/scope.js'

/** The parameter `scope` of a request. */
export interface ScopeParameter {
  /** Null when the parameter is missing. */
  readonly text: string | null
  readonly reading: Either.Either<ScopeParseError, ScopeSet>
}

/** The facts for the rules. */
export interface RequestedScopes {
  readonly policy: SmartPolicy
  /** The requested scopes as the policy reads them, each once, including malformed ones. */
  readonly scopes: ScopeSet
  /** The scopes of which the client may be granted some part. */
  readonly effectiveOf: (scopes: ScopeSet) => ScopeSet
  /** The scopes that permit something at the resource side. */
  readonly openingOf: (scopes: ScopeSet) => ScopeSet
}

type ScopeRule = Rule<RequestedScopes, Refusal>

/** Whether a scope is not malformed. */
export const isWellFormed = ({ _tag }: Scope): boolean => _tag !== 'MalformedScope'

/** The first scope that is not in a part of the scopes; malformed scopes are not considered. */
const firstOutside = (scopes: ScopeSet, partOf: (scopes: ScopeSet) => ScopeSet): Scope | undefined => {
  const wellFormed = scopes.filter(isWellFormed)
  const part = new Set(partOf(wellFormed))
  return wellFormed.find((scope) => !part.has(scope))
}

/** The scope of a refusal, with the one that is probably meant. */
const namedScope = (scope: Scope): { readonly scope: string; readonly likely?: string } => {
  const likely = likelyScope(scope)
  return { scope: scope.text, ...(likely === null ? {} : { likely }) }
}

/** The refusal where nothing of the requested scopes is left, with the first one that is misspelled. */
export const nothingToGrant = (requested: ScopeSet): Refusal => {
  const [first] = likelyScopes(requested)
  return { _tag: 'NothingToGrant', ...(first === undefined ? {} : { scope: first.written, likely: first.meant }) }
}

/** The rules that must hold before the scopes can be evaluated. */
export const scopeReadingRules: ReadonlyArray<Rule<ScopeParameter, Refusal>> = [
  { name: 'scope-present', check: ({ text }) => (text === null ? { _tag: 'ScopeMissing' } : null) },
  {
    name: 'scope-readable',
    check: ({ reading }) =>
      Either.isLeft(reading)
        ? { _tag: 'ScopeUnreadable', position: reading.left.position, expected: reading.left.expected }
        : null
  }
]

/** Version 1 scopes with a query, read as version 2 scopes. */
const version1WithQueryAsVersion2 = (scopes: ScopeSet): ScopeSet =>
  scopes.flatMap((scope) =>
    scope._tag === 'MalformedScope' && scope.reason === 'QueryOnVersion1'
      ? readVersion1WithQuery(scope.text).scopes
      : [scope]
  )

/**
 * Parses the parameter `scope` of a request: the scopes as the policy reads them, each once, including malformed ones.
 * If one of `known` has the same text, it is not parsed
 * again.
 */
export const requestedScopes = (
  policy: SmartPolicy,
  text: string | null,
  ...known: ReadonlyArray<ParsedScope | null>
): Either.Either<Refusal, ScopeSet> => {
  const same = known.find((one) => one?.text === text)
  const reading = same === undefined || same === null ? parseStrict(text ?? '') : Either.right(same.scopes)
  const refusal = firstRefusal(scopeReadingRules, { text, reading })
  if (refusal !== null) return Either.left(refusal)
  const scopes = Either.isRight(reading) ? reading.right : []
  return Either.right(withoutRepetitions(policy.v1WithQuery === 'asV2' ? version1WithQueryAsVersion2(scopes) : scopes))
}

/** The rules under which the policy refuses what it could also omit or replace. */
export const scopeRules: ReadonlyArray<ScopeRule> = [
  {
    name: 'scopes-well-formed',
    check: ({ policy, scopes }: RequestedScopes): Refusal | null => {
      const malformed = policy.malformedScope === 'reject' ? scopes.find((scope) => !isWellFormed(scope)) : undefined
      return malformed === undefined ? null : { _tag: 'ScopeMalformed', ...namedScope(malformed) }
    }
  },
  {
    name: 'scopes-open-something',
    check: ({ policy, scopes, openingOf }: RequestedScopes): Refusal | null => {
      const closed = policy.unknownScope === 'reject' ? firstOutside(scopes, openingOf) : undefined
      return closed === undefined ? null : { _tag: 'ScopeOpensNothing', ...namedScope(closed) }
    }
  },
  {
    name: 'scopes-registered',
    check: ({ policy, scopes, effectiveOf }: RequestedScopes): Refusal | null => {
      const unregistered = policy.unknownScope === 'reject' ? firstOutside(scopes, effectiveOf) : undefined
      return unregistered === undefined ? null : { _tag: 'ScopeNotRegistered', ...namedScope(unregistered) }
    }
  },
  {
    name: 'one-scope-version',
    check: ({ policy, scopes }) =>
      policy.mixedScopeVersions === 'reject' && mixesVersions(scopes) ? { _tag: 'ScopeVersionsMixed' } : null
  },
  {
    name: 'wildcard-without-query',
    check: ({ policy, scopes }: RequestedScopes): Refusal | null => {
      const found = policy.wildcardWithQuery === 'reject' ? scopes.find(isWildcardWithQuery) : undefined
      return found === undefined ? null : { _tag: 'ScopeWildcardWithQuery', scope: found.text }
    }
  }
]

interface TokenScope {
  readonly policy: SmartPolicy
  /** The scope of the access token. */
  readonly text: string
  /** Whether the scope is narrower than that of the grant. */
  readonly isNarrower: boolean
}

/** The rules of the scope of an access token. */
export const tokenScopeRules: ReadonlyArray<Rule<TokenScope, Refusal>> = [
  {
    name: 'scope-fits-token',
    check: ({ policy, text, isNarrower }) =>
      isTooLongForToken(policy, text, isNarrower) ? { _tag: 'ScopeTooLongForToken' } : null
  }
]

/** The scope of an access token of a grant; left when the token cannot contain it. */
export const fittingToken = (
  policy: SmartPolicy,
  granted: string,
  scope: ParsedScope
): Either.Either<Refusal, ParsedScope> => {
  const refusal = firstRefusal(tokenScopeRules, { policy, text: scope.text, isNarrower: scope.text !== granted })
  return refusal === null ? Either.right(scope) : Either.left(refusal)
}
