/**
 * Client assertions and the keys that verify them.
 *
 * The attack rows test the rest, in test/attacks/client: algorithms and keys (PKJ-01 to PKJ-11), issuer and subject
 * (PKJ-22, PKJ-23), audience (PKJ-24 to PKJ-29), times (PKJ-30 to PKJ-36), `jti` (PKJ-38 to PKJ-41) and a store that
 * does not answer (PKJ-44).
 */
import { createHmac } from 'node:crypto'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import type { Changes } from '../../support/client/assertions.js'
import {
  ask,
  assertion,
  backend,
  ec,
  freshId,
  inline,
  jwkOf,
  keys,
  lastRefusal,
  part,
  signParts,
  stranger,
  tokenEndpoint,
  worldOf
} from '../../support/client/assertions.js'
import type { Fixture } from '../../support/server-fixture.js'
import { bodyOf, fhirBaseUrl, get, newFixture, post } from '../../support/server-fixture.js'
import { assertionType } from '../../../src/protocol/jwt/jwt.js'
import type { ClientKeySource, Jwk } from '../../../src/protocol/jwt/jwk.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'

describe('a backend service', () => {
  it.each([
    ['RS384', 'rsa'],
    ['ES384', 'ec']
  ])('obtains a token with %s', async (alg, kid) => {
    const fixture = worldOf()
    const response = await ask(fixture, assertion({ header: { alg, kid } }))
    expect([response.status, bodyOf(response)]).toEqual([
      200,
      {
        access_token: expect.any(String) as unknown,
        token_type: 'Bearer',
        expires_in: 300,
        scope: 'system/Observation.rs'
      }
    ])
    const bearer = await fixture.server.resource.bearer(
      get('/fhir/Observation', '', { authorization: `Bearer ${String(bodyOf(response)['access_token'])}` })
    )()
    expect(bearer).toMatchObject({ _tag: 'Right', right: { clientId: 'backend', user: null, context: {} } })
  })

  it.each([
    ['system/*.cruds', 'system/Observation.rs system/Patient.r'],
    ['system/Patient.rs user/Patient.r launch openid offline_access', 'system/Patient.r'],
    ['system/Observation.r?category=laboratory', 'system/Observation.r?category=laboratory']
  ])('asks for %s and gets what was registered', async (scope, granted) => {
    expect(bodyOf(await ask(worldOf(), assertion(), { scope }))['scope']).toBe(granted)
  })

  it.each([['user/*.rs'], ['system/Condition.rs'], ['openid'], ['patient/Observation.rs']])(
    'asks for %s and gets nothing',
    async (scope) => {
      const fixture = worldOf()
      expect(bodyOf(await ask(fixture, assertion(), { scope }))['error']).toBe('invalid_scope')
      expect(fixture.memory.entries().filter(([key]) => key.startsWith('grant:'))).toEqual([])
    }
  )

  it('asks for a token for another server and gets none', async () => {
    const fixture = worldOf()
    expect(bodyOf(await ask(fixture, assertion(), { resource: 'https://other.example/fhir' }))['error']).toBe(
      'invalid_target'
    )
    expect(fixture.memory.entries().filter(([key]) => key.startsWith('grant:'))).toEqual([])
    expect((await ask(fixture, assertion(), { resource: fhirBaseUrl })).status).toBe(200)
  })

  it('is invalid after five minutes, and when it is revoked', async () => {
    const fixture = worldOf()
    const alive = async (response: PlainResponse): Promise<boolean> =>
      (
        await fixture.server.resource.bearer(
          get('/fhir/Observation', '', { authorization: `Bearer ${String(bodyOf(response)['access_token'])}` })
        )()
      )._tag === 'Right'
    const first = await ask(fixture, assertion())
    const grantId = fixture.audited.at(-1)?.grantId ?? ''
    await fixture.server.admin.revokeGrant(grantId)()
    expect(await alive(first)).toBe(false)
    const second = await ask(fixture, assertion())
    fixture.clock.now += 299
    expect(await alive(second)).toBe(true)
    fixture.clock.now += 1
    expect(await alive(second)).toBe(false)
  })
})

