/** Attacks on the exchange of a code: theft, replay, guessing, retargeting, and several at once. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { expect } from 'vitest'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import type { RefusalTag } from '../../../src/protocol/errors/refusal.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import type { Interleaving, ScheduledStore } from '../../support/schedules/schedules.js'
import { everySchedule, scheduled } from '../../support/schedules/schedules.js'
import type { Change, Fixture } from '../../support/server-fixture.js'
import {
  bodyOf,
  clients,
  exchange,
  get,
  grantKeyOf,
  isAlive,
  newFixture,
  obtainCode,
  redirectUri,
  refresh
} from '../../support/server-fixture.js'
import { worldWith } from '../client/assertions.js'
import type { AttackRow, Variant } from '../row.js'
import { attackGroup } from '../row.js'
import { leavesStoreAlone } from '../../support/server/stored.js'

const wrongVerifier = 'wrong-'.padEnd(43, 'y')

const secondUri = 'https://app.example/other'

const pubApp = clients.filter(({ clientId }) => clientId === 'pub-app')

const otherApp = pubApp.map((app) => ({ ...app, clientId: 'other-app' }))

const textOf = (response: PlainResponse, name: string): string => String(bodyOf(response)[name])

const isRefused = (response: PlainResponse, error = 'invalid_grant', status = 400): void => {
  expect([response.status, bodyOf(response)['error'], bodyOf(response)['access_token']]).toEqual([
    status,
    error,
    undefined
  ])
}

/** Refused, with the rule in the log, the store as it was, and the code still good for its owner. */
const harmless =
  (change: Change, refusal: RefusalTag, error = 'invalid_grant', status = 400): Variant['run'] =>
  async (fixture) => {
    const code = await obtainCode(fixture)
    isRefused(await leavesStoreAlone(fixture, () => exchange(fixture, code, change)), error, status)
    expect(fixture.audited.at(-1)?.refusal?._tag).toBe(refusal)
    expect((await exchange(fixture, code)).status).toBe(200)
  }

/** The exchange is refused, the log names the rule, and the code is invalid afterwards, for its owner too. */
const burns =
  (change: Change, refusal: RefusalTag): Variant['run'] =>
  async (fixture) => {
    const code = await obtainCode(fixture)
    isRefused(await exchange(fixture, code, change))
    expect(fixture.audited.at(-1)?.refusal?._tag).toBe(refusal)
    isRefused(await exchange(fixture, code))
  }

const redeems: Variant['run'] = async (fixture) => {
  const response = await exchange(fixture, await obtainCode(fixture))
  expect(response.status).toBe(200)
  expect(bodyOf(response)).toMatchObject({
    token_type: 'Bearer',
    expires_in: 3600,
    patient: '123',
    scope: expect.any(String) as unknown
  })
  expect(await isAlive(fixture, textOf(response, 'access_token'))).toBe(true)
}

const replayed = (later: number): Variant => ({
  name: `again after ${String(later)} s`,
  run: async (fixture) => {
    const code = await obtainCode(fixture)
    const first = await exchange(fixture, code)
    fixture.clock.now += later
    isRefused(await exchange(fixture, code))
    expect(fixture.audited.at(-1)?.refusal?._tag).toBe('CodeReplayed')
    expect(await isAlive(fixture, textOf(first, 'access_token'))).toBe(false)
    isRefused(await refresh(fixture, textOf(first, 'refresh_token')))
  }
})

/** The record of the grant is written over with another challenge, behind the engine's back. */
const spoiled =
  (challenge: Readonly<Record<string, unknown>>): Variant['run'] =>
  async (fixture) => {
    const code = await obtainCode(fixture)
    const key = grantKeyOf(code.split('.')[0] ?? '')
    const found = await fixture.memory.load(key)()
    if (Either.isLeft(found) || Option.isNone(found.right)) throw new Error('no grant')
    const text = JSON.stringify({ ...(JSON.parse(found.right.value.text) as object), ...challenge })
    expect(text).not.toBe(found.right.value.text)
    await fixture.memory.swap(key, Option.some(found.right.value.version), text, fixture.clock.now + 60)()
    isRefused(await exchange(fixture, code))
    expect(fixture.audited.at(-1)?.refusal?._tag).toBe('CodeVerifierDiffers')
  }

