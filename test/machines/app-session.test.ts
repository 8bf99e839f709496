/** The app's session: the table is true; one refresher at a time; nothing is lost by silence. */
import * as Either from 'fp-ts/lib/Either.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { begin, complete, consent, good, newParties, tokenRequests } from '../support/app/parties.js'
import { complaintsAbout, explore } from './explorer.js'
import type { AppSessionCommand, AppSessionEvent } from '../../src/protocol/app/session.js'
import { appSessionMachine } from '../../src/protocol/app/session.js'
import type { AppFailure } from '../../src/protocol/app/failure.js'
import type { FreshSession, StoredSession } from '../../src/protocol/app/stored-app.js'

const machine = appSessionMachine({
  refreshAheadSeconds: 10,
  leaseSeconds: 30,
  sessionLifetimeSeconds: 1000,
  longestWaitSeconds: 10
})

const fresh: FreshSession = {
  _tag: 'Fresh',
  writeId: 'opened',
  recordExpiresAt: 9000,
  facts: {
    binding: {
      iss: 'https://ehr.example/fhir',
      clientId: 'app',
      redirectUri: 'https://app.example/cb',
      tokenEndpoint: 'https://ehr.example/token',
      issuer: null,
      jwksUri: null,
      authorizationOrigin: 'https://ehr.example',
      issParameterSupported: false,
      method: 'none',
      assertionAudience: 'https://ehr.example/token',
      tolerances: {}
    },
    requestedScope: 'patient/*.rs',
    grantedScope: 'patient/*.rs',
    comparison: { verdict: 'equal', missing: '', excess: '' },
    context: { patient: '1' },
    user: null
  },
  tokens: { accessToken: 't0', refreshToken: 'r0', expiresAt: 1100, scope: 'patient/*.rs', asked: null, generation: 0 }
}

const received = { accessToken: 't1', expiresIn: 100, scope: null, refreshToken: 'r1', idToken: null, context: {} }
const refused = (error: string | null): AppFailure => ({ _tag: 'TokenRefused', status: 400, error, description: null })

const silence: AppFailure = { _tag: 'ServerUnavailable', reason: 'the refresh was not answered' }

const requested = (
  now: number,
  writeId: string,
  change: Partial<Extract<AppSessionEvent, { _tag: 'TokenRequested' }>> = {}
): AppSessionEvent => ({
  _tag: 'TokenRequested',
  now,
  writeId,
  scope: null,
  isForced: false,
  ...change
})

const holderOf = (session: StoredSession): string => (session._tag === 'Refreshing' ? session.holder : 'nobody')
const generationOf = (session: StoredSession): number => ('tokens' in session ? session.tokens.generation : 0)

const samples = (session: StoredSession): ReadonlyArray<AppSessionEvent> => {
  const eventContext = { now: 1095, writeId: 'x' }
  return [
    requested(1000, 'a'),
    requested(1095, 'a'),
    requested(1110, 'b'),
    requested(1130, 'c'),
    requested(1000, 'd', { isForced: true }),
    requested(1000, 'e', { scope: 'patient/Observation.rs' }),
    requested(1000, 'f', { scope: 'user/*.rs' }),
    ...['nobody', holderOf(session)].flatMap((holder): ReadonlyArray<AppSessionEvent> => [
      {
        _tag: 'RefreshAnswered',
        ...eventContext,
        holder,
        generation: generationOf(session),
        tokens: received,
        scope: null
      },
      {
        _tag: 'RefreshAnswered',
        ...eventContext,
        holder,
        generation: generationOf(session),
        tokens: { ...received, context: { patient: '2' } },
        scope: null
      },
      { _tag: 'RefreshAnswered', ...eventContext, holder, generation: 99, tokens: received, scope: null },
      { _tag: 'RefreshRefused', ...eventContext, holder, scope: null, failure: refused('invalid_grant') },
      { _tag: 'RefreshRefused', ...eventContext, holder, scope: null, failure: refused('invalid_client') },
      ...[null, 'patient/Observation.rs'].flatMap((scope): ReadonlyArray<AppSessionEvent> => [
        {
          _tag: 'RefreshAnswered',
          ...eventContext,
          holder,
          generation: generationOf(session),
          tokens: { ...received, scope: 'patient/Observation.read' },
          scope
        },
        { _tag: 'RefreshUnanswered', ...eventContext, holder, scope, failure: silence },
        { _tag: 'RefreshUnanswered', ...eventContext, now: 2000, holder, scope, failure: silence }
      ])
    ]),
    { _tag: 'TokenRejected', ...eventContext, generation: generationOf(session) },
    { _tag: 'TokenRejected', ...eventContext, generation: 99 },
    { _tag: 'SignedOut', ...eventContext }
  ]
}

