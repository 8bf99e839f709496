/**
 * The user's decisions. Each is an event of the grant, and its result is the next step of the conversation.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { evaluatePolicy } from './access-policy.js'
import type { Conversation, Interaction } from './conversation.js'
import { formTokenOf, clientDisplayName, nextInteraction } from './conversation.js'
import type { ServerContext } from '../context.js'
import { presentUserRules, scopesStillRegistered } from '../../../protocol/grant/registration-rules.js'
import { firstRefusal } from '../../../protocol/machine/rules.js'
import type { LaunchContext, SignedInUser } from '../../../protocol/launch/launch-context.js'
import { checkContext } from '../../../protocol/launch/launch-context-rules.js'
import type { PolicyDecision } from '../../../protocol/scope-policy/policy-decision.js'
import type { Refusal } from '../../../protocol/errors/refusal.js'
import { servedMethods } from '../../../protocol/discovery/smart-configuration.js'
import { checkUser } from '../../../protocol/launch/user-rules.js'
import type { Presented, DecisionContext } from './apply-decision.js'
import { refuseConversation, applyDecision, decisionContextOf, known } from './apply-decision.js'

/**
 * The next step of a conversation, for a page that is loaded again. If the present user is not the user of the
 * conversation, nothing of it is shown.
 */
export const resume =
  (serverContext: ServerContext) =>
  (interaction: Presented): Task.Task<Conversation> =>
    known(serverContext, interaction, ({ grant, client, parsed, present }) => {
      const refusal = firstRefusal(presentUserRules, { grant, present })
      if (refusal !== null) return refuseConversation(serverContext, interaction, refusal)
      const scopes = scopesStillRegistered(
        serverContext.policy,
        serverContext.offer.side,
        servedMethods(serverContext.facts),
        grant,
        client,
        parsed.scopes
      )
      if (Either.isLeft(scopes)) return refuseConversation(serverContext, interaction, scopes.left)
      return pipe(
        formTokenOf(serverContext, interaction.browserSecret),
        Task.map((formToken) =>
          nextInteraction(
            grant,
            scopes.right,
            { ...interaction, formToken, present },
            clientDisplayName(client, grant.clientId),
            serverContext.policy
          )
        )
      )
    })

/** The host policy's result for the scopes of a conversation. */
export const permissionOf = (
  { ports }: ServerContext,
  user: SignedInUser,
  { grant, client, parsed }: DecisionContext
): TaskEither.TaskEither<Refusal, PolicyDecision> =>
  client === null
    ? TaskEither.left({ _tag: 'ClientUnknown', clientId: grant.clientId })
    : pipe(
        evaluatePolicy(ports.accessPolicy, user, client, parsed),
        TaskEither.mapLeft((): Refusal => ({ _tag: 'PolicyUnavailable' }))
      )

/** The user signed in and is the present user from then on. */
export const userSignedIn =
  (serverContext: ServerContext) =>
  (interaction: Interaction, user: SignedInUser): Task.Task<Conversation> =>
    pipe(
      TaskEither.fromIOEither(() => checkUser(user, serverContext.ports.clock.now())),
      TaskEither.bindTo('reported'),
      TaskEither.bind('known', ({ reported }) =>
        decisionContextOf(serverContext, { ...interaction, present: reported })
      ),
      TaskEither.bind('permission', (at) => permissionOf(serverContext, user, at.known)),
      TaskEither.matchE(
        (refusal) => refuseConversation(serverContext, interaction, refusal),
        ({ reported, permission, known: found }) =>
          applyDecision(
            serverContext,
            interaction,
            found,
            (decision) => ({
              _tag: 'UserSignedIn',
              ...decision,
              user: reported,
              permission,
              choosable: serverContext.offer.contextTypes
            }),
            ''
          )
      )
    )

/** Applies the user's choice to the grant if the choice can be given to apps. */
const choice =
  (event: 'ContextChosen' | 'ContextUnavailable') =>
  (serverContext: ServerContext) =>
  (interaction: Interaction, context: LaunchContext): Task.Task<Conversation> => {
    const checked = checkContext(serverContext.policy.specVersion, context)
    return Either.isLeft(checked)
      ? refuseConversation(serverContext, interaction, checked.left)
      : known(serverContext, interaction, (found) =>
          applyDecision(serverContext, interaction, found, (decision) => ({ _tag: event, ...decision, context }), '')
        )
  }

/** The user chose a context. The host must have checked that the user may see it. */
export const contextChosen = choice('ContextChosen')

/** The user cannot choose anything for the open context types; choices made before are kept. */
export const contextUnavailable =
  (serverContext: ServerContext) =>
  (interaction: Interaction, chosen: LaunchContext = {}): Task.Task<Conversation> =>
    choice('ContextUnavailable')(serverContext)(interaction, chosen)

/** A page is needed, but the app requested none (`prompt=none`). */
export const pageNeeded =
  (serverContext: ServerContext) =>
  (interaction: Interaction): Task.Task<Conversation> =>
    known(serverContext, interaction, (found) =>
      applyDecision(serverContext, interaction, found, (decision) => ({ _tag: 'PageNeeded', ...decision }), '')
    )

/** The user denied the request. */
export const userDenied =
  (serverContext: ServerContext) =>
  (interaction: Interaction): Task.Task<Conversation> =>
    known(serverContext, interaction, (found) =>
      applyDecision(serverContext, interaction, found, (decision) => ({ _tag: 'UserDenied', ...decision }), '')
    )
