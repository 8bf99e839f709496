/** Adds the address of a line of the log to the error that an app or a person gets. */
import * as Option from 'fp-ts/lib/Option.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { headerOf } from '../../protocol/http/message.js'
import { parseJson, textOf } from '../../values/json.js'
import { withNumbersAsTexts, withTextsAsNumbers } from '../../values/json-numbers.js'
import { isObject } from '../../values/object.js'

/** The extension of an issue of an OperationOutcome that holds the address. */
export const logLineExtension = 'urn:smart-app-launch:log-line'

/** The issues of an OperationOutcome with the address at the last one, which names the rule. */
const withIssueLink = (issues: ReadonlyArray<unknown>, address: string): ReadonlyArray<unknown> =>
  issues.map((issue, index) =>
    index === issues.length - 1 && isObject(issue)
      ? { extension: [{ url: logLineExtension, valueUrl: address }], ...issue }
      : issue
  )

const linkedJson = (response: PlainResponse, address: string): PlainResponse => {
  const body = Option.toNullable(parseJson(response.body))
  if (!isObject(body)) return response
  if (typeof body['error'] === 'string') return { ...response, body: JSON.stringify({ ...body, error_uri: address }) }
  const issues: unknown = body['resourceType'] === 'OperationOutcome' ? body['issue'] : undefined
  return Array.isArray(issues)
    ? { ...response, body: JSON.stringify({ ...body, issue: withIssueLink(issues, address) }) }
    : response
}

/**
 * A batch response with the address of a line at each refused entry. `lines` are those of the request: one for each
 * entry, in their order, and one for the batch. Every other response is unchanged; numbers keep their digits.
 */
export const linkedEntries = (
  response: PlainResponse,
  lines: ReadonlyArray<{ readonly id: string; readonly refused: boolean }>,
  publicBaseUrl: string
): PlainResponse => {
  if (lines.length < 2 || !lines.some(({ refused }) => refused)) return response
  const bundle = Option.toNullable(parseJson(withNumbersAsTexts(response.body)))
  const entries: unknown = isObject(bundle) && bundle['type'] === 'batch-response' ? bundle['entry'] : undefined
  if (!isObject(bundle) || !Array.isArray(entries) || entries.length !== lines.length - 1) return response
  const entry = entries.map((one: unknown, index) => {
    const { id, refused } = lines[index] ?? { id: '', refused: false }
    const answered = isObject(one) ? one['response'] : undefined
    const outcome = isObject(answered) ? answered['outcome'] : undefined
    if (!refused || !isObject(one) || !isObject(answered) || !isObject(outcome)) return one
    const issues = outcome['issue']
    if (!Array.isArray(issues)) return one
    const issue = withIssueLink(issues, lineAddress(publicBaseUrl, id))
    return { ...one, response: { ...answered, outcome: { ...outcome, issue } } }
  })
  return { ...response, body: withTextsAsNumbers(JSON.stringify({ ...bundle, entry })) }
}

/**
 * The response to each entry of a batch, as a response of its own, of which `count` are expected; null if the response
 * is no answer to so many entries.
 */
export const entryResponses = (response: PlainResponse, count: number): ReadonlyArray<PlainResponse> | null => {
  const bundle = Option.toNullable(parseJson(response.body))
  const entries: unknown = isObject(bundle) && bundle['type'] === 'batch-response' ? bundle['entry'] : undefined
  if (!Array.isArray(entries) || entries.length !== count) return null
  return entries.map((entry: unknown) => {
    const answered: unknown = isObject(entry) ? entry['response'] : undefined
    const { outcome, status } = isObject(answered) ? answered : {}
    return { status: Number.parseInt(textOf(status), 10) || 0, headers: {}, body: JSON.stringify(outcome ?? null) }
  })
}

/** A redirect with an error to an app, with room for the address of a line. Every other response is unchanged. */
export const withErrorUri = (response: PlainResponse): PlainResponse => {
  const location = headerOf(response, 'location')
  return typeof location !== 'string' || !/[?&]error=/.test(location) || /[?&]error_uri=/.test(location)
    ? response
    : { ...response, headers: { ...response.headers, location: `${location}&error_uri=` } }
}

/** The address of a line. */
const lineAddress = (publicBaseUrl: string, id: string): string => `${publicBaseUrl}/ehr/log/${id}`

/** The link of a page to the whole log. */
export const logLink = (homePath: string): string => `href="${homePath}/ehr/log"`

/**
 * The response with the address of the line: `error_uri` of an OAuth error, an extension of an OperationOutcome, or the
 * link to the log on an error page. Every other response is unchanged.
 */
export const linkedAnswer = (
  response: PlainResponse,
  line: { readonly homePath: string; readonly publicBaseUrl: string; readonly id: string }
): PlainResponse => {
  const address = lineAddress(line.publicBaseUrl, line.id)
  const location = headerOf(response, 'location')
  if (typeof location === 'string') {
    const linked = location.replace(
      /([?&]error_uri=)[^&#]*/,
      (_all, name: string) => name + encodeURIComponent(address)
    )
    return linked === location ? response : { ...response, headers: { ...response.headers, location: linked } }
  }
  if (response.status < 400) return response
  const type = [headerOf(response, 'content-type') ?? ''].flat().join()
  if (type.includes('json')) return linkedJson(response, address)
  const link = logLink(line.homePath)
  return { ...response, body: response.body.replace(link, () => link.replace(/"$/, `/${line.id}"`)) }
}
