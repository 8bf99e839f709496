/** The attacks on the FHIR endpoint that read: reads, searches, histories. */
import { expect } from 'vitest'
import type { Behind } from '../../support/fhir/behind-gate.js'
import {
  behind,
  expectForbidden,
  expectHidden,
  expectUntouched,
  json,
  said,
  shownIn
} from '../../support/fhir/behind-gate.js'
import { forbidden, gateRow, variant } from './gate-rows.js'
import type { AttackRow, Variant } from '../row.js'
import { fixture } from '../../support/fhir-fixture.js'
import { resourceTypes } from '../../../src/protocol/access/fhir-interaction.js'
import { isInPatientCompartment } from '../../../src/protocol/access/search/search-index.js'

const read = 'patient/*.rs'

/**
 * What of the fake server's is patient a's, written down by hand: o5, o20 by performer, c2, c8 by asserter; o0 and o15
 * are b's as well.
 */
const ofPatientA = new Set([
  'Patient/a',
  ...['o0', 'o3', 'o6', 'o9', 'o12', 'o15', 'o18', 'o21', 'o5', 'o20'].map((id) => `Observation/${id}`),
  ...['c0', 'c3', 'c6', 'c9', 'c2', 'c8'].map((id) => `Condition/${id}`),
  ...['e0', 'e3', 'e6'].map((id) => `Encounter/${id}`)
])

/** A 200 with nothing but the patient's own, or a refusal. */
const expectOwnOnly = async (gate: Behind, path: string, scope = read): Promise<void> => {
  const response = await expectUntouched(gate, () => gate.ask(scope, 'GET', path))
  expect([200, 400, 403, 404]).toContain(response.status)
  expect(shownIn(response).filter((one) => !ofPatientA.has(one))).toEqual([])
}

const ownOnly = (path: string): Variant => variant(`GET /${path}`, () => expectOwnOnly(behind(), `/${path}`))

/** An Observation of patient a and one of patient b in a server's careless answer. */
const careless = said(200, {
  resourceType: 'Bundle',
  type: 'searchset',
  total: 2,
  entry: fixture
    .filter(({ id }) => id === 'o6' || id === 'o1')
    .map((resource) => ({ resource, search: { mode: 'match' } }))
})

const granular = 'patient/Observation.rs?category=http://s|lab'

