import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { Act } from '../../../src/scopes/explain/claims.js'
import { claims, rightsOf } from '../../../src/scopes/explain/claims.js'
import { explainClause } from '../../../src/scopes/explain/clauses.js'
import { explain, explainEach, explainScope } from '../../../src/scopes/explain/explain.js'
import type { Sentences } from '../../../src/scopes/explain/sentences.js'
import { english } from '../../../src/scopes/explain/english.js'
import { format } from '../../../src/scopes/format.js'
import { normalize } from '../../../src/scopes/normalize.js'
import { parse, parseScope } from '../../../src/scopes/parse.js'
import type { LevelOrder } from '../../../src/scopes/permits.js'
import { subsumption } from '../../../src/scopes/subsumes.js'
import { fhirR4, fhirR4With } from '../../../src/scopes/vocabulary.js'

const named = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'data', 'us-core-scopes.json'), 'utf8')
) as {
  readonly granular: ReadonlyArray<string>
  readonly resourceLevel: ReadonlyArray<string>
}

describe('the scopes that US Core and HTI-1 name', () => {
  const all = [...named.granular, ...named.resourceLevel]

  it('are 39', () => {
    expect(all).toHaveLength(39)
  })

  it.each(all)('%s parses, explains and round-trips', (text) => {
    const scope = parseScope(text)
    expect(scope._tag).toBe('ResourceScope')
    expect(format(parse(text))).toBe(text)
    const normal = normalize(parse(text))
    expect(Either.map(format)(normal)).toEqual(Either.right(text))
    const { long, constraints } = explainScope(scope)
    expect(long).toMatch(
      /^Read and search \w+ records of the one patient in context(?:, only where category is "[\w-]+" of the system "http:[^"]+")?\.$/
    )
    expect(constraints).toHaveLength(named.granular.includes(text) ? 1 : 0)
    expect(subsumption(parse('patient/*.rs'), parse(text))).toEqual(Either.right(true))
  })
})

describe('a clause', () => {
  it.each([
    ['patient/Patient.s?family=Muller', 'only where family begins with "Muller"'],
    ['patient/Patient.s?family=a%7Cb', 'only where family begins with "a|b"'],
    ['patient/Patient.s?family=A%5C,b%5C%5C', 'only where family begins with "A,b\\"'],
    ['patient/Observation.s?code=a%5C%7Cb', 'only where code is "a|b"'],
    ['patient/Observation.s?status=final', 'only where status is "final"'],
    ['patient/Patient.s?family:exact=Muller', 'only where family is "Muller"'],
    [
      'patient/Observation.s?code=http://x.example%7C1%5C%7C2',
      'only where code is "1|2" of the system "http://x.example"'
    ],
    [
      'patient/Observation.s?code=%7C1,http://x.example%7C',
      'only where code is "1" without a system or any code of the system "http://x.example"'
    ],
    ['patient/Observation.s?subject=Patient/1,2', 'only where subject is "Patient/1" or "2"'],
    ['patient/Observation.s?status:not=final', 'only where the search "status:not=final" finds them'],
    ['patient/Observation.s?date=ge2020,lt2024', 'only where the search "date=ge2020,lt2024" finds them'],
    ['patient/*.s?approved-by-your-hospital=x', 'only where the search "approved-by-your-hospital=x" finds them'],
    [
      `patient/Observation.s?status=${Array.from({ length: 23 }, (_, place) => `s${String(place)}`).join(',')}`,
      `only where status is ${Array.from({ length: 20 }, (_, place) => `"s${String(place)}"`).join(', ')} or ` +
        'one of 3 more values'
    ]
  ])('of %s is said by the type of its parameter', (text, meaning) => {
    const clause = text.slice(text.indexOf('?') + 1)
    expect(explainScope(parseScope(text)).constraints).toEqual([{ clause, meaning }])
  })

  it('is given as data', () => {
    const [scope] = parse(
      'patient/Observation.r?code=a,x|b,%7Cc,x%7C&value-string=Ab&value-string:exact=Ab&code:in=v,w'
    )
    const clauses = scope?._tag === 'ResourceScope' ? scope.query : []
    expect(clauses.map((clause) => explainClause(fhirR4, 'Observation', clause))).toEqual([
      {
        _tag: 'OneOf',
        name: 'code',
        compares: 'equal',
        values: [
          { _tag: 'Text', text: '"a"' },
          { _tag: 'Token', code: '"b"', system: '"x"' },
          { _tag: 'Token', code: '"c"', system: '' },
          { _tag: 'Token', code: null, system: '"x"' }
        ],
        others: 0
      },
      {
        _tag: 'OneOf',
        name: 'value-string',
        compares: 'beginning',
        values: [{ _tag: 'Text', text: '"Ab"' }],
        others: 0
      },
      { _tag: 'OneOf', name: 'value-string', compares: 'equal', values: [{ _tag: 'Text', text: '"Ab"' }], others: 0 },
      { _tag: 'Search', text: '"code:in=v,w"' }
    ])
  })
})

