import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { limits } from '../../src/values/limits/limits.js'
import { authorizationLimits } from './authorization.js'
import { appLimits } from './apps.js'
import { fhirShown } from './fhir.js'
import { hostShown } from './hosts.js'
import { httpLimits } from './http.js'
import { connectionLimits } from './connections.js'
import { keyLimits } from './keys.js'
import { networkLimits } from './network.js'
import { clientLimits } from './clients.js'
import { processLimits } from './process.js'
import { registrationLimits } from './registration.js'
import { scopeCostLimits } from './scope-cost.js'
import { explanationLimits } from './scopes.js'
import { searchLimits } from './searches.js'
import { simulatorLimits } from './simulator.js'
import { numbersOutsideTheTable } from './scan.js'
import type { ShownLimit } from './shown.js'
import { simulatorFhirShown } from './simulator-fhir.js'
import { storeLimits } from './stores.js'
import { userLimits } from './users.js'
const shown: ReadonlyArray<ShownLimit> = [
  ...httpLimits,
  ...processLimits,
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
  ...searchLimits,
  ...hostShown,
  ...storeLimits
]

/** Where Node warns meanwhile that listeners pile up. */
const warnings: Array<string> = []
const hear = ({ name, message }: Error): void => {
  if (name === 'MaxListenersExceededWarning') warnings.push(message)
}
beforeAll(() => {
  process.on('warning', hear)
})
afterAll(() => {
  process.off('warning', hear)
})

describe('limits', () => {
  it.each(Object.keys(limits))('%s is reached by a row', (name) => {
    expect(shown.filter(({ limit }) => limit === name)).not.toEqual([])
  })

  describe.each(shown.map((row) => ({ ...row, name: row.at === undefined ? row.limit : `${row.limit} at ${row.at}` })))(
    '$name',
    (row) => {
      const [below, above] = row.sizes ?? [limits[row.limit].default, limits[row.limit].default + 1]

      it('takes what is within', async () => {
        expect(await row.run(below)).toBe('within')
      })

      it('says what is beyond', async () => {
        expect(await row.run(above)).toBe(row.peerResponse)
      })
    }
  )
})

const sources = join(import.meta.dirname, '..', '..', 'src')

/** Numbers whose names sound like bounds and that bound nothing which a peer can make larger. */
const noBounds: ReadonlySet<string> = new Set([
  // A secret of the right length, the parts of an encrypted link, and a depth that is counted.
  'value.length >= 32',
  // How many values the sentence about a wrong choice lists.
  'known.length > listedValues',
  // How many events of a grant the list of grants shows.
  'deepest = 0',
  'nonces.length < nonceLength',
  'rest.length < tagLength',
  // The segments of an address of the simulator, and the types for which narrowings are kept.
  'segments.length <= 3',
  'letter < 97',
  'known.byTypes.size < remembered',
  // Characters of JSON, and the depth of a resource in a Bundle.
  'json.charCodeAt(index) < space',
  'next < space',
  'level < ofResource',
  'depth <= ofResource',
  'code <= space',
  'code < space',
  // What a picture of scopes has room for.
  'mostScopes = 5',
  // How many misspelled scopes of a set are corrected in messages. Whether they are refused does not depend on it.
  'mostLikely = 5',
  'text.length <= shownCharacters',
  // The longest delay of a timer, and the numbers of the contract of a store, which runs in tests.
  'longestTime = 2 ** 31 - 1',
  'timeoutMilliseconds <= longestTime',
  'Number(value) < 2 ** 31',
  // The time for which a result of a health check is used again, and the longest lives that Redis and etcd take.
  'now - latest.at >= reuseMilliseconds',
  'longestLife = 9_000_000_000',
  'longestLifeSeconds = 10_000_000_000',
  'life > longestLifeSeconds',
  // The pause of a client of the simulator before it connects again, and a release of Redis.
  'longestPause = 2000',
  'major > 6',
  'round < rewrites',
  'timeoutMilliseconds = 400',
  'one < connections',
  'round < races',
  'tried < races',
  'round <= rounds',
  'text.length > 200',
  'documentMaxAgeSeconds = 300',
  'preflightMaxAgeSeconds = 600',
  // The longest time that a host may set in its policy, and the port that an operator does.
  'longestSeconds = 10 * 365 * 86400',
  'Number(options.port) < 65536',
  // Names of options and keys of the host's own processes: no peer determines them.
  'attempt < attempts',
  'longestName = 64',
  'name.length > longestName',
  // The least that counts as a secret or a key.
  'bytes.length < 32',
  'secret.length < randomCharacters',
  'bitsOf(number) >= shortestModulus',
  // What FHIR, JWT and URLs take for a time, a date, a port and a number.
  'Number(hours) > 14',
  'Number(minutes) > 59',
  'tenth >= 5n',
  'Number(hour) > 23',
  'Number(minute) > 59',
  'Number(second ?? 0) > 60',
  'month > 12',
  'found > 9999',
  'Number(text) < 65536',
  'value < 2 ** 53',
  // What may be a secret in the log of the simulator, which hides it.
  'one.length >= shortestSecret',
  'text.length >= shortestToken',
  // Which characters a scope is made of, and digits.
  'code < 0x21',
  'code > 0x7e',
  'first < zero',
  'first > nine',
  // How a store, a patch and a list are kept: nothing is refused, and nothing costs more, by what they part.
  'looked < sweepSize',
  'size <= smallSize',
  'list.length <= fewItems',
  'level.length > width',
  'node.items.length > width',
  'node.parts.length <= width',
  // What is printed of an operator's own configuration, and of pictures.
  'printed.length > 60',
  'longestAddress = 0',
  'most = 0'
])

