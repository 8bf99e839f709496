/**
 * Other people's discovery documents, checked: a row for each requirement, a finding for each that is broken.
 *
 * Reading is tolerant: unknown members and capabilities are nobody's fault. The names of requirements are those of
 * `docs/conformance.md`.
 * Source: conformance; client-confidential-asymmetric, "Advertising server support"; RFC 8414, section 2.
 *
 * @module
 */
import { supportedSets } from './capability-sets.js'
import type { SmartPolicy } from '../policy/policy.js'
import { guideCapabilities } from './smart-configuration.js'
import { hasScheme, isAbsoluteHttpUrl, isAbsoluteUri, loopbackUrl } from '../../values/urls.js'
import { ownData } from '../../values/own.js'
import { isObject } from '../../values/object.js'

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

type Document = Readonly<Record<string, unknown>>

interface ConfigurationRule extends Finding {
  readonly holds: (document: Document, settings: CheckSettings) => boolean
}

const has = (document: Document, member: string): boolean =>
  Object.hasOwn(document, member) && document[member] !== undefined

const listOf = (document: Document, member: string): ReadonlyArray<unknown> => {
  const value = has(document, member) ? document[member] : []
  return Array.isArray(value) ? (value as ReadonlyArray<unknown>) : []
}

const offers = (document: Document, capability: string): boolean =>
  listOf(document, 'capabilities').includes(capability)

const isTextList = (value: unknown): boolean => Array.isArray(value) && value.every((one) => typeof one === 'string')

const isUrl = (value: unknown): boolean => typeof value === 'string' && isAbsoluteHttpUrl(value)

/** Whether an address is one that is taken as relative to the FHIR base URL. */
const isRelative = (value: unknown): boolean =>
  typeof value === 'string' && !hasScheme(value) && /^[\x21-\x7e]+$/.test(value)

/** Whether an address is https, or http on the machine itself. */
const isSecure = (value: unknown): boolean =>
  typeof value === 'string' && (value.startsWith('https:') || loopbackUrl(value) !== null)

