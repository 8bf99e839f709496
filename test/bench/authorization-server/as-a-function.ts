/**
 * A backend service's token request as a function, without HTTP, beside jose's verification of the assertion and
 * signature of the access token alone: what everything around the cryptography costs.
 */
import { compactVerify, generateKeyPair, importJWK, SignJWT } from 'jose'
import type { Signer } from './assertions.js'
import { signerOf } from './assertions.js'
import type { Job } from './job.js'
import { backendForm, checkAnswer, clientId, fhirBaseUrl, issuer, systemScope } from './job.js'
import type { Adapters } from './ours.js'
import { onNodeCrypto, onWebCrypto, ours } from './ours.js'
import type { Opponent, Row } from '../harness.js'

/** A row, and the largest permitted ratio. */
export interface AssertionRow extends Row {
  readonly target: number
}

const jobs = [
  { requested: 'backend', idToken: false, accessToken: 'RS256', assertion: { alg: 'RS384' } },
  { requested: 'backend', idToken: false, accessToken: 'ES384', assertion: { alg: 'ES384' } }
] as const satisfies ReadonlyArray<Job>

const targets = { RS384: 1.15, ES384: 1.1 } as const

/** Fresh assertions, used up one by one. */
const poolOf = (make: Signer['make']) => {
  const pool: Array<string> = []
  return {
    next: (): string => pool.pop() ?? '',
    prepare: async (count: number): Promise<void> => {
      pool.push(...(await make(count)))
    }
  }
}

const joseAlone = async (
  { job, make }: Signer,
  { accessToken, assertion: { alg } }: (typeof jobs)[number]
): Promise<Opponent> => {
  const clientKey = await importJWK(job.assertion?.key ?? {}, alg)
  const { privateKey } = await generateKeyPair(accessToken)
  const decoder = new TextDecoder()
  const { next, prepare } = poolOf(make)
  return {
    name: 'jose verifies and signs',
    prepare,
    job: async () => {
      const { payload } = await compactVerify(next(), clientKey)
      const { jti } = JSON.parse(decoder.decode(payload)) as { readonly jti: string }
      const now = Math.floor(Date.now() / 1000)
      return new SignJWT({
        iss: issuer,
        sub: clientId,
        aud: fhirBaseUrl,
        client_id: clientId,
        scope: systemScope,
        jti,
        iat: now,
        exp: now + 300
      })
        .setProtectedHeader({ alg: accessToken, kid: 'own', typ: 'at+jwt' })
        .sign(privateKey)
    }
  }
}

const headers = { 'content-type': 'application/x-www-form-urlencoded' }

const theEngine = async (name: string, adapters: Adapters, { job, make }: Signer): Promise<Opponent> => {
  const { server } = await ours(adapters)(job)
  const { next, prepare } = poolOf(make)
  return {
    name,
    prepare,
    job: async () => {
      const answer = await server.endpoints.token({
        method: 'POST',
        path: '/token',
        query: '',
        headers,
        body: backendForm(next())
      })()
      checkAnswer(job, answer.body)
    }
  }
}

const rowOf = async (requested: (typeof jobs)[number]): Promise<AssertionRow> => {
  const {
    assertion: { alg },
    accessToken
  } = requested
  const signer = await signerOf(requested)
  return {
    title:
      `Backend service, private_key_jwt with ${alg}, access token as a JWT signed with ${accessToken}, as a ` +
      'function',
    jobsPerRound: alg === 'RS384' ? 1000 : 400,
    target: targets[alg],
    opponents: [
      await joseAlone(signer, requested),
      await theEngine('smart-app-launch, jose and WebCrypto', onWebCrypto, signer),
      await theEngine('smart-app-launch, jose and node:crypto', onNodeCrypto, signer)
    ]
  }
}

/** The rows, with keys of their own. */
export const assertionRows = async (): Promise<ReadonlyArray<AssertionRow>> => {
  const rows: Array<AssertionRow> = []
  for (const job of jobs) rows.push(await rowOf(job))
  return rows
}
