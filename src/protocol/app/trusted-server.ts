/**
 * A server that an app trusts, and the checks of its discovery documents.
 *
 * The documents come from the network; the list of trusted servers does not. Therefore the list limits what a document
 * may name: credentials, codes and tokens are only sent to origins that the list allows. Source: app-launch,
 * "Discovery"; RFC 8414, sections 2 and 3.3; RFC 9700, section 4.4.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { AppFailure } from './failure.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import { resolveEndpoint } from '../discovery/endpoint-url.js'
import type { PlainResponse } from '../http/message.js'
import { parseJson } from '../../values/json.js'
import { isSecureUrl, originOf, withoutTrailingSlash } from '../../values/urls.js'
import { ownMember, ownMembers } from '../../values/own.js'
import type { JsonObject } from '../../values/object.js'
import { isObject } from '../../values/object.js'

/** How an app authenticates. `private_key_jwt` signs with the port `keys`. */
export type AppAuthentication =
  | { readonly method: 'none' }
  | { readonly method: 'client_secret_basic'; readonly clientSecret: string }
  | { readonly method: 'private_key_jwt' }

/** A server, and the app's registration there. */
export interface TrustedServer {
  /** The FHIR base URL with which apps are launched. */
  readonly fhirBaseUrl: string
  readonly clientId: string
  /** The methods that the app supports, in any order; the best one that the server supports is used. */
  readonly authentication: ReadonlyArray<AppAuthentication>
  /** The app's redirect URI. A different URI for each server is an additional defense against mix-up attacks. */
  readonly redirectUri: string
  /**
   * Origins (`https://login.ehr.example`), in addition to the FHIR server's own, that may contain endpoints and keys. A
   * path in an entry is ignored.
   */
  readonly authorizationOrigins?: ReadonlyArray<string>
  /** The issuer, if it is known: every other issuer is refused. */
  readonly issuer?: string
  /** The audience of assertions. Default: the issuer if its metadata were validated, otherwise the token endpoint. */
  readonly assertionAudience?: 'issuer' | 'tokenEndpoint'
  /** The parameter `aud`. Default: the `iss` of the launch, as received. */
  readonly audience?: string
}

/** Finds the trusted server of an `iss`; null when there is none. */
export type Trust = (iss: string) => TrustedServer | null

/**
 * A fixed list of trusted servers. An `iss` matches with or without one trailing slash, and in no other spelling.
 *
 * @example
 * ```ts
 * import { trustList } from 'smart-app-launch/app'
 *
 * const server = {
 *   fhirBaseUrl: 'https://ehr.example/fhir',
 *   clientId: 'app',
 *   authentication: [],
 *   redirectUri: 'https://app.example/cb'
 * }
 * const trust = trustList([server])
 * trust('https://ehr.example/fhir/')?.clientId // => 'app'
 * trust('https://ehr.example:443/fhir') // => null
 * ```
 */
export const trustList =
  (servers: ReadonlyArray<TrustedServer>): Trust =>
  (iss) =>
    servers.find(({ fhirBaseUrl }) => withoutTrailingSlash(fhirBaseUrl) === withoutTrailingSlash(iss)) ?? null

/** The validated endpoints of a server. */
export interface ValidatedServer {
  readonly tokenEndpoint: string
  /** Null for a backend service, which needs none. */
  readonly authorizationEndpoint: string | null
  readonly issuer: string | null
  readonly jwksUri: string | null
  /** Whether the issuer's own metadata name the same token endpoint. */
  readonly isValidated: boolean
  /** Whether authorization responses contain `iss` (RFC 9207). */
  readonly issParameterSupported: boolean
  readonly acceptsPost: boolean
  /** The authentication methods in the document; null when it has no list. */
  readonly methods: ReadonlyArray<string> | null
  /** The algorithms of assertions in the document; null when it has no list. */
  readonly signingAlgorithms: ReadonlyArray<string> | null
  /** The revocation endpoint, which is not judged yet; null when there is none. */
  readonly revocationEndpoint: string | null
}

/** Parses a JSON object; `none` when the text is not one. */
export const readJsonObject = (text: string): Option.Option<JsonObject> => Option.filter(isObject)(parseJson(text))

/** The document in a server's response. */
export const readDocument = (url: string, { status, body }: PlainResponse): Either.Either<AppFailure, JsonObject> =>
  status < 200 || status > 299
    ? Either.left({ _tag: 'DiscoveryFailed', url, status })
    : Either.fromOption((): AppFailure => ({ _tag: 'DocumentUnreadable', url }))(readJsonObject(body))

