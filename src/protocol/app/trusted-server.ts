/**
 * A server that an app trusts, and what its discovery documents may say.
 *
 * The documents come from the network; the list of trusted servers does not. So whatever a document says is judged by
 * the list: credentials, codes and tokens go to origins that are trusted with them, and nowhere else. Source:
 * app-launch, "Discovery"; RFC 8414, sections 2 and 3.3; RFC 9700, section 4.4.
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

/** How an app proves who it is. `private_key_jwt` signs with the key port. */
export type AppAuthentication =
  | { readonly method: 'none' }
  | { readonly method: 'client_secret_basic'; readonly clientSecret: string }
  | { readonly method: 'private_key_jwt' }

/** A server, and what the app is there. */
export interface TrustedServer {
  /** The FHIR base URL, as apps are launched with it. */
  readonly fhirBaseUrl: string
  readonly clientId: string
  /** What the app can do, in any order: the best that the server serves is taken. */
  readonly authentication: ReadonlyArray<AppAuthentication>
  /** Where the app comes back to; a URI of its own for each server is a second defence against mix-up. */
  readonly redirectUri: string
  /**
   * Origins (`https://login.ehr.example`) besides the FHIR server's own that may hold endpoints and keys. A path behind
   * one says nothing more.
   */
  readonly authorizationOrigins?: ReadonlyArray<string>
  /** The issuer, where it is known: any other is refused. */
  readonly issuer?: string
  /**
   * The audience of assertions: by default the issuer where the server's metadata was validated, else the token
   * endpoint.
   */
  readonly assertionAudience?: 'issuer' | 'tokenEndpoint'
  /** The parameter `aud`. Default: the iss of the launch as it came. */
  readonly audience?: string
}

/** Finds the trusted server of an iss; null when there is none. */
export type Trust = (iss: string) => TrustedServer | null

/**
 * A fixed list of trusted servers. An iss is found with or without one slash at its end, and in no other spelling.
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

/** The server's addresses, judged. */
export interface ValidatedServer {
  readonly tokenEndpoint: string
  /** Null for a backend service, which needs none. */
  readonly authorizationEndpoint: string | null
  readonly issuer: string | null
  readonly jwksUri: string | null
  /** Whether the issuer's own document names the same token endpoint. */
  readonly isValidated: boolean
  /** Whether redirects carry `iss` (RFC 9207). */
  readonly issParameterSupported: boolean
  readonly acceptsPost: boolean
  /** The methods that the document lists; null when it lists none. */
  readonly methods: ReadonlyArray<string> | null
}

/** A JSON object, by its members. */

/** A JSON object out of a text; `none` when it is anything else. */
export const readJsonObject = (text: string): Option.Option<JsonObject> => Option.filter(isObject)(parseJson(text))

/** The document that a server answered with. */
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

/** Origins that may hold what the documents name. */
const originsOf = (server: TrustedServer): ReadonlyArray<string> => {
  const { fhirBaseUrl, authorizationOrigins = [], issuer } = ownMembers(server)
  return [
    originOf(fhirBaseUrl),
    ...authorizationOrigins.map(originOf),
    ...(issuer === undefined ? [] : [originOf(issuer)])
  ]
}

/** An address of a document, made absolute and judged; null where an optional one is absent. */
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

/** What the document is read for: an app launch needs more of a server than a backend service. */
export type Purpose = 'launch' | 'backend'

/** Judges a SMART configuration by what the app knows of the server. */
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
  // An issuer is a name, and compared to the letter: it is never made absolute.
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
 * Judges the issuer's own document: it must be that of the issuer. If it names the same token endpoint, the issuer is
 * known to stand for it, and assertions can be addressed to the issuer.
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
 * The way to authenticate: asymmetric where both sides can, else a secret, else none. A list that the server does not
 * publish allows everything; `none` is in nobody's list.
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

/** To whom an assertion is addressed. */
export const assertionAudienceOf = (server: TrustedServer, judged: ValidatedServer): string => {
  const assertionAudience = ownMember(server, 'assertionAudience')
  const useIssuer = assertionAudience === undefined ? judged.isValidated : assertionAudience === 'issuer'
  return useIssuer && judged.issuer !== null ? judged.issuer : judged.tokenEndpoint
}
