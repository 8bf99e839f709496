/**
 * The whole host as one value: protocol endpoints, pages of the conversation, connected apps and FHIR. A framework's
 * adapter gives it requests as plain data, with the framework's own request beside them.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import { connectedAppsRoute, revokeListed } from './connected-apps-routes.js'
import { connectedAppsStore } from './connected-apps-store.js'
import { errorContents } from './default-pages.js'
import { fhirRoute } from './fhir-route.js'
import { hostAddresses } from './host-addresses.js'
import { wrongHostOptions } from './host-check.js'
import type { EndElsewhere, HostContext, SkippedSteps, SwitchUser } from './host-context.js'
import { errorPage, presentUserOf } from './host-context.js'
import type { HostOptions } from './host-options.js'
import { authorizeRoute, interactionRoute } from './interaction-routes.js'
import type { ErrorPage } from './page-data.js'
import { defaultPage } from './page-response.js'
import { withinTime } from './time-limit.js'
import type { AuthorizationServer } from '../engine/server/authorization-server.js'
import { requestHandler } from '../engine/server/http-handler.js'
import { launchUrl } from '../engine/server/interaction/offer-launch.js'
import type { Ports } from '../engine/ports.js'
import { validatedPorts } from '../engine/validated-ports.js'
import { argumentIn } from '../plain/arguments.js'
import { configurationError } from '../plain/configuration-error.js'
import type { AuthorizationServerOptions } from '../plain/ports.js'
import type { Result } from '../plain/result.js'
import { resultOf } from '../plain/result.js'
import type { SmartServer } from '../plain/server.js'
import { plainServer, serverFromOptions } from '../plain/server.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import { plainRefusal, refusalRow } from '../protocol/errors/refusal-table.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import type { SettingsError } from '../protocol/policy/policy-check.js'
import type { LaunchContext, SignedInUser } from '../protocol/launch/launch-context.js'
import { below, originOf, pathOf } from '../values/urls.js'
import { limits } from '../values/limits/limits.js'
import { isObject } from '../values/object.js'
import { ownCopy } from '../values/own.js'

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
   * sign-in page must redirect to no other address. Anything but a text is none.
   */
  readonly isReturnAddress: (address: unknown) => boolean
}

/** A host: the server, and the functions around it. */
export interface SmartHost<R> extends HostFunctions<R> {
  readonly server: SmartServer
}

/** The options of a host: those of its server, and its own. */
export interface SmartHostOptions<R> extends AuthorizationServerOptions, HostOptions<R> {}

/** An empty request, to ask whether a path is an endpoint. */
const requestTo = (path: string): PlainRequest => ({ method: 'GET', path, query: '', headers: {}, body: '' })

const timeLimitOf = ({ timeoutMilliseconds }: Pick<HostOptions<never>, 'timeoutMilliseconds'>): number =>
  timeoutMilliseconds ?? limits.hostTime.default

const failed: ErrorPage = {
  kind: 'failed',
  status: 500,
  message: 'This page could not be shown.',
  error: 'server_error',
  reference: null,
  retry: null,
  onward: null
}

const tooLate: ErrorPage = {
  ...failed,
  status: 503,
  message: 'This server did not answer in time.',
  error: 'temporarily_unavailable'
}

/** The error page after an exception. If the host's own error page fails too, the default is shown. */
const failurePage = async <R>(hostContext: HostContext<R>, own: R, page: ErrorPage): Promise<PlainResponse> => {
  const standard = (because: unknown): PlainResponse => {
    console.error('smart-app-launch: the page function `pages.error` failed:', because)
    const { title, body } = errorContents(page)
    return defaultPage(page.status, title, body, 'none')
  }
  try {
    const shown = await withinTime(timeLimitOf(hostContext.options), () => errorPage(hostContext, own, page))
    return shown ?? standard('it did not settle in time')
  } catch (again) {
    return standard(again)
  }
}

/** The error of a refusal, for the host's own code. */
const refusalError = (calledFunction: string, refusal: Refusal): Error => {
  const { description, advice } = refusalRow(refusal)
  const named = 'member' in refusal ? ` (${refusal.member}: expected ${refusal.expected})` : ''
  return new Error(`${calledFunction}: ${refusal._tag}${named}. ${description} ${advice}`)
}

const launchForm = 'an object with clientId, context and launchedBy'
const userForm = 'the user of the session: an object with sub, and sessionId or authTime'

const isSessionUser = (given: unknown): boolean =>
  isObject(given) &&
  typeof given['sub'] === 'string' &&
  (typeof given['sessionId'] === 'string' || typeof given['authTime'] === 'number')

