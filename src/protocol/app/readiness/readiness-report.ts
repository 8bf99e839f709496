/**
 * The report about a server's readiness for an app: findings, and whether the app can launch with which entry.
 *
 * It is pure: `smart-app-launch check` looks at the addresses and prints the report.
 *
 * @module
 */
import { advertisedRules } from './advertised-rules.js'
import { issuerDocumentRules, publishedKeyRules } from './identity-rules.js'
import type { ObservedServer, WantedApp } from './observed.js'
import { documentOf, isSuccess, permitsOrigin, typeOf } from './observed.js'
import { capabilityStatementRules, crossOriginRules } from './page-rules.js'
import { readinessFacts, textMember, wantsIdentity } from './readiness-rule.js'
import type { Verdict } from './verdict.js'
import { verdictOf } from './verdict.js'
import type { AppAuthentication } from '../trusted-server.js'
import { tolerancesOf } from '../trust/tolerances.js'
import type { CheckSettings, Document, Finding } from '../../discovery/configuration-rule.js'
import { configurationFinding, has, listOf, offers } from '../../discovery/configuration-rule.js'
import { openidConfigurationUrl, resolveEndpoint } from '../../discovery/endpoint-url.js'
import { checkSmartConfiguration } from '../../discovery/smart-configuration-check.js'
import { jsonType } from '../../http/media-type.js'
import { allRefusals } from '../../machine/rules.js'
import { parse } from '../../../scopes/parse.js'
import { parseJson } from '../../../values/json.js'
import * as Option from 'fp-ts/lib/Option.js'
import { ownData, ownMember } from '../../../values/own.js'

/** The report about a server's readiness for an app. */
export interface ReadinessReport extends Verdict {
  readonly findings: ReadonlyArray<Finding>
  /** What the app could do without the scope `openid`, if it cannot launch with it; otherwise null. */
  readonly withoutIdentity: Verdict | null
}

/** The finding about the media type of the SMART configuration. */
export const wrongType: Finding = configurationFinding('document-is-json', {
  requirement: 'DIS-040',
  severity: 'error',
  at: '',
  message: 'the answer is not of the type application/json',
  advice: 'answer with Content-Type: application/json'
})

const withoutOpenid = (wanted: WantedApp): WantedApp => ({
  ...wanted,
  scope: parse(wanted.scope)
    .flatMap(({ text }) => (['openid', 'fhirUser', 'profile'].includes(text) ? [] : [text]))
    .join(' ')
})

/**
 * The report about a server, from its answers. The entry has no secrets: {@link Verdict} says what stands for them.
 *
 * @example
 * ```ts
 * import { readinessReport } from './readiness-report.js'
 *
 * const answer = (url: string, document: object) => ({
 *   url,
 *   response: {
 *     status: 200,
 *     headers: { 'content-type': 'application/json' },
 *     body: JSON.stringify(document)
 *   },
 *   reason: '',
 *   redirects: 0
 * })
 * const report = readinessReport(
 *   {
 *     origin: 'https://app.example',
 *     smartConfiguration: answer('https://ehr.example/fhir/.well-known/smart-configuration', {
 *       authorization_endpoint: 'https://ehr.example/authorize',
 *       token_endpoint: 'https://ehr.example/token',
 *       token_endpoint_auth_methods: ['client_secret_basic'],
 *       capabilities: ['launch-ehr']
 *     })
 *   },
 *   {
 *     fhirBaseUrl: 'https://ehr.example/fhir',
 *     clientId: 'my-app',
 *     authentication: [{ method: 'none' }],
 *     redirectUri: 'https://app.example/callback',
 *     purpose: 'launch',
 *     scope: 'launch patient/*.rs',
 *     browser: false,
 *     signingAlgorithms: null,
 *     idTokenAlgorithms: ['RS256']
 *   },
 *   { specVersion: '2.0.0', purpose: 'launch' }
 * )
 * report.launch // => 'yesWithSettings'
 * report.settings.map(({ setting }) => setting) // => ['tolerances.pkceNotListed']
 * report.findings.some(({ rule }) => rule === 'members-are-spelled-right') // => true
 * ```
 */
