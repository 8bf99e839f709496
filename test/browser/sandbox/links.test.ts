/**
 * What the launch page makes, in Chromium: an app by its URLs, and a link that is opened elsewhere; then
 * what becomes of it: a refusal in the log, a revocation on the page of grants, and a session that expires.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OwnApp } from './own-app.js'
import { startOwnApp } from './own-app.js'
import {
  appShown,
  fillPanel,
  heading,
  ownClientId,
  press,
  signIn,
  standaloneLaunch,
  toApp,
  toConsent,
  untick
} from './steps.js'
import { chromiumPath, startChromium } from '../chromium.js'
import type { RunningSimulator } from '../../support/simulator/simulator-process.js'
import { startSimulator } from '../../support/simulator/simulator-process.js'

const clientId = ownClientId

describe.skipIf(chromiumPath === null)('the launch page', { timeout: 60_000 }, () => {
  let simulator: RunningSimulator
  let browser: Browser
  /** Under another name of the machine than the simulator, so that it is another site for the browser. */
  let app: OwnApp
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
  const [clock, later] = [join(folder, 'clock.mjs'), join(folder, 'later')]
  const setClock = (secondsLater: number): void => {
    writeFileSync(later, String(secondsLater * 1000))
  }

  beforeAll(async () => {
    setClock(0)
    writeFileSync(
      clock,
      `import { readFileSync } from 'node:fs'
const now = Date.now
Date.now = () => now() + Number(readFileSync(${JSON.stringify(later)}, 'utf8'))`
    )
    simulator = await startSimulator([], ['--import', pathToFileURL(clock).href])
    browser = await startChromium()
    app = await startOwnApp(clientId, 'localhost')
  })
  afterAll(async () => {
    await browser.close()
    await app.stop()
    await simulator.stop()
    rmSync(folder, { recursive: true })
  })

  const newPage = async (options: BrowserContextOptions = {}): Promise<Page> =>
    (await browser.newContext(options)).newPage()

  const panel = (page: Page, patient: string): Promise<void> => fillPanel(page, simulator.base, patient, app)

  it('launches an own app by its URLs, without a registration', async () => {
    const page = await newPage()
    await panel(page, 'Ben Invented')
    await press(page, 'Launch')
    await heading(page, 'Give access?')
    expect(await page.locator('main').innerText()).toContain(clientId)
    await press(page, 'Allow')
    await heading(page, 'Own app with example-2: status 200')
  })

  it('copies a link that holds everything, for a browser that never saw the launch page', async () => {
    const page = await newPage({ permissions: ['clipboard-read', 'clipboard-write'] })
    await panel(page, 'Cai Imaginary')
    await press(page, 'Copy link')
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    expect(await page.locator('#copied').innerText()).toContain('works on this machine only')
    const link = await page.evaluate<string>('navigator.clipboard.readText()')
    expect(new URL(page.url()).pathname).toBe('/')
    await press(page, 'Get the link and the addresses')
    await heading(page, 'Your link')
    expect(link).toBe(await page.locator('#link').innerText())
    await page.context().close()
    const other = await newPage()
    await other.goto(link)
    await heading(other, 'Give access?')
    await press(other, 'Allow')
    await heading(other, 'Own app with example-3: status 200')
  })

  it('shows the fields of the chosen kind and app alone, and Enter in them launches', async () => {
    const page = await newPage()
    await page.goto(`${simulator.base}/`)
    const seen = async (): Promise<ReadonlyArray<boolean>> =>
      Promise.all(['launch_uri', 'user', 'keys'].map((name) => page.locator(`[name=${name}]`).isVisible()))
    expect(await seen()).toEqual([false, true, false])
    await page.getByLabel('Which app').selectOption('Another app, by its URLs')
    expect(await seen()).toEqual([true, true, false])
    await page.locator('[value=backend]').check()
    expect(await seen()).toEqual([false, false, true])
    await page.locator('[value=ehr]').check()
    await page.getByLabel('Ben Invented').check()
    await page.locator('[value=portal]').check()
    expect(await page.locator('[name=user]').inputValue()).toBe('pat')
    await page.getByText('1 patient', { exact: true }).waitFor()
    expect(await page.locator('[name=patient]:checked').inputValue()).toBe('example-1')
    expect(await page.locator('[role=alert]').count()).toBe(0)
    await panel(page, 'Ben Invented')
    await page.locator('input[name=client_id]').press('Enter')
    await heading(page, 'Give access?')
  })

  it('searches on Enter, lists the patients of another user, and says at the field what is wrong', async () => {
    const page = await newPage()
    await page.goto(`${simulator.base}/`)
    await page.locator('[name=name]').fill('imaginary')
    await page.locator('[name=name]').press('Enter')
    await page.getByText('1 patient', { exact: true }).waitFor()
    expect(new URL(page.url()).hash).toBe('#patients')
    await page.locator('[name=name]').fill('')
    await page.locator('[name=user]').selectOption('bob')
    await page.getByText('1 patient', { exact: true }).waitFor()
    expect(await page.getByLabel('Ben Invented').isVisible()).toBe(true)
    await page.getByLabel('Which app').selectOption('Another app, by its URLs')
    await page.getByLabel('Launch URL').fill('nothing')
    await page.getByLabel('Redirect URLs').fill(app.redirectUri)
    await page.locator('input[name=client_id]').fill(clientId)
    await press(page, 'Launch')
    await page.getByText('found "nothing"').first().waitFor()
    expect(await page.evaluate<string>('document.activeElement.name')).toBe('launch_uri')
  })

  it('keeps the own app of the last launch, its secret in the tab alone, and no private key', async () => {
    const page = await newPage()
    await panel(page, 'Ben Invented')
    await page.locator('summary', { hasText: 'Secret, keys' }).click()
    await page.locator('[name=client_secret]').fill('kept-in-the-tab')
    await page.locator('[name=keys]').fill('{"keys":[{"kty":"EC","kid":"a","d":"hidden"}]}')
    await press(page, 'Get the link and the addresses')
    await page.getByText('this is a private key').first().waitFor()
    expect(await page.evaluate<string>('JSON.stringify(localStorage)')).not.toContain('hidden')
    await page.goto(`${simulator.base}/`)
    expect(await page.getByLabel('Which app').inputValue()).toBe('*')
    expect(await page.getByLabel('Redirect URLs').inputValue()).toBe(app.redirectUri)
    await page.goto(`${simulator.base}/misbehaviors`)
    await page.locator('#state-wrong > summary').click()
    await page.getByRole('link', { name: 'Launch an app with it' }).click()
    await page.locator('form.launch').waitFor()
    expect(await page.getByLabel('Which app').inputValue()).toBe('*')
    expect(await page.locator('[name=misbehavior]').inputValue()).not.toBe('')
    const { launchUri: launch_uri, redirectUri: redirect_uris } = app
    const addresses = { launch_uri, redirect_uris }
    const panelWith = (fields: Readonly<Record<string, string>>): string =>
      `${simulator.base}/?${new URLSearchParams({ app: '*', client_id: clientId, ...fields }).toString()}`
    await page.goto(panelWith(addresses))
    expect(await page.locator('[name=client_secret]').inputValue()).toBe('kept-in-the-tab')
    // Not for an app of that id at another address: a link could name it.
    await page.goto(panelWith({ ...addresses, launch_uri: 'https://other.example/launch' }))
    expect(await page.locator('[name=client_secret]').inputValue()).toBe('')
    expect(await page.evaluate<string>('JSON.stringify(localStorage)')).not.toContain('kept-in-the-tab')
    const other = await page.context().newPage()
    await other.goto(`${simulator.base}/`)
    expect(await other.locator('input[name=client_id]').inputValue()).toBe(clientId)
    expect(await other.locator('[name=client_secret]').inputValue()).toBe('')
    await page.goto(`${simulator.base}/?kind=standalone&app=*&client_id=another`)
    expect(await page.locator('[name=client_secret]').inputValue()).toBe('')
  })

  it('keeps the kind of the last launch with an own app alone, and forgets all with "Start afresh"', async () => {
    const page = await newPage()
    const seen = async () => {
      await page.goto(`${simulator.base}/`)
      return [await page.locator('[name=kind]:checked').inputValue(), await page.getByLabel('Which app').inputValue()]
    }
    const fields = `{ client_id: 'own' }`
    const keep = (app: string) =>
      page.evaluate(`localStorage.setItem('last-app',
  JSON.stringify({ app: '${app}', kind: 'backend', fields: ${fields} }));
        sessionStorage.setItem('last-secret', '["own","secret"]')`)
    await seen()
    await keep('sample-app')
    expect(await seen()).toEqual(['ehr', 'sample-app'])
    await keep('*')
    expect(await seen()).toEqual(['backend', '*'])
    await page.goto(`${simulator.base}/?kind=portal&user=pat&patient=example-1`)
    await page.getByRole('link', { name: 'Start afresh' }).click()
    await page.waitForURL(`${simulator.base}/`)
    expect(await page.locator('[name=user]').inputValue()).toBe('alice')
    expect(await seen()).toEqual(['ehr', expect.not.stringMatching(/^\*$/)])
    expect(await page.locator('input[name=client_id]').inputValue()).toBe('')
    expect(await page.evaluate<number>('localStorage.length + sessionStorage.length')).toBe(0)
  })

  it('forgets the secret that an earlier release has kept in the browser', async () => {
    const page = await newPage()
    await page.goto(`${simulator.base}/`)
    await page.evaluate(
      `localStorage.setItem('last-app', JSON.stringify({ app: '*', kind: 'ehr',
        fields: { client_id: 'a', client_secret: 'old' } }))`
    )
    await page.reload()
    expect(await page.locator('input[name=client_id]').inputValue()).toBe('a')
    expect(await page.evaluate<string>('JSON.stringify(localStorage)')).not.toContain('old')
    expect(await page.locator('[name=client_secret]').inputValue()).toBe('')
  })

  it('copies the link that is right for an app by itself: at its launch URL, or that of the page for it', async () => {
    const page = await newPage({ permissions: ['clipboard-read', 'clipboard-write'] })
    const copied = async (): Promise<URL> => {
      await press(page, 'Copy link')
      await page.getByRole('button', { name: 'Copied' }).waitFor()
      return new URL(await page.evaluate<string>('navigator.clipboard.readText()'))
    }
    const said = (): Promise<string> => page.locator('#copied').innerText()
    await panel(page, 'Ben Invented')
    await page.locator('[value=standalone]').check()
    const link = await copied()
    expect([`${link.origin}${link.pathname}`, link.searchParams.get('iss')]).toEqual([
      app.launchUri,
      expect.stringMatching(/\/sim\/[\w-]+\/fhir$/)
    ])
    expect(await said()).toContain('The link opens the app with the FHIR base URL of this launch.')
    await page.getByRole('button', { name: 'Copy link' }).waitFor()
    await page.getByLabel('Launch URL').fill('')
    const shared = await copied()
    expect(await said()).toContain('the link is that of the page "Connect your app"')
    expect(new URL(page.url()).pathname).toBe('/')
    await page.goto(shared.href)
    await heading(page, 'Connect your app')
    expect(await page.locator('#iss').innerText()).toMatch(/\/sim\/[\w-]+\/fhir$/)
    await page.getByRole('link', { name: 'Back to the form' }).click()
    expect(await page.locator('[name=patient]:checked').inputValue()).toBe('example-2')
  })

  it('keeps the buttons in sight in a small window, and no field that has the focus is below them', async () => {
    const page = await newPage({
      viewport: { width: 360, height: 640 },
      permissions: ['clipboard-read', 'clipboard-write']
    })
    await page.goto(`${simulator.base}/`)
    await page.getByLabel('Which app').selectOption('Another app, by its URLs')
    const bar = page.locator('.launch .decide')
    const top = async (): Promise<number> => (await bar.boundingBox())?.y ?? 0
    expect(await page.getByRole('button', { name: 'Launch', exact: true }).first().isVisible()).toBe(true)
    expect([(await top()) > 460, (await top()) < 640]).toEqual([true, true])
    await page.getByLabel('Launch URL').fill(app.launchUri)
    await page.getByLabel('Redirect URLs').fill(app.redirectUri)
    await page.locator('input[name=client_id]').fill(clientId)
    await press(page, 'Copy link')
    await page.getByText('The link launches the app from the record system.').waitFor()
    const fields = page.locator('.launch :is(input, select, textarea, summary, .table):visible')
    const count = await fields.count()
    expect(count).toBeGreaterThan(20)
    for (let place = 0; place < count; place++) {
      const field = fields.nth(place)
      await field.focus()
      const box = await field.boundingBox()
      const isShort = box !== null && box.height < 300
      if (isShort) expect(box.y + box.height).toBeLessThanOrEqual((await top()) + 1)
    }
  })

  it('gives an app by itself its addresses, without scripts too', async () => {
    const page = await newPage({ javaScriptEnabled: false })
    await page.goto(`${simulator.base}/`)
    await page.locator('[value=standalone]').check()
    await page.getByLabel('Which app').selectOption('Another app, by its URLs')
    await page.getByLabel('Redirect URLs').fill(app.redirectUri)
    await page.locator('input[name=client_id]').fill(clientId)
    await press(page, 'Get the link and the addresses')
    await heading(page, 'Connect your app')
    expect(await page.locator('#iss').innerText()).toMatch(/\/sim\/[\w-]+\/fhir$/)
    expect(await page.locator('#client_id').innerText()).toBe(clientId)
  })

  it('leads from a narrowed scope to the line of the log that says what would have been accepted', async () => {
    const page = await newPage()
    await panel(page, 'Ada Synthetic')
    await press(page, 'Launch')
    await heading(page, 'Give access?')
    await untick(page, 'patient/Patient.r')
    await press(page, 'Allow')
    await heading(page, 'Own app with example-1: status 403')
    await page.goto(`${simulator.base}/ehr/log?app=${clientId}&kind=refusals`)
    const line = page.locator('.line').first()
    expect(await line.innerText()).toMatch(
      /Read of Patient\/example-1[^]*patient\/Patient\.r[^]*would have been accepted/
    )
    await line.locator('.head a').first().click()
    expect(await page.locator('main').innerText()).toContain('scope-sufficient')
    expect(new URL(page.url()).pathname).toMatch(/^\/ehr\/log\/[\w-]+$/)
  })

  it('ends a grant on the page of grants, and the app says that the access has ended', async () => {
    const context = await browser.newContext()
    const [sample, grants] = [await context.newPage(), await context.newPage()]
    await toApp(sample, simulator.base)
    await grants.goto(`${simulator.base}/ehr/grants`)
    await grants.getByRole('button', { name: 'Revoke' }).first().click()
    await grants.getByText('revoked', { exact: true }).first().waitFor()
    await sample.reload()
    expect(await appShown(sample)).toContain('The access has ended.')
  })

  it('after the session has expired, grants nothing, and a launch requires a sign-in', async () => {
    const page = await newPage()
    await toConsent(page, simulator.base)
    const other = await page.context().newPage()
    await other.goto(`${simulator.base}/`)
    await other.getByText('Signed in as').waitFor()
    setClock(31 * 60)
    await press(page, 'Allow')
    await page.locator('h1', { hasText: /ended|cannot go on|Sign in/ }).waitFor()
    expect(new URL(page.url()).pathname.startsWith('/app')).toBe(false)
    await other.reload()
    expect(await other.getByText('Signed in as').count()).toBe(0)
    await other.goto(standaloneLaunch(simulator.base))
    await signIn(other)
    await heading(other, 'Choose')
  })
})
