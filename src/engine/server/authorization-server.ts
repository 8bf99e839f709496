/**
 * The authorization server, built on the ports that the host provides.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { authorize } from './authorize.js'
import { refusedEntry, recordAudit, recordAuditNow } from './audit.js'
import { bearer } from './bearer-token.js'
import type { Conversation, Interaction } from './interaction/conversation.js'
import { showRefusal } from './interaction/conversation.js'
import { consentGiven } from './interaction/consent.js'
import {
  contextChosen,
  contextUnavailable,
  pageNeeded,
  resume,
  userDenied,
  userSignedIn
} from './interaction/user-decisions.js'
import { answeredAnyway } from '../validated-ports.js'
import { introspection } from './introspection.js'
import type { EhrLaunchRequest } from './interaction/offer-launch.js'
import { launchUrl, offerLaunch } from './interaction/offer-launch.js'
import type { Ports } from '../ports.js'
import { register } from './registration/register.js'
import { manageRegistration, rotateSecret } from './registration/manage-client.js'
import { revocation } from './revocation.js'
import type { ServerSettings } from './settings.js'
import type { ServerContext } from './context.js'
import { serverContextOf } from './create-context.js'
import { identifierOf } from './context.js'
import { withCors } from './cors.js'
import { token } from './token.js'
import { userinfo } from './userinfo.js'
import type { AccessFacts } from '../../protocol/access/alternatives.js'
import type { CorsAudience } from '../../protocol/client/cors.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { publicJson } from '../../protocol/http/message.js'
import type { LaunchContext, SignedInUser } from '../../protocol/launch/launch-context.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import type { SettingsError } from '../../protocol/policy/policy-check.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { refusalJson } from '../../protocol/errors/refusal-table.js'
import type { ServerFacts } from '../../protocol/discovery/smart-configuration.js'
import {
  authorizationServerMetadata,
  openidConfiguration,
  smartConfiguration
} from '../../protocol/discovery/smart-configuration.js'
import type { ScopeSet } from '../../scopes/scope.js'
import { below, pathOf, withoutTrailingSlash } from '../../values/urls.js'
import type { EpochSeconds } from '../../values/time.js'

/** An authorization server. Every function returns a lazy value: nothing happens until the value is run. */
export interface AuthorizationServer {
  readonly facts: ServerFacts

  readonly policy: SmartPolicy
  /** For the host's routes: the endpoints of the protocol. */
  readonly endpoints: {
    /** The authorization endpoint, GET and POST. */
    readonly authorize: (request: PlainRequest) => Task.Task<Conversation>
    /** The token endpoint. */
    readonly token: (request: PlainRequest) => Task.Task<PlainResponse>
    /** All endpoints that need no page: discovery, keys, tokens. `none` when the path is not one of them. */
    readonly protocol: (request: PlainRequest) => Option.Option<Task.Task<PlainResponse>>
    /** Adds CORS to the host's own FHIR endpoints: data for pages of registered apps, metadata for any page. */
    readonly share: (sharing: CorsAudience, methods: string, answer: EndpointHandler) => EndpointHandler
  }

  /** For the host's pages: the steps of a conversation with the user. */
  readonly interaction: {
    /**
     * The next step of a conversation, for a page that is loaded again. Here and below, `interaction.present` is the
     * user who is signed in at that moment in the browser from which the request comes, and null when no user is. If it
     * is not the user of the conversation, or is missing, nothing of the conversation is shown or decided
     * (`InteractionOfAnotherUser`).
     */
    readonly resume: (
      interaction: Pick<Interaction, 'grantId' | 'browserSecret' | 'present'>
    ) => Task.Task<Conversation>
    /** The host signed the user in. From then on `user` is the present user, whatever `interaction.present` is. */
    readonly userSignedIn: (interaction: Interaction, user: SignedInUser) => Task.Task<Conversation>
    /** The user chose a context among those that the host offered. */
    readonly contextChosen: (interaction: Interaction, context: LaunchContext) => Task.Task<Conversation>
    /**
     * The user cannot choose anything for the open context types: see the policy option `noPatientAvailable`. `chosen`
     * is what the user did choose: a patient without an encounter, or `{}`, the default.
     */
    readonly contextUnavailable: (interaction: Interaction, chosen?: LaunchContext) => Task.Task<Conversation>
    /** A page is needed, but the app requested none (`prompt=none`): sends the error to the app. */
    readonly pageNeeded: (interaction: Interaction) => Task.Task<Conversation>
    /**
     * The user consented to these scopes. The record of the grant, also of a revoked one, is stored until `storedUntil`
     * at least (seconds since the epoch): for hosts that remember the consent.
     */
    readonly consentGiven: (
      interaction: Interaction,
      approved: ScopeSet,
      storedUntil?: EpochSeconds
    ) => Task.Task<Conversation>
    /** The user denied the request. */
    readonly userDenied: (interaction: Interaction) => Task.Task<Conversation>
  }

