/** What the gate is measured on: a page of 50 Observations (36 kB) before and behind it. */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { GateOptions } from '../../../src/engine/resource/gate-context.js'
import type { AccessFacts } from '../../../src/protocol/access/alternatives.js'
import type { PlainRequest } from '../../../src/protocol/http/message.js'
import { parse } from '../../../src/scopes/parse.js'

export const base = 'https://ehr.example/fhir'

const categories = [
  'social-history',
  'vital-signs',
  'imaging',
  'laboratory',
  'procedure',
  'survey',
  'exam',
  'therapy'
] as const
const system = 'http://terminology.hl7.org/CodeSystem/observation-category'

/** An Observation as US Core has it, of about 700 bytes. */
export const observation = (place: number): object => ({
  resourceType: 'Observation',
  id: `observation-${String(place)}`,
  meta: {
    versionId: '1',
    lastUpdated: '2024-05-01T10:00:00.000Z',
    profile: ['http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab']
  },
  status: 'final',
  category: [{ coding: [{ system, code: categories[place % categories.length], display: 'A category' }] }],
  code: { coding: [{ system: 'http://loinc.org', code: '718-7', display: 'Hemoglobin [Mass/volume] in Blood' }] },
  subject: { reference: 'Patient/a' },
  performer: [{ reference: 'Organization/laboratory' }],
  effectiveDateTime: '2024-05-01T09:30:00Z',
  valueQuantity: { value: 13.5 + place / 10, unit: 'g/dL', system: 'http://unitsofmeasure.org', code: 'g/dL' }
})

/** A page of so many Observations out of so many. */
export const page = (count: number, matches: number, root = base): string =>
  JSON.stringify({
    resourceType: 'Bundle',
    id: '4f6a1d2c-8f50-4f8e-a2f4-0b8d3a6f9a11',
    type: 'searchset',
    total: matches,
    link: [
      { relation: 'self', url: `${root}/Observation?patient=a&_count=${String(count)}` },
      ...(count < matches ? [{ relation: 'next', url: `${root}?_getpages=1&_getpagesoffset=${String(count)}` }] : [])
    ],
    entry: Array.from({ length: count }, (_, place) => ({
      fullUrl: `${root}/Observation/observation-${String(place)}`,
      resource: observation(place),
      search: { mode: 'match' }
    }))
  })

/** The tokens: nothing is hidden, one scope of a patient, and eight granular scopes. */
export const tokens: ReadonlyArray<readonly [name: string, scope: string]> = [
  ['Permit (system/*.rs)', 'system/*.rs'],
  ['one patient/ scope', 'patient/Observation.rs'],
  ['eight granular scopes', categories.map((one) => `patient/Observation.rs?category=${system}|${one}`).join(' ')]
]

export const factsOf = (scope: string): AccessFacts => ({
  clientId: 'app',
  scopes: parse(scope),
  context: { patient: 'a' },
  user: null
})

export const search: PlainRequest = {
  method: 'GET',
  path: '/Observation',
  query: '_count=50',
  headers: {},
  body: ''
}

/** A server that answers every request with the same text, and counts the requests. */
export const serverOf = (body: string) => {
  const counted = { requests: 0 }
  const headers = { 'content-type': 'application/fhir+json' }
  const server: GateOptions['server'] = {
    answer: () => {
      counted.requests += 1
      return TaskEither.right({ status: 200, headers, body })
    }
  }
  return { counted, server }
}
