/**
 * The error pages of authorization requests and conversations: what the app sent, what is expected, where either is
 * changed, and how the app is launched again.
 */
import { parse as parseHtml } from 'node-html-parser'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { decodeSetting, encodeSetting } from '../../../../src/simulator/settings/setting.js'
import { refusalRow } from '../../../../src/protocol/errors/refusal-table.js'
import { printForm } from '../../../../src/protocol/http/form.js'
import {
  authorizationAt,
  browserAt,
  formOn,
  home,
  locationOf,
  simulatorHere
} from '../../../support/simulator/in-process.js'
import { handlerOf, root, SettingsBrowser } from '../../../support/simulator/settings-browser.js'

const handler = await handlerOf()
const app = {
  client_id: 'own',
  launch_uri: 'http://127.0.0.1:3000/launch',
  redirect_uris: ['http://127.0.0.1:3000/callback', 'https://app.example/callback'],
  scope: 'launch patient/*.rs'
}
const encoded = encodeSetting({ app, intent: 'order-review', user: 'bob' })
const server = `${root}/sim/${encoded}`

const shownFor = async (base: string, parameters: Readonly<Record<string, string>>) => {
  const query = new URLSearchParams({ response_type: 'code', state: 's', launch: 'x', ...parameters })
  const { response } = await new SettingsBrowser(handler).request(`${base}/authorize?${query.toString()}`)
  return { status: response.status, page: parseHtml(response.body) }
}
type Page = Awaited<ReturnType<typeof shownFor>>['page']
/** The parser leaves the tags inside `pre` as they are. */
const boxes = (page: Page): ReadonlyArray<string> =>
  page.querySelectorAll('pre').map(({ text }) => text.replaceAll(/<[^>]*>/g, '').trim())
const linkOf = (page: Page, label: string): string | undefined =>
  page
    .querySelectorAll('a')
    .find(({ text }) => text.trim() === label)
    ?.getAttribute('href')

