/**
 * Addresses in responses: clients see only the public base. Other base URLs of the upstream server (`aliases`) are
 * replaced by the public base everywhere. Foreign addresses are removed where they locate a resource (`Location`,
 * `fullUrl`, links): clients could not reach them, or must not know them. An OperationOutcome names no address of an
 * internal network, wherever it stands.
 *
 * @module
 */
import { publicOutcome } from './addresses/internal-addresses.js'
import type { Addresses } from './addresses/public-address.js'
import { isAtOrBelow, publicAddress, rootsOf, withPublicAddresses } from './addresses/public-address.js'
import type { Entry } from './responses.js'
import { resourceIn } from './responses.js'
import type { Resource } from '../../protocol/access/fhir-interaction.js'
import { isResource } from '../../protocol/access/fhir-interaction.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { ownMember, ownMembers } from '../../values/own.js'
import type { AddressPlace } from '../../values/json-bundle-scan.js'
import { isObject } from '../../values/object.js'

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
  Object.hasOwn(headers, 'location') || Object.hasOwn(headers, 'content-location')
    ? placed(addresses, headers, ['location', 'content-location'])
    : headers

/** The header fields of the upstream server that are forwarded with what it says; no others, such as cookies. */
const forwardedFields: ReadonlySet<string> = new Set([
  'content-type',
  'content-location',
  'etag',
  'last-modified',
  'location',
  'retry-after'
])

