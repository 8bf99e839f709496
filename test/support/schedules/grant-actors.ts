/** The world of a meeting around one grant: two servers on one store, an app with a secret, and what it holds. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Facts } from './invariants.js'
import type { ScheduledStore } from './schedules.js'
import { scheduled } from './schedules.js'
import type { Change, Fixture } from '../server-fixture.js'
import {
  alice,
  authorize,
  bodyOf,
  clients,
  fhirBaseUrl,
  get,
  grantKeyOf,
  newFixture,
  post,
  present,
  redirected,
  redirectUri,
  sha256,
  verifier
} from '../server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import { memoryStore } from '../../../src/adapters/stores/memory-store.js'
import type { Conversation, Interaction } from '../../../src/engine/server/interaction/conversation.js'
import type { Audit, AuditEvent, Store } from '../../../src/engine/ports.js'
import { authorizationServer } from '../../../src/engine/server/authorization-server.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import type { SmartPolicy } from '../../../src/protocol/policy/policy.js'
import { format } from '../../../src/scopes/format.js'
import { parse } from '../../../src/scopes/parse.js'
import { subsumption } from '../../../src/scopes/subsumes.js'

/** How far the grant has come when the meeting begins. */
export type GrantStage = 'AwaitingConsent' | 'CodeIssued' | 'Active' | 'Refreshed'

/** What can be wrong with the world of a meeting. */
export interface Corruption {
  /** With the store itself. */
  readonly below?: (store: Store) => Store
  /** With how the engine uses it. */
  readonly above?: (store: Store) => Store
  /** With the log. */
  readonly audit?: (audit: Audit) => Audit
  /** Switches of the policy. */
  readonly policy?: Partial<SmartPolicy>
}

/** What the user agrees to: less than what the app asks for. */
export const approved = parse('launch/patient offline_access patient/Observation.rs')
const requested = 'launch/patient offline_access patient/*.rs'

/**
 * The app is registered for what is approved in the same words too: comparing them by meaning is shown elsewhere, and
 * takes its time.
 */
const registered = clients.map((client) => ({ ...client, scope: [...client.scope, ...approved] }))

/** A world, its other server, and the handles to move it. */
export interface Scenario {
  readonly fixtures: readonly [Fixture, Fixture]
  /** The store of this run. */
  readonly store: () => ScheduledStore
  /** While it is, the store answers no question. */
  readonly unavailable: { isSilent: boolean }
  /** What is stored, by key. */
  readonly entries: () => ReadonlyArray<readonly [key: string, text: string]>
  /**
   * Restores an earlier state: with these records, at the first second, with no random value used and nothing in the
   * log.
   */
  readonly restart: (entries: ReadonlyArray<readonly [key: string, text: string]>) => void
}

const unspoilt = <Thing>(thing: Thing): Thing => thing

const silenceable = (store: Store, unavailable: Scenario['unavailable']): Store => ({
  ...store,
  load: (key) =>
    unavailable.isSilent ? () => Promise.resolve(Either.left({ _tag: 'Unavailable', applied: 'no' })) : store.load(key)
})

/**
 * A new setting. Chance is counted for each process by itself, so that nobody's depends on what the others do. The
 * servers are built once and keep nothing themselves; what they work on is made anew for each run.
 */
export const newScenario = ({
  below = unspoilt,
  above = unspoilt,
  audit = unspoilt,
  policy: switches = {}
}: Corruption = {}): Scenario => {
  const unavailable = { isSilent: false }
  const clock = { now: 1000 }
  const generated = new Map<number, number>()
  const audited: Array<AuditEvent> = []
  const newRun = () => {
    const memory = memoryStore({ now: () => clock.now })
    const gated = scheduled(below(silenceable(memory, unavailable)))
    gated.running = -1
    return {
      memory,
      gated,
      store: above(gated),
      log: audit({
        record: (event) => () => {
          audited.push(event)
        }
      })
    }
  }
  let run = newRun()
  const token = (): string => {
    const process = run.gated.running
    const count = generated.get(process) ?? 0
    generated.set(process, count + 1)
    return sha256(`${String(process)} ${String(count)}`)
  }
  const policy = { introspectRefreshTokens: true, refreshTokenIdleSeconds: 3600, ...switches }
  const fixture = newFixture({
    policy,
    ports: {
      random: { token },
      clock: { now: () => clock.now },
      clients: memoryClients(registered),
      store: { load: (key) => run.store.load(key), swap: (...write) => run.store.swap(...write) },
      // Whoever asks goes on with the answer alone: what they read before is forgotten, and read again.
      accessPolicy: {
        permittedScopes: (user, client, scopes) =>
          TaskEither.fromIO(() => {
            run.gated.validated[run.gated.running] = JSON.stringify([user.sub, client.clientId, format(scopes)])
            return scopes
          })
      },
      audit: { record: (event) => run.log.record(event) }
    }
  })
  const second = authorizationServer({ issuer: fixture.server.facts.issuer, fhirBaseUrl, policy }, fixture.ports)
  if (Either.isLeft(second)) throw new Error('no second server')
  const first = { ...fixture, audited, clock }
  return {
    fixtures: [first, { ...first, server: second.right }],
    store: () => run.gated,
    unavailable,
    entries: () => run.memory.entries(),
    restart: (entries) => {
      clock.now = 1000
      unavailable.isSilent = false
      generated.clear()
      audited.length = 0
      run = newRun()
      for (const [key, text] of entries)
        void run.memory.swap(
          key,
          Option.none,
          text,
          (JSON.parse(text) as { readonly recordExpiresAt: number }).recordExpiresAt
        )()
    }
  }
}

