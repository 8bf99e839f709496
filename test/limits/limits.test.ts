import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { limits } from '../../src/values/limits.js'
import { authorizationLimits } from './authorization.js'
import { appLimits } from './apps.js'
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
import { numbersOutsideTheTable } from './scan.js'
import type { ShownLimit } from './shown.js'
import { simulatorFhirShown } from './simulator-fhir.js'
import { userLimits } from './users.js'
const shown: ReadonlyArray<ShownLimit> = [
  ...httpLimits,
  ...appLimits,
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

/** Where Node warns meanwhile that listeners pile up. */
const warnings: Array<string> = []
const hear = ({ name, message }: Error): void => { if (name === 'MaxListenersExceededWarning') warnings.push(message) }
beforeAll(() => { process.on('warning', hear) })
afterAll(() => { process.off('warning', hear) })

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

const sources = join(import.meta.dirname, '..', '..', 'src')

/** Numbers whose names sound like bounds and that bound nothing which a peer can make larger. */
const noBounds: ReadonlySet<string> = new Set([
  'documentMaxAgeSeconds = 300', 'preflightMaxAgeSeconds = 600',
  // The longest time that a host may set in its policy.
  'longestSeconds = 10 * 365 * 86400'
])

describe('the table of limits', () => {
  it('holds every bound of the code', () => {
    const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts') && name !== join('values', 'limits.ts'))
    const found = files.flatMap((name) => numbersOutsideTheTable(name, readFileSync(join(sources, name), 'utf8'))
      .filter((one) => !noBounds.has(one))
      .map((one) => `${name}: ${one}`))
    expect(found).toEqual([])
  })

  it.each(['const stateLimit = 4096', 'const f = ({ urlLimit = 1000 }) => urlLimit', 'const a = options.timeoutMilliseconds ?? 5000', 'const bodyLimit = 16 * 2 ** 20'])(
    'would lack %s', (text) => {
      expect(numbersOutsideTheTable('planted.ts', text)).toHaveLength(1)
    }
  )
})

describe('what reaches the bounds', () => {
  it('lets no listeners pile up', () => {
    expect(warnings).toEqual([])
  })
})
