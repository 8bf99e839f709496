/** The attacks on the FHIR endpoint that write, and the properties of its decisions. */
import * as fc from 'fast-check'
import { expect } from 'vitest'
import {
  behind,
  expectForbidden,
  expectUntouched,
  factsFor,
  json,
  said,
  shownIn
} from '../../support/fhir/behind-gate.js'
import { forbidden, gateRow, variant } from './gate-rows.js'
import type { AttackRow } from '../row.js'
import { firstDifference, right } from '../../support/fhir/fhir-differential.js'
import { base, fixture } from '../../support/fhir-fixture.js'
import { decide } from '../../../src/protocol/access/decision.js'
import { interactionOf } from '../../../src/protocol/access/read-interaction.js'
import { defaultPolicy } from '../../../src/protocol/policy/policy.js'

const all = 'patient/*.cruds'
const stored = (id: string) => fixture.find((one) => one.id === id) ?? {}
const observation = (more: unknown) => json({ resourceType: 'Observation', ...(more as object) })
const about = (reference: string) => observation({ subject: { reference } })
const coded = (code: string) => ({
  category: [{ coding: [{ system: 'http://s', code }] }],
  subject: { reference: 'Patient/a' }
})
const jsonPatch = (operations: ReadonlyArray<unknown>) => ({
  body: JSON.stringify(operations),
  headers: { 'content-type': 'application/json-patch+json' }
})
const toB = { op: 'replace', path: '/subject', value: { reference: 'Patient/b' } }
const bundle = (type: string, entry: ReadonlyArray<unknown>) => json({ resourceType: 'Bundle', type, entry })
const statusesIn = (body: string): ReadonlyArray<string> =>
  (JSON.parse(body) as { readonly entry: ReadonlyArray<{ readonly response: { readonly status: string } }> }).entry.map(
    ({ response }) => response.status
  )

const granular = 'patient/Observation.cud?category=http://s|lab'

const requests = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'get'),
  path: fc.oneof(
    fc.string(),
    fc
      .array(
        fc.constantFrom(
          '',
          'Patient',
          'Observation',
          'a',
          'o1',
          '_history',
          '_search',
          '$everything',
          '..',
          '%2e',
          '*',
          'x y'
        )
      )
      .map((parts) => `/${parts.join('/')}`)
  ),
  query: fc.oneof(
    fc.string(),
    fc.constantFrom(
      '',
      'patient=b',
      '_include=*',
      '_has:Observation:patient:code=x',
      '_type=Patient',
      '%',
      '_filter=x',
      'category=http://s|lab'
    )
  ),
  headers: fc.dictionary(fc.constantFrom('if-none-exist', 'content-type', 'if-match', 'prefer'), fc.string()),
  body: fc.oneof(fc.string(), fc.json(), fc.constantFrom(JSON.stringify(stored('o6')), '[]'))
})
const scopeTexts = fc.constantFrom(
  'patient/*.rs',
  'patient/Observation.cruds',
  granular,
  'user/*.rs',
  'system/*.cruds',
  'system/Observation.s',
  'patient/Patient.r',
  'openid',
  '',
  'patient/Condition.rs?category=x'
)

