/**
 * One server of the comparison over HTTP, in a process of its own: the FHIR server behind, a bare proxy that passes
 * everything on, or the gate (`createFhirGate` with the facts of a token, so that no introspection is counted).
 */
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { factsOf, observation, page } from './pages.js'
import { createFhirGate } from 'smart-app-launch/resource'

/** A server of the comparison: its role, the port of the FHIR server, and the scopes of the token. */
export type GateRole = 'upstream' | 'proxy' | 'node-proxy' | 'gate'

const [, , role = 'upstream', upstreamPort = '0', scope = ''] = process.argv

const upstream = `http://127.0.0.1:${upstreamPort}/fhir`
const type = 'application/fhir+json'

/** The FHIR server: the same page for each search, the same resource for each read. */
const answerOf = (root: string): ((url: string) => string) => {
  const [found, read] = [page(50, 1000, root), JSON.stringify(observation(1))]
  return (url) => (url.includes('/Observation/') ? read : found)
}

type Answer = (url: string) => Promise<{ status: number; headers: Record<string, unknown>; body: string }>

const proxied: Answer = async (url) => {
  const response = await fetch(upstream + url.slice('/fhir'.length), { headers: { accept: type } })
  return { status: response.status, headers: { 'content-type': type }, body: await response.text() }
}

const agent = new Agent({ keepAlive: true })

/** The leanest proxy: the client of Node, and the body as one text. */
const proxiedByNode: Answer = (url) =>
  new Promise((resolve, reject) => {
    request(upstream + url.slice('/fhir'.length), { agent, headers: { accept: type } }, (response) => {
      let body = ''
      response
        .setEncoding('utf8')
        .on('data', (part: string) => {
          body += part
        })
        .on('end', () => {
          resolve({ status: response.statusCode ?? 502, headers: { 'content-type': type }, body })
        })
    })
      .on('error', reject)
      .end()
  })

const gated = (): Answer => {
  const gate = createFhirGate({ base: 'https://ehr.example/fhir', server: upstream, aliases: [upstream] })
  const facts = factsOf(scope)
  return async (url) => {
    const [path = '', query = ''] = url.slice('/fhir'.length).split('?')
    const { status, headers, body } = await gate({ method: 'GET', path, query, headers: {}, body: '' }, facts)
    return { status, headers, body }
  }
}

let served: ReturnType<typeof answerOf> | null = null
const answer: Answer =
  role === 'proxy'
    ? proxied
    : role === 'node-proxy'
      ? proxiedByNode
      : role === 'gate'
        ? gated()
        : async (url) => Promise.resolve({ status: 200, headers: { 'content-type': type }, body: served?.(url) ?? '' })

const http = createServer((message, response) => {
  void answer(message.url ?? '').then(({ status, headers, body }) => {
    response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) })
    response.end(body)
  })
}).listen(0, '127.0.0.1', () => {
  const { port } = http.address() as AddressInfo
  // The addresses in the pages of the FHIR server are its own; behind a gate they must become public.
  served = answerOf(`http://127.0.0.1:${String(port)}/fhir`)
  process.send?.(port)
})
http.keepAliveTimeout = 0

let begun = process.cpuUsage()
process.on('message', (received) => {
  if (received === 'begin') begun = process.cpuUsage()
  const { system, user } = process.cpuUsage(begun)
  process.send?.(received === 'begin' ? 0 : system + user)
})
process.on('disconnect', () => process.exit())
