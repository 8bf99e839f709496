/**
 * The newest grants of all servers of a simulator, for the page that lists them: one record with their store keys,
 * because a store cannot be searched.
 *
 * Anyone can begin a request for access, so requests that no user has permitted yet, open grants, and grants that have
 * ended have each their own number on the list: none of them takes the place of another kind.
 *
 * The list is for display only. It is written after a grant is stored, and no request waits for it except the one that
 * shows it. All grants that change while it is written are changed there with the next write, so that it is no
 * bottleneck.
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as t from 'io-ts'
import { swapRecord } from '../../engine/compare-and-swap.js'
import type { Store } from '../../engine/ports.js'
import { grantKey } from '../../engine/server/grant-store.js'
import { forever } from '../../engine/server/store-keys.js'
import type { Grant } from '../../protocol/grant/state.js'
import { parseJson } from '../../values/json.js'
import { limits } from '../../values/limits/limits.js'
import { isObject } from '../../values/object.js'

/** `waiting`: a request that no user permitted, also after its end. */
const phase = t.keyof({ waiting: null, open: null, ended: null })

const ListEntryCodec = t.strict({ key: t.string, phase })

type ListEntry = t.TypeOf<typeof ListEntryCodec>

/** The list, and the lists of earlier releases: with keys alone, and with the ids of the grants of one server. */
const ListCodec = t.union([
  t.strict({ entries: t.readonlyArray(ListEntryCodec), leftOut: t.number }),
  t.strict({ keys: t.readonlyArray(t.string) }),
  t.strict({ grantIds: t.readonlyArray(t.string) })
])

/** The entries, the newest last, and how many open grants have made room for newer ones. */
interface Listed {
  readonly entries: ReadonlyArray<ListEntry>
  readonly leftOut: number
}

/** How many keys of each phase are kept: grants whose record has expired are among them. */
const room: Readonly<Record<ListEntry['phase'], number>> = {
  waiting: limits.simulatorWaitingGrants.default,
  open: limits.simulatorGrants.default,
  ended: limits.simulatorEndedGrants.default
}

/** The newest entries of each phase. */
const withinRoom = (entries: ReadonlyArray<ListEntry>): ReadonlyArray<ListEntry> => {
  const left = { ...room }
  return entries
    .toReversed()
    .filter((entry) => left[entry.phase]-- > 0)
    .toReversed()
}

/** The list after a change. A request that no user permitted stays one when it ends. */
const changed = ({ entries, leftOut }: Listed, { key, phase: next }: ListEntry): Listed => {
  const all =
    next === 'ended'
      ? entries.map((one) => (one.key === key && one.phase === 'open' ? { key, phase: next } : one))
      : [...entries.filter((one) => one.key !== key), { key, phase: next }]
  const kept = withinRoom(all)
  const openIn = (some: ReadonlyArray<ListEntry>): number => some.filter((one) => one.phase === 'open').length
  return { entries: kept, leftOut: leftOut + openIn(all) - openIn(kept) }
}

/** What the store keys of grants of every server begin with. */
const anyGrant = grantKey('', '').trimEnd()

/** The phase of each state. */
const phases: Readonly<Record<Grant['_tag'], ListEntry['phase']>> = {
  AwaitingUser: 'waiting',
  AwaitingContext: 'waiting',
  AwaitingConsent: 'waiting',
  CodeIssued: 'open',
  Active: 'open',
  Backend: 'open',
  Denied: 'ended',
  Revoked: 'ended',
  Expired: 'ended'
}

const isState = (tag: unknown): tag is Grant['_tag'] => typeof tag === 'string' && Object.hasOwn(phases, tag)

/** The phase of a stored grant. A text that is none counts as a request, which takes the place of no grant. */
const phaseOf = (text: string): ListEntry['phase'] => {
  const state = Option.toNullable(parseJson(text))
  const tag = isObject(state) ? state['_tag'] : null
  return isState(tag) ? phases[tag] : 'waiting'
}

/** A grant that is stored. */
export interface StoredGrant {
  /** The issuer of its server. */
  readonly issuer: string
  readonly text: string
  /** Its text before the latest write of this process; null if this process has not seen it. */
  readonly before: string | null
}

/** What the list has. */
export interface ListedGrants {
  /** Those that have not expired, the newest last. */
  readonly grants: ReadonlyArray<StoredGrant>
  /** How many open grants were on the list and made room for newer ones. */
  readonly leftOut: number
}

