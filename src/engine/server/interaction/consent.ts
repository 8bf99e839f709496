/**
 * The user's consent: asks the host's policy again, uses the EHR launch of the request, and makes the code.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { changeRecord } from '../../compare-and-swap.js'
import type { Conversation, Interaction } from './conversation.js'
import { formTokenOf } from './conversation.js'
import type { DecisionContext } from './apply-decision.js'
import { permissionOf } from './user-decisions.js'
import { applyDecision, decisionContextOf, refuseConversation } from './apply-decision.js'
import type { ServerContext } from '../context.js'
import { identifierOf } from '../context.js'
import { ehrLaunchMachine } from '../../../protocol/launch/ehr-launch.js'
import type { GrantEventOf, EventContext } from '../../../protocol/grant/events.js'
import type { GrantInConversation } from '../../../protocol/grant/registration-rules.js'
import { parsedScope } from '../../../protocol/scope-policy/parsed-scope.js'
import type { PolicyDecision } from '../../../protocol/scope-policy/policy-decision.js'
import type { Refusal } from '../../../protocol/errors/refusal.js'
import type { AwaitingConsent } from '../../../protocol/grant/state.js'
import { EhrLaunchCodec } from '../../../protocol/launch/stored-launch.js'
import { servedMethods } from '../../../protocol/discovery/smart-configuration.js'
import { printCode } from '../../../protocol/token/opaque-token.js'
import { format } from '../../../scopes/format.js'
import type { ScopeSet } from '../../../scopes/scope.js'
import type { EpochSeconds } from '../../../values/time.js'

/** The content of a consent. */
type Consent = Pick<
  GrantEventOf<'ConsentGiven'>,
  'expectedFormToken' | 'formToken' | 'approvedScope' | 'permission' | 'codeDigest' | 'present' | 'client' | 'parsed'
>

/**
 * Whether a consent leads to a code, provided that the EHR launch is valid. The machine is run without storing
 * anything.
 */
const buysCode = (
  { grants, facts }: ServerContext,
  grant: AwaitingConsent,
  consent: Consent,
  eventContext: EventContext
): boolean => {
  const { browserDigest } = grant
  const next = grants.dryRun(grant, {
    _tag: 'ConsentGiven',
    ...consent,
    ...eventContext,
    server: facts.fhirBaseUrl,
    methods: servedMethods(facts),
    browserDigest,
    launchRefusal: null
  })
  return Either.isRight(next) && next.right.command?._tag === 'RedirectWithCode'
}

/**
 * Uses the EHR launch of a grant, if there is one; null when the code may be issued. A consent that leads to no code
 * (without the browser's secret, expired, or for no scopes) does not use the launch: the user may start again. Left
 * when the store is unavailable: the launch may already be used for this grant, so the grant keeps waiting for the same
 * consent.
 */
const spendLaunch = (
  serverContext: ServerContext,
  grant: GrantInConversation,
  consent: Consent
): TaskEither.TaskEither<Refusal, Refusal | null> => {
  const { ports, policy } = serverContext
  if (grant._tag !== 'AwaitingConsent' || grant.launchKey === null) return TaskEither.right(null)
  const { launchKey, grantId } = grant
  return pipe(
    Task.fromIO(() => ({ now: ports.clock.now(), writeId: identifierOf(ports.random.token()) })),
    Task.chain((eventContext): TaskEither.TaskEither<Refusal, Refusal | null> =>
      buysCode(serverContext, grant, consent, eventContext)
        ? pipe(
            changeRecord(
              ports.store,
              EhrLaunchCodec,
              ehrLaunchMachine(policy)
            )(launchKey, {
              _tag: 'ConsentGiven',
              grantId,
              ...eventContext
            }),
            TaskEither.map((change): Refusal | null => {
              if (change._tag === 'NotFound') return { _tag: 'LaunchExpired' }
              return change.command?._tag === 'Refuse' ? change.command.refusal : null
            })
          )
        : TaskEither.right(null)
    )
  )
}

/** The scopes to which the user may consent. The policy is called again unless `accessPolicyChecks` is `atSignIn`. */
const consentable = (
  serverContext: ServerContext,
  known: DecisionContext
): TaskEither.TaskEither<Refusal, PolicyDecision> => {
  const { grant } = known
  // Without a user there is nothing to ask, and without a client the machine refuses.
  return grant._tag !== 'AwaitingConsent' ||
    known.client === null ||
    serverContext.policy.accessPolicyChecks === 'atSignIn'
    ? TaskEither.right({ _tag: 'Permitted', scope: known.parsed })
    : permissionOf(serverContext, grant.user, known)
}

/**
 * The user consented: makes the code, stores its digest, and sends the code to the app. The record of the grant is
 * stored until `storedUntil` at least, so that a revocation stays known for as long as the consent is remembered.
 */
export const consentGiven =
  (serverContext: ServerContext) =>
  (interaction: Interaction, approved: ScopeSet, storedUntil: EpochSeconds = 0): Task.Task<Conversation> => {
    const { ports } = serverContext
    const { formToken, grantId } = interaction
    return pipe(
      TaskEither.Do,
      TaskEither.bind('known', () => decisionContextOf(serverContext, interaction)),
      TaskEither.bind('permission', ({ known }) => consentable(serverContext, known)),
      TaskEither.let('approvedScope', ({ known, permission }) =>
        parsedScope(format(approved), known.parsed, permission._tag === 'Permitted' ? permission.scope : null)
      ),
      TaskEither.apS(
        'code',
        TaskEither.fromIO(() => printCode(grantId, ports.random.token()))
      ),
      TaskEither.bind('codeDigest', ({ code }) => TaskEither.fromTask(ports.keys.digest(code))),
      TaskEither.bind('expectedFormToken', () =>
        TaskEither.fromTask(formTokenOf(serverContext, interaction.browserSecret))
      ),
      TaskEither.bind('launchRefusal', ({ known, permission, approvedScope, codeDigest, expectedFormToken }) =>
        spendLaunch(serverContext, known.grant, {
          expectedFormToken,
          formToken,
          permission,
          codeDigest,
          approvedScope,
          parsed: known.parsed,
          present: known.present,
          client: known.client
        })
      ),
      TaskEither.matchE(
        (refusal) => refuseConversation(serverContext, interaction, refusal),
        ({ known, permission, approvedScope, code, codeDigest, launchRefusal }) =>
          applyDecision(
            serverContext,
            interaction,
            known,
            (decision) => ({
              _tag: 'ConsentGiven',
              ...decision,
              approvedScope,
              permission,
              codeDigest,
              launchRefusal,
              storedUntil
            }),
            code
          )
      )
    )
  }
