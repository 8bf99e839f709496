/**
 * What the upstream FHIR server says about a request that it refuses, and its warnings, as far as clients may read it.
 *
 * Only the issues pass, member by member, and only what can tell nothing hidden: nothing that the gate added to the
 * request, nothing about stored data that the token may not read, and no resource that the request does not name.
 *
 * @module
 */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { withoutInternalAddresses } from './addresses/internal-addresses.js'
import type { StopReason } from './cost.js'
import type { GateContext, GateOptions } from './gate-context.js'
import type { Entry, GateResponse } from './responses.js'
import { fhirResponse, isUpstreamError, notFoundResponse, refusalBy, resourceIn, upstreamFailed } from './responses.js'
import { alternativesIn } from '../../protocol/access/alternatives.js'
import { accessRefusalSystem, accessRefusals } from '../../protocol/access/access-refusals.js'
import type { Resource } from '../../protocol/access/fhir-interaction.js'
import { isAnswered } from '../../protocol/access/missing-scopes.js'
import { releaseIn } from '../../protocol/access/release.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import type { Permission } from '../../scopes/scope.js'
import { limits } from '../../values/limits/limits.js'
import { isObject } from '../../values/object.js'
import { noMembers, ownMember } from '../../values/own.js'

/**
 * How much of an issue passes if something may be hidden from the token. `request`: severity, code, texts and places,
 * because the issue speaks of what the client sent. `place`: no texts. `code`: neither texts nor places. If nothing can
 * be hidden, the whole issue passes.
 */
export type IssueReach = 'request' | 'place' | 'code'

/** Codes of issues about the request itself. Texts of others may speak of stored data (FHIR R4, issue-type). */
const aboutRequest: ReadonlySet<unknown> = new Set([
  'invalid',
  'structure',
  'required',
  'value',
  'invariant',
  'processing',
  'not-supported',
  'too-long',
  'code-invalid',
  'extension',
  'business-rule',
  'conflict',
  'incomplete',
  'informational'
])

const severities: ReadonlySet<unknown> = new Set(['fatal', 'error', 'warning', 'information'])

/** Issues and texts beyond these are left out. */
const [issueLimit, textLimit] = [limits.fhirForwardedIssues.default, limits.fhirForwardedText.default]

/** A path without values: names, indexes and calls without quoted texts. */
const isPlainPath = (path: unknown): path is string =>
  typeof path === 'string' && /^[A-Za-z0-9_.[\]():/@*-]{1,200}$/.test(path)

/** The resources that a text names; `f:` is a prefix in an XPath (`/f:Observation/f:status`). */
const namesIn = (types: ReadonlySet<string>, text: string): ReadonlyArray<string> =>
  [...text.matchAll(/\b([A-Za-z]+)\/(?!f:)((?:[^\W_]|[.-])+)/g)].flatMap(([, type = '', id = '']) =>
    types.has(type) ? [`${type}/${id.replace(/\.+$/, '')}`] : []
  )

/** The query of a request is read decoded and as it is. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Tests whether a text names only resources that the request names. */
const namesOnly = (types: ReadonlySet<string>, requestText: string): ((text: string) => boolean) => {
  const known = new Set([...namesIn(types, requestText), ...namesIn(types, decoded(requestText))])
  return (text) => namesIn(types, text).every((name) => known.has(name))
}

/** The texts of an issue that may pass. */
const textsOf = (
  issue: Readonly<Record<string, unknown>>,
  isTold: (text: string) => boolean,
  shownText: (text: string) => string
) => {
  const shows = (value: unknown): ReadonlyArray<string> =>
    typeof value === 'string' && value.length <= textLimit && isTold(value) ? [shownText(value)] : []
  const details = ownMember(issue, 'details')
  const coding = isObject(details) ? ownMember(details, 'coding') : undefined
  const codings = (Array.isArray(coding) ? (coding as ReadonlyArray<unknown>) : []).filter(isObject).flatMap((one) => {
    const members = ['system', 'code', 'display'].flatMap((name) => shows(one[name]).map((text) => [name, text]))
    // A rule of the gate is named by the gate alone.
    return members.length === 0 || one['system'] === accessRefusalSystem ? [] : [Object.fromEntries(members) as object]
  })
  const [text] = shows(isObject(details) ? ownMember(details, 'text') : undefined)
  const shown = { ...(codings.length === 0 ? {} : { coding: codings }), ...(text === undefined ? {} : { text }) }
  const [diagnostics] = shows(ownMember(issue, 'diagnostics'))
  return {
    ...(Object.keys(shown).length === 0 ? {} : { details: shown }),
    ...(diagnostics === undefined ? {} : { diagnostics })
  }
}

const placesOf = (issue: Readonly<Record<string, unknown>>, isPlace: (value: unknown) => boolean) =>
  Object.fromEntries(
    ['expression', 'location'].flatMap((name) => {
      const value = ownMember(issue, name)
      const places = Array.isArray(value) ? (value as ReadonlyArray<unknown>).filter(isPlace) : []
      return places.length === 0 ? [] : [[name, places] as const]
    })
  )

