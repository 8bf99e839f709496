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

  const patientRole = 'because the member patient of the context names that of the launch'

  it.each<[string, '2.0.0' | '2.1.0' | '2.2.0', ReadonlyArray<unknown>, string, string, string]>([
    [
      'a text in place of an entry',
      '2.2.0',
      [{ reference: 'Media/1' }, 'Media/2'],
      '[1]',
      'an object, such as',
      '"Media/2"'
    ],
    [
      'an entry of 2.0.0 that names nothing',
      '2.0.0',
      [{ role: 'launch' }],
      '[0]',
      'a reference, canonical or',
      'an object'
    ],
    [
      'a role in 2.0.0',
      '2.0.0',
      [{ reference: 'Media/1', role: 'launch' }],
      '[0].role',
      'has a reference alone',
      '"launch"'
    ],
    [
      'an unknown member in 2.0.0',
      '2.0.0',
      [{ reference: 'Media/1', ward: 7 }],
      '[0].ward',
      'has a reference alone',
      '7'
    ],
    [
      'an identifier in 2.1.0',
      '2.1.0',
      [{ identifier: {} }],
      '[0].identifier',
      'identifier came with 2.2.0',
      'an object'
    ],
    [
      'an absolute reference',
      '2.2.0',
      [{ reference: 'https://a.example/Media/1' }],
      '[0].reference',
      'a relative reference',
      '"https://a.example/Media/1"'
    ],
    [
      'a reference with a hidden character',
      '2.2.0',
      [{ reference: 'Media/\u202e1' }],
      '[0].reference',
      'a relative',
      '"Media/\\u{202e}1"'
    ],
    ['a canonical that is a name', '2.2.0', [{ canonical: 'form' }], '[0].canonical', 'an absolute URI', '"form"'],
    ['an identifier that is a text', '2.2.0', [{ identifier: '7' }], '[0].identifier', 'an object', '"7"'],
    [
      'a type that is none',
      '2.2.0',
      [{ canonical: 'urn:a', type: 'form' }],
      '[0].type',
      'the name of a resource type',
      '"form"'
    ],
    [
      'a role that is a word',
      '2.1.0',
      [{ reference: 'Media/1' }, { reference: 'Media/2', role: 'ward' }],
      '[1].role',
      'launch, or an absolute URI',
      '"ward"'
    ],
    [
      'a patient',
      '2.1.0',
      [{ reference: 'Patient/1' }],
      '[0].reference',
      `no Patient, unless it has another role than launch, ${patientRole}`,
      '"Patient/1"'
    ],
    [
      'a patient in 2.0.0, which has no roles',
      '2.0.0',
      [{ reference: 'Patient/1' }],
      '[0].reference',
      `no Patient, ${patientRole}`,
      '"Patient/1"'
    ],
    [
      'a type that says Encounter',
      '2.2.0',
      [{ canonical: 'urn:a', type: 'Encounter' }],
      '[0].type',
      'no Encounter, unless',
      '"Encounter"'
    ]
  ])('%s, with its place, its value and why', (_name, release, fhirContext, place, expected, found) => {
    const checked = checkContext(release, { fhirContext } as LaunchContext)
    expect(checked).toEqual({
      _tag: 'Left',
      left: {
        _tag: 'LaunchContextInvalid',
        member: 'fhirContext',
        place: `fhirContext${place}`,
        expected: expect.stringContaining(expected) as string,
        found
      }
    })
  })

  it('with a short form of a long value, and the value of any other member', () => {
    expect(checkContext('2.2.0', { fhirContext: [{ role: 'x'.repeat(5000), reference: 'Media/1' }] })).toMatchObject({
      left: { found: expect.stringMatching(/^"x{30,60}…\(\d+ more characters\)…x+"$/) as string }
    })
    expect(checkContext('2.2.0', { patient: 'Patient/1' })).toMatchObject({
      left: { member: 'patient', found: '"Patient/1"' }
    })
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
