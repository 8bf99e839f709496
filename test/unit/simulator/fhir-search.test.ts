/** The searches of the simulator's FHIR server: parameters, modifiers, order, pages, includes and `$everything`. */
import { describe, expect, it } from 'vitest'
import { recordsOf } from '../../../src/simulator/fhir/records.js'
import type { LocalFhirServer } from '../../../src/simulator/fhir/server.js'
import { localFhirServer } from '../../../src/simulator/fhir/server.js'
import { parametersOf, simulatorVocabulary } from '../../../src/simulator/fhir/parameter-values.js'
import { simulatorPaths } from '../../../src/simulator/fhir/parameter-table.js'
import { capabilityStatement } from '../../../src/simulator/fhir/capabilities.js'
import { releaseR4 } from '../../../src/protocol/access/release.js'
import type { FhirResource } from '../../../src/simulator/fhir/synthetic-data.js'
import { syntheticResources } from '../../../src/simulator/fhir/synthetic-data.js'
import { mayUserTouch } from '../../../src/simulator/fhir/visible-patients.js'
import { generatedResources } from '../../../src/simulator/data/generate.js'
import type { ServerFacts } from '../../../src/protocol/discovery/smart-configuration.js'

const base = 'https://ehr/fhir'
const everybody = (): boolean => true

const newServer = (resources: ReadonlyArray<FhirResource> = syntheticResources()): LocalFhirServer => {
  let second = 0
  let made = 0
  return localFhirServer(recordsOf(resources, '2024-01-01T00:00:00.000Z'), {
    fhirBaseUrl: base,
    instant: () => new Date(Date.UTC(2024, 4, 1, 0, 0, ++second)).toISOString(),
    newId: () => `made-${String(++made)}`
  })
}

interface Answer {
  readonly status: number
  readonly total?: number
  readonly link?: ReadonlyArray<{ readonly relation: string; readonly url: string }>
  readonly entry?: ReadonlyArray<{ readonly search?: { readonly mode: string }; readonly resource: FhirResource }>
  readonly issue?: ReadonlyArray<{ readonly code: string }>
}

const send = (
  server: LocalFhirServer,
  method: string,
  url: string,
  body = '',
  mayTouch: (resource: FhirResource) => boolean = everybody
): Answer => {
  const [path = '', ...query] = (url.startsWith(base) ? url.slice(base.length) : url).split('?')
  const answer = server.answer(mayTouch, { method, path, query: query.join('?'), headers: {}, body })
  return { status: answer.status, ...(JSON.parse(answer.body === '' ? '{}' : answer.body) as Omit<Answer, 'status'>) }
}

const get = (server: LocalFhirServer, url: string): Answer => send(server, 'GET', url)

const namesIn = ({ entry = [] }: Answer): ReadonlyArray<string> =>
  entry.map(({ resource }) => `${resource.resourceType}/${resource.id}`)

const pagesOf = (server: LocalFhirServer, url: string): ReadonlyArray<Answer> => {
  const pages: Array<Answer> = []
  for (let next: string | undefined = url; next !== undefined;) {
    const page = get(server, next)
    pages.push(page)
    next = page.link?.find(({ relation }) => relation === 'next')?.url
  }
  return pages
}

const shared = newServer()

