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
}

/** A JSON object, by its members. */

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

/** The purpose of the document: an app launch needs more of a server than a backend service. */
export type Purpose = 'launch' | 'backend'

/** Validates a SMART configuration against the app's facts about the server. */
export const validateConfiguration = (
  server: TrustedServer,
  document: JsonObject,
  purpose: Purpose
): Either.Either<AppFailure, ValidatedServer> => {
  const [token, authorization, issuer, jwks] = ['token_endpoint', 'authorization_endpoint', 'issuer', 'jwks_uri'].map(
    (member) => addressOf(server, document, member)
  )
  if (token === undefined || authorization === undefined || issuer === undefined || jwks === undefined) {
    return Either.left({ _tag: 'EndpointMissing', member: 'token_endpoint' })
  }
  if (Either.isLeft(token)) return token
  if (token.right === null) return Either.left({ _tag: 'EndpointMissing', member: 'token_endpoint' })
  if (purpose === 'launch' && Either.isLeft(authorization)) return authorization
  const authorizationEndpoint = Either.isRight(authorization) ? authorization.right : null
  if (purpose === 'launch' && authorizationEndpoint === null) {
    return Either.left({ _tag: 'EndpointMissing', member: 'authorization_endpoint' })
  }
  const named = textOf(document, 'issuer')
  const expected = ownMember(server, 'issuer')
  // Issuers are identifiers and compared exactly; a relative one is not resolved.
  if (named !== null && !isSecureUrl(named))
    return Either.left({ _tag: 'EndpointInsecure', member: 'issuer', url: named })
  if (named !== null && expected !== undefined && named !== expected) {
    return Either.left({ _tag: 'IssuerDiffers', expected, found: named })
  }
  if (Either.isLeft(issuer)) return issuer
  if (Either.isLeft(jwks)) return jwks
  if (purpose === 'launch' && listOf(document, 'code_challenge_methods_supported')?.includes('S256') !== true) {
    return Either.left({ _tag: 'PkceNotOffered' })
  }
  const methods = listOf(document, 'token_endpoint_auth_methods_supported')
  return Either.right({
    tokenEndpoint: token.right,
    authorizationEndpoint,
    issuer: expected ?? named,
    jwksUri: jwks.right,
    isValidated: false,
    issParameterSupported: ownMember(document, 'authorization_response_iss_parameter_supported') === true,
    acceptsPost: listOf(document, 'capabilities')?.includes('authorize-post') === true,
    methods: methods === null ? null : methods.filter((one) => typeof one === 'string')
  })
}

/**
 * Validates the issuer's own metadata: they must name the issuer. If they name the same token endpoint, the issuer is
 * validated for it, and assertions can be addressed to the issuer.
 */
export const validateIssuerMetadata = (
  server: TrustedServer,
  judged: ValidatedServer,
  document: JsonObject
): Either.Either<AppFailure, ValidatedServer> => {
  const found = textOf(document, 'issuer')
  const expected = judged.issuer ?? ''
  if (found !== expected) return Either.left({ _tag: 'IssuerDiffers', expected, found: found ?? '' })
  return Either.map((jwksUri: string | null): ValidatedServer => ({
    ...judged,
    jwksUri: jwksUri ?? judged.jwksUri,
    isValidated: textOf(document, 'token_endpoint') === judged.tokenEndpoint
  }))(addressOf(server, document, 'jwks_uri'))
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
export const assertionAudienceOf = (server: TrustedServer, judged: ValidatedServer): string => {
  const assertionAudience = ownMember(server, 'assertionAudience')
  const useIssuer = assertionAudience === undefined ? judged.isValidated : assertionAudience === 'issuer'
  return useIssuer && judged.issuer !== null ? judged.issuer : judged.tokenEndpoint
}
