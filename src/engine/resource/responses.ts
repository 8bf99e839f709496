/**
 * The gate's own responses, and reading those of the upstream FHIR server.
 *
 * @module
 */
import * as Option from 'fp-ts/lib/Option.js'
import type { MemoryExceeded, StopReason } from './cost.js'
import type { DenyReason } from '../../protocol/access/decision-types.js'
import type { MalformedRequestReason, Resource } from '../../protocol/access/fhir-interaction.js'
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

/** The response for a resource that does not exist, and for one that is hidden. */
export const notFoundResponse = (): PlainResponse => outcome(404, 'not-found', 'There is no such resource.')

/**
 * The response to insufficient scopes (RFC 6750, section 3.1); `because` gives the reason if the missing scopes alone
 * do not.
 */
export const insufficientScope = (missing: ReadonlyArray<string> = [], because = ''): PlainResponse => {
  const scope = missing.length === 0 ? '' : `, scope="${missing.join(' ')}"`
  const words = [
    'The token does not allow this.',
    because,
    missing.length === 0 ? '' : `It would need: ${missing.join(' ')}`
  ]
  return outcome(403, 'forbidden', words.filter((one) => one !== '').join(' '), {
    'www-authenticate': `${bearerChallenge({ _tag: 'AccessNotGranted' })}${scope}`
  })
}

/** Descriptions of why a request cannot be read. */
const unreadable: Readonly<Partial<Record<DenyReason, string>>> & Readonly<Record<MalformedRequestReason, string>> = {
  'path-encoding': 'its path is not encoded as it must be',
  query: 'its query, form or condition is not one that can be searched by, or too long a one',
  'not-json': 'its body is no JSON, which is the only format here',
  'too-deep': 'its body is nested too deep',
  'not-a-resource': 'its body is no FHIR resource',
  'wrong-type': 'the resource in it is of another type than its address, or its Bundle is none',
  'wrong-id': 'the resource in it has another id than its address, or none',
  'bundle-entry': 'an entry of its Bundle lacks its request, or that lacks method or url',
  'unknown-type': 'there is no such type of resource'
}

/** Descriptions of why a request is denied that no scope of the app's level permits. */
const closed: Readonly<Partial<Record<DenyReason, string>>> = {
  'acting-type':
    'The server would act by such a resource beyond what its user may do; this server does not open that to ' +
    'apps of users.'
}

/** The response to a denied request. */
export const accessDenied = (reason: DenyReason, missing: ReadonlyArray<string>): PlainResponse =>
  unreadable[reason] === undefined
    ? insufficientScope(missing, closed[reason])
    : outcome(400, 'invalid', `The request cannot be read: ${unreadable[reason]}.`)

/**
 * Whether a response reports a failure between the gate and the upstream server, and says nothing about the resource.
 */
export const isUpstreamError = ({ status }: PlainResponse): boolean => status >= 500 || status === 401 || status === 429

/** The upstream FHIR server failed, which says nothing about the resource. */
export const upstreamFailed = (): PlainResponse => outcome(502, 'exception', 'The FHIR server could not answer.')

/** The upstream FHIR server did not respond. */
export const upstreamUnavailable = (): PlainResponse => outcome(503, 'transient', 'The FHIR server does not answer.')

/** Descriptions of the exceeded limits. */
const beyond = {
  requests: 'It would take too many requests to the FHIR server.',
  answer: 'The answer of the FHIR server is too large.',
  held: 'The answer becomes too large.',
  entries: 'The Bundle has too many entries.'
} as const

/** The request exceeds the limits of one request. */
export const costExceeded = (because: keyof typeof beyond): PlainResponse => outcome(413, 'too-costly', beyond[because])

/** All requests together hold too much memory: the same request can succeed later. */
const busy = (): PlainResponse =>
  outcome(503, 'transient', 'Too much is being answered at once. Try again later.', { 'retry-after': '5' })

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
    case 'TooCostly':
      return costExceeded(stop.because)
    case 'Busy':
      return busy()
    case 'ClientLeft':
      return outcome(503, 'transient', 'The client has left.')
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

/** The address of a Bundle's next page; null if there is none. */
export const nextOf = (bundle: Resource): string | null => {
  const links = Array.isArray(bundle['link']) ? (bundle['link'] as ReadonlyArray<unknown>) : []
  const next = links.filter(isObject).find(({ relation }) => relation === 'next')
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
