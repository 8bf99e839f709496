/**
 * The whole engine against a plain model of who may hold what: random sequences of what apps, users, thieves and time
 * do.
 *
 * The model knows nothing of codes, epochs and generations as the engine keeps them. It remembers what was handed out,
 * and after every command each access token ever seen must be worth to the engine what it is worth to the model.
 */
import * as fc from 'fast-check'
import * as Either from 'fp-ts/lib/Either.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import type { Fixture, FixtureOptions } from '../support/server-fixture.js'
import {
  alice,
  authorize,
  bodyOf,
  get,
  newFixture,
  post,
  redirected,
  redirectUri,
  verifier
} from '../support/server-fixture.js'
import type { Conversation } from '../../src/engine/server/interaction/conversation.js'
import type { Store } from '../../src/engine/ports.js'
import type { PlainResponse } from '../../src/protocol/http/message.js'
import { parse } from '../../src/scopes/parse.js'

const runs = Number(process.env['MODEL_RUNS'] ?? 150)
const [codeLifetime, accessTokenLifetime] = [60, 3600]

/** No scope here covers another, so that a list of texts says all there is to say about a grant. */
const vocabulary = [
  'launch/patient',
  'openid',
  'fhirUser',
  'offline_access',
  'patient/Observation.rs',
  'patient/Condition.rs',
  'user/Practitioner.rs'
] as const

type Client = 'pub-app' | 'sym-app'
type Scopes = ReadonlyArray<string>

interface AccessToken {
  readonly text: string
  readonly scopes: Scopes
  readonly expiresAt: number
}

interface Grant {
  readonly grantId: string
  readonly client: Client
  readonly scopes: Scopes
  readonly code: string
  readonly codeExpiresAt: number
  readonly isUsed: boolean
  /** All that were seen; the last one is good, as long as the grant is. */
  readonly refreshTokens: ReadonlyArray<string>
  readonly accessTokens: ReadonlyArray<AccessToken>
  readonly ended: boolean
}

interface Model {
  now: number
  grants: ReadonlyArray<Grant>
}

type Command = fc.AsyncCommand<Model, Fixture>

const sorted = (scopes: Scopes): Scopes => [...scopes].sort()
const theOther = (client: Client): Client => (client === 'pub-app' ? 'sym-app' : 'pub-app')

/** What the engine says about an access token: whose it is and what it allows, or null when it is invalid. */
const worth = async (fixture: Fixture, text: string): Promise<unknown> => {
  const answer = await fixture.server.resource.bearer(
    get('/fhir/Patient/123', '', { authorization: `Bearer ${text}` })
  )()
  return Either.isLeft(answer)
    ? null
    : { client: answer.right.clientId, scopes: sorted(answer.right.scopes.map((scope) => scope.text)) }
}

const compare = async ({ now, grants }: Model, fixture: Fixture): Promise<void> => {
  for (const { client, ended, accessTokens } of grants) {
    for (const { text, scopes, expiresAt } of accessTokens) {
      expect(await worth(fixture, text)).toEqual(ended || now >= expiresAt ? null : { client, scopes: sorted(scopes) })
    }
  }
}

let commandsRun = 0

const command = (
  text: string,
  check: (model: Readonly<Model>) => boolean,
  act: (model: Model, fixture: Fixture) => Promise<void>
): Command => ({
  check,
  run: async (model, fixture) => {
    commandsRun += 1
    await act(model, fixture)
    await compare(model, fixture)
  },
  toString: () => text
})

/**
 * A command about one of the grants that suit it, mostly a living one; what it gives back takes the place of that
 * grant.
 */
const about = <Extra>(
  name: string,
  suits: (grant: Grant) => boolean,
  extras: fc.Arbitrary<Extra>,
  act: (grant: Grant, extra: Extra, now: number, fixture: Fixture) => Promise<Grant>
): fc.Arbitrary<Command> =>
  fc.tuple(fc.nat(99), extras).map(([which, extra]) =>
    command(
      `${name}(${JSON.stringify([which, extra])})`,
      ({ grants }) => grants.some(suits),
      async (model, fixture) => {
        const suiting = model.grants.filter(suits)
        const living = suiting.filter(({ ended }) => !ended)
        const among = which < 90 && living.length > 0 ? living : suiting
        const grant = among[which % among.length]
        if (grant === undefined) throw new Error('checked before')
        const changed = await act(grant, extra, model.now, fixture)
        model.grants = model.grants.map((one) => (one === grant ? changed : one))
      }
    )
  )

