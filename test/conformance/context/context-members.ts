/** Rows of the area "context": the members beside the access token, by release. */
import { expect } from 'vitest'
import type { Shown } from '../matrix.js'
import { converse, launched, launchedTokens, redirectHolds, releases, tokensOf } from '../../support/steps.js'
import { row } from '../matrix.js'
import type { Release } from '../../support/steps.js'
import { newFixture } from '../../support/server-fixture.js'
import type { LaunchContext } from '../../../src/protocol/launch/launch-context.js'
import { contextMembers } from '../../../src/protocol/launch/launch-context.js'
import { checkContext } from '../../../src/protocol/launch/launch-context-rules.js'
import { isStyleUrlOf, readStyle, styleProperties, styleUrl } from '../../../src/protocol/app/style.js'

const takes = (release: Release, context: unknown): boolean =>
  checkContext(release, context as LaunchContext)._tag === 'Right'

/** In which releases a context is taken. */
const takenIn = (context: unknown): ReadonlyArray<string> => releases.filter((release) => takes(release, context))

const entries = (...fhirContext: ReadonlyArray<unknown>): unknown => ({ fhirContext })

export const memberRows: ReadonlyArray<Shown> = [
  row(
    'CTX-003 CTX-025 CTX-026',
    'context stands at the top of the token response, requested or not, in no redirect, and overwrites no ' +
      'member of OAuth',
    async () => {
      const context = {
        patient: '123',
        intent: 'reconcile',
        tenant: 't1',
        smart_style_url: 'https://ehr.example/style.json',
        need_patient_banner: true
      }
      expect(await launchedTokens({}, context, 'launch')).toMatchObject({
        ...context,
        token_type: 'Bearer',
        scope: 'launch'
      })
      const fixture = newFixture()
      const conversation = await converse(fixture, { launch: await launched(fixture, context), scope: 'launch' })
      expect(redirectHolds(conversation, 'reconcile')).toBe(false)
      for (const name of ['access_token', 'scope', 'token_type', 'expires_in', 'refresh_token', 'id_token', 'error']) {
        expect([name, takenIn({ extensions: { [name]: 'x' } })]).toEqual([name, []])
      }
    }
  ),
  row(
    'CTX-004 CTX-027 CTX-029',
    'patient and encounter are bare ids in the grammar of FHIR; a reference, an empty text or a number is refused',
    () => {
      for (const name of ['patient', 'encounter']) {
        for (const good of ['123', 'a-b.C', 'x'.repeat(64)]) expect(takenIn({ [name]: good })).toEqual(releases)
        for (const wrong of [
          'Patient/123',
          'https://ehr.example/fhir/Patient/1',
          '',
          'x'.repeat(65),
          'a b',
          'a_b',
          7,
          null
        ])
          expect([wrong, takenIn({ [name]: wrong })]).toEqual([wrong, []])
      }
    }
  ),
  row(
    'CTX-030',
    'in 2.0.0 fhirContext is an array of strings, each a relative reference; roles, canonicals and absolute ' +
      'addresses are refused when they enter',
    async () => {
      expect(await launchedTokens({}, { fhirContext: [{ reference: 'ImagingStudy/9' }] }, 'launch')).toMatchObject({
        fhirContext: ['ImagingStudy/9']
      })
      for (const wrong of [
        { reference: 'https://ehr.example/fhir/ImagingStudy/9' },
        { reference: 'ImagingStudy' },
        { reference: 'imagingstudy/9' },
        { reference: 'ImagingStudy/9', role: 'launch' },
        {},
        'ImagingStudy/9'
      ]) {
        expect([JSON.stringify(wrong), takes('2.0.0', entries(wrong))]).toEqual([JSON.stringify(wrong), false])
      }
    }
  ),
  row(
    'CTX-031 CTX-206 CTX-039',
    'Patient and Encounter are never in fhirContext with the role launch, said or implied, in any release; ' +
      'they are members of their own',
    async () => {
      for (const reference of ['Patient/1', 'Encounter/1']) {
        expect(takenIn(entries({ reference }))).toEqual([])
        expect(takenIn(entries({ reference, role: 'launch' }))).toEqual([])
        expect(takenIn(entries({ reference, role: 'https://x.example/r' }))).toEqual(['2.1.0', '2.2.0'])
      }
      expect(takenIn(entries({ identifier: { value: '1' }, type: 'Patient' }))).toEqual([])
      expect(await launchedTokens({}, { patient: '1', encounter: '2' }, 'launch')).toMatchObject({
        patient: '1',
        encounter: '2'
      })
      expect(await launchedTokens({}, { patient: '1', encounter: '2' }, 'launch')).not.toHaveProperty('fhirContext')
    }
  ),
  row('CTX-032 CTX-207', 'several entries may have one type and one role, and all are returned', async () => {
    const fhirContext = [{ reference: 'ImagingStudy/1' }, { reference: 'ImagingStudy/2' }]
    for (const specVersion of releases) {
      const body = await launchedTokens({ policy: { specVersion } }, { fhirContext }, 'launch')
      expect(body['fhirContext']).toEqual(specVersion === '2.0.0' ? ['ImagingStudy/1', 'ImagingStudy/2'] : fhirContext)
    }
    expect(
      takenIn(
        entries(
          { reference: 'Location/1', role: 'https://x.example/r' },
          { reference: 'Location/2', role: 'https://x.example/r' }
        )
      )
    ).toEqual(['2.1.0', '2.2.0'])
  }),
  row(
    'CTX-033 CTX-209',
    'need_patient_banner is a JSON boolean in every release: texts and numbers are refused, true and false ' +
      'travel as they are',
    async () => {
      for (const wrong of ['true', 'false', 0, 1, null]) expect(takenIn({ need_patient_banner: wrong })).toEqual([])
      for (const need_patient_banner of [true, false]) {
        for (const specVersion of releases)
          expect(
            (await launchedTokens({ policy: { specVersion } }, { need_patient_banner }, 'launch'))[
              'need_patient_banner'
            ]
          ).toBe(need_patient_banner)
      }
    }
  ),
  row('CTX-035 CTX-041', 'intent is any text: nothing else is taken, and no list of intents stands in its way', () => {
    for (const intent of ['reconcile-medications', 'ü', 'whatever two parties agree on'])
      expect(takenIn({ intent })).toEqual(releases)
    for (const intent of [7, {}, null, '']) expect(takenIn({ intent })).toEqual([])
  }),
  row('CTX-036', 'smart_style_url is an absolute http or https address', () => {
    expect(takenIn({ smart_style_url: 'https://ehr.example/style.json' })).toEqual(releases)
    for (const wrong of ['/style.json', 'style.json', 'javascript:alert(1)', 'data:text/json,{}', 7, ''])
      expect([wrong, takenIn({ smart_style_url: wrong })]).toEqual([wrong, []])
  }),
  row('CTX-037', 'tenant is a text', () => {
    expect(takenIn({ tenant: 'org-1' })).toEqual(releases)
    for (const wrong of [7, {}, '']) expect(takenIn({ tenant: wrong })).toEqual([])
  }),
  row(
    'CTX-042 CTX-043 CTX-047',
    'a style document is an object with at least one of the eleven properties, all of them texts, empty ones ' +
      'among them; others are left out',
    () => {
      expect([...styleProperties].sort()).toEqual([
        'color_background',
        'color_error',
        'color_highlight',
        'color_modal_backdrop',
        'color_success',
        'color_text',
        'dim_border_radius',
        'dim_font_size',
        'dim_spacing_size',
        'font_family_body',
        'font_family_heading'
      ])
      for (const name of styleProperties)
        expect(readStyle({ [name]: '' })).toMatchObject({ _tag: 'Right', right: { [name]: '' } })
      expect(readStyle({ color_text: '#000', x: 1 })).toEqual({ _tag: 'Right', right: { color_text: '#000' } })
      for (const wrong of [
        {},
        { x: '1' },
        { color_text: 7 },
        [],
        null,
        'x',
        JSON.parse('{"__proto__": {"color_text": "x"}}')
      ])
        expect([JSON.stringify(wrong), readStyle(wrong)._tag]).toEqual([JSON.stringify(wrong), 'Left'])
    }
  ),
  row(
    'CTX-044',
    'the address of a style is made from the digest of its content: other content has another address',
    () => {
      const [one, other] = [
        styleUrl('https://ehr.example/styles/', 'a'.repeat(43)),
        styleUrl('https://ehr.example/styles', 'b'.repeat(43))
      ]
      expect([one, other]).toEqual([
        `https://ehr.example/styles/${'a'.repeat(43)}.json`,
        `https://ehr.example/styles/${'b'.repeat(43)}.json`
      ])
      expect([isStyleUrlOf(one, 'a'.repeat(43)), isStyleUrlOf(one, 'b'.repeat(43))]).toEqual([true, false])
    }
  ),
  row(
    'CTX-048',
    'extensions are named by a full URI or begin with two underscores; they are returned under their own names, ' +
      'and no other name is taken',
    async () => {
      const extensions = { 'https://ehr.example/ext': { a: 1 }, __ward: 'b' }
      for (const specVersion of releases)
        expect(await launchedTokens({ policy: { specVersion } }, { patient: '1', extensions }, 'launch')).toMatchObject(
          { patient: '1', ...extensions }
        )
      for (const name of ['ward', '_ward', 'patient', 'ext/x', '__proto__'])
        expect([name, takenIn({ extensions: Object.fromEntries([[name, 'x']]) })]).toEqual([name, []])
    }
  ),
  row('CTX-201', 'in 2.1.0 fhirContext is an array of objects, each with a relative reference', async () => {
    const fhirContext = [{ reference: 'ImagingStudy/9', role: 'https://x.example/r' }]
    const fixture = newFixture({ policy: { specVersion: '2.1.0' } })
    expect(
      await tokensOf(fixture, { launch: await launched(fixture, { fhirContext }), scope: 'launch' })
    ).toMatchObject({
      fhirContext
    })
    for (const wrong of [
      'ImagingStudy/9',
      {},
      { role: 'launch' },
      { canonical: 'https://x.example/q' },
      { identifier: { value: '1' } },
      { reference: 'https://ehr.example/fhir/A/1' }
    ]) {
      expect([JSON.stringify(wrong), takes('2.1.0', entries(wrong))]).toEqual([JSON.stringify(wrong), false])
    }
    expect(contextMembers('2.1.0', { fhirContext: [{ reference: 'ImagingStudy/9' }] })).toEqual({
      fhirContext: [{ reference: 'ImagingStudy/9' }]
    })
  }),
  row(
    'CTX-202 CTX-203 CTX-204',
    'a role may be left out; it is launch or an absolute URI, never empty and never another word',
    () => {
      for (const role of [undefined, 'launch', 'https://x.example/r', 'urn:x:y']) {
        expect(takenIn(entries({ reference: 'Location/1', ...(role === undefined ? {} : { role }) }))).toEqual(
          role === undefined ? releases : ['2.1.0', '2.2.0']
        )
      }
      for (const role of ['', 'ward', 'Launch', '/r', 'r/x', 'https:'])
        expect([role, takenIn(entries({ reference: 'Location/1', role }))]).toEqual([role, []])
    }
  ),
  row(
    'CTX-301 CTX-302 CTX-303',
    'from 2.2.0 on an entry has a reference, a canonical (with or without version) or an identifier, and may ' +
      'have more members',
    async () => {
      for (const entry of [
        { canonical: 'https://x.example/q' },
        { canonical: 'https://x.example/q|1.0' },
        { identifier: { system: 'https://x.example', value: '1' }, type: 'Questionnaire' }
      ]) {
        expect([entry, takenIn(entries(entry))]).toEqual([entry, ['2.2.0']])
        expect(
          await launchedTokens({ policy: { specVersion: '2.2.0' } }, { fhirContext: [entry] }, 'launch')
        ).toMatchObject({ fhirContext: [entry] })
      }
      expect(takenIn(entries({ reference: 'Location/1', canonical: 'https://x.example/q', type: 'Location' }))).toEqual(
        ['2.2.0']
      )
      for (const wrong of [
        {},
        { type: 'Questionnaire' },
        { role: 'launch' },
        { canonical: 'q' },
        { canonical: '' },
        { identifier: 'x' }
      ]) {
        expect([JSON.stringify(wrong), takes('2.2.0', entries(wrong))]).toEqual([JSON.stringify(wrong), false])
      }
    }
  ),
  row(
    'CTX-304',
    'the type that stands beside a canonical or an identifier says for which launch scope the entry is: ' +
      'without it, only launch gets it',
    async () => {
      const identified = { identifier: { value: '1' }, type: 'Questionnaire' }
      const untyped = { identifier: { value: '2' } }
      const options = { policy: { specVersion: '2.2.0' as const } }
      expect((await launchedTokens(options, { fhirContext: [identified, untyped] }, 'launch'))['fhirContext']).toEqual([
        identified,
        untyped
      ])
      expect(await launchedTokens(options, { fhirContext: [untyped] }, 'openid')).not.toHaveProperty('fhirContext')
    }
  )
]
