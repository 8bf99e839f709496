/** The JSON form of a registered client: what is written is read again, and every wrong member is named. */
import * as Either from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientFromJson, clientToJson } from '../../../src/protocol/client/client-json.js'

const digest = 'A'.repeat(43)
const scrypt = `$scrypt$ln=15,r=8,p=3$${'A'.repeat(22)}$${'B'.repeat(43)}`

const publicApp = {
  client_id: 'app',
  redirect_uris: ['https://app.example/callback'],
  scope: 'launch/patient patient/*.rs',
  token_endpoint_auth_method: 'none'
}

const confidential = { ...publicApp, token_endpoint_auth_method: 'client_secret_basic', secret_digests: [digest] }

const backend = {
  client_id: 'backend',
  grant_types: ['client_credentials'],
  token_endpoint_auth_method: 'private_key_jwt',
  jwks_uri: 'https://backend.example/jwks',
  scope: 'system/Patient.rs'
}

/** The members of every client. */
const hasAlways: ReadonlyArray<string> = [
  'applicationType',
  'clientId',
  'clientName',
  'grantTypes',
  'launchUris',
  'redirectUris',
  'scope',
  'secretDigests',
  'tokenEndpointAuthMethod'
]

/** The member that an error names; null when the client can be read. */
const wrongMember = (json: unknown): string | null => {
  const client = clientFromJson(json)
  return Either.isLeft(client) ? client.left.member : null
}

