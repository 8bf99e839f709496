/**
 * A few resources for scopes that were granted: for each parameter every element that distinguishes one value of the
 * parameter from another. The gate itself decides whether a scope gives access to one of them, without the code that
 * decides about granting.
 */
import * as fc from 'fast-check'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { fhirGate } from '../../src/engine/resource/fhir-gate.js'
import { defaultPolicy } from '../../src/protocol/policy/policy.js'
import type { ResourceScope } from '../../src/scopes/scope.js'

interface RequestedClauses {
  /** Clauses by which something can open. */
  readonly good: ReadonlyArray<string>
  /** Members that a resource may have, one choice at a time. */
  readonly elements: ReadonlyArray<Readonly<Record<string, unknown>>>
}

const dates = ['2019-12-31T23:59:59Z', '2020-05-01', '2020-05-01T10:00:00Z', '2021', '0001-01-01', '9998']
const quantities = [5.4, 5, 100, -3].flatMap((value) => [
  { value },
  { value, unit: 'mg', system: 'http://u', code: 'mg' }
])

/** Parameters by resource type. */
export const parameters: Readonly<Record<string, Readonly<Record<string, RequestedClauses>>>> = {
  Observation: {
    date: {
      good: [
        'date=ge2020',
        'date=2020-05-01',
        'date=lt2020-01-01,gt2030',
        'date=ne2020',
        'date=sa2020',
        'date=eb2020',
        'date=le2020-05-01T10:00:00Z'
      ],
      elements: [...dates.map((effectiveDateTime) => ({ effectiveDateTime })), { effectivePeriod: { start: '2000' } }]
    },
    category: {
      good: ['category=a', 'category=http://s|a,b', 'category=|b', 'category=http://s|'],
      elements: [{ category: [{ coding: [{ system: 'http://s', code: 'a' }, { code: 'b' }] }] }]
    },
    status: {
      good: ['status=final', 'status=|final', 'status=amended,final'],
      elements: [{ status: 'final' }, { status: 'amended' }]
    },
    subject: {
      good: ['subject=Patient/a', 'subject=a', 'subject=Group/g'],
      elements: ['Patient/a', 'Group/g'].map((reference) => ({ subject: { reference } }))
    },
    'value-quantity': {
      good: ['value-quantity=5.4', 'value-quantity=gt5|http://u|mg', 'value-quantity=le5||mg', 'value-quantity=ap100'],
      elements: quantities.map((valueQuantity) => ({ valueQuantity }))
    },
    _lastUpdated: {
      good: ['_lastUpdated=ge2020', '_lastUpdated=lt2020'],
      elements: dates.map((lastUpdated) => ({ meta: { lastUpdated } }))
    }
  },
  Immunization: {
    date: { good: ['date=ge2020', 'date=2021'], elements: dates.map((occurrenceDateTime) => ({ occurrenceDateTime })) },
    patient: {
      good: ['patient=Patient/a', 'patient=b'],
      elements: ['a', 'b'].map((id) => ({ patient: { reference: `Patient/${id}` } }))
    }
  },
  Patient: {
    birthdate: {
      good: ['birthdate=gt2020', 'birthdate=2020-05-01'],
      elements: ['2020-05-01', '2021-01-01'].map((birthDate) => ({ birthDate }))
    },
    _id: { good: ['_id=a', '_id=a,b'], elements: [{ id: 'a' }] }
  },
  RiskAssessment: {
    probability: {
      good: ['probability=0.8', 'probability=gt1e-1', 'probability=lt0.5'],
      elements: [{ prediction: [{ probabilityDecimal: 0.8 }, { probabilityDecimal: 0.3 }] }]
    }
  },
  Practitioner: {}
}

/**
 * Clauses by which nothing ever opens: parameters of the answer, chains, modifiers, what nobody defines, malformed and
 * impossible values.
 */
const bad = [
  '_count=5',
  '_format=json',
  '_include=Observation:subject',
  '_sort=date',
  '_summary=count',
  '_elements=id',
  '_total=none',
  '_has:Observation:patient:code=x',
  '_filter=x',
  '_query=x',
  '_list=1',
  '_type=Observation',
  '_text=x',
  '_content=x',
  '_contained=true',
  '_pretty=true',
  '_revinclude=x',
  'subject.name=x',
  'subject:Patient.name=x',
  'category:not=a',
  'category:missing=true',
  'date:missing=false',
  'code:in=http://v',
  'code:above=x',
  'code:text=x',
  'category:of-type=a',
  'x-own=1',
  'no-such=1',
  'code-value-quantity=a$5',
  'date=banana',
  'date=2020-13',
  'date=ge',
  'date=ge2020,banana',
  'date=ap2021',
  'date=ge2020,ap2021',
  '_lastUpdated=ap2020',
  'birthdate=ap2000-01-01',
  'date=2020-02-30',
  'value-quantity=mg',
  'value-quantity=5|mg',
  'value-quantity=||mg',
  'probability=x',
  'status=http://s|final',
  '_id=a/b',
  'subject=a b',
  'subject=Patient/a/_history/1',
  'birthdate=2020-05-01T10:00:00Z',
  'patient=Group/g',
  'value-quantity=1e9999'
]