  /** For the EHR: launches. */
  readonly ehr: {
    /** Makes a launch handle for the EHR. */
    readonly offerLaunch: (offer: EhrLaunchRequest) => TaskEither.TaskEither<Refusal, string>
    /** The URL to which the EHR sends the user's browser: the app's launch URI with `iss` and `launch`. */
    readonly launchUrl: (launchUri: string, handle: string) => string
  }

  /** For the resource server. */
  readonly resource: {
    /** The access of a request's bearer token. The audit log gets a token that is refused, and whose it was. */
    readonly bearer: (request: PlainRequest) => TaskEither.TaskEither<Refusal, AccessFacts>
  }

  /** For the administration of the host. */
  readonly admin: {
    /** Ends a grant: its codes and tokens are invalid from then on. An unknown grant counts as ended. */
    readonly revokeGrant: (grantId: string) => TaskEither.TaskEither<Refusal, 'revoked'>
    /** The client with that id, registered by the host or by itself; `none` when there is none. */
    readonly client: Ports['clients']['find']
    /**
     * Gives a client that registered itself a new secret, which is returned once. The old secret stays valid for
     * `overlapSeconds`.
     */
    readonly rotateSecret: (clientId: string, overlapSeconds: number) => TaskEither.TaskEither<Refusal, string>
  }
}

const documentMaxAgeSeconds = 300

const revokeGrant =
  ({ grants, ports }: ServerContext) =>
  (grantId: string): TaskEither.TaskEither<Refusal, 'revoked'> =>
    pipe(
      Task.fromIO(() => ({ now: ports.clock.now(), writeId: identifierOf(ports.random.token()) })),
      Task.chain((eventContext) => grants.change(grantId, { _tag: 'RevocationRequested', ...eventContext })),
      Task.chain((change): TaskEither.TaskEither<Refusal, 'revoked'> =>
        Either.isLeft(change)
          ? // The write may have been applied, so it is audited.
            recordAudit(ports, refusedEntry(change.left, null, grantId), change)
          : recordAudit(
              ports,
              { decision: 'GrantRevoked', clientId: null, grantId, refusal: null },
              Either.right('revoked' as const)
            )
      )
    )

/** The handler of one endpoint. */
export type EndpointHandler = (request: PlainRequest) => Task.Task<PlainResponse>

/**
 * Runs an operation of the server so that its task never rejects: the failure of a port whose type has no failure
 * becomes a refusal.
 */
const safely =
  <Answer>({ ports }: ServerContext, refused: (refusal: Refusal) => Answer) =>
  <Given extends ReadonlyArray<unknown>>(act: (...given: Given) => Task.Task<Answer>) =>
  (...given: Given): Task.Task<Answer> =>
    answeredAnyway(
      () => act(...given),
      (reason) => {
        const refusal: Refusal = { _tag: 'HostUnavailable', reason }
        return recordAuditNow(ports, refusedEntry(refusal), refused(refusal))
      }
    )