export const readinessReport = (
  observed: ObservedServer,
  wanted: WantedApp,
  settings: CheckSettings
): ReadinessReport => {
  const facts = readinessFacts(observed, wanted, settings)
  const { response } = observed.smartConfiguration
  const document = response === null ? null : Option.toNullable(parseJson(response.body))
  const isTyped = response === null || !isSuccess(response) || typeOf(observed.smartConfiguration) === jsonType
  const verdict = verdictOf(facts)
  const reduced =
    verdict.launch === 'no' && wantsIdentity(facts)
      ? verdictOf(readinessFacts(observed, withoutOpenid(wanted), settings))
      : null
  return {
    ...verdict,
    findings: [
      ...(isTyped ? [] : [wrongType]),
      ...checkSmartConfiguration(document, settings),
      ...(documentOf(observed.smartConfiguration) === null
        ? []
        : [
            ...allRefusals(advertisedRules, facts),
            ...allRefusals(issuerDocumentRules, facts),
            ...allRefusals(publishedKeyRules, facts),
            ...allRefusals(capabilityStatementRules, facts)
          ]),
      ...allRefusals(crossOriginRules, facts)
    ],
    withoutIdentity: reduced?.launch === 'no' ? null : reduced
  }
}

const assumedAuthentication = (document: Document, purpose: WantedApp['purpose']): AppAuthentication => {
  if (purpose === 'backend') return { method: 'private_key_jwt' }
  const methods = listOf(document, 'token_endpoint_auth_methods_supported')
  if (offers(document, 'client-public') || methods.length === 0) return { method: 'none' }
  return methods.includes('client_secret_basic') || methods.includes('client_secret_post')
    ? { method: 'client_secret_basic', clientSecret: '' }
    : { method: 'private_key_jwt' }
}

/** An app of which only the purpose is known: what a document offers decides the rest. */
export const assumedApp = (
  fhirBaseUrl: string,
  smartConfiguration: Document,
  purpose: WantedApp['purpose']
): WantedApp => {
  const document = ownData(smartConfiguration)
  const identity = offers(document, 'sso-openid-connect') ? 'openid fhirUser ' : ''
  return {
    fhirBaseUrl,
    clientId: 'your-client-id',
    authentication: [assumedAuthentication(document, purpose)],
    redirectUri: purpose === 'launch' ? 'https://app.example/callback' : '',
    purpose,
    scope: purpose === 'launch' ? `${identity}launch/patient patient/*.rs` : 'system/*.rs',
    browser: false,
    signingAlgorithms: null,
    idTokenAlgorithms: ['RS256']
  }
}

/** The address of the issuer's document, and another place where it may be; null when the issuer is not known. */
export const issuerDocumentUrls = (
  smart: Document,
  wanted: Pick<WantedApp, 'fhirBaseUrl' | 'issuer'>
): { readonly own: string | null; readonly other: string } => {
  const issuer = ownMember(wanted, 'issuer') ?? textMember(smart, 'issuer')
  const below = openidConfigurationUrl(wanted.fhirBaseUrl)
  if (issuer === null) return { own: null, other: below }
  return {
    own: openidConfigurationUrl(issuer),
    other: issuer.endsWith('/.well-known/openid-configuration') ? issuer : below
  }
}

/** The address of the keys that an app would use; null when there is none. */
export const keySetUrl = (smart: Document, observed: ObservedServer, wanted: WantedApp): string | null => {
  const look = ownMember(observed, 'openidConfiguration')
  const isUsed =
    tolerancesOf(wanted).keysOfSmartConfiguration !== true && (!wanted.browser || permitsOrigin(look, observed.origin))
  const openid = isUsed ? documentOf(look) : null
  const written = textMember(openid, 'jwks_uri') ?? textMember(smart, 'jwks_uri')
  return written === null ? null : resolveEndpoint(wanted.fhirBaseUrl, written)
}

/** An endpoint of the SMART configuration as an absolute address; null when there is none. */
export const endpointUrl = (smart: Document, wanted: WantedApp, member: string): string | null => {
  const written = has(smart, member) ? textMember(smart, member) : null
  return written === null ? null : resolveEndpoint(wanted.fhirBaseUrl, written)
}