describe('the app-session machine', () => {
  it('reaches every state and walks every declared arrow and no other', () => {
    const exploration = explore<StoredSession, AppSessionEvent, AppSessionCommand>({
      machine,
      samples,
      depth: 5,
      starts: [
        fresh,
        { ...fresh, tokens: { ...fresh.tokens, refreshToken: null } },
        { ...fresh, tokens: { ...fresh.tokens, expiresAt: null } }
      ],
      shape: ({ writeId: _attempt, recordExpiresAt: _keepUntil, ...rest }) => ({
        ...rest,
        holder: undefined,
        ...('tokens' in rest ? { tokens: { ...rest.tokens, generation: Math.min(rest.tokens.generation, 2) } } : {})
      }),
      invariants: {
        'only the holder of the lease refreshes': ({ step: { state, command } }) =>
          command?._tag === 'Refresh' && (state._tag !== 'Refreshing' || state.holder !== command.holder)
            ? state._tag
            : null,
        'no process refreshes during the lease of another': ({ from, event, step: { command } }) =>
          from._tag === 'Refreshing' && event.now < from.leaseUntil && command?._tag === 'Refresh' ? event._tag : null,
        'only invalid_grant, another patient, an end without refresh token, or signing out loses a session': ({
          from,
          event,
          step: { state }
        }) =>
          from._tag !== 'Lost' &&
          state._tag === 'Lost' &&
          event._tag !== 'SignedOut' &&
          !(event._tag === 'RefreshAnswered' && event.tokens.context.patient === '2') &&
          !(
            event._tag === 'RefreshRefused' &&
            event.failure._tag === 'TokenRefused' &&
            event.failure.error === 'invalid_grant'
          ) &&
          !('tokens' in from && from.tokens.refreshToken === null)
            ? event._tag
            : null,
        'a refresh token is never dropped for nothing': ({ from, step: { state } }) =>
          'tokens' in from &&
          'tokens' in state &&
          from.tokens.refreshToken !== null &&
          state.tokens.refreshToken === null
            ? 'dropped'
            : null,
        'a refresh requests no more than was granted': ({ step: { command } }) =>
          command?._tag === 'Refresh' && command.scope?.startsWith('user/') === true ? 'user/' : null,
        'what the launch brought never changes': ({ from, step: { state } }) =>
          JSON.stringify(from.facts) === JSON.stringify(state.facts) ? null : 'changed',
        'a token for a scope was requested with this scope': ({ event, step: { command } }) => {
          const used = command
          return used?._tag === 'UseToken' &&
            'scope' in event &&
            event.scope !== used.tokens.asked &&
            event.scope !== used.tokens.scope
            ? event._tag
            : null
        },
        'an ended token is not used': ({ event, step: { command } }) => {
          const used = command
          return used?._tag === 'UseToken' &&
            event._tag === 'TokenRequested' &&
            used.tokens.expiresAt !== null &&
            used.tokens.expiresAt <= event.now
            ? 'ended'
            : null
        }
      }
    })
    expect(complaintsAbout(machine, exploration)).toEqual([])
  })
})

