/** Answers of a server whose readiness is without a finding, and an app that wants to use it. */
import { issuerKey } from './vendor-server.js'
import type { Look, ObservedServer, WantedApp } from '../../../src/protocol/app/readiness/observed.js'

/** An answer with a JSON document. */
export const answered = (url: string, document: unknown, fields: object = {}, status = 200): Look => ({
  url,
  response: {
    status,
    headers: { 'content-type': 'application/json', 'access-control-allow-origin': '*', ...fields },
    body: typeof document === 'string' ? document : JSON.stringify(document)
  },
  reason: '',
  redirects: 0
})

/** No answer. */
export const silent = (url: string): Look => ({ url, response: null, reason: 'no answer in time', redirects: 0 })

const ehr = 'https://ehr.example'

/** The address of each document. */
export const addresses = {
  smart: `${ehr}/fhir/.well-known/smart-configuration`,
  openid: `${ehr}/.well-known/openid-configuration`,
  keys: `${ehr}/keys`,
  metadata: `${ehr}/fhir/metadata`
}

/** The documents. */
export const soundDocuments = {
  smart: {
    issuer: ehr,
    jwks_uri: addresses.keys,
    authorization_endpoint: `${ehr}/authorize`,
    token_endpoint: `${ehr}/token`,
    management_endpoint: `${ehr}/manage`,
    introspection_endpoint: `${ehr}/introspect`,
    revocation_endpoint: `${ehr}/revoke`,
    grant_types_supported: ['authorization_code'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic'],
    scopes_supported: ['openid', 'fhirUser', 'launch/patient', 'offline_access', 'patient/*.rs'],
    response_types_supported: ['code'],
    capabilities: [
      'launch-ehr',
      'launch-standalone',
      'client-public',
      'client-confidential-symmetric',
      'sso-openid-connect',
      'context-ehr-patient',
      'context-ehr-encounter',
      'context-standalone-patient',
      'permission-offline',
      'permission-patient',
      'permission-user',
      'permission-v2'
    ]
  },
  openid: {
    issuer: ehr,
    jwks_uri: addresses.keys,
    token_endpoint: `${ehr}/token`,
    id_token_signing_alg_values_supported: ['RS256']
  },
  keys: { keys: [issuerKey.jwk] },
  metadata: {
    resourceType: 'CapabilityStatement',
    rest: [
      {
        security: {
          service: [{ coding: [{ code: 'SMART-on-FHIR' }] }],
          extension: [
            {
              url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
              extension: [
                { url: 'authorize', valueUri: `${ehr}/authorize` },
                { url: 'token', valueUri: `${ehr}/token` }
              ]
            }
          ]
        }
      }
    ]
  }
}

const preflight = (url: string): Look => answered(url, '', { 'access-control-allow-headers': 'Authorization, Accept' })

/** The answers of the server. */
export const soundServer: ObservedServer = {
  origin: 'https://app.example',
  smartConfiguration: answered(addresses.smart, soundDocuments.smart),
  openidConfiguration: answered(addresses.openid, soundDocuments.openid),
  keys: answered(addresses.keys, soundDocuments.keys),
  metadata: answered(addresses.metadata, soundDocuments.metadata),
  tokenPreflight: preflight(`${ehr}/token`),
  fhirPreflight: preflight(`${ehr}/fhir/Patient`)
}

/** The app. */
export const wantedApp: WantedApp = {
  fhirBaseUrl: `${ehr}/fhir`,
  clientId: 'app',
  authentication: [{ method: 'none' }],
  redirectUri: 'https://app.example/callback',
  purpose: 'launch',
  scope: 'openid fhirUser launch/patient offline_access patient/Observation.rs',
  browser: false,
  signingAlgorithms: null,
  idTokenAlgorithms: ['RS256']
}
