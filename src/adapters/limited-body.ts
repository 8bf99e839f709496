/**
 * Reading the body of an answer of `fetch`, up to a bound.
 *
 * @module
 */

/** The whole body; null where it is larger than so many bytes, and then the rest of it is not read. */
export const readLimited = async (response: Response, limitBytes: number): Promise<Uint8Array | null> => {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader()
  if (reader === undefined) return new Uint8Array()
  const chunks: Array<Uint8Array> = []
  let size = 0
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    size += chunk.value.length
    if (size > limitBytes) {
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

/** The whole body as text; throws where it is larger. */
export const readLimitedText = async (response: Response, limitBytes: number): Promise<string> => {
  const bytes = await readLimited(response, limitBytes)
  if (bytes === null) throw new Error(`the answer is larger than ${String(limitBytes)} bytes`)
  return new TextDecoder().decode(bytes)
}
