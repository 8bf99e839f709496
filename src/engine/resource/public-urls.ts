/**
 * Addresses in responses: clients see only the public base. Other base URLs of the upstream server (`aliases`) are
 * replaced by the public base everywhere. Foreign addresses are removed where they locate a resource (`Location`,
 * `fullUrl`, links): clients could not reach them, or must not know them.
 *
 * @module
 */
import type { Entry } from './responses.js'
import { resourceIn } from './responses.js'
import type { Resource } from '../../protocol/access/fhir-interaction.js'
import { isResource } from '../../protocol/access/fhir-interaction.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { ownMember, ownMembers } from '../../values/own.js'
import { below, pathOf, withoutTrailingSlash } from '../../values/urls.js'
import { relativeReference } from '../../values/fhir.js'
import type { AddressPlace } from '../../values/json-bundle-scan.js'
import { isObject } from '../../values/object.js'

/** The public base URL of a FHIR server, and its aliases. */
export interface Addresses {
  readonly base: string
  readonly aliases?: ReadonlyArray<string>
}

/** What is computed of addresses, once for the same base and the same list of aliases. */
interface ReadAddresses {
  readonly base: string
  readonly aliases: Addresses['aliases']
  /** The base URLs, the longest first. */
  readonly roots: ReadonlyArray<string>
  /** A part of each alias that stands in every spelling of it. */
  readonly marks: ReadonlyArray<string>
  /** Finds the base URLs in every spelling. */
  readonly spellings: RegExp
}

/** The longest part of an address that no spelling changes. */
const markOf = (root: string): string =>
  root.split(/[^A-Za-z0-9._~-]+/).reduce((longest, part) => (part.length > longest.length ? part : longest), '')

const readAnew = ({ aliases, base }: Pick<ReadAddresses, 'aliases' | 'base'>): ReadAddresses => {
  const roots = [base, ...(aliases ?? [])].map(withoutTrailingSlash).toSorted((one, other) => other.length - one.length)
  const spelled = [...roots.map(escaped), ...roots.map((root) => escaped(encodeURIComponent(root)))].join('|')
  return {
    base,
    aliases,
    roots,
    marks: (aliases ?? []).map(markOf),
    spellings: new RegExp(`(?:${spelled})(?![\\w.~:@-]|%(?!2F|3F|23|2C|7C))`, 'g')
  }
}

const readBefore = new WeakMap<Addresses, ReadAddresses>()

const readAddresses = (addresses: Addresses): ReadAddresses => {
  const [base, aliases] = [addresses.base, ownMember(addresses, 'aliases')]
  const known = readBefore.get(addresses)
  if (known?.base === base && known.aliases === aliases) return known
  const read = readAnew({ base, aliases })
  readBefore.set(addresses, read)
  return read
}

const rootsOf = (addresses: Addresses): ReadonlyArray<string> => readAddresses(addresses).roots

/** In JSON the slashes of an address may be escaped with backslashes. */
const escaped = (root: string): string => root.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('/', '\\\\?/')

/**
 * Replaces the aliases of a server in a text by its base: an address that ends there, or is followed by a path, a query
 * or a fragment; not one that has only a common prefix.
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
  if (text === '' || (ownMember(addresses, 'aliases') ?? []).length === 0) return text
  const { marks, spellings } = readAddresses(addresses)
  if (!marks.some((mark) => text.includes(mark))) return text
  const base = withoutTrailingSlash(addresses.base)
  return text.replace(spellings, (found) => (found.includes('%3A') ? encodeURIComponent(base) : base))
}

const isAtOrBelow = (root: string, address: string): boolean =>
  address.startsWith(root) && (address.length === root.length || '/?#'.includes(address.charAt(root.length)))

/** The rest of an address without scheme and host below the path of one of the base URLs; null if it is below none. */
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
 * An address as clients may see it; null if it is foreign. An address relative to the base, or to the host of a base
 * URL, becomes absolute.
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
  Object.hasOwn(headers, 'location') || Object.hasOwn(headers, 'content-location')
    ? placed(addresses, headers, ['location', 'content-location'])
    : headers

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
 * A forwarded resource as clients may see it: public addresses in the links and entries of a Bundle, in the resources
 * that a Bundle or Parameters contain, and in a CapabilityStatement.
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
    ...(response === undefined ? {} : { response: isObject(response) ? placed(addresses, response, ['location']) : {} })
  }) as Entry
}

/** Types of resources in which addresses are looked for. */
const addressing: ReadonlySet<string> = new Set(['Bundle', 'CapabilityStatement', 'Parameters'])

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
 * was searched for, or is an OperationOutcome, and no addresses are looked for in it.
 */
export const isPassedType = (types: ReadonlyArray<string> | null, type: string): boolean =>
  !addressing.has(type) && (types === null || type === 'OperationOutcome' || types.includes(type))

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
    const { location } = response
    return location === undefined || isPassed(location, 'response.location')
  }
}

/** A forwarded response, with public addresses. A body that is not a JSON resource stays unchanged. */
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
