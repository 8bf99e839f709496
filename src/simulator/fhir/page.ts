/**
 * Pages of results. A page link has the parameters of the search, the number of the results before the page, and the
 * time of the first page: later pages show the records as they were then, so that writes move no result from one page
 * to another. Source: FHIR R4, http.html, 3.1.0.4.1 (paging).
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Records } from './records.js'
import { lastChange } from './records.js'
import { operationOutcome } from './responses.js'
import type { Parameters } from '../../protocol/http/form.js'
import { readForm, valueOf } from '../../protocol/http/form.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { limits } from '../../values/limits/limits.js'
import { below } from '../../values/urls.js'

/** The parameter of the server's own page links: the number of preceding results, and a time in milliseconds. */
const cursorParameter = '_cursor'

/** The page that a request asks for. */
export interface Page {
  readonly count: number
  readonly offset: number
  /** The time of the first page in milliseconds; null for the first page itself. */
  readonly at: number | null
}

/** The parameters of a request, or the error response. */
export const readParameters = (query: string): Either.Either<PlainResponse, Parameters> => {
  const parameters = readForm(query)
  if (Either.isLeft(parameters))
    return Either.left(operationOutcome(400, 'invalid', 'A parameter is not UTF-8 text in form encoding.'))
  // The form reader treats an empty parameter as omitted; in a search that would widen the result.
  const empty = query.split('&').find((pair) => pair !== '' && !/=./s.test(pair))
  return empty === undefined
    ? parameters
    : Either.left(operationOutcome(400, 'invalid', `The search parameter ${empty.replace(/=$/, '')} has no value.`))
}

/** The page of a request: `_count`, at most the limit of one page, and the place of a page link. */
export const readPage = (parameters: Parameters): Either.Either<PlainResponse, Page> => {
  const [count, cursor] = [valueOf(parameters, '_count'), valueOf(parameters, cursorParameter)]
  if (count !== null && !/^[0-9]{1,6}$/.test(count))
    return Either.left(operationOutcome(400, 'invalid', '_count must be a whole number.'))
  const [, offset, at] = cursor === null ? ['', '0', null] : (/^([0-9]{1,7})-([0-9]{1,15})$/.exec(cursor) ?? [])
  if (offset === undefined) return Either.left(operationOutcome(400, 'invalid', 'The page link is malformed.'))
  const most = limits.simulatorPage.default
  return Either.right({
    count: count === null ? most : Math.min(Number(count), most),
    offset: Number(offset),
    at: at === null || at === undefined ? null : Number(at)
  })
}

/** The results on a page. */
export const onPage = <Item>({ count, offset }: Page, items: ReadonlyArray<Item>): ReadonlyArray<Item> =>
  items.slice(offset, offset + count)

/** The address whose pages are linked: the base, a path and the parameters of the request. */
export interface PageAddress {
  readonly fhirBaseUrl: string
  readonly path: string
  readonly parameters: Parameters
}

/** The links of a page of so many results: `self`, and `first`, `previous` and `next` where there are such pages. */
export const pageLinks = (
  { fhirBaseUrl, path, parameters }: PageAddress,
  records: Records,
  page: Page,
  total: number
): ReadonlyArray<{ readonly relation: string; readonly url: string }> => {
  const { count, offset } = page
  let at = page.at
  const link = (relation: string, from: number | null): { readonly relation: string; readonly url: string } => {
    const query = new URLSearchParams()
    for (const [name, values] of parameters) {
      if (name !== cursorParameter) for (const value of values) query.append(name, value)
    }
    if (from !== null) {
      at ??= lastChange(records)
      query.append(cursorParameter, `${String(from)}-${String(at)}`)
    }
    const text = query.toString()
    return { relation, url: `${below(fhirBaseUrl, path)}${text === '' ? '' : `?${text}`}` }
  }
  return [
    link('self', page.at === null ? null : offset),
    ...(count === 0 || total <= count ? [] : [link('first', 0)]),
    ...(count === 0 || offset === 0 ? [] : [link('previous', Math.max(0, offset - count))]),
    ...(count === 0 || offset + count >= total ? [] : [link('next', offset + count)])
  ]
}
