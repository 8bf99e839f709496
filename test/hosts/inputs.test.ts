/** Unusual input through every framework: paths that lead elsewhere, clients that leave, and forms of a mount path. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer, request as requestOverNode } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import koaMount from 'koa-mount'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { echoHost } from './echo-host.js'
import type { Served } from './frameworks.js'
import { frameworks } from './frameworks.js'
import { sendTo } from './transport.js'
import { launched, newBrowser, newHostWorld, redeemed, userNamed } from '../support/host-world.js'
import { smartExpress } from '../../src/hosts/express.js'
import { smartFastify } from '../../src/hosts/fastify.js'
import { smartHono } from '../../src/hosts/hono.js'
import { smartKoa } from '../../src/hosts/koa.js'

const alice = userNamed('alice')

let written = vi.fn()
beforeEach(() => {
  written = vi.fn()
  vi.spyOn(console, 'error').mockImplementation(written)
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('a path that leads out of the FHIR server, behind a valid token', () => {
  const requested: Array<string> = []
  const upstream = createServer((message, response) => {
    requested.push(message.url ?? '')
    response.setHeader('content-type', 'application/fhir+json')
    response.end('{"resourceType":"Patient","id":"ada"}')
  })
  beforeAll(async () => {
    upstream.listen(0, '127.0.0.1')
    await once(upstream, 'listening')
  })
  afterAll(() => {
    upstream.close()
  })

  it.each(Object.keys(frameworks))('never reaches it: %s', async (name) => {
    const { port } = upstream.address() as AddressInfo
    const world = newHostWorld({ fhir: `http://127.0.0.1:${String(port)}/base/fhir`, userMay: () => true })
    const scope = 'launch/patient user/*.cruds patient/*.cruds'
    const token = await redeemed(world, await launched(newBrowser(world, alice), { scope }))
    const served = await frameworks[name]?.(() => world.host as never, { mount: '', parsers: false })
    if (served === undefined) throw new Error(name)
    const headers = { authorization: `Bearer ${String(token['access_token'])}` }
    requested.length = 0
    expect((await sendTo(served, { target: '/fhir/Patient/ada', headers })).status).toBe(200)
    expect(requested.every((url) => url.startsWith('/base/fhir/Patient'))).toBe(true)
    requested.length = 0
    for (const path of [
      '/fhir/Patient/../../admin',
      '/fhir/../admin',
      '/fhir/..',
      '/fhir/Patient/%2e%2e/%2e%2e/admin',
      '/fhir/Patient/%2E./.%2e/admin',
      '/fhir/Patient/..%2f..%2fadmin',
      '/fhir/Patient/%2e%2e%2f%2e%2e%2fadmin',
      '/fhir/Patient/..%5c..%5cadmin',
      '/fhir/Patient/..\\..\\admin',
      '/fhir/Patient/%252e%252e/%252e%252e/admin',
      '/fhir//admin',
      '/fhir///evil.example/admin',
      '/fhir/Patient/ada/../../../admin',
      '/fhir/Patient/ada%00',
      '/fhir/Patient/ada;/../admin',
      '/fhir/Patient/ada%3f_format=x',
      '/fhir/Patient/ada%23',
      '/fhir/.%2e/admin',
      '/fhir@evil.example/admin',
      '/fhir/@evil.example/admin',
      '/fhir/$/../admin',
      '/fhir/metadata/../../admin'
    ]) {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const sent = { method, target: path, headers: { ...headers, 'content-type': 'application/fhir+json' } }
        // A function takes a Request, which has resolved the dots; what is left is not below the FHIR base.
        const body = '{"resourceType":"Patient","id":"ada"}'
        const came = await sendTo(served, method === 'PUT' ? { ...sent, body } : sent).catch(() => null)
        const isSite = came?.status === 200 && came.body === 'the site'
        expect([path, came === null || isSite || came.status >= 400]).toEqual([path, true])
      }
    }
    await served.close()
    // `/fhir/Patient/ada;/../admin` is `/fhir/Patient/admin` where dots are resolved.
    expect(requested.filter((url) => url !== '/base/fhir/Patient/admin')).toEqual([])
  })
})

/** What no framework does: a host whose page waits until the test lets it go on. */
const waitingWorld = () => {
  const begun: Array<() => void> = []
  const world = newHostWorld({
    pages: {
      connectedApps: () =>
        new Promise((resolve) => {
          begun.push(() => {
            resolve('<p>late</p>')
          })
        })
    },
    user: () => alice
  })
  return { world, begun }
}

