/** What must be true of a client that is registered, as the server's half checks it. */
import { expect } from 'vitest'
import type { Shown } from '../matrix.js'
import { begin, consent, newParties } from '../../support/app/parties.js'
import { checkMetadata } from '../../../src/protocol/client/metadata.js'
import { publicJson } from '../../../src/protocol/http/message.js'
import { isPublicKey, readJwks } from '../../../src/protocol/jwt/jwk.js'
import { withParameters } from '../../../src/values/urls.js'

const ec = { kty: 'EC', crv: 'P-384', kid: 'a', x: 'x'.repeat(64), y: 'y'.repeat(64) }
const rsa = { kty: 'RSA', kid: 'b', n: 'n'.repeat(342), e: 'AQAB' }

const client = {
  client_name: 'App',
  redirect_uris: ['https://app.example/cb'],
  launch_uris: [],
  scope: 'launch patient/*.rs',
  grant_types: ['authorization_code'],
  token_endpoint_auth_method: 'none'
}
const asymmetric = { ...client, token_endpoint_auth_method: 'private_key_jwt' }

const isTaken = (change: object, base: object = client): boolean =>
  checkMetadata({ ...base, ...change }, { allowLoopback: false })._tag === 'Right'

export const registrationRows: ReadonlyArray<Shown> = [
  {
    ids: ['REG-003'],
    by: 'an unregistered app comes to a page of the server, and no further',
    run: async () => {
      const parties = newParties({ server: { clientId: 'nobody' } })
      await expect(consent(parties.fixture, (await begin(parties)).query)).rejects.toThrow('ClientUnknown')
    }
  },
  {
    ids: ['REG-004', 'REG-005', 'REG-101', 'REG-103'],
    by: 'launch URLs may be missing, redirect URIs not; both are absolute, without fragment, and a query stays',
    run: () => {
      expect([isTaken({}), isTaken({ launch_uris: ['https://app.example/launch'] })]).toEqual([true, true])
      expect(
        ['/launch', 'https://app.example/launch#x', 'https://*.example/launch'].map((url) =>
          isTaken({ launch_uris: [url] })
        )
      ).toEqual([false, false, false])
      expect(
        [[], ['/cb'], ['https://app.example/cb#x'], ['https://*.example/cb']].map((uris) =>
          isTaken({ redirect_uris: uris })
        )
      ).toEqual([false, false, false, false])
      expect(
        withParameters('https://app/cb?x=1', [
          ['code', 'c'],
          ['state', 's']
        ])
      ).toBe('https://app/cb?x=1&code=c&state=s')
    }
  },
  {
    ids: ['REG-012', 'REG-104', 'REG-019', 'REG-021'],
    by: 'an asymmetric client has keys or an https address of them, and not both',
    run: () => {
      expect(isTaken({ jwks: { keys: [ec] } }, asymmetric)).toBe(true)
      expect(isTaken({ jwks_uri: 'https://app.example/jwks' }, asymmetric)).toBe(true)
      expect(isTaken({}, asymmetric)).toBe(false)
      expect(isTaken({ jwks_uri: 'http://app.example/jwks' }, asymmetric)).toBe(false)
      expect(isTaken({ jwks_uri: 'https://app.example/jwks', jwks: { keys: [ec] } }, asymmetric)).toBe(false)
    }
  },
  {
    ids: ['REG-014', 'REG-024', 'REG-025', 'REG-026'],
    by: 'keys come in a JWK Set; each has kty, kid and the members of its kind, and no private one',
    run: () => {
      expect([readJwks({ keys: [ec, rsa] })?.length, readJwks([ec]), readJwks({})]).toEqual([2, null, null])
      expect([ec, rsa].map(isPublicKey)).toEqual([true, true])
      for (const member of ['kty', 'crv', 'x', 'y']) expect(isPublicKey({ ...ec, [member]: undefined })).toBe(false)
      for (const member of ['kty', 'n', 'e']) expect(isPublicKey({ ...rsa, [member]: undefined })).toBe(false)
      expect(isPublicKey({ ...ec, d: 'd' })).toBe(false)
      expect(isTaken({ jwks: { keys: [{ ...ec, kid: undefined }] } }, asymmetric)).toBe(false)
    }
  },
  {
    ids: ['REG-020'],
    by: 'a key set is answered with Cache-Control',
    run: () => {
      expect(publicJson({ keys: [ec] }, 300).headers['cache-control']).toBe('public, max-age=300')
    }
  },
  {
    ids: ['REG-113', 'REG-114'],
    by:
      'localhost and private schemes without a dot are no redirect URIs of a web; a reverse domain name is one ' +
      'of a native app',
    run: () => {
      const native = { ...client, application_type: 'native' }
      expect(isTaken({ redirect_uris: ['http://app.example/cb'] })).toBe(false)
      expect(isTaken({ redirect_uris: ['myapp:/cb'] }, native)).toBe(false)
      expect(isTaken({ redirect_uris: ['com.example.app:/cb'] }, native)).toBe(true)
    }
  }
]
