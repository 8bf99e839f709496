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
import { bearer } from './bearer-token.js'
import type { ServerContext } from './context.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { json } from '../../protocol/http/message.js'
import { fhirUserClaim } from '../../protocol/jwt/id-token-claims.js'
import { bearerRefusalJson, refusalJson } from '../../protocol/errors/refusal-table.js'
import { format } from '../../scopes/format.js'
import { holdsText } from '../../scopes/scope.js'

/** Answers a GET or POST request for the user's claims. */
export const userinfo =
  (serverContext: ServerContext) =>
  (request: PlainRequest): Task.Task<PlainResponse> =>
    request.method !== 'GET' && request.method !== 'POST'
      ? Task.of(refusalJson({ _tag: 'MethodNotAllowed', allowed: 'GET, POST' }))
      : pipe(
          bearer(serverContext)(request),
          Task.map((facts) => {
            if (Either.isLeft(facts)) return bearerRefusalJson(facts.left)
            const { scopes, user } = facts.right
            return holdsText(scopes, 'openid') && user !== null
              ? json(200, { sub: user.sub, ...fhirUserClaim(serverContext.facts.fhirBaseUrl, format(scopes), user) })
              : bearerRefusalJson({ _tag: 'AccessNotGranted' })
          })
        )
