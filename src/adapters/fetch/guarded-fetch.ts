/**
 * Fetches an untrusted address from a server inside a network: resolves the address first, and connects only to public
 * machines (protection against server-side request forgery).
 *
 * Source: RFC 9700, section 4.11.
 *
 * @module
 */
import type { LookupAddress } from 'node:dns'
import { request as httpRequest } from 'node:http'
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { rootCertificates } from 'node:tls'
import type { DocumentFetch, FetchedDocument } from '../client-key-cache.js'
import { responseText } from '../limited-body.js'
import { readMessage } from '../node-http/message-body.js'
import { withDeadline } from './deadline.js'
import { nameResolver } from './name-resolver.js'
import { isIn, isSpecial, loopback, networksOf, plainAddress } from './public-addresses.js'
import { turns } from './request-queue.js'
import { jsonType } from '../../protocol/http/media-type.js'
import { limits } from '../../values/limits/limits.js'
import { ownMember, ownMembers } from '../../values/own.js'

/** Which addresses may be fetched, and the time and size limits. */
export interface GuardedFetchOptions {
  /**
   * Private addresses (`127.0.0.1`) and networks (`10.1.0.0/16`) that may be fetched all the same: on any port, and on
   * a loopback address also without TLS.
   */
  readonly allowedNetworks?: ReadonlyArray<string>
  /** The limit for the whole request, including the wait for its turn, in milliseconds. Default: 5000. */
  readonly timeoutMilliseconds?: number
  /** The limit for the body, in bytes. Default: 256 KiB. */
  readonly bodyLimitBytes?: number
  /** The maximum number of simultaneous requests. Default: 32. */
  readonly requestsAtOnce?: number
  /** The maximum number of simultaneous requests to one host. Default: 4. */
  readonly requestsAtOncePerHost?: number
  /** Trusted certificates in addition to the platform's, in PEM. */
  readonly certificateAuthorities?: ReadonlyArray<string>
  /**
   * Resolves a name. Default: the machine's hosts file, then its name servers. If names come from another source, give
   * the system's resolver, `(name) => lookup(name, { all: true })` of `node:dns/promises`; it blocks one thread for
   * each name, and cryptography uses the same threads.
   */
  readonly resolve?: (name: string, signal: AbortSignal) => Promise<ReadonlyArray<LookupAddress>>
}

const bodyOf = async (response: IncomingMessage, limitBytes: number): Promise<string> => {
  const bytes = await readMessage(response, limitBytes)
  if (bytes !== null) return responseText(bytes)
  const tooLarge = new Error(`the body is larger than ${String(limitBytes)} bytes`)
  response.destroy(tooLarge)
  throw tooLarge
}

const documentOf = ({ statusCode = 0, headers }: IncomingMessage, body: string): FetchedDocument => ({
  status: statusCode,
  cacheControl: ownMember(headers, 'cache-control') ?? null,
  ...(/^[0-9]{1,10}$/.test(ownMember(headers, 'age') ?? '') ? { ageSeconds: Number(ownMember(headers, 'age')) } : {}),
  body
})

/** What a request accepts, and what is made of the response. */
export interface ResponseReading<A> {
  /** The value of the header field Accept. */
  readonly accept: string
  readonly read: (response: IncomingMessage, bodyLimitBytes: number) => Promise<A>
}

const jsonDocument: ResponseReading<FetchedDocument> = {
  accept: jsonType,
  read: async (response, limitBytes) => documentOf(response, await bodyOf(response, limitBytes))
}

/** Aborts a request whose server sends too many interim responses (1xx). */
const countInterim = (request: ClientRequest): void => {
  let interim = 0
  request.on('information', () => {
    interim += 1
    if (interim > limits.keyInterimAnswers.default) request.destroy(new Error('too many interim answers'))
  })
}

/** The progress of a request: one that reached no machine may be sent to another address. */
interface Progress {
  isConnected: boolean
}

