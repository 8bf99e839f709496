/** One line of the log: a decision, with the request and the response in which it was made. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { LogKind } from './decision-words.js'
import { checkedWords, decisionWords } from './decision-words.js'
import { revocationInWords } from './revocation-words.js'
import type { LineServer, Release } from './line-server.js'
import type { ShownRequest } from './shown-request.js'
import type { AuditEvent } from '../../engine/ports.js'
import type { AccessEvent } from '../../protocol/access/access-event.js'
import type { AccessRefusal } from '../../protocol/access/access-refusals.js'
import { accessRefusalOf } from '../../protocol/access/access-refusals.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { sourceUrl } from '../../protocol/errors/refusal.js'
import { refusalDescription, refusalRow } from '../../protocol/errors/refusal-table.js'
import type { Parameters } from '../../protocol/http/form.js'
import { readForm, valueOf } from '../../protocol/http/form.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { headerOf } from '../../protocol/http/message.js'
import { parseJson } from '../../values/json.js'
import { limits } from '../../values/limits/limits.js'
import { isObject } from '../../values/object.js'
import { ownMember } from '../../values/own.js'
import { shown } from '../../values/shown-text.js'

/** The response to a request. */
export interface ShownAnswer {
  readonly status: number
  /** The OAuth error, or the code of the OperationOutcome; null if it is no error. */
  readonly error: string | null
  readonly description: string | null
  /** The address to which the browser goes, without its parameters; null for none. */
  readonly goesTo: string | null
  /** The scopes that would have permitted a FHIR request; null if none are named. */
  readonly neededScopes: string | null
}

/** A line of the log. */
export interface LogLine {
  readonly id: string
  /** Seconds since the epoch. */
  readonly at: number
  readonly server: LineServer
  readonly decision: AuditEvent['decision']
  readonly kind: LogKind
  readonly clientId: string | null
  /** The id that the request names, where the decision names no client: it may be unknown here. Null for none. */
  readonly claimedClientId: string | null
  /** The whole id. No page shows it. */
  readonly grantId: string | null
  /** The subject of the user, where the event names it. */
  readonly userSub: string | null
  /** The id of the patient in the context of the token, where the event names it. */
  readonly patient: string | null
  /** The FHIR interaction of the decision; null for any other decision. */
  readonly access: (Pick<AccessEvent, 'interaction' | 'type'> & { readonly hasId: boolean }) | null
  /** What happened, in a sentence. */
  readonly what: string
  /** The name of the broken rule; null if none was broken. */
  readonly rule: string | null
  /** What else the refusal says: names and values. */
  readonly details: ReadonlyArray<readonly [name: string, value: string]>
  readonly anchor: string
  /** Why, and what would have been accepted; null if nothing was refused. */
  readonly accepted: string | null
  /** Null for a decision outside a request. */
  readonly request: ShownRequest | null
  /** Null as long as there is none. */
  readonly answer: ShownAnswer | null
  /** The origin of a page from which its browser hides the response; null for none. */
  readonly hiddenFrom: string | null
  /** The misbehavior that made the response on purpose, after the decision; null for none. */
  readonly misbehavior: string | null
}

const scopesOfToken = 'Scopes of the token'

/** The scopes of the token of a FHIR request; empty for any other line. */
export const tokenScopes = ({ details }: Pick<LogLine, 'details'>): string =>
  details.find(([name]) => name === scopesOfToken)?.[1] ?? ''

/** Whether something was refused. */
export const isRefused = ({ kind }: Pick<LogLine, 'kind'>): boolean => kind === 'refusals'

const published: Readonly<Record<Release, string>> = { '2.0.0': 'STU2', '2.1.0': 'STU2.1', '2.2.0': 'STU2.2' }

/** The URL of a source in the published specification of a release. */
export const sourceIn = (release: Release, anchor: string): string =>
  sourceUrl(anchor).replace('/smart-app-launch/STU2/', `/smart-app-launch/${published[release]}/`)

