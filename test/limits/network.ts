/**
 * The bounds of requests that are sent: to hosts of keys, to servers behind, to those of an app, and by the `check`
 * command.
 */
import type { LookupAddress } from 'node:dns'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Socket } from 'node:net'
import * as Either from 'fp-ts/lib/Either.js'
import { vi } from 'vitest'
import type { ShownLimit } from './shown.js'
import { fetchHttp } from '../../src/adapters/fetch/fetch-http.js'
import { fhirUpstream } from '../../src/adapters/fhir-upstream.js'
import { guardedFetch } from '../../src/adapters/fetch/guarded-fetch.js'
import { nameResolver } from '../../src/adapters/fetch/name-resolver.js'
import { turns } from '../../src/adapters/fetch/request-queue.js'
import { addresses, answered, soundDocuments, soundServer, wantedApp } from '../support/app/observed-server.js'
import { readinessReport } from '../../src/protocol/app/readiness/readiness-report.js'
import { checkCommand } from '../../src/cli/check/command.js'

type Ask = (base: string) => Promise<string>

const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'within',
    (error: unknown) => (error instanceof Error ? error.message : 'unknown')
  )

const unavailable = (result: Either.Either<{ readonly reason: string }, unknown>): string =>
  Either.isLeft(result) ? result.left.reason : 'within'

/** The ways in which requests are sent from here. */
const keys: Ask = (base) => failure(guardedFetch({ allowedNetworks: ['127.0.0.1'] })(`${base}/jwks`))
const behind: Ask = async (base) =>
  unavailable(await fhirUpstream(base)({ method: 'GET', path: '/Patient/1', query: '', headers: {}, body: '' })())
const app: Ask = async (base) =>
  unavailable(await fetchHttp()({ method: 'GET', url: `${base}/token`, headers: {}, body: '' })())
const check: Ask = async (base) => {
  const lines: Array<string> = []
  const terminal = {
    stdout: () => undefined,
    stderr: (line: string) => {
      lines.push(line)
    }
  }
  await checkCommand({ target: base, specVersion: undefined, for: undefined, json: false }, terminal)
  return lines.join('') === ''
    ? 'within'
    : lines
        .join('')
        .replace(/.*(cannot be fetched \(|answers with )/, '')
        .replace(/\)$/, '')
}

const served = async (listener: RequestListener, work: (base: string) => Promise<string>): Promise<string> => {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await work(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** An answer that comes after so many milliseconds of a clock that is moved on by hand. */
const answeredAfter = async (ask: Ask, milliseconds: number): Promise<string> => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const requested: { arrived: () => void } = { arrived: () => undefined }
    const requestArrived = new Promise<void>((resolve) => {
      requested.arrived = resolve
    })
    let requests = 0
    return await served(
      (_request, response) => {
        const answer = (): void => {
          response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
        }
        requests += 1
        // Only the first answer takes its time: the clock is moved on once.
        if (requests > 1) answer()
        else setTimeout(answer, milliseconds)
        requested.arrived()
      },
      async (base) => {
        const answer = ask(base)
        await requestArrived
        vi.advanceTimersByTime(milliseconds)
        return await answer
      }
    )
  } finally {
    vi.useRealTimers()
  }
}

const time = (limit: ShownLimit['limit'], defaultValue: number, ask: Ask): ShownLimit => ({
  limit,
  sizes: [defaultValue - 1, defaultValue + 1],
  run: (size) => answeredAfter(ask, size),
  peerResponse: 'no answer in time'
})

const body = (limit: ShownLimit['limit'], ask: Ask, peerResponse: string): ShownLimit => ({
  limit,
  run: (size) =>
    served((_request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(`"${'x'.repeat(size - 2)}"`)
    }, ask),
  peerResponse
})

