/**
 * Addresses in answers: a client sees those of the public base alone. What the server behind calls itself (`aliases`) is written as the
 * base wherever it stands. An address that is none of ours is left out where it says where something is (`Location`, `fullUrl`, links):
 * it can only be one that clients cannot reach, or shall not know.
 *
 * @module
 */
import type { Entry } from './fhir-answers.js'
import { isObject, resourceIn } from './fhir-answers.js'
import type { Resource } from '../machines/fhir-interaction.js'
import type { PlainResponse } from '../messages/http.js'
import { below, withoutTrailingSlash } from '../values/urls.js'
import { ownMember, ownMembers } from '../values/own.js'

/** The public address of a FHIR server, and others by which it is known. */
export interface Addresses {
  readonly base: string
  readonly aliases?: ReadonlyArray<string>
}

const rootsOf = (addresses: Addresses): ReadonlyArray<string> =>
  [addresses.base, ...ownMember(addresses, 'aliases') ?? []].map(withoutTrailingSlash).toSorted((one, other) => other.length - one.length)

/** In JSON the slashes of an address may stand behind backslashes. */
const escaped = (root: string): string => root.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('/', '\\\\?/')

/**
 * A text with addresses of one server written as those of its base: an address that ends there, or is followed by a path, a query or a
 * fragment; not one that only begins alike.
 *
 * @example
 * ```ts
 * import { withPublicAddresses } from 'smart-app-launch/resource'
 *
 * const addresses = { base: 'https://ehr.example/fhir', aliases: ['http://10.0.0.1/r4'] }
 * withPublicAddresses(addresses, 'see http://10.0.0.1/r4/Patient/1, not http://10.0.0.1/r4b') // => 'see https://ehr.example/fhir/Patient/1, not http://10.0.0.1/r4b'
 * ```
 */
export const withPublicAddresses = (addresses: Addresses, text: string): string => {
  if ((ownMember(addresses, 'aliases') ?? []).length === 0) return text
  const roots = rootsOf(addresses)
  const spellings = [...roots.map(escaped), ...roots.map((root) => escaped(encodeURIComponent(root)))].join('|')
  const base = withoutTrailingSlash(addresses.base)
  return text.replace(new RegExp(`(?:${spellings})(?![\\w.~:@-]|%(?!2F|3F|23|2C|7C))`, 'g'), (found) => (found.includes('%3A') ? encodeURIComponent(base) : base))
}

/** An address as clients may see it; null when it is none of ours. What is relative to the base becomes absolute. */
export const publicAddress = (addresses: Addresses, address: string): string | null => {
  const root = rootsOf(addresses).find((one) => address === one || ['/', '?', '#'].some((next) => address.startsWith(`${one}${next}`)))
  const base = withoutTrailingSlash(addresses.base)
  if (root !== undefined) return `${base}${address.slice(root.length)}`
  return /^[A-Z][A-Za-z]{0,63}\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/.test(address) ? below(base, address) : null
}

const placed = <A extends Readonly<Record<string, unknown>>>(addresses: Addresses, record: A, names: ReadonlyArray<string>): A =>
  Object.fromEntries(Object.entries(record).flatMap(([name, value]) => {
    if (!names.includes(name) || typeof value !== 'string') return [[name, value]]
    const address = publicAddress(addresses, value)
    return address === null ? [] : [[name, address]]
  })) as A

const isAbsolute = (url: string): boolean => /^[a-z][a-z0-9+.-]*:/i.test(url)

/** Header fields as clients may see them. */
export const publicHeaders = (addresses: Addresses, headers: PlainResponse['headers']): PlainResponse['headers'] =>
  placed(addresses, headers, ['location', 'content-location'])

/** An entry of an answer's Bundle as clients may see it. A `urn:` names no place, and stays. */
export const publicEntry = (addresses: Addresses, entry: Entry): Entry => {
  const { fullUrl, request, response } = ownMembers(entry)
  return ownMembers({
    ...(fullUrl?.startsWith('urn:') === true ? entry : placed(addresses, { ...entry }, ['fullUrl'])),
    ...(request === undefined ? {} : { request: isAbsolute(ownMember(request, 'url') ?? '') ? placed(addresses, request, ['url']) : request }),
    ...(response === undefined ? {} : { response: placed(addresses, response, ['location']) })
  })
}

/** The links of an answer's Bundle that lead to ours. */
const publicLinks = (addresses: Addresses, links: unknown): ReadonlyArray<unknown> =>
  (Array.isArray(links) ? (links as ReadonlyArray<unknown>) : []).filter(isObject).flatMap((link) => {
    if (typeof link['url'] !== 'string') return []
    const url = !isAbsolute(link['url']) && !link['url'].startsWith('/') ? link['url'] : publicAddress(addresses, link['url'])
    return url === null ? [] : [{ ...link, url }]
  })

/** Bundles that answer a request: their addresses say where things are. Those of documents and collections are what was stored. */
const answering: ReadonlySet<unknown> = new Set(['searchset', 'history', 'batch-response', 'transaction-response'])

/**
 * A resource that is handed on as the server wrote it, as clients may see it: a Bundle with its links and the places of its entries, and
 * the address of the installation in a CapabilityStatement.
 */
export const publicResource = (addresses: Addresses, resource: Resource): Resource => {
  if (resource.resourceType === 'CapabilityStatement' && isObject(resource['implementation']) && Object.hasOwn(resource['implementation'], 'url')) {
    return ownMembers({ ...resource, implementation: { ...resource['implementation'], url: addresses.base } })
  }
  if (resource.resourceType !== 'Bundle' || !answering.has(resource['type'])) return resource
  const { link, entry } = resource
  return ownMembers({
    ...resource,
    ...(link === undefined ? {} : { link: publicLinks(addresses, link) }),
    ...(Array.isArray(entry) ? { entry: entry.map((one: unknown) => (isObject(one) ? publicEntry(addresses, one) : one)) } : {})
  })
}

/** An answer that is handed on as the server wrote it, with public addresses. What is no JSON resource stays as it is. */
export const publicAnswer = (addresses: Addresses, response: PlainResponse): PlainResponse => {
  const resource = resourceIn(response)
  return {
    ...response,
    headers: publicHeaders(addresses, response.headers),
    body: withPublicAddresses(addresses, resource === null ? response.body : JSON.stringify(publicResource(addresses, resource)))
  }
}
