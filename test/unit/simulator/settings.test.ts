/** Launch settings: their text in an address, and the servers that are built for them. */
import * as Either from 'fp-ts/lib/Either.js'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../../src/simulator/config/config.js'
import type { AuditEvent } from '../../../src/engine/ports.js'
import type { RequestHandler } from '../../../src/engine/server/http-handler.js'
import { misbehaviorNames } from '../../../src/simulator/misbehavior/table.js'
import { simulator } from '../../../src/simulator/simulator.js'
import type { LaunchSetting } from '../../../src/simulator/settings/setting.js'
import { decodeSetting, encodeSetting, settingMembers } from '../../../src/simulator/settings/setting.js'
import { baseUrlWith, keptLatest } from '../../../src/simulator/settings/setting-servers.js'
import { encode } from '../../../src/values/base64url.js'
import { limits } from '../../../src/values/limits/limits.js'

const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/)
const words = fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' })

const settings: fc.Arbitrary<LaunchSetting> = fc.record(
  {
    spec: fc.constantFrom('2.0.0' as const, '2.1.0' as const, '2.2.0' as const),
    misbehavior: fc.constantFrom(...misbehaviorNames),
    // `*` is the link's own sign for "no user".
    user: words.filter((word) => word !== '*'),
    skip: fc.constantFrom(['sign-in' as const], ['consent' as const], ['sign-in' as const, 'consent' as const]),
    patient: id,
    encounter: id,
    intent: words,
    banner: fc.boolean(),
    style: fc.constant('https://ehr.example/style.json'),
    tenant: words,
    context: fc.array(
      id.map((one) => ({ reference: `ImagingStudy/${one}` })),
      { maxLength: 3 }
    ),
    app: fc.constantFrom(
      { client_id: 'own', redirect_uris: ['http://127.0.0.1:9/cb'] },
      { client_id: 'own', launch_uri: 'https://app.example/launch', redirect_uris: ['https://app.example/cb'] },
      { client_id: 'own', client_secret: 's', redirect_uris: ['https://app.example/cb'] },
      { client_id: 'own', jwks_uri: 'http://127.0.0.1:9/jwks' }
    )
  },
  { requiredKeys: [] }
)

const errorOf = (text: string): string => {
  const setting = decodeSetting(text)
  return Either.isLeft(setting) ? `${setting.left.path}: ${setting.left.expected}` : 'none'
}

const ofJson = (value: unknown): string => encode(JSON.stringify(value))

