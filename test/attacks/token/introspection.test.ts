import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { expect } from 'vitest'
import {
  answered,
  asBearer,
  asNobody,
  asOther,
  asRs,
  asserted,
  backendToken,
  callersWorld,
  inactive,
  introspect,
  obtainTokens,
  revoke,
  withCallers
} from '../../support/server/callers.js'
import type { AttackRow, Variant } from '../row.js'
import { attackGroup } from '../row.js'
import { leavesStoreAlone } from '../../support/server/stored.js'
import type { Fixture, FixtureOptions } from '../../support/server-fixture.js'
import { bodyOf, fhirBaseUrl, get, isAlive, issuer, newFixture, post, refresh } from '../../support/server-fixture.js'
import { authorizationServer } from '../../../src/engine/server/authorization-server.js'
import { decide } from '../../../src/protocol/access/decision.js'
import { interactionOf } from '../../../src/protocol/access/read-interaction.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import { readAccessToken } from '../../../src/protocol/token/opaque-token.js'

const row = (
  id: string,
  variants: ReadonlyArray<Variant>,
  options: FixtureOptions = {},
  more: Pick<AttackRow, 'differs' | 'once'> = {}
): AttackRow => ({ id, variants, fixture: withCallers(options), ...more })

const variant = (name: string, run: (fixture: Fixture) => Promise<void>): Variant => ({ name, run })

/** The response discloses nothing: neither its body nor its headers. */
const expectInactive = async (fixture: Fixture, ask: () => Promise<PlainResponse>): Promise<void> => {
  expect(await leavesStoreAlone(fixture, ask)).toEqual(inactive)
}

const expectRefused = (response: PlainResponse, status: number, error: string): void => {
  expect([response.status, bodyOf(response)['error']]).toEqual([status, error])
}

/** Another tenant: its own issuer and FHIR base on the same store and the same keys. */
const otherTenant = (fixture: Fixture): Fixture => {
  const built = authorizationServer(
    { issuer: 'https://b.example', fhirBaseUrl: 'https://b.example/fhir', policy: fixture.server.policy },
    fixture.ports
  )
  if (Either.isLeft(built)) throw new Error(JSON.stringify(built.left))
  return { ...fixture, server: built.right }
}

const activeToken = variant('an active token, and every member of its token response', async (fixture) => {
  const context = {
    patient: '123',
    encounter: 'e1',
    intent: 'reconcile',
    need_patient_banner: true,
    smart_style_url: 'https://ehr.example/style.json',
    tenant: 't1',
    extensions: { 'https://ehr.example/shift': 'night' }
  }
  const launch = await fixture.server.ehr.offerLaunch({ clientId: 'pub-app', launchedBy: 'alice', context })()
  const { access, body } = await obtainTokens(fixture, {
    scope: 'launch openid fhirUser patient/*.rs',
    launch: Either.isRight(launch) ? launch.right : ''
  })
  const { access_token: _access, id_token: _id, expires_in: life, ...reported } = body
  expect(bodyOf(await introspect(fixture, access))).toEqual({
    ...reported,
    active: true,
    client_id: 'pub-app',
    exp: fixture.clock.now + Number(life),
    iss: issuer,
    sub: 'alice',
    fhirUser: `${fhirBaseUrl}/Practitioner/p1`
  })
  expect(reported).toMatchObject({
    patient: '123',
    encounter: 'e1',
    intent: 'reconcile',
    tenant: 't1',
    'https://ehr.example/shift': 'night'
  })
})

const withoutIdToken = variant('a token without id_token and context: nobody is named', async (fixture) => {
  const { access, body } = await obtainTokens(fixture, { scope: 'user/Observation.rs' })
  expect(body['id_token']).toBeUndefined()
  expect(bodyOf(await introspect(fixture, access))).toEqual({
    active: true,
    scope: 'user/Observation.rs',
    client_id: 'pub-app',
    exp: fixture.clock.now + 3600,
    token_type: 'Bearer'
  })
})

