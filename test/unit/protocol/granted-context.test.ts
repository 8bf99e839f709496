import * as Either from 'fp-ts/lib/Either.js'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scopeSets } from '../../../src/testing/arbitraries.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import { contextUnderScopes, contextMemberTable } from '../../../src/protocol/grant/granted-context.js'
import type { LaunchContext } from '../../../src/protocol/launch/launch-context.js'
import { parse } from '../../../src/scopes/parse.js'
import { asBearer, asRs, callersWorld, introspect } from '../../support/server/callers.js'
import { waiting } from '../../support/server/conversation.js'
import type { Fixture } from '../../support/server-fixture.js'
import {
  alice,
  authorize,
  bodyOf,
  clients,
  exchange,
  get,
  newFixture,
  redirected,
  refresh
} from '../../support/server-fixture.js'

const context: LaunchContext = {
  patient: 'A',
  encounter: 'E',
  intent: 'review',
  tenant: 'clinic-7',
  smart_style_url: 'https://ehr.example/s.json',
  need_patient_banner: true,
  extensions: { __mrn: '12345' },
  fhirContext: [{ reference: 'ImagingStudy/1' }]
}

const everyMember = Object.keys(context).sort()

describe('the context that is returned', () => {
  it.each([
    ['launch', everyMember],
    ['launch openid', everyMember],
    ['launch/patient', ['need_patient_banner', 'patient']],
    ['patient/Observation.rs', ['need_patient_banner', 'patient']],
    ['launch/encounter', ['encounter']],
    ['launch/imagingstudy', ['fhirContext']],
    ['launch/imagingstudy?role=x', ['fhirContext']],
    ['user/*.cruds openid fhirUser offline_access', []],
    ['__vendor launch/other', []],
    ['', []]
  ])('to %j', (scope, members) => {
    expect(Object.keys(contextUnderScopes(parse(scope), context)).sort()).toEqual(members)
  })

  it('has a row for each member', () => {
    expect([...contextMemberTable.map(({ member }) => member), 'fhirContext'].sort()).toEqual(everyMember)
  })

  it('is never more for fewer scopes, and nothing without a scope that asks for it', () => {
    fc.assert(
      fc.property(scopeSets(), scopeSets(), (some, more) => {
        const [less, all] = [contextUnderScopes(some, context), contextUnderScopes([...some, ...more], context)]
        for (const [member, value] of Object.entries(less)) expect(all[member as keyof LaunchContext]).toEqual(value)
        const asks = some.some(({ text, _tag }) => _tag === 'LaunchScope' || text.startsWith('patient/'))
        if (!asks) expect(less).toEqual({})
        expect(contextUnderScopes(some, less)).toEqual(less)
      })
    )
  })
})

const reported = (members: Readonly<Record<string, unknown>>) => {
  const { patient, encounter, intent, tenant, smart_style_url, need_patient_banner, __mrn, fhirContext } = members
  return Object.fromEntries(
    Object.entries({
      patient,
      encounter,
      intent,
      tenant,
      smart_style_url,
      need_patient_banner,
      __mrn,
      fhirContext
    }).filter(([, value]) => value !== undefined)
  )
}

const ofPatient = { patient: 'A', need_patient_banner: true }

/** The tokens of an EHR launch in which the user approved some of the scopes. */
const approvedTokens = async (fixture: Fixture, scope: string, approved: string) => {
  const launch = await fixture.server.ehr.offerLaunch({ clientId: 'pub-app', launchedBy: 'alice', context })()
  const requested = waiting(await authorize(fixture, { scope, launch: Either.isRight(launch) ? launch.right : '' }))
  const consent = waiting(await fixture.server.interaction.userSignedIn(requested.interaction, alice)())
  const end = await fixture.server.interaction.consentGiven(consent.interaction, parse(approved))()
  return bodyOf(await exchange(fixture, redirected(end)?.get('code') ?? ''))
}

const all = 'launch openid offline_access patient/*.rs user/*.rs'

describe.each(['opaque', 'jwt'] as const)('with %s access tokens', (accessTokenFormat) => {
  /** What an answer contains: beside the token, to the resource server, by introspection, and in the claims. */
  const reportedOf = async (fixture: Fixture, body: Readonly<Record<string, unknown>>) => {
    const token = String(body['access_token'])
    const bearer = await fixture.server.resource.bearer(get('/fhir/Patient/A', '', asBearer(token)))()
    const inspected = reported(bodyOf(await introspect(fixture, token, asRs)))
    expect(inspected).toEqual(reported(body))
    const { extensions = {}, ...facts } = Either.isRight(bearer) ? bearer.right.context : {}
    expect(reported({ ...facts, ...extensions, fhirContext: reported(body)['fhirContext'] })).toEqual(reported(body))
    if (accessTokenFormat === 'jwt') {
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Readonly<
        Record<string, unknown>
      >
      expect([claims['patient'], claims['encounter']]).toEqual([reported(body)['patient'], reported(body)['encounter']])
    }
    return reported(body)
  }

  it.each([
    [all, everyMember.map((name) => (name === 'extensions' ? '__mrn' : name)).sort()],
    ['openid', []],
    ['openid user/*.rs', []],
    ['patient/*.rs', ['need_patient_banner', 'patient']]
  ])('the user approves %j', async (approved, members) => {
    const fixture = callersWorld({ policy: { accessTokenFormat } })
    expect(Object.keys(await reportedOf(fixture, await approvedTokens(fixture, all, approved))).sort()).toEqual(members)
  })

  it('a refresh returns the context of its own scope', async () => {
    const fixture = callersWorld({ policy: { accessTokenFormat } })
    let body = await approvedTokens(fixture, all, all)
    const whole = reported(body)
    for (const [scope, members] of [
      ['openid', {}],
      ['user/*.rs', {}],
      ['patient/Observation.rs', ofPatient],
      [all, whole]
    ] as const) {
      body = bodyOf(await refresh(fixture, String(body['refresh_token']), { scope }))
      expect([scope, await reportedOf(fixture, body)]).toEqual([scope, members])
    }
  })
})

it('a code of which a scope is no longer registered when it is presented gives no context', async () => {
  const known = { now: clients }
  const fixture = newFixture({
    ports: { clients: { ...memoryClients(clients), find: (id) => memoryClients(known.now).find(id) } }
  })
  const launch = await fixture.server.ehr.offerLaunch({ clientId: 'pub-app', launchedBy: 'alice', context })()
  const requested = waiting(
    await authorize(fixture, { scope: all, launch: Either.isRight(launch) ? launch.right : '' })
  )
  const consent = waiting(await fixture.server.interaction.userSignedIn(requested.interaction, alice)())
  const end = await fixture.server.interaction.consentGiven(consent.interaction, parse(all))()
  known.now = clients.map((client) => ({ ...client, scope: parse('patient/*.rs') }))
  const body = bodyOf(await exchange(fixture, redirected(end)?.get('code') ?? ''))
  expect([body['error'], reported(body)]).toEqual(['invalid_grant', {}])
})
