/**
 * The entry of the trust list for a server, from its published documents.
 *
 * The documents are checked as a launch checks them. A failure that a member of the trusted server prevents adds that
 * member, and the check begins anew, until nothing fails or nothing helps. A developer reads the result: each member
 * has its reason, and each origin must be one that the server's makers confirm.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { AppFailure } from '../failure.js'
import type { DocumentNeeds } from './server-documents.js'
import { needsIssuerDocument, validateConfiguration, validateIssuerMetadata } from './server-documents.js'
import type { ServerTolerances, ToleranceName } from './tolerances.js'
import { readTolerances, tolerancesOf, toleranceTable } from './tolerances.js'
import type { TrustedServer } from '../trusted-server.js'
import { chooseAuthentication } from '../trusted-server.js'
import { openidConfigurationUrl } from '../../discovery/endpoint-url.js'
import type { JsonObject } from '../../../values/object.js'
import { ownMember, ownMembers } from '../../../values/own.js'
import { isSecureUrl, originOf } from '../../../values/urls.js'

/** The published documents of a server. */
export interface ServerDocuments {
  /** `{fhirBaseUrl}/.well-known/smart-configuration`. */
  readonly smartConfiguration: JsonObject
  /**
   * `{issuer}/.well-known/openid-configuration`; null when there is no such document. Absent when it was not requested:
   * then it is taken to be right.
   */
  readonly openidConfiguration?: JsonObject | null
}

/** What the app wants of the server: the entry without what the documents decide. */
export type WantedEntry = Pick<TrustedServer, 'fhirBaseUrl' | 'clientId' | 'authentication' | 'redirectUri'> &
  DocumentNeeds & {
    /** Deviations that the documents do not show, as the server's manual describes them. */
    readonly tolerances?: ServerTolerances
  }

/** Why an entry has a member. */
export interface EntryReason {
  /** The member: `identityOrigins`, `tolerances.pkceNotListed`, … */
  readonly setting: string
  /** The failure without it. */
  readonly failure: AppFailure
  /** What to consider before it is used. */
  readonly risk: string
}

/** An entry of the trust list with which the documents pass. */
export interface TrustEntry {
  readonly entry: TrustedServer
  readonly reasons: ReadonlyArray<EntryReason>
}

/** The entry with one member more. */
type Mended = Omit<EntryReason, 'failure'> & { readonly entry: TrustedServer }

const tolerating = (entry: TrustedServer, name: ToleranceName, value: unknown): Mended => ({
  entry: { ...entry, tolerances: readTolerances({ ...tolerancesOf(entry), [name]: value }) },
  setting: `tolerances.${name}`,
  risk: toleranceTable[name].risk
})

const withOrigin = (entry: TrustedServer, member: string, url: string): Mended => {
  const isIdentity = member === 'issuer' || member === 'jwks_uri'
  const setting = isIdentity ? 'identityOrigins' : 'authorizationOrigins'
  return {
    entry: { ...entry, [setting]: [...(ownMember(entry, setting) ?? []), originOf(url)] },
    setting,
    risk: isIdentity
      ? `The operator of ${originOf(url)} decides who the user is.`
      : `The operator of ${originOf(url)} receives codes and credentials.`
  }
}

const withPostedSecret = (entry: TrustedServer): Mended => ({
  entry: {
    ...entry,
    authentication: entry.authentication.map((one) =>
      one.method === 'client_secret_basic' ? { ...one, method: 'client_secret_post' as const } : one
    )
  },
  setting: 'authentication',
  risk: 'A secret in the body is more often written to a log than one in a header field.'
})

const withIssuer = (entry: TrustedServer, issuer: string): Mended => ({
  entry: { ...entry, issuer },
  setting: 'issuer',
  risk: `The operator of ${originOf(issuer)} decides who the user is.`
})

const canPostSecret = ({ authentication }: TrustedServer, offered: ReadonlyArray<string>): boolean =>
  offered.includes('client_secret_post') && authentication.some(({ method }) => method === 'client_secret_basic')

const issuerIn = (document: JsonObject | null | undefined): string | null => {
  const issuer = document === null || document === undefined ? undefined : ownMember(document, 'issuer')
  return typeof issuer === 'string' && isSecureUrl(issuer) ? issuer : null
}

/** The two documents differ: the issuer's own one is read, and both names are accepted. */
const withOtherIssuer = (entry: TrustedServer, found: string): Mended =>
  tolerancesOf(entry).documentIssuerDiffers === true
    ? tolerating(entry, 'issuerAliases', [...(tolerancesOf(entry).issuerAliases ?? []), found])
    : tolerating(entry, 'documentIssuerDiffers', true)

