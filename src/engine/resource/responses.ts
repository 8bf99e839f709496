/**
 * The gate's own responses, and reading those of the upstream FHIR server.
 *
 * @module
 */
import * as Option from 'fp-ts/lib/Option.js'
import type { MemoryExceeded, StopReason } from './cost.js'
import { accessRefusalOf, accessRefusalSystem } from '../../protocol/access/access-refusals.js'
import type { Resource } from '../../protocol/access/fhir-interaction.js'
import { deepestBody } from '../../protocol/access/read-interaction.js'
import { isResource } from '../../protocol/access/fhir-interaction.js'
import { fhirJsonUtf8Type } from '../../protocol/http/media-type.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { bearerChallenge } from '../../protocol/errors/refusal-table.js'
import { isNestedWithin, parseJson } from '../../values/json.js'
import { headerOf } from '../../protocol/http/message.js'
import { isObject } from '../../values/object.js'
import { ownMember } from '../../values/own.js'

/** A FHIR response that must not be cached, because it depends on the token. */
export const fhirResponse = (status: number, body: unknown, headers: PlainResponse['headers'] = {}): PlainResponse => ({
  status,
  headers: { ...headers, 'content-type': fhirJsonUtf8Type, 'cache-control': 'no-store' },
  body: body === null ? '' : JSON.stringify(body)
})

/** An error response with an OperationOutcome. */
export const outcome = (
  status: number,
  code: string,
  diagnostics: string,
  headers: PlainResponse['headers'] = {}
): PlainResponse =>
  fhirResponse(status, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics }] }, headers)

/** A response of the gate, with the rule that refused the request, for the audit event. Clients never get `rule`. */
export interface GateResponse extends PlainResponse {
  readonly rule?: string
}

/** A response as it leaves the gate: without the rule. */
export const withoutRule = ({ status, headers, body }: PlainResponse): PlainResponse => ({ status, headers, body })

/** The details of an issue: the rule as clients see it. */
const detailsOf = (rule: string) => {
  const row = accessRefusalOf(rule)
  const shown = (row === undefined ? undefined : ownMember(row, 'shownAs')) ?? rule
  const text = accessRefusalOf(shown)?.sentence
  return { coding: [{ system: accessRefusalSystem, code: shown }], ...(text === undefined ? {} : { text }) }
}

/**
 * An error response that names the rule by which the request is refused, for the client and for the audit event.
 * `diagnostics` is the sentence of the rule unless there is more to say.
 */
export const refusalBy = (
  rule: string,
  status: number,
  code: string,
  diagnostics: string = accessRefusalOf(rule)?.sentence ?? '',
  headers: PlainResponse['headers'] = {}
): GateResponse => ({
  ...fhirResponse(
    status,
    { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, details: detailsOf(rule), diagnostics }] },
    headers
  ),
  rule
})

/**
 * The response for a resource that does not exist, and for one that is hidden: both are the same, and only the audit
 * event has the difference.
 */
export const notFoundResponse = (
  rule: 'resource-found' | 'resource-permitted' | 'resource-within-limits' = 'resource-found'
): GateResponse => refusalBy(rule, 404, 'not-found', 'There is no such resource.')

/**
 * The response to a search in a compartment that shows nothing, the same for an owner that does not exist, for one that
 * is hidden, and at a server without such searches; null for a patient's compartment and for a search in none.
 */
export const compartmentShowsNothing = ({
  compartment,
  type
}: {
  readonly compartment: { readonly type: string } | null
  readonly type: string | null
}): GateResponse | null =>
  compartment === null || compartment.type === 'Patient'
    ? null
    : refusalBy(
        'compartment-shows-nothing',
        404,
        'not-found',
        `Nothing is found here, or this server has no searches in the compartments of ${compartment.type}. ` +
          `Search ${type ?? 'a type'} with a parameter instead.`
      )

/**
 * The response to insufficient scopes (RFC 6750, section 3.1); `rule` is the broken rule, whose sentence gives the
 * reason if the missing scopes alone do not. `isHopeless` says that it is known that no scope would do.
 */
export const insufficientScope = (
  missing: ReadonlyArray<string> = [],
  rule: string = 'scope-sufficient',
  isHopeless = false
): GateResponse => {
  const scope = missing.length === 0 ? '' : `, scope="${missing.join(' ')}"`
  const words = [
    'The token does not allow this.',
    rule === 'scope-sufficient' && missing.length > 0 ? '' : (accessRefusalOf(rule)?.sentence ?? ''),
    missing.length === 0 ? '' : `It would need: ${missing.join(' ')}`,
    isHopeless ? 'No scope that this app can be granted would permit it.' : ''
  ]
  return refusalBy(rule, 403, 'forbidden', words.filter((one) => one !== '').join(' '), {
    'www-authenticate': `${bearerChallenge({ _tag: 'AccessNotGranted' })}${scope}`
  })
}

