/**
 * The steps of a conversation that need no page: an existing session, a choice without alternatives, a remembered
 * consent, and the answer to `prompt=none`.
 *
 * @module
 */
import { giveConsent, hasRememberedConsent, rememberedPatients } from './consent.js'
import { choiceWithoutPage, offeredPatients } from './context-choice.js'
import type { Choosing, ContextChoice } from './context-choice.js'
import type { HostContext, HostRequest } from './host-context.js'
import type { PatientChoice } from './page-data.js'
import type { SessionUnsuitable } from './session-rules.js'
import { sessionUnsuitable } from './session-rules.js'
import type { Conversation, Interaction } from '../engine/server/interaction/conversation.js'
import type { SignedInUser } from '../protocol/launch/launch-context.js'
import { isObject } from '../values/object.js'
import { ownMember } from '../values/own.js'

/** What the browser gets after the steps: a page of the conversation, the sign-in page, or the end. */
export type Next =
  | { readonly _tag: 'Show'; readonly conversation: Conversation }
  | {
      readonly _tag: 'SignIn'
      readonly conversation: Extract<Conversation, { readonly _tag: 'NeedsUser' }>
      readonly because: SessionUnsuitable
    }

const isNamed = (value: unknown): value is { readonly id: string; readonly name: string } =>
  isObject(value) && typeof ownMember(value, 'id') === 'string' && typeof ownMember(value, 'name') === 'string'

/** The patients, as the host's code may give them without the help of a compiler. */
const arePatients = (given: unknown): boolean =>
  Array.isArray(given) &&
  given.every((patient: unknown) => {
    if (!isNamed(patient)) return false
    const encounters: unknown = ownMember(patient as PatientChoice, 'encounters') ?? []
    return Array.isArray(encounters) && encounters.every(isNamed)
  })

/** The patients whom the host offers to a user. */
export const patientsOf = async <R>(
  { options }: HostContext<R>,
  user: SignedInUser,
  own: R
): Promise<ReadonlyArray<PatientChoice>> => {
  if (options.patients === undefined) return []
  const patients = await options.patients(user, own)
  if (!arePatients(patients))
    throw new Error(
      'the function `patients` gave something else: expected an array of { id, name }, each with two texts, and ' +
        'encounters as an array of { id, name } or not at all'
    )
  return patients
}

/** Reports a choice to the engine. */
export const reportChoice = <R>(
  { server }: HostContext<R>,
  interaction: Interaction,
  { context, isComplete }: ContextChoice
): Promise<Conversation> =>
  (isComplete ? server.interaction.contextChosen : server.interaction.contextUnavailable)(interaction, context)()

/** The next state of a conversation in which something must be chosen; null if that needs the page. */
const chosenWithoutPage = async <R>(
  hostContext: HostContext<R>,
  conversation: Choosing,
  own: R
): Promise<Conversation | null> => {
  const { server, skipped } = hostContext
  const { interaction, details, user } = conversation
  const allowsNoPage = details.prompts.includes('none')
  const offered = offeredPatients(conversation, await patientsOf(hostContext, user, own))
  if (offered.length === 0) return server.interaction.contextUnavailable(interaction)()
  if (!allowsNoPage && !skipped.onlyChoice) return null
  const remembered = await rememberedPatients(hostContext, user, details.clientId)
  const choice = choiceWithoutPage(conversation, offered, remembered)
  if (choice !== null) return reportChoice(hostContext, interaction, choice)
  return allowsNoPage ? server.interaction.pageNeeded(interaction)() : null
}

/** The next state of a conversation, or what the browser gets. */
const oneStep = async <R>(
  hostContext: HostContext<R>,
  conversation: Conversation,
  { own, present }: HostRequest<R>,
  isReturned: boolean
): Promise<Conversation | Next> => {
  const { server } = hostContext
  switch (conversation._tag) {
    case 'NeedsUser': {
      const { details, interaction } = conversation
      const because = sessionUnsuitable({ details, user: present, isReturned })
      if (because === null && present !== null) return server.interaction.userSignedIn(interaction, present)()
      return details.prompts.includes('none')
        ? server.interaction.pageNeeded(interaction)()
        : { _tag: 'SignIn', conversation, because: because ?? 'NoSession' }
    }
    case 'NeedsContext':
      return (await chosenWithoutPage(hostContext, conversation, own)) ?? { _tag: 'Show', conversation }
    case 'NeedsConsent': {
      const { details, interaction, user } = conversation
      const isSkipped = hostContext.skipped.consent && !details.prompts.includes('consent')
      if (isSkipped || (await hasRememberedConsent(hostContext, details, user)))
        return giveConsent(hostContext, interaction, details.scopes, false)
      return details.prompts.includes('none')
        ? server.interaction.pageNeeded(interaction)()
        : { _tag: 'Show', conversation }
    }
    case 'SendToApp':
    case 'ShowRefusal':
      return { _tag: 'Show', conversation }
  }
}

const isNext = (result: Conversation | Next): result is Next => result._tag === 'Show' || result._tag === 'SignIn'

/** Takes all steps that need no page. `isReturned` means that the browser comes back from the sign-in page. */
export const advance = async <R>(
  hostContext: HostContext<R>,
  conversation: Conversation,
  request: HostRequest<R>,
  isReturned = false
): Promise<Next> => {
  const result = await oneStep(hostContext, conversation, request, isReturned)
  return isNext(result) ? result : advance(hostContext, result, request, isReturned)
}
