/** Every page of the sandbox as a screen reader gets it, in Chromium. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sandboxPages } from './pages.js'
import type { Spoken } from './spoken.js'
import { readAloud, spokenFaults, spokenOf } from './spoken.js'
import { fillPanel, press, signIn } from './steps.js'
import { chromiumPath, startChromium } from '../chromium.js'
import type { RunningSimulator } from '../../support/simulator/simulator-process.js'
import { startSimulator } from '../../support/simulator/simulator-process.js'

describe.skipIf(chromiumPath === null)('a page that is read aloud', { timeout: 120_000 }, () => {
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

  it.each(sandboxPages)('$name', async ({ open }) => {
    const page = await newPage()
    await open(page, simulator.base)
    const heard = await spokenOf(page)
    const faults = await spokenFaults(page, heard)
    expect(faults, readAloud(heard)).toEqual([])
    await page.context().close()
  })

  /** The control that has the focus, as it is announced. */
  const focused = async (page: Page): Promise<Spoken | undefined> =>
    (await spokenOf(page)).findLast(({ states }) => states['focused'] === true)

  it.each<[string, (page: Page) => Promise<unknown>, string, RegExp]>([
    [
      'the launch page',
      async (page) => {
        await fillPanel(page, simulator.base, 'Ben Invented', {
          launchUri: 'nothing',
          redirectUri: 'http://localhost:1/'
        })
        await press(page, 'Launch')
      },
      'Launch URL',
      /found "nothing"/
    ],
    [
      'the form of an app',
      async (page) => {
        await page.goto(`${simulator.base}/ehr/apps/new`)
        await page.getByLabel('Name').fill('An app')
        await page.getByLabel('Redirect URLs').fill('nothing')
        await press(page, 'Register')
      },
      'Redirect URLs',
      /found "nothing"/
    ],
    [
      'the sign-in page',
      async (page) => {
        await page.goto(`${simulator.base}/ehr/sign-in`)
        await signIn(page, 'alice', 'not-the-password')
      },
      'Password',
      /User name or password is wrong/
    ]
  ])('after an error, %s says so in its title, at once, and at the field', async (_name, send, label, words) => {
    const page = await newPage()
    await send(page)
    const alert = page.getByRole('alert')
    await alert.waitFor()
    expect(await page.title()).toMatch(/^Error: /)
    expect(await alert.innerText()).toMatch(words)
    expect(await spokenFaults(page, await spokenOf(page))).toEqual([])
    const field = await focused(page)
    expect(field).toMatchObject({ name: label, states: { invalid: 'true' } })
    expect(field?.description).toMatch(words)
  })

  it('says what a field takes after its name', async () => {
    const page = await newPage()
    await page.goto(`${simulator.base}/`)
    const user = (await spokenOf(page)).find(({ role, name }) => role === 'combobox' && name === 'User')
    expect(user?.description).toContain('Only patients whom the user may see are listed.')
  })

  /** The words of the live regions of a page. */
  const live = async (page: Page): Promise<string> =>
    (await page.locator('[role=status], [aria-live=polite]').allInnerTexts()).join(' ')

  it('says that a text was copied', async () => {
    const page = await (await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })).newPage()
    await page.goto(`${simulator.base}/`)
    expect(await live(page)).not.toContain('Copied')
    await press(page, 'Copy link')
    await expect.poll(() => live(page)).toContain('Copied.')
    await page.goto(
      `${simulator.base}/ehr/link?${new URLSearchParams({ app: 'sample-app', user: 'alice' }).toString()}`
    )
    await page.getByRole('button', { name: 'Copy link' }).click()
    await expect.poll(() => live(page)).toContain('Copied.')
  })

  it('says the answer of the playground when the scopes change', async () => {
    const page = await newPage()
    await page.goto(`${simulator.base}/scopes`)
    await page.locator('textarea').first().fill('patient/Observation.rs')
    await page.locator('textarea').nth(1).fill('patient/Observation.r')
    await expect.poll(() => live(page)).toMatch(/not|No/)
    const before = await live(page)
    await page.locator('textarea').nth(1).fill('patient/*.cruds')
    await expect.poll(() => live(page)).not.toBe(before)
  })

  it('notices what is wrong with a page', async () => {
    const page = await newPage()
    await page.setContent(`<title>Wrong</title><main><h1>One</h1><h3>Two</h3><svg></svg><input>
      <div style="display: flex; flex-direction: row-reverse"><button value="a">Do</button>
      <button value="b">Do</button></div>
      <table><tr><td>1</td></tr><tr><td>2</td></tr></table><label>Field <input aria-invalid="true"></label>
      <a href="#x" tabindex="2">x</a></main><main></main>`)
    const faults = (await spokenFaults(page, await spokenOf(page))).join()
    for (const words of [
      'skips a level',
      'a textbox without a name',
      'the language',
      'main part',
      'tabindex',
      'picture without a name',
      'wrong field without its error',
      'two of "Do"',
      'stands before it',
      'another order'
    ])
      expect(faults).toContain(words)
  })
})
