/** `smart-app-launch check …`: whether an app can launch at a server, from its documents or from a file. */
import * as Either from 'fp-ts/lib/Either.js'
import { lookAtConfiguration, lookAtServer, originFor } from './look.js'
import { inLine, reportText } from './report-text.js'
import type { AppSettingsFile } from './settings-file.js'
import { readSettingsFile } from './settings-file.js'
import type { ExitCode, Terminal } from '../terminal.js'
import { readTextFile } from '../text-file.js'
import type { Look, ObservedServer, WantedApp } from '../../protocol/app/readiness/observed.js'
import { documentOf, locationOf } from '../../protocol/app/readiness/observed.js'
import { assumedApp, readinessReport } from '../../protocol/app/readiness/readiness-report.js'
import type { CheckSettings } from '../../protocol/discovery/smart-configuration-check.js'
import { discoveryUrl } from '../../protocol/discovery/endpoint-url.js'
import { jsonType } from '../../protocol/http/media-type.js'
import { parseJson } from '../../values/json.js'
import type { JsonObject } from '../../values/object.js'
import { ownMember, ownMembers } from '../../values/own.js'
import { printableJson } from '../../values/shown-text.js'
import { isAbsoluteHttpUrl, originOf, withoutTrailingSlash } from '../../values/urls.js'

/** The arguments of the command. */
export interface CheckOptions {
  readonly target: string
  readonly specVersion: string | undefined
  /** `launch`, `backend`, or the name of a settings file. */
  readonly for: string | undefined
  readonly json: boolean
}

/** For whom the server is checked: an app of which only the purpose is known, or the app of a settings file. */
type App =
  | { readonly _tag: 'Assumed'; readonly purpose: WantedApp['purpose'] }
  | { readonly _tag: 'Given'; readonly settings: AppSettingsFile; readonly fileName: string }

const readApp = (given = 'launch'): Either.Either<string, App> => {
  if (given === 'launch' || given === 'backend') return Either.right({ _tag: 'Assumed', purpose: given })
  const settings = readSettingsFile(given)
  if (Either.isRight(settings)) return Either.right({ _tag: 'Given', settings: settings.right, fileName: given })
  return Either.left(
    settings.left.startsWith(`${given}: cannot be read`)
      ? `--for: expected launch, backend or a settings file; ${settings.left}`
      : settings.left
  )
}

const readVersion = (given = '2.0.0'): Either.Either<string, CheckSettings['specVersion']> =>
  given === '2.0.0' || given === '2.1.0' || given === '2.2.0'
    ? Either.right(given)
    : Either.left(`--spec-version: expected 2.0.0, 2.1.0 or 2.2.0, found ${printableJson(given)}`)

/** The app at a server; or one line, if its settings are for another server. */
const wantedAt = (app: App, fhirBaseUrl: string | null, smart: JsonObject): Either.Either<string, WantedApp> => {
  const token = ownMember(smart, 'token_endpoint')
  const placeholder = `${typeof token === 'string' ? originOf(token) : 'https://ehr.example'}/the-fhir-base-url`
  if (app._tag === 'Assumed') return Either.right(assumedApp(fhirBaseUrl ?? placeholder, smart, app.purpose))
  const own = ownMember(app.settings, 'fhirBaseUrl')
  return fhirBaseUrl !== null && own !== undefined && withoutTrailingSlash(own) !== withoutTrailingSlash(fhirBaseUrl)
    ? Either.left(
        `${app.fileName}: fhirBaseUrl: expected the checked server ${fhirBaseUrl}, found ${printableJson(own)}`
      )
    : Either.right({ ...app.settings, fhirBaseUrl: own ?? fhirBaseUrl ?? placeholder })
}

