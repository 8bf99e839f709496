/**
 * The system clock, and random tokens by WebCrypto.
 *
 * @module
 */
import { bufferedTokens } from './buffered-tokens.js'
import type { Clock, Random } from '../engine/ports.js'

/** The system clock. */
export const systemClock: Clock = { now: () => Math.floor(Date.now() / 1000) }

const toBase64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

/** Cryptographically random tokens of the platform. */
export const systemRandom: Random = { token: bufferedTokens(toBase64url) }
