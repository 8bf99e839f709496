/** Misuse of the plain form: one clear message with the name of what is wrong, and no TypeError from inside. */
import { describe, expect, it } from 'vitest'
import { secretDigest } from '../../../src/adapters/client-secrets.js'
import { escapeHtml } from '../../../src/host/html.js'
import { createBackendService, createSmartApp } from '../../../src/plain/app.js'
import { isConfigurationError } from '../../../src/plain/configuration-error.js'
import { createKeys, keysInStore, rotatingKeys } from '../../../src/plain/keys.js'
import { bearerTokenOf, checkPolicy, readSearchQuery } from '../../../src/plain/checks.js'
import { certificateInWords, certify } from '../../../src/plain/scopes/certificates.js'
import { explain } from '../../../src/plain/scopes/explain.js'
import { createMemoryStore } from '../../../src/plain/memory.js'
import { createNodeListener } from '../../../src/plain/node.js'
import { createAuthorizationServer } from '../../../src/plain/server.js'
import { openEtcdStore } from '../../../src/plain/stores/etcd.js'
import { openRedisStore } from '../../../src/plain/stores/redis.js'
import { createFetchHandler } from '../../../src/plain/web.js'
import * as scopes from '../../../src/plain/scopes.js'
import { readAzureScopes, readVerbScopes, readVersion1WithQuery } from '../../../src/plain/scopes/forms.js'
import { intersect, normalize } from '../../../src/plain/scopes/sets.js'

/** The options that a configuration error names. */
const namedBy = (make: () => unknown): ReadonlyArray<string> => {
  try {
    make()
    return []
  } catch (thrown) {
    if (!isConfigurationError(thrown)) throw thrown
    return thrown.errors.map(({ path, expected }) => `${path}: ${expected}`)
  }
}

const trust = [{ fhirBaseUrl: 'https://ehr.example/fhir', clientId: 'app', redirectUri: 'https://app.example/cb' }]

describe('the options of an app', () => {
  it('are named when they are missing', () => {
    expect(namedBy(() => createSmartApp({} as never))).toEqual([
      'trust: an array of trusted servers, or a function (iss)',
      'scope: a text of scopes'
    ])
    expect(namedBy(() => createBackendService({} as never))).toHaveLength(2)
  })

  it('are named when they are tolerances of a trusted server', () => {
    const named = (tolerances: object) =>
      namedBy(() => createSmartApp({ trust: [{ ...trust[0], tolerances }], scope: 'openid' } as never))
    expect(named({ nonceNotEchod: true })).toEqual([
      'trust[0].tolerances.nonceNotEchod: a known option, probably `trust[0].tolerances.nonceNotEchoed`'
    ])
    expect(named({ issuerAliases: 'https://ehr.example' })).toEqual([
      "trust[0].tolerances.issuerAliases: such as ['https://login.ehr.example/other-name']"
    ])
    expect(named({ nonceNotEchoed: 'yes' })).toEqual(['trust[0].tolerances.nonceNotEchoed: such as true'])
  })

  it('are named when they are signing keys: one, or a list', () => {
    const named = (signingKey: unknown) =>
      namedBy(() => createSmartApp({ trust, scope: 'openid', signingKey } as never)).map((one) => one.split(':')[0])
    const key = { kid: 'a', alg: 'ES384', key: {} }
    expect([key, [key], [key, { ...key, kid: 'b' }]].map(named)).toEqual([[], [], []])
    expect([[], [key, {}], {}, 'x'].map(named)).toEqual(Array.from({ length: 4 }, () => ['signingKey']))
  })

  it('are named when they are scopes: each one that is malformed, and commas between them', () => {
    const good = 'openid fhirUser patient/Observation.rs?category=a,b https://x.example/a,b'
    const server = { fhirBaseUrl: 'https://ehr.example/fhir', clientId: 'service' }
    const found = (make: (scope: string) => unknown, scope: string): ReadonlyArray<string> => {
      try {
        make(scope)
        return []
      } catch (thrown) {
        if (!isConfigurationError(thrown)) throw thrown
        return thrown.errors.map((one) => (one.path === 'scope' ? one.found : one.path))
      }
    }
    for (const make of [
      (scope: string) => createSmartApp({ trust, scope } as never),
      (scope: string) => createBackendService({ server, scope } as never)
    ]) {
      expect(found(make, good)).toEqual([])
      for (const wrong of ['user/ChargeItem.create', 'patient/Condition.read?category=x', 'system/*.$export'])
        expect(found(make, `${good} ${wrong} launch`)).toEqual([JSON.stringify(wrong)])
      expect(found(make, `user/A.create ${good} system/*.$export`)).toEqual(['"user/A.create"', '"system/*.$export"'])
      for (const commas of ['openid,', 'openid,fhirUser', 'x,patient/*.rs', 'vendor,'])
        expect([commas, found(make, commas)]).toEqual([commas, [JSON.stringify(commas)]])
      expect(found(make, '')).toEqual(['""'])
      expect(found(make, 'openid  fhirUser')).toEqual(['""'])
    }
  })

  it('are named when they do not exist, with the likeliest', () => {
    expect(namedBy(() => createSmartApp({ trust, scope: 'openid', stor: {} } as never))).toEqual([
      'stor: a known option, probably `store`'
    ])
    const server = { fhirBaseUrl: 'https://ehr.example/fhir', clientId: 'service' }
    expect(namedBy(() => createBackendService({ server, scope: 'system/*.rs', signinKey: {} } as never))).toEqual([
      'signinKey: a known option, probably `signingKey`'
    ])
  })
})

