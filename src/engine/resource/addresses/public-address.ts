/**
 * Addresses of a FHIR server as clients see them: its public base URL in place of every other one (`aliases`).
 *
 * @module
 */
import { ownMember } from '../../../values/own.js'
import { below, hasScheme, normalizedOriginOf, originOf, pathOf, withoutTrailingSlash } from '../../../values/urls.js'
import { relativeReference } from '../../../values/fhir.js'

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

/** The base URLs of a server, the longest first. */
export const rootsOf = (addresses: Addresses): ReadonlyArray<string> => readAddresses(addresses).roots

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

/** Whether an address is a base URL, or below it. */
export const isAtOrBelow = (root: string, address: string): boolean =>
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

/** An address with scheme and host in lower case, and without the default port. */
const respelled = (address: string): string => {
  const origin = originOf(address)
  return `${normalizedOriginOf(origin.replace(/:$/, ''))}${address.slice(origin.length)}`
}

/** The rest of an address below a base URL in another spelling, or below its path; null if it is below none. */
const belowRespelled = (addresses: Addresses, address: string): string | null => {
  if (!hasScheme(address)) return belowPath(addresses, address)
  const plain = respelled(address)
  const root = rootsOf(addresses)
    .map(respelled)
    .find((one) => isAtOrBelow(one, plain))
  return root === undefined ? null : plain.slice(root.length)
}

/**
 * An address as clients may see it; null if it is foreign. An address relative to the base, or to the host of a base
 * URL, becomes absolute. Scheme and host may have any case, and the default port may be named (RFC 3986, section 6.2).
 */
export const publicAddress = (addresses: Addresses, address: string): string | null => {
  const root = rootsOf(addresses).find((one) => isAtOrBelow(one, address))
  const base = withoutTrailingSlash(addresses.base)
  const rest = root === undefined ? belowRespelled(addresses, address) : address.slice(root.length)
  if (rest !== null) return `${base}${rest}`
  return relativeReference(address) !== null ? below(base, address) : null
}
