/**
 * One server of a simulator: an authorization server with its pages and its FHIR base at given addresses. It can be
 * built several times over the same shared parts, each time for another issuer.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { UserEntry } from './config/config.js'
import { subjectOf } from './config/user-subject.js'
import type { Simulator } from './context.js'
import { guardedFhir } from './fhir/route.js'
import type { Choice } from './fhir/synthetic-data.js'
import { encountersIn, patientsIn } from './fhir/synthetic-data.js'
import { grantAt, grantHandle, grantIn, lastUseOf, shortGrant } from './grants/grant-view.js'
import { serverAt, withoutSettings } from './log/line-server.js'
import { ownRefusals } from './log/own-refusal.js'
import { knownApps } from './host/apps/known-apps.js'
import { registrarOf } from './host/apps/registrar.js'
import { conversationHost, refusalResponse } from './host/conversation.js'
import type { LaunchSetting } from './settings/setting.js'
import type { SharedParts } from './shared-parts.js'
import { rootAddresses } from './shared-parts.js'
import { cachedClientKeys } from '../adapters/client-key-cache.js'
import { guardedFetch } from '../adapters/fetch/guarded-fetch.js'
import { nodeRandom } from '../adapters/node-crypto.js'
import { systemClock } from '../adapters/system.js'
import { pageLinksUnder } from '../engine/resource/page-links.js'
import type { PortError, Ports } from '../engine/ports.js'
import { portUnavailable } from '../engine/ports.js'
import { accessEntry, refusedEntry } from '../engine/server/audit.js'
import type { ServerSettings } from '../engine/server/settings.js'
import { authorizationServer } from '../engine/server/authorization-server.js'
import type { RequestHandler } from '../engine/server/http-handler.js'
import { revokeListed } from '../host/connected-apps-routes.js'
import { connectedAppsStore } from '../host/connected-apps-store.js'
import type { GrantFacts } from './pages/connected-apps.js'
import { fhirReleases } from '../protocol/access/releases.js'
import type { Grant } from '../protocol/grant/state.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import { headerOf, json } from '../protocol/http/message.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import { refusalJson } from '../protocol/errors/refusal-table.js'
import type { SmartPolicy } from '../protocol/policy/policy.js'
import { completePolicy } from '../protocol/policy/policy.js'
import { below, pathOf } from '../values/urls.js'
import { noMembers, ownMember } from '../values/own.js'

/** Where one server is, and how it decides. */
export interface ServerAddresses {
  readonly issuer: string
  readonly fhirBaseUrl: string
  /** The options of the policy, with the release of the specification. */
  readonly policy: Partial<SmartPolicy>
  /** What the address says about the launch; nothing at the public base URL. */
  readonly setting?: LaunchSetting
}

/** One server, and the facts for pages that belong to it. */
export interface OneServer {
  readonly simulator: Simulator
  /** Answers the requests of its protocol, its conversation and its FHIR base; `fallback` gets all others. */
  readonly answer: (fallback: RequestHandler) => RequestHandler
  /** Ends a grant, and forgets the consents of its user to the app. */
  readonly revoke: (grantId: string, sub: string | null) => Promise<Either.Either<Refusal, unknown>>
}

const mayUserSee = (user: UserEntry | undefined, patient: string): boolean =>
  user !== undefined && (user.patients.includes('*') || user.patients.includes(patient))

