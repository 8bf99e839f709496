/**
 * The area "identity": scopes-and-launch-context, "Scopes for requesting identity data"; OpenID Connect Core 1.0 and
 * Discovery 1.0.
 */
import { createPublicKey, verify } from 'node:crypto'
import type { JsonWebKey } from 'node:crypto'
import { expect } from 'vitest'
import type { ReceivedIdTokenFacts } from '../../../src/protocol/app/id-token-rules.js'
import { idTokenHeadRules } from '../../../src/protocol/app/id-token-rules.js'
import { firstRefusal } from '../../../src/protocol/machine/rules.js'
import type { Area, Shown } from '../matrix.js'
import {
  answered,
  claimsOf,
  documentAt,
  expectRedirects,
  launched,
  outcomeOf,
  protocol,
  releases,
  tokensOf,
  tokensWith
} from '../../support/steps.js'
import { row } from '../matrix.js'
import type { Body } from '../../support/steps.js'
import {
  alice,
  authorize,
  bodyOf,
  fhirBaseUrl,
  get,
  issuer,
  newFixture,
  redirected,
  sha256
} from '../../support/server-fixture.js'
import type { Fixture } from '../../support/server-fixture.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import { isRepresented } from '../../../src/protocol/launch/launch-context.js'
import { openidConfigurationUrl } from '../../../src/protocol/discovery/endpoint-url.js'

const headerOf = (body: Body): Body =>
  JSON.parse(Buffer.from(String(body['id_token']).split('.')[0] ?? '', 'base64url').toString()) as Body

const keysOf = async (fixture: Fixture): Promise<ReadonlyArray<JsonWebKey & { readonly kid?: string }>> =>
  (await documentAt(fixture, '/jwks'))['keys'] as ReadonlyArray<JsonWebKey & { readonly kid?: string }>

const userinfo = (fixture: Fixture, body: Body, method = 'GET'): Promise<PlainResponse> =>
  protocol(fixture, { ...get('/userinfo', '', { authorization: `Bearer ${String(body['access_token'])}` }), method })

/** What a user of the host gets who is represented so. */
const representedAs = (fhirUser: string | null, specVersion: (typeof releases)[number]): Promise<Body> =>
  tokensWith({ policy: { specVersion } }, { scope: 'openid fhirUser' }, { user: { ...alice, fhirUser } })

const without = (features: object): Fixture => newFixture({ settings: { features } })