const endpoints = [
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

const lists = [
  'scopes_supported',
  'response_types_supported',
  'grant_types_supported',
  'token_endpoint_auth_methods_supported',
  'token_endpoint_auth_signing_alg_values_supported',
  'code_challenge_methods_supported',
  'capabilities'
]

/** A member that must be there. */
const required = (
  requirement: string,
  member: string,
  severity: Severity = 'error',
  when: ConfigurationRule['holds'] = () => true
): ConfigurationRule => ({
  requirement,
  severity,
  at: `/${member}`,
  message: severity === 'error' ? `${member} is missing` : `${member} is missing, although it should be there`,
  advice: `publish ${member}`,
  holds: (document, settings) => !when(document, settings) || has(document, member)
})

const asymmetric: ConfigurationRule['holds'] = (document, { purpose }) =>
  purpose === 'backend' || offers(document, 'client-confidential-asymmetric')

const launches: ConfigurationRule['holds'] = (document, { purpose, specVersion }) =>
  specVersion === '2.2.0'
    ? offers(document, 'launch-ehr') || offers(document, 'launch-standalone')
    : purpose === 'launch'

const sso: ConfigurationRule['holds'] = (document) => offers(document, 'sso-openid-connect')

const rules: ReadonlyArray<ConfigurationRule> = [
  required('DIS-047', 'token_endpoint'),
  required('DIS-045', 'authorization_endpoint', 'error', launches),
  required('DIS-058', 'capabilities'),
  required('DIS-046', 'grant_types_supported'),
  required('DIS-059', 'code_challenge_methods_supported', 'error', (_document, { purpose }) => purpose === 'launch'),
  required('DIS-041', 'issuer', 'error', sso),
  required('DIS-043', 'jwks_uri', 'error', sso),
  ...lists.map((member): ConfigurationRule => ({
    requirement: member === 'capabilities' ? 'DIS-058' : 'DIS-003',
    severity: 'error',
    at: `/${member}`,
    message: `${member} is no list of texts`,
    advice: 'publish a JSON array of strings',
    holds: (document) => !has(document, member) || isTextList(document[member])
  })),
  ...endpoints.map((member): ConfigurationRule => ({
    requirement: 'DIS-201',
    severity: 'error',
    at: `/${member}`,
    message: `${member} is no absolute address`,
    advice: 'publish absolute addresses; apps may take relative ones for something else',
    holds: (document, { specVersion }) =>
      !has(document, member) ||
      isUrl(document[member]) ||
      (specVersion === '2.0.0' && member !== 'issuer' && isRelative(document[member]))
  })),
  ...endpoints
    .filter((member) => member !== 'issuer')
    .map((member): ConfigurationRule => ({
      requirement: 'DIS-201',
      severity: 'warning',
      at: `/${member}`,
      message:
        `${member} is a relative address, of which 2.0.0 says nothing and later releases say that there must be ` +
        'none',
      advice: 'publish absolute addresses; apps may take relative ones for something else',
      holds: (document, { specVersion }) =>
        specVersion !== '2.0.0' || !has(document, member) || !isRelative(document[member])
    })),
  ...endpoints
    .filter((member) => member !== 'issuer')
    .map((member): ConfigurationRule => ({
      requirement: 'SEC-012',
      severity: 'error',
      at: `/${member}`,
      message: `${member} is not https`,
      advice: 'serve it over TLS; http is for an address of the machine itself alone',
      holds: (document) => !isUrl(document[member]) || isSecure(document[member])
    })),
  ...lists.map((member): ConfigurationRule => ({
    requirement: 'DIS-105',
    severity: 'warning',
    at: `/${member}`,
    message: `${member} has no members`,
    advice: 'leave out what has nothing to say',
    holds: (document) => !Array.isArray(document[member]) || listOf(document, member).length > 0
  })),
  {
    requirement: 'DIS-107',
    severity: 'error',
    at: '/authorization_response_iss_parameter_supported',
    message: 'authorization_response_iss_parameter_supported is neither true nor false',
    advice: 'publish a JSON boolean',
    holds: (document) =>
      !has(document, 'authorization_response_iss_parameter_supported') ||
      typeof document['authorization_response_iss_parameter_supported'] === 'boolean'
  },
  {
    requirement: 'DIS-046',
    severity: 'error',
    at: '/grant_types_supported',
    message: 'authorization_code is not among the grant types, although launches are served',
    advice: 'list authorization_code',
    holds: (document) =>
      !has(document, 'grant_types_supported') ||
      !(offers(document, 'launch-ehr') || offers(document, 'launch-standalone')) ||
      listOf(document, 'grant_types_supported').includes('authorization_code')
  },
  {
    requirement: 'DIS-046',
    severity: 'error',
    at: '/grant_types_supported',
    message: 'client_credentials is not among the grant types, although the document is for backend services',
    advice: 'list client_credentials',
    holds: (document, { purpose }) =>
      purpose !== 'backend' ||
      !has(document, 'grant_types_supported') ||
      listOf(document, 'grant_types_supported').includes('client_credentials')
  },
  {
    requirement: 'DIS-059',
    severity: 'error',
    at: '/code_challenge_methods_supported',
    message: 'S256 is not among the code challenge methods',
    advice: 'serve and list S256',
    holds: (document) =>
      !has(document, 'code_challenge_methods_supported') ||
      listOf(document, 'code_challenge_methods_supported').includes('S256')
  },
  {
    requirement: 'DIS-060',
    severity: 'error',
    at: '/code_challenge_methods_supported',
    message: 'plain is among the code challenge methods',
    advice: 'do not serve plain, and do not list it',
    holds: (document) => !listOf(document, 'code_challenge_methods_supported').includes('plain')
  },
  {
    requirement: 'DIS-042',
    severity: 'warning',
    at: '/issuer',
    message: 'issuer is there without the capability sso-openid-connect',
    advice: 'leave issuer out, or serve OpenID Connect',
    holds: (document) => !has(document, 'issuer') || sso(document, { specVersion: '2.0.0', purpose: 'launch' })
  },
  {
    requirement: 'DIS-104',
    severity: 'error',
    at: '/issuer',
    message: 'issuer has a query or is not https',
    advice: 'the issuer is an https address without query and fragment',
    holds: (document) => {
      const { issuer } = document
      return typeof issuer !== 'string' || !isUrl(issuer) || (!issuer.includes('?') && isSecure(issuer))
    }
  },
  required('DIS-063', 'scopes_supported', 'error', asymmetric),
  {
    requirement: 'DIS-062',
    severity: 'warning',
    at: '/capabilities',
    message: 'private_key_jwt is served without the capability client-confidential-asymmetric',
    advice: 'list the capability',
    holds: (document) =>
      !listOf(document, 'token_endpoint_auth_methods_supported').includes('private_key_jwt') ||
      offers(document, 'client-confidential-asymmetric')
  },
  {
    requirement: 'DIS-064',
    severity: 'error',
    at: '/token_endpoint_auth_methods_supported',
    message: 'private_key_jwt is not among the authentication methods, although asymmetric clients are served',
    advice: 'list private_key_jwt',
    holds: (document, settings) =>
      !asymmetric(document, settings) ||
      listOf(document, 'token_endpoint_auth_methods_supported').includes('private_key_jwt')
  },
  {
    requirement: 'DIS-065',
    severity: 'error',
    at: '/token_endpoint_auth_signing_alg_values_supported',
    message: 'neither RS384 nor ES384 is among the signature algorithms, although asymmetric clients are served',
    advice: 'serve and list at least one of RS384 and ES384',
    holds: (document, settings) => {
      const algorithms = listOf(document, 'token_endpoint_auth_signing_alg_values_supported')
      return !asymmetric(document, settings) || algorithms.includes('RS384') || algorithms.includes('ES384')
    }
  },
  {
    requirement: 'DIS-102',
    severity: 'error',
    at: '/token_endpoint_auth_signing_alg_values_supported',
    message: 'none is among the signature algorithms',
    advice: 'never accept unsigned assertions',
    holds: (document) => !listOf(document, 'token_endpoint_auth_signing_alg_values_supported').includes('none')
  },
  {
    requirement: 'DIS-102',
    severity: 'warning',
    at: '/token_endpoint_auth_signing_alg_values_supported',
    message: 'private_key_jwt is served without signature algorithms',
    advice: 'list them, RS384 or ES384 being one of them',
    holds: (document) =>
      !listOf(document, 'token_endpoint_auth_methods_supported').includes('private_key_jwt') ||
      has(document, 'token_endpoint_auth_signing_alg_values_supported')
  },
  required('DIS-050', 'scopes_supported', 'warning', (document, settings) => !asymmetric(document, settings)),
  required('DIS-054', 'response_types_supported', 'warning', (_document, { purpose }) => purpose === 'launch'),
  required('DIS-055', 'management_endpoint', 'info'),
  required('DIS-056', 'introspection_endpoint', 'warning'),
  required('DIS-057', 'revocation_endpoint', 'warning'),
  {
    requirement: 'DIS-203',
    severity: 'warning',
    at: '/smart_app_state_endpoint',
    message: 'the capability smart-app-state is there without an address for it',
    advice:
      'publish smart_app_state_endpoint, or associated_endpoints from 2.2.0 on, unless the FHIR server itself ' +
      'keeps the state',
    holds: (document, { specVersion }) =>
      specVersion === '2.0.0' ||
      !offers(document, 'smart-app-state') ||
      has(document, 'smart_app_state_endpoint') ||
      has(document, 'associated_endpoints')
  },
  {
    requirement: 'DIS-302',
    severity: 'info',
    at: '/smart_app_state_endpoint',
    message: 'smart_app_state_endpoint is deprecated',
    advice: 'publish associated_endpoints',
    holds: (document, { specVersion }) => specVersion !== '2.2.0' || !has(document, 'smart_app_state_endpoint')
  },
  {
    requirement: 'DIS-303',
    severity: 'error',
    at: '/associated_endpoints',
    message: 'associated_endpoints is no list of objects with url and capabilities',
    advice: 'publish { "url": …, "capabilities": […] } for each',
    holds: (document) =>
      !has(document, 'associated_endpoints') ||
      (Array.isArray(document['associated_endpoints']) &&
        document['associated_endpoints'].every(
          (one: unknown) => isObject(one) && isUrl(one['url']) && isTextList(one['capabilities'])
        ))
  },
  required('DIS-304', 'user_access_brand_bundle', 'info', (_document, { specVersion }) => specVersion === '2.2.0'),
  {
    requirement: 'DIS-305',
    severity: 'error',
    at: '/user_access_brand_identifier',
    message: 'user_access_brand_identifier has no value',
    advice: 'publish a FHIR Identifier with system and value',
    holds: (document) => {
      const { user_access_brand_identifier: identifier } = document
      return identifier === undefined || (isObject(identifier) && typeof identifier['value'] === 'string')
    }
  },
  {
    requirement: 'DIS-305',
    severity: 'warning',
    at: '/user_access_brand_identifier',
    message: 'user_access_brand_identifier has no system',
    advice: 'publish a FHIR Identifier with system and value',
    holds: (document) => {
      const { user_access_brand_identifier: identifier } = document
      return !isObject(identifier) || typeof identifier['system'] === 'string'
    }
  },
  {
    requirement: 'DIS-306',
    severity: 'warning',
    at: '/capabilities',
    message: 'a capability is neither one of the guide nor a full URI',
    advice: "name capabilities of one's own by full URIs",
    holds: (document, { specVersion }) =>
      specVersion !== '2.2.0' ||
      listOf(document, 'capabilities').every(
        (one) => typeof one !== 'string' || guideCapabilities.includes(one) || isAbsoluteUri(one)
      )
  },
  {
    requirement: 'DIS-068',
    severity: 'warning',
    at: '/capabilities',
    message: 'context-passthrough-banner and context-passthrough-style are no capabilities',
    advice: 'their names are context-banner and context-style',
    holds: (document) =>
      !listOf(document, 'capabilities').some((one) => typeof one === 'string' && one.startsWith('context-passthrough-'))
  },
  {
    requirement: 'DIS-007',
    severity: 'warning',
    at: '/capabilities',
    message: 'no capability set of the guide is satisfied',
    advice: 'compare the capabilities with the sets of the page "conformance"',
    holds: (document, { purpose }) =>
      purpose === 'backend' ||
      supportedSets(listOf(document, 'capabilities').filter((one) => typeof one === 'string')).length > 0
  }
]

/** The rules, for tables: without what they do. */
export const configurationRules: ReadonlyArray<Finding> = rules.map(({ holds: _holds, ...finding }) => finding)

/**
 * Everything that there is to say about a document.
 *
 * @example
 * ```ts
 * import { checkSmartConfiguration } from './smart-configuration-check.js'
 *
 * const findings = checkSmartConfiguration(
 *   { token_endpoint: '/token' },
 *   { specVersion: '2.0.0', purpose: 'launch' }
 * )
 * findings
 *   .filter(({ severity }) => severity === 'error')
 *   .map(({ requirement, at }) => `${requirement} ${at}`)
 *   .slice(0, 3) // => ['DIS-045 /authorization_endpoint', 'DIS-058 /capabilities', 'DIS-046 /grant_types_supported']
 * ```
 */
export const checkSmartConfiguration = (document: unknown, settings: CheckSettings): ReadonlyArray<Finding> => {
  if (!isObject(document)) {
    return [
      {
        requirement: 'DIS-003',
        severity: 'error',
        at: '',
        message: 'the document is no JSON object',
        advice: 'publish a JSON object'
      }
    ]
  }
  const members = ownData<Document>(document)
  return rules.filter(({ holds }) => !holds(members, settings)).map(({ holds: _holds, ...finding }) => finding)
}
