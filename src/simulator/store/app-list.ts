/**
 * The apps that were registered at a server, for its page of apps: one record with their ids, because a store cannot be
 * searched. For an app that was registered on the page it has the registration access token, so that the page can
 * change and remove the app.
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import { swapRecord } from '../../engine/compare-and-swap.js'
import type { Store } from '../../engine/ports.js'
import { forever } from '../../engine/server/store-keys.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { parseJson } from '../../values/json.js'
import { limits } from '../../values/limits/limits.js'

const apps = t.readonlyArray(t.strict({ clientId: t.string, token: t.union([t.string, t.null]) }))

const removed = t.readonlyArray(t.strict({ clientId: t.string, name: t.string }))

/** The list, and the list of earlier releases, which has no removed apps. */
const AppListCodec = t.union([t.strict({ apps, removed }), t.strict({ apps })])

/** The apps, and the names of those that were removed. */
interface Kept {
  readonly apps: t.TypeOf<typeof apps>
  readonly removed: t.TypeOf<typeof removed>
}

/** An app on the list. */
export type ListedApp = t.TypeOf<typeof apps>[number]

/** The list of a server's apps. */
export interface AppList {
  /** The newest last. */
  readonly all: TaskEither.TaskEither<Refusal, ReadonlyArray<ListedApp>>
  /** Adds an app; the oldest of its kind leave the list at its limit. */
  readonly add: (app: ListedApp) => TaskEither.TaskEither<Refusal, unknown>
  /** Removes an app; its name is kept for the pages about what it did. */
  readonly remove: (clientId: string, name: string) => TaskEither.TaskEither<Refusal, unknown>
  /** The names of the apps that were removed last, by their ids. */
  readonly removedNames: TaskEither.TaskEither<Refusal, ReadonlyMap<string, string>>
}

const keptIn = (text: string): Kept => {
  const list = AppListCodec.decode(Option.toNullable(parseJson(text)))
  if (Either.isLeft(list)) return { apps: [], removed: [] }
  return 'removed' in list.right ? list.right : { apps: list.right.apps, removed: [] }
}

/**
 * The newest apps. Anyone may register at the endpoint where registration is open, so those apps have a number of their
 * own, and none of them takes the place of an app of the page.
 */
const withinRoom = (all: ReadonlyArray<ListedApp>): ReadonlyArray<ListedApp> => {
  const left = { page: limits.simulatorApps.default, endpoint: limits.simulatorOpenApps.default }
  return all
    .toReversed()
    .filter(({ token }) => left[token === null ? 'endpoint' : 'page']-- > 0)
    .toReversed()
}

/** The list of the apps of the server of that name in a store. */
export const appListIn = (serverName: string, store: Store): AppList => {
  const key = `app-list:${serverName}`
  const load = (at: string) => TaskEither.mapLeft((): Refusal => ({ _tag: 'StoreUnavailable' }))(store.load(at))
  const change = (next: (before: Kept) => Kept) =>
    swapRecord(store, {
      load,
      tries: limits.recordChanges.default,
      recognize: null,
      decide: (found) => {
        const kept = next(Option.isSome(found) ? keptIn(found.value.text) : { apps: [], removed: [] })
        return Either.right({ answer: null, write: { text: JSON.stringify(kept), recordExpiresAt: forever } })
      }
    })(key)
  const all = pipe(
    load(key),
    TaskEither.map((found): Kept => (Option.isSome(found) ? keptIn(found.value.text) : { apps: [], removed: [] }))
  )
  const most = limits.simulatorApps.default
  return {
    all: TaskEither.map((kept: Kept) => kept.apps)(all),
    add: (app) =>
      change((before) => ({
        ...before,
        apps: withinRoom([...before.apps.filter(({ clientId }) => clientId !== app.clientId), app])
      })),
    remove: (clientId, name) =>
      change((before) => ({
        apps: before.apps.filter((one) => one.clientId !== clientId),
        removed: [...before.removed.filter((one) => one.clientId !== clientId), { clientId, name }].slice(-most)
      })),
    removedNames: TaskEither.map(
      (kept: Kept) => new Map(kept.removed.map(({ clientId, name }) => [clientId, name] as const))
    )(all)
  }
}
