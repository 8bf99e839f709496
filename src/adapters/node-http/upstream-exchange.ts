/**
 * One exchange with a FHIR server by `node:http`: on Node it takes less of the processor's time than `fetch`. The
 * modules are looked up when they are needed, so that other platforms can load this file.
 *
 * @module
 */
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import type { Readable } from 'node:stream'
import { limitedBytes, responseText } from '../limited-body.js'

/** What is used of `node:http` and `node:https`. */
interface Client {
  readonly Agent: new (options: { readonly keepAlive: boolean }) => object
  readonly request: (url: URL, options: RequestOptions, received: (response: IncomingMessage) => void) => ClientRequest
}

/** What is used of `node:zlib`. */
interface Inflating {
  readonly createUnzip: () => NodeJS.ReadWriteStream & Readable
  readonly createBrotliDecompress: () => NodeJS.ReadWriteStream & Readable
}

/** A request to a FHIR server. */
export interface UpstreamExchange {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal
  readonly bodyLimitBytes: number
  /** Is called for each chunk of the body; false if no more memory may be held, and the body is then empty. */
  readonly hold: ((bytes: number) => boolean) | undefined
}

/** The response to it. */
export interface UpstreamAnswer {
  readonly status: number
  readonly header: (name: string) => string | null
  readonly body: string
}

/** The client of a scheme, with connections that stay open. */
interface Connected {
  readonly client: Client
  readonly agent: object
}

interface NodeModules {
  readonly 'http:': Connected
  readonly 'https:': Connected
  readonly zlib: Inflating
}

const lookUp = (): NodeModules | null => {
  const platform = (
    globalThis as {
      readonly process?: { readonly getBuiltinModule?: unknown; readonly release?: { readonly name?: unknown } }
    }
  ).process
  const builtin = platform?.getBuiltinModule
  // Other platforms have these modules too, on top of their own `fetch`.
  if (
    typeof builtin !== 'function' ||
    platform?.release?.name !== 'node' ||
    'Bun' in globalThis ||
    'Deno' in globalThis
  )
    return null
  const get = (name: string): unknown => Reflect.apply(builtin, platform, [name])
  const connected = (client: Client): Connected => ({ client, agent: new client.Agent({ keepAlive: true }) })
  return {
    'http:': connected(get('node:http') as Client),
    'https:': connected(get('node:https') as Client),
    zlib: get('node:zlib') as Inflating
  }
}

let found: NodeModules | null | undefined

/** The modules of Node; null on other platforms and in Node before 20.16. */
const nodeModules = (): NodeModules | null => {
  found ??= lookUp()
  return found
}

/** The body of a response without its content coding; null for a coding that is unknown. */
const decoded = (response: IncomingMessage, { zlib }: NodeModules, fail: (error: Error) => void): Readable | null => {
  const coding = response.headers['content-encoding']?.trim().toLowerCase() ?? ''
  if (coding === '' || coding === 'identity') return response
  const decoder = /^(?:x-)?gzip$|^deflate$/.test(coding)
    ? zlib.createUnzip()
    : coding === 'br'
      ? zlib.createBrotliDecompress()
      : null
  if (decoder === null) return null
  response.on('error', fail)
  response.pipe(decoder)
  return decoder
}

/** The one value of a header field. */
const headerIn =
  ({ headers }: IncomingMessage) =>
  (name: string): string | null => {
    const value = headers[name]
    return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value
  }

/** Sends a request on a connection that is open already, or on a new one. */
const exchanged = (
  modules: NodeModules,
  { body, bodyLimitBytes, headers, hold = () => true, method, signal, url }: UpstreamExchange,
  isNew: boolean
): Promise<UpstreamAnswer | 'closed before'> =>
  new Promise((resolve, reject) => {
    const target = new URL(url)
    const connected = target.protocol === 'https:' || target.protocol === 'http:' ? modules[target.protocol] : null
    if (connected === null) throw new Error(`an address of the scheme ${target.protocol} cannot be requested`)
    if (target.username !== '' || target.password !== '') throw new Error('the address holds credentials')
    let isAnswered = false
    const request = connected.client.request(
      target,
      {
        method,
        headers: { ...headers, 'accept-encoding': 'gzip, deflate, br' },
        agent: isNew ? false : connected.agent
      } as RequestOptions,
      (response) => {
        isAnswered = true
        const answer = (text: string): void => {
          settle()
          resolve({ status: response.statusCode ?? 0, header: headerIn(response), body: text })
        }
        const stop = (): void => {
          request.destroy()
        }
        const status = response.statusCode ?? 0
        if (status >= 300 && status < 400 && status !== 304) {
          answer('')
          stop()
          return
        }
        const content = decoded(response, modules, fail)
        if (content === null) {
          fail(new Error('the answer has a content coding that is unknown'))
          stop()
          return
        }
        const bytes = limitedBytes(bodyLimitBytes)
        content
          .on('data', (chunk: Uint8Array) => {
            const isWithin = bytes.add(chunk)
            if (isWithin && hold(chunk.length)) return
            if (isWithin || !hold(Infinity)) answer('')
            else fail(new Error(`the answer is larger than ${String(bodyLimitBytes)} bytes`))
            stop()
          })
          .on('end', () => {
            answer(responseText(bytes.whole()))
          })
          .on('error', fail)
          .on('close', () => {
            fail(new Error('the answer has ended early'))
          })
      }
    )
    const left = (): void => {
      request.destroy()
      fail(signal.reason as Error)
    }
    const settle = (): void => {
      signal.removeEventListener('abort', left)
    }
    const fail = (error: Error): void => {
      settle()
      reject(error)
    }
    request.on('error', (error: Error) => {
      // The server had closed a connection that was kept open, when the request came.
      const isStale = request.reusedSocket && !isAnswered && !signal.aborted && (method === 'GET' || method === 'HEAD')
      if (!isStale) fail(error)
      else {
        settle()
        resolve('closed before')
      }
    })
    if (signal.aborted) left()
    else {
      signal.addEventListener('abort', left, { once: true })
      request.end(body === '' ? undefined : body)
    }
  })

/**
 * The exchange of Node; null on other platforms. It follows no redirect, and a response that is one has no body. A read
 * on a connection that the server had closed is sent once more, on a new one.
 */
export const nodeExchange = (): ((exchange: UpstreamExchange) => Promise<UpstreamAnswer>) | null => {
  const modules = nodeModules()
  if (modules === null) return null
  return async (exchange) => {
    const first = await exchanged(modules, exchange, false)
    const answer = first === 'closed before' ? await exchanged(modules, exchange, true) : first
    if (answer === 'closed before') throw new Error('the connection was closed')
    return answer
  }
}
