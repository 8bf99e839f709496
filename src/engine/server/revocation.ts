/**
 * The revocation endpoint (RFC 7009).
 *
 * Unknown and invalid tokens get the same confirmation as a token that is revoked now. A revocation that could not be
 * stored is never confirmed: the token may still be valid, and the response is an error that says so. Source: RFC 7009.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { refusedEntry, recordAudit, recordAuditNow } from './audit.js'
import { authenticateClient, refusalToClient } from './client-authentication.js'
import type { VerifiedTokenFacts } from './verify-token.js'
import { verifyToken } from './verify-token.js'
import type { ServerContext } from './context.js'
import { identifierOf } from './context.js'
import { isOfAnotherServer } from '../../protocol/grant/audience.js'
import type { GrantCommand, GrantEventOf } from '../../protocol/grant/events.js'
import { readAssertion } from '../../protocol/jwt/jwt.js'
import type { RegisteredClient } from '../../protocol/client/client.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { emptyOk } from '../../protocol/http/message.js'
import { idTokenAlgorithm } from '../../protocol/jwt/id-token-claims.js'
import type { PresentedToken } from '../../protocol/token/classify-token.js'
import { presentedTokenOf, readTokenForm } from '../../protocol/token/classify-token.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { refusalJson, refusalRow } from '../../protocol/errors/refusal-table.js'
import { readCode } from '../../protocol/token/opaque-token.js'
import { sameDigest } from '../../values/secret.js'
import type { EpochSeconds } from '../../values/time.js'

/** The token in the form of the grant's event. */
const asRequested = (opened: VerifiedTokenFacts): GrantEventOf<'TokenRevocationRequested'>['token'] =>
  opened._tag === 'AccessToken'
    ? { _tag: 'AccessToken', epoch: opened.facts.epoch, expiresAt: opened.facts.expiresAt }
    : { _tag: 'RefreshToken' }

/**
 * Whether a JWT that is not an access token is an id_token of this server, signed by one of its keys. A damaged one is
 * an invalid token (RFC 7009, section 2.2).
 */
const isOwnJwt = ({ ports }: ServerContext, text: string): TaskEither.TaskEither<Refusal, boolean> => {
  const read = readAssertion(text)
  if (Either.isLeft(read)) return TaskEither.right(false)
  const { alg, kid } = read.right.header
  return pipe(
    ports.keys.publicKeys,
    TaskEither.map((keys) => keys.find((key) => key['kid'] === kid)),
    TaskEither.chain((key) =>
      key === undefined || alg !== idTokenAlgorithm
        ? TaskEither.right(false)
        : ports.keys.verifyAssertion(key, idTokenAlgorithm, text)
    ),
    TaskEither.mapLeft((): Refusal => ({ _tag: 'KeysUnavailable' }))
  )
}

/**
 * Whether a text is a code of a grant of this server, used or unused. A text that only looks like a code is an invalid
 * token.
 */
const isOwnCode = ({ facts, grants, ports }: ServerContext, text: string): TaskEither.TaskEither<Refusal, boolean> =>
  pipe(
    grants.load(Option.getOrElse(() => '')(readCode(text))),
    TaskEither.chainTaskK((found) => async () => {
      if (Option.isNone(found) || isOfAnotherServer(found.value, facts.fhirBaseUrl)) return false
      const { value: grant } = found
      return (
        (grant._tag === 'CodeIssued' || grant._tag === 'Active') &&
        sameDigest(grant.codeDigest, await ports.keys.digest(text)())
      )
    })
  )

/** Only tokens can be revoked; a code or an id_token of this server is refused with an error. */
const revocable = (
  serverContext: ServerContext,
  presented: PresentedToken
): TaskEither.TaskEither<Refusal, PresentedToken> => {
  if (presented._tag !== 'NoToken') return TaskEither.right(presented)
  const isOther =
    presented.kind === 'code' ? isOwnCode(serverContext, presented.text) : isOwnJwt(serverContext, presented.text)
  return pipe(
    isOther,
    TaskEither.filterOrElse(
      (isOne) => !isOne,
      (): Refusal => ({ _tag: 'TokenTypeNotRevocable', kind: presented.kind })
    ),
    TaskEither.map(() => presented)
  )
}

/** The result of a revocation; empty when the token or its grant does not exist. */
interface Revoked {
  readonly grantId: string
  readonly command: GrantCommand | null
}

const revoke = (serverContext: ServerContext) => {
  const { facts, grants, ports } = serverContext
  return (
    client: RegisteredClient,
    opened: VerifiedTokenFacts,
    now: EpochSeconds
  ): TaskEither.TaskEither<Refusal, Revoked> => {
    const { grantId } = opened.facts
    const writeId = identifierOf(ports.random.token())
    return pipe(
      grants.change(grantId, {
        _tag: 'TokenRevocationRequested',
        now,
        writeId,
        server: facts.fhirBaseUrl,
        clientId: client.clientId,
        token: asRequested(opened)
      }),
      TaskEither.map((change) => ({ grantId, command: change._tag === 'Changed' ? change.command : null }))
    )
  }
}

/** The response for the grant's result. A revocation is logged once. */
const answerFor = (
  { ports, policy }: ServerContext,
  clientId: string,
  { grantId, command }: Revoked
): Task.Task<PlainResponse> => {
  if (command?._tag === 'Refuse') {
    const { refusal } = command
    return recordAudit(
      ports,
      refusedEntry(refusal, clientId, grantId),
      policy.revokeForeign === 'error' ? refusalJson(refusal) : emptyOk
    )
  }
  if (command?._tag !== 'ConfirmRevocation' || command.ended === 'nothing') return Task.of(emptyOk)
  const decision = command.ended === 'grant' ? 'GrantRevoked' : 'AccessTokensRevoked'
  return recordAudit(ports, { decision, clientId, grantId, refusal: null }, emptyOk)
}

/** Answers a request to the revocation endpoint. */
export const revocation = (serverContext: ServerContext): ((request: PlainRequest) => Task.Task<PlainResponse>) => {
  const { facts, policy, ports } = serverContext
  const authenticate = authenticateClient(serverContext, facts.revocationEndpoint)
  const revokeToken = revoke(serverContext)
  return (request) => {
    const parameters = readTokenForm(request)
    if (Either.isLeft(parameters))
      return recordAudit(ports, refusedEntry(parameters.left), refusalJson(parameters.left))
    return async () => {
      const now = ports.clock.now()
      const client = await authenticate(request, parameters.right, now)()
      if (Either.isLeft(client)) {
        const { refusal, clientId } = client.left
        return recordAuditNow(ports, refusedEntry(refusal, clientId), refusalToClient(policy, request, refusal))
      }
      const { clientId } = client.right
      const refuse = (refusal: Refusal) => recordAuditNow(ports, refusedEntry(refusal, clientId), refusalJson(refusal))
      const presented = await pipe(
        TaskEither.fromEither(presentedTokenOf(parameters.right)),
        TaskEither.chain((token) => revocable(serverContext, token))
      )()
      if (Either.isLeft(presented)) return refuse(presented.left)
      const opened = await verifyToken(serverContext, presented.right)()
      if (Either.isLeft(opened)) return refusalRow(opened.left).status >= 500 ? refuse(opened.left) : emptyOk
      const revoked = await revokeToken(client.right, opened.right, now)()
      return Either.isLeft(revoked) ? refuse(revoked.left) : answerFor(serverContext, clientId, revoked.right)()
    }
  }
}
