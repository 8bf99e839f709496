import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consent, good, newParties } from '../../support/app/parties.js'
import { fhirBaseUrl, redirectUri } from '../../support/server-fixture.js'
import type { BrowserWindow, TextStorage } from '../../../src/adapters/browser.js'
import { browserApp, browserAppPorts, follow, storageStore } from '../../../src/adapters/browser.js'
import { fetchHttp } from '../../../src/adapters/fetch/fetch-http.js'
import type { SmartApp } from '../../../src/engine/app/context.js'

const storageOf = (texts: Map<string, string>): TextStorage => ({
  getItem: (key) => texts.get(key) ?? null,
  setItem: (key, text) => {
    texts.set(key, text)
  },
  removeItem: (key) => {
    texts.delete(key)
  }
})

describe('a store in a storage of texts', () => {
  it('exchanges only what it is to expect, and never repeats a version', async () => {
    const store = storageStore(storageOf(new Map()), { now: () => 0 })
    expect(await store.load('a')()).toEqual(Either.right(Option.none))
    expect(await store.swap('a', Option.some('x'), '1', 10)()).toEqual(Either.right('lost'))
    const versions = new Set<string>()
    let expected: Option.Option<string> = Option.none
    for (let round = 0; round < 10; round++) {
      expect(await store.swap('a', expected, 'same', 10)()).toEqual(Either.right('won'))
      expect(await store.swap('a', expected, 'same', 10)()).toEqual(Either.right('lost'))
      const found = await store.load('a')()
      if (Either.isLeft(found) || Option.isNone(found.right)) throw new Error('gone')
      versions.add(found.right.value.version)
      expected = Option.some(found.right.value.version)
    }
    expect(versions.size).toBe(10)
  })

  it('lets exactly one of many win', async () => {
    const store = storageStore(storageOf(new Map()), { now: () => 0 })
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_one, index) => store.swap('a', Option.none, String(index), 10)())
    )
    expect(outcomes.filter((outcome) => Either.isRight(outcome) && outcome.right === 'won')).toHaveLength(1)
  })

  it('forgets what has ended, takes what is no entry for nothing, and says when it cannot write', async () => {
    const texts = new Map<string, string>()
    const clock = { now: 0 }
    const store = storageStore(storageOf(texts), { now: () => clock.now })
    await store.swap('a', Option.none, '1', 10)()
    clock.now = 10
    expect(await store.load('a')()).toEqual(Either.right(Option.none))
    expect(texts.size).toBe(0)
    for (const text of ['', '{', 'null', '{"version":1}', '[]']) {
      texts.set('smart-app-launch:a', text)
      expect(await store.load('a')()).toEqual(Either.right(Option.none))
    }
    const full = storageStore(
      {
        ...storageOf(texts),
        setItem: () => {
          throw new Error('quota')
        }
      },
      { now: () => 0 }
    )
    expect(await full.swap('b', Option.none, '1', 10)()).toEqual(Either.left({ _tag: 'Unavailable', applied: 'no' }))
  })
})

describe('an app in a tab', () => {
  const went: Array<string> = []
  const texts = new Map<string, string>()
  const fields: Array<unknown> = []
  const window: BrowserWindow = {
    sessionStorage: storageOf(texts),
    location: {
      href: 'https://app.example/cb?code=c&state=s#top',
      search: '?code=c&state=s',
      pathname: '/cb',
      assign: (url) => {
        went.push(url)
      }
    },
    history: {
      replaceState: (_data, _unused, url) => {
        went.push(`now at ${url}`)
      }
    },
    document: {
      createElement: (name) =>
        name === 'form'
          ? {
              method: '',
              action: '',
              append: (field: never) => {
                fields.push(field)
              },
              submit: () => {
                went.push('submitted')
              }
            }
          : {},
      body: { append: () => undefined }
    }
  }

  it('goes by address or by form', () => {
    follow(window, { _tag: 'Get', url: 'https://a.example/' })
    follow(window, { _tag: 'Post', action: 'https://a.example/', fields: [['state', 's']] })
    expect(went).toEqual(['https://a.example/', 'submitted'])
    expect(fields).toEqual([{ type: 'hidden', name: 'state', value: 's' }])
  })

  it(
    'keeps its launches, hands them to the callback, and takes the code out of the address ' + 'whatever comes of it',
    async () => {
      went.length = 0
      const requested: Array<unknown> = []
      const app = {
        serverOf: () => Either.right({ clientId: 'app', redirectUri: 'https://app.example/cb' }),
        launch: () =>
          TaskEither.right({ launchId: 'l1', handle: 'h1', redirect: { _tag: 'Get', url: 'https://a.example/' } }),
        callback: (request: unknown) => {
          requested.push(request)
          return TaskEither.left({ _tag: 'StateDiffers' })
        }
      } as unknown as SmartApp
      const tab = browserApp(app, window)
      expect(await tab.begin({ _tag: 'Standalone', iss: 'x' })()).toEqual(Either.right('leaving'))
      expect(await tab.finish()).toEqual(Either.left({ _tag: 'StateDiffers' }))
      expect(requested).toEqual([
        { launchIds: ['l1'], query: '?code=c&state=s', arrivedAt: 'https://app.example/cb?code=c&state=s#top' }
      ])
      expect([went, tab.sessionId()]).toEqual([['https://a.example/', 'now at /cb#top'], null])
    }
  )
})