describe('a session over its ports', () => {
  it('is refreshed by one of twenty who ask at once', async () => {
    const parties = newParties()
    const sessionId = await complete(parties)
    parties.fixture.clock.now += 3595
    const tokens = await Promise.all(Array.from({ length: 20 }, () => parties.app.accessToken(sessionId)()))
    expect(tokens.every(Either.isRight)).toBe(true)
    expect(tokenRequests(parties.sent)).toHaveLength(2)
    expect(good(await parties.app.fhir(sessionId, { url: 'Patient/123' })()).status).toBe(200)
  })

  it('outlives a refresher that never came back', async () => {
    let isDead = true
    const parties = newParties()
    const never = newParties({
      ports: {
        ...parties.ports,
        // The first refresher's process ends in the middle of its request.
        http: (request) => () =>
          isDead && request.body.includes('refresh_token')
            ? new Promise(() => undefined)
            : parties.ports.http(request)()
      }
    })
    const { launchId, query } = await begin(parties)
    const { sessionId } = good(
      await parties.app.callback({ launchIds: [launchId], query: await consent(parties.fixture, query) })()
    )
    parties.fixture.clock.now += 3601
    void never.app.accessToken(sessionId)()
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    isDead = false
    parties.fixture.clock.now += 31
    expect(Either.isRight(await parties.app.accessToken(sessionId)())).toBe(true)
  })

  it('keeps its tokens when the server does not respond, and ends with invalid_grant', async () => {
    let answer: 'silent' | 'through' = 'silent'
    const parties = newParties({
      tamper: (request, response) =>
        request.body.includes('grant_type=refresh_token') && answer === 'silent' ? null : response
    })
    const sessionId = await complete(parties)
    parties.fixture.clock.now += 3595
    expect(Either.isRight(await parties.app.accessToken(sessionId)())).toBe(true)
    parties.fixture.clock.now += 10
    expect(await parties.app.accessToken(sessionId)()).toMatchObject({ left: { _tag: 'ServerUnavailable' } })
    answer = 'through'
    // The silent server had taken the refresh token: to present it again is what a thief would do.
    expect(await parties.app.accessToken(sessionId)()).toEqual(
      Either.left({ _tag: 'SessionLost', error: 'invalid_grant' })
    )
    expect(await parties.app.accessToken(sessionId)()).toEqual(
      Either.left({ _tag: 'SessionLost', error: 'invalid_grant' })
    )
  })

  it('survives a store that is unavailable for a moment when the new tokens are written', async () => {
    let failures = 0
    const parties = newParties()
    const { load, swap } = parties.ports.store
    const shaky = newParties({
      ports: {
        ...parties.ports,
        store: {
          load,
          swap: (key, expected, text, expiresAt) =>
            text.includes('"_tag":"Fresh"') && failures-- > 0
              ? TaskEither.left({ _tag: 'Unavailable', applied: 'no' })
              : swap(key, expected, text, expiresAt)
        }
      }
    })
    const { launchId, query } = await begin(parties)
    const { sessionId } = good(
      await shaky.app.callback({ launchIds: [launchId], query: await consent(parties.fixture, query) })()
    )
    parties.fixture.clock.now += 3601
    failures = 3
    good(await shaky.app.accessToken(sessionId)())
    parties.fixture.clock.now += 3601
    good(await shaky.app.accessToken(sessionId)())
    parties.fixture.clock.now += 3601
    failures = 99
    expect(await shaky.app.accessToken(sessionId)()).toEqual(Either.left({ _tag: 'StoreUnavailable' }))
  })

  it('asks for a narrower token, and never for a wider one', async () => {
    const parties = newParties()
    const sessionId = await complete(parties)
    expect(good(await parties.app.accessToken(sessionId, { scope: 'patient/Observation.rs' })()).scope).toBe(
      'patient/Observation.rs'
    )
    const before = tokenRequests(parties.sent).length
    expect(await parties.app.accessToken(sessionId, { scope: 'system/*.rs' })()).toEqual(
      Either.left({ _tag: 'ScopeNotGranted', scope: 'system/*.rs' })
    )
    expect(tokenRequests(parties.sent)).toHaveLength(before)
  })

  it('gives a narrower token only to the request that named the scope', async () => {
    const parties = newParties()
    const sessionId = await complete(parties)
    const whole = good(await parties.app.accessToken(sessionId)()).scope
    good(await parties.app.accessToken(sessionId, { scope: 'patient/Observation.rs' })())
    expect(good(await parties.app.accessToken(sessionId)()).scope).toBe(whole)
    expect(good(await parties.app.accessToken(sessionId, { scope: whole })()).scope).toBe(whole)
  })

  it('keeps a narrower token whose scope the server spells otherwise', async () => {
    const parties = newParties({
      tamper: (request, response) =>
        request.method === 'POST'
          ? { ...response, body: response.body.replace('"patient/Observation.rs"', '"patient/Observation.read"') }
          : response
    })
    const sessionId = await complete(parties)
    for (let round = 0; round < 3; round++)
      good(await parties.app.accessToken(sessionId, { scope: 'patient/Observation.rs' })())
    expect(tokenRequests(parties.sent)).toHaveLength(2)
  })

  it('keeps its token when the server says nothing to the wish for a narrower one', async () => {
    const parties = newParties({
      tamper: (request, response) => (request.body.includes('grant_type=refresh_token') ? null : response)
    })
    const sessionId = await complete(parties)
    const before = good(await parties.app.accessToken(sessionId)())
    expect(await parties.app.accessToken(sessionId, { scope: 'patient/Observation.rs' })()).toMatchObject({
      left: { _tag: 'ServerUnavailable' }
    })
    expect(good(await parties.app.accessToken(sessionId)())).toEqual(before)
  })

  it('is kept as long as it is used, and not longer', async () => {
    const parties = newParties({ settings: { sessionLifetimeSeconds: 900 } })
    const sessionId = await complete(parties)
    for (let minutes = 0; minutes < 45; minutes += 5) {
      parties.fixture.clock.now += 300
      good(await parties.app.accessToken(sessionId)())
    }
    parties.fixture.clock.now += 901
    expect(await parties.app.accessToken(sessionId)()).toEqual(Either.left({ _tag: 'SessionUnknown' }))
  })

  it('exchanges a token that the FHIR server no longer accepts, once', async () => {
    let rejected = ''
    const parties = newParties({
      tamper: (request, response) => {
        const isFirst =
          request.url.includes('/Patient/') && (rejected === '' || request.headers['authorization'] === rejected)
        if (isFirst) rejected = request.headers['authorization'] ?? ''
        return isFirst ? { ...response, status: 401 } : response
      }
    })
    const sessionId = await complete(parties)
    parties.fixture.clock.now += 1
    expect(good(await parties.app.fhir(sessionId, { url: 'Patient/123' })()).status).toBe(200)
    expect(tokenRequests(parties.sent)).toHaveLength(2)
  })

  it('that has no refresh token is over when its token is taken no more, and says so', async () => {
    const parties = newParties({
      settings: { scope: 'launch/patient patient/*.rs' },
      tamper: (request, response) => (request.url.includes('/Patient/') ? { ...response, status: 401 } : response)
    })
    expect(await parties.app.fhir(await complete(parties), { url: 'Patient/123' })()).toEqual(
      Either.left({ _tag: 'SessionLost', error: 'rejected' })
    )
  })

  it('is over for good after signing out', async () => {
    const parties = newParties()
    const sessionId = await complete(parties)
    good(await parties.app.signOut(sessionId)())
    expect(await parties.app.accessToken(sessionId)()).toEqual(
      Either.left({ _tag: 'SessionLost', error: 'signed_out' })
    )
    expect(await parties.app.accessToken('another')()).toEqual(Either.left({ _tag: 'SessionUnknown' }))
  })
})
