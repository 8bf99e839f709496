/**
 * Reads a body up to a limit: requests and responses of the Fetch API here, Node messages in node-http/.
 *
 * @module
 */
import { withDeadline } from './fetch/deadline.js'

/** Collects the chunks of a body and counts its bytes. */
export interface LimitedBytes {
  /** Keeps the chunk; false, and nothing is kept, if the body exceeds the limit with it. */
  readonly add: (chunk: Uint8Array) => boolean
  /** The bytes that were kept. */
  readonly whole: () => Uint8Array
}

/** An empty collection with a limit in bytes. */
export const limitedBytes = (limitBytes: number): LimitedBytes => {
  const chunks: Array<Uint8Array> = []
  let size = 0
  return {
    add: (chunk) => {
      size += chunk.length
      if (size > limitBytes) return false
      chunks.push(chunk)
      return true
    },
    whole: () => {
      if (chunks.length === 1 && chunks[0] !== undefined) return chunks[0]
      const whole = new Uint8Array(size)
      let place = 0
      for (const chunk of chunks) {
        whole.set(chunk, place)
        place += chunk.length
      }
      return whole
    }
  }
}

/**
 * The whole body; null if it exceeds the given number of bytes or if `hold`, which is called for each chunk, refuses
 * more memory. The rest of the body is then not read.
 */
export const readLimited = async (
  message: Request | Response,
  limitBytes: number,
  hold: (bytes: number) => boolean = () => true
): Promise<Uint8Array | null> => {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = message.body?.getReader()
  if (reader === undefined) return new Uint8Array()
  const bytes = limitedBytes(limitBytes)
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    if (!bytes.add(chunk.value) || !hold(chunk.value.length)) {
      reader.cancel().catch(() => undefined)
      return null
    }
  }
  return bytes.whole()
}

/**
 * The text of a response, decoded as UTF-8 without a byte order mark, which a reader of JSON may ignore (RFC 8259,
 * section 8.1).
 */
export const responseText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** The text of a response if its bytes are UTF-8; otherwise empty. */
export const utf8Text = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return ''
  }
}

/**
 * The whole body as text; empty if `hold` refuses more memory. If the body is too large, `hold` gets
 * `Infinity`; if it does not refuse that, this throws.
 */
export const readLimitedText = async (
  response: Response,
  limitBytes: number,
  hold: (bytes: number) => boolean = () => true
): Promise<string> => {
  const memory = { isHeld: true }
  const bytes = await readLimited(response, limitBytes, (more) => {
    memory.isHeld = hold(more)
    return memory.isHeld
  })
  if (bytes !== null) return responseText(bytes)
  if (memory.isHeld && hold(Infinity)) throw new Error(`the answer is larger than ${String(limitBytes)} bytes`)
  return ''
}

/** A body of which each part must arrive in time. */
export const steady = (body: ReadableStream<Uint8Array>, milliseconds: number): ReadableStream<Uint8Array> => {
  const reader = body.getReader()
  const stop = (reason: unknown): Promise<void> => reader.cancel(reason).catch(() => undefined)
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        const part = await withDeadline(milliseconds, undefined, () => reader.read())
        if (part.done) controller.close()
        else controller.enqueue(part.value)
      } catch (error) {
        void stop(error)
        throw error
      }
    },
    cancel: stop
  })
}
