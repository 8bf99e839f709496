/** Resources that satisfy clauses: examples for each kind of element, and a slow search for one. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Resource } from '../../../../src/protocol/access/fhir-interaction.js'
import { readClause } from '../../../../src/protocol/access/search/clauses.js'
import { readPathTable } from '../../../../src/protocol/access/search/path-table.js'
import { witnessFor } from '../../../../src/protocol/access/search/witness.js'
import { commaList } from '../../../../src/scopes/query.js'
import type { ParameterType, Vocabulary } from '../../../../src/scopes/vocabulary.js'

const paths = readPathTable({
  Thing:
    'code=code:k tag=tag*:k code2=code:k coding=coding:g codings=codings*:g inner=code.text:c flag=flag:b ' +
    'identity=id:c status=status:c status2=status:c ref=ref:r ref2=ref:r refs=refs*:r pat=ref@Patient:r ' +
    'pats=refs*@Patient:r uri=uri:u uris=uris*:u uriOfCode=status:c refOfCode=status:c codeOfRef=ref:r ' +
    'codeOfUri=uri:u uriOfRef=ref:r when=when:t|period:p day=day:d statusDay=status:t number=number:n ' +
    'deep=deep.list*.code:c deepCode=deep.list*.code:k deepList=deep.codes*:c one=parent.one:c two=parent.two:c ' +
    'dotOne=ab.c:c dotTwo=a.bc:c deepRef=deep.ref:r deepPat=deep.ref@Patient:r text=code:c ' +
    'either=status:c|tag*:k choice=first:b|second:c alone=none:b|status:c'
}).get('Thing')

const typeOf = (name: string): ParameterType => {
  if (name === 'missing') return 'token'
  if (/^uri(?:s|Of\w+)?$/.test(name)) return 'uri'
  if (/^(?:refs?2?|refOf\w+|pats?|deepRef|deepPat)$/.test(name)) return 'reference'
  if (name === 'when' || name === 'day' || name === 'statusDay') return 'date'
  if (name === 'number' || name === 'string') return name
  return name === 'opaque' ? 'other' : 'token'
}

const vocabulary: Vocabulary = { typeOf: (_, name) => typeOf(name) }

const placed = (text: string) => {
  const [start = '', value = ''] = text.split('=')
  const [name = '', path = name] = start.split('@')
  const clause = readClause(vocabulary, 'Thing', { name, modifier: null, values: commaList(value), text })
  return { clause, paths: paths?.get(path) ?? [] }
}

const found = (query: string): Resource | null =>
  witnessFor('Thing', query === '' ? [] : query.split('&').map((text) => placed(text)))

/** The members of a resource without its id and type. */
const membersFor = (query: string): object | null => {
  const resource = found(query)
  if (resource === null) return null
  const { id, resourceType, ...members } = resource
  expect([id, resourceType]).toEqual(['any', 'Thing'])
  return members
}

const coded = (...coding: ReadonlyArray<object>) => ({ coding })
const [a, sa] = [{ code: 'a' }, { system: 's', code: 'a' }]
const patient = { reference: 'Patient/1' }

