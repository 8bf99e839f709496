/**
 * The introspection endpoint (RFC 7662), for callers that may introspect.
 *
 * The reason why a token is inactive is only logged. If a port is unavailable the response is 503, never "inactive".
 * Source: token-introspection; RFC 7662.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { identity, pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import type * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { AuditEntry, RefusedToken } from './audit.js'
import { refusedEntry, refusedTokenEntry, recordAudit, recordAuditNow } from './audit.js'
import { bearerGrant, clientIsRegistered, unknownToken } from './bearer-token.js'
import { authenticateClient, refusalToClient } from './client-authentication.js'
import type { VerifiedTokenFacts } from './verify-token.js'
import { verifyToken } from './verify-token.js'
import type { ServerContext } from './context.js'
import type { VerifiedToken, IntrospectionCaller } from '../../protocol/token/introspection.js'
import { introspect } from '../../protocol/token/introspection.js'
import type { RegisteredClient } from '../../protocol/client/client.js'
import type { Parameters } from '../../protocol/http/form.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { headerOf, json } from '../../protocol/http/message.js'
import type { PresentedToken } from '../../protocol/token/classify-token.js'
import { presentedTokenOf, readTokenForm } from '../../protocol/token/classify-token.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { bearerChallenge, bearerRefusalJson, refusalJson, refusalRow } from '../../protocol/errors/refusal-table.js'
import type { Grant } from '../../protocol/grant/state.js'
import type { EpochSeconds } from '../../values/time.js'

/**
 * The response for every inactive token. It is the same for all reasons, so that callers cannot distinguish tokens that
 * they may not see.
 */
const inactive: PlainResponse = json(200, { active: false })

/** A caller that is refused. */
interface IntrospectionRefused {
  /** It names the client that the caller named without authenticating, or that of its token. */
  readonly auditEntry: AuditEntry
  readonly response: PlainResponse
}

const toBearer = (refused: RefusedToken): IntrospectionRefused => ({
  auditEntry: refusedTokenEntry(refused),
  response: bearerRefusalJson(refused.refusal)
})

/** A caller with a bearer token. Its client must be registered to introspect, or the policy must allow every client. */
const bearerCaller = (
  serverContext: ServerContext,
  request: PlainRequest
): TaskEither.TaskEither<IntrospectionRefused, IntrospectionCaller> =>
  pipe(
    bearerGrant(serverContext)(request),
    TaskEither.chain(({ living: { clientId, grantId } }) =>
      pipe(
        serverContext.ports.clients.find(clientId),
        TaskEither.mapLeft((): Refusal => ({ _tag: 'ClientsUnavailable' })),
        TaskEither.map(Option.exists(({ mayIntrospect }) => mayIntrospect === true)),
        TaskEither.filterOrElse(
          (mayIntrospect) => mayIntrospect || serverContext.policy.introspectForeignTokens === 'anyAuthorised',
          (): Refusal => ({ _tag: 'CallerMayNotIntrospect' })
        ),
        TaskEither.bimap(
          (refusal): RefusedToken => ({ refusal, clientId, grantId, owner: null }),
          (mayIntrospect): IntrospectionCaller => ({ clientId, mayIntrospect })
        )
      )
    ),
    TaskEither.mapLeft(toBearer)
  )

/** A caller that authenticated as a client. A public client cannot authenticate. */
const asCaller = ({
  clientId,
  mayIntrospect,
  tokenEndpointAuthMethod
}: RegisteredClient): Either.Either<Refusal, IntrospectionCaller> =>
  tokenEndpointAuthMethod === 'none'
    ? Either.left({ _tag: 'CallerNotAuthenticated' })
    : Either.right({ clientId, mayIntrospect: mayIntrospect === true })

const hasCredentials = (parameters: Parameters): boolean =>
  ['client_secret', 'client_assertion', 'client_assertion_type'].some((name) => parameters.has(name))

const showsNothing = (request: PlainRequest, parameters: Parameters): boolean =>
  headerOf(request, 'authorization') === undefined && !parameters.has('client_id') && !hasCredentials(parameters)

/** If a bearer token is accepted too, a 401 lists that scheme as well (RFC 9110, section 11.6.1). */
const withBearerScheme = (response: PlainResponse): PlainResponse => {
  const challenge = headerOf(response, 'www-authenticate')
  return response.status === 401 && typeof challenge === 'string'
    ? {
        ...response,
        headers: {
          ...response.headers,
          'www-authenticate': `${challenge}, ${bearerChallenge({ _tag: 'AccessTokenMissing' })}`
        }
      }
    : response
}

