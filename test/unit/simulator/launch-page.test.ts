/** The launch page, the page of apps, and what browsers get in place of answers for programs. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parse as parseHtml } from 'node-html-parser'
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
  client_id: 'my-own-app',
  user: 'alice'
}

const panelAt = async (address: string): Promise<Arrived> => new SettingsBrowser(handler).request(`${root}${address}`)
const panel = async (parameters: Readonly<Record<string, string>>, path = '/'): Promise<Arrived> =>
  panelAt(`${path}?${query(parameters)}`)
const radios = ({ response }: Arrived): ReadonlyArray<string> =>
  [...response.body.matchAll(/name="patient" value="([^"]+)"/g)].map(([, id = '']) => id)
const linkIn = ({ response }: Arrived): string =>
  (/id="link">([^<]*)</.exec(response.body)?.[1] ?? '').replaceAll('&amp;', '&')

describe('the launch page', () => {
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

  it.each(['standalone', 'backend'])('asks nothing of the fields that a launch of the kind %s hides', async (kind) => {
    const keys = kind === 'backend' ? { keys: 'http://127.0.0.1:9/jwks' } : {}
    const { response } = await panel({ ...own, ...keys, kind, frame: 'yes', context: '[bad', go: 'link' }, '/ehr/link')
    expect(response.status).toBe(200)
  })

  it('says which fields a launch of the app by itself leaves out, before it is launched', async () => {
    const fields = { intent: 'order-review', tenant: 'clinic', style: 'https://a.example/', context: 'Location/7' }
    const textOf = async (parameters: Readonly<Record<string, string>>, path = '/ehr/link'): Promise<string> =>
      (await panel({ ...own, ...parameters }, path)).response.body.replaceAll(/<[^>]*>/g, '').replaceAll(/\s+/g, ' ')
    const leftOut = 'Left out: intent, smart_style_url, tenant, fhirContext.'
    for (const go of ['launch', 'link', 'enter'])
      expect(await textOf({ ...fields, kind: 'standalone', go })).toContain(leftOut)
    expect(await textOf({ kind: 'standalone', go: 'link' })).not.toContain('Left out')
    expect(await textOf({ ...fields, kind: 'ehr', go: 'link' })).not.toContain('Left out')
    const { response } = await panel({ ...own, kind: 'standalone' })
    expect(response.body).toMatch(/<p class="quiet for-alone">An app that is launched by itself gets no/)
  })

  it('can leave the patient out: so says the chosen first row, and the link', async () => {
    const { response } = await panel({ ...own, kind: 'ehr', user: 'alice', patient: '' })
    expect(response.body).toMatch(/name="patient" value="" checked> <span>No patient/)
    const link = async (patient: string): Promise<string> =>
      Buffer.from(
        /sim\/([^/]+)/.exec(linkIn(await panel({ ...own, kind: 'ehr', user: 'alice', patient }, '/ehr/link')))?.[1] ??
          '',
        'base64url'
      ).toString()
    expect([await link(''), await link('example-1')]).toEqual([
      expect.not.stringContaining('patient'),
      expect.stringContaining('"patient":"example-1"')
    ])
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

  it('has an address to share where an app by itself has no launch URL, which says the same', async () => {
    const { launch_uri: _none, ...app } = own
    const fields = { ...app, kind: 'standalone', name: 'ada', sex: '', page: '1', listed: 'x', scope: '', go: 'link' }
    const page = await panel({ ...fields, client_secret: 's' }, '/ehr/link')
    const isOf = ({ response }: Arrived): string => parseHtml(response.body).querySelector('#iss')?.text ?? ''
    const shared = linkIn(page)
    expect(Object.fromEntries(new URL(shared).searchParams)).toEqual({ ...app, kind: 'standalone', client_secret: 's' })
    expect(shared.startsWith(`${root}/ehr/link?`)).toBe(true)
    expect(isOf(page)).toMatch(/\/sim\/[\w-]+\/fhir$/)
    expect(isOf(await new SettingsBrowser(handler).request(shared))).toBe(isOf(page))
    expect(parseHtml(page.response.body).querySelector('#link-is')?.text).toContain('The app has no launch URL')
    const back = parseHtml(page.response.body)
      .querySelectorAll('main a')
      .map((link) => link.getAttribute('href') ?? '')
    const forms = back.filter((href) => href.startsWith('/?'))
    expect([forms.length > 0, forms.filter((href) => href.includes('client_secret'))]).toEqual([true, []])
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

  it.each([
    ['', { user: 'alice' }],
    ['2.0.0', { user: 'alice', spec: '2.0.0' }]
  ])('launches a registered app at its own URL, and names a release if one is chosen: %j', async (spec, expected) => {
    const fields = { app: 'sample-app', user: 'alice', spec, launch_uri: 'https://evil.example/launch' }
    const link = new URL(linkIn(await panel(fields, '/ehr/link')))
    expect(link.searchParams.get('launch_uri')).toBe(`${root}/app/launch`)
    const setting = Buffer.from(/sim\/([^/]+)/.exec(link.href)?.[1] ?? '', 'base64url').toString()
    expect(JSON.parse(setting)).toEqual(expected)
  })

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['an app that is not registered', { app: 'no-such-app' }, 'Which app: there is no app'],
    ['a script', { ...own, launch_uri: 'javascript:alert(1)' }, 'Launch URL: expected'],
    ['a foreign redirect over http', { ...own, redirect_uris: 'http://app.example/' }, 'Redirect URLs: expected'],
    ['a patient whom the user may not see', { ...own, user: 'bob', patient: 'example-1' }, 'may not see that patient'],
    [
      'a patient whom the user of a portal may not see',
      { ...own, kind: 'portal', user: 'pat', patient: 'example-2' },
      'Patient: pat may not see that patient'
    ],
    ['a wrong context', { ...own, context: '[{' }, 'fhirContext: expected JSON'],
    [
      'a wrong item of the context',
      { ...own, context: 'Location/7\nLocation-8' },
      'fhirContext: at [1].reference expected a relative reference, a type and an id such as ImagingStudy/123, found ' +
        '&quot;Location-8&quot;.'
    ],
    [
      'a malformed scope',
      { ...own, scope: 'launch  patient/Observation.rs?' },
      '&quot;patient/Observation.rs?&quot; is malformed at its character 24: expected name=value, with &amp; between'
    ],
    [
      'a frame without a patient',
      { ...own, frame: 'yes' },
      'id="wrong" tabindex="-1">Frame: choose a patient for the banner.'
    ]
  ])('says what is wrong with %s, and keeps what was entered', async (_name, parameters, sentence) => {
    const { response } = await panel({ intent: 'kept-intent', ...parameters }, '/ehr/link')
    expect([response.status, headerOf(response, 'location')]).toEqual([400, undefined])
    expect(response.body.replaceAll(/\s+/g, ' ')).toContain(sentence)
    expect(response.body).toContain('value="kept-intent"')
  })

  it.each<[string, string, string]>([
    ['kind=ehrr', 'Launch', 'expected ehr, portal, standalone, backend; found &quot;ehrr&quot;. Did you mean ehr?'],
    ['spec=9', 'Release of SMART App Launch', 'expected 2.0.0, 2.1.0, 2.2.0; found &quot;9&quot;.'],
    ['spec=2.0.0&spec=2.1.0', 'Release of SMART App Launch', 'expected one value; found 2.'],
    ['misbehavior=nope', 'Misbehavior', 'expected a name of the list; found &quot;nope&quot;.'],
    ['misbehavior=nonce-mising', 'Misbehavior', 'Did you mean nonce-missing?'],
    ['banner=maybe', 'need_patient_banner', 'expected yes, no; found &quot;maybe&quot;.'],
    ['skip=sign-in&skip=choice', 'Pages that are left out', 'found &quot;choice&quot;.'],
    ['frame=no', 'Frame', 'expected yes; found &quot;no&quot;.'],
    ['app=*&secret_method=basic', 'The app sends its secret', 'found &quot;basic&quot;.'],
    ['encounter=enc-1', 'Patient', 'choose the one of the encounter &quot;enc-1&quot;']
  ])(
    'says at the field what is wrong with %s, on the page and where the link is made',
    async (wanted, label, sentence) => {
      for (const path of ['/', '/ehr/link']) {
        const { response } = await panelAt(`${path}?${wanted.includes('app=') ? '' : 'app=sample-app&'}${wanted}`)
        const wrong = parseHtml(response.body).querySelector('#wrong')
        const text = `${wrong?.closest('fieldset')?.text ?? ''}${wrong?.text ?? ''}`.replaceAll(/\s+/g, ' ')
        expect(text).toContain(label)
        expect(response.body.replaceAll(/\s+/g, ' ')).toContain(sentence)
        expect(wrong?.closest('details')?.hasAttribute('open') ?? true).toBe(true)
      }
    }
  )

  it('takes scopes with any white space between them', async () => {
    const link = linkIn(await panel({ ...own, scope: 'launch\t patient/*.rs ' }, '/ehr/link'))
    const setting = Buffer.from(/sim\/([^/]+)/.exec(link)?.[1] ?? '', 'base64url').toString()
    expect(JSON.parse(setting)).toMatchObject({ app: { scope: 'launch patient/*.rs' } })
  })

  it('says which field is meant by one that there is not', async () => {
    const { response } = await panelAt('/?misbehaviour=nonce-missing')
    expect(response.body).toContain('There is no field &quot;misbehaviour&quot;. Did you mean misbehavior?')
    expect((await panelAt('/?utm_source=a-letter')).response.body).not.toContain('There is no field')
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

it('keeps the lines of the fields in the address', async () => {
  const lines = {
    redirect_uris: 'http://127.0.0.1:1/a\nhttp://127.0.0.1:1/b',
    context: 'Group/1\nGroup/2',
    keys: '{\n}'
  }
  const { response } = await new SettingsBrowser(handler).request(`${root}/?${query({ app: '*', ...lines })}`)
  const page = parseHtml(response.body)
  for (const [name, value] of Object.entries(lines))
    expect(page.querySelector(`textarea[name=${name}]`)?.text, name).toBe(value)
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
      const { response } = await new SettingsBrowser(handler).request(`${link}&unchecked=yes`)
      expect([response.status, /<iframe[^>]*src="([^"?]*)/.exec(response.body)?.[1]]).toEqual([
        200,
        new URL(link).pathname.replace('/ehr/frame', '/ehr/launch')
      ])
    }
  })

  it('frames no other origins than those at which the app begins and ends a launch', async () => {
    expect(policyOf(await framed({ app, patient: 'example-1', skip }))).toContain(
      "frame-src 'self' https://app.example;"
    )
    const redirect_uris = ['https://app.example/', 'https://end.example/a', 'http://127.0.0.1:3000/b']
    expect(policyOf(await framed({ app: { ...app, redirect_uris }, patient: 'example-1', skip }))).toContain(
      "frame-src 'self' https://app.example https://end.example http://127.0.0.1:3000;"
    )
    expect(policyOf(await framed({ app, misbehavior: 'state-wrong', patient: 'example-1', skip }))).toContain(
      "frame-src 'self' https://app.example http://localhost:4010;"
    )
    const other = await framed({ app, patient: 'example-1', skip }, { launch_uri: 'https://evil.example/launch' })
    expect([other.response.status, policyOf(other).includes('evil.example')]).toEqual([400, false])
  })

  it('names the app and the user beside the patient', async () => {
    const words = async (own: object): Promise<string> => {
      const { response } = await framed({ app: { ...app, ...own }, patient: 'example-1', skip, user: 'alice' })
      return parseHtml(response.body).querySelector('main')?.text.replaceAll(/\s+/g, ' ') ?? ''
    }
    expect(await words({ client_name: 'Growth Charts' })).toContain(
      'The app: Growth Charts (own), from https://app.example. The user: alice.'
    )
    expect(await words({})).toContain('The app: own, from https://app.example. The user: alice.')
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
    const registered = await browser.go(`${root}/ehr/apps/new`, query({ form_token, ...metadata }))
    const shown = (name: string): string =>
      new RegExp(`<pre class="copyable"[^>]* id="${name}">([^<]*)<`).exec(registered.response.body)?.[1] ?? ''
    const [client_id, secret] = [shown('client_id'), shown('client_secret')]
    expect([shown('iss'), secret]).toEqual([`${root}/fhir`, expect.stringMatching(/^[\w-]{43}$/)])
    // Loaded again, the page repeats nothing; in another browser it shows nothing.
    expect((await browser.request(registered.url)).response.body).toContain(secret)
    expect((await new SettingsBrowser(handler).request(registered.url)).response.status).toBe(303)
    expect((await browser.request(`${root}/ehr/apps`)).response.body.split('/ehr/apps/remove').length).toBe(2)
    const listed = async (): Promise<string> => (await browser.request(`${root}/ehr/apps`)).response.body
    expect(await listed()).toContain(client_id)
    expect(await listed()).not.toContain(secret)
    expect(await listed()).toContain(`/ehr/log?app=${client_id}`)
    const form = await browser.request(`${root}/ehr/apps/change?client_id=${client_id}`)
    expect(form.response.body).toContain('value="Paper"')
    const changed = await browser.go(
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
    expect(await of(browser, 'remove', { form_token, client_id: 'sample-app' })).toBe(403)
    expect(await of(browser, 'new', { form_token, ...metadata, redirect_uris: 'javascript:alert(1)' })).toBe(400)
  })

  it.each([
    ['ehr', { ...metadata, launch_uris: 'http://127.0.0.1:9/launch' }],
    ['standalone', metadata],
    ['backend', { method: 'private_key_jwt', keys: 'http://127.0.0.1:9/jwks' }]
  ])('offers the launch of kind %s that the app can have, unless the address says another', async (kind, fields) => {
    const browser = new SettingsBrowser(handler)
    const form_token = tokenIn(await browser.request(`${root}/ehr/apps/new`))
    const { response } = await browser.go(`${root}/ehr/apps/new`, query({ form_token, ...fields }))
    const link = /href="(\/\?app=[^"]*)"[^>]*>Launch it/.exec(response.body)?.[1] ?? ''
    const kindAt = async (address: string): Promise<string | undefined> =>
      /name="kind" value="(\w+)" checked/.exec((await browser.request(`${root}${address}`)).response.body)?.[1]
    expect([await kindAt(link), await kindAt(`${link}&kind=portal`)]).toEqual([kind, 'portal'])
  })

  it('sends back several lines as they were typed, and takes no refused id for that of an app', async () => {
    const browser = new SettingsBrowser(handler)
    const form_token = tokenIn(await browser.request(`${root}/ehr/apps/new`))
    const urls = 'http://127.0.0.1:1/a\r\nhttp://127.0.0.1:1/b'
    const typed = { client_id: 'x 1', redirect_uris: urls, launch_uris: urls, scope: 'launch\r\nopenid' }
    const refused = await browser.request(`${root}/ehr/apps/new`, query({ form_token, client_name: 'Lines', ...typed }))
    const page = parseHtml(refused.response.body)
    const areas = ['redirect_uris', 'launch_uris', 'scope'].map(
      (name) => page.querySelector(`textarea[name=${name}]`)?.text
    )
    expect([refused.response.status, ...areas]).toEqual([400, urls, urls, 'launch\r\nopenid'])
    expect(page.text).not.toContain('The app sends the id')
  })

  it('says at the field that an address is missing', async () => {
    const browser = new SettingsBrowser(handler)
    const form_token = tokenIn(await browser.request(`${root}/ehr/apps/new`))
    const nowhere = await browser.request(`${root}/ehr/apps/new`, query({ form_token, client_name: 'Nowhere' }))
    expect(nowhere.response.status).toBe(400)
    expect(nowhere.response.body).toMatch(/name="redirect_uris"[^]*class="complaint"[^>]*>enter at least one address/)
  })

  it('says near its top that a misbehavior is chosen, and leads to the same form without it', async () => {
    const browser = new SettingsBrowser(handler)
    const fields = { kind: 'ehr', app: 'sample-app', user: 'bob', skip: 'consent', intent: 'a & b' }
    const hidden = { client_secret: 'hush', misbehavior: 'nonce-missing' }
    const { response } = await browser.request(`${root}/?${query({ ...fields, ...hidden })}`)
    const page = parseHtml(response.body)
    const shown = page.querySelector('.notice.warn')
    expect(shown?.text).toContain('misbehaves in this launch: nonce-missing.')
    expect(response.body.indexOf('misbehaves in this launch')).toBeLessThan(response.body.indexOf('<form'))
    expect(page.querySelector('[name=misbehavior]')?.closest('details')?.hasAttribute('open')).toBe(true)
    const without = shown?.querySelectorAll('a').at(-1)?.getAttribute('href')?.replaceAll('&amp;', '&') ?? ''
    expect(Object.fromEntries(new URL(without, root).searchParams)).toEqual(fields)
    const again = await browser.request(new URL(without, root).href)
    expect(again.response.body).not.toContain('misbehaves in this launch')
  })

  it('says which scopes the registration left out, and leads back to the form', async () => {
    const browser = new SettingsBrowser(handler)
    const form_token = tokenIn(await browser.request(`${root}/ehr/apps/new`))
    const done = async (scope: string): Promise<string> =>
      (await browser.go(`${root}/ehr/apps/new`, query({ form_token, ...metadata, scope }))).response.body
    const page = parseHtml(await done('launch patient/Observation.rs?no-such=1'))
    expect(page.querySelector('.notice code')?.text).toBe('patient/Observation.rs?no-such=1')
    expect(page.querySelector('a.button[href*="/ehr/apps/change?client_id="]')?.text).toBe('Change')
    for (const scope of ['', 'launch patient/Patient.r']) expect(await done(scope)).not.toContain('are not registered')
    expect((await done(`launch ${'x'.repeat(9000)}`)).length).toBeLessThan(19_000)
  })

  it('shows the scope of an app on its card', async () => {
    const browser = new SettingsBrowser(handler)
    const form_token = tokenIn(await browser.request(`${root}/ehr/apps/new`))
    const scope = 'launch patient/Encounter.rs'
    await browser.go(`${root}/ehr/apps/new`, query({ form_token, ...metadata, client_name: 'Scoped', scope }))
    const { response } = await browser.request(`${root}/ehr/apps`)
    const card = parseHtml(response.body)
      .querySelectorAll('section.card')
      .find((one) => one.querySelector('h2')?.text === 'Scoped')
    const place = card?.querySelectorAll('dt').findIndex(({ text }) => text === 'Scope') ?? -1
    expect(card?.querySelectorAll('dd')[place]?.text).toBe(scope)
  })

  it('says that an app is removed, and names no app that was not', async () => {
    const browser = new SettingsBrowser(handler)
    const form_token = tokenIn(await browser.request(`${root}/ehr/apps/new`))
    const fields = { form_token, ...metadata, client_name: 'Gone <b>', client_id: 'gone&away' }
    await browser.go(`${root}/ehr/apps/new`, query(fields))
    const { response, url } = await browser.go(`${root}/ehr/apps/remove`, query(fields))
    expect(new URL(url).searchParams.get('removed')).toBe('gone&away')
    expect(parseHtml(response.body).querySelector('.notice[role=status]')?.text).toContain(
      'The app Gone <b> is removed.'
    )
    const other = await browser.request(`${root}/ehr/apps?removed=sample-app`)
    expect(parseHtml(other.response.body).querySelector('.notice.good')).toBeNull()
  })

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['redirect_uris', { redirect_uris: 'http://127.0.0.1:9/cb\nnot a url' }, 'found "not"'],
    ['launch_uris', { ...metadata, launch_uris: 'http://a.example/l' }, 'found "http://a.example/l"'],
    ['client_name', { ...metadata, client_name: 'n'.repeat(200) }, 'expected a name of at most 100 characters'],
    ['scope', { ...metadata, scope: 'a"b' }, '"a\\u{22}b" is malformed at its character 2: expected a printable'],
    [
      'scope',
      { ...metadata, scope: 'launch\n patient/Observation.sr' },
      '"patient/Observation.sr" is malformed at its character 22: expected permissions in the order cruds, each ' +
        'once. Did you mean patient/Observation.rs?'
    ],
    [
      'scope',
      { ...metadata, scope: 'launch\npatient/Pateint.rs' },
      '"patient/Pateint.rs" is no scope that this server knows. Did you mean patient/Patient.rs?'
    ],
    ['scope', { ...metadata, scope: 'foo/bar launch' }, '"foo/bar" is no scope that this server knows.'],
    ['scope', { ...metadata, scope: 'lauch' }, 'Did you mean launch?'],
    [
      'keys',
      { ...metadata, method: 'private_key_jwt', keys: '' },
      'the authentication private_key_jwt needs them. Paste a JWK Set, or enter its URL.'
    ]
  ])('says at the field what the registration refuses: %s', async (name, fields, sentence) => {
    const browser = new SettingsBrowser(handler)
    const form_token = tokenIn(await browser.request(`${root}/ehr/apps/new`))
    const { response } = await browser.request(`${root}/ehr/apps/new`, query({ form_token, ...fields }))
    const wrong = parseHtml(response.body).querySelector('#wrong')
    expect([response.status, wrong?.querySelector('input, textarea')?.getAttribute('name')]).toEqual([400, name])
    expect(wrong?.querySelector('.complaint')?.text.replaceAll('&quot;', '"')).toContain(sentence)
    expect(response.body).toContain('<a href="#wrong">Go to the field</a>')
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
    expect((await browser.request(`${root}/ehr/apps`)).response.body).toContain(client_id)
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

  it('learns that no patient matches, also where the chosen one stays in the list', async () => {
    const search = (patient: string) => get(`/?${query({ name: 'nobody', user: 'alice', patient })}`, {})
    expect((await search('')).response.body).toContain('>No patient matches the search.<')
    const chosen = (await search('example-6')).response.body
    expect(chosen).toContain('>No patient matches the search. The chosen one stays in the list.<')
    expect(chosen).not.toContain('0 patients')
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
