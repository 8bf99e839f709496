/** The operations of the table through the gate. */
import { describe, expect, it } from 'vitest'
import { fixture } from '../../../support/fhir-fixture.js'
import { behind, json, said, shownIn } from '../../../support/fhir/behind-gate.js'
import type { Behind } from '../../../support/fhir/behind-gate.js'
import type { PlainRequest } from '../../../../src/protocol/http/message.js'
import { standardOperations } from '../../../../src/protocol/access/operations/table.js'

const resources = (...ids: ReadonlyArray<string>) =>
  ids.map((id) => fixture.find((one) => `${one.resourceType}/${one.id}` === id) ?? { resourceType: 'Basic', id })

const bundle = (type: string, ...ids: ReadonlyArray<string>) =>
  said(200, {
    resourceType: 'Bundle',
    type,
    total: ids.length,
    entry: resources(...ids).map((resource) => ({ resource }))
  })

const whole = ['Patient/a', 'Observation/o6', 'Condition/c0', 'Practitioner/p1', 'Observation/o1', 'Patient/b']
const parameters = said(200, { resourceType: 'Parameters', parameter: [{ name: 'match', valueBoolean: true }] })
const outcome = said(200, { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'invalid' }] })

const answers = {
  'GET /Patient/a/$everything': bundle('searchset', ...whole),
  'GET /Patient/b/$everything': bundle('searchset', 'Patient/b', 'Observation/o1'),
  'GET /Patient/$everything': bundle('searchset', ...whole),
  'GET /Encounter/e0/$everything': bundle('searchset', 'Encounter/e0', ...whole),
  'GET /Observation/$lastn': bundle('searchset', 'Observation/o6', 'Observation/o1'),
  'GET /DocumentReference/$docref': bundle('searchset', 'Observation/o6', 'Observation/o1'),
  'GET /Composition/x/$document': bundle('document', 'Observation/o6'),
  'GET /Patient/a/$summary': bundle('document', 'Patient/a', 'Observation/o6'),
  'GET /Patient/b/$summary': bundle('document', 'Patient/b'),
  'POST /Observation/$validate': outcome,
  'GET /Observation/o6/$validate': outcome,
  'GET /Observation/o6/$meta': said(200, {
    resourceType: 'Parameters',
    parameter: [{ name: 'return', valueMeta: {} }]
  }),
  'GET /Observation/o1/$meta': said(200, { resourceType: 'Parameters' }),
  'GET /Observation/o9/$meta': said(200, { resourceType: 'Parameters', parameter: [{ resource: fixture[0] }] }),
  'GET /ValueSet/$expand': said(200, { resourceType: 'ValueSet', url: 'http://x' }),
  'GET /CodeSystem/$lookup': parameters,
  'POST /Patient/$member-match': parameters,
  'POST /Patient/$match': bundle('searchset', 'Patient/a', 'Patient/b'),
  'POST /Observation/o6/$meta-add': said(200, { resourceType: 'Parameters' })
}

const gateOf = (options: Parameters<typeof behind>[0] = {}): Behind => behind({ answers, ...options })

/** The status, and what is shown of it. */
const through = async (
  scope: string,
  request: string,
  more: Partial<PlainRequest> = {}
): Promise<readonly [number, ReadonlyArray<string>]> => {
  const [method = '', path = ''] = request.split(' ')
  const response = await gateOf().ask(scope, method, path, more)
  return [response.status, response.status < 300 ? shownIn(response) : []]
}

const lab = 'patient/Observation.rs?category=http://s|lab'

