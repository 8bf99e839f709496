/** What all processes of a cluster share: the name of the server, its keys, and its clients. */
import { generateKeyPairSync } from 'node:crypto'
import type { JsonWebKey } from 'node:crypto'
import * as Either from 'fp-ts/lib/Either.js'
import { clients, sha256 } from '../server-fixture.js'
import type { KeyMaterial } from '../../../src/adapters/jose.js'
import { generateKeyMaterial } from '../../../src/adapters/jose.js'
import type { ServerSettings } from '../../../src/engine/server/settings.js'
import type { RegisteredClient } from '../../../src/protocol/client/client.js'
import { parse } from '../../../src/scopes/parse.js'

/** The keys of a cluster. */
export interface ClusterKeys {
  readonly server: KeyMaterial
  /** The private key of the backend service, which the test has. */
  readonly backend: JsonWebKey
}

/** New keys. */
export const newClusterKeys = async (): Promise<ClusterKeys> => {
  const server = await generateKeyMaterial()
  if (Either.isLeft(server)) throw new Error(server.left.reason)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  return { server: server.right, backend: privateKey.export({ format: 'jwk' }) }
}

/** The settings of every engine process. */
export const clusterSettings: ServerSettings = {
  issuer: 'https://ehr.example',
  fhirBaseUrl: 'https://ehr.example/fhir',
  registration: { mode: 'open', limitPerHour: 1_000_000, limitKept: 1_000_000 },
  policy: { introspectRefreshTokens: true, codeLifetimeSeconds: 600 }
}

/** The app: confidential, so that it may introspect its own tokens. */
export const appSecret = 'app-secret'

/** The clients of every engine process. */
export const clusterClients = ({ backend }: ClusterKeys): ReadonlyArray<RegisteredClient> => {
  const [app] = clients
  if (app === undefined) throw new Error('no client')
  const { d: _private, ...publicKey } = backend
  return [
    {
      ...app,
      clientId: 'app',
      tokenEndpointAuthMethod: 'client_secret_basic',
      secretDigests: [sha256(appSecret)]
    },
    {
      clientId: 'backend',
      clientName: 'Backend',
      redirectUris: [],
      launchUris: [],
      scope: parse('system/Observation.rs'),
      grantTypes: ['client_credentials'],
      tokenEndpointAuthMethod: 'private_key_jwt',
      secretDigests: [],
      applicationType: 'web',
      keys: { _tag: 'Inline', keys: [{ ...publicKey, kid: 'backend' }] }
    }
  ]
}
