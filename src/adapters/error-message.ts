/** Why a request of `fetch` came to nothing, in words. */

/** What happened. Node tells it in the cause, beside a message that is always the same; browsers tell nothing. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown'
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  const told =
    cause.message === '' && Object.hasOwn(cause, 'code')
      ? String((cause as { readonly code?: unknown }).code)
      : cause.message
  return `${error.message}: ${told}`
}
