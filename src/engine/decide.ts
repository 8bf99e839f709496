/**
 * The user's decisions: each is an event of the grant, and each is answered by what comes next.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Told } from './audit.js'
import { refusedBecause, tell } from './audit.js'
import { changeRecord } from './change.js'
import type { Conversation, Interaction } from './conversation.js'
import { formTokenOf, needOf, showRefusal, tellApp } from './conversation.js'
import type { Workshop } from './settings.js'
import { identifierOf, namedIssuer } from './settings.js'
import { isElsewhere } from '../machines/audience.js'
import { ehrLaunchMachine } from '../machines/ehr-launch.js'
import type { GrantCommand, GrantEvent, GrantEventOf, Occurrence, UserDecision } from '../machines/grant-events.js'
import { codeRedirect } from '../messages/authorization-request.js'
import type { LaunchContext, SignedInUser } from '../messages/launch-context.js'
import { checkContext } from '../messages/launch-context-rules.js'
import type { Refusal } from '../messages/refusal.js'
import { checkUser } from '../messages/signed-in-user-rules.js'
import type { AwaitingConsent, Grant } from '../messages/stored-grant.js'
import { EhrLaunchCodec } from '../messages/stored-launch.js'
import { printCode } from '../messages/token-text.js'
import { format } from '../scopes/format.js'
import { parse } from '../scopes/parse.js'
import type { ScopeSet } from '../scopes/scope.js'
import { sameDigest } from '../values/secret.js'

/** The event that a decision is, given what comes with every decision. */
type Decide = (decision: UserDecision) => GrantEvent

/** Whether nobody looked at a client; one that cannot be looked up counts as such. */
const isUnvetted = ({ ports }: Workshop, clientId: string): Task.Task<boolean> =>
  pipe(
    ports.clients.find(clientId),
    Task.map((found) => Either.isLeft(found) || Option.isNone(found.right) || found.right.value.isUnvetted === true)
  )

/** What the command of a changed grant means for the conversation. `code` is the code that this decision would issue. */
const conversationFor = (
  workshop: Workshop,
  interaction: Interaction,
  grant: Grant,
  command: GrantCommand | undefined,
  code: string
): { readonly told: Told; readonly next: Task.Task<Conversation> } => {
  const issuer = namedIssuer(workshop)
  const about = { clientId: grant.clientId, grantId: grant.grantId, refusal: null }
  const refused = (refusal: Refusal, next: Conversation) => ({
    told: refusedBecause(refusal, grant.clientId, grant.grantId),
    next: Task.of(next)
  })
  switch (command?._tag) {
    case 'AskForContext':
    case 'AskForConsent':
      return {
        told: { decision: command._tag === 'AskForContext' ? 'UserSignedIn' : 'ContextChosen', ...about },
        next: grant._tag === 'AwaitingContext' || grant._tag === 'AwaitingConsent'
          ? needOf(workshop, grant, interaction)
          : Task.of(showRefusal({ _tag: 'InteractionOver' }))
      }
    case 'RedirectWithCode':
      return {
        told: { decision: 'CodeIssued', ...about },
        next: Task.of({ _tag: 'SendToApp', response: codeRedirect(command.target, issuer, code) })
      }
    case 'RedirectWithRefusal': {
      const { target, refusal } = command
      return {
        told: refusedBecause(refusal, grant.clientId, grant.grantId),
        next: pipe(
          // Who says no has seen the page that names the app.
          refusal._tag === 'UserDenied' ? Task.of(false) : isUnvetted(workshop, grant.clientId),
          Task.map((asksFirst) => tellApp({ isUnvetted: asksFirst }, target, issuer, refusal))
        )
      }
    }
    case 'Refuse':
      return refused(command.refusal, showRefusal(command.refusal))
    case 'IssueTokens':
    case 'AskWhetherOnline':
    case 'ConfirmRevocation':
    case undefined:
      return refused({ _tag: 'InteractionOver' }, showRefusal({ _tag: 'InteractionOver' }))
  }
}

/** Carries one decision to the grant and says what comes next. */
const carry = (workshop: Workshop, interaction: Interaction, decide: Decide, code: string): Task.Task<Conversation> => {
  const { facts, grants, ports } = workshop
  const refuse = (refusal: Refusal) =>
    tell(ports, refusedBecause(refusal, null, interaction.grantId), showRefusal(refusal))
  return pipe(
    Task.Do,
    Task.apS('now', Task.fromIO(ports.clock.now)),
    Task.apS('attempt', Task.map(identifierOf)(Task.fromIO(ports.random.token))),
    Task.apS('browserDigest', ports.keys.digest(interaction.browserSecret)),
    Task.apS('expectedFormToken', formTokenOf(workshop, interaction.browserSecret)),
    Task.chain((proof) =>
      grants.change(interaction.grantId, decide({ ...proof, server: facts.fhirBaseUrl, formToken: interaction.formToken }))
    ),
    Task.chain((change) => {
      if (Either.isLeft(change)) return refuse(change.left)
      if (change.right._tag === 'NotFound') return refuse({ _tag: 'InteractionUnknown' })
      const { state, commands } = change.right
      const { told, next } = conversationFor(workshop, interaction, state, commands[0], code)
      return pipe(next, Task.chain((conversation) => tell(ports, told, conversation)))
    })
  )
}