/**
 * Whether a response reports a failure between the gate and the upstream server, and says nothing about the resource:
 * also a redirect, which the gate does not follow, 304, because no request of the gate depends on what a client has,
 * and what a proxy says about itself (407, 408). 501 is no failure but a refusal: the server lacks the interaction.
 */
export const isUpstreamError = ({ status }: PlainResponse): boolean =>
  (status >= 500 && status !== 501) || [401, 407, 408, 429].includes(status) || (status >= 300 && status < 400)

/** A `Retry-After` as RFC 9110, section 10.2.3, defines it: seconds, or a date of HTTP. */
const isRetryAfter = (value: string): boolean =>
  /^(?:[0-9]{1,9}|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT)$/.test(value)

/** The upstream server asks for patience (429, 503): its status and its `Retry-After` are forwarded. */
const patienceAsked = (response: PlainResponse): GateResponse => {
  const field = headerOf(response, 'retry-after')
  const after = typeof field === 'string' && isRetryAfter(field.trim()) ? field.trim() : null
  return refusalBy(
    'server-patience',
    response.status,
    response.status === 429 ? 'throttled' : 'transient',
    `The FHIR server asks to try again later${after === null ? '' : ` (Retry-After: ${after})`}.`,
    after === null ? {} : { 'retry-after': after }
  )
}

/**
 * The upstream FHIR server failed, which says nothing about the resource. 429 and 503 are forwarded with `Retry-After`;
 * all other failures are 502: also 401, 403 and 407, because the gate's credentials are the matter of the host.
 */
export const upstreamFailed = (response?: PlainResponse): GateResponse => {
  if (response?.status === 429 || response?.status === 503) return patienceAsked(response)
  const isAboutCredentials = response !== undefined && [401, 403, 407].includes(response.status)
  return refusalBy(
    isAboutCredentials ? 'server-credentials' : 'server-answers',
    502,
    'exception',
    'The FHIR server could not answer.'
  )
}

const unexpectedAnswer = (diagnostics: string): GateResponse =>
  refusalBy('server-answers', 502, 'exception', diagnostics)

/** The upstream server answered a read with something that is no resource. */
export const answeredWithoutResource = (): GateResponse =>
  unexpectedAnswer('The FHIR server did not answer with the resource.')

/** The upstream server answered a request for a history with a Bundle of another type. */
export const answeredWithoutHistory = (): GateResponse =>
  unexpectedAnswer('The FHIR server did not answer with a history. It may have no history of this kind.')

/** The upstream server answered the status of a job that is done with something that is no manifest. */
export const answeredWithoutManifest = (): GateResponse =>
  unexpectedAnswer('The FHIR server answered with no manifest of files. The job may have been canceled.')

/**
 * Whether the answer to a read says nothing about the resource: neither a refusal nor a resource, but the page of a
 * proxy, an OperationOutcome, or nothing. A text of some resource counts as one, also if it cannot be read: a hidden
 * resource of this kind must look like one that does not exist.
 */
