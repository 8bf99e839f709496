/**
 * Addresses in answers: a client sees those of the public base alone. What the server behind calls itself (`aliases`)
 * is written as the base wherever it stands. An address that is none of ours is left out where it says where something
 * is (`Location`, `fullUrl`, links): it can only be one that clients cannot reach, or shall not know.
 *
 * @module
 */
import type { Entry } from './responses.js'
import { isUpstreamError, resourceIn, upstreamFailed } from './responses.js'
import type { Resource } from '../../protocol/access/interaction.js'
import { isResource } from '../../protocol/access/interaction.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { headerOf } from '../../protocol/http/message.js'
import { ownMember, ownMembers } from '../../values/own.js'
import { below, withoutTrailingSlash } from '../../values/urls.js'
import { relativeReference } from '../../values/fhir.js'
import { isObject } from '../../values/object.js'

/** The public address of a FHIR server, and others by which it is known. */
export interface Addresses {
  readonly base: string
  readonly aliases?: ReadonlyArray<string>
}

const rootsOf = (addresses: Addresses): ReadonlyArray<string> =>
  [addresses.base, ...(ownMember(addresses, 'aliases') ?? [])]
    .map(withoutTrailingSlash)
    .toSorted((one, other) => other.length - one.length)

/** In JSON the slashes of an address may stand behind backslashes. */
const escaped = (root: string): string => root.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('/', '\\\\?/')

/**
 * A text with addresses of one server written as those of its base: an address that ends there, or is followed by a
 * path, a query or a fragment; not one that only begins alike.
 *
 * @example
 * ```ts
 * import { withPublicAddresses } from 'smart-app-launch/resource'
 *
 * const addresses = { base: 'https://ehr.example/fhir', aliases: ['http://10.0.0.1/r4'] }
 * withPublicAddresses(addresses, 'see http://10.0.0.1/r4/Patient/1, not http://10.0.0.1/r4b')
 * // => 'see https://ehr.example/fhir/Patient/1, not http://10.0.0.1/r4b'
 * ```
 */
export const withPublicAddresses = (addresses: Addresses, text: string): string => {
  if ((ownMember(addresses, 'aliases') ?? []).length === 0) return text
  const roots = rootsOf(addresses)
  const spellings = [...roots.map(escaped), ...roots.map((root) => escaped(encodeURIComponent(root)))].join('|')
  const base = withoutTrailingSlash(addresses.base)
  return text.replace(new RegExp(`(?:${spellings})(?![\\w.~:@-]|%(?!2F|3F|23|2C|7C))`, 'g'), (found) =>
    found.includes('%3A') ? encodeURIComponent(base) : base
  )
}

const isAtOrBelow = (root: string, address: string): boolean =>
  address === root || ['/', '?', '#'].some((next) => address.startsWith(`${root}${next}`))

/** The path of an address without a trailing slash; empty for one that names a host alone. */
const pathOf = (root: string): string => /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*([^?#]*)/i.exec(root)?.[1] ?? ''

/** What follows the path of one of the roots in an address without scheme and host; null when it is below none. */
const belowPath = (addresses: Addresses, address: string): string | null => {
  if (!address.startsWith('/') || address.startsWith('//')) return null
  const paths = rootsOf(addresses)
    .map(pathOf)
    .toSorted((one, other) => other.length - one.length)
  const path = paths.find((one) =>
    one === '' ? relativeReference(address.slice(1)) !== null : isAtOrBelow(one, address)
  )
  return path === undefined ? null : address.slice(path.length)
}

/**
 * An address as clients may see it; null when it is none of ours. What is relative to the base, or to the host of a
 * root, becomes absolute.
 */
export const publicAddress = (addresses: Addresses, address: string): string | null => {
  const root = rootsOf(addresses).find((one) => isAtOrBelow(one, address))
  const base = withoutTrailingSlash(addresses.base)
  const rest = root === undefined ? belowPath(addresses, address) : address.slice(root.length)
  if (rest !== null) return `${base}${rest}`
  return relativeReference(address) !== null ? below(base, address) : null
}

const placed = <A extends Readonly<Record<string, unknown>>>(
  addresses: Addresses,
  record: A,
  names: ReadonlyArray<string>
): A =>
  Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) => {
      if (!names.includes(name) || typeof value !== 'string') return [[name, value]]
      const address = publicAddress(addresses, value)
      return address === null ? [] : [[name, address]]
    })
  ) as A

