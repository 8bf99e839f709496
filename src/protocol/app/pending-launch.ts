/**
 * The launch record of an app while the browser is at the server.
 *
 * The first callback uses the launch before the code is sent; later callbacks find it used. The digest of the code is
 * kept, so that the same redirect in the same browser leads to the session that it opened. Source: RFC 6749, section
 * 10.12 (`state`).
 *
 * @module
 */
import type { Machine, Step } from '../machine/machine.js'
import { stay } from '../machine/machine.js'
import type { PendingLaunch, StoredLaunch } from './stored-app.js'
import type { Digest } from '../../values/secret.js'
import type { EpochSeconds } from '../../values/time.js'

/** The events of a launch record. */
export interface PendingLaunchEvent {
  readonly _tag: 'BrowserReturned'
  readonly writeId: string
  readonly now: EpochSeconds
  /** The digest of the code; null without a code. */
  readonly codeDigest: Digest | null
}

/** The commands of a launch record. */
export type PendingLaunchCommand = { readonly _tag: 'ExchangeCode' } | { readonly _tag: 'RefuseUsedLaunch' }

/** A used launch only records that its `state` was used, and with which code. */
const use = (
  { recordExpiresAt, stateDigest }: PendingLaunch,
  { codeDigest, now, writeId }: PendingLaunchEvent
): Step<StoredLaunch, PendingLaunchCommand> => ({
  state: {
    _tag: 'Used',
    writeId,
    recordExpiresAt,
    stateDigest,
    ...(codeDigest === null ? {} : { codeDigest, usedAt: now })
  },
  command: { _tag: 'ExchangeCode' }
})

/** The machine of a launch record. */
export const pendingLaunchMachine: Machine<StoredLaunch, PendingLaunchEvent, PendingLaunchCommand> = {
  name: 'pending-launch',
  initial: ['Pending'],
  final: ['Used'],
  table: {
    Pending: { BrowserReturned: { to: ['Used'], step: use } },
    Used: {
      BrowserReturned: {
        to: ['Used'],
        step: (launch) => stay<StoredLaunch, PendingLaunchCommand>(launch, { _tag: 'RefuseUsedLaunch' })
      }
    }
  }
}
