/** How requests come in and answers go out over a real socket: targets, codings, lengths, and clients that leave. */
import { once } from 'node:events'
import type { RequestListener, Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import * as Either from 'fp-ts/lib/Either.js'
import * as Task from 'fp-ts/lib/Task.js'
import { afterEach, describe, expect, it } from 'vitest'
import { fhirUpstream } from '../../../src/adapters/fhir-upstream.js'
import type { NodeHandlerOptions } from '../../../src/adapters/node.js'
import { nodeHandler } from '../../../src/adapters/node.js'
import { webHandler } from '../../../src/adapters/web.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'

const servers: Array<Server> = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const listen = async (listener: RequestListener): Promise<number> => {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Everything that a server writes to a client which writes this, until the connection ends. */
const exchanged = async (port: number, request: string | Buffer): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
  })
  socket.write(request)
  await once(socket, 'close')
  return text
}

const echo = ({ method, path, query, headers, body }: PlainRequest): Task.Task<PlainResponse> =>
  Task.of({ status: 200, headers: {}, body: `${method} ${path} ${query} ${headers['host'] ?? ''} [${body}]` })

const closing = 'connection: close\r\n\r\n'

describe('the target of a request', () => {
  it.each([
    ['/a/b?c=d', '/a/b c=d here.example'],
    ['http://ehr.example/a/b?c=d', '/a/b c=d ehr.example'],
    ['HTTPS://EHR.example:8443/', '/  EHR.example:8443'],
    ['http://ehr.example', '/  ehr.example'],
    ['http://ehr.example?c=d', '/ c=d ehr.example'],
    ['//other.example/a', '//other.example/a  here.example']
  ])('%s is read as %s', async (target, read) => {
    const port = await listen(nodeHandler(echo))
    expect(await exchanged(port, `GET ${target} HTTP/1.1\r\nhost: here.example\r\n${closing}`)).toContain(
      `GET ${read} []`
    )
  })
})

describe('a body in a content coding', () => {
  const overNode = async (coding: string, body: Buffer): Promise<readonly [number, string | null, string]> => {
    const port = await listen(nodeHandler(echo))
    const text = await exchanged(
      port,
      Buffer.concat([
        Buffer.from(
          `POST / HTTP/1.1\r\nhost: a\r\ncontent-encoding: ${coding}\r\ncontent-length: ${String(body.length)}` +
            `\r\n${closing}`
        ),
        body
      ])
    )
    return [
      Number(text.slice(9, 12)),
      /^accept-encoding: (.*)$/im.exec(text)?.[1] ?? null,
      /"error":"(\w+)"/.exec(text)?.[1] ?? ''
    ]
  }
  const overWeb = async (coding: string, body: Buffer): Promise<readonly [number, string | null, string]> => {
    const response = await webHandler(echo)(
      new Request('https://ehr.example/', {
        method: 'POST',
        body: Uint8Array.from(body),
        headers: { 'content-encoding': coding }
      })
    )
    return [
      response.status,
      response.headers.get('accept-encoding'),
      /"error":"(\w+)"/.exec(await response.text())?.[1] ?? ''
    ]
  }

  it.each(['gzip', 'br', 'x-unknown', 'identity, gzip', 'GZIP'])('is refused: %s', async (coding) => {
    const body = gzipSync('grant_type=client_credentials')
    const refused = [415, 'identity', 'invalid_request']
    expect([await overNode(coding, body), await overWeb(coding, body)]).toEqual([refused, refused])
  })

  it.each(['identity', 'Identity , identity', ''])('is read where it is none: %j', async (coding) => {
    expect([(await overNode(coding, Buffer.from('a=b')))[0], (await overWeb(coding, Buffer.from('a=b')))[0]]).toEqual([
      200, 200
    ])
  })

  it('is nothing to refuse where there is no body', async () => {
    const port = await listen(nodeHandler(echo))
    expect(await exchanged(port, `GET / HTTP/1.1\r\nhost: a\r\ncontent-encoding: gzip\r\n${closing}`)).toContain(
      'HTTP/1.1 200'
    )
  })
})

