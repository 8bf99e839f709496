/** The client's requirements about the user's identity and the launch context. */
import { createSign, generateKeyPairSync } from 'node:crypto'
import { expect } from 'vitest'
import type { Shown } from '../matrix.js'
import { answer, launchOf, opened } from '../../support/app/client-trace.js'
import type { PartyOptions } from '../../support/app/parties.js'
import { newParties, begin } from '../../support/app/parties.js'
import { issuer, sha256 } from '../../support/server-fixture.js'
import { readFhirUser } from '../../../src/protocol/app/id-token-rules.js'
import { intentOf, roleOf } from '../../../src/protocol/app/token-response.js'
import { openidConfigurationUrl } from '../../../src/protocol/discovery/endpoint-url.js'
import { leftHalf } from '../../../src/values/base64url.js'

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The honest answer, with an id_token whose claims or header are changed and that is signed anew. */
const withIdToken = (claims: object, header: object = {}, key = pair.privateKey): PartyOptions => ({
  tamper: ({ url }, response) => {
    if (url.endsWith('/jwks'))
      return {
        ...response,
        body: JSON.stringify({ keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'k' }] })
      }
    if (!url.endsWith('/token')) return response
    const body = JSON.parse(response.body) as { readonly id_token?: string; readonly access_token: string }
    if (body.id_token === undefined) return response
    const honest = JSON.parse(Buffer.from(body.id_token.split('.')[1] ?? '', 'base64url').toString()) as object
    const text = `${part({ alg: 'RS256', kid: 'k', ...header })}.${part({ ...honest, ...claims })}`
    return {
      ...response,
      body: JSON.stringify({ ...body, id_token: `${text}.${createSign('sha256').update(text).sign(key, 'base64url')}` })
    }
  }
})

const refusedFor = async (claims: object, header: object = {}): Promise<unknown> => {
  const outcome = await opened(withIdToken(claims, header))
  return '_tag' in outcome ? ('claim' in outcome ? outcome.claim : outcome._tag) : 'opened'
}