const client = { clientId: 'a', redirectUris: ['https://a.example/'], scope: 'openid', tokenEndpointAuthMethod: 'none' }

/** What is named when a server is made with these clients. */
const namedIn = (...clients: ReadonlyArray<unknown>): ReadonlyArray<string> =>
  namedBy(() =>
    createAuthorizationServer({
      issuer: 'https://ehr.example',
      fhirBaseUrl: 'https://ehr.example/fhir',
      store: createMemoryStore(),
      clients: clients as never,
      permittedScopes: () => '',
      audit: () => undefined
    })
  )

describe('a client of an array', () => {
  it.each<readonly [object, string]>([
    [{ redirectUris: 'https://a.example/' }, 'clients[1].redirectUris: an array of absolute addresses'],
    [{ launchUris: ['/launch'] }, 'clients[1].launchUris: an array of absolute addresses, or nothing'],
    [{ tokenEndpointAuthMethod: 'nonne' }, 'clients[1].tokenEndpointAuthMethod: one of none, client_secret_basic, '],
    [{ scope: undefined }, 'clients[1].scope: a text of scopes, or parsed scopes'],
    [{ grantTypes: ['code'] }, 'clients[1].grantTypes: an array of authorization_code, '],
    [{ launchUri: 'https://a.example/' }, 'clients[1].launchUri: the member `launchUris`'],
    [{ applicationType: 'mobile' }, 'clients[1].applicationType: web or native, or nothing']
  ])('is named with the member that is wrong: %o', (change, expected) => {
    expect(namedIn(client, { ...client, ...change })).toEqual([expect.stringContaining(expected)])
  })

  it('is named when it is no object, and may have members of the host', () => {
    expect(namedIn(null)).toEqual(['clients[0]: a client: an object'])
    expect(namedIn({ ...client, clientUri: 'https://a.example/', owner: 7 })).toEqual([])
  })
})

describe('the options of a memory store', () => {
  it('are named', () => {
    expect(namedBy(() => createMemoryStore({ launchByte: 1 } as never))).toEqual([
      'launchByte: a known option, probably `launchBytes`'
    ])
    expect(namedBy(() => createMemoryStore({ clock: 7, backendBytes: '1' } as never))).toEqual([
      'clock: a function that gives seconds, or nothing',
      'backendBytes: a number of bytes, or nothing'
    ])
    expect(namedBy(() => createMemoryStore({ clock: () => 0, launchBytes: 0 }))).toEqual([])
  })
})

describe('a request in place of options', () => {
  it('is one line, not one for each member', () => {
    const request = Object.fromEntries(['a1', 'b2', 'c3', 'd4', 'e5', 'f6', 'g7', 'h8', 'i9'].map((name) => [name, 1]))
    const named = namedBy(() => createSmartApp({ trust, scope: 'openid', ...request } as never))
    expect(named).toEqual([expect.stringMatching(/^options: one of /)])
  })
})

