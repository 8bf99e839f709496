/**
 * A store that writes each operation to a file before it begins and after it ends, and that kills its own process at a
 * chosen step. What was written survives the kill, because it is in the hands of the operating system.
 */
import { createHash } from 'node:crypto'
import { AsyncLocalStorage } from 'node:async_hooks'
import { openSync, writeSync } from 'node:fs'
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { RecordedLine, StoreAnswer, StoreCall } from './history.js'
import { monotonic } from './history.js'
import type { Store } from '../../../src/engine/ports.js'

/** Where a request kills its process: before or after its operation of that number, counted from 1. */
export interface KillPoint {
  readonly when: 'before' | 'after'
  readonly operation: number
}

interface RequestSteps {
  readonly killAt: KillPoint | null
  done: number
}

const steps = new AsyncLocalStorage<RequestSteps>()

/** Serves one request: its operations on the store are counted, and it may kill the process. */
export const countingSteps = <Answer>(killAt: KillPoint | null, serve: () => Promise<Answer>): Promise<Answer> =>
  steps.run({ killAt, done: 0 }, serve)

const killIfChosen = (when: KillPoint['when']): void => {
  const current = steps.getStore()
  if (current?.killAt?.when === when && current.killAt.operation === current.done) process.kill(process.pid, 'SIGKILL')
}

const second = (): number => Date.now() / 1000

/** Stands for a text: equal for equal texts, and short. */
const markOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22)

/** The store, with its operations recorded in a file. */
export const recordedStore = (store: Store, file: string): Store => {
  const descriptor = openSync(file, 'a')
  let operations = 0
  const write = (line: RecordedLine): void => {
    writeSync(descriptor, `${JSON.stringify(line)}\n`)
  }
  const recorded = async <Answer>(
    key: string,
    call: StoreCall,
    perform: () => Promise<Answer>,
    read: (answer: Answer) => StoreAnswer
  ): Promise<Answer> => {
    const number = (operations += 1)
    const current = steps.getStore()
    if (current !== undefined) current.done += 1
    killIfChosen('before')
    write({ _tag: 'invoked', number, key, call, at: monotonic(), second: second() })
    const answer = await perform()
    write({ _tag: 'completed', number, answer: read(answer), at: monotonic(), second: second() })
    killIfChosen('after')
    return answer
  }
  return {
    load: (key) => () =>
      recorded(key, { _tag: 'load' }, store.load(key), (answer) => {
        if (Either.isLeft(answer)) return { _tag: 'failed', applied: answer.left.applied }
        if (Option.isNone(answer.right)) return { _tag: 'absent' }
        const { version, text } = answer.right.value
        return { _tag: 'found', version, text: markOf(text) }
      }),
    swap: (key, expected, text, expiresAt) => () =>
      recorded(
        key,
        { _tag: 'swap', expected: Option.toNullable(expected), text: markOf(text), expiresAt },
        store.swap(key, expected, text, expiresAt),
        (answer) => (Either.isLeft(answer) ? { _tag: 'failed', applied: answer.left.applied } : { _tag: answer.right })
      )
  }
}