describe('an operation that shows resources', () => {
  it.each([
    ['patient/*.rs', 'Patient/a/$everything', 200, ['Patient/a', 'Observation/o6', 'Condition/c0']],
    ['patient/Observation.rs', 'Patient/a/$everything', 200, ['Observation/o6']],
    [
      'patient/*.rs',
      'Patient/a/$everything?_type=Observation&_since=2020-01-01',
      200,
      ['Patient/a', 'Observation/o6', 'Condition/c0']
    ],
    [lab, 'Patient/a/$everything', 200, ['Observation/o6']],
    ['system/Patient.rs system/Condition.rs', 'Patient/a/$everything', 200, ['Patient/a', 'Condition/c0', 'Patient/b']],
    ['system/Patient.rs', 'Patient/$everything', 200, ['Patient/a', 'Patient/b']],
    ['patient/*.rs', 'Encounter/e0/$everything', 200, ['Encounter/e0', 'Patient/a', 'Observation/o6', 'Condition/c0']],
    ['patient/Observation.rs', 'Observation/$lastn?patient=a&max=3', 200, ['Observation/o6']],
    ['patient/Observation.rs', 'Observation/$lastn?subject=Patient/a&code=x', 200, ['Observation/o6']],
    ['system/*.rs', 'Patient/a/$everything?_include=Patient:link', 200, whole]
  ])('shows what %s permits: %s', async (scope, path, status, shown) => {
    expect(await through(scope, `GET /${path}`)).toEqual([status, shown])
  })

  it.each([
    ['patient/*.rs', 'Patient/b/$everything', 404],
    ['patient/Observation.rs', 'Patient/b/$everything', 403],
    ['patient/*.rs', 'Encounter/e1/$everything', 404],
    ['patient/*.r', 'Patient/a/$everything', 403],
    ['patient/Observation.rs', 'Patient/a/$everything?_type=Observation,Condition', 403],
    ['patient/*.rs', 'Patient/a/$everything?_type=Nonsense', 400],
    ['patient/*.rs', 'Patient/a/$everything?_include=Patient:link', 403],
    ['patient/*.rs', 'Patient/a/$everything?_since=', 400],
    ['patient/*.rs', 'Patient/$everything', 403],
    [lab, 'Observation/$lastn?patient=a', 403],
    ['patient/Observation.rs', 'Observation/$lastn?code=x', 403],
    ['patient/Observation.rs', 'Observation/$lastn?patient=a,b', 403],
    ['patient/Observation.rs', 'Observation/$lastn?patient=a&performer:Practitioner.name=x', 403],
    ['patient/Observation.rs', 'Observation/$lastn?patient=a&_include=Observation:subject', 403],
    ['patient/*.rs', 'Patient/b/$summary', 404],
    [`${lab} patient/Patient.r`, 'Patient/a/$summary', 200],
    ['patient/Patient.rs', 'Patient/a/$summary', 403],
    ['system/*.rs', 'Composition/x/$document?persist=true', 400]
  ])('does not show more than %s permits: %s', async (scope, path, status) => {
    expect((await through(scope, `GET /${path}`))[0]).toBe(status)
  })

  it('asks nothing for a patient of the token, whose data are searched', async () => {
    const gate = gateOf()
    await gate.ask('patient/*.rs', 'GET', '/Patient/a/$everything')
    expect(gate.requests.map(({ path }) => path)).toEqual(['/Patient/a/$everything'])
  })

  it.each([
    ['/Patient/a/$everything', true, ['Observation/o6']],
    ['/Observation/$lastn', true, ['Observation/o6']],
    // No older one takes the place of a hidden one.
    ['/Observation/$lastn', false, []]
  ])('hides what a user may not see: %s, %s', async (path, isSeen, shown) => {
    const gate = gateOf({ options: { userMay: (_facts, _permission, { id }) => isSeen && id === 'o6' } })
    const user = { sub: 'u', fhirUser: null, authTime: 1, sessionId: 's' }
    const facts = { clientId: 'app', scopes: [], context: { patient: 'a' }, user }
    const { parse } = await import('../../../../src/scopes/parse.js')
    const response = await gate.pass(
      { ...facts, scopes: parse('patient/*.rs') },
      { method: 'GET', path, query: path.endsWith('$lastn') ? 'patient=a' : '', headers: {}, body: '' }
    )
    expect([response.status, shownIn(response)]).toEqual([200, shown])
    if (path.endsWith('$lastn')) expect(gate.requests).toHaveLength(1)
  })
})

