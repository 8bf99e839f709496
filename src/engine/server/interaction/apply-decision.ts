/**
 * Applies a decision of the user: changes the grant and determines the next page or redirect.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { AuditEntry } from '../audit.js'
import { recordAudit, refusedEntry } from '../audit.js'
import type { Conversation, Interaction } from './conversation.js'
import { clientDisplayName, formTokenOf, nextInteraction, refuseToApp, showRefusal } from './conversation.js'
import type { ServerContext } from '../context.js'
import { identifierOf, namedIssuer } from '../context.js'
import { isOfAnotherServer } from '../../../protocol/grant/audience.js'
import type { GrantCommand, GrantEvent, UserDecision } from '../../../protocol/grant/events.js'
import type { GrantInConversation } from '../../../protocol/grant/registration-rules.js'
import { codeRedirect } from '../../../protocol/authorization/request.js'
import type { RegisteredClient } from '../../../protocol/client/client.js'
import type { PresentUser } from '../../../protocol/launch/launch-context.js'
import type { Refusal } from '../../../protocol/errors/refusal.js'
import type { ParsedScope } from '../../../protocol/scope-policy/parsed-scope.js'
import { parsedScope } from '../../../protocol/scope-policy/parsed-scope.js'
import { servedMethods } from '../../../protocol/discovery/smart-configuration.js'
import { checkUser } from '../../../protocol/launch/user-rules.js'
import type { Grant } from '../../../protocol/grant/state.js'
import { sameDigest } from '../../../values/secret.js'
import { ownMember } from '../../../values/own.js'

/** Records a refusal that happened before the grant was changed, and shows it. */
export const refuseConversation = (
  { ports }: ServerContext,
  { grantId }: Pick<Interaction, 'grantId'>,
  refusal: Refusal
): Task.Task<Conversation> => recordAudit(ports, refusedEntry(refusal, null, grantId), showRefusal(refusal))

/** The data of a page that is loaded again, without a submitted form. */
export type Presented = Pick<Interaction, 'grantId' | 'browserSecret' | 'present'>

/** Makes the event of a decision from the facts that every decision has. */
type Decide = (decision: UserDecision) => GrantEvent

/**
 * The next step of the conversation for the command of a changed grant. `code` is the code that this decision would
 * issue.
 */
const conversationFor = (
  serverContext: ServerContext,
  interaction: Interaction,
  client: RegisteredClient | null,
  grant: Grant,
  command: GrantCommand | null,
  code: string
): { readonly auditEntry: AuditEntry; readonly next: Conversation } => {
  const issuer = namedIssuer(serverContext)
  const about = { clientId: grant.clientId, grantId: grant.grantId, refusal: null }
  const refused = (refusal: Refusal, next: Conversation) => ({
    auditEntry: refusedEntry(refusal, grant.clientId, grant.grantId),
    next
  })
  switch (command?._tag) {
    case 'AskForContext':
    case 'AskForConsent':
      return {
        auditEntry: { decision: command._tag === 'AskForContext' ? 'UserSignedIn' : 'ContextChosen', ...about },
        next:
          grant._tag === 'AwaitingContext' || grant._tag === 'AwaitingConsent'
            ? nextInteraction(
                grant,
                command.scopes,
                interaction,
                clientDisplayName(client, grant.clientId),
                serverContext.policy
              )
            : showRefusal({ _tag: 'InteractionOver' })
      }
    case 'RedirectWithCode':
      return {
        auditEntry: { decision: 'CodeIssued', ...about },
        next: { _tag: 'SendToApp', response: codeRedirect(command.target, issuer, code) }
      }
    case 'RedirectWithRefusal': {
      const { target, refusal } = command
      // A user who denied the request has seen the page that names the app.
      const isUnvetted = refusal._tag !== 'UserDenied' && (client === null || ownMember(client, 'isUnvetted') === true)
      return refused(refusal, refuseToApp({ isUnvetted }, target, issuer, refusal))
    }
    case 'Refuse':
      return refused(command.refusal, showRefusal(command.refusal))
    case 'IssueTokens':
    case 'CheckOnline':
    case 'EvaluatePolicy':
    case 'ConfirmRevocation':
    case undefined:
      return refused({ _tag: 'InteractionOver' }, showRefusal({ _tag: 'InteractionOver' }))
  }
}

/** The facts for a decision: the grant, its client as it is registered now, and the present user. */
export interface DecisionContext {
  readonly grant: GrantInConversation
  /** The scope of the grant. */
  readonly parsed: ParsedScope
  /** Null when the client is no longer registered. */
  readonly client: RegisteredClient | null
  readonly present: PresentUser
}

