/**
 * The authorization endpoint: validates the request, opens the grant, and starts the conversation with the user.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import { refusedEntry, recordAudit } from './audit.js'
import { changeRecord } from '../compare-and-swap.js'
import type { Conversation } from './interaction/conversation.js'
import {
  formTokenOf,
  clientDisplayName,
  nextInteraction,
  showRefusal,
  refuseToApp
} from './interaction/conversation.js'
import type { Handlers } from '../run.js'
import { run } from '../run.js'
import type { ServerContext } from './context.js'
import { launchKey } from './store-keys.js'
import { identifierOf, namedIssuer } from './context.js'
import { findClient } from './client-authentication.js'
import type {
  AuthorizationCommand,
  AuthorizationEvent,
  FinalAuthorizationState,
  ReadParameters
} from '../../protocol/authorization/authorization-request.js'
import { authorizationRequestMachine, beginAuthorization } from '../../protocol/authorization/authorization-request.js'
import { ehrLaunchMachine } from '../../protocol/launch/ehr-launch.js'
import type { FormReadingError } from '../../protocol/http/form.js'
import { readForm } from '../../protocol/http/form.js'
import { isForm } from '../../protocol/http/media-type.js'
import type { PlainRequest } from '../../protocol/http/message.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import type { AwaitingUser } from '../../protocol/grant/state.js'
import { EhrLaunchCodec } from '../../protocol/launch/stored-launch.js'
import type { EpochSeconds } from '../../values/time.js'

const unreadable = ({ pair }: FormReadingError): Refusal => ({ _tag: 'ParametersUnreadable', pair })

/** The parameters of a GET request (from the query) or a POST request (from the body), and the query of a POST. */
const readParameters = (request: PlainRequest): Either.Either<Refusal, ReadParameters> => {
  if (request.method !== 'GET' && request.method !== 'POST') {
    return Either.left({ _tag: 'MethodNotAllowed', allowed: 'GET, POST' })
  }
  const isPost = request.method === 'POST'
  if (isPost && !isForm(request)) return Either.left({ _tag: 'BodyNotForm' })
  return pipe(
    Either.Do,
    Either.apS('parameters', readForm(isPost ? request.body : request.query)),
    Either.apS('beside', readForm(isPost ? request.query : '')),
    Either.mapLeft(unreadable)
  )
}

/** Presents a launch handle for the grant that is about to be opened. */
const presentLaunch = (
  serverContext: ServerContext,
  handle: string,
  opening: AwaitingUser,
  now: number
): Task.Task<AuthorizationEvent> => {
  const { ports, policy } = serverContext
  const changeLaunch = changeRecord(ports.store, EhrLaunchCodec, ehrLaunchMachine(policy))
  return pipe(
    ports.keys.digest(handle),
    Task.chain((digest) =>
      pipe(
        changeLaunch(launchKey(serverContext.issuing, digest), {
          _tag: 'LaunchPresented',
          now,
          writeId: opening.writeId,
          grantId: opening.grantId,
          clientId: opening.clientId,
          audience: opening.audience
        }),
        Task.map((change): AuthorizationEvent => {
          if (Either.isLeft(change)) return { _tag: 'StoreUnavailable' }
          if (change.right._tag === 'NotFound') return { _tag: 'LaunchRefused', refusal: { _tag: 'LaunchUnknown' } }
          const { command } = change.right
          if (command?._tag === 'Refuse') return { _tag: 'LaunchRefused', refusal: command.refusal }
          if (command?._tag === 'UseContext') {
            const { context, launchedBy } = command
            return { _tag: 'LaunchAccepted', launchKey: launchKey(serverContext.issuing, digest), context, launchedBy }
          }
          return { _tag: 'LaunchRefused', refusal: { _tag: 'LaunchUnknown' } }
        })
      )
    )
  )
}

const conversationAfter = (
  serverContext: ServerContext,
  ended: Either.Either<Refusal, FinalAuthorizationState>,
  browserSecret: string,
  formToken: string
): Task.Task<Conversation> => {
  const { ports } = serverContext
  const refuse = (refusal: Refusal) => recordAudit(ports, refusedEntry(refusal), showRefusal(refusal))
  if (Either.isLeft(ended)) return refuse(ended.left)
  const state = ended.right
  switch (state._tag) {
    case 'Accepted': {
      const { clientId, grantId } = state.opening
      return pipe(
        ports.clients.find(clientId),
        Task.map((found) => clientDisplayName(Either.isRight(found) ? Option.toNullable(found.right) : null, clientId)),
        Task.map((name) =>
          nextInteraction(
            state.opening,
            state.scopes,
            { grantId, browserSecret, formToken, present: null },
            name,
            serverContext.policy
          )
        ),
        Task.chain((need) =>
          recordAudit(ports, { decision: 'AuthorizationRequested', clientId, grantId, refusal: null }, need)
        )
      )
    }
    case 'RefusedOnPage':
      return refuse(state.refusal)
    case 'RefusedByRedirect': {
      const { target, refusal } = state
      return recordAudit(ports, refusedEntry(refusal), refuseToApp(target, target, namedIssuer(serverContext), refusal))
    }
  }
}

/** Answers a request to the authorization endpoint. */
export const authorize = (serverContext: ServerContext) => {
  const { grants, ports, policy, offer, facts } = serverContext
  const machine = authorizationRequestMachine({ policy, offer, fhirBaseUrl: facts.fhirBaseUrl })
  const handlers: Handlers<AuthorizationEvent, AuthorizationCommand, EpochSeconds> = {
    FindClient: findClient(serverContext),
    PresentLaunch: ({ handle, opening }, now) => presentLaunch(serverContext, handle, opening, now),
    OpenGrant: ({ opening }) =>
      pipe(
        grants.open(opening),
        Task.map((opened): AuthorizationEvent => ({
          _tag: Either.isRight(opened) ? 'GrantOpened' : 'StoreUnavailable'
        }))
      )
  }
  const perform = run(machine, handlers)
  return (request: PlainRequest): Task.Task<Conversation> => {
    const parameters = readParameters(request)
    if (Either.isLeft(parameters))
      return recordAudit(ports, refusedEntry(parameters.left), showRefusal(parameters.left))
    return pipe(
      Task.Do,
      Task.apS('now', Task.fromIO(ports.clock.now)),
      Task.apS('grantToken', Task.fromIO(ports.random.token)),
      Task.apS('attemptToken', Task.fromIO(ports.random.token)),
      Task.apS('browserSecret', Task.fromIO(ports.random.token)),
      Task.bind('browserDigest', ({ browserSecret }) => ports.keys.digest(browserSecret)),
      Task.bind('formToken', ({ browserSecret }) => formTokenOf(serverContext, browserSecret)),
      Task.chain(({ now, grantToken, attemptToken, browserSecret, browserDigest, formToken }) =>
        pipe(
          perform(
            beginAuthorization(parameters.right, {
              now,
              writeId: identifierOf(attemptToken),
              grantId: identifierOf(grantToken),
              browserDigest
            }),
            now
          ),
          Task.chain((ended) => conversationAfter(serverContext, ended, browserSecret, formToken))
        )
      )
    )
  }
}
