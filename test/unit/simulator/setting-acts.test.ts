/** What the members of a launch setting do: launches from the record system, and standalone. */
import { createHash } from 'node:crypto'
import { parse as parseHtml } from 'node-html-parser'
import { describe, expect, it } from 'vitest'
import { headerOf } from '../../../src/protocol/http/message.js'
import type { LaunchSetting } from '../../../src/simulator/settings/setting.js'
import { baseUrlWith } from '../../../src/simulator/settings/setting-servers.js'
import type { Arrived } from '../../support/simulator/settings-browser.js'
import { handlerOf, root, SettingsBrowser } from '../../support/simulator/settings-browser.js'

// Whether the app runs is not checked here.
const handler = await handlerOf({ fetchPrivateNetworks: [] })
const verifier = 'v'.repeat(64)
const app = {
  client_id: 'own-app',
  launch_uri: 'http://127.0.0.1:9/launch',
  redirect_uris: ['http://127.0.0.1:9/callback']
} as const
const skip = ['sign-in', 'consent'] as const

const query = (parameters: Readonly<Record<string, string>>): string => new URLSearchParams(parameters).toString()

const authorizeUrl = (setting: LaunchSetting, parameters: Readonly<Record<string, string>> = {}): string => {
  const base = baseUrlWith(root, setting)
  return `${base}/authorize?${query({
    client_id: app.client_id,
    redirect_uri: app.redirect_uris[0],
    response_type: 'code',
    scope: 'launch/patient openid fhirUser patient/*.rs',
    aud: `${base}/fhir`,
    state: 's',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...parameters
  })}`
}

const headingIn = ({ response }: Arrived): string => /<h1>(.*?)<\/h1>/s.exec(response.body)?.[1] ?? ''

/** The token response for the code with which the browser arrived at the app. */
const tokensOf = async (
  browser: SettingsBrowser,
  setting: LaunchSetting,
  { url }: Arrived
): Promise<Readonly<Record<string, unknown>>> => {
  const code = new URL(url).searchParams.get('code') ?? ''
  const { response } = await browser.request(
    `${baseUrlWith(root, setting)}/token`,
    query({
      grant_type: 'authorization_code',
      code,
      redirect_uri: app.redirect_uris[0],
      code_verifier: verifier,
      client_id: app.client_id
    })
  )
  return JSON.parse(response.body) as Readonly<Record<string, unknown>>
}

const claimsOf = ({ id_token }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(String(id_token).split('.')[1] ?? '', 'base64url').toString()) as Readonly<
    Record<string, unknown>
  >

