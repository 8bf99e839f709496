/**
 * Client configuration (RFC 7592): a client reads, replaces and deletes its registration.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { recordAudit, refusedEntry } from '../audit.js'
import { bearerTokenOf } from '../bearer-token.js'
import { changeRecord } from '../../compare-and-swap.js'
import type { ServerContext } from '../context.js'
import { clientKey, originKey } from '../store-keys.js'
import { identifierOf } from '../context.js'
import type { RegistrationCommand, RegistrationEvent } from '../../../protocol/registration/registration.js'
import { clientRegistrationMachine } from '../../../protocol/registration/registration.js'
import { originsOf } from '../../../protocol/client/cors.js'
import type { PlainRequest, PlainResponse } from '../../../protocol/http/message.js'
import { json } from '../../../protocol/http/message.js'
import type { Refusal } from '../../../protocol/errors/refusal.js'
import { readReplacement } from '../../../protocol/registration/request.js'
import { StoredClientCodec } from '../../../protocol/client/stored-client.js'
import { countRegistration, countRemoved } from './registration-count.js'
import { answerTo, registrableScope, rememberOrigins, registrationResponse } from './register.js'

/**
 * Records the origins that a replacement adds. Origins are stored without expiry, so they count against the limit like
 * registrations.
 */
const rememberMoreOrigins = (
  serverContext: ServerContext,
  origins: ReadonlyArray<string>
): TaskEither.TaskEither<Refusal, 'remembered'> => {
  const { ports, server } = serverContext
  return pipe(
    origins,
    TaskEither.traverseSeqArray((origin) => ports.store.load(originKey(server, origin))),
    TaskEither.mapLeft((): Refusal => ({ _tag: 'StoreUnavailable' })),
    TaskEither.chain((found) =>
      found.every(Option.isSome)
        ? TaskEither.right('remembered')
        : pipe(
            countRegistration(serverContext),
            TaskEither.chain(() => rememberOrigins(serverContext, origins))
          )
    )
  )
}

const eventOf = (
  serverContext: ServerContext,
  request: PlainRequest,
  clientId: string,
  managed: { readonly now: number; readonly writeId: string; readonly managementDigest: string },
  secretDigest: string
): TaskEither.TaskEither<Refusal, RegistrationEvent> => {
  switch (request.method) {
    case 'GET':
      return TaskEither.right({ _tag: 'RegistrationRead', ...managed })
    case 'DELETE':
      return TaskEither.right({ _tag: 'RemovalRequested', ...managed })
    case 'PUT':
      return pipe(
        TaskEither.fromEither(readReplacement(request, clientId, serverContext.registration)),
        TaskEither.bind('scope', ({ metadata }) =>
          TaskEither.fromEither(registrableScope(serverContext, metadata.scope))
        ),
        TaskEither.bind('presentedSecretDigest', ({ presentedSecret }) =>
          TaskEither.fromTask(
            presentedSecret === null ? Task.of(null) : serverContext.ports.keys.digest(presentedSecret)
          )
        ),
        // This is done before the change is stored: afterwards nothing may fail, because a new secret could then not be
        // returned.
        TaskEither.chainFirst(({ metadata }) => rememberMoreOrigins(serverContext, originsOf(metadata))),
        TaskEither.map(({ metadata, scope, presentedSecretDigest }): RegistrationEvent => ({
          _tag: 'MetadataReplaced',
          ...managed,
          metadata,
          scope,
          secretDigest,
          presentedSecretDigest
        }))
      )
    default:
      return TaskEither.left({ _tag: 'MethodNotAllowed', allowed: 'GET, PUT, DELETE' })
  }
}

/** The name of the decision in the log. */
const decisionOf = (method: string): 'RegistrationRead' | 'RegistrationChanged' | 'RegistrationRemoved' =>
  method === 'GET' ? 'RegistrationRead' : method === 'PUT' ? 'RegistrationChanged' : 'RegistrationRemoved'

/** The results of the machine for an authenticated client. */
type Done = Exclude<RegistrationCommand, { readonly _tag: 'Refuse' }>

const responseOf = (serverContext: ServerContext, command: Done, secret: string, token: string): PlainResponse => {
  if (command._tag === 'ShowRegistration')
    return registrationResponse(serverContext, 200, command.client, command.withSecret ? secret : null, token)
  const { 'content-type': _type, ...headers } = json(204, '').headers
  return { status: 204, headers, body: '' }
}

