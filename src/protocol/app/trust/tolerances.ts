/**
 * Deviations of one server that an app accepts, as members of the trusted server. Each has a row: what it permits, what
 * it risks, and which failures it prevents.
 *
 * All are off by default, except `textBooleans`, which is harmless. A tolerance applies to the server that names it and
 * to no other, and never to an address: whatever is tolerated, codes, credentials and tokens go only to origins that
 * the trusted server names.
 *
 * @module
 */
import type { AppFailure, AppFailureTag } from '../failure-type.js'
import { noMembers, ownMember, ownMembers } from '../../../values/own.js'
import { isObject } from '../../../values/object.js'

/** The deviations of a server that an app accepts. {@link toleranceTable} has the risk of each. */
export interface ServerTolerances {
  /** Texts `"true"` and `"false"` as booleans in token responses. Default: true. */
  readonly textBooleans?: boolean
  /** Texts of digits as times in an id_token. */
  readonly textNumbers?: boolean
  /** Whole numbers as ids of patient and encounter in token responses. */
  readonly numericTexts?: boolean
  /** A SMART configuration that does not list the PKCE method S256. It is sent in any case. */
  readonly pkceNotListed?: boolean
  /** Other names of the issuer, compared exactly. */
  readonly issuerAliases?: ReadonlyArray<string>
  /** A SMART configuration or issuer's document with another issuer than the trusted server or the first document. */
  readonly documentIssuerDiffers?: boolean
  /** The keys at `jwks_uri` of the SMART configuration; the issuer's own document is not requested. */
  readonly keysOfSmartConfiguration?: boolean
  /** Client id and secret in HTTP Basic as they are, without form encoding. */
  readonly rawBasicCredentials?: boolean
  /** A list of authentication methods that contains none of the app's: the app's best one is used. */
  readonly authenticationNotListed?: boolean
  /** Further audiences of id_tokens, compared exactly. */
  readonly trustedAudiences?: ReadonlyArray<string>
  /** An id_token without `nonce`. A wrong nonce is refused in any case. */
  readonly nonceNotEchoed?: boolean
  /** Redirects of discovery documents to another address of the same origin. */
  readonly discoveryRedirects?: boolean
  /** URLs outside the FHIR base URL below which a backend service reads the files of a bulk export with its token. */
  readonly filesElsewhere?: ReadonlyArray<string>
  /**
   * The TLS connection to the token endpoint in place of the id_token's signature. Neither the issuer's document nor
   * its keys are requested.
   */
  readonly tlsInsteadOfSignature?: boolean
}

/** The name of a tolerance. */
export type ToleranceName = keyof ServerTolerances

/** The description of a tolerance. */
export interface ToleranceRow {
  /** The value in an example. */
  readonly example: string
  /** What the app accepts. */
  readonly allows: string
  readonly risk: string
  /** The failures that it prevents. */
  readonly failures: ReadonlyArray<AppFailureTag>
  /** Whether it prevents this failure. */
  readonly prevents: (failure: AppFailure) => boolean
  /** The source of the rule that is relaxed. */
  readonly source: string
}

const isClaim =
  (...claims: ReadonlyArray<string>) =>
  (failure: AppFailure): boolean =>
    failure._tag === 'IdTokenWrong' && claims.includes(failure.claim)

const isTag =
  (...tags: ReadonlyArray<AppFailureTag>) =>
  ({ _tag }: AppFailure): boolean =>
    tags.includes(_tag)

const core = 'OpenID Connect Core 1.0, section 3.1.3.7'

/** The issuer's document, by its place. */
const isIssuerDocument = (failure: AppFailure): boolean =>
  'url' in failure && failure.url.endsWith('/.well-known/openid-configuration')

/** The failures of an issuer's document that cannot be read. */
const documentFailures = [
  'DiscoveryFailed',
  'DocumentUnreadable',
  'DiscoveryRedirected',
  'IdentityUnavailable'
] as const

