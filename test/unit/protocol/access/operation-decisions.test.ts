/**
 * What decides about operations, one rule or one form of its input a row. `decisions.test.ts` has the decisions about
 * many requests for many tokens.
 */
import { describe, expect, it } from 'vitest'
import type { AccessRules } from '../../../../src/protocol/access/alternatives.js'
import { decide } from '../../../../src/protocol/access/decision.js'
import { openingScope, operationWrites } from '../../../../src/protocol/access/operations/decide-operation.js'
import type { Operation } from '../../../../src/protocol/access/operations/operation-rules.js'
import { operationInputRules } from '../../../../src/protocol/access/operations/operation-rules.js'
import { standardOperation } from '../../../../src/protocol/access/operations/table.js'
import { interactionOf } from '../../../../src/protocol/access/read-interaction.js'
import { releaseR4 } from '../../../../src/protocol/access/release.js'
import type { PlainRequest } from '../../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../../src/protocol/policy/policy.js'
import { get, parameters, post } from './decision-requests.js'
import { factsFor, textOf } from './decision-text.js'

const mapping: AccessRules = {
  operations: [
    { level: 'type', type: 'Observation', name: 'show', needs: [{ type: 'Patient', permission: 'r' }] },
    { level: 'type', type: null, name: 'all', needs: [{ type: '*', permission: 'r' }] },
    { level: 'type', type: null, name: 'own', needs: [{ type: null, permission: 'r' }] },
    {
      level: 'type',
      type: null,
      name: 'two',
      needs: [
        { type: 'Patient', permission: 'r' },
        { type: 'Observation', permission: 's' }
      ]
    },
    {
      level: 'instance',
      type: null,
      name: 'mark',
      needs: [
        { type: null, permission: 'r' },
        { type: null, permission: 'u' }
      ]
    },
    { level: 'instance', type: 'Patient', name: 'export', needs: [{ type: null, permission: 'r' }] },
    { level: 'type', type: null, name: 'free', needs: [] }
  ],
  operationScopes: [
    {
      scope: 'system/$run',
      permits: [
        { level: 'system', type: null, name: 'run' },
        { level: 'type', type: 'Patient', name: 'run' }
      ]
    }
  ]
}

const insufficient = (...missing: ReadonlyArray<string>): string =>
  `Deny insufficient-scope (scope-sufficient), missing ${JSON.stringify(missing)}`
const unmapped = 'Deny operation-not-mapped (operation-mapped), missing []'
const unevaluated = 'Deny parameter-not-evaluated (operation-parameters-known), missing []'

type Row = readonly [title: string, scope: string, request: PlainRequest, decision: string]

const decided = (scope: string, request: PlainRequest, isOfService: boolean, rules: AccessRules): string =>
  textOf(decide(defaultPolicy, factsFor(scope, isOfService), interactionOf(request), rules))

