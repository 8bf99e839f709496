/** The authorization endpoint, row by row: what is changed in a good request, and what comes of it. */
import * as Option from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import {
  alice,
  authorizationParameters,
  authorize,
  bodyOf,
  clients,
  exchange,
  fhirBaseUrl,
  get,
  issuer,
  newFixture,
  obtainCode,
  post,
  redirected,
  redirectUri
} from '../../support/server-fixture.js'
import type { Change, Fixture, FixtureOptions } from '../../support/server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import type { Conversation } from '../../../src/engine/server/interaction/conversation.js'
import { printForm } from '../../../src/protocol/http/form.js'
import type { PlainRequest } from '../../../src/protocol/http/message.js'
import type { RegisteredClient } from '../../../src/protocol/client/client.js'
import { parse } from '../../../src/scopes/parse.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'

/** What came of a request, in a word or two. */
const outcomeOf = (conversation: Conversation): string => {
  switch (conversation._tag) {
    case 'ShowRefusal':
      return `page ${conversation.refusal._tag}`
    case 'SendToApp':
      return `redirect ${redirected(conversation)?.get('error') ?? 'code'}`
    case 'NeedsUser':
    case 'NeedsContext':
    case 'NeedsConsent':
      return conversation._tag
  }
}

const lastRefusal = (fixture: Fixture): string | undefined => fixture.audited.at(-1)?.refusal?._tag

describe('an authorization request is refused on a page until its redirect URI is proven', () => {
  it.each<readonly [string, Change, string]>([
    ['no client', { client_id: null }, 'ClientIdMissing'],
    ['an empty client', { client_id: '' }, 'ClientIdMissing'],
    ['an unknown client', { client_id: 'nobody' }, 'ClientUnknown'],
    ['a prototype as client', { client_id: '__proto__' }, 'ClientUnknown'],
    ['no redirect URI', { redirect_uri: null }, 'RedirectUriMissing'],
    ['another host', { redirect_uri: 'https://evil.example/cb' }, 'RedirectUriNotRegistered'],
    ['a path below', { redirect_uri: `${redirectUri}/x` }, 'RedirectUriNotRegistered'],
    ['a path that comes back', { redirect_uri: 'https://app.example/x/../cb' }, 'RedirectUriNotRegistered'],
    ['a trailing slash', { redirect_uri: `${redirectUri}/` }, 'RedirectUriNotRegistered'],
    ['upper case', { redirect_uri: 'HTTPS://app.example/cb' }, 'RedirectUriNotRegistered'],
    ['the default port', { redirect_uri: 'https://app.example:443/cb' }, 'RedirectUriNotRegistered'],
    ['a query', { redirect_uri: `${redirectUri}?x` }, 'RedirectUriNotRegistered'],
    ['a tab', { redirect_uri: 'https://app.exam\tple/cb' }, 'RedirectUriNotRegistered'],
    ['user information', { redirect_uri: 'https://app.example@evil.example/cb' }, 'RedirectUriNotRegistered'],
    ['a loopback port for a web client', { redirect_uri: 'http://127.0.0.1:1/cb' }, 'RedirectUriNotRegistered'],
    [
      'localhost for a native client',
      { client_id: 'native-app', redirect_uri: 'http://localhost:1/cb' },
      'RedirectUriNotRegistered'
    ],
    [
      'another loopback path',
      { client_id: 'native-app', redirect_uri: 'http://127.0.0.1:1/cb2' },
      'RedirectUriNotRegistered'
    ]
  ])('%s', async (_name, change, refusal) => {
    const fixture = newFixture()
    const conversation = await authorize(fixture, change)
    expect(outcomeOf(conversation)).toBe(`page ${refusal}`)
    expect(fixture.memory.entries()).toEqual([])
  })

  it.each<readonly [string, PlainRequest, string]>([
    [
      'two clients',
      get('/authorize', `${printForm(authorizationParameters())}&client_id=pub-app`),
      'ParameterRepeated'
    ],
    [
      'two redirect URIs',
      get('/authorize', `redirect_uri=https://evil.example&${printForm(authorizationParameters())}`),
      'ParameterRepeated'
    ],
    [
      'an encoded repetition',
      get('/authorize', `${printForm(authorizationParameters())}&client%5fid=x`),
      'ParameterRepeated'
    ],
    [
      'a broken percent sequence',
      get('/authorize', `${printForm(authorizationParameters())}&x=%zz`),
      'ParametersUnreadable'
    ],
    [
      'overlong UTF-8',
      get('/authorize', `${printForm(authorizationParameters())}&state=%c0%80`),
      'ParametersUnreadable'
    ],
    [
      'a client in the address of a POST',
      { ...post('/authorize', authorizationParameters()), query: 'client_id=pub-app' },
      'ParameterInAddress'
    ],
    [
      'a redirect URI in the address of a POST',
      { ...post('/authorize', authorizationParameters()), query: 'redirect%5furi=https://evil.example' },
      'ParameterInAddress'
    ],
    [
      'an address of a POST that cannot be read',
      { ...post('/authorize', authorizationParameters()), query: 'x=%zz' },
      'ParametersUnreadable'
    ],
    [
      'everything in the address of a POST',
      { ...post('/authorize', []), query: printForm(authorizationParameters()) },
      'ParameterInAddress'
    ],
    ['JSON', { ...post('/authorize', []), headers: { 'content-type': 'application/json' }, body: '{}' }, 'BodyNotForm'],
    ['PUT', { ...post('/authorize', authorizationParameters()), method: 'PUT' }, 'MethodNotAllowed']
  ])('%s', async (_name, request, refusal) => {
    const fixture = newFixture()
    expect(outcomeOf(await fixture.server.endpoints.authorize(request)())).toBe(`page ${refusal}`)
    expect(fixture.memory.entries()).toEqual([])
  })
})

