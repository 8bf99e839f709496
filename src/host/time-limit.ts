/**
 * A time limit for what depends on the host's own functions.
 *
 * @module
 */

/** The result of work; null if it is not there within these milliseconds. The work itself cannot be stopped. */
export const withinTime = async <A>(milliseconds: number, work: () => Promise<A>): Promise<A | null> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const ended = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      resolve(null)
    }, milliseconds)
  })
  try {
    return await Promise.race([work(), ended])
  } finally {
    clearTimeout(timer)
  }
}
