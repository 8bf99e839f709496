/** The app on the page docs/app.md, as it stands there: the simulator's desktop launches it, and a user opens it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { browserAt } from '../support/app/cookie-browser.js'
import type { RunningProgram } from '../support/app/recipe.js'
import { bundled, freePort, programOf, runProgram, untilUp } from '../support/app/recipe.js'
import { TestUser, sentTo } from '../support/simulator/person.js'
import type { RunningSimulator } from '../support/simulator/simulator-process.js'
import { startSimulator } from '../support/simulator/simulator-process.js'

let folder = ''
let home = ''
let simulator: RunningSimulator
let app: RunningProgram

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'app-example-'))
  simulator = await startSimulator()
  const port = String(await freePort())
  home = `http://127.0.0.1:${port}`
  const code = programOf('docs/app.md', 'createServer(', { 'http://127.0.0.1:4010': simulator.base, '4567': port })
  const file = join(folder, 'app.mjs')
  writeFileSync(file, await bundled(code, 'node'))
  app = runProgram(file, folder)
  await untilUp(home)
})
afterAll(async () => {
  await app.stop()
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
