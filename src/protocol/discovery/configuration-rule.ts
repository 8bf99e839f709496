/**
 * What a rule of a discovery document is: a finding, and whether the document gives reason for it.
 *
 * @module
 */
import type { Rule } from '../machine/rules.js'
import type { SmartPolicy } from '../policy/policy.js'
import { hasScheme, isAbsoluteHttpUrl, loopbackUrl } from '../../values/urls.js'

/** How bad a finding is: a broken SHALL, a broken SHOULD, or something worth knowing. */
export type Severity = 'error' | 'warning' | 'info'

/** One thing about a document. */
export interface Finding {
  /** The requirement, by its id. */
  readonly requirement: string
  readonly severity: Severity
  /** The member, as a JSON pointer; empty for the whole document. */
  readonly at: string
  readonly message: string
  /** What to do about it. */
  readonly advice: string
}

/** What the document is meant for. */
export interface CheckSettings {
  readonly specVersion: SmartPolicy['specVersion']
  /** A server that only serves backend services need not do all that an app launch needs. */
  readonly purpose: 'launch' | 'backend'
}

export type Document = Readonly<Record<string, unknown>>

interface DocumentFacts {
  readonly document: Document
  readonly settings: CheckSettings
}

/** A rule with what it says when it is broken, for tables. */
export interface ConfigurationRule extends Rule<DocumentFacts, Finding> {
  readonly finding: Finding
}

type Holds = (document: Document, settings: CheckSettings) => boolean

/** A rule about a document: the finding when it is broken, and whether it holds. */
export const finding = (name: string, found: Finding, holds: Holds): ConfigurationRule => ({
  name,
  finding: found,
  check: ({ document, settings }) => (holds(document, settings) ? null : found)
})

/** A member in the name of a rule. */
export const nameOf = (member: string): string => member.replaceAll('_', '-')

/** Whether a document has a member. */
export const has = (document: Document, member: string): boolean =>
  Object.hasOwn(document, member) && document[member] !== undefined

/** The items of a member that is a list; none where it is no list. */
export const listOf = (document: Document, member: string): ReadonlyArray<unknown> => {
  const value = has(document, member) ? document[member] : []
  return Array.isArray(value) ? (value as ReadonlyArray<unknown>) : []
}

/** Whether a document names a capability. */
export const offers = (document: Document, capability: string): boolean =>
  listOf(document, 'capabilities').includes(capability)

/** Whether a value is a list of texts. */
export const isTextList = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')

/** Whether a value is an absolute address. */
export const isUrl = (value: unknown): boolean => typeof value === 'string' && isAbsoluteHttpUrl(value)

/** Whether an address is one that is taken as relative to the FHIR base URL. */
export const isRelative = (value: unknown): boolean =>
  typeof value === 'string' && !hasScheme(value) && /^[\x21-\x7e]+$/.test(value)

/** Whether an address is https, or http on the machine itself. */
export const isSecure = (value: unknown): boolean =>
  typeof value === 'string' && (value.startsWith('https:') || loopbackUrl(value) !== null)

/** The members that are addresses. */
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

/** The members that are lists of texts. */
export const lists = [
  'scopes_supported',
  'response_types_supported',
  'grant_types_supported',
  'token_endpoint_auth_methods_supported',
  'token_endpoint_auth_signing_alg_values_supported',
  'code_challenge_methods_supported',
  'capabilities'
]

/** A member that must be there. */
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

/** Whether clients with keys are served. */
export const asymmetric: Holds = (document, { purpose }) =>
  purpose === 'backend' || offers(document, 'client-confidential-asymmetric')

/** Whether launches are served. */
export const launches: Holds = (document, { purpose, specVersion }) =>
  specVersion === '2.2.0'
    ? offers(document, 'launch-ehr') || offers(document, 'launch-standalone')
    : purpose === 'launch'

/** Whether OpenID Connect is served. */
export const sso: Holds = (document) => offers(document, 'sso-openid-connect')