describe('an assertion', () => {
  const longJti = 'x'.repeat(256)
  it.each<readonly [string, Changes, string]>([
    ['signed by another key', { key: stranger.privateKey }, 'AssertionSignatureWrong'],
    ['with alg HS256', { header: { alg: 'HS256' } }, 'AssertionAlgorithmNotAllowed'],
    ['with another typ', { header: { typ: 'at+jwt' } }, 'AssertionTypeHeaderWrong'],
    ['with crit', { header: { crit: ['exp'] } }, 'AssertionExtensionCritical'],
    ['with an array as sub', { claims: { sub: ['backend'] } }, 'AssertionIssuerWrong'],
    ['of an unknown client', { claims: { iss: 'nobody' } }, 'AuthenticatingClientUnknown'],
    ['that was made later', { claims: { iat: 1061 } }, 'AssertionNotYetValid'],
    ['with iat as text', { claims: { iat: '1' } }, 'AssertionNotYetValid'],
    ['with a long jti', { claims: { jti: longJti } }, 'AssertionIdMissing']
  ])('%s is refused, and looks like any other failure', async (_name, changes, refusal) => {
    const fixture = worldOf()
    const response = await ask(fixture, assertion(changes))
    expect([lastRefusal(fixture), fixture.memory.entries()]).toEqual([refusal, []])
    const wrong = await ask(worldOf(), assertion({ key: stranger.privateKey }))
    expect(response).toEqual(wrong)
    expect([response.status, bodyOf(response)['error']]).toEqual([401, 'invalid_client'])
  })

  it.each<readonly [string, Changes]>([
    ['of a clock that is slow', { claims: { exp: 941 } }],
    ['with a fraction of a second', { claims: { exp: 1299.5 } }]
  ])('%s is good', async (_name, changes) => {
    expect((await ask(worldOf(), assertion(changes))).status).toBe(200)
  })

  it('with an HMAC under the public key is refused', async () => {
    const fixture = worldOf()
    const text =
      `${part('{"alg":"HS384","kid":"ec","typ":"JWT"}')}.` +
      part(JSON.stringify({ iss: 'backend', sub: 'backend', aud: tokenEndpoint, exp: 1300, jti: 'j' }))
    const mac = createHmac('sha384', ec.publicKey.export({ type: 'spki', format: 'pem' }))
      .update(text)
      .digest('base64url')
    expect((await ask(fixture, `${text}.${mac}`)).status).toBe(401)
  })

  const deep = `${'['.repeat(5500)}${']'.repeat(5500)}`
  it.each([
    ['alg', '{"toString":null,"valueOf":null}', 'AssertionAlgorithmNotAllowed'],
    ['alg', deep, 'AssertionAlgorithmNotAllowed'],
    ['kid', '{"toString":null}', 'AssertionKeyIdMissing'],
    ['jti', deep, 'AssertionIdMissing'],
    ['jti', '{"toJSON":null}', 'AssertionIdMissing'],
    ['exp', '{"valueOf":null,"toString":null}', 'AssertionExpired'],
    ['iss', deep, 'AuthenticatingClientUnknown']
  ])(
    'whose %s is a value that cannot become a text is refused and recorded in the log, like any other',
    async (member, value, refusal) => {
      const fixture = worldOf()
      const written = (members: Readonly<Record<string, string>>): string =>
        `{${Object.entries({ ...members, ...(member in members ? { [member]: value } : {}) })
          .map(([name, text]) => `"${name}":${text}`)
          .join(',')}}`
      const text = signParts(
        written({ alg: '"ES384"', kid: '"ec"', typ: '"JWT"' }),
        written({ iss: '"backend"', sub: '"backend"', aud: `"${tokenEndpoint}"`, exp: '1300', jti: `"${freshId()}"` })
      )
      expect(await ask(fixture, text)).toEqual(await ask(worldOf(), assertion({ key: stranger.privateKey })))
      expect([lastRefusal(fixture), fixture.memory.entries()]).toEqual([refusal, []])
    }
  )

  it.each([
    ['header', '{"alg":"none","alg":"ES384","kid":"ec","typ":"JWT"}', `"jti":"${freshId()}"`],
    ['header, escaped', '{"\\u0061lg":"none","alg":"ES384","kid":"ec","typ":"JWT"}', `"jti":"${freshId()}"`],
    ['claims', '{"alg":"ES384","kid":"ec","typ":"JWT"}', `"jti":"a","jti":"${freshId()}"`],
    ['claims, inside', '{"alg":"ES384","kid":"ec","typ":"JWT"}', `"x":[{"y":1,"z":2,"y":3}],"jti":"${freshId()}"`]
  ])('with a name twice in the %s is no assertion at all', async (_name, header, claims) => {
    const fixture = worldOf()
    const text = signParts(header, `{"iss":"backend","sub":"backend","aud":"${tokenEndpoint}","exp":1300,${claims}}`)
    expect([(await ask(fixture, text)).status, lastRefusal(fixture), fixture.memory.entries()]).toEqual([
      401,
      'AssertionUnreadable',
      []
    ])
  })

  it('with one name in several places, or a name as a value, is good', async () => {
    const text = signParts(
      '{ "alg" : "ES384", "kid":"ec", "typ":"JWT" }',
      `{"iss":"backend","sub":"backend","aud":"${tokenEndpoint}` +
        `","exp":1300,"x":{"jti":["jti","jti",{"jti":"\\":"}]},"jti":"${freshId()}"}`
    )
    expect((await ask(worldOf(), text)).status).toBe(200)
  })

  it('that fails is recorded in the log with the client that it names, if there is one', async () => {
    const fixture = worldOf()
    await ask(fixture, assertion({ key: stranger.privateKey }))
    await ask(fixture, assertion({ claims: { iss: 'nobody' } }))
    expect(fixture.audited.map(({ clientId }) => clientId)).toEqual(['backend', null])
  })

  it('is good once; in another spelling it is no assertion at all', async () => {
    const fixture = worldOf()
    const text = assertion()
    for (const spelled of [`${text}==`, `${text}\n`, `${text}.`, ` ${text}`, text.replace('.', '=.')]) {
      expect([(await ask(fixture, spelled)).status, lastRefusal(fixture)]).toEqual([401, 'AssertionUnreadable'])
    }
    expect((await ask(fixture, text)).status).toBe(200)
    expect([(await ask(fixture, text)).status, lastRefusal(fixture)]).toEqual([401, 'AssertionReplayed'])
    fixture.clock.now = 1359
    expect([(await ask(fixture, text)).status, lastRefusal(fixture)]).toEqual([401, 'AssertionReplayed'])
  })

  it('is refused beside another way of authenticating, and with another client_id', async () => {
    const fixture = worldOf()
    expect(bodyOf(await ask(fixture, assertion(), { client_secret: 'x' }))['error']).toBe('invalid_request')
    expect(bodyOf(await ask(fixture, assertion(), { client_id: 'asym-app' }))['error']).toBe('invalid_client')
    expect((await ask(fixture, assertion(), { client_id: 'backend' })).status).toBe(200)
    expect(bodyOf(await ask(fixture, assertion(), { client_assertion_type: 'x' }))['error']).toBe('invalid_client')
  })

  it('answers 400 where the policy says so, and only assertions do', async () => {
    const fixture = worldOf({ policy: { assertionFailureStatus: '400' } })
    expect((await ask(fixture, assertion({ claims: { jti: 7 } }))).status).toBe(400)
    expect(
      (
        await fixture.server.endpoints.token(
          post('/token', [
            ['grant_type', 'client_credentials'],
            ['client_id', 'backend']
          ])
        )()
      ).status
    ).toBe(401)
    // An assertion without a value is none (RFC 6749, section 3.2): who tried HTTP Basic is answered 401 and
    // challenged.
    const tried = await fixture.server.endpoints.token(
      post(
        '/token',
        [
          ['grant_type', 'authorization_code'],
          ['client_assertion', '']
        ],
        { authorization: 'Basic c3ltLWFwcDp4' }
      )
    )()
    expect([tried.status, tried.headers['www-authenticate']]).toEqual([401, 'Basic realm="token"'])
  })
})

