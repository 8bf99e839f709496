/**
 * An app, built on the ports that the host provides.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { appLaunch } from './launch.js'
import type { AppPorts } from './ports.js'
import { appSession } from './session.js'
import { validatedAppPorts } from './validated-ports.js'
import type { AppLaunchSettings } from '../../protocol/app/launch-state.js'
import { wrongRequestedScope } from './requested-scope.js'
import type { AppSessionSettings } from '../../protocol/app/session.js'
import { asymmetricAlgorithms } from '../../protocol/jwt/jwk.js'
import type { SettingsError } from '../../protocol/policy/policy-check.js'
import { limits } from '../../values/limits/limits.js'
import { ownMembers } from '../../values/own.js'
import type { SmartApp } from './context.js'

/** The settings of an app. For the optional ones see {@link defaultAppSettings}. */
export type AppSettings = Pick<AppLaunchSettings, 'trust' | 'scope'> & Partial<AppLaunchSettings & AppSessionSettings>

/** The default settings of an app. */
export const defaultAppSettings: Omit<AppLaunchSettings & AppSessionSettings, 'trust' | 'scope'> = {
  specVersion: '2.0.0',
  launchLifetimeSeconds: 900,
  sessionLifetimeSeconds: 30 * 86400,
  clockSkewSeconds: 60,
  idTokenAlgorithms: ['RS256'],
  longestAddress: limits.authorizationAddress.default,
  acceptTextBooleans: true,
  refreshAheadSeconds: 30,
  leaseSeconds: 30,
  longestWaitSeconds: limits.appWait.default
}

const wrongAlgorithms = ({ idTokenAlgorithms = ['RS256'] }: AppSettings): ReadonlyArray<SettingsError> =>
  idTokenAlgorithms.includes('RS256') && idTokenAlgorithms.every((alg) => asymmetricAlgorithms.includes(alg))
    ? []
    : [
        {
          path: 'idTokenAlgorithms',
          expected: `RS256, and others among ${asymmetricAlgorithms.join(', ')}`,
          found: JSON.stringify(idTokenAlgorithms)
        }
      ]

const wrongNumbers = (settings: AppSettings): ReadonlyArray<SettingsError> =>
  (
    [
      'launchLifetimeSeconds',
      'sessionLifetimeSeconds',
      'clockSkewSeconds',
      'longestAddress',
      'refreshAheadSeconds',
      'leaseSeconds',
      'longestWaitSeconds'
    ] as const
  ).flatMap((path) => {
    const value = settings[path]
    return value === undefined || (Number.isSafeInteger(value) && value >= 0)
      ? []
      : [{ path, expected: 'a whole number that is not negative', found: String(value) }]
  })

/**
 * Builds an app from settings and ports; left with all errors in the settings.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { smartApp, trustList } from 'smart-app-launch/fp-ts'
 * import { nodeAppPorts } from 'smart-app-launch/fp-ts/adapters/node'
 *
 * const server = {
 *   fhirBaseUrl: 'https://ehr.example/fhir',
 *   clientId: 'my-app',
 *   authentication: [{ method: 'none' as const }],
 *   redirectUri: 'https://app.example/cb'
 * }
 * const app = smartApp(
 *   { trust: trustList([server]), scope: 'launch/patient openid fhirUser patient/*.rs' },
 *   nodeAppPorts()
 * )
 * const begun = Either.isRight(app)
 *   ? await app.right.launch({ _tag: 'Standalone', iss: 'https://evil.example/fhir' })()
 *   : app
 * begun // => Either.left({ _tag: 'IssNotTrusted', iss: 'https://evil.example/fhir' })
 * ```
 */
export const smartApp = (
  given: AppSettings,
  ports: AppPorts
): Either.Either<ReadonlyArray<SettingsError>, SmartApp> => {
  const settings = ownMembers(given)
  const wrong = [...wrongRequestedScope(settings.scope), ...wrongAlgorithms(settings), ...wrongNumbers(settings)]
  if (wrong.length > 0) return Either.left(wrong)
  const complete = ownMembers({ ...defaultAppSettings, ...settings })
  const validated = validatedAppPorts(ports)
  return Either.right({ ...appLaunch(complete, validated), ...appSession(complete, validated) })
}
