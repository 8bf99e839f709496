/**
 * When to make, use and forget signing keys: a plan, from the keys there are and the time.
 *
 * A new key is published before it signs, so that nobody who keeps the key set for a while meets an unknown key; an old
 * key stays published until the last thing that it signed has expired. Source: OpenID Connect Core 1.0, section 10.1.1
 * ("Rotation of Asymmetric Signing Keys").
 *
 * @module
 */
import type { EpochSeconds } from './time.js'

/** A key, as far as the plan looks at it. */
export interface PlannedKey {
  readonly kid: string
  readonly createdAt: EpochSeconds
}

/** How long each phase of a key lasts, in seconds. */
export interface RotationTimes {
  /** Published before it signs: at least as long as others keep the key set. */
  readonly announceSeconds: number
  /** Signs, before the next one takes over. */
  readonly signSeconds: number
  /** Stays published after the next one took over: at least the longest life of what it signed. */
  readonly retireSeconds: number
}

/** What to do now. */
export interface RotationPlan {
  /** The key that signs; null when there is none at all. */
  readonly signer: string | null
  /** The keys of the key set, the newest first. */
  readonly published: ReadonlyArray<string>
  /** Keys that verify nothing any more. */
  readonly forgotten: ReadonlyArray<string>
  /** Whether it is time to make the next key. */
  readonly makeKey: boolean
}

/**
 * The newest first. Of keys that two processes made at once, the name decides, so that both processes have one plan.
 */
const inOrder = (one: PlannedKey, other: PlannedKey): number =>
  other.createdAt - one.createdAt || (one.kid < other.kid ? -1 : 1)

/**
 * The plan for a moment, whatever the order in which the keys are given. It holds for that moment: who asks seldom lets
 * a key sign for longer, and adds the time between two questions to `retireSeconds`.
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
  // A key's successor is the next newer one; it took over when its announcement was over.
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
