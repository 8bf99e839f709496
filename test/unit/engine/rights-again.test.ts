/** Rights are asked again when they matter: the registration, the user at the page, the host's policy, the session. */
import * as Either from 'fp-ts/lib/Either.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { agree, atChoice, atConsent, waiting } from '../../attacks/conversation.js'
import type { Waiting } from '../../attacks/conversation.js'
import {
  alice,
  authorize,
  bodyOf,
  clients,
  exchange,
  fhirBaseUrl,
  issuer,
  newWorld,
  obtainCode,
  redirected,
  refresh
} from '../../simulation/world.js'
import type { World, WorldOptions } from '../../simulation/world.js'
import { memoryClients } from '../../../src/adapters/memory.js'
import type { Conversation, Interaction } from '../../../src/engine/conversation.js'
import { authorizationServer } from '../../../src/engine/server.js'
import type { RegisteredClient } from '../../../src/messages/client.js'
import type { PresentUser, SignedInUser } from '../../../src/messages/launch-context.js'
import type { PlainResponse } from '../../../src/messages/http.js'
import { parse } from '../../../src/scopes/parse.js'
import type { ScopeSet } from '../../../src/scopes/scope.js'

const scope = 'launch/patient openid offline_access patient/Observation.rs patient/Condition.rs'

/** A world whose register can change, or be silent. */
const registering = (
  options: WorldOptions = {}
): World & { register: (change: Partial<RegisteredClient> | 'gone' | 'silent' | 'as before') => void } => {
  let found = memoryClients(clients).find
  const world = newWorld({
    ...options,
    ports: {
      clients: { find: (clientId) => () => found(clientId)(), isRegisteredOrigin: () => TaskEither.right(false) }
    }
  })
  return {
    ...world,
    register: (change) => {
      found =
        change === 'silent'
          ? () => TaskEither.left({ _tag: 'Silence', reason: 'silent' })
          : memoryClients(
              change === 'gone'
                ? []
                : clients.map((client) => ({ ...client, ...(change === 'as before' ? {} : change) }))
            ).find
    }
  }
}

const after = (
  begin: (world: World) => Promise<Waiting>,
  then: (world: World, waits: Waiting) => Promise<Conversation>
) => ({ begin, then })

const atSignIn = async (world: World): Promise<Waiting> => waiting(await authorize(world, { scope }))

