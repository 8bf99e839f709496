/** Every sentence of `explain` against the definition: what it says is so, and what is so is said. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resourceScopes, scopes } from '../../../src/testing/arbitraries.js'
import type { Act, Claim } from '../../../src/scopes/explain/claims.js'
import { claims, claimsFor, rightsOf } from '../../../src/scopes/explain/claims.js'
import type { ExplainOptions } from '../../../src/scopes/explain/explain.js'
import type { Sentences } from '../../../src/scopes/explain/sentences.js'
import { explain, explainEach } from '../../../src/scopes/explain/explain.js'
import { english } from '../../../src/scopes/explain/english.js'
import { format } from '../../../src/scopes/format.js'
import { parse, parseScope } from '../../../src/scopes/parse.js'
import type { Access, SearchIndex } from '../../../src/scopes/permits.js'
import { permits } from '../../../src/scopes/permits.js'
import { comparedTypeOf, fhirR4 } from '../../../src/scopes/vocabulary.js'
import type { Level, Permission, Scope, ScopeSet } from '../../../src/scopes/scope.js'

/** A resource access with what a sentence may say of the resource, or a renewal. */
type Deed =
  | (Extract<Act, { readonly _tag: 'Resource' }> & { readonly access: Extract<Access, { readonly level: Level }> })
  | Extract<Act, { readonly _tag: 'Renewal' }>

const levels = ['patient', 'user', 'system'] as const
const letters = ['c', 'r', 'u', 'd', 's'] as const

const index = fc.dictionary(
  fc.constantFrom('category', 'code', 'status', 'subject', 'date'),
  fc.uniqueArray(
    fc.constantFrom(
      'http://example.org|laboratory',
      '|laboratory',
      '|survey',
      'Patient/1',
      'Patient/2',
      'ge2020',
      'ge2020,lt2024'
    ),
    { maxLength: 3 }
  ),
  { maxKeys: 3, noNullPrototype: true }
)

/** An index without the names that a type reads otherwise than `*`: a sentence does not say which of both it means. */
const readAlike = (type: string, resource: SearchIndex): SearchIndex =>
  Object.fromEntries(
    Object.entries(resource).filter(
      ([name]) =>
        fhirR4.knows?.(type) === false || comparedTypeOf(fhirR4, type, name) === comparedTypeOf(fhirR4, '*', name)
    )
  )

const deeds: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({
        level: fc.constantFrom(...levels),
        type: fc.constantFrom(
          'Patient',
          'Observation',
          'Condition',
          'Encounter',
          'MedicationRequest',
          'Practitioner',
          'Future'
        ),
        permission: fc.constantFrom(...letters),
        resource: index,
        isAboutOthers: fc.boolean(),
        isOwn: fc.boolean()
      })
      .map(({ level, type, permission, resource, isAboutOthers, isOwn }): Deed => ({
        _tag: 'Resource',
        type,
        permission,
        isAboutOthers,
        isOwn,
        access: { level, type, permission, resource: readAlike(type, resource) }
      }))
  },
  { weight: 1, arbitrary: fc.boolean().map((isSignedIn): Deed => ({ _tag: 'Renewal', isSignedIn })) }
)

const others = [
  'openid',
  'fhirUser',
  'profile',
  'email',
  'online_access',
  'offline_access',
  'launch',
  'launch/encounter',
  'launch/imagingstudy?role=x',
  'system/*.rs',
  'user/Observation.*',
  'patient/*.write',
  'foo',
  'patient/Observation.sr',
  'https://vendor.example/x',
  'constructor'
]

/** The values whose sentences {@link isNamed} reads. Escapes, folding and modifiers are words of explain.test.ts. */
const readValues = new Set(
  'laboratory survey http://example.org|laboratory |laboratory http://example.org| 1 Patient/1 Patient/2 ge2020 lt2024'
    .split(' ')
    .concat('http://example.org/Patient/1')
)
const isRead = (scope: Scope): boolean =>
  scope._tag !== 'ResourceScope' ||
  scope.query.every(
    ({ name, modifier, values }) =>
      /^(?:category|code|status|subject|date)$/.test(name) &&
      modifier === null &&
      values.every((value) => readValues.has(value))
  )

