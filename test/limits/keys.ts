/** The bounds of what is kept: keys of clients, launches of a tab. */
import * as Either from 'fp-ts/lib/Either.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { vi } from 'vitest'
import type { ShownLimit } from './shown.js'
import { newTab } from '../support/app/tab.js'
import { browserApp } from '../../src/adapters/browser.js'
import { cachedClientKeys } from '../../src/adapters/client-key-cache.js'
import { memoizedImport } from '../../src/adapters/imported-keys.js'
import { readScryptDigest } from '../../src/values/secret.js'
import type { SmartApp } from '../../src/engine/app/context.js'

const url = 'https://app.example/jwks'

/** Keys at addresses that answer in the given way, and how often they were fetched. */
const keysOf = (answer: (count: number) => { readonly status: number; readonly body: string }) => {
  const state = { now: 1000, fetched: 0 }
  const keys = cachedClientKeys(
    () => {
      state.fetched += 1
      return Promise.resolve({ cacheControl: 'max-age=100000000', ...answer(state.fetched) })
    },
    { now: () => state.now },
    { defaultTtlSeconds: 60 }
  )
  return { state, keys }
}

const good = () => ({ status: 200, body: '{"keys":[{"kid":"a"}]}' })

/** Whether an address is fetched a second time so many seconds after the first time. */
const isFetchedAgain = async (answer: typeof good, isFresh: boolean, seconds: number): Promise<boolean> => {
  const { state, keys } = keysOf(answer)
  await keys.keysAt(url, false)()
  if (isFresh) await keys.keysAt(url, true)()
  const before = state.fetched
  state.now += seconds
  await keys.keysAt(url, isFresh)()
  return state.fetched > before
}

/** The bounds of what is kept. */
export const keyLimits: ReadonlyArray<ShownLimit> = [
  {
    limit: 'secretDigestCost',
    run: (size) => {
      // The next larger cost for one byte more: N is a power of two.
      const logCost = Math.ceil(Math.log2(size / (128 * 8)))
      const digest = `$scrypt$ln=${String(logCost)},r=8,p=1$${'A'.repeat(22)}$${'B'.repeat(43)}`
      return Promise.resolve(readScryptDigest(digest) === null ? 'not computed' : 'within')
    },
    peerResponse: 'not computed'
  },
  {
    limit: 'keySet',
    run: async (size) => {
      // One array, one object and two members count too, with the names of the members.
      const key = { kty: 'RSA', n: 'n'.repeat(size - 11) }
      const { keys } = keysOf(() => ({ status: 200, body: JSON.stringify({ keys: [key] }) }))
      const read = await keys.keysAt(url, false)()
      return Either.isRight(read) ? 'within' : read.left.reason
    },
    peerResponse: 'a JWK Set that is too large'
  },
  {
    limit: 'keySets',
    run: async (size) => {
      const { state, keys } = keysOf(good)
      for (let index = 0; index < size; index++) await keys.keysAt(`${url}/${String(index)}`, false)()
      await keys.keysAt(`${url}/0`, false)()
      return state.fetched === size ? 'within' : 'forgotten'
    },
    peerResponse: 'forgotten'
  },
  {
    limit: 'keySetLifetime',
    sizes: [3599, 3600],
    run: async (size) => ((await isFetchedAgain(good, false, size)) ? 'fetched again' : 'within'),
    peerResponse: 'fetched again'
  },
  {
    limit: 'keySetRefetch',
    sizes: [59, 60],
    run: async (size) => ((await isFetchedAgain(good, true, size)) ? 'fetched again' : 'within'),
    peerResponse: 'fetched again'
  },
  {
    limit: 'keySetFailure',
    sizes: [4, 5],
    run: async (size) =>
      (await isFetchedAgain(() => ({ status: 404, body: '' }), false, size)) ? 'fetched again' : 'within',
    peerResponse: 'fetched again'
  },
  {
    limit: 'keyRequestsGivenUp',
    run: async (size) => {
      const signals: Array<AbortSignal | undefined> = []
      const keys = cachedClientKeys(
        (_url, signal) => {
          signals.push(signal)
          return new Promise(() => undefined)
        },
        { now: () => 1000 },
        { defaultTtlSeconds: 60 }
      )
      for (let index = 0; index < size; index++) {
        const client = new AbortController()
        const answer = keys.keysAt(url, false, client.signal)()
        client.abort()
        await answer
      }
      return signals.length === size && signals.every((signal) => signal?.aborted === true) ? 'within' : 'goes on'
    },
    peerResponse: 'goes on'
  },
  {
    limit: 'importedKeys',
    run: (size) => {
      let made = 0
      const imported = memoizedImport(() => {
        made += 1
        return made
      })
      for (let index = 0; index < size; index++) imported({ kid: String(index) }, 'ES384')
      imported({ kid: '0' }, 'ES384')
      return Promise.resolve(made === size ? 'within' : 'made anew')
    },
    peerResponse: 'made anew'
  },
  {
    limit: 'tabLaunches',
    run: async (size) => {
      const tab = newTab()
      const { window } = tab.load('https://app.example/cb')
      let launches = 0
      const app = {
        serverOf: () => Either.right({ clientId: 'app', redirectUri: 'https://app.example/cb' }),
        launch: () =>
          TaskEither.fromIO(() => {
            launches += 1
            return { launchId: `launch ${String(launches)}`, redirect: { _tag: 'Get', url: '' } }
          })
      } as unknown as SmartApp
      for (let index = 0; index < size; index++)
        await browserApp(app, window).begin({ _tag: 'Standalone', iss: String(index) })()
      return [...tab.texts.values()].join('').includes('"launch 1"') ? 'within' : 'forgotten'
    },
    peerResponse: 'forgotten'
  },
  {
    limit: 'tabSessions',
    run: async (size) => {
      const tab = newTab()
      let opened = 0
      const app = {
        serverOf: () => Either.right({ clientId: 'app', redirectUri: 'https://app.example/cb' }),
        callback: () =>
          TaskEither.fromIO(() => {
            opened += 1
            const id = String(opened)
            return { handle: `h${id}`, sessionId: `s${id}`, facts: { binding: { iss: 'x', clientId: 'app' } } }
          })
      } as unknown as SmartApp
      const frames = Array.from({ length: size }, () =>
        tab.load('https://app.example/cb?code=c&state=s', { frame: 'f' })
      )
      for (const { window } of frames) await browserApp(app, window).finish()
      const [first] = frames
      const again = tab.load('https://app.example/cb', { frame: 'f', state: first?.window.history.state })
      return browserApp(app, again.window).sessionId() === 's1' ? 'within' : 'launches again'
    },
    peerResponse: 'launches again'
  },
  {
    limit: 'leavingPage',
    sizes: [9, 10],
    run: async (size) => {
      vi.useFakeTimers({ toFake: ['Date'] })
      const { went, window } = newTab().load('https://app.example/cb')
      const app = {
        serverOf: () => Either.right({ clientId: 'app', redirectUri: 'https://app.example/cb' }),
        launch: () => TaskEither.right({ launchId: 'l', redirect: { _tag: 'Get', url: 'https://ehr.example/' } })
      } as unknown as SmartApp
      const tab = browserApp(app, window)
      await tab.begin({ _tag: 'Standalone', iss: 'x' })()
      vi.setSystemTime(Date.now() + size * 1000)
      await tab.begin({ _tag: 'Standalone', iss: 'x' })()
      vi.useRealTimers()
      return went.length === 1 ? 'within' : 'another launch'
    },
    peerResponse: 'another launch'
  }
]
