/**
 * The clauses of a scope's query as facts that a sentence can be made of. Every text in them is in double quotes and
 * fit to be shown.
 *
 * @module
 */
import type { Value } from '../clause.js'
import { conditionOf } from '../clause.js'
import type { Clause } from '../scope.js'
import type { Vocabulary } from '../vocabulary.js'
import { limits } from '../../values/limits/limits.js'
import { quoted } from '../../values/shown-text.js'

/** A value that a clause names; `code` and `system` are texts in quotes. */
export type ExplainedValue =
  | { readonly _tag: 'Text'; readonly text: string }
  /** A code of null is any; a system of null is any, and an empty one is that there is none. */
  | { readonly _tag: 'Token'; readonly code: string | null; readonly system: string | null }

/** What a clause asks of a resource. */
export type ExplainedClause =
  | {
      /** The parameter is one of the values, or begins with one. */
      readonly _tag: 'OneOf'
      readonly name: string
      readonly compares: 'equal' | 'beginning'
      readonly values: ReadonlyArray<ExplainedValue>
      /** How many further values there are. */
      readonly others: number
    }
  /** A search that only a server that knows the parameter understands. */
  | { readonly _tag: 'Search'; readonly text: string }

const plain = (text: string): string => text.replace(/\\([,|$\\])/g, '$1')

const valueOf = (value: Value, text: string): ExplainedValue => {
  if (value._tag !== 'Token') return { _tag: 'Text', text: quoted(plain(text)) }
  const { code, system } = value
  if (code !== null && system === null) return { _tag: 'Text', text: quoted(code) }
  return {
    _tag: 'Token',
    code: code === null ? null : quoted(code),
    system: system === null ? null : system === '' ? '' : quoted(system)
  }
}

/** A clause of a scope of that resource type. */
export const explainClause = (vocabulary: Vocabulary, resourceType: string, clause: Clause): ExplainedClause => {
  const { values, isOpaque } = conditionOf(vocabulary, resourceType, clause)
  if (isOpaque) {
    const name = clause.modifier === null ? clause.name : `${clause.name}:${clause.modifier}`
    return { _tag: 'Search', text: quoted(`${name}=${clause.values.join(',')}`) }
  }
  const named = values.slice(0, limits.shownValues.standard)
  return {
    _tag: 'OneOf',
    // The vocabulary knows the parameter: its name is one of FHIR's, or one that the caller registered.
    name: clause.name,
    compares: values[0]?._tag === 'Prefix' ? 'beginning' : 'equal',
    values: named.map((value, index) => valueOf(value, clause.values[index] ?? '')),
    others: values.length - named.length
  }
}