/** The issues of an OperationOutcome as far as they pass; `reach` is null if nothing can be hidden. */
const issuesIn = (
  outcome: Resource | null,
  reach: IssueReach | null,
  requestText: string,
  options: GateOptions
): ReadonlyArray<Readonly<Record<string, unknown>>> => {
  const given = outcome?.resourceType === 'OperationOutcome' ? outcome['issue'] : null
  const issues = Array.isArray(given) ? (given as ReadonlyArray<unknown>).filter(isObject) : []
  const isOfRequest = namesOnly(releaseIn(options.rules ?? noMembers).types, issues.length === 0 ? '' : requestText)
  const shownText = withoutInternalAddresses(options, requestText)
  return issues.slice(0, issueLimit).flatMap((issue) => {
    const [severity, code] = [ownMember(issue, 'severity'), ownMember(issue, 'code')]
    if (!severities.has(severity) || typeof code !== 'string' || !/^[a-z-]{1,40}$/.test(code)) return []
    const isTold = (text: string): boolean =>
      reach === null || (reach === 'request' && aboutRequest.has(code) && isOfRequest(text))
    const isPlace = (value: unknown): boolean =>
      typeof value === 'string' && (isTold(value) || (reach === 'place' && isPlainPath(value)))
    return [{ severity, code, ...textsOf(issue, isTold, shownText), ...placesOf(issue, isPlace) }]
  })
}

/** What a client asks, as a text. */
export const askedIn = ({ path, query, body }: PlainRequest): string => `${path} ${query} ${body}`

/** Whether the token has a permission for everything of a type, null for every type, without a limit. */
export const mayAll = (
  { facts, options }: Pick<GateContext, 'facts' | 'options'>,
  type: string | null,
  permission: Permission
): boolean => isAnswered(alternativesIn(facts, options.rules ?? noMembers))({ type, permission, isUnlimited: true })

/** Whether nothing at the server can be hidden from the token: it may read and search everything. */
export const hidesNothing = (gateContext: GateContext): boolean =>
  mayAll(gateContext, null, 'r') && mayAll(gateContext, null, 's')

/**
 * The response to a request for one resource whose upstream response is too large to be checked: as for a resource that
 * does not exist, unless nothing can be hidden.
 */
export const hiddenIfTooLarge =
  <A>(gateContext: GateContext, refused: (refusal: PlainResponse) => A) =>
  (result: TaskEither.TaskEither<StopReason, A>): TaskEither.TaskEither<StopReason, A> =>
    TaskEither.orElse((stop: StopReason) =>
      stop._tag === 'TooCostly' && stop.because === 'answer' && !hidesNothing(gateContext)
        ? TaskEither.right(refused(notFoundResponse('resource-within-limits')))
        : TaskEither.left(stop)
    )(result)

const forwardedStatuses: ReadonlySet<number> = new Set(accessRefusals['server-accepts'].statuses)

/**
 * The response to a request that the upstream server refuses. A failure of the server gives {@link upstreamFailed}; a
 * refusal keeps its status, and the issues pass as far as `reach` says. `requestText` is the text of the client's
 * request: a text of the server that names another resource does not pass.
 *
 * The rule of this server comes first in the issues, with no text of the upstream server in it.
 */
export const upstreamRefused = (
  gateContext: GateContext,
  response: PlainResponse,
  reach: IssueReach,
  requestText: string
): GateResponse => {
  if (isUpstreamError(response) || response.status === 403 || response.status < 400) return upstreamFailed(response)
  const status = forwardedStatuses.has(response.status) ? response.status : 400
  const issues = issuesIn(
    resourceIn(response),
    hidesNothing(gateContext) ? null : reach,
    requestText,
    gateContext.options
  )
  const own = refusalBy('server-accepts', status, status === 409 || status === 412 ? 'conflict' : 'processing')
  if (issues.length === 0) return own
  // The first issue is the server's, because clients show it; the last one names the rule.
  const named: unknown = resourceIn(own)?.['issue']
  const rule = (Array.isArray(named) ? named.filter(isObject) : []).map((one) => ({
    ...one,
    severity: 'information',
    code: 'informational'
  }))
  return {
    ...fhirResponse(status, { resourceType: 'OperationOutcome', issue: [...issues, ...rule] }),
    rule: 'server-accepts'
  }
}

/**
 * The warnings of a search (`search.mode` `outcome`) as far as they pass; see {@link upstreamRefused}. Entries without
 * an issue are left out.
 */
export const warningsIn = (
  gateContext: GateContext,
  entries: ReadonlyArray<Entry>,
  reach: IssueReach,
  requestText: string
): ReadonlyArray<Entry> => {
  const given = entries.filter(({ search }) => search?.mode === 'outcome')
  if (given.length === 0) return []
  const open = hidesNothing(gateContext) ? null : reach
  return given.slice(0, issueLimit).flatMap(({ resource }) => {
    const issue = issuesIn(resource ?? null, open, requestText, gateContext.options)
    return issue.length === 0
      ? []
      : [{ resource: { resourceType: 'OperationOutcome', issue }, search: { mode: 'outcome' } }]
  })
}
