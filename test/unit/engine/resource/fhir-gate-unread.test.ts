/** Resources that a token may change and not read: no answer to a write follows from what they hold. */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import type { GateOptions } from '../../../../src/engine/resource/gate-context.js'
import { fhirGate } from '../../../../src/engine/resource/fhir-gate.js'
import type { PlainRequest, PlainResponse } from '../../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../../src/protocol/policy/policy.js'
import { parse } from '../../../../src/scopes/parse.js'

const base = 'https://ehr.example/fhir'
const user = { sub: 'bob', fhirUser: 'Practitioner/p2', authTime: 0 }

interface Reported {
  readonly status: number
  readonly headers: PlainResponse['headers']
  readonly body: string
  readonly written: Readonly<Record<string, unknown>> | null
}

/** What a client learns of a write over a stored resource, and what is written. */
const writing = async (
  scope: string,
  stored: object,
  request: Partial<PlainRequest>,
  options: Partial<GateOptions> = {}
): Promise<Reported> => {
  let written: Reported['written'] = null
  const server: GateOptions['server'] = {
    answer: ({ method, body }) => {
      if (method === 'GET')
        return TaskEither.right({ status: 200, headers: { etag: 'W/"1"' }, body: JSON.stringify(stored) })
      const sent = JSON.parse(body) as {
        readonly entry?: ReadonlyArray<{ readonly resource: Record<string, unknown> }>
      } & Record<string, unknown>
      written = sent.entry?.[0]?.resource ?? sent
      const answered =
        method === 'POST'
          ? {
              resourceType: 'Bundle',
              type: 'transaction-response',
              entry: [{ response: { status: '200' }, resource: written }]
            }
          : written
      return TaskEither.right({ status: 200, headers: { etag: 'W/"2"' }, body: JSON.stringify(answered) })
    }
  }
  const gate = fhirGate(
    { server, policy: defaultPolicy, base, userMay: () => true, ...options },
    { clientId: 'app', scopes: parse(scope), context: { patient: 'a' }, user }
  )
  const { status, headers, body } = await gate({
    method: 'PATCH',
    path: '/Observation/1',
    query: '',
    headers: {},
    body: '',
    ...request
  })()
  return { status, headers, body, written }
}

const type = 'application/json-patch+json'
const patching = (patch: unknown): Partial<PlainRequest> => ({
  headers: { 'content-type': type },
  body: JSON.stringify(patch)
})
const inTransaction = (patch: unknown): Partial<PlainRequest> => ({
  method: 'POST',
  path: '/',
  headers: { 'content-type': 'application/fhir+json' },
  body: JSON.stringify({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      {
        request: { method: 'PATCH', url: 'Observation/1' },
        resource: { resourceType: 'Binary', contentType: type, data: btoa(JSON.stringify(patch)) }
      }
    ]
  })
})

const self = { reference: 'Patient/a' }
const plain = {
  resourceType: 'Observation',
  id: '1',
  status: 'final',
  category: [{ coding: [{ code: 'lab' }] }],
  subject: self,
  performer: [self]
}
/** Contents of one resource, all of which the scopes below allow to change. */
const contents: ReadonlyArray<object> = [
  plain,
  { ...plain, status: 'amended' },
  { ...plain, category: [{ coding: [{ code: 'vital' }] }] },
  { ...plain, performer: undefined },
  {
    ...plain,
    performer: [{ reference: 'Practitioner/p' }, { reference: '#c' }],
    contained: [{ resourceType: 'Practitioner', id: 'c' }]
  },
  {
    ...plain,
    valueString: 'secret',
    note: [{ text: 'one' }, { text: 'two' }],
    code: { text: 'x', coding: [{ code: 'y' }] }
  },
  { ...plain, note: [], code: {}, extension: [{ url: 'x', valueString: 'y' }], meta: { tag: [{ code: 't' }] } },
  {
    ...plain,
    contained: [{ resourceType: 'Organization', id: 'c' }],
    component: [{ valueString: 'z' }],
    language: 'en'
  },
  { ...plain, contained: [{ resourceType: 'Patient', id: 'c' }] }
]

