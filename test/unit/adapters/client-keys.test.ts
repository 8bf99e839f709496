import { getEventListeners } from 'node:events'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { FetchedDocument } from '../../../src/adapters/client-key-cache.js'
import { cachedClientKeys } from '../../../src/adapters/client-key-cache.js'
import type { ClientKeys } from '../../../src/engine/ports.js'

const url = 'https://app.example/jwks'
const document = (cacheControl: string | null, body = '{"keys":[{"kid":"a"}]}', status = 200): FetchedDocument => ({
  status,
  cacheControl,
  body
})

interface Net {
  readonly keys: ClientKeys
  readonly clock: { now: number }
  readonly fetched: Array<string>
}

const netOf = (answer: (count: number) => FetchedDocument | Error): Net => {
  const clock = { now: 1000 }
  const fetched: Array<string> = []
  const keys = cachedClientKeys(
    (address) => {
      fetched.push(address)
      const one = answer(fetched.length)
      return one instanceof Error ? Promise.reject(one) : Promise.resolve(one)
    },
    { now: () => clock.now },
    { defaultTtlSeconds: 60 }
  )
  return { keys, clock, fetched }
}

/** How many seconds a copy is used. */
const keptFor = async (cacheControl: string | null): Promise<number> => {
  const { keys, clock, fetched } = netOf(() => document(cacheControl))
  await keys.keysAt(url, false)()
  for (let seconds = 0; seconds <= 4000; seconds += seconds < 100 ? 1 : 100) {
    clock.now = 1000 + seconds
    await keys.keysAt(url, false)()
    if (fetched.length > 1) return seconds
  }
  return Infinity
}

describe('the keys of a URL', () => {
  it.each([
    ['max-age=30', 30],
    ['public, max-age=90', 90],
    ['no-store', 0],
    ['no-cache, max-age=30', 0],
    ['max-age=1000000000000', 3600],
    ['max-age=-1', 0],
    ['max-age=abc', 0],
    [null, 60],
    ['private', 60]
  ])('are kept as %s says', async (cacheControl, seconds) => {
    expect(await keptFor(cacheControl)).toBe(seconds)
  })

  it('are kept without members that verify nothing: a key set of another party is not kept whole', async () => {
    const good = { kty: 'EC', crv: 'P-384', x: 'x', y: 'y', kid: 'a', use: 'sig', key_ops: ['verify'], alg: 'ES384' }
    const useless = [
      { ...good, d: 'secret' },
      { ...good, x: ['x'] },
      { ...good, kid: 5 },
      { ...good, key_ops: [['verify']] },
      { ...good, key_ops: Array.from({ length: 17 }, () => 'verify') },
      { ...good, use: {} }
    ]
    const body = JSON.stringify({
      keys: [...useless, { ...good, n: 'n', more: [[], [[]]], x5c: ['certificate'] }],
      more: [1, 2]
    })
    expect(await netOf(() => document(null, body)).keys.keysAt(url, false)()).toEqual(Either.right([good]))
  })

  it('are too many where they would take much memory', async () => {
    const of = (length: number): string =>
      JSON.stringify({ keys: Array.from({ length: 10 }, () => ({ kid: 'a', kty: 'RSA', n: 'n'.repeat(length) })) })
    expect((await netOf(() => document(null, of(6000))).keys.keysAt(url, false)())._tag).toBe('Right')
    expect(await netOf(() => document(null, of(7000))).keys.keysAt(url, false)()).toMatchObject({
      _tag: 'Left',
      left: { reason: 'a JWK Set that is too large' }
    })
  })

  it('are fetched once by a hundred at a time', async () => {
    const { keys, fetched } = netOf(() => document('max-age=60'))
    const answers = await Promise.all(Array.from({ length: 100 }, () => keys.keysAt(url, false)()))
    expect([fetched.length, answers.every(Either.isRight)]).toEqual([1, true])
  })

  it('are fetched afresh at most once a minute, however many kids are unknown', async () => {
    const { keys, clock, fetched } = netOf(() => document('max-age=3600'))
    await keys.keysAt(url, false)()
    for (let second = 0; second < 120; second++) {
      clock.now = 1000 + second
      await keys.keysAt(url, true)()
    }
    expect(fetched).toHaveLength(1 + 2)
  })

  it('are fetched afresh at once for a key that is new, although they were fetched a moment ago', async () => {
    const { keys, clock } = netOf((count) =>
      document('max-age=3600', `{"keys":[{"kid":"${count === 1 ? 'old' : 'new'}"}]}`)
    )
    expect(await keys.keysAt(url, false)()).toEqual(Either.right([{ kid: 'old' }]))
    clock.now += 10
    expect(await keys.keysAt(url, true)()).toEqual(Either.right([{ kid: 'new' }]))
  })

  it('that are kept serve on when the request for a missing one fails', async () => {
    const { keys, clock, fetched } = netOf((count) => (count === 1 ? document('max-age=3600') : new Error('gone')))
    await keys.keysAt(url, false)()
    expect(Either.isLeft(await keys.keysAt(url, true)())).toBe(true)
    expect(Either.isRight(await keys.keysAt(url, false)())).toBe(true)
    clock.now += 30
    expect(Either.isRight(await keys.keysAt(url, true)())).toBe(true)
    expect(fetched).toHaveLength(2)
  })

  it('are kept from the time of the request, less the time for which a cache on the way kept them', async () => {
    const { keys, clock, fetched } = netOf(() => {
      clock.now += 4
      return { ...document('max-age=60'), ageSeconds: 50 }
    })
    await keys.keysAt(url, false)()
    clock.now = 1009
    await keys.keysAt(url, false)()
    expect(fetched).toHaveLength(1)
    clock.now = 1010
    await keys.keysAt(url, false)()
    expect(fetched).toHaveLength(2)
  })

  it.each<readonly [string, FetchedDocument | Error]>([
    ['is not there', document(null, '', 404)],
    ['is HTML', document(null, '<html>')],
    ['redirects', document(null, '', 302)],
    ['is no key set', document(null, '[]')],
    ['has keys that are no list', document(null, '{"keys":{}}')],
    ['is enormous', document(null, JSON.stringify({ keys: Array.from({ length: 10000 }, () => ({ kid: 'a' })) }))],
    ['is silent', new Error('no answer in time')]
  ])('are a Left when the document %s, and are not requested again at once', async (_name, answer) => {
    const { keys, fetched } = netOf(() => answer)
    expect(Either.isLeft(await keys.keysAt(url, false)())).toBe(true)
    expect(Either.isLeft(await keys.keysAt(url, true)())).toBe(true)
    expect(fetched).toHaveLength(1)
  })

  it('come back when the document does', async () => {
    const { keys, clock } = netOf((count) => (count === 1 ? new Error('x') : document(null)))
    expect(Either.isLeft(await keys.keysAt(url, false)())).toBe(true)
    clock.now += 5
    expect(Either.isRight(await keys.keysAt(url, false)())).toBe(true)
  })

  it('leave out what is no object', async () => {
    const { keys } = netOf(() => document(null, '{"keys":[1,null,"x",[],{"kid":"a"}]}'))
    expect(await keys.keysAt(url, false)()).toEqual(Either.right([{ kid: 'a' }]))
  })
})

