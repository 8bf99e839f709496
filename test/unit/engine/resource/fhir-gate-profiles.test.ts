/** What `patient/` scopes read beside the patient compartment: access profiles, and evidence for linked resources. */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { profileFixture } from '../../../support/fhir-fixture.js'
import { behind } from '../../../support/fhir/behind-gate.js'
import { shownIn } from '../../../support/fhir/behind-gate.js'
import type { GateOptions } from '../../../../src/engine/resource/gate-context.js'
import { fhirGate } from '../../../../src/engine/resource/fhir-gate.js'
import type { AccessFacts } from '../../../../src/protocol/access/alternatives.js'
import type { Resource } from '../../../../src/protocol/access/fhir-interaction.js'
import type { PlainRequest, PlainResponse } from '../../../../src/protocol/http/message.js'
import { decide } from '../../../../src/protocol/access/decision.js'
import { interactionOf } from '../../../../src/protocol/access/read-interaction.js'
import { releaseR4 } from '../../../../src/protocol/access/release.js'
import { knownResourceSide } from '../../../../src/protocol/scope-policy/resource-side-check.js'
import { opens } from '../../../../src/protocol/scope-policy/usable-scopes.js'
import { isResourceScope } from '../../../../src/scopes/scope.js'
import { defaultPolicy } from '../../../../src/protocol/policy/policy.js'
import { parse } from '../../../../src/scopes/parse.js'

const base = 'https://ehr.example/fhir'

const of = (patient: string) => ({ subject: { reference: `Patient/${patient}` } })
const lab = { category: [{ coding: [{ code: 'laboratory' }] }] }
const provenance = (id: string, ...targets: ReadonlyArray<string>): Resource => ({
  resourceType: 'Provenance',
  id,
  target: targets.map((reference) => ({ reference }))
})
const documentOf = (id: string, patient: string, url: string): Resource => ({
  resourceType: 'DocumentReference',
  id,
  ...of(patient),
  content: [{ attachment: { url } }]
})
const binary = (id: string, securityContext?: string): Resource => ({
  resourceType: 'Binary',
  id,
  contentType: 'text/plain',
  ...(securityContext === undefined ? {} : { securityContext: { reference: securityContext } })
})

const records: ReadonlyArray<Resource> = [
  { resourceType: 'Patient', id: 'a' },
  { resourceType: 'Patient', id: 'b' },
  { resourceType: 'Patient', id: 'a-old', link: [{ type: 'replaced-by', other: { reference: 'Patient/a' } }] },
  { resourceType: 'Observation', id: 'a1', ...of('a'), ...lab },
  { resourceType: 'Observation', id: 'a2', ...of('a') },
  { resourceType: 'Observation', id: 'b1', ...of('b') },
  { resourceType: 'Condition', id: 'ca', ...of('a') },
  { resourceType: 'Encounter', id: 'ea', ...of('a') },
  { resourceType: 'Practitioner', id: 'dr' },
  { resourceType: 'PractitionerRole', id: 'role' },
  { resourceType: 'Organization', id: 'org' },
  { resourceType: 'Location', id: 'loc' },
  { resourceType: 'Medication', id: 'med' },
  { resourceType: 'Device', id: 'da', patient: { reference: 'Patient/a' } },
  { resourceType: 'Device', id: 'db', patient: { reference: 'Patient/b' } },
  { resourceType: 'RelatedPerson', id: 'ra', patient: { reference: 'Patient/a' } },
  { resourceType: 'RelatedPerson', id: 'rb', patient: { reference: 'Patient/b' } },
  provenance('p-a1', 'Observation/a1'),
  provenance('p-a2', `${base}/Observation/a2/_history/1`),
  provenance('p-b1', 'Observation/b1'),
  provenance('p-both', 'Observation/b1', 'Observation/a1'),
  provenance('p-many', 'Observation/a1', 'Condition/ca', 'Encounter/ea', 'Observation/a2'),
  provenance('p-dr', 'Practitioner/dr'),
  provenance('p-dr-b1', 'Practitioner/dr', 'Observation/b1'),
  provenance('p-p', 'Provenance/p-a1'),
  provenance('p-p-patient', 'Provenance/p-patient'),
  provenance('p-bin', 'Binary/ctx-a'),
  provenance('p-none'),
  provenance('p-gone', 'Observation/gone'),
  provenance('p-foreign', 'https://other.example/fhir/Observation/a1'),
  provenance('p-patient', 'Patient/a'),
  binary('ctx-a', 'Patient/a'),
  binary('ctx-b', 'Patient/b'),
  binary('ctx-obs', 'Observation/a1'),
  binary('ctx-p', 'Provenance/p-a1'),
  binary('named'),
  binary('named-absolute'),
  binary('named-b'),
  binary('named-report'),
  binary('free'),
  documentOf('d1', 'a', 'Binary/named'),
  documentOf('d2', 'a', `HTTPS://EHR.example:443/fhir/Binary/named-absolute`),
  documentOf('d3', 'b', 'Binary/named-b'),
  documentOf('d4', 'a', 'Binary/ctx-b'),
  { resourceType: 'DiagnosticReport', id: 'r1', ...of('a'), presentedForm: [{ url: 'Binary/named-report' }] }
]

