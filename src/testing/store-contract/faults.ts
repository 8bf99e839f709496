/**
 * Checks of what a store says when the connection to its engine is disturbed. What it does not know, it must not claim.
 *
 * @module
 */
import type { PlainStore } from '../../plain/ports.js'
import type { Fault, FaultProxy } from './fault-proxy.js'
import { faultProxy } from './fault-proxy.js'
import type { CheckContext, SwapOutcome } from './target.js'
import { checksOf, fail, longLife, mustBe, outcomeOf, textAt, versionAt } from './target.js'

/** The time limit of a request through the proxy. */
const timeoutMilliseconds = 400

/** The longest that a request may take beyond its limit, on a slow machine. */
const patienceMilliseconds = 2500

/** How long a store may need until it works again when the fault has ended. */
const recoveryMilliseconds = 4000

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })

/** What a promise gives; fails when it does not settle within the limit of the store and some patience. */
const settled = async <Value>(what: string, work: () => Promise<Value>): Promise<Value> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const limit = String(timeoutMilliseconds)
      reject(new Error(`${what} did not settle, with a time limit of ${limit} milliseconds`))
    }, timeoutMilliseconds + patienceMilliseconds)
  })
  try {
    return await Promise.race([work(), late])
  } finally {
    clearTimeout(timer)
  }
}

interface Disturbed {
  readonly proxy: FaultProxy
  /** A store through the proxy. */
  readonly store: PlainStore
  /** A store on the same data, without the proxy. */
  readonly direct: PlainStore
}

/** Runs a check with a store through a proxy, without a fault at first. */
const disturbed = async (
  { target, options, open, opened }: CheckContext,
  check: (disturbed: Disturbed) => Promise<void>,
  limit = timeoutMilliseconds
): Promise<void> => {
  const { address, throughProxy } = target
  if (address === undefined || throughProxy === undefined) return
  const proxy = await faultProxy(await address())
  try {
    const direct = await open()
    const store = await opened(() => throughProxy(proxy, { ...options, timeoutMilliseconds: limit }))
    await check({ proxy, store, direct })
  } finally {
    proxy.setFault({ kind: 'none' })
    await proxy.close()
  }
}

/** Fails when a store claims something that the stored text contradicts. */
const mustBeTrue = (outcome: SwapOutcome, isStored: boolean, what: string): void => {
  if (outcome === 'won' && !isStored) fail(`${what}: the store said that it won, and nothing was written`)
  if (outcome === 'lost' && isStored) fail(`${what}: the store said that it lost, and its text was written`)
  if (outcome === 'not applied' && isStored)
    fail(`${what}: the store said that nothing was applied, and its text was written`)
}

/** The text of a record once no request that is still on its way can change it. */
const finalText = async (direct: PlainStore, key: string): Promise<string | null> => {
  await pause(timeoutMilliseconds / 4)
  return textAt(direct, key)
}

/** Waits until a store works again. */
const recovers = async ({ store }: Disturbed, key: string, until: number): Promise<void> => {
  const deadline = Date.now() + recoveryMilliseconds
  for (let tried = 0; ; tried++) {
    const outcome = await outcomeOf(() => store.swap(`${key}:${String(tried)}`, null, '"again"', until))
    if (outcome === 'won') return
    if (Date.now() > deadline) fail(`the store does not work again after the fault: ${outcome}`)
    await pause(timeoutMilliseconds / 8)
  }
}

/** Creates and replaces a record under a fault, and compares what the store says with what is stored. */
const claimsUnder = (fault: Fault, mustReject: boolean) => async (context: CheckContext) =>
  disturbed(context, async (between) => {
    const { proxy, store, direct } = between
    const until = context.now() + longLife
    for (const [name, first] of [
      ['create', null],
      ['replace', '"first"']
    ] as const) {
      const key = context.key(name)
      if (first !== null) await direct.swap(key, null, first, until)
      const expected = first === null ? null : await versionAt(direct, key)
      // The connection is there before the fault is.
      await recovers(between, `${key}:before`, until)
      proxy.setFault(fault)
      const work = () => outcomeOf(() => store.swap(key, expected, '"ours"', until))
      const outcome = await settled(`swap (${name})`, work)
      proxy.setFault({ kind: 'none' })
      const text = await finalText(direct, key)
      if (text !== '"ours"') mustBe(text, first, `${name}: the text after the fault`)
      mustBeTrue(outcome, text === '"ours"', name)
      if (mustReject && (outcome === 'won' || outcome === 'lost') && text !== '"ours"')
        fail(`${name}: the store answered ${outcome} without an answer of its engine`)
      await recovers(between, `${key}:after`, until)
    }
  })

