/**
 * The result of a broken rule of a code or a refresh token, and the rules that both have.
 *
 * @module
 */
import type { Rule } from '../machine/rules.js'
import { stay } from '../machine/machine.js'
import type { EventContext, GrantCommand, GrantStep } from './events.js'
import { expiredGrant, revokedGrant } from './events.js'
import type { ParsedScope } from '../scope-policy/parsed-scope.js'
import type { PolicyDecision } from '../scope-policy/policy-decision.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import type { Active, CodeIssued, Revoked } from './state.js'

/** The result of a broken rule: a refusal with an unchanged, expired or revoked grant; or a call of the host first. */
export type GrantOutcome =
  | { readonly _tag: 'Refused'; readonly refusal: Refusal }
  | { readonly _tag: 'Expired'; readonly refusal: Refusal }
  | { readonly _tag: 'Revoked'; readonly because: Revoked['why']; readonly refusal: Refusal }
  | {
      readonly _tag: 'Deferred'
      readonly command: Extract<GrantCommand, { readonly _tag: 'CheckOnline' | 'EvaluatePolicy' }>
    }

/** The step of a broken rule. */
export const outcomeStep = (grant: CodeIssued | Active, event: EventContext, outcome: GrantOutcome): GrantStep => {
  switch (outcome._tag) {
    case 'Refused':
      return stay(grant, { _tag: 'Refuse', refusal: outcome.refusal })
    case 'Expired':
      return { state: expiredGrant(grant, event), command: { _tag: 'Refuse', refusal: outcome.refusal } }
    case 'Revoked':
      return {
        state: revokedGrant(grant, event, outcome.because),
        command: { _tag: 'Refuse', refusal: outcome.refusal }
      }
    case 'Deferred':
      return stay(grant, outcome.command)
  }
}

interface AccessPolicyFacts {
  readonly policy: SmartPolicy
  readonly grant: CodeIssued | Active
  /** The scope of the grant. */
  readonly parsed: ParsedScope
  /** What the host's policy permits now; null before the policy was called. */
  readonly permission: PolicyDecision | null
}

/** The rules of the host's access policy. They are the last ones before tokens are issued. */
export const accessPolicyRules: ReadonlyArray<Rule<AccessPolicyFacts, GrantOutcome>> = [
  {
    name: 'policy-known',
    check: ({ policy, grant, parsed, permission }) =>
      permission === null && policy.accessPolicyChecks === 'always'
        ? { _tag: 'Deferred', command: { _tag: 'EvaluatePolicy', user: grant.user, scope: parsed } }
        : null
  },
  {
    name: 'policy-keeps-grant',
    check: ({ permission }) =>
      permission?._tag === 'Ended'
        ? { _tag: 'Revoked', because: 'PolicyEnded', refusal: { _tag: 'GrantEndedByPolicy' } }
        : null
  }
]
