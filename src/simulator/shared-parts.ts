/**
 * What the servers of one simulator share: the store, the keys, the clients, the sessions of users, and the FHIR
 * records.
 *
 * @module
 */
import { pipe } from 'fp-ts/lib/function.js'
import type { IO } from 'fp-ts/lib/IO.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Config } from './config/config.js'
import { registeredClient } from './config/registered-clients.js'
import { storedFhirBackend } from './fhir/stored-backend.js'
import { syntheticResources, withUsers } from './fhir/synthetic-data.js'
import type { FhirBackend } from './fhir/upstream.js'
import { upstreamFhirBackend, localFhirBackend, ownFhirSettings } from './fhir/upstream.js'
import type { AppContact } from './host/running-app.js'
import { appContact } from './host/running-app.js'
import type { Sessions } from './host/sessions.js'
import { sessionsIn } from './host/sessions.js'
import type { DecisionLog } from './log/log.js'
import type { OwnRefusal } from './log/own-refusal.js'
import { decisionLog, lineIds } from './log/log.js'
import type { AppList } from './store/app-list.js'
import { appListIn } from './store/app-list.js'
import type { GrantList } from './store/grant-list.js'
import { grantListIn } from './store/grant-list.js'
import { keysKeptIn, textKeptIn } from './store/kept.js'
import { withKeptIds } from './store/kept-ids.js'
import { generateKeyMaterial } from '../adapters/jose.js'
import { memoryClients } from '../adapters/memory-clients.js'
import { memoryStore } from '../adapters/stores/memory-store.js'
import { nodeKeys, nodeRandom } from '../adapters/node-crypto.js'
import { systemClock } from '../adapters/system.js'
import type { Audit, AuditEvent, Clients, Keys, PortError, Store } from '../engine/ports.js'
import { withStoredClients } from '../engine/server/registration/stored-clients.js'
import type { ServerName } from '../engine/server/server-name.js'
import { serverName } from '../engine/server/server-name.js'
import type { RegistrationSettings } from '../engine/server/settings.js'
import { fhirReleases } from '../protocol/access/releases.js'
import { below } from '../values/urls.js'
import type { EpochSeconds } from '../values/time.js'
import { ownMember } from '../values/own.js'

/** The options of a simulator besides its configuration. */
export interface SimulatorOptions {
  /** Called with every audit event of the engine. */
  readonly audit?: (event: AuditEvent) => void
  /** Called with every refusal at an address of the simulator itself, and its time. */
  readonly ownRefusal?: (refusal: OwnRefusal, at: EpochSeconds) => void
  /** The initial access token for registration, if the configuration requires one and the store has none yet. */
  readonly initialAccessToken?: string
  /** Where everything is kept that must outlive the process. Default: the memory of the process. */
  readonly store?: Store
}

/** What the servers of one simulator share. */
export interface SharedParts {
  readonly config: Config
  readonly keys: Keys
  readonly clients: Clients
  readonly registration: RegistrationSettings
  /** The initial access token for registration; null if the configuration requires none. */
  readonly initialAccessToken: string | null
  readonly behind: FhirBackend
  /** The grants of all servers, and the store that lists them. */
  readonly list: GrantList
  /** The apps that were registered at the server at the public base URL. */
  readonly apps: AppList
  readonly sessions: Sessions
  readonly audit: Audit
  /** Writes a refusal at an address of the simulator itself to the log. */
  readonly recordOwn: (refusal: OwnRefusal) => IO<void>
  /** Asks apps whether they run, before they are launched. */
  readonly contact: AppContact
  /** The newest decisions of all servers, for the pages. */
  readonly log: DecisionLog
}

/** The addresses of the server at the public base URL. */
export const rootAddresses = ({ publicBaseUrl }: Pick<Config, 'publicBaseUrl'>): Parameters<typeof serverName>[0] => ({
  issuer: publicBaseUrl,
  fhirBaseUrl: below(publicBaseUrl, 'fhir')
})

const temporaryKeys = pipe(generateKeyMaterial, TaskEither.chain(nodeKeys))

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

/** Makes the shared parts. Without a store of the options they begin with new keys and no data. */
export const sharedParts = (
  config: Config,
  options: SimulatorOptions
): TaskEither.TaskEither<PortError, SharedParts> => {
  const given = ownMember(options, 'store') ?? null
  const store = given ?? memoryStore(systemClock)
  const name = serverName(rootAddresses(config))
  const list = grantListIn(name, store)
  const apps = appListIn(name, store)
  const log = decisionLog(config, lineIds(nodeRandom.token))
  return pipe(
    TaskEither.Do,
    TaskEither.apS('keys', given === null ? temporaryKeys : keysKeptIn(given, name, config.policy)),
    TaskEither.bind('registered', ({ keys }) =>
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
    TaskEither.map(({ keys, registered, registration, behind, initialAccessToken }) => ({
      config,
      keys,
      clients: withKeptIds(
        apps,
        withStoredClients(name, { clients: memoryClients(registered), clock: systemClock, store })
      ),
      registration,
      initialAccessToken,
      behind,
      list,
      apps,
      sessions: sessionsIn(name, { store: list.store, random: nodeRandom.token, clock: systemClock }),
      audit: {
        record: (event) => () => {
          log.record(event)
          ownMember(options, 'audit')?.(event)
        }
      },
      recordOwn: (refusal) => () => {
        const at = systemClock.now()
        log.refuse(refusal, at)
        ownMember(options, 'ownRefusal')?.(refusal, at)
      },
      contact: appContact(config),
      log
    }))
  )
}
