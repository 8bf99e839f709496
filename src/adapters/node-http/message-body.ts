/**
 * Reads the body of a Node message up to a limit: a request that arrived, or a response.
 *
 * @module
 */
import type { IncomingMessage } from 'node:http'
import { limitedBytes } from '../limited-body.js'

/**
 * The whole body; null as soon as it exceeds the given number of bytes, and the rest is then discarded. Rejects if the
 * connection ends before the body.
 */
export const readMessage = (message: IncomingMessage, limitBytes: number): Promise<Uint8Array | null> =>
  new Promise((resolve, reject) => {
    const bytes = limitedBytes(limitBytes)
    message.on('data', (chunk: Buffer) => {
      if (!bytes.add(chunk)) resolve(null)
    })
    message.on('end', () => {
      resolve(bytes.whole())
    })
    message.on('error', reject)
    message.on('close', () => {
      if (!message.readableEnded) reject(new Error('the body ended too early'))
    })
  })
