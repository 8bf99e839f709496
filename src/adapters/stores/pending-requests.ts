/**
 * Which records of a memory store can be made in any number without a user who signs in, and how much of them is kept.
 *
 * Anybody can send an authorization request, and each is kept until its user has signed in. So all of them together
 * have a bound, and beyond it the oldest one of whoever has most of them is forgotten: of one user of the EHR, where a
 * user launched the app, else of one app, because nothing more is known of who asks. A flood through one app pushes out
 * that app's own, and none that the EHR launched. Long requests have a bound of their own: whoever sends many of them
 * pushes out long ones only, and an honest launch, which is short, lasts as long as a flood of short requests needs to
 * fill a bound of its own. Records of users who have signed in are never forgotten for them.
 *
 * A backend service can ask for tokens in any number, and each is kept until it expires, with its scope. All of them
 * together have a bound; beyond it the oldest token of the service that holds most is forgotten, and so is good for
 * nothing any more. The same holds of EHR launches: the oldest of the user who has most of them is forgotten.
 *
 * @module
 */
import { limits } from '../../values/limits/limits.js'
import { ownMembers } from '../../values/own.js'

/**
 * How many bytes of authorization requests are kept before anybody has signed in, of EHR launches, and of the tokens of
 * backend services.
 */
export interface PendingLimits {
  /** Of requests whose record has at most 4 KiB. Default: 64 MiB. */
  readonly smallPendingBytes?: number
  /** Of longer ones. Default: 16 MiB. */
  readonly largePendingBytes?: number
  /** Of the grants of backend services: one for each token. Default: 16 MiB. */
  readonly backendBytes?: number
  /** Of EHR launches. Default: 8 MiB. */
  readonly launchBytes?: number
}

/** The longest record that counts as small, in bytes. */
const smallSize = 4096

/** What a record takes up besides its text, in bytes: about, and rather more than less. */
const besidesText = 512

/**
 * Nobody has signed in, or the conversation ended without a code: nothing depends on the record but the page of that
 * conversation.
 */
const isPending = (key: string, text: string): boolean =>
  key.startsWith('grant:') && /^\{"_tag":"(?:AwaitingUser|Denied)"/.test(text)

/** A token of a backend service; what became of it since is counted with it. */
const isOfBackend = (key: string, text: string): boolean =>
  key.startsWith('grant:') && text.startsWith('{"_tag":"Backend"')

const bytesOf = (text: string): number => text.length * (/^[\x00-\xff]*$/.test(text) ? 1 : 2)

/** Who asks: the user of the EHR who launched the app, else the app. Quotes within texts of strangers are escaped. */
const askerOf = (text: string): string =>
  /"launchedBy":("(?:[^"\\]|\\.)*")/.exec(text)?.[0] ?? /"clientId":("(?:[^"\\]|\\.)*")/.exec(text)?.[0] ?? ''

/** The records of one who asks. */
interface Share {
  /** What each record takes up, the oldest first. */
  readonly sizes: Map<string, number>
  total: number
}

interface Group {
  readonly limit: number
  /** By who asks. */
  readonly shares: Map<string, Share>
  total: number
}

/** The count of such records. */
export interface PendingRequests {
  /** A record was written: gives the keys of the records that must be forgotten for it. */
  readonly written: (key: string, text: string) => ReadonlyArray<string>
  /** A record is gone. */
  readonly gone: (key: string) => void
}

/** Counts pending requests within limits. */
export const pendingRequests = (options: PendingLimits): PendingRequests => {
  const { smallPendingBytes, largePendingBytes, backendBytes, launchBytes } = ownMembers(options)
  const group = (limit: number): Group => ({ limit, shares: new Map(), total: 0 })
  const small = group(smallPendingBytes ?? limits.smallPendingRequests.standard)
  const large = group(largePendingBytes ?? limits.largePendingRequests.standard)
  const backends = group(backendBytes ?? limits.backendGrants.standard)
  const launches = group(launchBytes ?? limits.keptLaunches.standard)
  /** Where each record is counted. */
  const places = new Map<string, { readonly group: Group; readonly asker: string }>()
  const gone = (key: string): void => {
    const place = places.get(key)
    const share = place?.group.shares.get(place.asker)
    if (place === undefined || share === undefined) return
    const size = share.sizes.get(key) ?? 0
    places.delete(key)
    share.sizes.delete(key)
    share.total -= size
    place.group.total -= size
    if (share.sizes.size === 0) place.group.shares.delete(place.asker)
  }
  /** Where a record is to be counted; null for one that is not. */
  const groupOf = (key: string, text: string, size: number, before: Group | undefined): Group | null => {
    if (key.startsWith('launch:')) return launches
    if (before === backends || isOfBackend(key, text)) return backends
    if (!isPending(key, text)) return null
    return size <= smallSize ? small : large
  }
  const add = (to: Group, asker: string, key: string, size: number): void => {
    const share = to.shares.get(asker) ?? { sizes: new Map<string, number>(), total: 0 }
    to.shares.set(asker, share)
    share.sizes.set(key, size)
    share.total += size
    to.total += size
    places.set(key, { group: to, asker })
  }
  /** The oldest record of the largest share. */
  const next = ({ shares }: Group): string | undefined => {
    let largest: Share | undefined
    for (const share of shares.values()) if (largest === undefined || share.total > largest.total) largest = share
    return largest?.sizes.keys().next().value
  }
  return {
    gone,
    written: (key, text) => {
      const before = places.get(key)?.group
      gone(key)
      const size = bytesOf(text)
      const to = groupOf(key, text, size, before)
      if (to === null) return []
      add(to, askerOf(text), key, size + besidesText)
      const forgotten: Array<string> = []
      while (to.total > to.limit) {
        const one = next(to)
        if (one === undefined) break
        gone(one)
        forgotten.push(one)
      }
      return forgotten
    }
  }
}
