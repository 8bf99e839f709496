/** The simulator with the servers of launch settings, and with the pages about misbehaviors. */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { LaunchSetting, SettingError } from './setting.js'
import { checkIdFree, checkOwnApp, withOwnApp } from './own-app.js'
import { baseUrlWith, withSettingServers } from './setting-servers.js'
import type { Config } from '../config/config.js'
import type { ServerAddresses } from '../one-server.js'
import type { SharedParts } from '../shared-parts.js'
import { rootAddresses } from '../shared-parts.js'
import { backendAt } from '../fhir/upstream.js'
import { withMisbehaviorPages } from '../misbehavior/list.js'
import { misbehaving } from '../misbehavior/misbehaving.js'
import { misbehaviorNamed } from '../misbehavior/table.js'
import type { Clients, PortError } from '../../engine/ports.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import { checkPolicy } from '../../protocol/policy/policy-check.js'
import { completePolicy } from '../../protocol/policy/policy.js'
import { noMembers } from '../../values/own.js'
import { pathOf } from '../../values/urls.js'

/** Builds the handler of a server at given addresses, over the shared parts. */
type BuildHandler = (shared: SharedParts, at: ServerAddresses) => Either.Either<PortError, RequestHandler>

/** Where a setting is wrong, and what is expected. What the link holds is not repeated: it may be a secret. */
const settingDetails = ({ expected, path }: SettingError): ReadonlyArray<readonly [name: string, value: string]> => [
  ['Member', path === '' ? 'the whole setting' : path],
  ['Expected', expected.replace(/, which is .*$/s, '')]
]

/** What a setting names must exist in this simulator. */
const checkedNames = ({ users, ...config }: Config, { app, user }: LaunchSetting): SettingError | null => {
  if (user !== undefined && !users.some(({ username }) => username === user)) {
    const names = users.map(({ username }) => username).join(', ')
    return { path: 'user', expected: `one of the users of this simulator: ${names}`, found: JSON.stringify(user) }
  }
  return app === undefined ? null : checkIdFree(config, app)
}

/** The clients of the server with a setting: those of the simulator, and the app of the setting. */
const clientsWith = ({ clients, keys }: SharedParts, { app }: LaunchSetting): Clients => {
  const metadata = app === undefined ? null : checkOwnApp(app)
  return app === undefined || metadata === null || Either.isLeft(metadata)
    ? clients
    : withOwnApp(clients, keys, app, metadata.right)
}

/** The addresses and the policy of the server with a setting; left when the policy of the simulator contradicts it. */
const addressesWith = (config: Config, setting: LaunchSetting): Either.Either<SettingError, ServerAddresses> => {
  const { spec } = setting
  const unknown = checkedNames(config, setting)
  if (unknown !== null) return Either.left(unknown)
  const policy = { ...config.policy, ...(spec === undefined ? noMembers : { specVersion: spec }) }
  const checked = checkPolicy(policy)
  const publicBaseUrl = baseUrlWith(config.publicBaseUrl, setting)
  if (Either.isRight(checked)) return Either.right({ ...rootAddresses({ publicBaseUrl }), policy, setting })
  const [first] = checked.left
  return Either.left({
    path: 'spec',
    expected: `a release that fits ${first?.path ?? 'the policy'}`,
    found: JSON.stringify(spec)
  })
}

/**
 * The simulator with a server for each launch setting. The servers share keys, clients, users, sessions and FHIR
 * records; each has its own issuer and grants.
 */
export const withLaunchSettings = (
  shared: SharedParts,
  root: RequestHandler,
  handlerOf: BuildHandler
): RequestHandler => {
  const { config, behind, keys } = shared
  const { publicBaseUrl, foreignOrigin } = config
  const honest = rootAddresses(config)
  const build = (setting: LaunchSetting): Either.Either<SettingError, RequestHandler> =>
    pipe(
      addressesWith(config, setting),
      Either.filterOrElse(
        ({ issuer }) => issuer !== publicBaseUrl,
        (): SettingError => ({
          path: '',
          expected: `a member; without any, the address is ${publicBaseUrl}`,
          found: null
        })
      ),
      Either.chain((at) => {
        const row = setting.misbehavior === undefined ? null : misbehaviorNamed(setting.misbehavior)
        return pipe(
          handlerOf(
            {
              ...shared,
              clients: clientsWith(shared, setting),
              behind: backendAt(behind, honest.fhirBaseUrl, at.fhirBaseUrl)
            },
            at
          ),
          Either.bimap(
            ({ reason }): SettingError => ({ path: '', expected: reason, found: null }),
            (handler) =>
              row === null
                ? handler
                : misbehaving(row, { ...at, honest, foreignOrigin }, keys, handler, shared.log.misbehaved)
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
      build,
      logged: (error, answer) =>
        shared.log.linked((request) => {
          shared.recordOwn({ rule: 'LaunchSettingWrong', details: settingDetails(error) })()
          return answer(request)
        })
    })
  )
}