describe('the length of an answer', () => {
  const lengthOf = async (method: string, response: PlainResponse): Promise<string | null> => {
    const port = await listen(nodeHandler(() => Task.of(response)))
    const text = await exchanged(port, `${method} / HTTP/1.1\r\nhost: a\r\n${closing}`)
    expect(method === 'HEAD' || response.status === 304 ? text.split('\r\n\r\n')[1] : '').toBe('')
    expect(text).not.toMatch(/transfer-encoding/i)
    return /^content-length: (.*)$/im.exec(text)?.[1] ?? null
  }
  const of = (status: number, body: string): PlainResponse => ({ status, headers: {}, body })

  it.each<readonly [string, string, PlainResponse, string | null]>([
    ['is that of the body', 'GET', of(200, 'four'), '4'],
    ['is none for GET without a body', 'GET', of(200, ''), '0'],
    ['is that of GET for HEAD', 'HEAD', of(200, 'four'), '4'],
    ['is left out for HEAD where it is not known', 'HEAD', of(200, ''), null],
    ['is left out where nothing has changed', 'GET', of(304, ''), null],
    ['is left out for HEAD where nothing has changed', 'HEAD', of(304, 'four'), null],
    ['is left out where there is no content', 'GET', of(204, ''), null]
  ])('%s', async (_name, method, response, length) => {
    expect(await lengthOf(method, response)).toBe(length)
  })
})

