/**
 * Whether an address is below a FHIR base URL: only there may an app's access token go.
 *
 * Source: app-launch, step 6 (references to another server); RFC 9700, section 4.9.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { AppFailure } from './failure.js'
import { readForm } from '../http/form.js'
import { hasScheme, isAbsoluteHttpUrl, withoutTrailingSlash } from '../../values/urls.js'

/** A path whose dots lead nowhere, written plainly or not. */
const leadsAway = (path: string): boolean =>
  /(?:^|\/)(?:\.|%2e){1,2}(?:\/|%2f|%5c|$)/i.test(path) || /%2f|%5c|\\/i.test(path)

/**
 * The absolute address of something on a FHIR server: relative addresses are below its base. An address on another
 * server is refused, and so is one that only seems to be below the base.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { fhirUrl } from 'smart-app-launch/app'
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
    // FHIR writes token values with a bar, and RFC 3986 has none.
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
