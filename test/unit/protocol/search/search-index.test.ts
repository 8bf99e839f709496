/** The built-in index reader, local references, and the compartment of a patient: examples. */
import { describe, expect, it } from 'vitest'
import type { Resource } from '../../../../src/protocol/access/fhir-interaction.js'
import { readPathTable } from '../../../../src/protocol/access/search/path-table.js'
import { pathsOf, readableNames } from '../../../../src/protocol/access/search/paths.js'
import type { ReferenceFacts } from '../../../../src/protocol/access/search/search-index.js'
import {
  compartmentParameters,
  elementsAt,
  elementsUnder,
  indexReader,
  isAddressOf,
  isInPatientCompartment,
  isOfPatient,
  localReference,
  searchIndexOf
} from '../../../../src/protocol/access/search/search-index.js'
import { releaseR4 } from '../../../../src/protocol/access/release.js'
import { escaped, splitAtBars } from '../../../../src/protocol/access/search/texts.js'

const paths = readPathTable({
  Resource: '_id=id:c both=other:c',
  Thing:
    'code:c flag=flag:b concept=concept:k coding=codings*:g ref=ref:r pat=ref@Patient:r uri:u day=day:d ' +
    'moment=when:t period:p timing=timing:m amount=amount:n money=money:y dose=dose:q range=span:a ' +
    'length=span:n|size:a deep=a*.b*.c:c both=first:c|second*:c'
})
const release = { ...releaseR4, paths }
const thing = (members: object): Resource => ({ resourceType: 'Thing', ...members })
const base = 'https://ehr.example/fhir'

describe('the table of paths', () => {
  it('has members, the repeating one, the target and the kind of each path', () => {
    const path = { repeatsAt: null, target: null, isNumber: false }
    expect(pathsOf('Thing', 'code', release)).toEqual([{ ...path, members: ['code'], kind: 'c' }])
    expect(pathsOf('Thing', 'pat', release)).toEqual([{ ...path, members: ['ref'], target: 'Patient', kind: 'r' }])
    expect(pathsOf('Thing', 'deep', release)).toEqual([{ ...path, members: ['a', 'b', 'c'], repeatsAt: 0, kind: 'c' }])
    expect(pathsOf('Thing', 'both', release)).toEqual([
      { ...path, members: ['first'], kind: 'c' },
      { ...path, members: ['second'], repeatsAt: 0, kind: 'c' }
    ])
    expect(pathsOf('Thing', 'length', release)).toEqual([
      { ...path, members: ['span'], kind: 'n', isNumber: true },
      { ...path, members: ['size'], kind: 'a', isNumber: true }
    ])
    const rows = readPathTable({ A: 'b-c=d.e*:k f:g h*:r i=j.k@Patient:r|l*@Group:r m@List:r' }).get('A')
    expect([...(rows ?? [])]).toEqual([
      ['b-c', [{ ...path, members: ['d', 'e'], repeatsAt: 1, kind: 'k' }]],
      ['f', [{ ...path, members: ['f'], kind: 'g' }]],
      ['h', [{ ...path, members: ['h'], repeatsAt: 0, kind: 'r' }]],
      [
        'i',
        [
          { ...path, members: ['j', 'k'], target: 'Patient', kind: 'r' },
          { ...path, members: ['l'], repeatsAt: 0, target: 'Group', kind: 'r' }
        ]
      ],
      ['m', [{ ...path, members: ['m'], target: 'List', kind: 'r' }]]
    ])
  })

  it('has the parameters of all types for each type', () => {
    expect(pathsOf('Thing', '_id', release)).toEqual(pathsOf('Resource', '_id', release))
    expect(pathsOf('Other', 'both', release)).toMatchObject([{ members: ['other'] }])
    expect([pathsOf('Thing', 'none', release), pathsOf('Other', 'code', release)]).toEqual([[], []])
    expect(pathsOf('Observation', 'status')).toMatchObject([{ members: ['status'], kind: 'c' }])
    expect(pathsOf('Other', 'code', { paths: readPathTable({}) })).toEqual([])
  })

  it('lists the names', () => {
    expect(readableNames({ paths: readPathTable({ A: 'b:c d=e:k', C: 'd:c' }) })).toEqual([
      ['A', 'b'],
      ['A', 'd'],
      ['C', 'd']
    ])
  })
})

