/** What shows that clients are authenticated as the specification says. */
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import * as Either from 'fp-ts/lib/Either.js'
import { expect } from 'vitest'
import type { Area, Shown } from '../matrix.js'
import { requests, publishing, url } from '../../support/client/published-keys.js'
import { refused } from '../../support/client/refused-authentication.js'
import type { Changes } from '../../support/client/assertions.js'
import {
  ask,
  assertion,
  backend,
  ec,
  jwkOf,
  keys,
  lastRefusal,
  p256,
  part,
  signParts,
  stranger,
  tokenEndpoint,
  worldOf
} from '../../support/client/assertions.js'
import type { Change, Fixture, FixtureOptions } from '../../support/server-fixture.js'
import {
  bodyOf,
  clients,
  exchange,
  issuer,
  newFixture,
  obtainCode,
  sha256,
  synchronousKeys
} from '../../support/server-fixture.js'
import { guardedFetch } from '../../../src/adapters/fetch/guarded-fetch.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import { authorizationServer } from '../../../src/engine/server/authorization-server.js'
import { checkMetadata } from '../../../src/protocol/client/metadata.js'
import type { Jwk } from '../../../src/protocol/jwt/jwk.js'
import { chooseKey, readJwks } from '../../../src/protocol/jwt/jwk.js'

const basic = (clientId: string, secret: string): string =>
  `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`

const signedBy = (text: string): Change => ({
  client_id: null,
  client_assertion: text,
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
})

/** Exchanges a good code of a client. */
const exchanged = async (fixture: Fixture, clientId: string, change: Change, authorization?: string): Promise<number> =>
  (
    await exchange(
      fixture,
      await obtainCode(fixture, { client_id: clientId }),
      change,
      authorization === undefined ? {} : { authorization }
    )
  ).status

/** Each is refused as a failed authentication, for its own reason, with nothing stored. */
const refusals = async (
  cases: ReadonlyArray<readonly [Changes | string, string]>,
  make = (): Fixture => worldOf()
): Promise<void> => {
  for (const [one, tag] of cases) {
    const fixture = make()
    await refused(fixture, () => ask(fixture, typeof one === 'string' ? one : assertion(one)), tag)
  }
}

const accepted = async (cases: ReadonlyArray<Changes>, options: FixtureOptions = {}): Promise<void> => {
  for (const one of cases) expect((await ask(worldOf(options), assertion(one))).status).toBe(200)
}

const withKeys = (registered: ReadonlyArray<Jwk>) => (): Fixture => worldOf({}, { _tag: 'Inline', keys: registered })

const good = '{"alg":"ES384","kid":"ec","typ":"JWT"}'
const claims = `"iss":"backend","sub":"backend","aud":"${tokenEndpoint}","exp":1300`

const settingsWith = (assertionAlgorithms: ReadonlyArray<string>): boolean =>
  Either.isRight(authorizationServer({ issuer, fhirBaseUrl: `${issuer}/fhir`, assertionAlgorithms }, worldOf().ports))

const metadataWith = (key: unknown): boolean =>
  Either.isRight(
    checkMetadata(
      {
        client_name: 'x',
        redirect_uris: [],
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'private_key_jwt',
        scope: 'system/*.rs',
        jwks: { keys: [key] }
      },
      { allowLoopback: false }
    )
  )

interface Vector {
  readonly issuer: string
  readonly clientId: string
  readonly exp: number
  readonly keys: ReadonlyArray<Jwk>
  readonly assertion: string
}

const published = (
  JSON.parse(readFileSync(join(import.meta.dirname, '../../data/assertion-vectors.json'), 'utf8')) as {
    readonly guide: ReadonlyArray<Vector>
  }
).guide