/** What sockets do with the address to which they connect. */
const withSockets = async (
  connect: (socket: Socket, to: string) => void,
  work: () => Promise<string>
): Promise<string> => {
  interface Target {
    readonly lookup: (name: string, options: object, callback: (error: null, to: string) => void) => void
  }
  const spy = vi.spyOn(Socket.prototype, 'connect').mockImplementation(function (
    this: Socket,
    ...given: Array<unknown>
  ) {
    const [first] = given as [Target | [Target]]
    const { lookup } = Array.isArray(first) ? first[0] : first
    lookup('', {}, (_error, to) => {
      connect(this, to)
    })
    return this
  })
  try {
    return await work()
  } finally {
    spy.mockRestore()
  }
}

const publicAddresses = (count: number): ReadonlyArray<LookupAddress> =>
  Array.from({ length: count }, (_, index) => ({ address: `93.184.216.${String(index)}`, family: 4 }))

const signal = new AbortController().signal
const settled = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

/** How many of so many pieces of work for these peers have begun, wait, or are refused. */
const turnsTaken = async (
  settings: { readonly atOnce: number; readonly atOncePerPeer: number },
  count: number,
  peerOf: (index: number) => string
) => {
  const inTurn = turns(settings)
  const response = { begun: 0, refused: 0 }
  for (let index = 0; index < count; index++) {
    // Each request has a signal of its own, as `withDeadline` makes one.
    inTurn(peerOf(index), new AbortController().signal, () => {
      response.begun += 1
      return new Promise(() => undefined)
    }).catch(() => {
      response.refused += 1
    })
  }
  await settled()
  return response
}

/** How often a silent name server gets a query for an IPv4 address, and how long this takes. */
const silentNameServer = async (): Promise<{ readonly requestCount: number; readonly milliseconds: number }> => {
  let requestCount = 0
  const server = createSocket('udp4').bind(0, '127.0.0.1')
  await once(server, 'listening')
  server.on('message', (message: Buffer) => {
    if (message.includes(Buffer.from([0, 0, 1, 0, 1]))) requestCount += 1
  })
  const resolve = nameResolver({ hostsFile: 'none', nameServers: [`127.0.0.1:${String(server.address().port)}`] })
  const begun = performance.now()
  await failure(resolve('silent.example', signal))
  server.close()
  return { requestCount, milliseconds: performance.now() - begun }
}