describe('the text of a setting', () => {
  it('is read as what was printed, and each setting has one', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(settings, (setting) => {
        const text = encodeSetting(setting)
        expect(text).toMatch(/^[\w-]*$/)
        const read = decodeSetting(text)
        expect(read).toEqual(Either.right(setting))
        for (const name of Object.keys(setting)) seen.add(name)
        const reversed = Object.fromEntries(Object.entries(setting).toReversed())
        expect(encodeSetting(reversed)).toBe(text)
      }),
      { numRuns: 500 }
    )
    expect([...seen].toSorted()).toEqual(settingMembers.toSorted())
  })

  it('is canonical JSON: names sorted, no spaces', () => {
    expect(encodeSetting({ user: 'alice', patient: 'example-1', banner: true })).toBe(
      encode('{"banner":true,"patient":"example-1","user":"alice"}')
    )
  })

  it.each<[string, string, string]>([
    ['no base64url', 'a=b', ': base64url without padding (RFC 4648, section 5) of UTF-8 text'],
    ['base64 with padding', `${btoa('{"user":"a"}')}=`, ': base64url without padding'],
    ['trailing bits', `${encode('{"user":"a"} ').slice(0, -1)}B`, ': '],
    ['no UTF-8', '_w', ': base64url without padding'],
    ['no JSON', encode('user'), ': JSON'],
    ['empty', '', ': JSON'],
    ['a list', ofJson([]), ': an object'],
    ['null', ofJson(null), ': an object'],
    ['a number', ofJson(7), ': an object'],
    ['another order', encode('{"user":"a","banner":true}'), 'eyJiYW5uZXIiOnRydWUsInVzZXIiOiJhIn0'],
    ['spaces', encode('{ "user": "a" }'), ': the canonical form'],
    ['a name twice', encode('{"user":"a","user":"b"}'), ': unique member names'],
    ['an unknown member', ofJson({ admin: true }), 'admin: one of spec, misbehavior, user'],
    ['__proto__', encode('{"__proto__":{"user":"alice"}}'), '__proto__: one of spec'],
    ['constructor', ofJson({ constructor: 1 }), 'constructor: one of spec'],
    ['toString as a misbehavior', ofJson({ misbehavior: 'toString' }), 'misbehavior: the name of a misbehavior'],
    ['another release', ofJson({ spec: '3.0.0' }), 'spec: "2.0.0" or'],
    ['an empty user', ofJson({ user: '' }), 'user: a text'],
    ['a lone surrogate', encode('{"user":"\\ud800"}'), 'user: a text'],
    ['an unknown step', ofJson({ skip: ['scopes'] }), 'skip[0]: "sign-in" or "consent"'],
    ['a step twice', ofJson({ skip: ['consent', 'consent'] }), 'skip: ["sign-in"],'],
    ['steps in another order', ofJson({ skip: ['consent', 'sign-in'] }), 'skip: ["sign-in"],'],
    ['no step', ofJson({ skip: [] }), 'skip: ["sign-in"],'],
    ['a path as a patient', ofJson({ patient: '../Patient/1' }), 'patient: the id of a FHIR resource'],
    ['a text as the banner', ofJson({ banner: 'true' }), 'banner: true or false'],
    ['a script as the style', ofJson({ style: 'javascript:alert(1)' }), 'style: an absolute http or https address'],
    ['context that is no list', ofJson({ context: {} }), 'context: a list'],
    ['an item that is no object', ofJson({ context: ['ImagingStudy/1'] }), 'context[0]: an object, such as'],
    ['a reference that is none', ofJson({ context: [{ reference: 'https://a.example/x' }] }), 'context[0].reference: '],
    ['an app without an id', ofJson({ app: { redirect_uris: ['https://a.example/'] } }), 'app.client_id: '],
    ['an app that leads nowhere', ofJson({ app: { client_id: 'a' } }), 'app.redirect_uris: at least one address'],
    [
      'a way to send no secret',
      ofJson({
        app: { client_id: 'a', redirect_uris: ['https://a.example/'], token_endpoint_auth_method: 'client_secret_post' }
      }),
      'app.token_endpoint_auth_method: nothing'
    ],
    [
      'a script as a redirect URI',
      ofJson({ app: { client_id: 'a', redirect_uris: ['javascript:alert(1)'] } }),
      'app.redirect_uris[0]: an address that begins with https:// and a host name'
    ],
    [
      'plain http elsewhere',
      ofJson({ app: { client_id: 'a', redirect_uris: ['https://app.example/cb', 'http://app.example/cb'] } }),
      'app.redirect_uris[1]: an address that begins with https:// and a host name'
    ],
    [
      'a script as a launch URI',
      ofJson({ app: { client_id: 'a', launch_uri: 'javascript:alert(1)', redirect_uris: ['https://a.example/'] } }),
      'app.launch_uri: an address that begins with https:// and a host name'
    ],
    [
      'an address without its scheme',
      ofJson({ app: { client_id: 'a', redirect_uris: ['localhost:3000/cb'] } }),
      'http://127.0.0.1. Did you mean http://localhost:3000/cb?'
    ],
    [
      'data as a launch URI',
      ofJson({ app: { client_id: 'a', launch_uri: 'data:text/html,x', redirect_uris: ['https://a.example/'] } }),
      'app.launch_uri: '
    ],
    [
      'a private address for keys',
      ofJson({ app: { client_id: 'a', jwks_uri: 'http://10.0.0.1/jwks' } }),
      'app.jwks_uri: '
    ],
    [
      'a secret beside keys',
      ofJson({ app: { client_id: 'a', client_secret: 's', jwks_uri: 'https://a.example/jwks' } }),
      'app.client_secret: nothing'
    ],
    [
      'an id that registration may assign',
      ofJson({ app: { client_id: 'A'.repeat(22), redirect_uris: ['https://a.example/'] } }),
      'app.client_id: an id that this server cannot assign'
    ],
    [
      'an app that may introspect',
      ofJson({ app: { client_id: 'a', mayIntrospect: true, redirect_uris: ['https://a.example/'] } }),
      'app.mayIntrospect: one of client_id'
    ],
    ['a patient in the context', ofJson({ context: [{ reference: 'Patient/1' }] }), 'context[0].reference: no Patient']
  ])('is refused: %s', (_name, text, error) => {
    expect(errorOf(text)).toContain(error)
  })

  it('of many levels is refused and breaks nothing', () => {
    const deep = encode(`{"context":${'['.repeat(1500)}${']'.repeat(1500)}}`)
    expect(deep.length).toBeLessThan(limits.simulatorSetting.default)
    expect(errorOf(deep)).toContain('context[0]')
    const item = encode(`{"context":[{"identifier":${'{"a":'.repeat(500)}1${'}'.repeat(500)}}]}`)
    expect(errorOf(item)).toContain('context')
  })
})