/** Two clauses that no resource meets at once. */
const contradicting: Readonly<Record<string, ReadonlyArray<string>>> = {
  Observation: [
    'status=final&status=amended',
    'date=2020&date=banana',
    'subject=Patient/a&subject=Group/g',
    'value-quantity=5&value-quantity=100'
  ],
  Immunization: ['patient=a&patient=b', 'date=2020-05-01&date=2021'],
  Patient: ['_id=a&_id=b', 'birthdate=lt2000&birthdate=gt2020']
}

const types = [...Object.keys(parameters), '*', 'NoSuchType']
const level = fc.constantFrom('patient', 'patient', 'user', 'system')

/** A scope as text, of all kinds. */
export const requestedScope: fc.Arbitrary<string> = fc
  .tuple(level, fc.constantFrom(...types), fc.constantFrom('rs', 'r', 's', 'cruds', 'c'))
  .chain(([first, type, letters]) => {
    const own = parameters[type === '*' ? 'Observation' : type] ?? {}
    const good = fc.constantFrom('', ...Object.values(own).flatMap((requested) => requested.good))
    const query = fc.oneof(
      { weight: 3, arbitrary: good },
      {
        weight: 2,
        arbitrary: fc.tuple(good, good).map((both) => [...new Set(both)].filter((one) => one !== '').join('&'))
      },
      {
        weight: 2,
        arbitrary: fc.tuple(good, fc.constantFrom(...bad)).map((both) => both.filter((one) => one !== '').join('&'))
      },
      { weight: 1, arbitrary: fc.constantFrom('', ...(contradicting[type] ?? [])) }
    )
    return query.map((text) => `${first}/${type}.${letters}${text === '' ? '' : `?${text.replaceAll(' ', '%20')}`}`)
  })

type Res = Readonly<Record<string, unknown>> & { readonly resourceType: string; readonly id: string }

const merged = (one: Record<string, unknown>, other: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
  ...one,
  ...other
})

/** The resources of a type with every choice of elements for the parameters that a scope names, and a patient's. */
export const resourcesFor = (type: string, scope: ResourceScope): ReadonlyArray<Res> => {
  const own = parameters[type] ?? {}
  const named = [...new Set(scope.query.map(({ name }) => name))].flatMap((name) => own[name]?.elements ?? [])
  const sets = [...new Set(scope.query.map(({ name }) => name))].map((name) => own[name]?.elements ?? [{}])
  const base: ReadonlyArray<Record<string, unknown>> =
    type === 'Observation'
      ? [{ subject: { reference: 'Patient/a' } }, { performer: [{ reference: 'Patient/a' }] }]
      : type === 'Immunization'
        ? [{ patient: { reference: 'Patient/a' } }]
        : type === 'RiskAssessment'
          ? [{ subject: { reference: 'Patient/a' } }]
          : [{}]
  const all = sets.reduce<ReadonlyArray<Record<string, unknown>>>(
    (found, elements) => found.flatMap((one) => elements.map((element) => merged(one, element))),
    base
  )
  return (named.length === 0 ? base : all).map((one) => ({ resourceType: type, id: 'a', ...one }))
}

const json = (status: number, body: unknown) => ({
  status,
  headers: { 'content-type': 'application/fhir+json' },
  body: JSON.stringify(body)
})

/** Whether the gate lets a resource through by a scope: as it is read, found, or created. */
export const gateLetsThrough = async (scope: ResourceScope, resource: Res): Promise<boolean> => {
  const server = {
    answer: (request: { readonly method: string; readonly path: string }) =>
      TaskEither.right(
        request.method === 'POST' && !request.path.endsWith('_search')
          ? json(201, resource)
          : request.path.split('/').length > 2
            ? json(200, resource)
            : json(200, {
                resourceType: 'Bundle',
                type: 'searchset',
                total: 1,
                entry: [{ resource, search: { mode: 'match' } }]
              })
      )
  }
  const facts = {
    clientId: 'app',
    scopes: [scope],
    context: { patient: 'a' },
    user: scope.level === 'user' ? { sub: 'u', fhirUser: null, authTime: 0 } : null
  }
  const gate = fhirGate({ server, policy: defaultPolicy, base: 'https://ehr.example/fhir', userMay: () => true }, facts)
  const plain = { headers: { 'content-type': 'application/fhir+json' }, query: '', body: '' }
  const type = resource.resourceType
  for (const letter of scope.permissions) {
    if (letter === 'r' && (await gate({ ...plain, method: 'GET', path: `/${type}/a` })()).status === 200) return true
    if (
      letter === 'c' &&
      (await gate({ ...plain, method: 'POST', path: `/${type}`, body: JSON.stringify(resource) })()).status === 201
    )
      return true
    if (letter !== 's') continue
    const found = await gate({ ...plain, method: 'GET', path: `/${type}` })()
    if (
      found.status === 200 &&
      ((JSON.parse(found.body) as { readonly entry?: ReadonlyArray<unknown> }).entry ?? []).length > 0
    )
      return true
  }
  return false
}

/** Whether something of the world opens by a scope. */
export const opensInWorld = async (scope: ResourceScope): Promise<boolean> => {
  for (const type of scope.type === '*' ? Object.keys(parameters) : [scope.type]) {
    for (const resource of resourcesFor(type, scope)) if (await gateLetsThrough(scope, resource)) return true
  }
  return false
}
