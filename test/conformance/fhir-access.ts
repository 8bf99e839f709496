/**
 * The area "fhir-access": scopes-and-launch-context and app-launch, "Access FHIR API"; RFC 6750. Also what each
 * permission covers.
 */
import * as Either from 'fp-ts/lib/Either.js'
import { expect } from 'vitest'
import type { Area, Shown } from './matrix.js'
import { outside, row } from './matrix.js'
import { behind, json, said, shownIn } from '../support/fhir/behind-gate.js'
import { obtainTokens } from '../support/server/callers.js'
import { atTheDoor } from '../support/fhir/behind-gate.js'
import { fixture as resources } from '../support/fhir-fixture.js'
import type { Fixture } from '../support/server-fixture.js'
import { get, issuer, newFixture } from '../support/server-fixture.js'
import { tokenRefused } from '../../src/simulator/fhir/responses.js'
import { authorizationServer } from '../../src/engine/server/authorization-server.js'
import type { PlainResponse } from '../../src/protocol/http/message.js'

const own = resources.find(({ id }) => id === 'o6')
const history = said(200, { resourceType: 'Bundle', type: 'history', entry: [{ resource: own }] })
const answers = {
  'GET /Observation/o6/_history/1': said(200, own),
  'GET /Observation/o6/_history': history,
  'GET /Observation/_history': history,
  'GET /_history': history
}
const patch = {
  body: JSON.stringify([{ op: 'replace', path: '/status', value: 'amended' }]),
  headers: { 'content-type': 'application/json-patch+json' }
}

type RequestSample = readonly [method: string, path: string, more?: Parameters<ReturnType<typeof behind>['ask']>[3]]

/** Each request passes with the one letter, and with all the others but this one it does not. */
const onlyBy = async (level: string, letter: string, requests: ReadonlyArray<RequestSample>): Promise<void> => {
  const others = 'cruds'.replace(letter, '')
  for (const [method, path, more] of requests) {
    expect([path, (await behind({ answers }).ask(`${level}/*.${letter}`, method, path, more)).status < 300]).toEqual([
      path,
      true
    ])
    const refused = await behind({ answers }).ask(`${level}/*.${others}`, method, path, more)
    expect([path, refused.status, refused.headers['www-authenticate']]).toEqual([
      path,
      403,
      expect.stringContaining('insufficient_scope')
    ])
  }
}

/** What each permission of a scope covers (scopes-and-launch-context, "Scopes for requesting clinical data"). */
export const interactionRows: ReadonlyArray<Shown> = [
  row('SCP-002', 'create needs c, and nothing else does in its place', () =>
    onlyBy('patient', 'c', [['POST', '/Observation', json({ ...own, id: undefined })]])
  ),
  row('SCP-003', 'read, vread and the history of an instance need r', () =>
    onlyBy('patient', 'r', [
      ['GET', '/Observation/o6'],
      ['HEAD', '/Observation/o6'],
      ['GET', '/Observation/o6/_history/1'],
      ['GET', '/Observation/o6/_history']
    ])
  ),
  row('SCP-004', 'update needs u, and so does the update that creates', () =>
    onlyBy('patient', 'u', [
      ['PUT', '/Observation/o6', json(own)],
      ['PUT', '/Observation/fresh', json({ ...own, id: 'fresh' })]
    ])
  ),
  row('SCP-005', 'patch needs u', () => onlyBy('patient', 'u', [['PATCH', '/Observation/o6', patch]])),
  row('SCP-006', 'delete needs d', () => onlyBy('patient', 'd', [['DELETE', '/Observation/o6']])),
  row('SCP-007', 'the search and the history of a type and of the whole system need s', () =>
    onlyBy('system', 's', [
      ['GET', '/Observation'],
      ['POST', '/Observation/_search'],
      ['GET', '/Observation/_history'],
      ['GET', '/?_type=Observation'],
      ['GET', '/_history']
    ])
  )
]

const refusedFor = async (
  fixture: Fixture,
  headers: Readonly<Record<string, string>>,
  query = ''
): Promise<PlainResponse> => {
  const found = await fixture.server.resource.bearer(get('/fhir/Patient/123', query, headers))()
  if (Either.isRight(found)) throw new Error('let in')
  return tokenRefused(found.left)
}

const mine = said(200, { resourceType: 'Patient', id: '123' })

