/** Rules of readiness reports, a case for each row. */
import { issuerKey } from '../../../support/app/vendor-server.js'
import {
  addresses,
  answered,
  silent,
  soundDocuments,
  soundServer,
  wantedApp
} from '../../../support/app/observed-server.js'
import type { RuleCase } from '../../../support/rule-cases.js'
import { rulesOf } from '../../../support/rule-cases.js'
import { advertisedRules } from '../../../../src/protocol/app/readiness/advertised-rules.js'
import { issuerDocumentRules, publishedKeyRules } from '../../../../src/protocol/app/readiness/identity-rules.js'
import type { ObservedServer, WantedApp } from '../../../../src/protocol/app/readiness/observed.js'
import { capabilityStatementRules, crossOriginRules } from '../../../../src/protocol/app/readiness/page-rules.js'
import type { ReadinessFacts } from '../../../../src/protocol/app/readiness/readiness-rule.js'
import { readinessFacts } from '../../../../src/protocol/app/readiness/readiness-rule.js'

interface Change {
  readonly observed?: Partial<ObservedServer>
  readonly wanted?: Partial<WantedApp>
}

const factsWith = (change: Change): ReadinessFacts => {
  const wanted = { ...wantedApp, ...change.wanted }
  return readinessFacts({ ...soundServer, ...change.observed }, wanted, {
    specVersion: '2.0.0',
    purpose: wanted.purpose
  })
}

const smart = (members: object): Change => ({
  observed: { smartConfiguration: answered(addresses.smart, { ...soundDocuments.smart, ...members }) }
})
const openid = (members: object): Change => ({
  observed: { openidConfiguration: answered(addresses.openid, { ...soundDocuments.openid, ...members }) }
})
const openidLook = (look: ReturnType<typeof answered>): Change => ({ observed: { openidConfiguration: look } })
const keys = (document: unknown, fields = {}, status = 200): Change => ({
  observed: { keys: answered(addresses.keys, document, fields, status) }
})
const metadata = (document: unknown): Change => ({
  observed: { metadata: answered(addresses.metadata, document) }
})
const redirected = <Observed extends object>(look: Observed): Observed => ({ ...look, redirects: 1 })

const { token_endpoint_auth_methods_supported: methods, ...unlistedMethods } = soundDocuments.smart
const without = (...capabilities: ReadonlyArray<string>): object => ({
  capabilities: soundDocuments.smart.capabilities.filter((one) => !capabilities.includes(one))
})
const hidden = { 'access-control-allow-origin': 'https://other.example' }

const advertisedCases: ReadonlyArray<RuleCase> = [
  [
    'members-are-spelled-right',
    {
      observed: {
        smartConfiguration: answered(addresses.smart, { ...unlistedMethods, token_endpoint_auth_methods: methods })
      }
    }
  ],
  [
    'configuration-not-redirected',
    { observed: { smartConfiguration: redirected(answered(addresses.smart, soundDocuments.smart)) } }
  ],
  [
    'scopes-are-well-formed',
    smart({ scopes_supported: [...soundDocuments.smart.scopes_supported, 'user/ChargeItem.create'] })
  ],
  ['secrets-have-a-method', smart({ token_endpoint_auth_methods_supported: ['private_key_jwt'] })],
  ['secrets-have-a-capability', smart(without('client-confidential-symmetric'))],
  ['issuer-is-no-document-address', smart({ issuer: addresses.openid })],
  [
    'launches-have-an-address',
    { ...smart({ authorization_endpoint: undefined }), wanted: { purpose: 'backend', scope: 'openid' } }
  ],
  ['launch-capability-listed', smart(without('launch-ehr', 'launch-standalone'))],
  ['public-apps-listed', smart(without('client-public'))],
  ['needed-capabilities-listed', smart(without('permission-v2'))],
  ['needed-scopes-listed', { wanted: { scope: 'patient/Observation.cruds' } }],
  ['codes-listed', smart({ response_types_supported: ['token'] })],
  ['needed-issuer-published', smart({ issuer: undefined })]
]

