/** What people try first with a framework either works, or says at once what to do instead. */
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import { connect, createServer as createHttp2Server } from 'node:http2'
import { text } from 'node:stream/consumers'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import fastifyFormbody from '@fastify/formbody'
import { bodyParser } from '@koa/bodyparser'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import koaMount from 'koa-mount'
import * as Task from 'fp-ts/lib/Task.js'
import type { MockInstance } from 'vitest'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nodeHandler } from '../../src/adapters/node.js'
import { keepRawBody, smartExpress } from '../../src/hosts/express.js'
import { smartFastify } from '../../src/hosts/fastify.js'
import { smartFetch } from '../../src/hosts/fetch.js'
import { smartHono } from '../../src/hosts/hono.js'
import type { SmartHost } from '../../src/host/smart-host.js'
import { smartKoa } from '../../src/hosts/koa.js'
import { smartNext } from '../../src/hosts/next.js'
import { echoHost } from './echo-host.js'
import type { Embedding, Served } from './frameworks.js'
import { frameworks } from './frameworks.js'
import type { Came, Sent } from './transport.js'
import { sendTo } from './transport.js'

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const toToken: Sent = { method: 'POST', target: '/token?q=1', headers: form, body: 'a=b&a=%63+d' }
const asSent = 'POST /token [q=1] [a=b&a=%63+d]'

let written: MockInstance<typeof console.error>
beforeEach(() => {
  written = vi.spyOn(console, 'error').mockImplementation(() => undefined)
})
afterEach(() => {
  written.mockRestore()
})
const onConsole = (): string => written.mock.calls.map((call) => call.map(String).join(' ')).join('\n')

const overServer = async (server: Server, ...requests: ReadonlyArray<Sent>): Promise<ReadonlyArray<Came>> => {
  if (!server.listening) await once(server, 'listening')
  const served: Served = { port: (server.address() as AddressInfo).port, handle: null, close: () => Promise.resolve() }
  const came: Array<Came> = []
  for (const one of requests) came.push(await sendTo(served, one))
  server.closeAllConnections()
  server.close()
  return came
}

const overExpress = (app: express.Express, ...requests: ReadonlyArray<Sent>): Promise<ReadonlyArray<Came>> =>
  overServer(app.listen(0, '127.0.0.1'), ...requests)

const overKoa = (middleware: ReadonlyArray<Koa.Middleware>, request: Sent): Promise<ReadonlyArray<Came>> => {
  const app = new Koa()
  for (const one of middleware) app.use(one)
  return overServer(app.listen(0, '127.0.0.1'), request)
}

const bodies = (came: ReadonlyArray<Came>): ReadonlyArray<string> => came.map(({ body }) => body)

describe.each(Object.entries(frameworks))('%s', (name, serve) => {
  const over = async (how: Embedding, host: SmartHost<never>, ...requests: ReadonlyArray<Sent>) => {
    const served = await serve(() => host as never, how)
    const came: Array<Came> = []
    for (const one of requests) came.push(await sendTo(served, one))
    await served.close()
    return came
  }

  it.each<Embedding>([
    { mount: '', parsers: false },
    { mount: '', parsers: true },
    { mount: '/a/b', parsers: false },
    { mount: '/a/b', parsers: true }
  ])('gives the host its requests as they were sent: %j', async (how) => {
    const target = (path: string): string => `${how.mount}${path}`
    expect(
      bodies(
        await over(
          how,
          echoHost(how.mount),
          { ...toToken, target: target('/token?q=1') },
          { target: target('/fhir/Patient/1') },
          {
            method: 'PUT',
            target: target('/fhir/%C3%A9%2F'),
            headers: { 'content-type': 'application/fhir+json' },
            body: '{}'
          }
        )
      )
    ).toEqual([
      `POST ${target('/token')} [q=1] [a=b&a=%63+d]`,
      `GET ${target('/fhir/Patient/1')} [] []`,
      `PUT ${target('/fhir/%C3%A9%2F')} [] [{}]`
    ])
    expect(onConsole()).toBe('')
  })

  it('leaves all other addresses to the site', async () => {
    const [page, found] = await over(
      { mount: '', parsers: false },
      echoHost(),
      { target: '/about' },
      { target: '/token' }
    )
    expect([page?.status, found?.status]).toEqual([/nest|^next$/i.test(name) ? 404 : 200, 200])
    expect(found?.headers['set-cookie']).toEqual(['a=1', 'b=2'])
  })

  it.each(['/fhir/%zz', '/fhir//x', '/fhir/x/', '/fhir/X?a=%zz&a=[b]', '/fhir/a;b=c'])(
    'does not change %s',
    async (target) => {
      const [came] = await over({ mount: '', parsers: false }, echoHost(), { target })
      const [path = '', query = ''] = target.split('?')
      // Fastify refuses such a path before any hook is called, and Nest before the middleware of any module.
      const isRefused = target === '/fhir/%zz' && /fastify|module of nest/i.test(name)
      if (isRefused) expect(came?.status).toBe(400)
      else expect(came?.body).toBe(`GET ${path} [${query}] []`)
    }
  )

  it.each([
    ['a body over the limit', { body: `a=${'x'.repeat(64)}` }, 413],
    ['a body that is no UTF-8', { body: Buffer.from([0x61, 0x3d, 0xff]) }, 400],
    ['a compressed body', { headers: { ...form, 'content-encoding': 'gzip' }, body: gzipSync('a=b') }, 415]
  ])('refuses %s, with and without parsers before it', async (_what, change, status) => {
    const answers = await Promise.all(
      [false, true].map((parsers) => over({ mount: '', parsers }, echoHost(), { ...toToken, ...change }))
    )
    expect(answers.flat().map((one) => one.status)).toEqual([status, status])
  })
})

