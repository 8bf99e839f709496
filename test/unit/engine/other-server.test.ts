/** Two servers with one store and one set of keys: what one of them gave out is nothing at the other. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { textOf } from '../../attacks/token-world.js'
import type { World } from '../../simulation/world.js'
import { bodyOf, exchange, newWorld, obtainCode, refresh } from '../../simulation/world.js'
import { authorizationServer } from '../../../src/engine/server.js'
import type { SmartPolicy } from '../../../src/messages/policy.js'

const twoServers = (policy: Partial<SmartPolicy> = {}): readonly [World, World] => {
  const world = newWorld({ policy })
  const other = authorizationServer({ issuer: 'https://other.example', fhirBaseUrl: 'https://other.example/fhir', policy }, world.ports)
  if (Either.isLeft(other)) throw new Error(JSON.stringify(other.left))
  return [world, { ...world, server: other.right }]
}

describe.each(['opaque', 'jwt'] as const)('with %s access tokens', (accessTokenFormat) => {
  it('a code is not valid at the other server, and stays good at its own', async () => {
    const [world, other] = twoServers({ accessTokenFormat })
    const code = await obtainCode(world)
    const before = world.memory.entries()
    const refused = await exchange(other, code)
    expect([refused.status, bodyOf(refused)['error'], world.audited.at(-1)?.refusal?._tag]).toEqual([400, 'invalid_grant', 'CodeUnknown'])
    expect(world.memory.entries()).toEqual(before)
    expect((await exchange(world, code)).status).toBe(200)
  })

  it('nor is a redeemed one a replay there', async () => {
    const [world, other] = twoServers({ accessTokenFormat })
    const code = await obtainCode(world)
    const first = await exchange(world, code)
    expect((await exchange(other, code)).status).toBe(400)
    expect((await refresh(world, textOf(first, 'refresh_token'))).status).toBe(200)
  })

  it('a refresh token is not valid at the other server, and stays good at its own', async () => {
    const [world, other] = twoServers({ accessTokenFormat })
    const token = textOf(await exchange(world, await obtainCode(world)), 'refresh_token')
    const refused = await refresh(other, token)
    expect([refused.status, bodyOf(refused)['error'], world.audited.at(-1)?.refusal?._tag]).toEqual([400, 'invalid_grant', 'RefreshTokenUnknown'])
    expect((await refresh(world, token)).status).toBe(200)
  })
})
