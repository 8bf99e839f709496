/** A server of raw sockets that answers as no honest server does. */
import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer } from 'node:net'

const good = 'HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{"keys":[]}'

/** What is written to a client after its request, by the path of the request. */
const answers: Readonly<Record<string, (socket: Socket) => void>> = {
  good: (socket) => {
    socket.end(good)
  },
  closed: (socket) => {
    socket.end()
  },
  reset: (socket) => {
    socket.resetAndDestroy()
  },
  'reset-in-body': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{', () =>
      setTimeout(() => {
        socket.resetAndDestroy()
      }, 20)
    )
  },
  cut: (socket) => {
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"keys"')
  },
  'cut-chunk': (socket) => {
    socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"ke')
  },
  'wrong-chunk': (socket) => {
    socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{"keys":[]}\r\n0\r\n\r\n')
  },
  'half-head': (socket) => {
    socket.end('HTTP/1.1 200 OK\r\ncontent-le')
  },
  garbage: (socket) => {
    socket.end('\0\x01\x02 nothing of HTTP\r\n\r\n')
  },
  'large-head': (socket) => {
    socket.end(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(70_000)}\r\n\r\n`)
  },
  upgrade: (socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nx')
  },
  interim: (socket) => {
    socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(5000))
  },
  'two-lengths': (socket) => {
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 11\r\n\r\n{"keys":[]}')
  }
}

/** Answers that are good, with more behind them that belongs to nobody. */
const goodAndMore: Readonly<Record<string, (socket: Socket) => void>> = {
  trailing: (socket) => {
    socket.end(`${good}and more`)
  },
  twice: (socket) => {
    socket.end(good + good)
  },
  'reset-after': (socket) => {
    socket.write(good, () => {
      socket.resetAndDestroy()
    })
  }
}

/** The names of the answers that are none. */
export const brokenAnswers: ReadonlyArray<string> = Object.keys(answers).filter((name) => name !== 'good')

/** The names of the answers behind which more comes. */
export const answersWithMore: ReadonlyArray<string> = Object.keys(goodAndMore)

/** Starts it on this machine. */
export const hostileServer = async (): Promise<{ readonly base: string; readonly stop: () => void }> => {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket
      .on('error', () => undefined)
      .on('close', () => {
        sockets.delete(socket)
      })
    socket.once('data', (chunk: Buffer) => {
      const [, name = ''] = /^[A-Z]+ \/(?:fhir\/)?([\w-]*)/.exec(chunk.toString('latin1')) ?? []
      ;(answers[name] ?? goodAndMore[name])?.(socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    base: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    stop: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  }
}
