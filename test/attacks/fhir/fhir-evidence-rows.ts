/** The attacks on what opens a resource beside the compartment, on patches, and on the audit events. */
import { expect } from 'vitest'
import type { Behind } from '../../support/fhir/behind-gate.js'
import { behind, expectForbidden, expectHidden, isReading, json, shownIn } from '../../support/fhir/behind-gate.js'
import type { Res } from '../../support/fhir-fixture.js'
import { base, profileFixture } from '../../support/fhir-fixture.js'
import { gateRow, variant } from './gate-rows.js'
import type { AttackRow, Variant } from '../row.js'
import type { AccessEvent } from '../../../src/protocol/access/access-event.js'

const read = 'patient/*.rs'

/** The gate with the access profile `us-core`, before the small world and more resources. */
const opening = (...more: ReadonlyArray<Res>): Behind =>
  behind({ data: [...profileFixture, ...more], options: { rules: { accessProfile: 'us-core' } } })

/** The same bytes for a read as for an id that does not exist, and nothing in a search. */
const expectUnopened = async (gate: Behind, name: string, scope = read): Promise<void> => {
  const type = name.slice(0, name.indexOf('/'))
  await expectHidden(gate, scope, `/${name}`, `/${type}/none`)
  expect(shownIn(await gate.ask(scope, 'GET', `/${type}`))).not.toContain(name)
}

const unopened = (title: string, name: string, scope = read, ...more: ReadonlyArray<Res>): Variant =>
  variant(title, () => expectUnopened(opening(...more), name, scope))

const provenance = (...targets: ReadonlyArray<string>): Res => ({
  resourceType: 'Provenance',
  id: 'v9',
  target: targets.map((reference) => ({ reference }))
})

const documentOf = (patient: string, url: string): Res => ({
  resourceType: 'DocumentReference',
  id: 'f9',
  status: 'current',
  subject: { reference: `Patient/${patient}` },
  content: [{ attachment: { url } }]
})

/** All spellings of a Binary in a document. */
const spellings = (id: string): ReadonlyArray<string> => [
  `Binary/${id}`,
  `${base}/Binary/${id}`,
  `/Binary/${id}`,
  `Binary/${id}/_history/1`,
  `${base}/Binary/${id}/_history/1`,
  `Binary/${id}#x`,
  `Binary/${id}?x=1`,
  `./Binary/${id}`
]

const otherHosts = (id: string): ReadonlyArray<string> => [
  `https://other.example/fhir/Binary/${id}`,
  `https://ehr.example.evil.example/fhir/Binary/${id}`,
  `https://ehr.example@evil.example/fhir/Binary/${id}`,
  `//evil.example/fhir/Binary/${id}`,
  `https://ehr.example/other/Binary/${id}`,
  `https://evil.example/?${base}/Binary/${id}`,
  `urn:uuid:Binary/${id}`
]

const operation = (type: string, ...part: ReadonlyArray<object>) => ({
  name: 'operation',
  part: [{ name: 'type', valueCode: type }, ...part]
})
const at = (path: string) => ({ name: 'path', valueString: path })
const patchOf = (...parameter: ReadonlyArray<object>) => json({ resourceType: 'Parameters', parameter })
const toB = { reference: 'Patient/b' }

const moves: ReadonlyArray<readonly [string, object]> = [
  ['replace subject', operation('replace', at('Observation.subject'), { name: 'value', valueReference: toB })],
  [
    'replace the text of the reference',
    operation('replace', at('Observation.subject.reference'), { name: 'value', valueString: 'Patient/b' })
  ],
  [
    'add another patient as performer',
    operation(
      'add',
      at('Observation'),
      { name: 'name', valueString: 'performer' },
      { name: 'value', valueReference: toB }
    )
  ],
  [
    'insert another patient as performer',
    operation(
      'insert',
      at('Observation.performer'),
      { name: 'value', valueReference: toB },
      {
        name: 'index',
        valueInteger: 0
      }
    )
  ],
  ['delete subject', operation('delete', at('Observation.subject'))]
]

/** Nothing was written, whatever was requested. */
const expectUnwritten = async (gate: Behind, act: () => Promise<unknown>): Promise<void> => {
  const before = gate.stored()
  await act()
  expect(gate.stored()).toEqual(before)
  expect(gate.requests.every(isReading)).toBe(true)
}

/** A Binary stays hidden, whatever was written before. */
const expectHiddenAfter = async (gate: Behind, scope: string, name: string): Promise<void> => {
  const missing = await gate.ask(scope, 'GET', '/Binary/none')
  expect([missing.status, await gate.ask(scope, 'GET', `/${name}`)]).toEqual([404, missing])
  expect(shownIn(await gate.ask(scope, 'GET', '/Binary'))).not.toContain(name)
}

const [clinical, searched, token] = ['clinical-canary', 'search-canary', 'token-canary']

