/**
 * `oauth2-mock-server` on a socket, with a FHIR base beside it that points there: an authorization server that this
 * project did not write, and that can be made to err.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { MutableRedirectUri, MutableResponse, MutableToken } from 'oauth2-mock-server'
import { OAuth2Server } from 'oauth2-mock-server'

/** What the server does otherwise than it should. */
export interface Misbehavior {
  /** Changes the address to which the browser is sent back. */
  readonly redirect?: (url: URL) => void
  /** Changes the id_token before it is signed. */
  readonly idToken?: (token: MutableToken) => void
  /** Changes the answer of the token endpoint. */
  readonly response?: (response: MutableResponse) => void
  /** A new signing key in place of the old one. */
  readonly hasNewKey?: boolean
}

/** Both servers. */
export interface MockServer {
  readonly issuer: string
  readonly fhirBaseUrl: string
  /** How the server misbehaves from now on. */
  readonly misbehave: (how: Misbehavior) => Promise<void>
  /** How many requests the token endpoint and the FHIR server received. */
  readonly received: { tokens: number; fhir: number }
  readonly stop: () => Promise<void>
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.closeAllConnections()
    server.close(() => {
      resolve()
    })
  })

/** Starts both; the token response says these scopes. */
export const startMockServer = async (scope: string): Promise<MockServer> => {
  const oauth = new OAuth2Server()
  let kid = 0
  const newKey = (): Promise<unknown> => oauth.issuer.keys.generate('RS256', { kid: `k${String(kid++)}` })
  await newKey()
  let wrong: Misbehavior = {}
  const received = { tokens: 0, fhir: 0 }
  oauth.service.on('beforeAuthorizeRedirect', ({ url }: MutableRedirectUri) => {
    wrong.redirect?.(url)
  })
  oauth.service.on('beforeTokenSigning', (token: MutableToken) => {
    token.header['kid'] = `k${String(kid - 1)}`
    // Access tokens are signed too; only they have a scope.
    if (token.payload['scope'] === undefined) wrong.idToken?.(token)
  })
  oauth.service.on('beforeResponse', (response: MutableResponse) => {
    received.tokens += 1
    const { body } = response
    Object.assign(body as object, { scope, patient: 'example-1' })
    wrong.response?.(response)
  })
  const front = createServer((request: IncomingMessage, response: ServerResponse) => {
    oauth.service.requestHandler(request, response)
  })
  const listening = async (server: Server): Promise<string> => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  }
  const issuer = await listening(front)
  oauth.issuer.url = issuer
  const fhir = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-allow-headers', 'authorization')
    if (request.url === '/fhir/.well-known/smart-configuration') {
      response.end(
        JSON.stringify({
          issuer,
          jwks_uri: `${issuer}/jwks`,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'],
          code_challenge_methods_supported: ['S256'],
          grant_types_supported: ['authorization_code', 'client_credentials'],
          capabilities: ['launch-standalone', 'sso-openid-connect']
        })
      )
      return
    }
    if (request.method !== 'OPTIONS') received.fhir += 1
    response.end(JSON.stringify({ resourceType: 'Patient', id: 'example-1' }))
  })
  const fhirBaseUrl = `${await listening(fhir)}/fhir`
  return {
    issuer,
    fhirBaseUrl,
    misbehave: async (how) => {
      wrong = how
      if (how.hasNewKey === true) await newKey()
    },
    received,
    stop: async () => {
      await closed(front)
      await closed(fhir)
    }
  }
}
