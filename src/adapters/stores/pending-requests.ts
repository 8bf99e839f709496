/**
 * Limits the records of a memory store that can be made in any number without a user who signs in.
 *
 * Anyone can send an authorization request, and each is stored until its user has signed in. All of them together have
 * a limit. Beyond it, the oldest request of the requester with the most bytes is removed. The requester is the EHR user
 * who launched the app, or else the app, because the server knows no more at this point. A flood through one app
 * therefore removes only that app's requests, and none that the EHR launched. Long requests have a separate limit: a
 * flood of long requests removes only long ones, and a normal launch, which is short, stays until short requests fill
 * their own limit. Records of users who have signed in are never removed to make room.
 *
 * A backend service can request tokens in any number, and each is stored with its scope until it expires. All of them
 * together have a limit; beyond it the oldest token of the service with the most bytes is removed, and is no longer
 * valid. The same holds for EHR launches: the oldest launch of the user with the most bytes is removed.
 *
 * @module
 */
import { limits } from '../../values/limits/limits.js'
import { ownMembers } from '../../values/own.js'

/** The limits for authorization requests before sign-in, EHR launches, and tokens of backend services, in bytes. */
export interface PendingLimits {
  /** For requests whose record has at most 4 KiB. Default: 64 MiB. */
  readonly smallPendingBytes?: number
  /** For longer ones. Default: 16 MiB. */
  readonly largePendingBytes?: number
  /** For the grants of backend services: one for each token. Default: 16 MiB. */
  readonly backendBytes?: number
  /** For EHR launches. Default: 8 MiB. */
  readonly launchBytes?: number
}

/** The longest record that counts as small, in bytes. */
const smallSize = 4096

/** The size of a record besides its text, in bytes: an estimate that is rather too large. */
const besidesText = 512

/**
 * Whether no user has signed in yet, or the conversation ended without a code. Only the page of the conversation uses
 * such a record.
 */
const isPending = (key: string, text: string): boolean =>
  key.startsWith('grant:') && /^\{"_tag":"(?:AwaitingUser|Denied)"/.test(text)

/** Whether a record is the grant of a token of a backend service. */
const isOfBackend = (key: string, text: string): boolean =>
  key.startsWith('grant:') && text.startsWith('{"_tag":"Backend"')

const bytesOf = (text: string): number => text.length * (/^[\x00-\xff]*$/.test(text) ? 1 : 2)

/**
 * The requester: the EHR user who launched the app, else the app. JSON escapes quotes inside untrusted texts, so they
 * cannot match.
 */
const requesterOf = (text: string): string =>
  /"launchedBy":("(?:[^"\\]|\\.)*")/.exec(text)?.[0] ?? /"clientId":("(?:[^"\\]|\\.)*")/.exec(text)?.[0] ?? ''

/** The records of one requester. */
interface Share {
  /** The size of each record, the oldest first. */
  readonly sizes: Map<string, number>
  total: number
}

interface Group {
  readonly limit: number
  /** By requester. */
  readonly shares: Map<string, Share>
  total: number
}

/** The count of such records. */
export interface PendingRequests {
  /** Counts a record that was written, and returns the keys of the records that must be removed for it. */
  readonly written: (key: string, text: string) => ReadonlyArray<string>
  /** Stops counting a record that was removed. */
  readonly removed: (key: string) => void
}

/** Counts pending requests within limits. */
export const pendingRequests = (options: PendingLimits): PendingRequests => {
  const { smallPendingBytes, largePendingBytes, backendBytes, launchBytes } = ownMembers(options)
  const group = (limit: number): Group => ({ limit, shares: new Map(), total: 0 })
  const small = group(smallPendingBytes ?? limits.smallPendingRequests.default)
  const large = group(largePendingBytes ?? limits.largePendingRequests.default)
  const backends = group(backendBytes ?? limits.backendGrants.default)
  const launches = group(launchBytes ?? limits.keptLaunches.default)
  /** The group and requester of each record. */
  const places = new Map<string, { readonly group: Group; readonly requester: string }>()
  const removed = (key: string): void => {
    const place = places.get(key)
    const share = place?.group.shares.get(place.requester)
    if (place === undefined || share === undefined) return
    const size = share.sizes.get(key) ?? 0
    places.delete(key)
    share.sizes.delete(key)
    share.total -= size
    place.group.total -= size
    if (share.sizes.size === 0) place.group.shares.delete(place.requester)
  }
  /** The group of a record; null for a record without a limit. */
  const groupOf = (key: string, text: string, size: number, before: Group | undefined): Group | null => {
    if (key.startsWith('launch:')) return launches
    if (before === backends || isOfBackend(key, text)) return backends
    if (!isPending(key, text)) return null
    return size <= smallSize ? small : large
  }
  const add = (to: Group, requester: string, key: string, size: number): void => {
    const share = to.shares.get(requester) ?? { sizes: new Map<string, number>(), total: 0 }
    to.shares.set(requester, share)
    share.sizes.set(key, size)
    share.total += size
    to.total += size
    places.set(key, { group: to, requester })
  }
  /** The oldest record of the requester with the most bytes. */
  const next = ({ shares }: Group): string | undefined => {
    let largest: Share | undefined
    for (const share of shares.values()) if (largest === undefined || share.total > largest.total) largest = share
    return largest?.sizes.keys().next().value
  }
  return {
    removed,
    written: (key, text) => {
      const before = places.get(key)?.group
      removed(key)
      const size = bytesOf(text)
      const to = groupOf(key, text, size, before)
      if (to === null) return []
      add(to, requesterOf(text), key, size + besidesText)
      const forgotten: Array<string> = []
      while (to.total > to.limit) {
        const one = next(to)
        if (one === undefined) break
        removed(one)
        forgotten.push(one)
      }
      return forgotten
    }
  }
}