/** Applies one decision to the grant and returns the next step of the conversation. */
export const applyDecision = (
  serverContext: ServerContext,
  interaction: Interaction,
  known: DecisionContext,
  decide: Decide,
  code: string
): Task.Task<Conversation> => {
  const { facts, grants, ports } = serverContext
  const { client, parsed, present } = known
  return pipe(
    Task.Do,
    Task.apS('now', Task.fromIO(ports.clock.now)),
    Task.apS('writeId', Task.map(identifierOf)(Task.fromIO(ports.random.token))),
    Task.apS('browserDigest', ports.keys.digest(interaction.browserSecret)),
    Task.apS('expectedFormToken', formTokenOf(serverContext, interaction.browserSecret)),
    Task.chain((proof) =>
      grants.change(
        interaction.grantId,
        decide({
          ...proof,
          server: facts.fhirBaseUrl,
          formToken: interaction.formToken,
          parsed,
          present,
          client,
          methods: servedMethods(facts)
        })
      )
    ),
    Task.chain((change) => {
      if (Either.isLeft(change)) return refuseConversation(serverContext, interaction, change.left)
      if (change.right._tag === 'NotFound')
        return refuseConversation(serverContext, interaction, { _tag: 'InteractionUnknown' })
      const { state, command } = change.right
      const { auditEntry, next } = conversationFor(
        serverContext,
        { ...interaction, present },
        client,
        state,
        command,
        code
      )
      return recordAudit(ports, auditEntry, next)
    })
  )
}

/** Whether a grant is still in its conversation with the user. */
const isConversing = (grant: Grant): grant is GrantInConversation => Object.hasOwn(grant, 'browserDigest')

/** The grant of an interaction, if this browser started it. */
const grantOf = (serverContext: ServerContext, interaction: Pick<Interaction, 'grantId' | 'browserSecret'>) => {
  const { facts, grants, ports } = serverContext
  return pipe(
    grants.load(interaction.grantId),
    TaskEither.chain((found): TaskEither.TaskEither<Refusal, Grant> =>
      Option.isNone(found) || isOfAnotherServer(found.value, facts.fhirBaseUrl)
        ? TaskEither.left({ _tag: 'InteractionUnknown' })
        : TaskEither.right(found.value)
    ),
    TaskEither.chain((grant) =>
      pipe(
        ports.keys.digest(interaction.browserSecret),
        Task.map((digest): Either.Either<Refusal, GrantInConversation> => {
          if (!isConversing(grant)) return Either.left({ _tag: 'InteractionOver' })
          return sameDigest(grant.browserDigest, digest)
            ? Either.right(grant)
            : Either.left({ _tag: 'InteractionOfAnotherBrowser' })
        })
      )
    )
  )
}

/** The present user, validated; null when the host reports none. */
const presentUser = (
  { ports }: ServerContext,
  present: PresentUser | undefined
): TaskEither.TaskEither<Refusal, PresentUser> =>
  present === null || present === undefined
    ? TaskEither.right(null)
    : TaskEither.fromIOEither(() => checkUser(present, ports.clock.now()))

/**
 * The facts that are read again for each step. If the client registry is unavailable, nothing changes, and the step can
 * be repeated.
 */
export const decisionContextOf = (
  serverContext: ServerContext,
  interaction: Presented
): TaskEither.TaskEither<Refusal, DecisionContext> =>
  pipe(
    TaskEither.Do,
    TaskEither.apS('present', presentUser(serverContext, interaction.present)),
    TaskEither.bind('grant', () => grantOf(serverContext, interaction)),
    TaskEither.bind('client', ({ grant }) =>
      pipe(
        serverContext.ports.clients.find(grant.clientId),
        TaskEither.bimap((): Refusal => ({ _tag: 'ClientsUnavailable' }), Option.toNullable)
      )
    ),
    TaskEither.let('parsed', ({ grant }) => parsedScope(grant.scope))
  )

/** Reads the facts and continues with them, or refuses. */
export const known = (
  serverContext: ServerContext,
  interaction: Presented,
  goOn: (known: DecisionContext) => Task.Task<Conversation>
): Task.Task<Conversation> =>
  pipe(
    decisionContextOf(serverContext, interaction),
    TaskEither.matchE((refusal) => refuseConversation(serverContext, interaction, refusal), goOn)
  )
