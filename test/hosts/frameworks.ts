/** The real frameworks, each with the host mounted as its users would, and with body parsers before it or not. */
import 'reflect-metadata'
import { once } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve as serveHono } from '@hono/node-server'
import fastifyFormbody from '@fastify/formbody'
import { bodyParser } from '@koa/bodyparser'
import type { INestApplication, MiddlewareConsumer, ModuleMetadata, NestApplicationOptions } from '@nestjs/common'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import express from 'express'
import type { FastifyRequest } from 'fastify'
import Fastify from 'fastify'
import type { Context } from 'hono'
import { Hono } from 'hono'
import Koa from 'koa'
import koaMount from 'koa-mount'
import { keepRawBody, smartExpress } from '../../src/hosts/express.js'
import { smartFastify } from '../../src/hosts/fastify.js'
import { smartFetch } from '../../src/hosts/fetch.js'
import { smartHono } from '../../src/hosts/hono.js'
import type { SmartHost } from '../../src/host/smart-host.js'
import { smartKoa } from '../../src/hosts/koa.js'
import { SmartModule, smartNest } from '../../src/hosts/nest.js'
import { smartNext } from '../../src/hosts/next.js'
import { smartNode } from '../../src/hosts/node.js'

/** A process that serves: it takes requests over Node's `http`, or as a function. */
export interface Served {
  readonly port: number | null
  readonly handle: ((request: Request) => Promise<Response>) | null
  readonly close: () => Promise<void>
}

/** How the host is embedded. */
export interface Embedding {
  /** The path at which the framework mounts it; empty for none. */
  readonly mount: string
  /** Whether body parsers, which keep the bytes where the framework needs that, run before it. */
  readonly parsers: boolean
}

/** The header fields of a framework's own request. */
export type CookieOf<R> = (own: R) => string

/** Makes the host: `cookieOf` reads the field `cookie` of the framework's own request. */
export type MakeHost = <R>(cookieOf: CookieOf<R>) => SmartHost<R>

const listening = async (server: Server): Promise<Served> => {
  if (!server.listening) await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    handle: null,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}

const cookieOfMessage = ({ headers }: IncomingMessage): string => headers.cookie ?? ''

/** The page of the site behind the host. */
const site = 'the site'

const parsed = ['application/json', 'application/fhir+json']

const nest = async (
  app: INestApplication,
  host: SmartHost<IncomingMessage>,
  { mount }: Embedding
): Promise<INestApplication> => {
  if (mount === '') app.use(smartNest(host))
  else app.use(mount, smartNest(host))
  return Promise.resolve(app)
}

/** The root module of an application of Nest. */
const moduleWith = (
  configure: (consumer: MiddlewareConsumer) => void,
  imports: NonNullable<ModuleMetadata['imports']> = []
): new () => object => {
  class SiteModule {
    configure(consumer: MiddlewareConsumer): void {
      configure(consumer)
    }
  }
  Module({ imports })(SiteModule)
  return SiteModule
}

const nothing = (): void => undefined

const optionsOfNest = ({ parsers }: Embedding): NestApplicationOptions =>
  Object.assign(Object.create(null), { logger: false, rawBody: parsers }) as NestApplicationOptions

/** An application whose root module imports the host. A global prefix stands for a mount path. */
const smartModuleApp = async (
  host: SmartHost<IncomingMessage>,
  { mount }: Embedding,
  adapter?: FastifyAdapter
): Promise<INestApplication> => {
  const site = moduleWith(nothing, [SmartModule.forRoot(host)])
  const options = optionsOfNest({ mount, parsers: true })
  const app = await (adapter === undefined
    ? NestFactory.create(site, options)
    : NestFactory.create(site, adapter, options))
  if (mount !== '') app.setGlobalPrefix(mount)
  return app
}

const serveNest = async (app: INestApplication): Promise<Served> => {
  await app.listen(0, '127.0.0.1')
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo
  return { port, handle: null, close: () => app.close() }
}

