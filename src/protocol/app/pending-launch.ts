/**
 * What an app keeps of a launch while the browser is at the server.
 *
 * The first browser that comes back uses the launch up, before anything is sent with its code; whoever comes later
 * finds it used. Source: RFC 6749, section 10.12 (`state`).
 *
 * @module
 */
import type { Machine, Step } from '../machine/machine.js'
import { stay } from '../machine/machine.js'
import type { PendingLaunch, StoredLaunch } from './stored-app.js'

/** What can happen to a launch that is kept. */
export interface PendingLaunchEvent {
  readonly _tag: 'BrowserReturned'
  readonly writeId: string
}

/** What must be done about it. */
export type PendingLaunchCommand = { readonly _tag: 'ExchangeCode' } | { readonly _tag: 'RefuseUsedLaunch' }

/** Of a used launch nothing is kept but what tells that its `state` was used. */
const use = (
  { recordExpiresAt, stateDigest }: PendingLaunch,
  { writeId }: PendingLaunchEvent
): Step<StoredLaunch, PendingLaunchCommand> => ({
  state: { _tag: 'Used', writeId, recordExpiresAt, stateDigest },
  command: { _tag: 'ExchangeCode' }
})

/** The machine of a launch that an app keeps. */
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