const nothingMore = fc.constant(null)
/** Asks the token endpoint as a client, which proves itself as it was registered. */
const ask = (
  fixture: Fixture,
  client: Client,
  parameters: Readonly<Record<string, string>>
): Promise<PlainResponse> => {
  const all = { redirect_uri: redirectUri, ...parameters }
  return fixture.server.endpoints.token(
    client === 'pub-app'
      ? post('/token', Object.entries({ ...all, client_id: client }))
      : post('/token', Object.entries(all), {
          authorization: `Basic ${Buffer.from('sym-app:s3cret:%').toString('base64')}`
        })
  )()
}

const present = (fixture: Fixture, client: Client, { code }: Grant, codeVerifier = verifier): Promise<PlainResponse> =>
  ask(fixture, client, { grant_type: 'authorization_code', code, code_verifier: codeVerifier })

const refreshAs = (fixture: Fixture, client: Client, token: string, scope?: string): Promise<PlainResponse> =>
  ask(fixture, client, { grant_type: 'refresh_token', refresh_token: token, ...(scope === undefined ? {} : { scope }) })

const expectError = (response: PlainResponse, error: string): void => {
  expect({ status: response.status, error: bodyOf(response)['error'] }).toEqual({ status: 400, error })
}

/** The grant with what an answer brought, which must be what the model expects. */
const withTokens = (grant: Grant, response: PlainResponse, scopes: Scopes, now: number): Grant => {
  const { access_token: access, refresh_token: refreshToken, scope, expires_in: expiresIn } = bodyOf(response)
  const next = typeof refreshToken === 'string' ? refreshToken : undefined
  expect({
    status: response.status,
    scope: sorted(String(scope).split(' ')),
    expiresIn,
    refreshes: next !== undefined
  }).toEqual({
    status: 200,
    scope: sorted(scopes),
    expiresIn: accessTokenLifetime,
    refreshes: grant.scopes.includes('offline_access')
  })
  const refreshTokens = next === undefined ? grant.refreshTokens : [...grant.refreshTokens, next]
  expect(new Set(refreshTokens).size).toBe(refreshTokens.length)
  return {
    ...grant,
    isUsed: true,
    refreshTokens,
    accessTokens: [...grant.accessTokens, { text: String(access), scopes, expiresAt: now + accessTokenLifetime }]
  }
}

/** Goes through the pages, and says no on the page of that number; nobody says no on page -1. */
const converse = async (
  fixture: Fixture,
  client: Client,
  requested: Scopes,
  approved: Scopes,
  noOnPage: number
): Promise<Conversation> => {
  let conversation = await authorize(fixture, { client_id: client, scope: requested.join(' ') })
  for (let page = 0; conversation._tag !== 'SendToApp'; page++) {
    if (conversation._tag === 'ShowRefusal') throw new Error(conversation.refusal._tag)
    const { interaction } = conversation
    conversation = await (
      page === noOnPage
        ? fixture.server.interaction.userDenied(interaction)
        : conversation._tag === 'NeedsUser'
          ? fixture.server.interaction.userSignedIn(interaction, alice)
          : conversation._tag === 'NeedsContext'
            ? fixture.server.interaction.contextChosen(interaction, { patient: '123' })
            : fixture.server.interaction.consentGiven(interaction, parse(approved.join(' ')))
    )()
  }
  return conversation
}

/** What was requested and approved; `fhirUser` says nothing without `openid`. */
const grantedOf = (requested: Scopes, approved: Scopes): Scopes => {
  const both = requested.filter((scope) => approved.includes(scope))
  return both.includes('openid') ? both : both.filter((scope) => scope !== 'fhirUser')
}

const someScopes = fc.subarray([...vocabulary])
/** Mostly everything, or long sequences would be wasted on grants that have no refresh token. */
const mostScopes = fc.oneof(fc.constant([...vocabulary]), fc.constant([...vocabulary]), someScopes)
const anyClient = fc.constantFrom<Client>('pub-app', 'sym-app')

