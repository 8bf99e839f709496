/**
 * Cookies of requests and responses.
 *
 * @module
 */
import type { PlainRequest } from '../protocol/http/message.js'
import { headerOf } from '../protocol/http/message.js'

/** The cookies of a request. The first of a name counts. */
export const cookiesOf = (request: PlainRequest): ReadonlyMap<string, string> => {
  const cookies = new Map<string, string>()
  for (const pair of (headerOf(request, 'cookie') ?? '').split(';')) {
    const equals = pair.indexOf('=')
    const name = pair.slice(0, equals).trim()
    if (equals > 0 && !cookies.has(name)) cookies.set(name, pair.slice(equals + 1).trim())
  }
  return cookies
}

/** A cookie that scripts cannot read, and that forms of other sites do not send. */
export const setCookie = (
  name: string,
  value: string,
  path: string,
  isSecure: boolean,
  maxAgeSeconds: number | null = null
): string =>
  [
    `${name}=${value}`,
    `Path=${path === '' ? '/' : path}`,
    'HttpOnly',
    'SameSite=Lax',
    ...(isSecure ? ['Secure'] : []),
    ...(maxAgeSeconds === null ? [] : [`Max-Age=${String(maxAgeSeconds)}`])
  ].join('; ')
