/** Rights are checked again when they matter: registration, user at the page, the host's policy, session. */
import * as Either from 'fp-ts/lib/Either.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { agree, atChoice, atConsent, waiting } from '../../support/server/conversation.js'
import type { Waiting } from '../../support/server/conversation.js'
import {
  alice,
  authorize,
  bodyOf,
  clients,
  exchange,
  fhirBaseUrl,
  issuer,
  newFixture,
  obtainCode,
  redirected,
  refresh
} from '../../support/server-fixture.js'
import type { Fixture, FixtureOptions } from '../../support/server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import type { Conversation, Interaction } from '../../../src/engine/server/interaction/conversation.js'
import { authorizationServer } from '../../../src/engine/server/authorization-server.js'
import type { RegisteredClient } from '../../../src/protocol/client/client.js'
import type { PresentUser, SignedInUser } from '../../../src/protocol/launch/launch-context.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import { parse } from '../../../src/scopes/parse.js'
import type { ScopeSet } from '../../../src/scopes/scope.js'

const scope = 'launch/patient openid offline_access patient/Observation.rs patient/Condition.rs'

/** A world whose register can change, or be silent. */
const registering = (
  options: FixtureOptions = {}
): Fixture & { register: (change: Partial<RegisteredClient> | 'gone' | 'silent' | 'as before') => void } => {
  let found = memoryClients(clients).find
  const fixture = newFixture({
    ...options,
    ports: {
      clients: { find: (clientId) => () => found(clientId)(), isRegisteredOrigin: () => TaskEither.right(false) }
    }
  })
  return {
    ...fixture,
    register: (change) => {
      found =
        change === 'silent'
          ? () => TaskEither.left({ _tag: 'Unavailable', reason: 'silent' })
          : memoryClients(
              change === 'gone'
                ? []
                : clients.map((client) => ({ ...client, ...(change === 'as before' ? {} : change) }))
            ).find
    }
  }
}

const after = (
  begin: (fixture: Fixture) => Promise<Waiting>,
  then: (fixture: Fixture, waits: Waiting) => Promise<Conversation>
) => ({ begin, then })

const atSignIn = async (fixture: Fixture): Promise<Waiting> => waiting(await authorize(fixture, { scope }))

const steps = {
  'a page that is loaded again': after(
    (fixture) => atConsent(fixture, { scope }),
    (fixture, { interaction }) => fixture.server.interaction.resume(interaction)()
  ),
  'sign-in': after(atSignIn, (fixture, { interaction }) =>
    fixture.server.interaction.userSignedIn(interaction, alice)()
  ),
  'the choice of a patient': after(
    (fixture) => atChoice(fixture, { scope }),
    (fixture, { interaction }) => fixture.server.interaction.contextChosen(interaction, { patient: '123' })()
  ),
  'no choice': after(
    (fixture) => atChoice(fixture, { scope }),
    (fixture, { interaction }) => fixture.server.interaction.contextUnavailable(interaction)()
  ),
  consent: after((fixture) => atConsent(fixture, { scope }), agree),
  denial: after(
    (fixture) => atConsent(fixture, { scope }),
    (fixture, { interaction }) => fixture.server.interaction.userDenied(interaction)()
  ),
  'a cancelled sign-in': after(atSignIn, (fixture, { interaction }) =>
    fixture.server.interaction.userDenied(interaction)()
  ),
  'an answer without a page': after(atSignIn, (fixture, { interaction }) =>
    fixture.server.interaction.pageNeeded(interaction)()
  )
}

const refusalOf = (conversation: Conversation): string =>
  conversation._tag === 'ShowRefusal'
    ? `${conversation.refusal._tag}${conversation.onward === null ? '' : ' onward'}`
    : conversation._tag

