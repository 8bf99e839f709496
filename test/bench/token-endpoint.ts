/**
 * The token endpoint against a bare endpoint that does the same cryptography on jose and WebCrypto and nothing else: no machine,
 * no rules, no refusals, a Map for a store. The job is a refresh by a confidential client, with and without an RS256 id_token.
 */
import { base64url, importJWK, SignJWT } from 'jose'
import * as Either from 'fp-ts/lib/Either.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { KeyMaterial } from 'smart-app-launch/adapters/jose'
import { generateKeyMaterial, joseKeys } from 'smart-app-launch/adapters/jose'
import { memoryClients, memoryStore, noClientKeys, noSessions } from 'smart-app-launch/adapters/memory'
import { systemClock, systemRandom } from 'smart-app-launch/adapters/web'
import { parse } from 'smart-app-launch/scopes'
import type { Answer, Conversation, PlainRequest } from 'smart-app-launch/server'
import { authorizationServer } from 'smart-app-launch/server'
import type { Opponent } from './harness.js'

const issuer = 'https://ehr.example'
const redirectUri = 'https://app.example/cb'
const secret = 'a-secret-of-the-benchmark'
const scope = 'launch/patient openid fhirUser offline_access patient/*.rs'
const authorization = `Basic ${Buffer.from(`app:${secret}`).toString('base64')}`
const encoder = new TextEncoder()

const sha256 = async (text: string): Promise<string> =>
  base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text))))

const request = (body: string): PlainRequest => ({
  method: 'POST',
  path: '/token',
  query: '',
  headers: { 'content-type': 'application/x-www-form-urlencoded', authorization },
  body
})

const unwrap = <A>(result: Either.Either<unknown, A>): A => {
  if (Either.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}

const locationOf = (conversation: Conversation): URL => {
  if (conversation._tag !== 'SendToApp') throw new Error(conversation._tag)
  return new URL(String(conversation.response.headers['location']))
}

interface TokenAnswer {
  readonly refresh_token: string
  readonly id_token?: string
}

/** Our server with one grant, and its first refresh token. */
const prepare = async (material: KeyMaterial, idTokenOnRefresh: boolean): Promise<{ readonly token: Answer; readonly refreshToken: string }> => {
  const server = unwrap(authorizationServer({ issuer, fhirBaseUrl: `${issuer}/fhir`, policy: { idTokenOnRefresh } }, {
    store: memoryStore(systemClock),
    clients: memoryClients([{
      clientId: 'app', clientName: 'App', redirectUris: [redirectUri], launchUris: [], scope: parse(scope),
      grantTypes: ['authorization_code', 'refresh_token'], tokenEndpointAuthMethod: 'client_secret_basic',
      secretDigests: [await sha256(secret)], applicationType: 'web'
    }]),
    clock: systemClock,
    random: systemRandom,
    keys: unwrap(await joseKeys(material)()),
    accessPolicy: { permittedScopes: (_user, _client, requested) => TaskEither.right(requested) },
    clientKeys: noClientKeys,
    users: noSessions,
    audit: { record: () => () => undefined }
  }))
  const verifier = 'v'.repeat(43)
  const query = new URLSearchParams({
    client_id: 'app', redirect_uri: redirectUri, response_type: 'code', scope, state: 's', aud: `${issuer}/fhir`,
    code_challenge: await sha256(verifier), code_challenge_method: 'S256'
  }).toString()
  const begun = await server.authorize({ method: 'GET', path: '/authorize', query, headers: {}, body: '' })()
  if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
  const { interaction } = begun
  await server.userSignedIn(interaction, { sub: 'alice', fhirUser: 'Practitioner/p1', authTime: 0 })()
  await server.contextChosen(interaction, { patient: '123' })()
  const code = locationOf(await server.consentGiven(interaction, parse(scope))()).searchParams.get('code') ?? ''
  const body = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier })
  const answer = JSON.parse((await server.token(request(body.toString()))()).body) as TokenAnswer
  return { token: server.token, refreshToken: answer.refresh_token }
}

const ours = async (material: KeyMaterial, withIdToken: boolean): Promise<Opponent> => {
  const prepared = await prepare(material, withIdToken)
  let { refreshToken } = prepared
  return {
    name: 'smart-app-launch',
    job: async () => {
      const response = await prepared.token(request(`grant_type=refresh_token&refresh_token=${refreshToken}`))()
      const answer = JSON.parse(response.body) as TokenAnswer
      if (response.status !== 200 || (answer.id_token !== undefined) !== withIdToken) throw new Error(response.body)
      refreshToken = answer.refresh_token
    }
  }
}

const bare = async (material: KeyMaterial, withIdToken: boolean): Promise<Opponent> => {
  const privateKey = await importJWK(material.signingKeys[0] ?? {}, 'RS256')
  const key = await crypto.subtle.importKey(
    'raw', base64url.decode(material.sealingKeys[0]?.secret ?? '') as Uint8Array<ArrayBuffer>, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']
  )
  const code = async (text: string): Promise<string> =>
    `${text}.${base64url.encode(new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text))))}`
  const known = await sha256(secret)
  const grants = new Map([['grant', 0]])
  let refreshToken = await code('grant.0')
  const endpoint = async ({ headers, body }: PlainRequest): Promise<string> => {
    const form = new URLSearchParams(body)
    const [, presented = ''] = Buffer.from((headers['authorization'] ?? '').slice(6), 'base64').toString().split(':')
    const [grant = '', generation = ''] = (form.get('refresh_token') ?? '').split('.')
    if (await sha256(presented) !== known) throw new Error('secret')
    if (await code(`${grant}.${generation}`) !== form.get('refresh_token')) throw new Error('forged')
    if (grants.get(grant) !== Number(generation)) throw new Error('reused')
    grants.set(grant, Number(generation) + 1)
    const now = Math.floor(Date.now() / 1000)
    const idToken = withIdToken
      ? await new SignJWT({ fhirUser: `${issuer}/fhir/Practitioner/p1` }).setProtectedHeader({ alg: 'RS256', kid: 'k' })
          .setIssuer(issuer).setSubject('alice').setAudience('app').setIssuedAt(now).setExpirationTime(now + 3600).sign(privateKey)
      : undefined
    return JSON.stringify({
      access_token: await code(`${grant}.${String(now)}`), refresh_token: await code(`${grant}.${String(Number(generation) + 1)}`),
      token_type: 'Bearer', expires_in: 3600, scope, patient: '123', id_token: idToken
    })
  }
  return {
    name: 'bare endpoint on jose',
    job: async () => {
      refreshToken = (JSON.parse(await endpoint(request(`grant_type=refresh_token&refresh_token=${refreshToken}`))) as TokenAnswer).refresh_token
    }
  }
}

/** Both opponents, the bare one first. */
export const tokenEndpoint = async (withIdToken: boolean): Promise<ReadonlyArray<Opponent>> => {
  const material = unwrap(await generateKeyMaterial())
  return [await bare(material, withIdToken), await ours(material, withIdToken)]
}
