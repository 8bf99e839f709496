/**
 * The rules of other people's discovery documents, a row each, with the finding that a broken one is.
 *
 * Unknown members and capabilities break no rule. The names of requirements are those of `docs/conformance.md`.
 * Source: conformance; client-confidential-asymmetric, "Advertising server support"; RFC 8414, section 2.
 *
 * @module
 */
import { supportedSets } from './capability-sets.js'
import type { ConfigurationRule } from './configuration-rule.js'
import {
  asymmetric,
  endpoints,
  finding,
  has,
  isRelative,
  isSecure,
  isTextList,
  isUrl,
  launches,
  listOf,
  lists,
  nameOf,
  offers,
  required,
  sso
} from './configuration-rule.js'
import { guideCapabilities } from './smart-configuration.js'
import { isAbsoluteUri } from '../../values/urls.js'
import { isObject } from '../../values/object.js'

/** The rules of a discovery document. */
export const configurationRules: ReadonlyArray<ConfigurationRule> = [
  required('DIS-047', 'token_endpoint'),
  required('DIS-045', 'authorization_endpoint', 'error', launches),
  required('DIS-058', 'capabilities'),
  required('DIS-046', 'grant_types_supported'),
  required('DIS-059', 'code_challenge_methods_supported', 'error', (_document, { purpose }) => purpose === 'launch'),
  required('DIS-041', 'issuer', 'error', sso),
  required('DIS-043', 'jwks_uri', 'error', sso),
  ...lists.map((member) =>
    finding(
      `${nameOf(member)}-is-list`,
      {
        requirement: member === 'capabilities' ? 'DIS-058' : 'DIS-003',
        severity: 'error',
        at: `/${member}`,
        message: `${member} is no list of texts`,
        advice: 'publish a JSON array of strings'
      },
      (document) => !has(document, member) || isTextList(document[member])
    )
  ),
  ...endpoints.map((member) =>
    finding(
      `${nameOf(member)}-is-address`,
      {
        requirement: 'DIS-201',
        severity: 'error',
        at: `/${member}`,
        message: `${member} is no absolute address`,
        advice: 'publish absolute addresses; apps may take relative ones for something else'
      },
      (document, { specVersion }) =>
        !has(document, member) ||
        isUrl(document[member]) ||
        (specVersion === '2.0.0' && member !== 'issuer' && isRelative(document[member]))
    )
  ),
  ...endpoints
    .filter((member) => member !== 'issuer')
    .map((member) =>
      finding(
        `${nameOf(member)}-is-absolute`,
        {
          requirement: 'DIS-201',
          severity: 'warning',
          at: `/${member}`,
          message:
            `${member} is a relative address, of which 2.0.0 says nothing and later releases say that there must be ` +
            'none',
          advice: 'publish absolute addresses; apps may take relative ones for something else'
        },
        (document, { specVersion }) =>
          specVersion !== '2.0.0' || !has(document, member) || !isRelative(document[member])
      )
    ),
  ...endpoints
    .filter((member) => member !== 'issuer')
    .map((member) =>
      finding(
        `${nameOf(member)}-is-secure`,
        {
          requirement: 'SEC-012',
          severity: 'error',
          at: `/${member}`,
          message: `${member} is not https`,
          advice: 'serve it over TLS; http is for an address of the machine itself alone'
        },
        (document) => !isUrl(document[member]) || isSecure(document[member])
      )
    ),
  ...lists.map((member) =>
    finding(
      `${nameOf(member)}-not-empty`,
      {
        requirement: 'DIS-105',
        severity: 'warning',
        at: `/${member}`,
        message: `${member} has no members`,
        advice: 'leave out what has nothing to say'
      },
      (document) => !Array.isArray(document[member]) || listOf(document, member).length > 0
    )
  ),
  finding(
    'iss-parameter-is-boolean',
    {
      requirement: 'DIS-107',
      severity: 'error',
      at: '/authorization_response_iss_parameter_supported',
      message: 'authorization_response_iss_parameter_supported is neither true nor false',
      advice: 'publish a JSON boolean'
    },
    (document) =>
      !has(document, 'authorization_response_iss_parameter_supported') ||
      typeof document['authorization_response_iss_parameter_supported'] === 'boolean'
  ),
  finding(
    'launches-use-codes',
    {
      requirement: 'DIS-046',
      severity: 'error',
      at: '/grant_types_supported',
      message: 'authorization_code is not among the grant types, although launches are served',
      advice: 'list authorization_code'
    },
    (document) =>
      !has(document, 'grant_types_supported') ||
      !(offers(document, 'launch-ehr') || offers(document, 'launch-standalone')) ||
      listOf(document, 'grant_types_supported').includes('authorization_code')
  ),
  finding(
    'backend-services-use-client-credentials',
    {
      requirement: 'DIS-046',
      severity: 'error',
      at: '/grant_types_supported',
      message: 'client_credentials is not among the grant types, although the document is for backend services',
      advice: 'list client_credentials'
    },
    (document, { purpose }) =>
      purpose !== 'backend' ||
      !has(document, 'grant_types_supported') ||
      listOf(document, 'grant_types_supported').includes('client_credentials')
  ),
  finding(
    's256-served',
    {
      requirement: 'DIS-059',
      severity: 'error',
      at: '/code_challenge_methods_supported',
      message: 'S256 is not among the code challenge methods',
      advice: 'serve and list S256'
    },
    (document) =>
      !has(document, 'code_challenge_methods_supported') ||
      listOf(document, 'code_challenge_methods_supported').includes('S256')
  ),
  finding(
    'plain-not-served',
    {
      requirement: 'DIS-060',
      severity: 'error',
      at: '/code_challenge_methods_supported',
      message: 'plain is among the code challenge methods',
      advice: 'do not serve plain, and do not list it'
    },
    (document) => !listOf(document, 'code_challenge_methods_supported').includes('plain')
  ),
  finding(
    'issuer-with-openid-connect',
    {
      requirement: 'DIS-042',
      severity: 'warning',
      at: '/issuer',
      message: 'issuer is there without the capability sso-openid-connect',
      advice: 'leave issuer out, or serve OpenID Connect'
    },
    (document) => !has(document, 'issuer') || sso(document, { specVersion: '2.0.0', purpose: 'launch' })
  ),
  finding(
    'issuer-form',
    {
      requirement: 'DIS-104',
      severity: 'error',
      at: '/issuer',
      message: 'issuer has a query or is not https',
      advice: 'the issuer is an https address without query and fragment'
    },
    (document) => {
      const { issuer } = document
      return typeof issuer !== 'string' || !isUrl(issuer) || (!issuer.includes('?') && isSecure(issuer))
    }
  ),
  required('DIS-063', 'scopes_supported', 'error', asymmetric),
  finding(
    'asymmetric-capability-listed',
    {
      requirement: 'DIS-062',
      severity: 'warning',
      at: '/capabilities',
      message: 'private_key_jwt is served without the capability client-confidential-asymmetric',
      advice: 'list the capability'
    },
    (document) =>
      !listOf(document, 'token_endpoint_auth_methods_supported').includes('private_key_jwt') ||
      offers(document, 'client-confidential-asymmetric')
  ),
  finding(
    'private-key-jwt-listed',
    {
      requirement: 'DIS-064',
      severity: 'error',
      at: '/token_endpoint_auth_methods_supported',
      message: 'private_key_jwt is not among the authentication methods, although asymmetric clients are served',
      advice: 'list private_key_jwt'
    },
    (document, settings) =>
      !asymmetric(document, settings) ||
      listOf(document, 'token_endpoint_auth_methods_supported').includes('private_key_jwt')
  ),
  finding(
    'algorithm-served',
    {
      requirement: 'DIS-065',
      severity: 'error',
      at: '/token_endpoint_auth_signing_alg_values_supported',
      message: 'neither RS384 nor ES384 is among the signature algorithms, although asymmetric clients are served',
      advice: 'serve and list at least one of RS384 and ES384'
    },
    (document, settings) => {
      const algorithms = listOf(document, 'token_endpoint_auth_signing_alg_values_supported')
      return !asymmetric(document, settings) || algorithms.includes('RS384') || algorithms.includes('ES384')
    }
  ),
  finding(
    'no-unsigned-assertions',
    {
      requirement: 'DIS-102',
      severity: 'error',
      at: '/token_endpoint_auth_signing_alg_values_supported',
      message: 'none is among the signature algorithms',
      advice: 'never accept unsigned assertions'
    },
    (document) => !listOf(document, 'token_endpoint_auth_signing_alg_values_supported').includes('none')
  ),
  finding(
    'algorithms-listed',
    {
      requirement: 'DIS-102',
      severity: 'warning',
      at: '/token_endpoint_auth_signing_alg_values_supported',
      message: 'private_key_jwt is served without signature algorithms',
      advice: 'list them, RS384 or ES384 being one of them'
    },
    (document) =>
      !listOf(document, 'token_endpoint_auth_methods_supported').includes('private_key_jwt') ||
      has(document, 'token_endpoint_auth_signing_alg_values_supported')
  ),
  required('DIS-050', 'scopes_supported', 'warning', (document, settings) => !asymmetric(document, settings)),
  required('DIS-054', 'response_types_supported', 'warning', (_document, { purpose }) => purpose === 'launch'),
  required('DIS-055', 'management_endpoint', 'info'),
  required('DIS-056', 'introspection_endpoint', 'warning'),
  required('DIS-057', 'revocation_endpoint', 'warning'),
  finding(
    'app-state-has-address',
    {
      requirement: 'DIS-203',
      severity: 'warning',
      at: '/smart_app_state_endpoint',
      message: 'the capability smart-app-state is there without an address for it',
      advice:
        'publish smart_app_state_endpoint, or associated_endpoints from 2.2.0 on, unless the FHIR server itself ' +
        'keeps the state'
    },
    (document, { specVersion }) =>
      specVersion === '2.0.0' ||
      !offers(document, 'smart-app-state') ||
      has(document, 'smart_app_state_endpoint') ||
      has(document, 'associated_endpoints')
  ),
  finding(
    'app-state-deprecated',
    {
      requirement: 'DIS-302',
      severity: 'info',
      at: '/smart_app_state_endpoint',
      message: 'smart_app_state_endpoint is deprecated',
      advice: 'publish associated_endpoints'
    },
    (document, { specVersion }) => specVersion !== '2.2.0' || !has(document, 'smart_app_state_endpoint')
  ),
  finding(
    'associated-endpoints-form',
    {
      requirement: 'DIS-303',
      severity: 'error',
      at: '/associated_endpoints',
      message: 'associated_endpoints is no list of objects with url and capabilities',
      advice: 'publish { "url": …, "capabilities": […] } for each'
    },
    (document) =>
      !has(document, 'associated_endpoints') ||
      (Array.isArray(document['associated_endpoints']) &&
        document['associated_endpoints'].every(
          (one: unknown) => isObject(one) && isUrl(one['url']) && isTextList(one['capabilities'])
        ))
  ),
  required('DIS-304', 'user_access_brand_bundle', 'info', (_document, { specVersion }) => specVersion === '2.2.0'),
  finding(
    'brand-identifier-has-value',
    {
      requirement: 'DIS-305',
      severity: 'error',
      at: '/user_access_brand_identifier',
      message: 'user_access_brand_identifier has no value',
      advice: 'publish a FHIR Identifier with system and value'
    },
    (document) => {
      const { user_access_brand_identifier: identifier } = document
      return identifier === undefined || (isObject(identifier) && typeof identifier['value'] === 'string')
    }
  ),
  finding(
    'brand-identifier-has-system',
    {
      requirement: 'DIS-305',
      severity: 'warning',
      at: '/user_access_brand_identifier',
      message: 'user_access_brand_identifier has no system',
      advice: 'publish a FHIR Identifier with system and value'
    },
    (document) => {
      const { user_access_brand_identifier: identifier } = document
      return !isObject(identifier) || typeof identifier['system'] === 'string'
    }
  ),
  finding(
    'capability-names',
    {
      requirement: 'DIS-306',
      severity: 'warning',
      at: '/capabilities',
      message: 'a capability is neither one of the guide nor a full URI',
      advice: "name capabilities of one's own by full URIs"
    },
    (document, { specVersion }) =>
      specVersion !== '2.2.0' ||
      listOf(document, 'capabilities').every(
        (one) => typeof one !== 'string' || guideCapabilities.includes(one) || isAbsoluteUri(one)
      )
  ),
  finding(
    'style-capabilities-named-right',
    {
      requirement: 'DIS-068',
      severity: 'warning',
      at: '/capabilities',
      message: 'context-passthrough-banner and context-passthrough-style are no capabilities',
      advice: 'their names are context-banner and context-style'
    },
    (document) =>
      !listOf(document, 'capabilities').some((one) => typeof one === 'string' && one.startsWith('context-passthrough-'))
  ),
  finding(
    'some-capability-set',
    {
      requirement: 'DIS-007',
      severity: 'warning',
      at: '/capabilities',
      message: 'no capability set of the guide is satisfied',
      advice: 'compare the capabilities with the sets of the page "conformance"'
    },
    (document, { purpose }) =>
      purpose === 'backend' ||
      supportedSets(listOf(document, 'capabilities').filter((one) => typeof one === 'string')).length > 0
  )
]
