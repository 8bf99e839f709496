/**
 * The clock of the machine, and its random numbers by WebCrypto.
 *
 * @module
 */
import { bufferedTokens } from './buffered-tokens.js'
import type { Clock, Random } from '../engine/ports.js'

/** The machine's clock. */
export const systemClock: Clock = { now: () => Math.floor(Date.now() / 1000) }

const toBase64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

/** The platform's cryptographic random numbers, each used once. */
export const systemRandom: Random = { token: bufferedTokens(toBase64url) }