export const frameworks: Readonly<Record<string, (make: MakeHost, how: Embedding) => Promise<Served>>> = {
  node: (make) => {
    const smart = smartNode(make(cookieOfMessage))
    return listening(
      createServer((message, target) => {
        smart(message, target, () => target.end(site))
      }).listen(0, '127.0.0.1')
    )
  },
  express: (make, { mount, parsers }) => {
    const app = express()
    if (parsers) {
      app.use(express.urlencoded({ verify: keepRawBody }), express.json({ verify: keepRawBody, type: parsed }))
    }
    const smart = smartExpress(make((request: express.Request) => request.get('cookie') ?? ''))
    if (mount === '') app.use(smart)
    else app.use(mount, smart)
    app.use((_request, response) => {
      response.send(site)
    })
    return listening(app.listen(0, '127.0.0.1'))
  },
  fastify: async (make, { mount, parsers }) => {
    const app = Fastify()
    if (parsers) await app.register(fastifyFormbody)
    await app.register(smartFastify, {
      host: make((request: FastifyRequest) => request.headers.cookie ?? ''),
      ...(mount === '' ? {} : { prefix: mount })
    })
    app.all('/*', async () => Promise.resolve(site))
    await app.listen({ port: 0, host: '127.0.0.1' })
    return { port: (app.server.address() as AddressInfo).port, handle: null, close: () => app.close() }
  },
  koa: (make, { mount, parsers }) => {
    const app = new Koa()
    if (parsers) app.use(bodyParser())
    const smart = smartKoa(make((context: Koa.Context) => context.get('cookie')))
    app.use(mount === '' ? smart : koaMount(mount, smart))
    app.use((context) => {
      context.body = site
    })
    return listening(app.listen(0, '127.0.0.1'))
  },
  'hono on Node': async (make, how) => {
    const server = serveHono({ fetch: honoApp(make, how).fetch, port: 0, hostname: '127.0.0.1' })
    return listening(server as Server)
  },
  'hono by fetch': async (make, how) => {
    const app = honoApp(make, how)
    return Promise.resolve({
      port: null,
      handle: async (request) => app.fetch(request),
      close: () => Promise.resolve()
    })
  },
  'nest over Express': async (make, how) => {
    const host = make(cookieOfMessage)
    if (!how.parsers) {
      return serveNest(await nest(await NestFactory.create(moduleWith(nothing), optionsOfNest(how)), host, how))
    }
    const parsedModule = moduleWith((consumer) => {
      consumer.apply(smartNest(host)).forRoutes('{*any}')
    })
    return serveNest(await NestFactory.create(parsedModule, optionsOfNest(how)))
  },
  'nest over Fastify': async (make, how) => {
    const app = await NestFactory.create(moduleWith(nothing), new FastifyAdapter(), optionsOfNest(how))
    return serveNest(await nest(app, make(cookieOfMessage), how))
  },
  'module of Nest over Express': async (make, how) => serveNest(await smartModuleApp(make(cookieOfMessage), how)),
  'module of Nest over Fastify': async (make, how) =>
    serveNest(await smartModuleApp(make(cookieOfMessage), how, new FastifyAdapter())),
  next: (make, { mount }) => {
    const handlers = smartNext(make((request: Request) => request.headers.get('cookie') ?? ''))
    return Promise.resolve({
      port: null,
      handle: async (request) =>
        handlers[request.method as keyof typeof handlers](Object.assign(request, { nextUrl: { basePath: mount } })),
      close: () => Promise.resolve()
    })
  },
  fetch: (make) => {
    const smart = smartFetch(make((request: Request) => request.headers.get('cookie') ?? ''))
    return Promise.resolve({
      port: null,
      handle: async (request) => (await smart(request)) ?? new Response(site),
      close: () => Promise.resolve()
    })
  }
}

function honoApp(make: MakeHost, { mount, parsers }: Embedding): Hono {
  const app = new Hono()
  if (parsers) {
    app.use(async (c, next) => {
      await (c.req.header('content-type')?.includes('form') === true ? c.req.parseBody() : c.req.text())
      await next()
    })
  }
  const smart = smartHono(make((c: Context) => c.req.header('cookie') ?? ''))
  app.use(mount === '' ? '*' : `${mount}/*`, smart)
  app.all('*', (c) => c.text(site))
  return app
}
