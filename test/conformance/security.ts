/**
 * The area "security": app-launch, "App protection", "Considerations for Cross-Origin Resource Sharing";
 * best-practices; RFC 6749, RFC 6750, RFC 9700.
 */
import { expect } from 'vitest'
import type { Area, Shown } from './matrix.js'
import { answered, documentAt, protocol, releases, tokensOf } from '../support/steps.js'
import { outside, row } from './matrix.js'
import { wellKnown } from './discovery/discovery-document.js'
import {
  authorize,
  bodyOf,
  exchange,
  get,
  isAlive,
  newFixture,
  obtainCode,
  post,
  redirected
} from '../support/server-fixture.js'
import type { Fixture } from '../support/server-fixture.js'
import type { PlainResponse } from '../../src/protocol/http/message.js'
import { json } from '../../src/protocol/http/message.js'
import { authorizationServer } from '../../src/engine/server/authorization-server.js'
import { originsOf } from '../../src/protocol/client/cors.js'
import { systemRandom } from '../../src/adapters/system.js'

const evil = 'https://evil.example'
const app = 'https://app.example'

const preflight = (fixture: Fixture, path: string, origin: string, method: string): Promise<PlainResponse> =>
  protocol(fixture, {
    ...get(path, '', {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization, content-type'
    }),
    method: 'OPTIONS'
  })

const allowed = (response: PlainResponse): unknown => response.headers['access-control-allow-origin']

