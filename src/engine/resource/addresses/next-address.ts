/**
 * The address of a page that a link of the upstream server names.
 *
 * A link is read as text: absolute, below the base, or relative to the page that holds it (RFC 3986, section 5.2) in
 * the forms `?query`, `./rest` and `#fragment`. A link with any other segment of dots is not followed, because servers
 * and proxies read it differently.
 *
 * @module
 */
import type { Addresses } from './public-address.js'
import { publicAddress } from './public-address.js'
import { addressBelow } from '../../../protocol/access/read-interaction.js'
import { hasScheme, leadsOut } from '../../../values/urls.js'

/** A link to a page without its fragment, which is not sent; relative to the base if it was relative to the page. */
const withoutPage = (link: string, from: string): string => {
  const [written = ''] = link.split('#')
  const [path = ''] = from.split('?')
  if (written.startsWith('?')) return `${path.replace(/\/_search$/, '')}${written}`.slice(1)
  return written.startsWith('./') ? `${path.slice(0, path.lastIndexOf('/') + 1)}${written.slice(2)}`.slice(1) : written
}

/**
 * Path and query of the page that a link names; null if there is no link or it names its own page, and undefined if it
 * leads away from the server. `from` is path and query of the page that holds the link.
 *
 * @example
 * ```ts
 * import { nextAddress } from './next-address.js'
 *
 * const server = { base: 'https://ehr.example/fhir', aliases: ['http://10.0.0.1/r4'] }
 * nextAddress(server, 'http://10.0.0.1/r4/Observation?page=2', '/Observation?') // => '/Observation?page=2'
 * nextAddress(server, './Observation?page=2#top', '/Observation?') // => '/Observation?page=2'
 * nextAddress(server, '?page=2', '/Observation?page=2') // => null
 * nextAddress(server, './../Observation?page=2', '/Observation?') // => undefined
 * ```
 */
export const nextAddress = (addresses: Addresses, written: string | null, from: string): string | null | undefined => {
  if (written === null || written === '' || written.startsWith('#')) return null
  const link = withoutPage(written, from)
  const absolute = hasScheme(link) || link.startsWith('/') ? publicAddress(addresses, link) : null
  if (absolute === null && (hasScheme(link) || link.startsWith('//'))) return undefined
  const address = addressBelow(addresses.base, absolute ?? link)
  if (address === null || leadsOut(address.path)) return undefined
  const next = `${address.path}?${address.query}`
  // A server that names a page as its own next page has no further one.
  return next === from ? null : next
}