describe('an operation', () => {
  const observation = json({ resourceType: 'Observation', id: 'o6', subject: { reference: 'Patient/a' } })
  const conditional = json({ resourceType: 'Observation', subject: { reference: 'Patient?name=x' } })

  it.each([
    ['patient/Observation.c', 'POST /Observation/$validate', observation, 200],
    ['patient/Condition.c', 'POST /Observation/$validate', observation, 403],
    ['patient/Observation.c', 'POST /Observation/$validate', conditional, 403],
    ['patient/Observation.c', 'POST /Observation/$validate', { body: '<x/>' }, 400],
    ['patient/Observation.r', 'GET /Observation/o6/$validate', {}, 200],
    ['patient/Observation.r', 'GET /Observation/o1/$validate', {}, 404],
    ['patient/Observation.r', 'GET /Observation/o6/$meta', {}, 200],
    ['patient/Observation.r', 'GET /Observation/o1/$meta', {}, 404],
    ['patient/Observation.r', 'GET /Observation/o9/$meta', {}, 502],
    ['patient/Observation.s', 'GET /Observation/$meta', {}, 403],
    ['patient/*.rs', 'GET /ValueSet/$expand?url=http://x', {}, 403],
    ['system/ValueSet.r', 'GET /ValueSet/$expand?url=http://x', {}, 200],
    ['system/ValueSet.r?url=http://y', 'GET /ValueSet/$expand?url=http://x', {}, 404],
    ['system/CodeSystem.s', 'GET /CodeSystem/$lookup?system=x&code=y', {}, 200],
    ['system/CodeSystem.s?url=http://y', 'GET /CodeSystem/$lookup?system=x&code=y', {}, 403],
    ['system/Patient.s system/Coverage.s', 'POST /Patient/$member-match', {}, 200],
    ['system/Patient.s', 'POST /Patient/$member-match', {}, 403],
    ['patient/*.rs', 'POST /Patient/$match', {}, 403],
    ['system/Patient.s', 'GET /Patient/$match', {}, 405],
    ['system/*.cruds', 'GET /Patient/a/$purge', {}, 404],
    ['patient/*.rs', 'POST /Patient/a/$everything', { body: '{"resourceType":"Patient"}' }, 400],
    ['system/*.rs', 'POST /Patient/a/$everything', { body: '{"resourceType":"Patient"}' }, 400],
    ['patient/*.rs', 'POST /Patient/a/$everything', { body: '{"resourceType":"Parameters"}' }, 200],
    ['patient/*.rs', 'POST /Patient/a/$everything', { body: '{}' }, 400],
    ['patient/*.rs', 'POST /Patient/a/$everything', { body: '[]' }, 400],
    ['patient/*.rs', 'POST /Observation/$lastn?patient=Patient/a', { body: '{"resourceType":"Bundle"}' }, 400],
    ['system/ValueSet.r', 'POST /ValueSet/$expand', { body: '{"resourceType":"ValueSet"}' }, 403],
    ['patient/*.cruds', 'POST /Observation/o6/$meta-add', {}, 403],
    ['patient/Observation.r system/Observation.u', 'POST /Observation/o6/$meta-add', {}, 200],
    ['patient/Observation.r system/Observation.u', 'POST /Observation/o1/$meta-add', {}, 404],
    ['system/*.cruds', 'GET /Observation/o6/$meta-add', {}, 405]
  ])('with %s: %s', async (scope, request, more, status) => {
    expect((await through(scope, request, more))[0]).toBe(status)
  })

  it('of the table is closed where the host switches it off, and as the host maps it', async () => {
    const ask = async (rules: object) =>
      (await gateOf({ options: { rules } }).ask('patient/*.rs', 'GET', '/Patient/a/$everything')).status
    expect(await ask({})).toBe(200)
    expect(await ask({ standardOperations: false })).toBe(404)
    const operations = [
      { level: 'instance', type: 'Patient', name: 'everything', needs: [{ type: 'Basic', permission: 'c' }] }
    ]
    expect(await ask({ operations })).toBe(403)
  })

  it("passes on the server's own reason", async () => {
    const issue = { severity: 'error', code: 'processing', diagnostics: 'start is after end' }
    const reason = said(422, { resourceType: 'OperationOutcome', issue: [issue] })
    const gate = behind({ answers: { 'GET /Patient/a/$everything': reason } })
    const response = await gate.ask('patient/*.rs', 'GET', '/Patient/a/$everything')
    const { issue: shown } = JSON.parse(response.body) as { readonly issue: ReadonlyArray<object> }
    expect([response.status, shown[0], shown[1]]).toEqual([
      422,
      issue,
      expect.objectContaining({ severity: 'information', code: 'informational' })
    ])
  })

  it('has a source, and is a row once', () => {
    const names = standardOperations.map(({ level, type, name }) => `${level} ${String(type)} ${name}`)
    expect(new Set(names).size).toBe(names.length)
    expect(standardOperations.every(({ source }) => source.startsWith('https://hl7.org/fhir/'))).toBe(true)
  })
})

