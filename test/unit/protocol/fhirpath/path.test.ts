import { describe, expect, it } from 'vitest'
import type { PathStep } from '../../../../src/protocol/access/fhirpath/path.js'
import { readFhirPath } from '../../../../src/protocol/access/fhirpath/path.js'
import { limits } from '../../../../src/values/limits/limits.js'

const member = (name: string): PathStep => ({ _tag: 'Member', name })
const where = (...all: ReadonlyArray<readonly [string, string | boolean]>): PathStep => ({
  _tag: 'Where',
  all: all.map(([members, literal]) => ({ members: members.split('.'), literal }))
})

describe('an expression', () => {
  it.each<readonly [string, ReadonlyArray<PathStep>]>([
    ['Patient', []],
    ['Patient.active', [member('active')]],
    ['Patient.name[1].given', [member('name'), { _tag: 'Index', index: 1 }, member('given')]],
    ['Patient.name[ 12 ]', [member('name'), { _tag: 'Index', index: 12 }]],
    ['Patient.name.first()', [member('name'), { _tag: 'Index', index: 0 }]],
    ['Patient.name.last( )', [member('name'), { _tag: 'Last' }]],
    ['Patient.name.single()', [member('name'), { _tag: 'Single' }]],
    ['Patient.value.ofType(Quantity)', [member('value'), { _tag: 'OfType', type: 'Quantity' }]],
    ['Patient.value.ofType( FHIR.string )', [member('value'), { _tag: 'OfType', type: 'string' }]],
    ["Patient.extension('http://a')", [member('extension'), where(['url', 'http://a'])]],
    ["Patient.name.where(use = 'old').given", [member('name'), where(['use', 'old']), member('given')]],
    [
      "Patient.name.where( period.start='x' and active = true and  old=false )",
      [member('name'), where(['period.start', 'x'], ['active', true], ['old', false])]
    ],
    ["Patient.name.where(use = '2020-0')", [member('name'), where(['use', '2020-0'])]],
    ["Patient.name.where(use = 'x2020-01')", [member('name'), where(['use', 'x2020-01'])]]
  ])('%s', (text, steps) => {
    const path = readFhirPath(text)
    expect(path?.type).toBe('Patient')
    expect(path?.steps).toEqual(steps)
  })

  it.each([
    '',
    '.active',
    'patient.active',
    'Patient.',
    'Patient.Active',
    'Patient..active',
    'Patient.active ',
    'Patient[x]',
    'Patient.name.exists()',
    'Patient.name.where(',
    'Patient.name.where()',
    "Patient.name.where(use = 'old'",
    "Patient.name.where(use = 'old' or use = 'x')",
    "Patient.name.where(use = 'old' and)",
    "Patient.name.where(use = 'old' and use)",
    "Patient.name.where(use = '2020-01')",
    "Patient.name.where(use = '2020-01-01T00:00:00Z')"
  ])('is not applied: %s', (text) => {
    expect(readFhirPath(text)).toBeNull()
  })

  it('has a limit of its steps', () => {
    const most = limits.fhirPatchPointer.default
    expect(readFhirPath(`Patient${'.a'.repeat(most)}`)?.steps).toHaveLength(most)
    expect(readFhirPath(`Patient${'.a'.repeat(most + 1)}`)).toBeNull()
    expect(readFhirPath(`Patient${'.a'.repeat(most - 1)}.extension('x')`)).toBeNull()
  })
})
