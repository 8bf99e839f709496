/**
 * Plans the rotation of signing keys from the existing keys and the time.
 *
 * A new key is published before it signs, so that clients that cache the key set do not meet an unknown key. An old key
 * stays published until everything that it signed has expired. Source: OpenID Connect Core 1.0, section 10.1.1
 * ("Rotation of Asymmetric Signing Keys").
 *
 * @module
 */
import type { EpochSeconds } from './time.js'

/** The members of a key that the plan uses. */
export interface PlannedKey {
  readonly kid: string
  readonly createdAt: EpochSeconds
}

/** The length of each phase of a key, in seconds. */
export interface RotationTimes {
  /** From publishing to signing: at least as long as clients cache the key set. */
  readonly announceSeconds: number
  /** From signing to the change to the next key. */
  readonly signSeconds: number
  /** From the change to the next key to removal: at least the longest lifetime of a signed token. */
  readonly retireSeconds: number
}

/** The actions to take now. */
export interface RotationPlan {
  /** The key that signs; null when there is no key. */
  readonly signer: string | null
  /** The keys of the key set, the newest first. */
  readonly published: ReadonlyArray<string>
  /** Keys to delete: no valid token is signed by them. */
  readonly forgotten: ReadonlyArray<string>
  /** Whether the next key must be made now. */
  readonly makeKey: boolean
}

/**
 * The newest first. Keys of the same time are ordered by name, so that two processes that made keys at the same time
 * compute the same plan.
 */
const inOrder = (one: PlannedKey, other: PlannedKey): number =>
  other.createdAt - one.createdAt || (one.kid < other.kid ? -1 : 1)

/**
 * The plan for the time `now`; the order of `keys` does not matter. A host that computes the plan at intervals lets a
 * key sign longer by up to one interval, and must add the interval to `retireSeconds`.
 *
 * @example
 * ```ts
 * import { planKeys } from 'smart-app-launch/server'
 *
 * const times = { announceSeconds: 600, signSeconds: 86400, retireSeconds: 3600 }
 * const keys = [
 *   { kid: 'a', createdAt: 0 },
 *   { kid: 'b', createdAt: 86400 }
 * ]
 * planKeys(keys, 86500, times).signer // => 'a'
 * planKeys(keys, 87000, times).signer // => 'b'
 * planKeys(keys, 91000, times).forgotten // => ['a']
 * ```
 */
export const planKeys = (keys: ReadonlyArray<PlannedKey>, now: EpochSeconds, times: RotationTimes): RotationPlan => {
  const newestFirst = [...keys].sort(inOrder)
  const oldest = newestFirst.at(-1)
  const announced = newestFirst.filter(({ createdAt }) => createdAt + times.announceSeconds <= now)
  const signer = announced[0] ?? oldest ?? null
  // The successor of a key is the next newer one. It starts signing when its announcement phase ends.
  const isForgotten = (key: PlannedKey): boolean => {
    const successor = newestFirst[newestFirst.indexOf(key) - 1]
    return successor !== undefined && successor.createdAt + times.announceSeconds + times.retireSeconds <= now
  }
  const newest = newestFirst[0]
  return {
    signer: signer?.kid ?? null,
    published: newestFirst.filter((key) => !isForgotten(key)).map(({ kid }) => kid),
    forgotten: newestFirst.filter(isForgotten).map(({ kid }) => kid),
    makeKey: newest === undefined || newest.createdAt + times.signSeconds <= now
  }
}
