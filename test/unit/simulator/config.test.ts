import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { subjectOf } from '../../../src/simulator/config/user-subject.js'
import { readStoreAddress, storeAddressForm, storeInWords } from '../../../src/simulator/config/store-address.js'
import { printConfigError, readConfig } from '../../../src/simulator/config/config.js'

const line = (config: unknown): string => {
  const result = readConfig(typeof config === 'string' ? config : JSON.stringify(config))
  return Either.isLeft(result) ? printConfigError('c.json', result.left) : 'ok'
}

const client = { client_id: 'a', redirect_uris: ['http://127.0.0.1:4567/redirect'], client_secret: 's' }
const user = { username: 'u', password: 'p' }
const seconds = 'expected a whole number of seconds above 0'

describe('a wrong configuration is reported in one line with its place', () => {
  it.each<readonly [string, unknown]>([
    ['c.json: expected an object, found []', []],
    ['c.json: expected an object, found null', 'null'],
    [
      'c.json: apps: expected one of publicBaseUrl, specVersion, store, accessProfile, fhirRelease, fhirUpstream, ' +
        'clients, users, introspectionClients, lifetimes, policy, registration, fetchPrivateNetworks, foreignOrigin',
      { apps: 1 }
    ],
    [
      'c.json: publicBaseUrl: expected an absolute http or https address without query or fragment, found ' +
        '"127.0.0.1:4010"',
      { publicBaseUrl: '127.0.0.1:4010' }
    ],
    [
      'c.json: publicBaseUrl: expected an absolute http or https address without query or ' +
        'fragment, found "http://a/?b"',
      { publicBaseUrl: 'http://a/?b' }
    ],
    [
      'c.json: publicBaseUrl: expected an absolute http or https address without query or fragment, found ' +
        '"http://127.0.0.1:99999"',
      { publicBaseUrl: 'http://127.0.0.1:99999' }
    ],
    [
      'c.json: publicBaseUrl: expected an absolute http or https address without query or fragment, found ' +
        '"http://127.0.0.1:0"',
      { publicBaseUrl: 'http://127.0.0.1:0' }
    ],
    [
      'c.json: clients[0].redirect_uris[0]: expected https addresses of named hosts without fragment; a ' +
        'loopback address or a private-use scheme for native apps, found "com.example:/\u2713"',
      { clients: [{ ...client, redirect_uris: ['com.example:/\u2713'] }] }
    ],
    [
      'c.json: publicBaseUrl: expected https, or http on a loopback address, found "http://ehr.example/x"',
      { publicBaseUrl: 'http://ehr.example/x/' }
    ],
    [
      'c.json: publicBaseUrl: expected https, or http on a loopback address, found "http://ehr.example"',
      { publicBaseUrl: 'http://ehr.example', clients: [client] }
    ],
    [
      'c.json: publicBaseUrl: expected https with a named host, or http on a loopback address, as the sample ' +
        'app needs it; or clients of your own, found "https://127.0.0.1"',
      { publicBaseUrl: 'https://127.0.0.1' }
    ],
    ['c.json: specVersion: expected "2.0.0" or "2.1.0" or "2.2.0", found "2"', { specVersion: '2' }],
    [`c.json: store: expected ${storeAddressForm}, found "mongo:..."`, { store: 'mongo://u:hidden@x' }],
    [`c.json: store: expected ${storeAddressForm}, found "mongodb"`, { store: 'mongodb' }],
    [`c.json: store: expected ${storeAddressForm}`, { store: 5 }],
    [`c.json: store: expected ${storeAddressForm}, found "etcd:..."`, { store: 'etcd://u:hidden@127.0.0.1:2379' }],
    ['c.json: expected an object, found [{"store":"..."}]', [{ store: 'redis://u:hidden@x' }]],
    ['c.json: fhirUpstream: expected null or an absolute http or https address, found 5', { fhirUpstream: 5 }],
    ['c.json: fhirRelease: expected "R4" or "R4B" or "R5", found "r5"', { fhirRelease: 'r5' }],
    ['c.json: fhirRelease: expected "R4" or "R4B" or "R5", found 5', { fhirRelease: 5 }],
    ['c.json: registration: expected "closed" or "token" or "open", found "yes"', { registration: 'yes' }],
    ['c.json: clients: expected a list, found {}', { clients: {} }],
    ['c.json: clients[0]: expected an object, found 1', { clients: [1] }],
    [
      'c.json: clients[1].client_id: expected a text of visible ASCII characters, found 7',
      { clients: [client, { ...client, client_id: 7 }] }
    ],
    [
      'c.json: clients[0].client_id: expected a text of visible ASCII characters',
      { clients: [{ redirect_uris: ['https://a/'] }] }
    ],
    ['c.json: clients[1].client_id: expected an id that no other client has', { clients: [client, client] }],
    [
      'c.json: clients[0].redirect_uris[1]: expected https addresses of named hosts without fragment; a ' +
        'loopback address or a private-use scheme for native apps, found "x"',
      { clients: [{ ...client, redirect_uris: ['https://a/', 'x'] }] }
    ],
    [
      'c.json: clients[0].redirect_uris[0]: expected https addresses of named hosts without fragment; a ' +
        'loopback address or a private-use scheme for native apps, found "http://a/#b"',
      { clients: [{ ...client, redirect_uris: ['http://a/#b'] }] }
    ],
    [
      'c.json: clients[0].redirect_uris[0]: expected https addresses of named hosts without fragment; a ' +
        'loopback address or a private-use scheme for native apps, found "javascript:alert(1)"',
      { clients: [{ ...client, redirect_uris: ['javascript:alert(1)'] }] }
    ],
    [
      'c.json: clients[0].redirect_uris[1]: expected no address whose query holds a parameter of the answer ' +
        'that will be sent there, such as code, state, iss or error, found "https://a/?%63ode=1"',
      { clients: [{ ...client, redirect_uris: ['https://a/', 'https://a/?%63ode=1'] }] }
    ],
    [
      'c.json: clients[0].launch_uris[0]: expected no address whose query holds iss or launch, which a launch ' +
        'adds, found "https://a/?iss=x"',
      { clients: [{ ...client, launch_uris: ['https://a/?iss=x'] }] }
    ],
    [
      'c.json: clients[0].redirect_uris: expected from 1 to 20 redirect addresses',
      { clients: [{ ...client, redirect_uris: [] }] }
    ],
    [
      'c.json: clients[0].callback: expected one of client_id, client_name, redirect_uris, launch_uris, ' +
        'scope, grant_types, token_endpoint_auth_method, client_secret, application_type, jwks, jwks_uri',
      { clients: [{ ...client, callback: 'http://a/' }] }
    ],
    [
      'c.json: clients[0].scope: expected scopes, each well-formed, with one blank between them; one cannot be ' +
        'read from its character 18 on, found "patient/Patient.sr"',
      {
        clients: [
          { ...client, scope: 'launch openid fhirUser offline_access patient/Observation.rs patient/Patient.sr' }
        ]
      }
    ],
    [
      'c.json: clients[0].scope: expected scopes, each well-formed, with one blank between them, found 7',
      { clients: [{ ...client, scope: 7 }] }
    ],
    [
      'c.json: clients[0].grant_types[0]: expected "authorization_code" or "refresh_token" or ' +
        '"client_credentials", found "password"',
      { clients: [{ ...client, grant_types: ['password'] }] }
    ],
    [
      'c.json: clients[0].jwks: expected either jwks or jwks_uri for private_key_jwt, and neither for other clients',
      { clients: [{ ...client, token_endpoint_auth_method: 'private_key_jwt' }] }
    ],
    [
      'c.json: clients[0].client_secret: expected a secret, because token_endpoint_auth_method is client_secret_basic',
      { clients: [{ client_id: 'a', redirect_uris: ['https://a/'] }] }
    ],
    [
      'c.json: clients[0].token_endpoint_auth_method: expected private_key_jwt, because the client asks for ' +
        'client_credentials',
      { clients: [{ ...client, grant_types: ['client_credentials'] }] }
    ],
    [
      'c.json: clients[0].token_endpoint_auth_method: expected another method, because ' +
        'policy.allowClientSecretPost is false, found "client_secret_post"',
      {
        clients: [{ ...client, token_endpoint_auth_method: 'client_secret_post', client_secret: 's' }],
        policy: { allowClientSecretPost: false }
      }
    ],
    [
      'c.json: foreignOrigin: expected an http or https address without a path, found "https://a.example/x"',
      { foreignOrigin: 'https://a.example/x' }
    ],
    [
      'c.json: introspectionClients[0].client_secret: expected a secret, or the client_id of one of clients',
      { introspectionClients: [{ client_id: 'rs' }] }
    ],
    [
      'c.json: introspectionClients[0].client_id: expected a text of visible ASCII characters',
      { introspectionClients: [{ client_secret: 's' }] }
    ],
    [
      'c.json: introspectionClients[1].client_id: expected an id that is not repeated',
      {
        introspectionClients: [
          { client_id: 'rs', client_secret: 's' },
          { client_id: 'rs', client_secret: 't' }
        ]
      }
    ],
    [
      'c.json: introspectionClients[0].client_secret: expected nothing, because clients says how this client ' +
        'authenticates',
      { clients: [client], introspectionClients: [{ client_id: 'a', client_secret: 's' }] }
    ],
    [
      'c.json: introspectionClients[0].client_name: expected one of client_id, client_secret',
      { introspectionClients: [{ client_id: 'rs', client_secret: 's', client_name: 'x' }] }
    ],
    [
      'c.json: introspectionClients[0].client_secret: expected a text that is not empty',
      { introspectionClients: [{ client_id: 'rs', client_secret: '' }] }
    ],
    [
      'c.json: policy.introspectionAuth: expected a word with bearer in it, because specVersion is "2.2.0", ' +
        'which requires bearer tokens to be accepted, found "clientCredentials"',
      { specVersion: '2.2.0', policy: { introspectionAuth: 'clientCredentials' } }
    ],
    ...[
      'http://127.0.0.1:4000/jwks#x',
      'http://127.0.0.1:99999/jwks',
      'http://localhost/a b',
      'http://127.0.0.1/\\@evil.example',
      'http://127.0.0.1@evil.example/jwks'
    ].map((jwks_uri): [string, object] => [
      'c.json: clients[0].jwks_uri: expected an https address of a named host',
      {
        clients: [
          { client_id: 'a', redirect_uris: ['https://a/'], token_endpoint_auth_method: 'private_key_jwt', jwks_uri }
        ]
      }
    ]),
    [
      'c.json: fetchPrivateNetworks[0]: expected an address such as 127.0.0.1 or a network such as ' +
        '10.1.0.0/16, found "10.1.0.0/33"',
      { fetchPrivateNetworks: ['10.1.0.0/33'] }
    ],
    [
      'c.json: fetchPrivateNetworks[0]: expected an address such as 127.0.0.1 or a network such as ' +
        '10.1.0.0/16, found "localhost"',
      { fetchPrivateNetworks: ['localhost'] }
    ],
    [
      'c.json: clients[0].client_secret: expected nothing, because token_endpoint_auth_method is none',
      { clients: [{ ...client, token_endpoint_auth_method: 'none' }] }
    ],
    [
      'c.json: clients[0].client_secret: expected a text that is not empty',
      { clients: [{ ...client, client_secret: 12345 }] }
    ],
    [
      'c.json: users[0].fhirUser: expected a reference such as Practitioner/p1, found "Device/1"',
      { users: [{ ...user, fhirUser: 'Device/1' }] }
    ],
    [
      'c.json: users[0].patients[0]: expected a patient id, or * for all, found 1',
      { users: [{ ...user, patients: [1] }] }
    ],
    ['c.json: users[0].password: expected a text that is not empty', { users: [{ username: 'u' }] }],
    [
      `c.json: users[0].username: expected a text of 1 to 1000 characters other than *, found "${'a'.repeat(1001)}"`,
      { users: [{ ...user, username: 'a'.repeat(1001) }] }
    ],
    [
      'c.json: users[1].username: expected a name that no other user has',
      {
        users: [user, { ...user, username: 'a'.repeat(300) }, { ...user, username: subjectOf('a'.repeat(300)) }].slice(
          1
        )
      }
    ],
    ['c.json: users[1].username: expected a name that no other user has', { users: [user, user] }],
    [`c.json: lifetimes.codeSeconds: ${seconds}, found 0`, { lifetimes: { codeSeconds: 0 } }],
    [`c.json: lifetimes.codeSeconds: ${seconds}, found "60"`, { lifetimes: { codeSeconds: '60' } }],
    [
      'c.json: lifetimes.codeSeconds: expected a whole number of seconds from 1 to 600, found 601',
      { lifetimes: { codeSeconds: 601 } }
    ],
    [
      'c.json: expected unique member names; a name is repeated at line 3, column 3',
      '{\n  "clients": [],\n  "\\u0063lients": [],\n  "users": []\n}'
    ],
    [
      'c.json: expected unique member names; a name is repeated at line 1, column 47',
      '{"users":[{"username":"{","p":":"},{"p":["p"],"p":"p"}]}'
    ],
    [
      'c.json: clients: expected a list, found {"client_id":"a","client_secret":"..."}',
      { clients: { client_id: 'a', client_secret: 'topsecret' } }
    ],
    [`c.json: store: expected ${storeAddressForm}`, `{"store":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
    [
      'c.json: clients[0]."a\\nb\\u009b": expected one of client_id, client_name, redirect_uris, launch_uris, ' +
        'scope, grant_types, token_endpoint_auth_method, client_secret, application_type, jwks, jwks_uri',
      { clients: [{ 'a\nb\u009b': 1 }] }
    ],
    [
      'c.json: lifetimes.code: expected one of codeSeconds, accessTokenSeconds, backendTokenSeconds, ' +
        'refreshTokenSeconds, launchSeconds',
      { lifetimes: { code: 1 } }
    ],
    [
      'c.json: policy.specVersion: expected "2.1.0", which specVersion sets, found "2.0.0"',
      { specVersion: '2.1.0', policy: { specVersion: '2.0.0' } }
    ],
    [
      'c.json: policy.codeLifetimeSeconds: expected 30, which lifetimes.codeSeconds sets, found 60',
      { lifetimes: { codeSeconds: 30 }, policy: { codeLifetimeSeconds: 60 } }
    ],
    ['c.json: policy.audMatch: expected "trailingSlash" | "exact", found "any"', { policy: { audMatch: 'any' } }],
    [
      'c.json: policy.reuseGraceSeconds: expected a whole number of seconds from 0 to 10, found 11',
      { policy: { reuseGraceSeconds: 11 } }
    ],
    [
      'c.json: policy.refreshTokenIdleSeconds: expected at most lifetimes.refreshTokenSeconds, found 61',
      { lifetimes: { refreshTokenSeconds: 60 }, policy: { refreshTokenIdleSeconds: 61 } }
    ],
    [
      'c.json: policy.refreshTokenIdleSeconds: expected at most policy.refreshTokenLifetimeSeconds, found 61',
      { policy: { refreshTokenLifetimeSeconds: 60, refreshTokenIdleSeconds: 61 } }
    ],
    [
      'c.json: lifetimes.codeSeconds: expected less than lifetimes.refreshTokenSeconds, which counts from the ' +
        'authorization and ends the code too, found 60',
      { lifetimes: { refreshTokenSeconds: 30 } }
    ],
    [
      'c.json: policy.reuseGraceSeconds: expected less than policy.refreshTokenIdleSeconds, found 5',
      { policy: { reuseGraceSeconds: 5, refreshTokenIdleSeconds: 5 } }
    ],
    [
      'c.json: policy.consumeCodeOnFailedBinding: expected boolean, found 1',
      { policy: { consumeCodeOnFailedBinding: 1 } }
    ]
  ])('%s', (expected, config) => {
    expect(line(config)).toBe(expected)
  })

  it.each([
    '{\n  x',
    '',
    '{\n  "store": memory,\n  "registration": "closed"\n}',
    '[\u009b2J',
    '{"a":\n"\n"}',
    '[1]\u2028x'
  ])('%j is no JSON, in the words of the parser', (text) => {
    expect(line(text)).toMatch(/^c\.json: expected JSON; the parser says: [ -~]+$/)
  })

  it('an unknown switch names those that exist', () => {
    expect(line({ policy: { colours: 'optional' } })).toMatch(
      /^c\.json: policy\.colours: expected one of specVersion, malformedScope, /
    )
  })

  it.each<[object, string]>([
    [{ clint: [] }, 'c.json: clint: expected a known member, probably clients'],
    [{ FhirRelease: 'R5' }, 'c.json: FhirRelease: expected a known member, probably fhirRelease'],
    [
      { clients: [{ redirect_uri: '' }] },
      'c.json: clients[0].redirect_uri: expected a known member, probably redirect_uris'
    ],
    [{ users: [{ userName: 'a' }] }, 'c.json: users[0].userName: expected a known member, probably username'],
    [
      { lifetimes: { accessTokenSecs: 1 } },
      'c.json: lifetimes.accessTokenSecs: expected a known member, probably accessTokenSeconds'
    ],
    [
      { policy: { specVersions: '2.0.0' } },
      'c.json: policy.specVersions: expected a known member, probably specVersion'
    ]
  ])('a misspelled member in %j names the one that is probably meant', (file, expected) => {
    expect(line(file)).toBe(expected)
  })

  it('of a prototype member is no exception', () => {
    expect(line('{"__proto__": {"publicBaseUrl": 1}}')).toMatch(/^c\.json: __proto__: expected one of/)
  })
})

describe('a configuration', () => {
  it('that is empty gives two clients and three users', () => {
    const config = readConfig('{}')
    expect(Either.isRight(config) ? [config.right.clients.length, config.right.users.length] : []).toEqual([2, 3])
  })

  it('registers a resource server, and lets an app introspect that it names without a secret', () => {
    const config = readConfig(
      JSON.stringify({
        clients: [client, { ...client, client_id: 'b' }],
        introspectionClients: [{ client_id: 'rs', client_secret: 's' }, { client_id: 'a' }]
      })
    )
    const { clients, introspectionClients } = Either.isRight(config)
      ? config.right
      : { clients: [], introspectionClients: [] }
    expect(
      [...clients, ...introspectionClients].map(({ client_id, mayIntrospect, metadata }) => [
        client_id,
        mayIntrospect,
        metadata.grantTypes.length
      ])
    ).toEqual([
      ['a', true, 1],
      ['b', undefined, 1],
      ['rs', true, 0]
    ])
  })

  it('lets a patient see herself alone when it does not say more', () => {
    const config = readConfig(
      JSON.stringify({
        users: [
          { ...user, fhirUser: 'Patient/x' },
          { ...user, username: 'v', fhirUser: 'Practitioner/y' }
        ]
      })
    )
    expect(Either.isRight(config) ? config.right.users.map(({ patients }) => patients) : []).toEqual([['x'], ['*']])
  })

  it('of the page docs/simulator.md is read, and shows every member', () => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'simulator.md'), 'utf8')
    const example = /```json\n([^]*?)```/.exec(page)?.[1] ?? ''
    const config = readConfig(example)
    expect(Either.isRight(config) ? config.right.clients.map(({ client_id }) => client_id) : config.left).toEqual([
      'my-app',
      'nightly-export'
    ])
    const unknown = readConfig('{"x":1}')
    const known = Either.isLeft(unknown) ? unknown.left.expected.replace('one of ', '').split(', ') : []
    expect(Object.keys(JSON.parse(example) as object).toSorted()).toEqual(known.toSorted())
  })

  it('of the contract, as far as this version goes, is read', () => {
    const config = readConfig(
      JSON.stringify({
        publicBaseUrl: 'http://127.0.0.1:4010/',
        specVersion: '2.1.0',
        store: 'memory',
        fhirUpstream: null,
        clients: [
          {
            client_id: 'my-app',
            client_name: 'My App',
            redirect_uris: ['http://127.0.0.1:4567/redirect'],
            launch_uris: ['http://127.0.0.1:4567/launch'],
            scope: 'launch openid fhirUser offline_access patient/*.rs',
            grant_types: ['authorization_code', 'refresh_token'],
            token_endpoint_auth_method: 'client_secret_basic',
            client_secret: 's'
          }
        ],
        users: [{ username: 'alice', password: 'secret', fhirUser: 'Practitioner/p9', patients: ['*'] }],
        introspectionClients: [{ client_id: 'rs', client_secret: 'rs' }],
        lifetimes: {
          codeSeconds: 30,
          accessTokenSeconds: 600,
          backendTokenSeconds: 300,
          refreshTokenSeconds: 1000,
          launchSeconds: 100
        },
        policy: { audMatch: 'exact' },
        registration: 'closed',
        fetchPrivateNetworks: ['127.0.0.1']
      })
    )
    expect(Either.isRight(config) ? config.right : config.left).toMatchObject({
      publicBaseUrl: 'http://127.0.0.1:4010',
      policy: {
        specVersion: '2.1.0',
        audMatch: 'exact',
        codeLifetimeSeconds: 30,
        accessTokenLifetimeSeconds: 600,
        refreshTokenLifetimeSeconds: 1000,
        launchLifetimeSeconds: 100
      }
    })
  })
})

describe('the address of a store', () => {
  it.each([
    ['memory', 'memory'],
    ['sqlite:demo.db', 'sqlite:demo.db'],
    ['sqlite:///data/demo.db', 'sqlite:/data/demo.db'],
    ['postgres://127.0.0.1/smart', 'postgres://127.0.0.1/smart'],
    [
      'postgresql://u:hidden@db.example:5432/smart?sslmode=require&password=hidden',
      'postgresql://db.example:5432/smart'
    ],
    ['redis://u:hidden@127.0.0.1:6379/1?acceptUnsafe=appendfsync', 'redis://127.0.0.1:6379/1'],
    ['rediss://:hidden@cache.example', 'rediss://cache.example'],
    ['etcd://127.0.0.1:2379,[::1]:2381', 'etcd://127.0.0.1:2379,[::1]:2381']
  ])('%s is shown as %s', (text, words) => {
    const read = readStoreAddress(text)
    expect(Either.isRight(read) ? storeInWords(read.right) : read.left).toBe(words)
  })

  it.each([
    '',
    'Memory',
    'sqlite:',
    'sqlite::memory:',
    'sqlite:file:demo.db?mode=memory',
    'sqlite://demo.db',
    'sqlite:a\0b',
    'postgres:db',
    'postgres://[',
    'redis://',
    'redis://x#hidden',
    'etcd://',
    'etcd://127.0.0.1',
    'etcd://127.0.0.1:99999',
    'etcd://127.0.0.1:2379,',
    'etcd://127.0.0.1:2379?password=hidden'
  ])('%j is none', (text) => {
    expect(Either.isLeft(readStoreAddress(text))).toBe(true)
  })

  it('keeps the passwords apart for messages, and takes what the client does not know out of its address', () => {
    expect(readStoreAddress('redis://u:a%20b@x/0?acceptUnsafe=appendfsync,role&acceptUnsafe=replicas')).toEqual(
      Either.right({
        _tag: 'Redis',
        url: 'redis://u:a%20b@x/0',
        shown: 'redis://x/0',
        secrets: ['a%20b', 'a b'],
        acceptUnsafe: ['appendfsync', 'role', 'replicas']
      })
    )
    expect(readStoreAddress('etcd://a:1,b:2?acceptUnsafe=x')).toMatchObject(
      Either.right({ endpoints: ['http://a:1', 'http://b:2'], acceptUnsafe: ['x'] })
    )
  })
})
