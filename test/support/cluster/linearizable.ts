/**
 * Whether a history of loads and swaps could have come from one record that changes at one moment of each operation,
 * between its call and its answer: the search of Wing and Gong, key by key, with the states that were visited
 * remembered.
 *
 * A swap whose outcome is unknown may have taken effect at any later time, or never. A failure with `applied: 'no'`
 * must have had no effect. An operation that ends at or after the expiry of a record may find it absent.
 */
import type { StoreOperation } from './history.js'

/** The record under a key. */
interface Stored {
  readonly text: string
  /** The version that loads have shown; null while none has. */
  readonly version: string | null
  readonly expiresAt: number
}

type State = Stored | null

/** An operation that must be explained (`definite`) or that may have had an effect. */
interface Candidate {
  readonly operation: StoreOperation
  readonly from: number
  readonly until: number
  readonly secondFrom: number
  readonly secondUntil: number
}

/** A place in the search. */
interface Place {
  /** All definite operations before it are explained. */
  readonly low: number
  /** The later ones that are explained. */
  readonly beyond: ReadonlyArray<number>
  /** The operations of unknown outcome that took effect. */
  readonly taken: ReadonlyArray<number>
  readonly state: State
}

/** The result for one key. */
export interface KeyResult {
  readonly key: string
  readonly operations: number
  /** `no`: no order explains the history. `undecided`: the search took too many steps. */
  readonly isLinearizable: 'yes' | 'no' | 'undecided'
  /** Why not, in words. */
  readonly reason: string
}

/** The most places that are visited for one key. */
const placeLimit = 2_000_000

const mayBeAbsent = (state: State, secondUntil: number): boolean => state === null || secondUntil >= state.expiresAt

const mayBePresent = (state: State, secondFrom: number): state is Stored =>
  state !== null && secondFrom < state.expiresAt

/** The state after an operation had its effect; undefined when the answer does not fit the state. */
const applied = (state: State, { operation, secondFrom, secondUntil }: Candidate): State | undefined => {
  const { call, completed } = operation
  const answer = completed?.answer._tag === 'failed' ? undefined : completed?.answer
  if (call._tag === 'load') {
    if (answer?._tag === 'absent') return mayBeAbsent(state, secondUntil) ? null : undefined
    if (answer?._tag !== 'found' || !mayBePresent(state, secondFrom)) return undefined
    const isSame = state.text === answer.text && (state.version === null || state.version === answer.version)
    return isSame ? { ...state, version: answer.version } : undefined
  }
  const fits =
    call.expected === null
      ? mayBeAbsent(state, secondUntil)
      : mayBePresent(state, secondFrom) && state.version === call.expected
  if (answer?._tag !== 'lost') return fits ? { text: call.text, version: null, expiresAt: call.expiresAt } : undefined
  const mayLose =
    call.expected === null
      ? mayBePresent(state, secondFrom)
      : mayBeAbsent(state, secondUntil) || state?.version !== call.expected
  return mayLose ? state : undefined
}

const isDefinite = ({ completed }: StoreOperation): boolean => completed !== null && completed.answer._tag !== 'failed'

/** Swaps that may have had an effect although their caller does not know. */
const isUnknown = ({ call, completed }: StoreOperation): boolean =>
  call._tag === 'swap' &&
  (completed === null || (completed.answer._tag === 'failed' && completed.answer.applied === 'unknown'))

const inWords = (operation: StoreOperation | undefined): string => {
  if (operation === undefined) return 'the history'
  const { process, call, completed } = operation
  return `the ${call._tag} of process ${process} that was answered ${completed?.answer._tag ?? 'not at all'}`
}

/** A version that was shown with two texts. */
const repeatedVersion = (operations: ReadonlyArray<StoreOperation>): string | null => {
  const texts = new Map<string, string>()
  for (const { completed } of operations) {
    if (completed?.answer._tag !== 'found') continue
    const { version, text } = completed.answer
    if ((texts.get(version) ?? text) !== text) return version
    texts.set(version, text)
  }
  return null
}

