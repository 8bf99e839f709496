/**
 * The checks of a server's discovery documents against what the app knows about the server.
 *
 * A URL is checked where it is used: an app without an identity uses neither issuer nor keys. Source: app-launch,
 * "Discovery"; RFC 8414, sections 2 and 3.3; RFC 9700, section 4.4.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { AppFailure } from '../failure.js'
import type { AddressUse, TrustedServer, ValidatedServer } from '../trusted-server.js'
import { needsValidatedAudience, trustedOriginsOf } from '../trusted-server.js'
import type { ServerTolerances } from './tolerances.js'
import { tolerancesOf } from './tolerances.js'
import type { Rule } from '../../machine/rules.js'
import { firstRefusal } from '../../machine/rules.js'
import { resolveEndpoint } from '../../discovery/endpoint-url.js'
import type { PlainResponse } from '../../http/message.js'
import { headerOf } from '../../http/message.js'
import { limits } from '../../../values/limits/limits.js'
import { isSecureUrl, originOf } from '../../../values/urls.js'
import { ownMember } from '../../../values/own.js'
import type { JsonObject } from '../../../values/object.js'

const textOf = (document: JsonObject, member: string): string | null => {
  const value = Object.hasOwn(document, member) ? document[member] : null
  return typeof value === 'string' && value !== '' ? value : null
}

const listOf = (document: JsonObject, member: string): ReadonlyArray<unknown> | null => {
  const value = Object.hasOwn(document, member) ? document[member] : null
  return Array.isArray(value) ? value : null
}

/** A URL of a document, resolved and validated: a failure, or null for an absent one. */
type DocumentUrl = Either.Either<AppFailure, string | null>

const addressOf = (server: TrustedServer, document: JsonObject, member: string, use: AddressUse): DocumentUrl => {
  const written = textOf(document, member)
  if (written === null) return Either.right(null)
  const url = resolveEndpoint(server.fhirBaseUrl, written)
  if (!isSecureUrl(url)) return Either.left({ _tag: 'EndpointInsecure', member, url })
  return trustedOriginsOf(server, use).includes(originOf(url))
    ? Either.right(url)
    : Either.left({ _tag: 'EndpointElsewhere', member, url })
}

/** The revocation endpoint that a server stated, resolved, and checked against what the server is trusted with now. */
export const revocationEndpointAt = (server: TrustedServer, written: string): DocumentUrl =>
  addressOf(server, { revocation_endpoint: written }, 'revocation_endpoint', 'credentials')

/** What an app needs of a server. A launch needs more of a server than a backend service. */
export interface DocumentNeeds {
  readonly purpose: 'launch' | 'backend'
  /** Whether the app requests an id_token. */
  readonly identity: boolean
}

/** Whether keys are needed: an id_token is requested, and its signature is verified. */
const needsKeys = (server: TrustedServer, { identity }: DocumentNeeds): boolean =>
  identity && tolerancesOf(server).tlsInsteadOfSignature !== true

/**
 * Whether the issuer's own document is requested: for the keys of id_tokens, or to validate the issuer as the audience
 * of assertions.
 */
export const needsIssuerDocument = (server: TrustedServer, needs: DocumentNeeds): boolean =>
  (needsKeys(server, needs) && tolerancesOf(server).keysOfSmartConfiguration !== true) || needsValidatedAudience(server)

interface ConfigurationFacts {
  readonly server: TrustedServer
  readonly document: JsonObject
  readonly purpose: DocumentNeeds['purpose']
  readonly tolerances: ServerTolerances
  /** Whether the issuer is used: it is compared with id_tokens, or is the audience of assertions. */
  readonly usesIssuer: boolean
  /** Whether the document's keys are used. */
  readonly usesKeys: boolean
  readonly token: DocumentUrl
  readonly authorization: DocumentUrl
  readonly issuer: DocumentUrl
  readonly jwks: DocumentUrl
}

const failureOf = (url: DocumentUrl): AppFailure | null => (Either.isLeft(url) ? url.left : null)

