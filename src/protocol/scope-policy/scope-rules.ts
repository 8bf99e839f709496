/**
 * The rules for requested scopes, one row each: for apps with a user and for backend services.
 *
 * Source: scopes-and-launch-context; RFC 6749, section 3.3.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Rule } from '../machine/rules.js'
import { isWildcardWithQuery, mixesVersions, requestedScopes } from './scope-policy.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import { parseStrict } from '../../scopes/parse.js'
import type { Scope, ScopeSet } from '../../scopes/scope.js'
import { withoutRepetitions } from '../../scopes/scope.js'

/** The facts for the rules. */
export interface RequestedScopes {
  readonly policy: SmartPolicy
  /** The parameter `scope`; null when it is missing. */
  readonly text: string | null
  /** The scopes of which the client may be granted some part. */
  readonly effectiveOf: (scopes: ScopeSet) => ScopeSet
  /** The scopes that permit something at the resource side. */
  readonly openingOf: (scopes: ScopeSet) => ScopeSet
}

type ScopeRule = Rule<RequestedScopes, Refusal>

/** What was read already: several rules look at the same scopes. */
const readBefore = new WeakMap<RequestedScopes, ScopeSet>()

/** The scopes that are asked for, each once; read once for the same request. */
export const scopesAsked = (asked: RequestedScopes): ScopeSet => {
  const known = readBefore.get(asked) ?? withoutRepetitions(requestedScopes(asked.policy, asked.text))
  readBefore.set(asked, known)
  return known
}

const firstMalformed = (asked: RequestedScopes): Scope | undefined =>
  scopesAsked(asked).find(({ _tag }) => _tag === 'MalformedScope')

const firstClosed = (asked: RequestedScopes): Scope | undefined => {
  const wellFormed = scopesAsked(asked).filter(({ _tag }) => _tag !== 'MalformedScope')
  const opening = new Set(asked.openingOf(wellFormed))
  return wellFormed.find((scope) => !opening.has(scope))
}

const firstNotRegistered = (asked: RequestedScopes): Scope | undefined => {
  const wellFormed = scopesAsked(asked).filter(({ _tag }) => _tag !== 'MalformedScope')
  const had = new Set(asked.effectiveOf(wellFormed))
  return wellFormed.find((scope) => !had.has(scope))
}

/** The rules that must hold before the scopes can be evaluated. */
export const scopeReadingRules: ReadonlyArray<ScopeRule> = [
  { name: 'scope-present', check: ({ text }) => (text === null ? { _tag: 'ScopeMissing' } : null) },
  {
    name: 'scope-readable',
    check: ({ text }: RequestedScopes): Refusal | null => {
      const reading = parseStrict(text ?? '')
      return Either.isLeft(reading)
        ? { _tag: 'ScopeUnreadable', position: reading.left.position, expected: reading.left.expected }
        : null
    }
  }
]

/** The rules under which the policy refuses what it could also omit or replace. */
export const scopeRules: ReadonlyArray<ScopeRule> = [
  {
    name: 'scopes-well-formed',
    check: (asked: RequestedScopes): Refusal | null => {
      const malformed = asked.policy.malformedScope === 'reject' ? firstMalformed(asked) : undefined
      return malformed === undefined ? null : { _tag: 'ScopeMalformed', scope: malformed.text }
    }
  },
  {
    name: 'scopes-open-something',
    check: (asked: RequestedScopes): Refusal | null => {
      const closed = asked.policy.unknownScope === 'reject' ? firstClosed(asked) : undefined
      return closed === undefined ? null : { _tag: 'ScopeOpensNothing', scope: closed.text }
    }
  },
  {
    name: 'scopes-registered',
    check: (asked: RequestedScopes): Refusal | null => {
      const unregistered = asked.policy.unknownScope === 'reject' ? firstNotRegistered(asked) : undefined
      return unregistered === undefined ? null : { _tag: 'ScopeNotRegistered', scope: unregistered.text }
    }
  },
  {
    name: 'one-scope-version',
    check: (asked) =>
      asked.policy.mixedScopeVersions === 'reject' && mixesVersions(scopesAsked(asked))
        ? { _tag: 'ScopeVersionsMixed' }
        : null
  },
  {
    name: 'wildcard-without-query',
    check: (asked: RequestedScopes): Refusal | null => {
      const found =
        asked.policy.wildcardWithQuery === 'reject' ? scopesAsked(asked).find(isWildcardWithQuery) : undefined
      return found === undefined ? null : { _tag: 'ScopeWildcardWithQuery', scope: found.text }
    }
  }
]