const shown: ReadonlyArray<Shown> = [
  row(
    'IDN-001 IDN-004',
    'fhirUser without openid says nothing: it is left out of the grant, and there is no id_token and no claim',
    async () => {
      const body = await tokensWith({}, { scope: 'fhirUser patient/*.rs' })
      expect([body['scope'], body['id_token']]).toEqual(['patient/*.rs', undefined])
      expect(await tokensWith({}, {}, { approved: 'fhirUser patient/*.rs launch/patient' })).toMatchObject({
        scope: 'launch/patient patient/*.rs'
      })
    }
  ),
  row(
    'IDN-002 IDN-005 IDN-016 IDN-108',
    'with openid and fhirUser granted an id_token with the claim fhirUser stands beside the access token, in ' +
      'EHR and standalone launches of every release',
    async () => {
      for (const specVersion of releases) {
        const fixture = newFixture({ policy: { specVersion } })
        const fromEhr = await tokensOf(fixture, {
          launch: await launched(fixture, {}),
          scope: 'launch openid fhirUser'
        })
        for (const body of [fromEhr, await tokensOf(fixture, { scope: 'openid fhirUser' })])
          expect(claimsOf(body)).toMatchObject({ fhirUser: `${fhirBaseUrl}/Practitioner/p1` })
      }
      expect(claimsOf(await tokensWith({}, { scope: 'openid' }))).not.toHaveProperty('fhirUser')
    }
  ),
  row('IDN-003 IDN-105', 'without openid requested and granted there is no id_token and no userinfo', async () => {
    const fixture = newFixture()
    for (const body of [
      await tokensOf(fixture, { scope: 'patient/*.rs' }),
      await tokensOf(fixture, {}, { approved: 'launch/patient patient/*.rs' })
    ]) {
      expect(body).not.toHaveProperty('id_token')
      expect((await userinfo(fixture, body)).status).toBe(403)
    }
  }),
  row(
    'IDN-008 IDN-009',
    'fhirUser is returned as an absolute address below the FHIR base URL, which aud names, with one slash between',
    async () => {
      for (const base of ['https://ehr.example/a/fhir', 'https://ehr.example/a/fhir/']) {
        const fixture = newFixture({ settings: { fhirBaseUrl: base } })
        expect(claimsOf(await tokensOf(fixture, { scope: 'openid fhirUser', aud: base }))).toMatchObject({
          fhirUser: 'https://ehr.example/a/fhir/Practitioner/p1'
        })
      }
    }
  ),
  row(
    'IDN-010 IDN-202',
    'fhirUser is a Patient, Practitioner, RelatedPerson or Person, from 2.1.0 on also a PractitionerRole; for ' +
      'any other there is no claim',
    async () => {
      for (const specVersion of releases) {
        for (const type of ['Patient', 'Practitioner', 'RelatedPerson', 'Person'])
          expect(claimsOf(await representedAs(`${type}/1`, specVersion))).toMatchObject({
            fhirUser: `${fhirBaseUrl}/${type}/1`
          })
        const role = claimsOf(await representedAs('PractitionerRole/1', specVersion))['fhirUser']
        expect([specVersion, role]).toEqual([
          specVersion,
          specVersion === '2.0.0' ? undefined : `${fhirBaseUrl}/PractitionerRole/1`
        ])
        for (const wrong of [
          'Device/1',
          'Group/1',
          'patient/1',
          'Patient',
          'Patient/1/x',
          'Patient/a b',
          'https://evil.example/Patient/1'
        ]) {
          expect([wrong, claimsOf(await representedAs(wrong, specVersion))['fhirUser']]).toEqual([wrong, undefined])
        }
      }
    }
  ),
  row('IDN-203', 'for a user whom no resource represents fhirUser is not granted, and openid still is', async () => {
    for (const specVersion of releases) {
      const body = await representedAs(null, specVersion)
      expect([body['scope'], claimsOf(body)['sub'], claimsOf(body)['fhirUser']]).toEqual(['openid', 'alice', undefined])
      expect(isRepresented(specVersion, { ...alice, fhirUser: null })).toBe(false)
    }
  }),
  row(
    'IDN-011',
    'a Person is taken as such: which of several resources represents a user is for the host to choose, and ' +
      'its choice is kept',
    async () => {
      for (const fhirUser of ['Person/1', 'RelatedPerson/1'])
        expect(claimsOf(await representedAs(fhirUser, '2.0.0'))['fhirUser']).toBe(`${fhirBaseUrl}/${fhirUser}`)
    }
  ),
  row(
    'IDN-012',
    'sso-openid-connect goes with the code flow and with issuer and jwks_uri, and without openid none of it is ' +
      'announced or served',
    async () => {
      const configuration = await documentAt(newFixture(), '/fhir/.well-known/smart-configuration')
      expect(configuration).toMatchObject({
        issuer,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        grant_types_supported: expect.arrayContaining(['authorization_code']) as unknown
      })
      expect(configuration['capabilities']).toContain('sso-openid-connect')
      const bare = without({ openid: false })
      expect(await documentAt(bare, '/fhir/.well-known/smart-configuration')).not.toHaveProperty('issuer')
      for (const path of ['/.well-known/openid-configuration', '/userinfo'])
        expect(bare.server.endpoints.protocol(get(path))._tag).toBe('None')
      expect(await tokensOf(bare, { scope: 'openid fhirUser patient/*.rs' })).not.toHaveProperty('id_token')
    }
  ),
  row(
    'IDN-013 IDN-019',
    'parameters that OpenID Connect makes optional are ignored: claims, id_token_hint, acr_values, login_hint, ' +
      'ui_locales, display',
    async () => {
      const fixture = newFixture()
      const extra = {
        claims: '{"id_token":{"auth_time":{"essential":true}}}',
        id_token_hint: 'x.y.z',
        acr_values: 'urn:x',
        login_hint: 'bob',
        ui_locales: 'de',
        display: 'popup'
      }
      const body = await tokensOf(fixture, { scope: 'openid', ...extra })
      expect(claimsOf(body)).toMatchObject({ sub: 'alice', auth_time: 1000 })
    }
  ),
  row('IDN-020 IDN-107', 'request, request_uri and registration are answered with their own errors', async () => {
    await expectRedirects('request_not_supported', [{ request: 'eyJ' }])
    await expectRedirects('request_uri_not_supported', [{ request_uri: 'https://app.example/r' }])
    await expectRedirects('registration_not_supported', [{ registration: '{}' }])
  }),
  row(
    'IDN-014 IDN-015',
    'keys are published bare: modulus and exponent of RSA keys, with use, alg and kid, and no private part',
    async () => {
      const keys = await keysOf(newFixture())
      expect(keys.length).toBeGreaterThan(0)
      for (const key of keys) {
        expect(key).toMatchObject({
          kty: 'RSA',
          n: expect.any(String) as string,
          e: 'AQAB',
          kid: expect.any(String) as string,
          use: 'sig'
        })
        for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(secret)
      }
    }
  ),
  row(
    'IDN-017 IDN-104',
    'id_tokens are signed with RS256, name their key, and are verified with the key of that name in the published set',
    async () => {
      const fixture = newFixture()
      const body = await tokensOf(fixture)
      expect(headerOf(body)).toMatchObject({ alg: 'RS256', kid: expect.any(String) as string })
      const key = (await keysOf(fixture)).find(({ kid }) => kid === headerOf(body)['kid'])
      if (key === undefined) throw new Error('no key of that name')
      const [header = '', claims = '', signature = ''] = String(body['id_token']).split('.')
      const isGenuine = (text: string): boolean =>
        verify(
          'sha256',
          Buffer.from(text),
          createPublicKey({ key, format: 'jwk' }),
          Buffer.from(signature, 'base64url')
        )
      expect([isGenuine(`${header}.${claims}`), isGenuine(`${header}.${claims}x`)]).toEqual([true, false])
      expect(
        (await documentAt(fixture, '/.well-known/openid-configuration'))['id_token_signing_alg_values_supported']
      ).toEqual(['RS256'])
    }
  ),
  row(
    'IDN-018',
    'max_age is kept: a session that is older is not taken, a newer one is, and auth_time says when it began',
    async () => {
      const fixture = newFixture()
      fixture.clock.now += 100
      const begun = await authorize(fixture, { max_age: '60' })
      if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
      expect(outcomeOf(await fixture.server.interaction.userSignedIn(begun.interaction, alice)())).toMatch(/^page/)
      expect(
        outcomeOf(await fixture.server.interaction.userSignedIn(begun.interaction, { ...alice, authTime: 1050 })())
      ).toBe('NeedsContext')
    }
  ),
  row(
    'IDN-021 IDN-115',
    'userinfo says sub, and fhirUser where it was granted, by GET and by POST, to a living token with openid alone',
    async () => {
      const fixture = newFixture()
      const body = await tokensOf(fixture)
      for (const method of ['GET', 'POST'])
        expect(bodyOf(await userinfo(fixture, body, method))).toEqual({
          sub: 'alice',
          fhirUser: `${fhirBaseUrl}/Practitioner/p1`
        })
      expect(bodyOf(await userinfo(fixture, await tokensOf(fixture, { scope: 'openid' })))).toEqual({ sub: 'alice' })
      expect([
        (await userinfo(fixture, body, 'PUT')).status,
        (await userinfo(fixture, { access_token: 'x' })).status,
        (await protocol(fixture, get('/userinfo'))).status
      ]).toEqual([405, 401, 401])
      fixture.clock.now += 3600
      expect(answered(await userinfo(fixture, body))).toEqual([401, 'invalid_token'])
    }
  ),
  row(
    'IDN-101',
    'an id_token says iss, sub, aud, exp and iat: issuer, user, client, and the seconds in which it is good',
    async () => {
      const claims = claimsOf(await tokensWith({}))
      expect(claims).toMatchObject({ iss: issuer, sub: 'alice', aud: 'pub-app', iat: 1000, exp: 4600 })
    }
  ),
  row(
    'IDN-102',
    'nonce comes back as it was sent, whatever text it is, and is not there when none was sent',
    async () => {
      for (const nonce of ['n-1', 'a b+c', 'ü', 'x'.repeat(500)])
        expect(claimsOf(await tokensWith({}, { nonce }))['nonce']).toBe(nonce)
      expect(claimsOf(await tokensWith({}))).not.toHaveProperty('nonce')
    }
  ),
  row('IDN-103', 'auth_time says when the user signed in, with max_age and without', async () => {
    for (const max_age of [null, '100'])
      expect(claimsOf(await tokensWith({}, { max_age }, { user: { ...alice, authTime: 950 } }))['auth_time']).toBe(950)
  }),
  row(
    'IDN-106',
    'prompt=none without what it needs gives login_required, interaction_required or consent_required, by ' +
      'where the conversation stands; with another word it is refused',
    async () => {
      const fixture = newFixture()
      const begun = await authorize(fixture, { prompt: 'none' })
      if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
      expect(begun.details.prompts).toEqual(['none'])
      const errors: Array<unknown> = []
      for (const steps of [0, 1, 2]) {
        const each = newFixture()
        const start = await authorize(each, { prompt: 'none' })
        if (start._tag !== 'NeedsUser') throw new Error(start._tag)
        const interaction = { ...start.interaction, present: steps > 0 ? alice : null }
        if (steps > 0) await each.server.interaction.userSignedIn(interaction, alice)()
        if (steps > 1) await each.server.interaction.contextChosen(interaction, { patient: '123' })()
        errors.push(redirected(await each.server.interaction.pageNeeded(interaction)())?.get('error'))
      }
      expect(errors).toEqual(['login_required', 'interaction_required', 'consent_required'])
      await expectRedirects('invalid_request', [{ prompt: 'none login' }])
    }
  ),
  row('IDN-114', 'at_hash is the left half of the SHA-256 of the access token beside it', async () => {
    for (const accessTokenFormat of ['opaque', 'jwt'] as const) {
      const body = await tokensWith({ policy: { accessTokenFormat } })
      const digest = Buffer.from(sha256(String(body['access_token'])), 'base64url')
      expect(claimsOf(body)['at_hash']).toBe(digest.subarray(0, 16).toString('base64url'))
    }
  }),
  row(
    'IDN-117 IDN-119',
    'openid-configuration holds what it must, and its issuer is that of the SMART configuration and of the id_token',
    async () => {
      const fixture = newFixture()
      const document = await documentAt(fixture, '/.well-known/openid-configuration')
      expect(document).toMatchObject({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        userinfo_endpoint: `${issuer}/userinfo`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256']
      })
      expect((await documentAt(fixture, '/fhir/.well-known/smart-configuration'))['issuer']).toBe(document['issuer'])
      expect(claimsOf(await tokensOf(fixture))['iss']).toBe(document['issuer'])
    }
  ),
  row(
    'IDN-118',
    'the OpenID configuration is below the issuer, with one slash between, whether the issuer has a path or ' +
      'ends in a slash',
    async () => {
      for (const [base, path] of [
        ['https://ehr.example', '/.well-known/openid-configuration'],
        ['https://ehr.example/auth', '/auth/.well-known/openid-configuration'],
        ['https://ehr.example/auth/', '/auth/.well-known/openid-configuration']
      ] as const) {
        expect(openidConfigurationUrl(base)).toBe(`https://ehr.example${path}`)
        expect(await documentAt(newFixture({ settings: { issuer: base } }), path)).toMatchObject({ issuer: base })
      }
    }
  ),
  row(
    'IDN-023',
    'an id_token such as the sample of the guide, with RS384 and without exp and iat, is believed by no app',
    () => {
      const sample = (header: object, claims: object) =>
        ({
          idToken: {
            text: '',
            signed: '',
            header: { alg: 'RS256', kid: 'k', ...header },
            claims: { iss: issuer, sub: 'alice', aud: 'app', exp: 200, iat: 100, ...claims }
          },
          issuer,
          clientId: 'app',
          nonce: null,
          tolerances: {},
          now: 100,
          skewSeconds: 30,
          algorithms: ['RS256']
        }) as unknown as ReceivedIdTokenFacts
      expect(firstRefusal(idTokenHeadRules, sample({}, {}))).toBeNull()
      expect(firstRefusal(idTokenHeadRules, sample({ alg: 'RS384' }, {}))).toMatchObject({
        _tag: 'IdTokenWrong',
        claim: 'alg'
      })
      expect(firstRefusal(idTokenHeadRules, sample({}, { exp: undefined }))).toMatchObject({ claim: 'exp' })
      expect(firstRefusal(idTokenHeadRules, sample({}, { iat: undefined }))).toMatchObject({ claim: 'iat' })
    }
  ),
  row(
    'IDN-201',
    'openid and fhirUser are about the signed-in user: a patient who signs in is the user, and needs no patient ' +
      'in context',
    async () => {
      const body = await tokensWith({}, { scope: 'openid fhirUser' }, { user: { ...alice, fhirUser: 'Patient/77' } })
      expect([claimsOf(body)['fhirUser'], body['patient']]).toEqual([`${fhirBaseUrl}/Patient/77`, undefined])
    }
  )
]

export const identity: Area = { area: 'identity', shown, outside: [] }
