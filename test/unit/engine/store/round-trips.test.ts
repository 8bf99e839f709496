/** How many operations of the store a request needs: each is a round trip to a database. */
import { describe, expect, it } from 'vitest'
import { ask, assertion, worldOf } from '../../../support/client/assertions.js'
import { asRs, callersWorld, introspect } from '../../../support/server/callers.js'
import type { Fixture, FixtureOptions } from '../../../support/server-fixture.js'
import { bodyOf, exchange, isAlive, obtainCode, refresh } from '../../../support/server-fixture.js'

/** A world whose store lists its operations. */
const counted = (make: (options: FixtureOptions) => Fixture) => {
  const operations: Array<string> = []
  const fixture = make({
    store: (memory) => ({
      load: (key) => {
        operations.push(`load ${key.split(':')[0] ?? ''}`)
        return memory.load(key)
      },
      swap: (key, ...rest) => {
        operations.push(`swap ${key.split(':')[0] ?? ''}`)
        return memory.swap(key, ...rest)
      }
    })
  })
  const during = async (work: () => Promise<unknown>): Promise<ReadonlyArray<string>> => {
    operations.length = 0
    await work()
    return [...operations]
  }
  return { fixture, during }
}

describe('round trips to the store', () => {
  it('are two for a code, two for a refresh, one for an introspection and one for a FHIR request', async () => {
    const { fixture, during } = counted(callersWorld)
    const code = await obtainCode(fixture)
    let tokens: Readonly<Record<string, unknown>> = {}
    const take = async (response: ReturnType<typeof exchange>): Promise<void> => {
      const { status, body } = await response
      expect(status).toBe(200)
      tokens = JSON.parse(body) as typeof tokens
    }
    expect(await during(() => take(exchange(fixture, code)))).toEqual(['load grant', 'swap grant'])
    expect(await during(() => take(refresh(fixture, String(tokens['refresh_token']))))).toEqual([
      'load grant',
      'swap grant'
    ])
    const access = String(tokens['access_token'])
    expect(
      await during(async () => {
        expect(bodyOf(await introspect(fixture, access, asRs))['active']).toBe(true)
      })
    ).toEqual(['load grant'])
    expect(
      await during(async () => {
        expect(await isAlive(fixture, access)).toBe(true)
      })
    ).toEqual(['load grant'])
  })

  it('are at most two for a backend service: the mark of the assertion, and the grant', async () => {
    const { fixture, during } = counted((options) => worldOf(options))
    expect(
      await during(async () => {
        expect((await ask(fixture, assertion(), { scope: 'system/Observation.rs' })).status).toBe(200)
      })
    ).toHaveLength(2)
  })
})
