/**
 * Every page of the sandbox in Chromium: light, dark, narrow and wide. It leaves a screenshot of each in
 * `test/browser/output`; with `DOCS_PICTURES=1` it also writes the pictures of the documentation.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axeViolations, faultsBeyond, faultsOf, overflow, weight } from './checks.js'
import { sandboxPages } from './pages.js'
import { smallPng } from './small-png.js'
import { chromiumPath, startChromium } from '../chromium.js'
import type { RunningSimulator } from '../../support/simulator/simulator-process.js'
import { startSimulator } from '../../support/simulator/simulator-process.js'

const output = join(import.meta.dirname, '..', 'output')
const pictures = join(import.meta.dirname, '..', '..', '..', 'docs', 'images')

const looks = [
  { look: 'light', colorScheme: 'light', width: 1280 },
  { look: 'dark', colorScheme: 'dark', width: 1280 },
  { look: 'narrow', colorScheme: 'light', width: 360 },
  { look: 'wide', colorScheme: 'light', width: 1920 }
] as const

describe.skipIf(chromiumPath === null)('every page of the sandbox', { timeout: 120_000 }, () => {
  let simulator: RunningSimulator
  let browser: Browser

  beforeAll(async () => {
    mkdirSync(output, { recursive: true })
    simulator = await startSimulator()
    browser = await startChromium()
  })
  afterAll(async () => {
    await browser.close()
    await simulator.stop()
  })

  const opened = async (
    { open, status }: (typeof sandboxPages)[number],
    width: number
  ): Promise<{ readonly page: Page; readonly faults: () => ReadonlyArray<string> }> => {
    const page = await (await browser.newContext({ viewport: { width, height: 800 } })).newPage()
    const faults = faultsOf(page)
    await open(page, simulator.base)
    return { page, faults: () => faultsBeyond(faults, status) }
  }

  it.each(sandboxPages)('$name', async (row) => {
    const { page, faults } = await opened(row, looks[0].width)
    // A page that loads itself again from time to time does not do so now.
    await page.route('**', (route) =>
      route.request().isNavigationRequest() ? route.abort('aborted') : route.continue()
    )
    const found: Array<unknown> = []
    for (const { look, colorScheme, width } of looks) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: 800 })
      await page.screenshot({ path: join(output, `${row.name}-${look}.png`), fullPage: true })
      found.push({ look, overflow: await overflow(page), violations: await axeViolations(page) })
    }
    expect(found).toEqual(looks.map(({ look }) => ({ look, overflow: 0, violations: [] })))
    expect(faults()).toEqual([])
    expect(await weight(page)).toBeLessThan(150_000)
    await page.context().close()
  })

  it('notices what is wrong with a page', async () => {
    const page = await (await browser.newContext({ viewport: { width: 360, height: 800 } })).newPage()
    const faults = faultsOf(page)
    await page.route('https://elsewhere.example/**', (route) => route.abort('blockedbyclient'))
    await page.goto(`${simulator.base}/nowhere`)
    expect(faultsBeyond(faults)).toHaveLength(1)
    expect(faultsBeyond(faults, 404)).toEqual([])
    // The Content-Security-Policy of the page before would forbid the style.
    await page.goto('about:blank')
    await page.setContent(`<html lang="en"><title>Wrong</title><main><h1>Wrong</h1>
      <img src="https://elsewhere.example/x.png">
      <p style="color: #999; background: #fff; width: 500px">Gray</p></main>`)
    expect((await axeViolations(page)).map((one) => one.replace(/ .*/s, '')).sort()).toEqual([
      'color-contrast',
      'image-alt'
    ])
    expect(await overflow(page)).toBeGreaterThan(100)
    expect(faults.join()).toContain('failed: https://elsewhere.example/x.png')
    await page.context().close()
  })

  it.skipIf(process.env['DOCS_PICTURES'] === undefined)('makes the pictures of the documentation', async () => {
    mkdirSync(pictures, { recursive: true })
    const blank = await browser.newPage()
    for (const row of sandboxPages) {
      if (row.picture !== undefined) {
        const { page } = await opened(row, 860)
        await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
        await page.setViewportSize({ width: 860, height: row.height ?? 800 })
        const screenshot = await page.screenshot()
        writeFileSync(join(pictures, `${row.picture}.png`), await smallPng(blank, screenshot))
        await page.context().close()
      }
    }
  })
})