describe('a request for keys', () => {
  /** Requests that end when the test says so, or when nobody waits any more. */
  const pending = () => {
    const clock = { now: 1000 }
    const requests: Array<{
      readonly answer: (document: FetchedDocument) => void
      readonly signal: AbortSignal | undefined
    }> = []
    const keys = cachedClientKeys(
      (_url, signal) =>
        new Promise((resolve, reject) => {
          requests.push({ answer: resolve, signal })
          signal?.addEventListener('abort', () => {
            reject(signal.reason as Error)
          })
        }),
      { now: () => clock.now },
      { defaultTtlSeconds: 60 }
    )
    const asking = (isFresh = false) => {
      const client = new AbortController()
      return {
        leave: () => {
          client.abort()
        },
        answer: keys.keysAt(url, isFresh, client.signal)()
      }
    }
    return { clock, requests, keys, asking }
  }
  const left = Either.left({ _tag: 'Unavailable', reason: 'the client has left' })
  const good = Either.right([{ kid: 'a' }])

  it('ends when the last client that waits for it has left, and each gets its result at once', async () => {
    const { requests, asking } = pending()
    const [first, second] = [asking(), asking()]
    first.leave()
    expect(await first.answer).toEqual(left)
    expect(requests.map(({ signal }) => signal?.aborted)).toEqual([false])
    second.leave()
    expect(await second.answer).toEqual(left)
    expect(requests.map(({ signal }) => signal?.aborted)).toEqual([true])
  })

  it('continues for a client that stays, or whose presence is unknown', async () => {
    const { requests, keys, asking } = pending()
    const [first, stays, silent] = [asking(), asking(), keys.keysAt(url, false)()]
    first.leave()
    stays.leave()
    expect(requests[0]?.signal?.aborted).toBe(false)
    requests[0]?.answer(document(null))
    expect(await silent).toEqual(good)
  })

  it(
    "that was given up is no failure: the next client's is sent at once, and what the first " + 'one finds is not kept',
    async () => {
      const { requests, asking } = pending()
      asking().leave()
      const next = asking()
      expect(requests).toHaveLength(2)
      requests[0]?.answer(document(null, '{"keys":[{"kid":"old"}]}'))
      requests[1]?.answer(document(null))
      expect(await next.answer).toEqual(good)
      expect(await asking().answer).toEqual(good)
    }
  )

  it('that was given up is not the one of its interval: a key that is new is still fetched', async () => {
    const { requests, asking } = pending()
    const known = asking()
    requests[0]?.answer(document('max-age=3600', '{"keys":[{"kid":"old"}]}'))
    await known.answer
    asking(true).leave()
    const rotated = asking(true)
    requests[2]?.answer(document('max-age=3600'))
    expect(await rotated.answer).toEqual(good)
  })

  it('is not sent for a client that has left before', async () => {
    const { requests, keys } = pending()
    expect(await keys.keysAt(url, false, AbortSignal.abort())()).toEqual(left)
    expect(requests).toEqual([])
  })

  it('that so many have left goes on to its end, and is kept: who asks and leaves makes no more requests', async () => {
    const { clock, requests, asking } = pending()
    for (let count = 0; count < 20; count++) asking().leave()
    expect(requests.map(({ signal }) => signal?.aborted)).toEqual([...Array.from({ length: 8 }, () => true), false])
    const last = asking()
    requests.at(-1)?.answer(document('max-age=30'))
    expect(await last.answer).toEqual(good)
    clock.now += 61
    asking().leave()
    expect(requests.at(-1)?.signal?.aborted).toBe(true)
  })

  it('leaves no listener at clients that stay', async () => {
    const { requests, keys } = pending()
    const { signal } = new AbortController()
    const answers = Array.from({ length: 5 }, () => keys.keysAt(url, false, signal)())
    expect(getEventListeners(signal, 'abort')).toHaveLength(5)
    requests[0]?.answer(document(null))
    await Promise.all(answers)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})
