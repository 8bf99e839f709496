/**
 * `oidc-provider` 9 with its memory adapter: a whole OpenID provider, the best known one for Node. Its storage
 * is given more room, because by itself it forgets all but the last thousand records.
 */
import { createHash, randomBytes } from 'node:crypto'
import { exportJWK, generateKeyPair } from 'jose'
import { Provider } from 'oidc-provider'
import MemoryAdapter from 'oidc-provider/lib/adapters/memory_adapter.js'
import LRU from 'oidc-provider/lib/helpers/lru.js'
import type { Job, Served } from './job.js'
import { clientId, clientSecret, fhirBaseUrl, issuer, redirectUri, scopeOf, user, verifier } from './job.js'

const clientOf = ({ assertion }: Job): object =>
  assertion === undefined
    ? {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_basic'
      }
    : {
        client_id: clientId,
        redirect_uris: [],
        response_types: [],
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: assertion.alg,
        jwks: { keys: [assertion.key] }
      }

const configurationOf = async (job: Job, room: number): Promise<object> => {
  const records = new LRU({ maxSize: room })
  const pairs = await Promise.all(['RS256', 'ES256', 'ES384'].map((alg) => generateKeyPair(alg, { extractable: true })))
  const keys = await Promise.all(pairs.map(({ privateKey }) => exportJWK(privateKey)))
  const scopes = scopeOf(job)
    .split(' ')
    .filter((scope) => scope !== 'openid' && scope !== 'offline_access')
    .join(' ')
  const resourceServer = {
    scope: scopes,
    audience: fhirBaseUrl,
    accessTokenTTL: 3600,
    ...(job.accessToken === 'opaque'
      ? { accessTokenFormat: 'opaque' }
      : { accessTokenFormat: 'jwt', jwt: { sign: { alg: job.accessToken } } })
  }
  return {
    adapter: (model: string) => new MemoryAdapter(model, records),
    clients: [clientOf(job)],
    enabledJWA: { clientAuthSigningAlgValues: ['RS384', 'ES384'] },
    jwks: { keys },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    scopes: ['openid', 'offline_access'],
    rotateRefreshToken: true,
    ttl: {
      AccessToken: 3600,
      AuthorizationCode: 600,
      ClientCredentials: 300,
      Grant: 86400,
      IdToken: 3600,
      RefreshToken: 86400,
      Session: 86400,
      Interaction: 600
    },
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: () => Promise.resolve({ sub: accountId })
    }),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => fhirBaseUrl,
        useGrantedResource: () => true,
        getResourceServerInfo: () => resourceServer
      }
    }
  }
}

const seedOne = async (provider: Provider, job: Job): Promise<string> => {
  const client = await provider.Client.find(clientId)
  const scope = scopeOf(job)
  const grant = new provider.Grant({ accountId: user.sub, clientId })
  grant.addOIDCScope(scope)
  grant.addResourceScope(fhirBaseUrl, scope)
  const granted = {
    accountId: user.sub,
    client,
    grantId: await grant.save(),
    scope,
    resource: fhirBaseUrl,
    authTime: user.authTime,
    gty: 'authorization_code'
  }
  if (job.requested === 'introspection') return new provider.AccessToken(granted).save()
  return job.requested === 'exchange'
    ? new provider.AuthorizationCode({
        ...granted,
        redirectUri,
        codeChallengeMethod: 'S256',
        codeChallenge: createHash('sha256').update(verifier).digest('base64url')
      }).save()
    : new provider.RefreshToken(granted).save()
}

const pathOf = ({ requested }: Job): string =>
  requested === 'discovery'
    ? '/.well-known/openid-configuration'
    : requested === 'introspection'
      ? '/token/introspection'
      : '/token'

/** The provider with one client and room for so many records. */
export const oidcProvider =
  (room: number) =>
  async (job: Job): Promise<Served> => {
    const provider = new Provider(issuer, await configurationOf(job, room))
    return {
      listener: provider.callback(),
      path: pathOf(job),
      seed: async (count) => {
        const seeds: Array<string> = []
        for (let made = 0; made < count; made++) seeds.push(await seedOne(provider, job))
        return seeds
      }
    }
  }
