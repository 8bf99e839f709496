import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { MayUserSee } from '../../../src/cli/simulator/fhir-server.js'
import { fhirAnswer } from '../../../src/cli/simulator/fhir-server.js'
import { syntheticResources, withUsers } from '../../../src/cli/simulator/synthetic-data.js'
import type { Decision } from '../../../src/machines/access-decision.js'
import type { Alternative } from '../../../src/machines/access-alternatives.js'
import { interactionOf } from '../../../src/machines/fhir-interaction.js'
import { workshopOf } from '../../../src/engine/settings.js'
import type { Ports } from '../../../src/engine/ports.js'

const workshop = workshopOf({ issuer: 'https://ehr', fhirBaseUrl: 'https://ehr/fhir' }, {} as Ports)
if (Either.isLeft(workshop)) throw new Error(JSON.stringify(workshop.left))
const { facts } = workshop.right
const world = { resources: withUsers(syntheticResources, ['Practitioner/p1', 'RelatedPerson/r1']), facts }

const within = (level: Alternative['level'], patient: string | null): Decision => ({
  _tag: 'Filter',
  alternatives: (['r', 's'] as const).map((permission) => ({ permission, level, type: '*', patient, sharedTypes: [], query: [] })),
  obligations: []
})
const all = within('system', null)
const first = within('patient', 'example-1')
const user = within('user', null)
const seesSecond: MayUserSee = (patient) => patient === 'example-2'

const ask = (url: string, decision: Decision, method = 'GET', body = ''): readonly [number, unknown] => {
  const [path = '', query = ''] = url.split('?')
  const interaction = interactionOf({ method, path, query, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body })
  const { status, body: text } = fhirAnswer(world, interaction, decision, seesSecond)
  const answer = JSON.parse(text) as { resourceType: string; id?: string; total?: number; issue?: ReadonlyArray<{ code: string }> }
  return [status, answer.total ?? answer.issue?.[0]?.code ?? answer.id ?? answer.resourceType]
}

const category = 'http://terminology.hl7.org/CodeSystem/observation-category'

describe('the FHIR server', () => {
  it.each<readonly [string, Decision, number, unknown]>([
    ['/Patient/example-1', all, 200, 'example-1'],
    ['/Patient/nobody', all, 404, 'not-found'],
    ['/Patient', all, 200, 3],
    ['/Patient?_id=example-1,example-2', all, 200, 2],
    ['/Observation', all, 200, 12],
    ['/Observation?patient=example-1', all, 200, 4],
    ['/Observation?patient=Patient/example-1', all, 200, 4],
    ['/Observation?subject=Patient/example-1', all, 200, 4],
    [`/Observation?category=${category}%7Claboratory`, all, 200, 6],
    ['/Observation?category=laboratory', all, 200, 6],
    ['/Observation?category=laboratory,vital-signs', all, 200, 12],
    ['/Observation?category=laboratory&category=vital-signs', all, 200, 0],
    ['/Observation?category=http://other%7Claboratory', all, 200, 0],
    ['/Observation?category=%7Claboratory', all, 200, 0],
    [`/Observation?category=${category}%7C`, all, 200, 12],
    ['/Observation?code=http://loinc.org%7C2339-0', all, 200, 3],
    ['/Observation?status=preliminary', all, 200, 3],
    ['/Observation?status=%7Cpreliminary', all, 200, 3],
    ['/Encounter?patient=example-3&status=finished', all, 200, 1],
    ['/Condition?clinical-status=active&patient=example-1', all, 200, 1],
    ['/Condition?code=195967001', all, 200, 2],
    ['/Practitioner', all, 200, 2],
    ['/RelatedPerson/r1', all, 200, 'r1'],
    ['/Medication', all, 404, 'not-supported'],
    ['/Observation?_include=Observation:patient', all, 400, 'not-supported'],
    ['/Observation?patient.name=x', all, 400, 'not-supported'],
    ['/Patient?name=x', all, 400, 'not-supported'],
    ['/Observation?category=%zz', all, 400, 'invalid'],
    ['/Observation?_count=x', all, 400, 'invalid'],
    ['/Observation?patient=', all, 400, 'invalid'],
    ['/Observation?_include', all, 400, 'invalid'],
    ['/Observation?code=2339-0&&_summary=false', all, 200, 3],
    ['/Observation?code=http://loinc.org%7C2339-0%7Cjunk', all, 200, 0],
    ['/Patient/example-1', first, 200, 'example-1'],
    ['/Patient/example-2', first, 404, 'not-found'],
    ['/Patient', first, 200, 1],
    ['/Observation?patient=example-2', first, 200, 0],
    ['/Observation', first, 200, 4],
    ['/Practitioner/p1', first, 404, 'not-found'],
    ['/Patient', user, 200, 1],
    ['/Patient/example-1', user, 404, 'not-found'],
    ['/Practitioner/p1', user, 200, 'p1'],
    ['/Patient', { _tag: 'Deny', reason: 'insufficient-scope', missing: ['patient/Patient.s'] }, 403, 'forbidden'],
    ['/metadata', { _tag: 'Deny', reason: 'insufficient-scope', missing: [] }, 200, 'CapabilityStatement'],
    ['/Patient/example-1/_history', all, 405, 'not-supported'],
    ['/', all, 405, 'not-supported'],
    ['/Patient/example-1/$everything', all, 405, 'not-supported']
  ])('%s under %j: %i', (url, decision, status, found) => {
    expect(ask(url, decision)).toEqual([status, found])
  })

  it.each(['PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS'])('refuses %s', (method) => {
    expect(ask('/Patient/example-1', all, method)[0]).toBe(405)
  })

  it('searches by POST with the parameters of address and body together', () => {
    expect(ask('/Observation/_search?patient=example-1', all, 'POST', 'category=laboratory')).toEqual([200, 2])
  })

  it('answers a hidden resource and a missing one alike', () => {
    const answer = (id: string): string =>
      JSON.stringify(fhirAnswer(world, { _tag: 'Read', type: 'Patient', id }, first, seesSecond)).replaceAll(id, 'ID')
    expect(answer('example-2')).toBe(answer('nobody'))
  })
})