const meeting = (count: number) => async (): Promise<Interleaving> => {
  const box: { store?: ScheduledStore } = {}
  const fixture = newFixture({ store: (memory) => (box.store = scheduled(memory)) })
  const { store } = box
  if (store === undefined) throw new Error('no store')
  const code = await obtainCode(fixture)
  const answers: Array<PlainResponse> = []
  return {
    store,
    processes: Array.from({ length: count }, () => async () => {
      answers.push(await exchange(fixture, code))
    }),
    judge: async () => {
      const good = answers.filter(({ status }) => status === 200)
      const alive = await Promise.all(good.map((one) => isAlive(fixture, textOf(one, 'access_token'))))
      return [
        ...(good.length > 1 ? ['more than one 200'] : []),
        ...(alive.some((one) => one) ? ['alive after a replay'] : []),
        ...answers.flatMap((one) =>
          one.status === 200 || bodyOf(one)['error'] === 'invalid_grant' ? [] : ['another refusal']
        )
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

const row = (id: string, name: string, run: Variant['run'], more: Partial<AttackRow> = {}): AttackRow => ({
  id,
  variants: [{ name, run }],
  ...more
})

const garbage = ['x'.repeat(1_048_576), '\u0000', 'é', "' OR 1=1--", '*\r\nDEL x', '{"$gt":""}', '../', '']

attackGroup({
  endpoint: 'token.authorization_code',
  controls: [{ name: 'a code gives tokens', run: redeems }],
  rows: [
    row('COD-01', 'public client', redeems),
    { id: 'COD-02', variants: [replayed(0), replayed(30)] },
    row(
      'COD-04',
      'other-app presents the code of pub-app',
      harmless({ client_id: 'other-app' }, 'CodeOfAnotherClient'),
      {
        fixture: worldWith(otherApp)
      }
    ),
    {
      id: 'COD-05',
      variants: [60, 61].map((seconds) => ({
        name: `after ${String(seconds)} s`,
        run: async (fixture) => {
          const code = await obtainCode(fixture)
          fixture.clock.now += seconds
          isRefused(await exchange(fixture, code))
          fixture.clock.now -= seconds
          isRefused(await exchange(fixture, code))
        }
      })),
      differs: 'the grant is marked as expired, so that a clock that goes back does not bring the code back'
    },
    row('COD-06', 'after 59 s', async (fixture) => {
      const code = await obtainCode(fixture)
      fixture.clock.now += 59
      expect((await exchange(fixture, code)).status).toBe(200)
    }),
    row('COD-07', 'omitted', harmless({ redirect_uri: null }, 'RedirectUriNotRepeated', 'invalid_request')),
    {
      id: 'COD-08',
      fixture: {
        ports: { clients: memoryClients(pubApp.map((app) => ({ ...app, redirectUris: [redirectUri, secondUri] }))) }
      },
      variants: [
        { name: 'another that is registered', run: burns({ redirect_uri: secondUri }, 'RedirectUriDiffers') },
        ...[
          'https://APP.example/cb',
          'https://app.example:443/cb',
          'https://app.example/./cb',
          'https://app.example/cb/'
        ].map((uri) => ({ name: uri, run: burns({ redirect_uri: uri }, 'RedirectUriDiffers') })),
        { name: 'empty', run: harmless({ redirect_uri: '' }, 'RedirectUriNotRepeated', 'invalid_request') }
      ],
      differs:
        'a wrong address burns the code, as a wrong verifier does (D3); an empty one counts as missing (RFC 6749, 3.2)'
    },
    {
      id: 'COD-09',
      variants: [
        { name: 'omitted', run: harmless({ code_verifier: null }, 'CodeVerifierMissing') },
        { name: 'empty', run: harmless({ code_verifier: '' }, 'CodeVerifierMissing') }
      ]
    },
    row('COD-10', 'wrong, then right', burns({ code_verifier: wrongVerifier }, 'CodeVerifierDiffers')),
    {
      id: 'COD-13',
      variants: [
        { name: 'no challenge', run: spoiled({ codeChallenge: null }) },
        {
          name: 'the verifier itself as challenge (plain)',
          run: spoiled({ codeChallenge: 'verifier-'.padEnd(43, 'x') })
        }
      ],
      differs: 'no method is stored: every challenge is read as S256, so a plain one never fits'
    },
    row('COD-14', '1,000 verifiers', async (fixture) => {
      const code = await obtainCode(fixture)
      for (let guess = 0; guess < 1000; guess++) {
        isRefused(await exchange(fixture, code, { code_verifier: `guess-${String(guess)}-`.padEnd(43, 'z') }))
      }
      const evaluated = fixture.audited.filter(({ refusal }) => refusal?._tag === 'CodeVerifierDiffers')
      expect(evaluated.length).toBe(1)
      isRefused(await exchange(fixture, code))
    }),
    {
      id: 'COD-15',
      variants: [meet(2)],
      once: 'each schedule makes a world',
      differs:
        'every schedule of two; those of three are in test/simulation/interleavings.test.ts, those of sixteen ' +
        'cannot be counted out'
    },
    {
      id: 'COD-16',
      variants: [meet(2)],
      once: 'each schedule makes a world',
      differs: 'two engine calls on one scheduled store stand for two processes on Redis or PostgreSQL'
    },
    {
      id: 'COD-17',
      variants: [meet(2)],
      once: 'each schedule makes a world',
      differs: 'the schedule is one of all those of two exchanges, and in all of them nothing is alive at the end'
    },
    {
      id: 'COD-18',
      variants: garbage.map((code) => ({
        name: JSON.stringify(code.slice(0, 20)),
        run: async (fixture) => {
          isRefused(
            await leavesStoreAlone(fixture, () => exchange(fixture, code)),
            code === '' ? 'invalid_request' : 'invalid_grant'
          )
        }
      }))
    },
    row(
      'COD-20',
      'the client is gone when the code is presented',
      async () => {
        const registered = { now: true }
        const known = memoryClients(clients)
        const fixture = newFixture({
          ports: {
            clients: {
              ...known,
              find: (clientId) => (registered.now ? known.find(clientId) : TaskEither.right(Option.none))
            }
          }
        })
        const code = await obtainCode(fixture)
        registered.now = false
        isRefused(await leavesStoreAlone(fixture, () => exchange(fixture, code)), 'invalid_client', 401)
        registered.now = true
        expect((await exchange(fixture, code)).status).toBe(200)
      },
      { once: 'the clients of the row change' }
    ),
    row(
      'COD-24',
      'client_secret=anything',
      harmless({ client_secret: 'anything' }, 'SecretInBodyNotAllowed', 'invalid_client', 401)
    ),
    {
      id: 'COD-26',
      variants: ['resource', 'aud'].map((name) => ({
        name,
        run: harmless({ [name]: 'https://other.example/fhir' }, 'TargetDiffers', 'invalid_target')
      }))
    },
    {
      id: 'COD-28',
      variants: [
        {
          name: 'as Bearer',
          run: async (fixture) => {
            const code = await obtainCode(fixture)
            expect(await leavesStoreAlone(fixture, () => isAlive(fixture, code))).toBe(false)
          }
        },
        {
          name: 'as refresh_token',
          run: async (fixture) => {
            const code = await obtainCode(fixture)
            isRefused(await leavesStoreAlone(fixture, () => refresh(fixture, code)))
          }
        },
        {
          name: 'at userinfo, while there is no introspection',
          run: async (fixture: Fixture) => {
            const code = await obtainCode(fixture)
            const answer = fixture.server.endpoints.protocol(get('/userinfo', '', { authorization: `Bearer ${code}` }))
            if (Option.isNone(answer)) throw new Error('no userinfo')
            expect((await leavesStoreAlone(fixture, answer.value)).status).toBe(401)
          }
        }
      ],
      differs:
        'this server has no introspection yet; the third spelling is tried at userinfo, which reads tokens ' +
        'with the same code'
    }
  ]
})
