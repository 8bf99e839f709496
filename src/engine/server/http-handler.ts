/**
 * Joins the server and the host's pages into one handler for all requests.
 *
 * @module
 */
import * as Option from 'fp-ts/lib/Option.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import type { Conversation } from './interaction/conversation.js'
import { outcome } from '../resource/responses.js'
import type { AuthorizationServer } from './authorization-server.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { plainRefusal, refusalHeaders, refusalRow } from '../../protocol/errors/refusal-table.js'
import { ownMember } from '../../values/own.js'
import { pathOf, withoutTrailingSlash } from '../../values/urls.js'

/** Answers a request. */
export interface RequestHandler {
  (request: PlainRequest): Task.Task<PlainResponse>
  /**
   * The response for a request that the adapter could not read, or, if `because` is null, during which the host's code
   * threw. The request has an empty body. Default: JSON in the form of OAuth.
   */
  readonly refused?: (request: PlainRequest, because: Refusal | null) => Task.Task<PlainResponse>
}

/** The pages of a host. */
export interface HostPages {
  /** Renders the page that a new authorization request needs, or signs the user in directly. */
  readonly onConversation: (conversation: Conversation, request: PlainRequest) => Task.Task<PlainResponse>
  /** Handles all requests that are not for a protocol endpoint: the host's own pages. */
  readonly fallback: RequestHandler
}

/** The FHIR issue codes for requests that an adapter cannot read. */
const issueCodes: Readonly<Partial<Record<Refusal['_tag'], string>>> = {
  BodyTooLarge: 'too-long',
  BodyEncoded: 'not-supported',
  BodyReadBefore: 'exception',
  Overloaded: 'throttled'
}

/** The refusal in the gate's form. */
const fhirRefusal = (because: Refusal | null): PlainResponse => {
  if (because === null) return outcome(500, 'exception', 'The server failed.')
  const { status, description } = refusalRow(because)
  return outcome(status, ownMember(issueCodes, because._tag) ?? 'invalid', description, refusalHeaders(because))
}

/** Below the FHIR base, the response has the form and the CORS fields of the gate's responses. */
const refusedBy = (server: AuthorizationServer): Required<RequestHandler>['refused'] => {
  const fhirPath = pathOf(server.facts.fhirBaseUrl)
  const authorizePath = pathOf(server.facts.authorizationEndpoint)
  const isFhir = (request: PlainRequest): boolean =>
    (request.path === fhirPath || request.path.startsWith(`${withoutTrailingSlash(fhirPath)}/`)) &&
    request.path !== authorizePath &&
    Option.isNone(server.endpoints.protocol(request))
  return (request, because) =>
    isFhir(request)
      ? server.endpoints.share('registered', 'GET, HEAD, POST, PUT, PATCH, DELETE', () =>
          Task.of(fhirRefusal(because))
        )(request)
      : Task.of(plainRefusal(because))
}

/** The handler for a server and its host's pages. */
export const requestHandler = (server: AuthorizationServer, host: HostPages): RequestHandler => {
  const authorizePath = pathOf(server.facts.authorizationEndpoint)
  const answer = (request: PlainRequest): Task.Task<PlainResponse> => {
    const answered = server.endpoints.protocol(request)
    if (Option.isSome(answered)) return answered.value
    return request.path === authorizePath
      ? pipe(
          server.endpoints.authorize(request),
          Task.chain((conversation) => host.onConversation(conversation, request))
        )
      : host.fallback(request)
  }
  return Object.assign(answer, { refused: refusedBy(server) })
}
