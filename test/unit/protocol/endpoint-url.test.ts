import * as Either from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { serverContextOf } from '../../../src/engine/server/create-context.js'
import type { Ports } from '../../../src/engine/ports.js'
import { neededCapabilities, supportedSets } from '../../../src/protocol/discovery/capability-sets.js'
import { discoveryUrl, resolveEndpoint } from '../../../src/protocol/discovery/endpoint-url.js'
import type { Features } from '../../../src/protocol/discovery/features.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'
import type { CheckSettings } from '../../../src/protocol/discovery/smart-configuration-check.js'
import { checkSmartConfiguration } from '../../../src/protocol/discovery/smart-configuration-check.js'
import {
  authorizationServerMetadata,
  openidConfiguration,
  smartConfiguration
} from '../../../src/protocol/discovery/smart-configuration.js'
import type { SmartConfiguration } from '../../../src/protocol/discovery/smart-configuration.js'

const documentOf = (features: Partial<Features> = {}, policy: Partial<SmartPolicy> = {}): SmartConfiguration => {
  const serverContext = serverContextOf(
    { issuer: 'https://ehr.example', fhirBaseUrl: 'https://ehr.example/fhir', features, policy },
    {} as Ports
  )
  if (Either.isLeft(serverContext)) throw new Error(JSON.stringify(serverContext.left))
  return smartConfiguration(serverContext.right.facts)
}

const versions = ['2.0.0', '2.1.0', '2.2.0'] as const

describe('the capabilities', () => {
  it.each<readonly [string, Partial<Features>]>([
    ['launch-ehr', { launchKinds: ['standalone'] }],
    ['launch-standalone', { launchKinds: ['ehr'] }],
    ['authorize-post', { launchKinds: [] }],
    ['client-public', { authenticationMethods: ['client_secret_basic'] }],
    ['client-confidential-symmetric', { authenticationMethods: ['none'] }],
    ['client-confidential-asymmetric', { authenticationMethods: ['none'] }],
    ['sso-openid-connect', { openid: false }],
    ['context-banner', { banner: false }],
    ['context-style', { style: false }],
    ['context-ehr-patient', { launchKinds: ['standalone'] }],
    ['context-ehr-encounter', { launchKinds: ['standalone'] }],
    ['context-standalone-patient', { contextTypes: ['encounter'] }],
    ['context-standalone-encounter', { contextTypes: ['patient'] }],
    ['permission-offline', { offlineAccess: false }],
    ['permission-patient', { levels: ['user'] }],
    ['permission-user', { levels: ['patient'] }],
    ['permission-v1', { scopeVersions: ['v2'] }],
    ['permission-v2', { scopeVersions: ['v1'] }]
  ])('%s is there exactly when it is served', (capability, without) => {
    expect(documentOf().capabilities).toContain(capability)
    expect(documentOf(without).capabilities).not.toContain(capability)
  })

  it('permission-online is there when sessions are kept', () => {
    expect(documentOf().capabilities).not.toContain('permission-online')
    expect(documentOf({ onlineAccess: true }).capabilities).toContain('permission-online')
  })

  it('without any launch say nothing of what only users and their apps could have', () => {
    const backend = documentOf({ launchKinds: [], onlineAccess: true })
    expect(backend.capabilities).toEqual(['client-confidential-asymmetric', 'permission-v1', 'permission-v2'])
    expect([backend.issuer, backend.jwks_uri]).toEqual([undefined, undefined])
    expect(backend.token_endpoint_auth_methods_supported).toEqual(['private_key_jwt'])
    expect(backend.introspection_endpoint_auth_methods_supported).toContain('client_secret_basic')
  })

  it('promise patient scopes only where a patient can be had', () => {
    expect(documentOf({ launchKinds: ['standalone'], contextTypes: [] }).capabilities).not.toContain(
      'permission-patient'
    )
    expect(documentOf({ launchKinds: ['ehr'], contextTypes: [] }).capabilities).toContain('permission-patient')
  })

  it('promise no level of scopes where no syntax of scopes is served', () => {
    expect(documentOf({ scopeVersions: [] }).capabilities.filter((name) => name.startsWith('permission-'))).toEqual([
      'permission-offline'
    ])
  })

  it("are nothing but an URI where they are one's own: a name of the guide is not given by hand", () => {
    for (const name of ['client-public', 'launch-ehr', 'permission-online', 'smart-app-state']) {
      expect(() => documentOf({ furtherCapabilities: [name] })).toThrow('furtherCapabilities')
    }
    expect(
      documentOf({ furtherCapabilities: ['https://ehr.example/cap', 'https://ehr.example/cap'] }).capabilities.filter(
        (name) => name.startsWith('https:')
      )
    ).toHaveLength(1)
  })

  it("of one's own are full URIs, from 2.2.0 on without exception", () => {
    expect(documentOf({ furtherCapabilities: ['https://ehr.example/cap'] }).capabilities).toContain(
      'https://ehr.example/cap'
    )
    expect(() => documentOf({ furtherCapabilities: ['smart-app-state'] }, { specVersion: '2.2.0' })).toThrow(
      'furtherCapabilities'
    )
    expect(() => documentOf({ furtherCapabilities: ['not a name'] })).toThrow('furtherCapabilities')
  })
})

