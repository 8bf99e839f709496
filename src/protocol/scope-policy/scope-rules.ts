/**
 * The rules about the scopes of a request, a row each: for apps, whose request a user answers, and for backend services
 * alike.
 *
 * Source: scopes-and-launch-context; RFC 6749, section 3.3.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Rule } from '../machine/machine.js'
import { isWildcardWithQuery, mixesVersions, requestedScopes } from './scope-policy.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import { parseStrict } from '../../scopes/parse.js'
import type { Scope, ScopeSet } from '../../scopes/scope.js'
import { withoutRepetitions } from '../../scopes/scope.js'

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

/** What must hold before anything can be said of the scopes. */
export const scopeReadingRules: ReadonlyArray<ScopeRule> = [
  {
    holds: ({ text }) => text !== null,
    otherwise: () => ({ _tag: 'ScopeMissing' })
  },
  {
    holds: ({ text }) => Either.isRight(parseStrict(text ?? '')),
    otherwise: ({ text }: RequestedScopes): Refusal => {
      const reading = parseStrict(text ?? '')
      return Either.isLeft(reading)
        ? { _tag: 'ScopeUnreadable', position: reading.left.position, expected: reading.left.expected }
        : { _tag: 'ScopeMissing' }
    }
  }
]

/** What the policy refuses where it could leave out or put right. */
export const scopeRules: ReadonlyArray<ScopeRule> = [
  {
    holds: (asked) => asked.policy.malformedScope !== 'reject' || firstMalformed(asked) === undefined,
    otherwise: (asked) => ({ _tag: 'ScopeMalformed', scope: firstMalformed(asked)?.text ?? '' })
  },
  {
    holds: (asked) => asked.policy.unknownScope !== 'reject' || firstClosed(asked) === undefined,
    otherwise: (asked) => ({ _tag: 'ScopeOpensNothing', scope: firstClosed(asked)?.text ?? '' })
  },
  {
    holds: (asked) => asked.policy.unknownScope !== 'reject' || firstNotRegistered(asked) === undefined,
    otherwise: (asked) => ({ _tag: 'ScopeNotRegistered', scope: firstNotRegistered(asked)?.text ?? '' })
  },
  {
    holds: (asked) => asked.policy.mixedScopeVersions !== 'reject' || !mixesVersions(scopesAsked(asked)),
    otherwise: () => ({ _tag: 'ScopeVersionsMixed' })
  },
  {
    holds: (asked) => asked.policy.wildcardWithQuery !== 'reject' || !scopesAsked(asked).some(isWildcardWithQuery),
    otherwise: (asked) => ({
      _tag: 'ScopeWildcardWithQuery',
      scope: scopesAsked(asked).find(isWildcardWithQuery)?.text ?? ''
    })
  }
]