describe('the JSON form of a client', () => {
  it.each([
    ['a public app', publicApp],
    ['an app with a secret', confidential],
    ['two secrets of different kinds', { ...confidential, secret_digests: [digest, scrypt] }],
    [
      'a native app on the loopback interface',
      { ...publicApp, redirect_uris: ['http://127.0.0.1/cb'], application_type: 'native' }
    ],
    ['a backend service', backend],
    ['a resource server', { client_id: 'rs', grant_types: [], secret_digests: [digest], may_introspect: true }],
    ['a client that nobody reviewed', { ...publicApp, is_unvetted: true, version: 1 }]
  ])('holds %s', (_what, json) => {
    const client = clientFromJson(json)
    if (Either.isLeft(client)) throw new Error(JSON.stringify(client.left))
    expect(clientFromJson(JSON.parse(JSON.stringify(clientToJson(client.right))))).toEqual(client)
    expect(clientToJson(client.right)).toMatchObject(json)
  })

  it.each<readonly [string | null, unknown]>([
    ['', []],
    ['', null],
    ['', 'app'],
    ['version', { ...publicApp, version: 2 }],
    ['version', { ...publicApp, version: '1' }],
    ['client_secret', { ...confidential, client_secret: 's' }],
    ['redirect_url', { ...publicApp, redirect_url: 'https://app.example/callback' }],
    ['client_id', { ...publicApp, client_id: undefined }],
    ['client_id', { ...publicApp, client_id: '' }],
    ['client_id', { ...publicApp, client_id: 'ä' }],
    ['client_id', { ...publicApp, client_id: 'aä' }],
    ['client_id', { ...publicApp, client_id: 'äa' }],
    ['secret_digests', { ...confidential, secret_digests: digest }],
    ['secret_digests', { ...confidential, secret_digests: ['s3cret'] }],
    ['secret_digests', { ...confidential, secret_digests: [`A${digest}`] }],
    ['secret_digests', { ...confidential, secret_digests: [`${digest}=`] }],
    ['secret_digests', { ...confidential, secret_digests: [7] }],
    ['secret_digests', { ...confidential, token_endpoint_auth_method: 'client_secret_post', secret_digests: [] }],
    [null, { ...confidential, token_endpoint_auth_method: 'client_secret_post' }],
    [null, { ...publicApp, redirect_uris: ['http://127.0.0.1/cb'] }],
    [
      'secret_digests',
      { ...confidential, secret_digests: [digest, `$scrypt$ln=30,r=8,p=1$${'A'.repeat(22)}$${digest}`] }
    ],
    ['secret_digests', { ...confidential, secret_digests: [] }],
    ['secret_digests', { ...publicApp, secret_digests: [digest] }],
    ['secret_digests', { ...backend, secret_digests: [digest] }],
    ['may_introspect', { ...confidential, may_introspect: 'yes' }],
    ['is_unvetted', { ...publicApp, is_unvetted: 1 }],
    ['redirect_uris', { ...publicApp, redirect_uris: ['javascript:alert(1)'] }],
    ['redirect_uris', { ...publicApp, redirect_uris: [] }],
    ['scope', { ...publicApp, scope: 'patient/*.rs  openid' }],
    ['scope', { ...publicApp, scope: 7 }],
    ['grant_types', { ...publicApp, grant_types: ['password'] }],
    ['jwks', { ...backend, jwks_uri: undefined }],
    ['software_statement', { ...publicApp, software_statement: 'x' }]
  ])('names the member %s', (member, json) => {
    expect(wrongMember(json)).toBe(member)
  })

  it.each<readonly [unknown, string, string]>([
    [7, '', 'a client as a JSON object'],
    [{ ...publicApp, software_statement: 'x' }, 'software_statement', 'absent: software statements are not trusted'],
    [
      { ...publicApp, redirect_url: 'x' },
      'redirect_url',
      'one of version, client_id, secret_digests, may_introspect, is_unvetted, client_name, redirect_uris, ' +
        'launch_uris, scope, grant_types, response_types, token_endpoint_auth_method, application_type, jwks, ' +
        'jwks_uri, client_uri, logo_uri, policy_uri, tos_uri, contacts, software_id, software_version, ' +
        'software_statement'
    ]
  ])('says of %j what %s must be', (json, member, expected) => {
    expect(clientFromJson(json)).toEqual(Either.left({ member, expected }))
  })

  it.each<readonly [string, object, object]>([
    ['a public app', publicApp, {}],
    ['an app with a name', { ...publicApp, client_name: 'App' }, { client_name: 'App' }],
    [
      'an app with keys',
      {
        ...publicApp,
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ kty: 'EC', crv: 'P-384', x: 'x'.repeat(64), y: 'y'.repeat(64), kid: 'k' }] }
      },
      {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ kty: 'EC', crv: 'P-384', x: 'x'.repeat(64), y: 'y'.repeat(64), kid: 'k' }] }
      }
    ]
  ])('has no more members than needed: %s', (_what, json, expected) => {
    const client = clientFromJson(json)
    if (Either.isLeft(client)) throw new Error(JSON.stringify(client.left))
    const whole = {
      version: 1,
      client_id: 'app',
      client_name: 'app',
      redirect_uris: ['https://app.example/callback'],
      launch_uris: [],
      scope: 'launch/patient patient/*.rs',
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'none',
      application_type: 'web',
      ...expected
    }
    const written = clientToJson(client.right)
    expect(written).toEqual(whole)
    expect(Object.keys(written).toSorted()).toEqual(Object.keys(whole).toSorted())
    expect(
      Object.keys(client.right)
        .toSorted()
        .filter((name) => !hasAlways.includes(name))
    ).toEqual('jwks' in expected ? ['keys'] : [])
  })

  it('says how to store a secret instead', () => {
    expect(clientFromJson({ ...confidential, client_secret: 's' })).toEqual(
      Either.left({ member: 'client_secret', expected: 'absent: keep secret_digests, made by secretDigest' })
    )
  })

  it('takes nothing from a prototype', () => {
    const inherited = Object.assign(Object.create({ may_introspect: true }) as object, confidential)
    const client = clientFromJson(inherited)
    expect(Either.isRight(client) && client.right.mayIntrospect).toBe(undefined)
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.record({ client_id: fc.string(), scope: fc.anything() })), (json) => {
        expect(['Left', 'Right']).toContain(clientFromJson(json)._tag)
      })
    )
  })
})
