import { describe, expect, it } from 'vitest'
import { areas } from './areas.js'
import { allRequirements, conformance } from './matrix.js'

describe('the requirements', () => {
  it('have ids of their own', () => {
    expect(new Set(allRequirements.map(({ id }) => id)).size).toBe(allRequirements.length)
  })
})

for (const area of areas) conformance(area)
