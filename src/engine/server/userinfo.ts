/**
 * The userinfo endpoint: claims about the user, for an access token with the scope `openid`.
 *
 * Source: OpenID Connect Core 1.0, section 5.3.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import { recordAudit, recordAuditNow, refusedEntry, refusedTokenEntry } from './audit.js'
import { bearerAccess } from './bearer-token.js'
import type { ServerContext } from './context.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { json } from '../../protocol/http/message.js'
import { fhirUserClaim } from '../../protocol/jwt/id-token-claims.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { bearerChallenge, bearerRefusalJson, refusalJson } from '../../protocol/errors/refusal-table.js'
import { format } from '../../scopes/format.js'
import { holdsText } from '../../scopes/scope.js'
import { ownMember } from '../../values/own.js'

/** The refusal of a token without `openid`, which the challenge names (RFC 6750, section 3.1). */
const withoutOpenid = (refusal: Refusal): PlainResponse => {
  const response = bearerRefusalJson(refusal)
  const challenge = `${bearerChallenge(refusal)}, scope="openid"`
  return { ...response, headers: { ...response.headers, 'www-authenticate': challenge } }
}

/** Answers a GET or POST request for the user's claims. */
export const userinfo =
  (serverContext: ServerContext) =>
  (request: PlainRequest): Task.Task<PlainResponse> => {
    const { ports } = serverContext
    if (request.method !== 'GET' && request.method !== 'POST') {
      const refusal: Refusal = { _tag: 'MethodNotAllowed', allowed: 'GET, POST' }
      return recordAudit(ports, refusedEntry(refusal), refusalJson(refusal))
    }
    return pipe(
      bearerAccess(serverContext)(request),
      Task.map((facts) => {
        if (Either.isLeft(facts))
          return recordAuditNow(ports, refusedTokenEntry(facts.left), bearerRefusalJson(facts.left.refusal))
        const { clientId, context, grantId = null, scopes, user } = facts.right
        if (!holdsText(scopes, 'openid') || user === null) {
          const refusal: Refusal = { _tag: 'AccessNotGranted' }
          const owner = { userSub: user?.sub ?? null, patient: ownMember(context, 'patient') ?? null }
          return recordAuditNow(ports, refusedTokenEntry({ refusal, clientId, grantId, owner }), withoutOpenid(refusal))
        }
        const claims = fhirUserClaim(serverContext.facts.fhirBaseUrl, format(scopes), user)
        return recordAuditNow(
          ports,
          { decision: 'TokenAccepted', clientId, grantId, refusal: null },
          json(200, { sub: user.sub, ...claims })
        )
      })
    )
  }