/** The table itself, and what makes inputs for tests. */
const notScanned: ReadonlySet<string> = new Set([join('values', 'limits.ts'), join('testing', 'arbitraries.ts')])

const numbersFound = (): ReadonlyArray<readonly [file: string, found: string]> =>
  readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !notScanned.has(name))
    .flatMap((name) =>
      numbersOutsideTheTable(name, readFileSync(join(sources, name), 'utf8')).map((one) => [name, one] as const)
    )

describe('the table of limits', () => {
  it('holds every bound of the code', () => {
    const found = numbersFound()
      .filter(([, one]) => !noBounds.has(one))
      .map((one) => one.join(': '))
    expect(found).toEqual([])
  })

  it('has no exceptions but those that stand in the code', () => {
    const found = new Set(numbersFound().map(([, one]) => one))
    expect([...noBounds].filter((one) => !found.has(one))).toEqual([])
  })

  it.each([
    'const [stateLimit, codeLimit] = [4096, 1024]',
    'const [, [most]] = [1, [10 * 60]]',
    'const { longest: text } = { longest: 3, other: 100 }; const f = text > 8',
    'if (text.length > 4096) refuse()',
    'for (let tries = 0; tries < 10 ** 2; tries++) ask()',
    'const tries = 100; while (tries > requested) ask()',
    'const [one, tries] = [1, 100]; const f = (requested) => requested >= tries',
    'const defaults = { urlLimit: 1000 }',
    'const maxItems = 50',
    'const f = 64 < text.length',
    'const f = size > 8n'
  ])('would lack a bound in a list, an object or a comparison: %s', (text) => {
    expect(numbersOutsideTheTable('planted.ts', text)).not.toEqual([])
  })

  it.each([
    'const f = list.length > 1',
    'const f = response.status >= 400',
    'const f = text.length > limits.url.default',
    'const [first, most] = [10, limits.url.default]'
  ])('takes for no bound: %s', (text) => {
    expect(numbersOutsideTheTable('planted.ts', text)).toEqual([])
  })

  it.each([
    'const stateLimit = 4096',
    'const f = ({ urlLimit = 1000 }) => urlLimit',
    'const a = options.timeoutMilliseconds ?? 5000',
    'const bodyLimit = 16 * 2 ** 20'
  ])('would lack %s', (text) => {
    expect(numbersOutsideTheTable('planted.ts', text)).toHaveLength(1)
  })
})

describe('what reaches the bounds', () => {
  it('lets no listeners pile up', () => {
    expect(warnings).toEqual([])
  })
})
