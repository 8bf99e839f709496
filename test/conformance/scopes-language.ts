/** Rows of the area "scopes": the language, and what a scope permits. */
import * as Either from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Shown } from './matrix.js'
import { row } from './matrix.js'
import { alice } from '../support/server-fixture.js'
import { scopes as anyScope } from '../../src/testing/arbitraries.js'
import { decide } from '../../src/protocol/access/decision.js'
import { interactionOf } from '../../src/protocol/access/read-interaction.js'
import { defaultPolicy } from '../../src/protocol/policy/policy.js'
import { format } from '../../src/scopes/format.js'
import { normalize } from '../../src/scopes/normalize.js'
import { parse, parseScope, parseStrict } from '../../src/scopes/parse.js'
import { permits } from '../../src/scopes/permits.js'
import type { Permission } from '../../src/scopes/scope.js'
import { isExperimental, isResourceScope, permissionOrder } from '../../src/scopes/scope.js'
import { equivalence, subsumption } from '../../src/scopes/subsumes.js'
import { fromUri, toUri } from '../../src/scopes/uri-form.js'
import { toV1, toV2 } from '../../src/scopes/version-1.js'

const observations = interactionOf({ method: 'GET', path: '/Observation', query: '', headers: {}, body: '' })

const covers = (wide: string, narrow: string): boolean => {
  const answer = subsumption(parse(wide), parse(narrow))
  return Either.isRight(answer) && answer.right
}

const same = (one: string, other: string): boolean => covers(one, other) && covers(other, one)

const malformed = (text: string): boolean => parseScope(text)._tag === 'MalformedScope'

const permitsOf = (text: string, permission: Permission): boolean =>
  permits(parse(text), { level: 'patient', type: 'Observation', permission, resource: {} })

const decided = (scope: string, method: string, path: string): unknown =>
  decide(
    defaultPolicy,
    { clientId: 'a', scopes: parse(scope), context: { patient: '1' }, user: alice },
    interactionOf({ method, path, query: '', headers: {}, body: '' })
  )

const allTexts = (length: number): ReadonlyArray<string> =>
  length === 0
    ? ['']
    : allTexts(length - 1).flatMap((text) =>
        text.length === length - 1 ? [text, ...permissionOrder.map((letter) => text + letter)] : [text]
      )

