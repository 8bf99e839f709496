/**
 * What goes wrong between pages: two users in one browser, encounters of others, who asks too early, what the terminal
 * shows.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decisionForm, TestUser, sentTo } from '../support/simulator/person.js'
import type { RunningSimulator } from '../support/simulator/simulator-process.js'
import { startSimulator } from '../support/simulator/simulator-process.js'

let simulator: RunningSimulator
beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.stop())

const launch = async (
  person: TestUser,
  parameters: Readonly<Record<string, string>>,
  scope: string
): Promise<string> => {
  const started = sentTo(
    await person.go(
      `${simulator.base}/ehr/launch?${new URLSearchParams({
        client_id: 'sample-app',
        launch_uri: `${simulator.base}/app/launch`,
        ...parameters
      }).toString()}`
    )
  )
  return `${simulator.base}/authorize?${new URLSearchParams({
    client_id: 'sample-app',
    redirect_uri: `${simulator.base}/app`,
    response_type: 'code',
    scope,
    state: 's',
    aud: `${simulator.base}/fhir`,
    code_challenge: 'c'.repeat(43),
    code_challenge_method: 'S256',
    launch: started.searchParams.get('launch') ?? ''
  }).toString()}`
}

describe('the patient of the launch', () => {
  it('is the only one whose encounters are offered and taken', async () => {
    const person = new TestUser(simulator.base)
    const end = await person.go(
      await launch(person, { user: 'alice', patient: 'example-1' }, 'launch launch/encounter patient/*.rs')
    )
    if (end._tag !== 'Page') throw new Error('no page')
    const form = decisionForm(end.visit)
    if (form === null) throw new Error('no form')
    expect(form.querySelectorAll('input[type=radio]').map((input) => input.getAttribute('value'))).toEqual([
      'example-1-encounter-1'
    ])
    const refused = await person.submit(end.visit, form, [['encounter', 'example-3-encounter-1']])
    expect(refused._tag === 'Page' ? refused.visit.url : '').toMatch(/\?missing=choice$/)
  })
})

describe('the desktop', () => {
  it('shows where each grant is and may go', async () => {
    const person = new TestUser(simulator.base)
    await person.go(await launch(person, { user: 'alice', patient: 'example-1' }, 'launch patient/*.rs'))
    const watched = await person.go(`${simulator.base}/ehr/grants?live=1`)
    const card = watched._tag === 'Page' ? watched.visit.document.querySelector('main section.card') : null
    expect(card?.text).toMatch(/Sample App[^]*waits for consent[^]*alice/)
    expect(watched._tag === 'Page' ? watched.visit.headers.get('refresh') : '').toBe('2')
    const grant = await person.go(`${simulator.base}${card?.querySelector('h2 a')?.getAttribute('href') ?? ''}`)
    const lit = grant._tag === 'Page' ? grant.visit.document.querySelector('.machine .lit text')?.text : ''
    expect(lit).toBe('AwaitingConsent')
  })
})

describe('two users in one browser', () => {
  it('do not spoil each other: the first launch asks for its own user again', async () => {
    const person = new TestUser(simulator.base)
    const first = await launch(person, { user: 'alice', patient: 'example-1' }, 'launch patient/*.rs')
    await launch(person, { user: 'bob', patient: 'example-2' }, 'launch patient/*.rs')
    const requested = await person.go(first)
    expect(requested._tag === 'Page' ? requested.visit.document.querySelector('h1')?.text : '').toBe('Sign in')
    expect(sentTo(await person.pursue(requested, { username: 'alice' })).searchParams.has('code')).toBe(true)
  })
})

describe('the sample app', () => {
  it('is offered only where it is registered', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'own-clients-'))
    const config = join(folder, 'config.json')
    writeFileSync(
      config,
      '{"clients":[{"client_id":"mine","redirect_uris":["https://app.example/cb"],' +
        '"token_endpoint_auth_method":"none"}]}'
    )
    const own = await startSimulator(['--config', config])
    const desktop = async ({ base }: RunningSimulator): Promise<string> => (await fetch(`${base}/`)).text()
    expect([own.printed().includes('Sample app'), (await desktop(own)).includes('/app/launch')]).toEqual([false, false])
    expect([
      simulator.printed().includes('Sample app'),
      (await desktop(simulator)).includes('/app/launch?iss=')
    ]).toEqual([true, true])
    await own.stop()
    rmSync(folder, { recursive: true })
  })
})

describe('a public address', () => {
  it('at which the simulator does not listen is reported', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'public-address-'))
    const config = join(folder, 'config.json')
    writeFileSync(config, '{"publicBaseUrl":"http://127.0.0.1:4010"}')
    const behindProxy = await startSimulator(['--config', config])
    expect(behindProxy.printed()).toMatch(
      /^ {2}Listening on {6}127\.0\.0\.1 port \d+, and the addresses above must lead there$/m
    )
    expect(simulator.printed()).not.toContain('Listening on')
    await behindProxy.stop()
    rmSync(folder, { recursive: true })
  })

  it('of another interface of the machine is reported, and so is one that other machines cannot reach', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'other-address-'))
    const config = join(folder, 'config.json')
    writeFileSync(config, '{"publicBaseUrl":"http://[::1]:24391"}')
    const [elsewhere, everywhere, named] = await Promise.all([
      startSimulator(['--config', config, '--port', '24391', '--host', '127.0.0.1']),
      startSimulator(['--host', '0.0.0.0']),
      startSimulator(['--public-url', 'https://ehr.example'])
    ])
    expect(elsewhere.printed()).toContain('Listening on      127.0.0.1 port 24391')
    expect(everywhere.printed()).toMatch(
      /Listening on {6}0\.0\.0\.0 port \d+, but the addresses above work on this machine/
    )
    expect(named.printed()).toContain('EHR desktop       https://ehr.example/')
    await Promise.all([elsewhere.stop(), everywhere.stop(), named.stop()])
    rmSync(folder, { recursive: true })
  })
})

describe('the other loopback address', () => {
  const hasIt = Object.values(networkInterfaces()).some((found) => found?.some(({ address }) => address === '::1'))

  it.skipIf(!hasIt)('leads a browser to the right one, and tells an app which FHIR base URL is right', async () => {
    const { port } = new URL(simulator.base)
    const at = `http://[::1]:${port}`
    const shown = await fetch(`${at}/?app=sample-app`, { headers: { accept: 'text/html' }, redirect: 'manual' })
    expect([shown.status, shown.headers.get('location')]).toEqual([303, `${simulator.base}/?app=sample-app`])
    const discovery = await fetch(`${at}/fhir/.well-known/smart-configuration`)
    expect([discovery.status, await discovery.text()]).toEqual([
      404,
      expect.stringContaining(`The FHIR base URL (iss, and aud) is ${simulator.base}/fhir.`)
    ])
  })

  it.skipIf(!hasIt)('is left alone if --host says where to listen', async () => {
    const there = await startSimulator(['--host', '127.0.0.1'])
    const { port } = new URL(there.base)
    await expect(fetch(`http://[::1]:${port}/`)).rejects.toThrow('fetch failed')
    await there.stop()
  })
})

describe('the log', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' }

  it.each<readonly [string, RequestInit, string]>([
    ['/authorize', {}, 'ClientIdMissing: '],
    [
      '/authorize?client_id=nobody',
      {},
      "ClientUnknown: No such client: it was never registered, or the app uses another server's id. (clientId " +
        '"nobody")'
    ],
    ['/interaction/x', {}, 'x... InteractionUnknown: '],
    ['/interaction/x', { method: 'PUT' }, 'MethodNotAllowed: '],
    ['/interaction/y', { method: 'POST', headers: form, body: '' }, 'y... InteractionUnknown: '],
    ['/interaction/y', { method: 'POST', body: '{}' }, 'BodyNotForm: '],
    ['/interaction/y', { method: 'POST', headers: form, body: 'decision=a&decision=b' }, '(name "decision")'],
    ['/ehr/sign-in', { method: 'PUT' }, 'MethodNotAllowed: '],
    ['/ehr/sign-in', { method: 'POST', body: '{}' }, 'BodyNotForm: '],
    ['/ehr/sign-in', { method: 'POST', headers: form, body: 'username=y' }, 'InteractionOfAnotherBrowser: '],
    ['/ehr/sign-in', { method: 'POST', headers: form, body: 'username=y&username=z' }, '(name "username")']
  ])('says more where the page of %s %j promises it', async (path, init, line) => {
    const before = simulator.printed().length
    const page = await (await fetch(`${simulator.base}${path}`, init)).text()
    expect(page.replace(/\s+/g, ' ')).toMatch(/href="\/ehr\/log\/[\w-]{16}">The log of this server<\/a> says more\./)
    await expect.poll(() => simulator.printed().slice(before)).toContain(line)
  })

  it('says more about a form without its cookie', async () => {
    const person = new TestUser(simulator.base)
    const requested = await person.go(await launch(person, {}, 'launch patient/*.rs'))
    const grant = requested._tag === 'Page' ? (requested.visit.url.split('/').at(-1) ?? '') : ''
    const before = simulator.printed().length
    const answer = await fetch(`${simulator.base}/interaction/${grant}`, {
      method: 'POST',
      headers: form,
      body: new URLSearchParams({ decision: 'allow' })
    })
    expect(await answer.text()).toContain('another browser')
    await expect
      .poll(() => simulator.printed().slice(before))
      .toContain(`${grant.slice(0, 8)}... InteractionOfAnotherBrowser: `)
  })
})

describe('the terminal', () => {
  it('receives no control character', async () => {
    await fetch(`${simulator.base}/authorize?client_id=%1b[2J%0aX`)
    await expect.poll(() => simulator.printed()).toContain('ClientUnknown')

    expect(simulator.printed()).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/)
  })
})

describe('who asks while the simulator starts', () => {
  it('is answered when it has started', async () => {
    const free = createServer()
    await new Promise<void>((resolve) => {
      free.listen(0, '127.0.0.1', resolve)
    })
    const { port } = free.address() as AddressInfo
    await new Promise((resolve) => {
      free.close(resolve)
    })
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js'), 'serve', '--port', String(port)],
      { stdio: 'ignore' }
    )
    try {
      const answer = async (): Promise<number> => {
        for (let tries = 0; tries < 2000; tries++) {
          const response = await fetch(`http://127.0.0.1:${String(port)}/`).catch(() => null)
          if (response !== null) return response.status
          await new Promise((resolve) => {
            setTimeout(resolve, 5)
          })
        }
        return 0
      }
      expect(await answer()).toBe(200)
    } finally {
      child.kill()
    }
  })
})
