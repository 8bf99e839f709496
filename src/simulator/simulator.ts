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
import { desktopPage, grantsPage, refusalPage } from './host/pages.js'
import { ehrLaunch } from './host/ehr-launch.js'
import type { FhirBackend } from './fhir/upstream.js'
import { upstreamFhirBackend, localFhirBackend, ownFhirSettings } from './fhir/upstream.js'
import { tokenRefused } from './fhir/responses.js'
import { pageResponse, styleSheet } from './host/html.js'
import { registeredClient } from './config/registered-clients.js'
import { sampleApp } from './host/sample-app.js'
import type { ScopeQuestion } from './host/scope-playground.js'
import { sessionsIn } from './host/sessions.js'
import { subjectOf } from './config/user-subject.js'
import { signOut } from './host/sign-out.js'
import { storedFhirBackend } from './fhir/stored-backend.js'
import type { GrantList } from './store/grant-list.js'
import { grantListIn } from './store/grant-list.js'
import { keysKeptIn, textKeptIn } from './store/kept.js'
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
import { metadataFormatRefusal } from '../engine/resource/formats.js'
import { pageLinksUnder } from '../engine/resource/page-links.js'
import { accessEntry, refusedEntry } from '../engine/server/audit.js'
import type { Audit, AuditEvent, Clients, Keys, PortError, Store } from '../engine/ports.js'
import { portUnavailable } from '../engine/ports.js'
import { authorizationServer } from '../engine/server/authorization-server.js'
import type { ServerName } from '../engine/server/server-name.js'
import { serverName } from '../engine/server/server-name.js'
import type { RegistrationSettings } from '../engine/server/settings.js'
import { accessRulesOf } from '../protocol/scope-policy/resource-side-check.js'
import type { AccessFacts } from '../protocol/access/alternatives.js'
import type { Resource } from '../protocol/access/fhir-interaction.js'
import { releaseIn } from '../protocol/access/release.js'
import { fhirReleases } from '../protocol/access/releases.js'
import { grantMachine } from '../protocol/grant/grant.js'
import { stateRow as machineRow } from '../protocol/machine/machine.js'
import { readForm, valueOf } from '../protocol/http/form.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import type { SmartPolicy } from '../protocol/policy/policy.js'
import { completePolicy } from '../protocol/policy/policy.js'
import { refusalHeaders, refusalJson, refusalRow } from '../protocol/errors/refusal-table.js'
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
  const records = {
    references: { base: facts.fhirBaseUrl, aliases },
    find: behind.find,
    release: releaseIn(facts.features.resourceSide)
  }
  const mayTouch = ({ user }: AccessFacts): ((resource: Resource) => boolean) =>
    user === null ? () => true : mayUserTouch(records, simulator.userOf(user.sub))
  const data: RequestHandler = (request) =>
    pipe(
      server.resource.bearer(request),
      TaskEither.foldW(
        (refusal) =>
          Task.fromIO(() => {
            simulator.record(refusal, null)()
            return tokenRefused(refusal)
          }),
        (access) => {
          const mayBeTouched = mayTouch(access)
          const options = {
            server: behind.serverFor(mayBeTouched),
            policy,
            base: facts.fhirBaseUrl,
            aliases,
            rules: accessRulesOf(facts.features.resourceSide),
            pageLinks: simulator.pageLinks
          }
          const gate = fhirGate(
            {
              ...options,
              userMay: ({ user }, _permission, resource) => user !== null && mayBeTouched(resource),
              onAccess: (event) => {
                simulator.recordAccess(event)()
              }
            },
            access
          )
          return gate({ ...request, path: request.path.slice(prefix.length) })
        }
      )
    )
  const sharedData = server.endpoints.share('registered', 'GET, HEAD, POST, PUT, PATCH, DELETE', data)
  const sharedMetadata = server.endpoints.share('anyone', 'GET, HEAD', (request) => {
    const refusal = metadataFormatRefusal(request, releaseIn(facts.features.resourceSide).version)
    return refusal === null ? behind.metadata(facts) : Task.of(refusal)
  })
  return (request) => (request.path === `${prefix}/metadata` ? sharedMetadata : sharedData)(request)
}

const onlyGet =
  (page: RequestHandler): RequestHandler =>
  (request) =>
    request.method === 'GET' || request.method === 'HEAD'
      ? page(request)
      : Task.of(refusalJson({ _tag: 'MethodNotAllowed', allowed: 'GET, HEAD' }))

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
  /** The initial access token for registration, if the configuration requires one and the store has none yet. */
  readonly initialAccessToken?: string
  /** Where everything is kept that must outlive the process. Default: the memory of the process. */
  readonly store?: Store
}

