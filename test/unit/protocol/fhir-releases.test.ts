import { describe, expect, it } from 'vitest'
import { isClosedType } from '../../../src/protocol/access/acting-types.js'
import { alternativesIn } from '../../../src/protocol/access/alternatives.js'
import { isPermitted } from '../../../src/protocol/access/permitted.js'
import { decide } from '../../../src/protocol/access/decision.js'
import { interactionOf } from '../../../src/protocol/access/read-interaction.js'
import type { FhirRelease } from '../../../src/protocol/access/release.js'
import { releaseR4 } from '../../../src/protocol/access/release.js'
import { releaseR4B, releaseR5 } from '../../../src/protocol/access/releases.js'
import { compartmentParameters, indexReader } from '../../../src/protocol/access/search/search-index.js'
import { rewriteSearch } from '../../../src/protocol/access/search/rewrite.js'
import { knownResourceSide, wrongResourceSide } from '../../../src/protocol/scope-policy/resource-side-check.js'
import { opens } from '../../../src/protocol/scope-policy/usable-scopes.js'
import { defaultPolicy } from '../../../src/protocol/policy/policy.js'
import { parse } from '../../../src/scopes/parse.js'
import { isResourceScope } from '../../../src/scopes/scope.js'

const plain = { method: 'GET', query: '', headers: {}, body: '' }
const factsOf = (scope: string) => ({ clientId: 'a', scopes: parse(scope), context: { patient: 'a' }, user: null })

const decided = (scope: string, path: string, release: FhirRelease, query = '') =>
  decide(defaultPolicy, factsOf(scope), interactionOf({ ...plain, path, query }, '', release), { release })

const grants = (scope: string, release: FhirRelease): boolean =>
  parse(scope)
    .filter(isResourceScope)
    .every((one) => opens(knownResourceSide({ release }), one))

describe('a FHIR release', () => {
  it.each([
    [releaseR4, 146, 66],
    [releaseR4B, 141, 66],
    [releaseR5, 158, 73]
  ])('has its types and its patient compartment: $name', ({ types, compartments }, typesCount, rows) => {
    expect(types.size).toBe(typesCount)
    expect(compartments.Patient.size).toBe(rows)
    expect([...compartments.Patient.keys()].filter((type) => !types.has(type))).toEqual([])
  })

  it.each([releaseR4, releaseR4B, releaseR5])('can be read wherever its compartment looks: $name', (release) => {
    const unread = [...release.types]
      .flatMap((type) => compartmentParameters(type, {}, release).map((name) => [type, name] as const))
      .filter(([type, name]) => release.paths.get(type)?.get(name) === undefined)
    expect(unread).toEqual([])
  })

  it.each([
    ['RequestOrchestration', 'Deny', 'Deny', 'Permit'],
    ['SubscriptionTopic', 'Deny', 'Permit', 'Permit'],
    ['Media', 'Permit', 'Permit', 'Deny'],
    ['MedicinalProduct', 'Permit', 'Deny', 'Deny']
  ])('says which types there are: %s', (type, r4, r4b, r5) => {
    const answers = [releaseR4, releaseR4B, releaseR5].map(
      (release) => decided('system/*.rs', `/${type}/1`, release)._tag
    )
    expect(answers).toEqual([r4, r4b, r5])
    expect(decided('system/*.rs', '/', releaseR5, `_type=${type}`)._tag).toBe(r5)
  })

  it('says which parameters lead into a compartment', () => {
    const search = interactionOf({ ...plain, path: '/Condition' }, '', releaseR5)
    const decision = decide(defaultPolicy, factsOf('patient/Condition.rs'), search, { release: releaseR5 })
    const requests =
      search._tag === 'Search' && decision._tag === 'Filter' ? rewriteSearch(search, decision.alternatives) : null
    expect(requests).toMatchObject({
      right: [
        { query: [{ name: 'patient', value: 'Patient/a' }] },
        { query: [{ name: 'participant-actor', value: 'Patient/a' }] }
      ]
    })
  })

  it('says where the values are: a participant of R5 puts an AllergyIntolerance into the compartment', () => {
    const resource = {
      resourceType: 'AllergyIntolerance',
      participant: [{ actor: { reference: 'Patient/a' } }],
      patient: { reference: 'Patient/b' }
    }
    const may = (release: FhirRelease): boolean =>
      isPermitted(alternativesIn(factsOf('patient/AllergyIntolerance.r'), { release }), 'r', resource, {
        read: indexReader({}, release),
        userMay: () => true,
        vocabulary: release.vocabulary
      })
    expect([may(releaseR4), may(releaseR5)]).toEqual([false, true])
    expect(
      isPermitted(alternativesIn(factsOf('patient/AllergyIntolerance.u'), { release: releaseR5 }), 'u', resource, {
        read: indexReader({}, releaseR5),
        userMay: () => true
      })
    ).toBe(false)
  })

  it('decides which scopes are granted', () => {
    expect([grants('system/Transport.r', releaseR4), grants('system/Transport.r', releaseR5)]).toEqual([false, true])
    expect([grants('patient/Media.r', releaseR4), grants('patient/Media.r', releaseR5)]).toEqual([true, false])
    expect(grants('patient/GenomicStudy.r', releaseR5)).toBe(true)
    expect(grants('user/Observation.r?category=x', releaseR5)).toBe(true)
  })

  it('checks declared parameters by its own', () => {
    const declared = { resourceType: 'Resource', name: '_profile', type: 'reference' } as const
    expect(wrongResourceSide({ searchParameters: [declared] })).toHaveLength(1)
    expect(wrongResourceSide({ searchParameters: [declared], release: releaseR5 })).toEqual([])
  })

  it('has types that make a server act', () => {
    expect(isClosedType('SubscriptionTopic', 'c', [])).toBe(true)
    expect(decided('user/SubscriptionTopic.cud', '/SubscriptionTopic/1', releaseR5)._tag).toBe('Deny')
    expect(isClosedType('Transport', 'c', [])).toBe(false)
  })
})
