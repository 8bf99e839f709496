/**
 * The host as a module of NestJS.
 *
 * @module
 */
import type { ConnectMessage, ConnectMiddleware, HostProcessOptions } from './connect.js'
import { connectMiddleware } from './connect.js'
import type { HostOrOptions } from './hosted.js'
import { hostFrom } from './hosted.js'
import type { SmartHost } from '../host/smart-host.js'
import type { Awaitable } from '../plain/result.js'

/** The token under which Nest injects the host: `@Inject(smartHostToken) host: SmartHost<Request>`. */
export const smartHostToken: symbol = /* @__PURE__ */ Symbol.for('smart-app-launch host')

/** The part of a consumer of middleware in Nest that the module uses. */
export interface NestConsumer {
  /** Takes middleware. */
  apply(middleware: ConnectMiddleware<never>): {
    /** Mounts it for paths. */
    forRoutes(path: string): unknown
  }
}

/** The part of an adapter of Nest that the module uses. */
interface NestAdapter {
  use(middleware: ConnectMiddleware<never>): unknown
}

/** A host that a factory makes from services of the application. */
export interface SmartModuleFactory<Import, Token> {
  /** The modules of the services. */
  readonly imports?: Array<Import>
  /** The services that `useFactory` gets, in its order. */
  readonly inject?: Array<Token>
  /** Makes the options of the host, or the host. Functions of the options state the type of the request themselves. */
  readonly useFactory: (...services: Array<never>) => Awaitable<HostOrOptions<never>>
}

/** A module with options of its own, as Nest takes it in `imports`. */
export interface SmartDynamicModule<Import = never, Token = never> {
  readonly module: typeof SmartModule
  imports?: Array<Import>
  providers: Array<
    | { provide: symbol; useValue: unknown }
    | {
        provide: symbol
        /** Makes the value from the services of `inject`. */
        useFactory: (...services: Array<never>) => unknown
        inject: Array<Token>
      }
  >
  exports: Array<symbol>
}

const texts = {
  name: 'SmartModule',
  howToMount: 'Its addresses follow from issuer and fhirBaseUrl.',
  howToKeep: 'Keep the bytes: NestFactory.create(AppModule, { rawBody: true }).'
}

/** The host with the options of its process, which the module gets. */
export interface SmartModuleProvided {
  readonly host: SmartHost<never>
  readonly options: HostProcessOptions
}

const providedToken: symbol = /* @__PURE__ */ Symbol.for('smart-app-launch host of SmartModule')

/** Says what `@Inject` would say. Nest itself needs `reflect-metadata`, so it is there. */
const injectProvided = (module: object): void => {
  const { defineMetadata } = Reflect as { readonly defineMetadata?: (...what: ReadonlyArray<unknown>) => void }
  if (defineMetadata === undefined)
    throw new Error("SmartModule: import 'reflect-metadata' and @nestjs/common before it is used")
  defineMetadata('self:paramtypes', [{ index: 0, param: providedToken }], module)
}

const hostOfProvided = {
  provide: smartHostToken,
  useFactory: ({ host }: SmartModuleProvided): SmartHost<never> => host,
  inject: [providedToken]
}

/**
 * The host as a module of Nest, over Express and over Fastify. Over Express, Nest parses bodies before the middleware
 * of modules, so the application keeps the bytes: `NestFactory.create(AppModule, { rawBody: true })`.
 *
 * Middleware of the session comes before it if `main.ts` calls `app.use`, or if the root module applies it. A global
 * prefix of the application does not move the addresses of the host.
 *
 * @example
 * ```ts
 * import 'reflect-metadata'
 * import { Module } from '@nestjs/common'
 * import { NestFactory } from '@nestjs/core'
 * import type { Request } from 'express'
 * import { SmartModule } from 'smart-app-launch/hosts/nest'
 * import { createMemoryStore } from 'smart-app-launch/adapters/memory'
 *
 * class AppModule {}
 * Module({
 *   imports: [
 *     SmartModule.forRoot({
 *       issuer: 'http://127.0.0.1:4000',
 *       fhirBaseUrl: 'http://127.0.0.1:4000/fhir',
 *       store: createMemoryStore(),
 *       clients: [],
 *       permittedScopes: (_user, _client, requested) => requested,
 *       user: (_request: Request) => null,
 *       signIn: '/sign-in'
 *     })
 *   ]
 * })(AppModule)
 *
 * export const app = await NestFactory.create(AppModule, { logger: false, rawBody: true })
 * ```
 */
export class SmartModule {
  private readonly middleware: ConnectMiddleware<never>
  private adapter: NestAdapter | null = null

  constructor(provided?: SmartModuleProvided) {
    if (provided === undefined)
      throw new Error('SmartModule: it was imported without options. Import SmartModule.forRoot(options).')
    const { host, options } = provided
    this.middleware = connectMiddleware(host as SmartHost<ConnectMessage>, options, texts)
  }

  /** The module with a host, or with the options of one. */
  static forRoot<R extends ConnectMessage = ConnectMessage>(
    hostOrOptions: HostOrOptions<R>,
    options: HostProcessOptions = {}
  ): SmartDynamicModule {
    injectProvided(SmartModule)
    const host = hostFrom(hostOrOptions)
    return {
      module: SmartModule,
      providers: [
        { provide: providedToken, useValue: { host, options } },
        { provide: smartHostToken, useValue: host }
      ],
      exports: [smartHostToken]
    }
  }

  /** The module with a host that is made from services of the application. */
  static forRootAsync<Import = never, Token = never>(
    { imports = [], inject = [], useFactory }: SmartModuleFactory<Import, Token>,
    options: HostProcessOptions = {}
  ): SmartDynamicModule<Import, Token | symbol> {
    injectProvided(SmartModule)
    return {
      module: SmartModule,
      imports,
      providers: [
        {
          provide: providedToken,
          useFactory: async (...services) => ({ host: hostFrom(await useFactory(...services)), options }),
          inject
        },
        hostOfProvided
      ],
      exports: [smartHostToken]
    }
  }

  /** Called by Nest. */
  configure(consumer: NestConsumer): void {
    consumer.apply(this.middleware).forRoutes('{*path}')
    const { getHttpAdapter }: { readonly getHttpAdapter?: () => NestAdapter } = consumer as object
    this.adapter = getHttpAdapter?.call(consumer) ?? null
  }

  /**
   * Called by Nest after it has mounted all routes. A global prefix stands before the paths of middleware of modules,
   * too, so the addresses outside of it are served here.
   */
  onModuleInit(): void {
    this.adapter?.use(this.middleware)
  }
}