const launching =
  ({ server }: { readonly server: AuthorizationServer }): HostFunctions<never>['launchUrl'] =>
  async (launch) => {
    const { clientId, launchUri, context, launchedBy } = argumentIn('launchUrl', 'launch', launchForm, isObject, launch)
    const found = await server.admin.client(clientId)()
    if (Either.isLeft(found)) throw refusalError('launchUrl', { _tag: 'ClientsUnavailable' })
    if (Option.isNone(found.right)) throw new Error(`launchUrl: there is no client ${JSON.stringify(clientId)}`)
    const registered = found.right.value.launchUris
    const uri = launchUri ?? registered[0]
    if (uri === undefined || !registered.includes(uri)) {
      throw new Error(
        `launchUrl: expected one of the registered launch URIs (${registered.join(', ')}), found ${uri ?? 'none'}`
      )
    }
    const handle = await server.ehr.offerLaunch({ clientId, context, launchedBy })()
    if (Either.isLeft(handle)) throw refusalError('launchUrl', handle.left)
    return launchUrl(uri, server.facts.fhirBaseUrl, handle.right)
  }

const endingSession =
  <R>({ server, apps }: HostContext<R>): HostFunctions<R>['endSession'] =>
  async (user) => {
    const { sub, sessionId, authTime } = argumentIn('endSession', 'user', userForm, isSessionUser, user)
    const found = await apps.of(sub)
    if (Either.isLeft(found)) throw refusalError('endSession', found.left)
    const grantIds = found.right.grants
      .filter((grant) => grant.isOnline)
      .filter((grant) => (sessionId === undefined ? grant.authTime === authTime : grant.sessionId === sessionId))
      .map(({ grantId }) => grantId)
    if (grantIds.length === 0) return
    for (const grantId of grantIds) {
      const revoked = await server.admin.revokeGrant(grantId)()
      if (Either.isLeft(revoked)) throw refusalError('endSession', revoked.left)
    }
    const changed = await apps.change(sub, { _tag: 'GrantsEnded', grantIds })
    if (Either.isLeft(changed)) throw refusalError('endSession', changed.left)
  }

/** Ends a grant, also in the list of its user, and forgets the consents to its app. */
const revokingGrant =
  <R>({ server, apps }: HostContext<R>) =>
  async (grantId: string): Promise<Result<'revoked', Refusal>> => {
    const found = await apps.grant(grantId)
    const grant = Either.isRight(found) ? found.right : null
    if (grant?._tag !== 'Active' && grant?._tag !== 'CodeIssued')
      return resultOf(await server.admin.revokeGrant(grantId)())
    const ended = await revokeListed({ server, apps }, grant.user.sub, grantId)
    return resultOf(Either.map(() => 'revoked' as const)(ended))
  }

/**
 * The host's functions over a server of the engine. By default no step is skipped, no user is switched, and there is no
 * other server.
 */
