/**
 * Limits the records that an unauthenticated party can make in a memory store.
 *
 * Anyone can send an authorization request, and each is stored until its user has signed in. All of them together have
 * a limit. Beyond it, the oldest request of the requester with the most bytes is removed. The requester is the EHR user
 * who launched the app, or else the app, because the server knows no more at this point. A flood through one app
 * therefore removes only that app's requests, and none that the EHR launched. Long requests have a separate limit: a
 * flood of long requests removes only long ones, and a normal launch, which is short, stays until short requests fill
 * their own limit. Records of users who have signed in are never removed to make room.
 *
 * @module
 */
import { limits } from '../../values/limits/limits.js'
import { ownMembers } from '../../values/own.js'

/** The limits for authorization requests before sign-in, in bytes. */
export interface PendingLimits {
  /** For requests whose record has at most 4 KiB. Default: 64 MiB. */
  readonly smallPendingBytes?: number
  /** For longer ones. Default: 16 MiB. */
  readonly largePendingBytes?: number
}

/** The longest record that counts as small, in bytes. */
const smallSize = 4096

/** The memory of a record besides its text, in bytes (an upper estimate). */
const besidesText = 512

/**
 * Whether no user has signed in, or the conversation ended without a code: only the page of that conversation depends
 * on the record.
 */
const isPending = (key: string, text: string): boolean =>
  key.startsWith('grant:') && /^\{"_tag":"(?:AwaitingUser|Denied)"/.test(text)

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

/** Counts pending requests. */
export interface PendingRequests {
  /** Records a write; returns the keys of the records that must be removed. */
  readonly written: (key: string, text: string) => ReadonlyArray<string>
  /** Records a removal. */
  readonly removed: (key: string) => void
}

/** Counts pending requests within the limits. */
export const pendingRequests = (options: PendingLimits): PendingRequests => {
  const { smallPendingBytes, largePendingBytes } = ownMembers(options)
  const group = (limit: number): Group => ({ limit, shares: new Map(), total: 0 })
  const small = group(smallPendingBytes ?? limits.smallPendingRequests.standard)
  const large = group(largePendingBytes ?? limits.largePendingRequests.standard)
  /** The group and requester under which each record is counted. */
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
      removed(key)
      if (!isPending(key, text)) return []
      const size = bytesOf(text)
      const to = size <= smallSize ? small : large
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
