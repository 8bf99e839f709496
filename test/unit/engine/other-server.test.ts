/** Two servers with one store and one set of keys: what one of them gave out is nothing at the other. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { textOf } from '../../attacks/token-world.js'
import type { World } from '../../simulation/world.js'
import { alice, authorize, bodyOf, exchange, newWorld, obtainCode, post, redirected, refresh } from '../../simulation/world.js'
import { authorizationServer } from '../../../src/engine/server.js'
import type { Conversation } from '../../../src/engine/conversation.js'
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

describe('a conversation', () => {
  const interactionOf = (conversation: Conversation) => {
    if (!('interaction' in conversation)) throw new Error(conversation._tag)
    return conversation.interaction
  }

  it('goes on at the server where it began, and with its users alone', async () => {
    const [world, other] = twoServers()
    const begun = await authorize(world, { scope: 'patient/*.rs' })
    const interaction = interactionOf(begun)
    const expectUnknown = async (decision: Promise<Conversation>): Promise<void> => {
      const before = world.memory.entries()
      expect(await decision).toMatchObject({ _tag: 'ShowRefusal', refusal: { _tag: 'InteractionUnknown' } })
      expect(world.memory.entries()).toEqual(before)
    }
    await expectUnknown(other.server.resume(interaction)())
    await expectUnknown(other.server.userSignedIn(interaction, { ...alice, sub: 'bob of the other server' })())
    await expectUnknown(other.server.userDenied(interaction)())
    await expectUnknown(other.server.pageNeeded(interaction)())
    const choice = await world.server.userSignedIn(interaction, alice)()
    expect(choice._tag).toBe('NeedsContext')
    await expectUnknown(other.server.contextChosen(interaction, { patient: '999' })())
    await expectUnknown(other.server.contextUnavailable(interaction)())
    const consent = await world.server.contextChosen(interaction, { patient: '123' })()
    if (consent._tag !== 'NeedsConsent') throw new Error(consent._tag)
    await expectUnknown(other.server.consentGiven(interaction, consent.asked.scopes)())
    expect(redirected(await world.server.consentGiven(interaction, consent.asked.scopes)())?.has('code')).toBe(true)
  })
})

describe('a token', () => {
  const asConfidential = { authorization: `Basic ${btoa('sym-app:s3cret:%')}` }

  it('is neither revoked nor told of at the other server, though a client of that name asks', async () => {
    const [world, other] = twoServers({ introspectRefreshTokens: true })
    const code = await obtainCode(world, { client_id: 'sym-app' })
    const tokens = await exchange(world, code, { client_id: null }, asConfidential)
    const ask = async (at: World, path: string, token: string): Promise<string> => {
      const answer = at.server.protocol(post(path, [['token', token]], asConfidential))
      return answer._tag === 'None' ? '' : (await answer.value()).body
    }
    for (const name of ['access_token', 'refresh_token']) {
      const token = textOf(tokens, name)
      expect(await ask(other, '/introspect', token)).toBe('{"active":false}')
      await ask(other, '/revoke', token)
      expect(JSON.parse(await ask(world, '/introspect', token))).toMatchObject({ active: true, client_id: 'sym-app' })
    }
  })
})