describe('a redirect URI that says already what the answer will say', () => {
  const at = (uri: string): Fixture =>
    newFixture({
      ports: { clients: memoryClients(clients.map((client) => ({ ...client, redirectUris: [uri, redirectUri] }))) }
    })

  it.each([
    '?code=1',
    '?x=1&state=2',
    '?iss=https://evil.example',
    '?error=x',
    '?error_description=x',
    '?error_uri=x',
    '?session_state=1',
    '?id_token=x',
    '?access_token=x',
    '?token_type=x',
    '?expires_in=1',
    '?response=x',
    '?%63ode=1',
    '?c%6Fd%65',
    '?x;code=1',
    '?+code=1',
    '?Code=1',
    '?code[]=1',
    '?x&%zz=1'
  ])('is not answered, though it is registered: %s', async (query) => {
    const fixture = at(`${redirectUri}${query}`)
    expect(outcomeOf(await authorize(fixture, { redirect_uri: `${redirectUri}${query}` }))).toBe(
      'page RedirectUriCarriesResponse'
    )
    expect(outcomeOf(await authorize(fixture))).toBe('NeedsUser')
  })

  it.each(['?', '?tenant=7', '?codex=1&xcode=2', '?x=code&y=%73tate', '?barcode'])(
    'while others are: %s',
    async (query) => {
      expect(outcomeOf(await authorize(at(`${redirectUri}${query}`), { redirect_uri: `${redirectUri}${query}` }))).toBe(
        'NeedsUser'
      )
    }
  )
})

describe('parameters in the address of a POST', () => {
  const posted = (query: string, change: Change = {}): Promise<Conversation> =>
    newFixture().server.endpoints.authorize({ ...post('/authorize', authorizationParameters(change)), query })()

  it.each([
    'state=state-1',
    'state=other',
    'scope=openid',
    's%63ope=openid',
    'prompt=none',
    'aud=x&foo=1',
    'launch=x',
    'nonce=1',
    'resource=x'
  ])('are returned to the app: %s', async (query) => {
    expect(redirected(await posted(query))?.get('error')).toBe('invalid_request')
  })

  it.each(['foo=1', 'claims=x', 'ui_locales=de', '__proto__=1'])('also an unknown name: %s', async (query) => {
    expect(redirected(await posted(query))?.get('error')).toBe('invalid_request')
    expect(redirected(await posted(query, { foo: '2' }))?.get('error')).toBe('invalid_request')
  })

  it('but not what is no parameter: an empty query, and names without a value', async () => {
    expect([outcomeOf(await posted('')), outcomeOf(await posted('scope=&foo'))]).toEqual(['NeedsUser', 'NeedsUser'])
  })
})

