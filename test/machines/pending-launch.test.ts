/** The launch that an app keeps: its table is true, and one browser uses it. */
import { describe, expect, it } from 'vitest'
import type { Trace } from './explorer.js'
import { complaintsAbout, explore, exploreTraces } from './explorer.js'
import type { PendingLaunchCommand, PendingLaunchEvent } from '../../src/protocol/app/pending-launch.js'
import { pendingLaunchMachine } from '../../src/protocol/app/pending-launch.js'
import type { StoredLaunch } from '../../src/protocol/app/stored-app.js'

const pending: StoredLaunch = {
  _tag: 'Pending',
  writeId: 'a',
  recordExpiresAt: 2000,
  stateDigest: 'digest',
  nonce: 'n0nce',
  scope: 'openid patient/*.rs',
  expiresAt: 1600,
  binding: {
    iss: 'https://ehr.example/fhir',
    clientId: 'app',
    redirectUri: 'https://app.example/cb',
    tokenEndpoint: 'https://ehr.example/token',
    issuer: null,
    jwksUri: null,
    authorizationOrigin: 'https://ehr.example',
    issParameterSupported: false,
    method: 'none',
    assertionAudience: 'https://ehr.example/token',
    tolerances: {}
  }
}
const samples: ReadonlyArray<PendingLaunchEvent> = [
  { _tag: 'BrowserReturned', writeId: 'b', now: 1000, codeDigest: 'code' },
  { _tag: 'BrowserReturned', writeId: 'c', now: 1000, codeDigest: null }
]

type Machine = typeof pendingLaunchMachine

const complaints = (machine: Machine): ReadonlyArray<string> => {
  const plan = { machine, starts: [pending], samples: () => samples, depth: 4 }
  const exchangesOnce = (trace: Trace<StoredLaunch, PendingLaunchEvent, PendingLaunchCommand>): string | null =>
    trace.filter(({ step }) => step.command?._tag === 'ExchangeCode').length > 1 ? 'exchanged twice' : null
  const explored = explore<StoredLaunch, PendingLaunchEvent, PendingLaunchCommand>({
    ...plan,
    invariants: {
      'a used launch holds nothing but digests of its state and its code': ({ step: { state } }) =>
        state._tag === 'Used' &&
        Object.keys(state)
          .filter((name) => name !== 'codeDigest' && name !== 'usedAt')
          .sort()
          .join(' ') !== '_tag recordExpiresAt stateDigest writeId'
          ? Object.keys(state).join(' ')
          : null
    }
  })
  const { broken } = exploreTraces<StoredLaunch, PendingLaunchEvent, PendingLaunchCommand>(plan, {
    'one browser exchanges a code': exchangesOnce
  })
  return [...complaintsAbout(machine, explored), ...broken]
}

describe('the pending-launch machine', () => {
  it('reaches every state, walks every declared arrow and no other, and breaks no invariant', () => {
    expect(complaints(pendingLaunchMachine)).toEqual([])
  })

  it.each<readonly [string, Machine['table']]>([
    [
      'a launch that stays pending',
      {
        ...pendingLaunchMachine.table,
        Pending: {
          BrowserReturned: { to: ['Pending'], step: (state) => ({ state, command: { _tag: 'ExchangeCode' } }) }
        }
      }
    ],
    [
      'a used launch that is used again',
      {
        ...pendingLaunchMachine.table,
        Used: { BrowserReturned: { to: ['Used'], step: (state) => ({ state, command: { _tag: 'ExchangeCode' } }) } }
      }
    ]
  ])('a planted fault is noticed: %s', (_name, table) => {
    expect(complaints({ ...pendingLaunchMachine, table })).not.toEqual([])
  })
})
