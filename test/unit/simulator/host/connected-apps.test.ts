/** The page of connected apps: what distinguishes the grants of one app. */
import { parse as parseHtml } from 'node-html-parser'
import { describe, expect, it } from 'vitest'
import type { ConnectedApp } from '../../../../src/host/page-data.js'
import type { GrantFacts } from '../../../../src/simulator/pages/connected-apps.js'
import { connectedAppsPage } from '../../../../src/simulator/pages/connected-apps.js'
import { encodeSetting } from '../../../../src/simulator/settings/setting.js'
import { browserAt, formOn, home, locationOf, simulatorHere, tokensAt } from '../../../support/simulator/in-process.js'

const minute = (clock: string): number => Date.parse(`2026-03-01T${clock}Z`) / 1000

type Grant = readonly [id: string, name: string, patient: string | null, since: string]

const pageOf = (grants: ReadonlyArray<Grant>) => {
  const apps = grants.map(([id, name, , since], place): ConnectedApp => ({
    grantId: String(place),
    client: { id, name },
    scopes: [],
    since: minute(since),
    until: minute('23:00')
  }))
  const known = new Map<string, GrantFacts>(
    grants.map(([, , patientName], place) => [String(place), { patientName, lastUsed: null }])
  )
  const form = { action: '/apps', hiddenFields: '', user: { sub: 'alice', authTime: 0, fhirUser: null } }
  const page = connectedAppsPage('alice', { ...form, apps }, known, { homePath: '', elsewhere: [] })
  const shown = parseHtml(page.html)
  const words = (selector: string): ReadonlyArray<string> =>
    shown.querySelectorAll(selector).map(({ text }) => text.replaceAll(/\s+/g, ' ').trim())
  return { headings: words('h2'), buttons: words('button') }
}

describe('the grants of one app', () => {
  it.each<[string, ReadonlyArray<Grant>, ReadonlyArray<string>]>([
    [
      'the patient',
      [
        ['a', 'Growth', 'Ada', '10:00'],
        ['a', 'Growth', 'Ben', '10:00'],
        ['a', 'Growth', null, '10:00']
      ],
      ['Growth, for Ada', 'Growth, for Ben', 'Growth, without a patient']
    ],
    [
      'the time, where the patient is the same',
      [
        ['a', 'Growth', 'Ada', '10:00'],
        ['a', 'Growth', 'Ada', '10:05'],
        ['b', 'Sample', 'Ada', '10:05']
      ],
      ['Growth, for Ada, since 2026-03-01 10:00 UTC', 'Growth, for Ada, since 2026-03-01 10:05 UTC', 'Sample, for Ada']
    ],
    [
      'the number, where the minute is the same too',
      [
        ['a', 'Growth', 'Ada', '10:00'],
        ['a', 'Growth', 'Ben', '10:00'],
        ['a', 'Growth', 'Ada', '10:00:59']
      ],
      [
        'Growth, for Ada, since 2026-03-01 10:00 UTC, number 1',
        'Growth, for Ben',
        'Growth, for Ada, since 2026-03-01 10:00 UTC, number 2'
      ]
    ],
    [
      'the id of the app, where another app has its name',
      [
        ['a', 'Growth', 'Ada', '10:00'],
        ['b', 'Growth', 'Ada', '10:00']
      ],
      ['Growth (a), for Ada', 'Growth (b), for Ada']
    ]
  ])('are distinguished by %s, in headings and names of buttons', (_name, grants, titles) => {
    expect(pageOf(grants)).toEqual({ headings: titles, buttons: titles.map((title) => `End the access of ${title}`) })
  })

  const atOtherServers = async () => {
    const answer = await simulatorHere()
    const browser = browserAt(answer)
    const app = { client_id: 'sample-app', redirect_uris: [`${home}/app`], client_name: 'Of a link' }
    const settings = [
      { patient: 'example-1', misbehavior: 'scopes-narrowed' },
      { patient: 'example-2', app }
    ]
    for (const setting of settings)
      await tokensAt(answer, `${home}/sim/${encodeSetting(setting)}`, 'launch/patient patient/Patient.rs', browser)
    return { answer, browser }
  }
  const withoutSpaces = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
  const itemsOn = (body: string) =>
    parseHtml(body)
      .querySelectorAll('li:has(a[href^="/ehr/grants/"])')
      .map((item) => ({
        item: withoutSpaces(item.querySelector('p')?.text ?? ''),
        handle: item.querySelector('a')?.getAttribute('href')?.split('/').at(-1) ?? '',
        button: withoutSpaces(item.querySelector('button[name=grant]')?.text ?? ''),
        sent: item.querySelector('button[name=grant]')?.getAttribute('value')
      }))

  it('at servers of launch settings are distinguished by the patient, the id, the setting and the last use', async () => {
    const { answer, browser } = await atOtherServers()
    await tokensAt(answer, home, 'openid user/Patient.rs', browser)
    const shown = itemsOn((await browser.get('/apps')).body)
    expect(shown.map(({ item }) => item)).toEqual([
      expect.stringMatching(/^Of a link, for Ben Invented, grant [\w-]{8}\.\.\., by its URLs, last used 20/),
      expect.stringMatching(
        /^Sample App, for Ada Synthetic, grant [\w-]{8}\.\.\., with the misbehavior scopes-narrowed, last used 20/
      )
    ])
    expect(shown.map(({ button, handle }) => [button, handle.slice(0, 8)])).toEqual(
      shown.map(({ item, sent = '' }) => {
        const [which, , id = ''] = /^(.*, grant ([\w-]{8})\.\.\.)/.exec(item) ?? []
        return [`End this access of ${which ?? ''}`, id === sent.slice(0, 8) ? id : 'another id']
      })
    )
  })

  it('at servers of launch settings are ended here, by their user alone', async () => {
    const { answer, browser } = await atOtherServers()
    const page = await browser.get('/apps')
    expect(page.body).not.toContain('No app has access')
    const [first, second] = itemsOn(page.body)
    const { action, hidden } = formOn(page)
    const endAs = (from: typeof browser, fields: typeof hidden, grant = first?.sent ?? '') =>
      from.post(action, [...fields, ['grant', grant]])
    const handles = async () => itemsOn((await browser.get('/apps')).body).map(({ handle }) => handle)

    const other = browserAt(answer)
    const signIn = formOn(await other.get('/ehr/sign-in'))
    await other.post(signIn.action, [...signIn.hidden, ['username', 'bob'], ['password', 'bob-demo']])
    await tokensAt(answer, home, 'openid user/Patient.rs', other)
    expect((await endAs(browser, [['form_token', 'invented']])).status).toBe(403)
    expect((await endAs(other, hidden)).status).toBe(403)
    expect((await endAs(other, formOn(await other.get('/apps')).hidden)).status).toBe(303)
    expect(await handles()).toEqual([first?.handle, second?.handle])

    expect(locationOf(await endAs(browser, hidden))).toBe('/apps')
    expect(await handles()).toEqual([second?.handle])
    expect((await browser.get(`/ehr/grants/${first?.handle ?? ''}`)).body).toContain('Revoked')
    await endAs(browser, hidden, second?.sent)
    const empty = await browser.get('/apps')
    expect(empty.body).toContain('No app has access.')
  })
})
