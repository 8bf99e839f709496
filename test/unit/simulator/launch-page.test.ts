/** The launch panel, the page of apps, and what browsers get in place of answers for programs. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JWK } from 'jose'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { headerOf } from '../../../src/protocol/http/message.js'
import { encodeSetting } from '../../../src/simulator/settings/setting.js'
import type { Arrived } from '../../support/simulator/settings-browser.js'
import { handlerOf, root, SettingsBrowser } from '../../support/simulator/settings-browser.js'

const handler = await handlerOf()
const query = (parameters: Readonly<Record<string, string>>): string => new URLSearchParams(parameters).toString()
const own = {
  app: '*',
  launch_uri: 'http://127.0.0.1:9/launch',
  redirect_uris: 'http://127.0.0.1:9/callback',
  client_id: 'my-own-app'
}

const newPair = () => generateKeyPair('ES384', { extractable: true })
const [pair, other] = [await newPair(), await newPair()]
const publicJwk: JWK = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES384' }
const privateJwk: JWK = { ...(await exportJWK(pair.privateKey)), kid: 'k1', alg: 'ES384' }
const keysWithIds = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ ...publicJwk, kid: `k${String(at)}` }))
/** The contents of the field for the keys, and the complaint beside it. */
const keysFieldIn = (body: string): ReadonlyArray<string> =>
  /<textarea name="keys"[^>]*>([^<]*)<\/textarea>(?:<span class="hint">[^<]*<\/span>)?(?:<span class="complaint">([^<]*)<)?/.exec(
    body
  ) ?? []
const unescaped = (text = ''): string =>
  text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&').replaceAll(/\s+/g, ' ')

const panel = async (parameters: Readonly<Record<string, string>>, path = '/'): Promise<Arrived> =>
  new SettingsBrowser(handler).request(`${root}${path}?${query(parameters)}`)
const radios = ({ response }: Arrived): ReadonlyArray<string> =>
  [...response.body.matchAll(/name="patient" value="([^"]+)"/g)].map(([, id = '']) => id)
const linkIn = ({ response }: Arrived): string =>
  (/id="link">([^<]*)</.exec(response.body)?.[1] ?? '').replaceAll('&amp;', '&')

