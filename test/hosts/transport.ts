/** Requests as a browser and an app send them, to a process or to a function. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request as requestOverNode } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Served } from './frameworks.js'

/** A request to the public address of the host. */
export interface Sent {
  readonly method?: string
  /** The target: path and query. */
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** A response, as it came. */
export interface Came {
  readonly status: number
  /** Header fields by name, in the order of the names. */
  readonly headers: Readonly<Record<string, ReadonlyArray<string>>>
  readonly body: string
}

const host = 'ehr.example'

/** What Node or a framework adds to every response of its own accord. */
const frameworkFields = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'transfer-encoding',
  'x-powered-by'
])

const fieldsOf = (pairs: Iterable<readonly [string, string]>): Came['headers'] => {
  const fields = new Map<string, Array<string>>()
  for (const [name, value] of pairs) {
    const key = name.toLowerCase()
    if (!frameworkFields.has(key)) fields.set(key, [...(fields.get(key) ?? []), value])
  }
  return Object.fromEntries([...fields].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

/** Sends a request to the process. */
export const sendTo = async (
  { handle, port }: Served,
  { body, headers = {}, method = 'GET', target }: Sent
): Promise<Came> => {
  if (handle !== null) {
    const response = await handle(
      new Request(`https://${host}${target}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : Uint8Array.from(body) })
      })
    )
    return { status: response.status, headers: fieldsOf(response.headers), body: await response.text() }
  }
  const bytes = Buffer.from(body ?? '')
  const outgoing = requestOverNode({
    host: '127.0.0.1',
    port,
    method,
    path: target,
    agent: false,
    headers: { host, ...headers, ...(body === undefined ? {} : { 'content-length': String(bytes.length) }) }
  })
  outgoing.end(bytes)
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  const { rawHeaders } = response
  const pairs = rawHeaders.flatMap((name, place): ReadonlyArray<readonly [string, string]> =>
    place % 2 === 0 ? [[name, rawHeaders[place + 1] ?? '']] : []
  )
  return { status: response.statusCode ?? 0, headers: fieldsOf(pairs), body: (await buffer(response)).toString() }
}