const publishedAt = async (
  vector: Vector,
  secondsLeft: number,
  policy: FixtureOptions['policy'] = {}
): Promise<number> => {
  const fixture = newFixture({
    settings: { issuer: vector.issuer, fhirBaseUrl: `${vector.issuer}/fhir` },
    policy,
    ports: { clients: memoryClients([backend({ _tag: 'Inline', keys: vector.keys }, vector.clientId)]) }
  })
  fixture.clock.now = vector.exp - secondsLeft
  return (await ask(fixture, vector.assertion)).status
}

const secrets: ReadonlyArray<Shown> = [
  {
    ids: ['CLA-001', 'CLA-134'],
    by: 'a client is public, has a secret or has keys, and is authenticated in its own way alone',
    run: async () => {
      const fixture = (): Fixture => worldOf()
      expect(await exchanged(fixture(), 'pub-app', {})).toBe(200)
      expect(await exchanged(fixture(), 'sym-app', { client_id: null }, basic('sym-app', 's3cret:%'))).toBe(200)
      const own = { iss: 'asym-app', sub: 'asym-app' }
      expect(await exchanged(fixture(), 'asym-app', signedBy(assertion({ claims: own })))).toBe(200)
      for (const clientId of ['sym-app', 'asym-app'])
        expect(await exchanged(fixture(), clientId, { client_id: clientId })).toBe(401)
      for (const clientId of ['pub-app', 'asym-app'])
        expect(await exchanged(fixture(), clientId, { client_id: null }, basic(clientId, 's3cret:%'))).toBe(401)
      for (const clientId of ['pub-app', 'sym-app'])
        expect(
          await exchanged(fixture(), clientId, signedBy(assertion({ claims: { iss: clientId, sub: clientId } })))
        ).toBe(401)
    }
  },
  {
    ids: ['CLA-002', 'CLA-102'],
    by:
      'a secret never makes more of a public client: with one it is refused, and without it is bound by code, ' +
      'redirect_uri and verifier',
    run: async () => {
      for (const secret of ['', 'x'])
        expect(await exchanged(newFixture(), 'pub-app', { client_id: null }, basic('pub-app', secret))).toBe(401)
      for (const change of [{ redirect_uri: 'https://app.example/other' }, { code_verifier: 'y'.repeat(43) }])
        expect(await exchanged(newFixture(), 'pub-app', change)).toBe(400)
    }
  },
  {
    ids: ['CLA-003'],
    by: 'a public app exchanges its code with its client_id alone',
    run: async () => {
      expect(await exchanged(newFixture(), 'pub-app', { client_id: 'pub-app' })).toBe(200)
    }
  },
  {
    ids: ['CLA-008'],
    by: 'client_credentials with a secret is refused although the secret is right',
    run: async () => {
      const fixture = newFixture({
        ports: {
          clients: memoryClients([
            { ...backend(), tokenEndpointAuthMethod: 'client_secret_basic', secretDigests: [sha256('s')] }
          ])
        }
      })
      const response = await fixture.server.endpoints.token({
        method: 'POST',
        path: '/token',
        query: '',
        body: 'grant_type=client_credentials&scope=system/Patient.r',
        headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: basic('backend', 's') }
      })()
      expect([response.status, bodyOf(response)['error'], lastRefusal(fixture)]).toEqual([
        400,
        'unauthorized_client',
        'BackendNeedsAssertion'
      ])
    }
  },
  {
    ids: ['CLA-010', 'CLA-104', 'CLA-109'],
    by: 'HTTP Basic is good with the right secret alone; else 401, invalid_client and a challenge of the same scheme',
    run: async () => {
      expect(await exchanged(newFixture(), 'sym-app', { client_id: null }, basic('sym-app', 's3cret:%'))).toBe(200)
      for (const authorization of [
        basic('sym-app', 'x'),
        basic('nobody', 's3cret:%'),
        'Basic !!!',
        `Basic ${Buffer.from('sym-app').toString('base64')}`
      ]) {
        const fixture = newFixture()
        const response = await exchange(
          fixture,
          await obtainCode(fixture, { client_id: 'sym-app' }),
          { client_id: null },
          { authorization }
        )
        expect([response.status, bodyOf(response)['error'], response.headers['www-authenticate']]).toEqual([
          401,
          'invalid_client',
          'Basic realm="token"'
        ])
      }
      for (const [assertionFailureStatus, status] of [
        ['401', 401],
        ['400', 400]
      ] as const) {
        expect(
          (await ask(worldOf({ policy: { assertionFailureStatus } }), assertion({ key: stranger.privateKey }))).status
        ).toBe(status)
      }
    }
  },
  {
    ids: ['CLA-047', 'CLA-103'],
    by: 'id and secret are form-decoded after the first colon is found; the published header is read as it is meant',
    run: async () => {
      const [, symmetric] = clients
      if (symmetric === undefined) throw new Error('no client')
      for (const [clientId, secret] of [
        ['a:b', 'c:d'],
        ['a b+c', '%+ é:'],
        ['demo_app_whatever', 'secret-key-1234567890']
      ] as const) {
        const ports = { clients: memoryClients([{ ...symmetric, clientId, secretDigests: [sha256(secret)] }]) }
        const encoded = [clientId, secret].map((text) => encodeURIComponent(text).replaceAll('%20', '+')).join(':')
        const authorization = `Basic ${Buffer.from(encoded).toString('base64')}`
        for (const fixture of [newFixture({ ports }), newFixture({ ports, policy: { basicEncoding: 'rfc6749' } })])
          expect(await exchanged(fixture, clientId, { client_id: null }, authorization)).toBe(200)
      }
      expect(basic('demo_app_whatever', 'secret-key-1234567890')).toBe(
        'Basic ZGVtb19hcHBfd2hhdGV2ZXI6c2VjcmV0LWtleS0xMjM0NTY3ODkw'
      )
    }
  },
  {
    ids: ['CLA-105'],
    by: 'a secret in the body is refused unless the host allows it, and one in the address always',
    run: async () => {
      const register = clients.map((one) =>
        one.clientId === 'sym-app' ? { ...one, tokenEndpointAuthMethod: 'client_secret_post' as const } : one
      )
      const fixture = (allowClientSecretPost: boolean): Fixture =>
        newFixture({ policy: { allowClientSecretPost }, ports: { clients: memoryClients(register) } })
      const sent = { client_id: 'sym-app', client_secret: 's3cret:%' }
      expect((await exchange(fixture(false), 'g.c.x', sent)).status).toBe(401)
      expect(await exchanged(fixture(true), 'sym-app', sent)).toBe(200)
      const response = await fixture(true).server.endpoints.token({
        method: 'POST',
        path: '/token',
        query: 'client_secret=s3cret',
        body: 'grant_type=authorization_code&client_id=sym-app',
        headers: { 'content-type': 'application/x-www-form-urlencoded' }
      })()
      expect([response.status, bodyOf(response)['error']]).toEqual([400, 'invalid_request'])
    }
  }
]