/** Sets of all kinds; the identity scopes often come together, as they do in life. */
const sets: fc.Arbitrary<ScopeSet> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 3, arbitrary: resourceScopes }, { weight: 1, arbitrary: scopes }).filter(isRead), {
      maxLength: 4
    }),
    fc.subarray(['openid', 'fhirUser', 'online_access', 'offline_access', 'launch']),
    fc.array(fc.constantFrom(...others), { maxLength: 1 })
  )
  .map(([resources, usual, more]) => [...resources, ...[...usual, ...more].map(parseScope)])

const holds = (set: ScopeSet, text: string): boolean => set.some((scope) => scope.text === text)

/** Whether a set says nothing about something that it grants all the same. */
const isUnknown = (set: ScopeSet): boolean =>
  set.some(({ _tag }) => _tag === 'UnknownScope' || _tag === 'ExtensionScope' || _tag === 'MalformedScope')

/** Whether a set is of a backend service, which has no user: all that it reads or writes, it does for itself. */
const isOfService = (set: ScopeSet): boolean => {
  const resources = set.filter(({ _tag }) => _tag === 'ResourceScope')
  return resources.length > 0 && resources.every(({ text }) => text.startsWith('system/'))
}

/** The definition: what a client can do with a set, in the worst reading of what is not known. */
const isPossible = (set: ScopeSet, deed: Deed, { fhirUserImpliesRead = true }: ExplainOptions): boolean => {
  if (isUnknown(set)) return true
  if (deed._tag === 'Renewal') {
    return (
      holds(set, 'offline_access') ||
      (holds(set, 'online_access') && deed.isSignedIn) ||
      set.some(({ text }) => text.startsWith('system/'))
    )
  }
  const ownRead =
    fhirUserImpliesRead &&
    !isOfService(set) &&
    holds(set, 'openid') &&
    holds(set, 'fhirUser') &&
    deed.isOwn &&
    deed.permission === 'r'
  return ownRead || (permits(set, deed.access) && !(deed.access.level === 'patient' && deed.isAboutOthers))
}

const letterOf: Readonly<Record<string, Permission>> = { create: 'c', read: 'r', change: 'u', delete: 'd', search: 's' }
const levelOf: Readonly<Record<string, Level>> = {
  'of this patient': 'patient',
  'that you may see': 'user',
  'of everybody': 'system',
  'of the one patient in context': 'patient',
  'of everyone whom you may see': 'user',
  'of everybody in the system': 'system'
}

/** Whether an index value is what a sentence names: `"code"`, `any code of the system "x"`, … */
const isNamed = (said: string, value: string): boolean => {
  const [system, code] = value.includes('|') ? value.split('|') : [null, value]
  const [, ofSystem] = /of the system "(.*)"$/.exec(said) ?? []
  const [, name] = /^"([^"]*)"/.exec(said) ?? []
  if (said.endsWith(' without a system') && system !== '') return false
  if (ofSystem !== undefined && system !== ofSystem) return false
  if (name === undefined) return said.startsWith('any code ')
  return value === name || code === name || (!name.includes('/') && /^[^/:]+\/(.*)$/.exec(value)?.[1] === name)
}

/** What a constraint says of an index; `null` when the sentence is none that is known. */
const constraintHolds = (said: string, resource: Readonly<Record<string, ReadonlyArray<string>>>): boolean | null => {
  const [, search, sought] = /^the search "([\w:]+)=(.*)" finds them$/.exec(said) ?? []
  if (search !== undefined && sought !== undefined) return resource[search]?.includes(sought) ?? false
  const [, name, values] = /^(\w+) (?:is|begins with) (.*)$/.exec(said) ?? []
  if (name === undefined || values === undefined) return null
  return values.split(/, | or /).some((one) => (resource[name] ?? []).some((value) => isNamed(one, value)))
}

const sentence =
  /^([A-Z][a-z]+(?:(?:, | and )[a-z]+)*) (all )?(?:([A-Z]\w+) )?records (of this patient|that you may see|of everybody|of the one patient in context|of everyone whom you may see|of everybody in the system)(, of every kind)?(, both now and in the future)?((?:, only where .*)?)$/

const knownTypes: ReadonlyArray<string> = [
  'Patient',
  'Observation',
  'Condition',
  'Encounter',
  'MedicationRequest',
  'Practitioner'
]