describe('a search', () => {
  it.each<readonly [string, number]>([
    // Strings: the beginning of a part, without case and accents.
    ['/Patient?name=ada', 1],
    ['/Patient?name=zoe', 1],
    ['/Patient?given=ZO%C3%89', 1],
    ['/Patient?family=synth', 3],
    ['/Patient?family=thetic', 0],
    ['/Patient?family:contains=thetic', 4],
    ['/Patient?family:exact=Synthetic', 3],
    ['/Patient?family:exact=synthetic', 0],
    ['/Patient?given=zoe,ada', 2],
    ['/Patient?given=zoe&family=synthetic', 1],
    ['/Patient?address-city=Sampletown,Exampleville,Mockford', 27],
    ['/Patient?birthdate=1961-04-12', 1],
    ['/Patient?birthdate=ge2010', 3],
    ['/Patient?gender=female&birthdate=lt1950', 3],
    ['/Patient?gender:not=female', 15],
    ['/Patient?identifier=MRN-00004', 1],
    ['/Patient?identifier=http://hospital.example.org/medical-record-number|MRN-00004', 1],
    ['/Patient?identifier=http://hospital.example.org/medical-record-number|', 30],
    ['/Patient?identifier=|MRN-00004', 0],
    ['/Patient?email=example-4@example.org', 1],
    ['/Patient?phone=example-4@example.org', 0],
    ['/Patient?phone=555-0124', 1],
    ['/Patient?_id=example-1,example-30,nobody', 2],
    ['/Patient?general-practitioner:missing=true', 3],
    ['/Patient?general-practitioner:missing=false', 27],
    // References in their spellings.
    ['/Observation?subject=example-1', 4],
    ['/Observation?subject=Patient/example-1', 4],
    ['/Observation?subject:Patient=example-1', 4],
    ['/Observation?subject:Patient=Patient/example-1', 4],
    ['/Observation?subject:Group=example-1', 0],
    [`/Observation?subject=${base}/Patient/example-1`, 4],
    ['/Observation?subject=https://elsewhere/Patient/example-1', 0],
    ['/Observation?encounter=example-1-encounter-1', 4],
    // Dates with prefixes, codes, and what US Core asks for.
    ['/Observation?patient=example-1&category=vital-signs&date=ge2024-01-01', 2],
    ['/Observation?patient=example-1&date=lt2024', 0],
    ['/Observation?patient=example-1&code:text=heart', 1],
    ['/Observation?patient=example-1&_lastUpdated=gt2020-01-01', 4],
    ['/Observation?patient=example-1&_lastUpdated=gt2024-01-02', 0],
    ['/Encounter?patient=example-1&date=ge2024', 1],
    ['/Encounter?patient=example-1&class=AMB', 1],
    ['/Condition?patient=example-5&category=problem-list-item&clinical-status=active&onset-date=ge2020', 2],
    ['/Condition?patient=example-5&recorded-date=lt2020', 0],
    ['/MedicationRequest?patient=example-5&intent=order&status=active', 2],
    ['/DocumentReference?patient=example-5&type=http://loinc.org|11506-3&category=clinical-note', 1],
    ['/Provenance?target=DocumentReference/example-5-note', 1],
    ['/PractitionerRole?specialty=207Q00000X&practitioner=practitioner-1', 1],
    ['/Patient/example-1/Observation?category=laboratory', 2],
    ['/Patient/example-5/Provenance', 0],
    ['/Practitioner?name=hugo', 1]
  ])('%s finds %i', (url, total) => {
    expect(get(shared, url)).toMatchObject({ status: 200, total })
  })

  it.each<readonly [string, string]>([
    ['/Patient?nonsense=x', 'not-supported'],
    ['/Patient?name:above=x', 'not-supported'],
    ['/Patient?gender:exact=x', 'not-supported'],
    ['/Observation?subject:missing=perhaps', 'invalid'],
    ['/Observation?subject:Patient=Group/x', 'invalid'],
    ['/Observation?date=yesterday', 'invalid'],
    ['/Patient?name=a,,b', 'invalid'],
    ['/Observation?patient.name=x', 'not-supported'],
    ['/Patient?_has:Observation:patient:code=x', 'not-supported'],
    ['/Patient?_sort=nonsense', 'not-supported'],
    [`/Patient?_sort=${Array.from({ length: 11 }, () => 'name').join()}`, 'not-supported'],
    ['/Patient?_cursor=x', 'invalid'],
    ['/Observation?_include=Observation:status', 'not-supported'],
    ['/Patient/example-1/$everything?nonsense=2020', 'not-supported'],
    ['/Patient/example-1/$everything?start=ge2020', 'invalid'],
    ['/Patient/example-1/$everything?end=yesterday', 'invalid'],
    ['/Patient/example-1/$everything?_since=x', 'invalid'],
    ['/Patient/_history?_at=2020', 'not-supported']
  ])('%s is refused: %s', (url, code) => {
    expect(get(shared, url)).toMatchObject({ status: 400, issue: [{ code }] })
  })
})

describe('the order', () => {
  const observations = ['b 2024-01-02', 'a 2024-01-03', 'c 2024-01-02', 'd'].map((text): FhirResource => {
    const [id = '', effectiveDateTime] = text.split(' ')
    return {
      resourceType: 'Observation',
      id,
      status: id,
      ...(effectiveDateTime === undefined ? {} : { effectiveDateTime })
    }
  })

  it.each<readonly [string, string]>([
    ['date', 'b c a d'],
    ['-date', 'a b c d'],
    ['date,-status', 'c b a d'],
    ['-date,-_id', 'a c b d'],
    ['-_id', 'd c b a']
  ])('by %s is %s', (sort, order) => {
    const found = get(newServer(observations), `/Observation?_sort=${sort}`)
    expect(found.entry?.map(({ resource }) => resource.id).join(' ')).toBe(order)
  })
})

