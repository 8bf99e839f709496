import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { faultProxy } from '../../src/testing/store-contract/fault-proxy.js'

it('a proxy keeps the order of a stream when a delay ends', async () => {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await faultProxy({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  const client = connect(proxy.port, proxy.host)
  await once(client, 'connect')
  let received = ''
  client.on('data', (data: Buffer) => {
    received += data.toString()
  })
  proxy.setFault({ kind: 'delay', milliseconds: 200 })
  client.write('a')
  await pause(50)
  proxy.setFault({ kind: 'none' })
  client.write('b')
  while (received.length < 2) await pause(10)
  client.destroy()
  await proxy.close()
  server.close()
  expect(received).toBe('ab')
})

it('a proxy closes, also after a server went whose end it hid from the client', { timeout: 5000 }, async () => {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await faultProxy({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  const client = connect(proxy.port, proxy.host)
  client.write('a')
  const [socket] = (await once(server, 'connection')) as [Socket]
  await once(client, 'data')
  proxy.setFault({ kind: 'drop-answers' })
  client.write('b')
  while (proxy.disturbed() < 2) await pause(5)
  socket.destroy()
  await pause(50)
  expect(client.closed).toBe(false)
  await proxy.close()
  server.close()
})
