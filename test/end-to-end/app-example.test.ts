/** The app on the page docs/app.md, as it stands there: the simulator's desktop launches it, and a user opens it. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestUser, sentTo } from '../support/simulator/person.js'
import type { RunningSimulator } from '../support/simulator/simulator-process.js'
import { startSimulator } from '../support/simulator/simulator-process.js'
import { fencesOf } from '../support/fences.js'

const root = join(import.meta.dirname, '..', '..')

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => {
        resolve(port)
      })
    })
  })

/**
 * A browser that keeps the app's cookies; gives the answer to the last address, or the address that leads away from the
 * app.
 */
const browserAt = (home: string) => {
  const cookies = new Map<string, string>()
  return async (
    address: string
  ): Promise<{
    readonly status: number
    readonly body: string
    readonly url: string
    readonly away: string | null
  }> => {
    for (let url = address; ;) {
      const response = await fetch(url, {
        redirect: 'manual',
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
      })
      for (const cookie of response.headers.getSetCookie())
        cookies.set(...(cookie.slice(0, cookie.indexOf(';')).split('=') as [string, string]))
      const location = response.headers.get('location')
      if (location === null) return { status: response.status, body: await response.text(), url, away: null }
      url = new URL(location, url).href
      if (!url.startsWith(home)) return { status: response.status, body: '', url, away: url }
    }
  }
}

let folder = ''
let home = ''
let simulator: RunningSimulator
let app: ChildProcess

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'app-example-'))
  simulator = await startSimulator()
  const port = await freePort()
  home = `http://127.0.0.1:${String(port)}`
  const [example] = fencesOf('docs/app.md', readFileSync(join(root, 'docs', 'app.md'), 'utf8')).filter(({ code }) =>
    code.includes('createServer(')
  )
  const code = (example?.code ?? '').replace('http://127.0.0.1:4010', simulator.base).replaceAll('4567', String(port))
  const outfile = join(folder, 'app.mjs')
  await build({
    stdin: { contents: code, resolveDir: root, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'silent'
  })
  app = spawn(process.execPath, [outfile], { stdio: 'inherit' })
  for (let tries = 0; tries < 100; tries++) {
    if (
      await fetch(home).then(
        () => true,
        () => false
      )
    )
      return
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })
  }
})
afterAll(async () => {
  app.kill()
  await simulator.stop()
  rmSync(folder, { recursive: true, force: true })
})

it('is opened by a user, and shows the patient whom they choose', async () => {
  const go = browserAt(home)
  const person = new TestUser(simulator.base)
  const back = sentTo(await person.pursue(await person.go((await go(`${home}/`)).away ?? ''), { choose: 'example-1' }))
  const shown = await go(back.href)
  expect([shown.status, (JSON.parse(shown.body) as { readonly id: string }).id]).toEqual([200, 'example-1'])
  // Loaded again, and gone back to.
  expect(await go(back.href)).toEqual(shown)
  expect(await browserAt(home)(back.href)).toMatchObject({
    status: 400,
    body: expect.stringContaining('StateDiffers') as string
  })
})

it('shows each of two tabs its own patient, also when the first one is loaded again', async () => {
  const go = browserAt(home)
  const person = new TestUser(simulator.base)
  const opened: Array<string> = []
  for (const choose of ['example-1', 'example-2']) {
    const back = sentTo(await person.pursue(await person.go((await go(`${home}/`)).away ?? ''), { choose }))
    const { body, url } = await go(back.href)
    expect((JSON.parse(body) as { readonly id: string }).id).toBe(choose)
    opened.push(url)
  }
  expect(new Set(opened).size).toBe(2)
  for (const [place, url] of opened.entries())
    expect((JSON.parse((await go(url)).body) as { readonly id: string }).id).toBe(`example-${String(place + 1)}`)
})

it('is launched from the EHR', async () => {
  const person = new TestUser(simulator.base)
  const launched = sentTo(
    await person.go(
      `${simulator.base}/ehr/launch?${new URLSearchParams({
        client_id: 'my-app',
        launch_uri: 'http://127.0.0.1:4567/launch',
        user: 'bob',
        patient: 'example-2'
      }).toString()}`
    )
  )
  const go = browserAt(home)
  const back = sentTo(await person.pursue(await person.go((await go(`${home}/launch${launched.search}`)).away ?? '')))
  expect((JSON.parse((await go(back.href)).body) as { readonly id: string }).id).toBe('example-2')
})

it('shows an error if it is opened without a launch', async () => {
  const go = browserAt(home)
  expect((await go(`${home}/launch?iss=https%3A%2F%2Fevil.example%2Ffhir&launch=x`)).body).toContain(
    'IssNotTrusted: the app knows no server at this iss'
  )
  expect((await go(`${home}/session/none/patient`)).body).toContain(
    'SessionUnknown: there is no such session; launch again'
  )
})