const urlOf = (url: DocumentUrl): string | null => (Either.isRight(url) ? url.right : null)

const issuerOf = ({ server, document }: Pick<ConfigurationFacts, 'server' | 'document'>): string | null =>
  ownMember(server, 'issuer') ?? textOf(document, 'issuer')

const isTolerated = (found: string, { documentIssuerDiffers, issuerAliases = [] }: ServerTolerances): boolean =>
  documentIssuerDiffers === true || issuerAliases.includes(found)

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
    name: 'issuer-present',
    check: (facts) => (facts.usesIssuer && issuerOf(facts) === null ? { _tag: 'IssuerMissing' } : null)
  },
  {
    // Issuers are identifiers and compared exactly; a relative one is not resolved.
    name: 'issuer-secure',
    check: (facts: ConfigurationFacts): AppFailure | null => {
      const url = facts.usesIssuer ? issuerOf(facts) : null
      return url === null || isSecureUrl(url) ? null : { _tag: 'EndpointInsecure', member: 'issuer', url }
    }
  },
  {
    name: 'issuer-matches',
    check: ({ server, document, tolerances }: ConfigurationFacts): AppFailure | null => {
      const [expected, found] = [ownMember(server, 'issuer'), textOf(document, 'issuer')]
      return expected === undefined || found === null || found === expected || isTolerated(found, tolerances)
        ? null
        : { _tag: 'IssuerDiffers', expected, found }
    }
  },
  {
    // The issuer of the trusted server stands in for the document's.
    name: 'issuer-trusted',
    check: ({ server, usesIssuer, issuer }) =>
      usesIssuer && ownMember(server, 'issuer') === undefined ? failureOf(issuer) : null
  },
  { name: 'key-set-trusted', check: ({ usesKeys, jwks }) => (usesKeys ? failureOf(jwks) : null) },
  {
    name: 'key-set-present',
    check: ({ usesKeys, tolerances, jwks }) =>
      usesKeys && tolerances.keysOfSmartConfiguration === true && urlOf(jwks) === null
        ? { _tag: 'EndpointMissing', member: 'jwks_uri' }
        : null
  },
  {
    name: 'pkce-offered',
    check: ({ document, purpose, tolerances }) =>
      purpose === 'launch' &&
      tolerances.pkceNotListed !== true &&
      listOf(document, 'code_challenge_methods_supported')?.includes('S256') !== true
        ? { _tag: 'PkceNotOffered' }
        : null
  }
]

