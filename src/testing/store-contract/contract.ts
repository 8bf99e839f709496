/**
 * The contract of a store, as checks for any test runner.
 *
 * @module
 */
import type { PlainStore } from '../../plain/ports.js'
import { expiryChecks } from './expiry.js'
import { faultChecks } from './faults.js'
import { raceChecks } from './races.js'
import { semanticsChecks } from './semantics.js'
import type { CheckContext, CheckDefinition, StoreCheck, StoreTarget } from './target.js'
import { fail } from './target.js'
import { textChecks } from './texts.js'

/** How far behind the time of the machine the clock of the checks begins: an engine must not remove records early. */
const behindSeconds = 1800

/** A check for each unsafe setting; one that is skipped when none is given. */
const settingsChecks = ({ unsafe = [] }: StoreTarget): ReadonlyArray<CheckDefinition> =>
  unsafe.length === 0
    ? [
        {
          id: 'unsafe-settings',
          what: 'unsafe settings are refused',
          needs: ['unsafe'],
          check: () => Promise.resolve()
        }
      ]
    : unsafe.map(({ name, open }) => ({
        id: `unsafe-settings/${name}`,
        what: `an unsafe ${name} is refused by its name`,
        check: async ({ opened }) => {
          const message = await opened(open).then(
            () => fail('the store was opened'),
            (error: unknown) => (error instanceof Error ? error.message : 'no message')
          )
          if (!message.includes(name)) fail(`the error does not name ${name}: ${message}`)
        }
      }))

/** Calls `skip` of the context of a test, which some runners pass. */
const skipIn = (context: unknown, why: string): void => {
  // The context of Vitest is a function with members.
  if ((typeof context !== 'object' && typeof context !== 'function') || context === null) return
  const { skip } = context as { readonly skip?: unknown }
  if (typeof skip === 'function') Reflect.apply(skip, context, [why])
}

/**
 * The contract of a store: what the authorization server needs of `load` and `swap`. Each check is independent of the
 * others, uses keys that no other run uses, and needs a few seconds at most. A check whose means the target does not
 * have says in its title that it is skipped.
 *
 * The clock that `open` gets begins half an hour in the past and is moved by the checks: a store judges by it whether
 * a record has expired, and its engine must not remove a record earlier than that.
 *
 * @example
 * ```ts
 * import { createMemoryStore } from 'smart-app-launch/adapters/memory'
 * import type { PlainMemoryStore } from 'smart-app-launch/adapters/memory'
 * import { storeContract } from 'smart-app-launch/testing'
 *
 * let shared: PlainMemoryStore | undefined
 * const checks = storeContract({ open: ({ clock }) => (shared ??= createMemoryStore({ clock })) })
 * const create = checks.find(({ id }) => id === 'create')
 * create?.title // => 'create: swap with null creates a record, and load gives its exact text'
 * await create?.run()
 * ```
 */
export const storeContract = (target: StoreTarget): ReadonlyArray<StoreCheck> => {
  let seconds = Math.floor(Date.now() / 1000) - behindSeconds
  const now = (): number => seconds
  const options = { clock: now }
  const advance = (by: number): void => {
    seconds += by
  }

  const perform = async ({ id, check }: CheckDefinition): Promise<void> => {
    const stores: Array<PlainStore> = []
    const run = crypto.randomUUID()
    const opened: CheckContext['opened'] = async (opening) => {
      const store = await opening()
      stores.push(store)
      return store
    }
    const open = () => opened(() => target.open(options))
    const key = (name: string): string => `contract:${id}:${run}:${name}`
    try {
      await check({ target, advance, now, key, open, opened, options })
    } finally {
      for (const store of stores) await target.close?.(store)
    }
  }

  // Checks move the one clock, so they wait for each other where a runner starts several at a time.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = (definition: CheckDefinition): Promise<void> => {
    const mine = last.then(() => perform(definition))
    last = mine.catch(() => undefined)
    return mine
  }

  return [
    ...semanticsChecks,
    ...expiryChecks,
    ...raceChecks,
    ...textChecks,
    ...faultChecks,
    ...settingsChecks(target)
  ].map((definition) => {
    const { id, what, needs = [] } = definition
    const missing = needs.filter((name) => target[name] === undefined)
    const skipped = missing.length === 0 ? null : `the target has no ${missing.join(' and no ')}`
    return {
      id,
      title: skipped === null ? `${id}: ${what}` : `${id}: ${what} (skipped: ${skipped})`,
      skipped,
      run: (...context) => {
        if (skipped === null) return inTurn(definition)
        for (const one of context) skipIn(one, skipped)
        return Promise.resolve()
      }
    }
  })
}
