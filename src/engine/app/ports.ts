/**
 * The ports of an app. Store, clock and random values are the same ports as the server's.
 *
 * @module
 */
import type { Task } from 'fp-ts/lib/Task.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Clock, Random, PortError, Store } from '../ports.js'
import type { AssertionClaims } from '../../protocol/app/requests.js'
import type { StreamedResponse } from '../../protocol/app/fhir-request.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import type { Jwk } from '../../protocol/jwt/jwk.js'
import type { OutgoingRequest } from '../../protocol/http/outgoing-request.js'
import type { Digest } from '../../values/secret.js'

/**
 * Sends an HTTP request. It must not follow redirects, send cookies or cache responses; it must limit their size and
 * have a timeout. Requests and responses contain credentials and tokens.
 */
export type Http = (request: OutgoingRequest) => TaskEither<PortError, PlainResponse & { readonly bytes?: Uint8Array }>

/** Sends an HTTP request like {@link Http}, and returns the body while it arrives. */
export type StreamHttp = (request: OutgoingRequest) => TaskEither<PortError, StreamedResponse>

/** Signing, verifying and digests. */
export interface AppKeys {
  /** SHA-256 of the UTF-8 bytes, as base64url. */
  readonly digest: (text: string) => Task<Digest>
  /**
   * Signs a client assertion with a key of the app whose algorithm the server lists: RS384 or ES384, `typ` JWT, with
   * the key id in `kid`. If the server lists none, `algorithms` is null, and any key serves.
   */
  readonly signAssertion: (
    claims: AssertionClaims,
    algorithms: ReadonlyArray<string> | null
  ) => TaskEither<PortError, string>
  /** The algorithms of the app's keys, if they are known: a launch then ends before the browser leaves if none fits. */
  readonly algorithms?: ReadonlyArray<string>
  /** Whether the signature of a compact JWS is valid under a public key and algorithm. */
  readonly verifySignature: (key: Jwk, alg: string, text: string) => TaskEither<PortError, boolean>
}

/** Everything that the engine needs from an app's host. */
export interface AppPorts {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly http: Http
  /** Without it, a stream has the whole body of `http`. */
  readonly stream?: StreamHttp
  readonly keys: AppKeys
  /** Waits for the given number of milliseconds. */
  readonly pause: (milliseconds: number) => Task<void>
}
