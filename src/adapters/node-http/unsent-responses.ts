/**
 * Responses that clients have not read yet: Node keeps them in memory until they are sent.
 *
 * @module
 */
import type { ServerResponse } from 'node:http'

/** The bytes of each response, the oldest first. Memory belongs to the process, so all handlers share this map. */
const unsent = new Map<ServerResponse, number>()
let total = 0

/**
 * Counts a response until it is sent. If all unsent responses together exceed `limitBytes`, the connections of the
 * oldest ones are closed.
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
