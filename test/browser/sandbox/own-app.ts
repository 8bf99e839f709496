/** An app of somebody else: a small server with a launch page and a redirect page, written without this project. */
import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A running app. */
export interface OwnApp {
  readonly launchUri: string
  readonly redirectUri: string
  readonly stop: () => Promise<void>
}

/** What the app remembers of a launch. */
interface Begun {
  readonly verifier: string
  readonly tokenEndpoint: string
  readonly fhirBaseUrl: string
}

type Json = Readonly<Record<string, unknown>>

const jsonAt = async (url: string, options: RequestInit = {}): Promise<Json> =>
  (await (await fetch(url, options)).json()) as Json

/** How the app differs from the ordinary one. */
interface OwnAppOptions {
  /** Header fields of its pages. */
  readonly headers?: Readonly<Record<string, string>>
  /** Further parameters of its authorization request. */
  readonly request?: Readonly<Record<string, string>>
}

/** Starts the app under a name of this machine. `clientId` is the id that it sends. */
export const startOwnApp = async (
  clientId: string,
  hostName = '127.0.0.1',
  { headers = {}, request = {} }: OwnAppOptions = {}
): Promise<OwnApp> => {
  const begun = new Map<string, Begun>()
  const server = createServer((message, response) => void answer(message, response))
  await new Promise((resolve) =>
    server.listen(0, hostName, () => {
      resolve(null)
    })
  )
  const origin = `http://${hostName}:${String((server.address() as AddressInfo).port)}`
  const redirectUri = `${origin}/callback`

  const launch = async (query: URLSearchParams): Promise<string> => {
    const fhirBaseUrl = query.get('iss') ?? ''
    const discovered = await jsonAt(`${fhirBaseUrl}/.well-known/smart-configuration`)
    const [state, verifier] = [randomBytes(16).toString('hex'), randomBytes(32).toString('hex')]
    begun.set(state, { verifier, tokenEndpoint: String(discovered['token_endpoint']), fhirBaseUrl })
    const launchHandle = query.get('launch')
    return `${String(discovered['authorization_endpoint'])}?${new URLSearchParams({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      scope: `${launchHandle === null ? 'launch/patient' : 'launch'} patient/Patient.r patient/Condition.r`,
      state,
      aud: fhirBaseUrl,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...(launchHandle === null ? {} : { launch: launchHandle }),
      ...request
    }).toString()}`
  }

  const callback = async (query: URLSearchParams): Promise<string> => {
    const known = begun.get(query.get('state') ?? '')
    const code = query.get('code')
    if (known === undefined || code === null) return `No access: ${query.get('error') ?? 'unknown launch'}`
    const tokens = await jsonAt(known.tokenEndpoint, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: clientId,
        code,
        redirect_uri: redirectUri,
        code_verifier: known.verifier
      })
    })
    const patient = await fetch(`${known.fhirBaseUrl}/Patient/${String(tokens['patient'])}`, {
      headers: { authorization: `Bearer ${String(tokens['access_token'])}` }
    })
    return `Own app with ${String(tokens['patient'])}: status ${String(patient.status)}`
  }

  /** The launch page leaves by a script, as apps in a browser do. */
  const answer = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(message.url ?? '/', origin)
    const body =
      pathname === '/launch'
        ? `<script>location.replace(${JSON.stringify(await launch(searchParams))})</script>`
        : pathname === '/callback'
          ? `<h1>${await callback(searchParams)}</h1>`
          : ''
    response
      .writeHead(200, { 'content-type': 'text/html', ...headers })
      .end(`<!doctype html><title>Own app</title><link rel="icon" href="data:,">${body}`)
  }

  return {
    launchUri: `${origin}/launch`,
    redirectUri,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      })
  }
}
