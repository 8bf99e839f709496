/** Accesses, faults and certificates in words. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { CoveredAtom } from '../../../src/scopes/certificates/certificate.js'
import { certify } from '../../../src/scopes/certificates/certify.js'
import { certificateInWords, coverTextsOf } from '../../../src/scopes/certificates/words.js'
import { accessInWords } from '../../../src/scopes/explain/access.js'
import { firstMalformed, malformedScopes, reasonInWords, withCaret } from '../../../src/scopes/explain/malformed.js'
import { likelyScope } from '../../../src/scopes/explain/likely-scope.js'
import { parse, parseScope } from '../../../src/scopes/parse.js'
import type { Access, SearchIndex } from '../../../src/scopes/permits.js'

describe('an access', () => {
  const read = (type: string, resource: SearchIndex): Access => ({ level: 'user', type, permission: 'r', resource })

  it.each<readonly [access: Access, words: string]>([
    [{ atom: 'openid' }, 'openid'],
    [{ atom: 'a\u202eb' }, 'a\\u{202e}b'],
    [read('Patient', {}), 'user/Patient.r'],
    [read('A\u202e', {}), 'user/A\\u{202e}.r'],
    [read('Patient', { gender: ['a'] }), 'user/Patient.r of a resource with gender a'],
    [
      read('Patient', { gender: ['a', 'b\n'], 'na\u202eme': ['c'] }),
      'user/Patient.r of a resource with gender a and b\\u{a}, na\\u{202e}me c'
    ],
    [read('Patient', { gender: [], name: ['c'] }), 'user/Patient.r of a resource with gender , name c']
  ])('%j is %s', (access, words) => {
    expect(accessInWords(access)).toBe(words)
  })
})

describe('a malformed scope', () => {
  it.each([
    ['patient/X.sr', 'PermissionsOutOfOrder', 11],
    ['openid patient/X.sr launch', 'PermissionsOutOfOrder', 18],
    ['openid  launch patient/x.r user/X.x', 'TypeMalformed', 23],
    [' patient/', 'TypeMalformed', 9]
  ])('of %j is the first, at its place in the text', (text, reason, position) => {
    const found = firstMalformed(parse(text))
    expect([found?.scope.reason, found?.position]).toEqual([reason, position])
  })

  it.each(['', ' ', 'openid  launch', 'foo'])('is not in %j', (text) => {
    expect(firstMalformed(parse(text))).toBe(null)
  })

  it.each([
    ['', 'a scope'],
    ['\u00e9', 'a printable ASCII character other than " and \\ (RFC 6749, section 3.3)'],
    ['patient.X.r', 'a slash after patient, user or system'],
    ['patient/x.r', 'a resource type such as Observation, or *'],
    ['patient/X', 'permissions: some of cruds in this order, or read, write, *'],
    ['patient/X.x', 'permissions: some of cruds in this order, or read, write, *'],
    ['patient/X.sr', 'permissions in the order cruds, each once'],
    ['patient/X.read?a=b', 'no query: permissions of version 1 have none'],
    ['patient/X.r?a', 'name=value, with & between several'],
    ['launch/', 'launch/type, or launch/type?role=role']
  ])('%j lacks %s', (text, words) => {
    // The empty text alone is no scope; beside another it is an empty one.
    const [scope] = parse(text === '' ? ' openid' : text)
    expect(scope?._tag === 'MalformedScope' ? reasonInWords[scope.reason] : '').toBe(words)
  })

  it('is found among texts that must be one scope each', () => {
    expect(malformedScopes(['openid', 'patient/X.sr', 'foo', 'openid launch', ''])).toEqual([
      'patient/X.sr',
      'openid launch',
      ''
    ])
  })

  it('is shown with a caret under the fault, also in a long text', () => {
    expect(withCaret('patient/X.sr', 11, 'y')).toEqual(['patient/X.sr', '           ^ expected y'])
    expect(withCaret('a\u009bb\u00e9', 1, 'y')).toEqual(['a?b?', ' ^ expected y'])
    expect(withCaret(`${'a'.repeat(200)}!`, 200, 'y')).toEqual([
      `${'a'.repeat(200)}!`,
      `${' '.repeat(200)}^ expected y`
    ])
    expect(withCaret(`!${'b'.repeat(99)}`, 0, 'y')).toEqual([`!${'b'.repeat(99)}`, '^ expected y'])
    expect(withCaret(`!${'b'.repeat(100)}`, 0, 'y')).toEqual([`!${'b'.repeat(99)}...`, '^ expected y'])
    expect(withCaret(`${'a'.repeat(5000)}!${'b'.repeat(5000)}`, 5000, 'y')).toEqual([
      `...${'a'.repeat(200)}!${'b'.repeat(99)}...`,
      `${' '.repeat(203)}^ expected y`
    ])
  })
})

describe('a certificate', () => {
  const inWords = (granted: string, requested: string): unknown =>
    Either.map(certificateInWords)(certify(parse(granted), parse(requested)))

  it.each([
    ['openid', '', ['yes']],
    ['openid launch', 'launch openid', ['yes', 'launch: launch', 'openid: openid']],
    ['openid', 'launch', ['no: not launch']],
    ['patient/Patient.r', 'patient/Patient.s', ['no: not patient/Patient.s']],
    [
      'patient/*.rs',
      'patient/Patient.rs',
      ['yes', 'patient/Patient.r: patient/*.rs', 'patient/Patient.s: patient/*.rs']
    ],
    [
      'openid patient/*.rs?_tag=a,b',
      'patient/Patient.r?gender=x&_tag=s%7Cb',
      ['yes', 'patient/Patient.r with gender=x and _tag=s|b: patient/*.rs?_tag=a,b (_tag=b covers _tag=s|b)']
    ],
    [
      'patient/Patient.r?gender=b&name=A',
      'patient/Patient.r?name:exact=abc,an&gender=s%7Cb',
      [
        'yes',
        'patient/Patient.r with name:exact=abc and gender=s|b: patient/Patient.r?gender=b&name=A ' +
          '(gender=b covers gender=s|b, name=A covers name:exact=abc)',
        'patient/Patient.r with name:exact=an and gender=s|b: patient/Patient.r?gender=b&name=A ' +
          '(gender=b covers gender=s|b, name=A covers name:exact=an)'
      ]
    ],
    [
      'patient/Patient.r?name:exact=ab,c',
      'patient/Patient.r?name:exact=c',
      [
        'yes',
        'patient/Patient.r with name:exact=c: patient/Patient.r?name:exact=ab,c (name:exact=c covers name:exact=c)'
      ]
    ],
    [
      'patient/Patient.r?birthdate=1,2',
      'patient/Patient.r?birthdate=1,2',
      [
        'yes',
        'patient/Patient.r with birthdate=1,2: patient/Patient.r?birthdate=1,2 (birthdate=1,2 covers birthdate=1,2)'
      ]
    ],
    [
      'patient/Patient.r?gender:not=a,b&name:contains=a,b',
      'patient/Patient.r?gender:not=a,b&name:contains=a,b',
      [
        'yes',
        'patient/Patient.r with gender:not=a,b and name:contains=a,b: ' +
          'patient/Patient.r?gender:not=a,b&name:contains=a,b ' +
          '(gender:not=a,b covers gender:not=a,b, name:contains=a,b covers name:contains=a,b)'
      ]
    ],
    [
      'patient/Patient.r?gender:exact=a,b',
      'patient/Patient.r?gender:exact=a,b',
      [
        'yes',
        'patient/Patient.r with gender:exact=a,b: patient/Patient.r?gender:exact=a,b ' +
          '(gender:exact=a,b covers gender:exact=a,b)'
      ]
    ],
    [
      'patient/Patient.r?name=%E2%80%AE',
      'patient/Patient.r?name=%E2%80%AEa',
      [
        'yes',
        'patient/Patient.r with name=\\u{202e}a: patient/Patient.r?name=%E2%80%AE ' +
          '(name=\\u{202e} covers name=\\u{202e}a)'
      ]
    ]
  ])('of %j and %j says %j', (granted, requested, words) => {
    expect(inWords(granted, requested)).toEqual(Either.right(words))
  })

  it('of a scope that permits only itself has no clauses', () => {
    const answer = certify(parse('openid'), parse('openid'))
    const certificate = Either.isRight(answer) && answer.right.result ? answer.right : null
    expect(certificate === null ? null : coverTextsOf(certificate)).toEqual([
      { requested: 0, granted: 0, permission: null, clauses: [], covering: [] }
    ])
  })

  it('that points to what is not there says what is there', () => {
    const atom = (requested: number, granted: number, values: ReadonlyArray<number>, by: CoveredAtom['by']) =>
      ({ requested, permission: 'r', values, granted, by }) as const
    expect(
      certificateInWords({
        version: 1,
        granted: 'openid patient/X.r?_id=1',
        requested: 'patient/X.r?_id=2 openid',
        levelOrder: [],
        types: [['X', '_id', 'token']],
        result: true,
        atoms: [
          atom(0, 9, [0], [[0, 0]]),
          atom(0, 0, [0], [[0, 0]]),
          atom(
            0,
            1,
            [5, 0],
            [
              [7, 0],
              [0, 1],
              [0, 3]
            ]
          ),
          atom(1, 0, [0], [[0, 0]]),
          atom(7, 0, [0], [[0, 0]]),
          { requested: 9, granted: 0 }
        ]
      })
    ).toEqual([
      'yes',
      'patient/X.r with _id=2:  ( covers _id=2)',
      'patient/X.r with _id=2: openid ( covers _id=2)',
      'patient/X.r with _id= and : patient/X.r?_id=1 (_id= covers _id=,  covers ,  covers )',
      '',
      '',
      ': openid'
    ])
  })
})

describe('the scope that a misspelled one probably means', () => {
  it.each([
    ['patient/Observation.sr', 'patient/Observation.rs'],
    ['patient/Observation.rsr', 'patient/Observation.rs'],
    ['patient/Observation.RS', 'patient/Observation.rs'],
    ['patient/observation.rs', 'patient/Observation.rs'],
    ['patient/Observaton.rs', 'patient/Observation.rs'],
    ['patient/Observation.reed', 'patient/Observation.read'],
    ['patent/Observation.*', 'patient/Observation.*'],
    ['user:*.read', 'user/*.read'],
    ['lauch/patient', 'launch/patient'],
    ['fhiruser', 'fhirUser'],
    ['offline-acces', 'offline_access']
  ])('%s: %s', (written, meant) => {
    expect(likelyScope(parseScope(written))).toBe(meant)
    // What is meant is right itself.
    expect(likelyScope(parseScope(meant))).toBe(null)
    expect(malformedScopes([meant])).toEqual([])
  })

  it.each([
    ['patient/Observation.sr?category=laboratory', 'patient/Observation.rs?...'],
    ['patient/Observation.read?category=laboratory', 'patient/Observation.rs?...'],
    ['patient/Observation.write?category=laboratory', 'patient/Observation.cud?...'],
    ['patient/Observation.*?category=laboratory', 'patient/Observation.cruds?...']
  ])('keeps the query of %s to the reader: %s', (written, meant) => {
    expect(likelyScope(parseScope(written))).toBe(meant)
  })

  it.each([
    'patient/Observation.rs',
    'patient/Observation.create',
    'patient/Zebra.sr',
    'patient/Zebra.rs',
    'patient/Observation.rs?category',
    'elsewhere/Observation.rs',
    'https://ehr.example/scope',
    'launch/zebra',
    'zebra',
    '',
    `patient/${'O'.repeat(100_000)}.rs`
  ])('is not known for %.40s', (written) => {
    expect(likelyScope(parseScope(written))).toBe(null)
  })
})
