/** Bad input over a real socket and on the real command line: the right answer, one line, and never a stack trace. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningSimulator } from '../support/simulator/simulator-process.js'
import { runCommand, startSimulator } from '../support/simulator/simulator-process.js'

let simulator: RunningSimulator
beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.stop())

const form = { 'content-type': 'application/x-www-form-urlencoded' }

describe('malformed HTTP', () => {
  it.each<readonly [string, string, RequestInit, number, string]>([
    [
      'JSON to the token endpoint',
      '/token',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' },
      400,
      'invalid_request'
    ],
    [
      'multipart to the token endpoint',
      '/token',
      { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x--' },
      400,
      'invalid_request'
    ],
    ['no body', '/token', { method: 'POST' }, 400, 'invalid_request'],
    [
      'a parameter twice',
      '/token',
      { method: 'POST', headers: form, body: 'grant_type=a&grant_type=b' },
      400,
      'invalid_request'
    ],
    ['a broken encoding', '/token', { method: 'POST', headers: form, body: 'grant_type=%zz' }, 400, 'invalid_request'],
    [
      'bytes that are not UTF-8',
      '/token',
      { method: 'POST', headers: form, body: new Uint8Array([0x61, 0x3d, 0xff, 0xfe]) },
      400,
      'invalid_request'
    ],
    [
      'a body of 1 MiB',
      '/token',
      { method: 'POST', headers: form, body: `grant_type=${'x'.repeat(2 ** 20)}` },
      413,
      'invalid_request'
    ],
    ['GET of the token endpoint', '/token', {}, 405, 'invalid_request'],
    ['DELETE of the token endpoint', '/token', { method: 'DELETE' }, 405, 'invalid_request'],
    [
      'POST to discovery',
      '/fhir/.well-known/smart-configuration',
      { method: 'POST', body: 'x' },
      405,
      'invalid_request'
    ],
    ['an unknown address', '/nothing/here', {}, 404, 'invalid_request'],
    ['PUT to the authorization endpoint', '/authorize', { method: 'PUT', headers: form, body: 'x=y' }, 405, ''],
    ['an unknown address in a browser', '/nothing/here', { headers: { accept: 'text/html' } }, 404, ''],
    [
      'JSON to the authorization endpoint',
      '/authorize',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' },
      400,
      ''
    ],
    ['nothing to the authorization endpoint', '/authorize', {}, 400, ''],
    ['a form of the conversation by PUT', '/interaction/x', { method: 'PUT' }, 405, ''],
    ['a form without anything', '/interaction/x', { method: 'POST', headers: form, body: '' }, 400, ''],
    [
      'a form with a made-up grant',
      '/interaction/x',
      { method: 'POST', headers: form, body: 'form_token=y&decision=allow' },
      400,
      ''
    ],
    [
      'a sign-in with a made-up proof',
      '/ehr/sign-in',
      { method: 'POST', headers: form, body: 'form_token=y&username=alice&password=alice-demo' },
      403,
      ''
    ],
    ['a launch without anything', '/ehr/launch', {}, 400, ''],
    [
      'a launch to an address that is not registered',
      '/ehr/launch?client_id=sample-app&launch_uri=https://evil.example/',
      {},
      400,
      ''
    ],
    [
      'a launch with two patients',
      '/ehr/launch?client_id=my-app&launch_uri=http://127.0.0.1:4567/launch&patient=example-1&patient=example-2',
      {},
      400,
      ''
    ],
    [
      'a launch of a patient whom the user may not see',
      '/ehr/launch?client_id=my-app&launch_uri=http://127.0.0.1:4567/launch&user=bob&patient=example-1',
      {},
      400,
      ''
    ],
    ['a body of 1 MiB to FHIR', '/fhir/Observation', { method: 'POST', body: 'x'.repeat(2 ** 20) }, 413, ''],
    [
      'a compressed body to FHIR',
      '/fhir/Observation',
      { method: 'POST', headers: { 'content-encoding': 'gzip' }, body: 'x' },
      415,
      ''
    ],
    [
      'bytes that are not UTF-8 to FHIR',
      '/fhir/Observation',
      { method: 'POST', body: new Uint8Array([0xff]) },
      400,
      ''
    ],
    ['FHIR without a token', '/fhir/Patient/example-1', {}, 401, ''],
    ['FHIR with a made-up token', '/fhir/Patient/example-1', { headers: { authorization: 'Bearer x' } }, 401, ''],
    ['FHIR with Basic', '/fhir/Patient/example-1', { headers: { authorization: 'Basic eDp5' } }, 401, ''],
    ['a token in the address', '/fhir/Patient/example-1?access_token=x', {}, 400, '']
  ])('%s', async (_name, path, init, status, error) => {
    const response = await fetch(`${simulator.base}${path}`, { redirect: 'manual', ...init })
    const text = await response.text()
    expect(response.status).toBe(status)
    expect(text).not.toMatch(/\bat .*\.(?:js|ts):\d+/)
    if (error !== '') expect((JSON.parse(text) as { error: string }).error).toBe(error)
    else if (path.startsWith('/fhir'))
      expect((JSON.parse(text) as { resourceType: string }).resourceType).toBe('OperationOutcome')
    else expect(response.headers.get('content-type')).toContain('text/html')
  })

  it('of the rawest kind does not stop the simulator', async () => {
    const { hostname, port } = new URL(simulator.base)
    for (const bytes of [
      '\0\0\0',
      'GET\r\n\r\n',
      'POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab',
      'GET / HTTP/9.9\r\n\r\n'
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname, () => {
          socket.end(bytes)
        })
        socket
          .on('error', () => {
            resolve()
          })
          .on('close', () => {
            resolve()
          })
          .resume()
      })
    }
    expect((await fetch(`${simulator.base}/`)).status).toBe(200)
    expect(simulator.printed()).not.toContain('defect')
  })

  it('published addresses do not depend on headers', async () => {
    const response = await fetch(`${simulator.base}/fhir/.well-known/smart-configuration`, {
      headers: { accept: 'application/fhir+xml', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }
    })
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.text()).not.toContain('evil')
  })
})

describe('the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'))
  let files = 0
  const configFile = (text: string | Uint8Array): string => {
    const file = join(folder, `config-${String(files++)}.json`)
    writeFileSync(file, text)
    return file
  }

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it.each<readonly [string, ReadonlyArray<string>, number, RegExp]>([
    ['no command', [], 2, /^expected a command \(.*\), found nothing/],
    ['an unknown command', ['sevre'], 2, /^expected a command \(.*\), found "sevre"/],
    ['a mistyped flag', ['serve', '--prot', '1'], 2, /^serve: Unknown option '--prot'; did you mean --port\?; see/],
    [
      'an unknown flag',
      ['serve', '--posts', '1'],
      2,
      /^serve: Unknown option '--posts'; see smart-app-launch --help$/m
    ],
    [
      'a public address over http',
      ['serve', '--public-url', 'http://ehr.example'],
      2,
      /^--public-url: expected https, or/
    ],
    ['a flag without its value', ['serve', '--port'], 2, /^serve: Option '--port/],
    [
      'a port that is none',
      ['serve', '--port', 'abc'],
      2,
      /^--port: expected a whole number from 0 to 65535, found "abc"/
    ],
    ['a port below zero', ['serve', '--port', '-1'], 2, /^serve: Option '--port' argument is ambiguous; see/],
    ['a port too high', ['serve', '--port', '65536'], 2, /^--port: expected/],
    [
      'a file that is not there',
      ['serve', '--config', '/does/not/exist.json'],
      2,
      /^\/does\/not\/exist\.json: cannot be read \(ENOENT\)/
    ],
    [
      'a file that is no JSON',
      ['serve', '--config', configFile('{')],
      2,
      /config-\d+\.json: expected JSON; the parser says: \S/
    ],
    [
      'a file that is no JSON in its second line',
      ['serve', '--config', configFile('{\n  "store": memory\n}')],
      2,
      /config-\d+\.json: expected JSON; the parser says: \S/
    ],
    [
      'a file that is no UTF-8',
      ['serve', '--config', configFile(Buffer.from('{"users":[{"username":"zo\xeb","password":"x"}]}', 'latin1'))],
      2,
      /: expected text in UTF-8$/m
    ],
    [
      'a file in UTF-16',
      ['serve', '--config', configFile(Buffer.from('\ufeff{}', 'utf16le'))],
      2,
      /: expected text in UTF-8$/m
    ],
    [
      'a file with a mark at its beginning, and a wrong key',
      ['serve', '--config', configFile('\ufeff{"a":1}')],
      2,
      /: a: expected one of/
    ],
    [
      'a wrong key',
      ['serve', '--config', configFile('{"clients":[{"client_id":"a","redirect_uris":["x"]}]}')],
      2,
      /: clients\[0\]\.redirect_uris\[0\]: expected .*, found "x"/
    ],
    [
      'a store that is none',
      ['serve', '--store', 'mongo://user:hidden@x'],
      2,
      /^--store: expected "memory", "sqlite:file", .*, found "mongo:\.\.\."$/m
    ],
    [
      'a store that is none, in the file',
      ['serve', '--config', configFile('{"store":"redis//user:hidden@x"}')],
      2,
      /config-\d+\.json: store: expected "memory", "sqlite:file", [^,]*, [^,]*$/m
    ],
    [
      'a server of PostgreSQL that does not answer',
      ['serve', '--store', 'postgres://user:hidden@127.0.0.1:1/smart?password=hidden'],
      2,
      /^--store: expected a PostgreSQL server that answers .*, found postgres:\/\/127\.0\.0\.1:1\/smart \(.*ECONNREFUSED/
    ],
    [
      'a server of Redis that does not answer, in the file',
      ['serve', '--config', configFile('{"store":"redis://user:hidden@127.0.0.1:1"}')],
      2,
      /config-\d+\.json: store: expected a Redis server that answers, found redis:\/\/127\.0\.0\.1:1 \(.*ECONNREFUSED/
    ],
    [
      'a cluster of etcd that does not answer',
      ['serve', '--store', 'etcd://127.0.0.1:1'],
      2,
      /^--store: expected .*, found etcd:\/\/127\.0\.0\.1:1 \(/
    ],
    ['an unknown machine', ['machines', 'gearbox'], 2, /^machines: expected one of grant, .*, found "gearbox"/],
    ['an unknown format', ['machines', '--format', 'png'], 2, /^--format: expected mermaid, dot or json, found "png"/]
  ])('%s: one line, exit %i', async (_name, args, code, line) => {
    const ended = await runCommand(args)
    expect([ended.code, ended.out]).toEqual([code, ''])
    expect(ended.err).toMatch(line)
    expect(ended.err.trimEnd().split('\n')).toHaveLength(1)
    expect(ended.err).not.toContain('hidden')
  })

  it.each<readonly [ReadonlyArray<string>, Readonly<Record<string, string>>, RegExp]>([
    [['serve', '4752'], { npm_config_port: 'true' }, /^serve: npm kept --port for itself: write npm start -- --port/],
    [['serve'], { npm_config_public_url: 'https://a.example' }, /: npm kept --public-url for itself/],
    [['serve', 'x'], {}, /^serve: Unexpected argument 'x'.*; see npm start -- --help$/m]
  ])('says how npm passes on the options of %j with %j', async (args, environment, line) => {
    const ended = await runCommand(args, { npm_lifecycle_event: 'start', ...environment })
    expect([ended.code, ended.out]).toEqual([2, ''])
    expect(ended.err).toMatch(line)
  })

  it('explains the options of serve', async () => {
    const { code, out } = await runCommand(['serve', '--help'])
    expect(code).toBe(0)
    for (const words of ['npm start -- [options]', '--port N', 'default 4010', '--public-url URL'])
      expect(out).toContain(words)
  })

  it('says when the port is taken, exit 1', async () => {
    const ended = await runCommand(['serve', '--port', new URL(simulator.base).port])
    expect([ended.code, ended.err.trimEnd().split('\n').length]).toEqual([1, 1])
    expect(ended.err).toMatch(/^Port \d+ on 127\.0\.0\.1 is taken by another program/)
  })

  it.each([
    ['mermaid', /stateDiagram-v2/],
    ['dot', /digraph "grant"/],
    ['json', /"name": "grant"/]
  ])('draws a machine as %s', async (format, expected) => {
    const ended = await runCommand(['machines', '--format', format, 'grant'])
    expect([ended.code, ended.err]).toEqual([0, ''])
    expect(ended.out).toMatch(expected)
  })
})