/** The header fields of a response of the upstream server that are forwarded. */
export const serverHeaders = ({ headers }: PlainResponse): PlainResponse['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => forwardedFields.has(name)))

/** The links of a response Bundle, or of an entry of it, that lead to this server. */
const publicLinks = (addresses: Addresses, links: unknown): ReadonlyArray<unknown> =>
  (Array.isArray(links) ? (links as ReadonlyArray<unknown>) : []).filter(isObject).flatMap((link) => {
    if (typeof link['url'] !== 'string') return []
    const url =
      !isAbsolute(link['url']) && !link['url'].startsWith('/') ? link['url'] : publicAddress(addresses, link['url'])
    return url === null ? [] : [{ ...link, url }]
  })

/**
 * Types of Bundles that are responses: their addresses locate resources. Documents and collections contain addresses as
 * stored.
 */
const answering: ReadonlySet<unknown> = new Set(['searchset', 'history', 'batch-response', 'transaction-response'])

/** Whether the addresses of a Bundle locate resources. */
export const isAnswering = (bundle: Resource): boolean => answering.has(bundle['type'])

const hostOf = (address: string): string => /^[a-z][a-z0-9+.-]*:\/\/[^/?#\\]*/i.exec(address)?.[0] ?? ''

/** Whether an address is of this server, or at the host of the base. */
const isOurs = (addresses: Addresses, address: string): boolean =>
  publicAddress(addresses, address) !== null || hostOf(address) === hostOf(addresses.base)

/**
 * Extensions, without those that contain, at any depth, an address that is neither of this server nor at the host of
 * the base.
 */
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

/** A resource without a canonical `url` that is not of this server. */
const withoutForeignUrl = (addresses: Addresses, resource: Resource): Resource =>
  Object.fromEntries(
    Object.entries(resource).filter(
      ([name, value]) => name !== 'url' || (typeof value === 'string' && isOurs(addresses, value))
    )
  ) as Resource

/**
 * A CapabilityStatement with the public address of the installation; the authorization endpoints of the upstream server
 * are removed.
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

const publicParameters = (addresses: Addresses, parameters: unknown, requestText: string): unknown =>
  !Array.isArray(parameters)
    ? parameters
    : parameters.map((one: unknown) =>
        !isObject(one)
          ? one
          : {
              ...one,
              ...(Object.hasOwn(one, 'resource') && isResource(one['resource'])
                ? { resource: publicResource(addresses, one['resource'], requestText) }
                : {}),
              ...(!Object.hasOwn(one, 'part') ? {} : { part: publicParameters(addresses, one['part'], requestText) })
            }
      )

/**
 * A forwarded resource as clients may see it: public addresses in the links and entries of a Bundle, in the resources
 * that a Bundle or Parameters contain, in a CapabilityStatement, and in an OperationOutcome. `requestText` is the text
 * of the client's request: an OperationOutcome may name the addresses that it names.
 */
export function publicResource(addresses: Addresses, resource: Resource, requestText: string = ''): Resource {
  if (resource.resourceType === 'OperationOutcome') return publicOutcome(addresses, resource, requestText)
  if (resource.resourceType === 'CapabilityStatement') return publicCapabilities(addresses, resource)
  if (resource.resourceType === 'Parameters')
    return Object.hasOwn(resource, 'parameter')
      ? { ...resource, parameter: publicParameters(addresses, resource['parameter'], requestText) }
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

/** The `response` of an entry, with its OperationOutcome. */
const publicResponse = (addresses: Addresses, response: Readonly<Record<string, unknown>>): object => {
  const outcome = ownMember(response, 'outcome')
  return {
    ...placed(addresses, response, ['location']),
    ...(isResource(outcome) ? { outcome: publicResource(addresses, outcome) } : {})
  }
}

/** An entry of a response Bundle as clients may see it. A `urn:` locates nothing, and stays. */
export const publicEntry = (addresses: Addresses, entry: Entry): Entry => {
  const { fullUrl, link, request, resource, response } = ownMembers(entry as Readonly<Record<keyof Entry, unknown>>)
  return ownMembers({
    ...(typeof fullUrl === 'string' && fullUrl.startsWith('urn:')
      ? entry
      : placed(addresses, { ...entry }, ['fullUrl'])),
    ...(link === undefined ? {} : { link: publicLinks(addresses, link) }),
    ...(resource === undefined ? {} : { resource: isResource(resource) ? publicResource(addresses, resource) : null }),
    ...(request === undefined ? {} : { request: publicRequest(addresses, request) }),
    ...(response === undefined ? {} : { response: isObject(response) ? publicResponse(addresses, response) : {} })
  }) as Entry
}

/** Types of resources in which addresses are looked for. */
const addressing: ReadonlySet<string> = new Set(['Bundle', 'CapabilityStatement', 'OperationOutcome', 'Parameters'])

/** Whether {@link publicEntry} leaves an address at a place of an entry as it is, but for aliases. */
const isPassedAddress = (roots: ReadonlyArray<string>, address: string, place: AddressPlace): boolean =>
  roots.some((root) => isAtOrBelow(root, address)) ||
  (place === 'fullUrl' ? address.startsWith('urn:') : place === 'request.url' && !isAbsolute(address))

/** Tests whether an address at a place of an entry may stay as it is written. */
export const isOwnAddress = (addresses: Addresses): ((address: string, place: AddressPlace) => boolean) => {
  const roots = rootsOf(addresses)
  return (address, place) => isPassedAddress(roots, address, place)
}

/**
 * Whether resources of a type may stay as they are written in a page of a search for `types` (null for every type): it
 * was searched for, and no addresses are looked for in it.
 */
export const isPassedType = (types: ReadonlyArray<string> | null, type: string): boolean =>
  !addressing.has(type) && (types === null || types.includes(type))

/**
 * Whether {@link publicEntry} leaves an entry of a response Bundle as it is, but for aliases, which
 * {@link withPublicAddresses} replaces in any text.
 */
export const addressesPublic = (addresses: Addresses): ((entry: Entry) => boolean) => {
  const roots = rootsOf(addresses)
  const isPassed = (address: unknown, place: AddressPlace): boolean =>
    typeof address === 'string' && isPassedAddress(roots, address, place)
  return (entry) => {
    const { fullUrl, link, request, resource, response } = entry as Readonly<Record<keyof Entry, unknown>>
    if (link !== undefined || (fullUrl !== undefined && !isPassed(fullUrl, 'fullUrl'))) return false
    if (isResource(resource) && addressing.has(resource.resourceType)) return false
    if (request !== undefined && !isPassed(isObject(request) ? request['url'] : null, 'request.url')) return false
    if (response === undefined) return true
    if (!isObject(response)) return false
    const { location, outcome } = response
    return outcome === undefined && (location === undefined || isPassed(location, 'response.location'))
  }
}

/** A forwarded response, with public addresses. A body that is not a JSON resource stays unchanged. */
export const publicAnswer = (addresses: Addresses, response: PlainResponse): PlainResponse => {
  const resource = resourceIn(response)
  return {
    status: response.status,
    headers: publicHeaders(addresses, serverHeaders(response)),
    body: withPublicAddresses(
      addresses,
      resource === null ? response.body : JSON.stringify(publicResource(addresses, resource))
    )
  }
}