describe('a standalone launch under a setting', () => {
  it('needs no page: the user is signed in, the patient is chosen, all requested scopes are granted', async () => {
    const setting: LaunchSetting = { app, skip, user: 'bob', patient: 'example-2', banner: false }
    const browser = new SettingsBrowser(handler)
    const arrived = await browser.go(authorizeUrl(setting))
    expect(arrived.url).toMatch(/^http:\/\/127\.0\.0\.1:9\/callback\?code=/)
    const tokens = await tokensOf(browser, setting, arrived)
    expect(tokens).toMatchObject({
      patient: 'example-2',
      need_patient_banner: false,
      scope: 'launch/patient openid fhirUser patient/*.rs'
    })
    expect(claimsOf(tokens)['fhirUser']).toBe(`${baseUrlWith(root, setting)}/fhir/Practitioner/p2`)
  })

  it('is denied by a user who allows nothing of all: the app gets access_denied at once', async () => {
    const browser = new SettingsBrowser(handler)
    const page = await browser.go(authorizeUrl({ app, skip: ['sign-in'], user: 'bob', patient: 'example-2' }))
    const form = parseHtml(page.response.body).querySelector('main form[action*="/interaction/"]')
    const hidden = (form?.querySelectorAll('input[type=hidden]') ?? []).map(
      (input) => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? ''] as const
    )
    expect(headingIn(page)).toBe('Give access?')
    const { response } = await browser.request(
      `http://127.0.0.1:4010${form?.getAttribute('action') ?? ''}`,
      query(Object.fromEntries([...hidden, ['decision', 'allow']]))
    )
    expect(String(response.headers['location'])).toMatch(/^http:\/\/127\.0\.0\.1:9\/callback\?error=access_denied/)
  })

  it('shows only the pages that are not left out', async () => {
    const heading = async (setting: LaunchSetting, parameters = {}): Promise<string> =>
      headingIn(await new SettingsBrowser(handler).go(authorizeUrl({ app, ...setting }, parameters)))
    expect([
      await heading({}),
      await heading({ skip: ['consent'] }),
      await heading({ skip: ['sign-in'] }),
      await heading({ skip: ['sign-in'], patient: 'example-2' }),
      await heading({ skip, patient: 'example-2' }, { prompt: 'consent' }),
      await heading({ skip, patient: 'example-2' }, { prompt: 'login' })
    ]).toEqual(['Sign in', 'Sign in', 'Choose a patient', 'Give access?', 'Give access?', 'Sign in'])
  })

  it('signs a user in at the authorization endpoint, and at no other page', async () => {
    const setting: LaunchSetting = { app, skip, user: 'alice', patient: 'example-2' }
    const cookiesAt = async (url: string): Promise<string> =>
      [headerOf((await new SettingsBrowser(handler).request(url)).response, 'set-cookie') ?? []].flat().join()
    expect(await cookiesAt(authorizeUrl(setting))).toContain('ehr_session=')
    expect(await cookiesAt(`${baseUrlWith(root, setting)}/apps`)).not.toContain('ehr_session=')
  })

  it('gives no patient whom the user may not see', async () => {
    const setting: LaunchSetting = { app, skip, user: 'bob', patient: 'example-1' }
    const browser = new SettingsBrowser(handler)
    const tokens = await tokensOf(browser, setting, await browser.go(authorizeUrl(setting)))
    expect([Object.hasOwn(tokens, 'patient'), tokens['scope']]).toEqual([false, 'openid fhirUser'])
  })

  it('gives an encounter of that patient, and of no other', async () => {
    const to = async (encounter: string): Promise<Readonly<Record<string, unknown>>> => {
      const setting: LaunchSetting = { app, skip, user: 'alice', patient: 'example-1', encounter }
      const browser = new SettingsBrowser(handler)
      const scope = 'launch/patient launch/encounter patient/*.rs'
      return tokensOf(browser, setting, await browser.go(authorizeUrl(setting, { scope })))
    }
    expect((await to('example-1-encounter-1'))['encounter']).toBe('example-1-encounter-1')
    expect(Object.hasOwn(await to('example-3-encounter-1'), 'encounter')).toBe(false)
  })

  it('is for the user of the setting: another session does not count, and another user cannot sign in', async () => {
    const browser = new SettingsBrowser(handler)
    await browser.go(`${root}/ehr/launch?${query({ client_id: 'sample-app', launch_uri: `${root}/app/launch` })}`)
    const setting: LaunchSetting = { app, user: 'bob' }
    const arrived = await browser.go(authorizeUrl(setting))
    expect([headingIn(arrived), arrived.response.body.includes('name="username" value="bob"')]).toEqual([
      'Sign in',
      true
    ])
    const users = parseHtml(arrived.response.body).querySelectorAll('tbody tr td:first-child')
    expect(users.map(({ text }) => text)).toEqual(['bob'])
    expect(parseHtml(arrived.response.body).querySelector('main')?.text).toContain('Only the user bob can go on')
    const field = (name: string): string =>
      new RegExp(`name="${name}" value="([^"]*)"`).exec(arrived.response.body)?.[1] ?? ''
    const signIn = (username: string, password: string): Promise<Arrived> =>
      browser.go(
        `${baseUrlWith(root, setting)}/ehr/sign-in`,
        query({ form_token: field('form_token'), return_to: field('return_to'), username, password })
      )
    expect((await signIn('alice', 'alice-demo')).response.body).toContain('User name or password is wrong.')
    expect(headingIn(await signIn('bob', 'bob-demo'))).toBe('Choose a patient')
  })
})

