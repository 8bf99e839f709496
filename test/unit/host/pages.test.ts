/** The pages of a host: the defaults, the host's own, hostile texts, and pages that fail. */
import { parse as parseHtml } from 'node-html-parser'
import { describe, expect, it, vi } from 'vitest'
import {
  authorizeAddress,
  formOf,
  launched,
  locationOf,
  newBrowser,
  newHostWorld,
  toApp,
  toConsent,
  userNamed
} from '../../support/host-world.js'
import type { ConsentDetails } from '../../../src/engine/server/interaction/conversation.js'
import { choicesShown } from '../../../src/host/default-pages.js'
import { askingClient } from '../../../src/host/host-context.js'
import type { HostPagesOf } from '../../../src/host/host-options.js'
import type { ChoosePatientPage, ConsentPage } from '../../../src/host/page-data.js'
import type { OwnRequest } from '../../support/host-world.js'

const alice = userNamed('alice')

describe('a default page', () => {
  it('has a strict policy, no script, and headers against frames, caches and guesses of its type', async () => {
    const page = await toConsent(newBrowser(newHostWorld(), alice))
    const policy = String(page.headers['content-security-policy'])
    const nonce = /nonce="([^"]+)"/.exec(page.body)?.[1] ?? ''
    expect(policy).toBe(`default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; frame-ancestors 'none'`)
    expect(page.body).not.toContain('<script')
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cache-control': 'no-store'
    })
  })

  it('has a language, one heading, labels around all inputs, and a legend', async () => {
    const browser = newBrowser(newHostWorld(), alice)
    const choice = await browser.get(locationOf(await browser.get(authorizeAddress())))
    for (const { body } of [choice, await toConsent(browser)]) {
      const page = parseHtml(body)
      expect(page.querySelector('html')?.getAttribute('lang')).toBe('en')
      expect(page.querySelectorAll('h1')).toHaveLength(1)
      expect(page.querySelectorAll('fieldset legend')).toHaveLength(1)
      const inputs = page.querySelectorAll('input').filter((input) => input.getAttribute('type') !== 'hidden')
      expect(inputs.length).toBeGreaterThan(0)
      expect(inputs.every(({ parentNode }) => parentNode?.tagName === 'LABEL')).toBe(true)
    }
  })

  it('tells patients of one name apart by their ids', () => {
    const page = (names: Readonly<Record<string, string>>) =>
      choicesShown({
        needs: ['patient'],
        patients: Object.entries(names).map(([id, name]) => ({ id, name })),
        search: 'ada'
      } as unknown as ChoosePatientPage).shown.map(({ name }) => name)
    expect(page({ a: 'Ada', b: 'Ben', c: 'Ada' })).toEqual(['Ada (a)', 'Ada (c)'])
    expect(page({ a: 'Ada', b: 'Ben' })).toEqual(['Ada'])
  })

  it.each([
    ['https://app.example/cb', 'https://app.example'],
    ['com.example.app:/cb', 'com.example.app:']
  ])('says where the browser goes: %s', (redirectUri, expected) => {
    const details = { clientId: 'a', clientName: 'A', redirectUri } as unknown as ConsentDetails
    expect(askingClient(details).redirectOrigin).toBe(expected)
  })

  it('shows the hostile name of an app as text', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, alice)
    const change = { client_id: 'evil-app' }
    const choice = await browser.get(locationOf(await browser.get(authorizeAddress(change))))
    const consent = await toConsent(browser, change)
    await launched(browser, change)
    for (const { body } of [choice, consent, await browser.get('/auth/apps')]) {
      expect(body).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;')
      expect(parseHtml(body).querySelectorAll('script')).toEqual([])
    }
  })

  it('escapes the names of patients and users', async () => {
    const patients = () => [{ id: 'ada', name: '<b>Ada</b>' }]
    const browser = newBrowser(newHostWorld({ patients }), userNamed('<i>alice</i>'))
    const choice = await browser.get(locationOf(await browser.get(authorizeAddress())))
    const consent = await browser.get(locationOf(await browser.submit(formOf(choice), {})))
    for (const { body } of [choice, consent]) {
      expect(body).toContain('&lt;b&gt;Ada&lt;/b&gt;')
      expect(body).not.toMatch(/<b>|<i>/)
    }
  })

  it('contains the fields of the CSRF protection of the framework', async () => {
    const formFields = ({ user }: OwnRequest) => `<input type="hidden" name="_csrf" value="of ${user?.sub ?? ''}">`
    const browser = newBrowser(newHostWorld({ formFields }), alice)
    const choice = await browser.get(locationOf(await browser.get(authorizeAddress())))
    const consent = await toConsent(browser)
    await browser.submit(formOf(consent), { decision: 'allow' })
    for (const page of [choice, consent]) expect(formOf(page).fields).toContainEqual(['_csrf', 'of alice'])
    expect((await browser.get('/auth/apps')).body).toContain('name="_csrf"')
  })
})

