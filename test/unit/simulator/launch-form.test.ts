/** The form of the launch page: what it requires, what it says is wrong, and the addresses of a launch. */
import * as Either from 'fp-ts/lib/Either.js'
import * as fc from 'fast-check'
import { parse as parseHtml } from 'node-html-parser'
import { describe, expect, it } from 'vitest'
import { readForm } from '../../../src/protocol/http/form.js'
import { headerOf } from '../../../src/protocol/http/message.js'
import type { LaunchKind } from '../../../src/simulator/launch/launch-form.js'
import { readFields, settingOf } from '../../../src/simulator/launch/launch-form.js'
import { linkOf } from '../../../src/simulator/launch/launch-link.js'
import { queryOfSetting } from '../../../src/simulator/launch/setting-query.js'
import { misbehaviorNames } from '../../../src/simulator/misbehavior/table.js'
import type { OwnApp } from '../../../src/simulator/settings/own-app.js'
import { ownAppMembers } from '../../../src/simulator/settings/own-app.js'
import type { LaunchSetting } from '../../../src/simulator/settings/setting.js'
import { decodeSetting, encodeSetting, settingMembers } from '../../../src/simulator/settings/setting.js'
import type { Arrived } from '../../support/simulator/settings-browser.js'
import { handlerOf, root, SettingsBrowser } from '../../support/simulator/settings-browser.js'

type Query = Readonly<Record<string, string>>

const handler = await handlerOf()
const own = {
  app: '*',
  launch_uri: 'http://127.0.0.1:9/launch',
  redirect_uris: 'http://127.0.0.1:9/callback',
  client_id: 'mine',
  user: 'alice'
}

const ownApp = { client_id: 'own-app', launch_uri: own.launch_uri, redirect_uris: [own.redirect_uris] }
const full = {
  skip: ['sign-in', 'consent'],
  spec: '2.2.0',
  misbehavior: 'discovery-slow',
  user: 'pat',
  patient: 'example-1',
  encounter: 'example-1-encounter-1',
  intent: 'order-review',
  banner: false,
  style: 'https://ehr.example/style.json',
  tenant: 'clinic-7',
  context: [{ reference: 'Location/7' }]
} satisfies LaunchSetting

/** A text that a field of one line holds. */
const line = fc
  .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
  .filter((text) => text === text.trim() && !/[\r\n]/.test(text))
