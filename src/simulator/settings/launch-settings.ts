/** The simulator with the servers of launch settings, and with the pages about misbehaviors. */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { LaunchSetting, SettingError } from './setting.js'
import { baseUrlWith, withSettingServers } from './setting-servers.js'
import type { Config } from '../config/config.js'
import type { Prepared } from '../context.js'
import { backendAt } from '../fhir/upstream.js'
import { withMisbehaviorPages } from '../misbehavior/list.js'
import { misbehaving } from '../misbehavior/misbehaving.js'
import { misbehaviorNamed } from '../misbehavior/table.js'
import type { PortError } from '../../engine/ports.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import { serverName } from '../../engine/server/server-name.js'
import { checkPolicy } from '../../protocol/policy/policy-check.js'
import { completePolicy } from '../../protocol/policy/policy.js'
import { noMembers } from '../../values/own.js'
import { below, pathOf } from '../../values/urls.js'

/** Builds the handler of a server from its configuration and the shared parts. */
type BuildHandler = (config: Config, parts: Prepared) => Either.Either<PortError, RequestHandler>

/** The addresses of a server: its issuer and its FHIR base URL. */
const addressesBelow = (issuer: string) => ({ issuer, fhirBaseUrl: below(issuer, 'fhir') })

/** The configuration of the server with a setting; left when the policy of the simulator contradicts it. */
const configWith = (config: Config, setting: LaunchSetting): Either.Either<SettingError, Config> => {
  const { spec } = setting
  const policy = { ...config.policy, ...(spec === undefined ? noMembers : { specVersion: spec }) }
  const checked = checkPolicy(policy)
  if (Either.isRight(checked))
    return Either.right({ ...config, publicBaseUrl: baseUrlWith(config.publicBaseUrl, setting), policy })
  const [first] = checked.left
  return Either.left({
    path: 'spec',
    expected: `a release that fits ${first?.path ?? 'the policy'}`,
    found: JSON.stringify(spec)
  })
}

/**
 * The simulator with a server for each launch setting. The servers share keys, clients, users and FHIR records; each
 * has its own issuer, grants and sessions.
 */
export const withLaunchSettings = (
  config: Config,
  prepared: Prepared,
  root: RequestHandler,
  handlerOf: BuildHandler
): RequestHandler => {
  const { publicBaseUrl, foreignOrigin } = config
  const honest = addressesBelow(publicBaseUrl)
  const build = (setting: LaunchSetting): Either.Either<SettingError, RequestHandler> =>
    pipe(
      configWith(config, setting),
      Either.filterOrElse(
        (under) => under.publicBaseUrl !== publicBaseUrl,
        (): SettingError => ({
          path: '',
          expected: `a member; without any, the address is ${publicBaseUrl}`,
          found: null
        })
      ),
      Either.chain((under) => {
        const addresses = addressesBelow(under.publicBaseUrl)
        const parts: Prepared = {
          ...prepared,
          behind: backendAt(prepared.behind, honest.fhirBaseUrl, addresses.fhirBaseUrl),
          name: serverName(addresses),
          setting
        }
        const row = setting.misbehavior === undefined ? null : misbehaviorNamed(setting.misbehavior)
        return pipe(
          handlerOf(under, parts),
          Either.bimap(
            ({ reason }): SettingError => ({ path: '', expected: reason, found: null }),
            (handler) =>
              row === null ? handler : misbehaving(row, { ...addresses, honest, foreignOrigin }, prepared.keys, handler)
          )
        )
      })
    )
  return withMisbehaviorPages(
    publicBaseUrl,
    withSettingServers({
      basePath: pathOf(publicBaseUrl),
      release: completePolicy(config.policy).specVersion,
      root,
      build
    })
  )
}
