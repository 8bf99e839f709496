import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import fc from 'fast-check'
import { expect } from 'vitest'
import { handleOf, launched } from './authorize/authorize-launch.js'
import { allClients, answered, asRs, introspect, revoke, withCallers } from '../support/server/callers.js'
import { earlyComparisons } from './comparisons.js'
import { agree, atConsent, expectCode } from '../support/server/conversation.js'
import { fuzzedRequest } from './fuzz.js'
import type { AttackRow, Variant } from './row.js'
import { attackGroup } from './row.js'
import { storeOf } from '../support/server/stored.js'
import {
  authorizeUrl,
  formOf,
  overHttp,
  send,
  simulatorForAll,
  withoutLogLine
} from '../support/simulator/simulated.js'
import { TestUser, sentTo } from '../support/simulator/person.js'
import type { Fixture } from '../support/server-fixture.js'
import { alice, authorize, bodyOf, exchange, get, newFixture, refresh, verifier } from '../support/server-fixture.js'
import { sameDigest } from '../../src/values/secret.js'
import type { PlainRequest } from '../../src/protocol/http/message.js'

const simulator = simulatorForAll()

const variant = (name: string, run: (fixture: Fixture) => Promise<void>): Variant => ({ name, run })

const source = join(import.meta.dirname, '..', '..', 'src')

/** Comparisons that stop early and tell nothing: what one caller sent, a setting, or a name within one browser tab. */
const harmless = new Map([
  ['protocol/client/authentication.ts', 'decoded.secret === raw.secret'],
  ['adapters/browser/tab-sessions.ts', 'session.handle === handle'],
  ['protocol/app/id-token-rules.ts', 'tolerances.tlsInsteadOfSignature !== true'],
  ['protocol/app/launch-tokens.ts', 'tolerances.tlsInsteadOfSignature === true'],
  ['protocol/app/trust/server-documents.ts', 'tolerancesOf(server).tlsInsteadOfSignature !== true'],
  ['simulator/host/record-pages.ts', 'one.handle === handle'],
  ['simulator/sample-app/view.ts', 'secrets.has(name)'],
  ['protocol/app/readiness/verdict.ts', 'tolerancesOf(entry).tlsInsteadOfSignature !== true']
])

const deepFrozen = <Value>(value: Value): Value => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFrozen)
  }
  return value
}

/** What one request comes to: a status that was decided, and nothing that the engine threw. */
const outcomeOf = async (fixture: Fixture, request: PlainRequest): Promise<unknown> => {
  if (request.path === '/authorize') {
    const conversation = await fixture.server.endpoints.authorize(request)()
    return conversation._tag === 'ShowRefusal'
      ? { status: conversation.row.status, said: conversation }
      : { status: 303, said: conversation }
  }
  const answer = fixture.server.endpoints.protocol(request)
  if (Option.isSome(answer)) return answer.value()
  const bearer = await fixture.server.resource.bearer(request)()
  return { status: Either.isLeft(bearer) ? 401 : 200, said: bearer }
}

const decided = expect.toSatisfy(
  (status: number) => status >= 200 && status < 500,
  'a status that was decided'
) as number

