/**
 * The question of the scope playground, and how an address holds it: after the `#`, so that no server receives it.
 *
 * @module
 */

/** A question about two scope sets. */
export interface Question {
  readonly requested: string
  readonly granted: string
  /** Whether `user/` scopes include `patient/` scopes: the host's own rule, which SMART does not have. */
  readonly userIncludesPatient: boolean
}

/** The question of an empty page. */
export const emptyQuestion: Question = { requested: '', granted: '', userIncludesPatient: false }

/** A text from an address. What is not percent-encoded UTF-8 stays as it is. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * The part of an address after `#` for a question. {@link readFragment} reads it back.
 *
 * @example
 * ```ts
 * import { fragmentOf } from './question.js'
 *
 * fragmentOf({ requested: 'patient/*.r', granted: '', userIncludesPatient: false }) // => 'requested=patient%2F*.r'
 * ```
 */
export const fragmentOf = ({ requested, granted, userIncludesPatient }: Question): string =>
  [
    ...(requested === '' ? [] : [`requested=${encodeURIComponent(requested)}`]),
    ...(granted === '' ? [] : [`granted=${encodeURIComponent(granted)}`]),
    ...(userIncludesPatient ? ['levels=user-includes-patient'] : [])
  ].join('&')

/** The question of an address; what it does not hold is empty. */
export const readFragment = (fragment: string): Question =>
  fragment
    .replace(/^#/, '')
    .split('&')
    .reduce<Question>((question, part) => {
      const [name = '', ...rest] = part.split('=')
      const value = decoded(rest.join('='))
      if (name === 'requested' || name === 'granted') return { ...question, [name]: value }
      return name === 'levels' && value === 'user-includes-patient'
        ? { ...question, userIncludesPatient: true }
        : question
    }, emptyQuestion)