const textOf = (document: JsonObject, member: string): string | null => {
  const value = Object.hasOwn(document, member) ? document[member] : null
  return typeof value === 'string' && value !== '' ? value : null
}

const listOf = (document: JsonObject, member: string): ReadonlyArray<unknown> | null => {
  const value = Object.hasOwn(document, member) ? document[member] : null
  return Array.isArray(value) ? value : null
}

/** The origins that the documents may name. */
const originsOf = (server: TrustedServer): ReadonlyArray<string> => {
  const { fhirBaseUrl, authorizationOrigins = [], issuer } = ownMembers(server)
  return [
    originOf(fhirBaseUrl),
    ...authorizationOrigins.map(originOf),
    ...(issuer === undefined ? [] : [originOf(issuer)])
  ]
}

/** A URL of a document, resolved and validated; null for an absent optional one. */
const addressOf = (
  server: TrustedServer,
  document: JsonObject,
  member: string
): Either.Either<AppFailure, string | null> => {
  const written = textOf(document, member)
  if (written === null) return Either.right(null)
  const url = resolveEndpoint(server.fhirBaseUrl, written)
  if (!isSecureUrl(url)) return Either.left({ _tag: 'EndpointInsecure', member, url })
  return originsOf(server).includes(originOf(url))
    ? Either.right(url)
    : Either.left({ _tag: 'EndpointElsewhere', member, url })
}

/** The revocation endpoint that a server stated, resolved and judged by what the server is trusted with now. */
export const revocationEndpointAt = (
  server: TrustedServer,
  written: string
): Either.Either<AppFailure, string | null> =>
  addressOf(server, { revocation_endpoint: written }, 'revocation_endpoint')

/** The purpose of the document: an app launch needs more of a server than a backend service. */
export type Purpose = 'launch' | 'backend'

/** A URL of a document, resolved and validated: a failure, or null for an absent one. */
type DocumentUrl = Either.Either<AppFailure, string | null>

interface ConfigurationFacts {
  readonly server: TrustedServer
  readonly document: JsonObject
  readonly purpose: Purpose
  readonly token: DocumentUrl
  readonly authorization: DocumentUrl
  readonly issuer: DocumentUrl
  readonly jwks: DocumentUrl
}

const failureOf = (url: DocumentUrl): AppFailure | null => (Either.isLeft(url) ? url.left : null)

const urlOf = (url: DocumentUrl): string | null => (Either.isRight(url) ? url.right : null)

/** The rules of a SMART configuration at an app. */
export const trustedConfigurationRules: ReadonlyArray<Rule<ConfigurationFacts, AppFailure>> = [
  { name: 'token-endpoint-trusted', check: ({ token }) => failureOf(token) },
  {
    name: 'token-endpoint-present',
    check: ({ token }) => (urlOf(token) === null ? { _tag: 'EndpointMissing', member: 'token_endpoint' } : null)
  },
  {
    name: 'authorization-endpoint-trusted',
    check: ({ purpose, authorization }) => (purpose === 'launch' ? failureOf(authorization) : null)
  },
  {
    name: 'authorization-endpoint-present',
    check: ({ purpose, authorization }) =>
      purpose === 'launch' && urlOf(authorization) === null
        ? { _tag: 'EndpointMissing', member: 'authorization_endpoint' }
        : null
  },
  {
    // Issuers are identifiers and compared exactly; a relative one is not resolved.
    name: 'issuer-secure',
    check: ({ document }: ConfigurationFacts): AppFailure | null => {
      const named = textOf(document, 'issuer')
      return named === null || isSecureUrl(named) ? null : { _tag: 'EndpointInsecure', member: 'issuer', url: named }
    }
  },
  {
    name: 'issuer-matches',
    check: ({ server, document }: ConfigurationFacts): AppFailure | null => {
      const [expected, found] = [ownMember(server, 'issuer'), textOf(document, 'issuer')]
      return expected === undefined || found === null || found === expected
        ? null
        : { _tag: 'IssuerDiffers', expected, found }
    }
  },
  { name: 'issuer-trusted', check: ({ issuer }) => failureOf(issuer) },
  { name: 'key-set-trusted', check: ({ jwks }) => failureOf(jwks) },
  {
    name: 'pkce-offered',
    check: ({ document, purpose }) =>
      purpose === 'launch' && listOf(document, 'code_challenge_methods_supported')?.includes('S256') !== true
        ? { _tag: 'PkceNotOffered' }
        : null
  }
]