describe('a tab whose storage fails', () => {
  const app = {
    serverOf: () => Either.right({ clientId: 'app', redirectUri: 'https://app.example/cb' }),
    launch: () =>
      TaskEither.right({ launchId: 'l1', handle: 'h1', redirect: { _tag: 'Get', url: 'https://a.example/' } }),
    callback: () =>
      TaskEither.right({ sessionId: 's1', handle: 'h1', facts: { binding: { iss: 'x', clientId: 'app' } } })
  } as unknown as SmartApp
  const went: Array<string> = []
  const tabWith = (sessionStorage: () => TextStorage): BrowserWindow => ({
    get sessionStorage() {
      return sessionStorage()
    },
    location: {
      href: 'https://app.example/cb?code=c&state=s',
      search: '?code=c&state=s',
      pathname: '/cb',
      assign: (url) => {
        went.push(url)
      }
    },
    history: { replaceState: () => undefined },
    document: { createElement: () => ({}), body: { append: () => undefined } }
  })
  const forbidden = tabWith(() => {
    throw new Error('SecurityError')
  })
  const full = tabWith(() => ({
    ...storageOf(new Map()),
    setItem: () => {
      throw new Error('QuotaExceededError')
    }
  }))
  const silent = Either.left({ _tag: 'StoreUnavailable' })

  it('gets an error, and stays where it is', async () => {
    for (const window of [forbidden, full]) {
      expect(await browserApp(app, window).begin({ _tag: 'Standalone', iss: 'x' })()).toEqual(silent)
      expect(await browserApp(app, window).finish()).toEqual(silent)
      expect(await browserApp(app, window).start({ iss: 'x' })()).toEqual(silent)
      expect(browserApp(app, window).sessionId()).toBe(null)
    }
    expect(went).toEqual([])
  })

  it('has ports that say so too, when they are used', async () => {
    const { store } = browserAppPorts(forbidden)
    expect(await store.load('a')()).toEqual(Either.left({ _tag: 'Unavailable', applied: 'no' }))
    expect(await store.swap('a', Option.none, '1', 9e9)()).toEqual(Either.left({ _tag: 'Unavailable', applied: 'no' }))
  })
})

describe('two frames of one tab', () => {
  it('each finish the launch that they began', async () => {
    const texts = new Map<string, string>()
    const went: Array<string> = []
    const parties = newParties()
    const shared = newParties({
      ports: { ...parties.ports, store: storageStore(storageOf(texts), parties.ports.clock) }
    })
    const frameAt = (search: string): BrowserWindow => ({
      sessionStorage: storageOf(texts),
      location: {
        href: `${redirectUri}${search}`,
        search,
        pathname: '/cb',
        assign: (url) => {
          went.push(url)
        }
      },
      history: { replaceState: () => undefined },
      document: { createElement: () => ({}), body: { append: () => undefined } }
    })
    for (const frame of [frameAt(''), frameAt('')])
      good(await browserApp(shared.app, frame).begin({ _tag: 'Standalone', iss: fhirBaseUrl })())
    const backs = await Promise.all(
      went.map((url, index) =>
        consent(parties.fixture, url.slice(url.indexOf('?') + 1), undefined, { patient: String(index) })
      )
    )
    for (const [index, back] of backs.entries()) {
      const sessionId = good(await browserApp(shared.app, frameAt(`?${back}`)).finish())
      expect(good(await shared.app.session(sessionId)()).context.patient).toBe(String(index))
    }
  })
})

describe('requests by fetch', () => {
  const seen: Array<string> = []
  const server = createServer((request, response) => {
    seen.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? '-'}`)
    if (request.url === '/away') response.writeHead(307, { location: '/token' }).end()
    else if (request.url === '/large') response.end('x'.repeat(1000))
    else if (request.url !== '/never') response.end('{"a":"ü"}')
  })
  let base = ''
  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  const ask = (path: string, options = {}) =>
    fetchHttp(options)({ method: 'POST', url: base + path, headers: { authorization: 'Basic x' }, body: 'code=c' })()

  it('gives status and text', async () => {
    expect(await ask('/')).toMatchObject({ right: { status: 200, body: '{"a":"ü"}' } })
  })

  it('carries no credentials to where a redirect points', async () => {
    seen.length = 0
    expect((await ask('/away'))._tag).toBe('Left')
    expect(seen).toEqual(['POST /away Basic x'])
  })

  it('reads no more than the limit, and waits no longer than the time', async () => {
    expect(await ask('/large', { bodyLimitBytes: 999 })).toMatchObject({
      left: { reason: 'the answer is larger than 999 bytes' }
    })
    expect((await ask('/large', { bodyLimitBytes: 1000 }))._tag).toBe('Right')
    expect((await ask('/never', { timeoutMilliseconds: 50 }))._tag).toBe('Left')
  })
})