/** What a sentence about resources says, read as a person would: null when it is no such sentence. */
const saysOf = (
  text: string,
  { level, type, permission, resource }: Extract<Access, { readonly level: Level }>
): boolean | null => {
  const [, verbs, all, named, owner, everyKind, future, narrowed] = sentence.exec(text) ?? []
  if (verbs === undefined || owner === undefined || narrowed === undefined) return null
  const permissions = verbs
    .toLowerCase()
    .split(/, | and /)
    .map((verb) => letterOf[verb])
  const isType =
    named === undefined
      ? all !== undefined && everyKind !== undefined && (future !== undefined || knownTypes.includes(type))
      : named === type
  const constraints = narrowed
    .split(', only where ')
    .slice(1)
    .map((one) => constraintHolds(one, resource))
  return constraints.includes(null)
    ? null
    : permissions.includes(permission) && levelOf[owner] === level && isType && !constraints.includes(false)
}

/** The faults of the sentences for a set, over some deeds; a fault is described in words. */
const faults = (
  rows: ReadonlyArray<Claim>,
  sentences: Sentences,
  set: ScopeSet,
  several: ReadonlyArray<Deed>,
  options: ExplainOptions
): ReadonlyArray<string> => {
  const rights = rightsOf(set, options)
  const found = claimsFor(rights, rows).flatMap((claim) =>
    several.some((deed) => claim.denies(deed, rights) && isPossible(set, deed, options))
      ? [`${claim.name} is not so for ${format(set)}`]
      : []
  )
  const explained = explain(set, sentences, options)
  if (explained._tag === 'Left') return found
  const { allows, doesNotAllow } = explained.right
  if (isOfService(set) && !isUnknown(set)) {
    for (const said of [...allows.flatMap(({ short, long }) => [short, long]), ...doesNotAllow])
      if (/\byour?\b/.test(said)) found.push(`a service has no user: ${said}`)
  }
  const resources = allows.filter(({ scope }) => scope._tag === 'ResourceScope')
  for (const deed of several) {
    if (deed._tag !== 'Resource') continue
    const isPermitted = permits(set, deed.access)
    for (const text of [resources.map(({ short }) => short), resources.map(({ long }) => long.slice(0, -1))]) {
      const says = text.map((one) => saysOf(one, deed.access))
      if (says.includes(null)) found.push(`no sentence that is known: ${text.join('; ')}`)
      if (says.includes(true) !== isPermitted)
        found.push(`${isPermitted ? 'not ' : ''}said of ${format(set)}: ${JSON.stringify(deed.access)}`)
    }
  }
  const own: Deed = {
    _tag: 'Resource',
    type: 'Practitioner',
    permission: 'r',
    isAboutOthers: true,
    isOwn: true,
    access: { level: 'user', type: '', permission: 'r', resource: {} }
  }
  const isAlone = resources.length === 0 && !isUnknown(set)
  if (isAlone && allows.some(({ short }) => short === sentences.ownRecord.short) !== isPossible(set, own, options))
    found.push(`the user's own record, of ${format(set)}`)
  return found
}

const optionSets: fc.Arbitrary<ExplainOptions> = fc.constantFrom({}, { fhirUserImpliesRead: false })

const inputs = fc.tuple(sets, fc.array(deeds, { minLength: 30, maxLength: 30 }), optionSets)

const faultsOver = (rows: ReadonlyArray<Claim>, sentences: Sentences): ReadonlyArray<string> =>
  fc
    .sample(inputs, { seed: 13, numRuns: 150 })
    .flatMap(([set, several, options]) => faults(rows, sentences, set, several, options))

