/** One keep-alive connection of the generator: as little work as possible, so that it does not disturb the server. */
import { once } from 'node:events'
import { connect } from 'node:net'

/** Sends a request and gives the body of the answer; one at a time. */
export interface Connection {
  readonly ask: (request: string) => Promise<string>
  readonly close: () => void
}

const bodyOf = (text: string): string | null => {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return null
  const length = Number(/\r\ncontent-length: *([0-9]+)/i.exec(text.slice(0, end + 2))?.[1])
  const body = text.slice(end + 4)
  if (body.length < length) return null
  if (!text.startsWith('HTTP/1.1 200')) throw new Error(text)
  return body
}

/** Opens a connection. Answers are ASCII and carry a content-length: all opponents send them so. */
export const open = async (port: number): Promise<Connection> => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.setEncoding('latin1')
  await once(socket, 'connect')
  return {
    close: () => {
      socket.destroy()
    },
    ask: (request) =>
      new Promise((resolve, reject) => {
        let text = ''
        const finish = (settle: () => void): void => {
          socket.off('data', hear)
          socket.off('close', fail)
          settle()
        }
        const fail = (): void => {
          finish(() => {
            reject(new Error('the connection was closed'))
          })
        }
        const hear = (chunk: string): void => {
          text += chunk
          try {
            const body = bodyOf(text)
            if (body !== null)
              finish(() => {
                resolve(body)
              })
          } catch (error) {
            finish(() => {
              reject(error instanceof Error ? error : new Error(String(error)))
            })
          }
        }
        socket.on('data', hear)
        socket.on('close', fail)
        socket.write(request)
      })
  }
}

/** A GET request. */
export const get = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: ehr.example\r\nAccept: application/json\r\n\r\n`

/** A POST request with a form, and an Authorization header where there is one. */
export const post = (path: string, authorization: string | null, form: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: ehr.example\r\nAccept: application/json\r\n` +
  `${authorization === null ? '' : `Authorization: ${authorization}\r\n`}Content-Type: ` +
  `application/x-www-form-urlencoded\r\nContent-Length: ${String(form.length)}\r\n\r\n${form}`
