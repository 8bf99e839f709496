/**
 * What a host, a name server or a socket does must not end the process, and no promise may reject unheard: Vitest fails
 * on either.
 */
import type { LookupAddress } from 'node:dns'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, Socket } from 'node:net'
import * as Either from 'fp-ts/lib/Either.js'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { answersWithMore, brokenAnswers, hostileServer } from './hostile-server.js'
import { fetchHttp } from '../../../src/adapters/fetch/fetch-http.js'
import { fhirUpstream } from '../../../src/adapters/fhir-upstream.js'
import { guardedFetch } from '../../../src/adapters/fetch/guarded-fetch.js'

let hostile: Awaited<ReturnType<typeof hostileServer>>
beforeAll(async () => {
  hostile = await hostileServer()
})
afterAll(() => {
  hostile.stop()
})
afterEach(() => {
  vi.restoreAllMocks()
})

const failure = (fetching: Promise<unknown>): Promise<string> =>
  fetching.then(
    () => 'fetched',
    (error: unknown) => (error instanceof Error ? error.message : 'unknown')
  )

const address = (text: string): LookupAddress => ({ address: text, family: text.includes(':') ? 6 : 4 })

const here = guardedFetch({ allowedNetworks: ['127.0.0.1'], timeoutMilliseconds: 5000 })

describe('a guarded fetch of a host that cannot be reached', () => {
  type Lookup = (
    name: string,
    options: { readonly all: boolean },
    callback: (error: Error | null, address: unknown, family?: number) => void
  ) => void

  interface Target {
    readonly host: string
    readonly lookup: Lookup
  }

  /** Sockets that fail as soon as they know where to go, as where there is no route, or never connect. */
  const sockets = (fail: (socket: Socket, to: unknown) => void) =>
    vi.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket, ...given: Array<unknown>) {
      const [first] = given as [Target | [Target]]
      const { host, lookup } = Array.isArray(first) ? first[0] : first
      lookup(host, { all: false }, (_error, to) => {
        fail(this, to)
      })
      return this
    })

  it('fails, and the process goes on, where a connection fails at once', async () => {
    sockets((socket) => {
      socket.destroy(new Error('connect ENETUNREACH'))
    })
    const fetchDocument = guardedFetch({ resolve: () => Promise.resolve([address('2606:2800:220:1::1')]) })
    expect(await failure(fetchDocument('https://keys.example/jwks'))).toBe('connect ENETUNREACH')
  })

  it('tries one address after the other, and no more than eight', async () => {
    const tried: Array<unknown> = []
    sockets((socket, to) => {
      tried.push(to)
      socket.destroy(new Error('connect ENETUNREACH'))
    })
    const addresses = Array.from({ length: 20 }, (_, index) => address(`2606:2800:220:1::${String(index)}`))
    expect(
      await failure(guardedFetch({ resolve: () => Promise.resolve(addresses) })('https://keys.example/jwks'))
    ).toBe('connect ENETUNREACH')
    expect(tried).toEqual(addresses.slice(0, 8).map((one) => one.address))
  })

  it('reaches the address that answers, whichever family comes first', async () => {
    const fetchDocument = guardedFetch({
      allowedNetworks: ['127.0.0.1', '::1'],
      resolve: () => Promise.resolve([address('::1'), address('127.0.0.1')])
    })
    expect((await fetchDocument(`${hostile.base.replace('127.0.0.1', 'localhost')}/good`)).status).toBe(200)
  })

  it('connects to no second machine when the first one was reached', async () => {
    let connections = 0
    const listener = createServer((socket) => {
      connections += 1
      socket.on('error', () => undefined).end('no TLS\r\n')
    }).listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const { port } = listener.address() as AddressInfo
    const fetchDocument = guardedFetch({
      allowedNetworks: ['127.0.0.1'],
      resolve: () => Promise.resolve([address('127.0.0.1'), address('127.0.0.1')])
    })
    expect(await failure(fetchDocument(`https://keys.invalid:${String(port)}/`))).not.toBe('fetched')
    listener.close()
    expect(connections).toBe(1)
  })
})

describe('a guarded fetch of a host that answers as none does', () => {
  it.each(brokenAnswers)('fails at once: %s', { timeout: 4000 }, async (name) => {
    expect(await failure(here(`${hostile.base}/${name}`))).not.toMatch(/fetched|in time/)
  })

  it.each(answersWithMore)(
    'takes the answer or fails at once, and drops the rest: %s',
    { timeout: 4000 },
    async (name) => {
      expect(await failure(here(`${hostile.base}/${name}`))).not.toMatch(/in time/)
    }
  )
})

describe('a guarded fetch of a name', () => {
  const never = new Promise<never>(() => undefined)

  it.each<readonly [string, () => unknown, RegExp]>([
    [
      'throws',
      () => {
        throw new Error('broken')
      },
      /^broken$/
    ],
    ['rejects', () => Promise.reject(new Error('no such name')), /^no such name$/],
    ['never answers', () => never, /^no answer in time$/],
    [
      'rejects too late',
      () =>
        new Promise((_resolve, reject) => {
          setTimeout(() => {
            reject(new Error('late'))
          }, 400)
        }),
      /^no answer in time$/
    ],
    ['answers with nothing', () => Promise.resolve(null), /null/],
    ['answers with a list of nothing', () => Promise.resolve([null]), /null/],
    ['answers with objects', () => Promise.resolve([{}]), /undefined/],
    ['answers with a text', () => Promise.resolve('127.0.0.1'), /map/]
  ])('fails where the resolver %s', async (_name, resolve, reason) => {
    const fetchDocument = guardedFetch({
      timeoutMilliseconds: 200,
      resolve: resolve as () => Promise<Array<LookupAddress>>
    })
    expect(await failure(fetchDocument('https://keys.example/jwks'))).toMatch(reason)
    // Nothing that comes later is unheard.
    await new Promise((done) => {
      setTimeout(done, 300)
    })
  })
})

describe.each([
  [
    'the app',
    (url: string) => fetchHttp({ timeoutMilliseconds: 5000 })({ method: 'GET', url, headers: {}, body: '' })()
  ],
  [
    'a FHIR server behind',
    (url: string) => {
      const { origin, pathname } = new URL(url)
      return fhirUpstream(`${origin}/fhir`, { timeoutMilliseconds: 5000 })({
        method: 'GET',
        path: pathname,
        query: '',
        headers: {},
        body: ''
      })()
    }
  ]
])('%s that is answered as by none', (_name, ask) => {
  it.each(brokenAnswers.filter((name) => name !== 'interim'))('is met with silence: %s', async (name) => {
    expect(await ask(`${hostile.base}/${name}`)).toMatchObject({ _tag: 'Left', left: { _tag: 'Unavailable' } })
  })

  it.each(answersWithMore)('is answered, or refused without harm: %s', async (name) => {
    // `node:http` refuses a response that is followed by what is no response; `fetch` reads it.
    const mayBeRefused = name === 'reset-after' || name === 'trailing'
    expect(Either.isRight(await ask(`${hostile.base}/${name}`)) || mayBeRefused).toBe(true)
  })
})
