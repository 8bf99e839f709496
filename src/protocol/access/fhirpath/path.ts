/**
 * The FHIRPath expressions that a FHIRPath Patch may use here, parsed.
 *
 * An expression is a resource type and steps: a member, `[0]`, `first()`, `last()`, `single()`, `ofType(Type)`,
 * `extension('url')`, and `where(member = 'text' and …)` with texts and booleans. Every other expression is refused.
 * Source: FHIRPath, sections 4 and 5; FHIR R4, fhirpath.html.
 *
 * @module
 */
import { isResourceTypeName } from '../../../values/fhir.js'
import { limits } from '../../../values/limits/limits.js'

/** One comparison of `where`: the value at a path of members equals a literal. */
export interface Comparison {
  readonly members: ReadonlyArray<string>
  readonly literal: string | boolean
}

/** One step of an expression. */
export type PathStep =
  | { readonly _tag: 'Member'; readonly name: string }
  | { readonly _tag: 'Index'; readonly index: number }
  | { readonly _tag: 'Last' }
  | { readonly _tag: 'Single' }
  | { readonly _tag: 'OfType'; readonly type: string }
  | { readonly _tag: 'Where'; readonly all: ReadonlyArray<Comparison> }

/** An expression that can be applied. */
export interface FhirPath {
  readonly type: string
  readonly steps: ReadonlyArray<PathStep>
}

/** A text that looks like a date: FHIRPath compares dates with texts in ways that depend on the type of the element. */
const isLikeDate = (text: string): boolean => /^[0-9]{4}-[0-9]{2}/.test(text)

const blank = String.raw`[ \t\r\n]*`
const root = /[A-Za-z]+/y
const index = new RegExp(String.raw`\[${blank}([0-9]{1,9})${blank}\]`, 'y')
const choose = new RegExp(String.raw`\.(first|last|single)\(${blank}\)`, 'y')
const ofType = new RegExp(String.raw`\.ofType\(${blank}(?:FHIR\.)?([A-Za-z][A-Za-z0-9]*)${blank}\)`, 'y')
const extension = new RegExp(String.raw`\.extension\(${blank}'([^'\\]*)'${blank}\)`, 'y')
const where = /\.where\(/y
const comparison = new RegExp(
  String.raw`${blank}([a-z][A-Za-z0-9]*(?:\.[a-z][A-Za-z0-9]*)*)${blank}=${blank}(?:'([^'\\]*)'|(true|false))${blank}`,
  'y'
)
const and = /and(?=[ \t\r\n])/y
const close = /\)/y
const member = /\.([a-z][A-Za-z0-9]*)(?!\()/y

/** Reads a text from the left, one pattern at a time. */
const readerOf = (text: string) => {
  let place = 0
  return {
    isAtEnd: (): boolean => place === text.length,
    take: (pattern: RegExp): RegExpExecArray | null => {
      pattern.lastIndex = place
      const found = pattern.exec(text)
      if (found !== null) place = pattern.lastIndex
      return found
    }
  }
}

type Reader = ReturnType<typeof readerOf>

/** The comparisons up to the closing parenthesis; null when one is not of the simple kind. */
const comparisons = (reader: Reader): ReadonlyArray<Comparison> | null => {
  const all: Array<Comparison> = []
  do {
    const found = reader.take(comparison)
    if (found === null) return null
    const [, members = '', text, truth] = found
    if (text !== undefined && isLikeDate(text)) return null
    all.push({ members: members.split('.'), literal: text ?? truth === 'true' })
  } while (reader.take(and) !== null)
  return reader.take(close) === null ? null : all
}

const chosen = (name: string): PathStep =>
  name === 'first' ? { _tag: 'Index', index: 0 } : name === 'last' ? { _tag: 'Last' } : { _tag: 'Single' }

/** The next steps of an expression; null when they cannot be applied. `extension('url')` is two. */
const nextSteps = (reader: Reader): ReadonlyArray<PathStep> | null => {
  const place = reader.take(index)
  if (place !== null) return [{ _tag: 'Index', index: Number(place[1]) }]
  const one = reader.take(choose)
  if (one !== null) return [chosen(one[1] ?? '')]
  const type = reader.take(ofType)
  if (type !== null) return [{ _tag: 'OfType', type: type[1] ?? '' }]
  const url = reader.take(extension)
  if (url !== null)
    return [
      { _tag: 'Member', name: 'extension' },
      { _tag: 'Where', all: [{ members: ['url'], literal: url[1] ?? '' }] }
    ]
  if (reader.take(where) !== null) {
    const all = comparisons(reader)
    return all === null ? null : [{ _tag: 'Where', all }]
  }
  const name = reader.take(member)
  return name === null ? null : [{ _tag: 'Member', name: name[1] ?? '' }]
}

/**
 * Parses an expression; null when it cannot be applied.
 *
 * @example
 * ```ts
 * import { readFhirPath } from './path.js'
 *
 * readFhirPath("Patient.telecom.where(system = 'phone').value")?.steps.map(({ _tag }) => _tag)
 * // => ['Member', 'Where', 'Member']
 * readFhirPath('Patient.name.exists()') // => null
 * ```
 */
export const readFhirPath = (text: string): FhirPath | null => {
  const reader = readerOf(text)
  const type = reader.take(root)?.[0]
  if (type === undefined || !isResourceTypeName(type)) return null
  const steps: Array<PathStep> = []
  while (!reader.isAtEnd()) {
    const next = nextSteps(reader)
    if (next === null) return null
    steps.push(...next)
    if (steps.length > limits.fhirPatchPointer.default) return null
  }
  return { type, steps }
}
