/** The metadata of a client: what is registered of it, and which member is named when it is refused. */
import { generateKeyPairSync } from 'node:crypto'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { MetadataSettings } from '../../../../src/protocol/client/metadata.js'
import { checkMetadata } from '../../../../src/protocol/client/metadata.js'
import type { Registered } from '../../../../src/protocol/client/stored-client.js'
import {
  asRegisteredClient,
  metadataMembers,
  registrationJson,
  StoredClientCodec
} from '../../../../src/protocol/client/stored-client.js'
import { parse } from '../../../../src/scopes/parse.js'
import { limits } from '../../../../src/values/limits/limits.js'

const strict: MetadataSettings = { allowLoopback: false }
const open: MetadataSettings = { allowLoopback: true }
const app = { redirect_uris: ['https://app.example/callback'], token_endpoint_auth_method: 'none' }
const native = { ...app, application_type: 'native' }
const rsa = { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }), kid: 'a' }
const ec = { ...generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' }), kid: 'b' }
const signing = { ...app, token_endpoint_auth_method: 'private_key_jwt' }
const at = (url: string): object => ({ redirect_uris: [url] })
const long = (length: number): string => `https://app.example/${'a'.repeat(length - 20)}`
const { registeredAddress, registeredAddresses, registeredName, registeredKeys, registeredScopePieces } = limits
const pieces = (count: number): string =>
  Array.from({ length: count }, (_, index) => `patient/Observation.r?code=${String(index)}`).join(' ')
const addresses = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => `https://app.example/${String(index)}`)
const manyKeys = (count: number): object => ({
  keys: Array.from({ length: count }, (_, index) => ({ ...ec, kid: String(index) }))
})

const defaults = {
  clientName: '',
  redirectUris: [],
  launchUris: [],
  scope: '',
  grantTypes: ['authorization_code'],
  tokenEndpointAuthMethod: 'client_secret_basic',
  applicationType: 'web',
  keys: null
}

describe('metadata that are registered', () => {
  const rows: ReadonlyArray<readonly [string, object, object, MetadataSettings?]> = [
    ['an app with a secret', at('https://app.example/cb'), { redirectUris: ['https://app.example/cb'] }],
    ['a public app', app, { redirectUris: app.redirect_uris, tokenEndpointAuthMethod: 'none' }],
    [
      'everything that a client says',
      {
        ...app,
        client_name: 'App',
        launch_uris: ['https://app.example/launch'],
        scope: 'launch patient/*.rs',
        grant_types: ['refresh_token', 'authorization_code'],
        response_types: ['code'],
        application_type: 'web',
        contacts: ['a@app.example'],
        client_uri: 'https://app.example/',
        unknown: 7
      },
      {
        clientName: 'App',
        redirectUris: app.redirect_uris,
        launchUris: ['https://app.example/launch'],
        scope: 'launch patient/*.rs',
        grantTypes: ['authorization_code', 'refresh_token'],
        tokenEndpointAuthMethod: 'none'
      }
    ],
    [
      'a backend service without answers',
      { ...signing, grant_types: ['client_credentials'], redirect_uris: undefined, jwks_uri: 'https://app.example/k' },
      {
        grantTypes: ['client_credentials'],
        tokenEndpointAuthMethod: 'private_key_jwt',
        keys: { _tag: 'AtUrl', url: 'https://app.example/k' }
      }
    ],
    [
      'public keys, without what is no part of them',
      { ...signing, jwks: { keys: [{ ...rsa, further: 1 }, ec] } },
      {
        redirectUris: app.redirect_uris,
        tokenEndpointAuthMethod: 'private_key_jwt',
        keys: { _tag: 'Inline', keys: [rsa, ec] }
      }
    ],
    ['no grant type, where that is allowed', { grant_types: [] }, { grantTypes: [] }, { ...open, allowNoGrants: true }],
    ['the scope of the settings', app, { scope: 'openid' }, { ...strict, defaultScope: 'openid' }],
    ['an empty scope', { ...app, scope: '' }, { scope: '' }, { ...strict, defaultScope: 'openid' }]
  ]
  it.each(rows.map(([name, json, expected, settings = strict]) => ({ name, json, expected, settings })))(
    '$name',
    ({ json, expected, settings }) => {
      const checked = checkMetadata(json, settings)
      expect(Either.isRight(checked) ? { ...defaults, ...checked.right } : checked).toEqual({
        ...defaults,
        ...('redirect_uris' in json ? { redirectUris: json.redirect_uris ?? [] } : {}),
        ...('token_endpoint_auth_method' in json ? { tokenEndpointAuthMethod: json.token_endpoint_auth_method } : {}),
        ...expected
      })
    }
  )
})