describe('"Not you?"', () => {
  const scope = 'launch/patient openid fhirUser patient/*.rs'
  const registered = { client_id: 'sample-app', redirect_uri: `${root}/app`, scope }
  const fieldIn = ({ response }: Arrived, name: string): string =>
    new RegExp(`name="${name}" value="([^"]*)"`).exec(response.body)?.[1] ?? ''
  const signInForm = (page: Arrived, user: string): string =>
    query({
      form_token: fieldIn(page, 'form_token'),
      return_to: fieldIn(page, 'return_to'),
      username: user,
      password: `${user}-demo`
    })
  const signIn = (browser: SettingsBrowser, page: Arrived, user: string): Promise<Arrived> =>
    browser.go(`${root}/ehr/sign-in`, signInForm(page, user))
  const offers = ({ response }: Arrived): boolean => response.body.includes('value="switch"')
  const switched = (browser: SettingsBrowser, page: Arrived, form_token = fieldIn(page, 'form_token')) =>
    browser.go(page.url.replace(/\?.*/, ''), query({ form_token, decision: 'switch' }))

  it('on the page of choice: the session ends, and the same request goes on as another user', async () => {
    const browser = new SettingsBrowser(handler)
    const choice = await signIn(browser, await browser.go(authorizeUrl({}, registered)), 'alice')
    expect([headingIn(choice), offers(choice)]).toEqual(['Choose a patient', true])
    const again = await switched(browser, choice)
    expect([headingIn(again), again.url === choice.url]).toEqual(['Sign in', false])
    expect((await browser.go(`${root}/ehr/sign-out`)).response.body).toContain('No user is signed in.')
    const other = await signIn(browser, again, 'bob')
    expect([headingIn(other), other.response.body.includes('Ben Invented'), offers(other)]).toEqual([
      'Choose a patient',
      true,
      true
    ])
    expect(other.response.body).not.toContain('Ada Synthetic')
    const form_token = fieldIn(other, 'form_token')
    const consent = await browser.go(other.url.replace(/\?.*/, ''), query({ form_token, patient: 'example-2' }))
    expect([headingIn(consent), offers(consent)]).toEqual(['Give access?', true])
    const allowed = query({ form_token: fieldIn(consent, 'form_token'), decision: 'allow', scope })
    const { url } = await browser.go(consent.url, allowed)
    expect([url.startsWith(`${root}/app?code=`), new URL(url).searchParams.get('state')]).toEqual([true, 's'])
    expect(headingIn(await browser.go(choice.url))).toBe('This request has ended')
  })

  it('on the page of consent it does the same, and the session has ended also for a copy of its cookie', async () => {
    const browser = new SettingsBrowser(handler)
    const page = await browser.go(authorizeUrl({}, registered))
    const { response } = await browser.request(`${root}/ehr/sign-in`, signInForm(page, 'alice'))
    const cookie = String(headerOf(response, 'set-cookie')).replace(/;.*/, '')
    const hasSession = async (): Promise<boolean> =>
      (
        await new SettingsBrowser(handler).request(`${root}/ehr/sign-out`, undefined, { cookie })
      ).response.body.includes('You are signed in as')
    expect(await hasSession()).toBe(true)
    const choice = await browser.go(`${root}${String(headerOf(response, 'location'))}`)
    const chosen = query({ form_token: fieldIn(choice, 'form_token'), patient: 'example-1' })
    const consent = await browser.go(choice.url.replace(/\?.*/, ''), chosen)
    expect(headingIn(consent)).toBe('Give access?')
    expect(headingIn(await switched(browser, consent))).toBe('Sign in')
    expect(await hasSession()).toBe(false)
  })

  it('is done by no form of another page or browser', async () => {
    const browser = new SettingsBrowser(handler)
    const choice = await signIn(browser, await browser.go(authorizeUrl({}, registered)), 'alice')
    for (const token of ['', 'x'.repeat(43)]) expect((await switched(browser, choice, token)).response.status).toBe(403)
    const stranger = await switched(new SettingsBrowser(handler), choice)
    expect([stranger.response.status, headingIn(stranger)]).toEqual([403, 'This cannot go on'])
    expect(headingIn(await browser.go(choice.url))).toBe('Choose a patient')
    expect((await browser.go(`${root}/ehr/sign-out`)).response.body).toContain('You are signed in as')
  })

  it.each<[string, LaunchSetting, Readonly<Record<string, string>>]>([
    ['the setting names the user', { app, user: 'alice' }, {}],
    ['the setting signs its user in', { app, skip: ['sign-in'] }, {}],
    ['the EHR launched the app', {}, { ...registered, launch: 'of the EHR', scope: 'launch patient/*.rs' }]
  ])('leads back to the launch page where %s', async (_name, setting, parameters) => {
    const browser = new SettingsBrowser(handler)
    const launched = await browser.go(
      `${root}/ehr/launch?${query({ client_id: 'sample-app', launch_uri: `${root}/app/launch`, user: 'alice' })}`
    )
    const launch = new URL(launched.url).searchParams.get('launch') ?? ''
    const page = await browser.go(
      authorizeUrl(setting, 'launch' in parameters ? { ...parameters, launch } : parameters)
    )
    expect([headingIn(page), offers(page)]).toEqual([expect.stringMatching(/Choose a patient|Give access/), false])
    const link = parseHtml(page.response.body).querySelector('.parties a')
    expect(link?.text).toBe('Not you? Go back to the launch page')
    const form = await browser.go(`${root}${link?.getAttribute('href') ?? ''}`)
    const fields = parseHtml(form.response.body)
    const value = (selector: string): string | undefined => fields.querySelector(selector)?.getAttribute('value')
    const isOwn = setting.app !== undefined
    expect([form.response.status, value('[name=kind][checked]'), value('[name=app] [selected]')]).toEqual([
      200,
      isOwn ? 'standalone' : 'ehr',
      isOwn ? '*' : 'sample-app'
    ])
    expect([value('[name=launch_uri]'), value('[name=client_id]')]).toEqual(
      isOwn ? [app.launch_uri, app.client_id] : ['', '']
    )
    expect(fields.querySelector('[name=redirect_uris]')?.text).toBe(isOwn ? app.redirect_uris[0] : '')
    expect(headingIn(await switched(browser, page))).toBe(headingIn(page))
    expect((await browser.go(`${root}/ehr/sign-out`)).response.body).toContain('You are signed in as')
  })
})

