/**
 * What the bare endpoint needs from cryptography. jose signs; digests and MACs come from WebCrypto,
 * which every platform has, or from `node:crypto`, which makes them on the spot.
 */
import { createHmac, createPublicKey, hash, randomBytes, verify } from 'node:crypto'
import { compactVerify, generateKeyPair, importJWK, SignJWT } from 'jose'
import type { Job } from './job.js'

type Claims = Readonly<Record<string, unknown>>

/** Each function does one piece of work; nothing is checked. */
export interface Cryptography {
  readonly digest: (text: string) => Promise<string> | string
  /** HMAC-SHA-256 as base64url. */
  readonly mac: (text: string) => Promise<string> | string
  readonly idToken: (claims: Claims) => Promise<string>
  readonly accessToken: (claims: Claims) => Promise<string>
  /** The claims of an assertion under the client's signature. */
  readonly assertion: (text: string) => Promise<Claims>
}

const signatures = async (job: Job): Promise<Pick<Cryptography, 'idToken' | 'accessToken' | 'assertion'>> => {
  const { privateKey: rsa } = await generateKeyPair('RS256')
  const alg = job.accessToken === 'opaque' ? 'ES256' : job.accessToken
  const { privateKey: own } = await generateKeyPair(alg)
  const clientKey = job.assertion?.key === undefined ? null : await importJWK(job.assertion.key, job.assertion.alg)
  const decoder = new TextDecoder()
  return {
    idToken: (claims) =>
      new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'rsa', typ: 'JWT' }).sign(rsa),
    accessToken: (claims) =>
      new SignJWT({ ...claims }).setProtectedHeader({ alg, kid: 'own', typ: 'at+jwt' }).sign(own),
    assertion: async (text) => {
      if (clientKey === null) throw new Error('no client key')
      const { payload } = await compactVerify(text, clientKey)
      return JSON.parse(decoder.decode(payload)) as Claims
    }
  }
}

const encoder = new TextEncoder()

const base64url = (bytes: ArrayBuffer): string => Buffer.from(bytes).toString('base64url')

/** jose and WebCrypto. */
export const webCryptography = async (job: Job): Promise<Cryptography> => {
  const key = await crypto.subtle.importKey('raw', randomBytes(32), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return {
    ...(await signatures(job)),
    digest: async (text) => base64url(await crypto.subtle.digest('SHA-256', encoder.encode(text))),
    mac: async (text) => base64url(await crypto.subtle.sign('HMAC', key, encoder.encode(text)))
  }
}

/** Verifies RS384 on the spot, as the keys that are compared with it do; anything else is left to jose. */
const assertionOnTheSpot = ({ assertion }: Job): Partial<Pick<Cryptography, 'assertion'>> => {
  if (assertion?.alg !== 'RS384' || assertion.key === undefined) return {}
  const key = createPublicKey({ key: { ...assertion.key }, format: 'jwk' })
  return {
    assertion: (text) => {
      const [header = '', claims = '', signature = ''] = text.split('.')
      const isGood = verify('sha384', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'))
      if (!isGood) throw new Error('signature')
      return Promise.resolve(JSON.parse(Buffer.from(claims, 'base64url').toString()) as Claims)
    }
  }
}

/** jose and `node:crypto`. */
export const nodeCryptography = async (job: Job): Promise<Cryptography> => {
  const secret = randomBytes(32)
  return {
    ...(await signatures(job)),
    ...assertionOnTheSpot(job),
    digest: (text) => hash('sha256', text, 'base64url'),
    mac: (text) => createHmac('sha256', secret).update(text).digest('base64url')
  }
}