describe('a call without options', () => {
  it.each([
    ['smartExpress', smartExpress],
    ['smartKoa', smartKoa],
    ['smartFetch', smartFetch],
    ['smartNext', smartNext],
    ['smartHono', smartHono]
  ])('names the options that are missing: %s', (_name, make) => {
    expect(() => (make as (options: unknown) => unknown)(undefined)).toThrow(
      /wrong options:[^]*issuer: expected a text/
    )
  })

  it('says how a plugin for Fastify is registered, which takes a host, too', async () => {
    const called = smartFastify(echoHost() as never, undefined as never)
    await expect(called).rejects.toThrow('app.register(smartFastify, options)')
    const app = Fastify()
    await app.register(smartFastify, echoHost())
    expect((await app.inject({ method: 'GET', url: '/fhir/Patient/1' })).body).toBe('GET /fhir/Patient/1 [] []')
  })
})

describe('Express', () => {
  it('says on the console that the mount path is wrong', async () => {
    const app = express().use('/oauth', smartExpress(echoHost()))
    const came = await overExpress(app, { target: '/oauth/token' }, { target: '/oauth/token' })
    expect(came.map(({ status }) => status)).toEqual([404, 404])
    expect(onConsole()).toMatch(
      /^smart-app-launch: smartExpress: it is mounted at \/oauth, .* app\.use\(smartExpress\(options\)\)/
    )
    expect(written).toHaveBeenCalledTimes(1)
  })

  it('says in the answer and on the console that a parser took the body', async () => {
    const app = express().use(express.urlencoded(), smartExpress(echoHost()))
    const [came] = await overExpress(app, toToken)
    expect([came?.status, came?.body]).toEqual([500, expect.stringContaining('must come before all body parsers')])
    expect(onConsole()).toContain('app.use(express.urlencoded({ verify: keepRawBody }))')
  })

  it.each([
    ['keepRawBody', express.urlencoded({ verify: keepRawBody })],
    ['express.raw', express.raw({ type: '*/*' })],
    ['express.text', express.text({ type: '*/*' })]
  ])('uses the body that %s kept', async (_what, parser) => {
    expect(bodies(await overExpress(express().use(parser, smartExpress(echoHost())), toToken))).toEqual([asSent])
  })

  it('is no longer silent where the older handler meets a parser', async () => {
    const answer = (): Task.Task<never> => Task.of({ status: 200, headers: {}, body: '' } as never)
    const [came] = await overExpress(express().use(express.urlencoded(), nodeHandler(answer)), toToken)
    expect([came?.status, came?.body]).toEqual([500, expect.stringContaining('must come before all body parsers')])
    expect(onConsole()).toContain('its bytes were not kept')
  })

  it('names all that is missing', () => {
    expect(() => smartExpress({} as never)).toThrow(/issuer[^]*store[^]*clients|store[^]*clients[^]*issuer/)
  })
})

describe('Fastify', () => {
  it.each([true, false])('needs neither hijack nor a parser for forms: %s', async (hasParser) => {
    const app = Fastify()
    if (hasParser) await app.register(fastifyFormbody)
    await app.register(smartFastify, { host: echoHost() })
    await app.listen({ port: 0, host: '127.0.0.1' })
    expect(bodies(await overServer(app.server, toToken))).toEqual([asSent])
  })

  it('lets hooks of the application set header fields and save sessions', async () => {
    const app = Fastify()
    app.addHook('onSend', async (_request, reply) => {
      reply.header('x-session', 'saved')
      return Promise.resolve()
    })
    await app.register(smartFastify, { host: echoHost() })
    await app.listen({ port: 0, host: '127.0.0.1' })
    expect((await overServer(app.server, toToken))[0]?.headers['x-session']).toEqual(['saved'])
  })

  it('does not start with a prefix below which the addresses do not lie', async () => {
    const app = Fastify()
    void app.register(smartFastify, { host: echoHost(), prefix: '/oauth' })
    await expect(app.ready()).rejects.toThrow(/mounted at \/oauth.*Register it without a prefix/)
  })

  it('does not start inside a plugin with a prefix', async () => {
    const app = Fastify()
    void app.register(
      async (inner) => {
        await inner.register(smartFastify, { host: echoHost('/a') })
      },
      { prefix: '/a' }
    )
    await expect(app.ready()).rejects.toThrow(/Register it on the application itself/)
  })
})

