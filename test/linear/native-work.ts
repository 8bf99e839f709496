/**
 * The work of the language's own functions, which no source shows: while a measurement runs, each of them adds the size
 * of what it works on. What JavaScript engines share instead of copying (a slice of a text) counts as a copy all the
 * same, because another engine copies it. The time that a regular expression takes to try again is not seen;
 * `test/architecture` looks at those.
 */
type Native = (...values: Array<unknown>) => unknown

/** The operations of one call: what it was called on, with what, and what came out. */
type Cost = (self: unknown, values: ReadonlyArray<unknown>, result: unknown) => number

const lengthOf = (value: unknown): number =>
  typeof value === 'string' || Array.isArray(value) || ArrayBuffer.isView(value)
    ? (value as { readonly length: number }).length
    : 0

const whole: Cost = (self, _values, result) => lengthOf(self) + lengthOf(result)
const ofResult: Cost = (_self, _values, result) => 1 + lengthOf(result)
const ofFirst: Cost = (_self, [first], result) => lengthOf(first) + lengthOf(result)

/** Looking through a list or a text for something, up to where it is. */
const upTo: Cost = (self, [wanted, from], result) => {
  const start = typeof from === 'number' ? from : 0
  const end = typeof result === 'number' && result >= 0 ? result : lengthOf(self)
  return 1 + Math.max(0, end - start) + (typeof self === 'string' ? lengthOf(wanted) : 0)
}

const backTo: Cost = (self, _values, result) =>
  1 + lengthOf(self) - (typeof result === 'number' && result >= 0 ? result : 0)

// As they were before anything counted.
const { ownKeys } = Reflect

const sizeOf = (object: unknown): number => (typeof object === 'object' && object !== null ? ownKeys(object).length : 0)

const members: Cost = (_self, [object]) => 1 + sizeOf(object)

const assigned: Cost = (_self, [, ...sources]) => {
  let sum = 1
  for (const source of sources) sum += sizeOf(source)
  return sum
}

const sorting: Cost = (self) => lengthOf(self) * Math.ceil(Math.log2(2 + lengthOf(self)))

/** What calls back counts each turn by itself, so that one that ends early counts no more. */
const calling = (original: Native, add: (operations: number) => void): Native =>
  function (this: unknown, callback: unknown, ...values: Array<unknown>) {
    const counted = (...given: Array<unknown>): unknown => {
      add(1)
      return (callback as Native).apply(values[0], given)
    }
    return original.apply(this, [typeof callback === 'function' ? counted : callback, ...values])
  }

const costing =
  (cost: Cost) =>
  (original: Native, add: (operations: number) => void): Native =>
    function (this: unknown, ...values: Array<unknown>) {
      const result = original.apply(this, values)
      add(cost(this, values, result))
      return result
    }

type Wrapper = (original: Native, add: (operations: number) => void) => Native

const both =
  (one: Wrapper, other: Wrapper): Wrapper =>
  (original, add) =>
    other(one(original, add), add)

/** An expression that goes on from a place looks at what it goes past; any other one at the whole text. */
const matching: Wrapper = (original, add) =>
  function (this: unknown, ...values: Array<unknown>) {
    const start = (this as RegExp).lastIndex
    const result = original.apply(this, values)
    const { sticky, global, lastIndex } = this as RegExp
    const end = result === null || result === false ? (sticky ? start : lengthOf(values[0])) : lastIndex
    add(1 + (sticky || global ? Math.max(0, end - start) : lengthOf(values[0])))
    return result
  }

/** The same for each of these. */
const every = (names: ReadonlyArray<string>, wrapper: Wrapper): ReadonlyArray<readonly [string, Wrapper]> =>
  names.map((name) => [name, wrapper])

/** The functions that count, by the object that holds them. */
const table: ReadonlyArray<readonly [object, ReadonlyArray<readonly [string, Wrapper]>]> = [
  [
    Array.prototype,
    [
      ...every(['includes', 'indexOf'], costing(upTo)),
      ...every(['lastIndexOf'], costing(backTo)),
      ...every(['concat', 'slice', 'flat'], costing(ofResult)),
      ...every(
        ['splice', 'join', 'reverse', 'toReversed', 'toSpliced', 'with', 'fill', 'copyWithin', 'shift', 'unshift'],
        costing(whole)
      ),
      ...every(['sort', 'toSorted'], costing(sorting)),
      ...every(
        [
          'map',
          'filter',
          'forEach',
          'some',
          'every',
          'find',
          'findIndex',
          'findLast',
          'findLastIndex',
          'reduce',
          'reduceRight'
        ],
        calling
      ),
      ...every(['flatMap'], both(calling, costing(ofResult)))
    ]
  ],
  [Array, every(['from'], costing(ofResult))],
  [
    String.prototype,
    [
      ...every(['includes', 'indexOf'], costing(upTo)),
      ...every(['lastIndexOf'], costing(backTo)),
      ...every(['startsWith', 'endsWith'], costing(ofFirst)),
      ...every(['slice', 'substring', 'concat', 'repeat', 'padStart', 'padEnd'], costing(ofResult)),
      ...every(
        [
          'replace',
          'replaceAll',
          'split',
          'match',
          'matchAll',
          'search',
          'toLowerCase',
          'toUpperCase',
          'normalize',
          'trim',
          'trimStart',
          'trimEnd',
          'toWellFormed',
          'isWellFormed',
          'localeCompare'
        ],
        costing(whole)
      )
    ]
  ],
  [RegExp.prototype, every(['exec', 'test'], matching)],
  [
    Object,
    [
      ...every(
        ['keys', 'values', 'entries', 'getOwnPropertyNames', 'freeze', 'getOwnPropertyDescriptors'],
        costing(members)
      ),
      ...every(['assign'], costing(assigned)),
      ...every(
        ['fromEntries'],
        costing((_self, _values, result) => sizeOf(result))
      )
    ]
  ],
  [
    Reflect,
    every(
      ['ownKeys'],
      costing((_self, _values, result) => lengthOf(result))
    )
  ],
  [JSON, [...every(['parse'], costing(ofFirst)), ...every(['stringify'], costing(ofResult))]],
  [
    Object.getPrototypeOf(Uint8Array.prototype) as object,
    every(
      ['set', 'slice', 'fill', 'indexOf', 'includes'],
      costing((self, values) => lengthOf(self) + lengthOf(values[0]))
    )
  ],
  [TextEncoder.prototype, every(['encode'], costing(ofFirst))],
  [TextDecoder.prototype, every(['decode'], costing(ofFirst))],
  [
    globalThis,
    every(
      ['encodeURIComponent', 'decodeURIComponent', 'encodeURI', 'decodeURI', 'atob', 'btoa', 'structuredClone'],
      costing(ofFirst)
    )
  ]
]

/** Makes the language's functions count; what comes back makes them as they were. */
export const countingNatives = (add: (operations: number) => void): (() => void) => {
  const restored: Array<() => void> = []
  for (const [holder, wrappers] of table) {
    for (const [name, wrapper] of wrappers) {
      const descriptor = Object.getOwnPropertyDescriptor(holder, name)
      if (descriptor === undefined || typeof descriptor.value !== 'function') continue
      Object.defineProperty(holder, name, { ...descriptor, value: wrapper(descriptor.value as Native, add) })
      restored.push(() => {
        Object.defineProperty(holder, name, descriptor)
      })
    }
  }
  return () => {
    for (const restore of restored) restore()
  }
}