const steps = {
  'a page that is loaded again': after(
    (world) => atConsent(world, { scope }),
    (world, { interaction }) => world.server.resume(interaction)()
  ),
  'sign-in': after(atSignIn, (world, { interaction }) => world.server.userSignedIn(interaction, alice)()),
  'the choice of a patient': after(
    (world) => atChoice(world, { scope }),
    (world, { interaction }) => world.server.contextChosen(interaction, { patient: '123' })()
  ),
  'no choice': after(
    (world) => atChoice(world, { scope }),
    (world, { interaction }) => world.server.contextUnavailable(interaction)()
  ),
  consent: after((world) => atConsent(world, { scope }), agree),
  denial: after(
    (world) => atConsent(world, { scope }),
    (world, { interaction }) => world.server.userDenied(interaction)()
  ),
  'a cancelled sign-in': after(atSignIn, (world, { interaction }) => world.server.userDenied(interaction)()),
  'an answer without a page': after(atSignIn, (world, { interaction }) => world.server.pageNeeded(interaction)())
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
      ['all its scopes', { scope: parse('patient/Encounter.rs') }, 'ScopeRegisteredNoMore']
    ])('%s: a page, no redirect, and the log hears of it', async (_what, change, expected) => {
      const world = registering()
      const waits = await begin(world)
      world.register(change)
      expect(refusalOf(await then(world, waits))).toBe(expected)
      expect(world.audited.at(-1)).toMatchObject({ decision: 'Refused', refusal: { _tag: expected } })
    })

    it('the register is silent: nothing is lost', async () => {
      const world = registering()
      const waits = await begin(world)
      const stored = world.memory.entries()
      world.register('silent')
      expect(refusalOf(await then(world, waits))).toBe('ClientsUnavailable')
      expect(world.memory.entries()).toEqual(stored)
      world.register('as before')
      expect(refusalOf(await then(world, waits))).toMatch(/^(?:Needs|SendToApp)/)
    })
  })

  it('some of its scopes: what is left is shown, consented to and granted, by meaning', async () => {
    const world = registering()
    const waits = await atConsent(world, { scope })
    world.register({ scope: parse('launch/patient openid patient/Observation.r patient/Condition.cruds') })
    const shown = waiting(await world.server.resume(waits.interaction)())
    expect(shown.asked.scopes.map(({ text }) => text)).toEqual([
      'launch/patient',
      'openid',
      'patient/Observation.r',
      'patient/Condition.rs'
    ])
    const code = redirected(await agree(world, waits))?.get('code') ?? ''
    expect(bodyOf(await exchange(world, code))['scope']).toBe(
      'launch/patient openid patient/Observation.r patient/Condition.rs'
    )
  })

  it.each<readonly [string, Partial<RegisteredClient> | 'gone', string]>([
    ['the client', 'gone', 'invalid_client'],
    ['its redirect URI', { redirectUris: ['https://app.example/moved'] }, 'invalid_grant'],
    ['its grant type', { grantTypes: ['client_credentials'] }, 'unauthorized_client'],
    ['all its scopes', { scope: parse('patient/Encounter.rs') }, 'invalid_scope']
  ])('%s: a code buys nothing', async (_what, change, error) => {
    const world = registering()
    const code = await obtainCode(world, { scope })
    world.register(change)
    expect(bodyOf(await exchange(world, code))['error']).toBe(error)
  })

  it('the refresh grant: a code buys no refresh token', async () => {
    const world = registering()
    const code = await obtainCode(world, { scope })
    world.register({ grantTypes: ['authorization_code'] })
    const tokens = bodyOf(await exchange(world, code))
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
  const world = () => registering({ policy: { pkce: 'optionalForV1Clients' } })

  it.each(['consent', 'resume', 'denial'] as const)('before %s: a page, and no code', async (step) => {
    const at = world()
    const waits = await atConsent(at, unchallenged)
    at.register(isPublic)
    const { server } = at
    const answer =
      step === 'consent'
        ? await agree(at, waits)
        : await (step === 'resume' ? server.resume(waits.interaction) : server.userDenied(waits.interaction))()
    expect(refusalOf(answer)).toBe('CodeChallengeMissing')
  })

  it('before the exchange: the code buys nothing, and the grant has ended', async () => {
    const at = world()
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
      const at = world()
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
      const world = registering()
      const waits = await begin(world)
      world.register(change)
      expect(refusalOf(await then(world, waits))).toBe(expected)
      world.register('as before')
      expect(refusalOf(await then(world, waits))).toMatch(/^(?:InteractionOver|Needs)/)
    })

    it('a server that serves its method no more: a page', async () => {
      const world = registering()
      const waits = await begin(world)
      const features = { onlineAccess: true, authenticationMethods: ['client_secret_basic'] } as const
      const later = authorizationServer({ issuer, fhirBaseUrl, features }, world.ports)
      if (Either.isLeft(later)) throw new Error(JSON.stringify(later.left))
      expect(refusalOf(await then({ ...world, server: later.right }, waits))).toBe('AuthenticationMethodNotServed')
    })
  })

  it.each(['consent', 'resume', 'denial'] as const)(
    'a confidential client that is public before %s: a page',
    async (step) => {
      const world = registering()
      const waits = await atConsent(world, { client_id: 'sym-app', scope })
      world.register(isPublic)
      const { server } = world
      const answer =
        step === 'consent'
          ? await agree(world, waits)
          : await (step === 'resume' ? server.resume(waits.interaction) : server.userDenied(waits.interaction))()
      expect(refusalOf(answer)).toBe('ClientTypeChanged')
    }
  )

  it('a code of a client of the other type buys nothing, and has ended', async () => {
    for (const [clientId, change, given, headers] of [
      ['sym-app', isPublic, { client_id: 'sym-app' }, {}],
      ['pub-app', isConfidential, { client_id: null }, withProof('pub-app')]
    ] as const) {
      const world = registering()
      const code = await obtainCode(world, { client_id: clientId, scope })
      world.register(change)
      expect(bodyOf(await exchange(world, code, given, headers))['error']).toBe('invalid_grant')
      expect(world.audited.at(-1)?.refusal).toEqual({
        _tag: 'ClientTypeChanged',
        was: clientId === 'sym-app' ? 'confidential' : 'public'
      })
      world.register('as before')
      const asBefore = clientId === 'sym-app' ? withProof('sym-app') : {}
      expect(
        (await exchange(world, code, { client_id: clientId === 'sym-app' ? null : clientId }, asBefore)).status
      ).toBe(400)
    }
  })

  it('a code and a refresh token buy nothing at a server that serves the method no more', async () => {
    const world = registering()
    const code = await obtainCode(world, { scope })
    const token = String(bodyOf(await exchange(world, await obtainCode(world, { scope })))['refresh_token'])
    const later = authorizationServer(
      { issuer, fhirBaseUrl, features: { authenticationMethods: ['client_secret_basic'] } },
      world.ports
    )
    if (Either.isLeft(later)) throw new Error(JSON.stringify(later.left))
    const at = { ...world, server: later.right }
    expect([(await exchange(at, code)).status, (await refresh(at, token)).status]).toEqual([401, 401])
    expect([(await exchange(world, code)).status, (await refresh(world, token)).status]).toEqual([200, 200])
  })

  it('from one method of confidential clients to another: the code is good', async () => {
    const world = registering({ policy: { allowClientSecretPost: true } })
    const code = await obtainCode(world, { client_id: 'sym-app', scope })
    world.register({ tokenEndpointAuthMethod: 'client_secret_post' })
    expect((await exchange(world, code, { client_id: 'sym-app', client_secret: 's3cret:%' })).status).toBe(200)
  })

  it.each(['required', 'optional'] as const)(
    'a refresh token of a confidential client is good with its proof only (client_id %s)',
    async (named) => {
      const world = registering({ policy: { publicRefreshClientId: named } })
      const code = await obtainCode(world, { client_id: 'sym-app', scope })
      const token = String(
        bodyOf(await exchange(world, code, { client_id: null }, withProof('sym-app')))['refresh_token']
      )
      world.register(isPublic)
      const stored = world.memory.entries()
      for (const clientId of named === 'optional' ? ['sym-app', null] : ['sym-app']) {
        expect(bodyOf(await refresh(world, token, { client_id: clientId }))['error']).toBe('invalid_grant')
        expect(world.audited.at(-1)?.refusal).toEqual({ _tag: 'ClientTypeChanged', was: 'confidential' })
      }
      expect(world.memory.entries()).toEqual(stored)
      world.register('as before')
      expect((await refresh(world, token, { client_id: null }, withProof('sym-app'))).status).toBe(200)
    }
  )

  it('a refresh token of a public client that is confidential now is good with its proof', async () => {
    const world = registering()
    const token = String(bodyOf(await exchange(world, await obtainCode(world, { scope })))['refresh_token'])
    world.register(isConfidential)
    expect((await refresh(world, token)).status).toBe(401)
    expect((await refresh(world, token, { client_id: null }, withProof('pub-app'))).status).toBe(200)
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
        begin: (world: World) => Promise<Waiting>,
        decide: (world: World, waits: Waiting) => Promise<Conversation>
      ]
    >
  > = {
    'loads the page again': [
      (world) => atConsent(world, { scope }),
      (world, { interaction }) => world.server.resume(interaction)()
    ],
    'loads the choice again': [
      (world) => atChoice(world, { scope }),
      (world, { interaction }) => world.server.resume(interaction)()
    ],
    chooses: [
      (world) => atChoice(world, { scope }),
      (world, { interaction }) => world.server.contextChosen(interaction, { patient: '9' })()
    ],
    'goes on without': [
      (world) => atChoice(world, { scope }),
      (world, { interaction }) => world.server.contextUnavailable(interaction)()
    ],
    consents: [
      (world) => atConsent(world, { scope }),
      (world, { interaction, asked }) => world.server.consentGiven(interaction, asked.scopes)()
    ],
    denies: [
      (world) => atConsent(world, { scope }),
      (world, { interaction }) => world.server.userDenied(interaction)()
    ],
    'needs a page': [
      (world) => atConsent(world, { scope }),
      (world, { interaction }) => world.server.pageNeeded(interaction)()
    ]
  }

  describe.each(others)('%s', (_who, presented) => {
    it.each(Object.entries(decisions))(
      '%s: nothing of the first one is shown or decided',
      async (_what, [begin, decide]) => {
        const world = newWorld()
        const waits = await begin(world)
        const stored = world.memory.entries()
        const refused = await decide(world, { ...waits, interaction: presented(waits.interaction) })
        expect(refusalOf(refused)).toBe('InteractionOfAnotherUser')
        expect(JSON.stringify(refused)).not.toMatch(/alice|123|Observation/)
        expect(world.memory.entries()).toEqual(stored)
        // When the first one is there again, the conversation goes on.
        expect(refusalOf(await decide(world, waits))).toMatch(/^(?:Needs|SendToApp)/)
      }
    )
  })

  it('is told back with each step: nobody before the sign-in, and then the one who took the step', async () => {
    const world = newWorld()
    const asked = await atSignIn(world)
    expect(asked.interaction.present).toBeNull()
    const loaded = waiting(await world.server.resume({ ...asked.interaction, present: mallory })())
    expect(loaded.interaction).toEqual({ ...asked.interaction, present: mallory })
    // Who signs in is the present user, whoever was there before.
    const choice = waiting(await world.server.userSignedIn(loaded.interaction, alice)())
    expect([choice._tag, choice.interaction]).toEqual(['NeedsContext', { ...asked.interaction, present: alice }])
    const again: SignedInUser = { ...alice, sessionId: 'second' }
    const consent = waiting(
      await world.server.contextChosen({ ...choice.interaction, present: again }, { patient: '123' })()
    )
    expect([consent._tag, consent.interaction.present]).toEqual(['NeedsConsent', again])
    expect(
      waiting(await world.server.resume({ ...consent.interaction, present: alice })()).interaction.present
    ).toEqual(alice)
    // A sign-in asks for nobody before it.
    const next = await atSignIn(world)
    expect(
      waiting(await world.server.userSignedIn(withoutPresent(next.interaction), alice)()).interaction.present
    ).toEqual(alice)
  })

  it('sees nothing of what the EHR has open before anybody has signed in', async () => {
    const world = newWorld()
    const handle = await world.server.offerLaunch({
      clientId: 'pub-app',
      launchedBy: 'alice',
      context: { patient: '123' }
    })()
    const waits = waiting(
      await authorize(world, { scope: 'launch patient/*.rs', launch: Either.isRight(handle) ? handle.right : '' })
    )
    expect(waits.asked.context).toEqual({})
    expect(JSON.stringify(await world.server.resume({ ...waits.interaction, present: mallory })())).not.toContain(
      '"123"'
    )
  })
})

