/** The area "launch": app-launch, "Launch App: EHR Launch" and "Launch App: Standalone Launch". */
import { expect } from 'vitest'
import type { Area, Shown } from '../matrix.js'
import { converse, launched, launchedTokens, outcomeOf, releases, tokensOf } from '../../support/steps.js'
import { outside, row } from '../matrix.js'
import { alice, authorize, fhirBaseUrl, newFixture, redirected, sha256 } from '../../support/server-fixture.js'
import { launchUrl } from '../../../src/engine/server/interaction/offer-launch.js'

/** The parameters of a launch address. */
const parametersOf = (address: string): URLSearchParams => new URLSearchParams(address.slice(address.indexOf('?') + 1))

const shown: ReadonlyArray<Shown> = [
  row(
    'LCH-001',
    'a handle is 256 random bits, stored as a digest, and gives at the authorization request exactly the ' +
      'context that the EHR put behind it',
    async () => {
      const context = {
        patient: '123',
        encounter: 'e9',
        need_patient_banner: true,
        intent: 'x',
        tenant: 't',
        smart_style_url: 'https://ehr.example/s.json'
      }
      for (const specVersion of releases) {
        const fixture = newFixture({ policy: { specVersion } })
        const [handle, other] = [await launched(fixture, context), await launched(fixture, context)]
        expect(handle).toMatch(/^[A-Za-z0-9_-]{43}$/)
        expect(handle).not.toBe(other)
        const stored = fixture.memory.entries().flat().join()
        expect([stored.includes(handle), stored.includes(sha256(handle))]).toEqual([false, true])
        const begun = await authorize(fixture, { launch: handle, scope: 'launch' })
        if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
        // Before a user has signed in, the page receives nothing of it.
        expect(begun.details.context).toEqual({})
        const known = await fixture.server.interaction.userSignedIn(begun.interaction, alice)()
        expect(known._tag === 'NeedsConsent' && known.details.context).toEqual(context)
        expect(await launchedTokens({ policy: { specVersion } }, context, 'launch')).toMatchObject(context)
      }
    }
  ),
  row(
    'LCH-003 LCH-004 LCH-005',
    'the launch address is the registered one with iss, the FHIR base URL, and launch, percent-encoded, beside ' +
      'the query that it has',
    () => {
      const plain = launchUrl('https://app.example/launch', fhirBaseUrl, 'h-1')
      expect(plain.startsWith('https://app.example/launch?')).toBe(true)
      expect([...parametersOf(plain)]).toEqual([
        ['iss', fhirBaseUrl],
        ['launch', 'h-1']
      ])
      const queried = launchUrl('https://app.example/launch?x=%2F&y', 'https://ehr.example/a b/fhir?t=1', 'a&b=c+d')
      expect(queried.startsWith('https://app.example/launch?x=%2F&y&iss=https%3A%2F%2F')).toBe(true)
      expect([parametersOf(queried).get('iss'), parametersOf(queried).get('launch')]).toEqual([
        'https://ehr.example/a b/fhir?t=1',
        'a&b=c+d'
      ])
    }
  ),
  row('LCH-006', 'a launch value counts to the character: one that came back changed is unknown', async () => {
    const fixture = newFixture()
    const handle = await launched(fixture, { patient: '123' })
    for (const changed of [`${handle}x`, handle.slice(0, -1), handle.toLowerCase(), ` ${handle}`, `${handle}=`]) {
      expect([
        changed,
        redirected(await authorize(fixture, { launch: changed, scope: 'launch' }))?.get('error')
      ]).toEqual([changed, 'invalid_request'])
    }
    expect(outcomeOf(await converse(fixture, { launch: handle, scope: 'launch' }))).toBe('redirect code')
  }),
  row(
    'LCH-007',
    'a launch without the scope launch gets no context that it did not ask for, and is refused where the ' +
      'policy is strict',
    async () => {
      const fixture = newFixture()
      const body = await tokensOf(fixture, {
        launch: await launched(fixture, { patient: '123', encounter: 'e9' }),
        scope: 'openid'
      })
      expect([body['patient'], body['encounter']]).toEqual([undefined, undefined])
      expect(await launchedTokens({}, { patient: '123', encounter: 'e9' }, 'launch openid')).toMatchObject({
        patient: '123',
        encounter: 'e9'
      })
      const strict = newFixture({ policy: { launchParamWithoutScope: 'reject' } })
      expect(
        outcomeOf(await authorize(strict, { launch: await launched(strict, { patient: '123' }), scope: 'openid' }))
      ).toBe('redirect invalid_request')
    }
  ),
  row(
    'LCH-201',
    'the resource server needs nothing of the authorization server but the facts behind a token: it decides ' +
      'from them alone',
    async () => {
      const { decide, defaultPolicy, interactionOf } = await import('../../../src/fp-ts.js')
      const search = interactionOf({ method: 'GET', path: '/Observation', query: '', headers: {}, body: '' })
      const fixture = newFixture()
      const { access_token } = await tokensOf(fixture, {
        launch: await launched(fixture, { patient: '123' }),
        scope: 'launch patient/*.rs'
      })
      const facts = await fixture.server.resource.bearer({
        method: 'GET',
        path: '/fhir/Patient/123',
        query: '',
        headers: { authorization: `Bearer ${String(access_token)}` },
        body: ''
      })()
      if (facts._tag === 'Left') throw new Error(facts.left._tag)
      const plain = JSON.parse(JSON.stringify(facts.right)) as typeof facts.right
      expect(decide(defaultPolicy, plain, search)).toMatchObject({
        _tag: 'Filter',
        alternatives: [{ level: 'patient', patient: '123' }]
      })
      expect(decide(defaultPolicy, plain, search)._tag).toBe(decide(defaultPolicy, facts.right, search)._tag)
    }
  )
]

export const launch: Area = {
  area: 'launch',
  shown,
  outside: [
    outside(
      'LCH-202',
      'the EHR: who makes a Task out of a wish to launch hands its patient, encounter and app to offerLaunch; ' +
        'reading Tasks is work of its FHIR server'
    )
  ]
}
