/**
 * The addresses of a host: which are its own, and how they look inside and outside a proxy.
 *
 * Outside is what the browser sees. All addresses on pages and in responses are outside addresses.
 *
 * @module
 */
import type { HostOptions } from './host-options.js'
import type { ServerFacts } from '../protocol/discovery/smart-configuration.js'
import { below, originOf, pathOf, withoutTrailingSlash, withParameters } from '../values/urls.js'

/** The addresses of a host. */
export interface HostAddresses {
  /** The path that the browser sees, for a path that this process received; null if it came not through the proxy. */
  readonly outside: (received: string) => string | null
  /** The page of a conversation. */
  readonly interaction: (grantId: string) => string
  /** The grant id in the path of a conversation; null for any other path. */
  readonly grantIdIn: (path: string) => string | null
  /** The page of connected apps; null if there is none. */
  readonly apps: string | null
  /** Whether a path is the FHIR base or below it. */
  readonly isFhir: (path: string) => boolean
  /** The path relative to the FHIR base. */
  readonly belowFhir: (path: string) => string
  /** The address of the host's sign-in page. */
  readonly signIn: (page: string, returnTo: string, mustSignInAgain: boolean) => string
  /** Whether an address is a page of this host to which a sign-in page may redirect. */
  readonly isReturn: (address: unknown) => boolean
}

/** The parameter of an address to which the sign-in page has redirected. */
export const returnedQuery = 'after=sign-in'

const grantIdPattern = /^[A-Za-z0-9_-]{1,128}$/

/** The addresses of a host with these facts and options. */
export const hostAddresses = (
  { issuer, fhirBaseUrl }: Pick<ServerFacts, 'issuer' | 'fhirBaseUrl'>,
  { proxy, connectedApps }: Pick<HostOptions<never>, 'proxy' | 'connectedApps'>
): HostAddresses => {
  const conversations = `${pathOf(below(issuer, 'interaction'))}/`
  const apps = connectedApps === false ? null : pathOf(below(issuer, 'apps'))
  const fhir = withoutTrailingSlash(pathOf(fhirBaseUrl))
  const removes = proxy?.removes ?? ''
  const adds = proxy?.adds ?? ''
  const origin = originOf(issuer)
  const grantIdIn = (path: string): string | null => {
    const grantId = path.slice(conversations.length)
    return path.startsWith(conversations) && grantIdPattern.test(grantId) ? grantId : null
  }
  return {
    outside: (received) =>
      adds === '' || received.startsWith(`${adds}/`) ? `${removes}${received.slice(adds.length)}` : null,
    interaction: (grantId) => `${conversations}${grantId}`,
    grantIdIn,
    apps,
    isFhir: (path) => path === fhir || path.startsWith(`${fhir}/`),
    belowFhir: (path) => path.slice(fhir.length),
    signIn: (page, returnTo, mustSignInAgain) => {
      // A sign-in page of another origin cannot resolve a path.
      const target = page.startsWith('/') || originOf(page) === origin ? returnTo : `${origin}${returnTo}`
      return withParameters(page, [['return_to', target], ...(mustSignInAgain ? [['prompt', 'login'] as const] : [])])
    },
    isReturn: (address) => {
      // What a framework read from a query may be a list or an object.
      if (typeof address !== 'string') return false
      const path = address.startsWith(`${origin}/`) ? address.slice(origin.length) : address
      const [page = '', query = returnedQuery, ...more] = path.split('?')
      return more.length === 0 && query === returnedQuery && (page === apps || grantIdIn(page) !== null)
    }
  }
}
