import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'

const main = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js')

const start = async (): Promise<{ readonly child: ChildProcess; readonly port: number; printed: () => string }> => {
  const child = spawn(process.execPath, [main, 'serve', '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })
  while (!printed.includes('Ctrl+C')) await once(child.stdout, 'data')
  return { child, port: Number(/EHR desktop +http:\/\/127\.0\.0\.1:(\d+)/.exec(printed)?.[1]), printed: () => printed }
}

/** A connection on which the server has begun a request, with the text that came over it once it has ended. */
const begin = async (
  port: number,
  bodyLength: number
): Promise<{ readonly socket: Socket; readonly all: Promise<string> }> => {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(
    'POST /token HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\n' +
      `expect: 100-continue\r\ncontent-length: ${String(bodyLength)}\r\n\r\n`
  )
  const [first] = (await once(socket, 'data')) as [Buffer]
  expect(first.toString()).toMatch(/^HTTP\/1\.1 100 /)
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  return {
    socket,
    all: new Promise((resolve) => {
      socket.on('close', () => {
        resolve(text)
      })
      socket.on('error', () => undefined)
    })
  }
}

/** Resolves once the server accepts no connection, which is when it has taken the signal in. */
const refuses = async (port: number): Promise<void> => {
  await vi.waitFor(() => expect(fetch(`http://127.0.0.1:${String(port)}/`)).rejects.toThrow(), {
    timeout: 20_000,
    interval: 20
  })
}

describe.each(['SIGTERM', 'SIGINT'] as const)('the simulator after %s', (signal) => {
  it('finishes the requests that it accepted, accepts no others, and ends with status 0', async () => {
    const { child, port, printed } = await start()
    const ready = await fetch(`http://127.0.0.1:${String(port)}/health/ready`)
    expect([ready.status, await ready.text()]).toEqual([200, '{"status":"pass","checks":{"simulator":"pass"}}'])
    const body = 'grant_type=authorization_code'
    const { socket, all } = await begin(port, body.length)
    socket.write(body.slice(0, 10))
    const exit = once(child, 'exit')
    child.kill(signal)
    await refuses(port)
    socket.write(body.slice(10))
    expect(await all).toMatch(/^HTTP\/1\.1 401 .*connection: close.*"error":"invalid_client"/is)
    expect(await exit).toEqual([0, null])
    expect(printed()).toMatch(/\nStopped\.\n$/)
  })

  it('ends at once after a second signal', async () => {
    const { child, port } = await start()
    const { socket } = await begin(port, 5)
    const exit = once(child, 'exit')
    child.kill(signal)
    await refuses(port)
    child.kill(signal)
    expect(await exit).toEqual([null, signal])
    socket.destroy()
  })
})
