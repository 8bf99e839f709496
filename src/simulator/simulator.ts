/**
 * The simulator: an EHR that embeds the toolkit. It connects the engine to its own pages, users, patients and FHIR
 * server.
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Config, UserEntry } from './config/config.js'
import { hasSampleApp } from './config/config.js'
import { conversationHost } from './host/conversation.js'
import type { GrantSummary } from './host/pages.js'
import { desktopPage, grantsPage } from './host/pages.js'
import { ehrLaunch } from './host/ehr-launch.js'
import type { FhirBackend } from './fhir/upstream.js'
import { upstreamFhirBackend, localFhirBackend } from './fhir/upstream.js'
import { tokenRefused } from './fhir/responses.js'
import { pageResponse, styleSheet } from './host/html.js'
import { registeredClient } from './config/registered-clients.js'
import { sampleApp } from './host/sample-app.js'
import type { ScopeQuestion } from './host/scope-playground.js'
import { newSessions } from './host/sessions.js'
import { subjectOf } from './config/user-subject.js'
import { signOut } from './host/sign-out.js'
import type { Choice } from './fhir/synthetic-data.js'
import { encountersIn, patientsIn, syntheticResources, withUsers } from './fhir/synthetic-data.js'
import { mayUserTouch } from './fhir/visible-patients.js'
import { generateKeyMaterial } from '../adapters/jose.js'
import { cachedClientKeys } from '../adapters/client-key-cache.js'
import { guardedFetch } from '../adapters/fetch/guarded-fetch.js'
import { memoryClients } from '../adapters/memory-clients.js'
import { memoryStore } from '../adapters/stores/memory-store.js'
import { nodeKeys, nodeRandom } from '../adapters/node-crypto.js'
import { systemClock } from '../adapters/system.js'
import type { RequestHandler } from '../engine/server/http-handler.js'
import { requestHandler } from '../engine/server/http-handler.js'
import { fhirGate } from '../engine/resource/fhir-gate.js'
import { refusedEntry } from '../engine/server/audit.js'
import type { Audit, AuditEvent, Keys, PortError } from '../engine/ports.js'
import { portUnavailable } from '../engine/ports.js'
import { authorizationServer } from '../engine/server/authorization-server.js'
import type { RegistrationSettings } from '../engine/server/settings.js'
import type { AccessFacts } from '../protocol/access/alternatives.js'
import type { Resource } from '../protocol/access/fhir-interaction.js'
import { grantMachine } from '../protocol/grant/grant.js'
import { stateRow as machineRow } from '../protocol/machine/machine.js'
import { readForm, valueOf } from '../protocol/http/form.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import type { SmartPolicy } from '../protocol/policy/policy.js'
import { completePolicy } from '../protocol/policy/policy.js'
import { refusalJson } from '../protocol/errors/refusal-table.js'
import { GrantCodec } from '../protocol/grant/state.js'
import { below, pathOf } from '../values/urls.js'
import { ownMember } from '../values/own.js'
import type { Simulator } from './context.js'

const mayUserSee = (user: UserEntry | undefined, patient: string): boolean =>
  user !== undefined && (user.patients.includes('*') || user.patients.includes(patient))

/**
 * The FHIR server below `/fhir`: the gate enforces what the token allows. Which resources a user may see at all is the
 * host's own rule, which no scope can widen.
 */
const fhir = (simulator: Simulator): RequestHandler => {
  const { server, behind } = simulator
  const { facts, policy } = server
  const prefix = pathOf(facts.fhirBaseUrl)
  const { aliases } = behind
  const records = { references: { base: facts.fhirBaseUrl, aliases }, find: behind.find }
  const mayTouch = ({ user }: AccessFacts): ((resource: Resource) => boolean) =>
    user === null ? () => true : mayUserTouch(records, simulator.userOf(user.sub))
  const data: RequestHandler = (request) =>
    pipe(
      server.resource.bearer(request),
      TaskEither.foldW(
        (refusal) => Task.of(tokenRefused(refusal)),
        (access) => {
          const mayBeTouched = mayTouch(access)
          const options = { server: behind.serverFor(mayBeTouched), policy, base: facts.fhirBaseUrl, aliases }
          const gate = fhirGate(
            { ...options, userMay: ({ user }, _permission, resource) => user !== null && mayBeTouched(resource) },
            access
          )
          return gate({ ...request, path: request.path.slice(prefix.length) })
        }
      )
    )
  const sharedData = server.endpoints.share('registered', 'GET, HEAD, POST, PUT, PATCH, DELETE', data)
  const sharedMetadata = server.endpoints.share('anyone', 'GET, HEAD', () => behind.metadata(facts))
  return (request) => (request.path === `${prefix}/metadata` ? sharedMetadata : sharedData)(request)
}