describe('an app of a kind that could not redeem its code', () => {
  it.each([
    ['pub-app', 'none', ['client_secret_basic', 'private_key_jwt']],
    ['sym-app', 'client_secret_basic', ['none', 'private_key_jwt']]
  ] as const)(
    '%s gets an error before the user signs in, where %s is not served',
    async (clientId, method, authenticationMethods) => {
      const fixture = newFixture({ settings: { features: { authenticationMethods } } })
      const answer = redirected(await authorize(fixture, { client_id: clientId }))
      expect([answer?.get('error'), fixture.audited.at(-1)?.refusal]).toEqual([
        'unauthorized_client',
        { _tag: 'AuthenticationMethodNotServed', registered: method }
      ])
      expect(fixture.memory.entries()).toEqual([])
    }
  )

  it('so is one with a secret in the body, where the policy does not allow it', async () => {
    const posting = {
      ports: {
        clients: memoryClients(
          clients.map((client): RegisteredClient => ({ ...client, tokenEndpointAuthMethod: 'client_secret_post' }))
        )
      }
    }
    expect(redirected(await authorize(newFixture(posting)))?.get('error')).toBe('unauthorized_client')
    expect(outcomeOf(await authorize(newFixture({ ...posting, policy: { allowClientSecretPost: true } })))).toBe(
      'NeedsUser'
    )
  })
})