/** Sends the request to a resolved address. Node follows no redirect and decompresses nothing. */
const ask = <A>(
  url: URL,
  to: LookupAddress,
  { accept, read }: ResponseReading<A>,
  options: GuardedFetchOptions,
  signal: AbortSignal,
  progress: Progress
): Promise<A> =>
  new Promise((resolve, reject) => {
    const settings: RequestOptions & { ca?: Array<string> } = ownMembers<RequestOptions & { ca?: Array<string> }>({
      method: 'GET',
      signal,
      agent: false,
      headers: ownMembers({ accept, 'accept-encoding': 'identity' }),
      // The name is already resolved and checked: a second look-up could give another address. The callback is called
      // later, as by any resolver: a connection that fails at once would emit its error before a listener is attached
      // and end the process.
      lookup: (_name, options, callback) => {
        setImmediate(() => {
          if (ownMember(options, 'all') === true) callback(null, [to])
          else callback(null, to.address, to.family)
        })
      },
      // Certificates given as `ca` replace the platform's.
      ...(options.certificateAuthorities === undefined
        ? {}
        : { ca: [...rootCertificates, ...options.certificateAuthorities] })
    })
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = send(url, settings)
    const waiting = setTimeout(() => {
      request.destroy(new Error('no connection in time'))
    }, limits.keyConnectionTime.default)
    request.on('socket', (socket) => {
      socket.once('connect', () => {
        clearTimeout(waiting)
        progress.isConnected = true
      })
    })
    let hasAnswered = false
    request.on('response', (response) => {
      hasAnswered = true
      read(response, options.bodyLimitBytes ?? limits.keyDocument.default).then(resolve, reject)
    })
    countInterim(request)
    request.on('error', reject)
    request.on('close', () => {
      clearTimeout(waiting)
      // A response that has begun reports its own end.
      if (!hasAnswered) reject(new Error('the connection was closed'))
    })
    request.end()
  })

/** Tries one address after the other until one can be reached. */
const askFirst = async <A>(
  url: URL,
  addresses: ReadonlyArray<LookupAddress>,
  reading: ResponseReading<A>,
  options: GuardedFetchOptions,
  signal: AbortSignal
): Promise<A> => {
  let failure: unknown = new Error('the name has no address')
  for (const address of addresses) {
    const progress: Progress = { isConnected: false }
    try {
      return await ask(url, address, reading, options, signal, progress)
    } catch (error) {
      if (progress.isConnected || signal.aborted) throw error
      failure = error
    }
  }
  throw failure
}

/** The host without the brackets of an IPv6 address. */
const hostIn = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1')

/** Parses an address and checks what can be checked before its name is resolved. */
const readAddress = (text: string): URL => {
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new Error('only https is fetched')
  if (url.username !== '' || url.password !== '') throw new Error('an address with credentials is not fetched')
  if (url.protocol === 'http:' && isIP(hostIn(url)) === 0 && url.hostname !== 'localhost')
    throw new Error('only https is fetched')
  return url
}

/** {@link guardedFetch} with another reading of the response. */
export const guardedRequest = <A>(
  given: GuardedFetchOptions,
  reading: ResponseReading<A>
): ((url: string, client?: AbortSignal) => Promise<A>) => {
  const options = ownMembers(given)
  const allowed = networksOf(options.allowedNetworks ?? [])
  const resolve = options.resolve ?? nameResolver()
  const inTurn = turns({
    atOnce: options.requestsAtOnce ?? limits.keyRequests.default,
    atOncePerPeer: options.requestsAtOncePerHost ?? limits.keyRequestsPerHost.default
  })

  const addressesOf = async (url: URL, signal: AbortSignal): Promise<ReadonlyArray<LookupAddress>> => {
    const host = hostIn(url)
    const family = isIP(host)
    return (family === 0 ? await resolve(host, signal) : [{ address: host, family }]).map(plainAddress)
  }

  /** The addresses to connect to; throws if one of the addresses of the name is not public. */
  const checked = (url: URL, addresses: ReadonlyArray<LookupAddress>): ReadonlyArray<LookupAddress> => {
    if (addresses.length === 0) throw new Error('the name has no address')
    const first = addresses.slice(0, limits.keyAddresses.default)
    if (addresses.every((address) => isIn(allowed, address))) {
      if (url.protocol === 'https:' || addresses.every((address) => isIn(loopback, address))) return first
      throw new Error('only https is fetched')
    }
    if (url.protocol !== 'https:') throw new Error('only https is fetched')
    const special = addresses.find(isSpecial)
    if (special !== undefined) throw new Error(`${special.address} is a private address`)
    if (url.port !== '') throw new Error('only port 443 is fetched from')
    return first
  }

  return async (text, client) => {
    const url = readAddress(text)
    return withDeadline(options.timeoutMilliseconds ?? limits.keyRequestTime.default, client, (signal) =>
      inTurn(url.host, signal, async () =>
        askFirst(url, checked(url, await addressesOf(url, signal)), reading, options, signal)
      )
    )
  }
}

/**
 * A fetch for untrusted addresses: only https on port 443 of public machines, except for the networks that are allowed
 * explicitly.
 *
 * @example
 * ```ts
 * import { guardedFetch } from 'smart-app-launch/adapters/node'
 *
 * const fetchDocument = guardedFetch({})
 * await fetchDocument('https://127.0.0.1/jwks').catch((error: Error) => error.message)
 * // => '127.0.0.1 is a private address'
 * await fetchDocument('http://keys.example/jwks').catch((error: Error) => error.message) // => 'only https is fetched'
 * ```
 */
export const guardedFetch = (given: GuardedFetchOptions): DocumentFetch => guardedRequest(given, jsonDocument)
