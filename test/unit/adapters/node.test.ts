/** The Node adapter over a real socket: bodies as bytes, and requests that have none. */
import { once } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import * as Task from 'fp-ts/lib/Task.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeHandler } from '../../../src/adapters/node.js'
import { webHandler } from '../../../src/adapters/web.js'
import { requestRefusals } from '../../../src/protocol/errors/request.js'

let server: Server
let address = ''

beforeAll(async () => {
  server = createServer(
    nodeHandler(
      (request) =>
        Task.of({
          status: request.path === '/nothing' ? 204 : 200,
          headers: { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] },
          body:
            `${request.method} ${request.path} ${request.query} [${request.body}]` +
            (request.headers['authorization'] ?? '')
        }),
      { bodyLimitBytes: 16 }
    )
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
})

afterAll(() => {
  server.close()
})

const post = (body: BodyInit): Promise<Response> => fetch(`${address}/here?q=1`, { method: 'POST', body })

describe('the Node adapter', () => {
  it('answers a request without a body', async () => {
    expect(await (await fetch(`${address}/here?q=1`)).text()).toBe('GET /here q=1 []')
  })

  it('hands a UTF-8 body on unchanged, a byte order mark included', async () => {
    expect(Buffer.from(await (await post('\ufeffé€')).arrayBuffer()).toString()).toBe('POST /here q=1 [\ufeffé€]')
  })

  it('refuses a body that is no UTF-8', async () => {
    expect((await post(Uint8Array.of(0x61, 0xff))).status).toBe(400)
  })

  it('refuses a body over the limit', async () => {
    expect((await post('x'.repeat(17))).status).toBe(413)
  })

  it('answers for a host that threw: no details, and nothing that a cache may keep', async () => {
    const defects: Array<unknown> = []
    const answer = () => () => Promise.reject(new Error('secret'))
    const options = {
      onDefect: (defect: unknown) => {
        defects.push(defect)
      }
    }
    const throwing = createServer(nodeHandler(answer, options))
    throwing.listen(0, '127.0.0.1')
    await once(throwing, 'listening')
    const overNode = await fetch(`http://127.0.0.1:${String((throwing.address() as AddressInfo).port)}/token`)
    throwing.close()
    for (const response of [overNode, await webHandler(answer, options)(new Request('https://ehr.example/token'))]) {
      expect([response.status, await response.text()]).toEqual([500, '{"error":"server_error"}'])
      expect([response.headers.get('cache-control'), response.headers.get('pragma')]).toEqual(['no-store', 'no-cache'])
    }
    expect(defects).toHaveLength(2)
  })

  it('does not wait for a body that a parser before it has read', { timeout: 5000 }, async () => {
    const defects: Array<unknown> = []
    const handle = nodeHandler(() => Task.of({ status: 200, headers: {}, body: '' }), {
      onDefect: (defect) => {
        defects.push(defect)
      }
    })
    const parsing = createServer((message, target) => {
      void text(message).then(() => {
        handle(message, target)
      })
    }).listen(0, '127.0.0.1')
    await once(parsing, 'listening')
    const response = await fetch(`http://127.0.0.1:${String((parsing.address() as AddressInfo).port)}/token`, {
      method: 'POST',
      body: 'a=b',
      signal: AbortSignal.timeout(3000)
    }).finally(() => {
      parsing.closeAllConnections()
      parsing.close()
    })
    expect([response.status, await response.json(), String(defects[0])]).toEqual([
      500,
      {
        error: 'server_error',
        error_description: requestRefusals.BodyReadBefore.description,
        error_uri: 'https://www.rfc-editor.org/rfc/rfc6749#section-5.2'
      },
      expect.stringMatching('before all body parsers, or keep the bytes')
    ])
  })

  it('says no length where there is no content (RFC 9110, section 8.6)', async () => {
    const answer = await fetch(`${address}/nothing`)
    expect([answer.status, answer.headers.has('content-length')]).toEqual([204, false])
  })

  it('hands on both of two Authorization fields, and chooses none', async () => {
    const target = request(`${address}/here`, {
      headers: ['Host', 'here', 'Authorization', 'Basic YTpi', 'Authorization', 'Basic Yzpk']
    })
    target.end()
    const [response] = (await once(target, 'response')) as [IncomingMessage]
    expect(await text(response)).toBe('GET /here  []Basic YTpi, Basic Yzpk')
  })

  it('sends the length in bytes, several header fields of one name, and no body for HEAD', async () => {
    const response = await fetch(`${address}/é`, { method: 'HEAD' })
    expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength('HEAD /%C3%A9  []')))
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(await response.text()).toBe('')
  })
})
