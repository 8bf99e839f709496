/**
 * The connected apps of users in the store: reads and changes one record per user.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { changeRecord, loadState, openRecord } from '../engine/compare-and-swap.js'
import type { AuthorizationServer } from '../engine/server/authorization-server.js'
import { identifierOf } from '../engine/server/context.js'
import { grantKey } from '../engine/server/grant-store.js'
import { issuingName } from '../engine/server/server-name.js'
import { connectedAppsKey } from '../engine/server/store-keys.js'
import type { Ports } from '../engine/ports.js'
import type { ConnectedAppsCommand, ConnectedAppsEvent } from '../protocol/connected-apps/connected-apps.js'
import { connectedAppsMachine, unconnected } from '../protocol/connected-apps/connected-apps.js'
import type { Connected, ConnectedApps } from '../protocol/connected-apps/state.js'
import { ConnectedAppsCodec } from '../protocol/connected-apps/state.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import type { Grant } from '../protocol/grant/state.js'
import { GrantCodec } from '../protocol/grant/state.js'
import { limits } from '../values/limits/limits.js'

/** An event without the members that every event has. */
export type AppsChange = ConnectedAppsEvent extends infer Event
  ? Event extends ConnectedAppsEvent
    ? Omit<Event, 'now' | 'writeId'>
    : never
  : never

type Stored<Value> = Promise<Either.Either<Refusal, Value>>

/** The connected apps of users. No promise rejects unless a port of the host fails that has no failure. */
export interface ConnectedAppsStore {
  /** The grants and remembered consents of a user. */
  readonly of: (sub: string) => Stored<Pick<Connected, 'grants' | 'consents'>>
  /** Changes the record of a user. */
  readonly change: (sub: string, change: AppsChange) => Stored<null>
  /** The state of a grant; null when it is no longer stored. */
  readonly grant: (grantId: string) => Stored<Grant | null>
}

/** The connected apps in the store of a server. */
export const connectedAppsStore = (
  server: Pick<AuthorizationServer, 'facts' | 'admin'>,
  { store, clock, random, keys }: Ports
): ConnectedAppsStore => {
  const name = issuingName(server.facts)
  const load = loadState(store, ConnectedAppsCodec)
  const loadGrant = loadState(store, GrantCodec)
  const open = openRecord(store)
  const perform = changeRecord<ConnectedApps, ConnectedAppsEvent, ConnectedAppsCommand>(
    store,
    ConnectedAppsCodec,
    connectedAppsMachine
  )
  const keyOf = async (sub: string): Promise<string> => connectedAppsKey(name, await keys.digest(sub)())
  const eventContext = () => ({ now: clock.now(), writeId: identifierOf(random.token()) })

  /** The command that is left to be done after an event; null when the event is done. A missing record is opened. */
  const apply = async (key: string, change: AppsChange): Stored<ConnectedAppsCommand | null> => {
    const first = await perform(key, { ...change, ...eventContext() })()
    if (Either.isLeft(first)) return first
    if (first.right._tag === 'Changed') return Either.right(first.right.command)
    if (change._tag !== 'ConsentGiven') return Either.right(null)
    const opened = await open(key, unconnected(eventContext()))()
    if (Either.isLeft(opened) && opened.left._tag !== 'StoreContended') return opened
    const second = await perform(key, { ...change, ...eventContext() })()
    if (Either.isLeft(second)) return second
    return second.right._tag === 'Changed'
      ? Either.right(second.right.command)
      : Either.left({ _tag: 'StoreUnavailable' })
  }

  const valueOf = async <State>(
    loaded: TaskEither.TaskEither<Refusal, Option.Option<{ readonly state: State }>>
  ): Stored<State | null> => {
    const found = await loaded()
    return Either.isLeft(found) ? found : Either.right(Option.isSome(found.right) ? found.right.value.state : null)
  }

  return {
    of: async (sub) => {
      const found = await valueOf(load(await keyOf(sub)))
      if (Either.isLeft(found)) return found
      return Either.right(found.right?._tag === 'Connected' ? found.right : { grants: [], consents: [] })
    },
    change: async (sub, change) => {
      const key = await keyOf(sub)
      for (let tried = 0; tried < limits.recordChanges.default; tried++) {
        const left = await apply(key, change)
        if (Either.isLeft(left)) return left
        if (left.right === null) return Either.right(null)
        const { grantId } = left.right
        // A grant leaves the list only after it has ended.
        const revoked = await server.admin.revokeGrant(grantId)()
        if (Either.isLeft(revoked)) return revoked
        const removed = await apply(key, { _tag: 'GrantsEnded', grantIds: [grantId] })
        if (Either.isLeft(removed)) return removed
      }
      return Either.left({ _tag: 'StoreContended' })
    },
    grant: (grantId) => valueOf(loadGrant(grantKey(name, grantId)))
  }
}
