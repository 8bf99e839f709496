/**
 * Sessions in a real browser: frames of one tab, two apps in one page, the redirect page again, effects that run twice,
 * another origin than the redirect URI, a redirect URI with a query, and cookies in a frame of another site.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Browser, Frame, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumPath, startChromium } from './chromium.js'
import type { RunningSimulator } from '../support/simulator/simulator-process.js'
import { startSimulator } from '../support/simulator/simulator-process.js'
import { appCookies } from '../../src/protocol/app/app-cookies.js'

describe.skipIf(chromiumPath === null)('sessions in Chromium', { timeout: 120_000 }, () => {
  let simulator: RunningSimulator
  let browser: Browser
  let server: Server
  let port = ''
  let home = ''
  const folder = mkdtempSync(join(tmpdir(), 'sessions-'))
  const cookies = appCookies({ redirectUri: 'https://app.example/', isEmbedded: true })

  let launches = 0
  /** An EHR whose pages may be framed: each launch is for another patient, and asks nobody. */
  const ehr = (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname, searchParams } = new URL(request.url ?? '/', home)
    const tell = (body: object): void => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (pathname === '/ehr/authorize') {
      launches += 1
      const back = `${searchParams.get('redirect_uri') ?? ''}&code=p${String(launches)}&state=`
      response.writeHead(302, { location: back + (searchParams.get('state') ?? '') }).end()
    } else if (pathname === '/ehr/token') {
      let form = ''
      request.on('data', (part: Buffer) => {
        form += part.toString()
      })
      request.on('end', () => {
        tell({
          access_token: 't',
          token_type: 'Bearer',
          expires_in: 600,
          patient: new URLSearchParams(form).get('code')
        })
      })
    } else if (pathname.endsWith('smart-configuration'))
      tell({
        authorization_endpoint: `${home}/ehr/authorize`,
        token_endpoint: `${home}/ehr/token`,
        code_challenge_methods_supported: ['S256'],
        capabilities: []
      })
    else tell({ resourceType: 'Patient' })
  }

  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: [join(import.meta.dirname, 'sessions-page.ts')],
      bundle: true,
      format: 'iife',
      platform: 'browser',
      write: false,
      logLevel: 'silent'
    })
    const script = outputFiles[0]?.text ?? ''
    server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', home)
      const html = (body: string): void => {
        response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html>${body}`)
      }
      if (pathname === '/app.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
      else if (pathname === '/frames')
        html('<iframe src="/framed?site=7"></iframe><iframe src="/framed?site=7"></iframe>')
      else if (pathname.startsWith('/ehr')) ehr(request, response)
      else if (pathname === '/embedding') html(`<iframe src="http://localhost:${port}/set"></iframe>`)
      else if (pathname === '/set')
        response
          .writeHead(200, {
            'content-type': 'text/html',
            'set-cookie': [
              cookies.ofSession({ handle: 'h', sessionId: 's' }).replace('Path=/session/h', 'Path=/'),
              'lax=1; Path=/; SameSite=Lax'
            ]
          })
          .end('<!doctype html><script>location.replace("/opened")</script>')
      else if (pathname === '/opened')
        html(
          `<body data-done>${JSON.stringify([
            cookies.sessionId(request.headers.cookie, 'h'),
            /lax=/.test(request.headers.cookie ?? '')
          ])}`
        )
      else
        html(
          pathname === '/framed'
            ? `<body data-redirect="${home}/framed?site=7" data-scope="launch/patient patient/*.rs" ` +
                `data-servers='["${home}/ehr","https://other.example/fhir"]'><script src="/app.js"></script>`
            : `<body data-redirect="${home}/?site=7" ` +
                `data-servers='["${simulator.base}/fhir","https://other.example/fhir"]'><script src="/app.js"></script>`
        )
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    port = String((server.address() as AddressInfo).port)
    home = `http://127.0.0.1:${port}`
    const config = join(folder, 'config.json')
    const client = {
      client_id: 'page-app',
      client_name: 'Page',
      redirect_uris: [`${home}/?site=7`],
      scope: 'launch/patient openid fhirUser offline_access patient/*.rs',
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none'
    }
    writeFileSync(config, JSON.stringify({ clients: [client] }))
    simulator = await startSimulator(['--config', config])
    browser = await startChromium()
  })
  afterAll(async () => {
    await browser.close()
    await simulator.stop()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const signIn = async (page: Page, patient: string): Promise<void> => {
    const heading = page.getByRole('heading', { name: /Sign in|Choose/ }).first()
    if ((await heading.textContent()) === 'Sign in') {
      await page.locator('input[name="username"]').fill('alice')
      await page.locator('input[name="password"]').fill('alice-demo')
      await page.locator('input[name="password"]').press('Enter')
    }
    await page.getByLabel(patient).check()
    await page.getByLabel(patient).press('Enter')
    await page.getByRole('button', { name: 'Allow' }).click()
  }

  const outcome = async (page: Page | Frame): Promise<unknown> => {
    await page.waitForSelector('body[data-done]')
    return JSON.parse((await page.textContent('body')) ?? '')
  }

  const shown = (patient: string) => ({
    isSame: true,
    patient,
    data: { show: 'chart' },
    bytes: true,
    others: [null],
    address: '?site=7'
  })

  it('a page that starts twice begins one launch; loaded again or gone back to, it has the same session', async () => {
    const page = await (await browser.newContext()).newPage()
    const requested: Array<string> = []
    page.on('request', (request) => {
      if (/\/(?:authorize|token)(?:\?|$)/.test(request.url()))
        requested.push(`${request.method()} ${new URL(request.url()).pathname}`)
    })
    let back = ''
    page.on('request', (request) => {
      if (request.url().includes('code=')) back = request.url()
    })
    await page.goto(`${home}/?site=7`)
    await signIn(page, 'Ben Invented')
    expect(await outcome(page)).toEqual(shown('example-2'))
    expect(requested.filter((one) => one === 'GET /authorize')).toHaveLength(1)
    await page.reload()
    expect(await outcome(page)).toEqual(shown('example-2'))
    await page.goto('about:blank')
    await page.goto(back)
    expect(await outcome(page)).toEqual(shown('example-2'))
    await page.goto('about:blank')
    await page.goBack()
    expect(await outcome(page)).toEqual(shown('example-2'))
    expect(requested.filter((one) => one === 'POST /token')).toHaveLength(1)
    const other = await (await browser.newContext()).newPage()
    await other.goto(back)
    expect(JSON.stringify(await outcome(other))).toContain('StateDiffers')
  })

  it('two frames of one tab keep two patients, also when one is loaded again', async () => {
    const page = await (await browser.newContext()).newPage()
    await page.goto(`${home}/frames`)
    const [, first, second] = page.frames()
    if (first === undefined || second === undefined) throw new Error('no frames')
    const [before, other] = [await outcome(first), await outcome(second)]
    expect(new Set([before, other].map((one) => (one as { readonly patient: string }).patient)).size).toBe(2)
    for (const frame of [first, second, first]) {
      await frame.goto(`${home}/framed?site=7`)
      expect(await outcome(frame)).toEqual(frame === first ? before : other)
    }
  })

  it('a page on another origin than the redirect URI does not leave', async () => {
    const page = await (await browser.newContext()).newPage()
    await page.goto(`http://localhost:${port}/?site=7`)
    expect(JSON.stringify(await outcome(page))).toContain('PageElsewhere')
    expect(page.url()).toBe(`http://localhost:${port}/?site=7`)
  })

  it('cookies of an embedded app come back in a frame of another site, and others do not', async () => {
    const page = await (await browser.newContext()).newPage()
    await page.goto(`${home}/embedding`)
    await page.waitForTimeout(500)
    const [, frame] = page.frames()
    if (frame === undefined) throw new Error('no frame')
    expect(await outcome(frame)).toEqual(['s', false])
  })
})
