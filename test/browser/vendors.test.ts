/**
 * What happens in browsers in front of the servers of vendors: documents and keys of other origins, redirects,
 * documents as bytes, next links, errors of the token endpoint, keys that change, and apps in frames of other sites.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { exportJWK, generateKeyPair } from 'jose'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chromiumPath, startChromium } from './chromium.js'
import type { VendorEhr } from './vendor-ehr.js'
import { pdf, startVendorEhr } from './vendor-ehr.js'
import type { PageApp } from './vendor-page.js'
import { bundled, freePort, programOf, runProgram, untilUp } from '../support/app/recipe.js'
import type { SmartAppOptions } from '../../src/plain/app.js'
import type { PlainBrowserApp } from '../../src/plain/browser.js'
import type { TrustedServer } from '../../src/protocol/app/trusted-server.js'

/** The window of the page, inside of the browser. */
declare const window: { readonly apps: ReadonlyArray<PlainBrowserApp> }

describe.skipIf(chromiumPath === null)('in front of vendors, in Chromium', { timeout: 60_000 }, () => {
  let browser: Browser
  let server: Server
  let home = ''
  let ehr: VendorEhr
  let other: VendorEhr
  let shownApps: ReadonlyArray<PageApp> = []
  const folder = mkdtempSync(join(tmpdir(), 'vendors-'))

  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: [join(import.meta.dirname, 'vendor-page.ts')],
      bundle: true,
      format: 'iife',
      platform: 'browser',
      write: false,
      logLevel: 'silent'
    })
    const script = outputFiles[0]?.text ?? ''
    const attribute = (value: unknown): string =>
      JSON.stringify(value).replaceAll('&', '&amp;').replaceAll("'", '&#39;')
    server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', home)
      if (url.pathname === '/app.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
      else
        response
          .writeHead(200, { 'content-type': 'text/html' })
          .end(
            url.pathname === '/framing'
              ? `<!doctype html><iframe src="${url.searchParams.get('src') ?? ''}"></iframe>`
              : `<!doctype html><body data-apps='${attribute(shownApps)}'><script src="/app.js"></script>`
          )
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    home = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
    ehr = await startVendorEhr('a')
    other = await startVendorEhr('b')
    browser = await startChromium()
  })
  afterAll(async () => {
    await browser.close()
    server.close()
    ehr.stop()
    other.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(() => {
    ehr.deviate({})
    ehr.requests.length = 0
    other.requests.length = 0
  })

  const appAt = (at: VendorEhr, entry: Partial<TrustedServer> = {}, more: Partial<SmartAppOptions> = {}): PageApp => ({
    iss: at.fhirBaseUrl,
    options: {
      trust: [
        {
          fhirBaseUrl: at.fhirBaseUrl,
          identityOrigins: [at.identityOrigin],
          clientId: 'page-app',
          authentication: [{ method: 'none' }],
          redirectUri: `${home}/`,
          ...entry
        }
      ],
      scope: 'openid fhirUser launch/patient patient/*.rs',
      ...more
    }
  })

  /** Opens the page with these apps; gives the tab and what it shows. */
  const opened = async (
    ...apps: ReadonlyArray<PageApp>
  ): Promise<{ readonly page: Page; readonly shown: Readonly<Record<string, unknown>> }> => {
    shownApps = apps
    const page = await (await browser.newContext()).newPage()
    page.setDefaultTimeout(15_000)
    await page.goto(`${home}/`)
    await page.waitForSelector('body[data-done]')
    return { page, shown: JSON.parse((await page.textContent('body')) ?? '') as Readonly<Record<string, unknown>> }
  }

  const isOpen = [{ patient: expect.stringMatching(/^a-\d+$/) as string, user: 'u1' }]

  it('two apps for two servers in one page send each request to their own server', async () => {
    const { page, shown } = await opened(appAt(ehr), appAt(other))
    expect(shown).toMatchObject(
      [{ patient: /^a-/ }, { patient: /^b-/ }].map(({ patient }) => ({
        patient: expect.stringMatching(patient) as string
      }))
    )
    const read = await page.evaluate(async () => {
      const [first, second] = window.apps
      const [own, foreign] = [first?.sessionId() ?? '', second?.sessionId() ?? '']
      return [
        await first?.fhir(own, { url: 'Patient/of-a' }),
        await second?.fhir(foreign, { url: 'Patient/of-b' }),
        await first?.fhir(foreign, { url: 'Patient/crossed' })
      ]
    })
    expect(read).toMatchObject([{ ok: true }, { ok: true }, { ok: false, failure: { _tag: 'IssNotTrusted' } }])
    const reads = (at: VendorEhr): ReadonlyArray<string> =>
      at.requests.filter((one) => one.startsWith('GET /fhir/Patient'))
    expect([reads(ehr), reads(other)]).toEqual([['GET /fhir/Patient/of-a'], ['GET /fhir/Patient/of-b']])
    await page.reload()
    await page.waitForSelector('body[data-done]')
    expect(JSON.parse((await page.textContent('body')) ?? '')).toEqual(shown)
  })

  it.each([
    ['document', { document: false, keys: true }, 'keysOfSmartConfiguration'],
    ['keys', { document: true, keys: false }, 'tlsInsteadOfSignature']
  ] as const)(
    'an issuer whose %s has no CORS is named, with the way out',
    async (_what, identityHasCors, tolerance) => {
      ehr.deviate({ identityHasCors })
      const { shown } = await opened(appAt(ehr))
      expect(shown).toMatchObject({
        failure: { _tag: 'IdentityUnavailable' },
        advice: expect.stringMatching(new RegExp(`CORS.*\`${tolerance}\``)) as string
      })
      expect((await opened(appAt(ehr, { tolerances: { [tolerance]: true } }))).shown).toEqual(isOpen)
    }
  )

  it.each([301, 302, 307, 308] as const)(
    'discovery that is answered by %i of the same origin is named, with the way out',
    async (discoveryRedirect) => {
      ehr.deviate({ discoveryRedirect })
      const { shown } = await opened(appAt(ehr))
      expect(shown).toMatchObject({
        failure: { _tag: 'DiscoveryRedirected' },
        advice: expect.stringContaining('`discoveryRedirects`') as string
      })
      expect(ehr.requests.filter((one) => one.endsWith('/moved'))).toEqual([])
      expect((await opened(appAt(ehr, { tolerances: { discoveryRedirects: true } }))).shown).toEqual(isOpen)
    }
  )

  it('a PDF of a Binary arrives as its bytes, and as a stream', async () => {
    const { page } = await opened(appAt(ehr))
    const read = await page.evaluate(async () => {
      const [app] = window.apps
      if (app === undefined) throw new Error('no app')
      const sessionId = app.sessionId() ?? ''
      const request = { url: 'Binary/1', accept: 'application/pdf' }
      const whole = await app.fhir(sessionId, request)
      const streamed = await app.stream(sessionId, request)
      return [
        whole.ok ? [...whole.value.bytes] : [],
        whole.ok ? whole.value.body : null,
        streamed.ok ? [...new Uint8Array(await new Response(streamed.value.stream as BodyInit).arrayBuffer())] : []
      ]
    })
    expect(read).toEqual([pdf, '', pdf])
  })

  it('next links in other spellings are followed, and those that lead elsewhere are not', async () => {
    const { page } = await opened(appAt(ehr))
    const { port } = new URL(ehr.origin)
    const same = [`HTTP://127.0.0.1:${port}/fhir/Observation?page=2`, '/fhir/Observation?page=3', 'Observation?page=4']
    const elsewhere = [`${other.fhirBaseUrl}/Observation`, '//evil.example/fhir/Observation', '/fhir/../other']
    const tags = await page.evaluate(
      async (urls) => {
        const [app] = window.apps
        const results = await Promise.all(urls.map(async (url) => app?.fhir(app.sessionId() ?? '', { url })))
        return results.map((one) => (one === undefined || one.ok ? 'ok' : one.failure._tag))
      },
      [...same, ...elsewhere]
    )
    expect(tags).toEqual([...same.map(() => 'ok'), ...elsewhere.map(() => 'AddressElsewhere')])
    expect(ehr.requests.filter((one) => one.startsWith('GET /fhir/Observation')).sort()).toEqual(
      [2, 3, 4].map((place) => `GET /fhir/Observation?page=${String(place)}`)
    )
    expect(other.requests).toEqual([])
  })

  it('an OAuth error with status 200 is kept in the failure', async () => {
    ehr.deviate({ token: { status: 200, body: { error: 'invalid_grant', error_description: 'The code is old.' } } })
    expect((await opened(appAt(ehr))).shown).toMatchObject({
      failure: { _tag: 'TokenRefused', error: 'invalid_grant', description: 'The code is old.' }
    })
  })

  it('429 with Retry-After is kept in the failure of a launch, and waited for by a read', async () => {
    ehr.deviate({ token: { status: 429, headers: { 'retry-after': '37' }, body: {} } })
    expect((await opened(appAt(ehr))).shown).toMatchObject({ failure: { _tag: 'ServerBusy', retryAfterSeconds: 37 } })
    ehr.deviate({})
    const { page } = await opened(appAt(ehr))
    const read = await page.evaluate(() => window.apps[0]?.fhir(window.apps[0].sessionId() ?? '', { url: 'Busy' }))
    expect(read).toMatchObject({ ok: true, value: { status: 200 } })
    expect(ehr.requests.filter((one) => one === 'GET /fhir/Busy')).toHaveLength(2)
  })

  it('a key that the issuer changed is found at the second look', async () => {
    expect((await opened(appAt(ehr))).shown).toEqual(isOpen)
    // The keys are read at each launch, so the change comes between the first look and the second one.
    const context = await browser.newContext()
    const page = await context.newPage()
    let looks = 0
    await page.route(`${ehr.identityOrigin}/keys`, async (route) => {
      looks += 1
      const response = await route.fetch()
      const body = looks === 1 ? { keys: [] } : ((await response.json()) as object)
      await route.fulfill({ response, json: body })
    })
    shownApps = [appAt(ehr)]
    await ehr.rotateKey()
    await page.goto(`${home}/`)
    await page.waitForSelector('body[data-done]')
    expect([JSON.parse((await page.textContent('body')) ?? ''), looks]).toEqual([isOpen, 2])
  })

  it('an ES384 key is refused before the browser leaves where only RS384 is listed', async () => {
    const keyOf = async (alg: 'ES384' | 'RS384') => ({
      kid: alg,
      alg,
      key: await exportJWK((await generateKeyPair(alg, { extractable: true })).privateKey)
    })
    const entry = { authentication: [{ method: 'private_key_jwt' as const }] }
    ehr.deviate({
      smart: {
        token_endpoint_auth_methods_supported: ['private_key_jwt'],
        token_endpoint_auth_signing_alg_values_supported: ['RS384']
      }
    })
    const [elliptic, rsa] = [await keyOf('ES384'), await keyOf('RS384')]
    const { page, shown } = await opened(appAt(ehr, entry, { signingKey: elliptic }))
    expect(shown).toMatchObject({
      failure: { _tag: 'AlgorithmNotOffered' },
      advice: expect.stringContaining('`signingKey`') as string
    })
    expect([page.url(), ehr.requests.filter((one) => one.includes('/authorize'))]).toEqual([`${home}/`, []])
    expect((await opened(appAt(ehr, entry, { signingKey: [elliptic, rsa] }))).shown).toEqual(isOpen)
  })

  it('the Express app of the documentation launches in a frame of another site with `isEmbedded` alone', async () => {
    for (const isEmbedded of [false, true]) {
      const port = String(await freePort())
      const app = `http://localhost:${port}`
      const code = programOf('docs/apps/express.md', 'express()', {
        'http://127.0.0.1:4010/fhir': ehr.fhirBaseUrl,
        'http://127.0.0.1:4567': app,
        'app.listen(4567': `app.listen(${port}`,
        'isEmbedded: false': `isEmbedded: ${String(isEmbedded)}`,
        "clientId: 'my-app',": `clientId: 'my-app', identityOrigins: ['${ehr.identityOrigin}'],`
      })
      const file = join(folder, 'app.mjs')
      writeFileSync(file, await bundled(code, 'node'))
      const program = runProgram(file, folder)
      try {
        await untilUp(`http://127.0.0.1:${port}/session/none/patient`)
        const page = await (await browser.newContext()).newPage()
        await page.goto(`${home}/framing?src=${encodeURIComponent(`${app}/`)}`)
        const body = page.frameLocator('iframe').locator('body')
        const text = isEmbedded ? /"id":"a-\d+"/ : /StateDiffers.*SameSite=None; Secure; Partitioned/
        await body.getByText(text).waitFor({ timeout: 15_000 })
      } finally {
        await program.stop()
      }
    }
  })
})
