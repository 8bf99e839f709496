/**
 * The shape of a rule for discovery documents: a finding, and its condition.
 *
 * @module
 */
import type { Rule } from '../machine/rules.js'
import type { SmartPolicy } from '../policy/policy.js'
import { ownMember } from '../../values/own.js'
import { hasScheme, isAbsoluteHttpUrl, loopbackUrl } from '../../values/urls.js'

/** The severity of a finding: a violated SHALL, a violated SHOULD, or information. */
export type Severity = 'error' | 'warning' | 'info'

/** What a server publishes or answers, as far as it is checked. */
export type CheckedPart =
  | 'smart-configuration'
  | 'openid-configuration'
  | 'key set'
  | 'capability statement'
  | 'token endpoint'
  | 'FHIR endpoint'

/** One finding about a document. */
export interface Finding {
  /** The name of the rule. */
  readonly rule: string
  /** The id of the requirement in the conformance matrix; null when the rule is none of the guide's requirements. */
  readonly requirement: string | null
  readonly severity: Severity
  /** The document or endpoint. */
  readonly document: CheckedPart
  /** The member, as a JSON pointer; empty for the whole document. */
  readonly at: string
  readonly message: string
  /** How to fix it. */
  readonly advice: string
  /** The source of the rule: page and section. */
  readonly source: string
}

/** A finding about the SMART configuration, without what follows from its rule. */
export type ConfigurationFinding = Omit<Finding, 'rule' | 'document' | 'source' | 'requirement'> & {
  readonly requirement: string
}

/** The sources of the requirements that are not on the page "conformance" of the guide. */
const sources: Readonly<Record<string, string>> = {
  'DIS-003': 'app-launch, step 3',
  'DIS-062': 'client-confidential-asymmetric, discovery requirements',
  'DIS-063': 'client-confidential-asymmetric, discovery requirements',
  'DIS-064': 'client-confidential-asymmetric, discovery requirements',
  'DIS-065': 'client-confidential-asymmetric, discovery requirements',
  'DIS-068': 'example-app-launch-public, step 3',
  'DIS-102': 'RFC 8414, section 2',
  'DIS-104': 'RFC 8414, section 2',
  'DIS-105': 'RFC 8414, section 3.2',
  'DIS-107': 'RFC 9207, section 3',
  'SEC-012': 'client-confidential-asymmetric, authenticating to the token endpoint'
}

/** A finding about the SMART configuration, by the name of its rule. */
export const configurationFinding = (rule: string, found: ConfigurationFinding): Finding => ({
  rule,
  document: 'smart-configuration',
  ...found,
  source:
    ownMember(sources, found.requirement) ??
    `conformance, ${found.at === '/capabilities' ? 'capabilities' : 'metadata'}`
})

/** The purpose of the document. */
export interface CheckSettings {
  readonly specVersion: SmartPolicy['specVersion']
  /** A server only for backend services need not support what an app launch needs. */
  readonly purpose: 'launch' | 'backend'
}

export type Document = Readonly<Record<string, unknown>>

interface DocumentFacts {
  readonly document: Document
  readonly settings: CheckSettings
}

/** A rule with its finding, for tables. */
export interface ConfigurationRule extends Rule<DocumentFacts, Finding> {
  readonly finding: Finding
}

type Holds = (document: Document, settings: CheckSettings) => boolean

/** A rule about a document: the finding for a violation, and the condition. */
export const finding = (name: string, described: ConfigurationFinding, holds: Holds): ConfigurationRule => {
  const found = configurationFinding(name, described)
  return { name, finding: found, check: ({ document, settings }) => (holds(document, settings) ? null : found) }
}

/** A member name in the form of a rule name. */
export const nameOf = (member: string): string => member.replaceAll('_', '-')

/** Whether a document has a member. */
export const has = (document: Document, member: string): boolean =>
  Object.hasOwn(document, member) && document[member] !== undefined

/** The items of an array member; empty when the member is not an array. */
export const listOf = (document: Document, member: string): ReadonlyArray<unknown> => {
  const value = has(document, member) ? document[member] : []
  return Array.isArray(value) ? (value as ReadonlyArray<unknown>) : []
}

/** Whether a document lists a capability. */
export const offers = (document: Document, capability: string): boolean =>
  listOf(document, 'capabilities').includes(capability)

/** Whether a value is an array of texts. */
export const isTextList = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')

/** Whether a value is an absolute URL. */
export const isUrl = (value: unknown): boolean => typeof value === 'string' && isAbsoluteHttpUrl(value)

/** Whether a URL is relative and will be resolved against the FHIR base URL. */
export const isRelative = (value: unknown): boolean =>
  typeof value === 'string' && !hasScheme(value) && /^[\x21-\x7e]+$/.test(value)

/** Whether a URL is https, or http on a loopback address. */
export const isSecure = (value: unknown): boolean =>
  typeof value === 'string' && (value.startsWith('https:') || loopbackUrl(value) !== null)

/** The members that are URLs. */
export const endpoints = [
  'issuer',
  'jwks_uri',
  'authorization_endpoint',
  'token_endpoint',
  'registration_endpoint',
  'management_endpoint',
  'introspection_endpoint',
  'revocation_endpoint',
  'smart_app_state_endpoint',
  'user_access_brand_bundle'
]

/** The members that are arrays of texts. */
export const lists = [
  'scopes_supported',
  'response_types_supported',
  'grant_types_supported',
  'token_endpoint_auth_methods_supported',
  'token_endpoint_auth_signing_alg_values_supported',
  'code_challenge_methods_supported',
  'capabilities'
]

/** A required member. */
export const required = (
  requirement: string,
  member: string,
  severity: Severity = 'error',
  when: Holds = () => true
): ConfigurationRule =>
  finding(
    `${nameOf(member)}-${severity === 'error' ? 'required' : 'recommended'}`,
    {
      requirement,
      severity,
      at: `/${member}`,
      message: severity === 'error' ? `${member} is missing` : `${member} is missing, although it should be there`,
      advice: `publish ${member}`
    },
    (document, settings) => !when(document, settings) || has(document, member)
  )

/** Whether asymmetric client authentication is supported. */
export const asymmetric: Holds = (document, { purpose }) =>
  purpose === 'backend' || offers(document, 'client-confidential-asymmetric')

/** Whether launches are supported. */
export const launches: Holds = (document, { purpose, specVersion }) =>
  specVersion === '2.2.0'
    ? offers(document, 'launch-ehr') || offers(document, 'launch-standalone')
    : purpose === 'launch'

/** Whether OpenID Connect is supported. */
export const sso: Holds = (document) => offers(document, 'sso-openid-connect')
