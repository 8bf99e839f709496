/**
 * Reads the body of a `fetch` response up to a limit.
 *
 * @module
 */

/**
 * The whole body; null if it exceeds the given number of bytes or if `hold`, which is called for each chunk, refuses
 * more memory. The rest of the body is then not read.
 */
export const readLimited = async (
  response: Response,
  limitBytes: number,
  hold: (bytes: number) => boolean = () => true
): Promise<Uint8Array | null> => {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader()
  if (reader === undefined) return new Uint8Array()
  const chunks: Array<Uint8Array> = []
  let size = 0
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    size += chunk.value.length
    if (size > limitBytes || !hold(chunk.value.length)) {
      reader.cancel().catch(() => undefined)
      return null
    }
    chunks.push(chunk.value)
  }
  const whole = new Uint8Array(size)
  let place = 0
  for (const chunk of chunks) {
    whole.set(chunk, place)
    place += chunk.length
  }
  return whole
}

/** The whole body as text; null if `hold` refuses more memory. Throws if the body is too large. */
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
  if (bytes !== null) return new TextDecoder().decode(bytes)
  if (memory.isHeld) throw new Error(`the answer is larger than ${String(limitBytes)} bytes`)
  return ''
}
