import { describe, expect, it } from 'vitest'
import type { LongList } from '../../../../src/protocol/access/patch-list.js'
import {
  insertItem,
  itemAt,
  itemsOf,
  longListOf,
  longSize,
  removeItem,
  replaceItem
} from '../../../../src/protocol/access/patch-list.js'

const width = 32
const numbers = (length: number): ReadonlyArray<number> => Array.from({ length }, (_, index) => index)

/** The sizes of a tree, each with whether the node knows it; the greatest number of parts; the greatest depth. */
const shapeOf = (list: LongList): { isExact: boolean; parts: number; depth: number; count: number } => {
  if (list._tag === 'Leaf') return { isExact: true, parts: list.items.length, depth: 0, count: list.items.length }
  const shapes = list.parts.map(shapeOf)
  const count = shapes.reduce((sum, one) => sum + one.count, 0)
  return {
    isExact: shapes.every(({ isExact }) => isExact) && list.size === count && longSize(list) === count,
    parts: Math.max(list.parts.length, ...shapes.map(({ parts }) => parts)),
    depth: 1 + Math.max(0, ...shapes.map(({ depth }) => depth)),
    count
  }
}

describe('a long list', () => {
  it.each([
    [0, 1],
    [1, 1],
    [width, 1],
    [width + 1, 1],
    [width * width, 1],
    [width * width + 1, 2],
    [3000, 2]
  ])('of %d items holds them in a tree of depth %d', (length, depth) => {
    const list = longListOf(numbers(length))
    expect(itemsOf(list)).toEqual(numbers(length))
    expect(numbers(length).map((place) => itemAt(list, place))).toEqual(numbers(length))
    expect(itemAt(list, length)).toBeUndefined()
    expect(shapeOf(list)).toMatchObject({ isExact: true, depth, count: length })
    expect(shapeOf(list).parts).toBeLessThanOrEqual(width)
  })

  it.each([
    ['the begin', () => 0],
    ['the end', (length: number) => length],
    ['the middle', (length: number) => Math.floor(length / 2)],
    ['the place before the last', (length: number) => length - 1]
  ])('takes items in at %s', (_title, placeIn) => {
    for (const first of [1, width, width * width]) {
      const items: Array<unknown> = [...numbers(first)]
      const list = longListOf(items)
      for (let index = 0; index < 1200; index += 1) {
        const place = placeIn(items.length)
        items.splice(place, 0, `new ${String(index)}`)
        insertItem(list, place, `new ${String(index)}`)
      }
      expect(itemsOf(list)).toEqual(items)
      expect(shapeOf(list)).toMatchObject({ isExact: true, count: items.length })
      expect(shapeOf(list).parts).toBeLessThanOrEqual(width)
    }
  })

  it('takes items into an empty list', () => {
    const list = longListOf([])
    insertItem(list, 0, 'a')
    insertItem(list, 1, 'b')
    expect(itemsOf(list)).toEqual(['a', 'b'])
    expect(longSize(list)).toBe(2)
  })

  it.each([
    ['the begin', () => 0],
    ['the end', (length: number) => length - 1],
    ['the middle', (length: number) => Math.floor(length / 2)]
  ])('lets items out at %s', (_title, placeIn) => {
    const items: Array<unknown> = [...numbers(1100)]
    const list = longListOf(items)
    while (items.length > 0) {
      const place = placeIn(items.length)
      items.splice(place, 1)
      removeItem(list, place)
      if (items.length % 100 === 0) {
        expect(itemsOf(list)).toEqual(items)
        expect(shapeOf(list)).toMatchObject({ isExact: true, count: items.length })
      }
    }
    expect(longSize(list)).toBe(0)
    removeItem(list, 0)
    expect(longSize(list)).toBe(0)
  })

  it('keeps no parts without items', () => {
    const list = longListOf(numbers(width * 3))
    for (let index = 0; index < width; index += 1) removeItem(list, width)
    expect(list.parts).toHaveLength(2)
    expect(itemsOf(list)).toEqual([...numbers(width), ...numbers(width).map((place) => place + 2 * width)])
  })

  it('splits a full part in two halves', () => {
    const list = longListOf(numbers(width))
    insertItem(list, 0, 'a')
    expect(list.parts.map(longSize)).toEqual([width / 2, width / 2 + 1])
  })

  it('replaces items', () => {
    const list = longListOf(numbers(2000))
    for (const place of [0, 31, 32, 1023, 1024, 1999]) replaceItem(list, place, 'a')
    expect(itemsOf(list).flatMap((item, place) => (item === 'a' ? [place] : []))).toEqual([0, 31, 32, 1023, 1024, 1999])
  })
})
