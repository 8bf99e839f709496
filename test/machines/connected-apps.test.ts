/** The machine of connected apps: every state and arrow, and what must be true of every step. */
import { describe, expect, it } from 'vitest'
import type { Invariant } from './explorer.js'
import { complaintsAbout, explore } from './explorer.js'
import type { ConnectedAppsCommand, ConnectedAppsEvent } from '../../src/protocol/connected-apps/connected-apps.js'
import { connectedAppsMachine, unconnected } from '../../src/protocol/connected-apps/connected-apps.js'
import type { ConnectedApps, ListedGrant } from '../../src/protocol/connected-apps/state.js'
import { ConnectedAppsCodec } from '../../src/protocol/connected-apps/state.js'
import { limits } from '../../src/values/limits/limits.js'

type Holds = Invariant<ConnectedApps, ConnectedAppsEvent, ConnectedAppsCommand>

const grant = (grantId: string, clientId: string, until = 100): ListedGrant => ({
  grantId,
  clientId,
  scope: 'patient/*.rs',
  since: 10,
  until,
  isOnline: true,
  sessionId: null,
  authTime: 5
})

const consented = (grantId: string, clientId: string, patient: string | null, now = 10): ConnectedAppsEvent => ({
  _tag: 'ConsentGiven',
  now,
  writeId: 'w',
  grant: grant(grantId, clientId),
  remembered: patient === null ? null : { clientId, grantId, scope: 'patient/*.rs', patient, until: 1000 }
})

const samples: ReadonlyArray<ConnectedAppsEvent> = [
  consented('g1', 'app', 'ada'),
  consented('g2', 'app', 'bob'),
  consented('g3', 'other', null),
  consented('g4', 'other', 'ada', 100),
  { _tag: 'GrantRevoked', now: 20, writeId: 'w', grantId: 'g1' },
  { _tag: 'GrantRevoked', now: 20, writeId: 'w', grantId: 'g4' },
  { _tag: 'GrantRevoked', now: 20, writeId: 'w', grantId: 'unknown' },
  { _tag: 'GrantsEnded', now: 20, writeId: 'w', grantIds: ['g1', 'g3'] },
  { _tag: 'GrantsEnded', now: 1000, writeId: 'w', grantIds: [] }
]

const isStorable: (state: unknown) => boolean = ConnectedAppsCodec.is

const contentsOf = (state: ConnectedApps) => (state._tag === 'Connected' ? state : { grants: [], consents: [] })

const full: ConnectedApps = {
  _tag: 'Connected',
  writeId: 'w',
  recordExpiresAt: 100,
  grants: Array.from({ length: limits.connectedApps.default }, (_, n) => grant(`full${String(n)}`, 'app')),
  consents: []
}

const invariants: Readonly<Record<string, Holds>> = {
  'a valid grant leaves only when it ended or was revoked': ({ from, event, step: { state } }) => {
    const left = contentsOf(from).grants.filter(
      ({ grantId, until }) => event.now < until && !contentsOf(state).grants.some((one) => one.grantId === grantId)
    )
    const named = event._tag === 'GrantRevoked' ? [event.grantId] : event._tag === 'GrantsEnded' ? event.grantIds : []
    return left.find(({ grantId }) => !named.includes(grantId))?.grantId ?? null
  },
  'a revoked grant leaves no consent of its client': ({ from, event, step: { state } }) => {
    if (event._tag !== 'GrantRevoked') return null
    const client = contentsOf(from).grants.find(({ grantId }) => grantId === event.grantId)?.clientId
    return (
      contentsOf(state).consents.find(({ clientId, grantId }) => clientId === client || grantId === event.grantId)
        ?.grantId ?? null
    )
  },
  'a consent is remembered once for a client and a patient': ({ step: { state } }) => {
    const names = contentsOf(state).consents.map(({ clientId, patient }) => `${clientId} ${String(patient)}`)
    return new Set(names).size === names.length ? null : names.join()
  },
  'the record lasts as long as its contents': ({ step: { state } }) =>
    [...contentsOf(state).grants, ...contentsOf(state).consents].every(({ until }) => until <= state.recordExpiresAt)
      ? null
      : String(state.recordExpiresAt),
  'the list is bounded': ({ step: { state } }) =>
    contentsOf(state).grants.length <= limits.connectedApps.default ? null : String(contentsOf(state).grants.length),
  'a command changes nothing': ({ from, step: { state, command } }) =>
    command !== null && state !== from ? command.grantId : null,
  'every state can be stored': ({ step: { state } }) => (isStorable(state) ? null : 'not storable')
}

describe('the connected-apps machine', () => {
  it('reaches every state and walks every declared arrow and no other', () => {
    expect(
      complaintsAbout(
        connectedAppsMachine,
        explore<ConnectedApps, ConnectedAppsEvent, ConnectedAppsCommand>({
          machine: connectedAppsMachine,
          starts: [unconnected({ now: 0, writeId: 'w' })],
          samples: () => samples,
          depth: 5,
          invariants
        })
      )
    ).toEqual([])
  })

  it('with a full list, first commands to end the oldest grant', () => {
    const walked = explore<ConnectedApps, ConnectedAppsEvent, ConnectedAppsCommand>({
      machine: connectedAppsMachine,
      starts: [full],
      samples: () => samples,
      depth: 1,
      invariants
    })
    expect(walked.broken).toEqual([])
    expect(walked.steps.flatMap(({ step: { command } }) => (command === null ? [] : [command.grantId]))).toEqual([
      'full0',
      'full0',
      'full0'
    ])
  })
})