describe('the body of an operation', () => {
  const rules = {
    operations: [
      { level: 'type' as const, type: 'Patient', name: 'own', needs: [] },
      { level: 'system' as const, type: null, name: 'graphql', needs: [] }
    ],
    operationScopes: [{ scope: 'system/own', permits: [{ level: 'system' as const, type: null, name: 'own' }] }]
  }
  const posted = async (path: string, body: string, type: string | null = 'application/fhir+json') => {
    const gate = gateOf({ options: { rules } })
    const headers = type === null ? {} : { 'content-type': type }
    const response = await gate.ask('system/*.cruds system/own', 'POST', path, { body, headers })
    return { response, sent: gate.requests.map(({ body: one }) => one) }
  }
  const deep = `${'['.repeat(300)}${']'.repeat(300)}`

  const objects = ['{}', '{"resourceType":1}']
  /** Whether an object of JSON may be the host's own. */
  const isPlain = (path: string, type: string | null): boolean =>
    type === 'application/json' && /own|unknown/.test(path)

  it.each(['/Patient/$own', '/$own', '/Patient/$match', '/Observation/$validate', '/$export', '/Patient/$unknown'])(
    'is a resource, where it is JSON: %s',
    async (path) => {
      for (const type of ['application/fhir+json', 'application/json', 'application/fhir+json; charset=utf-8', null])
        for (const body of ['null', '[]', '"x"', '1', '{', deep, ...(isPlain(path, type) ? [] : objects)]) {
          const { response, sent } = await posted(path, body, type)
          expect([path, type, body, response.status, sent]).toEqual([path, type, body, 400, []])
          expect(JSON.parse(response.body)).toMatchObject({ resourceType: 'OperationOutcome', issue: [{}] })
          expect(response.headers['www-authenticate']).toBeUndefined()
        }
    }
  )

  it.each(['/Patient/$own', '/$own'])('that the host maps may have another format: %s', async (path) => {
    for (const [type, body] of [
      ['text/csv', 'null'],
      ['application/x-www-form-urlencoded', 'a=b'],
      ['application/fhir+json', '{"resourceType":"Parameters"}'],
      ['application/json', '{"resourceType":"Observation"}']
    ] as const)
      expect((await posted(path, body, type)).sent).toEqual([body])
  })

  it.each(['/$graphql', '/Patient/$own', '/$own'])('of %s may be an object of plain JSON', async (path) => {
    const body = '{"query":"{PatientList{id}}"}'
    expect((await posted(path, body, 'application/json')).sent).toEqual([body])
    expect((await posted(path, body)).response.status).toBe(400)
  })

  it.each([
    ['/Patient/$match', 'Patient', 'Observation'],
    ['/Observation/$validate', 'Observation', 'Patient'],
    ['/Observation/o6/$validate', 'Observation', 'Patient'],
    ['/ValueSet/$expand', 'ValueSet', 'CodeSystem'],
    ['/ValueSet/$validate-code', 'ValueSet', 'CodeSystem'],
    ['/CodeSystem/$validate-code', 'CodeSystem', 'ValueSet'],
    ['/ConceptMap/$translate', 'ConceptMap', 'Bundle'],
    ['/Patient/$member-match', 'Parameters', 'Patient'],
    ['/Observation/o6/$meta-add', 'Parameters', 'Observation']
  ])('of %s is a %s or Parameters, and no %s', async (path, right, wrong) => {
    for (const resourceType of [right, 'Parameters', wrong]) {
      const { response, sent } = await posted(path, JSON.stringify({ resourceType }))
      expect([resourceType, response.status === 400, sent.length]).toEqual(
        resourceType === wrong ? [resourceType, true, 0] : [resourceType, false, 1]
      )
    }
  })

  it('in a Bundle is one, too', async () => {
    for (const type of ['batch', 'transaction'])
      for (const resource of [null, [], 'x', { resourceType: 'Observation' }]) {
        const gate = gateOf()
        const entry = [{ request: { method: 'POST', url: 'Patient/$match' }, resource }]
        const response = await gate.ask('system/*.cruds', 'POST', '/', json({ resourceType: 'Bundle', type, entry }))
        const { entry: [answered] = [] } = JSON.parse(response.body) as {
          entry?: ReadonlyArray<{ response: { status: string } }>
        }
        expect([type, answered?.response.status ?? String(response.status)]).toEqual([type, '400'])
        expect(gate.requests).toEqual([])
      }
  })
})