describe('an operation that the host maps', () => {
  it.each<Row>([
    ['is that of the named type', 'system/Patient.r', get('/Observation/$show'), 'Permit'],
    ['is not that of another type', 'system/*.cruds', get('/Condition/$show'), unmapped],
    ['needs the named type', 'system/Observation.r', get('/Observation/$show'), insufficient('system/Patient.r')],
    ['needs every type', 'system/Observation.r', get('/Observation/$all'), insufficient('system/*.r')],
    ['needs the type of the URL', 'system/Patient.r', get('/Observation/$own'), insufficient('system/Observation.r')],
    ['is permitted with all needs', 'system/Patient.r system/Observation.s', get('/Patient/$two'), 'Permit'],
    ['needs each of its needs', 'system/Patient.r', get('/Patient/$two'), insufficient('system/Observation.s')],
    [
      'needs each of its needs without a limit',
      'system/Patient.r system/Observation.s?status=final',
      get('/Patient/$two'),
      'Deny insufficient-scope (response-can-be-filtered), missing ["system/Patient.r","system/Observation.s"]'
    ],
    [
      'cannot be filtered if it also writes',
      'system/Observation.ru?status=final',
      get('/Observation/x/$mark'),
      'Deny insufficient-scope (response-can-be-filtered), missing ["system/Observation.ru"]'
    ],
    ['is permitted though a like one is not in the table', 'system/Patient.r', get('/Patient/1/$export'), 'Permit'],
    ['is permitted without needs', 'openid', get('/Patient/$free'), 'Permit'],
    ['is none without a name in the mapping', 'system/*.cruds', get('/Patient/$none'), unmapped],
    ['is opened by a scope', 'system/$run', get('/$run'), 'Permit'],
    ['is opened by a scope that opens several', 'system/$run', get('/Patient/$run'), 'Permit'],
    ['is not opened by a scope for another type', 'system/$run', get('/Observation/$run'), unmapped],
    ['is not opened by a scope for another level', 'system/$run', get('/Patient/1/$run'), unmapped],
    [
      'is not opened by another scope',
      'system/*.cruds',
      get('/$run'),
      'Deny insufficient-scope (scope-sufficient), missing ["system/$run"]'
    ]
  ])('%s', (_title, scope, request, decision) => {
    expect(decided(scope, request, true, mapping)).toBe(decision)
  })

  it('names the scope that opens it', () => {
    const run: Operation = { _tag: 'Operation', level: 'system', type: null, id: null, name: 'run', input: null }
    expect(openingScope(factsFor('openid system/$run', true), run, mapping)).toBe('system/$run')
    expect(openingScope(factsFor('openid', true), run, mapping)).toBeUndefined()
    expect(openingScope(factsFor('system/$run', true), run, {})).toBeUndefined()
  })

  it.each<readonly [string, boolean | undefined]>([
    ['/Observation/x/$mark', true],
    ['/Patient/$two', false],
    ['/Observation/x/$meta-add', true],
    ['/Observation/x/$meta', false],
    ['/Patient/$free', undefined],
    ['/Patient/$none', undefined]
  ])('%s writes: %s', (path, writes) => {
    const operation = interactionOf(get(path))
    expect(operation._tag === 'Operation' ? operationWrites(operation, mapping) : null).toBe(writes)
  })
})