/** The handlers of the endpoints that need no page, by path. */
const routesOf = (serverContext: ServerContext, answerToken: EndpointHandler): ReadonlyMap<string, EndpointHandler> => {
  const { facts, ports } = serverContext
  const share = withCors(ports)
  const publicly = (answer: EndpointHandler): EndpointHandler => share('anyone', 'GET, HEAD', answer)
  const read =
    (answer: Task.Task<PlainResponse>): EndpointHandler =>
    ({ method }) => {
      if (method === 'GET' || method === 'HEAD') return answer
      const refusal: Refusal = { _tag: 'MethodNotAllowed', allowed: 'GET, HEAD' }
      return recordAudit(ports, refusedEntry(refusal), refusalJson(refusal))
    }
  const document = (body: unknown): EndpointHandler => publicly(read(Task.of(publicJson(body, documentMaxAgeSeconds))))
  const keys = pipe(
    ports.keys.publicKeys,
    TaskEither.match(
      (): PlainResponse => refusalJson({ _tag: 'KeysUnavailable' }),
      (published) => publicJson({ keys: published }, documentMaxAgeSeconds)
    )
  )
  const safe = safely<PlainResponse>(serverContext, refusalJson)
  const forOpenid: ReadonlyArray<readonly [string, EndpointHandler]> = [
    [pathOf(below(facts.issuer, '.well-known/openid-configuration')), document(openidConfiguration(facts))],
    [pathOf(facts.userinfoEndpoint), share('registered', 'GET, POST', safe(userinfo(serverContext)))]
  ]
  const besideTokens: ReadonlyArray<readonly [string, EndpointHandler]> = [
    ...(facts.features.introspection
      ? [[facts.introspectionEndpoint, safe(introspection(serverContext))] as const]
      : []),
    ...(facts.features.revocation ? [[facts.revocationEndpoint, safe(revocation(serverContext))] as const] : [])
  ]
  return new Map<string, EndpointHandler>([
    [pathOf(below(facts.fhirBaseUrl, '.well-known/smart-configuration')), document(smartConfiguration(facts))],
    [
      pathOf(below(facts.issuer, '.well-known/oauth-authorization-server')),
      document(authorizationServerMetadata(facts))
    ],
    // If the issuer has a path, RFC 8414 inserts the well-known part before it; some apps look for the document below
    // the path.
    [
      `/.well-known/oauth-authorization-server${withoutTrailingSlash(pathOf(facts.issuer))}`,
      document(authorizationServerMetadata(facts))
    ],
    [pathOf(facts.jwksUri), publicly(read(keys))],
    [pathOf(facts.tokenEndpoint), share('registered', 'POST', answerToken)],
    ...besideTokens.map(([endpoint, answer]) => [pathOf(endpoint), share('registered', 'POST', answer)] as const),
    ...(facts.features.openid ? forOpenid : []),
    ...(facts.isRegistrationOpen ? [[pathOf(facts.registrationEndpoint), safe(register(serverContext))] as const] : [])
  ])
}

/** Builds an authorization server from settings and ports; left with all errors in the settings. */
export const authorizationServer = (
  settings: ServerSettings,
  ports: Ports
): Either.Either<ReadonlyArray<SettingsError>, AuthorizationServer> =>
  Either.map(serverOf)(serverContextOf(settings, ports))

/** The client configuration endpoint (RFC 7592) of a client: below the registration endpoint, by client id. */
const managementOf = (serverContext: ServerContext, path: string): EndpointHandler | undefined => {
  const prefix = `${pathOf(serverContext.facts.registrationEndpoint)}/`
  const clientId = path.slice(prefix.length)
  return serverContext.registration.isKept && path.startsWith(prefix) && /^[A-Za-z0-9_-]{1,128}$/.test(clientId)
    ? safely<PlainResponse>(serverContext, refusalJson)(manageRegistration(serverContext)(clientId))
    : undefined
}

const serverOf = (serverContext: ServerContext): AuthorizationServer => {
  const { ports } = serverContext
  const onPage = safely<Conversation>(serverContext, showRefusal)
  const orRefusal = <Done>() => safely<Either.Either<Refusal, Done>>(serverContext, Either.left)
  const answerToken = safely<PlainResponse>(serverContext, refusalJson)(token(serverContext))
  const routes = routesOf(serverContext, answerToken)
  return {
    facts: serverContext.facts,
    policy: serverContext.policy,
    endpoints: {
      authorize: onPage(authorize(serverContext)),
      token: answerToken,
      share: withCors(ports),
      protocol: (request) =>
        pipe(
          Option.fromNullable(routes.get(request.path) ?? managementOf(serverContext, request.path)),
          Option.map((answer) => answer(request))
        )
    },
    interaction: {
      resume: onPage(resume(serverContext)),
      userSignedIn: onPage(userSignedIn(serverContext)),
      contextChosen: onPage(contextChosen(serverContext)),
      contextUnavailable: onPage(contextUnavailable(serverContext)),
      pageNeeded: onPage(pageNeeded(serverContext)),
      consentGiven: onPage(consentGiven(serverContext)),
      userDenied: onPage(userDenied(serverContext))
    },
    ehr: {
      offerLaunch: orRefusal<string>()(offerLaunch(serverContext)),
      launchUrl: (launchUri, handle) => launchUrl(launchUri, serverContext.facts.fhirBaseUrl, handle)
    },
    resource: { bearer: orRefusal<AccessFacts>()(bearer(serverContext)) },
    admin: {
      revokeGrant: orRefusal<'revoked'>()(revokeGrant(serverContext)),
      client: ports.clients.find,
      rotateSecret: orRefusal<string>()(rotateSecret(serverContext))
    }
  }
}
