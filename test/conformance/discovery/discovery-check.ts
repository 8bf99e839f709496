/** Rows of the area "discovery": capability sets, the validator of other people's documents, and addresses. */
import { expect } from 'vitest'
import type { Shown } from '../matrix.js'
import { protocol } from '../../support/steps.js'
import { row } from '../matrix.js'
import { get, newFixture } from '../../support/server-fixture.js'
import { configurationOf, wellKnown } from './discovery-document.js'
import { webHandler } from '../../../src/adapters/web.js'
import { supportedSets } from '../../../src/protocol/discovery/capability-sets.js'
import {
  discoveryHeaders,
  discoveryUrl,
  openidConfigurationUrl,
  resolveEndpoint
} from '../../../src/protocol/discovery/endpoint-url.js'
import type { CheckSettings } from '../../../src/protocol/discovery/smart-configuration-check.js'
import { checkSmartConfiguration } from '../../../src/protocol/discovery/smart-configuration-check.js'

const found = (document: unknown, settings: Partial<CheckSettings> = {}): ReadonlyArray<string> =>
  checkSmartConfiguration(document, { specVersion: '2.0.0', purpose: 'launch', ...settings }).map(
    ({ requirement, severity }) => `${requirement ?? ''} ${severity}`
  )

const without = async (member: string): Promise<Readonly<Record<string, unknown>>> =>
  Object.fromEntries(Object.entries(await configurationOf()).filter(([name]) => name !== member))

/** The sets of the page, as it lists them. */
const sets = {
  'Patient Access for Standalone Apps': ['launch-standalone', 'context-standalone-patient', 'permission-patient'],
  'Patient Access for EHR Launch': ['launch-ehr', 'context-ehr-patient', 'permission-patient'],
  'Clinician Access for Standalone': ['launch-standalone', 'permission-user', 'permission-patient'],
  'Clinician Access for EHR Launch': [
    'launch-ehr',
    'context-ehr-patient',
    'context-ehr-encounter',
    'permission-user',
    'permission-patient'
  ]
}

/** The sample response of the page "conformance". */
const sample = {
  issuer: 'https://ehr.example.com',
  jwks_uri: 'https://ehr.example.com/.well-known/jwks.json',
  authorization_endpoint: 'https://ehr.example.com/auth/authorize',
  token_endpoint: 'https://ehr.example.com/auth/token',
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'],
  grant_types_supported: ['authorization_code', 'client_credentials'],
  registration_endpoint: 'https://ehr.example.com/auth/register',
  scopes_supported: ['openid', 'profile', 'launch', 'launch/patient', 'patient/*.rs', 'user/*.rs', 'offline_access'],
  response_types_supported: ['code'],
  management_endpoint: 'https://ehr.example.com/user/manage',
  introspection_endpoint: 'https://ehr.example.com/user/introspect',
  revocation_endpoint: 'https://ehr.example.com/user/revoke',
  code_challenge_methods_supported: ['S256'],
  capabilities: [
    'launch-ehr',
    'permission-patient',
    'permission-v2',
    'client-public',
    'client-confidential-symmetric',
    'context-ehr-patient',
    'sso-openid-connect'
  ]
}

