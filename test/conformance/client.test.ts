import { describe, expect, it } from 'vitest'
import { clientOutside, clientRows } from './client.js'
import { allRequirements } from './matrix.js'

describe('conformance: the client', () => {
  it('has a row or a reason for every requirement whose actor is the client, and not both', () => {
    const known = allRequirements.filter(({ actor }) => actor === 'client').map(({ id }) => id)
    const [rowed, reasoned] = [clientRows.flatMap(({ ids }) => ids), clientOutside.flatMap(({ ids }) => ids)]
    expect(known.filter((id) => !rowed.includes(id) && !reasoned.includes(id))).toEqual([])
    expect([...rowed, ...reasoned].filter((id) => !known.includes(id))).toEqual([])
    expect(rowed.filter((id) => reasoned.includes(id))).toEqual([])
  })

  for (const { ids, by, run } of clientRows) it(`${ids.join(', ')}: ${by}`, run)
})
