/**
 * For Node's own `http` module, and every framework that hands out its `IncomingMessage` and `ServerResponse`.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import * as Either from 'fp-ts/lib/Either.js'
import type { HandlerOptions } from './web.js'
import { defaultBodyLimitBytes, defectResponse } from './web.js'
import type { Answer } from '../engine/answer.js'
import type { PlainRequest, PlainResponse } from '../messages/http.js'
import type { Refusal } from '../messages/refusal.js'
import { refusalJson } from '../messages/refusal-table.js'

/** UTF-8 text, or nothing: a replacement character would be a silent repair. */
const decodeBody = (bytes: Buffer): Either.Either<Refusal, string> =>
  Either.tryCatch(
    () => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
    (): Refusal => ({ _tag: 'BodyNotText' })
  )

/** The body as UTF-8 text; a body over the limit is refused at once and the rest of it is not kept. */
const readBody = (message: IncomingMessage, limitBytes: number): Promise<Either.Either<Refusal, string>> =>
  new Promise((resolve) => {
    const chunks: Array<Buffer> = []
    let size = 0
    message.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limitBytes) chunks.push(chunk)
      else resolve(Either.left({ _tag: 'BodyTooLarge', limitBytes }))
    })
    message.on('end', () => { resolve(decodeBody(Buffer.concat(chunks))) })
    // Only a connection that ends too early does that: it is no fault of the host, and nobody hears the answer.
    message.on('error', () => { resolve(Either.left({ _tag: 'BodyIncomplete' })) })
  })

const plainRequest = (message: IncomingMessage, body: string): PlainRequest => {
  const url = message.url ?? '/'
  const question = url.indexOf('?')
  const headers = Object.entries(message.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === 'string' ? value : value.join(', ')] as const]
  )
  return {
    method: message.method ?? 'GET',
    path: question === -1 ? url : url.slice(0, question),
    query: question === -1 ? '' : url.slice(question + 1),
    headers: Object.fromEntries(headers),
    body
  }
}

const send = (target: ServerResponse, response: PlainResponse, method: string | undefined): void => {
  const bytes = Buffer.from(response.body, 'utf8')
  target.statusCode = response.status
  for (const [name, value] of Object.entries(response.headers)) {
    target.setHeader(name, typeof value === 'string' ? value : [...value])
  }
  target.setHeader('content-length', bytes.length)
  target.end(method === 'HEAD' ? undefined : bytes)
}

/**
 * A listener for `http.createServer`.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import * as Task from 'fp-ts/lib/Task.js'
 * import { nodeHandler } from 'smart-app-launch/adapters/node'
 *
 * const server = createServer(nodeHandler(() => Task.of({ status: 200, headers: {}, body: 'hello' })))
 * server.listening // => false
 * ```
 */
export const nodeHandler =
  (answer: Answer, options: HandlerOptions = {}) =>
  (message: IncomingMessage, target: ServerResponse): void => {
    const respond = async (): Promise<PlainResponse> => {
      const body = await readBody(message, options.bodyLimitBytes ?? defaultBodyLimitBytes)
      if (Either.isRight(body)) return answer(plainRequest(message, body.right))()
      target.setHeader('connection', 'close')
      return refusalJson(body.left)
    }
    respond()
      .catch((defect: unknown) => {
        options.onDefect?.(defect)
        return defectResponse
      })
      .then((response) => { send(target, response, message.method) })
      .catch(() => { target.destroy() })
  }

export { guardedFetch } from './guarded-fetch.js'
export type { GuardedFetchOptions } from './guarded-fetch.js'
