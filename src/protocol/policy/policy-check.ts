/**
 * Validates the policy of a server: each option by itself, and all of them together.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Decoder } from 'io-ts'
import type { Rule } from '../machine/rules.js'
import { allRefusals } from '../machine/rules.js'
import type { SmartPolicy } from './policy.js'
import { completePolicy, policyOptions } from './policy.js'

/** An invalid setting, with its name. */
export interface SettingsError {
  /** For example `policy.codeLifetimeSeconds`. */
  readonly path: string
  readonly expected: string
  /** The value that was found, as JSON. */
  readonly found: string
}

interface PolicyFacts {
  readonly policy: SmartPolicy
  readonly hasDefaultScope: boolean
}

const printed = (value: string | number | boolean): string => JSON.stringify(value)

/** A rule about two options that must agree: the option to change, and its expected value. */
const expecting = (
  name: string,
  option: keyof SmartPolicy,
  expected: string,
  holds: (policy: SmartPolicy, hasDefaultScope: boolean) => boolean
): Rule<PolicyFacts, SettingsError> => ({
  name,
  check: ({ policy, hasDefaultScope }) =>
    holds(policy, hasDefaultScope) ? null : { path: `policy.${option}`, expected, found: printed(policy[option]) }
})

/** The rules about combinations of options. */
export const policyRules: ReadonlyArray<Rule<PolicyFacts, SettingsError>> = [
  expecting(
    'default-scope-for-malformed-scopes',
    'malformedScope',
    'another word, or a default scope in the settings',
    ({ malformedScope }, hasDefaultScope) => malformedScope !== 'serverDefault' || hasDefaultScope
  ),
  expecting(
    'idle-time-within-lifetime',
    'refreshTokenIdleSeconds',
    'at most refreshTokenLifetimeSeconds',
    ({ refreshTokenIdleSeconds, refreshTokenLifetimeSeconds }) => refreshTokenIdleSeconds <= refreshTokenLifetimeSeconds
  ),
  expecting(
    'code-lifetime-within-grant',
    'codeLifetimeSeconds',
    'less than refreshTokenLifetimeSeconds, which counts from the authorization and ends the code too',
    ({ codeLifetimeSeconds, refreshTokenLifetimeSeconds }) => codeLifetimeSeconds < refreshTokenLifetimeSeconds
  ),
  expecting(
    'access-scope-in-standalone',
    'bothAccessScopes',
    '"offline" or "reject", because onlineAccessInStandalone is "offlineInstead"',
    ({ bothAccessScopes, onlineAccessInStandalone }) =>
      bothAccessScopes !== 'online' || onlineAccessInStandalone !== 'offlineInstead'
  ),
  expecting(
    'grace-within-idle-time',
    'reuseGraceSeconds',
    'less than refreshTokenIdleSeconds',
    ({ reuseGraceSeconds, refreshTokenIdleSeconds }) => reuseGraceSeconds < refreshTokenIdleSeconds
  ),
  expecting(
    'scope-versions-stay-apart',
    'mixedScopeVersions',
    '"allow" or "normaliseToV2", because v1WithQuery is "asV2" and makes a v2 scope of a v1 scope',
    ({ mixedScopeVersions, v1WithQuery }) => mixedScopeVersions !== 'reject' || v1WithQuery !== 'asV2'
  ),
  expecting(
    'bearer-introspection-in-2-2-0',
    'introspectionAuth',
    'a word with bearer in it, because specVersion is "2.2.0", which requires bearer tokens to be accepted',
    ({ introspectionAuth, specVersion }) => introspectionAuth !== 'clientCredentials' || specVersion !== '2.2.0'
  ),
  expecting(
    'foreign-tokens-need-authentication',
    'introspectionAuth',
    'another word, because introspectForeignTokens is "resourceServersOnly", and a caller without credentials is none',
    ({ introspectionAuth, introspectForeignTokens }) =>
      introspectionAuth !== 'anonymous' || introspectForeignTokens !== 'resourceServersOnly'
  ),
  expecting(
    'localhost-needs-any-port',
    'loopbackLocalhost',
    'false, because loopbackPort is "exact"',
    ({ loopbackLocalhost, loopbackPort }) => !loopbackLocalhost || loopbackPort !== 'exact'
  )
]

const wrongSwitches = (chosen: Partial<SmartPolicy>): ReadonlyArray<SettingsError> =>
  Object.entries(chosen).flatMap(([name, value]) => {
    if (!Object.hasOwn(policyOptions, name)) {
      return [
        { path: `policy.${name}`, expected: `one of ${Object.keys(policyOptions).join(', ')}`, found: printed(value) }
      ]
    }
    const codec: Decoder<unknown, unknown> & { readonly name: string } = policyOptions[name as keyof SmartPolicy].codec
    return Either.isRight(codec.decode(value))
      ? []
      : [{ path: `policy.${name}`, expected: codec.name, found: printed(value) }]
  })

/**
 * The complete policy of a host; left with every invalid option or, if there is none, every contradiction.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { checkPolicy } from 'smart-app-launch/fp-ts'
 *
 * const wrong = checkPolicy({ refreshTokenLifetimeSeconds: 3600, refreshTokenIdleSeconds: 7200 })
 * Either.isLeft(wrong) ? wrong.left[0]?.path : '' // => 'policy.refreshTokenIdleSeconds'
 * ```
 */
export const checkPolicy = (
  chosen: Partial<SmartPolicy>,
  hasDefaultScope = false
): Either.Either<ReadonlyArray<SettingsError>, SmartPolicy> => {
  const wrong = wrongSwitches(chosen)
  if (wrong.length > 0) return Either.left(wrong)
  const policy = completePolicy(chosen)
  const contradicting = allRefusals(policyRules, { policy, hasDefaultScope })
  return contradicting.length > 0 ? Either.left(contradicting) : Either.right(policy)
}
