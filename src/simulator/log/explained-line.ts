/**
 * What the pages say of a line beside its own facts: the names of its app and user, the values that would have been
 * accepted, and what the user gave of what the app requested.
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { AppsKnown } from './app-name.js'
import { appNameAt, ownAppOf } from './app-name.js'
import type { NamedValues } from './line-values.js'
import { expectedAt, sentAt } from './line-values.js'
import type { GrantEnd, LineCause } from './line-cause.js'
import { causeOf } from './line-cause.js'
import type { LogLine } from './log-line.js'
import { isList } from './log-line.js'
import type { RestrictingScope } from './restriction.js'
import { scopeFits, restrictingScopes } from './restriction.js'
import type { OwnApp } from '../settings/own-app.js'
import { compareGrant } from '../../scopes/compare-grant.js'
import type { LikelyScope } from '../../scopes/explain/likely-scope.js'
import { hasUnknownType, likelyScopes } from '../../scopes/explain/likely-scope.js'
import { format } from '../../scopes/format.js'
import { parse } from '../../scopes/parse.js'
import type { Scope, ScopeSet } from '../../scopes/scope.js'
import { isResourceScope } from '../../scopes/scope.js'
import { intersect } from '../../scopes/set-operations.js'
import { subsumption } from '../../scopes/subsumes.js'
import { ownMember } from '../../values/own.js'

/** What the pages know of apps, users and grants. */
export interface LineFacts extends AppsKnown {
  readonly userName: (sub: string) => string
  readonly patientName: (id: string) => string
  /** Users, patients and granted scopes by the ids of the grants. */
  readonly grants: ReadonlyMap<
    string,
    {
      /** The issuer of its server. */
      readonly issuer: string
      readonly userSub: string | null
      readonly patientName: string | null
      readonly scope: string | null
      /** Null if it has not ended. */
      readonly ended: GrantEnd | null
    }
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
  /** Of the reasons, those of scopes that would have restricted the results of this request less. */
  readonly restricting: ReadonlyArray<MissingReason>
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
  /** Whether its grant exists or existed; false also for a line without one. */
  readonly hasGrant: boolean
  /** The values that this server accepts here; null if the refusal is about no such value. */
  readonly expected: NamedValues | null
  /** The values of the request that were refused; null if the refusal is about none that may be shown. */
  readonly sent: NamedValues | null
  /** Null if the log has the request of the grant no more, or nothing is granted yet. */
  readonly scopes: GrantedScopes | null
  /** The scopes by which the results were restricted; empty for any other line. */
  readonly restrictedBy: ReadonlyArray<RestrictingScope>
  /** What came before and led to the refusal; null if its rule says everything. */
  readonly cause: LineCause | null
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

/**
 * The ids of grants that exist or existed, by the record and the lines of the log. A refused request may name one that
 * was invented, except in an access token, which is authentic where it counts as revoked.
 */
export const grantsKnown = ({ grants, lines }: Pick<LineFacts, 'grants' | 'lines'>): ReadonlySet<string> =>
  new Set([
    ...grants.keys(),
    ...lines.flatMap(({ decision, grantId, rule }) =>
      grantId !== null && (decision !== 'Refused' || rule === 'AccessTokenRevoked') ? [grantId] : []
    )
  ])

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

/** Whether a scope would have restricted the results of a line less. */
const isWider =
  ({ access, decision }: Pick<LogLine, 'access' | 'decision'>) =>
  (scope: Scope): boolean =>
    access !== null &&
    decision === 'AccessFiltered' &&
    isList(access) &&
    isResourceScope(scope) &&
    scopeFits(access)(scope)

const scopeOfOwn = ({ scope }: OwnApp): ScopeSet | null => (scope === undefined ? null : parse(scope))

/** `registered` is the widest scope of the app, null if it is not known. */
const scopesOf = (
  { grantId, ...line }: LogLine,
  { grants, lines }: LineFacts,
  registered: ScopeSet | null
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
  const needed = line.answer?.neededScopes ?? null
  // A misspelled scope is the reason too, if what it probably means would have been enough.
  const meant = likelyScopes(missing).map((likely) => likely.meant)
  const wanted = [...missing, ...parse(meant.join(' '))]
  const isReason = needed !== null && line.decision === 'AccessDenied' && isWithin(wanted, parse(needed))
  return {
    requested,
    granted,
    missing: format(missing),
    reasons: reasonsOf(missing, parse(granted), registered),
    restricting: reasonsOf(missing.filter(isWider(line)), parse(granted), registered),
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
export const explainLine = (facts: LineFacts): ((line: LogLine) => ExplainedLine) => {
  const known = grantsKnown(facts)
  return (line) => {
    const { clientId, isClaimed } = clientOfLine(line, facts.lines)
    const { setting } = line.server
    const own = ownAppOf(setting, clientId)
    const client = clientId === null || own !== undefined ? undefined : facts.clients.get(clientId)
    const grant = line.grantId === null ? undefined : facts.grants.get(line.grantId)
    const sub = line.userSub ?? grant?.userSub ?? null
    return {
      line,
      clientId,
      appName: clientId === null ? null : appNameAt(facts, clientId, setting),
      isClaimed,
      noApp: clientId === null ? (ownMember(withoutApp, line.rule ?? '') ?? null) : null,
      userName: sub === null ? null : facts.userName(sub),
      patientName: line.patient === null ? (grant?.patientName ?? null) : facts.patientName(line.patient),
      hasGrant: line.grantId !== null && known.has(line.grantId),
      expected: expectedAt(line, {
        clientId,
        client,
        grantedScope: grant?.scope ?? null,
        begun: facts.lines.findLast(({ grantId }) => grantId !== null && grantId === line.grantId) ?? null
      }),
      sent: sentAt(line),
      scopes: scopesOf(line, facts, own === undefined ? (client?.scope ?? null) : scopeOfOwn(own)),
      restrictedBy: restrictingScopes(line),
      cause: causeOf(line, facts.lines, {
        ended: grant?.ended ?? null,
        issuer: grant?.issuer ?? null,
        isAppRegistered: client !== undefined || own !== undefined
      })
    }
  }
}
