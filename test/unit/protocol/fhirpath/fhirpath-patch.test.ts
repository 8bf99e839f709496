import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { applyFhirPathPatch } from '../../../../src/protocol/access/fhirpath/fhirpath-patch.js'
import { releaseR4B, releaseR5 } from '../../../../src/protocol/access/releases.js'
import { limits } from '../../../../src/values/limits/limits.js'

interface Published {
  readonly name: string
  readonly input: unknown
  readonly diff: unknown
  readonly output?: unknown
  readonly error?: string
}

const published = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../data/fhirpath-patch-cases.json'), 'utf8')
) as ReadonlyArray<Published>

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** One operation: parts by name; a text is `valueString`, a number `valueInteger`, an object the part itself. */
const operation = (parts: Readonly<Record<string, string | number | object>>) => ({
  name: 'operation',
  part: Object.entries(parts).map(([name, value]) => ({
    name,
    ...(typeof value === 'string'
      ? name === 'type'
        ? { valueCode: value }
        : { valueString: value }
      : typeof value === 'number'
        ? { valueInteger: value }
        : value)
  }))
})
const patchOf = (...operations: ReadonlyArray<Parameters<typeof operation>[0]>) => ({
  resourceType: 'Parameters',
  parameter: operations.map(operation)
})

const patient = {
  resourceType: 'Patient',
  id: 'a',
  active: true,
  _birthDate: { extension: [{ url: 'http://example.org/time', valueTime: '12:00:00' }] },
  birthDate: '1920-01-01',
  name: [
    { use: 'official', given: ['A', 'B', 'C'], _given: [null, { id: 'b' }, null] },
    { use: 'usual', given: ['D'] }
  ],
  telecom: [
    { system: 'email', value: 'a@example.org' },
    { system: 'phone', use: 'home', value: '1' },
    { system: 'phone', use: 'work', value: '2' }
  ],
  deceasedBoolean: false
}
const observation = { resourceType: 'Observation', id: 'o', status: 'final', valueQuantity: { value: 1 } }