describe('the access policy', () => {
  /** A world whose policy can change, and what it was asked. */
  const permitting = (options: WorldOptions = {}) => {
    const now: { answer: string | null } = { answer: scope }
    const asked: Array<string> = []
    const world = newWorld({
      ...options,
      ports: {
        accessPolicy: {
          permittedScopes: (user, client, requested) => {
            asked.push(`${user.sub} ${client.clientId} ${requested.map(({ text }) => text).join(' ')}`)
            return now.answer === null
              ? TaskEither.left({ _tag: 'Silence', reason: 'silent' })
              : TaskEither.right<never, ScopeSet | 'endGrant'>(
                  now.answer === 'endGrant' ? now.answer : parse(now.answer)
                )
          }
        }
      }
    })
    return { world, now, asked }
  }
  const less = scope.replace('patient/Observation.rs ', '')
  const tokenOf = (response: PlainResponse): string => String(bodyOf(response)['refresh_token'])

  it('is asked at sign-in, at consent, at code exchange and at refresh', async () => {
    const { world, asked } = permitting()
    const bought = await exchange(world, await obtainCode(world, { scope }))
    await refresh(world, tokenOf(bought))
    expect(asked).toEqual(Array.from({ length: 4 }, () => `alice pub-app ${scope}`))
  })

  it('is asked at sign-in alone where the host wants it so', async () => {
    const { world, now, asked } = permitting({ policy: { accessPolicyAsked: 'atSignIn' } })
    const code = await obtainCode(world, { scope })
    now.answer = 'endGrant'
    expect(bodyOf(await refresh(world, tokenOf(await exchange(world, code))))['scope']).toBe(scope)
    expect(asked).toHaveLength(1)
  })

  it('takes back at consent what is not granted then', async () => {
    const { world, now } = permitting()
    const waits = await atConsent(world, { scope })
    now.answer = less
    const code = redirected(await agree(world, waits))?.get('code') ?? ''
    now.answer = scope
    expect(bodyOf(await exchange(world, code))['scope']).toBe(less)
  })

  it(
    'takes back at code exchange and at refresh; what it gives back comes back, and nothing ' + 'beyond the consent',
    async () => {
      const { world, now } = permitting()
      const code = await obtainCode(world, { scope })
      now.answer = less
      const first = await exchange(world, code)
      expect(bodyOf(first)['scope']).toBe(less)
      now.answer = `${scope} user/*.cruds patient/*.cruds`
      const second = await refresh(world, tokenOf(first))
      expect(bodyOf(second)['scope']).toBe(scope)
      now.answer = 'launch/patient offline_access patient/Condition.r'
      const third = await refresh(world, tokenOf(second))
      expect(bodyOf(third)['scope']).toBe('launch/patient offline_access patient/Condition.r')
      expect(bodyOf(await refresh(world, tokenOf(third), { scope: 'patient/Observation.r' }))['error']).toBe(
        'invalid_scope'
      )
    }
  )

  it.each<readonly [string, string | null, number, string]>([
    ['permits nothing', '', 400, 'invalid_scope'],
    ['permits no refresh', 'patient/Condition.rs', 400, 'invalid_scope'],
    ['is silent', null, 503, 'temporarily_unavailable']
  ])('that %s at refresh spends nothing', async (_name, answer, status, error) => {
    const { world, now } = permitting()
    const token = tokenOf(await exchange(world, await obtainCode(world, { scope })))
    now.answer = answer
    const refused = await refresh(world, token)
    expect([refused.status, bodyOf(refused)['error']]).toEqual([status, error])
    now.answer = scope
    expect((await refresh(world, token)).status).toBe(200)
  })

  it.each<readonly [string, string | null, number, string]>([
    ['permits nothing', '', 400, 'invalid_scope'],
    ['is silent', null, 503, 'temporarily_unavailable']
  ])('that %s at code exchange spends nothing', async (_name, answer, status, error) => {
    const { world, now } = permitting()
    const code = await obtainCode(world, { scope })
    now.answer = answer
    const refused = await exchange(world, code)
    expect([refused.status, bodyOf(refused)['error']]).toEqual([status, error])
    now.answer = scope
    expect((await exchange(world, code)).status).toBe(200)
  })

  it('that is silent at consent keeps the conversation', async () => {
    const { world, now } = permitting()
    const waits = await atConsent(world, { scope })
    now.answer = null
    expect(refusalOf(await agree(world, waits))).toBe('PolicyUnavailable')
    now.answer = scope
    expect(redirected(await agree(world, waits))?.has('code')).toBe(true)
  })

  it('ends the grant when it says so, for good', async () => {
    const { world, now } = permitting()
    const token = tokenOf(await exchange(world, await obtainCode(world, { scope })))
    const code = await obtainCode(world, { scope })
    const waits = await atConsent(world, { scope })
    now.answer = 'endGrant'
    expect(bodyOf(await refresh(world, token))['error']).toBe('invalid_grant')
    expect(bodyOf(await exchange(world, code))['error']).toBe('invalid_grant')
    expect(redirected(await agree(world, waits))?.get('error')).toBe('access_denied')
    now.answer = scope
    expect(bodyOf(await refresh(world, token))['error']).toBe('invalid_grant')
    expect(bodyOf(await exchange(world, code))['error']).toBe('invalid_grant')
    expect(refusalOf(await agree(world, waits))).toBe('InteractionOver')
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
    const asked = <Ask extends (...given: ReadonlyArray<never>) => unknown>(ask: Ask): Ask =>
      ((...given: ReadonlyArray<never>) => (now.fails ? (answer as Ask) : ask)(...given)) as Ask
    const world = newWorld({
      ports: {
        ...(port === 'accessPolicy'
          ? { accessPolicy: { permittedScopes: asked((_user, _client, requested) => TaskEither.right(requested)) } }
          : {}),
        ...(port === 'clients'
          ? { clients: { ...memoryClients(clients), find: asked(memoryClients(clients).find) } }
          : {}),
        ...(port === 'users' ? { users: { isOnline: asked(() => TaskEither.right(true)) } } : {})
      }
    })
    return { world, now }
  }

  describe.each([
    ['accessPolicy', 'PolicyUnavailable'],
    ['clients', 'ClientsUnavailable']
  ] as const)('%s', (port, refusal) => {
    it.each(Object.entries(answers))('that %s is silent at each step, and nothing is spent', async (_what, answer) => {
      const { world, now } = failing(port, answer)
      const during = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
        const stored = world.memory.entries()
        now.fails = true
        const told = await ask()
        now.fails = false
        expect(world.memory.entries()).toEqual(stored)
        return told
      }
      const asked = await atSignIn(world)
      expect(refusalOf(await during(() => world.server.userSignedIn(asked.interaction, alice)()))).toBe(refusal)
      const waits = await atConsent(world, { scope })
      expect(refusalOf(await during(() => agree(world, waits)))).toBe(refusal)
      const code = redirected(await agree(world, waits))?.get('code') ?? ''
      expect((await during(() => exchange(world, code))).status).toBe(503)
      const token = String(bodyOf(await exchange(world, code))['refresh_token'])
      expect((await during(() => refresh(world, token))).status).toBe(503)
      expect((await refresh(world, token)).status).toBe(200)
    })
  })

  it.each(Object.entries(answers))('users that %s: 503, and the session goes on', async (_what, answer) => {
    const { world, now } = failing('users', answer)
    const bought = await exchange(
      world,
      await obtainCode(world, { scope: 'launch/patient online_access patient/*.rs' })
    )
    const token = String(bodyOf(bought)['refresh_token'])
    now.fails = true
    expect((await refresh(world, token)).status).toBe(503)
    now.fails = false
    expect((await refresh(world, token)).status).toBe(200)
  })
})