const onlyGet =
  (page: (request: PlainRequest) => PlainResponse): RequestHandler =>
  (request) =>
    Task.fromIO(() =>
      request.method === 'GET' || request.method === 'HEAD'
        ? page(request)
        : refusalJson({ _tag: 'MethodNotAllowed', allowed: 'GET, HEAD' })
    )

/** The question of a request to the scope playground. */
const questionIn = ({ query }: PlainRequest): ScopeQuestion => {
  const parameters = readForm(query)
  const value = (name: string): string => (Either.isLeft(parameters) ? '' : (valueOf(parameters.right, name) ?? ''))
  return { scope: value('scope'), granted: value('granted') }
}

/** A stored grant as the desktop shows it. */
const grantSummary =
  (policy: SmartPolicy) =>
  (text: string): ReadonlyArray<GrantSummary> => {
    const grant = GrantCodec.decode(JSON.parse(text))
    if (Either.isLeft(grant)) return []
    const { grantId, clientId, _tag } = grant.right
    const ways = [...machineRow(grantMachine(policy), _tag)].flatMap(([event, { to }]) => {
      const others = to.filter((state) => state !== _tag)
      return others.length === 0 ? [] : [`${event}: ${others.join(' or ')}`]
    })
    return [{ grantId: `${grantId.slice(0, 8)}...`, clientId, state: _tag, ways }]
  }

const shownGrants = 20

/** The options of a simulator besides its configuration. */
export interface SimulatorOptions {
  /** Called with every audit event of the engine. */
  readonly audit?: (event: AuditEvent) => void
  /** The initial access token for registration, if the configuration requires one. */
  readonly initialAccessToken?: string
}

/** Builds the simulator. It begins with new keys and an empty store, so tokens of an earlier run are invalid. */
export const simulator = (
  config: Config,
  options: SimulatorOptions = {}
): TaskEither.TaskEither<PortError, RequestHandler> =>
  pipe(
    TaskEither.Do,
    TaskEither.apS('keys', pipe(generateKeyMaterial, TaskEither.chain(nodeKeys))),
    TaskEither.bind('clients', ({ keys }) =>
      TaskEither.fromTask(
        Task.sequenceArray(
          [...config.clients, ...config.introspectionClients].map((client) => registeredClient(keys, client))
        )
      )
    ),
    TaskEither.bind('registration', ({ keys }) => TaskEither.fromTask(registrationSettings(keys, config, options))),
    TaskEither.bind('behind', () => behindOf(config)),
    TaskEither.chainEitherK(({ keys, clients, registration, behind }) =>
      answerOf(config, options, keys, memoryClients(clients), registration, behind)
    )
  )

/** Apps that register themselves may use loopback addresses, like those of the configuration. */
const registrationSettings = (
  keys: Keys,
  { registration: mode }: Config,
  { initialAccessToken }: SimulatorOptions
): Task.Task<RegistrationSettings> =>
  pipe(
    Task.sequenceArray(mode === 'token' && initialAccessToken !== undefined ? [keys.digest(initialAccessToken)] : []),
    Task.map((initialAccessTokenDigests) => ({ mode, initialAccessTokenDigests, allowLoopback: true }))
  )

/**
 * The FHIR server: the upstream server of the configuration, or else one with synthetic data and a resource for each
 * user.
 */
const behindOf = ({ fhirUpstream, publicBaseUrl, users }: Config): TaskEither.TaskEither<PortError, FhirBackend> => {
  const base = below(publicBaseUrl, 'fhir')
  const userResources = users.flatMap(({ fhirUser }) => (fhirUser === null ? [] : [fhirUser]))
  return fhirUpstream === null
    ? TaskEither.fromIO(() => localFhirBackend(withUsers(syntheticResources, userResources), base))
    : upstreamFhirBackend(fhirUpstream, base)
}

