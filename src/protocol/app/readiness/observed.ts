/**
 * What was seen of a server, as plain data: the answers at its addresses, and what an app wants of it.
 *
 * @module
 */
import type { AppAuthentication, TrustedServer } from '../trusted-server.js'
import { readJsonObject } from '../trusted-server.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { PlainResponse } from '../../http/message.js'
import { headerOf } from '../../http/message.js'
import { mediaTypeOf } from '../../http/media-type.js'
import type { JsonObject } from '../../../values/object.js'
import { normalizedOriginOf } from '../../../values/urls.js'

/** The answer at an address. */
export interface Look {
  readonly url: string
  /** Null when there was none. */
  readonly response: PlainResponse | null
  /** Why there was no answer; empty when there was one. */
  readonly reason: string
  /** The number of redirects within the origin that led to the answer. */
  readonly redirects: number
}

/** The answers at the addresses of a server. An absent member was not looked at. */
export interface ObservedServer {
  /** `{fhirBaseUrl}/.well-known/smart-configuration`. */
  readonly smartConfiguration: Look
  /** `{issuer}/.well-known/openid-configuration`. */
  readonly openidConfiguration?: Look
  /** A document of the same kind at another place: at the issuer's own address, or below the FHIR base URL. */
  readonly otherConfiguration?: Look
  /** The key set whose keys sign id_tokens. */
  readonly keys?: Look
  /** `{fhirBaseUrl}/metadata`. */
  readonly metadata?: Look
  /** The answer of the token endpoint to an OPTIONS request, as browsers send it before a request of another origin. */
  readonly tokenPreflight?: Look
  /** The answer of a FHIR endpoint to an OPTIONS request for a GET with the header field `authorization`. */
  readonly fhirPreflight?: Look
  /** The origin of the app's page, which all requests named. */
  readonly origin: string
}

/** What an app wants of a server. */
export interface WantedApp extends TrustedServer {
  readonly purpose: 'launch' | 'backend'
  /** The scopes that the app requests. */
  readonly scope: string
  /** Whether the app runs in a web page, so that it can read only what CORS permits. */
  readonly browser: boolean
  /** The algorithms of the app's signing keys; null when they are not known. */
  readonly signingAlgorithms: ReadonlyArray<string> | null
  /** The signature algorithms of id_tokens that the app accepts. */
  readonly idTokenAlgorithms: ReadonlyArray<string>
}

/** Whether an answer is a success. */
export const isSuccess = ({ status }: PlainResponse): boolean => status >= 200 && status <= 299

/** The JSON object in a successful answer; null when there is none. */
export const documentOf = (look: Look | undefined): JsonObject | null => {
  const response = look?.response ?? null
  return response === null || !isSuccess(response) ? null : Option.toNullable(readJsonObject(response.body))
}

const fieldOf = (look: Look | undefined, name: string): string => {
  const response = look?.response ?? null
  const field = response === null ? undefined : headerOf(response, name)
  return typeof field === 'string' ? field : ''
}

/** The media type of an answer; empty when there is none. */
export const typeOf = (look: Look | undefined): string => mediaTypeOf(fieldOf(look, 'content-type'))

/** Where the answer's redirect leads; empty when it is none. */
export const locationOf = (look: Look | undefined): string => fieldOf(look, 'location')

/** Whether a page of an origin may read the answer (Fetch Standard, CORS check; requests without credentials). */
export const permitsOrigin = (look: Look | undefined, origin: string): boolean => {
  const permitted = fieldOf(look, 'access-control-allow-origin').trim()
  return permitted === '*' || (permitted !== '' && normalizedOriginOf(permitted) === normalizedOriginOf(origin))
}

/** Whether a preflight permits the header field `authorization`, which the wildcard does not include. */
export const permitsAuthorization = (look: Look | undefined): boolean =>
  look?.response !== undefined &&
  look.response !== null &&
  isSuccess(look.response) &&
  fieldOf(look, 'access-control-allow-headers')
    .toLowerCase()
    .split(',')
    .some((name) => name.trim() === 'authorization')

/** Whether an app sends its secret in the header field `authorization`, which needs a preflight. */
export const authenticatesInHeader = ({ authentication }: WantedApp): boolean =>
  authentication.some(({ method }: AppAuthentication) => method === 'client_secret_basic')
