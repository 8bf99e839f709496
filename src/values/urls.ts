/**
 * Addresses as text.
 *
 * Addresses are compared as the strings they are (RFC 3986, section 6.2.1; RFC 9700, section 4.1.3). Nothing here parses
 * an address into an object and prints it again: such a round trip repairs hostile spellings.
 *
 * @module
 */

const absoluteHttpUrl =
  /^https?:\/\/(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?(?:[/?][\x21\x24-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]*)?$/

/** Whether the text is an absolute http or https address without user information, fragment, blanks or controls. */
export const isAbsoluteHttpUrl = (text: string): boolean => {
  const match = absoluteHttpUrl.exec(text)
  const port = Number(match?.[1] ?? 1)
  return match !== null && port > 0 && port < 65536
}

/** The address without one trailing slash, if it ends in one. */
export const withoutTrailingSlash = (url: string): string => (url.endsWith('/') ? url.slice(0, -1) : url)

/**
 * The address one level below a base: exactly one slash between them.
 *
 * @example
 * ```ts
 * import { values } from 'smart-app-launch'
 *
 * values.urls.below('https://ehr.example/fhir/', '.well-known/smart-configuration') // => 'https://ehr.example/fhir/.well-known/smart-configuration'
 * ```
 */
export const below = (base: string, path: string): string =>
  `${withoutTrailingSlash(base)}/${path.startsWith('/') ? path.slice(1) : path}`

/** The path of an absolute address, from its first slash on; empty when it has none. Query and fragment are left out. */
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

const loopback = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::([0-9]{1,5}))?((?:[/?].*)?)$/s

/**
 * Whether two addresses are the same loopback address but for the port (RFC 8252, section 7.3). Only the literal
 * addresses 127.0.0.1 and [::1] count: `localhost` is a name that can be pointed elsewhere, unless the caller counts it too.
 */
export const sameLoopbackButForPort = (registered: string, presented: string, withLocalhost = false): boolean => {
  const left = loopback.exec(registered)
  const right = loopback.exec(presented)
  if (!withLocalhost && left?.[1] === 'http://localhost') return false
  return left !== null && right !== null && left[1] === right[1] && left[3] === right[3] && Number(right[2] ?? 80) < 65536
}