describe('a launch from the record system under a setting', () => {
  const full: LaunchSetting = {
    app,
    skip,
    spec: '2.2.0',
    user: 'alice',
    patient: 'example-1',
    encounter: 'example-1-encounter-1',
    intent: 'reconcile-medications',
    banner: false,
    style: 'https://ehr.example/style.json',
    tenant: 'clinic-7',
    context: [{ reference: 'Location/7', role: 'https://ehr.example/ward' }]
  }

  it('has everything in its address', async () => {
    const browser = new SettingsBrowser(handler)
    const started = await browser.go(`${baseUrlWith(root, full)}/ehr/launch`)
    const launched = new URL(started.url)
    expect(started.url.startsWith(`${app.launch_uri}?`)).toBe(true)
    expect(launched.searchParams.get('iss')).toBe(`${baseUrlWith(root, full)}/fhir`)
    const arrived = await browser.go(
      authorizeUrl(full, { scope: 'launch patient/*.rs', launch: launched.searchParams.get('launch') ?? '' })
    )
    const { access_token: _token, ...tokens } = await tokensOf(browser, full, arrived)
    expect(tokens).toMatchObject({
      patient: 'example-1',
      encounter: 'example-1-encounter-1',
      intent: 'reconcile-medications',
      need_patient_banner: false,
      smart_style_url: 'https://ehr.example/style.json',
      tenant: 'clinic-7',
      fhirContext: [{ reference: 'Location/7', role: 'https://ehr.example/ward' }]
    })
  })

  it.each<[string, boolean | undefined, string, boolean]>([
    ['a launch without a frame', undefined, '/ehr/launch', true],
    ['a frame, whose banner is that of the record system', undefined, '/ehr/frame', false],
    ['a frame under a setting that says otherwise', true, '/ehr/frame', true]
  ])('says whether the app must show the patient: %s', async (_name, banner, path, expected) => {
    const setting = { app, skip, user: 'alice', patient: 'example-1', ...(banner === undefined ? {} : { banner }) }
    const browser = new SettingsBrowser(handler)
    const page = await browser.go(`${baseUrlWith(root, setting)}${path}`)
    const framed = parseHtml(page.response.body).querySelector('iframe')?.getAttribute('src')
    const { url } = framed === undefined ? page : await browser.go(`${root}${framed}`)
    const launch = new URL(url).searchParams.get('launch') ?? ''
    const arrived = await browser.go(authorizeUrl(setting, { scope: 'launch patient/*.rs', launch }))
    expect((await tokensOf(browser, setting, arrived))['need_patient_banner']).toBe(expected)
  })

  it.each<[string, LaunchSetting, Readonly<Record<string, string>>, string]>([
    ['a patient of another user', { app, user: 'bob', patient: 'example-1' }, {}, 'The user may not see that patient'],
    [
      'an encounter of another patient',
      { app, patient: 'example-1', encounter: 'example-3-encounter-1' },
      {},
      'not one of that patient'
    ],
    ['another patient in the query', { app, patient: 'example-1' }, { patient: 'example-2' }, 'has another patient'],
    ['another user in the query', { app, user: 'bob' }, { user: 'alice' }, 'has another user'],
    ['another launch URI', { app }, { launch_uri: 'https://evil.example/' }, 'launch_uri is not registered'],
    [
      'a launch URI of another app',
      { app },
      { client_id: 'sample-app', launch_uri: app.launch_uri },
      'launch_uri is not registered'
    ]
  ])('is refused: %s', async (_name, setting, parameters, sentence) => {
    const browser = new SettingsBrowser(handler)
    const { response, url } = await browser.go(`${baseUrlWith(root, setting)}/ehr/launch?${query(parameters)}`)
    expect([response.status, url.startsWith(root)]).toEqual([400, true])
    expect(response.body).toContain(sentence)
  })
})

