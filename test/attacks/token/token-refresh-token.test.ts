/** Attacks on refresh: reuse, theft, widening, and what happens when two processes or a failing store meet. */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { expect } from 'vitest'
import type { Store } from '../../../src/engine/ports.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import { grantInterleaving } from '../../support/schedules/grant-interleavings.js'
import type { Interleaving, ScheduledStore } from '../../support/schedules/schedules.js'
import { everySchedule, scheduled } from '../../support/schedules/schedules.js'
import { everyState } from '../../support/schedules/states.js'
import type { Change, Fixture } from '../../support/server-fixture.js'
import { bodyOf, clients, exchange, isAlive, newFixture, obtainCode, refresh } from '../../support/server-fixture.js'
import { worldWith } from '../client/assertions.js'
import type { AttackRow, Variant } from '../row.js'
import { attackGroup } from '../row.js'
import { leavesStoreAlone } from '../../support/server/stored.js'

const granular = 'launch/patient openid fhirUser offline_access patient/Observation.rs'

const otherApp = clients
  .filter(({ clientId }) => clientId === 'pub-app')
  .map((app) => ({ ...app, clientId: 'other-app' }))

const textOf = (response: PlainResponse, name: string): string => String(bodyOf(response)[name])

const begin = async (fixture: Fixture, change: Change = {}): Promise<PlainResponse> =>
  exchange(fixture, await obtainCode(fixture, change))

const isRefused = (response: PlainResponse, error = 'invalid_grant'): void => {
  expect([response.status, bodyOf(response)['error'], bodyOf(response)['access_token']]).toEqual([
    400,
    error,
    undefined
  ])
}

/** The request is refused, the store stays as it was, and the token is still good for its owner. */
const harmless = async (
  fixture: Fixture,
  first: PlainResponse,
  change: Change,
  error = 'invalid_grant'
): Promise<void> => {
  const refreshToken = textOf(first, 'refresh_token')
  isRefused(await leavesStoreAlone(fixture, () => refresh(fixture, refreshToken, change)), error)
  expect(await isAlive(fixture, textOf(first, 'access_token'))).toBe(true)
  expect((await refresh(fixture, refreshToken)).status).toBe(200)
}

