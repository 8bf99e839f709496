/**
 * The clauses of a scope's query as facts for sentences. Every text in them is in double quotes and safe to show.
 *
 * @module
 */
import type { Value } from '../clause.js'
import { conditionOf } from '../clause.js'
import type { Clause } from '../scope.js'
import type { Vocabulary } from '../vocabulary.js'
import { scopeNumbers } from '../../values/limits/scope-numbers.js'
import { quoted } from '../../values/shown-text.js'

/** A value in a clause. `code` and `system` are quoted texts. */
export type ExplainedValue =
  | { readonly _tag: 'Text'; readonly text: string }
  /** A code of a system. `code: null` is any code, `system: ''` is no system. A code of any system is a text. */
  | { readonly _tag: 'Token'; readonly code: string | null; readonly system: string }

/** The condition that a clause puts on a resource. */
export type ExplainedClause =
  | {
      /** The parameter equals one of the values, or begins with one. */
      readonly _tag: 'OneOf'
      readonly name: string
      readonly compares: 'equal' | 'beginning'
      readonly values: ReadonlyArray<ExplainedValue>
      /** The number of further values that are not listed. */
      readonly others: number
    }
  /** A search that is evaluated only by servers that know the parameter. */
  | { readonly _tag: 'Search'; readonly text: string }

const plain = (text: string): string => text.replace(/\\([,|$\\])/g, '$1')

const valueOf = (value: Value, text: string): ExplainedValue => {
  if (value._tag !== 'Token' || value.system === null) return { _tag: 'Text', text: quoted(plain(text)) }
  const { code, system } = value
  return {
    _tag: 'Token',
    code: code === null ? null : quoted(code),
    system: system === '' ? '' : quoted(system)
  }
}

/** The facts of a clause in a scope of the given resource type. */
export const explainClause = (vocabulary: Vocabulary, resourceType: string, clause: Clause): ExplainedClause => {
  const { values, isOpaque } = conditionOf(vocabulary, resourceType, clause)
  if (isOpaque) {
    const name = clause.modifier === null ? clause.name : `${clause.name}:${clause.modifier}`
    return { _tag: 'Search', text: quoted(`${name}=${clause.values.join(',')}`) }
  }
  const named = values.slice(0, scopeNumbers.shownValues)
  return {
    _tag: 'OneOf',
    // The name is safe to show unquoted: it is one of FHIR's, or the caller registered it.
    name: clause.name,
    compares: values[0]?._tag === 'Prefix' ? 'beginning' : 'equal',
    values: named.map((value, index) => valueOf(value, clause.values[index] ?? '')),
    others: values.length - named.length
  }
}