describe('a function about keys, secrets, handlers or texts', () => {
  it.each<readonly [string, () => unknown]>([
    ['createKeys: the argument `material` must be key material', () => createKeys({} as never)],
    ['rotatingKeys: the argument `storage` must be an object with', () => rotatingKeys(createMemoryStore() as never)],
    ['keysInStore: the argument `store` must be a store', () => keysInStore({} as never)],
    ['secretDigest: the argument `secret` must be a text', () => secretDigest(7 as never, 'chosen')],
    ["secretDigest: the argument `origin` must be 'random' or 'chosen'", () => secretDigest('x', 'Random' as never)],
    ['createNodeListener: the argument `handler` must be a function', () => createNodeListener({} as never)],
    ['createFetchHandler: the argument `handler` must be a function', () => createFetchHandler(undefined as never)],
    ['openRedisStore: the argument `client` must be a client', () => openRedisStore(undefined as never)],
    ['openEtcdStore: the argument `client` must be an object', () => openEtcdStore(undefined as never)],
    ['checkPolicy: the argument `chosen` must be an object', () => checkPolicy(7 as never)],
    ['readSearchQuery: the argument `text` must be a text', () => readSearchQuery(undefined as never)],
    ['bearerTokenOf: the argument `request` must be a request', () => bearerTokenOf({} as never)],
    ['explain: the argument `sentences` must be sentences', () => explain('openid', 'en' as never)],
    ['escapeHtml: the argument `text` must be a text; it is missing', () => escapeHtml(undefined as never)]
  ])('names itself: %s', async (message, call) => {
    await expect(Promise.resolve().then(call)).rejects.toThrow(message)
  })
})

describe('a function about scopes', () => {
  it.each<readonly [string, () => unknown, string]>([
    ['subsumes', () => scopes.subsumes(7 as never, 'openid'), 'subsumes: the argument `granted` must be scopes'],
    [
      'subsumes',
      () => scopes.subsumes('openid', undefined as never),
      'subsumes: the argument `requested` must be scopes'
    ],
    [
      'subsumes',
      () => scopes.subsumes(['openid'] as never, 'openid'),
      'subsumes: the argument `granted` must be scopes'
    ],
    ['certify', () => certify(7 as never, 'openid'), 'certify: the argument `granted` must be scopes'],
    [
      'certificateInWords',
      () => certificateInWords({} as never),
      'certificateInWords: the argument `certificate` must be'
    ],
    ['equivalent', () => scopes.equivalent('openid', null as never), 'equivalent: '],
    ['disjoint', () => scopes.disjoint({} as never, 'openid'), 'disjoint: '],
    ['intersect', () => intersect('openid', 1 as never), 'intersect: '],
    ['normalize', () => normalize(undefined as never), 'normalize: '],
    [
      'isResourceScope',
      () => scopes.isResourceScope(7 as never),
      'isResourceScope: the argument `scope` must be a scope'
    ],
    ['isExperimental', () => scopes.isExperimental('code=x' as never), 'isExperimental: the argument `clause` must be'],
    ['clauseOf', () => scopes.clauseOf('code', null, 'x' as never), 'clauseOf: the argument `values` must be an array'],
    ['clauseOf', () => scopes.clauseOf('code', 1 as never, []), 'clauseOf: the argument `modifier` must be'],
    [
      'resourceScope',
      () => scopes.resourceScope('patients' as never, 'Patient', ['r']),
      'resourceScope: the argument `level` must be'
    ],
    [
      'resourceScope',
      () => scopes.resourceScope('patient', 'Patient', 'rs' as never),
      'resourceScope: the argument `permissions` must be'
    ],
    ['fhirR4With', () => scopes.fhirR4With([null] as never), 'fhirR4With: the argument `registered` must be an array'],
    ['readAzureScopes', () => readAzureScopes(['openid'] as never), 'readAzureScopes: the argument `text` must be'],
    ['readVerbScopes', () => readVerbScopes(undefined as never), 'readVerbScopes: the argument `text` must be'],
    ['readVersion1WithQuery', () => readVersion1WithQuery({} as never), 'readVersion1WithQuery: the argument `text`']
  ])('%s names itself and the argument', (_name, call, message) => {
    expect(call).toThrow(TypeError)
    expect(call).toThrow(message)
  })

  it('takes text and parsed sets, and answers a question with true or false', () => {
    const granted = scopes.parse('patient/*.rs')
    expect(scopes.subsumes(granted, 'patient/Observation.r')).toBe(true)
    expect(scopes.subsumes('patient/Observation.r', granted)).toBe(false)
    expect(scopes.equivalent('patient/Observation.read', 'patient/Observation.rs')).toBe(true)
    expect(scopes.disjoint('patient/Observation.r', 'patient/Condition.r')).toBe(true)
    expect(['patient/*.rs', 'openid'].map((text) => scopes.isResourceScope(text))).toEqual([true, false])
    expect(granted.filter(scopes.isResourceScope).map(({ type }) => type)).toEqual(['*'])
  })
})
