/** A backend service of this project exports in bulk: authorization server, gate, and a bulk server behind it. */
import { beforeAll, describe, expect, it } from 'vitest'
import { bulkServer } from '../../support/fhir/bulk-server.js'
import { hostFhirBase, newHostWorld } from '../../support/host-world.js'
import { createBackendService } from '../../../src/app.js'
import type { PlainBackendService } from '../../../src/plain/app.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'

const origin = 'https://ehr.example'
const algorithm = { name: 'ECDSA', namedCurve: 'P-384' } as const
let pair: CryptoKeyPair

beforeAll(async () => {
  pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
})

const worldOf = async () => {
  const behind = bulkServer({ address: hostFhirBase })
  const { kty = '', crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
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
    fhir: async (request: PlainRequest) => {
      const answered = await behind.server.answer(request)()
      if (answered._tag === 'Left') throw new Error(answered.left.reason)
      return answered.right
    }
  })
  const service = (clientId: string, scope: string): PlainBackendService =>
    createBackendService({
      server: { fhirBaseUrl: hostFhirBase, clientId, authentication: [{ method: 'private_key_jwt' }], redirectUri: '' },
      scope,
      signingKey: { kid: '1', alg: 'ES384', key: pair.privateKey },
      http: ({ url, ...request }) => {
        const [path = '', query = ''] = url.slice(origin.length).split('?')
        return host.answer({ ...request, path, query }, { user: null })
      }
    })
  return { service, requests: behind.requests }
}

const answered = async (
  service: PlainBackendService,
  url: string,
  more: { readonly method?: string; readonly body?: string } = {}
): Promise<PlainResponse> => {
  const result = await service.fhir({ url, headers: { prefer: 'respond-async' }, ...more })
  if (!result.ok) throw new Error(JSON.stringify(result.failure))
  return result.value
}

const exported = async (service: PlainBackendService, url: string, more: { method?: string; body?: string } = {}) => {
  const started = await answered(service, url, more)
  expect([url, started.status]).toEqual([url, 202])
  const location = String(started.headers['content-location'])
  expect((await answered(service, location)).status).toBe(202)
  const manifest = await answered(service, location)
  const { output } = JSON.parse(manifest.body) as { output: ReadonlyArray<{ url: string }> }
  const files: Array<string> = []
  for (const file of output) files.push((await answered(service, file.url)).body)
  return {
    location,
    lines: files
      .join('')
      .split('\n')
      .filter((line) => line !== '')
  }
}

describe('a backend service', () => {
  it.each([
    ['$export', {}],
    ['Patient/$export', { method: 'POST', body: '{"resourceType":"Parameters"}' }],
    ['Group/g/$export', {}]
  ])('exports by %s what its scopes permit', async (url, more) => {
    const { service, requests } = await worldOf()
    const scope = 'system/Observation.rs?category=laboratory system/Group.rs system/Condition.rs'
    const narrow = service('export-service', scope)
    const { lines, location } = await exported(narrow, url, more)
    expect(lines.filter((line) => line.includes('Observation')).map((line) => line.includes('laboratory'))).toEqual([
      true,
      true
    ])
    expect(lines.some((line) => line.includes('"Patient"'))).toBe(false)
    expect(requests.every(({ headers }) => headers['authorization'] === undefined)).toBe(true)
    expect((await answered(service('other-service', scope), location)).status).toBe(404)
    expect((await answered(service('export-service', 'system/Condition.rs'), location)).status).toBe(403)
    expect((await answered(narrow, location, { method: 'DELETE' })).status).toBe(202)
    expect((await answered(narrow, location)).status).toBe(404)
  })

  it('is granted a scope that the host declares for an operation', async () => {
    const { service } = await worldOf()
    const submitting = service('export-service', 'system/bulk-submit')
    expect(await submitting.accessToken()).toMatchObject({ ok: true })
    expect((await answered(submitting, '$bulk-submit', { method: 'POST' })).status).toBe(202)
    expect((await answered(submitting, '$export')).status).toBe(403)
    expect((await answered(service('export-service', 'system/*.rs'), '$bulk-submit', { method: 'POST' })).status).toBe(
      403
    )
  })
})