/** The entry with the member that prevents a failure; null when no member does. */
const mended = (
  entry: TrustedServer,
  { smartConfiguration, openidConfiguration }: ServerDocuments,
  failure: AppFailure
): Mended | null => {
  switch (failure._tag) {
    case 'EndpointElsewhere':
      return withOrigin(entry, failure.member, failure.url)
    case 'PkceNotOffered':
      return tolerating(entry, 'pkceNotListed', true)
    case 'AuthenticationNotOffered':
      if (entry.authentication.length === 0) return null
      return canPostSecret(entry, failure.offered)
        ? withPostedSecret(entry)
        : tolerating(entry, 'authenticationNotListed', true)
    case 'IssuerMissing': {
      const issuer = issuerIn(openidConfiguration)
      return issuer === null ? null : withIssuer(entry, issuer)
    }
    case 'IssuerDiffers':
      return failure.found === '' ? null : withOtherIssuer(entry, failure.found)
    case 'DiscoveryFailed':
      return ownMember(smartConfiguration, 'jwks_uri') === undefined
        ? tolerating(entry, 'tlsInsteadOfSignature', true)
        : tolerating(entry, 'keysOfSmartConfiguration', true)
    case 'EndpointMissing':
      return failure.member === 'jwks_uri' ? tolerating(entry, 'tlsInsteadOfSignature', true) : null
    default:
      return null
  }
}

/** The issuer of the openid-configuration is another name that id_tokens may carry. */
const unnamedIssuer = (
  entry: TrustedServer,
  issuer: string | null,
  { openidConfiguration }: ServerDocuments
): string | null => {
  const other = issuerIn(openidConfiguration)
  const named = [issuer, ...(tolerancesOf(entry).issuerAliases ?? [])]
  return other === null || named.includes(other) ? null : other
}

/** The first failure of a launch with an entry, as far as the documents decide it. */
const failureOf = (entry: TrustedServer, needs: DocumentNeeds, documents: ServerDocuments): AppFailure | null => {
  const validated = validateConfiguration(entry, documents.smartConfiguration, needs)
  if (Either.isLeft(validated)) return validated.left
  const method = needs.purpose === 'launch' ? chooseAuthentication(entry, validated.right.methods) : null
  if (method !== null && Either.isLeft(method)) return method.left
  const { issuer } = validated.right
  const document = ownMember(documents, 'openidConfiguration')
  if (issuer === null || document === undefined || !needsIssuerDocument(entry, needs)) return null
  if (document === null) return { _tag: 'DiscoveryFailed', url: openidConfigurationUrl(issuer), status: 404 }
  const known = validateIssuerMetadata(entry, validated.right, document, needs)
  if (Either.isLeft(known)) return known.left
  const found = needs.identity ? unnamedIssuer(entry, issuer, documents) : null
  return found === null ? null : { _tag: 'IssuerDiffers', expected: issuer, found }
}

/** No entry needs more members than this: origins of four URLs, and every tolerance. */
const mostMembers = 4 + Object.keys(toleranceTable).length

/**
 * The entry of the trust list with which an app can open a launch at the server of these documents. Left with the
 * failure that no member prevents.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { trustEntryFor } from 'smart-app-launch/fp-ts'
 *
 * const wanted = {
 *   fhirBaseUrl: 'https://ehr.example/fhir',
 *   clientId: 'my-app',
 *   authentication: [{ method: 'none' as const }],
 *   redirectUri: 'https://app.example/cb',
 *   purpose: 'launch' as const,
 *   identity: false
 * }
 * const smartConfiguration = {
 *   authorization_endpoint: 'https://login.ehr.example/authorize',
 *   token_endpoint: 'https://login.ehr.example/token',
 *   capabilities: []
 * }
 * const found = trustEntryFor({ smartConfiguration }, wanted)
 * const { authorizationOrigins, tolerances } = Either.isRight(found) ? found.right.entry : {}
 * authorizationOrigins // => ['https://login.ehr.example']
 * tolerances // => { pkceNotListed: true }
 * ```
 */
export const trustEntryFor = (
  documents: ServerDocuments,
  wanted: WantedEntry
): Either.Either<AppFailure, TrustEntry> => {
  const { purpose, identity, ...given } = ownMembers(wanted)
  let entry: TrustedServer = given
  const reasons: Array<EntryReason> = []
  for (;;) {
    const failure = failureOf(entry, { purpose, identity }, documents)
    if (failure === null) return Either.right({ entry, reasons })
    const next = reasons.length < mostMembers ? mended(entry, documents, failure) : null
    if (next === null) return Either.left(failure)
    entry = next.entry
    reasons.push({ setting: next.setting, failure, risk: next.risk })
  }
}
