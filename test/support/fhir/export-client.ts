/** Backend services of this project that export in bulk, and the authorization server and gate that they do it at. */
import { expect } from 'vitest'
import { hostFhirBase, newHostWorld } from '../host-world.js'
import type { OwnRequest } from '../host-world.js'
import { createBackendService } from '../../../src/app.js'
import type { SmartHost } from '../../../src/host/smart-host.js'
import type { PlainBackendService } from '../../../src/plain/app.js'
import type { PlainFhirServer } from '../../../src/plain/ports.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'

const origin = 'https://ehr.example'
const pair = crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, ['sign', 'verify'])

/** A host whose clients are backend services. */
export interface ExportWorld {
  readonly host: SmartHost<OwnRequest>
  /** A client of the host (`export-service`, `other-service`) with these scopes. */
  readonly service: (clientId: string, scope: string) => PlainBackendService
}

/**
 * A host before a bulk server. `answer` takes the place of the host for requests below the FHIR base, as in a host that
 * calls the gate itself.
 */
export const exportWorld = async (
  fhir: PlainFhirServer,
  answer?: (host: ExportWorld['host'], request: PlainRequest) => Promise<PlainResponse>
): Promise<ExportWorld> => {
  const { privateKey, publicKey } = await pair
  const { kty = '', crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey)
  const jwk = { kty, crv, x, y, kid: '1', alg: 'ES384' }
  const { host } = newHostWorld({
    clock: () => Math.floor(Date.now() / 1000),
    clients: ['export-service', 'other-service'].map((clientId) => ({
      clientId,
      clientName: clientId,
      redirectUris: [],
      scope: 'system/*.rs system/bulk-submit',
      grantTypes: ['client_credentials'] as const,
      tokenEndpointAuthMethod: 'private_key_jwt' as const,
      keys: { _tag: 'Inline' as const, keys: [jwk] }
    })),
    features: {
      resourceSide: {
        operationScopes: [
          { scope: 'system/bulk-submit', permits: [{ level: 'system', type: null, name: 'bulk-submit' }] }
        ]
      }
    },
    fhir
  })
  const service: ExportWorld['service'] = (clientId, scope) =>
    createBackendService({
      server: { fhirBaseUrl: hostFhirBase, clientId, authentication: [{ method: 'private_key_jwt' }], redirectUri: '' },
      scope,
      signingKey: { kid: '1', alg: 'ES384', key: privateKey },
      http: ({ url, ...request }) => {
        const [path = '', query = ''] = url.slice(origin.length).split('?')
        const relayed = { ...request, path, query }
        const below = url.startsWith(`${hostFhirBase}/`) && !path.includes('/.well-known/')
        return below && answer !== undefined ? answer(host, relayed) : host.answer(relayed, { user: null })
      }
    })
  return { host, service }
}

/** How a request differs from a GET. */
export interface Otherwise {
  readonly method?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The response to a request of a service. */
export const answered = async (
  service: PlainBackendService,
  url: string,
  more: Otherwise = {}
): Promise<PlainResponse> => {
  const result = await service.fhir({ url, headers: { prefer: 'respond-async' }, ...more })
  if (!result.ok) throw new Error(JSON.stringify(result.failure))
  return result.value
}

/** The address of the job that a kick-off started. */
export const startedBy = async (service: PlainBackendService, url: string, more: Otherwise = {}): Promise<string> => {
  const started = await answered(service, url, more)
  expect([url, started.status]).toEqual([url, 202])
  return String(started.headers['content-location'])
}

/** A manifest, as far as tests read it. */
export interface ExportManifest {
  readonly transactionTime: string
  readonly request: string
  readonly requiresAccessToken: boolean
  readonly output: ReadonlyArray<{ readonly type: string; readonly url: string }>
}

/** The manifest of a job that is done. */
export const manifestAt = async (service: PlainBackendService, location: string): Promise<ExportManifest> => {
  const response = await answered(service, location)
  expect(response.status).toBe(200)
  return JSON.parse(response.body) as ExportManifest
}

/** The lines of all files of a manifest, read through the gate. */
export const exportedLines = async (
  service: PlainBackendService,
  { output }: ExportManifest
): Promise<ReadonlyArray<string>> => {
  const files: Array<string> = []
  for (const { url } of output) files.push((await answered(service, url)).body)
  return files
    .join('')
    .split('\n')
    .filter((line) => line !== '')
}