describe('a registration that was taken back', () => {
  describe.each(Object.entries(steps))('before %s', (_name, { begin, then }) => {
    it.each<readonly [string, Partial<RegisteredClient> | 'gone', string]>([
      ['the client', 'gone', 'ClientUnknown'],
      ['its redirect URI', { redirectUris: ['https://app.example/moved'] }, 'RedirectUriNotRegistered'],
      ['its grant type', { grantTypes: ['client_credentials'] }, 'GrantTypeNotRegistered'],
      ['all its scopes', { scope: parse('patient/Encounter.rs') }, 'ScopeNoLongerRegistered'],
      ['one of its scopes', { scope: parse(scope.replace('openid ', '')) }, 'ScopeNoLongerRegistered'],
      [
        'a part of one of its scopes',
        { scope: parse(scope.replace('Observation.rs', 'Observation.rs?status=final')) },
        'ScopeNoLongerRegistered'
      ],
      ['its right to be refreshed', { scope: parse(scope.replace('offline_access ', '')) }, 'ScopeNoLongerRegistered']
    ])('%s: a page, no redirect, and an audit entry', async (_what, change, expected) => {
      const fixture = registering()
      const waits = await begin(fixture)
      fixture.register(change)
      expect(refusalOf(await then(fixture, waits))).toBe(expected)
      expect(fixture.audited.at(-1)).toMatchObject({ decision: 'Refused', refusal: { _tag: expected } })
    })

    it('the client registry is unavailable: nothing is lost', async () => {
      const fixture = registering()
      const waits = await begin(fixture)
      const stored = fixture.memory.entries()
      fixture.register('silent')
      expect(refusalOf(await then(fixture, waits))).toBe('ClientsUnavailable')
      expect(fixture.memory.entries()).toEqual(stored)
      fixture.register('as before')
      expect(refusalOf(await then(fixture, waits))).toMatch(/^(?:Needs|SendToApp)/)
    })
  })

  it('scopes in other words of the same meaning, or for more: the conversation goes on as it was', async () => {
    const fixture = registering()
    const waits = await atConsent(fixture, { scope })
    fixture.register({
      scope: parse(
        'launch/patient openid offline_access patient/Observation.r patient/Observation.s patient/Condition.cruds'
      )
    })
    const shown = waiting(await fixture.server.interaction.resume(waits.interaction)())
    expect(shown.details.scopes.map(({ text }) => text).join(' ')).toBe(scope)
    const code = redirected(await agree(fixture, waits))?.get('code') ?? ''
    expect(bodyOf(await exchange(fixture, code))['scope']).toBe(scope)
  })

  it('a scope to which the user did not agree: the code is good', async () => {
    const fixture = registering()
    const { interaction } = await atConsent(fixture, { scope })
    const granted = 'launch/patient openid patient/Condition.rs'
    const code =
      redirected(await fixture.server.interaction.consentGiven(interaction, parse(granted))())?.get('code') ?? ''
    fixture.register({ scope: parse(granted) })
    expect(bodyOf(await exchange(fixture, code))['scope']).toBe(granted)
  })

  it.each<readonly [string, Partial<RegisteredClient> | 'gone', string]>([
    ['the client', 'gone', 'invalid_client'],
    ['its redirect URI', { redirectUris: ['https://app.example/moved'] }, 'invalid_grant'],
    ['its grant type', { grantTypes: ['client_credentials'] }, 'unauthorized_client'],
    ['all its scopes', { scope: parse('patient/Encounter.rs') }, 'invalid_grant'],
    ['one of its scopes', { scope: parse(scope.replace('openid ', '')) }, 'invalid_grant'],
    ['a part of one', { scope: parse(scope.replace('Observation.rs', 'Observation.r')) }, 'invalid_grant']
  ])('%s: a code buys nothing', async (_what, change, error) => {
    const fixture = registering()
    const code = await obtainCode(fixture, { scope })
    fixture.register(change)
    expect(bodyOf(await exchange(fixture, code))['error']).toBe(error)
  })

  it('the refresh grant: a code buys no refresh token', async () => {
    const fixture = registering()
    const code = await obtainCode(fixture, { scope })
    fixture.register({ grantTypes: ['authorization_code'] })
    const tokens = bodyOf(await exchange(fixture, code))
    expect([tokens['refresh_token'], tokens['scope']]).toEqual([undefined, scope.replace('offline_access ', '')])
  })
})

