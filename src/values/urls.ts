/**
 * Addresses as text.
 *
 * Addresses are compared as the strings they are (RFC 3986, section 6.2.1; RFC 9700, section 4.1.3). Nothing here
 * parses an address into an object and prints it again: such a round trip repairs hostile spellings.
 *
 * @module
 */

const absoluteHttpUrl =
  /^https?:\/\/(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?(?:[/?][\x21\x24-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]*)?$/

/** Whether the text is an absolute http or https address without user information, fragment, blanks or controls. */
export const isAbsoluteHttpUrl = (text: string): boolean => {
  const match = absoluteHttpUrl.exec(text)
  return match !== null && isPort(match[1] ?? '80')
}

/** The address without one trailing slash, if it ends in one. */
export const withoutTrailingSlash = (url: string): string => (url.endsWith('/') ? url.slice(0, -1) : url)

/**
 * The address one level below a base: exactly one slash between them.
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

/**
 * The path of an absolute address, from its first slash on; empty when it has none. Query and fragment are left out.
 */
export const pathOf = (url: string): string => /^[a-z]+:\/\/[^/?#]*([^?#]*)/.exec(url)?.[1] ?? ''

/** The part of an absolute address before its path: scheme, host and port. */
export const originOf = (url: string): string => /^[a-z]+:\/\/[^/?#]*/.exec(url)?.[0] ?? ''

/**
 * An address with parameters added to its query, each name and value percent-encoded (form encoding with `%20` for a
 * blank, which every reader understands). A lone surrogate cannot be encoded; it is sent as U+FFFD.
 */
export const withParameters = (url: string, parameters: ReadonlyArray<readonly [string, string]>): string => {
  const query = parameters
    .map(([name, value]) => `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`)
    .join('&')
  if (query === '') return url
  return `${url}${url.includes('?') ? '&' : '?'}${query}`
}

/** Whether a text begins with the scheme of a URI and its colon (RFC 3986, section 3.1). */
export const hasScheme = (text: string): boolean => /^[A-Za-z][A-Za-z0-9+.-]*:/.test(text)

/** Whether a text is an absolute URI: a scheme, and after it printable ASCII without blanks. */
export const isAbsoluteUri = (text: string): boolean => hasScheme(text) && /^[^:]*:[\x21-\x7e]+$/.test(text)

const loopback = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::([0-9]{1,5}))?((?:[/?].*)?)$/s

const isPort = (text: string): boolean => Number(text) > 0 && Number(text) < 65536

/** A loopback address in its parts. */
export interface LoopbackUrl {
  /** As written: `127.0.0.1`, `[::1]` or `localhost`. */
  readonly host: string
  /** From 1 to 65535; 80 where the address names none. */
  readonly port: number
}

/**
 * An http address on the machine itself, in its parts; null for any other text. It may end after its host or port, and
 * else goes on with a path or a query.
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

/** Whether an address is secure: https, or http on the machine itself. */
export const isSecureUrl = (url: string): boolean =>
  isAbsoluteHttpUrl(url) && (url.startsWith('https://') || loopbackUrl(url) !== null)

/**
 * Whether two addresses are the same loopback address but for the port (RFC 8252, section 7.3). Only the literal
 * addresses 127.0.0.1 and [::1] count: `localhost` is a name that can be pointed elsewhere, unless the caller counts it
 * too.
 */
export const sameLoopbackButForPort = (registered: string, presented: string, withLocalhost = false): boolean => {
  const left = loopback.exec(registered)
  const right = loopback.exec(presented)
  if (!withLocalhost && left?.[1] === 'http://localhost') return false
  return left !== null && right !== null && left[1] === right[1] && left[3] === right[3] && isPort(right[2] ?? '80')
}