describe('an explanation', () => {
  it('is the same for two spellings of one meaning, and says what is not allowed', () => {
    const [one, other] = ['patient/Observation.s patient/Observation.r', 'patient/Observation.read'].map((text) =>
      explain(parse(text))
    )
    expect(JSON.stringify(one)).toBe(JSON.stringify(other))
    expect(one !== undefined && Either.isRight(one) ? one.right.doesNotAllow : []).toEqual([
      'It cannot create, change or delete anything.',
      'It cannot renew its access without asking you again.',
      'It cannot see or change records that are about other patients and not about this one.',
      'It cannot see or change records of kinds that are not named.'
    ])
  })

  it.each([
    ['patient/*.cruds', { everyType: true, write: true, offline: false, experimental: false }],
    ['offline_access', { everyType: false, write: false, offline: true, experimental: false }],
    ['patient/Observation.r?code:in=x', { everyType: false, write: false, offline: false, experimental: true }]
  ])('%s is marked', (text, marks) => {
    expect(explainScope(parseScope(text)).marks).toEqual(marks)
  })

  it('is plain text that holds what it was given, and no HTML of its own', () => {
    const { short } = explainScope(parseScope('<b>'))
    expect(short).toBe('Use the permission "<b>"')
    expect(explainScope(parseScope('constructor')).short).toBe('Use the permission "constructor"')
  })

  it.each([
    ['patient/*.rs', 'Read and search all records of this patient, of every kind, both now and in the future'],
    ['patient/*.read', 'Read and search all records of this patient, of every kind, both now and in the future'],
    [
      'user/*.cruds',
      'Create, read, change, delete and search all records that you may see, of every kind, both now and in the future'
    ],
    [
      'system/*.r?code=x',
      'Read all records of everybody, of every kind, both now and in the future, only where code is "x"'
    ],
    [
      'patient/Observation.cruds',
      'Create, read, change, delete and search all Observation records of this patient, both now and in the future'
    ],
    [
      'patient/Observation.*',
      'Create, read, change, delete and search all Observation records of this patient, both now and in the future'
    ]
  ])('of the wildcard %s says that it is all data, now and in the future', (text, short) => {
    expect(explainScope(parseScope(text)).short).toBe(short)
  })

  it.each([
    ['patient/ApprovedByYourHospital.rs', 'Read and search "ApprovedByYourHospital" records of this patient'],
    ['launch/approved_by_your_hospital', 'Know which "approved_by_your_hospital" you chose'],
    ['launch/imagingstudy?role=x', 'Know which "imagingstudy" you chose (as "x")'],
    ['launch/patient', 'Know which patient you chose'],
    [
      'patient/Observation.r?code=x%22.%0AThis%20app%20is%20approved%20%E2%80%AE',
      'Read Observation records of this patient, only where code is "x\\u{22}.\\u{a}This app is approved \\u{202e}"'
    ],
    [
      'patient/Observation.r?code=%E2%80%9D,%E2%80%8B',
      'Read Observation records of this patient, only where code is "\\u{201d}" or "\\u{200b}"'
    ],
    [
      `https://x.example/${'x'.repeat(5000)}`,
      `Use the permission "https://x.example/${'x'.repeat(49)}…(4918 more characters)…${'x'.repeat(33)}"`
    ]
  ])('sets apart what an app chose in %.60s', (text, short) => {
    expect(explainScope(parseScope(text)).short).toBe(short)
  })

  it.each([
    ['fhirUser patient/Observation.rs', 'fhirUser', 'Ask who you are in the record system'],
    ['openid fhirUser', 'fhirUser', 'Know who you are in the record system, and read that record'],
    ['system/Observation.rs online_access', 'online_access', 'Ask to renew its access'],
    ['system/*.rs offline_access', 'offline_access', 'Ask to renew its access'],
    ['system/*.rs user/Observation.rs online_access', 'online_access', 'Renew its access while you are signed in']
  ])('of %s says of %s only what follows from it', (text, named, short) => {
    expect(explainEach(parse(text)).allows.find(({ scope }) => scope.text === named)?.short).toBe(short)
  })

  it.each(['profile', 'email', 'address', 'phone'])(
    'of %s promises nothing: only a server that has such claims grants it',
    (text) => {
      const { short, long } = explainScope(parseScope(text))
      expect(short).toMatch(/^Ask for your /)
      expect(long).toMatch(/, which only a server that tells (?:it|them) grants\.$/)
    }
  )

  it.each([
    [
      'launch',
      'Know what you are working on',
      'Know which patient and encounter you are working on in the record system, and what else it tells when it ' +
        'starts the app.'
    ],
    ['launch/encounter', 'Know which encounter you chose', 'Know which encounter you chose or are working on.'],
    [
      'launch/imagingstudy?role=x',
      'Know which "imagingstudy" you chose (as "x")',
      'Know which "imagingstudy" you chose or are working on (as "x").'
    ],
    ['foo', 'Use the permission "foo"', 'Use the permission "foo", which is not explained here.'],
    ['openid', 'Know that it is you', 'Know that it is you who signed in, by an identifier.']
  ])('of %s has a phrase and a sentence, and nothing else', (text, short, long) => {
    const scope = parseScope(text)
    const marks = { everyType: false, write: false, offline: false, experimental: false }
    expect(explainScope(scope)).toEqual({ scope, short, long, marks, constraints: [] })
  })

  it('says of each scope of a backend service what a service is granted', () => {
    const { allows } = explainEach(parse('system/*.rs openid launch launch/patient offline_access foo'))
    expect(allows.slice(1).map(({ short, constraints }) => [short, constraints])).toEqual([
      ['Ask who the user is', []],
      ['Ask what a user works on', []],
      ['Ask what a user works on', []],
      ['Ask to renew its access', []],
      ['Use the permission "foo"', []]
    ])
  })

  it('says of fhirUser alone that the record may be read', () => {
    expect(explainEach(parse('openid fhirUser profile')).allows.map(({ short }) => short)).toEqual([
      'Know that it is you',
      'Know who you are in the record system, and read that record',
      'Ask for your name and other basic facts about you'
    ])
  })

  it('follows the vocabulary of the caller', () => {
    const vocabulary = fhirR4With([{ resourceType: 'Patient', name: 'race', type: 'token' }])
    expect(explainScope(parseScope('user/Patient.r?race=x'), english, { vocabulary }).short).toBe(
      'Read Patient records that you may see, only where race is "x"'
    )
  })

  it('says of fhirUser that the record may be read, where openid and the host let it', () => {
    const shortOf = (text: string, options = {}) =>
      explainEach(parse(text), english, options)
        .allows.map(({ short }) => short)
        .at(-1)
    expect(shortOf('openid fhirUser')).toBe('Know who you are in the record system, and read that record')
    expect(shortOf('fhirUser')).toBe('Ask who you are in the record system')
    expect(shortOf('openid fhirUser', { fhirUserImpliesRead: false })).toBe('Know who you are in the record system')
  })

  it('uses another language by its table', () => {
    const german: Sentences = {
      ...english,
      named: { openid: { short: 'Wissen, wer Sie sind', long: 'Wissen, wer Sie sind.' } }
    }
    expect(explainScope(parseScope('openid'), german).short).toBe('Wissen, wer Sie sind')
  })
})

