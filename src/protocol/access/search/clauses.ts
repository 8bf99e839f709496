/**
 * How the resource side evaluates a clause: the parameter under which the index is read, and the index values that
 * match.
 *
 * When scopes are compared, a clause on a date, number or quantity is opaque (`src/scopes`); when a resource is
 * evaluated, it has the meaning that FHIR defines. A clause with a malformed value matches nothing, whatever its other
 * values are; such a clause is not granted either.
 *
 * @module
 */
import type { OrderedType, OrderedValue } from './ordered.js'
import { isOrdered, matchesRead, readIndex, readOrdered } from './ordered.js'
import type { ReferenceFacts } from './search-index.js'
import { localReference } from './search-index.js'
import type { Value } from '../../../scopes/clause.js'
import { conditionOf, instanceOf, matchesIndex } from '../../../scopes/clause.js'
import type { Clause } from '../../../scopes/scope.js'
import type { Vocabulary } from '../../../scopes/vocabulary.js'

/** The values of a clause, read by the type of its parameter. */
export type ClauseValues =
  | {
      readonly _tag: 'Ordered'
      readonly type: OrderedType
      readonly values: ReadonlyArray<OrderedValue>
      readonly isMalformed: boolean
    }
  | { readonly _tag: 'Coded'; readonly values: ReadonlyArray<Value> }
  /** Not interpreted: the host's own index reader gives values for the whole text. */
  | { readonly _tag: 'Opaque'; readonly values: ReadonlyArray<Value> }

/** A clause that has been read. */
export interface ReadClause {
  readonly key: string
  readonly condition: ClauseValues
  /**
   * The texts of the index values that match, where a clause on codes has a code in each value: one look instead of a
   * comparison with each value. A code that counts in every system stands without a bar. Null for any other clause.
   */
  readonly codes: ReadonlySet<string> | null
}

/** The text under which a value is found among {@link ReadClause} `codes`; null if it cannot be found so. */
const codeOf = (value: Value): string | null => {
  if (value._tag !== 'Token' || value.code === null) return null
  return value.system !== null ? instanceOf(value) : /[|\\]/.test(value.code) ? null : value.code
}

const codesOf = (values: ReadonlyArray<Value>): ReadonlySet<string> | null => {
  const codes = new Set<string>()
  for (const value of values) {
    const code = codeOf(value)
    if (code === null) return null
    codes.add(code)
  }
  return codes
}

/** Whether an index value is a code in its only spelling, or none: at most one bar, and nothing escaped. */
const isPlainCode = (index: string): boolean => index.indexOf('|') === index.lastIndexOf('|') && !index.includes('\\')

/** Turns a URL below the server's own base, or a reference with a version, into a local reference. */
const asLocal = (value: Value, references: ReferenceFacts): Value => {
  if (value._tag !== 'Equal') return value
  const local = localReference(value.text, references)
  if (local === null) return value
  const slash = local.indexOf('/')
  return { _tag: 'Reference', type: local.slice(0, slash), id: local.slice(slash + 1) }
}

/** Reads a clause of a scope for a resource type. */
export const readClause = (
  vocabulary: Vocabulary,
  resourceType: string,
  clause: Clause,
  references: ReferenceFacts = {}
): ReadClause => {
  const type = vocabulary.typeOf(resourceType, clause.name)
  if (isOrdered(type) && clause.modifier === null) {
    const read = clause.values.map((text) => readOrdered(type, text))
    const values = read.filter((value) => value !== null)
    return {
      key: clause.name,
      condition: { _tag: 'Ordered', type, values, isMalformed: values.length < read.length },
      codes: null
    }
  }
  const { values, isOpaque } = conditionOf(vocabulary, resourceType, clause)
  const key = isOpaque && clause.modifier !== null ? `${clause.name}:${clause.modifier}` : clause.name
  if (isOpaque) return { key, condition: { _tag: 'Opaque', values }, codes: null }
  return {
    key,
    condition: {
      _tag: 'Coded',
      values: type === 'reference' ? values.map((value) => asLocal(value, references)) : values
    },
    codes: codesOf(values)
  }
}

/** Whether an index value matches one of a clause's values. */
export const meetsClause = ({ codes, condition }: ReadClause, index: string): boolean => {
  if (codes !== null) {
    if (codes.has(index)) return true
    if (isPlainCode(index)) return codes.has(index.slice(index.indexOf('|') + 1))
  }
  if (condition._tag !== 'Ordered') return condition.values.some((value) => matchesIndex(value, index))
  const read = condition.isMalformed ? null : readIndex(condition.type, index)
  return read !== null && condition.values.some((value) => matchesRead(value, read))
}

/** Whether a clause is interoperable: no modifier except `:exact`, and no malformed value. */
export const isMeaningful = ({ condition }: ReadClause): boolean =>
  condition._tag === 'Coded' || (condition._tag === 'Ordered' && !condition.isMalformed)