describe('the error page of an authorization request', () => {
  it.each([
    ['localhost', 'two names of this machine'],
    ['[::1]', 'two names of this machine']
  ])('names both redirect addresses, and says that only the name of the machine differs: %s', async (name, words) => {
    const sent = `http://${name}:3000/callback`
    const { page, status } = await shownFor(server, { client_id: 'own', redirect_uri: sent })
    expect([status, boxes(page)]).toEqual([400, [sent, app.redirect_uris.join('\n')]])
    expect(page.text.replaceAll(/\s+/g, ' ')).toContain(`${name} and 127.0.0.1 are ${words}`)
  })

  it('names both where more differs, and says nothing of names', async () => {
    const sent = 'http://localhost:3000/other'
    const { page } = await shownFor(server, { client_id: 'own', redirect_uri: sent })
    expect([boxes(page)[0], page.text.includes('names of this machine')]).toEqual([sent, false])
  })

  it('leads to the launch page with the whole setting', async () => {
    const { page } = await shownFor(server, { client_id: 'own', redirect_uri: 'http://localhost:3000/callback' })
    const change = linkOf(page, 'Change the launch link') ?? ''
    const { response } = await new SettingsBrowser(handler).request(
      new URL(change, root).href.replace(`${root}/?`, `${root}/ehr/link?`)
    )
    const link = parseHtml(response.body).querySelector('#link')?.text ?? ''
    expect(decodeSetting(/sim\/([^/]+)/.exec(link)?.[1] ?? '')).toEqual(decodeSetting(encoded))
    expect(linkOf(page, 'Register this app')).toBeUndefined()
  })

  it('names the client_id of the launch link where the app sends another one', async () => {
    const { page } = await shownFor(server, { client_id: 'owm', redirect_uri: app.redirect_uris[0] ?? '' })
    expect([boxes(page), linkOf(page, 'Change the launch link')?.includes('client_id=own')]).toEqual([
      ['owm', 'own'],
      true
    ])
  })

  it('names the client_id of the launch link also where the app sends that of a registered app', async () => {
    const sent = app.redirect_uris[0] ?? ''
    const { page } = await shownFor(server, { client_id: 'sample-app', redirect_uri: sent })
    expect(boxes(page)).toEqual(['sample-app', 'own'])
    const words = page.text.replaceAll(/\s+/g, ' ')
    expect(words).toContain('The client_id that the app sent is not that of this launch link.')
    expect(words).toContain(`The app sent this redirect_uri with it: ${sent}.`)
    expect(words).not.toContain(`${root}/app`)
    const other = await shownFor(server, { client_id: 'sample-app', redirect_uri: 'https://other.example/' })
    expect(boxes(other.page)).toEqual(['sample-app', 'own', 'https://other.example/', app.redirect_uris.join('\n')])
  })

  it.each([
    [{ client_id: 'sample-app', redirect_uri: app.redirect_uris[0] ?? '' }, 'sample-app', app.redirect_uris],
    [{ client_id: 'own', redirect_uri: 'https://x.example/' }, 'own', [...app.redirect_uris, 'https://x.example/']]
  ])('leads to the form of the launch link with what the app sent: %j', async (sent, clientId, uris) => {
    const { page } = await shownFor(server, sent)
    const fields = new URL(linkOf(page, 'Put what the app sent into the launch link') ?? '', root).searchParams
    expect([fields.get('client_id'), fields.get('redirect_uris')]).toEqual([clientId, uris.join('\n')])
    expect([fields.get('intent'), fields.get('user')]).toEqual(['order-review', 'bob'])
  })

  it.each([
    [
      'unknown-app',
      'No app with the client_id that was sent is registered here.',
      'redirect_uri with it: https://x.example/'
    ],
    [
      'sample-app',
      'The redirect_uri that the app sent is not registered for its client_id.',
      'client_id with it: sample'
    ],
    ['x'.repeat(3000), 'No app with the client_id that was sent is registered here.', 'https://x.example/']
  ])('says at the plain server which of the two is wrong, and shows both: %#', async (clientId, reason, too) => {
    const { page } = await shownFor(root, { client_id: clientId, redirect_uri: 'https://x.example/' })
    const words = page.text.replaceAll(/\s+/g, ' ')
    for (const one of [reason, too, clientId]) expect(words).toContain(one)
  })

  it('of a registered app names its addresses, and leads to a launch by its URLs', async () => {
    const sent = `${root.replace('127.0.0.1', 'localhost')}/app`
    const { page } = await shownFor(root, { client_id: 'sample-app', redirect_uri: sent })
    expect(boxes(page)).toEqual([sent, `${root}/app`])
    // Its id is taken: a second registration with it would be refused.
    for (const label of ['Register this app', 'Change the launch link']) expect(linkOf(page, label)).toBeUndefined()
    const launch = linkOf(page, 'Launch the app from the launch page') ?? ''
    const form = (await new SettingsBrowser(handler).request(launch.replaceAll('&amp;', '&'))).response.body
    expect(parseHtml(form).querySelector('input[name=client_id]')?.getAttribute('value')).toBe('sample-app')
    expect(parseHtml(form).querySelector('[name=redirect_uris]')?.text).toBe(sent)
  })

  it('names the registered app with the redirect URI of an unknown one, and leads to the registration', async () => {
    const { page } = await shownFor(root, { client_id: 'old-id', redirect_uri: `${root}/app` })
    expect(boxes(page)).toEqual(['old-id', 'sample-app'])
    expect(linkOf(page, 'Register this app')).toContain('/ehr/apps/new?client_id=old-id')
    const { page: other } = await shownFor(root, { client_id: 'old-id', redirect_uri: 'https://none.example/' })
    expect([boxes(other), other.text.includes('No registered app has it.')]).toEqual([['old-id'], true])
  })

  it('says which scope is probably meant where none can be granted', async () => {
    const parameters = {
      client_id: 'own',
      redirect_uri: app.redirect_uris[0] ?? '',
      scope: 'patient/Observaton.rs',
      aud: `${server}/fhir`,
      code_challenge: 'c'.repeat(43),
      code_challenge_method: 'S256'
    }
    const { page } = await shownFor(server, parameters)
    expect(page.text).toContain('can be granted to this app. Did you mean patient/Observation.rs?')
  })

  it('says why a launch is not accepted, as the log does, and leads to another launch', async () => {
    const parameters = {
      client_id: 'own',
      redirect_uri: app.redirect_uris[0] ?? '',
      scope: 'launch patient/*.rs',
      aud: `${server}/fhir`,
      code_challenge: 'c'.repeat(43),
      code_challenge_method: 'S256'
    }
    const { page } = await shownFor(server, parameters)
    expect(page.text).toContain('The launch is not known, over, or not for this app.')
    expect(page.text).toContain(refusalRow({ _tag: 'LaunchUnknown' }).advice)
    expect(linkOf(page, 'Open the app again')).toContain(`${server}/ehr/launch?client_id=own`)
  })

  it('makes what the app sent harmless', async () => {
    const { page } = await shownFor(server, { client_id: 'own', redirect_uri: 'x"><b>\u202e' })
    expect([page.querySelector('main b'), boxes(page)[0]]).toEqual([null, 'x">\\u{202e}'])
  })
})