/** The user agrees, and the app redeems its code at once or leaves it for later. */
const consents = fc
  .tuple(anyClient, mostScopes, mostScopes, fc.boolean())
  .map(([client, requested, approved, atOnce]) =>
    command(
      `consent(${client}, ${requested.join(' ')}, ${approved.join(' ')}, ${String(atOnce)})`,
      () => true,
      async (model, fixture) => {
        const answer = redirected(await converse(fixture, client, requested, approved, -1))
        const scopes = grantedOf(requested, approved)
        const code = answer?.get('code') ?? null
        expect({ hasCode: code !== null, hasError: answer?.has('error') }).toEqual({
          hasCode: scopes.length > 0,
          hasError: scopes.length === 0
        })
        if (code === null) return
        const grantId = code.split('.')[0] ?? ''
        expect(model.grants.map((grant) => grant.grantId)).not.toContain(grantId)
        const codeExpiresAt = model.now + codeLifetime
        const grant = {
          grantId,
          client,
          scopes,
          code,
          codeExpiresAt,
          isUsed: false,
          refreshTokens: [],
          accessTokens: [],
          ended: false
        }
        model.grants = [
          ...model.grants,
          atOnce ? withTokens(grant, await present(fixture, client, grant), scopes, model.now) : grant
        ]
      }
    )
  )

const denies = fc.tuple(anyClient, fc.nat(2)).map(([client, page]) =>
  command(
    `deny(${client}, page ${String(page)})`,
    () => true,
    async (_model, fixture) => {
      const answer = redirected(await converse(fixture, client, vocabulary, vocabulary, page))
      expect({ error: answer?.get('error'), hasCode: answer?.has('code') }).toEqual({
        error: 'access_denied',
        hasCode: false
      })
    }
  )
)

const exchanges = about(
  'exchange',
  ({ isUsed }) => !isUsed,
  nothingMore,
  async (grant, _extra, now, fixture) => {
    const response = await present(fixture, grant.client, grant)
    if (!grant.ended && now < grant.codeExpiresAt) return withTokens(grant, response, grant.scopes, now)
    expectError(response, 'invalid_grant')
    return { ...grant, ended: true }
  }
)

const replays = about(
  'replay',
  ({ isUsed }) => isUsed,
  nothingMore,
  async (grant, _extra, _now, fixture) => {
    expectError(await present(fixture, grant.client, grant), 'invalid_grant')
    return { ...grant, ended: true }
  }
)

/** A stolen code in the hands of another client is of no use to it, and its owner loses nothing. */
const exchangesByAnother = about(
  'exchangeByTheOther',
  () => true,
  nothingMore,
  async (grant, _extra, _now, fixture) => {
    expectError(await present(fixture, theOther(grant.client), grant), 'invalid_grant')
    return grant
  }
)

/** Burns a code that was not used; once it is used, nobody can end the grant without the verifier. */
const wrongVerifiers = about(
  'wrongVerifier',
  () => true,
  nothingMore,
  async (grant, _extra, _now, fixture) => {
    expectError(await present(fixture, grant.client, grant, 'wrong'.padEnd(43, 'x')), 'invalid_grant')
    return { ...grant, ended: grant.ended || !grant.isUsed }
  }
)

const hasRefreshToken = ({ refreshTokens }: Grant): boolean => refreshTokens.length > 0
const lastOf = ({ refreshTokens }: Grant): string => refreshTokens.at(-1) ?? ''

/**
 * The scopes that a refresh asks for; null for all. Broader is what the user did not grant, or more of what was
 * granted.
 */
const scopesOfRequest = ({ scopes }: Grant, how: 'whole' | 'narrowed' | 'broadened', which: number): Scopes | null => {
  if (how === 'whole') return null
  const beyond = [
    'patient/Observation.cruds',
    'user/Condition.rs',
    ...vocabulary.filter((scope) => !scopes.includes(scope))
  ]
  const narrower = [...scopes, ...scopes.flatMap((scope) => (scope.endsWith('.rs') ? [scope.slice(0, -1)] : []))]
  return how === 'narrowed'
    ? [narrower[which % narrower.length] ?? '']
    : [...scopes, beyond[which % beyond.length] ?? '']
}

const ways = fc.record({ how: fc.constantFrom('whole', 'narrowed', 'broadened'), which: fc.nat(99) })

const refreshes = about('refresh', hasRefreshToken, ways, async (grant, { how, which }, now, fixture) => {
  const requested = scopesOfRequest(grant, how, which)
  const response = await refreshAs(fixture, grant.client, lastOf(grant), requested?.join(' '))
  if (!grant.ended && how !== 'broadened') return withTokens(grant, response, requested ?? grant.scopes, now)
  expectError(response, grant.ended ? 'invalid_grant' : 'invalid_scope')
  return grant
})

