/**
 * A newcomer's launch in a real browser: the sample app (fhirclient in the page), the simulator's forms, keyboard only.
 * Needs Chromium on the machine; `.ci/run` installs it, elsewhere the tests are skipped without one.
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumPath, startChromium } from './chromium.js'
import type { RunningSimulator } from '../support/simulator/simulator-process.js'
import { startSimulator } from '../support/simulator/simulator-process.js'

const outcome = async (page: Page): Promise<string> => {
  await page.waitForSelector('body[data-done]')
  return (await page.textContent('main')) ?? ''
}

describe.skipIf(chromiumPath === null)('in Chromium', { timeout: 60_000 }, () => {
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

  it('the launch page launches the sample app', async () => {
    const page = await newPage()
    await page.goto(`${simulator.base}/`)
    await page.getByRole('searchbox', { name: 'Name' }).fill('cai')
    await page.getByRole('searchbox', { name: 'Name' }).press('Enter')
    await page.getByText('1 patient').waitFor()
    await page.getByLabel('Cai Imaginary').check()
    await page.getByRole('button', { name: 'Launch', exact: true }).click()
    await page.getByRole('heading', { name: 'Give access?' }).waitFor()
    expect(await page.textContent('main')).toContain('Cai Imaginary')
    await page.getByRole('button', { name: 'Allow' }).click()
    const text = await outcome(page)
    expect(text).toContain('The launch is complete.')
    expect(text).toContain('Cai Imaginary')
    expect(text).toContain('Heart rate')
  })

  it('the sample app launches itself, with the keyboard alone, in a browser without scripts on the forms', async () => {
    const page = await newPage()
    await page.goto(`${simulator.base}/app/launch?iss=${encodeURIComponent(`${simulator.base}/fhir`)}`)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.locator('input:focus').waitFor()
    await page.keyboard.type('alice')
    await page.keyboard.press('Tab')
    await page.keyboard.type('alice-demo')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Choose' }).waitFor()
    await page.getByLabel('Ben Invented').focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Give access?' }).waitFor()
    await page.getByRole('button', { name: 'Allow' }).focus()
    await page.keyboard.press('Enter')
    expect(await outcome(page)).toContain('Ben Invented')
  })
})
