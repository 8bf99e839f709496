/** Attacks on client_credentials: what a backend service may have, and for how long. */
import { expect } from 'vitest'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import type { Change, Fixture } from '../../support/server-fixture.js'
import { bodyOf, isAlive, newFixture } from '../../support/server-fixture.js'
import { askAsserting, backend, worldWith } from '../client/assertions.js'
import { attackGroup } from '../row.js'
import { storeOf } from '../../support/server/stored.js'

const fixture = worldWith([backend])

/** Everything but the remembered `jti`, which an authenticated request leaves behind even when it is refused. */
const withoutJti = (one: Fixture): ReadonlyArray<readonly [string, string]> =>
  storeOf(one).filter(([key]) => !key.startsWith('jti:'))

const refused = async (one: Fixture, change: Change): Promise<void> => {
  const before = withoutJti(one)
  const response = await askAsserting(one, change)
  expect([response.status, bodyOf(response)['error']]).toEqual([400, 'invalid_scope'])
  expect(bodyOf(response)['access_token']).toBeUndefined()
  expect(withoutJti(one)).toEqual(before)
}

const granted = (response: PlainResponse): string => String(bodyOf(response)['scope'])

const obtains = async (one: Fixture): Promise<void> => {
  const response = await askAsserting(one, {})
  const body = bodyOf(response)
  expect(response.status).toBe(200)
  expect(Object.keys(body).toSorted()).toEqual(['access_token', 'expires_in', 'scope', 'token_type'])
  expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'system/Observation.rs' })
  expect(response.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
  expect(await isAlive(one, String(body['access_token']))).toBe(true)
}

attackGroup({
  endpoint: 'token.client_credentials',
  controls: [
    {
      name: 'a scope that was registered is granted as it was requested',
      run: async () => {
        expect(granted(await askAsserting(newFixture(fixture), { scope: 'system/Observation.r' }))).toBe(
          'system/Observation.r'
        )
      }
    }
  ],
  rows: [
    { id: 'CCR-01', fixture, variants: [{ name: 'RS384, system/Observation.rs', run: obtains }] },
    {
      id: 'CCR-02',
      fixture,
      variants: [null, '', ' '].map((scope) => ({
        name: `scope ${JSON.stringify(scope)}`,
        run: (one) => refused(one, { scope })
      })),
      differs:
        'the store keeps the jti of the assertion, which was good, so that it cannot be used again; nothing ' +
        'else in it changes'
    },
    {
      id: 'CCR-03',
      fixture,
      variants: [
        ...['system/*.cruds', 'system/Observation.cruds'].map((scope) => ({
          name: scope,
          run: async (one: Fixture) => {
            const response = await askAsserting(one, { scope })
            expect([response.status, granted(response)]).toEqual([200, 'system/Observation.rs'])
          }
        })),
        { name: 'system/Patient.rs', run: (one) => refused(one, { scope: 'system/Patient.rs' }) }
      ]
    },
    {
      id: 'CCR-05',
      fixture,
      variants: [
        'user/Observation.rs',
        'patient/Observation.rs',
        'launch',
        'launch/patient',
        'openid',
        'offline_access'
      ].flatMap((scope) => [
        { name: `${scope} alone`, run: (one: Fixture) => refused(one, { scope }) },
        {
          name: `${scope} beside a good one`,
          run: async (one: Fixture) => {
            const response = await askAsserting(one, { scope: `${scope} system/Observation.rs` })
            expect([response.status, granted(response)]).toEqual([200, 'system/Observation.rs'])
          }
        }
      ]),
      differs:
        'the store keeps the jti of the assertion, which was good, so that it cannot be used again; nothing ' +
        'else in it changes'
    },
    {
      id: 'CCR-08',
      fixture,
      variants: [
        {
          name: '600 tokens in a minute, and none of them is kept past its end',
          run: async (one) => {
            const before = one.memory.entries().length
            for (let generated = 0; generated < 600; generated++) {
              expect((await askAsserting(one, {})).status).toBe(200)
              if (generated % 10 === 9) one.clock.now += 1
            }
            one.clock.now += 86_400
            expect((await askAsserting(one, {})).status).toBe(200)
            expect(one.memory.entries().length).toBeLessThanOrEqual(before + 2)
          }
        }
      ],
      differs: '600 tokens, not 10,000: the bound is on what is kept after their end, which the number does not change'
    }
  ]
})