describe('the elements at a path', () => {
  it.each<readonly [string, unknown, ReadonlyArray<string>, ReadonlyArray<unknown>]>([
    ['the resource itself', 7, [], [7]],
    ['a member', { a: 1 }, ['a'], [1]],
    ['a member of a member', { a: { b: 1 } }, ['a', 'b'], [1]],
    ['each of a list', { a: [1, 2] }, ['a'], [1, 2]],
    ['members of each of a list', { a: [{ b: 1 }, {}, { b: [2, 3] }] }, ['a', 'b'], [1, 2, 3]],
    ['a list in a list', { a: [[1]] }, ['a'], [[1]]],
    ['nothing', {}, ['a'], []],
    ['nothing in a text', { a: 'b' }, ['a', 'length'], []],
    ['nothing in null', { a: null }, ['a', 'b'], []],
    ['no member of a prototype', {}, ['toString'], []],
    ['null', { a: null }, ['a'], [null]]
  ])('are %s', (_, resource, members, elements) => {
    expect(elementsAt(resource, members)).toEqual(elements)
  })

  it('are those of all paths of a parameter', () => {
    expect(elementsUnder(thing({ first: 'a', second: ['b', { c: 1 }] }), 'both', release)).toEqual(['a', 'b', { c: 1 }])
    expect(elementsUnder(thing({ code: 'a' }), 'none', release)).toEqual([])
    expect(elementsUnder({ resourceType: 'Observation', status: 'final' }, 'status')).toEqual(['final'])
  })
})

describe('a local reference', () => {
  const facts: ReferenceFacts = {
    base,
    aliases: ['https://up.example', `${base}/deep`],
    entries: new Map([['urn:uuid:1', 'Patient/7']])
  }

  it.each<readonly [string, string, string | null]>([
    ['relative', 'Patient/1', 'Patient/1'],
    ['with a version', 'Patient/1/_history/2', 'Patient/1'],
    ['below the base', `${base}/Patient/1`, 'Patient/1'],
    ['below the base, with a version', `${base}/Patient/1/_history/2`, 'Patient/1'],
    ['below another base', 'https://up.example/Patient/1', 'Patient/1'],
    ['below the longest base', `${base}/deep/Patient/1`, 'Patient/1'],
    ['of an entry', 'urn:uuid:1', 'Patient/7'],
    ['of another entry', 'urn:uuid:2', null],
    ['of another server', 'https://else.example/Patient/1', null],
    ['below a part of the base', 'https://ehr.example/Patient/1', null],
    ['too deep', `${base}/x/Patient/1`, null],
    ['to a fragment', '#a', null],
    ['without an id', 'Patient', null],
    ['of no type', 'patient/1', null],
    ['nothing', '', null]
  ])('is %s: %s', (_, text, local) => {
    expect(localReference(text, facts)).toBe(local)
  })

  it('is relative alone where no server is known', () => {
    expect(localReference(`${base}/Patient/1`, {})).toBeNull()
    expect(localReference('Patient/1', {})).toBe('Patient/1')
    expect(localReference(`${base}/Patient/1`, { aliases: [base] })).toBe('Patient/1')
    expect(localReference(`${base}/Patient/1`, { base })).toBe('Patient/1')
    expect(localReference('urn:uuid:1', { base })).toBeNull()
    const [text, deep] = [`${base}/deep/Patient/1`, `${base}/deep`]
    expect(localReference(text, { base: deep, aliases: [base] })).toBe('Patient/1')
    expect(localReference(text, { aliases: [deep, base, 'https://x'] })).toBe('Patient/1')
    expect(localReference('Patient/1', { entries: new Map([['Patient/1', 'Patient/7']]) })).toBe('Patient/1')
  })

  it.each([
    ['the type', 'https://x/Patient/1', true],
    ['the type at the start', 'Patient/1', true],
    ['a search', 'Patient?identifier=1', true],
    ['a space behind the type', 'https://x/Patient /1', true],
    ['another type', 'https://x/Group/1', false],
    ['a longer type', 'https://x/InPatient/1', false],
    ['a longer name', 'https://x/Patients/1', false],
    ['the type alone', 'Patient', false]
  ])('leads to a type or not: %s', (_, reference, isOne) => {
    expect(isAddressOf('Patient', reference)).toBe(isOne)
  })
})