/** The search for one key. */
export const checkKey = (key: string, operations: ReadonlyArray<StoreOperation>): KeyResult => {
  const last = Math.max(...operations.map((one) => one.completed?.second ?? one.invokedSecond))
  const candidate = (operation: StoreOperation): Candidate => {
    const isKnown = isDefinite(operation)
    return {
      operation,
      from: operation.invokedAt,
      until: isKnown ? (operation.completed?.at ?? Infinity) : Infinity,
      secondFrom: operation.invokedSecond,
      secondUntil: isKnown ? (operation.completed?.second ?? last) : last
    }
  }
  const byCall = (one: Candidate, other: Candidate): number => one.from - other.from
  const definite = operations.filter(isDefinite).map(candidate).toSorted(byCall)
  const unknown = operations.filter(isUnknown).map(candidate).toSorted(byCall)
  const result = (isLinearizable: KeyResult['isLinearizable'], reason = ''): KeyResult => ({
    key,
    operations: operations.length,
    isLinearizable,
    reason
  })
  const repeated = repeatedVersion(operations)
  if (repeated !== null) return result('no', `the version ${repeated} stands for two records`)

  const nameOf = ({ low, beyond, taken, state }: Place): string =>
    `${String(low)};${beyond.join()};${taken.join()};${state === null ? '' : `${state.version ?? ''} ${state.text}`}`
  const start: Place = { low: 0, beyond: [], taken: [], state: null }
  const open: Array<Place> = [start]
  const visited = new Set([nameOf(start)])
  let furthest = 0

  const nextPlaces = (place: Place): ReadonlyArray<Place> => {
    const { low, beyond, taken, state } = place
    // Whatever comes next began before the first answer of those that are not explained yet.
    let until = Infinity
    const ready: Array<number> = []
    for (let at = low; at < definite.length; at++) {
      const one = definite[at]
      if (one === undefined || one.from > until) break
      if (beyond.includes(at)) continue
      until = Math.min(until, one.until)
      ready.push(at)
    }
    const next: Array<Place> = []
    unknown.forEach((one, at) => {
      if (taken.includes(at) || one.from > until) return
      const after = applied(state, one)
      if (after !== undefined) next.push({ ...place, taken: [...taken, at].toSorted((a, b) => a - b), state: after })
    })
    for (const at of ready.toReversed()) {
      const one = definite[at]
      if (one === undefined || one.from > until) continue
      const after = applied(state, one)
      if (after === undefined) continue
      const explained = [...beyond, at].toSorted((a, b) => a - b)
      let from = low
      while (explained[0] === from) {
        explained.shift()
        from += 1
      }
      next.push({ low: from, beyond: explained, taken, state: after })
    }
    return next
  }

  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (place.low === definite.length) return result('yes')
    furthest = Math.max(furthest, place.low)
    for (const next of nextPlaces(place)) {
      const name = nameOf(next)
      if (visited.has(name)) continue
      if (visited.size >= placeLimit) return result('undecided', `more than ${String(placeLimit)} places`)
      visited.add(name)
      open.push(next)
    }
  }
  return result('no', `no order explains ${inWords(definite[furthest]?.operation)}`)
}

/** The search for all keys of a history: what is not linearizable, or was not decided. */
export const checkHistory = (
  operations: ReadonlyArray<StoreOperation>
): { readonly keys: number; readonly faults: ReadonlyArray<KeyResult> } => {
  const byKey = new Map<string, Array<StoreOperation>>()
  for (const operation of operations) {
    const those = byKey.get(operation.key)
    if (those === undefined) byKey.set(operation.key, [operation])
    else those.push(operation)
  }
  const results = [...byKey].map(([key, those]) => checkKey(key, those))
  return { keys: byKey.size, faults: results.filter(({ isLinearizable }) => isLinearizable !== 'yes') }
}