/** The member of a refusal and what it must be; null when the metadata are registered. */
const wrong = (json: unknown, settings: MetadataSettings): string | null => {
  const checked = checkMetadata(json, settings)
  if (Either.isRight(checked)) return null
  const { left: refusal } = checked
  return refusal._tag === 'ClientMetadataUnacceptable'
    ? refusal.member
    : refusal._tag === 'RedirectUriUnacceptable'
      ? 'redirect_uris'
      : refusal._tag
}

describe('a member of the metadata', () => {
  const rows: ReadonlyArray<readonly [string | null, object, MetadataSettings?]> = [
    ['SoftwareStatementUnacceptable', { ...app, software_statement: '' }],
    [null, { ...app, client_name: 'a'.repeat(registeredName.default) }],
    ['client_name', { ...app, client_name: 'a'.repeat(registeredName.default + 1) }],
    ['client_name', { ...app, client_name: '' }],
    ['client_name', { ...app, client_name: 'a\nb' }],
    ['token_endpoint_auth_method', app, { ...strict, methods: ['private_key_jwt'] }],
    ['token_endpoint_auth_method', { ...app, token_endpoint_auth_method: '' }],
    ['grant_types', { ...app, grant_types: [] }],
    ['grant_types', { ...app, grant_types: ['authorization_code', 'password'] }],
    ['grant_types', app, { ...strict, servedGrantTypes: ['client_credentials'] }],
    ['grant_types', { ...app, grant_types: ['refresh_token'], response_types: [] }],
    ['response_types', { ...app, response_types: [] }],
    ['response_types', { ...app, response_types: ['code', 'token'] }],
    ['response_types', { ...signing, grant_types: ['client_credentials'], response_types: ['code'] }],
    ['token_endpoint_auth_method', { ...app, grant_types: ['authorization_code', 'client_credentials'] }],
    ['application_type', { ...app, application_type: '' }],
    [null, native],
    ['redirect_uris', { ...app, redirect_uris: undefined }],
    [null, { ...app, redirect_uris: addresses(registeredAddresses.default) }],
    ['redirect_uris', { ...app, redirect_uris: addresses(registeredAddresses.default + 1) }],
    [null, { ...app, launch_uris: addresses(registeredAddresses.default) }],
    ['launch_uris', { ...app, launch_uris: addresses(registeredAddresses.default + 1) }],
    [null, { ...app, ...at(long(registeredAddress.default)) }],
    ['redirect_uris', { ...app, ...at(long(registeredAddress.default + 1)) }],
    [null, { ...app, launch_uris: [long(registeredAddress.default)] }],
    ['launch_uris', { ...app, launch_uris: [long(registeredAddress.default + 1)] }],
    ['client_uri', { ...app, client_uri: long(registeredAddress.default + 1) }],
    [null, { ...signing, jwks_uri: long(registeredAddress.default) }],
    ['jwks_uri', { ...signing, jwks_uri: long(registeredAddress.default + 1) }],
    ['redirect_uris', { ...app, redirect_uris: ['https://app.example/a', 'https://app.example/b?state=1'] }],
    ['launch_uris', { ...app, launch_uris: ['https://app.example/a', 'https://app.example/b?launch=1'] }],
    ['launch_uris', { ...native, launch_uris: ['com.example.app:/launch'] }],
    [null, { ...native, launch_uris: ['http://127.0.0.1/launch'] }],
    ['launch_uris', { ...app, launch_uris: ['http://127.0.0.1/launch'] }],
    [null, { ...app, launch_uris: ['http://127.0.0.1/launch'] }, open],
    ['launch_uris', { ...app, launch_uris: ['https://app.example/a', 'https://10.0.0.1/b'] }],
    ['scope', { ...app, scope: 'openid  launch' }],
    [null, { ...app, scope: pieces(registeredScopePieces.default) }],
    ['scope', { ...app, scope: pieces(registeredScopePieces.default + 1) }],
    ['jwks', signing],
    ['jwks', { ...signing, jwks: { keys: [ec] }, jwks_uri: 'https://app.example/k' }],
    ['jwks', { ...app, jwks: { keys: [ec] } }],
    ['jwks', { ...signing, jwks: { keys: 'k' } }],
    ['jwks', { ...signing, jwks: {} }],
    ['jwks', { ...signing, jwks: { keys: [ec, { ...rsa, kid: 'b' }] } }],
    ['jwks', { ...signing, jwks: { keys: [{ ...ec, kid: '' }] } }],
    ['jwks', { ...signing, jwks: { keys: [ec, { ...rsa, kid: undefined }] } }],
    ['jwks', { ...signing, jwks: { keys: [{ ...ec, kid: 7 }] } }],
    ['jwks', { ...signing, jwks: { keys: [{ ...ec, use: ['sig'] }] } }],
    ['jwks', { ...signing, jwks: { keys: [ec, { ...rsa, d: 'x' }] } }],
    [null, { ...signing, jwks: manyKeys(registeredKeys.default) }],
    ['jwks', { ...signing, jwks: manyKeys(registeredKeys.default + 1) }],
    ['jwks_uri', { ...signing, jwks_uri: 'http://127.0.0.1/k' }],
    [null, { ...signing, jwks_uri: 'http://127.0.0.1/k' }, open],
    ['jwks_uri', { ...signing, jwks_uri: 'http://app.example/k' }, open],
    ['logo_uri', { ...app, logo_uri: 'http://app.example/logo' }],
    ['contacts', { ...app, contacts: 'a@app.example' }],
    ['redirect_uris', { ...app, redirect_uris: 'https://app.example/callback' }],
    ['redirect_uris', { ...app, redirect_uris: [7] }],
    ['software_version', { ...app, software_version: 7 }]
  ]
  it.each(rows.map(([member, json, settings = strict]) => ({ member, json, settings })))(
    '$member, in row %#',
    ({ member, json, settings }) => {
      expect(wrong(json, settings)).toBe(member)
    }
  )

  it.each([7, null, 'app', []])('is not looked for in %j', (json) => {
    expect(checkMetadata(json, strict)).toEqual(
      Either.left({ _tag: 'ClientMetadataUnacceptable', member: '', expected: expect.any(String) as string })
    )
  })

  it('is refused with what it must be', () => {
    expect(checkMetadata({ ...app, jwks: 'k' }, strict)).toEqual(
      Either.left({ _tag: 'ClientMetadataUnacceptable', member: 'jwks', expected: 'a JWK Set' })
    )
  })

  it('is refused with what its elements must be', () => {
    expect(checkMetadata({ ...app, redirect_uris: [7] }, strict)).toEqual(
      Either.left({ _tag: 'RedirectUriUnacceptable', expected: 'string' })
    )
  })

  it('is no member that settings or metadata inherit', () => {
    const settings = Object.create({ allowLoopback: true, defaultScope: 'openid' }) as MetadataSettings
    expect(wrong({ ...app, ...at('http://127.0.0.1/cb') }, settings)).toBe('redirect_uris')
    expect(wrong(Object.create(app), strict)).toBe('redirect_uris')
  })
})