describe('a resource that satisfies a clause', () => {
  it.each<readonly [string, string, object | null]>([
    ['no clause', '', {}],
    ['a code', 'code=a', { code: coded(a) }],
    ['a code with a system', 'code=s|a', { code: coded(sa) }],
    ['a code without a system', 'code=|a', { code: coded(a) }],
    ['any code of a system', 'code=s|', { code: coded({ system: 's', code: 'any' }) }],
    ['one code of a list', 'code=s|a,b', { code: coded(sa) }],
    ['a code of a repeating element', 'tag=s|a', { tag: [coded(sa)] }],
    ['a coding', 'coding=s|a', { coding: sa }],
    ['any coding of a system', 'coding=s|', { coding: { system: 's', code: 'any' } }],
    ['a coding of a repeating element', 'codings=a', { codings: [a] }],
    ['a plain code', 'status=a', { status: 'a' }],
    ['a plain code without a system', 'status=|a', { status: 'a' }],
    ['any plain code', 'status=|', { status: 'any' }],
    ['a plain code that is no id', 'status=a_b', { status: 'a_b' }],
    ['no plain code of a system', 'status=s|a', null],
    ['a plain code beside one with a system', 'status=s|a,b', { status: 'b' }],
    ['true', 'flag=true', { flag: true }],
    ['false', 'flag=false', { flag: false }],
    ['any truth value', 'flag=|', { flag: true }],
    ['no truth value', 'flag=yes', null],
    ['no truth value of a system', 'flag=s|true', null],
    ['a truth value of a list', 'flag=yes,false', { flag: false }],
    ['a reference', 'ref=Group/1', { ref: { reference: 'Group/1' } }],
    ['a reference to any type', 'ref=1', { ref: patient }],
    ['no reference without an id', 'ref=Patient/a_b', null],
    ['no reference without an id to any type', 'ref=a_b', null],
    ['no reference to a type without a name', 'ref=patient/1', null],
    ['a reference beside one without an id', 'ref=Patient/a_b,Patient/1', { ref: patient }],
    ['a URL as reference', 'ref=http://h/x', { ref: { reference: 'http://h/x' } }],
    ['a URN as reference', 'ref=urn:x:1', { ref: { reference: 'urn:x:1' } }],
    ['no scheme as reference', 'ref=x y:z', null],
    ['no URL with a space', 'ref=http://h/x y', null],
    ['no URL with a space before a colon', 'ref=http:x y:z', null],
    ['no scheme alone', 'ref=http:', null],
    ['no path of three', 'ref=a/b/c', null],
    ['no repeating reference without an id', 'refs=a_b', null],
    ['a repeating reference', 'refs=Group/1', { refs: [{ reference: 'Group/1' }] }],
    ['a reference to the type', 'pat=Patient/1', { ref: patient }],
    ['a reference to the type by its id', 'pat=1', { ref: patient }],
    ['no reference to another type', 'pat=Group/1', null],
    ['a URL to the type', 'pat=http://h/Patient/1', { ref: { reference: 'http://h/Patient/1' } }],
    ['no URL to another type', 'pat=http://h/Group/1', null],
    ['a uri', 'uri=http://u', { uri: 'http://u' }],
    ['a repeating uri', 'uris=urn:u', { uris: ['urn:u'] }],
    ['no code of a uri', 'codeOfUri=a', null],
    ['no code of a reference', 'codeOfRef=a', null],
    ['no uri of a code', 'uriOfCode=a', null],
    ['no path of three as a code', 'refOfCode=http://h', null],
    ['no reference of a code', 'refOfCode=Patient/1', null],
    ['a uri of a reference', 'uriOfRef=urn:u', { ref: { reference: 'urn:u' } }],
    ['no uri of a reference', 'uriOfRef=u', null],
    ['no string', 'string@status=a', null],
    ['nothing of what is not interpreted', 'opaque@status=a', null],
    ['nothing of what is not interpreted, on a uri', 'opaque@uri=a', null],
    ['nothing of a parameter without a path', 'missing=a', null],
    ['a date', 'day=2020', { day: '2020-01-01' }],
    ['a moment', 'when=2020-02', { when: '2020-02-01T00:00:00.000000000Z' }],
    ['no impossible date', 'day=gt9999', null],
    ['a number', 'number=ge5', { number: '\u00005' }],
    ['a member of a list', 'deep=a', { deep: { list: [{ code: 'a' }] } }],
    ['the first path', 'choice=true', { first: true }],
    ['the second path', 'choice=a', { second: 'a' }],
    ['a path that holds many', 'either=a', { tag: [coded(a)] }],
    ['a path that holds many, with a system', 'either=s|a', { tag: [coded(sa)] }]
  ])('has %s: %s', (_, query, members) => {
    expect(membersFor(query)).toEqual(members)
  })

  it('has the id that a clause requires, and else any', () => {
    expect(found('identity=x-1')).toEqual({ resourceType: 'Thing', id: 'x-1' })
    expect(found('identity=|')).toEqual({ resourceType: 'Thing', id: 'any' })
    expect(found('')).toEqual({ resourceType: 'Thing', id: 'any' })
    expect(found('identity=a_b')).toBeNull()
    expect(found('identity=a_b,x')).toMatchObject({ id: 'x' })
  })
})

