/** The switches about scopes hold for backend services as for apps. */
import { describe, expect, it } from 'vitest'
import { ask, assertion, backend, lastRefusal, worldOf } from '../../support/client/assertions.js'
import type { FixtureOptions } from '../../support/server-fixture.js'
import { bodyOf, clients } from '../../support/server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import type { Features } from '../../../src/protocol/discovery/features.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'
import { parse } from '../../../src/scopes/parse.js'

const answered = async (scope: string, options: FixtureOptions): Promise<unknown> => {
  const fixture = worldOf(options)
  const response = await ask(fixture, assertion(), { scope })
  return response.status === 200
    ? bodyOf(response)['scope']
    : [response.status, bodyOf(response)['error'], lastRefusal(fixture)]
}

/** The service is registered for `system/Observation.rs system/Patient.r`. */
describe('a backend service', () => {
  it.each<readonly [Partial<SmartPolicy>, string, string]>([
    [{ unknownScope: 'reject' }, 'system/Observation.rs system/Device.rs', 'ScopeNotRegistered'],
    [{ unknownScope: 'reject' }, 'system/Observation.rs openid', 'ScopeNotRegistered'],
    [{ unknownScope: 'reject' }, 'system/Observation.rs user/Observation.rs', 'ScopeNotRegistered'],
    [{ mixedScopeVersions: 'reject' }, 'system/Observation.rs system/Patient.read', 'ScopeVersionsMixed'],
    [{ wildcardWithQuery: 'reject' }, 'system/*.rs?status=final', 'ScopeWildcardWithQuery'],
    [{ malformedScope: 'reject' }, 'system/Observation.rs system/Patient.sr', 'ScopeMalformed'],
    [{}, 'system/Observation.sr', 'NothingToGrant'],
    [{}, 'user/Observation.rs', 'NothingToGrant']
  ])('%j is refused %s: %s', async (policy, scope, tag) => {
    expect(await answered(scope, { policy })).toEqual([400, 'invalid_scope', tag])
  })

  it.each<readonly [Partial<SmartPolicy>, string, string]>([
    [{}, 'system/Observation.rs system/Device.rs openid', 'system/Observation.rs'],
    [{ unknownScope: 'reject' }, 'system/*.rs', 'system/Observation.rs system/Patient.r'],
    [{ unknownScope: 'reject' }, 'system/Observation.rs system/Patient.sr', 'system/Observation.rs'],
    [{ mixedScopeVersions: 'reject' }, 'system/Observation.read', 'system/Observation.read'],
    [
      { mixedScopeVersions: 'normaliseToV2' },
      'system/Observation.read system/Patient.r',
      'system/Observation.rs system/Patient.r'
    ],
    [{ v1WithQuery: 'asV2' }, 'system/Observation.read?status=final', 'system/Observation.rs?status=final'],
    [{ malformedScope: 'reject' }, 'system/Observation.rs', 'system/Observation.rs']
  ])('%j is granted of %s: %s', async (policy, scope, expected) => {
    expect(await answered(scope, { policy })).toBe(expected)
  })

  it('gets the scope that is probably meant where nothing can be granted', async () => {
    const response = await ask(worldOf({}), assertion(), { scope: 'system/Observation.sr' })
    expect(bodyOf(response)['error_description']).toContain('Did you mean system/Observation.rs?')
  })

  it.each<readonly [Features['scopeVersions'], string, unknown]>([
    [['v2'], 'system/Observation.rs system/Patient.read', 'system/Observation.rs'],
    [['v1'], 'system/Observation.rs system/Observation.read', 'system/Observation.read'],
    [['v2'], 'system/Patient.read', [400, 'invalid_scope', 'NothingToGrant']]
  ])('is granted scopes of the versions %j alone: %s', async (scopeVersions, scope, expected) => {
    expect(await answered(scope, { settings: { features: { scopeVersions } } })).toEqual(expected)
  })

  it('is granted scopes of other levels where the policy says so, and they were registered', async () => {
    const ports = {
      clients: memoryClients([...clients, { ...backend(), scope: parse('system/Observation.rs user/Patient.r') }])
    }
    const scope = 'user/*.rs system/Observation.rs patient/Patient.r launch openid'
    expect(await answered(scope, { ports })).toBe('system/Observation.rs')
    expect(await answered(scope, { ports, policy: { backendNonSystemScopes: 'allow' } })).toBe(
      'user/Patient.r system/Observation.rs'
    )
  })
})

describe('a long request of a service with a long registration', () => {
  const list = (name: string): string =>
    Array.from({ length: 1000 }, (_, index) => `system/Observation.rs?${name}=${String(index)}`).join(' ')
  const register: ReadonlyArray<(typeof clients)[number]> = [{ ...backend(), scope: parse(list('category')) }]

  it.each<readonly [string, string, unknown]>([
    ['in the same words', list('category'), list('category')],
    ['in other words', list('code'), [400, 'invalid_scope', 'ScopeTooComplex']],
    [
      'with something else at its end',
      `${list('category')} system/Patient.r`,
      [400, 'invalid_scope', 'ScopeNotRegistered']
    ]
  ])('is answered where unknown scopes are refused: %s', async (_name, scope, expected) => {
    expect(
      await answered(scope, { policy: { unknownScope: 'reject' }, ports: { clients: memoryClients(register) } })
    ).toEqual(expected)
  })
})
