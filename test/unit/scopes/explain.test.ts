import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { explain, explainEach, explainScope } from '../../../src/scopes/explain/explain.js'
import type { Sentences } from '../../../src/scopes/explain/sentences.js'
import { english } from '../../../src/scopes/explain/english.js'
import { format } from '../../../src/scopes/format.js'
import { normalize } from '../../../src/scopes/normalize.js'
import { parse, parseScope } from '../../../src/scopes/parse.js'
import { readAzureScopes, readVerbScopes, readVersion1WithQuery } from '../../../src/scopes/dialects.js'
import { fromUri, toUri } from '../../../src/scopes/uri-form.js'
import { subsumption } from '../../../src/scopes/subsumes.js'
import { fhirR4With } from '../../../src/scopes/vocabulary.js'

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
    expect(explainScope(parseScope(text)).constraints.map((one) => one.meaning)).toEqual([meaning])
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

describe('URIs', () => {
  it.each([
    'patient/*.rs',
    'launch',
    'launch/patient',
    'openid',
    'fhirUser',
    'offline_access',
    'online_access',
    '__vendor',
    'https://example.org/x',
    'user/Observation.rs?category=a|b'
  ])('%s goes there and back', (text) => {
    expect(fromUri(toUri(parseScope(text))).text).toBe(text)
  })

  it('accept offline_access under both prefixes', () => {
    expect(fromUri('http://smarthealthit.org/fhir/scopes/offline_access').text).toBe('offline_access')
  })
})

describe('dialects', () => {
  it.each([
    ['patient.all.read', 'patient/*.read'],
    ['user.Observation.rs?category=a', 'user/Observation.rs?category=a'],
    ['launch%2Fpatient', 'launch/patient'],
    ['launch.patient', 'launch/patient'],
    ['patient%2fObservation.rs', 'patient/Observation.rs'],
    ['openid', 'openid']
  ])('Azure: %s is %s', (from, to) => {
    const { scopes, repairs } = readAzureScopes(from)
    expect([format(scopes), repairs]).toEqual([to, from === to ? [] : [{ from, to }]])
  })

  it('verbs and version 1 with a query', () => {
    expect(readVerbScopes('patient/Observation.search patient/*.create openid').repairs).toEqual([
      { from: 'patient/Observation.search', to: 'patient/Observation.s' },
      { from: 'patient/*.create', to: 'patient/*.c' }
    ])
    expect(format(readVersion1WithQuery('patient/Observation.read?category=a').scopes)).toBe(
      'patient/Observation.rs?category=a'
    )
  })
})
