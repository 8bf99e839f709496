/**
 * The error for wrong options: one error that names all of them.
 *
 * @module
 */
import type { SettingsError } from '../protocol/policy/policy-check.js'

/** Thrown when settings or ports are wrong or missing. Its `name` is `SmartConfigurationError`. */
export interface SmartConfigurationError extends Error {
  readonly name: 'SmartConfigurationError'
  /** Every wrong or missing setting and port. */
  readonly errors: ReadonlyArray<SettingsError>
}

/** The error for wrong options of a function. */
export const configurationError = (
  calledFunction: string,
  errors: ReadonlyArray<SettingsError>
): SmartConfigurationError => {
  const lines = errors.map(({ path, expected, found }) => `  ${path}: expected ${expected}; found ${found}`)
  return Object.assign(new Error(`${calledFunction} was called with wrong options:\n${lines.join('\n')}`), {
    name: 'SmartConfigurationError' as const,
    errors
  })
}

/** Whether an error is a `SmartConfigurationError`. */
export const isConfigurationError = (error: unknown): error is SmartConfigurationError =>
  error instanceof Error && error.name === 'SmartConfigurationError'
