/** The input of operations: the parameters of URLs, forms and Parameters bodies. */
import { describe, expect, it } from 'vitest'
import type { OperationParameter } from '../../../../src/protocol/access/operations/input.js'
import { listedValues, readOperationInput } from '../../../../src/protocol/access/operations/input.js'

const json = { 'content-type': 'application/fhir+json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

const read = (query: string, body: unknown, headers: Readonly<Record<string, string>> = json) =>
  readOperationInput({ query, body: typeof body === 'string' ? body : JSON.stringify(body), headers }, 'POST', 20)

const bodyOf = (...parameter: ReadonlyArray<unknown>): unknown => ({ resourceType: 'Parameters', parameter })

describe('the input of an operation', () => {
  it.each<readonly [string, object, string | null]>([
    ['a text', { valueString: 'x' }, 'x'],
    ['true', { valueBoolean: true }, 'true'],
    ['false', { valueBoolean: false }, 'false'],
    ['a number', { valueInteger: 3 }, '3'],
    ['a reference', { valueReference: { reference: 'Patient/1' } }, 'Patient/1'],
    ['a text beside an id', { id: 'i', valueString: 'x' }, 'x'],
    ['a logical reference', { valueReference: { identifier: { value: '1' } } }, null],
    ['a reference that is no text', { valueReference: { reference: 1 } }, null],
    ['null', { valueString: null }, null],
    ['a list', { valueString: ['x'] }, null],
    ['no value', {}, null],
    ['a resource', { resource: { resourceType: 'Patient', reference: 'Patient/1' } }, null],
    ['a member that is no value', { text: 'x' }, null],
    ['two values', { valueString: 'x', valueCode: 'y' }, null],
    ['a value beside its extensions', { valueString: 'x', _valueString: {} }, null],
    ['parts', { part: [{ name: 'p', valueString: 'x' }] }, null]
  ])('has the value of a parameter with %s', (_title, member, value) => {
    const parameter = { name: 'a', ...member }
    expect(read('', bodyOf(parameter))).toEqual({
      method: 'POST',
      parameters: [{ name: 'a', value, json: parameter }],
      body: bodyOf(parameter)
    })
  })

  it.each([
    ['_outputFormat=application/fhir+ndjson', 'application/fhir+ndjson'],
    ['_outputFormat=application/fhir%2Bndjson', 'application/fhir+ndjson'],
    ['_outputFormat=application/fhir+ndjson+x', 'application/fhir ndjson x'],
    ['_outputFormat=text/x+ndjson', 'text/x ndjson'],
    ['_type=application/fhir+ndjson', 'application/fhir ndjson']
  ])('has the plus of the format of files as it is meant: %s', (query, value) => {
    expect(read(query, '')?.parameters.map((one) => one.value)).toEqual([value])
    expect(read('', query, form)?.parameters.at(-1)?.value).toBe(value)
  })

  it.each<readonly [string, unknown]>([
    ['a parameter that is no object', bodyOf('x')],
    ['a parameter that is null', bodyOf(null)],
    ['a parameter without a name', bodyOf({ valueString: 'x' })],
    ['a parameter whose name is no text', bodyOf({ name: 1, valueString: 'x' })],
    ['a parameter with an empty name', bodyOf({ name: '', valueString: 'x' })],
    ['a bad parameter behind a good one', bodyOf({ name: 'a', valueString: 'x' }, {})],
    ['parameters that are no list', { resourceType: 'Parameters', parameter: {} }],
    ['a body that is not JSON', 'x'],
    ['a body that is null', 'null'],
    [
      'a body that is nested too deeply',
      bodyOf({ name: 'a', part: JSON.parse('['.repeat(30) + ']'.repeat(30)) as unknown })
    ]
  ])('cannot be read with %s', (_title, body) => {
    expect(read('', body)).toBeNull()
  })

  it.each<readonly [string, unknown]>([
    ['another resource', { resourceType: 'Patient', parameter: [{ name: 'a', valueString: 'x' }] }],
    ['a list', [{ name: 'a' }]],
    ['a Parameters resource without parameters', { resourceType: 'Parameters' }]
  ])('has no parameters in %s', (_title, body) => {
    expect(read('', body)).toEqual({ method: 'POST', parameters: [], body })
  })

  it('has the parameters of the URL before those of the body', () => {
    const parameter = { name: 'b', valueString: 'y' }
    expect(read('a=x', bodyOf(parameter))?.parameters).toEqual([
      { name: 'a', value: 'x' },
      { name: 'b', value: 'y', json: parameter }
    ])
    expect(read('a=x', 'b=y', form)).toEqual({
      method: 'POST',
      parameters: [
        { name: 'a', value: 'x' },
        { name: 'b', value: 'y' }
      ],
      body: null
    })
    expect(read('a=x', '')).toEqual({ method: 'POST', parameters: [{ name: 'a', value: 'x' }], body: null })
  })

  it.each([
    ['the URL', 'a=%', '', json],
    ['a form', 'a=x', 'b=%', form]
  ] as const)('cannot be read with a broken escape in %s', (_title, query, body, headers) => {
    expect(read(query, body, headers)).toBeNull()
  })
})

describe('the values of a parameter', () => {
  it.each<readonly [ReadonlyArray<OperationParameter>, ReadonlyArray<string>]>([
    [[{ name: 'a', value: 'x,y' }], ['x', 'y']],
    [[{ name: 'a', value: ' x , y ' }], ['x', 'y']],
    [[{ name: 'a', value: 'x,, ,y,' }], ['x', 'y']],
    [
      [
        { name: 'a', value: 'x' },
        { name: 'b', value: 'z' },
        { name: 'a', value: 'y' }
      ],
      ['x', 'y']
    ],
    [[{ name: 'a', value: null }], []],
    [[{ name: 'b', value: 'x' }], []]
  ])('of %j are %j', (parameters, values) => {
    expect(listedValues(parameters, 'a')).toEqual(values)
  })
})