export const languageRows: ReadonlyArray<Shown> = [
  row('SCP-001', 'the scopes of the quick start are read, each as what it is, and printed as they were', () => {
    const tags = {
      'patient/*.rs': 'ResourceScope',
      'user/*.cruds': 'ResourceScope',
      openid: 'IdentityScope',
      fhirUser: 'IdentityScope',
      launch: 'LaunchScope',
      'launch/patient': 'LaunchScope',
      offline_access: 'RefreshScope',
      online_access: 'RefreshScope'
    }
    for (const [text, tag] of Object.entries(tags))
      expect([parseScope(text)._tag, parseScope(text).text]).toEqual([tag, text])
    expect(format(parse(Object.keys(tags).join(' ')))).toBe(Object.keys(tags).join(' '))
  }),
  row(
    'SCP-008',
    'of all texts over the five letters up to length five exactly the 31 that are in order are read as permissions',
    () => {
      const texts = [...new Set(allTexts(5))]
      expect(texts.length).toBe(1 + 5 + 25 + 125 + 625 + 3125)
      const read = texts.filter((text) => !malformed(`patient/Observation.${text}`))
      expect(read.length).toBe(31)
      for (const text of read)
        expect(
          Array.from(text)
            .sort((one, other) => 'cruds'.indexOf(one) - 'cruds'.indexOf(other))
            .join('')
        ).toBe(text)
    }
  ),
  row(
    'SCP-003 SCP-007',
    'read needs r and search needs s; neither letter stands for the other, and what is not ' +
      'known to be either is denied',
    () => {
      for (const permission of permissionOrder) {
        const scope = `patient/Observation.${permission}`
        expect([permission, (decided(scope, 'GET', '/Observation/1') as { readonly _tag: string })._tag]).toEqual([
          permission,
          permission === 'r' ? 'Filter' : 'Deny'
        ])
        expect([permission, (decided(scope, 'GET', '/Observation') as { readonly _tag: string })._tag]).toEqual([
          permission,
          permission === 's' ? 'Filter' : 'Deny'
        ])
        expect((decided(scope, 'POST', '/Observation/_search') as { readonly _tag: string })._tag).toBe(
          permission === 's' ? 'Filter' : 'Deny'
        )
      }
      for (const [method, path] of [
        ['PUT', '/Observation/1'],
        ['PATCH', '/Observation/1'],
        ['TRACE', '/Observation'],
        ['GET', '/Observation/$everything']
      ] as const) {
        expect((decided('patient/*.rs', method, path) as { readonly _tag: string })._tag).toBe('Deny')
      }
    }
  ),
  row(
    'SCP-011 SCP-012 SCP-013',
    '.read means .rs, .write means .cud, and .* means .cruds, neither more nor less',
    () => {
      for (const [first, second] of [
        ['read', 'rs'],
        ['write', 'cud'],
        ['*', 'cruds']
      ] as const) {
        for (const head of ['patient/Observation', 'user/*', 'system/Patient']) {
          expect(same(`${head}.${first}`, `${head}.${second}`)).toBe(true)
          const scope = parseScope(`${head}.${first}`)
          if (!isResourceScope(scope)) throw new Error(scope._tag)
          expect(toV2(scope).text).toBe(`${head}.${second}`)
          expect(Either.isRight(toV1(toV2(scope)))).toBe(true)
        }
      }
      expect([
        covers('patient/*.write', 'patient/*.r'),
        covers('patient/*.read', 'patient/*.c'),
        covers('patient/*.write', 'patient/*.s')
      ]).toEqual([false, false, false])
    }
  ),
  row(
    'SCP-015',
    'no suffix is read letter by letter out of another convention: what is not one of the 31 or of version 1 ' +
      'permits nothing',
    () => {
      expect(parseScope('patient/Observation.read')).toMatchObject({ syntax: 'v1', permissions: ['r', 's'] })
      expect(parseScope('patient/Observation.rd')).toMatchObject({ syntax: 'v2', permissions: ['r', 'd'] })
      for (const suffix of ['reads', 'dr', 'rr', 'sr', 'READ', 'Rs', 'x', 'write?', 'dus', 'cruds*', '']) {
        expect([suffix, malformed(`patient/Observation.${suffix}`)]).toEqual([suffix, true])
        for (const permission of permissionOrder)
          expect(permitsOf(`patient/Observation.${suffix}`, permission)).toBe(false)
      }
    }
  ),
  row('SCP-016', 'batch and transaction have no letter: permissions are five', () => {
    expect(permissionOrder).toEqual(['c', 'r', 'u', 'd', 's'])
    for (const letter of 'abefghijklmnopqtvwxyz') expect(malformed(`patient/Observation.${letter}`)).toBe(true)
  }),
  row(
    'SCP-017',
    'compounded and expanded scopes mean the same, however the letters are split, and many together may cover ' +
      'what none does alone',
    () => {
      for (const suffix of ['rs', 'cud', 'cruds', 'ru']) {
        const split = Array.from(suffix)
          .map((letter) => `patient/Observation.${letter}`)
          .join(' ')
        expect(same(`patient/Observation.${suffix}`, split)).toBe(true)
        expect(covers(split.split(' ').slice(1).join(' '), `patient/Observation.${suffix}`)).toBe(false)
      }
    }
  ),
  row('SCP-018', 'the normal form means the same, is no longer, and is its own normal form', () => {
    fc.assert(
      fc.property(fc.array(anyScope, { maxLength: 5 }), (set) => {
        const normal = normalize(set)
        if (Either.isLeft(normal)) return
        expect(equivalence(set, normal.right)).toEqual(Either.right(true))
        expect(Either.map(format)(normalize(normal.right))).toEqual(Either.right(format(normal.right)))
      }),
      { numRuns: 100 }
    )
    expect(Either.map(format)(normalize(parse('patient/Observation.r patient/Observation.s')))).toEqual(
      Either.right('patient/Observation.rs')
    )
    for (const text of [
      'patient/Observation.r user/Observation.s',
      'patient/Observation.r patient/Condition.s',
      'patient/Observation.r?code=a patient/Observation.s'
    ]) {
      expect(Either.map((set: ReturnType<typeof parse>) => set.length)(normalize(parse(text)))).toEqual(Either.right(2))
    }
  }),
  row(
    'SCP-019',
    'a query begins with ? and has one or more param=value with & between; an empty one, a missing = and an ' +
      'empty name are malformed',
    () => {
      for (const query of ['category=x', 'category=x&code=y', 'category=http://a.example|b', 'a=b=c'])
        expect([query, malformed(`patient/Observation.rs?${query}`)]).toEqual([query, false])
      for (const query of [
        '',
        '&',
        'category',
        '=x',
        'category=x&',
        '&category=x',
        'category=x&&code=y',
        'category=',
        'category=%zz'
      ])
        expect([query, malformed(`patient/Observation.rs?${query}`)]).toEqual([query, true])
    }
  ),
  row(
    'SCP-020',
    'a query limits a scope to what matches: the whole covers the part, the part does not cover the whole, and ' +
      'another value is not covered',
    () => {
      const [whole, part] = ['patient/Observation.rs', 'patient/Observation.rs?category=http://a.example|laboratory']
      expect([
        covers(whole, part),
        covers(part, whole),
        covers(part, 'patient/Observation.rs?category=http://a.example|vital')
      ]).toEqual([true, false, false])
      const read = (category: string) =>
        ({ level: 'patient', type: 'Observation', permission: 'r', resource: { category: [category] } }) as const
      expect([
        permits(parse(part), read('http://a.example|laboratory')),
        permits(parse(part), read('http://a.example|vital'))
      ]).toEqual([true, false])
    }
  ),
  row('SCP-021', 'a query on a scope of version 1 is malformed and permits nothing', () => {
    for (const text of ['patient/Observation.read?category=x', 'patient/*.*?category=x'])
      expect(parseScope(text)).toMatchObject({ _tag: 'MalformedScope', reason: 'QueryOnVersion1' })
  }),
  row('SCP-023', 'modifiers, chains and _filter are distinguished from plain parameters', () => {
    const experimental = (query: string): boolean => {
      const scope = parseScope(`patient/Observation.rs?${query}`)
      if (!isResourceScope(scope)) throw new Error(scope.text)
      return scope.query.some(isExperimental)
    }
    expect(
      [
        'code:in=http://a.example/vs',
        'patient.birthdate=1990',
        '_filter=x',
        '_has:Group:member:_id=1',
        'category=x',
        '_tag=x',
        'code=a,b'
      ].map(experimental)
    ).toEqual([true, true, true, true, false, false, false])
  }),
  row('SCP-024', 'no length is too long to be read and printed: ten thousand scopes', () => {
    const text = Array.from({ length: 10000 }, (_, index) => `patient/Observation.rs?category=c${String(index)}`).join(
      ' '
    )
    expect(parse(text).length).toBe(10000)
    expect(format(parse(text))).toBe(text)
  }),
  row(
    'SCP-025 SCP-026 SCP-028',
    'level, slash, type or *, dot, letters: each in its case, at its place; patient and Patient are not each ' +
      'other, and a part of a type is none',
    () => {
      fc.assert(
        fc.property(anyScope, (scope) => {
          expect(parseScope(scope.text)).toEqual(scope)
        }),
        { numRuns: 200 }
      )
      for (const text of [
        'Patient/Observation.rs',
        'patient/patient.r',
        'patient/Obs*.rs',
        'patient/**.rs',
        'patient/Observation',
        'patient/.rs',
        'patient.Observation.rs',
        'user/Observation rs',
        'patient/Observation,Condition.rs',
        'PATIENT/Observation.rs',
        'patients/Observation.rs',
        'patient/Observation.rs.'
      ]) {
        expect([text, parse(text).some((scope) => scope._tag === 'ResourceScope')]).toEqual([text, false])
      }
    }
  ),
  row('SCP-029', 'writing does not imply reading', () => {
    for (const suffix of ['c', 'u', 'd', 'cud', 'write'])
      for (const permission of ['r', 's'] as const)
        expect(permitsOf(`patient/Observation.${suffix}`, permission)).toBe(false)
  }),
  row(
    'SCP-027 SCP-030',
    'patient/ is confined to the patient in context and needs one; user/ is not, and is confined by what the ' +
      'user may see; neither covers the other',
    () => {
      const of = (scope: string, context: object) =>
        decide(defaultPolicy, { clientId: 'a', scopes: parse(scope), context, user: alice }, observations)
      expect(of('patient/*.rs', { patient: '1' })).toMatchObject({
        _tag: 'Filter',
        alternatives: [{ level: 'patient', patient: '1' }]
      })
      expect(of('patient/*.rs', {})._tag).toBe('Deny')
      expect(of('user/*.rs', { patient: '1' })).toMatchObject({
        _tag: 'Filter',
        alternatives: [{ level: 'user', patient: null }]
      })
      expect([
        covers('user/*.rs', 'patient/*.rs'),
        covers('patient/*.rs', 'user/*.rs'),
        covers('system/*.rs', 'user/*.rs')
      ]).toEqual([false, false, false])
    }
  ),
  row('SCP-031', 'system/ is confined to no patient and to no user', () => {
    expect(
      decide(defaultPolicy, { clientId: 'a', scopes: parse('system/*.rs'), context: {}, user: null }, observations)
    ).toEqual({ _tag: 'Permit' })
  }),
  row(
    'SCP-032',
    '* is every type there is and will be: it covers each, known or not, and no list of types covers it',
    () => {
      for (const type of ['Observation', 'Patient', 'ThingOfTheFuture'])
        expect([covers('patient/*.rs', `patient/${type}.rs`), covers(`patient/${type}.rs`, 'patient/*.rs')]).toEqual([
          true,
          false
        ])
      const many = ['Account', 'Observation', 'Patient', 'Condition', 'Encounter', 'VisionPrescription']
        .map((type) => `patient/${type}.rs`)
        .join(' ')
      expect(covers(many, 'patient/*.rs')).toBe(false)
    }
  ),
  row(
    'SCP-037',
    'full URIs and names with two underscores are extensions; other names are unknown, and permit only themselves',
    () => {
      for (const text of ['https://a.example/scope', 'urn:x:y', '__custom'])
        expect(parseScope(text)._tag).toBe('ExtensionScope')
      for (const text of ['custom', '_custom', 'foo/bar']) expect(parseScope(text)._tag).toBe('UnknownScope')
      expect([
        covers('__a', '__a'),
        covers('__a', '__b'),
        covers('patient/*.cruds', '__a'),
        covers('__a', 'patient/Patient.r')
      ]).toEqual([true, false, false, false])
    }
  ),
  row(
    'SCP-040 SCP-041',
    'as URIs, names of OpenID Connect take its prefix and those of SMART the SMART one, and come back as they were',
    () => {
      expect(toUri(parseScope('patient/*.r'))).toBe('http://smarthealthit.org/fhir/scopes/patient/*.r')
      for (const text of ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'])
        expect(toUri(parseScope(text))).toBe(`http://openid.net/specs/openid-connect-core-1_0#${text}`)
      for (const text of ['fhirUser', 'launch', 'launch/patient', 'online_access', 'user/Patient.cruds', '__x'])
        expect(toUri(parseScope(text))).toBe(`http://smarthealthit.org/fhir/scopes/${text}`)
      expect(toUri(parseScope('https://a.example/scope'))).toBe('https://a.example/scope')
      fc.assert(
        fc.property(anyScope, (scope) => {
          expect(fromUri(toUri(scope))).toEqual(scope)
        }),
        { numRuns: 200 }
      )
    }
  ),
  row(
    'SCP-101',
    'between two scopes stands one blank; a scope holds visible ASCII without quote and backslash; case counts',
    () => {
      for (const character of ['"', '\\', '\t', '\n', '\u0000', '\u007f', 'ü', '\u00a0'])
        expect([character, Either.isLeft(parseStrict(`openid a${character}b`))]).toEqual([character, true])
      for (const text of ['openid fhirUser', '!#[]~']) expect(Either.isRight(parseStrict(text))).toBe(true)
      expect([parseScope('OpenID')._tag, parseScope('openid')._tag, covers('openid', 'OPENID')]).toEqual([
        'UnknownScope',
        'IdentityScope',
        false
      ])
    }
  ),
  row('SCP-102', 'order and repetition mean nothing', () => {
    fc.assert(
      fc.property(fc.array(anyScope, { minLength: 1, maxLength: 5 }), (set) => {
        const other = [...set].reverse().concat(set.slice(0, 1))
        const answer = equivalence(set, other)
        expect(Either.isLeft(answer) || answer.right).toBe(true)
      }),
      { numRuns: 100 }
    )
  }),
  row('SCP-201', 'scopes add up: a set permits what any of its scopes permits, and nothing else', () => {
    const set = 'patient/Observation.r patient/Condition.s'
    expect([
      covers(set, 'patient/Observation.r'),
      covers(set, 'patient/Condition.s'),
      covers(set, 'patient/Observation.s'),
      covers(set, 'patient/Condition.r')
    ]).toEqual([true, true, false, false])
  })
]
