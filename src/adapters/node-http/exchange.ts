/**
 * One request and its response over Node's `http`: the only way in which the handlers of this package read and send.
 *
 * @module
 */
import { setMaxListeners } from 'node:events'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { validateHeaderName, validateHeaderValue } from 'node:http'
import * as Either from 'fp-ts/lib/Either.js'
import { inOrder } from './connection-queue.js'
import type { KeptBody } from '../request-body.js'
import { requestText } from './request-body.js'
import { countUnsentAnswer } from './unsent-responses.js'
import type { Answerer, DefectOptions } from '../answerer.js'
import { readBefore, reportDefect } from '../answerer.js'
import type { LoadOptions } from '../process/load.js'
import { answerUnderLoad } from '../process/load.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { limits } from '../../values/limits/limits.js'
import { ownMember, ownMembers } from '../../values/own.js'

/** The limits of a process that serves over Node's `http`. */
export interface NodeLimits extends LoadOptions {
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

/** A request as Node and the framework have it. */
export interface Exchange {
  readonly message: IncomingMessage
  readonly target: ServerResponse
  /** The target of the request as the process received it, also if a framework removed a mount path from `url`. */
  readonly url: string
  /** What a body parser that ran before kept of the body. */
  readonly kept: () => KeptBody
  /** How the body's bytes are kept in this framework, in a sentence for the log. */
  readonly howToKeep: string
  /** Sends the response in the framework's way. Default: writes it to `target`. */
  readonly deliver?: (response: PlainResponse) => void
}

/** The values of all `Authorization` header fields; raw headers are one list of alternating names and values. */
const everyAuthorization = ({ rawHeaders }: IncomingMessage): ReadonlyArray<string> =>
  rawHeaders.filter((_, place) => place % 2 === 1 && rawHeaders[place - 1]?.toLowerCase() === 'authorization')

/**
 * The target of a request in origin form, and the authority if the request had absolute form (RFC 9112, section 3.2.2).
 */
const targetOf = (url: string): { readonly url: string; readonly authority: string | null } => {
  if (url.startsWith('/')) return { url, authority: null }
  const [, authority, rest = ''] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(url) ?? []
  return authority === undefined
    ? { url, authority: null }
    : { url: rest.startsWith('/') ? rest : `/${rest}`, authority }
}

/** The path in the target of a request. */
export const targetPath = (target: string): string => {
  const { url } = targetOf(target)
  const question = url.indexOf('?')
  return question === -1 ? url : url.slice(0, question)
}

/** The target of a request before a framework changed `url`. */
export const originalTarget = (message: IncomingMessage & { readonly originalUrl?: unknown }): string =>
  typeof message.originalUrl === 'string' ? message.originalUrl : (message.url ?? '/')

const plainRequest = ({ message, url: target }: Exchange, body: string, signal: AbortSignal): PlainRequest => {
  const { url, authority } = targetOf(target)
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
    path: targetPath(target),
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

const send = ({ message: { method }, target }: Exchange, response: PlainResponse): void => {
  const length = lengthOf(response, method)
  const headers: OutgoingHttpHeaders = ownMembers(length === null ? {} : { 'content-length': length })
  for (const [name, value] of Object.entries(response.headers)) {
    headers[name] = typeof value === 'string' ? value : [...value]
  }
  target.writeHead(response.status, headers)
  target.end(method === 'HEAD' || length === null ? undefined : response.body)
}

/**
 * Throws if Node cannot send the header fields, before any of them is set. `writeHead` does so itself unless the host
 * or its framework has set fields before.
 */
const checkFields = ({ headers }: PlainResponse): void => {
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name)
    for (const one of typeof value === 'string' ? [value] : value) validateHeaderValue(name, one)
  }
}

/**
 * Reads the request, has it answered, and sends the response, after the responses to all earlier requests of the
 * connection. The promise resolves when the response was handed to Node or to the framework. It never rejects.
 */
export const serveExchange = async (
  exchange: Exchange,
  answerer: Answerer,
  options: NodeLimits & DefectOptions
): Promise<void> => {
  const { message, target } = exchange
  // A client that leaves early causes an error of the connection, which concerns no other code.
  message.on('error', () => undefined)
  target.on('error', () => undefined)
  const client = new AbortController()
  // Every upstream request adds a listener, and there may be many at once.
  setMaxListeners(0, client.signal)
  let left = (): void => undefined
  const leave = (): void => {
    left()
    client.abort(new Error('the client has left'))
  }
  const hasLeft = (): boolean => target.destroyed || client.signal.aborted
  const refused = (because: Refusal | null): Promise<PlainResponse> =>
    answerer.refused(plainRequest(exchange, '', client.signal), because)
  const respond = async (): Promise<PlainResponse> => {
    const body = await requestText(message, answerer.bodyLimitBytes, exchange.kept)
    if (Either.isRight(body)) {
      return answerUnderLoad(answerer, plainRequest(exchange, body.right, client.signal), options, (end) => {
        left = end
      })
    }
    if (body.left._tag === 'BodyReadBefore') reportDefect(options, readBefore(exchange.howToKeep))
    target.setHeader('connection', 'close')
    return refused(body.left)
  }
  const deliver = (response: PlainResponse): void => {
    if (exchange.deliver !== undefined || target.getHeaderNames().length > 0) checkFields(response)
    const length = lengthOf(response, message.method) ?? 0
    countUnsentAnswer(target, length, ownMember(options, 'unsentAnswersBytes') ?? limits.unsentAnswers.default)
    if (exchange.deliver === undefined) send(exchange, response)
    else exchange.deliver(response)
  }
  const serve = async (): Promise<void> => {
    if (hasLeft()) return
    const response = await respond().catch((defect: unknown) => {
      reportDefect(options, defect)
      return refused(null)
    })
    if (hasLeft()) return
    try {
      deliver(response)
    } catch (defect) {
      reportDefect(options, defect)
      deliver(await refused(null))
    }
  }
  const bounds = {
    waitingRequests: ownMember(options, 'waitingRequests') ?? limits.waitingRequests.default,
    waitingRequestsInAll: ownMember(options, 'waitingRequestsInAll') ?? limits.waitingRequestsInAll.default
  }
  await inOrder(message, target, bounds, leave, serve).catch(() => {
    target.destroy()
  })
}
