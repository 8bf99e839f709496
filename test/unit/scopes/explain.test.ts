import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { explain, explainScope } from '../../../src/scopes/explain.js'
import type { Sentences } from '../../../src/scopes/explain.js'
import { english } from '../../../src/scopes/explain-english.js'
import { format } from '../../../src/scopes/format.js'
import { normalize } from '../../../src/scopes/normalize.js'
import { parse, parseScope } from '../../../src/scopes/parse.js'
import { readAzureScopes, readVerbScopes, readVersion1WithQuery } from '../../../src/scopes/dialects.js'
import { fromUri, toUri } from '../../../src/scopes/uri-form.js'
import { subsumes } from '../../../src/scopes/subsumes.js'

const named = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'data', 'us-core-scopes.json'), 'utf8')) as {
  readonly granular: ReadonlyArray<string>
  readonly resourceLevel: ReadonlyArray<string>
}

describe('the scopes that US Core and HTI-1 name', () => {
  const all = [...named.granular, ...named.resourceLevel]

  it('are 39', () => { expect(all).toHaveLength(39) })

  it.each(all)('%s parses, explains and round-trips', (text) => {
    const scope = parseScope(text)
    expect(scope._tag).toBe('ResourceScope')
    expect(format(parse(text))).toBe(text)
    const normal = normalize(parse(text))
    expect(Either.map(format)(normal)).toEqual(Either.right(text))
    const { long, constraints } = explainScope(scope)
    expect(long).toMatch(/^Read and search \w+ records of the one patient in context\.$/)
    expect(constraints).toHaveLength(named.granular.includes(text) ? 1 : 0)
    expect(subsumes(parse('patient/*.rs'), parse(text))).toEqual(Either.right(true))
  })
})

describe('a clause', () => {
  it.each([
    ['patient/Patient.s?family=Muller', 'only where family begins with Muller'],
    ['patient/Observation.s?status=final', 'only where status is final'],
    ['patient/Patient.s?family:exact=Muller', 'only where family, with exact, is Muller']
  ])('of %s is said by the type of its parameter', (text, meaning) => {
    expect(explainScope(parseScope(text)).constraints.map((one) => one.meaning)).toEqual([meaning])
  })
})

describe('an explanation', () => {
  it('is the same for two spellings of one meaning, and says what is not allowed', () => {
    const [one, other] = ['patient/Observation.s patient/Observation.r', 'patient/Observation.read'].map((text) => explain(parse(text)))
    expect(JSON.stringify(one)).toBe(JSON.stringify(other))
    expect(one !== undefined && Either.isRight(one) ? one.right.doesNotAllow : []).toEqual([
      'It cannot create, change or delete anything.', 'It cannot go on after you have left.',
      'It cannot see records of other patients.', 'It cannot see records of kinds that are not named.'
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
    expect(short).toBe('Use the permission <b>')
    expect(explainScope(parseScope('constructor')).short).toBe('Use the permission constructor')
  })

  it('speaks another language by its table', () => {
    const german: Sentences = { ...english, named: { openid: { short: 'Wissen, wer Sie sind', long: 'Wissen, wer Sie sind.' } } }
    expect(explainScope(parseScope('openid'), german).short).toBe('Wissen, wer Sie sind')
  })
})

describe('URIs', () => {
  it.each(['patient/*.rs', 'launch', 'launch/patient', 'openid', 'fhirUser', 'offline_access', 'online_access', '__vendor', 'https://example.org/x', 'user/Observation.rs?category=a|b'])(
    '%s goes there and back', (text) => { expect(fromUri(toUri(parseScope(text))).text).toBe(text) })

  it('accept offline_access under both prefixes', () => {
    expect(fromUri('http://smarthealthit.org/fhir/scopes/offline_access').text).toBe('offline_access')
  })
})

describe('dialects', () => {
  it.each([
    ['patient.all.read', 'patient/*.read'], ['user.Observation.rs?category=a', 'user/Observation.rs?category=a'], ['launch%2Fpatient', 'launch/patient'],
    ['launch.patient', 'launch/patient'], ['patient%2fObservation.rs', 'patient/Observation.rs'], ['openid', 'openid']
  ])('Azure: %s is %s', (from, to) => {
    const { scopes, repairs } = readAzureScopes(from)
    expect([format(scopes), repairs]).toEqual([to, from === to ? [] : [{ from, to }]])
  })

  it('verbs and version 1 with a query', () => {
    expect(readVerbScopes('patient/Observation.search patient/*.create openid').repairs).toEqual([
      { from: 'patient/Observation.search', to: 'patient/Observation.s' }, { from: 'patient/*.create', to: 'patient/*.c' }
    ])
    expect(format(readVersion1WithQuery('patient/Observation.read?category=a').scopes)).toBe('patient/Observation.rs?category=a')
  })
})
