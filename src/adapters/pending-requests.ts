/**
 * Which records of a memory store strangers can make without signing in, and how much of them is kept.
 *
 * Anybody can send an authorization request, and each is kept until its user has signed in. So all of them together have a bound, and
 * the oldest are forgotten first. Long requests have a bound of their own: whoever sends many of them pushes out long ones only, and an
 * honest launch, which is short, lasts as long as a flood of short requests needs to fill a bound of its own. Records of users who have
 * signed in are never forgotten for them.
 *
 * @module
 */
import { limits } from '../values/limits.js'
import { ownMembers } from '../values/own.js'

/** How many bytes of authorization requests are kept before anybody has signed in. */
export interface PendingLimits {
  /** Of requests whose record has at most 4 KiB. Default: 64 MiB. */
  readonly smallPendingBytes?: number
  /** Of longer ones. Default: 16 MiB. */
  readonly largePendingBytes?: number
}

/** The longest record that counts as small, in bytes. */
const smallSize = 4096

/** What a record takes up besides its text, in bytes: about, and rather more than less. */
const besidesText = 512

/** Nobody has signed in, or the conversation ended without a code: nothing depends on the record but the page of that conversation. */
const isPending = (key: string, text: string): boolean =>
  key.startsWith('grant:') && /^\{"_tag":"(?:AwaitingUser|Denied)"/.test(text)

const bytesOf = (text: string): number => text.length * (/^[\x00-\xff]*$/.test(text) ? 1 : 2)

interface Group {
  readonly limit: number
  /** What each record takes up, the oldest first. */
  readonly sizes: Map<string, number>
  total: number
}

/** The count of pending requests. */
export interface PendingRequests {
  /** A record was written: gives the keys of the records that must be forgotten for it. */
  readonly written: (key: string, text: string) => ReadonlyArray<string>
  /** A record is gone. */
  readonly gone: (key: string) => void
}

/** Counts pending requests within limits. */
export const pendingRequests = (options: PendingLimits): PendingRequests => {
  const { smallPendingBytes, largePendingBytes } = ownMembers(options)
  const group = (limit: number): Group => ({ limit, sizes: new Map(), total: 0 })
  const small = group(smallPendingBytes ?? limits.smallPendingRequests.standard)
  const large = group(largePendingBytes ?? limits.largePendingRequests.standard)
  const remove = (from: Group, key: string): void => {
    const size = from.sizes.get(key)
    if (size === undefined) return
    from.sizes.delete(key)
    from.total -= size
  }
  const gone = (key: string): void => {
    remove(small, key)
    remove(large, key)
  }
  return {
    gone,
    written: (key, text) => {
      gone(key)
      if (!isPending(key, text)) return []
      const size = bytesOf(text)
      const to = size <= smallSize ? small : large
      to.sizes.set(key, size + besidesText)
      to.total += size + besidesText
      const forgotten: Array<string> = []
      for (const oldest of to.sizes.keys()) {
        if (to.total <= to.limit) break
        remove(to, oldest)
        forgotten.push(oldest)
      }
      return forgotten
    }
  }
}
