/**
 * What a policy option is, and its three kinds: words, yes or no, and seconds.
 *
 * @module
 */
import * as t from 'io-ts'

/** One policy option: its values, its default, and its meaning. */
export interface PolicyOption<Value> {
  readonly codec: t.Type<Value>
  readonly default: Value
  /** One or two sentences for hosts. */
  readonly description: string
  /**
   * Where the choice comes from: a section of the SMART guide (`page#anchor`) or of an RFC (`rfc6749#section-6`), or a
   * named client, server or other specification that has the other reading.
   */
  readonly sources: ReadonlyArray<string>
}

/** An option with words as values. The first is the default. */
export const oneOf = <const Values extends readonly [string, ...ReadonlyArray<string>]>(
  values: Values,
  means: string,
  sources: ReadonlyArray<string>
): PolicyOption<Values[number]> => ({
  codec: t.keyof(Object.fromEntries(values.map((value) => [value, null])) as Record<Values[number], null>),
  default: values[0],
  description: means,
  sources
})

/** An option that is true or false. */
export const yesOrNo = (
  defaultValue: boolean,
  means: string,
  sources: ReadonlyArray<string>
): PolicyOption<boolean> => ({
  codec: t.boolean,
  default: defaultValue,
  description: means,
  sources
})

const wholeSeconds = (least: number, most: number) =>
  new t.Type<number>(
    `a whole number of seconds from ${String(least)} to ${String(most)}`,
    t.number.is,
    (value, context) =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
        ? t.success(value)
        : t.failure(value, context),
    t.identity
  )

const longestSeconds = 10 * 365 * 86400

/** An option in whole seconds, from `least` to `most`. */
export const seconds = (
  defaultValue: number,
  means: string,
  sources: ReadonlyArray<string>,
  least = 1,
  most = longestSeconds
): PolicyOption<number> => ({
  codec: wholeSeconds(least, most),
  default: defaultValue,
  description: means,
  sources
})
