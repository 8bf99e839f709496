/**
 * `oidc-provider` on a socket, with a FHIR base beside it that points there: an authorization server that this project
 * did not write.
 */
import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import { parse } from 'node-html-parser'
import { Provider } from 'oidc-provider'

/** Both servers. */
export interface ForeignServer {
  readonly issuer: string
  readonly fhirBaseUrl: string
  /** The requests to the FHIR server, with the tokens. */
  readonly fhirRequests: Array<{ readonly url: string; readonly authorization: string | null }>
  readonly stop: () => void
}

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
}

/** Starts both for these clients. */
export const startForeignServer = async (clients: ReadonlyArray<object>): Promise<ForeignServer> => {
  const front = createServer()
  const base = await listen(front)
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const provider = new Provider(base, {
    clients,
    jwks: { keys: [await exportJWK(privateKey)] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    scopes: ['openid', 'offline_access', 'launch/patient', 'fhirUser', 'patient/*.rs', 'system/Observation.rs'],
    // Pages of other origins may read documents, keys and tokens.
    clientBasedCORS: () => true,
    features: { clientCredentials: { enabled: true } },
    ttl: { AccessToken: 3600, Grant: 86400, IdToken: 3600, Interaction: 600, RefreshToken: 86400, Session: 86400 },
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    enabledJWA: { clientAuthSigningAlgValues: ['RS384', 'ES384'] },
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: () => Promise.resolve({ sub: accountId })
    })
  })
  // The launch context: SMART adds it to the token response.
  provider.use(async (context, next) => {
    await next()
    const body = context.body as Readonly<Record<string, unknown>> | undefined
    if (context.path === '/token' && body?.['id_token'] !== undefined)
      context.body = { ...body, patient: 'example-1', need_patient_banner: true }
  })
  front.on('request', provider.callback())
  const fhirRequests: Array<{ readonly url: string; readonly authorization: string | null }> = []
  const fhir = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-allow-headers', 'authorization')
    if (request.method === 'OPTIONS') {
      response.end()
      return
    }
    if (request.url === '/fhir/.well-known/smart-configuration') {
      response.end(
        JSON.stringify({
          issuer: base,
          authorization_endpoint: `${base}/auth`,
          token_endpoint: `${base}/token`,
          jwks_uri: `${base}/jwks`,
          code_challenge_methods_supported: ['S256'],
          grant_types_supported: ['authorization_code'],
          capabilities: ['launch-standalone'],
          authorization_response_iss_parameter_supported: true
        })
      )
      return
    }
    fhirRequests.push({ url: request.url ?? '', authorization: request.headers.authorization ?? null })
    const id = /^\/fhir\/Patient\/([\w-]+)$/.exec(request.url ?? '')?.[1]
    response.end(
      JSON.stringify(
        id === undefined ? { resourceType: 'Bundle', type: 'searchset', total: 0 } : { resourceType: 'Patient', id }
      )
    )
  })
  const fhirBaseUrl = `${await listen(fhir)}/fhir`
  return {
    issuer: base,
    fhirBaseUrl,
    fhirRequests,
    stop: () => {
      front.close()
      fhir.close()
    }
  }
}

/** A user with a browser goes through the provider's pages; gives the address to which they lead. */
export const signIn = async (issuer: string, address: string, login: string): Promise<URL> => {
  const cookies = new Map<string, string>()
  const visit = async (url: string, form?: URLSearchParams): Promise<URL> => {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: form })
    })
    for (const header of response.headers.getSetCookie()) {
      const pair = header.slice(0, header.indexOf(';'))
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    const location = response.headers.get('location')
    if (location !== null) {
      const next = new URL(location, url)
      return next.origin === issuer ? visit(next.href) : next
    }
    const page = await response.text()
    const pageForm = parse(page).querySelector('form')
    if (pageForm === null) throw new Error(page)
    const prompt = pageForm.querySelector('input[name=prompt]')?.getAttribute('value') ?? ''
    return visit(
      new URL(pageForm.getAttribute('action') ?? '', url).href,
      new URLSearchParams({ prompt, login, password: 'x' })
    )
  }
  return visit(address)
}
