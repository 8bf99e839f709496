/**
 * The rules of what a SMART configuration advertises, seen by an app that wants to use it: contradictions, misspelt
 * members, malformed scopes, and capabilities that the app needs.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Found, ReadinessFacts, ReadinessRule } from './readiness-rule.js'
import { listing, readinessRule, textMember, wantsIdentity, when } from './readiness-rule.js'
import type { Document } from '../../discovery/configuration-rule.js'
import { has, listOf, offers } from '../../discovery/configuration-rule.js'
import { registeredMembers, smartMembers } from '../../discovery/metadata-members.js'
import { malformedScopes } from '../../../scopes/explain/malformed.js'
import { format } from '../../../scopes/format.js'
import { parse } from '../../../scopes/parse.js'
import { isResourceScope } from '../../../scopes/scope.js'
import { uncovered } from '../../../scopes/set-operations.js'
import { likeliestName } from '../../../values/likely-name.js'
import { limits } from '../../../values/limits/limits.js'

const secretMethods = ['client_secret_basic', 'client_secret_post'] as const

const textsIn = (document: Document, member: string): ReadonlyArray<string> =>
  listOf(document, member).filter((one) => typeof one === 'string')

/** The unknown members with the absent member that is probably meant. */
const misspelt = (document: Document): ReadonlyArray<string> => {
  const absent = smartMembers.filter((member) => !has(document, member))
  const unknown = Object.keys(document).filter((member) => !registeredMembers.has(member))
  return unknown.slice(0, limits.checkedNames.default).flatMap((member) => {
    const meant = likeliestName(member, absent)
    return meant === null ? [] : [`${member} (probably ${meant})`]
  })
}

/** Capabilities that the document does not list, if it lists any. */
const unlisted = ({ smart }: ReadinessFacts, needed: ReadonlyArray<string>): Found =>
  has(smart, 'capabilities') ? listing([...new Set(needed)].filter((one) => !offers(smart, one))) : null

const neededContext: Readonly<Record<string, string>> = {
  launch: 'launch-ehr',
  'launch/patient': 'context-standalone-patient',
  'launch/encounter': 'context-standalone-encounter',
  offline_access: 'permission-offline',
  online_access: 'permission-online',
  openid: 'sso-openid-connect'
}

/** The capabilities that the scopes of an app need. */
const neededByScopes = ({ scopes }: ReadinessFacts): ReadonlyArray<string> =>
  scopes.flatMap((scope) => {
    if (isResourceScope(scope)) {
      const level = scope.level === 'system' ? [] : [`permission-${scope.level}`]
      return [...level, `permission-${scope.syntax}`]
    }
    return Object.entries(neededContext).flatMap(([text, capability]) => (text === scope.text ? [capability] : []))
  })

const notOffered = ({ smart, scopes }: ReadinessFacts): Found => {
  const offered = textsIn(smart, 'scopes_supported')
  if (offered.length === 0) return null
  const missing = uncovered(parse(offered.join(' ')), scopes)
  return Either.isLeft(missing) ? null : listing(missing.right.map((scope) => format([scope])))
}

const launches = ({ settings }: ReadinessFacts): boolean => settings.purpose === 'launch'

