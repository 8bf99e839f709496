/**
 * The gate with one suite before two FHIR servers: the simulator's own, and Medplum's, which this project did not
 * write. What a server does differently is an expectation of its row, not left out.
 */
import { withoutLogLine } from '../../support/simulator/simulated.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, backendToken, configured, pagesOf, tokenFor } from '../../support/fhir/gate-client.js'
import type { ForeignFhirServer } from '../../support/fhir/foreign-fhir-server.js'
import { startForeignFhirServer } from '../../support/fhir/foreign-fhir-server.js'
import type { RunningSimulator } from '../../support/simulator/simulator-process.js'
import { startSimulator } from '../../support/simulator/simulator-process.js'
import { syntheticResources } from '../../../src/simulator/fhir/synthetic-data.js'

const scope =
  'launch/patient user/*.cruds patient/*.cruds patient/*.rs patient/Observation.cruds patient/Observation.rs'

let foreign: ForeignFhirServer
let own: RunningSimulator
let front: RunningSimulator

beforeAll(async () => {
  // Medplum reads every element anew for each search, so it gets the data of four patients.
  foreign = await startForeignFhirServer(
    syntheticResources().filter((resource) => !/example-(?:[46-9]|[12][0-9]|30)\b/.test(JSON.stringify(resource)))
  )
  ;[own, front] = await Promise.all([
    startSimulator(configured(scope, {})),
    startSimulator(configured(scope, { fhirUpstream: foreign.base }))
  ])
}, 120_000)
afterAll(async () => {
  await Promise.all([own.stop(), front.stop()])
  foreign.stop()
})

/** What one server does otherwise than the other. */
interface Peculiarities {
  readonly at: () => RunningSimulator
  /** The Observations that `patient=example-1` finds: a server may know references only as `Type/id`. */
  readonly byBareId: number
  /** The resources that `_include=Observation:encounter` and `_revinclude=Observation:encounter` add. */
  readonly included: readonly [number, number]
  /** The status of a search with an unknown parameter. */
  readonly unknownParameter: number
  /** The matches of two values of one parameter that must both hold. */
  readonly bothCategories: number
  /** The status of a deletion. */
  readonly deleted: number
  /** The status of each page of `Patient/example-1/$everything?_count=5`. */
  readonly everything: ReadonlyArray<number>
  /** The resources that `_revinclude=Provenance:target` adds. */
  readonly provenances: number
  /** The status of an export that the gate lets pass. Neither server has one; Medplum's answer is no kick-off. */
  readonly exported: number
  /** The status of an update whose `If-Match` is out of date. */
  readonly outdated: number
}

const servers: ReadonlyArray<readonly [string, Peculiarities]> = [
  [
    'its own FHIR server',
    {
      at: () => own,
      byBareId: 4,
      included: [1, 4],
      unknownParameter: 400,
      bothCategories: 0,
      deleted: 204,
      everything: [200, 200],
      provenances: 1,
      exported: 404,
      outdated: 412
    }
  ],
  [
    'the FHIR server of Medplum',
    {
      at: () => front,
      byBareId: 0,
      included: [0, 0],
      unknownParameter: 200,
      bothCategories: 0,
      deleted: 200,
      everything: [404],
      provenances: 0,
      exported: 502,
      outdated: 412
    }
  ]
]

const observation = (patient: string, more: object = {}): object => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  subject: { reference: `Patient/${patient}` },
  ...more
})

const entry = (method: string, url: string, resource?: object): object => ({
  request: { method, url },
  ...(resource === undefined ? {} : { resource })
})