describe('a session', () => {
  /** A world that knows which sessions last. */
  const inSessions = () => {
    const lasting = new Set(['first'])
    const asked: Array<string | undefined> = []
    const world = newWorld({
      ports: {
        users: {
          isOnline: ({ sessionId }) =>
            TaskEither.fromIO(() => {
              asked.push(sessionId)
              return lasting.has(sessionId ?? '')
            })
        }
      }
    })
    return { world, lasting, asked }
  }
  const online = 'launch/patient online_access patient/*.rs'
  const first: SignedInUser = { ...alice, sessionId: 'first' }

  const buy = async (world: World, present: PresentUser = first): Promise<string> => {
    const waits = await atConsent(world, { scope: online }, first)
    const code =
      redirected(await world.server.consentGiven({ ...waits.interaction, present }, waits.asked.scopes)())?.get(
        'code'
      ) ?? ''
    return String(bodyOf(await exchange(world, code))['refresh_token'])
  }

  it('is the one about which the host is asked, and a later one does not bring its tokens back', async () => {
    const { world, lasting, asked } = inSessions()
    const token = await buy(world)
    const renewed = String(bodyOf(await refresh(world, token))['refresh_token'])
    lasting.clear()
    lasting.add('second')
    expect(bodyOf(await refresh(world, renewed))['error']).toBe('invalid_grant')
    lasting.add('first')
    expect(bodyOf(await refresh(world, renewed))['error']).toBe('invalid_grant')
    expect(new Set(asked)).toEqual(new Set(['first']))
  })

  it('is the one in which the user consents, if they have signed in again since the conversation began', async () => {
    const { world, asked } = inSessions()
    await refresh(world, await buy(world, { ...first, sessionId: 'second' }))
    expect(asked).toEqual(['second'])
  })

  it.each<readonly [string, { readonly max_age?: string; readonly prompt?: string }]>([
    ['max_age', { max_age: '10' }],
    ['prompt=login', { prompt: 'login' }],
    ['max_age=0', { max_age: '0' }]
  ])('that is older than %s asks for decides nothing, and sees nothing', async (_name, asked) => {
    const world = newWorld()
    world.clock.now = 9000
    const fresh: SignedInUser = { ...alice, authTime: 9000, sessionId: 'fresh' }
    const older: SignedInUser = { ...alice, authTime: 4000, sessionId: 'older' }
    const change = { scope: 'openid launch/patient patient/Observation.rs', ...asked }
    const choice = await atChoice(world, change, fresh)
    const stored = world.memory.entries()
    const byOlder = { ...choice.interaction, present: older }
    expect(refusalOf(await world.server.contextChosen(byOlder, { patient: '9' })())).toBe('SignInTooOld')
    expect(refusalOf(await world.server.resume(byOlder)())).toBe('SignInTooOld')
    expect(refusalOf(await world.server.userDenied(byOlder)())).toBe('SignInTooOld')
    expect(world.memory.entries()).toEqual(stored)
    const waits = waiting(await world.server.contextChosen(choice.interaction, { patient: '123' })())
    const refused = await world.server.consentGiven({ ...waits.interaction, present: older }, waits.asked.scopes)()
    expect(refusalOf(refused)).toBe('SignInTooOld')
    // The sign-in that was asked for still decides.
    expect(redirected(await agree(world, waits))?.has('code')).toBe(true)
  })

  it('of any age will do where the app asks for none, and before the sign-in', async () => {
    const world = newWorld()
    world.clock.now = 9000
    const older: SignedInUser = { ...alice, authTime: 1000, sessionId: 'older' }
    const begun = waiting(await authorize(world, { scope, max_age: '10' }))
    expect(refusalOf(await world.server.resume({ ...begun.interaction, present: older })())).toBe('NeedsUser')
    const waits = await atConsent(world, { scope }, { ...alice, authTime: 9000, sessionId: 'fresh' })
    const decided = await world.server.consentGiven({ ...waits.interaction, present: older }, waits.asked.scopes)()
    expect(redirected(decided)?.has('code')).toBe(true)
  })

  it('is asked anew by max_age=0, as by prompt=login', async () => {
    const world = newWorld()
    expect(waiting(await authorize(world, { scope, max_age: '0' })).asked.prompts).toEqual(['login'])
    expect(waiting(await authorize(world, { scope, max_age: '00', prompt: 'consent' })).asked.prompts).toEqual([
      'consent',
      'login'
    ])
    expect(waiting(await authorize(world, { scope, max_age: '1' })).asked.prompts).toEqual([])
  })
})

it('every refresh gives another access token, of either format, in the same second too', async () => {
  for (const accessTokenFormat of ['opaque', 'jwt'] as const) {
    const world = newWorld({ policy: { accessTokenFormat } })
    const given: Array<unknown> = []
    let answer = await exchange(world, await obtainCode(world, { scope }))
    for (let count = 0; count < 4; count++) {
      given.push(bodyOf(answer)['access_token'])
      answer = await refresh(world, String(bodyOf(answer)['refresh_token']))
    }
    expect(new Set(given).size).toBe(4)
  }
})
