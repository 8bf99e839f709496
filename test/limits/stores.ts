import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { ShownLimit } from './shown.js'
import { etcdLeases } from '../../src/adapters/stores/etcd/etcd-leases.js'
import { watchedStore } from '../../src/adapters/stores/settings-watch.js'
import type { Store } from '../../src/engine/ports.js'

const store: Store = { load: () => TaskEither.right(Option.none), swap: () => TaskEither.right('won') }

const day = 86_400

/** The bounds of stores on database engines. */
export const storeLimits: ReadonlyArray<ShownLimit> = [
  {
    limit: 'storeSettingsAge',
    sizes: [59, 60],
    run: async (seconds) => {
      const clock = { now: 1000 }
      const watched = watchedStore(store, {
        clock: { now: () => clock.now },
        seconds: 60,
        look: () => Promise.resolve(false)
      })
      clock.now += seconds
      await watched.load('a')()
      const next = await watched.load('a')()
      return next._tag === 'Right' ? 'within' : 'the store is stopped'
    },
    peerResponse: 'the store is stopped'
  },
  {
    limit: 'storeLeases',
    run: async (size) => {
      let granted = 0
      const leases = etcdLeases(
        () => Promise.resolve({ _tag: 'Answered', body: { ID: String((granted += 1)) } }),
        { now: () => 0 },
        1000
      )
      const expiries = Array.from({ length: size }, (_, index) => (index * 2 + 2) * day)
      for (const expiry of expiries) await leases.leaseFor(expiry)
      await leases.leaseFor(expiries[0] ?? 0)
      return granted === size ? 'within' : 'granted again'
    },
    peerResponse: 'granted again'
  }
]
