/** A browser with cookies in front of a simulator in this process. */
import * as Either from 'fp-ts/lib/Either.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import { headerOf } from '../../../src/protocol/http/message.js'
import type { RequestHandler } from '../../../src/engine/server/http-handler.js'
import { readConfig } from '../../../src/simulator/config/config.js'
import { simulator } from '../../../src/simulator/simulator.js'

/** The public base URL of the simulators here. */
export const root = 'http://127.0.0.1:4010'

/** The handler of a new simulator. */
export const handlerOf = async (config: object = {}): Promise<RequestHandler> => {
  const read = readConfig(JSON.stringify(config))
  if (Either.isLeft(read)) throw new Error(JSON.stringify(read.left))
  const built = await simulator(read.right)()
  if (Either.isLeft(built)) throw new Error(built.left.reason)
  return built.right.answer
}

/** Where a browser ended: the last response, and its address. */
export interface Arrived {
  readonly url: string
  readonly response: PlainResponse
}

/** A browser with cookies. It follows redirects below the public base URL. */
export class SettingsBrowser {
  readonly #cookies = new Map<string, string>()

  readonly handler: RequestHandler

  constructor(handler: RequestHandler) {
    this.handler = handler
  }

  async request(url: string, form?: string, headers: Readonly<Record<string, string>> = {}): Promise<Arrived> {
    const [address = '', query = ''] = url.split('?')
    const response = await this.handler({
      method: form === undefined ? 'GET' : 'POST',
      path: address.slice(root.length),
      query,
      headers: {
        accept: 'text/html',
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers
      },
      body: form ?? ''
    })()
    for (const cookie of [headerOf(response, 'set-cookie') ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      this.#cookies.set(name, value)
    }
    return { url, response }
  }

  /** Follows redirects to pages of the simulator; ends at a page, or at the redirect to an app. */
  async go(url: string, form?: string): Promise<Arrived> {
    const arrived = await this.request(url, form)
    const location = headerOf(arrived.response, 'location')
    if (typeof location !== 'string') return arrived
    const next = new URL(location, url).href
    return next.startsWith(`${root}/`) && !next.startsWith(`${root}/app`) ? this.go(next) : { ...arrived, url: next }
  }
}
