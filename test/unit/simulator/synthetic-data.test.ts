import { describe, expect, it } from 'vitest'
import { exampleResources, withUsers } from '../../../src/simulator/fhir/synthetic-data.js'

describe('a user whom the data lack', () => {
  it.each<readonly [string, Readonly<Record<string, unknown>>]>([
    ['Practitioner/x', { name: [{ text: 'User x' }] }],
    ['Patient/x', { name: [{ text: 'User x' }] }],
    ['Person/x', { name: [{ text: 'User x' }] }],
    // RelatedPerson.patient is required; PractitionerRole has no name (FHIR R4).
    ['RelatedPerson/x', { patient: { display: 'unknown' }, name: [{ text: 'User x' }] }],
    ['PractitionerRole/x', { practitioner: { display: 'User x' } }]
  ])('%s is added as FHIR R4 has it', (reference, members) => {
    const [resourceType, id] = reference.split('/')
    expect(withUsers([], [reference])).toEqual([{ resourceType, id, active: true, ...members }])
  })

  it('is added once, and no user that exists already', () => {
    expect(withUsers(exampleResources, ['Practitioner/p1', 'Person/x', 'Person/x'])).toHaveLength(
      exampleResources.length + 1
    )
  })
})