describe('the app of a setting', () => {
  const authorizeAt = async (setting: LaunchSetting, parameters: Readonly<Record<string, string>> = {}) =>
    new SettingsBrowser(handler).go(authorizeUrl(setting, parameters))

  it('exists at no other server', async () => {
    expect((await authorizeAt({ app })).response.status).toBe(200)
    expect((await authorizeAt({})).response.status).toBe(400)
    expect((await authorizeAt({ user: 'alice' })).response.status).toBe(400)
  })

  it('gets no scope beyond the one that the setting names for it', async () => {
    const grantedWith = async (own: { readonly scope?: string }): Promise<unknown> => {
      const setting: LaunchSetting = { app: { ...app, ...own }, skip, user: 'bob', patient: 'example-2' }
      const browser = new SettingsBrowser(handler)
      const scope = 'launch/patient patient/Patient.rs patient/Observation.rs'
      return (await tokensOf(browser, setting, await browser.go(authorizeUrl(setting, { scope }))))['scope']
    }
    expect([await grantedWith({}), await grantedWith({ scope: 'launch/patient patient/Patient.rs' })]).toEqual([
      'launch/patient patient/Patient.rs patient/Observation.rs',
      'launch/patient patient/Patient.rs'
    ])
  })

  it('has exactly its redirect URIs', async () => {
    for (const redirect_uri of [
      'http://127.0.0.1:9/callback/',
      'http://127.0.0.1:10/callback',
      'https://evil.example/'
    ])
      expect((await authorizeAt({ app }, { redirect_uri })).response.status).toBe(400)
  })

  it('is the client of its id at its server alone, also if another app is registered with the id', async () => {
    const setting = { app: { ...app, client_id: 'my-app' }, user: 'alice' }
    const statusAt = async (given: LaunchSetting, redirect_uri: string): Promise<number> => {
      const base = baseUrlWith(root, given)
      const query = new URLSearchParams({
        response_type: 'code',
        client_id: 'my-app',
        redirect_uri,
        scope: 'launch/patient patient/*.rs',
        state: 's',
        aud: `${base}/fhir`,
        code_challenge: 'c'.repeat(43),
        code_challenge_method: 'S256'
      })
      return (await new SettingsBrowser(handler).go(`${base}/authorize?${query.toString()}`)).response.status
    }
    const [own, registered] = [app.redirect_uris[0], 'http://127.0.0.1:4567/redirect']
    expect([await statusAt(setting, own), await statusAt(setting, registered)]).toEqual([200, 400])
    expect([await statusAt({ user: 'alice' }, own), await statusAt({ user: 'alice' }, registered)]).toEqual([400, 200])
  })

  it('cannot name a user that does not exist', async () => {
    const base = baseUrlWith(root, { user: 'mallory' })
    const { response } = await new SettingsBrowser(handler).request(`${base}/fhir/metadata`)
    expect(`${String(response.status)} ${response.body}`).toMatch(/^400 [^]*one of the users of this simulator/)
  })

  it('cannot have the id of a client of the configuration that only asks about tokens', async () => {
    const guarded = await handlerOf({ introspectionClients: [{ client_id: 'resource-server', client_secret: 's' }] })
    const statusAt = async (clientId: string): Promise<number> => {
      const base = baseUrlWith(root, { app: { ...app, client_id: clientId } })
      const address = `${base}/fhir/.well-known/smart-configuration`
      return (await new SettingsBrowser(guarded).request(address)).response.status
    }
    expect([await statusAt('resource-server'), await statusAt('another')]).toEqual([400, 200])
  })

  it('gets errors only after a page of this server, because it was not reviewed', async () => {
    const { response, url } = await authorizeAt({ app }, { response_type: 'token' })
    expect([response.status, url.startsWith(root)]).toEqual([400, true])
    expect(response.body).toContain('This system has not verified the app.')
    expect(response.body).toMatch(/href="http:\/\/127\.0\.0\.1:9\/callback\?[^"]*error=unsupported_response_type/)
  })
})
