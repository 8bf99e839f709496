/**
 * The rules about the scopes of a request, a row each: for apps, whose request a user answers, and for backend services
 * alike.
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

/** What the rules look at. */
export interface RequestedScopes {
  readonly policy: SmartPolicy
  /** The parameter `scope`; null when it is missing. */
  readonly text: string | null
  /** The scopes of which whoever asks may have something. */
  readonly effectiveOf: (scopes: ScopeSet) => ScopeSet
  /** The scopes by which something opens at the resource side. */
  readonly openingOf: (scopes: ScopeSet) => ScopeSet
}

type ScopeRule = Rule<RequestedScopes, Refusal>

const scopesOf = ({ policy, text }: RequestedScopes): ScopeSet => requestedScopes(policy, text)

const firstMalformed = (asked: RequestedScopes): Scope | undefined =>
  scopesOf(asked).find(({ _tag }) => _tag === 'MalformedScope')

const firstClosed = (asked: RequestedScopes): Scope | undefined => {
  const wellFormed = scopesOf(asked).filter(({ _tag }) => _tag !== 'MalformedScope')
  const opening = new Set(asked.openingOf(wellFormed))
  return wellFormed.find((scope) => !opening.has(scope))
}

const firstNotRegistered = (asked: RequestedScopes): Scope | undefined => {
  const wellFormed = scopesOf(asked).filter(({ _tag }) => _tag !== 'MalformedScope')
  const had = new Set(asked.effectiveOf(wellFormed))
  return wellFormed.find((scope) => !had.has(scope))
}

/** What must hold before anything can be said of the scopes. */
export const scopeReadingRules: ReadonlyArray<ScopeRule> = [
  { name: 'scope-present', check: ({ text }) => (text === null ? { _tag: 'ScopeMissing' } : null) },
  {
    name: 'scope-readable',
    check: ({ text }) => {
      const reading = parseStrict(text ?? '')
      return Either.isLeft(reading)
        ? { _tag: 'ScopeUnreadable', position: reading.left.position, expected: reading.left.expected }
        : null
    }
  }
]

/** What the policy refuses where it could leave out or put right. */
export const scopeRules: ReadonlyArray<ScopeRule> = [
  {
    name: 'scopes-well-formed',
    check: (asked) => {
      const malformed = asked.policy.malformedScope === 'reject' ? firstMalformed(asked) : undefined
      return malformed === undefined ? null : { _tag: 'ScopeMalformed', scope: malformed.text }
    }
  },
  {
    name: 'scopes-open-something',
    check: (asked) => {
      const closed = asked.policy.unknownScope === 'reject' ? firstClosed(asked) : undefined
      return closed === undefined ? null : { _tag: 'ScopeOpensNothing', scope: closed.text }
    }
  },
  {
    name: 'scopes-registered',
    check: (asked) => {
      const unregistered = asked.policy.unknownScope === 'reject' ? firstNotRegistered(asked) : undefined
      return unregistered === undefined ? null : { _tag: 'ScopeNotRegistered', scope: unregistered.text }
    }
  },
  {
    name: 'one-scope-version',
    check: (asked) =>
      asked.policy.mixedScopeVersions === 'reject' && mixesVersions(scopesOf(asked))
        ? { _tag: 'ScopeVersionsMixed' }
        : null
  },
  {
    name: 'wildcard-without-query',
    check: (asked) => {
      const found = asked.policy.wildcardWithQuery === 'reject' ? scopesOf(asked).find(isWildcardWithQuery) : undefined
      return found === undefined ? null : { _tag: 'ScopeWildcardWithQuery', scope: found.text }
    }
  }
]
