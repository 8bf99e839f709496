/** What decides about interactions with data, one rule or one form of the request a row. */
import { describe, expect, it } from 'vitest'
import type { AccessFacts, AccessRules } from '../../../../src/protocol/access/alternatives.js'
import { decide, mayResolveReferences } from '../../../../src/protocol/access/decision.js'
import { joinedScopes, missingScopes } from '../../../../src/protocol/access/missing-scopes.js'
import { interactionOf } from '../../../../src/protocol/access/read-interaction.js'
import { referencesIn } from '../../../../src/protocol/access/references-in.js'
import type { PlainRequest } from '../../../../src/protocol/http/message.js'
import type { SmartPolicy } from '../../../../src/protocol/policy/policy.js'
import { defaultPolicy } from '../../../../src/protocol/policy/policy.js'
import { get, post, send } from './decision-requests.js'
import { factsFor, textOf } from './decision-text.js'

const strict: SmartPolicy = { ...defaultPolicy, granularSearchOutside: 'forbid' }
const lenient: SmartPolicy = { ...defaultPolicy, granularSearchOutside: 'filter' }

const decided = (facts: AccessFacts, request: PlainRequest, rules: AccessRules = {}, policy = defaultPolicy): string =>
  textOf(decide(policy, facts, interactionOf(request), rules))

const insufficient = (...missing: ReadonlyArray<string>): string =>
  `Deny insufficient-scope (scope-sufficient), missing ${JSON.stringify(missing)}`
const unevaluated = 'Deny parameter-not-evaluated (parameters-evaluated), missing []'
const outside = (...missing: ReadonlyArray<string>): string =>
  `Deny outside-granted (search-within-granted), missing ${JSON.stringify(missing)}`

type Row = readonly [title: string, scope: string, request: PlainRequest, decision: string]

const json = { 'content-type': 'application/fhir+json' }
const patch = { 'content-type': 'application/json-patch+json' }
const observation = { resourceType: 'Observation', id: 'x' }
const naming = { ...observation, subject: { reference: 'Patient?name=a' } }

describe('a decision for a service', () => {
  it.each<Row>([
    [
      'refuses a condition of a create',
      'system/*.cruds',
      send('POST', '/Observation', observation, { ...json, 'if-none-exist': '_filter=a&code=b' }),
      unevaluated
    ],
    [
      'refuses a condition of an update',
      'system/*.cruds',
      send('PUT', '/Observation?_filter=a', observation),
      unevaluated
    ],
    [
      'refuses a condition of a patch',
      'system/*.cruds',
      send('PATCH', '/Observation?_filter=a', [], patch),
      unevaluated
    ],
    ['refuses a condition of a deletion', 'system/*.cruds', send('DELETE', '/Observation?_filter=a', ''), unevaluated],
    [
      'needs the search of a reference in a create',
      'system/Observation.cruds',
      post('/Observation', naming),
      insufficient('system/Patient.s')
    ],
    [
      'needs the search of a reference in an update',
      'system/Observation.cruds',
      send('PUT', '/Observation/x', naming),
      insufficient('system/Patient.s')
    ],
    [
      'needs the search of a reference in a patch',
      'system/Observation.cruds',
      send('PATCH', '/Observation/x', [{ op: 'add', path: '/subject/reference', value: 'Patient?name=a' }], patch),
      insufficient('system/Patient.s')
    ],
    [
      'filters by the alternatives of the searched type alone',
      'system/Observation.s?status=final system/Patient.s',
      get('/Observation?subject:Patient.name=a'),
      'Filter system/Observation.s [status=["final"]]; returned s'
    ],
    ['counts each scope', 'system/Observation.r system/Observation.r?status=final', get('/Observation/x'), 'Permit'],
    [
      'about a transaction names what is missing in all entries',
      'system/Group.r',
      post('/', {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [{ request: { method: 'GET', url: 'Observation/x' } }, { request: { method: 'GET', url: 'Patient/x' } }]
      }),
      insufficient('system/Observation.r', 'system/Patient.r')
    ],
    [
      'about a transaction names nothing where an entry can never be permitted',
      'system/Group.r',
      post('/', {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [
          { request: { method: 'GET', url: 'Observation/x' } },
          { request: { method: 'GET', url: 'https://other.example/x' } }
        ]
      }),
      insufficient()
    ]
  ])('%s', (_title, scope, request, decision) => {
    expect(decided(factsFor(scope, true), request)).toBe(decision)
  })
})

