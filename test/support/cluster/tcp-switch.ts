/** A TCP address whose target an operator can change: what a virtual address is after a failover. */
import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'

/** An address whose target can be changed. */
export interface TcpSwitch {
  readonly port: number
  /** Connections to the old target are closed; new ones lead to the new target. */
  readonly lead: (port: number) => void
  readonly close: () => Promise<void>
}

/** Opens an address on the loopback interface that leads to a port. */
export const tcpSwitch = (target: number): Promise<TcpSwitch> =>
  new Promise((resolve, reject) => {
    let port = target
    const sockets = new Set<Socket>()
    const closeAll = (): void => {
      for (const socket of sockets) socket.destroy()
    }
    const server = createServer((client) => {
      const upstream = connect(port, '127.0.0.1')
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client]
      ] as const) {
        sockets.add(socket)
        socket.setNoDelay(true)
        socket.on('error', () => {
          other.destroy()
        })
        socket.on('close', () => {
          sockets.delete(socket)
          other.destroy()
        })
        socket.pipe(other)
      }
    })
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (typeof address !== 'object' || address === null) return
      resolve({
        port: address.port,
        lead: (next) => {
          port = next
          closeAll()
        },
        close: () =>
          new Promise((done) => {
            server.close(() => {
              done()
            })
            closeAll()
          })
      })
    })
  })
