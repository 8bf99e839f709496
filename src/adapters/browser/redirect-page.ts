/**
 * The page of the redirect URI: the query with which the browser arrived, and the address without the response.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { BrowserWindow } from './window.js'
import { formDecode } from '../../protocol/http/form.js'

/** The address at which the browser arrived. */
export interface RedirectAddress {
  readonly href: string
  readonly search: string
}

/** The parameters of an authorization response (RFC 6749, section 4.1.2; RFC 9207; OpenID Connect Session 1.0). */
const responseParameters = new Set(['code', 'state', 'iss', 'error', 'error_description', 'error_uri', 'session_state'])

const nameOf = (pair: string): string => {
  const name = formDecode(pair.split('=')[0] ?? '')
  return Either.isRight(name) ? name.right : ''
}

const pairsOf = (search: string): ReadonlyArray<string> => search.replace(/^\?/, '').split('&')

/** Whether a query has one of the parameters. */
export const hasParameter = (search: string, names: ReadonlyArray<string>): boolean =>
  pairsOf(search).some((pair) => names.includes(nameOf(pair)))

const isResponse = (search: string): boolean => hasParameter(search, ['state', 'code', 'error'])

/** The address of the page without the response; the rest of its query and its fragment stay. */
export const withoutResponse = ({ href, pathname, search }: BrowserWindow['location']): string => {
  const rest = pairsOf(search)
    .filter((pair) => pair !== '' && !responseParameters.has(nameOf(pair)))
    .join('&')
  const fragment = href.includes('#') ? href.slice(href.indexOf('#')) : ''
  // A path that begins with two slashes would name another host.
  const path = pathname.startsWith('//') ? `/.${pathname}` : pathname
  return `${path}${rest === '' ? '' : `?${rest}`}${fragment}`
}

const arrivals = new WeakMap<BrowserWindow, RedirectAddress>()

/** Whether the address of the page has a response now, or had one when the page was loaded. */
export const hasArrived = (window: BrowserWindow): 'now' | 'before' | 'never' =>
  isResponse(window.location.search) ? 'now' : arrivals.has(window) ? 'before' : 'never'

/** The response with which the browser arrived. It is remembered for the page, because the address loses it. */
export const arrivalOf = (window: BrowserWindow): RedirectAddress => {
  const { href, search } = window.location
  const known = arrivals.get(window)
  if (known !== undefined && !isResponse(search)) return known
  const arrival = { href, search }
  if (isResponse(search)) arrivals.set(window, arrival)
  return arrival
}