const callers = (serverContext: ServerContext) => {
  const { facts, policy } = serverContext
  const authenticate = authenticateClient(serverContext, facts.introspectionEndpoint)
  return (
    request: PlainRequest,
    parameters: Parameters,
    now: EpochSeconds
  ): TaskEither.TaskEither<IntrospectionRefused, IntrospectionCaller> => {
    const { introspectionAuth } = policy
    const forBearer = introspectionAuth === 'clientCredentials' ? identity<PlainResponse> : withBearerScheme
    const turnAway =
      (clientId: string | null) =>
      (refusal: Refusal): IntrospectionRefused => ({
        auditEntry: refusedEntry(refusal, clientId),
        response: forBearer(refusalToClient(policy, request, refusal))
      })
    if (introspectionAuth === 'anonymous' && showsNothing(request, parameters)) {
      return TaskEither.right({ clientId: null, mayIntrospect: false })
    }
    const isBearer = /^bearer /i.test(headerOf(request, 'authorization') ?? '')
    if (isBearer && hasCredentials(parameters)) return TaskEither.left(turnAway(null)({ _tag: 'CredentialsTwice' }))
    if (isBearer && introspectionAuth !== 'clientCredentials') return bearerCaller(serverContext, request)
    return introspectionAuth === 'bearer'
      ? TaskEither.left(toBearer(unknownToken({ _tag: 'AccessTokenMissing' })))
      : async () => {
          const client = await authenticate(request, parameters, now)()
          if (Either.isLeft(client)) return Either.left(turnAway(client.left.clientId)(client.left.refusal))
          return Either.mapLeft(turnAway(client.right.clientId))(asCaller(client.right))
        }
  }
}

/** The token with the facts that need a port: an online refresh token is active only during its user's session. */
const completed = (
  serverContext: ServerContext,
  opened: VerifiedTokenFacts,
  grant: Grant
): TaskEither.TaskEither<Refusal, VerifiedToken> => {
  if (opened._tag === 'AccessToken') return TaskEither.right(opened)
  return grant._tag === 'Active' && grant.refresh === 'online' && serverContext.policy.introspectRefreshTokens
    ? pipe(
        serverContext.ports.users.isOnline(grant.user, grant.grantId),
        TaskEither.bimap(
          (): Refusal => ({ _tag: 'UsersUnavailable' }),
          (isOnline): VerifiedToken => ({ ...opened, isOnline })
        )
      )
    : TaskEither.right({ ...opened, isOnline: true })
}

/** The introspection result or the reason why the token is inactive, and the grant of the token if it is authentic. */
const look = async (
  serverContext: ServerContext,
  caller: IntrospectionCaller,
  presented: PresentedToken,
  now: EpochSeconds
): Promise<{ readonly grantId: string | null; readonly found: ReturnType<typeof introspect> }> => {
  const { facts, grants, policy } = serverContext
  const opened = await verifyToken(serverContext, presented)()
  if (Either.isLeft(opened)) return { grantId: null, found: opened }
  const { grantId } = opened.right.facts
  const loaded = await grants.load(grantId)()
  if (Either.isLeft(loaded)) return { grantId, found: loaded }
  if (Option.isNone(loaded.right)) return { grantId, found: Either.left({ _tag: 'GrantEnded' }) }
  const grant = loaded.right.value
  const registered = await clientIsRegistered(serverContext, grant.clientId)()
  if (Either.isLeft(registered)) return { grantId, found: registered }
  const token = await completed(serverContext, opened.right, grant)()
  if (Either.isLeft(token)) return { grantId, found: token }
  const { features, issuer, fhirBaseUrl } = facts
  return {
    grantId,
    found: introspect({ policy, features, issuer, fhirBaseUrl, caller, token: token.right, grant, now })
  }
}

/** Answers a request to the introspection endpoint. */
export const introspection = (serverContext: ServerContext): ((request: PlainRequest) => Task.Task<PlainResponse>) => {
  const { ports } = serverContext
  const callerOf = callers(serverContext)
  return (request) => {
    const parameters = readTokenForm(request)
    if (Either.isLeft(parameters))
      return recordAudit(ports, refusedEntry(parameters.left), refusalJson(parameters.left))
    return async () => {
      const now = ports.clock.now()
      const caller = await callerOf(request, parameters.right, now)()
      if (Either.isLeft(caller)) return recordAuditNow(ports, caller.left.auditEntry, caller.left.response)
      const { clientId } = caller.right
      const presented = presentedTokenOf(parameters.right)
      if (Either.isLeft(presented))
        return recordAuditNow(ports, refusedEntry(presented.left, clientId), refusalJson(presented.left))
      const { grantId, found } = await look(serverContext, caller.right, presented.right, now)
      if (Either.isRight(found)) {
        return recordAuditNow(
          ports,
          { decision: 'TokenIntrospected', clientId, grantId, refusal: null },
          json(200, found.right)
        )
      }
      return refusalRow(found.left).status >= 500
        ? recordAuditNow(ports, refusedEntry(found.left, clientId, grantId), refusalJson(found.left))
        : recordAuditNow(ports, { decision: 'TokenIntrospected', clientId, grantId, refusal: found.left }, inactive)
    }
  }
}
