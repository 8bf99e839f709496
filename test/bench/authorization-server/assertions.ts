/**
 * The client's side of `private_key_jwt`: a key pair, and a fresh assertion for every request, made before the clock
 * runs.
 */
import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Job } from './job.js'
import { clientId, issuer } from './job.js'

/** A client that authenticates with a key. */
export interface Signer {
  /** The job, with the client's public key in it. */
  readonly job: Job
  /** Makes so many assertions, each with a `jti` of its own. */
  readonly make: (count: number) => Promise<Array<string>>
}

/** A new key pair for a job; a job without assertions has no use for it. */
export const signerOf = async (job: Job): Promise<Signer> => {
  const { assertion } = job
  if (assertion === undefined) return { job, make: () => Promise.resolve([]) }
  const { alg } = assertion
  const { privateKey, publicKey } = await generateKeyPair(alg)
  const one = (): Promise<string> => {
    const now = Math.floor(Date.now() / 1000)
    return new SignJWT({ iss: clientId, sub: clientId, aud: issuer, iat: now, exp: now + 300, jti: randomUUID() })
      .setProtectedHeader({ alg, kid: 'client', typ: 'JWT' })
      .sign(privateKey)
  }
  return {
    job: { ...job, assertion: { alg, key: { ...(await exportJWK(publicKey)), kid: 'client' } } },
    make: (count) => Promise.all(Array.from({ length: count }, one))
  }
}