const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 5)
    })
  }
}

const overNode = Object.keys(frameworks).filter((name) => !/^next$|fetch$/.test(name))

describe.each(overNode)('a client that leaves: %s', (name) => {
  const started = async (host: unknown): Promise<Served & { readonly port: number }> => {
    const served = await frameworks[name]?.(() => host as never, { mount: '', parsers: false })
    if (served?.port === undefined || served.port === null) throw new Error(name)
    return { ...served, port: served.port }
  }

  it('in the middle of a body: the next request is answered', async () => {
    const served = await started(echoHost())
    const socket = connect(served.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write('POST /token HTTP/1.1\r\nHost: ehr.example\r\nContent-Length: 60\r\n')
    socket.write('Content-Type: application/x-www-form-urlencoded\r\n\r\ngrant_type=')
    await new Promise((resolve) => {
      setTimeout(resolve, 20)
    })
    socket.destroy()
    expect((await sendTo(served, { target: '/token' })).status).toBe(200)
    await served.close()
  })

  it('in the middle of a page function: the next request is answered', async () => {
    const { world, begun } = waitingWorld()
    const served = await started(world.host)
    const outgoing = requestOverNode({ host: '127.0.0.1', port: served.port, path: '/auth/apps', agent: false })
    outgoing.on('error', () => undefined)
    outgoing.end()
    await until(() => begun.length === 1)
    outgoing.destroy()
    await new Promise((resolve) => {
      setTimeout(resolve, 20)
    })
    begun[0]?.()
    const next = sendTo(served, { target: '/auth/apps' })
    await until(() => begun.length === 2)
    begun[1]?.()
    expect(await next).toMatchObject({ status: 200, body: '<p>late</p>' })
    await served.close()
    expect(written).not.toHaveBeenCalled()
  })
})

describe('the forms of a mount path', () => {
  const overServer = async (
    server: ReturnType<typeof createServer>,
    targets: ReadonlyArray<string>
  ): Promise<ReadonlyArray<string>> => {
    if (!server.listening) await once(server, 'listening')
    const served: Served = {
      port: (server.address() as AddressInfo).port,
      handle: null,
      close: () => Promise.resolve()
    }
    const came: Array<string> = []
    for (const target of targets) came.push((await sendTo(served, { target })).body)
    server.closeAllConnections()
    server.close()
    return came
  }
  const answers = ['GET /a/b/token [] []', 'GET /a/b/fhir/Patient/1 [] []']
  const targets = ['/a/b/token', '/a/b/fhir/Patient/1']

  it.each(['/a/b', '/a/b/'])('%s in Express, Fastify, Koa and Hono', async (mount) => {
    const app = express().use(mount, smartExpress(echoHost('/a/b')))
    expect(await overServer(app.listen(0, '127.0.0.1'), targets)).toEqual(answers)

    const fastify = Fastify()
    await fastify.register(smartFastify, { host: echoHost('/a/b'), prefix: mount })
    await fastify.listen({ port: 0, host: '127.0.0.1' })
    expect(await overServer(fastify.server, targets)).toEqual(answers)

    const koa = new Koa().use(koaMount(mount, smartKoa(echoHost('/a/b')) as Koa.Middleware))
    expect(await overServer(koa.listen(0, '127.0.0.1'), targets)).toEqual(answers)

    const hono = new Hono()
    hono.use(`${mount.replace(/\/$/, '')}/*`, smartHono(echoHost('/a/b')))
    expect(await Promise.all(targets.map(async (target) => (await hono.request(target)).text()))).toEqual(answers)
    expect(written).not.toHaveBeenCalled()
  })

  it('an issuer with a slash at its end, and one with an encoded path', async () => {
    const found = async (issuer: string, target: string): Promise<number> => {
      const { host } = newHostWorld({ issuer, fhirBaseUrl: `${issuer.replace(/\/$/, '')}/fhir`, user: () => null })
      const app = express().use(smartExpress(host as never))
      app.use((_message: IncomingMessage, response: express.Response) => void response.status(404).end())
      const server = app.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const served: Served = {
        port: (server.address() as AddressInfo).port,
        handle: null,
        close: () => Promise.resolve()
      }
      const { status } = await sendTo(served, { target })
      server.closeAllConnections()
      server.close()
      return status
    }
    expect(await found('https://ehr.example/a/b', '/a/b/fhir/.well-known/smart-configuration')).toBe(200)
    expect(await found('https://ehr.example/a%20b', '/a%20b/fhir/.well-known/smart-configuration')).toBe(200)
    expect(await found('https://ehr.example/a%20b', '/a%20b/token')).toBe(405)
    expect(await found('https://ehr.example/a%20b', '/a b/token'.replace(' ', '+'))).toBe(404)
    await expect(found('https://ehr.example/a/b/', '/a/b/token')).resolves.toBe(405)
  })
})

describe('a runtime that is not Node', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fetch-'))
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  const source = join(import.meta.dirname, '..', '..', 'src')

  it('needs no module and no global of Node until a client has a secret or keys at an address', async () => {
    const { metafile } = await build({
      entryPoints: ['hosts/hono.ts', 'hosts/fetch.ts', 'hosts/next.ts', 'plain/memory.ts'].map((one) =>
        join(source, one)
      ),
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      metafile: true,
      logLevel: 'silent'
    })
    const [needed, later] = [new Set<string>(), new Set<string>()]
    for (const { imports } of Object.values(metafile.outputs)) {
      for (const { path } of imports) if (path.startsWith('node:')) later.add(path)
    }
    const visit = (path: string): void => {
      for (const { path: imported, kind } of metafile.outputs[path]?.imports ?? []) {
        if (kind !== 'import-statement' || needed.has(imported)) continue
        needed.add(imported)
        visit(imported)
      }
    }
    // What is imported by a call is an entry point, too.
    const isEntry = (path = ''): boolean => /(?:hosts\/\w+|plain\/memory)\.ts$/.test(path)
    for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) if (isEntry(entryPoint)) visit(path)
    expect([...needed].filter((path) => path.startsWith('node:'))).toEqual([])
    expect(later).toContain('node:crypto')
    const chunks = [...needed].filter((path) => !path.startsWith('node:'))
    expect(chunks.length).toBeGreaterThan(0)
    expect(chunks.filter((path) => /\bBuffer\./.test(readFileSync(path, 'utf8')))).toEqual([])

    const script = join(folder, 'run.mjs')
    writeFileSync(
      script,
      `
const { log } = console
const exit = process.exit
// The Fetch API of Node itself needs Buffer.
for (const name of ['process', 'setImmediate', 'clearImmediate']) delete globalThis[name]
const { smartFetch } = await import('./hosts/fetch.mjs')
const { createMemoryStore } = await import('./plain/memory.mjs')
const smart = smartFetch({
  issuer: 'https://ehr.example',
  fhirBaseUrl: 'https://ehr.example/fhir',
  store: createMemoryStore(),
  clients: [{ clientId: 'app', tokenEndpointAuthMethod: 'none', scope: 'patient/*.rs',
    redirectUris: ['https://app.example/cb'] }],
  permittedScopes: (_user, _client, requested) => requested,
  user: () => null,
  signIn: '/sign-in'
})
const ask = async (path, init) => (await smart(new Request('https://ehr.example' + path, init))).status
const authorize = '/authorize?' + new URLSearchParams({
  client_id: 'app', redirect_uri: 'https://app.example/cb', response_type: 'code', scope: 'patient/*.rs', state: 's',
  aud: 'https://ehr.example/fhir', code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256' })
const body = new URLSearchParams({ grant_type: 'authorization_code', client_id: 'app', code: 'x', code_verifier: 'y' })
log(JSON.stringify([
  await ask('/fhir/.well-known/smart-configuration'), await ask('/jwks'), await ask(authorize),
  await ask('/token', { method: 'POST', body }), await ask('/fhir/metadata').catch(() => 'none')
]))
exit(0)
`
    )
    const { stdout } = await promisify(execFile)(process.execPath, [script])
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual([200, 200, 303, 400, 'none'])
  })
})
