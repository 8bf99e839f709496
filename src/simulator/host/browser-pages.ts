/**
 * What browsers get in place of answers for programs: the right name of this machine, and pages for FHIR errors and for
 * requests that could not be read. Other clients get the answers unchanged.
 */
import * as Option from 'fp-ts/lib/Option.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import { refusalResponse } from './conversation.js'
import { actions, card, linkButton, notice } from '../design/parts.js'
import { page } from '../design/shell.js'
import { logLineExtension } from '../log/linked-answer.js'
import type { RequestHandler } from '../../engine/server/http-handler.js'
import { foreignText, html } from '../../host/html.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { seeOther } from '../../protocol/http/message.js'
import { parseJson } from '../../values/json.js'
import { isForBrowser, isOtherName } from '../settings/wrong-base.js'
import type { JsonObject } from '../../values/object.js'
import { isObject } from '../../values/object.js'
import { originOf, pathOf } from '../../values/urls.js'

/**
 * The address of a page at the public base URL, for a request that came by another name of this machine (`localhost`
 * for `127.0.0.1`); null for any other request. Cookies and links belong to one name.
 */
const rightAddress = (publicBaseUrl: string, request: PlainRequest): string | null =>
  !isOtherName(publicBaseUrl, request) || request.path.startsWith('/elsewhere/')
    ? null
    : `${originOf(publicBaseUrl)}${request.path}${request.query === '' ? '' : `?${request.query}`}`

const outcomeIn = ({ body }: PlainResponse): JsonObject | null => {
  const json = parseJson(body)
  return Option.isSome(json) && isObject(json.value) && json.value['resourceType'] === 'OperationOutcome'
    ? json.value
    : null
}

const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** The sentences of an OperationOutcome. */
const sentencesOf = (outcome: JsonObject): ReadonlyArray<string> =>
  listOf(outcome['issue']).flatMap((issue) => {
    const { diagnostics, details } = isObject(issue) ? issue : {}
    const text = isObject(details) ? details['text'] : undefined
    return [diagnostics, text].filter((one): one is string => typeof one === 'string').slice(0, 1)
  })

/** The address of the line of the log that an OperationOutcome names; null if it names none of this server. */
const logLineIn = (publicBaseUrl: string, outcome: JsonObject): string | null =>
  listOf(outcome['issue'])
    .flatMap((issue) => (isObject(issue) ? listOf(issue['extension']) : []))
    .flatMap((one) => (isObject(one) && one['url'] === logLineExtension ? [one['valueUrl']] : []))
    .find((url): url is string => typeof url === 'string' && url.startsWith(`${publicBaseUrl}/ehr/log/`)) ?? null

const titles: ReadonlyMap<number, string> = new Map([
  [401, 'FHIR data need an access token'],
  [403, 'The access token does not allow this'],
  [404, 'There is no such resource']
])

const outcomePage = (publicBaseUrl: string, response: PlainResponse, outcome: JsonObject): PlainResponse => {
  const homePath = pathOf(publicBaseUrl)
  const line = logLineIn(publicBaseUrl, outcome)
  const shown = page({
    homePath,
    status: response.status,
    title: titles.get(response.status) ?? 'The FHIR server refused this',
    layout: 'desk',
    body: html`${sentencesOf(outcome).map((sentence) => notice('warn', html`<p>${foreignText(sentence)}</p>`))}
<p>This is an address for apps. An app sends the access token that it got in a launch.</p>
${actions([
  linkButton(`${homePath}/`, html`Launch an app`, 'main'),
  ...(line === null ? [] : [linkButton(line, html`See why in the log`)])
])}
${card(
  html`The answer that apps get`,
  html`<pre class="copyable" tabindex="0">${JSON.stringify(outcome, null, 2)
    .split('\n')
    .map((text) => html`${text}`)}</pre>`
)}`
  })
  // The challenge and the permissions for pages of apps stay; the type and the length are those of the page.
  const { 'content-type': _type, 'content-length': _length, ...headers } = response.headers
  return { ...shown, headers: { ...headers, ...shown.headers } }
}

/** Whether a browser looks for an icon by itself, as it does for each page without a link to one. No app is meant. */
const isIcon = ({ method, path }: PlainRequest): boolean =>
  (method === 'GET' || method === 'HEAD') && path.endsWith('/favicon.ico')

/** The handler, with pages for browsers. */
export const withBrowserPages = (publicBaseUrl: string, handler: RequestHandler): RequestHandler => {
  const homePath = pathOf(publicBaseUrl)
  const isFhir = (path: string): boolean => /^(?:\/sim\/[^/]+)?\/fhir(?:\/|$)/.test(path.slice(homePath.length))
  const answer: RequestHandler = (request) => {
    if (isIcon(request)) return Task.of(seeOther(`${homePath}/favicon.svg`))
    if (!isForBrowser(request)) return handler(request)
    const right = rightAddress(publicBaseUrl, request)
    if (right !== null) return Task.of(seeOther(right))
    return isFhir(request.path)
      ? pipe(
          handler(request),
          Task.map((response) => {
            const outcome = response.status >= 400 ? outcomeIn(response) : null
            return outcome === null ? response : outcomePage(publicBaseUrl, response, outcome)
          })
        )
      : handler(request)
  }
  const { refused } = handler
  return refused === undefined
    ? answer
    : Object.assign(answer, {
        refused: (request: PlainRequest, because: Refusal | null) =>
          because !== null && isForBrowser({ ...request, method: 'GET' })
            ? Task.of(refusalResponse({ homePath }, because))
            : refused(request, because)
      })
}
