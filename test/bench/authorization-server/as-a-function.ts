/**
 * A backend service's token request as a function, without HTTP, beside jose's verification of the assertion and signature of
 * the access token alone: what everything around the cryptography costs.
 */
import { compactVerify, generateKeyPair, importJWK, SignJWT } from 'jose'
import { joseKeys } from 'smart-app-launch/adapters/jose'
import { signerOf } from './assertions.js'
import type { Job } from './job.js'
import { backendForm, checkAnswer, clientId, fhirBaseUrl, issuer, systemScope } from './job.js'
import { ours } from './ours.js'
import type { Row } from '../harness.js'

/** A row, and the largest ratio that is asked of this project. */
export interface AssertionRow extends Row {
  readonly target: number
}

const jobs = [
  { asked: 'backend', idToken: false, accessToken: 'RS256', assertion: { alg: 'RS384' } },
  { asked: 'backend', idToken: false, accessToken: 'ES384', assertion: { alg: 'ES384' } }
] as const satisfies ReadonlyArray<Job>

const targets = { RS384: 1.15, ES384: 1.1 } as const

const rowOf = async (asked: (typeof jobs)[number]): Promise<AssertionRow> => {
  const { alg } = asked.assertion
  const { job, make } = await signerOf(asked)
  const clientKey = await importJWK(job.assertion?.key ?? {}, alg)
  const { privateKey } = await generateKeyPair(asked.accessToken)
  const { server } = await ours(joseKeys)(job)
  const pools: ReadonlyArray<Array<string>> = [[], []]
  const [forJose = [], forUs = []] = pools
  const decoder = new TextDecoder()
  return {
    title: `Token request with private_key_jwt, ${alg}, to an access token signed with ${asked.accessToken}, as a function`,
    jobsPerRound: alg === 'RS384' ? 1000 : 400,
    target: targets[alg],
    opponents: [
      {
        name: 'jose verifies and signs',
        prepare: async (count) => { forJose.push(...await make(count)) },
        job: async () => {
          const { payload } = await compactVerify(forJose.pop() ?? '', clientKey)
          const { jti } = JSON.parse(decoder.decode(payload)) as { readonly jti: string }
          const now = Math.floor(Date.now() / 1000)
          return new SignJWT({ iss: issuer, sub: clientId, aud: fhirBaseUrl, client_id: clientId, scope: systemScope, jti, iat: now, exp: now + 300 })
            .setProtectedHeader({ alg: asked.accessToken, kid: 'own', typ: 'at+jwt' })
            .sign(privateKey)
        }
      },
      {
        name: 'smart-app-launch',
        prepare: async (count) => { forUs.push(...await make(count)) },
        job: async () => {
          const body = backendForm(forUs.pop() ?? '')
          const headers = { 'content-type': 'application/x-www-form-urlencoded' }
          checkAnswer(job, (await server.token({ method: 'POST', path: '/token', query: '', headers, body })()).body)
        }
      }
    ]
  }
}

/** The rows, with keys of their own. */
export const assertionRows = async (): Promise<ReadonlyArray<AssertionRow>> => {
  const rows: Array<AssertionRow> = []
  for (const job of jobs) rows.push(await rowOf(job))
  return rows
}
