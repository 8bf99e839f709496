/**
 * The apps that were registered at a server, for its page of apps: one record with their ids, because a store cannot be
 * searched. It has the registration access token of each app, so that the page can change and remove the app.
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
import { noMembers } from '../../values/own.js'

/** Where an app was registered: on the page of apps, or by itself at the registration endpoint. */
const origin = t.keyof({ page: null, endpoint: null })

/** Earlier releases kept a token of apps of the page alone, and no origin. */
const ListedCodec = t.intersection([
  t.strict({ clientId: t.string, token: t.union([t.string, t.null]) }),
  t.exact(t.partial({ from: origin, registeredAs: t.string }))
])

const RemovedCodec = t.intersection([
  t.strict({ clientId: t.string, name: t.string }),
  t.exact(t.partial({ from: origin }))
])

/** The list. Those of earlier releases lack members. */
const AppListCodec = t.intersection([
  t.strict({ apps: t.readonlyArray(ListedCodec) }),
  t.exact(t.partial({ removed: t.readonlyArray(RemovedCodec), unlisted: t.number }))
])

type Origin = t.TypeOf<typeof origin>

/** An app on the list. */
export interface ListedApp {
  readonly clientId: string
  /** The registration access token; null if an earlier release has listed an app that registered itself. */
  readonly token: string | null
  readonly from: Origin
  /** The id that the registration assigned, if the app keeps the one that it sends. */
  readonly registeredAs?: string
}

interface RemovedApp {
  readonly clientId: string
  readonly name: string
  readonly from: Origin
}

/** The apps, the names of those that were removed, and how many registered apps have left the list. */
interface Kept {
  readonly apps: ReadonlyArray<ListedApp>
  readonly removed: ReadonlyArray<RemovedApp>
  readonly unlisted: number
}

const empty: Kept = { apps: [], removed: [], unlisted: 0 }

/** The list of a server's apps. */
export interface AppList {
  /** The newest last. */
  readonly all: TaskEither.TaskEither<Refusal, ReadonlyArray<ListedApp>>
  /** How many apps that registered themselves have left the list for newer ones. They stay registered. */
  readonly unlisted: TaskEither.TaskEither<Refusal, number>
  /**
   * Adds an app. At the limit, an app of the page finds no room, and of those that registered themselves the oldest
   * leaves the list. An app that keeps its id is not added if another one has the id.
   */
  readonly add: (app: ListedApp) => TaskEither.TaskEither<Refusal, 'added' | 'full' | 'taken'>
  /** Removes an app; its name is kept for the pages about what it did. */
  readonly remove: (clientId: string, name: string) => TaskEither.TaskEither<Refusal, unknown>
  /** The names of the apps that were removed last, by their ids. */
  readonly removedNames: TaskEither.TaskEither<Refusal, ReadonlyMap<string, string>>
}

const keptIn = (text: string): Kept => {
  const list = AppListCodec.decode(Option.toNullable(parseJson(text)))
  if (Either.isLeft(list)) return empty
  const { apps, removed = [], unlisted = 0 } = list.right
  return {
    apps: apps.map(({ clientId, from, token, registeredAs }) => ({
      clientId,
      token,
      from: from ?? (token === null ? 'endpoint' : 'page'),
      ...(registeredAs === undefined ? noMembers : { registeredAs })
    })),
    removed: removed.map(({ clientId, from = 'page', name }) => ({ clientId, name, from })),
    unlisted
  }
}

/** The newest of each origin: anyone may register at an open endpoint, and takes the place of no app of the page. */
const newest = <One extends { readonly from: Origin }>(
  all: ReadonlyArray<One>,
  most: Readonly<Record<Origin, number>>
): ReadonlyArray<One> => {
  const left = { ...most }
  return all
    .toReversed()
    .filter(({ from }) => left[from]-- > 0)
    .toReversed()
}

const room = { page: limits.simulatorApps.default, endpoint: limits.simulatorOpenApps.default }

const roomForNames = { page: limits.simulatorRemovedApps.default, endpoint: limits.simulatorRemovedApps.default }

/** Whether another app has the id that an app keeps. Assigned ids are unique. */
const isTaken = ({ apps }: Kept, { clientId, registeredAs }: ListedApp): boolean =>
  registeredAs !== undefined && apps.some((one) => one.clientId === clientId && one.registeredAs !== registeredAs)

const added = (before: Kept, app: ListedApp): Kept | 'full' | 'taken' => {
  if (isTaken(before, app)) return 'taken'
  const others = before.apps.filter(({ clientId }) => clientId !== app.clientId)
  if (app.from === 'page' && others.filter(({ from }) => from === 'page').length >= room.page) return 'full'
  const apps = newest([...others, app], room)
  return {
    apps,
    removed: before.removed.filter(({ clientId }) => clientId !== app.clientId),
    unlisted: before.unlisted + others.length + 1 - apps.length
  }
}

const without = (before: Kept, clientId: string, name: string): Kept => {
  const from = before.apps.find((one) => one.clientId === clientId)?.from ?? 'endpoint'
  const others = before.removed.filter((one) => one.clientId !== clientId)
  return {
    ...before,
    apps: before.apps.filter((one) => one.clientId !== clientId),
    removed: newest([...others, { clientId, name, from }], roomForNames)
  }
}

/** The list of the apps of the server of that name in a store. */
export const appListIn = (serverName: string, store: Store): AppList => {
  const key = `app-list:${serverName}`
  const load = (at: string) => TaskEither.mapLeft((): Refusal => ({ _tag: 'StoreUnavailable' }))(store.load(at))
  const change = (next: (before: Kept) => Kept | 'full' | 'taken') =>
    swapRecord(store, {
      load,
      tries: limits.recordChanges.default,
      recognize: null,
      decide: (found) => {
        const kept = next(Option.isSome(found) ? keptIn(found.value.text) : empty)
        return Either.right(
          typeof kept === 'string'
            ? { answer: kept, write: null }
            : { answer: 'added' as const, write: { text: JSON.stringify(kept), recordExpiresAt: forever } }
        )
      }
    })(key)
  const all = pipe(
    load(key),
    TaskEither.map((found): Kept => (Option.isSome(found) ? keptIn(found.value.text) : empty))
  )
  return {
    all: TaskEither.map((kept: Kept) => kept.apps)(all),
    unlisted: TaskEither.map((kept: Kept) => kept.unlisted)(all),
    add: (app) => change((before) => added(before, app)),
    remove: (clientId, name) => change((before) => without(before, clientId, name)),
    removedNames: TaskEither.map(
      (kept: Kept) => new Map(kept.removed.map(({ clientId, name }) => [clientId, name] as const))
    )(all)
  }
}