const issuerCases: ReadonlyArray<RuleCase> = [
  ['issuer-document-reachable', openidLook(silent(addresses.openid))],
  ['issuer-document-present', openidLook(answered(addresses.openid, 'not found', {}, 404))],
  ['issuer-document-readable', openidLook(answered(addresses.openid, '<html>'))],
  ['issuer-document-not-redirected', openidLook(redirected(answered(addresses.openid, soundDocuments.openid)))],
  [
    'issuer-document-is-json',
    openidLook(answered(addresses.openid, soundDocuments.openid, { 'content-type': 'text/plain' }))
  ],
  ['issuer-names-itself', openid({ issuer: 'https://other.example' })],
  ['issuer-document-at-its-place', { observed: { otherConfiguration: answered(addresses.smart, { issuer: 'x' }) } }],
  ['issuer-names-keys', openid({ jwks_uri: undefined })],
  ['issuer-names-the-same-keys', openid({ jwks_uri: 'https://ehr.example/other' })],
  ['issuer-names-the-same-token-endpoint', openid({ token_endpoint: 'https://ehr.example/other' })],
  ['issuer-signs-as-the-app-expects', openid({ id_token_signing_alg_values_supported: ['HS256'] })]
]

const { kid: _kid, ...withoutId } = issuerKey.jwk

const keyCases: ReadonlyArray<RuleCase> = [
  ['keys-reachable', { observed: { keys: silent(addresses.keys) } }],
  ['keys-present', keys('', { location: 'https://ehr.example/elsewhere' }, 302)],
  ['keys-are-a-set', keys({ keys: 'none' })],
  ['keys-are-usable', keys({ keys: [{ ...issuerKey.jwk, use: 'enc' }] })],
  ['keys-are-public', keys({ keys: [issuerKey.jwk, { ...issuerKey.jwk, kid: 'k2', d: 'AQAB' }] })],
  ['keys-have-ids', keys({ keys: [issuerKey.jwk, withoutId] })],
  ['keys-are-json', keys(soundDocuments.keys, { 'content-type': 'text/html' })]
]

const pageCases: ReadonlyArray<RuleCase> = [
  [
    'configuration-permits-pages',
    { observed: { smartConfiguration: answered(addresses.smart, soundDocuments.smart, hidden) } }
  ],
  ['issuer-document-permits-pages', openidLook(answered(addresses.openid, soundDocuments.openid, hidden))],
  ['keys-permit-pages', keys(soundDocuments.keys, hidden)],
  ['metadata-permits-pages', { observed: { metadata: answered(addresses.metadata, soundDocuments.metadata, hidden) } }],
  ['token-endpoint-permits-pages', { observed: { tokenPreflight: answered('https://ehr.example/token', '', hidden) } }],
  ['fhir-endpoint-permits-pages', { observed: { fhirPreflight: answered('https://ehr.example/fhir/Patient', '') } }]
]

const [{ security }] = soundDocuments.metadata.rest as [{ readonly security: object }]
const resource = { resourceType: 'CapabilityStatement' }

const statementCases: ReadonlyArray<RuleCase> = [
  ['metadata-readable', metadata('<html>')],
  ['metadata-is-a-capability-statement', metadata({ ...soundDocuments.metadata, resourceType: 'OperationOutcome' })],
  ['metadata-names-smart', metadata({ ...resource, rest: [{ security: { ...security, service: [] } }] })],
  [
    'metadata-names-the-same-endpoints',
    {
      observed: {
        smartConfiguration: answered(addresses.smart, {
          ...soundDocuments.smart,
          token_endpoint: 'https://ehr.example/other'
        })
      }
    }
  ]
]

rulesOf('advertisedRules', 'all', advertisedRules, factsWith, advertisedCases)
rulesOf('issuerDocumentRules', 'all', issuerDocumentRules, factsWith, issuerCases)
rulesOf('publishedKeyRules', 'all', publishedKeyRules, factsWith, keyCases)
rulesOf('crossOriginRules', 'all', crossOriginRules, factsWith, pageCases)
rulesOf('capabilityStatementRules', 'all', capabilityStatementRules, factsWith, statementCases)