describe('Koa', () => {
  it('needs no ctx.respond, and middleware before it still sets its cookie', async () => {
    const rolling: Koa.Middleware = async (ctx, next) => {
      await next()
      ctx.cookies.set('session', 'rolled')
    }
    const [came] = await overKoa([rolling, smartKoa(echoHost())], toToken)
    expect([came?.status, came?.body, came?.headers['set-cookie']]).toEqual([
      200,
      asSent,
      ['a=1', 'b=2', 'session=rolled; path=/; httponly']
    ])
  })

  it('uses the body that @koa/bodyparser kept, and refuses one that was not kept', async () => {
    expect(bodies(await overKoa([bodyParser(), smartKoa(echoHost())], toToken))).toEqual([asSent])
    const reading: Koa.Middleware = async (ctx, next) => {
      await text(ctx.req)
      await next()
    }
    const [came] = await overKoa([reading, smartKoa(echoHost())], toToken)
    expect([came?.status, onConsole()]).toEqual([500, expect.stringContaining('ctx.request.rawBody')])
  })

  it('says on the console that the mount path is wrong', async () => {
    const [came] = await overKoa([koaMount('/oauth', smartKoa(echoHost())) as Koa.Middleware], {
      target: '/oauth/token'
    })
    expect([came?.status, onConsole()]).toEqual([404, expect.stringMatching(/smartKoa: it is mounted at \/oauth/)])
  })
})

describe('Hono', () => {
  const overHono = async (app: Hono, one: Sent): Promise<Came> =>
    sendTo({ port: null, handle: async (request) => app.fetch(request), close: () => Promise.resolve() }, one)

  it('says on the console that the route is wrong', async () => {
    const [oauth, app] = [new Hono(), new Hono()]
    oauth.use(smartHono(echoHost()))
    app.route('/oauth', oauth)
    expect((await overHono(app, { target: '/oauth/token' })).status).toBe(404)
    expect(onConsole()).toMatch(/smartHono: it is mounted at \/oauth.*app\.use\(smartHono\(options\)\)/)
  })

  it('refuses a body that was read behind the back of Hono', async () => {
    const app = new Hono()
    app.use(async (c, next) => {
      await c.req.raw.text()
      await next()
    })
    app.use(smartHono(echoHost()))
    const came = await overHono(app, toToken)
    expect([came.status, onConsole()]).toEqual([500, expect.stringContaining('c.req.parseBody()')])
  })
})

describe('Fetch and Next.js', () => {
  const read = async (): Promise<Request> => {
    const request = new Request('https://ehr.example/token', { method: 'POST', body: 'a=b' })
    await request.text()
    return request
  }

  it('refuse a body that was read, and say what to do', async () => {
    const answers = [await smartFetch(echoHost())(await read()), await smartNext(echoHost()).POST(await read())]
    expect(answers.map((one) => one?.status)).toEqual([500, 500])
    expect(onConsole()).toContain('request.clone()')
  })

  it('leave what is not theirs', async () => {
    const request = new Request('https://ehr.example/about')
    expect(await smartFetch(echoHost())(request)).toBeNull()
    expect((await smartNext(echoHost()).GET(request)).status).toBe(404)
  })

  it('give a worker its environment', async () => {
    const owns: Array<unknown> = []
    const host: SmartHost<{ readonly env: string }> = {
      ...echoHost(),
      answer: (_request, own) => {
        owns.push(own)
        return Promise.reject(new Error('stop'))
      }
    }
    await smartFetch(host)(new Request('https://ehr.example/token'), { env: 'x' })
    expect(owns).toEqual([{ env: 'x' }])
  })
})

describe('Node', () => {
  it('does not take a body from which others have read a part', async () => {
    const { smartNode } = await import('../../src/hosts/node.js')
    const smart = smartNode(echoHost())
    const server = createServer((message, target) => {
      message.once('data', () => {
        smart(message, target)
      })
    }).listen(0, '127.0.0.1')
    expect((await overServer(server, toToken))[0]?.status).toBe(500)
  })
})

describe('HTTP/2', () => {
  it('needs no length of a body', async () => {
    const { smartNode } = await import('../../src/hosts/node.js')
    const smart = smartNode(echoHost())
    const server = createHttp2Server((message, target) => {
      smart(message as never, target as never)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = connect(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`)
    const posted = client.request({ ':method': 'POST', ':path': '/token?q=1', ...form })
    posted.end('a=b&a=%63+d')
    expect(await text(posted)).toBe(asSent)
    expect(await text(client.request({ ':path': '/token' }))).toBe('GET /token [] []')
    client.close()
    server.close()
  })
})

describe('from JavaScript', () => {
  it('subsumes in `if`, and scope functions with texts', async () => {
    const { parse, subsumes } = await import('../../src/plain/scopes.js')
    expect([subsumes('patient/*.r', 'patient/*.rs'), subsumes('patient/*.rs', 'patient/Patient.r')]).toEqual([
      false,
      true
    ])
    expect(subsumes(parse('patient/*.rs'), 'patient/Patient.r')).toBe(true)
    expect(() => subsumes(undefined as never, 'openid')).toThrow(/subsumes: the argument `\w+` must be scopes/)
  })
})