/** Whether an address names a host: with a scheme, or without one, as `//host/path` does (RFC 3986, section 4.2). */
const isAbsolute = (url: string): boolean => /^(?:[a-z][a-z0-9+.-]*:|[\\/]{2})/i.test(url)

/** Header fields as clients may see them. */
export const publicHeaders = (addresses: Addresses, headers: PlainResponse['headers']): PlainResponse['headers'] =>
  placed(addresses, headers, ['location', 'content-location'])

/** The links of an answer's Bundle, or of an entry of it, that lead to ours. */
const publicLinks = (addresses: Addresses, links: unknown): ReadonlyArray<unknown> =>
  (Array.isArray(links) ? (links as ReadonlyArray<unknown>) : []).filter(isObject).flatMap((link) => {
    if (typeof link['url'] !== 'string') return []
    const url =
      !isAbsolute(link['url']) && !link['url'].startsWith('/') ? link['url'] : publicAddress(addresses, link['url'])
    return url === null ? [] : [{ ...link, url }]
  })

/**
 * Bundles that answer a request: their addresses say where things are. Those of documents and collections are what was
 * stored.
 */
const answering: ReadonlySet<unknown> = new Set(['searchset', 'history', 'batch-response', 'transaction-response'])

const hostOf = (address: string): string => /^[a-z][a-z0-9+.-]*:\/\/[^/?#\\]*/i.exec(address)?.[0] ?? ''

/** Whether an address is ours or at the host of the base. */
const isOurs = (addresses: Addresses, address: string): boolean =>
  publicAddress(addresses, address) !== null || hostOf(address) === hostOf(addresses.base)

/** Extensions without those that hold an address, at any depth, that is not ours. */
const publicExtensions = (addresses: Addresses, extensions: unknown): unknown => {
  const isForeign = (value: unknown): boolean => {
    if (Array.isArray(value)) return value.some(isForeign)
    if (!isObject(value)) return false
    return Object.entries(value).some(([name, one]) =>
      typeof one === 'string' ? /^value(?:Uri|Url)$/.test(name) && !isOurs(addresses, one) : isForeign(one)
    )
  }
  return Array.isArray(extensions)
    ? (extensions as ReadonlyArray<unknown>).filter((one) => !isForeign(one))
    : extensions
}

/** A resource without an address of its own (`url`) that is not ours. */
const withoutForeignUrl = (addresses: Addresses, resource: Resource): Resource =>
  Object.fromEntries(
    Object.entries(resource).filter(
      ([name, value]) => name !== 'url' || (typeof value === 'string' && isOurs(addresses, value))
    )
  ) as Resource

/**
 * What a server says of itself, with the address of the installation; where users sign in is not said by the server
 * behind.
 */
const publicCapabilities = (addresses: Addresses, resource: Resource): Resource => {
  const [implementation, rest] = [ownMember(resource, 'implementation'), ownMember(resource, 'rest')]
  const securedAt = (one: unknown): unknown => {
    const security = isObject(one) ? ownMember(one, 'security') : undefined
    if (!isObject(one) || !isObject(security) || !Object.hasOwn(security, 'extension')) return one
    return { ...one, security: { ...security, extension: publicExtensions(addresses, security['extension']) } }
  }
  return {
    ...withoutForeignUrl(addresses, resource),
    ...(isObject(implementation) && Object.hasOwn(implementation, 'url')
      ? { implementation: { ...implementation, url: addresses.base } }
      : {}),
    ...(Array.isArray(rest) ? { rest: rest.map(securedAt) } : {})
  }
}

const publicParameters = (addresses: Addresses, parameters: unknown): unknown =>
  !Array.isArray(parameters)
    ? parameters
    : parameters.map((one: unknown) =>
        !isObject(one)
          ? one
          : {
              ...one,
              ...(Object.hasOwn(one, 'resource') && isResource(one['resource'])
                ? { resource: publicResource(addresses, one['resource']) }
                : {}),
              ...(!Object.hasOwn(one, 'part') ? {} : { part: publicParameters(addresses, one['part']) })
            }
      )

/**
 * A resource that is handed on as the server wrote it, as clients may see it: a Bundle with its links and the places of
 * its entries, what those or Parameters hold, and the addresses of the installation in a CapabilityStatement.
 */
export function publicResource(addresses: Addresses, resource: Resource): Resource {
  if (resource.resourceType === 'CapabilityStatement') return publicCapabilities(addresses, resource)
  if (resource.resourceType === 'Parameters')
    return Object.hasOwn(resource, 'parameter')
      ? { ...resource, parameter: publicParameters(addresses, resource['parameter']) }
      : resource
  if (resource.resourceType !== 'Bundle' || !answering.has(resource['type'])) return resource
  const [link, entry] = [ownMember(resource, 'link'), ownMember(resource, 'entry')]
  return {
    ...resource,
    ...(link === undefined ? {} : { link: publicLinks(addresses, link) }),
    ...(Array.isArray(entry)
      ? { entry: entry.map((one: unknown) => (isObject(one) ? publicEntry(addresses, one) : one)) }
      : {})
  }
}

const publicRequest = (addresses: Addresses, request: unknown): unknown => {
  if (!isObject(request)) return {}
  const url = ownMember(request, 'url')
  return typeof url === 'string' && isAbsolute(url) ? placed(addresses, request, ['url']) : request
}

/** An entry of an answer's Bundle as clients may see it. A `urn:` names no place, and stays. */
export const publicEntry = (addresses: Addresses, entry: Entry): Entry => {
  const { fullUrl, link, request, resource, response } = ownMembers(entry as Readonly<Record<keyof Entry, unknown>>)
  return ownMembers({
    ...(typeof fullUrl === 'string' && fullUrl.startsWith('urn:')
      ? entry
      : placed(addresses, { ...entry }, ['fullUrl'])),
    ...(link === undefined ? {} : { link: publicLinks(addresses, link) }),
    ...(resource === undefined ? {} : { resource: isResource(resource) ? publicResource(addresses, resource) : null }),
    ...(request === undefined ? {} : { request: publicRequest(addresses, request) }),
    ...(response === undefined ? {} : { response: isObject(response) ? placed(addresses, response, ['location']) : {} })
  }) as Entry
}

/**
 * An answer that is handed on as the server wrote it, with public addresses. What is no JSON resource stays as it is.
 */
export const publicAnswer = (addresses: Addresses, response: PlainResponse): PlainResponse => {
  const resource = resourceIn(response)
  return {
    ...response,
    headers: publicHeaders(addresses, response.headers),
    body: withPublicAddresses(
      addresses,
      resource === null ? response.body : JSON.stringify(publicResource(addresses, resource))
    )
  }
}

/** What a server may answer when it is asked what it can do. */
const capabilities: ReadonlySet<string> = new Set([
  'CapabilityStatement',
  'TerminologyCapabilities',
  'OperationOutcome'
])

/** The answer to `/metadata` as clients may see it; 502 where the server behind fails, or answers with something else. */
export const publicMetadata = (addresses: Addresses, response: PlainResponse): PlainResponse => {
  const resource = resourceIn(response)
  const isJson = response.body !== '' && /\bjson\b/i.test(String(headerOf(response, 'content-type') ?? ''))
  const isOther = resource === null ? isJson : !capabilities.has(resource.resourceType)
  return isUpstreamError(response) || isOther ? upstreamFailed() : publicAnswer(addresses, response)
}
