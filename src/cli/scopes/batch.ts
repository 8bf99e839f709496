/**
 * `smart-app-launch scopes batch`: JSON Lines in, JSON Lines out, in the same order, so that a program in any language
 * can use the scope algebra as an oracle. A line that cannot be read gets an error, and the run continues.
 */
import { isUtf8 } from 'node:buffer'
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { readAccess, scopeJson } from './json.js'
import { firstMalformed, reasonInWords } from '../../scopes/explain/malformed.js'
import { decisionJson } from './decide.js'
import type { TooComplex } from '../../scopes/atoms.js'
import { certify } from '../../scopes/certificates/certify.js'
import { intersect, uncovered, union } from '../../scopes/set-operations.js'
import { format } from '../../scopes/format.js'
import { normalize } from '../../scopes/normalize.js'
import { parse } from '../../scopes/parse.js'
import type { ScopeOptions } from '../../scopes/permits.js'
import { defaultComplexityLimit, permits } from '../../scopes/permits.js'
import type { Level, ScopeSet } from '../../scopes/scope.js'
import { counterexample, disjoint, equivalence } from '../../scopes/subsumes.js'
import { parseJson } from '../../values/json.js'
import { printableJson } from '../../values/shown-text.js'
import { isObject } from '../../values/object.js'

interface BatchError {
  readonly code: 'invalid_json' | 'unknown_op' | 'invalid_member' | 'malformed_scope' | 'too_complex'
  readonly message: string
}

type Answer = Either.Either<BatchError, Readonly<Record<string, unknown>>>

type Line = Readonly<Record<string, unknown>>

const fail = (code: BatchError['code'], message: string): Either.Either<BatchError, never> =>
  Either.left({ code, message })

const scopeIn = (line: Line, name: string): Either.Either<BatchError, ScopeSet> => {
  const text = Object.hasOwn(line, name) ? line[name] : undefined
  if (typeof text !== 'string') return fail('invalid_member', `${name}: expected a text`)
  const scopes = parse(text)
  const malformed = line['strict'] === true ? firstMalformed(scopes) : null
  return malformed === null
    ? Either.right(scopes.filter((scope) => scope.text !== ''))
    : fail(
        'malformed_scope',
        `${name}: at ${String(malformed.position)} expected ${reasonInWords[malformed.scope.reason]}`
      )
}

const bounded = <A>(
  result: Either.Either<TooComplex, A>,
  answer: (value: A) => Readonly<Record<string, unknown>>
): Answer =>
  Either.isRight(result)
    ? Either.right(answer(result.right))
    : fail('too_complex', `${String(result.left.count)} atoms, and the limit is ${String(result.left.limit)}`)

/** A certificate is about the texts as they are, with each blank. */
const certified = ({ granted, requested }: Line, options: ScopeOptions): Answer =>
  bounded(certify(parse(String(granted)), parse(String(requested)), options), (certificate) => ({
    result: certificate.result,
    certificate
  }))

const isLevelPair = (pair: unknown): pair is [Level, Level] =>
  Array.isArray(pair) && pair.length === 2 && pair.every((one) => ['patient', 'user', 'system'].includes(one as string))

/** The options of a line: `levelOrder` and `budget`. */
const optionsOf = (line: Line): Either.Either<BatchError, ScopeOptions> => {
  const levelOrder = Object.hasOwn(line, 'levelOrder') ? line['levelOrder'] : []
  const budget = Object.hasOwn(line, 'budget') ? line['budget'] : defaultComplexityLimit
  if (!Array.isArray(levelOrder) || !levelOrder.every(isLevelPair))
    return fail('invalid_member', 'levelOrder: expected a list of pairs of levels')
  if (typeof budget !== 'number' || !Number.isInteger(budget) || budget < 0 || budget > defaultComplexityLimit)
    return fail('invalid_member', `budget: expected a whole number up to ${String(defaultComplexityLimit)}`)
  return Either.right({ levelOrder, budget })
}

const scopeAnswer = (scopes: ScopeSet): Readonly<Record<string, unknown>> => ({ scope: format(scopes) })

const unary = (line: Line, name: string, answer: (scopes: ScopeSet) => Answer): Answer => {
  const scopes = scopeIn(line, name)
  return Either.isLeft(scopes) ? scopes : answer(scopes.right)
}

const binary = (line: Line, one: string, other: string, answer: (one: ScopeSet, other: ScopeSet) => Answer): Answer =>
  unary(line, one, (left) => unary(line, other, (right) => answer(left, right)))

