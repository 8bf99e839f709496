/** After a restore from a backup (`restoredAt`), nothing that was issued before is accepted. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { allClients, answered, asserted, introspect, obtainTokens, revoke } from '../../../support/server/callers.js'
import type { Change, Fixture } from '../../../support/server-fixture.js'
import {
  authorize,
  bodyOf,
  exchange,
  fhirBaseUrl,
  isAlive,
  issuer,
  newFixture,
  obtainCode,
  post,
  present,
  refresh
} from '../../../support/server-fixture.js'
import { memoryClients } from '../../../../src/adapters/memory-clients.js'
import { authorizationServer } from '../../../../src/engine/server/authorization-server.js'
import type { ServerSettings } from '../../../../src/engine/server/settings.js'

const settings: ServerSettings = {
  issuer,
  fhirBaseUrl,
  registration: { mode: 'open' },
  policy: { introspectRefreshTokens: true }
}

const before = (): Fixture => newFixture({ settings, ports: { clients: memoryClients(allClients) } })

/** The same store, with a server that knows when it was restored. */
const restored = (fixture: Fixture, restoredAt: number): Fixture => {
  const built = authorizationServer({ ...settings, restoredAt }, fixture.ports)
  if (Either.isLeft(built)) throw new Error(JSON.stringify(built.left))
  return { ...fixture, server: built.right }
}

const clientCredentials = (fixture: Fixture, assertion: Change) =>
  fixture.server.endpoints.token(
    post('/token', present({ grant_type: 'client_credentials', scope: 'system/Observation.rs', ...assertion }))
  )()

describe('a server on a restored store', () => {
  it('accepts no code, no token and no launch from before', async () => {
    const old = before()
    const code = await obtainCode(old)
    const tokens = await obtainTokens(old)
    const offered = await old.server.ehr.offerLaunch({ clientId: 'pub-app', launchedBy: null, context: {} })()
    const waiting = await authorize(old)
    if (Either.isLeft(offered) || waiting._tag !== 'NeedsUser') throw new Error('no launch')
    expect(await isAlive(old, tokens.access)).toBe(true)
    const fixture = restored(old, old.clock.now)
    expect(bodyOf(await exchange(fixture, code))['error']).toBe('invalid_grant')
    expect(bodyOf(await exchange(fixture, tokens.code))['error']).toBe('invalid_grant')
    expect(bodyOf(await refresh(fixture, tokens.refresh))['error']).toBe('invalid_grant')
    expect(await isAlive(fixture, tokens.access)).toBe(false)
    expect(bodyOf(await introspect(fixture, tokens.access))).toEqual({ active: false })
    expect((await revoke(fixture, tokens.refresh)).status).toBe(200)
    const launched = await authorize(fixture, { scope: 'launch openid', launch: offered.right })
    expect(launched._tag === 'SendToApp' && launched.response.headers['location']).toMatch(/error=invalid_request/)
    expect((await fixture.server.interaction.resume(waiting.interaction)())._tag).toBe('ShowRefusal')
  })

  it('accepts what it issues itself, and again after it is restarted with the same time', async () => {
    const old = before()
    const tokens = await obtainTokens(restored(old, 900))
    const again = restored(old, 900)
    expect(await isAlive(again, tokens.access)).toBe(true)
    expect((await refresh(again, tokens.refresh)).status).toBe(200)
    expect(await isAlive(restored(old, 901), tokens.access)).toBe(false)
  })

  it('accepts assertions only if they were certainly made since', async () => {
    const old = before()
    const early = asserted(old, 'backend', `${issuer}/token`)
    const fixture = restored(old, old.clock.now)
    expect(bodyOf(await clientCredentials(fixture, early))['error']).toBe('invalid_client')
    expect(fixture.audited.at(-1)?.refusal?._tag).toBe('AssertionFromBeforeRestoration')
    // Without iat, an assertion counts as made five minutes before it expires, by a clock that is ahead by the skew.
    fixture.clock.now += 59
    expect((await clientCredentials(fixture, asserted(fixture, 'backend', `${issuer}/token`))).status).toBe(401)
    fixture.clock.now += 1
    const late = asserted(fixture, 'backend', `${issuer}/token`)
    expect((await clientCredentials(fixture, late)).status).toBe(200)
    expect((await clientCredentials(fixture, late)).status).toBe(401)
    expect((await clientCredentials(old, early)).status).toBe(200)
  })

  it('keeps registrations', async () => {
    const old = before()
    const registration = { client_name: 'New', redirect_uris: ['https://new.example/cb'] }
    const registered = bodyOf(
      await answered(old, {
        ...post('/register', []),
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...registration, token_endpoint_auth_method: 'none' })
      })
    )
    const clientId = String(registered['client_id'])
    const found = await answered(restored(old, old.clock.now), {
      method: 'GET',
      path: `/register/${clientId}`,
      query: '',
      headers: { authorization: `Bearer ${String(registered['registration_access_token'])}` },
      body: ''
    })
    expect([found.status, bodyOf(found)['client_id']]).toEqual([200, clientId])
  })

  it.each([1_795_870_274_000, -1, 1.5, Number.NaN])('is not built with restoredAt %d', (restoredAt) => {
    const built = authorizationServer({ ...settings, restoredAt }, before().ports)
    expect(Either.isLeft(built) && built.left.map(({ path }) => path)).toEqual(['restoredAt'])
  })
})
