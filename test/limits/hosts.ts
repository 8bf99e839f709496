import { vi } from 'vitest'
import type { ShownLimit } from './shown.js'
import { lateFailure, settledWithin } from '../../src/adapters/stores/durability.js'
import {
  authorizeAddress,
  launched,
  locationOf,
  newBrowser,
  newHostWorld,
  redeemed,
  userNamed
} from '../support/host-world.js'
import { inParallel } from '../../src/host/in-parallel.js'
import { limits } from '../../src/values/limits/limits.js'
import { connectedAppsMachine, unconnected } from '../../src/protocol/connected-apps/connected-apps.js'
import type { ConnectedApps } from '../../src/protocol/connected-apps/state.js'

/** A record with that many remembered consents, for as many patients. */
const remembering = (size: number): ConnectedApps => {
  let state = unconnected({ now: 0, writeId: 'w' }) as ConnectedApps
  for (let count = 0; count < size; count++) {
    const grantId = `g${String(count)}`
    const event = {
      _tag: 'ConsentGiven',
      now: count,
      writeId: 'w',
      grant: {
        grantId,
        clientId: 'app',
        scope: '',
        since: count,
        until: count + 1,
        isOnline: false,
        sessionId: null,
        authTime: 0
      },
      remembered: { clientId: 'app', grantId, scope: '', patient: grantId, until: 1e6 }
    } as const
    const { table } = connectedAppsMachine
    state =
      (state._tag === 'Connected'
        ? table.Connected.ConsentGiven?.step(state, event)
        : table.Unconnected.ConsentGiven?.step(state, event)
      )?.state ?? state
  }
  return state
}

/** What a host keeps for a user, and what it reads. */
export const hostShown: ReadonlyArray<ShownLimit> = [
  {
    limit: 'storeRequestTime',
    sizes: [4999, 5001],
    run: async (size) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      const settled = settledWithin(
        limits.storeRequestTime.default,
        () => new Promise((resolve) => setTimeout(resolve, size))
      )
      vi.advanceTimersByTime(size)
      const { _tag } = await settled
      vi.useRealTimers()
      return _tag === 'Answered' ? 'within' : String(lateFailure.reason)
    },
    peerResponse: 'the engine did not answer in time'
  },
  {
    limit: 'connectedApps',
    at: 'grants',
    run: async (size) => {
      const world = newHostWorld()
      const browser = newBrowser(world, userNamed('alice'))
      const token = await redeemed(world, await launched(browser))
      for (let count = 1; count < size; count++) await launched(browser)
      const headers = { authorization: `Bearer ${String(token['access_token'])}` }
      const answer = await world.host.server.resource.bearer({ method: 'GET', path: '/', query: '', headers, body: '' })
      return answer.ok ? 'within' : 'the oldest is revoked'
    },
    peerResponse: 'the oldest is revoked'
  },
  {
    limit: 'connectedApps',
    at: 'consents',
    run: (size) => {
      const state = remembering(size)
      const patients = state._tag === 'Connected' ? state.consents.map(({ patient }) => patient) : []
      return Promise.resolve(patients.length === size && patients.includes('g0') ? 'within' : 'the oldest is forgotten')
    },
    peerResponse: 'the oldest is forgotten'
  },
  {
    limit: 'shownChoices',
    run: async (size) => {
      const patients = () => Array.from({ length: size }, (_, place) => ({ id: `p${String(place)}`, name: 'Ann' }))
      const browser = newBrowser(newHostWorld({ patients }), userNamed('alice'))
      const { body } = await browser.get(locationOf(await browser.get(authorizeAddress())))
      const shown = body.split('type="radio"').length - 1
      return shown === size && !body.includes('type="search"') ? 'within' : `${String(shown)} and a search`
    },
    peerResponse: '50 and a search'
  },
  {
    limit: 'recordReads',
    run: async (size) => {
      let [now, most] = [0, 0]
      await inParallel(Array.from({ length: size }), limits.recordReads.default, async () => {
        now += 1
        most = Math.max(most, now)
        await Promise.resolve()
        now -= 1
      })
      return most === size ? 'within' : `${String(most)} first`
    },
    peerResponse: '10 first'
  },
  {
    limit: 'hostTime',
    sizes: [29_999, 30_001],
    run: async (size) => {
      const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
      vi.useFakeTimers()
      const user = () =>
        new Promise<null>((resolve) => {
          setTimeout(resolve, size, null)
        })
      const page = newBrowser(newHostWorld({ user })).get('/auth/apps')
      await vi.advanceTimersByTimeAsync(size)
      const { status } = await page
      vi.useRealTimers()
      log.mockRestore()
      return status === 303 ? 'within' : String(status)
    },
    peerResponse: '503'
  },
  {
    limit: 'fhirRequestBody',
    run: (size) => {
      const { host } = newHostWorld({ fhir: () => ({ status: 404, headers: {}, body: '' }) })
      return Promise.resolve(size <= host.bodyLimitBytes('/fhir/Patient') ? 'within' : '413')
    },
    peerResponse: '413'
  }
]
