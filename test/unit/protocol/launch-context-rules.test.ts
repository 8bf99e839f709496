/** What a host without types may say about a launch: it is refused by name, and neither thrown at nor stored. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { newFixture } from '../../support/server-fixture.js'
import { atChoice } from '../../support/server/conversation.js'
import type { LaunchContext } from '../../../src/protocol/launch/launch-context.js'
import { checkContext } from '../../../src/protocol/launch/launch-context-rules.js'

const circle: Record<string, unknown> = {}
circle['self'] = circle

const deep = Array.from({ length: 20_000 }).reduce<unknown>((inner) => [inner], 1)

const wrong: ReadonlyArray<readonly [string, unknown, string]> = [
  ['nothing', null, 'context'],
  ['a text', 'Patient/1', 'context'],
  ['a list', [], 'context'],
  ['a member of the token response', { patient: '1', access_token: 'x' }, 'context'],
  ['a member that is misspelled', { Patient: '1' }, 'context'],
  ['an integer that JSON has no form for', { extensions: { __x: 10n } }, 'context'],
  ['what is not a number', { extensions: { __x: Number.NaN } }, 'context'],
  ['a function', { extensions: { __x: () => 1 } }, 'context'],
  ['a date', { extensions: { __x: new Date(0) } }, 'context'],
  ['a map', { extensions: { __x: new Map() } }, 'context'],
  ['a circle', { extensions: { __x: circle } }, 'context'],
  ['a deep value', { extensions: { __x: deep } }, 'context'],
  ['a large value', { extensions: { __x: 'x'.repeat(100_000) } }, 'context'],
  ['a patient id that leads elsewhere in a path', { patient: '..' }, 'patient'],
  ['an encounter id that leads elsewhere in a path', { encounter: '.' }, 'encounter'],
  ['a reference that leads elsewhere in a path', { fhirContext: [{ reference: 'Location/..' }] }, 'fhirContext'],
  ['no extensions', { extensions: null }, 'extensions'],
  ['a number of extensions', { extensions: 5 }, 'extensions'],
  ['an address in a list', { smart_style_url: ['https://ehr.example/style'] }, 'smart_style_url'],
  ['a reference in a list', { fhirContext: [{ reference: ['ImagingStudy/1'] }] }, 'fhirContext'],
  ['a reference without a text', { fhirContext: [{ reference: Object.create(null) as unknown }] }, 'fhirContext'],
  ['a canonical in a list', { fhirContext: [{ canonical: ['https://ehr.example/q'] }] }, 'fhirContext'],
  [
    'a role in a list',
    { fhirContext: [{ reference: 'Location/1', role: ['https://ehr.example/ward'] }] },
    'fhirContext'
  ],
  ['a list as entry', { fhirContext: [['ImagingStudy/1']] }, 'fhirContext']
]

describe('a launch context that cannot be stored or returned', () => {
  it.each(wrong)('%s', async (_name, context, member) => {
    for (const specVersion of ['2.0.0', '2.1.0', '2.2.0'] as const) {
      expect(checkContext(specVersion, context as LaunchContext)).toMatchObject({
        left: { _tag: 'LaunchContextInvalid', member }
      })
      const fixture = newFixture({ policy: { specVersion } })
      expect(
        (
          await fixture.server.ehr.offerLaunch({
            clientId: 'pub-app',
            launchedBy: null,
            context: context as LaunchContext
          })()
        )._tag
      ).toBe('Left')
      expect(fixture.memory.entries()).toEqual([])
      const { interaction } = await atChoice(fixture)
      expect(await fixture.server.interaction.contextChosen(interaction, context as LaunchContext)()).toMatchObject({
        refusal: { _tag: 'LaunchContextInvalid', member }
      })
    }
  })

  it('an identifier that JSON cannot hold', () => {
    expect(checkContext('2.2.0', { fhirContext: [{ identifier: { value: 10n } }] })).toMatchObject({
      left: { member: 'context' }
    })
  })

  it('and what can is kept as it is', async () => {
    const fixture = newFixture({ policy: { specVersion: '2.2.0' } })
    const context = {
      patient: '1',
      extensions: { __x: { a: [1, null, true, 'x'] }, 'https://ehr.example/y': undefined }
    }
    const handle = await fixture.server.ehr.offerLaunch({ clientId: 'pub-app', launchedBy: null, context })()
    // What the EHR has open is shown once somebody has signed in.
    const conversation = await atChoice(fixture, {
      launch: Either.isRight(handle) ? handle.right : '',
      scope: 'launch'
    })
    expect(conversation).toMatchObject({
      details: { context: { patient: '1', extensions: { __x: { a: [1, null, true, 'x'] } } } }
    })
  })
})