const operations: ReadonlyArray<unknown> = [
  ...[
    '/valueString',
    '/note',
    '/note/0',
    '/note/1',
    '/note/-',
    '/note/0/text',
    '/code',
    '/code/text',
    '/code/coding/0',
    '/status',
    '/category',
    '/category/0/coding/0/code',
    '/subject',
    '/subject/reference',
    '/performer',
    '/performer/0',
    '/contained',
    '/extension',
    '/meta',
    '/_status',
    '/id',
    '/resourceType',
    '/__proto__',
    '/',
    '',
    'x',
    '/language'
  ].flatMap((path) => [
    { op: 'remove', path },
    { op: 'add', path, value: 'final' },
    { op: 'replace', path, value: 'amended' },
    { op: 'add', path, value: [{ reference: '#c' }] },
    { op: 'replace', path, value: { reference: 'Group/g' } },
    { op: 'replace', path, value: [{ coding: [{ code: 'vital' }] }] },
    { op: 'test', path, value: 'final' },
    { op: 'copy', from: path, path: '/status' },
    { op: 'move', from: path, path: '/language' },
    { op: 'add', path }
  ]),
  { op: 'none', path: '/status' },
  null,
  { op: 'add', path: '/performer', value: [{ reference: 'Patient/b' }] }
]
const patches: ReadonlyArray<ReadonlyArray<unknown>> = [
  ...operations.map((operation) => [operation]),
  [
    { op: 'replace', path: '/subject', value: self },
    { op: 'remove', path: '/performer' }
  ],
  [
    { op: 'replace', path: '/subject', value: self },
    { op: 'add', path: '/performer', value: [{ reference: '#c' }] }
  ],
  [{ op: 'replace', path: '/contained', value: [{ resourceType: 'Patient', id: 'c' }] }],
  [
    { op: 'remove', path: '/none' },
    { op: 'test', path: '/none', value: 1 }
  ],
  [
    { op: 'add', path: '/note', value: [] },
    { op: 'add', path: '/note/0', value: {} }
  ],
  []
]

