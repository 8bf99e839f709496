/** What apps requested, were granted and used: from the log, and from the newest grant of each app. */
import * as Either from 'fp-ts/lib/Either.js'
import type { LogLine } from './log-line.js'
import { scopeFits, neededPermission } from './restriction.js'
import type { Active, Backend, CodeIssued } from '../../protocol/grant/state.js'
import { format } from '../../scopes/format.js'
import { parse } from '../../scopes/parse.js'
import type { Scope } from '../../scopes/scope.js'
import { isResourceScope } from '../../scopes/scope.js'
import { uncovered } from '../../scopes/set-operations.js'
import { limits } from '../../values/limits/limits.js'

/** A granted scope, and what the log has of its use. */
export interface ScopeUse {
  readonly scope: string
  /** `none`: no request needs it, as for `openid` and `launch`. */
  readonly use: 'used' | 'unused' | 'none'
  /** The interactions of the requests: `Read`, `Search`. */
  readonly interactions: ReadonlyArray<string>
}

/** What an app requested, was granted and used. */
export interface AppUse {
  /** The scope of its newest request, and the line of the log; null if the log has none. */
  readonly requested: { readonly scope: string; readonly lineId: string } | null
  /** The scopes of its newest grant; null if it has none. */
  readonly granted: ReadonlyArray<ScopeUse> | null
  /** What it requested for that grant and was not granted; empty if nothing is missing, and where that is not known. */
  readonly notGranted: string
}

/** A grant with scopes that were granted. */
export type ScopedGrant = CodeIssued | Active | Backend

const valueIn = ({ request }: LogLine, name: string): string | null =>
  request?.parameters.find((parameter) => parameter.name === name)?.value ?? null

/** The rules by which it is not known whose request it is: the address of the app is none that is registered for it. */
const ofUnknownApp: ReadonlySet<string | null> = new Set([
  'ClientUnknown',
  'RedirectUriMissing',
  'RedirectUriNotRegistered'
])

/**
 * Whether a line is about a request for scopes: an authorization request, or that of a backend service. Anyone can send
 * the name of a backend service without its credentials.
 */
const requestsScopes = (line: LogLine): boolean =>
  line.decision === 'AuthorizationRequested' ||
  (line.decision === 'Refused' && line.request?.path.endsWith('/authorize') === true && !ofUnknownApp.has(line.rule)) ||
  (valueIn(line, 'grant_type') === 'client_credentials' && line.answer?.error !== 'invalid_client')

const requestOf = (clientId: string, lines: ReadonlyArray<LogLine>): AppUse['requested'] => {
  const line = lines.find(
    (one) => requestsScopes(one) && (one.clientId ?? valueIn(one, 'client_id')) === clientId && valueIn(one, 'scope')
  )
  return line === undefined ? null : { scope: valueIn(line, 'scope') ?? '', lineId: line.id }
}

const interactionsUnder = (scope: Scope, lines: ReadonlyArray<LogLine>): ReadonlyArray<string> => {
  if (!isResourceScope(scope)) return []
  const used = lines.flatMap(({ access, decision }) => {
    if (access === null || (decision !== 'AccessPermitted' && decision !== 'AccessFiltered')) return []
    return neededPermission(access) !== null && access.type !== null && scopeFits(access)(scope)
      ? [access.interaction]
      : []
  })
  return [...new Set(used)].toSorted()
}

/** The scopes by which an app renews its access. */
const renewing: ReadonlySet<string> = new Set(['offline_access', 'online_access'])

const useOf =
  (lines: ReadonlyArray<LogLine>) =>
  (scope: Scope): ScopeUse => {
    const { text } = scope
    if (renewing.has(text)) {
      const isRenewed = lines.some(
        (line) => line.decision === 'TokensIssued' && valueIn(line, 'grant_type') === 'refresh_token'
      )
      return { scope: text, use: isRenewed ? 'used' : 'unused', interactions: isRenewed ? ['Refresh'] : [] }
    }
    const interactions = interactionsUnder(scope, lines)
    const use = interactions.length > 0 ? 'used' : isResourceScope(scope) ? 'unused' : 'none'
    return { scope: text, use, interactions }
  }

/** The log shortens long texts: a scope of that length may have lost its middle. */
const isWhole = (scope: string): boolean => scope.length < limits.shownDetail.default

const notGrantedOf = (requested: AppUse['requested'], grant: ScopedGrant | null): string => {
  if (requested === null || grant === null || !isWhole(requested.scope)) return ''
  const missing = uncovered(parse(grant.scope), parse(requested.scope))
  return Either.isLeft(missing) ? '' : format(missing.right)
}

/**
 * What an app requested, was granted and used. `grant` is its newest grant with scopes, and `lines` are those of the
 * log, the newest first.
 *
 * A scope counts as used if it covers the type and the permission of a permitted request of that grant. The log does
 * not say which of several such scopes with a query permitted it: then all of them count.
 */
export const appUseOf = (clientId: string, grant: ScopedGrant | null, lines: ReadonlyArray<LogLine>): AppUse => {
  const requested = requestOf(clientId, lines)
  const own = grant === null ? [] : lines.filter(({ grantId }) => grantId === grant.grantId)
  return {
    requested,
    granted: grant === null ? null : parse(grant.scope).map(useOf(own)),
    // Compared with the request that led to the grant, which need not be the newest.
    notGranted: notGrantedOf(requestOf(clientId, own), grant)
  }
}
