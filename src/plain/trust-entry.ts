/**
 * The entry of the trust list for a server, with a plain result.
 *
 * @module
 */
import type { AppFailure } from '../protocol/app/failure.js'
import type { ServerDocuments, TrustEntry, WantedEntry } from '../protocol/app/trust-entry.js'
import { trustEntryFor as trustEntryEither } from '../protocol/app/trust-entry.js'
import { isObject } from '../values/object.js'
import { argumentIn } from './arguments.js'
import type { Result } from './result.js'
import { resultOf } from './result.js'

/**
 * The entry of the trust list with which an app can open a launch at the server of these documents; a failure when no
 * member of an entry helps. Read the reasons before you use it.
 *
 * @example
 * ```ts
 * import { trustEntryFor } from 'smart-app-launch/app'
 *
 * const found = trustEntryFor(
 *   {
 *     smartConfiguration: {
 *       issuer: 'https://identity.example',
 *       jwks_uri: 'https://identity.example/keys',
 *       authorization_endpoint: 'https://ehr.example/authorize',
 *       token_endpoint: 'https://ehr.example/token',
 *       code_challenge_methods_supported: ['S256']
 *     }
 *   },
 *   {
 *     fhirBaseUrl: 'https://ehr.example/fhir',
 *     clientId: 'my-app',
 *     authentication: [{ method: 'none' }],
 *     redirectUri: 'https://app.example/cb',
 *     purpose: 'launch',
 *     identity: true
 *   }
 * )
 * found.ok ? found.value.entry.identityOrigins : found.failure // => ['https://identity.example']
 * ```
 */
export const trustEntryFor = (documents: ServerDocuments, wanted: WantedEntry): Result<TrustEntry, AppFailure> => {
  const isDocuments = (given: unknown): boolean => isObject(given) && isObject(given['smartConfiguration'])
  const isWanted = (given: unknown): boolean => isObject(given) && Array.isArray(given['authentication'])
  return resultOf(
    trustEntryEither(
      argumentIn('trustEntryFor', 'documents', 'an object with smartConfiguration', isDocuments, documents),
      argumentIn('trustEntryFor', 'wanted', 'an object with authentication', isWanted, wanted)
    )
  )
}
