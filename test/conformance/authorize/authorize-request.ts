/** Rows of the area "authorize": what an authorization request must hold. */
import { expect } from 'vitest'
import type { Shown } from '../matrix.js'
import {
  asConfidential,
  claimsOf,
  converse,
  expectPages,
  expectRedirects,
  launched,
  outcomeOf,
  outcomeWith,
  tokensWith
} from '../../support/steps.js'
import { row } from '../matrix.js'
import {
  authorizationParameters,
  authorize,
  exchange,
  fhirBaseUrl,
  get,
  newFixture,
  obtainCode,
  post,
  redirected,
  redirectUri,
  sha256,
  verifier
} from '../../support/server-fixture.js'
import type { Fixture } from '../../support/server-fixture.js'
import type { PlainRequest } from '../../../src/protocol/http/message.js'
import { printForm } from '../../../src/protocol/http/form.js'

const good = printForm(authorizationParameters())

const outcomeOfRequest = async (request: PlainRequest, fixture: Fixture = newFixture()): Promise<string> =>
  outcomeOf(await fixture.server.endpoints.authorize(request)())

export const requestRows: ReadonlyArray<Shown> = [
  row(
    'AUT-002 AUT-016 AUT-101',
    'the server refuses a request with no state, or an empty one, by redirect; an empty aud is no aud',
    async () => {
      await expectRedirects('invalid_request', [{ state: null }, { state: '' }, { aud: '' }])
      expect(await outcomeWith({ state: null }, { missingState: 'allow' })).toBe('NeedsUser')
    }
  ),
  row(
    'AUT-004 AUT-025 AUT-026 AUT-122 AUT-124 AUT-128',
    'without code_challenge, or with a method that is not S256, a request of any kind of client is refused ' +
      'with invalid_request',
    async () => {
      for (const client of [
        { client_id: 'pub-app' },
        { client_id: 'sym-app' },
        { client_id: 'native-app', redirect_uri: 'http://127.0.0.1/cb' }
      ]) {
        await expectRedirects('invalid_request', [
          { ...client, code_challenge: null },
          { ...client, code_challenge: null, code_challenge_method: null },
          { ...client, code_challenge_method: null },
          { ...client, code_challenge_method: 'S512' }
        ])
        expect(await outcomeWith(client)).toBe('NeedsUser')
      }
      const description = redirected(await authorize(newFixture(), { code_challenge: null }))?.get('error_description')
      expect(description).toMatch(/code_challenge/)
    }
  ),
  row(
    'AUT-005 AUT-040 AUT-120',
    'a code is redeemed with the verifier of the S256 pair of RFC 7636, and with the 128 characters of the ' +
      'pair in the guide',
    async () => {
      const pairs = [
        ['dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'],
        [
          'o28xyrYY7-lGYfnKwRjHEZWlFIPlzVnFPYMWbH-g_BsNnQNem-IAg9fDh92X0KtvHCPO5_C-RJd2QhApK' +
            'Q-2cRp-S_W3qmTidTEPkeWyniKQSF9Q_k10Q5wMc8fGzoyF',
          'YPXe7B8ghKrj8PsT4L6ltupgI12NQJ5vblB07F4rGaw'
        ]
      ] as const
      for (const [secret, challenge] of pairs) {
        const fixture = newFixture()
        const code = await obtainCode(fixture, { code_challenge: challenge })
        expect((await exchange(fixture, code, { code_verifier: secret })).status).toBe(200)
        const other = newFixture()
        expect((await exchange(other, await obtainCode(other, { code_challenge: challenge }))).status).toBe(400)
      }
    }
  ),
  row(
    'AUT-006',
    'code_challenge_method=plain is refused with invalid_request, even where the challenge is a verifier, and ' +
      'whatever the policy says of PKCE',
    async () => {
      await expectRedirects('invalid_request', [
        { code_challenge_method: 'plain' },
        { code_challenge: verifier, code_challenge_method: 'plain' }
      ])
      await expectRedirects(
        'invalid_request',
        [{ client_id: 'sym-app', scope: 'patient/*.read', code_challenge_method: 'plain' }],
        { pkce: 'optionalForV1Clients' }
      )
    }
  ),
  row(
    'AUT-008 AUT-105 AUT-134',
    'without response_type a request is refused with invalid_request, with any but code with unsupported_response_type',
    async () => {
      await expectRedirects('invalid_request', [{ response_type: null }, { response_type: '' }])
      await expectRedirects('unsupported_response_type', [
        { response_type: 'token' },
        { response_type: 'id_token' },
        { response_type: 'code token' },
        { response_type: 'CODE' },
        { response_type: 'foo' }
      ])
    }
  ),
  row(
    'AUT-009 AUT-111',
    'without client_id, or with an unknown one, the answer is a page and never a redirect',
    async () => {
      await expectPages([
        { client_id: null },
        { client_id: '' },
        { client_id: 'nobody' },
        { client_id: 'pub-app ' },
        { client_id: 'PUB-APP' }
      ])
    }
  ),
  row(
    'AUT-010 AUT-107',
    "without redirect_uri, or with one that is not the client's, the answer is a page: nothing is ever sent there",
    async () => {
      await expectPages([
        { redirect_uri: null },
        { redirect_uri: '' },
        { redirect_uri: 'https://evil.example/cb' },
        { redirect_uri: 'not a uri' }
      ])
    }
  ),
  row(
    'AUT-011 AUT-106 AUT-131',
    'a redirect URI is one of the registered texts to the character: no case, port, slash, query, dot segment ' +
      'or encoding is evened out',
    async () => {
      await expectPages(
        [
          'https://app.example/cb/',
          'https://app.example/cb?',
          'https://app.example/cb?x=1',
          'https://app.example/CB',
          'HTTPS://app.example/cb',
          'https://APP.example/cb',
          'https://app.example:443/cb',
          'https://app.example/./cb',
          'https://app.example/x/../cb',
          'https://app.example/%63b',
          'http://app.example/cb',
          'https://app.example/cb#x'
        ].map((redirect_uri) => ({ redirect_uri }))
      )
      expect(await outcomeWith({ redirect_uri: redirectUri })).toBe('NeedsUser')
    }
  ),
  row(
    'AUT-127',
    "a native client's loopback address matches on every port and on none; its path, host and scheme do not " +
      "vary; a web client's and localhost do not match",
    async () => {
      const native = (redirect_uri: string) => ({ client_id: 'native-app', redirect_uri })
      for (const port of ['', ':1', ':51004', ':65535'])
        expect(await outcomeWith(native(`http://127.0.0.1${port}/cb`))).toBe('NeedsUser')
      await expectPages([
        native('http://127.0.0.1:1/cb2'),
        native('http://127.0.0.1:1/cb?x=1'),
        native('https://127.0.0.1:1/cb'),
        native('http://127.0.0.2:1/cb'),
        native('http://localhost:1/cb'),
        native('http://[::1]:1/cb'),
        native('http://127.0.0.1:1@evil.example/cb'),
        { redirect_uri: 'https://app.example:8443/cb' }
      ])
      expect(await outcomeWith(native('http://127.0.0.1:1/cb'), { loopbackPort: 'exact' })).toBe('page invalid_request')
    }
  ),
  row(
    'AUT-012',
    "a launch that is unknown, expired, used or another client's is refused, and never gives a context",
    async () => {
      const fixture = newFixture()
      const change = { launch: await launched(fixture, { patient: '123' }), scope: 'launch patient/*.rs' }
      expect(outcomeOf(await converse(fixture, change))).toBe('redirect code')
      expect(outcomeOf(await authorize(fixture, change))).toBe('redirect invalid_request')
      expect(outcomeOf(await authorize(fixture, { ...change, launch: 'unknown' }))).toBe('redirect invalid_request')
      const foreign = await launched(fixture, { patient: '123' }, 'alice', 'sym-app')
      expect(outcomeOf(await authorize(fixture, { ...change, launch: foreign }))).toBe('redirect invalid_request')
      const late = await launched(fixture, { patient: '123' })
      fixture.clock.now += 300
      expect(outcomeOf(await authorize(fixture, { ...change, launch: late }))).toBe('redirect invalid_request')
    }
  ),
  row(
    'AUT-013',
    'without a launch parameter a patient is chosen in the conversation, whatever the EHR offered meanwhile',
    async () => {
      const fixture = newFixture()
      await launched(fixture, { patient: '999' })
      const begun = await authorize(fixture)
      expect(begun._tag === 'NeedsUser' && [begun.details.launchedByEhr, begun.details.context]).toEqual([false, {}])
      expect(await tokensWith({}, {}, { chosen: { patient: '77' } })).toMatchObject({ patient: '77' })
    }
  ),
  row('AUT-014', 'a request without scope is refused with invalid_scope', async () => {
    await expectRedirects('invalid_scope', [{ scope: null }, { scope: '' }])
  }),
  row(
    'AUT-015',
    'launch with a launch, and launch/patient without, bring the patient into the token response; a user-level ' +
      'app needs neither',
    async () => {
      const fixture = newFixture()
      const launch = await launched(fixture, { patient: '123' })
      expect(redirected(await converse(fixture, { launch, scope: 'launch' }))?.get('code')).toEqual(expect.any(String))
      expect(await tokensWith({}, { scope: 'launch/patient' })).toMatchObject({ patient: '123' })
      expect(await tokensWith({}, { scope: 'user/*.rs' })).not.toHaveProperty('patient')
    }
  ),
  row(
    'AUT-020 AUT-022',
    'a request without aud is refused; the one that is accepted is written into the grant, and into an access ' +
      'token that is a JWT',
    async () => {
      await expectRedirects('invalid_request', [{ aud: null }])
      const fixture = newFixture({ policy: { accessTokenFormat: 'jwt' } })
      const code = await obtainCode(fixture)
      const plain = newFixture()
      await obtainCode(plain)
      for (const { memory } of [plain, fixture])
        expect(memory.entries().map(([, text]) => JSON.parse(text) as object)).toContainEqual(
          expect.objectContaining({ audience: fhirBaseUrl })
        )
      const { access_token } = JSON.parse((await exchange(fixture, code)).body) as { readonly access_token: string }
      expect(claimsOf({ id_token: access_token })).toMatchObject({ aud: fhirBaseUrl })
    }
  ),
  row(
    'AUT-021',
    'in an EHR launch aud is the iss of the launch: another one is refused and the launch stays unused',
    async () => {
      const fixture = newFixture()
      const launch = await launched(fixture, { patient: '123' })
      expect(outcomeOf(await authorize(fixture, { launch, scope: 'launch', aud: 'https://other.example/fhir' }))).toBe(
        'redirect invalid_request'
      )
      expect(outcomeOf(await converse(fixture, { launch, scope: 'launch', aud: fhirBaseUrl }))).toBe('redirect code')
    }
  ),
  row(
    'AUT-023',
    "an aud that is not the FHIR server's address gives invalid_request and no code; one trailing slash is no " +
      'difference unless the policy says so',
    async () => {
      await expectRedirects('invalid_request', [
        { aud: 'https://evil.example/fhir' },
        { aud: 'http://ehr.example/fhir' },
        { aud: 'https://ehr.example/fhi' },
        { aud: 'https://ehr.example/FHIR' },
        { aud: `${fhirBaseUrl}//` },
        { aud: `${fhirBaseUrl}?x` },
        { aud: 'https://ehr.example:443/fhir' }
      ])
      expect(await outcomeWith({ aud: `${fhirBaseUrl}/` })).toBe('NeedsUser')
      await expectRedirects('invalid_request', [{ aud: `${fhirBaseUrl}/` }], { audMatch: 'exact' })
    }
  ),
  row(
    'AUT-024',
    'resource stands for aud where the policy takes it, and not where it does not; different values are refused',
    async () => {
      const acceptResource = true
      expect(await outcomeWith({ aud: null, resource: fhirBaseUrl }, { acceptResource })).toBe('NeedsUser')
      expect(await outcomeWith({ resource: fhirBaseUrl }, { acceptResource })).toBe('NeedsUser')
      await expectRedirects('invalid_target', [{ resource: 'https://other.example/fhir' }], { acceptResource })
      await expectRedirects('invalid_target', [{ resource: 'https://other.example/fhir' }])
      await expectRedirects('invalid_request', [{ aud: null, resource: fhirBaseUrl }])
    }
  ),
  row(
    'AUT-125 AUT-126',
    "where the policy takes a resource, one that is not the server's, is relative, has a fragment, or comes " +
      'beside another is answered with invalid_target; by default so is one beside another',
    async () => {
      const acceptResource = true
      await expectRedirects(
        'invalid_target',
        ['https://evil.example/fhir', 'fhir', `${fhirBaseUrl}#x`].map((resource) => ({ aud: null, resource })),
        { acceptResource }
      )
      const fixture = newFixture({ policy: { acceptResource } })
      const twice = await fixture.server.endpoints.authorize(
        get(
          '/authorize',
          `${good}&resource=${encodeURIComponent(fhirBaseUrl)}&resource=${encodeURIComponent('https://other.example')}`
        )
      )()
      expect([redirected(twice)?.get('error'), redirected(twice)?.get('state')]).toEqual(['invalid_target', 'state-1'])
      // Where the policy takes no resource, it is a parameter like any unknown one, unless it differs from aud.
      expect(await outcomeWith({ aud: null, resource: 'a' }, { missingAud: 'defaultIfSingle' })).toBe('NeedsUser')
      expect(await outcomeOfRequest(get('/authorize', `${good}&resource=a&resource=b`))).toMatch(
        /^redirect invalid_target/
      )
    }
  ),
  row(
    'AUT-028 AUT-030 AUT-031',
    'GET with a query and POST with a form mean the same request, and end in the same grant',
    async () => {
      const [byGet, byPost] = [newFixture(), newFixture()]
      const gotten = await byGet.server.endpoints.authorize(get('/authorize', good))()
      const posted = await byPost.server.endpoints.authorize(post('/authorize', authorizationParameters()))()
      expect(posted).toEqual(gotten)
      expect(byPost.memory.entries()).toEqual(byGet.memory.entries())
      expect(gotten._tag).toBe('NeedsUser')
      expect(
        await outcomeOfRequest({
          ...post('/authorize', authorizationParameters()),
          headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }
        })
      ).toBe('NeedsUser')
      for (const type of ['application/json', 'text/plain', 'multipart/form-data']) {
        expect(
          await outcomeOfRequest({
            ...post('/authorize', authorizationParameters()),
            headers: { 'content-type': type }
          })
        ).toBe('page invalid_request')
      }
      // A parameter in the address of a POST is refused: a half of the request could be somebody else's.
      expect(await outcomeOfRequest({ ...post('/authorize', []), query: good })).toBe('page invalid_request')
    }
  ),
  row('AUT-029', 'other methods than GET and POST are refused', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']) {
      const conversation = await newFixture().server.endpoints.authorize({ ...get('/authorize', good), method })()
      expect(conversation._tag === 'ShowRefusal' && conversation.row.status).toBe(405)
    }
  }),
  row(
    'AUT-038',
    'the sample request of the guide, which has no code_challenge, is refused with invalid_request',
    async () => {
      await expectRedirects('invalid_request', [
        {
          scope: 'launch patient/Observation.rs patient/Patient.rs openid fhirUser',
          state: '98wrghuwuogerg97',
          code_challenge: null,
          code_challenge_method: null
        }
      ])
    }
  ),
  row(
    'AUT-102',
    'parameters that are not known change nothing, once or twice, empty or named like a property',
    async () => {
      for (const extra of [
        'foo=bar',
        'x=1&x=2',
        '__proto__=1',
        'constructor=x',
        'foo',
        'foo=',
        'login_hint=alice&ui_locales=de&acr_values=x&id_token_hint=y'
      ]) {
        const fixture = newFixture()
        const plain = newFixture()
        expect(await fixture.server.endpoints.authorize(get('/authorize', `${good}&${extra}`))()).toEqual(
          await plain.server.endpoints.authorize(get('/authorize', good))()
        )
        expect(fixture.memory.entries()).toEqual(plain.memory.entries())
      }
    }
  ),
  row(
    'AUT-103',
    'a known parameter that comes twice is refused, even with one value: client_id and redirect_uri on a page, ' +
      'all others by redirect',
    async () => {
      for (const name of ['client_id', 'redirect_uri']) {
        expect(
          await outcomeOfRequest(
            get('/authorize', `${good}&${name}=${name === 'client_id' ? 'pub-app' : encodeURIComponent(redirectUri)}`)
          )
        ).toBe('page invalid_request')
      }
      for (const name of ['response_type', 'scope', 'state', 'aud', 'code_challenge', 'code_challenge_method']) {
        const value = new URLSearchParams(good).get(name) ?? ''
        expect([
          name,
          await outcomeOfRequest(get('/authorize', `${good}&${name}=${encodeURIComponent(value)}`))
        ]).toEqual([name, 'redirect invalid_request'])
      }
      for (const name of ['nonce', 'prompt', 'max_age', 'launch']) {
        expect([name, await outcomeOfRequest(get('/authorize', `${good}&${name}=1&${name}=1`))]).toEqual([
          name,
          'redirect invalid_request'
        ])
      }
    }
  ),
  row(
    'AUT-108',
    'no request that lacks or spoils a required parameter reaches the user, and nothing of it is stored',
    async () => {
      for (const name of [
        'client_id',
        'redirect_uri',
        'response_type',
        'scope',
        'state',
        'aud',
        'code_challenge',
        'code_challenge_method'
      ]) {
        for (const value of [null, '', '\u0000']) {
          const fixture = newFixture()
          expect([name, value, (await authorize(fixture, { [name]: value }))._tag]).toEqual([
            name,
            value,
            expect.stringMatching(/^(?:ShowRefusal|SendToApp)$/)
          ])
          expect(fixture.memory.entries()).toEqual([])
        }
      }
    }
  ),
  row(
    'AUT-117',
    'a plus is a blank, %2B is a plus, and bytes are UTF-8, in the query and in the body alike',
    async () => {
      const spelled = good
        .replace(/scope=[^&]*/, 'scope=launch/patient+patient%2F*.rs')
        .replace(/state=[^&]*/, 'state=a%2Bb+c%C3%BC')
      for (const request of [get('/authorize', spelled), { ...post('/authorize', []), body: spelled }]) {
        const fixture = newFixture()
        const conversation = await fixture.server.endpoints.authorize(request)()
        expect(conversation._tag === 'NeedsUser' && conversation.details.scopes.map(({ text }) => text)).toEqual([
          'launch/patient',
          'patient/*.rs'
        ])
        if (conversation._tag !== 'NeedsUser') return
        expect(redirected(await fixture.server.interaction.userDenied(conversation.interaction)())?.get('state')).toBe(
          'a+b cü'
        )
      }
      expect(await outcomeOfRequest(get('/authorize', `${good}&x=%ff`))).toBe('page invalid_request')
    }
  ),
  row(
    'AUT-118',
    'a verifier has 43 to 128 characters of the unreserved alphabet: 42 and 129 and any other character are ' +
      'refused, 43 and 128 and all four signs are not',
    async () => {
      const statusWith = async (secret: string): Promise<number> => {
        const fixture = newFixture()
        return (
          await exchange(fixture, await obtainCode(fixture, { code_challenge: sha256(secret) }), {
            code_verifier: secret
          })
        ).status
      }
      for (const secret of ['x'.repeat(43), 'x'.repeat(128), `${'x'.repeat(40)}-._~`])
        expect(await statusWith(secret)).toBe(200)
      for (const secret of [
        'x'.repeat(42),
        'x'.repeat(129),
        `${'x'.repeat(43)}+`,
        `${'x'.repeat(43)}ü`,
        `${'x'.repeat(43)} `
      ])
        expect(await statusWith(secret)).toBe(400)
    }
  ),
  row(
    'AUT-121',
    'a challenge has 43 characters of base64url: shorter, longer, padded or standard base64 is refused',
    async () => {
      await expectRedirects(
        'invalid_request',
        ['c'.repeat(42), 'c'.repeat(44), `${'c'.repeat(42)}=`, `${'c'.repeat(42)}+`, `${'c'.repeat(42)}/`].map(
          (code_challenge) => ({ code_challenge })
        )
      )
      expect(await outcomeWith({ code_challenge: 'c'.repeat(43) })).toBe('NeedsUser')
    }
  ),
  row('AUT-132', 'a code is redeemed with its verifier alone, by public and by confidential clients', async () => {
    for (const [client, headers] of [
      ['pub-app', {}],
      ['sym-app', asConfidential]
    ] as const) {
      const present = async (change: Readonly<Record<string, string | null>>): Promise<number> => {
        const fixture = newFixture()
        const code = await obtainCode(fixture, { client_id: client })
        return (
          await exchange(fixture, code, { ...(client === 'sym-app' ? { client_id: null } : {}), ...change }, headers)
        ).status
      }
      expect([
        await present({}),
        await present({ code_verifier: null }),
        await present({ code_verifier: 'w'.repeat(43) })
      ]).toEqual([200, 400, 400])
    }
  })
]
