/** Sessions of a tab: its frames, its apps, pages that are loaded again, and effects that run twice. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { Parties, PartyOptions } from '../../support/app/parties.js'
import { consent, evilBase, good, newParties, tokenRequests } from '../../support/app/parties.js'
import type { TabPage } from '../../support/app/tab.js'
import { newTab } from '../../support/app/tab.js'
import { fhirBaseUrl, redirectUri } from '../../support/server-fixture.js'
import { browserApp, storageStore } from '../../../src/adapters/browser.js'

const standalone = { _tag: 'Standalone' as const, iss: fhirBaseUrl }

/** The parties, with an app whose launches and sessions are in the tab. */
const partiesIn = ({ window }: TabPage, options: PartyOptions = {}): Parties => {
  const parties = newParties(options)
  const app = newParties({
    ...options,
    ports: { ...parties.ports, store: storageStore(window.sessionStorage, parties.ports.clock) }
  })
  return { ...parties, app: app.app }
}

const queryOf = (url: string | undefined): string => url?.slice(url.indexOf('?') + 1) ?? ''

/** The address at which the browser comes back for a patient. */
const backFor = async ({ fixture }: Parties, page: TabPage, patient: string): Promise<string> =>
  `${redirectUri}?${await consent(fixture, queryOf(page.went[0]), undefined, { patient })}`

const patientOf = async ({ app }: Parties, sessionId: string | null): Promise<string | undefined> =>
  good(await app.session(sessionId ?? '')()).context.patient

describe('two frames of one tab', () => {
  it.each([undefined, '', 'named-by-the-ehr'])('named %s keep the session of their own launch', async (frame) => {
    const tab = newTab()
    const options = frame === undefined ? {} : { frame }
    const first = tab.load(redirectUri, options)
    const parties = partiesIn(first)
    const pages = [first, tab.load(redirectUri, options)]
    for (const { window } of pages) good(await browserApp(parties.app, window).begin(standalone)())
    const backs = await Promise.all(pages.map((page, place) => backFor(parties, page, String(place))))
    const returned = backs.map((back) => tab.load(back, options))
    const apps = returned.map(({ window }) => browserApp(parties.app, window))
    for (const app of apps) good(await app.finish())
    for (const [place, { window }] of returned.entries()) {
      expect(await patientOf(parties, apps[place]?.sessionId() ?? null)).toBe(String(place))
      // Loaded again, and by another instance of the app.
      const again = tab.load(window.location.href, { ...options, state: window.history.state })
      expect(await patientOf(parties, browserApp(parties.app, again.window).sessionId())).toBe(String(place))
      if (frame !== '') continue
      // Another page in the same frame.
      const next = tab.load('https://app.example/next', { frame: window.name ?? '' })
      expect(await patientOf(parties, browserApp(parties.app, next.window).sessionId())).toBe(String(place))
    }
    const strange = tab.load('https://app.example/other', { frame: '' })
    expect(browserApp(parties.app, strange.window).sessionId()).toBe(null)
  })
})

describe('two apps in one page', () => {
  it('of two servers, or with two names, do not take the launch or the session of the other', async () => {
    const tab = newTab()
    const page = tab.load(redirectUri)
    const parties = partiesIn(page)
    const other = newParties({
      ports: { ...parties.ports, store: storageStore(page.window.sessionStorage, parties.ports.clock) },
      server: { fhirBaseUrl: 'https://other.example/fhir' },
      evilRedirectUri: redirectUri
    })
    good(await browserApp(parties.app, page.window).begin(standalone)())
    const back = tab.load(await backFor(parties, page, '1'))
    const [own, foreign] = [browserApp(parties.app, back.window), browserApp(other.app, back.window)]
    const named = browserApp(parties.app, back.window, { name: 'second' })
    expect(Either.isLeft(await foreign.finish())).toBe(true)
    expect(await named.finish()).toEqual(Either.left({ _tag: 'StateDiffers' }))
    expect(await patientOf(parties, good(await own.finish()))).toBe('1')
    expect([foreign.sessionId(), named.sessionId()]).toEqual([null, null])
    expect(own.sessionId()).not.toBe(null)
    expect(await other.app.fhir(own.sessionId() ?? '', { url: 'Patient' })()).toEqual(
      Either.left({ _tag: 'IssNotTrusted', iss: fhirBaseUrl })
    )
  })
})

