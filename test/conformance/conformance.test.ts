import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { areas } from './areas.js'
import { allRequirements, conformance, conformancePage } from './matrix.js'
import { docs, note } from '../support/generated-page.js'

describe('the requirements', () => {
  it('have ids of their own', () => {
    expect(new Set(allRequirements.map(({ id }) => id)).size).toBe(allRequirements.length)
  })
})

for (const area of areas) conformance(area)

it('docs/conformance.md is up to date', async () => {
  await expect(conformancePage(areas, note)).toMatchFileSnapshot(join(docs, 'conformance.md'))
})
