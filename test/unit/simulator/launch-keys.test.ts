/** The keys of an app on the launch page and on the page of apps: a JWK Set or its URL, and never a private key. */
import { randomUUID } from 'node:crypto'
import type { JWK } from 'jose'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { headerOf } from '../../../src/protocol/http/message.js'
import type { Arrived } from '../../support/simulator/settings-browser.js'
import { handlerOf, root, SettingsBrowser } from '../../support/simulator/settings-browser.js'

const handler = await handlerOf()
const query = (parameters: Readonly<Record<string, string>>): string => new URLSearchParams(parameters).toString()
const own = {
  app: '*',
  launch_uri: 'http://127.0.0.1:9/launch',
  redirect_uris: 'http://127.0.0.1:9/callback',
  client_id: 'my-own-app',
  user: 'alice'
}

const newPair = () => generateKeyPair('ES384', { extractable: true })
const [pair, other] = [await newPair(), await newPair()]
const publicJwk: JWK = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES384' }
const privateJwk: JWK = { ...(await exportJWK(pair.privateKey)), kid: 'k1', alg: 'ES384' }
const keysWithIds = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ ...publicJwk, kid: `k${String(at)}` }))
/** The contents of the field for the keys, and the complaint beside it. */
const keysFieldIn = (body: string): ReadonlyArray<string> => [
  ...(/<textarea name="keys"[^>]*>([^<]*)<\/textarea>/.exec(body) ?? []),
  /<span class="complaint"[^>]*>([^<]*)</.exec(body)?.[1] ?? ''
]
const unescaped = (text = ''): string =>
  text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&').replaceAll(/\s+/g, ' ')

const panel = async (parameters: Readonly<Record<string, string>>, path = '/'): Promise<Arrived> =>
  new SettingsBrowser(handler).request(`${root}${path}?${query(parameters)}`)
const linkIn = ({ response }: Arrived): string =>
  (/id="link">([^<]*)</.exec(response.body)?.[1] ?? '').replaceAll('&amp;', '&')

