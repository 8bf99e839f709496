/** The client's requirements about proving who it is. */
import { expect } from 'vitest'
import type { Shown } from '../matrix.js'
import { launchOf } from '../../support/app/client-trace.js'
import { everyMethod, good } from '../../support/app/parties.js'
import { fhirBaseUrl, issuer } from '../../support/server-fixture.js'
import { appKeys } from '../../../src/adapters/jose-app.js'
import { assertionClaims, basicAuthorization } from '../../../src/protocol/app/requests.js'
import { assertionType, readAssertion } from '../../../src/protocol/jwt/jwt.js'
import { chooseAuthentication } from '../../../src/protocol/app/trusted-server.js'

const assertionOf = (body: URLSearchParams) => good(readAssertion(body.get('client_assertion') ?? ''))

const everything = {
  fhirBaseUrl,
  clientId: 'a',
  redirectUri: '',
  authentication: [
    { method: 'client_secret_basic' as const, clientSecret: 's' },
    { method: 'private_key_jwt' as const }
  ]
}

const signedBy = async (alg: 'RS384' | 'ES384', jku?: string) => {
  const parameters =
    alg === 'ES384'
      ? { name: 'ECDSA', namedCurve: 'P-384' }
      : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }
  const pair = await crypto.subtle.generateKey(parameters, true, ['sign', 'verify'])
  const keys = appKeys({ kid: 'k', alg, key: pair.privateKey, ...(jku === undefined ? {} : { jku }) })
  const text = good(await keys.signAssertion(assertionClaims('app', `${issuer}/token`, 1000, 'j'), null)())
  const published = { ...(await crypto.subtle.exportKey('jwk', pair.publicKey)), kid: 'k' }
  const { alg: _alg, key_ops: _operations, ...key } = published
  return { ...good(readAssertion(text)), fits: good(await keys.verifySignature(key, alg, text)()) }
}

export const clientAuthenticationRows: ReadonlyArray<Shown> = [
  {
    ids: ['CLA-004', 'CLA-101'],
    by: 'each client proves itself in exactly one way, at the exchange and at the refresh',
    run: async () => {
      for (const method of everyMethod) {
        for (const { body, headers } of (await launchOf('standalone', method)).requests) {
          const form = new URLSearchParams(body)
          const ways = [
            headers['authorization'] !== undefined,
            form.has('client_secret'),
            form.has('client_assertion')
          ].filter((one) => one)
          expect(ways).toHaveLength(method === 'none' ? 0 : 1)
        }
      }
    }
  },
  {
    ids: ['CLA-005', 'CLA-006', 'CLA-007'],
    by: 'of several ways the asymmetric one is taken where the server serves it, else the secret',
    run: () => {
      expect(good(chooseAuthentication(everything, ['client_secret_basic', 'private_key_jwt'])).method).toBe(
        'private_key_jwt'
      )
      expect(good(chooseAuthentication(everything, ['client_secret_basic'])).method).toBe('client_secret_basic')
      expect(chooseAuthentication(everything, ['tls_client_auth'])._tag).toBe('Left')
    }
  },
  {
    ids: ['CLA-009'],
    by: 'id and secret are HTTP Basic as the guide prints it; what is special in them is form-encoded',
    run: async () => {
      expect(basicAuthorization('my-app', 'my-app-secret-123')).toBe('Basic bXktYXBwOm15LWFwcC1zZWNyZXQtMTIz')
      expect(atob(basicAuthorization('a:b', 'c%+ é').slice(6))).toBe('a%3Ab:c%25%2B+%C3%A9')
      expect((await launchOf('standalone', 'client_secret_basic')).requests[0]?.headers['authorization']).toMatch(
        /^Basic /
      )
    }
  },
  {
    ids: ['CLA-011', 'CLA-032', 'CLA-033', 'CLA-110', 'CLA-113'],
    by: 'exchange, refresh and backend request carry one JWT under the one assertion type',
    run: async () => {
      for (const { requests } of [await launchOf('standalone', 'private_key_jwt'), await launchOf('backend')]) {
        for (const { body } of requests) {
          const form = new URLSearchParams(body)
          expect(form.getAll('client_assertion_type')).toEqual([assertionType])
          expect(form.getAll('client_assertion')).toHaveLength(1)
          expect(assertionOf(form).text.split('.')).toHaveLength(3)
        }
      }
    }
  },
  {
    ids: ['CLA-012', 'CLA-013', 'CLA-018', 'CLA-019', 'CLA-020', 'CLA-021', 'CLA-022'],
    by:
      'with RS384 and with ES384 the signature of the private key fits the public one, and the header has alg, ' +
      'kid and typ',
    run: async () => {
      for (const alg of ['RS384', 'ES384'] as const) {
        const { fits, header } = await signedBy(alg)
        expect([fits, header]).toEqual([true, { alg, kid: 'k', typ: 'JWT' }])
      }
    }
  },
  {
    ids: ['CLA-023', 'CLA-024'],
    by: 'jku is left out, or is the address that was registered',
    run: async () => {
      expect((await signedBy('ES384', 'https://app.example/jwks.json')).header['jku']).toBe(
        'https://app.example/jwks.json'
      )
      expect((await signedBy('ES384')).header['jku']).toBeUndefined()
    }
  },
  {
    ids: ['CLA-016', 'CLA-017', 'CLA-026', 'CLA-027', 'CLA-029', 'CLA-030', 'CLA-031'],
    by: 'iss and sub are the client_id, exp is whole seconds within five minutes, and no jti comes twice',
    run: async () => {
      const { requests } = await launchOf('standalone', 'private_key_jwt')
      const claims = requests.map(({ body }) => assertionOf(new URLSearchParams(body)).claims)
      expect(claims.every(({ iss, sub }) => iss === 'the-app' && sub === 'the-app')).toBe(true)
      expect(claims.every(({ exp, iat }) => Number.isSafeInteger(exp) && Number(exp) - Number(iat) <= 300)).toBe(true)
      expect(new Set(claims.map(({ jti }) => jti)).size).toBe(claims.length)
    }
  },
  {
    ids: ['CLA-028'],
    by: 'aud is the token endpoint at the exchange, at the refresh and for a backend service',
    run: async () => {
      for (const kind of ['standalone', 'ehr', 'backend'] as const) {
        const { requests } = await launchOf(kind, 'private_key_jwt')
        const audiences = requests.map(({ body }) => assertionOf(new URLSearchParams(body)).claims['aud'])
        expect(new Set(audiences)).toEqual(new Set([`${issuer}/token`]))
      }
    }
  }
]