describe('an operation of the table', () => {
  const everything = get('/Patient/123/$everything')
  const own = 'Filter patient/*.s [patient 123, of the user]; returned s'

  it.each<Row>([
    ['on the own patient needs no read of the patient', 'patient/*.s', everything, own],
    [
      'on another patient needs scopes that are not of the own patient',
      'patient/*.s',
      get('/Patient/456/$everything'),
      insufficient('user/Patient.r', 'user/*.s')
    ],
    [
      'on the own patient, and of a type outside the compartment, needs a read of the patient',
      'openid',
      get('/Patient/123/$everything?_type=Practitioner'),
      insufficient('patient/Patient.r', 'user/Practitioner.s')
    ],
    [
      'on the own patient needs no more than a search',
      'openid',
      get('/Patient/123/$everything?_type=Observation,Practitioner'),
      insufficient('patient/Observation.s', 'user/Practitioner.s')
    ],
    [
      'on an encounter with the id of the patient needs a read of the encounter',
      'patient/*.s',
      get('/Encounter/123/$everything'),
      insufficient('patient/Encounter.r')
    ],
    [
      'that shows nothing of the own patient but values needs a read of the patient',
      'patient/*.s',
      get('/Patient/123/$meta'),
      insufficient('patient/Patient.r')
    ],
    [
      'checks the patient if no scope of the patient searches',
      'patient/Patient.r user/Observation.s',
      everything,
      'Filter patient/Patient.r [patient 123, of the user], user/Observation.s [of the user]; stored r, returned s'
    ],
    [
      'does not take a parameter _type of its search for the types that it shows',
      'patient/Condition.s',
      get('/Observation/$lastn?patient=123&_type=Condition'),
      insufficient('patient/Observation.s')
    ],
    ['reads a search by patient', 'patient/*.s', get('/Observation/$lastn?patient=123'), own],
    [
      'reads a search by the reference of the patient',
      'patient/*.s',
      get('/Observation/$lastn?subject=Patient/123'),
      own
    ],
    [
      'refuses a search by a patient without id, for a user',
      'user/*.s',
      get('/Observation/$lastn?patient=Patient/null'),
      'Deny insufficient-scope (operation-selects-nothing-hidden), missing []'
    ],
    ...['_filter=code', '_contained=true', '_revinclude=Provenance:target', '_include=Observation:subject'].map(
      (more): Row => [
        `refuses ${more} for a limited token`,
        'patient/*.s',
        get(`/Observation/$lastn?patient=123&${more}`),
        unevaluated
      ]
    ),
    [
      'refuses a parameter whose value is no text, for a limited token',
      'patient/*.s',
      post('/Observation/$lastn', parameters({ name: 'patient', valueString: '123' }, { name: 'code', part: [] })),
      unevaluated
    ],
    [
      'for every Patient may need a permission for the own one',
      'openid',
      get('/Patient/$validate'),
      insufficient('patient/Patient.r')
    ]
  ])('%s', (_title, scope, request, decision) => {
    expect(decided(scope, request, false, {})).toBe(decision)
  })

  const chained = get('/Observation/$lastn?patient=123&subject:Patient.name=a')
  it.each<readonly [string, ReadonlyArray<string>]>([
    ['openid', ['patient/Observation.s', 'user/Patient.s']],
    ['user/Observation.s', ['user/Patient.s']],
    ['patient/Observation.s', ['user/Patient.s']],
    ['user/Patient.s', ['patient/Observation.s']]
  ])('that selects, with %s of a user without a limit, needs %j', (scope, missing) => {
    expect(decided(scope, chained, false, { isUserUnlimited: true })).toBe(insufficient(...missing))
  })

  it.each<readonly [string, ReadonlyArray<string>]>([
    ['system/*.r', ['system/*.s', 'system/Observation.u']],
    ['system/*.r system/Observation.u', ['system/*.s']]
  ])('that writes, with %s and an unknown parameter, needs %j', (scope, missing) => {
    const adding = post('/Observation/x/$meta-add', parameters({ name: 'other', valueString: 'x' }))
    expect(decided(scope, adding, true, {})).toBe(unevaluated.replace('[]', JSON.stringify(missing)))
  })

  it.each<Row>([
    [
      'needs the search that a conditional reference in its URL makes',
      'system/Observation.rs',
      get('/Observation/$lastn?subject=Patient?name=a'),
      insufficient('system/Patient.s')
    ],
    [
      'needs no search for a value that only looks like one',
      'system/Observation.rs',
      get('/Observation/$lastn?code=Patientx'),
      'Permit'
    ],
    [
      'needs no search for a question about no type',
      'system/Observation.rs',
      get('/Observation/$lastn?code=who?me'),
      'Permit'
    ],
    [
      'needs the search that a chain makes',
      'system/Observation.rs',
      get('/Observation/$lastn?subject:Patient.name=a'),
      insufficient('system/Patient.s')
    ]
  ])('%s', (_title, scope, request, decision) => {
    expect(decided(scope, request, true, {})).toBe(decision)
  })
})

describe('the rules of the input', () => {
  it.each([
    ['everything', 'Patient', [true, false, false, false, false]],
    ['match', 'Patient', [true, true, false, false, false]]
  ] as const)('each have an answer for an input of %s that cannot be read', (name, type, isDenied) => {
    const row = standardOperation({ level: name === 'match' ? 'type' : 'instance', type, name })
    expect(row).toBeDefined()
    if (row === undefined) return
    const denials = operationInputRules.map(({ check }) =>
      check({ row, type, input: null, isWhole: false, types: releaseR4.types, missing: () => [] })
    )
    expect(denials.map((denial) => denial !== null)).toEqual(isDenied)
  })
})