describe('a confidential client whose code has no challenge, and that is registered as public meanwhile', () => {
  const isPublic: Partial<RegisteredClient> = { tokenEndpointAuthMethod: 'none', secretDigests: [] }
  const unchallenged = {
    client_id: 'sym-app',
    scope: 'launch/patient patient/*.read',
    code_challenge: null,
    code_challenge_method: null
  }
  const fixture = () => registering({ policy: { pkce: 'optionalForV1Clients' } })

  it.each(['consent', 'resume', 'denial'] as const)('before %s: a page, and no code', async (step) => {
    const at = fixture()
    const waits = await atConsent(at, unchallenged)
    at.register(isPublic)
    const { server } = at
    const answer =
      step === 'consent'
        ? await agree(at, waits)
        : await (
            step === 'resume'
              ? server.interaction.resume(waits.interaction)
              : server.interaction.userDenied(waits.interaction)
          )()
    expect(refusalOf(answer)).toBe('CodeChallengeMissing')
  })

  it('before the exchange: the code buys nothing, and the grant has ended', async () => {
    const at = fixture()
    const code = redirected(await agree(at, await atConsent(at, unchallenged)))?.get('code') ?? ''
    at.register(isPublic)
    const asPublic = { client_id: 'sym-app', code_verifier: null }
    expect(bodyOf(await exchange(at, code, asPublic))['error']).toBe('invalid_grant')
    expect(at.audited.at(-1)?.refusal?._tag).toBe('CodeUnprotected')
    at.register('as before')
    const asConfidential = { authorization: `Basic ${btoa('sym-app:s3cret:%')}` }
    expect(bodyOf(await exchange(at, code, { client_id: null, code_verifier: null }, asConfidential))['error']).toBe(
      'invalid_grant'
    )
  })

  it(
    'is served as before while it stays confidential, and with a challenge it is not either ' + 'once it is public',
    async () => {
      const at = fixture()
      const code = redirected(await agree(at, await atConsent(at, unchallenged)))?.get('code') ?? ''
      const asConfidential = { authorization: `Basic ${btoa('sym-app:s3cret:%')}` }
      expect((await exchange(at, code, { client_id: null, code_verifier: null }, asConfidential)).status).toBe(200)
      const challenged =
        redirected(await agree(at, await atConsent(at, { client_id: 'sym-app', scope })))?.get('code') ?? ''
      at.register(isPublic)
      expect((await exchange(at, challenged, { client_id: 'sym-app' })).status).toBe(400)
    }
  )
})

