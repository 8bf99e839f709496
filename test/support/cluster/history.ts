/** What is recorded of a run: the operations on the store, and the requests of clients, on one monotonic clock. */

/** Milliseconds on the monotonic clock of the machine, which all its processes share. */
export const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6

/** What the engine called. */
export type StoreCall =
  | { readonly _tag: 'load' }
  | {
      readonly _tag: 'swap'
      /** The version that must be stored; null when no record may exist. */
      readonly expected: string | null
      readonly text: string
      /** Seconds since the epoch. */
      readonly expiresAt: number
    }

/** What the store answered. */
export type StoreAnswer =
  | { readonly _tag: 'found'; readonly version: string; readonly text: string }
  | { readonly _tag: 'absent' }
  | { readonly _tag: 'won' }
  | { readonly _tag: 'lost' }
  | { readonly _tag: 'failed'; readonly applied: 'no' | 'unknown' }

/** One operation on one key. */
export interface StoreOperation {
  readonly process: string
  readonly key: string
  readonly call: StoreCall
  readonly invokedAt: number
  /** Seconds since the epoch. */
  readonly invokedSecond: number
  /** Null when the process was killed before the answer arrived. */
  readonly completed: { readonly at: number; readonly second: number; readonly answer: StoreAnswer } | null
}

/** What a client requested. */
export type RequestKind =
  | 'redeem'
  | 'refresh'
  | 'revoke'
  | 'introspect'
  | 'assert'
  | 'launch'
  | 'register'
  | 'readRegistration'
  | 'removeRegistration'

/**
 * `ok`: it succeeded (for introspection: active); `fail`: it was refused, or is not active; `info`: the client does not
 * know what happened (a lost connection, a time-out, or 503).
 */
export type Outcome = 'ok' | 'fail' | 'info'

/** One request of a client. */
export interface ClientRequest {
  readonly kind: RequestKind
  /** What is redeemed, revoked or introspected: a code, a token, an assertion, a launch handle, a client id. */
  readonly subject: string
  /** The grant, launch or client to which it belongs. */
  readonly lineage: string
  readonly process: string
  readonly invokedAt: number
  readonly completedAt: number
  readonly outcome: Outcome
  /** The status of the response; 0 without one. */
  readonly status: number
}

/** A line of the file of a process: an operation begins, or ends. */
export type RecordedLine =
  | {
      readonly _tag: 'invoked'
      readonly number: number
      readonly key: string
      readonly call: StoreCall
      readonly at: number
      readonly second: number
    }
  | {
      readonly _tag: 'completed'
      readonly number: number
      readonly answer: StoreAnswer
      readonly at: number
      readonly second: number
    }

/** The operations in the file of a process. The last line may be cut, because the process was killed. */
export const operationsIn = (process: string, text: string): ReadonlyArray<StoreOperation> => {
  const found = new Map<number, StoreOperation>()
  const lines = text.split('\n')
  lines.forEach((line, place) => {
    if (line === '') return
    if (place === lines.length - 1) return
    const read = JSON.parse(line) as RecordedLine
    if (read._tag === 'invoked') {
      const { number, key, call, at, second } = read
      found.set(number, { process, key, call, invokedAt: at, invokedSecond: second, completed: null })
      return
    }
    const begun = found.get(read.number)
    if (begun === undefined) throw new Error(`${process}: operation ${String(read.number)} ends and never began`)
    found.set(read.number, { ...begun, completed: { at: read.at, second: read.second, answer: read.answer } })
  })
  return [...found.values()]
}