const rotates = async (fixture: Fixture): Promise<void> => {
  const first = await begin(fixture)
  const second = await refresh(fixture, textOf(first, 'refresh_token'))
  expect(second.status).toBe(200)
  expect(second.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
  expect(textOf(second, 'refresh_token')).not.toBe(textOf(first, 'refresh_token'))
  expect(await isAlive(fixture, textOf(second, 'access_token'))).toBe(true)
}

const reused: Variant = {
  name: 'RT1 gives RT2; RT1 again',
  run: async (fixture) => {
    const first = await begin(fixture)
    const second = await refresh(fixture, textOf(first, 'refresh_token'))
    isRefused(await refresh(fixture, textOf(first, 'refresh_token')))
    expect(fixture.audited.at(-1)?.refusal?._tag).toBe('RefreshTokenReused')
    for (const one of [first, second]) expect(await isAlive(fixture, textOf(one, 'access_token'))).toBe(false)
    isRefused(await refresh(fixture, textOf(second, 'refresh_token')))
  }
}

/** Several processes present one refresh token, in every order of what they do to the store. */
const meeting = (count: number) => async (): Promise<Interleaving> => {
  const box: { store?: ScheduledStore } = {}
  const fixture = newFixture({ store: (memory) => (box.store = scheduled(memory)) })
  const { store } = box
  if (store === undefined) throw new Error('no store')
  const refreshToken = textOf(await begin(fixture), 'refresh_token')
  const answers: Array<PlainResponse> = []
  return {
    store,
    processes: Array.from({ length: count }, () => async () => {
      answers.push(await refresh(fixture, refreshToken))
    }),
    judge: async () => {
      const good = answers.filter(({ status }) => status === 200)
      const alive = await Promise.all(good.map((one) => isAlive(fixture, textOf(one, 'access_token'))))
      return [
        ...(good.length > 1 ? ['more than one 200'] : []),
        ...(alive.some((one) => one) ? ['alive after a reuse'] : []),
        ...answers
          .filter(({ status }) => status !== 200)
          .flatMap((one) => (bodyOf(one)['error'] === 'invalid_grant' ? [] : ['another refusal']))
      ]
    }
  }
}

const meet = (count: number): Variant => ({
  name: `${String(count)} at once, every schedule`,
  run: async () => {
    const findings = await everySchedule(meeting(count), 0)
    expect(findings.schedules).toBeGreaterThan(1)
    expect(findings.complaints).toEqual([])
  }
})

/**
 * Three have too many schedules to play each: the states that schedules share are visited once, and more is checked in
 * each of them.
 */
const meetOfThree: Variant = {
  name: '3 at once, every schedule',
  run: async () => {
    const findings = await everyState(grantInterleaving(['refresh', 'refresh', 'refresh']), 0)
    expect(findings.schedules).toBeGreaterThan(1000n)
    expect(findings.complaints).toEqual([])
  }
}

/**
 * How the store fails at the write of the rotation, and what must come of it: which token is alive, and that it was
 * recorded.
 */
const failures = {
  'before it wrote': { isWritten: false, says: 'no', isReadable: true, status: 503, alive: 'old' },
  'before it wrote, and does not say so': {
    isWritten: false,
    says: 'unknown',
    isReadable: true,
    status: 503,
    alive: 'old'
  },
  'after it wrote, and does not say so': {
    isWritten: true,
    says: 'unknown',
    isReadable: true,
    status: 200,
    alive: 'new'
  },
  'after it wrote, and then altogether': {
    isWritten: true,
    says: 'unknown',
    isReadable: false,
    status: 503,
    alive: 'none'
  }
} as const

const failing = (how: keyof typeof failures): Variant => ({
  name: `the store fails ${how}`,
  run: async () => {
    const { isWritten, says, isReadable, status, alive } = failures[how]
    const [broken, unreadable] = [{ now: false }, { now: false }]
    const unavailable = (applied: 'no' | 'unknown') => TaskEither.left({ _tag: 'Unavailable' as const, applied })
    const fixture = newFixture({
      store: (memory): Store => ({
        ...memory,
        load: (key) => (unreadable.now ? unavailable('no') : memory.load(key)),
        swap:
          (...swap) =>
          async () => {
            if (!broken.now) return memory.swap(...swap)()
            if (isWritten) await memory.swap(...swap)()
            unreadable.now = !isReadable
            return unavailable(says)()
          }
      })
    })
    const old = textOf(await begin(fixture), 'refresh_token')
    broken.now = true
    const answer = await refresh(fixture, old)
    broken.now = false
    unreadable.now = false
    const reported = fixture.audited.at(-1)
    expect([answer.status, reported?.refusal === null]).toEqual([status, status === 200])
    if (status === 503)
      expect([bodyOf(answer)['error'], bodyOf(answer)['access_token']]).toEqual(['temporarily_unavailable', undefined])
    const successor = alive === 'new' ? textOf(answer, 'refresh_token') : old
    expect((await refresh(fixture, successor)).status).toBe(alive === 'none' ? 400 : 200)
    // A refresh token that is no longer valid counts as reused, and the log says so.
    if (alive !== 'old') {
      isRefused(await refresh(fixture, old))
      expect(fixture.audited.at(-1)?.refusal?._tag).toBe(alive === 'none' ? 'GrantEnded' : 'RefreshTokenReused')
    }
  }
})

const row = (id: string, name: string, run: Variant['run'], more: Partial<AttackRow> = {}): AttackRow => ({
  id,
  variants: [{ name, run }],
  ...more
})

/** A world with a grace of ten seconds, and its first refresh token. */
const withGrace = async () => {
  const fixture = newFixture({ ...worldWith(otherApp), policy: { reuseGraceSeconds: 10 } })
  return { fixture, token: textOf(await begin(fixture), 'refresh_token') }
}

attackGroup({
  endpoint: 'token.refresh_token',
  controls: [{ name: 'a refresh token gives tokens, and another refresh token', run: rotates }],
  rows: [
    row('REF-01', 'the token of a fresh grant', rotates),
    { id: 'REF-02', variants: [reused] },
    row(
      'REF-03',
      'other-app presents the token of pub-app',
      async (fixture) => {
        await harmless(fixture, await begin(fixture), { client_id: 'other-app' })
      },
      { fixture: worldWith(otherApp) }
    ),
    {
      id: 'REF-04',
      variants: [
        `${granular} user/*.rs`,
        'patient/Observation.rus',
        'patient/Observation.rs online_access',
        'patient/Observation.write'
      ]
        .map((scope) => ({
          name: scope,
          run: async (fixture: Fixture) => {
            await harmless(fixture, await begin(fixture, { scope: granular }), { scope }, 'invalid_scope')
          }
        }))
        .concat([
          {
            name: 'offline_access, where online_access was granted',
            run: async (fixture: Fixture) => {
              await harmless(
                fixture,
                await begin(fixture, { scope: 'launch/patient online_access patient/Observation.read' }),
                { scope: 'patient/Observation.read offline_access' },
                'invalid_scope'
              )
            }
          }
        ])
    },
    row('REF-05', 'patient/Observation.r', async (fixture) => {
      const narrow = await refresh(fixture, textOf(await begin(fixture, { scope: granular }), 'refresh_token'), {
        scope: 'patient/Observation.r'
      })
      expect([narrow.status, bodyOf(narrow)['scope']]).toEqual([200, 'patient/Observation.r'])
      expect(
        textOf(await refresh(fixture, textOf(narrow, 'refresh_token'), { scope: 'patient/Observation.rs' }), 'scope')
      ).toBe('patient/Observation.rs')
    }),
    row('REF-06', 'narrow, then without scope', async (fixture) => {
      const first = await begin(fixture, { scope: granular })
      const narrow = await refresh(fixture, textOf(first, 'refresh_token'), { scope: 'patient/Observation.r' })
      expect(textOf(await refresh(fixture, textOf(narrow, 'refresh_token')), 'scope')).toBe(textOf(first, 'scope'))
    }),
    row('REF-08', '?category=laboratory', async (fixture) => {
      const scope = 'patient/Observation.rs?category=laboratory'
      const narrow = await refresh(fixture, textOf(await begin(fixture, { scope: granular }), 'refresh_token'), {
        scope
      })
      expect([narrow.status, bodyOf(narrow)['scope']]).toEqual([200, scope])
    }),
    row(
      'REF-11',
      'every minute, until the grant ends',
      async (fixture) => {
        let last = await begin(fixture)
        const end = fixture.clock.now + 600
        while (fixture.clock.now + 60 < end) {
          fixture.clock.now += 60
          last = await refresh(fixture, textOf(last, 'refresh_token'))
          expect(last.status).toBe(200)
        }
        fixture.clock.now = end
        isRefused(await refresh(fixture, textOf(last, 'refresh_token')))
      },
      { fixture: { policy: { refreshTokenLifetimeSeconds: 600 } } }
    ),
    row('REF-13', 'the session has ended', async (fixture) => {
      const first = await begin(fixture, { scope: 'launch/patient online_access patient/*.rs' })
      fixture.online.now = false
      isRefused(await refresh(fixture, textOf(first, 'refresh_token')))
      expect(fixture.audited.at(-1)?.refusal?._tag).toBe('UserNotOnline')
    }),
    {
      id: 'REF-14',
      variants: [meet(2), meetOfThree],
      once: 'each schedule makes a world',
      differs: 'every schedule of two and three; with eight the schedules cannot be counted out'
    },
    {
      id: 'REF-15',
      variants: [meet(2)],
      once: 'each schedule makes a world',
      differs: 'two engine calls on one scheduled store stand for two processes on Redis or PostgreSQL'
    },
    {
      id: 'REF-16',
      variants: ['access_token', 'id_token', 'code'].map((kind) => ({
        name: kind,
        run: async (fixture) => {
          const unused = await obtainCode(fixture)
          const first = await begin(fixture)
          const wrong = kind === 'code' ? unused : textOf(first, kind)
          isRefused(await leavesStoreAlone(fixture, () => refresh(fixture, wrong)))
        }
      }))
    },
    {
      id: 'REF-20',
      variants: (
        [
          ['truncated', (token) => token.slice(0, -1)],
          ['last character changed', (token) => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`],
          ['joined', (token) => token + token],
          ['upper-cased', (token) => token.toUpperCase()],
          ['1 MiB', (token) => token.padEnd(1_048_576, 'x')]
        ] satisfies ReadonlyArray<readonly [string, (token: string) => string]>
      ).map(([name, mangle]) => ({
        name,
        run: async (fixture) => {
          const token = textOf(await begin(fixture), 'refresh_token')
          isRefused(await leavesStoreAlone(fixture, () => refresh(fixture, mangle(token))))
          expect((await refresh(fixture, token)).status).toBe(200)
        }
      }))
    },
    {
      id: 'REF-22',
      variants: (Object.keys(failures) as ReadonlyArray<keyof typeof failures>).map(failing),
      once: 'the store of the row fails',
      differs:
        'a store that is silent for a while is temporarily_unavailable; what it wrote, and could not say, is ' +
        'answered when it can be read again'
    },
    {
      id: 'REF-23',
      variants: [
        { patient: 'B' },
        { launch: 'x' },
        { aud: 'https://other.example/fhir' },
        { fhirUser: 'Patient/B' }
      ].map((change) => ({
        name: JSON.stringify(change),
        run: async (fixture) => {
          const next = await refresh(fixture, textOf(await begin(fixture), 'refresh_token'), { ...change })
          expect([next.status, bodyOf(next)['patient']]).toEqual([200, '123'])
        }
      }))
    },
    row('REF-24', 'launch/patient patient/*.rs', async (fixture) => {
      const first = await begin(fixture, { scope: 'launch/patient patient/*.rs' })
      expect([first.status, 'refresh_token' in bodyOf(first)]).toEqual([200, false])
    }),
    {
      id: 'REF-26',
      variants: [
        reused,
        {
          name: 'with a grace of ten seconds: the same successor, for the same client only',
          run: async () => {
            const { fixture, token } = await withGrace()
            const second = await refresh(fixture, token)
            fixture.clock.now += 2
            isRefused(await leavesStoreAlone(fixture, () => refresh(fixture, token, { client_id: 'other-app' })))
            expect(textOf(await refresh(fixture, token), 'refresh_token')).toBe(textOf(second, 'refresh_token'))
            fixture.clock.now += 10
            isRefused(await refresh(fixture, token))
            isRefused(await refresh(fixture, textOf(second, 'refresh_token')))
          }
        },
        {
          name: 'with a grace of ten seconds: the successor is given once more, and not a third time',
          run: async () => {
            const { fixture, token } = await withGrace()
            const second = await refresh(fixture, token)
            expect(textOf(await refresh(fixture, token), 'refresh_token')).toBe(textOf(second, 'refresh_token'))
            isRefused(await refresh(fixture, token))
            isRefused(await refresh(fixture, textOf(second, 'refresh_token')))
          }
        },
        {
          name: 'with a grace of ten seconds: once the successor was used, what came before it is reused',
          run: async () => {
            const { fixture, token } = await withGrace()
            const third = await refresh(fixture, textOf(await refresh(fixture, token), 'refresh_token'))
            isRefused(await refresh(fixture, token))
            isRefused(await refresh(fixture, textOf(third, 'refresh_token')))
          }
        }
      ]
    }
  ]
})
