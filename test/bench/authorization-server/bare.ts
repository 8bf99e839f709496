/**
 * The floor: a hand-written `node:http` endpoint that does the same cryptography and nothing else. No machine, no
 * rules, no refusals, no audit, no expiry: a Map for a store, and whoever asks wrongly gets an exception.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Cryptography } from './cryptography.js'
import type { Job, Opponent } from './job.js'
import { clientId, clientSecret, fhirBaseUrl, issuer, patient, redirectUri, scopeOf, user, verifier } from './job.js'
import { onWebCrypto, ours } from './ours.js'

/** What the floor knows of a grant. */
interface BareGrant {
  codeDigest: string
  challenge: string
  generation: number
}

interface Shop {
  readonly job: Job
  readonly scope: string
  readonly cryptography: Cryptography
  readonly knownSecret: string
  readonly grants: Map<string, BareGrant>
  /** The `jti` of every assertion that was seen. */
  readonly seen: Set<unknown>
}

const idToken = async (cryptography: Cryptography, claims: object, accessToken: string): Promise<string> =>
  cryptography.idToken({
    ...claims,
    aud: clientId,
    at_hash: (await cryptography.digest(accessToken)).slice(0, 22),
    fhirUser: `${fhirBaseUrl}/${user.fhirUser}`
  })

const tokens = async ({ cryptography, job, scope }: Shop, grantId: string, generation: number): Promise<string> => {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: issuer, sub: user.sub, iat: now, exp: now + 3600 }
  const accessToken = `${grantId}.a.${String(now)}.${String(now + 3600)}`
  const signedAccessToken =
    job.accessToken !== 'opaque'
      ? await cryptography.accessToken({ ...claims, aud: fhirBaseUrl, client_id: clientId, scope, jti: grantId })
      : `${accessToken}.${await cryptography.mac(accessToken)}`
  const refreshToken = `${grantId}.r.${String(generation)}`
  return JSON.stringify({
    patient,
    access_token: signedAccessToken,
    token_type: 'Bearer',
    expires_in: 3600,
    scope,
    refresh_token: `${refreshToken}.${await cryptography.mac(refreshToken)}`,
    id_token: job.idToken ? await idToken(cryptography, claims, signedAccessToken) : undefined
  })
}

const exchange = async (shop: Shop, form: URLSearchParams): Promise<string> => {
  const code = form.get('code') ?? ''
  const grantId = code.slice(0, code.indexOf('.'))
  const grant = shop.grants.get(grantId)
  if (grant?.codeDigest !== (await shop.cryptography.digest(code))) throw new Error('code')
  if (grant.challenge !== (await shop.cryptography.digest(form.get('code_verifier') ?? ''))) throw new Error('verifier')
  if (form.get('redirect_uri') !== redirectUri) throw new Error('redirect')
  grant.codeDigest = ''
  return tokens(shop, grantId, 0)
}

const refresh = async (shop: Shop, form: URLSearchParams): Promise<string> => {
  const token = form.get('refresh_token') ?? ''
  const dot = token.lastIndexOf('.')
  const [grantId = '', , generation] = token.split('.')
  if ((await shop.cryptography.mac(token.slice(0, dot))) !== token.slice(dot + 1)) throw new Error('forged')
  const grant = shop.grants.get(grantId)
  if (grant?.generation !== Number(generation)) throw new Error('reused')
  grant.generation += 1
  return tokens(shop, grantId, grant.generation)
}

const backend = async (shop: Shop, form: URLSearchParams): Promise<string> => {
  const { cryptography, seen, scope } = shop
  const claims = await cryptography.assertion(form.get('client_assertion') ?? '')
  if (claims['sub'] !== clientId || claims['aud'] !== issuer || seen.has(claims['jti'])) throw new Error('assertion')
  seen.add(claims['jti'])
  const grantId = randomBytes(16).toString('base64url')
  shop.grants.set(grantId, { codeDigest: '', challenge: '', generation: 0 })
  const now = Math.floor(Date.now() / 1000)
  const accessToken = await cryptography.accessToken({
    iss: issuer,
    sub: clientId,
    aud: fhirBaseUrl,
    client_id: clientId,
    scope,
    jti: grantId,
    iat: now,
    exp: now + 300
  })
  return JSON.stringify({ access_token: accessToken, token_type: 'Bearer', expires_in: 300, scope })
}