describe('the keys of the launch page', () => {
  it.each<[string, Readonly<Record<string, string>>, string]>([
    [
      'a backend service without keys',
      { app: '*', client_id: 'my-own-app', kind: 'backend' },
      'Keys: a backend service needs them'
    ],
    [
      'an app that is no backend service',
      { app: 'sample-app', kind: 'backend' },
      'Choose "Another app, by its URLs", or register one'
    ]
  ])('are missing: %s', async (_name, parameters, sentence) => {
    const { response } = await panel(parameters, '/ehr/link')
    expect([response.status, unescaped(response.body).includes(sentence)]).toEqual([400, true])
  })

  it('may be a URL in the parameter jwks_uri', async () => {
    const { response } = await panel({
      app: '*',
      client_id: 'my-own-app',
      kind: 'backend',
      jwks_uri: 'http://127.0.0.1:9/jwks'
    })
    expect(keysFieldIn(response.body)[1]).toBe('http://127.0.0.1:9/jwks')
  })

  it.each<[string, string, string]>([
    ['neither JSON nor an address', '{"keys":[', 'expected the JSON of a JWK Set, or its https address'],
    ['another address', 'ftp://app.example/jwks', 'expected the JSON of a JWK Set, or its https address'],
    ['plain http elsewhere', 'http://app.example/jwks', 'expected an https address of a named host'],
    ['a number', '7', 'an object with the member keys'],
    ['one key', JSON.stringify(publicJwk), 'found one key. Put it into {"keys":[ ]}'],
    ['PEM', '-----BEGIN PUBLIC KEY----- MIIB', 'found PEM'],
    ['a key without an id', JSON.stringify({ keys: [{ ...publicJwk, kid: undefined }] }), 'each with a kid of its own'],
    [
      'a key with a short coordinate',
      JSON.stringify({ keys: [publicJwk, { ...publicJwk, kid: 'k2', y: 'AAAA' }] }),
      'keys[1].y must be base64url of 64 characters, as the curve needs'
    ],
    ['no key', '{"keys":[]}', 'a JWK Set of public RSA keys'],
    ['too many characters', `{"keys":[${'1,'.repeat(2100)}1]}`, 'expected at most 4096 characters'],
    ['too many keys for a link', JSON.stringify({ keys: keysWithIds(17) }), 'the link has no room for them'],
    ['a list in 4000 brackets', '['.repeat(4000) + ']'.repeat(90), 'expected the JSON of a JWK Set']
  ])('says beside the field what is wrong with keys: %s', async (_name, keys, sentence) => {
    const { response } = await panel({ app: '*', client_id: 'my-own-app', kind: 'backend', keys }, '/ehr/link')
    const [, area, complaint] = keysFieldIn(response.body)
    expect([response.status, unescaped(area), headerOf(response, 'location')]).toEqual([400, keys, undefined])
    expect(unescaped(complaint)).toContain(sentence)
  })

  it.each<[string, string]>([
    ['in a set', JSON.stringify({ keys: [privateJwk] })],
    ['alone', JSON.stringify(privateJwk, null, 2)],
    ['that breaks off', JSON.stringify(privateJwk).slice(0, -1)],
    ['with an escaped name', JSON.stringify(privateJwk).replace('"d":', '"\\u0064":')],
    ['behind a member of the same name', `{"keys":[${JSON.stringify(privateJwk)}],"keys":[]}`],
    ['that is symmetric', '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}'],
    ['as PEM', '-----BEGIN EC PRIVATE KEY-----\nMIGkAgEBBDC\n-----END EC PRIVATE KEY-----'],
    ['in a long text', `{"keys":[${JSON.stringify(privateJwk)},"${'x'.repeat(5000)}"]}`]
  ])('takes no private key %s, and shows it in no page or address', async (_name, keys) => {
    for (const [path, go] of [
      ['/ehr/link', 'link'],
      ['/ehr/link', 'launch'],
      ['/', '']
    ] as const) {
      const browser = new SettingsBrowser(handler)
      const fields = { app: '*', client_id: 'my-own-app', kind: 'backend', tenant: 'kept', keys, go }
      const refused = await browser.request(`${root}${path}?${query(fields)}`)
      const location = String(headerOf(refused.response, 'location'))
      expect([refused.response.status, refused.response.body]).toEqual([303, ''])
      const { response } = await browser.request(`${root}${location}`)
      const [, area, complaint] = keysFieldIn(response.body)
      expect([response.status, area]).toEqual([400, ''])
      expect(complaint).toContain('this is a private key, so it was removed')
      expect(response.body).toContain('value="kept"')
      for (const text of [location, response.body])
        expect([privateJwk.d ?? '', 'MIGkAgEBBDC', 'c2VjcmV0'].filter((secret) => text.includes(secret))).toEqual([])
    }
  })

  it('in the link launch a backend service: a signed assertion gets a token for FHIR data', async () => {
    const keys = JSON.stringify({ keys: [publicJwk] }, null, 2).replaceAll('\n', '\r\n')
    const made = await panel({ app: '*', client_id: 'nightly', kind: 'backend', keys, go: 'link' }, '/ehr/link')
    const endpoint = /\n(\S+)$/.exec(linkIn(made))?.[1] ?? ''
    const buttons = [...made.response.body.matchAll(/data-copy="(\w+)"/g)].map(([, id]) => id)
    expect(buttons).toEqual(['client_id', 'iss', 'token', 'link', 'read'])
    expect(/id="read">([^<]*)</.exec(made.response.body)?.[1]).toContain(
      `\n${endpoint.replace(/token$/, 'fhir/Patient')}`
    )
    const assertion = (key: CryptoKey): Promise<string> =>
      new SignJWT({})
        .setProtectedHeader({ alg: 'ES384', kid: 'k1', typ: 'JWT' })
        .setIssuer('nightly')
        .setSubject('nightly')
        .setAudience(endpoint)
        .setJti(randomUUID())
        .setExpirationTime('2 minutes')
        .sign(key)
    const tokenFor = async (key: CryptoKey): Promise<Arrived> =>
      new SettingsBrowser(handler).request(
        endpoint,
        query({
          grant_type: 'client_credentials',
          scope: 'system/Patient.rs',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: await assertion(key)
        })
      )
    const { response } = await tokenFor(pair.privateKey)
    const { access_token } = JSON.parse(response.body) as { readonly access_token: string }
    const patients = await new SettingsBrowser(handler).request(
      `${endpoint.replace(/token$/, 'fhir')}/Patient?_count=1`,
      undefined,
      { accept: 'application/fhir+json', authorization: `Bearer ${access_token}` }
    )
    expect([response.status, patients.response.status]).toEqual([200, 200])
    expect((await tokenFor(other.privateKey)).response.status).toBe(401)
  })

  it('in the link launch an app with users', async () => {
    const keys = JSON.stringify({ keys: [publicJwk] })
    const setting = Buffer.from(
      /sim\/([^/]+)/.exec(linkIn(await panel({ ...own, keys }, '/ehr/link')))?.[1] ?? '',
      'base64url'
    ).toString()
    expect((JSON.parse(setting) as { readonly app: object }).app).toMatchObject({ jwks: JSON.parse(keys) as object })
  })
})

describe('the keys on the page of apps', () => {
  const tokenIn = ({ response }: Arrived): string => /name="form_token" value="([^"]*)"/.exec(response.body)?.[1] ?? ''

  it('says what is wrong with keys, and shows no private key again', async () => {
    const browser = new SettingsBrowser(handler)
    const form_token = tokenIn(await browser.request(`${root}/ehr/apps/new`))
    const registered = async (keys: string, method = 'private_key_jwt') => {
      const fields = query({ form_token, client_name: 'Keys', redirect_uris: 'http://127.0.0.1:9/cb', method, keys })
      const { response } = await browser.request(`${root}/ehr/apps/new`, fields)
      const [, area, complaint] = keysFieldIn(response.body)
      return [response.status, unescaped(area), unescaped(complaint)]
    }
    const set = JSON.stringify({ keys: [publicJwk] })
    expect(await registered('{')).toEqual([400, '{', expect.stringContaining('expected the JSON of a JWK Set')])
    expect(await registered(JSON.stringify(privateJwk))).toEqual([400, '', expect.stringContaining('a private key')])
    expect(await registered(set, 'none')).toEqual([400, set, expect.stringContaining('private_key_jwt. Choose it')])
    expect((await registered(set))[0]).toBe(303)
  })
})