/** The grant behind an interaction, if this browser is the one that began it. */
const grantOf = (workshop: Workshop, interaction: Pick<Interaction, 'grantId' | 'browserSecret'>) => {
  const { facts, grants, ports } = workshop
  return pipe(
    grants.load(interaction.grantId),
    TaskEither.chain((found): TaskEither.TaskEither<Refusal, Grant> =>
      Option.isNone(found) || isElsewhere(found.value, facts.fhirBaseUrl) ? TaskEither.left({ _tag: 'InteractionUnknown' }) : TaskEither.right(found.value)
    ),
    TaskEither.chain((grant) =>
      pipe(
        ports.keys.digest(interaction.browserSecret),
        Task.map((digest): Either.Either<Refusal, Grant> => {
          if (!('browserDigest' in grant)) return Either.left({ _tag: 'InteractionOver' })
          return sameDigest(grant.browserDigest, digest)
            ? Either.right(grant)
            : Either.left({ _tag: 'InteractionOfAnotherBrowser' })
        })
      )
    )
  )
}

/** What a conversation needs now: for a page that is loaded again. */
export const resume =
  (workshop: Workshop) =>
  (interaction: Pick<Interaction, 'grantId' | 'browserSecret'>): Task.Task<Conversation> =>
    pipe(
      grantOf(workshop, interaction),
      Task.chain((found) => {
        const refuse = (refusal: Refusal) =>
          tell(workshop.ports, refusedBecause(refusal, null, interaction.grantId), showRefusal(refusal))
        if (Either.isLeft(found)) return refuse(found.left)
        const grant = found.right
        switch (grant._tag) {
          case 'AwaitingUser':
          case 'AwaitingContext':
          case 'AwaitingConsent':
            return pipe(
              formTokenOf(workshop, interaction.browserSecret),
              Task.chain((formToken) => needOf(workshop, grant, { ...interaction, formToken }))
            )
          case 'CodeIssued':
          case 'Active':
          case 'Backend':
          case 'Denied':
          case 'Revoked':
          case 'Expired':
            return refuse({ _tag: 'InteractionOver' })
        }
      })
    )

/** What the host's policy lets this user grant to the client behind an interaction. */
const permittedScope = (workshop: Workshop, grant: Grant, user: SignedInUser): TaskEither.TaskEither<Refusal, string> => {
  const { ports } = workshop
  const requested = 'scope' in grant ? parse(grant.scope) : []
  return pipe(
    ports.clients.find(grant.clientId),
    TaskEither.mapLeft((): Refusal => ({ _tag: 'ClientsUnavailable' })),
    TaskEither.chain((client): TaskEither.TaskEither<Refusal, ScopeSet> =>
      Option.isNone(client)
        ? TaskEither.left({ _tag: 'ClientUnknown', clientId: grant.clientId })
        : pipe(
            ports.accessPolicy.permittedScopes(user, client.value, requested),
            TaskEither.mapLeft((): Refusal => ({ _tag: 'PolicyUnavailable' }))
          )
    ),
    TaskEither.map(format)
  )
}

/** The user signed in. */
export const userSignedIn =
  (workshop: Workshop) =>
  (interaction: Interaction, user: SignedInUser): Task.Task<Conversation> =>
    pipe(
      TaskEither.fromIOEither(() => checkUser(user, workshop.ports.clock.now())),
      TaskEither.bindTo('told'),
      TaskEither.bind('grant', () => grantOf(workshop, interaction)),
      TaskEither.bind('permittedScope', ({ grant }) => permittedScope(workshop, grant, user)),
      Task.chain((known) =>
        Either.isLeft(known)
          ? tell(workshop.ports, refusedBecause(known.left, null, interaction.grantId), showRefusal(known.left))
          : carry(workshop, interaction, (decision) => ({
              _tag: 'UserSignedIn', ...decision, user: known.right.told, permittedScope: known.right.permittedScope, choosable: workshop.offer.contextTypes
            }), '')
      )
    )

/** What a user chose, carried to the grant if an app can be told of it. */
const choice =
  (event: 'ContextChosen' | 'ContextUnavailable') =>
  (workshop: Workshop) =>
  (interaction: Interaction, context: LaunchContext): Task.Task<Conversation> => {
    const checked = checkContext(workshop.policy.specVersion, context)
    return Either.isLeft(checked)
      ? tell(workshop.ports, refusedBecause(checked.left, null, interaction.grantId), showRefusal(checked.left))
      : carry(workshop, interaction, (decision) => ({ _tag: event, ...decision, context }), '')
  }