const symmetric = { authorization: `Basic ${Buffer.from('sym-app:s3cret%3A%25').toString('base64')}` }

/** The app asks at an address of the protocol. */
const askAt = async (fixture: Fixture, path: string, change: Change): Promise<PlainResponse> => {
  const answer = fixture.server.endpoints.protocol(post(path, present(change), symmetric))
  if (Option.isNone(answer)) throw new Error(`nobody answers at ${path}`)
  return answer.value()
}

export const redeem = (fixture: Fixture, code: string): Promise<PlainResponse> =>
  askAt(fixture, '/token', {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier
  })

export const renew = (fixture: Fixture, refreshToken: string): Promise<PlainResponse> =>
  askAt(fixture, '/token', { grant_type: 'refresh_token', refresh_token: refreshToken })

export const revoke = (fixture: Fixture, refreshToken: string): Promise<PlainResponse> =>
  askAt(fixture, '/revoke', { token: refreshToken })

/** What everybody holds. The newest token comes last. */
export interface Actors {
  readonly interaction: Interaction
  code: string | null
  readonly refreshTokens: Map<string, string>
  readonly accessTokens: Map<string, string>
}

/** The tokens of an answer, under the name of who got them; a token that somebody has already keeps that name. */
export const take = (cast: Actors, who: string, response: PlainResponse): void => {
  const keep = (tokens: Map<string, string>, name: string, token: string): void => {
    if (![...tokens.values()].includes(token)) tokens.set(name, token)
  }
  keep(cast.accessTokens, `access token of ${who}`, String(bodyOf(response)['access_token']))
  keep(cast.refreshTokens, `refresh token of ${who}`, String(bodyOf(response)['refresh_token']))
}

/** The code that a conversation sends to the app, if it does. */
export const codeIn = (conversation: Conversation): string | null => redirected(conversation)?.get('code') ?? null

/** Brings the grant to where the meeting begins. */
export const begin = async (fixture: Fixture, stage: GrantStage): Promise<Actors> => {
  const requestedNow = await authorize(fixture, { client_id: 'sym-app', scope: requested })
  if (requestedNow._tag !== 'NeedsUser') throw new Error(requestedNow._tag)
  const interaction = { ...requestedNow.interaction, present: alice }
  await fixture.server.interaction.userSignedIn(interaction, alice)()
  await fixture.server.interaction.contextChosen(interaction, { patient: '123' })()
  const cast: Actors = { interaction, code: null, refreshTokens: new Map(), accessTokens: new Map() }
  if (stage === 'AwaitingConsent') return cast
  cast.code = codeIn(await fixture.server.interaction.consentGiven(interaction, approved)())
  if (stage === 'CodeIssued') return cast
  const bought = await redeem(fixture, cast.code ?? '')
  take(cast, 'the beginning', bought)
  if (stage === 'Refreshed')
    take(cast, 'the first refresh', await renew(fixture, String(bodyOf(bought)['refresh_token'])))
  return cast
}

/** What the server says of every token ever given. */
export interface Observation {
  readonly alive: ReadonlyArray<string>
  /** The access tokens that stand for nobody on record. */
  readonly unrecorded: ReadonlyArray<string>
  /** The access tokens that allow too much. */
  readonly beyond: ReadonlyArray<string>
}

/** Asks about every token, while everybody waits. */
export const observation = async (
  { fixtures: [fixture], store, entries }: Scenario,
  cast: Actors
): Promise<Observation> => {
  const gated = store()
  const { gate, running } = gated
  const { length } = fixture.audited
  Object.assign(gated, { gate: 'open', running: -2 })
  const [alive, unrecorded, beyond]: [Array<string>, Array<string>, Array<string>] = [[], [], []]
  const record = entries().find(([key]) => key === grantKeyOf(cast.interaction.grantId))?.[1] ?? '{}'
  const { audience } = JSON.parse(record) as { readonly audience?: unknown }
  for (const [name, token] of cast.accessTokens) {
    const bearer = await fixture.server.resource.bearer(
      get('/fhir/Patient/123', '', { authorization: `Bearer ${token}` })
    )()
    if (Either.isLeft(bearer)) continue
    alive.push(name)
    const { clientId, user, context, scopes } = bearer.right
    if (clientId !== 'sym-app' || user?.sub !== 'alice' || context.patient !== '123' || audience !== fhirBaseUrl)
      unrecorded.push(name)
    const within = subsumption(approved, scopes)
    if (Either.isLeft(within) || !within.right) beyond.push(name)
  }
  for (const [name, token] of cast.refreshTokens) {
    if (bodyOf(await askAt(fixture, '/introspect', { token }))['active'] === true) alive.push(name)
  }
  fixture.audited.length = length
  Object.assign(gated, { gate, running })
  return { alive, unrecorded, beyond }
}

const note = (list: Array<string>, what: string): void => {
  if (!list.includes(what)) list.push(what)
}

/** Writes an observation down. */
export const recordFacts = (cast: Actors, { alive, unrecorded, beyond }: Observation, facts: Facts): void => {
  for (const name of unrecorded) note(facts.unrecorded, name)
  for (const name of beyond) note(facts.beyond, name)
  for (const name of [...cast.accessTokens.keys(), ...cast.refreshTokens.keys()]) {
    note(facts.given, name)
    if (!alive.includes(name)) note(facts.everDead, name)
  }
  facts.alive = alive.toSorted()
}
