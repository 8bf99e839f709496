/**
 * Reads the arguments of functions. A wrong argument is a mistake in the calling code: one message names the function
 * and the argument.
 *
 * @module
 */

const described = (value: unknown): string => {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array of something else'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** The error for a wrong argument. */
export const wrongArgument = (called: string, argument: string, expected: string, found: unknown): TypeError =>
  new TypeError(`${called}: the argument \`${argument}\` must be ${expected}; it is ${described(found)}`)

/** An argument, unchanged; `isRight` says whether it has that form. */
export const argumentIn = <Given>(
  called: string,
  argument: string,
  expected: string,
  isRight: (given: unknown) => boolean,
  given: Given
): Given => {
  if (isRight(given)) return given
  throw wrongArgument(called, argument, expected, given)
}

/** Whether a value is a list whose members all pass a check. */
export const isListOf =
  (isRight: (member: unknown) => boolean) =>
  (given: unknown): boolean =>
    Array.isArray(given) && given.every(isRight)

/** Whether a value is a text. */
export const isText = (given: unknown): boolean => typeof given === 'string'

/** The text of an argument. */
export const textIn = (called: string, argument: string, given: unknown): string => {
  if (typeof given === 'string') return given
  throw wrongArgument(called, argument, 'a text', given)
}

/** An argument that has these functions. */
export const functionsIn = <Given>(
  called: string,
  argument: string,
  expected: string,
  names: ReadonlyArray<string>,
  given: Given
): Given => {
  const has = (name: string): boolean =>
    typeof (given as Record<string, unknown> | null | undefined)?.[name] === 'function'
  return argumentIn(called, argument, expected, () => names.every(has), given)
}

/** Key material of an argument. */
export const materialIn = <Given>(called: string, given: Given): Given => {
  const has = (name: string): boolean => Array.isArray((given as Record<string, unknown> | null | undefined)?.[name])
  return argumentIn(
    called,
    'material',
    'key material: an object with the lists signingKeys and macKeys',
    () => ['signingKeys', 'macKeys'].every(has),
    given
  )
}
