/** Members planted on `Object.prototype` change no decision, except into a refusal. */
import { describe, expect, it } from 'vitest'
import { plantedNames } from '../prototype-names.js'
import type { Outcomes } from './prototype-corpus.js'
import { decideAll } from './prototype-corpus.js'

/** Does something while members are planted; what is asserted comes afterwards. */
const planted = async <A>(members: ReadonlyMap<string, unknown>, work: () => Promise<A>): Promise<A> => {
  const descriptors = [...members].map(
    ([name, value]) =>
      [
        name,
        Object.assign(Object.create(null) as PropertyDescriptor, {
          value,
          writable: true,
          enumerable: true,
          configurable: true
        })
      ] as const
  )
  try {
    for (const [name, descriptor] of descriptors) Object.defineProperty(Object.prototype, name, descriptor)
    return await work()
  } finally {
    for (const [name] of descriptors) Reflect.deleteProperty(Object.prototype, name)
  }
}

/** As JSON; undefined is a text of its own, because JSON has none for it. */
const textOf = (outcome: unknown): string =>
  outcome === undefined
    ? 'undefined'
    : JSON.stringify(outcome, (_name, value: unknown) =>
        value instanceof Map || value instanceof Set ? [...value] : value
      )

/** Whether a decision is a refusal or an error response. */
const isRefusal = (text: string): boolean =>
  text === '"thrown"' ||
  /^\{"_tag":"(?:Left|ShowRefusal)"/.test(text) ||
  /^\{"status":(?:[45][0-9]{2})/.test(text) ||
  // A redirect that tells the app no.
  /^\{"_tag":"SendToApp",.*[?&]error=/.test(text)

const textsOf = (outcomes: Outcomes): ReadonlyMap<string, string> =>
  new Map([...outcomes].map(([name, outcome]) => [name, textOf(outcome)]))

/** The decisions that are neither as they were nor a refusal. */
const changed = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): ReadonlyArray<string> =>
  [...after].flatMap(([name, text]) =>
    text === before.get(name) || isRefusal(text) ? [] : [`${name}: ${text.slice(0, 300)}`]
  )

const isSame = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): boolean =>
  before.size === after.size && [...before].every(([name, text]) => after.get(name) === text)

/**
 * What is wrong with decisions while each of these names is planted. They are planted together, and where that changes
 * anything, be it into a refusal that could hide another change, in halves down to single names.
 */
const wrongUnder = async (
  names: ReadonlyArray<string>,
  value: unknown,
  before: ReadonlyMap<string, string>
): Promise<ReadonlyArray<string>> => {
  const after = textsOf(await planted(new Map(names.map((name) => [name, value])), decideAll))
  if (isSame(before, after)) return []
  if (names.length === 1) return changed(before, after).map((one) => `${names.join()}: ${one}`)
  const half = Math.ceil(names.length / 2)
  return [
    ...(await wrongUnder(names.slice(0, half), value, before)),
    ...(await wrongUnder(names.slice(half), value, before))
  ]
}

/** Names that are planted together to begin with. */
const groupSize = 32

/** What is planted: a switch, another patient's id, a scope beyond all, a number, and an object that holds them. */
const values: ReadonlyArray<readonly [string, unknown]> = [
  ['true', true],
  ['another patient', 'b'],
  ['a list of scopes', ['system/*.cruds']],
  ['a number', 1e12],
  ['a reference', { reference: 'Patient/a', request: { method: 'GET', url: 'Observation/b' }, keys: [] }]
]

describe('members on Object.prototype', () => {
  it('are gathered from the sources', () => {
    expect(plantedNames.length).toBeGreaterThan(250)
    expect(plantedNames).toEqual(
      expect.arrayContaining([
        'patient',
        'authorization',
        'mayIntrospect',
        'levelOrder',
        'sharedTypes',
        'userMay',
        'crit',
        'emptyGrant'
      ])
    )
  })

  it.each(values)(
    'as %s change no decision',
    async (_name, value) => {
      const before = textsOf(await decideAll())
      expect([...before].filter(([name]) => !isRefusal(before.get(name) ?? '')).length).toBeGreaterThan(20)
      const wrong: Array<string> = []
      for (let place = 0; place < plantedNames.length; place += groupSize) {
        wrong.push(...(await wrongUnder(plantedNames.slice(place, place + groupSize), value, before)))
      }
      expect(wrong).toEqual([])
    },
    120_000
  )
})
