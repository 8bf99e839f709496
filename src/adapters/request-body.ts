/**
 * Reads the body of a request up to a limit.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Refusal } from '../protocol/errors/refusal.js'

const tooLarge = (limitBytes: number): Either.Either<Refusal, never> =>
  Either.left({ _tag: 'BodyTooLarge', limitBytes })

/** Decodes UTF-8 chunk by chunk, or refuses: replacement characters would change the body silently. */
const decoded = (
  decoder: InstanceType<typeof TextDecoder>,
  bytes: Uint8Array | undefined
): Either.Either<Refusal, string> =>
  Either.tryCatch(
    () => (bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })),
    (): Refusal => ({ _tag: 'BodyNotText' })
  )

/**
 * The refusal of a body with a content coding; null if it has none. Compressed bodies are not read (RFC 9110, section
 * 8.4).
 */
export const refusedCoding = (contentEncoding: string | null | undefined): Refusal | null => {
  const coding = (contentEncoding ?? '')
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .find((one) => one !== '' && one !== 'identity')
  return coding === undefined ? null : { _tag: 'BodyEncoded', coding: coding.slice(0, 64) }
}

export const readBody = async (request: Request, limitBytes: number): Promise<Either.Either<Refusal, string>> => {
  if (Number(request.headers.get('content-length') ?? 0) > limitBytes) return tooLarge(limitBytes)
  if (request.body === null) return Either.right('')
  const coded = refusedCoding(request.headers.get('content-encoding'))
  if (coded !== null) return Either.left(coded)
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader()
  let text = ''
  let size = 0
  for (;;) {
    const chunk = await reader.read().catch(() => null)
    if (chunk === null) return Either.left({ _tag: 'BodyIncomplete' })
    const piece = decoded(decoder, chunk.done ? undefined : chunk.value)
    if (Either.isLeft(piece)) return piece
    text += piece.right
    if (chunk.done) return Either.right(text)
    size += chunk.value.length
    if (size > limitBytes) {
      reader.cancel().catch(() => undefined)
      return tooLarge(limitBytes)
    }
  }
}