const said = (status: number, body: unknown): PlainResponse => ({ status, headers: {}, body: JSON.stringify(body) })
const bundle = (found: ReadonlyArray<Resource>, mode = 'match') => ({
  resourceType: 'Bundle',
  type: 'searchset',
  entry: found.map((resource) => ({ resource, search: { mode } }))
})

interface Setup {
  readonly scope: string
  readonly rules?: GateOptions['rules']
  readonly options?: Partial<GateOptions>
  readonly patient?: string
  readonly user?: AccessFacts['user']
  readonly data?: ReadonlyArray<Resource>
  /** Whether the server takes a batch, and the parameter `location`. */
  readonly isSimple?: boolean
  readonly failing?: string
}

const referencesIn = (value: unknown): ReadonlyArray<string> =>
  [...JSON.stringify(value).matchAll(/"reference":"([^"]*)"/g)].map(([, reference = '']) => reference)

const gateFor = ({
  data = records,
  failing,
  isSimple = false,
  options = {},
  patient = 'a',
  rules,
  scope,
  user = null
}: Setup) => {
  const requested: Array<PlainRequest> = []
  const one = (request: PlainRequest): PlainResponse => {
    const [, type = '', id] = request.path.split('/')
    if (type === failing) return said(503, {})
    if (request.method === 'POST') {
      if (isSimple || type !== '') return said(400, {})
      const { entry } = JSON.parse(request.body) as { entry: ReadonlyArray<{ request: { url: string } }> }
      return said(200, {
        resourceType: 'Bundle',
        type: 'batch-response',
        entry: entry.map(({ request: { url } }) => {
          const [path = '', query = ''] = url.split('?')
          return { resource: JSON.parse(one({ ...request, method: 'GET', path: `/${path}`, query }).body) as unknown }
        })
      })
    }
    if (id !== undefined && id !== '_history') {
      const found = data.find((each) => each.resourceType === type && each.id === id)
      return found === undefined ? said(404, {}) : said(200, found)
    }
    const query = new URLSearchParams(request.query)
    if (isSimple && query.has('location')) return said(400, {})
    const found = data
      .filter((each) => each.resourceType === type)
      .filter(
        (each) =>
          query
            .get('_id')
            ?.split(',')
            .includes(each.id ?? '') ?? true
      )
      .filter((each) => (query.has('patient') ? referencesIn(each).includes(query.get('patient') ?? '') : true))
      .filter(
        (each) =>
          query
            .get('target')
            ?.split(',')
            .some((name) => referencesIn(each).includes(name)) ?? true
      )
      .filter(
        (each) =>
          query
            .get('location')
            ?.split(',')
            .some((url) => JSON.stringify(each).includes(url)) ?? true
      )
    const included = query.has('_revinclude')
      ? data.filter(
          (each) =>
            each.resourceType === 'Provenance' &&
            referencesIn(each).some((name) => found.some(({ id: own = '' }) => name.endsWith(`${type}/${own}`)))
        )
      : []
    return said(200, { ...bundle(found), entry: [...bundle(found).entry, ...bundle(included, 'include').entry] })
  }
  const server: GateOptions['server'] = {
    answer: (request) => {
      requested.push(request)
      return TaskEither.right(one(request))
    }
  }
  const facts = { clientId: 'app', scopes: parse(scope), context: { patient }, user }
  const gate = fhirGate(
    { server, policy: defaultPolicy, base, rules: rules ?? { accessProfile: 'us-core' }, ...options },
    facts
  )
  return async (address: string, method = 'GET', body = '') => {
    requested.length = 0
    const [path = '', query = ''] = address.split('?')
    const response = await gate({ method, path, query, headers: { 'content-type': 'application/fhir+json' }, body })()
    return { status: response.status, shown: [...shownIn(response)].sort(), requests: requested.length, response }
  }
}

