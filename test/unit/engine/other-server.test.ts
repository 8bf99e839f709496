/** Two servers with one store and one set of keys: what one of them gave out is nothing at the other. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { textOf } from '../../support/token-fixture.js'
import { ask, assertion, assertionWorld } from '../../support/client/assertions.js'
import { manage, register, registered, registrationWorld, webApp } from '../../support/client/registration.js'
import type { Fixture } from '../../support/server-fixture.js'
import {
  alice,
  authorize,
  bodyOf,
  exchange,
  get,
  isAlive,
  newFixture,
  obtainCode,
  post,
  redirected,
  refresh
} from '../../support/server-fixture.js'
import { authorizationServer } from '../../../src/engine/server/authorization-server.js'
import type { ServerSettings } from '../../../src/engine/server/settings.js'
import type { Conversation } from '../../../src/engine/server/interaction/conversation.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'

const besides = (fixture: Fixture, settings: Partial<ServerSettings> = {}): Fixture => {
  const other = authorizationServer(
    { issuer: 'https://other.example', fhirBaseUrl: 'https://other.example/fhir', ...settings },
    fixture.ports
  )
  if (Either.isLeft(other)) throw new Error(JSON.stringify(other.left))
  return { ...fixture, server: other.right }
}

const twoServers = (policy: Partial<SmartPolicy> = {}): readonly [Fixture, Fixture] => {
  const fixture = newFixture({ policy })
  return [fixture, besides(fixture, { policy })]
}

/** Servers that differ from the first one in one of the two addresses alone. */
const neighbors: ReadonlyArray<readonly [name: string, settings: Partial<ServerSettings>]> = [
  [
    'with the same issuer before another FHIR base',
    { issuer: 'https://ehr.example', fhirBaseUrl: 'https://ehr.example/other' }
  ],
  [
    'with the same issuer before a FHIR base with a slash at its end',
    { issuer: 'https://ehr.example', fhirBaseUrl: 'https://ehr.example/fhir/' }
  ],
  ['with the same FHIR base behind another issuer', { fhirBaseUrl: 'https://ehr.example/fhir' }],
  ['with a slash at the end of its issuer', { issuer: 'https://ehr.example/', fhirBaseUrl: 'https://ehr.example/fhir' }]
]

describe.each(neighbors)('a server %s', (_name, settings) => {
  const servers = (): readonly [Fixture, Fixture] => {
    const fixture = newFixture({ policy: { introspectRefreshTokens: true } })
    return [fixture, besides(fixture, { ...settings, policy: { introspectRefreshTokens: true } })]
  }

  it('takes no code, no token and no launch of the first one, and ends none', async () => {
    const [fixture, other] = servers()
    const code = await obtainCode(fixture)
    const before = fixture.memory.entries()
    expect([(await exchange(other, code)).status, fixture.audited.at(-1)?.refusal?._tag]).toEqual([400, 'CodeUnknown'])
    expect(fixture.memory.entries()).toEqual(before)
    const tokens = await exchange(fixture, code)
    expect((await exchange(other, code)).status).toBe(400)
    const [access, first] = [textOf(tokens, 'access_token'), textOf(tokens, 'refresh_token')]
    expect(await isAlive(other, access)).toBe(false)
    expect((await refresh(other, first)).status).toBe(400)
    await other.server.admin.revokeGrant(fixture.audited.findLast(({ grantId }) => grantId !== null)?.grantId ?? '')()
    expect(await isAlive(fixture, access)).toBe(true)
    expect((await refresh(fixture, first)).status).toBe(200)
    const handle = await fixture.server.ehr.offerLaunch({
      clientId: 'pub-app',
      launchedBy: null,
      context: { patient: '123' }
    })()
    if (Either.isLeft(handle)) throw new Error(handle.left._tag)
    const change = { launch: handle.right, scope: 'launch patient/*.rs' }
    const refused = await authorize(other, { ...change, aud: other.server.facts.fhirBaseUrl })
    expect(redirected(refused)?.get('error')).toBe('invalid_request')
    expect((await authorize(fixture, change))._tag).toBe('NeedsUser')
  })

  it('goes on with no conversation of the first one', async () => {
    const [fixture, other] = servers()
    const begun = await authorize(fixture, { scope: 'patient/*.rs' })
    if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
    expect(await other.server.interaction.userSignedIn(begun.interaction, alice)()).toMatchObject({
      refusal: { _tag: 'InteractionUnknown' }
    })
    expect((await fixture.server.interaction.userSignedIn(begun.interaction, alice)())._tag).toBe('NeedsContext')
  })
})

