/**
 * Validates the ports of an app, like those of a server.
 *
 * @module
 */
import type { AppPorts } from './ports.js'
import {
  isBoolean,
  isResponse,
  isText,
  validated,
  validatedClock,
  validatedDigest,
  validatedRandom,
  validatedStore
} from '../validated-ports.js'

/** The ports of an app, each of which returns values of the right form or fails as its type says. */
export const validatedAppPorts = (ports: AppPorts): AppPorts => ({
  store: validatedStore(ports.store),
  clock: validatedClock(ports.clock),
  random: validatedRandom(ports.random),
  http: (request) => validated(() => ports.http(request), isResponse),
  keys: {
    digest: validatedDigest(ports.keys),
    signAssertion: (claims) => validated(() => ports.keys.signAssertion(claims), isText),
    verifySignature: (key, alg, text) => validated(() => ports.keys.verifySignature(key, alg, text), isBoolean)
  },
  pause: (milliseconds) => async () => {
    await ports.pause(milliseconds)()
  }
})
