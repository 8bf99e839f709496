/** The conversation with the user in the attacks: how far it came, and what is asserted of its answers. */
import { expect } from 'vitest'
import type { Change, Fixture } from '../server-fixture.js'
import { alice, authorize, get, issuer } from '../server-fixture.js'
import type { Conversation, Interaction } from '../../../src/engine/server/interaction/conversation.js'
import { printForm } from '../../../src/protocol/http/form.js'
import type { PlainResponse } from '../../../src/protocol/http/message.js'
import type { SignedInUser } from '../../../src/protocol/launch/launch-context.js'

/** A conversation that waits for its user. */
export type Waiting = Extract<Conversation, { readonly interaction: Interaction }>

/** A conversation that waits; whatever else it came to fails the test. */
export const waiting = (conversation: Conversation): Waiting => {
  if ('interaction' in conversation) return conversation
  throw new Error(
    conversation._tag === 'ShowRefusal' ? conversation.refusal._tag : String(conversation.response.headers['location'])
  )
}

/** A conversation that waits for the choice of a patient. */
export const atChoice = async (fixture: Fixture, change: Change = {}, user: SignedInUser = alice): Promise<Waiting> =>
  waiting(await fixture.server.interaction.userSignedIn(waiting(await authorize(fixture, change)).interaction, user)())

/** A conversation that waits for consent, by alice, with patient 123 where one must be chosen. */
export const atConsent = async (
  fixture: Fixture,
  change: Change = {},
  user: SignedInUser = alice
): Promise<Waiting> => {
  const requested = await atChoice(fixture, change, user)
  return requested._tag === 'NeedsContext'
    ? waiting(
        await fixture.server.interaction.contextChosen(requested.interaction, { patient: '123', encounter: 'e1' })()
      )
    : requested
}

/** Consents to everything that was requested. */
export const agree = (fixture: Fixture, { interaction, details }: Waiting): Promise<Conversation> =>
  fixture.server.interaction.consentGiven(interaction, details.scopes)()

/** Is refused on a page of the host: nothing goes to the app. */
export const expectPage = (conversation: Conversation, status: number, error: string, refusal?: string): void => {
  expect(conversation).toMatchObject({ _tag: 'ShowRefusal', row: { status, error } })
  if (refusal !== undefined && conversation._tag === 'ShowRefusal') expect(conversation.refusal._tag).toBe(refusal)
}

/**
 * The parameters of a redirect to the app, read with the eyes of a browser; 303, no repeated parameter, `iss` exactly
 * once.
 */
export const sentParameters = (response: PlainResponse): ReadonlyMap<string, string> => {
  expect(response.status).toBe(303)
  const { location } = response.headers
  if (typeof location !== 'string') throw new Error('no Location')
  expect(location).toMatch(/^[\x21-\x7e]+$/)
  expect(location).not.toContain('#')
  const pairs = [...new URL(location).searchParams]
  const parameters = new Map(pairs)
  expect(parameters.size).toBe(pairs.length)
  expect(parameters.get('iss')).toBe(issuer)
  return parameters
}

const sent = (conversation: Conversation): PlainResponse => {
  if (conversation._tag === 'SendToApp') return conversation.response
  throw new Error(conversation._tag === 'ShowRefusal' ? conversation.refusal._tag : conversation._tag)
}

/** Is sent to the app with an error, the state of the request or none, and neither a code nor a token. */
export const expectErrorRedirect = (
  conversation: Conversation,
  error: string,
  state: string | null = 'state-1'
): PlainResponse => {
  const response = sent(conversation)
  const parameters = sentParameters(response)
  expect([parameters.get('error'), parameters.get('state') ?? null]).toEqual([error, state])
  expect(
    [...parameters.keys()].filter((name) => !['error', 'error_description', 'error_uri', 'state', 'iss'].includes(name))
  ).toEqual([])
  return response
}

/** Is sent to the app with a code and the state of the request: gives the code. */
export const expectCode = (conversation: Conversation, state = 'state-1'): string => {
  const parameters = sentParameters(sent(conversation))
  expect([...parameters.keys()].toSorted()).toEqual(['code', 'iss', 'state'])
  expect(parameters.get('state')).toBe(state)
  return parameters.get('code') ?? ''
}

/** A request to the authorization endpoint whose query is written by hand, behind the parameters that are in order. */
export const authorizeWith = (
  fixture: Fixture,
  parameters: ReadonlyArray<readonly [string, string]>,
  raw: string
): Promise<Conversation> =>
  fixture.server.endpoints.authorize(
    get('/authorize', [printForm(parameters), raw].filter((part) => part !== '').join('&'))
  )()