/** The bounds of requests that are sent. */
export const networkLimits: ReadonlyArray<ShownLimit> = [
  time('keyRequestTime', 5000, keys),
  time('upstreamTime', 30_000, behind),
  time('appRequestTime', 15_000, app),
  time('checkTime', 10_000, check),
  body('keyDocument', keys, 'the body is larger than 262144 bytes'),
  body('upstreamAnswer', behind, 'the answer is larger than 16777216 bytes'),
  body('appAnswer', app, 'the answer is larger than 16777216 bytes'),
  body('checkedDocument', check, 'more than 1048576 bytes'),
  {
    limit: 'checkedNames',
    run: (size) => {
      const others = Array.from({ length: size - 1 }, (_, place) => [`x${String(place)}`, true] as const)
      const document = { ...soundDocuments.smart, ...Object.fromEntries(others), associated_endpoint: [] }
      const observed = { ...soundServer, smartConfiguration: answered(addresses.smart, document) }
      const { findings } = readinessReport(observed, wantedApp, { specVersion: '2.0.0', purpose: 'launch' })
      return Promise.resolve(
        findings.some(({ rule }) => rule === 'members-are-spelled-right') ? 'within' : 'no finding'
      )
    },
    peerResponse: 'no finding'
  },
  {
    limit: 'keyConnectionTime',
    sizes: [999, 1001],
    run: async (size) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      const peerResponse = await withSockets(
        (socket) => {
          setTimeout(() => {
            socket.destroy(new Error('within'))
          }, size)
          vi.advanceTimersByTime(size)
        },
        () => failure(guardedFetch({ resolve: () => Promise.resolve(publicAddresses(1)) })('https://keys.example/'))
      )
      vi.useRealTimers()
      return peerResponse
    },
    peerResponse: 'no connection in time'
  },
  {
    limit: 'keyAddresses',
    run: async (size) => {
      const tried: Array<string> = []
      await withSockets(
        (socket, to) => {
          tried.push(to)
          socket.destroy(new Error('no route'))
        },
        () => failure(guardedFetch({ resolve: () => Promise.resolve(publicAddresses(size)) })('https://keys.example/'))
      )
      return tried.length === size ? 'within' : `${String(size - tried.length)} not tried`
    },
    peerResponse: '1 not tried'
  },
  {
    limit: 'keyInterimAnswers',
    run: (size) =>
      served((_request, response) => {
        response.socket?.write(
          `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(size)}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}`
        )
      }, keys),
    peerResponse: 'too many interim answers'
  },
  {
    limit: 'keyRequests',
    run: async (size) =>
      (await turnsTaken({ atOnce: 32, atOncePerPeer: 4 }, size, String)).begun === size ? 'within' : 'waits',
    peerResponse: 'waits'
  },
  {
    limit: 'keyRequests',
    at: 'guardedFetch',
    run: async (size) => {
      let resolving = 0
      const fetchDocument = guardedFetch({
        resolve: () => {
          resolving += 1
          return new Promise(() => undefined)
        },
        timeoutMilliseconds: 100
      })
      const fetching = Array.from({ length: size }, (_, index) =>
        failure(fetchDocument(`https://k${String(index)}.example/`))
      )
      await settled()
      const response = resolving === size ? 'within' : 'waits'
      await Promise.all(fetching)
      return response
    },
    peerResponse: 'waits'
  },
  {
    limit: 'keyRequestsPerHost',
    run: async (size) => {
      let resolving = 0
      const fetchDocument = guardedFetch({
        resolve: () => {
          resolving += 1
          return new Promise(() => undefined)
        },
        timeoutMilliseconds: 100
      })
      const fetching = Array.from({ length: size }, (_, index) =>
        failure(fetchDocument(`https://keys.example/${String(index)}`))
      )
      await settled()
      const response = resolving === size ? 'within' : 'waits'
      await Promise.all(fetching)
      return response
    },
    peerResponse: 'waits'
  },
  {
    limit: 'keyRequestsWaiting',
    run: async (size) =>
      (await turnsTaken({ atOnce: 1, atOncePerPeer: 1 }, size + 1, String)).refused === 0 ? 'within' : 'refused',
    peerResponse: 'refused'
  },
  {
    limit: 'keyRequestsWaitingPerHost',
    run: async (size) =>
      (await turnsTaken({ atOnce: 4, atOncePerPeer: 1 }, size + 1, () => 'one')).refused === 0 ? 'within' : 'refused',
    peerResponse: 'refused'
  },
  {
    limit: 'knownKeyHosts',
    run: async (size) => {
      const inTurn = turns({ atOnce: 1, atOncePerPeer: 1 })
      for (let index = 0; index < size; index++) await inTurn(String(index), signal, () => Promise.resolve())
      const begun: Array<string> = []
      const work = (name: string) => () => {
        begun.push(name)
        return Promise.resolve()
      }
      await Promise.all([
        inTurn('x', signal, settled),
        inTurn('stranger', signal, work('stranger')),
        inTurn('0', signal, work('0'))
      ])
      return begun[0] === '0' ? 'within' : 'forgotten'
    },
    peerResponse: 'forgotten'
  },
  {
    limit: 'nameServerTries',
    run: async (size) => ((await silentNameServer()).requestCount >= size ? 'within' : 'not fetched again'),
    peerResponse: 'not fetched again'
  },
  {
    limit: 'nameServerTime',
    sizes: [1400, 9000],
    run: async (size) => ((await silentNameServer()).milliseconds > size ? 'within' : 'given up'),
    peerResponse: 'given up'
  }
]
