/** Native apps (RFC 8252) on the pages: launched by their URLs, and registered. */
import { parse as parseHtml } from 'node-html-parser'
import { describe, expect, it } from 'vitest'
import { decodeSetting } from '../../../../src/simulator/settings/setting.js'
import { handlerOf, root, SettingsBrowser } from '../../../support/simulator/settings-browser.js'

const handler = await handlerOf()
const query = (parameters: Readonly<Record<string, string>>): string => new URLSearchParams(parameters).toString()
const callback = 'com.example.app:/callback'

const own = {
  app: '*',
  kind: 'standalone',
  go: 'link',
  user: 'alice',
  skip: 'sign-in',
  client_id: 'pocket-charts',
  redirect_uris: callback,
  application_type: 'native'
}

/** The page of the link for these fields, or the launch page with a complaint. */
const linked = async (fields: Readonly<Record<string, string>>) => {
  const { response } = await new SettingsBrowser(handler).request(`${root}/ehr/link?${query(fields)}`)
  const page = parseHtml(response.body)
  return {
    status: response.status,
    page,
    words: page.text.replaceAll(/\s+/g, ' '),
    complaint: page.querySelector('#wrong .complaint')?.text.replaceAll('&quot;', '"') ?? ''
  }
}

/** Goes from an authorization request to its end with what the page of consent offers: the address of the app. */
const answerAddress = async (base: string, clientId: string, redirectUri: string): Promise<string> => {
  const browser = new SettingsBrowser(handler)
  const request = query({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: 'openid user/Patient.r',
    state: 's',
    aud: `${base}/fhir`,
    code_challenge: 'c'.repeat(43),
    code_challenge_method: 'S256'
  })
  const { response, url } = await browser.go(`${base}/authorize?${request}`)
  const form = parseHtml(response.body).querySelectorAll('main form').at(-1)
  const fields = (form?.querySelectorAll('input') ?? []).map((input): [string, string] => [
    input.getAttribute('name') ?? '',
    input.getAttribute('value') ?? ''
  ])
  const sent = new URLSearchParams([...fields, ['decision', 'allow']]).toString()
  return (await browser.go(new URL(form?.getAttribute('action') ?? '', url).href, sent)).url
}

describe('a native app by its URLs', () => {
  it('is launched by itself, and is answered at its own scheme', async () => {
    const { page, status, words } = await linked(own)
    expect([status, page.querySelector('h1')?.text]).toEqual([200, 'Connect your app'])
    const base = (page.querySelector('#iss')?.text ?? '').replace(/\/fhir$/, '')
    const setting = decodeSetting(/sim\/([\w-]+)/.exec(base)?.[1] ?? '')
    expect(setting).toMatchObject({ right: { app: { application_type: 'native', redirect_uris: [callback] } } })
    expect(words).toContain(`The app is answered at ${callback}. Open the launch on the device that has the app`)
    expect(words).toContain('--public-url')
    expect(await answerAddress(base, own.client_id, callback)).toMatch(/^com\.example\.app:\/callback\?code=/)
  })

  it('may have any port of its loopback address, and no page speaks of a device', async () => {
    const { page, words } = await linked({ ...own, redirect_uris: 'http://127.0.0.1/callback' })
    const base = (page.querySelector('#iss')?.text ?? '').replace(/\/fhir$/, '')
    expect(words).not.toContain('on the device')
    const sent = 'http://127.0.0.1:49152/callback'
    expect(await answerAddress(base, own.client_id, sent)).toMatch(/^http:\/\/127\.0\.0\.1:49152\/callback\?code=/)
  })

  it.each<[string, Readonly<Record<string, string>>, string, string]>([
    ['a web app', { application_type: '' }, 'redirect_uris', 'A scheme of its own is for apps of the type native'],
    ['a scheme without a dot', { redirect_uris: 'myapp:/callback' }, 'redirect_uris', 'as com.example.app:/callback'],
    ['a scheme without a slash', { redirect_uris: 'com.example:back' }, 'redirect_uris', 'found "com.example:back"'],
    ['a script', { redirect_uris: 'javascript:alert(1)' }, 'redirect_uris', 'a reversed domain name in lower case'],
    [
      'a launch URL with a scheme of its own',
      { kind: 'ehr', launch_uri: 'com.example.app:/launch' },
      'launch_uri',
      'an app that has no other is launched by itself'
    ],
    ['no launch URL', { kind: 'ehr' }, 'launch_uri', 'An app that has none is launched by itself'],
    ['another type', { application_type: 'phone' }, 'application_type', 'expected web, native; found "phone"']
  ])('that has %s says so at the field', async (_name, fields, name, sentence) => {
    const { complaint, page, status } = await linked({ ...own, ...fields })
    const control = page.querySelector('#wrong')?.querySelector('input, textarea, select')
    expect([status, control?.getAttribute('name')]).toEqual([400, name])
    expect(complaint).toContain(sentence)
  })

  it('is chosen in the form again by the way back', async () => {
    const { page } = await linked({ ...own, redirect_uris: 'myapp:/callback' })
    const chosen = page.querySelector('select[name=application_type] option[selected]')
    expect(chosen?.getAttribute('value')).toBe('native')
  })
})

