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

/** UTF-8 text, or a refusal: replacement characters would change the body silently. */
const decoded = (bytes: Uint8Array): Either.Either<Refusal, string> =>
  Either.tryCatch(
    () => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
    (): Refusal => ({ _tag: 'BodyNotText' })
  )

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

/** The body of a request of the Fetch API. */
export const readBody = async (request: Request, limitBytes: number): Promise<Either.Either<Refusal, string>> => {
  if (request.body === null) return Either.right('')
  const coded = refusedCoding(request.headers.get('content-encoding'))
  if (coded !== null) return Either.left(coded)
  if (Number(request.headers.get('content-length') ?? 0) > limitBytes) return tooLarge(limitBytes)
  return limitedText(readLimited(request, limitBytes), limitBytes)
}
