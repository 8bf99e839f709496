/** The connections of the simulator: as many requests as it answers at once, and requests that cannot be read. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeHandler } from '../../../src/adapters/node.js'
import { healthListener } from '../../../src/adapters/process/health-listener.js'
import { processHealth } from '../../../src/adapters/process/health.js'
import { boundedServer } from '../../../src/cli/connections.js'
import { limits } from '../../../src/values/limits/limits.js'
import { send } from '../../support/simulator/simulated.js'

it('a request beyond requestsAtOnce is answered with 503, and the health of the process with 200', async () => {
  let answered = 0
  let release: () => void = () => undefined
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const handle = nodeHandler(() => async () => {
    answered += 1
    await released
    return { status: 200, headers: {}, body: 'answered' }
  })
  const server = boundedServer(healthListener(processHealth(), handle), () => undefined).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  try {
    const accepted = Array.from({ length: limits.requestsAtOnce.default }, () => send(base, '/'))
    while (answered < accepted.length) await new Promise((resolve) => setTimeout(resolve, 10))
    const { status, headers } = await send(base, '/')
    expect([status, headers['retry-after']]).toEqual([503, '1'])
    expect((await send(base, '/health/live')).status).toBe(200)
    release()
    expect(new Set((await Promise.all(accepted)).map((answer) => answer.status))).toEqual(new Set([200]))
  } finally {
    release()
    server.closeAllConnections()
    server.close()
  }
})

describe('a request that Node cannot read', () => {
  const server = boundedServer(
    nodeHandler(() => () => Promise.resolve({ status: 200, headers: {}, body: 'read' })),
    () => undefined
  )
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening')
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  /** What the server sends for bytes that come one after the other; rejects if the connection is reset. */
  const responseTo = async (...parts: ReadonlyArray<string>): Promise<string> => {
    const { port } = server.address() as AddressInfo
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const failed = new Promise<never>((_resolve, reject) => socket.on('error', reject))
    const sent = async (): Promise<string> => {
      for (const part of parts) {
        socket.write(part)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      socket.end()
      return text(socket)
    }
    return Promise.race([failed, sent()])
  }

  it('gets a line that names the bound of its head, and the response is not lost', async () => {
    const bound = String(limits.simulatorHead.default)
    const more = 'x'.repeat(100_000)
    const response = await responseTo(`GET /ehr/launch?${more}`, more, more, ' HTTP/1.1\r\nhost: a\r\n\r\n')
    const [head = '', body = ''] = response.split('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1\.1 431 .*Connection: close.*Content-Type: text\/plain; charset=utf-8/s)
    expect(body).toContain(`more than ${bound} bytes together, and this server reads no more.`)
    expect(body.match(/\n/g)).toHaveLength(1)
  })

  it('gets 400 for what is not HTTP, once, and 413 for extensions of chunks', async () => {
    expect((await responseTo('hello\r\n\r\n', 'hello again\r\n\r\n')).match(/HTTP\/1\.1 400 /g)).toHaveLength(1)
    const chunked = 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n'
    expect(await responseTo(`${chunked}1;${'x'.repeat(100_000)}\r\n`)).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('does not break into the response to an earlier request', async () => {
    const slow = boundedServer(
      (_message, response) => {
        response.writeHead(200, { 'content-length': '4' })
        response.write('on')
      },
      () => undefined
    )
    await once(slow.listen(0, '127.0.0.1'), 'listening')
    const socket = connect((slow.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined)
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
    let received = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      received += chunk
    })
    while (!received.endsWith('on')) await once(socket, 'data')
    socket.write('hello\r\n\r\n')
    await once(socket, 'close')
    expect(received).not.toContain('400')
    slow.closeAllConnections()
    slow.close()
  })
})
