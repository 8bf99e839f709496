/** What shows that backend services are served as the specification says. */
import * as Either from 'fp-ts/lib/Either.js'
import { expect } from 'vitest'
import type { Area } from '../matrix.js'
import { ask, assertion, backend, lastRefusal, stranger, worldOf } from '../../support/client/assertions.js'
import type { Fixture } from '../../support/server-fixture.js'
import { bodyOf, newFixture } from '../../support/server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import type { RegisteredClient } from '../../../src/protocol/client/client.js'
import { checkPolicy } from '../../../src/protocol/policy/policy-check.js'
import { defaultPolicy } from '../../../src/protocol/policy/policy.js'
import { format } from '../../../src/scopes/format.js'
import { parse } from '../../../src/scopes/parse.js'
import { subsumption } from '../../../src/scopes/subsumes.js'

const answered = async (
  change: Readonly<Record<string, string>> = {},
  fixture: Fixture = worldOf()
): Promise<Readonly<Record<string, unknown>>> => bodyOf(await ask(fixture, assertion(), change))

const registered = 'system/Observation.rs system/Patient.r'

const asks = [
  'system/*.cruds',
  'system/*.rs',
  'system/Observation.r',
  'system/Observation.rs?category=laboratory',
  'system/Patient.rs system/Condition.rs',
  'system/Observation.read',
  'system/Observation.rs user/*.rs launch openid offline_access'
]

export const backendServices: Area = {
  area: 'backend',
  shown: [
    {
      ids: ['BKS-001', 'BKS-017', 'BKS-018', 'BKS-019', 'BKS-020', 'BKS-021', 'BKS-023'],
      by:
        'a registered service obtains a token without any user, as a JSON object with access_token, token_type, ' +
        'expires_in and scope',
      run: async () => {
        const fixture = worldOf()
        const response = await ask(fixture, assertion())
        expect([response.status, response.headers['content-type'], response.headers['cache-control']]).toEqual([
          200,
          'application/json;charset=UTF-8',
          'no-store'
        ])
        expect(bodyOf(response)).toEqual({
          access_token: expect.any(String) as unknown,
          token_type: 'Bearer',
          expires_in: 300,
          scope: 'system/Observation.rs'
        })
        expect(fixture.audited.map(({ decision }) => decision)).toEqual(['TokensIssued'])
      }
    },
    {
      ids: ['BKS-010', 'BKS-014', 'BKS-024'],
      by: 'what is granted lies within what is requested and within what was registered, by meaning',
      run: async () => {
        for (const scope of asks) {
          const granted = parse(String((await answered({ scope }))['scope']))
          expect(granted.length).toBeGreaterThan(0)
          for (const wider of [registered, scope])
            expect([scope, format(granted), subsumption(parse(wider), granted)]).toEqual([
              scope,
              format(granted),
              Either.right(true)
            ])
        }
        for (const scope of ['system/Condition.rs', 'user/*.rs', 'patient/Observation.rs', 'openid'])
          expect((await answered({ scope }))['error']).toBe('invalid_scope')
      }
    },
    {
      ids: ['BKS-012', 'BKS-102'],
      by: 'no refresh token comes along, whatever is requested',
      run: async () => {
        for (const scope of asks) expect(Object.keys(await answered({ scope }))).not.toContain('refresh_token')
      }
    },
    {
      ids: ['BKS-013'],
      by:
        'the assertion is checked by the machine that checks those of apps: a wrong signature, a replay and ' +
        'an old one are refused',
      run: async () => {
        const fixture = worldOf()
        const text = assertion()
        await ask(fixture, text)
        const reported: Array<unknown> = []
        for (const one of [text, assertion({ key: stranger.privateKey }), assertion({ claims: { exp: 1 } })]) {
          expect((await ask(fixture, one)).status).toBe(401)
          reported.push(lastRefusal(fixture))
        }
        expect(reported).toEqual(['AssertionReplayed', 'AssertionSignatureWrong', 'AssertionExpired'])
      }
    },
    {
      ids: ['BKS-015', 'BKS-016'],
      by: 'every failure is one of the errors of RFC 6749, section 5.2, with a description and an address',
      run: async () => {
        const failures: ReadonlyArray<readonly [string, RegisteredClient, Readonly<Record<string, string>>]> = [
          ['invalid_client', backend(), { client_assertion: 'x' }],
          ['invalid_client', backend(), { client_assertion_type: 'x' }],
          ['invalid_scope', backend(), { scope: 'openid' }],
          ['invalid_request', backend(), { client_secret: 'x' }],
          ['unsupported_grant_type', backend(), { grant_type: 'password' }],
          ['unauthorized_client', { ...backend(), grantTypes: ['authorization_code'] }, {}]
        ]
        for (const [error, client, change] of failures) {
          const fixture = newFixture({ ports: { clients: memoryClients([client]) } })
          expect(await answered(change, fixture)).toEqual({
            error,
            error_description: expect.any(String) as unknown,
            error_uri: expect.any(String) as unknown
          })
        }
      }
    },
    {
      ids: ['BKS-022', 'BKS-025', 'BKS-026', 'BKS-028'],
      by: 'a token lives for five minutes unless the host says otherwise, at most an hour, and is invalid afterwards',
      run: async () => {
        expect([defaultPolicy.backendTokenLifetimeSeconds, (await answered())['expires_in']]).toEqual([300, 300])
        expect(Either.isRight(checkPolicy({ backendTokenLifetimeSeconds: 3600 }, false))).toBe(true)
        expect(Either.isLeft(checkPolicy({ backendTokenLifetimeSeconds: 3601 }, false))).toBe(true)
        const fixture = worldOf()
        const token = String((await answered({}, fixture))['access_token'])
        const isGood = async (): Promise<boolean> =>
          (
            await fixture.server.resource.bearer({
              method: 'GET',
              path: '/fhir',
              query: '',
              body: '',
              headers: { authorization: `Bearer ${token}` }
            })()
          )._tag === 'Right'
        fixture.clock.now += 299
        expect(await isGood()).toBe(true)
        fixture.clock.now += 1
        expect(await isGood()).toBe(false)
      }
    }
  ],
  outside: [
    { ids: ['BKS-002'], why: 'how to read the words SHALL, SHOULD and MAY' },
    {
      ids: ['BKS-027'],
      why:
        'about an example in the guide that is not what the guide demands; a reader of documents is shown with ' +
        'the app side'
    }
  ]
}
