/** Rows of the area "context": how context is requested, and when it is available. */
import * as Either from 'fp-ts/lib/Either.js'
import { expect } from 'vitest'
import type { Shown } from '../matrix.js'
import {
  converse,
  expectRedirects,
  launched,
  launchedTokens,
  outcomeOf,
  releases,
  tokensOf,
  tokensWith
} from '../../support/steps.js'
import { row } from '../matrix.js'
import { alice, authorize, bodyOf, clients, newFixture, refresh } from '../../support/server-fixture.js'
import type { FixtureOptions } from '../../support/server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import { decide } from '../../../src/protocol/access/decision.js'
import { defaultPolicy } from '../../../src/protocol/policy/policy.js'
import { parse, parseScope } from '../../../src/scopes/parse.js'
import { subsumption } from '../../../src/scopes/subsumes.js'

/** A world in which apps are registered for further scopes, and the user can choose further kinds of context. */
const widerWorld = (
  scope: string,
  contextTypes: ReadonlyArray<string> = ['patient', 'encounter', 'imagingstudy', 'questionnaire']
): FixtureOptions => ({
  settings: { features: { contextTypes } },
  ports: { clients: memoryClients(clients.map((client) => ({ ...client, scope: parse(scope) }))) }
})

const unavailable: FixtureOptions = { settings: { features: { contextTypes: [] } } }