describe('the error page of a conversation whose cookies are lost', () => {
  const launchUri = app.launch_uri
  const userPages = ['Sign in', 'Choose a patient', 'Give access?'] as const

  /** The page of a conversation, and the form on it. */
  const pageOf = async (
    base: string,
    page: (typeof userPages)[number],
    parameters: Readonly<Record<string, string>>
  ) => {
    const query = new URLSearchParams({
      client_id: 'own',
      redirect_uri: app.redirect_uris[0] ?? '',
      response_type: 'code',
      scope: page === 'Give access?' ? 'patient/*.rs openid' : 'launch/patient patient/*.rs',
      aud: `${base}/fhir`,
      state: 's',
      code_challenge: 'c'.repeat(43),
      code_challenge_method: 'S256',
      ...parameters
    })
    const { response, url } = await new SettingsBrowser(handler).go(`${base}/authorize?${query.toString()}`)
    const shown = parseHtml(response.body)
    expect(shown.querySelector('h1')?.text).toContain(page)
    const form = shown.querySelectorAll('main form').at(-1)
    const hidden = (form?.querySelectorAll('input[type=hidden]') ?? []).map(
      (input) => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? ''] as const
    )
    return { url, action: new URL(form?.getAttribute('action') ?? '', url).href, hidden }
  }

  const settingFor = (page: (typeof userPages)[number], own: object) => ({
    app: { ...app, scope: 'launch launch/patient openid patient/*.rs', ...own },
    ...(page === 'Sign in' ? {} : { skip: ['sign-in'] as const }),
    ...(page === 'Give access?' ? { patient: 'example-1' } : {})
  })

  it.each(userPages)('leads to the launch URL of an app that was launched by itself: %s', async (page) => {
    const base = `${root}/sim/${encodeSetting(settingFor(page, {}))}`
    const { action, hidden, url } = await pageOf(base, page, {})
    const form = printForm([...hidden, ['decision', 'allow']])
    const again = `${launchUri}?iss=${encodeURIComponent(`${base}/fhir`)}`
    for (const { response } of [
      await new SettingsBrowser(handler).request(action, form),
      await new SettingsBrowser(handler).request(url)
    ])
      expect([response.status, linkOf(parseHtml(response.body), 'Open the app again')]).toEqual([403, again])
  })

  it.each(userPages)('leads to the launch page if the app has no launch URL: %s', async (page) => {
    const setting = settingFor(page, {})
    const { launch_uri: _none, ...withoutUrl } = setting.app
    const own = { ...setting, app: withoutUrl }
    const { action, hidden } = await pageOf(`${root}/sim/${encodeSetting(own)}`, page, {})
    const form = printForm(hidden)
    const { response } = await new SettingsBrowser(handler).request(action, form)
    const panel = linkOf(parseHtml(response.body), 'Launch the app from the launch page') ?? ''
    const { response: made } = await new SettingsBrowser(handler).request(
      new URL(panel, root).href.replace(`${root}/?`, `${root}/ehr/link?`)
    )
    expect(linkOf(parseHtml(response.body), 'Open the app again')).toBeUndefined()
    expect(parseHtml(made.body).querySelector('h1')?.text).toBe('Connect your app')
    expect(parseHtml(made.body).text).toContain(`${root}/sim/`)
  })

  it('leads to the launch of the record system if that began it', async () => {
    const base = `${root}/sim/${encodeSetting(settingFor('Give access?', {}))}`
    const launch = await new SettingsBrowser(handler).request(`${base}/ehr/launch?unchecked=yes`)
    const handle = new URL(String(launch.response.headers['location'])).searchParams.get('launch') ?? ''
    const { url } = await pageOf(base, 'Give access?', { launch: handle, scope: 'launch patient/*.rs' })
    const { response } = await new SettingsBrowser(handler).request(url)
    const again = linkOf(parseHtml(response.body), 'Open the app again') ?? ''
    expect(again.startsWith(`${base}/ehr/launch?client_id=own&launch_uri=`)).toBe(true)
  })
})

