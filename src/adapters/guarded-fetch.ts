/**
 * Fetching an address that a stranger wrote, from a server that stands inside a network: the address is resolved first, and no
 * connection is made to a machine that strangers have no business with.
 *
 * Source: RFC 9700, section 4.11; RFC 6890 (special-purpose addresses).
 *
 * @module
 */
import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { request as httpRequest } from 'node:http'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { BlockList, isIP } from 'node:net'
import { rootCertificates } from 'node:tls'
import type { DocumentFetch, FetchedDocument } from './client-keys.js'

/** What may be fetched, and how long and large an answer may be. */
export interface GuardedFetchOptions {
  /**
   * Addresses (`127.0.0.1`) and networks (`10.1.0.0/16`) that may be fetched from although they are private: on any port, and
   * from the machine itself also without TLS.
   */
  readonly allowedNetworks?: ReadonlyArray<string>
  /** The whole request, in milliseconds. Default: 5000. */
  readonly timeoutMilliseconds?: number
  /** The body, in bytes. Default: 256 KiB. */
  readonly bodyLimitBytes?: number
  /** Certificates that are trusted besides the usual ones, in PEM. */
  readonly certificateAuthorities?: ReadonlyArray<string>
  /** How a name becomes addresses. Default: the system's resolver. */
  readonly resolve?: (name: string) => Promise<ReadonlyArray<LookupAddress>>
}

const networksOf = (networks: ReadonlyArray<string>): BlockList => {
  const list = new BlockList()
  for (const network of networks) {
    const [, address = '', bits] = /^([^/]*)(?:\/([0-9]{1,3}))?$/.exec(network) ?? []
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (isIP(address) === 0 || Number(bits ?? 0) > (family === 'ipv6' ? 128 : 32)) {
      throw new Error(`${JSON.stringify(network)} is no address and no network`)
    }
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

/** Addresses of version 4 that are not of the public internet; the last one leads a machine in Azure to its own host. */
const special4 = networksOf([
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24',
  '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24', '198.18.0.0/15', '198.51.100.0/24',
  '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4', '168.63.129.16/32'
])

/**
 * Those of version 6: whatever is no global unicast (2000::/3), so that no way of writing an address of version 4 into one of
 * version 6 passes; and in it what leads elsewhere or nowhere.
 */
const special6 = networksOf([
  '::/3', '4000::/2', '8000::/1', '2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'
])

const loopback = networksOf(['127.0.0.0/8', '::1/128'])

/** An address as it is judged: without its zone, of the family that it is of, and one of version 4 inside one of version 6 as itself. */
const plain = ({ address: written }: LookupAddress): LookupAddress => {
  const [address = ''] = written.split('%')
  const family = isIP(address)
  const [, inside] = /^::ffff:([0-9.]+)$/i.exec(address) ?? []
  if (inside !== undefined) return { address: inside, family: 4 }
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? []
  if (high === undefined || low === undefined) return { address, family }
  const [first, second] = [parseInt(high, 16), parseInt(low, 16)]
  return { address: [first >> 8, first & 255, second >> 8, second & 255].join('.'), family: 4 }
}

const isIn = (list: BlockList, { address, family }: LookupAddress): boolean => list.check(address, family === 6 ? 'ipv6' : 'ipv4')

const isSpecial = (address: LookupAddress): boolean =>
  address.family === 0 || isIn(address.family === 6 ? special6 : special4, address)

const collect = (response: IncomingMessage, limitBytes: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Array<Buffer> = []
    let size = 0
    response.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limitBytes) response.destroy(new Error(`the body is larger than ${String(limitBytes)} bytes`))
      else chunks.push(chunk)
    })
    response.on('end', () => { resolve(Buffer.concat(chunks).toString('utf8')) })
    response.on('error', reject)
  })

const documentOf = ({ statusCode = 0, headers }: IncomingMessage, body: string): FetchedDocument => ({
  status: statusCode,
  cacheControl: headers['cache-control'] ?? null,
  ...(/^[0-9]{1,10}$/.test(headers.age ?? '') ? { ageSeconds: Number(headers.age) } : {}),
  body
})

/** Asks a resolved address. Node follows no redirect, and decompresses nothing. */
const ask = (url: URL, to: LookupAddress, options: GuardedFetchOptions, signal: AbortSignal): Promise<FetchedDocument> =>
  new Promise((resolve, reject) => {
    const settings: RequestOptions & { ca?: Array<string> } = {
      method: 'GET',
      signal,
      agent: false,
      headers: { accept: 'application/json', 'accept-encoding': 'identity' },
      // The name was resolved and judged: no second look, which could find another address.
      lookup: (_name, { all }, callback) => {
        if (all === true) callback(null, [to])
        else callback(null, to.address, to.family)
      },
      // What is given as `ca` takes the place of the usual ones.
      ...(options.certificateAuthorities === undefined ? {} : { ca: [...rootCertificates, ...options.certificateAuthorities] })
    }
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = send(url, settings, (response) => {
      collect(response, options.bodyLimitBytes ?? 262144).then(
        (body) => { resolve(documentOf(response, body)) },
        reject
      )
    })
    request.on('error', reject)
    request.end()
  })

/**
 * A fetch for addresses that strangers wrote: https on port 443 of public machines alone, but for what is allowed by name.
 *
 * @example
 * ```ts
 * import { guardedFetch } from 'smart-app-launch/adapters/node'
 *
 * const fetchDocument = guardedFetch({})
 * await fetchDocument('https://127.0.0.1/jwks').catch((error: Error) => error.message) // => '127.0.0.1 is a private address'
 * await fetchDocument('http://keys.example/jwks').catch((error: Error) => error.message) // => 'only https is fetched'
 * ```
 */
export const guardedFetch = (options: GuardedFetchOptions): DocumentFetch => {
  const allowed = networksOf(options.allowedNetworks ?? [])
  const resolve = options.resolve ?? ((name: string) => lookup(name, { all: true }))

  const addressesOf = async (url: URL): Promise<ReadonlyArray<LookupAddress>> => {
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
    const family = isIP(host)
    return (family === 0 ? await resolve(host) : [{ address: host, family }]).map(plain)
  }

  /** The address to ask; throws where one of those that the name has is not for strangers. */
  const judged = (url: URL, addresses: ReadonlyArray<LookupAddress>): LookupAddress => {
    const [first] = addresses
    if (first === undefined) throw new Error('the name has no address')
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

  return async (text) => {
    const url = new URL(text)
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new Error('only https is fetched')
    if (url.username !== '' || url.password !== '') throw new Error('an address with credentials is not fetched')
    const isNumbered = isIP(url.hostname.replace(/^\[(.*)\]$/, '$1')) !== 0
    if (url.protocol === 'http:' && !isNumbered && url.hostname !== 'localhost') throw new Error('only https is fetched')
    const signal = AbortSignal.timeout(options.timeoutMilliseconds ?? 5000)
    const gaveUp = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => { reject(new Error('no answer in time')) }, { once: true })
    })
    const answer = addressesOf(url).then((addresses) => ask(url, judged(url, addresses), options, signal))
    return Promise.race([answer, gaveUp])
  }
}
