/**
 * For Node's own `http` module, and every framework that hands out its `IncomingMessage` and `ServerResponse`.
 *
 * @module
 */
import { isUtf8 } from 'node:buffer'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import * as Either from 'fp-ts/lib/Either.js'
import type { HandlerOptions } from './web.js'
import { defaultBodyLimitBytes, defectResponse } from './web.js'
import type { Answer } from '../engine/answer.js'
import type { PlainRequest, PlainResponse } from '../messages/http.js'
import type { Refusal } from '../messages/refusal.js'
import { refusalJson } from '../messages/refusal-table.js'

/** UTF-8 text, or nothing: a replacement character would be a silent repair. */
const decodeBody = (bytes: Buffer): Either.Either<Refusal, string> =>
  isUtf8(bytes) ? Either.right(bytes.toString('utf8')) : Either.left({ _tag: 'BodyNotText' })

/** Whether a body comes with the message (RFC 9112, section 6.3). */
const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined

/** The body as UTF-8 text; a body over the limit is refused at once and the rest of it is not kept. */
const readBody = (message: IncomingMessage, limitBytes: number): Promise<Either.Either<Refusal, string>> =>
  new Promise((resolve, reject) => {
    if (!hasBody(message)) {
      resolve(Either.right(''))
      return
    }
    if (message.readableEnded) {
      reject(new Error('the body was read before this handler: it must come before all that parse bodies'))
      return
    }
    const chunks: Array<Buffer> = []
    let size = 0
    message.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limitBytes) chunks.push(chunk)
      else resolve(Either.left({ _tag: 'BodyTooLarge', limitBytes }))
    })
    message.on('end', () => { resolve(decodeBody(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks))) })
    // Only a connection that ends too early does that: it is no fault of the host, and nobody hears the answer.
    message.on('error', () => { resolve(Either.left({ _tag: 'BodyIncomplete' })) })
  })

/** The values of all `Authorization` headers; they come with their names before them, in one list. */
const everyAuthorization = ({ rawHeaders }: IncomingMessage): ReadonlyArray<string> =>
  rawHeaders.filter((_, place) => place % 2 === 1 && rawHeaders[place - 1]?.toLowerCase() === 'authorization')

const plainRequest = (message: IncomingMessage, body: string): PlainRequest => {
  const url = message.url ?? '/'
  const question = url.indexOf('?')
  const headers: Record<string, string> = {}
  for (const name in message.headers) {
    const value = message.headers[name]
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ')
  }
  // Node keeps the first of several and says nothing; together they are no credentials at all, as from every other host.
  if (headers['authorization'] !== undefined) {
    const every = everyAuthorization(message)
    if (every.length > 1) headers['authorization'] = every.join(', ')
  }
  return {
    method: message.method ?? 'GET',
    path: question === -1 ? url : url.slice(0, question),
    query: question === -1 ? '' : url.slice(question + 1),
    headers,
    body
  }
}

const send = (target: ServerResponse, response: PlainResponse, method: string | undefined): void => {
  // A 204 has no content, and no length of it (RFC 9110, section 8.6).
  const headers: OutgoingHttpHeaders = response.status === 204 ? {} : { 'content-length': Buffer.byteLength(response.body) }
  for (const name in response.headers) {
    const value = response.headers[name]
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : [...value]
  }
  target.writeHead(response.status, headers)
  target.end(method === 'HEAD' ? undefined : response.body)
}

/**
 * A listener for `http.createServer`, and a middleware where the framework leaves the address whole and the body unread: it must
 * come before all that parse bodies.
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
      if (Either.isRight(body)) return await answer(plainRequest(message, body.right))()
      target.setHeader('connection', 'close')
      return refusalJson(body.left)
    }
    const serve = async (): Promise<void> => {
      let response = defectResponse
      try {
        response = await respond()
      } catch (defect) {
        options.onDefect?.(defect)
      }
      send(target, response, message.method)
    }
    serve().catch(() => { target.destroy() })
  }

export { guardedFetch } from './guarded-fetch.js'
export type { GuardedFetchOptions } from './guarded-fetch.js'

export { appPorts as nodeAppPorts } from './app-ports.js'
export type { AppPortsOptions } from './app-ports.js'
export type { AppSigningKey } from './jose-app.js'
export type { FetchHttpOptions } from './fetch-http.js'