/** A simulator that is built. */
export interface BuiltSimulator {
  readonly answer: RequestHandler
  /** The initial access token for registration; null if the configuration requires none. */
  readonly initialAccessToken: string | null
  /** Waits for what is written after the answers, before the store is closed. */
  readonly settled: () => Promise<void>
}

/**
 * Builds the simulator. Without a store it begins with new keys and no data, so tokens of an earlier run are invalid.
 * Simulators with the same store and configuration are one server.
 */
export const simulator = (
  config: Config,
  options: SimulatorOptions = {}
): TaskEither.TaskEither<PortError, BuiltSimulator> => {
  const given = ownMember(options, 'store') ?? null
  const store = given ?? memoryStore(systemClock)
  const name = serverName(addressesOf(config))
  return pipe(
    TaskEither.Do,
    TaskEither.apS('keys', given === null ? temporaryKeys : keysKeptIn(given, name, config.policy)),
    TaskEither.bind('clients', ({ keys }) =>
      TaskEither.fromTask(
        Task.sequenceArray(
          [...config.clients, ...config.introspectionClients].map((client) => registeredClient(keys, client))
        )
      )
    ),
    TaskEither.bind('initialAccessToken', () =>
      config.registration === 'token'
        ? textKeptIn(store, `initial-access-token:${name}`, ownMember(options, 'initialAccessToken'))
        : TaskEither.right(null)
    ),
    TaskEither.bind('registration', ({ keys, initialAccessToken }) =>
      TaskEither.fromTask(registrationSettings(keys, config, initialAccessToken))
    ),
    TaskEither.bind('behind', () => behindOf(config, name, given)),
    TaskEither.chainEitherK(({ keys, clients, registration, behind, initialAccessToken }) => {
      const list = grantListIn(name, store)
      return pipe(
        answerOf(config, options, { keys, clients: memoryClients(clients), registration, behind, list, name }),
        Either.map((answer) => ({ answer, initialAccessToken, settled: list.written }))
      )
    })
  )
}

const temporaryKeys = pipe(generateKeyMaterial, TaskEither.chain(nodeKeys))

const addressesOf = ({ publicBaseUrl }: Config): Parameters<typeof serverName>[0] => ({
  issuer: publicBaseUrl,
  fhirBaseUrl: below(publicBaseUrl, 'fhir')
})

/** Apps that register themselves may use loopback addresses, like those of the configuration. */
const registrationSettings = (
  keys: Keys,
  { registration: mode }: Config,
  initialAccessToken: string | null
): Task.Task<RegistrationSettings> =>
  pipe(
    Task.sequenceArray(initialAccessToken === null ? [] : [keys.digest(initialAccessToken)]),
    Task.map((initialAccessTokenDigests) => ({ mode, initialAccessTokenDigests, allowLoopback: true }))
  )

/**
 * The FHIR server: the upstream server of the configuration, or else one with synthetic data and a resource for each
 * user.
 */
const behindOf = (
  { fhirRelease, fhirUpstream, publicBaseUrl, users }: Config,
  name: ServerName,
  store: Store | null
): TaskEither.TaskEither<PortError, FhirBackend> => {
  const base = below(publicBaseUrl, 'fhir')
  if (fhirUpstream !== null) return upstreamFhirBackend(fhirUpstream, base)
  const userResources = users.flatMap(({ fhirUser }) => (fhirUser === null ? [] : [fhirUser]))
  const resources = withUsers(syntheticResources(), userResources)
  const settings = ownFhirSettings(base, fhirReleases[fhirRelease])
  if (store === null) return TaskEither.fromIO(() => localFhirBackend(resources, settings))
  const behind = storedFhirBackend(resources, settings, name, { store, random: nodeRandom, clock: systemClock })
  return TaskEither.map(() => behind)(behind.refresh)
}

/** The parts of a simulator that are made before its server. */
interface Prepared {
  readonly keys: Keys
  readonly clients: Clients
  readonly registration: RegistrationSettings
  readonly behind: FhirBackend
  readonly list: GrantList
  readonly name: ServerName
}