describe('the launch panel', () => {
  it('finds patients by name, sex and birth date, of those whom the user may see', async () => {
    expect(radios(await panel({ name: 'CAI imag' }))).toEqual(['example-3'])
    expect(radios(await panel({ name: 'noe' }))).toEqual(['example-15'])
    expect(radios(await panel({ born: '1961-04' }))).toEqual(['example-1'])
    expect(radios(await panel({ name: 'cai', sex: 'male' }))).toEqual([])
    expect(radios(await panel({ user: 'bob' }))).toEqual(['example-2'])
    expect(radios(await panel({}))).toHaveLength(8)
    expect(radios(await panel({ page: '4' }))).toHaveLength(6)
    expect(radios(await panel({ page: '99' }))).toHaveLength(6)
  })

  it('offers the encounters of the chosen patient alone', async () => {
    const { response } = await panel({ patient: 'example-1' })
    expect(response.body).toContain('value="example-1-encounter-1"')
    expect(response.body).not.toContain('example-3-encounter-1')
  })

  it('makes the link of each kind', async () => {
    const links = await Promise.all(
      ['ehr', 'portal', 'standalone'].map(async (kind) =>
        linkIn(await panel({ ...own, kind, user: 'pat' }, '/ehr/link'))
      )
    )
    expect(links[0]).toMatch(/^http:\/\/127\.0\.0\.1:4010\/sim\/[\w-]+\/ehr\/launch\?client_id=my-own-app&launch_uri=/)
    expect(Buffer.from(/sim\/([^/]+)/.exec(links[1] ?? '')?.[1] ?? '', 'base64url').toString()).toContain(
      '"patient":"example-1"'
    )
    expect(links[2]).toMatch(/^http:\/\/127\.0\.0\.1:9\/launch\?iss=http%3A%2F%2F127\.0\.0\.1%3A4010%2Fsim%2F/)
    const backend = await panel(
      { app: '*', client_id: 'my-own-app', keys: 'http://127.0.0.1:9/jwks', kind: 'backend' },
      '/ehr/link'
    )
    expect(linkIn(backend)).toMatch(/^curl [^]*\/sim\/[\w-]+\/token$/)
  })

  const everything = {
    ...own,
    client_secret: 's',
    user: 'alice',
    patient: 'example-1',
    encounter: 'example-1-encounter-1',
    intent: 'reconcile-medications',
    banner: 'no',
    style: 'https://ehr.example/style.json',
    tenant: 'clinic-7',
    context: 'Location/7\nImagingStudy/8',
    spec: '2.2.0',
    skip: 'consent',
    misbehavior: 'discovery-slow'
  }
  const always = {
    app: {
      client_id: 'my-own-app',
      client_secret: 's',
      launch_uri: own.launch_uri,
      redirect_uris: [own.redirect_uris]
    },
    misbehavior: 'discovery-slow',
    spec: '2.2.0'
  }
  const withUser = {
    ...always,
    banner: false,
    encounter: 'example-1-encounter-1',
    patient: 'example-1',
    skip: ['consent'],
    user: 'alice'
  }
  const fromEhr = {
    ...withUser,
    context: [{ reference: 'Location/7' }, { reference: 'ImagingStudy/8' }],
    intent: 'reconcile-medications',
    style: 'https://ehr.example/style.json',
    tenant: 'clinic-7'
  }

  it.each([
    ['ehr', fromEhr],
    ['standalone', withUser],
    ['backend', { ...always, app: { client_id: 'my-own-app', jwks_uri: 'https://a.example/jwks' } }]
  ])('puts into the link of kind %s everything that it can say, and nothing else', async (kind, expected) => {
    const link = decodeURIComponent(
      linkIn(
        await panel({ ...everything, kind, keys: kind === 'backend' ? 'https://a.example/jwks' : '' }, '/ehr/link')
      )
    )
    const setting = /\/sim\/([\w-]+)/.exec(link)?.[1] ?? ''
    expect(JSON.parse(Buffer.from(setting, 'base64url').toString())).toEqual(expected)
  })

  it('launches a registered app at its own URL, and names the release only if it is another one', async () => {
    const fields = { app: 'sample-app', spec: '2.0.0', launch_uri: 'https://evil.example/launch' }
    const link = new URL(linkIn(await panel(fields, '/ehr/link')))
    expect(link.searchParams.get('launch_uri')).toBe(`${root}/app/launch`)
    const setting = Buffer.from(/sim\/([^/]+)/.exec(link.href)?.[1] ?? '', 'base64url').toString()
    expect(JSON.parse(setting)).toEqual({ user: 'alice' })
  })

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['an app that is not registered', { app: 'no-such-app' }, 'Which app: there is no app'],
    ['a script', { ...own, launch_uri: 'javascript:alert(1)' }, 'Launch URL: expected'],
    ['a foreign redirect over http', { ...own, redirect_uris: 'http://app.example/' }, 'Redirect URLs: expected'],
    ['the id of a registered app', { ...own, client_id: 'sample-app' }, 'a registered app has the id sample-app'],
    ['a patient whom the user may not see', { ...own, user: 'bob', patient: 'example-1' }, 'may not see that patient'],
    ['a wrong context', { ...own, context: '[{' }, 'fhirContext: expected JSON'],
    [
      'a backend service without keys',
      { app: '*', client_id: 'my-own-app', kind: 'backend' },
      'Keys: a backend service needs them'
    ],
    ['an app that is no backend service', { app: 'sample-app', kind: 'backend' }, 'is no backend service'],
    ['a frame without a patient', { ...own, frame: 'yes' }, 'id="wrong">Frame: choose a patient for the banner.'],
    ['a frame of an app by itself', { ...own, frame: 'yes', kind: 'standalone' }, 'Frame: only the record system']
  ])('says what is wrong with %s, and keeps what was entered', async (_name, parameters, sentence) => {
    const { response } = await panel({ intent: 'kept-intent', ...parameters }, '/ehr/link')
    expect([response.status, headerOf(response, 'location')]).toEqual([400, undefined])
    expect(response.body.replaceAll(/\s+/g, ' ')).toContain(sentence)
    expect(response.body).toContain('value="kept-intent"')
  })

  it.each<[string, string, string]>([
    ['neither JSON nor an address', '{"keys":[', 'expected the JSON of a JWK Set, or its https address'],
    ['another address', 'ftp://app.example/jwks', 'expected the JSON of a JWK Set, or its https address'],
    ['plain http elsewhere', 'http://app.example/jwks', 'expected an https address of a named host'],
    ['a number', '7', 'an object with the member keys'],
    ['one key', JSON.stringify(publicJwk), 'found one key. Put it into {"keys":[ ]}'],
    ['PEM', '-----BEGIN PUBLIC KEY----- MIIB', 'found PEM'],
    ['a key without an id', JSON.stringify({ keys: [{ ...publicJwk, kid: undefined }] }), 'each with a kid of its own'],
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

  it('launches a backend service by the JWK Set in the link: a signed assertion gets a token for FHIR data', async () => {
    const keys = JSON.stringify({ keys: [publicJwk] }, null, 2).replaceAll('\n', '\r\n')
    const made = await panel({ app: '*', client_id: 'nightly', kind: 'backend', keys, go: 'link' }, '/ehr/link')
    const endpoint = /(\S+)$/.exec(linkIn(made))?.[1] ?? ''
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

  it('launches an app with users by its keys', async () => {
    const keys = JSON.stringify({ keys: [publicJwk] })
    const setting = Buffer.from(
      /sim\/([^/]+)/.exec(linkIn(await panel({ ...own, keys }, '/ehr/link')))?.[1] ?? '',
      'base64url'
    ).toString()
    expect((JSON.parse(setting) as { readonly app: object }).app).toMatchObject({ jwks: JSON.parse(keys) as object })
  })

  it('launches an app that runs, and says of one that does not that nothing answers', async () => {
    const app = createServer((_request, response) => response.end('app')).listen(0, '127.0.0.1')
    await new Promise((resolve) => app.once('listening', resolve))
    const origin = `http://127.0.0.1:${String((app.address() as AddressInfo).port)}`
    const parameters = { ...own, go: 'launch', launch_uri: `${origin}/launch`, redirect_uris: `${origin}/` }
    const launched = await panel(parameters, '/ehr/link')
    expect(String(headerOf(launched.response, 'location'))).toMatch(/\/ehr\/launch\?client_id=my-own-app/)
    await new Promise((resolve) => app.close(resolve))
    const silent = await panel(parameters, '/ehr/link')
    expect(silent.response.status).toBe(200)
    expect(silent.response.body).toContain('Nothing answers at')
    expect(linkIn(silent)).toBe(headerOf(launched.response, 'location'))
  })
})

describe('a launch in a frame', () => {
  const skip = ['sign-in', 'consent']
  const app = { client_id: 'own', launch_uri: 'https://app.example/launch', redirect_uris: ['https://app.example/'] }
  const framed = (setting: object, parameters: Readonly<Record<string, string>> = {}): Promise<Arrived> =>
    panel(parameters, `/sim/${encodeSetting(setting)}/ehr/frame`)
  const policyOf = ({ response }: Arrived): string => String(headerOf(response, 'content-security-policy'))

  it('leaves out every page of the server, because none can be in a frame', async () => {
    for (const [fields, patient] of [
      [{ ...own, frame: 'yes', patient: 'example-3' }, 'example-3'],
      [{ ...own, frame: 'yes', kind: 'portal', user: 'pat' }, 'example-1']
    ] as const) {
      const link = linkIn(await panel(fields, '/ehr/link'))
      expect(link).toMatch(/\/sim\/[\w-]+\/ehr\/frame\?/)
      const setting = Buffer.from(/sim\/([^/]+)/.exec(link)?.[1] ?? '', 'base64url').toString()
      expect(JSON.parse(setting)).toMatchObject({ patient, skip })
      const { response } = await new SettingsBrowser(handler).request(link)
      expect([response.status, /<iframe[^>]*src="([^"?]*)/.exec(response.body)?.[1]]).toEqual([
        200,
        new URL(link).pathname.replace('/ehr/frame', '/ehr/launch')
      ])
    }
  })

  it('frames no other origin than that of the app', async () => {
    expect(policyOf(await framed({ app, patient: 'example-1', skip }))).toContain(
      "frame-src 'self' https://app.example;"
    )
    const other = await framed({ app, patient: 'example-1', skip }, { launch_uri: 'https://evil.example/launch' })
    expect([other.response.status, policyOf(other).includes('evil.example')]).toEqual([400, false])
  })

  it.each<[string, object, string]>([
    [
      'a page of this server',
      { app, patient: 'example-1', skip: ['consent'] },
      'must leave out the sign-in and the consent'
    ],
    ['a patient', { app, skip }, 'this launch names no patient'],
    ['a patient whom the user may see', { app, skip, user: 'bob', patient: 'example-1' }, 'may not see that patient'],
    ['an app', { skip, patient: 'example-1' }, 'The address names no app']
  ])('that lacks %s says so, and has no frame', async (_name, setting, sentence) => {
    const { response } = await framed(setting)
    expect(response.status).toBe(400)
    expect(response.body.replaceAll(/\s+/g, ' ')).toContain(sentence)
    expect(response.body).not.toContain('<iframe')
  })
})