/** Validates a SMART configuration against the app's facts about the server. */
export const validateConfiguration = (
  server: TrustedServer,
  document: JsonObject,
  needs: DocumentNeeds
): Either.Either<AppFailure, ValidatedServer> => {
  const [token, authorization] = [
    addressOf(server, document, 'token_endpoint', 'credentials'),
    addressOf(server, document, 'authorization_endpoint', 'credentials')
  ]
  const [issuer, jwks] = [
    addressOf(server, document, 'issuer', 'identity'),
    addressOf(server, document, 'jwks_uri', 'identity')
  ]
  const failure = firstRefusal(trustedConfigurationRules, {
    server,
    document,
    purpose: needs.purpose,
    tolerances: tolerancesOf(server),
    usesIssuer: needs.identity || needsValidatedAudience(server),
    usesKeys: needsKeys(server, needs),
    token,
    authorization,
    issuer,
    jwks
  })
  if (failure !== null) return Either.left(failure)
  const methods = listOf(document, 'token_endpoint_auth_methods_supported')
  return Either.right({
    tokenEndpoint: urlOf(token) ?? '',
    authorizationEndpoint: urlOf(authorization),
    issuer: issuerOf({ server, document }),
    jwksUri: urlOf(jwks),
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
  /** The issuer of the trusted server or of the SMART configuration. */
  readonly expected: string
  readonly tolerances: ServerTolerances
  readonly jwks: DocumentUrl
  /** The keys of the SMART configuration; null when it names none. */
  readonly jwksUri: string | null
  /** Whether keys of id_tokens are needed. */
  readonly usesKeys: boolean
  /** The token endpoint that the document must name; null when it need not name one. */
  readonly tokenEndpoint: string | null
}

/** The rules of the issuer's own metadata (RFC 8414, section 3.3). */
export const issuerMetadataRules: ReadonlyArray<Rule<IssuerMetadataFacts, AppFailure>> = [
  {
    name: 'issuer-matches',
    check: ({ document, expected, tolerances }: IssuerMetadataFacts): AppFailure | null => {
      const found = textOf(document, 'issuer')
      return found === expected || isTolerated(found ?? '', tolerances)
        ? null
        : { _tag: 'IssuerDiffers', expected, found: found ?? '' }
    }
  },
  { name: 'key-set-trusted', check: ({ usesKeys, jwks }) => (usesKeys ? failureOf(jwks) : null) },
  {
    name: 'key-set-present',
    check: ({ usesKeys, jwks, jwksUri }) =>
      usesKeys && urlOf(jwks) === null && jwksUri === null ? { _tag: 'EndpointMissing', member: 'jwks_uri' } : null
  },
  {
    // An issuer that a document names is no audience unless it confirms the token endpoint: otherwise the assertion
    // could be used at another server.
    name: 'token-endpoint-confirmed',
    check: ({ document, tokenEndpoint }) =>
      tokenEndpoint === null || textOf(document, 'token_endpoint') === tokenEndpoint ? null : { _tag: 'IssuerMissing' }
  }
]

/** Validates the issuer's own metadata, and completes the server with its keys. */
export const validateIssuerMetadata = (
  server: TrustedServer,
  validated: ValidatedServer,
  document: JsonObject,
  needs: DocumentNeeds
): Either.Either<AppFailure, ValidatedServer> => {
  const tolerances = tolerancesOf(server)
  const jwks = addressOf(server, document, 'jwks_uri', 'identity')
  const usesKeys = needsKeys(server, needs) && tolerances.keysOfSmartConfiguration !== true
  const failure = firstRefusal(issuerMetadataRules, {
    document,
    expected: validated.issuer ?? '',
    tolerances,
    jwks,
    jwksUri: validated.jwksUri,
    usesKeys,
    tokenEndpoint: needsValidatedAudience(server) ? validated.tokenEndpoint : null
  })
  if (failure !== null) return Either.left(failure)
  return Either.right(usesKeys ? { ...validated, jwksUri: urlOf(jwks) ?? validated.jwksUri } : validated)
}

/** The request for a document that was answered, and how many redirects led to it. */
export interface DocumentRequest {
  readonly url: string
  readonly redirects: number
}

/** Whether redirects of the server's documents are followed. */
export const followsRedirects = (server: TrustedServer): boolean => tolerancesOf(server).discoveryRedirects === true

/** The directory of a URL, against which a relative reference is resolved. */
const directoryOf = (url: string): string => url.slice(0, url.lastIndexOf('/'))

/**
 * The next address of a document whose response is a redirect; null when the response is none. A redirect is followed
 * if the server's tolerances say so, within the origin, a limited number of times.
 */
export const redirectedRequest = (
  server: TrustedServer,
  { url, redirects }: DocumentRequest,
  response: PlainResponse
): Either.Either<AppFailure, DocumentRequest | null> => {
  if (response.status < 300 || response.status > 399) return Either.right(null)
  const field = headerOf(response, 'location')
  const location = typeof field === 'string' ? field : null
  const next = location === null ? '' : resolveEndpoint(directoryOf(url), location)
  return followsRedirects(server) &&
    redirects < limits.discoveryRedirects.default &&
    isSecureUrl(next) &&
    originOf(next) === originOf(url)
    ? Either.right({ url: next, redirects: redirects + 1 })
    : Either.left({ _tag: 'DiscoveryRedirected', url, location })
}
