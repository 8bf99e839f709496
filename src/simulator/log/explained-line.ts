/**
 * What the pages say of a line beside its own facts: the names of its app and user, the values that would have been
 * accepted, and what the user gave of what the app requested.
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { LogLine } from './log-line.js'
import type { RegisteredClient } from '../../protocol/client/client.js'
import { compareGrant } from '../../scopes/compare-grant.js'
import type { LikelyScope } from '../../scopes/explain/likely-scope.js'
import { hasUnknownType, likelyScopes } from '../../scopes/explain/likely-scope.js'
import { format } from '../../scopes/format.js'
import { parse } from '../../scopes/parse.js'
import type { Scope, ScopeSet } from '../../scopes/scope.js'
import { intersect } from '../../scopes/set-operations.js'
import { subsumption } from '../../scopes/subsumes.js'
import { ownMember } from '../../values/own.js'
import { below } from '../../values/urls.js'

/** What the pages know of apps, users and grants. */
export interface LineFacts {
  /** The registered apps by their ids. */
  readonly clients: ReadonlyMap<string, RegisteredClient>
  /** The names of apps that were removed, by their ids. */
  readonly removed: ReadonlyMap<string, string>
  readonly userName: (sub: string) => string
  readonly patientName: (id: string) => string
  /** Users, patients and granted scopes by the ids of the grants. */
  readonly grants: ReadonlyMap<
    string,
    { readonly userSub: string | null; readonly patientName: string | null; readonly scope: string | null }
  >
  /** The newest first. */
  readonly lines: ReadonlyArray<LogLine>
}

/** What an app requested at the beginning of a grant, and what it got. */
export interface GrantedScopes {
  readonly requested: string
  readonly granted: string
  /** What was requested and not granted; empty if nothing is missing. */
  readonly missing: string
  /** The line of the consent; null if the log has it no more. */
  readonly consentLine: string | null
  /** Why each of the missing scopes was not granted. */
  readonly reasons: ReadonlyArray<MissingReason>
  /** Whether everything that this request needed is among what is missing: so this is why it was refused. */
  readonly isReason: boolean
}

/** Scopes that were not granted for one reason. */
export interface MissingReason {
  /**
   * `notScope`: the text is no scope that this server knows. `narrowed`: the user, or the policy, gave a part of it.
   * `withheld`: they gave nothing of it.
   */
  readonly why: 'notScope' | 'notRegistered' | 'narrowed' | 'withheld'
  readonly scopes: string
  /** What was given of them; empty for nothing. */
  readonly given: string
  /** For the first few of the scopes that this server does not know: the one that is probably meant. */
  readonly likely: ReadonlyArray<LikelyScope>
}

/** A line as the pages tell it. */
export interface ExplainedLine {
  readonly line: LogLine
  readonly clientId: string | null
  readonly appName: string | null
  /** Whether only the request says that it is this app. */
  readonly isClaimed: boolean
  /** Why no app is named; null if one is, or if nothing is to be said. */
  readonly noApp: string | null
  readonly userName: string | null
  readonly patientName: string | null
  /** The values that this server accepts here, with what they are; null if the refusal is about no such value. */
  readonly expected: { readonly what: string; readonly values: ReadonlyArray<string> } | null
  /** Null if the log has the request of the grant no more, or nothing is granted yet. */
  readonly scopes: GrantedScopes | null
}

/** The app of a line: as the decision names it, as its grant does, or as the request claims. */
export const clientOfLine = (
  line: LogLine,
  lines: ReadonlyArray<LogLine>
): { readonly clientId: string | null; readonly isClaimed: boolean } => {
  const { claimedClientId, clientId, grantId } = line
  if (clientId !== null) return { clientId, isClaimed: false }
  const ofGrant = lines.find((one) => grantId !== null && one.grantId === grantId && one.clientId !== null)
  return ofGrant === undefined
    ? { clientId: claimedClientId, isClaimed: claimedClientId !== null }
    : { clientId: ofGrant.clientId, isClaimed: false }
}

const expectedAt = (
  { rule, server }: LogLine,
  clientId: string | null,
  client: RegisteredClient | undefined
): ExplainedLine['expected'] => {
  const own = server.setting?.app
  switch (rule) {
    case 'RedirectUriMissing':
    case 'RedirectUriNotRegistered': {
      const ofSetting = own?.client_id === clientId ? own.redirect_uris : undefined
      const values = ofSetting ?? client?.redirectUris
      return values === undefined ? null : { what: 'Registered redirect URIs', values }
    }
    case 'launch-uri-registered': {
      const ofSetting = own?.client_id === clientId ? [own.launch_uri ?? []].flat() : undefined
      const values = ofSetting ?? client?.launchUris
      return values === undefined ? null : { what: 'Registered launch URIs', values }
    }
    case 'client-known':
    case 'ClientUnknown':
    case 'AuthenticatingClientUnknown':
      return own === undefined ? null : { what: 'The app of this launch setting', values: [own.client_id ?? ''] }
    case 'AudienceMissing':
    case 'AudienceNotServed':
      return { what: 'Accepted aud', values: [server.fhirBaseUrl] }
    case 'NoSuchAddress':
      return { what: 'FHIR base URL', values: [server.fhirBaseUrl] }
    case 'AssertionAudienceWrong':
      return { what: 'Accepted aud of the assertion', values: [below(server.issuer, 'token')] }
    default:
      return null
  }
}

