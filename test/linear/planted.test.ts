import { describe, expect, it } from 'vitest'
import { manyClients } from './engine.js'
import { growthOf } from './growth.js'
import { list } from './inputs.js'
import {
  plantedCallbacks,
  plantedClauses,
  plantedClients,
  plantedLists,
  plantedScopes,
  plantedTexts
} from './planted.js'
import type { Planted } from './planted.js'
import { mostGrowth } from './row.js'
import { workOf } from './work.js'
import { intersect, normalize, parse, subsumption } from '../../src/scopes/index.js'

const size = 400

const check =
  <Input>({ right, planted, inputOf }: Planted<Input>) =>
  async (): Promise<void> => {
    expect(planted(inputOf(20))).toEqual(right(inputOf(20)))
    const rowOf = (run: (input: Input) => unknown) => ({
      name: '',
      size,
      of: (many: number) => {
        const input = inputOf(many)
        return () => run(input)
      }
    })
    expect((await growthOf(rowOf(right))).ratio || 2).toBeLessThanOrEqual(mostGrowth)
    expect((await growthOf(rowOf(planted))).ratio).toBeGreaterThan(mostGrowth)
  }

describe('a version that takes the square of the work is found', () => {
  for (const one of plantedScopes) it(one.name, check(one))
  for (const one of plantedTexts) it(one.name, check(one))
  for (const one of plantedLists) it(one.name, check(one))
  for (const one of plantedClients) it(one.name, check(one))
  for (const one of plantedClauses) it(one.name, check(one))
  for (const one of plantedCallbacks) it(one.name, check(one))

  // A register that looks through all clients for one, at preflights too.
  it.each(
    manyClients((memory) => ({
      ...memory,
      load: (wanted) => () => {
        memory.entries().find(([key]) => key === wanted)
        return memory.load(wanted)()
      }
    }))
  )('$name, over a store that looks through all that it holds', async (row) => {
    expect((await growthOf(row)).ratio).toBeGreaterThan(mostGrowth)
  })
})

describe('the most that a question costs', () => {
  // Every scope has values that many others have, and none covers another.
  const budget = 2000
  const value = (scope: number, place: number, step: number): string => ((scope * step + place * 5) % 12).toString(36)
  const scopes = parse(
    list(
      50,
      (scope) =>
        `patient/Observation.s?code=${list(6, (place) => value(scope, place, 7), ',')}&category=` +
        `${list(6, (place) => value(scope, place, 11), ',')}&z=${String(scope)}`
    )
  )

  it.each<readonly [string, () => { readonly _tag: string }]>([
    ['a set with itself', () => intersect(scopes, scopes, { budget: 8 * budget })],
    ['everything with a set', () => intersect(parse('patient/*.rs'), scopes, { budget: 8 * budget })],
    ['a set in a set', () => subsumption(scopes.slice(1), scopes, { budget: 8 * budget })],
    ['a canonical form', () => normalize(scopes, { budget: 8 * budget })]
  ])('is a thousand operations for each piece of the budget: %s', async (_name, run) => {
    expect(run()._tag).toBe('Right')
    expect(await workOf(run)).toBeLessThan(1000 * 8 * budget)
  })
})
