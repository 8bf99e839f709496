/**
 * The authorization server as plain functions: promises, plain data, and one error that names all that is wrong.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { AuthorizationServer } from '../engine/server/authorization-server.js'
import { authorizationServer } from '../engine/server/authorization-server.js'
import type { Conversation, Interaction } from '../engine/server/interaction/conversation.js'
import type { EhrLaunchRequest } from '../engine/server/interaction/offer-launch.js'
import { launchUrl } from '../engine/server/interaction/offer-launch.js'
import type { PortError, Ports } from '../engine/ports.js'
import type { AccessFacts } from '../protocol/access/alternatives.js'
import type { CorsAudience } from '../protocol/client/cors.js'
import type { RegisteredClient } from '../protocol/client/client.js'
import type { ServerFacts } from '../protocol/discovery/smart-configuration.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import type { LaunchContext, SignedInUser } from '../protocol/launch/launch-context.js'
import type { SmartPolicy } from '../protocol/policy/policy.js'
import type { SettingsError } from '../protocol/policy/policy-check.js'
import { ownMembers } from '../values/own.js'
import { textIn } from './arguments.js'
import { wrongClients } from './clients-check.js'
import { configurationError } from './configuration-error.js'
import { enginePorts } from './default-ports.js'
import { scopesFrom } from './engine-ports.js'
import { memberOf, serverOptionNames, unknownOptions, wrongServerPorts } from './options-check.js'
import { createMemoryStore } from './memory.js'
import type { AuthorizationServerOptions, ServerPorts } from './ports.js'
import type { ScopeInput } from './scopes/scope-input.js'
import type { Awaitable, Result } from './result.js'
import { resultOf, runResult } from './result.js'

/** Answers a request. */
export type PlainAnswerer = (request: PlainRequest) => Awaitable<PlainResponse>

/** For the host's routes: the endpoints of the protocol. */
export interface ServerEndpoints {
  /** The authorization endpoint, GET and POST. The conversation says what the host does next. */
  readonly authorize: (request: PlainRequest) => Promise<Conversation>
  /** The token endpoint. */
  readonly token: (request: PlainRequest) => Promise<PlainResponse>
  /** All endpoints that need no page: discovery, keys, tokens. Null when the path is not one of them. */
  readonly protocol: (request: PlainRequest) => Promise<PlainResponse> | null
  /** Adds CORS to the host's own FHIR endpoints: data for pages of registered apps, metadata for any page. */
  readonly share: (
    sharing: CorsAudience,
    methods: string,
    answer: PlainAnswerer
  ) => (request: PlainRequest) => Promise<PlainResponse>
}

/** For the host's pages: the steps of a conversation with the user. */
export interface ServerInteraction {
  /**
   * The next step of a conversation, for a page that is loaded again. Here and below, `interaction.present` is the user
   * who is signed in at that moment in the browser from which the request comes, and null when no user is. If it is not
   * the user of the conversation, or is missing, nothing of the conversation is shown or decided
   * (`InteractionOfAnotherUser`).
   */
  readonly resume: (interaction: Pick<Interaction, 'grantId' | 'browserSecret' | 'present'>) => Promise<Conversation>
  /** The host signed the user in. From then on `user` is the present user, whatever `interaction.present` is. */
  readonly userSignedIn: (interaction: Interaction, user: SignedInUser) => Promise<Conversation>
  /** The user chose a context among those that the host offered. */
  readonly contextChosen: (interaction: Interaction, context: LaunchContext) => Promise<Conversation>
  /**
   * The user cannot choose anything for the open context types: see the policy option `noPatientAvailable`. `chosen` is
   * what the user did choose: a patient without an encounter, or `{}`, the default.
   */
  readonly contextUnavailable: (interaction: Interaction, chosen?: LaunchContext) => Promise<Conversation>
  /** A page is needed, but the app requested none (`prompt=none`): sends the error to the app. */
  readonly pageNeeded: (interaction: Interaction) => Promise<Conversation>
  /** The user consented to these scopes: text, or parsed. */
  readonly consentGiven: (interaction: Interaction, approved: ScopeInput) => Promise<Conversation>
  /** The user denied the request. */
  readonly userDenied: (interaction: Interaction) => Promise<Conversation>
}

/** For the EHR: launches. */
export interface ServerEhr {
  /** Makes a launch handle for an app. */
  readonly offerLaunch: (offer: EhrLaunchRequest) => Promise<Result<string, Refusal>>
  /** The URL to which the EHR sends the user's browser: the app's launch URI with `iss` and `launch`. */
  readonly launchUrl: (launchUri: string, handle: string) => string
}

/** For the resource server. */
export interface ServerResource {
  /** The access of a request's bearer token. The audit log gets a token that is refused, and whose it was. */
  readonly bearer: (request: PlainRequest) => Promise<Result<AccessFacts, Refusal>>
}

/** For the administration of the host. */
export interface ServerAdmin {
  /** Ends a grant: its codes and tokens are invalid from then on. An unknown grant counts as ended. */
  readonly revokeGrant: (grantId: string) => Promise<Result<'revoked', Refusal>>
  /** The client with that id, registered by the host or by itself; null when there is none. */
  readonly client: (clientId: string) => Promise<Result<RegisteredClient | null, PortError>>
  /**
   * Gives a client that registered itself a new secret, which is returned once. The old secret stays valid for
   * `overlapSeconds`.
   */
  readonly rotateSecret: (clientId: string, overlapSeconds: number) => Promise<Result<string, Refusal>>
}