describe('the index values of a resource', () => {
  const read = indexReader({ base }, release)

  it.each<readonly [string, string, object, ReadonlyArray<string>]>([
    ['a code', 'code', { code: 'a' }, ['|a']],
    ['a code with a bar', 'code', { code: 'a|b' }, ['|a\\|b']],
    ['no empty code', 'code', { code: '' }, []],
    ['no number', 'code', { code: 1 }, []],
    ['no null', 'code', { code: null }, []],
    ['a truth value', 'flag', { flag: true }, ['|true']],
    ['another truth value', 'flag', { flag: false }, ['|false']],
    ['a concept', 'concept', { concept: { coding: [{ system: 's', code: 'a' }, { code: 'b' }] } }, ['s|a', '|b']],
    ['a concept without codings', 'concept', { concept: { text: 'a' } }, []],
    ['a concept with what is no coding', 'concept', { concept: { coding: [null, 'a', { code: 'b' }] } }, ['|b']],
    ['no system of another kind', 'concept', { concept: { coding: [{ system: 1, code: 'a' }] } }, []],
    ['no null as system', 'concept', { concept: { coding: [{ system: null, code: 'a' }] } }, []],
    ['no coding without a code', 'concept', { concept: { coding: [{ system: 's' }] } }, []],
    ['codings that are no list', 'concept', { concept: { coding: { code: 'a' } } }, []],
    ['a coding', 'coding', { codings: [{ system: 's', code: 'a' }, { code: 'b' }] }, ['s|a', '|b']],
    ['an identifier', 'coding', { codings: [{ system: 's', value: 'a' }] }, ['s|a']],
    ['a code before a value', 'coding', { codings: [{ code: 'a', value: 'b' }] }, ['|a']],
    ['no member of a prototype', 'coding', { codings: [Object.create({ code: 'a' })] }, []],
    ['a reference', 'ref', { ref: { reference: 'Patient/1' } }, ['Patient/1']],
    ['a reference below the base', 'ref', { ref: { reference: `${base}/Patient/1` } }, ['Patient/1']],
    ['a reference of another server', 'ref', { ref: { reference: 'https://x/Patient/1' } }, ['https://x/Patient/1']],
    ['no contained resource', 'ref', { ref: { reference: '#a' } }, []],
    ['no reference without an address', 'ref', { ref: { display: 'a' } }, []],
    ['no reference that is no text', 'ref', { ref: { reference: 1 } }, []],
    ['a canonical text', 'ref', { ref: 'a' }, ['|a']],
    ['a reference to the type', 'pat', { ref: { reference: 'Patient/1' } }, ['Patient/1']],
    ['no reference to another type', 'pat', { ref: { reference: 'Group/1' } }, []],
    ['no reference to a longer type', 'pat', { ref: { reference: 'PatientX/1' } }, []],
    ['a URL to the type', 'pat', { ref: { reference: 'https://x/Patient/1' } }, ['https://x/Patient/1']],
    ['no URL to another type', 'pat', { ref: { reference: 'https://x/Group/1' } }, []],
    ['no contained resource of the type', 'pat', { ref: { reference: '#Patient/1' } }, []],
    ['no text where a type counts', 'pat', { ref: 'Patient/1' }, []],
    ['no code where a type counts', 'pat', { ref: { code: 'a' } }, []],
    ['no codings where a type counts', 'pat', { ref: { coding: [{ code: 'a' }] } }, []],
    ['a uri', 'uri', { uri: 'http://u|1' }, ['http://u|1']],
    ['no empty uri', 'uri', { uri: '' }, []],
    ['no number as uri', 'uri', { uri: 1 }, []],
    ['a date', 'day', { day: '2020' }, ['2020']],
    ['a moment', 'moment', { when: '2020-01-01T10:00Z' }, ['2020-01-01T10:00Z']],
    ['a period', 'period', { period: { start: '2020' } }, ['2020/..']],
    ['a timing', 'timing', { timing: { event: ['2020'] } }, ['2020/2020']],
    ['a number', 'amount', { amount: 5 }, ['5']],
    ['money', 'money', { money: { value: 5, currency: 'EUR' } }, ['5|urn:iso:std:iso:4217|EUR|EUR']],
    ['a quantity', 'dose', { dose: { value: 5, code: 'mg' } }, ['5||mg|']],
    ['a range of quantities', 'range', { span: { low: { value: 1, code: 'mg' } } }, ['1/..||mg|']],
    ['a range of numbers', 'length', { size: { low: { value: 1, code: 'mg' } } }, ['1/..']],
    [
      'values of lists in lists',
      'deep',
      { a: [{ b: [{ c: 'x' }, { c: 'y' }] }, { b: [{ c: 'z' }] }] },
      ['|x', '|y', '|z']
    ],
    ['values of all paths', 'both', { first: 'a', second: ['b', 'c'] }, ['|a', '|b', '|c']],
    ['the id', '_id', { id: '1' }, ['|1']],
    ['nothing of a parameter without a path', 'none', { none: 'a' }, []]
  ])('are %s', (_, name, members, values) => {
    expect(read(thing(members), name)).toEqual(values)
  })

  it('are by default those of R4, without a server', () => {
    const observation = { resourceType: 'Observation', status: 'final', subject: { reference: `${base}/Patient/1` } }
    expect(indexReader()(observation, 'status')).toEqual(['|final'])
    expect(indexReader()(observation, 'subject')).toEqual([`${base}/Patient/1`])
    expect(searchIndexOf(indexReader(), observation, ['status', 'none'])).toEqual({ status: ['|final'], none: [] })
  })
})

