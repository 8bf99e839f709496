/**
 * Work on the items of a list, some at the same time.
 *
 * @module
 */

/** The results in the order of the items; at most `atOnce` items are worked on at the same time. */
export const inParallel = async <A, B>(
  items: ReadonlyArray<A>,
  atOnce: number,
  work: (item: A) => Promise<B>
): Promise<ReadonlyArray<B>> => {
  const results = new Map<number, B>()
  const left = items.entries()
  const worker = async (): Promise<void> => {
    for (const [place, item] of left) results.set(place, await work(item))
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  return items.map((_, place) => results.get(place) as B)
}