/** Builds one server over the shared parts. Left: what is wrong with its addresses or its policy. */
export const oneServer = (shared: SharedParts, at: ServerAddresses): Either.Either<PortError, OneServer> => {
  const { config, keys, clients, registration, behind, list, sessions, audit } = shared
  const { issuer, fhirBaseUrl, policy, setting = noMembers } = at
  const root = rootAddresses(config)
  const resourceSide = { accessProfile: config.accessProfile, release: fhirReleases[config.fhirRelease] }
  const ports: Ports = {
    store: list.store,
    clients,
    clock: systemClock,
    random: nodeRandom,
    keys,
    accessPolicy: { permittedScopes: (_user, _client, requested) => TaskEither.right(requested) },
    clientKeys: cachedClientKeys(guardedFetch({ allowedNetworks: config.fetchPrivateNetworks }), systemClock, {
      defaultTtlSeconds: completePolicy(policy).jwksDefaultTtlSeconds
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
  const settings: ServerSettings = {
    issuer,
    fhirBaseUrl,
    policy,
    features: {
      onlineAccess: true,
      style: setting.style !== undefined,
      resourceSide,
      managementEndpoint: below(issuer, 'apps')
    },
    registration
  }
  const built = authorizationServer(settings, ports)
  if (Either.isLeft(built)) {
    return Either.left(
      portUnavailable(built.left.map(({ path, expected }) => `${path}: expected ${expected}`).join('; '))
    )
  }
  const server = built.right
  const homePath = pathOf(root.issuer)
  const users = new Map(config.users.map((user) => [subjectOf(user.username), user] as const))
  const seenBy = (user: UserEntry | undefined, choices: ReadonlyArray<Choice>): ReadonlyArray<Choice> =>
    choices.filter(({ patient }) => mayUserSee(user, patient))
  const apps = connectedAppsStore(server, ports)
  const factsOf = (grantId: string, grant: Grant | null): GrantFacts => {
    const patient = grant !== null && 'context' in grant ? (grant.context.patient ?? null) : null
    const named = patientsIn(behind.resources()).find(({ id }) => id === patient)
    return {
      patientName: named?.label ?? patient,
      lastUsed: lastUseOf(grantId, shared.log.lines(), grant?._tag === 'Active' ? grant.rotatedAt : null)
    }
  }
  const grantFacts: Simulator['grantFacts'] = async (grantId) => {
    const found = await apps.grant(grantId)
    const grant = Either.isRight(found) ? found.right : null
    return factsOf(grantId, grant)
  }
  const nameAt = async (clientId: string, other: string): Promise<string> => {
    const own = serverAt(config, pathOf(other)).server.setting?.app
    if (own?.client_id === clientId) return own.client_name ?? clientId
    const found = await server.admin.client(clientId)()
    return Either.isRight(found) && Option.isSome(found.right) ? found.right.value.clientName : clientId
  }
  /** The open grants of a user at other servers. */
  const openElsewhere = async (sub: string) => {
    const now = systemClock.now()
    return (await list.all()).grants.flatMap(({ issuer: other, text }) => {
      const stored = other === issuer ? null : grantIn(text)
      const grant = stored === null ? null : grantAt(stored, now, server.policy)
      return (grant?._tag === 'Active' || grant?._tag === 'CodeIssued') && grant.user.sub === sub
        ? [{ grant, other }]
        : []
    })
  }
  const grantsElsewhere: Simulator['grantsElsewhere'] = async (sub) => {
    const shown = (await openElsewhere(sub)).map(async ({ grant, other }) => {
      const { app, misbehavior = null } = serverAt(config, pathOf(other)).server.setting ?? {}
      return {
        ...factsOf(grant.grantId, grant),
        handle: grantHandle(grant.grantId),
        short: shortGrant(grant.grantId),
        appName: await nameAt(grant.clientId, other),
        isByUrls: app?.client_id === grant.clientId,
        misbehavior
      }
    })
    return (await Promise.all(shown)).toReversed()
  }
  const endElsewhere: Simulator['endElsewhere'] = async (sub, handle) => {
    const byHandle = new Map((await openElsewhere(sub)).map((one) => [grantHandle(one.grant.grantId), one] as const))
    const found = byHandle.get(handle)
    if (found === undefined) return Either.right(null)
    const { grant, other } = found
    const refused = await revokeStored(shared, { grantId: grant.grantId, issuer: other, userSub: sub })
    return Option.isSome(refused) ? Either.left(refused.value) : Either.right(null)
  }
  const simulator: Simulator = {
    config,
    setting,
    basePath: pathOf(issuer),
    homePath,
    isSecure: issuer.startsWith('https:'),
    server,
    registrar: registrarOf(settings, ports),
    pageLinks: pageLinksUnder(keys),
    behind,
    aliases: fhirBaseUrl === root.fhirBaseUrl ? behind.aliases : [...behind.aliases, root.fhirBaseUrl],
    sessions,
    patientsOf: (user) => seenBy(user, patientsIn(behind.resources())),
    encountersOf: (user) => seenBy(user, encountersIn(behind.resources())),
    userNamed: (username) => config.users.find((user) => user.username === username),
    userOf: (sub) => users.get(sub),
    grantFacts,
    grantsElsewhere,
    endElsewhere,
    idsWith: async (redirectUri) =>
      (await knownApps({ config, server }, { list: shared.apps })).flatMap(({ client }) =>
        client.redirectUris.includes(redirectUri) ? [client.clientId] : []
      ),
    refused: (refusal) => refusalResponse({ homePath }, refusal),
    contact: shared.contact,
    lines: shared.log.lines,
    refusedHere: shared.log.refusedHere,
    record: (refusal, grantId) => audit.record({ at: systemClock.now(), ...refusedEntry(refusal, null, grantId) }),
    recordOwn: (refusal) => shared.recordOwn(refusal),
    recordAccess: (event) => audit.record({ at: systemClock.now(), ...accessEntry(event) })
  }
  const host = conversationHost(simulator, ports)
  const answerFhir = guardedFhir(simulator)
  const fhirPath = pathOf(fhirBaseUrl)
  const closedPath = config.registration === 'closed' ? pathOf(server.facts.registrationEndpoint) : null
  const answer: OneServer['answer'] = (fallback) =>
    Object.assign(
      (request: PlainRequest): Task.Task<PlainResponse> => {
        if (host.handles(request.path)) return host.answer(request)
        if (request.path === closedPath) return closedRegistration(simulator)(request)
        return request.path === fhirPath || request.path.startsWith(`${fhirPath}/`)
          ? answerFhir(request)
          : fallback(request)
      },
      { refused: host.answer.refused }
    )
  const revoke: OneServer['revoke'] = (grantId, sub) =>
    sub === null ? server.admin.revokeGrant(grantId)() : revokeListed({ server, apps }, sub, grantId)
  return Either.right({ simulator, answer, revoke })
}

/**
 * Revokes a grant of any server of a simulator as that server does, and forgets the consents of its user to the app.
 * `none`: it is revoked.
 */
export const revokeStored = async (
  shared: SharedParts,
  { grantId, issuer, userSub }: { readonly grantId: string; readonly issuer: string; readonly userSub: string | null }
): Promise<Option.Option<Refusal>> => {
  const { policy } = shared.config
  const built = oneServer(shared, { ...rootAddresses({ publicBaseUrl: issuer }), policy })
  if (Either.isLeft(built)) return Option.some({ _tag: 'HostUnavailable', reason: built.left.reason })
  const ended = await built.right.revoke(grantId, userSub)
  return Either.isLeft(ended) ? Option.some(ended.left) : Option.none
}

/** A page that shows the data as other processes have written them. */
export const afterRefresh =
  ({ behind, refused }: Pick<Simulator, 'behind' | 'refused'>, page: RequestHandler): RequestHandler =>
  (request) =>
    pipe(
      behind.refresh,
      TaskEither.foldW(
        () => Task.of(refused({ _tag: 'StoreUnavailable' })),
        () => page(request)
      )
    )

const isForBrowser = (request: PlainRequest): boolean => (headerOf(request, 'accept') ?? '').includes('text/html')

/** The answer at the registration endpoint where registration is closed: a page for a browser, else JSON. */
const closedRegistration =
  ({ recordOwn, refused }: Pick<Simulator, 'recordOwn' | 'refused'>): RequestHandler =>
  (request) =>
    pipe(
      Task.fromIO(recordOwn({ rule: 'RegistrationClosed' })),
      Task.map(() => {
        const { accepted } = ownRefusals.RegistrationClosed
        return isForBrowser(request)
          ? refused({ _tag: 'NoSuchAddress', path: request.path })
          : json(404, {
              error: 'invalid_request',
              error_description: `Registration is closed. ${accepted}`
            })
      })
    )

/**
 * The answer where there is no page: a page for a browser, JSON for any other client, which has a line in the log: an
 * app that asks there has a wrong address. Browsers ask for many things by themselves.
 */
export const noSuchAddress =
  ({ record, refused }: Pick<Simulator, 'record' | 'refused'>): RequestHandler =>
  (request) => {
    const refusal = { _tag: 'NoSuchAddress', path: withoutSettings(request.path) } as const
    if (isForBrowser(request)) return Task.of(refused(refusal))
    return Task.fromIO(() => {
      record(refusal, null)()
      return refusalJson(refusal)
    })
  }