describe('the way in which a client authenticates, if it changes meanwhile', () => {
  const secret = { secretDigests: clients.find(({ clientId }) => clientId === 'sym-app')?.secretDigests ?? [] }
  const isPublic: Partial<RegisteredClient> = { tokenEndpointAuthMethod: 'none', secretDigests: [] }
  const isConfidential: Partial<RegisteredClient> = { tokenEndpointAuthMethod: 'client_secret_basic', ...secret }
  const withProof = (clientId: string) => ({ authorization: `Basic ${btoa(`${clientId}:s3cret:%`)}` })

  describe.each(Object.entries(steps))('before %s', (_name, { begin, then }) => {
    it.each<readonly [string, Partial<RegisteredClient>, string]>([
      ['a public client that is confidential now', isConfidential, 'ClientTypeChanged'],
      [
        'one whose method is not served',
        { tokenEndpointAuthMethod: 'client_secret_post', ...secret },
        'AuthenticationMethodNotServed'
      ]
    ])('%s: a page, and nothing goes to the app', async (_what, change, expected) => {
      const fixture = registering()
      const waits = await begin(fixture)
      fixture.register(change)
      expect(refusalOf(await then(fixture, waits))).toBe(expected)
      fixture.register('as before')
      expect(refusalOf(await then(fixture, waits))).toMatch(/^(?:InteractionOver|Needs)/)
    })

    it('a server that serves its method no more: a page', async () => {
      const fixture = registering()
      const waits = await begin(fixture)
      const features = { onlineAccess: true, authenticationMethods: ['client_secret_basic'] } as const
      const later = authorizationServer({ issuer, fhirBaseUrl, features }, fixture.ports)
      if (Either.isLeft(later)) throw new Error(JSON.stringify(later.left))
      expect(refusalOf(await then({ ...fixture, server: later.right }, waits))).toBe('AuthenticationMethodNotServed')
    })
  })

  it.each(['consent', 'resume', 'denial'] as const)(
    'a confidential client that is public before %s: a page',
    async (step) => {
      const fixture = registering()
      const waits = await atConsent(fixture, { client_id: 'sym-app', scope })
      fixture.register(isPublic)
      const { server } = fixture
      const answer =
        step === 'consent'
          ? await agree(fixture, waits)
          : await (
              step === 'resume'
                ? server.interaction.resume(waits.interaction)
                : server.interaction.userDenied(waits.interaction)
            )()
      expect(refusalOf(answer)).toBe('ClientTypeChanged')
    }
  )

  it('a code of a client of the other type buys nothing, and has ended', async () => {
    for (const [clientId, change, given, headers] of [
      ['sym-app', isPublic, { client_id: 'sym-app' }, {}],
      ['pub-app', isConfidential, { client_id: null }, withProof('pub-app')]
    ] as const) {
      const fixture = registering()
      const code = await obtainCode(fixture, { client_id: clientId, scope })
      fixture.register(change)
      expect(bodyOf(await exchange(fixture, code, given, headers))['error']).toBe('invalid_grant')
      expect(fixture.audited.at(-1)?.refusal).toEqual({
        _tag: 'ClientTypeChanged',
        was: clientId === 'sym-app' ? 'confidential' : 'public'
      })
      fixture.register('as before')
      const asBefore = clientId === 'sym-app' ? withProof('sym-app') : {}
      expect(
        (await exchange(fixture, code, { client_id: clientId === 'sym-app' ? null : clientId }, asBefore)).status
      ).toBe(400)
    }
  })

  it('a code and a refresh token buy nothing at a server that serves the method no more', async () => {
    const fixture = registering()
    const code = await obtainCode(fixture, { scope })
    const token = String(bodyOf(await exchange(fixture, await obtainCode(fixture, { scope })))['refresh_token'])
    const later = authorizationServer(
      { issuer, fhirBaseUrl, features: { authenticationMethods: ['client_secret_basic'] } },
      fixture.ports
    )
    if (Either.isLeft(later)) throw new Error(JSON.stringify(later.left))
    const at = { ...fixture, server: later.right }
    expect([(await exchange(at, code)).status, (await refresh(at, token)).status]).toEqual([401, 401])
    expect([(await exchange(fixture, code)).status, (await refresh(fixture, token)).status]).toEqual([200, 200])
  })

  it('from one method of confidential clients to another: the code is good', async () => {
    const fixture = registering({ policy: { allowClientSecretPost: true } })
    const code = await obtainCode(fixture, { client_id: 'sym-app', scope })
    fixture.register({ tokenEndpointAuthMethod: 'client_secret_post' })
    expect((await exchange(fixture, code, { client_id: 'sym-app', client_secret: 's3cret:%' })).status).toBe(200)
  })

  it.each(['required', 'optional'] as const)(
    'a refresh token of a confidential client is good with its proof only (client_id %s)',
    async (named) => {
      const fixture = registering({ policy: { publicRefreshClientId: named } })
      const code = await obtainCode(fixture, { client_id: 'sym-app', scope })
      const token = String(
        bodyOf(await exchange(fixture, code, { client_id: null }, withProof('sym-app')))['refresh_token']
      )
      fixture.register(isPublic)
      const stored = fixture.memory.entries()
      for (const clientId of named === 'optional' ? ['sym-app', null] : ['sym-app']) {
        expect(bodyOf(await refresh(fixture, token, { client_id: clientId }))['error']).toBe('invalid_grant')
        expect(fixture.audited.at(-1)?.refusal).toEqual({ _tag: 'ClientTypeChanged', was: 'confidential' })
      }
      expect(fixture.memory.entries()).toEqual(stored)
      fixture.register('as before')
      expect((await refresh(fixture, token, { client_id: null }, withProof('sym-app'))).status).toBe(200)
    }
  )

  it('a refresh token of a public client that is confidential now is good with its proof', async () => {
    const fixture = registering()
    const token = String(bodyOf(await exchange(fixture, await obtainCode(fixture, { scope })))['refresh_token'])
    fixture.register(isConfidential)
    expect((await refresh(fixture, token)).status).toBe(401)
    expect((await refresh(fixture, token, { client_id: null }, withProof('pub-app'))).status).toBe(200)
  })
})

