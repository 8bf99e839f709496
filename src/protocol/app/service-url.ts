/**
 * The address of a request of a backend service: below the FHIR base URL, or a file of a bulk export.
 *
 * Source: bulk data access, "Output file request"; app-launch, step 6.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { AppFailure } from './failure.js'
import { fhirUrl } from './fhir-url.js'
import type { TrustedServer } from './trusted-server.js'
import { tolerancesOf } from './tolerances.js'
import { hasScheme, isSecureUrl } from '../../values/urls.js'

/**
 * The absolute URL of a request. A file outside the base is read only by GET, and only below the secure URLs of the
 * tolerance `filesElsewhere`.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { serviceUrl } from './service-url.js'
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