describe.each(servers)('before %s', (_name, { at, ...server }) => {
  it('a read shows the record of the patient and no other', async () => {
    const token = await tokenFor(at(), 'launch/patient patient/*.rs')
    const read = await ask(at(), token, 'GET', '/Patient/example-1')
    expect([read.status, read.body['id'], read.body['resourceType']]).toEqual([200, 'example-1', 'Patient'])
    const hidden = await ask(at(), token, 'GET', '/Patient/example-2')
    const missing = await ask(at(), token, 'GET', '/Patient/nobody')
    expect([hidden.status, missing.status]).toEqual([404, 404])
    expect(withoutLogLine(JSON.stringify(hidden.body))).toBe(withoutLogLine(JSON.stringify(missing.body)))
    expect(JSON.stringify(read.body)).not.toContain(foreign.base)
  })

  it('a search is of the one patient, whatever it asks for', async () => {
    const token = await tokenFor(at(), 'launch/patient patient/*.rs')
    const found = async (path: string): Promise<number | undefined> => {
      const pages = await pagesOf(at(), token, path)
      expect(pages.map(({ status }) => status)).toEqual(pages.map(() => 200))
      const entries = pages.flatMap(({ body }) => body.entry ?? [])
      expect(JSON.stringify(entries)).not.toMatch(/example-(?:[2-9]|[12][0-9]|30)\b/)
      return entries.length
    }
    expect(await found('/Observation')).toBe(4)
    expect(await found('/Observation?patient=Patient/example-1')).toBe(4)
    expect(await found('/Observation?patient=example-1')).toBe(server.byBareId)
    expect(await found('/Observation?subject=Patient/example-2')).toBe(0)
    expect(await found('/Observation?category=laboratory')).toBe(2)
    expect(await found('/Observation?category=laboratory&category=vital-signs')).toBe(server.bothCategories)
    expect(await found('/Observation?code=http://loinc.org|2339-0')).toBe(1)
    expect(await found('/Observation?date=ge2024-01-01&_sort=-date')).toBe(4)
    expect(await found('/Observation?_id=example-1-observation-1,example-2-observation-1')).toBe(1)
    expect(await found('/Encounter?date=lt2024-01-01')).toBe(0)
    expect(await found('/Patient?name=Ada&birthdate=1961-04-12&gender=female')).toBe(1)
    expect(await found('/Patient')).toBe(1)
    expect((await ask(at(), token, 'GET', '/Observation?nonsense=x')).status).toBe(server.unknownParameter)
  })

  it('a search by POST finds what the same search by GET finds', async () => {
    const token = await tokenFor(at(), 'launch/patient patient/*.rs')
    const posted = await ask(at(), token, 'POST', '/Observation/_search', 'category=laboratory', {
      'content-type': 'application/x-www-form-urlencoded'
    })
    expect([posted.status, posted.body.entry?.length]).toEqual([200, 2])
  })

  it('pages of two, by their next links, show every match once', async () => {
    const token = await tokenFor(at(), 'launch/patient patient/*.rs')
    const pages = await pagesOf(at(), token, '/Observation?_count=2&_sort=_id')
    const ids = pages.flatMap(({ body }) => (body.entry ?? []).map(({ resource }) => resource?.id))
    expect(pages.every(({ status, body }) => status === 200 && (body.entry?.length ?? 0) <= 2)).toBe(true)
    expect(ids).toEqual([1, 2, 3, 4].map((number) => `example-1-observation-${String(number)}`))
    expect(JSON.stringify(pages.map(({ body }) => body.link))).not.toContain(foreign.base)
    const next = pages[0]?.body.link?.find(({ relation }) => relation === 'next')?.url ?? ''
    const ofAnother = await tokenFor(at(), 'launch/patient patient/*.rs', 'bob')
    if (next !== '') expect((await ask(at(), ofAnother, 'GET', next)).status).toBe(410)
  })

  it('included resources come along where the server has them, and only permitted ones', async () => {
    const token = await tokenFor(at(), 'launch/patient patient/*.rs')
    const modes = async (path: string): Promise<ReadonlyArray<string | undefined>> =>
      ((await ask(at(), token, 'GET', path)).body.entry ?? []).map(({ search }) => search?.mode)
    const [forward, reverse] = server.included
    const including = await modes('/Observation?category=laboratory&_include=Observation:encounter')
    expect([including.length, including.filter((mode) => mode === 'include').length]).toEqual([2 + forward, forward])
    const referring = await modes('/Encounter?_revinclude=Observation:encounter')
    expect([referring.length, referring.filter((mode) => mode === 'include').length]).toEqual([1 + reverse, reverse])
    const onlyObservations = await tokenFor(at(), 'launch/patient patient/Observation.rs')
    const narrowed = await ask(at(), onlyObservations, 'GET', '/Observation?_include=Observation:encounter')
    expect((narrowed.body.entry ?? []).map(({ resource }) => resource?.resourceType)).not.toContain('Encounter')
  })

  it('a resource is created, updated, patched, read in its history and deleted', async () => {
    const token = await tokenFor(at(), 'launch/patient patient/Observation.cruds')
    expect((await ask(at(), token, 'POST', '/Observation', observation('example-2'))).status).toBe(403)
    const made = await ask(at(), token, 'POST', '/Observation', observation('example-1'))
    expect(made.status).toBe(201)
    const id = String(made.body['id'])
    const first = made.headers.get('etag') ?? ''
    const amended = { ...observation('example-1'), id, status: 'amended' }
    const update = (body: object, ifMatch: string): ReturnType<typeof ask> =>
      ask(at(), token, 'PUT', `/Observation/${id}`, body, { 'if-match': ifMatch })
    expect((await update(amended, first)).status).toBe(200)
    expect((await update({ ...amended, status: 'final' }, first)).status).toBe(server.outdated)
    expect((await update({ ...observation('example-2'), id }, '')).status).toBe(403)
    const patch = [{ op: 'replace', path: '/status', value: 'corrected' }]
    const patched = await ask(at(), token, 'PATCH', `/Observation/${id}`, patch, {
      'content-type': 'application/json-patch+json'
    })
    expect([patched.status, patched.body['status']]).toEqual([200, 'corrected'])
    const version = first.replace(/^W\/"|"$/g, '')
    const old = await ask(at(), token, 'GET', `/Observation/${id}/_history/${version}`)
    expect([old.status, old.body['status']]).toEqual([200, 'final'])
    const history = (await pagesOf(at(), token, `/Observation/${id}/_history`)).flatMap(({ body }) => body.entry ?? [])
    expect(history.map(({ resource }) => resource?.['status'])).toEqual(['corrected', 'amended', 'final'])
    expect((await ask(at(), token, 'DELETE', '/Observation/example-2-observation-1')).status).toBe(404)
    expect((await ask(at(), token, 'DELETE', `/Observation/${id}`)).status).toBe(server.deleted)
    expect((await ask(at(), token, 'GET', `/Observation/${id}`)).status).toBe(404)
  })

  it('a conditional create makes one resource', async () => {
    const token = await tokenFor(at(), 'launch/patient patient/Observation.cruds')
    const identifier = [{ system: 'http://app.example.org/note', value: 'once' }]
    const create = (): ReturnType<typeof ask> =>
      ask(at(), token, 'POST', '/Observation', observation('example-1', { identifier }), {
        'if-none-exist': 'identifier=http://app.example.org/note|once'
      })
    const [first, second] = [await create(), await create()]
    expect([first.status, second.status]).toEqual([201, 200])
    const found = await ask(at(), token, 'GET', '/Observation?identifier=http://app.example.org/note|once')
    expect(found.body.entry?.length).toBe(1)
    await ask(at(), token, 'DELETE', `/Observation/${String(first.body['id'])}`)
  })

  it('a batch is checked entry by entry, a transaction as a whole', async () => {
    const token = await tokenFor(at(), 'launch/patient patient/Observation.cruds')
    const count = async (): Promise<number> =>
      (await pagesOf(at(), token, '/Observation')).flatMap(({ body }) => body.entry ?? []).length
    const before = await count()
    const batch = await ask(at(), token, 'POST', '', {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [
        entry('GET', 'Observation/example-1-observation-1'),
        entry('GET', 'Observation/example-2-observation-1'),
        entry('GET', 'Patient/example-1'),
        entry('POST', 'Observation', observation('example-1'))
      ]
    })
    expect(batch.body.entry?.map(({ response }) => response?.status.slice(0, 3))).toEqual(['200', '404', '403', '201'])
    const transaction = (patients: ReadonlyArray<string>): ReturnType<typeof ask> =>
      ask(at(), token, 'POST', '', {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: patients.map((patient) => entry('POST', 'Observation', observation(patient)))
      })
    expect((await transaction(['example-1', 'example-2'])).status).toBe(403)
    expect(await count()).toBe(before + 1)
    const done = await transaction(['example-1', 'example-1'])
    expect([done.status, done.body.entry?.map(({ response }) => response?.status.slice(0, 3))]).toEqual([
      200,
      ['201', '201']
    ])
    expect(await count()).toBe(before + 3)
  })

  it('an interaction outside the scopes is refused before it is sent', async () => {
    const token = await tokenFor(at(), 'launch/patient patient/Observation.rs')
    const sent = foreign.requests.length
    const refused = await ask(at(), token, 'POST', '/Observation', observation('example-1'))
    expect([refused.status, refused.body['resourceType']]).toEqual([403, 'OperationOutcome'])
    expect((await ask(at(), token, 'GET', '/Condition')).status).toBe(403)
    expect((await ask(at(), 'no-token', 'GET', '/Observation')).status).toBe(401)
    expect(foreign.requests.length).toBe(sent)
  })

  it('`$everything` shows the record of the patient to its last page, where the server has it', async () => {
    const token = await tokenFor(at(), 'launch/patient patient/*.rs')
    const pages = await pagesOf(at(), token, '/Patient/example-1/$everything?_count=5')
    expect(pages.map(({ status }) => status)).toEqual(server.everything)
    const entries = pages.flatMap(({ body }) => body.entry ?? [])
    const types = new Set(entries.map(({ resource }) => resource?.resourceType))
    if (server.everything.includes(200)) {
      expect([...types].toSorted()).toEqual(
        expect.arrayContaining(['Condition', 'Encounter', 'Observation', 'Patient'])
      )
    }
    expect(JSON.stringify(entries)).not.toMatch(/example-(?:[2-9]|[12][0-9]|30)\b/)
    const hidden = await ask(at(), token, 'GET', '/Patient/example-2/$everything')
    expect(hidden.status).toBe(404)
    const few = await tokenFor(at(), 'launch/patient patient/Observation.rs')
    const narrowed = await pagesOf(at(), few, '/Patient/example-1/$everything')
    const shown = narrowed.flatMap(({ body }) => body.entry ?? [])
    expect(shown.filter(({ resource }) => !['Observation'].includes(resource?.resourceType ?? ''))).toEqual([])
  })

  it('the Provenance and the document of a patient are hers, those of another patient are not', async () => {
    const [clinician, patient] = [
      await tokenFor(at(), 'user/*.cruds'),
      await tokenFor(at(), 'launch/patient patient/*.rs')
    ]
    const made = async (who: string): Promise<Readonly<Record<'binary' | 'document' | 'provenance', string>>> => {
      const create = async (resource: { readonly resourceType: string; readonly [member: string]: unknown }) => {
        const { status, body } = await ask(at(), clinician, 'POST', `/${resource.resourceType}`, resource)
        expect(status).toBe(201)
        return `${resource.resourceType}/${String(body['id'])}`
      }
      const binary = await create({ resourceType: 'Binary', contentType: 'text/plain', data: 'bm90ZQ==' })
      const document = await create({
        resourceType: 'DocumentReference',
        status: 'current',
        subject: { reference: `Patient/${who}` },
        content: [{ attachment: { contentType: 'text/plain', url: binary } }]
      })
      const provenance = await create({
        resourceType: 'Provenance',
        target: [{ reference: document }],
        recorded: '2024-01-01T00:00:00Z',
        agent: [{ who: { reference: 'Practitioner/p1' } }]
      })
      return { binary, document, provenance }
    }
    const [own, others] = [await made('example-1'), await made('example-2')]
    const status = async (name: string): Promise<number> => (await ask(at(), patient, 'GET', `/${name}`)).status
    expect([await status(own.document), await status(own.binary), await status(own.provenance)]).toEqual([
      200, 200, 200
    ])
    for (const name of Object.values(others)) expect(await status(name)).toBe(404)
    const found = await ask(at(), patient, 'GET', '/DocumentReference?_revinclude=Provenance:target')
    const names = (found.body.entry ?? []).map(
      ({ resource }) => `${resource?.resourceType ?? ''}/${resource?.id ?? ''}`
    )
    expect(names.toSorted()).toEqual([own.document, ...(server.provenances === 0 ? [] : [own.provenance])].toSorted())
    for (const name of [...Object.values(own), ...Object.values(others)])
      await ask(at(), clinician, 'DELETE', `/${name}`)
  })

  it('a FHIRPath Patch changes what it names, and nothing of another patient', async () => {
    const token = await tokenFor(at(), 'launch/patient patient/Observation.cruds')
    const made = await ask(at(), token, 'POST', '/Observation', observation('example-1'))
    const patch = (path: string, value: object): ReturnType<typeof ask> =>
      ask(at(), token, 'PATCH', `/Observation/${String(made.body['id'])}`, {
        resourceType: 'Parameters',
        parameter: [
          {
            name: 'operation',
            part: [
              { name: 'type', valueCode: 'replace' },
              { name: 'path', valueString: path },
              { name: 'value', ...value }
            ]
          }
        ]
      })
    const amended = await patch('Observation.status', { valueCode: 'amended' })
    expect([amended.status, amended.body['status']]).toEqual([200, 'amended'])
    expect((await patch('Observation.subject.reference', { valueString: 'Patient/example-2' })).status).toBe(403)
    expect((await patch('Observation.where(true)', { valueCode: 'final' })).status).toBe(415)
    await ask(at(), token, 'DELETE', `/Observation/${String(made.body['id'])}`)
  })

  it('a patient is the same by every address of the record', async () => {
    const token = await tokenFor(at(), 'launch/patient patient/Patient.rs patient/Encounter.rs')
    const found = async (patient: string): Promise<number | undefined> =>
      (await ask(at(), token, 'GET', `/Encounter?patient=${encodeURIComponent(patient)}`)).body.entry?.length
    const { base } = at()
    expect(await found(`${base}/fhir/Patient/example-1`)).toBe(1)
    expect(await found(`${base.replace('http', 'HTTP')}/fhir/Patient/example-1`)).toBe(1)
    expect(await found(`${base}/fhir/Patient/example-2`)).toBe(0)
    expect(await found('https://elsewhere.example/fhir/Patient/example-1')).toBe(0)
  })

  it('what the server says about a wrong request comes through', async () => {
    const token = await tokenFor(at(), 'launch/patient patient/*.rs')
    const wrong = await ask(at(), token, 'GET', '/Observation?date=nonsense')
    expect([wrong.status, wrong.body.issue?.map(({ code }) => code)]).toEqual([400, ['invalid', 'informational']])
    expect(JSON.stringify(wrong.body)).toContain('date')
    expect(JSON.stringify(wrong.body)).not.toContain(foreign.base)
  })

  it('an export is for backend services: it is refused unsent for others, and else the server answers', async () => {
    const kickOff = async (token: string): Promise<readonly [number, string]> => {
      const { status, body } = await ask(at(), token, 'GET', '/$export', undefined, { prefer: 'respond-async' })
      return [status, JSON.stringify(body)]
    }
    const sent = foreign.requests.length
    for (const wanted of ['launch/patient patient/*.rs', 'user/*.cruds']) {
      const [status, body] = await kickOff(await tokenFor(at(), wanted))
      expect([status, body.includes('export-for-systems')]).toEqual([403, true])
    }
    expect(foreign.requests.length).toBe(sent)
    const [status] = await kickOff(await backendToken(at()))
    expect(status).toBe(server.exported)
  })

  it('what the server refuses is refused, and nothing of its addresses is shown', async () => {
    const token = await tokenFor(at(), 'user/*.cruds')
    const wrong = await ask(at(), token, 'PUT', '/Observation/some-id', { ...observation('example-1'), id: 'another' })
    expect([wrong.status, wrong.body['resourceType']]).toEqual([400, 'OperationOutcome'])
    expect(JSON.stringify(wrong.body)).not.toContain(foreign.base)
  })
})

describe('the FHIR server of Medplum', () => {
  it("never receives the app's token", () => {
    expect(foreign.requests.length).toBeGreaterThan(20)
    expect(foreign.requests.filter(({ authorization }) => authorization !== null)).toEqual([])
  })
})
