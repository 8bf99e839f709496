/**
 * The program of docs/apps/express.md, as it stands there, against the simulator and against authorization servers that
 * this project did not write, one of which errs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { browserAt } from '../../support/app/cookie-browser.js'
import { launchVariants, neededTolerances } from '../../support/app/error-variants.js'
import type { ForeignServer } from '../../support/app/foreign-server.js'
import { signIn, startForeignServer } from '../../support/app/foreign-server.js'
import type { MockServer } from '../../support/app/mock-server.js'
import { startMockServer } from '../../support/app/mock-server.js'
import type { Changes, RunningProgram } from '../../support/app/recipe.js'
import { bundled, freePort, programOf, runProgram, untilUp } from '../../support/app/recipe.js'
import { TestUser, sentTo } from '../../support/simulator/person.js'
import type { RunningSimulator } from '../../support/simulator/simulator-process.js'
import { startSimulator } from '../../support/simulator/simulator-process.js'

const folder = mkdtempSync(join(tmpdir(), 'recipe-express-'))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Starts the program at a port, for a FHIR server. */
const startAt = async (port: number, fhirBaseUrl: string, changes: Changes = {}): Promise<RunningProgram> => {
  const code = programOf('docs/apps/express.md', 'express()', {
    'http://127.0.0.1:4010/fhir': fhirBaseUrl,
    '4567': String(port),
    ...changes
  })
  const file = join(folder, `app-${String(port)}.mjs`)
  writeFileSync(file, await bundled(code, 'node'))
  const app = runProgram(file, folder)
  await untilUp(`http://127.0.0.1:${String(port)}/session/none/patient`)
  return app
}

const idIn = (body: string): string => (JSON.parse(body) as { readonly id: string }).id

describe('against the simulator', () => {
  let simulator: RunningSimulator
  let app: RunningProgram
  let home = ''

  beforeAll(async () => {
    simulator = await startSimulator()
    const port = await freePort()
    home = `http://127.0.0.1:${String(port)}`
    app = await startAt(port, `${simulator.base}/fhir`)
  })
  afterAll(async () => {
    await app.stop()
    await simulator.stop()
  })

  const open = async (go: ReturnType<typeof browserAt>, choose: string) => {
    const person = new TestUser(simulator.base)
    return sentTo(await person.pursue(await person.go((await go(`${home}/`)).away ?? ''), { choose })).href
  }

  it('keeps two tabs apart, leads back to the session, and refuses other browsers', async () => {
    const go = browserAt(home)
    const first = await go(await open(go, 'example-1'))
    const back = await open(go, 'example-2')
    const second = await go(back)
    expect([first, second].map(({ body }) => idIn(body))).toEqual(['example-1', 'example-2'])
    expect(idIn((await go(first.url)).body)).toBe('example-1')
    expect(await go(back)).toEqual(second)
    expect((await browserAt(home)(back)).body).toContain('StateDiffers')
    expect((await browserAt(home)(first.url)).body).toContain('SessionUnknown')
  })

  it('is launched by the EHR', async () => {
    const launch = {
      client_id: 'my-app',
      launch_uri: 'http://127.0.0.1:4567/launch',
      user: 'bob',
      patient: 'example-2'
    }
    const person = new TestUser(simulator.base)
    const launched = sentTo(await person.go(`${simulator.base}/ehr/launch?${new URLSearchParams(launch).toString()}`))
    const go = browserAt(home)
    const back = sentTo(await person.pursue(await person.go((await go(`${home}/launch${launched.search}`)).away ?? '')))
    expect(idIn((await go(back.href)).body)).toBe('example-2')
    expect((await go(`${home}/launch?iss=https%3A%2F%2Fevil.example&launch=x`)).body).toContain('IssNotTrusted')
  })

  it('signs out one session, at the request of its own page alone', async () => {
    const person = new TestUser(simulator.base)
    const begun = await fetch(`${home}/`, { redirect: 'manual' })
    const pair = (response: Response): string => response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const back = sentTo(
      await person.pursue(await person.go(begun.headers.get('location') ?? ''), { choose: 'example-1' })
    )
    const opened = await fetch(back, { redirect: 'manual', headers: { cookie: pair(begun) } })
    const cookie = pair(opened)
    const page = `${home}${opened.headers.get('location') ?? ''}`
    const signOut = (origin: string): Promise<Response> =>
      fetch(page.replace('/patient', '/sign-out'), { method: 'POST', headers: { cookie, origin } })
    const status = async (): Promise<number> => (await fetch(page, { headers: { cookie } })).status
    expect([(await signOut('https://evil.example')).status, await status()]).toEqual([403, 200])
    const ended = await signOut(home)
    expect([ended.status, ended.headers.get('set-cookie'), await status()]).toEqual([
      200,
      expect.stringContaining('Max-Age=0'),
      400
    ])
  })
})

