/** The host as a module of NestJS, beside what applications of Nest usually have. */
import 'reflect-metadata'
import type { IncomingMessage } from 'node:http'
import type { INestApplication, MiddlewareConsumer, NestApplicationOptions } from '@nestjs/common'
import { Controller, Get, Inject, Injectable, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { sendTo } from './transport.js'
import { worldHost } from './world.js'
import { SmartModule, smartHostToken } from '../../src/hosts/nest.js'
import type { SmartHost } from '../../src/hosts/nest.js'

type Message = IncomingMessage & { readonly session?: string }

const apps: Array<INestApplication> = []
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()))
  vi.restoreAllMocks()
})

const started = async (
  root: new () => object,
  over: 'Express' | 'Fastify',
  options: { readonly rawBody?: boolean } = {},
  prepare: (app: INestApplication) => void = () => undefined
) => {
  const all = Object.assign(Object.create(null), { logger: false, rawBody: true, ...options }) as NestApplicationOptions
  const app = await (over === 'Express'
    ? NestFactory.create(root, all)
    : NestFactory.create(root, new FastifyAdapter(), all))
  apps.push(app)
  prepare(app)
  await app.listen(0, '127.0.0.1')
  const server = app.getHttpServer() as { address: () => { readonly port: number } }
  return { app, served: { port: server.address().port, handle: null, close: () => app.close() } }
}

/** A controller with one page. */
const pageAt = (path: string, text: string): new () => object => {
  class PageController {
    page(): string {
      return text
    }
  }
  Controller(path)(PageController)
  Get()(PageController.prototype, 'page', Object.getOwnPropertyDescriptor(PageController.prototype, 'page') ?? {})
  return PageController
}

const rootModule = (metadata: Parameters<typeof Module>[0], configure?: (consumer: MiddlewareConsumer) => void) => {
  class RootModule {
    configure(consumer: MiddlewareConsumer): void {
      configure?.(consumer)
    }
  }
  Module(metadata)(RootModule)
  return RootModule
}

const userOf = ({ session = '' }: Message): string => session

const configuration = { target: '/fhir/.well-known/smart-configuration' }
const tokenRequest = {
  method: 'POST',
  target: '/token',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: 'grant_type=authorization_code'
}

describe.each(['Express', 'Fastify'] as const)('SmartModule over %s', (over) => {
  it('leaves the controllers of the application as they are', async () => {
    const { served } = await started(
      rootModule({
        imports: [SmartModule.forRoot(worldHost(userOf, { path: '' }))],
        controllers: [pageAt('page', 'own')]
      }),
      over
    )
    expect((await sendTo(served, configuration)).status).toBe(200)
    expect((await sendTo(served, { target: '/page' })).body).toBe('own')
    expect((await sendTo(served, { target: '/nothing' })).status).toBe(404)
    expect((await sendTo(served, tokenRequest)).body).toContain('"error":"invalid_')
  })

  it('comes before a controller that takes every address', async () => {
    const { served } = await started(
      rootModule({
        imports: [SmartModule.forRoot(worldHost(userOf, { path: '' }))],
        controllers: [pageAt(over === 'Express' ? '{*path}' : '*', 'all')]
      }),
      over
    )
    expect((await sendTo(served, configuration)).headers['content-type']).toEqual(['application/json'])
    expect((await sendTo(served, { target: '/nothing' })).body).toBe('all')
  })

  it('serves addresses outside of a global prefix', async () => {
    const { served } = await started(
      rootModule({
        imports: [SmartModule.forRoot(worldHost(userOf, { path: '' }))],
        controllers: [pageAt('page', 'own')]
      }),
      over,
      {},
      (app) => {
        app.setGlobalPrefix('api')
      }
    )
    expect((await sendTo(served, configuration)).status).toBe(200)
    expect((await sendTo(served, tokenRequest)).body).toContain('"error":"invalid_')
    expect((await sendTo(served, { target: '/api/page' })).body).toBe('own')
  })

  it('comes after middleware of the session, in main.ts and in the root module', async () => {
    const session = (message: object, _target: unknown, next: () => void): void => {
      Object.assign(message, { session: 'session=alice' })
      next()
    }
    const imports = () => [SmartModule.forRoot(worldHost(userOf, { path: '' }))]
    const inMain = await started(rootModule({ imports: imports() }), over, {}, (app) => app.use(session))
    const inModule = await started(
      rootModule({ imports: imports() }, (consumer) => {
        consumer.apply(session).forRoutes('{*path}')
      }),
      over
    )
    for (const { served } of [inMain, inModule]) {
      const { status, body } = await sendTo(served, { target: '/apps' })
      expect([status, body]).toEqual([200, expect.stringContaining('alice')])
    }
  })

  it('makes the host from services of the application, and injects it', async () => {
    class Session {
      readonly user = 'session=alice'
    }
    Injectable()(Session)
    const services = rootModule({ providers: [Session], exports: [Session] })
    class Launcher {
      readonly host: SmartHost<Message>
      constructor(host: SmartHost<Message>) {
        this.host = host
      }
    }
    Injectable()(Launcher)
    Inject(smartHostToken)(Launcher, undefined, 0)
    const smart = SmartModule.forRootAsync({
      imports: [services],
      inject: [Session],
      useFactory: async ({ user }: Session) => Promise.resolve(worldHost((_own: Message) => user, { path: '' }))
    })
    const { app, served } = await started(rootModule({ imports: [smart], providers: [Launcher] }), over)
    expect((await sendTo(served, { target: '/apps' })).body).toContain('alice')
    const launch = { clientId: 'sym-app', context: { patient: 'a' }, launchedBy: 'alice' }
    expect(await app.get(Launcher).host.launchUrl(launch)).toContain('https://app.example/launch?')
  })
})

describe('SmartModule', () => {
  it('says how the bytes of a body are kept', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const root = rootModule({ imports: [SmartModule.forRoot(worldHost(userOf, { path: '' }))] })
    const { served } = await started(root, 'Express', { rawBody: false })
    expect((await sendTo(served, tokenRequest)).status).toBe(500)
    expect(String(log.mock.calls[0]?.[1])).toContain('NestFactory.create(AppModule, { rawBody: true })')
  })

  it('says what to import when it has no options', () => {
    expect(() => new SmartModule()).toThrow('Import SmartModule.forRoot(options)')
  })

  it('names wrong options where it is imported', () => {
    expect(() => SmartModule.forRoot({ issuer: 'https://ehr.example' } as never)).toThrow(/signIn/)
  })

  it('has an application of its own each time', async () => {
    const root = rootModule({
      imports: [
        SmartModule.forRootAsync({ useFactory: () => worldHost((_own: Message) => 'session=alice', { path: '' }) })
      ]
    })
    const [one, other] = [await started(root, 'Express'), await started(root, 'Express')]
    expect(one.app.get<object>(smartHostToken)).not.toBe(other.app.get<object>(smartHostToken))
  })
})
