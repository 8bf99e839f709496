/**
 * An EHR in front of a browser: its own origin for FHIR and sign-in, and another one for its issuer. It shows no page,
 * and it can deviate as the servers of vendors do.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** How the EHR deviates. */
export interface VendorDeviation {
  /** Members of the SMART configuration. */
  readonly smart?: Readonly<Record<string, unknown>>
  /** The status of the redirect with which the SMART configuration is answered. */
  readonly discoveryRedirect?: 301 | 302 | 307 | 308
  /** Whether pages of other origins may read the issuer's document and its keys. */
  readonly identityHasCors?: { readonly document: boolean; readonly keys: boolean }
  /** The answer of the token endpoint, in place of the usual one. */
  readonly token?: {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>>
    readonly body: object
  }
}

/** The EHR. */
export interface VendorEhr {
  readonly origin: string
  readonly identityOrigin: string
  readonly fhirBaseUrl: string
  /** From now on. */
  readonly deviate: (deviation: VendorDeviation) => void
  /** The issuer signs with a new key from now on, and serves it alone. */
  readonly rotateKey: () => Promise<void>
  /** The requests, as method and path with query. */
  readonly requests: Array<string>
  readonly stop: () => void
}

/** A document that is no UTF-8. */
export const pdf: ReadonlyArray<number> = [0x25, 0x50, 0x44, 0x46, 0x2d, 0xff, 0xfe, 0x80, 0xc3, 0x28, 0x00, 0x9f]

const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, content-type',
  'access-control-expose-headers': 'retry-after'
}

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
}

const bodyOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  let text = ''
  for await (const part of request) text += String(part)
  return new URLSearchParams(text)
}

/** Starts the EHR; its patients are called `<name>-1`, `<name>-2` and so on, one for each launch. */
export const startVendorEhr = async (name: string): Promise<VendorEhr> => {
  let deviation: VendorDeviation = {}
  const requests: Array<string> = []
  const launches = new Map<string, URLSearchParams>()
  let rotations = 0
  const newKey = async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256')
    rotations += 1
    const kid = `k${String(rotations)}`
    return { privateKey, kid, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } }
  }
  let key = await newKey()
  let busy = 1
  let [origin, identityOrigin] = ['', '']

  const json = (
    response: ServerResponse,
    body: object,
    status = 200,
    headers: Readonly<Record<string, string>> = cors
  ) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

  const identity = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`)
    const { document, keys } = deviation.identityHasCors ?? { document: true, keys: true }
    if (request.url === '/keys') json(response, { keys: [key.jwk] }, 200, keys ? cors : {})
    else json(response, { issuer: identityOrigin, jwks_uri: `${identityOrigin}/keys` }, 200, document ? cors : {})
  })

  const tokens = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = await bodyOf(request)
    const { token } = deviation
    if (token !== undefined) {
      json(response, token.body, token.status, { ...cors, ...token.headers })
      return
    }
    const code = form.get('code') ?? ''
    const launch = launches.get(code)
    const nonce = launch?.get('nonce') ?? null
    const now = Math.floor(Date.now() / 1000)
    const idToken = (): Promise<string> =>
      new SignJWT({ nonce, fhirUser: 'Practitioner/1' })
        .setProtectedHeader({ alg: 'RS256', kid: key.kid })
        .setIssuer(identityOrigin)
        .setAudience(launch?.get('client_id') ?? '')
        .setSubject('u1')
        .setIssuedAt(now)
        .setExpirationTime(now + 300)
        .sign(key.privateKey)
    json(response, {
      access_token: `token-of-${name}`,
      token_type: 'Bearer',
      expires_in: 600,
      patient: code,
      ...(nonce === null ? {} : { id_token: await idToken() })
    })
  }

  const fhir = (url: URL, response: ServerResponse): void => {
    if (url.pathname === '/fhir/Binary/1')
      response.writeHead(200, { 'content-type': 'application/pdf', ...cors }).end(Uint8Array.from(pdf))
    else if (url.pathname === '/fhir/Busy') {
      busy = (busy + 1) % 2
      json(response, {}, busy === 0 ? 429 : 200, { ...cors, 'retry-after': '1' })
    } else json(response, { resourceType: 'Patient', id: url.pathname.split('/').at(-1) })
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', origin)
    requests.push(`${request.method ?? ''} ${url.pathname}${url.search}`)
    if (request.method === 'OPTIONS') response.writeHead(204, cors).end()
    else if (url.pathname === '/fhir/.well-known/smart-configuration' && deviation.discoveryRedirect !== undefined)
      response.writeHead(deviation.discoveryRedirect, { location: '/moved', ...cors }).end()
    else if (url.pathname === '/fhir/.well-known/smart-configuration' || url.pathname === '/moved')
      json(response, {
        issuer: identityOrigin,
        jwks_uri: `${identityOrigin}/keys`,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        code_challenge_methods_supported: ['S256'],
        capabilities: ['launch-standalone', 'sso-openid-connect'],
        ...deviation.smart
      })
    else if (url.pathname === '/authorize') {
      const code = `${name}-${String(launches.size + 1)}`
      launches.set(code, url.searchParams)
      const back = new URL(url.searchParams.get('redirect_uri') ?? '')
      back.searchParams.set('code', code)
      back.searchParams.set('state', url.searchParams.get('state') ?? '')
      response.writeHead(302, { location: back.href }).end()
    } else if (url.pathname === '/token') void tokens(request, response)
    else fhir(url, response)
  })
  origin = await listening(server)
  identityOrigin = await listening(identity)
  return {
    origin,
    identityOrigin,
    fhirBaseUrl: `${origin}/fhir`,
    deviate: (next) => {
      deviation = next
    },
    rotateKey: async () => {
      key = await newKey()
    },
    requests,
    stop: () => {
      server.close()
      identity.close()
    }
  }
}
