/**
 * The launch record of an app while the browser is at the server.
 *
 * The first callback uses the launch before the code is sent; later callbacks find it used. Source: RFC 6749, section
 * 10.12 (`state`).
 *
 * @module
 */
import type { Machine, Step } from '../machine/machine.js'
import { stay } from '../machine/machine.js'
import type { PendingLaunch, StoredLaunch } from './stored-app.js'

/** The events of a launch record. */
export interface PendingLaunchEvent {
  readonly _tag: 'BrowserReturned'
  readonly writeId: string
}

/** The commands of a launch record. */
export type PendingLaunchCommand = { readonly _tag: 'ExchangeCode' } | { readonly _tag: 'RefuseUsedLaunch' }

/** A used launch only records that its `state` was used. */
const use = (
  { recordExpiresAt, stateDigest }: PendingLaunch,
  { writeId }: PendingLaunchEvent
): Step<StoredLaunch, PendingLaunchCommand> => ({
  state: { _tag: 'Used', writeId, recordExpiresAt, stateDigest },
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