describe('the page of apps', () => {
  const tokenIn = ({ response }: Arrived): string => /name="form_token" value="([^"]*)"/.exec(response.body)?.[1] ?? ''
  const metadata = { client_name: 'Paper', redirect_uris: 'http://127.0.0.1:9/cb', method: 'client_secret_basic' }

  it('registers, changes and removes an app, and shows a secret once', async () => {
    const browser = new SettingsBrowser(handler)
    const form_token = tokenIn(await browser.request(`${root}/ehr/apps/new`))
    const registered = await browser.request(`${root}/ehr/apps/new`, query({ form_token, ...metadata }))
    const [client_id = '', secret] = [...registered.response.body.matchAll(/<pre class="copyable">([^<]*)</g)].map(
      ([, value]) => value
    )
    expect(secret).toMatch(/^[\w-]{43}$/)
    const listed = async (): Promise<string> => (await browser.request(`${root}/ehr/apps`)).response.body
    expect(await listed()).toContain(client_id)
    expect(await listed()).not.toContain(secret)
    expect(await listed()).toContain(`/ehr/log?app=${client_id}`)
    const form = await browser.request(`${root}/ehr/apps/change?client_id=${client_id}`)
    expect(form.response.body).toContain('value="Paper"')
    const changed = await browser.request(
      `${root}/ehr/apps/change`,
      query({ form_token, client_id, ...metadata, client_name: 'Paperless' })
    )
    expect([changed.response.status, (await listed()).includes('Paperless')]).toEqual([200, true])
    await browser.request(`${root}/ehr/apps/remove`, query({ form_token, client_id }))
    expect(await listed()).not.toContain(client_id)
  })

  it('takes no form from another site or browser, and changes no app of the configuration', async () => {
    const browser = new SettingsBrowser(handler)
    const form_token = tokenIn(await browser.request(`${root}/ehr/apps/new`))
    const of = async (one: SettingsBrowser, path: string, fields: Readonly<Record<string, string>>): Promise<number> =>
      (await one.request(`${root}/ehr/apps/${path}`, query(fields))).response.status
    expect(await of(browser, 'new', metadata)).toBe(403)
    expect(await of(new SettingsBrowser(handler), 'new', { form_token, ...metadata })).toBe(403)
    expect(await of(browser, 'remove', { form_token, client_id: 'sample-app' })).toBe(404)
    expect(await of(browser, 'new', { form_token, ...metadata, redirect_uris: 'javascript:alert(1)' })).toBe(400)
  })

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
    expect((await registered(set))[0]).toBe(200)
    const nowhere = await browser.request(`${root}/ehr/apps/new`, query({ form_token, client_name: 'Nowhere' }))
    expect(nowhere.response.status).toBe(400)
    expect(nowhere.response.body).toMatch(/name="redirect_uris"[^]*class="complaint">enter at least one address/)
  })

  it('takes no form with the proof of another page', async () => {
    const browser = new SettingsBrowser(handler)
    const form_token = tokenIn(await browser.request(`${root}/ehr/apps/new`))
    await browser.go(`${root}/ehr/launch?${query({ client_id: 'sample-app', launch_uri: `${root}/app/launch` })}`)
    const parameters = { response_type: 'code', client_id: 'sample-app', redirect_uri: `${root}/app`, state: 's' }
    const pkce = { code_challenge: 'c'.repeat(43), code_challenge_method: 'S256', aud: `${root}/fhir` }
    await browser.go(`${root}/authorize?${query({ ...parameters, ...pkce, scope: 'launch/patient' })}`)
    const grant = /href="(\/ehr\/grants\/[\w-]+)"/.exec(
      (await browser.request(`${root}/ehr/grants`)).response.body
    )?.[1]
    const page = await browser.request(`${root}${grant ?? ''}`)
    expect(tokenIn(page)).toMatch(/^[\w-]{43}$/)
    expect(tokenIn(page)).not.toBe(form_token)
    const apps = await browser.request(`${root}/ehr/apps/new`, query({ form_token: tokenIn(page), ...metadata }))
    const revoked = await browser.request(`${root}${grant ?? ''}`, query({ form_token }))
    expect([apps.response.status, revoked.response.status]).toEqual([403, 403])
  })

  it('shows apps that registered themselves', async () => {
    const open = await handlerOf({ registration: 'open' })
    const browser = new SettingsBrowser(open)
    const body = JSON.stringify({ redirect_uris: ['https://app.example/cb'], token_endpoint_auth_method: 'none' })
    const { response } = await browser.request(`${root}/register`, body, { 'content-type': 'application/json' })
    const { client_id } = JSON.parse(response.body) as { readonly client_id: string }
    const list = (await browser.request(`${root}/ehr/apps`)).response.body
    expect(list).toContain(client_id)
    expect(list).not.toContain(`change?client_id=${client_id}`)
  })

  it('is offered where an app is not known, with what it sent', async () => {
    const parameters = { client_id: 'my<app', redirect_uri: 'http://127.0.0.1:9/cb', response_type: 'code' }
    const { response } = await panel(parameters, '/authorize')
    const link = /href="([^"]*\/ehr\/apps\/new[^"]*)"/.exec(response.body)?.[1]?.replaceAll('&amp;', '&')
    expect(link).toBe('/ehr/apps/new?client_id=my%3Capp&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcb')
    const form = await new SettingsBrowser(handler).request(`${root}${link ?? ''}`)
    expect(form.response.body).toContain('>http://127.0.0.1:9/cb</textarea>')
    const other = await panel({ ...parameters, client_id: 'sample-app', redirect_uri: `${root}/app` }, '/authorize')
    expect(other.response.body).not.toContain('/ehr/apps/new')
  })
})

