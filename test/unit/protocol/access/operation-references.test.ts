/** References in the input of operations, in the one spelling that every server finds; and what responses may be. */
import { describe, expect, it } from 'vitest'
import type { AccessRules } from '../../../../src/protocol/access/alternatives.js'
import type { Resource } from '../../../../src/protocol/access/fhir-interaction.js'
import type { OperationInput, OperationParameter } from '../../../../src/protocol/access/operations/input.js'
import { localInput, localInputText } from '../../../../src/protocol/access/operations/local-input.js'
import { isOfRow, isOutcome, resourcesIn } from '../../../../src/protocol/access/operations/response-kinds.js'
import type { StandardOperation } from '../../../../src/protocol/access/operations/table.js'
import type { Vocabulary } from '../../../../src/scopes/vocabulary.js'

const base = 'https://ehr.example/fhir'
const [url, other] = [`${base}/Patient/1`, 'https://x/Patient/1']
const rules: AccessRules = { references: { base } }
const inputOf = (parameters: ReadonlyArray<OperationParameter>, body: unknown = null): OperationInput => ({
  method: 'POST',
  parameters,
  body
})
const [onObservation, onSystem] = [
  { name: 'lastn', type: 'Observation' },
  { name: 'export', type: null }
]
const encoded = (filter: string): string =>
  filter.replaceAll('/', '%2F').replaceAll(':', '%3A').replaceAll(',', '%2C').replaceAll('|', '%7C')

describe('the references in the input of an operation', () => {
  const local = (operation: typeof onObservation | typeof onSystem, name: string, value: string, more = rules) =>
    localInput(operation, inputOf([{ name, value }]), more).parameters[0]?.value

  it.each([
    ['patient', url, 'Patient/1'],
    ['subject', url, 'Patient/1'],
    ['practitioner', `${base}/Practitioner/1`, 'Practitioner/1'],
    ['patient:Patient', url, 'Patient/1'],
    ['subject:P', url, 'Patient/1'],
    ['patient', `${url},${other},Patient/2/_history/1`, `Patient/1,${other},Patient/2`],
    ['patient', other, other],
    ['patient', '1', '1'],
    ['subject:identifier', url, url],
    ['subject:', url, url],
    ['patient:Patient:x', url, url],
    ['code:Patient', url, url],
    ['patients', url, url],
    ['onpatient', url, url],
    ['code', url, url],
    ['encounter', `${base}/Encounter/1`, 'Encounter/1'],
    ['_typeFilter', `Observation?subject=${url}`, `Observation?subject=${url}`]
  ])('are local where the operation has a type: %s=%s', (name, value, expected) => {
    expect(local(onObservation, name, value)).toBe(expected)
  })

  it.each([
    ['patient', url, 'Patient/1'],
    ['patient:Patient', url, 'Patient/1'],
    ['patient:identifier', url, url],
    ['patient:', url, url],
    ['code:Patient', url, url],
    ['encounter', `${base}/Encounter/1`, `${base}/Encounter/1`],
    ['_typeFilter', `Observation?subject=${url}`, `Observation?${encoded('subject=Patient/1')}`],
    ['_typeFilter', `Observation?code=a/b`, 'Observation?code=a/b'],
    ['_typeFilter', `Observation?subject=${other}`, `Observation?subject=${other}`],
    [
      '_typeFilter',
      `Observation?code=s|a/b&subject=${url},Condition?code=a/b`,
      `Observation?${encoded('code=s|a/b&subject=Patient/1')},Condition?code=a/b`
    ],
    ['_typeFilter', `observation?subject=${url}`, `observation?subject=${url}`]
  ])('are local where an export has no type: %s=%s', (name, value, expected) => {
    expect(local(onSystem, name, value)).toBe(expected)
  })

  it('need the facts of the server, and stay without a slash', () => {
    expect(local(onObservation, 'patient', url, {})).toBe(url)
    const vocabulary: Vocabulary = { typeOf: () => 'reference' }
    expect(local(onObservation, 'x', url, { ...rules, vocabulary })).toBe('Patient/1')
    expect(local(onSystem, 'x', url, { ...rules, vocabulary })).toBe(url)
    expect(local(onObservation, 'patient', 'Patient/1/_history/2', {})).toBe('Patient/1')
    const entries = new Map([['urn:uuid:1', 'Patient/1']])
    expect(local(onObservation, 'patient', 'urn:uuid:1', { references: { entries } })).toBe('urn:uuid:1')
  })

  it('are replaced in the body as well', () => {
    const [one, two, three] = [
      { name: 'patient', valueUri: url },
      { id: 'x', name: 'subject', valueReference: { reference: url, display: 'A' } },
      { name: 'code', valueCode: 'a/b' }
    ]
    const read = [
      { name: 'patient', value: url, json: one },
      { name: 'subject', value: url, json: two },
      { name: 'code', value: 'a/b', json: three }
    ]
    const body = { resourceType: 'Parameters', id: 'y', parameter: [one, two, three] }
    const written = [
      { name: 'patient', valueUri: 'Patient/1' },
      { id: 'x', name: 'subject', valueReference: { reference: 'Patient/1', display: 'A' } },
      three
    ]
    expect(localInput(onObservation, inputOf(read, body), rules)).toEqual({
      method: 'POST',
      parameters: [
        { name: 'patient', value: 'Patient/1', json: written[0] },
        { name: 'subject', value: 'Patient/1', json: written[1] },
        read[2]
      ],
      body: { ...body, parameter: written }
    })
  })

  it('leave a body without parameters as it is', () => {
    const [body, changed] = [{ resourceType: 'Group' }, [{ name: 'patient', value: 'Patient/1' }]]
    for (const one of [body, null])
      expect(localInput(onObservation, inputOf([{ name: 'patient', value: url }], one), rules)).toEqual(
        inputOf(changed, one)
      )
  })

  it('leave the input itself where nothing changes', () => {
    const json = { name: 'resource', resource: { resourceType: 'Group' } }
    const input = inputOf(
      [
        { name: 'resource', value: null, json },
        { name: 'patient', value: 'Patient/1' }
      ],
      { resourceType: 'Parameters', parameter: [json] }
    )
    expect(localInput(onObservation, input, rules)).toBe(input)
    const both = localInput(onObservation, inputOf([...input.parameters, { name: 'patient', value: url }]), rules)
    expect(both.parameters.slice(0, 2)).toEqual(input.parameters)
  })

  it.each([
    [`code=%61&patient=${url}`, encoded('code=a&patient=Patient/1').replace('%3D', '=')],
    ['code=%61&patient=Patient/1', 'code=%61&patient=Patient/1'],
    [`patient=${url}&x`, `patient=${url}&x`],
    ['', '']
  ])('are local in a text: %s', (text, expected) => {
    expect(localInputText(onObservation, text, rules)).toBe(expected)
  })
})