/** The rows of all tolerances. A tolerance without a row does not compile. */
export const toleranceTable: Readonly<Record<ToleranceName, ToleranceRow>> = {
  textBooleans: {
    example: 'true',
    allows: '"true" and "false" as texts in token responses',
    risk: 'None is known: the two texts have one meaning; this one is on by default, and `false` turns it off.',
    failures: ['TokenResponseMalformed'],
    prevents: (failure) => failure._tag === 'TokenResponseMalformed' && failure.expected === 'true or false',
    source: 'scopes-and-launch-context, launch context'
  },
  textNumbers: {
    example: 'true',
    allows: 'times of an id_token as texts of digits',
    risk: 'A claim that is no number may show that a token was not made by the identity server itself.',
    failures: ['IdTokenWrong'],
    prevents: isClaim('exp', 'iat'),
    source: 'RFC 7519, section 2'
  },
  numericTexts: {
    example: 'true',
    allows: 'whole numbers as ids of patient and encounter',
    risk: 'An id with leading zeros loses them as a number, so that another record could be meant.',
    failures: ['TokenResponseMalformed'],
    prevents: (failure) =>
      failure._tag === 'TokenResponseMalformed' && ['patient', 'encounter'].includes(failure.member),
    source: 'scopes-and-launch-context, launch context'
  },
  pkceNotListed: {
    example: 'true',
    allows: 'a SMART configuration that does not list S256',
    risk: 'If the server ignores the code challenge, a stolen code can be redeemed.',
    failures: ['PkceNotOffered'],
    prevents: isTag('PkceNotOffered'),
    source: 'app-launch, considerations for PKCE support; RFC 9700, section 2.1.1'
  },
  issuerAliases: {
    example: "['https://login.ehr.example/other-name']",
    allows: 'further names of the issuer in id_tokens, redirects and documents',
    risk: 'Each name is believed like the first one, so it must belong to the same identity server.',
    failures: ['IdTokenWrong', 'ResponseIssuerDiffers', 'IssuerDiffers'],
    prevents: (failure) => isClaim('iss')(failure) || isTag('ResponseIssuerDiffers', 'IssuerDiffers')(failure),
    source: core
  },
  documentIssuerDiffers: {
    example: 'true',
    allows: 'a document that names another issuer than the trusted server, or than the SMART configuration',
    risk: 'A document that belongs to another tenant of the same host is no longer noticed.',
    failures: ['IssuerDiffers'],
    prevents: isTag('IssuerDiffers'),
    source: 'RFC 8414, section 3.3'
  },
  keysOfSmartConfiguration: {
    example: 'true',
    allows: "the keys of the SMART configuration without the issuer's own document",
    risk: 'The issuer itself no longer says which keys are its own; the FHIR server does.',
    failures: documentFailures,
    prevents: (failure) => isTag(...documentFailures)(failure) && isIssuerDocument(failure),
    source: 'conformance, metadata; OpenID Connect Discovery 1.0, section 4.3'
  },
  rawBasicCredentials: {
    example: 'true',
    allows: 'client id and secret in HTTP Basic without form encoding',
    risk: 'A server that decodes them reads another secret; nothing else is weakened.',
    failures: ['TokenRefused'],
    prevents: (failure) =>
      failure._tag === 'TokenRefused' && (failure.error === 'invalid_client' || failure.status === 401),
    source: 'RFC 6749, section 2.3.1'
  },
  authenticationNotListed: {
    example: 'true',
    allows: "a list of authentication methods without the app's own",
    risk: 'A server that does not expect the credentials may write them to a log.',
    failures: ['AuthenticationNotOffered'],
    prevents: isTag('AuthenticationNotOffered'),
    source: 'RFC 8414, section 2'
  },
  trustedAudiences: {
    example: "['https://identity.example']",
    allows: 'further audiences in id_tokens',
    risk: 'An id_token that another audience received can be presented to the app.',
    failures: ['IdTokenWrong'],
    prevents: isClaim('aud'),
    source: core
  },
  nonceNotEchoed: {
    example: 'true',
    allows: 'id_tokens without a nonce',
    risk: 'An id_token of an earlier launch can be replayed if the token endpoint is deceived.',
    failures: ['IdTokenWrong'],
    prevents: isClaim('nonce'),
    source: core
  },
  discoveryRedirects: {
    example: 'true',
    allows: 'redirects of discovery documents within their origin',
    risk: 'An open redirect on the host can lead to a document that another tenant of the host wrote.',
    failures: ['DiscoveryRedirected'],
    prevents: isTag('DiscoveryRedirected'),
    source: 'conformance, using .well-known'
  },
  filesElsewhere: {
    example: "['https://files.ehr.example/export']",
    allows: 'files of a bulk export below these URLs, with the token',
    risk: 'The operator of the named place receives an access token for the FHIR server.',
    failures: ['AddressElsewhere'],
    prevents: isTag('AddressElsewhere'),
    source: 'bulk data access, output file request'
  },
  tlsInsteadOfSignature: {
    example: 'true',
    allows: 'an id_token from the token endpoint whose signature is not verified',
    risk: 'A proxy that ends TLS between the app and the token endpoint can invent a user.',
    failures: [...documentFailures, 'IdTokenKeyUnknown', 'EndpointMissing'],
    prevents: (failure) =>
      isTag('IdentityUnavailable', 'IdTokenKeyUnknown')(failure) ||
      (isTag(...documentFailures)(failure) && isIssuerDocument(failure)) ||
      (failure._tag === 'EndpointMissing' && failure.member === 'jwks_uri'),
    source: `${core}, item 6`
  }
}

/** The names of all tolerances. */
export const toleranceNames = Object.keys(toleranceTable) as ReadonlyArray<ToleranceName>

/**
 * The tolerances that prevent a failure. They are for a developer, who knows the server: an app must not turn one on by
 * itself.
 *
 * @example
 * ```ts
 * import { tolerancesFor } from 'smart-app-launch/app'
 *
 * tolerancesFor({ _tag: 'PkceNotOffered' }) // => ['pkceNotListed']
 * tolerancesFor({ _tag: 'IdTokenWrong', claim: 'nonce', expected: 'the nonce of the request' })
 * // => ['nonceNotEchoed']
 * tolerancesFor({ _tag: 'StateDiffers' }) // => []
 * ```
 */
export const tolerancesFor = (failure: AppFailure): ReadonlyArray<ToleranceName> =>
  toleranceNames.filter((name) => toleranceTable[name].prevents(failure))

const texts = (value: unknown): ReadonlyArray<string> =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []

const lists = ['issuerAliases', 'trustedAudiences', 'filesElsewhere'] as const

/**
 * The tolerances that a value contains. A member that has not its form is left out: nothing is tolerated by mistake.
 */
export const readTolerances = (value: unknown): ServerTolerances => {
  if (!isObject(value)) return noMembers
  const members = Object.fromEntries(
    toleranceNames.flatMap((name): ReadonlyArray<readonly [string, unknown]> => {
      const member = ownMember(value, name)
      if (lists.some((one) => one === name)) return texts(member).length === 0 ? [] : [[name, texts(member)]]
      return member === true || (name === 'textBooleans' && member === false) ? [[name, member]] : []
    })
  )
  return ownMembers(members)
}

/** The tolerances of a trusted server, or those that a launch has fixed. */
export const tolerancesOf = (holder: { readonly tolerances?: ServerTolerances }): ServerTolerances =>
  readTolerances(ownMember(holder, 'tolerances'))