describe('every sentence', () => {
  it('is so, over generated sets and deeds', () => {
    fc.assert(
      fc.property(inputs, ([set, several, options]) => {
        expect(faults(claims, english, set, several, options)).toEqual([])
      }),
      { numRuns: 400 }
    )
  }, 60_000)

  const changed = (name: Claim['name'], change: (claim: Claim) => Partial<Claim>): ReadonlyArray<Claim> =>
    claims.map((claim) => (claim.name === name ? { ...claim, ...change(claim) } : claim))

  const planted: ReadonlyArray<readonly [what: string, rows: ReadonlyArray<Claim>, sentences: Sentences]> = [
    [
      'no record beside openid fhirUser',
      changed('anyRecord', () => ({ holds: ({ resources }) => resources.length === 0 })),
      english
    ],
    [
      'no other patient where one scope of several is of one patient',
      changed('otherPatients', () => ({
        holds: ({ resources, readsOwnRecord }) => !readsOwnRecord && resources.some(({ level }) => level === 'patient')
      })),
      english
    ],
    [
      'no other patient, though the user may be one',
      changed('otherPatientsOrUser', () => ({ denies: (act) => act._tag === 'Resource' && act.isAboutOthers })),
      english
    ],
    [
      'no renewal for backend services',
      changed('renewal', () => ({ holds: ({ renewal }) => renewal === 'never' })),
      english
    ],
    [
      'no write where nothing is created',
      changed('write', () => ({
        holds: ({ resources }) =>
          resources.length > 0 && resources.every(({ permissions }) => !permissions.includes('c'))
      })),
      english
    ],
    [
      'no other type beside a wildcard',
      changed('otherTypes', () => ({
        holds: ({ resources, readsOwnRecord }) => !readsOwnRecord && resources.length > 0
      })),
      english
    ],
    [
      'wildcards without the future',
      claims,
      {
        ...english,
        resource: (one) => {
          const { short, long } = english.resource(one)
          return { short: short.replace(', both now and in the future', ''), long }
        }
      }
    ],
    [
      'reading said of searching',
      claims,
      {
        ...english,
        resource: (one) =>
          english.resource({ ...one, permissions: one.permissions.map((letter) => (letter === 's' ? 'r' : letter)) })
      }
    ],
    [
      'a user of a backend service',
      claims,
      { ...english, userOfService: english.named['openid'] ?? english.ownRecord }
    ],
    ['a user who launched a backend service', claims, { ...english, launchOfService: english.launch('patient', null) }],
    [
      'queries left out of the sentence',
      claims,
      { ...english, resource: (one) => english.resource({ ...one, constraints: [] }) }
    ]
  ]
  it.each(planted)('that is wrong is found: %s', (_what, rows, sentences) => {
    expect(faultsOver(rows, sentences)).not.toEqual([])
  })
})

describe('what is not allowed', () => {
  it.each([
    ['', ['anyRecord', 'renewal']],
    ['openid', ['anyRecord', 'renewal']],
    ['openid fhirUser', ['anyOtherRecord', 'renewal']],
    ['fhirUser', ['anyRecord', 'renewal']],
    ['openid fhirUser offline_access', ['anyOtherRecord']],
    ['launch openid online_access', ['anyRecord', 'renewalSignedOut']],
    ['patient/Observation.rs', ['write', 'renewal', 'otherPatients', 'otherTypes']],
    ['openid fhirUser patient/Observation.rs', ['write', 'renewal', 'otherPatientsOrUser', 'otherTypesOrUser']],
    ['patient/*.cruds', ['renewal', 'otherPatients']],
    ['patient/Observation.rs user/Observation.c', ['renewal', 'otherTypes']],
    ['system/*.rs', ['write']],
    ['system/Observation.cruds offline_access', ['otherTypes']],
    ['system/Observation.rs openid fhirUser', ['write', 'otherTypes']],
    ['system/*.rs user/*.rs openid fhirUser', ['write']],
    ['patient/Observation.rs __vendor', []],
    ['patient/Observation.rs patient/Observation.sr', []]
  ])('by %j is described', (text, names) => {
    const { denies, doesNotAllow } = explainEach(parse(text))
    expect(denies).toEqual(names)
    expect(doesNotAllow).toEqual(
      names.length === 0 ? [english.unexplained] : denies.map((name) => english.doesNotAllow[name])
    )
  })

  it('follows the host: whether openid fhirUser implies a read, and whether patient scopes reach further', () => {
    expect(explainEach(parse('openid fhirUser'), english, { fhirUserImpliesRead: false }).denies).toEqual([
      'anyRecord',
      'renewal'
    ])
    expect(explainEach(parse('patient/Observation.rs'), english, { levelOrder: [['patient', 'user']] }).denies).toEqual(
      ['write', 'renewal', 'otherTypes']
    )
  })
})