describe('a resource that satisfies several clauses', () => {
  const many = (...codes: ReadonlyArray<string>): string => codes.join(',')

  it.each<readonly [string, string, object | null]>([
    ['codes in one element', 'code=a&code=s|a', { code: coded(a, sa) }],
    ['codes of two parameters in one element', 'code=a&code2=b', { code: coded(a, { code: 'b' }) }],
    ['codes in two elements', 'tag=a&tag=s|a', { tag: [coded(a), coded(sa)] }],
    ['codings in two elements', 'codings=a&codings=s|a', { codings: [a, sa] }],
    ['references in two elements', 'refs=1&pats=2', { refs: [patient, { reference: 'Patient/2' }] }],
    ['members in two elements', 'deep=a&deep=b', { deep: { list: [{ code: 'a' }, { code: 'b' }] } }],
    ['lists beside each other', 'deep=a&deepList=b', { deep: { list: [{ code: 'a' }], codes: ['b'] } }],
    [
      'codes in the members of two elements',
      'deepCode=a&deepCode=b',
      {
        deep: { list: [{ code: coded(a) }, { code: coded({ code: 'b' }) }] }
      }
    ],
    ['members of one parent', 'one=a&two=b', { parent: { one: 'a', two: 'b' } }],
    ['members with similar paths', 'dotOne=x&dotTwo=y', { ab: { c: 'x' }, a: { bc: 'y' } }],
    ['a plain code in the place of codes', 'code=a&text=b', { code: 'b' }],
    ['a member beside codes', 'code=a&inner=b', { code: { ...coded(a), text: 'b' } }],
    ['one code', 'status=a,b&status=b,c', { status: 'b' }],
    ['one code of two parameters', 'status=a,b&status2=b,c', { status: 'b' }],
    ['no common code', 'status=a&status=b', null],
    ['no common code of two parameters', 'status=a&status2=b', null],
    ['one coding', 'coding=a&coding=s|a', { coding: sa }],
    ['one coding, the other way round', 'coding=s|a&coding=a', { coding: sa }],
    ['one coding of any system', 'coding=a&coding=a', { coding: a }],
    ['two systems of one code', 'coding=s|a&coding=t|a', null],
    ['a system and none', 'coding=s|a&coding=|a', null],
    ['the second of two systems', 'coding=s|a,t|a&coding=t|a,u|a', { coding: { system: 't', code: 'a' } }],
    ['two codes of one system', 'coding=s|a&coding=s|b', null],
    ['any code of one system', 'coding=s|&coding=s|', { coding: { system: 's', code: 'any' } }],
    ['any codes of two systems', 'coding=s|&coding=t|', null],
    ['one coding of three clauses', 'coding=a,b,c&coding=b,c&coding=s|c,t|d', { coding: { system: 's', code: 'c' } }],
    ['one reference', 'ref=1&ref=Group/1', { ref: { reference: 'Group/1' } }],
    ['one reference of two parameters', 'ref=1,2&ref2=Group/2', { ref: { reference: 'Group/2' } }],
    ['two ids', 'ref=1&ref=2', null],
    ['one URL', 'ref=http://h/x&ref=http://h/x', { ref: { reference: 'http://h/x' } }],
    ['a reference and a URL', 'ref=Patient/1&ref=http://h/Patient/1', null],
    ['a reference to the type', 'ref=1&pat=1', { ref: patient }],
    ['a reference to the type, the other way round', 'pat=1&ref=1', { ref: patient }],
    ['a reference that one parameter does not accept', 'ref=Group/1&pat=Group/1', null],
    ['a reference that the other parameter does not accept', 'pat=Group/1&ref=Group/1', null],
    ['a member reference that the other parameter does not accept', 'deepRef=Group/1&deepPat=Group/1', null],
    ['a reference of which one parameter accepts one', 'ref=Group/1,Patient/1&pat=Group/1,Patient/1', { ref: patient }],
    ['one uri', 'uri=a,b&uri=b', { uri: 'b' }],
    ['two uris', 'uri=a&uri=b', null],
    ['one moment', 'when=2020&when=ge2020-05', { when: '2020-05-01T00:00:00.000000000Z' }],
    ['a period', 'when=gt2020&when=lt2020', { period: { start: '0001-01-01' } }],
    ['no period', 'when=sa2020&when=eb2020', null],
    ['two dates', 'day=2020&day=2021', null],
    ['a date and a code', 'statusDay=2020&status=a', null],
    ['a code and a date', 'status=a&statusDay=2020', null],
    ['one number', 'number=gt5&number=lt6', { number: '\u000055e-1' }],
    ['one choice', 'choice=true&choice=true', { first: true }],
    ['the other choice', 'choice=true&choice=|true', { first: true }],
    ['the choice that both have', 'choice=true,a&choice=a', { second: 'a' }],
    [
      'elements of all kinds',
      'status=a&flag=false&uri=u&refs=1&code=a&day=2020',
      {
        status: 'a',
        flag: false,
        uri: 'u',
        refs: [patient],
        code: coded(a),
        day: '2020-01-01'
      }
    ],
    ['one clause of many that cannot be met', 'code=a&status=s|a&uri=u', null]
  ])('has %s: %s', (_, query, members) => {
    expect(membersFor(query)).toEqual(members)
  })

  it('is looked for with four systems of a code', () => {
    const systems = ['s', 't', 'u', 'v', 'w'].map((system) => `${system}|a`)
    expect(membersFor(`coding=v|a&coding=${many(...systems)}`)).toEqual({ coding: { system: 'v', code: 'a' } })
    expect(membersFor(`coding=w|a&coding=${many(...systems)}`)).toBeNull()
    expect(membersFor(`coding=${many(...systems)}&coding=v|a`)).toEqual({ coding: { system: 'v', code: 'a' } })
    expect(membersFor(`coding=${many(...systems)}&coding=w|a`)).toBeNull()
  })

  it('is looked for among as many common codings as the longer list has', () => {
    const [systems, others] = [many('s|a', 't|a', 'u|a', 'v|a', 's|b'), many('b', 'c', 'd', 'e', 'f')]
    expect(membersFor(`coding=a,b&coding=${systems}&coding=${others}`)).toEqual({ coding: { system: 's', code: 'b' } })
    expect(membersFor(`coding=a,a,b&coding=${systems}&coding=${others}`)).toBeNull()
    expect(membersFor(`coding=${others}&coding=${systems}&coding=a,b`)).toEqual({ coding: { system: 's', code: 'b' } })
  })
})