describe('a redirect URI', () => {
  const rows: ReadonlyArray<readonly [string, boolean, boolean?, boolean?]> = [
    // The address; whether a web app may have it; a native app; a web app where loopback addresses are allowed.
    ['https://app.example/cb', true],
    ['https://app.example:8443/cb?tenant=1', true],
    ['https://app.example./cb', true],
    ['https://app.x0/cb', true],
    ['https://app.0xg/cb', true],
    ['https://app.00x1/cb', true],
    ['https://app.1a/cb', true],
    ['https://192.0.2.1/cb', false],
    ['https://app.example.1/cb', false],
    ['https://192.0.2.1:443/cb', false],
    ['https://192.0.2.1./cb', false],
    ['https://3221225985/cb', false],
    ['https://0xc0000201/cb', false],
    ['https://app.0x/cb', false],
    ['https://app.0XA/cb', false],
    ['https://[2001:db8::1]/cb', false],
    ['https://[::1]:8443/cb', false],
    ['https://app.example/*', false],
    ['https://*.app.example/cb', false],
    ['https://./cb', false],
    ['https://app.example/cb#x', false],
    ['http://app.example/cb', false],
    ['ftp://app.example/cb', false],
    ['xhttps://app.example/cb', false],
    ['http://127.0.0.1:80/cb', false, true, true],
    ['http://[::1]/cb', false, true, true],
    ['com.example.app:/cb', false, true],
    ['com.example-1.a+b:/cb?a=[1]&b=_~', false, true],
    ['com.example.app:/', false, true],
    ['com.example.app:cb', false],
    ['com.example.app:/c b', false],
    ['com.example.app:/*', false],
    ['com.example.app:/#', false],
    ['com.example.app:/<', false],
    ['com.example.app:/ä', false],
    ['com.example.app:/cb\n', false],
    ['example:/cb', false],
    ['1.example.app:/cb', false],
    ['x:com.example.app:/cb', false],
    ['com.Example.app:/cb', false],
    ['javascript:alert(1)', false]
  ]
  it.each(rows.map(([url, web, ...others]) => ({ url, expected: [web, others[0] ?? web, others[1] ?? web] })))(
    '$url',
    ({ url, expected }) => {
      const isTaken = (metadata: object, settings: MetadataSettings): boolean =>
        wrong({ ...metadata, ...at(url) }, settings) === null
      expect([isTaken(app, strict), isTaken(native, strict), isTaken(app, open)]).toEqual(expected)
    }
  )
})

