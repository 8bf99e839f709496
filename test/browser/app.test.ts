/**
 * A page with the browser adapter in a real browser: a standalone launch, a page that is loaded again, and two tabs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumPath, startChromium } from './chromium.js'
import type { RunningSimulator } from '../support/simulator/simulator-process.js'
import { startSimulator } from '../support/simulator/simulator-process.js'

describe.skipIf(chromiumPath === null)('a page with the browser adapter', { timeout: 60_000 }, () => {
  let simulator: RunningSimulator
  let browser: Browser
  let server: Server
  let page = ''
  let requests = 0
  const folder = mkdtempSync(join(tmpdir(), 'page-'))

  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: [join(import.meta.dirname, 'app-page.ts')],
      bundle: true,
      format: 'iife',
      platform: 'browser',
      write: false,
      logLevel: 'silent'
    })
    const script = outputFiles[0]?.text ?? ''
    server = createServer((request, response) => {
      if (request.url === '/app.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
      else
        response
          .writeHead(200, { 'content-type': 'text/html' })
          .end(`<!doctype html><body data-fhir="${simulator.base}/fhir"><script src="/app.js"></script>`)
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    page = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`
    const config = join(folder, 'config.json')
    writeFileSync(
      config,
      JSON.stringify({
        clients: [
          {
            client_id: 'page-app',
            client_name: 'Page',
            redirect_uris: [page],
            scope: 'launch/patient openid fhirUser offline_access patient/*.rs',
            grant_types: ['authorization_code', 'refresh_token'],
            token_endpoint_auth_method: 'none'
          }
        ]
      })
    )
    simulator = await startSimulator(['--config', config])
    browser = await startChromium()
  })
  afterAll(async () => {
    await browser.close()
    await simulator.stop()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const signIn = async (tab: Page, patient: string): Promise<void> => {
    if (
      (await tab
        .getByRole('heading', { name: /Sign in|Choose/ })
        .first()
        .textContent()) === 'Sign in'
    ) {
      await tab.bringToFront()
      await tab.locator('input[name=username]:focus').waitFor()
      await tab.keyboard.type('alice')
      await tab.keyboard.press('Tab')
      await tab.keyboard.type('alice-demo')
      await tab.keyboard.press('Enter')
    }
    await tab.getByRole('heading', { name: 'Choose' }).waitFor()
    await tab.getByLabel(patient).check()
    await tab.keyboard.press('Enter')
    await tab.getByRole('button', { name: 'Allow' }).click()
  }

  const outcome = async (tab: Page): Promise<unknown> => {
    await tab.waitForSelector('body[data-done]')
    return JSON.parse((await tab.textContent('body')) ?? '')
  }

  it('completes a launch, refreshes once for all who ask, and is the same after a reload', async () => {
    const tab = await (await browser.newContext()).newPage()
    tab.on('request', (request) => {
      if (request.url().endsWith('/token') && request.method() === 'POST') requests += 1
    })
    await tab.goto(page)
    await signIn(tab, 'Ben Invented')
    const expected = { patient: 'example-2', status: 200, tokens: true, user: 'alice', address: page }
    expect(await outcome(tab)).toEqual(expected)
    expect(requests).toBe(2)
    await tab.reload()
    expect(await outcome(tab)).toEqual(expected)
    expect(requests).toBe(3)
  })

  it('two tabs of one browser have launches and sessions of their own', async () => {
    const context = await browser.newContext()
    const [first, second] = [await context.newPage(), await context.newPage()]
    await first.goto(page)
    await second.goto(page)
    await signIn(first, 'Ada Synthetic')
    expect(await outcome(first)).toMatchObject({ patient: 'example-1', status: 200 })
    await second.reload()
    await signIn(second, 'Ben Invented')
    expect(await outcome(second)).toMatchObject({ patient: 'example-2', status: 200 })
    await first.reload()
    expect(await outcome(first)).toMatchObject({ patient: 'example-1', status: 200 })
  })

  it('refuses a redirect that belongs to no launch of this browser', async () => {
    const tab = await (await browser.newContext()).newPage()
    await tab.goto(`${page}?code=stolen&state=${'s'.repeat(43)}`)
    expect(await outcome(tab)).toEqual({ _tag: 'StateDiffers' })
  })
})
