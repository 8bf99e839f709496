/** The connections of the simulator, when it answers as many requests as it may. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { nodeHandler } from '../../../src/adapters/node.js'
import { healthListener } from '../../../src/adapters/process/health-listener.js'
import { processHealth } from '../../../src/adapters/process/health.js'
import { boundedServer } from '../../../src/cli/connections.js'
import { limits } from '../../../src/values/limits/limits.js'
import { send } from '../../support/simulator/simulated.js'

it('a request beyond requestsAtOnce is answered with 503, and the health of the process with 200', async () => {
  let answered = 0
  let release: () => void = () => undefined
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const handle = nodeHandler(() => async () => {
    answered += 1
    await released
    return { status: 200, headers: {}, body: 'answered' }
  })
  const server = boundedServer(healthListener(processHealth(), handle), () => undefined).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  try {
    const accepted = Array.from({ length: limits.requestsAtOnce.default }, () => send(base, '/'))
    while (answered < accepted.length) await new Promise((resolve) => setTimeout(resolve, 10))
    const { status, headers } = await send(base, '/')
    expect([status, headers['retry-after']]).toEqual([503, '1'])
    expect((await send(base, '/health/live')).status).toBe(200)
    release()
    expect(new Set((await Promise.all(accepted)).map((answer) => answer.status))).toEqual(new Set([200]))
  } finally {
    release()
    server.closeAllConnections()
    server.close()
  }
})