const reading = async (setup: Setup, ...names: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const ask = gateFor(setup)
  const seen: Array<string> = []
  for (const name of names) {
    const { shown, status } = await ask(`/${name}`)
    expect(status).toBe(shown.length === 1 ? 200 : 404)
    seen.push(...shown)
  }
  return seen
}

const scope = 'patient/*.rs'

describe('the access profile us-core', () => {
  it('opens what is shared, and what belongs to the patient', async () => {
    const open = ['Practitioner/dr', 'PractitionerRole/role', 'Organization/org', 'Location/loc', 'Medication/med']
    const own = ['Device/da', 'RelatedPerson/ra']
    expect(await reading({ scope }, ...open, ...own, 'Device/db', 'RelatedPerson/rb')).toEqual([...open, ...own])
  })

  it('opens nothing by the default profile', async () => {
    const ask = gateFor({ scope, rules: {} })
    for (const name of ['Practitioner/dr', 'Device/da', 'Binary/ctx-a', 'Binary/named'])
      expect((await ask(`/${name}`)).status).toBe(403)
    for (const name of ['Provenance/p-a1', 'Provenance/p-dr']) expect((await ask(`/${name}`)).status).toBe(404)
    expect((await ask('/Provenance/p-patient')).shown).toEqual(['Provenance/p-patient'])
  })

  it.each(['compartment', 'us-core'] as const)(
    'lets the server grant the scopes for one type that open something, and no others: %s',
    (accessProfile) => {
      const granted = (text: string): boolean =>
        parse(text)
          .filter(isResourceScope)
          .every((one) => opens(knownResourceSide({ accessProfile }), one))
      const requestOf = (letter: string, resourceType: string): readonly [string, string, string] => {
        const at = `/${resourceType}/1`
        if (letter === 'c') return ['POST', `/${resourceType}`, JSON.stringify({ resourceType })]
        if (letter === 'u') return ['PUT', at, JSON.stringify({ resourceType, id: '1' })]
        return letter === 's' ? ['GET', `/${resourceType}`, ''] : [letter === 'd' ? 'DELETE' : 'GET', at, '']
      }
      const differing = [...releaseR4.types].flatMap((type) =>
        ['c', 'r', 'u', 'd', 's'].filter((letter) => {
          const scope = `patient/${type}.${letter}`
          const [method, path, body] = requestOf(letter, type)
          const read = interactionOf({ method, path, body, query: '', headers: {} })
          const facts = { clientId: 'app', scopes: parse(scope), context: { patient: 'a' }, user: null }
          return (decide(defaultPolicy, facts, read, { accessProfile })._tag !== 'Deny') !== granted(scope)
        })
      )
      expect(differing).toEqual([])
      expect([granted('patient/Practitioner.rs'), granted('patient/Practitioner.c')]).toEqual([
        accessProfile === 'us-core',
        false
      ])
    }
  )

  it('needs a scope for the type itself', async () => {
    const ask = gateFor({ scope: 'patient/Observation.rs patient/DocumentReference.rs' })
    for (const name of ['Provenance/p-a1', 'Binary/named', 'Practitioner/dr'])
      expect((await ask(`/${name}`)).status).toBe(403)
  })

  it.each([
    ['user/DocumentReference.c patient/Binary.r', 403],
    ['user/DocumentReference.c patient/*.rs', 403],
    ['user/DocumentReference.c user/Binary.r?_id=x patient/Binary.r', 403],
    ['user/DocumentReference.c', 201],
    ['user/DocumentReference.c user/Binary.r patient/Binary.r', 201],
    ['user/DocumentReference.c patient/Observation.rs', 201]
  ])('opens no Binary by a document that is written for the user: %s', async (granted, status) => {
    for (const userMay of [() => true, undefined]) {
      const options = {
        rules: { accessProfile: 'us-core', isUserUnlimited: userMay === undefined },
        ...(userMay === undefined ? {} : { userMay })
      } as const
      const user = { sub: 'u', fhirUser: null, authTime: 1, sessionId: 's' }
      const written = {
        resourceType: 'DocumentReference',
        status: 'current',
        subject: { reference: 'Patient/a' },
        content: [{ attachment: { url: 'Binary/of-another' } }]
      }
      const answered = await behind({ options }).pass(
        { clientId: 'app', scopes: parse(granted), context: { patient: 'a' }, user },
        { method: 'POST', path: '/DocumentReference', query: '', headers: {}, body: JSON.stringify(written) }
      )
      expect(answered.status).toBe(status)
    }
  })

  it.each([
    ['user/DocumentReference.c patient/Binary.r', 'user/Binary.r'],
    ['patient/Binary.r', 'user/DocumentReference.c user/Binary.r'],
    ['patient/*.rs', 'user/DocumentReference.c user/Binary.r'],
    ['patient/DocumentReference.c', 'user/DocumentReference.c'],
    ['user/Binary.r patient/Binary.r', 'user/DocumentReference.c']
  ])('names the scopes that a document which names a Binary lacks: %s', async (granted, missing) => {
    const user = { sub: 'u', fhirUser: null, authTime: 1, sessionId: 's' }
    const body = JSON.stringify({
      resourceType: 'DocumentReference',
      status: 'current',
      subject: { reference: 'Patient/a' },
      content: [{ attachment: { url: 'Binary/of-another' } }]
    })
    const write = (scopes: string) =>
      behind({ options: { rules: { accessProfile: 'us-core' }, userMay: () => true } }).pass(
        { clientId: 'app', scopes: parse(scopes), context: { patient: 'a' }, user },
        { method: 'POST', path: '/DocumentReference', query: '', headers: {}, body }
      )
    // Without any right to create documents the request is refused before the document is looked at.
    const before = granted.includes('DocumentReference.c') ? granted : `${granted} patient/DocumentReference.c`
    const refused = await write(before)
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([
      403,
      expect.stringContaining(`scope="${missing}"`)
    ])
    expect((await write(`${before} ${missing}`)).status).toBe(201)
    for (const one of missing.split(' '))
      expect(
        (
          await write(
            `${before} ${missing
              .split(' ')
              .filter((other) => other !== one)
              .join(' ')}`
          )
        ).status
      ).toBe(403)
  })

  const naming = {
    resourceType: 'DocumentReference',
    id: 'f9',
    status: 'current',
    subject: { reference: 'Patient/a' },
    content: [{ attachment: { url: 'Binary/of-another' } }]
  }
  const stored = { ...naming, meta: { versionId: '1' }, content: [{ attachment: { title: 'x' } }] }
  const bundleOf = (type: string): object => ({
    resourceType: 'Bundle',
    type,
    entry: [{ request: { method: 'PUT', url: 'DocumentReference/f9' }, resource: naming }]
  })

  it.each([
    ['PUT', '/DocumentReference/f9', naming],
    ['PUT', '/DocumentReference?_id=f9', naming],
    ['PATCH', '/DocumentReference/f9', [{ op: 'replace', path: '/content', value: naming.content }]],
    ['POST', '/', bundleOf('batch')],
    ['POST', '/', bundleOf('transaction')]
  ])('opens no Binary by a document that the user changes: %s %s', async (method, path, body) => {
    const user = { sub: 'u', fhirUser: null, authTime: 1, sessionId: 's' }
    const [address = '', query = ''] = path.split('?')
    const headers = { 'content-type': method === 'PATCH' ? 'application/json-patch+json' : 'application/fhir+json' }
    const written = async (granted: string): Promise<boolean> => {
      const data = [...profileFixture.filter(({ id }) => id !== 'f9'), stored]
      const gate = behind({ data, options: { rules: { accessProfile: 'us-core' }, userMay: () => true } })
      const before = gate.stored()
      await gate.pass(
        { clientId: 'app', scopes: parse(granted), context: { patient: 'a' }, user },
        { method, path: address, query, headers, body: JSON.stringify(body) }
      )
      return JSON.stringify(gate.stored()) !== JSON.stringify(before)
    }
    expect(await written('user/DocumentReference.rus patient/Binary.r')).toBe(false)
    expect(await written('user/DocumentReference.rus user/Binary.r patient/Binary.r')).toBe(true)
    expect(await written('user/DocumentReference.rus')).toBe(true)
  })

  it('opens no Binary by the address of an entry, which stands for the id that the entry has', async () => {
    const urn = 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0'
    const user = { sub: 'u', fhirUser: null, authTime: 1, sessionId: 's' }
    const binary = { resourceType: 'Binary', id: 'of-another', contentType: 'text/plain', data: 'eA==' }
    const document = { ...naming, content: [{ attachment: { url: urn } }] }
    const body = JSON.stringify({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { fullUrl: urn, request: { method: 'PUT', url: 'Binary/of-another' }, resource: binary },
        { request: { method: 'PUT', url: 'DocumentReference/f9' }, resource: document }
      ]
    })
    const sent = async (granted: string): Promise<number> => {
      const data = [...profileFixture.filter(({ id }) => id !== 'f9'), stored]
      const gate = behind({ data, options: { rules: { accessProfile: 'us-core' }, userMay: () => true } })
      const headers = { 'content-type': 'application/fhir+json' }
      const facts = { clientId: 'app', scopes: parse(granted), context: { patient: 'a' }, user }
      return (await gate.pass(facts, { method: 'POST', path: '/', query: '', headers, body })).status
    }
    const scopes = 'user/DocumentReference.rus user/Binary.u'
    expect([await sent(`${scopes} patient/Binary.r`), await sent(`${scopes} user/Binary.r`)]).toEqual([403, 200])
  })

  it.each(['PUT', 'DELETE'])('opens no writing: %s', async (method) => {
    const ask = gateFor({ scope: 'patient/*.cruds' })
    for (const resource of records.filter(({ resourceType }) => /^(?:Binary|Device|Practitioner)$/.test(resourceType)))
      expect(
        (await ask(`/${resource.resourceType}/${resource.id ?? ''}`, method, JSON.stringify(resource))).status
      ).toBe(403)
    const { status } = await ask('/Provenance/p-a1', method, JSON.stringify(provenance('p-a1', 'Observation/a1')))
    expect([403, 404]).toContain(status)
  })
})

