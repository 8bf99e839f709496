/**
 * Two simulators on one store, behind a proxy that sends every request to the other one.
 * `npm run two-processes -- [--store ADDRESS] [--port N]`
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, request as sendRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { freePort } from '../support/engines/ports.js'
import { missingPostgres, startPostgres } from '../support/engines/postgres.js'

const main = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js')

const { values } = parseArgs({ options: { store: { type: 'string' }, port: { type: 'string', default: '4010' } } })

/** The store of both simulators, and what ends it. */
const openStore = async (folder: string): Promise<{ readonly address: string; readonly stop: () => Promise<void> }> => {
  const nothing = (): Promise<void> => Promise.resolve()
  if (values.store !== undefined) return { address: values.store, stop: nothing }
  if (process.getBuiltinModule('node:sqlite') !== undefined)
    return { address: `sqlite:${join(folder, 'two.db')}`, stop: nothing }
  const missing = missingPostgres()
  if (missing !== null) throw new Error(`Give an address with --store, or use Node 22 or later (${missing}).`)
  const { host, port, user, database, stop } = await startPostgres()
  return { address: `postgres://${user}@${host}:${String(port)}/${database}`, stop }
}

/** Starts a simulator; resolves when it serves. */
const startSimulator = (config: string, store: string, port: number): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [main, 'serve', '--config', config, '--store', store, '--port', String(port)],
      { stdio: ['ignore', 'pipe', 'pipe'] }
    )
    let printed = ''
    const listen = (chunk: Buffer): void => {
      printed += chunk.toString()
      if (printed.includes('Ctrl+C')) resolve(child)
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    child.once('exit', () => {
      reject(new Error(printed.trim()))
    })
  })

/** Sends a request to the first port that accepts a connection. */
const forward = (
  [port, ...others]: ReadonlyArray<number>,
  message: IncomingMessage,
  response: ServerResponse,
  body: Buffer
): void => {
  if (port === undefined) {
    response.writeHead(502, { 'content-type': 'text/plain' }).end('Neither of the two processes runs.')
    return
  }
  sendRequest(
    { host: '127.0.0.1', port, method: message.method, path: message.url, headers: message.headers, agent: false },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(response)
      answer.once('close', () => {
        if (!answer.complete) response.destroy()
      })
    }
  )
    .on('error', (error: NodeJS.ErrnoException) => {
      // Any other failure may come after the process has acted, so only reading requests are repeated.
      const isRepeatable = error.code === 'ECONNREFUSED' || message.method === 'GET'
      if (isRepeatable && !response.headersSent) forward(others, message, response, body)
      else response.destroy()
    })
    .end(body)
}

const run = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'two-processes-'))
  const publicBaseUrl = `http://127.0.0.1:${values.port}`
  const config = join(folder, 'config.json')
  writeFileSync(config, JSON.stringify({ publicBaseUrl }))
  const store = await openStore(folder)
  const children: Array<ChildProcess> = []
  let isStopping = false
  const stop = async (): Promise<void> => {
    if (isStopping) return
    isStopping = true
    proxy.close()
    proxy.closeAllConnections()
    await Promise.all(
      children
        .filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
        .map(
          (child) =>
            new Promise((resolve) => {
              child.once('exit', resolve)
              child.kill('SIGTERM')
            })
        )
    )
    await store.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const ports: Array<number> = []
  let turn = 0
  const proxy = createServer((message, response) => {
    const chunks: Array<Buffer> = []
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.on('end', () => {
      turn += 1
      const [first = 0, second = 0] = ports
      forward(turn % 2 === 0 ? [first, second] : [second, first], message, response, Buffer.concat(chunks))
    })
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
  try {
    for (let started = 0; started < 2; started++) {
      const port = await freePort()
      children.push(await startSimulator(config, store.address, port))
      ports.push(port)
    }
    await new Promise<void>((resolve, reject) => {
      proxy.once('error', reject).listen(Number(values.port), '127.0.0.1', resolve)
    })
  } catch (error) {
    await stop()
    throw error
  }
  console.log(`Two simulators on one store. All persons are fictitious.

  EHR desktop  ${publicBaseUrl}/
  Processes    ${children.map(({ pid }) => String(pid)).join(', ')}

Every request goes to the other process. Kill one, and go on. Stop with Ctrl+C.`)
}

run().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