describe('a request for a Patient', () => {
  const record = { resourceType: 'Patient', id: '456' }
  it.each<Row>([
    ['by the own id names a scope of the patient', 'openid', get('/Patient/123'), insufficient('patient/Patient.r')],
    ['by another id names none', 'openid', get('/Patient/456'), insufficient('user/Patient.r')],
    [
      'by another id and a version names none',
      'openid',
      get('/Patient/456/_history/1'),
      insufficient('user/Patient.r')
    ],
    ['to update another names none', 'openid', send('PUT', '/Patient/456', record), insufficient('user/Patient.u')],
    ['to patch another names none', 'openid', send('PATCH', '/Patient/456', [], patch), insufficient('user/Patient.u')],
    ['to delete another names none', 'openid', send('DELETE', '/Patient/456', ''), insufficient('user/Patient.d')],
    [
      'to delete by a condition names a scope of the patient',
      'openid',
      send('DELETE', '/Patient?identifier=1', ''),
      insufficient('patient/Patient.ds')
    ],
    ['of another type with the id names it', 'openid', get('/Observation/456'), insufficient('patient/Observation.r')]
  ])('%s', (_title, scope, request, decision) => {
    expect(decided(factsFor(scope, false), request)).toBe(decision)
  })
})

describe('a create by which the server would act', () => {
  const subscription = post('/Subscription', { resourceType: 'Subscription' })
  const closed = 'Deny acting-type (acting-type-opened), missing '
  it.each<readonly [string, boolean, string]>([
    ['system/Observation.c', true, insufficient('system/Subscription.c')],
    ['system/Subscription.r', true, insufficient('system/Subscription.c')],
    ['user/Subscription.c', false, `${closed}[]`],
    ['user/*.c', false, `${closed}[]`],
    ['openid', false, `${closed}[]`]
  ])('with %s', (scope, isOfService, decision) => {
    expect(decided(factsFor(scope, isOfService), subscription)).toBe(decision)
  })

  it.each([
    ['patient/*.c', `${closed}["system/Subscription.c"]`],
    ['patient/Subscription.c', `${closed}["system/Subscription.c"]`],
    ['patient/Observation.c', insufficient('system/Subscription.c')],
    ['patient/*.r', insufficient('system/Subscription.c')]
  ])('with %s of a service for a patient', (scope, decision) => {
    expect(decided({ ...factsFor(scope, false), user: null }, subscription)).toBe(decision)
  })
})