export const writeRows: ReadonlyArray<AttackRow> = [
  gateRow('FHR-22', [
    ...['Patient/b', 'https://other.example/fhir/Patient/a', 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0'].map(
      (reference) => forbidden(`subject ${reference}`, all, 'POST', '/Observation', about(reference))
    ),
    forbidden('no subject', all, 'POST', '/Observation', observation({ status: 'final' })),
    forbidden(
      'a subject by identifier only',
      all,
      'POST',
      '/Observation',
      observation({ subject: { identifier: { value: 'a' }, type: 'Patient' } })
    ),
    forbidden(
      'subject Patient/a, performer Patient/b',
      all,
      'POST',
      '/Observation',
      observation({ subject: { reference: 'Patient/a' }, performer: [{ reference: 'Patient/b' }] })
    )
  ]),
  gateRow('FHR-23', [
    forbidden(
      'PUT o6 with subject b',
      all,
      'PUT',
      '/Observation/o6',
      json({ ...stored('o6'), subject: { reference: 'Patient/b' } })
    ),
    forbidden(
      'PUT o1 with subject a',
      all,
      'PUT',
      '/Observation/o1',
      json({ ...stored('o1'), subject: { reference: 'Patient/a' } })
    ),
    forbidden('PATCH /subject', all, 'PATCH', '/Observation/o6', jsonPatch([toB])),
    forbidden(
      'JSON Patch test and replace',
      all,
      'PATCH',
      '/Observation/o6',
      jsonPatch([{ op: 'test', path: '/subject/reference', value: 'Patient/a' }, toB])
    ),
    variant('FHIRPath Patch', async () => {
      const gate = behind()
      const patch = json({
        resourceType: 'Parameters',
        parameter: [
          {
            name: 'operation',
            part: [
              { name: 'type', valueCode: 'replace' },
              { name: 'path', valueString: 'Observation.subject' },
              { name: 'value', valueReference: { reference: 'Patient/b' } }
            ]
          }
        ]
      })
      await expectForbidden(gate, () => gate.ask(all, 'PATCH', '/Observation/o6', patch))
    })
  ]),
  gateRow('FHR-24', [
    variant('.u may create by updating; .c alone may not', async () => {
      const fresh = json({ resourceType: 'Observation', id: 'fresh', ...coded('lab') })
      expect((await behind().ask('patient/Observation.u', 'PUT', '/Observation/fresh', fresh)).status).toBe(201)
      const gate = behind()
      await expectForbidden(gate, () => gate.ask('patient/Observation.c', 'PUT', '/Observation/fresh', fresh))
    })
  ]),
  gateRow('FHR-25', [
    forbidden('If-None-Exist without search', 'patient/*.cru', 'POST', '/Observation', {
      ...about('Patient/a'),
      headers: { 'if-none-exist': 'status=final' }
    }),
    forbidden(
      'PUT /Observation?identifier= without search',
      'patient/*.cru',
      'PUT',
      '/Observation?_id=o1',
      about('Patient/a')
    ),
    forbidden('DELETE /Observation?code= without search', 'patient/*.d', 'DELETE', '/Observation?status=final'),
    variant('with search, what is hidden counts as not there', async () => {
      const scope = 'patient/*.cds'
      const created = (id: string) =>
        behind().ask(scope, 'POST', '/Observation', {
          ...about('Patient/a'),
          headers: { 'content-type': 'application/fhir+json', 'if-none-exist': `_id=${id}` }
        })
      expect(await created('o1')).toEqual(await created('none'))
      const [hidden, missing] = [behind(), behind()]
      expect(await expectUntouched(hidden, () => hidden.ask(scope, 'DELETE', '/Observation?_id=o1'))).toEqual(
        await missing.ask(scope, 'DELETE', '/Observation?_id=none')
      )
    })
  ]),
  gateRow(
    'FHR-27',
    [
      variant('GET Patient/a, GET Patient/b, DELETE Observation/o6', async () => {
        const gate = behind()
        const entries = [
          ['GET', 'Patient/a'],
          ['GET', 'Patient/b'],
          ['DELETE', 'Observation/o6']
        ].map(([method, url]) => ({ request: { method, url } }))
        const answer = await expectUntouched(gate, () =>
          gate.ask('patient/*.rs', 'POST', '/', bundle('batch', entries))
        )
        expect([answer.status, statusesIn(answer.body), shownIn(answer)]).toEqual([
          200,
          ['200', '404', '403'],
          ['Patient/a']
        ])
      })
    ],
    { differs: 'what is hidden is 404, as by itself: the same as for an id that does not exist' }
  ),
  gateRow('FHR-28', [
    variant('one forbidden entry among ten, whichever it is', async () => {
      for (let place = 0; place < 10; place += 1) {
        const entries = Array.from({ length: 10 }, (_, n) => ({
          request: { method: 'POST', url: 'Observation' },
          resource: { resourceType: 'Observation', subject: { reference: n === place ? 'Patient/b' : 'Patient/a' } }
        }))
        const gate = behind()
        await expectForbidden(gate, () => gate.ask(all, 'POST', '/', bundle('transaction', entries)))
        expect(gate.requests).toEqual([])
      }
    })
  ]),
  gateRow('FHR-34', [
    variant('X-HTTP-Method-Override: DELETE', async () => {
      const gate = behind()
      const headers = { 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE', 'x-http-method': 'DELETE' }
      await expectUntouched(gate, () => gate.ask('patient/*.rsd', 'POST', '/Observation/o6', { headers }))
      await expectUntouched(gate, () => gate.ask('patient/*.rsd', 'GET', '/Observation/o6', { headers }))
      expect(gate.requests.every((one) => Object.keys(headers).every((name) => one.headers[name] === undefined))).toBe(
        true
      )
    }),
    variant('_method=PUT', async () => {
      const gate = behind()
      const response = await expectUntouched(gate, () =>
        gate.ask(all, 'POST', '/Observation/o6?_method=PUT', json(stored('o6')))
      )
      expect([response.status >= 400, gate.requests]).toEqual([true, []])
    }),
    variant('HEAD Patient/b', async () => {
      const gate = behind()
      const hidden = await gate.ask('patient/*.rs', 'HEAD', '/Patient/b')
      expect([hidden.status, hidden.body]).toEqual([404, ''])
      expect((await gate.ask('patient/*.rs', 'HEAD', '/Patient/a')).status).toBe(200)
    })
  ]),
  gateRow('FHR-39', [
    ...(
      [
        ['a contained Patient', '#p'],
        ["another server's Patient/a", 'https://other.example/fhir/Patient/a']
      ] as const
    ).map(([name, reference]) =>
      forbidden(
        name,
        all,
        'POST',
        '/Observation',
        observation({ contained: [{ resourceType: 'Patient', id: 'p' }], subject: { reference } })
      )
    ),
    variant('a version of Patient/b, and of Patient/a: the same as without it', async () => {
      const gate = behind()
      await expectForbidden(gate, () => gate.ask(all, 'POST', '/Observation', about('Patient/b/_history/1')))
      for (const reference of ['Patient/a/_history/1', `${base}/Patient/a`])
        expect((await behind().ask(all, 'POST', '/Observation', about(reference))).status).toBe(201)
    }),
    forbidden(
      'a logical reference only',
      all,
      'POST',
      '/Observation',
      observation({ subject: { type: 'Patient', identifier: { system: 'http://s', value: 'a' } } })
    )
  ]),
  gateRow(
    'FHR-43',
    [
      forbidden('create a vital sign', granular, 'POST', '/Observation', observation(coded('vital'))),
      forbidden(
        'make one of a laboratory result',
        granular,
        'PUT',
        '/Observation/o6',
        observation({ ...coded('vital'), id: 'o6' })
      ),
      variant('delete a vital sign', async () => {
        const gate = behind()
        const hidden = await expectUntouched(gate, () => gate.ask(granular, 'DELETE', '/Observation/o3'))
        expect(hidden).toEqual(await gate.ask(granular, 'DELETE', '/Observation/none'))
        expect(hidden.status).toBe(404)
      })
    ],
    { differs: 'deleting what is hidden is 404, the same as for an id that does not exist' }
  ),
  gateRow('FHR-50', [
    variant('any request and any token', async () => {
      await fc.assert(
        fc.asyncProperty(requests, scopeTexts, async (request, scope) => {
          const [gate, again] = [
            behind({ answers: { 'GET /metadata': said(200, { resourceType: 'CapabilityStatement' }) } }),
            behind({ answers: { 'GET /metadata': said(200, { resourceType: 'CapabilityStatement' }) } })
          ]
          const decision = decide(defaultPolicy, factsFor(scope), interactionOf(request, base))
          if (decision._tag === 'Deny') expect(decision.reason).toMatch(/./)
          const answer = await gate.pass(factsFor(scope), request)
          expect(answer).toEqual(await again.pass(factsFor(scope), request))
          expect(answer.status).not.toBe(500)
        }),
        { numRuns: 300 }
      )
    })
  ]),
  gateRow('FHR-51', [
    variant('one more scope never takes away', () => {
      fc.assert(
        fc.property(requests, scopeTexts, scopeTexts, (request, one, more) => {
          const interaction = interactionOf(request, base)
          const less = decide(defaultPolicy, factsFor(one), interaction)
          const wider = decide(defaultPolicy, factsFor(`${one} ${more}`), interaction)
          if (less._tag === 'Permit') expect(wider._tag).toBe('Permit')
          if (less._tag !== 'Filter') return
          expect(wider._tag).not.toBe('Deny')
          if (wider._tag === 'Filter')
            expect(wider.alternatives).toEqual(expect.arrayContaining([...less.alternatives]))
        }),
        { numRuns: 300 }
      )
    })
  ]),
  gateRow('FHR-52', [
    variant('the gate and the plain definition: 300 random cases more than test/definition has', async () => {
      expect(await firstDifference(right, 7919, 300)).toBeNull()
    })
  ])
]

/** What a patient's app may write, it writes. */
export const writeControl = variant(
  "patient a's own is created, updated, patched and deleted, one by one and at once",
  async () => {
    const gate = behind()
    expect((await gate.ask(all, 'POST', '/Observation', observation(coded('lab')))).status).toBe(201)
    expect((await gate.ask(all, 'PUT', '/Observation/o6', json({ ...stored('o6'), status: 'amended' }))).status).toBe(
      200
    )
    expect(
      (await gate.ask(all, 'PATCH', '/Observation/o6', jsonPatch([{ op: 'replace', path: '/status', value: 'final' }])))
        .status
    ).toBe(200)
    expect((await gate.ask(all, 'DELETE', '/Observation/o6')).status).toBe(204)
    const entry = [
      { request: { method: 'DELETE', url: 'Observation/o12' } },
      { request: { method: 'POST', url: 'Observation' }, resource: { resourceType: 'Observation', ...coded('lab') } }
    ]
    expect((await gate.ask(all, 'POST', '/', bundle('transaction', entry))).status).toBe(200)
    expect(
      gate
        .stored()
        .filter(({ id }) => ['o6', 'o12', 'new1', 'new2'].includes(id))
        .map(({ id }) => id)
    ).toEqual(['new1', 'new2'])
  }
)
