/**
 * An index of queried values. It finds the queried values that an index value matches without scanning the others: an
 * index value matches a queried value exactly when the key of the queried value is among the lookup keys of the index
 * value.
 *
 * Prefixes are kept sorted. Those of a text are found from its neighbor in the sorted order: each prefix links to the
 * next shorter one. The cost of a lookup depends on the length of the text and the number of results, not on the number
 * of prefixes.
 *
 * @module
 */
import type { Value } from './clause.js'
import { indexOfBar, fold, unescape } from './clause.js'

const commonLength = (one: string, other: string): number => {
  let length = 0
  // Behind the end of a text there is no number, which equals nothing.
  while (one.charCodeAt(length) === other.charCodeAt(length)) length += 1
  return length
}

/** A queried prefix, its place in the sorted order, and the longest of the others that it begins with. */
interface Prefix {
  readonly text: string
  readonly place: number
  readonly shorter: Prefix | undefined
}

/** The prefixes that are queried under one key. */
interface Prefixes {
  readonly places: ReadonlyMap<string, number>
  /** The places of the prefixes of a text, the longest first. */
  readonly beginnings: (text: string) => ReadonlyArray<number>
}

const prefixesOf = (texts: ReadonlySet<string>): Prefixes => {
  const prefixes: Array<Prefix> = []
  for (const text of [...texts].sort()) {
    let shorter = prefixes.at(-1)
    while (shorter !== undefined && !text.startsWith(shorter.text)) shorter = shorter.shorter
    prefixes.push({ text, place: prefixes.length, shorter })
  }
  return {
    places: new Map(prefixes.map(({ text, place }) => [text, place])),
    beginnings: (text) => {
      let [from, to] = [0, prefixes.length]
      while (from < to) {
        const middle = (from + to) >> 1
        if ((prefixes[middle]?.text ?? '') <= text) from = middle + 1
        else to = middle
      }
      let prefix = prefixes[from - 1]
      const common = prefix === undefined ? 0 : commonLength(prefix.text, text)
      const found: Array<number> = []
      for (; prefix !== undefined; prefix = prefix.shorter) if (prefix.text.length <= common) found.push(prefix.place)
      return found
    }
  }
}

/** A queried value and the key under which it is queried (see `conditionOf`). */
export interface QueriedValue {
  readonly key: string
  readonly value: Value
}

/** The keys of queried values, and the lookup keys of index values. */
export interface ValueIndex {
  readonly indexKey: (queried: QueriedValue) => string
  /** Some of the lookup keys may belong to no queried value. */
  readonly lookupKeys: (key: string, index: string) => ReadonlyArray<string>
}

/** A system may contain a bar. Its length is part of the key, so that the key is unambiguous. */
const tokenName = (key: string, system: string, code: string): string =>
  `${key} token ${String(system.length)} ${system}|${code}`

/** A modifier may contain a space, which separates the parts of a key; it is encoded. */
const plainKey = (key: string): string => (key.includes(' ') ? encodeURIComponent(key) : key)

const addIdNames = (names: Array<string>, key: string, index: string): void => {
  names.push(`${key} id ${index}`)
  const slash = index.indexOf('/')
  if (slash > 0 && slash === index.lastIndexOf('/') && !index.includes(':'))
    names.push(`${key} id ${index.slice(slash + 1)}`)
}

const addTokenNames = (names: Array<string>, key: string, index: string): void => {
  const bar = indexOfBar(index)
  if (bar === -1) {
    names.push(`${key} code ${unescape(index)}`)
    return
  }
  const [system, code] = [unescape(index.slice(0, bar)), unescape(index.slice(bar + 1))]
  names.push(`${key} code ${code}`, `${key} system ${system}`, tokenName(key, system, code))
}

/** An index of the given values. Every value that is passed to `indexKey` must be among them. */
export const valueIndexOf = (queried: Iterable<QueriedValue>): ValueIndex => {
  const texts = new Map<string, Set<string>>()
  for (const { key, value } of queried) {
    if (value._tag !== 'Prefix') continue
    const known = texts.get(key)
    if (known === undefined) texts.set(key, new Set([value.folded]))
    else known.add(value.folded)
  }
  const prefixes = new Map([...texts].map(([key, all]) => [key, prefixesOf(all)]))
  return {
    indexKey: ({ key: given, value }) => {
      const key = plainKey(given)
      switch (value._tag) {
        case 'Token':
          if (value.system === null) return `${key} code ${value.code ?? ''}`
          return value.code === null ? `${key} system ${value.system}` : tokenName(key, value.system, value.code)
        case 'Reference':
          return value.type === null ? `${key} id ${value.id}` : `${key} text ${value.type}/${value.id}`
        case 'Equal':
          return `${key} text ${value.text}`
        case 'Prefix':
          return `${key} prefix ${String(prefixes.get(given)?.places.get(value.folded) ?? -1)}`
      }
    },
    lookupKeys: (given, index) => {
      const key = plainKey(given)
      const names = [`${key} text ${index}`]
      addTokenNames(names, key, index)
      addIdNames(names, key, index)
      const queriedHere = prefixes.get(given)
      if (queriedHere !== undefined)
        for (const place of queriedHere.beginnings(fold(index))) names.push(`${key} prefix ${String(place)}`)
      return names
    }
  }
}
