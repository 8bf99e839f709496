/**
 * The answers that clients have not taken yet: Node holds them in memory until they are sent.
 *
 * @module
 */
import type { ServerResponse } from 'node:http'

/** The bytes of each, the oldest first. The memory is the process's: all handlers share the account. */
const unsent = new Map<ServerResponse, number>()
let total = 0

/**
 * Counts an answer until it is sent. Where all together are more bytes than `limitBytes`, the connections of the oldest
 * ones are closed.
 */
export const countUnsentAnswer = (target: ServerResponse, bytes: number, limitBytes: number): void => {
  if (unsent.has(target)) return
  const forget = (one: ServerResponse): void => {
    total -= unsent.get(one) ?? 0
    unsent.delete(one)
  }
  unsent.set(target, bytes)
  total += bytes
  target.once('close', () => {
    forget(target)
  })
  for (const oldest of [...unsent.keys()]) {
    if (total <= limitBytes || oldest === target) return
    forget(oldest)
    oldest.destroy()
  }
}