describe('the user at the page', () => {
  const mallory: SignedInUser = { ...alice, sub: 'mallory' }
  const withoutPresent = ({ present: _present, ...interaction }: Interaction): Interaction => interaction as Interaction
  const others: ReadonlyArray<readonly [string, (interaction: Interaction) => Interaction]> = [
    ['another user', (interaction) => ({ ...interaction, present: mallory })],
    ['nobody', (interaction) => ({ ...interaction, present: null })],
    ['no answer at all', (interaction) => ({ ...interaction, present: undefined as never })],
    ['a host that forgot to say', withoutPresent]
  ]
  const decisions: Readonly<
    Record<
      string,
      readonly [
        begin: (fixture: Fixture) => Promise<Waiting>,
        decide: (fixture: Fixture, waits: Waiting) => Promise<Conversation>
      ]
    >
  > = {
    'loads the page again': [
      (fixture) => atConsent(fixture, { scope }),
      (fixture, { interaction }) => fixture.server.interaction.resume(interaction)()
    ],
    'loads the choice again': [
      (fixture) => atChoice(fixture, { scope }),
      (fixture, { interaction }) => fixture.server.interaction.resume(interaction)()
    ],
    chooses: [
      (fixture) => atChoice(fixture, { scope }),
      (fixture, { interaction }) => fixture.server.interaction.contextChosen(interaction, { patient: '9' })()
    ],
    'goes on without': [
      (fixture) => atChoice(fixture, { scope }),
      (fixture, { interaction }) => fixture.server.interaction.contextUnavailable(interaction)()
    ],
    consents: [
      (fixture) => atConsent(fixture, { scope }),
      (fixture, { interaction, details }) => fixture.server.interaction.consentGiven(interaction, details.scopes)()
    ],
    denies: [
      (fixture) => atConsent(fixture, { scope }),
      (fixture, { interaction }) => fixture.server.interaction.userDenied(interaction)()
    ],
    'needs a page': [
      (fixture) => atConsent(fixture, { scope }),
      (fixture, { interaction }) => fixture.server.interaction.pageNeeded(interaction)()
    ]
  }

  describe.each(others)('%s', (_who, presented) => {
    it.each(Object.entries(decisions))(
      '%s: nothing of the first one is shown or decided',
      async (_what, [begin, decide]) => {
        const fixture = newFixture()
        const waits = await begin(fixture)
        const stored = fixture.memory.entries()
        const refused = await decide(fixture, { ...waits, interaction: presented(waits.interaction) })
        expect(refusalOf(refused)).toBe('InteractionOfAnotherUser')
        expect(JSON.stringify(refused)).not.toMatch(/alice|123|Observation/)
        expect(fixture.memory.entries()).toEqual(stored)
        // When the first one is there again, the conversation goes on.
        expect(refusalOf(await decide(fixture, waits))).toMatch(/^(?:Needs|SendToApp)/)
      }
    )
  })

  it('is returned with each step: null before the sign-in, and then the user who took the step', async () => {
    const fixture = newFixture()
    const requested = await atSignIn(fixture)
    expect(requested.interaction.present).toBeNull()
    const loaded = waiting(await fixture.server.interaction.resume({ ...requested.interaction, present: mallory })())
    expect(loaded.interaction).toEqual({ ...requested.interaction, present: mallory })
    // Who signs in is the present user, whoever was there before.
    const choice = waiting(await fixture.server.interaction.userSignedIn(loaded.interaction, alice)())
    expect([choice._tag, choice.interaction]).toEqual(['NeedsContext', { ...requested.interaction, present: alice }])
    const again: SignedInUser = { ...alice, sessionId: 'second' }
    const consent = waiting(
      await fixture.server.interaction.contextChosen({ ...choice.interaction, present: again }, { patient: '123' })()
    )
    expect([consent._tag, consent.interaction.present]).toEqual(['NeedsConsent', again])
    expect(
      waiting(await fixture.server.interaction.resume({ ...consent.interaction, present: alice })()).interaction.present
    ).toEqual(alice)
    // A sign-in asks for nobody before it.
    const next = await atSignIn(fixture)
    expect(
      waiting(await fixture.server.interaction.userSignedIn(withoutPresent(next.interaction), alice)()).interaction
        .present
    ).toEqual(alice)
  })

  it('sees no context of the EHR before a user has signed in', async () => {
    const fixture = newFixture()
    const handle = await fixture.server.ehr.offerLaunch({
      clientId: 'pub-app',
      launchedBy: 'alice',
      context: { patient: '123' }
    })()
    const waits = waiting(
      await authorize(fixture, { scope: 'launch patient/*.rs', launch: Either.isRight(handle) ? handle.right : '' })
    )
    expect(waits.details.context).toEqual({})
    expect(
      JSON.stringify(await fixture.server.interaction.resume({ ...waits.interaction, present: mallory })())
    ).not.toContain('"123"')
  })
})