describe('after that an authorization request is refused by redirect', () => {
  const refusedRows: ReadonlyArray<readonly [string, Change, string, string, Partial<SmartPolicy>?]> = [
    ['no response type', { response_type: null }, 'invalid_request', 'ResponseTypeMissing'],
    ['a token as response', { response_type: 'token' }, 'unsupported_response_type', 'ResponseTypeNotCode'],
    ['a hybrid response', { response_type: 'code id_token' }, 'unsupported_response_type', 'ResponseTypeNotCode'],
    ['a fragment', { response_mode: 'fragment' }, 'invalid_request', 'ResponseModeNotQuery'],
    ['a request object', { request: 'eyJ' }, 'request_not_supported', 'RequestObjectNotSupported'],
    [
      'a request object by reference',
      { request_uri: 'https://app.example/r' },
      'request_uri_not_supported',
      'RequestUriNotSupported'
    ],
    ['a registration', { registration: '{}' }, 'registration_not_supported', 'RegistrationParameterNotSupported'],
    ['an unknown prompt', { prompt: 'create' }, 'invalid_request', 'PromptMalformed'],
    ['no page and a page', { prompt: 'none login' }, 'invalid_request', 'PromptMalformed'],
    ['a negative age', { max_age: '-1' }, 'invalid_request', 'MaxAgeMalformed'],
    ['an endless age', { max_age: '1e999' }, 'invalid_request', 'MaxAgeMalformed'],
    [
      'mixed versions, by policy',
      { scope: 'patient/*.read patient/Patient.r' },
      'invalid_scope',
      'ScopeVersionsMixed',
      { mixedScopeVersions: 'reject' }
    ],
    [
      'a wildcard with a query, by policy',
      { scope: 'patient/*.rs?category=x' },
      'invalid_scope',
      'ScopeWildcardWithQuery',
      { wildcardWithQuery: 'reject' }
    ],
    [
      'both refresh scopes, by policy',
      { scope: 'openid online_access offline_access' },
      'invalid_scope',
      'BothAccessScopes',
      { bothAccessScopes: 'reject' }
    ],
    [
      'patient scopes alone, by policy',
      { scope: 'patient/*.rs' },
      'invalid_scope',
      'PatientScopeWithoutContext',
      { patientScopeWithoutContext: 'refuse' }
    ],
    [
      'another resource',
      { aud: null, resource: 'https://evil.example/fhir' },
      'invalid_target',
      'ResourceNotServed',
      { acceptResource: true }
    ],
    [
      'a resource beside another audience',
      { resource: 'https://evil.example/fhir' },
      'invalid_target',
      'AudienceAndResourceDiffer',
      { acceptResource: true }
    ],
    [
      'a resource that counts for nothing, beside another audience',
      { resource: 'https://evil.example/fhir' },
      'invalid_target',
      'AudienceAndResourceDiffer'
    ],
    [
      'an audience that is not served beside a resource that is',
      { aud: 'https://evil.example/fhir', resource: fhirBaseUrl },
      'invalid_target',
      'AudienceAndResourceDiffer'
    ],
    [
      'a slash, where it makes another server',
      { resource: `${fhirBaseUrl}/` },
      'invalid_target',
      'AudienceAndResourceDiffer',
      { audMatch: 'exact' }
    ],
    [
      'a resource that is not taken for aud',
      { aud: null, resource: fhirBaseUrl },
      'invalid_request',
      'AudienceMissing'
    ],
    ['no state', { state: null }, 'invalid_request', 'StateMissing'],
    ['no scope', { scope: null }, 'invalid_scope', 'ScopeMissing'],
    ['only a system scope', { scope: 'system/Patient.rs' }, 'invalid_scope', 'NothingToGrant'],
    ['a tab in the scope', { scope: 'openid\tlaunch' }, 'invalid_scope', 'ScopeUnreadable'],
    ['nothing that is registered', { scope: 'system/*.cruds foo' }, 'invalid_scope', 'NothingToGrant'],
    [
      'a malformed scope, by policy',
      { scope: 'openid patient/Patient.sr' },
      'invalid_scope',
      'ScopeMalformed',
      { malformedScope: 'reject' }
    ],
    [
      'an unregistered scope, by policy',
      { scope: 'openid foo' },
      'invalid_scope',
      'ScopeNotRegistered',
      { unknownScope: 'reject' }
    ],
    ['no audience', { aud: null }, 'invalid_request', 'AudienceMissing'],
    ['another audience', { aud: 'https://evil.example/fhir' }, 'invalid_request', 'AudienceNotServed'],
    ['http instead of https', { aud: 'http://ehr.example/fhir' }, 'invalid_request', 'AudienceNotServed'],
    ['two slashes', { aud: `${fhirBaseUrl}//` }, 'invalid_request', 'AudienceNotServed'],
    ['a slash, by policy', { aud: `${fhirBaseUrl}/` }, 'invalid_request', 'AudienceNotServed', { audMatch: 'exact' }],
    ['no challenge', { code_challenge: null }, 'invalid_request', 'CodeChallengeMissing'],
    ['plain', { code_challenge_method: 'plain' }, 'invalid_request', 'CodeChallengeMethodNotS256'],
    ['no method', { code_challenge_method: null }, 'invalid_request', 'CodeChallengeMethodNotS256'],
    ['s256', { code_challenge_method: 's256' }, 'invalid_request', 'CodeChallengeMethodNotS256'],
    ['a short challenge', { code_challenge: 'c'.repeat(42) }, 'invalid_request', 'CodeChallengeMalformed'],
    ['a padded challenge', { code_challenge: `${'c'.repeat(42)}=` }, 'invalid_request', 'CodeChallengeMalformed'],
    ['the launch scope alone', { scope: 'launch patient/*.rs' }, 'invalid_request', 'LaunchParameterMissing'],
    [
      'the launch parameter alone, by policy',
      { launch: 'x' },
      'invalid_request',
      'LaunchScopeMissing',
      { launchParamWithoutScope: 'reject' }
    ],
    ['an unknown launch', { launch: 'x', scope: 'launch' }, 'invalid_request', 'LaunchUnknown']
  ]

  it.each(
    refusedRows.map(([name, change, error, refusal, policy = {}]) => [name, change, error, refusal, policy] as const)
  )('%s', async (_name, change, error, refusal, policy) => {
    const fixture = newFixture({ policy })
    const conversation = await authorize(fixture, change)
    const answer = redirected(conversation)
    expect([answer?.get('error'), lastRefusal(fixture)]).toEqual([error, refusal])
    expect([answer?.get('code'), answer?.get('iss')]).toEqual([null, issuer])
    expect(answer?.get('state') ?? null).toBe(change['state'] === undefined ? 'state-1' : change['state'])
    expect(fixture.memory.entries()).toEqual([])
  })

  it('two states: neither is echoed', async () => {
    const conversation = await newFixture().server.endpoints.authorize(
      get('/authorize', `${printForm(authorizationParameters())}&state=other`)
    )()
    expect([redirected(conversation)?.get('error'), redirected(conversation)?.get('state')]).toEqual([
      'invalid_request',
      null
    ])
  })

  it.each(['a=b&c#d', 'blank and +', '%2b', '\u00fc', 'x'.repeat(4096), '"><script>'])(
    'the state %j comes back as it was',
    async (state) => {
      const fixture = newFixture()
      const conversation = await authorize(fixture, { state, aud: 'https://evil.example' })
      expect(redirected(conversation)?.get('state')).toBe(state)
      const location = conversation._tag === 'SendToApp' ? conversation.response.headers['location'] : ''
      expect(location).toMatch(/^[\x21-\x7e]+$/)
    }
  )
})