/** The rules of what a SMART configuration advertises. */
export const advertisedRules: ReadonlyArray<ReadinessRule> = [
  readinessRule(
    'members-are-spelled-right',
    {
      severity: 'warning',
      document: 'smart-configuration',
      message: 'a member is probably misspelled',
      advice: 'correct the name; apps ignore members that they do not know',
      source: 'conformance, metadata; RFC 8414, section 2'
    },
    ({ smart }) => listing(misspelt(smart))
  ),
  readinessRule(
    'configuration-not-redirected',
    {
      severity: 'warning',
      document: 'smart-configuration',
      message: 'the document is answered by a redirect',
      advice: 'serve it at its address; apps follow no redirect of it by default',
      source: 'conformance, using .well-known; RFC 8615',
      requirement: 'DIS-040'
    },
    ({ observed }) => when(observed.smartConfiguration.redirects > 0)
  ),
  readinessRule(
    'scopes-are-well-formed',
    {
      severity: 'warning',
      document: 'smart-configuration',
      at: '/scopes_supported',
      message: 'a scope is malformed',
      advice: 'list scopes that apps can request, each as one text',
      source: 'scopes-and-launch-context, scopes for requesting clinical data'
    },
    ({ smart }) => listing(malformedScopes(textsIn(smart, 'scopes_supported')))
  ),
  readinessRule(
    'secrets-have-a-method',
    {
      severity: 'error',
      document: 'smart-configuration',
      at: '/token_endpoint_auth_methods_supported',
      message: 'the capability client-confidential-symmetric is listed, and no authentication method for a secret',
      advice: 'list client_secret_basic, or remove the capability',
      source: 'conformance, client types and metadata'
    },
    ({ smart }) =>
      when(
        offers(smart, 'client-confidential-symmetric') &&
          has(smart, 'token_endpoint_auth_methods_supported') &&
          !secretMethods.some((method) => listOf(smart, 'token_endpoint_auth_methods_supported').includes(method))
      )
  ),
  readinessRule(
    'secrets-have-a-capability',
    {
      severity: 'warning',
      document: 'smart-configuration',
      at: '/capabilities',
      message: 'an authentication method for a secret is listed, and not the capability client-confidential-symmetric',
      advice: 'list the capability, or remove the method',
      source: 'conformance, client types'
    },
    ({ smart }) =>
      when(
        has(smart, 'capabilities') &&
          !offers(smart, 'client-confidential-symmetric') &&
          secretMethods.some((method) => listOf(smart, 'token_endpoint_auth_methods_supported').includes(method))
      )
  ),
  readinessRule(
    'issuer-is-no-document-address',
    {
      severity: 'error',
      document: 'smart-configuration',
      at: '/issuer',
      message: 'the issuer is the address of its own document',
      advice: 'publish the issuer; apps append /.well-known/openid-configuration to it',
      source: 'OpenID Connect Discovery 1.0, section 4'
    },
    ({ smart }) => when(textMember(smart, 'issuer')?.endsWith('/.well-known/openid-configuration') === true)
  ),
  readinessRule(
    'launches-have-an-address',
    {
      severity: 'error',
      document: 'smart-configuration',
      at: '/authorization_endpoint',
      message: 'a capability for launches is listed, and no authorization_endpoint',
      advice: 'publish authorization_endpoint, or remove launch-ehr and launch-standalone',
      source: 'conformance, metadata',
      requirement: 'DIS-045'
    },
    ({ smart, settings }) =>
      when(
        settings.purpose === 'backend' &&
          (offers(smart, 'launch-ehr') || offers(smart, 'launch-standalone')) &&
          !has(smart, 'authorization_endpoint')
      )
  ),
  readinessRule(
    'launch-capability-listed',
    {
      severity: 'warning',
      document: 'smart-configuration',
      at: '/capabilities',
      message: 'neither launch-ehr nor launch-standalone is listed',
      advice: 'list the ways of launch that the server supports',
      source: 'conformance, launch modes'
    },
    (facts) =>
      when(
        launches(facts) &&
          has(facts.smart, 'capabilities') &&
          !offers(facts.smart, 'launch-ehr') &&
          !offers(facts.smart, 'launch-standalone')
      )
  ),
  readinessRule(
    'public-apps-listed',
    {
      severity: 'warning',
      document: 'smart-configuration',
      at: '/capabilities',
      message: 'the app has no credentials, and the capability client-public is not listed',
      advice: "find out from the server's makers whether they register public apps",
      source: 'conformance, client types'
    },
    (facts) =>
      launches(facts) && facts.wanted.authentication.every(({ method }) => method === 'none')
        ? unlisted(facts, ['client-public'])
        : null
  ),
  readinessRule(
    'needed-capabilities-listed',
    {
      severity: 'warning',
      document: 'smart-configuration',
      at: '/capabilities',
      message: "the app's scopes need capabilities that are not listed",
      advice: "find out from the server's makers whether they are supported; otherwise request other scopes",
      source: 'conformance, capabilities'
    },
    (facts) => (launches(facts) ? unlisted(facts, neededByScopes(facts)) : null)
  ),
  readinessRule(
    'needed-scopes-listed',
    {
      severity: 'info',
      document: 'smart-configuration',
      at: '/scopes_supported',
      message: 'no listed scope covers what the app requests',
      advice: 'the list need not be complete; compare the granted scopes with those that were requested',
      source: 'conformance, metadata'
    },
    notOffered
  ),
  readinessRule(
    'codes-listed',
    {
      severity: 'warning',
      document: 'smart-configuration',
      at: '/response_types_supported',
      message: 'code is not among the response types',
      advice: 'list code',
      source: 'conformance, metadata'
    },
    (facts) =>
      when(
        launches(facts) &&
          has(facts.smart, 'response_types_supported') &&
          !listOf(facts.smart, 'response_types_supported').includes('code')
      )
  ),
  readinessRule(
    'needed-issuer-published',
    {
      severity: 'warning',
      document: 'smart-configuration',
      at: '/issuer',
      message: 'the app requests openid, and the document has no issuer',
      advice: 'publish issuer and jwks_uri; without them the app must know the issuer, or not request openid',
      source: 'conformance, metadata',
      requirement: 'DIS-041'
    },
    (facts) => when(wantsIdentity(facts) && !has(facts.smart, 'issuer'))
  )
]
