/**
 * A whole host in Fastify 5.
 *
 * @module hosts/fastify
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HostProcessOptions } from './connect.js'
import type { HostOrOptions } from './hosted.js'
import { answererFor, hostFrom, mountComplaint } from './hosted.js'
import { serveExchange, targetPath } from '../adapters/node-http/exchange.js'
import type { SmartHost, SmartHostOptions } from '../host/smart-host.js'
import type { PlainResponse } from '../protocol/http/message.js'
import { isObject } from '../values/object.js'

/** The part of a request of Fastify that the host uses. */
export interface FastifyMessage {
  readonly raw: IncomingMessage
  readonly originalUrl: string
}

/** The part of a reply of Fastify that the host uses. */
export interface FastifyAnswer {
  readonly raw: ServerResponse
  /** Sets the status. */
  code(status: number): unknown
  /** Sets a header field. */
  header(name: string, value: string | Array<string>): unknown
  /** Sends the response. */
  send(payload?: unknown): unknown
}

/** The part of an instance of Fastify that the host uses. */
export interface FastifyHooks {
  /** The path of the plugins in which the plugin is registered; empty for the application itself. */
  readonly prefix: string
  /** Adds a function that is called for each request. */
  addHook(name: 'onRequest', hook: (request: FastifyMessage, reply: FastifyAnswer) => Promise<unknown>): unknown
}

/**
 * The options of the plugin: those of the host, or a host that was made before. Functions of the options state the type
 * of the request themselves: `(request: FastifyRequest) => …`.
 */
export type FastifyHostOptions = (SmartHostOptions<never> | SmartHost<never> | { readonly host: SmartHost<never> }) &
  HostProcessOptions & {
    /** The addresses follow from `issuer` and `fhirBaseUrl`, which must then lie below this path. */
    readonly prefix?: string
  }

const howToMount = 'Register it without a prefix, or put issuer and fhirBaseUrl below the prefix.'
const howToKeep = 'Register smartFastify before hooks that read the body of a request.'

/** What Fastify and the process read from the options of a plugin; the host does not know it. */
const pluginOptions = [
  'prefix',
  'logLevel',
  'logSerializers',
  'waitingRequests',
  'waitingRequestsInAll',
  'unsentAnswersBytes',
  'onDefect'
]

const withoutPluginOptions = (options: HostOrOptions<never>): HostOrOptions<never> =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !pluginOptions.includes(name))) as never

/** Fastify sends the response, so that hooks can still save sessions and set cookies. */
const deliverBy =
  (reply: FastifyAnswer) =>
  ({ status, headers, body }: PlainResponse): void => {
    reply.code(status)
    for (const [name, value] of Object.entries(headers))
      reply.header(name, typeof value === 'string' ? value : [...value])
    // Fastify adds a charset to the type of a text.
    reply.send(body === '' ? undefined : Buffer.from(body))
  }

/**
 * A plugin for Fastify: `fastify.register(smartFastify, options)`. Register the plugin of the session before it. It
 * answers before Fastify parses a body, so it works with and without `@fastify/formbody`; all other requests go on to
 * the routes of the application.
 *
 * @example
 * ```ts
 * import Fastify from 'fastify'
 * import type { FastifyRequest } from 'fastify'
 * import { smartFastify } from 'smart-app-launch/hosts/fastify'
 * import { createMemoryStore } from 'smart-app-launch/adapters/memory'
 *
 * const fastify = Fastify()
 * await fastify.register(smartFastify, {
 *   issuer: 'http://127.0.0.1:4000',
 *   fhirBaseUrl: 'http://127.0.0.1:4000/fhir',
 *   store: createMemoryStore(),
 *   clients: [],
 *   permittedScopes: (_user, _client, requested) => requested,
 *   user: (_request: FastifyRequest) => null,
 *   signIn: '/sign-in'
 * })
 * ```
 */
export const smartFastify = /* @__PURE__ */ Object.assign(
  async (fastify: FastifyHooks, options: FastifyHostOptions): Promise<void> => {
    if (typeof fastify.addHook !== 'function' || !isObject(options))
      throw new TypeError(
        'smartFastify: it is a plugin. Register it with its options: app.register(smartFastify, options)'
      )
    const given: HostOrOptions<never> = Object.hasOwn(options, 'host')
      ? (options as { readonly host: SmartHost<never> }).host
      : withoutPluginOptions(options as HostOrOptions<never>)
    const host = hostFrom(given)
    const complaint = mountComplaint(host, options.prefix ?? '', howToMount)
    if (complaint !== null) throw new Error(`smartFastify: ${complaint}`)
    if (fastify.prefix !== '') {
      throw new Error(
        `smartFastify: it is registered inside a plugin with the prefix ${fastify.prefix}, and a hook there is never ` +
          'called for addresses without a route. Register it on the application itself.'
      )
    }
    fastify.addHook('onRequest', async (request, reply) => {
      const url = request.originalUrl
      const path = targetPath(url)
      if (!host.handles(path)) return undefined
      await serveExchange(
        {
          message: request.raw,
          target: reply.raw,
          url,
          kept: () => null,
          howToKeep,
          deliver: deliverBy(reply)
        },
        answererFor(host, path, request as never),
        options
      )
      return reply
    })
    return Promise.resolve()
  },
  {
    // The hook is for the whole instance, and so for addresses without a route.
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'smart-app-launch'
  }
)

export type { HostProcessOptions } from './connect.js'
export * from './host-exports.js'
