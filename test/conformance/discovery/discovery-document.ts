/** Rows of the area "discovery": the document that the server publishes. */
import { expect } from 'vitest'
import type { Shown } from '../matrix.js'
import {
  asConfidential,
  documentAt,
  launchedTokens,
  outcomeOf,
  protocol,
  releases,
  tokensOf,
  tokensWith
} from '../../support/steps.js'
import { row } from '../matrix.js'
import type { Body } from '../../support/steps.js'
import {
  authorize,
  authorizationParameters,
  exchange,
  fhirBaseUrl,
  get,
  issuer,
  newFixture,
  post
} from '../../support/server-fixture.js'
import type { Fixture } from '../../support/server-fixture.js'
import { authorizationServer } from '../../../src/engine/server/authorization-server.js'
import type { Features } from '../../../src/protocol/discovery/features.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'
import { checkSmartConfiguration } from '../../../src/protocol/discovery/smart-configuration-check.js'
import { isAbsoluteHttpUrl } from '../../../src/values/urls.js'
import { parse } from '../../../src/scopes/parse.js'

export const wellKnown = '/fhir/.well-known/smart-configuration'

const fixture = (features: Partial<Features> = {}, policy: Partial<SmartPolicy> = {}): Fixture =>
  newFixture({ settings: { features }, policy })

/** The SMART configuration of a server with these features. */
export const configurationOf = (features: Partial<Features> = {}, policy: Partial<SmartPolicy> = {}): Promise<Body> =>
  documentAt(fixture(features, policy), wellKnown)

const capabilitiesOf = async (features: Partial<Features> = {}, policy: Partial<SmartPolicy> = {}): Promise<unknown> =>
  (await configurationOf(features, policy))['capabilities']

/** That a capability is announced with some features, and not with others. */
const expectAnnounced = async (
  capability: string,
  without: Partial<Features>,
  with_: Partial<Features> = {}
): Promise<void> => {
  expect(await capabilitiesOf(with_)).toContain(capability)
  expect(await capabilitiesOf(without)).not.toContain(capability)
}

const outcomeOfRequest = async (where: Fixture, change: Readonly<Record<string, string | null>>): Promise<string> =>
  outcomeOf(await authorize(where, change))

/** Settings as a host would give them, and which of them are refused. */
const refusedSettings = (
  features: Partial<Features>,
  specVersion: (typeof releases)[number],
  scopesSupported?: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const built = authorizationServer(
    {
      issuer,
      fhirBaseUrl,
      features,
      policy: { specVersion },
      ...(scopesSupported === undefined ? {} : { scopesSupported })
    },
    newFixture().ports
  )
  return built._tag === 'Left' ? built.left.map(({ path }) => path) : []
}