const introspect = async (shop: Shop, form: URLSearchParams): Promise<string> => {
  const token = form.get('token') ?? ''
  const dot = token.lastIndexOf('.')
  const [grantId = '', , , exp] = token.split('.')
  if ((await shop.cryptography.mac(token.slice(0, dot))) !== token.slice(dot + 1)) throw new Error('forged')
  if (!shop.grants.has(grantId)) throw new Error('unknown')
  return JSON.stringify({
    patient,
    active: true,
    scope: shop.scope,
    client_id: clientId,
    exp: Number(exp),
    token_type: 'Bearer'
  })
}

const answerToken = async (shop: Shop, header: string, body: string): Promise<string> => {
  if (shop.job.requested === 'backend') return backend(shop, new URLSearchParams(body))
  const basic = Buffer.from(header.slice(6), 'base64').toString()
  const colon = basic.indexOf(':')
  if (basic.slice(0, colon) !== clientId) throw new Error('client')
  if ((await shop.cryptography.digest(basic.slice(colon + 1))) !== shop.knownSecret) throw new Error('secret')
  const form = new URLSearchParams(body)
  if (shop.job.requested === 'introspection') return introspect(shop, form)
  return form.get('grant_type') === 'refresh_token' ? refresh(shop, form) : exchange(shop, form)
}

const send = (response: ServerResponse, body: string | Buffer, headers: Readonly<Record<string, string>>): void => {
  response.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

const noStore = { 'content-type': 'application/json;charset=UTF-8', 'cache-control': 'no-store', pragma: 'no-cache' }

const listenToken =
  (shop: Shop) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      answerToken(shop, request.headers.authorization ?? '', body).then(
        (text) => {
          send(response, text, noStore)
        },
        (error: unknown) => {
          response.writeHead(400).end(String(error))
        }
      )
    })
  }

const seed =
  (shop: Shop) =>
  async (count: number): Promise<ReadonlyArray<string>> => {
    const seeds: Array<string> = []
    const challenge = await shop.cryptography.digest(verifier)
    for (let made = 0; made < count; made++) {
      const grantId = randomBytes(16).toString('base64url')
      const code = `${grantId}.c.${randomBytes(32).toString('base64url')}`
      shop.grants.set(grantId, { codeDigest: await shop.cryptography.digest(code), challenge, generation: 0 })
      const now = Math.floor(Date.now() / 1000)
      const token =
        shop.job.requested === 'introspection' ? `${grantId}.a.${String(now)}.${String(now + 3600)}` : `${grantId}.r.0`
      seeds.push(shop.job.requested === 'exchange' ? code : `${token}.${await shop.cryptography.mac(token)}`)
    }
    return seeds
  }

/** The floor, on one cryptography or the other. Its discovery document is ours, rendered once. */
export const bare =
  (make: (job: Job) => Promise<Cryptography>): Opponent =>
  async (job) => {
    if (job.requested === 'discovery') {
      const { path, document } = await ours(onWebCrypto)(job)
      const headers = { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' }
      return {
        path,
        seed: () => Promise.resolve([]),
        listener: (_request, response) => {
          send(response, document, headers)
        }
      }
    }
    const cryptography = await make(job)
    const knownSecret = await cryptography.digest(clientSecret)
    const shop: Shop = { job, scope: scopeOf(job), cryptography, knownSecret, grants: new Map(), seen: new Set() }
    return { path: '/token', listener: listenToken(shop), seed: seed(shop) }
  }
