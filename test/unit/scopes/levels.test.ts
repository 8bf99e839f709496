/** Which level includes which, and what two levels have in common, in orders that a host may declare. */
import { describe, expect, it } from 'vitest'
import { commonLevels, includesLevel, includingLevels, representative } from '../../../src/scopes/levels.js'
import type { LevelOrder } from '../../../src/scopes/permits.js'
import type { Level } from '../../../src/scopes/scope.js'

const none: LevelOrder = []
const chain: LevelOrder = [
  ['user', 'patient'],
  ['system', 'user']
]
const fork: LevelOrder = [
  ['system', 'patient'],
  ['user', 'patient']
]
const peak: LevelOrder = [
  ['system', 'patient'],
  ['system', 'user']
]
const circle: LevelOrder = [
  ['user', 'patient'],
  ['patient', 'user'],
  ['system', 'user']
]
const circleAbove: LevelOrder = [
  ['system', 'user'],
  ['system', 'patient'],
  ['user', 'system']
]

describe('levels', () => {
  it.each<readonly [order: LevelOrder, level: Level, including: ReadonlyArray<Level>, representing: Level]>([
    [none, 'patient', ['patient'], 'patient'],
    [none, 'system', ['system'], 'system'],
    [chain, 'patient', ['patient', 'user', 'system'], 'patient'],
    [chain, 'user', ['user', 'system'], 'user'],
    [chain, 'system', ['system'], 'system'],
    [fork, 'patient', ['patient', 'user', 'system'], 'patient'],
    [fork, 'user', ['user'], 'user'],
    [circle, 'user', ['user', 'patient', 'system'], 'patient'],
    [circle, 'patient', ['patient', 'user', 'system'], 'patient'],
    [circle, 'system', ['system'], 'system']
  ])('%j: %s is included in %j and represented by %s', (order, level, including, representing) => {
    expect([includingLevels(level, order), representative(level, order)]).toEqual([including, representing])
    for (const other of ['patient', 'user', 'system'] as const)
      expect([other, includesLevel(order, other, level)]).toEqual([other, including.includes(other)])
  })

  it.each<readonly [order: LevelOrder, one: Level, other: Level, common: ReadonlyArray<Level>]>([
    [none, 'patient', 'user', []],
    [none, 'user', 'user', ['user']],
    [chain, 'system', 'user', ['user']],
    [chain, 'system', 'patient', ['patient']],
    [fork, 'system', 'user', ['patient']],
    [peak, 'user', 'patient', []],
    [circle, 'user', 'user', ['user']],
    [circle, 'user', 'patient', ['patient']],
    [circle, 'system', 'user', ['patient']],
    [circleAbove, 'system', 'user', ['user']]
  ])('%j: %s and %s have %j in common', (order, one, other, common) => {
    expect(commonLevels(one, other, order)).toEqual(common)
    expect(commonLevels(other, one, order)).toEqual(common)
  })
})
