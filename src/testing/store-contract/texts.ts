/**
 * Checks of keys and texts: a store gives back exactly what was written, and tells keys apart.
 *
 * @module
 */
import type { PlainStore } from '../../plain/ports.js'
import { checksOf, fail, longLife, mustBe, outcomeOf, shown, textAt, versionAt } from './target.js'

const controls = Array.from({ length: 31 }, (_, place) => String.fromCharCode(place + 1))

const longKey = 'k'.repeat(400)

/** Keys that some engine takes for the same, or for a pattern, a command or a number. */
const keys: ReadonlyArray<string> = [
  ...['key', 'Key', 'KEY', 'a', 'a ', ' a', 'a\t', 'a\n', 'a\r\n', '.', '/', '//', '..', '../a', ':', '::'],
  ...['1', '01', '1.0', '1e0', 'null', 'undefined', 'true', '__proto__', 'constructor', 'toString'],
  ...["'", '"', '`', '\\', '\\\\', "''", "'; DROP TABLE smart_record; --", '$1', '$$', '?', '??', ':a', '@a'],
  ...['*', '%', '_', '[a]', '[^a]', '{}', '{a}', '{a}b', '{b}a', '${a}', '#{a}', '\r\nSET a 1\r\n', '$-1\r\n', '+OK'],
  ...['\u00e9', 'e\u0301', '\u00df', 'ss', '\u0130', 'i', 'I', '\u0131', '\ufb01', 'fi', '\u212a', 'k', 'K'],
  ...['\u00a0', '\u200b', '\u2028', '\ufeff', '\u{1f600}', '\u{1f601}', '\ufffd', '\u05d0', '\u4e2d\u6587', '\u007f'],
  ...controls,
  ...[`${longKey}a`, `${longKey}b`]
]

const mebibyte = 2 ** 20

/** Texts that some engine changes, cuts or reads as something else. */
const texts: ReadonlyArray<readonly [name: string, text: string]> = [
  ['empty', ''],
  ['a JSON text', '{"b": 1,  "a": [1.0, 1e3, "\\u0000"], "b": 2 }\n'],
  ['null', 'null'],
  ['numbers', '00012345678901234567890.10'],
  ['spaces at both ends', '  a  '],
  ['all control characters', controls.join('')],
  ['line ends', 'a\r\nb\rc\nd\u2028e\u0085f'],
  ['quotes and patterns', `'"\`\\ '; -- $1 ? %s {} * % _ \${a}`],
  ['protocol words', '$-1\r\n*0\r\n+OK\r\n'],
  ['a byte order mark', '\ufeff{}'],
  ['Unicode', '\u00e9 e\u0301 \u4e2d\u6587 \u05d0\u05d1 \u{1f600}\u{1f468}\u200d\u{1f469} \uffff \u{10ffff}'],
  ['1 MiB', JSON.stringify('a'.repeat(mebibyte))],
  ['1 MiB of characters of four bytes', '\u{1f600}'.repeat(mebibyte / 4)]
]

/** Texts that an engine may refuse, but never change. */
const refusable: ReadonlyArray<readonly [name: string, text: string]> = [
  ['NUL', 'a\0b'],
  ['NUL at the end', 'a\0'],
  ['half of a surrogate pair', 'a\ud800'],
  ['the other half', '\udc00a'],
  ['another half', 'a\ud801']
]

/** Writes a record that may be refused. True when it was stored; then it must be stored exactly. */
const storedOrRefused = async (store: PlainStore, key: string, text: string, until: number): Promise<boolean> => {
  const outcome = await outcomeOf(() => store.swap(key, null, text, until))
  if (outcome === 'not applied') return false
  mustBe(outcome, 'won', `swap at ${shown(key)}`)
  mustBe(await textAt(store, key), text, `the text at ${shown(key)}`)
  return true
}

/** The checks. */
export const textChecks = checksOf([
  {
    id: 'keys',
    what: 'keys of every kind are told apart, and none is a pattern or a command',
    check: async ({ open, key, now }) => {
      const [store, other] = [await open(), await open()]
      const distinct = [...new Set(keys)]
      for (const name of distinct) {
        const won = await store.swap(key(name), null, JSON.stringify(name), now() + longLife)
        mustBe(won, 'won', `the creation of the key ${shown(name)}`)
      }
      for (const name of distinct)
        mustBe(await textAt(other, key(name)), JSON.stringify(name), `the text at the key ${shown(name)}`)
      const [first = ''] = distinct
      await store.swap(key(first), await versionAt(store, key(first)), '"changed"', now() + longLife)
      for (const name of distinct.slice(1))
        mustBe(await textAt(other, key(name)), JSON.stringify(name), 'another key, after one was changed')
    }
  },
  {
    id: 'texts',
    what: 'texts of every kind, up to 1 MiB, come back exactly',
    check: async ({ open, key, now }) => {
      const [store, other] = [await open(), await open()]
      for (const [name, text] of texts) {
        mustBe(await store.swap(key(name), null, text, now() + longLife), 'won', `the creation of: ${name}`)
        mustBe(await textAt(other, key(name)), text, `the text that is: ${name}`)
        const version = await versionAt(other, key(name))
        mustBe(await other.swap(key(name), version, `${text}.`, now() + longLife), 'won', `the replacement of: ${name}`)
        mustBe(await textAt(store, key(name)), `${text}.`, `the text that is, with a dot: ${name}`)
      }
    }
  },
  {
    id: 'unstorable',
    what: 'a key or text that the engine cannot hold is refused as not applied, never changed',
    check: async ({ open, key, now }) => {
      const [store, until] = [await open(), now() + longLife]
      const kept: Array<string> = []
      for (const [name, text] of refusable) {
        await storedOrRefused(store, key(name), text, until)
        if (await storedOrRefused(store, key(text), JSON.stringify(name), until)) kept.push(name)
      }
      // A long key, which an index may not hold, and one that differs at its end only.
      const long = 'k'.repeat(10_000)
      for (const end of ['a', 'b']) await storedOrRefused(store, key(`${long}${end}`), JSON.stringify(end), until)
      for (const [name, text] of refusable) {
        if (!kept.includes(name)) continue
        mustBe(await textAt(store, key(text)), JSON.stringify(name), `the text at a key with ${name}`)
      }
      // The keys that a careless conversion would make of them are still free.
      for (const near of ['a', 'a\ufffd', '\ufffda', 'ab', 'a b'])
        if ((await textAt(store, key(near))) !== null) fail(`a key was changed to ${JSON.stringify(near)}`)
    }
  }
])