describe('a native app on the page of apps', () => {
  const browser = new SettingsBrowser(handler)
  const sent = async (path: string, fields: Readonly<Record<string, string>>) => {
    const form = await browser.request(`${root}/ehr/apps/new`)
    const form_token = /name="form_token" value="([^"]*)"/.exec(form.response.body)?.[1] ?? ''
    const { response } = await browser.go(`${root}/ehr/apps/${path}`, query({ form_token, ...fields }))
    return { response, page: parseHtml(response.body) }
  }
  const fields = { client_name: 'Pocket', application_type: 'native', redirect_uris: callback }

  it('is registered, stays native when it is changed, and is launched by itself', async () => {
    const registered = await sent('new', fields)
    const client_id = registered.page.querySelector('#client_id')?.text ?? ''
    expect(registered.response.status).toBe(200)
    const form = await browser.request(`${root}/ehr/apps/change?client_id=${client_id}`)
    const selected = parseHtml(form.response.body).querySelector('select[name=application_type] option[selected]')
    expect(selected?.getAttribute('value')).toBe('native')
    expect((await sent('change', { ...fields, client_id, client_name: 'Pocket 2' })).response.status).toBe(200)
    expect((await browser.request(`${root}/ehr/apps`)).response.body).toMatch(/Pocket 2[^]*<dd>native<\/dd>/)
    const { page } = await linked({ app: client_id, kind: 'standalone', go: 'link', user: 'alice', skip: 'sign-in' })
    const base = (page.querySelector('#iss')?.text ?? '').replace(/\/fhir$/, '')
    expect(await answerAddress(base, client_id, callback)).toMatch(/^com\.example\.app:\/callback\?code=/)
    const fromEhr = await linked({ app: client_id, kind: 'ehr', go: 'link', user: 'alice' })
    expect([fromEhr.status, fromEhr.words]).toEqual([400, expect.stringContaining('It can be launched by itself.')])
  })

  it('says at the field what is wrong', async () => {
    const { page, response } = await sent('new', { ...fields, application_type: 'web' })
    expect([response.status, page.querySelector('#wrong textarea')?.getAttribute('name')]).toEqual([
      400,
      'redirect_uris'
    ])
    expect(page.querySelector('#wrong .complaint')?.text).toContain('is for apps of the type native')
  })

  it('that is not known leads to the form for native apps', async () => {
    const request = query({ response_type: 'code', client_id: 'unknown', redirect_uri: callback, state: 's' })
    const { response } = await browser.request(`${root}/authorize?${request}`)
    const link = /href="([^"]*\/ehr\/apps\/new[^"]*)"/.exec(response.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const form = parseHtml((await browser.request(`${root}${link}`)).response.body)
    const selected = form.querySelector('select[name=application_type] option[selected]')
    expect([selected?.getAttribute('value'), form.querySelector('textarea[name=redirect_uris]')?.text]).toEqual([
      'native',
      callback
    ])
  })
})
