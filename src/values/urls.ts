/**
 * URLs as text.
 *
 * URLs are compared as strings (RFC 3986, section 6.2.1; RFC 9700, section 4.1.3). Nothing here parses a URL into an
 * object and prints it again: such a round trip would silently normalize hostile spellings.
 *
 * @module
 */

const absoluteHttpUrl =
  /^https?:\/\/(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?(?:[/?][\x21\x24-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]*)?$/

/**
 * Whether a text is an absolute http or https URL without user information, fragment, spaces and control characters.
 */
export const isAbsoluteHttpUrl = (text: string): boolean => {
  const match = absoluteHttpUrl.exec(text)
  return match !== null && isPort(match[1] ?? '80')
}

/** The URL without one trailing slash. */
export const withoutTrailingSlash = (url: string): string => (url.endsWith('/') ? url.slice(0, -1) : url)

/**
 * A URL below a base, with exactly one slash between them.
 *
 * @example
 * ```ts
 * import { below } from './urls.js'
 *
 * below('https://ehr.example/fhir/', '.well-known/smart-configuration')
 * // => 'https://ehr.example/fhir/.well-known/smart-configuration'
 * ```
 */
export const below = (base: string, path: string): string =>
  `${withoutTrailingSlash(base)}/${path.startsWith('/') ? path.slice(1) : path}`

/** An absolute URL with an authority: the scheme in any case (RFC 3986, section 3.1), its origin and its path. */
const originAndPath = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*)([^?#]*)/

/** The path of an absolute URL, from its first slash on; empty when it has none. Query and fragment are excluded. */
export const pathOf = (url: string): string => originAndPath.exec(url)?.[2] ?? ''

/** The part of an absolute URL before its path: scheme, host and port. */
export const originOf = (url: string): string => originAndPath.exec(url)?.[1] ?? ''

/** The origin of an absolute URL as browsers write it: in lower case, without the default port of the scheme. */
export const normalizedOriginOf = (url: string): string =>
  originOf(url)
    .toLowerCase()
    .replace(/^(?:(https:.*):443|(http:.*):80)$/, '$1$2')

/**
 * The part of an absolute URL below a base URL, without the slash between them; null if the URL is not below it. Scheme
 * and host are compared without case, and the default port of the scheme may be written (RFC 3986, sections 6.2.2.1 and
 * 6.2.3); everything after them is compared as it is written.
 *
 * @example
 * ```ts
 * import { partBelow } from './urls.js'
 *
 * partBelow('https://ehr.example/fhir', 'HTTPS://EHR.example:443/fhir/Patient/a') // => 'Patient/a'
 * partBelow('https://ehr.example/fhir', 'https://ehr.example/FHIR/Patient/a') // => null
 * ```
 */
export const partBelow = (base: string, url: string): string | null => {
  const root = `${withoutTrailingSlash(base)}/`
  if (url.startsWith(root)) return url.slice(root.length)
  const [origin, other] = [originOf(root), originOf(url)]
  if (origin === '' || originForm(origin) !== originForm(other)) return null
  const [path, rest] = [root.slice(origin.length), url.slice(other.length)]
  return rest.startsWith(path) ? rest.slice(path.length) : null
}

/** The origin for a comparison: an empty port is the default port, too. */
const originForm = (origin: string): string => normalizedOriginOf(origin.replace(/:$/, ''))

/** A segment of dots between separators, or a character that clients and servers read differently. */
const dotSegment = /(?:^|[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:(?:;|%3b)[^/]*)?(?:[/\\]|%2f|%5c|$)|[\\\x00-\x20\x7f]/i

/**
 * Whether a path below a base leads out of it: by a segment of dots in any spelling, also with path parameters (`..;x`,
 * which some servers remove), beside a slash or backslash that is percent-encoded, or encoded more than once, because a
 * proxy may decode it; or by a character that clients and servers read differently (a backslash, a space, a control
 * character).
 *
 * @example
 * ```ts
 * import { leadsOut } from './urls.js'
 *
 * leadsOut('/files/%2E%2e%2fx') // => true
 * leadsOut('/files/%252e%252e/x') // => true
 * leadsOut('/files/a%2Fb..c') // => false
 * ```
 */
export const leadsOut = (path: string): boolean => dotSegment.test(path.replace(/%(?:25)+/g, '%'))

/**
 * A URL with parameters added to its query. Names and values are percent-encoded (form encoding with `%20` for a space,
 * which every parser accepts). A lone surrogate cannot be encoded and becomes U+FFFD.
 */
export const withParameters = (url: string, parameters: ReadonlyArray<readonly [string, string]>): string => {
  const query = parameters
    .map(([name, value]) => `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`)
    .join('&')
  if (query === '') return url
  return `${url}${url.includes('?') ? '&' : '?'}${query}`
}

/** Whether a text begins with a URI scheme and its colon (RFC 3986, section 3.1). */
export const hasScheme = (text: string): boolean => /^[A-Za-z][A-Za-z0-9+.-]*:/.test(text)

/** Whether a text is an absolute URI: a scheme followed by printable ASCII without spaces. */
export const isAbsoluteUri = (text: string): boolean => hasScheme(text) && /^[^:]*:[\x21-\x7e]+$/.test(text)

const loopback = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::([0-9]{1,5}))?((?:[/?].*)?)$/s

const isPort = (text: string): boolean => Number(text) > 0 && Number(text) < 65536

/** A loopback URL, split into parts. */
export interface LoopbackUrl {
  /** As written: `127.0.0.1`, `[::1]` or `localhost`. */
  readonly host: string
  /** From 1 to 65535; 80 when the URL contains no port. */
  readonly port: number
}

/**
 * Parses an http URL of a loopback address; null for any other text. After host and port the text ends or continues
 * with a path or a query.
 *
 * @example
 * ```ts
 * import { loopbackUrl } from './urls.js'
 *
 * loopbackUrl('http://localhost:4010/fhir') // => { host: 'localhost', port: 4010 }
 * loopbackUrl('http://localhost:80@evil.example/') // => null
 * loopbackUrl('http://127.0.0.1:65536/') // => null
 * ```
 */
export const loopbackUrl = (text: string): LoopbackUrl | null => {
  const [, origin, port = '80'] = loopback.exec(text) ?? []
  return origin === undefined || !isPort(port) || !isAbsoluteHttpUrl(text)
    ? null
    : { host: origin.slice('http://'.length), port: Number(port) }
}

/** Whether a URL is secure: https, or http on a loopback address. */
export const isSecureUrl = (url: string): boolean =>
  isAbsoluteHttpUrl(url) && (url.startsWith('https://') || loopbackUrl(url) !== null)

/**
 * Whether two loopback URLs are equal except for the port (RFC 8252, section 7.3). Only the literal addresses 127.0.0.1
 * and [::1] count: the name `localhost` may resolve to another address. `withLocalhost` accepts it too.
 */
export const sameLoopbackButForPort = (registered: string, presented: string, withLocalhost = false): boolean => {
  const left = loopback.exec(registered)
  const right = loopback.exec(presented)
  if (!withLocalhost && left?.[1] === 'http://localhost') return false
  return left !== null && right !== null && left[1] === right[1] && left[3] === right[3] && isPort(right[2] ?? '80')
}