const aboutScopes: ReadonlySet<LogLine['decision']> = new Set([
  'CodeIssued',
  'TokensIssued',
  'AccessDenied',
  'AccessPermitted',
  'AccessFiltered'
])

const isWithin = (wide: ScopeSet, narrow: ScopeSet): boolean => Either.getOrElse(() => false)(subsumption(wide, narrow))

/** What was granted of scopes; nothing if they cannot be compared. */
const givenOf = (scopes: ScopeSet, granted: ScopeSet): ScopeSet =>
  Either.getOrElse((): ScopeSet => [])(intersect(scopes, granted))

/** Why a scope was not granted whole; `registered` is the widest scope of the app, null if it is not known. */
const whyMissing = (scope: Scope, granted: ScopeSet, registered: ScopeSet | null): MissingReason['why'] =>
  scope._tag === 'MalformedScope' || scope._tag === 'UnknownScope' || hasUnknownType(scope)
    ? 'notScope'
    : registered !== null && !isWithin(registered, [scope])
      ? 'notRegistered'
      : givenOf([scope], granted).length > 0
        ? 'narrowed'
        : 'withheld'

const reasonsOf = (missing: ScopeSet, granted: ScopeSet, registered: ScopeSet | null): ReadonlyArray<MissingReason> =>
  (['notScope', 'notRegistered', 'narrowed', 'withheld'] as const).flatMap((why) => {
    const scopes = missing.filter((scope) => whyMissing(scope, granted, registered) === why)
    if (scopes.length === 0) return []
    const given = why === 'narrowed' ? format(givenOf(scopes, granted)) : ''
    return [{ why, scopes: format(scopes), given, likely: why === 'notScope' ? likelyScopes(scopes) : [] }]
  })

const scopesOf = (
  { grantId, ...line }: LogLine,
  { grants, lines }: LineFacts,
  client: RegisteredClient | undefined
): GrantedScopes | null => {
  if (grantId === null || !aboutScopes.has(line.decision)) return null
  const granted = grants.get(grantId)?.scope ?? null
  const own = lines.filter((one) => one.grantId === grantId)
  const sent = own.findLast(({ decision }) => decision === 'AuthorizationRequested')?.request?.parameters
  const requested = sent?.find(({ name }) => name === 'scope')?.value ?? null
  if (granted === null || requested === null) return null
  const compared = compareGrant(parse(requested), parse(granted))
  if (Either.isLeft(compared)) return null
  const { missing } = compared.right
  const ofSetting = line.server.setting?.app?.scope
  const registered = ofSetting === undefined ? (client?.scope ?? null) : parse(ofSetting)
  const needed = line.answer?.neededScopes ?? null
  const isReason = needed !== null && line.decision === 'AccessDenied' && isWithin(missing, parse(needed))
  return {
    requested,
    granted,
    missing: format(missing),
    reasons: reasonsOf(missing, parse(granted), registered),
    consentLine: own.find(({ decision }) => decision === 'CodeIssued')?.id ?? null,
    isReason
  }
}

/** Why a refusal of an access token names no app, by its rule. */
const withoutApp: Readonly<Record<string, string>> = {
  AccessTokenMissing: 'no app: the request has no access token',
  AccessTokenInAddress: 'no app: the token in the address was not read',
  AccessTokenUnknown: 'no app: this server does not know the token',
  AccessTokenRevoked: 'no app: this server has the grant of the token no more'
}

/** Adds what the pages know. */
export const explainLine =
  (facts: LineFacts) =>
  (line: LogLine): ExplainedLine => {
    const { clientId, isClaimed } = clientOfLine(line, facts.lines)
    const client = clientId === null ? undefined : facts.clients.get(clientId)
    const own = line.server.setting?.app
    const ownName = own !== undefined && own.client_id === clientId ? own.client_name : undefined
    const grant = line.grantId === null ? undefined : facts.grants.get(line.grantId)
    const sub = line.userSub ?? grant?.userSub ?? null
    return {
      line,
      clientId,
      appName: clientId === null ? null : (ownName ?? client?.clientName ?? facts.removed.get(clientId) ?? clientId),
      isClaimed,
      noApp: clientId === null ? (ownMember(withoutApp, line.rule ?? '') ?? null) : null,
      userName: sub === null ? null : facts.userName(sub),
      patientName: line.patient === null ? (grant?.patientName ?? null) : facts.patientName(line.patient),
      expected: expectedAt(line, clientId, client),
      scopes: scopesOf(line, facts, client)
    }
  }
