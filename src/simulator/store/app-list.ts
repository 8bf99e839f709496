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

const AppListCodec = t.strict({
  apps: t.readonlyArray(t.strict({ clientId: t.string, token: t.union([t.string, t.null]) }))
})

/** An app on the list. */
export type ListedApp = t.TypeOf<typeof AppListCodec>['apps'][number]

/** The list of a server's apps. */
export interface AppList {
  /** The newest last. */
  readonly all: TaskEither.TaskEither<Refusal, ReadonlyArray<ListedApp>>
  /** Adds an app; the oldest leave the list at its limit. */
  readonly add: (app: ListedApp) => TaskEither.TaskEither<Refusal, unknown>
  readonly remove: (clientId: string) => TaskEither.TaskEither<Refusal, unknown>
}

const appsIn = (text: string): ReadonlyArray<ListedApp> => {
  const list = AppListCodec.decode(Option.toNullable(parseJson(text)))
  return Either.isRight(list) ? list.right.apps : []
}

/** The list of the apps of the server of that name in a store. */
export const appListIn = (serverName: string, store: Store): AppList => {
  const key = `app-list:${serverName}`
  const load = (at: string) => TaskEither.mapLeft((): Refusal => ({ _tag: 'StoreUnavailable' }))(store.load(at))
  const change = (next: (before: ReadonlyArray<ListedApp>) => ReadonlyArray<ListedApp>) =>
    swapRecord(store, {
      load,
      tries: limits.recordChanges.default,
      recognize: null,
      decide: (found) => {
        const apps = next(Option.isSome(found) ? appsIn(found.value.text) : [])
        return Either.right({ answer: null, write: { text: JSON.stringify({ apps }), recordExpiresAt: forever } })
      }
    })(key)
  return {
    all: pipe(
      load(key),
      TaskEither.map((found) => (Option.isSome(found) ? appsIn(found.value.text) : []))
    ),
    add: (app) =>
      change((before) =>
        [...before.filter(({ clientId }) => clientId !== app.clientId), app].slice(-limits.simulatorApps.default)
      ),
    remove: (clientId) => change((before) => before.filter((one) => one.clientId !== clientId))
  }
}
