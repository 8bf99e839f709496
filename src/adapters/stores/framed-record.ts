/**
 * A record as one text, for engines that hold one value under a key: the form (`1`), the version (a UUID),
 * the expiry (16 digits), and the text. A script reads the first 53 bytes and decides.
 *
 * @module
 */
import * as Option from 'fp-ts/lib/Option.js'
import type { Clock, Version } from '../../engine/ports.js'
import type { EpochSeconds } from '../../values/time.js'

/** A record with its version. */
export interface FramedRecord {
  /** Which write made this record: see `freshVersion`. */
  readonly version: Version
  readonly expiresAt: EpochSeconds
  readonly text: string
}

/** The number of characters before the text. */
export const frameLength = 53

/** Whether a text has the form of a version. */
export const isFreshVersion = (version: string): boolean => /^[0-9a-f-]{36}$/.test(version)

const header = /^1[0-9a-f-]{36}\d{16}/

/** The time that an engine keeps a record after its expiry, in seconds: its removal is never needed for safety. */
export const removalSlackSeconds = 3600

/** An expiry as 16 digits, so that texts compare as numbers do. */
export const expiryDigits = (expiresAt: EpochSeconds): string =>
  String(Math.min(Math.max(Math.ceil(expiresAt), 0), Number.MAX_SAFE_INTEGER)).padStart(16, '0')

/** A record as text. */
export const frameRecord = ({ version, expiresAt, text }: FramedRecord): string =>
  `1${version}${expiryDigits(expiresAt)}${text}`

/** A record from its text; `none` when the text has another form. */
export const unframeRecord = (framed: string): Option.Option<FramedRecord> =>
  header.test(framed)
    ? Option.some({
        version: framed.slice(1, 37),
        expiresAt: Number(framed.slice(37, frameLength)),
        text: framed.slice(frameLength)
      })
    : Option.none

/** The seconds from now until an engine may remove a record. */
export const secondsUntilRemoval = (clock: Clock, expiresAt: EpochSeconds): number =>
  Math.max(Math.ceil(expiresAt) - Math.floor(clock.now()), 0) + removalSlackSeconds
