/**
 * Whether a server's settings can be kept: each switch for itself, and together.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Decoder } from 'io-ts'
import type { SmartPolicy } from './policy.js'
import { completePolicy, policyOptions } from './policy.js'

/** A setting that cannot be kept, by its name. */
export interface SettingsError {
  /** For example `policy.codeLifetimeSeconds`. */
  readonly path: string
  readonly expected: string
  /** What was found there, as JSON. */
  readonly found: string
}

/** Settings that contradict each other: the name of the one to change, and what it would have to be. */
interface Contradiction {
  readonly name: keyof SmartPolicy
  readonly expected: string
  readonly holds: (policy: SmartPolicy, hasDefaultScope: boolean) => boolean
}

const contradictions: ReadonlyArray<Contradiction> = [
  {
    name: 'malformedScope',
    expected: 'another word, or a default scope in the settings',
    holds: ({ malformedScope }, hasDefaultScope) => malformedScope === 'serverDefault' && !hasDefaultScope
  },
  {
    name: 'refreshTokenIdleSeconds',
    expected: 'at most refreshTokenLifetimeSeconds',
    holds: ({ refreshTokenIdleSeconds, refreshTokenLifetimeSeconds }) =>
      refreshTokenIdleSeconds > refreshTokenLifetimeSeconds
  },
  {
    name: 'codeLifetimeSeconds',
    expected: 'less than refreshTokenLifetimeSeconds, which counts from the authorization and ends the code too',
    holds: ({ codeLifetimeSeconds, refreshTokenLifetimeSeconds }) => codeLifetimeSeconds >= refreshTokenLifetimeSeconds
  },
  {
    name: 'bothAccessScopes',
    expected: '"offline" or "reject", because onlineAccessInStandalone is "offlineInstead"',
    holds: ({ bothAccessScopes, onlineAccessInStandalone }) =>
      bothAccessScopes === 'online' && onlineAccessInStandalone === 'offlineInstead'
  },
  {
    name: 'reuseGraceSeconds',
    expected: 'less than refreshTokenIdleSeconds',
    holds: ({ reuseGraceSeconds, refreshTokenIdleSeconds }) => reuseGraceSeconds >= refreshTokenIdleSeconds
  },
  {
    name: 'mixedScopeVersions',
    expected: '"allow" or "normaliseToV2", because v1WithQuery is "asV2" and makes a v2 scope of a v1 scope',
    holds: ({ mixedScopeVersions, v1WithQuery }) => mixedScopeVersions === 'reject' && v1WithQuery === 'asV2'
  },
  {
    name: 'introspectionAuth',
    expected: 'a word with bearer in it, because specVersion is "2.2.0", which requires bearer tokens to be accepted',
    holds: ({ introspectionAuth, specVersion }) => introspectionAuth === 'clientCredentials' && specVersion === '2.2.0'
  },
  {
    name: 'introspectionAuth',
    expected:
      'another word, because introspectForeignTokens is "resourceServersOnly", and whoever shows nothing is none',
    holds: ({ introspectionAuth, introspectForeignTokens }) =>
      introspectionAuth === 'anonymous' && introspectForeignTokens === 'resourceServersOnly'
  },
  {
    name: 'loopbackLocalhost',
    expected: 'false, because loopbackPort is "exact"',
    holds: ({ loopbackLocalhost, loopbackPort }) => loopbackLocalhost && loopbackPort === 'exact'
  }
]

const printed = (value: string | number | boolean): string => JSON.stringify(value)

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
 * The policy of a host, completed; or every switch that is wrong by itself, or else every contradiction.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { checkPolicy } from 'smart-app-launch/server'
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
  const contradicting = contradictions
    .filter(({ holds }) => holds(policy, hasDefaultScope))
    .map(({ name, expected }) => ({ path: `policy.${name}`, expected, found: printed(policy[name]) }))
  return contradicting.length > 0 ? Either.left(contradicting) : Either.right(policy)
}
