/** A store that is silent while an EHR launch is used: the user agrees once more, and the launch is not lost. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { authorize, newFixture, redirected } from '../../../support/server-fixture.js'
import { atConsent, agree, expectCode, expectPage } from '../../../support/server/conversation.js'
import type { Fixture } from '../../../support/server-fixture.js'
import type { Store, StoreError } from '../../../../src/engine/ports.js'

/**
 * A server whose store, from a chosen moment on, does not answer about launches. `writes` says whether its writes take
 * effect.
 */
const worldWith = (writes: boolean): { readonly fixture: Fixture; readonly unavailable: () => void } => {
  const silent = { writes: 0, reads: 0 }
  const unavailable: Either.Either<StoreError, never> = Either.left({ _tag: 'Unavailable', applied: 'unknown' })
  const fixture = newFixture({
    store: (memory): Store => ({
      load: (key) => async () => {
        if (!key.startsWith('launch:') || silent.writes > 0 || silent.reads === 0) return await memory.load(key)()
        silent.reads -= 1
        return unavailable
      },
      swap: (key, expected, text, expiresAt) => async () => {
        if (!key.startsWith('launch:') || silent.writes === 0)
          return await memory.swap(key, expected, text, expiresAt)()
        silent.writes -= 1
        if (writes) await memory.swap(key, expected, text, expiresAt)()
        return unavailable
      }
    })
  })
  return {
    fixture,
    unavailable: () => {
      silent.writes = silent.reads = 1
    }
  }
}

describe('consent while the store does not say whether the launch is used', () => {
  it.each([true, false])('and it is: %s', async (writes) => {
    const { fixture, unavailable } = worldWith(writes)
    const handle = await fixture.server.ehr.offerLaunch({
      clientId: 'pub-app',
      launchedBy: null,
      context: { patient: '1' }
    })()
    const change = { launch: Either.isRight(handle) ? handle.right : '', scope: 'launch patient/*.rs' }
    const waiting = await atConsent(fixture, change)
    unavailable()
    expectPage(await agree(fixture, waiting), 503, 'temporarily_unavailable', 'StoreUnavailable')
    expectCode(await agree(fixture, waiting))
    expect(redirected(await authorize(fixture, change))?.get('error')).toBe('invalid_request')
  })
})