const url = fc.constantFrom(
  'https://app.example/a?b=c&d=%20',
  'http://127.0.0.1:9/a',
  'http://[::1]:9/',
  'http://localhost:9/'
)
const scope = fc.constantFrom(
  'launch patient/*.rs',
  'openid system/Observation.rs?category=laboratory',
  'patient/*.cruds'
)
const jwk = { kty: 'EC', crv: 'P-256', kid: 'a', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU' }
const jwks = { keys: [{ ...jwk, y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' }] }
const named = { client_id: fc.stringMatching(/^[!-~]{1,20}$/) }
const credentials = fc.oneof(
  fc.record({
    client_secret: line,
    token_endpoint_auth_method: fc.constantFrom(undefined, 'client_secret_basic', 'client_secret_post')
  }),
  fc.constantFrom({}, { jwks }, { jwks_uri: 'https://app.example/jwks.json' })
)
const without = <T extends object>(value: T): T => JSON.parse(JSON.stringify(value)) as T
const appOfUsers = fc
  .tuple(
    fc.record({ ...named, launch_uri: url, redirect_uris: fc.array(url, { minLength: 1, maxLength: 3 }) }),
    fc.record({ client_name: line, scope, application_type: fc.constantFrom('web', 'native') }, { requiredKeys: [] }),
    credentials
  )
  .map((parts) => without(Object.assign({}, ...parts) as OwnApp))
const service = fc
  .tuple(
    fc.record(named),
    fc.record({ client_name: line, scope }, { requiredKeys: [] }),
    fc.constantFrom({ jwks }, { jwks_uri: 'https://app.example/jwks.json' })
  )
  .map((parts) => without(Object.assign({}, ...parts) as OwnApp))
const ofServer = { spec: fc.constantFrom('2.0.0', '2.1.0', '2.2.0'), misbehavior: fc.constantFrom(...misbehaviorNames) }
const ofUsers = {
  ...ofServer,
  user: line,
  skip: fc.constantFrom(['sign-in'], ['consent'], ['sign-in', 'consent']),
  patient: fc.constantFrom('example-1', 'A-b.c'),
  encounter: fc.constantFrom('example-1-encounter-1', 'x'),
  banner: fc.boolean(),
  app: appOfUsers
}
/** The members of settings that each kind of launch has a use for. */
const launches = fc.oneof(
  fc.record({ kind: fc.constant<LaunchKind>('standalone'), setting: fc.record(ofUsers, { requiredKeys: [] }) }),
  fc.record({
    kind: fc.constantFrom<LaunchKind>('ehr', 'portal'),
    setting: fc.record(
      {
        ...ofUsers,
        intent: line,
        style: url,
        tenant: line,
        context: fc.constantFrom([], [{ reference: 'ImagingStudy/1' }], [{ reference: 'Location/7' }])
      },
      { requiredKeys: [] }
    )
  }),
  fc.record({
    kind: fc.constant<LaunchKind>('backend'),
    setting: fc.record({ ...ofServer, app: service }, { requiredKeys: [] })
  })
) as fc.Arbitrary<{ readonly kind: LaunchKind; readonly setting: LaunchSetting }>

const sent = (parameters: Query, path = '/ehr/link'): Promise<Arrived> =>
  new SettingsBrowser(handler).request(`${root}${path}?${new URLSearchParams(parameters).toString()}`)
const pageOf = ({ response }: Arrived) => parseHtml(response.body)
const words = (text = ''): string => text.replaceAll('&quot;', '"').replaceAll(/\s+/g, ' ').trim()
/** The control that gets the focus, and the complaint beside it. */
const wrongField = (arrived: Arrived): ReadonlyArray<string | undefined> => {
  const field = pageOf(arrived).querySelector('#wrong')
  return [field?.querySelector('[autofocus]')?.getAttribute('name'), words(field?.querySelector('.complaint')?.text)]
}
const complaintIn = (arrived: Arrived): string => words(pageOf(arrived).querySelector('[role=alert] p')?.text)
const copyTexts = (arrived: Arrived): ReadonlyArray<string> =>
  ['iss', 'discovery', 'client_id'].map((id) => words(pageOf(arrived).querySelector(`#${id}`)?.text))

describe('a field of the launch form', () => {
  it.each<[string, Query, string, string]>([
    ['no launch URL', { ...own, launch_uri: '' }, 'launch_uri', 'enter the address at which the app is launched'],
    ['no redirect URL', { ...own, redirect_uris: '' }, 'redirect_uris', 'example http://localhost:3000/callback.'],
    ['no client_id', { ...own, client_id: '' }, 'client_id', 'enter the id that the app sends.'],
    [
      'none of the three',
      { ...own, launch_uri: '', redirect_uris: '', client_id: '' },
      'launch_uri',
      'Also empty: Redirect URLs, client_id.'
    ],
    ['no URL', { ...own, launch_uri: 'not a url' }, 'launch_uri', 'begins with https:// and a host name'],
    ['no URL, quoted', { ...own, launch_uri: 'not a url' }, 'launch_uri', 'found "not a url".'],
    ...['http://LOCALHOST:4599/launch', 'HTTP://localhost:4599/launch'].map(
      (launch_uri): [string, Query, string, string] => [
        'a host or scheme in upper case',
        { ...own, launch_uri },
        'launch_uri',
        `found "${launch_uri}". Addresses are compared letter by letter. Write the scheme and the host in lower case: ` +
          'http://localhost:4599'
      ]
    ),
    [
      'a redirect URL in upper case',
      { ...own, redirect_uris: 'http://LocalHost:4599/Cb' },
      'redirect_uris',
      'in lower case: http://localhost:4599'
    ],
    [
      'no scheme before localhost',
      { ...own, launch_uri: 'localhost:4599/launch' },
      'launch_uri',
      '127.0.0.1; found "localhost:4599/launch". Did you mean http://localhost:4599/launch?'
    ],
    [
      'no scheme before an address of this machine',
      { ...own, redirect_uris: '127.0.0.1:4599/cb' },
      'redirect_uris',
      'Did you mean http://127.0.0.1:4599/cb?'
    ],
    [
      'a port that is none',
      { ...own, redirect_uris: 'localhost:99999/cb' },
      'redirect_uris',
      'A scheme of its own is for apps of the type native; found "localhost:99999/cb".'
    ],
    [
      'one wrong redirect URL of two',
      { ...own, redirect_uris: 'https://a.example/\nhttp://a.example/b' },
      'redirect_uris',
      'found "http://a.example/b".'
    ],
    ['a fragment', { ...own, redirect_uris: 'https://a.example/#x' }, 'redirect_uris', 'has no #'],
    ['URLs beside another app', { ...own, app: 'sample-app' }, 'app', 'the URLs of another app are filled in below'],
    ['nothing', {}, 'app', 'choose one. The field app is missing.'],
    ['an app that is not there', { app: 'nobody' }, 'app', 'there is no app "nobody".'],
    ['no user', { ...own, user: '' }, 'user', 'choose one. The field user is missing.'],
    ['no user of a portal', { ...own, kind: 'portal', user: '' }, 'user', 'choose one. The field user is missing.'],
    [
      'a user who is not there',
      { ...own, user: 'mallory' },
      'user',
      'there is no user "mallory". Here: alice, bob, pat.'
    ],
    [
      'a portal of a clinician',
      { ...own, kind: 'portal', user: 'bob' },
      'user',
      'for users who are patients. Here: pat.'
    ],
    [
      'an encounter of another patient',
      { ...own, patient: 'example-2', encounter: 'example-1-encounter-1' },
      'encounter',
      '"example-1-encounter-1" is none of "Ben Invented"'
    ]
  ])('gets the focus, and says what is wrong: %s', async (_name, parameters, name, sentence) => {
    const arrived = await sent(parameters)
    const [focused, complaint] = wrongField(arrived)
    expect([arrived.response.status, focused]).toEqual([400, name])
    expect(complaint).toContain(sentence)
    expect(pageOf(arrived).querySelector('[role=alert] a')?.getAttribute('href')).toBe('#wrong')
  })

  it.each<[Query, string]>([
    [{ born: '12.04.1961' }, 'Birth date: expected a year, a month or a day, as 1961, 1961-04 or 1961-04-12; found'],
    [{ sex: 'w' }, 'Sex: expected female, male, other or unknown'],
    [{ page: '99' }, 'Page: there is no page "99". The last one is 4.'],
    [{ user: 'mallory' }, 'User: there is no user "mallory".'],
    [
      { user: 'bob', patient: 'example-1' },
      'Patient: bob may not see that patient, or there is no patient "example-1".'
    ],
    [{ show: 'encounters' }, 'Patient: choose the one whose encounters are to be shown.'],
    [{ app: 'nobody' }, 'Which app: there is no app "nobody".']
  ])('is not ignored by the panel: %j', async (parameters, sentence) => {
    const arrived = await sent(parameters, '/')
    expect(arrived.response.status).toBe(400)
    expect(complaintIn(arrived)).toContain(sentence)
    expect(pageOf(arrived).querySelectorAll('#wrong')).toHaveLength(1)
  })

  it('shows a portal with a user who is a patient', async () => {
    const selected = async (parameters: Query): Promise<string | undefined> =>
      pageOf(await sent(parameters, '/'))
        .querySelector('[name=user] [selected]')
        ?.getAttribute('value')
    expect([await selected({ kind: 'portal' }), await selected({})]).toEqual(['pat', 'alice'])
    const { response } = await sent({ kind: 'portal' }, '/')
    expect(parseHtml(response.body).querySelector('[name=patient][checked]')?.getAttribute('value')).toBe('example-1')
  })
})

describe('the way back to the launch page', () => {
  it('leads to the same setting: what it says is in the query, except a secret', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(launches, ({ kind, setting }) => {
        fc.pre(Either.isRight(decodeSetting(encodeSetting(setting))))
        for (const name of [...Object.keys(setting), ...Object.keys(setting.app ?? {})]) seen.add(name)
        const { client_secret = '' } = setting.app ?? {}
        const form = readForm(queryOfSetting(setting, kind, 'sample-app'))
        const fields = readFields(Either.isRight(form) ? form.right : new Map())
        expect([fields.kind, fields.client_secret]).toEqual([kind, ''])
        const made = settingOf({ ...fields, client_secret }, '2.0.0')
        expect(made).toEqual(Either.right(setting))
        const { base } = linkOf(root, setting, { kind, clientId: 'a', launchUri: null, isFramed: false })
        const inLink = base === root ? Either.right({}) : decodeSetting(base.split('/sim/')[1] ?? '')
        expect(inLink).toEqual(Either.right(setting))
      }),
      { numRuns: 500 }
    )
    expect([...seen].toSorted()).toEqual([...settingMembers, ...ownAppMembers].toSorted())
  })

  it('leads from the panel to a link with the same setting', async () => {
    const setting: LaunchSetting = {
      ...full,
      app: { ...ownApp, client_name: 'Growth Charts', scope: 'launch openid patient/*.rs' }
    }
    const query = new URLSearchParams(queryOfSetting(setting, 'portal', 'own-app'))
    const panel = pageOf(await sent(Object.fromEntries(query), '/'))
    const shownIn = (name: string): string | undefined => panel.querySelector(`[name=${name}]`)?.getAttribute('value')
    expect([shownIn('client_name'), shownIn('scope')]).toEqual(['Growth Charts', 'launch openid patient/*.rs'])
    const arrived = await new SettingsBrowser(handler).request(`${root}/ehr/link?${query.toString()}`)
    const link = words(pageOf(arrived).querySelector('#link')?.text)
    expect(decodeSetting(link.split('/')[4] ?? '')).toEqual(Either.right(setting))
  })

  it('keeps a setting without a user as it is, from the panel on', async () => {
    for (const setting of [
      { app: ownApp, patient: 'example-2' },
      { app: ownApp }
    ] satisfies ReadonlyArray<LaunchSetting>)
      for (const kind of ['ehr', 'standalone'] as const) {
        const query = queryOfSetting(setting, kind, 'own-app')
        const panel = pageOf(await new SettingsBrowser(handler).request(`${root}/?${query}`))
        const user = panel.querySelector('select[name=user] option[selected]')
        expect([user?.getAttribute('value'), user?.text]).toEqual(['*', 'Not named: the user who is signed in'])
        const link = await new SettingsBrowser(handler).request(`${root}/ehr/link?${query}&go=link`)
        const made = words(pageOf(link).querySelector('#iss')?.text).split('/')[4] ?? ''
        expect(decodeSetting(made)).toEqual(Either.right(setting))
      }
  })

  it('has public keys, and no private one', () => {
    const keysOf = (jwks: Readonly<Record<string, unknown>>): string | null =>
      new URLSearchParams(queryOfSetting({ app: { client_id: 'own-app', jwks } }, 'backend', 'own-app')).get('keys')
    expect(keysOf({ keys: [{ kty: 'EC', x: 'a' }] })).toBe('{"keys":[{"kty":"EC","x":"a"}]}')
    expect(keysOf({ keys: [{ kty: 'EC', x: 'a', d: 'b' }] })).toBeNull()
  })
})

describe('the secret of an app', () => {
  it.each([
    ['', undefined],
    ['client_secret_basic', 'client_secret_basic'],
    ['client_secret_post', 'client_secret_post']
  ])('is sent as the form says: %j', async (secret_method, method) => {
    const arrived = await sent({ ...own, client_secret: 'hidden', secret_method })
    const link = words(pageOf(arrived).querySelector('#link')?.text)
    const setting = JSON.parse(Buffer.from(link.split('/')[4] ?? '', 'base64url').toString()) as Record<string, unknown>
    expect(setting['app']).toMatchObject({ client_secret: 'hidden' })
    expect((setting['app'] as Record<string, unknown>)['token_endpoint_auth_method']).toBe(method)
  })
})

describe('the key Enter in a field', () => {
  const pressed = async (parameters: Query): Promise<string> =>
    String(headerOf((await sent({ ...own, skip: 'consent', go: 'enter', ...parameters })).response, 'location'))

  it('presses the first button of the form, which launches', async () => {
    const [first] = pageOf(await sent({}, '/')).querySelectorAll('form.launch button')
    expect([first?.getAttribute('name'), first?.getAttribute('value')]).toEqual(['go', 'enter'])
    const { status, body } = (await sent({ ...own, go: 'enter' })).response
    expect([status, body.includes('Nothing answers at')]).toEqual([200, true])
  })

  it('searches if the search was changed, and keeps the form', async () => {
    expect(await pressed({ name: 'ben' })).toMatch(/^\/\?.*launch_uri=.*name=ben.*#patients$/)
    expect(await pressed({ name: 'ben', listed: 'name=ben&sex=&born=' })).toBe('undefined')
    expect(await pressed({ name: 'ben', listed: 'name=ben&sex=male&born=' })).toContain('#patients')
  })
})

describe('the addresses of a launch', () => {
  it('of an app by itself are those that it needs, also without a launch URL', async () => {
    const arrived = await sent({ ...own, kind: 'standalone', launch_uri: '' })
    const [iss = '', discovery, clientId] = copyTexts(arrived)
    expect([arrived.response.status, pageOf(arrived).querySelector('h1')?.text]).toEqual([200, 'Connect your app'])
    expect(iss).toMatch(/^http:\/\/127\.0\.0\.1:4010\/sim\/[\w-]+\/fhir$/)
    expect([discovery, clientId]).toEqual([`${iss}/.well-known/smart-configuration`, 'mine'])
    expect(pageOf(arrived).querySelectorAll('button[data-copy]')).toHaveLength(4)
    expect(pageOf(arrived).querySelector('pre#link')?.text).toContain('/ehr/link?')
    const found = await sent({}, (discovery ?? '').slice(root.length))
    expect(JSON.parse(found.response.body)).toMatchObject({ token_endpoint: iss.replace(/fhir$/, 'token') })
  })

  it('of a registered app have its id, and the link is beside them', async () => {
    const arrived = await sent({ app: 'sample-app', kind: 'standalone', user: 'alice' })
    const [iss = '', , clientId] = copyTexts(arrived)
    expect(clientId).toBe('sample-app')
    expect(words(pageOf(arrived).querySelector('#link')?.text)).toBe(
      `${root}/app/launch?iss=${encodeURIComponent(iss)}`
    )
  })

  it('on the first page are those of the server itself', async () => {
    expect(copyTexts(await sent({}, '/')).slice(0, 2)).toEqual([
      `${root}/fhir`,
      `${root}/fhir/.well-known/smart-configuration`
    ])
  })

  it('say that they work on this machine only, unless others can reach them', async () => {
    const text = async (publicBaseUrl: string): Promise<string> => {
      const { body } = await (
        await handlerOf({ publicBaseUrl })
      )({
        method: 'GET',
        path: '/ehr/link',
        query: new URLSearchParams({ ...own, redirect_uris: 'https://a.example/' }).toString(),
        headers: {},
        body: ''
      })()
      return words(parseHtml(body).querySelector('main')?.text)
    }
    expect(await text(root)).toContain('so it works on this machine only. The flag --public-url')
    expect(await text('https://ehr.example')).not.toContain('this machine only')
  })
})
