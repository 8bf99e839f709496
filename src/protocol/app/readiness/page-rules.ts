/**
 * The rules of what an app in a web page can read (CORS), and of the CapabilityStatement.
 *
 * Source: app-launch, considerations for Cross-Origin Resource Sharing; Fetch Standard, CORS protocol; conformance,
 * SMART on FHIR OAuth authorization endpoints and capabilities.
 *
 * @module
 */
import type { Look } from './observed.js'
import { authenticatesInHeader, documentOf, isSuccess, permitsAuthorization, permitsOrigin } from './observed.js'
import type { Found, ReadinessFacts, ReadinessRule } from './readiness-rule.js'
import { listing, readinessRule, textMember, when } from './readiness-rule.js'
import { allRefusals } from '../../machine/rules.js'
import { isObject } from '../../../values/object.js'
import type { JsonObject } from '../../../values/object.js'
import { ownMember } from '../../../values/own.js'

const cors = 'app-launch, considerations for cross-origin resource sharing'

/** Whether a page can read an answer that came. */
const hidesFrom = ({ observed, wanted }: ReadinessFacts, look: Look | undefined): boolean =>
  wanted.purpose === 'launch' && look !== undefined && look.response !== null && !permitsOrigin(look, observed.origin)

const hidden = (facts: ReadinessFacts, look: Look | undefined): Found =>
  hidesFrom(facts, look) ? [facts.observed.origin] : null

/** A finding about the origin, for apps that are launched. */
const whenLaunched = ({ observed, wanted }: ReadinessFacts): Found =>
  wanted.purpose === 'launch' ? [observed.origin] : null

const readable = {
  severity: 'warning',
  message: 'a web page cannot read it: the answer does not permit the origin',
  advice: 'answer with Access-Control-Allow-Origin: *',
  source: cors
} as const

const usable = {
  severity: 'warning',
  message: 'a web page of this origin cannot use it, by the answer to its preflight',
  advice:
    'for apps in pages, answer OPTIONS with Access-Control-Allow-Origin for the origins of registered apps, and with ' +
    'authorization in Access-Control-Allow-Headers',
  source: cors,
  requirement: 'SEC-202'
} as const

/** The rules of what an app in a web page can read. */
export const crossOriginRules: ReadonlyArray<ReadinessRule> = [
  readinessRule(
    'configuration-permits-pages',
    { ...readable, document: 'smart-configuration', requirement: 'SEC-201' },
    (facts) => hidden(facts, facts.observed.smartConfiguration)
  ),
  readinessRule('issuer-document-permits-pages', { ...readable, document: 'openid-configuration' }, (facts) =>
    hidden(facts, ownMember(facts.observed, 'openidConfiguration'))
  ),
  readinessRule('keys-permit-pages', { ...readable, document: 'key set' }, (facts) =>
    hidden(facts, ownMember(facts.observed, 'keys'))
  ),
  readinessRule(
    'metadata-permits-pages',
    { ...readable, document: 'capability statement', requirement: 'SEC-201' },
    (facts) => hidden(facts, ownMember(facts.observed, 'metadata'))
  ),
  readinessRule('token-endpoint-permits-pages', { ...usable, document: 'token endpoint' }, (facts) => {
    const look = ownMember(facts.observed, 'tokenPreflight')
    const needsField = authenticatesInHeader(facts.wanted)
    return needsField && look?.response !== undefined && look.response !== null && !permitsAuthorization(look)
      ? whenLaunched(facts)
      : hidden(facts, look)
  }),
  readinessRule('fhir-endpoint-permits-pages', { ...usable, document: 'FHIR endpoint' }, (facts) => {
    const look = ownMember(facts.observed, 'fhirPreflight')
    if (look?.response === undefined || look.response === null || facts.wanted.purpose === 'backend') return null
    return permitsAuthorization(look) ? hidden(facts, look) : [facts.observed.origin]
  })
]

/** What a page needs and cannot use. */
export const pageBlockers = (facts: ReadinessFacts): ReadonlyArray<string> => {
  const needed = ['smart-configuration', 'token endpoint', 'FHIR endpoint']
  return allRefusals(crossOriginRules, facts).flatMap(({ document }) => (needed.includes(document) ? [document] : []))
}

const itemsOf = (value: unknown): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? (value as ReadonlyArray<unknown>).filter(isObject) : []

const below = (items: ReadonlyArray<JsonObject>, member: string): ReadonlyArray<JsonObject> =>
  items.flatMap((item) => {
    const value = ownMember(item, member)
    return isObject(value) ? [value] : itemsOf(value)
  })

const security = (facts: ReadinessFacts): ReadonlyArray<JsonObject> =>
  facts.statement === null ? [] : below(below([facts.statement], 'rest'), 'security')

const oauthUris = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris'

/** The addresses of the security extension that differ from those of the SMART configuration. */
const otherAddresses = (facts: ReadinessFacts): Found => {
  const extensions = below(security(facts), 'extension').filter((one) => textMember(one, 'url') === oauthUris)
  return listing(
    below(extensions, 'extension').flatMap((one) => {
      const name = textMember(one, 'url')
      const address = textMember(one, 'valueUri')
      const member = name === 'authorize' ? 'authorization_endpoint' : name === 'token' ? 'token_endpoint' : null
      if (member === null || address === null) return []
      return textMember(facts.smart, member) === address ? [] : [`${member} ${address}`]
    })
  )
}

/** The rules of the CapabilityStatement. */
export const capabilityStatementRules: ReadonlyArray<ReadinessRule> = [
  readinessRule(
    'metadata-readable',
    {
      severity: 'warning',
      document: 'capability statement',
      message: 'it could not be read',
      advice: 'serve {fhirBaseUrl}/metadata without authorization',
      source: 'FHIR, capabilities interaction'
    },
    ({ observed }) => {
      const look = ownMember(observed, 'metadata')
      if (look === undefined) return null
      if (look.response === null) return [look.reason]
      if (!isSuccess(look.response)) return [`status ${String(look.response.status)}`]
      return documentOf(look) === null ? ['no JSON object'] : null
    }
  ),
  readinessRule(
    'metadata-is-a-capability-statement',
    {
      severity: 'warning',
      document: 'capability statement',
      at: '/resourceType',
      message: 'the answer is no CapabilityStatement',
      advice: 'compare the FHIR base URL with the one of the documentation of the server',
      source: 'FHIR, capabilities interaction'
    },
    ({ statement }) =>
      statement === null || ['CapabilityStatement', 'Conformance'].some((one) => one === statement['resourceType'])
        ? null
        : listing([textMember(statement, 'resourceType') ?? 'no resourceType'])
  ),
  readinessRule(
    'metadata-names-smart',
    {
      severity: 'info',
      document: 'capability statement',
      at: '/rest/security/service',
      message: 'SMART-on-FHIR is not among the security services',
      advice: 'add it; only older apps look at it',
      source: 'conformance, SMART on FHIR OAuth authorization endpoints and capabilities'
    },
    (facts) =>
      when(
        facts.statement !== null &&
          !below(below(security(facts), 'service'), 'coding').some((one) => textMember(one, 'code') === 'SMART-on-FHIR')
      )
  ),
  readinessRule(
    'metadata-names-the-same-endpoints',
    {
      severity: 'warning',
      document: 'capability statement',
      at: '/rest/security/extension',
      message: 'the security extension names other addresses than the SMART configuration',
      advice: 'publish the same addresses; older apps use the extension',
      source: 'conformance, SMART on FHIR OAuth authorization endpoints and capabilities',
      requirement: 'DIS-006'
    },
    otherAddresses
  )
]
