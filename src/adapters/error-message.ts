/** Describes why a request with `fetch` failed. */

/** The reason of an error. Node gives it in the cause, and its message is always the same; browsers give no reason. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown'
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  const reason =
    cause.message === '' && Object.hasOwn(cause, 'code')
      ? String((cause as { readonly code?: unknown }).code)
      : cause.message
  return `${error.message}: ${reason}`
}

/** The message of an error. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown')
