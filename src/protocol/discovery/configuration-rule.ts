/**
 * The shape of a rule for discovery documents: a finding, and its condition.
 *
 * @module
 */
import type { Rule } from '../machine/rules.js'
import type { SmartPolicy } from '../policy/policy.js'
import { hasScheme, isAbsoluteHttpUrl, loopbackUrl } from '../../values/urls.js'

/** The severity of a finding: a violated SHALL, a violated SHOULD, or information. */
export type Severity = 'error' | 'warning' | 'info'

/** One finding about a document. */
export interface Finding {
  /** The id of the requirement. */
  readonly requirement: string
  readonly severity: Severity
  /** The member, as a JSON pointer; empty for the whole document. */
  readonly at: string
  readonly message: string
  /** How to fix it. */
  readonly advice: string
}

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
export const finding = (name: string, found: Finding, holds: Holds): ConfigurationRule => ({
  name,
  finding: found,
  check: ({ document, settings }) => (holds(document, settings) ? null : found)
})

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
