/**
 * Client and server talk without a network: every kind of client, launch and release reaches a token, refreshes and
 * uses it.
 */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { begin, complete, consent, everyMethod, good, newParties, tokenRequests } from '../../support/app/parties.js'
import type { AppPorts } from '../../../src/engine/app/ports.js'
import { backendService } from '../../../src/engine/app/backend-service.js'
import { fhirBaseUrl } from '../../support/server-fixture.js'

const kinds = ['ehr', 'standalone'] as const
const versions = ['2.0.0', '2.1.0', '2.2.0'] as const

const combinations = everyMethod.flatMap((method) =>
  kinds.flatMap((kind) => versions.map((version) => [method, kind, version] as const))
)

describe('app and server', () => {
  it.each(combinations)('%s, %s, %s: a launch, a request, a refresh', async (method, kind, version) => {
    const parties = newParties({ method, policy: { specVersion: version }, settings: { specVersion: version } })
    const { app, fixture } = parties
    const sessionId = await complete(parties, kind)
    const facts = good(await app.session(sessionId)())
    expect(facts.context.patient).toBe('123')
    expect(facts.user).toMatchObject({
      iss: 'https://ehr.example',
      sub: 'alice',
      fhirUser: 'https://ehr.example/fhir/Practitioner/p1',
      claims: { sub: 'alice' }
    })
    expect(facts.comparison).toEqual({ verdict: 'equal', missing: '', excess: '' })
    expect(good(await app.fhir(sessionId, { url: 'Observation?patient=123' })()).status).toBe(200)
    const before = good(await app.accessToken(sessionId)())
    expect(good(await app.accessToken(sessionId)())).toEqual(before)
    fixture.clock.now += 3590
    const after = good(await app.accessToken(sessionId)())
    expect(after.accessToken).not.toBe(before.accessToken)
    expect(good(await app.fhir(sessionId, { url: `${fhirBaseUrl}/Patient/123` })()).status).toBe(200)
    expect(tokenRequests(parties.sent)).toHaveLength(2)
  })

  it.each(everyMethod)('%s: the next refresh uses the refresh token that the last one brought', async (method) => {
    const parties = newParties({ method })
    const sessionId = await complete(parties)
    for (let round = 0; round < 3; round++) {
      parties.fixture.clock.now += 3600
      good(await parties.app.accessToken(sessionId)())
    }
    expect(tokenRequests(parties.sent)).toHaveLength(4)
  })

  it.each(versions)(
    '%s: a backend service obtains a token, keeps it, and replaces it before it ends',
    async (version) => {
      const { ports, sent, fixture } = newParties({ policy: { specVersion: version } })
      const backend = backendService(
        {
          server: {
            fhirBaseUrl,
            clientId: 'the-backend',
            authentication: [{ method: 'private_key_jwt' }],
            redirectUri: ''
          },
          scope: 'system/Observation.rs'
        },
        ports
      )
      const first = good(await backend.accessToken())
      expect(good(await backend.accessToken())).toEqual(first)
      expect(good(await backend.fhir({ url: 'Observation' })()).status).toBe(200)
      fixture.clock.now += 280
      expect(good(await backend.accessToken()).accessToken).not.toBe(first.accessToken)
      const assertions = tokenRequests(sent).map(({ body }) => new URLSearchParams(body).get('client_assertion') ?? '')
      const claims = assertions.map(
        (one) =>
          JSON.parse(Buffer.from(one.split('.')[1] ?? '', 'base64url').toString()) as {
            readonly jti: string
            readonly exp: number
            readonly iat: number
            readonly aud: string
          }
      )
      expect(new Set(claims.map(({ jti }) => jti)).size).toBe(2)
      expect(claims.every(({ exp, iat }) => exp - iat <= 300)).toBe(true)
      expect(claims[0]?.aud).toBe('https://ehr.example/token')
    }
  )

  it('a backend service asks once for all who want a token at the same time', async () => {
    const { ports, sent, fixture } = newParties()
    const backend = backendService(
      {
        server: {
          fhirBaseUrl,
          clientId: 'the-backend',
          authentication: [{ method: 'private_key_jwt' }],
          redirectUri: ''
        },
        scope: 'system/Observation.rs'
      },
      ports
    )
    const all = async () =>
      new Set(
        (await Promise.all(Array.from({ length: 10 }, () => backend.accessToken()))).map((one) => good(one).accessToken)
      ).size
    expect([await all(), tokenRequests(sent).length]).toEqual([1, 1])
    fixture.clock.now += 280
    expect([await all(), tokenRequests(sent).length]).toEqual([1, 2])
  })

  it(
    'a backend service whose token is no longer accepted requests one new token, however late each of its ' +
      'requests gets an error',
    async () => {
      const { ports, sent } = newParties()
      let rejected = ''
      const late: AppPorts = {
        ...ports,
        http: (request) => async () => {
          if (request.headers['authorization'] !== rejected) return ports.http(request)()
          for (let turns = Number(request.url.slice(-2)); turns > 0; turns--)
            await new Promise((resolve) => {
              setImmediate(resolve)
            })
          return Either.right({ status: 401, headers: {}, body: '' })
        }
      }
      const backend = backendService(
        {
          server: {
            fhirBaseUrl,
            clientId: 'the-backend',
            authentication: [{ method: 'private_key_jwt' }],
            redirectUri: ''
          },
          scope: 'system/Observation.rs'
        },
        late
      )
      rejected = `Bearer ${good(await backend.accessToken()).accessToken}`
      const answers = await Promise.all(
        ['10', '20', '30'].map((turns) => backend.fhir({ url: `Observation/${turns}` })())
      )
      expect(answers.map((answer) => good(answer).status)).toEqual([200, 200, 200])
      expect(tokenRequests(sent)).toHaveLength(2)
    }
  )

  it('a backend service asks again where a server is down for a moment, for its document too', async () => {
    let failures = 2
    const down = { status: 503, headers: {}, body: '<html>' }
    const { ports } = newParties({
      tamper: (request, response) =>
        request.url.endsWith('smart-configuration') && failures-- > 0 ? (failures === 1 ? down : null) : response
    })
    const backend = backendService(
      {
        server: {
          fhirBaseUrl,
          clientId: 'the-backend',
          authentication: [{ method: 'private_key_jwt' }],
          redirectUri: ''
        },
        scope: 'system/Observation.rs'
      },
      ports
    )
    expect(good(await backend.accessToken()).scope).toBe('system/Observation.rs')
    failures = 9
    expect(
      await backendService(
        {
          server: {
            fhirBaseUrl,
            clientId: 'the-backend',
            authentication: [{ method: 'private_key_jwt' }],
            redirectUri: ''
          },
          scope: 'system/*.rs'
        },
        ports
      ).accessToken()
    ).toMatchObject({ left: { _tag: 'ServerUnavailable' } })
    expect(failures).toBe(6)
  })

  it('two launches of one browser end each in its own session', async () => {
    const parties = newParties()
    const [first, second] = [await begin(parties), await begin(parties)]
    const launchIds = [first.launchId, second.launchId]
    const one = good(
      await parties.app.callback({
        launchIds,
        query: await consent(parties.fixture, second.query, undefined, { patient: '2' })
      })()
    )
    const other = good(
      await parties.app.callback({
        launchIds,
        query: await consent(parties.fixture, first.query, undefined, { patient: '1' })
      })()
    )
    expect([one.facts.context.patient, other.facts.context.patient]).toEqual(['2', '1'])
  })
})