describe('a resource for random clauses', () => {
  interface Coding {
    readonly system?: string
    readonly code: string
  }

  /** A thing with the members that the clauses are on. */
  interface Plain {
    readonly code?: { readonly coding: ReadonlyArray<Coding> }
    readonly tag?: ReadonlyArray<{ readonly coding: ReadonlyArray<Coding> }>
    readonly coding?: Coding
    readonly status?: string
    readonly ref?: { readonly reference: string }
  }

  const text = ({ system = '', code }: Coding): string => `${system}|${code}`
  const statusOf = ({ status }: Plain): ReadonlyArray<string> => (status === undefined ? [] : [`|${status}`])
  const referencesOf = ({ ref }: Plain): ReadonlyArray<string> => (ref === undefined ? [] : [ref.reference])

  /** The texts `system|code`, `|code`, `Type/id` of each parameter, read member by member. */
  const texts: Readonly<Record<string, (thing: Plain) => ReadonlyArray<string>>> = {
    code: ({ code }) => (code?.coding ?? []).map(text),
    tag: ({ tag }) => (tag ?? []).flatMap(({ coding }) => coding.map(text)),
    coding: ({ coding }) => (coding === undefined ? [] : [text(coding)]),
    status: statusOf,
    status2: statusOf,
    ref: referencesOf,
    pat: (thing) => referencesOf(thing).filter((reference) => reference.startsWith('Patient/'))
  }

  const isMatch = (value: string, found: string): boolean =>
    value === found || found.endsWith(`|${value}`) || found.endsWith(`/${value}`)

  const meets = (thing: Plain, query: ReadonlyArray<string>): boolean =>
    query.every((clause) => {
      const [name = '', values = ''] = clause.split('=')
      return values.split(',').some((value) => (texts[name]?.(thing) ?? []).some((one) => isMatch(value, one)))
    })

  const tokens = ['a', 'b', 's|a', 't|a', '|a', 's|b']
  const references = ['Patient/1', 'Group/1', 'Patient/2', '1', '2']
  const values: Readonly<Record<string, ReadonlyArray<string>>> = {
    code: tokens,
    tag: tokens,
    coding: tokens,
    status: ['a', '|b', 's|a'],
    status2: ['|a', 'b', 'c'],
    ref: references,
    pat: references
  }
  const clause = fc
    .constantFrom(...Object.entries(values))
    .chain(([name, all]) =>
      fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: 3 }).map((list) => `${name}=${list.join(',')}`)
    )

  const everyCoding = ['', 's', 't'].flatMap((system) => ['a', 'b', 'c'].map((code) => ({ system, code })))
  /** Every thing that may have to choose: what holds many holds everything. */
  const things = everyCoding.flatMap((coding) =>
    ['a', 'b', 'c'].flatMap((status) =>
      ['Patient/1', 'Patient/2', 'Group/1', 'Group/2'].map((reference) => ({
        code: { coding: everyCoding },
        tag: [{ coding: everyCoding }],
        coding,
        status,
        ref: { reference }
      }))
    )
  )

  it('is found exactly where a slow search finds one, and the slow reader accepts it', () => {
    fc.assert(
      fc.property(fc.array(clause, { maxLength: 5 }), (query) => {
        const resource = found(query.join('&'))
        const isFound = things.some((thing) => meets(thing, query))
        expect([query, resource !== null]).toEqual([query, isFound])
        if (resource !== null)
          expect([query, resource, meets(resource as unknown as Plain, query)]).toEqual([query, resource, true])
      })
    )
  })
})
