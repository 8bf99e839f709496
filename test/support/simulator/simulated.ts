/**
 * The attacks over HTTP: the real simulator as a process of its own, and requests that are sent as they are written.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { decisionForm, headingOf, TestUser } from './person.js'
import type { RunningSimulator } from './simulator-process.js'
import { startSimulator } from './simulator-process.js'

/** Why a row over HTTP runs once. */
export const overHttp = 'over HTTP against the simulator, which has a world of its own'

/** A simulator that runs while a file's tests run, with a configuration or without. */
export const simulatorForAll = (config?: unknown): (() => RunningSimulator) => {
  const started: { simulator?: RunningSimulator; folder?: string } = {}
  beforeAll(async () => {
    if (config === undefined) {
      started.simulator = await startSimulator()
      return
    }
    started.folder = mkdtempSync(join(tmpdir(), 'smart-attacks-'))
    const file = join(started.folder, 'config.json')
    writeFileSync(file, JSON.stringify(config))
    started.simulator = await startSimulator(['--config', file])
  })
  afterAll(async () => {
    await started.simulator?.stop()
    if (started.folder !== undefined) rmSync(started.folder, { recursive: true })
  })
  return () => {
    if (started.simulator === undefined) throw new Error('the simulator does not run')
    return started.simulator
  }
}

/** An answer as it came over the wire. */
export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What is sent. */
export interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | ReadonlyArray<string>>>
  readonly body?: string
}

/** A body without the id of its line in the log, which is new for each response. */
export const withoutLogLine = (body: string): string => body.replaceAll(/\/ehr\/log\/[\w-]{16}/g, '/ehr/log/...')

/** Sends a request whose path and headers nobody repairs: `fetch` would. */
export const send = (
  base: string,
  path: string,
  { method = 'GET', headers = {}, body }: Sent = {}
): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base)
    const outgoing = request(
      { hostname, port, path, method, headers: { ...headers } as Record<string, string>, agent: false },
      (response) => {
        const chunks: Array<Buffer> = []
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
        })
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString()
          })
        })
      }
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })

/** A form as a browser sends it. */
export const formOf = (parameters: Readonly<Record<string, string>>): Sent => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(parameters).toString()
})

/** The address of an authorization request by the simulator's own sample app. */
export const authorizeUrl = (base: string, change: Readonly<Record<string, string>> = {}): string =>
  `${base}/authorize?${new URLSearchParams({
    client_id: 'sample-app',
    redirect_uri: `${base}/app`,
    response_type: 'code',
    scope: 'launch/patient patient/*.rs',
    state: 's',
    aud: `${base}/fhir`,
    code_challenge: 'c'.repeat(43),
    code_challenge_method: 'S256',
    ...change
  }).toString()}`

/** A person at a page of the conversation, with its form. */
export const personAt = async (
  base: string,
  heading: 'Sign in' | 'Choose' | 'Give access?',
  username = 'alice',
  change: Readonly<Record<string, string>> = {}
) => {
  const person = new TestUser(base)
  let end = await person.go(authorizeUrl(base, change))
  for (let step = 0; step < 3; step++) {
    if (end._tag === 'Sent') throw new Error(`sent to ${end.to.href}`)
    const { visit } = end
    const form = decisionForm(visit)
    if (form === null) throw new Error(`no form on ${visit.url}`)
    const found = headingOf(visit)
    if (found === heading) return { person, visit, form }
    const radio = form.querySelector('input[type=radio]')
    end = await person.submit(
      visit,
      form,
      found === 'Sign in'
        ? [
            ['username', username],
            ['password', `${username}-demo`]
          ]
        : [[radio?.getAttribute('name') ?? '', radio?.getAttribute('value') ?? '']]
    )
  }
  throw new Error(`never came to "${heading}"`)
}