describe('a search of values that no scope covers', () => {
  const final = 'system/Observation.s?status=final'
  it.each<Row>([
    ['is refused', final, get('/Observation?status=preliminary'), outside('system/Observation.s?status=preliminary')],
    [
      'names the limited parameters alone',
      final,
      get('/Observation?code=a&status=preliminary'),
      outside('system/Observation.s?status=preliminary')
    ],
    [
      'names a scope without a query for values that must all hold',
      final,
      get('/Observation?status=preliminary&status=amended'),
      outside('system/Observation.s')
    ],
    [
      'is refused though a scope of another type is not limited so',
      `${final} system/Patient.s?active=true`,
      get('/Observation?status=preliminary'),
      outside('system/Observation.s?status=preliminary')
    ],
    [
      'is refused for several types',
      `${final} system/DiagnosticReport.s?status=final`,
      get('/?_type=Observation,DiagnosticReport&status=preliminary'),
      outside('system/Observation.s?status=preliminary')
    ],
    [
      'is refused for every type',
      'system/*.s?status=final',
      get('/?status=preliminary'),
      outside('system/*.s?status=preliminary')
    ],
    [
      'is refused though a scope permits what a chain looks at',
      `${final} system/Patient.s`,
      get('/Observation?subject:Patient.name=a&status=preliminary'),
      outside('system/Observation.s?status=preliminary')
    ],
    [
      'is none with covered values',
      final,
      get('/Observation?status=final'),
      'Filter system/Observation.s [status=["final"]]; returned s'
    ],
    [
      'is none with a scope without a query',
      `${final} system/Observation.s`,
      get('/Observation?status=preliminary'),
      'Permit'
    ],
    ['is no read', 'system/Observation.r', get('/Observation/x'), 'Permit'],
    [
      'is no write by an id',
      'system/Observation.u?status=final system/Observation.s?status=amended',
      send('PUT', '/Observation/x', observation),
      'Filter system/Observation.u [status=["final"]]; stored u, result u'
    ],
    [
      'is refused as a condition of a write',
      'system/Observation.u system/Observation.s?status=final',
      send('PUT', '/Observation?status=preliminary', observation),
      outside('system/Observation.s?status=preliminary')
    ]
  ])('%s', (_title, scope, request, decision) => {
    expect(decided(factsFor(scope, true), request, {}, strict)).toBe(decision)
  })

  it('names a scope that may be used in the compartment', () => {
    const scope = 'patient/Observation.s?status=final user/Observation.s?status=final'
    expect(decided(factsFor(scope, false), get('/Patient/another/Observation?status=preliminary'), {}, strict)).toBe(
      outside('user/Observation.s?status=preliminary')
    )
  })

  it('is filtered where the policy does not forbid it', () => {
    expect(decided(factsFor(final, true), get('/Observation?status=preliminary'), {}, lenient)).toBe(
      'Filter system/Observation.s [status=["final"]]; returned s'
    )
  })
})

describe('the own record of a user', () => {
  const own = 'user/Practitioner.r [of the user]'
  const record = get('/Practitioner/p1')
  const denied = insufficient('user/Practitioner.r')
  it.each<readonly [string, string, PlainRequest, AccessRules, SmartPolicy, string]>([
    ['is read within the rule about users', 'openid fhirUser', record, {}, defaultPolicy, `Filter ${own}; returned r`],
    [
      'is read beside other scopes',
      'openid fhirUser user/*.r',
      record,
      {},
      defaultPolicy,
      `Filter user/*.r [of the user], ${own}; returned r`
    ],
    [
      'is read by a user without a limit',
      'openid fhirUser',
      record,
      { isUserUnlimited: true },
      defaultPolicy,
      'Permit'
    ],
    ['is read without a rule about users', 'openid fhirUser', record, { hasUserRule: false }, defaultPolicy, 'Permit'],
    ['is read by a scope that permits everything', 'openid fhirUser system/*.r', record, {}, defaultPolicy, 'Permit'],
    ['needs the scope fhirUser', 'openid', record, {}, defaultPolicy, denied],
    ['needs the scope openid', 'fhirUser', record, {}, defaultPolicy, denied],
    [
      'needs a policy that says so',
      'openid fhirUser',
      record,
      {},
      { ...defaultPolicy, fhirUserImpliesRead: false },
      denied
    ],
    ['is no other record', 'openid fhirUser', get('/Practitioner/p2'), {}, defaultPolicy, denied],
    [
      'is no record of another type',
      'openid fhirUser',
      get('/Observation/p1'),
      {},
      defaultPolicy,
      insufficient('patient/Observation.r')
    ],
    ['is no earlier version', 'openid fhirUser', get('/Practitioner/p1/_history/1'), {}, defaultPolicy, denied],
    ['is no history', 'openid fhirUser', get('/Practitioner/p1/_history'), {}, defaultPolicy, denied]
  ])('%s', (_title, scope, request, rules, policy, decision) => {
    expect(decided(factsFor(scope, false), request, rules, policy)).toBe(decision)
  })

  it('is of no token without a user', () => {
    expect(decided(factsFor('openid fhirUser', true), record)).toBe(insufficient('system/Practitioner.r'))
  })

  it('is opened by nothing but the rule about users', () => {
    expect(decide(defaultPolicy, factsFor('openid fhirUser', false), interactionOf(record))).toMatchObject({
      alternatives: [{ patient: null, sharedTypes: [], links: [], actingTypes: [], query: [], moreCompartment: {} }]
    })
  })
})