describe('pages', () => {
  it('show every match once, in order, with links in both directions', () => {
    const pages = pagesOf(shared, '/Observation?patient=example-4&_sort=-date&_count=100')
    expect(pages.map(({ entry }) => entry?.length)).toEqual([100, 100, 100, 89])
    expect(new Set(pages.flatMap(namesIn)).size).toBe(389)
    const dates = pages.flatMap(({ entry = [] }) => entry.map(({ resource }) => String(resource['effectiveDateTime'])))
    expect(dates).toEqual(dates.toSorted().toReversed())
    const [, second] = pages
    const previous = second?.link?.find(({ relation }) => relation === 'previous')?.url ?? ''
    expect(namesIn(get(shared, previous))).toEqual(namesIn(pages[0] ?? { status: 0 }))
    expect(pages.map(({ total }) => total)).toEqual([389, 389, 389, 389])
  })

  it('are bounded without `_count`, and counts have no entries', () => {
    expect(pagesOf(shared, '/Observation?patient=example-4').map(({ entry }) => entry?.length)).toEqual([200, 189])
    expect(get(shared, '/Observation?patient=example-4&_count=5000').entry?.length).toBe(200)
    for (const url of ['/Observation?_count=0', '/Observation?_summary=count']) {
      const found = get(shared, url)
      expect([found.total, found.entry, found.link?.length]).toEqual([849, undefined, 1])
    }
    expect(get(shared, '/Observation?_total=none').total).toBeUndefined()
  })

  it('stay as they were while others write, and show nothing that was deleted', () => {
    const server = newServer()
    const first = get(server, '/Condition?_count=2&_sort=_id')
    const next = first.link?.find(({ relation }) => relation === 'next')?.url ?? ''
    const before = namesIn(get(server, next))
    const condition = { resourceType: 'Condition', subject: { reference: 'Patient/example-1' } }
    send(server, 'PUT', '/Condition/aaa', JSON.stringify({ ...condition, id: 'aaa' }))
    expect(namesIn(get(server, next))).toEqual(before)
    send(server, 'DELETE', `/${before[0] ?? ''}`)
    expect(namesIn(get(server, next))).toEqual(before.slice(1))
    expect(namesIn(get(server, '/Condition?_count=2&_sort=_id'))[0]).toBe('Condition/aaa')
  })

  it('of a history have next links, too', () => {
    const pages = pagesOf(shared, '/Observation/_history?_count=500')
    expect(pages.map(({ entry }) => entry?.length)).toEqual([200, 200, 200, 200, 49])
    expect(get(shared, '/_history?_since=2024-02-01T00:00:00Z').total).toBe(0)
  })
})

describe('includes', () => {
  const added = (url: string): ReadonlyArray<string> =>
    (get(shared, url).entry ?? []).filter(({ search }) => search?.mode === 'include').map(({ resource }) => resource.id)

  it.each<readonly [string, ReadonlyArray<string>]>([
    ['/Observation?patient=example-1&_include=Observation:encounter', ['example-1-encounter-1']],
    ['/Observation?_id=example-1-observation-1&_include=Observation:*', ['example-1-encounter-1', 'example-1']],
    ['/Observation?_id=example-1-observation-1&_include=*', ['example-1-encounter-1', 'example-1']],
    ['/Observation?_id=example-1-observation-1&_include=Observation:subject:Group', []],
    ['/DocumentReference?_id=example-5-note&_revinclude=Provenance:target', ['example-5-note-provenance']],
    [
      '/Provenance?_id=example-5-note-provenance&_include=Provenance:target&_include:iterate=DocumentReference:patient',
      ['example-5-note', 'example-5']
    ],
    [
      '/Provenance?_id=example-5-note-provenance&_include=Provenance:target&_include=DocumentReference:patient',
      ['example-5-note']
    ]
  ])('%s adds %j', (url, ids) => {
    expect(added(url).toSorted()).toEqual(ids.toSorted())
  })

  it('brings the medicine of a prescription', () => {
    expect(added('/MedicationRequest?patient=example-5&_include=MedicationRequest:medication')).toHaveLength(1)
  })
})

