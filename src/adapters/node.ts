/**
 * For Node's own `http` module, and every framework that exposes its `IncomingMessage` and `ServerResponse`.
 *
 * @module
 */
import { isUtf8 } from 'node:buffer'
import { setMaxListeners } from 'node:events'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import * as Either from 'fp-ts/lib/Either.js'
import { inOrder } from './node-http/connection-queue.js'
import type { HandlerOptions } from './web.js'
import { defaultBodyLimitBytes, refusedFor, tellDefect } from './web.js'
import { refusedCoding } from './request-body.js'
import type { RequestHandler } from '../engine/server/http-handler.js'
import { countUnsentAnswer } from './node-http/unsent-responses.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import { limits } from '../values/limits/limits.js'
import { ownMember, ownMembers } from '../values/own.js'

/** The limits of a Node handler. */
export interface NodeHandlerOptions extends HandlerOptions {
  /**
   * The number of requests of one connection that may wait behind others; at the limit, the connection is not read
   * until one was answered. Default: 100.
   */
  readonly waitingRequests?: number
  /**
   * The number of requests that may wait on all connections of the process; beyond, the connection with the most is
   * closed. Default: 10000.
   */
  readonly waitingRequestsInAll?: number
  /** The bytes of responses that clients have not read yet, in the whole process. Default: 64 MiB. */
  readonly unsentAnswersBytes?: number
}

/** UTF-8 text, or a refusal: replacement characters would change the body silently. */
const decodeBody = (bytes: Buffer): Either.Either<Refusal, string> =>
  isUtf8(bytes) ? Either.right(bytes.toString('utf8')) : Either.left({ _tag: 'BodyNotText' })

/** Whether the message has a body (RFC 9112, section 6.3). */
const hasBody = ({ headers }: IncomingMessage): boolean =>
  Object.hasOwn(headers, 'content-length') || Object.hasOwn(headers, 'transfer-encoding')

/** The body as UTF-8 text; a body over the limit is refused at once and the rest of it is discarded. */
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
    const coded = refusedCoding(ownMember(message.headers, 'content-encoding'))
    if (coded !== null) {
      resolve(Either.left(coded))
      return
    }
    const chunks: Array<Buffer> = []
    let size = 0
    message.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limitBytes) chunks.push(chunk)
      else resolve(Either.left({ _tag: 'BodyTooLarge', limitBytes }))
    })
    message.on('end', () => {
      resolve(decodeBody(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)))
    })
    // The cause is a connection that ended early: no fault of the host, and the client gets no response.
    message.on('error', () => {
      resolve(Either.left({ _tag: 'BodyIncomplete' }))
    })
  })

/** The values of all `Authorization` header fields; raw headers are one list of alternating names and values. */
const everyAuthorization = ({ rawHeaders }: IncomingMessage): ReadonlyArray<string> =>
  rawHeaders.filter((_, place) => place % 2 === 1 && rawHeaders[place - 1]?.toLowerCase() === 'authorization')

/**
 * The target of a request in origin form, and the authority if the request had absolute form (RFC 9112, section 3.2.2).
 */
const targetOf = ({ url = '/' }: IncomingMessage): { readonly url: string; readonly authority: string | null } => {
  if (url.startsWith('/')) return { url, authority: null }
  const [, authority, rest = ''] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(url) ?? []
  return authority === undefined
    ? { url, authority: null }
    : { url: rest.startsWith('/') ? rest : `/${rest}`, authority }
}

const plainRequest = (message: IncomingMessage, body: string, signal: AbortSignal): PlainRequest => {
  const { url, authority } = targetOf(message)
  const question = url.indexOf('?')
  const headers = Object.create(null) as Record<string, string>
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ')
  }
  if (authority !== null) headers['host'] = authority
  // Node keeps the first of several fields. Several fields together are no credentials, as on every other host.
  if (headers['authorization'] !== undefined) {
    const every = everyAuthorization(message)
    if (every.length > 1) headers['authorization'] = every.join(', ')
  }
  return {
    method: message.method ?? 'GET',
    path: question === -1 ? url : url.slice(0, question),
    query: question === -1 ? '' : url.slice(question + 1),
    headers,
    body,
    signal
  }
}