describe('against oidc-provider', () => {
  let foreign: ForeignServer
  let app: RunningProgram
  let home = ''

  beforeAll(async () => {
    const port = await freePort()
    home = `http://127.0.0.1:${String(port)}`
    foreign = await startForeignServer([
      {
        client_id: 'my-app',
        client_secret: 'my-app-secret',
        redirect_uris: [`${home}/redirect`],
        response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token'],
        application_type: 'native',
        token_endpoint_auth_method: 'client_secret_basic'
      }
    ])
    app = await startAt(port, foreign.fhirBaseUrl, {
      "clientId: 'my-app',": `clientId: 'my-app', authorizationOrigins: ['${foreign.issuer}'],`
    })
  })
  afterAll(async () => {
    await app.stop()
    foreign.stop()
  })

  it('launches, and reads with the token', async () => {
    const go = browserAt(home)
    const back = await signIn(foreign.issuer, (await go(`${home}/`)).away ?? '', 'alice')
    expect(idIn((await go(back.href)).body)).toBe('example-1')
    expect(foreign.fhirRequests.at(-1)).toMatchObject({
      url: '/fhir/Patient/example-1',
      authorization: expect.stringMatching(/^Bearer ./) as string
    })
  })
})

describe('against oauth2-mock-server, which errs', () => {
  let mock: MockServer
  let strict: RunningProgram
  let tolerant: RunningProgram
  let homes: ReadonlyArray<string> = []

  beforeAll(async () => {
    mock = await startMockServer('launch/patient openid fhirUser offline_access patient/*.rs')
    const origins = `authorizationOrigins: ['${mock.issuer}'],`
    const ports = [await freePort(), await freePort()] as const
    homes = ports.map((port) => `http://127.0.0.1:${String(port)}`)
    const entry = "clientId: 'my-app',"
    strict = await startAt(ports[0], mock.fhirBaseUrl, { [entry]: `${entry} ${origins}` })
    const tolerances = `tolerances: ${JSON.stringify(neededTolerances)},`
    tolerant = await startAt(ports[1], mock.fhirBaseUrl, { [entry]: `${entry} ${origins} ${tolerances}` })
  })
  afterAll(async () => {
    await strict.stop()
    await tolerant.stop()
    await mock.stop()
  })
  afterEach(() => mock.misbehave({}))

  const launchAt = async (home = ''): Promise<readonly [status: number, body: string]> => {
    const go = browserAt(home)
    const sent = await fetch((await go(`${home}/`)).away ?? '', { redirect: 'manual' })
    const { body, status } = await go(sent.headers.get('location') ?? '')
    return [status, body]
  }

  it('opens a session while nothing is wrong', async () => {
    for (const home of homes) expect(await launchAt(home)).toEqual([200, expect.stringContaining('example-1')])
  })

  it.each(launchVariants.map((variant) => [variant.title, variant] as const))('%s', async (_title, variant) => {
    await mock.misbehave(variant.how)
    const before = mock.received.fhir
    const [status, body] = await launchAt(homes[0])
    const { failure, setting } = variant
    if (failure === null) {
      expect([status, body]).toEqual([200, expect.stringContaining('example-1')])
      return
    }
    expect([status, body.split(':')[0], mock.received.fhir]).toEqual([400, failure, before])
    if (setting === undefined) return
    expect(body).toContain(`\`tolerances\`, \`${setting}\``)
    // It is no dead end.
    expect(await launchAt(homes[1])).toEqual([200, expect.stringContaining('resourceType')])
  })
})