describe.each(['opaque', 'jwt'] as const)('with %s access tokens', (accessTokenFormat) => {
  it('a code is not valid at the other server, and stays valid at its own', async () => {
    const [fixture, other] = twoServers({ accessTokenFormat })
    const code = await obtainCode(fixture)
    const before = fixture.memory.entries()
    const refused = await exchange(other, code)
    expect([refused.status, bodyOf(refused)['error'], fixture.audited.at(-1)?.refusal?._tag]).toEqual([
      400,
      'invalid_grant',
      'CodeUnknown'
    ])
    expect(fixture.memory.entries()).toEqual(before)
    expect((await exchange(fixture, code)).status).toBe(200)
  })

  it('nor is a redeemed one a replay there', async () => {
    const [fixture, other] = twoServers({ accessTokenFormat })
    const code = await obtainCode(fixture)
    const first = await exchange(fixture, code)
    expect((await exchange(other, code)).status).toBe(400)
    expect((await refresh(fixture, textOf(first, 'refresh_token'))).status).toBe(200)
  })

  it('a refresh token is not valid at the other server, and stays valid at its own', async () => {
    const [fixture, other] = twoServers({ accessTokenFormat })
    const token = textOf(await exchange(fixture, await obtainCode(fixture)), 'refresh_token')
    const refused = await refresh(other, token)
    expect([refused.status, bodyOf(refused)['error'], fixture.audited.at(-1)?.refusal?._tag]).toEqual([
      400,
      'invalid_grant',
      'GrantEnded'
    ])
    expect((await refresh(fixture, token)).status).toBe(200)
  })
})

describe('a conversation', () => {
  const interactionOf = (conversation: Conversation) => {
    if (!('interaction' in conversation)) throw new Error(conversation._tag)
    return conversation.interaction
  }

  it('goes on at the server where it began, and with its users alone', async () => {
    const [fixture, other] = twoServers()
    const begun = await authorize(fixture, { scope: 'patient/*.rs' })
    const interaction = { ...interactionOf(begun), present: alice }
    const expectUnknown = async (decision: Promise<Conversation>): Promise<void> => {
      const before = fixture.memory.entries()
      expect(await decision).toMatchObject({ _tag: 'ShowRefusal', refusal: { _tag: 'InteractionUnknown' } })
      expect(fixture.memory.entries()).toEqual(before)
    }
    await expectUnknown(other.server.interaction.resume(interaction)())
    await expectUnknown(
      other.server.interaction.userSignedIn(interaction, { ...alice, sub: 'bob of the other server' })()
    )
    await expectUnknown(other.server.interaction.userDenied(interaction)())
    await expectUnknown(other.server.interaction.pageNeeded(interaction)())
    const choice = await fixture.server.interaction.userSignedIn(interaction, alice)()
    expect(choice._tag).toBe('NeedsContext')
    await expectUnknown(other.server.interaction.contextChosen(interaction, { patient: '999' })())
    await expectUnknown(other.server.interaction.contextUnavailable(interaction)())
    const consent = await fixture.server.interaction.contextChosen(interaction, { patient: '123' })()
    if (consent._tag !== 'NeedsConsent') throw new Error(consent._tag)
    await expectUnknown(other.server.interaction.consentGiven(interaction, consent.details.scopes)())
    expect(
      redirected(await fixture.server.interaction.consentGiven(interaction, consent.details.scopes)())?.has('code')
    ).toBe(true)
  })
})

describe('a token', () => {
  const asConfidential = { authorization: `Basic ${btoa('sym-app:s3cret:%')}` }

  it('is neither revoked nor active at the other server, even for a client of the same name', async () => {
    const [fixture, other] = twoServers({ introspectRefreshTokens: true })
    const code = await obtainCode(fixture, { client_id: 'sym-app' })
    const tokens = await exchange(fixture, code, { client_id: null }, asConfidential)
    const ask = async (at: Fixture, path: string, token: string): Promise<string> => {
      const answer = at.server.endpoints.protocol(post(path, [['token', token]], asConfidential))
      return answer._tag === 'None' ? '' : (await answer.value()).body
    }
    for (const name of ['access_token', 'refresh_token']) {
      const token = textOf(tokens, name)
      expect(await ask(other, '/introspect', token)).toBe('{"active":false}')
      await ask(other, '/revoke', token)
      expect(JSON.parse(await ask(fixture, '/introspect', token))).toMatchObject({ active: true, client_id: 'sym-app' })
    }
  })
})