export const isWithoutResource = (response: PlainResponse): boolean =>
  response.status < 400 &&
  (response.status !== 200 ||
    !(/^\s*\{/.test(response.body) && response.body.includes('"resourceType"')) ||
    resourceIn(response)?.resourceType === 'OperationOutcome')

/**
 * Whether the success of a write is that of a FHIR server: 201, or a status of success with JSON or without a body.
 * Anything else is the page of a proxy, perhaps, and it is not known whether something was written.
 */
export const isWriteSuccess = ({ body, status }: PlainResponse): boolean =>
  status === 201 || ([200, 202, 204].includes(status) && /^\s*(?:\{|$)/.test(body))

/** The upstream server answered a write with something that does not say whether it was carried out. */
export const writeUnknown = (): GateResponse =>
  unexpectedAnswer(
    'The FHIR server did not answer as one that writes, so it is not known whether anything was written.'
  )

/** The link to the next page leads away from the server. */
export const pageElsewhere = (): GateResponse =>
  unexpectedAnswer(
    'The link of the FHIR server to the next page leads away from the base URL of the server, so that page cannot be ' +
      'read. The operator of this server can list other base URLs of the FHIR server as its aliases.'
  )

/** The links of the pages lead to a page that was read before, so it is not known whether the results are whole. */
export const pagesGoRound = (): GateResponse =>
  unexpectedAnswer(
    'The FHIR server leads in a circle: its link to the next page names a page that was read before. ' +
      'The results may not be whole.'
  )

/** The upstream FHIR server did not respond. */
export const upstreamUnavailable = (): GateResponse =>
  refusalBy('server-answers', 503, 'transient', 'The FHIR server does not answer.')

/** A function of the host (`userMay`, `reader`) failed: access is not granted, and the client does not learn why. */
export const hostFunctionFailed = (): GateResponse => ({ ...upstreamUnavailable(), rule: 'host-functions-work' })

/** Descriptions of the exceeded limits. */
const beyond = {
  requests: 'It would take too many requests to the FHIR server.',
  answer: 'The answer of the FHIR server is too large.',
  held: 'The answer becomes too large.',
  entries: 'The Bundle has too many entries.'
} as const

/** The request exceeds the limits of one request. */
export const costExceeded = (because: keyof typeof beyond): GateResponse =>
  refusalBy('within-limits', 413, 'too-costly', beyond[because])

/** All requests together hold too much memory: the same request can succeed later. */
const busy = (): GateResponse =>
  refusalBy('not-overloaded', 503, 'transient', 'Too much is being answered at once. Try again later.', {
    'retry-after': '5'
  })

/**
 * The response when the memory limit is exceeded; `beyondOwn` is the response if this request alone exceeds its limit.
 */
export const memoryExceeded = (
  because: MemoryExceeded,
  beyondOwn: PlainResponse = costExceeded('held')
): PlainResponse => (because === 'held' ? beyondOwn : busy())

/** The response to a request that was stopped. */
export const stopped = (stop: StopReason): PlainResponse => {
  switch (stop._tag) {
    case 'Unavailable':
      return upstreamUnavailable()
    case 'UpstreamFailed':
      return upstreamFailed(stop.response)
    case 'TooCostly':
      return costExceeded(stop.because)
    case 'Busy':
      return busy()
    case 'ClientLeft':
      return refusalBy('client-present', 503, 'transient')
  }
}

/** The resource of a response; null if there is none, or if it is nested too deep to be checked. */
export const resourceIn = (response: PlainResponse): Resource | null => {
  const json = parseJson(response.body)
  return Option.isSome(json) && isResource(json.value) && isNestedWithin(deepestBody, json.value) ? json.value : null
}

/** The part of a Bundle entry that the gate reads. */
export interface Entry {
  readonly fullUrl?: string
  readonly link?: unknown
  readonly resource?: Resource
  readonly search?: { readonly mode?: string }
  readonly request?: { readonly method?: string; readonly url?: string }
  readonly response?: Readonly<Record<string, unknown>>
}

/** Whether a value is an entry whose resource, if it has one, is a resource. */
export const isEntry = (value: unknown): value is Entry =>
  isObject(value) && (ownMember(value, 'resource') === undefined || isResource(value['resource']))

/** The entries of a Bundle; an entry without a resource is left out. */
export const entriesOf = (bundle: Resource): ReadonlyArray<Entry> =>
  (Array.isArray(bundle['entry']) ? (bundle['entry'] as ReadonlyArray<unknown>) : [])
    .filter(isObject)
    .map((entry) => entry as Entry)
    .filter(({ resource }) => resource === undefined || isResource(resource))

/** The address of a Bundle's next page; null if there is none. Case does not count (RFC 8288, section 2.1.1). */
export const nextOf = (bundle: Resource): string | null => {
  const links = Array.isArray(bundle['link']) ? (bundle['link'] as ReadonlyArray<unknown>) : []
  const isNext = ({ relation }: Readonly<Record<string, unknown>>): boolean =>
    typeof relation === 'string' && relation.toLowerCase() === 'next'
  const next = links.filter(isObject).find(isNext)
  return typeof next?.['url'] === 'string' ? next['url'] : null
}

/** The version of a resource: from its `meta`, or from the response's ETag; null if neither has it. */
export const versionOf = (resource: Resource, response: PlainResponse): string | null => {
  const { meta } = resource
  if (isObject(meta) && typeof meta['versionId'] === 'string' && meta['versionId'] !== '') return meta['versionId']
  const etag = headerOf(response, 'etag')
  return typeof etag === 'string' ? (/^W\/"([^"]+)"$/.exec(etag)?.[1] ?? null) : null
}

const opaque = (tag: string): string => tag.replace(/^W\//, '')

/**
 * Whether a header field of entity tags contains a tag, compared weakly; `*` matches any (RFC 9110, sections 8.8.3.2
 * and 13.1).
 */
export const namesTag = (header: string, tag: string): boolean =>
  header.trim() === '*' || (header.match(/(?:W\/)?"[^"]*"/g) ?? []).some((one) => opaque(one) === opaque(tag))