describe('a page that was left open until the store has forgotten its request', () => {
  afterEach(() => {
    vi.useRealTimers()
  })
  const textOf = (page: Page): string => page.text.replaceAll(/\s+/g, ' ')

  it.each([
    ['by itself', 'launch/patient patient/*.rs'],
    ['from the record system', 'launch patient/*.rs']
  ])('names the app and keeps the setting of a launch %s', async (kind, scope) => {
    const base = `${root}/sim/${encodeSetting({ intent: 'order-review', patient: 'example-1', user: 'alice' })}`
    const browser = new SettingsBrowser(handler)
    const start = `${base}/ehr/launch?client_id=sample-app&launch_uri=${encodeURIComponent(`${root}/app/launch`)}`
    const launched = new URL(String((await browser.request(start)).response.headers['location']))
    const query = new URLSearchParams({
      client_id: 'sample-app',
      redirect_uri: `${root}/app`,
      response_type: 'code',
      scope,
      aud: `${base}/fhir`,
      state: 's',
      code_challenge: 'c'.repeat(43),
      code_challenge_method: 'S256',
      ...(kind === 'by itself' ? {} : { launch: launched.searchParams.get('launch') ?? '' })
    })
    const { response, url } = await browser.go(`${base}/authorize?${query.toString()}`)
    const form = parseHtml(response.body).querySelectorAll('main form').at(-1)
    expect(parseHtml(response.body).querySelector('h1')?.text).toBe('Give access?')
    const hidden = (form?.querySelectorAll('input[type=hidden]') ?? []).map(
      (input) => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? ''] as const
    )
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 24 * 3600 * 1000 })
    for (const shown of [
      await browser.request(url),
      await browser.request(url, printForm([...hidden, ['decision', 'allow']]))
    ]) {
      const page = parseHtml(shown.response.body)
      const again = linkOf(page, 'Open the app again') ?? ''
      expect(textOf(page)).toContain('The app: Sample App (sample-app).')
      expect(again.replace(/&amp;/g, '&')).toBe(
        kind === 'by itself' ? `${root}/app/launch?iss=${encodeURIComponent(`${base}/fhir`)}` : start
      )
    }
  })

  it('keeps the setting where nothing else is known', async () => {
    const setting = { intent: 'order-review', patient: 'example-1', user: 'alice' }
    const unknown = `interaction/${'x'.repeat(22)}`
    const { response } = await new SettingsBrowser(handler).request(`${root}/sim/${encodeSetting(setting)}/${unknown}`)
    const change = linkOf(parseHtml(response.body), 'Change the launch link') ?? ''
    expect(Object.fromEntries(new URL(change, root).searchParams)).toEqual({ kind: 'ehr', ...setting })
    const plain = await new SettingsBrowser(handler).request(`${root}/${unknown}`)
    expect(linkOf(parseHtml(plain.response.body), 'Change the launch link')).toBeUndefined()
  })
})