describe('a client that registered itself', () => {
  const registration = { mode: 'open', limitPerHour: 2 } as const
  const servers = async (settings: Partial<ServerSettings> = {}) => {
    const fixture = newFixture(registrationWorld(registration))
    const other = besides(fixture, { registration, ...settings })
    const reported = registered(await register(fixture, webApp))
    return {
      fixture,
      other,
      clientId: String(reported['client_id']),
      token: String(reported['registration_access_token'])
    }
  }
  const sharedWith = async (at: Fixture, origin: string): Promise<unknown> => {
    const headers = { origin, 'access-control-request-method': 'POST' }
    const answer = at.server.endpoints.protocol({ ...get('/token', '', headers), method: 'OPTIONS' })
    return answer._tag === 'None' ? null : (await answer.value()).headers['access-control-allow-origin']
  }

  it('is no client of the other server: neither with its users nor at its token endpoint', async () => {
    const { fixture, other, clientId } = await servers()
    const change = { client_id: clientId, redirect_uri: 'https://new.example/cb' }
    expect((await fixture.server.admin.client(clientId)())._tag).toBe('Right')
    expect(await fixture.server.admin.client(clientId)()).toMatchObject({ right: { _tag: 'Some' } })
    expect(await other.server.admin.client(clientId)()).toMatchObject({ right: { _tag: 'None' } })
    expect(await authorize(other, { ...change, aud: 'https://other.example/fhir' })).toMatchObject({
      refusal: { _tag: 'ClientUnknown' }
    })
    expect([(await exchange(other, 'g1.c.x', change)).status, fixture.audited.at(-1)?.refusal?._tag]).toEqual([
      401,
      'AuthenticatingClientUnknown'
    ])
    expect((await exchange(fixture, await obtainCode(fixture, change), change)).status).toBe(200)
  })

  it('nor at one whose FHIR base URL is the same, nor at one whose registration is closed', async () => {
    for (const settings of [
      { fhirBaseUrl: 'https://ehr.example/fhir' },
      { registration: { mode: 'closed' } }
    ] as const) {
      const { other, clientId } = await servers(settings)
      expect(await other.server.admin.client(clientId)()).toMatchObject({ right: { _tag: 'None' } })
    }
  })

  it('is neither read, changed nor removed there by its registration access token, nor gets a secret', async () => {
    const { fixture, other, clientId, token } = await servers()
    const before = fixture.memory.entries()
    for (const method of ['GET', 'PUT', 'DELETE']) {
      expect([
        method,
        (await manage(other, method, clientId, token, { ...webApp, client_id: clientId })).status
      ]).toEqual([method, 401])
    }
    expect((await other.server.admin.rotateSecret(clientId, 0)())._tag).toBe('Left')
    expect(fixture.memory.entries()).toEqual(before)
    expect((await manage(fixture, 'GET', clientId, token)).status).toBe(200)
  })

  it('shares no origins, and does not use up the number of clients that may register there', async () => {
    const { fixture, other } = await servers()
    expect([await sharedWith(fixture, 'https://new.example'), await sharedWith(other, 'https://new.example')]).toEqual([
      'https://new.example',
      undefined
    ])
    expect([(await register(fixture, webApp)).status, (await register(fixture, webApp)).status]).toEqual([201, 429])
    expect((await register(other, webApp)).status).toBe(201)
  })

  it.each(neighbors)('nor of one %s', async (_name, settings) => {
    const { fixture, other, clientId, token } = await servers(settings)
    expect(await other.server.admin.client(clientId)()).toMatchObject({ right: { _tag: 'None' } })
    expect((await manage(other, 'GET', clientId, token)).status).toBe(401)
    expect([await sharedWith(fixture, 'https://new.example'), await sharedWith(other, 'https://new.example')]).toEqual([
      'https://new.example',
      undefined
    ])
    expect([(await register(fixture, webApp)).status, (await register(fixture, webApp)).status]).toEqual([201, 429])
    expect((await register(other, webApp)).status).toBe(201)
  })
})

describe('an assertion', () => {
  it('uses up its jti at the server that it was made for, and at no other', async () => {
    const fixture = newFixture(assertionWorld())
    const other = besides(fixture)
    const at = (aud: string) => assertion({ claims: { aud, jti: 'the same' } })
    expect((await ask(fixture, at('https://ehr.example/token'))).status).toBe(200)
    expect((await ask(other, at('https://other.example/token'))).status).toBe(200)
    expect((await ask(other, at('https://other.example/token'))).status).toBe(401)
    expect((await ask(other, at('https://ehr.example/token'))).status).toBe(401)
  })

  it('is used once at two servers that have one token endpoint', async () => {
    for (const settings of [
      { issuer: 'https://ehr.example/' },
      { issuer: 'https://ehr.example', fhirBaseUrl: 'https://ehr.example/other' }
    ]) {
      const fixture = newFixture(assertionWorld())
      const other = besides(fixture, settings)
      const made = assertion({ claims: { aud: 'https://ehr.example/token', jti: 'the same' } })
      expect([(await ask(fixture, made)).status, (await ask(other, made)).status]).toEqual([200, 401])
      expect(fixture.audited.at(-1)?.refusal?._tag).toBe('AssertionReplayed')
    }
  })
})