describe('the redirect page', () => {
  it('loaded again or gone back to gives the session, and the code is sent once', async () => {
    const tab = newTab()
    const page = tab.load(redirectUri)
    const parties = partiesIn(page)
    good(await browserApp(parties.app, page.window).begin({ ...standalone, data: { show: '/charts/7' } })())
    const back = await backFor(parties, page, '1')
    const sessionId = good(await browserApp(parties.app, tab.load(back).window).finish())
    expect(good(await browserApp(parties.app, tab.load(back).window).finish())).toBe(sessionId)
    expect(good(await browserApp(parties.app, tab.load(back).window).start()())).toBe(sessionId)
    expect(tokenRequests(parties.sent)).toHaveLength(1)
    expect(good(await parties.app.session(sessionId)()).launch).toEqual({
      kind: 'standalone',
      handle: expect.stringMatching(/^[\w-]{22}$/) as string,
      data: { show: '/charts/7' }
    })
    expect(Either.isLeft(await browserApp(parties.app, newTab().load(back).window).finish())).toBe(true)
  })

  it('keeps its own query, its fragment, and what the history holds', async () => {
    const own = `${redirectUri}?site=7&state%2Dof=x`
    const tab = newTab()
    const page = tab.load(own)
    const parties = partiesIn(page)
    good(await browserApp(parties.app, page.window).begin(standalone)())
    const answer = await consent(parties.fixture, queryOf(page.went[0]))
    const back = tab.load(`${own}&${answer}&session_state=s#/charts`, { state: { router: 1 } })
    good(await browserApp(parties.app, back.window).finish())
    expect(back.window.location.href).toBe(`${own}#/charts`)
    expect(back.window.history.state).toMatchObject({ router: 1 })
  })
})

describe('effects that run twice', () => {
  it('begin one launch, and open one session', async () => {
    const tab = newTab()
    const page = tab.load(redirectUri)
    const parties = partiesIn(page)
    const first = browserApp(parties.app, page.window)
    const started = await Promise.all([
      first.start({ iss: fhirBaseUrl })(),
      first.start({ iss: fhirBaseUrl })(),
      browserApp(parties.app, page.window).start({ iss: fhirBaseUrl })()
    ])
    expect(started).toEqual([Either.right(null), Either.right(null), Either.right(null)])
    expect(good(await first.start({ iss: fhirBaseUrl })())).toBe(null)
    expect(page.went).toHaveLength(1)
    const back = tab.load(await backFor(parties, page, '1'))
    const second = browserApp(parties.app, back.window)
    const ids = await Promise.all([
      second.start({ iss: fhirBaseUrl })(),
      second.finish(),
      browserApp(parties.app, back.window).start({ iss: fhirBaseUrl })()
    ])
    expect(new Set(ids.map(good)).size).toBe(1)
    expect(good(await browserApp(parties.app, back.window).start({ iss: fhirBaseUrl })())).toBe(second.sessionId())
    expect([back.went, tokenRequests(parties.sent).length]).toEqual([[], 1])
  })

  it('a page that signed out begins anew', async () => {
    const tab = newTab()
    const page = tab.load(redirectUri)
    const parties = partiesIn(page)
    good(await browserApp(parties.app, page.window).begin(standalone)())
    const back = tab.load(await backFor(parties, page, '1'))
    const app = browserApp(parties.app, back.window)
    good(await app.signOut(good(await app.start()()) ?? '')())
    expect(app.sessionId()).toBe(null)
    expect(browserApp(parties.app, tab.load(redirectUri).window).sessionId()).toBe(null)
    expect(good(await app.start({ iss: fhirBaseUrl })())).toBe(null)
    expect(back.went).toHaveLength(1)
  })
})

describe('a launch that could not be finished', () => {
  it.each([
    ['http://app.example/cb', 'PageElsewhere'],
    ['https://www.app.example/cb', 'PageElsewhere'],
    ['https://app.example:8443/cb', 'PageElsewhere'],
    ['https://APP.example:443/cb', 'leaving']
  ])('from %s: %s', async (href, expected) => {
    const page = newTab().load(href)
    const parties = partiesIn(page)
    const begun = await browserApp(parties.app, page.window).begin(standalone)()
    expect(Either.isLeft(begun) ? begun.left._tag : begun.right).toBe(expected)
    expect(page.went).toHaveLength(expected === 'leaving' ? 1 : 0)
    if (expected !== 'leaving') expect(parties.sent).toHaveLength(0)
  })

  it('in a page that is no secure context, and at a server that is not trusted', async () => {
    const page = newTab().load(redirectUri, { isSecureContext: false })
    const { app } = partiesIn(page)
    expect(await browserApp(app, page.window).begin(standalone)()).toMatchObject({ left: { _tag: 'PageInsecure' } })
    expect(await browserApp(app, page.window).begin({ _tag: 'Standalone', iss: `${evilBase}/x` })()).toMatchObject({
      left: { _tag: 'IssNotTrusted' }
    })
  })
})
