/**
 * The functions of the pure layers whose answer carries a reason, with plain results.
 *
 * @module
 */
import { bearerTokenOf as bearerTokenEither } from '../engine/server/bearer-token.js'
import type { Alternative } from '../protocol/access/alternatives.js'
import type { QueryUnreadable, SearchQuery } from '../protocol/access/search/query.js'
import { readSearchQuery as searchQueryEither } from '../protocol/access/search/query.js'
import type { NotExpressible, RewrittenSearch, Search } from '../protocol/access/search/rewrite.js'
import { rewriteSearch as rewriteEither } from '../protocol/access/search/rewrite.js'
import type { AppFailure } from '../protocol/app/failure.js'
import type { ServerDocuments, TrustEntry, WantedEntry } from '../protocol/app/trust/trust-entry.js'
import { trustEntryFor as trustEntryEither } from '../protocol/app/trust/trust-entry.js'
import { fhirUrl as fhirUrlEither } from '../protocol/app/fhir-url.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import type { PlainRequest } from '../protocol/http/message.js'
import type { LaunchContext, SignedInUser } from '../protocol/launch/launch-context.js'
import { checkContext as contextEither } from '../protocol/launch/launch-context-rules.js'
import { checkUser as userEither } from '../protocol/launch/user-rules.js'
import type { SmartPolicy } from '../protocol/policy/policy.js'
import type { SettingsError } from '../protocol/policy/policy-check.js'
import { checkPolicy as policyEither } from '../protocol/policy/policy-check.js'
import type { Vocabulary } from '../scopes/vocabulary.js'
import type { EpochSeconds } from '../values/time.js'
import { isObject } from '../values/object.js'
import { argumentIn, textIn } from './arguments.js'
import type { Result } from './result.js'
import { resultOf } from './result.js'

const isRequest = (given: unknown): boolean => isObject(given) && isObject(given['headers'])

/** The bearer token of a request, or the refusal: a token is accepted in the header field `authorization` only. */
export const bearerTokenOf = (request: PlainRequest): Result<string, Refusal> =>
  resultOf(
    bearerTokenEither(argumentIn('bearerTokenOf', 'request', 'a request: an object with headers', isRequest, request))
  )

/** Reads a FHIR search query; a failure when it cannot be read. */
export const readSearchQuery = (text: string): Result<SearchQuery, QueryUnreadable> =>
  resultOf(searchQueryEither(textIn('readSearchQuery', 'text', text)))

/** The searches that find what the alternatives permit, and nothing else; a failure when no search can say that. */
export const rewriteSearch = (
  search: Search,
  alternatives: ReadonlyArray<Alternative>,
  vocabulary?: Vocabulary,
  most?: number
): Result<ReadonlyArray<RewrittenSearch>, NotExpressible> =>
  resultOf(rewriteEither(search, alternatives, vocabulary, most))

/** The absolute URL of a FHIR request of an app; a failure when it is not below the FHIR base URL. */
export const fhirUrl =
  (fhirBaseUrl: string) =>
  (written: string): Result<string, AppFailure> =>
    resultOf(fhirUrlEither(fhirBaseUrl)(written))

/** The complete policy for chosen options; a failure with every option that is wrong or contradicts another. */
export const checkPolicy = (
  chosen: Partial<SmartPolicy>,
  hasDefaultScope?: boolean
): Result<SmartPolicy, ReadonlyArray<SettingsError>> =>
  resultOf(
    policyEither(
      argumentIn('checkPolicy', 'chosen', 'an object with policy options', isObject, chosen),
      hasDefaultScope
    )
  )

/** The launch context as the given release of the specification allows it, or the refusal. */
export const checkContext = (
  release: SmartPolicy['specVersion'],
  context: LaunchContext
): Result<LaunchContext, Refusal> => resultOf(contextEither(release, context))

/** The signed-in user, or the refusal. `now` is in seconds since the epoch. */
export const checkUser = (user: SignedInUser, now: EpochSeconds): Result<SignedInUser, Refusal> =>
  resultOf(userEither(user, now))

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