describe('a state that cannot be kept is not sent back', () => {
  it.each([
    ['line\r\nbreak', 'StateNotPrintable'],
    ['\u0000', 'StateNotPrintable'],
    ['x'.repeat(4097), 'StateTooLong']
  ])('%j', async (state, refusal) => {
    const fixture = newFixture()
    const answer = redirected(await authorize(fixture, { state }))
    expect([answer?.get('error'), answer?.get('state'), lastRefusal(fixture)]).toEqual([
      'invalid_request',
      null,
      refusal
    ])
    expect(fixture.memory.entries()).toEqual([])
  })
})

describe('a nonce', () => {
  it('is kept with the grant, and no longer than 1,024 characters', async () => {
    const fixture = newFixture()
    const answer = redirected(await authorize(fixture, { nonce: 'x'.repeat(1025) }))
    expect([answer?.get('error'), lastRefusal(fixture)]).toEqual(['invalid_request', 'NonceTooLong'])
    expect(fixture.memory.entries()).toEqual([])
    await authorize(fixture, { nonce: 'x'.repeat(1024) })
    expect(fixture.memory.entries().length).toBeGreaterThan(0)
  })
})

describe('a misspelled scope that is refused', () => {
  it.each([
    ['lauch/patient patient/Observation.sr', 'lauch/patient', 'launch/patient'],
    ['made-up patient/Observation.sr', 'patient/Observation.sr', 'patient/Observation.rs'],
    ['made-up', undefined, undefined],
    ['a b c d e patient/Observation.sr', undefined, undefined]
  ])('gets the one that is probably meant where nothing can be granted: %s', async (written, scope, likely) => {
    const fixture = newFixture()
    const answer = redirected(await authorize(fixture, { scope: written }))
    const said = likely === undefined ? '' : ` Did you mean ${likely}?`
    expect([answer?.get('error'), answer?.get('error_description')]).toEqual([
      'invalid_scope',
      `None of the requested scopes can be granted to this app.${said}`
    ])
    expect(fixture.audited.at(-1)?.refusal).toEqual({ _tag: 'NothingToGrant', ...(scope && { scope, likely }) })
  })

  it.each([
    ['patient/Patient.sr', 'patient/Patient.rs'],
    ['lauch/patient', 'launch/patient'],
    ['patient/Patiant.rs?name=free+text', 'patient/Patient.rs?...']
  ])('gets the one that is probably meant, and no text of its own: %s', async (misspelled, likely) => {
    const fixture = newFixture({ policy: { malformedScope: 'reject', unknownScope: 'reject' } })
    const answer = redirected(await authorize(fixture, { scope: `openid ${misspelled}` }))
    const description = answer?.get('error_description') ?? ''
    expect([answer?.get('error'), description.split('. ')[1]]).toEqual(['invalid_scope', `Did you mean ${likely}?`])
    expect(description).not.toContain(misspelled)
    expect(fixture.audited.at(-1)?.refusal).toMatchObject({ scope: misspelled, likely })
  })
})

