import { describe, expect, it } from 'vitest'
import { limits } from '../../src/values/limits.js'
import { authorizationLimits } from './authorization.js'
import { fhirShown } from './fhir.js'
import { httpLimits } from './http.js'
import { connectionLimits } from './connections.js'
import { keyLimits } from './keys.js'
import { networkLimits } from './network.js'
import { clientLimits } from './clients.js'
import { registrationLimits } from './registration.js'
import { scopeCostLimits } from './scope-cost.js'
import { explanationLimits } from './scopes.js'
import { searchLimits } from './searches.js'
import { simulatorLimits } from './simulator.js'
import type { ShownLimit } from './shown.js'
import { simulatorFhirShown } from './simulator-fhir.js'
import { userLimits } from './users.js'
const shown: ReadonlyArray<ShownLimit> = [
  ...httpLimits,
  ...explanationLimits,
  ...simulatorLimits,
  ...authorizationLimits,
  ...keyLimits,
  ...networkLimits,
  ...connectionLimits,
  ...fhirShown,
  ...simulatorFhirShown,
  ...clientLimits,
  ...registrationLimits,
  ...userLimits,
  ...scopeCostLimits,
  ...searchLimits
]

describe('limits', () => {
  it.each(Object.keys(limits))('%s is reached by a row', (name) => {
    expect(shown.filter(({ limit }) => limit === name)).not.toEqual([])
  })

  describe.each(shown.map((row) => ({ ...row, name: row.at === undefined ? row.limit : `${row.limit} at ${row.at}` })))('$name', (row) => {
    const [below, above] = row.sizes ?? [limits[row.limit].standard, limits[row.limit].standard + 1]

    it('takes what is within', async () => {
      expect(await row.run(below)).toBe('within')
    })

    it('says what is beyond', async () => {
      expect(await row.run(above)).toBe(row.told)
    })
  })
})