const assertions: ReadonlyArray<Shown> = [
  {
    ids: ['CLA-014', 'CLA-015'],
    by: 'a server verifies RS384 or ES384, further algorithms where its host says so, and never none or HMAC',
    run: async () => {
      for (const algorithms of [['RS384'], ['ES384'], ['RS384', 'ES384', 'PS512', 'RS256', 'ES512']])
        expect([algorithms, settingsWith(algorithms)]).toEqual([algorithms, true])
      for (const algorithms of [[], ['RS256'], ['RS384', 'none'], ['RS384', 'HS384'], ['RS384', 'x']])
        expect([algorithms, settingsWith(algorithms)]).toEqual([algorithms, false])
      await accepted([{ header: { alg: 'RS384', kid: 'rsa' } }, {}])
      await accepted([{ header: { alg: 'RS256', kid: 'rsa' } }], {
        settings: { assertionAlgorithms: ['RS384', 'RS256'] }
      })
      await refusals([[{ header: { alg: 'RS256', kid: 'rsa' } }, 'AssertionAlgorithmNotAllowed']])
    }
  },
  {
    ids: ['CLA-025', 'CLA-037', 'CLA-038'],
    by:
      'keys come from what was registered, with jku or without; a jku that is not the registered URL fails and ' +
      'is not fetched',
    run: async () => {
      const fixture = publishing({ keys })
      for (const header of [{}, { jku: url }]) expect((await ask(fixture, assertion({ header }))).status).toBe(200)
      await accepted([{}])
      requests.length = 0
      await refusals(
        [
          [{ header: { jku: `${url}/` } }, 'AssertionJkuNotRegistered'],
          [{ header: { jku: 'https://evil.example' } }, 'AssertionJkuNotRegistered']
        ],
        () => publishing({ keys })
      )
      await refusals([[{ header: { jku: url } }, 'AssertionJkuNotRegistered']])
      expect(requests).toEqual([])
    }
  },
  {
    ids: ['CLA-034', 'CLA-112', 'CLA-042'],
    by: 'each rule fails alone, all with the same bytes: invalid_client and no word of which it was',
    run: async () => {
      const cases: ReadonlyArray<readonly [Changes, string]> = [
        [{ claims: { iss: undefined } }, 'AuthenticatingClientUnknown'],
        [{ claims: { sub: undefined } }, 'AssertionIssuerWrong'],
        [{ claims: { aud: undefined } }, 'AssertionAudienceWrong'],
        [{ claims: { exp: undefined } }, 'AssertionExpired'],
        [{ claims: { nbf: 2000 } }, 'AssertionNotYetValid'],
        [{ claims: { iat: 2000 } }, 'AssertionNotYetValid'],
        [{ claims: { jti: undefined } }, 'AssertionIdMissing'],
        [{ key: stranger.privateKey }, 'AssertionSignatureWrong'],
        [{ header: { kid: 'x' } }, 'AssertionKeyUnknown'],
        [{ header: { typ: undefined } }, 'AssertionTypeHeaderWrong'],
        [{ header: { alg: 'none' } }, 'AssertionAlgorithmNotAllowed']
      ]
      await refusals(cases)
      const bodies = await Promise.all(cases.map(async ([one]) => (await ask(worldOf(), assertion(one))).body))
      expect(new Set(bodies).size).toBe(1)
    }
  },
  {
    ids: ['CLA-035'],
    by: 'a jti is good once for its iss, for as long as the assertion could live, and another iss may use the same',
    run: async () => {
      const fixture = worldOf()
      const text = assertion({ claims: { jti: 'same' } })
      expect((await ask(fixture, text)).status).toBe(200)
      for (const now of [1000, 1299, 1359]) {
        fixture.clock.now = now
        await refused(fixture, () => ask(fixture, text), 'AssertionReplayed')
      }
      fixture.clock.now = 1000
      expect(
        (await ask(fixture, assertion({ claims: { jti: 'same', iss: 'other-backend', sub: 'other-backend' } }))).status
      ).toBe(200)
    }
  },
  {
    ids: ['CLA-036', 'CLA-114', 'CLA-115'],
    by: 'iss is a known client, letter by letter, sub is the same, and a client_id in the body names no other',
    run: async () => {
      await refusals([
        [{ claims: { iss: 'nobody', sub: 'nobody' } }, 'AuthenticatingClientUnknown'],
        [{ claims: { iss: 'Backend', sub: 'Backend' } }, 'AuthenticatingClientUnknown'],
        [{ claims: { sub: 'other-backend' } }, 'AssertionIssuerWrong'],
        [{ claims: { sub: undefined } }, 'AssertionIssuerWrong']
      ])
      const fixture = worldOf()
      await refused(fixture, () => ask(fixture, assertion(), { client_id: 'other-backend' }), 'AssertionIssuerWrong')
      expect((await ask(fixture, assertion(), { client_id: 'backend' })).status).toBe(200)
    }
  },
  {
    ids: ['CLA-039', 'CLA-128'],
    by: 'exactly one key has the kid, letter by letter, and the kty of the algorithm',
    run: async () => {
      const both = [
        { ...keys[0], kid: 'k' },
        { ...keys[1], kid: 'k' }
      ]
      const fixture = withKeys(both)()
      for (const header of [
        { alg: 'RS384', kid: 'k' },
        { alg: 'ES384', kid: 'k' }
      ])
        expect((await ask(fixture, assertion({ header }))).status).toBe(200)
      await refusals(
        [[{ header: { kid: 'k' } }, 'AssertionKeyAmbiguous']],
        withKeys([...both, { ...keys[1], kid: 'k' }])
      )
      await refusals(
        [
          [{ header: { kid: 'K' } }, 'AssertionKeyUnknown'],
          [{ header: { kid: 'none' } }, 'AssertionKeyUnknown']
        ],
        withKeys(both)
      )
    }
  },
  {
    ids: ['CLA-040', 'CLA-123'],
    by:
      'the signature is verified once, with exactly that key, over the text that came; an algorithm that is not ' +
      'allowed meets no key at all',
    run: async () => {
      const verified: Array<readonly [Jwk | null, string, string]> = []
      const spying = (): Fixture =>
        worldOf({
          ports: {
            keys: {
              ...synchronousKeys,
              verifyAssertion: (key, alg, text) => {
                verified.push([key, alg, text])
                return synchronousKeys.verifyAssertion(key, alg, text)
              }
            }
          }
        })
      const text = signParts('{ "typ":"JWT",  "kid":"ec","alg":"ES384" }', `{ ${claims}, "jti":"spaced" }`)
      expect((await ask(spying(), text)).status).toBe(200)
      expect(verified).toEqual([[keys[1], 'ES384', text]])
      verified.length = 0
      await ask(spying(), assertion({ header: { alg: 'RS256', kid: 'rsa' } }))
      expect(verified.map(([key]) => key)).toEqual([null])
    }
  },
  {
    ids: ['CLA-041'],
    by: 'a JWK Set is fetched by GET with Accept: application/json',
    run: async () => {
      const seen: Array<unknown> = []
      const server = createServer((request, response) => {
        seen.push(request.method, request.headers.accept)
        response.end('{"keys":[]}')
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      await guardedFetch({ allowedNetworks: ['127.0.0.1'] })(
        `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/jwks`
      )
      server.close()
      expect(seen).toEqual(['GET', 'application/json'])
    }
  },
  {
    ids: ['CLA-043', 'CLA-044'],
    by: 'keys are kept as long as Cache-Control says and no longer; a kid that is new forces one request',
    run: async () => {
      requests.length = 0
      const set = { keys: keys.slice(0, 1) }
      const fixture = publishing(set)
      const use = async (header: object): Promise<number> =>
        (await ask(fixture, assertion({ header: { ...header }, claims: { exp: fixture.clock.now + 60 } }))).status
      const rs384 = { alg: 'RS384', kid: 'rsa' }
      for (const now of [1000, 1030, 1059]) {
        fixture.clock.now = now
        expect([await use(rs384), requests.length]).toEqual([200, 1])
      }
      set.keys = keys
      expect([await use({}), requests.length]).toEqual([200, 2])
      set.keys = []
      fixture.clock.now = 1119
      expect(await use(rs384)).toBe(401)
    }
  },
  {
    ids: ['CLA-045', 'CLA-046', 'CLA-048'],
    by:
      'the published assertions verify with the published keys until they expire, without iat and nbf, and from ' +
      'a set that holds one kid twice',
    run: async () => {
      for (const vector of published) {
        expect([await publishedAt(vector, 1), await publishedAt(vector, -60)]).toEqual([200, 401])
        const exact = { assertionClockSkewSeconds: 0 }
        expect([await publishedAt(vector, 1, exact), await publishedAt(vector, 0, exact)]).toEqual([200, 401])
        expect(Buffer.from(vector.assertion.split('.')[1] ?? '', 'base64url').toString()).not.toMatch(/"(?:iat|nbf)"/)
      }
      expect(published.map((vector) => vector.keys.length)).toContain(2)
    }
  },
  {
    ids: ['CLA-116', 'CLA-132'],
    by: 'aud is this server, a text or a list of one; times are numbers, with fractions or without',
    run: async () => {
      await accepted([
        { claims: { aud: [tokenEndpoint] } },
        { claims: { aud: issuer } },
        { claims: { exp: 1299.5, iat: 999.5, nbf: 0 } }
      ])
      await refusals(
        [undefined, 'https://other.example/token', [], [tokenEndpoint, issuer], 5, { 0: tokenEndpoint }].map(
          (aud) => [{ claims: { aud } }, 'AssertionAudienceWrong'] as const
        )
      )
      await refusals([
        [{ claims: { exp: '1300' } }, 'AssertionExpired'],
        [{ claims: { iat: '1' } }, 'AssertionNotYetValid'],
        [{ claims: { nbf: '1' } }, 'AssertionNotYetValid']
      ])
    }
  },
  {
    ids: ['CLA-117', 'CLA-118', 'CLA-119'],
    by:
      'exp is ahead and at most five minutes, nbf is not; with the skew that the policy allows, and with none to ' +
      'the second',
    run: async () => {
      const none = { policy: { assertionClockSkewSeconds: 0 } } as const
      await accepted([{ claims: { exp: 941 } }, { claims: { exp: 1360 } }, { claims: { nbf: 1060 } }])
      await accepted([{ claims: { exp: 1001 } }, { claims: { exp: 1300 } }, { claims: { nbf: 1000 } }], none)
      await refusals([
        [{ claims: { exp: 940 } }, 'AssertionExpired'],
        [{ claims: { exp: 1361 } }, 'AssertionTooLong'],
        [{ claims: { nbf: 1061 } }, 'AssertionNotYetValid']
      ])
      await refusals(
        [
          [{ claims: { exp: 1000 } }, 'AssertionExpired'],
          [{ claims: { exp: 1301 } }, 'AssertionTooLong'],
          [{ claims: { nbf: 1001 } }, 'AssertionNotYetValid']
        ],
        () => worldOf(none)
      )
    }
  },
  {
    ids: ['CLA-120'],
    by: 'no signature, none, and an HMAC under the public key are refused',
    run: async () => {
      const text = `${part('{"alg":"HS384","kid":"ec","typ":"JWT"}')}.${part(`{${claims},"jti":"x"}`)}`
      const mac = createHmac('sha384', ec.publicKey.export({ type: 'spki', format: 'pem' }))
        .update(text)
        .digest('base64url')
      await refusals([
        [`${text}.${mac}`, 'AssertionAlgorithmNotAllowed'],
        [{ header: { alg: 'none' } }, 'AssertionAlgorithmNotAllowed'],
        [`${assertion().split('.').slice(0, 2).join('.')}.`, 'AssertionUnreadable'],
        [{ key: stranger.privateKey }, 'AssertionSignatureWrong']
      ])
    }
  },
  {
    ids: ['CLA-121', 'CLA-124'],
    by:
      'what is no JWT in one spelling is refused: padding, white space, plain base64, stray bits, no object, a ' +
      'name twice',
    run: async () => {
      const text = assertion()
      await refusals([
        ...[
          `${text}=`,
          `${text}\n`,
          ` ${text}`,
          text.replace('.', '=.'),
          text.replace('.', '+.'),
          text.replace(/^([^.]*)\./, '$1A.'),
          `${text}.x`,
          'a.b',
          ''
        ].map((one) => [one, 'AssertionUnreadable'] as const),
        ...['[]', '"x"', 'null', '{', `{${claims},"jti":"a","jti":"b"}`, `{${claims},"\\u006ati":"a","jti":"b"}`].map(
          (one) => [signParts(good, one), 'AssertionUnreadable'] as const
        )
      ])
    }
  },
  {
    ids: ['CLA-122'],
    by: 'crit is refused, whatever it names',
    run: () =>
      refusals([['exp'], [], 'exp', null].map((crit) => [{ header: { crit } }, 'AssertionExtensionCritical'] as const))
  },
  {
    ids: ['CLA-125'],
    by: 'keys that the header brings along or points to are never looked at',
    run: () =>
      refusals(
        [{ jwk: jwkOf(stranger.publicKey, 'ec') }, { x5u: 'https://evil.example' }, { x5c: ['MIIB'] }].map(
          (header) => [{ header, key: stranger.privateKey }, 'AssertionSignatureWrong'] as const
        )
      )
  },
  {
    ids: ['CLA-126', 'CLA-127', 'CLA-129', 'CLA-131'],
    by:
      'a key that is unknown, malformed, private, short or for another use is no candidate, does no harm to ' +
      'others, and cannot be registered where it is a mistake',
    run: async () => {
      const [rsa = {}, curve = {}] = keys
      const useless = [
        { kty: 'OKP', crv: 'Ed25519', kid: 'ec', x: 'x' },
        { kid: 'ec' },
        { kty: 'EC', kid: 'ec' },
        { ...curve, use: 'enc' },
        { ...curve, key_ops: ['sign'] },
        { ...curve, alg: 'ES256' },
        jwkOf(ec.privateKey, 'ec'),
        { kty: 'oct', k: 'AAAA', kid: 'ec' }
      ]
      expect(chooseKey(readJwks({ keys: [...useless, 1, null, curve] }) ?? [], 'ec', 'ES384')).toEqual({
        _tag: 'Chosen',
        key: curve
      })
      for (const key of useless) expect(chooseKey([key], 'ec', 'ES384')._tag).toBe('NoKey')
      const short = { ...rsa, n: String(rsa['n']).slice(0, 171) }
      expect(chooseKey([short], 'rsa', 'RS384')._tag).toBe('NoKey')
      expect([metadataWith(curve), metadataWith(rsa)]).toEqual([true, true])
      for (const key of [jwkOf(ec.privateKey, 'ec'), { kty: 'oct', k: 'AAAA', kid: 'ec' }, short])
        expect(metadataWith(key)).toBe(false)
      await refusals([[{}, 'AssertionKeyUnknown']], withKeys(useless))
    }
  },
  {
    ids: ['CLA-130'],
    by: 'ES384 takes a key of P-384 and a signature of 96 bytes',
    run: async () => {
      const signature = Buffer.from(assertion().split('.')[2] ?? '', 'base64url')
      expect(signature).toHaveLength(96)
      const text = assertion()
      await refusals([
        [text.slice(0, -4), 'AssertionSignatureWrong'],
        [`${text}AAAA`, 'AssertionSignatureWrong']
      ])
      await refusals([[{ key: p256.privateKey }, 'AssertionKeyUnknown']], withKeys([jwkOf(p256.publicKey, 'ec')]))
    }
  }
]

/** Client authentication, of all three kinds of clients. */
export const clientAuthentication: Area = {
  area: 'client-auth',
  shown: [...secrets, ...assertions],
  outside: [
    {
      ids: ['CLA-049'],
      why:
        'which of the methods a client registers is its own choice; the order in which the app side prefers them ' +
        'is shown there'
    },
    {
      ids: ['CLA-106'],
      why:
        "slowing guesses down is the host's, before the engine; every failure is recorded in the log with the client " +
        'that it names'
    },
    { ids: ['CLA-133'], why: 'whether an app can keep a secret is known to its registrant' }
  ]
}