const rows: ReadonlyArray<AttackRow> = [
  row('INT-01', [
    activeToken,
    withoutIdToken,
    variant('a token of a backend service', async (fixture) => {
      expect(bodyOf(await introspect(fixture, await backendToken(fixture)))).toEqual({
        active: true,
        scope: 'system/Observation.rs',
        client_id: 'backend',
        exp: fixture.clock.now + 300,
        token_type: 'Bearer'
      })
    })
  ]),
  row('INT-02', [
    ...(
      [
        ['no credentials', {}],
        ['a public client by client_id only', { client_id: 'pub-app' }]
      ] as const
    ).map(([name, change]) =>
      variant(name, async (fixture) => {
        const { access } = await obtainTokens(fixture)
        expectRefused(
          await leavesStoreAlone(fixture, () => introspect(fixture, access, {}, change)),
          401,
          'invalid_client'
        )
      })
    ),
    variant('a wrong secret, and an unknown client: the same bytes', async (fixture) => {
      const { access } = await obtainTokens(fixture)
      const wrong = await introspect(fixture, access, asNobody)
      expectRefused(wrong, 401, 'invalid_client')
      const unknown = { authorization: `Basic ${Buffer.from('nobody:x').toString('base64')}` }
      expect(await introspect(fixture, access, unknown)).toEqual(wrong)
    })
  ]),
  row('INT-06', [
    variant('other-app introspects the token of pub-app', async (fixture) => {
      const { access } = await obtainTokens(fixture)
      await expectInactive(fixture, () => introspect(fixture, access, asOther))
      expect(bodyOf(await introspect(fixture, access))['active']).toBe(true)
    })
  ]),
  row('INT-07', [
    variant('a living access token of a client without the permission', async (fixture) => {
      const { access } = await obtainTokens(fixture)
      const refused = await leavesStoreAlone(fixture, () => introspect(fixture, access, asBearer(access)))
      expectRefused(refused, 403, 'insufficient_scope')
      expect(refused.headers['www-authenticate']).toContain('error="insufficient_scope"')
    }),
    variant('a dead one of a client with the permission', async (fixture) => {
      const { access } = await obtainTokens(fixture)
      const bearer = await backendToken(fixture, 'gateway')
      fixture.clock.now += 301
      expectRefused(await introspect(fixture, access, asBearer(bearer)), 401, 'invalid_token')
    }),
    variant('a refresh token as bearer', async (fixture) => {
      const { access, refresh: token } = await obtainTokens(fixture)
      expectRefused(await introspect(fixture, access, asBearer(token)), 401, 'invalid_token')
    })
  ]),
  row('INT-09', [
    variant('no token', async (fixture) => {
      expectRefused(await leavesStoreAlone(fixture, () => introspect(fixture, null)), 400, 'invalid_request')
    }),
    variant('an empty token', async (fixture) => {
      expectRefused(await introspect(fixture, ''), 400, 'invalid_request')
    }),
    variant('two tokens', async (fixture) => {
      const { access } = await obtainTokens(fixture)
      const request = post(
        '/introspect',
        [
          ['token', access],
          ['token', access]
        ],
        asRs
      )
      expectRefused(await leavesStoreAlone(fixture, () => answered(fixture, request)), 400, 'invalid_request')
    }),
    variant('two hints', async (fixture) => {
      const request = post(
        '/introspect',
        [
          ['token', 'x'],
          ['token_type_hint', 'a'],
          ['token_type_hint', 'b']
        ],
        asRs
      )
      expectRefused(await answered(fixture, request), 400, 'invalid_request')
    })
  ]),
  row(
    'INT-10',
    ['refresh_token', 'foo', '__proto__'].map((hint) =>
      variant(`the hint ${hint} for an access token`, async (fixture) => {
        const { access } = await obtainTokens(fixture)
        const hinted = await introspect(fixture, access, asRs, { token_type_hint: hint })
        expect(bodyOf(hinted)['active']).toBe(true)
        expect(hinted).toEqual(await introspect(fixture, access))
      })
    )
  ),
  row(
    'INT-11',
    [
      variant('the resource server presents a refresh token', async (fixture) => {
        const tokens = await obtainTokens(fixture)
        await expectInactive(fixture, () =>
          introspect(fixture, tokens.refresh, asRs, { token_type_hint: 'refresh_token' })
        )
        expect((await refresh(fixture, tokens.refresh)).status).toBe(200)
      })
    ],
    { policy: { introspectRefreshTokens: true } },
    { differs: 'the switch that lets a client ask about its own refresh tokens is on: even then nobody else may' }
  ),
  row('INT-12', [
    variant(
      'a code, an id_token, an assertion, a launch handle, a text spelled as an access token',
      async (fixture) => {
        const { code, id } = await obtainTokens(fixture)
        const launch = await fixture.server.ehr.offerLaunch({ clientId: 'pub-app', launchedBy: null, context: {} })()
        const { client_assertion: assertion = '' } = asserted(fixture, 'backend', issuer)
        // Spelled as an access token of the living grant, and without the MAC of the key.
        const spelled = `${code.split('.')[0] ?? ''}.a.0.0.9999999999..t1.k1.x`
        expect(Option.isSome(readAccessToken(spelled))).toBe(true)
        for (const text of [
          code,
          id,
          assertion ?? '',
          Either.isRight(launch) ? launch.right : '',
          'garbage',
          '{}',
          '..',
          spelled
        ]) {
          await expectInactive(fixture, () => introspect(fixture, text))
        }
      }
    ),
    variant('an access token with one character changed, each in turn', async (fixture) => {
      const { access } = await obtainTokens(fixture)
      for (let place = 0; place < access.length; place += 3) {
        const changed = `${access.slice(0, place)}${access[place] === '0' ? '1' : '0'}${access.slice(place + 1)}`
        await expectInactive(fixture, () => introspect(fixture, changed))
      }
    })
  ]),
  row(
    'INT-13',
    [
      variant('a JWT access token whose grant was revoked', async (fixture) => {
        const { access, code } = await obtainTokens(fixture)
        expect([access.split('.').length, bodyOf(await introspect(fixture, access))['active']]).toEqual([3, true])
        await fixture.server.admin.revokeGrant(code.split('.')[0] ?? '')()
        await expectInactive(fixture, () => introspect(fixture, access))
      }),
      variant('a JWT access token that was revoked, while its grant lives on', async (fixture) => {
        const tokens = await obtainTokens(fixture)
        await revoke(fixture, tokens.access)
        await expectInactive(fixture, () => introspect(fixture, tokens.access))
        const next = bodyOf(await refresh(fixture, tokens.refresh))
        expect(bodyOf(await introspect(fixture, String(next['access_token'])))['active']).toBe(true)
      })
    ],
    { policy: { accessTokenFormat: 'jwt' } }
  ),
  row(
    'INT-14',
    (['opaque', 'jwt'] as const).map((accessTokenFormat) =>
      variant(`a token of tenant A at tenant B, ${accessTokenFormat}`, async () => {
        const fixture = callersWorld({ policy: { accessTokenFormat } })
        const { access } = await obtainTokens(fixture)
        await expectInactive(fixture, () => introspect(otherTenant(fixture), access))
        expect(bodyOf(await introspect(fixture, access))['active']).toBe(true)
      })
    ),
    {},
    { once: 'each variant makes a world of its own format' }
  ),
  row(
    'INT-16',
    [
      variant('scope X, then scope Y, then a revocation: each request is decided anew', async (fixture) => {
        const { access } = await obtainTokens(fixture, { scope: 'launch/patient patient/Observation.rs' })
        const decisionOn = async (path: string): Promise<string> => {
          const facts = await fixture.server.resource.bearer(get(`/fhir${path}`, '', asBearer(access)))()
          return Either.isLeft(facts)
            ? facts.left._tag
            : decide(
                fixture.server.policy,
                facts.right,
                interactionOf({ method: 'GET', path, query: '', headers: {}, body: '' })
              )._tag
        }
        expect(await decisionOn('/Observation/1')).toBe('Filter')
        expect(await decisionOn('/Condition/1')).toBe('Deny')
        await revoke(fixture, access)
        expect(await decisionOn('/Observation/1')).toBe('AccessTokenRevoked')
      })
    ],
    {},
    {
      differs:
        'the toolkit caches no verdict, so nothing is ever stale here; a cache in an adapter would have to ' +
        'show its own bound'
    }
  ),
  row('INT-17', [
    variant('the names of all members, and no value that the token response did not hold', async (fixture) => {
      const { access, body, code } = await obtainTokens(fixture)
      const text = (await introspect(fixture, access)).body
      const known = ['active', 'client_id', 'exp', 'fhirUser', 'iss', 'patient', 'scope', 'sub', 'token_type']
      expect(Object.keys(JSON.parse(text) as object).toSorted()).toEqual(known)
      expect(body['patient']).toBe('123')
      for (const secret of [
        code.split('.')[0] ?? '',
        code,
        'Public App',
        'authTime',
        'digest',
        'redirect',
        'writeId',
        'e1"'
      ])
        expect(text).not.toContain(secret)
    })
  ]),
  row('INT-18', [
    variant('every answer', async (fixture) => {
      const { access } = await obtainTokens(fixture)
      const answers = [
        await introspect(fixture, access),
        await introspect(fixture, 'x'),
        await introspect(fixture, null),
        await introspect(fixture, access, {}),
        await introspect(fixture, access, asBearer('x')),
        await introspect(fixture, access, asBearer(access)),
        await answered(fixture, get('/introspect', `token=${access}`, asRs)),
        await answered(fixture, {
          ...post('/introspect', [], asRs),
          headers: { 'content-type': 'application/json', ...asRs }
        })
      ]
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 401, 401, 403, 405, 400])
      for (const { headers } of answers) expect(headers['cache-control']).toBe('no-store')
    })
  ])
]

