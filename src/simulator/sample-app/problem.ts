/**
 * What went wrong, in plain sentences: from the errors of the client library, which hold the status and the body of a
 * response as text, and from the parameters of an error of OAuth.
 *
 * @module
 */
import type { AppWindow } from './client.js'
import { items, part, stringAt } from './fhir-json.js'

/** A problem for a person. */
export interface Problem {
  /** What went wrong: one sentence or more. */
  readonly sentence: string
  /** The words of the server or of the library; empty for none. */
  readonly said: string
  /** The error of OAuth (`invalid_grant`); empty for none. */
  readonly code: string
  /** The address at which the server says why; null if it names none. */
  readonly why: string | null
}

const ofStatus: Readonly<Record<string, string>> = {
  400: 'The record system could not accept the request of this app.',
  401: 'The record system does not accept the access token of this app.',
  403: 'The record system does not permit this request.',
  404: 'The record system does not have what the app requested.',
  429: 'The record system got too many requests. Wait a while, then try again.',
  503: 'The record system cannot answer now. Try again later.'
}

const ofError: Readonly<Record<string, string>> = {
  invalid_request: 'The record system could not accept the request of this app.',
  invalid_client: 'The record system does not know this app, or does not believe that it is this app.',
  invalid_grant: 'The record system does not accept what the app presented: it was used before, has expired, or ended.',
  invalid_scope: 'The record system gives this app nothing of what it requested.',
  unauthorized_client: 'This app may not request access in this way.',
  unsupported_response_type: 'The record system does not support this kind of request.',
  server_error: 'The record system has a fault of its own.',
  temporarily_unavailable: 'The record system cannot answer now. Try again later.',
  login_required: 'The user must sign in first.',
  consent_required: 'The user must give access first.',
  interaction_required: 'The user must decide something first.'
}

const sentenceFor = (error: string, status: number): string =>
  ofError[error] ??
  ofStatus[String(status)] ??
  (status >= 500
    ? 'The record system has a fault of its own.'
    : status > 0
      ? `The record system answered with status ${String(status)}.`
      : 'The record system ended the launch.')

/** Only an address of the web is a link. */
const linkTo = (address: string): string | null => (/^https?:\/\//.test(address) ? address : null)

/** An error of OAuth, from the parameters of a redirect. */
export const oauthProblem = (error: string, description: string, errorUri: string): Problem => ({
  sentence: sentenceFor(error, 0),
  said: description,
  code: error,
  why: linkTo(errorUri)
})

/** The first issue of an OperationOutcome, and the address of its line in the log. */
const outcomeProblem = (outcome: unknown, status: number): Problem => {
  const issues = items(outcome, 'issue')
  const said = issues.map((issue) => stringAt(issue, 'diagnostics') || stringAt(issue, 'details', 'text'))
  const addresses = issues
    .flatMap((issue) => items(issue, 'extension'))
    .filter((one) => stringAt(one, 'url') === 'urn:smart-app-launch:log-line')
    .map((one) => linkTo(stringAt(one, 'valueUrl')))
  return {
    sentence: sentenceFor('', status),
    said: said.find((words) => words !== '') ?? '',
    code: '',
    why: addresses.find((one) => one !== null) ?? null
  }
}

/** Where the last token error said why (`error_uri`, RFC 6749, section 5.2): the client library does not pass it on. */
export interface ErrorAddress {
  readonly last: () => string | null
}

/** Notices `error_uri` of the errors that a window gets as JSON. */
export const noticedErrors = (window: Pick<AppWindow, 'fetch'>): ErrorAddress => {
  const fetched = window.fetch.bind(window)
  let last: string | null = null
  window.fetch = async (url, options) => {
    last = null
    const response = await fetched(url, options)
    if (!response.ok && (response.headers.get('content-type') ?? '').includes('json'))
      last = linkTo(
        stringAt(
          await response
            .clone()
            .json()
            .catch(() => null),
          'error_uri'
        )
      )
    return response
  }
  return { last: () => last }
}

/** The JSON of a text; null for none. */
const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The rest of the message of the library, after the lines with the status and the address. */
const bodyOf = (message: string): string => message.split('\n').slice(2).join('\n').trim()

const wordsOf = (failure: unknown): string => (failure instanceof Error ? failure.message : String(failure))

/**
 * What a failure says.
 *
 * @example
 * ```ts
 * import { problemOf } from './problem.js'
 *
 * problemOf(new TypeError('Failed to fetch')).sentence
 * // => 'The record system did not answer: it does not run, or this page may not read its answers.'
 * ```
 */
export const problemOf = (failure: unknown): Problem => {
  const status = part(failure, 'status')
  const message = wordsOf(failure)
  if (typeof status === 'number') {
    const body = bodyOf(message)
    const outcome = jsonIn(body.replace(/\}[^}]*$/, '}'))
    if (stringAt(outcome, 'resourceType') === 'OperationOutcome') return outcomeProblem(outcome, status)
    const [, code = '', said = ''] = /^([a-z_]+)(?:: ([^\n]*))?/.exec(body) ?? []
    return { sentence: sentenceFor(code, status), said, code, why: null }
  }
  if (/failed to fetch|networkerror|load failed/i.test(message) && !message.includes('well-known'))
    return {
      sentence: 'The record system did not answer: it does not run, or this page may not read its answers.',
      said: '',
      code: '',
      why: null
    }
  return { sentence: 'The app could not go on.', said: message, code: '', why: null }
}