describe("the host's own page", () => {
  it('gets the data and the request of the framework, and works as a form', async () => {
    const seen: Array<ConsentPage> = []
    const pages: HostPagesOf<OwnRequest> = {
      choosePatient: ({ action, hiddenFields, patients }, own) =>
        `<form method="post" action="${action}">${hiddenFields}<p>${own.user?.sub ?? ''} ` +
        `${patients.map(({ id }) => id).join()}</p></form>`,
      consent: async (page) => {
        seen.push(page)
        return Promise.resolve({
          status: 200,
          headers: { 'Content-Type': 'text/html', 'content-security-policy': "default-src 'self'" },
          body: `<form method="post" action="${page.action}">${page.hiddenFields}</form>`
        })
      },
      connectedApps: ({ apps }) => `<p>${apps.map(({ client }) => client.id).join()}</p>`,
      error: ({ message, status }) => `<p>own ${String(status)}: ${message}</p>`
    }
    const world = newHostWorld({ pages })
    const browser = newBrowser(world, alice)
    const choice = await browser.get(locationOf(await browser.get(authorizeAddress())))
    expect(choice.body).toContain('<p>alice ada,bob</p>')
    expect(choice.headers['content-security-policy']).toContain("frame-ancestors 'none'")
    const consent = await browser.get(locationOf(await browser.submit(formOf(choice), { patient: 'ada' })))
    expect(consent.headers).toMatchObject({
      'content-security-policy': "default-src 'self'",
      'x-frame-options': 'DENY'
    })
    expect(seen[0]).toMatchObject({ accessSeconds: 3600, renewalSeconds: 2592000, reach: 'patient' })
    const { client, user, scopes, patientName, isLaunchedByEhr } = seen[0] ?? ({} as ConsentPage)
    expect({ client, user, scopes, patientName, isLaunchedByEhr }).toEqual({
      client: { id: 'pub-app', name: 'Public App', redirectOrigin: 'https://app.example' },
      user: alice,
      scopes: [
        expect.objectContaining({ text: 'launch/patient', short: 'Know which patient you chose', about: 'context' }),
        expect.objectContaining({ text: 'patient/*.rs', about: 'data', everyType: true })
      ],
      patientName: 'Ada Synthetic',
      isLaunchedByEhr: false
    })
    const form = formOf(consent)
    const done = await browser.post(form.action, [...form.fields, ['scope', 'patient/*.rs'], ['decision', 'allow']])
    expect(toApp(done)['code']).toBeDefined()
    expect((await browser.get('/auth/apps')).body).toBe('<p>pub-app</p>')
    const error = await browser.get('/auth/interaction/unknown')
    expect([error.status, error.body]).toEqual([400, '<p>own 400: This sign-in is not known here, or is over.</p>'])
  })

  it.each<readonly [string, HostPagesOf<OwnRequest>]>([
    [
      'throws',
      {
        consent: () => {
          throw new Error('the template is missing')
        }
      }
    ],
    ['rejects', { consent: () => Promise.reject(new Error('the template is missing')) }],
    [
      'throws, and so does the page of errors',
      {
        consent: () => {
          throw new Error('the template is missing')
        },
        error: () => {
          throw new Error('the other template is missing')
        }
      }
    ]
  ])('that %s gives the error page, with the reason on the console only', async (_name, pages) => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const page = await toConsent(newBrowser(newHostWorld({ pages }), alice))
    expect(page.status).toBe(500)
    expect(page.body).toContain('This page could not be shown.')
    expect(page.body).not.toContain('template')
    expect(said.mock.calls.flat().map(String)).toContain('Error: the template is missing')
    said.mockRestore()
  })

  it('that returns something else names the function on the console', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const pages = { consent: () => undefined as unknown as string }
    expect((await toConsent(newBrowser(newHostWorld({ pages }), alice))).status).toBe(500)
    expect(String(said.mock.calls[0]?.[1])).toContain(
      'pages.consent: expected HTML text or { status, headers, body }, found undefined'
    )
    said.mockRestore()
  })

  it('user, patients and formFields that throw are an error page too', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const fail = () => {
      throw new Error('no database')
    }
    for (const options of [{ user: fail }, { patients: fail }, { formFields: fail }]) {
      const browser = newBrowser(newHostWorld(options), alice)
      const first = await browser.get(authorizeAddress())
      const page = first.status === 303 ? await browser.get(locationOf(first)) : first
      expect(page.status).toBe(500)
    }
    expect(said).toHaveBeenCalledTimes(3)
    said.mockRestore()
  })
})