describe('$everything', () => {
  const all = pagesOf(shared, '/Patient/example-5/$everything').flatMap(namesIn)

  it('is the record of one patient, with what it refers to', () => {
    expect(all[0]).toBe('Patient/example-5')
    expect(all.filter((name) => /\/example-/.test(name) && !/\/example-5(?:-|$)/.test(name))).toEqual([])
    const types = new Set(all.map((name) => name.split('/')[0]))
    for (const type of [
      'Observation',
      'Provenance',
      'Binary',
      'Practitioner',
      'Organization',
      'Medication',
      'Coverage'
    ])
      expect(types).toContain(type)
  })

  it('narrows by type and time, has pages, and takes Parameters by POST', () => {
    expect(namesIn(get(shared, '/Patient/example-5/$everything?_type=Goal,Patient'))).toEqual([
      'Patient/example-5',
      'Goal/example-5-goal-1',
      'Goal/example-5-goal-2'
    ])
    expect(get(shared, '/Patient/example-5/$everything?_since=2024-02-01T00:00:00Z').total).toBe(0)
    expect(pagesOf(shared, '/Patient/example-5/$everything?_count=10').flatMap(namesIn)).toEqual(all)
    const body = { resourceType: 'Parameters', parameter: [{ name: '_type', valueCode: 'Goal' }] }
    expect(namesIn(send(shared, 'POST', '/Patient/example-5/$everything', JSON.stringify(body)))).toEqual([
      'Goal/example-5-goal-1',
      'Goal/example-5-goal-2'
    ])
  })

  it('narrows by the date of the care, and keeps what has none', () => {
    const patient = { resourceType: 'Patient', id: 'p', birthDate: '1980-01-01' }
    const subject = { reference: 'Patient/p' }
    const dated = (id: string, effectiveDateTime?: string): FhirResource => ({
      resourceType: 'Observation',
      id,
      subject,
      ...(effectiveDateTime === undefined ? {} : { effectiveDateTime })
    })
    const order = { resourceType: 'MedicationRequest', id: 'm', subject, authoredOn: '2019-05-01' }
    const server = newServer([patient, dated('a', '2019-01-02'), dated('b', '2021-03-04'), dated('c'), order])
    const shown = (query: string) => namesIn(get(server, `/Patient/p/$everything?${query}`)).join(' ')
    expect(shown('start=2020')).toBe('Patient/p Observation/b Observation/c')
    expect(shown('end=2019-04')).toBe('Patient/p Observation/a Observation/c')
    expect(shown('start=2019-04&end=2020')).toBe('Patient/p Observation/c MedicationRequest/m')
    expect(shown('start=1900')).toBe('Patient/p Observation/a Observation/b Observation/c MedicationRequest/m')
  })

  it('of all patients is of those whom the user may see', () => {
    const user = { username: 'bob', password: '', fhirUser: null, patients: ['example-2'] }
    const mayTouch = mayUserTouch({ references: {}, find: () => null }, user)
    const found = namesIn(send(shared, 'GET', '/Patient/$everything', '', mayTouch))
    expect(found).toHaveLength(7)
    expect(found.filter((name) => !name.includes('example-2'))).toEqual([])
    expect(send(shared, 'GET', '/Patient/example-1/$everything', '', mayTouch).status).toBe(404)
  })
})

describe('the tables', () => {
  it('name only parameters of FHIR R4, or give them a type', () => {
    const unknown = Object.keys(simulatorPaths).flatMap((type) =>
      parametersOf(releaseR4, type)
        .filter((name) => simulatorVocabulary(releaseR4).typeOf(type, name) === 'other')
        .map((name) => `${type} ${name}`)
    )
    expect(unknown).toEqual([])
  })

  it('are what the CapabilityStatement lists', () => {
    const facts = { fhirBaseUrl: base, authorizationEndpoint: '', tokenEndpoint: '' } as ServerFacts
    const text = capabilityStatement(releaseR4, facts, shared.records()).body
    const { rest } = JSON.parse(text) as {
      readonly rest: ReadonlyArray<{
        readonly resource: ReadonlyArray<{
          readonly type: string
          readonly searchParam: ReadonlyArray<{ readonly name: string }>
          readonly operation?: ReadonlyArray<{ readonly name: string }>
        }>
      }>
    }
    const resources = rest[0]?.resource ?? []
    expect(resources.length).toBeGreaterThan(20)
    for (const { type, searchParam } of resources) {
      expect(get(shared, `/${type}?${searchParam.map(({ name }) => `${name}:missing=true`).join('&')}`).status).toBe(
        200
      )
    }
    expect(resources.flatMap(({ type, operation }) => (operation === undefined ? [] : [type]))).toEqual(['Patient'])
  })
})

describe('the generated data', () => {
  const resources = syntheticResources()
  const names = new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id}`))

  it('are the same for a seed, and others for another', () => {
    expect(generatedResources(7)).toEqual(generatedResources(7))
    expect(generatedResources(7)).not.toEqual(generatedResources(8))
  })

  it('have thirty patients, each id once, and no reference that leads nowhere', () => {
    expect(resources.filter(({ resourceType }) => resourceType === 'Patient')).toHaveLength(30)
    expect(names.size).toBe(resources.length)
    const references = [...JSON.stringify(resources).matchAll(/"reference":"([^"]+)"/g)].map(([, name = '']) => name)
    expect(references.filter((name) => !names.has(name))).toEqual([])
  })
})