/**
 * The Content-Length; null if there is none to send (RFC 9110, section 8.6): 204 and 304 have none, and for HEAD the
 * length of the GET response is known only if the response has the body.
 */
const lengthOf = ({ status, body }: PlainResponse, method: string | undefined): number | null =>
  status === 204 || status === 304 || (method === 'HEAD' && body === '') ? null : Buffer.byteLength(body)

const send = (
  target: ServerResponse,
  response: PlainResponse,
  method: string | undefined,
  options: NodeHandlerOptions
): void => {
  const length = lengthOf(response, method)
  const headers: OutgoingHttpHeaders = ownMembers(length === null ? {} : { 'content-length': length })
  for (const [name, value] of Object.entries(response.headers)) {
    headers[name] = typeof value === 'string' ? value : [...value]
  }
  target.writeHead(response.status, headers)
  countUnsentAnswer(target, length ?? 0, ownMember(options, 'unsentAnswersBytes') ?? limits.unsentAnswers.standard)
  target.end(method === 'HEAD' || length === null ? undefined : response.body)
}

/**
 * A listener for `http.createServer`, and a middleware for frameworks that leave the address whole and the body unread:
 * register it before all body parsers. `signal` of a request is aborted if the client left before its response was
 * sent. Pipelined requests of one connection are handled one after the other.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import * as Task from 'fp-ts/lib/Task.js'
 * import { nodeHandler } from 'smart-app-launch/fp-ts/adapters/node'
 *
 * const server = createServer(nodeHandler(() => Task.of({ status: 200, headers: {}, body: 'hello' })))
 * server.listening // => false
 * ```
 */
export const nodeHandler =
  (answer: RequestHandler, options: NodeHandlerOptions = {}) =>
  (message: IncomingMessage, target: ServerResponse): void => {
    // A client that leaves early causes an error of the connection, which concerns no other code.
    message.on('error', () => undefined)
    target.on('error', () => undefined)
    const client = new AbortController()
    // Every upstream request adds a listener, and there may be many at once.
    setMaxListeners(0, client.signal)
    const leave = (): void => {
      client.abort(new Error('the client has left'))
    }
    const hasLeft = (): boolean => target.destroyed || client.signal.aborted
    const refused = (because: Refusal | null): Promise<PlainResponse> =>
      refusedFor(answer, plainRequest(message, '', client.signal), because)
    const respond = async (): Promise<PlainResponse> => {
      const body = await readBody(message, ownMember(options, 'bodyLimitBytes') ?? defaultBodyLimitBytes)
      if (Either.isRight(body)) return await answer(plainRequest(message, body.right, client.signal))()
      target.setHeader('connection', 'close')
      return refused(body.left)
    }
    const serve = async (): Promise<void> => {
      if (hasLeft()) return
      const response = await respond().catch((defect: unknown) => {
        tellDefect(options, defect)
        return refused(null)
      })
      if (hasLeft()) return
      try {
        send(target, response, message.method, options)
      } catch (defect) {
        tellDefect(options, defect)
        send(target, await refused(null), message.method, options)
      }
    }
    const bounds = {
      waitingRequests: ownMember(options, 'waitingRequests') ?? limits.waitingRequests.standard,
      waitingRequestsInAll: ownMember(options, 'waitingRequestsInAll') ?? limits.waitingRequestsInAll.standard
    }
    inOrder(message, target, bounds, leave, serve).catch(() => {
      target.destroy()
    })
  }

export { guardedFetch } from './fetch/guarded-fetch.js'
export type { GuardedFetchOptions } from './fetch/guarded-fetch.js'

export { appPorts as nodeAppPorts } from './app-ports.js'
export type { AppPortsOptions } from './app-ports.js'
export type { AppSigningKey } from './jose-app.js'
export type { FetchHttpOptions } from './fetch/fetch-http.js'
