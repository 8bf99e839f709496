/**
 * What an app's host provides to the engine. The store, the clock and chance are the same ports as the server's.
 *
 * @module
 */
import type { Task } from 'fp-ts/lib/Task.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Clock, Random, PortError, Store } from '../ports.js'
import type { AssertionClaims } from '../../protocol/app/requests.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import type { Jwk } from '../../protocol/jwt/jwk.js'
import type { OutgoingRequest } from '../../protocol/http/outgoing-request.js'
import type { Digest } from '../../values/secret.js'

/**
 * Sends a request. Must follow no redirect, send no cookie, keep no copy of an answer, limit its size, and give up in
 * time: credentials and tokens are inside.
 */
export type Http = (request: OutgoingRequest) => TaskEither<PortError, PlainResponse>

/** Everything that an app does with keys, and digests. */
export interface AppKeys {
  /** SHA-256 of the UTF-8 bytes, as base64url. */
  readonly digest: (text: string) => Task<Digest>
  /** Signs a client assertion with the app's own key: RS384 or ES384, `typ` JWT, the key named in `kid`. */
  readonly signAssertion: (claims: AssertionClaims) => TaskEither<PortError, string>
  /** Whether the signature of a compact JWS fits a public key under that algorithm. */
  readonly verifySignature: (key: Jwk, alg: string, text: string) => TaskEither<PortError, boolean>
}

/** Everything that the engine needs from an app's host. */
export interface AppPorts {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly http: Http
  readonly keys: AppKeys
  /** Waits so many milliseconds. */
  readonly pause: (milliseconds: number) => Task<void>
}