export const identityRows: ReadonlyArray<Shown> = [
  {
    ids: ['IDN-001', 'IDN-003', 'IDN-004', 'IDN-105', 'IDN-201'],
    by: 'openid and fhirUser are requested together, and bring the user; without openid there is none',
    run: async () => {
      const { requested, facts } = await launchOf()
      expect(requested.get('scope')?.split(' ')).toEqual(expect.arrayContaining(['openid', 'fhirUser']))
      expect(facts?.user?.sub).toBe('alice')
      expect(await opened({ settings: { scope: 'launch/patient patient/*.rs' } })).toMatchObject({ user: null })
    }
  },
  {
    ids: ['IDN-006', 'IDN-024', 'IDN-109', 'IDN-110', 'IDN-112', 'IDN-113'],
    by: 'each wrong claim of an id_token ends the launch: iss, aud, azp, sub, exp, iat, nonce',
    run: async () => {
      expect(await refusedFor({})).toBe('opened')
      expect(await refusedFor({ iss: `${issuer}/` })).toBe('iss')
      expect(await refusedFor({ aud: 'other' })).toBe('aud')
      expect(await refusedFor({ aud: ['the-app', 'other'], azp: 'the-app' })).toBe('aud')
      expect(await refusedFor({ aud: ['the-app'], azp: 'the-app' })).toBe('opened')
      expect(await refusedFor({ azp: 'other' })).toBe('azp')
      expect(await refusedFor({ sub: undefined })).toBe('sub')
      expect(await refusedFor({ exp: 940 })).toBe('exp')
      expect(await refusedFor({ exp: 941 })).toBe('opened')
      expect(await refusedFor({ iat: 1061 })).toBe('iat')
      expect(await refusedFor({ iat: 1060 })).toBe('opened')
      expect(await refusedFor({ nonce: undefined })).toBe('nonce')
      expect(await refusedFor({ nonce: 'other' })).toBe('nonce')
    }
  },
  {
    ids: ['IDN-111'],
    by: 'the signature must be of one of the issuer\'s keys under RS256: no other key, no HMAC, no "none"',
    run: async () => {
      expect(await opened(withIdToken({}, {}, stranger.privateKey))).toMatchObject({ _tag: 'IdTokenSignatureWrong' })
      expect(await refusedFor({}, { alg: 'none' })).toBe('alg')
      expect(await refusedFor({}, { alg: 'HS256' })).toBe('alg')
      expect(await refusedFor({}, { crit: ['b64'], b64: false })).toBe('crit')
      expect(await refusedFor({}, { kid: 'other' })).toBe('IdTokenKeyUnknown')
      expect(await refusedFor({}, { kid: undefined })).toBe('opened')
    }
  },
  {
    ids: ['IDN-114'],
    by: 'at_hash, where it is there, is that of the access token',
    run: async () => {
      expect(await refusedFor({ at_hash: leftHalf(sha256('another token')) })).toBe('at_hash')
      expect(await refusedFor({ at_hash: undefined })).toBe('opened')
    }
  },
  {
    ids: ['IDN-007'],
    by: 'fhirUser becomes an absolute address, of a resource that can be a user',
    run: () => {
      const read = (claim: unknown): string | null => readFhirUser('https://ehr.example/fhir', claim)
      expect(read('Practitioner/1')).toBe('https://ehr.example/fhir/Practitioner/1')
      expect(read('https://other.example/r4/Patient/1')).toBe('https://other.example/r4/Patient/1')
      expect(['Observation/1', 'javascript:alert(1)//Patient/1', 7, 'x/Patient/1', 'Patient/'].map(read)).toEqual([
        null,
        null,
        null,
        null,
        null
      ])
    }
  },
  {
    ids: ['IDN-018'],
    by: 'no request carries max_age',
    run: async () => {
      expect((await launchOf()).requested.has('max_age')).toBe(false)
    }
  },
  {
    ids: ['IDN-022', 'IDN-118', 'IDN-119'],
    by:
      "the issuer's own document is fetched for its keys, below the issuer whether or not it ends in a slash; all " +
      'three issuers are the same text, and no other document is fetched',
    run: async () => {
      expect(['https://a.example/t', 'https://a.example/t/'].map(openidConfigurationUrl)).toEqual(
        Array(2).fill('https://a.example/t/.well-known/openid-configuration')
      )
      const { sent } = await launchOf()
      const gets = sent.map(({ request }) => request.url)
      expect(gets.indexOf(`${issuer}/.well-known/openid-configuration`)).toBeLessThan(gets.indexOf(`${issuer}/jwks`))
      const parties = newParties(
        answer('openid-configuration', (body) => ({ ...body, issuer: 'https://other.example' }))
      )
      await expect(begin(parties)).rejects.toThrow('IssuerDiffers')
      expect(parties.sent).toHaveLength(2)
      expect(await refusedFor({ iss: 'https://evil.example' })).toBe('iss')
    }
  },
  {
    ids: ['CTX-040'],
    by: 'an intent that the app does not know, or none, leads to its default view',
    run: () => {
      const views = ['summary', 'reconcile'] as const
      expect(
        [{ intent: 'reconcile' }, { intent: 'other' }, {}].map((context) => intentOf(context, views, 'summary'))
      ).toEqual(['reconcile', 'summary', 'summary'])
    }
  },
  {
    ids: ['CTX-205'],
    by: 'an entry without a role has the role launch',
    run: async () => {
      expect(
        [{ reference: 'Location/1' }, { reference: 'Location/1', role: 'https://x.example/r' }].map(roleOf)
      ).toEqual(['launch', 'https://x.example/r'])
      expect(
        await opened(
          answer('/token', (body) => ({ ...body, fhirContext: ['ImagingStudy/1', { reference: 'Location/2' }] }))
        )
      ).toMatchObject({ context: { fhirContext: [{ reference: 'ImagingStudy/1' }, { reference: 'Location/2' }] } })
    }
  }
]