describe('a system scope', () => {
  it('is never granted by a user, whatever is registered', async () => {
    const fixture = newFixture({
      ports: {
        clients: {
          find: () =>
            TaskEither.right(
              Option.some({ ...clients[0], scope: parse('system/*.rs patient/*.rs') } as RegisteredClient)
            ),
          isRegisteredOrigin: () => TaskEither.right(false)
        }
      }
    })
    await obtainCode(fixture, { scope: 'system/*.rs patient/Patient.r' })
    const grant = fixture.memory.entries().map(([, text]) => JSON.parse(text) as { scope?: string })[0]
    expect(grant?.scope).toBe('patient/Patient.r')
  })
})

describe('an authorization request is accepted', () => {
  const acceptedRows: ReadonlyArray<readonly [string, Change, Partial<SmartPolicy>?]> = [
    ['as it is', {}],
    ['with a resource that is the audience', { resource: fhirBaseUrl }],
    ['with a resource that is the audience but for a slash', { resource: `${fhirBaseUrl}/` }],
    ['with one trailing slash at aud', { aud: `${fhirBaseUrl}/` }],
    ['with unknown parameters', { foo: 'bar', __proto__x: 'y' }],
    ['with malformed scopes, which are left out', { scope: 'openid patient/Patient.sr' }],
    ['from a native client on any port', { client_id: 'native-app', redirect_uri: 'http://127.0.0.1:51004/cb' }],
    ['with response_mode=query', { response_mode: 'query' }],
    [
      'with the launch scope alone, by policy',
      { scope: 'launch openid' },
      { launchScopeWithoutParam: 'treatAsStandalone' }
    ]
  ]

  it.each(acceptedRows.map(([name, change, policy = {}]) => [name, change, policy] as const))(
    '%s',
    async (_name, change, policy) => {
      const fixture = newFixture({ policy })
      expect(outcomeOf(await authorize(fixture, change))).toBe('NeedsUser')
      expect(fixture.memory.entries()).toHaveLength(1)
    }
  )

  it('by POST as by GET', async () => {
    expect(
      outcomeOf(await newFixture().server.endpoints.authorize(post('/authorize', authorizationParameters()))())
    ).toBe('NeedsUser')
  })

  it('and repeated unknown parameters do not matter', async () => {
    expect(
      outcomeOf(
        await newFixture().server.endpoints.authorize(
          get('/authorize', `${printForm(authorizationParameters())}&x=1&x=2`)
        )()
      )
    ).toBe('NeedsUser')
  })
})

describe('an EHR launch', () => {
  const launched = async (
    fixture: Fixture,
    launchedBy: string | null = 'alice',
    clientId = 'pub-app'
  ): Promise<string> => {
    const handle = await fixture.server.ehr.offerLaunch({
      clientId,
      launchedBy,
      context: { patient: '123', encounter: 'e1', need_patient_banner: true }
    })()
    if (handle._tag === 'Left') throw new Error(handle.left._tag)
    return handle.right
  }

  it('gives its context to the grant, is used when the code is issued, and is invalid afterwards', async () => {
    const fixture = newFixture()
    const launch = await launched(fixture)
    expect(fixture.memory.entries().flat().join()).not.toContain(launch)
    const change = { launch, scope: 'launch patient/*.rs' }
    await obtainCode(fixture, change)
    await authorize(fixture, change)
    expect(lastRefusal(fixture)).toBe('LaunchAlreadyUsed')
  })

  it('may be presented again before its code is issued, and only the last presentation gets the code', async () => {
    const fixture = newFixture()
    const change = { launch: await launched(fixture), scope: 'launch patient/*.rs' }
    const first = await authorize(fixture, change)
    const second = await authorize(fixture, change)
    const decide = async (conversation: Conversation): Promise<string> => {
      if (conversation._tag !== 'NeedsUser') return outcomeOf(conversation)
      const { interaction, details } = conversation
      await fixture.server.interaction.userSignedIn(interaction, alice)()
      return outcomeOf(
        await fixture.server.interaction.consentGiven({ ...interaction, present: alice }, details.scopes)()
      )
    }
    expect([await decide(first), await decide(second)]).toEqual(['redirect invalid_request', 'redirect code'])
  })

  it.each<readonly [string, (fixture: Fixture) => Promise<string>, string]>([
    ['of another client', (fixture) => launched(fixture, 'alice', 'sym-app'), 'LaunchOfAnotherClient'],
    [
      'too late',
      async (fixture) => {
        const launch = await launched(fixture)
        fixture.clock.now += 301
        return launch
      },
      'LaunchExpired'
    ]
  ])('%s is refused', async (_name, prepare, refusal) => {
    const fixture = newFixture()
    await authorize(fixture, { launch: await prepare(fixture), scope: 'launch patient/*.rs' })
    expect(lastRefusal(fixture)).toBe(refusal)
  })

  it('of another user ends with access_denied', async () => {
    const fixture = newFixture()
    const begun = await authorize(fixture, { launch: await launched(fixture, 'bob'), scope: 'launch patient/*.rs' })
    if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
    expect(outcomeOf(await fixture.server.interaction.userSignedIn(begun.interaction, alice)())).toBe(
      'redirect access_denied'
    )
    expect(lastRefusal(fixture)).toBe('LaunchOfAnotherUser')
  })
})