describe('the references of a body', () => {
  it.each<readonly [unknown, ReadonlyArray<string>, ReadonlyArray<string>]>([
    [null, [], []],
    ['x', [], []],
    [{ reference: 'a' }, ['a'], ['a']],
    [{ subject: { reference: 'a' }, other: 'b', more: [{ reference: 'c' }] }, ['c', 'a'], ['c', 'a']],
    [{ reference: 1 }, [], []],
    [{ reference: { reference: 'a' } }, ['a'], ['a']],
    [{ value: 'a' }, [], []],
    [[{ op: 'add', path: '/subject/reference', value: 'a' }], [], ['a']],
    [[{ op: 'add', path: '/subject', value: 'a' }], [], []],
    [[{ op: 'add', path: '/subject/reference', other: 'a' }], [], []],
    [[{ op: 'add', path: '/subject', value: { reference: 'a' } }], ['a'], ['a']]
  ])('%j are %j, and with patches %j', (body, references, withPatches) => {
    expect(referencesIn(body)).toEqual(references)
    expect(referencesIn(body, {})).toEqual(references)
    expect(referencesIn(body, { withPatches: false })).toEqual(references)
    expect(referencesIn(body, { withPatches: true })).toEqual(withPatches)
  })

  const naming = (...references: ReadonlyArray<string>) => ({ list: references.map((reference) => ({ reference })) })
  it.each<readonly [string, object, boolean]>([
    ['openid', naming('Patient/1', '#a?b'), true],
    ['openid', naming('Patient?name=a'), false],
    ['system/Patient.s', naming('Patient?name=a'), true],
    ['system/Patient.s', naming('Patient?name=a', 'Group?name=a'), false],
    ['system/Patient.s', naming('Patient?name=a#'), true],
    ['openid', naming('Patient?name=a#'), false],
    ['system/Patient.s?active=true', naming('Patient?name=a'), false],
    ['system/Patient.s', naming('Nothing?name=a'), false],
    ['system/*.s', naming('Nothing?name=a'), true]
  ])('with %s: the searches of %j are permitted: %s', (scope, body, mayResolve) => {
    expect(mayResolveReferences(factsFor(scope, true), body)).toBe(mayResolve)
  })
})

describe('the smallest scopes', () => {
  it.each<readonly [ReadonlyArray<string>, ReadonlyArray<string>]>([
    [
      ['system/Patient.r', 'system/Patient.s', 'user/Patient.r'],
      ['system/Patient.rs', 'user/Patient.r']
    ],
    [['openid', 'system/Patient.r'], ['system/Patient.r']],
    [[], []]
  ])('of %j are %j', (texts, joined) => {
    expect(joinedScopes(texts)).toEqual(joined)
  })

  it('that would have given what is needed contain none that another gives', () => {
    const need = (type: string | null, isUnlimited = false) => ({ type, permission: 's' as const, isUnlimited })
    const facts: AccessFacts = { ...factsFor('openid', true), context: { patient: '123' } }
    expect(missingScopes(facts, {}, [need('Observation'), need(null)])).toEqual(['patient/*.s'])
    expect(missingScopes(facts, {}, [need('Observation'), need('Observation', true)])).toEqual(['system/Observation.s'])
    expect(missingScopes(facts, {}, [need('Observation')])).toEqual(['patient/Observation.s'])
    expect(missingScopes(factsFor('openid', true), {}, [need('Observation')])).toEqual(['system/Observation.s'])
  })
})
