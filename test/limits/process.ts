import { createServer, request as sendRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gracefulStop } from '../../src/adapters/process/graceful-stop.js'
import { processHealth } from '../../src/adapters/process/health.js'
import { webHandler } from '../../src/adapters/web.js'
import type { ShownLimit } from './shown.js'

const realTimeout = setTimeout

const later = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    realTimeout(resolve, milliseconds)
  })

/** How many times faster the timers of the code run while a duration is tried. */
const timesFaster = 20

/** Does work while every timer of the code runs faster. */
const inShortTime = async (work: () => Promise<string>): Promise<string> => {
  const faster = (call: () => void, milliseconds = 0): unknown => realTimeout(call, milliseconds / timesFaster)
  globalThis.setTimeout = faster as typeof setTimeout
  try {
    return await work()
  } finally {
    globalThis.setTimeout = realTimeout
  }
}

/** The bounds of a process. */
export const processLimits: ReadonlyArray<ShownLimit> = [
  {
    limit: 'requestsAtOnce',
    run: async (size) => {
      let finish: () => void = () => undefined
      const finished = new Promise<void>((resolve) => {
        finish = resolve
      })
      const handle = webHandler(() => async () => {
        await finished
        return { status: 200, headers: {}, body: '' }
      })
      const responses = Array.from({ length: size }, () => handle(new Request('https://ehr.example/')))
      await later(10)
      finish()
      const shed = (await Promise.all(responses)).filter(({ status }) => status === 503)
      return shed.length === 0
        ? 'within'
        : `${String(shed.length)} shed, ${String(shed[0]?.headers.get('retry-after'))}`
    },
    peerResponse: '1 shed, 1'
  },
  {
    limit: 'healthCheckTime',
    sizes: [1000, 3000],
    run: (size) =>
      inShortTime(async () => {
        const health = processHealth({ checks: { slow: () => later(size / timesFaster) } })
        const { status, body } = await health.answer({ method: 'GET', path: '/health/ready' })
        return status === 200 ? 'within' : body
      }),
    peerResponse: '{"status":"fail","checks":{"slow":"fail"}}'
  },
  {
    limit: 'stopTime',
    sizes: [8000, 12_000],
    run: (size) =>
      inShortTime(async () => {
        const server = createServer((_message, response) => {
          realTimeout(() => response.end('done'), size / timesFaster)
        })
        const { stop, inProgress } = gracefulStop(server)
        await new Promise<void>((resolve) => {
          server.listen(0, '127.0.0.1', resolve)
        })
        const answered = new Promise<string>((resolve) => {
          sendRequest({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }, (response) => {
            response.resume()
            resolve('within')
          })
            .on('error', () => {
              resolve('closed')
            })
            .end()
        })
        while (inProgress() === 0) await later(2)
        const cut = await stop()
        return cut === 0 ? answered : `${await answered}, ${String(cut)} cut off`
      }),
    peerResponse: 'closed, 1 cut off'
  }
]