describe('an operation in a Bundle', () => {
  const bundleOf = (type: string, ...entries: ReadonlyArray<readonly [string, string, object?]>) =>
    json({
      resourceType: 'Bundle',
      type,
      entry: entries.map(([method, url, resource]) => ({
        request: { method, url },
        ...(resource === undefined ? {} : { resource })
      }))
    })
  const condition = { resourceType: 'Condition', id: 'c0', subject: { reference: 'Patient/a' } }

  it.each(['batch', 'transaction'])('that reads is carried out in a %s, after the writes', async (type) => {
    const gate = gateOf()
    const response = await gate.ask(
      'patient/*.cruds',
      'POST',
      '/',
      bundleOf(type, ['GET', 'Patient/a/$everything'], ['PUT', 'Condition/c0', condition])
    )
    expect(response.status).toBe(200)
    const { entry } = JSON.parse(response.body) as {
      entry: ReadonlyArray<{ response: { status: string }; resource?: { entry: ReadonlyArray<unknown> } }>
    }
    expect(entry.map((one) => one.response.status)).toEqual(['200', '200'])
    expect(entry[0]?.resource?.entry).toHaveLength(3)
    const paths = gate.requests.map(({ path }) => path)
    expect(type === 'batch' || paths.at(-1) === '/Patient/a/$everything').toBe(true)
  })

  it('that writes is refused in a transaction, and so is one that the token does not permit', async () => {
    const gate = gateOf()
    const ask = async (...entries: Parameters<typeof bundleOf> extends [string, ...infer Entries] ? Entries : never) =>
      (await gate.ask('system/*.cruds', 'POST', '/', bundleOf('transaction', ...entries))).status
    expect(await ask(['POST', 'Observation/o6/$meta-add'], ['PUT', 'Condition/c0', condition])).toBe(422)
    expect(await ask(['GET', 'Patient/a/$purge'], ['PUT', 'Condition/c0', condition])).toBe(400)
    expect(gate.requests).toEqual([])
  })
})