export const readRows: ReadonlyArray<AttackRow> = [
  gateRow(
    'FHR-07',
    ['/Patient/a', '/Observation/o6'].map((path) =>
      variant(`GET ${path}`, async () => {
        const response = await behind().ask(read, 'GET', path)
        expect([response.status, shownIn(response)]).toEqual([200, [path.slice(1)]])
      })
    )
  ),
  gateRow(
    'FHR-08',
    [
      ['/Patient/b', '/Patient/none'],
      ['/Observation/o1', '/Observation/none']
    ].map(([path = '', absent = '']) => variant(`GET ${path}`, () => expectHidden(behind(), read, path, absent)))
  ),
  gateRow('FHR-09', [
    forbidden('.r tries search', 'patient/Observation.r', 'GET', '/Observation'),
    forbidden('.s tries read', 'patient/Observation.s', 'GET', '/Observation/o6'),
    forbidden(
      '.c tries update',
      'patient/Observation.c',
      'PUT',
      '/Observation/o6',
      json(fixture.find(({ id }) => id === 'o6'))
    ),
    forbidden('.u tries delete', 'patient/Observation.u', 'DELETE', '/Observation/o6'),
    forbidden('.d tries read', 'patient/Observation.d', 'GET', '/Observation/o6')
  ]),
  gateRow('FHR-11', [
    variant("version 1 was another patient's, version 2 is the patient's own", async () => {
      const of = (patient: string, versionId: string) => ({
        resourceType: 'Observation',
        id: 'x',
        meta: { versionId },
        subject: { reference: `Patient/${patient}` }
      })
      const answers = {
        'GET /Observation/x/_history/1': said(200, of('b', '1')),
        'GET /Observation/x/_history/2': said(200, of('a', '2')),
        'GET /Observation/x': said(200, of('a', '2')),
        'GET /Observation/x/_history/9': said(404, null),
        'GET /Observation/x/_history': said(200, {
          resourceType: 'Bundle',
          type: 'history',
          total: 2,
          entry: [{ resource: of('a', '2') }, { resource: of('b', '1') }]
        })
      }
      await expectHidden(behind({ answers }), read, '/Observation/x/_history/1', '/Observation/x/_history/9')
      expect((await behind({ answers }).ask(read, 'GET', '/Observation/x/_history/2')).status).toBe(200)
      const history = JSON.parse((await behind({ answers }).ask(read, 'GET', '/Observation/x/_history')).body) as {
        readonly total: number
        readonly entry: ReadonlyArray<unknown>
      }
      expect([history.total, history.entry]).toEqual([1, [{ resource: of('a', '2') }]])
    })
  ]),
  gateRow('FHR-13', [
    ...[
      '',
      '?patient=Patient/b',
      '?patient=a,b',
      '?patient=a&patient=b',
      '?subject=Group/g',
      '?patient:Patient.name=x',
      '?patient:identifier=http://s|1'
    ].map((query) => ownOnly(`Observation${query}`)),
    variant("the answer counts no other patient's", async () => {
      const body = JSON.parse(
        (await behind({ answers: { 'GET /Observation': careless } }).ask(read, 'GET', '/Observation?status=final')).body
      ) as Readonly<Record<string, unknown>>
      expect(body['total']).toBe(1)
    })
  ]),
  gateRow('FHR-14', [
    forbidden(
      'performer:Practitioner.name',
      'patient/Observation.rs',
      'GET',
      '/Observation?patient=a&performer:Practitioner.name=x'
    ),
    forbidden('subject:Patient._has:…', read, 'GET', '/Observation?subject:Patient._has:Observation:patient:code=x')
  ]),
  gateRow('FHR-15', [
    variant('once, and nested twice', async () => {
      for (const query of [
        '_has:Observation:patient:code-value-quantity=x$gt3',
        '_has:Observation:patient:_has:Provenance:target:agent=p1'
      ]) {
        const gate = behind()
        await expectForbidden(gate, () => gate.ask(read, 'GET', `/Patient?${query}`))
        expect(gate.requests).toEqual([])
      }
    })
  ]),
  gateRow(
    'FHR-16',
    [
      '_include=Observation:performer',
      '_include=*',
      '_revinclude=Provenance:target',
      '_include:iterate=Observation:performer'
    ].map((query) => ownOnly(`Observation?${query}`))
  ),
  gateRow('FHR-19', [
    forbidden('GET ?_type=Observation,Patient', 'patient/Observation.rs', 'GET', '/?_type=Observation,Patient'),
    variant('GET /_history', async () => {
      for (const scope of ['patient/Observation.rs', 'system/Observation.rs', 'patient/*.r']) {
        const gate = behind()
        await expectForbidden(gate, () => gate.ask(scope, 'GET', '/_history'))
      }
      const of = (patient: string): object => ({
        resourceType: 'Observation',
        id: `of-${patient}`,
        subject: { reference: `Patient/${patient}` }
      })
      const versions = ['a', 'b'].map((patient) => ({ resource: of(patient) }))
      const entry = [...versions, { request: { method: 'DELETE', url: 'Observation/gone' } }]
      const answers = { 'GET /_history': said(200, { resourceType: 'Bundle', type: 'history', total: 3, entry }) }
      const { body } = await behind({ answers }).ask(read, 'GET', '/_history')
      expect(JSON.parse(body)).toMatchObject({ total: 1, entry: [{ resource: of('a') }] })
      expect(body).not.toContain('gone')
    }),
    forbidden('POST /_search', 'patient/Observation.rs', 'POST', '/_search', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: '_lastUpdated=gt2020'
    })
  ]),
  gateRow('FHR-20', [
    forbidden('POST /Observation/_search with .c only', 'patient/Observation.c', 'POST', '/Observation/_search', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'code=x'
    }),
    variant('parameters in the address and in the body disagree: both are checked', async () => {
      const gate = behind()
      const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' } }
      const hidden = '_has:Observation:patient:code=x'
      await expectForbidden(gate, () =>
        gate.ask(read, 'POST', `/Patient/_search?${hidden}`, { ...form, body: '_id=a' })
      )
      await expectForbidden(gate, () => gate.ask(read, 'POST', '/Patient/_search?_id=a', { ...form, body: hidden }))
      expect(shownIn(await gate.ask(read, 'POST', '/Patient/_search?_id=b', { ...form, body: '_id=a' }))).toEqual([])
    })
  ]),
  gateRow('FHR-21', [
    variant('the server ignores what it does not know, and answers with everything', async () => {
      for (const scope of [read, granular]) {
        const gate = behind({ answers: { 'GET /Observation': careless } })
        expect(shownIn(await gate.ask(scope, 'GET', '/Observation'))).toEqual(['Observation/o6'])
        expect(gate.requests.every(({ headers }) => headers['prefer'] === 'handling=strict')).toBe(true)
      }
    })
  ]),
  gateRow('FHR-26', [
    variant('If-None-Match and If-Modified-Since on what is hidden', async () => {
      for (const headers of [
        { 'if-none-match': 'W/"1"' },
        { 'if-none-match': '*' },
        { 'if-modified-since': 'Sat, 29 Oct 2033 19:43:31 GMT' }
      ]) {
        await expectHidden(behind(), read, '/Observation/o1', '/Observation/none', { headers })
      }
    })
  ]),
  gateRow('FHR-36', [
    variant('every type of R4: read and search, at a server that answers with anything', async () => {
      expect(resourceTypes.size).toBeGreaterThanOrEqual(146)
      for (const type of resourceTypes) {
        const foreign = {
          resourceType: type,
          id: 'x',
          ...Object.fromEntries(
            ['subject', 'patient', 'beneficiary', 'actor', 'individual'].map((name) => [
              name,
              { reference: 'Patient/b' }
            ])
          )
        }
        const answers = {
          [`GET /${type}/x`]: said(200, foreign),
          [`GET /${type}`]: said(200, {
            resourceType: 'Bundle',
            type: 'searchset',
            total: 1,
            entry: [{ resource: foreign, search: { mode: 'match' } }]
          })
        }
        const found = await behind({ answers }).ask(read, 'GET', `/${type}/x`)
        const searched = await behind({ answers }).ask(read, 'GET', `/${type}`)
        expect([type, found.status]).toEqual([type, isInPatientCompartment(type) ? 404 : 403])
        expect([type, searched.status, shownIn(searched)]).toEqual([type, isInPatientCompartment(type) ? 200 : 403, []])
      }
    })
  ]),
  gateRow('FHR-40', [
    variant('b is linked to a, and stays another patient', async () => {
      expect(fixture.find(({ id }) => id === 'b')).toHaveProperty('link')
      await expectHidden(behind(), read, '/Patient/b', '/Patient/none')
      for (const query of ['', '?link=Patient/a', '?_include=Patient:link', '?_revinclude=Patient:link'])
        await expectOwnOnly(behind(), `/Patient${query}`)
    })
  ]),
  gateRow('FHR-41', [
    variant('a vital sign is not there', () => expectHidden(behind(), granular, '/Observation/o3', '/Observation/none'))
  ]),
  gateRow('FHR-44', [
    variant('two queries', async () => {
      const both = shownIn(
        await behind().ask(`${granular} patient/Observation.rs?category=http://s|vital`, 'GET', '/Observation')
      )
      const one = shownIn(await behind().ask(granular, 'GET', '/Observation'))
      const other = shownIn(await behind().ask('patient/Observation.rs?category=http://s|vital', 'GET', '/Observation'))
      expect([one.length > 0, other.length > 0, both.toSorted()]).toEqual([true, true, [...one, ...other].toSorted()])
    }),
    variant('reads of one level, searches of the other: neither lends the other its letter', async () => {
      const scope = 'patient/Observation.r user/Observation.s'
      const gate = behind({ options: { userMay: (_facts, _permission, { id }) => id === 'o1' } })
      expect((await gate.ask(scope, 'GET', '/Observation/o6')).status).toBe(200)
      expect((await gate.ask(scope, 'GET', '/Observation/o1')).status).toBe(404)
      expect(shownIn(await gate.ask(scope, 'GET', '/Observation'))).toEqual(['Observation/o1'])
    })
  ]),
  gateRow(
    'FHR-53',
    [
      variant('hidden and missing: the same bytes, and the same questions to the server', async () => {
        for (const [method, scope] of [
          ['GET', read],
          ['HEAD', read],
          ['DELETE', 'patient/*.d'],
          ['PATCH', 'patient/*.u']
        ] as const) {
          const patch =
            method === 'PATCH' ? { body: '[]', headers: { 'content-type': 'application/json-patch+json' } } : {}
          const [hidden, missing] = [behind(), behind()]
          const answer = await expectUntouched(hidden, () => hidden.ask(scope, method, '/Observation/o1', patch))
          expect(answer).toEqual(await missing.ask(scope, method, '/Observation/x1', patch))
          expect(JSON.stringify(hidden.requests).replaceAll('o1', 'x1')).toBe(JSON.stringify(missing.requests))
        }
      })
    ],
    { differs: 'no test is timed: what takes time, the questions to the server, is compared instead' }
  )
]

/** The patient's own is found, all of it. */
export const readControl = variant("patient a sees all that is a's, and nothing else", async () => {
  const found = await Promise.all(
    ['Patient', 'Observation', 'Condition', 'Encounter'].map(async (type) =>
      shownIn(await behind().ask(read, 'GET', `/${type}`))
    )
  )
  expect(found.flat().toSorted()).toEqual([...ofPatientA].toSorted())
})