describe('a client that leaves', () => {
  it('ends the request to the upstream server', { timeout: 8000 }, async () => {
    const behind: Array<string> = []
    const upstream = await listen((request) => {
      behind.push('requested')
      request.socket.on('close', () => {
        behind.push('closed')
      })
    })
    const answers: Array<unknown> = []
    const ask = fhirUpstream(`http://127.0.0.1:${String(upstream)}/fhir`)
    const port = await listen(
      nodeHandler((request) => async () => {
        const answer = await ask(request)()
        answers.push(answer)
        return Either.isRight(answer) ? answer.right : { status: 503, headers: {}, body: '' }
      })
    )
    const socket = connect(port, '127.0.0.1')
    socket.write('GET /Patient HTTP/1.1\r\nhost: a\r\n\r\n')
    await expect.poll(() => behind).toEqual(['requested'])
    socket.destroy()
    await expect.poll(() => behind).toEqual(['requested', 'closed'])
    expect(answers).toEqual([Either.left({ _tag: 'Unavailable', reason: 'the client has left' })])
  })

  it('reaches a host of the Fetch API too, and a request of a client that has left is not sent', async () => {
    const controller = new AbortController()
    let requestCount = 0
    const upstream = await listen(() => {
      requestCount += 1
    })
    const handler = webHandler((request) => async () => {
      const answer = await fhirUpstream(`http://127.0.0.1:${String(upstream)}/fhir`)(request)()
      return {
        status: Either.isLeft(answer) ? 503 : 200,
        headers: {},
        body: Either.isLeft(answer) ? answer.left.reason : ''
      }
    })
    const answering = handler(new Request('https://ehr.example/Patient', { signal: controller.signal }))
    await expect.poll(() => requestCount).toBe(1)
    controller.abort()
    expect(await (await answering).text()).toBe('the client has left')
    expect(
      await (await handler(new Request('https://ehr.example/Patient', { signal: controller.signal }))).text()
    ).toBe('the client has left')
    expect(requestCount).toBe(1)
  })

  it('is left out where the answer was sent', async () => {
    const signals: Array<AbortSignal | undefined> = []
    const port = await listen(
      nodeHandler((request) => {
        signals.push(request.signal)
        return echo(request)
      })
    )
    await exchanged(port, `GET / HTTP/1.1\r\nhost: a\r\n${closing}`)
    expect(signals.map((signal) => signal?.aborted)).toEqual([false])
  })

  it.each([
    ['in the head', 'POST / HTT'],
    ['in the body', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nabc'],
    ['before the answer', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc'],
    ['with a chunk that is none', 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n']
  ])('does no harm: %s', async (_name, request) => {
    const port = await listen(
      nodeHandler((one) => async () => {
        await new Promise((done) => {
          setTimeout(done, 50)
        })
        return echo(one)()
      })
    )
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    socket.write(request, () => {
      setTimeout(() => {
        socket.resetAndDestroy()
      }, 20)
    })
    await once(socket, 'close')
    await new Promise((done) => {
      setTimeout(done, 100)
    })
    expect(await exchanged(port, `GET / HTTP/1.1\r\nhost: a\r\n${closing}`)).toContain('GET /')
  })
})

describe('requests sent over one connection without waiting', () => {
  const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`

  it('are carried out one after the other, and answered in their order', async () => {
    const seen: Array<string> = []
    const port = await listen(
      nodeHandler((request) => async () => {
        seen.push(`begin ${request.path}`)
        await new Promise((done) => {
          setTimeout(done, 20)
        })
        seen.push(`end ${request.path}`)
        return echo(request)()
      })
    )
    const text = await exchanged(port, `${get('/1')}${get('/2')}GET /3 HTTP/1.1\r\nhost: a\r\n${closing}`)
    expect(text.match(/GET \/\d/g)).toEqual(['GET /1', 'GET /2', 'GET /3'])
    expect(seen).toEqual(['begin /1', 'end /1', 'begin /2', 'end /2', 'begin /3', 'end /3'])
  })

  it('wait for a client that does not read: one answer is made', async () => {
    let made = 0
    const port = await listen(
      nodeHandler(() => {
        made += 1
        return Task.of({ status: 200, headers: {}, body: 'x'.repeat(20_000_000) })
      })
    )
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    socket.pause()
    socket.write(get('/').repeat(20))
    await expect.poll(() => made).toBe(1)
    await new Promise((done) => {
      setTimeout(done, 200)
    })
    expect(made).toBe(1)
    socket.destroy()
  })

  it('end with their client, those that wait too', async () => {
    const signals: Array<AbortSignal | undefined> = []
    const port = await listen(
      nodeHandler(({ signal }) => () => {
        signals.push(signal)
        return new Promise<PlainResponse>(() => undefined)
      })
    )
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    socket.write(get('/1') + get('/2'))
    await expect.poll(() => signals.length).toBe(1)
    socket.destroy()
    await expect.poll(() => signals.map((signal) => signal?.aborted)).toEqual([true])
    await new Promise((done) => {
      setTimeout(done, 50)
    })
    expect(signals).toHaveLength(1)
  })

  it('learn that their client has left, where an answer before them was sent', async () => {
    const signals: Array<AbortSignal | undefined> = []
    const port = await listen(
      nodeHandler((request) => () => {
        signals.push(request.signal)
        return request.path === '/1' ? echo(request)() : new Promise<PlainResponse>(() => undefined)
      })
    )
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    socket.write(get('/1') + get('/2'))
    await expect.poll(() => signals.length).toBe(2)
    socket.destroy()
    await expect.poll(() => signals.map((signal) => signal?.aborted)).toEqual([false, true])
  })
})

describe('requests that wait on one connection', () => {
  const padding = `x-padding: ${'x'.repeat(1000)}\r\n`
  const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: a\r\n${padding}\r\n`

  /** A server that answers a request on command, and how many requests have come. */
  const stepwise = async (options: NodeHandlerOptions = {}) => {
    const waiting: Array<() => void> = []
    const handle = nodeHandler(
      (request) => async () => {
        await new Promise<void>((resolve) => {
          waiting.push(resolve)
        })
        return echo(request)()
      },
      options
    )
    const state = { come: 0, answered: 0 }
    const port = await listen((message, response) => {
      state.come += 1
      handle(message, response)
    })
    const answerNext = async (): Promise<void> => {
      while (waiting.length === 0)
        await new Promise((done) => {
          setImmediate(done)
        })
      waiting.shift()?.()
      state.answered += 1
    }
    return { port, state, answerNext }
  }
  const quiet = (): Promise<void> =>
    new Promise((done) => {
      setTimeout(done, 100)
    })

  it('are not read without end, however many were answered before', async () => {
    const { port, state, answerNext } = await stepwise()
    const socket = connect(port, '127.0.0.1')
      .on('error', () => undefined)
      .resume()
    socket.write(Array.from({ length: 20_000 }, (_, place) => get(`/${String(place)}`)).join(''))
    await quiet()
    const most: Array<number> = [state.come - state.answered]
    for (let count = 0; count < 300; count++) {
      await answerNext()
      if (count % 30 === 0) await quiet()
      most.push(state.come - state.answered)
    }
    // What one reading of the socket brings comes on top, with about a kilobyte for each request.
    expect(Math.max(...most)).toBeLessThan(100 + 2 * 65)
    socket.destroy()
  })

  it('are all answered, in their order, those with bodies too', async () => {
    const { port, answerNext } = await stepwise({ waitingRequests: 3 })
    const post = (path: string): string =>
      `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: 40000\r\n\r\n${'x'.repeat(40_000)}`
    const requests = Array.from({ length: 300 }, (_, place) => (place % 10 === 0 ? post : get)(`/${String(place)}`))
    const text = exchanged(port, `${requests.join('')}GET /300 HTTP/1.1\r\nhost: a\r\n${closing}`)
    for (let count = 0; count <= 300; count++) await answerNext()
    expect((await text).match(/(?:GET|POST) \/\d+/g)?.map((line) => line.replace(/.*\//, ''))).toEqual(
      Array.from({ length: 301 }, (_, place) => String(place))
    )
  })

  it('are too many for all connections together where the one on which most wait is closed', async () => {
    const { port, state } = await stepwise({ waitingRequestsInAll: 10 })
    const open = async (requests: number): Promise<Socket> => {
      const before = state.come
      const socket = connect(port, '127.0.0.1')
        .on('error', () => undefined)
        .resume()
      socket.write(get('/').repeat(requests))
      await expect.poll(() => state.come).toBe(before + requests)
      return socket
    }
    const [single, few, many] = [await open(1), await open(4), await open(8)]
    await quiet()
    expect([single, few, many].map(({ destroyed }) => destroyed)).toEqual([false, false, false])
    const last = await open(2)
    await expect.poll(() => many.destroyed).toBe(true)
    expect([single, few, last].map(({ destroyed }) => destroyed)).toEqual([false, false, false])
  })
})

describe('answers that are not taken', () => {
  it('are bounded by a setting', async () => {
    const port = await listen(
      nodeHandler(() => Task.of({ status: 200, headers: {}, body: 'x'.repeat(8_000_000) }), {
        unsentAnswersBytes: 15_000_000
      })
    )
    const open = async (): Promise<Socket> => {
      const socket = connect(port, '127.0.0.1')
        .on('error', () => undefined)
        .pause()
      socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
      await new Promise((done) => {
        setTimeout(done, 200)
      })
      return socket
    }
    const [first, second] = [await open(), await open()]
    const lengthOf = async (socket: Socket): Promise<number> => {
      let length = 0
      socket
        .on('data', (chunk: Buffer) => {
          length += chunk.length
        })
        .resume()
      await Promise.race([
        once(socket, 'close'),
        new Promise((done) => {
          setTimeout(done, 1000)
        })
      ])
      return length
    }
    expect(await lengthOf(first)).toBeLessThan(8_000_000)
    expect(await lengthOf(second)).toBeGreaterThan(8_000_000)
    for (const socket of [first, second]) socket.destroy()
  })
})

describe('an answer that cannot be sent', () => {
  it('is a defect that is reported to the host, and a 500 for the client, even if the report throws', async () => {
    const defects: Array<unknown> = []
    const onDefect = (defect: unknown): void => {
      defects.push(defect)
      throw new Error('no log')
    }
    const wrong = (): Task.Task<PlainResponse> => Task.of({ status: 200, headers: { 'x-name': 'a\r\nb' }, body: '' })
    const port = await listen(nodeHandler(wrong, { onDefect }))
    expect(await exchanged(port, `GET / HTTP/1.1\r\nhost: a\r\n${closing}`)).toContain('HTTP/1.1 500')
    expect((await webHandler(wrong, { onDefect })(new Request('https://ehr.example/'))).status).toBe(500)
    expect(defects).toHaveLength(2)
  })
})

describe('an expectation', () => {
  it.each([
    ['100-continue', /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/],
    ['much', /^HTTP\/1\.1 417 /]
  ])('is met as Node does: %s', async (expected, answer) => {
    const port = await listen(nodeHandler(echo))
    expect(
      await exchanged(port, `POST / HTTP/1.1\r\nhost: a\r\nexpect: ${expected}\r\ncontent-length: 3\r\n${closing}a=b`)
    ).toMatch(answer)
  })
})
