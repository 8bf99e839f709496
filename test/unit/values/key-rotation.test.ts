/** Keys in rotation: whatever was signed stays verifiable until it expires, in every process alike. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PlannedKey, RotationTimes } from '../../../src/values/key-rotation.js'
import { planKeys } from '../../../src/values/key-rotation.js'

const times: RotationTimes = { announceSeconds: 3, signSeconds: 10, retireSeconds: 5 }

/** The seconds of a life in which a process makes a key whenever it is time, and sometimes two do so at once. */
const lives = fc.array(fc.boolean(), { minLength: 1, maxLength: 80 }).map((twice) => {
  const made: Array<PlannedKey> = []
  return twice.map((isTwice, now): ReadonlyArray<PlannedKey> => {
    if (planKeys(made, now, times).makeKey) {
      for (const name of isTwice ? ['b', 'a'] : ['a']) made.push({ kid: `${name}${String(now)}`, createdAt: now })
    }
    return [...made]
  })
})

describe('a plan of keys', () => {
  it('is one for all processes, in whatever order they find the keys', () => {
    fc.assert(
      fc.property(lives, fc.infiniteStream(fc.nat()), (life, places) => {
        for (const [now, keys] of life.entries()) {
          const shuffled = [...keys].sort(() => ((places.next().value ?? 0) % 2 === 0 ? 1 : -1))
          expect(planKeys(shuffled, now, times)).toEqual(planKeys(keys, now, times))
        }
      })
    )
  })

  it(
    'publishes what signed until the last signature has expired, and before it signs for as long as others keep ' +
      'the key set',
    () => {
      fc.assert(
        fc.property(lives, (life) => {
          for (const [now, keys] of life.entries()) {
            const signer = planKeys(keys, now, times).signer ?? ''
            for (let later = now; later < Math.min(now + times.retireSeconds, life.length); later++) {
              expect([signer, later, planKeys(life[later] ?? [], later, times).published]).toEqual([
                signer,
                later,
                expect.arrayContaining([signer])
              ])
            }
            for (let before = Math.max(now - times.announceSeconds, times.signSeconds); before < now; before++) {
              expect([signer, before, planKeys(life[before] ?? [], before, times).published]).toEqual([
                signer,
                before,
                expect.arrayContaining([signer])
              ])
            }
          }
        })
      )
    }
  )

  it('signs with a key until its successor was announced, and not a second longer', () => {
    const keys = [
      { kid: 'a', createdAt: 0 },
      { kid: 'b', createdAt: 10 }
    ]
    expect([0, 12, 13].map((now) => planKeys(keys, now, times).signer)).toEqual(['a', 'a', 'b'])
    expect([17, 18].map((now) => planKeys(keys, now, times).forgotten)).toEqual([[], ['a']])
    expect(planKeys([], 0, times)).toEqual({ signer: null, published: [], forgotten: [], makeKey: true })
  })
})
