/**
 * One function that answers every request: the protocol by itself, the user's part through the host's pages.
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
   * Answers for the adapter, in the form that fits the address, a request whose body it could not read; or, where
   * `because` is null, one at which the host's own code threw. The body of the request is empty. Default: JSON in the
   * form of OAuth.
   */
  readonly refused?: (request: PlainRequest, because: Refusal | null) => Task.Task<PlainResponse>
}

/** What a host adds: its pages. */
export interface HostPages {
  /** Draws what a new authorization request needs, or signs the user in at once. */
  readonly onConversation: (conversation: Conversation, request: PlainRequest) => Task.Task<PlainResponse>
  /** Everything that is not the protocol's: the host's own pages. */
  readonly fallback: RequestHandler
}

/** The codes of FHIR for what an adapter cannot read. */
const issueCodes: Readonly<Partial<Record<Refusal['_tag'], string>>> = {
  BodyTooLarge: 'too-long',
  BodyEncoded: 'not-supported'
}

/** The same as the gate would say it. */
const fhirRefusal = (because: Refusal | null): PlainResponse => {
  if (because === null) return outcome(500, 'exception', 'The server failed.')
  const { status, description } = refusalRow(because)
  return outcome(status, ownMember(issueCodes, because._tag) ?? 'invalid', description, refusalHeaders(because))
}

/** Below the FHIR base an adapter answers as the gate does, and shares the answer with the same pages. */
const refusedBy = (server: AuthorizationServer): Required<RequestHandler>['refused'] => {
  const fhirPath = pathOf(server.facts.fhirBaseUrl)
  const authorizePath = pathOf(server.facts.authorizationEndpoint)
  const isFhir = (request: PlainRequest): boolean =>
    (request.path === fhirPath || request.path.startsWith(`${withoutTrailingSlash(fhirPath)}/`)) &&
    request.path !== authorizePath &&
    Option.isNone(server.protocol(request))
  return (request, because) =>
    isFhir(request)
      ? server.share('registered', 'GET, HEAD, POST, PUT, PATCH, DELETE', () => Task.of(fhirRefusal(because)))(request)
      : Task.of(plainRefusal(because))
}

/** Joins a server and its host's pages. */
export const requestHandler = (server: AuthorizationServer, host: HostPages): RequestHandler => {
  const authorizePath = pathOf(server.facts.authorizationEndpoint)
  const answer = (request: PlainRequest): Task.Task<PlainResponse> => {
    const answered = server.protocol(request)
    if (Option.isSome(answered)) return answered.value
    return request.path === authorizePath
      ? pipe(
          server.authorize(request),
          Task.chain((conversation) => host.onConversation(conversation, request))
        )
      : host.fallback(request)
  }
  return Object.assign(answer, { refused: refusedBy(server) })
}
