/** Vendors' documents on listeners of this machine, one for each of their hosts, as `check` sees them. */
import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { VendorDocuments } from './vendor-server.js'
import { issuerKey, vendorDeviation } from './vendor-server.js'

/** The hosts in the documents. */
const hosts = ['https://ehr.example', 'https://identity.example', 'https://authorization.example']

/** Listeners for the hosts of vendors' documents. */
export interface VendorHosts {
  /** Serves a vendor's documents, with the listeners' addresses in place of its hosts. */
  readonly serve: (vendor: VendorDocuments) => VendorDocuments
  readonly stop: () => void
}

const listening = async (listener: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> => {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

const originOf = (server: Server): string => `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`

const answer = (vendor: VendorDocuments, url: string): object | null => {
  const { smartConfiguration: smart, openidConfiguration: openid, fhirBaseUrl } = vendor
  if (url === `${fhirBaseUrl}/.well-known/smart-configuration`) return smart
  if (url.endsWith('/.well-known/openid-configuration')) return openid
  if ([smart['jwks_uri'], openid?.['jwks_uri']].includes(url)) return { keys: [issuerKey.jwk] }
  return url === `${fhirBaseUrl}/metadata` ? { resourceType: 'CapabilityStatement' } : null
}

/** Listens for the hosts of vendors' documents. */
export const vendorHosts = async (): Promise<VendorHosts> => {
  const current: { vendor: VendorDocuments | null } = { vendor: null }
  const servers = await Promise.all(
    hosts.map(() =>
      listening((request, response) => {
        const url = `http://${request.headers.host ?? ''}${request.url ?? ''}`
        const { vendor } = current
        const deviating =
          vendor === null ? undefined : vendorDeviation(vendor).respond?.({ method: 'GET', url, headers: {}, body: '' })
        const document = vendor === null ? null : answer(vendor, url)
        const { status, headers, body } = deviating ?? {
          status: document === null ? 404 : 200,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(document)
        }
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
        response.writeHead(status).end(body)
      })
    )
  )
  return {
    serve: (vendor) => {
      const text = hosts.reduce(
        (all, host, place) => all.replaceAll(host, originOf(servers[place] as Server)),
        JSON.stringify(vendor)
      )
      current.vendor = JSON.parse(text) as VendorDocuments
      return current.vendor
    },
    stop: () => {
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
    }
  }
}
