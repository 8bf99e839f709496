/**
 * The machine of a user's connected apps. It lists the grants that the user gave, so that the user can end them, and
 * remembers consents.
 *
 * A grant leaves the list only after it has ended: if the list is full, the machine first commands to end the oldest
 * grant of the app that has the most. A grant that ended by time leaves at the next change. The record is written at
 * consent and at revocation, and never when tokens are issued.
 *
 * @module
 */
import type { Connected, ConnectedApps, ListedGrant, RememberedConsent, Unconnected } from './state.js'
import type { Machine, Step } from '../machine/machine.js'
import { stay } from '../machine/machine.js'
import { limits } from '../../values/limits/limits.js'
import type { EpochSeconds } from '../../values/time.js'

interface EventContext {
  readonly now: EpochSeconds
  readonly writeId: string
}

/** The events of a user's connected apps. */
export type ConnectedAppsEvent =
  /** The user consented. `remembered` is null when the consent is not remembered. */
  | (EventContext & {
      readonly _tag: 'ConsentGiven'
      readonly grant: ListedGrant
      readonly remembered: RememberedConsent | null
    })
  /** The user, or the host for the user, revoked a grant: the consents of its client are forgotten too. */
  | (EventContext & { readonly _tag: 'GrantRevoked'; readonly grantId: string })
  /** Grants have ended for another reason, such as the end of their session. */
  | (EventContext & { readonly _tag: 'GrantsEnded'; readonly grantIds: ReadonlyArray<string> })

/** The commands of a user's connected apps. */
export interface ConnectedAppsCommand {
  /** The list is full: end this grant, send `GrantsEnded`, and then the same event again. */
  readonly _tag: 'EndGrant'
  readonly grantId: string
}

type AppsStep = Step<ConnectedApps, ConnectedAppsCommand>
type Consented = Extract<ConnectedAppsEvent, { readonly _tag: 'ConsentGiven' }>
type GrantRevocation = Extract<ConnectedAppsEvent, { readonly _tag: 'GrantRevoked' }>
type End = Extract<ConnectedAppsEvent, { readonly _tag: 'GrantsEnded' }>
type Contents = Pick<Connected, 'grants' | 'consents'>

/** For how long a record without contents is stored. */
const unconnectedSeconds = 3600

/** The record of a user who has no connected apps yet. */
export const unconnected = ({ now, writeId }: EventContext): Unconnected => ({
  _tag: 'Unconnected',
  writeId,
  recordExpiresAt: now + unconnectedSeconds
})

const recordOf = ({ grants, consents }: Contents, event: EventContext): ConnectedApps =>
  grants.length + consents.length === 0
    ? unconnected(event)
    : {
        _tag: 'Connected',
        writeId: event.writeId,
        recordExpiresAt: Math.max(...[...grants, ...consents].map(({ until }) => until)),
        grants,
        consents
      }

/** The contents without what has ended by time. */
const current = ({ grants, consents }: Contents, now: EpochSeconds): Contents => ({
  grants: grants.filter(({ until }) => now < until),
  consents: consents.filter(({ until }) => now < until)
})

const noContents: Contents = { grants: [], consents: [] }

const contentsOf = (apps: ConnectedApps): Contents => (apps._tag === 'Connected' ? apps : noContents)

/** A remembered consent replaces the one for the same client and patient; the oldest leave if there are too many. */
const withConsent = (
  consents: ReadonlyArray<RememberedConsent>,
  added: RememberedConsent
): ReadonlyArray<RememberedConsent> =>
  [
    ...consents.filter(({ clientId, patient }) => clientId !== added.clientId || patient !== added.patient),
    added
  ].slice(-limits.connectedApps.default)

/**
 * The grant that must end when the list is full: one of the app that has the most, so that no app pushes out the grants
 * of others. The grant of a remembered consent ends last, because the consent ends with it.
 */
const firstToEnd = ({ grants, consents }: Contents, added: ListedGrant): ListedGrant | undefined => {
  const countOf = (clientId: string): number => [...grants, added].filter((grant) => grant.clientId === clientId).length
  const most = Math.max(...grants.map(({ clientId }) => countOf(clientId)))
  const candidates = grants.filter(({ clientId }) => countOf(clientId) === most)
  return candidates.find(({ grantId }) => !consents.some((consent) => consent.grantId === grantId)) ?? candidates[0]
}

const consented = (apps: ConnectedApps, event: Consented): AppsStep => {
  const { grants, consents } = current(contentsOf(apps), event.now)
  const others = grants.filter(({ grantId }) => grantId !== event.grant.grantId)
  const first = firstToEnd({ grants: others, consents }, event.grant)
  if (first !== undefined && others.length >= limits.connectedApps.default)
    return stay<ConnectedApps, ConnectedAppsCommand>(apps, { _tag: 'EndGrant', grantId: first.grantId })
  return {
    state: recordOf(
      {
        grants: [...others, event.grant],
        consents: event.remembered === null ? consents : withConsent(consents, event.remembered)
      },
      event
    ),
    command: null
  }
}

const revoked = (apps: Connected, event: GrantRevocation): AppsStep => {
  const clients = apps.grants.filter(({ grantId }) => grantId === event.grantId).map(({ clientId }) => clientId)
  const { grants, consents } = current(apps, event.now)
  return {
    state: recordOf(
      {
        grants: grants.filter(({ grantId }) => grantId !== event.grantId),
        consents: consents.filter(({ clientId, grantId }) => grantId !== event.grantId && !clients.includes(clientId))
      },
      event
    ),
    command: null
  }
}

const ended = (apps: Connected, event: End): AppsStep => {
  const { grants, consents } = current(apps, event.now)
  return {
    state: recordOf({ grants: grants.filter(({ grantId }) => !event.grantIds.includes(grantId)), consents }, event),
    command: null
  }
}

const nothingListed = (apps: Unconnected): AppsStep => stay<ConnectedApps, ConnectedAppsCommand>(apps)

/** The machine of a user's connected apps. No state is final: a user may connect an app at any time. */
export const connectedAppsMachine: Machine<ConnectedApps, ConnectedAppsEvent, ConnectedAppsCommand> = {
  name: 'connected-apps',
  initial: ['Unconnected'],
  final: [],
  table: {
    Unconnected: {
      ConsentGiven: { to: ['Connected'], step: consented },
      GrantRevoked: { to: ['Unconnected'], step: nothingListed },
      GrantsEnded: { to: ['Unconnected'], step: nothingListed }
    },
    Connected: {
      ConsentGiven: { to: ['Connected'], step: consented },
      GrantRevoked: { to: ['Connected', 'Unconnected'], step: revoked },
      GrantsEnded: { to: ['Connected', 'Unconnected'], step: ended }
    }
  }
}
