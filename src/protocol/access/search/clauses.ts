/**
 * A clause as the resource side evaluates it: under which parameter the index is read, and which index values match.
 *
 * Where scopes are compared, a clause on a date, a number or a quantity is opaque (`src/scopes`); where a resource is
 * judged it has the meaning that FHIR gives it. A clause with a malformed value matches nothing, whatever its other
 * values say: it is not granted either.
 *
 * @module
 */
import type { OrderedType, OrderedValue } from './ordered.js'
import { isOrdered, matchesRead, readIndex, readOrdered } from './ordered.js'
import type { ReferenceFacts } from './search-index.js'
import { localReference } from './search-index.js'
import type { Value } from '../../../scopes/clause.js'
import { conditionOf, matchesIndex } from '../../../scopes/clause.js'
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
  /** Not compared by meaning: what the host's own reader gives for its whole text. */
  | { readonly _tag: 'Opaque'; readonly values: ReadonlyArray<Value> }

/** A clause, read. */
export interface ReadClause {
  readonly key: string
  readonly asked: ClauseValues
}

/** An address of a resource below this server's own base is that resource. */
const asLocal = (value: Value, references: ReferenceFacts): Value => {
  if (value._tag !== 'Equal' || !value.text.includes(':')) return value
  const [type, id] = localReference(value.text, references)?.split('/') ?? []
  return type === undefined || id === undefined ? value : { _tag: 'Reference', type, id }
}

/** Reads a clause in a scope of a resource type. */
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
    return { key: clause.name, asked: { _tag: 'Ordered', type, values, isMalformed: values.length < read.length } }
  }
  const { key, values, isOpaque } = conditionOf(vocabulary, resourceType, clause)
  if (isOpaque) return { key, asked: { _tag: 'Opaque', values } }
  return {
    key,
    asked: { _tag: 'Coded', values: type === 'reference' ? values.map((value) => asLocal(value, references)) : values }
  }
}

/** Whether an index value matches one of a clause's values. */
export const meetsClause = ({ asked }: ReadClause, index: string): boolean => {
  if (asked._tag !== 'Ordered') return asked.values.some((value) => matchesIndex(value, index))
  const read = asked.isMalformed ? null : readIndex(asked.type, index)
  return read !== null && asked.values.some((value) => matchesRead(value, read))
}

/** Whether a clause means something wherever FHIR is spoken: no modifier but `:exact`, and no malformed value. */
export const isMeaningful = ({ asked }: ReadClause): boolean =>
  asked._tag === 'Coded' || (asked._tag === 'Ordered' && !asked.isMalformed)