describe('a Provenance', () => {
  const opened = ['p-a1', 'p-a2', 'p-both', 'p-many', 'p-dr', 'p-patient'].map((id) => `Provenance/${id}`)
  const hidden = ['p-b1', 'p-dr-b1', 'p-p', 'p-p-patient', 'p-bin', 'p-none', 'p-gone', 'p-foreign'].map(
    (id) => `Provenance/${id}`
  )

  it('is opened by a target that the token may read, in any spelling', async () => {
    expect(await reading({ scope }, ...opened, ...hidden)).toEqual(opened)
    expect(await reading({ scope, isSimple: true }, ...opened, ...hidden)).toEqual(opened)
  })

  it('is found by a search, with a bounded number of requests', async () => {
    const together = await gateFor({ scope })('/Provenance')
    expect([together.shown, together.requests]).toEqual([[...opened].sort(), 2])
    // Without batches, only targets of the type that opens the most are looked up for a page.
    const alone = await gateFor({ scope, isSimple: true })('/Provenance')
    expect([alone.shown, alone.requests]).toEqual([opened.filter((name) => name !== 'Provenance/p-dr').sort(), 3])
    expect(alone.response.body).toContain('"code":"incomplete"')
    const many = Array.from({ length: 500 }, (_, place) => provenance(`m${String(place)}`, 'Observation/a1'))
    const { requests, shown } = await gateFor({ scope, data: [...records, ...many] })('/Provenance')
    expect([shown.length, requests]).toEqual([506, 2])
  })

  it('is found by target and by patient', async () => {
    const ask = gateFor({ scope })
    expect((await ask('/Provenance?target=Observation/a1')).shown).toEqual([
      'Provenance/p-a1',
      'Provenance/p-both',
      'Provenance/p-many'
    ])
    expect((await ask('/Provenance?target=Observation/b1')).shown).toEqual(['Provenance/p-both'])
    expect((await ask('/Provenance?patient=Patient/a')).shown).toEqual(['Provenance/p-patient'])
  })

  it('is included with what it is about, without a further request for matches', async () => {
    const { requests, shown } = await gateFor({ scope: 'patient/Observation.rs patient/Provenance.rs' })(
      '/Observation?patient=Patient/a&_id=a1&_revinclude=Provenance:target'
    )
    expect(shown).toEqual(['Observation/a1', 'Provenance/p-a1', 'Provenance/p-both', 'Provenance/p-many'])
    expect(requests).toBe(1)
  })

  it('depends on the query of the scope for its target', async () => {
    const granular = 'patient/Observation.rs?category=laboratory patient/Provenance.rs'
    expect(await reading({ scope: granular }, 'Provenance/p-a1', 'Provenance/p-a2')).toEqual(['Provenance/p-a1'])
    expect(await reading({ scope: 'patient/Observation.s patient/Provenance.r' }, 'Provenance/p-a1')).toHaveLength(1)
    expect(await reading({ scope: 'patient/Observation.cud patient/Provenance.r' }, 'Provenance/p-a1')).toEqual([])
  })

  it('is not opened by a scope without a patient, or of another one', async () => {
    const rights = { scope: 'patient/Provenance.rs system/Observation.rs user/Observation.rs' }
    expect(await reading(rights, 'Provenance/p-a1', 'Provenance/p-b1')).toEqual([])
    expect(await reading({ scope, patient: 'b' }, 'Provenance/p-a1', 'Provenance/p-b1')).toEqual(['Provenance/p-b1'])
  })

  it('depends on what the user may see of its target', async () => {
    const user = { sub: 'u', fhirUser: null, authTime: 0 }
    const userMay: GateOptions['userMay'] = (_facts, _permission, { id }) => id !== 'a1'
    const rights = { scope, user, options: { userMay } }
    expect(await reading(rights, 'Provenance/p-a1', 'Provenance/p-a2')).toEqual(['Provenance/p-a2'])
  })

  it('is not shown when its targets cannot be read', async () => {
    expect((await gateFor({ scope, failing: 'Observation' })('/Provenance/p-a1')).status).toBe(503)
  })

  it('is opened by a rule of the host alone', async () => {
    const rules = { moreCompartment: { Provenance: ['target'] } }
    expect(await reading({ scope, rules }, 'Provenance/p-a1', 'Provenance/p-b1')).toEqual(['Provenance/p-a1'])
  })
})