describe('a browser', () => {
  const get = (path: string, headers: Readonly<Record<string, string>>) =>
    new SettingsBrowser(handler).request(`${root}${path}`, undefined, headers)

  it('is led to the right name of this machine', async () => {
    const to = async (path: string, host: string, accept = 'text/html'): Promise<unknown> =>
      headerOf((await get(path, { host, accept })).response, 'location')
    expect(await to('/ehr/apps?x=1', 'localhost:4010')).toBe(`${root}/ehr/apps?x=1`)
    expect(await to('/', '[::1]:4010')).toBe(`${root}/`)
    expect(await to('/', '127.0.0.1:4010')).toBeUndefined()
    expect(await to('/', 'localhost:4010', 'application/json')).toBeUndefined()
    expect(await to('/', 'localhost:9')).toBeUndefined()
    expect(await to('/', 'evil.example')).toBeUndefined()
    expect(await to('/elsewhere/x', 'localhost:4010')).toBeUndefined()
  })

  it('gets FHIR errors as pages, and FHIR clients get them as before', async () => {
    const page = (await get('/fhir/Patient/example-1', { accept: 'text/html' })).response
    expect([page.status, headerOf(page, 'content-type')]).toEqual([401, 'text/html; charset=utf-8'])
    expect(page.body).toContain('<h1>FHIR data need an access token</h1>')
    expect(page.body).toContain('\n  &quot;resourceType&quot;: &quot;OperationOutcome&quot;,\n')
    expect(page.body).toMatch(/href="http:\/\/127\.0\.0\.1:4010\/ehr\/log\/[\w-]+">See why in the log/)
    expect(String(headerOf(page, 'www-authenticate'))).toMatch(/^Bearer/)
    const json = (await get('/fhir/Patient/example-1', { accept: 'application/fhir+json' })).response
    expect([json.status, String(headerOf(json, 'content-type'))]).toEqual([401, expect.stringMatching(/fhir\+json/)])
    expect((await get('/fhir/metadata', { accept: 'text/html' })).response.status).not.toBe(401)
  })
})