const answerOf = (
  config: Config,
  options: SimulatorOptions,
  keys: Keys,
  clients: ReturnType<typeof memoryClients>,
  registration: RegistrationSettings,
  behind: FhirBackend
): Either.Either<PortError, RequestHandler> => {
  const { publicBaseUrl } = config
  const store = memoryStore(systemClock)
  const sessions = newSessions(nodeRandom.token, systemClock)
  const audit: Audit = {
    record: (event) => () => {
      ownMember(options, 'audit')?.(event)
    }
  }
  const built = authorizationServer(
    {
      issuer: publicBaseUrl,
      fhirBaseUrl: below(publicBaseUrl, 'fhir'),
      policy: config.policy,
      features: { onlineAccess: true, style: false },
      registration
    },
    {
      store,
      clients,
      clock: systemClock,
      random: nodeRandom,
      keys,
      accessPolicy: { permittedScopes: (_user, _client, requested) => TaskEither.right(requested) },
      clientKeys: cachedClientKeys(guardedFetch({ allowedNetworks: config.fetchPrivateNetworks }), systemClock, {
        defaultTtlSeconds: completePolicy(config.policy).jwksDefaultTtlSeconds
      }),
      users: {
        isOnline: (user) =>
          TaskEither.fromIO(() => {
            const sessionId = ownMember(user, 'sessionId')
            return sessionId !== undefined && sessions.lasts(sessionId)
          })
      },
      audit
    }
  )
  if (Either.isLeft(built)) {
    return Either.left(
      portUnavailable(built.left.map(({ path, expected }) => `${path}: expected ${expected}`).join('; '))
    )
  }
  const server = built.right
  const userNamed = (username: string): UserEntry | undefined => config.users.find((user) => user.username === username)
  const users = new Map(config.users.map((user) => [subjectOf(user.username), user] as const))
  const seenBy = (user: UserEntry | undefined, choices: ReadonlyArray<Choice>): ReadonlyArray<Choice> =>
    choices.filter(({ patient }) => mayUserSee(user, patient))
  const parts: Simulator = {
    config,
    basePath: pathOf(publicBaseUrl),
    isSecure: publicBaseUrl.startsWith('https:'),
    server,
    behind,
    sessions,
    patientsOf: (user) => seenBy(user, patientsIn(behind.resources())),
    encountersOf: (user) => seenBy(user, encountersIn(behind.resources())),
    userNamed,
    userOf: (sub) => users.get(sub),
    record: (refusal, grantId) => audit.record({ at: systemClock.now(), ...refusedEntry(refusal, null, grantId) })
  }
  const { basePath } = parts
  const grants = (): ReadonlyArray<GrantSummary> =>
    store
      .entries()
      .filter(([key]) => key.startsWith('grant:'))
      .slice(-shownGrants)
      .flatMap(([, text]) => grantSummary(server.policy)(text))
  const watched = (): PlainResponse => {
    const page = pageResponse(200, basePath, 'Grants', grantsPage(basePath, grants()))
    return { ...page, headers: { ...page.headers, refresh: '2' } }
  }
  const desktop = (request: PlainRequest): PlainResponse =>
    pageResponse(
      200,
      basePath,
      'EHR desktop',
      desktopPage({
        basePath,
        signedInAs: sessions.of(request)?.username ?? null,
        fhirBaseUrl: server.facts.fhirBaseUrl,
        users: config.users,
        patients: patientsIn(behind.resources()),
        encounters: encountersIn(behind.resources()),
        clients: config.clients,
        hasSampleApp: hasSampleApp(config),
        grants: grants(),
        question: questionIn(request)
      })
    )
  const style: PlainResponse = { status: 200, headers: { 'content-type': 'text/css; charset=utf-8' }, body: styleSheet }
  const pages = new Map<string, RequestHandler>([
    [`${basePath}/`, onlyGet(desktop)],
    [`${basePath}/style.css`, onlyGet(() => style)],
    [`${basePath}/ehr/launch`, ehrLaunch(parts)],
    [`${basePath}/ehr/sign-out`, signOut(parts)],
    [`${basePath}/ehr/grants`, onlyGet(watched)],
    ...[...sampleApp(publicBaseUrl, basePath)].map(([path, page]) => [path, onlyGet(page)] as const)
  ])
  const host = conversationHost(parts)
  const answerFhir = fhir(parts)
  const fhirPath = pathOf(server.facts.fhirBaseUrl)
  const other: RequestHandler = (request: PlainRequest) => {
    if (request.path === fhirPath || request.path.startsWith(`${fhirPath}/`)) return answerFhir(request)
    const page = pages.get(request.path === basePath ? `${basePath}/` : request.path) ?? host.pages.get(request.path)
    return page === undefined ? Task.of(refusalJson({ _tag: 'NoSuchAddress', path: request.path })) : page(request)
  }
  return Either.right(requestHandler(server, { onConversation: host.onConversation, fallback: other }))
}
