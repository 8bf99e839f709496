/** The audit event of an access token that is refused: whose it was, as far as the server knows. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  allClients,
  answered,
  asBearer,
  backendToken,
  callersWorld,
  introspect,
  obtainTokens
} from '../../support/server/callers.js'
import type { Fixture } from '../../support/server-fixture.js'
import { get, newFixture } from '../../support/server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import type { RegisteredClient } from '../../../src/protocol/client/client.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'

const refusedAt = async (fixture: Fixture, authorization: string | null) => {
  fixture.audited.length = 0
  const headers = authorization === null ? {} : { authorization }
  const access = await fixture.server.resource.bearer(get('/fhir/Patient/A', '', headers))()
  expect(Either.isLeft(access)).toBe(true)
  expect(fixture.audited).toHaveLength(1)
  const [{ clientId, grantId, refusal, tokenOwner } = { clientId: '', grantId: '', refusal: null }] = fixture.audited
  return { rule: refusal?._tag, clientId, hasGrant: grantId !== null, tokenOwner }
}

const ofAlice = { clientId: 'pub-app', hasGrant: true, tokenOwner: { userSub: 'alice', patient: '123' } }

const formats: ReadonlyArray<SmartPolicy['accessTokenFormat']> = ['opaque', 'jwt']

describe.each(formats)('a refused access token (%s) is recorded once', (accessTokenFormat) => {
  const options = { policy: { accessTokenFormat } }

  it('with client, user, patient and grant, if it has expired', async () => {
    const fixture = callersWorld(options)
    const { access } = await obtainTokens(fixture)
    fixture.clock.now += 3601
    expect(await refusedAt(fixture, `Bearer ${access}`)).toEqual({ rule: 'AccessTokenExpired', ...ofAlice })
  })

  it('with client and grant, if the grant has ended: its record says no more', async () => {
    const fixture = callersWorld(options)
    const { access } = await obtainTokens(fixture)
    await fixture.server.admin.revokeGrant(fixture.audited.at(-1)?.grantId ?? '')()
    expect(await refusedAt(fixture, `Bearer ${access}`)).toEqual({
      rule: 'AccessTokenRevoked',
      clientId: 'pub-app',
      hasGrant: true,
      tokenOwner: { userSub: null, patient: null }
    })
  })

  it('with all of them, if the client is no longer registered', async () => {
    const registered: Array<RegisteredClient> = [...allClients]
    const fixture = newFixture({
      ...options,
      ports: { clients: { ...memoryClients([]), find: (clientId) => memoryClients(registered).find(clientId) } }
    })
    const { access } = await obtainTokens(fixture)
    registered.length = 0
    expect(await refusedAt(fixture, `Bearer ${access}`)).toEqual({ rule: 'AccessTokenRevoked', ...ofAlice })
  })

  it('without a user and a patient, if it is that of a backend service', async () => {
    const fixture = callersWorld(options)
    const access = await backendToken(fixture)
    await fixture.server.admin.revokeGrant(fixture.audited.at(-1)?.grantId ?? '')()
    const owner = { clientId: 'backend', hasGrant: true, tokenOwner: { userSub: null, patient: null } }
    expect(await refusedAt(fixture, `Bearer ${access}`)).toEqual({ rule: 'AccessTokenRevoked', ...owner })
  })

  it('with the grant alone, if the store has its record no more', async () => {
    const fixture = callersWorld(options)
    const { access } = await obtainTokens(fixture)
    fixture.clock.now += 10_000_000
    expect(await refusedAt(fixture, `Bearer ${access}`)).toEqual({
      rule: 'AccessTokenRevoked',
      clientId: null,
      hasGrant: true,
      tokenOwner: undefined
    })
  })

  it.each([
    [
      'at the userinfo endpoint',
      (fixture: Fixture, token: string) => answered(fixture, get('/userinfo', '', asBearer(token)))
    ],
    ['at introspection', (fixture: Fixture, token: string) => introspect(fixture, token, asBearer(token))]
  ])('with the same facts %s', async (_name, request) => {
    const fixture = callersWorld({ policy: { accessTokenFormat, introspectForeignTokens: 'anyAuthorised' } })
    const { access } = await obtainTokens(fixture)
    fixture.clock.now += 3601
    fixture.audited.length = 0
    await request(fixture, access)
    expect(fixture.audited).toEqual([
      expect.objectContaining({ clientId: 'pub-app', tokenOwner: { userSub: 'alice', patient: '123' } })
    ])
  })
})

it.each([
  ['no token', null, 'AccessTokenMissing'],
  ['an invented token', 'Bearer invented', 'AccessTokenUnknown']
])('a request with %s is recorded without a client and a grant', async (_name, authorization, rule) => {
  expect(await refusedAt(callersWorld(), authorization)).toEqual({
    rule,
    clientId: null,
    hasGrant: false,
    tokenOwner: undefined
  })
})
