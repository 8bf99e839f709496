import * as Either from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTokenResponse } from '../../../src/protocol/app/token-response.js'
import { fhirUrl } from '../../../src/protocol/app/fhir-url.js'

const read = (body: unknown, acceptTextBooleans = false) =>
  readTokenResponse(
    { status: 200, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) },
    { acceptTextBooleans }
  )

const least = { access_token: 't', token_type: 'Bearer' }

describe('a token response', () => {
  it.each([
    ['nothing but a token', {}, { expiresIn: null, scope: null, refreshToken: null, idToken: null, context: {} }],
    ['an empty scope, which is not an absent one', { scope: '' }, { scope: '' }],
    ['seconds as a text', { expires_in: '3600' }, { expiresIn: 3600 }],
    [
      'null for what is absent',
      { scope: null, refresh_token: null, patient: null, expires_in: null },
      { scope: null, refreshToken: null, context: {} }
    ],
    [
      'a reference in the place of an id',
      { patient: 'Patient/456', encounter: 'Encounter/7' },
      { context: { patient: '456', encounter: '7' } }
    ],
    [
      'references and objects',
      { fhirContext: ['A/1', { reference: 'B/2', role: 'x:y' }] },
      { context: { fhirContext: [{ reference: 'A/1' }, { reference: 'B/2', role: 'x:y' }] } }
    ],
    ['a banner', { need_patient_banner: false }, { context: { need_patient_banner: false } }],
    ['what nobody defined', { __x: 1 }, { context: { extensions: { __x: 1 } } }]
  ])('may have %s', (_what, members, expected) => {
    expect(read({ ...least, ...members })).toMatchObject({ right: expected })
  })

  it.each([
    ['access_token', { access_token: undefined }],
    ['access_token', { access_token: '' }],
    ['access_token', { access_token: 'a b' }],
    ['token_type', { token_type: undefined }],
    ['expires_in', { expires_in: -1 }],
    ['expires_in', { expires_in: 'soon' }],
    ['scope', { scope: ['a'] }],
    ['patient', { patient: 123 }],
    ['patient', { patient: 'Group/1' }],
    ['patient', { patient: '../x' }],
    ['fhirContext', { fhirContext: 'A/1' }],
    ['fhirContext', { fhirContext: [1] }],
    ['fhirContext', { fhirContext: [{ role: 1 }] }],
    ['need_patient_banner', { need_patient_banner: 'true' }],
    ['intent', { intent: {} }]
  ])('with a wrong %s is refused by its name: %j', (member, members) => {
    expect(read({ ...least, ...members })).toMatchObject({ left: { _tag: 'TokenResponseMalformed', member } })
  })

  it('takes texts for booleans only where that is allowed', () => {
    expect(read({ ...least, need_patient_banner: 'false' }, true)).toMatchObject({
      right: { context: { need_patient_banner: false } }
    })
  })

  it.each([
    [
      400,
      '{"error":"invalid_grant","error_description":"x"}',
      { status: 400, error: 'invalid_grant', description: 'x' }
    ],
    [401, '{"resourceType":"OperationOutcome"}', { status: 401, error: null, description: null }],
    [502, '<html>', { status: 502, error: null, description: null }],
    [400, '{"error":7}', { status: 400, error: null }],
    [303, '', { status: 303, error: null }]
  ])('that is a refusal (%i %s) says what it says', (status, body, expected) => {
    expect(readTokenResponse({ status, headers: {}, body }, { acceptTextBooleans: false })).toMatchObject({
      left: { _tag: 'TokenRefused', ...expected }
    })
  })

  it('never throws, whatever the body', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc
            .record({ access_token: fc.anything(), token_type: fc.anything(), fhirContext: fc.anything() })
            .map((one) => {
              try {
                return JSON.stringify(one)
              } catch {
                return ''
              }
            })
        ),
        (body) => {
          read(body)
        }
      )
    )
  })
})

describe('an address below a FHIR base', () => {
  const address = fhirUrl('https://ehr.example/fhir/')

  it('is the base and what was requested, for every plain path', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[A-Za-z0-9-]{1,8}$/), { minLength: 1, maxLength: 4 }), (segments) => {
        expect(address(segments.join('/'))).toEqual(Either.right(`https://ehr.example/fhir/${segments.join('/')}`))
      })
    )
  })

  it('the token of each request goes to the server, below the base, as a browser reads the address', () => {
    const piece = fc.constantFrom(
      'https:',
      '//',
      '/',
      '\\',
      '..',
      '.',
      '%2e',
      '%2E%2e',
      '%2f',
      '@',
      '#',
      '?',
      ':',
      'evil.example',
      'ehr.example',
      'fhir',
      'Patient',
      '|',
      ' ',
      '\t',
      ';'
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
        fc.boolean(),
        (text, isAbsolute) => {
          const found = address(isAbsolute ? `https://ehr.example/fhir${text}` : text)
          if (Either.isLeft(found)) return
          const url = new URL(found.right)
          expect(url.origin).toBe('https://ehr.example')
          expect(url.pathname === '/fhir' || url.pathname.startsWith('/fhir/')).toBe(true)
          expect([url.username, url.hash]).toEqual(['', ''])
        }
      ),
      { numRuns: 3000 }
    )
  })
})