/** Loads a record under a fault: a store that has no answer must not say that there is no record, or an older one. */
const loadUnder = (fault: Fault) => async (context: CheckContext) =>
  disturbed(context, async (between) => {
    const { proxy, store, direct } = between
    const until = context.now() + longLife
    const key = context.key(JSON.stringify(fault))
    await direct.swap(key, null, '"first"', until)
    await recovers(between, `${key}:before`, until)
    mustBe(await textAt(store, key), '"first"', 'the text before the fault')
    await direct.swap(key, await versionAt(direct, key), '"second"', until)
    proxy.setFault(fault)
    const text = await settled('load', () => textAt(store, key).catch(() => '"second"'))
    mustBe(text, '"second"', 'what load gives without an answer of the engine')
    proxy.setFault({ kind: 'none' })
    await recovers(between, `${key}:after`, until)
  })

const needs = ['address', 'throughProxy'] as const

/** The checks. */
export const faultChecks = checksOf([
  {
    id: 'answers-delayed',
    what: 'answers that come late, but within the time limit, are as good as others',
    needs,
    check: (context) =>
      disturbed(
        context,
        async ({ proxy, store, direct }) => {
          const [key, until] = [context.key('a'), context.now() + longLife]
          mustBe(await store.swap(key, null, '"first"', until), 'won', 'the creation')
          proxy.setFault({ kind: 'delay', milliseconds: timeoutMilliseconds / 4 })
          mustBe(await textAt(store, key), '"first"', 'the text')
          mustBe(await store.swap(key, await versionAt(store, key), '"second"', until), 'won', 'the replacement')
          mustBe(await textAt(direct, key), '"second"', 'the text')
        },
        10 * timeoutMilliseconds
      )
  },
  {
    id: 'answers-dropped',
    what: 'a swap whose answer is lost is unknown: it settles in time, and claims nothing that is not so',
    needs,
    check: claimsUnder({ kind: 'drop-answers' }, true)
  },
  {
    id: 'answers-cut',
    what: 'a swap whose connection is cut before its answer is unknown, and claims nothing that is not so',
    needs,
    check: claimsUnder({ kind: 'cut-answers', afterBytes: 0 }, true)
  },
  {
    id: 'answers-cut-once',
    what: 'a swap that is sent again after its connection was cut is not taken for the write of another',
    needs,
    check: claimsUnder({ kind: 'cut-answers', afterBytes: 0, times: 1 }, false)
  },
  {
    id: 'answers-cut-in-the-middle',
    what: 'a swap whose connection is cut in the middle of its answer claims nothing that is not so',
    needs,
    check: claimsUnder({ kind: 'cut-answers', afterBytes: 3 }, true)
  },
  {
    id: 'half-open',
    what: 'a swap on a connection that passes nothing on settles in time, and claims nothing that is not so',
    needs,
    check: claimsUnder({ kind: 'half-open' }, true)
  },
  {
    id: 'refused',
    what: 'a swap without a connection fails, and the store works again when there is one',
    needs,
    check: claimsUnder({ kind: 'refuse' }, true)
  },
  {
    id: 'load-without-answer',
    what: 'load without an answer fails: it gives neither null nor an older record',
    needs,
    check: async (context) => {
      for (const fault of [
        { kind: 'drop-answers' },
        { kind: 'cut-answers', afterBytes: 0 },
        { kind: 'cut-answers', afterBytes: 3 },
        { kind: 'refuse' }
      ] as const)
        await loadUnder(fault)(context)
    }
  }
])
