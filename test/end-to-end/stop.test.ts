import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

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

/** A connection, with the text that came over it once it has ended. */
const open = async (port: number): Promise<{ readonly socket: Socket; readonly all: Promise<string> }> => {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
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

describe.each(['SIGTERM', 'SIGINT'] as const)('the simulator after %s', (signal) => {
  it('finishes the requests that it accepted, accepts no others, and ends with status 0', async () => {
    const { child, port, printed } = await start()
    const ready = await fetch(`http://127.0.0.1:${String(port)}/health/ready`)
    expect([ready.status, await ready.text()]).toEqual([200, '{"status":"pass","checks":{"simulator":"pass"}}'])
    const { socket, all } = await open(port)
    const body = 'grant_type=authorization_code'
    socket.write(
      'POST /token HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\n' +
        `content-length: ${String(body.length)}\r\n\r\n${body.slice(0, 10)}`
    )
    await new Promise((resolve) => {
      setTimeout(resolve, 100)
    })
    const exit = once(child, 'exit')
    child.kill(signal)
    await new Promise((resolve) => {
      setTimeout(resolve, 100)
    })
    await expect(fetch(`http://127.0.0.1:${String(port)}/`)).rejects.toThrow()
    socket.write(body.slice(10))
    expect(await all).toMatch(/^HTTP\/1\.1 401 .*connection: close.*"error":"invalid_client"/is)
    expect(await exit).toEqual([0, null])
    expect(printed()).toMatch(/\nStopped\.\n$/)
  })

  it('ends at once after a second signal', async () => {
    const { child, port } = await start()
    const { socket } = await open(port)
    socket.write('POST /token HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n')
    await new Promise((resolve) => {
      setTimeout(resolve, 100)
    })
    const exit = once(child, 'exit')
    child.kill(signal)
    await new Promise((resolve) => {
      setTimeout(resolve, 100)
    })
    child.kill(signal)
    expect(await exit).toEqual([null, signal])
    socket.destroy()
  })
})
