/**
 * Whether a URL is below a FHIR base URL. An app's access token is only sent to such URLs.
 *
 * Source: app-launch, step 6 (references to another server); RFC 9700, section 4.9.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { AppFailure } from './failure.js'
import type { TrustedServer } from './trusted-server.js'
import { tolerancesOf } from './trust/tolerances.js'
import { readForm } from '../http/form.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import {
  hasScheme,
  isAbsoluteHttpUrl,
  isSecureUrl,
  normalizedOriginOf,
  originOf,
  pathOf,
  withoutTrailingSlash
} from '../../values/urls.js'

/** Whether a path has `.` or `..` segments, percent-encoded or not. */
const leadsAway = (path: string): boolean =>
  /(?:^|\/)(?:\.|%2e){1,2}(?:\/|%2f|%5c|$)/i.test(path) || /%2f|%5c|\\/i.test(path)

const unreserved = /[A-Za-z0-9._~-]/

/**
 * A path in which every percent sequence has upper case, and none stands for a character that needs no encoding (RFC
 * 3986, sections 6.2.2.1 and 6.2.2.2). Dots stay encoded: decoded, they would be dot segments.
 */
const normalizedPath = (path: string): string =>
  path.replace(/%[0-9A-Fa-f]{2}/g, (sequence) => {
    const character = String.fromCharCode(Number.parseInt(sequence.slice(1), 16))
    return unreserved.test(character) && character !== '.' ? character : sequence.toUpperCase()
  })

/** What a URL is compared by: its origin without a default or an empty port, and its path. */
const comparable = (url: string): string => {
  const origin = normalizedOriginOf(originOf(url).replace(/:$/, ''))
  return `${origin}${normalizedPath(pathOf(url))}`
}

/**
 * An absolute URL in the spelling of the base, if it is an equivalent spelling of a URL below it: the default port,
 * capitals in scheme and host, percent-encoding (RFC 3986, sections 6.2.2 and 6.2.3). Any other URL stays as it is.
 */
const inSpellingOf = (base: string, url: string): string => {
  if (url.startsWith(base)) return url
  const [own, other] = [comparable(base), comparable(url)]
  const rest = other.slice(own.length)
  const isBelow = other.startsWith(own) && (rest === '' || rest.startsWith('/'))
  return isBelow ? `${base}${rest}${url.slice(originOf(url).length + pathOf(url).length)}` : url
}

interface BuiltUrl {
  /** The FHIR base URL, without a slash at its end. */
  readonly base: string
  /** The absolute URL. */
  readonly url: string
  /** What the app wrote. */
  readonly written: string
}

/** The rules of a URL to which an app's access token is sent. */
export const fhirUrlRules: ReadonlyArray<Rule<BuiltUrl, AppFailure>> = [
  {
    name: 'below-base',
    check: ({ base, url, written }) =>
      url.startsWith(base) && /^(?:[/?]|$)/.test(url.slice(base.length))
        ? null
        : { _tag: 'AddressElsewhere', url: written }
  },
  {
    name: 'no-dot-segment',
    check: ({ base, url, written }) =>
      leadsAway(url.slice(base.length).split('?')[0] ?? '') ? { _tag: 'AddressElsewhere', url: written } : null
  },
  {
    name: 'well-formed',
    check: ({ url, written }) => (isAbsoluteHttpUrl(url) ? null : { _tag: 'AddressMalformed', url: written })
  },
  {
    name: 'no-token-in-query',
    check: ({ base, url }: BuiltUrl): AppFailure | null => {
      const parameters = readForm(url.slice(base.length).split('?').slice(1).join('?'))
      return Either.isRight(parameters) && parameters.right.has('access_token') ? { _tag: 'TokenInAddress' } : null
    }
  }
]

/**
 * The absolute URL of a resource or operation on a FHIR server. Relative URLs are below its base, also those that begin
 * with the base's own path. Equivalent spellings of the base are accepted, and the base's own spelling is used. A URL
 * on another server is refused, and so is one that would leave the base after normalization.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { fhirUrl } from 'smart-app-launch/fp-ts'
 *
 * const address = fhirUrl('https://ehr.example/fhir')
 * address('Patient/1') // => Either.right('https://ehr.example/fhir/Patient/1')
 * address('https://EHR.example:443/fhir/Patient/1') // => Either.right('https://ehr.example/fhir/Patient/1')
 * address('/fhir?page=2') // => Either.right('https://ehr.example/fhir?page=2')
 * Either.isLeft(address('https://ehr.example/fhirish/Patient/1')) // => true
 * Either.isLeft(address('https://elsewhere.example/Patient/1')) // => true
 * ```
 */
export const fhirUrl =
  (fhirBaseUrl: string) =>
  (written: string): Either.Either<AppFailure, string> => {
    // FHIR token values contain `|`, which RFC 3986 does not allow unencoded.
    const address = written.replaceAll('|', '%7C')
    const base = withoutTrailingSlash(fhirBaseUrl)
    const isPath = address.startsWith('/') && !address.startsWith('//')
    const isAbsolute = hasScheme(address) || address.startsWith('//')
    const url = isPath
      ? inSpellingOf(base, `${originOf(base)}${address}`)
      : isAbsolute
        ? inSpellingOf(base, address)
        : address.startsWith('?') || address === ''
          ? `${base}${address}`
          : `${base}/${address}`
    const failure = firstRefusal(fhirUrlRules, { base, url, written })
    return failure === null ? Either.right(url) : Either.left(failure)
  }

/**
 * The absolute URL of a request. A file outside the base is read only by GET, and only below the secure URLs of the
 * tolerance `filesElsewhere`.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { serviceUrl } from './fhir-url.js'
 *
 * const server = { fhirBaseUrl: 'https://ehr.example/fhir', clientId: 'a', authentication: [], redirectUri: '' }
 * const file = { method: 'GET', url: 'https://files.example/out/1.ndjson' }
 * Either.isLeft(serviceUrl(server, file)) // => true
 * serviceUrl({ ...server, tolerances: { filesElsewhere: ['https://files.example/out'] } }, file)
 * // => Either.right('https://files.example/out/1.ndjson')
 * ```
 */
export const serviceUrl = (
  server: TrustedServer,
  { method, url }: { readonly method: string; readonly url: string }
): Either.Either<AppFailure, string> => {
  const below = fhirUrl(server.fhirBaseUrl)(url)
  if (Either.isRight(below) || below.left._tag !== 'AddressElsewhere' || method !== 'GET' || !hasScheme(url))
    return below
  const { filesElsewhere = [] } = tolerancesOf(server)
  const file = filesElsewhere
    .filter(isSecureUrl)
    .map((place) => fhirUrl(place)(url))
    .find(Either.isRight)
  return file ?? below
}
