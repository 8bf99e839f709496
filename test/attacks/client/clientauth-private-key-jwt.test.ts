/** A client that proves itself by a signed assertion: the catalog's attacks on it. */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { expect } from 'vitest'
import {
  accessToken,
  bad,
  badText,
  from,
  good,
  idToken,
  neverFetched,
  once,
  otherSignature,
  signedByUs,
  value,
  fixture
} from './assertion-variants.js'
import { requests, publishing, url } from '../../support/client/published-keys.js'
import { refused } from '../../support/client/refused-authentication.js'
import { attackGroup } from '../row.js'
import { leavesStoreAlone } from '../../support/server/stored.js'
import {
  ask,
  assertion,
  ec,
  freshId,
  jwkOf,
  keys,
  lastRefusal,
  p256,
  stranger,
  tokenEndpoint,
  worldOf
} from '../../support/client/assertions.js'
import type { Fixture } from '../../support/server-fixture.js'
import { bodyOf, fhirBaseUrl, issuer, newFixture, redirectUri, synchronousKeys } from '../../support/server-fixture.js'

attackGroup({
  endpoint: 'clientauth.private_key_jwt',
  controls: [
    {
      name: 'RS384',
      run: async () => {
        expect((await ask(newFixture(fixture), assertion({ header: { alg: 'RS384', kid: 'rsa' } }))).status).toBe(200)
      }
    },
    {
      name: 'ES384',
      run: async () => {
        expect((await ask(newFixture(fixture), assertion())).status).toBe(200)
      }
    },
    {
      name: 'keys at a URL',
      run: async () => {
        expect((await ask(newFixture(fixture), assertion({ claims: from('by-url') }))).status).toBe(200)
      }
    }
  ],
  rows: [
    {
      id: 'PKJ-01',
      fixture,
      variants: [
        ...['none', 'None', 'nOnE', '', undefined].map((alg) =>
          bad(String(alg), { header: { alg } }, 'AssertionAlgorithmNotAllowed')
        ),
        {
          name: 'none, and no signature',
          run: async (where) => {
            await refused(
              where,
              () =>
                ask(
                  where,
                  `${assertion({ header: { alg: 'none' } })
                    .split('.')
                    .slice(0, 2)
                    .join('.')}.`
                ),
              'AssertionUnreadable'
            )
          }
        }
      ]
    },
    {
      id: 'PKJ-04',
      fixture,
      variants: [
        bad('RS256', { header: { alg: 'RS256', kid: 'rsa' } }, 'AssertionAlgorithmNotAllowed'),
        bad('PS256', { header: { alg: 'PS256', kid: 'rsa' } }, 'AssertionAlgorithmNotAllowed'),
        bad('ES256', { header: { alg: 'ES256', kid: 'p256' }, key: p256.privateKey }, 'AssertionAlgorithmNotAllowed'),
        bad('ES512', { header: { alg: 'ES512' } }, 'AssertionAlgorithmNotAllowed'),
        bad('EdDSA', { header: { alg: 'EdDSA' } }, 'AssertionAlgorithmNotAllowed')
      ]
    },
    {
      id: 'PKJ-05',
      fixture,
      variants: [
        bad('ES384 with an RSA kid', { header: { kid: 'rsa' } }, 'AssertionKeyUnknown'),
        bad('RS384 with an EC kid', { header: { alg: 'RS384', kid: 'ec' } }, 'AssertionKeyUnknown'),
        bad('ES384 with a P-256 key', { header: { kid: 'p256' }, key: p256.privateKey }, 'AssertionKeyUnknown')
      ]
    },
    {
      id: 'PKJ-06',
      fixture,
      variants: [
        bad('one key', { header: { kid: undefined }, claims: from('one-key') }, 'AssertionKeyIdMissing'),
        bad('several keys', { header: { kid: undefined } }, 'AssertionKeyIdMissing')
      ]
    },
    {
      id: 'PKJ-07',
      fixture,
      variants: [
        bad('kid=zz', { header: { kid: 'zz' } }, 'AssertionKeyUnknown'),
        {
          name: 'kid=zz, keys at a URL',
          run: async () => {
            const where = publishing({ keys })
            requests.length = 0
            for (let time = 0; time < 20; time++) {
              await refused(where, () => ask(where, assertion({ header: { kid: 'zz' } })), 'AssertionKeyUnknown')
              where.clock.now += 2
            }
            expect(requests).toHaveLength(2)
          }
        }
      ]
    },
    {
      id: 'PKJ-09',
      fixture,
      variants: [
        ...['../../dev/null', "' OR '1'='1", '__proto__', 'constructor'].map((kid) =>
          bad(kid, { header: { kid } }, 'AssertionKeyUnknown')
        ),
        bad('{"a":1}', { header: { kid: { a: 1 } } }, 'AssertionKeyIdMissing'),
        bad('64 KiB', { header: { kid: 'k'.repeat(65536) } }, 'AssertionUnreadable'),
        bad('2 KiB', { header: { kid: 'k'.repeat(2048) } }, 'AssertionKeyIdMissing'),
        bad('a NUL', { header: { kid: 'ec\0' } }, 'AssertionKeyUnknown'),
        bad('another case', { header: { kid: 'EC' } }, 'AssertionKeyUnknown')
      ]
    },
    {
      id: 'PKJ-10',
      fixture,
      variants: [
        bad(
          'jwk of the attacker',
          { header: { jwk: jwkOf(stranger.publicKey, 'ec') }, key: stranger.privateKey },
          'AssertionSignatureWrong'
        ),
        bad('x5c chain', { header: { x5c: ['MIIB'] }, key: stranger.privateKey }, 'AssertionSignatureWrong'),
        bad('x5t', { header: { x5t: 'AAAA' }, key: stranger.privateKey }, 'AssertionSignatureWrong')
      ]
    },
    {
      id: 'PKJ-11',
      fixture,
      variants: [
        neverFetched(
          bad('x5u', { header: { x5u: 'https://evil.example' }, key: stranger.privateKey }, 'AssertionSignatureWrong')
        ),
        ...[
          'https://evil.example/jwks',
          'file:///etc/passwd',
          `${url}/`,
          `${url}#`,
          'HTTPS://app.example/jwks',
          'https://app.example:443/jwks',
          null,
          [url]
        ].map((jku) =>
          neverFetched(
            bad(`jku=${JSON.stringify(jku)}`, { header: { jku }, claims: from('by-url') }, 'AssertionJkuNotRegistered')
          )
        ),
        neverFetched(
          bad('jku of a client whose keys are registered', { header: { jku: url } }, 'AssertionJkuNotRegistered')
        ),
        neverFetched(bad('jku=null of such a client', { header: { jku: null } }, 'AssertionJkuNotRegistered'))
      ]
    },
    {
      id: 'PKJ-12',
      fixture,
      variants: [good('jku = registered jwks_uri', { header: { jku: url }, claims: from('by-url') })]
    },
    {
      id: 'PKJ-17',
      fixture: { ...fixture, policy: { assertionTyp: 'optional' } },
      differs:
        'The guide fixes typ to JWT and so does the default; the others are accepted where assertionTyp says so.',
      variants: ['JWT', 'jwt', 'client-authentication+jwt', undefined].map((typ) =>
        good(String(typ), { header: { typ } })
      )
    },
    {
      id: 'PKJ-19',
      fixture,
      variants: [
        once('s replaced by n-s', otherSignature, 'AssertionReplayed'),
        once('"==" padding', (text) => `${text}==`, 'AssertionUnreadable'),
        once('trailing newline', (text) => `${text}\n`, 'AssertionUnreadable'),
        once('stray bits', (text) => text.replace(/^([^.]*)\./, '$1A.'), 'AssertionUnreadable'),
        once('a fourth part', (text) => `${text}.`, 'AssertionUnreadable')
      ]
    },
    {
      id: 'PKJ-22',
      fixture,
      variants: [
        bad('iss=other', { claims: { iss: 'other-backend' } }, 'AssertionIssuerWrong'),
        bad('sub=other', { claims: { sub: 'other-backend' } }, 'AssertionIssuerWrong'),
        bad('sub missing', { claims: { sub: undefined } }, 'AssertionIssuerWrong'),
        bad('iss missing', { claims: { iss: undefined } }, 'AuthenticatingClientUnknown'),
        bad('both = other-app', { claims: from('other-app') }, 'AuthenticatingClientUnknown'),
        bad(
          'both = a client with other keys',
          { claims: from('one-key'), header: { alg: 'RS384', kid: 'rsa' } },
          'AssertionKeyUnknown'
        ),
        bad('another case', { claims: { iss: 'Backend', sub: 'Backend' } }, 'AuthenticatingClientUnknown')
      ]
    },
    {
      id: 'PKJ-23',
      fixture,
      variants: [
        bad('iss in a list', { claims: { iss: ['backend'] } }, 'AuthenticatingClientUnknown'),
        bad('sub as an object', { claims: { sub: { 0: 'backend' } } }, 'AssertionIssuerWrong'),
        bad('iss:true', { claims: { iss: true } }, 'AuthenticatingClientUnknown')
      ]
    },
    {
      id: 'PKJ-24',
      fixture,
      variants: [undefined, 'https://other.example/token', null, 1, {}, [], ''].map((aud) =>
        bad(`aud=${JSON.stringify(aud)}`, { claims: { aud } }, 'AssertionAudienceWrong')
      )
    },
    {
      id: 'PKJ-25',
      fixture,
      variants: [
        [tokenEndpoint, 'https://evil.example'],
        [issuer, tokenEndpoint],
        [tokenEndpoint, tokenEndpoint]
      ].map((aud) => bad(aud.join(' and '), { claims: { aud } }, 'AssertionAudienceWrong'))
    },
    {
      id: 'PKJ-26',
      fixture,
      variants: [good('the token endpoint', {}), good('in a list of one', { claims: { aud: [tokenEndpoint] } })]
    },
    { id: 'PKJ-27', fixture, variants: [good('the issuer', { claims: { aud: issuer } })] },
    {
      id: 'PKJ-28',
      fixture: { ...fixture, policy: { assertionAudience: 'rfc10070' } },
      variants: [
        bad('the token endpoint', {}, 'AssertionAudienceWrong'),
        bad('the issuer in a list', { claims: { aud: [issuer] } }, 'AssertionAudienceWrong'),
        good('the issuer', { claims: { aud: issuer } })
      ]
    },
    {
      id: 'PKJ-29',
      fixture,
      variants: [
        tokenEndpoint.replace('https:', 'http:'),
        `${tokenEndpoint}/`,
        tokenEndpoint.replace('ehr', 'EHR'),
        tokenEndpoint.replace('example/', 'example:443/'),
        `${tokenEndpoint}?x`,
        fhirBaseUrl,
        `${issuer}/authorize`,
        `${issuer}/b/token`,
        `${issuer}/`
      ].map((aud) => bad(aud, { claims: { aud } }, 'AssertionAudienceWrong'))
    },
    {
      id: 'PKJ-30',
      fixture,
      variants: [undefined, 1000 - 61, 1000 - 60, 1000 - 300].map((exp) =>
        bad(`exp=${String(exp)}`, { claims: { exp } }, 'AssertionExpired')
      )
    },
    {
      id: 'PKJ-31',
      fixture,
      variants: [1300, 1330, 1360].map((exp) => good(`exp=${String(exp)}`, { claims: { exp } }))
    },
    {
      id: 'PKJ-32',
      fixture,
      variants: [1361, 1000 + 86400, 253402300799].map((exp) =>
        bad(`exp=${String(exp)}`, { claims: { exp } }, 'AssertionTooLong')
      )
    },
    {
      id: 'PKJ-33',
      fixture,
      variants: [
        badText('a text', '"exp":"1300"', 'AssertionExpired'),
        badText('1e400', '"exp":1e400', 'AssertionExpired'),
        badText('NaN', '"exp":NaN', 'AssertionUnreadable'),
        badText('-1', '"exp":-1', 'AssertionExpired'),
        badText('null', '"exp":null', 'AssertionExpired'),
        badText('a list', '"exp":[1300]', 'AssertionExpired'),
        badText('2^63', '"exp":9223372036854775808', 'AssertionExpired'),
        badText('twice', '"exp":1,"exp":1300', 'AssertionUnreadable')
      ]
    },
    {
      id: 'PKJ-34',
      fixture,
      variants: [1062, 4600, 1e300].map((iat) => bad(`iat=${String(iat)}`, { claims: { iat } }, 'AssertionNotYetValid'))
    },
    {
      id: 'PKJ-35',
      fixture,
      variants: [1008, 1010, 1060].map((time) => good(`iat=nbf=${String(time)}`, { claims: { iat: time, nbf: time } }))
    },
    {
      id: 'PKJ-36',
      fixture,
      variants: [
        bad('now+61', { claims: { nbf: 1061 } }, 'AssertionNotYetValid'),
        bad('a text', { claims: { nbf: '1' } }, 'AssertionNotYetValid')
      ]
    },
    {
      id: 'PKJ-38',
      fixture,
      differs: '"*" is a text like any other: it is good once for its client, and is stored as a digest.',
      variants: [
        ...[undefined, '', 5, {}, [], 'x'.repeat(300), 'a\0b'].map((jti) =>
          bad(JSON.stringify({ jti }).slice(0, 20), { claims: { jti } }, 'AssertionIdMissing')
        ),
        {
          name: 'jti="*"',
          run: async (where) => {
            await ask(where, assertion({ claims: { jti: '*' } }))
            await refused(where, () => ask(where, assertion({ claims: { jti: '*' } })), 'AssertionReplayed')
            expect((await ask(where, assertion())).status).toBe(200)
          }
        }
      ]
    },
    {
      id: 'PKJ-39',
      fixture,
      variants: [
        once('one after the other', (text) => text, 'AssertionReplayed'),
        {
          name: 'ten at a time',
          run: async (where) => {
            const text = assertion()
            const answers = await Promise.all(Array.from({ length: 10 }, () => ask(where, text)))
            expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
            expect(answers.filter(({ status }) => status === 401)).toHaveLength(9)
            expect(
              where.memory.entries().filter(([key, stored]) => key.startsWith('grant:') && stored.includes('"Backend"'))
            ).toHaveLength(1)
          }
        }
      ]
    },
    {
      id: 'PKJ-41',
      fixture,
      variants: [
        {
          name: 'the same jti from another client',
          run: async (where) => {
            const jti = freshId()
            expect((await ask(where, assertion({ claims: { jti } }))).status).toBe(200)
            expect((await ask(where, assertion({ claims: { jti, ...from('other-backend') } }))).status).toBe(200)
          }
        }
      ]
    },
    {
      id: 'PKJ-44',
      once: 'the store of each world fails in its own way',
      variants: (['no', 'unknown'] as const).map((applied) => ({
        name: `the store does not answer; written: ${applied}`,
        run: async () => {
          const where = worldOf({
            store: (memory) => ({ ...memory, swap: () => TaskEither.left({ _tag: 'Unavailable', applied }) })
          })
          const response = await leavesStoreAlone(where, () => ask(where, assertion()))
          expect([response.status, bodyOf(response)['access_token'], lastRefusal(where)]).toEqual([
            503,
            undefined,
            'StoreUnavailable'
          ])
        }
      }))
    },
    {
      id: 'PKJ-45',
      fixture,
      variants: [1300, 1359, 1360, 1419].map((last) => ({
        name: `replayed at ${String(last)}, and again with the clock set back by 60 s`,
        run: async (where: Fixture) => {
          const text = assertion()
          expect((await ask(where, text)).status).toBe(200)
          where.clock.now = last
          // Other work lets the store forget what is over.
          for (let time = 0; time < 20; time++) await ask(where, assertion({ claims: { exp: last + 10 } }))
          await refused(where, () => ask(where, text), last < 1360 ? 'AssertionReplayed' : 'AssertionExpired')
          where.clock.now = last - 60
          expect((await ask(where, text)).status).toBe(401)
          expect(lastRefusal(where)).toBe('AssertionReplayed')
        }
      }))
    },
    {
      id: 'PKJ-48',
      fixture,
      variants: [
        good('assertion only', {}),
        {
          name: 'beside a client_id that matches',
          run: async (where) => {
            expect((await ask(where, assertion(), { client_id: 'backend' })).status).toBe(200)
          }
        }
      ]
    },
    {
      id: 'PKJ-51',
      fixture,
      variants: [
        signedByUs('our id_token', () => value(synchronousKeys.signIdToken(idToken)), 'AuthenticatingClientUnknown'),
        signedByUs(
          'our id_token that names the client as its issuer',
          () => value(synchronousKeys.signIdToken({ ...idToken, iss: 'backend' })),
          'AssertionAlgorithmNotAllowed'
        ),
        signedByUs(
          'our JWT access token',
          () => value(synchronousKeys.signAccessToken(accessToken)),
          'AuthenticatingClientUnknown'
        ),
        bad(
          "a token of the type at+jwt under the client's key",
          { header: { typ: 'at+jwt' } },
          'AssertionTypeHeaderWrong'
        ),
        bad(
          "a subscription's JWT of the FHIR server",
          { claims: { iss: fhirBaseUrl, sub: 'Subscription/1', aud: redirectUri } },
          'AuthenticatingClientUnknown'
        )
      ]
    },
    {
      id: 'PKJ-52',
      once: 'a world for each profile',
      variants: [
        {
          name: 'relayed to a server of the smart profile: the log shows client and grant',
          run: async () => {
            const where = newFixture(fixture)
            expect((await ask(where, assertion())).status).toBe(200)
            expect(where.audited.at(-1)).toMatchObject({ decision: 'TokensIssued', clientId: 'backend', refusal: null })
          }
        },
        {
          name: 'relayed to a server of the rfc10070 profile',
          run: async () => {
            const where = newFixture({ ...fixture, policy: { assertionAudience: 'rfc10070' } })
            await refused(where, () => ask(where, assertion()), 'AssertionAudienceWrong')
          }
        }
      ]
    },
    {
      id: 'PKJ-53',
      once: 'keys change in each world',
      variants: [
        {
          name: 'removed from the registered keys',
          run: async () => {
            const where = worldOf({}, { _tag: 'Inline', keys: keys.slice(0, 1) })
            await refused(where, () => ask(where, assertion()), 'AssertionKeyUnknown')
            expect((await ask(where, assertion({ header: { alg: 'RS384', kid: 'rsa' } }))).status).toBe(200)
          }
        },
        {
          name: 'removed from the jwks_uri, and the copy is over',
          run: async () => {
            const published = { keys }
            const where = publishing(published)
            expect((await ask(where, assertion())).status).toBe(200)
            published.keys = keys.slice(0, 1)
            where.clock.now += 60
            await refused(where, () => ask(where, assertion()), 'AssertionKeyUnknown')
          }
        },
        {
          name: 'replaced under the same kid, and the copy is over',
          run: async () => {
            const published = { keys: [jwkOf(stranger.publicKey, 'ec')] }
            const where = publishing(published)
            expect((await ask(where, assertion({ key: stranger.privateKey }))).status).toBe(200)
            published.keys = [jwkOf(ec.publicKey, 'ec')]
            where.clock.now += 60
            await refused(where, () => ask(where, assertion({ key: stranger.privateKey })), 'AssertionSignatureWrong')
          }
        }
      ]
    }
  ]
})
