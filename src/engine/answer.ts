/**
 * One function that answers every request: the protocol by itself, the user's part through the host's pages.
 *
 * @module
 */
import * as Option from 'fp-ts/lib/Option.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import type { Conversation } from './conversation.js'
import type { AuthorizationServer } from './server.js'
import type { PlainRequest, PlainResponse } from '../messages/http.js'
import { pathOf } from '../values/urls.js'

/** Answers a request. */
export type Answer = (request: PlainRequest) => Task.Task<PlainResponse>

/** What a host adds: its pages. */
export interface Host {
  /** Draws what a new authorization request needs, or signs the user in at once. */
  readonly converse: (conversation: Conversation, request: PlainRequest) => Task.Task<PlainResponse>
  /** Everything that is not the protocol's: the host's own pages. */
  readonly other: Answer
}

/** Joins a server and its host's pages. */
export const answerWith = (server: AuthorizationServer, host: Host): Answer => {
  const authorizePath = pathOf(server.facts.authorizationEndpoint)
  return (request) => {
    const answered = server.protocol(request)
    if (Option.isSome(answered)) return answered.value
    return request.path === authorizePath
      ? pipe(server.authorize(request), Task.chain((conversation) => host.converse(conversation, request)))
      : host.other(request)
  }
}
