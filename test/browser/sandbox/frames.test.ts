/**
 * The app in a frame below the banner of the record system, in Chromium: what a user sees in the frame, also where a
 * page of the server or of the app must not be in one.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, FrameLocator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faultsOf } from './checks.js'
import type { OwnApp } from './own-app.js'
import { startOwnApp } from './own-app.js'
import { fillPanel, heading, ownClientId, press, standaloneLaunch, toConsent } from './steps.js'
import { chromiumPath, startChromium } from '../chromium.js'
import type { RunningSimulator } from '../../support/simulator/simulator-process.js'
import { startSimulator } from '../../support/simulator/simulator-process.js'

describe.skipIf(chromiumPath === null)('an app in a frame', { timeout: 60_000 }, () => {
  let simulator: RunningSimulator
  let browser: Browser
  /** Under another name of the machine than the simulator, so that it is another site for the browser. */
  let app: OwnApp
  const others: Array<OwnApp> = []

  beforeAll(async () => {
    simulator = await startSimulator()
    browser = await startChromium()
    app = await startOwnApp(ownClientId, 'localhost')
  })
  afterAll(async () => {
    await browser.close()
    for (const one of [app, ...others]) await one.stop()
    await simulator.stop()
  })

  const newPage = async (): Promise<Page> => (await browser.newContext()).newPage()
  const other = async (...options: Parameters<typeof startOwnApp>): Promise<OwnApp> => {
    const started = await startOwnApp(...options)
    others.push(started)
    return started
  }
  const inFrame = async (page: Page): Promise<void> => {
    await page.locator('summary', { hasText: 'How the record system behaves' }).click()
    await page.getByLabel('Show the app in a frame').check()
  }
  /** Launches an app in a frame from the launch page. */
  const framed = async (page: Page, patient: string, own: OwnApp | null = null): Promise<FrameLocator> => {
    await fillPanel(page, simulator.base, patient, own)
    await inFrame(page)
    await press(page, 'Launch')
    return page.frameLocator('iframe')
  }

  it('shows the sample app in a frame below a banner with the patient, as far as its chart', async () => {
    const page = await newPage()
    // fhirclient warns on the console if the app does not say where a launch in a frame ends.
    const faults = faultsOf(page)
    await framed(page, 'Dora Longrecord')
    const banner = page.getByRole('region', { name: 'Patient' })
    expect(await banner.innerText()).toMatch(/Dora Longrecord[^]*female[^]*1949-07-21[^]*example-4/)
    const frame = page.frameLocator('iframe')
    await frame.locator('body[data-done]').waitFor()
    await frame.locator('svg.chart polyline').first().waitFor()
    expect(await frame.locator('main').innerText()).toContain('389 observations')
    expect(new URL(page.url()).pathname).toMatch(/\/ehr\/frame$/)
    expect(faults).toEqual([])
  })

  it('shows an own app of another site in a frame, also one that asks for nothing by a page', async () => {
    const page = await newPage()
    await framed(page, 'Ben Invented', app)
    await page.frameLocator('iframe').getByText('Own app with example-2: status 200').waitFor()
  })

  it('says what a frame lacks instead of leaving it empty: on the launch page, and at its address', async () => {
    const page = await newPage()
    await page.goto(`${simulator.base}/`)
    await inFrame(page)
    await press(page, 'Launch')
    await page.getByRole('group', { name: 'Frame' }).getByText('Frame: choose a patient for the banner.').waitFor()
    expect(await page.getByLabel('Show the app in a frame').isChecked()).toBe(true)
    await page.goto(
      `${simulator.base}/ehr/frame?${new URLSearchParams({
        client_id: 'sample-app',
        launch_uri: `${simulator.base}/app/launch`,
        patient: 'example-1'
      }).toString()}`
    )
    await page.getByText('A frame cannot show the pages of this server.').waitFor()
    await page.getByRole('link', { name: 'Launch it without a frame' }).click()
    await heading(page, 'Give access?')
  })

  it('shows in the frame why the server refused the request of the app, and leads out of it', async () => {
    const page = await newPage()
    const wrong = await other('another-id', 'localhost')
    const frame = await framed(page, 'Ben Invented', wrong)
    await frame.getByRole('heading', { name: 'This cannot go on' }).waitFor()
    const text = await frame.locator('main').innerText()
    expect([text.includes('another-id'), text.includes(ownClientId)]).toEqual([true, true])
    expect(await frame.getByRole('button').count()).toBe(0)
    await frame.getByRole('link', { name: 'The log of this server' }).click()
    await heading(page, 'One decision')
    expect(await page.locator('iframe').count()).toBe(0)
  })

  it('shows in the frame that a page that decides needs the whole window, and goes on there', async () => {
    const page = await newPage()
    const prompting = await other(ownClientId, 'localhost', { request: { prompt: 'consent' } })
    const frame = await framed(page, 'Ben Invented', prompting)
    await frame.getByRole('heading', { name: 'This page is not shown in a frame' }).waitFor()
    expect(await frame.getByRole('button').count()).toBe(0)
    await frame.getByRole('link', { name: 'Go on without the frame' }).click()
    await heading(page, 'Give access?')
    await press(page, 'Allow')
    await heading(page, 'Own app with example-2: status 200')
  })

  it.each([
    ['X-Frame-Options', { 'x-frame-options': 'SAMEORIGIN' }],
    ['frame-ancestors', { 'content-security-policy': "frame-ancestors 'self' https://ehr.example" }]
  ])('says before the launch that the app forbids frames by %s', async (_name, headers) => {
    const page = await newPage()
    const strict = await other(ownClientId, 'localhost', { headers })
    await framed(page, 'Ben Invented', strict)
    await heading(page, 'The app allows no frame')
    expect(await page.locator('main').innerText()).toContain(new URL(strict.launchUri).origin)
    expect(await page.locator('iframe').count()).toBe(0)
    await page.getByRole('link', { name: 'Launch it without a frame' }).click()
    await heading(page, 'Own app with example-2: status 200')
  })

  it('shows an app whose policy names the record system', async () => {
    const page = await newPage()
    const headers = { 'content-security-policy': `frame-ancestors ${simulator.base}`, 'x-frame-options': 'DENY' }
    const frame = await framed(page, 'Ben Invented', await other(ownClientId, 'localhost', { headers }))
    await frame.getByText('Own app with example-2: status 200').waitFor()
  })

  it('keeps every page out of the frame of another site', async () => {
    const page = await newPage()
    await toConsent(page, simulator.base)
    const consent = page.url()
    await page.goto(standaloneLaunch(simulator.base))
    await heading(page, /Sign in|Choose/)
    const choice = page.url()
    const addresses = [
      consent,
      choice,
      `${simulator.base}/ehr/sign-in`,
      `${simulator.base}/authorize?client_id=unknown`
    ]
    const evil = createServer((_request, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(`<!doctype html><title>Evil</title>${addresses.map((url) => `<iframe src="${url}"></iframe>`).join('')}`)
    )
    await new Promise((resolve) => {
      evil.listen(0, '127.0.0.1', () => {
        resolve(null)
      })
    })
    // The same site, so that the browser sends the session.
    await page.goto(`http://127.0.0.1:${String((evil.address() as AddressInfo).port)}/`)
    const frames = page.frames().slice(1)
    expect(frames).toHaveLength(addresses.length)
    for (const frame of frames) {
      expect(frame.url()).toBe('chrome-error://chromewebdata/')
      expect(await frame.locator('h1', { hasText: /access|Sign|Choose|cannot|frame/ }).count()).toBe(0)
    }
    evil.close()
    evil.closeAllConnections()
  })

  it('shows no page with a button in a frame of its own server either', async () => {
    const page = await newPage()
    await toConsent(page, simulator.base)
    const consent = page.url()
    const around = `${simulator.base}/around.html`
    for (const address of [consent, `${simulator.base}/ehr/sign-in`, `${simulator.base}/ehr/grants`]) {
      await page.route(around, (route) =>
        route.fulfill({ contentType: 'text/html', body: `<!doctype html><iframe src="${address}"></iframe>` })
      )
      await page.goto(around)
      await page.frameLocator('iframe').getByRole('heading', { name: 'This page is not shown in a frame' }).waitFor()
      expect(await page.frameLocator('iframe').locator('button, input').count()).toBe(0)
    }
  })
})
