/** The policy that a configuration file sets: in `policy`, and in members of its own. */
import * as Either from 'fp-ts/lib/Either.js'
import type { ConfigFile } from './config-codec.js'
import type { ConfigError } from './file-types.js'
import { simulatorPolicy } from './simulator-policy.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import { policyOptions } from '../../protocol/policy/policy.js'
import { checkPolicy } from '../../protocol/policy/policy-check.js'

/** The options that have a member of their own, with its path and its value. */
const ownOptions = ({ lifetimes = {}, specVersion }: ConfigFile) =>
  ({
    specVersion: ['specVersion', specVersion],
    backendTokenLifetimeSeconds: ['lifetimes.backendTokenSeconds', lifetimes.backendTokenSeconds],
    codeLifetimeSeconds: ['lifetimes.codeSeconds', lifetimes.codeSeconds],
    accessTokenLifetimeSeconds: ['lifetimes.accessTokenSeconds', lifetimes.accessTokenSeconds],
    refreshTokenLifetimeSeconds: ['lifetimes.refreshTokenSeconds', lifetimes.refreshTokenSeconds],
    launchLifetimeSeconds: ['lifetimes.launchSeconds', lifetimes.launchSeconds]
  }) as const

type OwnOption = keyof ReturnType<typeof ownOptions>

const hasOwnMember = (file: ConfigFile, name: string): name is OwnOption => Object.hasOwn(ownOptions(file), name)

/** The path in the file at which an option was set, or else would be. */
const pathOfOption = (file: ConfigFile, name: string): string =>
  hasOwnMember(file, name) && file.policy?.[name] === undefined ? ownOptions(file)[name][0] : `policy.${name}`

/** The paths in the file in place of the options that a sentence names. */
const withPaths = (file: ConfigFile, sentence: string): string =>
  sentence.replaceAll(/\b[a-z]\w+\b/g, (word) => (Object.hasOwn(policyOptions, word) ? pathOfOption(file, word) : word))

/** Refuses an option that is set to different values in two places. */
const contradictionIn = (file: ConfigFile): ConfigError | null => {
  for (const [name, [path, value]] of Object.entries(ownOptions(file))) {
    const there = hasOwnMember(file, name) ? file.policy?.[name] : undefined
    if (value !== undefined && there !== undefined && value !== there)
      return {
        path: `policy.${name}`,
        expected: `${JSON.stringify(value)}, which ${path} sets`,
        found: JSON.stringify(there)
      }
  }
  return null
}

/** The options of the policy that the simulator or the file sets; left with the first error, by its path. */
export const policyOfFile = (file: ConfigFile): Either.Either<ConfigError, Partial<SmartPolicy>> => {
  const contradiction = contradictionIn(file)
  if (contradiction !== null) return Either.left(contradiction)
  const own = Object.entries(ownOptions(file)).flatMap(([name, [, value]]) =>
    value === undefined ? [] : [[name, value] as const]
  )
  const policy = { ...simulatorPolicy, ...file.policy, ...Object.fromEntries(own) } as Partial<SmartPolicy>
  const checked = checkPolicy(policy)
  if (Either.isRight(checked)) return Either.right(policy)
  const [first] = checked.left
  return Either.left({
    path: pathOfOption(file, (first?.path ?? '').replace(/^policy\./, '')),
    expected: withPaths(file, first?.expected ?? ''),
    found: first?.found ?? null
  })
}