describe('the page of a launch that is not possible', () => {
  const setting = { intent: 'order-review', tenant: 'clinic-7', user: 'alice' }
  const at = async (place: string, parameters: Readonly<Record<string, string>>, given: object = setting) => {
    const query = new URLSearchParams(parameters).toString()
    const address = `${root}/sim/${encodeSetting(given)}/ehr/${place}?${query}`
    const { response } = await new SettingsBrowser(handler).request(address)
    const page = parseHtml(response.body)
    const change = new URL(linkOf(page, 'Change this launch') ?? '', root)
    return { status: response.status, words: page.text.replaceAll(/\s+/g, ' '), fields: change.searchParams }
  }
  const launch_uri = `${root}/app/launch`

  it.each<[string, Readonly<Record<string, string>>, string, string]>([
    ['launch', { client_id: 'sample-app', launch_uri: `${root}/other` }, 'not registered', 'Sample App (sample-app)'],
    ['launch', { client_id: 'nobody', launch_uri }, 'There is no app with the client_id', 'nobody'],
    ['launch', { client_id: 'sample-app', launch_uri, patient: 'no-such' }, 'may not see that patient', 'Sample App'],
    ['frame', { client_id: 'sample-app', launch_uri }, 'names no patient', 'Sample App (sample-app)']
  ])(
    'names the app and the reason, and leads to the launch page with everything: %s %j',
    async (place, given, ...named) => {
      const { fields, status, words } = await at(place, given)
      expect(status).toBe(400)
      for (const one of named) expect(words).toContain(one)
      expect(Object.fromEntries(fields)).toEqual({
        ...setting,
        kind: 'ehr',
        app: given['client_id'],
        ...(given['patient'] === undefined ? {} : { patient: given['patient'] }),
        ...(place === 'frame' ? { frame: 'yes' } : {})
      })
    }
  )

  it('keeps the app of the setting', async () => {
    const { fields, words } = await at('launch', { patient: 'no-such' }, { ...setting, app })
    expect(words).toContain('The app: own.')
    expect(fields.get('redirect_uris')).toBe(app.redirect_uris.join('\n'))
  })
})

describe('a page of a conversation of another user than the one who is signed in', () => {
  it.each([
    ['the public base URL', home],
    ['a server of a launch setting for one user', `${home}/sim/${encodeSetting({ user: 'alice' })}`]
  ])('at %s names who is signed in, and says how to go on', async (_name, issuer) => {
    const browser = browserAt(await simulatorHere())
    const signIn = async (at: string, username: string) => {
      const { action, hidden } = formOn(await browser.get(at))
      await browser.post(action, [...hidden, ['username', username], ['password', `${username}-demo`]])
    }
    await signIn('/ehr/sign-in', 'alice')
    const address = locationOf(await browser.get(authorizationAt(issuer)))
    const consent = formOn(await browser.get(address))
    expect(consent.scopes).not.toEqual([])
    await signIn('/ehr/sign-in', 'bob')
    const decided = await browser.post(consent.action, [...consent.hidden, ...consent.scopes, ['decision', 'allow']])
    const texts = [decided, await browser.get(address)].map(({ body }) =>
      (parseHtml(body).querySelector('main')?.text ?? '').replaceAll(/\s+/g, ' ')
    )
    expect(texts[0]).toContain('Nothing was given to the app. bob is signed in here now.')
    expect(texts[0]).not.toContain('Begin anew')
    expect(texts[1]).toContain(
      issuer === home ? 'bob is signed in here now.' : 'another user than bob, who is signed in here now.'
    )
  })
})
