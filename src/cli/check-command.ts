/** `smart-app-launch check …`: checks a SMART configuration document of a server or in a file. */
import * as Either from 'fp-ts/lib/Either.js'
import type { ExitCode, Terminal } from './terminal.js'
import { readTextFile } from './text-file.js'
import { withDeadline } from '../adapters/fetch/deadline.js'
import { readLimited, responseText } from '../adapters/limited-body.js'
import { discoveryHeaders, discoveryUrl } from '../protocol/discovery/endpoint-url.js'
import type { CheckSettings, Finding } from '../protocol/discovery/smart-configuration-check.js'
import { checkSmartConfiguration } from '../protocol/discovery/smart-configuration-check.js'
import { parseJson } from '../values/json.js'
import { limits } from '../values/limits/limits.js'
import { printableJson, shown } from '../values/shown-text.js'
import { isAbsoluteHttpUrl } from '../values/urls.js'
import { ownMembers } from '../values/own.js'
import { jsonType, mediaTypeOf } from '../protocol/http/media-type.js'

/** The arguments of the command. */
export interface CheckOptions {
  readonly target: string
  readonly specVersion: string | undefined
  readonly purpose: string | undefined
  readonly json: boolean
}

interface Found {
  readonly document: unknown
  /** Findings about the HTTP response itself. */
  readonly findings: ReadonlyArray<Finding>
}

const wrongType: Finding = {
  requirement: 'DIS-040',
  severity: 'error',
  at: '',
  message: 'the answer is not of the type application/json',
  advice: 'answer with Content-Type: application/json'
}

const readJson = (text: string, place: string): Either.Either<string, unknown> =>
  Either.fromOption(() => `${place} is not JSON`)(parseJson(text))

const ask = async (url: string, signal: AbortSignal): Promise<Either.Either<string, Found>> => {
  const response = await fetch(url, { headers: discoveryHeaders, credentials: 'omit', signal })
  if (response.status !== 200) {
    // An unread body could keep the process running.
    response.body?.cancel().catch(() => undefined)
    return Either.left(`${url} answers with status ${String(response.status)}`)
  }
  const bytes = await readLimited(response, limits.checkedDocument.default)
  if (bytes === null)
    return Either.left(`${url} answers with more than ${String(limits.checkedDocument.default)} bytes`)
  const isJson = mediaTypeOf(response.headers.get('content-type') ?? '') === jsonType
  return Either.map((document: unknown): Found => ({ document, findings: isJson ? [] : [wrongType] }))(
    readJson(responseText(bytes), url)
  )
}

const fetchDocument = async (fhirBaseUrl: string): Promise<Either.Either<string, Found>> => {
  const url = discoveryUrl(fhirBaseUrl)
  try {
    return await withDeadline(limits.checkTime.default, undefined, (signal) => ask(url, signal))
  } catch (error) {
    const { cause, message } = error as Error & {
      readonly cause?: { readonly code?: string; readonly message?: string }
    }
    return Either.left(`${url} cannot be fetched (${cause?.code ?? cause?.message ?? message})`)
  }
}

const readDocument = (fileName: string): Either.Either<string, Found> => {
  // A file name does not contain `://`, so the argument is meant as an address.
  if (fileName.includes('://')) return Either.left(`${fileName}: expected an absolute http or https address, or a file`)
  const text = readTextFile(fileName)
  if (Either.isLeft(text)) return text
  return Either.map((document: unknown): Found => ({ document, findings: [] }))(readJson(text.right, fileName))
}

const readSettings = (options: CheckOptions): Either.Either<string, CheckSettings> => {
  const { specVersion = '2.0.0', purpose = 'launch' } = ownMembers(options)
  if (specVersion !== '2.0.0' && specVersion !== '2.1.0' && specVersion !== '2.2.0') {
    return Either.left(`--spec-version: expected 2.0.0, 2.1.0 or 2.2.0, found ${printableJson(specVersion)}`)
  }
  return purpose === 'launch' || purpose === 'backend'
    ? Either.right({ specVersion, purpose })
    : Either.left(`--purpose: expected launch or backend, found ${printableJson(purpose)}`)
}

/** Text from a server or a file, on one output line. */
const inLine = (text: string): string => shown(text, limits.shownDetail.default)

const lineOf = ({ severity, requirement, at, message, advice }: Finding): string =>
  `${severity.padEnd(7)} ${requirement}  ${at === '' ? '(document)' : inLine(at)}: ${inLine(message)}; ${advice}`

/** Runs the command: 0 if all requirements are met, 1 if one is not, 2 if nothing could be checked. */
export const checkCommand = async (options: CheckOptions, terminal: Terminal): Promise<ExitCode> => {
  const settings = readSettings(options)
  if (Either.isLeft(settings)) {
    terminal.stderr(`check: ${settings.left}; see smart-app-launch --help`)
    return 2
  }
  const found = isAbsoluteHttpUrl(options.target) ? await fetchDocument(options.target) : readDocument(options.target)
  if (Either.isLeft(found)) {
    terminal.stderr(`check: ${inLine(found.left)}`)
    return 2
  }
  const findings = [...found.right.findings, ...checkSmartConfiguration(found.right.document, settings.right)]
  const errors = findings.filter(({ severity }) => severity === 'error').length
  if (options.json) terminal.stdout(printableJson({ findings }))
  else
    terminal.stdout(
      [...findings.map(lineOf), `${String(errors)} errors, ${String(findings.length - errors)} other findings`].join(
        '\n'
      )
    )
  return errors === 0 ? 0 : 1
}