describe('a decision', () => {
  const begin = async (options: FixtureOptions = {}) => {
    const fixture = newFixture(options)
    const begun = await authorize(fixture)
    if (begun._tag !== 'NeedsUser') throw new Error(begun._tag)
    return { fixture, interaction: { ...begun.interaction, present: alice }, details: begun.details }
  }

  it.each([
    ['another form token', { formToken: 'x' }],
    ['another browser', { browserSecret: 'x' }],
    ['no proof at all', { formToken: '', browserSecret: '' }]
  ])('with %s changes nothing', async (_name, change) => {
    const { fixture, interaction } = await begin()
    const before = fixture.memory.entries()
    expect(outcomeOf(await fixture.server.interaction.userSignedIn({ ...interaction, ...change }, alice)())).toBe(
      'page InteractionOfAnotherBrowser'
    )
    expect(fixture.memory.entries()).toEqual(before)
  })

  it('in another order changes nothing', async () => {
    const { fixture, interaction } = await begin()
    expect(outcomeOf(await fixture.server.interaction.consentGiven(interaction, parse('patient/*.rs'))())).toBe(
      'page InteractionOutOfOrder'
    )
  })

  it('made twice gives one code', async () => {
    const { fixture, interaction, details } = await begin()
    await fixture.server.interaction.userSignedIn(interaction, alice)()
    await fixture.server.interaction.contextChosen(interaction, { patient: '123' })()
    const consent = () => fixture.server.interaction.consentGiven(interaction, details.scopes)()
    expect([outcomeOf(await consent()), outcomeOf(await consent())]).toEqual(['redirect code', 'page InteractionOver'])
  })

  it('too late is refused on a page', async () => {
    const { fixture, interaction } = await begin()
    fixture.clock.now += 601
    expect(outcomeOf(await fixture.server.interaction.userSignedIn(interaction, alice)())).toBe(
      'page InteractionExpired'
    )
  })

  it('of no goes to the app', async () => {
    const { fixture, interaction } = await begin()
    expect(outcomeOf(await fixture.server.interaction.userDenied(interaction)())).toBe('redirect access_denied')
  })

  it('cannot widen what was requested, and the host policy cannot either', async () => {
    const { fixture, interaction } = await begin({
      ports: {
        accessPolicy: {
          permittedScopes: () => TaskEither.right(parse('system/*.cruds launch/patient patient/Observation.rs'))
        }
      }
    })
    await fixture.server.interaction.userSignedIn(interaction, alice)()
    await fixture.server.interaction.contextChosen(interaction, { patient: '123' })()
    await fixture.server.interaction.consentGiven(interaction, parse('system/*.cruds patient/*.cruds launch/patient'))()
    const grant = fixture.memory.entries().map(([, text]) => JSON.parse(text) as { scope?: string })[0]
    expect(grant?.scope).toBe('launch/patient patient/Observation.rs')
  })

  it('waits when the host policy does not answer', async () => {
    const { fixture, interaction } = await begin({
      ports: { accessPolicy: { permittedScopes: () => TaskEither.left({ _tag: 'Unavailable', reason: 'test' }) } }
    })
    expect(outcomeOf(await fixture.server.interaction.userSignedIn(interaction, alice)())).toBe(
      'page PolicyUnavailable'
    )
  })

  it('about the patient that is refused keeps the patient from the app', async () => {
    const { fixture, interaction } = await begin()
    await fixture.server.interaction.userSignedIn(interaction, alice)()
    await fixture.server.interaction.contextChosen(interaction, { patient: '123' })()
    await fixture.server.interaction.consentGiven(interaction, parse('openid fhirUser'))()
    const grant = fixture.memory.entries().map(([, text]) => JSON.parse(text) as { context?: unknown })[0]
    expect(grant?.context).toEqual({})
  })
})