describe('a Binary', () => {
  const contexts = ['ctx-a', 'ctx-obs', 'ctx-b', 'ctx-p'].map((id) => `Binary/${id}`)
  const named = ['named', 'named-absolute', 'named-report', 'named-b', 'free'].map((id) => `Binary/${id}`)

  it('is opened by its securityContext, which takes precedence over documents', async () => {
    expect(await reading({ scope }, ...contexts)).toEqual(['Binary/ctx-a', 'Binary/ctx-obs'])
  })

  it('without one is opened by a document that names it, in any spelling', async () => {
    for (const isSimple of [false, true])
      expect(await reading({ scope, isSimple }, ...named)).toEqual(named.slice(0, 3))
  })

  it('needs a scope for the document', async () => {
    expect(await reading({ scope: 'patient/Binary.r patient/DocumentReference.r' }, ...named)).toEqual(
      named.slice(0, 2)
    )
    expect(await reading({ scope: 'patient/Binary.r patient/Observation.r' }, ...named)).toEqual([])
  })

  it('takes a bounded number of requests', async () => {
    for (const name of [...contexts, ...named]) {
      const { requests } = await gateFor({ scope })(`/${name}`)
      expect(requests).toBeLessThanOrEqual(5)
    }
    const many = Array.from({ length: 200 }, (_, place) => binary(`m${String(place)}`))
    expect((await gateFor({ scope, data: [...many, ...records] })('/Binary')).requests).toBeLessThanOrEqual(9)
  })

  it.each<readonly [string, NonNullable<GateOptions['limits']>]>([
    ['held', { held: 3000 }],
    ['read', { upstreamAnswer: 3000 }],
    ['held by all requests', { heldInAll: 3000 }]
  ])('looks missing where the documents are larger than what may be %s', async (_name, limits) => {
    const notes = Array.from({ length: 20 }, (_, place) => ({
      ...documentOf(`big${String(place)}`, 'a', 'https://other.example/note'),
      description: 'x'.repeat(200)
    }))
    for (const isSimple of [false, true]) {
      const ask = gateFor({ scope, isSimple, data: [...records, ...notes], options: { limits } })
      const batch = (id: string): string =>
        JSON.stringify({
          resourceType: 'Bundle',
          type: 'batch',
          entry: [`Binary/${id}`, 'Observation/a1'].map((url) => ({ request: { method: 'GET', url } }))
        })
      for (const address of ['/Binary/free', '/Binary/named-b', '/Binary?_id=free', '/Binary/free/$meta']) {
        const missing = address.replace(/free|named-b/, 'none')
        const { body, ...answered } = (await ask(address)).response
        const shown = { ...answered, body: body.replace('_id=free', '_id=none') }
        expect([address, shown]).toEqual([address, (await ask(missing)).response])
      }
      const [hidden, none] = [await ask('/', 'POST', batch('free')), await ask('/', 'POST', batch('none'))]
      expect(hidden.response).toEqual(none.response)
      expect(hidden.response.body).toContain('"resourceType":"Observation"')
    }
  })

  it('is opened beside documents that are larger than what may be held, as far as they are not', async () => {
    const note = { ...documentOf('big', 'a', 'https://other.example/note'), description: 'x'.repeat(4000) }
    const setup = { scope, data: [...records, note], options: { limits: { held: 3000 } } }
    expect(await reading(setup, ...named)).toEqual(['Binary/named', 'Binary/named-absolute', 'Binary/named-report'])
  })

  it('is shared by a rule of the host without a securityContext, else opened by it', async () => {
    const rules = { sharedTypes: ['Binary'] }
    expect(await reading({ scope, rules }, ...contexts, 'Binary/free')).toEqual(
      ['Binary/ctx-a', 'Binary/ctx-obs', 'Binary/ctx-p', 'Binary/free'].filter((name) => name !== 'Binary/ctx-p')
    )
  })
})

describe('a profile of the host', () => {
  it('opens what its rows say', async () => {
    const rules = {
      accessProfile: [
        { type: 'Practitioner', permissions: ['s'], by: 'shared', because: 'A directory.', source: 'the host' }
      ]
    } as const
    const ask = gateFor({ scope, rules })
    expect((await ask('/Practitioner')).shown).toEqual(['Practitioner/dr'])
    expect((await ask('/Practitioner/dr')).status).toBe(403)
  })

  it('opens the records that link to the patient, only for reading', async () => {
    const rules = { moreCompartment: { Patient: ['link'] } }
    expect(await reading({ scope, rules }, 'Patient/a', 'Patient/a-old', 'Patient/b')).toEqual([
      'Patient/a',
      'Patient/a-old'
    ])
    const ask = gateFor({ scope: 'patient/*.cruds', rules })
    const record = records.find(({ id }) => id === 'a-old')
    expect((await ask('/Patient/a-old', 'PUT', JSON.stringify(record))).status).toBe(403)
  })
})
