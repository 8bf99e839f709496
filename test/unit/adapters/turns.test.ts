import { describe, expect, it } from 'vitest'
import { turns } from '../../../src/adapters/fetch/request-queue.js'

const signal = new AbortController().signal

/** Work that continues until it is stopped. */
const held = (): {
  readonly work: () => Promise<string>
  readonly end: () => void
  readonly hasBegun: () => boolean
} => {
  let resolve: (text: string) => void = () => undefined
  const promise = new Promise<string>((keep) => {
    resolve = keep
  })
  let begun = false
  return {
    work: () => {
      begun = true
      return promise
    },
    end: () => {
      resolve('done')
    },
    hasBegun: () => begun
  }
}

const settled = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

describe('work that takes turns', () => {
  it('is under way for one peer so often, and for others beside it', async () => {
    const inTurn = turns({ atOnce: 3, atOncePerPeer: 2 })
    const works = ['a', 'a', 'a', 'b', 'c'].map((peer) => ({ peer, ...held() }))
    const results = works.map(({ peer, work }) => inTurn(peer, signal, work))
    await settled()
    expect(works.map(({ hasBegun }) => hasBegun())).toEqual([true, true, false, true, false])
    works[3]?.end()
    await settled()
    expect(works.map(({ hasBegun }) => hasBegun())).toEqual([true, true, false, true, true])
    for (const { end } of works) {
      end()
      await settled()
    }
    expect(await Promise.all(results)).toEqual(['done', 'done', 'done', 'done', 'done'])
  })

  it('begins first for a peer whose work ended well before', async () => {
    const inTurn = turns({ atOnce: 1, atOncePerPeer: 1 })
    await inTurn('known', signal, () => Promise.resolve(''))
    const [first, stranger, known] = [held(), held(), held()]
    const results = [
      inTurn('slow', signal, first.work),
      inTurn('stranger', signal, stranger.work),
      inTurn('known', signal, known.work)
    ]
    first.end()
    await settled()
    expect([stranger.hasBegun(), known.hasBegun()]).toEqual([false, true])
    known.end()
    stranger.end()
    await Promise.all(results)
  })

  it('gives its turn back when its time is over, whether it listens or not, and once', async () => {
    const inTurn = turns({ atOnce: 1, atOncePerPeer: 1 })
    const controller = new AbortController()
    const [deaf, next, last] = [held(), held(), held()]
    const results = [
      inTurn('a', controller.signal, deaf.work),
      inTurn('a', signal, next.work),
      inTurn('a', signal, last.work)
    ]
    await settled()
    controller.abort(new Error('over'))
    await settled()
    expect(next.hasBegun()).toBe(true)
    deaf.end()
    await settled()
    expect(last.hasBegun()).toBe(false)
    next.end()
    last.end()
    await Promise.all(results)
  })

  it('never begins where its time was over before its turn came', async () => {
    const inTurn = turns({ atOnce: 1, atOncePerPeer: 1 })
    const controller = new AbortController()
    const [first, late] = [held(), held()]
    const running = inTurn('a', signal, first.work)
    const waiting = inTurn('a', controller.signal, late.work)
    controller.abort(new Error('over'))
    await expect(waiting).rejects.toThrow('over')
    first.end()
    await running
    expect(late.hasBegun()).toBe(false)
  })

  it('gives its turn back where it throws', async () => {
    const inTurn = turns({ atOnce: 1, atOncePerPeer: 1 })
    await expect(
      inTurn('a', signal, () => {
        throw new Error('at once')
      })
    ).rejects.toThrow('at once')
    expect(await inTurn('a', signal, () => Promise.resolve('next'))).toBe('next')
  })
})
