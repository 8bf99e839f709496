/**
 * The jobs that the opponents do, and what they all agree on: one client, one user, one patient.
 */
import type { RequestListener } from 'node:http'
import type { JWK } from 'jose'

/** One job: what is requested, and which tokens the answer holds. */
export interface Job {
  readonly requested: 'discovery' | 'exchange' | 'refresh' | 'backend' | 'introspection'
  /** Whether an id_token signed with RS256 is in the answer. */
  readonly idToken: boolean
  readonly accessToken: 'opaque' | 'ES256' | 'RS256' | 'ES384'
  /** How a backend service authenticates: its algorithm, and its public key, which whoever runs the job puts here. */
  readonly assertion?: { readonly alg: 'RS384' | 'ES384'; readonly key?: JWK }
}

/** An opponent, ready for its job. */
export interface Served {
  readonly listener: RequestListener
  /** The path that answers the job. */
  readonly path: string
  /** Makes so many fresh grants; gives the codes, the refresh tokens or the access tokens that the job begins with. */
  readonly seed: (count: number) => Promise<ReadonlyArray<string>>
}

/** Builds an opponent. */
export type Opponent = (job: Job) => Promise<Served>

export const issuer = 'https://ehr.example'
export const fhirBaseUrl = `${issuer}/fhir`
export const redirectUri = 'https://app.example/cb'
export const clientId = 'app'
export const clientSecret = 'a-secret-of-the-benchmark'
export const systemScope = 'system/*.rs'
export const patient = '123'
export const user = { sub: 'alice', fhirUser: 'Practitioner/p1', authTime: 1000 }
export const verifier = 'v'.repeat(43)

/** A client that gets no id_token on a refresh has not requested one. */
export const scopeOf = ({ requested, idToken }: Job): string =>
  requested === 'backend'
    ? systemScope
    : `${idToken ? 'openid fhirUser ' : ''}launch/patient offline_access patient/*.rs`

/** HTTP Basic of the client. */
export const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`

/** The form that spends a code or a refresh token, or asks about an access token. */
export const formOf = (job: Job, token: string): string => {
  if (job.requested === 'introspection') return `token=${token}`
  return job.requested === 'exchange'
    ? `grant_type=authorization_code&code=${token}&redirect_uri=${encodeURIComponent(redirectUri)}&code_verifier=` +
        verifier
    : `grant_type=refresh_token&refresh_token=${token}`
}

/** Throws when an answer says of a token less than the guide requires. */
export const checkIntrospection = (job: Job, body: string): void => {
  const answer = JSON.parse(body) as Readonly<Record<string, unknown>>
  const fits =
    answer['active'] === true &&
    answer['client_id'] === clientId &&
    typeof answer['exp'] === 'number' &&
    answer['scope'] === scopeOf(job)
  if (!fits) throw new Error(`not the expected answer: ${body}`)
}

/** The form with which a backend service asks for a token. */
export const backendForm = (assertion: string): string =>
  `grant_type=client_credentials&scope=${encodeURIComponent(systemScope)}&client_assertion=${assertion}` +
  '&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer'

/** Throws when an answer is not what the job asks for: an opponent that skips work is no opponent. */
export const checkAnswer = (
  job: Job,
  body: string
): { readonly access_token: string; readonly refresh_token: string | null } => {
  const answer = JSON.parse(body) as Readonly<Record<string, unknown>>
  const { access_token: accessToken, refresh_token: refreshToken } = answer
  const isJwt = typeof accessToken === 'string' && /^eyJ[^.]*\.[^.]*\.[^.]*$/.test(accessToken)
  const fits =
    typeof accessToken === 'string' &&
    (typeof refreshToken === 'string') === (job.requested !== 'backend') &&
    (typeof answer['id_token'] === 'string') === job.idToken &&
    isJwt === (job.accessToken !== 'opaque')
  if (!fits) throw new Error(`not the expected answer: ${body}`)
  return { access_token: accessToken, refresh_token: typeof refreshToken === 'string' ? refreshToken : null }
}