/** A whole life of a grant, with everything in it that nobody else may learn. */
const lifeOf = async (fixture: Fixture): Promise<ReadonlyArray<string>> => {
  const handle = await handleOf(fixture)
  const waits = await atConsent(
    fixture,
    launched(handle, {
      state: 'canary-state',
      nonce: 'canary-nonce',
      scope: 'launch openid fhirUser offline_access patient/*.rs'
    })
  )
  const { browserSecret, formToken } = waits.interaction
  await fixture.server.interaction.consentGiven({ ...waits.interaction, formToken: 'canary-forged' }, [])()
  const code = expectCode(await agree(fixture, waits), 'canary-state')
  await exchange(fixture, code, { redirect_uri: 'https://canary.example/cb' }, {})
  const fresh = expectCode(await agree(fixture, await atConsent(fixture)))
  const body = bodyOf(await exchange(fixture, fresh))
  const tokens = ['access_token', 'refresh_token', 'id_token'].map((name) => String(body[name]))
  const [access = '', refreshToken = ''] = tokens
  await introspect(fixture, access, asRs)
  await introspect(fixture, access, {
    authorization: `Basic ${Buffer.from('rs:canary-wrong-secret').toString('base64')}`
  })
  const next = bodyOf(await refresh(fixture, refreshToken))
  await refresh(fixture, refreshToken)
  await refresh(fixture, 'canary-refresh')
  await exchange(fixture, 'canary-code', { code_verifier: 'canary-verifier'.padEnd(43, 'x') })
  await revoke(fixture, String(next['refresh_token']))
  await fixture.server.resource.bearer(get('/fhir/Patient/1', '', { authorization: 'Bearer canary-bearer' }))()
  await authorize(fixture, { state: 'canary-state\n' })
  return [
    handle,
    browserSecret,
    formToken,
    code,
    fresh,
    ...tokens,
    String(next['access_token']),
    String(next['refresh_token']),
    verifier,
    'rs-secret',
    'canary-',
    ...[code, fresh, ...tokens].map((text) => text.split('.').at(-1) ?? '')
  ]
}

const fuzzRuns = 600

