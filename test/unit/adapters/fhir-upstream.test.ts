/** A FHIR server at another address, requested over a real socket: by the client of Node, and by `fetch`. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createServer as createSocketServer } from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import * as Either from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fhirUpstream } from '../../../src/adapters/fhir-upstream.js'
import type { PlainRequest } from '../../../src/protocol/http/message.js'

const seen: Array<{ readonly line: string; readonly headers: IncomingMessage['headers']; readonly body: string }> = []

const answer = (request: IncomingMessage, response: ServerResponse, body: string): void => {
  seen.push({ line: `${request.method ?? ''} ${request.url ?? ''}`, headers: request.headers, body })
  if (request.url?.includes('moved') === true) response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
  else if (request.url?.includes('large') === true) response.writeHead(200).end('x'.repeat(5000))
  else if (request.url?.includes('gzip') === true)
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"a":"ä"}'))
  else if (request.url?.includes('brotli') === true)
    response.writeHead(200, { 'content-encoding': 'br' }).end(brotliCompressSync('{"a":"ä"}'))
  else if (request.url?.includes('bomb') === true)
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(100_000)))
  else if (request.url?.includes('slow') === true)
    setTimeout(() => {
      response.writeHead(200).end()
    }, 60_000).unref()
  else
    response
      .writeHead(200, { 'content-type': 'application/fhir+json', etag: 'W/"3"', 'set-cookie': 'a=b', server: 'x' })
      .end('{"a":"ä"}')
}

const server = createServer((request, response) => {
  let body = ''
  request
    .setEncoding('utf8')
    .on('data', (chunk: string) => {
      body += chunk
    })
    .on('end', () => {
      answer(request, response, body)
    })
})
let base = ''
beforeAll(
  () =>
    new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/fhir`
        resolve()
      })
    })
)
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

const clients = [
  ['the client of Node', {}],
  ['fetch', { fetch }]
] as const

const askWith =
  (client: object) =>
  (change: Partial<PlainRequest>, options = {}) =>
    fhirUpstream(base, { timeoutMilliseconds: 2000, bodyLimitBytes: 1000, ...client, ...options })({
      method: 'GET',
      path: '/Patient/1',
      query: '',
      headers: {},
      body: '',
      ...change
    })()

describe.each(clients)('a FHIR server at another address, by %s', (_, client) => {
  const ask = askWith(client)

  it('gets requests below its base, without token and cookie', async () => {
    const headers = {
      authorization: 'Bearer secret',
      cookie: 'c=d',
      'if-match': 'W/"2"',
      'content-type': 'application/fhir+json',
      'x-http-method-override': 'DELETE'
    }
    const answered = await ask(
      { method: 'PUT', query: 'a=b%7Cc', headers, body: '{"b":"ö"}' },
      { headers: { authorization: 'Basic mine' } }
    )
    expect(answered).toEqual(
      Either.right({
        status: 200,
        headers: { 'content-type': 'application/fhir+json', etag: 'W/"3"' },
        body: '{"a":"ä"}'
      })
    )
    const request = seen.at(-1)
    expect(request?.line).toBe('PUT /fhir/Patient/1?a=b%7Cc')
    expect(request?.body).toBe('{"b":"ö"}')
    expect(request?.headers).toMatchObject({ authorization: 'Basic mine', 'if-match': 'W/"2"' })
    expect(Object.keys(request?.headers ?? {})).not.toContain('cookie')
    expect(Object.keys(request?.headers ?? {})).not.toContain('x-http-method-override')
  })

  it('tells how much of an answer is held, and reads no further where no more may be', async () => {
    const held: Array<number> = []
    expect(
      await ask(
        {
          path: '/large',
          hold: (characters) => {
            held.push(characters)
            return true
          }
        },
        { bodyLimitBytes: 5000 }
      )
    ).toMatchObject({ right: { body: 'x'.repeat(5000) } })
    expect(held.reduce((sum, one) => sum + one, 0)).toBe(5000)
    const cut = await ask({ path: '/large', hold: () => false }, { bodyLimitBytes: 5000 })
    expect(cut).toEqual(Either.right({ status: 200, headers: {}, body: '' }))
  })

  it('tells a gate that an answer is larger than may be read', async () => {
    for (const more of [{}, { fetch }]) {
      const held: Array<number> = []
      const hold = (characters: number): boolean => {
        held.push(characters)
        return characters !== Infinity
      }
      const cut = await ask({ path: '/large', hold }, { bodyLimitBytes: 4999, ...more })
      expect(cut).toEqual(Either.right({ status: 200, headers: {}, body: '' }))
      expect(held.at(-1)).toBe(Infinity)
      expect(Either.isLeft(await ask({ path: '/large', hold: () => true }, { bodyLimitBytes: 4999, ...more }))).toBe(
        true
      )
    }
  })

  it.each<readonly [string, string]>([
    ['/../admin', 'the path leads out of the FHIR base'],
    ['/Patient/..', 'the path leads out of the FHIR base'],
    ['/Patient/%2e%2E/../x', 'the path leads out of the FHIR base'],
    ['/Patient/.%2e', 'the path leads out of the FHIR base'],
    ['/Patient%2f..%2f../admin', 'the path leads out of the FHIR base'],
    ['/%252e%252e/admin', 'the path leads out of the FHIR base'],
    ['/Patient/..;x/admin', 'the path leads out of the FHIR base'],
    ['/Patient\\..\\x', 'the path leads out of the FHIR base'],
    ['/Patient/.\t./x', 'the path leads out of the FHIR base'],
    ['/Patient/\n../x', 'the path leads out of the FHIR base'],
    ['/Patient/1?_method=DELETE', 'the path leads out of the FHIR base'],
    ['/Patient#/1', 'the path leads out of the FHIR base'],
    ['/moved', 'the answer is a redirect'],
    ['/large', 'the answer is larger than 1000 bytes'],
    ['/bomb', 'the answer is larger than 1000 bytes'],
    ['/slow', 'no answer in time']
  ])('%s: %s', async (path, reason) => {
    const before = seen.length
    expect(await ask({ path })).toEqual(Either.left({ _tag: 'Unavailable', reason }))
    if (reason.startsWith('the path')) expect(seen.length).toBe(before)
  })

  it.each(['/gzip', '/brotli'])('may answer with a content coding: %s', async (path) => {
    expect(await ask({ path })).toMatchObject({ right: { status: 200, body: '{"a":"ä"}' } })
  })

  it('is no longer requested when the client has left', async () => {
    const leaving = new AbortController()
    const answered = ask({ path: '/slow', signal: leaving.signal })
    setTimeout(() => {
      leaving.abort()
    }, 20)
    expect(await answered).toEqual(Either.left({ _tag: 'Unavailable', reason: 'the client has left' }))
  })

  it('is given no credentials that stand in its address', async () => {
    const before = seen.length
    const answered = await fhirUpstream(
      base.replace('//', '//user:password@'),
      client
    )({
      method: 'GET',
      path: '/Patient/1',
      query: '',
      headers: {},
      body: ''
    })()
    expect(Either.isLeft(answered)).toBe(true)
    expect(seen.length).toBe(before)
  })

  it('may have dots in its ids', async () => {
    expect(Either.isRight(await ask({ path: '/Patient/1.2...3' }))).toBe(true)
  })

  it('is unavailable if the connection is refused', async () => {
    const nobody = await fhirUpstream('http://127.0.0.1:1/fhir')({
      method: 'GET',
      path: '/Patient/1',
      query: '',
      headers: {},
      body: ''
    })()
    expect(nobody).toMatchObject({ _tag: 'Left', left: { _tag: 'Unavailable' } })
  })
})

/** A server on bare sockets: `answer` gets the number of the connection and of the request on it. */
const socketServer = async (answer: (socket: Socket, connection: number, request: number) => void) => {
  let connections = 0
  const listening = createSocketServer((socket) => {
    connections += 1
    const connection = connections
    let requests = 0
    socket.on('error', () => undefined)
    socket.on('data', () => {
      requests += 1
      answer(socket, connection, requests)
    })
  })
  await new Promise<void>((resolve) => {
    listening.listen(0, '127.0.0.1', resolve)
  })
  return {
    base: `http://127.0.0.1:${String((listening.address() as AddressInfo).port)}/fhir`,
    connections: () => connections,
    close: () => listening.close()
  }
}

const plain = { method: 'GET', path: '/Patient/1', query: '', headers: {}, body: '' }

describe('a connection to a FHIR server', () => {
  it.each(clients)('that ends before the body is whole gives no answer: %s', async (_, client) => {
    const { base: address, close } = await socketServer((socket) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"resourceType":')
    })
    expect(await fhirUpstream(address, client)(plain)()).toMatchObject({ _tag: 'Left' })
    close()
  })

  it.each([
    ['GET', '', 'Right'],
    ['POST', '{}', 'Left']
  ])('that was kept open and is closed on the next request: %s', async (method, body, expected) => {
    const {
      base: address,
      close,
      connections
    } = await socketServer((socket, connection, request) => {
      if (connection === 1 && request === 2) socket.destroy()
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}')
    })
    const upstream = fhirUpstream(address)
    expect(await upstream(plain)()).toMatchObject({ right: { body: '{}' } })
    expect(await upstream({ ...plain, method, body })()).toMatchObject({ _tag: expected })
    expect(connections()).toBe(expected === 'Right' ? 2 : 1)
    close()
  })
})