const placeOf = ({ type, id }: AccessEvent): string =>
  type === null ? '' : id === undefined ? ` of ${type}` : ` of ${type}/${id}`

/** The name of an interaction in words: `Version read`. */
export const interactionInWords = (interaction: string): string =>
  interaction.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

/** Requests that are no interaction have no name; the reason of the refusal says what they are. */
const hasNoName = (interaction: AccessEvent['interaction']): boolean =>
  interaction === 'Malformed' || interaction === 'NotSupported'

/** Whether the response to an interaction is a list, of which only some members may be shown. */
export const isList = ({ interaction }: NonNullable<LogLine['access']>): boolean =>
  interaction === 'Search' || interaction === 'History' || interaction === 'Operation'

const accessWords = (access: AccessEvent, words: string): string => {
  const name = hasNoName(access.interaction) ? 'The request' : interactionInWords(access.interaction)
  return `${name}${placeOf(access)}: ${words}.`
}

/** Where the requests that the FHIR server takes are described. */
const interactions = 'docs/fhir-interactions.md'

/** Whether the scopes of a token are why a request was refused. Other rules are about the request itself. */
const isByScopes = ({ isUnserved, outcome, shownAs, statuses }: AccessRefusal): boolean =>
  outcome === 'denied' && !isUnserved && (statuses.includes(403) || shownAs !== undefined)

/** Members of a refusal whose values say more. A reason of a port may contain what only the operator may know. */
const detailsIn = (refusal: Refusal, hide: (text: string) => string): LogLine['details'] =>
  Object.entries(refusal).flatMap(([name, value]: [string, unknown]) =>
    name === '_tag' || name === 'reason' || (typeof value !== 'string' && typeof value !== 'number')
      ? []
      : [[name, shown(hide(String(value)), limits.shownDetail.default)] as const]
  )

const sentIn = (request: ShownRequest | null, name: string): string | null =>
  request?.parameters.find((one) => one.name === name && one.value !== null)?.value ?? null

/** For what tokens are issued, by the `grant_type`. */
const issuedWords: Readonly<Record<string, { readonly what: string; readonly anchor: string }>> = {
  authorization_code: { what: 'The app got tokens for its code.', anchor: 'app-launch#step-5-access-token' },
  client_credentials: { what: 'The service got an access token.', anchor: 'backend-services#issue-access-token' },
  refresh_token: {
    what: 'The app renewed its access: it got new tokens for its refresh token.',
    anchor: 'app-launch#step-7-refresh'
  }
}

/** What a request says of a decision that its name does not: another sentence, another source. */
const specialWords = (
  { decision, grantId, refusal }: Pick<AuditEvent, 'decision' | 'grantId' | 'refusal'>,
  request: ShownRequest | null
): { readonly what?: string; readonly anchor?: string } => {
  if (decision === 'CodeIssued' && sentIn(request, 'decision') === null)
    return { what: 'The app got a code. No page was shown: consent is left out here, or it was given before.' }
  if (refusal?._tag === 'UserDenied' && sentIn(request, 'decision') === 'allow')
    return { what: 'The user pressed Allow with nothing ticked, which denies the request.' }
  if (decision === 'AccessTokensRevoked')
    return { what: 'The app revoked its access tokens at the revocation endpoint. The grant itself goes on.' }
  if (decision === 'GrantRevoked') return { what: revocationInWords(grantId, request) }
  if (decision === 'TokenAccepted')
    return {
      what: 'The app read who the user is.',
      anchor: 'scopes-and-launch-context#scopes-for-requesting-identity-data'
    }
  return decision === 'TokensIssued' ? (ownMember(issuedWords, sentIn(request, 'grant_type') ?? '') ?? {}) : {}
}