attackGroup({
  endpoint: 'introspection',
  rows,
  controls: [
    ...[activeToken, withoutIdToken].map(({ name, run }) => ({ name, run: () => run(callersWorld()) })),
    {
      name: 'a client sees its own token; a bearer with the permission and a client with a key see those of all',
      run: async () => {
        const fixture = callersWorld()
        const { access } = await obtainTokens(fixture)
        const own = await backendToken(fixture)
        for (const audience of [`${issuer}/introspect`, `${issuer}/token`, issuer]) {
          expect(bodyOf(await introspect(fixture, own, {}, asserted(fixture, 'backend', audience)))['active']).toBe(
            true
          )
          expect(bodyOf(await introspect(fixture, access, {}, asserted(fixture, 'gateway', audience)))['active']).toBe(
            true
          )
        }
        expect(
          bodyOf(await introspect(fixture, access, asBearer(await backendToken(fixture, 'gateway'))))['active']
        ).toBe(true)
        expectRefused(
          await introspect(fixture, own, {}, asserted(fixture, 'backend', `${issuer}/revoke`)),
          401,
          'invalid_client'
        )
      }
    },
    {
      name: 'a client may ask about its own refresh token, where the switch lets it',
      run: async () => {
        const fixture = newFixture(withCallers({ policy: { introspectRefreshTokens: true } }))
        const basicApp = { authorization: `Basic ${Buffer.from('sym-app:s3cret%3A%25').toString('base64')}` }
        const tokens = await obtainTokens(fixture, { client_id: 'sym-app' }, basicApp)
        expect(bodyOf(await introspect(fixture, tokens.refresh, basicApp))).toMatchObject({
          active: true,
          client_id: 'sym-app',
          exp: fixture.clock.now + 2592000
        })
        expect(await isAlive(fixture, tokens.access)).toBe(true)
      }
    }
  ]
})
