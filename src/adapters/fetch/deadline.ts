/**
 * Work that ends in time, and when nobody waits for it any more.
 *
 * @module
 */

/**
 * Does work that is told by a signal when it is to end: after so many milliseconds, or when the client has left.
 * Rejects then at once, whether or not the work listens; what the work does later is heard and dropped.
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