export const checkRows: ReadonlyArray<Shown> = [
  row(
    'DIS-008 DIS-011 DIS-012 DIS-013 DIS-014',
    'a capability set is satisfied by exactly its capabilities and a public or symmetric client: without any ' +
      'one of them it is not',
    () => {
      for (const [set, needed] of Object.entries(sets)) {
        for (const kind of ['client-public', 'client-confidential-symmetric'])
          expect(supportedSets([...needed, kind])).toContain(set)
        expect(supportedSets(needed)).toEqual([])
        for (const one of needed)
          expect(supportedSets([...needed.filter((other) => other !== one), 'client-public'])).not.toContain(set)
      }
    }
  ),
  row('DIS-015', 'asymmetric clients may come on top of a set and satisfy none by themselves', () => {
    for (const [set, needed] of Object.entries(sets)) {
      expect(supportedSets([...needed, 'client-confidential-asymmetric'])).toEqual([])
      expect(supportedSets([...needed, 'client-public', 'client-confidential-asymmetric'])).toContain(set)
    }
  }),
  row(
    'DIS-001',
    "the document's address is the FHIR base URL with .well-known/smart-configuration and one slash between",
    () => {
      for (const [base, address] of [
        ['https://h/fhir', 'https://h/fhir/.well-known/smart-configuration'],
        ['https://h/fhir/', 'https://h/fhir/.well-known/smart-configuration'],
        ['https://h', 'https://h/.well-known/smart-configuration'],
        ['https://h/a/b', 'https://h/a/b/.well-known/smart-configuration']
      ] as const)
        expect(discoveryUrl(base)).toBe(address)
      expect(openidConfigurationUrl('https://h/a/')).toBe('https://h/a/.well-known/openid-configuration')
    }
  ),
  row('DIS-002 DIS-066', 'it is fetched with Accept: application/json', () => {
    expect(discoveryHeaders).toEqual({ accept: 'application/json' })
  }),
  row(
    'DIS-202',
    'relative addresses are taken below the FHIR base URL with a slash at its end, so that no part of it is lost',
    () => {
      for (const [endpoint, address] of [
        ['token', 'https://h/a/fhir/token'],
        ['/token', 'https://h/token'],
        ['../token', 'https://h/a/token'],
        ['//other/token', 'https://other/token'],
        ['https://other/token', 'https://other/token'],
        ['token?x=/../y', 'https://h/a/fhir/token?x=/../y'],
        ['../../../../token', 'https://h/token']
      ] as const)
        for (const base of ['https://h/a/fhir', 'https://h/a/fhir/'])
          expect(resolveEndpoint(base, endpoint)).toBe(address)
    }
  ),
  row(
    'DIS-056 DIS-057',
    'the validator warns where introspection_endpoint or revocation_endpoint is not published',
    () => {
      const { introspection_endpoint: _introspection, revocation_endpoint: _revocation, ...bare } = sample
      expect(found(bare)).toEqual(expect.arrayContaining(['DIS-056 warning', 'DIS-057 warning']))
      expect(found(sample).filter((one) => /^DIS-05[67]/.test(one))).toEqual([])
    }
  ),
  row(
    'DIS-061',
    'the sample document of the guide has no error; that it serves private_key_jwt without the capability is a warning',
    () => {
      const findings = found(sample)
      expect(findings.filter((one) => one.endsWith('error'))).toEqual([])
      expect(findings).toContain('DIS-062 warning')
      expect(supportedSets(sample.capabilities)).toEqual(['Patient Access for EHR Launch'])
    }
  ),
  row(
    'DIS-068',
    'context-passthrough-banner and -style are no capabilities: they are found, and count for nothing',
    () => {
      expect(
        found({
          ...sample,
          capabilities: [...sample.capabilities, 'context-passthrough-banner', 'context-passthrough-style']
        })
      ).toContain('DIS-068 warning')
      expect(found(sample)).not.toContain('DIS-068 warning')
    }
  ),
  row(
    'DIS-109 DIS-004',
    'the validator refuses a document without the addresses that an app needs before it can ask for authorization',
    async () => {
      expect(found(await without('authorization_endpoint'))).toContain('DIS-045 error')
      expect(found(await without('token_endpoint'))).toContain('DIS-047 error')
      expect(found(await configurationOf()).filter((one) => /^DIS-04[57]/.test(one))).toEqual([])
    }
  ),
  row(
    'DIS-308',
    'the names of header fields are read in any case: at the edge they become lower case, and the engine reads those',
    async () => {
      const fixture = newFixture()
      const seen: Array<string | undefined> = []
      const handler = webHandler((request) => () => {
        seen.push(request.headers['authorization'])
        return protocol(fixture, get(wellKnown))
      })
      for (const name of ['AUTHORIZATION', 'Authorization', 'authorization', 'aUTHORIZATION'])
        await handler(new Request('https://ehr.example/x', { headers: { [name]: 'Bearer x' } }))
      expect(seen).toEqual(['Bearer x', 'Bearer x', 'Bearer x', 'Bearer x'])
    }
  )
]