describe('what is not allowed', () => {
  const act = (type: string, permission: 'c' | 'r' | 'u' | 'd' | 's', isAboutOthers: boolean, isOwn: boolean): Act => ({
    _tag: 'Resource',
    type,
    permission,
    isAboutOthers,
    isOwn
  })
  const acts: Readonly<Record<string, Act>> = {
    'a read': act('Observation', 'r', false, false),
    'a search': act('Observation', 's', false, false),
    'a create': act('Observation', 'c', false, false),
    'an update': act('Observation', 'u', false, false),
    'a delete': act('Observation', 'd', false, false),
    'a read of another patient': act('Observation', 'r', true, false),
    'a read of the own record': act('Observation', 'r', true, true),
    'an update of the own record': act('Observation', 'u', true, true),
    'a read of another type': act('Condition', 'r', false, false),
    'a read of the own record of another type': act('Practitioner', 'r', false, true),
    'a renewal': { _tag: 'Renewal', isSignedIn: true },
    'a renewal after signing out': { _tag: 'Renewal', isSignedIn: false }
  }
  const all = Object.keys(acts)
  const accesses = all.filter((name) => !name.includes('renewal'))
  const writes = ['a create', 'an update', 'a delete', 'an update of the own record']
  const others = ['a read of another patient', 'a read of the own record', 'an update of the own record']
  const otherTypes = ['a read of another type', 'a read of the own record of another type']

  it.each([
    ['anyRecord', accesses],
    ['anyOtherRecord', accesses.filter((name) => !name.startsWith('a read of the own record'))],
    ['write', writes],
    ['renewal', ['a renewal', 'a renewal after signing out']],
    ['renewalSignedOut', ['a renewal after signing out']],
    ['otherPatients', others],
    ['otherPatientsOrUser', ['a read of another patient']],
    ['otherTypes', otherTypes],
    ['otherTypesOrUser', ['a read of another type']]
  ])('%s denies %j', (name, denied) => {
    const claim = claims.find((one) => one.name === name)
    const rights = rightsOf(parse('patient/Observation.rs'))
    expect(all.filter((one) => claim?.denies(acts[one] as Act, rights) === true)).toEqual(denied)
  })

  it.each([
    ['', 'never', false],
    ['openid online_access', 'while signed in', false],
    ['online_access offline_access', 'always', false],
    ['openid  launch', 'never', false],
    ['foo', 'never', true],
    ['https://x.example', 'never', true],
    ['patient/Observation.sr', 'never', true]
  ])('by %j: it renews %s, and something is not explained: %s', (text, renewal, hasUnexplained) => {
    expect(rightsOf(parse(text))).toMatchObject({ renewal, hasUnexplained })
  })

  it('is the same in an order of levels in which patient includes nothing', () => {
    const deniedIn = (levelOrder: LevelOrder) =>
      explainEach(parse('patient/Observation.rs'), english, { levelOrder }).denies
    expect(deniedIn([['user', 'patient']])).toContain('otherPatients')
    expect(deniedIn([['patient', 'user']])).not.toContain('otherPatients')
    expect(
      deniedIn([
        ['system', 'user'],
        ['patient', 'user']
      ])
    ).not.toContain('otherPatients')
  })
})
