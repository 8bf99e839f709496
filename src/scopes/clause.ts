/**
 * A clause as a condition on the search index of a resource, in a comparable form.
 *
 * Every queried value has a generic instance: an index value that matches it and, where the query leaves a part open,
 * has a text there that occurs nowhere else ({@link fresh}). One queried value covers another exactly when it matches
 * the other's generic instance. This makes the decision procedure small (see docs/scopes.md).
 *
 * @module
 */
import type { Clause } from './scope.js'
import type { ComparedType, Vocabulary } from './vocabulary.js'
import { comparedTypeOf } from './vocabulary.js'

/**
 * Stands for a text that occurs nowhere else: two leading surrogates in a row, which no well-formed text holds. An
 * ordinary character would not do, because every character can occur percent-encoded in a scope.
 */
export const fresh = '\ud800\ud800'

/** A queried value, read by the type of its parameter. */
export type Value =
  /** `system: null` is any system, `''` is no system; `code: null` is any code. */
  | { readonly _tag: 'Token'; readonly system: string | null; readonly code: string | null }
  /** `type: null` is any type. */
  | { readonly _tag: 'Reference'; readonly type: string | null; readonly id: string }
  | { readonly _tag: 'Equal'; readonly text: string }
  /** Case and accents are folded. */
  | { readonly _tag: 'Prefix'; readonly folded: string }

/** The condition of a clause: one of the resource's index values under `key` must match one of `values`. */
export interface Condition {
  /**
   * The parameter and how it is read ({@link typedKey}): clauses that are read differently never meet. An opaque clause
   * with a modifier has the key `name:modifier`.
   */
  readonly key: string
  readonly values: ReadonlyArray<Value>
  /** Whether the clause is not interpreted. It then has one value: its whole text. */
  readonly isOpaque: boolean
}

/** Removes FHIR's escapes. */
export const unescape = (text: string): string => (text.includes('\\') ? text.replace(/\\([,|$\\])/g, '$1') : text)

const escape = (text: string): string => text.replace(/[|\\]/g, '\\$&')

/** Removes case and accents, and turns a final sigma into a plain sigma, for comparing strings. */
export const fold = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('\u03c2', '\u03c3')

/** The position of the first unescaped `|`, or -1. */
export const indexOfBar = (text: string): number => {
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '\\') index += 1
    else if (text[index] === '|') return index
  }
  return -1
}

const tokenOf = (text: string): Value => {
  const bar = indexOfBar(text)
  if (bar === -1) return { _tag: 'Token', system: null, code: unescape(text) }
  const code = unescape(text.slice(bar + 1))
  return { _tag: 'Token', system: unescape(text.slice(0, bar)), code: code === '' ? null : code }
}

const referenceOf = (text: string): Value => {
  const plain = unescape(text)
  if (!text.includes('/') && !text.includes(':')) return { _tag: 'Reference', type: null, id: plain }
  const slash = plain.indexOf('/')
  return plain.includes(':') || slash !== plain.lastIndexOf('/')
    ? { _tag: 'Equal', text: plain }
    : { _tag: 'Reference', type: plain.slice(0, slash), id: plain.slice(slash + 1) }
}

const valueOf = (type: ComparedType, isExact: boolean, text: string): Value => {
  if (type === 'token') return tokenOf(text)
  if (type === 'reference') return referenceOf(text)
  return type === 'uri' || isExact
    ? { _tag: 'Equal', text: unescape(text) }
    : { _tag: 'Prefix', folded: fold(unescape(text)) }
}

/** The key of the values of a parameter that is read by a type. No name of a parameter contains a slash. */
export const typedKey = (name: string, type: ComparedType): string => `${name}/${type}`

/** The condition of a clause in a scope of the given resource type. */
export const conditionOf = (vocabulary: Vocabulary, resourceType: string, clause: Clause): Condition => {
  const { name, modifier } = clause
  const type = comparedTypeOf(vocabulary, resourceType, name)
  const isExact = type === 'string' && modifier === 'exact'
  if (type === 'opaque' || (modifier !== null && !isExact)) {
    const key = modifier === null ? typedKey(name, 'opaque') : `${name}:${modifier}`
    return { key, values: [{ _tag: 'Equal', text: clause.values.join(',') }], isOpaque: true }
  }
  return {
    key: typedKey(name, type),
    values: clause.values.map((text) => valueOf(type, isExact, text)),
    isOpaque: false
  }
}

/**
 * The generic instance of a queried value: the index value that matches it and as few other queried values as possible.
 */
export const instanceOf = (value: Value): string => {
  switch (value._tag) {
    case 'Token':
      return (
        `${value.system === null ? fresh : escape(value.system)}|` + (value.code === null ? fresh : escape(value.code))
      )
    case 'Reference':
      return `${value.type ?? fresh}/${value.id}`
    case 'Equal':
      return value.text
    case 'Prefix':
      return `${value.folded}${fresh}`
  }
}

/** Whether an index value matches a queried value. */
export const matchesIndex = (value: Value, index: string): boolean => {
  switch (value._tag) {
    case 'Token': {
      const bar = indexOfBar(index)
      if (bar === -1) return value.system === null && value.code === unescape(index)
      return (
        (value.system === null || value.system === unescape(index.slice(0, bar))) &&
        (value.code === null || value.code === unescape(index.slice(bar + 1)))
      )
    }
    case 'Reference': {
      if (value.type !== null) return index === `${value.type}/${value.id}`
      const slash = index.indexOf('/')
      return (
        index === value.id ||
        (slash > 0 && slash === index.lastIndexOf('/') && !index.includes(':') && index.slice(slash + 1) === value.id)
      )
    }
    case 'Equal':
      return index === value.text
    case 'Prefix':
      return fold(index).startsWith(value.folded)
  }
}

const escapeAll = (text: string): string => text.replace(/[,|$\\]/g, '\\$&')

/** A value as it is written in a query, with FHIR's escapes. All spellings of one value print the same. */
export const printValue = (value: Value, isOpaque: boolean): string => {
  switch (value._tag) {
    case 'Token':
      return value.system === null
        ? escapeAll(value.code ?? '')
        : `${escapeAll(value.system)}|${escapeAll(value.code ?? '')}`
    case 'Reference':
      return escapeAll(value.type === null ? value.id : `${value.type}/${value.id}`)
    case 'Equal':
      return isOpaque ? value.text : escapeAll(value.text)
    case 'Prefix':
      // The folded text is empty: every text begins with it. An empty value cannot be written, so a lone accent is
      // printed.
      return value.folded === '' ? '\u0301' : escapeAll(value.folded)
  }
}

/** A key of a value: two values have the same key exactly when they are the same value. */
export const identityOf = (value: Value): string => `${value._tag} ${instanceOf(value)}`

/** Whether every index value that matches `narrow` also matches `wide`. */
export const covers = (wide: Value, narrow: Value): boolean => matchesIndex(wide, instanceOf(narrow))
