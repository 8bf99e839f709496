import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as Task from 'fp-ts/lib/Task.js'
import { nodeHandler } from '../../src/adapters/node.js'
import { webHandler } from '../../src/adapters/web.js'
import type { ShownLimit } from './shown.js'

const answer = () => Task.of({ status: 200, headers: {}, body: '' })

const statusOf = (status: number): string => (status === 200 ? 'within' : String(status))

/** The bounds that the adapters for hosts keep. */
export const httpLimits: ReadonlyArray<ShownLimit> = [
  {
    limit: 'requestBody',
    at: 'nodeHandler',
    run: async (size) => {
      const server = createServer(nodeHandler(answer))
      await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
      const { port } = server.address() as AddressInfo
      const status = await new Promise<number>((resolve, reject) => {
        request({ host: '127.0.0.1', port, method: 'POST', path: '/' }, (response) => { response.resume(); resolve(response.statusCode ?? 0) })
          .on('error', reject)
          .end('x'.repeat(size))
      })
      server.closeAllConnections()
      server.close()
      return statusOf(status)
    },
    told: '413'
  },
  {
    limit: 'requestBody',
    at: 'webHandler',
    run: async (size) => statusOf((await webHandler(answer)(new Request('https://ehr.example/', { method: 'POST', body: 'x'.repeat(size) }))).status),
    told: '413'
  }
]