export const hostOver = <R>(
  server: AuthorizationServer,
  given: Ports,
  options: HostOptions<R>,
  skipped: SkippedSteps = { onlyChoice: false, consent: false },
  switchUser: SwitchUser<R> | null = null,
  endElsewhere: EndElsewhere | null = null
): SmartHost<R> => {
  const ports = validatedPorts(given)
  const addresses = hostAddresses(server.facts, options)
  const hostContext: HostContext<R> = {
    server,
    ports,
    options,
    addresses,
    skipped,
    switchUser,
    endElsewhere,
    apps: connectedAppsStore(server, ports)
  }
  const { fhir } = options
  const answerFhir = fhir === undefined ? null : fhirRoute(hostContext, fhir)
  const authorizePath = pathOf(server.facts.authorizationEndpoint)
  const { refused = () => Task.of(plainRefusal(null)) } = requestHandler(server, {
    onConversation: () => Task.of(plainRefusal(null)),
    fallback: () => Task.of(plainRefusal(null))
  })
  const isPage = (path: string): boolean =>
    path === authorizePath || path === addresses.apps || addresses.grantIdIn(path) !== null
  const isProtocol = (path: string): boolean => Option.isSome(server.endpoints.protocol(requestTo(path)))

  /** Whether a path leads to the FHIR server. */
  const isData = (path: string): boolean =>
    answerFhir !== null && addresses.isFhir(path) && !isPage(path) && !isProtocol(path)

  const answerPage = async (request: PlainRequest, own: R): Promise<PlainResponse> => {
    // HEAD of a page is answered like GET; the adapters send no body. HEAD begins no authorization.
    const isShown = request.method === 'HEAD' && request.path !== authorizePath
    const shownFor = isShown ? { ...request, method: 'GET' } : request
    const page = { request: shownFor, own, present: await presentUserOf(hostContext, own) }
    const grantId = addresses.grantIdIn(request.path)
    if (grantId !== null) return interactionRoute(hostContext, page, grantId)
    return request.path === addresses.apps
      ? connectedAppsRoute(hostContext, page, request.path)
      : authorizeRoute(hostContext, page)
  }

  const answerOutside = async (request: PlainRequest, own: R): Promise<PlainResponse> => {
    const answered = server.endpoints.protocol(request)
    if (Option.isSome(answered)) return answered.value()
    if (isPage(request.path)) return answerPage(request, own)
    return answerFhir !== null && addresses.isFhir(request.path)
      ? answerFhir(request)
      : plainRefusal({ _tag: 'NoSuchAddress', path: request.path })
  }

  const plain = plainServer(server)
  return {
    server: { ...plain, admin: { ...plain.admin, revokeGrant: revokingGrant(hostContext) } },
    handles: (received) => {
      const path = addresses.outside(received)
      return path !== null && (isPage(path) || isProtocol(path) || (answerFhir !== null && addresses.isFhir(path)))
    },
    answer: async (received, own) => {
      const request = { ...received, path: addresses.outside(received.path) ?? received.path }
      const milliseconds = timeLimitOf(options)
      const place = JSON.stringify(request.path)
      const work = () => answerOutside(request, own)
      try {
        // The requests of one FHIR request have limits of their own.
        const answered = await (isData(request.path) ? work() : withinTime(milliseconds, work))
        if (answered !== null) return answered
        console.error(
          `smart-app-launch: no answer at ${place} within ${String(milliseconds)} ms: a function, the store or the ` +
            'keys of the host did not settle.'
        )
        return await (isPage(request.path)
          ? failurePage(hostContext, own, tooLate)
          : plainRefusal({ _tag: 'HostUnavailable', reason: 'no answer in time' }))
      } catch (thrown) {
        console.error(`smart-app-launch: the host failed at ${place}:`, thrown)
        return isPage(request.path) ? failurePage(hostContext, own, failed) : refused(request, null)()
      }
    },
    refused: (received, because) =>
      refused({ ...received, path: addresses.outside(received.path) ?? received.path }, because)(),
    bodyLimitBytes: (received) => {
      const path = addresses.outside(received) ?? received
      return isData(path) ? (options.fhirBodyLimitBytes ?? limits.fhirRequestBody.default) : limits.requestBody.default
    },
    launchUrl: launching(hostContext),
    endSession: endingSession(hostContext),
    isReturnAddress: addresses.isReturn
  }
}

/** The options of the server, with the announcement of the page of connected apps unless the host has its own page. */
const serverOptions = <R>(options: SmartHostOptions<R>): SmartHostOptions<R> =>
  options.connectedApps !== false && typeof options.issuer === 'string'
    ? { ...options, features: { managementEndpoint: below(options.issuer, 'apps'), ...options.features } }
    : options

/** A sign-in page at an address that the host itself answers would never be reached. */
const signInTaken = <R>(host: SmartHost<R>, { signIn, proxy }: SmartHostOptions<R>): SettingsError | null => {
  if (typeof signIn !== 'string') return null
  const { fhirBaseUrl, issuer } = host.server.facts
  if (!signIn.startsWith('/') && originOf(signIn) !== originOf(issuer)) return null
  const path = signIn.startsWith('/') ? (signIn.split('?')[0] ?? '') : pathOf(signIn)
  const removes = proxy?.removes ?? ''
  const received = path.startsWith(removes) ? `${proxy?.adds ?? ''}${path.slice(removes.length)}` : path
  const expected = `an address that the host does not answer itself, as it does below ${fhirBaseUrl}`
  return host.handles(received) ? { path: 'signIn', expected, found: signIn } : null
}

/**
 * A host: an authorization server with the conversation, connected apps and FHIR around it. It throws one
 * `SmartConfigurationError` whose `errors` name every option that is wrong or missing.
 *
 * @example
 * ```ts
 * import { createMemoryStore, smartHost } from 'smart-app-launch/server'
 *
 * const host = smartHost({
 *   issuer: 'https://ehr.example',
 *   fhirBaseUrl: 'https://ehr.example/fhir',
 *   store: createMemoryStore(),
 *   clients: [],
 *   permittedScopes: (_user, _client, requested) => requested,
 *   user: () => null,
 *   signIn: '/sign-in'
 * })
 * host.handles('/fhir/.well-known/smart-configuration') // => true
 * host.handles('/somewhere-else') // => false
 * ```
 */
export const smartHost = <R>(options: SmartHostOptions<R>): SmartHost<R> => {
  const given = ownCopy(options)
  const { server, ports } = serverFromOptions('smartHost', serverOptions(given), wrongHostOptions(given))
  const host = hostOver(server, ports, given)
  const taken = signInTaken(host, given)
  if (taken !== null) throw configurationError('smartHost', [taken])
  return host
}
