/** The records that a server leaves in its store, and what apps hold of them: a file for each version of the form. */
import * as Either from 'fp-ts/lib/Either.js'
import { register } from '../client/registration.js'
import { authorize, bodyOf, exchange, newFixture, obtainCode, refresh } from '../server-fixture.js'
import { revoke } from './callers.js'
import type { Interaction } from '../../../src/engine/server/interaction/conversation.js'

/** What is kept of a world. */
export interface RecordedWorld {
  readonly release: string
  /** The time of the records. */
  readonly now: number
  /** A conversation that waits for the user. */
  readonly interaction: Interaction
  readonly code: string
  readonly redeemedCode: string
  readonly refreshToken: string
  readonly accessToken: string
  /** A refresh token that was used, and its successor. */
  readonly usedRefreshToken: string
  readonly successor: string
  readonly revokedRefreshToken: string
  readonly revokedAccessToken: string
  /** An EHR launch that no app has used. */
  readonly launch: string
  readonly registeredClient: string
  readonly registrationToken: string
  readonly records: Readonly<Record<string, string>>
}

/** Makes the records that this release writes. */
export const recordWorld = async (release: string): Promise<RecordedWorld> => {
  const fixture = newFixture({ settings: { registration: { mode: 'open' } } })
  const tokens = async (code: string): Promise<Readonly<Record<string, unknown>>> =>
    bodyOf(await exchange(fixture, code))
  const waiting = await authorize(fixture, { state: 'waiting' })
  if (waiting._tag !== 'NeedsUser') throw new Error(waiting._tag)
  const code = await obtainCode(fixture)
  const active = await tokens(await obtainCode(fixture))
  const used = await tokens(await obtainCode(fixture))
  const successor = bodyOf(await refresh(fixture, String(used['refresh_token'])))
  const revoked = await tokens(await obtainCode(fixture))
  await revoke(fixture, String(revoked['refresh_token']))
  const redeemedCode = await obtainCode(fixture)
  await tokens(redeemedCode)
  const launch = await fixture.server.ehr.offerLaunch({
    clientId: 'pub-app',
    launchedBy: null,
    context: { patient: '123' }
  })()
  if (Either.isLeft(launch)) throw new Error(launch.left._tag)
  const registered = bodyOf(
    await register(fixture, {
      redirect_uris: ['https://new.example/cb'],
      scope: 'patient/*.rs',
      token_endpoint_auth_method: 'none'
    })
  )
  return {
    release,
    now: fixture.clock.now,
    interaction: waiting.interaction,
    code,
    redeemedCode,
    refreshToken: String(active['refresh_token']),
    accessToken: String(active['access_token']),
    usedRefreshToken: String(used['refresh_token']),
    successor: String(successor['refresh_token']),
    revokedRefreshToken: String(revoked['refresh_token']),
    revokedAccessToken: String(revoked['access_token']),
    launch: launch.right,
    registeredClient: String(registered['client_id']),
    registrationToken: String(registered['registration_access_token']),
    records: Object.fromEntries(fixture.memory.entries())
  }
}