const rows: ReadonlyArray<AttackRow> = [
  {
    id: 'HTT-01',
    once: 'the variants make a whole history themselves',
    variants: [
      variant('nothing that is audited', async () => {
        for (const accessTokenFormat of ['opaque', 'jwt'] as const) {
          const fixture = newFixture(withCallers({ policy: { accessTokenFormat } }))
          const secrets = await lifeOf(fixture)
          const reported = JSON.stringify(fixture.audited)
          expect(fixture.audited.length).toBeGreaterThan(15)
          for (const secret of secrets) expect(reported).not.toContain(secret)
        }
      }),
      variant('no error, whatever was sent', async () => {
        const fixture = newFixture(withCallers())
        const canary = 'canary"<\'>'
        const names = [
          'token',
          'code',
          'refresh_token',
          'client_id',
          'client_secret',
          'code_verifier',
          'redirect_uri',
          'scope',
          'grant_type',
          'client_assertion',
          'client_assertion_type'
        ]
        const wrongs = [
          ...['/token', '/introspect', '/revoke'].flatMap((path) =>
            names.map((name) => {
              const form = formOf({ grant_type: 'authorization_code', [name]: canary })
              return {
                ...get(path),
                method: 'POST',
                headers: {
                  'content-type': 'application/x-www-form-urlencoded',
                  authorization: `Basic ${Buffer.from('canary:canary').toString('base64')}`
                },
                body: form.body ?? ''
              }
            })
          ),
          get('/userinfo', '', { authorization: `Bearer ${canary}` })
        ]
        for (const request of wrongs) {
          const response = await answered(fixture, request)
          expect([request.body, JSON.stringify(response)]).toEqual([
            request.body,
            expect.not.stringContaining('canary') as string
          ])
        }
      }),
      variant('over HTTP: nothing that the simulator prints', async () => {
        const { base, printed } = simulator()
        const person = new TestUser(base)
        const wrong = await person.pursue(await person.go(authorizeUrl(base, { state: 'canary-state' })), {
          password: 'canary-password'
        })
        expect(wrong._tag).toBe('Page')
        const sent = sentTo(
          await person.pursue(
            await person.go(
              authorizeUrl(base, { state: 'canary-state', scope: 'launch/patient openid offline_access patient/*.rs' })
            )
          )
        )
        const code = sent.searchParams.get('code') ?? ''
        const bought = await send(
          base,
          '/token',
          formOf({
            grant_type: 'authorization_code',
            code,
            redirect_uri: `${base}/app`,
            client_id: 'sample-app',
            code_verifier: 'canary-verifier'.padEnd(43, 'x')
          })
        )
        await send(base, '/token', {
          ...formOf({ grant_type: 'refresh_token', refresh_token: 'canary-refresh' }),
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            authorization: `Basic ${Buffer.from('my-app:canary-secret').toString('base64')}`
          }
        })
        await send(base, '/fhir/Patient/1?x=canary-query', { headers: { authorization: 'Bearer canary-bearer' } })
        expect(bought.status).toBe(400)
        for (const secret of [
          code,
          code.split('.').at(-1) ?? '',
          'canary',
          person.cookie('ehr_session'),
          'my-app-secret'
        ])
          expect(printed()).not.toContain(secret)
        expect(printed()).toContain('CodeVerifierDiffers')
      })
    ]
  },
  {
    id: 'HTT-03',
    once: overHttp,
    variants: [
      variant(`${String(fuzzRuns)} requests to the engine`, async () => {
        const fixture = newFixture(withCallers({ settings: { registration: { mode: 'open' } } }))
        await fc.assert(
          fc.asyncProperty(fuzzedRequest, async (request) => {
            expect(await outcomeOf(fixture, request)).toMatchObject({ status: decided })
          }),
          { numRuns: fuzzRuns }
        )
      }),
      variant('200 requests to the simulator', async () => {
        await fc.assert(
          fc.asyncProperty(fuzzedRequest, async ({ method, path, query, headers, body }) => {
            const { host: _host, ...others } = headers
            const target = `${path}${query === '' ? '' : `?${query}`}`.replace(/[^\x21-\x7e]/g, (letter) =>
              encodeURIComponent(letter.toWellFormed())
            )
            const wire = Object.fromEntries(
              Object.entries(others).map(([name, value]) => [name, value.replace(/[^\x20-\x7e]/g, '?')])
            )
            const answer = await send(simulator().base, target, {
              method,
              headers: wire,
              ...(['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(method) ? {} : { body })
            })
            expect(answer.status).toEqual(decided)
          }),
          { numRuns: 200 }
        )
        expect(simulator().printed()).not.toMatch(/a defect|\n +at /)
      })
    ]
  },
  {
    id: 'HTT-04',
    once: 'two worlds, compared',
    variants: [
      variant('the same requests in two worlds, frozen: the same answers, stores and audit', async () => {
        deepFrozen(allClients)
        await fc.assert(
          fc.asyncProperty(fc.array(fuzzedRequest, { maxLength: 8 }), async (requests) => {
            const fixtures = [newFixture(withCallers()), newFixture(withCallers())] as const
            const lived = await Promise.all(
              fixtures.map(async (fixture) => {
                const ask = async (): Promise<ReadonlyArray<unknown>> => {
                  const outcomes: Array<unknown> = []
                  for (const request of requests)
                    outcomes.push(await outcomeOf(fixture, deepFrozen(structuredClone(request))))
                  return outcomes
                }
                const before = await ask()
                const waits = deepFrozen(await atConsent(fixture))
                const code = expectCode(await agree(fixture, waits))
                return [before, code, await exchange(fixture, code), await ask(), storeOf(fixture), fixture.audited]
              })
            )
            expect(lived[0]).toEqual(lived[1])
          }),
          { numRuns: 30 }
        )
        expect(deepFrozen(alice)).toEqual({ sub: 'alice', fhirUser: 'Practitioner/p1', authTime: 1000 })
      })
    ]
  },
  {
    id: 'HTT-05',
    once: 'the source and one function',
    variants: [
      variant('secrets meet in sameDigest and nowhere else', () => {
        const files = readdirSync(source, { recursive: true })
          .map(String)
          .filter((name) => name.endsWith('.ts'))
        expect(files.length).toBeGreaterThan(100)
        const found = files.flatMap((name) =>
          earlyComparisons(readFileSync(join(source, name), 'utf8'))
            .filter((place) => !place.endsWith(`: ${harmless.get(name.replaceAll('\\', '/')) ?? ''}`))
            .map((place) => `${name}:${place}`)
        )
        expect(found).toEqual([])
        return Promise.resolve()
      }),
      variant('what stops early is found, what looks at a constant is not', () => {
        const early = [
          'a.codeDigest === digest',
          'x !== grant.browserDigest',
          'client.secretDigests.includes(d)',
          'user.password == typed',
          'known.has(handle)',
          'event.formToken === event.expectedFormToken',
          'challengeOfVerifier === grant.codeChallenge',
          'secret.startsWith(guess)',
          'a.secret < b'
        ]
        const fine = [
          'secret === null',
          "verifier === ''",
          'digest !== undefined',
          'method === known',
          'sameDigest(a.codeDigest, b)',
          "secret.includes(':')"
        ]
        for (const line of early) expect([line, earlyComparisons(line).length]).toEqual([line, 1])
        for (const line of fine) expect([line, earlyComparisons(line).length]).toEqual([line, 0])
        return Promise.resolve()
      }),
      variant('sameDigest reads every letter, wherever the first difference is', () => {
        const reads = (left: string, right: string): number => {
          let count = 0
          const watched = {
            length: left.length,
            charCodeAt: (index: number): number => {
              count += 1
              return left.charCodeAt(index)
            }
          }
          sameDigest(watched as unknown as string, right)
          return count
        }
        const digest = 'd'.repeat(43)
        for (let place = 0; place < 43; place++)
          expect(reads(`${digest.slice(0, place)}x${digest.slice(place + 1)}`, digest)).toBe(43)
        expect([reads(digest, digest), reads(digest, ''), reads(digest, 'd')]).toEqual([43, 43, 43])
        return Promise.resolve()
      })
    ],
    differs: 'the letters that are read are counted; no test here measures time'
  },
  {
    id: 'HTT-06',
    once: overHttp,
    variants: [
      variant('headers of a proxy that nobody set up', async () => {
        const { base } = simulator()
        const forged = {
          'x-forwarded-for': '203.0.113.9',
          'x-forwarded-proto': 'https',
          'x-forwarded-host': 'evil.example',
          'x-real-ip': '203.0.113.9',
          forwarded: 'for=203.0.113.9;host=evil.example;proto=https',
          'x-http-method-override': 'DELETE',
          'x-original-url': '/ehr/grants'
        }
        const sample = authorizeUrl(base).slice(base.length)
        for (const path of [
          '/fhir/.well-known/smart-configuration',
          '/.well-known/oauth-authorization-server',
          '/authorize?client_id=nope',
          '/fhir/Patient/1',
          '/token',
          '/nowhere'
        ]) {
          const [plain, trusted] = [await send(base, path), await send(base, path, { headers: forged })]
          expect([trusted.status, withoutLogLine(trusted.body)]).toEqual([plain.status, withoutLogLine(plain.body)])
        }
        const sent = await send(base, sample, { headers: forged })
        expect(String(sent.headers['location'])).toMatch(/^\/interaction\//)
        // A cookie is marked as secure because of what was configured, not because a stranger says https.
        expect(String(sent.headers['set-cookie'])).not.toContain('Secure')
        expect(simulator().printed()).not.toMatch(/203\.0\.113|evil\.example/)
      })
    ]
  }
]

attackGroup({
  endpoint: 'http',
  rows,
  controls: [
    variant('honest requests go through where the fuzzed ones are refused', async () => {
      const fixture = newFixture(withCallers())
      const body = bodyOf(await exchange(fixture, expectCode(await agree(fixture, await atConsent(fixture)))))
      expect(bodyOf(await introspect(fixture, String(body['access_token']), asRs))['active']).toBe(true)
    }),
    variant('the fuzz reaches every kind of answer', async () => {
      const fixture = newFixture(withCallers())
      const statuses = new Set<number>()
      for (const request of fc.sample(fuzzedRequest, { numRuns: 1500, seed: 7 }))
        statuses.add(((await outcomeOf(fixture, request)) as { readonly status: number }).status)
      for (const status of [200, 303, 400, 401, 405]) expect([status, statuses.has(status)]).toEqual([status, true])
    })
  ]
})