describe('a client that is not registered for authorization_code', () => {
  it('gets an error by redirect, and nothing is stored', async () => {
    const backend: RegisteredClient = { ...(clients[0] as RegisteredClient), grantTypes: ['client_credentials'] }
    const fixture = newFixture({ ports: { clients: memoryClients([backend]) } })
    expect(outcomeOf(await authorize(fixture))).toBe('redirect unauthorized_client')
    expect([lastRefusal(fixture), fixture.memory.entries()]).toEqual(['GrantTypeNotRegistered', []])
  })
})

describe('a conversation', () => {
  const begun = async (fixture: Fixture, change: Change = {}) => {
    const conversation = await authorize(fixture, change)
    if (conversation._tag !== 'NeedsUser') throw new Error(conversation._tag)
    return conversation
  }

  it('is shown again to its own browser alone', async () => {
    const fixture = newFixture()
    const { interaction } = await begun(fixture)
    const stored = fixture.memory.entries()
    expect(outcomeOf(await fixture.server.interaction.resume(interaction)())).toBe('NeedsUser')
    for (const browserSecret of [
      '',
      'x',
      `${interaction.browserSecret}x`,
      (await begun(newFixture(), { state: 'z' })).interaction.formToken
    ]) {
      expect(outcomeOf(await fixture.server.interaction.resume({ ...interaction, browserSecret })())).toBe(
        'page InteractionOfAnotherBrowser'
      )
    }
    expect(fixture.memory.entries()).toEqual(stored)
  })

  it('in which openid is refused grants no fhirUser either', async () => {
    const fixture = newFixture()
    const { interaction } = await begun(fixture, { scope: 'openid fhirUser user/*.rs' })
    expect(outcomeOf(await fixture.server.interaction.userSignedIn(interaction, alice)())).toBe('NeedsConsent')
    const sent = redirected(
      await fixture.server.interaction.consentGiven({ ...interaction, present: alice }, parse('fhirUser user/*.rs'))()
    )
    const { scope } = bodyOf(await exchange(fixture, sent?.get('code') ?? ''))
    expect(scope).toBe('user/*.rs')
  })
})

describe('a launch handle', () => {
  it('of another FHIR server with the same store is invalid here, and stays valid there', async () => {
    const there = newFixture()
    const here = newFixture({ settings: { fhirBaseUrl: 'https://other.example/fhir' }, ports: { store: there.memory } })
    const offered = await there.server.ehr.offerLaunch({
      clientId: 'pub-app',
      launchedBy: null,
      context: { patient: '123' }
    })()
    if (offered._tag === 'Left') throw new Error(offered.left._tag)
    const change = { launch: offered.right, scope: 'launch patient/*.rs' }
    expect(outcomeOf(await authorize(here, { ...change, aud: 'https://other.example/fhir' }))).toBe(
      'redirect invalid_request'
    )
    expect(lastRefusal(here)).toBe('LaunchUnknown')
    expect(outcomeOf(await authorize(there, change))).toBe('NeedsUser')
  })
})
