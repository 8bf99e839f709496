/**
 * The ports of an app, on a platform with `fetch` and WebCrypto.
 *
 * @module
 */
import type { FetchHttpOptions } from './fetch/fetch-http.js'
import { fetchHttp, fetchStream } from './fetch/fetch-http.js'
import type { AppSigningKeys } from './jose-app.js'
import { appKeys } from './jose-app.js'
import { memoryStore } from './stores/memory-store.js'
import { systemClock, systemRandom } from './system.js'
import type { AppPorts } from '../engine/app/ports.js'
import type { Store } from '../engine/ports.js'
import { ownMember } from '../values/own.js'

/** The options of {@link appPorts}. */
export interface AppPortsOptions extends FetchHttpOptions {
  /** Default: the memory of this process, which is right for a single process and for tests. */
  readonly store?: Store
  /** Needed for `private_key_jwt`. Of several keys, one with an algorithm that the server lists signs. */
  readonly signingKey?: AppSigningKeys
}

/** Waits with the platform's own timer. */
export const pause = (milliseconds: number) => (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })

/**
 * The ports of an app.
 *
 * @example
 * ```ts
 * import { nodeAppPorts } from 'smart-app-launch/fp-ts/adapters/node'
 *
 * const ports = nodeAppPorts()
 * ports.random.token().length // => 43
 * ```
 */
export const appPorts = (options: AppPortsOptions = {}): AppPorts => ({
  store: ownMember(options, 'store') ?? memoryStore(systemClock),
  clock: systemClock,
  random: systemRandom,
  http: fetchHttp(options),
  stream: fetchStream(options),
  keys: appKeys(ownMember(options, 'signingKey')),
  pause
})
