/**
 * The server and the app of README.md, as they stand there: the user of a browser chooses, allows, and sees a patient.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import { parse } from 'node-html-parser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fencesOf } from '../support/fences.js'

const root = join(import.meta.dirname, '..', '..')
const programs = fencesOf('README.md', readFileSync(join(root, 'README.md'), 'utf8')).filter(({ code }) =>
  code.includes('.listen(')
)

const { exports: entries } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly import: { readonly default: string } }>>
}
/** The package's own name leads to its sources. */
const alias = Object.fromEntries(
  Object.entries(entries).flatMap(([entry, target]) =>
    typeof target === 'string'
      ? []
      : [
          [
            `smart-app-launch${entry.slice(1)}`,
            join(root, target.import.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts'))
          ]
        ]
  )
)

const freePort = async (): Promise<string> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return String(port)
}

let folder = ''
let running: ReadonlyArray<ChildProcess> = []
let log = ''
let home = ''
let ehr = ''

const isUp = async (address: string): Promise<boolean> =>
  fetch(address, { redirect: 'manual' }).then(
    () => true,
    () => false
  )

beforeAll(async () => {
  mkdirSync(join(root, 'node_modules', '.cache'), { recursive: true })
  folder = mkdtempSync(join(root, 'node_modules', '.cache', 'quickstart-'))
  const [serverPort, appPort] = [await freePort(), await freePort()]
  ehr = `http://127.0.0.1:${serverPort}`
  home = `http://127.0.0.1:${appPort}`
  const files = await Promise.all(
    programs.map(async ({ code }, index) => {
      const entry = join(folder, `program${String(index)}.mjs`)
      const outfile = join(folder, `built${String(index)}.mjs`)
      // It is saved as JavaScript, so it has no types.
      writeFileSync(entry, code.replaceAll('4020', serverPort).replaceAll('4567', appPort))
      await build({
        entryPoints: [entry],
        bundle: true,
        packages: 'external',
        ignoreAnnotations: true,
        alias,
        platform: 'node',
        format: 'esm',
        outfile,
        logLevel: 'silent'
      })
      return outfile
    })
  )
  running = files.map((file) => {
    const process_ = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [process_.stdout, process_.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        log += chunk.toString()
      })
    }
    return process_
  })
  while (!(await isUp(ehr)) || !(await isUp(home))) {
    if (running.some(({ exitCode }) => exitCode !== null)) throw new Error(log)
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })
  }
}, 120_000)
afterAll(() => {
  for (const one of running) one.kill()
  rmSync(folder, { recursive: true, force: true })
})

/** A browser with cookies, which both programs share as they share the host name. */
const newBrowser = () => {
  const cookies = new Map<string, string>()
  /** Follows redirects; the last address, and the page there. */
  return async (address: string, form?: URLSearchParams): Promise<{ readonly url: string; readonly text: string }> => {
    let [url, body] = [address, form]
    for (;;) {
      const response = await fetch(url, {
        redirect: 'manual',
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
        ...(body === undefined ? {} : { method: 'POST', body })
      })
      for (const cookie of response.headers.getSetCookie())
        cookies.set(...(cookie.slice(0, cookie.indexOf(';')).split('=') as [string, string]))
      const location = response.headers.get('location')
      if (location === null) return { url, text: await response.text() }
      url = new URL(location, url).href
      body = undefined
    }
  }
}

/** The form of a page, with what is ticked in it, and the choices of a user. */
const formOf = (text: string, choices: Readonly<Record<string, string>>) => {
  const page = parse(text)
  const kept = page
    .querySelectorAll('input[type=hidden], input[type=checkbox][checked]')
    .map((input): [string, string] => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? ''])
  const action = page.querySelector('form')?.getAttribute('action') ?? ''
  return [new URL(action, ehr).href, new URLSearchParams([...kept, ...Object.entries(choices)])] as const
}

describe('the programs of README.md', () => {
  it('are two', () => {
    expect(programs.length).toBe(2)
  })

  it('end in a token with which the app reads the chosen patient', async () => {
    const go = newBrowser()
    const choice = await go(`${home}/`)
    expect(choice.url, log).toContain(`${ehr}/interaction/`)
    const consent = await go(...formOf(choice.text, { patient: 'b' }))
    expect(consent.text).toContain('My App')
    const shown = await go(...formOf(consent.text, { decision: 'allow' }))
    expect([shown.url, JSON.parse(shown.text)]).toEqual([`${home}/patient`, { resourceType: 'Patient', id: 'b' }])
    expect(log).toContain('They are temporary')
    expect(log).toContain('"clientId":"my-app"')
  })

  it('show the refusal when the user denies', async () => {
    const go = newBrowser()
    const choice = await go(`${home}/`)
    const { text } = await go(...formOf(choice.text, { decision: 'deny' }))
    expect(JSON.parse(text)).toMatchObject({ _tag: 'AuthorizationRefused', error: 'access_denied' })
  })

  it('announce the server at the address that the page names', async () => {
    const response = await fetch(`${ehr}/fhir/.well-known/smart-configuration`)
    expect(await response.json()).toMatchObject({ token_endpoint: `${ehr}/token` })
  })
})