describe('a response of an operation', () => {
  const outcome = { resourceType: 'OperationOutcome' }
  const [seen, hidden] = [{ resourceType: 'Group' }, { resourceType: 'List' }]
  const parametersOf = (...parameter: ReadonlyArray<unknown>): Resource => ({ resourceType: 'Parameters', parameter })
  const isSeen = ({ resourceType }: Resource): boolean => resourceType === 'Group'
  const kinds = ['outcome', 'values', 'resource', 'resources', 'document', 'files'] as const

  it.each<readonly [string, Resource, ReadonlyArray<(typeof kinds)[number]>]>([
    ['an outcome', outcome, kinds],
    ['a resource that is seen', seen, ['resource', 'resources']],
    ['a hidden resource', hidden, []],
    ['empty Parameters', { resourceType: 'Parameters' }, ['outcome', 'values']],
    ['an outcome in Parameters', parametersOf({ name: 'a', resource: outcome }), ['outcome', 'values']],
    [
      'an outcome in a part',
      parametersOf({ name: 'a', part: [{ name: 'b', resource: outcome }] }),
      ['outcome', 'values']
    ],
    [
      'an outcome in Parameters in Parameters',
      parametersOf({ name: 'a', resource: parametersOf({ name: 'b', resource: outcome }) }),
      ['outcome', 'values']
    ],
    ['a value', parametersOf({ name: 'a', valueCode: 'b' }), ['values']],
    [
      'a value beside an outcome',
      parametersOf({ name: 'a', resource: outcome }, { name: 'b', valueCode: 'c' }),
      ['values']
    ],
    ['a value in a part', parametersOf({ name: 'a', part: [{ name: 'b', valueCode: 'c' }] }), ['values']],
    ['what is no parameter', parametersOf({ name: 'a', resource: outcome }, 'b'), ['values']],
    ['no list of parameters', { resourceType: 'Parameters', parameter: { name: 'a' } }, ['values']],
    ['a resource that is seen in Parameters', parametersOf({ name: 'a', resource: seen }), ['values']],
    ['a hidden resource in Parameters', parametersOf({ name: 'a', resource: hidden }), []],
    ['a hidden resource beside one', parametersOf({ name: 'a', resource: seen }, { name: 'b', resource: hidden }), []],
    ['a hidden resource in a part', parametersOf({ name: 'a', part: [{ name: 'b', resource: hidden }] }), []],
    ['an outcome with another resource', { ...outcome, contained: [seen] }, []],
    ['Parameters with an id', { ...parametersOf({ name: 'a', resource: outcome }), id: 'p' }, ['outcome', 'values']],
    ['an extension of Parameters', { ...parametersOf({ name: 'a', resource: outcome }), extension: [] }, ['values']]
  ])('may be %s, or not', (_, resource, expected) => {
    const found = kinds.filter((response) => isOfRow({ response } as unknown as StandardOperation, resource, isSeen))
    expect(found).toEqual(expected)
  })

  it('may not be Parameters where the row has resources, whatever the token may see', () => {
    for (const response of ['resource', 'resources'])
      expect(isOfRow({ response } as unknown as StandardOperation, parametersOf(), () => true)).toBe(false)
  })

  it('has the resources at any depth of Parameters, and none inside of others', () => {
    const containing = { resourceType: 'Group', contained: [hidden] }
    expect(resourcesIn(parametersOf({ name: 'a', part: [{ resource: containing }] }, { resource: outcome }))).toEqual([
      parametersOf({ name: 'a', part: [{ resource: containing }] }, { resource: outcome }),
      containing,
      outcome
    ])
    expect([resourcesIn(containing), resourcesIn('a'), resourcesIn(null), resourcesIn([seen])]).toEqual([
      [containing],
      [],
      [],
      [seen]
    ])
    expect([isOutcome(outcome), isOutcome(seen)]).toEqual([true, false])
  })
})