/** Validates a SMART configuration against the app's facts about the server. */
export const validateConfiguration = (
  server: TrustedServer,
  document: JsonObject,
  purpose: Purpose
): Either.Either<AppFailure, ValidatedServer> => {
  const [token, authorization] = [
    addressOf(server, document, 'token_endpoint'),
    addressOf(server, document, 'authorization_endpoint')
  ]
  const [issuer, jwks] = [addressOf(server, document, 'issuer'), addressOf(server, document, 'jwks_uri')]
  const facts = { server, document, purpose, token, authorization, issuer, jwks }
  const failure = firstRefusal(trustedConfigurationRules, facts)
  if (failure !== null) return Either.left(failure)
  const methods = listOf(document, 'token_endpoint_auth_methods_supported')
  return Either.right({
    tokenEndpoint: urlOf(token) ?? '',
    authorizationEndpoint: urlOf(authorization),
    issuer: ownMember(server, 'issuer') ?? textOf(document, 'issuer'),
    jwksUri: urlOf(jwks),
    isValidated: false,
    issParameterSupported: ownMember(document, 'authorization_response_iss_parameter_supported') === true,
    acceptsPost: listOf(document, 'capabilities')?.includes('authorize-post') === true,
    methods: methods === null ? null : methods.filter((one) => typeof one === 'string'),
    signingAlgorithms:
      listOf(document, 'token_endpoint_auth_signing_alg_values_supported')?.filter((one) => typeof one === 'string') ??
      null,
    revocationEndpoint: textOf(document, 'revocation_endpoint')
  })
}

interface IssuerMetadataFacts {
  readonly document: JsonObject
  /** The issuer in the SMART configuration. */
  readonly expected: string
  readonly jwks: DocumentUrl
}

/** The rules of the issuer's own metadata (RFC 8414, section 3.3). */
export const issuerMetadataRules: ReadonlyArray<Rule<IssuerMetadataFacts, AppFailure>> = [
  {
    name: 'issuer-matches',
    check: ({ document, expected }: IssuerMetadataFacts): AppFailure | null => {
      const found = textOf(document, 'issuer')
      return found === expected ? null : { _tag: 'IssuerDiffers', expected, found: found ?? '' }
    }
  },
  { name: 'key-set-trusted', check: ({ jwks }) => failureOf(jwks) }
]

/**
 * Validates the issuer's own metadata: they must name the issuer. If they name the same token endpoint, the issuer is
 * validated for it, and assertions can be addressed to the issuer.
 */
export const validateIssuerMetadata = (
  server: TrustedServer,
  validated: ValidatedServer,
  document: JsonObject
): Either.Either<AppFailure, ValidatedServer> => {
  const jwks = addressOf(server, document, 'jwks_uri')
  const failure = firstRefusal(issuerMetadataRules, { document, expected: validated.issuer ?? '', jwks })
  return failure === null
    ? Either.right({
        ...validated,
        jwksUri: urlOf(jwks) ?? validated.jwksUri,
        isValidated: textOf(document, 'token_endpoint') === validated.tokenEndpoint
      })
    : Either.left(failure)
}

const preference = ['private_key_jwt', 'client_secret_basic', 'none'] as const

/**
 * The authentication method: asymmetric if both sides support it, otherwise a secret, otherwise none. A missing list of
 * the server allows every method; `none` need not be in a list.
 */
export const chooseAuthentication = (
  { authentication }: TrustedServer,
  methods: ReadonlyArray<string> | null
): Either.Either<AppFailure, AppAuthentication> => {
  const possible = authentication.filter(
    ({ method }) => method === 'none' || methods === null || methods.includes(method)
  )
  const best = preference.flatMap((name) => possible.filter(({ method }) => method === name)).at(0)
  return best === undefined
    ? Either.left({ _tag: 'AuthenticationNotOffered', offered: methods ?? [] })
    : Either.right(best)
}

/** The audience of an assertion. */
export const assertionAudienceOf = (server: TrustedServer, validated: ValidatedServer): string => {
  const assertionAudience = ownMember(server, 'assertionAudience')
  const useIssuer = assertionAudience === undefined ? validated.isValidated : assertionAudience === 'issuer'
  return useIssuer && validated.issuer !== null ? validated.issuer : validated.tokenEndpoint
}
