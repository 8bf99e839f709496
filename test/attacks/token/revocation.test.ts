import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { expect } from 'vitest'
import {
  answered,
  asOther,
  asRs,
  backendToken,
  asserted,
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
import type { Interleaving, ScheduledStore } from '../../support/schedules/schedules.js'
import { everySchedule, scheduled } from '../../support/schedules/schedules.js'
import type { Change, Fixture, FixtureOptions } from '../../support/server-fixture.js'
import {
  bodyOf,
  exchange,
  get,
  grantKeyOf,
  isAlive,
  issuer,
  newFixture,
  obtainCode,
  post,
  refresh
} from '../../support/server-fixture.js'
import type { Store } from '../../../src/engine/ports.js'
import { authorizationServer } from '../../../src/engine/server/authorization-server.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'

const row = (
  id: string,
  variants: ReadonlyArray<Variant>,
  options: FixtureOptions = {},
  more: Pick<AttackRow, 'differs' | 'once'> = {}
): AttackRow => ({ id, variants, fixture: withCallers(options), ...more })

const variant = (name: string, run: (fixture: Fixture) => Promise<void>): Variant => ({ name, run })

const expectRefused = (response: PlainResponse, status: number, error: string): void => {
  expect([response.status, bodyOf(response)['error']]).toEqual([status, error])
}

const expectDone = (response: PlainResponse): void => {
  expect([response.status, response.body, response.headers['cache-control']]).toEqual([200, '', 'no-store'])
}

const symmetric = { authorization: `Basic ${Buffer.from('sym-app:s3cret%3A%25').toString('base64')}` }

const hints: ReadonlyArray<readonly [string, Change]> = [
  ['no hint', {}],
  ['the right hint', { token_type_hint: 'access_token' }],
  ['the wrong hint', { token_type_hint: 'refresh_token' }],
  ['an unknown hint', { token_type_hint: '__proto__' }]
]

/** A store that fails in one way from a chosen moment on. */
type Failure = 'load' | 'swap refused' | 'swap unknown' | 'swap lost, though nobody else wrote'

const failing =
  (failure: Failure, isFailing: () => boolean) =>
  (memory: Store): Store => ({
    load: (key) =>
      isFailing() && failure === 'load'
        ? () => Promise.resolve(Either.left({ _tag: 'Unavailable', applied: 'no' }))
        : memory.load(key),
    swap: (key, ...rest) => {
      if (!isFailing() || failure === 'load') return memory.swap(key, ...rest)
      if (failure === 'swap lost, though nobody else wrote') return () => Promise.resolve(Either.right('lost' as const))
      return () =>
        Promise.resolve(Either.left({ _tag: 'Unavailable', applied: failure === 'swap refused' ? 'no' : 'unknown' }))
    }
  })

/** Another process on the same store. */
const otherProcess = (fixture: Fixture): Fixture => {
  const built = authorizationServer(
    { issuer, fhirBaseUrl: fixture.server.facts.fhirBaseUrl, policy: fixture.server.policy },
    fixture.ports
  )
  if (Either.isLeft(built)) throw new Error(JSON.stringify(built.left))
  return { ...fixture, server: built.right }
}

/** A meeting in which a client or the host ends a grant while something else is going on with it. */
const meeting =
  (
    begin: (fixture: Fixture) => Promise<{
      readonly other: () => Promise<PlainResponse>
      readonly end: () => Promise<boolean>
      readonly tokens: ReadonlyArray<string>
    }>
  ) =>
  async (): Promise<Interleaving> => {
    const box: { store?: ScheduledStore } = {}
    const fixture = newFixture(withCallers({ store: (memory) => (box.store = scheduled(memory)) }))
    const { other, end, tokens } = await begin(fixture)
    if (box.store === undefined) throw new Error('no store')
    const answers: Array<PlainResponse> = []
    let acknowledged = false
    return {
      store: box.store,
      processes: [
        async () => {
          answers.push(await other())
        },
        async () => {
          acknowledged = await end()
        }
      ],
      judge: async () => {
        const issued = answers
          .filter(({ status }) => status === 200)
          .map((answer) => String(bodyOf(answer)['access_token']))
        const alive = await Promise.all([...issued, ...tokens].map((token) => isAlive(fixture, token)))
        return [
          ...answers
            .filter(({ status }) => ![200, 400, 503].includes(status))
            .map(({ status }) => `status ${String(status)}`),
          ...(acknowledged && alive.some((one) => one) ? ['alive after an acknowledged revocation'] : [])
        ]
      }
    }
  }

const redemptionAndHost = meeting(async (fixture) => {
  const code = await obtainCode(fixture)
  return {
    other: () => exchange(fixture, code),
    end: async () => Either.isRight(await fixture.server.admin.revokeGrant(code.split('.')[0] ?? '')()),
    tokens: []
  }
})

const refreshAndOwner = meeting(async (fixture) => {
  const tokens = await obtainTokens(fixture)
  return {
    other: () => refresh(fixture, tokens.refresh),
    end: async () => (await revoke(fixture, tokens.refresh)).status === 200,
    tokens: [tokens.access]
  }
})

const ownAccessToken = hints.map(([name, change]) =>
  variant(`an access token, ${name}: it is invalid, and the refresh token lives`, async (fixture) => {
    const tokens = await obtainTokens(fixture)
    expect(await isAlive(fixture, tokens.access)).toBe(true)
    expectDone(await revoke(fixture, tokens.access, change))
    expect(await isAlive(fixture, tokens.access)).toBe(false)
    expect(await introspect(fixture, tokens.access)).toEqual(inactive)
    const next = bodyOf(await refresh(fixture, tokens.refresh))
    expect(await isAlive(fixture, String(next['access_token']))).toBe(true)
  })
)

const ownRefreshToken = hints.map(([name, change]) =>
  variant(`a refresh token, ${name}`, async (fixture) => {
    const tokens = await obtainTokens(fixture)
    expectDone(await revoke(fixture, tokens.refresh, change))
    expect(await isAlive(fixture, tokens.access)).toBe(false)
    expectRefused(await refresh(fixture, tokens.refresh), 400, 'invalid_grant')
  })
)

const rows: ReadonlyArray<AttackRow> = [
  row('REV-01', [
    ...ownAccessToken,
    ...ownRefreshToken,
    variant('of a client with a secret, and of a backend service with a key', async (fixture) => {
      const tokens = await obtainTokens(fixture, { client_id: 'sym-app' }, symmetric)
      expectDone(await revoke(fixture, tokens.access, {}, symmetric))
      const access = await backendToken(fixture)
      expectDone(
        await revoke(fixture, access, { client_id: null, ...asserted(fixture, 'backend', `${issuer}/revoke`) })
      )
      expect([await isAlive(fixture, tokens.access), await isAlive(fixture, access)]).toEqual([false, false])
    }),
    variant(
      'a token that is unknown, expired or dead already: the same answer, and nothing changes',
      async (fixture) => {
        const tokens = await obtainTokens(fixture)
        fixture.clock.now += 3600
        const fresh = bodyOf(await refresh(fixture, tokens.refresh))
        for (const text of [tokens.access, 'unknown', `${tokens.access}x`, tokens.access.replace('.a.0.', '.a.1.')]) {
          expectDone(await leavesStoreAlone(fixture, () => revoke(fixture, text)))
        }
        expect(await isAlive(fixture, String(fresh['access_token']))).toBe(true)
      }
    )
  ]),
  row('REV-04', [
    variant('the refresh token: every access token of the grant is invalid', async (fixture) => {
      const tokens = await obtainTokens(fixture)
      const next = bodyOf(await refresh(fixture, tokens.refresh))
      expectDone(await revoke(fixture, String(next['refresh_token'])))
      expect(
        await Promise.all([tokens.access, String(next['access_token'])].map((token) => isAlive(fixture, token)))
      ).toEqual([false, false])
      expectRefused(await refresh(fixture, String(next['refresh_token'])), 400, 'invalid_grant')
    }),
    variant('an older refresh token, whose successor the client may never have seen', async (fixture) => {
      const tokens = await obtainTokens(fixture)
      const next = bodyOf(await refresh(fixture, tokens.refresh))
      expectDone(await revoke(fixture, tokens.refresh))
      expect(await isAlive(fixture, String(next['access_token']))).toBe(false)
      expectRefused(await refresh(fixture, String(next['refresh_token'])), 400, 'invalid_grant')
    })
  ]),
  row(
    'REV-05',
    (['load', 'swap refused', 'swap unknown', 'swap lost, though nobody else wrote'] as const).map((failure) =>
      variant(`the store fails: ${failure}`, async () => {
        let isFailing = false
        const fixture = newFixture(withCallers({ store: failing(failure, () => isFailing) }))
        const tokens = await obtainTokens(fixture)
        isFailing = true
        for (const token of [tokens.access, tokens.refresh]) {
          const response = await revoke(fixture, token)
          expectRefused(response, 503, 'temporarily_unavailable')
          expect(response.headers['retry-after']).toBe('1')
        }
        if (failure === 'load') expectRefused(await introspect(fixture, tokens.access), 503, 'temporarily_unavailable')
        isFailing = false
        expect(await isAlive(fixture, tokens.access)).toBe(true)
        expectDone(await revoke(fixture, tokens.refresh))
        expect(await isAlive(fixture, tokens.access)).toBe(false)
      })
    ),
    {},
    { once: 'each variant makes a world with a store of its own' }
  ),
  row('REV-07', [
    variant('GET with a callback', async (fixture) => {
      const { access } = await obtainTokens(fixture)
      const response = await leavesStoreAlone(fixture, () =>
        answered(fixture, get('/revoke', `token=${access}&client_id=pub-app&callback=x`))
      )
      expect([response.status, response.headers['allow'], response.body.includes('x(')]).toEqual([405, 'POST', false])
    }),
    variant('no token', async (fixture) => {
      expectRefused(await leavesStoreAlone(fixture, () => revoke(fixture, null)), 400, 'invalid_request')
    }),
    variant('two tokens', async (fixture) => {
      const { access } = await obtainTokens(fixture)
      const request = post('/revoke', [
        ['token', access],
        ['token', access],
        ['client_id', 'pub-app']
      ])
      expectRefused(await leavesStoreAlone(fixture, () => answered(fixture, request)), 400, 'invalid_request')
      expect(await isAlive(fixture, access)).toBe(true)
    }),
    variant('the token in the address', async (fixture) => {
      const { access } = await obtainTokens(fixture)
      const request = { ...post('/revoke', [['client_id', 'pub-app']]), query: `token=${access}` }
      expectRefused(await leavesStoreAlone(fixture, () => answered(fixture, request)), 400, 'invalid_request')
    })
  ]),
  row(
    'REV-09',
    [
      variant(
        'the host revokes while the code is being exchanged, in every schedule with up to one fault',
        async () => {
          const findings = await everySchedule(redemptionAndHost, 1)
          expect([findings.schedules > 20, findings.complaints]).toEqual([true, []])
        }
      ),
      variant('a refresh that meets the revocation, in every schedule with up to one fault', async () => {
        const findings = await everySchedule(refreshAndOwner, 1)
        console.log(
          `refresh and revocation, one fault: ${String(findings.schedules)} schedules, ` +
            `${String(findings.complaints.length)} violations`
        )
        expect([findings.schedules > 20, findings.complaints]).toEqual([true, []])
      })
    ],
    {},
    { once: 'every schedule makes a world of its own' }
  ),
  row('REV-10', [
    variant('an id_token', async (fixture) => {
      const { id, access } = await obtainTokens(fixture)
      expectRefused(await leavesStoreAlone(fixture, () => revoke(fixture, id)), 400, 'unsupported_token_type')
      expect(await isAlive(fixture, access)).toBe(true)
    }),
    variant('a mangled JWT, which is no token of any type', async (fixture) => {
      const { id, access } = await obtainTokens(fixture)
      const [header = '', claims = '', signature = ''] = id.split('.')
      const mangled = [
        `${id}A`,
        id.slice(0, -4),
        `${header}.${claims}.${signature.replace(/^./, signature.startsWith('A') ? 'B' : 'A')}`,
        `${header}A.${claims}.${signature}`,
        `${header}.${claims}x.${signature}`,
        `${header}.${signature}.${claims}`,
        `eyJ.${claims}.${signature}`,
        `${header}.${claims}`,
        'eyJhbGciOiJub25lIn0.e30.AA',
        `${Buffer.from('{"alg":"none","kid":"id1"}').toString('base64url')}.${claims}.${signature}`,
        '.',
        '..',
        'a.b.c',
        'x'.repeat(20_000),
        '\u0000',
        '🂡'
      ]
      for (const text of mangled) expectDone(await leavesStoreAlone(fixture, () => revoke(fixture, text)))
      expect(await isAlive(fixture, access)).toBe(true)
    }),
    variant('what has the form of a code and is none', async (fixture) => {
      const code = await obtainCode(fixture)
      const [grantId = ''] = code.split('.')
      for (const text of [`a.c.${'b'.repeat(22)}`, `${grantId}.c.${'b'.repeat(22)}`, `${code}b`]) {
        expectDone(await leavesStoreAlone(fixture, () => revoke(fixture, text)))
      }
      expect((await exchange(fixture, code)).status).toBe(200)
    }),
    variant('a code, fresh and used', async (fixture) => {
      const code = await obtainCode(fixture)
      expectRefused(await leavesStoreAlone(fixture, () => revoke(fixture, code)), 400, 'unsupported_token_type')
      const access = String(bodyOf(await exchange(fixture, code))['access_token'])
      expectRefused(await leavesStoreAlone(fixture, () => revoke(fixture, code)), 400, 'unsupported_token_type')
      expect(await isAlive(fixture, access)).toBe(true)
    })
  ]),
  row(
    'REV-11',
    (['access', 'refresh'] as const).map((kind) =>
      variant(`the same request 100 times at once, ${kind} token: one event`, async (fixture) => {
        const tokens = await obtainTokens(fixture)
        const before = fixture.audited.length
        const answers = await Promise.all(Array.from({ length: 100 }, () => revoke(fixture, tokens[kind])))
        answers.forEach(expectDone)
        expect(fixture.audited.slice(before).map(({ decision, clientId }) => [decision, clientId])).toEqual([
          [kind === 'access' ? 'AccessTokensRevoked' : 'GrantRevoked', 'pub-app']
        ])
        expect(await isAlive(fixture, tokens.access)).toBe(false)
      })
    )
  ),
  row(
    'REV-12',
    [
      variant(
        'acknowledged by one process: dead at another on the same store, and at one that starts later',
        async (fixture) => {
          const tokens = await obtainTokens(fixture)
          const second = otherProcess(fixture)
          expectDone(await revoke(fixture, tokens.refresh))
          expect(await introspect(second, tokens.access)).toEqual(inactive)
          expect(await introspect(otherProcess(fixture), tokens.access)).toEqual(inactive)
          expectRefused(await refresh(second, tokens.refresh), 400, 'invalid_grant')
        }
      ),
      variant(
        'a store that has gone back behind a revocation: the token from after it is not active, and revoking ' +
          'it catches up',
        async (fixture) => {
          const tokens = await obtainTokens(fixture)
          const grantId = tokens.code.split('.')[0] ?? ''
          const old = fixture.memory.entries().find(([key]) => key === grantKeyOf(grantId))?.[1] ?? ''
          await revoke(fixture, tokens.access)
          const next = bodyOf(await refresh(fixture, tokens.refresh))
          const found = await fixture.memory.load(grantKeyOf(grantId))()
          if (Either.isLeft(found) || Option.isNone(found.right)) throw new Error('no grant')
          await fixture.memory.swap(grantKeyOf(grantId), Option.some(found.right.value.version), old, 1e12)()
          expect(await introspect(fixture, String(next['access_token']))).toEqual(inactive)
          expectDone(await revoke(fixture, String(next['access_token'])))
          expect(
            await Promise.all([tokens.access, String(next['access_token'])].map((token) => isAlive(fixture, token)))
          ).toEqual([false, false])
        }
      )
    ],
    {},
    {
      differs:
        'killing a primary takes a real store, whose adapter comes later; here: several processes on one ' +
        'store, and a store that has lost a write'
    }
  )
]

/** What honest clients do, and what becomes of foreign tokens. */
const controls: ReadonlyArray<Variant> = [
  ...[...ownAccessToken, ...ownRefreshToken].map(({ name, run }) => ({ name, run: () => run(callersWorld()) })),
  {
    name: 'the token of another client is not revoked, and the client learns this or not, by policy',
    run: async () => {
      for (const [revokeForeign, status] of [
        ['error', 400],
        ['silent200', 200]
      ] as const) {
        const fixture = callersWorld({ policy: { revokeForeign } })
        const tokens = await obtainTokens(fixture)
        for (const headers of [asOther, asRs]) {
          for (const token of [tokens.access, tokens.refresh]) {
            expect((await leavesStoreAlone(fixture, () => revoke(fixture, token, {}, headers))).status).toBe(status)
            expect(fixture.audited.at(-1)?.refusal?._tag).toBe('TokenOfAnotherClient')
          }
        }
        expect(await isAlive(fixture, tokens.access)).toBe(true)
      }
    }
  },
  {
    name: 'no client revokes without authentication',
    run: async () => {
      const fixture = callersWorld()
      const { access } = await obtainTokens(fixture, { client_id: 'sym-app' }, symmetric)
      expectRefused(await revoke(fixture, access, { client_id: null }), 401, 'invalid_client')
      expectRefused(await revoke(fixture, access, { client_id: 'sym-app' }), 401, 'invalid_client')
      expectRefused(await revoke(fixture, access, {}, { authorization: `Bearer ${access}` }), 401, 'invalid_client')
      expect(await isAlive(fixture, access)).toBe(true)
    }
  },
  {
    name: 'an access token takes the refresh token along, where the policy says so',
    run: async () => {
      const fixture = callersWorld({ policy: { accessTokenRevocation: 'wholeGrant' } })
      const tokens = await obtainTokens(fixture)
      expectDone(await revoke(fixture, tokens.access))
      expectRefused(await refresh(fixture, tokens.refresh), 400, 'invalid_grant')
    }
  }
]

attackGroup({ endpoint: 'revocation', rows, controls })