/** The user chose. That they may see what they chose is for the host to have checked. */
export const contextChosen = choice('ContextChosen')

/** There is nothing that the user could choose for what is still open; what they did choose before that showed is kept. */
export const contextUnavailable =
  (workshop: Workshop) =>
  (interaction: Interaction, chosen: LaunchContext = {}): Task.Task<Conversation> =>
    choice('ContextUnavailable')(workshop)(interaction, chosen)

/** The app asked for no page (`prompt=none`), and one is needed. */
export const pageNeeded =
  (workshop: Workshop) =>
  (interaction: Interaction): Task.Task<Conversation> =>
    carry(workshop, interaction, (decision) => ({ _tag: 'PageNeeded', ...decision }), '')

/** The user said no. */
export const userDenied =
  (workshop: Workshop) =>
  (interaction: Interaction): Task.Task<Conversation> =>
    carry(workshop, interaction, (decision) => ({ _tag: 'UserDenied', ...decision }), '')

/** What a consent says, before it is carried to the grant. */
type Consent = Pick<GrantEventOf<'ConsentGiven'>, 'expectedFormToken' | 'formToken' | 'approvedScope' | 'codeDigest'>

/** Whether a consent buys a code, if the EHR launch behind it is good: the machine is asked, and nothing is stored. */
const buysCode = ({ grants, facts }: Workshop, grant: AwaitingConsent, consent: Consent, occurrence: Occurrence): boolean => {
  const { browserDigest } = grant
  const next = grants.foresee(grant, {
    _tag: 'ConsentGiven', ...consent, ...occurrence, server: facts.fhirBaseUrl, browserDigest, launchRefusal: null
  })
  return Either.isRight(next) && next.right.commands[0]?._tag === 'RedirectWithCode'
}

/**
 * Spends the EHR launch behind a grant, if there is one: null when the code may be issued. A consent that buys no code
 * (without its proof, too late, to nothing) spends nothing: the user may begin again. Left when the launch cannot be asked
 * now: it may be spent for this grant already, so the grant goes on waiting for the same consent.
 */
const spendLaunch = (workshop: Workshop, grant: Grant, consent: Consent): TaskEither.TaskEither<Refusal, Refusal | null> => {
  const { ports, policy } = workshop
  if (grant._tag !== 'AwaitingConsent' || grant.launchKey === null) return TaskEither.right(null)
  const { launchKey, grantId } = grant
  return pipe(
    Task.fromIO(() => ({ now: ports.clock.now(), attempt: identifierOf(ports.random.token()) })),
    Task.chain((occurrence): TaskEither.TaskEither<Refusal, Refusal | null> =>
      buysCode(workshop, grant, consent, occurrence)
        ? pipe(
            changeRecord(ports.store, EhrLaunchCodec, ehrLaunchMachine(policy))(launchKey, {
              _tag: 'ConsentArrived', grantId, ...occurrence
            }),
            TaskEither.map((change): Refusal | null => {
              if (change._tag === 'NotFound') return { _tag: 'LaunchExpired' }
              return change.commands.flatMap((command) => (command._tag === 'Refuse' ? [command.refusal] : []))[0] ?? null
            })
          )
        : TaskEither.right(null)
    )
  )
}

/** The user agreed to these scopes: the code is made here, stored as a digest, and sent to the app. */
export const consentGiven =
  (workshop: Workshop) =>
  (interaction: Interaction, approved: ScopeSet): Task.Task<Conversation> => {
    const { ports } = workshop
    return pipe(
      Task.Do,
      Task.apS('grant', grantOf(workshop, interaction)),
      Task.apS('random', Task.fromIO(ports.random.token)),
      Task.bind('expectedFormToken', () => formTokenOf(workshop, interaction.browserSecret)),
      Task.chain(({ grant, random, expectedFormToken }) => {
        const refuse = (refusal: Refusal) => tell(ports, refusedBecause(refusal, null, interaction.grantId), showRefusal(refusal))
        if (Either.isLeft(grant)) return refuse(grant.left)
        const code = printCode(interaction.grantId, random)
        const { formToken } = interaction
        const approvedScope = format(approved)
        return pipe(
          Task.Do,
          Task.apS('codeDigest', ports.keys.digest(code)),
          Task.bind('launchRefusal', ({ codeDigest }) =>
            spendLaunch(workshop, grant.right, { expectedFormToken, formToken, approvedScope, codeDigest })),
          Task.chain(({ launchRefusal, codeDigest }) =>
            Either.isLeft(launchRefusal)
              ? refuse(launchRefusal.left)
              : carry(workshop, interaction, (decision) => ({
                  _tag: 'ConsentGiven', ...decision, approvedScope, codeDigest, launchRefusal: launchRefusal.right
                }), code)
          )
        )
      })
    )
  }
