/** An app at the simulator's FHIR endpoint: its registration, its token, and its requests. */
import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { TestUser, sentTo } from '../simulator/person.js'

const redirectUri = 'http://127.0.0.1:4567/redirect'
const verifier = 'v'.repeat(43)
const backendKeys = generateKeyPairSync('ec', { namedCurve: 'P-384' })

/** The flags of a simulator with the app, a backend service, two users, and these members of its configuration. */
export const configured = (scope: string, more: object): ReadonlyArray<string> => {
  const file = join(mkdtempSync(join(tmpdir(), 'gate-')), 'config.json')
  writeFileSync(
    file,
    JSON.stringify({
      clients: [
        {
          client_id: 'writer',
          redirect_uris: [redirectUri],
          scope,
          grant_types: ['authorization_code'],
          token_endpoint_auth_method: 'none'
        },
        {
          client_id: 'exporter',
          scope: 'system/*.rs',
          grant_types: ['client_credentials'],
          token_endpoint_auth_method: 'private_key_jwt',
          jwks: { keys: [{ ...backendKeys.publicKey.export({ format: 'jwk' }), kid: '1', alg: 'ES384' }] }
        }
      ],
      users: [
        { username: 'alice', password: 'alice-demo', patients: ['*'] },
        { username: 'bob', password: 'bob-demo', patients: ['example-1'] }
      ],
      ...more
    })
  )
  return ['--config', file]
}

/** The token of the app after a user has signed in and chosen `example-1`. */
export const tokenFor = async (
  { base }: { readonly base: string },
  wanted: string,
  username = 'alice'
): Promise<string> => {
  const person = new TestUser(base)
  const request = new URLSearchParams({
    client_id: 'writer',
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: wanted,
    state: 's',
    aud: `${base}/fhir`,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256'
  })
  const sent = sentTo(
    await person.pursue(await person.go(`${base}/authorize?${request.toString()}`), { choose: 'example-1', username })
  )
  const answer = await fetch(`${base}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: sent.searchParams.get('code') ?? '',
      redirect_uri: redirectUri,
      code_verifier: verifier,
      client_id: 'writer'
    })
  })
  return ((await answer.json()) as { access_token: string }).access_token
}

/** The token of the backend service. */
export const backendToken = async ({ base }: { readonly base: string }): Promise<string> => {
  const assertion = await new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: 'ES384', kid: '1', typ: 'JWT' })
    .setIssuer('exporter')
    .setSubject('exporter')
    .setAudience(`${base}/token`)
    .setExpirationTime('4m')
    .sign(backendKeys.privateKey)
  const answer = await fetch(`${base}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'system/*.rs',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion
    })
  })
  return ((await answer.json()) as { access_token: string }).access_token
}

/** An answer of the FHIR endpoint. */
export interface FhirAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: {
    readonly [member: string]: unknown
    readonly total?: number
    readonly link?: ReadonlyArray<{ readonly relation: string; readonly url: string }>
    readonly entry?: ReadonlyArray<{
      readonly fullUrl?: string
      readonly search?: { readonly mode: string }
      readonly resource?: { readonly resourceType: string; readonly id: string; readonly [member: string]: unknown }
      readonly response?: { readonly status: string }
    }>
    readonly issue?: ReadonlyArray<{ readonly code: string }>
  }
}

/** Sends a request; `path` is below the FHIR base, or an address of a link. */
export const ask = async (
  { base }: { readonly base: string },
  token: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {}
): Promise<FhirAnswer> => {
  const response = await fetch(path.startsWith('http') ? path : `${base}/fhir${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
      ...headers
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) })
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as FhirAnswer['body'])
  }
}

/** The pages of a search or a history, by its next links until there is none; at most a hundred. */
export const pagesOf = async (
  at: { readonly base: string },
  token: string,
  path: string
): Promise<ReadonlyArray<FhirAnswer>> => {
  const pages: Array<FhirAnswer> = []
  let next: string | undefined = path
  while (next !== undefined && pages.length < 100) {
    const page: FhirAnswer = await ask(at, token, 'GET', next)
    pages.push(page)
    next = page.body.link?.find(({ relation }) => relation === 'next')?.url
  }
  return pages
}