const refreshesByAnother = about(
  'refreshByTheOther',
  hasRefreshToken,
  nothingMore,
  async (grant, _extra, _now, fixture) => {
    expectError(await refreshAs(fixture, theOther(grant.client), lastOf(grant)), 'invalid_grant')
    return grant
  }
)

const reuses = about(
  'reuse',
  ({ refreshTokens }) => refreshTokens.length > 1,
  fc.nat(99),
  async (grant, which, _now, fixture) => {
    const old = grant.refreshTokens.slice(0, -1)
    expectError(await refreshAs(fixture, grant.client, old[which % old.length] ?? ''), 'invalid_grant')
    return { ...grant, ended: true }
  }
)

const revocations = about(
  'revokeGrant',
  () => true,
  nothingMore,
  async (grant, _extra, _now, fixture) => {
    expect(await fixture.server.admin.revokeGrant(grant.grantId)()).toEqual(Either.right('revoked'))
    return { ...grant, ended: true }
  }
)

/**
 * The seconds around the two lifetimes come more often than chance would have it, and so do the few between two
 * requests.
 */
const waits = fc
  .oneof(fc.constantFrom(59, 60, 60, 3599, 3600), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 4000 }))
  .map((seconds) =>
    command(
      `wait(${String(seconds)})`,
      () => true,
      (model, fixture) => {
        model.now += seconds
        fixture.clock.now += seconds
        return Promise.resolve()
      }
    )
  )

// Listed twice is drawn twice as often: what builds grants up must outweigh what ends them. Of forty some 25 find a
// grant.
const commands = fc.commands(
  [
    consents,
    consents,
    consents,
    exchanges,
    exchanges,
    exchanges,
    refreshes,
    refreshes,
    refreshes,
    refreshes,
    waits,
    waits,
    denies,
    exchangesByAnother,
    replays,
    wrongVerifiers,
    refreshesByAnother,
    reuses,
    reuses,
    revocations
  ],
  { maxCommands: 40, size: 'max' }
)

/** The engine in such a world keeps to the model. */
const keepsToModel = (options: FixtureOptions = {}) =>
  fc.asyncProperty(commands, (sequence) =>
    fc.asyncModelRun(() => ({ model: { now: 1000, grants: [] }, real: newFixture(options) }), sequence)
  )

/** A store that says that it wrote, and wrote something else or nothing. */
const lyingStore = (write: (text: string) => string | null): FixtureOptions => ({
  store: (memory): Store => ({
    ...memory,
    swap: (key, expected, text, expiresAt) => {
      const written = write(text)
      return written === null ? TaskEither.right('won') : memory.swap(key, expected, written, expiresAt)
    }
  })
})

/**
 * Worlds in which the engine does something else than the model; the policies among them are lawful, and not the
 * model's.
 */
const faults: Readonly<Record<string, FixtureOptions>> = {
  'revocations are not stored': lyingStore((text) => (text.includes('"_tag":"Revoked"') ? null : text)),
  'refreshes are not counted': lyingStore((text) => text.replace(/"generation":\d+/, '"generation":0')),
  'a wrong verifier leaves the code alone': { policy: { consumeCodeOnFailedBinding: false } },
  'an old refresh token is good for a while': { policy: { reuseGraceSeconds: 10 } },
  'codes live a second longer': { policy: { codeLifetimeSeconds: codeLifetime + 1 } },
  'more is granted than was approved': lyingStore((text) =>
    text.replace(/"scope":"[^"]*"/, `"scope":"${vocabulary.join(' ')}"`)
  )
}

describe('the engine and a model of who may hold what', () => {
  it('agree on every access token after every command', { timeout: 20_000 + 500 * runs }, async () => {
    commandsRun = 0
    await fc.assert(keepsToModel(), { numRuns: runs })
    console.log(`model: ${String(runs)} runs, ${String(commandsRun)} commands`)
  })

  // One seed, so that a fault that is found today is found every day.
  it.each(Object.entries(faults))('disagree where %s', async (_name, options) => {
    const result = await fc.check(keepsToModel(options), { numRuns: 500, seed: 7, endOnFailure: true })
    expect(result.failed).toBe(true)
  })
})
