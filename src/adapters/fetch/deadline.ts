/**
 * Work with a time limit, which also ends when its client has left.
 *
 * @module
 */

/**
 * Runs work with a signal that is aborted after the given milliseconds, or when the client has left. It rejects at
 * once, even if the work ignores the signal; a later result or rejection of the work is discarded.
 */
export const withDeadline = async <A>(
  milliseconds: number,
  client: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<A>
): Promise<A> => {
  const controller = new AbortController()
  const { signal } = controller
  const left = (): void => {
    controller.abort(new Error('the client has left'))
  }
  if (client?.aborted === true) throw new Error('the client has left')
  const ended = new Promise<never>((_resolve, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        reject(signal.reason as Error)
      },
      { once: true }
    )
  })
  client?.addEventListener('abort', left, { once: true })
  const timer = setTimeout(() => {
    controller.abort(new Error('no answer in time'))
  }, milliseconds)
  try {
    return await Promise.race([work(signal), ended])
  } finally {
    clearTimeout(timer)
    client?.removeEventListener('abort', left)
  }
}
