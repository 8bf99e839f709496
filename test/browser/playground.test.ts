/** The scope playground of the documentation's site in a real browser. */
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumPath, startChromium } from './chromium.js'
import { fragmentOf } from '../../src/playground/question.js'
import { playgroundFiles } from '../../src/playground/site-page.js'

const script = join(import.meta.dirname, '..', '..', 'dist', 'playground', 'playground.js')

describe.skipIf(chromiumPath === null)('the scope playground in a browser', { timeout: 60_000 }, () => {
  let browser: Browser
  let server: Server
  let base = ''
  const requested: Array<string> = []
  const faults: Array<string> = []

  beforeAll(async () => {
    server = createServer((request, response) => {
      const name = (request.url ?? '').replace(/^\//, '') || 'index.html'
      requested.push(request.url ?? '')
      const text = name === 'playground.js' ? readFileSync(script, 'utf8') : playgroundFiles[name]
      const type = name.endsWith('.js') ? 'text/javascript' : name.endsWith('.css') ? 'text/css' : 'text/html'
      response.writeHead(text === undefined ? 404 : 200, { 'content-type': type }).end(text)
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`
    browser = await startChromium()
  })
  afterAll(async () => {
    await browser.close()
    server.close()
  })

  const open = async (fragment = '', width = 1200): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width, height: 900 } })
    page.on('console', (message) => faults.push(message.text()))
    page.on('pageerror', (error) => faults.push(error.message))
    await page.goto(`${base}${fragment}`)
    return page
  }

  it('answers while one writes, and the address opens the same answer again', async () => {
    const page = await open()
    await page
      .getByRole('textbox', { name: 'Requested' })
      .fill('patient/Observation.rs?category=laboratory patient/Observation.sr')
    await page.getByRole('textbox', { name: 'Granted' }).fill('patient/Observation.rs')
    expect(await page.locator('#requested-marks mark').allTextContents()).toEqual(['patient/Observation.sr'])
    expect(await page.locator('.verdict').textContent()).toContain('No')
    expect(await page.locator('svg.order').count()).toBe(1)
    const again = await open(page.url().slice(base.length))
    expect(await again.locator('#comparison').innerHTML()).toBe(await page.locator('#comparison').innerHTML())
    await again.getByRole('textbox', { name: 'Requested' }).fill('patient/Observation.r?category=laboratory')
    expect(await again.locator('.verdict').textContent()).toContain('Yes')
    await Promise.all([page.close(), again.close()])
  })
  it('shows an example as an answer, and goes back', async () => {
    const page = await open()
    await page.getByRole('link', { name: 'A user and a patient' }).click()
    expect(await page.getByRole('checkbox').isChecked()).toBe(true)
    expect(await page.locator('.verdict').textContent()).toContain('Yes')
    await page.goBack()
    expect(await page.getByRole('textbox', { name: 'Requested' }).inputValue()).toBe('')
    await page.close()
  })
  it('marks the characters under which they stand', async () => {
    const page = await open(
      `#${fragmentOf({ requested: 'openid patient/Observation.sr', granted: '', userIncludesPatient: false })}`
    )
    const places = await page.evaluate<ReadonlyArray<number>>(`(() => {
      const box = (selector) => document.querySelector(selector).getBoundingClientRect()
      const marks = box('#requested-marks')
      const field = box('#requested')
      return [marks.left - field.left, marks.top - field.top, marks.width - field.width]
    })()`)
    expect(places.map(Math.abs).filter((distance) => distance > 1)).toEqual([])
    await page.close()
  })
  it.each([360, 768, 1600])('has no overflow at a width of %i', async (width) => {
    const page = await open(
      `#${fragmentOf({
        requested: `patient/Observation.rs?category=${'http://terminology.example/CodeSystem/'.repeat(6)}|x openid`,
        granted: 'patient/Patient.r user/*.rs',
        userIncludesPatient: false
      })}`,
      width
    )
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    await page.close()
  })
  it('loads its own three files and nothing else, without an error', () => {
    expect([...new Set(requested)].sort()).toEqual(['/', '/playground.css', '/playground.js'])
    expect(faults).toEqual([])
  })
})