export const evidenceRows: ReadonlyArray<AttackRow> = [
  gateRow('FHR-57', [
    unopened('a hidden target alone', 'Provenance/v9', read, provenance('Observation/o1')),
    unopened(
      'a shared target beside a hidden one',
      'Provenance/v9',
      read,
      provenance('Practitioner/p1', 'Observation/o1')
    ),
    unopened('the Provenance of a Provenance', 'Provenance/v6'),
    unopened('a target without a scope for its type', 'Provenance/v1', 'patient/Provenance.rs patient/Condition.rs'),
    variant('a target at another host, or one that is not there', async () => {
      for (const target of [
        'https://other.example/fhir/Observation/o0',
        '//ehr.example/fhir/x',
        'Observation/none',
        '#o0'
      ])
        await expectUnopened(opening(provenance(target)), 'Provenance/v9')
    })
  ]),
  gateRow('FHR-58', [
    variant("a securityContext of another patient's, and a document of the patient, in any spelling", async () => {
      for (const url of spellings('x3')) await expectUnopened(opening(documentOf('a', url)), 'Binary/x3')
    }),
    variant('a document of another patient alone, in any spelling', async () => {
      for (const url of spellings('x6')) await expectUnopened(opening(documentOf('b', url)), 'Binary/x6')
    }),
    variant('a document that names the same path elsewhere', async () => {
      for (const url of otherHosts('x6')) await expectUnopened(opening(documentOf('a', url)), 'Binary/x6')
    }),
    variant('a document that the client writes for it', async () => {
      const scope = 'patient/*.cruds'
      for (const url of spellings('x5')) {
        const gate = opening()
        await gate.ask(scope, 'POST', '/DocumentReference', json(documentOf('a', url)))
        await gate.ask(scope, 'PUT', '/DocumentReference/f9', json(documentOf('a', url)))
        await gate.ask(scope, 'PUT', '/DocumentReference/f1', json({ ...documentOf('a', url), id: 'f1' }))
        await expectHiddenAfter(gate, scope, 'Binary/x5')
      }
    }),
    variant('a document that the client changes by a patch', async () => {
      const gate = opening()
      const patch = {
        body: JSON.stringify([{ op: 'replace', path: '/content/0/attachment/url', value: 'Binary/x5' }]),
        headers: { 'content-type': 'application/json-patch+json' }
      }
      await gate.ask('patient/*.cruds', 'PATCH', '/DocumentReference/f1', patch)
      await expectHiddenAfter(gate, 'patient/*.cruds', 'Binary/x5')
    })
  ]),
  gateRow('FHR-59', [
    ...moves.map(([name, one]) =>
      variant(name, async () => {
        for (const scope of ['patient/*.cruds', 'patient/*.u']) {
          const gate = behind()
          await expectForbidden(gate, () => gate.ask(scope, 'PATCH', '/Observation/o6', patchOf(one)))
        }
      })
    ),
    variant('in a batch, and in a transaction', async () => {
      for (const type of ['batch', 'transaction']) {
        for (const [, one] of moves) {
          const gate = behind()
          const entry = [
            {
              request: { method: 'PATCH', url: 'Observation/o6' },
              resource: { resourceType: 'Parameters', parameter: [one] }
            }
          ]
          await expectUnwritten(gate, async () => {
            const answer = await gate.ask('patient/*.cruds', 'POST', '/', json({ resourceType: 'Bundle', type, entry }))
            expect(answer.body).toContain(type === 'batch' ? '"status":"403"' : 'OperationOutcome')
          })
        }
      }
    })
  ]),
  gateRow('FHR-60', [
    variant('of every interaction, permitted and refused', async () => {
      const events: Array<AccessEvent> = []
      const gate = behind({
        data: [...profileFixture, { ...documentOf('a', `urn:${clinical}`), status: clinical }],
        options: { onAccess: (event) => events.push(event) }
      })
      const document = json({ ...documentOf('a', `urn:${clinical}`), status: clinical })
      const patch = {
        body: JSON.stringify([{ op: 'replace', path: '/status', value: clinical }]),
        headers: { 'content-type': 'application/json-patch+json' }
      }
      const entry = [
        { request: { method: 'GET', url: `Observation?category=${searched}` } },
        { request: { method: 'PUT', url: 'DocumentReference/f9' }, resource: documentOf('b', clinical) }
      ]
      const requested: ReadonlyArray<readonly [string, string, object?]> = [
        ['GET', '/DocumentReference/f9'],
        ['GET', `/DocumentReference?category=${searched}`],
        ['GET', `/DocumentReference?${searched}=${searched}`],
        ['GET', `/Patient/${'x'.repeat(70)}${searched}`],
        ['GET', `/${searched}/1`],
        ['GET', '/DocumentReference/f9/_history'],
        ['PUT', '/DocumentReference/f9', document],
        ['POST', '/DocumentReference', document],
        ['POST', '/DocumentReference', { ...document, headers: { 'if-none-exist': `category=${searched}` } }],
        ['PATCH', '/DocumentReference/f9', patch],
        ['DELETE', `/DocumentReference?category=${searched}`],
        ['GET', `/Patient/a/$everything?_since=${searched}`],
        ['GET', `/Observation/$${searched}`],
        ['POST', '/', json({ resourceType: 'Bundle', type: 'batch', entry })],
        ['POST', '/', json({ resourceType: 'Bundle', type: 'transaction', entry: entry.slice(1) })]
      ]
      for (const scope of ['patient/*.cruds', 'patient/Observation.rs', 'system/*.cruds']) {
        for (const [method, path, more = {}] of requested) {
          const before = events.length
          const { headers, ...others } = more as { headers?: Record<string, string> }
          await gate.ask(scope, method, path, { ...others, headers: { ...headers, authorization: `Bearer ${token}` } })
          expect([path, events.length > before]).toEqual([path, true])
        }
      }
      expect(JSON.stringify(events)).not.toMatch(/canary/)
    })
  ])
]

/** What the profile opens is opened. */
export const evidenceControl = variant('a Provenance by its target, Binaries by context and by document', async () => {
  for (const name of ['Provenance/v1', 'Provenance/v3', 'Binary/x1', 'Binary/x4'])
    expect([name, (await opening().ask(read, 'GET', `/${name}`)).status]).toEqual([name, 200])
  const patch = patchOf(operation('replace', at('Observation.status'), { name: 'value', valueCode: 'amended' }))
  expect((await behind().ask('patient/*.cruds', 'PATCH', '/Observation/o6', patch)).status).toBe(200)
})