const stored: Registered = {
  _tag: 'Registered',
  clientId: 'c1',
  writeId: 'w',
  recordExpiresAt: 9000,
  issuedAt: 1000,
  hasInitialAccessToken: false,
  clientName: 'App',
  redirectUris: ['https://app.example/cb'],
  launchUris: ['https://app.example/launch'],
  scope: 'openid',
  grantTypes: ['authorization_code'],
  tokenEndpointAuthMethod: 'client_secret_basic',
  applicationType: 'web',
  keys: null,
  secrets: [
    { digest: 'old', until: 2000 },
    { digest: 'new', until: null }
  ],
  managementDigest: 'm'
}

describe('a stored client', () => {
  it.each<readonly [Partial<Registered>, number, object]>([
    [{}, 1999, { secretDigests: ['old', 'new'] }],
    [{}, 2000, { secretDigests: ['new'] }],
    [{ clientName: '' }, 2000, { clientName: 'c1', secretDigests: ['new'] }],
    [
      { keys: { _tag: 'AtUrl', url: 'https://app.example/k' } },
      2000,
      { secretDigests: ['new'], keys: { _tag: 'AtUrl', url: 'https://app.example/k' } }
    ]
  ])('with %j at %d is the registered client', (change, now, expected) => {
    expect(asRegisteredClient({ ...stored, ...change }, now)).toEqual({
      clientId: 'c1',
      clientName: 'App',
      redirectUris: ['https://app.example/cb'],
      launchUris: ['https://app.example/launch'],
      scope: parse('openid'),
      grantTypes: ['authorization_code'],
      tokenEndpointAuthMethod: 'client_secret_basic',
      applicationType: 'web',
      isUnvetted: true,
      ...expected
    })
  })

  it.each<readonly [Partial<Registered>, object]>([
    [{}, { client_name: 'App', launch_uris: ['https://app.example/launch'], response_types: ['code'] }],
    [{ clientName: '', launchUris: [], grantTypes: ['client_credentials'] }, { response_types: [] }],
    [
      { clientName: '', launchUris: [], keys: { _tag: 'AtUrl', url: 'https://app.example/k' } },
      { response_types: ['code'], jwks_uri: 'https://app.example/k' }
    ],
    [
      { clientName: '', launchUris: [], keys: { _tag: 'Inline', keys: [ec] } },
      { response_types: ['code'], jwks: { keys: [ec] } }
    ]
  ])('with %j is reported with %j', (change, expected) => {
    expect(registrationJson({ ...stored, ...change })).toEqual({
      client_id: 'c1',
      client_id_issued_at: 1000,
      redirect_uris: ['https://app.example/cb'],
      scope: 'openid',
      grant_types: change.grantTypes ?? ['authorization_code'],
      token_endpoint_auth_method: 'client_secret_basic',
      application_type: 'web',
      ...expected
    })
  })

  it('is read as it was written, and has the metadata that were checked', () => {
    expect(StoredClientCodec.decode(JSON.parse(JSON.stringify(stored)))).toEqual(Either.right(stored))
    const checked = checkMetadata({ ...app, client_name: 'App' }, strict)
    const { scope: _scope, ...members } = Either.isRight(checked) ? checked.right : { scope: '' }
    expect(Either.isRight(checked) ? metadataMembers(checked.right) : null).toEqual(members)
  })
})
