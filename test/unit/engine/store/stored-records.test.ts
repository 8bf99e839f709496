/** Records of earlier releases, and of a later one: a rolling upgrade has both in one store. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as Option from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import { manage } from '../../../support/client/registration.js'
import { asRs, callersWorld, introspect } from '../../../support/server/callers.js'
import type { RecordedWorld } from '../../../support/server/recorded-world.js'
import type { Fixture } from '../../../support/server-fixture.js'
import { alice, authorize, bodyOf, exchange, redirected, refresh, sha256 } from '../../../support/server-fixture.js'
import { readRecord, recordVersion } from '../../../../src/engine/stored-record.js'
import { StoredLaunchCodec, StoredSessionCodec } from '../../../../src/protocol/app/stored-app.js'

const data = join(import.meta.dirname, '..', '..', '..', 'data')
const files = readdirSync(data).filter((name) => name.startsWith('stored-records-version-'))

/** A server of this release on the records of another. */
const opened = async (file: string): Promise<{ readonly fixture: Fixture; readonly world: RecordedWorld }> => {
  const world = JSON.parse(readFileSync(join(data, file), 'utf8')) as RecordedWorld
  let generated = 0
  const fixture = callersWorld({
    settings: { registration: { mode: 'open' } },
    ports: { random: { token: () => sha256(`later ${String(generated++)}`) } }
  })
  fixture.clock.now = world.now + 10
  for (const [key, text] of Object.entries(world.records)) await fixture.memory.swap(key, Option.none, text, 10_000)()
  return { fixture, world }
}

const errorOf = async (response: ReturnType<typeof exchange>): Promise<unknown> => bodyOf(await response)['error']

it('there is a file for each version', () => {
  expect([...files].sort()).toEqual(
    Array.from({ length: recordVersion + 1 }, (_, version) => `stored-records-version-${String(version)}.json`)
  )
})

describe.each(files)('%s', (file) => {
  it('redeems the code once', async () => {
    const { fixture, world } = await opened(file)
    expect((await exchange(fixture, world.code)).status).toBe(200)
    expect(await errorOf(exchange(fixture, world.code))).toBe('invalid_grant')
    expect(await errorOf(exchange(fixture, world.redeemedCode))).toBe('invalid_grant')
  })

  it('refreshes, and detects a used refresh token', async () => {
    const { fixture, world } = await opened(file)
    expect((await refresh(fixture, world.refreshToken)).status).toBe(200)
    expect(await errorOf(refresh(fixture, world.usedRefreshToken))).toBe('invalid_grant')
    expect(await errorOf(refresh(fixture, world.successor))).toBe('invalid_grant')
  })

  it('knows which access tokens are active', async () => {
    const { fixture, world } = await opened(file)
    const isActive = async (token: string): Promise<unknown> => bodyOf(await introspect(fixture, token, asRs))['active']
    expect([await isActive(world.accessToken), await isActive(world.revokedAccessToken)]).toEqual([true, false])
    expect(await errorOf(refresh(fixture, world.revokedRefreshToken))).toBe('invalid_grant')
  })

  it('goes on with the conversation and the launch', async () => {
    const { fixture, world } = await opened(file)
    const next = await fixture.server.interaction.userSignedIn(world.interaction, alice)()
    expect(next._tag).toBe('NeedsContext')
    const launched = await authorize(fixture, { launch: world.launch, scope: 'launch patient/*.rs' })
    expect(launched._tag).toBe('NeedsUser')
  })

  it('knows the registered client', async () => {
    const { fixture, world } = await opened(file)
    const client = await manage(fixture, 'GET', world.registeredClient, world.registrationToken)
    expect(bodyOf(client)).toMatchObject({ client_id: world.registeredClient, scope: 'patient/*.rs' })
  })

  it('writes records of its own version', async () => {
    const { fixture, world } = await opened(file)
    await refresh(fixture, world.refreshToken)
    const written = fixture.memory.entries().flatMap(([, text]) => {
      const record = JSON.parse(text) as unknown
      return typeof record === 'object' && record !== null && 'rotatedAt' in record && record.rotatedAt === 1010
        ? [record]
        : []
    })
    expect(written).toMatchObject([{ _tag: 'Active', recordVersion }])
    expect(Object.keys(written[0] ?? {})).not.toContain('attempt')
  })
})

describe('an app session of version 0', () => {
  it('is read', () => {
    const pinned = {
      iss: 'https://ehr.example/fhir',
      clientId: 'app',
      redirectUri: 'https://app.example/cb',
      tokenEndpoint: 'https://ehr.example/token',
      issuer: null,
      jwksUri: null,
      authorizationOrigin: 'https://ehr.example',
      announcesIss: true,
      method: 'none',
      assertionAudience: 'https://ehr.example/token'
    }
    const kept = { attempt: 'w', keepUntil: 9 }
    const launch = { _tag: 'Pending', ...kept, pinned, stateDigest: 's', nonce: null, scope: 'openid', expiresAt: 9 }
    const judgement = { verdict: 'equal', missing: '', excess: '' }
    const facts = { pinned, requestedScope: '', grantedScope: '', judgement, context: {}, user: null }
    const tokens = { accessToken: 'a', expiresAt: null, scope: '', asked: null, generation: 0, refreshToken: null }
    const session = { _tag: 'Fresh', ...kept, facts, tokens }
    expect(readRecord(StoredLaunchCodec, JSON.stringify(launch))).toMatchObject({
      right: { writeId: 'w', recordExpiresAt: 9, binding: { issParameterSupported: true } }
    })
    expect(readRecord(StoredSessionCodec, JSON.stringify(session))).toMatchObject({
      right: { facts: { comparison: judgement, binding: { issParameterSupported: true } } }
    })
  })
})

describe('a record of a later release', () => {
  it('is left alone: another process has to answer', async () => {
    const { fixture, world } = await opened(`stored-records-version-${String(recordVersion)}.json`)
    const later = (text: string): string =>
      text.replace(/"recordVersion":\d+/, `"recordVersion":${String(recordVersion + 1)}`)
    for (const [key, text] of Object.entries(world.records)) {
      const loaded = await fixture.memory.load(key)()
      if (loaded._tag === 'Left') throw new Error('unavailable')
      const version = Option.map(({ version: found }: { readonly version: string }) => found)(loaded.right)
      await fixture.memory.swap(key, version, later(text), 10_000)()
    }
    const before = fixture.memory.entries()
    for (const response of [
      await exchange(fixture, world.code),
      await refresh(fixture, world.refreshToken),
      await introspect(fixture, world.accessToken, asRs)
    ]) {
      expect([response.status, response.headers['retry-after']]).toEqual([503, '1'])
      expect(fixture.audited.at(-1)?.refusal?._tag).toBe('StoredByLaterRelease')
    }
    const launched = await authorize(fixture, { launch: world.launch, scope: 'launch patient/*.rs' })
    expect(redirected(launched)?.get('error')).toBe('temporarily_unavailable')
    expect(fixture.memory.entries()).toEqual(before)
  })
})