const shown: ReadonlyArray<Shown> = [
  row('FHR-002 FHR-004 FHR-020', 'a token is good until the second in which it expires', async () => {
    const fixture = newFixture()
    const { access, body } = await obtainTokens(fixture)
    const request = get('/Patient/123', '', { authorization: `Bearer ${access}` })
    fixture.clock.now += Number(body['expires_in']) - 1
    expect((await atTheDoor(fixture, behind({ answers: { 'GET /Patient/123': mine } }), request)).status).toBe(200)
    fixture.clock.now += 1
    expect((await atTheDoor(fixture, behind({ answers: { 'GET /Patient/123': mine } }), request)).status).toBe(401)
  }),
  row(
    'FHR-005 FHR-021',
    'a token opens what its scopes cover, by type, letter, patient and query, and nothing else',
    async () => {
      const scope = 'patient/Observation.r?category=http://s|lab'
      const statuses = await Promise.all(
        ['/Observation/o6', '/Observation/o3', '/Observation/o4', '/Observation', '/Condition/c0'].map(
          async (path) => (await behind().ask(scope, 'GET', path)).status
        )
      )
      expect(statuses).toEqual([200, 404, 404, 403, 403])
    }
  ),
  row('FHR-006', 'a token of another FHIR base is invalid here', async () => {
    const fixture = newFixture()
    const built = authorizationServer(
      { issuer, fhirBaseUrl: `${issuer}/other`, policy: fixture.server.policy },
      fixture.ports
    )
    if (Either.isLeft(built)) throw new Error(JSON.stringify(built.left))
    const { access } = await obtainTokens({ ...fixture, server: built.right }, { aud: `${issuer}/other` })
    const refused = await refusedFor(fixture, { authorization: `Bearer ${access}` })
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"')
    ])
  }),
  row(
    'FHR-009 FHR-001',
    'a user scope reaches no more than the host says that the user may see; without a word of the host, nothing',
    async () => {
      const scope = 'user/Observation.rs'
      expect((await behind().ask(scope, 'GET', '/Observation/o6')).status).toBe(404)
      const gate = behind({ options: { userMay: (_facts, _permission, { id }) => id === 'o1' } })
      expect((await gate.ask(scope, 'GET', '/Observation/o1')).status).toBe(200)
      expect(shownIn(await gate.ask(scope, 'GET', '/Observation'))).toEqual(['Observation/o1'])
    }
  ),
  row(
    'FHR-010 FHR-016',
    'a search leaves out what may not be seen and counts what is left; a write of it is a 403',
    async () => {
      const gate = behind()
      const found = await gate.ask('patient/*.rus', 'GET', '/Encounter')
      expect([found.status, shownIn(found), (JSON.parse(found.body) as { readonly total: number }).total]).toEqual([
        200,
        ['Encounter/e0', 'Encounter/e3', 'Encounter/e6'],
        3
      ])
      expect((await gate.ask('patient/*.rus', 'PUT', '/Observation/o1', json({ ...own, id: 'o1' }))).status).toBe(403)
    }
  ),
  row(
    'FHR-011',
    'each entry of a batch is checked by itself, and one forbidden entry stops a transaction',
    async () => {
      const entry = ['Patient/a', 'Observation/o6'].map((url) => ({ request: { method: 'GET', url } }))
      const ask = (type: string) =>
        behind().ask('patient/Observation.r', 'POST', '/', json({ resourceType: 'Bundle', type, entry }))
      const batch = JSON.parse((await ask('batch')).body) as {
        readonly entry: ReadonlyArray<{ readonly response: { readonly status: string } }>
      }
      expect(batch.entry.map(({ response }) => response.status)).toEqual(['403', '200'])
      expect((await ask('transaction')).status).toBe(403)
    }
  ),
  row(
    'FHR-012',
    "a Practitioner is outside a patient's access, unless the host shares the type: then it is read, and never written",
    async () => {
      expect((await behind().ask('patient/*.rs', 'GET', '/Practitioner/p1')).status).toBe(403)
      const shared = behind({ options: { rules: { sharedTypes: ['Practitioner'] } } })
      expect((await shared.ask('patient/*.cruds', 'GET', '/Practitioner/p1')).status).toBe(200)
      expect((await shared.ask('patient/*.cruds', 'DELETE', '/Practitioner/p1')).status).toBe(403)
    }
  ),
  row('FHR-012', "a device is its patient's own where the host says by which parameter", async () => {
    const device = (id: string, patient: string) => ({
      resourceType: 'Device',
      id,
      patient: { reference: `Patient/${patient}` }
    })
    const answers = {
      'GET /Device/d1': said(200, device('d1', 'a')),
      'GET /Device/d2': said(200, device('d2', 'b')),
      'POST /Device': said(201, device('d3', 'a')),
      'GET /Device': said(200, {
        resourceType: 'Bundle',
        type: 'searchset',
        entry: [{ resource: device('d1', 'a') }, { resource: device('d2', 'b') }]
      })
    }
    expect((await behind({ answers }).ask('patient/Device.rs', 'GET', '/Device/d1')).status).toBe(403)
    const gate = behind({ answers, options: { rules: { moreCompartment: { Device: ['patient'] } } } })
    expect((await gate.ask('patient/Device.rs', 'GET', '/Device/d1')).status).toBe(200)
    expect((await gate.ask('patient/Device.rs', 'GET', '/Device/d2')).status).toBe(404)
    expect([shownIn(await gate.ask('patient/Device.rs', 'GET', '/Device')), gate.requests.at(-1)?.query]).toEqual([
      ['Device/d1'],
      'patient=Patient%2Fa'
    ])
    const create = (patient: string) => gate.ask('patient/Device.c', 'POST', '/Device', json(device('x', patient)))
    expect([(await create('a')).status, (await create('b')).status]).toEqual([201, 403])
  }),
  row('FHR-013', 'a linked patient is another patient, as docs/fhir-access.md says', async () => {
    const gate = behind()
    expect(await gate.ask('patient/*.rs', 'GET', '/Patient/b')).toEqual(
      await gate.ask('patient/*.rs', 'GET', '/Patient/none')
    )
  }),
  row(
    'FHR-014 FHR-108',
    'what no scope covers fails before the upstream server is queried, and the answer names the scope that would do',
    async () => {
      const gate = behind()
      const refused = await gate.ask('patient/Observation.r', 'GET', '/Condition?code=x')
      expect([refused.status, refused.headers['www-authenticate'], gate.requests]).toEqual([
        403,
        expect.stringContaining('scope="patient/Condition.s"'),
        []
      ])
    }
  ),
  row(
    'FHR-015',
    'what is no interaction, no type, or an operation that the host does not map fails at once',
    async () => {
      for (const path of ['/Thing/1', '/Observation/$unmapped', '/Observation?_filter=x', '/Observation?_query=x']) {
        const gate = behind()
        expect([path, (await gate.ask('system/*.cruds', 'GET', path)).status >= 400, gate.requests]).toEqual([
          path,
          true,
          []
        ])
      }
    }
  ),
  row('FHR-102', 'Authorization: Bearer, in any case of the scheme', async () => {
    const fixture = newFixture()
    const { access } = await obtainTokens(fixture)
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      expect(
        (await fixture.server.resource.bearer(get('/fhir/Patient/123', '', { authorization: `${scheme} ${access}` }))())
          ._tag
      ).toBe('Right')
    }
  }),
  row('FHR-105 FHR-106', 'without a token: 401 with WWW-Authenticate: Bearer and no error code', async () => {
    const refused = await refusedFor(newFixture(), {})
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([
      401,
      expect.stringMatching(/^Bearer(?!.*error)/)
    ])
  }),
  row('FHR-107', 'invalid_request is 400, invalid_token 401, insufficient_scope 403', async () => {
    const answersOf = [
      await refusedFor(newFixture(), {}, 'access_token=x'),
      await refusedFor(newFixture(), { authorization: 'Bearer x' }),
      await behind().ask('patient/Observation.r', 'GET', '/Condition/c0')
    ]
    expect(
      answersOf.map(({ status, headers }) => [status, /error="([^"]*)"/.exec(String(headers['www-authenticate']))?.[1]])
    ).toEqual([
      [400, 'invalid_request'],
      [401, 'invalid_token'],
      [403, 'insufficient_scope']
    ])
  })
]

export const fhirAccess: Area = {
  area: 'fhir-access',
  shown,
  outside: [
    outside(
      'FHR-017',
      'a hint that something was withheld tells that there is something; the gate answers as if it were not there'
    ),
    outside(
      'FHR-018',
      'which addresses need a token is for the host to say; the gate lets only the capability statement ' +
        'through without one'
    ),
    outside(
      'FHR-202 FHR-203 FHR-204',
      "the app-state endpoint is the host's; the server only announces its address, where there is one"
    ),
    outside('FHR-301', 'tokens carry one FHIR base; authorization_details is neither read nor issued')
  ]
}
