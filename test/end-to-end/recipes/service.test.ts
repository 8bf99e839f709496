/**
 * The program of docs/backend-service.md, as it stands there, against the simulator, `oidc-provider` and a server that
 * errs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JWK } from 'jose'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serviceVariants } from '../../support/app/error-variants.js'
import { startForeignServer } from '../../support/app/foreign-server.js'
import type { MockServer } from '../../support/app/mock-server.js'
import { startMockServer } from '../../support/app/mock-server.js'
import { bundled, programOf, runProgram } from '../../support/app/recipe.js'
import { startSimulator } from '../../support/simulator/simulator-process.js'

const folder = mkdtempSync(join(tmpdir(), 'recipe-service-'))
let jwks: { readonly keys: ReadonlyArray<JWK> } = { keys: [] }

const registration = (): Readonly<Record<string, unknown>> => ({
  client_id: 'nightly-export',
  scope: 'system/Observation.rs',
  grant_types: ['client_credentials'],
  token_endpoint_auth_method: 'private_key_jwt',
  jwks
})

beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true })
  writeFileSync(join(folder, 'private-key.json'), JSON.stringify(await exportJWK(privateKey)))
  jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: '2026-01', alg: 'ES384', use: 'sig' }] }
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const runAt = async (
  fhirBaseUrl: string,
  origins: ReadonlyArray<string> = []
): Promise<readonly [code: number | null, printed: string]> => {
  const code = programOf('docs/backend-service.md', 'laboratory results', {
    'http://127.0.0.1:4010/fhir': fhirBaseUrl,
    "clientId: 'nightly-export',": `clientId: 'nightly-export', authorizationOrigins: ${JSON.stringify(origins)},`
  })
  const file = join(folder, 'service.mjs')
  writeFileSync(file, await bundled(code, 'node'))
  const program = runProgram(file, folder)
  return [await program.ended, program.printed()]
}

it('reads all pages of a search at the simulator', async () => {
  const config = join(folder, 'config.json')
  writeFileSync(config, JSON.stringify({ clients: [registration()] }))
  const simulator = await startSimulator(['--config', config])
  try {
    const [code, printed] = await runAt(`${simulator.base}/fhir`)
    expect([code, printed]).toEqual([0, expect.stringMatching(/^\d{3,} laboratory results\n$/)])
  } finally {
    await simulator.stop()
  }
})

it('obtains a token at oidc-provider', async () => {
  const foreign = await startForeignServer([
    {
      ...registration(),
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_signing_alg: 'ES384'
    }
  ])
  try {
    expect(await runAt(foreign.fhirBaseUrl, [foreign.issuer])).toEqual([0, '0 laboratory results\n'])
    expect(foreign.fhirRequests).toEqual([
      {
        url: '/fhir/Observation?category=laboratory&_count=50',
        authorization: expect.stringMatching(/^Bearer ./) as string
      }
    ])
  } finally {
    foreign.stop()
  }
})

describe('at oauth2-mock-server, which errs', () => {
  let mock: MockServer
  beforeAll(async () => {
    mock = await startMockServer('system/Observation.rs')
  })
  afterAll(() => mock.stop())

  it('reads while nothing is wrong', async () => {
    await mock.misbehave({})
    expect(await runAt(mock.fhirBaseUrl, [mock.issuer])).toEqual([0, '0 laboratory results\n'])
  })

  it.each(serviceVariants.map((variant) => [variant.title, variant] as const))('%s', async (_title, variant) => {
    await mock.misbehave(variant.how)
    const before = mock.received.fhir
    const [code, printed] = await runAt(mock.fhirBaseUrl, [mock.issuer])
    expect([code, printed.split(':')[0], mock.received.fhir]).toEqual([1, variant.failure, before])
  })
})