describe('the access policy', () => {
  /** A world whose policy can change, and its calls. */
  const permitting = (options: FixtureOptions = {}) => {
    const now: { answer: string | null } = { answer: scope }
    const requests: Array<string> = []
    const fixture = newFixture({
      ...options,
      ports: {
        accessPolicy: {
          permittedScopes: (user, client, requested) => {
            requests.push(`${user.sub} ${client.clientId} ${requested.map(({ text }) => text).join(' ')}`)
            return now.answer === null
              ? TaskEither.left({ _tag: 'Unavailable', reason: 'silent' })
              : TaskEither.right<never, ScopeSet | 'endGrant'>(
                  now.answer === 'endGrant' ? now.answer : parse(now.answer)
                )
          }
        }
      }
    })
    return { fixture, now, requests }
  }
  const less = scope.replace('patient/Observation.rs ', '')
  const tokenOf = (response: PlainResponse): string => String(bodyOf(response)['refresh_token'])

  it('is called at sign-in, at consent, at code exchange and at refresh', async () => {
    const { fixture, requests } = permitting()
    const bought = await exchange(fixture, await obtainCode(fixture, { scope }))
    await refresh(fixture, tokenOf(bought))
    expect(requests).toEqual(Array.from({ length: 4 }, () => `alice pub-app ${scope}`))
  })

  it('is called at sign-in alone where the host wants it so', async () => {
    const { fixture, now, requests } = permitting({ policy: { accessPolicyChecks: 'atSignIn' } })
    const code = await obtainCode(fixture, { scope })
    now.answer = 'endGrant'
    expect(bodyOf(await refresh(fixture, tokenOf(await exchange(fixture, code))))['scope']).toBe(scope)
    expect(requests).toHaveLength(1)
  })

  it('takes back at consent what is not granted then', async () => {
    const { fixture, now } = permitting()
    const waits = await atConsent(fixture, { scope })
    now.answer = less
    const code = redirected(await agree(fixture, waits))?.get('code') ?? ''
    now.answer = scope
    expect(bodyOf(await exchange(fixture, code))['scope']).toBe(less)
  })

  it(
    'takes back at code exchange and at refresh; what it gives back comes back, and nothing ' + 'beyond the consent',
    async () => {
      const { fixture, now } = permitting()
      const code = await obtainCode(fixture, { scope })
      now.answer = less
      const first = await exchange(fixture, code)
      expect(bodyOf(first)['scope']).toBe(less)
      now.answer = `${scope} user/*.cruds patient/*.cruds`
      const second = await refresh(fixture, tokenOf(first))
      expect(bodyOf(second)['scope']).toBe(scope)
      now.answer = 'launch/patient offline_access patient/Condition.r'
      const third = await refresh(fixture, tokenOf(second))
      expect(bodyOf(third)['scope']).toBe('launch/patient offline_access patient/Condition.r')
      expect(bodyOf(await refresh(fixture, tokenOf(third), { scope: 'patient/Observation.r' }))['error']).toBe(
        'invalid_scope'
      )
    }
  )

  it.each<readonly [string, string | null, number, string]>([
    ['permits nothing', '', 400, 'invalid_scope'],
    ['permits no refresh', 'patient/Condition.rs', 400, 'invalid_scope'],
    ['is silent', null, 503, 'temporarily_unavailable']
  ])('that %s at refresh spends nothing', async (_name, answer, status, error) => {
    const { fixture, now } = permitting()
    const token = tokenOf(await exchange(fixture, await obtainCode(fixture, { scope })))
    now.answer = answer
    const refused = await refresh(fixture, token)
    expect([refused.status, bodyOf(refused)['error']]).toEqual([status, error])
    now.answer = scope
    expect((await refresh(fixture, token)).status).toBe(200)
  })

  it.each<readonly [string, string | null, number, string]>([
    ['permits nothing', '', 400, 'invalid_scope'],
    ['is silent', null, 503, 'temporarily_unavailable']
  ])('that %s at code exchange spends nothing', async (_name, answer, status, error) => {
    const { fixture, now } = permitting()
    const code = await obtainCode(fixture, { scope })
    now.answer = answer
    const refused = await exchange(fixture, code)
    expect([refused.status, bodyOf(refused)['error']]).toEqual([status, error])
    now.answer = scope
    expect((await exchange(fixture, code)).status).toBe(200)
  })

  it('that is unavailable at consent keeps the conversation', async () => {
    const { fixture, now } = permitting()
    const waits = await atConsent(fixture, { scope })
    now.answer = null
    expect(refusalOf(await agree(fixture, waits))).toBe('PolicyUnavailable')
    now.answer = scope
    expect(redirected(await agree(fixture, waits))?.has('code')).toBe(true)
  })

  it('ends the grant when it says so, for good', async () => {
    const { fixture, now } = permitting()
    const token = tokenOf(await exchange(fixture, await obtainCode(fixture, { scope })))
    const code = await obtainCode(fixture, { scope })
    const waits = await atConsent(fixture, { scope })
    now.answer = 'endGrant'
    expect(bodyOf(await refresh(fixture, token))['error']).toBe('invalid_grant')
    expect(bodyOf(await exchange(fixture, code))['error']).toBe('invalid_grant')
    expect(redirected(await agree(fixture, waits))?.get('error')).toBe('access_denied')
    now.answer = scope
    expect(bodyOf(await refresh(fixture, token))['error']).toBe('invalid_grant')
    expect(bodyOf(await exchange(fixture, code))['error']).toBe('invalid_grant')
    expect(refusalOf(await agree(fixture, waits))).toBe('InteractionOver')
  })
})