/** Answers a client's request about its own registration (RFC 7592, section 2). */
export const manageRegistration =
  (serverContext: ServerContext) =>
  (clientId: string) =>
  (request: PlainRequest): Task.Task<PlainResponse> => {
    const { ports, server } = serverContext
    const change = changeRecord(ports.store, StoredClientCodec, clientRegistrationMachine)
    const perform = (event: RegistrationEvent): TaskEither.TaskEither<Refusal, Done> =>
      pipe(
        change(clientKey(server, clientId), event),
        TaskEither.chainEitherK((changed): Either.Either<Refusal, Done> => {
          const command = changed._tag === 'Changed' ? changed.command : null
          if (command === null) return Either.left({ _tag: 'RegistrationTokenDiffers' })
          return command._tag === 'Refuse' ? Either.left(command.refusal) : Either.right(command)
        })
      )
    return pipe(
      TaskEither.fromEither(bearerTokenOf(request)),
      TaskEither.bindTo('token'),
      TaskEither.bind('managementDigest', ({ token }) => TaskEither.fromTask(ports.keys.digest(token))),
      TaskEither.bind('fresh', () =>
        TaskEither.fromIO(() => ({
          now: ports.clock.now(),
          writeId: identifierOf(ports.random.token()),
          secret: ports.random.token()
        }))
      ),
      TaskEither.bind('secretDigest', ({ fresh }) => TaskEither.fromTask(ports.keys.digest(fresh.secret))),
      TaskEither.chain(({ token, managementDigest, fresh, secretDigest }) => {
        const { secret, ...eventContext } = fresh
        const managed = { ...eventContext, managementDigest }
        return pipe(
          // The registration access token is checked before the body is validated.
          request.method === 'PUT'
            ? TaskEither.map(() => null)(perform({ _tag: 'RegistrationRead', ...managed }))
            : TaskEither.right(null),
          TaskEither.chain(() => eventOf(serverContext, request, clientId, managed, secretDigest)),
          TaskEither.chain(perform),
          TaskEither.chainFirstTaskK((command) =>
            command._tag === 'ConfirmRemoval' && !command.hasInitialAccessToken
              ? countRemoved(serverContext)
              : Task.of(null)
          ),
          TaskEither.map((command) => responseOf(serverContext, command, secret, token))
        )
      }),
      Task.chain((answer) =>
        Either.isLeft(answer)
          ? recordAudit(ports, refusedEntry(answer.left, clientId), answerTo(answer.left))
          : recordAudit(
              ports,
              { decision: decisionOf(request.method), clientId, grantId: null, refusal: null },
              answer.right
            )
      )
    )
  }

/** Gives a client a new secret, which is returned once. The old secret stays valid for `overlapSeconds`. */
export const rotateSecret =
  (serverContext: ServerContext) =>
  (clientId: string, overlapSeconds: number): TaskEither.TaskEither<Refusal, string> => {
    const { ports, server } = serverContext
    return pipe(
      TaskEither.fromIO<{ now: number; writeId: string; secret: string }, Refusal>(() => ({
        now: ports.clock.now(),
        writeId: identifierOf(ports.random.token()),
        secret: ports.random.token()
      })),
      TaskEither.bind('secretDigest', ({ secret }) => TaskEither.fromTask(ports.keys.digest(secret))),
      TaskEither.chain(({ now, writeId, secret, secretDigest }) =>
        pipe(
          changeRecord(
            ports.store,
            StoredClientCodec,
            clientRegistrationMachine
          )(clientKey(server, clientId), {
            _tag: 'SecretRotated',
            now,
            writeId,
            secretDigest,
            overlapSeconds
          }),
          TaskEither.chainEitherK((changed): Either.Either<Refusal, string> => {
            const command = changed._tag === 'Changed' ? changed.command : null
            if (command?._tag === 'ShowRegistration') return Either.right(secret)
            return Either.left(command?._tag === 'Refuse' ? command.refusal : { _tag: 'ClientUnknown', clientId })
          })
        )
      ),
      Task.chain((rotated) =>
        recordAudit(
          ports,
          Either.isLeft(rotated)
            ? refusedEntry(rotated.left, clientId)
            : { decision: 'SecretRotated', clientId, grantId: null, refusal: null },
          rotated
        )
      )
    )
  }
