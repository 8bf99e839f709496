/**
 * Leases, with which etcd removes expired records. One lease serves all records that expire within the same hour (the
 * same day, for records that live longer than a day), so that a write seldom needs a request for a lease.
 *
 * @module
 */
import type { Clock } from '../../../engine/ports.js'
import { limits } from '../../../values/limits/limits.js'
import type { EpochSeconds } from '../../../values/time.js'
import { removalSlackSeconds } from '../framed-record.js'
import type { EtcdPost, EtcdReply } from './etcd-gateway.js'
import { textIn } from './etcd-gateway.js'

/** A lease that was granted: its id, or null for a record that is never removed; or why there is none. */
export type LeaseReply =
  { readonly _tag: 'Leased'; readonly id: string | null } | Exclude<EtcdReply, { readonly _tag: 'Answered' }>

/** The leases of one process. */
export interface EtcdLeases {
  /** A lease that ends at least an hour after an expiry. */
  readonly leaseFor: (expiresAt: EpochSeconds) => Promise<LeaseReply>
  /** Forgets a lease that etcd does not know any more. */
  readonly forget: (id: string) => void
}

const hour = 3600
const day = 24 * hour

/** The longest time to live that etcd grants. */
const longestLife = 9_000_000_000

interface Lease {
  readonly end: EpochSeconds
  /** Null while it is being granted. */
  id: string | null
  readonly granted: Promise<LeaseReply>
}

/** The leases of one process, granted when they are first needed. */
export const etcdLeases = (post: EtcdPost, clock: Clock, timeoutMilliseconds: number): EtcdLeases => {
  const leases = new Map<string, Lease>()

  const grant = (name: string, end: EpochSeconds): Lease => {
    const now = clock.now()
    for (const [other, lease] of leases)
      if (lease.end <= now || leases.size >= limits.storeLeases.default) leases.delete(other)
    const life = Math.ceil(end - now) + removalSlackSeconds
    const request = async (): Promise<LeaseReply> => {
      const reply = await post('/v3/lease/grant', { TTL: String(life) }, AbortSignal.timeout(timeoutMilliseconds))
      if (reply._tag === 'Answered' && textIn(reply.body, 'ID') !== '') {
        lease.id = textIn(reply.body, 'ID')
        return { _tag: 'Leased', id: lease.id }
      }
      if (leases.get(name) === lease) leases.delete(name)
      return reply._tag === 'Answered' ? { _tag: 'Lost', reason: 'etcd granted a lease without an id' } : reply
    }
    const lease: Lease = { end, id: null, granted: Promise.resolve().then(request) }
    leases.set(name, lease)
    return lease
  }

  return {
    leaseFor: async (expiresAt) => {
      const life = expiresAt - clock.now()
      if (life > longestLife - 3 * day) return { _tag: 'Leased', id: null }
      const size = life > day ? day : hour
      const index = Math.floor(Math.max(expiresAt, clock.now()) / size)
      const name = (bucket: number): string => `${size.toString()}:${bucket.toString()}`
      // A lease serves its own time and the next one, in which the next lease is granted without anyone waiting.
      const lease = leases.get(name(index)) ?? grant(name(index), (index + 2) * size)
      const before = leases.get(name(index - 1))
      if (lease.id === null && before !== undefined && before.id !== null) return { _tag: 'Leased', id: before.id }
      return lease.id === null ? lease.granted : { _tag: 'Leased', id: lease.id }
    },
    forget: (id) => {
      for (const [name, lease] of leases) if (lease.id === id) leases.delete(name)
    }
  }
}
