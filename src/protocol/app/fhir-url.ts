/**
 * Whether a URL is below a FHIR base URL. An app's access token is only sent to such URLs.
 *
 * Source: app-launch, step 6 (references to another server); RFC 9700, section 4.9.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { AppFailure } from './failure.js'
import { readForm } from '../http/form.js'
import { hasScheme, isAbsoluteHttpUrl, withoutTrailingSlash } from '../../values/urls.js'

/** Whether a path has `.` or `..` segments, percent-encoded or not. */
const leadsAway = (path: string): boolean =>
  /(?:^|\/)(?:\.|%2e){1,2}(?:\/|%2f|%5c|$)/i.test(path) || /%2f|%5c|\\/i.test(path)

/**
 * The absolute URL of a resource or operation on a FHIR server. Relative URLs are below its base. A URL on another
 * server is refused, and so is one that would leave the base after normalization.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { fhirUrl } from 'smart-app-launch/fp-ts'
 *
 * const address = fhirUrl('https://ehr.example/fhir')
 * address('Patient/1') // => Either.right('https://ehr.example/fhir/Patient/1')
 * address('https://ehr.example/fhir/Patient/1') // => Either.right('https://ehr.example/fhir/Patient/1')
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
    const elsewhere: Either.Either<AppFailure, never> = Either.left({ _tag: 'AddressElsewhere', url: written })
    const isAbsolute = hasScheme(address) || address.startsWith('/')
    const url = isAbsolute
      ? address
      : address.startsWith('?') || address === ''
        ? `${base}${address}`
        : `${base}/${address}`
    if (!url.startsWith(base) || !/^(?:[/?]|$)/.test(url.slice(base.length))) return elsewhere
    const [path = '', ...query] = url.slice(base.length).split('?')
    if (leadsAway(path)) return elsewhere
    if (!isAbsoluteHttpUrl(url)) return Either.left({ _tag: 'AddressMalformed', url: written })
    const parameters = readForm(query.join('?'))
    if (Either.isRight(parameters) && parameters.right.has('access_token'))
      return Either.left({ _tag: 'TokenInAddress' })
    return Either.right(url)
  }