const operations: ReadonlyMap<string, (line: Line, options: ScopeOptions) => Answer> = new Map<
  string,
  (line: Line, options: ScopeOptions) => Answer
>([
  ['parse', (line) => unary(line, 'scope', (scopes) => Either.right({ scopes: scopes.map(scopeJson) }))],
  ['normalize', (line, options) => unary(line, 'scope', (scopes) => bounded(normalize(scopes, options), scopeAnswer))],
  [
    'subsumes',
    (line, options) =>
      binary(line, 'granted', 'requested', (granted, requested) =>
        line['certificate'] === true
          ? certified(line, options)
          : bounded(counterexample(granted, requested, options), (found) =>
              Option.isNone(found) ? { result: true } : { result: false, counterexample: found.value }
            )
      )
  ],
  [
    'equivalent',
    (line, options) => binary(line, 'a', 'b', (a, b) => bounded(equivalence(a, b, options), (result) => ({ result })))
  ],
  ['disjoint', (line, options) => binary(line, 'a', 'b', (a, b) => Either.right({ result: disjoint(a, b, options) }))],
  ['intersect', (line, options) => binary(line, 'a', 'b', (a, b) => bounded(intersect(a, b, options), scopeAnswer))],
  ['union', (line, options) => binary(line, 'a', 'b', (a, b) => bounded(union(a, b, options), scopeAnswer))],
  [
    'uncovered',
    (line, options) =>
      binary(line, 'granted', 'requested', (granted, requested) =>
        bounded(uncovered(granted, requested, options), scopeAnswer)
      )
  ],
  [
    'permits',
    (line, options) =>
      unary(line, 'granted', (granted) => {
        const access = readAccess(line['access'])
        return Either.isLeft(access)
          ? fail('invalid_member', 'access: expected {"level","type","permission","resource"} or {"atom"}')
          : Either.right({ result: permits(granted, access.right, options) })
      })
  ],
  [
    'decide',
    (line) =>
      unary(line, 'granted', (granted) => {
        const decided = decisionJson(granted, line['context'], line['request'], line['fhirRelease'])
        return Either.isLeft(decided) ? fail('invalid_member', decided.left) : decided
      })
  ]
])

const isWrongFlag = (line: Line, name: string): boolean => Object.hasOwn(line, name) && typeof line[name] !== 'boolean'

const notPrintable: BatchError = {
  code: 'invalid_member',
  message: 'id: expected a value that is not nested so deeply'
}

/** Answers one line; a line that is not UTF-8 is an error. */
export const answerLine = (bytes: Buffer): string => {
  const text = isUtf8(bytes) ? bytes.toString('utf8') : ''
  const json = Either.fromOption(() => null)(parseJson(text))
  const line: Line = Either.isRight(json) && isObject(json.right) ? json.right : {}
  const answer: Answer = (() => {
    if (Either.isLeft(json) || !isObject(json.right)) return fail('invalid_json', 'expected one JSON object in UTF-8')
    const operation = typeof line['op'] === 'string' ? operations.get(line['op']) : undefined
    if (operation === undefined) return fail('unknown_op', `op: expected one of ${[...operations.keys()].join(', ')}`)
    const wrongFlag = ['strict', 'certificate'].find((name) => isWrongFlag(line, name))
    if (wrongFlag !== undefined) return fail('invalid_member', `${wrongFlag}: expected true or false`)
    const options = optionsOf(line)
    return Either.isLeft(options) ? options : operation(line, options.right)
  })()
  const id = Object.hasOwn(line, 'id') ? { id: line['id'] } : {}
  // `JSON.stringify` is recursive, and reading is not, so a deep value can be read but not printed.
  return Either.getOrElse(() => JSON.stringify({ error: notPrintable }))(
    Either.tryCatch(
      () => printableJson(Either.isRight(answer) ? { ...id, ...answer.right } : { ...id, error: answer.left }),
      () => null
    )
  )
}

const lineEnd = 0x0a

/** The lines of a stream, as bytes: JSON Lines end with a line feed only. */
export async function* linesOf(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Array<Buffer> = []
  for await (const chunk of input) {
    let start = 0
    for (let end = chunk.indexOf(lineEnd); end !== -1; end = chunk.indexOf(lineEnd, start)) {
      yield Buffer.concat([...parts, chunk.subarray(start, end)])
      parts = []
      start = end + 1
    }
    if (start < chunk.length) parts.push(chunk.subarray(start))
  }
  if (parts.length > 0) yield Buffer.concat(parts)
}