/** An authorization server; its members are grouped by who calls them. No promise rejects. */
export interface SmartServer {
  readonly facts: ServerFacts
  readonly policy: SmartPolicy
  readonly endpoints: ServerEndpoints
  readonly interaction: ServerInteraction
  readonly ehr: ServerEhr
  readonly resource: ServerResource
  readonly admin: ServerAdmin
}

/** The plain form of a server. */
export const plainServer = (server: AuthorizationServer): SmartServer => ({
  facts: server.facts,
  policy: server.policy,
  endpoints: {
    authorize: (request) => server.endpoints.authorize(request)(),
    token: (request) => server.endpoints.token(request)(),
    protocol: (request) => {
      const answer = server.endpoints.protocol(request)
      return Option.isSome(answer) ? answer.value() : null
    },
    share: (sharing, methods, answer) => {
      const shared = server.endpoints.share(sharing, methods, (request) => async () => answer(request))
      return (request) => shared(request)()
    }
  },
  interaction: {
    resume: (interaction) => server.interaction.resume(interaction)(),
    userSignedIn: (interaction, user) => server.interaction.userSignedIn(interaction, user)(),
    contextChosen: (interaction, context) => server.interaction.contextChosen(interaction, context)(),
    contextUnavailable: (interaction, chosen) => server.interaction.contextUnavailable(interaction, chosen)(),
    pageNeeded: (interaction) => server.interaction.pageNeeded(interaction)(),
    consentGiven: (interaction, approved) => server.interaction.consentGiven(interaction, scopesFrom(approved))(),
    userDenied: (interaction) => server.interaction.userDenied(interaction)()
  },
  ehr: {
    offerLaunch: (offer) => runResult(server.ehr.offerLaunch(offer)),
    launchUrl: (launchUri, handle) =>
      launchUrl(
        textIn('launchUrl', 'launchUri', launchUri),
        server.facts.fhirBaseUrl,
        textIn('launchUrl', 'handle', handle)
      )
  },
  resource: { bearer: (request) => runResult(server.resource.bearer(request)) },
  admin: {
    revokeGrant: (grantId) => runResult(server.admin.revokeGrant(grantId)),
    client: async (clientId) => {
      const found = await server.admin.client(clientId)()
      return Either.isLeft(found) ? resultOf(found) : { ok: true, value: Option.toNullable(found.right) }
    },
    rotateSecret: (clientId, overlapSeconds) => runResult(server.admin.rotateSecret(clientId, overlapSeconds))
  }
})

/** Stands in for wrong ports while the settings are checked, so that one error names both. */
const noPorts: ServerPorts = { store: createMemoryStore(), clients: [], permittedScopes: () => '' }

/**
 * The engine's server and its ports, from plain options. Throws one error that names all that is wrong; `further` are
 * the errors that the caller found in options of its own.
 */
export const serverFromOptions = (
  calledFunction: string,
  options: AuthorizationServerOptions,
  further: ReadonlyArray<SettingsError> = []
): { readonly server: AuthorizationServer; readonly ports: Ports } => {
  const wrong = [...wrongServerPorts(options), ...wrongClients(memberOf(options, 'clients'))]
  const isReadable = wrong.every(({ path }) => !['options', 'issuer', 'fhirBaseUrl'].includes(path))
  if (!isReadable) throw configurationError(calledFunction, [...wrong, ...further])
  const { audit, clientKeys, clients, clock, isOnline, keys, permittedScopes, random, store, ...settings } =
    ownMembers(options)
  const given = { audit, clientKeys, clients, clock, isOnline, keys, permittedScopes, random, store }
  const ports = enginePorts(wrong.length === 0 ? given : noPorts)
  const server = authorizationServer(settings, ports)
  const wrongSettings = Either.isLeft(server) ? server.left : []
  if (Either.isLeft(server) || wrong.length + further.length > 0)
    throw configurationError(calledFunction, [...wrong, ...further, ...wrongSettings])
  return { server: server.right, ports }
}

/**
 * An authorization server. Required are `issuer`, `fhirBaseUrl`, `store`, `clients` and `permittedScopes`. It throws
 * one `SmartConfigurationError` whose `errors` name every setting and port that is wrong or missing.
 *
 * @example
 * ```ts
 * import { createAuthorizationServer, createMemoryStore } from 'smart-app-launch/server'
 *
 * const server = createAuthorizationServer({
 *   issuer: 'https://ehr.example',
 *   fhirBaseUrl: 'https://ehr.example/fhir',
 *   store: createMemoryStore(),
 *   clients: [
 *     {
 *       clientId: 'my-app',
 *       redirectUris: ['https://app.example/cb'],
 *       scope: 'launch/patient patient/*.rs',
 *       tokenEndpointAuthMethod: 'none'
 *     }
 *   ],
 *   permittedScopes: (_user, _client, requested) => requested,
 *   audit: () => undefined
 * })
 * const answer = await server.endpoints.token({ method: 'GET', path: '/token', query: '', headers: {}, body: '' })
 * answer.status // => 405
 * ```
 */
export const createAuthorizationServer = (options: AuthorizationServerOptions): SmartServer =>
  plainServer(
    serverFromOptions('createAuthorizationServer', options, unknownOptions(options, serverOptionNames)).server
  )