describe('the servers of settings', () => {
  const handlerOf = async (config: object = {}): Promise<RequestHandler> => {
    const read = readConfig(JSON.stringify(config))
    if (Either.isLeft(read)) throw new Error(JSON.stringify(read.left))
    const built = await simulator(read.right)()
    if (Either.isLeft(built)) throw new Error(built.left.reason)
    return built.right.answer
  }
  const get = (path: string, accept = 'application/json') => ({
    method: 'GET',
    path,
    query: '',
    headers: { accept },
    body: ''
  })
  const jsonAt = async (handler: RequestHandler, path: string) => {
    const { status, body } = await handler(get(path))()
    return { status, json: JSON.parse(body) as Record<string, unknown> }
  }
  const root = 'http://127.0.0.1:4010'
  const pathWith = (setting: LaunchSetting): string => baseUrlWith(root, setting).slice(root.length)

  it('have their own issuer and endpoints, and the release of the setting', async () => {
    const handler = await handlerOf()
    for (const [spec, has] of [
      ['2.0.0', true],
      ['2.2.0', true]
    ] as const) {
      const base = pathWith({ spec })
      const { status, json } = await jsonAt(handler, `${base}/fhir/.well-known/smart-configuration`)
      expect([status, json['issuer'], json['token_endpoint']]).toEqual([200, `${root}${base}`, `${root}${base}/token`])
      expect('authorization_endpoint' in json).toBe(has)
      expect((await jsonAt(handler, `${base}/.well-known/openid-configuration`)).json['issuer']).toBe(`${root}${base}`)
    }
  })

  it('share the keys and the FHIR records of the simulator, at their own address', async () => {
    const handler = await handlerOf()
    const base = pathWith({ user: 'alice' })
    expect((await jsonAt(handler, `${base}/jwks`)).json).toEqual((await jsonAt(handler, '/jwks')).json)
    const metadata = await handler(get(`${base}/fhir/metadata`))()
    expect(metadata.body).toContain(`${root}${base}`)
    expect(metadata.body).not.toContain(`${root}/fhir`)
  })

  it('are errors with the path of the member: a page for browsers, else JSON', async () => {
    const handler = await handlerOf()
    const path = `/sim/${ofJson({ patient: 'a/b' })}/fhir/.well-known/smart-configuration`
    const { status, json } = await jsonAt(handler, path)
    expect([status, json]).toEqual([
      400,
      {
        error: 'invalid_request',
        error_description: 'setting: patient: expected the id of a FHIR resource, found "a/b"',
        error_uri: expect.stringMatching(/\/ehr\/log\/[\w-]{16}$/) as string
      }
    ])
    const page = await handler(get(path, 'text/html'))()
    expect([page.status, page.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8'])
    expect(page.body).toContain('expected the id of a FHIR resource')
    expect((await handler(get(`/sim/${encode('{"user":"<script>"}')}/nothing`, 'text/html'))()).body).not.toContain(
      '<script>'
    )
  })

  it('are named as links that were cut off, where nothing can be read', async () => {
    const handler = await handlerOf()
    const text = pathWith({ user: 'alice', patient: 'example-1' })
    for (const cut of [text.slice(0, -5), text.slice(0, -6), text.slice(0, 9)]) {
      const { status, json } = await jsonAt(handler, `${cut}/fhir/metadata`)
      expect([status, json['error_description']]).toEqual([
        400,
        expect.stringMatching(/^This link is incomplete.*JSON|base/)
      ])
      expect((await handler(get(`${cut}/ehr/launch`, 'text/html'))()).body).toContain('Ask for it again')
    }
  })

  it('are none for the empty setting, which is the simulator itself', async () => {
    expect(baseUrlWith(root, {})).toBe(root)
    const { status, json } = await jsonAt(await handlerOf(), `/sim/${encode('{}')}/fhir/metadata`)
    expect([status, json['error_description']]).toEqual([
      400,
      `setting: expected a member; without any, the address is ${root}`
    ])
  })

  it('say that the policy of the simulator contradicts a release', async () => {
    const handler = await handlerOf({ policy: { introspectionAuth: 'clientCredentials' } })
    const { status, json } = await jsonAt(handler, `${pathWith({ spec: '2.2.0' })}/fhir/metadata`)
    expect([status, json['error_description']]).toEqual([
      400,
      'setting: spec: expected a release that fits policy.introspectionAuth, found "2.2.0"'
    ])
  })

  it('see clients that registered at the simulator itself', async () => {
    const handler = await handlerOf({ registration: 'open' })
    const registered = await handler({
      ...get('/register'),
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        redirect_uris: ['https://app.example/cb'],
        token_endpoint_auth_method: 'none',
        scope: 'launch/patient patient/*.rs'
      })
    })()
    expect(registered.status).toBe(201)
    const { client_id } = JSON.parse(registered.body) as { readonly client_id: string }
    const base = pathWith({ spec: '2.0.0' })
    const response = await handler({
      ...get(`${base}/authorize`),
      query: new URLSearchParams({
        client_id,
        redirect_uri: 'https://app.example/cb',
        response_type: 'code',
        scope: 'launch/patient patient/*.rs',
        aud: `${root}${base}/fhir`,
        state: 's',
        code_challenge: 'c'.repeat(43),
        code_challenge_method: 'S256'
      }).toString()
    })()
    expect(String(response.headers['location'])).toContain(`${base}/interaction/`)
  })

  it('keep the latest and build others again', () => {
    const made: Array<string> = []
    const of = keptLatest(2, (key) => {
      made.push(key)
      return key === 'bad' ? Either.left('bad') : Either.right(key)
    })
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b', 'bad', 'bad', 'a']) of(key)
    expect(made).toEqual(['a', 'b', 'c', 'b', 'bad', 'bad'])
  })

  describe('discovery at an address that is no FHIR base URL', () => {
    const setting = `/sim/${encodeSetting({ user: 'alice' })}`

    it.each<[string, string, string, string]>([
      ['without /fhir', '/.well-known/smart-configuration', '127.0.0.1:4010', `${root}/fhir.`],
      ['a slash too many', '/fhir//.well-known/smart-configuration', '127.0.0.1:4010', `${root}/fhir.`],
      ['another name of the machine', '/fhir/.well-known/smart-configuration', 'localhost:4010', `${root}/fhir.`],
      [
        'the same with a setting',
        `${setting}/fhir//.well-known/smart-configuration`,
        '127.0.0.1:4010',
        `${setting}/fhir.`
      ]
    ])('says which one is, and pages of every origin can read it: %s', async (_name, path, host, words) => {
      const { status, headers, body } = await (
        await handlerOf()
      )({ ...get(path, 'application/json'), headers: { host } })()
      expect([status, headers['access-control-allow-origin']]).toEqual([404, '*'])
      expect((JSON.parse(body) as Record<string, string>)['error_description']).toContain(words)
    })

    it.each(['/.well-known/smart-configuration', `${setting}/fhir//.well-known/smart-configuration`])(
      'is a page for a browser, and a line of the log for both, to which the answer points: %s',
      async (path) => {
        const handler = await handlerOf()
        const shown = await handler(get(path, 'text/html,*/*;q=0.8'))()
        const right = path.replace(/(?:\/fhir\/)?\/\.well-known.*/, '/fhir')
        expect([shown.status, shown.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
        expect(shown.body).toContain(`<pre class="copyable" tabindex="0">${root}${right}</pre>`)
        expect(shown.body).toContain(`href="${root}${right}/.well-known/smart-configuration"`)
        const { body } = await handler(get(path, 'application/json'))()
        const { error_uri: uri = '' } = JSON.parse(body) as Record<string, string>
        const inLog = (/href="(\/ehr\/log\/[^"]+)"/.exec(shown.body)?.[1] ?? '').replace('/ehr/log/', '')
        const lines = await Promise.all(
          [uri.slice(root.length), `/ehr/log/${inLog}`].map(async (line) => handler(get(line, 'text/html'))())
        )
        expect(inLog).not.toBe('')
        for (const line of lines) {
          expect([line.status, line.body.includes('NoSuchAddress')]).toEqual([200, true])
          expect(line.body).toContain('FHIR base URL')
        }
      }
    )

    it('is recorded without the setting, which may hold a secret', async () => {
      const events: Array<AuditEvent> = []
      const config = readConfig('{}')
      if (Either.isLeft(config)) throw new Error('no configuration')
      const built = await simulator(config.right, { audit: (event) => events.push(event) })()
      if (Either.isLeft(built)) throw new Error(built.left.reason)
      await built.right.answer(get(`${setting}/fhir//.well-known/smart-configuration`))()
      expect(events.map(({ refusal }) => refusal)).toEqual([
        { _tag: 'NoSuchAddress', path: '/sim/.../fhir//.well-known/smart-configuration' }
      ])
    })

    it('is as before at the right address, and under names that are not of this machine', async () => {
      const handler = await handlerOf()
      for (const host of ['127.0.0.1:4010', 'localhost:9', 'ehr.example'])
        expect((await handler({ ...get('/fhir/.well-known/smart-configuration'), headers: { host } })()).status).toBe(
          200
        )
    })
  })
})
