/**
 * Resolves a bearer token for a resource server: the grant and the access behind it.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { RefusedToken } from './audit.js'
import { recordAuditNow, refusedTokenEntry } from './audit.js'
import { verifyOpaqueToken, verifyJwtToken } from './verify-token.js'
import type { ServerContext } from './context.js'
import type { TokenOwner } from '../ports.js'
import type { AccessFacts } from '../../protocol/access/alternatives.js'
import { namesParameter } from '../../protocol/access/search/query.js'
import type { ActiveGrant } from '../../protocol/token/introspection.js'
import { grantOfAccessToken } from '../../protocol/token/introspection.js'
import { contextOfToken } from '../../protocol/grant/granted-context.js'
import type { Grant } from '../../protocol/grant/state.js'
import { isJwt } from '../../protocol/token/access-token-claims.js'
import type { PlainRequest } from '../../protocol/http/message.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import type { AccessTokenFacts } from '../../protocol/token/opaque-token.js'
import { readAccessToken } from '../../protocol/token/opaque-token.js'
import { parse } from '../../scopes/parse.js'
import { headerOf } from '../../protocol/http/message.js'
import { isForm } from '../../protocol/http/media-type.js'
import { ownMember } from '../../values/own.js'

/** The token of a request (RFC 6750, section 2.1). It is accepted only in the Authorization header, not in a form. */
export const bearerTokenOf = (request: PlainRequest): Either.Either<Refusal, string> => {
  const places = isForm(request) ? [request.query, request.body] : [request.query]
  if (places.some((text) => namesParameter(text, 'access_token'))) return Either.left({ _tag: 'AccessTokenInAddress' })
  const header = headerOf(request, 'authorization')
  if (header === undefined) return Either.left({ _tag: 'AccessTokenMissing' })
  const token = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header)?.[1]
  return token === undefined ? Either.left({ _tag: 'AccessTokenUnknown' }) : Either.right(token)
}

/** An active grant, and the scope of the token that names it. */
export interface BearerGrant {
  readonly living: ActiveGrant
  /** As text. */
  readonly scope: string
}

/** The access of a token. */
const accessOf = ({ living, scope }: BearerGrant): AccessFacts => {
  const scopes = parse(scope)
  const user = living._tag === 'Active' ? living.user : null
  const context = living._tag === 'Active' ? contextOfToken(living, scope, scopes) : {}
  return { clientId: living.clientId, grantId: living.grantId, scopes, context, user }
}

/** The content of an access token, if it is authentic. */
const openText = (serverContext: ServerContext, text: string): TaskEither.TaskEither<Refusal, AccessTokenFacts> => {
  if (isJwt(text)) return verifyJwtToken(serverContext, text)
  const macedText = readAccessToken(text)
  return Option.isNone(macedText)
    ? TaskEither.left({ _tag: 'AccessTokenUnknown' })
    : verifyOpaqueToken(serverContext, macedText.value)
}

/** The tokens of a client are invalid once the client is no longer registered. */
export const clientIsRegistered =
  ({ ports }: ServerContext, clientId: string): TaskEither.TaskEither<Refusal, true> =>
  async () => {
    const found = await ports.clients.find(clientId)()
    if (Either.isLeft(found)) return Either.left({ _tag: 'ClientsUnavailable' })
    return Option.isSome(found.right) ? Either.right(true) : Either.left({ _tag: 'AccessTokenRevoked' })
  }

/** A refusal of a token of which nothing is known. */
export const unknownToken = (refusal: Refusal): RefusedToken => ({
  refusal,
  clientId: null,
  grantId: null,
  owner: null
})

/** Whom a token with that scope of a grant concerns. */
const ownerOf = (grant: Grant, scope: string | null): TokenOwner =>
  grant._tag === 'Active'
    ? {
        userSub: grant.user.sub,
        patient: ownMember(contextOfToken(grant, scope ?? grant.scope), 'patient') ?? null
      }
    : { userSub: null, patient: null }

/** The grant of an authentic token. Each call reads the store, so that a revocation takes effect immediately. */
const grantOfToken = (
  serverContext: ServerContext,
  token: AccessTokenFacts
): TaskEither.TaskEither<RefusedToken, BearerGrant> => {
  const { grants, ports, facts } = serverContext
  const { grantId, narrowedScope } = token
  const ofGrant =
    (grant: Grant | null) =>
    (refusal: Refusal): RefusedToken => ({
      refusal,
      clientId: grant?.clientId ?? null,
      grantId,
      owner: grant === null ? null : ownerOf(grant, narrowedScope)
    })
  return pipe(
    grants.load(grantId),
    TaskEither.mapLeft(ofGrant(null)),
    TaskEither.chain((found) => {
      if (Option.isNone(found)) return TaskEither.left(ofGrant(null)({ _tag: 'AccessTokenRevoked' }))
      const { value: grant } = found
      return pipe(
        TaskEither.fromEither(grantOfAccessToken(token, grant, facts.fhirBaseUrl, ports.clock.now())),
        TaskEither.chainFirst(({ clientId }) => clientIsRegistered(serverContext, clientId)),
        TaskEither.bimap(ofGrant(grant), (living): BearerGrant => ({ living, scope: narrowedScope ?? living.scope }))
      )
    })
  )
}

/** The grant of a request's bearer token; left with the reason, and whose token it is. */
export const bearerGrant =
  (serverContext: ServerContext) =>
  (request: PlainRequest): TaskEither.TaskEither<RefusedToken, BearerGrant> =>
    pipe(
      TaskEither.fromEither(bearerTokenOf(request)),
      TaskEither.chain((text) => openText(serverContext, text)),
      TaskEither.mapLeft(unknownToken),
      TaskEither.chain((token) => grantOfToken(serverContext, token))
    )

/** The access of a request's bearer token. */
export const bearerAccess =
  (serverContext: ServerContext) =>
  (request: PlainRequest): TaskEither.TaskEither<RefusedToken, AccessFacts> =>
    pipe(bearerGrant(serverContext)(request), TaskEither.map(accessOf))

/** The same for a resource server; a refusal is recorded. */
export const bearer =
  (serverContext: ServerContext) =>
  (request: PlainRequest): TaskEither.TaskEither<Refusal, AccessFacts> =>
    pipe(
      bearerAccess(serverContext)(request),
      TaskEither.mapLeft((refused) => recordAuditNow(serverContext.ports, refusedTokenEntry(refused), refused.refusal))
    )
