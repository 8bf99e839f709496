/**
 * The token endpoint: runs the token machine and the client authentication inside it against the ports.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type * as Task from 'fp-ts/lib/Task.js'
import { evaluatePolicy } from './interaction/access-policy.js'
import type { AuditEntry } from './audit.js'
import { refusedEntry, recordAudit, recordAuditNow } from './audit.js'
import { authenticateClient, refusalToClient } from './client-authentication.js'
import type { VersionedState } from '../compare-and-swap.js'
import type { Handlers } from '../run.js'
import { run } from '../run.js'
import type { ServerContext } from './context.js'
import { identifierOf } from './context.js'
import { makeTokens } from './issue-tokens.js'
import type {
  TokenCallContext,
  TokenCommand,
  TokenEvent,
  TokenState
} from '../../protocol/token/token-request-state.js'
import { beginTokenRequest, tokenRequestMachine } from '../../protocol/token/token-request.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { announcedContext, servedGrantTypes } from '../../protocol/discovery/features.js'
import { refusalJson } from '../../protocol/errors/refusal-table.js'
import { readTokenParameters, tokenResponseJson } from '../../protocol/token/request.js'
import type { Grant } from '../../protocol/grant/state.js'
import type { EpochSeconds } from '../../values/time.js'

/** Facts about a request in addition to those of the machine. */
interface CallContext {
  readonly request: PlainRequest
  readonly now: EpochSeconds
  /** The grant as this request found it, until it writes it: the policy is asked between two steps of the grant. */
  known: VersionedState<Grant> | null
}

const handlersOf = (serverContext: ServerContext): Handlers<TokenEvent, TokenCommand, CallContext> => {
  const { grants, ports } = serverContext
  const authenticate = authenticateClient(serverContext)
  return {
    AuthenticateClient:
      ({ parameters }, { request, now }) =>
      async () => {
        const client = await authenticate(request, parameters, now)()
        return Either.isLeft(client)
          ? { _tag: 'ClientRejected', ...client.left }
          : { _tag: 'ClientAuthenticated', client: client.right }
      },
    OpenGrant:
      ({ grant }) =>
      async () => {
        const opened = await grants.open(grant)()
        return Either.isLeft(opened) ? { _tag: 'StoreUnavailable', refusal: opened.left } : { _tag: 'GrantOpened' }
      },
    DigestCode:
      ({ code, codeVerifier }) =>
      async () => {
        const [codeDigest, challengeOfVerifier] = await Promise.all([
          ports.keys.digest(code)(),
          codeVerifier === null ? null : ports.keys.digest(codeVerifier)()
        ])
        return { _tag: 'CodeDigested', codeDigest, challengeOfVerifier }
      },
    VerifyRefreshToken:
      ({ token: presented }) =>
      async () => {
        const fits = await ports.keys.verifyMac(presented.keyId, presented.covered, presented.mac)()
        if (Either.isLeft(fits)) return { _tag: 'KeysUnavailable' }
        return { _tag: fits.right ? 'RefreshTokenGenuine' : 'RefreshTokenForged' }
      },
    ChangeGrant:
      ({ grantId, event }, call) =>
      async () => {
        const change = await grants.change(grantId, event, call.known)()
        if (Either.isLeft(change)) return { _tag: 'StoreUnavailable', refusal: change.left }
        if (change.right._tag === 'NotFound') return { _tag: 'GrantNotFound' }
        call.known = change.right.unchanged
        return { _tag: 'GrantChanged', command: change.right.command }
      },
    CheckOnline:
      ({ user, grantId }) =>
      async () => {
        const answer = await ports.users.isOnline(user, grantId)()
        return Either.isLeft(answer) ? { _tag: 'UsersUnavailable' } : { _tag: 'OnlineKnown', isOnline: answer.right }
      },
    EvaluatePolicy:
      ({ user, client, scope }) =>
      async () => {
        const permission = await evaluatePolicy(ports.accessPolicy, user, client, scope)()
        return Either.isLeft(permission)
          ? { _tag: 'PolicyUnavailable' }
          : { _tag: 'PolicyKnown', permission: permission.right }
      },
    MakeTokens: makeTokens(serverContext)
  }
}

/** The response for the final state, and the audit entry. */
const answerTo = (
  { facts: { features }, policy }: ServerContext,
  request: PlainRequest,
  ended: Either.Either<Refusal, Extract<TokenState, { readonly _tag: 'Answered' | 'Refused' }>>
): { readonly auditEntry: AuditEntry; readonly response: PlainResponse } => {
  if (Either.isLeft(ended))
    return { auditEntry: refusedEntry(ended.left), response: refusalToClient(policy, request, ended.left) }
  switch (ended.right._tag) {
    case 'Answered': {
      const { subject, response } = ended.right
      return {
        auditEntry: { decision: 'TokensIssued', ...subject, refusal: null },
        response: tokenResponseJson(policy.specVersion, response, announcedContext(features, response.context))
      }
    }
    case 'Refused': {
      const { subject, refusal } = ended.right
      return {
        auditEntry: refusedEntry(refusal, subject.clientId, subject.grantId),
        response: refusalToClient(policy, request, refusal)
      }
    }
  }
}

/** Answers a request to the token endpoint. */
export const token = (serverContext: ServerContext): ((request: PlainRequest) => Task.Task<PlainResponse>) => {
  const { facts, ports, policy } = serverContext
  const machine = tokenRequestMachine({
    policy,
    fhirBaseUrl: facts.fhirBaseUrl,
    grantTypes: servedGrantTypes(policy, facts.features),
    scopeVersions: facts.features.scopeVersions,
    side: serverContext.offer.side
  })
  const perform = run(machine, handlersOf(serverContext))
  return (request) => {
    const parameters = readTokenParameters(request)
    if (Either.isLeft(parameters))
      return recordAudit(ports, refusedEntry(parameters.left), refusalJson(parameters.left))
    return async () => {
      const call: TokenCallContext = {
        now: ports.clock.now(),
        writeId: identifierOf(ports.random.token())
      }
      const ended = await perform(beginTokenRequest(parameters.right, call), { request, now: call.now, known: null })()
      const { auditEntry, response } = answerTo(serverContext, request, ended)
      return recordAuditNow(ports, auditEntry, response)
    }
  }
}
