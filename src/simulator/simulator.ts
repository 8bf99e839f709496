/**
 * The simulator: an EHR that embeds the toolkit. It connects the engine to its own pages, users, patients and FHIR
 * server.
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Config } from './config/config.js'
import { noticingApps } from './host/apps/noticed-apps.js'
import { desktopPages } from './host/desktop.js'
import type { ServerAddresses } from './one-server.js'
import { withBrowserPages } from './host/browser-pages.js'
import { framedLaunch, withFramedPages } from './host/frame.js'
import { ehrLaunch } from './host/ehr-launch.js'
import { noticingRemovals } from './host/apps/removed-apps.js'
import { recordPages } from './host/record-pages.js'
import { afterRefresh, noSuchAddress, oneServer } from './one-server.js'
import type { SharedParts, SimulatorOptions } from './shared-parts.js'
import { rootAddresses, sharedParts } from './shared-parts.js'
import { withLaunchSettings } from './settings/launch-settings.js'
import { withExplainedBase } from './settings/wrong-base.js'
import { systemClock } from '../adapters/system.js'
import type { PortError } from '../engine/ports.js'
import { refusedEntry } from '../engine/server/audit.js'
import type { RequestHandler } from '../engine/server/http-handler.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import { pathOf } from '../values/urls.js'

/** A simulator that is built. */
export interface BuiltSimulator {
  readonly answer: RequestHandler
  /** The initial access token for registration; null if the configuration requires none. */
  readonly initialAccessToken: string | null
  /** Waits for what is written after the answers, before the store is closed. */
  readonly settled: () => Promise<void>
}

/** The server at the public base URL, with the pages beside the conversations. */
const answerOf = (shared: SharedParts): Either.Either<PortError, RequestHandler> =>
  pipe(
    oneServer(shared, { ...rootAddresses(shared.config), policy: shared.config.policy }),
    Either.map(({ simulator: root, answer }) => {
      const { basePath } = root
      const pages = desktopPages(root, shared)
      const records = recordPages(root, shared)
      const served = answer((request) => {
        const page = pages.get(request.path === basePath ? `${basePath}/` : request.path) ?? records(request.path)
        return page === undefined ? noSuchAddress(root)(request) : afterRefresh(root, page)(request)
      })
      const endpoint = pathOf(root.server.facts.registrationEndpoint)
      const noticing = noticingApps(shared.apps, endpoint, noticingRemovals(shared, root, served))
      return shared.log.linked(Object.assign(noticing, { refused: served.refused }))
    })
  )

/** The server of a launch setting, with launches from the EHR. */
const serverAt = (shared: SharedParts, at: ServerAddresses): Either.Either<PortError, RequestHandler> =>
  pipe(
    oneServer(shared, at),
    Either.map(({ simulator: one, answer }) => {
      const [launch, frame, other] = [ehrLaunch(one), framedLaunch(one), noSuchAddress(one)]
      const pages = new Map([
        [`${one.basePath}/ehr/launch`, launch],
        [`${one.basePath}/ehr/frame`, frame]
      ])
      const served = answer((request) => (pages.get(request.path) ?? other)(request))
      return shared.log.linked(Object.assign(noticingRemovals(shared, one, served), { refused: served.refused }))
    })
  )

/** The servers of all settings. Discovery at an address that is none of theirs says which one is. */
const explained = (shared: SharedParts, root: RequestHandler): RequestHandler => {
  const { audit, config, log } = shared
  const record = (refusal: Refusal): void => {
    audit.record({ at: systemClock.now(), ...refusedEntry(refusal) })()
  }
  return withExplainedBase(
    { publicBaseUrl: config.publicBaseUrl, log, record },
    withLaunchSettings(shared, root, serverAt)
  )
}

/**
 * Builds the simulator. Without a store it begins with new keys and no data, so tokens of an earlier run are invalid.
 * Simulators with the same store and configuration are one server.
 */
export const simulator = (
  config: Config,
  options: SimulatorOptions = {}
): TaskEither.TaskEither<PortError, BuiltSimulator> =>
  pipe(
    sharedParts(config, options),
    TaskEither.chainEitherK((shared) =>
      pipe(
        answerOf(shared),
        Either.map((root) => ({
          answer: withFramedPages(
            config.publicBaseUrl,
            withBrowserPages(config.publicBaseUrl, shared.log.watched(explained(shared, root)))
          ),
          initialAccessToken: shared.initialAccessToken,
          settled: shared.list.written
        }))
      )
    )
  )
