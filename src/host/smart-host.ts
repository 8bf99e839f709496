/**
 * The whole host as one value: protocol endpoints, pages of the conversation, connected apps and FHIR. A framework's
 * adapter gives it requests as plain data, with the framework's own request beside them.
 *
 * @module
 */
import type { HostOptions } from './host-options.js'
import type { AuthorizationServer } from '../engine/server/authorization-server.js'
import { requestHandler } from '../engine/server/http-handler.js'
import type { Ports } from '../engine/ports.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import { plainRefusal } from '../protocol/errors/refusal-table.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import type { LaunchContext, SignedInUser } from '../protocol/launch/launch-context.js'
import { limits } from '../values/limits/limits.js'

/** An EHR launch, for `launchUrl`. */
export interface HostLaunch {
  readonly clientId: string
  /** One of the app's registered launch URIs. Default: the first. */
  readonly launchUri?: string
  /** What the user works on: `{ patient: '123' }`. */
  readonly context: LaunchContext
  /** The `sub` of the signed-in user, who alone may continue; null allows any user. */
  readonly launchedBy: string | null
}

/** The functions of a host that a framework's adapter and the host's own code call. */
export interface HostFunctions<R> {
  /**
   * Whether the path of a request, as this process received it, belongs to this host. It is decided before the body is
   * read.
   */
  readonly handles: (path: string) => boolean
  /** Answers a request whose path {@link HostFunctions.handles} accepts. It never rejects. */
  readonly answer: (request: PlainRequest, own: R) => Promise<PlainResponse>
  /**
   * The response for a request that the adapter could not read, or, if `because` is null, during which other code
   * threw.
   */
  readonly refused: (request: PlainRequest, because: Refusal | null) => Promise<PlainResponse>
  /** The largest body of a request to a path, in bytes. */
  readonly bodyLimitBytes: (path: string) => number
  /**
   * Makes an EHR launch: the address of the app to which the host sends the user's browser. Rejects with an Error that
   * says what is wrong.
   */
  readonly launchUrl: (launch: HostLaunch) => Promise<string>
  /**
   * Ends a session: its `online_access` grants are invalid from then on. Call it when the user signs out. Rejects with
   * an Error when the store is unavailable.
   */
  readonly endSession: (user: Pick<SignedInUser, 'sub' | 'sessionId' | 'authTime'>) => Promise<void>
  /**
   * Whether an address is one to which the sign-in page may redirect (`return_to`): a page of this host. The host's
   * sign-in page must redirect to no other address.
   */
  readonly isReturnAddress: (address: string) => boolean
}

/** The host's functions over a server of the engine. */
export const hostOver = <R>(server: AuthorizationServer, _ports: Ports, _options: HostOptions<R>): HostFunctions<R> => {
  const handler = requestHandler(server, {
    onConversation: () => async () => Promise.resolve(plainRefusal(null)),
    fallback: () => async () => Promise.resolve(plainRefusal(null))
  })
  return {
    handles: () => true,
    answer: async (request) => handler(request)(),
    refused: async (_request, because) => Promise.resolve(plainRefusal(because)),
    bodyLimitBytes: () => limits.requestBody.standard,
    launchUrl: async () => Promise.reject(new Error('not yet')),
    endSession: async () => Promise.resolve(),
    isReturnAddress: () => false
  }
}
