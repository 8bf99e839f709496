/**
 * A server that an app trusts, and how the app authenticates there. Its documents are checked in
 * `server-documents.ts`.
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
import type { ServerTolerances } from './trust/tolerances.js'
import { tolerancesOf } from './trust/tolerances.js'
import type { PlainResponse } from '../http/message.js'
import { parseJson } from '../../values/json.js'
import { originOf, withoutTrailingSlash } from '../../values/urls.js'
import { ownMember, ownMembers } from '../../values/own.js'
import type { JsonObject } from '../../values/object.js'
import { isObject } from '../../values/object.js'

/** How an app authenticates. `private_key_jwt` signs with the port `keys`. */
export type AppAuthentication =
  | { readonly method: 'none' }
  | { readonly method: 'client_secret_basic'; readonly clientSecret: string }
  /** For servers that accept the secret only in the body (RFC 6749, section 2.3.1). */
  | { readonly method: 'client_secret_post'; readonly clientSecret: string }
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
   * Origins (`https://login.ehr.example`), in addition to the FHIR server's own, that may receive codes and
   * credentials, and may serve keys. A path in an entry is ignored.
   */
  readonly authorizationOrigins?: ReadonlyArray<string>
  /**
   * Origins that may only serve keys and the issuer's document. The origin of `issuer` is one of them. They receive
   * neither codes nor credentials. A path in an entry is ignored.
   */
  readonly identityOrigins?: ReadonlyArray<string>
  /** The issuer, if it is known: every other issuer is refused. */
  readonly issuer?: string
  /**
   * The audience of assertions. Default: the token endpoint (client-confidential-asymmetric, "Authenticating to the
   * Token endpoint"). `issuer` is for servers with a profile of RFC 10070: the audience is the `issuer` of this entry,
   * or else the one in the documents if its own document names the same token endpoint.
   */
  readonly assertionAudience?: 'issuer' | 'tokenEndpoint'
  /** The deviations of the server that are accepted; see `toleranceTable`. Default: none but the harmless. */
  readonly tolerances?: ServerTolerances
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
  /** Whether authorization responses contain `iss` (RFC 9207). */
  readonly issParameterSupported: boolean
  readonly acceptsPost: boolean
  /** The authentication methods in the document; null when it has no list. */
  readonly methods: ReadonlyArray<string> | null
  /** The algorithms of assertions in the document; null when it has no list. */
  readonly signingAlgorithms: ReadonlyArray<string> | null
  /** The revocation endpoint, which is not checked yet; null when there is none. */
  readonly revocationEndpoint: string | null
}

/** Parses a JSON object; `none` when the text is not one. */
export const readJsonObject = (text: string): Option.Option<JsonObject> => Option.filter(isObject)(parseJson(text))

/** The document in a server's response. */
export const readDocument = (url: string, { status, body }: PlainResponse): Either.Either<AppFailure, JsonObject> =>
  status < 200 || status > 299
    ? Either.left({ _tag: 'DiscoveryFailed', url, status })
    : Either.fromOption((): AppFailure => ({ _tag: 'DocumentUnreadable', url }))(readJsonObject(body))

/** What an address is for: to receive codes and credentials, or to serve keys and the issuer's document. */
export type AddressUse = 'credentials' | 'identity'

/** The origins that documents may name for a use. */
export const trustedOriginsOf = (server: TrustedServer, use: AddressUse): ReadonlyArray<string> => {
  const { fhirBaseUrl, authorizationOrigins = [], identityOrigins = [], issuer } = ownMembers(server)
  return [
    originOf(fhirBaseUrl),
    ...authorizationOrigins.map(originOf),
    ...(use === 'credentials' ? [] : [...identityOrigins, ...(issuer === undefined ? [] : [issuer])].map(originOf))
  ]
}

const preference = ['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'none'] as const

/**
 * The authentication method: asymmetric if both sides support it, otherwise a secret, otherwise none. A missing list of
 * the server allows every method; `none` need not be in a list.
 */
export const chooseAuthentication = (
  server: TrustedServer,
  methods: ReadonlyArray<string> | null
): Either.Either<AppFailure, AppAuthentication> => {
  const { authentication } = server
  const listed = authentication.filter(
    ({ method }) => method === 'none' || methods === null || methods.includes(method)
  )
  const assumed = tolerancesOf(server).authenticationNotListed === true ? authentication : []
  const possible = listed.length === 0 ? assumed : listed
  const best = preference.flatMap((name) => possible.filter(({ method }) => method === name)).at(0)
  return best === undefined
    ? Either.left({ _tag: 'AuthenticationNotOffered', offered: methods ?? [] })
    : Either.right(best)
}

/** Whether assertions are addressed to an issuer that only the documents name: it must be validated first. */
export const needsValidatedAudience = (server: TrustedServer): boolean =>
  ownMember(server, 'assertionAudience') === 'issuer' &&
  ownMember(server, 'issuer') === undefined &&
  server.authentication.some(({ method }) => method === 'private_key_jwt')

/** The audience of an assertion: the token endpoint, unless the trusted server says otherwise. */
export const assertionAudienceOf = (server: TrustedServer, { issuer, tokenEndpoint }: ValidatedServer): string =>
  ownMember(server, 'assertionAudience') === 'issuer' && issuer !== null ? issuer : tokenEndpoint