/** The facts of a line that its event gives; `hide` removes the secrets of the request. */
export const lineOf = (
  event: AuditEvent,
  place: Pick<LogLine, 'id' | 'server' | 'request'>,
  hide: (text: string) => string
): LogLine => {
  const { decision, clientId, grantId, refusal, tokenOwner } = event
  const { words, kind, anchor } = decisionWords[decision]
  const access = ownMember(event, 'access')
  const base = { ...place, at: event.at, decision, kind, grantId, answer: null, hiddenFrom: null, misbehavior: null }
  const client = clientId === null ? null : hide(clientId)
  const claimedClientId = client === null ? claimedIn(place.request) : null
  if (access !== undefined) {
    const broken = access.rule === null ? undefined : accessRefusalOf(access.rule)
    const shownAccess = {
      interaction: access.interaction,
      type: access.type,
      hasId: ownMember(access, 'id') !== undefined
    }
    const said = decision === 'AccessFiltered' && !isList(shownAccess) ? checkedWords : words
    return {
      ...base,
      clientId: client,
      claimedClientId,
      userSub: access.userSub,
      patient: access.patient,
      access: shownAccess,
      what: hide(accessWords(access, said)),
      rule: access.rule,
      details: access.scopes.length === 0 ? [] : [[scopesOfToken, access.scopes.join(' ')]],
      anchor: broken === undefined || isByScopes(broken) ? anchor : interactions,
      accepted: broken?.sentence ?? null
    }
  }
  const row = refusal === null ? null : refusalRow(refusal)
  const special = specialWords(event, place.request)
  return {
    ...base,
    clientId: client,
    claimedClientId,
    userSub: tokenOwner?.userSub ?? null,
    patient: tokenOwner?.patient ?? null,
    access: null,
    what: special.what ?? (refusal === null ? words : hide(refusalDescription(refusal))),
    rule: refusal?._tag ?? null,
    details: refusal === null ? [] : detailsIn(refusal, hide),
    anchor: row?.anchor ?? special.anchor ?? anchor,
    accepted: row?.advice ?? null
  }
}

/** The client that a request names: by `client_id`, or as the issuer of its assertion. */
export const claimedIn = (request: ShownRequest | null): string | null =>
  sentIn(request, 'client_id') ?? request?.assertion.find(([name]) => name === 'iss')?.[1] ?? null

const textMember = (value: unknown, name: string): string | null => {
  const found = isObject(value) ? ownMember(value, name) : undefined
  return typeof found === 'string' ? found : null
}

/** The first issue of an OperationOutcome. */
const issueIn = (body: unknown): unknown => {
  const issues: unknown = textMember(body, 'resourceType') === 'OperationOutcome' && isObject(body) ? body['issue'] : []
  return Array.isArray(issues) ? issues[0] : undefined
}

/** The parameters of a redirect. */
const parametersIn = (location: string): Parameters => {
  const read = readForm(/\?([^#]*)/.exec(location)?.[1] ?? '')
  return Either.isRight(read) ? read.right : new Map()
}

/** A response as the log shows it. Bodies are read only if they report an error. */
export const shownAnswer = (response: PlainResponse, hide: (text: string) => string): ShownAnswer => {
  const location = [headerOf(response, 'location') ?? ''].flat()[0] ?? ''
  const challenge = [headerOf(response, 'www-authenticate') ?? ''].flat().join(', ')
  const body = response.status >= 400 ? Option.toNullable(parseJson(response.body)) : null
  const issue = issueIn(body)
  const sent = parametersIn(location)
  const fit = (text: string | null): string | null =>
    text === null ? null : shown(hide(text), limits.shownDetail.default)
  return {
    status: response.status,
    error: fit(textMember(body, 'error') ?? textMember(issue, 'code') ?? valueOf(sent, 'error') ?? null),
    description: fit(
      textMember(body, 'error_description') ??
        textMember(issue, 'diagnostics') ??
        valueOf(sent, 'error_description') ??
        null
    ),
    goesTo: location === '' ? null : fit(location.replace(/[?#].*$/s, '').replace(/(\/interaction\/.{8}).*/, '$1...')),
    neededScopes: fit(/ scope="([^"]*)"/.exec(challenge)?.[1] ?? null)
  }
}