/** The list of the grants of a simulator. */
export interface GrantList {
  /** A store that adds each new grant to the list. */
  readonly store: Store
  readonly all: () => Promise<ListedGrants>
  /** Waits until every grant that has begun is on the list, or could not be written. */
  readonly written: () => Promise<void>
}

/** The latest two texts of grants by their keys, the oldest first. */
type Texts = Map<string, readonly [before: string | null, now: string]>

/** The list of the grants in a store, for the simulator whose server at the public base URL has that name. */
export const grantListIn = (serverName: string, store: Store): GrantList => {
  const key = `grant-list:${serverName}`
  const listIn = (text: string): Listed => {
    const list = ListCodec.decode(Option.toNullable(parseJson(text)))
    if (Either.isLeft(list)) return { entries: [], leftOut: 0 }
    if ('entries' in list.right) return list.right
    const keys = 'keys' in list.right ? list.right.keys : list.right.grantIds.map((id) => grantKey(serverName, id))
    return { entries: keys.map((one) => ({ key: one, phase: 'open' as const })), leftOut: 0 }
  }
  /** What this process has written: requests that no user permitted are apart, as on the list. */
  const seen: Readonly<Record<'waiting' | 'permitted', Texts>> = { waiting: new Map(), permitted: new Map() }
  const textsOf = (at: string) => seen.permitted.get(at) ?? seen.waiting.get(at) ?? []
  const remember = (at: string, text: string): void => {
    const texts = phaseOf(text) === 'open' || seen.permitted.has(at) ? seen.permitted : seen.waiting
    const [, now = null] = textsOf(at)
    seen.waiting.delete(at)
    seen.permitted.delete(at)
    texts.set(at, [now, text])
    const [oldest] = texts.keys()
    const isFull = texts.size > (texts === seen.waiting ? room.waiting : room.open + room.ended)
    if (isFull && oldest !== undefined) texts.delete(oldest)
  }
  let waiting: ReadonlyArray<ListEntry> = []
  let writing: Promise<void> | null = null

  const add = (changes: ReadonlyArray<ListEntry>) =>
    swapRecord(store, {
      load: (at) => async () => {
        const loaded = await store.load(at)()
        return Either.isLeft(loaded) ? Either.left({ _tag: 'StoreUnavailable' as const }) : loaded
      },
      tries: limits.recordChanges.default,
      recognize: null,
      decide: (found) => {
        const before = Option.isSome(found) ? listIn(found.value.text) : { entries: [], leftOut: 0 }
        const next = changes.reduce(changed, before)
        return Either.right({ answer: null, write: { text: JSON.stringify(next), recordExpiresAt: forever } })
      }
    })(key)()

  const writeAll = async (): Promise<void> => {
    try {
      while (waiting.length > 0) {
        const some = waiting
        waiting = []
        await add(some)
      }
    } finally {
      writing = null
    }
  }

  const notice = (change: ListEntry): void => {
    waiting = withinRoom([...waiting, change])
    writing ??= writeAll().catch(() => undefined)
  }

  const written = async (): Promise<void> => {
    while (writing !== null) await writing
  }

  return {
    store: {
      load: store.load,
      swap: (at, expected, text, expiresAt) => async () => {
        const swapped = await store.swap(at, expected, text, expiresAt)()
        if (at.startsWith(anyGrant)) {
          const isWritten = Either.isLeft(swapped) ? swapped.left.applied === 'unknown' : swapped.right === 'won'
          if (isWritten) {
            const [, now = null] = textsOf(at)
            remember(at, text)
            if (now === null || phaseOf(now) !== phaseOf(text)) notice({ key: at, phase: phaseOf(text) })
          }
        }
        return swapped
      }
    },
    all: async () => {
      await written()
      const loaded = await store.load(key)()
      if (Either.isLeft(loaded) || Option.isNone(loaded.right)) return { grants: [], leftOut: 0 }
      const { entries, leftOut } = listIn(loaded.right.value.text)
      const loadedGrants = await Promise.all(entries.map((entry) => store.load(entry.key)()))
      const grants = entries.flatMap(({ key: at }, place): ReadonlyArray<StoredGrant> => {
        const grant = loadedGrants[place]
        const [issuer = ''] = at.slice(anyGrant.length).split(' ')
        const [before = null] = textsOf(at)
        return grant !== undefined && Either.isRight(grant) && Option.isSome(grant.right)
          ? [{ issuer, text: grant.right.value.text, before }]
          : []
      })
      return { grants, leftOut }
    },
    written
  }
}
