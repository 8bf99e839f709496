/**
 * The body of a request to a Node server: read from the connection, or what a body parser before kept of its bytes.
 *
 * @module
 */
import type { IncomingMessage } from 'node:http'
import * as Either from 'fp-ts/lib/Either.js'
import { readMessage } from './message-body.js'
import type { KeptBody } from '../request-body.js'
import { keptText, limitedText, refusedCoding } from '../request-body.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { ownMember } from '../../values/own.js'

/** The first of the values that can be a body as it was sent. */
export const keptBody = (...values: ReadonlyArray<unknown>): KeptBody =>
  (values.find((value) => typeof value === 'string' || value instanceof Uint8Array) as KeptBody | undefined) ?? null

/** A message of HTTP/2, as Node's compatibility interface has it. */
type StreamMessage = IncomingMessage & { readonly stream?: { readonly endAfterHeaders?: boolean } }

/**
 * Whether the message has a body (RFC 9112, section 6.3). In HTTP/2, a body needs no length: the stream says whether
 * data follow the header (RFC 9113, section 8.1).
 */
const hasBody = ({ headers, httpVersionMajor, stream }: StreamMessage): boolean =>
  (httpVersionMajor > 1 && stream?.endAfterHeaders === false) ||
  Object.hasOwn(headers, 'transfer-encoding') ||
  (ownMember(headers, 'content-length') ?? '0') !== '0'

/**
 * The body as UTF-8 text. A body over the limit is refused at once, and the rest of it is discarded. A body that was
 * read before is used if `kept` gives its bytes or text, and otherwise refused: parsed data is not what was sent.
 */
export const requestText = async (
  message: IncomingMessage,
  limitBytes: number,
  kept: () => KeptBody
): Promise<Either.Either<Refusal, string>> => {
  if (!hasBody(message)) return Either.right('')
  const coded = refusedCoding(ownMember(message.headers, 'content-encoding'))
  if (coded !== null) return Either.left(coded)
  if (!message.readableDidRead) return limitedText(readMessage(message, limitBytes), limitBytes)
  const length = ownMember(message.headers, 'content-length')
  return keptText(kept(), length, limitBytes)
}
