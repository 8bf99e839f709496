/**
 * Launches in Chromium with the sample app, which runs fhirclient: from the EHR and alone, at a server of a launch
 * setting, with narrowed grants, a denial, the end of the access, sign-out, Back, and two tabs.
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faultsOf } from './checks.js'
import { appShown, ehrLaunch, heading, signIn, standaloneLaunch, toApp, toConsent, untick } from './steps.js'
import { chromiumPath, startChromium } from '../chromium.js'
import type { RunningSimulator } from '../../support/simulator/simulator-process.js'
import { startSimulator } from '../../support/simulator/simulator-process.js'

const encoded = (setting: object): string => Buffer.from(JSON.stringify(setting)).toString('base64url')

describe.skipIf(chromiumPath === null)('launches of the sample app', { timeout: 60_000 }, () => {
  let simulator: RunningSimulator
  let browser: Browser

  beforeAll(async () => {
    simulator = await startSimulator()
    browser = await startChromium()
  })
  afterAll(async () => {
    await browser.close()
    await simulator.stop()
  })

  const newPage = async (): Promise<Page> => (await browser.newContext()).newPage()
  const allow = async (page: Page): Promise<string> => {
    await page.getByRole('button', { name: 'Allow' }).click()
    return appShown(page)
  }

  it('shows the patient of the refresh response, and says that the patient changed', async () => {
    const page = await newPage()
    const setting = { misbehavior: 'patient-changed-at-refresh', user: 'alice' }
    const query = { client_id: 'sample-app', launch_uri: `${simulator.base}/app/launch`, patient: 'example-4' }
    const server = `${simulator.base}/sim/${encoded(setting)}`
    await page.goto(`${server}/ehr/launch?${new URLSearchParams(query).toString()}`)
    await heading(page, 'Give access?')
    expect(await allow(page)).toContain('Dora Longrecord')
    await page.getByRole('button', { name: 'Refresh the access token' }).click()
    await page.getByText('The patient changed.').waitFor()
    const text = await appShown(page)
    expect(text).toMatch(/names\s+Patient\/[\w.-]+\s+in place of\s+Patient\/example-4/)
    // The token of an honest FHIR server is that of the first patient, so nothing of the other one can be read.
    expect(text).not.toContain('Dora Longrecord')
  })

  it('says in a sentence why a launch was refused, with the line of the log', async () => {
    const page = await newPage()
    await page.goto(
      `${simulator.base}/app?${new URLSearchParams({
        error: 'invalid_scope',
        error_description: 'None of them.',
        error_uri: `${simulator.base}/ehr/log/abc`
      }).toString()}`
    )
    expect(await appShown(page)).toContain('gives this app nothing of what it requested.')
    expect(await page.getByRole('link', { name: 'See why' }).getAttribute('href')).toBe(`${simulator.base}/ehr/log/abc`)
  })

  it('links a token error, which the client library does not pass on, to its line of the log', async () => {
    const page = await newPage()
    await toConsent(page, simulator.base)
    await page.route('**/token', (route) =>
      route.continue({ postData: (route.request().postData() ?? '').replace(/code=[^&]*/, 'code=never-issued') })
    )
    expect(await allow(page)).toMatch(/The (launch failed|access has ended)/)
    await page.getByRole('link', { name: 'See why' }).click()
    await heading(page, 'One decision')
    expect(await page.locator('main').innerText()).toContain('POST /token')
  })

  it('says what to do after a refused refresh, with the line of the log', async () => {
    const page = await newPage()
    await toApp(page, simulator.base)
    const grants = await page.context().newPage()
    await grants.goto(`${simulator.base}/ehr/grants`)
    await grants.getByRole('button', { name: 'Revoke' }).first().click()
    await grants.getByText('revoked', { exact: true }).first().waitFor()
    await page.getByRole('button', { name: 'Refresh the access token' }).click()
    await page.getByText('The access has ended.').waitFor()
    expect(await page.locator('#outcome').innerText()).toContain('Launch the app again')
    await page.getByRole('link', { name: 'Launch again' }).waitFor()
    await page.getByRole('link', { name: 'See why' }).click()
    await heading(page, 'One decision')
  })

  it('from the EHR: the patient, all observations as a chart and a table, and no secret', async () => {
    const page = await newPage()
    const faults = faultsOf(page)
    const text = await toApp(page, simulator.base)
    for (const words of [
      'Dora Longrecord',
      'female',
      '1949-07-21',
      'MRN-00004',
      'Nothing is missing',
      '389 observations'
    ])
      expect(text).toContain(words)
    expect(await page.getByText('Launch again').isVisible()).toBe(false)
    const chart = page.locator('svg.chart')
    const count = await chart.locator('polyline').count()
    const [marks, rows] = [await chart.locator('circle').count(), await page.locator('#values tbody tr').count()]
    expect([count, marks]).toEqual([2, rows])
    expect(rows).toBeGreaterThan(20)
    await page.getByLabel('Observation').selectOption({ index: 1 })
    expect(await page.locator('#values .table').getAttribute('aria-label')).not.toContain('Blood pressure')
    const secrets = await page.evaluate<ReadonlyArray<string>>(`Object.values(sessionStorage).flatMap((kept) =>
      [...kept.matchAll(/"(?:access_token|refresh_token|id_token)":"([^"]+)"/g)].map(([, token]) => token))`)
    expect(secrets).toHaveLength(3)
    const html = await page.content()
    expect(secrets.filter((secret) => html.includes(secret))).toEqual([])
    expect(faults).toEqual([])
  })

  it('alone: the user signs in and chooses a patient', async () => {
    const page = await newPage()
    await page.goto(standaloneLaunch(simulator.base))
    await signIn(page)
    await heading(page, 'Choose')
    await page.getByLabel('Ben Invented').check()
    await page.getByLabel('Ben Invented').press('Enter')
    await heading(page, 'Give access?')
    expect(await allow(page)).toContain('Ben Invented')
  })

  it('from a patient portal: a user who is a patient has the own record at once', async () => {
    const page = await newPage()
    await page.goto(`${simulator.base}/`)
    await page.getByLabel('Which app').selectOption('sample-app')
    await page.locator('[value=portal]').check()
    await page.getByText('1 patient', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Launch', exact: true }).click()
    await heading(page, 'Give access?')
    expect(await page.locator('.parties').innerText()).toContain('pat')
    expect(await allow(page)).toContain('Ada Synthetic')
  })

  it('alone, by a patient: there is only the own record to choose', async () => {
    const page = await newPage()
    await page.goto(standaloneLaunch(simulator.base))
    await signIn(page, 'pat')
    await heading(page, 'Choose')
    const choices = page.locator('input[type=radio]')
    expect([await choices.count(), await choices.first().inputValue()]).toEqual([1, 'example-1'])
    await choices.first().check()
    await choices.first().press('Enter')
    await heading(page, 'Give access?')
    expect(await allow(page)).toContain('Ada Synthetic')
  })

  it('by one of several users: two pages list them, and each has the own patients', async () => {
    const page = await newPage()
    await page.goto(`${simulator.base}/`)
    const listed = await page.locator('[name=user] option').allInnerTexts()
    expect(listed).toEqual([
      'Not named: the user who is signed in',
      'alice (Practitioner/p1)',
      'bob (Practitioner/p2)',
      'pat (Patient/example-1)'
    ])
    await page.goto(standaloneLaunch(simulator.base))
    await heading(page, 'The users of this simulator')
    for (const name of ['alice', 'bob', 'pat']) await page.getByRole('cell', { name, exact: true }).waitFor()
    await signIn(page, 'bob')
    await heading(page, 'Choose')
    const choices = page.locator('input[type=radio]')
    expect([await choices.count(), await choices.first().inputValue()]).toEqual([1, 'example-2'])
  })

  it('opened without the address of a record system, it uses the one that shows the page', async () => {
    const page = await newPage()
    await page.goto(`${simulator.base}/app/launch`)
    await heading(page, 'Sign in')
    expect(new URL(page.url()).origin).toBe(simulator.base)
  })

  it('opened under another name of the machine, it goes to the origin of its redirect URI', async () => {
    const page = await newPage()
    await page.goto(standaloneLaunch(simulator.base).replace('127.0.0.1', 'localhost'))
    await signIn(page)
    await heading(page, 'Choose')
    await page.getByLabel('Ben Invented').check()
    await page.getByLabel('Ben Invented').press('Enter')
    expect(await allow(page)).toContain('Ben Invented')
  })

  it.each(['2.0.0', '2.1.0', '2.2.0'])('at the server of a launch setting, release %s', async (spec) => {
    const page = await newPage()
    const server = `${simulator.base}/sim/${encoded({ spec })}`
    await page.goto(`${server}/ehr/launch${new URL(ehrLaunch(simulator.base)).search}`)
    await heading(page, 'Give access?')
    expect(await allow(page)).toContain('389 observations')
  })

  it('without Observation it says so, and shows the rest without a failed request', async () => {
    const page = await newPage()
    const faults = faultsOf(page)
    await toConsent(page, simulator.base)
    await untick(page, 'patient/Observation.rs')
    const text = await allow(page)
    expect(text).toContain('Reading and searching Observation was not granted')
    expect(text).toContain('Read and search Observation records of the one patient in context.')
    expect(text).toContain('Dora Longrecord')
    expect(faults).toEqual([])
  })

  it('without Patient, offline access and identity it shows the id of the patient, and offers no refresh', async () => {
    const page = await newPage()
    const faults = faultsOf(page)
    await toConsent(page, simulator.base)
    for (const scope of ['patient/Patient.rs', 'offline_access', 'fhirUser']) await untick(page, scope)
    const text = await allow(page)
    expect(text).toContain('may not read the record')
    expect(text).toContain('example-4')
    expect(text).toContain('389 observations')
    expect(text).toContain('no refresh token')
    expect(await page.getByRole('button', { name: 'Refresh the access token' }).isDisabled()).toBe(true)
    expect(faults).toEqual([])
  })

  it('denied: nothing is wrong, and it can be launched again', async () => {
    const page = await newPage()
    await page.goto(ehrLaunch(simulator.base))
    await page.getByRole('button', { name: 'Deny' }).click()
    expect(await appShown(page)).toContain('You gave no access.')
    expect(await page.getByRole('button').count()).toBe(0)
    await page.getByRole('link', { name: 'Launch again' }).click()
    await heading(page, 'Choose')
  })

  it('refreshes, and the record system accepts the new token', async () => {
    const page = await newPage()
    await toApp(page, simulator.base)
    const token = (): Promise<string> =>
      page.evaluate<string>(`JSON.stringify(sessionStorage).match(/access_token.{3,6}?"([^"]+)/)[1]`)
    const before = await token()
    await page.getByRole('button', { name: 'Refresh the access token' }).click()
    await page.getByText('The app has a new access token.').waitFor()
    expect(await token()).not.toBe(before)
    await page.reload()
    expect(await appShown(page)).toContain('389 observations')
  })

  it('signs out: the tokens are revoked and deleted', async () => {
    const context = await browser.newContext()
    const [page, apps] = [await context.newPage(), await context.newPage()]
    await toApp(page, simulator.base)
    const connected = async (): Promise<number> => {
      await apps.goto(`${simulator.base}/apps`)
      return apps.getByRole('button', { name: /End the access/ }).count()
    }
    const before = await connected()
    const requests: Array<string> = []
    page.on('response', (response) => {
      if (response.url() === `${simulator.base}/revoke`) requests.push(String(response.status()))
    })
    await page.getByRole('button', { name: 'Sign out of the app' }).click()
    await page.getByText('You are signed out.').waitFor()
    expect(requests).toEqual(['200', '200'])
    expect(await page.evaluate('sessionStorage.length')).toBe(0)
    await page.reload()
    expect(await appShown(page)).toContain('No launch is open in this tab.')
    expect(await connected()).toBe(before - 1)
  })

  it('revoked on the page of connected apps: the app says that the access has ended', async () => {
    const context = await browser.newContext()
    const [app, apps] = [await context.newPage(), await context.newPage()]
    await toApp(app, simulator.base)
    await apps.goto(`${simulator.base}/apps`)
    await apps
      .getByRole('button', { name: /End the access/ })
      .first()
      .click()
    await apps.waitForLoadState()
    await app.reload()
    const text = await appShown(app)
    expect(text).toContain('The access has ended.')
    // The library has forgotten the patient with the token, and nothing says that there is another one.
    expect(text).not.toContain('The patient changed.')
    await app.getByRole('link', { name: 'Launch again' }).click()
    await heading(app, 'Choose')
  })

  it('after the session has ended in another tab, Allow grants nothing, and a launch requires a sign-in', async () => {
    const context = await browser.newContext()
    const [page, other] = [await context.newPage(), await context.newPage()]
    await toConsent(page, simulator.base)
    await other.goto(`${simulator.base}/ehr/sign-out`)
    await other.locator('main').getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.waitForLoadState()
    expect([new URL(page.url()).pathname.startsWith('/app'), await page.locator('h1').innerText()]).toEqual([
      false,
      'This cannot go on'
    ])
    await page.goto(standaloneLaunch(simulator.base))
    await heading(page, 'Sign in')
  })

  it('Back to the consent page after the end: a neutral page, and the app still works', async () => {
    const page = await newPage()
    await toConsent(page, simulator.base)
    await allow(page)
    await page.goBack()
    await heading(page, 'This request has ended')
    expect(await page.locator('[role=alert]').count()).toBe(0)
    await page.goForward()
    expect(await appShown(page)).toContain('Dora Longrecord')
  })

  it('two tabs keep two patients', async () => {
    const context = await browser.newContext()
    const [one, other] = [await context.newPage(), await context.newPage()]
    await toConsent(one, simulator.base, 'example-1')
    await toConsent(other, simulator.base, 'example-2')
    expect(await allow(other)).toContain('Ben Invented')
    expect(await allow(one)).toContain('Ada Synthetic')
    await other.reload()
    expect(await appShown(other)).toContain('Ben Invented')
  })
})