const shown: ReadonlyArray<Shown> = [
  row(
    'SEC-101',
    'a token that the server did not make is none: cut, changed, of another key, or invented',
    async () => {
      const fixture = newFixture()
      const other = newFixture()
      const token = String((await tokensOf(fixture))['access_token'])
      expect(await isAlive(fixture, token)).toBe(true)
      for (const forged of [
        token.slice(0, -1),
        `${token}x`,
        token.replace('.a.0.', '.a.1.'),
        token.replace('.k1.', '.k2.'),
        'eyJhbGciOiJub25lIn0.e30.',
        'x'
      ]) {
        expect([forged, await isAlive(fixture, forged)]).toEqual([forged, false])
      }
      expect(await isAlive(other, token)).toBe(false)
    }
  ),
  row('SEC-102', 'a code is good once and for a minute', async () => {
    const fixture = newFixture()
    const [once, late] = [await obtainCode(fixture), await obtainCode(fixture)]
    expect([(await exchange(fixture, once)).status, answered(await exchange(fixture, once))]).toEqual([
      200,
      [400, 'invalid_grant']
    ])
    fixture.clock.now += 60
    expect(answered(await exchange(fixture, late))).toEqual([400, 'invalid_grant'])
  }),
  row(
    'SEC-103',
    'codes and handles hold 256 random bits, refresh tokens and opaque access tokens a code of authentication ' +
      'of 256 bits',
    async () => {
      expect(Array.from({ length: 50 }, systemRandom.token).every((text) => /^[A-Za-z0-9_-]{43}$/.test(text))).toBe(
        true
      )
      expect(new Set(Array.from({ length: 1000 }, systemRandom.token)).size).toBe(1000)
      const fixture = newFixture()
      expect((await obtainCode(fixture)).split('.').at(-1)).toMatch(/^[A-Za-z0-9_-]{43}$/)
      const body = await tokensOf(fixture)
      for (const name of ['access_token', 'refresh_token'])
        expect(String(body[name]).split('.').at(-1)).toMatch(/^[A-Za-z0-9_-]{43}$/)
    }
  ),
  row(
    'SEC-105 SEC-108',
    'whatever stands in a request, a redirect goes to a registered redirect URI or nowhere',
    async () => {
      const places = [
        evil,
        '//evil.example',
        'javascript:alert(1)',
        `${app}.evil.example/cb`,
        `${app}@evil.example/cb`,
        `${app}/cb\\@evil.example`,
        `${app}%2f@evil.example/cb`,
        `${app}/cb\r\nlocation: ${evil}`
      ]
      for (const place of places) {
        for (const change of [
          { redirect_uri: place },
          { state: place },
          { aud: place },
          { launch: place, scope: 'launch' },
          { client_id: place },
          { scope: place }
        ]) {
          const conversation = await authorize(newFixture(), change)
          const location = conversation._tag === 'SendToApp' ? String(conversation.response.headers['location']) : null
          expect([change, location === null || location.startsWith(`${app}/cb?`)]).toEqual([change, true])
          expect(location ?? '').not.toMatch(/[\r\n]/)
        }
      }
    }
  ),
  row(
    'SEC-106',
    'access tokens live an hour, are for one FHIR server, and are taken from the Authorization header and nowhere else',
    async () => {
      const fixture = newFixture()
      const token = String((await tokensOf(fixture))['access_token'])
      const [inQuery, inBody] = [
        get('/fhir/Patient/123', `access_token=${token}`),
        post('/fhir/Patient/_search', [['access_token', token]])
      ]
      for (const request of [inQuery, inBody, { ...inQuery, headers: { authorization: `Bearer ${token}` } }])
        expect((await fixture.server.resource.bearer(request)())._tag).toBe('Left')
      expect(await isAlive(fixture, token)).toBe(true)
      fixture.clock.now += 3600
      expect(await isAlive(fixture, token)).toBe(false)
    }
  ),
  row('SEC-107', 'plain is refused at the authorization endpoint, before and after S256 failed', async () => {
    const fixture = newFixture()
    await exchange(fixture, await obtainCode(fixture), { code_verifier: 'w'.repeat(43) })
    expect(
      redirected(await authorize(fixture, { code_challenge: 'w'.repeat(43), code_challenge_method: 'plain' }))?.get(
        'error'
      )
    ).toBe('invalid_request')
  }),
  row('SEC-111', 'a token is good for the FHIR server of its grant alone, opaque and as a JWT', async () => {
    for (const accessTokenFormat of ['opaque', 'jwt'] as const) {
      const fixture = newFixture({ policy: { accessTokenFormat } })
      const token = String((await tokensOf(fixture))['access_token'])
      const neighbour = authorizationServer(
        { issuer: 'https://ehr.example', fhirBaseUrl: 'https://ehr.example/other', policy: { accessTokenFormat } },
        fixture.ports
      )
      if (neighbour._tag === 'Left') throw new Error('settings')
      const facts = await neighbour.right.resource.bearer(
        get('/other/Patient/1', '', { authorization: `Bearer ${token}` })
      )()
      expect([await isAlive(fixture, token), facts._tag]).toEqual([true, 'Left'])
    }
    const narrow = await tokensOf(newFixture(), { scope: 'patient/Observation.r' })
    expect(narrow['scope']).toBe('patient/Observation.r')
  }),
  row(
    'SEC-112',
    "the client_id of a client that registers itself is the server's choice, random, whatever it asks for",
    async () => {
      const fixture = newFixture({ settings: { registration: { mode: 'open' } } })
      const body = JSON.stringify({
        client_id: 'alice',
        client_name: 'x',
        redirect_uris: ['https://app.example/cb'],
        token_endpoint_auth_method: 'none',
        scope: 'patient/*.rs'
      })
      const response = await protocol(fixture, {
        ...post('/register', []),
        headers: { 'content-type': 'application/json' },
        body
      })
      expect(response.status).toBe(201)
      expect(bodyOf(response)['client_id']).toMatch(/^[A-Za-z0-9_-]{22,}$/)
    }
  ),
  row(
    'SEC-201',
    'discovery is for pages of every origin, without cookies: the SMART configuration, the metadata, the keys, ' +
      'and the FHIR metadata that the host shares',
    async () => {
      for (const specVersion of releases) {
        const fixture = newFixture({ policy: { specVersion } })
        for (const path of [
          wellKnown,
          '/.well-known/openid-configuration',
          '/.well-known/oauth-authorization-server',
          '/jwks'
        ]) {
          const answer = await protocol(fixture, get(path, '', { origin: evil }))
          expect([path, answer.status, allowed(answer), answer.headers['access-control-allow-credentials']]).toEqual([
            path,
            200,
            '*',
            undefined
          ])
          expect(allowed(await preflight(fixture, path, evil, 'GET'))).toBe('*')
        }
        const metadata = fixture.server.endpoints.share('anyone', 'GET', () => () => Promise.resolve(json(200, {})))
        expect(allowed(await metadata(get('/fhir/metadata', '', { origin: evil }))())).toBe('*')
      }
      expect(await documentAt(newFixture(), wellKnown)).toHaveProperty('capabilities')
    }
  ),
  row(
    'SEC-202',
    'token endpoint, userinfo and FHIR API are for pages of registered origins, errors and preflights too; ' +
      'others get no permission',
    async () => {
      for (const specVersion of releases) {
        const fixture = newFixture({ policy: { specVersion } })
        const fhir = fixture.server.endpoints.share('registered', 'GET', () => () => Promise.resolve(json(200, {})))
        for (const [origin, expected] of [
          [app, app],
          [evil, undefined],
          ['null', undefined],
          ['https://app.example.evil.example', undefined],
          ['http://app.example', undefined]
        ] as const) {
          const answers = [
            await protocol(fixture, post('/token', [], { origin })),
            await protocol(fixture, get('/userinfo', '', { origin })),
            await fhir(get('/fhir/Patient/1', '', { origin }))(),
            await preflight(fixture, '/token', origin, 'POST')
          ]
          for (const answer of answers)
            expect([
              origin,
              allowed(answer),
              answer.headers['vary'],
              answer.headers['access-control-allow-credentials']
            ]).toEqual([origin, expected, 'Origin', undefined])
        }
        const answer = await preflight(fixture, '/token', app, 'POST')
        expect(answer.status).toBe(204)
        expect(String(answer.headers['access-control-allow-headers'])).toMatch(/Authorization.*Content-Type/)
      }
      expect(
        originsOf({
          redirectUris: ['https://One.example:443/cb'],
          launchUris: ['http://two.example:8080/l'],
          applicationType: 'web'
        })
      ).toEqual(['https://one.example', 'http://two.example:8080'])
    }
  )
]

export const security: Area = {
  area: 'security',
  shown,
  outside: [
    outside('SEC-002', "the app's author; the library evaluates no text as code (a rule of the linter)"),
    outside(
      'SEC-004 SEC-005 SEC-006 SEC-010',
      "the app's author: where tokens are kept is a port of the app; the library writes no cookie and no file"
    ),
    outside('SEC-009', 'a pointer to other documents: the items of RFC 9700 are requirements of their own here'),
    outside(
      'SEC-011 SEC-012 SEC-013',
      'the operator of the server or the app: TLS ends before this code; addresses that are not https are refused ' +
        'when the server is built'
    ),
    outside(
      'SEC-014 SEC-015 SEC-016',
      'the operator of the server or the app: reminders, key-bound tokens and secret stores are theirs'
    ),
    outside('SEC-110', 'not offered: bearer tokens are what the guide defines; refresh tokens are rotated instead')
  ]
}
