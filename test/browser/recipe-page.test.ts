/**
 * The page of docs/apps/react.md, as it stands there, in a real browser with React's `StrictMode`: against the
 * simulator, `oidc-provider` and a server that errs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumPath, startChromium } from './chromium.js'
import { launchVariants } from '../support/app/error-variants.js'
import { startForeignServer } from '../support/app/foreign-server.js'
import { startMockServer } from '../support/app/mock-server.js'
import { bundled, freePort, programOf, registrationOf } from '../support/app/recipe.js'
import { startSimulator } from '../support/simulator/simulator-process.js'

const recipe = 'docs/apps/react.md'

describe.skipIf(chromiumPath === null)('the page with React in Chromium', { timeout: 120_000 }, () => {
  let browser: Browser
  let server: Server
  let home = ''
  let script = ''
  const folder = mkdtempSync(join(tmpdir(), 'recipe-react-'))

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/app.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
      else
        response
          .writeHead(200, { 'content-type': 'text/html' })
          .end('<!doctype html><meta charset="utf-8"><div id="root"></div><script src="/app.js"></script>')
    })
    const port = await freePort()
    await new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', resolve)
    })
    home = `http://127.0.0.1:${String(port)}/`
    browser = await startChromium()
  })
  afterAll(async () => {
    await browser.close()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Serves the page for a FHIR server. */
  const serve = async (fhirBaseUrl: string, origins: ReadonlyArray<string> = []): Promise<void> => {
    const code = programOf(recipe, 'createRoot', {
      'http://127.0.0.1:4010/fhir': fhirBaseUrl,
      'http://127.0.0.1:4568/': home,
      "clientId: 'my-page',": `clientId: 'my-page', authorizationOrigins: ${JSON.stringify(origins)},`
    })
    script = await bundled(code, 'browser')
  }

  /** The registration of the page, at the address of this test. */
  const registration = (): Readonly<Record<string, unknown>> => ({
    ...registrationOf(recipe),
    redirect_uris: [home],
    launch_uris: [home]
  })

  const newPage = async (): Promise<{ readonly page: Page; readonly sent: ReadonlyArray<string> }> => {
    const page = await (await browser.newContext()).newPage()
    page.setDefaultTimeout(15_000)
    const sent: Array<string> = []
    page.on('request', (request) => {
      sent.push(`${request.method()} ${new URL(request.url()).pathname}`)
    })
    return { page, sent }
  }

  const startHere = async () => {
    const config = join(folder, 'config.json')
    writeFileSync(config, JSON.stringify({ clients: [registration()] }))
    const simulator = await startSimulator(['--config', config])
    await serve(`${simulator.base}/fhir`)
    return simulator
  }

  it('launches once, shows the patient, also when it is loaded again, and signs out', async () => {
    const simulator = await startHere()
    try {
      const { page, sent } = await newPage()
      await page.goto(home)
      await page.locator('input[name="username"]').fill('alice')
      await page.locator('input[name="password"]').fill('alice-demo')
      await page.locator('input[name="password"]').press('Enter')
      await page.getByLabel('Ben Invented').check()
      await page.getByLabel('Ben Invented').press('Enter')
      await page.getByRole('button', { name: 'Allow' }).click()
      await page.getByText('"id":"example-2"').waitFor()
      expect(page.url()).toBe(home)
      await page.reload()
      await page.getByText('"id":"example-2"').waitFor()
      const count = (request: string): number => sent.filter((one) => one === request).length
      expect([count('GET /authorize'), count('POST /token')]).toEqual([1, 1])
      // StrictMode: each effect ran twice, so the reads were sent twice.
      expect(count('GET /fhir/Patient/example-2')).toBeGreaterThan(2)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByText('You are signed out.').waitFor()
    } finally {
      await simulator.stop()
    }
  })

  it('is launched by the EHR', async () => {
    const simulator = await startHere()
    try {
      const { page, sent } = await newPage()
      await page.goto(
        `${simulator.base}/ehr/launch?${new URLSearchParams({
          client_id: 'my-page',
          launch_uri: home,
          user: 'alice',
          patient: 'example-3'
        }).toString()}`
      )
      await page.getByRole('button', { name: 'Allow' }).click()
      await page.getByText('"id":"example-3"').waitFor()
      expect(sent.filter((one) => one === 'GET /authorize')).toHaveLength(1)
    } finally {
      await simulator.stop()
    }
  })

  it('launches at oidc-provider', async () => {
    const { launch_uris: _launchUris, scope: _scope, ...client } = registration()
    const foreign = await startForeignServer([{ ...client, response_types: ['code'], application_type: 'native' }])
    try {
      await serve(foreign.fhirBaseUrl, [foreign.issuer])
      const { page } = await newPage()
      await page.goto(home)
      await page.locator('input[name="login"]').fill('alice')
      await page.locator('input[name="password"]').fill('x')
      await page.getByRole('button', { name: 'Sign-in' }).click()
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByText('"id":"example-1"').waitFor()
      await page.reload()
      await page.getByText('"id":"example-1"').waitFor()
    } finally {
      foreign.stop()
    }
  })

  it.each([
    'access_denied',
    'another state',
    '400 invalid_grant',
    '429',
    'a patient as a number',
    'no nonce',
    'an id_token with another signature',
    'a key that the issuer does not have',
    'a new key'
  ])('at oauth2-mock-server: %s', async (title) => {
    const variant = launchVariants.find((one) => one.title === title)
    if (variant === undefined) throw new Error(title)
    const mock = await startMockServer('launch/patient openid fhirUser patient/*.rs')
    try {
      await serve(mock.fhirBaseUrl, [mock.issuer])
      await mock.misbehave(variant.how)
      const { page } = await newPage()
      await page.goto(home)
      const { failure, setting } = variant
      if (failure === null) {
        await page.getByText('"id":"example-1"').waitFor()
        return
      }
      const alert = (await page.getByRole('alert').textContent()) ?? ''
      expect([alert.split(':')[0], setting === undefined || alert.includes(`\`${setting}\``)]).toEqual([failure, true])
      // The answer was handled once; the failure stays, and no second launch begins.
      expect(mock.received.tokens).toBeLessThanOrEqual(1)
    } finally {
      await mock.stop()
    }
  })
})
