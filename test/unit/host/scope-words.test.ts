/** The scopes of a page in words, and the narrower scopes that a user may give in their place. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  authorizeAddress,
  formOf,
  locationOf,
  newBrowser,
  newHostWorld,
  redeemed,
  toApp,
  userNamed
} from '../../support/host-world.js'
import { errorData } from '../../../src/host/host-context.js'
import { scopesInWords } from '../../../src/host/scope-words.js'
import type { Refusal } from '../../../src/protocol/errors/refusal.js'
import { parse } from '../../../src/scopes/parse.js'
import { permissionOrder } from '../../../src/scopes/scope.js'
import { subsumption } from '../../../src/scopes/subsumes.js'

const inWords = (scope: string) => scopesInWords(parse(scope), {})

describe('a scope in words', () => {
  it.each([
    ['openid', 'identity', [false, false, false, false]],
    ['fhirUser', 'identity', [false, false, false, false]],
    ['launch', 'context', [false, false, false, false]],
    ['launch/patient', 'context', [false, false, false, false]],
    ['patient/Observation.rs', 'data', [false, false, false, false]],
    ['patient/*.rs', 'data', [true, false, false, false]],
    ['user/Observation.u', 'data', [false, true, false, true]],
    ['user/Patient.rs', 'data', [false, false, false, true]],
    ['system/*.rs', 'data', [true, false, false, true]],
    ['offline_access', 'duration', [false, false, true, false]],
    ['online_access', 'duration', [false, false, false, false]],
    ['__vendor', 'other', [false, false, false, false]],
    ['https://vendor.example/x', 'other', [false, false, false, false]],
    ['vendor', 'other', [false, false, false, false]],
    ['patient/*.sr', 'other', [false, false, false, false]]
  ] as const)('%s is about %s', (scope, about, marks) => {
    const [one] = inWords(scope)
    expect([one?.about, [one?.everyType, one?.writes, one?.lasts, one?.anyPatient]]).toEqual([about, marks])
  })

  it('says what the app cannot do without it', () => {
    expect(inWords('openid patient/Observation.rs').map(({ without }) => without)).toEqual([
      'Without it, the app cannot know that it is you.',
      'Without it, the app cannot read and search Observation records of this patient.'
    ])
    const [launch, launchPatient, openid] = inWords('launch launch/patient openid fhirUser patient/*.rs')
    expect(launch?.without).toContain('knows of what you are working on only the patient')
    expect(launchPatient?.without).toContain('still knows the patient')
    expect(openid?.without).toBe(
      'Without it, the app cannot know that it is you, nor who you are in the record system.'
    )
    expect(inWords('launch user/*.rs')[0]?.without).toBe('Without it, the app cannot know what you are working on.')
  })

  it('says so truly: without launch/patient, the app still gets the patient of its records', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, userNamed('alice'))
    const scope = 'launch/patient openid fhirUser patient/*.rs'
    const choice = await browser.get(locationOf(await browser.get(authorizeAddress({ scope }))))
    const consent = await browser.get(locationOf(await browser.submit(formOf(choice), { patient: 'ada' })))
    const { action, fields } = formOf(consent)
    const kept = fields.filter(([, value]) => value !== 'launch/patient' && value !== 'openid')
    const tokens = await redeemed(
      world,
      toApp(await browser.post(action, [...kept, ['decision', 'allow']]))['code'] ?? ''
    )
    expect([tokens['patient'], tokens['scope']]).toEqual(['ada', 'patient/*.rs'])
  })
})

describe('the parts of a scope', () => {
  const partsOf = (scope: string): ReadonlyArray<string> => (inWords(scope)[0]?.parts ?? []).map(({ name }) => name)

  it.each([
    ['patient/Observation.rs', ['laboratory', 'vital signs', 'social history', 'survey']],
    ['user/Condition.r', ['problem list item', 'encounter diagnosis']],
    ['patient/Condition.cruds', ['reading only', 'without deleting', 'problem list item', 'encounter diagnosis']],
    ['patient/Encounter.cruds', ['reading only', 'without deleting']],
    ['patient/Encounter.cud', ['without deleting', 'creating only', 'changing only', 'deleting only']],
    ['patient/Encounter.cu', ['creating only', 'changing only']],
    ['patient/Encounter.cds', ['reading only', 'without deleting']],
    ['patient/Encounter.ru', ['reading only']],
    ['patient/Encounter.rds', ['reading only']],
    ['patient/Encounter.rud', ['reading only', 'without deleting']],
    ['patient/Encounter.rs', ['single records, no search', 'search only']],
    ['patient/Encounter.r', []],
    ['patient/Encounter.d', []],
    ['patient/Observation.rs?category=laboratory', ['single records, no search', 'search only']],
    ['patient/Observation.cruds?category=laboratory', ['reading only', 'without deleting']],
    ['patient/Observation.read', ['laboratory', 'vital signs', 'social history', 'survey']],
    ['patient/Encounter.read', ['single records, no search', 'search only']],
    ['user/Encounter.*', ['reading only', 'without deleting']],
    ['patient/Encounter.write', ['without deleting', 'creating only', 'changing only', 'deleting only']],
    ['system/Observation.rs', []],
    ['system/*.read', []],
    ['openid', []],
    ['launch/patient', []]
  ])('of %s', (scope, names) => {
    expect(partsOf(scope)).toEqual(names)
  })

  it('of all types are single types', () => {
    expect(partsOf('patient/*.rs')).toContain('Observation')
    expect(partsOf('patient/*.cruds')).toEqual(['reading only', 'without deleting', ...partsOf('patient/*.rs')])
    expect(partsOf('patient/*.read')).toEqual(partsOf('patient/*.rs'))
  })

  it.each([
    ['user/*.*', ['user/*.rs', 'user/*.crus', 'user/Patient.cruds']],
    ['patient/*.read', ['patient/Patient.rs']],
    ['patient/Encounter.read', ['patient/Encounter.r', 'patient/Encounter.s']],
    ['patient/Encounter.write', ['patient/Encounter.cu', 'patient/Encounter.c']]
  ])('of version 1 have the syntax in which they are granted: %s', (scope, texts) => {
    const parts = (inWords(scope)[0]?.parts ?? []).map(({ text }) => text)
    expect(parts.slice(0, texts.length)).toEqual(texts)
  })

  const wholes = ['*', 'Observation', 'Encounter', 'Observation.?category=laboratory'].flatMap((subject) => {
    const [type = '', query = ''] = subject.split('.')
    const suffixes = permissionOrder.reduce((some, one) => [...some, ...some.map((text) => text + one)], [''])
    const all = query === '' ? [...suffixes, 'read', 'write', '*'] : suffixes
    return ['patient', 'user'].flatMap((level) => all.map((suffix) => `${level}/${type}.${suffix}${query}`))
  })

  it.each(wholes.filter((scope) => parse(scope)[0]?._tag === 'ResourceScope'))(
    'of %s permit nothing that it does not, and less, and differ from each other',
    (scope) => {
      const whole = parse(scope)
      const parts = inWords(scope)[0]?.parts ?? []
      expect(new Set(parts.map(({ text }) => text)).size).toBe(parts.length)
      for (const { text } of parts) {
        expect([text, subsumption(whole, parse(text))]).toEqual([text, Either.right(true)])
        expect([text, subsumption(parse(text), whole)]).toEqual([text, Either.right(false)])
      }
    }
  )

  it('are granted in place of a scope of version 1', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, userNamed('alice'))
    const scope = 'launch/patient patient/Encounter.read patient/*.read'
    const choice = await browser.get(locationOf(await browser.get(authorizeAddress({ scope }))))
    const consent = await browser.get(locationOf(await browser.submit(formOf(choice), { patient: 'ada' })))
    const { action, fields } = formOf(consent)
    const given = [
      ...fields.filter(([name]) => name !== 'scope'),
      ...['launch/patient', 'patient/Encounter.s', 'patient/Condition.rs'].map((text) => ['scope', text] as const),
      ['decision', 'allow'] as const
    ]
    const { scope: granted } = await redeemed(world, toApp(await browser.post(action, given))['code'] ?? '')
    expect(String(granted).split(' ').sort()).toEqual(['launch/patient', 'patient/Condition.rs', 'patient/Encounter.s'])
  })

  it('are granted when a user gives them in place of the whole', async () => {
    const world = newHostWorld()
    const browser = newBrowser(world, userNamed('alice'))
    const scope = 'launch/patient patient/Observation.rs patient/*.r'
    const choice = await browser.get(locationOf(await browser.get(authorizeAddress({ scope }))))
    const consent = await browser.get(locationOf(await browser.submit(formOf(choice), { patient: 'ada' })))
    const { action, fields } = formOf(consent)
    const laboratory =
      'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory'
    expect(consent.body).toContain(`value="${laboratory}"`)
    const given = [
      ...fields.filter(([name]) => name !== 'scope'),
      ['scope', 'launch/patient'],
      ['scope', laboratory],
      ['scope', 'patient/Condition.r'],
      ['decision', 'allow']
    ] as ReadonlyArray<readonly [string, string]>
    const { scope: granted } = await redeemed(world, toApp(await browser.post(action, given))['code'] ?? '')
    expect(String(granted).split(' ').sort()).toEqual(['launch/patient', 'patient/Condition.r', laboratory].sort())
  })
})

it.each<readonly [Refusal, string]>([
  [{ _tag: 'InteractionOver' }, 'ended'],
  [{ _tag: 'InteractionExpired' }, 'ended'],
  [{ _tag: 'InteractionUnknown' }, 'ended'],
  [{ _tag: 'InteractionOfAnotherBrowser' }, 'refused'],
  [{ _tag: 'LoginRequired' }, 'refused'],
  [{ _tag: 'StoreUnavailable' }, 'failed']
])('the error page of %j is of the kind %s', (refusal, kind) => {
  expect(errorData(refusal).kind).toBe(kind)
})
