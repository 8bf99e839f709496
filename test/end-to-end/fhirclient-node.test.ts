/** fhirclient, the community's SMART client, as a web app on Node that is launched in both ways. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import smart from 'fhirclient'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestUser, sentTo } from '../support/simulator/person.js'
import type { RunningSimulator } from '../support/simulator/simulator-process.js'
import { startSimulator } from '../support/simulator/simulator-process.js'

/** What the app found out about its launch. */
interface Report {
  readonly patient: string | null
  readonly user: string | null
  readonly fhirUser: string | null
  readonly observations: number
  readonly refreshed: boolean
}

interface AppSettings {
  readonly clientId: string
  readonly clientSecret?: string
}

interface AppRequest extends IncomingMessage {
  session: Record<string, unknown>
}

/** A web app with one session, on a port of its own. */
const startApp = async (settings: AppSettings): Promise<{ readonly server: Server; readonly base: string }> => {
  const session: Record<string, unknown> = {}
  const answer = async (request: AppRequest, response: ServerResponse): Promise<void> => {
    const api = smart(request, response)
    if (request.url?.startsWith('/launch') === true) {
      const scope =
        `${request.url.includes('launch=') ? 'launch' : 'launch/patient'} openid fhirUser offline_access ` +
        'patient/*.rs'
      await api.authorize({ ...settings, scope, redirectUri: '/redirect', pkceMode: 'required' })
      return
    }
    const client = await api.ready()
    const before = client.state.tokenResponse?.access_token
    const refreshTokenBefore = client.state.tokenResponse?.refresh_token
    const observations = await client.request<{ total: number }>(`Observation?patient=${client.patient.id ?? ''}`)
    await client.refresh()
    await client.patient.read()
    const report: Report = {
      patient: client.patient.id,
      user: client.user.id,
      fhirUser: client.user.fhirUser,
      observations: observations.total,
      refreshed: client.state.tokenResponse?.refresh_token !== refreshTokenBefore && before !== undefined
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(report))
  }
  const server = createServer((request, response) => {
    const appRequest = Object.assign(request, { session })
    answer(appRequest, response).catch((error: unknown) => {
      response.writeHead(500).end(error instanceof Error ? error.message : 'unknown')
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return { server, base: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` }
}

const settings: ReadonlyArray<AppSettings> = [
  { clientId: 'node-public' },
  { clientId: 'node-confidential', clientSecret: 'p:ss %word' }
]

let simulator: RunningSimulator
let folder = ''
let apps: ReadonlyArray<{ readonly server: Server; readonly base: string }> = []

beforeAll(async () => {
  apps = await Promise.all(settings.map(startApp))
  folder = mkdtempSync(join(tmpdir(), 'simulator-'))
  const config = join(folder, 'config.json')
  writeFileSync(
    config,
    JSON.stringify({
      clients: settings.map(({ clientId, clientSecret }, index) => ({
        client_id: clientId,
        client_name: `App ${String(index)}`,
        redirect_uris: [`${apps[index]?.base ?? ''}/redirect`],
        launch_uris: [`${apps[index]?.base ?? ''}/launch`],
        scope: 'launch launch/patient openid fhirUser offline_access patient/*.rs',
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: clientSecret === undefined ? 'none' : 'client_secret_basic',
        ...(clientSecret === undefined ? {} : { client_secret: clientSecret })
      }))
    })
  )
  simulator = await startSimulator(['--config', config])
})

afterAll(async () => {
  for (const { server } of apps) server.close()
  rmSync(folder, { recursive: true, force: true })
  await simulator.stop()
})

const reportOf = async (redirected: URL): Promise<Report> => {
  const response = await fetch(redirected)
  const text = await response.text()
  expect(response.status, text).toBe(200)
  return JSON.parse(text) as Report
}

const follow = async (url: string): Promise<string> => {
  const response = await fetch(url, { redirect: 'manual' })
  const location = response.headers.get('location')
  if (location === null) throw new Error(await response.text())
  return location
}

describe.each(settings.map(({ clientId }, index) => [clientId, index] as const))('%s', (clientId, index) => {
  const base = (): string => apps[index]?.base ?? ''

  it('is authorized standalone, reads and refreshes', async () => {
    const person = new TestUser(simulator.base)
    const authorize = await follow(`${base()}/launch?iss=${encodeURIComponent(`${simulator.base}/fhir`)}`)
    const end = await person.pursue(await person.go(authorize), { choose: 'example-1' })
    expect(await reportOf(sentTo(end))).toEqual({
      patient: 'example-1',
      user: 'p1',
      fhirUser: `Practitioner/p1`,
      observations: 4,
      refreshed: true
    })
  })

  it('is launched by the EHR, reads and refreshes', async () => {
    const person = new TestUser(simulator.base)
    const launched = sentTo(
      await person.go(
        `${simulator.base}/ehr/launch?${new URLSearchParams({
          client_id: clientId,
          launch_uri: `${base()}/launch`,
          user: 'bob',
          patient: 'example-2'
        }).toString()}`
      )
    )
    const end = await person.pursue(await person.go(await follow(launched.href)))
    expect(await reportOf(sentTo(end))).toEqual({
      patient: 'example-2',
      user: 'p2',
      fhirUser: `Practitioner/p2`,
      observations: 4,
      refreshed: true
    })
  })
})