describe('a port that answers in no form', () => {
  const boom = (): never => {
    throw new Error('boom')
  }
  const answers: Readonly<Record<string, unknown>> = {
    throws: boom,
    'throws when it is run': () => boom,
    rejects: () => () => Promise.reject(new Error('boom')),
    'gives no task': () => undefined,
    'gives no answer': () => () => Promise.resolve(undefined),
    'gives undefined': () => TaskEither.right(undefined),
    'gives null': () => TaskEither.right(null),
    'gives text': () => TaskEither.right('patient/*.rs'),
    'gives another word': () => TaskEither.right('endgrant'),
    'gives texts': () => TaskEither.right(['patient/*.rs']),
    'gives nulls': () => TaskEither.right([null])
  }
  /** A world in which one port answers so from a certain moment on. */
  const failing = (port: 'accessPolicy' | 'clients' | 'users', answer: unknown) => {
    const now = { fails: false }
    const requests = <Ask extends (...given: ReadonlyArray<never>) => unknown>(ask: Ask): Ask =>
      ((...given: ReadonlyArray<never>) => (now.fails ? (answer as Ask) : ask)(...given)) as Ask
    const fixture = newFixture({
      ports: {
        ...(port === 'accessPolicy'
          ? { accessPolicy: { permittedScopes: requests((_user, _client, requested) => TaskEither.right(requested)) } }
          : {}),
        ...(port === 'clients'
          ? { clients: { ...memoryClients(clients), find: requests(memoryClients(clients).find) } }
          : {}),
        ...(port === 'users' ? { users: { isOnline: requests(() => TaskEither.right(true)) } } : {})
      }
    })
    return { fixture, now }
  }

  describe.each([
    ['accessPolicy', 'PolicyUnavailable'],
    ['clients', 'ClientsUnavailable']
  ] as const)('%s', (port, refusal) => {
    it.each(Object.entries(answers))(
      'that %s is unavailable at each step, and no launch or code is used',
      async (_what, answer) => {
        const { fixture, now } = failing(port, answer)
        const during = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
          const stored = fixture.memory.entries()
          now.fails = true
          const reported = await ask()
          now.fails = false
          expect(fixture.memory.entries()).toEqual(stored)
          return reported
        }
        const requested = await atSignIn(fixture)
        expect(
          refusalOf(await during(() => fixture.server.interaction.userSignedIn(requested.interaction, alice)()))
        ).toBe(refusal)
        const waits = await atConsent(fixture, { scope })
        expect(refusalOf(await during(() => agree(fixture, waits)))).toBe(refusal)
        const code = redirected(await agree(fixture, waits))?.get('code') ?? ''
        expect((await during(() => exchange(fixture, code))).status).toBe(503)
        const token = String(bodyOf(await exchange(fixture, code))['refresh_token'])
        expect((await during(() => refresh(fixture, token))).status).toBe(503)
        expect((await refresh(fixture, token)).status).toBe(200)
      }
    )
  })

  it.each(Object.entries(answers))('users that %s: 503, and the session goes on', async (_what, answer) => {
    const { fixture, now } = failing('users', answer)
    const bought = await exchange(
      fixture,
      await obtainCode(fixture, { scope: 'launch/patient online_access patient/*.rs' })
    )
    const token = String(bodyOf(bought)['refresh_token'])
    now.fails = true
    expect((await refresh(fixture, token)).status).toBe(503)
    now.fails = false
    expect((await refresh(fixture, token)).status).toBe(200)
  })
})