describe('the documents', () => {
  it('are not made for a server that serves nothing', () => {
    expect(() => documentOf({ launchKinds: [], backendServices: false })).toThrow('features.launchKinds')
    expect(() => documentOf({ launchKinds: [], authenticationMethods: ['client_secret_basic'] })).toThrow(
      'features.launchKinds'
    )
    expect(() => documentOf({ launchKinds: [], scopeVersions: [] })).toThrow('scopesSupported')
    expect(() =>
      documentOf({
        launchKinds: ['standalone'],
        contextTypes: [],
        levels: ['patient'],
        openid: false,
        offlineAccess: false,
        backendServices: false
      })
    ).toThrow('scopesSupported')
    expect(() => documentOf({ authenticationMethods: [] })).toThrow('features.authenticationMethods')
    expect(() => documentOf({ authenticationMethods: ['client_secret_post'] })).toThrow(
      'features.authenticationMethods'
    )
    expect(
      documentOf({ authenticationMethods: ['client_secret_post'] }, { allowClientSecretPost: true })
        .token_endpoint_auth_methods_supported
    ).toEqual(['client_secret_post'])
  })

  it('leave out what is not served', () => {
    const bare = documentOf({ openid: false, launchKinds: [] }, { specVersion: '2.2.0' })
    for (const member of [
      'issuer',
      'jwks_uri',
      'authorization_endpoint',
      'management_endpoint',
      'response_types_supported'
    ]) {
      expect(Object.hasOwn(bare, member)).toBe(false)
    }
    expect(bare.grant_types_supported).toEqual(['client_credentials'])
    expect(Object.hasOwn(documentOf({ launchKinds: [] }), 'authorization_endpoint')).toBe(true)
    expect(documentOf({ managementEndpoint: 'https://ehr.example/apps' }).management_endpoint).toBe(
      'https://ehr.example/apps'
    )
  })

  it.each<readonly [string, Partial<Features>, Partial<SmartPolicy>, ReadonlyArray<string>]>([
    ['no launch', { launchKinds: [] }, {}, ['system/*.rs']],
    [
      'no launch, but backend services with context',
      { launchKinds: [] },
      { backendNonSystemScopes: 'allow' },
      ['patient/*.rs', 'user/*.rs', 'system/*.rs']
    ],
    [
      'no signed assertions',
      { authenticationMethods: ['none'] },
      {},
      [
        'openid',
        'fhirUser',
        'launch',
        'launch/patient',
        'launch/encounter',
        'offline_access',
        'patient/*.rs',
        'user/*.rs'
      ]
    ],
    [
      'version 1 alone',
      { scopeVersions: ['v1'], openid: false, launchKinds: ['ehr'], contextTypes: [], offlineAccess: false },
      {},
      ['launch', 'patient/*.read', 'user/*.read', 'system/*.read']
    ],
    [
      'no version of resource scopes',
      { scopeVersions: [] },
      {},
      ['openid', 'fhirUser', 'launch', 'launch/patient', 'launch/encounter', 'offline_access']
    ],
    [
      'no patient to be had',
      { launchKinds: ['standalone'], contextTypes: [], backendServices: false },
      {},
      ['openid', 'fhirUser', 'offline_access', 'user/*.rs']
    ],
    [
      'online access',
      {
        onlineAccess: true,
        launchKinds: ['standalone'],
        contextTypes: [],
        levels: [],
        openid: false,
        backendServices: false
      },
      {},
      ['offline_access', 'online_access']
    ],
    [
      'online access that standalone apps do not get',
      {
        onlineAccess: true,
        launchKinds: ['standalone'],
        contextTypes: [],
        levels: [],
        openid: false,
        backendServices: false
      },
      { specVersion: '2.2.0' },
      ['offline_access']
    ]
  ])('show only scopes that can be granted: %s', (_name, some, policy, shown) => {
    expect(documentOf(some, policy).scopes_supported).toEqual(shown)
  })

  it.each<readonly [string, Partial<Features>]>([
    ['openid', { openid: false }],
    ['system/*.rs', { backendServices: false }],
    ['patient/*.rs', { scopeVersions: ['v1'] }],
    ['launch', { launchKinds: ['standalone'] }],
    ['launch/practitioner', { launchKinds: ['standalone'] }],
    ['launch/practitioner?role=x', {}],
    ['offline_access', { offlineAccess: false }],
    ['online_access', {}],
    ['my-scope', { launchKinds: [] }],
    ['patient/Observation.sr', {}],
    ['openid fhirUser', {}],
    ['', {}],
    ['"', {}]
  ])('show no example that no client can be granted: %s', (scope, some) => {
    const settings = { issuer: 'https://ehr.example', fhirBaseUrl: 'https://ehr.example/fhir', features: some }
    const refused = serverContextOf({ ...settings, scopesSupported: ['user/*.read', scope] }, {} as Ports)
    expect(Either.isLeft(refused) ? refused.left.map(({ path, found }) => [path, found]) : []).toContainEqual([
      'scopesSupported',
      JSON.stringify(scope)
    ])
  })

  it('say the same of what they share', () => {
    const serverContext = serverContextOf(
      { issuer: 'https://ehr.example', fhirBaseUrl: 'https://ehr.example/fhir' },
      {} as Ports
    )
    if (Either.isLeft(serverContext)) throw new Error('settings')
    const { capabilities: _capabilities, ...smart } = smartConfiguration(serverContext.right.facts)
    // Where the guide has no option for them, two things stand in the other documents alone.
    const whole = {
      ...smart,
      token_endpoint_auth_methods_supported: ['none', ...(smart.token_endpoint_auth_methods_supported ?? [])],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials']
    }
    expect(authorizationServerMetadata(serverContext.right.facts)).toEqual(whole)
    expect(openidConfiguration(serverContext.right.facts)).toMatchObject(whole)
  })

  const features = fc.record<Partial<Features>>({
    launchKinds: fc.subarray(['ehr', 'standalone']),
    contextTypes: fc.subarray(['patient', 'encounter', 'questionnaire']),
    offlineAccess: fc.boolean(),
    onlineAccess: fc.boolean(),
    levels: fc.subarray(['patient', 'user']),
    scopeVersions: fc.subarray(['v1', 'v2']),
    openid: fc.boolean(),
    authenticationMethods: fc.subarray(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt']),
    backendServices: fc.boolean(),
    banner: fc.boolean(),
    style: fc.boolean(),
    managementEndpoint: fc.constantFrom(null, 'https://ehr.example/apps')
  })

  it('pass the validator, whatever is served, in every release', () => {
    fc.assert(
      fc.property(features, fc.constantFrom(...versions), fc.boolean(), (some, specVersion, allowClientSecretPost) => {
        const {
          authenticationMethods = [],
          backendServices,
          contextTypes = [],
          launchKinds = [],
          levels = [],
          scopeVersions = []
        } = some
        fc.pre(authenticationMethods.some((method) => method !== 'client_secret_post' || allowClientSecretPost))
        fc.pre(
          levels.length > 0 && scopeVersions.length > 0 && (contextTypes.includes('patient') || levels.includes('user'))
        )
        fc.pre(
          launchKinds.length > 0 || (backendServices === true && authenticationMethods.includes('private_key_jwt'))
        )
        const document = documentOf(some, { specVersion, allowClientSecretPost })
        const errors = checkSmartConfiguration(document, { specVersion, purpose: 'launch' }).filter(
          ({ severity }) => severity === 'error'
        )
        expect(errors).toEqual([])
      }),
      { numRuns: 500 }
    )
  })
})

describe('the validator', () => {
  const launch: CheckSettings = { specVersion: '2.0.0', purpose: 'launch' }
  const good = {
    ...documentOf({ managementEndpoint: 'https://ehr.example/apps' }),
    introspection_endpoint: 'https://ehr.example/i',
    revocation_endpoint: 'https://ehr.example/r'
  }
  const { token_endpoint: _token, ...noToken } = good
  const { authorization_endpoint: _authorization, ...noAuthorization } = good
  const without = (member: string): Readonly<Record<string, unknown>> =>
    Object.fromEntries(Object.entries(good).filter(([name]) => name !== member))

  it('has nothing to say about a whole document', () => {
    expect(checkSmartConfiguration(good, launch)).toEqual([])
  })

  const broken: ReadonlyArray<readonly [string, unknown, Partial<CheckSettings>?]> = [
    ['DIS-003 ', []],
    ['DIS-003 ', 'x'],
    ['DIS-003 ', null],
    ['DIS-047 /token_endpoint', noToken],
    ['DIS-045 /authorization_endpoint', noAuthorization],
    ['DIS-045 /authorization_endpoint', noAuthorization, { specVersion: '2.2.0' }],
    ['DIS-058 /capabilities', without('capabilities')],
    ['DIS-058 /capabilities', { ...good, capabilities: ['launch-ehr', 1] }],
    ['DIS-058 /capabilities', { ...good, capabilities: 'launch-ehr' }],
    ['DIS-046 /grant_types_supported', without('grant_types_supported')],
    ['DIS-046 /grant_types_supported', { ...good, grant_types_supported: ['client_credentials'] }],
    [
      'DIS-046 /grant_types_supported',
      { ...good, grant_types_supported: ['authorization_code'] },
      { purpose: 'backend' }
    ],
    ['DIS-059 /code_challenge_methods_supported', without('code_challenge_methods_supported')],
    ['DIS-059 /code_challenge_methods_supported', { ...good, code_challenge_methods_supported: ['S512'] }],
    ['DIS-060 /code_challenge_methods_supported', { ...good, code_challenge_methods_supported: ['S256', 'plain'] }],
    ['DIS-041 /issuer', without('issuer')],
    ['DIS-043 /jwks_uri', without('jwks_uri')],
    ['DIS-042 /issuer', { ...good, capabilities: good.capabilities.filter((one) => one !== 'sso-openid-connect') }],
    ['DIS-104 /issuer', { ...good, issuer: 'https://ehr.example?x=1' }],
    ['DIS-104 /issuer', { ...good, issuer: 'http://ehr.example' }],
    ['DIS-201 /token_endpoint', { ...good, token_endpoint: 'token' }],
    ['DIS-201 /jwks_uri', { ...good, jwks_uri: 7 }],
    ['DIS-063 /scopes_supported', without('scopes_supported')],
    [
      'DIS-064 /token_endpoint_auth_methods_supported',
      { ...good, token_endpoint_auth_methods_supported: ['client_secret_basic'] }
    ],
    [
      'DIS-065 /token_endpoint_auth_signing_alg_values_supported',
      { ...good, token_endpoint_auth_signing_alg_values_supported: ['RS256'] }
    ],
    [
      'DIS-102 /token_endpoint_auth_signing_alg_values_supported',
      { ...good, token_endpoint_auth_signing_alg_values_supported: ['RS384', 'none'] }
    ],
    [
      'DIS-062 /capabilities',
      { ...good, capabilities: good.capabilities.filter((one) => one !== 'client-confidential-asymmetric') }
    ],
    ['DIS-003 /scopes_supported', { ...good, scopes_supported: 'openid' }],
    ['DIS-068 /capabilities', { ...good, capabilities: [...good.capabilities, 'context-passthrough-banner'] }],
    [
      'DIS-007 /capabilities',
      { ...good, capabilities: ['launch-ehr', 'client-confidential-asymmetric', 'sso-openid-connect'] }
    ],
    ['DIS-054 /response_types_supported', without('response_types_supported')],
    ['DIS-055 /management_endpoint', without('management_endpoint')],
    ['DIS-056 /introspection_endpoint', without('introspection_endpoint')],
    ['DIS-057 /revocation_endpoint', without('revocation_endpoint')],
    [
      'DIS-203 /smart_app_state_endpoint',
      { ...good, capabilities: [...good.capabilities, 'smart-app-state'] },
      { specVersion: '2.1.0' }
    ],
    [
      'DIS-302 /smart_app_state_endpoint',
      { ...good, smart_app_state_endpoint: 'https://ehr.example/state' },
      { specVersion: '2.2.0' }
    ],
    ['DIS-303 /associated_endpoints', { ...good, associated_endpoints: [{ url: 'x' }] }, { specVersion: '2.2.0' }],
    ['DIS-304 /user_access_brand_bundle', good, { specVersion: '2.2.0' }],
    [
      'DIS-305 /user_access_brand_identifier',
      { ...good, user_access_brand_identifier: { system: 'x' } },
      { specVersion: '2.2.0' }
    ],
    ['SEC-012 /token_endpoint', { ...good, token_endpoint: 'http://ehr.example/token' }],
    ['SEC-012 /jwks_uri', { ...good, jwks_uri: 'http://127.0.0.1.example/jwks' }],
    ['DIS-105 /scopes_supported', { ...good, scopes_supported: [] }],
    ['DIS-105 /grant_types_supported', { ...good, grant_types_supported: [] }],
    [
      'DIS-107 /authorization_response_iss_parameter_supported',
      { ...good, authorization_response_iss_parameter_supported: 'true' }
    ],
    [
      'DIS-102 /token_endpoint_auth_signing_alg_values_supported',
      without('token_endpoint_auth_signing_alg_values_supported')
    ],
    [
      'DIS-305 /user_access_brand_identifier',
      { ...good, user_access_brand_identifier: { value: 'x' } },
      { specVersion: '2.2.0' }
    ],
    ['DIS-306 /capabilities', { ...good, capabilities: [...good.capabilities, 'their-own'] }, { specVersion: '2.2.0' }],
    [
      'DIS-050 /scopes_supported',
      {
        ...without('scopes_supported'),
        capabilities: good.capabilities.filter((one) => one !== 'client-confidential-asymmetric'),
        token_endpoint_auth_methods_supported: ['client_secret_basic']
      }
    ]
  ]

  it.each(broken)('finds %s', (expected, document, settings) => {
    const found = checkSmartConfiguration(document, {
      ...launch,
      ...(settings as Partial<CheckSettings> | undefined)
    }).map(({ requirement, at }) => `${requirement ?? ''} ${at}`)
    expect(found).toContain(expected)
  })

  it('holds a relative address against a document only where the release says that there must be none', () => {
    const severityOf = (document: unknown, specVersion: CheckSettings['specVersion']) =>
      checkSmartConfiguration(document, { ...launch, specVersion })
        .filter(({ requirement }) => requirement === 'DIS-201')
        .map(({ severity }) => severity)
    for (const token_endpoint of ['token', '/token', '../token?x=1', '//ehr.example/token']) {
      expect(versions.map((version) => severityOf({ ...good, token_endpoint }, version))).toEqual([
        ['warning'],
        ['error'],
        ['error']
      ])
    }
    for (const wrong of [
      { token_endpoint: '' },
      { token_endpoint: 7 },
      { token_endpoint: 'to ken' },
      { token_endpoint: 'javascript:token' },
      { issuer: '/issuer' }
    ]) {
      expect(severityOf({ ...good, ...wrong }, '2.0.0')).toEqual(['error'])
    }
  })

  it('has nothing against http on the machine itself, nor against URIs and names of the guide as capabilities', () => {
    const local = {
      ...good,
      token_endpoint: 'http://127.0.0.1:8080/token',
      jwks_uri: 'http://[::1]/jwks',
      issuer: 'http://localhost'
    }
    expect(checkSmartConfiguration(local, launch)).toEqual([])
    const named = {
      ...good,
      capabilities: [...good.capabilities, 'https://ehr.example/cap', 'permission-online'],
      user_access_brand_identifier: { system: 'urn:x', value: 'y' }
    }
    expect(
      checkSmartConfiguration(named, { ...launch, specVersion: '2.2.0' }).map(({ requirement }) => requirement)
    ).toEqual(['DIS-304'])
  })

  it('takes unknown members and capabilities as they are', () => {
    expect(
      checkSmartConfiguration(
        { ...good, x: 1, __proto__: null, capabilities: [...good.capabilities, 'something-new'] },
        launch
      )
    ).toEqual([])
  })
})

describe('a capability set', () => {
  it.each(Object.entries(neededCapabilities))('%s needs every one of its capabilities', (set, needed) => {
    for (const kind of ['client-public', 'client-confidential-symmetric'])
      expect(supportedSets([...needed, kind])).toContain(set)
    expect(supportedSets([...needed, 'client-confidential-asymmetric'])).not.toContain(set)
    for (const one of needed)
      expect(supportedSets([...needed.filter((other) => other !== one), 'client-public'])).not.toContain(set)
  })
})

describe('addresses of discovery', () => {
  it.each([
    ['https://h/fhir', 'https://h/fhir/.well-known/smart-configuration'],
    ['https://h/fhir/', 'https://h/fhir/.well-known/smart-configuration'],
    ['https://h', 'https://h/.well-known/smart-configuration']
  ])('of %s', (base, url) => {
    expect(discoveryUrl(base)).toBe(url)
  })

  it.each([
    ['token', 'https://h/a/fhir/token'],
    ['/token', 'https://h/token'],
    ['../token', 'https://h/a/token'],
    ['./x/../token?y=/../z', 'https://h/a/fhir/token?y=/../z'],
    ['https://other/token', 'https://other/token'],
    ['//other/token', 'https://other/token'],
    ['../../../../token', 'https://h/token']
  ])('%s is taken below the base', (endpoint, url) => {
    expect(resolveEndpoint('https://h/a/fhir', endpoint)).toBe(url)
    expect(resolveEndpoint('https://h/a/fhir/', endpoint)).toBe(url)
  })
})
