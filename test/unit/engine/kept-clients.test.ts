/** How many clients there may be for which nobody has vouched. */
import { expect, it } from 'vitest'
import { manage, register, registered, registrationWorld, webApp } from '../../support/client/registration.js'
import { newFixture, sha256 } from '../../support/server-fixture.js'
import { authorizationServer } from '../../../src/engine/server/authorization-server.js'

it('is bounded at any time, not per hour: a removed client makes room', async () => {
  const fixture = newFixture(registrationWorld({ limitKept: 2 }))
  const first = registered(await register(fixture, webApp))
  await register(fixture, webApp)
  fixture.clock.now += 7200
  const refused = await register(fixture, webApp)
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '3600'])
  const removed = await manage(
    fixture,
    'DELETE',
    String(first['client_id']),
    String(first['registration_access_token'])
  )
  expect(removed.status).toBe(204)
  expect([(await register(fixture, webApp)).status, (await register(fixture, webApp)).status]).toEqual([201, 429])
})

it('does not count clients that registered with an initial access token', async () => {
  const fixture = newFixture(
    registrationWorld({ mode: 'token', initialAccessTokenDigests: [sha256('t')], limitKept: 1 })
  )
  for (const _ of [1, 2, 3]) {
    expect((await register(fixture, webApp, { authorization: 'Bearer t' })).status).toBe(201)
  }
})

it('is a whole number from 1', () => {
  const { ports } = newFixture()
  const built = authorizationServer(
    {
      issuer: 'https://ehr.example',
      fhirBaseUrl: 'https://ehr.example/fhir',
      registration: { mode: 'open', limitKept: 0.5 }
    },
    ports
  )
  expect(built).toMatchObject({ _tag: 'Left', left: [{ path: 'registration.limitKept' }] })
})
