/** What the rows of every area are made of: whole flows in a few words, and what came of them. */
import * as Option from 'fp-ts/lib/Option.js'
import { expect } from 'vitest'
import { alice, authorize, bodyOf, exchange, get, newFixture, redirected } from './server-fixture.js'
import type { Change, Fixture, FixtureOptions } from './server-fixture.js'
import type { Conversation } from '../../src/engine/server/interaction/conversation.js'
import type { PlainRequest, PlainResponse } from '../../src/protocol/http/message.js'
import type { LaunchContext, SignedInUser } from '../../src/protocol/launch/launch-context.js'
import type { SmartPolicy } from '../../src/protocol/policy/policy.js'
import { parse } from '../../src/scopes/parse.js'

export const releases = ['2.0.0', '2.1.0', '2.2.0'] as const

export type Release = SmartPolicy['specVersion']

/** What came of a step, in a word or two. */
export const outcomeOf = (conversation: Conversation): string => {
  switch (conversation._tag) {
    case 'ShowRefusal':
      return `page ${conversation.row.error}`
    case 'SendToApp':
      return `redirect ${redirected(conversation)?.get('error') ?? 'code'}`
    case 'NeedsUser':
    case 'NeedsContext':
    case 'NeedsConsent':
      return conversation._tag
  }
}

/** What comes of an authorization request in a world of its own. */
export const outcomeWith = async (change: Change, policy: Partial<SmartPolicy> = {}): Promise<string> =>
  outcomeOf(await authorize(newFixture({ policy }), change))

/** That requests are refused by redirect, with an error, and that nothing is stored or handed out. */
export const expectRedirects = async (
  error: string,
  changes: ReadonlyArray<Change>,
  policy: Partial<SmartPolicy> = {}
): Promise<void> => {
  for (const change of changes) {
    const fixture = newFixture({ policy })
    const answer = redirected(await authorize(fixture, change))
    expect([JSON.stringify(change), answer?.get('error'), answer?.get('code')]).toEqual([
      JSON.stringify(change),
      error,
      null
    ])
    expect(fixture.memory.entries()).toEqual([])
  }
}

/** That requests are refused on a page, without any redirect. */
export const expectPages = async (changes: ReadonlyArray<Change>): Promise<void> => {
  for (const change of changes) {
    const fixture = newFixture()
    const conversation = await authorize(fixture, change)
    expect([JSON.stringify(change), conversation._tag]).toEqual([JSON.stringify(change), 'ShowRefusal'])
    expect(JSON.stringify(conversation)).not.toContain('location')
    expect(fixture.memory.entries()).toEqual([])
  }
}

/**
 * What the user and the host decide, where it differs: alice chooses patient 123 and encounter e1 and agrees to
 * everything.
 */
export interface Decisions {
  readonly user?: SignedInUser
  /** Null: there is nothing to choose. */
  readonly chosen?: LaunchContext | null
  readonly approved?: string
}

/** Goes through a conversation to its end. */
export const converse = async (fixture: Fixture, change: Change, decisions: Decisions = {}): Promise<Conversation> => {
  const { user = alice, chosen = { patient: '123', encounter: 'e1' }, approved } = decisions
  let conversation = await authorize(fixture, change)
  while (conversation._tag !== 'SendToApp' && conversation._tag !== 'ShowRefusal') {
    const { interaction, details } = conversation
    conversation = await (
      conversation._tag === 'NeedsUser'
        ? fixture.server.interaction.userSignedIn(interaction, user)
        : conversation._tag === 'NeedsContext'
          ? chosen === null
            ? fixture.server.interaction.contextUnavailable(interaction)
            : fixture.server.interaction.contextChosen(interaction, chosen)
          : fixture.server.interaction.consentGiven(
              interaction,
              approved === undefined ? details.scopes : parse(approved)
            )
    )()
  }
  return conversation
}

export type Body = Readonly<Record<string, unknown>>

/** The token response after a whole conversation. */
export const tokensOf = async (
  fixture: Fixture,
  change: Change = {},
  decisions: Decisions = {},
  exchanged: Change = {},
  headers = {}
): Promise<Body> => {
  const conversation = await converse(fixture, change, decisions)
  const code = redirected(conversation)?.get('code')
  if (code === null || code === undefined) throw new Error(outcomeOf(conversation))
  const response = await exchange(fixture, code, exchanged, headers)
  expect(response.status).toBe(200)
  return bodyOf(response)
}

/** The same in a new world. */
export const tokensWith = (options: FixtureOptions, change: Change = {}, decisions: Decisions = {}): Promise<Body> =>
  tokensOf(newFixture(options), change, decisions)

/** A launch handle of the EHR, as alice unless said otherwise. */
export const launched = async (
  fixture: Fixture,
  context: LaunchContext,
  launchedBy: string | null = 'alice',
  clientId = 'pub-app'
): Promise<string> => {
  const handle = await fixture.server.ehr.offerLaunch({ clientId, launchedBy, context })()
  if (handle._tag === 'Left') throw new Error(JSON.stringify(handle.left))
  return handle.right
}

/** The token response after an EHR launch. */
export const launchedTokens = async (
  options: FixtureOptions,
  context: LaunchContext,
  scope: string,
  decisions: Decisions = {}
): Promise<Body> => {
  const fixture = newFixture(options)
  return tokensOf(fixture, { launch: await launched(fixture, context), scope }, decisions)
}

/** The claims of an id_token, unverified. */
export const claimsOf = (body: Body): Body =>
  JSON.parse(Buffer.from(String(body['id_token']).split('.')[1] ?? '', 'base64url').toString()) as Body

export const basic = (id: string, secret: string): { readonly authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
})

/** The authentication of the confidential client of the small world. */
export const asConfidential = basic('sym-app', 's3cret:%')

/** What an address that needs no page answers. */
export const protocol = async (fixture: Fixture, request: PlainRequest): Promise<PlainResponse> => {
  const answer = fixture.server.endpoints.protocol(request)
  if (Option.isNone(answer)) throw new Error(`nothing at ${request.path}`)
  return answer.value()
}

/** A document that the server publishes. */
export const documentAt = async (fixture: Fixture, path: string): Promise<Body> =>
  bodyOf(await protocol(fixture, get(path)))

/** Status and error of an answer. */
export const answered = (response: PlainResponse): ReadonlyArray<unknown> => [
  response.status,
  bodyOf(response)['error']
]

/** Whether a redirect holds a text anywhere. */
export const redirectHolds = (conversation: Conversation, text: string): boolean =>
  conversation._tag === 'SendToApp' && String(conversation.response.headers['location']).includes(text)
