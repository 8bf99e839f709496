import { mkdtempSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningSimulator } from '../support/simulator/simulator-process.js'
import { runCommand, startSimulator } from '../support/simulator/simulator-process.js'

let simulator: RunningSimulator
let odd: Server
let base = ''

beforeAll(async () => {
  simulator = await startSimulator()
  odd = createServer((request, response) => {
    switch (request.url?.split('/')[1] ?? '') {
      case 'html':
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
        return
      case 'typed':
        response.writeHead(200, { 'content-type': 'text/plain' }).end('{}')
        return
      case 'loop':
        response.writeHead(302, { location: request.url ?? '' }).end()
        return
      case 'large':
        response.writeHead(200, { 'content-type': 'application/json' }).end(`"${'x'.repeat(10_000_000)}"`)
        return
      default:
        response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => {
    odd.listen(0, '127.0.0.1', resolve)
  })
  base = `http://127.0.0.1:${String((odd.address() as AddressInfo).port)}`
})
afterAll(async () => {
  await simulator.stop()
  odd.closeAllConnections()
  odd.close()
})

describe('smart-app-launch check', () => {
  it.each(['2.0.0', '2.1.0', '2.2.0'])('finds no error in the simulator by %s', async (version) => {
    const { code, out } = await runCommand(['check', `${simulator.base}/fhir`, '--spec-version', version])
    expect([code, /0 errors/.test(out)]).toEqual([0, true])
  })

  it('finds what is wrong in a file, in words and as JSON', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'check-')), 'smart.json')
    writeFileSync(file, '{"token_endpoint":"token","capabilities":[]}')
    const words = await runCommand(['check', file])
    expect([words.code, words.out]).toEqual([
      1,
      expect.stringContaining('DIS-045  /authorization_endpoint: authorization_endpoint is missing') as unknown
    ])
    const json = await runCommand(['check', file, '--json'])
    expect(
      (JSON.parse(json.out) as { findings: ReadonlyArray<{ requirement: string }> }).findings.map(
        ({ requirement }) => requirement
      )
    ).toContain('DIS-046')
  })

  it.each([
    [['check'], 'check: expected one FHIR base URL or file; see smart-app-launch --help'],
    [['check', 'a', 'b'], 'check: expected one FHIR base URL or file; see smart-app-launch --help'],
    [
      ['check', 'x', '--purpose', 'fun'],
      'check: --purpose: expected launch or backend, found "fun"; see smart-app-launch --help'
    ],
    [
      ['check', 'x', '--spec-version', '3'],
      'check: --spec-version: expected 2.0.0, 2.1.0 or 2.2.0, found "3"; see smart-app-launch --help'
    ],
    [
      ['check', 'ftp://ehr.example/fhir'],
      'check: ftp://ehr.example/fhir: expected an absolute http or https address, or a file'
    ],
    [['check', '/no/such/file'], 'check: /no/such/file: cannot be read (ENOENT)'],
    [
      ['check', 'http://127.0.0.1:1/fhir'],
      'check: http://127.0.0.1:1/fhir/.well-known/smart-configuration cannot be fetched (bad port)'
    ]
  ])('%j ends with 2 and one line', async (args, line) => {
    const { code, err } = await runCommand(args)
    expect([code, err.trimEnd().split('\n').length]).toEqual([2, 1])
    expect(err.trimEnd()).toBe(line)
  })

  it.each([
    ['html', 'is not JSON'],
    ['loop', 'cannot be fetched'],
    ['large', 'more than 1048576 bytes'],
    ['none', 'status 404']
  ])('says in one line that a server of the kind %s cannot be checked', async (kind, expected) => {
    const { code, err } = await runCommand(['check', `${base}/${kind}`])
    expect([code, err.trimEnd().split('\n').length]).toEqual([2, 1])
    expect(err).toContain(expected)
  })

  it('minds the type of the answer', async () => {
    const { code, out } = await runCommand(['check', `${base}/typed`])
    expect([code, out]).toEqual([1, expect.stringContaining('DIS-040') as unknown])
  })
})
