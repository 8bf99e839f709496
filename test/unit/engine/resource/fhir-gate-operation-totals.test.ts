/** The total of a Bundle of an operation: a token with limits gets what is shown, and never what the server counts. */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { fhirGate } from '../../../../src/engine/resource/fhir-gate.js'
import { defaultPolicy } from '../../../../src/protocol/policy/policy.js'
import { factsFor, said } from '../../../support/fhir/behind-gate.js'
import { base } from '../../../support/fhir-fixture.js'

const own = { resourceType: 'Observation', id: 'o6', subject: { reference: 'Patient/a' }, status: 'final' }

const entryOf = (resource: typeof own) => ({ fullUrl: `${base}/Observation/${resource.id}`, resource })

/** The answer to `$everything`, where the server counts 57 and sends these entries. */
const bundleFor = async (
  scope: string,
  entries: ReadonlyArray<object> | undefined
): Promise<Readonly<Record<string, unknown>>> => {
  const [id, timestamp] = ['x', '2020-01-01T00:00:00Z']
  const bundle = { resourceType: 'Bundle', id, type: 'searchset', timestamp, total: 57, entry: entries }
  const server = { answer: () => TaskEither.right(said(200, bundle)) }
  const request = { method: 'GET', path: '/Patient/a/$everything', query: '_count=1', headers: {}, body: '' }
  const answered = await fhirGate({ server, policy: defaultPolicy, base }, factsFor(scope))(request)()
  return JSON.parse(answered.body) as Readonly<Record<string, unknown>>
}

describe('the total of an operation', () => {
  it.each([
    ['patient/Observation.rs', 1],
    ['patient/Observation.rs?status=final', 1],
    ['patient/*.rs', 1],
    ['system/*.rs', 57]
  ])('for %s', async (scope, total) => {
    expect((await bundleFor(scope, [entryOf(own)]))['total']).toBe(total)
  })

  it('is not given for a Bundle without entries', async () => {
    expect(await bundleFor('patient/Observation.rs', [])).not.toHaveProperty('total')
  })

  it('and all beside it are the same whether or not something is hidden', async () => {
    const scope = 'patient/Observation.rs?status=final'
    const hidden = entryOf({ ...own, id: 'o7', status: 'preliminary' })
    expect(await bundleFor(scope, [entryOf(own), hidden])).toEqual(await bundleFor(scope, [entryOf(own)]))
    for (const nothing of [[], undefined])
      expect(await bundleFor(scope, [hidden])).toEqual(await bundleFor(scope, nothing))
  })
})