describe('keys at a URL', () => {
  const source: ClientKeySource = { _tag: 'AtUrl', url: 'https://app.example/jwks' }
  const published = (
    answers: ReadonlyArray<ReadonlyArray<Jwk>>
  ): { readonly requested: Array<readonly [string, boolean]>; readonly fixture: Fixture } => {
    const requested: Array<readonly [string, boolean]> = []
    const fixture = worldOf(
      {
        ports: {
          clientKeys: {
            keysAt: (url, isFresh) =>
              TaskEither.fromIO(() => {
                requested.push([url, isFresh])
                return answers[requested.length - 1] ?? []
              })
          }
        }
      },
      source
    )
    return { requested, fixture }
  }

  it('are fetched once, and once more for a kid that is new', async () => {
    const { requested, fixture } = published([[], keys])
    expect((await ask(fixture, assertion({ header: { jku: source.url } }))).status).toBe(200)
    expect(requested).toEqual([
      [source.url, false],
      [source.url, true]
    ])
  })

  it('are not fetched when the header is wrong already', async () => {
    const { requested, fixture } = published([])
    for (const header of [{ jku: 'https://evil.example' }, { alg: 'none' }, { kid: 7 }]) {
      expect((await ask(fixture, assertion({ header }))).status).toBe(401)
    }
    expect(requested).toEqual([])
  })

  it('that two keys fit are no answer', async () => {
    const { fixture } = published([[...keys, ...keys]])
    expect([(await ask(fixture, assertion())).status, lastRefusal(fixture)]).toEqual([401, 'AssertionKeyAmbiguous'])
  })

  it('that are private, short, of another use or malformed are no candidates, and do no harm', async () => {
    const bad = [
      { ...jwkOf(ec.privateKey, 'ec') },
      { ...keys[1], use: 'enc' },
      { ...keys[1], key_ops: ['sign'] },
      { ...keys[1], alg: 'ES256' },
      { ...keys[1], crv: 'P-256' },
      { kty: 'OKP', kid: 'ec' },
      { kid: 'ec' },
      { kty: 'oct', k: 'AAAA', kid: 'ec' }
    ]
    const { fixture } = published([bad, bad])
    expect([(await ask(fixture, assertion())).status, lastRefusal(fixture)]).toEqual([401, 'AssertionKeyUnknown'])
    const beside = published([[...bad, ...keys]])
    expect((await ask(beside.fixture, assertion())).status).toBe(200)
  })

  it('are fetched with the signal of the request, by every endpoint that authenticates clients', async () => {
    const signals: Array<AbortSignal | undefined> = []
    const ports = {
      clientKeys: {
        keysAt: (_url: string, _isFresh: boolean, signal?: AbortSignal) =>
          TaskEither.fromIO(() => {
            signals.push(signal)
            return keys
          })
      }
    }
    const { server } = worldOf({ ports, settings: { features: { introspection: true, revocation: true } } }, source)
    const { signal } = new AbortController()
    for (const name of ['token', 'introspect', 'revoke'] as const) {
      const pairs = [
        ['grant_type', 'client_credentials'],
        ['scope', 'system/*.rs'],
        ['token', 'x'],
        ['client_assertion_type', assertionType],
        ['client_assertion', assertion()]
      ] as const
      const answer = server.endpoints.protocol({ ...post(`/${name}`, pairs), signal })
      if (Option.isSome(answer)) await answer.value()
    }
    expect(signals.map((one) => one === signal)).toEqual([true, true, true])
  })

  it('that cannot be had are a failed authentication', async () => {
    const fixture = worldOf(
      {
        ports: { clientKeys: { keysAt: () => TaskEither.left({ _tag: 'Unavailable', reason: 'no answer in time' }) } }
      },
      source
    )
    expect([(await ask(fixture, assertion())).status, lastRefusal(fixture)]).toEqual([401, 'AssertionKeysUnavailable'])
  })

  it.each([[[null]], [['key', ...keys]], [{ keys }]])(
    'that are no keys (%j) are a failed authentication',
    async (reported) => {
      const fixture = worldOf({ ports: { clientKeys: { keysAt: () => TaskEither.right(reported as never) } } }, source)
      expect([(await ask(fixture, assertion())).status, lastRefusal(fixture)]).toEqual([
        401,
        'AssertionKeysUnavailable'
      ])
    }
  )
})

describe('client_credentials', () => {
  it('is for clients with keys, registered for it', async () => {
    const fixture = worldOf()
    const response = await ask(fixture, assertion({ claims: { iss: 'asym-app', sub: 'asym-app' } }))
    expect(bodyOf(response)['error']).toBe('unauthorized_client')
    const secret = newFixture({
      ports: {
        clients: {
          find: () => TaskEither.right(Option.some({ ...backend(inline), tokenEndpointAuthMethod: 'none' as const })),
          isRegisteredOrigin: () => TaskEither.right(false)
        }
      }
    })
    const open = await secret.server.endpoints.token(
      post('/token', [
        ['grant_type', 'client_credentials'],
        ['client_id', 'backend'],
        ['scope', 'system/Patient.r']
      ])
    )()
    expect([bodyOf(open)['error'], lastRefusal(secret)]).toEqual(['unauthorized_client', 'BackendNeedsAssertion'])
  })
})
