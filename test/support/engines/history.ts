/**
 * Writers and readers of one store on several connections, and the check of what they saw. Each text names the text
 * that it replaced, so the writes of a key form a chain, which is the order of its writes.
 */
import type { PlainStore } from '../../../src/plain/ports.js'
import { outcomeOf } from '../../../src/testing/store-contract/target.js'
import type { SwapOutcome } from '../../../src/testing/store-contract/target.js'
import { pause } from './server-process.js'

interface Content {
  readonly id: string
  readonly parent: string | null
}

interface Times {
  readonly key: string
  readonly begin: number
  readonly end: number
}

interface Write extends Times, Content {
  readonly outcome: SwapOutcome
}

interface Read extends Times {
  /** The id that was read; null when there was no record. */
  readonly id: string | null
}

/** What happened. */
export interface History {
  readonly writes: Array<Write>
  readonly reads: Array<Read>
  failedReads: number
  /** The contents that were seen, by id. */
  readonly seen: Map<string, Content>
}

/** A history without operations. */
export const emptyHistory = (): History => ({ writes: [], reads: [], failedReads: 0, seen: new Map() })

/** The order of events in this process. */
let moment = 0
const next = (): number => (moment += 1)

let lastWriter = 0

const farFuture = 4_000_000_000

const readInto = async (history: History, store: PlainStore, key: string) => {
  const begin = next()
  try {
    const found = await store.load(key)
    const content = found === null ? null : (JSON.parse(found.text) as Content)
    if (content !== null) history.seen.set(content.id, content)
    history.reads.push({ key, begin, end: next(), id: content?.id ?? null })
    return { version: found?.version ?? null, id: content?.id ?? null }
  } catch {
    history.failedReads += 1
    return null
  }
}

/** Reads and replaces the records of some keys until they are over. */
export const work = async (
  history: History,
  store: PlainStore,
  keys: ReadonlyArray<string>,
  isOver: () => boolean
): Promise<void> => {
  const writer = `w${String((lastWriter += 1))}`
  for (let turn = 0; !isOver(); turn++) {
    const key = keys[(turn * 7 + lastWriter) % keys.length] ?? ''
    const found = await readInto(history, store, key)
    if (found === null) {
      await pause(5)
      continue
    }
    const content: Content = { id: `${writer}.${String(turn)}`, parent: found.id }
    const begin = next()
    const outcome = await outcomeOf(() => store.swap(key, found.version, JSON.stringify(content), farFuture))
    history.writes.push({ ...content, key, begin, end: next(), outcome })
    if (outcome === 'unknown' || outcome === 'not applied') await pause(5)
  }
}

/** The writes of one key in their order, from the last record back to the first. */
const chainOf = (history: History, last: string | null): ReadonlyArray<string> => {
  const writes = new Map(history.writes.map((write) => [write.id, write]))
  const chain: Array<string> = []
  for (let id = last; id !== null && !chain.includes(id) && chain.length <= writes.size;) {
    chain.push(id)
    id = writes.get(id)?.parent ?? history.seen.get(id)?.parent ?? null
  }
  return chain.reverse()
}

/** What is wrong with the operations of one key, whose last record was read at the end. */
const wrongWith = (history: History, key: string, last: string | null): ReadonlyArray<string> => {
  const wrong: Array<string> = []
  const writes = history.writes.filter((write) => write.key === key)
  const places = new Map(chainOf(history, last).map((id, place) => [id, place + 1] as const))
  const placeOf = (id: string | null): number => (id === null ? 0 : (places.get(id) ?? -1))
  const byPlace = new Map(writes.map((write) => [placeOf(write.id), write]))
  for (const { id, outcome, parent } of writes) {
    const isStored = placeOf(id) > 0
    if (outcome === 'won' && !isStored) wrong.push(`${key}: ${id} won and is lost; it replaced ${String(parent)}`)
    if ((outcome === 'lost' || outcome === 'not applied') && isStored) wrong.push(`${key}: ${id} is stored: ${outcome}`)
  }
  // Events in the order of time: what was stored when an operation ended bounds what a later one may see.
  const known: ReadonlyArray<Times & { readonly place: number; readonly isWrite: boolean }> = [
    ...history.reads.flatMap((read) => {
      if (read.key !== key) return []
      const place = placeOf(read.id)
      if (place < 0) wrong.push(`${key}: a reader saw ${String(read.id)}, which is lost`)
      return place < 0 ? [] : [{ ...read, place, isWrite: false }]
    }),
    ...writes.flatMap((write) =>
      write.outcome === 'won' && placeOf(write.id) > 0 ? [{ ...write, place: placeOf(write.id), isWrite: true }] : []
    )
  ]
  const ends = [...known].sort((one, other) => one.end - other.end)
  let [finished, newest] = [0, 0]
  for (const one of [...known].sort((first, second) => first.begin - second.begin)) {
    for (; (ends[finished]?.end ?? Infinity) < one.begin; finished++)
      newest = Math.max(newest, ends[finished]?.place ?? 0)
    if (one.place < newest || (one.isWrite && one.place === newest))
      wrong.push(`${key}: an operation at ${String(one.begin)} went back in time`)
    if ((byPlace.get(one.place)?.begin ?? 0) > one.end) wrong.push(`${key}: a reader saw the future`)
  }
  for (const { outcome, parent, begin, end } of writes) {
    const place = placeOf(parent)
    const isCurrent = place >= 0 && (byPlace.get(place + 1)?.begin ?? Infinity) > end
    if (outcome === 'lost' && isCurrent) wrong.push(`${key}: a swap from ${String(begin)} lost against nobody`)
  }
  return wrong
}

/** The operations, the unknown outcomes, and what is wrong. */
export interface HistoryReport {
  readonly operations: number
  readonly won: number
  readonly unknown: number
  readonly notApplied: number
  readonly failedReads: number
  readonly violations: ReadonlyArray<string>
}

/** Checks a history that has ended: the records are read a last time. */
export const checkHistory = async (
  history: History,
  store: PlainStore,
  keys: ReadonlyArray<string>
): Promise<HistoryReport> => {
  const violations: Array<string> = []
  for (const key of keys) {
    const last = await readInto(history, store, key)
    violations.push(...(last === null ? [`${key} cannot be read`] : wrongWith(history, key, last.id)))
  }
  const count = (outcome: SwapOutcome): number => history.writes.filter((write) => write.outcome === outcome).length
  return {
    operations: history.writes.length + history.reads.length + history.failedReads,
    won: count('won'),
    unknown: count('unknown'),
    notApplied: count('not applied'),
    failedReads: history.failedReads,
    violations
  }
}

/** A report as one line. */
export const reportLine = (title: string, faults: number, report: HistoryReport): string =>
  [
    `${title}: ${String(report.operations)} operations`,
    `${String(report.won)} swaps won`,
    `${String(faults)} faults`,
    `${String(report.unknown)} unknown outcomes`,
    `${String(report.notApplied)} not applied`,
    `${String(report.failedReads)} loads without answer`,
    `${String(report.violations.length)} violations`
  ].join(', ')