describe('a session', () => {
  /** A world that knows which sessions last. */
  const inSessions = () => {
    const lasting = new Set(['first'])
    const requested: Array<string | undefined> = []
    const fixture = newFixture({
      ports: {
        users: {
          isOnline: ({ sessionId }) =>
            TaskEither.fromIO(() => {
              requested.push(sessionId)
              return lasting.has(sessionId ?? '')
            })
        }
      }
    })
    return { fixture, lasting, requested }
  }
  const online = 'launch/patient online_access patient/*.rs'
  const first: SignedInUser = { ...alice, sessionId: 'first' }

  const buy = async (fixture: Fixture, present: PresentUser = first): Promise<string> => {
    const waits = await atConsent(fixture, { scope: online }, first)
    const code =
      redirected(
        await fixture.server.interaction.consentGiven({ ...waits.interaction, present }, waits.details.scopes)()
      )?.get('code') ?? ''
    return String(bodyOf(await exchange(fixture, code))['refresh_token'])
  }

  it('is the session for which the host is called; a later session does not make its tokens valid again', async () => {
    const { fixture, lasting, requested } = inSessions()
    const token = await buy(fixture)
    const renewed = String(bodyOf(await refresh(fixture, token))['refresh_token'])
    lasting.clear()
    lasting.add('second')
    expect(bodyOf(await refresh(fixture, renewed))['error']).toBe('invalid_grant')
    lasting.add('first')
    expect(bodyOf(await refresh(fixture, renewed))['error']).toBe('invalid_grant')
    expect(new Set(requested)).toEqual(new Set(['first']))
  })

  it('is the one in which the user consents, if they have signed in again since the conversation began', async () => {
    const { fixture, requested } = inSessions()
    await refresh(fixture, await buy(fixture, { ...first, sessionId: 'second' }))
    expect(requested).toEqual(['second'])
  })

  it.each<readonly [string, { readonly max_age?: string; readonly prompt?: string }]>([
    ['max_age', { max_age: '10' }],
    ['prompt=login', { prompt: 'login' }],
    ['max_age=0', { max_age: '0' }]
  ])('that is older than %s asks for decides nothing, and sees nothing', async (_name, requested) => {
    const fixture = newFixture()
    fixture.clock.now = 9000
    const fresh: SignedInUser = { ...alice, authTime: 9000, sessionId: 'fresh' }
    const older: SignedInUser = { ...alice, authTime: 4000, sessionId: 'older' }
    const change = { scope: 'openid launch/patient patient/Observation.rs', ...requested }
    const choice = await atChoice(fixture, change, fresh)
    const stored = fixture.memory.entries()
    const byOlder = { ...choice.interaction, present: older }
    expect(refusalOf(await fixture.server.interaction.contextChosen(byOlder, { patient: '9' })())).toBe('SignInTooOld')
    expect(refusalOf(await fixture.server.interaction.resume(byOlder)())).toBe('SignInTooOld')
    expect(refusalOf(await fixture.server.interaction.userDenied(byOlder)())).toBe('SignInTooOld')
    expect(fixture.memory.entries()).toEqual(stored)
    const waits = waiting(await fixture.server.interaction.contextChosen(choice.interaction, { patient: '123' })())
    const refused = await fixture.server.interaction.consentGiven(
      { ...waits.interaction, present: older },
      waits.details.scopes
    )()
    expect(refusalOf(refused)).toBe('SignInTooOld')
    // The sign-in that the request requires still decides.
    expect(redirected(await agree(fixture, waits))?.has('code')).toBe(true)
  })

  it('of any age will do where the app asks for none, and before the sign-in', async () => {
    const fixture = newFixture()
    fixture.clock.now = 9000
    const older: SignedInUser = { ...alice, authTime: 1000, sessionId: 'older' }
    const begun = waiting(await authorize(fixture, { scope, max_age: '10' }))
    expect(refusalOf(await fixture.server.interaction.resume({ ...begun.interaction, present: older })())).toBe(
      'NeedsUser'
    )
    const waits = await atConsent(fixture, { scope }, { ...alice, authTime: 9000, sessionId: 'fresh' })
    const decided = await fixture.server.interaction.consentGiven(
      { ...waits.interaction, present: older },
      waits.details.scopes
    )()
    expect(redirected(decided)?.has('code')).toBe(true)
  })

  it('has to sign in again for max_age=0, as for prompt=login', async () => {
    const fixture = newFixture()
    expect(waiting(await authorize(fixture, { scope, max_age: '0' })).details.prompts).toEqual(['login'])
    expect(waiting(await authorize(fixture, { scope, max_age: '00', prompt: 'consent' })).details.prompts).toEqual([
      'consent',
      'login'
    ])
    expect(waiting(await authorize(fixture, { scope, max_age: '1' })).details.prompts).toEqual([])
  })
})

it('every refresh gives another access token, of either format, in the same second too', async () => {
  for (const accessTokenFormat of ['opaque', 'jwt'] as const) {
    const fixture = newFixture({ policy: { accessTokenFormat } })
    const given: Array<unknown> = []
    let answer = await exchange(fixture, await obtainCode(fixture, { scope }))
    for (let count = 0; count < 4; count++) {
      given.push(bodyOf(answer)['access_token'])
      answer = await refresh(fixture, String(bodyOf(answer)['refresh_token']))
    }
    expect(new Set(given).size).toBe(4)
  }
})
