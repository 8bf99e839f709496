/** This project's authorization server through its Node adapter, with the memory store. */
import { createHash } from 'node:crypto'
import * as Either from 'fp-ts/lib/Either.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { exportJWK, generateKeyPair } from 'jose'
import type { KeyMaterial } from 'smart-app-launch/fp-ts/adapters/jose'
import { generateKeyMaterial, joseKeys } from 'smart-app-launch/fp-ts/adapters/jose'
import type { MemoryStore } from 'smart-app-launch/fp-ts/adapters/memory'
import { memoryClients, memoryStore, noClientKeys, noSessions } from 'smart-app-launch/fp-ts/adapters/memory'
import { nodeHandler } from 'smart-app-launch/fp-ts/adapters/node'
import { nodeKeys, nodeRandom } from 'smart-app-launch/fp-ts/adapters/node-crypto'
import { systemClock, systemRandom } from 'smart-app-launch/fp-ts/adapters/web'
import { parse } from 'smart-app-launch/fp-ts'
import type { AuthorizationServer, Conversation, Ports } from 'smart-app-launch/fp-ts'
import { requestHandler, authorizationServer } from 'smart-app-launch/fp-ts'
import type { Job, Served } from './job.js'
import {
  authorization,
  checkAnswer,
  clientId,
  clientSecret,
  fhirBaseUrl,
  formOf,
  issuer,
  patient,
  redirectUri,
  scopeOf,
  user,
  verifier
} from './job.js'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

const unwrap = <A>(result: Either.Either<unknown, A>): A => {
  if (Either.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}

/** The code in the redirect to the app. */
export const codeIn = (conversation: Conversation): string => {
  if (conversation._tag !== 'SendToApp') throw new Error(conversation._tag)
  const code = new URL(String(conversation.response.headers['location'])).searchParams.get('code')
  if (code === null) throw new Error('no code')
  return code
}

/** The query of an authorization request. */
export const askForCode = (scope: string): string =>
  new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope,
    state: 's',
    aud: fhirBaseUrl,
    code_challenge: sha256(verifier),
    code_challenge_method: 'S256'
  }).toString()

const obtainCode = async (server: AuthorizationServer, scope: string): Promise<string> => {
  const begun = await server.endpoints.authorize({
    method: 'GET',
    path: '/authorize',
    query: askForCode(scope),
    headers: {},
    body: ''
  })()
  if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
  const interaction = { ...begun.interaction, present: user }
  await server.interaction.userSignedIn(interaction, user)()
  await server.interaction.contextChosen(interaction, { patient })()
  return codeIn(await server.interaction.consentGiven(interaction, parse(scope))())
}

/** The refresh token for which a code is exchanged, or the access token where that one is introspected. */
const exchangeOne = async (server: AuthorizationServer, job: Job, code: string): Promise<string> => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization }
  const body = formOf({ ...job, requested: 'exchange' }, code)
  const answer = await server.endpoints.token({ method: 'POST', path: '/token', query: '', headers, body })()
  const { access_token: accessToken, refresh_token: refreshToken } = checkAnswer(job, answer.body)
  return job.requested === 'introspection' ? accessToken : (refreshToken ?? '')
}

const clientsOf = (job: Job): Ports['clients'] => {
  const client = {
    clientId,
    clientName: 'App',
    launchUris: [],
    scope: parse(scopeOf(job)),
    applicationType: 'web'
  } as const
  const { key } = job.assertion ?? {}
  return memoryClients([
    key === undefined
      ? {
          ...client,
          redirectUris: [redirectUri],
          grantTypes: ['authorization_code', 'refresh_token'],
          tokenEndpointAuthMethod: 'client_secret_basic',
          secretDigests: [sha256(clientSecret)]
        }
      : {
          ...client,
          redirectUris: [],
          grantTypes: ['client_credentials'],
          tokenEndpointAuthMethod: 'private_key_jwt',
          secretDigests: [],
          keys: { _tag: 'Inline', keys: [{ ...key }] }
        }
  ])
}

/** Fresh keys, and one for access tokens that are JWTs. */
export const keyMaterial = async (job: Job): Promise<KeyMaterial> => {
  const material = unwrap(await generateKeyMaterial())
  if (job.accessToken === 'opaque' || job.accessToken === 'RS256') return material
  const { privateKey } = await generateKeyPair(job.accessToken, { extractable: true })
  return { ...material, accessTokenKeys: [{ ...(await exportJWK(privateKey)), alg: job.accessToken, kid: 'ec' }] }
}

/** What the memory measurement and the bare opponent want to know besides. */
export interface OursServed extends Served {
  readonly server: AuthorizationServer
  readonly store: MemoryStore
  /** The discovery document, as it is sent. */
  readonly document: string
}

const pathOf = ({ requested }: Job, discovery: string): string =>
  requested === 'discovery' ? discovery : requested === 'introspection' ? '/introspect' : '/token'

/** What makes the keys and the random tokens of a server. */
export interface Adapters {
  readonly keysOf: (material: KeyMaterial) => ReturnType<typeof joseKeys>
  readonly random: Ports['random']
}

/** jose and WebCrypto, as on every platform. */
export const onWebCrypto: Adapters = { keysOf: joseKeys, random: systemRandom }

/** jose and `node:crypto`. */
export const onNodeCrypto: Adapters = { keysOf: nodeKeys, random: nodeRandom }

/** Our server. */
export const ours =
  ({ keysOf, random }: Adapters) =>
  async (job: Job): Promise<OursServed> => {
    const store = memoryStore(systemClock)
    const keys = unwrap(await keysOf(await keyMaterial(job))())
    const policy = {
      idTokenOnRefresh: job.idToken,
      accessTokenFormat: job.accessToken === 'opaque' ? 'opaque' : 'jwt',
      // The codes of a whole run are made before it.
      codeLifetimeSeconds: 600
    } as const
    const server = unwrap(
      authorizationServer(
        { issuer, fhirBaseUrl, policy },
        {
          store,
          clients: clientsOf(job),
          clock: systemClock,
          random,
          keys,
          accessPolicy: { permittedScopes: (_user, _client, requested) => TaskEither.right(requested) },
          clientKeys: noClientKeys,
          users: noSessions,
          audit: { record: () => () => undefined }
        }
      )
    )
    const nothing = Task.of({ status: 404, headers: {}, body: '' })
    const answer = requestHandler(server, { onConversation: () => nothing, fallback: () => nothing })
    const path = '/fhir/.well-known/smart-configuration'
    return {
      server,
      store,
      listener: nodeHandler(answer),
      path: pathOf(job, path),
      document: (await answer({ method: 'GET', path, query: '', headers: {}, body: '' })()).body,
      seed: async (count) => {
        const seeds: Array<string> = []
        for (let made = 0; made < count; made++) {
          const code = await obtainCode(server, scopeOf(job))
          seeds.push(job.requested === 'exchange' ? code : await exchangeOne(server, job, code))
        }
        return seeds
      }
    }
  }