describe('a FHIRPath Patch', () => {
  it.each(published.map((one) => [one.name, one] as const))('published case: %s', (_name, { input, diff, output }) => {
    const result = applyFhirPathPatch(input, diff)
    if (output === undefined) expect(result).toMatchObject({ _tag: 'Left', left: { because: 'no-such-place' } })
    else expect(Either.isRight(result) ? plain(result.right) : result).toEqual(output)
  })

  it.each<readonly [string, object, Parameters<typeof operation>[0], unknown]>([
    [
      'the element that a condition selects',
      patient,
      {
        type: 'replace',
        path: "Patient.telecom.where(system = 'phone' and use = 'work').value",
        value: { valueString: '3' }
      },
      { telecom: [patient.telecom[0], patient.telecom[1], { system: 'phone', use: 'work', value: '3' }] }
    ],
    [
      'the last of a list',
      patient,
      { type: 'replace', path: 'Patient.name.last().given.first()', value: { valueString: 'E' } },
      { name: [patient.name[0], { use: 'usual', given: ['E'] }] }
    ],
    [
      'an index counts over all elements that are selected',
      patient,
      { type: 'replace', path: 'Patient.name.given[3]', value: { valueString: 'E' } },
      { name: [patient.name[0], { use: 'usual', given: ['E'] }] }
    ],
    [
      'a choice of types by its name, with the type of the new value',
      observation,
      { type: 'replace', path: 'Observation.value', value: { valueString: 'high' } },
      { valueString: 'high', valueQuantity: undefined }
    ],
    [
      'inside a choice of types',
      observation,
      { type: 'replace', path: 'Observation.value.ofType(Quantity).value', value: { valueDecimal: 2 } },
      { valueQuantity: { value: 2 } }
    ],
    [
      'a choice of types that is added',
      { resourceType: 'Observation', id: 'o' },
      { type: 'add', path: 'Observation', name: 'effective', value: { valueDateTime: '2024' } },
      { effectiveDateTime: '2024' }
    ],
    [
      'a primitive element loses the extensions that the new value does not have',
      patient,
      { type: 'replace', path: 'Patient.birthDate', value: { valueDate: '1930' } },
      { birthDate: '1930', _birthDate: undefined }
    ],
    [
      'a primitive element with extensions of its own',
      patient,
      { type: 'replace', path: 'Patient.birthDate', value: { valueDate: '1930', _valueDate: { id: 'x' } } },
      { birthDate: '1930', _birthDate: { id: 'x' } }
    ],
    [
      'an item of a primitive list, with what stands beside it',
      patient,
      { type: 'delete', path: 'Patient.name[0].given[0]' },
      { name: [{ use: 'official', given: ['B', 'C'], _given: [{ id: 'b' }, null] }, patient.name[1]] }
    ],
    [
      'the only item that has something beside it',
      patient,
      { type: 'delete', path: 'Patient.name[0].given[1]' },
      { name: [{ use: 'official', given: ['A', 'C'] }, patient.name[1]] }
    ],
    [
      'an item that is inserted before one with extensions',
      patient,
      { type: 'insert', path: 'Patient.name[0].given', index: 1, value: { valueString: 'X' } },
      {
        name: [
          { use: 'official', given: ['A', 'X', 'B', 'C'], _given: [null, null, { id: 'b' }, null] },
          patient.name[1]
        ]
      }
    ],
    [
      'an item with extensions that is moved',
      patient,
      { type: 'move', path: 'Patient.name[0].given', source: 1, destination: 0 },
      { name: [{ use: 'official', given: ['B', 'A', 'C'], _given: [{ id: 'b' }, null, null] }, patient.name[1]] }
    ],
    ['an element that is not there is deleted', patient, { type: 'delete', path: 'Patient.gender' }, {}],
    [
      'an extension by its URL',
      { resourceType: 'Patient', extension: [{ url: 'http://example.org/a', valueCode: 'x' }] },
      { type: 'replace', path: "Patient.extension('http://example.org/a').value", value: { valueBoolean: true } },
      { extension: [{ url: 'http://example.org/a', valueBoolean: true }] }
    ],
    [
      'an element of parts, one of which repeats',
      { resourceType: 'Patient' },
      {
        type: 'add',
        path: 'Patient',
        name: 'contact',
        value: {
          part: [
            { name: 'telecom', valueContactPoint: { value: '1' } },
            { name: 'telecom', valueContactPoint: { value: '2' } },
            { name: 'gender', valueCode: 'male' }
          ]
        }
      },
      { contact: [{ telecom: [{ value: '1' }, { value: '2' }], gender: 'male' }] }
    ]
  ])('applies: %s', (_name, document, one, expected) => {
    const result = applyFhirPathPatch(document, patchOf(one))
    expect(Either.isRight(result) ? plain(result.right) : result).toEqual(
      plain({ ...document, ...(expected as object) })
    )
  })

  it.each<readonly [string, object, Parameters<typeof operation>[0]]>([
    ['a function', patient, { type: 'delete', path: 'Patient.name.where(given.exists())' }],
    ['a union', patient, { type: 'delete', path: 'Patient.name | Patient.telecom' }],
    ['resolve()', patient, { type: 'delete', path: 'Patient.generalPractitioner.resolve().name' }],
    ['a comparison of an order', patient, { type: 'delete', path: 'Patient.telecom.where(rank > 1)' }],
    [
      'a comparison with what looks like a date',
      patient,
      { type: 'delete', path: "Patient.name.where(use = '2020-01-01')" }
    ],
    ['an expression without a type', patient, { type: 'delete', path: 'name[0]' }],
    ['a part of a primitive element', patient, { type: 'delete', path: 'Patient.birthDate.extension' }],
    [
      'a choice of types by a member name',
      observation,
      { type: 'replace', path: 'Observation.valueQuantity', value: { valueString: 'x' } }
    ],
    [
      'a choice of types that is added by a member name',
      { resourceType: 'Observation' },
      { type: 'add', path: 'Observation', name: 'valueString', value: { valueString: 'x' } }
    ],
    ['the resource itself', patient, { type: 'replace', path: 'Patient', value: { valueString: 'x' } }]
  ])('is refused as uncertain: %s', (_name, document, one) => {
    expect(applyFhirPathPatch(document, patchOf(one))).toEqual(
      Either.left({ _tag: 'PatchUncertain', operation: 0, path: one['path'] })
    )
  })

  it.each<readonly [string, Parameters<typeof operation>[0]]>([
    ['several elements', { type: 'delete', path: 'Patient.name' }],
    ['no element', { type: 'replace', path: 'Patient.gender', value: { valueCode: 'male' } }],
    ['another type', { type: 'replace', path: 'Person.active', value: { valueBoolean: false } }],
    [
      'an element that exists already',
      { type: 'add', path: 'Patient', name: 'birthDate', value: { valueDate: '1930' } }
    ],
    [
      'a choice of types that exists',
      { type: 'add', path: 'Patient', name: 'deceased', value: { valueDateTime: '2020' } }
    ],
    ['a place beyond the end', { type: 'insert', path: 'Patient.name', index: 3, value: { valueHumanName: {} } }],
    ['a move from beyond the end', { type: 'move', path: 'Patient.name', source: 2, destination: 0 }],
    ['a list that is none', { type: 'insert', path: 'Patient.birthDate', index: 0, value: { valueDate: '1930' } }]
  ])('does not apply: %s', (_name, one) => {
    expect(applyFhirPathPatch(patient, patchOf(one))).toEqual(
      Either.left({ _tag: 'PatchError', operation: 0, because: 'no-such-place' })
    )
  })

  it.each<readonly [string, unknown]>([
    ['a parameter of another name', { resourceType: 'Parameters', parameter: [{ name: 'x', part: [] }] }],
    ['an operation of another type', patchOf({ type: 'test', path: 'Patient.active' })],
    ['an operation without a path', patchOf({ type: 'delete' })],
    ['a replacement without a value', patchOf({ type: 'replace', path: 'Patient.active' })],
    ['an unknown part', patchOf({ type: 'delete', path: 'Patient.active', more: 'x' })],
    [
      'a part given twice',
      {
        resourceType: 'Parameters',
        parameter: [
          {
            name: 'operation',
            part: [
              ...operation({ type: 'delete', path: 'Patient.active' }).part,
              { name: 'path', valueString: 'Patient.name[0]' }
            ]
          }
        ]
      }
    ],
    [
      'a value of two types',
      patchOf({ type: 'replace', path: 'Patient.active', value: { valueBoolean: true, valueCode: 'x' } })
    ],
    [
      'an index that is no place',
      patchOf({ type: 'insert', path: 'Patient.name', index: -1, value: { valueHumanName: {} } })
    ]
  ])('is malformed: %s', (_name, patch) => {
    expect(applyFhirPathPatch(patient, patch)).toMatchObject({ left: { _tag: 'PatchError', because: 'malformed' } })
  })

  it('does not change the document', () => {
    const before = plain(patient)
    applyFhirPathPatch(
      patient,
      patchOf({ type: 'delete', path: 'Patient.name[0].given[1]' }, { type: 'delete', path: 'Patient.active' })
    )
    expect(patient).toEqual(before)
  })

  it('follows the release: how often an element occurs may differ', () => {
    const add = patchOf({ type: 'add', path: 'Encounter', name: 'class', value: { valueCoding: { code: 'AMB' } } })
    const encounter = { resourceType: 'Encounter' }
    expect(applyFhirPathPatch(encounter, add)).toMatchObject({ right: { class: { code: 'AMB' } } })
    expect(applyFhirPathPatch(encounter, add, undefined, releaseR5)).toMatchObject({
      right: { class: [{ code: 'AMB' }] }
    })
    const topic = patchOf({ type: 'add', path: 'SubscriptionTopic', name: 'title', value: { valueString: 'x' } })
    expect(applyFhirPathPatch({ resourceType: 'SubscriptionTopic' }, topic, undefined, releaseR4B)).toMatchObject({
      left: { _tag: 'PatchUncertain' }
    })
  })

  it('has a limit for the operations, and for the elements that its paths look at', () => {
    const many = (count: number, path: string) =>
      patchOf(...Array.from({ length: count }, () => ({ type: 'delete', path })))
    expect(applyFhirPathPatch(patient, many(limits.fhirPatchOperations.default, 'Patient.gender'))).toMatchObject({
      _tag: 'Right'
    })
    expect(applyFhirPathPatch(patient, many(limits.fhirPatchOperations.default + 1, 'Patient.gender'))).toEqual(
      Either.left({ _tag: 'PatchError', operation: -1, because: 'too-large' })
    )
    const wide = {
      resourceType: 'Patient',
      telecom: Array.from({ length: 2000 }, () => ({ system: 'email', value: 'x' }))
    }
    expect(applyFhirPathPatch(wide, many(2000, "Patient.telecom.where(system = 'phone').value"))).toMatchObject({
      left: { because: 'too-large' }
    })
  })
})