export const documentRows: ReadonlyArray<Shown> = [
  row(
    'DIS-003 DIS-005 DIS-007',
    'the document that a server publishes has no finding of an error in the validator, in every release, and ' +
      'satisfies a capability set',
    async () => {
      for (const specVersion of releases) {
        const findings = checkSmartConfiguration(await configurationOf({}, { specVersion }), {
          specVersion,
          purpose: 'launch'
        })
        expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
        expect(findings.map(({ requirement }) => requirement)).not.toContain('DIS-007')
        expect(await configurationOf({}, { specVersion })).toMatchObject({
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`
        })
      }
    }
  ),
  row(
    'DIS-035 DIS-036 DIS-110',
    'the document is served below the FHIR base URL, whatever path that has, with and without a slash at its end',
    async () => {
      for (const [base, path] of [
        ['https://h.example', ''],
        ['https://h.example/', ''],
        ['https://h.example/apis/fhir', '/apis/fhir'],
        ['https://h.example/apis/fhir/', '/apis/fhir']
      ] as const) {
        const server = newFixture({ settings: { fhirBaseUrl: base } })
        expect(await documentAt(server, `${path}/.well-known/smart-configuration`)).toHaveProperty('capabilities')
        if (path !== '')
          expect(server.server.endpoints.protocol(get('/.well-known/smart-configuration'))._tag).toBe('None')
      }
    }
  ),
  row(
    'DIS-037 DIS-038 DIS-039 DIS-040',
    'the answer is application/json with the status 200, whatever Accept says, or says nothing',
    async () => {
      const plain = await protocol(newFixture(), get(wellKnown))
      expect([plain.status, plain.headers['content-type']]).toEqual([200, expect.stringMatching(/^application\/json/)])
      for (const accept of ['text/html', 'application/xml', 'application/fhir+json', '*/*', ''])
        expect(await protocol(newFixture(), get(wellKnown, '', { accept }))).toEqual(plain)
      expect((await protocol(newFixture(), post(wellKnown, []))).status).toBe(405)
    }
  ),
  row('DIS-016', 'launch-ehr is announced where EHR launches are served; where not, they are refused', async () => {
    await expectAnnounced('launch-ehr', { launchKinds: ['standalone'] })
    expect(await outcomeOfRequest(fixture({ launchKinds: ['standalone'] }), { launch: 'x', scope: 'launch' })).toMatch(
      /^redirect (?!code)/
    )
    expect(await launchedTokens({}, { patient: '1' }, 'launch')).toMatchObject({ patient: '1' })
  }),
  row(
    'DIS-017',
    'launch-standalone is announced where standalone launches are served; where not, they are refused',
    async () => {
      await expectAnnounced('launch-standalone', { launchKinds: ['ehr'] })
      expect(await outcomeOfRequest(fixture({ launchKinds: ['ehr'] }), {})).toMatch(/^redirect (?!code)/)
      expect(await outcomeOfRequest(fixture(), {})).toBe('NeedsUser')
    }
  ),
  row('DIS-018', 'authorize-post is announced, and POST is served, in every release', async () => {
    for (const specVersion of releases) {
      expect(await capabilitiesOf({}, { specVersion })).toContain('authorize-post')
      expect(
        outcomeOf(
          await fixture({}, { specVersion }).server.endpoints.authorize(post('/authorize', authorizationParameters()))()
        )
      ).toBe('NeedsUser')
    }
    expect(await capabilitiesOf({ launchKinds: [] })).not.toContain('authorize-post')
  }),
  row(
    'DIS-019 DIS-020 DIS-021 DIS-062',
    'client-public, -symmetric and -asymmetric are announced where that way to authenticate is served; a ' +
      'client that uses another is refused',
    async () => {
      await expectAnnounced('client-public', { authenticationMethods: ['client_secret_basic', 'private_key_jwt'] })
      await expectAnnounced('client-confidential-symmetric', { authenticationMethods: ['none', 'private_key_jwt'] })
      await expectAnnounced('client-confidential-asymmetric', {
        authenticationMethods: ['none', 'client_secret_basic']
      })
      const secretsOnly = fixture({ authenticationMethods: ['client_secret_basic'] })
      expect((await exchange(secretsOnly, 'g.c.x')).status).toBe(401)
      const publicOnly = fixture({ authenticationMethods: ['none'] })
      expect(await outcomeOfRequest(publicOnly, { client_id: 'sym-app' })).toBe('redirect unauthorized_client')
      expect((await exchange(publicOnly, 'g.c.x', { client_id: null }, asConfidential)).status).toBe(401)
    }
  ),
  row(
    'DIS-022 DIS-041 DIS-042 DIS-043 DIS-044',
    'sso-openid-connect, issuer and jwks_uri are there where users are identified; where not, there is no issuer',
    async () => {
      await expectAnnounced('sso-openid-connect', { openid: false })
      expect(await configurationOf()).toMatchObject({ issuer, jwks_uri: `${issuer}/jwks` })
      expect(await configurationOf({ openid: false })).not.toHaveProperty('issuer')
      const bare = { capabilities: ['launch-standalone'], jwks_uri: `${issuer}/jwks` }
      expect(
        checkSmartConfiguration(bare, { specVersion: '2.0.0', purpose: 'launch' }).filter(
          ({ at }) => at === '/jwks_uri'
        )
      ).toEqual([])
    }
  ),
  row(
    'DIS-023',
    'context-banner is announced where EHR launches say need_patient_banner, and the member is returned',
    async () => {
      await expectAnnounced('context-banner', { banner: false })
      expect(await capabilitiesOf({ launchKinds: ['standalone'] })).not.toContain('context-banner')
      expect(await launchedTokens({}, { need_patient_banner: false }, 'launch')).toMatchObject({
        need_patient_banner: false
      })
    }
  ),
  row(
    'DIS-024',
    'context-style is announced where EHR launches have style hints, and smart_style_url is returned',
    async () => {
      await expectAnnounced('context-style', { style: false })
      expect(await capabilitiesOf({ launchKinds: ['standalone'] })).not.toContain('context-style')
      expect(await launchedTokens({}, { smart_style_url: 'https://ehr.example/s.json' }, 'launch')).toMatchObject({
        smart_style_url: 'https://ehr.example/s.json'
      })
    }
  ),
  row(
    'DIS-025 DIS-026',
    'context-ehr-patient and -encounter are announced with EHR launches, which tell patient and encounter for ' +
      'launch/patient and launch/encounter',
    async () => {
      for (const capability of ['context-ehr-patient', 'context-ehr-encounter'])
        await expectAnnounced(capability, { launchKinds: ['standalone'] })
      expect(
        await launchedTokens({}, { patient: '1', encounter: '2' }, 'launch launch/patient launch/encounter')
      ).toMatchObject({ patient: '1', encounter: '2' })
    }
  ),
  row(
    'DIS-027 DIS-028',
    'context-standalone-patient and -encounter are announced where a user can choose them, and the choice is returned',
    async () => {
      await expectAnnounced('context-standalone-patient', { contextTypes: ['encounter'] })
      await expectAnnounced('context-standalone-encounter', { contextTypes: ['patient'] })
      expect(await tokensWith({}, { scope: 'launch/patient launch/encounter' })).toMatchObject({
        patient: '123',
        encounter: 'e1'
      })
      expect(
        (await tokensOf(fixture({ contextTypes: ['patient'] }), { scope: 'launch/patient launch/encounter' }))['scope']
      ).toBe('launch/patient')
    }
  ),
  row(
    'DIS-029 DIS-030 DIS-307',
    'permission-offline and permission-online are announced where such refresh tokens are given',
    async () => {
      await expectAnnounced('permission-offline', { offlineAccess: false })
      await expectAnnounced('permission-online', { onlineAccess: false }, { onlineAccess: true })
      expect(
        await capabilitiesOf({ onlineAccess: true, launchKinds: ['standalone'] }, { specVersion: '2.2.0' })
      ).not.toContain('permission-online')
      expect(await tokensOf(fixture({ offlineAccess: false }), { scope: 'openid offline_access' })).not.toHaveProperty(
        'refresh_token'
      )
      expect(await tokensOf(fixture({ onlineAccess: false }), { scope: 'openid online_access' })).not.toHaveProperty(
        'refresh_token'
      )
      for (const scope of ['openid offline_access', 'openid online_access'])
        expect(await tokensOf(fixture(), { scope })).toHaveProperty('refresh_token')
    }
  ),
  row(
    'DIS-031 DIS-032',
    'permission-patient and permission-user are announced where such scopes are granted; where not, they are left out',
    async () => {
      await expectAnnounced('permission-patient', { levels: ['user'] })
      await expectAnnounced('permission-user', { levels: ['patient'] })
      expect((await tokensOf(fixture({ levels: ['user'] }), { scope: 'openid patient/*.rs user/*.rs' }))['scope']).toBe(
        'openid user/*.rs'
      )
      expect(
        (await tokensOf(fixture({ levels: ['patient'] }), { scope: 'openid patient/*.rs user/*.rs' }))['scope']
      ).toBe('openid patient/*.rs')
    }
  ),
  row(
    'DIS-033 DIS-034',
    'permission-v1 and permission-v2 are announced, and each spelling is granted, unless it is switched off',
    async () => {
      await expectAnnounced('permission-v1', { scopeVersions: ['v2'] })
      await expectAnnounced('permission-v2', { scopeVersions: ['v1'] })
      const scope = 'openid patient/*.read patient/Observation.rs?category=x'
      expect((await tokensOf(fixture(), { scope }))['scope']).toBe(scope)
      expect((await tokensOf(fixture({ scopeVersions: ['v2'] }), { scope }))['scope']).toBe(
        'openid patient/Observation.rs?category=x'
      )
      expect((await tokensOf(fixture({ scopeVersions: ['v1'] }), { scope }))['scope']).toBe('openid patient/*.read')
    }
  ),
  row(
    'DIS-045 DIS-301',
    'authorization_endpoint is there whatever is served, and from 2.2.0 on where launches are',
    async () => {
      for (const specVersion of releases) {
        expect(await configurationOf({}, { specVersion })).toHaveProperty('authorization_endpoint')
        expect([
          specVersion,
          'authorization_endpoint' in (await configurationOf({ launchKinds: [] }, { specVersion }))
        ]).toEqual([specVersion, specVersion !== '2.2.0'])
      }
    }
  ),
  row(
    'DIS-046 DIS-047 DIS-048 DIS-054',
    'grant types, response types and ways to authenticate follow from what is served; token_endpoint is always there',
    async () => {
      expect(await configurationOf()).toMatchObject({
        token_endpoint: `${issuer}/token`,
        grant_types_supported: ['authorization_code', 'client_credentials'],
        response_types_supported: ['code'],
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt']
      })
      expect((await configurationOf({ backendServices: false }))['grant_types_supported']).toEqual([
        'authorization_code'
      ])
      expect((await configurationOf({ launchKinds: [] }))['grant_types_supported']).toEqual(['client_credentials'])
      expect((await configurationOf({}, { advertiseRefreshGrant: true }))['grant_types_supported']).toContain(
        'refresh_token'
      )
      expect(
        (await configurationOf({}, { allowClientSecretPost: true }))['token_endpoint_auth_methods_supported']
      ).toContain('client_secret_post')
    }
  ),
  row('DIS-049', 'registration_endpoint is there where clients can register themselves', async () => {
    expect(await configurationOf()).not.toHaveProperty('registration_endpoint')
    const open = newFixture({ settings: { registration: { mode: 'open' } } })
    expect(await documentAt(open, wellKnown)).toMatchObject({ registration_endpoint: `${issuer}/register` })
    expect(open.server.endpoints.protocol(post('/register', []))._tag).toBe('Some')
  }),
  row(
    'DIS-050 DIS-051 DIS-052',
    'scopes_supported is there; each of them is granted to a client that registered it, and one that is not ' +
      'listed can be granted too',
    async () => {
      const listed = (await configurationOf())['scopes_supported'] as ReadonlyArray<string>
      expect(listed).toContain('patient/*.rs')
      for (const scope of listed.filter((one) => !one.startsWith('system/') && one !== 'launch' && one !== 'fhirUser'))
        expect((await tokensWith({}, { scope }))['scope']).toBe(scope)
      expect(
        parse(listed.join(' ')).filter(({ _tag }) => _tag === 'MalformedScope' || _tag === 'UnknownScope')
      ).toEqual([])
      expect((await tokensWith({}, { scope: 'patient/Observation.r' }))['scope']).toBe('patient/Observation.r')
    }
  ),
  row('DIS-055', 'management_endpoint is passed on as the host says it, when it is an absolute address', async () => {
    expect(await configurationOf({ managementEndpoint: 'https://ehr.example/apps' })).toMatchObject({
      management_endpoint: 'https://ehr.example/apps'
    })
    expect(await configurationOf()).not.toHaveProperty('management_endpoint')
    expect(refusedSettings({ managementEndpoint: '/apps' }, '2.0.0')).toEqual(['features.managementEndpoint'])
  }),
  row(
    'DIS-058 DIS-059 DIS-060 DIS-108',
    'capabilities and code_challenge_methods_supported are there, the latter with S256 and without plain, ' +
      'whatever is served',
    async () => {
      for (const specVersion of releases) {
        for (const features of [{}, { launchKinds: [] }, { openid: false }] as const) {
          const document = await configurationOf(features, { specVersion })
          expect([document['code_challenge_methods_supported'], Array.isArray(document['capabilities'])]).toEqual([
            ['S256'],
            true
          ])
        }
      }
    }
  ),
  row(
    'DIS-063 DIS-064 DIS-065 DIS-067 DIS-102',
    'with asymmetric clients scopes_supported, private_key_jwt and the algorithms are there, RS384 or ES384 ' +
      'among them and never none; the document is fit for backend services',
    async () => {
      for (const specVersion of releases) {
        const document = await configurationOf({}, { specVersion })
        expect(document).toMatchObject({
          token_endpoint_auth_methods_supported: expect.arrayContaining(['private_key_jwt']) as unknown,
          token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384']
        })
        expect(
          checkSmartConfiguration(document, { specVersion, purpose: 'backend' }).filter(
            ({ severity }) => severity === 'error'
          )
        ).toEqual([])
      }
      expect(await configurationOf({ authenticationMethods: ['none'] })).not.toHaveProperty(
        'token_endpoint_auth_signing_alg_values_supported'
      )
      const odd = authorizationServer(
        { issuer, fhirBaseUrl, assertionAlgorithms: ['none', 'RS384'] },
        newFixture().ports
      )
      expect(odd._tag).toBe('Left')
    }
  ),
  row(
    'DIS-010 DIS-306 DIS-009',
    "capabilities of one's own are full URIs; before 2.2.0 a simple name is taken too, which guides of HL7 may define",
    async () => {
      for (const specVersion of releases) {
        expect(await capabilitiesOf({ furtherCapabilities: ['https://ehr.example/cap'] }, { specVersion })).toContain(
          'https://ehr.example/cap'
        )
        expect([specVersion, refusedSettings({ furtherCapabilities: ['their-capability'] }, specVersion)]).toEqual([
          specVersion,
          specVersion === '2.2.0' ? ['features.furtherCapabilities'] : []
        ])
        expect(refusedSettings({ furtherCapabilities: ['not a name'] }, specVersion)).toEqual([
          'features.furtherCapabilities'
        ])
      }
    }
  ),
  row(
    'DIS-101 DIS-107',
    'the metadata of RFC 8414 and of OpenID Connect say the same as the SMART configuration, with what its ' +
      'lists have no words for, and that iss stands on the answers',
    async () => {
      for (const issParameter of [true, false]) {
        const where = fixture({}, { issParameter })
        const { capabilities: _capabilities, ...smart } = await documentAt(where, wellKnown)
        expect(smart['authorization_response_iss_parameter_supported']).toBe(issParameter)
        const more = {
          grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
          token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'private_key_jwt']
        }
        for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']) {
          expect(await documentAt(where, path)).toMatchObject({ ...smart, ...more })
        }
        expect(smart).toMatchObject({
          grant_types_supported: ['authorization_code', 'client_credentials'],
          token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt']
        })
      }
      // RFC 8414, section 3: where the issuer has a path, the well-known part stands before it.
      for (const path of ['/.well-known/oauth-authorization-server/auth', '/auth/.well-known/openid-configuration']) {
        expect(await documentAt(newFixture({ settings: { issuer: 'https://ehr.example/auth/' } }), path)).toMatchObject(
          {
            issuer: 'https://ehr.example/auth/'
          }
        )
      }
    }
  ),
  row(
    'DIS-104',
    'the issuer is an https address without query and fragment; http is taken on a loopback address alone',
    () => {
      for (const [wrong, paths] of [
        ['http://ehr.example', ['issuer']],
        ['https://ehr.example?x', ['issuer']],
        ['https://ehr.example#x', ['issuer']],
        ['ehr.example', ['issuer']],
        ['http://127.0.0.1:8080', []],
        ['https://ehr.example/a', []]
      ] as const) {
        const built = authorizationServer({ issuer: wrong, fhirBaseUrl }, newFixture().ports)
        expect([wrong, built._tag === 'Left' ? built.left.map(({ path }) => path) : []]).toEqual([wrong, paths])
      }
    }
  ),
  row('DIS-105', 'lists without members are left out', async () => {
    const nameless: ReadonlyArray<readonly [Partial<Features>, ReadonlyArray<string>]> = [
      [{ authenticationMethods: ['none'] }, ['token_endpoint_auth_signing_alg_values_supported']],
      [{ launchKinds: [] }, ['response_types_supported', 'response_modes_supported']]
    ]
    for (const [features, names] of nameless) {
      const document = await configurationOf(features, { specVersion: '2.2.0' })
      for (const name of names) expect(document).not.toHaveProperty(name)
      expect(Object.values(document)).not.toContainEqual([])
    }
    // A list that is left out means client_secret_basic (RFC 8414, section 2): a server of public apps alone says so.
    const ofPublicApps = await configurationOf({ authenticationMethods: ['none'] }, { specVersion: '2.2.0' })
    expect(ofPublicApps['token_endpoint_auth_methods_supported']).toEqual(['none'])
  }),
  row('DIS-201', 'every address in every document is absolute', async () => {
    for (const specVersion of releases) {
      const where = newFixture({ policy: { specVersion }, settings: { registration: { mode: 'open' } } })
      for (const path of [wellKnown, '/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']) {
        const addresses = Object.entries(await documentAt(where, path)).filter(([name]) =>
          /(?:_endpoint|_uri|issuer)$/.test(name)
        )
        expect(addresses.length).toBeGreaterThan(3)
        expect(addresses.filter(([, value]) => typeof value !== 'string' || !isAbsoluteHttpUrl(value))).toEqual([])
      }
    }
  }),
  row(
    'DIS-203 DIS-204 DIS-205 DIS-302 DIS-313',
    'state of apps: announced from 2.1.0 on, with smart_app_state_endpoint where it is kept apart, in 2.2.0 as ' +
      'an associated endpoint instead; unknown to 2.0.0',
    async () => {
      const apart = { appStateEndpoint: 'https://state.example/fhir' }
      const document = await configurationOf(apart, { specVersion: '2.1.0' })
      expect([document['smart_app_state_endpoint'], document['associated_endpoints']]).toEqual([
        'https://state.example/fhir',
        undefined
      ])
      expect(document['capabilities']).toContain('smart-app-state')
      const newer = await configurationOf(apart, { specVersion: '2.2.0' })
      expect([newer['smart_app_state_endpoint'], newer['associated_endpoints']]).toEqual([
        undefined,
        [{ url: 'https://state.example/fhir', capabilities: ['smart-app-state'] }]
      ])
      for (const specVersion of ['2.1.0', '2.2.0'] as const) {
        const own = await configurationOf({ appStateEndpoint: fhirBaseUrl }, { specVersion })
        expect([own['smart_app_state_endpoint'], own['associated_endpoints']]).toEqual([undefined, undefined])
        expect(own['capabilities']).toContain('smart-app-state')
      }
      expect(refusedSettings(apart, '2.0.0')).toEqual(['features.appStateEndpoint'])
      expect(await capabilitiesOf({}, { specVersion: '2.1.0' })).not.toContain('smart-app-state')
    }
  ),
  row(
    'DIS-303',
    'associated endpoints are passed on in 2.2.0, each with an absolute address; other releases do not know them',
    async () => {
      const associatedEndpoints = [{ url: 'https://other.example/fhir', capabilities: ['https://x.example/c'] }]
      expect(await configurationOf({ associatedEndpoints }, { specVersion: '2.2.0' })).toMatchObject({
        associated_endpoints: associatedEndpoints
      })
      for (const specVersion of ['2.0.0', '2.1.0'] as const)
        expect(refusedSettings({ associatedEndpoints }, specVersion)).toEqual(['features.associatedEndpoints'])
      expect(refusedSettings({ associatedEndpoints: [{ url: '/fhir', capabilities: [] }] }, '2.2.0')).toEqual([
        'features.associatedEndpoints'
      ])
    }
  ),
  row(
    'DIS-304 DIS-305',
    'brand bundle and brand identifier are passed on in 2.2.0; the identifier has a value',
    async () => {
      const brands = {
        bundle: 'https://ehr.example/brands.json',
        identifier: { system: 'urn:ietf:rfc:3986', value: 'https://ehr.example' }
      }
      expect(await configurationOf({ brands }, { specVersion: '2.2.0' })).toMatchObject({
        user_access_brand_bundle: brands.bundle,
        user_access_brand_identifier: brands.identifier
      })
      expect(
        await configurationOf({ brands: { ...brands, identifier: null } }, { specVersion: '2.2.0' })
      ).not.toHaveProperty('user_access_brand_identifier')
      expect(refusedSettings({ brands }, '2.1.0')).toEqual(['features.brands'])
      expect(refusedSettings({ brands: { ...brands, identifier: { value: '' } } }, '2.2.0')).toEqual([
        'features.brands'
      ])
    }
  )
]