const answerOf = (
  config: Config,
  options: SimulatorOptions,
  { keys, clients, registration, behind, list, name }: Prepared
): Either.Either<PortError, RequestHandler> => {
  const { publicBaseUrl } = config
  const { store } = list
  const resourceSide = { accessProfile: config.accessProfile, release: fhirReleases[config.fhirRelease] }
  const sessions = sessionsIn(name, { store, random: nodeRandom.token, clock: systemClock })
  const audit: Audit = {
    record: (event) => () => {
      ownMember(options, 'audit')?.(event)
    }
  }
  const built = authorizationServer(
    {
      ...addressesOf(config),
      policy: config.policy,
      features: { onlineAccess: true, style: false, resourceSide },
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
        isOnline: (user) => {
          const sessionId = ownMember(user, 'sessionId')
          return sessionId === undefined
            ? TaskEither.right(false)
            : TaskEither.mapLeft(() => portUnavailable('the store did not answer'))(sessions.lasts(sessionId))
        }
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
    pageLinks: pageLinksUnder(keys),
    behind,
    sessions,
    patientsOf: (user) => seenBy(user, patientsIn(behind.resources())),
    encountersOf: (user) => seenBy(user, encountersIn(behind.resources())),
    userNamed,
    userOf: (sub) => users.get(sub),
    refused: (refusal) => {
      const row = refusalRow(refusal)
      const page = pageResponse(row.status, pathOf(publicBaseUrl), 'Not now', refusalPage(pathOf(publicBaseUrl), row))
      return { ...page, headers: { ...page.headers, ...refusalHeaders(refusal) } }
    },
    record: (refusal, grantId) => audit.record({ at: systemClock.now(), ...refusedEntry(refusal, null, grantId) }),
    recordAccess: (event) => audit.record({ at: systemClock.now(), ...accessEntry(event) })
  }
  const { basePath, refused } = parts
  const grants = async (): Promise<ReadonlyArray<GrantSummary>> =>
    (await list.newest(shownGrants)).flatMap(grantSummary(server.policy))
  const watched: RequestHandler = () => async () => {
    const page = pageResponse(200, basePath, 'Grants', grantsPage(basePath, await grants()))
    return { ...page, headers: { ...page.headers, refresh: '2' } }
  }
  const desktop: RequestHandler = (request) =>
    pipe(
      TaskEither.Do,
      TaskEither.apS('session', sessions.of(request)),
      TaskEither.apSW('shownGrants', TaskEither.fromTask(grants)),
      TaskEither.match(refused, ({ session, shownGrants: current }) =>
        pageResponse(
          200,
          basePath,
          'EHR desktop',
          desktopPage({
            basePath,
            signedInAs: session?.username ?? null,
            fhirBaseUrl: server.facts.fhirBaseUrl,
            users: config.users,
            patients: patientsIn(behind.resources()),
            encounters: encountersIn(behind.resources()),
            clients: config.clients,
            hasSampleApp: hasSampleApp(config),
            grants: current,
            question: questionIn(request)
          })
        )
      )
    )
  const style: PlainResponse = { status: 200, headers: { 'content-type': 'text/css; charset=utf-8' }, body: styleSheet }
  const pages = new Map<string, RequestHandler>([
    [`${basePath}/`, onlyGet(desktop)],
    [`${basePath}/style.css`, onlyGet(() => Task.of(style))],
    [`${basePath}/ehr/launch`, ehrLaunch(parts)],
    [`${basePath}/ehr/sign-out`, signOut(parts)],
    [`${basePath}/ehr/grants`, onlyGet(watched)],
    ...[...sampleApp(publicBaseUrl, basePath)].map(([path, page]) => [path, onlyGet(() => Task.fromIO(page))] as const)
  ])
  const host = conversationHost(parts)
  const answerFhir = fhir(parts)
  const fhirPath = pathOf(server.facts.fhirBaseUrl)
  const other: RequestHandler = (request: PlainRequest) => {
    if (request.path === fhirPath || request.path.startsWith(`${fhirPath}/`)) return answerFhir(request)
    const page = pages.get(request.path === basePath ? `${basePath}/` : request.path) ?? host.pages.get(request.path)
    if (page === undefined) return Task.of(refusalJson({ _tag: 'NoSuchAddress', path: request.path }))
    return pipe(
      behind.refresh,
      TaskEither.foldW(
        () => Task.of(refused({ _tag: 'StoreUnavailable' })),
        () => page(request)
      )
    )
  }
  return Either.right(requestHandler(server, { onConversation: host.onConversation, fallback: other }))
}