describe('a resource that may be changed and not read', () => {
  const scopes = [
    'patient/*.u',
    'patient/*.cuds',
    'user/*.u',
    'system/*.u',
    'patient/Observation.u user/Observation.u',
    'patient/*.u patient/Observation.r?status=cancelled',
    'patient/Observation.u?category=lab,vital',
    'patient/Observation.u?status=final patient/Observation.u?category=lab,vital',
    'system/Observation.u?_tag=t system/Observation.u?status=final,amended'
  ]
  it.each(scopes)('has the same answer to a patch whatever it holds: %s', async (scope) => {
    for (const [place, patch] of patches.entries()) {
      // A transaction judges a patch by the same function.
      for (const request of place % 9 === 0 ? [patching(patch), inTransaction(patch)] : [patching(patch)]) {
        const reported = await Promise.all(contents.map((stored) => writing(scope, stored, request)))
        const answers = new Set(reported.map(({ status, headers, body }) => JSON.stringify([status, headers, body])))
        expect([patch, ...answers]).toHaveLength(2)
      }
    }
  })

  it('is not shown where the write itself makes it one that may be read', async () => {
    const scope = 'patient/Observation.u patient/Observation.r?code=other'
    const secret = { ...plain, code: { coding: [{ code: 'secret' }] }, valueString: 'SECRET' }
    const code = { coding: [{ code: 'other' }] }
    const patch = [{ op: 'replace', path: '/code', value: code }]
    for (const request of [
      { ...patching(patch), headers: { 'content-type': type, prefer: 'return=representation' } },
      inTransaction(patch)
    ]) {
      const hidden = await writing(scope, secret, request)
      expect([hidden.status, hidden.written?.['valueString']]).toEqual([200, 'SECRET'])
      expect(hidden.body).not.toContain('SECRET')
      expect((await writing(scope, { ...secret, code }, request)).body).toContain('SECRET')
    }
  })

  it("has the same answer also where a parameter of the host's own decides", async () => {
    const reader: GateOptions['reader'] = () => (resource, name) =>
      [resource[name === 'x-own' ? 'language' : name]]
        .filter((value) => typeof value === 'string')
        .map((value) => (name === 'status' ? `|${value}` : value))
    const scope = 'system/Observation.u?x-own=en system/Observation.u?status=final'
    for (const stored of [{ ...plain, status: 'draft', language: 'en' }, plain, { ...plain, language: 'en' }]) {
      const reported = await writing(scope, stored, patching([{ op: 'replace', path: '/language', value: 'de' }]), {
        reader
      })
      expect([stored, reported.status]).toEqual([stored, 403])
      expect(
        (await writing(scope, stored, patching([{ op: 'replace', path: '/language', value: 'en' }]), { reader })).status
      ).toBe(200)
    }
  })

  it('has the same answer for a Patient, whose every element may identify the person', async () => {
    const extension = [{ url: 'x', valueReference: { reference: 'Patient/b' } }]
    for (const [method, body, more] of [
      ['PATCH', [{ op: 'add', path: '/extension', value: extension }], {}],
      ['PUT', { resourceType: 'Patient', id: 'a', extension }, { 'content-type': 'application/fhir+json' }]
    ] as const) {
      const request = {
        method,
        path: '/Patient/a',
        headers: { 'content-type': type, ...more },
        body: JSON.stringify(body)
      }
      for (const stored of [
        { resourceType: 'Patient', id: 'a' },
        { resourceType: 'Patient', id: 'a', extension }
      ]) {
        expect([method, (await writing('patient/Patient.u', stored, request)).status]).toEqual([method, 403])
      }
    }
  })

  it.each<readonly [string, unknown, object]>([
    ['replaces a member', { op: 'replace', path: '/status', value: 'amended' }, { ...plain, status: 'amended' }],
    ['replaces one that is not there', { op: 'replace', path: '/language', value: 'en' }, { ...plain, language: 'en' }],
    ['removes one that is not there', { op: 'remove', path: '/language' }, plain]
  ])('is changed by a patch that %s', async (_name, operation, wanted) => {
    expect(await writing('patient/*.u', plain, patching([operation]))).toMatchObject({
      status: 200,
      body: '',
      written: wanted
    })
  })

  it('is not changed by a patch that would look into it, and the client learns why', async () => {
    const refused = await writing(
      'patient/*.u',
      plain,
      patching([{ op: 'replace', path: '/subject/reference', value: 'Patient/a' }])
    )
    expect(refused).toMatchObject({ status: 403, written: null })
    expect(refused.body).toContain('sets or removes whole members')
  })

  it('tells by no update what is stored: a link that one guesses is as new as any other', async () => {
    const patient = (more: object) => ({ resourceType: 'Patient', id: 'a', ...more })
    const guess = patient({ link: [{ other: { reference: 'Patient/b' }, type: 'seealso' }] })
    const put = {
      method: 'PUT',
      path: '/Patient/a',
      headers: { 'content-type': 'application/fhir+json' },
      body: JSON.stringify(guess)
    }
    for (const stored of [guess, patient({})])
      expect(await writing('patient/Patient.u', stored, put)).toMatchObject({ status: 403, written: null })
    expect(await writing('patient/Patient.ru', guess, put)).toMatchObject({ status: 200, written: guess })
    const kept = await writing('patient/Patient.u', guess, {
      ...patching([{ op: 'add', path: '/active', value: true }]),
      path: '/Patient/a'
    })
    expect(kept).toMatchObject({ status: 200, written: { ...guess, active: true } })
  })
})
