/**
 * The body of a request: which content codings, sizes and texts are refused, in this order on every host.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { readLimited } from './limited-body.js'
import type { Refusal } from '../protocol/errors/refusal.js'

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

const tooLarge = (limitBytes: number): Either.Either<Refusal, never> =>
  Either.left({ _tag: 'BodyTooLarge', limitBytes })

/** A decoder costs more than a decoding, and decodings of whole bodies share no state. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF-8 text, or a refusal: replacement characters would change the body silently. */
const decoded = (bytes: Uint8Array): Either.Either<Refusal, string> => {
  try {
    return Either.right(utf8.decode(bytes))
  } catch {
    return Either.left({ _tag: 'BodyNotText' })
  }
}

/**
 * The text of a body that is read up to a limit. `read` gives null for a body over the limit, and rejects if the
 * connection ended early: no fault of the host, and the client gets no response.
 */
export const limitedText = async (
  read: Promise<Uint8Array | null>,
  limitBytes: number
): Promise<Either.Either<Refusal, string>> =>
  read.then(
    (bytes) => (bytes === null ? tooLarge(limitBytes) : decoded(bytes)),
    () => Either.left<Refusal>({ _tag: 'BodyIncomplete' })
  )

/** The bytes of a body that was read before, or its text; null if they were not kept. */
export type KeptBody = Uint8Array | string | null

/**
 * Whether a text can differ from the bytes that were sent: a parser that decodes puts U+FFFD for bytes that are not
 * UTF-8. `length` is the `Content-Length` of the request.
 */
const isReplaced = (text: string, bytes: Uint8Array, length: string | null | undefined): boolean =>
  typeof length === 'string' ? Number(length) !== bytes.length : text.includes('\ufffd')

/**
 * The text of a body that other code read before. It is used if its bytes or its text were kept, and otherwise refused:
 * parsed data is not what was sent. `length` is the `Content-Length` of the request.
 */
export const keptText = (
  kept: KeptBody,
  length: string | null | undefined,
  limitBytes: number
): Either.Either<Refusal, string> => {
  if (Number(length ?? 0) > limitBytes) return tooLarge(limitBytes)
  if (kept === null) return Either.left({ _tag: 'BodyReadBefore' })
  const bytes = typeof kept === 'string' ? new TextEncoder().encode(kept) : kept
  if (bytes.length > limitBytes) return tooLarge(limitBytes)
  return typeof kept === 'string' && isReplaced(kept, bytes, length)
    ? Either.left({ _tag: 'BodyNotText' })
    : decoded(bytes)
}

/** The body of a request of the Fetch API; `kept` gives what other code kept of a body that it read before. */
export const readBody = async (
  request: Request,
  limitBytes: number,
  kept: () => Promise<KeptBody>
): Promise<Either.Either<Refusal, string>> => {
  if (request.body === null) return Either.right('')
  const coded = refusedCoding(request.headers.get('content-encoding'))
  if (coded !== null) return Either.left(coded)
  const length = request.headers.get('content-length')
  if (request.bodyUsed || request.body.locked) return keptText(await kept(), length, limitBytes)
  if (Number(length ?? 0) > limitBytes) return tooLarge(limitBytes)
  return limitedText(readLimited(request, limitBytes), limitBytes)
}