/** Why a SMART configuration cannot be checked; null if it can. */
const obstacleOf = (look: Look): string | null => {
  const { response, url } = look
  if (response === null) {
    return look.reason.startsWith('more than ')
      ? `${url} answers with ${look.reason}`
      : `${url} cannot be fetched (${look.reason})`
  }
  const location = locationOf(look)
  if (response.status >= 300 && response.status <= 399)
    return `${url} cannot be fetched (redirected to ${location === '' ? 'no address' : location})`
  if (response.status !== 200) return `${url} answers with status ${String(response.status)}`
  return parseJson(response.body)._tag === 'None' ? `${url} is not JSON` : null
}

/** A SMART configuration of a file, as if it had been served. */
const readFile = (fileName: string): Either.Either<string, Look> => {
  // A file name does not contain `://`, so the argument is meant as an address.
  if (fileName.includes('://')) return Either.left(`${fileName}: expected an absolute http or https address, or a file`)
  return Either.map((body: string): Look => {
    const headers = { 'content-type': jsonType, 'access-control-allow-origin': '*' }
    return { url: fileName, response: { status: 200, headers, body }, reason: '', redirects: 0 }
  })(readTextFile(fileName))
}

/** What stands in the report for the members of what was observed. */
const parts: Readonly<
  Record<Exclude<keyof ObservedServer, 'origin' | 'smartConfiguration' | 'otherConfiguration'>, string>
> = {
  openidConfiguration: 'openid-configuration',
  keys: 'key set',
  metadata: 'capability statement',
  tokenPreflight: 'CORS of the token endpoint',
  fhirPreflight: 'CORS of the FHIR endpoint'
}

const notLookedAt = (observed: ObservedServer, { purpose }: WantedApp): ReadonlyArray<string> =>
  (Object.keys(parts) as ReadonlyArray<keyof typeof parts>)
    .filter((part) => ownMember(observed, part) === undefined)
    .filter((part) => purpose === 'launch' || part === 'metadata')
    .map((part) => parts[part])

const lookedAt = (observed: ObservedServer): ReadonlyArray<object> =>
  Object.entries(observed).flatMap(([name, value]: readonly [string, Look | string]) =>
    typeof value === 'string'
      ? []
      : [{ part: name, url: value.url, status: value.response?.status ?? null, reason: value.reason }]
  )

/**
 * Runs the command: 0 if the app can launch and no requirement is broken, 1 if not, 2 if nothing could be checked.
 */
export const checkCommand = async (given: CheckOptions, terminal: Terminal): Promise<ExitCode> => {
  const options = ownMembers(given)
  const fail = (line: string): ExitCode => {
    terminal.stderr(`check: ${line}`)
    return 2
  }
  const specVersion = readVersion(options.specVersion)
  if (Either.isLeft(specVersion)) return fail(`${specVersion.left}; see smart-app-launch --help`)
  const app = readApp(options.for)
  if (Either.isLeft(app)) return fail(inLine(app.left))
  const { target } = options
  const isUrl = isAbsoluteHttpUrl(target)
  const origin = originFor(app.right._tag === 'Given' ? app.right.settings : { redirectUri: '' })
  const look = isUrl ? Either.right(await lookAtConfiguration(discoveryUrl(target), origin)) : readFile(target)
  if (Either.isLeft(look)) return fail(inLine(look.left))
  const obstacle = obstacleOf(look.right)
  if (obstacle !== null) return fail(inLine(obstacle))
  const smart = documentOf(look.right)
  const wanted = wantedAt(app.right, isUrl ? target : null, smart ?? {})
  if (Either.isLeft(wanted)) return fail(inLine(wanted.left))
  const observed =
    isUrl && smart !== null
      ? await lookAtServer(look.right, smart, wanted.right)
      : { smartConfiguration: look.right, origin }
  const { purpose } = wanted.right
  const report = readinessReport(observed, wanted.right, { specVersion: specVersion.right, purpose })
  const missing = notLookedAt(observed, wanted.right)
  terminal.stdout(
    options.json
      ? printableJson({ ...report, lookedAt: lookedAt(observed), notLookedAt: missing })
      : reportText(report, wanted.right, missing)
  )
  return report.launch === 'no' || report.findings.some(({ severity }) => severity === 'error') ? 1 : 0
}
