/**
 * Parses parameters of a query or a form body (application/x-www-form-urlencoded) without loss: repeated parameters are
 * kept, and undecodable text is an error, not a replacement character.
 *
 * Source: RFC 6749, section 3.1, section 3.2 and appendix B.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'

/** Parameter names with all their values, in order. A map, so that `__proto__` is an ordinary name. */
export type Parameters = ReadonlyMap<string, ReadonlyArray<string>>

/** The text is not valid form encoding: a broken percent sequence, or invalid UTF-8. */
export interface FormReadingError {
  readonly _tag: 'FormReadingError'
  /** The name=value pair that could not be decoded, counted from 0. */
  readonly pair: number
}

/** Decodes a name or a value of form encoding; left when a percent sequence is broken or the bytes are not UTF-8. */
export const formDecode = (text: string): Either.Either<unknown, string> =>
  text.includes('%') || text.includes('+')
    ? Either.tryCatch(
        () => decodeURIComponent(text.replaceAll('+', ' ')),
        (error) => error
      )
    : Either.right(text)

/**
 * Parses form encoding. Only `&` separates pairs; a semicolon is data. A parameter without a value counts as absent.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { readForm } from './form.js'
 *
 * const parameters = readForm('scope=launch+openid&state=a%20b&aud=')
 * Either.isRight(parameters) ? [...parameters.right] : [] // => [['scope', ['launch openid']], ['state', ['a b']]]
 * ```
 */
export const readForm = (text: string): Either.Either<FormReadingError, Parameters> => {
  const parameters = new Map<string, Array<string>>()
  let pair = -1
  for (const part of text.split('&')) {
    pair += 1
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = formDecode(equals === -1 ? part : part.slice(0, equals))
    const value = formDecode(equals === -1 ? '' : part.slice(equals + 1))
    if (Either.isLeft(name) || Either.isLeft(value)) return Either.left({ _tag: 'FormReadingError', pair })
    if (value.right === '') continue
    const values = parameters.get(name.right)
    if (values === undefined) parameters.set(name.right, [value.right])
    else values.push(value.right)
  }
  return Either.right(parameters)
}

/** A query without a leading question mark, which some frameworks include. */
export const withoutQuestionMark = (query: string): string => (query.startsWith('?') ? query.slice(1) : query)

/** Prints pairs in form encoding. */
export const printForm = (pairs: ReadonlyArray<readonly [string, string]>): string =>
  pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')

/** The first value of a parameter, or null. Check {@link repeated} first if a repetition is an error. */
export const valueOf = (parameters: Parameters, name: string): string | null => parameters.get(name)?.[0] ?? null

/**
 * The first repeated parameter with one of these names, or null (RFC 6749, section 3.1: parameters must not repeat).
 */
export const repeated = (parameters: Parameters, names: ReadonlyArray<string>): string | null => {
  for (const [name, { length }] of parameters) if (length > 1 && names.includes(name)) return name
  return null
}