describe('the compartment of a patient', () => {
  const more = { Device: ['patient'], Observation: ['focus', 'subject'], Patient: ['link'] }

  it.each<readonly [string, ReadonlyArray<string>, ReadonlyArray<string>]>([
    ['Observation', ['subject', 'performer'], ['subject', 'performer', 'focus']],
    ['Condition', ['patient', 'asserter'], ['patient', 'asserter']],
    ['Device', [], ['patient']],
    ['Patient', [], []],
    ['Practitioner', [], []],
    ['toString', [], []]
  ])('has the parameters of %s', (type, own, withMore) => {
    expect(compartmentParameters(type)).toEqual(own)
    expect(compartmentParameters(type, more)).toEqual(withMore)
    expect(isInPatientCompartment(type)).toBe(own.length > 0 || type === 'Patient')
    expect(isInPatientCompartment(type, more)).toBe(withMore.length > 0 || type === 'Patient')
  })

  it('is that of the release', () => {
    const compartments = { Patient: new Map([['Thing', ['a']]]) }
    expect(compartmentParameters('Thing', { Thing: ['b', 'a'] }, { compartments })).toEqual(['a', 'b'])
    expect(compartmentParameters('Observation', more, { compartments })).toEqual(['focus', 'subject'])
    expect(isInPatientCompartment('Thing', undefined, { ...release, compartments })).toBe(true)
    expect(isOfPatient(() => ['Patient/1'], thing({}), '1', undefined, { ...release, compartments })).toBe(true)
    expect(isOfPatient(() => ['Patient/1'], thing({}), '1')).toBe(false)
    expect(isOfPatient(() => ['Patient/1'], { resourceType: 'Patient', id: '2' }, '1')).toBe(false)
  })

  it.each<readonly [string, Resource, boolean, boolean]>([
    ['the record', { resourceType: 'Patient', id: '1' }, true, true],
    ['another record', { resourceType: 'Patient', id: '2' }, false, false],
    [
      'a record that links to it',
      {
        resourceType: 'Patient',
        id: '2',
        link: [{ other: { reference: 'Patient/1' } }]
      },
      false,
      true
    ],
    ['another type with the id', { resourceType: 'Group', id: '1' }, false, false],
    ['a subject', { resourceType: 'Observation', subject: { reference: 'Patient/1' } }, true, true],
    ['another subject', { resourceType: 'Observation', subject: { reference: 'Patient/2' } }, false, false],
    ['a performer', { resourceType: 'Observation', performer: [{ reference: 'Patient/1' }] }, true, true],
    ['no parameter', { resourceType: 'Practitioner', subject: { reference: 'Patient/1' } }, false, false],
    ['a parameter of the host', { resourceType: 'Device', patient: { reference: 'Patient/1' } }, false, true]
  ])('has %s, or not', (_, resource, isOf, isOfMore) => {
    expect(isOfPatient(indexReader(), resource, '1')).toBe(isOf)
    expect(isOfPatient(indexReader(), resource, '1', more)).toBe(isOfMore)
  })
})

describe('the parts of a value', () => {
  it.each<readonly [string, ReadonlyArray<string>]>([
    ['', ['']],
    ['a', ['a']],
    ['a|b', ['a', 'b']],
    ['|', ['', '']],
    ['a||b', ['a', '', 'b']],
    ['a\\|b', ['a|b']],
    ['a\\\\|b', ['a\\', 'b']],
    ['a\\,b\\$c', ['a,b$c']],
    ['a\\b', ['a\\b']],
    ['a\\', ['a\\']],
    ['a\\\n|b', ['a\\\n', 'b']],
    ['a\nb|c', ['a\nb', 'c']]
  ])('of %j are %j', (text, parts) => {
    expect(splitAtBars(text)).toEqual(parts)
  })

  it.each([
    ['a', 'a'],
    ['a|b|c', 'a\\|b\\|c'],
    ['a\\b', 'a\\\\b'],
    ['a\\|b', 'a\\\\\\|b'],
    ['a,b', 'a,b']
  ])('escapes %j', (text, expected) => {
    expect(escaped(text)).toBe(expected)
    expect(splitAtBars(`${escaped(text)}|x`)).toEqual([text, 'x'])
  })
})