export const scopeRows: ReadonlyArray<Shown> = [
  row(
    'CTX-001',
    'context is a snapshot: what the EHR launches next does not change an app that runs, nor what its refresh says',
    async () => {
      const fixture = newFixture()
      const first = await tokensOf(fixture, {
        launch: await launched(fixture, { patient: '123' }),
        scope: 'launch offline_access'
      })
      await tokensOf(fixture, { launch: await launched(fixture, { patient: '999' }), scope: 'launch offline_access' })
      expect(bodyOf(await refresh(fixture, String(first['refresh_token'])))).toMatchObject({ patient: '123' })
    }
  ),
  row(
    'CTX-002 CTX-015 CTX-016',
    'what a standalone app asks for is chosen before the consent: the engine says what is missing and goes on ' +
      'when all of it is there',
    async () => {
      const fixture = newFixture()
      const begun = await authorize(fixture, { scope: 'launch/patient launch/encounter' })
      if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
      const choosing = await fixture.server.interaction.userSignedIn(begun.interaction, alice)()
      expect(choosing._tag === 'NeedsContext' && choosing.needs).toEqual(['patient', 'encounter'])
      const interaction = { ...begun.interaction, present: alice }
      expect((await fixture.server.interaction.contextChosen(interaction, { patient: '123' })())._tag).toBe(
        'ShowRefusal'
      )
      expect(
        (await fixture.server.interaction.contextChosen(interaction, { patient: '123', encounter: 'e1' })())._tag
      ).toBe('NeedsConsent')
    }
  ),
  row(
    'CTX-005',
    'context is negotiated: what the user does not approve is not returned, nor is what was not requested',
    async () => {
      expect(
        await tokensWith(
          {},
          { scope: 'launch/patient launch/encounter openid' },
          { approved: 'launch/encounter openid' }
        )
      ).not.toHaveProperty('patient')
      const fixture = newFixture()
      const launch = await launched(fixture, { patient: '123', encounter: 'e9' })
      const body = await tokensOf(fixture, { launch, scope: 'launch/encounter openid' })
      expect([body['patient'], body['encounter']]).toEqual([undefined, 'e9'])
    }
  ),
  row('CTX-006', 'scopes for context are launch and launch/ with a type, and nothing else that begins so', () => {
    expect(['launch', 'launch/patient', 'launch/questionnaire'].map((text) => parseScope(text)._tag)).toEqual([
      'LaunchScope',
      'LaunchScope',
      'LaunchScope'
    ])
    expect(
      ['launchx', 'launch/', 'launch.patient', 'Launch', 'launch/a/b', 'xlaunch/patient'].map(
        (text) => parseScope(text)._tag
      )
    ).not.toContain('LaunchScope')
  }),
  row('CTX-007', 'context scopes stand among the others in any order and give the same', async () => {
    for (const scope of [
      'launch/patient openid patient/*.rs',
      'patient/*.rs launch/patient openid',
      'openid patient/*.rs launch/patient'
    ]) {
      expect(await tokensWith({}, { scope })).toMatchObject({ patient: '123', scope })
    }
  }),
  row(
    'CTX-008',
    "the launch ties the request to the EHR's session: another user who signs in gets access_denied, its own " +
      'user gets on',
    async () => {
      for (const [launchedBy, outcome] of [
        ['bob', 'redirect access_denied'],
        ['alice', 'redirect code'],
        [null, 'redirect code']
      ] as const) {
        const fixture = newFixture()
        expect(
          outcomeOf(
            await converse(fixture, {
              launch: await launched(fixture, { patient: '123' }, launchedBy),
              scope: 'launch'
            })
          )
        ).toBe(outcome)
      }
    }
  ),
  row(
    'CTX-009',
    'launch without the launch parameter is refused; the parameter without the scope is taken; the policy ' +
      'turns both around',
    async () => {
      await expectRedirects('invalid_request', [{ scope: 'launch' }, { scope: 'launch launch/patient' }])
      await expectRedirects('invalid_request', [{ launch: 'x', scope: 'openid' }], {
        launchParamWithoutScope: 'reject'
      })
      expect(await launchedTokens({}, { patient: '123' }, 'patient/*.rs')).toMatchObject({ patient: '123' })
      expect(
        outcomeOf(
          await authorize(newFixture({ policy: { launchScopeWithoutParam: 'treatAsStandalone' } }), {
            scope: 'launch openid'
          })
        )
      ).toBe('NeedsUser')
    }
  ),
  row(
    'CTX-010 CTX-011 CTX-208',
    'in an EHR launch every launch/ scope is a hint: what the EHR has is returned, what neither it nor the user ' +
      'has is left out and nothing fails',
    async () => {
      const options = widerWorld('launch launch/patient launch/encounter launch/imagingstudy user/*.rs', [])
      const body = await launchedTokens(
        options,
        { encounter: 'e9' },
        'launch launch/patient launch/encounter launch/imagingstudy user/*.rs'
      )
      expect([body['scope'], body['encounter'], body['patient']]).toEqual([
        'launch launch/encounter user/*.rs',
        'e9',
        undefined
      ])
    }
  ),
  row(
    'CTX-012 CTX-021',
    'where patient/ is granted there is a patient: in both kinds of launch, chosen or launched, or the scopes ' +
      'are dropped, or all is denied',
    async () => {
      for (const specVersion of releases) {
        const policy = { specVersion }
        for (const scope of [
          'patient/*.rs',
          'patient/Observation.r user/*.rs',
          'patient/*.read',
          'patient/Observation.rs?category=x'
        ]) {
          expect(await tokensWith({ policy }, { scope })).toMatchObject({ patient: '123', scope })
          expect(await launchedTokens({ policy }, { patient: '7' }, `launch ${scope}`)).toMatchObject({ patient: '7' })
          expect(await launchedTokens({ policy }, {}, `launch ${scope}`)).toMatchObject({ patient: '123' })
          expect((await launchedTokens({ ...unavailable, policy }, {}, `launch openid ${scope}`))['scope']).not.toMatch(
            /patient\//
          )
          expect((await tokensWith({ ...unavailable, policy }, { scope: `openid ${scope}` }))['scope']).toMatch(
            /^openid(?: user\/\*\.rs)?$/
          )
        }
        expect((await tokensWith({ policy }, { scope: 'openid patient/*.rs' }, { chosen: null }))['scope']).toBe(
          'openid'
        )
      }
      expect(
        outcomeOf(
          await converse(
            newFixture({ policy: { noPatientAvailable: 'deny' } }),
            { scope: 'openid patient/*.rs' },
            { chosen: null }
          )
        )
      ).toBe('redirect access_denied')
    }
  ),
  row('CTX-013 CTX-022', 'the policy may refuse patient/ scopes without launch or launch/patient', async () => {
    const refuse = { patientScopeWithoutContext: 'refuse' } as const
    await expectRedirects(
      'invalid_scope',
      [{ scope: 'patient/*.rs' }, { scope: 'openid patient/Patient.r', launch: 'x' }],
      refuse
    )
    expect(await tokensWith({ policy: refuse }, { scope: 'launch/patient patient/*.rs' })).toMatchObject({
      patient: '123'
    })
    expect(await launchedTokens({ policy: refuse }, { patient: '7' }, 'launch patient/*.rs')).toMatchObject({
      patient: '7'
    })
  }),
  row(
    'CTX-014 CTX-023',
    'by default patient/ scopes ask for a patient by themselves, in both kinds of launch',
    async () => {
      const fixture = newFixture()
      const begun = await authorize(fixture, { scope: 'patient/*.rs' })
      if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
      const choosing = await fixture.server.interaction.userSignedIn(begun.interaction, alice)()
      expect(choosing._tag === 'NeedsContext' && choosing.needs).toEqual(['patient'])
      expect(await launchedTokens({}, { patient: '7' }, 'patient/*.rs')).toMatchObject({ patient: '7' })
    }
  ),
  row(
    'CTX-017 CTX-018 CTX-024 CTX-310',
    'launch/patient gives patient and launch/encounter gives encounter, in EHR and standalone ' +
      'launches of every release',
    async () => {
      for (const specVersion of releases) {
        const options = { policy: { specVersion } }
        expect(await tokensWith(options, { scope: 'launch/patient' })).toMatchObject({ patient: '123' })
        expect(await tokensWith(options, { scope: 'launch/encounter' })).toMatchObject({ encounter: 'e1' })
        const body = await launchedTokens(options, { patient: '7', encounter: 'e7' }, 'launch/patient launch/encounter')
        expect([body['patient'], body['encounter']]).toEqual(['7', 'e7'])
      }
    }
  ),
  row(
    'CTX-019 CTX-038',
    'other types are requested as launch/type and come in fhirContext; a type that is not available is left out',
    async () => {
      const options = widerWorld('launch launch/imagingstudy launch/questionnaire launch/basic')
      const chosen = { fhirContext: [{ reference: 'ImagingStudy/9' }] }
      for (const specVersion of releases) {
        const body = await tokensWith(
          { ...options, policy: { specVersion } },
          { scope: 'launch/imagingstudy launch/basic' },
          { chosen }
        )
        expect([body['scope'], body['fhirContext']]).toEqual([
          'launch/imagingstudy',
          specVersion === '2.0.0' ? ['ImagingStudy/9'] : chosen.fhirContext
        ])
        expect(
          outcomeOf(
            await converse(
              newFixture({ ...options, policy: { specVersion } }),
              { scope: 'launch/questionnaire' },
              { chosen }
            )
          )
        ).toBe('page invalid_request')
      }
    }
  ),
  row(
    'CTX-020',
    'the type of a launch scope is written in lower case: another spelling is malformed and grants nothing',
    async () => {
      expect(parseScope('launch/diagnosticreport')).toMatchObject({ _tag: 'LaunchScope', type: 'diagnosticreport' })
      for (const text of ['launch/DiagnosticReport', 'launch/Patient', 'launch/PATIENT'])
        expect(parseScope(text)).toMatchObject({ _tag: 'MalformedScope', reason: 'LaunchMalformed' })
      await expectRedirects('invalid_scope', [{ scope: 'launch/Patient' }])
    }
  ),
  row(
    'CTX-028',
    'patient/ scopes are confined to the patient in context, and permit nothing where there is none',
    () => {
      const facts = { clientId: 'a', scopes: parse('patient/*.rs'), user: alice }
      const read = { _tag: 'Read', type: 'Observation', id: 'o1' } as const
      expect(decide(defaultPolicy, { ...facts, context: { patient: '123' } }, read)).toMatchObject({
        _tag: 'Filter',
        alternatives: [{ level: 'patient', patient: '123' }]
      })
      expect(decide(defaultPolicy, { ...facts, context: {} }, read)._tag).toBe('Deny')
    }
  ),
  row(
    'CTX-307 CTX-308',
    'launch/type?role= is a launch scope with that role; two roles, an empty one or another parameter are ' +
      'malformed; releases before 2.2.0 do not grant it',
    async () => {
      expect(parseScope('launch/questionnaire?role=https://x.example/r')).toMatchObject({
        _tag: 'LaunchScope',
        type: 'questionnaire',
        role: 'https://x.example/r'
      })
      for (const text of [
        'launch/patient?role=a&role=b',
        'launch/patient?role=',
        'launch/patient?x=a',
        'launch/patient?role=a?role=b',
        'launch?role=a'
      ]) {
        expect([text, parseScope(text)._tag === 'LaunchScope']).toEqual([text, false])
      }
      expect(subsumption(parse('launch/patient'), parse('launch/patient?role=a'))).toEqual(Either.right(false))
      const options = widerWorld('openid launch/imagingstudy?role=https://x.example/r')
      for (const specVersion of releases) {
        const body = await tokensWith(
          { ...options, policy: { specVersion } },
          { scope: 'openid launch/imagingstudy?role=https://x.example/r' },
          { chosen: { fhirContext: [{ reference: 'ImagingStudy/9' }] } }
        )
        expect([specVersion, body['scope']]).toEqual([
          specVersion,
          specVersion === '2.2.0' ? 'openid launch/imagingstudy?role=https://x.example/r' : 'openid'
        ])
      }
    }
  ),
  row(
    'CTX-309',
    'context for a role is requested from the host like any other, for patients and encounters too; the host answers ' +
      'with that role, or with what it has of the type',
    async () => {
      const options: FixtureOptions = {
        ...widerWorld('launch/patient?role=https://x.example/sibling launch/encounter?role=https://x.example/last'),
        policy: { specVersion: '2.2.0' }
      }
      const fixture = newFixture(options)
      const scope = 'launch/patient?role=https://x.example/sibling launch/encounter?role=https://x.example/last'
      const begun = await authorize(fixture, { scope })
      if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
      const choosing = await fixture.server.interaction.userSignedIn(begun.interaction, alice)()
      expect(choosing._tag === 'NeedsContext' && choosing.needs).toEqual(['patient', 'encounter'])
      const fhirContext = [
        { reference: 'Patient/9', role: 'https://x.example/sibling' },
        { reference: 'Encounter/8', role: 'https://x.example/last' }
      ]
      expect(await tokensWith(options, { scope }, { chosen: { fhirContext } })).toMatchObject({ scope, fhirContext })
      expect(await tokensWith(options, { scope }, { chosen: { patient: '1', encounter: '2' } })).toMatchObject({
        scope,
        patient: '1',
        encounter: '2'
      })
      // A patient in another role is no patient in context: patient/ scopes still need one.
      const both = { ...options, ...widerWorld('launch/patient?role=https://x.example/sibling patient/*.rs') }
      expect(
        outcomeOf(
          await converse(
            newFixture({ ...both, policy: { specVersion: '2.2.0' } }),
            { scope: `patient/*.rs launch/patient?role=https://x.example/sibling` },
            { chosen: { fhirContext } }
          )
        )
      ).toBe('page invalid_request')
    }
  )
]
