/** How many clients there may be for which nobody has vouched. */
import { expect, it } from 'vitest'
import { manage, register, registered, registrationWorld, webApp } from '../../simulation/registration.js'
import { newWorld, sha256 } from '../../simulation/world.js'
import { authorizationServer } from '../../../src/engine/server.js'

it('is bounded at any time, not within an hour: whoever goes makes room', async () => {
  const world = newWorld(registrationWorld({ limitKept: 2 }))
  const first = registered(await register(world, webApp))
  await register(world, webApp)
  world.clock.now += 7200
  const refused = await register(world, webApp)
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '3600'])
  const removed = await manage(world, 'DELETE', String(first['client_id']), String(first['registration_access_token']))
  expect(removed.status).toBe(204)
  expect([(await register(world, webApp)).status, (await register(world, webApp)).status]).toEqual([201, 429])
})

it('does not count those for whom an initial access token vouches', async () => {
  const world = newWorld(registrationWorld({ mode: 'token', initialAccessTokenDigests: [sha256('t')], limitKept: 1 }))
  for (const _ of [1, 2, 3]) {
    expect((await register(world, webApp, { authorization: 'Bearer t' })).status).toBe(201)
  }
})

it('is a whole number from 1', () => {
  const { ports } = newWorld()
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
